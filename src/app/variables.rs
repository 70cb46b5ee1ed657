//! Variables while a dashboard is shown: which are asked when, what is chosen, and what queries are filled with.
//!
//! A variable is worked out once those that it needs are, and again when one of them has another value. Panels wait
//! for the variables that they use, and for no others.

mod given;
mod work;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::event::Origin;
use crate::app::expand;
use crate::app::state::State;
use crate::dashboard::Dashboard;
use crate::query::{QueryError, RequestId, SourceId};
use crate::variable::lookup::Lookup;
use crate::variable::{
    ALL, AUTO, Choice, Current, Kind, Refresh, Value, Values, Variable, adhoc, choose, interval, names, order,
};

pub use self::given::Given;
pub(crate) use self::work::{answered, retry, work};

/// Questions of variables under way at once to one data source.
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
    /// What the reader chose on it in this run.
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
#[expect(clippy::struct_excessive_bools, reason = "each of them comes and goes for itself")]
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
    /// Chosen by the reader in this run.
    is_chosen: bool,
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
    source: SourceId,
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
            is_chosen: false,
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
            variable.is_chosen = old.is_chosen;
            variable.options.clone_from(&old.options);
        } else if !variable.is_pinned {
            // The edit is about just that.
            variable.current = choose::at_first(&variable.definition);
        }
    }
    debug_assert_eq!(state.variables.len(), dashboard.variables.len(), "one state a variable");
}

/// Keeps what the reader chose, in this run and, where that is wanted, for the next. Of the other variables the dashboard
/// itself says what they are at first, whatever becomes of it.
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
    let is_kept = |variable: &&VariableState| variable.is_offered() && variable.is_chosen;
    let chosen: Chosen = state.variables.iter().filter(is_kept).map(of).collect();
    state.remembered.dashboards.entry(dashboard.clone()).or_default().extend(chosen.clone());
    let file = state.remembered.file.clone();
    file.map(|file| Effect::Remember(Choices { file, dashboard, chosen })).into_iter().collect()
}

/// Brings [`State::dashboard`] up to date with the definition and the values.
pub(crate) fn show(state: &mut State) {
    // What needs no server is worked out at once.
    let _ = work(state, 0, &|_, _| 0);
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
    let Some(variable) = state.variables.get_mut(index) else { return };
    variable.is_pinned = false;
    variable.is_chosen = true;
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

/// Requests to `source` for variables under way.
pub(crate) fn in_flight_to(state: &State, source: SourceId) -> usize {
    let flights = state.variables.iter().filter_map(|variable| variable.flight.as_ref());
    flights.filter(|flight| flight.source == source).count()
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
