//! The client against servers that behave well, badly and not at all.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::query::{Data, SourceId};
use crate::series::Grid;

const SCALAR: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[3,"42"]}}"#;

fn query() -> Query {
    Query {
        expr: "a{b=\"c\"} + 1".into(),
        time: QueryTime::Instant(1_780_000_000_123),
        source: SourceId::DEFAULT,
    }
}

fn at(url: &str) -> DataSource {
    DataSource::at(url).expect("an address")
}

async fn ask(source: &DataSource) -> Result<f64, QueryError> {
    Prometheus::new(source).expect("a client").number().await
}

impl Prometheus {
    async fn number(&self) -> Result<f64, QueryError> {
        match self.ask(&query()).await?.data {
            Data::Instant(vector) => Ok(vector.samples[0].value),
            Data::Range(_) => panic!("not an instant"),
        }
    }
}

fn ok() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(SCALAR, "application/json")
}

async fn server(mocks: impl IntoIterator<Item = Mock>) -> MockServer {
    let server = MockServer::start().await;
    for mock in mocks {
        mock.mount(&server).await;
    }
    server
}

fn answers(template: ResponseTemplate) -> Mock {
    Mock::given(path("/api/v1/query")).respond_with(template)
}

async fn methods(server: &MockServer) -> Vec<String> {
    server.received_requests().await.unwrap_or_default().iter().map(|it| it.method.to_string()).collect()
}

/// The error of a server that always answers so.
async fn error(template: ResponseTemplate) -> String {
    let server = server([answers(template)]).await;
    ask(&at(&server.uri())).await.expect_err("refused").to_string().replace(&server.uri(), "SERVER")
}

#[tokio::test]
async fn a_range_query_is_posted_as_a_form() {
    let server = server([Mock::given(method("POST"))
        .and(path("/prefix/api/v1/query_range"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(header("accept-encoding", "gzip"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_string(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#),
        )])
    .await;
    let source = at(&format!("{}/prefix", server.uri()));
    let grid = Grid { start_ms: 1_780_000_000_250, step_ms: 500, len: 3 };
    let prometheus = Prometheus::new(&source).expect("a client");
    let answer = prometheus
        .ask(&Query { expr: "up".into(), time: QueryTime::Range(grid), source: SourceId::DEFAULT })
        .await
        .expect("ok");
    assert!(matches!(answer.data, Data::Range(frame) if frame.grid == grid && frame.series.is_empty()));
    let requests = server.received_requests().await.expect("recorded");
    assert_eq!(
        String::from_utf8_lossy(&requests[0].body),
        "query=up&start=1780000000.25&end=1780000001.25&step=0.5&timeout=30"
    );
    assert_eq!(prometheus.address(), format!("{}/prefix", server.uri()));
}

#[tokio::test]
async fn get_is_remembered_where_post_is_refused() {
    for status in [405, 501, 403, 404] {
        let server = server([
            Mock::given(method("POST")).respond_with(ResponseTemplate::new(status)),
            Mock::given(method("GET"))
                .and(path("/api/v1/query"))
                .and(query_param("query", "a{b=\"c\"} + 1"))
                .and(query_param("time", "1780000000.123"))
                .respond_with(ok()),
        ])
        .await;
        let prometheus = Prometheus::new(&at(&server.uri())).expect("a client");
        assert_eq!(prometheus.number().await, Ok(42.0), "{status}");
        assert_eq!(prometheus.number().await, Ok(42.0), "{status}");
        assert_eq!(methods(&server).await, ["POST", "GET", "GET"], "{status}");
    }
}

#[tokio::test]
async fn get_is_not_tried_again_where_it_helps_no_more() {
    let server = server([answers(ResponseTemplate::new(404))]).await;
    let prometheus = Prometheus::new(&at(&server.uri())).expect("a client");
    assert!(prometheus.number().await.is_err());
    assert!(prometheus.number().await.is_err());
    assert_eq!(methods(&server).await, ["POST", "GET", "POST"]);
}

#[tokio::test]
async fn credentials_and_headers_go_along() {
    let server = server([
        Mock::given(header("authorization", "Basic bWU6cEB3")).and(path("/api/v1/query")).respond_with(ok()),
        Mock::given(header("authorization", "Bearer t0ken"))
            .and(header("x-scope-orgid", "tenant-1"))
            .respond_with(ok()),
    ])
    .await;
    let with_user = server.uri().replace("http://", "http://me:p%40w@");
    let source = at(&with_user);
    assert_eq!(ask(&source).await, Ok(42.0));
    assert_eq!(Prometheus::new(&source).expect("a client").address(), server.uri());

    let mut source = at(&server.uri());
    source.auth = Auth::Bearer(Credential::Given(Secret::from("t0ken")));
    assert!(ask(&source).await.is_err());
    source.headers.insert("x-scope-orgid", "tenant-1".parse().expect("a value"));
    assert_eq!(ask(&source).await, Ok(42.0));
}

#[tokio::test]
async fn a_renewed_token_is_read_again() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let file = directory.path().join("token");
    std::fs::write(&file, "old\n").expect("written");
    let server = server([
        Mock::given(header("authorization", "Bearer new")).respond_with(ok()),
        answers(ResponseTemplate::new(401)),
    ])
    .await;
    let mut source = at(&server.uri());
    source.auth = Auth::Bearer(Credential::File(file.clone()));
    let prometheus = Prometheus::new(&source).expect("a client");
    assert!(matches!(prometheus.number().await, Err(QueryError::Status { status: 401, .. })));
    std::fs::write(&file, "new\n").expect("written");
    assert_eq!(prometheus.number().await, Ok(42.0));
}

#[tokio::test]
async fn a_redirect_keeps_the_query_but_takes_no_credentials_to_another_server() {
    let elsewhere = server([answers(ok())]).await;
    let moved = |to: String| answers(ResponseTemplate::new(301).insert_header("location", to));
    let here = server([
        moved(format!("{}/api/v1/query", elsewhere.uri().replace("http://", "http://eve:pw@"))),
        Mock::given(path("/old/api/v1/query"))
            .respond_with(ResponseTemplate::new(308).insert_header("location", "/api/v1/query")),
    ])
    .await;
    let mut source = at(&format!("{}/old", here.uri().replace("http://", "http://me:s3cret@")));
    source.headers.insert("x-key", "s3cret".parse().expect("a value"));
    assert_eq!(ask(&source).await, Ok(42.0));
    let carries = |request: &Request| {
        request.headers.contains_key("authorization") && request.headers.contains_key("x-key")
    };
    let at_home = here.received_requests().await.expect("recorded");
    assert_eq!(at_home.iter().map(carries).collect::<Vec<_>>(), [true, true]);
    let abroad = elsewhere.received_requests().await.expect("recorded");
    assert_eq!((abroad.len(), abroad[0].method.as_str()), (1, "POST"));
    assert!(!abroad[0].headers.contains_key("authorization") && !abroad[0].headers.contains_key("x-key"));
    assert!(String::from_utf8_lossy(&abroad[0].body).starts_with("query=a%7Bb"));
}

#[tokio::test]
async fn redirects_end() {
    let away = |to: &str| ResponseTemplate::new(302).insert_header("location", to);
    assert_eq!(
        error(away("/api/v1/query")).await,
        "the server answered 302: redirected too often, the last time to SERVER/api/v1/query"
    );
    assert_eq!(
        error(away("https://me:pw@sso.example.org/login?rd=s3cret")).await,
        "the server answered 302: redirected to https://sso.example.org/login, which is no query API: a login \
         page, or a wrong address"
    );
    assert_eq!(
        error(ResponseTemplate::new(302)).await,
        "the server answered 302: a redirect to nowhere; check the address"
    );
    let refusing = server([answers(ResponseTemplate::new(401))]).await;
    let there = format!("{}/api/v1/query", refusing.uri());
    assert_eq!(
        error(away(&there)).await,
        format!(
            "the server answered 401: credentials and headers do not follow the redirect to {}; use that address",
            refusing.uri()
        )
    );
}

#[tokio::test]
async fn errors_keep_prometheus_words_at_any_status() {
    let said = r#"{"status":"error","errorType":"execution","error":"too many samples"}"#;
    for status in [400, 422, 503, 200] {
        let template = ResponseTemplate::new(status).set_body_string(said);
        assert_eq!(error(template).await, "execution: too many samples", "{status}");
    }
    assert_eq!(
        error(ResponseTemplate::new(401).set_body_string(r#"{"status":"error","error":"no org id"}"#)).await,
        "the server answered 401: no org id; a login is needed; give --username with --password-file or \
         PROMSCOPE_PASSWORD, --bearer-token-file, or basic_auth or bearer_token in the configuration file"
    );
    assert_eq!(
        error(
            ResponseTemplate::new(502)
                .set_body_string("<html><head><title>502 Bad\u{1b} Gateway</title></html>")
        )
        .await,
        "the server answered 502: a web page titled \"502 Bad Gateway\""
    );
    assert_eq!(error(ResponseTemplate::new(503)).await, "the server answered 503");
    assert_eq!(
        error(ResponseTemplate::new(200).set_body_string("<html><title>Login</title></html>")).await,
        "cannot read the answer: not a Prometheus API answer but a web page titled \"Login\"; check the address, \
         its path prefix and whether a login is needed"
    );
}

#[tokio::test]
async fn gzip_is_unpacked_and_counted_unpacked() {
    const PACKED: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xab, 0x56, 0x2a, 0x2e, 0x49, 0x2c, 0x29,
        0x2d, 0x56, 0xb2, 0x52, 0x2a, 0x2e, 0x4d, 0x4e, 0x4e, 0x2d, 0x2e, 0x56, 0xd2, 0x51, 0x4a, 0x49, 0x2c,
        0x49, 0x54, 0xb2, 0xaa, 0x56, 0x2a, 0x4a, 0x2d, 0x2e, 0xcd, 0x29, 0x09, 0xa9, 0x2c, 0x48, 0x05, 0x49,
        0x27, 0x27, 0xe6, 0x24, 0x16, 0x01, 0x65, 0x21, 0xa2, 0x4a, 0x56, 0xd1, 0xc6, 0x3a, 0x4a, 0x26, 0x46,
        0x4a, 0xb1, 0xb5, 0xb5, 0x00, 0x5b, 0x5c, 0x51, 0xdf, 0x45, 0x00, 0x00, 0x00,
    ];
    let packed = |bytes: &[u8]| {
        ResponseTemplate::new(200).set_body_bytes(bytes).insert_header("content-encoding", "gzip")
    };
    let server = server([answers(packed(PACKED))]).await;
    let prometheus = Prometheus::new(&at(&server.uri())).expect("a client");
    let answer = prometheus.ask(&query()).await.expect("ok");
    assert_eq!(answer.body_bytes, SCALAR.len() as u64);
    let limited = prometheus.with_body_limit(SCALAR.len() as u64 - 1);
    assert!(matches!(limited.number().await, Err(QueryError::TooLarge { .. })));
    assert_eq!(error(packed(b"no gzip")).await, "cannot read the answer: its compression is broken");
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let port = serve(|mut stream| {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let mut more = stream.write_all(head);
        while more.is_ok() {
            more = stream.write_all(b"4\r\n    \r\n");
        }
    });
    let source = at(&format!("http://127.0.0.1:{port}"));
    let prometheus = Prometheus::new(&source).expect("a client").with_body_limit(10_000);
    assert_eq!(prometheus.number().await, Err(QueryError::TooLarge { limit_bytes: 10_000 }));
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let server = server([answers(ok().set_delay(Duration::from_mins(10)))]).await;
    let mut source = at(&server.uri());
    source.timeout_ms = 40;
    assert_eq!(ask(&source).await, Err(QueryError::Timeout { timeout_ms: 40 }));
    let requests = server.received_requests().await.expect("recorded");
    assert!(String::from_utf8_lossy(&requests[0].body).ends_with("&timeout=0.04"));
}

#[tokio::test]
async fn connections_that_fail_say_how() {
    let free =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("bound").port();
    let refused = ask(&at(&format!("http://127.0.0.1:{free}"))).await.expect_err("refused");
    assert!(refused.is_outage());
    assert_eq!(
        refused.to_string(),
        format!(
            "cannot reach the server: nothing listens at 127.0.0.1:{free} (connection refused); is Prometheus \
             running there?"
        )
    );
    assert_eq!(
        ask(&at("http://nowhere.invalid:9090")).await.expect_err("refused").to_string(),
        "cannot reach the server: cannot find the host \"nowhere.invalid\"; check the address or the name server"
    );
    let broken = serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"status\"");
    });
    assert_eq!(
        ask(&at(&format!("http://127.0.0.1:{broken}"))).await.expect_err("refused").to_string(),
        format!(
            "cannot reach the server: the connection broke after 9 bytes of the answer of \
             http://127.0.0.1:{broken}/api/v1/query"
        )
    );
    let other = serve(|mut stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n");
    });
    assert_eq!(
        ask(&at(&format!("http://127.0.0.1:{other}"))).await.expect_err("refused").to_string(),
        format!("cannot reach the server: 127.0.0.1:{other} does not speak HTTP")
    );
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_opened_anew() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        // The first connection answers once and then closes with the second request unread; the next one answers.
        for (answered, stream) in listener.incoming().enumerate().take(2) {
            let Ok(mut stream) = stream else { return };
            answer_one(&mut stream);
            if answered == 0 {
                read_request(&mut stream);
            }
        }
    });
    let prometheus = Prometheus::new(&at(&format!("http://127.0.0.1:{port}"))).expect("a client");
    assert_eq!(prometheus.number().await, Ok(42.0));
    assert_eq!(prometheus.number().await, Ok(42.0));
}

#[tokio::test]
async fn tls_trusts_what_it_is_told_to() {
    let port = tls_server();
    let mut source = at(&format!("https://localhost:{port}"));
    source.tls.ca_file = Some(pem("ca.pem"));
    assert_eq!(ask(&source).await, Ok(42.0));

    // Some other authority: a certificate that signed nothing.
    source.tls.ca_file = Some(pem("server.pem"));
    assert_eq!(
        ask(&source).await.expect_err("refused").to_string(),
        format!(
            "cannot reach the server: the certificate of localhost:{port} is signed by an unknown authority; name \
             that authority's certificate with --ca-file, or ca_file in the configuration file"
        )
    );
    source.tls = Tls { insecure_skip_verify: true, ..Tls::default() };
    assert_eq!(ask(&source).await, Ok(42.0));

    let plain = server([answers(ok())]).await;
    let mut mistaken = at(&plain.uri().replace("http://", "https://"));
    mistaken.tls = source.tls.clone();
    assert_eq!(
        ask(&mistaken).await.expect_err("refused").to_string(),
        format!(
            "cannot reach the server: {} does not speak TLS; write http:// in the address",
            plain.address()
        )
    );
}

#[test]
fn files_of_tls_settings_are_checked_at_once() {
    let mut source = at("https://localhost:1");
    let error = |source: &DataSource| Prometheus::new(source).err().map(|error| error.to_string());
    source.tls.ca_file = Some("/nowhere/ca.pem".into());
    assert_eq!(error(&source).as_deref(), Some("CA file /nowhere/ca.pem: does not exist"));
    source.tls.ca_file = Some(pem("server.key"));
    let problem = error(&source).expect("refused");
    assert!(problem.ends_with("holds no PEM certificate (-----BEGIN CERTIFICATE-----)"), "{problem}");
    source.url.set_scheme("http").expect("a scheme");
    assert_eq!(error(&source), None, "http:// needs none of it");
}

#[test]
fn seconds_are_exact() {
    for (time_ms, text) in [(0, "0"), (1_500, "1.5"), (1_780_000_000_123, "1780000000.123"), (-20, "-0.02")] {
        assert_eq!(seconds(time_ms), text);
    }
}

fn pem(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A server for one connection, of which the request has been read.
fn serve(answer: impl FnOnce(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        if let Ok((mut stream, _)) = listener.accept() {
            read_request(&mut stream);
            answer(stream);
        }
    });
    port
}

/// Reads one request, its body included.
fn read_request(stream: &mut impl Read) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let _ = reader.read_exact(&mut vec![0; length]);
}

fn answer_one(stream: &mut (impl Read + Write)) {
    read_request(stream);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", SCALAR.len());
    let _ = stream.write_all((head + SCALAR).as_bytes());
    let _ = stream.flush();
}

/// A server whose certificate for `localhost` is signed by `ca.pem`.
fn tls_server() -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(pem("server.pem")).expect("there").map(|it| it.expect("valid"));
    let key = PrivateKeyDer::from_pem_file(pem("server.key")).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain.collect(), key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), Ok(connection)) = (stream, rustls::ServerConnection::new(Arc::clone(&config)))
            else {
                return;
            };
            let mut stream = rustls::StreamOwned::new(connection, stream);
            answer_one(&mut stream);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}
