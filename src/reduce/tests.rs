use super::*;
use crate::series::ABSENT;

fn reduce(name: &str, values: &[f64]) -> Option<f64> {
    Reduce::read(name).expect(name).apply(values)
}

#[test]
fn every_reducer_over_one_column() {
    let column = [ABSENT, 4.0, 2.0, f64::NAN, 8.0, 6.0, ABSENT];
    for (name, expected) in [
        ("last", 6.0),
        ("lastNotNull", 6.0),
        ("current", 6.0),
        ("first", 4.0),
        ("firstNotNull", 4.0),
        ("mean", 5.0),
        ("avg", 5.0),
        ("min", 2.0),
        ("max", 8.0),
        ("sum", 20.0),
        ("total", 20.0),
        ("range", 6.0),
        ("diff", 2.0),
        ("diffperc", 50.0),
        ("step", -2.0),
        ("count", 5.0),
        ("countAll", 7.0),
        ("changeCount", 4.0),
        ("distinctCount", 5.0),
        ("logmin", 2.0),
        ("median", 5.0),
        ("p1", 2.0),
        ("p50", 6.0),
        ("p99", 8.0),
        ("allIsZero", 0.0),
        ("allIsNull", 0.0),
    ] {
        assert_eq!(reduce(name, &column), Some(expected), "{name}");
    }
    let variance = reduce("variance", &column).expect("numbers");
    assert!((variance - 5.0).abs() < 1e-12, "{variance}");
    assert_eq!(reduce("stdDev", &column), Some(variance.sqrt()));
}

#[test]
fn a_column_without_numbers_has_no_value_but_counts() {
    for name in ["last", "mean", "min", "range", "delta", "diff", "stdDev", "median", "p95", "logmin", "step"]
    {
        assert_eq!(reduce(name, &[]), None, "{name}");
        assert_eq!(reduce(name, &[ABSENT, f64::NAN]), None, "{name}");
    }
    assert_eq!(reduce("sum", &[]), Some(0.0));
    assert_eq!(reduce("count", &[ABSENT, f64::NAN]), Some(1.0));
    assert_eq!(reduce("allIsNull", &[ABSENT, f64::NAN]), Some(1.0));
}

#[test]
fn delta_follows_a_counter_over_its_resets() {
    assert_eq!(reduce("delta", &[10.0, 15.0, 3.0, 7.0, 9.0]), Some(7.0));
    assert_eq!(reduce("delta", &[5.0]), Some(0.0));
}

#[test]
fn a_sum_keeps_its_small_parts_and_its_infinities() {
    assert_eq!(reduce("sum", &[1e16, 1.0, 1.0, -1e16]), Some(2.0));
    assert_eq!(reduce("sum", &[f64::INFINITY, 1.0]), Some(f64::INFINITY));
    assert_eq!(reduce("max", &[f64::NEG_INFINITY]), Some(f64::NEG_INFINITY));
}

#[test]
fn names_are_read_and_written() {
    for name in Reduce::names() {
        let reduce = Reduce::read(name).expect(name);
        assert_eq!(Reduce::read(&reduce.name()), Ok(reduce));
    }
    assert_eq!(Reduce::read("p95"), Ok(Reduce::Percentile(95)));
    assert_eq!(Reduce::Percentile(95).name(), "p95");
    assert_eq!(Reduce::StdDev.name(), "stdDev");
    for bad in ["", "p", "p05", "p101", "p-1", "p+5", "pp", "Last", "p9.5"] {
        assert_eq!(Reduce::parse(bad), None, "{bad}");
    }
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest() {
    let error = |name| Reduce::read(name).expect_err(name).to_string();
    assert_eq!(error("meen"), "unknown reducer \"meen\"; did you mean mean?");
    assert_eq!(error("nax"), "unknown reducer \"nax\"; did you mean max?");
    assert_eq!(
        error("uniqueValues"),
        "unknown reducer \"uniqueValues\"; a panel shows one value a series, such as last, or distinctCount for how \
         many there are"
    );
    assert!(error("foo").starts_with("unknown reducer \"foo\"; expected now, "), "{}", error("foo"));
    assert_eq!(error("Last"), "unknown reducer \"Last\"; did you mean last?");
    assert_eq!(
        error("whatever"),
        "unknown reducer \"whatever\"; expected now, last, mean, min, max, sum, first, range, delta, diff, diffperc, \
         step, count, countAll, changeCount, distinctCount, stdDev, variance, logmin, median, allIsZero, \
         allIsNull or p1 to p99"
    );
}

/// What Grafana's own package answers, written by `scripts/units`: name, whether it keeps the unit, values, value.
const GRAFANA: &str = include_str!("../../tests/data/reducers.tsv");

/// Where a value is not Grafana's: the reason, and whether it is one for this reducer and these values.
type Exception = (&'static str, fn(&str, &[f64]) -> bool);

const EXCEPTIONS: &[Exception] = &[
    (
        "the last and the first are those that have a number: a scrape that is late blanks no panel",
        |id, values| {
            let edge = if id == "last" { values.last() } else { values.first() };
            matches!(id, "last" | "first") && edge.is_some_and(|edge| edge.is_nan())
        },
    ),
    ("a sample that is NaN does not spoil those that are numbers, nor their order", |id, values| {
        let spoilt = matches!(id, "median" | "variance" | "stdDev") || id.starts_with('p');
        spoilt && values.iter().any(|value| value.is_nan() && !is_absent(*value))
    }),
    ("what is computed from no number is no value, and neither 0 nor JavaScript's largest", |id, values| {
        let computed = ["delta", "diffperc", "variance", "stdDev", "logmin", "median", "changeCount"];
        computed.contains(&id) && values.iter().all(|value| value.is_nan())
    }),
    ("where nothing lies above zero there is no least that does", |id, values| {
        id == "logmin" && !values.iter().any(|value| *value > 0.0)
    }),
    ("infinity is a number, larger than JavaScript's largest", |id, values| {
        matches!(id, "min" | "logmin" | "range" | "step" | "median") && values.contains(&f64::INFINITY)
    }),
    ("small summands beside a large one are not lost", |id, values| {
        matches!(id, "sum" | "total" | "mean" | "avg") && values.contains(&1e100)
    }),
    ("NaN after NaN is no change", |id, values| {
        id == "changeCount" && values.windows(2).any(|pair| pair.iter().all(|value| value.is_nan()))
    }),
    ("of nothing there are no different values", |id, values| id == "distinctCount" && values.is_empty()),
];

#[test]
fn values_are_those_of_grafana() {
    let mut used = vec![0; EXCEPTIONS.len()];
    let mut wrong = Vec::new();
    for line in GRAFANA.lines().filter(|line| !line.starts_with('#')) {
        let [id, unit, values, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line:?}")
        };
        let Some(reduce) = Reduce::parse(id) else {
            assert!(["allValues", "uniqueValues"].contains(&id), "{id} is unknown");
            continue;
        };
        // Whether all is zero is no quantity of anything.
        assert_eq!(reduce.keeps_unit(), unit == "unit" && reduce != Reduce::AllIsZero, "{id}");
        let read = |text: &str| if text == "null" { ABSENT } else { text.parse().expect(line) };
        let values: Vec<f64> = values.split_whitespace().map(read).collect();
        let expected = match expected {
            "null" | "undefined" => None,
            "true" => Some(1.0),
            "false" => Some(0.0),
            number => Some(number.parse::<f64>().expect(line)),
        };
        let value = reduce.apply(&values);
        let is_equal = match (value, expected) {
            // Sums in another order differ in the last digits.
            (Some(a), Some(b)) => same(a, b) || (a - b).abs() <= 1e-14 * b.abs(),
            (None, None) => true,
            _ => false,
        };
        if !is_equal {
            match EXCEPTIONS.iter().position(|(_, applies)| applies(id, &values)) {
                Some(index) => used[index] += 1,
                None => wrong.push(format!("{line}: {value:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for ((reason, _), used) in EXCEPTIONS.iter().zip(used) {
        assert!(used > 0, "no exception any more: {reason}");
    }
}

#[test]
fn nan_among_numbers_changes_nothing_but_counts() {
    for name in
        Reduce::names().filter(|name| !["count", "countAll", "changeCount", "distinctCount"].contains(name))
    {
        assert_eq!(
            reduce(name, &[f64::NAN, 2.0, f64::NAN, 4.0, 3.0]),
            reduce(name, &[2.0, 4.0, 3.0]),
            "{name}"
        );
    }
}
