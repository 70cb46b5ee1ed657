//! How fast a range answer becomes columns, next to `serde_json::Value` of the same body in the same run.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use promscope::query::{Query, QueryTime, SourceId};
use promscope::series::Grid;
use promscope::source::decode;

const SERIES: usize = 100;
const POINTS: usize = 1_000;

fn body(grid: Grid) -> String {
    let mut body = r#"{"status":"success","data":{"resultType":"matrix","result":["#.to_owned();
    for series in 0..SERIES {
        let comma = if series == 0 { "" } else { "," };
        let _ = write!(
            body,
            r#"{comma}{{"metric":{{"__name__":"http_requests_total","instance":"10.0.0.{series}:9090","job":"api","path":"/v1/items"}},"values":["#
        );
        for point in 0..grid.len {
            let comma = if point == 0 { "" } else { "," };
            let value = ((series * 31 + point) as f64 / 7.0).sin() * 1000.0;
            let _ = write!(body, r#"{comma}[{}.5,"{value}"]"#, grid.time_ms(point) / 1000);
        }
        body.push_str("]}");
    }
    body.push_str("]}}");
    body
}

fn decode_matrix(criterion: &mut Criterion) {
    let grid = Grid { start_ms: 1_780_000_000_500, step_ms: 15_000, len: POINTS };
    let body = body(grid);
    let query = Query { expr: "x".into(), time: QueryTime::Range(grid), source: SourceId::DEFAULT };
    let mut group = criterion.benchmark_group("decode 100x1000");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("columns", |bencher| {
        bencher.iter(|| decode::answer(black_box(body.as_bytes()), &query).expect("decodes"));
    });
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&body)).expect("parses"));
    });
    group.finish();
}

criterion_group!(benches, decode_matrix);
criterion_main!(benches);
