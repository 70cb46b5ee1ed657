//! The labels of a sample, taken out of the bytes of its series.

use std::borrow::Cow;

use super::MetricKind;
use super::number::parse_float;
use crate::model::{Labels, METRIC_NAME, format_g};

/// Why a well-formed series is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelsError {
    /// A label is there twice; the words are Prometheus's.
    #[error("label name \"{0}\" is not unique: invalid sample")]
    Duplicate(String),
    /// A name is empty or no UTF-8; the words are Prometheus's.
    #[error("invalid metric name or label names: {0}")]
    InvalidName(String),
}

/// Where names and values stand in the body.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// The metric's name, without quotes.
    pub(super) name: Option<(usize, usize)>,
    /// Name and value of each label, without quotes.
    pub(super) labels: Vec<[(usize, usize); 2]>,
}

/// The labels at `spans` of `body`. `kind` is that of the last `TYPE` line: its `le` or `quantile` label is written
/// as OpenMetrics does, `1` as `1.0`, so that it does not matter in which format a target answers.
pub(super) fn read(body: &[u8], spans: &Spans, kind: MetricKind) -> Result<Labels, LabelsError> {
    let text = |(start, end): (usize, usize)| {
        let bytes = &body[start..end];
        std::str::from_utf8(bytes)
            .map(unescape)
            .map_err(|_| LabelsError::InvalidName(String::from_utf8_lossy(bytes).into_owned()))
    };
    let mut pairs = Vec::with_capacity(spans.labels.len() + 1);
    if let Some(span) = spans.name {
        pairs.push((Cow::Borrowed(METRIC_NAME), text(span)?));
    }
    for &[name, value] in &spans.labels {
        let (name, value) = (text(name)?, text(value)?);
        if name.is_empty() && !value.is_empty() {
            return Err(LabelsError::InvalidName(format!("a label without name, of value {value:?}")));
        }
        let value = match (kind, &*name) {
            (MetricKind::Histogram, "le") | (MetricKind::Summary, "quantile") => {
                parse_float(value.as_bytes()).map_or(value, |number| Cow::Owned(format_open_metrics(number)))
            }
            _ => value,
        };
        pairs.push((name, value));
    }
    // Sorted first, so that a series of very many labels takes no quadratic time.
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(twice) = pairs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(LabelsError::Duplicate(twice[0].0.clone().into_owned()));
    }
    Ok(Labels::from_pairs(pairs))
}

/// A number as OpenMetrics writes it in `le` and `quantile`: with a point or an exponent.
fn format_open_metrics(value: f64) -> String {
    let mut text = format_g(value);
    if value == 0.0 {
        return "0.0".into();
    }
    if value.is_finite() && !text.contains(['e', '.']) {
        text.push_str(".0");
    }
    text
}

/// A label value or quoted name without its escapes `\\`, `\"` and `\n`; any other backslash stays.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    replace(text, |escape| match escape {
        b'\\' => Some('\\'),
        b'"' => Some('"'),
        b'n' => Some('\n'),
        _ => None,
    })
}

/// A help text of 0.0.4 without its escapes `\\` and `\n`.
pub(super) fn unescape_help(text: &str) -> Cow<'_, str> {
    replace(text, |escape| match escape {
        b'\\' => Some('\\'),
        b'n' => Some('\n'),
        _ => None,
    })
}

fn replace(text: &str, meaning: impl Fn(u8) -> Option<char>) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        if let Some(c) = rest.as_bytes().get(at + 1).and_then(|&escape| meaning(escape)) {
            out.push(c);
            rest = &rest[at + 2..];
        } else {
            out.push('\\');
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_escapes_are_replaced() {
        assert_eq!(unescape(r#"a\\b\"c\nd\te\"#), "a\\b\"c\nd\\te\\");
        assert_eq!(unescape_help(r#"a\\n\"\n"#), "a\\n\\\"\n");
    }

    #[test]
    fn numbers_as_open_metrics_writes_them() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (-1.0, "-1.0"),
            (0.25, "0.25"),
            (1e6, "1e+06"),
            (100_000.0, "100000.0"),
            (f64::INFINITY, "+Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_open_metrics(value), text);
        }
    }
}
