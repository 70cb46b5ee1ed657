//! What columns of values hold: their extent and their newest samples.

use crate::series::{Grid, is_absent};

/// Values that the processor can take at once: most of the time of a frame goes into looking at every sample.
const LANES: usize = 8;

/// The smallest and the largest finite value of `values`.
pub fn extent(values: &[f64]) -> Option<(f64, f64)> {
    let (low, high) = bounds(values);
    if low <= high && low.is_finite() && high.is_finite() {
        return Some((low, high));
    }
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    (low <= high).then_some((low, high))
}

/// The smallest and the largest of `values` but NaN, infinite ones included; the first above the second when there is none.
#[inline]
pub fn bounds(values: &[f64]) -> (f64, f64) {
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    // These, and not `f64::min`, are one instruction each: a comparison with NaN is false.
    let smaller = |value: f64, low: f64| if value < low { value } else { low };
    let larger = |value: f64, high: f64| if value > high { value } else { high };
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            low[lane] = smaller(chunk[lane], low[lane]);
            high[lane] = larger(chunk[lane], high[lane]);
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        low[lane] = smaller(*value, low[lane]);
        high[lane] = larger(*value, high[lane]);
    }
    (low.into_iter().fold(f64::INFINITY, smaller), high.into_iter().fold(f64::NEG_INFINITY, larger))
}

/// Whether there is no NaN among `values`, and none that is infinite or absent.
pub fn are_finite(values: &[f64]) -> bool {
    // Nothing but a finite value times zero is zero.
    let mut sums = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane] * 0.0;
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        sums[lane] += value * 0.0;
    }
    sums.iter().all(|sum| *sum == 0.0)
}

/// The extent that holds both.
pub fn union(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> Option<(f64, f64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

/// The last sample of every column, NaN included; `None` for a column without samples, and for one whose last
/// sample lies more than a step before the newest of all: that series has ended and has no value any more.
pub fn last_samples<'a>(columns: impl Iterator<Item = (Grid, &'a [f64])>) -> Vec<Option<f64>> {
    let last: Vec<Option<(i64, i64, f64)>> = columns
        .map(|(grid, values)| {
            let index = values.iter().rposition(|value| !is_absent(*value))?;
            Some((grid.time_ms(index), grid.step_ms, values[index]))
        })
        .collect();
    let newest_ms = last.iter().flatten().map(|(time_ms, ..)| *time_ms).max().unwrap_or_default();
    let is_current = |(time_ms, step_ms, value): (i64, i64, f64)| {
        (newest_ms.saturating_sub(time_ms) <= step_ms).then_some(value)
    };
    last.into_iter().map(|sample| sample.and_then(is_current)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::ABSENT;

    #[test]
    fn only_finite_values_have_an_extent() {
        assert_eq!(extent(&[f64::NAN, 2.0, f64::INFINITY, -1.0, ABSENT]), Some((-1.0, 2.0)));
        assert_eq!(extent(&[f64::NAN, f64::NEG_INFINITY, ABSENT]), None);
        assert_eq!(union(None, Some((1.0, 2.0))), Some((1.0, 2.0)));
    }

    #[test]
    fn one_value_that_is_not_finite_is_found_at_any_place() {
        assert!(are_finite(&[]) && are_finite(&[f64::MAX, -f64::MAX, 5e-324, -0.0].repeat(9)));
        for (len, odd) in (1..40).flat_map(|len| [f64::NAN, f64::INFINITY, ABSENT].map(|odd| (len, odd))) {
            for at in 0..len {
                let mut values = vec![1.0; len];
                values[at] = odd;
                assert!(!are_finite(&values), "{odd} at {at} of {len}");
            }
        }
    }

    #[test]
    fn every_value_counts_at_every_length() {
        for len in 1..40 {
            for at in 0..len {
                let mut values = vec![f64::NAN; len];
                values[at] = 7.0;
                assert_eq!(extent(&values), Some((7.0, 7.0)), "{at} of {len}");
            }
        }
    }

    #[test]
    fn a_series_that_ended_has_no_last_value() {
        let grid = Grid { start_ms: 0, step_ms: 10, len: 4 };
        let columns: [&[f64]; 5] = [
            &[1.0, 2.0, 3.0, ABSENT],
            &[1.0, 2.0, ABSENT, ABSENT],
            &[1.0, ABSENT, ABSENT, ABSENT],
            &[1.0, 2.0, f64::NAN, ABSENT],
            &[ABSENT; 4],
        ];
        let last = last_samples(columns.iter().map(|values| (grid, *values)));
        assert_eq!((last[0], last[1], last[2], last[4]), (Some(3.0), Some(2.0), None, None));
        assert!(last[3].is_some_and(f64::is_nan));
    }
}
