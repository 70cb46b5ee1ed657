//! Prometheus's own client, promtool, against a server over HTTP. Skipped, with a line that says so, where promtool
//! is not installed and not required.
#![cfg(feature = "server")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use embedded_prometheus::config::{Config, Global};
use embedded_prometheus::model::Labels;
use embedded_prometheus::promql;
use embedded_prometheus::server::{
    ConfigSource, DEFAULT_QUERY_CONCURRENCY, DEFAULT_QUERY_TIMEOUT_MS, Server, ServerOptions,
};
use embedded_prometheus::storage::DbOptions;

/// Set where a missing promtool is a failure, as in CI.
const REQUIRE: &str = "PROMSCOPE_TEST_REQUIRE_PROMETHEUS";

fn is_installed() -> bool {
    if Command::new("promtool").arg("--version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, and there is no promtool in PATH");
    eprintln!("SKIPPED: no promtool in PATH; install prometheus to run these tests");
    false
}

/// A server with ten minutes of two series, and the runtime it lives in.
fn start() -> (tokio::runtime::Runtime, Server) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
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
    let server = runtime.block_on(Server::start(options)).unwrap();
    let mut appender = server.db().appender();
    for job in ["api", "db"] {
        let labels = Labels::from_pairs([("__name__", "requests_total"), ("job", job)]);
        for minute in 0..=10 {
            appender.append(&labels, minute * 60_000, minute as f64 * 30.0).unwrap();
        }
    }
    appender.commit().unwrap();
    (runtime, server)
}

fn promtool(runtime: &tokio::runtime::Runtime, arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let run = tokio::task::spawn_blocking;
    let guard = runtime.enter();
    let output = run(move || Command::new("promtool").args(arguments).output().unwrap());
    drop(guard);
    runtime.block_on(output).unwrap()
}

#[test]
fn queries() {
    if !is_installed() {
        return;
    }
    let (runtime, server) = start();
    let url = &format!("http://{}", server.local_addr());
    let sum = "sum by (job) (rate(requests_total[5m]))";
    for (arguments, expected) in [
        (&["instant", "--time=600", url, sum][..], "{job=\"api\"} => 0.5 @[600]\n{job=\"db\"} => 0.5 @[600]\n"),
        (
            &["range", "--start=540", "--end=600", "--step=1m", url, "requests_total{job=\"db\"}"],
            "requests_total{job=\"db\"} =>\n270 @[540]\n300 @[600]\n",
        ),
        (
            &["series", "--match=requests_total{job=~\"a.*\"}", "--start=0", "--end=600", url],
            "{__name__=\"requests_total\", job=\"api\"}\n",
        ),
        (&["labels", "--start=0", "--end=600", url, "job"], "api\ndb\n"),
    ] {
        let output = promtool(&runtime, &[&["query"], arguments].concat());
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        assert_eq!(stdout, expected, "{arguments:?}");
    }
    let output = promtool(&runtime, &["query", "instant", url, "foo("]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad_data"), "{output:?}");
    assert!(promtool(&runtime, &["check", "healthy", &format!("--url={url}")]).status.success());
    assert!(promtool(&runtime, &["check", "ready", &format!("--url={url}")]).status.success());
    runtime.block_on(server.stop()).unwrap();
}

#[test]
fn its_own_metrics_are_in_order() {
    if !is_installed() {
        return;
    }
    let (runtime, server) = start();
    let url = format!("http://{}/metrics", server.local_addr());
    let metrics = runtime.block_on(async {
        // Twice, so that the first request is counted in the second.
        let client = reqwest_client();
        client.get(&url).send().await.unwrap();
        client.get(&url).send().await.unwrap().text().await.unwrap()
    });
    assert!(metrics.contains("prometheus_http_requests_total{code=\"200\",handler=\"/metrics\"} 1"), "{metrics}");
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    check.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    assert!(output.status.success(), "{}{metrics}", String::from_utf8_lossy(&output.stderr));
    runtime.block_on(server.stop()).unwrap();
}

fn reqwest_client() -> reqwest::Client {
    // Installed by whoever comes first in this process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().tls_certs_only([]).build().unwrap()
}
