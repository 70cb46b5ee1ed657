//! Answers by question: each distinct query has one slot, whichever panels show it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::app::range_cache;
use crate::query::{Answer, Data, Query, QueryError, QueryTime, RequestId, SERIES_LIMIT, SourceId};
use crate::series::{Frame, Grid, Vector};
use crate::time_range::{Span, Window, align_down_ms};

/// Requests under way at once to one data source.
pub const IN_FLIGHT_LIMIT: usize = 8;

/// What makes two questions the same while the clock runs on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueryKey {
    /// PromQL with everything filled in.
    pub expr: Arc<str>,
    /// Over the window, or now.
    pub shape: QueryShape,
    /// Whom it asks.
    pub source: SourceId,
}

/// The shape of a question in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryShape {
    /// A range query over a window.
    Range {
        /// The window.
        window: Window,
        /// Distance of points.
        step_ms: i64,
    },
    /// An instant query at the end of the window, or so many milliseconds before.
    Instant {
        /// The milliseconds.
        shift_ms: i64,
    },
}

/// The moment that all questions of one refresh share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Counts the refreshes.
    pub number: u64,
    /// Counts the windows that a person has chosen: a question for another one is superseded.
    pub epoch: u64,
    /// The window at that moment.
    pub span: Span,
    /// Offset of local time, for aligning long steps; 0 for absolute windows.
    pub offset_ms: i64,
}

impl Tick {
    /// The points of a range query over `window` with this step.
    pub fn grid(&self, window: Window, step_ms: i64) -> Grid {
        let span = window.ending_at(self.span.end_ms);
        let start_ms = align_down_ms(span.start_ms, step_ms, self.offset_ms);
        Grid::between(start_ms, align_down_ms(span.end_ms, step_ms, self.offset_ms), step_ms)
    }
}

/// All that is known about one question.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// The last good range answer, joined from several.
    pub frame: Option<Arc<Frame>>,
    /// The last good instant answer.
    pub vector: Option<Arc<Vector>>,
    /// Set while the newest answer is a failure.
    pub failure: Option<Failure>,
    /// Of the last good answer.
    pub warnings: Vec<String>,
    /// Of the last good answer.
    pub infos: Vec<String>,
    /// Series of the last good answer that were over the limit.
    pub series_left_out: usize,
    /// When the last good answer came.
    pub answered_at_ms: Option<i64>,
    /// How the last good answer came.
    pub exchange: Option<Exchange>,
    /// The refresh for which nothing more is to be asked.
    settled: Option<u64>,
    /// The next range query asks the whole window, whatever the frame holds.
    distrusted: bool,
    flight: Option<RequestId>,
}

impl Slot {
    /// Whether any answer, good or bad, has come.
    pub fn is_settled_once(&self) -> bool {
        self.answered_at_ms.is_some() || self.failure.is_some()
    }
}

/// One question and its answer on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked of the window: all of it, or what was new.
    pub time: QueryTime,
    /// When the answer came, Unix milliseconds.
    pub at_ms: i64,
    /// From the request to the answer in the program's hands.
    pub duration_ms: i64,
    /// Size of the body after decompression.
    pub body_bytes: u64,
}

/// A failure that no success has followed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The newest error.
    pub error: QueryError,
    /// When the first of an unbroken run of failures came.
    pub since_ms: i64,
}

#[derive(Clone, Debug)]
struct Flight {
    key: QueryKey,
    time: QueryTime,
    asked_at_ms: i64,
    epoch: u64,
    /// The whole window that the answer completes.
    want: Option<Grid>,
}

/// All slots, and the requests under way.
#[derive(Clone, Debug, Default)]
pub struct Store {
    slots: HashMap<QueryKey, Slot>,
    flights: BTreeMap<RequestId, Flight>,
    last_id: u64,
    /// When the last good answer of all came.
    pub answered_at_ms: Option<i64>,
    answered_by: BTreeMap<SourceId, i64>,
}

impl Store {
    /// The slot of `key`, if it was ever asked.
    pub fn slot(&self, key: &QueryKey) -> Option<&Slot> {
        self.slots.get(key)
    }

    /// What request `id` asks, while it is under way.
    pub fn asked(&self, id: RequestId) -> Option<&QueryKey> {
        self.flights.get(&id).map(|flight| &flight.key)
    }

    /// Requests under way.
    pub fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// Requests to `source` under way.
    pub fn in_flight_to(&self, source: SourceId) -> usize {
        self.flights.values().filter(|flight| flight.key.source == source).count()
    }

    /// When the last good answer of `source` came.
    pub fn answered_by(&self, source: SourceId) -> Option<i64> {
        self.answered_by.get(&source).copied()
    }

    /// Lets everything be asked again of `source` within this refresh.
    pub fn reopen(&mut self, source: SourceId) {
        for (_, slot) in self.slots.iter_mut().filter(|(key, _)| key.source == source) {
            slot.settled = None;
        }
    }

    /// A new id, never used before.
    pub fn next_id(&mut self) -> RequestId {
        self.last_id += 1;
        RequestId(self.last_id)
    }

    /// Whether `key` needs asking for `tick`, and nobody has yet.
    pub fn is_open(&self, key: &QueryKey, tick: &Tick) -> bool {
        self.slots.get(key).is_none_or(|slot| slot.flight.is_none() && slot.settled != Some(tick.number))
    }

    /// The request that brings `key` up to `tick`; `None` when it is there already.
    pub fn ask(&mut self, key: &QueryKey, tick: &Tick, now_ms: i64) -> Option<(RequestId, Query)> {
        let slot = self.slots.entry(key.clone()).or_default();
        let (time, want) = match key.shape {
            QueryShape::Instant { shift_ms } => (QueryTime::Instant(tick.span.end_ms - shift_ms), None),
            QueryShape::Range { window, step_ms } => {
                let want = tick.grid(window, step_ms);
                let Some(grid) = range_cache::plan(want, slot.frame.as_deref().filter(|_| !slot.distrusted))
                else {
                    slot.settled = Some(tick.number);
                    return None;
                };
                (QueryTime::Range(grid), Some(want))
            }
        };
        self.last_id += 1;
        let id = RequestId(self.last_id);
        slot.flight = Some(id);
        self.flights
            .insert(id, Flight { key: key.clone(), time, asked_at_ms: now_ms, epoch: tick.epoch, want });
        Some((id, Query { expr: key.expr.clone(), time, source: key.source }))
    }

    /// Takes an answer in, and tells when it was asked. `None` when nobody waits for it any more; it is dropped then.
    pub fn answer(
        &mut self,
        id: RequestId,
        result: Result<Arc<Answer>, QueryError>,
        tick: &Tick,
        now_ms: i64,
    ) -> Option<i64> {
        let flight = self.flights.remove(&id)?;
        let slot = self.slots.get_mut(&flight.key).filter(|slot| slot.flight == Some(id))?;
        slot.flight = None;
        slot.settled = Some(tick.number);
        match result {
            Err(error) => {
                let since_ms = slot.failure.as_ref().map_or(now_ms, |failure| failure.since_ms);
                slot.failure = Some(Failure { error, since_ms });
            }
            Ok(answer) => {
                let answer = Arc::try_unwrap(answer).unwrap_or_else(|shared| (*shared).clone());
                match (answer.data, flight.want) {
                    (Data::Range(came), Some(want)) => {
                        let is_whole = came.grid.start_ms == want.start_ms;
                        let mut merged = range_cache::merge(want, slot.frame.as_deref(), came);
                        // What the whole window had left out, a part of it cannot know.
                        let before = if is_whole { 0 } else { slot.series_left_out };
                        let over = merged.series.len().saturating_sub(SERIES_LIMIT);
                        merged.series.truncate(SERIES_LIMIT);
                        slot.frame = Some(Arc::new(merged));
                        slot.series_left_out = answer.series_left_out.max(before).max(over);
                    }
                    (Data::Instant(vector), _) => {
                        slot.vector = Some(Arc::new(vector));
                        slot.series_left_out = answer.series_left_out;
                    }
                    (Data::Range(came), None) => slot.frame = Some(Arc::new(came)),
                }
                slot.failure = None;
                slot.distrusted = false;
                slot.warnings = answer.warnings;
                slot.infos = answer.infos;
                slot.answered_at_ms = Some(now_ms);
                slot.exchange = Some(Exchange {
                    time: flight.time,
                    at_ms: now_ms,
                    duration_ms: now_ms.saturating_sub(flight.asked_at_ms).max(0),
                    body_bytes: answer.body_bytes,
                });
                self.answered_at_ms = Some(now_ms);
                self.answered_by.insert(flight.key.source, now_ms);
            }
        }
        Some(flight.asked_at_ms)
    }

    /// Forgets the slots that are not in `needed`, and names the requests under way for them or for another epoch.
    pub fn retain(&mut self, needed: &HashSet<QueryKey>, epoch: u64) -> Vec<RequestId> {
        self.slots.retain(|key, _| needed.contains(key));
        let superseded = self.take_flights(|flight| flight.epoch != epoch || !needed.contains(&flight.key));
        for slot in
            self.slots.values_mut().filter(|slot| slot.flight.is_some_and(|id| superseded.contains(&id)))
        {
            slot.flight = None;
        }
        superseded
    }

    /// Makes the next questions ask their whole window, and names the requests under way, which no longer count.
    /// The pictures stay until the answers come.
    pub fn reload(&mut self) -> Vec<RequestId> {
        for slot in self.slots.values_mut() {
            slot.settled = None;
            slot.flight = None;
            slot.distrusted = true;
        }
        self.take_flights(|_| true)
    }

    fn take_flights(&mut self, leaves: impl Fn(&Flight) -> bool) -> Vec<RequestId> {
        let ids: Vec<_> =
            self.flights.iter().filter(|(_, flight)| leaves(flight)).map(|(id, _)| *id).collect();
        for id in &ids {
            self.flights.remove(id);
        }
        ids
    }
}
