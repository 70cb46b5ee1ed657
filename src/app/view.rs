//! What is visible, and what each panel is given to draw: pure questions to the state.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use ratatui::layout::Rect;

use crate::app::datasource::Outage;
use crate::app::state::{Overlay, PanelState, State, Target};
use crate::app::store::Slot;
use crate::app::variables::{self, VariableState};
use crate::dashboard::Panel;
use crate::panel::marks::SeriesView;
use crate::panel::{Moment, PanelView, TargetView};
use crate::query::{QueryError, SourceId};
use crate::series::{Frame, Vector};
use crate::time_range::{Span, Window};

/// Lines of the header.
pub(super) const HEADER_HEIGHT: u16 = 1;
/// Lines of the footer.
pub(super) const FOOTER_HEIGHT: u16 = 1;
/// Lines that the answer of an action may take.
pub const ACTION_LINES: u16 = 2;

/// Windows of fewer steps are drawn as they are asked for, not by whole steps.
const AXIS_STEPS_MIN: i64 = 2;

/// Lines about data sources that are away; the last of them counts those that have none.
pub const OUTAGE_LINES: usize = 3;

/// What a panel has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PanelStatus {
    /// Nothing has come yet.
    Loading,
    /// The newest answer is shown.
    Fresh,
    /// Answered, and there is nothing.
    Empty,
    /// The newest answer is a failure; a picture that is older may be there.
    Failed {
        /// In the server's words.
        error: QueryError,
        /// When the unbroken run of failures began.
        since_ms: i64,
        /// Whether an older picture is shown.
        has_picture: bool,
    },
}

impl State {
    /// The part of the screen between header and footer, banner and action answer excluded.
    pub fn body(&self) -> Rect {
        let (width, height) = self.size;
        let top = HEADER_HEIGHT + self.bar_height() + self.banners().len() as u16;
        let bottom = FOOTER_HEIGHT + if self.action.is_some() { ACTION_LINES } else { 0 };
        Rect { x: 0, y: top.min(height), width, height: height.saturating_sub(top + bottom) }
    }

    /// Lines of the bar of variables: one where there is a variable to see, and a screen that is not too low for it.
    pub fn bar_height(&self) -> u16 {
        const SCREEN_MIN: u16 = 10;
        let is_shown = self.variables.iter().any(VariableState::is_offered);
        u16::from(is_shown && self.size.1 >= SCREEN_MIN)
    }

    /// What must not be overlooked, one line each; the clock is added when it is drawn.
    pub fn banners(&self) -> Vec<Banner<'_>> {
        let mut banners = Vec::new();
        let outages = self.outages.iter().take(OUTAGE_LINES);
        banners.extend(outages.map(|(source, outage)| Banner::Outage { source: *source, outage }));
        if let Some(entry) = self.dashboards.get(self.current)
            && let Some(problem) = &entry.problem
        {
            banners.push(Banner::Problem { entry, problem });
        }
        // A server that is away is told already.
        let failed = self.failed_annotations().into_iter().find(|(_, error)| !error.is_outage());
        banners.extend(failed.map(|(name, error)| Banner::Annotation { name, error }));
        if !self.targets_down.is_empty() {
            banners.push(Banner::TargetsDown(&self.targets_down));
        }
        if let Some(message) = &self.message {
            banners.push(Banner::Message(message));
        }
        banners
    }

    /// Indices of the panels of which at least a line is on the screen, from the top; all of them where the output
    /// is no screen.
    pub fn visible_panels(&self) -> Vec<usize> {
        let count = self.panels.len();
        if self.settings.headless {
            return (0..count).filter(|index| !self.layout.is_folded(*index)).collect();
        }
        if self.view.full_screen {
            return (0..count).filter(|index| *index == self.view.focus).collect();
        }
        let top = self.view.scroll;
        let bottom = top.saturating_add(self.body().height);
        let rects = self.layout.panels.iter().take(count).enumerate();
        let open = rects.filter(|(index, _)| !self.layout.is_folded(*index));
        open.filter(|(_, rect)| rect.y < bottom && rect.bottom() > top).map(|(index, _)| index).collect()
    }

    /// Cells that a panel is wide.
    pub fn panel_width(&self, index: usize) -> u16 {
        if self.view.full_screen && index == self.view.focus {
            return self.size.0;
        }
        self.layout.panels.get(index).map_or(0, |rect| rect.width)
    }

    /// The part of time that `panel` shows.
    pub(super) fn panel_window(&self, panel: &Panel) -> Window {
        panel.time.window(self.tick.span, self.range.follows_now())
    }

    /// What panel `index` is drawn from.
    pub fn panel_view<'a>(&'a self, panel: &'a Panel, index: usize) -> PanelView<'a> {
        let state = self.panels.get(index);
        let targets = state.map(|state| state.targets.as_slice()).unwrap_or_default();
        let step_ms = targets.iter().map(|target| target.intervals.step_ms).max().unwrap_or(1);
        // The axis moves by whole steps, as the samples do, so that a picture does not shiver.
        let window = self.panel_window(panel);
        let grid = self.tick.grid(window, step_ms);
        let span = if window.span_ms < AXIS_STEPS_MIN * step_ms {
            // On so few steps that would be another window than the one that was asked for.
            window.ending_at(self.tick.span.end_ms)
        } else {
            Span { start_ms: grid.start_ms, end_ms: grid.end_ms().max(grid.start_ms + 1) }
        };
        let transformed = state.and_then(|state| state.transformed.as_deref());
        let marks = if let (Some(state), Some(_)) = (state, transformed) {
            // A column of numbers has one series.
            state.column_marks.chunks(1).map(|mark| (mark, mark)).collect()
        } else {
            let targets = targets.iter().filter(|target| target.query < panel.queries.len());
            targets.map(|target| (&target.range_marks[..], &target.instant_marks[..])).collect()
        };
        let is_focused = index == self.view.focus;
        PanelView {
            panel,
            targets: match transformed {
                Some(transformed) => transformed.data.targets(),
                None => self.answered_targets(panel, index),
            },
            frames: transformed.map(|transformed| transformed.data.frames.as_slice()),
            span,
            now_ms: window.ending_at(self.tick.span.end_ms).end_ms,
            zone: self.zone(),
            theme: self.settings.theme,
            scroll: if is_focused { self.view.panel_scroll } else { 0 },
            column_scroll: (is_focused && self.view.full_screen).then_some(self.view.column_scroll),
            cursor_ms: self.crosshair.map(|crosshair| crosshair.at_ms),
            marks: &self.marks,
            mark_ms: self.crosshair.and_then(|crosshair| crosshair.mark_ms),
            series: SeriesView {
                marks,
                places: RefCell::default(),
                lines: RefCell::default(),
                pointed: self.crosshair.and_then(|crosshair| crosshair.pointed_in(index)),
            },
            plot: Cell::default(),
        }
    }

    /// What the queries of panel `index` have brought, before any transform.
    pub(crate) fn answered_targets<'a>(&'a self, panel: &'a Panel, index: usize) -> Vec<TargetView<'a>> {
        let targets = self.panels.get(index).map(|state| state.targets.as_slice()).unwrap_or_default();
        let views = targets.iter().filter_map(|target| {
            Some(TargetView {
                query: panel.queries.get(target.query)?,
                expr: &target.expr,
                name: None,
                range: self.target_frame(target).map(Arc::as_ref),
                instant: self.target_vector(target).map(Arc::as_ref),
            })
        });
        views.collect()
    }

    /// The values over the window that `target` has, or had for the last window.
    pub(crate) fn target_frame<'a>(&'a self, target: &'a Target) -> Option<&'a Arc<Frame>> {
        let slot = target.range.as_ref().and_then(|key| self.store.slot(key));
        slot.and_then(|slot| slot.frame.as_ref()).or(target.held_frame.as_ref())
    }

    /// The values now that `target` has, or had last.
    pub(crate) fn target_vector<'a>(&'a self, target: &'a Target) -> Option<&'a Arc<Vector>> {
        let slot = target.instant.as_ref().and_then(|key| self.store.slot(key));
        slot.and_then(|slot| slot.vector.as_ref()).or(target.held_vector.as_ref())
    }

    /// What panel `index` has to say besides its picture.
    pub fn panel_status(&self, view: &PanelView<'_>, index: usize) -> PanelStatus {
        let asks = (view.panel.kind.asks)(view.panel);
        let Some(panel) = self.panels.get(index).filter(|_| asks.instant || asks.range) else {
            return PanelStatus::Fresh;
        };
        if let Some(error) = &panel.problem {
            let since_ms = self.tick.span.end_ms;
            return PanelStatus::Failed { error: error.clone(), since_ms, has_picture: false };
        }
        if panel.is_waiting {
            return PanelStatus::Loading;
        }
        let keys = panel.targets.iter().flat_map(|target| target.instant.iter().chain(&target.range));
        let mut slots = keys.map(|key| self.store.slot(key));
        let has_picture = view.has_data();
        if let Some(failure) = slots.clone().flatten().find_map(|slot| slot.failure.as_ref()) {
            return PanelStatus::Failed {
                error: failure.error.clone(),
                since_ms: failure.since_ms,
                has_picture,
            };
        }
        if has_picture {
            PanelStatus::Fresh
        } else if slots.all(|slot| slot.is_some_and(Slot::is_settled_once)) {
            PanelStatus::Empty
        } else {
            PanelStatus::Loading
        }
    }

    /// Remarks of the server about how the queries of panel `index` are written.
    pub fn panel_infos(&self, index: usize) -> Vec<String> {
        let targets = self.panels.get(index).map(|panel| panel.targets.as_slice()).unwrap_or_default();
        let keys = targets.iter().flat_map(|target| target.instant.iter().chain(&target.range));
        let slots = keys.filter_map(|key| self.store.slot(key));
        let mut infos: Vec<String> = slots.flat_map(|slot| slot.infos.iter().cloned()).collect();
        infos.dedup();
        infos
    }

    /// Warnings of the server about panel `index`, and what was left out of its answers.
    pub fn panel_warnings(&self, index: usize) -> Vec<String> {
        let targets = self.panels.get(index).map(|panel| panel.targets.as_slice()).unwrap_or_default();
        let mut warnings = Vec::new();
        for slot in targets
            .iter()
            .flat_map(|target| target.instant.iter().chain(&target.range))
            .filter_map(|key| self.store.slot(key))
        {
            warnings.extend(slot.warnings.iter().cloned());
            if slot.series_left_out > 0 {
                warnings.push(format!("{} more series were left out", slot.series_left_out));
            }
        }
        let transformed = self.panels.get(index).and_then(|panel| panel.transformed.as_deref());
        warnings
            .extend(transformed.into_iter().flat_map(|transformed| transformed.data.notes.iter().cloned()));
        warnings.dedup();
        warnings
    }

    /// Annotations whose newest answer is a failure: their names, each with the reason.
    pub fn failed_annotations(&self) -> Vec<(&str, &QueryError)> {
        let Some(dashboard) = self.definition() else { return Vec::new() };
        let of = |target: &'_ Target| {
            let annotation = dashboard.annotations.get(target.query)?;
            let slot = self.store.slot(target.range.as_ref()?)?;
            Some((annotation.name.as_str(), &slot.failure.as_ref()?.error))
        };
        self.annotations.iter().filter_map(of).collect()
    }

    /// What annotations say of the time `at_ms`, which is a column of a graph with points `step_ms` apart.
    pub fn marked_at(&self, at_ms: i64, step_ms: i64) -> impl Iterator<Item = &Moment> {
        let is_there = move |mark: &&Moment| {
            mark.start_ms - step_ms < at_ms && at_ms < mark.end_ms.max(mark.start_ms) + step_ms
        };
        self.marks.iter().filter(is_there)
    }

    /// Panels whose newest answer is a failure.
    pub fn failed_panels(&self) -> usize {
        self.panels.iter().filter(|panel| self.has_failed(panel)).count()
    }

    /// Panels that failed though all whom they ask answer.
    pub fn failed_panels_of_answering_sources(&self) -> usize {
        let answers = |target: &Target| !self.outages.contains_key(&target.asks);
        let failed = self.panels.iter().filter(|panel| self.has_failed(panel));
        failed.filter(|panel| panel.targets.iter().all(answers)).count()
    }

    fn has_failed(&self, panel: &PanelState) -> bool {
        let failed = |target: &Target| {
            let mut keys = target.instant.iter().chain(&target.range);
            keys.any(|key| self.store.slot(key).is_some_and(|slot| slot.failure.is_some()))
        };
        panel.problem.is_some() || panel.targets.iter().any(failed)
    }

    /// Whether every question of the current refresh has its answer or failure.
    pub fn is_settled(&self) -> bool {
        self.store.in_flight() == 0
            && variables::in_flight(self) == 0
            && self.visible_panels().into_iter().flat_map(|index| &self.panels[index].targets).all(|target| {
                let mut keys = target.instant.iter().chain(&target.range);
                keys.all(|key| self.store.slot(key).is_some_and(Slot::is_settled_once))
            })
    }

    /// When [`crate::app::Event::Wake`] is due, Unix milliseconds; `None` when nothing will change by itself.
    pub fn wake_at(&self, now_ms: i64) -> Option<i64> {
        let mut due = self.next_tick_ms;
        let mut add = |time_ms: i64| due = Some(due.map_or(time_ms, |due: i64| due.min(time_ms)));
        for outage in self.outages.values() {
            // A try that is under way has no date of its own; the seconds in the banner count on.
            let is_later = outage.retry_at_ms > now_ms;
            add(if is_later { outage.retry_at_ms.min(now_ms + 1_000) } else { now_ms + 1_000 });
        }
        if self.outages.is_empty() && self.failed_panels() > 0 {
            // The ages on the panels grow by seconds.
            add(now_ms + 1_000);
        }
        if let Some(expiry_ms) = self.action_expires_at_ms() {
            add(expiry_ms);
        }
        if let Some(expiry_ms) = self.notice_expires_at_ms() {
            add(expiry_ms);
        }
        if let Some(since_ms) = self.stale_since_ms(now_ms) {
            add(if since_ms > now_ms { since_ms } else { now_ms + 1_000 });
        }
        due
    }

    /// When the newest answer will be, or has become, older than two refreshes; `None` where none is expected.
    pub fn stale_since_ms(&self, now_ms: i64) -> Option<i64> {
        let refresh_ms =
            self.refresh_ms.filter(|_| self.paused_at_ms.is_none() && self.range.follows_now())?;
        let grid = |target: &Target| {
            if target.instant.is_some() { refresh_ms } else { target.intervals.step_ms.max(refresh_ms) }
        };
        // Panels that only ask a point every minute are no older than they have to be.
        let period_ms = self.panels.iter().flat_map(|panel| &panel.targets).map(grid).min()?;
        let at_ms = self.store.answered_at_ms?.min(now_ms);
        Some(at_ms + 2 * period_ms + 1_000)
    }

    /// When the answer of an action leaves the screen.
    pub(crate) fn action_expires_at_ms(&self) -> Option<i64> {
        let (_, done_at_ms) = self.action.as_ref()?.outcome.as_ref()?;
        Some(done_at_ms + super::update::ACTION_SHOWN_MS)
    }

    /// When the notice leaves the screen.
    pub(crate) fn notice_expires_at_ms(&self) -> Option<i64> {
        Some(self.notice.as_ref()?.1 + super::update::NOTICE_SHOWN_MS)
    }

    /// The scroll position of the help, if it is open.
    pub fn help_scroll(&self) -> Option<u16> {
        match self.overlay {
            Some(Overlay::Help { scroll }) => Some(scroll),
            _ => None,
        }
    }
}

/// A line over the whole width.
#[derive(Clone, Copy, Debug)]
pub enum Banner<'a> {
    /// A data source is away.
    Outage {
        /// Which.
        source: SourceId,
        /// Since when, and why.
        outage: &'a Outage,
    },
    /// An annotation cannot be asked.
    Annotation {
        /// Which.
        name: &'a str,
        /// Why.
        error: &'a QueryError,
    },
    /// The dashboard's file is broken.
    Problem {
        /// Whose.
        entry: &'a super::state::Entry,
        /// Where and what.
        problem: &'a super::event::LoadProblem,
    },
    /// Targets of the embedded engine no longer answer.
    TargetsDown(&'a [String]),
    /// Something else.
    Message(&'a str),
}
