//! Variables while a dashboard is shown: which are asked when, what is chosen, and what queries are filled with.
//!
//! A variable is worked out once those that it needs are, and again when one of them has another value. Panels wait
//! for the variables that they use, and for no others.

mod given;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::event::Origin;
use crate::app::expand;
use crate::app::refresh;
use crate::app::state::{Connection, State};
use crate::dashboard::Dashboard;
use crate::query::{QueryError, RequestId};
use crate::time_range::{DEFAULT_SCRAPE_INTERVAL_MS, Intervals};
use crate::variable::lookup::{self, Lookup};
use crate::variable::options::{self, Options};
use crate::variable::{
    ALL, AUTO, Choice, Current, Kind, Refresh, Scope, Sort, Style, Value, Values, Variable, adhoc, choose,
    interpolate, interval, names, order,
};

pub use self::given::Given;

/// Questions of variables under way at once.
pub const LOOKUPS_LIMIT: usize = 4;

/// What is chosen on a dashboard: each variable's values.
pub type Chosen = BTreeMap<String, Vec<String>>;

/// What is chosen on one dashboard, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// The file in which.
    pub file: String,
    /// The dashboard; see [`Remembered`].
    pub dashboard: String,
    /// What is chosen on it.
    pub chosen: Chosen,
}

/// What was chosen, by dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The file in which it is kept for the next run, if it is.
    pub file: Option<String>,
    /// The folder below which relative names of files are.
    pub folder: String,
    /// Why the file was not read, if it was not.
    pub problem: Option<String>,
    /// By what [`Remembered::key`] gives.
    pub dashboards: BTreeMap<String, Chosen>,
}

impl Remembered {
    /// What a dashboard is called here; `None` where it is made anew each time.
    pub fn key(&self, origin: &Origin) -> Option<String> {
        match origin {
            Origin::File(path) if path.starts_with('/') => Some(path.clone()),
            Origin::File(path) => Some(format!("{}/{path}", self.folder)),
            Origin::BuiltIn(name) => Some(format!("shipped {name}")),
            Origin::Generated => None,
        }
    }
}

/// What a shown dashboard was made of.
#[derive(Clone, Debug)]
pub(crate) struct ShownOf {
    definition: Arc<Dashboard>,
    values: Values,
    known: Vec<bool>,
}

/// One variable of the dashboard that is shown.
#[derive(Clone, Debug)]
pub struct VariableState {
    /// As the dashboard defines it.
    pub definition: Variable,
    /// What it offers.
    pub options: Vec<Choice>,
    /// Values that it would offer if they were not too many.
    pub left_out: usize,
    /// What is chosen.
    pub current: Current,
    /// Why the newest try to work it out failed; the options are older then.
    pub failure: Option<QueryError>,
    /// Whether it was worked out, so that panels may use it.
    pub is_known: bool,
    /// Chosen on the command line: kept though it is not among the options, until the reader chooses another.
    pub is_pinned: bool,
    /// Has to be worked out, as soon as it can be.
    is_due: bool,
    /// The question under way.
    flight: Option<Flight>,
    /// The refresh at which it failed.
    failed_at: Option<u64>,
}

#[derive(Clone, Debug)]
struct Flight {
    id: RequestId,
    lookup: Lookup,
    asked_at_ms: i64,
}

impl VariableState {
    fn new(definition: &Variable) -> Self {
        Self {
            definition: definition.clone(),
            options: Vec::new(),
            left_out: 0,
            current: choose::at_first(definition),
            failure: None,
            is_known: false,
            is_pinned: false,
            is_due: true,
            flight: None,
            failed_at: None,
        }
    }

    /// Whether it is being worked out.
    pub fn is_under_way(&self) -> bool {
        self.flight.is_some()
    }

    /// Whether the reader sees it in the bar, and can change it.
    pub fn is_offered(&self) -> bool {
        !self.definition.hide && !matches!(self.definition.kind, Kind::Constant(_))
    }

    /// What the bar shows of it.
    pub fn text(&self) -> String {
        match &self.definition.kind {
            Kind::AdHoc(_) => {
                let filters: Vec<String> = self.filters().iter().map(ToString::to_string).collect();
                if filters.is_empty() { "none".to_owned() } else { filters.join(", ") }
            }
            _ => self.current.text(),
        }
    }

    /// The filters that an ad hoc variable adds to every query.
    pub fn filters(&self) -> Vec<adhoc::Filter> {
        match (&self.definition.kind, &self.current) {
            (Kind::AdHoc(_), Current::Values(choices)) => {
                choices.iter().filter_map(|choice| adhoc::Filter::parse(&choice.value).ok()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn value(&self, state: &State) -> Value {
        match &self.definition.kind {
            Kind::Interval { auto: Some(auto), .. } if self.current.text() == AUTO => Value {
                text: AUTO.to_owned(),
                ..Value::single(&interval::auto(state.tick.span.len_ms(), *auto))
            },
            Kind::AdHoc(_) => {
                let filters: Vec<String> = self.filters().iter().map(ToString::to_string).collect();
                Value::single(&filters.join(","))
            }
            _ => Value::of(&self.definition, &self.current, &self.options),
        }
    }
}

/// Takes over the variables of the dashboard that is now shown: first what the command line says, then what was chosen
/// when it was last shown, then its own defaults.
pub(crate) fn adopt(state: &mut State) {
    let Some(dashboard) = state.definition().cloned() else {
        state.variables.clear();
        return;
    };
    let key = state.dashboards.get(state.current).and_then(|entry| state.remembered.key(&entry.origin));
    let remembered = key.and_then(|key| state.remembered.dashboards.get(&key).cloned()).unwrap_or_default();
    state.variables = dashboard
        .variables
        .iter()
        .map(|definition| {
            let mut variable = VariableState::new(definition);
            let given: Vec<String> = state.settings.variables.of(&definition.name);
            if !given.is_empty() {
                variable.is_pinned = true;
                choose_texts(&mut variable, &given);
            } else if let Some(chosen) = remembered.get(&definition.name) {
                choose_texts(&mut variable, chosen);
            }
            variable
        })
        .collect();
    state.values = Values::new();
}

fn choose_texts(variable: &mut VariableState, texts: &[String]) {
    let wished = match &variable.definition.kind {
        Kind::AdHoc(_) => Some(Current::Values(texts.iter().map(|text| Choice::plain(text)).collect())),
        Kind::Textbox(_) => texts.first().map(|text| Current::Values(vec![Choice::plain(text)])),
        Kind::Constant(_) => None,
        _ => choose::wish(&variable.definition, texts, &variable.options, true),
    };
    if let Some(wished) = wished {
        variable.current = wished;
    }
}

/// After an edit of the file: variables whose definition is as it was keep all they have.
pub(crate) fn follow(state: &mut State) {
    let Some(dashboard) = state.definition().cloned() else { return };
    let before = std::mem::take(&mut state.variables);
    adopt(state);
    for variable in &mut state.variables {
        let Some(old) = before.iter().find(|old| old.definition.name == variable.definition.name) else {
            continue;
        };
        if old.definition == variable.definition {
            *variable = old.clone();
        } else if old.definition.default == variable.definition.default {
            variable.current = old.current.clone();
            variable.options.clone_from(&old.options);
        } else if !variable.is_pinned {
            // The edit is about just that.
            variable.current = choose::at_first(&variable.definition);
        }
    }
    debug_assert_eq!(state.variables.len(), dashboard.variables.len(), "one state a variable");
}

/// Keeps what is chosen, in this run and, where that is wanted, for the next.
pub(crate) fn remember(state: &mut State) -> Vec<Effect> {
    let key = state.dashboards.get(state.current).and_then(|entry| state.remembered.key(&entry.origin));
    let Some(dashboard) = key else { return Vec::new() };
    let of = |variable: &VariableState| {
        let values = match &variable.current {
            Current::All => vec![ALL.to_owned()],
            Current::Values(choices) => choices.iter().map(|choice| choice.value.clone()).collect(),
        };
        (variable.definition.name.clone(), values)
    };
    let chosen: Chosen = state.variables.iter().filter(|variable| variable.is_offered()).map(of).collect();
    state.remembered.dashboards.insert(dashboard.clone(), chosen.clone());
    let file = state.remembered.file.clone();
    file.map(|file| Effect::Remember(Choices { file, dashboard, chosen })).into_iter().collect()
}

/// Brings [`State::dashboard`] up to date with the definition and the values.
pub(crate) fn show(state: &mut State) {
    // What needs no server is worked out at once.
    let _ = work(state, 0, 0);
    refill(state);
    let Some(definition) = state.definition().cloned() else {
        (state.shown, state.shown_of) = (None, None);
        return;
    };
    // A repetition has its clones only when its variable is worked out, which its value alone does not say.
    let known: Vec<bool> = state.variables.iter().map(|variable| variable.is_known).collect();
    let is_same = state.shown_of.as_ref().is_some_and(|of| {
        Arc::ptr_eq(&of.definition, &definition) && of.values == state.values && of.known == known
    });
    if !is_same {
        state.shown = Some(expand::expand(&definition, state));
        state.shown_of = Some(ShownOf { definition, values: state.values.clone(), known });
    }
}

/// Marks what is to be worked out again because the window is another one.
pub(crate) fn window_changed(state: &mut State) {
    for variable in &mut state.variables {
        variable.is_due |= variable.definition.refresh == Refresh::Time;
    }
}

/// Marks everything to be worked out again.
pub(crate) fn reload(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    for variable in &mut state.variables {
        variable.is_due = true;
        variable.failed_at = None;
        effects.extend(variable.flight.take().map(|flight| Effect::Cancel(flight.id)));
    }
    effects
}

/// Chooses `current` for variable `index`, and marks those that need it.
pub(crate) fn choose(state: &mut State, index: usize, current: Current) {
    let is_source = |variable: &VariableState| matches!(variable.definition.kind, Kind::Datasource(_));
    if state.variables.get(index).is_some_and(is_source) {
        state.message = other_datasource(state, &current);
        return;
    }
    let Some(variable) = state.variables.get_mut(index) else { return };
    variable.is_pinned = false;
    if variable.current != current {
        variable.current = current;
        mark_affected(state, index);
    }
}

fn mark_affected(state: &mut State, index: usize) {
    let definitions: Vec<Variable> =
        state.variables.iter().map(|variable| variable.definition.clone()).collect();
    for affected in order::affected(&definitions, index) {
        let variable = &mut state.variables[affected];
        variable.is_due = true;
        variable.failed_at = None;
    }
}

/// Requests for variables under way.
pub(crate) fn in_flight(state: &State) -> usize {
    state.variables.iter().filter(|variable| variable.flight.is_some()).count()
}

/// Works out what needs no server, and asks for the rest as far as `limit` lets it: each variable behind those that it
/// needs.
pub(crate) fn work(state: &mut State, limit: usize, now_ms: i64) -> Vec<Effect> {
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
                if state.variables[index].flight.as_ref().is_some_and(|flight| flight.lookup == lookup) {
                    state.variables[index].is_due = false;
                    continue;
                }
                if in_flight(state) >= limit.min(LOOKUPS_LIMIT) {
                    continue;
                }
                let id = state.store.next_id();
                let variable = &mut state.variables[index];
                variable.is_due = false;
                let flight = Flight { id, lookup: lookup.clone(), asked_at_ms: now_ms };
                effects.extend(variable.flight.replace(flight).map(|old| Effect::Cancel(old.id)));
                effects.push(Effect::Lookup(id, lookup, state.tick.span));
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
    let scope = scope.with_query(Some(intervals), state.tick.span, state.settings.zone);
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

/// The configured data sources, of which the one in use is offered whatever the pattern: all queries go there.
fn datasources(state: &State, regex: Option<&str>, sort: Sort) -> Result<Options, String> {
    let names = &state.settings.datasources;
    let mut offered = options::options(names.iter().map(|name| Choice::plain(name)).collect(), regex, sort)?;
    if let Some(in_use) = names.first().map(|name| Choice::plain(name))
        && !offered.choices.contains(&in_use)
    {
        offered.choices.insert(0, in_use);
    }
    Ok(offered)
}

/// What to do to ask another data source than the one in use, if `current` is another.
fn other_datasource(state: &State, current: &Current) -> Option<String> {
    let in_use = state.settings.datasources.first()?;
    let wished = current.text();
    (wished != *in_use)
        .then(|| format!("queries go to {in_use}; restart with --datasource {wished} to ask that"))
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
    let in_use = match state.variables[index].definition.kind {
        Kind::Datasource(_) => state.settings.datasources.first().cloned(),
        _ => None,
    };
    if in_use.is_some() && state.variables[index].is_pinned && !state.variables[index].is_known {
        state.message = other_datasource(state, &state.variables[index].current).or(state.message.take());
    }
    let variable = &mut state.variables[index];
    variable.is_due = false;
    let before = (variable.current.clone(), std::mem::take(&mut variable.options));
    match options {
        Ok(options) => {
            (variable.options, variable.left_out) = (options.choices, options.left_out);
            (variable.failure, variable.failed_at) = (None, None);
            variable.current = match in_use {
                Some(name) => Current::Values(vec![Choice::plain(&name)]),
                None => chosen(variable),
            };
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
    refresh::note_outcome(state, result.as_ref().err(), flight.asked_at_ms, now_ms);
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
    let is_down = matches!(state.connection, Connection::Down { .. });
    for variable in &mut state.variables {
        let is_old = variable.failed_at.is_some_and(|failed_at| is_down || failed_at != number);
        if is_old && variable.flight.is_none() && matches!(variable.definition.kind, Kind::Query(_)) {
            variable.is_due = true;
            variable.failed_at = None;
        }
    }
}

/// Fills [`State::values`] from what is chosen.
pub(crate) fn refill(state: &mut State) {
    let values: Values = state
        .variables
        .iter()
        .filter(|variable| variable.is_known || variable.current != Current::Values(Vec::new()))
        .map(|variable| (variable.definition.name.clone(), variable.value(state)))
        .collect();
    if values != state.values {
        state.values = values;
    }
}

/// The first of the variables in `texts` that is not worked out yet or has no value because it failed; `Err` for the
/// latter.
pub(crate) fn waits<'s>(
    state: &'s State,
    fixed: &BTreeMap<String, Value>,
    texts: impl Iterator<Item = &'s str>,
) -> Result<bool, QueryError> {
    let used: HashSet<&str> = texts.flat_map(names).filter(|name| !fixed.contains_key(*name)).collect();
    let mut is_waiting = false;
    for variable in &state.variables {
        let is_used = used.contains(variable.definition.name.as_str())
            || matches!(variable.definition.kind, Kind::AdHoc(_));
        if !is_used {
            continue;
        }
        if !variable.is_known {
            is_waiting = true;
        } else if let Some(error) = &variable.failure
            && matches!(&variable.current, Current::Values(choices) if choices.is_empty())
        {
            let name = &variable.definition.name;
            return Err(QueryError::NotAsked(format!("variable {name}: {error}")));
        }
    }
    Ok(is_waiting)
}

/// `expr` with the filters of all ad hoc variables.
pub(crate) fn filtered(state: &State, expr: Arc<str>) -> Result<Arc<str>, QueryError> {
    let filters: Vec<adhoc::Filter> = state.variables.iter().flat_map(VariableState::filters).collect();
    if filters.is_empty() {
        return Ok(expr);
    }
    match adhoc::apply(&expr, &filters) {
        Ok(filtered) => Ok(filtered.into()),
        Err(error) => {
            let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
            Err(QueryError::NotAsked(format!("the filters cannot be put into this expression: {error}")))
        }
    }
}

#[cfg(test)]
mod tests;
