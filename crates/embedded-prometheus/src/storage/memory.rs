//! A store in memory without compression or retention: enough for tests and for small, short-lived data.

use std::collections::BTreeMap;

use super::{Matcher, Queryable, SeriesSet, StorageError, TimeRange};
use crate::model::{Labels, Sample};

/// Why a sample was not taken; the words are Prometheus's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The series has a newer sample already.
    #[error("out of order sample")]
    OutOfOrder,
    /// The series has another value at that very time.
    #[error("duplicate sample for timestamp")]
    DuplicateSample,
    /// The sample is older than anything that is kept.
    #[error("out of bounds")]
    OutOfBounds,
    /// The series was dropped since its reference was given out.
    #[error("unknown series reference")]
    UnknownSeries,
    /// The store holds as many series as it may.
    #[error("series limit of {limit} reached")]
    SeriesLimit {
        /// The most series at a time.
        limit: usize,
    },
}

/// Series and their samples, oldest first.
#[derive(Debug, Default)]
pub struct MemoryStore {
    series: BTreeMap<Labels, Vec<Sample>>,
}

impl MemoryStore {
    /// Adds a sample at the end of its series. The same sample once more is accepted and changes nothing.
    pub fn append(&mut self, labels: &Labels, time_ms: i64, value: f64) -> Result<(), AppendError> {
        let samples = match self.series.get_mut(labels) {
            Some(samples) => samples,
            None => self.series.entry(labels.clone()).or_default(),
        };
        match samples.last() {
            Some(last) if last.time_ms > time_ms => Err(AppendError::OutOfOrder),
            Some(last) if last.time_ms == time_ms && last.value.to_bits() == value.to_bits() => Ok(()),
            Some(last) if last.time_ms == time_ms => Err(AppendError::DuplicateSample),
            _ => {
                samples.push(Sample::new(time_ms, value));
                Ok(())
            }
        }
    }

    /// How many series there are.
    #[must_use]
    pub fn series_count(&self) -> usize {
        self.series.len()
    }
}

impl Queryable for MemoryStore {
    fn select<'a>(
        &'a self,
        matchers: &'a [Matcher],
        range: TimeRange,
    ) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        let series = self.series.iter().filter(move |(labels, _)| matchers.iter().all(|m| m.matches(labels)));
        Ok(Box::new(Selected { series, range }))
    }
}

struct Selected<I> {
    series: I,
    range: TimeRange,
}

impl<'a, I: Iterator<Item = (&'a Labels, &'a Vec<Sample>)>> SeriesSet for Selected<I> {
    fn next_into(&mut self, samples: &mut Vec<Sample>) -> Result<Option<Labels>, StorageError> {
        samples.clear();
        let Some((labels, all)) = self.series.next() else { return Ok(None) };
        let from = all.partition_point(|s| s.time_ms < self.range.start_ms);
        let to = all.partition_point(|s| s.time_ms <= self.range.end_ms);
        samples.extend_from_slice(all.get(from..to).unwrap_or_default());
        Ok(Some(labels.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_repeats_are_harmless() {
        let mut store = MemoryStore::default();
        let labels = Labels::from_pairs([("__name__", "x")]);
        assert_eq!(store.append(&labels, 10, 1.0), Ok(()));
        assert_eq!(store.append(&labels, 10, 1.0), Ok(()));
        assert_eq!(store.append(&labels, 10, 2.0), Err(AppendError::DuplicateSample));
        assert_eq!(store.append(&labels, 9, 1.0), Err(AppendError::OutOfOrder));
        assert_eq!(store.append(&labels, 10, f64::NAN), Err(AppendError::DuplicateSample));
        assert_eq!(store.append(&labels, 11, f64::NAN), Ok(()));
        assert_eq!(store.append(&labels, 11, f64::NAN), Ok(()));
    }

    #[test]
    fn selects_by_labels_and_time() {
        let mut store = MemoryStore::default();
        for (job, offset) in [("a", 0.0), ("b", 100.0)] {
            let labels = Labels::from_pairs([("__name__", "x"), ("job", job)]);
            for t in 0..10 {
                store.append(&labels, t, offset + t as f64).unwrap();
            }
        }
        let matchers = [Matcher::equal("job", "b")];
        let mut set = store.select(&matchers, TimeRange { start_ms: 3, end_ms: 4 }).unwrap();
        let mut samples = vec![Sample::new(0, 0.0)];
        assert_eq!(set.next_into(&mut samples).unwrap().unwrap().get("job"), "b");
        assert_eq!(samples, [Sample::new(3, 103.0), Sample::new(4, 104.0)]);
        assert_eq!(set.next_into(&mut samples).unwrap(), None);
    }
}
