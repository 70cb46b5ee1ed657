//! What is to run: from targets and flags to the options of the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;

use embedded_prometheus::config::{
    Auth, Config, Global, HttpClientConfig, Scheme, ScrapeConfig, Secret, TargetGroup,
};
use embedded_prometheus::promql;
use embedded_prometheus::server::{ConfigSource, ServerOptions};
use embedded_prometheus::storage::DbOptions;

use super::demo::DemoPlan;
use super::error::EngineError;
use super::target::Target;

/// The longest a query may take, as in Prometheus.
const QUERY_TIMEOUT_MS: u64 = 120_000;

/// Queries at a time of an engine that serves its own dashboard; as many as the dashboard asks at once.
const QUERY_CONCURRENCY: usize = 8;

/// The longest a scrape may take, unless the interval is shorter.
const SCRAPE_TIMEOUT_MAX_MS: i64 = 10_000;

/// The most memory that samples may take where there is no data directory: weeks of a hundred targets' worth would
/// otherwise end the machine and not the dashboard.
pub const MEMORY_LIMIT_BYTES: u64 = 512 << 20;

/// What is to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the engine listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// What it scrapes.
    pub sources: Sources,
    /// Where it keeps samples; `None` keeps them in memory only.
    pub data_dir: Option<PathBuf>,
    /// How long it keeps them; `None` for the engine's default.
    pub retention_ms: Option<i64>,
    /// How many bytes of them it keeps; `None` for no limit on disk, and [`MEMORY_LIMIT_BYTES`] in memory.
    pub retention_bytes: Option<u64>,
    /// Queries at a time.
    pub query_concurrency: usize,
    /// The demo application, whose address joins the sources.
    pub demo: Option<DemoPlan>,
}

/// What an engine scrapes.
#[derive(Clone, Debug)]
pub enum Sources {
    /// What a `prometheus.yml` says.
    File(PathBuf),
    /// These addresses, so often.
    Targets {
        /// The addresses.
        targets: Vec<Target>,
        /// How often.
        interval_ms: i64,
    },
}

impl Plan {
    /// An engine on any free port of this machine that keeps samples in memory.
    pub fn new(sources: Sources) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            sources,
            data_dir: None,
            retention_ms: None,
            retention_bytes: None,
            query_concurrency: QUERY_CONCURRENCY,
            demo: None,
        }
    }

    /// The engine's own words for it.
    pub(super) fn options(&self) -> Result<ServerOptions, EngineError> {
        let config = match &self.sources {
            Sources::File(path) if !path.exists() => return Err(EngineError::NoConfig(path.clone())),
            Sources::File(path) => ConfigSource::File(path.clone()),
            Sources::Targets { targets, interval_ms } => {
                ConfigSource::Given(Box::new(config(targets, *interval_ms)?))
            }
        };
        let memory_limit = self.data_dir.is_none().then_some(MEMORY_LIMIT_BYTES);
        let default = DbOptions::default();
        Ok(ServerOptions {
            listen: self.listen,
            config,
            data_dir: self.data_dir.clone(),
            db: DbOptions {
                retention_ms: self.retention_ms.unwrap_or(default.retention_ms),
                retention_bytes: self.retention_bytes.or(memory_limit),
                ..default
            },
            promql: promql::Options::default(),
            query_timeout_ms: QUERY_TIMEOUT_MS,
            query_concurrency: self.query_concurrency,
        })
    }
}

/// The configuration that scrapes `targets`, one job each.
pub(super) fn config(targets: &[Target], interval_ms: i64) -> Result<Config, EngineError> {
    let global = Global {
        scrape_interval_ms: interval_ms,
        scrape_timeout_ms: interval_ms.min(SCRAPE_TIMEOUT_MAX_MS),
        evaluation_interval_ms: interval_ms,
        external_labels: BTreeMap::new(),
    };
    let mut seen = BTreeSet::new();
    let mut jobs: BTreeMap<String, usize> = BTreeMap::new();
    let mut scrape_configs = Vec::new();
    for target in targets {
        if !seen.insert(target.address()) {
            return Err(EngineError::Config(format!("--scrape: {} is given twice", target.address())));
        }
        // Two jobs cannot have one name: the second of http://h:1 and https://h:1 gets a number.
        let count = jobs.entry(target.job()).or_default();
        *count += 1;
        let job_name = if *count == 1 { target.job() } else { format!("{}-{count}", target.job()) };
        scrape_configs.push(scrape_config(job_name, target, &global));
    }
    Ok(Config::of(global, scrape_configs))
}

fn scrape_config(job_name: String, target: &Target, global: &Global) -> ScrapeConfig {
    let mut params: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in target.url.query_pairs() {
        params.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let auth = match &target.login {
        Some((username, password)) => {
            Auth::Basic { username: username.clone(), password: Secret::Inline(password.expose().to_owned()) }
        }
        None => Auth::None,
    };
    let group =
        TargetGroup { targets: vec![target.host_port()], labels: BTreeMap::new(), source: "0".to_owned() };
    let base = ScrapeConfig::new(job_name, global);
    ScrapeConfig {
        scheme: if target.url.scheme() == "https" { Scheme::Https } else { Scheme::Http },
        metrics_path: target.url.path().to_owned(),
        params,
        http: HttpClientConfig { auth, ..base.http },
        static_configs: vec![group],
        ..base
    }
}

/// Reads a size as Prometheus does: `512MB`, `2GB`, in powers of 1024.
pub fn parse_size_bytes(text: &str) -> Result<u64, String> {
    let error = || format!("{text:?} is no size; write a number with B, KB, MB, GB or TB, such as 512MB");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().map_err(|_| error())?;
    let exponent = match text[digits..].to_ascii_uppercase().as_str() {
        "B" => 0,
        "KB" | "KIB" => 1,
        "MB" | "MIB" => 2,
        "GB" | "GIB" => 3,
        "TB" | "TIB" => 4,
        _ => return Err(error()),
    };
    number.checked_mul(1 << (10 * exponent)).filter(|bytes| *bytes > 0).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(texts: &[&str]) -> Vec<Target> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn every_target_is_a_job() {
        let targets = targets(&["app=me:pw@h:1/m?a=1&a=2", "http://h:443", "https://h", "localhost:8000"]);
        let config = config(&targets, 5_000).unwrap();
        let jobs: Vec<_> = config.scrape_configs.iter().map(|config| config.job_name.as_str()).collect();
        assert_eq!(jobs, ["app", "h:443", "h:443-2", "localhost:8000"]);
        let first = &config.scrape_configs[0];
        assert_eq!((first.scrape_interval_ms, first.scrape_timeout_ms), (5_000, 5_000));
        assert_eq!(
            (first.metrics_path.as_str(), &first.params["a"]),
            ("/m", &vec!["1".to_owned(), "2".to_owned()])
        );
        assert!(matches!(&first.http.auth, Auth::Basic { username, .. } if username == "me"));
        assert_eq!(first.static_configs[0].targets, ["h:1"]);
        assert_eq!(config.scrape_configs[2].scheme, Scheme::Https);
        assert!(config.text.contains("job_name: localhost:8000\n") && !config.text.contains("pw"));
    }

    #[test]
    fn a_target_given_twice_is_refused() {
        let error = config(&targets(&["h:1", "http://h:1/metrics"]), 5_000).unwrap_err();
        assert_eq!(error.to_string(), "--scrape: http://h:1/metrics is given twice");
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes) in [("1B", 1), ("512MB", 512 << 20), ("2GiB", 2 << 30), ("3kb", 3 << 10)] {
            assert_eq!(parse_size_bytes(text), Ok(bytes));
        }
        for bad in ["", "0B", "5", "1.5GB", "MB", "20000000000TB", "-1MB"] {
            assert!(parse_size_bytes(bad).unwrap_err().contains("such as 512MB"), "{bad}");
        }
    }

    #[test]
    fn what_is_only_in_memory_is_bounded() {
        let sources = Sources::Targets { targets: Vec::new(), interval_ms: 1_000 };
        let mut plan = Plan::new(sources);
        assert_eq!(plan.options().unwrap().db.retention_bytes, Some(MEMORY_LIMIT_BYTES));
        plan.data_dir = Some(PathBuf::from("x"));
        assert_eq!(plan.options().unwrap().db.retention_bytes, None);
    }
}
