//! Servers over real sockets.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::model::{Labels, METRIC_NAME};

fn options(config: ConfigSource) -> ServerOptions {
    ServerOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        config,
        data_dir: None,
        db: DbOptions::default(),
        promql: promql::Options::default(),
        query_timeout_ms: DEFAULT_QUERY_TIMEOUT_MS,
        query_concurrency: 2,
    }
}

fn given() -> ConfigSource {
    ConfigSource::Given(Box::new(Config {
        global: crate::config::Global { evaluation_interval_ms: 7000, ..crate::config::Global::default() },
        scrape_configs: Vec::new(),
        rule_files: Vec::new(),
        base_dir: PathBuf::new(),
        text: String::new(),
    }))
}

async fn send(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn ask(address: SocketAddr, request: &str) -> String {
    let mut answer = String::new();
    send(address, request).await.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_starts_answers_and_stops() {
    let server = Server::start(options(given())).await.unwrap();
    let address = server.local_addr();
    assert_ne!(address.port(), 0);
    let mut appender = server.db().appender();
    appender.append(&Labels::from_pairs([(METRIC_NAME, "x")]), 1000, 5.0).unwrap();
    appender.commit().unwrap();
    let answer = ask(address, "GET /api/v1/query?query=x&time=1").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(r#""value":[1,"5"]"#), "{answer}");
    // The step of a subquery that names none is the evaluation interval.
    let answer = ask(address, "GET /api/v1/query?query=count_over_time(x[70s:])&time=70").await;
    assert!(answer.contains(r#""value":[70,"10"]"#), "{answer}");
    assert!(ask(address, "GET /-/ready").await.starts_with("HTTP/1.1 200"));
    assert!(ask(address, "POST /-/reload").await.starts_with("HTTP/1.1 200"));
    let mut idle = TcpStream::connect(address).await.unwrap();
    server.stop().await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    assert_eq!(idle.read(&mut [0]).await.unwrap_or(0), 0, "connections that only wait are closed");
}

#[tokio::test]
async fn a_query_under_way_does_not_hold_up_the_stop() {
    let server = Server::start(options(given())).await.unwrap();
    let api = Arc::clone(&server.api);
    let slow = "GET /api/v1/query_range?query=quantile_over_time(0.5,vector(time())[1d:1s])\
                &start=0&end=11000&step=1";
    let mut connection = send(server.local_addr(), slow).await;
    while api.queries.busy() == 0 {
        tokio::task::yield_now().await;
    }
    server.stop().await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("query was canceled"), "{answer}");
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_its_place() {
    let server = Server::start(options(given())).await.unwrap();
    let slow = "GET /api/v1/query_range?query=quantile_over_time(0.5,vector(time())[1d:1s])\
                &start=0&end=11000&step=1";
    let connection = send(server.local_addr(), slow).await;
    while server.api.queries.busy() == 0 {
        tokio::task::yield_now().await;
    }
    drop(connection);
    while server.api.queries.busy() > 0 {
        tokio::task::yield_now().await;
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_reload_with_an_error_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, "global: {}\n").unwrap();
    let server = Server::start(options(ConfigSource::File(file.clone()))).await.unwrap();
    server.reload().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(server.reload().await.unwrap_err().path, file);
    let answer = ask(server.local_addr(), "POST /-/reload").await;
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("failed to reload config: "), "{answer}");
    let metrics = ask(server.local_addr(), "GET /metrics").await;
    assert!(metrics.contains("prometheus_config_last_reload_successful 0\n"), "{metrics}");
    assert!(ask(server.local_addr(), "GET /-/ready").await.starts_with("HTTP/1.1 200"));
    std::fs::write(&file, "global: {}\n").unwrap();
    server.reload().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let missing = ConfigSource::File("/nowhere/prometheus.yml".into());
    let error = Server::start(options(missing)).await.unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/prometheus.yml: "), "{error}");
    let first = Server::start(options(given())).await.unwrap();
    let taken = ServerOptions { listen: first.local_addr(), ..options(given()) };
    let error = Server::start(taken).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on {}: ", first.local_addr())), "{error}");
    first.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn half_a_request_head_is_not_waited_for_for_ever() {
    let server = Server::start(options(given())).await.unwrap();
    let mut half = TcpStream::connect(server.local_addr()).await.unwrap();
    half.write_all(b"GET / HT").await.unwrap();
    // The clock is turned on as soon as there is nothing else to do.
    let mut answer = Vec::new();
    let closed = timeout(2 * listener::HEADER_READ_TIMEOUT, half.read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "the connection is closed");
    server.stop().await.unwrap();
}
