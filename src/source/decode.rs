//! Bodies of the query API to answers: range results onto the grid of their query, instant results to samples.

use std::borrow::Cow;

use crate::query::{Answer, Data, Query, QueryError, QueryTime, SERIES_LIMIT, SERVER_TEXT_LIMIT_CHARS};
use crate::series::{ABSENT, Frame, Grid, Labels, Sample, Series, Vector, is_absent};
use crate::source::wire::{self, Collect, Envelope, Kind, Point};
use crate::source::{Evaluation, RawSeries, Value, failure};

/// Reads the body of a successful answer to `query`, for panels.
pub fn answer(body: &[u8], query: &Query) -> Result<Answer, QueryError> {
    let body_bytes = body.len() as u64;
    let (data, envelope, mut notes) = match query.time {
        QueryTime::Range(grid) => {
            let mut columns = Columns { grid, series: Vec::new(), placed: 0, outside: 0, replaced: 0 };
            let envelope = read(body, &mut columns)?;
            if let Some((time_ms, text)) = &envelope.single {
                columns.series(Labels::default(), &[(*time_ms, scalar(text)?)]);
            }
            let notes = columns.notes();
            (Data::Range(Frame { grid, series: columns.series }), envelope, notes)
        }
        QueryTime::Instant(asked_ms) => {
            let mut samples = Samples { time_ms: None, samples: Vec::new() };
            let envelope = read(body, &mut samples)?;
            match envelope.kind {
                Some(Kind::Matrix) => return Err(unfit("a range vector", "rate() or last_over_time()")),
                Some(Kind::Text) => return Err(unfit("a string", "a number or a vector")),
                _ => {}
            }
            if let Some((time_ms, text)) = &envelope.single {
                samples.series(Labels::default(), &[(*time_ms, scalar(text)?)]);
            }
            let time_ms = samples.time_ms.unwrap_or(asked_ms);
            (Data::Instant(Vector { time_ms, samples: samples.samples }), envelope, Vec::new())
        }
    };
    let series_left_out = envelope.series_left_out;
    let (mut warnings, infos) = remarks(envelope);
    warnings.append(&mut notes);
    Ok(Answer { data, warnings, infos, series_left_out, body_bytes })
}

/// Reads the body of a successful answer to `query` in full, with no limit but the body's own.
pub fn evaluation(body: &[u8], query: &Query) -> Result<Evaluation, QueryError> {
    let mut series = Everything(Vec::new());
    let envelope = read(body, &mut series)?;
    let series = series.0;
    let value = match (&envelope.single, envelope.kind) {
        (Some((time_ms, text)), Some(Kind::Text)) => Value::Text { time_ms: *time_ms, text: text.clone() },
        (Some((time_ms, text)), _) => Value::Scalar { time_ms: *time_ms, value: scalar(text)? },
        (None, Some(Kind::Matrix)) => Value::Matrix(series),
        (None, None) if matches!(query.time, QueryTime::Range(_)) => Value::Matrix(series),
        (None, _) => Value::Vector(series),
    };
    let (warnings, infos) = remarks(envelope);
    Ok(Evaluation { value, warnings, infos })
}

/// Prometheus's own error in a body of any HTTP status; `None` when the body holds none.
pub fn server_error(body: &[u8]) -> Option<QueryError> {
    let envelope = wire::read(&String::from_utf8_lossy(body), &mut Nothing).ok()?;
    let message = envelope.error.filter(|text| !text.is_empty())?;
    if envelope.status.as_deref().is_some_and(|status| status != "error") {
        return None;
    }
    let kind = envelope.error_type.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "error".to_owned());
    let bounded = |text: String| text.chars().take(SERVER_TEXT_LIMIT_CHARS).collect();
    Some(QueryError::Prometheus { kind: bounded(kind), message: bounded(message) })
}

/// Reads an answer that came with a 2xx status.
fn read(body: &[u8], sink: &mut dyn Collect) -> Result<Envelope, QueryError> {
    // Not every server checks that labels are UTF-8; what is not shows as U+FFFD rather than costing the answer.
    let text: Cow<'_, str> = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return Err(failure::not_the_api(text));
    }
    let envelope = wire::read(text, sink).map_err(|error| failure::unreadable(&error, text))?;
    if envelope.status.as_deref() == Some("error") {
        return Err(server_error(body).unwrap_or_else(|| {
            QueryError::Malformed("the server reports an error without saying which".to_owned())
        }));
    }
    if !envelope.has_result {
        return Err(failure::not_the_api(text));
    }
    Ok(envelope)
}

fn unfit(found: &str, remedy: &str) -> QueryError {
    QueryError::Prometheus {
        kind: "bad_data".to_owned(),
        message: format!("the expression gives {found}, which no panel can show; write it with {remedy}"),
    }
}

fn scalar(text: &str) -> Result<f64, QueryError> {
    wire::number(text).ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        QueryError::Malformed(format!("{text:?} is not a number"))
    })
}

/// All that a reader of the answer should know besides its data: warnings, and infos about the query.
fn remarks(envelope: Envelope) -> (Vec<String>, Vec<String>) {
    let mut warnings = envelope.warnings;
    if envelope.warnings_left_out > 0 {
        warnings.push(format!("{} more warnings were left out", envelope.warnings_left_out));
    }
    if envelope.is_partial {
        warnings.push("the answer is partial: a part of the server's storage did not answer".to_owned());
    }
    if let Some((count, labels)) = envelope.histograms {
        let others = if count > 1 { format!(" and {} others", count - 1) } else { String::new() };
        let labels: String = labels.to_string().chars().take(SERVER_TEXT_LIMIT_CHARS).collect();
        warnings.push(format!(
            "native histogram of {labels}{others} is not supported; \
             use histogram_quantile(), histogram_avg() or histogram_count() in the query"
        ));
    }
    (warnings, envelope.infos)
}

/// A range answer on its way into columns.
struct Columns {
    grid: Grid,
    series: Vec<Series>,
    /// Samples that found their place.
    placed: usize,
    /// Samples outside the grid.
    outside: usize,
    /// Samples that took the place of another one.
    replaced: usize,
}

impl Columns {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.placed == 0 && self.outside > 0 {
            notes.push(format!("all {} samples of the answer lie outside the range asked for", self.outside));
        }
        if self.replaced > 0 {
            notes.push(format!(
                "the server ignored the step: {} samples lay between the points asked for and are not shown",
                self.replaced
            ));
        }
        notes
    }
}

impl Collect for Columns {
    fn series(&mut self, labels: Labels, points: &[Point]) -> bool {
        if points.is_empty() {
            return true;
        }
        let mut values = vec![ABSENT; self.grid.len];
        let placed_before = self.placed;
        let mut expected = 0;
        for &(time_ms, value) in points {
            // Nearly always the next point; asking first saves a division a sample.
            while expected < values.len() && self.grid.time_ms(expected) < time_ms {
                expected += 1;
            }
            let exact = expected < values.len() && self.grid.time_ms(expected) == time_ms;
            let index = if exact { Some(expected) } else { self.grid.nearest(time_ms) };
            let Some(index) = index else {
                self.outside += 1;
                continue;
            };
            self.placed += 1;
            self.replaced += usize::from(!is_absent(values[index]));
            values[index] = value;
        }
        if self.placed > placed_before {
            self.series.push(Series { labels, values });
        }
        self.series.len() < SERIES_LIMIT
    }
}

/// An instant answer.
struct Samples {
    time_ms: Option<i64>,
    samples: Vec<Sample>,
}

impl Collect for Samples {
    fn series(&mut self, labels: Labels, points: &[Point]) -> bool {
        if let Some(&(time_ms, value)) = points.last() {
            self.time_ms.get_or_insert(time_ms);
            self.samples.push(Sample { labels, value });
        }
        self.samples.len() < SERIES_LIMIT
    }
}

/// Every series as it came.
struct Everything(Vec<RawSeries>);

impl Collect for Everything {
    fn series(&mut self, labels: Labels, points: &[Point]) -> bool {
        if !points.is_empty() {
            self.0.push(RawSeries { labels, points: points.to_vec() });
        }
        true
    }
}

/// No series at all.
struct Nothing;

impl Collect for Nothing {
    fn series(&mut self, _: Labels, _: &[Point]) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
