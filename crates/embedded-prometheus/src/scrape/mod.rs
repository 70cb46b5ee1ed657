//! Scraping: asks each target for its samples at its interval and writes them to the store.

mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use status::{Health, MetricMetadata, TargetStatus};

use crate::config::Config;
use crate::model::Labels;
use crate::storage::Db;

/// The most bytes of an uncompressed body, if nothing else is said.
pub const DEFAULT_BODY_SIZE_LIMIT_BYTES: u64 = 256 << 20;

/// Keeps one loop a target. Dropping it stops them all at once; [`Scraper::stop`] writes stale markers first.
#[derive(Debug)]
pub struct Scraper {
    #[expect(dead_code, reason = "the loops will write to it")]
    db: Arc<Db>,
}

impl Scraper {
    /// One without targets. Needs a tokio runtime from [`Scraper::apply`] on.
    #[must_use]
    pub fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Takes on a configuration: new targets begin, those no longer there get stale markers and end, those that
    /// did not change go on undisturbed.
    pub fn apply(&self, _config: &Config) {}

    /// Ends all loops, after their stale markers.
    pub async fn stop(&self) {}

    /// The targets, sorted by job and address.
    #[must_use]
    pub fn targets(&self) -> Vec<TargetStatus> {
        Vec::new()
    }

    /// The labels before relabelling of the targets that relabelling dropped, by job.
    #[must_use]
    pub fn dropped_targets(&self) -> BTreeMap<String, Vec<Labels>> {
        BTreeMap::new()
    }
}
