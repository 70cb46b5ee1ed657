//! The store that scraping and rules write to and queries read from: series by label index, samples in compressed
//! chunks, on disk by a write-ahead log where a directory is given.
//!
//! All samples are held in memory, compressed; the directory is for the next start only. It holds a snapshot and
//! the log of what was committed since (see [`directory`]).
//!
//! What holds:
//!
//! - A commit is written to the log, by one `write`, before it becomes visible. So a process that is killed loses
//!   nothing that was committed; after a power cut what was committed since the last [`Db::maintain`] may be gone.
//! - A select sees each commit wholly or not at all, and its answer does not change while it is read. Two selects
//!   of one query may see different commits.
//! - Readers hold up writers while they copy pointers to what they found, and writers hold up readers while they
//!   push samples: neither compresses, decodes, or waits for the disk meanwhile. Matching label values against an
//!   expression holds up only commits that bring new series.
//!
//! Locks are taken in this order: `maintenance`, `writer`, `index`, `head`.

mod appender;
mod bytes;
mod chunk;
mod directory;
mod frame;
mod head;
mod index;
mod log;
mod maintain;
mod record;
mod recover;
mod select;
mod series;
mod snapshot;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::StorageError;
use appender::Buffers;
use directory::Directory;
use head::Head;
use index::Index;
use log::Log;

pub use appender::Appender;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DbOptions {
    /// Samples older than this, counted from the newest one, are dropped.
    pub retention_ms: i64,
    /// The oldest samples are dropped when all take more than this in memory, as [`DbStats::chunk_bytes`] counts;
    /// `None` for no limit.
    pub retention_bytes: Option<u64>,
    /// The most series at a time; a sample of one more is refused.
    pub max_series: usize,
}

/// Prometheus's `--storage.tsdb.retention.time`.
pub const DEFAULT_RETENTION_MS: i64 = 15 * 24 * 3_600_000;

/// The most series, if nothing else is said.
pub const DEFAULT_MAX_SERIES: usize = 2_000_000;

impl Default for DbOptions {
    fn default() -> Self {
        Self { retention_ms: DEFAULT_RETENTION_MS, retention_bytes: None, max_series: DEFAULT_MAX_SERIES }
    }
}

/// A series in this store, for as long as the store is open: quicker to append to than by labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesRef(pub u64);

/// Something that was wrong on disk, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The file.
    pub path: PathBuf,
    /// What was wrong, and what was kept.
    pub message: String,
}

/// Figures about the store, as `/api/v1/status/tsdb` and `/metrics` give them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DbStats {
    /// Series at the moment.
    pub series: u64,
    /// Chunks at the moment.
    pub chunks: u64,
    /// Samples at the moment.
    pub samples: u64,
    /// Bytes of the samples' chunks, the newest samples uncompressed among them.
    pub chunk_bytes: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Time of the oldest sample.
    pub min_time_ms: Option<i64>,
    /// Time of the newest sample.
    pub max_time_ms: Option<i64>,
    /// Samples appended since the store was opened.
    pub samples_appended: u64,
    /// Samples left out of a commit since then, as another appender had written newer ones in the meantime.
    pub samples_overtaken: u64,
}

/// The store. All methods take `&self`: any number of threads may append and read.
pub struct Db {
    options: DbOptions,
    /// `None` for one in memory.
    directory: Option<Arc<Directory>>,
    /// Held during maintenance, so that there is one at a time.
    maintenance: Mutex<()>,
    /// Held by who changes series or writes the log.
    writer: Mutex<Writer>,
    /// Shared with those who are searching it; a commit that brings new series meanwhile goes on with a copy.
    index: RwLock<Arc<Index>>,
    head: RwLock<Head>,
    /// Counts commits and removals: while it stands still, what an appender has checked stays true.
    changes: AtomicU64,
    appended: AtomicU64,
    overtaken: AtomicU64,
    /// Buffers that the next appender can use.
    spare: Mutex<Option<Buffers>>,
}

/// What one writer at a time uses.
#[derive(Debug)]
struct Writer {
    /// `None` for a store in memory.
    log: Option<Log>,
    /// Counts checkpoints. A series whose labels were logged before the last one must be logged again.
    epoch: u64,
    /// For the next series.
    next_id: u64,
    /// The bytes of the log at which a checkpoint is due.
    checkpoint_at: u64,
    /// The record that is put together.
    frame: Vec<u8>,
}

impl Writer {
    /// Writes the record that was put together.
    fn append(&mut self) -> Result<(), StorageError> {
        let written = self.log.as_mut().map_or(Ok(()), |log| log.append(&mut self.frame));
        // One huge commit shall not take memory for ever.
        if self.frame.capacity() > MAX_KEPT_FRAME_BYTES {
            self.frame = Vec::new();
        }
        written
    }
}

/// A buffer for records that is larger is not kept.
const MAX_KEPT_FRAME_BYTES: usize = 1 << 20;

// A panic elsewhere must not make the store unusable: every change under these locks is complete at every step
// at which code of others runs.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Db {
    /// A store that forgets everything when it is dropped.
    #[must_use]
    pub fn in_memory(options: DbOptions) -> Self {
        let writer = Writer { log: None, epoch: 1, next_id: 1, checkpoint_at: u64::MAX, frame: Vec::new() };
        Self::new(options, None, writer, Index::default(), Head::default())
    }

    fn new(
        options: DbOptions,
        directory: Option<Arc<Directory>>,
        writer: Writer,
        index: Index,
        head: Head,
    ) -> Self {
        Self {
            options,
            directory,
            maintenance: Mutex::default(),
            writer: Mutex::new(writer),
            index: RwLock::new(Arc::new(index)),
            head: RwLock::new(head),
            changes: AtomicU64::new(0),
            appended: AtomicU64::new(0),
            overtaken: AtomicU64::new(0),
            spare: Mutex::default(),
        }
    }

    /// The store in `directory`, which is made if it is not there. What was torn or corrupt on disk is repaired
    /// and said. One process at a time can have it open.
    pub fn open(directory: &Path, options: DbOptions) -> Result<(Self, Vec<Repair>), StorageError> {
        let directory = Arc::new(Directory::open(directory)?);
        let recovered = recover::recover(&directory)?;
        let log = Log::new(Arc::clone(&directory), recovered.next_log, recovered.log_bytes);
        let writer = Writer {
            log: Some(log),
            epoch: 1,
            next_id: recovered.next_id,
            checkpoint_at: maintain::first_checkpoint_at(recovered.snapshot_bytes),
            frame: Vec::new(),
        };
        let db = Self::new(options, Some(directory), writer, recovered.index, recovered.head);
        let mut repairs = recovered.repairs;
        if let Some(path) = recovered.damaged_snapshot {
            repairs.push(db.replace_damaged(path));
        }
        db.drop_old();
        Ok((db, repairs))
    }

    /// Writes a snapshot in place of a damaged one, which is kept aside.
    fn replace_damaged(&self, path: PathBuf) -> Repair {
        let replaced = self.write_snapshot(false).and_then(|number| {
            let aside = Directory::aside(&path, 0);
            std::fs::rename(&path, &aside).map_err(|cause| StorageError {
                message: format!("cannot rename it to {}: {cause}", aside.display()),
            })?;
            number.map_or(Ok(()), |number| self.remove_superseded(number))?;
            Ok(aside)
        });
        let message = match replaced {
            Ok(aside) => format!("moved to {}; a new snapshot was written", aside.display()),
            Err(error) => format!("left as it is, for the next start, as it could not be replaced: {error}"),
        };
        Repair { path, message }
    }

    /// How much is kept.
    #[must_use]
    pub fn options(&self) -> &DbOptions {
        &self.options
    }

    /// Figures of the moment.
    #[must_use]
    pub fn stats(&self) -> DbStats {
        let disk_bytes = self.directory.as_ref().map_or(0, |directory| directory.bytes());
        let head = read(&self.head);
        let size = head.size();
        let oldest_ms = head.iter().filter_map(|(_, series)| series.samples().first_ms()).min();
        DbStats {
            series: head.series_count() as u64,
            chunks: size.chunks as u64,
            samples: size.samples as u64,
            chunk_bytes: size.bytes as u64,
            disk_bytes,
            min_time_ms: oldest_ms.map(|ms| ms.max(head.min_valid_ms)),
            max_time_ms: head.newest_ms.filter(|_| head.series_count() > 0),
            samples_appended: self.appended.load(Relaxed),
            samples_overtaken: self.overtaken(),
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("options", &self.options)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
