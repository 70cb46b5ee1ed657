//! Checks of single values. Each returns what is wrong and what would be right; the caller adds the place.
//!
//! None of the messages contains a value that may hold a secret.

use reqwest::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use url::Url;

use super::{Auth, Credential, Secret};
use crate::time_range::parse_duration_ms;

/// Longest timeout of a query that is accepted.
const TIMEOUT_LIMIT_MS: i64 = 600_000;

/// Headers that the client sets by itself and that a request would break with.
const OWN_HEADERS: [HeaderName; 5] =
    [CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, CONNECTION, ACCEPT_ENCODING];

/// An address, its user and password taken out of it.
pub(super) fn url(text: &str) -> Result<(Url, Auth), String> {
    let trimmed = text.trim();
    let whole = if trimmed.contains("://") { trimmed.to_owned() } else { format!("http://{trimmed}") };
    let shown = || redacted(trimmed);
    let mut url = Url::parse(&whole).map_err(|cause| {
        format!("{:?} is not an address ({cause}); write it like http://localhost:9090", shown())
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "{:?} has the scheme {}; only http and https can be asked",
            shown(),
            url.scheme()
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("{:?} names no host; write it like http://localhost:9090", shown()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{:?} has a part behind ? or #; give only what stands before /api/v1", shown()));
    }
    let auth = if url.username().is_empty() && url.password().is_none() {
        Auth::None
    } else {
        let password = decoded(url.password().unwrap_or_default());
        Auth::Basic { username: decoded(url.username()), password: Credential::Given(Secret::new(password)) }
    };
    // Neither can fail: the URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok((url, auth))
}

/// `%40` and the like to what they stand for.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(byte) = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// An address for an error message: whatever stands before an `@` is hidden, as is what follows a `?`.
fn redacted(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let rest = rest.rsplit_once('@').map_or_else(|| rest.to_owned(), |(_, host)| format!("***@{host}"));
    if scheme.is_empty() { rest } else { format!("{scheme}://{rest}") }
}

/// A header of the configuration file.
pub(super) fn header(name: &str, value: &Secret) -> Result<(HeaderName, HeaderValue), String> {
    let name = name.trim();
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("{name:?} is not a header name; write letters, digits and hyphens"))?;
    if OWN_HEADERS.contains(&parsed) {
        return Err(format!("the header {parsed} is set by promscope itself; leave it out"));
    }
    let mut value = HeaderValue::from_str(value.expose().trim())
        .map_err(|_| format!("the value of header {parsed} has a character that no header can carry"))?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// A header of the command line, `Name: value`.
pub(super) fn header_line(line: &Secret) -> Result<(HeaderName, HeaderValue), String> {
    // Without a colon it is not clear what part is secret, so nothing of it is shown.
    let (name, value) = line
        .expose()
        .split_once(':')
        .ok_or_else(|| "has no colon; write 'Name: value', such as 'X-Scope-OrgID: tenant-1'".to_owned())?;
    header(name, &Secret::new(value))
}

/// A query's timeout.
pub(super) fn timeout_ms(text: &str) -> Result<u64, String> {
    let timeout_ms = parse_duration_ms(text).map_err(|error| error.to_string())?;
    if timeout_ms > TIMEOUT_LIMIT_MS {
        return Err(format!("{text:?} is longer than 10m, the most that a query may take"));
    }
    Ok(timeout_ms.unsigned_abs())
}

/// How often the server scrapes.
pub(super) fn scrape_interval_ms(text: &str) -> Result<i64, String> {
    parse_duration_ms(text).map_err(|error| error.to_string())
}
