//! Prometheus, and whatever speaks its HTTP API: Thanos, Mimir, VictoriaMetrics and others.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Method, RequestBuilder, Response};
use url::Url;

use super::{AnswerFuture, EvaluationFuture, ListFuture, Source, client, decode, failure, reports};
use crate::config::{Auth, ConfigError, Credential, DataSource, Secret, Tls};
use crate::query::{self, Answer, Query, QueryError, QueryTime};
use crate::time_range::Span;
use crate::variable::lookup::Lookup;

/// Largest body that is read, after decompression.
pub const BODY_LIMIT_BYTES: u64 = 32 << 20;

/// Largest body of an error that is read; its beginning is all that is shown.
const ERROR_BODY_LIMIT_BYTES: u64 = 64 << 10;

/// Redirects that one request follows.
const REDIRECTS_LIMIT: usize = 5;

/// Bodies from this size on are decoded on a thread of their own, so that keys never wait for it.
const DECODE_APART_BYTES: usize = 1 << 20;

/// A server that is asked over HTTP.
pub struct Prometheus {
    address: String,
    base: Url,
    auth: Auth,
    /// The secret of `auth` as it was last read.
    secret: RwLock<Option<Secret>>,
    headers: HeaderMap,
    tls: Tls,
    plain_client: OnceLock<Client>,
    tls_client: OnceLock<Client>,
    timeout_ms: u64,
    body_limit_bytes: u64,
    method: AtomicU8,
}

/// What is known of the server's liking for POST, in [`Prometheus::method`].
mod method {
    /// No query was answered yet.
    pub(super) const UNKNOWN: u8 = 0;
    /// POST works, or GET works no better.
    pub(super) const POST: u8 = 1;
    /// POST is refused and GET works.
    pub(super) const GET: u8 = 2;
}

/// A whole HTTP answer.
struct Reply {
    status: u16,
    body: Vec<u8>,
    /// The server that gave it, when a redirect led away from the configured one.
    elsewhere: Option<String>,
}

impl Reply {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn error(&self, auth: &Auth) -> QueryError {
        let said = decode::server_error(&self.body);
        match (self.status, said) {
            // Who is not let in wants to know which setting helps, too.
            (401 | 403, Some(QueryError::Prometheus { message, .. })) => {
                failure::status(self.status, &message, auth, self.elsewhere.as_deref())
            }
            (_, Some(said)) => said,
            (status, None) => {
                let body = String::from_utf8_lossy(&self.body);
                failure::status(status, &body, auth, self.elsewhere.as_deref())
            }
        }
    }
}

impl Prometheus {
    /// A source that asks the server of `source`. Reads the files that its settings name; nothing is sent yet.
    pub fn new(source: &DataSource) -> Result<Self, ConfigError> {
        let mut base = source.url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let this = Self {
            address: failure::shown(&source.url).trim_end_matches('/').to_owned(),
            base,
            auth: source.auth.clone(),
            secret: RwLock::new(source.auth.credential().map(Credential::read).transpose()?),
            headers: source.headers.clone(),
            tls: source.tls.clone(),
            plain_client: OnceLock::new(),
            tls_client: OnceLock::new(),
            timeout_ms: source.timeout_ms.max(1),
            body_limit_bytes: BODY_LIMIT_BYTES,
            method: AtomicU8::new(method::UNKNOWN),
        };
        this.client(&this.base)?;
        Ok(this)
    }

    /// With another limit than [`BODY_LIMIT_BYTES`].
    #[must_use]
    pub fn with_body_limit(mut self, limit_bytes: u64) -> Self {
        self.body_limit_bytes = limit_bytes;
        self
    }

    /// The client for the scheme of `url`. The one with TLS is built when it is first needed, which for a server
    /// behind `http://` is never.
    fn client(&self, url: &Url) -> Result<&Client, ConfigError> {
        let (cell, build): (_, fn(&Tls) -> _) = match url.scheme() {
            "https" => (&self.tls_client, client::tls),
            // A redirect from this machine to another is rare, and goes without a proxy too.
            _ if client::is_loopback(&self.base) => (&self.plain_client, |_| client::loopback()),
            _ => (&self.plain_client, |_| client::plain()),
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build(&self.tls)?;
        Ok(cell.get_or_init(|| client))
    }

    /// What the server lists at `path`.
    async fn list(&self, path: &str, query: &Query) -> Result<Answer, QueryError> {
        let (relative, parameters) = reports::request(path);
        let time_ms = match query.time {
            QueryTime::Instant(time_ms) => time_ms,
            QueryTime::Range(grid) => grid.end_ms(),
        };
        let body = self.get(relative, &parameters).await;
        body.and_then(|body| reports::answer(path, &body, time_ms))
            .map_err(|error| reports::missing(path, error))
    }

    /// The body of a 2xx answer to `query`.
    async fn fetch(&self, query: &Query) -> Result<Vec<u8>, QueryError> {
        let all = async {
            let mut reply = self.fetch_either_way(query).await?;
            if reply.status == 401 && self.renew_secret() {
                reply = self.fetch_either_way(query).await?;
            }
            if reply.is_success() { Ok(reply.body) } else { Err(reply.error(&self.auth)) }
        };
        self.in_time(all).await
    }

    /// The body of a 2xx answer to a GET of `path` below the server's address, such as `api/v1/metadata`; bounded in
    /// time and bytes like a query.
    pub(super) async fn get(
        &self,
        path: &str,
        parameters: &[(&'static str, String)],
    ) -> Result<Vec<u8>, QueryError> {
        let all = async {
            let mut reply = self.send_to(Method::GET, path, parameters).await?;
            if reply.status == 401 && self.renew_secret() {
                reply = self.send_to(Method::GET, path, parameters).await?;
            }
            if reply.is_success() { Ok(reply.body) } else { Err(reply.error(&self.auth)) }
        };
        self.in_time(all).await
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, QueryError>>) -> Result<T, QueryError> {
        match tokio::time::timeout(Duration::from_millis(self.timeout_ms), work).await {
            Ok(result) => result,
            Err(_) => Err(QueryError::Timeout { timeout_ms: self.timeout_ms }),
        }
    }

    /// Asks by POST, which no length of query can break, or by GET where POST is refused.
    ///
    /// 405 and 501 say plainly that the method is at fault, as Prometheus's own client takes them. Proxies that
    /// only let GET pass answer 403 or 404 as well; as these have many other reasons, GET is tried for them once.
    async fn fetch_either_way(&self, query: &Query) -> Result<Reply, QueryError> {
        let known = self.method.load(Ordering::Relaxed);
        if known == method::GET {
            return self.send(Method::GET, query).await;
        }
        let reply = self.send(Method::POST, query).await?;
        let is_refused = match reply.status {
            405 | 501 => true,
            403 | 404 => known == method::UNKNOWN && decode::server_error(&reply.body).is_none(),
            _ => false,
        };
        if !is_refused {
            if reply.is_success() {
                self.method.store(method::POST, Ordering::Relaxed);
            }
            return Ok(reply);
        }
        let by_get = self.send(Method::GET, query).await?;
        let is_better = by_get.is_success() || decode::server_error(&by_get.body).is_some();
        self.method.store(if is_better { method::GET } else { method::POST }, Ordering::Relaxed);
        // Of two refusals the second is about the address and not about the method.
        Ok(by_get)
    }

    async fn send(&self, method: Method, query: &Query) -> Result<Reply, QueryError> {
        let (path, parameters) = request_of(query, self.timeout_ms);
        self.send_to(method, path, &parameters).await
    }

    /// Sends one request and follows redirects as far as they lead to the same API.
    async fn send_to(
        &self,
        method: Method,
        path: &str,
        parameters: &[(&'static str, String)],
    ) -> Result<Reply, QueryError> {
        let home = self.base.join(path).map_err(|cause| QueryError::Malformed(cause.to_string()))?;
        let mut url = home.clone();
        for _ in 0..=REDIRECTS_LIMIT {
            let response = self.send_once(&method, &url, &home, parameters).await?;
            let status = response.status().as_u16();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                let (status, body) = self.read(response, &url).await?;
                let elsewhere = (url.origin() != home.origin()).then(|| url.origin().ascii_serialization());
                return Ok(Reply { status, body, elsewhere });
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            match next {
                Some(next) if leads_to_api(&url, &next, path) => url = without_user(next),
                next => return Err(failure::redirected(status, next.as_ref(), false)),
            }
        }
        Err(failure::redirected(302, Some(&url), true))
    }

    /// One request. Credentials and own headers go to the configured server only. A kept connection that turns
    /// out to be closed is no failure: the request, which changes nothing, is sent once more.
    async fn send_once(
        &self,
        method: &Method,
        url: &Url,
        home: &Url,
        parameters: &[(&'static str, String)],
    ) -> Result<Response, QueryError> {
        let client = self.client(url).map_err(|error| QueryError::Unreachable(error.to_string()))?;
        let request = || {
            let request = if *method == Method::GET {
                let mut url = url.clone();
                url.set_query(None);
                url.query_pairs_mut().extend_pairs(parameters);
                client.get(url)
            } else {
                client.post(url.clone()).form(parameters)
            };
            if url.origin() == home.origin() { self.authorised(request) } else { request }
        };
        let mut result = request().send().await;
        if result.as_ref().is_err_and(failure::is_stale_connection) {
            result = request().send().await;
        }
        result.map_err(|error| failure::unreachable(&error, url))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.headers(self.headers.clone());
        let secret = self.secret.read().unwrap_or_else(PoisonError::into_inner);
        match (&self.auth, secret.as_ref()) {
            (Auth::Basic { username, .. }, secret) => {
                request.basic_auth(username, secret.map(Secret::expose))
            }
            (Auth::Bearer(_), Some(secret)) => request.bearer_auth(secret.expose()),
            _ => request,
        }
    }

    /// Reads the secret's file again; whether it has changed.
    fn renew_secret(&self) -> bool {
        let Some(file @ Credential::File(_)) = self.auth.credential() else { return false };
        let Ok(renewed) = file.read() else { return false };
        let mut secret = self.secret.write().unwrap_or_else(PoisonError::into_inner);
        let has_changed = secret.as_ref() != Some(&renewed);
        *secret = Some(renewed);
        has_changed
    }

    /// Reads the body up to the limit; of an error only the beginning.
    async fn read(&self, mut response: Response, url: &Url) -> Result<(u16, Vec<u8>), QueryError> {
        let status = response.status().as_u16();
        let is_success = response.status().is_success();
        let limit_bytes = if is_success { self.body_limit_bytes } else { ERROR_BODY_LIMIT_BYTES };
        let expected = response.content_length().unwrap_or(0).min(limit_bytes);
        let mut body = Vec::with_capacity(expected as usize);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 <= limit_bytes => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) if is_success => return Err(QueryError::TooLarge { limit_bytes }),
                Ok(_) => return Ok((status, body)),
                Err(error) if failure::is_bad_compression(&error) => {
                    return Err(QueryError::Malformed("its compression is broken".to_owned()));
                }
                Err(_) => {
                    let place = failure::shown(url);
                    let read = body.len();
                    return Err(QueryError::Unreachable(format!(
                        "the connection broke after {read} bytes of the answer of {place}"
                    )));
                }
            }
        }
    }
}

/// Path and parameters of the request that asks `query`.
fn request_of(query: &Query, timeout_ms: u64) -> (&'static str, Vec<(&'static str, String)>) {
    let timeout = ("timeout", seconds(i64::try_from(timeout_ms).unwrap_or(i64::MAX)));
    let expr = ("query", query.expr.to_string());
    match query.time {
        QueryTime::Range(grid) => (
            "api/v1/query_range",
            vec![
                expr,
                ("start", seconds(grid.start_ms)),
                ("end", seconds(grid.end_ms())),
                ("step", seconds(grid.step_ms)),
                timeout,
            ],
        ),
        QueryTime::Instant(time_ms) => ("api/v1/query", vec![expr, ("time", seconds(time_ms)), timeout]),
    }
}

/// Milliseconds as seconds, exactly: `1780000000.123`, `15`, `0.25`.
pub fn seconds(time_ms: i64) -> String {
    let sign = if time_ms < 0 { "-" } else { "" };
    let (whole, thousandths) = (time_ms.unsigned_abs() / 1000, time_ms.unsigned_abs() % 1000);
    if thousandths == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{thousandths:03}").trim_end_matches('0').to_owned()
}

/// Whether a redirect leads to the same question elsewhere, and not from TLS to clear text.
fn leads_to_api(from: &Url, to: &Url, path: &str) -> bool {
    let is_downgrade = from.scheme() == "https" && to.scheme() != "https";
    matches!(to.scheme(), "http" | "https") && !is_downgrade && to.path().ends_with(path)
}

/// The client would send a user and password in the URL as credentials.
fn without_user(mut url: Url) -> Url {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

impl Source for Prometheus {
    fn address(&self) -> &str {
        &self.address
    }

    fn ask<'a>(&'a self, query: &'a Query) -> AnswerFuture<'a> {
        Box::pin(async move {
            if let Some(path) = query::listing::path(&query.expr) {
                return self.list(path, query).await;
            }
            let body = self.fetch(query).await?;
            if body.len() < DECODE_APART_BYTES {
                return decode::answer(&body, query);
            }
            let query = query.clone();
            apart(move || decode::answer(&body, &query)).await
        })
    }

    fn evaluate<'a>(&'a self, query: &'a Query) -> EvaluationFuture<'a> {
        Box::pin(async move { decode::evaluation(&self.fetch(query).await?, query) })
    }

    fn list<'a>(&'a self, lookup: &'a Lookup, span: Span) -> ListFuture<'a> {
        Box::pin(self.listed(lookup, span))
    }
}

/// Decodes on a thread of its own.
async fn apart(
    decode: impl FnOnce() -> Result<Answer, QueryError> + Send + 'static,
) -> Result<Answer, QueryError> {
    match tokio::task::spawn_blocking(decode).await {
        Ok(result) => result,
        Err(_) => Err(QueryError::Malformed("decoding it failed".to_owned())),
    }
}

#[cfg(test)]
mod tests;
