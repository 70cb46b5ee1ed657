//! Where the samples of a range are heading: `deriv`, `predict_linear`, `double_exponential_smoothing`.

use super::window::Window;
use crate::model::Sample;
use crate::promql::annotations::Annotations;
use crate::promql::error::QueryError;
use crate::promql::math::Compensated;

pub(crate) fn deriv(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let [first, _, ..] = window.samples else { return None };
    Some(least_squares(window.samples, first.time_ms).0)
}

pub(crate) fn predict_linear(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    if window.samples.len() < 2 {
        return None;
    }
    let (slope, intercept) = least_squares(window.samples, window.step_ms);
    Some(slope * window.scalars[0] + intercept)
}

/// Slope per second, and the value at `origin_ms`, of the straight line nearest to the samples.
fn least_squares(samples: &[Sample], origin_ms: i64) -> (f64, f64) {
    let first = samples[0].value;
    if samples.iter().skip(1).all(|sample| sample.value == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let zero = Compensated::default();
    let (mut sum_x, mut sum_y, mut products, mut squares) = (zero, zero, zero, zero);
    for sample in samples {
        let x = (sample.time_ms - origin_ms) as f64 / 1e3;
        sum_x.add(x);
        sum_y.add(sample.value);
        products.add(x * sample.value);
        squares.add(x * x);
    }
    let count = samples.len() as f64;
    let (total_x, total_y) = (sum_x.total(), sum_y.total());
    let covariance = products.total() - total_x * total_y / count;
    let variance = squares.total() - total_x * total_x / count;
    let slope = covariance / variance;
    (slope, total_y / count - slope * total_x / count)
}

/// Both factors must be between 0 and 1.
pub(crate) fn check_smoothing([smoothing, trend]: [f64; 2]) -> Result<(), QueryError> {
    for (name, short, factor) in [("smoothing", "sf", smoothing), ("trend", "tf", trend)] {
        if factor <= 0.0 || factor >= 1.0 {
            let message = format!("invalid {name} factor. Expected: 0 < {short} < 1, got: {factor:.6}");
            return Err(QueryError::execution(message));
        }
    }
    Ok(())
}

pub(crate) fn double_exponential_smoothing(window: &Window<'_>, _: &mut Annotations) -> Option<f64> {
    let [smoothing, trend] = window.scalars;
    let [first, second, ..] = window.samples else { return None };
    let (mut before, mut smoothed, mut slope) = (0.0, first.value, second.value - first.value);
    for (i, sample) in window.samples.iter().enumerate().skip(1) {
        if i > 1 {
            slope = trend * (smoothed - before) + (1.0 - trend) * slope;
        }
        let next = smoothing * sample.value + (1.0 - smoothing) * (smoothed + slope);
        (before, smoothed) = (smoothed, next);
    }
    Some(smoothed)
}
