//! Working variables out: each behind those that it needs, some from what is there, others by asking the server.

use super::{Flight, LOOKUPS_LIMIT, VariableState, in_flight_to, mark_affected, refill};
use crate::app::datasource;
use crate::app::effect::Effect;
use crate::app::refresh;
use crate::app::state::State;
use crate::query::{QueryError, RequestId, SourceId};
use crate::time_range::{DEFAULT_SCRAPE_INTERVAL_MS, Intervals};
use crate::variable::lookup::{self, Lookup};
use crate::variable::options::{self, Options};
use crate::variable::pattern::Pattern;
use crate::variable::{
    AUTO, Choice, Current, Kind, Scope, Sort, Style, Variable, choose, interpolate, order,
};

/// Works out what needs no server, and asks for the rest as far as the `limit` of each data source lets it: each variable
/// behind those that it needs.
pub(crate) fn work(state: &mut State, now_ms: i64, limit: &dyn Fn(&State, SourceId) -> usize) -> Vec<Effect> {
    let mut effects = Vec::new();
    let definitions: Vec<Variable> =
        state.variables.iter().map(|variable| variable.definition.clone()).collect();
    // The format refuses circles.
    let Ok(order) = order::order(&definitions) else { return effects };
    for index in order {
        let needs = order::needs(&definitions, index);
        let is_ready = |other: &usize| {
            let other = &state.variables[*other];
            !other.is_due && other.flight.is_none()
        };
        if !state.variables[index].is_due || !needs.iter().all(is_ready) {
            continue;
        }
        match found(state, index) {
            Found::Options(options) => settle(state, index, options),
            Found::Asks(lookup) => {
                let source = datasource::of_variable(state, index);
                let is_same = |flight: &Flight| flight.source == source && flight.lookup == lookup;
                if state.variables[index].flight.as_ref().is_some_and(is_same) {
                    state.variables[index].is_due = false;
                    continue;
                }
                if in_flight_to(state, source) >= limit(state, source).min(LOOKUPS_LIMIT) {
                    continue;
                }
                let id = state.store.next_id();
                let variable = &mut state.variables[index];
                variable.is_due = false;
                let flight = Flight { id, source, lookup: lookup.clone(), asked_at_ms: now_ms };
                effects.extend(variable.flight.replace(flight).map(|old| Effect::Cancel(old.id)));
                effects.push(Effect::Lookup(id, source, lookup, state.tick.span));
            }
        }
        refill(state);
    }
    effects
}

enum Found {
    Options(Result<Options, String>),
    Asks(Lookup),
}

/// What variable `index` offers as far as no server has to be asked.
fn found(state: &State, index: usize) -> Found {
    let variable = &state.variables[index].definition;
    let scope = scope_of_lookup(state);
    let (intervals, scope) = (&scope.0, Scope::new(&state.values));
    let scope = scope.with_query(Some(intervals), state.tick.span, state.zone());
    let plain = |texts: Vec<&str>| texts.into_iter().map(Choice::plain).collect::<Vec<_>>();
    let choices = match &variable.kind {
        Kind::Query(query) => match lookup::parse(&interpolate(query, &scope, Style::Promql)) {
            Some(lookup) => return Found::Asks(lookup),
            None => Vec::new(),
        },
        Kind::Custom(choices) => choices
            .iter()
            .map(|choice| Choice {
                value: interpolate(&choice.value, &scope, Style::Glob),
                text: interpolate(&choice.text, &scope, Style::Glob),
            })
            .collect(),
        Kind::Interval { values, auto } => {
            let auto = auto.iter().map(|_| AUTO);
            plain(auto.chain(values.iter().map(String::as_str)).collect())
        }
        Kind::Constant(value) => plain(vec![value]),
        Kind::Datasource(_) => {
            return Found::Options(datasources(state, regex(state, variable).as_deref(), variable.sort));
        }
        Kind::Textbox(_) | Kind::AdHoc(_) => Vec::new(),
    };
    Found::Options(options::options(choices, regex(state, variable).as_deref(), variable.sort))
}

/// The configured data sources, the one in use first. A pattern that fits none of them was written for others than those
/// here, and leaves the one in use.
fn datasources(state: &State, regex: Option<&str>, sort: Sort) -> Result<Options, String> {
    let plain = || state.settings.datasources.iter().map(|datasource| Choice::plain(&datasource.name));
    let pattern = regex.filter(|regex| !regex.is_empty()).map(Pattern::parse).transpose()?;
    let mut fitting = Vec::new();
    for choice in plain() {
        // A group in it takes no part of the name.
        if pattern.as_ref().map_or(Ok(true), |pattern| pattern.is_match(&choice.value))? {
            fitting.push(choice);
        }
    }
    let mut offered = options::options(fitting, None, sort)?;
    if offered.choices.is_empty() {
        offered.choices.extend(plain().next());
    }
    Ok(offered)
}

fn regex(state: &State, variable: &Variable) -> Option<String> {
    variable.regex.as_ref().map(|regex| interpolate(regex, &Scope::new(&state.values), Style::Regex))
}

/// In the queries of variables `$__interval` is the scrape interval, and `$__range` the dashboard's.
fn scope_of_lookup(state: &State) -> (Intervals,) {
    let own = state.definition().and_then(|dashboard| dashboard.scrape_interval_ms);
    let scrape_ms = own.or(state.settings.scrape_interval_ms).unwrap_or(DEFAULT_SCRAPE_INTERVAL_MS);
    (Intervals { step_ms: scrape_ms, rate_ms: 4 * scrape_ms, range_ms: state.tick.span.len_ms() },)
}

/// Takes new options in, or the reason why there are none.
fn settle(state: &mut State, index: usize, options: Result<Options, String>) {
    let number = state.tick.number;
    let variable = &mut state.variables[index];
    variable.is_due = false;
    let before = (variable.current.clone(), std::mem::take(&mut variable.options));
    match options {
        Ok(options) => {
            (variable.options, variable.left_out) = (options.choices, options.left_out);
            (variable.failure, variable.failed_at) = (None, None);
            variable.current = chosen(variable);
        }
        Err(message) => {
            variable.options.clone_from(&before.1);
            variable.failure = Some(QueryError::NotAsked(message));
            variable.failed_at = Some(number);
        }
    }
    let was_known = std::mem::replace(&mut variable.is_known, true);
    // All values are others when the options are.
    let is_all = variable.current == Current::All;
    let has_changed = variable.current != before.0 || (is_all && variable.options != before.1);
    if has_changed || !was_known {
        mark_affected(state, index);
    }
}

fn chosen(variable: &VariableState) -> Current {
    match &variable.definition.kind {
        Kind::Textbox(_) => variable.current.clone(),
        Kind::Constant(value) => Current::Values(vec![Choice::plain(value)]),
        Kind::AdHoc(filters) => match &variable.current {
            Current::Values(choices) if variable.is_known || !choices.is_empty() => variable.current.clone(),
            _ => Current::Values(filters.iter().map(|filter| Choice::plain(&filter.to_string())).collect()),
        },
        _ if variable.is_pinned => {
            let texts: Vec<String> = match &variable.current {
                Current::All => return Current::All,
                Current::Values(choices) => choices.iter().map(|choice| choice.value.clone()).collect(),
            };
            let wished = choose::wish(&variable.definition, &texts, &variable.options, true);
            wished.unwrap_or_else(|| variable.current.clone())
        }
        _ => {
            // A default may name a text, and several of them.
            let texts: Vec<String> = match &variable.current {
                Current::Values(choices) if !variable.is_known => {
                    choices.iter().map(|choice| choice.value.clone()).collect()
                }
                _ => Vec::new(),
            };
            let wished = choose::wish(&variable.definition, &texts, &variable.options, false);
            let current = wished.unwrap_or_else(|| variable.current.clone());
            choose::after(&variable.definition, &current, &variable.options)
        }
    }
}

/// Takes the answer to a question of a variable in.
pub(crate) fn answered(
    state: &mut State,
    id: RequestId,
    result: Result<Vec<String>, QueryError>,
    now_ms: i64,
) {
    let is_its = |variable: &VariableState| variable.flight.as_ref().is_some_and(|flight| flight.id == id);
    let Some(index) = state.variables.iter().position(is_its) else { return };
    let Some(flight) = state.variables[index].flight.take() else { return };
    refresh::note_outcome(state, flight.source, result.as_ref().err(), flight.asked_at_ms, now_ms);
    let definition = state.variables[index].definition.clone();
    match result {
        Ok(found) => {
            let choices = lookup::choices(&flight.lookup, found);
            let regex = regex(state, &definition);
            let options =
                choices.and_then(|choices| options::options(choices, regex.as_deref(), definition.sort));
            settle(state, index, options);
        }
        Err(error) => {
            let number = state.tick.number;
            let variable = &mut state.variables[index];
            // What was chosen stays, even if nothing ever was: the panels say why they have nothing.
            variable.is_known = true;
            variable.failure = Some(error);
            variable.failed_at = Some(number);
            mark_affected(state, index);
        }
    }
    refill(state);
}

/// Tries variables again that failed before the current refresh; a headless run tries once.
pub(crate) fn retry(state: &mut State) {
    if state.settings.headless {
        return;
    }
    let number = state.tick.number;
    for index in 0..state.variables.len() {
        let is_down = state.outages.contains_key(&datasource::of_variable(state, index));
        let variable = &mut state.variables[index];
        let is_old = variable.failed_at.is_some_and(|failed_at| is_down || failed_at != number);
        if is_old && variable.flight.is_none() && matches!(variable.definition.kind, Kind::Query(_)) {
            variable.is_due = true;
            variable.failed_at = None;
        }
    }
}
