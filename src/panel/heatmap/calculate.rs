//! Buckets out of raw series: how many samples lie in which range of values and of time.
//!
//! The sizes are Grafana's choice (`calculateHeatmap`, Apache-2.0): of the round sizes the largest that is no larger
//! than the extent over the wished number less one; 10 ranges of values and 20 of time where nobody says how many. The
//! bounds are multiples of the size; a range holds its lower bound.

use super::picture::{BoundOptions, Picture};
use crate::chart::extent::{extent, union};
use crate::dashboard::Calculate;
use crate::panel::NamedSeries;
use crate::series::{ABSENT, Grid, is_absent};

/// Ranges of values and of time that are aimed at.
const VALUE_RANGES: u32 = 10;
const TIME_RANGES: i64 = 20;
/// Ranges that are counted at most; a size that would give more is doubled, which the panel says.
const VALUE_RANGES_LIMIT: f64 = 500.0;
const TIME_RANGES_LIMIT: i64 = 2_000;
/// Part of a size by which a value may lie below a bound and still be on it.
const ON_BOUND: f64 = 1e-9;
/// Round spans of time in milliseconds: 1, 2, 4, 5 and so on, then those of a clock and of a calendar.
const TIME_SIZES_MS: [i64; 42] = [
    1,
    2,
    4,
    5,
    10,
    20,
    25,
    40,
    50,
    100,
    200,
    250,
    400,
    500,
    SECOND_MS,
    2 * SECOND_MS,
    4 * SECOND_MS,
    5 * SECOND_MS,
    10 * SECOND_MS,
    15 * SECOND_MS,
    20 * SECOND_MS,
    30 * SECOND_MS,
    MINUTE_MS,
    2 * MINUTE_MS,
    4 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    15 * MINUTE_MS,
    20 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
    6 * HOUR_MS,
    8 * HOUR_MS,
    12 * HOUR_MS,
    18 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    30 * DAY_MS,
    90 * DAY_MS,
];
const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The largest round size that is no larger than `wanted`: halves from 1 to 9.5 times a power of ten, below 1 and where
/// they are whole.
fn round_size(wanted: f64) -> f64 {
    let wanted = wanted.clamp(f64::MIN_POSITIVE * 1e3, f64::MAX);
    let exponent = wanted.log10().floor() as i32;
    let sizes = (exponent - 1..=exponent + 1)
        .flat_map(|exponent| (2..=19_u8).map(move |halves| (exponent, halves)))
        .filter(|(exponent, halves)| *exponent != 0 || halves % 2 == 0)
        // Through text, since powers of ten that are multiplied are not the nearest numbers.
        .filter_map(|(exponent, halves)| {
            format!("{}e{exponent}", f64::from(halves) / 2.0).parse::<f64>().ok()
        });
    sizes.take_while(|size| *size <= wanted).last().unwrap_or(wanted)
}

/// The size of the ranges of values, and whether it had to be larger than the dashboard asks.
fn value_size(calculate: &Calculate, (low, high): (f64, f64)) -> (f64, bool) {
    let count = f64::from(calculate.buckets.unwrap_or(VALUE_RANGES));
    let apart = (count - 1.0).max(1.0);
    let auto = || {
        let wanted = high / apart - low / apart;
        // All values are one.
        if wanted > 0.0 { round_size(wanted) } else { round_size((low.abs() / apart).max(1e-9)) }
    };
    let finest = low.abs().max(high.abs()) * f64::EPSILON * 4.0;
    let asked = calculate.size.unwrap_or_else(auto).max(finest).max(f64::MIN_POSITIVE);
    let mut size = asked;
    while (high / size).floor() - (low / size).floor() >= VALUE_RANGES_LIMIT && size < f64::MAX / 2.0 {
        size *= 2.0;
    }
    (size, size > asked)
}

/// The ranges of time, each as a point in its middle. None is shorter than a step, or some would be empty.
fn time_grid(calculate: &Calculate, grid: Grid) -> Grid {
    let wanted = (grid.end_ms() - grid.start_ms) / (TIME_RANGES - 1);
    let auto = || TIME_SIZES_MS.iter().copied().take_while(|size| *size <= wanted).last().unwrap_or(1);
    let mut size = calculate.interval_ms.unwrap_or_else(auto).max(grid.step_ms);
    let first = |size: i64| grid.start_ms.div_euclid(size);
    let count = |size: i64| grid.end_ms().div_euclid(size) - first(size) + 1;
    while count(size) > TIME_RANGES_LIMIT {
        size *= 2;
    }
    Grid { start_ms: first(size) * size + size / 2, step_ms: size, len: count(size) as usize }
}

/// How many samples of all `series`, which lie on `grid`, are in which range.
pub(super) fn calculate(
    calculate: &Calculate,
    grid: Grid,
    series: &[NamedSeries<'_>],
    field: BoundOptions<'_>,
) -> Picture {
    let time = time_grid(calculate, grid);
    let first_ms = time.start_ms - time.step_ms / 2;
    let data = series.iter().fold(None, |sum, one| union(sum, extent(one.values)));
    let Some((low, high)) = data else {
        return Picture::of_bounds(time, Vec::new(), Vec::new(), field);
    };
    let (size, is_coarser) = value_size(calculate, (low, high));
    let first = (low / size + ON_BOUND).floor();
    let count = (((high / size + ON_BOUND).floor() - first).max(0.0) as usize) + 1;
    let mut rows = vec![vec![0.0; time.len]; count];
    let mut samples = vec![0_u32; time.len];
    let mut left_out = 0;
    for one in series {
        for (point, value) in one.values.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
            if !value.is_finite() {
                left_out += 1;
                continue;
            }
            let column = ((grid.time_ms(point) - first_ms) / time.step_ms) as usize;
            let row = ((value / size + ON_BOUND).floor() - first).max(0.0) as usize;
            let column = column.min(time.len - 1);
            rows[row.min(count - 1)][column] += 1.0;
            samples[column] += 1;
        }
    }
    // A time without any sample is a gap, not a zero.
    for row in &mut rows {
        let counts = row.iter_mut().zip(&samples);
        counts.filter(|(_, samples)| **samples == 0).for_each(|(count, _)| *count = ABSENT);
    }
    let bounds = (1..=count).map(|row| ((first + row as f64) * size).clamp(f64::MIN, f64::MAX));
    let mut notes = Vec::new();
    if is_coarser {
        notes.push("larger buckets than asked for, which are too many".to_owned());
    }
    if left_out > 0 {
        notes.push(format!("{left_out} samples without a number not counted"));
    }
    Picture::of_bounds(time, bounds.zip(rows).collect(), notes, field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_round_and_no_larger_than_wanted() {
        let sizes = [0.0123, 0.16, 0.99, 1.7, 9.9, 10.0, 17.0, 2_600.0, 1e300].map(round_size);
        assert_eq!(
            sizes.map(|size| size.to_string())[..8],
            ["0.01", "0.15", "0.95", "1", "9", "10", "15", "2500"]
        );
        assert!(sizes[8] <= 1e300 && sizes[8] >= 9e299);
    }

    #[test]
    fn ranges_of_time_are_round_and_none_is_shorter_than_a_step() {
        let hour = Grid { start_ms: 30_000, step_ms: 15_000, len: 241 };
        let auto = Calculate::default();
        // 3600 s / 19 = 189 s, and the next round one below is 2 minutes.
        assert_eq!(time_grid(&auto, hour), Grid { start_ms: 60_000, step_ms: 120_000, len: 31 });
        let short = Calculate { interval_ms: Some(1_000), ..auto };
        assert_eq!(time_grid(&short, hour).step_ms, 15_000);
    }
}
