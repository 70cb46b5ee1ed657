//! The port to a metrics server: one file a server kind, and a replay source for tests.

use std::future::Future;
use std::pin::Pin;

use crate::query::{Answer, Query, QueryError};

/// What a [`Source`] promises for a query. Dropping it cancels the request.
pub type AnswerFuture<'a> = Pin<Box<dyn Future<Output = Result<Answer, QueryError>> + Send + 'a>>;

/// A server, or what stands for one, that answers queries.
pub trait Source: Send + Sync {
    /// Where it is, for the status line; never with a secret in it.
    fn address(&self) -> &str;

    /// Asks one query; bounded in time and bytes.
    fn ask<'a>(&'a self, query: &'a Query) -> AnswerFuture<'a>;
}
