//! The configuration: the subset of `prometheus.yml` that static targets need, parsed once into types that cannot be
//! wrong. Whatever else a file says is an error with its line and column.

mod bytes;
mod duration;
mod fields;
mod given;
mod glob;
mod http;
mod keys;
mod nearest;
mod relabeling;
mod scrape;
mod text;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use url::Url;

pub use duration::{format_duration_ms, parse_duration_ms};
pub use given::TargetError;

pub(crate) use fields::Fields;
pub(crate) use glob::glob;
pub(crate) use keys::{RULE, RULE_FILE, RULE_GROUP};
pub(crate) use yaml::{Fault, Node, Value, read as read_yaml};

use crate::relabel;

/// How often is scraped, if nothing else is said.
pub const DEFAULT_SCRAPE_INTERVAL_MS: i64 = 60_000;

/// How long a scrape may take, if nothing else is said.
pub const DEFAULT_SCRAPE_TIMEOUT_MS: i64 = 10_000;

/// How often rules are evaluated, if nothing else is said.
pub const DEFAULT_EVALUATION_INTERVAL_MS: i64 = 60_000;

/// How often files with targets are read, if nothing else is said.
pub const DEFAULT_FILE_SD_REFRESH_MS: i64 = 5 * 60_000;

/// The largest configuration, rule or target file, in bytes.
pub const MAX_CONFIG_BYTES: usize = yaml::MAX_FILE_BYTES;

/// The most targets of a job, and of a file of targets.
pub const MAX_TARGETS: usize = 10_000;

/// The most scrape configs.
pub const MAX_SCRAPE_CONFIGS: usize = 1_000;

/// A whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// What holds for all.
    pub global: Global,
    /// What to scrape.
    pub scrape_configs: Vec<ScrapeConfig>,
    /// Files with rules, as patterns; relative to the configuration's folder.
    pub rule_files: Vec<String>,
    /// Where relative paths start: the folder of the configuration file.
    pub base_dir: PathBuf,
    /// The configuration as text, without its secrets, for `/api/v1/status/config`.
    pub text: String,
}

/// What holds for all scrapes and rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// How often is scraped.
    pub scrape_interval_ms: i64,
    /// How long a scrape may take.
    pub scrape_timeout_ms: i64,
    /// How often rules are evaluated.
    pub evaluation_interval_ms: i64,
    /// Added to what leaves this server (`/federate`).
    pub external_labels: BTreeMap<String, String>,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            scrape_interval_ms: DEFAULT_SCRAPE_INTERVAL_MS,
            scrape_timeout_ms: DEFAULT_SCRAPE_TIMEOUT_MS,
            evaluation_interval_ms: DEFAULT_EVALUATION_INTERVAL_MS,
            external_labels: BTreeMap::new(),
        }
    }
}

/// One `scrape_configs` entry, with the global settings filled in.
#[derive(Debug, Clone)]
pub struct ScrapeConfig {
    /// Its name, and the `job` label of its targets.
    pub job_name: String,
    /// How often.
    pub scrape_interval_ms: i64,
    /// How long a scrape may take; at most the interval.
    pub scrape_timeout_ms: i64,
    /// `http` or `https`.
    pub scheme: Scheme,
    /// `/metrics` if nothing else is said.
    pub metrics_path: String,
    /// Added to the address, each name with its values.
    pub params: BTreeMap<String, Vec<String>>,
    /// Whether a label of the target that the sample has too keeps the sample's value.
    pub honor_labels: bool,
    /// Whether timestamps in the exposition are taken.
    pub honor_timestamps: bool,
    /// Whether series with timestamps of their own get stale markers too.
    pub track_timestamps_staleness: bool,
    /// The format of an answer whose content type is missing or unknown; without one such a scrape fails.
    pub fallback_scrape_protocol: Option<ScrapeProtocol>,
    /// How to get in.
    pub http: HttpClientConfig,
    /// The most samples of a scrape after relabelling; 0 for no limit.
    pub sample_limit: u64,
    /// The most bytes of an uncompressed body; 0 for [`crate::scrape::DEFAULT_BODY_SIZE_LIMIT_BYTES`].
    pub body_size_limit_bytes: u64,
    /// The most labels of a sample; 0 for no limit.
    pub label_limit: u64,
    /// The longest label name; 0 for no limit.
    pub label_name_length_limit: u64,
    /// The longest label value; 0 for no limit.
    pub label_value_length_limit: u64,
    /// The most targets of this entry; 0 for no limit.
    pub target_limit: u64,
    /// Targets written out.
    pub static_configs: Vec<TargetGroup>,
    /// Targets read from files.
    pub file_sd_configs: Vec<FileSdConfig>,
    /// Rules for targets.
    pub relabel_configs: Vec<relabel::Rule>,
    /// Rules for samples.
    pub metric_relabel_configs: Vec<relabel::Rule>,
}

/// How a target is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// `http`
    #[default]
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// As it is written in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A format that targets answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScrapeProtocol {
    /// `OpenMetricsText0.0.1`
    OpenMetricsText0_0_1,
    /// `OpenMetricsText1.0.0`
    OpenMetricsText1_0_0,
    /// `PrometheusText0.0.4`
    PrometheusText0_0_4,
    /// `PrometheusText1.0.0`
    PrometheusText1_0_0,
}

impl ScrapeProtocol {
    const ALL: [Self; 4] = [
        Self::OpenMetricsText0_0_1,
        Self::OpenMetricsText1_0_0,
        Self::PrometheusText0_0_4,
        Self::PrometheusText1_0_0,
    ];

    /// As it is written in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenMetricsText0_0_1 => "OpenMetricsText0.0.1",
            Self::OpenMetricsText1_0_0 => "OpenMetricsText1.0.0",
            Self::PrometheusText0_0_4 => "PrometheusText0.0.4",
            Self::PrometheusText1_0_0 => "PrometheusText1.0.0",
        }
    }
}

/// Targets with labels of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetGroup {
    /// `host:port` each.
    pub targets: Vec<String>,
    /// Added to each target.
    pub labels: BTreeMap<String, String>,
    /// Where the group comes from (a file and its position in it, or a number); unique within its job.
    pub source: String,
}

/// Files with targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSdConfig {
    /// Patterns of files, JSON or YAML; relative to the configuration's folder.
    pub files: Vec<String>,
    /// How often they are read again.
    pub refresh_interval_ms: i64,
}

impl FileSdConfig {
    /// The files that the patterns mean at the moment, sorted; none is fine.
    pub fn matching_files(&self, base_dir: &Path) -> Result<Vec<PathBuf>, ConfigError> {
        let mut found = Vec::new();
        for pattern in &self.files {
            let path = base_dir.join(pattern);
            let files = glob(&path).map_err(|message| ConfigError { path, at: None, message })?;
            found.extend(files);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}

/// How a target is got into.
#[derive(Clone, Default)]
pub struct HttpClientConfig {
    /// Who we say we are.
    pub auth: Auth,
    /// How a TLS connection is made.
    pub tls: TlsConfig,
    /// Whether redirects are followed.
    pub follow_redirects: bool,
    /// The proxy, if any.
    pub proxy_url: Option<Url>,
}

impl std::fmt::Debug for HttpClientConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClientConfig")
            .field("auth", &self.auth)
            .field("tls", &self.tls)
            .field("follow_redirects", &self.follow_redirects)
            .field("proxy_url", &self.proxy_url.as_ref().map(without_password))
            .finish()
    }
}

/// An address whose password, if it has one, is `xxxxx`, as Prometheus shows it.
pub(crate) fn without_password(url: &Url) -> String {
    let mut shown = url.clone();
    if shown.password().is_some() {
        let _ = shown.set_password(Some("xxxxx"));
    }
    shown.to_string()
}

/// Who we say we are.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Nobody.
    #[default]
    None,
    /// A name and a password.
    Basic {
        /// The name.
        username: String,
        /// The password, or the file it is read from at each scrape.
        password: Secret,
    },
    /// `Authorization: TYPE CREDENTIALS`
    Credentials {
        /// `Bearer` if nothing else is said.
        kind: String,
        /// The credentials, or the file they are read from at each scrape.
        credentials: Secret,
    },
}

/// A secret, which has no way into text.
#[derive(Clone)]
pub enum Secret {
    /// Written in the configuration.
    Inline(String),
    /// In a file.
    File(PathBuf),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

/// How a TLS connection is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsConfig {
    /// Authorities, in PEM; the system's if there is none.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, in PEM.
    pub cert_file: Option<PathBuf>,
    /// Its key, in PEM.
    pub key_file: Option<PathBuf>,
    /// The name that the certificate must have, if not the host's.
    pub server_name: Option<String>,
    /// Whether any certificate will do.
    pub insecure_skip_verify: bool,
}

/// What is wrong with a configuration, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(path, *at))]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// Line and column, both from 1.
    pub at: Option<(u64, u64)>,
    /// What was found and what was expected.
    pub message: String,
}

fn place(path: &Path, at: Option<(u64, u64)>) -> String {
    match at {
        Some((line, column)) => format!("{}:{line}:{column}: ", path.display()),
        None => format!("{}: ", path.display()),
    }
}

impl ConfigError {
    pub(crate) fn new(path: &Path, fault: Fault) -> Self {
        Self { path: path.to_owned(), at: fault.at, message: fault.message }
    }
}

impl Config {
    /// Reads the file at `path`.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&read_file(path)?, path)
    }

    /// Reads a configuration from its text; `path` is named in errors, and relative paths start at its folder.
    /// An empty text is a configuration with nothing to do.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let variable = |name: &str| std::env::var(name).ok();
        parse(text, path, &variable).map_err(|fault| ConfigError::new(path, fault))
    }
}

impl TargetGroup {
    /// Reads a file of targets, YAML or JSON, as `file_sd_configs` name them.
    pub fn load(path: &Path) -> Result<Vec<Self>, ConfigError> {
        let read = || {
            let root = yaml::read(&read_file(path)?).map_err(|fault| ConfigError::new(path, fault))?;
            let groups = match &root.value {
                Value::Null => Ok(Vec::new()),
                _ => fields::items(&root, "a file of targets")
                    .and_then(|items| scrape::groups(items, "a file of targets", false)),
            };
            groups.map_err(|fault| ConfigError::new(path, fault))
        };
        let mut groups: Vec<Self> = read()?;
        let targets: usize = groups.iter().map(|group| group.targets.len()).sum();
        if targets > MAX_TARGETS {
            let message = format!("{targets} targets; at most {MAX_TARGETS} are taken");
            return Err(ConfigError { path: path.to_owned(), at: None, message });
        }
        for (index, group) in groups.iter_mut().enumerate() {
            group.source = format!("{}:{index}", path.display());
        }
        Ok(groups)
    }
}

/// The text of a file of bounded size.
pub(crate) fn read_file(path: &Path) -> Result<String, ConfigError> {
    use std::io::Read as _;
    let error = |message: String| ConfigError { path: path.to_owned(), at: None, message };
    let file = std::fs::File::open(path).map_err(|cause| error(format!("cannot be read: {cause}")))?;
    let mut bytes = Vec::new();
    file.take(MAX_CONFIG_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| error(format!("cannot be read: {cause}")))?;
    if bytes.len() > MAX_CONFIG_BYTES {
        return Err(error(format!("longer than {MAX_CONFIG_BYTES} bytes; split it")));
    }
    String::from_utf8(bytes).map_err(|_| error("not valid UTF-8".into()))
}

fn parse(text: &str, path: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Config, Fault> {
    let root = yaml::read(text)?;
    let base_dir = path.parent().map(Path::to_owned).unwrap_or_default();
    let fields = Fields::open(&root, &keys::TOP)?;
    let global = match fields.get("global") {
        Some(node) => read_global(&Fields::open(node, &keys::GLOBAL)?, variable)?,
        None => Global::default(),
    };
    let mut rule_files = Vec::new();
    for (at, file) in fields.texts("rule_files")? {
        if !scrape::is_glob_of_last_part(file) {
            return Err(Fault::new(
                at,
                format!("invalid rule file path {file:?}; a `*` is in its last part only"),
            ));
        }
        rule_files.push(file.to_owned());
    }
    let nodes = fields.items("scrape_configs")?;
    if nodes.len() > MAX_SCRAPE_CONFIGS {
        let message = format!("{} scrape configs; at most {MAX_SCRAPE_CONFIGS} are taken", nodes.len());
        return Err(Fault::new(fields.at, message));
    }
    let mut scrape_configs: Vec<ScrapeConfig> = Vec::new();
    for node in nodes {
        let config = scrape::read(node, &global, &base_dir)?;
        if scrape_configs.iter().any(|known| known.job_name == config.job_name) {
            let at = Fields::open(node, &keys::SCRAPE)?.get("job_name").map_or(node.at, |name| name.at);
            let message = format!("found multiple scrape configs with job name {:?}", config.job_name);
            return Err(Fault::new(at, message));
        }
        scrape_configs.push(config);
    }
    let mut config = Config { global, scrape_configs, rule_files, base_dir, text: String::new() };
    config.text = text::write(&config);
    Ok(config)
}

fn read_global(fields: &Fields<'_>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Global, Fault> {
    let given = |key: &str| Ok::<_, Fault>(fields.duration_ms(key)?.filter(|ms| *ms > 0));
    let scrape_interval_ms = given("scrape_interval")?.unwrap_or(DEFAULT_SCRAPE_INTERVAL_MS);
    let timeout_ms = given("scrape_timeout")?;
    if timeout_ms.is_some_and(|timeout_ms| timeout_ms > scrape_interval_ms) {
        let at = fields.get("scrape_timeout").map_or(fields.at, |node| node.at);
        return Err(Fault::new(at, "global scrape timeout greater than scrape interval"));
    }
    let mut external_labels = fields.text_map("external_labels", |name, _| scrape::label_name(name))?;
    for value in external_labels.values_mut() {
        *value = expand(value, variable);
    }
    Ok(Global {
        scrape_interval_ms,
        scrape_timeout_ms: timeout_ms.unwrap_or(DEFAULT_SCRAPE_TIMEOUT_MS.min(scrape_interval_ms)),
        evaluation_interval_ms: given("evaluation_interval")?.unwrap_or(DEFAULT_EVALUATION_INTERVAL_MS),
        external_labels,
    })
}

/// Replaces `$NAME` and `${NAME}` by environment variables and `$$` by a dollar, as Prometheus does (Go's
/// `os.Expand`). A variable that is not set is the empty text, with a warning.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
    let value = |name: &str| match name {
        "$" => "$".to_owned(),
        _ => variable(name).filter(|value| !value.is_empty()).unwrap_or_else(|| {
            tracing::warn!(name, "empty environment variable");
            String::new()
        }),
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let (before, after) = (&rest[..dollar], &rest[dollar + 1..]);
        out.push_str(before);
        let is_special = |c: char| "*#$@!?-".contains(c) || c.is_ascii_digit();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if let Some(braced) = after.strip_prefix('{') {
            // Of "${" without its end Go swallows the two characters.
            let Some((name, tail)) = braced.split_once('}') else {
                rest = braced;
                continue;
            };
            if !name.is_empty() {
                out.push_str(&value(name));
            }
            rest = tail;
        } else if after.starts_with(is_special) {
            out.push_str(&value(&after[..1]));
            rest = &after[1..];
        } else {
            let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
            if end == 0 {
                out.push('$');
            } else {
                out.push_str(&value(&after[..end]));
            }
            rest = &after[end..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests;
