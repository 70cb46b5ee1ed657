//! Keys and mouse while something lies over the dashboard: the help, the inspector, the search, a list or the picker.

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::event::{Key, KeyCode, Mouse, MouseKind};
use crate::app::help::help_lines;
use crate::app::inspect::Inspection;
use crate::app::legend::{self, Pick};
use crate::app::state::{ListOf, Overlay, State};
use crate::app::{list, navigate, picker, search, update};
use crate::keymap;

/// A key while something lies over the dashboard.
pub(crate) fn press(state: &mut State, key: Key, now_ms: i64) -> Vec<Effect> {
    if state.overlay == Some(Overlay::Picker) {
        return picker::press(state, key);
    }
    if let Some(Overlay::Search { selected }) = state.overlay {
        type_search(state, selected, key);
        return Vec::new();
    }
    if let Some(Overlay::List { of, .. }) = state.overlay
        && list::type_key(state, of, key)
    {
        return Vec::new();
    }
    let page = i32::from(state.size.1.saturating_sub(6).max(1));
    match key {
        Key { code: KeyCode::Esc | KeyCode::Char('q'), .. } => state.overlay = None,
        Key { code: KeyCode::Char(character @ (' ' | 'a')), .. }
            if matches!(state.overlay, Some(Overlay::List { of: ListOf::Series, .. })) =>
        {
            legend::pick(state, if character == 'a' { Pick::All } else { Pick::Toggle }, now_ms);
        }
        Key { code: KeyCode::Up | KeyCode::BackTab, .. } | Key { code: KeyCode::Char('k'), .. } => {
            shift(state, -1, now_ms);
        }
        Key { code: KeyCode::Down | KeyCode::Tab, .. } | Key { code: KeyCode::Char('j'), .. } => {
            shift(state, 1, now_ms);
        }
        Key { code: KeyCode::PageUp, .. } => shift(state, -page, now_ms),
        Key { code: KeyCode::PageDown, .. } => shift(state, page, now_ms),
        Key { code: KeyCode::Home | KeyCode::Char('g'), .. } => shift(state, i32::MIN / 2, now_ms),
        Key { code: KeyCode::End | KeyCode::Char('G'), .. } => shift(state, i32::MAX / 2, now_ms),
        Key { code: KeyCode::Enter, .. } => {
            if let Some(Overlay::List { of, selected }) = state.overlay {
                return list::choose(state, of, selected, now_ms);
            }
            state.overlay = None;
        }
        _ => {
            // The key that opened it closes it; the few that are about the program itself go on working.
            match (keymap::command(key), state.overlay) {
                (Some(Command::Help), Some(Overlay::Help { .. }))
                | (Some(Command::Inspect), Some(Overlay::Inspect { .. })) => state.overlay = None,
                (Some(Command::PickDashboard), Some(Overlay::List { of: ListOf::Dashboards, .. }))
                | (Some(Command::PickRange), Some(Overlay::List { of: ListOf::Ranges, .. }))
                | (Some(Command::PickRefresh), Some(Overlay::List { of: ListOf::Refreshes, .. }))
                | (Some(Command::PickSeries), Some(Overlay::List { of: ListOf::Series, .. }))
                | (Some(Command::PickExport), Some(Overlay::List { of: ListOf::Exports, .. })) => {
                    state.overlay = None;
                }
                (Some(command @ Command::Copy), Some(Overlay::Inspect { .. }))
                | (Some(command @ (Command::Repaint | Command::Suspend)), _) => {
                    return update::perform(state, command, now_ms);
                }
                _ => {}
            }
        }
    }
    Vec::new()
}

/// A key while a panel is searched for: letters are what is searched, whatever they mean elsewhere.
fn type_search(state: &mut State, selected: usize, key: Key) {
    let found = search::found(state);
    let last = found.len().saturating_sub(1);
    state.overlay = match key {
        Key { code: KeyCode::Esc, .. } => None,
        Key { code: KeyCode::Enter, .. } => match found.get(selected) {
            Some(index) => {
                navigate::unfold(state, *index);
                navigate::set_focus(state, *index);
                None
            }
            // Nothing was found: the box stays, and says so.
            None => state.overlay,
        },
        Key { code: KeyCode::Up | KeyCode::BackTab, .. } => {
            Some(Overlay::Search { selected: selected.saturating_sub(1) })
        }
        Key { code: KeyCode::Down | KeyCode::Tab, .. } => {
            Some(Overlay::Search { selected: (selected + 1).min(last) })
        }
        Key { code: KeyCode::Backspace, .. } => {
            state.search.pop();
            Some(Overlay::Search { selected: 0 })
        }
        Key { code: KeyCode::Char(letter), ctrl: false, alt: false }
            if state.search.chars().count() < search::SEARCH_LIMIT_CHARS =>
        {
            state.search.push(letter);
            Some(Overlay::Search { selected: 0 })
        }
        _ => state.overlay,
    };
}

/// The mouse while something lies over the dashboard: the wheel moves, a press closes.
pub(crate) fn click(state: &mut State, mouse: Mouse, now_ms: i64) {
    match mouse.kind {
        MouseKind::ScrollUp => shift(state, -1, now_ms),
        MouseKind::ScrollDown => shift(state, 1, now_ms),
        MouseKind::Press | MouseKind::CtrlPress => state.overlay = None,
        MouseKind::Drag | MouseKind::Release => {}
    }
}

fn shift(state: &mut State, by: i32, now_ms: i64) {
    let moved = |position: usize, max: usize| (position as i64 + i64::from(by)).clamp(0, max as i64) as usize;
    match state.overlay {
        Some(Overlay::Help { scroll }) => {
            let lines = help_lines(state).len();
            let max = lines.saturating_sub(usize::from(state.size.1.saturating_sub(2)));
            state.overlay = Some(Overlay::Help { scroll: moved(scroll.into(), max) as u16 });
        }
        Some(Overlay::List { of, selected }) => {
            let last = list::view(state, of, now_ms).lines.len().saturating_sub(1);
            let selected = moved(selected, last);
            state.overlay = Some(Overlay::List { of, selected });
            if of == ListOf::Series {
                legend::select(state, selected);
            }
        }
        Some(Overlay::Picker) => {
            let last = picker::lines(state).len().saturating_sub(1);
            state.picker.selected = moved(state.picker.selected, last);
        }
        Some(Overlay::Inspect { scroll }) => {
            let (width, height) = state.size;
            let lines = Inspection::new(state, inspect_width(width), now_ms).len();
            let max = lines.saturating_sub(usize::from(height.saturating_sub(2)));
            state.overlay = Some(Overlay::Inspect { scroll: moved(scroll, max) });
        }
        Some(Overlay::Search { selected }) => {
            let last = search::found(state).len().saturating_sub(1);
            state.overlay = Some(Overlay::Search { selected: moved(selected, last) });
        }
        None => {}
    }
}

/// Cells of a line of the inspector, whose box is as wide as the screen.
pub fn inspect_width(columns: u16) -> usize {
    usize::from(columns.saturating_sub(4))
}
