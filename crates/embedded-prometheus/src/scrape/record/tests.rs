//! Whole scrapes into a real store in memory.

use super::*;
use crate::model::is_stale;
use crate::scrape::test_config;
use crate::storage::{DbOptions, Matcher, Queryable as _, TimeRange};

fn text(body: &str) -> Answer {
    Answer { body: body.into(), content_type: "text/plain; version=0.0.4".into() }
}

struct Scrapes {
    db: Db,
    memory: Memory,
    time_ms: i64,
}

impl Scrapes {
    fn new() -> Self {
        Self {
            db: Db::in_memory(DbOptions::default()),
            memory: Memory::new(&test_config("j"), Labels::from_pairs([("instance", "i"), ("job", "j")])),
            time_ms: 0,
        }
    }

    fn scrape(&mut self, answer: Result<Answer, ScrapeError>) -> Result<Counts, ScrapeError> {
        self.time_ms += 1000;
        let times = Times { scrape_ms: self.time_ms, now_ms: self.time_ms };
        let (duration_s, result) = self.memory.record(&self.db, answer, times, || 0.25);
        assert_eq!(duration_s, 0.25);
        result
    }

    /// The values of a metric, oldest first, a marker as `stale`.
    fn values(&self, name: &str) -> Vec<String> {
        let matchers = [Matcher::equal("__name__", name)];
        let range = TimeRange { start_ms: 0, end_ms: i64::MAX };
        let mut set = self.db.select(&matchers, range).unwrap();
        let mut samples = Vec::new();
        let mut out = Vec::new();
        while let Some(labels) = set.next_into(&mut samples).unwrap() {
            assert_eq!((labels.get("job"), labels.get("instance")), ("j", "i"));
            out.extend(
                samples.iter().map(|s| if is_stale(s.value) { "stale".into() } else { s.value.to_string() }),
            );
        }
        out
    }
}

#[test]
fn the_scrape_reports_about_itself() {
    let mut scrapes = Scrapes::new();
    assert!(scrapes.scrape(Ok(text("a 1\nb 2\n"))).is_ok());
    assert!(scrapes.scrape(Ok(text("a 1\nc 2\nd 3\n"))).is_ok());
    assert!(scrapes.scrape(Err(ScrapeError::Timeout)).is_err());
    assert_eq!(scrapes.values("up"), ["1", "1", "0"]);
    assert_eq!(scrapes.values("scrape_duration_seconds"), ["0.25", "0.25", "0.25"]);
    assert_eq!(scrapes.values("scrape_samples_scraped"), ["2", "3", "0"]);
    assert_eq!(scrapes.values("scrape_samples_post_metric_relabeling"), ["2", "3", "0"]);
    assert_eq!(scrapes.values("scrape_series_added"), ["2", "2", "0"]);
    assert_eq!(scrapes.values("a"), ["1", "1", "stale"]);
    assert_eq!(scrapes.values("b"), ["2", "stale"]);
}

#[test]
fn nothing_of_a_body_that_is_broken_half_way_stays() {
    let mut scrapes = Scrapes::new();
    assert!(scrapes.scrape(Ok(text("a 1\n"))).is_ok());
    let error = scrapes.scrape(Ok(text("a 2\nnew 3\nbroken\n"))).unwrap_err();
    assert!(error.to_string().ends_with("(line 3, column 7)"), "{error}");
    assert_eq!(scrapes.values("a"), ["1", "stale"]);
    assert_eq!(scrapes.values("new"), Vec::<String>::new());
    assert_eq!(scrapes.values("scrape_samples_scraped"), ["1", "2"]);
    assert_eq!(scrapes.values("up"), ["1", "0"]);
}

#[test]
fn the_content_type_decides() {
    let mut scrapes = Scrapes::new();
    let answer = |body: &str, kind: &str| Ok(Answer { body: body.into(), content_type: kind.into() });
    assert!(scrapes.scrape(answer("a 1\n# EOF\n", "application/openmetrics-text; version=1.0.0")).is_ok());
    assert!(scrapes.scrape(answer("a 1\n", "application/openmetrics-text; version=1.0.0")).is_err());
    let error = scrapes.scrape(answer("a 1\n", "text/html")).unwrap_err();
    assert!(error.to_string().starts_with("received unsupported Content-Type"), "{error}");
    assert!(scrapes.scrape(answer("a 1\n", "")).unwrap_err().to_string().contains("blank Content-Type"));
    // Nothing at all is fine, whatever it claims to be.
    assert_eq!(scrapes.scrape(answer("", "text/html")), Ok(Counts::default()));
    assert_eq!(scrapes.values("up"), ["1", "0", "0", "0", "1"]);
}

#[test]
fn the_end_marks_everything() {
    let mut scrapes = Scrapes::new();
    scrapes.memory.end(&scrapes.db, 500);
    assert!(scrapes.values("up").is_empty());
    assert!(scrapes.scrape(Ok(text("a 1\n"))).is_ok());
    scrapes.memory.end(&scrapes.db, 2000);
    for name in ["a", "up", "scrape_duration_seconds", "scrape_series_added"] {
        assert_eq!(scrapes.values(name).last().map(String::as_str), Some("stale"), "{name}");
    }
}

#[test]
fn another_configuration_keeps_what_was_known() {
    let mut scrapes = Scrapes::new();
    assert!(scrapes.scrape(Ok(text("a 1\nb 1\n"))).is_ok());
    scrapes.memory.adopt(&test_config("j"));
    assert!(scrapes.scrape(Ok(text("b 2\n"))).is_ok());
    assert_eq!(scrapes.values("a"), ["1", "stale"]);
    assert_eq!(scrapes.values("b"), ["1", "2"]);
}
