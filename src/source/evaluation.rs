//! What an expression evaluates to, in full: the four value types of PromQL with the server's own timestamps.

use crate::query::{Answer, Data};
use crate::series::{Labels, is_absent};

/// Everything a server said to one query.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The value.
    pub value: Value,
    /// Warnings of the server, in its words, and what of the answer could not be kept.
    pub warnings: Vec<String>,
    /// Its remarks about how the query is written, which Prometheus calls infos.
    pub infos: Vec<String>,
}

/// A PromQL value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One number without labels.
    Scalar {
        /// Unix milliseconds.
        time_ms: i64,
        /// The number.
        value: f64,
    },
    /// One text.
    Text {
        /// Unix milliseconds.
        time_ms: i64,
        /// The text.
        text: String,
    },
    /// An instant vector: one point a series.
    Vector(Vec<RawSeries>),
    /// A range vector: any number of points a series.
    Matrix(Vec<RawSeries>),
}

/// A series with the timestamps that the server gave.
#[derive(Clone, Debug, PartialEq)]
pub struct RawSeries {
    /// What identifies the series.
    pub labels: Labels,
    /// Unix milliseconds and value, in the server's order.
    pub points: Vec<(i64, f64)>,
}

impl From<Answer> for Evaluation {
    fn from(answer: Answer) -> Self {
        let mut warnings = answer.warnings;
        if answer.series_left_out > 0 {
            warnings.push(format!("{} more series were left out", answer.series_left_out));
        }
        let value = match answer.data {
            Data::Range(frame) => {
                let points = |values: &[f64]| {
                    let points = values.iter().enumerate().filter(|(_, value)| !is_absent(**value));
                    points.map(|(index, value)| (frame.grid.time_ms(index), *value)).collect()
                };
                let series = frame.series.iter();
                Value::Matrix(
                    series
                        .map(|series| RawSeries {
                            labels: series.labels.clone(),
                            points: points(&series.values),
                        })
                        .collect(),
                )
            }
            Data::Instant(vector) => {
                let point = |value| vec![(vector.time_ms, value)];
                let samples = vector.samples.into_iter();
                Value::Vector(
                    samples
                        .map(|sample| RawSeries { labels: sample.labels, points: point(sample.value) })
                        .collect(),
                )
            }
        };
        Self { value, warnings, infos: answer.infos }
    }
}
