//! What can go wrong with a query, in the words and classes of Prometheus's API.

use super::limits::Interrupted;
use crate::storage::SelectError;
use crate::storage::StorageError;

/// Why a query has no answer. [`QueryError::kind`] is what Prometheus's API calls it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The expression is not PromQL, or asks for what is not enabled.
    #[error("{position}: parse error: {message}")]
    Parse {
        /// Line and column of the fault, both from 1, as `1:7`.
        position: String,
        /// What is wrong.
        message: String,
    },
    /// The expression does not fit the kind of query, or the times are senseless.
    #[error("{0}")]
    BadQuery(String),
    /// The expression is fine, but not with these data.
    #[error("{0}")]
    Execution(String),
    /// The caller's deadline has passed.
    #[error("query timed out in expression evaluation")]
    Timeout,
    /// The caller is no longer interested.
    #[error("query was canceled in expression evaluation")]
    Canceled,
    /// The store failed.
    #[error("expanding series: {0}")]
    Storage(#[from] StorageError),
}

impl QueryError {
    /// The `errorType` of Prometheus's HTTP API.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Parse { .. } | Self::BadQuery(_) => "bad_data",
            Self::Execution(_) => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Storage(_) => "internal",
        }
    }

    pub(crate) fn execution(message: impl Into<String>) -> Self {
        Self::Execution(message.into())
    }

    pub(crate) fn same_labelset() -> Self {
        Self::execution("vector cannot contain metrics with the same labelset")
    }
}

impl From<SelectError> for QueryError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Storage(error) => error.into(),
            SelectError::Interrupted(why) => why.into(),
        }
    }
}

impl From<Interrupted> for QueryError {
    fn from(why: Interrupted) -> Self {
        match why {
            Interrupted::Timeout => Self::Timeout,
            Interrupted::Canceled => Self::Canceled,
        }
    }
}
