//! Settings of data sources, where a metrics server is and how it is reached, and of the picture, parsed once at the
//! edge.
//!
//! Flags come before the environment, the environment before the configuration file. No secret is ever part of an
//! error, a log line or a `Debug` print: each lives in a [`Secret`] or in a header value marked as sensitive.

mod args;
mod checks;
mod file;
mod secret;
mod view;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use reqwest::header::HeaderMap;
use thiserror::Error;
use url::Url;

pub use args::{Resolved, SourceArgs, default_config_path, names, resolve, view};
pub use secret::Secret;
pub use view::{ThemeChoice, View, marker};

/// The address that is asked when nothing names another one.
pub const DEFAULT_URL: &str = "http://localhost:9090";

/// How long one query may take when nothing says otherwise.
pub const DEFAULT_TIMEOUT_MS: u64 = 30_000;

/// Largest configuration file that is read.
pub const CONFIG_LIMIT_BYTES: u64 = 1 << 20;

/// Data sources that one configuration file may name.
pub const DATASOURCES_LIMIT: usize = 100;

/// Largest password or token file that is read.
pub const CREDENTIAL_LIMIT_BYTES: u64 = 64 << 10;

/// What is wrong with the settings, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The configuration file says something that cannot be meant.
    #[error("{}:{line}:{column}: {message}", path.display())]
    At {
        /// The configuration file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// What was found and what was expected.
        message: String,
    },
    /// A flag or an environment variable has a value that cannot be meant.
    #[error("{setting}: {message}")]
    Setting {
        /// Its name as it was written, such as `--header`.
        setting: String,
        /// What was found and what was expected.
        message: String,
    },
    /// A file that a setting names cannot be used.
    #[error("{what} {}: {cause}", path.display())]
    File {
        /// What the file is for.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// `--datasource` names none of the configured ones.
    #[error("no data source is named {name:?}; {known}")]
    UnknownDatasource {
        /// The name asked for.
        name: String,
        /// The names there are, or where they would be given.
        known: String,
    },
    /// The client for this server cannot be built.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// A metrics server and how to reach it.
#[derive(Clone, Debug)]
pub struct DataSource {
    /// Its name in the configuration file; `None` for one that only a URL names.
    pub name: Option<String>,
    /// The address without credentials; its path, if any, is the prefix before `/api/v1`.
    pub url: Url,
    /// Who we say we are.
    pub auth: Auth,
    /// Sent with every request; the values are marked as sensitive.
    pub headers: HeaderMap,
    /// How a TLS connection is made.
    pub tls: Tls,
    /// How long one query may take.
    pub timeout_ms: u64,
    /// How often the server scrapes, where it is known.
    pub scrape_interval_ms: Option<i64>,
}

impl DataSource {
    /// The server at `url` with everything else at its default. User and password in the URL become the
    /// credentials; a text without scheme means `http://`.
    pub fn at(url: &str) -> Result<Self, ConfigError> {
        let (url, auth) = checks::url(url)
            .map_err(|message| ConfigError::Setting { setting: "url".to_owned(), message })?;
        Ok(Self {
            name: None,
            url,
            auth,
            headers: HeaderMap::new(),
            tls: Tls::default(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
            scrape_interval_ms: None,
        })
    }

    /// The name, or else the address, for the screen.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.url.as_str().trim_end_matches('/'))
    }
}

/// Who we say we are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Nobody.
    #[default]
    None,
    /// User and password, RFC 7617.
    Basic {
        /// May be empty, which some token schemes ask for.
        username: String,
        /// The password.
        password: Credential,
    },
    /// A token, RFC 6750.
    Bearer(Credential),
}

impl Auth {
    /// The secret part, if there is one.
    pub fn credential(&self) -> Option<&Credential> {
        match self {
            Self::None => None,
            Self::Basic { password, .. } => Some(password),
            Self::Bearer(token) => Some(token),
        }
    }
}

/// A password or token: itself, or the file that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Itself.
    Given(Secret),
    /// Read when it is needed, and again when the server refuses it: tokens of a cluster are renewed in place.
    File(PathBuf),
}

impl Credential {
    /// The secret, from its file if need be, without the white space at the file's end.
    pub fn read(&self) -> Result<Secret, ConfigError> {
        let path = match self {
            Self::Given(secret) => return Ok(secret.clone()),
            Self::File(path) => path,
        };
        let text = read_limited("password or token file", path, CREDENTIAL_LIMIT_BYTES)?;
        let secret = text.trim_end();
        if secret.is_empty() || secret.contains(['\n', '\r']) {
            let cause = "must hold the secret on its first line and nothing else".to_owned();
            return Err(ConfigError::File { what: "password or token file", path: path.clone(), cause });
        }
        Ok(Secret::new(secret))
    }
}

/// How a TLS connection is made; without effect on `http://`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Trusted authorities as PEM, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// Trust whoever answers. Anyone on the way can then read and change everything.
    pub insecure_skip_verify: bool,
    /// Our own certificate chain and its key as PEM, for servers that ask for one.
    pub identity: Option<Identity>,
}

/// A client certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The chain, our own certificate first.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// Reads a text file of at most `limit_bytes`.
pub(crate) fn read_limited(what: &'static str, path: &Path, limit_bytes: u64) -> Result<String, ConfigError> {
    let error = |cause: String| ConfigError::File { what, path: path.to_owned(), cause };
    let file = fs::File::open(path).map_err(|cause| error(reason(&cause)))?;
    let mut text = String::new();
    file.take(limit_bytes + 1).read_to_string(&mut text).map_err(|cause| error(reason(&cause)))?;
    if text.len() as u64 > limit_bytes {
        return Err(error(format!("is larger than {limit_bytes} bytes")));
    }
    Ok(text)
}

/// An I/O error in lower case and without its number.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        std::io::ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            format!("cannot be read: {}", text.to_lowercase())
        }
    }
}

#[cfg(test)]
mod tests;
