//! A configuration as text, with its defaults filled in and its secrets replaced, in the order and style of
//! Prometheus: for `/api/v1/status/config`. What is written can be read again, but for the secrets.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::bytes::format_bytes;
use super::duration::format_duration_ms;
use super::relabeling::{action_name, is_default_separator};
use super::{Auth, Config, Global, HttpClientConfig, ScrapeConfig, Secret, TlsConfig};
use crate::relabel::{Action, Rule};

/// The whole configuration.
pub(super) fn write(config: &Config) -> String {
    let mut out = Writer::default();
    global(&mut out, &config.global);
    let files: Vec<_> = config.rule_files.iter().map(|file| shown(&config.base_dir, file)).collect();
    out.list("rule_files", files.iter().map(String::as_str));
    if !config.scrape_configs.is_empty() {
        out.key("scrape_configs");
        for scrape in &config.scrape_configs {
            out.item(|out| scrape_config(out, scrape, &config.base_dir));
        }
    }
    out.text
}

fn shown(base_dir: &Path, file: &str) -> String {
    base_dir.join(file).display().to_string()
}

fn global(out: &mut Writer, global: &Global) {
    out.key("global");
    out.nested(|out| {
        out.word("scrape_interval", &format_duration_ms(global.scrape_interval_ms));
        out.word("scrape_timeout", &format_duration_ms(global.scrape_timeout_ms));
        out.word("evaluation_interval", &format_duration_ms(global.evaluation_interval_ms));
        out.map("external_labels", &global.external_labels);
    });
}

fn scrape_config(out: &mut Writer, config: &ScrapeConfig, base_dir: &Path) {
    out.word("job_name", &config.job_name);
    if config.honor_labels {
        out.flag("honor_labels", true);
    }
    out.flag("honor_timestamps", config.honor_timestamps);
    out.flag("track_timestamps_staleness", config.track_timestamps_staleness);
    if !config.params.is_empty() {
        out.key("params");
        out.nested(|out| {
            for (name, values) in &config.params {
                if values.is_empty() {
                    out.line(&format!("{}: []", scalar(name)));
                }
                out.list(name, values.iter().map(String::as_str));
            }
        });
    }
    out.word("scrape_interval", &format_duration_ms(config.scrape_interval_ms));
    out.word("scrape_timeout", &format_duration_ms(config.scrape_timeout_ms));
    if let Some(protocol) = config.fallback_scrape_protocol {
        out.word("fallback_scrape_protocol", protocol.name());
    }
    out.word("metrics_path", &config.metrics_path);
    out.word("scheme", config.scheme.name());
    if config.body_size_limit_bytes > 0 {
        out.word("body_size_limit", &format_bytes(config.body_size_limit_bytes));
    }
    for (key, limit) in [
        ("sample_limit", config.sample_limit),
        ("target_limit", config.target_limit),
        ("label_limit", config.label_limit),
        ("label_name_length_limit", config.label_name_length_limit),
        ("label_value_length_limit", config.label_value_length_limit),
    ] {
        if limit > 0 {
            out.line(&format!("{key}: {limit}"));
        }
    }
    http(out, &config.http);
    rules(out, "relabel_configs", &config.relabel_configs);
    rules(out, "metric_relabel_configs", &config.metric_relabel_configs);
    if !config.file_sd_configs.is_empty() {
        out.key("file_sd_configs");
        for sd in &config.file_sd_configs {
            out.item(|out| {
                let files: Vec<_> = sd.files.iter().map(|file| shown(base_dir, file)).collect();
                out.list("files", files.iter().map(String::as_str));
                out.word("refresh_interval", &format_duration_ms(sd.refresh_interval_ms));
            });
        }
    }
    if !config.static_configs.is_empty() {
        out.key("static_configs");
        for group in &config.static_configs {
            out.item(|out| {
                if group.targets.is_empty() {
                    out.line("targets: []");
                }
                out.list("targets", group.targets.iter().map(String::as_str));
                out.map("labels", &group.labels);
            });
        }
    }
}

fn http(out: &mut Writer, http: &HttpClientConfig) {
    match &http.auth {
        Auth::None => {}
        Auth::Basic { username, password } => {
            out.key("basic_auth");
            out.nested(|out| {
                out.word("username", username);
                secret(out, "password", password);
            });
        }
        Auth::Credentials { kind, credentials } => {
            out.key("authorization");
            out.nested(|out| {
                out.word("type", kind);
                secret(out, "credentials", credentials);
            });
        }
    }
    if http.tls != TlsConfig::default() {
        out.key("tls_config");
        out.nested(|out| tls(out, &http.tls));
    }
    out.flag("follow_redirects", http.follow_redirects);
    if let Some(url) = &http.proxy_url {
        out.word("proxy_url", &super::without_password(url));
    }
}

fn secret(out: &mut Writer, key: &str, secret: &Secret) {
    match secret {
        Secret::Inline(text) if text.is_empty() => {}
        Secret::Inline(_) => out.word(key, "<secret>"),
        Secret::File(path) => out.word(&format!("{key}_file"), &path.display().to_string()),
    }
}

fn tls(out: &mut Writer, tls: &TlsConfig) {
    for (key, path) in [("ca_file", &tls.ca_file), ("cert_file", &tls.cert_file), ("key_file", &tls.key_file)]
    {
        if let Some(path) = path {
            out.word(key, &path.display().to_string());
        }
    }
    if let Some(name) = &tls.server_name {
        out.word("server_name", name);
    }
    out.flag("insecure_skip_verify", tls.insecure_skip_verify);
}

fn rules(out: &mut Writer, key: &str, rules: &[Rule]) {
    if rules.is_empty() {
        return;
    }
    out.key(key);
    for rule in rules {
        out.item(|out| relabel_rule(out, rule));
    }
}

fn relabel_rule(out: &mut Writer, rule: &Rule) {
    let compares = matches!(rule.action, Action::KeepEqual | Action::DropEqual);
    if !rule.source_labels.is_empty() {
        let names: Vec<_> = rule.source_labels.iter().map(|name| scalar(name)).collect();
        out.line(&format!("source_labels: [{}]", names.join(", ")));
    }
    if !compares {
        if !matches!(rule.action, Action::LabelDrop | Action::LabelKeep) || !is_default_separator(rule) {
            out.word("separator", &rule.separator);
        }
        out.word("regex", &rule.regex_text);
    }
    if rule.modulus > 0 {
        out.line(&format!("modulus: {}", rule.modulus));
    }
    if !rule.target_label.is_empty() {
        out.word("target_label", &rule.target_label);
    }
    out.word("replacement", &rule.replacement);
    out.word("action", action_name(rule.action));
}

/// Lines of YAML at a depth.
#[derive(Default)]
struct Writer {
    text: String,
    indent: usize,
    /// Whether the next line begins a list item.
    begins_item: bool,
}

impl Writer {
    fn line(&mut self, line: &str) {
        let dash = if std::mem::take(&mut self.begins_item) { 2 } else { 0 };
        let _ = write!(self.text, "{:1$}", "", self.indent - dash);
        self.text.push_str(if dash > 0 { "- " } else { "" });
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn key(&mut self, key: &str) {
        self.line(&format!("{}:", scalar(key)));
    }

    fn word(&mut self, key: &str, value: &str) {
        self.line(&format!("{}: {}", scalar(key), scalar(value)));
    }

    fn flag(&mut self, key: &str, value: bool) {
        self.line(&format!("{key}: {value}"));
    }

    fn nested(&mut self, body: impl FnOnce(&mut Self)) {
        self.indent += 2;
        body(self);
        self.indent -= 2;
    }

    /// An item of the list whose key was written last.
    fn item(&mut self, body: impl FnOnce(&mut Self)) {
        self.begins_item = true;
        self.nested(body);
    }

    fn list<'a>(&mut self, key: &str, values: impl ExactSizeIterator<Item = &'a str>) {
        if values.len() == 0 {
            return;
        }
        self.key(key);
        for value in values {
            self.item(|out| out.line(&scalar(value)));
        }
    }

    fn map(&mut self, key: &str, map: &BTreeMap<String, String>) {
        if map.is_empty() {
            return;
        }
        self.key(key);
        self.nested(|out| {
            for (name, value) in map {
                out.word(name, value);
            }
        });
    }
}

/// A text as a YAML scalar: plain if every reader takes it for that very text, else in quotes.
fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn is_plain(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let starts_well = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_' | '(' | '$' | '<' | '.');
    let goes_on_well = |c: char| c.is_ascii_alphanumeric() || "/_()$<>.;:+*-|\\=^?~".contains(c);
    let is_duration =
        super::parse_duration_ms(text).is_ok() && text.ends_with(|c: char| c.is_ascii_lowercase());
    let is_size = text.ends_with('B') && super::bytes::parse_bytes(text).is_ok();
    let plain = text.starts_with(starts_well) && text.chars().all(goes_on_well);
    // `a:` and `a: b` are maps; `.5`, `.inf` and the like are numbers.
    let misread = words.contains(&text.trim_start_matches('.').to_ascii_lowercase().as_str())
        || text.ends_with(':')
        || text.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit())
        || text == ".";
    is_duration || is_size || (plain && !misread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_would_be_misread_are_quoted() {
        for (text, written) in [
            ("node", "node"),
            ("127.0.0.1:9090", "\"127.0.0.1:9090\""),
            ("localhost:9090", "localhost:9090"),
            ("/metrics", "/metrics"),
            ("(.*)", "(.*)"),
            ("$1", "$1"),
            ("1m30s", "1m30s"),
            ("<secret>", "<secret>"),
            ("true", "\"true\""),
            ("5", "\"5\""),
            ("1e5", "\"1e5\""),
            (".5", "\".5\""),
            ("y", "\"y\""),
            ("", "\"\""),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("- x", "\"- x\""),
            ("a\nb\"", "\"a\\nb\\\"\""),
            (";", "\";\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }
}
