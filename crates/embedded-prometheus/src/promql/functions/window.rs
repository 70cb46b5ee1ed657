//! What a range function sees at one step of one series.

use crate::model::Sample;
use crate::promql::annotations::{Annotations, Position};

/// The samples of one series in the range before one step; never empty, without stale markers.
pub(crate) struct Window<'a> {
    pub(crate) samples: &'a [Sample],
    /// The range's left end, which is not part of it.
    pub(crate) start_ms: i64,
    /// The range's right end, which is.
    pub(crate) end_ms: i64,
    /// The step's time; differs from the end with `offset` and `@`.
    pub(crate) step_ms: i64,
    /// The places in the series, within this window and behind its first sample, where a counter was reset.
    pub(crate) resets: &'a [usize],
    /// The series' samples from its beginning, for the values before resets.
    pub(crate) series: &'a [Sample],
    /// The scalar arguments at this step, in their order.
    pub(crate) scalars: [f64; 2],
    /// Where the first argument starts in the text.
    pub(crate) position: Position,
}

impl Window<'_> {
    pub(crate) fn range_seconds(&self) -> f64 {
        (self.end_ms - self.start_ms) as f64 / 1000.0
    }
}

/// Computes a step's value, or none.
pub(crate) type WindowFn = fn(&Window<'_>, &mut Annotations) -> Option<f64>;
