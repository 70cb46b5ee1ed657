//! A configuration made by a program from a list of addresses, without a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use url::Url;

use super::{
    Auth, Config, DEFAULT_SCRAPE_TIMEOUT_MS, Global, MAX_TARGETS, Scheme, ScrapeConfig, Secret, TargetGroup,
    text,
};

/// An address that cannot be scraped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{target}: {message}")]
pub struct TargetError {
    /// The address, without its password.
    pub target: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}

impl Config {
    /// Scrapes these addresses: each becomes a job of its own, named by its host and port, and by as much of its
    /// path and query as tells it from the others. `http://` and `/metrics` may be left out; a name and a password
    /// may stand in front of the host. The timeout is 10 s, or the interval if that is shorter.
    pub fn for_targets<S: AsRef<str>>(
        targets: impl IntoIterator<Item = S>,
        scrape_interval_ms: i64,
    ) -> Result<Self, TargetError> {
        let fault = |target: &str, message: String| TargetError { target: target.to_owned(), message };
        if scrape_interval_ms <= 0 {
            return Err(fault(
                "scrape interval",
                format!("{scrape_interval_ms} ms is not longer than nothing"),
            ));
        }
        let global = Global {
            scrape_interval_ms,
            scrape_timeout_ms: DEFAULT_SCRAPE_TIMEOUT_MS.min(scrape_interval_ms),
            evaluation_interval_ms: scrape_interval_ms,
            external_labels: BTreeMap::new(),
        };
        let mut urls = Vec::new();
        for target in targets {
            let url = parse(target.as_ref())?;
            if urls.iter().any(|known| same_place(known, &url)) {
                return Err(fault(&without_credentials(&url), "given twice; leave one out".into()));
            }
            urls.push(url);
            if urls.len() > MAX_TARGETS {
                return Err(fault("targets", format!("more than {MAX_TARGETS}")));
            }
        }
        if urls.is_empty() {
            return Err(fault("targets", "none given; give one like http://localhost:8080/metrics".into()));
        }
        let names = job_names(&urls);
        let scrape_configs =
            urls.iter().zip(names).map(|(url, name)| scrape_config(url, name, &global)).collect();
        Ok(Self::of(global, scrape_configs))
    }

    /// A configuration of these parts, without rules, and with the text that a file of them would have.
    #[must_use]
    pub fn of(global: Global, scrape_configs: Vec<ScrapeConfig>) -> Self {
        let base_dir = PathBuf::new();
        let mut config =
            Self { global, scrape_configs, rule_files: Vec::new(), base_dir, text: String::new() };
        config.text = text::write(&config);
        config
    }
}

fn parse(target: &str) -> Result<Url, TargetError> {
    let target = target.trim();
    let with_scheme = if target.contains("://") { target.to_owned() } else { format!("http://{target}") };
    let error = |shown: String, message: &str| {
        Err(TargetError {
            target: shown,
            message: format!("{message}; write it like http://localhost:8080/metrics"),
        })
    };
    let Ok(mut url) = Url::parse(&with_scheme) else {
        // What cannot be parsed cannot be told from its password either.
        let shown =
            if target.contains('@') { "an address with credentials".into() } else { target.to_owned() };
        return error(shown, "is no address");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return error(without_credentials(&url), "only http and https can be scraped");
    }
    if !url.has_host() {
        return error(without_credentials(&url), "has no host");
    }
    url.set_fragment(None);
    if url.path() == "/" {
        url.set_path("/metrics");
    }
    Ok(url)
}

fn without_credentials(url: &Url) -> String {
    let mut shown = url.clone();
    let _ = shown.set_password(None);
    let _ = shown.set_username("");
    shown.to_string()
}

fn same_place(a: &Url, b: &Url) -> bool {
    without_credentials(a) == without_credentials(b)
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The shortest names that differ: host and port, then with the path, then with query and scheme.
fn job_names(urls: &[Url]) -> Vec<String> {
    let with_path = |url: &Url| format!("{}{}", host_and_port(url), url.path());
    let levels: [&dyn Fn(&Url) -> String; 2] = [&host_and_port, &with_path];
    let unique_at = |url: &Url, level: &dyn Fn(&Url) -> String| {
        urls.iter().filter(|other| level(other) == level(url)).count() == 1
    };
    let names: Vec<String> = urls
        .iter()
        .map(|url| {
            levels
                .iter()
                .find(|level| unique_at(url, **level))
                .map_or_else(|| without_credentials(url), |level| level(url))
        })
        .collect();
    debug_assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "addresses differ, so names do"
    );
    names
}

fn scrape_config(url: &Url, job_name: String, global: &Global) -> ScrapeConfig {
    let mut config = ScrapeConfig::new(job_name, global);
    config.scheme = if url.scheme() == "https" { Scheme::Https } else { Scheme::Http };
    url.path().clone_into(&mut config.metrics_path);
    for (name, value) in url.query_pairs() {
        config.params.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        let decoded = |text: &str| percent_decoded(text);
        config.http.auth = Auth::Basic {
            username: decoded(url.username()),
            password: Secret::Inline(decoded(url.password().unwrap_or_default())),
        };
    }
    config.static_configs =
        vec![TargetGroup { targets: vec![host_and_port(url)], labels: BTreeMap::new(), source: "0".into() }];
    config
}

fn percent_decoded(text: &str) -> String {
    // A form's `+` is a space; here it is a plus.
    let query = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_jobs() {
        let config = Config::for_targets(
            [
                "localhost:8080",
                "https://example.com/custom?a=1&a=2",
                "http://h:1/a",
                "http://h:1/b",
                "http://h:1/c?x=1",
                "http://h:1/c?x=2",
                "http://[::1]:9100",
            ],
            5_000,
        )
        .unwrap();
        let jobs: Vec<_> = config
            .scrape_configs
            .iter()
            .map(|job| {
                (job.job_name.as_str(), job.static_configs[0].targets[0].as_str(), job.metrics_path.as_str())
            })
            .collect();
        assert_eq!(
            jobs,
            [
                ("localhost:8080", "localhost:8080", "/metrics"),
                ("example.com", "example.com", "/custom"),
                ("h:1/a", "h:1", "/a"),
                ("h:1/b", "h:1", "/b"),
                ("http://h:1/c?x=1", "h:1", "/c"),
                ("http://h:1/c?x=2", "h:1", "/c"),
                ("[::1]:9100", "[::1]:9100", "/metrics"),
            ]
        );
        assert_eq!(config.scrape_configs[1].scheme, Scheme::Https);
        assert_eq!(config.scrape_configs[1].params["a"], ["1", "2"]);
        assert_eq!(config.scrape_configs[0].scrape_timeout_ms, 5_000);
        let again = Config::parse(&config.text, std::path::Path::new("given")).unwrap();
        assert_eq!(again.text, config.text);
        assert_eq!(Config::for_targets(["x"], 60_000).unwrap().scrape_configs[0].scrape_timeout_ms, 10_000);
    }

    #[test]
    fn credentials_are_kept_and_not_shown() {
        let config = Config::for_targets(["http://me:s%40cret+1@h:1/"], 1_000).unwrap();
        let Auth::Basic { username, password: Secret::Inline(password) } =
            &config.scrape_configs[0].http.auth
        else {
            panic!("no basic auth")
        };
        assert_eq!((username.as_str(), password.as_str()), ("me", "s@cret+1"));
        assert!(!config.text.contains("cret+1") && !format!("{config:?}").contains("cret+1"));
        for target in ["ftp://me:hidden@h/", "http://me:hidden@", "http://me:hidden@h:99999/"] {
            let error = Config::for_targets([target], 1_000).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hidden"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_scraped_is_said() {
        let error = |targets: &[&str]| Config::for_targets(targets, 1_000).unwrap_err().to_string();
        let remedy = "write it like http://localhost:8080/metrics";
        assert_eq!(error(&["ftp://h/"]), format!("ftp://h/: only http and https can be scraped; {remedy}"));
        assert_eq!(error(&["h:99999"]), format!("h:99999: is no address; {remedy}"));
        assert_eq!(error(&["h:1", "http://h:1/metrics"]), "http://h:1/metrics: given twice; leave one out");
        assert_eq!(error(&[]), "targets: none given; give one like http://localhost:8080/metrics");
        assert!(Config::for_targets(["h:1"], 0).is_err());
    }
}
