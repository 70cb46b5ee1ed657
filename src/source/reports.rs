//! What a server lists beside values: its alerts and its targets, as samples whose labels say all there is.
//!
//! They take the way of any other answer, so that the store's rules hold for them: one request for all panels that show
//! them, stale answers dropped, the last good one kept. What is no label of the alert or target itself has a name that
//! begins with two underscores, which Prometheus keeps for internal use.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use super::failure;
use crate::query::listing::{
    ALERTS_PATH, DURATION, ERROR, HEALTH, LISTED_LIMIT, STATE, SUMMARY, TARGETS_PATH, VALUE,
};
use crate::query::{Answer, Data, QueryError, SERVER_TEXT_LIMIT_CHARS};
use crate::series::{Labels, Sample, Vector};

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct AlertsJson {
    alerts: Vec<AlertJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertJson {
    #[serde(default)]
    labels: Pairs,
    #[serde(default)]
    annotations: Pairs,
    #[serde(default)]
    state: String,
    #[serde(default)]
    active_at: Option<String>,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetsJson {
    active_targets: Vec<TargetJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetJson {
    #[serde(default)]
    labels: Pairs,
    #[serde(default)]
    scrape_url: String,
    #[serde(default)]
    last_error: String,
    #[serde(default)]
    last_scrape: String,
    #[serde(default)]
    last_scrape_duration: f64,
    #[serde(default)]
    health: String,
}

type Pairs = std::collections::BTreeMap<String, String>;

/// Path and parameters of the request for what is listed at `path`.
pub(super) fn request(path: &str) -> (&str, Vec<(&'static str, String)>) {
    let state = (path == TARGETS_PATH).then(|| ("state", "active".to_owned()));
    (path.trim_start_matches('/'), state.into_iter().collect())
}

/// Reads the body of a 2xx answer.
pub(super) fn answer(path: &str, body: &[u8], time_ms: i64) -> Result<Answer, QueryError> {
    let text = String::from_utf8_lossy(body);
    let mut samples = if path == ALERTS_PATH { alerts(&text) } else { targets(&text) }
        .map_err(|error| failure::unreadable(&error, &text))?;
    let series_left_out = samples.len().saturating_sub(LISTED_LIMIT);
    samples.truncate(LISTED_LIMIT);
    let data = Data::Instant(Vector { time_ms, samples });
    Ok(Answer {
        data,
        warnings: Vec::new(),
        infos: Vec::new(),
        series_left_out,
        body_bytes: body.len() as u64,
    })
}

/// What is said where the server has no such list.
pub(super) fn missing(path: &str, error: QueryError) -> QueryError {
    let refused = match &error {
        QueryError::Status { status, .. } => matches!(status, 400 | 404 | 405 | 501),
        QueryError::Prometheus { message, .. } => message.contains("unsupported path"),
        QueryError::Malformed(_) => true,
        _ => false,
    };
    if !refused {
        return error;
    }
    let hint = if path == ALERTS_PATH {
        "not every server that answers queries evaluates rules (VictoriaMetrics leaves that to vmalert)"
    } else {
        "not every server that answers queries scrapes (Thanos and Mimir leave that to others)"
    };
    QueryError::Malformed(format!("this server has no {path}; {hint}: {error}"))
}

fn alerts(text: &str) -> Result<Vec<Sample>, serde_json::Error> {
    let envelope: Envelope<AlertsJson> = serde_json::from_str(text)?;
    let sample = |alert: AlertJson| {
        let summary = ["summary", "description", "message"]
            .iter()
            .find_map(|name| alert.annotations.get(*name))
            .cloned()
            .unwrap_or_default();
        let value = match alert.value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let since_s = alert.active_at.as_deref().map_or(f64::NAN, unix_seconds);
        let own = [(STATE, alert.state), (SUMMARY, summary), (VALUE, value)];
        Sample { labels: labels(alert.labels, own), value: since_s }
    };
    Ok(envelope.data.alerts.into_iter().map(sample).collect())
}

fn targets(text: &str) -> Result<Vec<Sample>, serde_json::Error> {
    let envelope: Envelope<TargetsJson> = serde_json::from_str(text)?;
    let sample = |target: TargetJson| {
        let mut all = target.labels;
        all.entry("instance".to_owned()).or_insert(target.scrape_url);
        let own = [
            (HEALTH, target.health),
            (ERROR, target.last_error),
            (DURATION, target.last_scrape_duration.to_string()),
        ];
        Sample { labels: labels(all, own), value: unix_seconds(&target.last_scrape) }
    };
    Ok(envelope.data.active_targets.into_iter().map(sample).collect())
}

/// RFC 3339 to Unix seconds; NaN for what is none, and for Go's zero time, which stands for never.
fn unix_seconds(text: &str) -> f64 {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) if time.timestamp() > 0 => time.timestamp_millis() as f64 / 1_000.0,
        _ => f64::NAN,
    }
}

fn labels<const N: usize>(pairs: Pairs, own: [(&str, String); N]) -> Labels {
    let bounded = |text: String| -> Box<str> {
        if text.len() <= SERVER_TEXT_LIMIT_CHARS {
            return text.into();
        }
        text.chars().take(SERVER_TEXT_LIMIT_CHARS).collect::<String>().into()
    };
    // Of two pairs with one name the first stays: an alert cannot pretend to be in another state.
    let own = own.into_iter().map(|(name, value)| (Box::from(name), bounded(value)));
    let given = pairs.into_iter().map(|(name, value)| (name.into(), bounded(value)));
    Labels::new(own.chain(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From Prometheus's documentation of its HTTP API.
    const ALERTS: &str = r#"{"data":{"alerts":[{"activeAt":"2018-07-04T20:27:12.60602144+02:00","annotations":{"summary":"Much"},
        "labels":{"alertname":"my-alert","__state__":"fake"},"state":"firing","value":"1e+00"},{"labels":{"alertname":"other"}}]},"status":"success"}"#;
    const TARGETS: &str = r#"{"status":"success","data":{"activeTargets":[{"discoveredLabels":{"__address__":"127.0.0.1:9090"},
        "labels":{"instance":"127.0.0.1:9090","job":"prometheus"},"scrapePool":"prometheus","scrapeUrl":"http://127.0.0.1:9090/metrics",
        "globalUrl":"http://example-prometheus:9090/metrics","lastError":"","lastScrape":"2017-01-17T15:07:44.723715405+01:00",
        "lastScrapeDuration":0.050688943,"health":"up","scrapeInterval":"1m","scrapeTimeout":"10s"},
        {"scrapeUrl":"http://x/metrics","lastError":"refused","lastScrape":"0001-01-01T00:00:00Z","health":"down"}],"droppedTargets":[]}}"#;

    fn samples(path: &str, body: &str) -> Vec<Sample> {
        match answer(path, body.as_bytes(), 7).expect("an answer").data {
            Data::Instant(vector) => vector.samples,
            Data::Range(_) => panic!("a range"),
        }
    }

    #[test]
    fn alerts_are_samples_since_they_are_active() {
        let found = samples(ALERTS_PATH, ALERTS);
        let get = |name| found[0].labels.get(name);
        assert_eq!(
            (get("alertname"), get(STATE), get(SUMMARY)),
            (Some("my-alert"), Some("firing"), Some("Much"))
        );
        assert!((found[0].value - 1_530_728_832.606).abs() < 0.001);
        assert!(found[1].value.is_nan());
        assert!(samples(ALERTS_PATH, r#"{"status":"success","data":{"alerts":[]}}"#).is_empty());
    }

    #[test]
    fn targets_are_samples_of_their_last_scrape() {
        let found = samples(TARGETS_PATH, TARGETS);
        let get = |index: usize, name| found[index].labels.get(name);
        assert_eq!(
            (get(0, "job"), get(0, HEALTH), get(0, DURATION)),
            (Some("prometheus"), Some("up"), Some("0.050688943"))
        );
        assert_eq!((get(1, "instance"), get(1, ERROR)), (Some("http://x/metrics"), Some("refused")));
        assert!((found[0].value - 1_484_662_064.723).abs() < 0.001 && found[1].value.is_nan());
    }

    #[test]
    fn a_server_without_the_list_is_named_as_such() {
        let error = missing(ALERTS_PATH, QueryError::Status { status: 404, text: "no".to_owned() });
        assert!(error.to_string().contains("this server has no /api/v1/alerts; not every server"), "{error}");
        let outage = QueryError::Unreachable("x".to_owned());
        assert_eq!(missing(ALERTS_PATH, outage.clone()), outage);
        assert!(answer(TARGETS_PATH, b"<html>", 0).is_err());
    }
}
