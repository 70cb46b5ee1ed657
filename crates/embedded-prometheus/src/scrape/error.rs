//! Why a scrape failed. What a target's `last_error` says; the words are Prometheus's where it has any.

use crate::exposition::{ContentTypeError, LabelsError, ParseError};
use crate::storage::AppendError;

/// Why a scrape failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScrapeError {
    /// The answer cannot be parsed.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The answer is in no known format.
    #[error(transparent)]
    ContentType(#[from] ContentTypeError),
    /// A sample's labels make no series.
    #[error(transparent)]
    Labels(#[from] LabelsError),
    /// Relabelling removed the metric's name.
    #[error("missing metric name (__name__ label)")]
    NoMetricName,
    /// More samples than `sample_limit`.
    #[error("sample limit exceeded")]
    SampleLimit,
    /// One of the limits on labels.
    #[error("{0}")]
    LabelLimit(String),
    /// The store takes no more.
    #[error(transparent)]
    Store(#[from] AppendError),
    /// The store could not be written to.
    #[error("{0}")]
    Commit(String),
    /// More targets than `target_limit`.
    #[error("target_limit exceeded (number of targets: {targets}, limit: {limit})")]
    TargetLimit {
        /// How many there are.
        targets: usize,
        /// How many there may be.
        limit: u64,
    },
    /// The request could not be made or answered.
    #[error("Get {url:?}: {cause}")]
    Request {
        /// What was asked.
        url: String,
        /// What happened.
        cause: String,
    },
    /// The answer is no success.
    #[error("server returned HTTP status {0}")]
    Status(String),
    /// The body broke off or cannot be decoded.
    #[error("{0}")]
    Body(String),
    /// The body is longer than `body_size_limit`.
    #[error("body size limit exceeded")]
    BodySizeLimit,
    /// The answer did not come to its end in time.
    #[error("context deadline exceeded")]
    Timeout,
    /// The client could not be set up.
    #[error("{0}")]
    Client(String),
}
