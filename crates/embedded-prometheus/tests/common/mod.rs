//! A server for the tests that need a real one, and a plain HTTP client.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use embedded_prometheus::config::{Config, Global};
use embedded_prometheus::promql;
use embedded_prometheus::server::{
    ConfigSource, DEFAULT_QUERY_CONCURRENCY, DEFAULT_QUERY_TIMEOUT_MS, Server, ServerOptions,
};
use embedded_prometheus::storage::DbOptions;

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

/// An empty server without targets on a free port, and the threads it lives on.
pub(crate) fn start() -> (tokio::runtime::Runtime, Server) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
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
    let server = runtime.block_on(Server::start(options)).expect("a server");
    (runtime, server)
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
