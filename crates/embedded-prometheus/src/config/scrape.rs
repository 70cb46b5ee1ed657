//! One `scrape_configs` entry: its settings over the global ones, its targets.

use std::collections::BTreeMap;
use std::path::Path;

use super::bytes::parse_bytes;
use super::fields::{Fields, kind, text};
use super::yaml::{Fault, Node, Value};
use super::{
    DEFAULT_FILE_SD_REFRESH_MS, FileSdConfig, Global, HttpClientConfig, MAX_TARGETS, Scheme, ScrapeConfig,
    ScrapeProtocol, TargetGroup, http, keys, relabeling,
};

impl ScrapeConfig {
    /// One without targets, with Prometheus's defaults and the intervals of `global`.
    #[must_use]
    pub fn new(job_name: impl Into<String>, global: &Global) -> Self {
        Self {
            job_name: job_name.into(),
            scrape_interval_ms: global.scrape_interval_ms,
            scrape_timeout_ms: global.scrape_timeout_ms.min(global.scrape_interval_ms),
            scheme: Scheme::Http,
            metrics_path: "/metrics".into(),
            params: BTreeMap::new(),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            fallback_scrape_protocol: None,
            http: HttpClientConfig { follow_redirects: true, ..HttpClientConfig::default() },
            sample_limit: 0,
            body_size_limit_bytes: 0,
            label_limit: 0,
            label_name_length_limit: 0,
            label_value_length_limit: 0,
            target_limit: 0,
            static_configs: Vec::new(),
            file_sd_configs: Vec::new(),
            relabel_configs: Vec::new(),
            metric_relabel_configs: Vec::new(),
        }
    }
}

/// Reads an entry.
pub(super) fn read(node: &Node, global: &Global, base_dir: &Path) -> Result<ScrapeConfig, Fault> {
    if matches!(node.value, Value::Null) {
        return Err(Fault::new(node.at, "empty or null scrape config section"));
    }
    let fields = Fields::open(node, &keys::SCRAPE)?;
    let Some((job_at, job_name)) = fields.text_at("job_name")?.filter(|(_, name)| !name.is_empty()) else {
        return Err(Fault::new(fields.at, "job_name is empty"));
    };
    let mut config = ScrapeConfig::new(job_name, global);
    intervals(&fields, global, &mut config)?;
    config.scheme = scheme(&fields)?;
    if let Some(path) = fields.text("metrics_path")?.filter(|path| !path.is_empty()) {
        path.clone_into(&mut config.metrics_path);
    }
    config.params = params(&fields)?;
    config.honor_labels = fields.flag("honor_labels")?.unwrap_or(false);
    config.honor_timestamps = fields.flag("honor_timestamps")?.unwrap_or(true);
    config.track_timestamps_staleness = fields.flag("track_timestamps_staleness")?.unwrap_or(false);
    config.fallback_scrape_protocol = fallback(&fields)?;
    config.http = http::read(&fields, base_dir)?;
    config.sample_limit = fields.whole("sample_limit")?.unwrap_or(0);
    if let Some((at, size)) = fields.text_at("body_size_limit")? {
        config.body_size_limit_bytes =
            parse_bytes(size).map_err(|message| Fault::new(at, format!("`body_size_limit`: {message}")))?;
    }
    config.label_limit = fields.whole("label_limit")?.unwrap_or(0);
    config.label_name_length_limit = fields.whole("label_name_length_limit")?.unwrap_or(0);
    config.label_value_length_limit = fields.whole("label_value_length_limit")?.unwrap_or(0);
    config.target_limit = fields.whole("target_limit")?.unwrap_or(0);
    config.relabel_configs = relabeling::rules(fields.items("relabel_configs")?, "target")?;
    config.metric_relabel_configs = relabeling::rules(fields.items("metric_relabel_configs")?, "metric")?;
    // Relabelling may make an address of anything, so only without it a bad one is one for sure.
    let checked = config.relabel_configs.is_empty();
    config.static_configs = groups(fields.items("static_configs")?, "static_configs", checked)?;
    config.file_sd_configs =
        fields.items("file_sd_configs")?.iter().map(file_sd).collect::<Result<_, _>>()?;
    let targets: usize = config.static_configs.iter().map(|group| group.targets.len()).sum();
    if targets > MAX_TARGETS {
        let message = format!("job {job_name:?} has {targets} targets; at most {MAX_TARGETS} are taken");
        return Err(Fault::new(job_at, message));
    }
    Ok(config)
}

fn intervals(fields: &Fields<'_>, global: &Global, config: &mut ScrapeConfig) -> Result<(), Fault> {
    let given = |key: &str| Ok::<_, Fault>(fields.duration_ms(key)?.filter(|ms| *ms > 0));
    config.scrape_interval_ms = given("scrape_interval")?.unwrap_or(global.scrape_interval_ms);
    let timeout_ms = given("scrape_timeout")?;
    if timeout_ms.is_some_and(|timeout_ms| timeout_ms > config.scrape_interval_ms) {
        let at = fields.get("scrape_timeout").map_or(fields.at, |node| node.at);
        let job = &config.job_name;
        return Err(Fault::new(
            at,
            format!("scrape timeout greater than scrape interval for scrape config with job name {job:?}"),
        ));
    }
    config.scrape_timeout_ms =
        timeout_ms.unwrap_or_else(|| global.scrape_timeout_ms.min(config.scrape_interval_ms));
    Ok(())
}

fn scheme(fields: &Fields<'_>) -> Result<Scheme, Fault> {
    match fields.text_at("scheme")? {
        None | Some((_, "" | "http")) => Ok(Scheme::Http),
        Some((_, "https")) => Ok(Scheme::Https),
        Some((at, other)) => Err(Fault::new(at, format!("invalid scheme: {other:?}; it is http or https"))),
    }
}

fn params(fields: &Fields<'_>) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let Some(node) = fields.get("params") else { return Ok(BTreeMap::new()) };
    let Value::Map(entries) = &node.value else {
        let found = kind(&node.value);
        let message = format!("`params` is a map from names to lists of texts; found {found}");
        return Err(Fault::new(node.at, message));
    };
    let mut params = BTreeMap::new();
    for entry in entries {
        let values = super::fields::items(&entry.node, &entry.key)?
            .iter()
            .map(|value| text(value, &entry.key).map(str::to_owned))
            .collect::<Result<Vec<_>, _>>()?;
        params.insert(entry.key.clone(), values);
    }
    Ok(params)
}

fn fallback(fields: &Fields<'_>) -> Result<Option<ScrapeProtocol>, Fault> {
    let Some((at, name)) = fields.text_at("fallback_scrape_protocol")?.filter(|(_, name)| !name.is_empty())
    else {
        return Ok(None);
    };
    if name == "PrometheusProto" {
        let message = "`fallback_scrape_protocol`: PrometheusProto is not supported by this engine";
        return Err(Fault::new(at, message));
    }
    ScrapeProtocol::ALL.into_iter().find(|protocol| protocol.name() == name).map(Some).ok_or_else(|| {
        let supported = ScrapeProtocol::ALL.map(ScrapeProtocol::name).join(" ");
        Fault::new(at, format!("unknown scrape protocol {name}, supported: [{supported}]"))
    })
}

/// Groups of targets; `checked` says whether their addresses must be ones already.
pub(super) fn groups(nodes: &[Node], what: &str, checked: bool) -> Result<Vec<TargetGroup>, Fault> {
    let mut groups = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        if matches!(node.value, Value::Null) {
            return Err(Fault::new(node.at, format!("empty or null section in {what}")));
        }
        let fields = Fields::open(node, &keys::STATIC)?;
        let mut targets = Vec::new();
        for (at, target) in fields.texts("targets")? {
            if checked {
                check_target(target).map_err(|message| Fault::new(at, message))?;
            }
            targets.push(target.to_owned());
        }
        let labels = fields.text_map("labels", |name, _| label_name(name))?;
        groups.push(TargetGroup { targets, labels, source: index.to_string() });
    }
    Ok(groups)
}

/// What is wrong with a target's address, if anything is.
fn check_target(target: &str) -> Result<(), String> {
    if target.is_empty() {
        return Err("no address: a target is host:port".into());
    }
    if !target.contains('/') {
        return Ok(());
    }
    // A whole address may have come with its password.
    let (scheme, rest) = target.split_once("://").map_or(("", target), |(scheme, rest)| (scheme, rest));
    let shown = match rest.rsplit_once('@') {
        Some((_, rest)) if scheme.is_empty() => format!("<secret>@{rest}"),
        Some((_, rest)) => format!("{scheme}://<secret>@{rest}"),
        None => target.to_owned(),
    };
    Err(format!(
        "{shown:?} is not a valid hostname; a target is host:port, and `scheme` and `metrics_path` say the rest"
    ))
}

/// Whether a label may have that name; since Prometheus 3 any text that is not empty will do.
pub(super) fn label_name(name: &str) -> Result<(), String> {
    if name.is_empty() { Err(format!("{name:?} is not a valid label name")) } else { Ok(()) }
}

fn file_sd(node: &Node) -> Result<FileSdConfig, Fault> {
    if matches!(node.value, Value::Null) {
        return Err(Fault::new(node.at, "empty or null section in file_sd_configs"));
    }
    let fields = Fields::open(node, &keys::FILE_SD)?;
    let mut files = Vec::new();
    for (at, path) in fields.texts("files")? {
        if !is_file_sd_pattern(path) {
            return Err(Fault::new(
                at,
                format!(
                    "path name {path:?} is not valid for file discovery; it ends in .json, .yml or .yaml, \
                         and a `*` is in its last part only"
                ),
            ));
        }
        files.push(path.to_owned());
    }
    if files.is_empty() {
        let message = "file service discovery config must contain at least one path name";
        return Err(Fault::new(fields.at, message));
    }
    let refresh_interval_ms =
        fields.duration_ms("refresh_interval")?.filter(|ms| *ms > 0).unwrap_or(DEFAULT_FILE_SD_REFRESH_MS);
    Ok(FileSdConfig { files, refresh_interval_ms })
}

/// Prometheus's `^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$`.
fn is_file_sd_pattern(path: &str) -> bool {
    let known = ["json", "yml", "yaml", "JSON", "YML", "YAML"];
    let Some((stem, extension)) = path.rsplit_once('.') else { return false };
    known.contains(&extension) && is_glob_of_last_part(stem)
}

/// Prometheus's `^[^*]*(\*[^/]*)?$`.
pub(super) fn is_glob_of_last_part(path: &str) -> bool {
    path.find('*').is_none_or(|star| !path[star..].contains('/'))
}
