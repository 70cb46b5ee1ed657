//! What went wrong between us and a server, in words: the root cause, the place and the remedy.

use std::error::Error;
use std::io;

use rustls::{CertificateError, InvalidMessage};
use url::Url;

use crate::config::Auth;
use crate::query::QueryError;
use crate::text::clean;

/// Longest piece of a foreign body that is shown.
const EXCERPT_LIMIT_CHARS: usize = 200;

/// Causes of causes that are looked at.
const CAUSES_LIMIT: usize = 16;

/// A 2xx answer that is no JSON of the query API.
pub(super) fn not_the_api(body: &str) -> QueryError {
    let found = excerpt(body);
    let found = if found.is_empty() { "an empty body".to_owned() } else { found };
    QueryError::Malformed(format!(
        "not a Prometheus API answer but {found}; check the address, its path prefix and whether a login is needed"
    ))
}

/// JSON that breaks off or has something else in it than expected.
pub(super) fn unreadable(error: &serde_json::Error, body: &str) -> QueryError {
    let before: usize = body.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (before + error.column()).min(body.len());
    if error.is_eof() {
        return QueryError::Malformed(format!(
            "it breaks off at byte {at}; a proxy may limit the size of answers: ask for fewer series"
        ));
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let text: String = text.chars().take(EXCERPT_LIMIT_CHARS).collect();
    QueryError::Malformed(format!("{} at byte {at}", clean(&text)))
}

/// The beginning of a body, cleaned: of a page its title, of anything else the first line.
pub(super) fn excerpt(body: &str) -> String {
    let body = body.trim();
    if body.starts_with('<') {
        let lower = body.to_ascii_lowercase();
        let title = lower.find("<title").and_then(|open| {
            let start = open + lower[open..].find('>')? + 1;
            Some(body[start..start + lower[start..].find("</title")?].trim())
        });
        return match title.filter(|title| !title.is_empty()) {
            Some(title) => format!("a web page titled {:?}", cut(title)),
            None => "a web page".to_owned(),
        };
    }
    cut(body.lines().next().unwrap_or_default())
}

fn cut(text: &str) -> String {
    let mut excerpt: String = text.chars().take(EXCERPT_LIMIT_CHARS).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    clean(&excerpt).into_owned()
}

/// An answer that is not 2xx and has no Prometheus error in it, or one about who we are (401, 403).
pub(super) fn status(status: u16, body: &str, auth: &Auth, elsewhere: Option<&str>) -> QueryError {
    let said = excerpt(body);
    let remedy = match (status, auth) {
        (401 | 403, _) if let Some(place) = elsewhere => {
            return QueryError::Status {
                status,
                text: format!(
                    "credentials and headers do not follow the redirect to {place}; use that address"
                ),
            };
        }
        (401 | 407, Auth::None) => {
            "a login is needed; give --username with --password-file or PROMSCOPE_PASSWORD, \
             --bearer-token-file, or basic_auth or bearer_token in the configuration file"
        }
        (401, Auth::Basic { .. }) => "user name or password is refused; check --username and the password",
        (401, Auth::Bearer(_)) => "the bearer token is refused; it may have expired",
        (403, Auth::None) => {
            "forbidden; give credentials with --username or --bearer-token-file, or a tenant with --header"
        }
        (403, _) => "forbidden for these credentials; they may not query here, or a tenant header is missing",
        (404, _) => {
            "no Prometheus API here; give the address without /api/v1 or /graph, but with its path prefix"
        }
        (413 | 414, _) => "the query is too long for this server",
        (429, _) => "too many requests; refresh less often",
        (400, _) if body.contains("HTTP request to an HTTPS server") => {
            "the server speaks TLS; write https://"
        }
        _ => "",
    };
    let text = match (said.is_empty(), remedy.is_empty()) {
        (true, _) => remedy.to_owned(),
        (false, true) => said,
        (false, false) => format!("{said}; {remedy}"),
    };
    QueryError::Status { status, text }
}

/// A redirect that is not followed, because it leads elsewhere or is one too many.
pub(super) fn redirected(status: u16, to: Option<&Url>, is_api: bool) -> QueryError {
    let text = match to.map(shown) {
        None => "a redirect to nowhere; check the address".to_owned(),
        Some(to) if is_api => format!("redirected too often, the last time to {to}"),
        Some(to) => format!("redirected to {to}, which is no query API: a login page, or a wrong address"),
    };
    QueryError::Status { status, text }
}

/// An address without user, password and query.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    clean(url.as_str()).into_owned()
}

/// Why no answer came from `url`.
pub(super) fn unreachable(error: &(dyn Error + 'static), url: &Url) -> QueryError {
    let mut place = url.host_str().unwrap_or_default().to_owned();
    if let Some(port) = url.port_or_known_default() {
        place = format!("{place}:{port}");
    }
    let mut last = String::new();
    let mut next = Some(error);
    for _ in 0..CAUSES_LIMIT {
        let Some(cause) = next else { break };
        if let Some(text) = known_cause(cause, &place, url) {
            return QueryError::Unreachable(text);
        }
        // The source of an I/O error is the source of what it holds, so what it holds would be skipped.
        let held = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        last = cause.to_string();
        next = held.map(|held| held as &(dyn Error + 'static)).or_else(|| cause.source());
    }
    let last = cut(last.split(" (os error").next().unwrap_or_default());
    QueryError::Unreachable(format!("{place}: {}", lower_first(&last)))
}

fn known_cause(cause: &(dyn Error + 'static), place: &str, url: &Url) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(tls(error, place));
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                Some(format!("nothing listens at {place} (connection refused); is Prometheus running there?"))
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                Some(format!("{place} closed the connection"))
            }
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Some(format!("no route to {place}; check the network or a VPN"))
            }
            io::ErrorKind::TimedOut if error.get_ref().is_none() => Some(format!("{place} does not react")),
            _ if error.to_string().starts_with("failed to lookup address") => {
                let host = url.host_str().unwrap_or_default();
                Some(format!("cannot find the host {host:?}; check the address or the name server"))
            }
            _ => None,
        };
    }
    match cause.to_string().as_str() {
        "connection closed before message completed" => Some(format!("{place} closed the connection")),
        "invalid HTTP version parsed" => Some(format!("{place} does not speak HTTP")),
        "deadline has elapsed" | "operation timed out" => Some(format!("{place} does not react")),
        _ => None,
    }
}

fn tls(error: &rustls::Error, place: &str) -> String {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => format!(
            "the certificate of {place} is signed by an unknown authority; \
             name that authority's certificate with --ca-file, or ca_file in the configuration file"
        ),
        Tls::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => {
            format!("the certificate of {place} is not valid today; check its dates and this machine's clock")
        }
        Tls::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!("the certificate of {place} is for another host name; use the name it was made for"),
        Tls::InvalidCertificate(other) => format!("the certificate of {place} is not accepted: {other:?}"),
        Tls::InvalidMessage(InvalidMessage::InvalidContentType) => {
            format!("{place} does not speak TLS; write http:// in the address")
        }
        other => format!("TLS with {place} failed: {other}"),
    }
}

/// Whether `error` is a kept connection that the server had closed meanwhile, so that asking again is worth it.
pub(super) fn is_stale_connection(error: &reqwest::Error) -> bool {
    !error.is_connect()
        && !error.is_timeout()
        && has_cause(error, |cause| {
            let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
            matches!(kind, Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe))
                || cause.to_string() == "connection closed before message completed"
        })
}

/// Whether a body cannot be unpacked, rather than not be received; the client calls both decoding.
pub(super) fn is_bad_compression(error: &reqwest::Error) -> bool {
    has_cause(error, |cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput))
    })
}

fn has_cause(error: &reqwest::Error, is_it: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    for _ in 0..CAUSES_LIMIT {
        let Some(cause) = next else { break };
        if is_it(cause) {
            return true;
        }
        next = cause.source();
    }
    false
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
