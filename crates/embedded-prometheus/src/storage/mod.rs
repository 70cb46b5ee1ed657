//! Where samples come from: the [`Queryable`] port that the evaluator reads, and the stores behind it: [`Db`] for
//! what is scraped, [`MemoryStore`] for tests.

mod db;
mod go_expand;
mod go_regex;
mod go_regex_fault;
mod interrupt;
mod matcher;
mod memory;

use std::collections::BTreeSet;

use crate::model::{Labels, Sample};

pub use db::{Appender, DEFAULT_MAX_SERIES, DEFAULT_RETENTION_MS, Db, DbOptions, DbStats, Repair, SeriesRef};
pub(crate) use go_expand::expand;
pub use go_regex::{RegexError, Regexes, anchored as anchored_regex, unanchored as unanchored_regex};
pub use interrupt::{Forever, Interrupt, Interrupted};
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

    /// As [`Queryable::select`], for as long as `interrupt` allows. A store in which finding series may take long
    /// asks it; by default it is asked by nobody.
    fn select_until<'a>(
        &'a self,
        matchers: &'a [Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Box<dyn SeriesSet + 'a>, SelectError> {
        interrupt.check()?;
        Ok(self.select(matchers, range)?)
    }

    /// The label sets of the series that `matchers` match and that have samples in the range, sorted.
    fn series(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<Labels>, SelectError> {
        let mut set = self.select_until(matchers, range, interrupt)?;
        let mut samples = Vec::new();
        let mut found = BTreeSet::new();
        while let Some(labels) = set.next_into(&mut samples)? {
            interrupt.check()?;
            if !samples.is_empty() {
                found.insert(labels);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The names of the labels of those series, sorted.
    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<String>, SelectError> {
        let series = self.series(matchers, range, interrupt)?;
        let names: BTreeSet<&str> =
            series.iter().flat_map(|labels| labels.iter().map(|label| &*label.name)).collect();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    /// The values that the label `name` has in those series, sorted.
    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<String>, SelectError> {
        let series = self.series(matchers, range, interrupt)?;
        let values: BTreeSet<&str> =
            series.iter().map(|labels| labels.get(name)).filter(|value| !value.is_empty()).collect();
        Ok(values.into_iter().map(str::to_owned).collect())
    }
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

/// Why series were not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The store could not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The caller has no more patience.
    #[error("the search for series was interrupted")]
    Interrupted(Interrupted),
}

impl From<Interrupted> for SelectError {
    fn from(why: Interrupted) -> Self {
        Self::Interrupted(why)
    }
}

/// Why a store could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StorageError {
    /// What failed, where, and what would help.
    pub message: String,
}
