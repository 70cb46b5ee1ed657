//! Focus and scrolling, by keys and by mouse.

use ratatui::layout::{Position, Rect};

use crate::app::command::Command;
use crate::app::event::Mouse;
use crate::app::state::State;
use crate::dashboard::{Dashboard, Panel};
use crate::layout::Layout;

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
        (Command::PageUp, _) => scroll(state, -i32::from(page)),
        (Command::PageDown, _) => scroll(state, i32::from(page)),
        (Command::FocusNext, _) | (Command::FocusRight, true) => set_focus(state, (focus + 1) % count),
        (Command::FocusPrevious, _) | (Command::FocusLeft, true) => {
            set_focus(state, (focus + count - 1) % count);
        }
        (Command::FocusFirst, _) => {
            set_focus(state, 0);
            state.view.scroll = 0;
        }
        (Command::FocusLast, _) => set_focus(state, count - 1),
        (Command::FocusLeft | Command::FocusRight | Command::FocusUp | Command::FocusDown, false) => {
            if let Some(index) = neighbour(&state.layout.panels, focus, command) {
                set_focus(state, index);
            }
        }
        _ => {}
    }
}

/// The nearest panel in a direction: on the same line for left and right, overlapping in columns where possible for
/// up and down.
fn neighbour(rects: &[Rect], from: usize, command: Command) -> Option<usize> {
    let origin = *rects.get(from)?;
    let candidates = rects.iter().enumerate().filter(|(index, rect)| {
        *index != from
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
fn set_focus(state: &mut State, index: usize) {
    if state.view.focus != index {
        state.view.panel_scroll = 0;
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
    let layout = Layout::new(after, body.width, body.height);
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
        state.view.panel_scroll = moved(state.view.panel_scroll, PANEL_SCROLL_LIMIT);
    } else {
        state.view.scroll = moved(state.view.scroll, max);
    }
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

/// Focuses the panel under the mouse; a double click gives it the whole screen, or takes it back.
pub(crate) fn press(state: &mut State, mouse: Mouse, now_ms: i64) {
    let Some(index) = panel_at(state, Position { x: mouse.x, y: mouse.y }) else { return };
    let is_double = state
        .last_press
        .is_some_and(|(last, at_ms)| last == index && (0..=DOUBLE_CLICK_MS).contains(&(now_ms - at_ms)));
    state.last_press = (!is_double).then_some((index, now_ms));
    if state.view.focus != index {
        state.view.panel_scroll = 0;
    }
    state.view.focus = index;
    if is_double {
        state.view.full_screen = !state.view.full_screen;
    }
}
