//! What is known of a target: who it is, how it is, and what its metrics mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Labels;

/// How a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// Not scraped yet.
    #[default]
    Unknown,
    /// The last scrape went well.
    Up,
    /// The last scrape failed.
    Down,
}

/// What a metric means, as its target says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct MetricMetadata {
    /// `counter`, `gauge`, `histogram`, `summary`, `unknown` ...
    pub kind: String,
    /// What it measures.
    pub help: String,
    /// Its unit, if one is said.
    pub unit: String,
}

/// A target and how its last scrape went.
#[derive(Debug, Clone)]
pub struct TargetStatus {
    /// The `scrape_configs` entry it belongs to.
    pub scrape_pool: String,
    /// Its labels after relabelling, those of `__` left out.
    pub labels: Labels,
    /// Its labels before relabelling.
    pub discovered_labels: Labels,
    /// The address that is asked, without credentials.
    pub scrape_url: String,
    /// How it is.
    pub health: Health,
    /// Why the last scrape failed, or empty.
    pub last_error: String,
    /// When it was last scraped, in Unix milliseconds.
    pub last_scrape_ms: Option<i64>,
    /// How long that took.
    pub last_scrape_duration_s: f64,
    /// How often it is scraped.
    pub scrape_interval_ms: i64,
    /// How long a scrape may take.
    pub scrape_timeout_ms: i64,
    /// What its metrics mean, by metric name.
    pub metadata: Arc<BTreeMap<String, MetricMetadata>>,
}
