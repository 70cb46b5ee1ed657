//! The text formats that targets answer with: Prometheus's text format 0.0.4 and OpenMetrics 1.0.
//!
//! [`Parser`] reads a body entry by entry and borrows everything from it: of a sample it gives the bytes of the
//! series as they stand, which serve as the key of a cache, and [`Parser::labels`] takes them apart only if asked.
//! [`write`] is the other direction.
//!
//! Both follow Prometheus 3.5's own parsers (`model/textparse`, Copyright The Prometheus Authors, Apache-2.0) token
//! by token, in what they take, what they refuse and the words they refuse it with. What is surprising about them
//! is kept: in 0.0.4 a byte 0 where a line begins ends the exposition, blanks before a metric's name belong to the
//! name, and a line of an OpenMetrics body may have exactly one blank where one is due.
//!
//! ```
//! use embedded_prometheus::exposition::{Entry, Format, Parser};
//!
//! let body = b"# TYPE requests_total counter\nrequests_total{path=\"/\"} 3\n";
//! let mut parser = Parser::new(body, Format::Text);
//! while let Some(entry) = parser.next_entry()? {
//!     if let Entry::Sample(sample) = entry {
//!         assert_eq!((sample.series, sample.value), (&b"requests_total{path=\"/\"}"[..], 3.0));
//!         assert_eq!(parser.labels()?.to_string(), r#"{__name__="requests_total", path="/"}"#);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content_type;
mod error;
mod labels;
mod lex;
mod number;
mod parse;
pub mod write;

use std::borrow::Cow;

pub use content_type::ContentTypeError;
pub use error::ParseError;
pub use labels::LabelsError;
pub use parse::Parser;

/// Which of the formats a body is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus's text format, 0.0.4 and 1.0.0.
    Text,
    /// OpenMetrics text, 0.0.1 and 1.0.0.
    OpenMetrics,
}

/// What a `TYPE` line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricKind {
    /// It only goes up, until it starts again at zero.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Cumulative buckets, a sum and a count.
    Histogram,
    /// Buckets that go up and down (OpenMetrics only).
    GaugeHistogram,
    /// Quantiles, a sum and a count.
    Summary,
    /// Labels of something, with the value 1 (OpenMetrics only).
    Info,
    /// Boolean states (OpenMetrics only).
    Stateset,
    /// `unknown` in OpenMetrics, `untyped` in 0.0.4, or nothing said.
    #[default]
    Unknown,
}

impl MetricKind {
    /// The word that Prometheus's API has for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::Stateset => "stateset",
            Self::Unknown => "unknown",
        }
    }
}

/// One entry of an exposition. Names are bytes as they stand, because a quoted one may hold any.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry<'a> {
    /// What a metric measures.
    Help {
        /// The metric family.
        metric: &'a [u8],
        /// The text, unescaped.
        text: Cow<'a, str>,
    },
    /// Of what kind a metric is.
    Type {
        /// The metric family.
        metric: &'a [u8],
        /// Its kind.
        kind: MetricKind,
    },
    /// The unit of a metric (OpenMetrics only).
    Unit {
        /// The metric family.
        metric: &'a [u8],
        /// Its unit; may be empty.
        unit: &'a [u8],
    },
    /// Any other comment (0.0.4 only).
    Comment(&'a [u8]),
    /// A value.
    Sample(Sample<'a>),
}

/// A value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// Metric name and labels as they stand in the body: the same bytes mean the same series.
    pub series: &'a [u8],
    /// Milliseconds since the Unix epoch, if the target says.
    pub timestamp_ms: Option<i64>,
    /// The value; every NaN is Prometheus's ordinary one.
    pub value: f64,
}
