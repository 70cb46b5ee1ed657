//! Sums that do not lose small terms, quantiles, and comparison with a tolerance, as Prometheus computes them.

use std::cmp::Ordering;

/// A sum with its running compensation (Kahan, with Neumaier's improvement).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Compensated {
    pub(crate) sum: f64,
    pub(crate) lost: f64,
}

impl Compensated {
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let total = self.sum + term;
        if total.is_infinite() {
            self.lost = 0.0;
        } else if self.sum.abs() >= term.abs() {
            self.lost += (self.sum - total) + term;
        } else {
            self.lost += (term - total) + self.sum;
        }
        self.sum = total;
    }

    #[inline]
    pub(crate) fn total(self) -> f64 {
        self.sum + self.lost
    }
}

/// A mean that sums up as long as the sum is finite and goes on incrementally once it would overflow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mean {
    sum: Compensated,
    count: f64,
    incremental: bool,
}

impl Mean {
    #[inline]
    pub(crate) fn of(first: f64) -> Self {
        Self { sum: Compensated { sum: first, lost: 0.0 }, count: 1.0, incremental: false }
    }

    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1.0;
        if !self.incremental {
            let mut sum = self.sum;
            sum.add(value);
            if !sum.sum.is_infinite() {
                self.sum = sum;
                return;
            }
            self.incremental = true;
            self.sum.sum /= self.count - 1.0;
            self.sum.lost /= self.count - 1.0;
        }
        let share = (self.count - 1.0) / self.count;
        self.sum = Compensated { sum: share * self.sum.sum, lost: share * self.sum.lost };
        self.sum.add(value / self.count);
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        if self.incremental {
            self.sum.total()
        } else {
            self.sum.sum / self.count + self.sum.lost / self.count
        }
    }
}

/// The order in which NaN is less than everything.
pub(crate) fn nan_first(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
    }
}

/// The `q`-quantile of `values` by linear interpolation between the two nearest; sorts `values`, NaN first.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    values.sort_by(|a, b| nan_first(*a, *b));
    let last = values.len() - 1;
    let rank = q * last as f64;
    let lower = (rank.floor().max(0.0) as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - rank.floor();
    values[lower] * (1.0 - weight) + values[upper] * weight
}

/// Whether two values differ by no more than `tolerance` of their size.
pub(crate) fn almost_equal(a: f64, b: f64, tolerance: f64) -> bool {
    if a == b || (a.is_nan() && b.is_nan()) {
        return true;
    }
    let sum = a.abs() + b.abs();
    let difference = (a - b).abs();
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < tolerance * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < tolerance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_small_terms_and_infinities() {
        let mut sum = Compensated::default();
        for term in [1e100, 1.0, -1e100] {
            sum.add(term);
        }
        assert_eq!(sum.total(), 1.0);
        let mut sum = Compensated::default();
        for term in [f64::INFINITY, 1.0] {
            sum.add(term);
        }
        assert_eq!(sum.total(), f64::INFINITY);
    }

    #[test]
    fn means_do_not_overflow() {
        let mut mean = Mean::of(f64::MAX);
        mean.add(f64::MAX);
        mean.add(f64::MAX);
        assert!(mean.value().is_finite() && mean.value() > f64::MAX * 0.999);
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(0.5, &mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile(0.25, &mut [0.0, 1.0]), 0.25);
        assert_eq!(quantile(-1.0, &mut [0.0]), f64::NEG_INFINITY);
        assert_eq!(quantile(2.0, &mut [0.0]), f64::INFINITY);
        assert!(quantile(0.5, &mut []).is_nan());
        assert!(quantile(0.0, &mut [1.0, f64::NAN]).is_nan());
    }
}
