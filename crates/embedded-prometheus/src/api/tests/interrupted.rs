//! Queries that end before their time: their own, their client's or the server's.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use super::super::Api;
use super::{api_with, ask, request};

/// A query that goes on until it is interrupted, on a thread of its own.
fn endless(
    api: &Arc<Api>,
    timeout: Duration,
) -> tokio::task::JoinHandle<Result<(), super::super::error::ApiError>> {
    let api = Arc::clone(api);
    tokio::spawn(async move {
        let work = |patience: &super::super::slots::Patience| loop {
            crate::promql::Interrupt::check(patience).map_err(crate::promql::QueryError::from)?;
            std::thread::yield_now();
        };
        api.queries.run(timeout, work).await
    })
}

#[tokio::test]
async fn a_client_that_goes_frees_its_place() {
    let (api, _requests) = api_with(1, Duration::from_mins(1));
    let first = endless(&api, Duration::from_mins(1));
    while api.queries.busy() == 0 {
        tokio::task::yield_now().await;
    }
    // The only place is taken, so the time of this one passes in the queue.
    let (status, body) = ask(&api, request("GET", "/api/v1/query?query=1&timeout=1ms")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body, r#"{"status":"error","errorType":"timeout","error":"query timed out in query queue"}"#);
    // As axum drops a handler whose connection is closed.
    first.abort();
    let (status, body) = ask(&api, request("GET", "/api/v1/query?query=1&time=0")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn a_query_over_its_time_says_so() {
    let (api, _requests) = api_with(1, Duration::from_mins(1));
    let error = endless(&api, Duration::from_millis(1)).await.unwrap().unwrap_err();
    // On a busy machine the millisecond may be over before the work begins.
    assert!(
        ["query timed out in expression evaluation", "query timed out in query execution"]
            .contains(&error.message.as_str()),
        "{error:?}"
    );
    assert_eq!(error.into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
    // The same through HTTP, with a query that takes far longer than its time.
    let path = "/api/v1/query_range?query=quantile_over_time(0.5,vector(time())[1d:1s])\
                &start=0&end=11000&step=1&timeout=100ms";
    let (status, body) = ask(&api, request("GET", path)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert!(body.contains("query timed out in expression evaluation"), "{body}");
}

#[tokio::test]
async fn a_server_that_stops_cancels_queries() {
    let (api, _requests) = api_with(1, Duration::from_mins(1));
    let query = endless(&api, Duration::from_mins(1));
    while api.queries.busy() == 0 {
        tokio::task::yield_now().await;
    }
    api.queries.cancel();
    assert_eq!(query.await.unwrap().unwrap_err().kind, "canceled");
}
