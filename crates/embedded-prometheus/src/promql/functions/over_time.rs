//! `..._over_time`: what the samples of a range come to.

#![expect(clippy::unnecessary_wraps, reason = "all window functions share one type")]

use super::window::Window;
use crate::promql::annotations::Annotations;
use crate::promql::math::{self, Compensated, Mean};

fn values<'a>(window: &'a Window<'_>) -> impl Iterator<Item = f64> + 'a {
    window.samples.iter().map(|sample| sample.value)
}

pub(crate) fn sum(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let mut sum = Compensated::default();
    for value in values(window) {
        sum.add(value);
    }
    Some(if sum.sum.is_infinite() { sum.sum } else { sum.total() })
}

pub(crate) fn avg(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let mut values = values(window);
    let first = values.next()?;
    let mut mean = Mean::of(first);
    for value in values {
        mean.add(value);
    }
    Some(mean.value())
}

pub(crate) fn count(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    Some(window.samples.len() as f64)
}

pub(crate) fn present(_: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    Some(1.0)
}

pub(crate) fn last(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    window.samples.last().map(|sample| sample.value)
}

pub(crate) fn time_of_last(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    window.samples.last().map(|sample| sample.time_ms as f64 / 1000.0)
}

/// Value and time of the sample that `better(value, best)` prefers; anything is better than NaN.
fn best(window: &Window<'_>, better: fn(f64, f64) -> bool) -> Option<(f64, i64)> {
    let first = window.samples.first()?;
    let mut best = (first.value, first.time_ms);
    for sample in window.samples {
        if better(sample.value, best.0) || best.0.is_nan() {
            best = (sample.value, sample.time_ms);
        }
    }
    Some(best)
}

pub(crate) fn max(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    best(window, |v, best| v > best).map(|b| b.0)
}

pub(crate) fn min(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    best(window, |v, best| v < best).map(|b| b.0)
}

pub(crate) fn time_of_max(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    best(window, |v, best| v >= best).map(|b| b.1 as f64 / 1000.0)
}

pub(crate) fn time_of_min(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    best(window, |v, best| v <= best).map(|b| b.1 as f64 / 1000.0)
}

pub(crate) fn quantile(window: &Window<'_>, notes: &mut Annotations) -> Option<f64> {
    let q = window.scalars[0];
    if q.is_nan() || !(0.0..=1.0).contains(&q) {
        notes.invalid_quantile(q, window.position);
    }
    let mut values: Vec<f64> = values(window).collect();
    Some(math::quantile(q, &mut values))
}

/// The median of the distances from the median.
pub(crate) fn mad(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let mut values: Vec<f64> = values(window).collect();
    let median = math::quantile(0.5, &mut values);
    for value in &mut values {
        *value = (*value - median).abs();
    }
    Some(math::quantile(0.5, &mut values))
}

fn variance(window: &Window<'_>) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, Compensated::default(), Compensated::default());
    for value in values(window) {
        count += 1.0;
        let distance = value - mean.total();
        mean.add(distance / count);
        squares.add(distance * (value - mean.total()));
    }
    squares.total() / count
}

pub(crate) fn stdvar(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    Some(variance(window))
}

pub(crate) fn stddev(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    Some(variance(window).sqrt())
}
