//! What this server is and how it is: `/api/v1/status/...`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use super::error::ApiError;
use super::json::Success;
use super::params::{Params, atoi};
use super::slots::Patience;
use super::state::Api;
use crate::model::METRIC_NAME;
use crate::storage::{Queryable, TimeRange};

/// The version that `/api/v1/status/buildinfo` gives: that of the Prometheus whose PromQL and API this is. Clients
/// (Grafana, promtool) choose by it what they may ask for. [`BRANCH`] says what it is in truth.
pub const VERSION: &str = "3.5.0";

/// What `/api/v1/status/buildinfo` gives as the branch.
pub const BRANCH: &str = "embedded-prometheus";

/// The crate's own version.
pub(super) const REVISION: &str = env!("CARGO_PKG_VERSION");

/// The longest lists of `/api/v1/status/tsdb`, if no `limit` is given, as in Prometheus.
const DEFAULT_TSDB_LIMIT: usize = 10;

/// Go's zero time, which is how Prometheus says "never".
const NEVER: &str = "0001-01-01T00:00:00Z";

/// A time as Go writes it: no more decimals than needed.
pub(super) fn rfc3339(time_ms: Option<i64>) -> String {
    let Some(time) = time_ms.and_then(DateTime::from_timestamp_millis) else { return NEVER.into() };
    let text = time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    match text.split_once('.') {
        Some((seconds, fraction)) => {
            let fraction = fraction.trim_end_matches('Z').trim_end_matches('0');
            if fraction.is_empty() { format!("{seconds}Z") } else { format!("{seconds}.{fraction}Z") }
        }
        None => text,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BuildInfo {
    version: &'static str,
    revision: &'static str,
    branch: &'static str,
    build_user: &'static str,
    build_date: &'static str,
    go_version: &'static str,
}

pub(super) async fn build_info() -> Result<Success, ApiError> {
    Success::of(&BuildInfo {
        version: VERSION,
        revision: REVISION,
        branch: BRANCH,
        build_user: "",
        build_date: "",
        go_version: "",
    })
}

#[derive(Serialize)]
struct ConfigText<'a> {
    yaml: &'a str,
}

pub(super) async fn config(State(api): State<Arc<Api>>) -> Result<Success, ApiError> {
    Success::of(&ConfigText { yaml: &api.live().config.text })
}

pub(super) async fn flags(State(api): State<Arc<Api>>) -> Result<Success, ApiError> {
    Success::of(&api.facts.flags)
}

/// Go's own figures are there, since clients decode them, and say nothing.
#[derive(Serialize)]
struct RuntimeInfo {
    #[serde(rename = "startTime")]
    start_time: String,
    #[serde(rename = "CWD")]
    working_directory: String,
    #[serde(rename = "hostname")]
    host_name: String,
    #[serde(rename = "serverTime")]
    server_time: String,
    #[serde(rename = "reloadConfigSuccess")]
    reload_went_well: bool,
    #[serde(rename = "lastConfigTime")]
    last_config_time: String,
    #[serde(rename = "corruptionCount")]
    corruptions: u64,
    #[serde(rename = "goroutineCount")]
    goroutines: u64,
    #[serde(rename = "GOMAXPROCS")]
    processors: usize,
    #[serde(rename = "GOMEMLIMIT")]
    memory_limit: i64,
    #[serde(rename = "GOGC")]
    gc: &'static str,
    #[serde(rename = "GODEBUG")]
    debug: &'static str,
    #[serde(rename = "storageRetention")]
    storage_retention: String,
}

pub(super) async fn runtime_info(State(api): State<Arc<Api>>) -> Result<Success, ApiError> {
    let folder = std::env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default();
    Success::of(&RuntimeInfo {
        start_time: rfc3339(Some(api.facts.started_ms)),
        working_directory: folder,
        host_name: std::env::var("HOSTNAME").unwrap_or_default(),
        server_time: rfc3339(Some((api.clock)())),
        reload_went_well: api.reload_went_well.load(Ordering::Relaxed),
        last_config_time: rfc3339(Some(api.live().loaded_ms)),
        corruptions: 0,
        goroutines: 0,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        memory_limit: i64::MAX,
        gc: "",
        debug: "",
        storage_retention: api.facts.retention.clone(),
    })
}

#[derive(Serialize)]
struct WalReplay {
    min: u64,
    max: u64,
    current: u64,
}

/// The log has been read before anything is answered.
pub(super) async fn wal_replay() -> Result<Success, ApiError> {
    Success::of(&WalReplay { min: 0, max: 0, current: 0 })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeadStats {
    num_series: u64,
    num_label_pairs: usize,
    chunk_count: u64,
    min_time: i64,
    max_time: i64,
}

#[derive(Serialize)]
struct Count {
    name: String,
    value: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TsdbStatus {
    head_stats: HeadStats,
    series_count_by_metric_name: Vec<Count>,
    label_value_count_by_label_name: Vec<Count>,
    memory_in_bytes_by_label_name: Vec<Count>,
    series_count_by_label_value_pair: Vec<Count>,
}

pub(super) async fn tsdb(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    let limit = match params.get("limit") {
        "" => DEFAULT_TSDB_LIMIT,
        text => match atoi(text).map(usize::try_from) {
            Ok(Ok(limit)) if limit > 0 => limit,
            _ => return Err(ApiError::bad_data("limit must be a positive number")),
        },
    };
    let db = Arc::clone(&api.db);
    let work = move |patience: &Patience| {
        let stats = db.stats();
        let everything = TimeRange { start_ms: i64::MIN, end_ms: i64::MAX };
        let mut pairs: HashMap<_, u64> = HashMap::new();
        for labels in db.series(&[], everything, patience)? {
            for label in labels.iter() {
                *pairs.entry((label.name.clone(), label.value.clone())).or_default() += 1;
            }
        }
        let mut by_metric = Vec::new();
        let mut by_pair = Vec::new();
        let mut values: BTreeMap<&str, u64> = BTreeMap::new();
        let mut bytes: BTreeMap<&str, u64> = BTreeMap::new();
        for ((name, value), series) in &pairs {
            *values.entry(name).or_default() += 1;
            *bytes.entry(name).or_default() += value.len() as u64;
            by_pair.push(Count { name: format!("{name}={value}"), value: *series });
            if &**name == METRIC_NAME {
                by_metric.push(Count { name: value.to_string(), value: *series });
            }
        }
        let counts = |map: BTreeMap<&str, u64>| {
            most(map.into_iter().map(|(name, value)| Count { name: name.into(), value }).collect(), limit)
        };
        Success::of(&TsdbStatus {
            head_stats: HeadStats {
                num_series: stats.series,
                num_label_pairs: pairs.len(),
                chunk_count: stats.chunks,
                // An empty head's bounds, as in Prometheus.
                min_time: stats.min_time_ms.unwrap_or(i64::MAX),
                max_time: stats.max_time_ms.unwrap_or(i64::MIN),
            },
            series_count_by_metric_name: most(by_metric, limit),
            label_value_count_by_label_name: counts(values),
            memory_in_bytes_by_label_name: counts(bytes),
            series_count_by_label_value_pair: most(by_pair, limit),
        })
    };
    api.lookups.run(api.facts.query_timeout, work).await
}

/// The greatest counts first.
fn most(mut counts: Vec<Count>, limit: usize) -> Vec<Count> {
    counts.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
    counts.truncate(limit);
    counts
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_as_go_writes_them() {
        assert_eq!(rfc3339(None), "0001-01-01T00:00:00Z");
        assert_eq!(rfc3339(Some(0)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(Some(1_577_934_245_500)), "2020-01-02T03:04:05.5Z");
        assert_eq!(rfc3339(Some(1_577_934_245_678)), "2020-01-02T03:04:05.678Z");
    }
}
