//! Numbers to text as JavaScript writes them, which is what Grafana's texts consist of.

use std::fmt::Write as _;

/// From this many decimals on a number is so small that its power of ten cannot be computed with.
const FIXED_LIMIT: u8 = 250;

/// Appends `value` with `decimals` after the point, or as many as Grafana's `getDecimalsForValue` chooses.
pub(super) fn push_fixed(out: &mut String, value: f64, decimals: Option<u8>) {
    let decimals = decimals.unwrap_or_else(|| decimals_for(value));
    if decimals > FIXED_LIMIT {
        push_exponential(out, value, Some(2));
        return;
    }
    let factor = 10_f64.powi(i32::from(decimals));
    let scaled = value * factor;
    let start = out.len();
    push_js(out, if scaled.is_finite() { round_half_up(scaled) / factor } else { value });
    if out[start..].contains('e') {
        return;
    }
    let precision = out[start..].find('.').map_or(0, |point| out.len() - start - point - 1);
    if precision < usize::from(decimals) {
        if precision == 0 {
            out.push('.');
        }
        for _ in precision..usize::from(decimals) {
            out.push('0');
        }
    }
}

/// Enough decimals that two or three digits count: 0 for an integer.
fn decimals_for(value: f64) -> u8 {
    if value % 1.0 == 0.0 {
        return 0;
    }
    let abs = value.abs();
    // Not `log10`: Grafana divides logarithms, and the two differ in the last bit at powers of ten.
    let digits = (abs.ln() / std::f64::consts::LN_10).floor() as i32;
    let mut decimals = 1 - digits;
    if abs / 10_f64.powi(-decimals) > 2.25 {
        decimals += 1;
    }
    decimals.clamp(0, i32::from(u8::MAX)) as u8
}

/// JavaScript's `Math.round`.
fn round_half_up(value: f64) -> f64 {
    let floor = value.floor();
    if value - floor >= 0.5 { floor + 1.0 } else { floor }
}

/// JavaScript's `String(value)`: the shortest digits, with an exponent from 1e21 on and below 1e-6.
pub(super) fn push_js(out: &mut String, value: f64) {
    if value == 0.0 {
        out.push('0');
    } else if (1e-6..1e21).contains(&value.abs()) {
        let _ = write!(out, "{value}");
    } else {
        push_exponential(out, value, None);
    }
}

/// JavaScript's `toExponential`.
pub(super) fn push_exponential(out: &mut String, value: f64, decimals: Option<u8>) {
    /// Digits that tell a half from what lies beside it.
    const PROBE: usize = 40;
    let start = out.len();
    // No -0.
    let value = value + 0.0;
    let _ = match decimals.map(usize::from) {
        Some(decimals) => {
            // Halves go away from zero, where Rust's go to the even digit.
            let digits = format!("{value:.*e}", decimals + PROBE);
            let rest = digits.split_once('e').map_or("", |(mantissa, _)| &mantissa[mantissa.len() - PROBE..]);
            let is_half = rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0');
            write!(out, "{:.decimals$e}", if is_half { value * (1.0 + f64::EPSILON) } else { value })
        }
        None => write!(out, "{value:e}"),
    };
    if let Some(at) = out[start..].find('e').map(|at| start + at + 1)
        && !out[at..].starts_with('-')
    {
        out.insert(at, '+');
    }
}

/// Decimals with which [`push_exponential`] is short: two where the shortest digits have any.
pub(super) fn exponential_decimals(value: f64) -> Option<u8> {
    format!("{value:e}").contains('.').then_some(2)
}

/// Grafana's `toHex`: the rounded value in base 16, upper case.
pub(super) fn push_hex(out: &mut String, value: f64, decimals: Option<u8>, prefixed: bool) {
    let mut rounded = String::new();
    push_fixed(&mut rounded, value, decimals);
    let value: f64 = rounded.parse().unwrap_or(value);
    if value < 0.0 {
        out.push('-');
    }
    if prefixed {
        out.push_str("0x");
    }
    let abs = value.abs();
    if abs >= 2_f64.powi(127) {
        push_js(out, abs);
        return;
    }
    let _ = write!(out, "{:X}", abs.trunc() as u128);
    let mut fraction = abs.fract();
    // As many digits as tell the value from its neighbours.
    let mut delta = (0.5 * (abs.next_up() - abs)).max(f64::MIN_POSITIVE);
    if fraction >= delta {
        out.push('.');
        while fraction >= delta {
            fraction *= 16.0;
            delta *= 16.0;
            let mut digit = fraction as u32;
            fraction -= f64::from(digit);
            // A half is rounded to the even digit.
            let up = if digit & 1 == 1 { fraction >= 0.5 } else { fraction > 0.5 };
            if up && fraction + delta > 1.0 {
                digit = (digit + 1).min(15);
                fraction = 0.0;
            }
            out.push(char::from_digit(digit, 16).unwrap_or('0').to_ascii_uppercase());
        }
    }
}

/// `Intl.NumberFormat` of en-US: thousands separated by commas, at least `min` and at most `max` decimals.
pub(super) fn push_grouped(out: &mut String, value: f64, min: u8, max: u8) {
    let mut digits = format!("{}", value.abs());
    round_decimal(&mut digits, usize::from(max));
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if value.is_sign_negative() {
        out.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let shown = fraction.len().max(usize::from(min));
    if shown > 0 {
        let _ = write!(out, ".{fraction:0<shown$}");
    }
}

/// Rounds decimal digits half up to `decimals` after the point.
fn round_decimal(digits: &mut String, decimals: usize) {
    let Some(point) = digits.find('.') else { return };
    let cut = point + 1 + decimals;
    if cut >= digits.len() {
        return;
    }
    let up = digits.as_bytes()[cut] >= b'5';
    digits.truncate(if decimals == 0 { point } else { cut });
    if !up {
        return;
    }
    let mut carry = true;
    let rounded: Vec<char> = digits
        .chars()
        .rev()
        .map(|digit| match digit {
            '9' if carry => '0',
            '0'..='8' if carry => {
                carry = false;
                char::from(digit as u8 + 1)
            }
            other => other,
        })
        .collect();
    digits.clear();
    if carry {
        digits.push('1');
    }
    digits.extend(rounded.into_iter().rev());
}
