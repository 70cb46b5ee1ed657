//! Inverse hyperbolic functions that do not overflow: the standard library squares its argument. The cases are those
//! of Go's `math`, which takes them from FreeBSD's libm.

use std::f64::consts::LN_2;

/// From here on `x * x + 1` is `x * x`.
const LARGE: f64 = (1 << 28) as f64;

pub(super) fn asinh(value: f64) -> f64 {
    let x = value.abs();
    let result = if x > LARGE {
        x.ln() + LN_2
    } else if x > 2.0 {
        (2.0 * x + 1.0 / ((x * x + 1.0).sqrt() + x)).ln()
    } else {
        (x + x * x / (1.0 + (1.0 + x * x).sqrt())).ln_1p()
    };
    if value.is_nan() { value } else { result.copysign(value) }
}

pub(super) fn acosh(x: f64) -> f64 {
    if x.is_nan() || x < 1.0 {
        f64::NAN
    } else if x >= LARGE {
        x.ln() + LN_2
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else {
        let above = x - 1.0;
        (above + (2.0 * above + above * above).sqrt()).ln_1p()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_overflow_and_no_loss() {
        for x in [1e-300, 1e-9, 0.3, 1.0, 1.9, 2.1, 1e6, 1e9] {
            assert!((asinh(x) / x.asinh() - 1.0).abs() < 1e-12, "{x}");
            assert_eq!(asinh(-x), -asinh(x));
        }
        for x in [1.5, 2.1, 1e6, 1e9] {
            assert!((acosh(x) / x.acosh() - 1.0).abs() < 1e-12, "{x}");
        }
        assert!((asinh(1.7e308) - 710.419_984_073_788_1).abs() < 1e-9);
        assert!((acosh(1.7e308) - 710.419_984_073_788_1).abs() < 1e-9);
        assert_eq!((asinh(f64::INFINITY), acosh(1.0)), (f64::INFINITY, 0.0));
        assert!(asinh(f64::NAN).is_nan() && acosh(0.5).is_nan());
    }
}
