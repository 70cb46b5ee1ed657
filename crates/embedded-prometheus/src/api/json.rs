//! Answers as JSON, written straight into bytes: label sets, samples and numbers as Prometheus writes them.

use std::io::Write as _;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::ApiError;
use crate::model::{Labels, Sample};
use crate::promql::{Answer, QueryValue};

/// The most warnings, and the most infos, of an answer, as in Prometheus.
const MAX_REMARKS: usize = 10;

/// What a `limit` says when it cut something off.
pub(super) const TRUNCATED: &str = "results truncated due to limit";

/// A whole successful answer.
#[derive(Debug)]
pub(super) struct Success(Vec<u8>);

impl IntoResponse for Success {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

impl Success {
    /// An answer whose data `write` puts behind what is there already.
    pub(super) fn write(warnings: &[String], infos: &[String], write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut out = br#"{"status":"success","data":"#.to_vec();
        write(&mut out);
        remarks(&mut out, "warning", warnings);
        remarks(&mut out, "info", infos);
        out.push(b'}');
        Self(out)
    }

    pub(super) fn of(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::with_warnings(data, &[])
    }

    pub(super) fn with_warnings(data: &impl Serialize, warnings: &[String]) -> Result<Self, ApiError> {
        let data = serde_json::to_vec(data)
            .map_err(|e| ApiError::new("internal", format!("error marshaling json response: {e}")))?;
        Ok(Self::write(warnings, &[], |out| out.extend_from_slice(&data)))
    }

    /// A list cut to `limit` (0 for none), with the warning that says so.
    pub(super) fn list<T: Serialize>(mut items: Vec<T>, limit: usize) -> Result<Self, ApiError> {
        let truncated = limit > 0 && items.len() > limit;
        if truncated {
            items.truncate(limit);
        }
        let warnings: &[String] = if truncated { &[TRUNCATED.to_owned()] } else { &[] };
        Self::with_warnings(&items, warnings)
    }

    /// What a query answered, cut to `limit` series (0 for none).
    pub(super) fn answer(mut answer: Answer, limit: usize) -> Self {
        let truncated = limit > 0
            && match &mut answer.value {
                QueryValue::Vector(samples) => truncate(samples, limit),
                QueryValue::Matrix(series) => truncate(series, limit),
                QueryValue::Scalar(_) | QueryValue::String { .. } => false,
            };
        if truncated {
            answer.warnings.push(TRUNCATED.to_owned());
        }
        Self::write(&answer.warnings, &answer.infos, |out| query_value(out, &answer.value))
    }
}

fn truncate<T>(items: &mut Vec<T>, limit: usize) -> bool {
    let truncated = items.len() > limit;
    items.truncate(limit);
    truncated
}

fn remarks(out: &mut Vec<u8>, kind: &str, remarks: &[String]) {
    if remarks.is_empty() {
        return;
    }
    let _ = write!(out, r#","{kind}s":["#);
    for (i, remark) in remarks.iter().take(MAX_REMARKS).enumerate() {
        comma(out, i);
        string(out, remark);
    }
    if remarks.len() > MAX_REMARKS {
        let _ = write!(out, r#","{} more {kind} annotations omitted""#, remarks.len() - MAX_REMARKS);
    }
    out.push(b']');
}

fn comma(out: &mut Vec<u8>, i: usize) {
    if i > 0 {
        out.push(b',');
    }
}

/// Writing to a `Vec` and serialising text cannot fail.
fn string(out: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(out, text);
}

/// Prometheus writes scalars and strings by other rules than samples: a plain JSON number as time, and never an
/// exponent in the value.
fn query_value(out: &mut Vec<u8>, value: &QueryValue) {
    match value {
        QueryValue::Scalar(sample) => {
            out.extend_from_slice(br#"{"resultType":"scalar","result":["#);
            let _ = write!(out, "{},\"", seconds(sample.time_ms));
            plain_number(out, sample.value);
            out.extend_from_slice(b"\"]}");
        }
        QueryValue::String { time_ms, value } => {
            out.extend_from_slice(br#"{"resultType":"string","result":["#);
            let _ = write!(out, "{},", seconds(*time_ms));
            string(out, value);
            out.extend_from_slice(b"]}");
        }
        QueryValue::Vector(samples) => {
            out.extend_from_slice(br#"{"resultType":"vector","result":["#);
            for (i, sample) in samples.iter().enumerate() {
                comma(out, i);
                out.extend_from_slice(br#"{"metric":"#);
                labels(out, &sample.labels);
                out.extend_from_slice(br#","value":"#);
                point(out, Sample::new(sample.time_ms, sample.value));
                out.push(b'}');
            }
            out.extend_from_slice(b"]}");
        }
        QueryValue::Matrix(series) => {
            out.extend_from_slice(br#"{"resultType":"matrix","result":["#);
            for (i, one) in series.iter().enumerate() {
                comma(out, i);
                out.extend_from_slice(br#"{"metric":"#);
                labels(out, &one.labels);
                out.extend_from_slice(br#","values":["#);
                for (i, sample) in one.samples.iter().enumerate() {
                    comma(out, i);
                    point(out, *sample);
                }
                out.extend_from_slice(b"]}");
            }
            out.extend_from_slice(b"]}");
        }
    }
}

/// Milliseconds as seconds in the shortest way.
fn seconds(time_ms: i64) -> f64 {
    time_ms as f64 / 1000.0
}

/// `{"__name__":"up","job":"api"}`
pub(super) fn labels(out: &mut Vec<u8>, labels: &Labels) {
    out.push(b'{');
    for (i, label) in labels.iter().enumerate() {
        comma(out, i);
        string(out, &label.name);
        out.push(b':');
        string(out, &label.value);
    }
    out.push(b'}');
}

/// `[1.500,"0.5"]`
fn point(out: &mut Vec<u8>, sample: Sample) {
    out.push(b'[');
    timestamp(out, sample.time_ms);
    out.extend_from_slice(b",\"");
    sample_value(out, sample.value);
    out.extend_from_slice(b"\"]");
}

/// Seconds with three decimals, or none.
fn timestamp(out: &mut Vec<u8>, time_ms: i64) {
    if time_ms < 0 {
        out.push(b'-');
    }
    let ms = time_ms.unsigned_abs();
    whole_number(out, ms / 1000);
    let fraction = (ms % 1000) as u16;
    if fraction != 0 {
        let digit = |n: u16| b'0' + n as u8;
        out.extend_from_slice(&[
            b'.',
            digit(fraction / 100),
            digit(fraction / 10 % 10),
            digit(fraction % 10),
        ]);
    }
}

fn whole_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Whole numbers below this are exact in an `f64` and far from an exponent.
const PLAIN_WHOLE: f64 = 1e15;

/// From here to [`PLAIN_WHOLE`] the JSON library's digits, which it finds several times as fast as the standard
/// library, are those of Prometheus: the shortest ones, without an exponent.
const PLAIN_FRACTION: f64 = 1e-4;

/// The shortest digits that mean this number; an exponent below 1e-6 and from 1e21 on.
fn sample_value(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    if size < PLAIN_WHOLE && value.fract() == 0.0 && (size != 0.0 || value.is_sign_positive()) {
        if value < 0.0 {
            out.push(b'-');
        }
        whole_number(out, size as u64);
    } else if (PLAIN_FRACTION..PLAIN_WHOLE).contains(&size) {
        let _ = serde_json::to_writer(out, &value);
    } else if value.is_finite() && size != 0.0 && !(1e-6..1e21).contains(&size) {
        let scientific = format!("{value:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        let _ = write!(out, "{mantissa}e{sign}{digits:0>2}");
    } else {
        plain_number(out, value);
    }
}

/// The shortest digits that mean this number, without an exponent.
fn plain_number(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else {
        let _ = write!(out, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_as_prometheus_writes_them() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345.0, "123456789012345"),
            (999_999_999_999_999.9, "999999999999999.9"),
            // Halfway between two that are as short: the even one, as in Go, where the standard library takes the
            // greater.
            (999_346_983_653_655.0 + 0.25, "999346983653655.2"),
            (0.000_123_456_789, "0.000123456789"),
            (1e-4, "0.0001"),
            (0.000_099, "0.000099"),
            (-2.5e-5, "-0.000025"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (1e-6, "0.000001"),
            (9.99e-7, "9.99e-07"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(written(|out| sample_value(out, value)), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn values_without_exponent_are_short_and_exact(value in -1e15..1e15_f64, tiny in -1.0..1.0_f64) {
            for value in [value, tiny].into_iter().filter(|value| value.abs() >= 1e-6) {
                let text = written(|out| sample_value(out, value));
                proptest::prop_assert_eq!(text.parse(), Ok(value));
                proptest::prop_assert_eq!(text.len(), value.to_string().len());
            }
        }
    }

    #[test]
    fn timestamps_have_three_decimals_or_none() {
        for (ms, expected) in
            [(0, "0"), (1500, "1.500"), (-1, "-0.001"), (1_577_934_245_678, "1577934245.678"), (-2000, "-2")]
        {
            assert_eq!(written(|out| timestamp(out, ms)), expected);
        }
    }

    #[test]
    fn remarks_are_bounded() {
        let warnings: Vec<_> = (0..12).map(|i| format!("w{i}")).collect();
        let Success(body) = Success::write(&warnings, &["i".into()], |out| out.extend_from_slice(b"[]"));
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["warnings"].as_array().unwrap().len(), 11);
        assert_eq!(body["warnings"][10], "2 more warning annotations omitted");
        assert_eq!(body["infos"], serde_json::json!(["i"]));
    }
}
