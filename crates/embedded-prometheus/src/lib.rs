//! A Prometheus inside your program: this crate evaluates PromQL over samples that you keep, exactly as
//! Prometheus 3.5 does with its default flags.
//!
//! The rooms, each depending only on those above it:
//!
//! | room | what lives there |
//! |---|---|
//! | [`model`] | labels, samples, the stale marker |
//! | [`storage`] | matchers, the [`storage::Queryable`] port, and a store in memory |
//! | [`promql`] | parsing, and evaluation of instant and range queries |
//!
//! There is no clock, thread or I/O in here: every time is an argument, and a query asks its caller now and
//! then whether it shall stop.
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

pub mod model;
pub mod promql;
pub mod storage;
