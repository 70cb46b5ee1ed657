//! Answers of an empty server compared with those of a real Prometheus, byte by byte. Skipped, with a line that says
//! so, where none is installed and none is required.
//!
//! Debian's is 2.42, and this is the API of 3.5. What changed in between is in `DIFFERENT`, and is checked to
//! differ, so that the list stays true.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::running::{Running, ask, is_installed};

const STARTUP_LIMIT: Duration = Duration::from_mins(1);

const EQUAL: &[(&str, &str)] = &[
    ("GET", "/api/v1/query?query=1%2B&time=0"),
    ("GET", "/api/v1/query?query=1&time=5"),
    ("GET", "/api/v1/query?query=1&time=foo"),
    ("GET", "/api/v1/query?query=1&time=1e3&timeout=bla"),
    ("GET", "/api/v1/query?query=1&time=2020-01-02T03:04:05.678Z"),
    ("GET", "/api/v1/query?query=%22a%22&time=1.5"),
    ("GET", "/api/v1/query?query=1e21&time=1.005"),
    ("GET", "/api/v1/query?query=1e-7&time=-1.5"),
    ("GET", "/api/v1/query?query=vector(0.1)&time=1"),
    ("GET", "/api/v1/query?query=vector(1e21)&time=1.001"),
    ("GET", "/api/v1/query?query=vector(1e-7)&time=1.01"),
    ("GET", "/api/v1/query?query=vector(-0)&time=1"),
    ("GET", "/api/v1/query?query=vector(NaN)&time=1"),
    ("GET", "/api/v1/query?query=-Inf&time=1"),
    ("GET", "/api/v1/query?query=up[5m]&time=1"),
    ("GET", "/api/v1/query?query=foo(x)&time=1"),
    ("GET", "/api/v1/query_range"),
    ("GET", "/api/v1/query_range?query=1&start=1"),
    ("GET", "/api/v1/query_range?query=1&start=1&end=foo"),
    ("GET", "/api/v1/query_range?query=1&start=1&end=2"),
    ("GET", "/api/v1/query_range?query=1&start=1&end=2&step=0"),
    ("GET", "/api/v1/query_range?query=1&start=1&end=2&step=-1"),
    ("GET", "/api/v1/query_range?query=1&start=1&end=2&step=bla"),
    ("GET", "/api/v1/query_range?query=1&start=2&end=1&step=1"),
    ("GET", "/api/v1/query_range?query=1&start=0&end=148966367200.372&step=1"),
    ("GET", "/api/v1/query_range?query=1&start=0&end=2&step=1e30"),
    ("GET", "/api/v1/query_range?query=1&start=0&end=2&step=1"),
    ("GET", "/api/v1/query_range?query=time()&start=0.5&end=2&step=500ms"),
    ("GET", "/api/v1/query_range?query=time()&start=0&end=11000&step=1"),
    ("GET", "/api/v1/query_range?query=1&start=0&end=11001&step=1"),
    ("GET", "/api/v1/query_exemplars?query=up"),
    ("GET", "/api/v1/query_exemplars?query=up{"),
    ("GET", "/api/v1/query_exemplars?query=up&start=5&end=1"),
    ("GET", "/api/v1/query_exemplars?query=1"),
    ("GET", "/api/v1/labels"),
    ("GET", "/api/v1/labels?start=x"),
    ("GET", "/api/v1/labels?match[]={a=%22%22}"),
    ("GET", "/api/v1/labels?match[]=up[5m]"),
    ("GET", "/api/v1/label/job/values"),
    ("GET", "/api/v1/label/U__http_2e_method/values"),
    ("GET", "/api/v1/label/job/values?match[]={"),
    ("GET", "/api/v1/label/job/values?end=x"),
    ("GET", "/api/v1/series"),
    ("GET", "/api/v1/series?match[]={a=~%22.*%22}"),
    ("GET", "/api/v1/series?match[]=up"),
    ("GET", "/api/v1/series?match[]=up&start=foo"),
    ("GET", "/api/v1/series?match[]=rate(x[5m])"),
    ("DELETE", "/api/v1/series"),
    ("GET", "/api/v1/metadata"),
    ("GET", "/api/v1/metadata?limit=x"),
    ("GET", "/api/v1/targets/metadata"),
    ("GET", "/api/v1/targets/metadata?limit=x"),
    ("GET", "/api/v1/targets/metadata?match_target={"),
    ("GET", "/api/v1/scrape_pools"),
    ("GET", "/api/v1/rules"),
    ("GET", "/api/v1/rules?type=foo"),
    ("GET", "/api/v1/alerts"),
    ("GET", "/api/v1/alertmanagers"),
    ("GET", "/api/v1/format_query?query=foo/bar"),
    ("GET", "/api/v1/format_query?query=sum(x)by(job)"),
    ("GET", "/api/v1/format_query?query=-(a%2Bb)*on(c)group_left(d)e{f!=%22g%22}%20offset%205m"),
    (
        "GET",
        "/api/v1/format_query?query=sum(rate(some_quite_long_metric_name_total{job=%22api%22,instance=~%22a.*%22}[5m]))by(job)/count(up[1h:5m]%20@%20end())",
    ),
    ("GET", "/api/v1/format_query?query=invalid_expression/"),
    ("GET", "/api/v1/status/tsdb"),
    ("GET", "/api/v1/status/walreplay"),
    ("GET", "/api/v1/nope"),
    ("PUT", "/api/v1/query"),
    ("POST", "/api/v1/label/job/values"),
    ("POST", "/api/v1/admin/tsdb/snapshot"),
    ("OPTIONS", "/api/v1/query"),
    ("GET", "/federate"),
    ("GET", "/federate?match[]=up"),
    ("GET", "/federate?match[]=up{"),
    ("GET", "/-/healthy"),
    ("GET", "/-/ready"),
    ("GET", "/-/reload"),
    ("GET", "/-/quit"),
    ("POST", "/-/reload"),
];

/// With the reason.
const DIFFERENT: &[(&str, &str)] = &[
    ("/api/v1/query", "an empty expression has an unknown position since 3"),
    ("/api/v1/query?query=1&limit=x", "limit is new in 3"),
    ("/api/v1/query?query=1&lookback_delta=x", "lookback_delta is newer than 2.42"),
    (
        "/api/v1/query?query=1&time=292277025-08-18T07:12:54.999999999Z",
        "its clock wraps around, ours does not",
    ),
    ("/api/v1/query_range?query=up[5m]&start=0&end=2&step=1s", "the parameter is named since 2.44"),
    ("/api/v1/label/jo-b/values", "any UTF-8 is a label name since 3"),
    ("/api/v1/metadata?limit_per_metric=x", "limit_per_metric is newer than 2.42"),
    ("/api/v1/targets", "droppedTargetCounts is newer than 2.42"),
    ("/api/v1/rules?exclude_alerts=foo", "exclude_alerts is newer than 2.42"),
    ("/api/v1/status/tsdb?limit=x", "limit is newer than 2.42"),
    ("/api/v1/query/", "we redirect nowhere"),
];

struct Prometheus {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One without targets.
fn prometheus() -> Prometheus {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("prometheus.yml");
    std::fs::write(&config, "global: { scrape_interval: 1h }\n").expect("a configuration");
    // A port that is free now may be taken a moment later; then another one is tried.
    for _ in 0..5 {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let mut process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={free}"))
            .arg("--web.enable-lifecycle")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus starts");
        let deadline = Instant::now() + STARTUP_LIMIT;
        while process.try_wait().expect("its state").is_none() {
            if ask(free, "GET", "/-/ready").is_some_and(|(status, _)| status == 200) {
                return Prometheus { process, address: free, _folder: folder };
            }
            assert!(Instant::now() < deadline, "prometheus does not come up");
            std::thread::yield_now();
        }
    }
    panic!("prometheus did not come up in five tries");
}

#[test]
fn answers_are_those_of_prometheus() {
    if !is_installed("prometheus") {
        return;
    }
    let theirs = prometheus();
    let ours = Running::start();
    let mut wrong = Vec::new();
    for (method, path) in EQUAL {
        let (expected, got) = (ask(theirs.address, method, path), ask(ours.address, method, path));
        assert!(expected.is_some(), "{method} {path}");
        if got != expected {
            wrong.push(format!("{method} {path}\n  theirs: {expected:?}\n  ours:   {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), EQUAL.len(), wrong.join("\n"));
    let version = ask(theirs.address, "GET", "/api/v1/status/buildinfo").expect("an answer").1;
    if version.contains("\"version\":\"2.42") {
        for (path, why) in DIFFERENT {
            let (expected, got) = (ask(theirs.address, "GET", path), ask(ours.address, "GET", path));
            assert_ne!(got, expected, "{path} differs no longer: {why}");
        }
    }
}
