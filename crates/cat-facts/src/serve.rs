//! The server: accepts connections within bounds, and ends them gracefully.
//!
//! axum's own `serve` bounds neither the number of connections nor the time in which a request must
//! arrive, so the loop is here.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// So many connections are open at once; more wait in the backlog of the system.
pub const MAX_CONNECTIONS: usize = 512;

/// A connection on which no whole request head arrives for so long is closed.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long requests may go on after the server is told to end. Shorter than the ten seconds after
/// which Docker kills a container that it stops.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(8);

/// A request head with more bytes is refused. Bodies of requests are never read.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long to wait after a failed accept, which mostly means that file descriptors ran out.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves `router` over HTTP/1.1 until `shutdown` is ready, then lets the requests in flight end for
/// up to [`SHUTDOWN_GRACE`]. Returns the number of connections that had to be cut off.
///
/// Dropping the future closes everything at once.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) -> usize {
    let mut connections = JoinSet::new();
    let (ending, end) = watch::channel(());
    {
        let mut shutdown = pin!(shutdown);
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&listener, &permits) => accepted,
            };
            match accepted {
                Ok((stream, permit)) => {
                    connections.spawn(connection(stream, router.clone(), end.clone(), permit));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection; trying again");
                    sleep(ACCEPT_RETRY).await;
                }
            }
            // Forget the connections that have ended.
            while connections.try_join_next().is_some() {}
        }
    }
    // Refuse new connections from here on.
    drop(listener);
    ending.send_replace(());
    let ended = timeout(SHUTDOWN_GRACE, async { while connections.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(connections = connections.len(), grace = ?SHUTDOWN_GRACE, "connections are cut off");
    }
    connections.len()
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Result<(TcpStream, OwnedSemaphorePermit), io::Error> {
    // The semaphore is never closed.
    let permit = permits.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

async fn connection(
    stream: TcpStream,
    router: Router,
    mut end: watch::Receiver<()>,
    _permit: OwnedSemaphorePermit,
) {
    // Answers are small; without this they could wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
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
        tracing::debug!(%error, "connection ended early");
    }
}

/// Ready on the first SIGINT or SIGTERM.
///
/// # Errors
///
/// When the signals cannot be listened to.
pub fn terminated() -> Result<impl Future<Output = ()>, io::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    // Both are set up before the future is polled, so that no early signal is lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use std::future;

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::oneshot,
    };

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    /// A server whose one route calls `reached` and then waits for `go`.
    async fn slow_server()
    -> (TcpStream, impl Future<Output = usize>, oneshot::Receiver<()>, oneshot::Sender<()>) {
        let (reached_sender, reached) = oneshot::channel();
        let (go_sender, go) = oneshot::channel::<()>();
        let once = Arc::new(std::sync::Mutex::new(Some((reached_sender, go))));
        let router = Router::new().route(
            "/",
            get(async move || {
                let (reached, go) = once.lock().unwrap().take().unwrap();
                reached.send(()).unwrap();
                let _ = go.await;
                "done"
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        // Told to end as soon as the request is in the handler.
        let (passed_sender, passed) = oneshot::channel();
        tokio::spawn(async move {
            reached.await.unwrap();
            stop.send(()).unwrap();
            passed_sender.send(()).unwrap();
        });
        let server = serve(listener, router, async { stopped.await.unwrap() });
        (stream, server, passed, go_sender)
    }

    #[tokio::test]
    async fn a_request_in_flight_is_answered_before_the_end() {
        let (mut stream, server, reached, go) = slow_server().await;
        stream.write_all(REQUEST).await.unwrap();
        let client = async {
            reached.await.unwrap();
            go.send(()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let (cut, answer) = tokio::join!(server, client);
        assert_eq!(cut, 0);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("done"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_outlasts_the_grace_is_cut_off() {
        let (mut stream, server, _reached, _go) = slow_server().await;
        stream.write_all(REQUEST).await.unwrap();
        // The clock jumps over the grace once nothing else can happen.
        assert_eq!(server.await, 1);
    }

    #[tokio::test]
    async fn a_client_that_leaves_ends_its_request() {
        let (mut stream, server, reached, mut go) = slow_server().await;
        stream.write_all(REQUEST).await.unwrap();
        let client = async {
            reached.await.unwrap();
            drop(stream);
            // Closed when the handler is dropped.
            go.closed().await;
        };
        let (cut, ()) = tokio::join!(server, client);
        assert_eq!(cut, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_is_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        stream.write_all(b"GET / HT").await.unwrap();
        let mut answer = Vec::new();
        tokio::select! {
            _ = serve(listener, Router::new(), future::pending()) => {}
            read = stream.read_to_end(&mut answer) => assert_eq!(read.unwrap(), 0),
        }
    }

    #[tokio::test]
    async fn an_idle_server_ends_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(serve(listener, Router::new(), future::ready(())).await, 0);
    }
}
