//! What lies over the dashboard: the help, and the lists of dashboards, ranges, refresh intervals and files to write.

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::event::{GENERATED, Key, KeyCode, Mouse, MouseKind, Origin};
use crate::app::export::{Export, ExportFormat};
use crate::app::help::help_lines;
use crate::app::inspect::Inspection;
use crate::app::legend::{self, Pick};
use crate::app::state::{ListOf, Overlay, State};
use crate::app::{crosshair, navigate, picker, refresh, search, update};
use crate::keymap;
use crate::time_range::{TimeRange, format_duration};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The ranges that the list offers, Grafana's.
pub const RANGES_MS: [i64; 13] = [
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    30 * DAY_MS,
    90 * DAY_MS,
    365 * DAY_MS,
];

/// The refresh intervals that the list offers; `None` is off.
pub const REFRESHES_MS: [Option<i64>; 10] = [
    None,
    Some(1_000),
    Some(2_000),
    Some(5_000),
    Some(10_000),
    Some(30_000),
    Some(MINUTE_MS),
    Some(5 * MINUTE_MS),
    Some(15 * MINUTE_MS),
    Some(HOUR_MS),
];

/// Opens a list with the current choice selected.
pub(crate) fn open(state: &mut State, command: Command) {
    let (of, selected) = match command {
        Command::PickDashboard => (ListOf::Dashboards, Some(state.current)),
        Command::PickRange => {
            let is_current = |ms: &i64| TimeRange::last(*ms) == state.range;
            (ListOf::Ranges, RANGES_MS.iter().position(is_current))
        }
        Command::PickExport => (ListOf::Exports, None),
        _ => (ListOf::Refreshes, REFRESHES_MS.iter().position(|ms| *ms == state.refresh_ms)),
    };
    state.overlay = Some(Overlay::List { of, selected: selected.unwrap_or_default() });
}

/// A heading and the lines of a list, as they are shown.
pub fn entries(state: &State, of: ListOf) -> (&'static str, Vec<String>) {
    match of {
        ListOf::Dashboards => {
            let entries = state.dashboards.iter().map(|entry| {
                let origin = match &entry.origin {
                    Origin::File(path) => path.clone(),
                    Origin::BuiltIn(name) => format!("{name} (shipped)"),
                    Origin::Generated => GENERATED.to_owned(),
                };
                match (&entry.dashboard, &entry.problem) {
                    (Some(dashboard), None) if !dashboard.tags.is_empty() => {
                        format!("{}  {origin}  ({})", dashboard.title, dashboard.tags.join(", "))
                    }
                    (Some(dashboard), None) => format!("{}  {origin}", dashboard.title),
                    (Some(dashboard), Some(_)) => format!("{}  {origin}  (file is broken)", dashboard.title),
                    (None, _) => format!("{origin}  (file is broken)"),
                }
            });
            ("Dashboards", entries.collect())
        }
        ListOf::Ranges => {
            ("Time range", RANGES_MS.iter().map(|ms| format!("last {}", format_duration(*ms))).collect())
        }
        ListOf::Exports => {
            ("Export to a file here", exports(state).map(|(of, _, says)| format!("{of}: {says}")).collect())
        }
        ListOf::Series => {
            let line = |line: legend::SeriesLine| {
                format!("[{}] {}", if line.is_hidden { ' ' } else { 'x' }, line.name)
            };
            ("Series of this panel", legend::lines(state).into_iter().map(line).collect())
        }
        ListOf::Refreshes => (
            "Refresh",
            REFRESHES_MS.iter().map(|ms| ms.map_or_else(|| "off".to_owned(), format_duration)).collect(),
        ),
    }
}

/// What can be exported: a word for it, the wish for it, and what it becomes. The screen first, unless one panel has it.
fn exports(state: &State) -> impl Iterator<Item = (&'static str, (ExportFormat, Option<usize>), String)> {
    let focus = state.view.focus;
    let of_panel = ("focused panel", Some(focus));
    let scopes = match (state.view.full_screen, state.panels.is_empty()) {
        (true, _) => vec![of_panel],
        (false, true) => vec![("screen", None)],
        (false, false) => vec![("screen", None), of_panel],
    };
    scopes.into_iter().flat_map(|(of, panel)| {
        ExportFormat::ALL
            .map(|format| (of, (format, panel), format!("{}, {}", format.name(), format.about())))
    })
}

/// A key while something lies over the dashboard.
pub(crate) fn press(state: &mut State, key: Key, now_ms: i64) -> Vec<Effect> {
    if state.overlay == Some(Overlay::Picker) {
        return picker::press(state, key);
    }
    if let Some(Overlay::Search { selected }) = state.overlay {
        type_search(state, selected, key);
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
        Key { code: KeyCode::Enter, .. } => return choose(state, now_ms),
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
        Key { code: KeyCode::Enter, .. } => {
            if let Some(index) = found.get(selected) {
                navigate::unfold(state, *index);
                navigate::set_focus(state, *index);
            }
            None
        }
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
            let last = entries(state, of).1.len().saturating_sub(1);
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

fn choose(state: &mut State, now_ms: i64) -> Vec<Effect> {
    let Some(Overlay::List { of, selected }) = state.overlay.take() else { return Vec::new() };
    match of {
        ListOf::Dashboards => update::show(state, selected, now_ms),
        ListOf::Ranges => {
            if let Some(ms) = RANGES_MS.get(selected) {
                crosshair::go_to_range(state, TimeRange::last(*ms), now_ms);
            }
        }
        ListOf::Series => legend::pick(state, Pick::Isolate, now_ms),
        ListOf::Refreshes => {
            state.refresh_ms = REFRESHES_MS.get(selected).copied().flatten();
            refresh::restart_beat(state, now_ms);
        }
        ListOf::Exports => {
            let chosen = exports(state).nth(selected).map(|(_, wish, _)| wish);
            let export = chosen.map(|(format, panel)| Export::new(state, format, panel, now_ms));
            return export.map(Effect::Export).into_iter().collect();
        }
    }
    Vec::new()
}
