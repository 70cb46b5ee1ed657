//! Asking a service in the style of catfact.ninja for a fact, within bounds of time and size.

use std::time::Duration;

use reqwest::{Client, Response, Url, redirect::Policy};
use serde::Deserialize;
use thiserror::Error;

use crate::metrics::Outcome;

/// What is waited for an upstream by default.
pub const DEFAULT_UPSTREAM_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest that may be waited for an upstream: a request must end before the server's own limit.
pub const MAX_UPSTREAM_TIMEOUT: Duration = Duration::from_secs(10);

/// More bytes than this are no answer of such a service (a fact is a sentence).
const MAX_BODY_BYTES: usize = 16 * 1024;

/// A longer fact is not told.
const MAX_FACT_CHARS: usize = 2000;

const MAX_REDIRECTS: usize = 3;

/// Where to ask for facts first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    url: Url,
    timeout: Duration,
}

/// Why an upstream cannot be used.
#[derive(Debug, Error)]
pub enum UpstreamError {
    /// The URL is none, or of another scheme.
    #[error(
        "upstream url {url:?}: {problem}; write an http:// or https:// url such as https://catfact.ninja/fact"
    )]
    Url {
        /// The text that was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The time to wait is zero or too long.
    #[error("upstream timeout {0:?}: out of range; choose one from 1ms to {MAX_UPSTREAM_TIMEOUT:?}")]
    Timeout(Duration),
    /// The HTTP client cannot be made.
    #[error(
        "upstream {host:?}: cannot prepare the http client: {problem}; \
         install the ca certificates of your system (package ca-certificates)"
    )]
    Client {
        /// The host of the URL.
        host: String,
        /// What the client said, with its causes.
        problem: String,
    },
}

impl Upstream {
    /// An upstream at a URL with the scheme http or https, given a time for each answer.
    ///
    /// # Errors
    ///
    /// When the URL or the timeout is not usable.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, UpstreamError> {
        let bad = |problem: String| UpstreamError::Url { url: url.to_owned(), problem };
        let parsed = Url::parse(url).map_err(|error| bad(error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(bad(format!("the scheme {:?} is not supported", parsed.scheme())));
        }
        if timeout < Duration::from_millis(1) || timeout > MAX_UPSTREAM_TIMEOUT {
            return Err(UpstreamError::Timeout(timeout));
        }
        Ok(Self { url: parsed, timeout })
    }
}

/// The answer of the upstream; other fields are ignored.
#[derive(Deserialize)]
struct Answer {
    fact: String,
}

/// A client that is ready to ask.
#[derive(Debug)]
pub(crate) struct Asker {
    client: Client,
    url: Url,
}

impl Asker {
    pub(crate) fn new(upstream: &Upstream) -> Result<Self, UpstreamError> {
        // The client panics without a provider of cryptography, even when it only speaks plain http.
        // An error says that the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("cat-facts/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::limited(MAX_REDIRECTS))
            .timeout(upstream.timeout);
        if upstream.url.scheme() == "http" {
            // Otherwise it looks for the system's certificates now, and fails on a host that has none.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| UpstreamError::Client {
            host: upstream.url.host_str().unwrap_or_default().to_owned(),
            problem: causes(&error),
        })?;
        Ok(Self { client, url: upstream.url.clone() })
    }

    /// One fact of the upstream, on one line.
    pub(crate) async fn ask(&self) -> Result<String, Outcome> {
        let response = self.client.get(self.url.clone()).send().await;
        let response = response.and_then(Response::error_for_status).map_err(|error| outcome_of(&error))?;
        let body = bounded_body(response).await?;
        let Answer { fact } = serde_json::from_slice(&body).map_err(|_| Outcome::Invalid)?;
        usable(&fact).ok_or(Outcome::Invalid)
    }
}

/// The body, unless it is longer than the bound; then the rest is not read.
async fn bounded_body(mut response: Response) -> Result<Vec<u8>, Outcome> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| outcome_of(&error))? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Outcome::Invalid);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A fact as one line of text without control characters, when anything is left of it.
fn usable(fact: &str) -> Option<String> {
    let words = fact.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    (!line.is_empty() && line.chars().count() <= MAX_FACT_CHARS).then_some(line)
}

fn outcome_of(error: &reqwest::Error) -> Outcome {
    let outcome = if error.is_timeout() { Outcome::Timeout } else { Outcome::Error };
    // Without the URL, which may hold a password.
    tracing::debug!(
        outcome = outcome.label(),
        status = error.status().map(|s| s.as_u16()),
        "upstream failed"
    );
    outcome
}

/// An error with its causes, which reqwest leaves out of its own text.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_timeouts_are_checked() {
        let second = Duration::from_secs(1);
        assert!(Upstream::new("http://127.0.0.1:1/fact", second).is_ok());
        assert!(Upstream::new("https://catfact.ninja/fact", second).is_ok());
        let error = |url, timeout| Upstream::new(url, timeout).unwrap_err().to_string();
        let remedy = "; write an http:// or https:// url such as https://catfact.ninja/fact";
        assert_eq!(
            error("ftp://cats.example", second),
            format!("upstream url \"ftp://cats.example\": the scheme \"ftp\" is not supported{remedy}")
        );
        assert_eq!(
            error("cats", second),
            format!("upstream url \"cats\": relative URL without a base{remedy}")
        );
        let remedy = "out of range; choose one from 1ms to 10s";
        assert_eq!(error("http://cats.example", Duration::ZERO), format!("upstream timeout 0ns: {remedy}"));
        assert_eq!(error("http://cats.example", 11 * second), format!("upstream timeout 11s: {remedy}"));
    }

    #[test]
    fn facts_become_one_clean_line() {
        assert_eq!(usable(" Cats\n nap.\u{1b}[31m\t"), Some("Cats nap. [31m".to_owned()));
        assert_eq!(usable(" \n"), None);
        assert_eq!(usable(&"x".repeat(MAX_FACT_CHARS + 1)), None);
    }
}
