//! Targets that behave, and targets that do not, on sockets of this machine.

use std::io::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::config::TargetGroup;
use crate::scrape::target::{Populated, populate};
use crate::scrape::test_config;

fn client_of(address: &str, change: impl FnOnce(&mut ScrapeConfig)) -> TargetClient {
    let mut config = test_config("j");
    config.scrape_interval_ms = 60_000;
    config.scrape_timeout_ms = 30_000;
    change(&mut config);
    let Ok(Populated::Kept(target)) = populate(&config, &TargetGroup::default(), address) else {
        panic!("{address} is a target")
    };
    TargetClient::new(&config, &target)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A target that does `answer` with each connection, once the request is there.
async fn target<F, A>(answer: F) -> String
where
    F: Fn(TcpStream) -> A + Send + 'static,
    A: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            answer(stream).await;
        }
    });
    address
}

/// A target that sends these bytes and hangs up.
async fn sends(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    target(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

async fn failure(address: &str, change: impl FnOnce(&mut ScrapeConfig)) -> String {
    client_of(address, change).fetch().await.unwrap_err().to_string()
}

#[tokio::test]
async fn asks_as_prometheus_does() {
    let server = MockServer::start().await;
    let body = "a 1\n".repeat(1000);
    Mock::given(method("GET"))
        .and(path("/metrics"))
        // wiremock's own matcher takes commas for separators.
        .and(|request: &wiremock::Request| {
            request.headers.get("accept").is_some_and(|accept| accept == ACCEPTED)
        })
        .and(header("accept-encoding", "gzip"))
        .and(header("x-prometheus-scrape-timeout-seconds", "30"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("content-encoding", "gzip")
                .set_body_raw(gzip(body.as_bytes()), "text/plain; version=0.0.4"),
        )
        .expect(2)
        .mount(&server)
        .await;
    let mut client = client_of(&server.address().to_string(), |_| {});
    for _ in 0..2 {
        let answer = client.fetch().await.unwrap();
        assert_eq!(answer.content_type, "text/plain; version=0.0.4");
        assert_eq!(answer.body, body.as_bytes());
    }
}

#[tokio::test]
async fn credentials() {
    let server = MockServer::start().await;
    for value in ["Basic dXNlcjpwYXNz", "Token abc"] {
        Mock::given(header("authorization", value))
            .respond_with(ResponseTemplate::new(200).set_body_string("ok"))
            .expect(1)
            .mount(&server)
            .await;
    }
    let address = server.address().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "abc\n").unwrap();
    let basic = Auth::Basic { username: "user".into(), password: Secret::Inline("pass".into()) };
    let token = Auth::Credentials { kind: "Token".into(), credentials: Secret::File(file.clone()) };
    for auth in [basic, token.clone()] {
        assert!(client_of(&address, |config| config.http.auth = auth).fetch().await.is_ok());
    }
    std::fs::remove_file(&file).unwrap();
    let error = failure(&address, |config| config.http.auth = token).await;
    assert!(error.starts_with("cannot read ") && error.contains("token"), "{error}");
}

#[tokio::test]
async fn redirects_are_followed_or_not() {
    let server = MockServer::start().await;
    let to = |place: &str| ResponseTemplate::new(302).insert_header("location", place);
    Mock::given(path("/metrics")).respond_with(to("/there")).mount(&server).await;
    Mock::given(path("/there"))
        .respond_with(ResponseTemplate::new(200).set_body_string("a 1\n"))
        .mount(&server)
        .await;
    Mock::given(path("/round")).respond_with(to("/round")).mount(&server).await;
    let address = server.address().to_string();
    assert_eq!(client_of(&address, |_| {}).fetch().await.unwrap().body, b"a 1\n");
    let error = failure(&address, |config| config.http.follow_redirects = false).await;
    assert_eq!(error, "server returned HTTP status 302 Found");
    let error = failure(&address, |config| config.metrics_path = "/round".into()).await;
    assert_eq!(error, format!("Get \"http://{address}/round\": stopped after 10 redirects"));
}

#[tokio::test]
async fn nobody_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    assert_eq!(
        failure(&address, |_| {}).await,
        format!("Get \"http://{address}/metrics\": dial tcp {address}: connect: connection refused")
    );
}

#[tokio::test]
async fn an_error_status() {
    let address = sends("HTTP/1.1 500 Whatever\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(failure(&address, |_| {}).await, "server returned HTTP status 500 Internal Server Error");
}

#[tokio::test]
async fn a_target_that_says_nothing() {
    let address = target(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let error = failure(&address, |config| config.scrape_timeout_ms = 50).await;
    assert_eq!(error, format!("Get \"http://{address}/metrics\": context deadline exceeded"));
}

#[tokio::test]
async fn a_target_that_never_ends() {
    let address = target(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n").await;
        while stream.write_all(b"a 1\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let error = failure(&address, |config| config.scrape_timeout_ms = 100).await;
    assert_eq!(error, "context deadline exceeded");
    let error = failure(&address, |config| config.body_size_limit_bytes = 10_000).await;
    assert_eq!(error, "body size limit exceeded");
}

#[tokio::test]
async fn a_bomb() {
    let bomb = gzip(&vec![b'#'; 8 << 20]);
    assert!(bomb.len() < 20_000);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
    let address = sends([head.as_bytes(), &bomb].concat()).await;
    let error = failure(&address, |config| config.body_size_limit_bytes = 100_000).await;
    assert_eq!(error, "body size limit exceeded");
}

#[tokio::test]
async fn a_target_that_lies_about_its_encoding() {
    let address = sends("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\na 1\n").await;
    let error = client_of(&address, |_| {}).fetch().await.unwrap_err();
    assert!(matches!(error, ScrapeError::Body(_)), "{error:?}");
    // The other way round the body is what was sent, which then is no exposition.
    let body = gzip(b"a 1\n");
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let address = sends([head.as_bytes(), &body].concat()).await;
    assert_eq!(client_of(&address, |_| {}).fetch().await.unwrap().body, body);
}

#[tokio::test]
async fn a_target_that_hangs_up() {
    let address = sends("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\na 1\n").await;
    assert_eq!(failure(&address, |_| {}).await, "unexpected EOF");
    let truncated = &gzip(b"a 1\nb 2\n")[..20];
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
    let address = sends([head.as_bytes(), truncated].concat()).await;
    assert_eq!(failure(&address, |_| {}).await, "unexpected EOF");
    let address = sends("").await;
    let error = failure(&address, |_| {}).await;
    assert!(error.ends_with("/metrics\": EOF"), "{error}");
}

#[tokio::test]
async fn what_is_no_http() {
    let address = sends("SSH-2.0-OpenSSH\r\n\r\n").await;
    let error = client_of(&address, |_| {}).fetch().await.unwrap_err();
    assert!(matches!(error, ScrapeError::Request { .. }), "{error:?}");
}

#[tokio::test]
async fn tls_that_cannot_be_set_up() {
    let https = |config: &mut ScrapeConfig| config.scheme = crate::config::Scheme::Https;
    let error = failure("127.0.0.1:1", |config| {
        https(config);
        config.http.tls.ca_file = Some("/nonexistent/ca.pem".into());
    })
    .await;
    assert!(error.starts_with("cannot read /nonexistent/ca.pem"), "{error}");
    let error = failure("127.0.0.1:1", |config| {
        https(config);
        config.http.tls.ca_file = Some("/dev/null".into());
        config.http.tls.server_name = Some("x".into());
    })
    .await;
    assert_eq!(error, "ca_file /dev/null holds no PEM certificate");
}
