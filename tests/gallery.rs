//! The gallery at three sizes: every panel type over arithmetic on time, asked of the embedded engine.

use assert_cmd::Command;
use promscope::engine::{Engine, Plan, Sources};

/// 2026-09-21 14:13:20 UTC and an hour later.
const FROM_TO: [&str; 4] = ["--from", "1790000000", "--to", "1790003600"];

fn frame(size: &str) -> String {
    let engine = Engine::start(Plan::new(Sources::Targets { targets: Vec::new(), interval_ms: 5_000 }))
        .expect("the engine starts");
    let mut command = Command::cargo_bin("promscope").expect("the program is built");
    let output = command
        .args([
            "render",
            concat!(env!("CARGO_MANIFEST_DIR"), "/dashboards/gallery.yaml"),
            "--timezone",
            "UTC",
        ])
        .args(FROM_TO)
        .args(["--color", "never", "--size", size, "--url"])
        .arg(format!("http://{}", engine.address()))
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    // The last line names the port and the time of day.
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[..lines.len() - 1].join("\n")
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(frame("80"));
}

#[test]
fn at_120_columns_and_40_lines() {
    insta::assert_snapshot!(frame("120x40"));
}

#[test]
fn at_200_columns_and_60_lines() {
    insta::assert_snapshot!(frame("200x60"));
}
