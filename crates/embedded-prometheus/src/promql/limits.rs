//! What bounds a query: the length and depth of its text, its steps, the values it holds, and its caller's patience.

use super::error::QueryError;
pub use crate::storage::{Forever, Interrupt, Interrupted};

/// The longest expression taken, in bytes.
pub const MAX_EXPRESSION_BYTES: usize = 256 << 10;

/// The deepest expression taken: nested brackets plus operators in a row. The parser and the evaluator walk the
/// expression on the stack, and a stack overflow cannot be caught.
pub const MAX_EXPRESSION_DEPTH: usize = 200;

/// The most steps of a range query, as in Prometheus's API.
pub const MAX_STEPS: usize = 11_000;

/// The most values a query may hold at a time, as in Prometheus.
pub const DEFAULT_MAX_SAMPLES: usize = 50_000_000;

/// How far back an instant selector looks for a sample, as in Prometheus.
pub const DEFAULT_LOOKBACK_MS: i64 = 5 * 60_000;

/// The step of a subquery that names none: Prometheus's default global evaluation interval.
pub const DEFAULT_SUBQUERY_STEP_MS: i64 = 60_000;

/// How queries are evaluated. The defaults are Prometheus's.
#[derive(Debug, Clone)]
pub struct Options {
    /// How far back an instant selector looks for a sample.
    pub lookback_ms: i64,
    /// The step of a subquery that names none; Prometheus takes the global evaluation interval.
    pub subquery_step_ms: i64,
    /// The most values a query may hold at a time. A step of a series counts even where it is absent, since it
    /// takes its room.
    pub max_samples: usize,
    /// The most steps of a range query.
    pub max_steps: usize,
    /// Whether Prometheus's experimental functions and aggregations are allowed
    /// (`--enable-feature=promql-experimental-functions`).
    pub experimental_functions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lookback_ms: DEFAULT_LOOKBACK_MS,
            subquery_step_ms: DEFAULT_SUBQUERY_STEP_MS,
            max_samples: DEFAULT_MAX_SAMPLES,
            max_steps: MAX_STEPS,
            experimental_functions: false,
        }
    }
}

/// How many values a query holds now, against the most it may.
#[derive(Debug)]
pub(crate) struct Budget {
    held: usize,
    max: usize,
}

impl Budget {
    pub(crate) fn new(max: usize) -> Self {
        Self { held: 0, max }
    }

    pub(crate) fn take(&mut self, values: usize) -> Result<(), QueryError> {
        self.held = self.held.saturating_add(values);
        if self.held > self.max {
            return Err(QueryError::execution(
                "query processing would load too many samples into memory in query execution",
            ));
        }
        Ok(())
    }

    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Goes back to an earlier level when intermediate results are dropped.
    pub(crate) fn reset(&mut self, held: usize) {
        self.held = held;
    }
}
