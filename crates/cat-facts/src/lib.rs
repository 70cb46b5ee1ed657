//! Random cat facts over HTTP, measured for Prometheus: the application as a library.
//!
//! [`App`] holds the application and makes its router; [`serve`](serve()) serves a router within bounds
//! and ends gracefully. The program `cat-facts` is a thin layer over both.

mod app;
mod dice;
mod facts;
mod health;
mod latency;
mod measure;
mod metrics;
mod routes;
mod serve;
mod upstream;

pub use app::{App, AppError, Config, ErrorRatio, ErrorRatioError, MAX_CONCURRENT_FACTS, REQUEST_TIMEOUT};
pub use health::{HEALTH_TIMEOUT, HealthError, check};
pub use latency::{Latency, LatencyError, MAX_LATENCY, MAX_SIGMA};
pub use serve::{HEADER_READ_TIMEOUT, MAX_CONNECTIONS, SHUTDOWN_GRACE, serve, terminated};
pub use upstream::{DEFAULT_UPSTREAM_TIMEOUT, MAX_UPSTREAM_TIMEOUT, Upstream, UpstreamError};
