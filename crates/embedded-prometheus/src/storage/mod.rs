//! Where samples come from: the [`Queryable`] port that the evaluator reads, and a store in memory behind it.

mod go_regex;
mod matcher;
mod memory;

use crate::model::{Labels, Sample};

pub use go_regex::{RegexError, anchored as anchored_regex};
pub use matcher::{MatchKind, Matcher};
pub use memory::{AppendError, MemoryStore};

/// Something that series can be read from. The evaluator knows no more of a store than this.
pub trait Queryable: Send + Sync {
    /// The series that all `matchers` match and that may have samples in the range, in any order that is stable
    /// between calls.
    fn select<'a>(
        &'a self,
        matchers: &'a [Matcher],
        range: TimeRange,
    ) -> Result<Box<dyn SeriesSet + 'a>, StorageError>;
}

/// The times a query needs, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// The first millisecond.
    pub start_ms: i64,
    /// The last millisecond.
    pub end_ms: i64,
}

/// Series handed out one at a time, so that a compressed store decodes into one buffer that is used again.
pub trait SeriesSet {
    /// The next series, or `None` at the end. Clears `samples` and fills it with that series' samples within the
    /// range asked for, oldest first, each time once, stale markers included.
    fn next_into(&mut self, samples: &mut Vec<Sample>) -> Result<Option<Labels>, StorageError>;
}

/// Why a store could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StorageError {
    /// What failed, where, and what would help.
    pub message: String,
}
