//! Which path is answered by what, and what holds for all of them: readiness, CORS, compression and counting.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::time::Instant;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use super::error::ApiError;
use super::state::Api;
use super::{federate, lifecycle, lookup, query, rules, status, targets};

/// The path of the API proper.
const API: &str = "/api/v1/";

/// All endpoints.
pub(crate) fn router(api: Arc<Api>) -> Router {
    let v1 = Router::new()
        .route("/query", get(query::instant).post(query::instant))
        .route("/query_range", get(query::range).post(query::range))
        .route("/query_exemplars", get(query::exemplars).post(query::exemplars))
        .route("/format_query", get(query::format).post(query::format))
        .route("/labels", get(lookup::label_names).post(lookup::label_names))
        .route("/label/{name}/values", get(lookup::label_values))
        .route("/series", get(lookup::series).post(lookup::series).delete(drop_series))
        .route("/scrape_pools", get(targets::scrape_pools))
        .route("/targets", get(targets::targets))
        .route("/targets/metadata", get(targets::target_metadata))
        .route("/metadata", get(targets::metadata))
        .route("/alertmanagers", get(rules::alertmanagers))
        .route("/alerts", get(rules::alerts))
        .route("/rules", get(rules::rules))
        .route("/status/buildinfo", get(status::build_info))
        .route("/status/config", get(status::config))
        .route("/status/flags", get(status::flags))
        .route("/status/runtimeinfo", get(status::runtime_info))
        .route("/status/tsdb", get(status::tsdb))
        .route("/status/walreplay", get(status::wal_replay))
        .route("/read", post(no_remote))
        .route("/write", post(no_remote))
        .route("/otlp/v1/metrics", post(no_remote))
        .route("/admin/tsdb/{action}", post(no_admin).put(no_admin));
    Router::new()
        .nest("/api/v1", v1)
        .route("/federate", get(federate::federate))
        .route("/metrics", get(lifecycle::metrics))
        .route("/-/healthy", get(lifecycle::healthy))
        .route("/-/ready", get(lifecycle::ready))
        .route("/-/reload", post(lifecycle::reload).put(lifecycle::reload).get(lifecycle::post_or_put))
        .route("/-/quit", post(lifecycle::quit).put(lifecycle::quit).get(lifecycle::post_or_put))
        .route("/", get(lifecycle::root))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(Arc::clone(&api), around))
        .with_state(api)
}

/// What happens to every request.
async fn around(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let path = request.uri().path();
    let is_api = path.starts_with(API);
    let always = matches!(path, "/-/healthy" | "/metrics" | "/");
    let has_origin = request.headers().contains_key(header::ORIGIN);
    let matched = request.extensions().get::<MatchedPath>();
    let handler = matched.map_or_else(|| "other".to_owned(), |path| handler_name(path.as_str()));
    let mut response = if is_api && request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else if !always && !api.ready.load(Ordering::Relaxed) {
        (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response()
    } else {
        next.run(request).await
    };
    if is_api && has_origin {
        allow_origins(response.headers_mut());
    }
    api.telemetry.answered(&handler, response.status().as_u16(), started.elapsed());
    response
}

/// `/api/v1/label/:name/values`, as Prometheus names its handlers.
fn handler_name(path: &str) -> String {
    path.replace('{', ":").replace('}', "")
}

/// Prometheus's default: any origin may ask.
fn allow_origins(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, Authorization, Content-Type, Origin"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Date"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

async fn not_found() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "404 page not found\n")
}

async fn method_not_allowed() -> impl IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n")
}

async fn no_remote() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "remote read, remote write and OTLP are not part of embedded-prometheus\n")
}

async fn no_admin() -> ApiError {
    ApiError::new("unavailable", "admin APIs disabled")
}

async fn drop_series() -> ApiError {
    ApiError::new("internal", "not implemented")
}
