//! Random expressions over random data: no panic, no overrun of the limits, and only finite patience.

#![expect(clippy::float_cmp, reason = "a range query must give the very same numbers")]

use std::cell::Cell;

use embedded_prometheus::model::{Labels, STALE_NAN};
use embedded_prometheus::promql::{
    Engine, Forever, Interrupted, MAX_EXPRESSION_DEPTH, Options, QueryError, QueryValue,
};
use embedded_prometheus::storage::MemoryStore;
use proptest::prelude::*;

const MAX_SAMPLES: usize = 20_000;

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3,
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 1e-300, STALE_NAN]),
    ]
}

fn store() -> impl Strategy<Value = MemoryStore> {
    let series = (0..3usize, 0..3usize, prop::collection::vec((1..200_000i64, value()), 0..12));
    prop::collection::vec(series, 0..6).prop_map(|all| {
        let mut store = MemoryStore::default();
        for (metric, job, samples) in all {
            let name = ["a", "b_total", "c_bucket"][metric];
            let le = ["0.1", "+Inf", "nonsense"][job];
            let labels = Labels::from_pairs([("__name__", name), ("job", ["x", "y", ""][job]), ("le", le)]);
            let mut time = -300_000;
            for (gap, value) in samples {
                time += gap;
                // Series drawn twice overlap; what is out of order is refused.
                let _ = store.append(&labels, time, value);
            }
        }
        store
    })
}

const VECTOR_FUNCTIONS: [&str; 34] = [
    "abs",
    "ceil",
    "ln",
    "sgn",
    "absent",
    "scalar",
    "sort",
    "sort_desc",
    "timestamp",
    "hour",
    "year",
    "round",
    "vector",
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "group",
    "stddev",
    "stdvar",
    "sum by (job)",
    "count without (le)",
    "topk(2,",
    "bottomk(1,",
    "quantile(0.5,",
    "quantile(NaN,",
    "count_values(\"v\",",
    "histogram_quantile(0.9,",
    "histogram_fraction(0, 1,",
    "clamp_max(1,",
    "-",
    "limitk(1,",
    "limit_ratio(-0.5,",
];

const RANGE_FUNCTIONS: [&str; 18] = [
    "rate",
    "increase",
    "delta",
    "irate",
    "idelta",
    "deriv",
    "sum_over_time",
    "avg_over_time",
    "stddev_over_time",
    "last_over_time",
    "absent_over_time",
    "changes",
    "resets",
    "mad_over_time",
    "quantile_over_time(0.3,",
    "predict_linear(",
    "max_over_time",
    "present_over_time",
];

const OPERATORS: [&str; 20] = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "atan2",
    "==",
    "!=",
    ">",
    "<",
    ">= bool",
    "and",
    "or",
    "unless",
    "* on (job) group_left ()",
    "/ ignoring (le) group_right (le)",
    "== on (job)",
    "and on ()",
    "or ignoring (le)",
];

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "a",
            "b_total",
            "c_bucket",
            "{__name__=~\".+\"}",
            "a{job!=\"x\"}",
            "a offset 1m",
            "b_total offset -1m",
            "a @ 60",
            "a @ start()",
            "b_total @ end()",
            "1",
            "-0.5",
            "NaN",
            "Inf",
            "time()",
            "vector(2)",
            "1e300",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (prop::sample::select(VECTOR_FUNCTIONS.to_vec()), inner.clone()).prop_map(|(f, e)| call(f, &e)),
            (prop::sample::select(RANGE_FUNCTIONS.to_vec()), inner.clone(), 1..600i64, 1..120i64)
                .prop_map(|(f, e, range, step)| call(f, &format!("({e})[{range}s:{step}s]"))),
            (prop::sample::select(RANGE_FUNCTIONS.to_vec()), 1..600i64)
                .prop_map(|(f, range)| call(f, &format!("a[{range}s]"))),
            (inner.clone(), prop::sample::select(OPERATORS.to_vec()), inner.clone())
                .prop_map(|(l, op, r)| format!("({l}) {op} ({r})")),
            (inner.clone(), inner)
                .prop_map(|(e, _)| format!("label_replace({e}, \"job\", \"$1\", \"le\", \"(.*)\")")),
        ]
    })
}

fn call(function: &str, argument: &str) -> String {
    match function {
        "-" => format!("-({argument})"),
        "predict_linear(" => format!("predict_linear({argument}, 60)"),
        "clamp_max(1," => format!("clamp_max({argument}, 1)"),
        f if f.ends_with(',') => format!("{f} {argument})"),
        f => format!("{f}({argument})"),
    }
}

/// Whether the order in which series come decides the answer. Only an instant query sorts (a range query ignores `sort`
/// and keeps the k of `topk` in the order of their labels), and who picks or adds up what was sorted sees that.
fn order_matters(expression: &str) -> bool {
    let picks = |name: &str| expression.matches(name).count();
    let ordered = picks("topk(") + picks("bottomk(");
    expression.contains("sort") || (ordered > 0 && ordered + picks("limitk(") > 1)
}

fn engine() -> Engine {
    Engine::new(Options { max_samples: MAX_SAMPLES, experimental_functions: true, ..Options::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_expression_over_any_data_is_answered_or_refused(
        store in store(), expression in expression(), start in -400_000i64..400_000, steps in 1i64..40, step in 1i64..90_000,
    ) {
        let engine = engine();
        if let Ok(answer) = engine.range(&store, &expression, (start, start + steps * step, step), &Forever) {
            let QueryValue::Matrix(series) = answer.value else { panic!("a range query gives a matrix") };
            let samples: usize = series.iter().map(|s| s.samples.len()).sum();
            prop_assert!(samples <= MAX_SAMPLES);
            for s in &series {
                prop_assert!(s.samples.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms));
                prop_assert!(s.samples.iter().all(|sample| sample.value.to_bits() != STALE_NAN.to_bits()));
            }
            prop_assert!(series.windows(2).all(|pair| pair[0].labels < pair[1].labels), "sorted and distinct");
        }
    }

    /// A range query is nothing but an instant query at each of its steps, but for conflicts at other steps.
    #[test]
    fn a_range_query_agrees_with_instant_queries(
        store in store(), expression in expression(), start in -400_000i64..400_000, step in 1i64..90_000,
    ) {
        // Pinned to the query's ends, and so different by design; the same goes for what is evaluated once.
        prop_assume!(!expression.contains("start()") && !expression.contains("end()"));
        prop_assume!(!order_matters(&expression));
        let engine = engine();
        let times = (start, start + 2 * step, step);
        if let Ok(answer) = engine.range(&store, &expression, times, &Forever) {
            let QueryValue::Matrix(series) = answer.value else { panic!("a range query gives a matrix") };
            for at in [start, start + step, start + 2 * step] {
                let Ok(instant) = engine.instant(&store, &expression, at, &Forever) else { continue };
                let QueryValue::Vector(samples) = instant.value else { continue };
                for sample in &samples {
                    let there = series.iter().find(|s| s.labels == sample.labels);
                    let value = there.and_then(|s| s.samples.iter().find(|s| s.time_ms == at)).map(|s| s.value);
                    prop_assert!(
                        value.is_some_and(|v| v == sample.value || (v.is_nan() && sample.value.is_nan())),
                        "{} at {at}: {value:?} instead of {}", sample.labels, sample.value
                    );
                }
                let count = series.iter().filter(|s| s.samples.iter().any(|s| s.time_ms == at)).count();
                prop_assert_eq!(count, samples.len());
            }
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "[a-z0-9(){}\\[\\]\"'`,.:+*/^%=!~<>@#\\\\ \\n\u{e9}-]{0,60}") {
        let _ = engine().parse(&text);
    }
}

#[test]
fn deep_expressions_are_refused_or_survive_on_a_small_stack() {
    let depth = MAX_EXPRESSION_DEPTH;
    let texts = move |n: usize| {
        [
            format!("{}x{}", "abs(".repeat(n), ")".repeat(n)),
            format!("{}x{}", "(".repeat(n), ")".repeat(n)),
            format!("x{}", " + x".repeat(n)),
            format!("{}x", "-".repeat(n)),
            format!("{}x{}", "sum by (a) (".repeat(n), ")".repeat(n)),
            format!("x{}", " or (x".repeat(n / 2)) + &")".repeat(n / 2),
            format!("x{}", "[5m:1m]".repeat(n)),
            format!("{}x{}", "max_over_time(".repeat(n / 2), "[2m:1m])".repeat(n / 2)),
        ]
    };
    // Tokio's workers have this much.
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let thread = small.spawn(move || {
        let engine = engine();
        for text in texts(depth).into_iter().chain(texts(100_000)) {
            let _ = engine.instant(&MemoryStore::default(), &text, 0, &Forever);
        }
    });
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn too_many_values_are_refused_before_they_are_made() {
    let engine = Engine::default();
    for expression in
        ["sum_over_time(vector(1)[100y:1ms])", "count_over_time((vector(time()) > 0)[100y:1ms])"]
    {
        let error = engine.instant(&MemoryStore::default(), expression, 0, &Forever).unwrap_err();
        assert_eq!(
            error.to_string(),
            "query processing would load too many samples into memory in query execution",
            "{expression}"
        );
    }
}

#[test]
fn a_query_stops_when_it_is_told_to() {
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        if asked.get() > 3 { Err(Interrupted::Timeout) } else { Ok(()) }
    };
    let error =
        Engine::default().instant(&MemoryStore::default(), "sum_over_time(vector(1)[5h:1ms])", 0, &stop);
    assert_eq!(error.unwrap_err(), QueryError::Timeout);
    let cancelled = || Err(Interrupted::Canceled);
    let error = Engine::default().instant(&MemoryStore::default(), "1", 0, &cancelled).unwrap_err();
    assert_eq!(error.to_string(), "query was canceled in expression evaluation");
}
