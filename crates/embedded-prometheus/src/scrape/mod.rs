//! Scraping: asks each target for its samples at its interval and writes them to the store.
//!
//! A pure core in a thin shell. What a body leaves in the store is decided by `record` (with `append` and `cache`)
//! from the body, what is known of the target and the time of the scrape; which targets there are by `target` and
//! `discovery`; when each is due by `schedule`. The shell is `client` (HTTP), `target_loop` (a task a target) and
//! `job` (which tasks there are).
//!
//! The rules follow Prometheus 3.5's scrape package (Copyright The Prometheus Authors, Apache-2.0), but for one: when
//! a scrape fails half-way through a body, all series of the target get stale markers, not only those that the part
//! before the error lacks. Native histograms, protobuf and exemplars are not taken.

mod append;
mod cache;
mod client;
mod discovery;
mod duration;
mod error;
mod job;
mod metadata;
mod record;
mod schedule;
mod status;
mod target;
mod target_loop;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use job::{AbortOnDrop, Context, Ending, Job};
pub use status::{Health, MetricMetadata, TargetStatus};
use target_loop::{Clock, Order, lock};

use crate::config::Config;
use crate::model::Labels;
use crate::storage::Db;

/// The most bytes of an uncompressed body, if nothing else is said.
pub const DEFAULT_BODY_SIZE_LIMIT_BYTES: u64 = 256 << 20;

/// How long [`Scraper::stop`] waits for loops that are writing.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// Keeps one loop a target. Dropping it stops them all at once; [`Scraper::stop`] writes stale markers first.
pub struct Scraper {
    shared: Arc<Shared>,
}

struct Shared {
    context: Context,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jobs: BTreeMap<String, Job>,
    /// Loops whose targets are gone, which have their stale markers yet to write.
    ending: Vec<Ending>,
    is_stopped: bool,
}

impl std::fmt::Debug for Scraper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scraper").field("jobs", &lock(&self.shared.state).jobs).finish_non_exhaustive()
    }
}

impl Scraper {
    /// One without targets. Needs a tokio runtime from [`Scraper::apply`] on.
    #[must_use]
    pub fn new(db: Arc<Db>) -> Self {
        Self::with_clock(db, Arc::new(unix_ms))
    }

    fn with_clock(db: Arc<Db>, clock: Clock) -> Self {
        Self { shared: Arc::new(Shared { context: Context { db, clock }, state: Mutex::default() }) }
    }

    /// Takes on a configuration: new targets begin, those no longer there get stale markers (after two intervals, as
    /// they may come back) and end, those that did not change go on undisturbed. Files with targets are read again.
    /// After [`Scraper::stop`] it does nothing.
    pub fn apply(&self, config: &Config) {
        let mut state = lock(&self.shared.state);
        if state.is_stopped {
            return;
        }
        state.ending.retain(|ending| !ending.is_over());
        let mut before = std::mem::take(&mut state.jobs);
        for scrape in &config.scrape_configs {
            let base_dir = config.base_dir.clone();
            let mut job = match before.remove(&scrape.job_name) {
                Some(mut job) => {
                    job.update(scrape, base_dir, &self.shared.context);
                    job
                }
                None => Job::new(scrape, base_dir),
            };
            for entry in 0..scrape.file_sd_configs.len() {
                job.refresh(entry);
            }
            let gone = job.sync(&self.shared.context);
            state.ending.extend(gone);
            let refreshers = scrape.file_sd_configs.iter().enumerate().map(|(entry, files)| {
                let shared = Arc::downgrade(&self.shared);
                let every = Duration::from_millis(files.refresh_interval_ms.max(1) as u64);
                refresh_every(shared, scrape.job_name.clone(), entry, every)
            });
            job.refreshers = refreshers.collect();
            state.jobs.insert(scrape.job_name.clone(), job);
        }
        for job in before.into_values() {
            for running in job.running.into_values() {
                running.ending.order(Order::End);
                state.ending.push(running.ending);
            }
        }
    }

    /// Ends all loops, after their stale markers, which they write at once. Bounded in time.
    pub async fn stop(&self) {
        let endings: Vec<Ending> = {
            let mut state = lock(&self.shared.state);
            state.is_stopped = true;
            let jobs = std::mem::take(&mut state.jobs);
            let running = jobs.into_values().flat_map(|job| job.running.into_values());
            let mut endings: Vec<Ending> = running.map(|running| running.ending).collect();
            endings.append(&mut state.ending);
            endings
        };
        for ending in &endings {
            ending.order(Order::Finish);
        }
        let all = async {
            for task in endings.into_iter().filter_map(Ending::into_task) {
                let _ = task.await;
            }
        };
        if tokio::time::timeout(STOP_WAIT, all).await.is_err() {
            tracing::warn!(
                "scrapes are still being written {} s after they were stopped",
                STOP_WAIT.as_secs()
            );
        }
    }

    /// The targets, sorted by job and address.
    #[must_use]
    pub fn targets(&self) -> Vec<TargetStatus> {
        let state = lock(&self.shared.state);
        let mut targets = Vec::new();
        for (name, job) in &state.jobs {
            let first = targets.len();
            for running in job.running.values() {
                let progress = lock(&running.progress).clone();
                let target = &running.target;
                targets.push(TargetStatus {
                    scrape_pool: name.clone(),
                    labels: target.labels.clone(),
                    discovered_labels: target.discovered.clone(),
                    scrape_url: target.url.clone(),
                    health: progress.health,
                    last_error: progress.last_error,
                    last_scrape_ms: progress.last_scrape_ms,
                    last_scrape_duration_s: progress.last_scrape_duration_s,
                    scrape_interval_ms: target.interval_ms,
                    scrape_timeout_ms: target.timeout_ms,
                    metadata: progress.metadata,
                });
            }
            let of_job = targets.get_mut(first..).unwrap_or_default();
            of_job.sort_by(|a, b| (&a.scrape_url, &a.labels).cmp(&(&b.scrape_url, &b.labels)));
        }
        targets
    }

    /// The labels before relabelling of the targets that relabelling dropped, by job.
    #[must_use]
    pub fn dropped_targets(&self) -> BTreeMap<String, Vec<Labels>> {
        let state = lock(&self.shared.state);
        let dropped = state.jobs.iter().filter(|(_, job)| !job.dropped.is_empty());
        dropped.map(|(name, job)| (name.clone(), job.dropped.clone())).collect()
    }
}

fn refresh_every(shared: Weak<Shared>, job_name: String, entry: usize, every: Duration) -> AbortOnDrop {
    let task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            let Some(shared) = shared.upgrade() else { return };
            let job_name = job_name.clone();
            // Reading files blocks.
            let refreshed = tokio::task::spawn_blocking(move || {
                let mut state = lock(&shared.state);
                let State { jobs, ending, .. } = &mut *state;
                if let Some(job) = jobs.get_mut(&job_name) {
                    job.refresh(entry);
                    ending.retain(|ending| !ending.is_over());
                    ending.extend(job.sync(&shared.context));
                }
            });
            if refreshed.await.is_err() {
                return;
            }
        }
    });
    AbortOnDrop(task.abort_handle())
}

fn unix_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A job that scrapes every second, for tests.
#[cfg(test)]
fn test_config(job_name: &str) -> crate::config::ScrapeConfig {
    crate::config::ScrapeConfig {
        scrape_interval_ms: 1000,
        scrape_timeout_ms: 500,
        ..crate::config::ScrapeConfig::new(job_name, &crate::config::Global::default())
    }
}

#[cfg(test)]
mod tests;
