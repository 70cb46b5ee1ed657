//! What of an exposition is written to the store: a function of the body, what is known of the target's series, and
//! the time of the scrape.
//!
//! The order of checks, what fails a scrape and what is only counted follow Prometheus's scrape loop (Copyright The
//! Prometheus Authors, Apache-2.0).

use super::cache::{Known, Series, SeriesCache};
use super::error::ScrapeError;
use super::metadata::Metadata;
use crate::config::ScrapeConfig;
use crate::exposition::{Entry, Format, Parser, Sample};
use crate::model::{Labels, STALE_NAN, quote};
use crate::relabel;
use crate::storage::{AppendError, Appender, SeriesRef};

/// How far ahead of the clock a sample's own time may be.
pub(super) const MAX_AHEAD_MS: i64 = 10 * 60 * 1000;

/// The most characters of a name or value in a message about limits.
const SHOWN_CHARS: usize = 50;

/// What is written to.
pub(super) trait Sink {
    fn append(&mut self, labels: &Labels, time_ms: i64, value: f64) -> Result<SeriesRef, AppendError>;
    fn append_ref(&mut self, series: SeriesRef, time_ms: i64, value: f64) -> Result<(), AppendError>;
}

impl Sink for Appender<'_> {
    fn append(&mut self, labels: &Labels, time_ms: i64, value: f64) -> Result<SeriesRef, AppendError> {
        Appender::append(self, labels, time_ms, value)
    }

    fn append_ref(&mut self, series: SeriesRef, time_ms: i64, value: f64) -> Result<(), AppendError> {
        Appender::append_ref(self, series, time_ms, value)
    }
}

/// What of a configuration and a target decides over samples.
#[derive(Debug)]
pub(super) struct Rules {
    /// The target's labels, without those of `__`.
    pub(super) target_labels: Labels,
    honor_labels: bool,
    honor_timestamps: bool,
    track_timestamps_staleness: bool,
    sample_limit: u64,
    label_limit: u64,
    label_name_length_limit: u64,
    label_value_length_limit: u64,
    metric_relabel_configs: Vec<relabel::Rule>,
}

/// When a body was scraped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// The time of samples without one of their own.
    pub(super) scrape_ms: i64,
    /// The clock's.
    pub(super) now_ms: i64,
}

/// What a scrape brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Samples exposed.
    pub(super) scraped: u64,
    /// Those that relabelling left.
    pub(super) post_relabeling: u64,
    /// Series that are new.
    pub(super) series_added: u64,
}

/// Samples refused that do not fail the scrape.
#[derive(Debug, Default)]
struct Refused {
    out_of_order: u64,
    duplicates: u64,
    out_of_bounds: u64,
}

impl Rules {
    pub(super) fn new(config: &ScrapeConfig, target_labels: Labels) -> Self {
        Self {
            target_labels,
            honor_labels: config.honor_labels,
            honor_timestamps: config.honor_timestamps,
            track_timestamps_staleness: config.track_timestamps_staleness,
            sample_limit: config.sample_limit,
            label_limit: config.label_limit,
            label_name_length_limit: config.label_name_length_limit,
            label_value_length_limit: config.label_value_length_limit,
            metric_relabel_configs: config.metric_relabel_configs.clone(),
        }
    }

    /// The labels in the store of a series exposed with `exposed`, or `None` if it is dropped.
    fn mutate(&self, exposed: &Labels) -> Option<Labels> {
        let mut builder = exposed.builder();
        let mut conflicts = Vec::new();
        for label in self.target_labels.iter() {
            let own = exposed.get(&label.name);
            if own.is_empty() {
                builder.set(&label.name, &label.value);
            } else if !self.honor_labels {
                conflicts.push((&label.name, own));
                builder.set(&label.name, &label.value);
            }
        }
        let mut labels = builder.build();
        // Shorter names first, so that "exported_x" is still free when "x" needs it.
        conflicts.sort_by_key(|(name, _)| name.len());
        for (name, own) in conflicts {
            let mut free = format!("exported_{name}");
            while !labels.get(&free).is_empty() {
                free.insert_str(0, "exported_");
            }
            let mut builder = labels.builder();
            builder.set(&free, own);
            labels = builder.build();
        }
        relabel::apply(&labels, &self.metric_relabel_configs).filter(|labels| !labels.is_empty())
    }

    fn check(&self, labels: &Labels) -> Result<(), ScrapeError> {
        let name = labels.metric_name();
        if name.is_empty() {
            return Err(ScrapeError::NoMetricName);
        }
        let over = |length: usize, limit: u64| limit > 0 && length as u64 > limit;
        let name = shown(name);
        if over(labels.len(), self.label_limit) {
            let (count, limit) = (labels.len(), self.label_limit);
            return Err(ScrapeError::LabelLimit(format!(
                "label_limit exceeded (metric: {name}, number of labels: {count}, limit: {limit})"
            )));
        }
        for label in labels.iter() {
            let label_name = shown(&label.name);
            if over(label.name.len(), self.label_name_length_limit) {
                let (length, limit) = (label.name.len(), self.label_name_length_limit);
                return Err(ScrapeError::LabelLimit(format!(
                    "label_name_length_limit exceeded (metric: {name}, label name: {label_name}, length: {length}, \
                     limit: {limit})"
                )));
            }
            if over(label.value.len(), self.label_value_length_limit) {
                let (length, limit) = (label.value.len(), self.label_value_length_limit);
                let value = quote(shown(&label.value));
                return Err(ScrapeError::LabelLimit(format!(
                    "label_value_length_limit exceeded (metric: {name}, label name: {label_name}, value: {value}, \
                     length: {length}, limit: {limit})"
                )));
            }
        }
        Ok(())
    }
}

fn shown(text: &str) -> &str {
    text.char_indices().nth(SHOWN_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// A pass over one body.
struct Pass<'a, S> {
    sink: &'a mut S,
    cache: &'a mut SeriesCache,
    rules: &'a Rules,
    times: Times,
    counts: Counts,
    appended: u64,
    over_sample_limit: bool,
    refused: Refused,
}

/// Writes what `body` exposes, and stale markers for what it no longer does. With an error nothing of it may be
/// committed, and the cache is as it was before; the counts say how far it came.
pub(super) fn append_body<S: Sink>(
    sink: &mut S,
    cache: &mut SeriesCache,
    metadata: &mut Metadata,
    rules: &Rules,
    (body, format): (&[u8], Format),
    times: Times,
) -> (Counts, Result<(), ScrapeError>) {
    let mut pass = Pass {
        sink,
        cache,
        rules,
        times,
        counts: Counts::default(),
        appended: 0,
        over_sample_limit: false,
        refused: Refused::default(),
    };
    let mut result = pass.entries(Parser::new(body, format), metadata);
    if result.is_ok() && pass.over_sample_limit {
        result = Err(ScrapeError::SampleLimit);
    }
    pass.refused.log(rules);
    let counts = pass.counts;
    let result = result.and_then(|()| mark_vanished(sink, cache, times.scrape_ms));
    match result {
        Ok(()) => {
            cache.end_good();
            metadata.end_scrape();
        }
        Err(_) => cache.undo(),
    }
    (counts, result)
}

/// Writes stale markers for all that the last scrape exposed: this one brought nothing.
pub(super) fn append_nothing<S: Sink>(
    sink: &mut S,
    cache: &mut SeriesCache,
    scrape_ms: i64,
) -> Result<(), ScrapeError> {
    let result = mark_vanished(sink, cache, scrape_ms);
    cache.end_empty();
    result
}

fn mark_vanished<S: Sink>(sink: &mut S, cache: &SeriesCache, scrape_ms: i64) -> Result<(), ScrapeError> {
    for series in cache.vanished() {
        match sink.append_ref(series.reference, scrape_ms, STALE_NAN) {
            // Newer samples are there if the target came back in another loop; a series that the store dropped needs
            // no marker.
            Ok(())
            | Err(AppendError::OutOfOrder | AppendError::DuplicateSample | AppendError::UnknownSeries) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

impl<S: Sink> Pass<'_, S> {
    fn entries(&mut self, mut parser: Parser<'_>, metadata: &mut Metadata) -> Result<(), ScrapeError> {
        while let Some(entry) = parser.next_entry()? {
            match entry {
                Entry::Sample(sample) => self.sample(&parser, &sample)?,
                Entry::Comment(_) => {}
                entry => metadata.learn(&entry),
            }
        }
        Ok(())
    }

    fn sample(&mut self, parser: &Parser<'_>, sample: &Sample<'_>) -> Result<(), ScrapeError> {
        self.counts.scraped += 1;
        let own_time = sample.timestamp_ms.filter(|_| self.rules.honor_timestamps);
        let time_ms = own_time.unwrap_or(self.times.scrape_ms);
        let track = own_time.is_none() || self.rules.track_timestamps_staleness;
        match self.cache.see(sample.series) {
            Known::Dropped => return Ok(()),
            Known::Yes { seen_in_this_pass: true, .. } if own_time.is_none() => self.refused.duplicates += 1,
            Known::Yes { id, .. } => {
                if self.append_known(id, time_ms, sample.value)? && track {
                    self.cache.track(id);
                }
            }
            Known::No => {
                let Some(labels) = self.rules.mutate(&parser.labels()?) else {
                    self.cache.add(sample.series, None);
                    return Ok(());
                };
                self.rules.check(&labels)?;
                if let Some(reference) =
                    self.limited(time_ms, |sink| sink.append(&labels, time_ms, sample.value))?
                {
                    let id = self.cache.add(sample.series, Some(Series { reference, labels }));
                    if track {
                        self.cache.track(id);
                    }
                    self.counts.series_added += u64::from(!self.over_sample_limit);
                }
            }
        }
        self.counts.post_relabeling += 1;
        Ok(())
    }

    /// Appends to a series of the cache; whether it was taken.
    fn append_known(&mut self, id: usize, time_ms: i64, value: f64) -> Result<bool, ScrapeError> {
        let Some(series) = self.cache.series(id) else { return Ok(false) };
        let (reference, labels) = (series.reference, series.labels.clone());
        let taken = self.limited(time_ms, |sink| match sink.append_ref(reference, time_ms, value) {
            Ok(()) => Ok(reference),
            Err(AppendError::UnknownSeries) => sink.append(&labels, time_ms, value),
            Err(error) => Err(error),
        })?;
        if let Some(now) = taken
            && now != reference
        {
            self.cache.move_to(id, now);
        }
        Ok(taken.is_some())
    }

    /// Appends within the limits. `None` if the sample was refused in a way that does not fail the scrape.
    fn limited(
        &mut self,
        time_ms: i64,
        append: impl FnOnce(&mut S) -> Result<SeriesRef, AppendError>,
    ) -> Result<Option<SeriesRef>, ScrapeError> {
        self.appended += 1;
        if self.rules.sample_limit > 0 && self.appended > self.rules.sample_limit {
            // Reading goes on, so that the number of samples is reported in full.
            self.over_sample_limit = true;
            return Ok(None);
        }
        if time_ms > self.times.now_ms.saturating_add(MAX_AHEAD_MS) {
            self.refused.out_of_bounds += 1;
            return Ok(None);
        }
        match append(self.sink) {
            Ok(reference) => return Ok(Some(reference)),
            Err(AppendError::OutOfOrder) => self.refused.out_of_order += 1,
            Err(AppendError::DuplicateSample) => self.refused.duplicates += 1,
            // Older than what is kept: as with all refusals of one sample, the others count.
            Err(AppendError::OutOfBounds) => self.refused.out_of_bounds += 1,
            Err(error) => return Err(error.into()),
        }
        Ok(None)
    }
}

impl Refused {
    fn log(&self, rules: &Rules) {
        for (count, message) in [
            (self.out_of_order, "Error on ingesting out-of-order samples"),
            (self.duplicates, "Error on ingesting samples with different value but same timestamp"),
            (
                self.out_of_bounds,
                "Error on ingesting samples that are too old or are too far into the future",
            ),
        ] {
            if count > 0 {
                tracing::warn!(target_labels = %rules.target_labels, num_dropped = count, "{message}");
            }
        }
    }
}

#[cfg(test)]
mod tests;
