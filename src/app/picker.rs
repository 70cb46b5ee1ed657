//! The picker of variables: first which one, then its value out of a list that is searched by typing, or as free text.

use crate::app::effect::Effect;
use crate::app::event::{Key, KeyCode};
use crate::app::state::{Overlay, State};
use crate::app::variables::{self, VariableState};
use crate::variable::{ALL_TEXT, Choice, Current, Kind, adhoc};

/// Longest text that can be typed, in characters.
const TEXT_LIMIT_CHARS: usize = 500;

/// What is picked, and how far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picker {
    /// The variable, by its index; `None` while it is still to be chosen.
    pub variable: Option<usize>,
    /// What was typed: a search, or the value itself where it is free text.
    pub text: String,
    /// The line that enter takes.
    pub selected: usize,
    /// What is ticked, where several may be.
    pub ticked: Vec<Choice>,
    /// All are ticked.
    pub is_all: bool,
    /// Something was ticked or unticked, so that enter takes what is ticked.
    pub has_ticked: bool,
    /// Why the text cannot be taken.
    pub problem: Option<String>,
}

/// One line of the picker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Whether it is ticked, where several may be.
    pub ticked: Option<bool>,
    /// What it stands for.
    pub of: LineOf,
}

/// What a line of the picker stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOf {
    /// A variable, by its index.
    Variable(usize),
    /// All values.
    All,
    /// One value.
    Choice(Choice),
    /// What was typed, as a value.
    Typed,
}

/// Opens the picker; at the values at once where there is one variable only.
pub(crate) fn open(state: &mut State, now_ms: i64) {
    let offered: Vec<usize> = offered(state);
    match offered.as_slice() {
        [] => {
            let has_any = state.definition().is_some_and(|dashboard| !dashboard.variables.is_empty());
            let says = if has_any {
                "none of this dashboard's variables can be chosen"
            } else {
                "this dashboard has no variables"
            };
            state.notice = Some((says.to_owned(), now_ms));
        }
        [only] => show(state, *only),
        _ => {
            state.picker = Picker::default();
            state.overlay = Some(Overlay::Picker);
        }
    }
}

fn offered(state: &State) -> Vec<usize> {
    (0..state.variables.len()).filter(|index| state.variables[*index].is_offered()).collect()
}

/// Shows the values of variable `index`.
fn show(state: &mut State, index: usize) {
    let variable = &state.variables[index];
    let mut picker = Picker { variable: Some(index), ..Picker::default() };
    match &variable.current {
        Current::All => picker.is_all = true,
        Current::Values(choices) => picker.ticked.clone_from(choices),
    }
    if is_text(variable) {
        picker.text = match variable.definition.kind {
            Kind::AdHoc(_) if variable.filters().is_empty() => String::new(),
            _ => variable.text(),
        };
    }
    state.picker = picker;
    state.overlay = Some(Overlay::Picker);
    let chosen = lines(state).iter().position(|line| match (&line.of, &state.variables[index].current) {
        (LineOf::All, Current::All) => true,
        (LineOf::Choice(choice), Current::Values(choices)) => choices.first() == Some(choice),
        _ => false,
    });
    state.picker.selected = chosen.unwrap_or_default();
}

/// Whether the value is typed rather than chosen.
pub fn is_text(variable: &VariableState) -> bool {
    matches!(variable.definition.kind, Kind::Textbox(_) | Kind::AdHoc(_))
}

/// The variable whose value is picked.
pub fn variable(state: &State) -> Option<&VariableState> {
    state.variables.get(state.picker.variable?)
}

/// The lines that what was typed leaves, the best first.
pub fn lines(state: &State) -> Vec<Line> {
    let picker = &state.picker;
    let Some(variable) = variable(state) else {
        let all = offered(state).into_iter().map(|index| {
            let variable = &state.variables[index];
            let text = format!("{}: {}", variable.definition.title(), variable.text());
            Line { text, ticked: None, of: LineOf::Variable(index) }
        });
        return ranked(all.collect(), &picker.text);
    };
    if is_text(variable) {
        return Vec::new();
    }
    let is_multi = variable.definition.multi;
    let mut all = Vec::new();
    if variable.definition.include_all {
        let ticked = is_multi.then_some(picker.is_all);
        all.push(Line { text: ALL_TEXT.to_owned(), ticked, of: LineOf::All });
    }
    all.extend(variable.options.iter().map(|choice| {
        let text = if choice.text == choice.value {
            choice.text.clone()
        } else {
            format!("{}  ({})", choice.text, choice.value)
        };
        let ticked = is_multi.then(|| picker.is_all || picker.ticked.contains(choice));
        Line { text, ticked, of: LineOf::Choice(choice.clone()) }
    }));
    let mut lines = ranked(all, &picker.text);
    let is_there =
        variable.options.iter().any(|choice| choice.value == picker.text || choice.text == picker.text);
    if !picker.text.is_empty() && !is_there {
        let text = format!("use \"{}\" as it is", picker.text);
        lines.push(Line { text, ticked: None, of: LineOf::Typed });
    }
    lines
}

/// The lines in which what was typed is found, those first that have it in one piece and early.
fn ranked(lines: Vec<Line>, typed: &str) -> Vec<Line> {
    if typed.is_empty() {
        return lines;
    }
    let mut found: Vec<(usize, Line)> =
        lines.into_iter().filter_map(|line| Some((rank(&line.text, typed)?, line))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, line)| line).collect()
}

/// How well `typed` fits `text`, in any case; the smaller the better. `None` where its characters do not occur in that
/// order.
pub fn rank(text: &str, typed: &str) -> Option<usize> {
    const SCATTERED: usize = 100_000;
    let (text, typed) = (text.to_lowercase(), typed.to_lowercase());
    if let Some(at) = text.find(&typed) {
        return Some(at);
    }
    let mut rest = text.char_indices();
    let (mut first, mut last) = (None, 0);
    for wanted in typed.chars() {
        let (at, _) = rest.find(|(_, character)| *character == wanted)?;
        first.get_or_insert(at);
        last = at;
    }
    Some(SCATTERED + last - first.unwrap_or_default())
}

/// A key while the picker is open.
pub(crate) fn press(state: &mut State, key: Key) -> Vec<Effect> {
    let page = usize::from(state.size.1.saturating_sub(6).max(1));
    let last = lines(state).len().saturating_sub(1);
    let selected = state.picker.selected;
    state.picker.problem = None;
    match key {
        Key { code: KeyCode::Esc, .. } => back(state),
        Key { code: KeyCode::Up, .. } => state.picker.selected = selected.saturating_sub(1),
        Key { code: KeyCode::Down, .. } => state.picker.selected = (selected + 1).min(last),
        Key { code: KeyCode::PageUp, .. } => state.picker.selected = selected.saturating_sub(page),
        Key { code: KeyCode::PageDown, .. } => state.picker.selected = (selected + page).min(last),
        Key { code: KeyCode::Home, .. } => state.picker.selected = 0,
        Key { code: KeyCode::End, .. } => state.picker.selected = last,
        Key { code: KeyCode::Tab, .. } => step(state, 1),
        Key { code: KeyCode::BackTab, .. } => step(state, -1),
        Key { code: KeyCode::Backspace, .. } => {
            state.picker.text.pop();
            state.picker.selected = 0;
        }
        Key { code: KeyCode::Char('u'), ctrl: true, .. } => {
            state.picker.text.clear();
            state.picker.selected = 0;
        }
        Key { code: KeyCode::Char('a'), ctrl: true, .. } => tick_all(state),
        Key { code: KeyCode::Enter, .. } => return take(state),
        Key { code: KeyCode::Char(' '), ctrl: false, alt: false } if is_ticked(state) => tick(state),
        Key { code: KeyCode::Char(character), ctrl: false, alt: false }
            if state.picker.text.chars().count() < TEXT_LIMIT_CHARS =>
        {
            state.picker.text.push(character);
            state.picker.selected = 0;
        }
        _ => {}
    }
    Vec::new()
}

fn is_ticked(state: &State) -> bool {
    variable(state).is_some_and(|variable| variable.definition.multi && !is_text(variable))
}

/// One thing a press: what was typed, the values, the picker.
fn back(state: &mut State) {
    let is_free = variable(state).is_some_and(is_text);
    if !state.picker.text.is_empty() && !is_free {
        state.picker.text.clear();
        state.picker.selected = 0;
    } else if let Some(index) = state.picker.variable.filter(|_| offered(state).len() > 1) {
        let selected = offered(state).iter().position(|other| *other == index).unwrap_or_default();
        state.picker = Picker { selected, ..Picker::default() };
    } else {
        state.overlay = None;
    }
}

/// To the values of the next or previous variable.
fn step(state: &mut State, by: isize) {
    let offered = offered(state);
    let Some(at) = state.picker.variable.and_then(|index| offered.iter().position(|other| *other == index))
    else {
        let last = lines(state).len().saturating_sub(1);
        state.picker.selected = state.picker.selected.saturating_add_signed(by).min(last);
        return;
    };
    let next = (at as isize + by).rem_euclid(offered.len() as isize) as usize;
    show(state, offered[next]);
}

fn tick(state: &mut State) {
    let Some(line) = lines(state).into_iter().nth(state.picker.selected) else { return };
    let Some(variable) = variable(state) else { return };
    let options = variable.options.clone();
    let picker = &mut state.picker;
    picker.has_ticked = true;
    match line.of {
        LineOf::All => {
            picker.is_all = !picker.is_all;
            picker.ticked.clear();
        }
        LineOf::Choice(choice) => {
            // All but this one.
            if std::mem::take(&mut picker.is_all) {
                picker.ticked = options;
            }
            match picker.ticked.iter().position(|ticked| *ticked == choice) {
                Some(index) => drop(picker.ticked.remove(index)),
                None => picker.ticked.push(choice),
            }
        }
        LineOf::Typed => {
            let choice = Choice::plain(&picker.text);
            picker.is_all = false;
            picker.ticked.push(choice);
            picker.text.clear();
            picker.selected = 0;
        }
        LineOf::Variable(_) => {}
    }
}

/// Ticks all that is shown, or none where all of it is ticked.
fn tick_all(state: &mut State) {
    if !is_ticked(state) {
        return;
    }
    let shown = lines(state);
    let choices = shown.iter().filter_map(|line| match &line.of {
        LineOf::Choice(choice) => Some(choice.clone()),
        _ => None,
    });
    let choices: Vec<Choice> = choices.collect();
    let is_full = shown.iter().all(|line| line.ticked != Some(false));
    let has_all = variable(state).is_some_and(|variable| variable.definition.include_all);
    let picker = &mut state.picker;
    picker.has_ticked = true;
    if is_full {
        picker.is_all = false;
        picker.ticked.retain(|ticked| !choices.contains(ticked));
    } else if has_all && picker.text.is_empty() {
        picker.is_all = true;
        picker.ticked.clear();
    } else {
        let new: Vec<Choice> = choices.into_iter().filter(|choice| !picker.ticked.contains(choice)).collect();
        picker.ticked.extend(new);
    }
}

/// Enter: takes what is ticked, selected or typed.
fn take(state: &mut State) -> Vec<Effect> {
    let line = lines(state).into_iter().nth(state.picker.selected);
    let Some(index) = state.picker.variable else {
        if let Some(Line { of: LineOf::Variable(index), .. }) = line {
            show(state, index);
        }
        return Vec::new();
    };
    let picker = state.picker.clone();
    let variable = &state.variables[index];
    let typed = Choice::plain(&picker.text);
    let mut is_typed = false;
    let chosen = match &variable.definition.kind {
        Kind::Textbox(_) => Current::Values(vec![typed]),
        Kind::AdHoc(_) => match filters(&picker.text) {
            Ok(filters) => {
                Current::Values(filters.iter().map(|filter| Choice::plain(&filter.to_string())).collect())
            }
            Err(problem) => {
                state.picker.problem = Some(problem);
                return Vec::new();
            }
        },
        _ if variable.definition.multi && picker.has_ticked && picker.is_all => Current::All,
        _ if variable.definition.multi && picker.has_ticked && !picker.ticked.is_empty() => {
            // In the order of the options, whatever the order of ticking.
            let place = |choice: &Choice| variable.options.iter().position(|option| option == choice);
            let mut ticked = picker.ticked.clone();
            ticked.sort_by_key(|choice| place(choice).unwrap_or(usize::MAX));
            is_typed = ticked.iter().any(|choice| place(choice).is_none());
            Current::Values(ticked)
        }
        // Grafana: a variable that is cleared has its first value.
        _ if variable.definition.multi && picker.has_ticked => Current::Values(Vec::new()),
        _ => match line.map(|line| line.of) {
            Some(LineOf::All) => Current::All,
            Some(LineOf::Choice(choice)) => Current::Values(vec![choice]),
            Some(LineOf::Typed) => {
                is_typed = true;
                Current::Values(vec![typed])
            }
            Some(LineOf::Variable(_)) | None => return Vec::new(),
        },
    };
    let chosen = match chosen {
        Current::Values(choices) if choices.is_empty() && !is_text(variable) => {
            crate::variable::choose::after(&variable.definition, &Current::Values(choices), &variable.options)
        }
        chosen => chosen,
    };
    state.overlay = None;
    variables::choose(state, index, chosen);
    state.variables[index].is_pinned = is_typed;
    variables::refill(state);
    variables::remember(state)
}

/// Filters parted by commas that stand outside of quotes.
fn filters(text: &str) -> Result<Vec<adhoc::Filter>, String> {
    let mut parts = vec![String::new()];
    let (mut in_quotes, mut is_escaped) = (false, false);
    for character in text.chars() {
        if character == ',' && !in_quotes {
            parts.push(String::new());
            continue;
        }
        if character == '"' && !is_escaped {
            in_quotes = !in_quotes;
        }
        is_escaped = character == '\\' && !is_escaped;
        parts.last_mut().into_iter().for_each(|part| part.push(character));
    }
    parts.iter().filter(|part| !part.trim().is_empty()).map(|part| adhoc::Filter::parse(part)).collect()
}
