//! Connections: no more than there may be, and none that sends its request for ever.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// The most connections at a time, as Prometheus's `--web.max-connections`; more wait to be accepted.
pub const MAX_CONNECTIONS: usize = 512;

/// A connection on which no whole request head arrives for so long is closed. Prometheus's
/// `--web.read-timeout` is five minutes, in which [`MAX_CONNECTIONS`] half requests would silence the server.
pub(super) const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A request head with more bytes is refused.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// How long to wait after a failed accept, which mostly means that file descriptors ran out.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves until `stop` is ready, then lets the requests under way come to their end.
pub(super) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (ending, end) = watch::channel(());
    let mut connections = JoinSet::new();
    {
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = accept(&listener, &places) => match accepted {
                    Ok((stream, place)) => {
                        connections.spawn(connection(stream, router.clone(), end.clone(), place));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection; trying again");
                        tokio::time::sleep(ACCEPT_RETRY).await;
                    }
                },
            }
            while connections.try_join_next().is_some() {}
        }
    }
    drop(listener);
    ending.send_replace(());
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    // Nobody closes the semaphore.
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

async fn connection(
    stream: TcpStream,
    router: Router,
    mut end: watch::Receiver<()>,
    _place: OwnedSemaphorePermit,
) {
    // Answers are written whole; waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off the delay of small packets");
    }
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = end.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients that leave are everyday life.
        tracing::debug!(%error, "a connection ended early");
    }
}
