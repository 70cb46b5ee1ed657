//! What `--scrape` takes: an address of an exposition, as short as a person writes it.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::config::Secret;

/// Longest address, in bytes.
const LENGTH_LIMIT_BYTES: usize = 2_000;

/// An address to scrape.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The job that was given before a `=`.
    pub(super) job: Option<String>,
    /// Without user and password.
    pub(super) url: Url,
    pub(super) login: Option<(String, Secret)>,
}

/// Why an address cannot be meant; the text never holds a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--scrape: {shown:?} {message}")]
pub struct TargetError {
    shown: String,
    message: String,
}

impl Target {
    /// The whole address, without user and password.
    pub fn address(&self) -> &str {
        self.url.as_str()
    }

    /// The job, unless it was given: where the target is.
    pub(super) fn job(&self) -> String {
        let path = self.url.path();
        let path = if path == "/metrics" { "" } else { path };
        self.job.clone().unwrap_or_else(|| format!("{}{path}", self.host_port()))
    }

    /// `host:port`, the port always there, as Prometheus has it in `instance`.
    pub(super) fn host_port(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        format!("{host}:{}", self.url.port_or_known_default().unwrap_or(80))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("job", &self.job)
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

impl FromStr for Target {
    type Err = TargetError;

    /// `localhost:8000`, `http://me:password@host/app/metrics?format=text`, or one of them behind `job=`.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        let error = |message: String| TargetError { shown: shown(text), message };
        let (job, address) = named(text.trim());
        if address.is_empty() {
            return Err(error("is no address; write one such as localhost:8000".to_owned()));
        }
        if address.len() > LENGTH_LIMIT_BYTES {
            return Err(error(format!("is longer than {LENGTH_LIMIT_BYTES} bytes")));
        }
        let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let mut url = Url::parse(&whole)
            .map_err(|cause| error(format!("is no address ({cause}); write one such as localhost:8000")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(error(format!(
                "has the scheme {}; only http and https can be scraped",
                url.scheme()
            )));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(error("names no host; write one such as localhost:8000".to_owned()));
        }
        if url.fragment().is_some() {
            return Err(error("has a part behind #, which no server is told; leave it out".to_owned()));
        }
        if url.path() == "/" {
            url.set_path("/metrics");
        }
        let login = login(&url).map_err(error)?;
        // Neither can fail: the URL has a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { job: job.map(str::to_owned), url, login })
    }
}

/// The job before a `=`, if there is one, and the address behind it.
fn named(text: &str) -> (Option<&str>, &str) {
    match text.split_once('=') {
        Some((job, address))
            if !job.is_empty()
                && job.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) =>
        {
            (Some(job), address.trim_start())
        }
        _ => (None, text),
    }
}

fn login(url: &Url) -> Result<Option<(String, Secret)>, String> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text: &str| {
        let bytes: Vec<u8> = url::form_urlencoded::parse(format!("={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned().into_bytes())
            .unwrap_or_default();
        String::from_utf8(bytes).map_err(|_| "has a user or password that is not UTF-8 text".to_owned())
    };
    let password = decoded(url.password().unwrap_or_default())?;
    Ok(Some((decoded(url.username())?, Secret::new(password))))
}

/// For messages: without what stands before an `@`, and without parameters, which may be tokens.
fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match text.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}***@{host}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, String, String) {
        let target: Target = text.parse().unwrap();
        (target.address().to_owned(), target.job(), target.host_port())
    }

    #[test]
    fn short_addresses_become_whole_ones() {
        for (text, address, job, instance) in [
            ("localhost:8000", "http://localhost:8000/metrics", "localhost:8000", "localhost:8000"),
            ("localhost", "http://localhost/metrics", "localhost:80", "localhost:80"),
            (" http://h:1/ ", "http://h:1/metrics", "h:1", "h:1"),
            ("https://h", "https://h/metrics", "h:443", "h:443"),
            ("h:1/app/prom", "http://h:1/app/prom", "h:1/app/prom", "h:1"),
            ("h:1?a=b", "http://h:1/metrics?a=b", "h:1", "h:1"),
            ("[::1]:9", "http://[::1]:9/metrics", "[::1]:9", "[::1]:9"),
            ("cat-facts=localhost:8000", "http://localhost:8000/metrics", "cat-facts", "localhost:8000"),
            ("api=https://h/m?x=y", "https://h/m?x=y", "api", "h:443"),
        ] {
            let expected = (address.to_owned(), job.to_owned(), instance.to_owned());
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_login_is_taken_out_and_never_shown() {
        let target: Target = "http://me%40x:s3c%2Bret@h:1".parse().unwrap();
        assert_eq!(target.login, Some(("me@x".to_owned(), Secret::from("s3c+ret"))));
        assert_eq!(target.address(), "http://h:1/metrics");
        assert!(!format!("{target:?}").contains("s3c"), "{target:?}");
        for bad in
            ["ftp://me:s3cret@h", "http://me:s3cret@h:x", "http://me:s3cret@", "h:1#s3cret", "h:x?s3cret"]
        {
            let error = bad.parse::<Target>().unwrap_err().to_string();
            assert!(!error.contains("s3cret") && error.starts_with("--scrape: "), "{error}");
        }
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, expected) in [
            ("", "--scrape: \"\" is no address; write one such as localhost:8000"),
            ("job=", "--scrape: \"job=\" is no address; write one such as localhost:8000"),
            ("ftp://h/x", "--scrape: \"ftp://h/x\" has the scheme ftp; only http and https can be scraped"),
            ("h:1#a", "--scrape: \"h:1\" has a part behind #, which no server is told; leave it out"),
            (
                "h:99999",
                "--scrape: \"h:99999\" is no address (invalid port number); write one such as localhost:8000",
            ),
        ] {
            assert_eq!(text.parse::<Target>().unwrap_err().to_string(), expected);
        }
    }
}
