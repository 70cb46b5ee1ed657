//! Holds the buckets to those of Grafana's own package (`tests/data/histogram.jsonl`, see `scripts/histogram`).

use serde_json::Value;

use super::super::range_fixture::Fixture;
use super::*;
use crate::series::ABSENT;

/// Lower bounds of the buckets that hold something, in sizes of a bucket, with one count a series.
type Filled = Vec<(f64, Vec<u64>)>;

fn case(line: &Value) -> Fixture {
    let series: Vec<Vec<f64>> = line["series"]
        .as_array()
        .expect("series")
        .iter()
        .map(|one| {
            one.as_array().expect("values").iter().map(|value| value.as_f64().unwrap_or(ABSENT)).collect()
        })
        .collect();
    let names: Vec<String> = (0..series.len()).map(|index| format!("s{index}")).collect();
    let pairs: Vec<(&str, &[f64])> =
        names.iter().map(String::as_str).zip(series.iter().map(Vec::as_slice)).collect();
    let options = &line["options"];
    Fixture::new(&KIND, 15, &pairs).options(|ours| {
        ours.bucket_size = options["bucketSize"].as_f64();
        ours.bucket_count = options["bucketCount"].as_u64().map(|count| count as u32);
        ours.combine = options["combine"].as_bool().unwrap_or_default();
    })
}

fn ours(histogram: &Histogram) -> (f64, Filled) {
    let counts = |index: usize| histogram.series.iter().map(|one| one.by_bucket[index]).collect::<Vec<_>>();
    let filled = (0..histogram.buckets.count)
        .map(|index| (histogram.buckets.first + index as f64, counts(index)))
        .filter(|(_, counts)| counts.iter().any(|count| *count > 0));
    (histogram.buckets.size, filled.collect())
}

fn theirs(buckets: &Value) -> Option<(f64, Filled)> {
    let numbers = |list: &Value| -> Option<Vec<f64>> { list.as_array()?.iter().map(Value::as_f64).collect() };
    let (from, to) = (numbers(&buckets["from"])?, numbers(&buckets["to"])?);
    let size = to.first()? - from.first()?;
    let counts = buckets["counts"].as_array()?;
    let at =
        |index: usize| counts.iter().map(|one| one[index].as_u64().unwrap_or_default()).collect::<Vec<_>>();
    let filled = from.iter().enumerate().map(|(index, from)| ((from / size).round(), at(index)));
    Some((size, filled.filter(|(_, counts)| counts.iter().any(|count| *count > 0)).collect()))
}

/// The values of one series in units of 1e-12, which the few digits of the cases fit into without rounding.
fn exact(value: f64) -> i128 {
    let text = format!("{value:.12}");
    text.replace('.', "").parse().expect("digits")
}

/// How many of `values` lie below `bound`, and how many with those that lie on it, both in units of 1e-12.
fn below(values: &[i128], bound: i128) -> (u64, u64) {
    let count =
        |is_below: &dyn Fn(&i128) -> bool| values.iter().filter(|value| is_below(value)).count() as u64;
    (count(&|value| *value < bound), count(&|value| *value <= bound))
}

/// Grafana's own sums are off by a rounding error where a value lies on a bound: such a value is in the bucket below as
/// often as in its own. Everything else has to be equal, and ours are where they belong.
fn compare(series: &[Vec<i128>], ours: &(f64, Filled), theirs: &(f64, Filled)) -> Result<(), String> {
    let size = ours.0;
    if (size - theirs.0).abs() > size * 1e-6 {
        return Err(format!("sizes {size} and {}", theirs.0));
    }
    let bounds = ours.1.iter().chain(&theirs.1).flat_map(|(bound, _)| [*bound, bound + 1.0]);
    for bound in bounds {
        for (index, values) in series.iter().enumerate() {
            let sum = |filled: &Filled| -> u64 {
                filled.iter().filter(|(from, _)| *from < bound).map(|(_, counts)| counts[index]).sum()
            };
            let (least, most) = below(values, (bound as i128) * exact(size));
            if sum(&ours.1) != least {
                return Err(format!("{} of ours below {bound} sizes, {least} are", sum(&ours.1)));
            }
            if !(least..=most).contains(&sum(&theirs.1)) {
                return Err(format!(
                    "{} of theirs below {bound} sizes, {least} to {most} are",
                    sum(&theirs.1)
                ));
            }
        }
    }
    Ok(())
}

#[test]
fn buckets_are_grafanas() {
    let text = include_str!("../../../tests/data/histogram.jsonl");
    let (mut problems, mut equal, mut count) = (Vec::new(), 0, 0);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let line: Value = serde_json::from_str(line).expect("a case");
        let name = line["name"].as_str().expect("a name");
        let fixture = case(&line);
        let view = fixture.view();
        let exact = |values: &[f64]| -> Vec<i128> {
            values.iter().filter(|value| value.is_finite()).map(|value| exact(*value)).collect()
        };
        let mut series: Vec<Vec<i128>> = view.named_series().iter().map(|one| exact(one.values)).collect();
        if view.panel.options.combine {
            series = vec![series.concat()];
        }
        let ours = ours(&Histogram::of(&view).expect("values"));
        let result = match theirs(&line["buckets"]) {
            Some(theirs) => {
                equal += usize::from(ours.1 == theirs.1);
                compare(&series, &ours, &theirs)
            }
            // Series that all have the same value more than once get no bounds there; here they are one bucket.
            None if ours.1.len() == 1 && view.named_series().iter().all(|one| one.values.len() > 1) => Ok(()),
            None => Err("no bounds there".to_owned()),
        };
        problems.extend(result.err().map(|problem| format!("{name}: {problem}")));
        count += 1;
    }
    assert!(problems.is_empty(), "{} of {count}\n{}", problems.len(), problems.join("\n"));
    assert!(equal >= 100 && count >= 140, "{equal} of {count} are equal to the last");
}
