//! End to end: the program against a real Prometheus that scrapes cat-facts and itself.

mod screen;
mod stage;

use std::process::{Command, Output};

use screen::Screen;
use serde_json::Value;
use stage::Stage;

fn promscope(stage: &Stage, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_promscope"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .args(args)
        .args(["--url", &stage.prometheus_url])
        .output()
        .expect("promscope runs")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn panel<'a>(frame: &'a Value, title: &str) -> &'a Value {
    let panels = frame["panels"].as_array().expect("panels");
    panels
        .iter()
        .find(|panel| panel["title"] == title)
        .unwrap_or_else(|| panic!("no panel {title:?} in {frame:#}"))
}

#[test]
fn dashboards_show_what_prometheus_holds() {
    let Some(stage) = Stage::start() else { return };
    for dashboard in ["cat-facts", "prometheus"] {
        let file = format!("dashboards/{dashboard}.yaml");
        let output = promscope(&stage, &["render", &file, "--format", "json", "--timezone", "UTC"]);
        let frame = json(&output);
        let states: Vec<_> = frame["panels"]
            .as_array()
            .expect("panels")
            .iter()
            .map(|panel| (&panel["title"], &panel["state"]))
            .collect();
        assert!(states.iter().all(|(_, state)| *state != "failed" && *state != "loading"), "{states:?}");
        assert!(output.status.success());
    }

    // A fixed moment, so that the program and the reference look at the same samples.
    let time = chrono::Utc::now().timestamp().to_string();
    let frame = json(&promscope(&stage, &["render", "cat-facts", "--format", "json", "--time", &time]));
    let told = json(&promscope(
        &stage,
        &["query", "sum(random_facts_api_execution_counter)", "--format", "json", "--time", &time],
    ));
    let shown = panel(&frame, "Facts told")["values"][0]["value"].as_f64().expect("a number");
    assert!(shown >= 20.0, "{shown}");
    let told = told["result"][0]["value"][1].as_str().unwrap_or_else(|| panic!("a sample in {told:#}"));
    assert_eq!(told.parse(), Ok(shown));
}

#[test]
fn a_dashboard_made_of_what_prometheus_holds_shows_it() {
    let Some(stage) = Stage::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for job in ["cat-facts", "prometheus"] {
        let output = promscope(&stage, &["generate", "--job", job, "--scrape-interval", "1s"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let file = folder.path().join(format!("{job}.yaml"));
        std::fs::write(&file, &output.stdout).expect("a file");
        let file = file.display().to_string();
        let output = promscope(&stage, &["render", &file, "--range", "1m", "--format", "json"]);
        let frame = json(&output);
        let panels = frame["panels"].as_array().expect("panels");
        assert!(panels.len() > 10, "{frame:#}");
        let failed: Vec<_> = panels.iter().filter(|panel| panel["state"] == "failed").collect();
        assert!(failed.is_empty(), "{failed:#?}");
        let empty = panels.iter().filter(|panel| panel["state"] != "ok").count();
        // Some rates, such as of what never happens, may have no value; most have.
        assert!(empty * 10 < panels.len(), "{frame:#}");
    }
    let output = promscope(&stage, &["generate", "--job", "none"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("there are no metrics of job \"none\""), "{said}");
}

#[test]
fn variables_take_their_values_from_prometheus() {
    let Some(stage) = Stage::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("variables.yaml");
    let queries = [
        ("series", "label_values(up, job)"),
        ("everywhere", "label_values(job)"),
        ("chained", "label_values(up{job=~\"$series\", job!=\"prometheus\"}, job)"),
        ("names", "label_names()"),
        ("names_of", "label_names(facts_api_execution)"),
        ("metrics", "metrics(^prometheus_build_)"),
        ("results", "query_result(up{job=\"prometheus\"} + 41)"),
    ];
    let variables = queries.map(|(name, query)| {
        let regex = if name == "results" { ", regex: '/.*} (\\d+) .*/'" } else { "" };
        format!(
            "  - {{ name: {name}, query: '{query}', sort: alphabetical, all: true, default: All{regex} }}"
        )
    });
    let panels = queries.map(|(name, _)| {
        let expr = format!("label_replace(vector(1), \"v\", \"${{{name}:csv}}\", \"\", \"\")");
        format!("      - {{ type: stat, title: {name}, query: '{expr}' }}")
    });
    let (variables, panels) = (variables.join("\n"), panels.join("\n"));
    let text = format!("title: Variables\nvariables:\n{variables}\nrows:\n  - panels:\n{panels}\n");
    std::fs::write(&file, &text).expect("a file");
    let output = promscope(&stage, &["render", &file.display().to_string(), "--format", "json"]);
    let frame = json(&output);
    let values = |name: &str| -> Vec<String> {
        let shown = panel(&frame, name)["values"][0]["name"].as_str();
        let shown = shown
            .unwrap_or_else(|| panic!("{name} in {frame:#}\n{}", String::from_utf8_lossy(&output.stderr)));
        let value = shown.trim_start_matches("{v=\"").trim_end_matches("\"}");
        value.split(',').map(str::to_owned).collect()
    };
    for name in ["series", "everywhere"] {
        assert_eq!(values(name), ["cat-facts", "prometheus"], "{name}");
    }
    assert_eq!(values("chained"), ["cat-facts"]);
    assert!(
        ["__name__", "handler", "instance", "job"]
            .iter()
            .all(|label| values("names").iter().any(|it| it == label))
    );
    assert_eq!(values("names_of"), ["__name__", "instance", "job", "service"]);
    assert_eq!(values("metrics"), ["prometheus_build_info"]);
    assert_eq!(values("results"), ["42"]);
}

#[test]
fn a_frame_shows_errors_of_the_server_in_its_words() {
    let Some(stage) = Stage::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.yaml");
    let text = "title: Bad\nrows:\n  - panels:\n      - { type: timeseries, title: Broken, query: 'sum(' }\n      - { type: stat, title: Works, query: 'vector(7)' }\n";
    std::fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    let output = promscope(&stage, &["render", &file, "--size", "100x24"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("bad_data") && text.contains("parse error") && text.contains('7'), "{text}");
}

/// The number behind the legend `told` on the screen.
fn told(screen: &str) -> Option<u64> {
    screen.split("told ").nth(1)?.split_whitespace().next()?.parse().ok()
}

#[test]
fn a_key_moves_the_counter_and_a_lost_server_comes_back() {
    let Some(mut stage) = Stage::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("live.yaml");
    let text = format!(
        "title: Live\nrefresh: 1s\ntime: {{ from: now-1m }}\nscrape_interval: 1s\nactions:\n  - {{ key: f, title: Ask, get: \
         '{}/cat_facts' }}\nrows:\n  - panels:\n      - type: timeseries\n        title: Facts\n        decimals: 0\n        \
         queries: [{{ expr: sum(random_facts_api_execution_counter), legend: told }}]\n",
        stage.cat_facts_url
    );
    std::fs::write(&file, text).expect("a file");
    let mut screen = Screen::start(&["--url", &stage.prometheus_url, &file.display().to_string()], (100, 24));
    let before = stage.facts_told();
    screen.wait_for("the counter", |text| told(text).filter(|now| *now == before));
    screen.press("f");
    screen.wait_for("a fact", |text| text.contains("Ask (").then_some(()));
    let after = screen.wait_for("a counter that moves", |text| told(text).filter(|now| *now > before));
    assert_eq!((after, stage.facts_told()), (before + 1, before + 1));

    stage.lose_prometheus();
    let text =
        screen.wait_for("the banner", |text| text.contains("does not answer").then(|| text.to_owned()));
    assert_eq!(told(&text), Some(after), "the last good picture stays");
    stage.bring_prometheus_back();
    screen.wait_for("the end of the banner", |text| {
        (!text.contains("does not answer") && told(text) == Some(after)).then_some(())
    });
    screen.press("q");
    assert_eq!(screen.status(), 0);
}
