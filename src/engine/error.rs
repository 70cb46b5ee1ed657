//! Why an engine does not run.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use embedded_prometheus::config::ConfigError;
use embedded_prometheus::server::StartError;
use embedded_prometheus::storage::StorageError;

use super::target::TargetError;

/// Why an engine does not run, or did not stop in order.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// The configuration is wrong; the text has the place.
    #[error("{0}")]
    Config(String),
    /// A target cannot be meant.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The data directory cannot be used, or not everything could be written to it.
    #[error("{0}")]
    Storage(String),
    /// The address cannot be listened on.
    #[error("{0}; give another one with {1}")]
    Listen(String, &'static str),
    /// The configuration file is not there.
    #[error("{}: no such file; give one with --config, or addresses to scrape with --scrape", .0.display())]
    NoConfig(PathBuf),
    /// The demo application does not start.
    #[error("cat-facts: {0}")]
    CatFacts(String),
    /// The system gives no more threads.
    #[error("cannot start the engine's threads: {0}")]
    Threads(String),
    /// It panicked.
    #[error("the engine broke down; this is a defect, please report it")]
    Broken,
    /// It did not come to its end in time.
    #[error("the engine did not stop within {} s; the newest samples may be lost", super::STOP_LIMIT.as_secs())]
    StopTimeout,
}

impl EngineError {
    pub(super) fn thread(error: impl std::fmt::Display) -> Self {
        Self::Threads(error.to_string())
    }

    /// A listener that cannot be had; `flag` gives another address.
    pub(super) fn listen(address: SocketAddr, cause: &io::Error, flag: &'static str) -> Self {
        let cause = cause.to_string();
        let cause = cause.split(" (os error").next().unwrap_or_default().to_lowercase();
        Self::Listen(format!("cannot listen on {address}: {cause}"), flag)
    }

    /// Whether it is the person's words that are wrong, rather than the machine.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Config(_) | Self::Target(_) | Self::NoConfig(_))
    }
}

impl From<StartError> for EngineError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Config(error) => error.into(),
            StartError::Storage(error) => error.into(),
            StartError::Listen { address, cause } => Self::listen(address, &cause, "--listen"),
            StartError::Internal(message) => Self::Threads(message),
        }
    }
}

impl From<ConfigError> for EngineError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}

impl From<StorageError> for EngineError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error.to_string())
    }
}
