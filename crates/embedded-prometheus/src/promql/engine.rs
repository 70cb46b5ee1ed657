//! The way in: an expression, a store and times in; an answer or an error out.

use std::fmt;

use super::ast::{Node, ValueType};
use super::error::QueryError;
use super::eval::Evaluator;
use super::format;
use super::limits::{Interrupt, Options};
use super::lower;
use super::value::{Answer, Grid, QueryValue, RangeSeries, Value, VectorSample, is_absent};
use crate::model::Sample;
use crate::storage::{Matcher, Queryable, Regexes, TimeRange};

/// Evaluates PromQL. It holds nothing but its options, so one can serve any number of threads.
#[derive(Debug, Clone, Default)]
pub struct Engine {
    options: Options,
}

/// A parsed expression, to be evaluated as often as wanted.
#[derive(Debug)]
pub struct Query {
    text: String,
    node: Node,
}

impl Query {
    /// The expression as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it reads any series.
    #[must_use]
    pub fn has_selector(&self) -> bool {
        self.node.has_selector()
    }

    /// The expression as Prometheus's `/api/v1/format_query` gives it: broken into lines where it is longer than
    /// 100 bytes.
    #[must_use]
    pub fn pretty(&self) -> String {
        format::pretty(&self.text).unwrap_or_else(|| self.text.clone())
    }
}

/// The expression on one line, as Prometheus prints it.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match format::one_line(&self.text) {
            Some(line) => f.write_str(&line),
            None => f.write_str(&self.text),
        }
    }
}

impl Engine {
    /// An engine with these options.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Parses and checks an expression.
    pub fn parse(&self, expression: &str) -> Result<Query, QueryError> {
        let node = lower::parse(expression, &self.options, &mut Regexes::default())?;
        Ok(Query { text: expression.to_owned(), node })
    }

    /// Whether [`Engine::parse`] takes an expression, for many of them one after the other: regular expressions that
    /// several have in common are compiled once, and kept in `regexes`, which bounds them.
    pub fn check(&self, expression: &str, regexes: &mut Regexes) -> Result<(), QueryError> {
        regexes.renew();
        lower::parse(expression, &self.options, regexes).map(drop)
    }

    /// An expression on one line as Prometheus prints it; [`Query::pretty`] gives it in lines.
    pub fn format(&self, expression: &str) -> Result<String, QueryError> {
        Ok(self.parse(expression)?.to_string())
    }

    /// The matchers of a series selector (`up{job="api"}`), as the `match[]` of Prometheus's API takes it: without
    /// range, offset or `@`. A selector that matches everything is an error of [`QueryError::BadQuery`].
    pub fn matchers(&self, selector: &str) -> Result<Vec<Matcher>, QueryError> {
        lower::matchers(selector, &mut Regexes::default())
    }

    /// [`Engine::matchers`] of several selectors of one request, whose regular expressions together are bounded.
    pub fn selectors<'a>(
        &self,
        selectors: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Vec<Matcher>>, QueryError> {
        let mut regexes = Regexes::default();
        selectors.map(|selector| lower::matchers(selector, &mut regexes)).collect()
    }

    /// The value of an expression at one time.
    pub fn instant(
        &self,
        store: &dyn Queryable,
        expression: &str,
        time_ms: i64,
        interrupt: &dyn Interrupt,
    ) -> Result<Answer, QueryError> {
        self.evaluate_instant(store, &self.parse(expression)?, time_ms, interrupt)
    }

    /// The values of an expression from `start_ms` to `end_ms` (included, if a step falls on it).
    pub fn range(
        &self,
        store: &dyn Queryable,
        expression: &str,
        (start_ms, end_ms, step_ms): (i64, i64, i64),
        interrupt: &dyn Interrupt,
    ) -> Result<Answer, QueryError> {
        self.evaluate_range(store, &self.parse(expression)?, (start_ms, end_ms, step_ms), interrupt)
    }

    /// [`Engine::instant`] of an expression parsed before.
    pub fn evaluate_instant(
        &self,
        store: &dyn Queryable,
        query: &Query,
        time_ms: i64,
        interrupt: &dyn Interrupt,
    ) -> Result<Answer, QueryError> {
        let grid = Grid { start_ms: time_ms, step_ms: 1, steps: 1 };
        let query_range = TimeRange { start_ms: time_ms, end_ms: time_ms };
        let mut evaluator = Evaluator::new(store, &self.options, interrupt, query_range);
        let value = if query.node.value_type() == ValueType::Matrix {
            QueryValue::Matrix(sorted(evaluator.matrix(&query.node, &grid)?))
        } else {
            match evaluator.eval(&query.node, &grid)? {
                Value::Scalar(values) => QueryValue::Scalar(Sample::new(time_ms, values[0])),
                Value::String(value) => QueryValue::String { time_ms, value },
                Value::Vector(columns) => {
                    let present = columns.into_iter().filter(|column| !is_absent(column.values[0]));
                    let sample = |column: super::value::Column| VectorSample {
                        value: column.values[0],
                        labels: column.labels,
                        time_ms,
                    };
                    QueryValue::Vector(present.map(sample).collect())
                }
            }
        };
        let (warnings, infos) = evaluator.finish(&query.text);
        Ok(Answer { value, warnings, infos })
    }

    /// [`Engine::range`] of an expression parsed before.
    pub fn evaluate_range(
        &self,
        store: &dyn Queryable,
        query: &Query,
        (start_ms, end_ms, step_ms): (i64, i64, i64),
        interrupt: &dyn Interrupt,
    ) -> Result<Answer, QueryError> {
        let value_type = query.node.value_type();
        if !matches!(value_type, ValueType::Vector | ValueType::Scalar) {
            return Err(QueryError::BadQuery(format!(
                "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
                value_type.documented()
            )));
        }
        let grid = self.grid(start_ms, end_ms, step_ms)?;
        let query_range = TimeRange { start_ms, end_ms };
        let mut evaluator = Evaluator::new(store, &self.options, interrupt, query_range);
        let columns = match evaluator.eval(&query.node, &grid)? {
            Value::Vector(columns) => columns,
            Value::Scalar(values) => {
                vec![super::value::Column { labels: crate::model::Labels::empty(), values }]
            }
            Value::String(_) => Vec::new(),
        };
        let series = columns.into_iter().filter_map(|column| {
            let values = column.values.into_iter().enumerate().filter(|(_, value)| !is_absent(*value));
            let samples: Vec<_> = values.map(|(step, value)| Sample::new(grid.time(step), value)).collect();
            (!samples.is_empty()).then_some(RangeSeries { labels: column.labels, samples })
        });
        let value = QueryValue::Matrix(sorted(series.collect()));
        let (warnings, infos) = evaluator.finish(&query.text);
        Ok(Answer { value, warnings, infos })
    }

    /// The steps of a range query, unless the times are senseless or the steps too many.
    pub(crate) fn grid(&self, start_ms: i64, end_ms: i64, step_ms: i64) -> Result<Grid, QueryError> {
        if step_ms <= 0 {
            return Err(QueryError::BadQuery(
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
                    .into(),
            ));
        }
        if end_ms < start_ms {
            return Err(QueryError::BadQuery("end timestamp must not be before start time".into()));
        }
        let steps = i128::from(end_ms) - i128::from(start_ms);
        let steps = steps / i128::from(step_ms) + 1;
        if steps > self.options.max_steps as i128 + 1 {
            return Err(QueryError::BadQuery(format!(
                "exceeded maximum resolution of {} points per timeseries. Try decreasing the query resolution \
                 (?step=XX)",
                thousands(self.options.max_steps)
            )));
        }
        Ok(Grid { start_ms, step_ms, steps: steps as usize })
    }
}

/// `11,000`
fn thousands(number: usize) -> String {
    if number < 1000 {
        return number.to_string();
    }
    format!("{},{:03}", thousands(number / 1000), number % 1000)
}

fn sorted(mut series: Vec<RangeSeries>) -> Vec<RangeSeries> {
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::Forever;
    use crate::storage::MemoryStore;

    fn range(expression: &str, times: (i64, i64, i64)) -> Result<Answer, QueryError> {
        Engine::default().range(&MemoryStore::default(), expression, times, &Forever)
    }

    #[test]
    fn senseless_times_are_refused_in_prometheus_words() {
        let message = |times| range("1", times).unwrap_err().to_string();
        assert!(message((0, 10, 0)).starts_with("zero or negative query resolution step widths"));
        assert_eq!(message((10, 0, 1)), "end timestamp must not be before start time");
        assert!(
            message((0, 11_002, 1))
                .starts_with("exceeded maximum resolution of 11,000 points per timeseries.")
        );
        assert!(message((i64::MIN, i64::MAX, 1)).starts_with("exceeded maximum resolution"));
        assert!(range("1", (0, 11_000, 1)).is_ok());
    }

    #[test]
    fn range_queries_want_a_vector_or_a_scalar() {
        assert_eq!(
            range("x[5m]", (0, 10, 1)).unwrap_err().to_string(),
            r#"invalid expression type "range vector" for range query, must be Scalar or instant Vector"#
        );
    }
}
