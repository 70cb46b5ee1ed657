//! One value out of a column of values: last, mean, p95 ... by Grafana's rules (`fieldReducer.ts`).
//!
//! A point without a sample ([`crate::series::ABSENT`]) never counts. A sample that is NaN is skipped too, except by
//! `count` and `changeCount`, which count samples whatever they say. Two departures from Grafana: NaN does not spoil
//! `stdDev`, `variance`, `median` and percentiles, and a column without numbers has no value except for `sum` and the
//! counts, which are 0. The tests compare with a table that Grafana's own package has written (`scripts/units`) and
//! list every departure.

use std::cmp::Ordering;

use thiserror::Error;

use crate::series::is_absent;

/// How a series becomes one value. Grafana's names, and its aliases, are understood by [`Reduce::parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Reduce {
    /// The value at the end of the window, as an instant query has it: NaN where it is that, none where the series has
    /// ended. Of a column that is there already, the same as [`Reduce::Last`].
    #[default]
    Now,
    /// The last value that is a number (Grafana's `lastNotNull`, alias `current`), however old it is.
    Last,
    /// The mean of the values that are numbers.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The sum; 0 without numbers.
    Sum,
    /// The first value that is a number.
    First,
    /// The distance from the smallest to the largest.
    Range,
    /// The sum of all rises; for a counter, its increase in spite of resets.
    Delta,
    /// The last less the first.
    Diff,
    /// The same in percent of the first.
    DiffPercent,
    /// The smallest distance from one value to the next.
    Step,
    /// Number of samples.
    Count,
    /// Number of points, with or without a sample.
    CountAll,
    /// How often the value changes from one sample to the next.
    ChangeCount,
    /// Number of different values.
    DistinctCount,
    /// Standard deviation of the whole population.
    StdDev,
    /// Variance of the whole population.
    Variance,
    /// The smallest above zero, for logarithmic axes.
    LogMin,
    /// The middle one, or the mean of the two in the middle.
    Median,
    /// 1 if all numbers are 0, else 0.
    AllIsZero,
    /// 1 if there is no number, else 0.
    AllIsNull,
    /// The value below which this many percent (1 to 99) of the values lie, by nearest rank.
    Percentile(u8),
}

/// Every name but the percentiles'; the first of each is its own, what follows are aliases.
const NAMES: [(&str, Reduce); 30] = [
    ("now", Reduce::Now),
    ("last", Reduce::Last),
    ("lastNotNull", Reduce::Last),
    ("current", Reduce::Last),
    ("mean", Reduce::Mean),
    ("avg", Reduce::Mean),
    ("min", Reduce::Min),
    ("max", Reduce::Max),
    ("sum", Reduce::Sum),
    ("total", Reduce::Sum),
    ("first", Reduce::First),
    ("firstNotNull", Reduce::First),
    ("range", Reduce::Range),
    ("delta", Reduce::Delta),
    ("diff", Reduce::Diff),
    ("diffperc", Reduce::DiffPercent),
    ("step", Reduce::Step),
    ("count", Reduce::Count),
    ("countAll", Reduce::CountAll),
    ("changeCount", Reduce::ChangeCount),
    ("distinctCount", Reduce::DistinctCount),
    ("stdDev", Reduce::StdDev),
    ("stddev", Reduce::StdDev),
    ("variance", Reduce::Variance),
    ("logmin", Reduce::LogMin),
    ("median", Reduce::Median),
    ("allIsZero", Reduce::AllIsZero),
    ("allIsNull", Reduce::AllIsNull),
    ("p0", Reduce::Min),
    ("p100", Reduce::Max),
];

/// A name that is no reducer's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown reducer {name:?}; {hint}")]
pub struct UnknownReduce {
    /// The name as written.
    pub name: String,
    /// The nearest names, or all of them.
    pub hint: String,
}

impl Reduce {
    /// Reads `last`, `mean`, `p95` ...
    pub fn parse(name: &str) -> Option<Self> {
        if let Some((_, reduce)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Some(*reduce);
        }
        let digits = name.strip_prefix('p')?;
        // "p05" is none of Grafana's names, and a dashboard that has it would not work there.
        let percent = digits.parse().ok().filter(|_| !digits.starts_with(['0', '+']))?;
        (1..=99).contains(&percent).then_some(Self::Percentile(percent))
    }

    /// As [`Reduce::parse`], with an error that names what would be right.
    pub fn read(name: &str) -> Result<Self, UnknownReduce> {
        Self::parse(name).ok_or_else(|| UnknownReduce { name: name.to_owned(), hint: hint(name) })
    }

    /// The names that [`Reduce::parse`] knows, aliases included, percentiles not.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name).filter(|name| !matches!(*name, "p0" | "p100"))
    }

    /// Its own name, as legends show it.
    pub fn name(self) -> String {
        match self {
            Self::Percentile(percent) => format!("p{percent}"),
            other => NAMES
                .iter()
                .find(|(_, reduce)| *reduce == other)
                .map(|(name, _)| (*name).to_owned())
                .unwrap_or_default(),
        }
    }

    /// Whether its value is of the same unit as the column: not so for counts and percentages.
    pub fn keeps_unit(self) -> bool {
        !matches!(
            self,
            Self::Count
                | Self::CountAll
                | Self::ChangeCount
                | Self::DistinctCount
                | Self::DiffPercent
                | Self::AllIsZero
                | Self::AllIsNull
        )
    }

    /// The value; `None` when `values` has nothing that counts.
    pub fn apply(self, values: &[f64]) -> Option<f64> {
        let mut samples = values.iter().copied().filter(|value| !is_absent(*value));
        let mut numbers = samples.clone().filter(|value| !value.is_nan());
        match self {
            Self::Now | Self::Last => numbers.next_back(),
            Self::First => numbers.next(),
            Self::Mean => {
                let (sum, count) = sum(numbers);
                (count > 0).then(|| sum / count as f64)
            }
            Self::Min => numbers.reduce(f64::min),
            Self::Max => numbers.reduce(f64::max),
            Self::Sum => Some(sum(numbers).0),
            Self::Range => Some(numbers.clone().reduce(f64::max)? - numbers.reduce(f64::min)?),
            Self::Delta => delta(numbers),
            Self::Diff => Some(numbers.clone().next_back()? - numbers.next()?),
            Self::DiffPercent => {
                let (first, last) = (numbers.clone().next()?, numbers.next_back()?);
                Some((last - first) / first * 100.0)
            }
            Self::Step => {
                numbers.clone().skip(1).zip(numbers).map(|(next, value)| next - value).reduce(f64::min)
            }
            Self::Count => Some(samples.count() as f64),
            Self::CountAll => Some(values.len() as f64),
            Self::ChangeCount => {
                let mut previous = samples.next()?;
                let mut changes = 0_u32;
                for value in samples {
                    changes += u32::from(!same(previous, value));
                    previous = value;
                }
                Some(f64::from(changes))
            }
            Self::DistinctCount => {
                let mut sorted = sorted(samples);
                sorted.dedup_by(|a, b| same(*a, *b));
                Some(sorted.len() as f64)
            }
            Self::Variance => variance(numbers),
            Self::StdDev => variance(numbers).map(f64::sqrt),
            Self::LogMin => numbers.filter(|value| *value > 0.0).reduce(f64::min),
            Self::Median => {
                let sorted = sorted(numbers);
                let middle = sorted.len() / 2;
                let high = *sorted.get(middle)?;
                Some(if sorted.len() % 2 == 0 { mean_of_two(sorted[middle - 1], high) } else { high })
            }
            Self::AllIsZero => {
                let any = numbers.clone().next().is_some();
                Some(f64::from(u8::from(any && numbers.all(|value| value == 0.0))))
            }
            Self::AllIsNull => Some(f64::from(u8::from(numbers.next().is_none()))),
            Self::Percentile(percent) => {
                let sorted = sorted(numbers);
                let rank = sorted.len().checked_sub(1)? as f64 * f64::from(percent) / 100.0;
                sorted.get((rank + 0.5).floor() as usize).copied()
            }
        }
    }
}

/// The sum (Neumaier's, so that small values after a large one are not lost) and the number of summands.
fn sum(numbers: impl Iterator<Item = f64>) -> (f64, usize) {
    let (mut sum, mut lost, mut count) = (0.0_f64, 0.0_f64, 0);
    for value in numbers {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
        count += 1;
    }
    // The correction of an infinite sum is NaN.
    (if sum.is_finite() { sum + lost } else { sum }, count)
}

/// Grafana's: the fall of a reset, and the first rise after it, are left out.
fn delta(mut numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut previous = numbers.next()?;
    let (mut delta, mut rising) = (0.0, true);
    for value in numbers {
        if previous > value {
            rising = false;
        } else {
            if rising {
                delta += value - previous;
            }
            rising = true;
        }
        previous = value;
    }
    Some(delta)
}

/// Welford's, as Grafana has it.
fn variance(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut mean, mut squares, mut count) = (0.0, 0.0, 0.0);
    for value in numbers {
        count += 1.0;
        let before = mean;
        mean += (value - before) / count;
        squares += (value - before) * (value - mean);
    }
    (count > 0.0).then(|| squares / count)
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal).then_with(|| a.total_cmp(b)));
    sorted
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq() || (a.is_nan() && b.is_nan()) || (a - b == 0.0)
}

fn mean_of_two(a: f64, b: f64) -> f64 {
    let mean = f64::midpoint(a, b);
    if mean.is_nan() { a } else { mean }
}

/// The two names nearest to a wrong one, or all of them where none is near.
fn hint(name: &str) -> String {
    const NEAR: usize = 3;
    if matches!(name, "allValues" | "uniqueValues") {
        return "a panel shows one value a series, such as last, or distinctCount for how many there are"
            .to_owned();
    }
    let wrong = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = Reduce::names()
        .map(|known| (distance(&wrong, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance < NEAR && 2 * distance <= wrong.len())
        .collect();
    near.sort_unstable();
    let nearest = near.first().map_or(0, |(distance, _)| *distance);
    near.retain(|(distance, _)| *distance == nearest);
    match near.as_slice() {
        [] => {
            let own = Reduce::names().filter(|name| Reduce::parse(name).is_some_and(|r| r.name() == *name));
            format!("expected {} or p1 to p99", own.collect::<Vec<_>>().join(", "))
        }
        [(_, only)] => format!("did you mean {only}?"),
        [(_, first), (_, second), ..] => format!("did you mean {first} or {second}?"),
    }
}

/// Levenshtein's distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(32).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, left) in a.chars().take(32).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in b.iter().enumerate() {
            let change = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
