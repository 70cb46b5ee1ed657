//! A real Prometheus over the made-up samples, in a folder and on a port of its own, gone with the test.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::When;
use crate::answer::Outcome;
use crate::data::{Samples, openmetrics};

/// How long Prometheus may take to come up.
const STARTUP_LIMIT: Duration = Duration::from_mins(1);
/// How often another port is tried.
const ATTEMPTS: usize = 5;
/// Set where a missing Prometheus is a failure, as in CI.
const REQUIRE: &str = "PROMSCOPE_TEST_REQUIRE_PROMETHEUS";

pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    version: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts it; `None`, with a line that says so, where it is not installed and not required.
    pub(crate) fn start(samples: &Samples) -> Option<Self> {
        let runs = |program| {
            let mut command = Command::new(program);
            command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        if !runs("prometheus") || !runs("promtool") {
            assert!(
                std::env::var_os(REQUIRE).is_none(),
                "{REQUIRE} is set, and there is no prometheus or no promtool in PATH"
            );
            eprintln!("SKIPPED: no prometheus and promtool in PATH; install them to compare with them");
            return None;
        }
        (0..ATTEMPTS).find_map(|_| Self::attempt(samples)).or_else(|| panic!("prometheus does not come up"))
    }

    /// A port that is free now may be taken a moment later; then there is no server.
    fn attempt(samples: &Samples) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = folder.path().join("samples.om");
        std::fs::write(&text, openmetrics(samples)).expect("samples are written");
        let data = folder.path().join("data");
        let made = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"])
            .args([&text, &data])
            .output()
            .expect("promtool runs");
        assert!(made.status.success(), "promtool: {}", String::from_utf8_lossy(&made.stderr));
        let config = folder.path().join("prometheus.yml");
        std::fs::write(&config, "global: { evaluation_interval: 1m }\n").expect("a configuration");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .args(["--storage.tsdb.retention.time=100y", &format!("--web.listen-address={address}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus starts");
        let mut server = Self { process, address, version: String::new(), _folder: folder };
        if !server.comes_up() {
            return None;
        }
        let (_, body) = server.get("/api/v1/status/buildinfo").expect("it answers");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["data"]["version"].as_str().unwrap_or("?").clone_into(&mut server.version);
        Some(server)
    }

    fn comes_up(&mut self) -> bool {
        let deadline = Instant::now() + STARTUP_LIMIT;
        while Instant::now() < deadline {
            if self.process.try_wait().expect("a process").is_some() {
                return false;
            }
            if self.get("/-/ready").is_some_and(|(status, _)| status == 200) {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn ask(&self, query: &str, when: When) -> Outcome {
        let query = encoded(query);
        let path = match when {
            When::Instant(t) => format!("/api/v1/query?query={query}&time={t}"),
            When::Range(from, to, step) => {
                format!("/api/v1/query_range?query={query}&start={from}&end={to}&step={step}")
            }
        };
        let (_, body) = self.get(&path).expect("prometheus answers");
        Outcome::theirs(&serde_json::from_str(&body).unwrap_or_else(|e| panic!("{path}: {e}: {body}")))
    }

    /// Status and body. HTTP/1.0, so that the body ends with the connection.
    fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
