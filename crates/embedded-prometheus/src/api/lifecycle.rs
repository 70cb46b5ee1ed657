//! Whether the server is well, having it read its configuration again, its own metrics, and its front door.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::state::Api;
use super::telemetry;

pub(super) async fn healthy() -> &'static str {
    "Prometheus Server is Healthy.\n"
}

/// Never reached before the server is ready.
pub(super) async fn ready() -> &'static str {
    "Prometheus Server is Ready.\n"
}

pub(super) async fn post_or_put() -> impl IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, "Only POST or PUT requests allowed")
}

pub(super) async fn reload(State(api): State<Arc<Api>>) -> Response {
    match api.reload().await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(e) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {e}\n")).into_response()
        }
    }
}

/// A program that embeds a server ends it itself.
pub(super) async fn quit() -> impl IntoResponse {
    (StatusCode::FORBIDDEN, "Lifecycle API is not enabled.")
}

pub(super) async fn metrics(State(api): State<Arc<Api>>) -> Response {
    match telemetry::metrics(&api) {
        Ok(text) => ([(header::CONTENT_TYPE, telemetry::CONTENT_TYPE)], text).into_response(),
        Err(e) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("cannot write the metrics: {e}\n")).into_response()
        }
    }
}

pub(super) async fn root() -> &'static str {
    "This is embedded-prometheus, a PromQL engine that speaks Prometheus's HTTP API.\n\
     There is no page to look at; the API is at /api/v1/ (try /api/v1/query?query=up), \
     metrics of the server itself are at /metrics.\n"
}
