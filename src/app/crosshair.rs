//! The crosshair: one time that all panels with time on their x axis share, and the range marked with it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::command::Command;
use crate::app::event::{Mouse, MouseKind};
use crate::app::navigate;
use crate::app::state::State;
use crate::app::update;
use crate::panel::marks::Rows;
use crate::series::{Grid, is_absent};
use crate::time_range::{SPAN_MIN_MS, TimePoint, TimeRange};
use crate::ui;

/// Steps that the far keys move it.
const FAR_STEPS: i64 = 10;

/// Ranges that can be gone back to; the oldest is forgotten.
pub(super) const PAST_RANGES_LIMIT: usize = 32;

/// Where the crosshair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crosshair {
    /// Its time, Unix milliseconds.
    pub at_ms: i64,
    /// The other end of the range that is being marked.
    pub mark_ms: Option<i64>,
    /// The panel whose rows the mouse has pointed at, and those rows.
    pub pointed: Option<(usize, Rows)>,
}

impl Crosshair {
    fn new(at_ms: i64) -> Self {
        Self { at_ms, mark_ms: None, pointed: None }
    }

    /// The rows of panel `index` that have been pointed at.
    pub(super) fn pointed_in(self, index: usize) -> Option<Rows> {
        self.pointed.filter(|(panel, _)| *panel == index).map(|(_, rows)| rows)
    }
}

/// The left button of the mouse, held down on a plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drag {
    panel: usize,
    from_ms: i64,
    /// There was no crosshair before.
    is_alone: bool,
}

impl State {
    /// The points of time of panel `index`; `None` where it asks nothing over time.
    fn panel_grid(&self, index: usize) -> Option<Grid> {
        let targets = &self.panels.get(index)?.targets;
        let over_time = targets.iter().filter(|target| target.range.is_some());
        let window = self.panel_window(self.dashboard()?.panels.get(index)?);
        Some(self.tick.grid(window, over_time.map(|target| target.intervals.step_ms).max()?))
    }

    /// The points that the crosshair moves on: the focused panel's, or the finest in sight.
    fn crosshair_grid(&self) -> Option<Grid> {
        self.panel_grid(self.view.focus).or_else(|| {
            let grids = self.visible_panels().into_iter().filter_map(|index| self.panel_grid(index));
            grids.min_by_key(|grid| grid.step_ms)
        })
    }

    /// The newest sample of the focused panel, or of those in sight.
    fn newest_sample_ms(&self) -> Option<i64> {
        let newest = |index: usize| {
            let targets = self.panels.get(index)?.targets.iter();
            let frames = targets.filter_map(|target| self.store.slot(target.range.as_ref()?)?.frame.clone());
            let last = |frame: std::sync::Arc<crate::series::Frame>| {
                let last = |series: &crate::series::Series| {
                    series.values.iter().rposition(|value| !is_absent(*value))
                };
                Some(frame.grid.time_ms(frame.series.iter().filter_map(last).max()?))
            };
            frames.filter_map(last).max()
        };
        newest(self.view.focus).or_else(|| self.visible_panels().into_iter().filter_map(newest).max())
    }
}

/// Does what a command about the crosshair or a marked range wishes.
pub(super) fn perform(state: &mut State, command: Command, now_ms: i64) {
    if command == Command::RangeBack {
        back_to_past_range(state, now_ms);
        return;
    }
    let Some(grid) = state.crosshair_grid() else {
        state.notice = Some(("no panel here has values over time".to_owned(), now_ms));
        return;
    };
    let Some(crosshair) = state.crosshair else {
        let at_ms = state.newest_sample_ms().unwrap_or_else(|| grid.end_ms());
        state.crosshair = Some(Crosshair::new(snap(grid, at_ms)));
        return;
    };
    let moved = |steps: i64| snap(grid, crosshair.at_ms.saturating_add(steps * grid.step_ms));
    let at_ms = match command {
        Command::Crosshair => {
            state.crosshair = None;
            return;
        }
        Command::Mark => {
            let mark_ms = crosshair.mark_ms.is_none().then_some(crosshair.at_ms);
            state.crosshair = Some(Crosshair { mark_ms, ..crosshair });
            return;
        }
        Command::ZoomToMark => return zoom_to_mark(state, crosshair, now_ms),
        Command::CursorLeft => moved(-1),
        Command::CursorRight => moved(1),
        Command::CursorFarLeft => moved(-FAR_STEPS),
        Command::CursorFarRight => moved(FAR_STEPS),
        Command::CursorFirst => grid.start_ms,
        Command::CursorLast => state.newest_sample_ms().map_or(grid.end_ms(), |at_ms| snap(grid, at_ms)),
        _ => return,
    };
    state.crosshair = Some(Crosshair { at_ms, ..crosshair });
}

/// The point of `grid` that is nearest to `time_ms`.
fn snap(grid: Grid, time_ms: i64) -> i64 {
    let time_ms = time_ms.clamp(grid.start_ms, grid.end_ms());
    grid.nearest(time_ms).map_or(time_ms, |index| grid.time_ms(index))
}

/// Gives up the mark, then the crosshair; whether there was one.
pub(super) fn back(state: &mut State) -> bool {
    let Some(crosshair) = &mut state.crosshair else { return false };
    if crosshair.mark_ms.take().is_none() {
        state.crosshair = None;
    }
    true
}

/// Keeps it in the window of the focused panel, or in the dashboard's.
pub(super) fn settle(state: &mut State) {
    let focused = state.dashboard().and_then(|dashboard| dashboard.panels.get(state.view.focus));
    let window = focused.map_or_else(|| state.tick.span.into(), |panel| state.panel_window(panel));
    let span = window.ending_at(state.tick.span.end_ms);
    if let Some(crosshair) = &mut state.crosshair {
        crosshair.at_ms = crosshair.at_ms.clamp(span.start_ms, span.end_ms);
        crosshair.mark_ms = crosshair.mark_ms.map(|mark_ms| mark_ms.clamp(span.start_ms, span.end_ms));
    }
}

fn zoom_to_mark(state: &mut State, crosshair: Crosshair, now_ms: i64) {
    let Some(mark_ms) = crosshair.mark_ms else {
        update::toggle_full_screen(state);
        return;
    };
    let (start_ms, end_ms) = (crosshair.at_ms.min(mark_ms), crosshair.at_ms.max(mark_ms));
    let missing_ms = (SPAN_MIN_MS - (end_ms - start_ms)).max(0);
    let start_ms = start_ms - missing_ms / 2;
    let end_ms = end_ms + missing_ms - missing_ms / 2;
    go_to_range(
        state,
        TimeRange { from: TimePoint::Absolute(start_ms), to: TimePoint::Absolute(end_ms) },
        now_ms,
    );
    state.crosshair = Some(Crosshair { mark_ms: None, ..crosshair });
}

/// Shows another window that a person has chosen, and keeps the one before for [`Command::RangeBack`].
pub(super) fn go_to_range(state: &mut State, range: TimeRange, now_ms: i64) {
    if range != state.range {
        if state.past_ranges.len() >= PAST_RANGES_LIMIT {
            state.past_ranges.remove(0);
        }
        state.past_ranges.push(state.range.clone());
    }
    update::set_range(state, range, now_ms);
}

fn back_to_past_range(state: &mut State, now_ms: i64) {
    match state.past_ranges.pop() {
        Some(range) => update::set_range(state, range, now_ms),
        None => state.notice = Some(("no range before this one".to_owned(), now_ms)),
    }
}

/// The time at column `x` of the screen in panel `index`, as the panel itself would draw it; `None` where it has no
/// plot of time. `is_exact` refuses columns beside the plot.
fn time_at(state: &State, index: usize, x: u16, is_exact: bool) -> Option<i64> {
    if state.view.overview && !state.view.full_screen || state.layout.is_folded(index) {
        return None;
    }
    let panel = state.dashboard()?.panels.get(index).filter(|panel| panel.kind.at.is_some())?;
    let grid = state.panel_grid(index)?;
    let view = state.panel_view(panel, index);
    let place = if state.view.full_screen { state.body() } else { *state.layout.panels.get(index)? };
    if !view.has_data() {
        return None;
    }
    // The first line is the title's. What else takes lines moves no column.
    let area = Rect { x: 0, y: 0, width: place.width, height: place.height.saturating_sub(1) };
    (panel.kind.draw)(&view, area, &mut Buffer::empty(area));
    let plot = view.plot.get().filter(|plot| plot.width > 0)?;
    let column = i32::from(x) - i32::from(place.x) - i32::from(plot.x);
    if is_exact && !(0..i32::from(plot.width)).contains(&column) {
        return None;
    }
    let part = (f64::from(column) + 0.5) / f64::from(plot.width);
    let time_ms = view.span.start_ms + (view.span.len_ms() as f64 * part.clamp(0.0, 1.0)) as i64;
    Some(snap(grid, time_ms))
}

/// The left button on the dashboard: a press places the crosshair, a drag marks a range and zooms to it.
pub(super) fn mouse(state: &mut State, mouse: Mouse, now_ms: i64) {
    match mouse.kind {
        MouseKind::Press | MouseKind::CtrlPress => {
            let panel = navigate::panel_at(state, Position { x: mouse.x, y: mouse.y });
            let found = panel.and_then(|panel| Some((panel, time_at(state, panel, mouse.x, true)?)));
            state.drag =
                found.map(|(panel, from_ms)| Drag { panel, from_ms, is_alone: state.crosshair.is_none() });
            if let (Some(_), Some((panel, at_ms))) = (state.crosshair, found) {
                let rows = ui::rows_at(state, panel, now_ms, Position { x: mouse.x, y: mouse.y });
                state.crosshair =
                    Some(Crosshair { pointed: rows.map(|rows| (panel, rows)), ..Crosshair::new(at_ms) });
            }
        }
        MouseKind::Drag => {
            let Some(drag) = state.drag else { return };
            let Some(at_ms) = time_at(state, drag.panel, mouse.x, false) else { return };
            if state.crosshair.is_some() || at_ms != drag.from_ms {
                state.crosshair = Some(Crosshair { mark_ms: Some(drag.from_ms), ..Crosshair::new(at_ms) });
            }
        }
        MouseKind::Release => {
            let (Some(drag), Some(crosshair)) = (state.drag.take(), state.crosshair) else { return };
            if crosshair.mark_ms.is_some_and(|mark_ms| mark_ms != crosshair.at_ms) {
                zoom_to_mark(state, crosshair, now_ms);
            }
            if drag.is_alone {
                state.crosshair = None;
            } else if let Some(crosshair) = &mut state.crosshair {
                crosshair.mark_ms = None;
            }
        }
        MouseKind::ScrollUp | MouseKind::ScrollDown => {}
    }
}
