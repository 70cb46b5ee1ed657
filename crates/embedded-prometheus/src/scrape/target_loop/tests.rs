//! When a loop asks and when it ends, in time that is only pretended.

use std::collections::VecDeque;

use super::super::record::Answer;
use super::*;
use crate::model::{Labels, is_stale};
use crate::scrape::test_config;
use crate::storage::{DbOptions, Matcher, Queryable as _, TimeRange};

/// Where the pretended time starts: three quarters into a second.
const START_MS: i64 = 1_000_000_750;

/// Answers after a given number of milliseconds; the last answer again and again.
struct Scripted {
    answers: VecDeque<(u64, &'static str)>,
}

impl Fetch for Scripted {
    async fn fetch(&mut self) -> Result<Answer, ScrapeError> {
        let next =
            if self.answers.len() > 1 { self.answers.pop_front() } else { self.answers.front().copied() };
        let (after_ms, body) = next.unwrap_or((0, ""));
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        if body == "fail" {
            return Err(ScrapeError::Timeout);
        }
        Ok(Answer { body: body.into(), content_type: "text/plain".into() })
    }
}

struct Run {
    db: Arc<Db>,
    progress: Arc<Mutex<Progress>>,
    forced_error: ForcedError,
    orders: watch::Sender<Order>,
    task: tokio::task::JoinHandle<Option<Memory>>,
}

/// A loop every second, due at the full second.
fn start(answers: &[(u64, &'static str)]) -> Run {
    let config = test_config("j");
    let labels = Labels::from_pairs([("instance", "i"), ("job", "j")]);
    let target = Target {
        labels: labels.clone(),
        discovered: Labels::empty(),
        url: "http://i/metrics".into(),
        interval_ms: 1000,
        timeout_ms: 500,
        hash: 0,
    };
    let origin = Instant::now();
    let (orders, receiver) = watch::channel(Order::Run);
    let target_loop = TargetLoop {
        db: Arc::new(Db::in_memory(DbOptions::default())),
        target: Arc::new(target),
        client: Scripted { answers: answers.iter().copied().collect() },
        memory: Memory::new(&config, labels),
        progress: Arc::default(),
        forced_error: ForcedError::default(),
        clock: Arc::new(move || START_MS + origin.elapsed().as_millis() as i64),
    };
    let (db, progress) = (target_loop.db.clone(), target_loop.progress.clone());
    let forced_error = target_loop.forced_error.clone();
    let task = tokio::spawn(target_loop.run(receiver));
    Run { db, progress, forced_error, orders, task }
}

impl Run {
    /// Times from the start and values of a metric.
    fn samples(&self, name: &str) -> Vec<(i64, String)> {
        let matchers = [Matcher::equal("__name__", name)];
        let mut set = self.db.select(&matchers, TimeRange { start_ms: 0, end_ms: i64::MAX }).unwrap();
        let (mut samples, mut out) = (Vec::new(), Vec::new());
        while set.next_into(&mut samples).unwrap().is_some() {
            out.extend(samples.iter().map(|s| {
                let value = if is_stale(s.value) { "stale".into() } else { s.value.to_string() };
                (s.time_ms - START_MS, value)
            }));
        }
        out
    }

    async fn after(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn at(times: &[(i64, &str)]) -> Vec<(i64, String)> {
    times.iter().map(|&(time, value)| (time, value.to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn scrapes_at_its_place_in_the_interval() {
    let run = start(&[(10, "a 1\n"), (10, "a 2\n"), (10, "fail")]);
    assert_eq!(lock(&run.progress).health, Health::Unknown);
    run.after(2700).await;
    assert_eq!(run.samples("a"), at(&[(250, "1"), (1250, "2"), (2250, "stale")]));
    assert_eq!(run.samples("up"), at(&[(250, "1"), (1250, "1"), (2250, "0")]));
    let progress = lock(&run.progress).clone();
    assert_eq!((progress.health, &*progress.last_error), (Health::Down, "context deadline exceeded"));
    assert_eq!(progress.last_scrape_ms, Some(START_MS + 2250));
}

#[tokio::test(start_paused = true)]
async fn a_slow_scrape_skips_what_it_missed() {
    let run = start(&[(10, "a 1\n"), (2500, "a 2\n"), (10, "a 3\n")]);
    run.after(5000).await;
    // The second took from 1250 to 3750; what was due meanwhile is done at once, then the rhythm is kept.
    assert_eq!(run.samples("a"), at(&[(250, "1"), (1250, "2"), (3750, "3"), (4250, "3")]));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_gone_gets_its_markers_after_two_intervals() {
    let run = start(&[(10, "a 1\n")]);
    run.after(500).await;
    run.orders.send_replace(Order::End);
    run.after(1800).await;
    assert_eq!(run.samples("a"), at(&[(250, "1")]));
    run.after(200).await;
    // At 2250 + 100, with the time at which the next scrape was due.
    assert_eq!(run.samples("a"), at(&[(250, "1"), (1250, "stale")]));
    assert_eq!(run.samples("up"), at(&[(250, "1"), (1250, "stale")]));
    assert!(run.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn finishing_writes_markers_at_once_even_while_waiting_or_asking() {
    for order in [Order::Run, Order::End] {
        let run = start(&[(10, "a 1\n"), (400, "a 2\n")]);
        run.after(500).await;
        run.orders.send_replace(order);
        run.after(900).await;
        run.orders.send_replace(Order::Finish);
        let memory = run.task.await.unwrap();
        assert!(memory.is_some_and(|memory| memory.has_scraped));
        let matchers = [Matcher::equal("__name__", "up")];
        let mut set = run.db.select(&matchers, TimeRange { start_ms: 0, end_ms: i64::MAX }).unwrap();
        let mut samples = Vec::new();
        set.next_into(&mut samples).unwrap();
        assert_eq!(samples.len(), 2);
        assert!(is_stale(samples[1].value) && samples[1].time_ms == START_MS + 1400, "{samples:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn handing_over_writes_nothing() {
    let run = start(&[(10, "a 1\n")]);
    run.after(500).await;
    run.orders.send_replace(Order::HandOver);
    run.after(3000).await;
    assert_eq!(run.samples("up"), at(&[(250, "1")]));
    assert!(run.task.await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_forced_error_asks_nobody() {
    let run = start(&[(10, "a 1\n")]);
    run.after(500).await;
    *lock(&run.forced_error) = Some(ScrapeError::TargetLimit { targets: 3, limit: 2 });
    run.after(1000).await;
    assert_eq!(run.samples("a"), at(&[(250, "1"), (1250, "stale")]));
    assert_eq!(lock(&run.progress).last_error, "target_limit exceeded (number of targets: 3, limit: 2)");
}
