//! The HTTP API, as Prometheus 3.5 gives it: paths, parameters, JSON shapes, status codes and the words of errors.
//!
//! | path | what it answers |
//! |---|---|
//! | `/api/v1/query`, `query_range` | PromQL, instant and over a range; GET and POST, with `timeout`, `limit` and `lookback_delta` |
//! | `/api/v1/series`, `labels`, `label/NAME/values` | what there is, by `match[]`, `start`, `end`, `limit` |
//! | `/api/v1/metadata`, `targets`, `targets/metadata`, `scrape_pools` | what is scraped and what it means |
//! | `/api/v1/rules`, `alerts`, `alertmanagers` | rules and alerts; there are never alertmanagers |
//! | `/api/v1/format_query`, `query_exemplars` | an expression in lines; there are never exemplars |
//! | `/api/v1/status/...` | `buildinfo`, `config`, `flags`, `runtimeinfo`, `tsdb`, `walreplay` |
//! | `/federate`, `/metrics` | the newest samples by `match[]`; metrics of this server itself |
//! | `/-/healthy`, `/-/ready`, `/-/reload`, `/-/quit` | life cycle; quitting over HTTP is not offered |
//!
//! Left out on purpose: the `stats` parameter (the engine counts no samples a step), remote read and write, the
//! admin API, and a page to look at. Where Prometheus has no word for a bound of ours, the message names it.
//!
//! Paths, shapes and wording follow Prometheus's `web/api/v1`, Copyright The Prometheus Authors, Apache-2.0.

mod error;
mod federate;
mod json;
mod lifecycle;
mod lookup;
mod params;
mod query;
mod router;
mod rules;
mod slots;
mod state;
mod status;
mod targets;
mod telemetry;
#[cfg(test)]
mod tests;

pub use params::{BODY_TIMEOUT, MAX_BODY_BYTES};
pub(crate) use router::router;
pub(crate) use slots::Slots;
pub(crate) use state::{Api, Facts, Live, ReloadRequest};
pub use status::{BRANCH, VERSION};
pub(crate) use telemetry::Telemetry;
