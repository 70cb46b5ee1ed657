//! How fast an exposition is read: entries alone, and entries with their label sets. The body is made here; the
//! environment variable `EXPOSITION` names a file to read instead.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_prometheus::exposition::{Entry, Format, Parser};

/// Families of counters by device and mode, as `node_exporter` has them, and a histogram each.
fn made_body() -> String {
    let mut body = String::new();
    for family in 0..60 {
        let _ = writeln!(
            body,
            "# HELP node_thing_{family}_seconds_total Seconds that things spent in each mode."
        );
        let _ = writeln!(body, "# TYPE node_thing_{family}_seconds_total counter");
        for (at, mode) in
            ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"].iter().enumerate()
        {
            let value = f64::from(family * 1000 + at as i32) * 12.37;
            let _ =
                writeln!(body, "node_thing_{family}_seconds_total{{cpu=\"{at}\",mode=\"{mode}\"}} {value}");
        }
        let _ = writeln!(body, "# TYPE request_{family}_seconds histogram");
        for (at, le) in ["0.005", "0.01", "0.1", "1", "10", "+Inf"].iter().enumerate() {
            let _ = writeln!(
                body,
                "request_{family}_seconds_bucket{{method=\"GET\",path=\"/api/v1/query\",le=\"{le}\"}} {}",
                at * 1234
            );
        }
    }
    body
}

fn exposition(c: &mut Criterion) {
    let body = match std::env::var_os("EXPOSITION") {
        Some(path) => std::fs::read(path).expect("the file that EXPOSITION names can be read"),
        None => made_body().into_bytes(),
    };
    let mut group = c.benchmark_group("exposition");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("entries", |b| {
        b.iter(|| {
            let mut parser = Parser::new(black_box(&body), Format::Text);
            let mut sum = 0.0;
            while let Some(entry) = parser.next_entry().expect("the body is well-formed") {
                if let Entry::Sample(sample) = entry {
                    sum += sample.value + sample.series.len() as f64;
                }
            }
            sum
        });
    });
    group.bench_function("labels", |b| {
        b.iter(|| {
            let mut parser = Parser::new(black_box(&body), Format::Text);
            let mut count = 0;
            while let Some(entry) = parser.next_entry().expect("the body is well-formed") {
                if matches!(entry, Entry::Sample(_)) {
                    count += parser.labels().expect("no label is there twice").len();
                }
            }
            count
        });
    });
    group.finish();
}

criterion_group!(benches, exposition);
criterion_main!(benches);
