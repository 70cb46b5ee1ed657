//! Quantiles and fractions of classic histograms, as Prometheus's `BucketQuantile` and `BucketFraction` compute them.

use crate::promql::math::almost_equal;

/// How much counts may differ, relative to their size, and still count as equal.
const SMALL_DELTA_TOLERANCE: f64 = 1e-12;

/// One bucket: how many observations are at most `upper`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bucket {
    pub(crate) upper: f64,
    pub(crate) count: f64,
}

/// Sorts and merges buckets of the same bound; `None` without a `+Inf` bucket.
fn prepare(buckets: &mut Vec<Bucket>) -> Option<()> {
    buckets.sort_by(|a, b| a.upper.total_cmp(&b.upper));
    if buckets.last()?.upper != f64::INFINITY {
        return None;
    }
    buckets.dedup_by(|next, kept| {
        let same = next.upper == kept.upper;
        if same {
            kept.count += next.count;
        }
        same
    });
    Some(())
}

/// Makes counts never fall; whether more than rounding had to be changed.
fn force_monotonic(buckets: &mut [Bucket]) -> bool {
    let mut forced = false;
    let mut before = buckets[0].count;
    for bucket in &mut buckets[1..] {
        if bucket.count == before {
            continue;
        }
        if almost_equal(before, bucket.count, SMALL_DELTA_TOLERANCE) {
            bucket.count = before;
        } else if bucket.count < before {
            bucket.count = before;
            forced = true;
        } else {
            before = bucket.count;
        }
    }
    forced
}

/// The `q`-quantile, and whether falling counts had to be forced.
pub(crate) fn quantile(q: f64, buckets: &mut Vec<Bucket>) -> (f64, bool) {
    if q.is_nan() {
        return (f64::NAN, false);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, false);
    }
    if q > 1.0 {
        return (f64::INFINITY, false);
    }
    if prepare(buckets).is_none() {
        return (f64::NAN, false);
    }
    let forced = force_monotonic(buckets);
    let last = buckets.len() - 1;
    let observations = buckets[last].count;
    if last == 0 || observations == 0.0 {
        return (f64::NAN, false);
    }
    let mut rank = q * observations;
    let reached = |bucket: &Bucket| bucket.count >= rank;
    let at = buckets[..last].partition_point(|bucket| !reached(bucket));
    if at == last {
        return (buckets[last - 1].upper, forced);
    }
    if at == 0 && buckets[0].upper <= 0.0 {
        return (buckets[0].upper, forced);
    }
    let end = buckets[at].upper;
    let (mut start, mut count) = (0.0, buckets[at].count);
    if at > 0 {
        start = buckets[at - 1].upper;
        count -= buckets[at - 1].count;
        rank -= buckets[at - 1].count;
    }
    (start + (end - start) * (rank / count), forced)
}

/// The share of observations between two bounds.
pub(crate) fn fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if prepare(buckets).is_none() {
        return f64::NAN;
    }
    let total = buckets[buckets.len() - 1].count;
    if total == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let rank_of = |value: f64| {
        let mut rank = 0.0;
        for (i, bucket) in buckets.iter().enumerate() {
            let start = match i {
                0 if bucket.upper <= 0.0 => f64::NEG_INFINITY,
                0 => 0.0,
                _ => buckets[i - 1].upper,
            };
            if start >= value {
                return rank;
            }
            if bucket.upper > value {
                // A bucket without a lower bound says nothing about what is within it.
                let within = (value - start) / (bucket.upper - start);
                return if start.is_infinite() {
                    bucket.count
                } else {
                    rank + (bucket.count - rank) * within
                };
            }
            rank = bucket.count;
        }
        total
    };
    (rank_of(upper).min(total) - rank_of(lower).min(total)) / total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
        pairs.iter().map(|&(upper, count)| Bucket { upper, count }).collect()
    }

    #[test]
    fn quantiles() {
        let plain = [(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)];
        assert_eq!(quantile(0.75, &mut buckets(&plain)), (1.5, false));
        assert_eq!(quantile(1.0, &mut buckets(&plain)), (2.0, false));
        assert!(quantile(0.5, &mut buckets(&plain[..2])).0.is_nan(), "no +Inf bucket");
        assert!(quantile(0.5, &mut Vec::new()).0.is_nan());
        let falling = [(1.0, 10.0), (2.0, 5.0), (f64::INFINITY, 20.0)];
        assert_eq!(quantile(0.5, &mut buckets(&falling)), (1.0, true));
    }

    #[test]
    fn fractions() {
        let plain = [(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)];
        assert_eq!(fraction(0.0, 1.5, &mut buckets(&plain)), 0.75);
        assert_eq!(fraction(f64::NEG_INFINITY, f64::INFINITY, &mut buckets(&plain)), 1.0);
        assert_eq!(fraction(2.0, 1.0, &mut buckets(&plain)), 0.0);
    }
}
