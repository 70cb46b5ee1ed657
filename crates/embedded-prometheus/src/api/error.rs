//! What an endpoint says when it cannot answer: Prometheus's error types, their status codes and their JSON.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::model::quote;
use crate::promql::QueryError;
use crate::storage::{SelectError, StorageError};

/// An error of the API. `kind` is Prometheus's `errorType`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) kind: &'static str,
    pub(super) message: String,
}

#[derive(Serialize)]
struct Body<'a> {
    status: &'a str,
    #[serde(rename = "errorType")]
    error_type: &'a str,
    error: &'a str,
}

impl ApiError {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(super) fn bad_data(message: impl Into<String>) -> Self {
        Self::new("bad_data", message)
    }

    /// `invalid parameter "start": ...`
    pub(super) fn parameter(name: &str, what: impl std::fmt::Display) -> Self {
        Self::bad_data(format!("invalid parameter {}: {what}", quote(name)))
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            "bad_data" => StatusCode::BAD_REQUEST,
            "execution" => StatusCode::UNPROCESSABLE_ENTITY,
            // Prometheus gives 499 to `canceled`. Here only a server that stops says it to anyone, for which 503
            // is what makes clients try again.
            "timeout" | "canceled" => StatusCode::SERVICE_UNAVAILABLE,
            "not_found" => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A query's error; what is wrong with the query itself is laid to its parameter.
impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error.kind() {
            "bad_data" => Self::parameter("query", error),
            kind => Self::new(kind, error.to_string()),
        }
    }
}

impl From<SelectError> for ApiError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Storage(error) => error.into(),
            SelectError::Interrupted(why) => QueryError::from(why).into(),
        }
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::new("execution", error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Body { status: "error", error_type: self.kind, error: &self.message };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        (self.status(), [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}
