//! The middleware that measures and logs every request, matched or not.
//!
//! A request lasts until the head of its answer is ready. Sending the body does not count: all bodies
//! here are small and in memory, so that time would tell about the client's network alone.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};

use crate::metrics::Metrics;

/// The label `path` of requests that match no route: their raw paths are the client's to choose, and
/// each would make a time series.
const UNMATCHED: &str = "unmatched";

/// The label `method` of methods that are not listed in [`method_label`], for the same reason.
const OTHER_METHOD: &str = "other";

/// The label `status` of requests whose client left before the answer was ready.
const ABORTED: &str = "aborted";

/// The label `status` of requests whose handler panicked; the client gets no answer.
const PANICKED: &str = "panicked";

/// Routes that machines ask all the time; they are logged on level debug unless they fail.
const QUIET_PATHS: [&str; 2] = ["/metrics", "/healthz"];

pub(crate) async fn measure(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let guard = Guard::start(metrics, method_label(request.method()), path);
    let response = next.run(request).await;
    guard.answered(response.status());
    response
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => OTHER_METHOD,
    }
}

/// One request in flight.
///
/// It is counted when the guard drops, which also happens when the server gives the request up
/// because the client left, and when the handler panics.
struct Guard {
    metrics: Arc<Metrics>,
    method: &'static str,
    path: Option<MatchedPath>,
    start: Instant,
    status: Option<StatusCode>,
}

impl Guard {
    fn start(metrics: Arc<Metrics>, method: &'static str, path: Option<MatchedPath>) -> Self {
        metrics.in_flight.inc();
        Self { metrics, method, path, start: Instant::now(), status: None }
    }

    fn answered(mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let elapsed = self.start.elapsed();
        let path = self.path.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
        self.metrics.in_flight.dec();
        let status = match &self.status {
            Some(status) => status.as_str(),
            None if thread::panicking() => PANICKED,
            None => ABORTED,
        };
        self.metrics.requests.with_label_values(&[self.method, path, status]).inc();
        // Only answers have a duration: when a client gives up tells about the client.
        if self.status.is_some() {
            self.metrics.durations.with_label_values(&[self.method, path]).observe(elapsed.as_secs_f64());
        }
        log(self.method, path, status, elapsed);
    }
}

fn log(method: &str, path: &str, status: &str, elapsed: Duration) {
    // Whole microseconds: more digits are noise.
    let elapsed_ms = elapsed.as_micros() as f64 / 1e3;
    let failed = status.starts_with('5') || status == PANICKED;
    if failed {
        tracing::warn!(method, path, status, elapsed_ms, "request");
    } else if QUIET_PATHS.contains(&path) {
        tracing::debug!(method, path, status, elapsed_ms, "request");
    } else {
        tracing::info!(method, path, status, elapsed_ms, "request");
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    fn count(metrics: &Metrics, labels: [&str; 3]) -> u64 {
        metrics.requests.with_label_values(&labels).get()
    }

    #[tokio::test]
    async fn a_panic_leaves_nothing_in_flight() {
        let metrics = Arc::new(Metrics::new().unwrap());
        let router = Router::new()
            .route("/boom", get(async || -> StatusCode { panic!("this panic is part of the test") }))
            .layer(middleware::from_fn_with_state(metrics.clone(), measure));
        let request = Request::get("/boom").body(Body::empty()).unwrap();
        assert!(tokio::spawn(router.oneshot(request)).await.unwrap_err().is_panic());
        assert_eq!(metrics.in_flight.get(), 0);
        assert_eq!(count(&metrics, ["GET", "/boom", PANICKED]), 1);
    }

    #[tokio::test]
    async fn parameters_do_not_reach_labels() {
        let metrics = Arc::new(Metrics::new().unwrap());
        let router = Router::new()
            .route("/cats/{name}", get(async || "meow"))
            .layer(middleware::from_fn_with_state(metrics.clone(), measure));
        let request = Request::get("/cats/tom?loud=1").body(Body::empty()).unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), StatusCode::OK);
        assert_eq!(count(&metrics, ["GET", "/cats/{name}", "200"]), 1);
        assert_eq!(metrics.durations.with_label_values(&["GET", "/cats/{name}"]).get_sample_count(), 1);
    }

    #[test]
    fn methods_are_bounded() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        assert_eq!(method_label(&Method::from_bytes(b"PURR").unwrap()), OTHER_METHOD);
    }
}
