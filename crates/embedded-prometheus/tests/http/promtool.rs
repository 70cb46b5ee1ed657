//! Prometheus's own client, promtool, against a server over HTTP. Skipped, with a line that says so, where promtool
//! is not installed and not required.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::running::{Running, ask, is_installed};
use embedded_prometheus::model::Labels;

/// A server with ten minutes of two series.
fn start() -> Running {
    let server = Running::start();
    for job in ["api", "db"] {
        let labels = Labels::from_pairs([("__name__", "requests_total"), ("job", job)]);
        let mut appender = server.db.appender();
        for minute in 0..=10_i32 {
            let (time_ms, value) = (i64::from(minute) * 60_000, f64::from(minute) * 30.0);
            appender.append(&labels, time_ms, value).expect("in order");
        }
        appender.commit().expect("written");
    }
    server
}

fn promtool(arguments: &[&str]) -> Output {
    Command::new("promtool").args(arguments).output().expect("promtool runs")
}

#[test]
fn queries() {
    if !is_installed("promtool") {
        return;
    }
    let server = start();
    let url = &format!("http://{}", server.address);
    let sum = "sum by (job) (rate(requests_total[5m]))";
    for (arguments, expected) in [
        (
            &["instant", "--time=600", url, sum][..],
            "{job=\"api\"} => 0.5 @[600]\n{job=\"db\"} => 0.5 @[600]\n",
        ),
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
        let output = promtool(&[&["query"], arguments].concat());
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        assert_eq!(stdout, expected, "{arguments:?}");
    }
    let output = promtool(&["query", "instant", url, "foo("]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad_data"), "{output:?}");
}

#[test]
fn its_own_metrics_are_in_order() {
    if !is_installed("promtool") {
        return;
    }
    let server = start();
    // Twice, so that the first request is counted in the second.
    let (_, first) = ask(server.address, "GET", "/metrics").expect("metrics");
    assert!(!first.contains("handler=\"/metrics\""), "{first}");
    let (_, metrics) = ask(server.address, "GET", "/metrics").expect("metrics");
    let counted = "prometheus_http_requests_total{code=\"200\",handler=\"/metrics\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool runs");
    check.stdin.take().expect("its input").write_all(metrics.as_bytes()).expect("written");
    let output = check.wait_with_output().expect("promtool ends");
    assert!(output.status.success(), "{}{metrics}", String::from_utf8_lossy(&output.stderr));
}
