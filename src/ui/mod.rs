//! The screen: header, banners, panels, the answer of an action, footer, and what lies over them.
//!
//! Everything here takes `&State` and writes cells; nothing is decided, asked or remembered.

mod ascii;
mod banner;
mod footer;
mod header;
mod overlay;
mod panel;
mod picker;
mod readout;
mod variables;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;

use crate::app::State;
use crate::dashboard::{Dashboard, Row};
use crate::panel::PanelView;
use crate::panel::marks::{LegendPlace, Rows};
use crate::text;

/// Draws the whole screen. `buffer` has the size that the state was told of; a smaller one is drawn in part.
pub fn render(state: &State, now_ms: i64, buffer: &mut Buffer) {
    let area = buffer.area;
    if area.is_empty() {
        return;
    }
    header::draw(state, now_ms, line(area, 0), buffer);
    let bar = state.bar_height();
    if bar > 0 {
        variables::draw(state, line(area, 1), buffer);
    }
    for (index, banner) in state.banners().iter().enumerate() {
        banner::draw(state, banner, now_ms, line(area, 1 + bar + index as u16), buffer);
    }
    let body = state.body().intersection(area);
    draw_body(state, now_ms, body, buffer);
    banner::draw_action(state, now_ms, Rect { y: body.bottom(), ..area }.intersection(area), buffer);
    if area.height > 1 {
        footer::draw(state, now_ms, line(area, area.height - 1), buffer);
    }
    overlay::draw(state, now_ms, area, buffer);
    if state.settings.theme.is_ascii() {
        ascii::replace(buffer);
    }
    if let Some(ground) = state.settings.theme.ground() {
        paint_ground(ground, buffer);
    }
}

/// Panel `index` as it is drawn, and the column and line of the screen at which it begins; the line may be out of sight.
fn drawn_aside(state: &State, index: usize, now_ms: i64) -> Option<(PanelView<'_>, u16, i32)> {
    let panel = state.dashboard()?.panels.get(index)?;
    let body = state.body();
    let (rect, left, top) = if state.view.full_screen {
        (body, body.x, i32::from(body.y))
    } else {
        let rect = *state.layout.panels.get(index)?;
        let top = i32::from(body.y) + i32::from(rect.y) - i32::from(state.view.scroll);
        (rect, body.x + rect.x, top)
    };
    let canvas = Rect { x: 0, y: 0, ..rect };
    Some((panel::drawn_aside(state, panel, index, now_ms, canvas), left, top))
}

/// Where the legend of panel `index` stands on the screen, what is out of sight left out.
pub fn legend_places(state: &State, index: usize, now_ms: i64) -> Vec<LegendPlace> {
    let Some((view, left, top)) = drawn_aside(state, index, now_ms) else { return Vec::new() };
    let on_screen = |place: LegendPlace| {
        let y = u16::try_from(top + i32::from(place.area.y)).ok()?;
        let area = Rect { x: left + place.area.x, y, ..place.area };
        Some(LegendPlace { area, ..place })
    };
    view.series.places.into_inner().into_iter().filter_map(on_screen).collect()
}

/// The rows that panel `index` draws at `place` of the screen; `None` beside its plot, and where its lines are no rows.
pub fn rows_at(state: &State, index: usize, now_ms: i64, place: Position) -> Option<Rows> {
    let (view, left, top) = drawn_aside(state, index, now_ms)?;
    let plot = view.plot.get()?;
    let x = place.x.checked_sub(left)?;
    let y = u16::try_from(i32::from(place.y) - top).ok()?;
    let line = usize::from(y.checked_sub(plot.y)?);
    let rows = view.series.lines.borrow().get(line).copied();
    rows.filter(|_| plot.contains(Position { x, y }))
}

/// Replaces the terminal's own colours by those of a theme that brings its ground.
fn paint_ground((background, foreground): (Color, Color), buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.bg == Color::Reset {
            cell.bg = background;
        }
        if cell.fg == Color::Reset {
            cell.fg = foreground;
        }
    }
}

/// One line of `area`, `y` counted from its top; empty outside.
fn line(area: Rect, y: u16) -> Rect {
    Rect { y: area.y + y, height: 1, ..area }.intersection(area)
}

fn draw_body(state: &State, now_ms: i64, body: Rect, buffer: &mut Buffer) {
    let Some(dashboard) = state.dashboard() else {
        empty_body(state, body, buffer);
        return;
    };
    if state.view.full_screen {
        if let Some(panel) = dashboard.panels.get(state.view.focus) {
            panel::draw_full(state, panel, state.view.focus, now_ms, body, buffer);
        }
        return;
    }
    for (y, row) in &state.layout.titles {
        if let Some(y) = y.checked_sub(state.view.scroll).filter(|y| *y < body.height) {
            draw_row_title(state, dashboard, *row, Rect { y: body.y + y, height: 1, ..body }, buffer);
        }
    }
    for index in state.visible_panels() {
        let (Some(rect), Some(panel)) = (state.layout.panels.get(index), dashboard.panels.get(index)) else {
            continue;
        };
        let top = i32::from(body.y) + i32::from(rect.y) - i32::from(state.view.scroll);
        let place = Rect { x: body.x + rect.x, y: top.max(0) as u16, ..*rect };
        if top >= i32::from(body.y) && place.bottom() <= body.bottom() {
            panel::draw(state, panel, index, now_ms, place, buffer);
        } else {
            draw_clipped(state, panel, index, now_ms, (*rect, top), body, buffer);
        }
    }
}

/// The title of a row; of a collapsed one with a sign and what is in it.
fn draw_row_title(state: &State, dashboard: &Dashboard, row: usize, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let Row { title, panels, .. } = &dashboard.rows[row];
    let is_folded = panels.clone().next().is_some_and(|first| state.layout.is_folded(first));
    if !is_folded {
        text::put(buffer, area.x, area.y, title.as_deref().unwrap_or_default(), area.width, theme.title());
        return;
    }
    let style = if panels.contains(&state.view.focus) { theme.focus() } else { theme.title() };
    let count = match panels.len() {
        1 => "1 panel".to_owned(),
        count => format!("{count} panels"),
    };
    let name = title.clone().unwrap_or_else(|| format!("row {}", row + 1));
    let room = area.width.saturating_sub(text::width(&count) as u16 + 5);
    let x = text::put(buffer, area.x, area.y, "▸ ", area.width, style);
    let x = text::put(buffer, x, area.y, &name, room, style);
    text::put(buffer, x + 2, area.y, &count, area.right().saturating_sub(x + 2), theme.dim());
}

/// Draws a panel of which only some lines are in sight, `top` being the screen line of its first one.
fn draw_clipped(
    state: &State,
    panel: &crate::dashboard::Panel,
    index: usize,
    now_ms: i64,
    (rect, top): (Rect, i32),
    body: Rect,
    buffer: &mut Buffer,
) {
    let canvas = Rect { x: 0, y: 0, width: rect.width, height: rect.height };
    let mut scratch = Buffer::empty(canvas);
    panel::draw(state, panel, index, now_ms, canvas, &mut scratch);
    for y in 0..rect.height {
        let target = top + i32::from(y);
        if target < i32::from(body.y) || target >= i32::from(body.bottom()) {
            continue;
        }
        for x in 0..rect.width {
            if let (Some(from), Some(to)) =
                (scratch.cell((x, y)), buffer.cell_mut((body.x + rect.x + x, target as u16)))
            {
                to.clone_from(from);
            }
        }
    }
}

/// What is said when there is no dashboard to draw.
fn empty_body(state: &State, body: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let says = match state.dashboards.get(state.current) {
        None => "no dashboard: name a *.yaml file or a folder with some, or press q",
        Some(entry) if entry.problem.is_some() => {
            "the file could not be read, see above; it is read again as soon as it is saved"
        }
        Some(_) => "reading the dashboard…",
    };
    for (index, line) in
        text::wrap(says, usize::from(body.width), usize::from(body.height)).iter().enumerate()
    {
        text::put(buffer, body.x, body.y + index as u16, line, body.width, theme.dim());
    }
}
