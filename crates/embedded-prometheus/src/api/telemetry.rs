//! This server's own metrics, under the names that Prometheus gives its own, in a registry of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType, Summary};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TEXT_FORMAT, TextEncoder,
};

use super::state::Api;
use super::status::{BRANCH, REVISION, VERSION};

/// Prometheus's own buckets for requests, in seconds.
const REQUEST_BUCKETS: [f64; 9] = [0.1, 0.2, 0.4, 1.0, 3.0, 8.0, 20.0, 60.0, 120.0];

/// How long queries wait and take, since the start.
#[derive(Debug, Default)]
pub(crate) struct QueryTimes {
    queued: Total,
    evaluated: Total,
}

#[derive(Debug, Default)]
struct Total {
    count: AtomicU64,
    ns: AtomicU64,
}

impl Total {
    fn add(&self, duration: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.ns.fetch_add(ns, Ordering::Relaxed);
    }
}

impl QueryTimes {
    pub(super) fn queued(&self, duration: Duration) {
        self.queued.add(duration);
    }

    pub(super) fn evaluated(&self, duration: Duration) {
        self.evaluated.add(duration);
    }
}

/// What is counted as requests come.
#[derive(Debug)]
pub(crate) struct Telemetry {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    pub(crate) query_times: Arc<QueryTimes>,
}

impl Telemetry {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("prometheus_http_requests_total", "Counter of HTTP requests."),
            &["handler", "code"],
        )?;
        let durations = HistogramVec::new(
            HistogramOpts::new(
                "prometheus_http_request_duration_seconds",
                "Histogram of latencies for HTTP requests.",
            )
            .buckets(REQUEST_BUCKETS.to_vec()),
            &["handler"],
        )?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(Self { registry, requests, durations, query_times: Arc::default() })
    }

    /// Counts a request that was answered.
    pub(super) fn answered(&self, handler: &str, code: u16, took: Duration) {
        self.requests.with_label_values(&[handler, &code.to_string()]).inc();
        self.durations.with_label_values(&[handler]).observe(took.as_secs_f64());
    }
}

/// The content type of [`metrics`].
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics of this server, in the text format.
pub(super) fn metrics(api: &Api) -> Result<Vec<u8>, prometheus::Error> {
    debug_assert!(CONTENT_TYPE.starts_with(TEXT_FORMAT));
    let mut families = api.telemetry.registry.gather();
    families.extend(own_families(api));
    families.sort_by(|a, b| a.name().cmp(b.name()));
    let mut out = Vec::new();
    TextEncoder::new().encode(&families, &mut out)?;
    Ok(out)
}

fn own_families(api: &Api) -> Vec<MetricFamily> {
    let stats = api.db.stats();
    let seconds = |ms: Option<i64>| ms.map_or(0.0, |ms| ms as f64 / 1000.0);
    let live = api.live();
    let times = &api.telemetry.query_times;
    let well = f64::from(u8::from(api.reload_went_well.load(Ordering::Relaxed)));
    let ready = f64::from(u8::from(api.ready.load(Ordering::Relaxed)));
    let mut families = vec![
        family(
            "prometheus_build_info",
            "A metric with a constant '1' value labeled by version, revision and branch from which this was built.",
            MetricType::GAUGE,
            vec![gauge(&[("branch", BRANCH), ("revision", REVISION), ("version", VERSION)], 1.0)],
        ),
        family(
            "prometheus_tsdb_head_samples_appended_total",
            "Total number of appended samples.",
            MetricType::COUNTER,
            vec![counter(&[("type", "float")], stats.samples_appended as f64)],
        ),
        family(
            "prometheus_engine_query_duration_seconds",
            "Query timings.",
            MetricType::SUMMARY,
            vec![summary("inner_eval", &times.evaluated), summary("queue_time", &times.queued)],
        ),
    ];
    for (name, help, value) in [
        ("prometheus_tsdb_head_series", "Total number of series in the head block.", stats.series as f64),
        ("prometheus_tsdb_head_chunks", "Total number of chunks in the head block.", stats.chunks as f64),
        (
            "prometheus_tsdb_head_chunks_storage_size_bytes",
            "Size of the chunks of samples.",
            stats.chunk_bytes as f64,
        ),
        (
            "prometheus_tsdb_head_min_time_seconds",
            "Minimum time bound of the head block.",
            seconds(stats.min_time_ms),
        ),
        (
            "prometheus_tsdb_head_max_time_seconds",
            "Maximum timestamp of the head block.",
            seconds(stats.max_time_ms),
        ),
        ("prometheus_tsdb_wal_storage_size_bytes", "Size of what is on disk.", stats.disk_bytes as f64),
        (
            "prometheus_engine_queries",
            "The current number of queries being executed or waiting.",
            api.queries.busy() as f64,
        ),
        (
            "prometheus_engine_queries_concurrent_max",
            "The max number of concurrent queries.",
            api.queries.count() as f64,
        ),
        (
            "prometheus_config_last_reload_successful",
            "Whether the last configuration reload attempt was successful.",
            well,
        ),
        (
            "prometheus_config_last_reload_success_timestamp_seconds",
            "Timestamp of the last successful configuration reload.",
            live.loaded_ms as f64 / 1000.0,
        ),
        (
            "prometheus_ready",
            "Whether startup was fully completed and the server is ready for normal operation.",
            ready,
        ),
    ] {
        families.push(family(name, help, MetricType::GAUGE, vec![gauge(&[], value)]));
    }
    families
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.into());
    family.set_help(help.into());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

fn labelled(labels: &[(&str, &str)]) -> Metric {
    let pair = |&(name, value): &(&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.into());
        pair.set_value(value.into());
        pair
    };
    let mut metric = Metric::default();
    metric.set_label(labels.iter().map(pair).collect());
    metric
}

fn gauge(labels: &[(&str, &str)], value: f64) -> Metric {
    let mut metric = labelled(labels);
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    metric.set_gauge(gauge);
    metric
}

fn counter(labels: &[(&str, &str)], value: f64) -> Metric {
    let mut metric = labelled(labels);
    let mut counter = Counter::default();
    counter.set_value(value);
    metric.set_counter(counter);
    metric
}

fn summary(slice: &str, total: &Total) -> Metric {
    let mut metric = labelled(&[("slice", slice)]);
    let mut summary = Summary::default();
    summary.set_sample_count(total.count.load(Ordering::Relaxed));
    summary.set_sample_sum(total.ns.load(Ordering::Relaxed) as f64 / 1e9);
    metric.set_summary(summary);
    metric
}
