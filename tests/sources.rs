//! End to end: one dashboard over several servers of a configuration file, one of which is not there.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output};

use serde_json::Value;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const DASHBOARD: &str = r#"
title: Sources
datasource: $ds
variables:
  - { name: ds, datasource: prometheus, regex: /^(near|far)$/ }
  - { name: job, query: label_values(job) }
rows:
  - panels:
      - { type: stat, sparkline: false, title: Chosen, query: 'up{job="$job"}' }
      - { type: stat, sparkline: false, title: Far, query: 'up{job="$job"}', datasource: far }
      - { type: stat, sparkline: false, title: Gone, query: 'up{job="$job"}', datasource: gone }
      - { type: stat, sparkline: false, title: Unknown, query: 'up{job="$job"}', datasource: somewhere else }
"#;

/// A server whose every sample has this value and whose one job this name; it lets in who says `tenant`.
async fn serve(value: u32, job: &str, tenant: &str) -> MockServer {
    let server = MockServer::start().await;
    let body = |data: &str| format!(r#"{{"status":"success","data":{data}}}"#);
    let sample = format!(
        r#"{{"resultType":"vector","result":[{{"metric":{{"job":"{job}"}},"value":[1780000000,"{value}"]}}]}}"#
    );
    for (at, data) in [("/api/v1/query", sample), ("/api/v1/label/job/values", format!("[\"{job}\"]"))] {
        let answer = ResponseTemplate::new(200).set_body_string(body(&data));
        Mock::given(path(at)).and(header("x-scope-orgid", tenant)).respond_with(answer).mount(&server).await;
    }
    server
}

fn promscope(folder: &tempfile::TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_promscope"))
        .current_dir(folder.path())
        .env_clear()
        .args(args)
        .args(["--config", "config.yaml"])
        .output()
        .expect("promscope runs")
}

/// Each panel's title and what it shows: its value, or what is wrong.
fn shown(output: &Output) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&output.stdout);
    let frame: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let panel = |panel: &Value| {
        let value = &panel["values"][0]["value"];
        let says = if value.is_null() {
            panel["state"].as_str().unwrap_or("").to_owned()
        } else {
            value.to_string()
        };
        (panel["title"].as_str().unwrap_or("").to_owned(), says)
    };
    frame["panels"].as_array().expect("panels").iter().map(panel).collect()
}

fn are(shown: &[(String, String)], expected: [(&str, &str); 4]) {
    let shown: Vec<(&str, &str)> =
        shown.iter().map(|(title, says)| (title.as_str(), says.as_str())).collect();
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn panels_ask_the_data_sources_that_they_name() {
    let (near, far) = (serve(1, "n", "left").await, serve(2, "f", "right").await);
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let source = |name: &str, url: &str, tenant: &str| {
        format!("  - {{ name: {name}, url: '{url}', headers: {{ X-Scope-OrgID: {tenant} }} }}\n")
    };
    let config = [
        "datasources:\n".to_owned(),
        source("near", &near.uri(), "left"),
        source("far", &far.uri(), "right"),
        source("gone", &format!("http://{gone}"), "nobody"),
    ];
    fs::write(folder.path().join("config.yaml"), config.concat()).expect("written");
    fs::write(folder.path().join("a.yaml"), DASHBOARD).expect("written");

    let render = ["render", "a.yaml", "--format", "json"];
    let output = promscope(&folder, &render);
    are(&shown(&output), [("Chosen", "1.0"), ("Far", "2.0"), ("Gone", "failed"), ("Unknown", "1.0")]);
    assert_eq!(output.status.code(), Some(1), "one panel failed");
    let frame: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let named = |panel: usize| frame["panels"][panel]["datasources"].to_string();
    assert_eq!((named(0), named(1)), ("null".to_owned(), "[\"far\"]".to_owned()));
    // The variable leads elsewhere, and so does what depends on it: the lookup, and the job that it finds.
    let output = promscope(&folder, &[&render[..], &["--var", "ds=far"]].concat());
    are(&shown(&output), [("Chosen", "2.0"), ("Far", "2.0"), ("Gone", "failed"), ("Unknown", "1.0")]);
    let last = far.received_requests().await.expect("recorded").pop().expect("a request");
    let body = String::from_utf8_lossy(&last.body).into_owned();
    assert!(body.contains("job%3D%22f%22"), "{body}");
    // Another one in use is asked where nothing that is known is named.
    let output = promscope(&folder, &[&render[..], &["--datasource", "far"]].concat());
    are(&shown(&output), [("Chosen", "2.0"), ("Far", "2.0"), ("Gone", "failed"), ("Unknown", "2.0")]);

    let output = promscope(&folder, &["check", "a.yaml"]);
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    let expected = "a.yaml:12:94: warning: no data source is called \"somewhere else\", so the one in use is asked; \
                    there are: near, far, gone\n";
    assert!(says.starts_with(expected), "{says}");
    assert!(output.status.success());
}
