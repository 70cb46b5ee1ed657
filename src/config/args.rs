//! The flags that every command shares, and how flags, environment and configuration file become data sources.

use std::path::{Path, PathBuf};

use clap::Args;
use etcetera::BaseStrategy;
use url::Url;

use super::file::{self, ConfigFile};
use super::{Auth, ConfigError, Credential, DEFAULT_URL, DataSource, Secret, View, checks};

/// Where the metrics server is and how to reach it.
///
/// What may hold a secret is kept as a [`Secret`] and checked by [`resolve`], because clap quotes a refused value.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Data source")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text, which shows no Markdown")]
pub struct SourceArgs {
    /// Address of Prometheus, a path prefix included [env: PROMETHEUS_URL] [default: localhost:9090]
    #[arg(long, value_name = "URL", conflicts_with = "datasource")]
    pub url: Option<Secret>,

    /// Name of a data source in the configuration file [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub datasource: Option<String>,

    /// User name [env: PROMSCOPE_USERNAME]; the password comes from --password-file or PROMSCOPE_PASSWORD
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,

    /// File that holds the password
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,

    /// File that holds a bearer token; PROMSCOPE_BEARER_TOKEN gives the token itself
    #[arg(long, value_name = "FILE", conflicts_with_all = ["username", "password_file"])]
    pub bearer_token_file: Option<PathBuf>,

    /// Header of every request, such as 'X-Scope-OrgID: tenant-1'; may be repeated
    #[arg(long, value_name = "'NAME: VALUE'")]
    pub header: Vec<Secret>,

    /// Trusted authorities as PEM, in place of the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Do not check the server's certificate; whoever is on the way can then read and change everything
    #[arg(long)]
    pub insecure_skip_verify: bool,

    /// How long one query may take [default: 30s]
    #[arg(long, value_name = "DURATION")]
    pub query_timeout: Option<String>,

    /// How often the server scrapes, for $__rate_interval [default: 15s]; with --scrape how often to scrape
    /// [default: 5s]
    #[arg(long, value_name = "DURATION")]
    pub scrape_interval: Option<String>,

    /// Configuration file [default: ~/.config/promscope/config.yaml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// All data sources there are.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Never empty; the first is the one to ask when a dashboard names none.
    pub sources: Vec<DataSource>,
    /// What the configuration file says about the picture.
    pub view: View,
    /// What a person should know though it is no error.
    pub warnings: Vec<String>,
}

impl Resolved {
    /// The one to ask when a dashboard names none.
    pub fn default_source(&self) -> &DataSource {
        &self.sources[0]
    }

    /// The one with this name in the configuration file.
    pub fn named(&self, name: &str) -> Option<&DataSource> {
        self.sources.iter().find(|source| source.name.as_deref() == Some(name))
    }
}

/// Where the configuration file is when `--config` names none; `None` when there is no home directory.
pub fn default_config_path() -> Option<PathBuf> {
    let directories = etcetera::choose_base_strategy().ok()?;
    Some(directories.config_dir().join("promscope").join("config.yaml"))
}

/// The data sources that flags, the process's environment and the configuration file describe together.
pub fn resolve(args: &SourceArgs) -> Result<Resolved, ConfigError> {
    let env = |name: &str| std::env::var(name).ok();
    resolve_in(args, &env, default_config_path())
}

/// What the configuration file says about the picture, for those who bring a data source of their own.
pub fn view(args: &SourceArgs) -> Result<View, ConfigError> {
    Ok(configured(args, default_config_path())?.view)
}

/// The names of the data sources in the configuration file at `path`, or else in the one at its usual place; `None` where
/// there is none.
pub fn names(path: Option<&Path>) -> Result<Option<Vec<String>>, ConfigError> {
    let file = match (path, default_config_path()) {
        (Some(path), _) => file::read(path)?,
        (None, Some(path)) if path.exists() => file::read(&path)?,
        (None, _) => return Ok(None),
    };
    Ok(Some(file.sources.into_iter().filter_map(|source| source.name).collect()))
}

fn configured(args: &SourceArgs, default_path: Option<PathBuf>) -> Result<ConfigFile, ConfigError> {
    match (&args.config, default_path) {
        (Some(path), _) => file::read(path),
        (None, Some(path)) if path.exists() => file::read(&path),
        (None, _) => Ok(ConfigFile::default()),
    }
}

/// As [`resolve`], with the environment as an argument.
pub(super) fn resolve_in(
    args: &SourceArgs,
    env: &dyn Fn(&str) -> Option<String>,
    default_path: Option<PathBuf>,
) -> Result<Resolved, ConfigError> {
    let env = |name: &str| env(name).filter(|value| !value.is_empty());
    let ConfigFile { mut sources, view, warnings } = configured(args, default_path)?;
    let mut source = choose(args, &env, &mut sources)?;
    if let Some(auth) = auth(args, &env, &source.auth)? {
        source.auth = auth;
    }
    for line in &args.header {
        let (name, value) = setting("--header", checks::header_line(line))?;
        source.headers.insert(name, value);
    }
    if let Some(path) = &args.ca_file {
        source.tls.ca_file = Some(path.clone());
    }
    source.tls.insecure_skip_verify |= args.insecure_skip_verify;
    if let Some(text) = &args.query_timeout {
        source.timeout_ms = setting("--query-timeout", checks::timeout_ms(text))?;
    }
    if let Some(text) = &args.scrape_interval {
        source.scrape_interval_ms = Some(setting("--scrape-interval", checks::scrape_interval_ms(text))?);
    }
    sources.insert(0, source);
    for source in &sources {
        let has_header = source.headers.contains_key(reqwest::header::AUTHORIZATION);
        if has_header && source.auth != Auth::None {
            let message = format!(
                "{} has credentials and an authorization header as well; keep one of the two",
                source.title()
            );
            return Err(ConfigError::Setting { setting: "data source".to_owned(), message });
        }
    }
    Ok(Resolved { sources, view, warnings })
}

/// Takes the data source that is meant: by flag, by environment, the first configured one, or the one on this
/// machine. An address that is configured too brings everything that the configuration says about it.
fn choose(
    args: &SourceArgs,
    env: &dyn Fn(&str) -> Option<String>,
    sources: &mut Vec<DataSource>,
) -> Result<DataSource, ConfigError> {
    if let Some(name) = &args.datasource {
        let found = sources.iter().position(|source| source.name.as_ref() == Some(name));
        return found.map(|index| sources.remove(index)).ok_or_else(|| ConfigError::UnknownDatasource {
            name: name.clone(),
            known: known_names(sources),
        });
    }
    let (place, text) = match (&args.url, env("PROMETHEUS_URL")) {
        (Some(url), _) => ("--url", url.clone()),
        (None, Some(url)) => ("PROMETHEUS_URL", Secret::new(url)),
        (None, None) if !sources.is_empty() => return Ok(sources.remove(0)),
        (None, None) => ("--url", Secret::from(DEFAULT_URL)),
    };
    let (url, url_auth) = setting(place, checks::url(text.expose()))?;
    let mut source = match sources.iter().position(|source| bare(&source.url) == bare(&url)) {
        Some(index) => sources.remove(index),
        None => DataSource::at(url.as_str())?,
    };
    if url_auth != Auth::None {
        source.auth = url_auth;
    }
    Ok(source)
}

fn known_names(sources: &[DataSource]) -> String {
    let names: Vec<&str> = sources.iter().filter_map(|source| source.name.as_deref()).collect();
    if names.is_empty() {
        let path = default_config_path().map_or_else(String::new, |path| format!(" in {}", path.display()));
        format!("give it under datasources{path}, or give --url")
    } else {
        format!("there are: {}", names.join(", "))
    }
}

/// Two addresses are the same when only a slash at the end tells them apart.
fn bare(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// The credentials of flags and environment; `None` leaves those of the data source. Where only one half of a
/// user and password is given, the other half is taken from the next lower place.
fn auth(
    args: &SourceArgs,
    env: &dyn Fn(&str) -> Option<String>,
    configured: &Auth,
) -> Result<Option<Auth>, ConfigError> {
    if let Some(path) = &args.bearer_token_file {
        return Ok(Some(Auth::Bearer(Credential::File(path.clone()))));
    }
    let by_flag = args.username.is_some() || args.password_file.is_some();
    let (env_username, env_password) = (env("PROMSCOPE_USERNAME"), env("PROMSCOPE_PASSWORD"));
    let by_env = env_username.is_some() || env_password.is_some();
    let url_has_password = args.url.as_ref().and_then(|url| checks::url(url.expose()).ok()).is_some_and(
        |(_, auth)| matches!(auth.credential(), Some(Credential::Given(secret)) if !secret.expose().is_empty()),
    );
    if !by_flag && url_has_password {
        return Ok(None);
    }
    if let Some(token) = env("PROMSCOPE_BEARER_TOKEN")
        && !by_flag
    {
        if by_env {
            let message = "is set, and PROMSCOPE_USERNAME or PROMSCOPE_PASSWORD as well; unset one kind";
            return setting("PROMSCOPE_BEARER_TOKEN", Err(message.to_owned()));
        }
        return Ok(Some(Auth::Bearer(Credential::Given(Secret::new(token)))));
    }
    if !by_flag && !by_env {
        return Ok(None);
    }
    let (lower_username, lower_password) = match configured {
        Auth::Basic { username, password } => (Some(username.clone()), Some(password.clone())),
        _ => (None, None),
    };
    let username = args.username.clone().or(env_username).or(lower_username);
    let password = args
        .password_file
        .clone()
        .map(Credential::File)
        .or_else(|| env_password.map(|password| Credential::Given(Secret::new(password))))
        .or(lower_password);
    match (username, password) {
        (Some(username), Some(password)) => Ok(Some(Auth::Basic { username, password })),
        (Some(_), None) => setting(
            "--username",
            Err("has no password; give --password-file or set PROMSCOPE_PASSWORD".to_owned()),
        ),
        (None, _) => setting(
            if args.password_file.is_some() { "--password-file" } else { "PROMSCOPE_PASSWORD" },
            Err("has no user; give --username or set PROMSCOPE_USERNAME".to_owned()),
        ),
    }
}

fn setting<T>(name: &str, checked: Result<T, String>) -> Result<T, ConfigError> {
    checked.map_err(|message| ConfigError::Setting { setting: name.to_owned(), message })
}
