//! Parameters from the query string and, for a POST, from a form: times, durations, limits and selectors as
//! Prometheus reads them.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, header};
use chrono::DateTime;
use url::form_urlencoded;

use super::error::ApiError;
use crate::config::parse_duration_ms;
use crate::model::quote;
use crate::promql::{Engine, QueryError};
use crate::storage::{Matcher, TimeRange};

/// The most bytes of a form, as in Go's HTTP server. An address is bounded to 64 KiB by the HTTP library.
pub const MAX_BODY_BYTES: usize = 10 << 20;

/// How long a form may take to come, as Prometheus's `--web.read-timeout`.
pub const BODY_TIMEOUT: Duration = Duration::from_mins(5);

/// Prometheus's earliest and latest times, and the only ones outside of years of four digits that it reads.
const MIN_TIME: (i64, &str) = (-9_223_309_901_257_974_000, "-292273086-05-16T16:47:06Z");
const MAX_TIME: (i64, &str) = (9_223_309_901_257_974_999, "292277025-08-18T07:12:54.999999999Z");

/// The parameters of a request, those of a form first, in their order.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let mut pairs = Vec::new();
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = content_type.is_some_and(|it| {
            let media_type = it.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if is_form && parts.method == Method::POST {
            let body = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await;
            let body = body
                .map_err(|_| {
                    ApiError::bad_data("error parsing form values: the form takes too long to come")
                })?
                .map_err(|e| {
                    ApiError::bad_data(format!(
                        "error parsing form values: {e} (at most {MAX_BODY_BYTES} bytes are read)"
                    ))
                })?;
            pairs.extend(form_urlencoded::parse(&body).into_owned());
        }
        let query = parts.uri.query().unwrap_or_default();
        pairs.extend(form_urlencoded::parse(query.as_bytes()).into_owned());
        Ok(Self(pairs))
    }
}

impl Params {
    /// The first value of `name`, or the empty string.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// All values of `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A time that must be given, in Unix milliseconds.
    pub(super) fn time(&self, name: &str) -> Result<i64, ApiError> {
        time(self.get(name)).map_err(|what| ApiError::parameter(name, what))
    }

    /// A time, in Unix milliseconds.
    pub(super) fn time_or(&self, name: &str, default_ms: i64) -> Result<i64, ApiError> {
        match self.get(name) {
            "" => Ok(default_ms),
            text => time(text).map_err(|what| {
                ApiError::parameter(name, format_args!("Invalid time value for '{name}': {what}"))
            }),
        }
    }

    /// `start` and `end`, all of time if they are not given.
    pub(super) fn range(&self) -> Result<TimeRange, ApiError> {
        Ok(TimeRange {
            start_ms: self.time_or("start", MIN_TIME.0)?,
            end_ms: self.time_or("end", MAX_TIME.0)?,
        })
    }

    /// A duration in nanoseconds that must be given.
    pub(super) fn duration_ns(&self, name: &str) -> Result<i64, ApiError> {
        duration_ns(self.get(name)).map_err(|what| ApiError::parameter(name, what))
    }

    /// `limit`; 0 is none.
    pub(super) fn limit(&self) -> Result<usize, ApiError> {
        let text = self.get("limit");
        if text.is_empty() {
            return Ok(0);
        }
        match atoi(text) {
            Ok(limit) => {
                usize::try_from(limit).map_err(|_| ApiError::parameter("limit", "limit must be non-negative"))
            }
            Err(what) => Err(ApiError::parameter("limit", what)),
        }
    }

    /// A number that `metadata` limits itself by: below 0 is none.
    pub(super) fn metadata_limit(&self, name: &str) -> Result<Option<usize>, ApiError> {
        match self.get(name) {
            "" => Ok(None),
            text => match atoi(text) {
                Ok(limit) => Ok(usize::try_from(limit).ok()),
                Err(_) => Err(ApiError::bad_data(format!("{name} must be a number"))),
            },
        }
    }

    /// The selectors in `match[]`.
    pub(super) fn matchers(&self, engine: &Engine) -> Result<Vec<Vec<Matcher>>, QueryError> {
        engine.selectors(self.all("match[]"))
    }
}

/// Go's `strconv.Atoi`, with its words.
pub(super) fn atoi(text: &str) -> Result<i64, String> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse().map_err(|e: std::num::ParseIntError| {
        let what = match e.kind() {
            PosOverflow | NegOverflow => "value out of range",
            _ => "invalid syntax",
        };
        format!("strconv.Atoi: parsing {}: {what}", quote(text))
    })
}

/// Seconds since the epoch, with a fraction, or RFC 3339; in milliseconds.
pub(super) fn time(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>()
        && seconds.is_finite()
    {
        let fraction_ms = (seconds.fract() * 1000.0).round() as i64;
        return Ok((seconds.trunc() as i64).saturating_mul(1000).saturating_add(fraction_ms));
    }
    for (ms, formatted) in [MIN_TIME, MAX_TIME] {
        if text == formatted {
            return Ok(ms);
        }
    }
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|_| format!("cannot parse {} to a valid timestamp", quote(text)))
}

/// Seconds, with a fraction, or `1h30m`; in nanoseconds.
pub(super) fn duration_ns(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        let ns = seconds * 1e9;
        if ns.abs() > i64::MAX as f64 || ns.is_nan() {
            return Err(format!("cannot parse {} to a valid duration. It overflows int64", quote(text)));
        }
        return Ok(ns as i64);
    }
    parse_duration_ms(text)
        .ok()
        .and_then(|duration_ms| duration_ms.checked_mul(1_000_000))
        .ok_or_else(|| format!("cannot parse {} to a valid duration", quote(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, ms) in [
            ("0", 0),
            ("1.005", 1005),
            ("-1.5", -1500),
            ("1e3", 1_000_000),
            ("1577934245.678", 1_577_934_245_678),
            ("2020-01-02T03:04:05.678Z", 1_577_934_245_678),
            ("2020-01-02T04:04:05.678999+01:00", 1_577_934_245_678),
            ("-292273086-05-16T16:47:06Z", -9_223_309_901_257_974_000),
            ("292277025-08-18T07:12:54.999999999Z", 9_223_309_901_257_974_999),
            ("1e300", i64::MAX),
        ] {
            assert_eq!(time(text), Ok(ms), "{text}");
        }
        for text in ["", "foo", "NaN", "inf", "30s", "2020-01-02"] {
            assert_eq!(time(text), Err(format!("cannot parse \"{text}\" to a valid timestamp")));
        }
    }

    #[test]
    fn durations() {
        for (text, ms) in [("15", 15_000), ("0.5", 500), ("5m", 300_000), ("1h30m", 5_400_000), ("-1", -1000)]
        {
            assert_eq!(duration_ns(text), Ok(ms * 1_000_000), "{text}");
        }
        for text in ["", "bla", "-5m"] {
            assert_eq!(duration_ns(text), Err(format!("cannot parse \"{text}\" to a valid duration")));
        }
        assert!(duration_ns("1e30").unwrap_err().ends_with("It overflows int64"));
        assert!(duration_ns("NaN").unwrap_err().ends_with("It overflows int64"));
    }

    #[test]
    fn whole_numbers_in_the_words_of_go() {
        assert_eq!(atoi("12"), Ok(12));
        assert_eq!(atoi("x").unwrap_err(), r#"strconv.Atoi: parsing "x": invalid syntax"#);
        assert_eq!(
            atoi("99999999999999999999").unwrap_err(),
            r#"strconv.Atoi: parsing "99999999999999999999": value out of range"#
        );
    }
}
