//! What must hold for any input, in the fuzz targets and in the test that runs the corpora.

use std::cell::Cell;

use embedded_prometheus::exposition::{Entry, Format, Parser, write};
use embedded_prometheus::model::{Labels, STALE_NAN};
use embedded_prometheus::promql::{Engine, Interrupted, Options, QueryValue};
use embedded_prometheus::storage::MemoryStore;

/// The most samples a query may hold.
const MAX_SAMPLES: usize = 20_000;

/// How often a query may ask whether to go on: a bound on its work that needs no clock.
const MAX_CHECKS: u32 = 200;

/// Reads `data` in both formats. Nothing panics, the reader comes to an end, and a sample that it understood is the
/// same after it was written and read again.
pub(crate) fn exposition(data: &[u8]) {
    for format in [Format::Text, Format::OpenMetrics] {
        let mut parser = Parser::new(data, format);
        let mut entries = 0;
        let error = loop {
            match parser.next_entry() {
                Ok(None) => break None,
                Err(error) => break Some(error),
                Ok(Some(Entry::Sample(sample))) => {
                    assert!(!sample.series.is_empty());
                    assert_ne!(sample.value.to_bits(), STALE_NAN.to_bits());
                    if let Ok(labels) = parser.labels() {
                        again(&labels, sample.value, sample.timestamp_ms);
                    }
                }
                Ok(Some(_)) => {}
            }
            entries += 1;
            assert!(entries <= data.len(), "every entry takes a byte at least");
        };
        if let Some(error) = error {
            assert!(error.offset <= data.len() && error.line >= 1 && error.column >= 1);
        }
    }
}

fn again(labels: &Labels, value: f64, time_ms: Option<i64>) {
    // A series without name can be read, but is refused by the scrape.
    if labels.metric_name().is_empty() {
        return;
    }
    let time_ms = time_ms.filter(|time| *time >= 0);
    let mut line = String::new();
    write::sample_line(&mut line, labels, value, time_ms);
    let mut parser = Parser::new(line.as_bytes(), Format::Text);
    let Ok(Some(Entry::Sample(sample))) = parser.next_entry() else { panic!("{line:?} is no sample") };
    assert_eq!(parser.labels().as_ref(), Ok(labels));
    assert!(sample.value.to_bits() == value.to_bits() || (sample.value.is_nan() && value.is_nan()));
    assert_eq!(sample.timestamp_ms, time_ms);
    assert!(matches!(parser.next_entry(), Ok(None)));
}

/// Parses `data` as an expression and evaluates it, once and over a range. Nothing panics, limits hold, and what comes
/// out is sorted and distinct.
pub(crate) fn promql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let engine =
        Engine::new(Options { max_samples: MAX_SAMPLES, experimental_functions: true, ..Options::default() });
    let Ok(query) = engine.parse(text) else { return };
    let store = store();
    let checks = Cell::new(0);
    let bounded = || {
        checks.set(checks.get() + 1);
        if checks.get() > MAX_CHECKS { Err(Interrupted::Timeout) } else { Ok(()) }
    };
    let _ = engine.evaluate_instant(&store, &query, 600_000, &bounded);
    checks.set(0);
    let Ok(answer) = engine.evaluate_range(&store, &query, (0, 900_000, 45_000), &bounded) else { return };
    let QueryValue::Matrix(series) = answer.value else { panic!("a range query gives a matrix") };
    assert!(series.iter().map(|s| s.samples.len()).sum::<usize>() <= MAX_SAMPLES);
    assert!(series.windows(2).all(|pair| pair[0].labels < pair[1].labels), "sorted and distinct");
    for samples in series.iter().map(|s| &s.samples) {
        assert!(samples.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms));
        assert!(samples.iter().all(|sample| sample.value.to_bits() != STALE_NAN.to_bits()));
    }
}

/// A counter, a gauge with gaps and odd values, and a histogram: ten minutes of each.
fn store() -> MemoryStore {
    let mut store = MemoryStore::default();
    for job in ["a", "b"] {
        for minute in 0..10i64 {
            let mut add = |name: &str, le: &str, value: f64| {
                let labels = Labels::from_pairs([("__name__", name), ("job", job), ("le", le)]);
                store.append(&labels, minute * 60_000, value).expect("times go up");
            };
            add("x_total", "", (minute % 7 * 10) as f64);
            for (le, count) in [("0.1", 1), ("1", 3), ("+Inf", 4)] {
                add("h_bucket", le, (minute * count) as f64);
            }
            match minute {
                3 => add("g", "", f64::NAN),
                4 => add("g", "", STALE_NAN),
                5 => {}
                6 => add("g", "", f64::NEG_INFINITY),
                _ => add("g", "", minute as f64 - 4.5),
            }
        }
    }
    store
}
