//! The request: who asks, how it is secured, and an answer of bounded size in bounded time.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use reqwest::{Certificate, Client, Identity, Proxy, RequestBuilder, Url, redirect};

use super::DEFAULT_BODY_SIZE_LIMIT_BYTES;
use super::error::ScrapeError;
use super::record::Answer;
use super::target::Target;
use crate::config::{Auth, HttpClientConfig, ScrapeConfig, Secret, TlsConfig};

/// What Prometheus 3.5 accepts without protobuf.
const ACCEPTED: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                        application/openmetrics-text;version=0.0.1;q=0.5,\
                        text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/// As many redirects as Go's client follows.
const MAX_REDIRECTS: usize = 10;

/// The largest file with a secret, a key or certificates that is read.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// What a loop asks; tests have answers of their own.
pub(super) trait Fetch: Send + 'static {
    fn fetch(&mut self) -> impl Future<Output = Result<Answer, ScrapeError>> + Send;
}

impl Fetch for TargetClient {
    async fn fetch(&mut self) -> Result<Answer, ScrapeError> {
        self.fetch_in_time().await
    }
}

/// Asks one target.
#[derive(Debug)]
pub(super) struct TargetClient {
    /// Made when it is first needed; tried again if that failed.
    client: Option<Client>,
    http: HttpClientConfig,
    url: String,
    timeout_ms: i64,
    body_size_limit_bytes: u64,
}

impl TargetClient {
    pub(super) fn new(config: &ScrapeConfig, target: &Target) -> Self {
        let body_size_limit_bytes = match config.body_size_limit_bytes {
            0 => DEFAULT_BODY_SIZE_LIMIT_BYTES,
            limit => limit,
        };
        Self {
            client: None,
            http: config.http.clone(),
            url: target.url.clone(),
            timeout_ms: target.timeout_ms,
            body_size_limit_bytes,
        }
    }

    /// Asks once. Waits for no longer than the target's timeout, whatever the target does.
    async fn fetch_in_time(&mut self) -> Result<Answer, ScrapeError> {
        let wait = std::time::Duration::from_millis(self.timeout_ms.max(0) as u64);
        let url = self.url.clone();
        let mut has_answered = false;
        match tokio::time::timeout(wait, self.ask(&mut has_answered)).await {
            Ok(result) => result,
            Err(_) if has_answered => Err(ScrapeError::Timeout),
            Err(_) => Err(ScrapeError::Request { url, cause: ScrapeError::Timeout.to_string() }),
        }
    }

    async fn ask(&mut self, has_answered: &mut bool) -> Result<Answer, ScrapeError> {
        let request = self.request()?;
        let mut response = request.send().await.map_err(|error| ScrapeError::Request {
            url: self.url.clone(),
            cause: cause(&error, &self.url),
        })?;
        *has_answered = true;
        let status = response.status();
        if status != reqwest::StatusCode::OK {
            let reason = status.canonical_reason().unwrap_or_default();
            return Err(ScrapeError::Status(format!("{} {reason}", status.as_u16()).trim_end().to_owned()));
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| ScrapeError::Body(cause(&error, &self.url)))?
        {
            if body.len() as u64 + chunk.len() as u64 >= self.body_size_limit_bytes {
                return Err(ScrapeError::BodySizeLimit);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { body, content_type: content_type.unwrap_or_default() })
    }

    fn request(&mut self) -> Result<RequestBuilder, ScrapeError> {
        let invalid = |cause: String| ScrapeError::Request { url: self.url.clone(), cause };
        let mut url = Url::parse(&self.url).map_err(|error| invalid(error.to_string()))?;
        let mut host = None;
        if let Some(name) = self.http.tls.server_name.as_deref().filter(|_| url.scheme() == "https") {
            host = Some(match url.port() {
                Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
                None => url.host_str().unwrap_or_default().to_owned(),
            });
            url.set_host(Some(name))
                .map_err(|error| invalid(format!("tls server_name {name:?}: {error}")))?;
        }
        let client = if let Some(client) = &self.client {
            client.clone()
        } else {
            let client = build(&self.http, &self.url).map_err(ScrapeError::Client)?;
            self.client.insert(client).clone()
        };
        let mut request = client
            .get(url)
            .header(ACCEPT, ACCEPTED)
            .header(ACCEPT_ENCODING, "gzip")
            .header("X-Prometheus-Scrape-Timeout-Seconds", (self.timeout_ms as f64 / 1000.0).to_string());
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let secret = |secret: &Secret| read_secret(secret).map_err(ScrapeError::Client);
        Ok(match &self.http.auth {
            Auth::None => request,
            Auth::Basic { username, password } => request.basic_auth(username, Some(secret(password)?)),
            Auth::Credentials { kind, credentials } => {
                let text = format!("{kind} {}", secret(credentials)?);
                let mut value = HeaderValue::from_str(&text)
                    .map_err(|_| ScrapeError::Client("the credentials hold a control character".into()))?;
                value.set_sensitive(true);
                request.header(AUTHORIZATION, value)
            }
        })
    }
}

/// A client for one target: its connections are its own, so that no other target can use them up.
fn build(http: &HttpClientConfig, url: &str) -> Result<Client, String> {
    // reqwest is built without a crypto provider and panics when there is none. That one is set already is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = if http.follow_redirects {
        redirect::Policy::limited(MAX_REDIRECTS)
    } else {
        redirect::Policy::none()
    };
    let mut builder = Client::builder()
        .user_agent(concat!("embedded-prometheus/", env!("CARGO_PKG_VERSION")))
        .redirect(redirects)
        .referer(false)
        .no_proxy()
        .pool_max_idle_per_host(1)
        .http1_only();
    if let Some(proxy) = &http.proxy_url {
        let proxy =
            Proxy::all(proxy.clone()).map_err(|error| format!("proxy_url: {}", error.without_url()))?;
        builder = builder.proxy(proxy);
    }
    let is_https = url.starts_with("https:");
    builder = if is_https { secure(builder, http, url)? } else { builder.tls_certs_only([]) };
    builder.build().map_err(|error| {
        let remedy = if is_https { "; install the system's CA certificates or give ca_file" } else { "" };
        format!("{}{remedy}", innermost(&error))
    })
}

fn secure(
    mut builder: reqwest::ClientBuilder,
    http: &HttpClientConfig,
    url: &str,
) -> Result<reqwest::ClientBuilder, String> {
    let TlsConfig { ca_file, cert_file, key_file, server_name, insecure_skip_verify } = &http.tls;
    if *insecure_skip_verify {
        builder = builder.tls_certs_only([]).tls_danger_accept_invalid_certs(true);
    } else if let Some(path) = ca_file {
        let certificates = Certificate::from_pem_bundle(&read_file(path)?).unwrap_or_default();
        if certificates.is_empty() {
            return Err(format!("ca_file {} holds no PEM certificate", path.display()));
        }
        builder = builder.tls_certs_only(certificates);
    }
    if let (Some(cert), Some(key)) = (cert_file, key_file) {
        let mut pem = read_file(cert)?;
        pem.push(b'\n');
        pem.extend(read_file(key)?);
        let identity = Identity::from_pem(&pem).map_err(|_| {
            format!(
                "cert_file {} and key_file {} are no certificate and key in PEM",
                cert.display(),
                key.display()
            )
        })?;
        builder = builder.identity(identity);
    }
    if let Some(name) = server_name {
        if name.parse::<std::net::IpAddr>().is_ok() {
            return Err(format!("tls server_name {name:?} must be a host name, not an address"));
        }
        if http.proxy_url.is_some() {
            return Err("tls server_name cannot be had together with proxy_url; leave one of them out".into());
        }
        // The name is asked for, but the connection goes to the target.
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        builder = builder.dns_resolver(Arc::new(Renamed { from: name.to_ascii_lowercase(), to: host }));
    }
    Ok(builder)
}

/// Resolves one name as another.
#[derive(Debug)]
struct Renamed {
    from: String,
    to: String,
}

impl Resolve for Renamed {
    fn resolve(&self, name: Name) -> Resolving {
        let host = if name.as_str() == self.from { self.to.clone() } else { name.as_str().to_owned() };
        Box::pin(async move {
            let host = host.trim_matches(['[', ']']).to_owned();
            let addresses: Addrs =
                Box::new(tokio::net::lookup_host((host, 0)).await?.collect::<Vec<_>>().into_iter());
            Ok(addresses)
        })
    }
}

fn read_secret(secret: &Secret) -> Result<String, String> {
    match secret {
        Secret::Inline(text) => Ok(text.clone()),
        Secret::File(path) => {
            let bytes = read_file(path)?;
            let text = std::str::from_utf8(&bytes).map_err(|_| format!("{}: no UTF-8", path.display()))?;
            Ok(text.trim().to_owned())
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let fail = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("{} is larger than {MAX_FILE_BYTES} bytes", path.display()));
    }
    Ok(bytes)
}

/// What went wrong with a request, as near to Go's words as can be told.
fn cause(error: &reqwest::Error, url: &str) -> String {
    if error.is_redirect() {
        return format!("stopped after {MAX_REDIRECTS} redirects");
    }
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(current) = next {
        if let Some(io) = current.downcast_ref::<std::io::Error>() {
            match io.kind() {
                std::io::ErrorKind::ConnectionRefused => {
                    let address = url.split('/').nth(2).unwrap_or_default();
                    return format!("dial tcp {address}: connect: connection refused");
                }
                std::io::ErrorKind::UnexpectedEof => return "unexpected EOF".into(),
                std::io::ErrorKind::ConnectionReset => return "connection reset by peer".into(),
                _ => {}
            }
        }
        next = current.source();
    }
    let inner = innermost(error);
    match inner.as_str() {
        // Words of the HTTP library for a peer that hangs up.
        "connection closed before message completed" => "EOF".into(),
        "end of file before message length reached" | "unexpected end of file" => "unexpected EOF".into(),
        _ => inner,
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

#[cfg(test)]
mod tests;
