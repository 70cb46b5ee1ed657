//! Queries: `/api/v1/query`, `query_range`, `format_query` and `query_exemplars`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::json::Success;
use super::params::{Params, duration_ns};
use super::slots::Patience;
use super::state::Api;
use crate::promql::{Engine, Options};

const NS_A_MS: i64 = 1_000_000;

pub(super) async fn instant(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    let limit = params.limit()?;
    let time_ms = params.time_or("time", (api.clock)())?;
    let timeout = timeout(&api, &params)?;
    let engine = engine(&api, &params)?;
    let db = Arc::clone(&api.db);
    let work = move |patience: &Patience| {
        let query = engine.parse(params.get("query"))?;
        Ok(Success::answer(engine.evaluate_instant(&*db, &query, time_ms, patience)?, limit))
    };
    api.queries.run(timeout, work).await
}

pub(super) async fn range(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    let limit = params.limit()?;
    let start_ms = params.time("start")?;
    let end_ms = params.time("end")?;
    if end_ms < start_ms {
        return Err(ApiError::parameter("end", "end timestamp must not be before start time"));
    }
    // Less than a millisecond is no step here; Prometheus fails on it later.
    let step_ms = params.duration_ns("step")? / NS_A_MS;
    if step_ms <= 0 {
        return Err(ApiError::parameter(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        ));
    }
    let times = (start_ms, end_ms, step_ms);
    let engine = engine(&api, &params)?;
    engine.grid(start_ms, end_ms, step_ms).map_err(|e| ApiError::bad_data(e.to_string()))?;
    let timeout = timeout(&api, &params)?;
    let db = Arc::clone(&api.db);
    let work = move |patience: &Patience| {
        let query = engine.parse(params.get("query"))?;
        Ok(Success::answer(engine.evaluate_range(&*db, &query, times, patience)?, limit))
    };
    api.queries.run(timeout, work).await
}

/// The server's bound, or the request's if that is shorter.
fn timeout(api: &Api, params: &Params) -> Result<Duration, ApiError> {
    let bound = api.facts.query_timeout;
    if params.get("timeout").is_empty() {
        return Ok(bound);
    }
    let wanted = params.duration_ns("timeout")?;
    Ok(bound.min(Duration::from_nanos(u64::try_from(wanted).unwrap_or(0))))
}

/// The engine of the moment, with the request's lookback.
fn engine(api: &Api, params: &Params) -> Result<Engine, ApiError> {
    let engine = api.live().engine.clone();
    let lookback = params.get("lookback_delta");
    if lookback.is_empty() {
        return Ok(engine);
    }
    let lookback = duration_ns(lookback)
        .map_err(|what| ApiError::bad_data(format!("error parsing lookback delta duration: {what}")))?;
    // Zero and less mean the server's own, as in Prometheus.
    let lookback_ms = lookback / NS_A_MS;
    let options = engine.options().clone();
    Ok(if lookback_ms > 0 { Engine::new(Options { lookback_ms, ..options }) } else { engine })
}

pub(super) async fn format(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    let engine = api.live().engine.clone();
    let work = move |_: &Patience| Success::of(&engine.parse(params.get("query"))?.pretty());
    api.lookups.run(api.facts.query_timeout, work).await
}

/// There are never exemplars, since none are kept; what is asked is checked all the same.
pub(super) async fn exemplars(State(api): State<Arc<Api>>, params: Params) -> Result<Response, ApiError> {
    let range = params.range()?;
    if range.end_ms < range.start_ms {
        return Err(ApiError::bad_data("end timestamp must not be before start timestamp"));
    }
    let engine = api.live().engine.clone();
    let work = move |_: &Patience| {
        let query = engine.parse(params.get("query")).map_err(|e| ApiError::bad_data(e.to_string()))?;
        Ok(query.has_selector())
    };
    if api.lookups.run(api.facts.query_timeout, work).await? {
        return Ok(Success::of(&[(); 0])?.into_response());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
