//! The engine alone, in the foreground: `promscope serve`.

use std::net::SocketAddr;

use embedded_prometheus::server::Server;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::error::EngineError;
use super::plan::Plan;
use super::{THREADS_LIMIT, runtime, stop};

/// Serves until SIGTERM or SIGINT, or until it is asked to end over HTTP; SIGHUP reads the configuration again.
/// `listening` is told the address as soon as there is one.
pub fn serve(plan: &Plan, listening: impl FnOnce(SocketAddr)) -> Result<(), EngineError> {
    let runtime = runtime(plan.query_concurrency)?;
    let result = runtime.block_on(run(plan, listening));
    runtime.shutdown_timeout(THREADS_LIMIT);
    result
}

async fn run(plan: &Plan, listening: impl FnOnce(SocketAddr)) -> Result<(), EngineError> {
    // Before anything is open: no early signal may find the default action, which loses samples.
    let mut signals = Signals::new().map_err(EngineError::thread)?;
    let server = Server::start(plan.options()?).await?;
    for repair in server.repairs() {
        tracing::warn!("{}: {}", repair.path.display(), repair.message);
    }
    let address = server.local_addr();
    warn(plan, address);
    listening(address);
    loop {
        tokio::select! {
            _ = signals.reload.recv() => reload(&server).await,
            _ = signals.terminate.recv() => break,
            _ = signals.interrupt.recv() => break,
            () = server.ended() => break,
        }
    }
    tracing::info!("stopping");
    stop(server).await?;
    tracing::info!("stopped");
    Ok(())
}

fn warn(plan: &Plan, address: SocketAddr) {
    if plan.data_dir.is_none() {
        tracing::warn!(
            "samples are kept in memory only and are gone with this process; --data-dir keeps them"
        );
    }
    if !address.ip().is_loopback() {
        tracing::warn!(
            "{address} can be reached from other machines, and there is no login: whoever reaches it can read all \
             metrics"
        );
    }
}

async fn reload(server: &Server) {
    // The server itself logs how it went.
    let _ = server.reload().await;
}

struct Signals {
    reload: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            reload: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}
