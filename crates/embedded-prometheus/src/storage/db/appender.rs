//! The way in: samples are checked against what is there and what waits in the same batch, then written to the log
//! and made visible together.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::head::{Head, slot_of};
use super::series::Series;
use super::{Db, SeriesRef, lock, read, record, write};
use crate::model::{Labels, Sample};
use crate::storage::{AppendError, StorageError};

/// Series whose compressed chunks are put in place while readers wait.
const REPLACED_AT_ONCE: usize = 128;

/// Samples on their way into the store: one scrape, or one evaluation of a rule group.
#[derive(Debug)]
pub struct Appender<'a> {
    db: &'a Db,
    buffers: Buffers,
    /// How often the store had changed when this began.
    changes: u64,
}

/// What an appender collects; kept for the next one, which then need not allocate.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pending: Vec<Pending>,
    /// The newest pending sample of a slot.
    newest: HashMap<u32, Sample, BuildHasherDefault<SlotHasher>>,
    /// Series that do not exist yet, with the slots reserved for them.
    new: HashMap<Labels, SeriesRef>,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    series: SeriesRef,
    sample: Sample,
}

/// Slots are small and distinct: one multiplication spreads them.
#[derive(Debug, Default)]
pub(super) struct SlotHasher(u64);

impl Hasher for SlotHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, slot: u32) {
        self.0 = (self.0 ^ u64::from(slot)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Prometheus's rule: `Ok(false)` for a sample that is there already.
fn check(newest: Option<Sample>, sample: Sample) -> Result<bool, AppendError> {
    match newest {
        Some(newest) if newest.time_ms > sample.time_ms => Err(AppendError::OutOfOrder),
        Some(newest) if newest.time_ms == sample.time_ms => {
            if newest.value.to_bits() == sample.value.to_bits() {
                Ok(false)
            } else {
                Err(AppendError::DuplicateSample)
            }
        }
        _ => Ok(true),
    }
}

impl Db {
    /// Collects samples to be written by [`Appender::commit`]; dropped without it, nothing is written.
    #[must_use]
    pub fn appender(&self) -> Appender<'_> {
        let buffers = lock(&self.spare).take().unwrap_or_default();
        Appender { db: self, buffers, changes: self.changes.load(Acquire) }
    }
}

impl Appender<'_> {
    /// Adds a sample to the series of these labels, which is made if it is new. A sample older than the series'
    /// newest one, or another value at the same time, is refused here and now, as Prometheus does; the same sample
    /// once more is accepted and changes nothing.
    pub fn append(&mut self, labels: &Labels, time_ms: i64, value: f64) -> Result<SeriesRef, AppendError> {
        let known = read(&self.db.index).slot(labels).map(|slot| read(&self.db.head).reference(slot));
        if let Some(series) = known.or_else(|| self.buffers.new.get(labels).copied()) {
            match self.append_ref(series, time_ms, value) {
                // It went away since the index was asked.
                Err(AppendError::UnknownSeries) => {}
                done => return done.map(|()| series),
            }
        }
        let sample = Sample::new(time_ms, value);
        let mut head = write(&self.db.head);
        self.in_bounds(&head, time_ms)?;
        let limit = self.db.options.max_series;
        if head.taken() >= limit {
            return Err(AppendError::SeriesLimit { limit });
        }
        let series = head.reserve();
        drop(head);
        self.buffers.new.insert(labels.clone(), series);
        self.buffers.newest.insert(slot_of(series), sample);
        self.buffers.pending.push(Pending { series, sample });
        Ok(series)
    }

    /// Adds a sample to a series known from [`Appender::append`]. [`AppendError::UnknownSeries`] if that series
    /// was dropped meanwhile; the caller appends by labels then.
    pub fn append_ref(&mut self, series: SeriesRef, time_ms: i64, value: f64) -> Result<(), AppendError> {
        let sample = Sample::new(time_ms, value);
        let slot = slot_of(series);
        let head = read(&self.db.head);
        let known = head.resolve(series).ok_or(AppendError::UnknownSeries)?;
        self.in_bounds(&head, time_ms)?;
        let written = known.map(Series::newest);
        drop(head);
        match self.buffers.newest.get_mut(&slot) {
            Some(newest) => {
                if !check(Some(*newest), sample)? {
                    return Ok(());
                }
                *newest = sample;
            }
            // Reserved by another appender, which has not told anyone of it yet.
            None if written.is_none() => return Err(AppendError::UnknownSeries),
            None => {
                if !check(written, sample)? {
                    return Ok(());
                }
                self.buffers.newest.insert(slot, sample);
            }
        }
        self.buffers.pending.push(Pending { series, sample });
        Ok(())
    }

    fn in_bounds(&self, head: &Head, time_ms: i64) -> Result<(), AppendError> {
        if time_ms < self.db.oldest_kept_ms(head) { Err(AppendError::OutOfBounds) } else { Ok(()) }
    }

    /// Writes the samples to the log and makes them visible to queries, all at once: a query that selects series
    /// sees either all of them or none.
    ///
    /// If the log cannot be written, none of them is kept, in the log or in memory. Samples that another appender
    /// has overtaken since they were accepted are left out and counted in
    /// [`DbStats::samples_overtaken`](super::DbStats::samples_overtaken).
    pub fn commit(mut self) -> Result<(), StorageError> {
        let db = self.db;
        let mut writer = lock(&db.writer);
        self.settle_new();
        if db.changes.load(Acquire) != self.changes {
            self.drop_overtaken();
        }
        if self.buffers.pending.is_empty() {
            return Ok(());
        }
        let new_ids = writer.next_id..writer.next_id + self.buffers.new.len() as u64;
        let ids: HashMap<u32, u64, BuildHasherDefault<SlotHasher>> =
            self.buffers.new.values().map(|&series| slot_of(series)).zip(new_ids.clone()).collect();
        if writer.log.is_some() {
            self.encode(&ids, writer.epoch, &mut writer.frame);
        }
        writer.append()?;
        writer.next_id = new_ids.end;
        let due = self.apply(&ids, writer.epoch);
        db.appended.fetch_add(self.buffers.pending.len() as u64, Relaxed);
        db.compact(&due);
        Ok(())
    }

    /// Finds the new series that another appender made meanwhile; their samples go there.
    fn settle_new(&mut self) {
        if self.buffers.new.is_empty() {
            return;
        }
        let index = read(&self.db.index);
        let mut head = write(&self.db.head);
        let mut moved = HashMap::new();
        self.buffers.new.retain(|labels, reserved| {
            let Some(slot) = index.slot(labels) else { return true };
            moved.insert(*reserved, head.reference(slot));
            head.remove(slot_of(*reserved));
            false
        });
        if !moved.is_empty() {
            for pending in &mut self.buffers.pending {
                pending.series = moved.get(&pending.series).copied().unwrap_or(pending.series);
            }
        }
    }

    /// Checks everything again, as others have written since it was checked.
    fn drop_overtaken(&mut self) {
        let head = read(&self.db.head);
        self.buffers.newest.clear();
        let (newest, before) = (&mut self.buffers.newest, self.buffers.pending.len());
        let oldest_ms = self.db.oldest_kept_ms(&head);
        let mut repeated = 0;
        self.buffers.pending.retain(|pending| {
            let Some(series) = head.resolve(pending.series) else { return false };
            let slot = slot_of(pending.series);
            let known = newest.get(&slot).copied().or_else(|| series.map(Series::newest));
            match check(known, pending.sample) {
                Ok(true) if pending.sample.time_ms >= oldest_ms => {
                    newest.insert(slot, pending.sample);
                    true
                }
                Ok(false) => {
                    repeated += 1;
                    false
                }
                _ => false,
            }
        });
        let overtaken = before - self.buffers.pending.len() - repeated;
        self.db.overtaken.fetch_add(overtaken as u64, Relaxed);
        drop(head);
        // A new series all of whose samples are too old by now is none.
        let mut head = write(&self.db.head);
        self.buffers.new.retain(|_, series| {
            let kept = newest.contains_key(&slot_of(*series));
            if !kept {
                head.remove(slot_of(*series));
            }
            kept
        });
    }

    /// The record of the log: the series that it does not know since the last checkpoint, and the samples.
    fn encode(
        &self,
        new: &HashMap<u32, u64, BuildHasherDefault<SlotHasher>>,
        epoch: u64,
        frame: &mut Vec<u8>,
    ) {
        let head = read(&self.db.head);
        let mut record = record::Writer::new(frame);
        for (labels, &series) in &self.buffers.new {
            if let Some(&id) = new.get(&slot_of(series)) {
                record.series(id, labels);
            }
        }
        let id_of = |slot: u32| head.get(slot).map(|series| series.id).or_else(|| new.get(&slot).copied());
        for &slot in self.buffers.newest.keys() {
            if let Some(series) = head.get(slot)
                && series.logged_epoch != epoch
            {
                record.series(series.id, &series.labels);
            }
        }
        record.begin_samples(self.buffers.pending.len());
        for pending in &self.buffers.pending {
            record.sample(id_of(slot_of(pending.series)).unwrap_or(0), pending.sample);
        }
    }

    /// Makes it visible; the slots that should be compacted.
    fn apply(&mut self, ids: &HashMap<u32, u64, BuildHasherDefault<SlotHasher>>, epoch: u64) -> Vec<u32> {
        let new: Vec<(Labels, u32)> =
            self.buffers.new.drain().map(|(labels, series)| (labels, slot_of(series))).collect();
        let mut labels_of: HashMap<u32, Labels, BuildHasherDefault<SlotHasher>> =
            new.iter().map(|(labels, slot)| (*slot, labels.clone())).collect();
        // Readers take both locks in this order, so that they see the series and its samples or neither.
        let mut index = (!new.is_empty()).then(|| write(&self.db.index));
        let mut head = write(&self.db.head);
        let mut due = Vec::new();
        for pending in &self.buffers.pending {
            let slot = slot_of(pending.series);
            if !labels_of.is_empty()
                && let Some(labels) = labels_of.remove(&slot)
            {
                let id = ids.get(&slot).copied().unwrap_or(0);
                let mut series = Series::new(id, labels, pending.sample);
                series.logged_epoch = epoch;
                head.insert(slot, series);
            } else if head.push(slot, pending.sample, epoch) {
                due.push(slot);
            }
        }
        if let Some(index) = &mut index {
            Arc::make_mut(index).insert(new);
        }
        self.db.changes.fetch_add(1, Release);
        due
    }
}

impl Drop for Appender<'_> {
    fn drop(&mut self) {
        if !self.buffers.new.is_empty() {
            let mut head = write(&self.db.head);
            for &series in self.buffers.new.values() {
                head.remove(slot_of(series));
            }
        }
        let mut buffers = std::mem::take(&mut self.buffers);
        buffers.pending.clear();
        buffers.newest.clear();
        buffers.new.clear();
        *lock(&self.db.spare) = Some(buffers);
    }
}

impl Db {
    /// Compresses the open samples of these series. Only for who holds the writer's lock, so that nobody else
    /// changes them; readers wait while the finished chunks are put in place, not while they are made.
    pub(super) fn compact(&self, slots: &[u32]) {
        for some in slots.chunks(REPLACED_AT_ONCE) {
            let samples: Vec<_> = {
                let head = read(&self.head);
                some.iter().filter_map(|&slot| Some((slot, head.get(slot)?.samples().clone()))).collect()
            };
            let compacted: Vec<_> =
                samples.iter().map(|(slot, samples)| (*slot, samples.compacted())).collect();
            drop(samples);
            let mut head = write(&self.head);
            for (slot, compacted) in compacted {
                head.replace(slot, compacted);
            }
        }
    }
}
