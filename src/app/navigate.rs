//! Focus and scrolling, by keys and by mouse.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::command::Command;
use crate::app::event::Mouse;
use crate::app::state::State;
use crate::app::update;
use crate::dashboard::{Dashboard, Panel};
use crate::layout::Layout;
use crate::panel::table;

/// Two presses on one panel within this time are a double click.
const DOUBLE_CLICK_MS: i64 = 400;
/// Lines of its own content that a panel can be scrolled; far more than any table shows.
const PANEL_SCROLL_LIMIT: u16 = 5_000;

/// Moves the focus or the view.
pub(crate) fn go(state: &mut State, command: Command) {
    let count = state.layout.panels.len();
    if count == 0 {
        return;
    }
    let page = state.body().height.saturating_sub(2).max(1);
    let focus = state.view.focus;
    match (command, state.view.full_screen) {
        (Command::FocusUp, true) => scroll(state, -1),
        (Command::FocusDown, true) => scroll(state, 1),
        (Command::FocusLeft, true) if scroll_columns(state, -1) => {}
        (Command::FocusRight, true) if scroll_columns(state, 1) => {}
        (Command::PageUp, _) => scroll(state, -i32::from(page)),
        (Command::PageDown, _) => scroll(state, i32::from(page)),
        (Command::FocusNext, _) | (Command::FocusRight, true) => {
            let next = (1..=count).map(|by| (focus + by) % count).find(|index| has_place(state, *index));
            set_focus(state, next.unwrap_or(focus));
        }
        (Command::FocusPrevious, _) | (Command::FocusLeft, true) => {
            let before =
                (1..=count).map(|by| (focus + count - by) % count).find(|index| has_place(state, *index));
            set_focus(state, before.unwrap_or(focus));
        }
        (Command::FocusFirst, _) => {
            set_focus(state, 0);
            state.view.scroll = 0;
        }
        (Command::FocusLast, _) => {
            let last = (0..count).rev().find(|index| has_place(state, *index));
            set_focus(state, last.unwrap_or(0));
        }
        (Command::FocusLeft | Command::FocusRight | Command::FocusUp | Command::FocusDown, false) => {
            if let Some(index) = neighbour(&state.layout.panels, focus, command) {
                set_focus(state, index);
            }
        }
        _ => {}
    }
}

/// Whether a panel can have the focus: it is to be seen, or stands for its collapsed row.
fn has_place(state: &State, index: usize) -> bool {
    state.layout.panels.get(index).is_some_and(|rect| rect.height > 0)
}

/// Collapses the row of the focused panel, or opens it.
pub(super) fn toggle_focused_row(state: &mut State, now_ms: i64) {
    let focus = state.view.focus;
    let Some(dashboard) = state.dashboard() else { return };
    match dashboard.rows.iter().position(|row| row.panels.contains(&focus)) {
        Some(row) if dashboard.rows[row].title.is_some() => toggle_row(state, row),
        _ => state.notice = Some(("this row has no title to collapse to".to_owned(), now_ms)),
    }
}

fn toggle_row(state: &mut State, row: usize) {
    let Some(first) = state.dashboard().and_then(|dashboard| Some(dashboard.rows.get(row)?.panels.start))
    else {
        return;
    };
    let toggled = &mut state.view.toggled_rows;
    match toggled.iter().position(|other| *other == row) {
        Some(index) => {
            toggled.swap_remove(index);
        }
        None => toggled.push(row),
    }
    state.view.full_screen = false;
    state.layout = update::layout(state);
    let focus = if has_place(state, state.view.focus) { state.view.focus } else { first };
    set_focus(state, focus);
}

/// Opens the row of panel `index`, should it be collapsed.
pub(super) fn unfold(state: &mut State, index: usize) {
    let row = state
        .dashboard()
        .and_then(|dashboard| dashboard.rows.iter().position(|row| row.panels.contains(&index)));
    if let Some(row) = row.filter(|_| state.layout.is_folded(index)) {
        toggle_row(state, row);
    }
}

/// The nearest panel in a direction: on the same line for left and right, overlapping in columns where possible for
/// up and down.
fn neighbour(rects: &[Rect], from: usize, command: Command) -> Option<usize> {
    let origin = *rects.get(from)?;
    let candidates = rects.iter().enumerate().filter(|(index, rect)| {
        *index != from
            && rect.height > 0
            && match command {
                Command::FocusLeft => rect.y == origin.y && rect.x < origin.x,
                Command::FocusRight => rect.y == origin.y && rect.x > origin.x,
                Command::FocusUp => rect.y < origin.y,
                _ => rect.y > origin.y,
            }
    });
    let center = |rect: &Rect| i32::from(rect.x) + i32::from(rect.width) / 2;
    candidates
        .min_by_key(|(_, rect)| {
            let lines = rect.y.abs_diff(origin.y);
            let overlaps = rect.x < origin.right() && rect.right() > origin.x;
            (lines, !overlaps, (center(rect) - center(&origin)).abs())
        })
        .map(|(index, _)| index)
}

/// Focuses a panel and brings it into sight.
pub(super) fn set_focus(state: &mut State, index: usize) {
    if state.view.focus != index {
        state.view.panel_scroll = 0;
        state.view.column_scroll = 0;
    }
    state.view.focus = index;
    let Some(rect) = state.layout.panels.get(index).copied() else { return };
    let height = state.body().height;
    let title = state.layout.titles.iter().any(|(y, _)| y + 1 == rect.y);
    let top = rect.y - u16::from(title);
    if rect.bottom() > state.view.scroll.saturating_add(height) {
        state.view.scroll = rect.bottom().saturating_sub(height);
    }
    if top < state.view.scroll {
        state.view.scroll = top;
    }
}

/// Keeps the focus on the panel that has it, and that where it is on the screen, though `after` has it elsewhere.
pub(crate) fn follow(state: &mut State, before: &Dashboard, after: &Dashboard) {
    let Some(panel) = before.panels.get(state.view.focus) else { return };
    let is_it = |other: &Panel| {
        other.kind.name == panel.kind.name && other.title == panel.title && other.queries == panel.queries
    };
    // Where it is still in its place, or gone altogether, the place is what stays.
    if after.panels.get(state.view.focus).is_some_and(is_it) {
        return;
    }
    let Some(index) = after.panels.iter().position(is_it) else { return };
    let body = state.body();
    let layout = Layout::new(after, &state.view.toggled_rows, body.width, body.height);
    let top = |rect: Option<&Rect>| rect.map_or(0, |rect| i32::from(rect.y));
    let moved = top(layout.panels.get(index)) - top(state.layout.panels.get(state.view.focus));
    state.view.focus = index;
    // At the top the top stays: what is new there is what the reader should see.
    let scroll = if state.view.scroll == 0 { 0 } else { i32::from(state.view.scroll) + moved };
    state.view.scroll = scroll.clamp(0, layout.scroll_max(body.height).into()) as u16;
}

/// Scrolls the dashboard, or the panel's own content where that is all there is to scroll.
pub(crate) fn scroll(state: &mut State, lines: i32) {
    let moved = |position: u16, max: u16| (i32::from(position) + lines).clamp(0, i32::from(max)) as u16;
    let max = state.layout.scroll_max(state.body().height);
    if state.view.full_screen || max == 0 {
        state.view.panel_scroll = if lines > 0 {
            scrolled_down(state, lines)
        } else {
            moved(state.view.panel_scroll, PANEL_SCROLL_LIMIT)
        };
    } else {
        state.view.scroll = moved(state.view.scroll, max);
    }
}

/// The focused panel's own scroll position `lines` further down, or where its content ends: there its picture does not
/// change any more.
fn scrolled_down(state: &State, lines: i32) -> u16 {
    let (index, at) = (state.view.focus, state.view.panel_scroll);
    let panel = state.dashboard().and_then(|dashboard| dashboard.panels.get(index));
    let place =
        if state.view.full_screen { Some(state.body()) } else { state.layout.panels.get(index).copied() };
    let (Some(panel), Some(place)) = (panel, place) else { return at };
    let mut view = state.panel_view(panel, index);
    if !view.has_data() {
        return at;
    }
    let area = Rect { x: 0, y: 0, width: place.width, height: place.height.saturating_sub(1) };
    let mut picture = |scroll: u16| {
        view.scroll = scroll;
        let mut buffer = Buffer::empty(area);
        (panel.kind.draw)(&view, area, &mut buffer);
        buffer
    };
    let mut shown = picture(at);
    for scroll in
        at..at.saturating_add(lines.clamp(0, PANEL_SCROLL_LIMIT.into()) as u16).min(PANEL_SCROLL_LIMIT)
    {
        let next = picture(scroll + 1);
        if next == shown {
            return scroll;
        }
        shown = next;
    }
    at.saturating_add(lines as u16).min(PANEL_SCROLL_LIMIT)
}

/// The panel at a place on the screen.
pub(super) fn panel_at(state: &State, place: Position) -> Option<usize> {
    let body = state.body();
    if !body.contains(place) {
        return None;
    }
    if state.view.full_screen {
        return Some(state.view.focus);
    }
    let place = Position { x: place.x, y: place.y - body.y + state.view.scroll };
    state.layout.panels.iter().position(|rect| rect.contains(place))
}

/// Scrolls the columns of the table that has the whole screen; `false` where there is none, or all of it fits.
fn scroll_columns(state: &mut State, by: i32) -> bool {
    let Some(panel) = state.dashboard().and_then(|dashboard| dashboard.panels.get(state.view.focus)) else {
        return false;
    };
    if !std::ptr::eq(panel.kind, &raw const table::KIND) {
        return false;
    }
    let max = table::column_scroll_max(&state.panel_view(panel, state.view.focus), state.size.0);
    if max == 0 {
        return false;
    }
    let position = i32::from(state.view.column_scroll) + by;
    state.view.column_scroll = position.clamp(0, max.min(usize::from(u16::MAX)) as i32) as u16;
    true
}

/// Focuses the panel under the mouse; a double click gives it the whole screen, or takes it back.
pub(crate) fn press(state: &mut State, mouse: Mouse, now_ms: i64) {
    let body = state.body();
    if let Some(y) = mouse.y.checked_sub(body.y).filter(|y| *y < body.height && !state.view.full_screen) {
        let line = y + state.view.scroll;
        if let Some((_, row)) = state.layout.titles.iter().find(|(title, _)| *title == line).copied() {
            toggle_row(state, row);
            return;
        }
    }
    let Some(index) = panel_at(state, Position { x: mouse.x, y: mouse.y }) else { return };
    let is_double = state
        .last_press
        .is_some_and(|(last, at_ms)| last == index && (0..=DOUBLE_CLICK_MS).contains(&(now_ms - at_ms)));
    state.last_press = (!is_double).then_some((index, now_ms));
    if state.view.focus != index {
        state.view.panel_scroll = 0;
        state.view.column_scroll = 0;
    }
    state.view.focus = index;
    if is_double {
        state.view.full_screen = !state.view.full_screen;
    }
}
