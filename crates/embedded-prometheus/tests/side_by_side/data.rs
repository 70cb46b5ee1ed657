//! Made-up samples, the same in every run: counters with resets, gauges with NaN and infinities, histograms whole and
//! odd, series that come, go and pause, labels with odd values, intervals of 5, 15 and 60 s with jitter and missed
//! scrapes.

use std::fmt::Write as _;

use embedded_prometheus::model::{Labels, METRIC_NAME};
use embedded_prometheus::storage::MemoryStore;

/// The first scrape, a multiple of 15 s.
pub(crate) const START_S: i64 = 1_700_000_100;
const LENGTH_S: i64 = 5400;
/// One scrape in so many is missed.
const MISSED: u64 = 40;

/// Series by series, samples by time in milliseconds.
pub(crate) type Samples = Vec<(Labels, Vec<(i64, f64)>)>;

/// A small generator (`SplitMix64`), so that the data are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About normal, mean 0, deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

struct Maker {
    dice: Dice,
    out: Samples,
}

impl Maker {
    /// Scrapes every `interval_s` with up to two seconds of jitter, never on a whole second. `value` gets the
    /// scrape's number; none means that the series is not there.
    fn series(
        &mut self,
        labels: &[(&str, &str)],
        interval_s: i64,
        mut value: impl FnMut(i64, &mut Dice) -> Option<f64>,
    ) {
        let mut samples = Vec::new();
        for scrape in 0..LENGTH_S / interval_s {
            let jitter_ms = 1 + (self.dice.below(2) * 1000 + self.dice.below(999)).cast_signed();
            let missed = self.dice.below(MISSED) == 0;
            let value = value(scrape, &mut self.dice);
            if let (false, Some(value)) = (missed, value) {
                samples.push(((START_S + scrape * interval_s) * 1000 + jitter_ms, value));
            }
        }
        self.out.push((Labels::from_pairs(labels.iter().copied()), samples));
    }

    fn counters(&mut self) {
        for (job, instance) in ["api", "web"].into_iter().flat_map(|job| (0..4).map(move |i| (job, i))) {
            let name = format!("i{instance}");
            let code = if instance % 2 == 0 { "500" } else { "200" };
            let labels = [(METRIC_NAME, "reqs_total"), ("job", job), ("instance", &name), ("code", code)];
            // Far from zero even after a reset: how a counter is taken to begin at zero differs, see `near_zero`.
            let mut count = 50_000.0;
            self.series(&labels, 15, |scrape, dice| {
                if dice.below(60) == 0 {
                    count = 40_000.0;
                }
                count += dice.share() * 10.0 * f64::from(instance + 1);
                (instance != 3 || !(100..160).contains(&scrape)).then_some(count)
            });
        }
        self.series(&[(METRIC_NAME, "near_zero_total")], 15, |scrape, _| Some((4 + scrape % 50 * 5) as f64));
        for (name, interval_s) in [("fast_total", 5), ("slow_total", 60)] {
            for job in ["api", "web"] {
                let mut count = 1000.0;
                self.series(&[(METRIC_NAME, name), ("job", job)], interval_s, |_, dice| {
                    count += dice.below(7) as f64;
                    Some(count)
                });
            }
        }
        // Begins near zero in the middle of the data, and ends before their end.
        let mut count = 0.0;
        self.series(&[(METRIC_NAME, "late_total"), ("job", "api")], 15, |scrape, dice| {
            count += dice.below(3) as f64;
            (150..280).contains(&scrape).then_some(count)
        });
    }

    fn gauges(&mut self) {
        for (job, instance) in ["api", "web"].into_iter().flat_map(|job| (0..4).map(move |i| (job, i))) {
            let name = format!("i{instance}");
            self.series(&[(METRIC_NAME, "temp"), ("job", job), ("instance", &name)], 15, |_, dice| {
                Some(match dice.below(25) {
                    0 => [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][dice.below(3) as usize],
                    _ => dice.normal() * 10.0,
                })
            });
            let zone = if instance % 2 == 0 { "z0" } else { "z1" };
            let labels = [(METRIC_NAME, "flat"), ("job", job), ("instance", &name), ("zone", zone)];
            self.series(&labels, 15, |scrape, _| {
                (instance != 2 || scrape % 40 < 15).then_some(f64::from(instance))
            });
            let labels = [(METRIC_NAME, "smooth"), ("job", job), ("instance", &name)];
            self.series(&labels, 15, |scrape, dice| {
                Some(100.0 + scrape as f64 * f64::from(instance) / 7.0 + dice.normal())
            });
        }
        for (n, value) in [("0", 1.7e308), ("1", 1.6e308), ("2", -1.7e308), ("3", 1e-310)] {
            self.series(&[(METRIC_NAME, "huge"), ("n", n)], 15, |_, _| Some(value));
        }
        for (version, present) in [("v1", 0..200), ("v2", 200..1000)] {
            for job in ["api", "web"] {
                let labels = [(METRIC_NAME, "build_info"), ("job", job), ("version", version)];
                self.series(&labels, 15, |scrape, _| present.contains(&scrape).then_some(1.0));
            }
        }
        self.series(&[(METRIC_NAME, "clock")], 60, |scrape, _| Some((START_S + scrape * 86_399) as f64));
    }

    fn histograms(&mut self) {
        for job in ["api", "web"] {
            let bounds = ["0.1", "0.25", "0.5", "1", "2.5", "+Inf"];
            self.buckets("lat_bucket", job, &bounds, |_| 1.0);
            self.series(&[(METRIC_NAME, "lat_sum"), ("job", job)], 15, |scrape, _| Some(scrape as f64 * 0.7));
        }
        // Without +Inf, below zero, the same bound twice, no number as bound, counts that fall.
        self.buckets("open_bucket", "api", &["0.1", "1"], |_| 1.0);
        self.buckets("minus_bucket", "api", &["-2", "-1", "0", "1", "+Inf"], |_| 1.0);
        self.buckets("twice_bucket", "api", &["1", "1.0", "2", "+Inf"], |_| 1.0);
        self.buckets("text_bucket", "api", &["1", "much", "+Inf"], |_| 1.0);
        self.buckets("falling_bucket", "api", &["1", "2", "4", "+Inf"], |at| if at == 2 { 0.5 } else { 1.0 });
        self.buckets("only_bucket", "api", &["+Inf"], |_| 1.0);
        self.buckets("empty_bucket", "api", &["1", "+Inf"], |_| 0.0);
        self.buckets("nan_bucket", "api", &["1", "2", "+Inf"], |at| if at == 1 { f64::NAN } else { 1.0 });
    }

    fn buckets(&mut self, name: &str, job: &str, bounds: &[&str], factor: impl Fn(usize) -> f64) {
        for (at, le) in bounds.iter().enumerate() {
            let labels = [(METRIC_NAME, name), ("job", job), ("le", le)];
            self.series(&labels, 15, |scrape, _| Some((scrape * (at as i64 + 1)) as f64 * factor(at)));
        }
    }

    fn odd_labels(&mut self) {
        for (at, value) in
            ["/a\"b\\c", "two\nlines", "é", "😀", "a.b", " ", "{}", "$1", "10", "9"].into_iter().enumerate()
        {
            let labels = [(METRIC_NAME, "odd"), ("value", value), ("job", "api")];
            self.series(&labels, 15, |_, _| Some(at as f64));
        }
        let labels = [("sum", "a"), ("by", "b"), ("on", "c"), ("offset", "d"), ("bool", "e"), ("and", "f")];
        for name in ["keywords", "group", "start", "offset"] {
            let labels: Vec<_> = [(METRIC_NAME, name)].into_iter().chain(labels).collect();
            self.series(&labels, 15, |scrape, _| Some(scrape as f64));
        }
        self.series(&[(METRIC_NAME, "level:rule:sum")], 15, |scrape, _| Some(scrape as f64));
    }

    /// Samples on whole seconds, for the ends of ranges.
    fn edge(&mut self) {
        let samples = (0..LENGTH_S / 15).map(|scrape| ((START_S + 7 + scrape * 15) * 1000, scrape as f64));
        self.out.push((Labels::from_pairs([(METRIC_NAME, "edge")]), samples.collect()));
        // Only one, exactly five minutes before the first of the instants.
        let at = (START_S + 622 - 300) * 1000;
        self.out.push((Labels::from_pairs([(METRIC_NAME, "edge_of_lookback")]), vec![(at, 1.0)]));
    }
}

pub(crate) fn samples() -> Samples {
    let mut maker = Maker { dice: Dice(20_260_117), out: Vec::new() };
    maker.counters();
    maker.gauges();
    maker.histograms();
    maker.odd_labels();
    maker.edge();
    // A metric's lines stand together in the text.
    maker.out.sort_by(|a, b| a.0.metric_name().cmp(b.0.metric_name()));
    maker.out
}

/// The samples as OpenMetrics text.
pub(crate) fn openmetrics(samples: &Samples) -> String {
    let mut out = String::new();
    for (labels, samples) in samples {
        let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let pairs = labels.iter().filter(|label| &*label.name != METRIC_NAME);
        let pairs: Vec<_> = pairs.map(|l| format!("{}=\"{}\"", l.name, escape(&l.value))).collect();
        let name = labels.metric_name();
        for (time_ms, value) in samples {
            let value = match *value {
                v if v == f64::INFINITY => "+Inf".to_owned(),
                v if v == f64::NEG_INFINITY => "-Inf".to_owned(),
                v => format!("{v:?}"),
            };
            let (seconds, ms) = (time_ms / 1000, time_ms % 1000);
            let _ = writeln!(out, "{name}{{{}}} {value} {seconds}.{ms:03}", pairs.join(","));
        }
    }
    out.push_str("# EOF\n");
    out
}

/// The samples in our store.
pub(crate) fn memory_store(samples: &Samples) -> MemoryStore {
    let mut store = MemoryStore::default();
    for (labels, samples) in samples {
        for (time_ms, value) in samples {
            store.append(labels, *time_ms, *value).expect("in order");
        }
    }
    store
}
