//! A Prometheus inside your program: it scrapes targets, keeps samples, evaluates PromQL exactly as Prometheus 3.5
//! does with its default flags, and serves Prometheus's HTTP API.
//!
//! The rooms, each depending only on those above it:
//!
//! | room | what lives there |
//! |---|---|
//! | [`model`] | labels, samples, the stale marker |
//! | [`storage`] | matchers, the [`storage::Queryable`] port, and the stores: [`storage::Db`], [`storage::MemoryStore`] |
//! | [`promql`] | parsing, and evaluation of instant and range queries |
//! | [`exposition`] | the text formats that targets answer with |
//! | [`relabel`] | rules that rewrite or drop labels |
//! | [`config`] | `prometheus.yml` |
//! | [`scrape`] | asks targets at their intervals and writes what they say to the store |
//! | [`rules`] | recording and alerting rules |
//! | [`api`] | the HTTP API |
//! | [`server`] | all of it, started and stopped as one |
//!
//! There is no clock and no thread in the first three: every time is an argument, and a query asks its caller now
//! and then whether it shall stop. From `relabel` on everything needs the feature `server`, which is on by default;
//! without it the crate knows no async runtime and no HTTP.
//!
//! ```
//! use embedded_prometheus::model::Labels;
//! use embedded_prometheus::promql::{Engine, Forever, QueryValue};
//! use embedded_prometheus::storage::MemoryStore;
//!
//! let mut store = MemoryStore::default();
//! let labels = Labels::from_pairs([("__name__", "http_requests_total"), ("job", "api")]);
//! for minute in 0..=10 {
//!     store.append(&labels, minute * 60_000, minute as f64 * 30.0)?;
//! }
//!
//! let engine = Engine::default();
//! let answer = engine.instant(&store, "sum by (job) (rate(http_requests_total[5m]))", 600_000, &Forever)?;
//! let QueryValue::Vector(samples) = answer.value else { unreachable!() };
//! assert_eq!(samples[0].labels.to_string(), r#"{job="api"}"#);
//! assert_eq!(samples[0].value, 0.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The formulas (extrapolation, quantiles, regression, compensated sums and the rest) and the wording of errors,
//! warnings and infos follow Prometheus, Copyright The Prometheus Authors, licensed under Apache-2.0.

#![expect(
    clippy::float_cmp,
    reason = "exactness is the point: values are compared as Prometheus compares them"
)]

#[cfg(feature = "server")]
pub mod api;
#[cfg(feature = "server")]
pub mod config;
pub mod exposition;
pub mod model;
pub mod promql;
#[cfg(feature = "server")]
pub mod relabel;
#[cfg(feature = "server")]
pub mod rules;
#[cfg(feature = "server")]
pub mod scrape;
#[cfg(feature = "server")]
pub mod server;
pub mod storage;
