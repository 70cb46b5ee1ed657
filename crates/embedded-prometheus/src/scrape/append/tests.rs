//! What is written, in which order, and what is refused; over a sink that notes everything.

use std::collections::HashMap;

use super::*;
use crate::model::is_stale;
use crate::relabel::{Action, Rule};
use crate::scrape::test_config;
use crate::storage::anchored_regex;

/// Notes what is appended, and refuses as the store does.
#[derive(Default)]
struct Noted {
    series: Vec<Labels>,
    newest: HashMap<u64, (i64, f64)>,
    lines: Vec<String>,
    by_reference: usize,
    full_at: Option<usize>,
    forgets: bool,
    oldest_ms: i64,
}

impl Noted {
    fn note(&mut self, id: u64, time_ms: i64, value: f64) -> Result<(), AppendError> {
        if time_ms < self.oldest_ms {
            return Err(AppendError::OutOfBounds);
        }
        match self.newest.get(&id) {
            Some((newest, _)) if *newest > time_ms => return Err(AppendError::OutOfOrder),
            Some((newest, known)) if *newest == time_ms && known.to_bits() != value.to_bits() => {
                return Err(AppendError::DuplicateSample);
            }
            _ => {}
        }
        self.newest.insert(id, (time_ms, value));
        let labels = &self.series[id as usize];
        let value = if is_stale(value) { "stale".into() } else { value.to_string() };
        self.lines.push(format!("{labels} {value} @{time_ms}"));
        Ok(())
    }

    fn take(&mut self) -> Vec<String> {
        self.lines.sort();
        std::mem::take(&mut self.lines)
    }
}

impl Sink for Noted {
    fn append(&mut self, labels: &Labels, time_ms: i64, value: f64) -> Result<SeriesRef, AppendError> {
        let id = match self.series.iter().position(|known| known == labels) {
            Some(id) => id,
            None if self.full_at == Some(self.series.len()) => {
                return Err(AppendError::SeriesLimit { limit: self.series.len() });
            }
            None => {
                self.series.push(labels.clone());
                self.series.len() - 1
            }
        };
        self.note(id as u64, time_ms, value)?;
        Ok(SeriesRef(id as u64))
    }

    fn append_ref(&mut self, series: SeriesRef, time_ms: i64, value: f64) -> Result<(), AppendError> {
        if self.forgets {
            return Err(AppendError::UnknownSeries);
        }
        self.by_reference += 1;
        self.note(series.0, time_ms, value)
    }
}

struct Scrapes {
    sink: Noted,
    cache: SeriesCache,
    metadata: Metadata,
    rules: Rules,
    time_ms: i64,
}

impl Scrapes {
    fn new(change: impl FnOnce(&mut ScrapeConfig)) -> Self {
        let mut config = test_config("j");
        change(&mut config);
        let target_labels = Labels::from_pairs([("job", "j"), ("instance", "i")]);
        Self {
            sink: Noted::default(),
            cache: SeriesCache::default(),
            metadata: Metadata::default(),
            rules: Rules::new(&config, target_labels),
            time_ms: 0,
        }
    }

    /// One scrape, a second after the one before; a failed one leaves its markers, as the caller does it.
    fn scrape(&mut self, body: &str) -> (Counts, Result<(), ScrapeError>) {
        self.time_ms += 1000;
        let before = self.sink.newest.clone();
        let times = Times { scrape_ms: self.time_ms, now_ms: self.time_ms };
        let format = if body.ends_with("# EOF\n") { Format::OpenMetrics } else { Format::Text };
        let body = (body.as_bytes(), format);
        let result =
            append_body(&mut self.sink, &mut self.cache, &mut self.metadata, &self.rules, body, times);
        if result.1.is_err() {
            // The store takes back what was not committed.
            self.sink.lines.clear();
            self.sink.newest = before;
            append_nothing(&mut self.sink, &mut self.cache, self.time_ms).unwrap();
        }
        result
    }

    fn written(&mut self, body: &str) -> Vec<String> {
        let (_, result) = self.scrape(body);
        assert_eq!(result, Ok(()), "{body}");
        self.sink.take()
    }
}

fn counts(scraped: u64, post_relabeling: u64, series_added: u64) -> Counts {
    Counts { scraped, post_relabeling, series_added }
}

fn rule(action: Action, source: &str, pattern: &str, target: &str, replacement: &str) -> Rule {
    Rule {
        source_labels: if source.is_empty() { Vec::new() } else { vec![source.into()] },
        separator: ";".into(),
        regex: anchored_regex(pattern).unwrap(),
        regex_text: pattern.into(),
        modulus: 0,
        target_label: target.into(),
        replacement: replacement.into(),
        action,
    }
}

#[test]
fn known_series_go_by_reference_and_vanished_ones_get_a_marker() {
    let mut scrapes = Scrapes::new(|_| {});
    let (first, result) = scrapes.scrape("a 1\nb{c=\"d\"} 2\n");
    assert_eq!((first, result), (counts(2, 2, 2), Ok(())));
    assert_eq!(
        scrapes.sink.take(),
        [
            r#"{__name__="a", instance="i", job="j"} 1 @1000"#,
            r#"{__name__="b", c="d", instance="i", job="j"} 2 @1000"#
        ]
    );
    let (second, _) = scrapes.scrape("b{c=\"d\"} 3\ne 4\n");
    assert_eq!(second, counts(2, 2, 1));
    assert_eq!(scrapes.sink.by_reference, 2);
    assert_eq!(
        scrapes.sink.take(),
        [
            r#"{__name__="a", instance="i", job="j"} stale @2000"#,
            r#"{__name__="b", c="d", instance="i", job="j"} 3 @2000"#,
            r#"{__name__="e", instance="i", job="j"} 4 @2000"#
        ]
    );
    assert_eq!(scrapes.written("b{c=\"d\"} 3\ne 4\n").len(), 2);
}

#[test]
fn a_failed_scrape_marks_everything() {
    for broken in ["a 2\nb 3\nc\n", "a 2\nb nonsense\n", "a{x=\"1\",x=\"2\"} 1\n"] {
        let mut scrapes = Scrapes::new(|_| {});
        scrapes.written("a 1\nb 2\n");
        let (_, result) = scrapes.scrape(broken);
        assert!(result.is_err(), "{broken}");
        assert_eq!(
            scrapes.sink.take(),
            [
                r#"{__name__="a", instance="i", job="j"} stale @2000"#,
                r#"{__name__="b", instance="i", job="j"} stale @2000"#
            ]
        );
        let (counts_after, result) = scrapes.scrape("a 3\nb 4\n");
        // Known already, so not added again.
        assert_eq!((counts_after, result), (counts(2, 2, 0), Ok(())));
        assert_eq!(scrapes.sink.take().len(), 2);
    }
}

#[test]
fn counts_of_a_failed_scrape_say_how_far_it_came() {
    let mut scrapes = Scrapes::new(|_| {});
    let (far, result) = scrapes.scrape("a 1\nb 2\nc x\n");
    assert_eq!(far, counts(2, 2, 2));
    assert!(matches!(result, Err(ScrapeError::Parse(error)) if error.line == 3));
}

#[test]
fn label_conflicts() {
    let body = "a{job=\"own\",exported_job=\"x\",instance=\"\"} 1\n";
    assert_eq!(
        Scrapes::new(|_| {}).written(body),
        [r#"{__name__="a", exported_exported_job="own", exported_job="x", instance="i", job="j"} 1 @1000"#]
    );
    assert_eq!(
        Scrapes::new(|config| config.honor_labels = true).written(body),
        [r#"{__name__="a", exported_job="x", instance="i", job="own"} 1 @1000"#]
    );
}

#[test]
fn relabelling_drops_renames_and_may_not_take_the_name() {
    let mut scrapes = Scrapes::new(|config| {
        config.metric_relabel_configs = vec![
            rule(Action::Drop, "__name__", "drop.*", "", ""),
            rule(Action::Replace, "old", "(.+)", "new", "$1"),
            rule(Action::LabelDrop, "", "old", "", ""),
        ];
    });
    for _ in 0..2 {
        let (counted, _) = scrapes.scrape("drop_me 1\na{old=\"x\"} 2\n");
        assert_eq!((counted.scraped, counted.post_relabeling), (2, 1));
    }
    assert_eq!(scrapes.sink.take()[0], r#"{__name__="a", instance="i", job="j", new="x"} 2 @1000"#);

    let mut nameless = Scrapes::new(|config| {
        config.metric_relabel_configs = vec![rule(Action::LabelDrop, "", "__name__", "", "")];
    });
    assert_eq!(nameless.scrape("a 1\n").1, Err(ScrapeError::NoMetricName));
}

#[test]
fn timestamps_of_the_target() {
    let mut scrapes = Scrapes::new(|_| {});
    assert_eq!(scrapes.written("a 1 500\n"), [r#"{__name__="a", instance="i", job="j"} 1 @500"#]);
    // A series with times of its own gets no marker.
    assert!(scrapes.written("b 1\n").iter().all(|line| !line.contains("stale")));

    let mut tracked = Scrapes::new(|config| config.track_timestamps_staleness = true);
    tracked.written("a 1 500\n");
    assert!(tracked.written("b 1\n")[0].contains("stale @2000"));

    let mut ignored = Scrapes::new(|config| config.honor_timestamps = false);
    assert_eq!(ignored.written("a 1 500\n"), [r#"{__name__="a", instance="i", job="j"} 1 @1000"#]);
    // Seconds in OpenMetrics.
    let mut seconds = Scrapes::new(|_| {});
    assert!(seconds.written("a 1 0.25\n# EOF\n")[0].ends_with("@250"));
}

#[test]
fn samples_that_are_refused_do_not_fail_the_scrape() {
    let mut scrapes = Scrapes::new(|_| {});
    scrapes.written("a 1 900\n");
    let far = 2000 + MAX_AHEAD_MS + 1;
    let (counted, result) =
        scrapes.scrape(&format!("a 2 800\na 3 900\nb 4 {far}\nc 5\nc 6\nd 7 {}\n", far - 1));
    assert_eq!((counted, result), (counts(6, 6, 2), Ok(())));
    let lines = scrapes.sink.take();
    assert_eq!(lines.len(), 2);
    // Of a series exposed twice the first value counts.
    assert!(lines[0].contains(r#""c""#) && lines[0].contains("} 5 @2000"));
    assert!(lines[1].contains(r#""d""#));
}

#[test]
fn sample_limit_counts_on_and_fails() {
    let mut scrapes = Scrapes::new(|config| config.sample_limit = 2);
    assert_eq!(scrapes.scrape("a 1\nb 2\n").1, Ok(()));
    let (counted, result) = scrapes.scrape("a 1\nc 2\nd 3\ne 4\n");
    assert_eq!((counted, result), (counts(4, 4, 1), Err(ScrapeError::SampleLimit)));
}

#[test]
fn label_limits() {
    let failed = |change: fn(&mut ScrapeConfig)| Scrapes::new(change).scrape("m{abcd=\"efghi\"} 1\n").1;
    let message = |result: Result<(), ScrapeError>| result.unwrap_err().to_string();
    assert_eq!(failed(|config| config.label_limit = 4), Ok(()));
    assert_eq!(
        message(failed(|config| config.label_limit = 3)),
        "label_limit exceeded (metric: m, number of labels: 4, limit: 3)"
    );
    assert_eq!(
        message(failed(|config| config.label_name_length_limit = 7)),
        "label_name_length_limit exceeded (metric: m, label name: __name__, length: 8, limit: 7)"
    );
    assert_eq!(
        message(failed(|config| config.label_value_length_limit = 4)),
        "label_value_length_limit exceeded (metric: m, label name: abcd, value: \"efghi\", length: 5, limit: 4)"
    );
}

#[test]
fn a_series_that_the_store_forgot_is_made_again() {
    let mut scrapes = Scrapes::new(|_| {});
    scrapes.written("a 1\n");
    scrapes.sink.forgets = true;
    assert_eq!(scrapes.written("a 2\n"), [r#"{__name__="a", instance="i", job="j"} 2 @2000"#]);
    // Nor is a marker needed for it.
    assert_eq!(scrapes.written("b 2\n").len(), 1);
}

#[test]
fn a_full_store_fails_the_scrape() {
    let mut scrapes = Scrapes::new(|_| {});
    scrapes.sink.full_at = Some(1);
    let (_, result) = scrapes.scrape("a 1\nb 2\n");
    assert_eq!(result, Err(ScrapeError::Store(AppendError::SeriesLimit { limit: 1 })));
}

#[test]
fn samples_older_than_what_is_kept_are_refused_and_the_others_taken() {
    let mut scrapes = Scrapes::new(|_| {});
    scrapes.sink.oldest_ms = 500;
    let (counts, result) = scrapes.scrape("x 1 100\ny 2\n");
    assert_eq!((counts.scraped, result), (2, Ok(())));
    assert_eq!(scrapes.sink.take(), [r#"{__name__="y", instance="i", job="j"} 2 @1000"#]);
}
