//! PromQL: from an expression and a range of times to an answer.
//!
//! An expression is parsed ([`Engine::parse`]), then each of its nodes is evaluated over the whole grid of steps at
//! once: a vector is a list of series, each a column of one value a step, and a range function slides its window
//! once over each series. An instant query is a grid of one step. `@` only pins the time a selector looks at.

mod annotations;
mod ast;
mod engine;
mod error;
mod eval;
mod format;
mod functions;
mod limits;
mod lower;
mod math;
mod syntax;
mod unquote;
mod value;
mod xxhash;

pub use engine::{Engine, Query};
pub use error::QueryError;
#[cfg(feature = "server")]
pub(crate) use format::duration as format_duration;
pub use limits::{
    DEFAULT_LOOKBACK_MS, DEFAULT_MAX_SAMPLES, DEFAULT_SUBQUERY_STEP_MS, Forever, Interrupt, Interrupted,
    MAX_EXPRESSION_BYTES, MAX_EXPRESSION_DEPTH, MAX_STEPS, Options,
};
#[cfg(feature = "server")]
pub(crate) use unquote::unquote;
pub use value::{Answer, QueryValue, RangeSeries, VectorSample};
#[cfg(feature = "server")]
pub(crate) use xxhash::labels_hash;
