//! Range queries beside a real Prometheus on the same data, in the same run: 1,000 and 10,000 series, an hour at
//! 15 s, a step every 15 s. Both are asked in turns; the table shows medians and their ratio.
//!
//! Ours is the engine on a `MemoryStore`; or, if `EMBEDDED_PROMETHEUS_URL` names a server of ours that has the same
//! samples (the folder printed with `KEEP_SAMPLES=1` holds them as OpenMetrics text), that server over HTTP.
//! Prometheus is always asked over HTTP, and its answers are read but not parsed. Without `prometheus` and `promtool`
//! in PATH the bench is skipped, visibly.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use embedded_prometheus::model::Labels;
use embedded_prometheus::promql::{Engine, Forever, QueryValue};
use embedded_prometheus::storage::MemoryStore;

const SIZES: [usize; 2] = [1000, 10_000];
const ROUNDS: usize = 7;
const SCRAPE_S: i64 = 15;
const HOUR_S: i64 = 3600;
/// The first sample; ten minutes before the queries' range.
const START_S: i64 = 1_700_000_100;
const LEAD_S: i64 = 600;
const STARTUP_LIMIT: Duration = Duration::from_mins(2);

const QUERIES: [(&str, &str); 7] = [
    ("sum_rate", "sum by (job) (rate(x_bucket[5m]))"),
    ("histogram_quantile", "histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))"),
    ("topk", "topk(5, rate(x_bucket[5m]))"),
    ("subquery", "max_over_time(sum by (job) (rate(x_bucket[5m]))[5m:1m])"),
    ("regex", "sum(x_bucket{instance=~\"instance-.*7\"})"),
    ("join", "sum(x_bucket * on (job) group_left (version) build_info)"),
    ("join_by_instance", "sum by (job) (x_bucket / on (job, instance, le) x_bucket)"),
];

/// Labels and values of every series.
fn series(count: usize) -> impl Iterator<Item = (Vec<(&'static str, String)>, f64)> {
    let buckets = (0..count).map(|at| {
        let le = ["0.1", "0.5", "1", "5", "+Inf"][at % 5];
        let labels = vec![
            ("__name__", "x_bucket".to_owned()),
            ("job", format!("job-{}", at / 5 % 10)),
            ("instance", format!("instance-{}", at / 5)),
            ("le", le.to_owned()),
        ];
        (labels, (at % 5 + 1) as f64)
    });
    let infos = (0..10).map(|job| {
        let labels = vec![
            ("__name__", "build_info".to_owned()),
            ("job", format!("job-{job}")),
            ("version", format!("v{job}")),
        ];
        (labels, 0.0)
    });
    buckets.chain(infos)
}

fn samples(slope: f64) -> impl Iterator<Item = (i64, f64)> {
    (0..=(LEAD_S + HOUR_S) / SCRAPE_S).map(move |scrape| {
        let time_ms = (START_S + scrape * SCRAPE_S) * 1000 + 217;
        (time_ms, 1.0 + (scrape + scrape % 3) as f64 * slope)
    })
}

fn store(count: usize) -> MemoryStore {
    let mut store = MemoryStore::default();
    for (labels, slope) in series(count) {
        let labels = Labels::from_pairs(labels);
        for (time_ms, value) in samples(slope) {
            store.append(&labels, time_ms, value).expect("in order");
        }
    }
    store
}

fn openmetrics(count: usize) -> String {
    let mut out = String::new();
    for (labels, slope) in series(count) {
        let pairs: Vec<_> = labels[1..].iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let prefix = format!("{}{{{}}}", labels[0].1, pairs.join(","));
        for (time_ms, value) in samples(slope) {
            let _ = writeln!(out, "{prefix} {value} {}.{:03}", time_ms / 1000, time_ms % 1000);
        }
    }
    out + "# EOF\n"
}

struct Prometheus {
    process: Child,
    address: SocketAddr,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Prometheus {
    fn start(folder: &Path, count: usize) -> Self {
        let text = folder.join("samples.om");
        std::fs::write(&text, openmetrics(count)).expect("samples are written");
        let data = folder.join("data");
        let made = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"])
            .args([&text, &data])
            .output()
            .expect("promtool runs");
        assert!(made.status.success(), "promtool: {}", String::from_utf8_lossy(&made.stderr));
        let config = folder.join("prometheus.yml");
        std::fs::write(&config, "global: {}\n").expect("a configuration");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .args(["--storage.tsdb.retention.time=100y", &format!("--web.listen-address={address}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus starts");
        let deadline = Instant::now() + STARTUP_LIMIT;
        while get(address, "/-/ready").is_none_or(|answer| !answer.starts_with("HTTP/1.0 200")) {
            assert!(Instant::now() < deadline, "prometheus is not ready");
            std::thread::yield_now();
        }
        Self { process, address }
    }
}

fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn range() -> (i64, i64) {
    (START_S + LEAD_S, START_S + LEAD_S + HOUR_S)
}

fn ask(address: SocketAddr, query: &str) -> Duration {
    let mut encoded = String::new();
    for byte in query.bytes() {
        let _ = write!(encoded, "%{byte:02X}");
    }
    let (from, to) = range();
    let path = format!("/api/v1/query_range?query={encoded}&start={from}&end={to}&step={SCRAPE_S}");
    let started = Instant::now();
    let answer = get(address, &path).expect("an answer");
    let took = started.elapsed();
    assert!(answer.contains("\"status\":\"success\"") && answer.contains("\"values\""), "{query}: {answer}");
    took
}

fn evaluate(store: &MemoryStore, query: &str) -> Duration {
    let (from, to) = range();
    let started = Instant::now();
    let times = (from * 1000, to * 1000, SCRAPE_S * 1000);
    let answer = Engine::default().range(store, query, times, &Forever).expect("a valid query");
    let took = started.elapsed();
    assert!(
        matches!(answer.value, QueryValue::Matrix(series) if !series.is_empty()),
        "{query} has an answer"
    );
    took
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn main() {
    let runs = |program| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    if !runs("prometheus") || !runs("promtool") {
        eprintln!("SKIPPED: no prometheus and promtool in PATH; install them to measure beside them");
        return;
    }
    let url = std::env::var("EMBEDDED_PROMETHEUS_URL").ok();
    let served: Option<SocketAddr> = url.map(|url| {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        address.parse().expect("EMBEDDED_PROMETHEUS_URL is http://ADDRESS:PORT")
    });
    println!("{:>7} {:20} {:>10} {:>12} {:>7}", "series", "query", "ours ms", "prometheus", "ratio");
    for count in SIZES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let prometheus = Prometheus::start(folder.path(), count);
        let store = served.is_none().then(|| store(count));
        for (name, query) in QUERIES {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                theirs.push(ask(prometheus.address, query));
                ours.push(match (&store, served) {
                    (Some(store), _) => evaluate(store, query),
                    (None, Some(address)) => ask(address, query),
                    (None, None) => unreachable!("either a store or a server"),
                });
            }
            let (ours, theirs) = (median(ours), median(theirs));
            println!("{count:>7} {name:20} {ours:>10.1} {theirs:>12.1} {:>7.2}", ours / theirs);
        }
        if std::env::var_os("KEEP_SAMPLES").is_some() {
            println!("{count} series are kept in {}", folder.keep().display());
        }
    }
}
