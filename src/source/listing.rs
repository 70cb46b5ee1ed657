//! What variables ask a server for: names, values, series, and results as texts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::prometheus::{Prometheus, seconds};
use super::{Source as _, Value, inventory};
use crate::query::{Query, QueryError, QueryTime, SourceId};
use crate::series::Labels;
use crate::time_range::Span;
use crate::variable::lookup::Lookup;

/// Texts of one answer that are kept, and asked for where the server knows the parameter.
pub const LISTED_LIMIT: usize = 50_000;

impl Prometheus {
    /// Answers `lookup` as Grafana's data source would.
    pub(super) async fn listed(&self, lookup: &Lookup, span: Span) -> Result<Vec<String>, QueryError> {
        let mut parameters = vec![
            ("start", seconds(span.start_ms)),
            ("end", seconds(span.end_ms)),
            ("limit", LISTED_LIMIT.to_string()),
        ];
        let (path, selector) = match lookup {
            Lookup::LabelNames { selector } => ("api/v1/labels".to_owned(), selector.as_ref()),
            Lookup::LabelValues { label, selector } => (values_path(label), selector.as_ref()),
            Lookup::Metrics { .. } => (values_path("__name__"), None),
            Lookup::Series { selector } => ("api/v1/series".to_owned(), Some(selector)),
            Lookup::Result { expr } => return self.results(expr, span.end_ms).await,
        };
        parameters.extend(selector.map(|selector| ("match[]", selector.clone())));
        let body = self.get(&path, &parameters).await?;
        let mut found =
            if matches!(lookup, Lookup::Series { .. }) { series(&body)? } else { inventory::read(&body)? };
        found.truncate(LISTED_LIMIT);
        Ok(found)
    }

    async fn results(&self, expr: &str, time_ms: i64) -> Result<Vec<String>, QueryError> {
        let query = Query { expr: expr.into(), time: QueryTime::Instant(time_ms), source: SourceId::DEFAULT };
        results(self.evaluate(&query).await?.value)
    }
}

/// The path of a label's values. Only names that need no escaping are asked for, which the form of the query ensures.
fn values_path(label: &str) -> String {
    format!("api/v1/label/{label}/values")
}

/// `up{instance="a",job="b"}` for each series.
fn series(body: &[u8]) -> Result<Vec<String>, QueryError> {
    let found: Vec<BTreeMap<Cow<'_, str>, Cow<'_, str>>> = inventory::read(body)?;
    let labels = found.iter().take(LISTED_LIMIT).map(|labels| {
        Labels::new(labels.iter().map(|(name, value)| (Box::from(&**name), Box::from(&**value))))
    });
    Ok(labels.map(|labels| name(&labels)).collect())
}

/// Grafana's way to write a series: no space behind commas, and nothing in the values is escaped.
fn name(labels: &Labels) -> String {
    let mut text = labels.metric_name().unwrap_or_default().to_owned();
    text.push('{');
    for (index, (name, value)) in labels.iter().filter(|(name, _)| *name != "__name__").enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text.push('}');
    text
}

/// `up{job="b"} 1 1780000000000` for each sample of a vector; the value of a scalar or text alone.
fn results(value: Value) -> Result<Vec<String>, QueryError> {
    match value {
        Value::Scalar { value, .. } => Ok(vec![number(value)]),
        Value::Text { text, .. } => Ok(vec![text]),
        Value::Vector(series) => {
            let sample = |series: &super::RawSeries| {
                let (time_ms, value) = series.points.first().copied().unwrap_or_default();
                format!("{} {} {time_ms}", name(&series.labels), number(value))
            };
            Ok(series.iter().take(LISTED_LIMIT).map(sample).collect())
        }
        Value::Matrix(_) => Err(QueryError::Malformed(
            "a range vector has no values for a variable; take one with last_over_time()".to_owned(),
        )),
    }
}

/// As Prometheus writes a value.
fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::RawSeries;

    #[test]
    fn series_and_results_are_written_as_grafana_writes_them() {
        let body =
            br#"{"status":"success","data":[{"__name__":"up","job":"a","instance":"h:1"},{"job":"b"}]}"#;
        assert_eq!(series(body).expect("series"), ["up{instance=\"h:1\",job=\"a\"}", "{job=\"b\"}"]);
        let labels = Labels::from([("__name__", "up"), ("job", "a")]);
        let vector = Value::Vector(vec![RawSeries { labels, points: vec![(1_780_000_000_123, 0.5)] }]);
        assert_eq!(results(vector).expect("a vector"), ["up{job=\"a\"} 0.5 1780000000123"]);
        let scalar = Value::Scalar { time_ms: 0, value: f64::INFINITY };
        assert_eq!(results(scalar).expect("a scalar"), ["+Inf"]);
        assert!(results(Value::Matrix(Vec::new())).is_err());
        assert_eq!(
            (number(1e6), number(f64::NAN), number(1e-7)),
            ("1000000".into(), "NaN".into(), "0.0000001".into())
        );
    }
}
