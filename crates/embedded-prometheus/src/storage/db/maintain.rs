//! What is due now and then: retention, making what was written last, and checkpoints.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, Release};

use super::head::Head;
use super::snapshot::{self, Stored};
use super::{Db, lock, read, write};
use crate::storage::StorageError;

/// A log that is longer than this, and than the last snapshot, is replaced by a new snapshot.
const CHECKPOINT_BYTES: u64 = 16 << 20;

/// After a checkpoint that failed the log grows by this before the next attempt.
const CHECKPOINT_RETRY_BYTES: u64 = 4 << 20;

/// Series from which old samples are dropped while readers wait.
const DROPPED_AT_ONCE: usize = 1_024;

impl Db {
    /// What is due now and then (the caller calls it every second or so): writes to disk what only the operating
    /// system holds yet, drops what is too old or too much, and checkpoints the log.
    pub fn maintain(&self) -> Result<(), StorageError> {
        let _alone = lock(&self.maintenance);
        self.drop_old();
        self.sync()?;
        let due = {
            let writer = lock(&self.writer);
            writer.log.as_ref().is_some_and(|log| log.bytes() >= writer.checkpoint_at)
        };
        if due { self.checkpoint(false) } else { Ok(()) }
    }

    /// Writes everything to disk, so that nothing is lost and the next start is quick.
    pub fn close(&self) -> Result<(), StorageError> {
        let _alone = lock(&self.maintenance);
        let written = lock(&self.writer).log.as_ref().is_some_and(|log| log.bytes() > 0);
        if written { self.checkpoint(true) } else { self.sync() }
    }

    fn sync(&self) -> Result<(), StorageError> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let (files, name) = {
            let mut writer = lock(&self.writer);
            writer.log.as_mut().map(super::log::Log::take_unsynced).unwrap_or_default()
        };
        let synced = files.iter().try_for_each(|file| file.sync_data());
        let synced = if name { synced.and_then(|()| directory.sync()) } else { synced };
        synced.map_err(|cause| {
            // The operating system may have forgotten what it could not write: write everything anew.
            lock(&self.writer).checkpoint_at = 0;
            directory.error("make writes last in", &cause)
        })
    }

    /// The oldest time of samples that are kept.
    pub(super) fn oldest_kept_ms(&self, head: &Head) -> i64 {
        let by_time = head.newest_ms.map_or(i64::MIN, |ms| ms.saturating_sub(self.options.retention_ms));
        head.min_valid_ms.max(by_time)
    }

    /// Drops samples that are too old, and then the oldest ones, if all take too many bytes.
    pub(super) fn drop_old(&self) {
        // Nobody may write meanwhile: what a commit has checked must stay true.
        let _writer = lock(&self.writer);
        let (cutoff_ms, old) = {
            let head = read(&self.head);
            let cutoff_ms = self.cutoff_ms(&head);
            if cutoff_ms <= head.min_valid_ms {
                return;
            }
            let is_old = |ms: Option<i64>| ms.is_some_and(|ms| ms < cutoff_ms);
            let old: Vec<u32> = head
                .iter()
                .filter(|(_, series)| match series.samples().chunks.first() {
                    Some(chunk) => chunk.last_ms() < cutoff_ms,
                    None => is_old(series.samples().first_ms()),
                })
                .map(|(slot, _)| slot)
                .collect();
            (cutoff_ms, old)
        };
        write(&self.head).min_valid_ms = cutoff_ms;
        for some in old.chunks(DROPPED_AT_ONCE) {
            let empty: Vec<u32> = {
                let mut head = write(&self.head);
                some.iter().copied().filter(|&slot| !head.drop_before(slot, cutoff_ms)).collect()
            };
            if !empty.is_empty() {
                let mut index = write(&self.index);
                let mut head = write(&self.head);
                Arc::make_mut(&mut index).remove(&empty);
                for slot in empty {
                    head.remove(slot);
                }
                self.changes.fetch_add(1, Release);
            }
        }
    }

    fn cutoff_ms(&self, head: &Head) -> i64 {
        let by_time_ms = self.oldest_kept_ms(head);
        let Some(limit) = self.options.retention_bytes else { return by_time_ms };
        let Some(mut over) = (head.size().bytes as u64).checked_sub(limit).filter(|&over| over > 0) else {
            return by_time_ms;
        };
        let mut ends: Vec<(i64, u64)> = Vec::with_capacity(head.size().chunks);
        for (_, series) in head.iter() {
            let samples = series.samples();
            ends.extend(samples.chunks.iter().map(|chunk| (chunk.last_ms(), chunk.data().len() as u64)));
            let each = size_of::<crate::model::Sample>() as u64;
            ends.extend(samples.open.iter().map(|sample| (sample.time_ms, each)));
        }
        ends.sort_unstable();
        let mut cutoff_ms = by_time_ms;
        for (end_ms, bytes) in ends {
            cutoff_ms = cutoff_ms.max(end_ms.saturating_add(1));
            over = over.saturating_sub(bytes);
            if over == 0 {
                break;
            }
        }
        cutoff_ms
    }

    /// Writes a snapshot, and removes the log that it makes superfluous.
    fn checkpoint(&self, pack: bool) -> Result<(), StorageError> {
        match self.write_snapshot(pack)? {
            Some(number) => self.remove_superseded(number),
            None => Ok(()),
        }
    }

    /// Writes a snapshot of everything committed so far; the number of the first file of the log after it.
    pub(super) fn write_snapshot(&self, pack: bool) -> Result<Option<u64>, StorageError> {
        let Some(directory) = &self.directory else { return Ok(None) };
        let mut writer = lock(&self.writer);
        let Some(log) = writer.log.as_mut() else { return Ok(None) };
        let log_bytes = log.bytes();
        let number = log.begin_anew();
        // From here on the log must say the labels again: it stands alone after the snapshot.
        writer.epoch += 1;
        let (min_valid_ms, series) = {
            let head = read(&self.head);
            let stored = |(_, series): (u32, &super::series::Series)| Stored {
                id: series.id,
                labels: series.labels.clone(),
                samples: series.samples().clone(),
            };
            (head.min_valid_ms, head.iter().map(stored).collect::<Vec<_>>())
        };
        drop(writer);
        let written = snapshot::write(directory, number, min_valid_ms, &series, pack);
        let mut writer = lock(&self.writer);
        match written {
            Ok(bytes) => {
                writer.checkpoint_at = bytes.max(CHECKPOINT_BYTES);
                Ok(Some(number))
            }
            Err(cause) => {
                if let Some(log) = writer.log.as_mut() {
                    log.count_again(log_bytes);
                    writer.checkpoint_at = log.bytes() + CHECKPOINT_RETRY_BYTES;
                }
                Err(directory.error("write a snapshot to", &cause))
            }
        }
    }

    /// Removes what the snapshot of this number makes superfluous.
    pub(super) fn remove_superseded(&self, number: u64) -> Result<(), StorageError> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let listing = directory.list()?;
        let old = |numbers: Vec<u64>, path: &dyn Fn(u64) -> PathBuf| -> Vec<PathBuf> {
            numbers.into_iter().filter(|&old| old < number).map(path).collect()
        };
        let mut paths = old(listing.logs, &|number| directory.log(number));
        paths.extend(old(listing.snapshots, &|number| directory.snapshot(number)));
        for path in paths {
            std::fs::remove_file(path).map_err(|cause| directory.error("remove old files from", &cause))?;
        }
        Ok(())
    }

    /// How often a sample was left out because another appender was quicker.
    pub(super) fn overtaken(&self) -> u64 {
        self.overtaken.load(Relaxed)
    }
}

/// When a log of a store that was just opened is checkpointed.
pub(super) fn first_checkpoint_at(snapshot_bytes: u64) -> u64 {
    snapshot_bytes.max(CHECKPOINT_BYTES)
}
