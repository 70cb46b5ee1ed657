//! The embedded Prometheus and the demo application: the only room that knows the two crates.
//!
//! Both run on threads and a tokio runtime of their own, so that no query, however heavy, delays a key press. The
//! dashboard asks the engine over HTTP as it asks any other server.

mod demo;
mod error;
mod load;
mod plan;
mod promql;
mod serve;
mod target;

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use embedded_prometheus::server::Server;
use tokio::sync::oneshot;

pub use self::demo::{DemoPlan, SCRAPE_INTERVAL_MS};
pub use self::error::EngineError;
pub use self::plan::{MEMORY_LIMIT_BYTES, Plan, Sources, parse_size_bytes};
pub use self::promql::PromqlChecker;
pub use self::serve::serve;
pub use self::target::{Target, TargetError};

/// Threads that evaluate queries, scrape, and serve the demo application.
const WORKER_THREADS: usize = 2;

/// Threads for what blocks, beside those of queries and lookups: recording scrapes, rules, files, names to addresses.
/// They are started when they are needed.
const BLOCKING_THREADS: usize = 8;

/// How long a blocking thread is kept for the next one.
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_secs(2);

/// How long the engine may take to write down what it has and to end.
pub const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How long threads that do not come to an end are waited for after that.
const THREADS_LIMIT: Duration = Duration::from_secs(1);

/// A running engine. Dropping it stops it, within [`STOP_LIMIT`].
pub struct Engine {
    started: Started,
    stop: Option<oneshot::Sender<()>>,
    ended: mpsc::Receiver<Result<(), EngineError>>,
}

/// What is known once it runs.
struct Started {
    address: SocketAddr,
    cat_facts: Option<SocketAddr>,
    repairs: Vec<String>,
}

impl Engine {
    /// Starts what `plan` says; returns when it listens.
    pub fn start(plan: Plan) -> Result<Self, EngineError> {
        let (ready, is_ready) = mpsc::sync_channel(1);
        let (finished, ended) = mpsc::sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let result = runtime(plan.query_concurrency).and_then(|runtime| {
                let result = runtime.block_on(run(plan, &ready, stopped));
                runtime.shutdown_timeout(THREADS_LIMIT);
                result
            });
            // Whoever started it takes one of the two, or has gone.
            if let Err(error) = &result {
                let _ = ready.try_send(Err(error.clone()));
            }
            let _ = finished.send(result);
        };
        thread::Builder::new().name("engine".to_owned()).spawn(run).map_err(EngineError::thread)?;
        // Without an answer the thread panicked, and said so.
        let started = is_ready.recv().map_err(|_| EngineError::Broken)??;
        Ok(Self { started, stop: Some(stop), ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.started.address
    }

    /// Where the demo application listens, if there is one.
    pub fn cat_facts(&self) -> Option<SocketAddr> {
        self.started.cat_facts
    }

    /// What had to be repaired on disk.
    pub fn repairs(&self) -> &[String] {
        &self.started.repairs
    }

    /// Stops it; what it could not write down is the error.
    pub fn stop(mut self) -> Result<(), EngineError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), EngineError> {
        let Some(stop) = self.stop.take() else { return Ok(()) };
        // It may have come to its end by itself.
        let _ = stop.send(());
        match self.ended.recv_timeout(STOP_LIMIT + 2 * THREADS_LIMIT) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(EngineError::StopTimeout),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(EngineError::Broken),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the embedded engine did not stop in order");
        }
    }
}

fn runtime(query_concurrency: usize) -> Result<tokio::runtime::Runtime, EngineError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        // As many queries as may run, and as many lookups, leave the scrapes their threads.
        .max_blocking_threads(query_concurrency.saturating_mul(2).saturating_add(BLOCKING_THREADS))
        .thread_keep_alive(BLOCKING_KEEP_ALIVE)
        .thread_name("engine-worker")
        .enable_all()
        .build()
        .map_err(EngineError::thread)
}

async fn run(
    mut plan: Plan,
    ready: &mpsc::SyncSender<Result<Started, EngineError>>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), EngineError> {
    // First the application, since the engine has to be told its address.
    let demo = match plan.demo.take() {
        Some(demo) => Some(demo::Demo::start(&demo, plan.listen).await?),
        None => None,
    };
    let cat_facts = demo.as_ref().map(demo::Demo::address);
    let server = match cat_facts {
        Some(cat_facts) => demo::start_engine(&plan, cat_facts).await?,
        None => Server::start(plan.options()?).await?,
    };
    let repairs =
        server.repairs().iter().map(|repair| format!("{}: {}", repair.path.display(), repair.message));
    let started = Started { address: server.local_addr(), cat_facts, repairs: repairs.collect() };
    if ready.send(Ok(started)).is_err() {
        return stop(server).await;
    }
    tokio::select! {
        _ = stopped => {}
        () = server.ended() => {}
    }
    drop(demo);
    stop(server).await
}

async fn stop(server: Server) -> Result<(), EngineError> {
    match tokio::time::timeout(STOP_LIMIT, server.stop()).await {
        Ok(result) => result.map_err(EngineError::from),
        Err(_) => Err(EngineError::StopTimeout),
    }
}

#[cfg(test)]
mod tests;
