//! How long a typical dashboard query takes: 1,000 series, an hour at 15 s, a step every 15 s.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use embedded_prometheus::model::Labels;
use embedded_prometheus::promql::{Engine, Forever};
use embedded_prometheus::storage::MemoryStore;

const SERIES: usize = 1000;
const SCRAPE_MS: i64 = 15_000;
const HOUR_MS: i64 = 3_600_000;

fn store() -> MemoryStore {
    let mut store = MemoryStore::default();
    for series in 0..SERIES {
        let (job, instance) = (format!("job-{}", series % 10), format!("instance-{series}"));
        let le = ["0.1", "0.5", "1", "5", "+Inf"][series % 5];
        let pairs = [("__name__", "x"), ("job", &job), ("instance", &instance), ("le", le)];
        let labels = Labels::from_pairs(pairs);
        for scrape in 0..=2 * HOUR_MS / SCRAPE_MS {
            let value = (scrape * (series as i64 % 7 + 1)) as f64;
            store.append(&labels, scrape * SCRAPE_MS, value).expect("in order");
        }
    }
    store
}

fn evaluate(c: &mut Criterion) {
    let store = store();
    let engine = Engine::default();
    for (name, expression) in [
        ("sum_rate", "sum by (job) (rate(x[5m]))"),
        ("histogram_quantile", "histogram_quantile(0.99, sum by (le) (rate(x[5m])))"),
        ("topk", "topk(5, rate(x[5m]))"),
        ("subquery", "max_over_time(sum(rate(x[5m]))[10m:1m])"),
        ("regex", "sum(x{instance=~\"instance-.*7\"})"),
        ("join", "x * on (instance) group_left () x"),
    ] {
        c.bench_function(name, |b| {
            b.iter(|| {
                let answer = engine.range(&store, expression, (HOUR_MS, 2 * HOUR_MS, SCRAPE_MS), &Forever);
                black_box(answer.expect("a valid query"))
            });
        });
    }
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
