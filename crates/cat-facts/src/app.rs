//! The application: its settings, its state, and its router put together.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, middleware};
use thiserror::Error;
use tokio::sync::Semaphore;
use tower_http::timeout::TimeoutLayer;

use crate::{
    dice::Dice,
    facts::Facts,
    latency::Latency,
    measure::measure,
    metrics::Metrics,
    routes,
    upstream::{Asker, Upstream, UpstreamError},
};

/// A request that takes longer is answered with 503. It leaves room for the longest latency and the
/// longest wait for an upstream, one after the other.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(25);

/// So many facts may be in the making at once; more requests are answered with 503. The server takes
/// more connections than this, so that it can still be scraped when it is busy.
pub const MAX_CONCURRENT_FACTS: usize = 256;

/// The settings of an [`App`]. The default answers at once, never fails, and asks no upstream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Fixes which facts, latencies and errors are drawn; otherwise each start draws others.
    pub seed: Option<u64>,
    /// Added before each fact.
    pub latency: Latency,
    /// The share of requests for a fact that fail.
    pub error_ratio: ErrorRatio,
    /// Asked before the built-in list of facts.
    pub upstream: Option<Upstream>,
}

/// A share from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ErrorRatio(f64);

/// Why something is not an [`ErrorRatio`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("error ratio {0:?}: not a number from 0 to 1; write a share such as 0.05 for one request in twenty")]
pub struct ErrorRatioError(String);

impl ErrorRatio {
    /// A share from 0 (nothing fails) to 1 (everything fails).
    ///
    /// # Errors
    ///
    /// When the number is out of range or not a number.
    pub fn new(share: f64) -> Result<Self, ErrorRatioError> {
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err(ErrorRatioError(share.to_string())) }
    }

    /// Whether the request with this draw from `0..1` fails.
    pub(crate) fn hits(self, draw: f64) -> bool {
        draw < self.0
    }
}

impl FromStr for ErrorRatio {
    type Err = ErrorRatioError;

    fn from_str(text: &str) -> Result<Self, ErrorRatioError> {
        let share = text.parse().map_err(|_| ErrorRatioError(text.to_owned()))?;
        Self::new(share).map_err(|_| ErrorRatioError(text.to_owned()))
    }
}

impl fmt::Display for ErrorRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why an [`App`] cannot be made.
#[derive(Debug, Error)]
pub enum AppError {
    /// The upstream is not usable.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// A metric is declared wrongly or twice: a defect of this crate.
    #[error("metrics: {0}; this is a defect of cat-facts, please report it")]
    Metrics(#[from] prometheus::Error),
}

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) facts: Facts,
    pub(crate) dice: Dice,
    pub(crate) latency: Latency,
    pub(crate) error_ratio: ErrorRatio,
    pub(crate) asker: Option<Asker>,
    pub(crate) permits: Semaphore,
}

/// The application, ready to be served.
///
/// ```
/// # fn main() -> Result<(), cat_facts::AppError> {
/// use cat_facts::{App, Config};
///
/// let app = App::new(&Config { seed: Some(1), ..Config::default() })?;
/// let router: axum::Router = app.router();
/// # let _ = router;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct App {
    shared: Arc<Shared>,
}

impl App {
    /// Builds the state of the application: its metrics at zero, its chance from the seed, and a
    /// client when there is an upstream.
    ///
    /// # Errors
    ///
    /// When the client for the upstream cannot be built, as on a host without CA certificates.
    pub fn new(config: &Config) -> Result<Self, AppError> {
        let seed = config.seed.unwrap_or_else(rand::random);
        // Logged so that an interesting run can be repeated.
        tracing::info!(seed, latency = %config.latency, error_ratio = %config.error_ratio, "chance");
        let shared = Shared {
            metrics: Arc::new(Metrics::new()?),
            facts: Facts::built_in(),
            dice: Dice::new(seed),
            latency: config.latency,
            error_ratio: config.error_ratio,
            asker: config.upstream.as_ref().map(Asker::new).transpose()?,
            permits: Semaphore::new(MAX_CONCURRENT_FACTS),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// All routes, bounded in time and measured. Routers of one `App` share its state.
    pub fn router(&self) -> Router {
        routes::routes(self.shared.clone())
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
            // Last, hence around everything: what no route matches and what times out is measured too.
            .layer(middleware::from_fn_with_state(self.shared.metrics.clone(), measure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{latency::MAX_LATENCY, upstream::MAX_UPSTREAM_TIMEOUT};

    #[test]
    fn ratios_are_shares() {
        for good in ["0", "0.05", "1"] {
            assert_eq!(good.parse::<ErrorRatio>().unwrap().to_string(), good);
        }
        for bad in ["-0.1", "1.01", "NaN", "5%", ""] {
            let error = bad.parse::<ErrorRatio>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("error ratio {bad:?}: not a number from 0 to 1; write ")),
                "{error}"
            );
        }
    }

    #[test]
    fn the_extremes_of_a_ratio_are_exact() {
        assert!(!ErrorRatio(0.0).hits(0.0));
        assert!(ErrorRatio(1.0).hits(1.0_f64.next_down()));
    }

    #[test]
    fn the_slowest_request_allowed_does_not_time_out() {
        assert!(MAX_LATENCY + MAX_UPSTREAM_TIMEOUT < REQUEST_TIMEOUT);
    }
}
