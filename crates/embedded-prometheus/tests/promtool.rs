//! Configurations and rule files held against `promtool check`: what it refuses we refuse, and what we take it takes,
//! apart from what is listed here.

#![cfg(feature = "server")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use embedded_prometheus::config::Config;
use embedded_prometheus::promql::Engine;
use embedded_prometheus::rules::Ruler;
use embedded_prometheus::storage::{Db, DbOptions};

/// Set where a missing Prometheus is a failure, as in CI.
const REQUIRE: &str = "PROMSCOPE_TEST_REQUIRE_PROMETHEUS";

/// Whether promtool is there; says so if not.
fn promtool_is_there() -> bool {
    let version =
        Command::new("promtool").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if version.is_ok() {
        return true;
    }
    assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, and there is no promtool in PATH");
    eprintln!("SKIPPED: no promtool in PATH; install prometheus to compare with it");
    false
}

/// What promtool says to each of the texts, all checked by one process.
fn promtool_says(folder: &Path, what: &str, texts: &[String]) -> Vec<Result<(), String>> {
    let files: Vec<_> = (0..texts.len()).map(|number| folder.join(format!("{number}.yml"))).collect();
    for (file, text) in files.iter().zip(texts) {
        std::fs::write(file, text).expect("a file");
    }
    // Both streams into one file, so that a complaint stands under its file's name.
    let said = std::fs::File::create(folder.join("said")).expect("a file");
    Command::new("promtool")
        .args(["check", what])
        .args(&files)
        .stdin(Stdio::null())
        .stderr(said.try_clone().expect("a file"))
        .stdout(said)
        .status()
        .expect("promtool runs");
    let said = std::fs::read_to_string(folder.join("said")).expect("what it said");
    let sections: Vec<&str> = said.split("Checking ").skip(1).collect();
    assert_eq!(sections.len(), texts.len(), "{said}");
    let result =
        |section: &&str| if section.contains("FAILED") { Err((*section).to_owned()) } else { Ok(()) };
    sections.iter().map(result).collect()
}

/// A scrape config with these keys.
fn job(keys: &str) -> String {
    format!("scrape_configs: [{{job_name: a, {keys}}}]\n")
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn configs() -> Vec<String> {
    let mut configs: Vec<String> = [
        "",
        "# nothing\n",
        "global:\n",
        "[]\n",
        "global: {scrape_interval: 5s, scrape_timeout: 4s, evaluation_interval: 1m30s}\n",
        "global: {scrape_interval: 5s, scrape_timeout: 6s}\n",
        "global: {scrape_interval: 5}\n",
        "global: {scrape_interval: 1.5s}\n",
        "global: {scrape_interval: 1s1m}\n",
        "global: {scrape_interval: ''}\n",
        "global: {scrape_interval: 0s}\n",
        "global: {scrape_interval: 300y}\n",
        "global: {scrape_intervall: 5s}\n",
        "global: {external_labels: {a: b, c: 1, d: true}}\n",
        "global: {external_labels: {'': b}}\n",
        "global: {external_labels: [a]}\n",
        "rule_files: ['a*/b.yml']\n",
        "rule_files: ['none*.yml']\n",
        "rule_files: a.yml\n",
        "scrape_configs: {}\n",
        "scrape_configs: []\n",
        "scrape_configs: [null]\n",
        "scrape_configs: [{}]\n",
        "scrape_configs: [{job_name: ''}]\n",
        "scrape_configs: [{job_name: a}, {job_name: a}]\n",
        "scrape_configs: [{job_name: a}, {job_name: b}]\n",
        "scrape_configs: [{job_name: a, job_name: b}]\n",
        "scrape_configs:\n- &x {job_name: a, scheme: https}\n- {<<: *x, job_name: b}\n",
        "nonsense: {}\n",
        "a: b: c\n",
    ]
    .map(str::to_owned)
    .into();
    configs.extend(
        [
            "scrape_interval: 30s, scrape_timeout: 1m",
            "scrape_interval: 5m, scrape_timeout: 1m",
            "scrape_interval: 1s",
            "scheme: https",
            "metrics_path: /x, params: {a: [b, 1]}",
            "params: {a: b}",
            "params: [a]",
            "honor_labels: yes, honor_timestamps: off",
            "honor_labels: 'true'",
            "honor_labels: 1",
            "honor_labels: maybe",
            "sample_limit: 5, target_limit: 6, label_limit: 7, label_name_length_limit: 8, label_value_length_limit: 9",
            "sample_limit: -1",
            "sample_limit: x",
            "sample_limit: '1'",
            "body_size_limit: 10MB",
            "body_size_limit: 1.5GiB",
            "body_size_limit: 0",
            "body_size_limit: 100",
            "body_size_limit: 10XB",
            "static_configs: [{targets: ['x:1', y], labels: {a: b}}]",
            "static_configs: [{targets: ['http://x:1']}]",
            "static_configs: [{targets: ['x:1/metrics']}]",
            "static_configs: [{targets: ['']}]",
            "static_configs: [{targets: x}]",
            "static_configs: [{target: [x]}]",
            "static_configs: [null]",
            "static_configs: [{targets: [x], labels: {'': b}}]",
            "file_sd_configs: [{files: [x.json, 'y/*.yml'], refresh_interval: 1m}]",
            "file_sd_configs: [{files: [x.txt]}]",
            "file_sd_configs: [{files: ['y*/x.yml']}]",
            "file_sd_configs: [{files: []}]",
            "file_sd_configs: [{}]",
            "file_sd_configs: [null]",
            "basic_auth: {username: a, password: b}",
            "basic_auth: {username: a, password_file: b}",
            "basic_auth: {username: a, password: b, password_file: c}",
            "basic_auth: {username: a, pass: b}",
            "basic_auth: {}",
            "basic_auth: {username: a}, bearer_token: b",
            "basic_auth: {username: a}, authorization: {credentials: b}",
            "authorization: {credentials: b}",
            "authorization: {type: Basic, credentials: b}",
            "authorization: {type: Token, credentials_file: b}",
            "authorization: {credentials: b, credentials_file: c}",
            "authorization: {credentials: b}, bearer_token: c",
            "bearer_token: b",
            "bearer_token: b, bearer_token_file: c",
            "tls_config: {insecure_skip_verify: true, server_name: x}",
            "tls_config: {cert_file: x}",
            "tls_config: {key_file: x}",
            "tls_config: {nothing: x}",
            "proxy_url: 'http://a:b@c:1', follow_redirects: false",
            "proxy_url: ':x'",
            "relabel_configs: [null]",
            "relabel_configs: [{}]",
            "relabel_configs: [{source_labels: [a, b], target_label: c, separator: '', replacement: '$1-$2'}]",
            "relabel_configs: [{source_labels: a, target_label: c}]",
            "relabel_configs: [{source_labels: [''], target_label: c}]",
            "relabel_configs: [{action: drop, regex: '('}]",
            "relabel_configs: [{action: drop, regex: '[a-z]+.*'}]",
            "relabel_configs: [{action: DROP, regex: x}]",
            "relabel_configs: [{action: nothing}]",
            "relabel_configs: [{action: hashmod, source_labels: [a], target_label: b, modulus: 8}]",
            "relabel_configs: [{action: hashmod, source_labels: [a], target_label: b}]",
            "relabel_configs: [{action: hashmod, source_labels: [a], modulus: 8}]",
            "relabel_configs: [{action: labelmap, regex: 'a_(.+)'}]",
            "relabel_configs: [{action: labelmap, regex: 'a_(.+)', replacement: ''}]",
            "relabel_configs: [{action: labeldrop, regex: 'a_(.+)'}]",
            "relabel_configs: [{action: labeldrop, regex: 'a_(.+)', source_labels: [a]}]",
            "relabel_configs: [{action: labelkeep, regex: 'a_(.+)', separator: '-'}]",
            "relabel_configs: [{action: lowercase, source_labels: [a], target_label: b}]",
            "relabel_configs: [{action: uppercase, source_labels: [a]}]",
            "relabel_configs: [{action: uppercase, source_labels: [a], target_label: b, replacement: x}]",
            "relabel_configs: [{action: keepequal, source_labels: [a], target_label: b}]",
            "relabel_configs: [{action: dropequal, source_labels: [a], target_label: b, regex: x}]",
            "relabel_configs: [{action: dropequal, source_labels: [a]}]",
            "metric_relabel_configs: [{action: keep, source_labels: [__name__], regex: 'up|down'}]",
            "metric_relabel_configs: [null]",
        ]
        .map(job),
    );
    configs
}

/// What Prometheus takes and this engine does not, on purpose.
fn stricter() -> Vec<String> {
    let mut texts: Vec<String> = [
        // Settings that this engine does not have.
        "alerting: {}\n",
        "global: {query_log_file: x}\n",
        "remote_write: [{url: 'http://x'}]\n",
    ]
    .map(str::to_owned)
    .into();
    texts.extend(
        [
            "scheme: ftp",
            "dns_sd_configs: [{names: [x]}]",
            "sample_limit: 1e3",
            // Valid only by the group that Prometheus puts around it.
            "relabel_configs: [{action: drop, regex: 'a)(b'}]",
        ]
        .map(job),
    );
    texts
}

/// What 2.42 refuses and 3.5 takes.
fn newer() -> Vec<String> {
    let mut texts: Vec<String> = [
        // Any text is a name since 3.0.
        "global: {external_labels: {a-b: c}}\n".to_owned(),
    ]
    .into();
    texts.extend(
        [
            "static_configs: [{targets: [x], labels: {a-b: c}}]",
            "relabel_configs: [{target_label: a-b}]",
            "track_timestamps_staleness: true",
            "fallback_scrape_protocol: PrometheusText0.0.4",
        ]
        .map(job),
    );
    texts
}

#[test]
fn configurations_are_taken_and_refused_as_promtool_does() {
    if !promtool_is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // promtool wants the files of credentials to be there.
    std::fs::write(folder.path().join("b"), "secret").expect("a file");
    let version = Command::new("promtool").arg("--version").output().expect("promtool runs").stdout;
    let is_2 = String::from_utf8_lossy(&version).contains("version 2.");
    for (texts, ours_alone) in [(configs(), None), (stricter(), Some(false)), (newer(), Some(true))] {
        if ours_alone == Some(true) && !is_2 {
            continue;
        }
        for (text, theirs) in texts.iter().zip(promtool_says(folder.path(), "config", &texts)) {
            let ours = Config::parse(text, &folder.path().join("checked.yml")).map(|_| ());
            compare(text, &ours.map_err(|error| error.to_string()), &theirs, ours_alone);
        }
    }
}

/// Holds our verdict against promtool's; `ours_alone` is ours where the two differ on purpose.
fn compare(text: &str, ours: &Result<(), String>, theirs: &Result<(), String>, ours_alone: Option<bool>) {
    let both = format!("{text}\nours: {ours:?}\npromtool: {theirs:?}");
    match ours_alone {
        None => assert_eq!(ours.is_ok(), theirs.is_ok(), "{both}"),
        Some(taken) => {
            assert_eq!((ours.is_ok(), theirs.is_ok()), (taken, !taken), "no such difference: {both}");
        }
    }
}

#[test]
fn the_text_of_a_configuration_is_one_for_prometheus() {
    if !promtool_is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // promtool wants the files of credentials to be there.
    std::fs::write(folder.path().join("b"), "secret").expect("a file");
    let texts: Vec<String> = configs()
        .iter()
        .filter_map(|text| Config::parse(text, &folder.path().join("checked.yml")).ok())
        // 2.42 does not know this key yet, and 3.5 always prints it.
        .map(|config| {
            let known = config.text.lines().filter(|line| !line.contains("track_timestamps_staleness"));
            known.collect::<Vec<_>>().join("\n")
        })
        .collect();
    assert!(texts.len() > 20);
    for (text, theirs) in texts.iter().zip(promtool_says(folder.path(), "config", &texts)) {
        assert!(theirs.is_ok(), "{text}\n{theirs:?}");
    }
}

/// A file with one group of one rule.
fn rule(rule: &str) -> String {
    format!("groups: [{{name: g, rules: [{{{rule}}}]}}]\n")
}

/// Rule files, and whether this engine takes them where promtool says otherwise.
fn rule_files() -> Vec<(String, Option<bool>)> {
    let same = [
        "groups: []\n",
        "groups: [{name: g}]\n",
        "groups: [{}]\n",
        "groups: [{name: g}, {name: g}]\n",
        "groups: [{name: g, interval: 1m30s, limit: 5}]\n",
        "groups: [{name: g, interval: 5}]\n",
        "groups: [{name: g, interval: 0s}]\n",
        "groups: [{name: g, nothing: 5}]\n",
        "groups: {}\n",
        "group: []\n",
        "groups: [{name: g, rules: {}}]\n",
    ];
    let rules = [
        "record: a, expr: up",
        "record: 'a:b', expr: 1, labels: {c: d}",
        "record: a, alert: b, expr: up",
        "expr: up",
        "record: a",
        "record: a, expr: ''",
        "record: a, expr: 'rate(up)'",
        "record: a, expr: 'sum('",
        "record: 'a{b=\"c\"}', expr: up",
        "record: a, expr: up, for: 1m",
        "record: a, expr: up, annotations: {a: b}",
        "record: a, expr: up, labels: {__name__: b}",
        "record: a, expr: up, keep_firing_for: 1m",
        "record: a, expr: up, labels: {b: '{{'}",
        "alert: a, expr: up, for: 1m, labels: {b: c}, annotations: {d: e}",
        "alert: a, expr: up, for: x",
        "alert: a, expr: up, keep_firing_for: 1m",
        "alert: a, expr: up, form: 1m",
        "alert: a, expr: up, labels: [b]",
        "alert: a, expr: up, labels: {b: '{{ $labels.c }} {{ $value | humanize }}'}",
        "alert: a, expr: up, annotations: {b: '{{ with query \"up\" }}{{ . | first | value | printf \"%.2f\" }}{{ end }}'}",
        "alert: a, expr: up, annotations: {b: '{{ if gt $value 1.0 }}x{{ else if true }}y{{ end -}} z'}",
        "alert: a, expr: up, annotations: {b: '{{ range $i, $x := query \"up\" }}{{ $x.Labels.job }}{{ end }}'}",
        "alert: a, expr: up, annotations: {b: '{{/* comment */}}{{ $externalLabels.x }}'}",
        "alert: a, expr: up, annotations: {b: '{{ foo }}'}",
        "alert: a, expr: up, annotations: {b: '{{ $foo }}'}",
        "alert: a, expr: up, annotations: {b: '{{ if true }}'}",
        "alert: a, expr: up, annotations: {b: '{{ end }}'}",
        "alert: a, expr: up, annotations: {b: '{{ 1 | 2 }}'}",
        "alert: a, expr: up, annotations: {b: '{{ \"x }}'}",
        "alert: a, expr: up, annotations: {b: '{{ }}'}",
        "alert: a, expr: up, annotations: {b: '{{ (1 }}'}",
        "alert: a, expr: up, annotations: {b: '{{ $x := 1 }}{{ $x }}'}",
    ];
    let mut files: Vec<(String, Option<bool>)> = same.map(|text| (text.to_owned(), None)).into();
    files.extend(rules.map(|text| (rule(text), None)));
    // What 3.5 has and 2.42 has not.
    files.push((rule("record: a-b, expr: up"), Some(true)));
    files.push(("groups: [{name: g, query_offset: 1m, labels: {a: b}}]\n".into(), Some(true)));
    // What this engine does not have.
    let stricter = [
        "alert: a, expr: up, annotations: {b: '{{ externalURL }}'}",
        "alert: a, expr: up, annotations: {b: '{{ define \"x\" }}{{ end }}'}",
    ];
    files.extend(stricter.map(|text| (rule(text), Some(false))));
    files
}

#[tokio::test]
async fn rule_files_are_taken_and_refused_as_promtool_does() {
    if !promtool_is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let config =
        Config::parse("rule_files: [checked.yml]\n", &folder.path().join("prometheus.yml")).expect("valid");
    let (texts, expected): (Vec<_>, Vec<_>) = rule_files().into_iter().unzip();
    let said = promtool_says(folder.path(), "rules", &texts);
    for ((text, theirs), ours_alone) in texts.iter().zip(said).zip(expected) {
        std::fs::write(folder.path().join("checked.yml"), text).expect("a file");
        let ruler = Ruler::new(Arc::new(Db::in_memory(DbOptions::default())));
        let ours = ruler.apply(&config, &Engine::default());
        compare(text, &ours.map_err(|error| error.to_string()), &theirs, ours_alone);
    }
}
