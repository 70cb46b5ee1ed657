use super::*;

fn load(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("conf/prometheus.yml"))
}

fn error(text: &str) -> String {
    load(text).map(|config| config.text).expect_err(text).to_string()
}

/// Wraps the keys of one scrape config that has a name already.
fn job(keys: &str) -> String {
    let mut text = "scrape_configs:\n  - job_name: a\n".to_owned();
    for line in keys.lines() {
        text = text + "    " + line + "\n";
    }
    text
}

#[test]
fn nothing_is_a_configuration() {
    for text in ["", "# only a comment\n", "global:\nscrape_configs:\n"] {
        let config = load(text).unwrap();
        assert_eq!(config.global, Global::default(), "{text}");
        assert!(config.scrape_configs.is_empty());
    }
}

#[test]
fn keys_that_are_not_there_are_named_with_their_place() {
    for (text, expected) in [
        (
            "global:\n  scrape_intervall: 5s\n",
            "2:3: there is no key `scrape_intervall` in `global`; did you mean `scrape_interval`?",
        ),
        (
            "global:\n  query_log_file: x\n",
            "2:3: `query_log_file` in `global` is a setting of Prometheus that this engine does not support; \
             remove it",
        ),
        (
            "remote_write: []\n",
            "1:1: `remote_write` in the configuration is a setting of Prometheus that this engine does not \
             support; remove it",
        ),
        (
            "nonsense: 1\n",
            "1:1: there is no key `nonsense` in the configuration; known here: global, rule_files, scrape_configs",
        ),
        (
            &job("kubernetes_sd_configs: []"),
            "3:5: `kubernetes_sd_configs` in a scrape config is a setting of Prometheus that this engine does not \
             support; remove it",
        ),
        (
            &job("static_config: []"),
            "3:5: there is no key `static_config` in a scrape config; did you mean `static_configs`?",
        ),
        (
            &job("static_configs:\n  - target: [x]"),
            "4:9: there is no key `target` in a static config; did you mean `targets`?",
        ),
        (
            &job("tls_config: {min_version: TLS12}"),
            "3:18: `min_version` in `tls_config` is a setting of Prometheus that this engine does not support; \
             remove it",
        ),
        (
            &job("basic_auth: {user: x}"),
            "3:18: there is no key `user` in `basic_auth`; known here: username, password, password_file",
        ),
        (
            &job("relabel_configs: [{source_label: [a]}]"),
            "3:24: there is no key `source_label` in a relabel rule; did you mean `source_labels`?",
        ),
    ] {
        assert_eq!(error(text), format!("conf/prometheus.yml:{expected}"));
    }
}

#[test]
fn wrong_values_are_named_with_their_place() {
    for (text, expected) in [
        ("[]\n", "1:1: the configuration is a map of keys and values; found a list"),
        ("a: b: c\n", "1:5: mapping values are not allowed in this context"),
        ("scrape_configs: {}\n", "1:17: `scrape_configs` is a list; found a map"),
        ("scrape_configs: [null]\n", "1:18: empty or null scrape config section"),
        ("scrape_configs: [{scheme: http}]\n", "1:18: job_name is empty"),
        ("scrape_configs: [{job_name: ''}]\n", "1:18: job_name is empty"),
        (
            "scrape_configs:\n  - job_name: a\n  - job_name: a\n",
            "3:15: found multiple scrape configs with job name \"a\"",
        ),
        (
            "global: {scrape_interval: 5}\n",
            "1:27: `scrape_interval`: not a valid duration string: \"5\"; write it like 1m30s",
        ),
        (
            "global: {scrape_interval: 5s, scrape_timeout: 6s}\n",
            "1:47: global scrape timeout greater than scrape interval",
        ),
        (
            "global: {external_labels: [a]}\n",
            "1:27: `external_labels` is a map from names to texts; found a list",
        ),
        ("global: {external_labels: {'': a}}\n", "1:28: \"\" is not a valid label name"),
        (
            "rule_files: ['a*/b.yml']\n",
            "1:14: invalid rule file path \"a*/b.yml\"; a `*` is in its last part only",
        ),
        ("rule_files: a.yml\n", "1:13: `rule_files` is a list; found another single value"),
        (&job("scrape_interval: ''"), "3:22: `scrape_interval`: empty duration string"),
        (
            &job("scrape_timeout: 2m"),
            "3:21: scrape timeout greater than scrape interval for scrape config with job name \"a\"",
        ),
        (&job("scheme: ftp"), "3:13: invalid scheme: \"ftp\"; it is http or https"),
        (&job("honor_labels: 1"), "3:19: `honor_labels` is true or false; found another single value"),
        (&job("honor_labels: 'true'"), "3:19: `honor_labels` is true or false; found another single value"),
        (&job("sample_limit: -1"), "3:19: `sample_limit` is a whole number from 0"),
        (
            &job("body_size_limit: 100"),
            "3:22: `body_size_limit`: not a valid size: \"100\"; write it with its unit, like 10MB",
        ),
        (&job("params: {a: b}"), "3:17: `a` is a list; found another single value"),
        (
            &job("fallback_scrape_protocol: Text"),
            "3:31: unknown scrape protocol Text, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 \
             PrometheusText0.0.4 PrometheusText1.0.0]",
        ),
        (
            &job("static_configs:\n  - targets:\n      - x:1\n      - http://x:1/metrics"),
            "6:13: \"http://x:1/metrics\" is not a valid hostname; a target is host:port, and `scheme` and \
             `metrics_path` say the rest",
        ),
        (&job("static_configs: [{targets: ['']}]"), "3:33: no address: a target is host:port"),
        (&job("static_configs: [null]"), "3:22: empty or null section in static_configs"),
        (
            &job("file_sd_configs: [{}]"),
            "3:23: file service discovery config must contain at least one path name",
        ),
        (
            &job("file_sd_configs: [{files: [x.txt]}]"),
            "3:32: path name \"x.txt\" is not valid for file discovery; it ends in .json, .yml or .yaml, and a `*` is \
             in its last part only",
        ),
        (
            &job("tls_config: {cert_file: c}"),
            "3:17: client cert file \"conf/c\" specified without client key file",
        ),
        (
            &job("authorization: {type: basic}"),
            "3:27: authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
        ),
        (&job("basic_auth: [a]"), "3:17: `basic_auth` is a map of keys and values; found a list"),
        (
            &job("proxy_url: nothing"),
            "3:16: `proxy_url` is no address: relative URL without a base; write http://host:port",
        ),
    ] {
        assert_eq!(error(text), format!("conf/prometheus.yml:{expected}"), "{text}");
    }
}

#[test]
fn relabel_rules_are_checked_as_prometheus_does() {
    for (rule, expected) in [
        ("{action: foo}", "unknown relabel action \"foo\""),
        ("{regex: '('}", "error parsing regexp: missing closing ): `(`"),
        ("{}", "relabel configuration for replace action requires 'target_label' value"),
        ("null", "empty or null target relabeling rule in scrape config"),
        ("{action: hashmod, target_label: a}", "relabel configuration for hashmod requires non-zero modulus"),
        ("{action: lowercase}", "relabel configuration for lowercase action requires 'target_label' value"),
        (
            "{action: uppercase, target_label: a, replacement: x}",
            "'replacement' can not be set for uppercase action",
        ),
        ("{action: labelmap, replacement: ''}", "\"\" is invalid 'replacement' for labelmap action"),
        (
            "{action: keepequal, source_labels: [a], target_label: b, regex: x}",
            "keepequal action requires only 'source_labels' and `target_label`, and no other fields",
        ),
        (
            "{action: labeldrop, source_labels: [a], regex: x}",
            "labeldrop action requires only 'regex', and no other fields",
        ),
        ("{source_labels: [''], target_label: a}", "\"\" is not a valid label name"),
    ] {
        let message = error(&job(&format!("relabel_configs: [{rule}]")));
        assert_eq!(message.split_once(": ").unwrap().1, expected, "{rule}");
    }
    let config =
        load(&job("relabel_configs: [{target_label: x}, {action: LabelDrop, regex: a, separator:}]"));
    assert!(config.is_err(), "an empty separator is not the default one");
    let config = load(&job(
        "relabel_configs: [{target_label: x, replacement: }, {action: LabelDrop, regex: a}]\nstatic_configs: \
         [{targets: ['http://x']}]",
    ))
    .unwrap();
    let [replace, drop] = &config.scrape_configs[0].relabel_configs[..] else { panic!("two rules") };
    assert_eq!(
        (replace.separator.as_str(), replace.regex_text.as_str(), replace.replacement.as_str()),
        (";", "(.*)", "")
    );
    assert_eq!(drop.action, relabel::Action::LabelDrop);
}

#[test]
fn secrets_are_never_shown() {
    let text = job(
        "basic_auth: {username: me, password: hunter2}\nproxy_url: http://p:hunter2@proxy:3128\nstatic_configs: \
         [{targets: [x:1]}]",
    );
    let config = load(&text).unwrap();
    assert!(
        !config.text.contains("hunter2") && !format!("{config:?}").contains("hunter2"),
        "{}",
        config.text
    );
    assert!(config.text.contains("password: <secret>") && config.text.contains("http://p:xxxxx@proxy:3128/"));
    for keys in [
        "basic_auth: {username: me, password: [hunter2]}",
        "basic_auth: {username: me, password: hunter2, password_file: x}",
        "basic_auth: hunter2",
        "basic_auth: {username: me, password: hunter2}\nauthorization: {credentials: hunter2}",
        "authorization: {credentials: hunter2, credentials_file: hunter}",
        "bearer_token: hunter2\nbearer_token_file: hunter",
        "basic_auth: {username: me}\nbearer_token: hunter2",
        "bearer_token: {a: hunter2}",
        "basic_auth: {password: !!int hunter2}",
        "basic_auth: {password: *missing, username: hunter2}",
        "basic_auth: {password: \"hunter2\\q\"}",
        "basic_auth: {password: hunter2: hunter2}",
        "proxy_url: 'http://me:hunter2@x:99999'",
        "static_configs: [{targets: ['http://me:hunter2@x:1/']}]",
    ] {
        let error = load(&job(keys)).map(|config| config.text).expect_err(keys);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn credentials_and_paths() {
    let auth = |keys: &str| load(&job(keys)).unwrap().scrape_configs.remove(0).http.auth;
    let Auth::Credentials { kind, credentials: Secret::File(path) } = auth("bearer_token_file: token") else {
        panic!("a token file")
    };
    assert_eq!((kind.as_str(), path), ("Bearer", PathBuf::from("conf/token")));
    let Auth::Credentials { kind, .. } = auth("authorization: {type: ' Token ', credentials: x}") else {
        panic!("credentials")
    };
    assert_eq!(kind, "Token");
    let Auth::Basic { password: Secret::File(path), .. } =
        auth("basic_auth: {username: 1, password_file: /abs}")
    else {
        panic!("a password file")
    };
    assert_eq!(path, PathBuf::from("/abs"));
    let config = load("rule_files: [rules/*.yml]\n").unwrap();
    assert_eq!((config.base_dir, config.rule_files), (PathBuf::from("conf"), vec!["rules/*.yml".to_owned()]));
}

#[test]
fn intervals_and_timeouts_follow_the_global_ones() {
    let config = load(
        "global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a}, {job_name: b, scrape_interval: 2s}, {job_name: \
         c, scrape_interval: 1h, scrape_timeout: 30s}, {job_name: d, scrape_interval: 0s}]",
    )
    .unwrap();
    let times: Vec<_> =
        config.scrape_configs.iter().map(|job| (job.scrape_interval_ms, job.scrape_timeout_ms)).collect();
    assert_eq!(times, [(5_000, 5_000), (2_000, 2_000), (3_600_000, 30_000), (5_000, 5_000)]);
}

#[test]
fn external_labels_take_environment_variables() {
    let variable = |name: &str| (name == "REGION").then(|| "eu".to_owned());
    for (text, expanded) in [
        ("plain", "plain"),
        ("$REGION-1", "eu-1"),
        ("${REGION}x", "eux"),
        ("$$REGION", "$REGION"),
        ("a${MISSING}b", "ab"),
        ("100$", "100$"),
        ("$.", "$."),
        ("${", ""),
        ("${}x", "x"),
        ("ü$REGIONü", "üeuü"),
    ] {
        assert_eq!(expand(text, &variable), expanded, "{text}");
    }
}

#[test]
fn anchors_and_merges() {
    let config = load(
        "scrape_configs:\n  - &base\n    job_name: a\n    scrape_interval: 7s\n  - <<: *base\n    job_name: b\n",
    )
    .unwrap();
    assert_eq!(config.scrape_configs[1].job_name, "b");
    assert_eq!(config.scrape_configs[1].scrape_interval_ms, 7_000);
}

const EVERYTHING: &str = r#"
global: {scrape_interval: 1m30s, scrape_timeout: 8s, evaluation_interval: 10s, external_labels: {a: "b: c", n: "1"}}
rule_files: [rules/*.yml, /abs/x.yml]
scrape_configs:
- job_name: x
  honor_labels: yes
  honor_timestamps: no
  track_timestamps_staleness: true
  fallback_scrape_protocol: PrometheusText0.0.4
  params: {"m[]": [a, "b c"], empty: []}
  scheme: https
  body_size_limit: 1536MB
  sample_limit: 5
  target_limit: 6
  label_limit: 7
  label_name_length_limit: 8
  label_value_length_limit: 9
  authorization: {credentials_file: x}
  tls_config: {ca_file: ca, cert_file: c, key_file: k, server_name: s, insecure_skip_verify: true}
  follow_redirects: false
  proxy_url: http://u:p@h:1/
  file_sd_configs: [{files: [x.json, y/*.yml], refresh_interval: 1m}]
  static_configs: [{targets: ["h:1", "10.0.0.1:2"], labels: {a: "true"}}, {targets: []}]
  relabel_configs:
  - {source_labels: [a, b], target_label: c}
  - {regex: "x|y", action: drop, source_labels: [a], separator: ""}
  - {target_label: c, replacement: ""}
  - {action: keepequal, source_labels: [a], target_label: b}
  - {action: hashmod, source_labels: [a], target_label: b, modulus: 8}
  - {action: labelkeep, regex: "a.*"}
  metric_relabel_configs: [{action: labelmap, regex: "x_(.*)", replacement: "y_$1"}]
"#;

#[test]
fn the_text_is_a_configuration_again() {
    let config = Config::parse(EVERYTHING, Path::new("/etc/prometheus.yml")).unwrap();
    let again = Config::parse(&config.text, Path::new("/etc/other.yml"))
        .unwrap_or_else(|e| panic!("{e}\n{}", config.text));
    assert_eq!(again.text, config.text);
    let debug = |config: &Config| format!("{:?}", config.scrape_configs[0].relabel_configs);
    assert_eq!(debug(&again), debug(&config));
    assert!(config.text.starts_with(
        "global:\n  scrape_interval: 1m30s\n  scrape_timeout: 8s\n  evaluation_interval: 10s\n  external_labels:\n    a: \
         \"b: c\"\n    \"n\": \"1\"\nrule_files:\n- /etc/rules/*.yml\n- /abs/x.yml\nscrape_configs:\n- job_name: x\n  \
         honor_labels: true\n"
    ), "{}", config.text);
}

#[test]
fn files_of_targets() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let json = write("a.json", r#"[{"targets": ["x:1", "y:2"], "labels": {"env": "dev"}}, {"targets": []}]"#);
    let groups = TargetGroup::load(&json).unwrap();
    assert_eq!(
        (groups[0].targets.as_slice(), groups[0].labels["env"].as_str()),
        (&["x:1".to_owned(), "y:2".into()][..], "dev")
    );
    assert!(groups[1].source.ends_with("a.json:1"));
    assert_eq!(TargetGroup::load(&write("e.yml", "")).unwrap(), []);
    let bad = write("b.yml", "- targets: [x]\n  label: {}\n");
    let message = TargetGroup::load(&bad).unwrap_err().to_string();
    assert!(
        message.ends_with("b.yml:2:3: there is no key `label` in a static config; did you mean `labels`?"),
        "{message}"
    );
    assert!(TargetGroup::load(Path::new("missing.json")).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn the_repository_s_own_file_loads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prometheus.yml");
    let config = Config::load(&path).unwrap_or_else(|error| panic!("{error}"));
    let jobs: Vec<_> = config.scrape_configs.iter().map(|job| job.job_name.as_str()).collect();
    assert_eq!(jobs, ["prometheus", "cat-facts"]);
}

#[test]
fn the_bench_file_loads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/prometheus.yml");
    if !path.exists() {
        eprintln!("SKIPPED: no {}", path.display());
        return;
    }
    let config = Config::load(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.scrape_configs.len(), 4);
    assert_eq!(config.global.evaluation_interval_ms, 5_000);
}

#[test]
fn limits() {
    let targets = vec!["x:1"; MAX_TARGETS + 1].join(", ");
    assert!(
        error(&job(&format!("static_configs: [{{targets: [{targets}]}}]")))
            .contains("at most 10000 are taken")
    );
    let jobs = (0..=MAX_SCRAPE_CONFIGS).map(|n| format!("- job_name: j{n}")).collect::<Vec<_>>().join("\n");
    assert!(error(&format!("scrape_configs:\n{jobs}")).contains("at most 1000 are taken"));
}
