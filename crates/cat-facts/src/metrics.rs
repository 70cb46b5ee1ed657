//! What is measured: every metric of the application, in a registry of its own.

use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
    core::Collector,
};

/// The content type of [`Metrics::encode`]; the encoder writes UTF-8, which its own constant leaves out.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The value of the label `service` of the fact counter.
const SERVICE: &str = "RandomFactsService";

/// Upper bounds in seconds, from 1 ms to the longest latency that can be added.
const DURATION_BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How asking the upstream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It told a fact.
    Success,
    /// It took longer than it is given.
    Timeout,
    /// No connection, a broken one, or a status that is no success.
    Error,
    /// An answer that holds no usable fact.
    Invalid,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Success, Self::Timeout, Self::Error, Self::Invalid];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Timeout => "timeout",
            Self::Error => "error",
            Self::Invalid => "invalid",
        }
    }
}

/// All metrics of one application.
///
/// The registry is not the global one, so that two applications in a process (or in the tests) do
/// not share counters.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) facts: IntCounter,
    pub(crate) upstream: IntCounterVec,
    pub(crate) requests: IntCounterVec,
    pub(crate) durations: HistogramVec,
    pub(crate) in_flight: IntGauge,
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let facts = Opts::new("random_facts_api_execution_counter", "Number of facts told.");
        let upstream = Opts::new(
            "cat_facts_upstream_requests_total",
            "Number of requests to the upstream, by their outcome.",
        );
        let requests = Opts::new("http_requests_total", "Number of HTTP requests that have ended.");
        let durations = HistogramOpts::new(
            "http_request_duration_seconds",
            "Time from a request to the head of its answer.",
        )
        .buckets(DURATION_BUCKETS.to_vec());
        let metrics = Self {
            facts: register(&registry, IntCounter::with_opts(facts.const_label("service", SERVICE))?)?,
            upstream: register(&registry, IntCounterVec::new(upstream, &["outcome"])?)?,
            requests: register(&registry, IntCounterVec::new(requests, &["method", "path", "status"])?)?,
            durations: register(&registry, HistogramVec::new(durations, &["method", "path"])?)?,
            in_flight: register(
                &registry,
                IntGauge::new("http_requests_in_flight", "Number of HTTP requests that are being answered.")?,
            )?,
            registry,
        };
        // A counter that appears with its first event hides that event from rate() and increase().
        for outcome in Outcome::ALL {
            metrics.upstream.with_label_values(&[outcome.label()]);
        }
        #[cfg(target_os = "linux")]
        register_process(&metrics.registry)?;
        Ok(metrics)
    }

    /// The Prometheus text format.
    pub(crate) fn encode(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    collector: C,
) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

/// The metrics `process_*`, which the crate reads from /proc.
#[cfg(target_os = "linux")]
fn register_process(registry: &Registry) -> Result<(), prometheus::Error> {
    registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_show_before_their_first_event() {
        let text = Metrics::new().unwrap().encode().unwrap();
        for line in [
            "random_facts_api_execution_counter{service=\"RandomFactsService\"} 0",
            "cat_facts_upstream_requests_total{outcome=\"success\"} 0",
            "cat_facts_upstream_requests_total{outcome=\"timeout\"} 0",
            "cat_facts_upstream_requests_total{outcome=\"error\"} 0",
            "cat_facts_upstream_requests_total{outcome=\"invalid\"} 0",
            "http_requests_in_flight 0",
        ] {
            assert!(text.lines().any(|each| each == line), "{line} is not in:\n{text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_is_measured() {
        let text = Metrics::new().unwrap().encode().unwrap();
        assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
    }

    #[test]
    fn two_applications_do_not_share_counters() {
        let (one, other) = (Metrics::new().unwrap(), Metrics::new().unwrap());
        one.facts.inc();
        assert_eq!((one.facts.get(), other.facts.get()), (1, 0));
    }

    #[test]
    fn buckets_reach_the_longest_latency() {
        assert!(DURATION_BUCKETS.is_sorted());
        assert_eq!(DURATION_BUCKETS.first(), Some(&0.001));
        assert_eq!(DURATION_BUCKETS.last(), Some(&crate::latency::MAX_LATENCY.as_secs_f64()));
    }
}
