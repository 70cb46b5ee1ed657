//! `/federate`: the newest sample of each series that `match[]` selects, in the text format, with the external
//! labels.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::params::Params;
use super::slots::Patience;
use super::state::Api;
use super::telemetry::CONTENT_TYPE;
use crate::model::{Labels, METRIC_NAME, Sample, format_g, is_plain_name, is_stale, quote};
use crate::storage::{Interrupt, Matcher, Queryable, SelectError, TimeRange};

pub(super) async fn federate(State(api): State<Arc<Api>>, params: Params) -> Response {
    let live = api.live();
    let now_ms = (api.clock)();
    let range =
        TimeRange { start_ms: now_ms.saturating_sub(live.engine.options().lookback_ms), end_ms: now_ms };
    let db = Arc::clone(&api.db);
    let work = move |patience: &Patience| {
        let selectors = params.matchers(&live.engine).map_err(|e| ApiError::bad_data(e.to_string()))?;
        let newest = newest(&*db, &selectors, range, patience)?;
        Ok(text(newest, &live.config.global.external_labels))
    };
    match api.lookups.run(api.facts.query_timeout, work).await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        // Errors are plain text here, as in Prometheus.
        Err(ApiError { kind, message }) => {
            let status = match kind {
                "bad_data" => StatusCode::BAD_REQUEST,
                "timeout" | "canceled" => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            (status, message + "\n").into_response()
        }
    }
}

/// The newest sample of each series in the range, unless that is a stale marker.
fn newest(
    store: &dyn Queryable,
    selectors: &[Vec<Matcher>],
    range: TimeRange,
    interrupt: &dyn Interrupt,
) -> Result<BTreeMap<Labels, Sample>, SelectError> {
    let mut found = BTreeMap::new();
    let mut samples = Vec::new();
    for matchers in selectors {
        let mut set = store.select_until(matchers, range, interrupt)?;
        while let Some(labels) = set.next_into(&mut samples)? {
            interrupt.check()?;
            if let Some(sample) = samples.last().filter(|sample| !is_stale(sample.value)) {
                found.insert(labels, *sample);
            }
        }
    }
    Ok(found)
}

/// One family a metric name, sorted. A series without name cannot be written, and is left out as Prometheus does.
fn text(samples: BTreeMap<Labels, Sample>, external: &BTreeMap<String, String>) -> String {
    let mut external: BTreeMap<&str, &str> =
        external.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // An empty instance keeps the scraper from setting its own on what has none.
    external.entry("instance").or_default();
    let mut samples: Vec<_> = samples.into_iter().collect();
    samples.sort_by(|(a, _), (b, _)| a.metric_name().cmp(b.metric_name()));
    let mut out = String::new();
    let mut family = String::new();
    let mut nameless = 0_u64;
    for (labels, sample) in &samples {
        let name = labels.metric_name();
        if name.is_empty() {
            nameless += 1;
            continue;
        }
        if name != family {
            name.clone_into(&mut family);
            let _ = writeln!(out, "# TYPE {} untyped", metric_name(name));
        }
        write_sample(&mut out, name, labels, &external, *sample);
    }
    if nameless > 0 {
        tracing::warn!(series = nameless, "ignoring nameless metrics during federation");
    }
    out
}

fn write_sample(
    out: &mut String,
    name: &str,
    labels: &Labels,
    external: &BTreeMap<&str, &str>,
    sample: Sample,
) {
    let own =
        labels.iter().filter(|label| &*label.name != METRIC_NAME).map(|label| (&*label.name, &*label.value));
    let added = external.iter().map(|(name, value)| (*name, *value));
    let added = added.filter(|(name, _)| labels.get(name).is_empty());
    // Without quotes the name stands before the braces, with them inside.
    let mut first = true;
    if is_plain_metric_name(name) {
        out.push_str(name);
        out.push('{');
    } else {
        let _ = write!(out, "{{{}", metric_name(name));
        first = false;
    }
    for (label, value) in own.chain(added) {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        if is_plain_name(label) {
            out.push_str(label);
        } else {
            out.push_str(&quote(label));
        }
        let _ = write!(out, "=\"{}\"", escaped(value));
    }
    let _ = writeln!(out, "}} {} {}", format_g(sample.value), sample.time_ms);
}

fn metric_name(name: &str) -> String {
    if is_plain_metric_name(name) { name.to_owned() } else { format!("\"{}\"", escaped(name)) }
}

fn is_plain_metric_name(name: &str) -> bool {
    is_plain_name(&name.replace(':', "_"))
}

/// The text format knows three escapes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}
