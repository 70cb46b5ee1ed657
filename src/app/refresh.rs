//! When to ask: refreshes, what is visible, how many at once, and what happens while the server is away.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::app::annotations;
use crate::app::datasource::{self, Outage};
use crate::app::effect::Effect;
use crate::app::state::{PanelState, State, Target};
use crate::app::store::{IN_FLIGHT_LIMIT, QueryKey, QueryShape};
use crate::app::variables;
use crate::dashboard::{Dashboard, Panel};
use crate::panel::marks::SeriesBook;
use crate::query::{QueryError, RequestId, SourceId};
use crate::time_range::{DEFAULT_SCRAPE_INTERVAL_MS, Intervals};
use crate::variable::{Scope, Style, interpolate};

/// Wait before the second try of a server that is away; doubled for each further one.
pub const BACKOFF_MIN_MS: i64 = 1_000;
/// Longest wait between two tries.
pub const BACKOFF_MAX_MS: i64 = 30_000;
/// Points of a range query per cell of width: a braille cell has two columns of dots.
pub(super) const POINTS_PER_CELL: u16 = 2;

/// Begins the next refresh, at `now_ms`.
pub(crate) fn tick(state: &mut State, now_ms: i64) {
    let at_ms = state.paused_at_ms.unwrap_or(now_ms);
    state.tick = state.tick_at(state.tick.number + 1, at_ms);
}

/// Begins a refresh if one is due, and plans the one after it on the beat of the first, so that the period is true.
pub(crate) fn tick_if_due(state: &mut State, now_ms: i64) {
    let Some(refresh_ms) = state.refresh_ms.filter(|_| state.paused_at_ms.is_none()) else {
        state.next_tick_ms = None;
        return;
    };
    let Some(due_ms) = state.next_tick_ms else { return };
    if !is_due(due_ms, refresh_ms, now_ms) {
        return;
    }
    let is_on_beat = (0..refresh_ms).contains(&(now_ms - due_ms));
    state.next_tick_ms = Some(if is_on_beat { due_ms } else { now_ms } + refresh_ms);
    if state.range.follows_now() {
        tick(state, now_ms);
    }
}

/// Whether a date that was never more than `wait_ms` away has come. One that is further off now was made before the
/// clock was set back.
pub(crate) fn is_due(due_ms: i64, wait_ms: i64, now_ms: i64) -> bool {
    due_ms <= now_ms || due_ms > now_ms.saturating_add(wait_ms)
}

/// Restarts the beat of refreshes from `now_ms`.
pub(crate) fn restart_beat(state: &mut State, now_ms: i64) {
    state.next_tick_ms =
        state.refresh_ms.filter(|_| state.paused_at_ms.is_none()).map(|refresh_ms| now_ms + refresh_ms);
}

/// Makes the panels' questions those of the current dashboard, size and window; cancels what nobody needs any more.
pub(crate) fn resolve(state: &mut State) -> Vec<Effect> {
    let Some(dashboard) = state.dashboard().cloned() else {
        state.panels.clear();
        state.annotations.clear();
        return cancel(state.store.retain(&HashSet::new(), state.tick.epoch));
    };
    let mut before = std::mem::take(&mut state.panels);
    before.resize_with(dashboard.panels.len(), PanelState::default);
    state.panels = dashboard
        .panels
        .iter()
        .zip(before)
        .enumerate()
        .map(|(index, (panel, before))| resolve_panel(state, &dashboard, panel, index, before))
        .collect();
    state.annotations = annotations::resolve(state, &dashboard);
    let targets = state.panels.iter().flat_map(|panel| &panel.targets).chain(&state.annotations);
    let needed = targets.flat_map(keys).cloned().collect();
    // Who is asked nothing any more has no outage to wait for.
    let sources = datasource::needed(state);
    state.outages.retain(|source, _| sources.contains(source));
    cancel(state.store.retain(&needed, state.tick.epoch))
}

/// How often the metrics of `dashboard` are scraped by `source`.
pub(super) fn scrape_interval_ms(state: &State, dashboard: &Dashboard, source: SourceId) -> i64 {
    let of_source = match source {
        SourceId::DEFAULT => state.settings.scrape_interval_ms,
        SourceId(index) => {
            let datasource = state.settings.datasources.get(usize::from(index));
            datasource.and_then(|datasource| datasource.scrape_interval_ms)
        }
    };
    dashboard.scrape_interval_ms.or(of_source).unwrap_or(DEFAULT_SCRAPE_INTERVAL_MS)
}

fn resolve_panel(
    state: &State,
    dashboard: &Dashboard,
    panel: &Panel,
    index: usize,
    before: PanelState,
) -> PanelState {
    let asks = (panel.kind.asks)(panel);
    let waits = variables::waits(state, &panel.fixed, panel.asked_texts());
    let (is_waiting, mut problem) = match waits {
        Ok(is_waiting) => (is_waiting, None),
        Err(error) => (false, Some(error)),
    };
    let is_asking = !is_waiting && problem.is_none();
    let variables = Scope::new(&state.values).with_fixed(&panel.fixed);
    let max_points = state.panel_width(index).max(1).saturating_mul(POINTS_PER_CELL);
    let window = panel.time.window(state.tick.span, state.range.follows_now());
    let span = window.ending_at(state.tick.span.end_ms);
    let min_interval_ms = panel.min_interval.as_ref().map_or(Ok(None), |step| step.resolve_ms(&variables));
    let min_interval_ms = min_interval_ms.unwrap_or_else(|error| {
        problem.get_or_insert(QueryError::NotAsked(error));
        None
    });
    let visible = panel.queries.iter().enumerate().filter(|(_, query)| !query.hide);
    let targets = visible.map(|(query_index, query)| {
        let min_step_ms = query.min_step.as_ref().map_or(Ok(None), |step| step.resolve_ms(&variables));
        let min_step_ms = min_step_ms.unwrap_or_else(|error| {
            problem.get_or_insert(QueryError::NotAsked(error));
            None
        });
        let asks_source = datasource::asked(state, &panel.fixed, query.datasource.as_deref());
        let scrape_ms = scrape_interval_ms(state, dashboard, asks_source);
        let mins_ms = (min_step_ms, min_interval_ms);
        let intervals = Intervals::of_panel(span.len_ms(), max_points, mins_ms, scrape_ms);
        let scope = variables.with_query(Some(&intervals), span, state.zone());
        let expr: Arc<str> = interpolate(&query.expr, &scope, Style::Promql).into();
        let expr = variables::filtered(state, Arc::clone(&expr)).unwrap_or_else(|error| {
            problem.get_or_insert(error);
            expr
        });
        let source = interpolate(&query.expr, &variables, Style::Promql);
        let is_asking = is_asking && problem.is_none();
        let key = |shape| QueryKey { expr: expr.clone(), shape, source: asks_source };
        let shape = QueryShape::Range { window, step_ms: intervals.step_ms };
        let range = (is_asking && (query.range || (asks.range && !query.instant))).then(|| key(shape));
        let instant = (is_asking && (query.instant || (asks.instant && !query.range)))
            .then(|| key(QueryShape::Instant { shift_ms: window.shift_ms }));
        // The picture stays while a new width or window is asked, but never that of another query or server.
        let is_same =
            |old: &&Target| old.query == query_index && old.asks == asks_source && *old.source == *source;
        let old = before.targets.iter().find(is_same);
        let frame = |old: &Target| slot_frame(state, old).or_else(|| old.held_frame.clone());
        let vector = |old: &Target| slot_vector(state, old).or_else(|| old.held_vector.clone());
        Target {
            query: query_index,
            asks: asks_source,
            held_frame: range.as_ref().and_then(|_| old.and_then(frame)),
            held_vector: instant.as_ref().and_then(|_| old.and_then(vector)),
            source: source.into(),
            expr,
            intervals,
            range,
            instant,
            range_marks: Vec::new(),
            instant_marks: Vec::new(),
        }
    });
    let targets: Vec<Target> = targets.collect();
    // Another panel begins its own book.
    let is_same = |target: &Target| {
        before.targets.iter().any(|old| old.query == target.query && old.source == target.source)
    };
    let book = if targets.iter().any(is_same) { before.book } else { SeriesBook::default() };
    let (transformed, column_marks) = (before.transformed, before.column_marks);
    PanelState { targets, is_waiting, problem, book, transformed, column_marks }
}

pub(super) fn slot_frame(state: &State, target: &Target) -> Option<Arc<crate::series::Frame>> {
    state.store.slot(target.range.as_ref()?)?.frame.clone()
}

fn slot_vector(state: &State, target: &Target) -> Option<Arc<crate::series::Vector>> {
    state.store.slot(target.instant.as_ref()?)?.vector.clone()
}

fn keys(target: &Target) -> impl Iterator<Item = &QueryKey> {
    target.instant.iter().chain(target.range.iter())
}

/// Asks what is open for the current refresh, visible panels from the top, up to the limit of requests under way that each
/// data source has: one that is slow or away holds none of the others up.
pub(crate) fn schedule(state: &mut State, now_ms: i64) -> Vec<Effect> {
    variables::retry(state);
    let mut effects = variables::work(state, now_ms, &|state, source| {
        limit_of_variables(state, source, limit(state, source, now_ms))
    });
    let mut open: BTreeMap<SourceId, Vec<QueryKey>> = BTreeMap::new();
    for key in open_keys(state) {
        open.entry(key.source).or_default().push(key.clone());
    }
    for (source, keys) in &mut open {
        let limit = limit(state, *source, now_ms).saturating_sub(variables::in_flight_to(state, *source));
        if let Some(outage) = state.outages.get(source) {
            // Not always the same question: the one that fails may be the only one that does.
            let first = outage.attempts as usize % keys.len();
            keys.rotate_left(first);
        }
        for key in keys {
            if state.store.in_flight_to(*source) >= limit {
                break;
            }
            // Two panels with the same question share one request.
            if state.store.is_open(key, &state.tick)
                && let Some((id, query)) = state.store.ask(key, &state.tick, now_ms)
            {
                effects.push(Effect::Ask(id, query));
            }
        }
    }
    effects
}

/// Requests that `source` may have under way.
fn limit(state: &State, source: SourceId, now_ms: i64) -> usize {
    match state.outages.get(&source) {
        Some(_) if state.settings.headless => IN_FLIGHT_LIMIT,
        None => IN_FLIGHT_LIMIT,
        Some(outage) => usize::from(is_due(outage.retry_at_ms, BACKOFF_MAX_MS, now_ms)),
    }
}

/// What is to be asked for the current refresh: the questions of visible panels from the top, then those of marks, which
/// come behind the panels that they are on. A data source that is away and that nothing visible asks is tried by a panel
/// out of sight.
fn open_keys(state: &State) -> Vec<&QueryKey> {
    let is_open = |key: &&QueryKey| state.store.is_open(key, &state.tick);
    let of_panel = |index: usize| state.panels[index].targets.iter().flat_map(keys);
    let visible = state.visible_panels();
    let mut open: Vec<&QueryKey> =
        visible.iter().flat_map(|index| of_panel(*index)).filter(is_open).collect();
    if !state.hides_annotations {
        open.extend(state.annotations.iter().flat_map(keys).filter(is_open));
    }
    let is_tried = |source: &SourceId| open.iter().any(|key| key.source == *source);
    let untried: Vec<SourceId> = state.outages.keys().filter(|source| !is_tried(source)).copied().collect();
    if !untried.is_empty() {
        let out_of_sight = (0..state.panels.len()).filter(|index| !state.layout.is_folded(*index));
        let more = out_of_sight.flat_map(of_panel).filter(|key| untried.contains(&key.source));
        open.extend(more.filter(is_open));
    }
    open
}

/// How many requests to `source` variables may have under way. While it is away they take turns with panels, so that one
/// question that breaks its own connection keeps nobody from trying.
fn limit_of_variables(state: &State, source: SourceId, limit: usize) -> usize {
    let is_panels_turn = state.outages.get(&source).is_some_and(|outage| outage.attempts % 2 == 1)
        && open_keys(state).iter().any(|key| key.source == source);
    if is_panels_turn { 0 } else { limit.saturating_sub(state.store.in_flight_to(source)) }
}

/// Takes note of whether `source` answers at all. `asked_at_ms` is when the request left.
pub(crate) fn note_outcome(
    state: &mut State,
    source: SourceId,
    error: Option<&QueryError>,
    asked_at_ms: i64,
    now_ms: i64,
) {
    // A server that takes questions and answers none is away as well; one that answers others is only slow.
    let is_silent = matches!(error, Some(QueryError::Timeout { .. }))
        && state.store.answered_by(source).is_none_or(|answered_at_ms| answered_at_ms < asked_at_ms);
    let Some(error) = error.filter(|error| error.is_outage() || is_silent) else {
        let Some(outage) = state.outages.remove(&source) else { return };
        // Only a question asked since then proves that the server is back; one asked before proves that this
        // was no outage but one question that breaks its connection, which must not be asked in a loop.
        let is_back = asked_at_ms >= outage.since_ms;
        if is_back && !state.settings.headless {
            tick(state, now_ms);
            restart_beat(state, now_ms);
        }
        return;
    };
    let (since_ms, attempts) = match state.outages.get(&source) {
        None => (now_ms, 1),
        // The requests that were under way together fail together: one failure.
        Some(outage) if !is_due(outage.retry_at_ms, BACKOFF_MAX_MS, now_ms) => return,
        Some(outage) => (outage.since_ms, outage.attempts.saturating_add(1)),
    };
    let backoff_ms = (BACKOFF_MIN_MS << (attempts - 1).min(10)).min(BACKOFF_MAX_MS);
    let outage = Outage { since_ms, attempts, retry_at_ms: now_ms + backoff_ms, error: error.clone() };
    state.outages.insert(source, outage);
    if !state.settings.headless {
        state.store.reopen(source);
    }
}

/// Cancels requests.
pub(crate) fn cancel(ids: Vec<RequestId>) -> Vec<Effect> {
    ids.into_iter().map(Effect::Cancel).collect()
}
