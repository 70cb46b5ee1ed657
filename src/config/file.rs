//! The configuration file `config.yaml`: data sources by name, and what the picture looks like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use super::view::{self, ThemeEntry, View};
use super::{
    Auth, CONFIG_LIMIT_BYTES, ConfigError, Credential, DATASOURCES_LIMIT, DEFAULT_TIMEOUT_MS, DataSource,
    Identity, Secret, Tls, checks, read_limited,
};

/// Words in a header's name that tell of a secret in its value; a tenant's id is none.
const SECRET_HEADER_WORDS: [&str; 5] = ["auth", "cookie", "key", "secret", "token"];

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    /// In the order of the file; the first is the default.
    pub(super) sources: Vec<DataSource>,
    /// What the picture looks like.
    pub(super) view: View,
    /// What a person should know though it is no error.
    pub(super) warnings: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    datasources: Vec<Entry>,
    theme: Option<Spanned<String>>,
    marker: Option<Spanned<String>>,
    #[serde(default)]
    themes: BTreeMap<String, Spanned<ThemeEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    url: Spanned<Secret>,
    scrape_interval: Option<Spanned<String>>,
    timeout: Option<Spanned<String>>,
    basic_auth: Option<Spanned<BasicAuth>>,
    bearer_token: Option<Spanned<Secret>>,
    bearer_token_file: Option<Spanned<PathBuf>>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<Secret>>,
    #[serde(default)]
    tls: Option<Spanned<TlsEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BasicAuth {
    username: String,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsEntry {
    ca_file: Option<PathBuf>,
    #[serde(default)]
    insecure_skip_verify: bool,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
}

/// Reads the file at `path`.
pub(super) fn read(path: &Path) -> Result<ConfigFile, ConfigError> {
    let text = read_limited("configuration file", path, CONFIG_LIMIT_BYTES)?;
    let mut file = parse(&text, path)?;
    let holds_secret = std::mem::take(&mut file.holds_secret);
    if holds_secret && is_readable_by_others(path) {
        let path = path.display();
        file.file.warnings.push(format!(
            "{path} holds a secret and can be read by other users; run chmod 600 {path}, or use password_file"
        ));
    }
    Ok(file.file)
}

struct Parsed {
    file: ConfigFile,
    holds_secret: bool,
}

fn parse(text: &str, path: &Path) -> Result<Parsed, ConfigError> {
    let mut parsed = Parsed { file: ConfigFile::default(), holds_secret: false };
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return Ok(parsed);
    }
    // Without snippets: the lines around an error may hold a password.
    let document: Document =
        serde_saphyr::from_str_with_options(text, serde_saphyr::options! { with_snippet: false })
            .map_err(|error| yaml_error(&error, path))?;
    let here = Place { path };
    parsed.file.view = view::view(document.theme.as_ref(), document.marker.as_ref(), document.themes, &here)?;
    for entry in document.datasources {
        let name_at = entry.name.referenced;
        parsed.holds_secret |= entry.holds_secret();
        let source = entry.into_source(&here)?;
        if parsed.file.sources.iter().any(|other| other.name == source.name) {
            let name = source.name.unwrap_or_default();
            return Err(here.error(name_at, format!("a second data source is named {name:?}; rename one")));
        }
        if parsed.file.sources.len() == DATASOURCES_LIMIT {
            let message = format!("there are at most {DATASOURCES_LIMIT} data sources; take some out");
            return Err(here.error(name_at, message));
        }
        parsed.file.sources.push(source);
    }
    Ok(parsed)
}

/// Where errors are, and where relative paths start.
pub(super) struct Place<'a> {
    path: &'a Path,
}

impl Place<'_> {
    pub(super) fn error(&self, at: Location, message: String) -> ConfigError {
        ConfigError::At { path: self.path.to_owned(), line: at.line(), column: at.column(), message }
    }

    /// A path of the file is relative to the file.
    fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |directory| directory.join(path))
    }

    pub(super) fn check<T, R>(
        &self,
        value: &Spanned<T>,
        check: impl Fn(&T) -> Result<R, String>,
    ) -> Result<R, ConfigError> {
        check(&value.value).map_err(|message| self.error(value.referenced, message))
    }
}

impl Entry {
    /// Whether a secret stands in the file itself.
    fn holds_secret(&self) -> bool {
        let in_header = self.headers.keys().any(|name| {
            let name = name.to_ascii_lowercase();
            SECRET_HEADER_WORDS.iter().any(|word| name.contains(word))
        });
        in_header
            || self.bearer_token.is_some()
            || self.basic_auth.as_ref().is_some_and(|auth| auth.value.password.is_some())
            || self.url.value.expose().contains('@')
    }

    fn into_source(self, here: &Place<'_>) -> Result<DataSource, ConfigError> {
        let name = self.name.value.trim().to_owned();
        if name.is_empty() {
            return Err(here.error(self.name.referenced, "the name is empty".to_owned()));
        }
        let (url, url_auth) = here.check(&self.url, |url| checks::url(url.expose()))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (name, value) = here.check(value, |value| checks::header(name, value))?;
            headers.insert(name, value);
        }
        let timeout_ms = self
            .timeout
            .as_ref()
            .map(|text| here.check(text, |text| checks::timeout_ms(text)))
            .transpose()?;
        let scrape_interval_ms = self
            .scrape_interval
            .as_ref()
            .map(|text| here.check(text, |text| checks::scrape_interval_ms(text)))
            .transpose()?;
        Ok(DataSource {
            name: Some(name),
            url,
            auth: self.auth(url_auth, here)?,
            headers,
            tls: self.tls.as_ref().map(|tls| tls_settings(tls, here)).transpose()?.unwrap_or_default(),
            timeout_ms: timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS),
            scrape_interval_ms,
        })
    }

    fn auth(&self, url_auth: Auth, here: &Place<'_>) -> Result<Auth, ConfigError> {
        let mut found = Vec::new();
        if url_auth != Auth::None {
            found.push((self.url.referenced, url_auth));
        }
        if let Some(basic) = &self.basic_auth {
            let password = match (&basic.value.password, &basic.value.password_file) {
                (Some(password), None) => Credential::Given(password.clone()),
                (None, Some(path)) => Credential::File(here.resolve(path)),
                _ => {
                    let message = "basic_auth needs either password or password_file".to_owned();
                    return Err(here.error(basic.referenced, message));
                }
            };
            found.push((basic.referenced, Auth::Basic { username: basic.value.username.clone(), password }));
        }
        if let Some(token) = &self.bearer_token {
            found.push((token.referenced, Auth::Bearer(Credential::Given(token.value.clone()))));
        }
        if let Some(path) = &self.bearer_token_file {
            found.push((path.referenced, Auth::Bearer(Credential::File(here.resolve(&path.value)))));
        }
        if let Some((at, _)) = found.get(1) {
            let message =
                "a second kind of credentials; keep one of basic_auth, bearer_token and user:password in url";
            return Err(here.error(*at, message.to_owned()));
        }
        Ok(found.pop().map_or(Auth::None, |(_, auth)| auth))
    }
}

fn tls_settings(tls: &Spanned<TlsEntry>, here: &Place<'_>) -> Result<Tls, ConfigError> {
    let identity = match (&tls.value.cert_file, &tls.value.key_file) {
        (None, None) => None,
        (Some(cert), Some(key)) => {
            Some(Identity { cert_file: here.resolve(cert), key_file: here.resolve(key) })
        }
        _ => {
            let message = "cert_file and key_file are only of use together; give both".to_owned();
            return Err(here.error(tls.referenced, message));
        }
    };
    Ok(Tls {
        ca_file: tls.value.ca_file.as_deref().map(|path| here.resolve(path)),
        insecure_skip_verify: tls.value.insecure_skip_verify,
        identity,
    })
}

/// Words a YAML error without ever quoting a value, which could be a password in the wrong place.
fn yaml_error(error: &serde_saphyr::Error, path: &Path) -> ConfigError {
    use serde_saphyr::Error;
    let message = match error.without_snippet() {
        Error::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected),
        Error::SerdeMissingField { field, .. } => format!("the key {field} is missing"),
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("found another kind of value, expected {}", plain_kind(expected))
        }
        Error::Unexpected { expected, .. } => format!("expected {}", plain_kind(expected)),
        Error::InvalidScalar { ty, .. } => format!("expected a value of type {ty}"),
        Error::NonFiniteFloat { .. } | Error::QuotingRequired { .. } => "put the value in quotes".to_owned(),
        other => {
            let options = serde_saphyr::render_options! { snippets: serde_saphyr::SnippetMode::Off };
            let text = other.render_with_options(options);
            // The position is in front of the message already.
            text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
        }
    };
    let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
    ConfigError::At { path: path.to_owned(), line, column, message }
}

/// Serde names our types; a person knows mappings.
fn plain_kind(expected: &str) -> &str {
    if expected.starts_with("struct ") { "a mapping" } else { expected }
}

fn unknown_key(found: &str, known: &[&str]) -> String {
    let nearest = known.iter().min_by_key(|key| distance(found, key));
    match nearest {
        Some(key) if distance(found, key) <= 1 + key.len() / 3 => {
            format!("unknown key {found:?}; did you mean {key}?")
        }
        _ => format!("unknown key {found:?}; known here: {}", known.join(", ")),
    }
}

/// Levenshtein's distance of two keys.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}
