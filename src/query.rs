//! What is asked of a metrics server, what comes back, and the ways it can fail.

pub mod listing;

use std::sync::Arc;

use thiserror::Error;

use crate::series::{Frame, Grid, Vector};

/// Longest error text of a server that is kept, in characters.
pub const SERVER_TEXT_LIMIT_CHARS: usize = 2_000;

/// Series that one answer may hold; what lies beyond is counted, not kept.
pub const SERIES_LIMIT: usize = 2_000;

/// Names one request over the life of the program; an answer whose id is no longer awaited is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One of the configured data sources, by its place among them; the first is the one in use where nothing names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SourceId(pub u16);

impl SourceId {
    /// The one in use where nothing names another.
    pub const DEFAULT: Self = Self(0);
}

/// At which times an expression is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryTime {
    /// On every point of a grid (`/api/v1/query_range`).
    Range(Grid),
    /// Once (`/api/v1/query`), at Unix milliseconds.
    Instant(i64),
}

/// One question to the metrics server; `expr` is plain PromQL, all variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// PromQL.
    pub expr: Arc<str>,
    /// When.
    pub time: QueryTime,
    /// Whom.
    pub source: SourceId,
}

/// The data of an answer.
#[derive(Clone, Debug)]
pub enum Data {
    /// Of a range query.
    Range(Frame),
    /// Of an instant query.
    Instant(Vector),
}

/// A successful answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Columns or samples.
    pub data: Data,
    /// Warnings of the server, in its words.
    pub warnings: Vec<String>,
    /// Its remarks about how the query is written, which Prometheus calls infos.
    pub infos: Vec<String>,
    /// Series that exceeded [`SERIES_LIMIT`] and were left out.
    pub series_left_out: usize,
    /// Size of the body after decompression.
    pub body_bytes: u64,
}

/// Why a question has no answer. Texts are lower case and name the remedy where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// No connection, or it broke before an answer came: the server may be down.
    #[error("cannot reach the server: {0}")]
    Unreachable(String),
    /// Connected, but no whole answer in time.
    #[error("no answer within {timeout_ms} ms")]
    Timeout {
        /// The limit that passed.
        timeout_ms: u64,
    },
    /// Prometheus's own error, in its words.
    #[error("{kind}: {message}")]
    Prometheus {
        /// `errorType`, such as `bad_data` or `execution`.
        kind: String,
        /// `error`.
        message: String,
    },
    /// A status without a Prometheus error body: a proxy, a login page, a wrong address.
    #[error("the server answered {status}{}{text}", if text.is_empty() { "" } else { ": " })]
    Status {
        /// HTTP status code.
        status: u16,
        /// Beginning of the body or a remedy.
        text: String,
    },
    /// A 2xx answer that is not what the API promises.
    #[error("cannot read the answer: {0}")]
    Malformed(String),
    /// It was not asked, because of something that is not the server's.
    #[error("{0}")]
    NotAsked(String),
    /// The body grew over the limit and was not read on.
    #[error("the answer is larger than {limit_bytes} bytes; ask for fewer series or a shorter range")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
}

impl QueryError {
    /// Whether the server as a whole seems gone, rather than this one question being refused.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Status { status: 502..=504, .. })
    }
}
