//! A whole server: store, scraping, rules and HTTP API, started and stopped as one.
//!
//! ```no_run
//! use embedded_prometheus::promql;
//! use embedded_prometheus::server::{ConfigSource, DEFAULT_QUERY_CONCURRENCY, DEFAULT_QUERY_TIMEOUT_MS};
//! use embedded_prometheus::server::{Server, ServerOptions};
//! use embedded_prometheus::storage::DbOptions;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start(ServerOptions {
//!     listen: ([127, 0, 0, 1], 0).into(),
//!     config: ConfigSource::File("prometheus.yml".into()),
//!     data_dir: None,
//!     db: DbOptions::default(),
//!     promql: promql::Options::default(),
//!     query_timeout_ms: DEFAULT_QUERY_TIMEOUT_MS,
//!     query_concurrency: DEFAULT_QUERY_CONCURRENCY,
//! })
//! .await?;
//! println!("http://{}/api/v1/query?query=up", server.local_addr());
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```

mod listener;
mod maintenance;
mod reload;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::api::{self, Api, Facts, ReloadRequest};
use crate::config::{Config, ConfigError};
use crate::promql::{self, format_duration};
use crate::rules::Ruler;
use crate::scrape::Scraper;
use crate::storage::{Db, DbOptions, Repair, StorageError};
pub use listener::MAX_CONNECTIONS;

/// Prometheus's `--query.timeout`.
pub const DEFAULT_QUERY_TIMEOUT_MS: u64 = 120_000;

/// Prometheus's `--query.max-concurrency`.
pub const DEFAULT_QUERY_CONCURRENCY: usize = 20;

/// How long requests under way may go on when the server stops; then their queries are cancelled.
pub const STOP_GRACE: Duration = Duration::from_secs(2);

/// How long requests may take to end once their queries are cancelled; then their connections are cut.
pub const STOP_CANCELLED: Duration = Duration::from_secs(1);

/// How long scraping and rules may take to end.
pub const STOP_LOOPS: Duration = Duration::from_secs(5);

/// How many reloads may wait for one under way.
const RELOAD_QUEUE: usize = 16;

/// What to start.
#[derive(Debug)]
pub struct ServerOptions {
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// What to scrape and evaluate.
    pub config: ConfigSource,
    /// Where to keep samples; `None` keeps them in memory only.
    pub data_dir: Option<PathBuf>,
    /// How much is kept.
    pub db: DbOptions,
    /// How queries are evaluated; the subquery step follows the configuration's evaluation interval.
    pub promql: promql::Options,
    /// The longest a query may take.
    pub query_timeout_ms: u64,
    /// The most queries at a time; more wait.
    pub query_concurrency: usize,
}

/// Where a configuration comes from.
#[derive(Debug, Clone)]
pub enum ConfigSource {
    /// A file, read again on [`Server::reload`].
    File(PathBuf),
    /// Made by the program; a reload changes nothing but rule files and `file_sd` files.
    Given(Box<Config>),
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        cause: std::io::Error,
    },
    /// Metrics of the server itself cannot be set up, or work on a thread of its own ended unexpectedly.
    #[error("cannot start: {0}")]
    Internal(String),
}

/// A running server. Dropped without [`Server::stop`] it ends at once: queries are cancelled, and what is not yet
/// on disk is lost.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    repairs: Vec<Repair>,
    api: Arc<Api>,
    /// Set to end the listener and the maintenance.
    stop: watch::Sender<bool>,
    /// Set by the listener when it has ended.
    ended: watch::Receiver<bool>,
    serving: Task,
    maintaining: Task,
    _reloading: Task,
}

/// A task that does not outlive its owner.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Opens the store, listens, and begins to scrape. Needs a tokio runtime.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        let started_ms = now_ms();
        let config = reload::read(&options.config).await?;
        let listener = tokio::net::TcpListener::bind(options.listen)
            .await
            .map_err(|cause| StartError::Listen { address: options.listen, cause })?;
        let address =
            listener.local_addr().map_err(|cause| StartError::Listen { address: options.listen, cause })?;
        let (db, repairs) = open(options.data_dir.clone(), options.db).await?;
        for repair in &repairs {
            tracing::warn!(path = %repair.path.display(), "{}", repair.message);
        }
        let db = Arc::new(db);
        let (reloads, requests) = mpsc::channel(RELOAD_QUEUE);
        let facts = Facts {
            started_ms,
            flags: flags(&options, address),
            retention: retention(&options.db),
            query_timeout: Duration::from_millis(options.query_timeout_ms),
        };
        let api = Arc::new(new_api(db, config, &options, facts, reloads)?);
        let live = api.live();
        reload::apply(&api, live.config.clone(), live.engine.clone())?;
        let (stop, stopping) = watch::channel(false);
        let (has_ended, ended) = watch::channel(false);
        let serving = serve(listener, &api, stopping.clone(), has_ended);
        let maintaining = Task(tokio::spawn(maintenance::run(Arc::clone(&api.db), stopping)));
        let reloading = Task(tokio::spawn(reload::run(Arc::clone(&api), options, requests)));
        api.ready.store(true, Ordering::Relaxed);
        tracing::info!(%address, "serving");
        Ok(Self { address, repairs, api, stop, ended, serving, maintaining, _reloading: reloading })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What had to be repaired on disk when it started.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// The store, for a program that appends samples of its own or evaluates without HTTP.
    #[must_use]
    pub fn db(&self) -> &Arc<Db> {
        &self.api.db
    }

    /// Reads the configuration again; with an error in it nothing changes.
    pub async fn reload(&self) -> Result<(), ConfigError> {
        self.api.reload().await
    }

    /// Ends when the server does, which it does by itself only if listening fails.
    pub async fn ended(&self) {
        let mut ended = self.ended.clone();
        // The sender is gone only when the listener is.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Stops listening, scraping and evaluating, waits for what is under way (at most [`STOP_GRACE`],
    /// [`STOP_CANCELLED`] and [`STOP_LOOPS`] together), and closes the store.
    pub async fn stop(mut self) -> Result<(), StorageError> {
        self.api.ready.store(false, Ordering::Relaxed);
        self.stop.send_replace(true);
        let scraper = Arc::clone(&self.api.scraper);
        let ruler = Arc::clone(&self.api.ruler);
        let loops =
            async move { timeout(STOP_LOOPS, async { tokio::join!(scraper.stop(), ruler.stop()) }).await };
        let requests = async {
            if timeout(STOP_GRACE, &mut self.serving.0).await.is_ok() {
                return;
            }
            self.api.queries.cancel();
            self.api.lookups.cancel();
            if timeout(STOP_CANCELLED, &mut self.serving.0).await.is_err() {
                tracing::warn!("requests under way did not end in time and are cut off");
            }
        };
        let (loops, ()) = tokio::join!(loops, requests);
        if loops.is_err() {
            tracing::warn!(limit = ?STOP_LOOPS, "scraping and rules did not end in time");
        }
        // A round of maintenance ends by itself: it is bounded by the disk.
        let _ = (&mut self.maintaining.0).await;
        let db = Arc::clone(&self.api.db);
        tokio::task::spawn_blocking(move || db.close()).await.unwrap_or_else(|e| {
            Err(StorageError { message: format!("closing the store ended unexpectedly: {e}") })
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.api.queries.cancel();
        self.api.lookups.cancel();
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

async fn open(directory: Option<PathBuf>, options: DbOptions) -> Result<(Db, Vec<Repair>), StartError> {
    let Some(directory) = directory else { return Ok((Db::in_memory(options), Vec::new())) };
    let opened = tokio::task::spawn_blocking(move || Db::open(&directory, options)).await;
    Ok(opened.map_err(|e| StartError::Internal(format!("opening the store ended unexpectedly: {e}")))??)
}

fn new_api(
    db: Arc<Db>,
    config: Config,
    options: &ServerOptions,
    facts: Facts,
    reloads: mpsc::Sender<ReloadRequest>,
) -> Result<Api, StartError> {
    let telemetry = api::Telemetry::new().map_err(|e| StartError::Internal(e.to_string()))?;
    let times = &telemetry.query_times;
    Ok(Api {
        scraper: Arc::new(Scraper::new(Arc::clone(&db))),
        ruler: Arc::new(Ruler::new(Arc::clone(&db))),
        live: RwLock::new(Arc::new(reload::live(config, &options.promql))),
        queries: api::Slots::new(options.query_concurrency, Arc::clone(times)),
        lookups: api::Slots::new(options.query_concurrency, Arc::default()),
        telemetry,
        db,
        facts,
        ready: AtomicBool::new(false),
        reload_went_well: AtomicBool::new(true),
        reloads,
        clock: now_ms,
    })
}

fn serve(
    listener: tokio::net::TcpListener,
    api: &Arc<Api>,
    mut stopping: watch::Receiver<bool>,
    has_ended: watch::Sender<bool>,
) -> Task {
    let router = api::router(Arc::clone(api));
    Task(tokio::spawn(async move {
        let asked = async move {
            // Without a sender there is no server any more.
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        listener::serve(listener, router, asked).await;
        has_ended.send_replace(true);
    }))
}

/// What Prometheus would have been started with.
fn flags(options: &ServerOptions, address: SocketAddr) -> BTreeMap<&'static str, String> {
    let config = match &options.config {
        ConfigSource::File(path) => path.display().to_string(),
        ConfigSource::Given(_) => String::new(),
    };
    let data = options.data_dir.as_ref().map(|path| path.display().to_string());
    let ms = |ms: i64| format_duration(u128::try_from(ms).unwrap_or(0));
    let experimental =
        if options.promql.experimental_functions { "promql-experimental-functions" } else { "" };
    BTreeMap::from([
        ("config.file", config),
        ("enable-feature", experimental.to_owned()),
        ("query.lookback-delta", ms(options.promql.lookback_ms)),
        ("query.max-concurrency", options.query_concurrency.to_string()),
        ("query.max-samples", options.promql.max_samples.to_string()),
        ("query.timeout", format_duration(u128::from(options.query_timeout_ms))),
        ("storage.tsdb.path", data.unwrap_or_default()),
        ("storage.tsdb.retention.size", options.db.retention_bytes.map_or("0B".into(), |b| format!("{b}B"))),
        ("storage.tsdb.retention.time", ms(options.db.retention_ms)),
        ("web.enable-admin-api", "false".into()),
        ("web.enable-lifecycle", "true".into()),
        ("web.listen-address", address.to_string()),
        ("web.max-connections", MAX_CONNECTIONS.to_string()),
    ])
}

fn retention(options: &DbOptions) -> String {
    let time = format_duration(u128::try_from(options.retention_ms).unwrap_or(0));
    match options.retention_bytes {
        Some(bytes) => format!("{time} or {bytes}B"),
        None => time,
    }
}
