//! Which data source is asked: the names in a dashboard, filled in, held against those that are configured; and which of
//! them are away.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::state::State;
use crate::dashboard::{Dashboard, Note};
use crate::query::{QueryError, SourceId};
use crate::variable::{Kind, Scope, Style, Value, Values, interpolate, references};

/// Notes about unknown data sources on one dashboard; the rest is counted.
const NOTES_LIMIT: usize = 10;

/// What stands for the one in use where nothing else is called that, Grafana's word.
const DEFAULT: &str = "default";

/// A data source that may be asked; the first of them is the one in use where nothing names another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datasource {
    /// What dashboards and variables call it.
    pub name: String,
    /// How often it scrapes, where that is known.
    pub scrape_interval_ms: Option<i64>,
}

impl Datasource {
    /// One of which nothing but the name is known.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), scrape_interval_ms: None }
    }
}

/// A data source that cannot be reached; one question is tried from time to time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when.
    pub since_ms: i64,
    /// Tries that failed in a row.
    pub attempts: u32,
    /// When the next try is due.
    pub retry_at_ms: i64,
    /// The newest failure.
    pub error: QueryError,
}

impl State {
    /// What `source` is called on the screen: the one in use by its address.
    pub fn source_title(&self, source: SourceId) -> &str {
        let named =
            self.settings.datasources.get(usize::from(source.0)).filter(|_| source != SourceId::DEFAULT);
        named.map_or(&self.settings.address, |datasource| &datasource.name)
    }

    /// Names of the data sources that panel `index` asks beside the one in use.
    pub fn panel_datasources(&self, index: usize) -> BTreeSet<String> {
        let targets = self.panels.get(index).map(|panel| panel.targets.as_slice()).unwrap_or_default();
        let others = targets.iter().map(|target| target.asks).filter(|asks| *asks != SourceId::DEFAULT);
        others.map(|asks| self.source_title(asks).to_owned()).collect()
    }

    /// Whether the data source in use does not answer.
    pub fn is_default_away(&self) -> bool {
        self.outages.contains_key(&SourceId::DEFAULT)
    }

    /// Since when a data source that panel `index` asks has been away; the longest where there are several.
    pub fn panel_outage_since_ms(&self, index: usize) -> Option<i64> {
        let targets = &self.panels.get(index)?.targets;
        targets.iter().filter_map(|target| Some(self.outages.get(&target.asks)?.since_ms)).min()
    }
}

/// Whom a text of a dashboard names; the data source in use where there is no text, and where it names none that is
/// configured, which is a note.
pub(crate) fn asked(state: &State, fixed: &BTreeMap<String, Value>, text: Option<&str>) -> SourceId {
    find(state, fixed, text).unwrap_or(SourceId::DEFAULT)
}

/// Whom variable `index` asks.
pub(crate) fn of_variable(state: &State, index: usize) -> SourceId {
    asked(state, &BTreeMap::new(), state.variables[index].definition.datasource.as_deref())
}

/// As [`asked`], or the name that is not configured.
fn find(state: &State, fixed: &BTreeMap<String, Value>, text: Option<&str>) -> Result<SourceId, String> {
    let Some(text) = text else { return Ok(SourceId::DEFAULT) };
    let name = fill(&state.values, fixed, text);
    let known = state.settings.datasources.iter().position(|datasource| datasource.name == name);
    match known.and_then(|index| u16::try_from(index).ok()) {
        Some(index) => Ok(SourceId(index)),
        None if name.is_empty() || name == DEFAULT => Ok(SourceId::DEFAULT),
        None => Err(name),
    }
}

/// The name in `text`. A variable that is all of it stands for its first value: several cannot be asked at once.
fn fill(values: &Values, fixed: &BTreeMap<String, Value>, text: &str) -> String {
    let text = text.trim();
    if let Some((0, reference)) = references(text).next()
        && reference.whole.len() == text.len()
        && let Some(value) = fixed.get(reference.name).or_else(|| values.get(reference.name))
    {
        return value.values.first().cloned().unwrap_or_default();
    }
    interpolate(text, &Scope::new(values).with_fixed(fixed), Style::Glob)
}

/// The data sources that the dashboard shown needs, those of rows that are folded left aside.
pub(crate) fn needed(state: &State) -> BTreeSet<SourceId> {
    let open = state.panels.iter().enumerate().filter(|(index, _)| !state.layout.is_folded(*index));
    let targets = open.flat_map(|(_, panel)| &panel.targets).chain(&state.annotations);
    let variables = (0..state.variables.len())
        .filter(|index| matches!(state.variables[*index].definition.kind, Kind::Query(_)));
    targets.map(|target| target.asks).chain(variables.map(|index| of_variable(state, index))).collect()
}

/// A note for each name in `dashboard` that no data source has.
pub(crate) fn notes(state: &State, dashboard: &Dashboard) -> Vec<Note> {
    let nothing = BTreeMap::new();
    let queries = dashboard
        .panels
        .iter()
        .flat_map(|panel| panel.queries.iter().map(|query| (&panel.fixed, query.datasource.as_deref())));
    let variables = dashboard.variables.iter().map(|variable| (&nothing, variable.datasource.as_deref()));
    let annotations =
        dashboard.annotations.iter().map(|annotation| (&nothing, annotation.datasource.as_deref()));
    let unknown: BTreeSet<String> = queries
        .chain(variables)
        .chain(annotations)
        .filter_map(|(fixed, text)| find(state, fixed, text).err())
        .collect();
    let in_use = state.settings.datasources.first().map_or(&*state.settings.address, |first| &first.name);
    let note = |message| Note { line: None, column: None, message };
    let says =
        |name: &String| note(format!("data source {name:?} is not configured; {in_use} is asked instead"));
    let mut notes: Vec<Note> = unknown.iter().take(NOTES_LIMIT).map(says).collect();
    if unknown.len() > NOTES_LIMIT {
        let more = unknown.len() - NOTES_LIMIT;
        notes.push(note(format!("{more} more data sources are not configured; {in_use} is asked instead")));
    }
    notes
}

#[cfg(test)]
mod tests;
