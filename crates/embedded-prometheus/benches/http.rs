//! The whole way of a range query: over a socket, through the API and back as JSON; 1,000 series, 241 steps.

use std::io::{Read, Write};
use std::net::TcpStream;

use criterion::{Criterion, criterion_group, criterion_main};
use embedded_prometheus::config::{Config, Global};
use embedded_prometheus::model::Labels;
use embedded_prometheus::promql;
use embedded_prometheus::server::{
    ConfigSource, DEFAULT_QUERY_CONCURRENCY, DEFAULT_QUERY_TIMEOUT_MS, Server, ServerOptions,
};
use embedded_prometheus::storage::DbOptions;

const STEP_S: i64 = 15;
const STEPS: i64 = 240;

fn start(runtime: &tokio::runtime::Runtime) -> Server {
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
    let mut appender = server.db().appender();
    for i in 0..1000_i32 {
        let labels = Labels::from_pairs([
            ("__name__", "x_total".to_owned()),
            ("instance", format!("host-{i}:9100")),
            ("job", format!("job-{}", i % 10)),
        ]);
        for step in 0..=STEPS {
            let value = step as f64 * (f64::from(i) + 0.1);
            appender.append(&labels, step * STEP_S * 1000, value).expect("in order");
        }
    }
    appender.commit().expect("written");
    server
}

/// Asks over a connection that stays, and reads the answer to its end.
fn ask(stream: &mut TcpStream, query: &str, body: &mut Vec<u8>) -> usize {
    let end = STEPS * STEP_S;
    let request = format!(
        "GET /api/v1/query_range?query={query}&start=0&end={end}&step={STEP_S} HTTP/1.1\r\nHost: x\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    body.clear();
    let mut chunk = vec![0; 1 << 18];
    loop {
        let read = stream.read(&mut chunk).expect("an answer");
        body.extend_from_slice(&chunk[..read]);
        let Some(head) = body.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&body[..head]).to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{text}");
        let length = text.split("content-length: ").nth(1).and_then(|it| it.lines().next());
        let length: usize = length.and_then(|it| it.parse().ok()).expect("a length");
        while body.len() < head + 4 + length {
            let read = stream.read(&mut chunk).expect("the rest");
            assert!(read > 0, "the answer is whole");
            body.extend_from_slice(&chunk[..read]);
        }
        return length;
    }
}

fn range_queries(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = start(&runtime);
    let address = server.local_addr();
    let stop = tokio::sync::watch::channel(());
    let mut stopped = stop.1;
    let thread = std::thread::spawn(move || {
        runtime.block_on(async move {
            // Ends when the sender is gone.
            while stopped.changed().await.is_ok() {}
            server.stop().await.expect("a clean end");
        });
    });
    let mut stream = TcpStream::connect(address).expect("a connection");
    let mut body = Vec::new();
    for (name, query) in [
        ("http/selector", "x_total"),
        ("http/rate", "rate(x_total[5m])"),
        ("http/sum by rate", "sum%20by%20(job)%20(rate(x_total[5m]))"),
    ] {
        let bytes = ask(&mut stream, query, &mut body);
        println!("{name}: {bytes} bytes");
        c.bench_function(name, |b| b.iter(|| ask(&mut stream, query, &mut body)));
    }
    drop(stream);
    drop(stop.0);
    thread.join().expect("the server's thread ends");
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = range_queries
}
criterion_main!(benches);
