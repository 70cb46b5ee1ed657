//! What either side answers, in one form, and where two answers differ.

use std::collections::BTreeMap;
use std::fmt;

use embedded_prometheus::promql::{Answer, QueryError, QueryValue};
use serde_json::Value;

use crate::When;

/// How much values may differ, relative to the larger one: the order of additions is not defined.
const TOLERANCE: f64 = 1e-9;

type LabelSet = BTreeMap<String, String>;

/// An answer: an error with its class, or series with times in milliseconds and values, in the order they came in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Error { kind: String, message: String },
    Text(String),
    Series { kind: &'static str, series: Vec<(LabelSet, Vec<(i64, f64)>)> },
}

/// Whether the order of an answer's series is defined: an instant query's, sorted or ranked at last.
pub(crate) fn is_ordered(query: &str, when: When) -> bool {
    let ranked = ["sort(", "sort_desc(", "topk(", "bottomk("].iter().any(|name| query.starts_with(name));
    matches!(when, When::Instant(_)) && ranked && query.ends_with(')')
}

#[expect(clippy::float_cmp, reason = "infinities are equal or they are not")]
fn same(a: f64, b: f64) -> bool {
    if a.is_finite() && b.is_finite() {
        return (a - b).abs() <= TOLERANCE * a.abs().max(b.abs());
    }
    a == b || (a.is_nan() && b.is_nan())
}

impl Outcome {
    pub(crate) fn ours(answer: Result<Answer, QueryError>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(e) => return Self::Error { kind: e.kind().to_owned(), message: e.to_string() },
        };
        let labels = |labels: &embedded_prometheus::model::Labels| {
            labels.iter().map(|label| (label.name.to_string(), label.value.to_string())).collect()
        };
        match answer.value {
            QueryValue::String { value, .. } => Self::Text(value),
            QueryValue::Scalar(sample) => Self::Series {
                kind: "scalar",
                series: vec![(LabelSet::new(), vec![(sample.time_ms, sample.value)])],
            },
            QueryValue::Vector(samples) => Self::Series {
                kind: "vector",
                series: samples.iter().map(|s| (labels(&s.labels), vec![(s.time_ms, s.value)])).collect(),
            },
            QueryValue::Matrix(series) => Self::Series {
                kind: "matrix",
                series: series
                    .iter()
                    .map(|s| (labels(&s.labels), s.samples.iter().map(|s| (s.time_ms, s.value)).collect()))
                    .collect(),
            },
        }
    }

    /// The body of an answer of Prometheus's API.
    pub(crate) fn theirs(body: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if body["status"] != "success" {
            let message = text(&body["error"]);
            // The API says which of its parameters is wrong; the engine knows of none.
            let message =
                message.strip_prefix("invalid parameter \"query\": ").unwrap_or(&message).to_owned();
            return Self::Error { kind: text(&body["errorType"]), message };
        }
        let sample = |pair: &Value| {
            let time = (pair[0].as_f64().expect("a time") * 1000.0).round() as i64;
            let value = pair[1].as_str().expect("a value");
            (time, value.parse().expect("a number"))
        };
        let data = &body["data"];
        let result = &data["result"];
        match data["resultType"].as_str() {
            Some("string") => Self::Text(text(&result[1])),
            Some("scalar") => {
                Self::Series { kind: "scalar", series: vec![(LabelSet::new(), vec![sample(result)])] }
            }
            kind => {
                let series = result.as_array().expect("series").iter().map(|series| {
                    let labels = series["metric"].as_object().expect("labels");
                    let labels = labels.iter().map(|(name, value)| (name.clone(), text(value))).collect();
                    let values = match series["values"].as_array() {
                        Some(values) => values.iter().map(sample).collect(),
                        None => vec![sample(&series["value"])],
                    };
                    (labels, values)
                });
                let kind = if kind == Some("matrix") { "matrix" } else { "vector" };
                Self::Series { kind, series: series.collect() }
            }
        }
    }

    /// How this differs from what Prometheus says.
    pub(crate) fn difference(&self, theirs: &Self, ordered: bool) -> Option<String> {
        let (Self::Series { kind, series }, Self::Series { kind: their_kind, series: their_series }) =
            (self, theirs)
        else {
            return (self != theirs).then(|| format!("ours {self}\n    prometheus {theirs}"));
        };
        if kind != their_kind {
            return Some(format!("a {kind} instead of a {their_kind}"));
        }
        if ordered {
            let mut pairs = series.iter().zip(their_series);
            if let Some((a, b)) = pairs.find(|(a, b)| !same(a.1[0].1, b.1[0].1)) {
                return Some(format!("in order, ours has {a:?} where Prometheus has {b:?}"));
            }
        }
        let sorted = |series: &[(LabelSet, Vec<(i64, f64)>)]| {
            let mut sorted = series.to_vec();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            sorted
        };
        let (series, their_series) = (sorted(series), sorted(their_series));
        let names = |series: &[(LabelSet, _)]| series.iter().map(|s| s.0.clone()).collect::<Vec<_>>();
        if names(&series) != names(&their_series) {
            return Some(format!(
                "{} series instead of {}: {self}\n    instead of {theirs}",
                series.len(),
                their_series.len()
            ));
        }
        for ((labels, values), (_, their_values)) in series.iter().zip(&their_series) {
            let times = |values: &[(i64, f64)]| values.iter().map(|v| v.0).collect::<Vec<_>>();
            if times(values) != times(their_values) {
                let lone = |a: &[(i64, f64)], b: &[(i64, f64)]| {
                    a.iter().find(|(time, _)| b.iter().all(|b| b.0 != *time)).copied()
                };
                return Some(format!(
                    "{labels:?} has {} values instead of {}, ours alone has {:?}, Prometheus alone has {:?}",
                    values.len(),
                    their_values.len(),
                    lone(values, their_values),
                    lone(their_values, values)
                ));
            }
            let mut pairs = values.iter().zip(their_values);
            if let Some((a, b)) = pairs.find(|(a, b)| !same(a.1, b.1)) {
                return Some(format!("{labels:?} is {:?} instead of {:?} at {}", a.1, b.1, a.0));
            }
        }
        None
    }
}

/// The error, the text, or the first few series.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        match self {
            Self::Error { kind, message } => write!(f, "{kind}: {message}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Series { kind, series } => {
                write!(f, "{kind}")?;
                let mut sorted: Vec<_> = series.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                for (labels, values) in sorted.into_iter().take(SHOWN) {
                    let labels: Vec<_> =
                        labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
                    let value = values.first().map_or(f64::NAN, |v| v.1);
                    write!(f, " {{{}}} {value}", labels.join(", "))?;
                }
                if series.len() > SHOWN { write!(f, " and {} more", series.len() - SHOWN) } else { Ok(()) }
            }
        }
    }
}
