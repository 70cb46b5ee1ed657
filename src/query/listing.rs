//! What a server lists beside values, asked by the path of the list in place of an expression: no PromQL begins with a
//! slash.

/// The alerts that are pending or firing.
pub const ALERTS_PATH: &str = "/api/v1/alerts";
/// The targets that are scraped.
pub const TARGETS_PATH: &str = "/api/v1/targets";

/// Alerts or targets that one answer may hold; what lies beyond is counted, not kept.
pub const LISTED_LIMIT: usize = 5_000;

/// Label with the state of an alert: `firing` or `pending`. The sample's value is since when, Unix seconds.
pub const STATE: &str = "__state__";
/// Label with the alert's summary, or what comes nearest among its annotations.
pub const SUMMARY: &str = "__summary__";
/// Label with the value that the alert's rule had.
pub const VALUE: &str = "__value__";
/// Label with the health of a target: `up`, `down` or `unknown`. The sample's value is the last scrape, Unix seconds.
pub const HEALTH: &str = "__health__";
/// Label with the error of the last scrape; empty when it went well.
pub const ERROR: &str = "__error__";
/// Label with the length of the last scrape in seconds.
pub const DURATION: &str = "__duration__";

/// The path of the list that `expr` asks for; `None` for PromQL.
pub fn path(expr: &str) -> Option<&'static str> {
    [ALERTS_PATH, TARGETS_PATH].into_iter().find(|path| *path == expr)
}
