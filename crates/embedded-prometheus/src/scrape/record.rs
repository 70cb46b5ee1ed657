//! What one scrape leaves behind: the target's samples or its stale markers, and the series about the scrape itself
//! (`up` and the others), written together.

use super::append::{Counts, Rules, Sink, Times, append_body, append_nothing};
use super::cache::SeriesCache;
use super::error::ScrapeError;
use super::metadata::Metadata;
use crate::config::{ScrapeConfig, ScrapeProtocol};
use crate::exposition::Format;
use crate::model::{Labels, METRIC_NAME, STALE_NAN};
use crate::storage::{AppendError, Appender, Db, SeriesRef};

/// The series about the scrape itself, in the order of [`Report::values`].
const REPORT_NAMES: [&str; 5] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];

/// What a target answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Uncompressed.
    pub(super) body: Vec<u8>,
    /// As the header says; empty if there is none.
    pub(super) content_type: String,
}

/// What is known of a target from one scrape to the next.
#[derive(Debug)]
pub(super) struct Memory {
    rules: Rules,
    /// The format of an answer whose `Content-Type` names none.
    fallback: Option<Format>,
    cache: SeriesCache,
    pub(super) metadata: Metadata,
    report_labels: [Labels; 5],
    report_refs: [Option<SeriesRef>; 5],
    /// Whether there was a scrape at all.
    pub(super) has_scraped: bool,
}

/// The format of a `fallback_scrape_protocol`.
fn fallback_format(protocol: ScrapeProtocol) -> Format {
    match protocol {
        ScrapeProtocol::OpenMetricsText0_0_1 | ScrapeProtocol::OpenMetricsText1_0_0 => Format::OpenMetrics,
        ScrapeProtocol::PrometheusText0_0_4 | ScrapeProtocol::PrometheusText1_0_0 => Format::Text,
    }
}

impl Memory {
    /// For a target with these labels, those of `__` left out.
    pub(super) fn new(config: &ScrapeConfig, target_labels: Labels) -> Self {
        let report_labels = REPORT_NAMES.map(|name| {
            let mut builder = target_labels.builder();
            builder.set(METRIC_NAME, name);
            builder.build()
        });
        Self {
            fallback: config.fallback_scrape_protocol.map(fallback_format),
            rules: Rules::new(config, target_labels),
            cache: SeriesCache::default(),
            metadata: Metadata::default(),
            report_labels,
            report_refs: [None; 5],
            has_scraped: false,
        }
    }

    /// Goes on under another configuration: which series there were is kept.
    pub(super) fn adopt(&mut self, config: &ScrapeConfig) {
        self.rules = Rules::new(config, self.rules.target_labels.clone());
        self.cache.forget_meanings();
    }

    /// Writes what a scrape brought. `duration_s` is asked at the end. The error is why `up` is 0.
    pub(super) fn record(
        &mut self,
        db: &Db,
        answer: Result<Answer, ScrapeError>,
        times: Times,
        duration_s: impl FnOnce() -> f64,
    ) -> (f64, Result<Counts, ScrapeError>) {
        self.has_scraped = true;
        let mut appender = db.appender();
        let (counts, mut result) = match answer {
            Err(error) => (Counts::default(), Err(error)),
            // An empty answer is no error, whatever its type.
            Ok(answer) if answer.body.is_empty() => (Counts::default(), Ok(false)),
            Ok(answer) => match self.append_answer(&mut appender, &answer, times) {
                (counts, Ok(())) => (counts, Ok(true)),
                (counts, Err(error)) => (counts, Err(error)),
            },
        };
        if !matches!(result, Ok(true)) {
            // What was appended before the error must not stay.
            appender = db.appender();
            if let Err(error) = append_nothing(&mut appender, &mut self.cache, times.scrape_ms) {
                tracing::warn!(labels = %self.rules.target_labels, %error, "cannot write stale markers");
                appender = db.appender();
            }
        }
        let duration_s = duration_s();
        let up = if result.is_ok() { 1.0 } else { 0.0 };
        let values = [
            up,
            duration_s,
            counts.scraped as f64,
            counts.post_relabeling as f64,
            counts.series_added as f64,
        ];
        self.report(&mut appender, times.scrape_ms, values);
        if let Err(error) = appender.commit() {
            tracing::error!(labels = %self.rules.target_labels, %error, "cannot commit a scrape");
            result = Err(ScrapeError::Commit(error.to_string()));
        }
        (duration_s, result.map(|_| counts))
    }

    fn append_answer(
        &mut self,
        sink: &mut impl Sink,
        answer: &Answer,
        times: Times,
    ) -> (Counts, Result<(), ScrapeError>) {
        let format = match (Format::from_content_type(&answer.content_type), self.fallback) {
            (Ok(format), _) | (Err(_), Some(format)) => format,
            (Err(error), None) => return (Counts::default(), Err(error.into())),
        };
        append_body(sink, &mut self.cache, &mut self.metadata, &self.rules, (&answer.body, format), times)
    }

    fn report(&mut self, appender: &mut Appender<'_>, time_ms: i64, values: [f64; 5]) {
        for ((reference, labels), value) in self.report_refs.iter_mut().zip(&self.report_labels).zip(values) {
            let known = reference.map(|reference| appender.append_ref(reference, time_ms, value));
            let result = match known {
                None | Some(Err(AppendError::UnknownSeries)) => {
                    appender.append(labels, time_ms, value).map(|new| *reference = Some(new))
                }
                Some(result) => result,
            };
            match result {
                // Expected when a target comes back in another loop.
                Ok(()) | Err(AppendError::OutOfOrder | AppendError::DuplicateSample) => {}
                Err(error) => tracing::warn!(%labels, %error, "cannot write a scrape's report"),
            }
        }
    }

    /// Writes stale markers for everything, the series about the scrapes included: there will be no more of them.
    pub(super) fn end(&mut self, db: &Db, time_ms: i64) {
        if !self.has_scraped {
            return;
        }
        let mut appender = db.appender();
        if let Err(error) = append_nothing(&mut appender, &mut self.cache, time_ms) {
            tracing::warn!(labels = %self.rules.target_labels, %error, "cannot write stale markers");
            appender = db.appender();
        }
        self.report(&mut appender, time_ms, [STALE_NAN; 5]);
        if let Err(error) = appender.commit() {
            tracing::error!(labels = %self.rules.target_labels, %error, "cannot commit stale markers");
        }
    }
}

#[cfg(test)]
mod tests;
