//! The port to a metrics server: one file a server kind, and a replay source for tests.

pub mod client;
pub mod decode;
mod evaluation;
mod failure;
pub mod inventory;
mod listing;
pub mod prometheus;
pub mod replay;
mod reports;
mod wire;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use self::prometheus::Prometheus;
use crate::config::DataSource;
use crate::query::{Answer, Query, QueryError, SourceId};
use crate::time_range::Span;
use crate::variable::lookup::Lookup;

pub use evaluation::{Evaluation, RawSeries, Value};
pub use listing::LISTED_LIMIT;

/// What a [`Source`] promises for a query. Dropping it cancels the request.
pub type AnswerFuture<'a> = Pin<Box<dyn Future<Output = Result<Answer, QueryError>> + Send + 'a>>;

/// What [`Source::evaluate`] promises. Dropping it cancels the request.
pub type EvaluationFuture<'a> = Pin<Box<dyn Future<Output = Result<Evaluation, QueryError>> + Send + 'a>>;

/// What [`Source::list`] promises. Dropping it cancels the request.
pub type ListFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, QueryError>> + Send + 'a>>;

/// A server, or what stands for one, that answers queries.
pub trait Source: Send + Sync {
    /// Where it is, for the status line; never with a secret in it.
    fn address(&self) -> &str;

    /// Asks one query; bounded in time and bytes.
    fn ask<'a>(&'a self, query: &'a Query) -> AnswerFuture<'a>;

    /// Asks one query and gives everything the server says: all series, its own timestamps, and values that no
    /// panel can draw (a range vector, a string). A source that knows no more than [`Source::ask`] gives that.
    fn evaluate<'a>(&'a self, query: &'a Query) -> EvaluationFuture<'a> {
        Box::pin(async move { self.ask(query).await.map(Evaluation::from) })
    }

    /// Names or values that the server has within `span`, at most [`LISTED_LIMIT`]; bounded in time and bytes like
    /// a query.
    fn list<'a>(&'a self, lookup: &'a Lookup, span: Span) -> ListFuture<'a> {
        let _ = span;
        Box::pin(
            async move { Err(QueryError::Malformed(format!("{} cannot answer {lookup}", self.address()))) },
        )
    }
}

/// The servers that may be asked, each by its [`SourceId`]; all but the first are set up when they are first asked.
#[derive(Clone)]
pub struct Sources {
    first: Arc<dyn Source>,
    others: Arc<[Configured]>,
}

struct Configured {
    settings: DataSource,
    client: OnceLock<Arc<dyn Source>>,
}

impl Sources {
    /// The one in use alone.
    pub fn one(first: Arc<dyn Source>) -> Self {
        Self { first, others: Arc::default() }
    }

    /// The one in use, and those that may be named, in the order of their ids.
    pub fn new(first: Arc<dyn Source>, others: &[DataSource]) -> Self {
        let configured =
            |settings: &DataSource| Configured { settings: settings.clone(), client: OnceLock::new() };
        Self { first, others: others.iter().map(configured).collect() }
    }

    /// The one called `id`; an error where its settings name a file that cannot be read. It is tried again when it is
    /// asked again.
    pub fn get(&self, id: SourceId) -> Result<Arc<dyn Source>, QueryError> {
        if id == SourceId::DEFAULT {
            return Ok(Arc::clone(&self.first));
        }
        let Some(configured) = self.others.get(usize::from(id.0) - 1) else {
            return Err(QueryError::NotAsked("this data source is not configured".to_owned()));
        };
        if let Some(client) = configured.client.get() {
            return Ok(Arc::clone(client));
        }
        let title = configured.settings.title();
        let client = Prometheus::new(&configured.settings)
            .map_err(|error| QueryError::NotAsked(format!("data source {title}: {error}")))?;
        Ok(Arc::clone(configured.client.get_or_init(|| Arc::new(client))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Auth, Credential};

    #[test]
    fn a_data_source_is_set_up_when_it_is_asked_and_again_while_that_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let token = folder.path().join("token");
        let other = DataSource {
            name: Some("other".to_owned()),
            auth: Auth::Bearer(Credential::File(token.clone())),
            ..DataSource::at("http://other").expect("an address")
        };
        let sources = Sources::new(Arc::new(replay::Replay::new()), &[other]);
        assert_eq!(sources.get(SourceId::DEFAULT).expect("the one in use").address(), "replay");
        let error = sources.get(SourceId(1)).err().expect("no file").to_string();
        assert!(
            error.starts_with("data source other: ") && error.contains("token: does not exist"),
            "{error}"
        );
        std::fs::write(token, "s3cret").expect("written");
        let first = sources.get(SourceId(1)).expect("set up");
        assert_eq!(first.address(), "http://other");
        assert!(Arc::ptr_eq(&first, &sources.get(SourceId(1)).expect("the same")));
        assert!(sources.get(SourceId(2)).is_err());
    }
}
