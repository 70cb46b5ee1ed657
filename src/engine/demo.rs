//! The demo: cat-facts, asked by a gentle load, and an engine that scrapes it and itself.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use cat_facts::{App, Config, ErrorRatio, Latency};
use embedded_prometheus::server::{Server, StartError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::error::EngineError;
use super::load;
use super::plan::{Plan, Sources};
use super::target::Target;

/// How often both are scraped.
pub const SCRAPE_INTERVAL_MS: i64 = 1_000;

/// Ports that are tried for an engine that has to know its own before it starts.
const PORT_TRIES: usize = 8;

/// Half of the facts take less than this.
const LATENCY_MEDIAN: Duration = Duration::from_millis(20);

/// How much slower the slow ones are.
const LATENCY_SIGMA: f64 = 0.8;

/// The share of facts that fail.
const ERROR_RATIO: f64 = 0.02;

/// The demo application and its load.
#[derive(Clone, Debug)]
pub struct DemoPlan {
    /// No load.
    pub quiet: bool,
    /// Fixes facts, latencies, errors and the bursts of the load.
    pub seed: u64,
    /// Where cat-facts listens; port 0 for any free one.
    pub listen: SocketAddr,
}

/// The running application. Dropping it ends it at once.
pub(super) struct Demo {
    address: SocketAddr,
    _tasks: JoinSet<()>,
    _stop: oneshot::Sender<()>,
}

impl Demo {
    pub(super) async fn start(plan: &DemoPlan, engine: SocketAddr) -> Result<Self, EngineError> {
        if plan.listen.port() != 0 && plan.listen.port() == engine.port() {
            let cause = io::Error::other("it is the engine's port too");
            return Err(EngineError::listen(plan.listen, &cause, "--cat-facts-port"));
        }
        let listen = |cause: io::Error| EngineError::listen(plan.listen, &cause, "--cat-facts-port");
        let listener = tokio::net::TcpListener::bind(plan.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let error = |error: &dyn std::fmt::Display| EngineError::CatFacts(error.to_string());
        let app = App::new(&Config {
            seed: Some(plan.seed),
            latency: Latency::LogNormal { median: LATENCY_MEDIAN, sigma: LATENCY_SIGMA },
            error_ratio: ErrorRatio::new(ERROR_RATIO).map_err(|cause| error(&cause))?,
            upstream: None,
        })
        .map_err(|cause| error(&cause))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // Told to end, or its owner is gone: the same.
            let stopped = async {
                let _ = stopped.await;
            };
            cat_facts::serve(listener, app.router(), stopped).await;
        });
        if !plan.quiet {
            let client = crate::source::client::loopback().map_err(|cause| error(&cause))?;
            tasks.spawn(load::run(client, address, plan.seed));
        }
        Ok(Self { address, _tasks: tasks, _stop: stop })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Starts the engine that scrapes cat-facts and itself. What it scrapes it has to know before it listens; so a port
/// that is free now is taken, and another one should somebody else be quicker.
pub(super) async fn start_engine(plan: &Plan, cat_facts: SocketAddr) -> Result<Server, EngineError> {
    let mut tries = PORT_TRIES;
    loop {
        let listen = match plan.listen.port() {
            0 => free_port(plan.listen)?,
            _ => plan.listen,
        };
        let target = |job: &str, address: SocketAddr| -> Result<Target, EngineError> {
            Ok(format!("{job}=http://{address}").parse()?)
        };
        let targets = vec![target("cat-facts", cat_facts)?, target("prometheus", listen)?];
        let sources = Sources::Targets { targets, interval_ms: SCRAPE_INTERVAL_MS };
        let options = Plan { listen, sources, ..plan.clone() }.options()?;
        tries -= 1;
        match Server::start(options).await {
            Err(StartError::Listen { .. }) if plan.listen.port() == 0 && tries > 0 => {}
            Err(StartError::Listen { address, cause }) => {
                return Err(EngineError::listen(address, &cause, "--port"));
            }
            result => return Ok(result?),
        }
    }
}

fn free_port(listen: SocketAddr) -> Result<SocketAddr, EngineError> {
    let bound = TcpListener::bind(listen).and_then(|listener| listener.local_addr());
    bound.map_err(|cause| EngineError::listen(listen, &cause, "--port"))
}
