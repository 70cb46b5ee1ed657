//! What a query answers with, and the columns it computes with.

use crate::model::{Labels, STALE_NAN, Sample, is_stale};

/// The value of a query, with what Prometheus remarks about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: QueryValue,
    /// Warnings: the answer is likely not what was meant.
    pub warnings: Vec<String>,
    /// Infos: the answer may not be what was meant.
    pub infos: Vec<String>,
}

/// The value of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryValue {
    /// One number.
    Scalar(Sample),
    /// One text.
    String {
        /// When it was evaluated.
        time_ms: i64,
        /// The text.
        value: String,
    },
    /// One value a series; in the order of `sort` and `topk` if the expression asked for one.
    Vector(Vec<VectorSample>),
    /// Samples over time, sorted by labels: a range query's answer, or a range selector's.
    Matrix(Vec<RangeSeries>),
}

/// One series' value at the time of an instant query.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSample {
    /// Whose value.
    pub labels: Labels,
    /// When it was evaluated.
    pub time_ms: i64,
    /// The value.
    pub value: f64,
}

/// One series' values over time.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeSeries {
    /// Whose values.
    pub labels: Labels,
    /// The values, oldest first; absent ones are left out.
    pub samples: Vec<Sample>,
}

/// The times a node is evaluated at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) start_ms: i64,
    pub(crate) step_ms: i64,
    pub(crate) steps: usize,
}

impl Grid {
    pub(crate) fn time(&self, step: usize) -> i64 {
        self.start_ms.saturating_add(self.step_ms.saturating_mul(step as i64))
    }

    pub(crate) fn times(self) -> impl Iterator<Item = i64> {
        (0..self.steps).map(move |step| self.time(step))
    }
}

/// A series while evaluating: one value a step, [`ABSENT`] where it has none.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) labels: Labels,
    pub(crate) values: Vec<f64>,
}

/// "No value at this step". Stale markers never become values, so their pattern is free for it.
pub(crate) const ABSENT: f64 = STALE_NAN;

#[inline]
pub(crate) fn is_absent(value: f64) -> bool {
    is_stale(value)
}

/// The value of a node over its grid.
#[derive(Debug)]
pub(crate) enum Value {
    Scalar(Vec<f64>),
    Vector(Vec<Column>),
    String(String),
}
