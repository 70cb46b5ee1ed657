//! Dashboards made of metrics: of recorded answers of a real Prometheus that scraped `node_exporter` and cat-facts, of
//! everything OpenMetrics has, and of names that nobody should give. Each has to load without a word.

use std::fmt::Write as _;

use chrono_tz::Tz;
use promscope::dashboard::Dashboard;
use promscope::format::yaml;
use promscope::generate::{
    GENERATED_PANELS_LIMIT, Generated, Inventory, NOTES_LIMIT, Options, Target, TargetState, can_be_written,
    generate,
};
use promscope::panel::KINDS;
use promscope::source::inventory::{add_metadata, add_series};
use proptest::prelude::*;

fn options() -> Options {
    Options {
        title: "Metrics of http://localhost:8000/metrics".to_owned(),
        origin: "http://localhost:8000/metrics".to_owned(),
        refresh_ms: 5_000,
        range_ms: 300_000,
        scrape_interval_ms: Some(5_000),
        job: None,
    }
}

fn recorded(series: &str, metadata: &str) -> Inventory {
    let mut inventory = Inventory::default();
    add_series(series.as_bytes(), &mut inventory).expect("an answer");
    add_metadata(metadata.as_bytes(), &mut inventory).expect("an answer");
    inventory
}

fn cat_facts() -> Inventory {
    recorded(include_str!("generate/cat-facts.series.json"), include_str!("generate/cat-facts.metadata.json"))
}

fn node() -> Inventory {
    recorded(include_str!("generate/node.series.json"), include_str!("generate/node.metadata.json"))
}

/// Adds one series for each value of the label.
fn add(inventory: &mut Inventory, name: &str, label: &str, values: &[&str]) {
    for value in values {
        inventory.add_series([("__name__", name), ("job", "app"), ("instance", "a:1"), (label, *value)]);
    }
}

/// The dashboard, read as if it were a file: no problem, no note, no lint.
fn loaded(generated: &Generated) -> Dashboard {
    let checked = yaml::check(&generated.yaml, Tz::UTC, KINDS);
    assert_eq!(checked.problems, [], "{}", generated.yaml);
    assert_eq!(checked.dashboard.notes, [], "{}", generated.yaml);
    assert_eq!(checked.lints, [], "{}", generated.yaml);
    checked.dashboard
}

/// One line a panel.
fn outline(dashboard: &Dashboard) -> String {
    let mut text = String::new();
    for row in &dashboard.rows {
        if let Some(title) = &row.title {
            writeln!(text, "{title}").expect("written");
        }
        for panel in &dashboard.panels[row.panels.clone()] {
            let queries: Vec<_> = panel.queries.iter().map(|query| query.expr.as_str()).collect();
            let unit = format!("{:?}", panel.field.unit);
            let unit = unit.split('"').nth(1).unwrap_or_default();
            let queries = queries.join(" ; ");
            writeln!(text, "  {} {:?} [{unit}] {queries}", panel.kind.name, panel.title).expect("written");
        }
    }
    text
}

#[test]
fn an_application() {
    let generated = generate(&cat_facts(), &options());
    loaded(&generated);
    insta::assert_snapshot!(generated.yaml);
}

#[test]
fn a_machine() {
    let generated = generate(&node(), &options());
    let dashboard = loaded(&generated);
    let notes = generated.notes.join("\n");
    insta::assert_snapshot!(format!("{}{notes}", outline(&dashboard)));
}

#[test]
fn all_that_open_metrics_has() {
    let mut inventory = Inventory::default();
    for (family, kind, help) in [
        ("app_jobs", "counter", "Jobs done."),
        ("app_size_bytes", "gaugehistogram", "Sizes of what waits"),
        ("app_took_seconds", "summary", "Time that jobs took."),
        ("app_waited_seconds", "summary", "Time that jobs waited; nobody keeps quantiles of it"),
        ("app_build", "info", "Version of the application."),
        ("app_mode", "stateset", "Mode."),
        ("app_started_timestamp_seconds", "gauge", "Start."),
        ("app_last_seconds", "gauge", "Last job, in seconds since 1970"),
        ("app_native_seconds", "histogram", "A native histogram"),
    ] {
        inventory.add_metadata(family, kind, help);
    }
    for (name, label, values) in [
        ("app_jobs_total", "queue", &["slow", "fast"][..]),
        ("app_jobs_created", "queue", &["slow", "fast"]),
        ("app_size_bytes_bucket", "le", &["1", "10", "+Inf"]),
        ("app_size_bytes_gsum", "", &[""]),
        ("app_size_bytes_gcount", "", &[""]),
        ("app_took_seconds", "quantile", &["0.5", "0.99"]),
        ("app_took_seconds_sum", "", &[""]),
        ("app_took_seconds_count", "", &[""]),
        ("app_took_seconds_created", "", &[""]),
        ("app_waited_seconds_sum", "", &[""]),
        ("app_waited_seconds_count", "", &[""]),
        ("app_build_info", "version", &["1.2"]),
        ("app_mode", "app_mode", &["on", "off"]),
        ("app_started_timestamp_seconds", "", &[""]),
        ("app_last_seconds", "", &[""]),
        ("app_native_seconds", "", &[""]),
        ("untyped_thing", "", &[""]),
        ("untyped_hits_total", "", &[""]),
        ("untyped_hist_bucket", "le", &["1", "+Inf"]),
        ("untyped_hist_sum", "", &[""]),
        ("untyped_hist_count", "", &[""]),
        ("up", "", &[""]),
    ] {
        if label.is_empty() {
            inventory.add_series([("__name__", name), ("job", "app"), ("instance", "a:1")]);
        } else {
            add(&mut inventory, name, label, values);
        }
    }
    let generated = generate(&inventory, &options());
    let dashboard = loaded(&generated);
    insta::assert_snapshot!(format!("{}{}", outline(&dashboard), generated.notes.join("\n")));
}

#[test]
fn hostile_names_are_written_or_named() {
    let mut inventory = Inventory::default();
    let long = "x".repeat(1_000);
    for name in [
        "my.metric",
        "it's \"so\"",
        "käse_total",
        "a$__range",
        "a[[b]]",
        "a\nb",
        "a\u{202e}b",
        "",
        "{",
        "#",
        &long,
    ] {
        inventory.add_series([("__name__", name), ("job", "a"), ("weird.label", "1"), ("le", "\"")]);
        inventory.add_series([("__name__", name), ("job", "a"), ("weird.label", "2"), ("ok", "'")]);
        inventory.add_metadata(name, "counter", "it's: {a} # \"help\"\n- over two lines\u{7}");
    }
    let generated = generate(&inventory, &Options { job: Some("it's \"a\\job\"".to_owned()), ..options() });
    loaded(&generated);
    insta::assert_snapshot!(generated.yaml);
}

#[test]
fn what_is_waited_for_is_said() {
    let target = |url: &str, state| Target { url: url.to_owned(), state };
    let mut inventory = Inventory::default();
    inventory.targets = vec![
        target("http://a:1/metrics", TargetState::Unknown),
        target("http://b:1/metrics", TargetState::Down("connection refused".to_owned())),
        target("http://c:1/metrics", TargetState::Up),
    ];
    inventory.add_series([("__name__", "up"), ("job", "b")]);
    let waiting = "- waiting for http://a:1/metrics\n- waiting for http://b:1/metrics: connection refused";
    let dashboard = loaded(&generate(&inventory, &options()));
    assert_eq!(dashboard.panels.len(), 1, "what scraping itself writes is no news");
    assert_eq!(dashboard.panels[0].options.content, waiting);

    inventory.add_series([("__name__", "cats"), ("job", "c")]);
    let dashboard = loaded(&generate(&inventory, &options()));
    let titles: Vec<_> = dashboard.panels.iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(titles, ["Targets that have not answered", "cats", "up"]);

    let nothing = loaded(&generate(&Inventory::default(), &options()));
    assert_eq!(nothing.panels[0].options.content, "no metrics yet");
}

#[test]
fn there_is_a_bound_and_nothing_beyond_it_is_lost_silently() {
    let mut inventory = Inventory::default();
    let names: Vec<String> = (0..400).map(|number| format!("app_{number:03}_things")).collect();
    for name in &names {
        inventory.add_series([("__name__", name.as_str()), ("job", "app")]);
    }
    inventory.add_series([("__name__", "go_threads"), ("job", "app")]);
    let generated = generate(&inventory, &options());
    let dashboard = loaded(&generated);
    assert_eq!(dashboard.panels.len(), GENERATED_PANELS_LIMIT);
    let notes = generated.notes.join("\n");
    let is_told =
        |name: &String| dashboard.panels.iter().any(|panel| panel.title == *name) != notes.contains(name);
    assert!(names.iter().all(is_told), "{notes}");
    let [summary] = &generated.summary[..] else { panic!("{:?}", generated.summary) };
    let count = names.iter().filter(|name| notes.contains(*name)).count();
    assert!(summary.contains(&format!("{count} metrics, named in the file's comments")), "{summary}");
    let has = |title: &str| dashboard.panels.iter().any(|panel| panel.title == title);
    assert!(
        has("go_threads") && !notes.contains("go_threads"),
        "a large group does not push out a small one"
    );

    let mut hostile = Inventory::default();
    for number in 0..2_000 {
        hostile.add_series([("__name__", format!("a${number}").as_str())]);
    }
    assert_eq!(generate(&hostile, &options()).notes.len(), NOTES_LIMIT);
}

#[test]
fn a_panel_of_many_series_draws_few_lines() {
    let mut inventory = Inventory::default();
    let users: Vec<String> = (0..500).map(|user| user.to_string()).collect();
    for name in ["requests_total", "sessions", "took_seconds"] {
        let (label, more) = if name == "took_seconds" { ("quantile", "0.5") } else { ("zone", "a") };
        for user in &users {
            inventory.add_series([("__name__", name), ("user", user.as_str()), (label, more)]);
        }
    }
    inventory.add_metadata("took_seconds", "summary", "");
    let dashboard = loaded(&generate(&inventory, &options()));
    insta::assert_snapshot!(outline(&dashboard));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_metrics_are_the_dashboard_loads(
        metrics in prop::collection::vec(
            (
                prop_oneof!["[a-z]{1,6}(_[a-z]{1,4}){0,3}(_total|_bucket|_sum|_count|_info|_created|_seconds)?", "\\PC{0,12}", any::<String>()],
                prop_oneof![Just("counter"), Just("gauge"), Just("histogram"), Just("summary"), Just("info"), Just("unknown")],
                any::<String>(),
                prop::collection::vec((prop_oneof![Just("le".to_owned()), Just("quantile".to_owned()), Just("path".to_owned()), any::<String>()], any::<String>()), 0..4),
            ),
            0..30,
        ),
        job in prop::option::of("\\PC{0,12}".prop_filter("what the command takes", |job| can_be_written(job))),
    ) {
        let mut inventory = Inventory::default();
        for (name, kind, help, labels) in &metrics {
            inventory.add_metadata(name, kind, help);
            let labels = labels.iter().map(|(label, value)| (label.as_str(), value.as_str()));
            let named = [("__name__", name.as_str())].into_iter().chain(labels);
            inventory.add_series(named);
        }
        let generated = generate(&inventory, &Options { job, ..options() });
        loaded(&generated);
        prop_assert_eq!(&generate(&inventory, &options()), &generate(&inventory, &options()));
    }
}
