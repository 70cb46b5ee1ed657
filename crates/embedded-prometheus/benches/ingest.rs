//! How fast samples go in (elements are samples: one scrape of 10,000 series an iteration) and come out (1,000
//! series, 240 samples each), and how long it takes to open a store of a million samples.

use std::cell::Cell;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_prometheus::model::Labels;
use embedded_prometheus::storage::{Db, DbOptions, Matcher, Queryable, SeriesRef, TimeRange};

const SERIES: usize = 10_000;
const STEP_MS: i64 = 15_000;

/// What kind of values, as that decides how much work compression is.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// A counter of whole numbers.
    Counter,
    /// A wave with full mantissas: the most work.
    Wave,
}

impl Values {
    fn at(self, series: usize, scrape: i64) -> f64 {
        match self {
            Self::Counter => (scrape * (series as i64 % 17 + 1) + scrape % 3) as f64,
            Self::Wave => series as f64 + 10.0 * (scrape as f64 * 0.15 + series as f64).sin(),
        }
    }
}

fn labels(series: usize) -> Labels {
    let (job, instance) = (format!("job-{}", series % 10), format!("instance-{series}"));
    Labels::from_pairs([("__name__", "x"), ("job", &job), ("instance", &instance)])
}

fn scrape(db: &Db, known: &mut Vec<SeriesRef>, series: usize, scrape: i64, values: Values) {
    let time_ms = 1_700_000_000_000 + scrape * STEP_MS;
    let mut appender = db.appender();
    if known.is_empty() {
        for at in 0..series {
            known.push(appender.append(&labels(at), time_ms, values.at(at, scrape)).expect("in order"));
        }
    } else {
        for (at, &series) in known.iter().enumerate() {
            appender.append_ref(series, time_ms, values.at(at, scrape)).expect("in order");
        }
    }
    appender.commit().expect("written");
}

fn filled(db: Db, series: usize, scrapes: i64, values: Values) -> Db {
    let mut known = Vec::new();
    for at in 0..scrapes {
        scrape(&db, &mut known, series, at, values);
    }
    db
}

fn opened(directory: &Path) -> Db {
    Db::open(directory, DbOptions::default()).expect("a directory").0
}

fn ingest(c: &mut Criterion) {
    let mut group = c.benchmark_group("ingest");
    group.throughput(Throughput::Elements(SERIES as u64));
    group.warm_up_time(Duration::from_secs(2)).measurement_time(Duration::from_secs(8)).sample_size(20);
    for values in [Values::Counter, Values::Wave] {
        for on_disk in [false, true] {
            let directory = tempfile::tempdir().expect("a directory");
            let db = if on_disk { opened(directory.path()) } else { Db::in_memory(DbOptions::default()) };
            let (mut known, next) = (Vec::new(), Cell::new(0));
            let place = if on_disk { "data dir" } else { "memory" };
            group.bench_function(format!("{values:?}, {place}"), |b| {
                b.iter(|| {
                    scrape(&db, &mut known, SERIES, next.get(), values);
                    next.set(next.get() + 1);
                    // In real life once a second; here often enough that checkpoints are in the figure.
                    if next.get() % 100 == 0 {
                        db.maintain().expect("written");
                    }
                });
            });
        }
    }
    group.finish();
}

fn select(c: &mut Criterion) {
    let mut group = c.benchmark_group("select");
    let range = TimeRange { start_ms: i64::MIN, end_ms: i64::MAX };
    for values in [Values::Counter, Values::Wave] {
        let db = filled(Db::in_memory(DbOptions::default()), 1_000, 240, values);
        for (name, matchers) in [
            ("all", vec![Matcher::equal("__name__", "x")]),
            ("regex", vec![Matcher::regex("instance", "instance-.*7").expect("valid")]),
        ] {
            let count = || {
                let mut set = db.select(&matchers, range).expect("readable");
                let (mut samples, mut count) = (Vec::new(), 0);
                while set.next_into(&mut samples).expect("readable").is_some() {
                    count += black_box(&samples).len();
                }
                count
            };
            group.throughput(Throughput::Elements(count() as u64));
            group.bench_function(format!("{values:?}, {name}"), |b| b.iter(count));
        }
    }
    group.finish();
}

fn open(c: &mut Criterion) {
    let mut group = c.benchmark_group("open a million samples");
    group.sample_size(10);
    for (name, close) in [("from a snapshot", true), ("from the log", false)] {
        let directory = tempfile::tempdir().expect("a directory");
        let db = filled(opened(directory.path()), 1_000, 1_000, Values::Counter);
        if close {
            db.close().expect("written");
        }
        drop(db);
        group.bench_function(name, |b| b.iter(|| opened(directory.path())));
    }
    group.finish();
}

criterion_group!(benches, ingest, select, open);
criterion_main!(benches);
