//! Numbers for people, as Prometheus's template functions write them.

use chrono::DateTime;

use super::format::general;

const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const BINARY: [&str; 8] = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];

/// Four significant digits.
fn four(value: f64) -> String {
    general(value, 4)
}

/// `value` divided by `factor` while it is that large, with the prefix for how often.
fn scaled_down(mut value: f64, factor: f64, prefixes: [&'static str; 8]) -> String {
    let mut prefix = "";
    for next in prefixes {
        if value.abs() < factor {
            break;
        }
        prefix = next;
        value /= factor;
    }
    four(value) + prefix
}

fn scaled_up(mut value: f64) -> String {
    let mut prefix = "";
    for next in SMALL {
        if value.abs() >= 1.0 {
            break;
        }
        prefix = next;
        value *= 1000.0;
    }
    four(value) + prefix
}

/// `1.235M`
pub(super) fn plain(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return four(value);
    }
    if value.abs() >= 1.0 { scaled_down(value, 1000.0, LARGE) } else { scaled_up(value) }
}

/// `1.177Mi`
pub(super) fn binary(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return four(value);
    }
    scaled_down(value, 1024.0, BINARY)
}

/// `1d 2h 3m 4s`
pub(super) fn duration(value: f64) -> String {
    if !value.is_finite() {
        return four(value);
    }
    if value == 0.0 {
        return four(value) + "s";
    }
    if value.abs() < 1.0 {
        return scaled_up(value) + "s";
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let value = value.abs();
    let whole = value as i64;
    let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3600 % 24, whole / 86_400);
    if days != 0 {
        format!("{sign}{days}d {hours}h {minutes}m {seconds}s")
    } else if hours != 0 {
        format!("{sign}{hours}h {minutes}m {seconds}s")
    } else if minutes != 0 {
        format!("{sign}{minutes}m {seconds}s")
    } else {
        format!("{sign}{}s", four(value))
    }
}

/// `12.34%` of a ratio.
pub(super) fn percentage(value: f64) -> String {
    four(value * 100.0) + "%"
}

/// `2015-06-23 13:19:44.128 +0000 UTC` of Unix seconds.
pub(super) fn timestamp(value: f64) -> Result<String, String> {
    if !value.is_finite() {
        return Ok(four(value));
    }
    let nanoseconds = value * 1e9;
    if nanoseconds.abs() >= i64::MAX as f64 {
        return Err(format!(
            "{value} cannot be represented as a nanoseconds timestamp since it overflows int64"
        ));
    }
    let ms = nanoseconds as i64 / 1_000_000;
    let Some(time) = DateTime::from_timestamp_millis(ms) else {
        return Err(format!("{value} is out of range"));
    };
    // Go leaves zeros at the end of the fraction out.
    let fraction = format!(".{:03}", ms.rem_euclid(1000));
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    Ok(format!("{}{fraction} +0000 UTC", time.format("%Y-%m-%d %H:%M:%S")))
}
