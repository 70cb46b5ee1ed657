//! The store as a whole, in memory.

mod disk;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use proptest::prelude::*;

use super::*;
use crate::model::{Labels, STALE_NAN, Sample};
use crate::storage::{
    AppendError, Forever, Interrupted, Matcher, MemoryStore, Queryable, SelectError, TimeRange,
};

const EVERYTHING: TimeRange = TimeRange { start_ms: i64::MIN, end_ms: i64::MAX };

fn labels(at: usize) -> Labels {
    let name = ["requests", "errors", "up"][at % 3];
    let instance = format!("host-{}", at / 3);
    let zone = if at.is_multiple_of(2) { "north" } else { "" };
    Labels::from_pairs([("__name__", name), ("instance", &instance), ("zone", zone)])
}

/// All samples found, values as bits.
fn found(store: &dyn Queryable, matchers: &[Matcher], range: TimeRange) -> Vec<(Labels, Vec<(i64, u64)>)> {
    let mut set = store.select(matchers, range).unwrap();
    let (mut samples, mut all) = (Vec::new(), Vec::new());
    while let Some(labels) = set.next_into(&mut samples).unwrap() {
        if !samples.is_empty() {
            all.push((labels, samples.iter().map(|s| (s.time_ms, s.value.to_bits())).collect()));
        }
    }
    all
}

fn everything(store: &dyn Queryable) -> Vec<(Labels, Vec<(i64, u64)>)> {
    found(store, &[], EVERYTHING)
}

/// Commits one sample of each of the first `series` series.
fn commit(db: &Db, series: usize, time_ms: i64) -> Result<(), StorageError> {
    let mut appender = db.appender();
    for at in 0..series {
        appender.append(&labels(at), time_ms, (time_ms / 7 + at as i64) as f64).unwrap();
    }
    appender.commit()
}

#[test]
fn a_search_that_takes_long_holds_up_no_commit_and_can_be_ended() {
    let db = Db::in_memory(DbOptions::default());
    commit(&db, 300, 1).unwrap();
    let matchers = [Matcher::regex("instance", ".*[0-9]|").unwrap()];
    // A commit of new series in the middle of the search, which finds them all the same.
    let asked = AtomicI64::new(0);
    let commit_once = || {
        if asked.fetch_add(1, Relaxed) == 1 {
            commit(&db, 310, 2).unwrap();
        }
        Ok(())
    };
    let found = db.series(&matchers, EVERYTHING, &commit_once).unwrap();
    assert_eq!((found.len(), found.is_sorted()), (310, true));
    // Series that go meanwhile, and others in their places.
    asked.store(0, Relaxed);
    let replace_once = || {
        if asked.fetch_add(1, Relaxed) == 1 {
            let mut appender = db.appender();
            appender.append(&Labels::from_pairs([("other", "x")]), i64::from(i32::MAX) * 1_000, 1.0).unwrap();
            appender.commit().unwrap();
            db.drop_old();
            let mut appender = db.appender();
            appender.append(&Labels::from_pairs([("other", "y")]), i64::from(i32::MAX) * 1_000, 1.0).unwrap();
            appender.commit().unwrap();
        }
        Ok(())
    };
    let found = db.series(&matchers, EVERYTHING, &replace_once).unwrap();
    let wanted = [("other", "x"), ("other", "y")].map(|label| Labels::from_pairs([label]));
    assert_eq!(found, wanted);
    assert_eq!(
        db.series(&matchers, EVERYTHING, &|| Err(Interrupted::Timeout)),
        Err(SelectError::Interrupted(Interrupted::Timeout))
    );
}

#[test]
fn one_commit_may_bring_thousands_of_samples_of_a_series() {
    let db = Db::in_memory(DbOptions::default());
    let mut time_ms = 0;
    for count in [481, 513, 1, 5_000, 40] {
        let mut appender = db.appender();
        for _ in 0..count {
            time_ms += 10;
            appender.append(&labels(0), time_ms, time_ms as f64).unwrap();
        }
        appender.commit().unwrap();
        let all = everything(&db);
        assert_eq!(all[0].1.len() as i64, time_ms / 10);
    }
}

#[test]
fn prometheus_rules_hold_for_what_is_there_and_what_is_pending() {
    let db = Db::in_memory(DbOptions::default());
    let x = labels(0);
    let mut first = db.appender();
    let series = first.append(&x, 100, 1.0).unwrap();
    // Against the same batch.
    assert_eq!(first.append_ref(series, 99, 1.0), Err(AppendError::OutOfOrder));
    assert_eq!(first.append_ref(series, 100, 2.0), Err(AppendError::DuplicateSample));
    assert_eq!(first.append_ref(series, 100, 1.0), Ok(()));
    assert_eq!(first.append(&x, 101, STALE_NAN), Ok(series));
    assert!(everything(&db).is_empty());
    first.commit().unwrap();
    // Against what is there.
    let mut second = db.appender();
    assert_eq!(second.append_ref(series, 101, STALE_NAN), Ok(()));
    assert_eq!(second.append_ref(series, 101, f64::NAN), Err(AppendError::DuplicateSample));
    assert_eq!(second.append_ref(series, 100, 1.0), Err(AppendError::OutOfOrder));
    assert_eq!(second.append_ref(SeriesRef(77), 200, 1.0), Err(AppendError::UnknownSeries));
    second.commit().unwrap();
    assert_eq!(everything(&db), [(x, vec![(100, 1.0_f64.to_bits()), (101, STALE_NAN.to_bits())])]);
    assert_eq!(db.stats().samples_appended, 2);
}

#[test]
fn what_is_not_committed_is_not_there() {
    let db = Db::in_memory(DbOptions { max_series: 2, ..DbOptions::default() });
    let mut dropped = db.appender();
    let series = dropped.append(&labels(0), 1, 1.0).unwrap();
    dropped.append(&labels(1), 1, 1.0).unwrap();
    assert_eq!(dropped.append(&labels(2), 1, 1.0), Err(AppendError::SeriesLimit { limit: 2 }));
    drop(dropped);
    assert_eq!(db.stats(), DbStats::default());
    let mut next = db.appender();
    assert_eq!(next.append_ref(series, 2, 1.0), Err(AppendError::UnknownSeries));
    next.append(&labels(2), 1, 1.0).unwrap();
    next.append(&labels(3), 1, 1.0).unwrap();
    next.commit().unwrap();
    assert_eq!(db.stats().series, 2);
}

#[test]
fn two_appenders_at_once_make_one_series() {
    let db = Db::in_memory(DbOptions::default());
    let (mut first, mut second) = (db.appender(), db.appender());
    first.append(&labels(0), 10, 1.0).unwrap();
    let lost = second.append(&labels(0), 20, 2.0).unwrap();
    second.append(&labels(1), 5, 1.0).unwrap();
    let mut third = db.appender();
    third.append(&labels(1), 7, 3.0).unwrap();
    first.commit().unwrap();
    third.commit().unwrap();
    second.commit().unwrap();
    let bits = f64::to_bits;
    let expected = [(labels(1), vec![(7, bits(3.0))]), (labels(0), vec![(10, bits(1.0)), (20, bits(2.0))])];
    assert_eq!(everything(&db), expected);
    assert_eq!(db.stats().samples_overtaken, 1);
    assert_eq!(db.appender().append_ref(lost, 30, 1.0), Err(AppendError::UnknownSeries));
    assert_eq!(db.stats().series, 2);
}

#[test]
fn what_is_too_old_goes_and_so_do_series_without_samples() {
    let db = Db::in_memory(DbOptions { retention_ms: 100_000, ..DbOptions::default() });
    let mut appender = db.appender();
    let ended = appender.append(&labels(0), 1_000, 1.0).unwrap();
    appender.commit().unwrap();
    for time_s in 1..2_000 {
        let mut appender = db.appender();
        appender.append(&labels(1), time_s * 1_000, time_s as f64).unwrap();
        appender.commit().unwrap();
    }
    assert_eq!(db.appender().append(&labels(2), 1_898_999, 1.0), Err(AppendError::OutOfBounds));
    db.maintain().unwrap();
    let left = everything(&db);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].1.first().map(|&(time_ms, _)| time_ms), Some(1_899_000));
    assert_eq!(left[0].1.len(), 101);
    assert_eq!(db.label_values("__name__", &[], EVERYTHING, &Forever).unwrap(), ["errors"]);
    assert_eq!(db.appender().append_ref(ended, 2_000_000, 1.0), Err(AppendError::UnknownSeries));
    assert_eq!(db.stats().min_time_ms, Some(1_899_000));
    // Chunks go as a whole.
    assert!(db.stats().samples < 101 + 512, "{:?}", db.stats());
}

#[test]
fn the_oldest_go_if_there_is_too_much() {
    let limit = 20_000;
    let db = Db::in_memory(DbOptions { retention_bytes: Some(limit), ..DbOptions::default() });
    for time_ms in 0..4_000 {
        let mut appender = db.appender();
        for at in 0..4 {
            let value = (time_ms * time_ms * time_ms % 1_000_003 + at as i64) as f64;
            appender.append(&labels(at), time_ms, value).unwrap();
        }
        appender.commit().unwrap();
        if time_ms % 500 == 499 {
            db.maintain().unwrap();
            assert!(db.stats().chunk_bytes <= limit);
        }
    }
    let left = everything(&db);
    assert_eq!(left.len(), 4);
    let starts: Vec<i64> = left.iter().map(|(_, samples)| samples[0].0).collect();
    assert!(starts.iter().all(|&start| start > 0 && start < 3_999), "{starts:?}");
    assert!(left.iter().all(|(_, samples)| samples.last().unwrap().0 == 3_999));
}

/// One step of a life.
#[derive(Debug, Clone)]
enum Step {
    Append {
        series: usize,
        step_ms: i64,
        value: f64,
    },
    Commit,
    Drop,
    /// Ends the store and opens it again, by [`Db::close`] or without.
    Reopen {
        close: bool,
    },
    Maintain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (0..50_u32).prop_map(f64::from),
        Just(STALE_NAN),
        0.0..1.0_f64
    ];
    let append = (0..9_usize, -1..40_i64, value).prop_map(|(series, step_ms, value)| Step::Append {
        series,
        step_ms,
        value,
    });
    let step = prop_oneof![
        60 => append,
        8 => Just(Step::Commit),
        1 => Just(Step::Drop),
        1 => any::<bool>().prop_map(|close| Step::Reopen { close }),
        1 => Just(Step::Maintain),
    ];
    prop::collection::vec(step, 0..700)
}

fn some_matchers() -> Vec<Vec<Matcher>> {
    vec![
        vec![],
        vec![Matcher::equal("__name__", "up")],
        vec![Matcher::not_equal("__name__", "up"), Matcher::equal("zone", "")],
        vec![Matcher::regex("instance", "host-[01]").unwrap(), Matcher::not_equal("zone", "")],
        vec![Matcher::not_regex("__name__", "up|errors").unwrap()],
        vec![Matcher::regex("zone", "n.*|").unwrap(), Matcher::equal("__name__", "requests")],
    ]
}

fn same(db: &Db, model: &MemoryStore) -> Result<(), TestCaseError> {
    for matchers in some_matchers() {
        for (start_ms, end_ms) in [(i64::MIN, i64::MAX), (100, 400), (1_000, 1_000), (500, 100)] {
            let range = TimeRange { start_ms, end_ms };
            prop_assert_eq!(found(db, &matchers, range), found(model, &matchers, range));
            prop_assert_eq!(db.series(&matchers, range, &Forever), model.series(&matchers, range, &Forever));
            prop_assert_eq!(
                db.label_names(&matchers, range, &Forever),
                model.label_names(&matchers, range, &Forever)
            );
            for name in ["instance", "zone", "none"] {
                let values = db.label_values(name, &matchers, range, &Forever);
                prop_assert_eq!(values, model.label_values(name, &matchers, range, &Forever));
            }
        }
    }
    Ok(())
}

/// Lives in `db` and in the model.
fn live(mut db: Db, directory: Option<&Path>, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = MemoryStore::default();
    let (mut pending, mut dropped) = (Vec::new(), false);
    let mut time_ms = 0;
    for step in steps.iter().chain([&Step::Commit]) {
        match *step {
            Step::Append { series, step_ms, value } => {
                time_ms += step_ms;
                pending.push((labels(series), Sample::new(time_ms, value)));
                continue;
            }
            Step::Drop => dropped = true,
            _ => {}
        }
        let mut appender = db.appender();
        for (labels, sample) in std::mem::take(&mut pending) {
            let done = appender.append(&labels, sample.time_ms, sample.value).map(|_| ());
            if !dropped {
                prop_assert_eq!(done, model.append(&labels, sample.time_ms, sample.value));
            }
        }
        if std::mem::take(&mut dropped) {
            drop(appender);
        } else {
            appender.commit().unwrap();
        }
        match *step {
            Step::Maintain => db.maintain().unwrap(),
            Step::Reopen { close } => {
                if let Some(directory) = directory {
                    if close {
                        db.close().unwrap();
                    }
                    let options = *db.options();
                    drop(db);
                    let (again, repairs) = Db::open(directory, options).unwrap();
                    prop_assert_eq!(repairs, vec![]);
                    db = again;
                    same(&db, &model)?;
                }
            }
            _ => {}
        }
    }
    same(&db, &model)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn it_is_the_simple_store_but_for_speed(steps in steps()) {
        live(Db::in_memory(DbOptions::default()), None, &steps)?;
    }

    #[test]
    fn it_is_the_simple_store_on_disk_too(steps in steps()) {
        let directory = tempfile::tempdir().unwrap();
        let (db, _) = Db::open(directory.path(), DbOptions::default()).unwrap();
        live(db, Some(directory.path()), &steps)?;
    }
}

#[test]
fn readers_see_commits_whole_and_series_in_order() {
    const SERIES: usize = 30;
    const COMMITS: i64 = 2_000;
    let db = Db::in_memory(DbOptions { retention_ms: 700, ..DbOptions::default() });
    let (ended, committed) = (AtomicBool::new(false), AtomicI64::new(0));
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut selects = 0;
                    while !ended.load(Ordering::Acquire) || selects == 0 {
                        let before = committed.load(Ordering::Acquire);
                        let all = everything(&db);
                        assert!(all.is_sorted_by(|a, b| a.0 < b.0));
                        let Some((_, first)) = all.first() else { continue };
                        selects += 1;
                        let times: Vec<i64> = first.iter().map(|sample| sample.0).collect();
                        // No gap, and all series the same.
                        assert!(times.windows(2).all(|pair| pair[1] == pair[0] + 1));
                        assert!(*times.last().unwrap() >= before);
                        assert_eq!(all.len(), SERIES);
                        for (_, samples) in &all {
                            assert!(samples.iter().map(|sample| sample.0).eq(times.iter().copied()));
                        }
                    }
                    selects
                })
            })
            .collect();
        scope.spawn(|| {
            while !ended.load(Ordering::Acquire) {
                db.maintain().unwrap();
            }
        });
        for time_ms in 1..=COMMITS {
            commit(&db, SERIES, time_ms).unwrap();
            committed.store(time_ms, Ordering::Release);
        }
        ended.store(true, Ordering::Release);
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 0));
    });
}

#[test]
fn appenders_on_many_threads_lose_nothing() {
    const THREADS: usize = 4;
    let directory = tempfile::tempdir().unwrap();
    let (db, _) = Db::open(directory.path(), DbOptions::default()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let db = &db;
            scope.spawn(move || {
                for time_ms in 0..300 {
                    let mut appender = db.appender();
                    appender.append(&labels(thread), time_ms, 1.0).unwrap();
                    // Everybody's: only one is first, the others bring what is there already.
                    let shared = appender.append(&labels(THREADS), time_ms, 7.0);
                    assert!(matches!(shared, Ok(_) | Err(AppendError::OutOfOrder)), "{shared:?}");
                    appender.commit().unwrap();
                }
            });
        }
    });
    let before = everything(&db);
    assert_eq!(before.len(), THREADS + 1);
    assert!(before.iter().all(|(of, samples)| samples.len() == 300 || *of == labels(THREADS)));
    drop(db);
    let (db, repairs) = Db::open(directory.path(), DbOptions::default()).unwrap();
    assert!(repairs.is_empty());
    assert_eq!(everything(&db), before);
}
