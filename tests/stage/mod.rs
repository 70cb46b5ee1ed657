//! The stage of the end-to-end tests: cat-facts in this process, and a real Prometheus that scrapes it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything on the stage may take to come up.
const STARTUP_LIMIT: Duration = Duration::from_mins(1);

/// Set where a missing Prometheus is a failure, as in CI.
const REQUIRE: &str = "PROMSCOPE_TEST_REQUIRE_PROMETHEUS";

/// Both of them, with at least a handful of scrapes done.
pub(crate) struct Stage {
    prometheus: Child,
    pub(crate) prometheus_url: String,
    pub(crate) cat_facts_url: String,
    folder: tempfile::TempDir,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.prometheus.kill();
        let _ = self.prometheus.wait();
    }
}

impl Stage {
    /// Starts both; `None`, with a line that says so, where no Prometheus is installed and none is required.
    pub(crate) fn start() -> Option<Self> {
        if Command::new("prometheus")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_err()
        {
            assert!(
                std::env::var_os(REQUIRE).is_none(),
                "{REQUIRE} is set, and there is no prometheus in PATH"
            );
            eprintln!("SKIPPED: no prometheus in PATH; install it to run the end-to-end tests");
            return None;
        }
        let cat_facts = start_cat_facts();
        for _ in 0..20 {
            assert!(get(cat_facts, "/cat_facts").starts_with("HTTP/1.1 200"), "cat-facts tells a fact");
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = folder.path().join("prometheus.yml");
        std::fs::write(&config, config_text(cat_facts)).expect("a configuration");
        let (prometheus, address) = start_prometheus(&config, folder.path());
        let stage = Self {
            prometheus,
            prometheus_url: format!("http://{address}"),
            cat_facts_url: format!("http://{cat_facts}"),
            folder,
        };
        // Three scrapes make a rate; each fact asked in between moves the counter.
        stage.wait_for("count_over_time(random_facts_api_execution_counter[1m]) >= 4", || {
            get(cat_facts, "/cat_facts");
        });
        stage.wait_for("count_over_time(prometheus_tsdb_head_series[1m]) >= 4", || {});
        Some(stage)
    }

    /// Ends Prometheus as a crash would.
    pub(crate) fn lose_prometheus(&mut self) {
        self.prometheus.kill().expect("prometheus is there");
        self.prometheus.wait().expect("prometheus ends");
    }

    /// Starts Prometheus again, where it was and with what it had.
    pub(crate) fn bring_prometheus_back(&mut self) {
        let port = self.address().port();
        let config = self.folder.path().join("prometheus.yml");
        self.prometheus = listen(&config, self.folder.path(), port).expect("prometheus comes back");
    }

    /// Facts that cat-facts has told, by its own count.
    pub(crate) fn facts_told(&self) -> u64 {
        let address = self.cat_facts_url["http://".len()..].parse().expect("an address");
        let metrics = get(address, "/metrics");
        let line = metrics.lines().find(|line| line.starts_with("random_facts_api_execution_counter{"));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).expect("the counter")
    }

    fn address(&self) -> SocketAddr {
        self.prometheus_url["http://".len()..].parse().expect("an address")
    }

    /// Asks until `expr` has a sample.
    fn wait_for(&self, expr: &str, mut meanwhile: impl FnMut()) {
        let address = self.address();
        let query: String = url::form_urlencoded::byte_serialize(expr.as_bytes()).collect();
        let deadline = Instant::now() + STARTUP_LIMIT;
        loop {
            meanwhile();
            let answer = get(address, &format!("/api/v1/query?query={query}"));
            if answer.contains("\"value\":") {
                return;
            }
            assert!(Instant::now() < deadline, "{expr} has no sample: {answer}");
            std::thread::yield_now();
        }
    }
}

fn config_text(cat_facts: SocketAddr) -> String {
    format!(
        "global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: prometheus\n    static_configs: [{{ targets: \
         [\"localhost:1\"] }}]\n  - job_name: cat-facts\n    static_configs: [{{ targets: [\"{cat_facts}\"] }}]\n"
    )
}

/// Serves cat-facts on a free port for as long as the test process lives.
fn start_cat_facts() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            listener.set_nonblocking(true).expect("non-blocking");
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let app = cat_facts::App::new(&cat_facts::Config::default()).expect("cat-facts");
            cat_facts::serve(listener, app.router(), std::future::pending()).await;
        });
    });
    address
}

/// Starts Prometheus on a port of its own choice. It scrapes itself too, once its port is known.
fn start_prometheus(config: &Path, folder: &Path) -> (Child, SocketAddr) {
    for _ in 0..5 {
        // A port that is free now may be taken a moment later; then another one is tried.
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
        let text = std::fs::read_to_string(config).expect("configuration");
        std::fs::write(config, text.replace("localhost:1\"", &format!("localhost:{port}\"")))
            .expect("configuration");
        if let Some(child) = listen(config, folder, port) {
            return (child, SocketAddr::from(([127, 0, 0, 1], port)));
        }
    }
    panic!("prometheus did not come up in five tries");
}

/// Starts Prometheus on `port`; `None` when it ends before it answers.
fn listen(config: &Path, folder: &Path, port: u16) -> Option<Child> {
    let mut child = Command::new("prometheus")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("prometheus starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let is_up =
        lines.by_ref().map_while(Result::ok).any(|line| line.contains("ready to receive web requests"));
    if is_up {
        // Somebody has to read on, or Prometheus blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        return Some(child);
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// A whole HTTP answer, head included.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(STARTUP_LIMIT)).expect("a timeout");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}
