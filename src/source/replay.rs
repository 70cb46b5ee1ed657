//! A source without a server: what it answers is a function of the expression and the time. For tests and docs.

use std::collections::HashMap;

use super::{AnswerFuture, ListFuture, Source};
use crate::query::{Answer, Data, Query, QueryError, QueryTime, SERIES_LIMIT};
use crate::series::{Frame, Labels, Sample, Series, Vector, is_absent};
use crate::time_range::Span;
use crate::variable::lookup::Lookup;

/// The value of a series at a time in Unix milliseconds; [`crate::series::ABSENT`] where it has no sample.
pub type ValueAt = Box<dyn Fn(i64) -> f64 + Send + Sync>;

/// A source that answers from functions of time, always the same for the same question.
///
/// ```
/// use promscope::series::Labels;
/// use promscope::source::replay::Replay;
///
/// let replay = Replay::new()
///     .series("up", Labels::from([("job", "api")]), |_| 1.0)
///     .empty("absent(up)");
/// ```
#[derive(Default)]
pub struct Replay {
    answers: HashMap<String, Recorded>,
    listings: HashMap<String, Vec<String>>,
}

#[derive(Default)]
struct Recorded {
    series: Vec<(Labels, ValueAt)>,
    warnings: Vec<String>,
    infos: Vec<String>,
    error: Option<QueryError>,
    is_silent: bool,
}

impl Replay {
    /// A source that knows no expression yet; an unknown one is answered with an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a series to the answer to `expr`.
    #[must_use]
    pub fn series(
        mut self,
        expr: &str,
        labels: Labels,
        value_at: impl Fn(i64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        self.recorded(expr).series.push((labels, Box::new(value_at)));
        self
    }

    /// Answers `expr` with no series.
    #[must_use]
    pub fn empty(mut self, expr: &str) -> Self {
        self.recorded(expr);
        self
    }

    /// Adds a warning to the answer to `expr`.
    #[must_use]
    pub fn warning(mut self, expr: &str, text: &str) -> Self {
        self.recorded(expr).warnings.push(text.to_owned());
        self
    }

    /// Adds an info to the answer to `expr`.
    #[must_use]
    pub fn info(mut self, expr: &str, text: &str) -> Self {
        self.recorded(expr).infos.push(text.to_owned());
        self
    }

    /// Answers `expr` with an error.
    #[must_use]
    pub fn error(mut self, expr: &str, error: QueryError) -> Self {
        self.recorded(expr).error = Some(error);
        self
    }

    /// Never answers `expr`.
    #[must_use]
    pub fn silent(mut self, expr: &str) -> Self {
        self.recorded(expr).is_silent = true;
        self
    }

    /// Answers a lookup, such as `label_values(up, job)`, with `values`.
    #[must_use]
    pub fn listing(mut self, lookup: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.listings.insert(lookup.to_owned(), values);
        self
    }

    /// The answer to `lookup`, at once.
    pub fn listed(&self, lookup: &Lookup) -> Result<Vec<String>, QueryError> {
        self.listings.get(&lookup.to_string()).cloned().ok_or_else(|| QueryError::Prometheus {
            kind: "replay".to_owned(),
            message: format!("nothing is recorded for {lookup}"),
        })
    }

    fn recorded(&mut self, expr: &str) -> &mut Recorded {
        self.answers.entry(expr.to_owned()).or_default()
    }

    /// The answer to `query`, at once; for [`Self::silent`] expressions it is a timeout.
    pub fn answer(&self, query: &Query) -> Result<Answer, QueryError> {
        let Some(recorded) = self.answers.get(&*query.expr) else {
            return Err(QueryError::Prometheus {
                kind: "replay".to_owned(),
                message: format!("nothing is recorded for {:?}", query.expr),
            });
        };
        if recorded.is_silent {
            return Err(QueryError::Timeout { timeout_ms: 0 });
        }
        if let Some(error) = &recorded.error {
            return Err(error.clone());
        }
        let kept = recorded.series.iter().take(SERIES_LIMIT);
        let data = match query.time {
            QueryTime::Range(grid) => {
                let column = |value_at: &ValueAt| (0..grid.len).map(|i| value_at(grid.time_ms(i))).collect();
                let series = kept
                    .map(|(labels, value_at)| Series { labels: labels.clone(), values: column(value_at) })
                    .filter(|series| !series.values.iter().all(|value| is_absent(*value)));
                Data::Range(Frame { grid, series: series.collect() })
            }
            QueryTime::Instant(time_ms) => {
                let samples = kept
                    .map(|(labels, value_at)| Sample { labels: labels.clone(), value: value_at(time_ms) })
                    .filter(|sample| !is_absent(sample.value));
                Data::Instant(Vector { time_ms, samples: samples.collect() })
            }
        };
        Ok(Answer {
            data,
            warnings: recorded.warnings.clone(),
            infos: recorded.infos.clone(),
            series_left_out: recorded.series.len().saturating_sub(SERIES_LIMIT),
            body_bytes: 0,
        })
    }
}

impl Source for Replay {
    fn address(&self) -> &'static str {
        "replay"
    }

    fn ask<'a>(&'a self, query: &'a Query) -> AnswerFuture<'a> {
        Box::pin(async move {
            if self.answers.get(&*query.expr).is_some_and(|recorded| recorded.is_silent) {
                std::future::pending::<()>().await;
            }
            self.answer(query)
        })
    }

    fn list<'a>(&'a self, lookup: &'a Lookup, _span: Span) -> ListFuture<'a> {
        Box::pin(async move { self.listed(lookup) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::SourceId;
    use crate::series::{ABSENT, Grid};
    use futures::FutureExt;

    fn ask(replay: &Replay, expr: &str, time: QueryTime) -> Option<Result<Answer, QueryError>> {
        replay.ask(&Query { expr: expr.into(), time, source: SourceId::DEFAULT }).now_or_never()
    }

    #[test]
    fn ranges_and_instants_come_from_the_same_function() {
        let replay = Replay::new().series("x", Labels::from([("a", "1")]), |time_ms| {
            if time_ms < 20 { time_ms as f64 } else { ABSENT }
        });
        let grid = Grid { start_ms: 0, step_ms: 10, len: 3 };
        let Some(Ok(Answer { data: Data::Range(frame), .. })) = ask(&replay, "x", QueryTime::Range(grid))
        else {
            panic!("no range")
        };
        assert_eq!(frame.series[0].values[..2], [0.0, 10.0]);
        assert!(is_absent(frame.series[0].values[2]));
        let at = |time_ms| match ask(&replay, "x", QueryTime::Instant(time_ms)) {
            Some(Ok(Answer { data: Data::Instant(vector), .. })) => {
                vector.samples.iter().map(|sample| sample.value).collect::<Vec<_>>()
            }
            _ => panic!("no vector"),
        };
        assert_eq!(at(5), [5.0]);
        assert_eq!(at(20), [0.0; 0]);
    }

    #[test]
    fn errors_silence_and_the_unknown() {
        let refused = QueryError::Malformed("x".to_owned());
        let replay = Replay::new().error("bad", refused.clone()).silent("slow").empty("none");
        let now = QueryTime::Instant(0);
        assert_eq!(ask(&replay, "bad", now).and_then(Result::err), Some(refused));
        assert!(ask(&replay, "slow", now).is_none());
        assert!(matches!(ask(&replay, "none", now), Some(Ok(_))));
        assert!(matches!(ask(&replay, "other", now), Some(Err(QueryError::Prometheus { .. }))));
    }
}
