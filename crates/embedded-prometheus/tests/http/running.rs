//! A server for the tests that need a real one, and a plain HTTP client.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use embedded_prometheus::config::{Config, Global};
use embedded_prometheus::promql;
use embedded_prometheus::server::{
    ConfigSource, DEFAULT_QUERY_CONCURRENCY, DEFAULT_QUERY_TIMEOUT_MS, Server, ServerOptions,
};
use embedded_prometheus::storage::{Db, DbOptions};
use tokio::sync::oneshot;

/// Set where a missing Prometheus is a failure, as in CI.
const REQUIRE: &str = "PROMSCOPE_TEST_REQUIRE_PROMETHEUS";

/// Whether `program` can be run; where it cannot, and is not required, a line says that the test is skipped.
pub(crate) fn is_installed(program: &str) -> bool {
    if std::process::Command::new(program).arg("--version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, and there is no {program} in PATH");
    eprintln!("SKIPPED: no {program} in PATH; install prometheus to run this test");
    false
}

/// An empty server without targets on a free port, on a thread of its own. Dropped, it stops.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) db: Arc<Db>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start() -> Self {
        let config = Config {
            global: Global::default(),
            scrape_configs: Vec::new(),
            rule_files: Vec::new(),
            base_dir: ".".into(),
            text: String::new(),
        };
        let options = ServerOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            config: ConfigSource::Given(Box::new(config)),
            data_dir: None,
            db: DbOptions::default(),
            promql: promql::Options::default(),
            query_timeout_ms: DEFAULT_QUERY_TIMEOUT_MS,
            query_concurrency: DEFAULT_QUERY_CONCURRENCY,
        };
        let (stop, stopped) = oneshot::channel();
        let (started, has_started) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let server = Server::start(options).await.expect("a server");
                started.send((server.local_addr(), Arc::clone(server.db()))).expect("the test waits");
                // A sender that is gone asks for the same.
                let _ = stopped.await;
                server.stop().await.expect("a clean end");
            });
        });
        let (address, db) = has_started.recv().expect("a server");
        Self { address, db, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(ended.is_some_and(|ended| ended.is_ok()), "the server ends cleanly");
        }
    }
}

/// The status and the body of an answer; `None` if nobody listens.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    // HTTP/1.0, so that the body comes as it is and ends with the connection.
    write!(stream, "{method} {path} HTTP/1.0\r\nHost: x\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}
