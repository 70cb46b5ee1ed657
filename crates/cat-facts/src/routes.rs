//! The routes and their `OpenAPI` description, which are registered together so that they agree.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::{
    app::Shared,
    metrics::{self, Outcome},
};

const DOCS_PATH: &str = "/docs";
const OPENAPI_PATH: &str = "/openapi.json";

/// What a client that is told to come back later should wait.
const RETRY_AFTER_SECONDS: &str = "1";

const INDEX: &str = "\
cat-facts: random cat facts, measured for Prometheus

/cat_facts     a random fact
/metrics       metrics in the Prometheus text format
/docs          this API in Swagger UI
/openapi.json  this API in OpenAPI
/healthz       \"ok\" while the server answers
";

#[derive(OpenApi)]
#[openapi(info(title = "cat-facts", description = "Random cat facts over HTTP, measured for Prometheus."))]
struct ApiDoc;

/// Every route of the application, not yet measured.
pub(crate) fn routes(shared: Arc<Shared>) -> Router {
    let (router, api) = OpenApiRouter::with_openapi(ApiDoc::openapi())
        .routes(routes!(index))
        .routes(routes!(cat_facts))
        .routes(routes!(metrics_text))
        .routes(routes!(openapi_json))
        .routes(routes!(healthz))
        .split_for_parts();
    let swagger = SwaggerConfig::from(OPENAPI_PATH)
        .try_it_out_enabled(true)
        // Else the page sends this document to a validator on the internet.
        .validator_url("none");
    router
        .with_state(shared)
        .layer(Extension(Arc::new(api)))
        .merge(SwaggerUi::new(DOCS_PATH).config(swagger))
        .fallback(not_found)
}

/// The list of routes
#[utoipa::path(get, path = "/", responses((status = OK, description = "The routes, for people", body = String)))]
async fn index() -> &'static str {
    INDEX
}

/// A random fact about cats
///
/// Latency and errors can be added with the settings of the server.
#[utoipa::path(
    get,
    path = "/cat_facts",
    responses(
        (status = OK, description = "One fact on one line", body = String, content_type = "text/plain"),
        (status = INTERNAL_SERVER_ERROR, description = "A simulated error", body = String, content_type = "text/plain"),
        (status = SERVICE_UNAVAILABLE, description = "Too many facts are in the making, or it took too long"),
    )
)]
async fn cat_facts(State(shared): State<Arc<Shared>>, method: Method) -> Response {
    let Ok(_permit) = shared.permits.try_acquire() else {
        let retry = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
        return (StatusCode::SERVICE_UNAVAILABLE, retry, "too many requests at once; try again later\n")
            .into_response();
    };
    let throw = shared.dice.throw();
    let latency = shared.latency.at(throw.latency);
    // Even a sleep of zero lasts until the next tick of the timer.
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if shared.error_ratio.hits(throw.failure) {
        let text = "this error is simulated; the server was started with an error ratio\n";
        return (StatusCode::INTERNAL_SERVER_ERROR, text).into_response();
    }
    let told = upstream_fact(&shared).await;
    let fact = told.as_deref().unwrap_or_else(|| shared.facts.pick(throw.fact));
    // A HEAD request comes here too, but its answer tells nothing.
    if method == Method::GET {
        shared.metrics.facts.inc();
    }
    format!("{fact}\n").into_response()
}

/// A fact of the upstream, when there is one that has one; its outcome is counted.
async fn upstream_fact(shared: &Shared) -> Option<String> {
    let asker = shared.asker.as_ref()?;
    let answer = asker.ask().await;
    let outcome = answer.as_ref().err().copied().unwrap_or(Outcome::Success);
    shared.metrics.upstream.with_label_values(&[outcome.label()]).inc();
    answer.ok()
}

/// The metrics of this server
#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = OK, description = "Prometheus text format 0.0.4", body = String, content_type = "text/plain"))
)]
async fn metrics_text(State(shared): State<Arc<Shared>>) -> Response {
    match shared.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot encode the metrics");
            (StatusCode::INTERNAL_SERVER_ERROR, format!("cannot encode the metrics: {error}\n"))
                .into_response()
        }
    }
}

/// This document
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = OK, description = "This API in OpenAPI", body = Object, content_type = "application/json"))
)]
async fn openapi_json(Extension(api): Extension<Arc<utoipa::openapi::OpenApi>>) -> Response {
    Json(api.as_ref()).into_response()
}

/// Whether the server answers
#[utoipa::path(get, path = "/healthz", responses((status = OK, description = "Always \"ok\"", body = String)))]
async fn healthz() -> &'static str {
    "ok"
}

async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "no such route; ask / for the list of routes\n")
}
