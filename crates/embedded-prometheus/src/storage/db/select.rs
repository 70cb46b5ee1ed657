//! The way out: the series that matchers match, their samples decoded one series at a time.
//!
//! A `select` copies pointers to the samples of all series it finds, under one lock, so that it sees each commit
//! wholly or not at all, and what it found does not change while it is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::index::Index;
use super::series::Samples;
use super::{Db, read};
use crate::model::{Labels, Sample};
use crate::storage::{
    Forever, Interrupt, Matcher, Queryable, SelectError, SeriesSet, StorageError, TimeRange,
};

struct Selected {
    series: std::vec::IntoIter<(Labels, Samples)>,
    range: TimeRange,
}

impl SeriesSet for Selected {
    fn next_into(&mut self, samples: &mut Vec<Sample>) -> Result<Option<Labels>, StorageError> {
        samples.clear();
        let Some((labels, found)) = self.series.next() else { return Ok(None) };
        read_samples(&labels, &found, self.range, samples)?;
        Ok(Some(labels))
    }
}

fn read_samples(
    labels: &Labels,
    found: &Samples,
    range: TimeRange,
    samples: &mut Vec<Sample>,
) -> Result<(), StorageError> {
    found.read_into(range, samples).map_err(|_| StorageError {
        message: format!("a chunk of {labels} cannot be decoded: it was damaged in memory or on disk"),
    })
}

/// Whether there are samples in the range, if need be by decoding.
fn has_samples(
    labels: &Labels,
    found: &Samples,
    range: TimeRange,
    buffer: &mut Vec<Sample>,
) -> Result<bool, StorageError> {
    if let Some(has) = found.has_samples(range) {
        return Ok(has);
    }
    read_samples(labels, found, range, buffer)?;
    Ok(!buffer.is_empty())
}

/// Texts whose series are looked at under one lock.
const TEXTS_AT_ONCE: usize = 64;

impl Db {
    /// Pointers to what is there in the range, in the order of labels.
    ///
    /// Matching may take long, so it asks an index of its own, without a lock: commits that bring new series go on
    /// meanwhile. What they brought is looked at afterwards, so that each commit is seen wholly or not at all.
    fn snapshot(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<(Vec<(Labels, Samples)>, TimeRange), SelectError> {
        let seen = Arc::clone(&read(&self.index));
        let mut slots = seen.select(matchers, interrupt)?;
        let index = read(&self.index);
        if !Arc::ptr_eq(&seen, &index) {
            slots = index.caught_up(&seen, slots, matchers);
        }
        let head = read(&self.head);
        let range = TimeRange { start_ms: range.start_ms.max(head.min_valid_ms), ..range };
        let series = slots
            .iter()
            .filter_map(|&slot| head.get(slot))
            .filter(|series| series.samples().has_samples(range) != Some(false))
            .map(|series| (series.labels.clone(), series.samples().clone()))
            .collect();
        Ok((series, range))
    }

    /// The names or values whose series have samples in the range.
    fn with_samples<'a>(
        &self,
        index: &Index,
        texts: impl Iterator<Item = (&'a Arc<str>, impl Iterator<Item = u32>)>,
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<String>, SelectError> {
        let mut texts = texts.peekable();
        // What must be decoded to know is decoded when nobody has to wait for it any more.
        let mut unsure = Vec::new();
        let mut range = range;
        while texts.peek().is_some() {
            interrupt.check()?;
            let head = read(&self.head);
            range.start_ms = range.start_ms.max(head.min_valid_ms);
            for (text, slots) in texts.by_ref().take(TEXTS_AT_ONCE) {
                let mut candidates = Vec::new();
                // A slot may have got another series since the index was asked.
                let series =
                    slots.filter_map(|slot| head.get(slot).filter(|series| index.has(slot, &series.labels)));
                for series in series {
                    match series.samples().has_samples(range) {
                        Some(true) => {
                            candidates.clear();
                            unsure.push((text.to_string(), true, Vec::new()));
                            break;
                        }
                        Some(false) => {}
                        None => candidates.push((series.labels.clone(), series.samples().clone())),
                    }
                }
                if !candidates.is_empty() {
                    unsure.push((text.to_string(), false, candidates));
                }
            }
        }
        let (mut found, mut buffer) = (Vec::with_capacity(unsure.len()), Vec::new());
        for (text, mut has, candidates) in unsure {
            for (labels, samples) in candidates {
                interrupt.check()?;
                has = has || has_samples(&labels, &samples, range, &mut buffer)?;
            }
            if has {
                found.push(text);
            }
        }
        Ok(found)
    }
}

impl Queryable for Db {
    fn select<'a>(
        &'a self,
        matchers: &'a [Matcher],
        range: TimeRange,
    ) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        self.select_until(matchers, range, &Forever).map_err(|error| match error {
            SelectError::Storage(error) => error,
            error @ SelectError::Interrupted(_) => StorageError { message: error.to_string() },
        })
    }

    fn select_until<'a>(
        &'a self,
        matchers: &'a [Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Box<dyn SeriesSet + 'a>, SelectError> {
        let (series, range) = self.snapshot(matchers, range, interrupt)?;
        Ok(Box::new(Selected { series: series.into_iter(), range }))
    }

    fn series(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<Labels>, SelectError> {
        let (series, range) = self.snapshot(matchers, range, interrupt)?;
        let mut buffer = Vec::new();
        let mut found = Vec::with_capacity(series.len());
        for (labels, samples) in series {
            interrupt.check()?;
            if has_samples(&labels, &samples, range, &mut buffer)? {
                found.push(labels);
            }
        }
        Ok(found)
    }

    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<String>, SelectError> {
        if matchers.is_empty() {
            let index = Arc::clone(&read(&self.index));
            let names = index.names().map(|name| {
                let slots = index.values(name).flat_map(|(_, slots)| slots.iter().copied());
                (name, slots)
            });
            return self.with_samples(&index, names, range, interrupt);
        }
        let series = self.series(matchers, range, interrupt)?;
        let names: BTreeSet<&str> =
            series.iter().flat_map(|labels| labels.iter().map(|label| &*label.name)).collect();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<String>, SelectError> {
        if matchers.is_empty() {
            let index = Arc::clone(&read(&self.index));
            let values = index.values(name).map(|(value, slots)| (value, slots.iter().copied()));
            return self.with_samples(&index, values, range, interrupt);
        }
        let series = self.series(matchers, range, interrupt)?;
        let values: BTreeSet<&str> =
            series.iter().map(|labels| labels.get(name)).filter(|value| !value.is_empty()).collect();
        Ok(values.into_iter().map(str::to_owned).collect())
    }
}
