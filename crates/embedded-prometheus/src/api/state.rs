//! What the endpoints answer from: the store, the scraper, the ruler, and the configuration of the moment.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::slots::Slots;
use super::telemetry::Telemetry;
use crate::config::{Config, ConfigError};
use crate::promql::Engine;
use crate::rules::Ruler;
use crate::scrape::Scraper;
use crate::storage::Db;

/// Asks the server to read its configuration again, and takes what came of it.
pub(crate) type ReloadRequest = oneshot::Sender<Result<(), ConfigError>>;

/// What a reload replaces, all at once.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) config: Config,
    pub(crate) engine: Engine,
    /// When it was taken on, in Unix milliseconds.
    pub(crate) loaded_ms: i64,
}

/// What never changes while the server runs.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) started_ms: i64,
    /// `storage.tsdb.retention.time` and so on, as `/api/v1/status/flags` gives them.
    pub(crate) flags: BTreeMap<&'static str, String>,
    /// `15d`, or `15d or 512MB`
    pub(crate) retention: String,
    pub(crate) query_timeout: Duration,
}

/// Everything that the endpoints share.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) db: Arc<Db>,
    pub(crate) scraper: Arc<Scraper>,
    pub(crate) ruler: Arc<Ruler>,
    pub(crate) live: RwLock<Arc<Live>>,
    pub(crate) facts: Facts,
    /// Room for queries.
    pub(crate) queries: Slots,
    /// Room for looking up series and labels, and for `/federate`.
    pub(crate) lookups: Slots,
    pub(crate) telemetry: Telemetry,
    /// Whether it answers anything but `/-/healthy` and `/metrics`.
    pub(crate) ready: AtomicBool,
    /// Whether the last reload went well.
    pub(crate) reload_went_well: AtomicBool,
    pub(crate) reloads: mpsc::Sender<ReloadRequest>,
    /// Unix milliseconds.
    pub(crate) clock: fn() -> i64,
}

impl Api {
    /// The configuration and the engine of the moment.
    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes on a configuration for all requests that come from now on.
    pub(crate) fn replace(&self, live: Live) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(live);
    }

    /// Has the configuration read again.
    pub(crate) async fn reload(&self) -> Result<(), ConfigError> {
        let stopped = || ConfigError {
            path: self.live().config.base_dir.clone(),
            at: None,
            message: "not read again: the server is stopping".into(),
        };
        let (answer, result) = oneshot::channel();
        self.reloads.send(answer).await.map_err(|_| stopped())?;
        result.await.unwrap_or_else(|_| Err(stopped()))
    }
}
