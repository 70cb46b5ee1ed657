//! The lists that lie over the dashboard: of dashboards, ranges, refresh intervals, series and files to write. Dashboards
//! can be searched for and a range can be typed; see [`State::typed`].

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::event::{GENERATED, Key, KeyCode, Origin};
use crate::app::export::{Export, ExportFormat};
use crate::app::legend::{self, Pick};
use crate::app::search;
use crate::app::state::{ListOf, Overlay, State};
use crate::app::{crosshair, refresh, update};
use crate::time_range::{
    SPAN_MIN_MS, TimeError, TimeRange, format_clock, format_duration, parse_duration_ms,
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Characters that can be typed.
const TYPED_LIMIT_CHARS: usize = 64;

/// What a range may be typed as.
const RANGE_EXAMPLES: &str = "such as 45m, now-2d to now-1d, 2026-01-31 10:00 to 2026-01-31 12:00";

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

/// A list as it is shown.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Its heading, with what was typed.
    pub title: String,
    /// The lines that can be chosen.
    pub lines: Vec<String>,
    /// Lines that cannot: what to type, or why nothing fits.
    pub remarks: Vec<Remark>,
    /// Its keys.
    pub keys: &'static str,
}

/// A line of a list that cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What it says.
    pub text: String,
    /// Whether something is wrong.
    pub is_problem: bool,
}

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
    state.typed = None;
    state.overlay = Some(Overlay::List { of, selected: selected.unwrap_or_default() });
}

/// The list as it is shown; a range that is typed is read as seen from `now_ms`.
pub fn view(state: &State, of: ListOf, now_ms: i64) -> List {
    const CHOOSE: &str = "enter: choose  esc: back";
    match of {
        ListOf::Dashboards => {
            let all: Vec<String> =
                (0..state.dashboards.len()).map(|index| dashboard_line(state, index)).collect();
            let lines: Vec<String> = dashboards(state).into_iter().map(|index| all[index].clone()).collect();
            let is_problem = lines.is_empty();
            let text = "no dashboard has these letters".to_owned();
            let remarks = if is_problem { vec![Remark { text, is_problem }] } else { Vec::new() };
            let title = titled("Dashboards", state);
            let keys = if state.typed.is_some() { CHOOSE } else { "enter: choose  /: find  esc: back" };
            List { title, lines, remarks, keys }
        }
        ListOf::Ranges => ranges(state, now_ms),
        ListOf::Exports => List {
            title: "Export to a file here".to_owned(),
            lines: exports(state).map(|(of, _, says)| format!("{of}: {says}")).collect(),
            remarks: Vec::new(),
            keys: CHOOSE,
        },
        ListOf::Series => {
            let line = |line: legend::SeriesLine| {
                format!("[{}] {}", if line.is_hidden { ' ' } else { 'x' }, line.name)
            };
            List {
                title: "Series of this panel".to_owned(),
                lines: legend::lines(state).into_iter().map(line).collect(),
                remarks: Vec::new(),
                keys: "space: on, off  enter: alone  a: all  esc: back",
            }
        }
        ListOf::Refreshes => List {
            title: "Refresh".to_owned(),
            lines: REFRESHES_MS
                .iter()
                .map(|ms| ms.map_or_else(|| "off".to_owned(), format_duration))
                .collect(),
            remarks: Vec::new(),
            keys: CHOOSE,
        },
    }
}

/// A heading, with what was typed after it.
fn titled(title: &str, state: &State) -> String {
    state.typed.as_ref().map_or_else(|| title.to_owned(), |typed| format!("{title}: {typed}_"))
}

fn ranges(state: &State, now_ms: i64) -> List {
    let title = titled("Time range", state);
    let remark = |text: String, is_problem| vec![Remark { text, is_problem }];
    match &state.typed {
        None => List {
            title,
            lines: RANGES_MS.iter().map(|ms| format!("last {}", format_duration(*ms))).collect(),
            remarks: Vec::new(),
            keys: "enter: choose  0-9 or /: type one  esc: back",
        },
        Some(typed) if typed.trim().is_empty() => List {
            title,
            lines: Vec::new(),
            remarks: remark(RANGE_EXAMPLES.to_owned(), false),
            keys: "esc: back",
        },
        Some(typed) => match read_range(typed, state, now_ms) {
            Ok(range) => List {
                title,
                lines: vec![range_line(&range, state, now_ms)],
                remarks: remark(RANGE_EXAMPLES.to_owned(), false),
                keys: "enter: choose  esc: back",
            },
            Err(error) => List {
                title,
                lines: Vec::new(),
                remarks: [remark(error.to_string(), true), remark(RANGE_EXAMPLES.to_owned(), false)].concat(),
                keys: "esc: back",
            },
        },
    }
}

/// What a range means now: clocks, unless it is so long up to now.
fn range_line(range: &TimeRange, state: &State, now_ms: i64) -> String {
    let span = range.resolve(now_ms, state.zone());
    let clock = |time_ms| format_clock(time_ms, state.zone(), now_ms);
    let says = range.to_string();
    if says.starts_with("last") {
        says
    } else {
        format!("{} – {}", clock(span.start_ms), clock(span.end_ms))
    }
}

/// A range as it is typed: a duration up to now, one time up to now, or `FROM to TO`.
fn read_range(typed: &str, state: &State, now_ms: i64) -> Result<TimeRange, TimeError> {
    let zone = state.zone();
    let typed = typed.trim();
    let typed = typed.strip_prefix("last ").unwrap_or(typed).trim();
    let range = match typed.split_once(" to ") {
        Some((from, to)) => TimeRange::parse(from.trim(), to.trim(), now_ms, zone)?,
        // A bare number is a duration in seconds, as it is everywhere else, not a moment of 1970.
        None if typed.starts_with(|first: char| first.is_ascii_digit()) && !typed.contains(['-', ':']) => {
            TimeRange::last(parse_duration_ms(typed)?)
        }
        None => TimeRange::parse(typed, "now", now_ms, zone)?,
    };
    let span = range.resolve(now_ms, zone);
    if span.len_ms() < SPAN_MIN_MS {
        return Err(TimeError::Short(span.len_ms()));
    }
    Ok(range)
}

/// The dashboards that what was typed leaves, the best first; all of them in their order while nothing is.
fn dashboards(state: &State) -> Vec<usize> {
    let typed = state.typed.as_deref().unwrap_or_default();
    search::ranked((0..state.dashboards.len()).map(|index| (index, dashboard_line(state, index))), typed)
}

/// Title, origin and tags of a dashboard.
fn dashboard_line(state: &State, index: usize) -> String {
    let entry = &state.dashboards[index];
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

/// A key that is part of what is typed into the list, or that begins it; `false` where the key means something else.
pub(super) fn type_key(state: &mut State, of: ListOf, key: Key) -> bool {
    let has_text = matches!(of, ListOf::Dashboards | ListOf::Ranges);
    let Some(typed) = &mut state.typed else {
        let Key { code: KeyCode::Char(first), ctrl: false, alt: false } = key else { return false };
        let begins = has_text && (first == '/' || of == ListOf::Ranges && first.is_ascii_digit());
        if begins {
            state.typed = Some(if first == '/' { String::new() } else { first.to_string() });
            state.overlay = Some(Overlay::List { of, selected: 0 });
        }
        return begins;
    };
    let selected = match key {
        Key { code: KeyCode::Esc, .. } => {
            state.typed = None;
            0
        }
        Key { code: KeyCode::Backspace, .. } => {
            if typed.pop().is_none() {
                state.typed = None;
            }
            0
        }
        Key { code: KeyCode::Char('u'), ctrl: true, .. } => {
            typed.clear();
            0
        }
        Key { code: KeyCode::Char(letter), ctrl: false, alt: false } => {
            if typed.chars().count() < TYPED_LIMIT_CHARS {
                typed.push(letter);
            }
            0
        }
        _ => return false,
    };
    state.overlay = Some(Overlay::List { of, selected });
    true
}

/// Enter: takes line `selected`.
pub(super) fn choose(state: &mut State, of: ListOf, selected: usize, now_ms: i64) -> Vec<Effect> {
    match of {
        ListOf::Dashboards => {
            // Nothing fits what was typed: the list stays, and says so.
            let Some(index) = dashboards(state).get(selected).copied() else { return Vec::new() };
            state.overlay = None;
            update::show(state, index, now_ms);
        }
        ListOf::Ranges => {
            let range = match &state.typed {
                Some(typed) => read_range(typed, state, now_ms).ok(),
                None => RANGES_MS.get(selected).map(|ms| TimeRange::last(*ms)),
            };
            let Some(range) = range else { return Vec::new() };
            state.overlay = None;
            crosshair::go_to_range(state, range, now_ms);
        }
        ListOf::Series => {
            state.overlay = None;
            legend::pick(state, Pick::Isolate, now_ms);
        }
        ListOf::Refreshes => {
            state.overlay = None;
            state.refresh_ms = REFRESHES_MS.get(selected).copied().flatten();
            refresh::restart_beat(state, now_ms);
        }
        ListOf::Exports => {
            state.overlay = None;
            let chosen = exports(state).nth(selected).map(|(_, wish, _)| wish);
            let export = chosen.map(|(format, panel)| Export::new(state, format, panel, now_ms));
            return export.map(Effect::Export).into_iter().collect();
        }
    }
    Vec::new()
}
