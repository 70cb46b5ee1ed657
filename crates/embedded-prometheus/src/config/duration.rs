//! Durations as Prometheus writes them: `1m30s`. The words of the errors are Prometheus's.

use std::fmt::Write as _;

/// The units, greatest first, which is the order they must be in.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest duration, which is Go's: as nanoseconds it must fit into 63 bits.
const MAX_DURATION_MS: i64 = i64::MAX / 1_000_000;

/// A duration in milliseconds from Prometheus's syntax: whole numbers with `y`, `w`, `d`, `h`, `m`, `s`, `ms`, each
/// unit once, greatest first; or `0`.
pub fn parse_duration_ms(text: &str) -> Result<i64, String> {
    if text.is_empty() {
        return Err("empty duration string".into());
    }
    if text == "0" {
        return Ok(0);
    }
    let malformed = || format!("not a valid duration string: {text:?}; write it like 1m30s");
    let out_of_range = || format!("duration out of range: {text:?}");
    let (mut rest, mut total_ms, mut next_unit) = (text, 0_i64, 0);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
        let (unit, tail) = tail.split_at(letters);
        let at = UNITS.iter().skip(next_unit).position(|(name, _)| *name == unit).ok_or_else(malformed)?;
        if number.is_empty() {
            return Err(malformed());
        }
        let factor_ms = UNITS[next_unit + at].1;
        next_unit += at + 1;
        total_ms = number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(factor_ms))
            .and_then(|part_ms| total_ms.checked_add(part_ms))
            .filter(|total_ms| *total_ms <= MAX_DURATION_MS)
            .ok_or_else(out_of_range)?;
        rest = tail;
    }
    Ok(total_ms)
}

/// A duration of milliseconds as Prometheus prints it. Years, weeks and days only stand where nothing is left over.
#[must_use]
pub fn format_duration_ms(duration_ms: i64) -> String {
    if duration_ms == 0 {
        return "0s".into();
    }
    let mut rest_ms = duration_ms;
    let mut out = String::new();
    for (unit, factor_ms) in UNITS {
        let exactly = matches!(unit, "y" | "w" | "d");
        if rest_ms >= factor_ms && (!exactly || rest_ms % factor_ms == 0) {
            let _ = write!(out, "{}{unit}", rest_ms / factor_ms);
            rest_ms %= factor_ms;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_both_ways() {
        for (text, ms, printed) in [
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
            ("324ms", 324, "324ms"),
            ("3s", 3_000, "3s"),
            ("1m30s", 90_000, "1m30s"),
            ("90s", 90_000, "1m30s"),
            ("4d", 4 * 86_400_000, "4d"),
            ("4d1h", 97 * 3_600_000, "97h"),
            ("3w2d", 23 * 86_400_000, "23d"),
            ("10y", 10 * 365 * 86_400_000, "10y"),
            ("1h1m1s1ms", 3_661_001, "1h1m1s1ms"),
        ] {
            assert_eq!(parse_duration_ms(text), Ok(ms), "{text}");
            assert_eq!(format_duration_ms(ms), printed, "{text}");
            assert_eq!(parse_duration_ms(printed), Ok(ms), "{printed}");
        }
    }

    #[test]
    fn what_is_no_duration() {
        assert_eq!(parse_duration_ms("").unwrap_err(), "empty duration string");
        for text in ["1", "-1s", "1.5s", "s", "5s1m", "1m1m", "1 m", "1x", "1S", "٣s"] {
            assert_eq!(
                parse_duration_ms(text).unwrap_err(),
                format!("not a valid duration string: {text:?}; write it like 1m30s")
            );
        }
        assert_eq!(parse_duration_ms("300y").unwrap_err(), "duration out of range: \"300y\"");
    }
}
