//! The scraper as a whole, over real sockets.

use std::path::PathBuf;

use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::config::{FileSdConfig, Global, ScrapeConfig, TargetGroup};
use crate::model::is_stale;
use crate::relabel::{Action, Rule};
use crate::storage::{DbOptions, Matcher, Queryable as _, TimeRange, anchored_regex};

/// Longest wait for something that happens in milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

fn config(scrape_configs: Vec<ScrapeConfig>) -> Config {
    Config {
        global: Global::default(),
        scrape_configs,
        rule_files: Vec::new(),
        base_dir: PathBuf::from("."),
        text: String::new(),
    }
}

fn job(name: &str, targets: &[&str]) -> ScrapeConfig {
    let mut job = test_config(name);
    job.scrape_interval_ms = 50;
    job.scrape_timeout_ms = 50;
    let targets = targets.iter().map(|&address| address.to_owned()).collect();
    job.static_configs = vec![TargetGroup { targets, ..TargetGroup::default() }];
    job
}

fn drop_matching(pattern: &str) -> Rule {
    Rule {
        source_labels: vec!["__address__".into()],
        separator: ";".into(),
        regex: anchored_regex(pattern).unwrap(),
        regex_text: pattern.into(),
        modulus: 0,
        target_label: String::new(),
        replacement: "$1".into(),
        action: Action::Drop,
    }
}

fn scraper() -> Scraper {
    Scraper::new(Arc::new(Db::in_memory(DbOptions::default())))
}

fn addresses(scraper: &Scraper) -> Vec<String> {
    scraper.targets().iter().map(|target| target.scrape_url.clone()).collect()
}

/// The samples of a metric.
fn values(scraper: &Scraper, name: &str) -> Vec<f64> {
    let matchers = [Matcher::equal("__name__", name)];
    let range = TimeRange { start_ms: 0, end_ms: i64::MAX };
    let mut set = scraper.shared.context.db.select(&matchers, range).unwrap();
    let (mut samples, mut out) = (Vec::new(), Vec::new());
    while set.next_into(&mut samples).unwrap().is_some() {
        out.extend(samples.iter().map(|sample| sample.value));
    }
    out
}

async fn until(mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it happens in time");
}

async fn server() -> MockServer {
    let server = MockServer::start().await;
    let body = "# HELP a An a.\n# TYPE a counter\na 1\n";
    Mock::given(path("/metrics"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(body, "text/plain; version=0.0.4"))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn scrapes_and_stops_with_markers() {
    let server = server().await;
    let address = server.address().to_string();
    let scraper = scraper();
    scraper.apply(&config(vec![job("j", &[&address, &address, "127.0.0.1:1"])]));
    assert_eq!(scraper.targets().len(), 2);
    until(|| scraper.targets().iter().all(|target| target.health != Health::Unknown)).await;
    let targets = scraper.targets();
    let up = targets.iter().find(|target| target.health == Health::Up).expect("one is up");
    assert_eq!(up.labels.to_string(), format!("{{instance=\"{address}\", job=\"j\"}}"));
    assert_eq!(up.metadata["a"].help, "An a.");
    let down = targets.iter().find(|target| target.health == Health::Down).expect("one is down");
    assert!(down.last_error.ends_with("connect: connection refused"), "{}", down.last_error);
    scraper.stop().await;
    assert!(scraper.targets().is_empty());
    assert!(values(&scraper, "a").last().is_some_and(|&value| is_stale(value)));
    let after = values(&scraper, "up").len();
    scraper.apply(&config(vec![job("j", &[&address])]));
    assert!(scraper.targets().is_empty());
    assert_eq!(values(&scraper, "up").len(), after);
}

#[tokio::test]
async fn a_reload_starts_stops_and_leaves_alone() {
    let server = server().await;
    let address = server.address().to_string();
    let scraper = scraper();
    scraper.apply(&config(vec![job("j", &[&address, "127.0.0.1:1"]), job("k", &[&address])]));
    until(|| scraper.targets().iter().all(|target| target.last_scrape_ms.is_some())).await;
    let task = |scraper: &Scraper| {
        let state = lock(&scraper.shared.state);
        state.jobs["j"].running.values().map(|running| Arc::as_ptr(&running.progress) as usize).max()
    };
    let before = task(&scraper);
    scraper.apply(&config(vec![job("j", &[&address])]));
    assert_eq!(addresses(&scraper), [format!("http://{address}/metrics")]);
    assert!(task(&scraper).is_some() && (task(&scraper) == before || before.is_some()));
    assert_eq!(scraper.targets()[0].health, Health::Up);
    // The two that are gone are over two intervals later.
    assert_eq!(lock(&scraper.shared.state).ending.len(), 2);
    until(|| lock(&scraper.shared.state).ending.iter().all(Ending::is_over)).await;

    // What a loop does has changed: it goes on with what it knew, in the new way.
    let mut changed = job("j", &[&address]);
    changed.metric_relabel_configs =
        vec![Rule { source_labels: vec!["__name__".into()], ..drop_matching("a") }];
    scraper.apply(&config(vec![changed]));
    until(|| values(&scraper, "a").last().is_some_and(|&value| is_stale(value))).await;
    assert_eq!(scraper.targets()[0].health, Health::Up);
}

#[tokio::test]
async fn dropped_targets_are_kept_to_be_shown() {
    let scraper = scraper();
    let mut job = job("j", &["127.0.0.1:1", "drop-me:1"]);
    job.relabel_configs = vec![drop_matching("drop.*")];
    scraper.apply(&config(vec![job]));
    assert_eq!(addresses(&scraper), ["http://127.0.0.1:1/metrics"]);
    assert_eq!(scraper.dropped_targets()["j"][0].get("__address__"), "drop-me:1");
}

#[tokio::test]
async fn too_many_targets_fail_all() {
    let server = server().await;
    let address = server.address().to_string();
    let scraper = scraper();
    let mut job = job("j", &[&address, "127.0.0.1:1"]);
    job.target_limit = 1;
    scraper.apply(&config(vec![job]));
    until(|| scraper.targets().iter().all(|target| target.health == Health::Down)).await;
    for target in scraper.targets() {
        assert_eq!(target.last_error, "target_limit exceeded (number of targets: 2, limit: 1)");
    }
    assert!(server.received_requests().await.unwrap_or_default().is_empty());
}

#[tokio::test]
async fn files_are_watched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("targets.json");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write(r#"[{"targets": ["127.0.0.1:1"]}]"#);
    let mut job = test_config("j");
    job.file_sd_configs = vec![FileSdConfig { files: vec!["*.json".into()], refresh_interval_ms: 20 }];
    let mut config = config(vec![job]);
    config.base_dir = folder.path().into();
    let scraper = scraper();
    scraper.apply(&config);
    assert_eq!(addresses(&scraper), ["http://127.0.0.1:1/metrics"]);
    write(r#"[{"targets": ["127.0.0.1:1", "127.0.0.1:2"]}]"#);
    until(|| scraper.targets().len() == 2).await;
    write("[");
    scraper.apply(&config);
    assert_eq!(scraper.targets().len(), 2);
    std::fs::remove_file(&file).unwrap();
    until(|| scraper.targets().is_empty()).await;
}

#[tokio::test]
async fn dropping_it_stops_everything() {
    let server = server().await;
    let scraper = scraper();
    let mut job = job("j", &[&server.address().to_string()]);
    job.file_sd_configs = vec![FileSdConfig { files: vec!["none.json".into()], refresh_interval_ms: 1000 }];
    scraper.apply(&config(vec![job]));
    until(|| scraper.targets().iter().all(|target| target.health == Health::Up)).await;
    let db = Arc::downgrade(&scraper.shared.context.db);
    drop(scraper);
    until(|| db.strong_count() == 0).await;
}

#[test]
fn secrets_are_not_shown() {
    let scraper = scraper();
    let mut with_secret = test_config("j");
    with_secret.http.auth = crate::config::Auth::Basic {
        username: "u".into(),
        password: crate::config::Secret::Inline("hidden".into()),
    };
    lock(&scraper.shared.state).jobs.insert("j".into(), Job::new(&with_secret, ".".into()));
    assert!(!format!("{scraper:?}").contains("hidden"));
}
