//! What the tests share: asking a router without a network, and reading its metrics.

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use cat_facts::{App, Config};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub(crate) const FACTS_TOLD: &str = "random_facts_api_execution_counter{service=\"RandomFactsService\"}";
pub(crate) const IN_FLIGHT: &str = "http_requests_in_flight";

pub(crate) fn router(config: &Config) -> Router {
    App::new(config).unwrap().router()
}

pub(crate) fn request(method: &str, uri: &str) -> Request<Body> {
    Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()
}

pub(crate) async fn send(router: &Router, method: &str, uri: &str) -> Response<Body> {
    router.clone().oneshot(request(method, uri)).await.unwrap()
}

pub(crate) async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// The status and body of a GET.
pub(crate) async fn get(router: &Router, uri: &str) -> (StatusCode, String) {
    let response = send(router, "GET", uri).await;
    (response.status(), text(response).await)
}

pub(crate) fn content_type(response: &Response<Body>) -> &str {
    response.headers()[header::CONTENT_TYPE].to_str().unwrap()
}

/// The value of one series in the metrics text, if it is there. Asking counts as a request itself.
pub(crate) async fn metric(router: &Router, series: &str) -> Option<f64> {
    let (_, text) = get(router, "/metrics").await;
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}
