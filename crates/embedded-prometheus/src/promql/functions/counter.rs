//! How fast something changes: `rate`, `increase`, `delta`, `irate`, `idelta`, `resets`, `changes`.
//!
//! The extrapolation follows Prometheus's `extrapolatedRate`: a series is taken to reach the end of the range if the
//! gap is less than 1.1 times its mean interval, and half an interval further otherwise; a counter never starts
//! below zero.

#![expect(clippy::unnecessary_wraps, reason = "all window functions share one type")]

use super::window::Window;
use crate::promql::annotations::Annotations;

/// How many mean intervals a gap at the range's end may last before the series is taken to end within the range.
const EXTRAPOLATION_THRESHOLD: f64 = 1.1;

pub(crate) fn rate(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    extrapolated(window, true, true)
}

pub(crate) fn increase(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    extrapolated(window, true, false)
}

pub(crate) fn delta(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    extrapolated(window, false, false)
}

fn extrapolated(window: &Window<'_>, is_counter: bool, is_rate: bool) -> Option<f64> {
    let [first, .., last] = window.samples else { return None };
    let mut result = last.value - first.value;
    if is_counter {
        for &at in window.resets {
            result += window.series[at - 1].value;
        }
    }

    let mut to_start = (first.time_ms - window.start_ms) as f64 / 1000.0;
    let mut to_end = (window.end_ms - last.time_ms) as f64 / 1000.0;
    let sampled = (last.time_ms - first.time_ms) as f64 / 1000.0;
    let interval = sampled / (window.samples.len() - 1) as f64;
    let threshold = interval * EXTRAPOLATION_THRESHOLD;

    if to_start >= threshold {
        to_start = interval / 2.0;
    }
    if is_counter && result > 0.0 && first.value >= 0.0 {
        let to_zero = sampled * (first.value / result);
        if to_zero < to_start {
            to_start = to_zero;
        }
    }
    if to_end >= threshold {
        to_end = interval / 2.0;
    }

    let mut factor = (sampled + to_start + to_end) / sampled;
    if is_rate {
        factor /= window.range_seconds();
    }
    Some(result * factor)
}

pub(crate) fn irate(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    instant(window, true)
}

pub(crate) fn idelta(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    instant(window, false)
}

/// Of the last two samples only.
fn instant(window: &Window<'_>, is_rate: bool) -> Option<f64> {
    let [.., before, last] = window.samples else { return None };
    let was_reset = is_rate && last.value < before.value;
    let change = if was_reset { last.value } else { last.value - before.value };
    Some(if is_rate { change / ((last.time_ms - before.time_ms) as f64 / 1000.0) } else { change })
}

pub(crate) fn resets(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let count = window.samples.windows(2).filter(|pair| pair[1].value < pair[0].value).count();
    Some(count as f64)
}

pub(crate) fn changes(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let changed = |a: f64, b: f64| a != b && !(a.is_nan() && b.is_nan());
    let count = window.samples.windows(2).filter(|pair| changed(pair[1].value, pair[0].value)).count();
    Some(count as f64)
}
