//! The configuration: the subset of `prometheus.yml` that static targets need, parsed once into types that cannot be
//! wrong. Whatever else a file says is an error with its line and column.

use std::collections::BTreeMap;
use std::path::PathBuf;

use url::Url;

use crate::relabel;

/// How often is scraped, if nothing else is said.
pub const DEFAULT_SCRAPE_INTERVAL_MS: i64 = 60_000;

/// How long a scrape may take, if nothing else is said.
pub const DEFAULT_SCRAPE_TIMEOUT_MS: i64 = 10_000;

/// How often rules are evaluated, if nothing else is said.
pub const DEFAULT_EVALUATION_INTERVAL_MS: i64 = 60_000;

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

/// How a target is got into.
#[derive(Debug, Clone, Default)]
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

fn place(path: &std::path::Path, at: Option<(u64, u64)>) -> String {
    match at {
        Some((line, column)) => format!("{}:{line}:{column}: ", path.display()),
        None => format!("{}: ", path.display()),
    }
}
