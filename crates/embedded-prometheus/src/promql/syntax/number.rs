//! Numbers and durations as Go reads them.

/// Milliseconds of each unit, longest first.
const UNITS_MS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// The most seconds that a Go duration can hold.
pub(super) const MAX_DURATION_SECONDS: f64 = 9_223_372_036.854_776;

/// A number: an integer in any of Go's notations (`0x1F`, `010`, `1_000`), or else a float.
pub(super) fn number(text: &str) -> Result<f64, String> {
    if let Some(integer) = integer(text) {
        return Ok(integer as f64);
    }
    let invalid = || {
        let quoted = crate::model::quote(text);
        format!("error parsing number: strconv.ParseFloat: parsing {quoted}: invalid syntax")
    };
    if !underscores_separate_digits(text) {
        return Err(invalid());
    }
    let digits = text.replace('_', "");
    // A hexadecimal integer too large for 64 bits is refused here: a hexadecimal float needs an exponent.
    let value: f64 = digits.parse().map_err(|_| invalid())?;
    let says_infinity = digits.to_ascii_lowercase().starts_with("inf");
    if value.is_infinite() && !says_infinity {
        let quoted = crate::model::quote(text);
        return Err(format!(
            "error parsing number: strconv.ParseFloat: parsing {quoted}: value out of range"
        ));
    }
    Ok(value)
}

/// A 64-bit integer with the base that its prefix says.
fn integer(text: &str) -> Option<i64> {
    if !underscores_separate_digits(text) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'o', ..] => (&lower[2..], 8),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    i64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// Underscores stand between digits, or between a prefix and a digit.
fn underscores_separate_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hexadecimal = bytes.len() > 1 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X');
    let is_digit = |b: Option<&u8>| {
        b.is_some_and(|b| {
            b.is_ascii_digit() || (hexadecimal && (b.is_ascii_hexdigit() || matches!(b, b'x' | b'X')))
        })
    };
    (0..bytes.len())
        .filter(|&at| bytes[at] == b'_')
        .all(|at| at > 0 && is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1)))
}

/// A duration in milliseconds, its units from the longest to the shortest.
pub(super) fn duration_ms(text: &str) -> Result<i64, String> {
    let invalid = || format!("not a valid duration string: {}", crate::model::quote(text));
    let mut rest = text;
    let mut units = UNITS_MS.iter();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let behind = &rest[digits..];
        let unit_length = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let unit = &behind[..unit_length];
        let milliseconds = units.find(|(name, _)| *name == unit).map(|(_, ms)| *ms).ok_or_else(invalid)?;
        if digits == 0 {
            return Err(invalid());
        }
        let out_of_range = || "duration out of range".to_owned();
        let count: i64 = rest[..digits].parse().map_err(|_| out_of_range())?;
        let part = count.checked_mul(milliseconds).ok_or_else(out_of_range)?;
        total = total
            .checked_add(part)
            .filter(|total| *total <= i64::MAX / 1_000_000)
            .ok_or_else(out_of_range)?;
        rest = &behind[unit_length..];
    }
    if total == 0 {
        return Err("duration must be greater than 0".into());
    }
    Ok(total)
}

/// Seconds as milliseconds: Go's durations are whole nanoseconds, of which Prometheus takes the whole milliseconds.
pub(super) fn seconds_to_ms(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64 / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [
            ("0x1F", 31.0),
            ("010", 8.0),
            ("08", 8.0),
            ("1_000", 1000.0),
            ("1_000.5", 1000.5),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("Inf", f64::INFINITY),
            ("0X_ff", 255.0),
            ("9223372036854775808", 9_223_372_036_854_775_808.0),
        ] {
            assert_eq!(number(text), Ok(value), "{text}");
        }
        assert!(number("NaN").unwrap().is_nan());
        for text in [".5.5", "1__0", "1_", "0x", "1e", "1e999"] {
            assert!(number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration_ms("1h30m"), Ok(5_400_000));
        assert_eq!(duration_ms("1y2w3d4h5m6s7ms"), Ok(31_536_000_000 + 1_209_600_000 + 273_906_007));
        assert_eq!(duration_ms("5ms"), Ok(5));
        assert_eq!(duration_ms("5m5m").unwrap_err(), "not a valid duration string: \"5m5m\"");
        assert_eq!(duration_ms("5s1h").unwrap_err(), "not a valid duration string: \"5s1h\"");
        assert_eq!(duration_ms("5hs").unwrap_err(), "not a valid duration string: \"5hs\"");
        assert_eq!(duration_ms("0s").unwrap_err(), "duration must be greater than 0");
        assert_eq!(duration_ms("300y").unwrap_err(), "duration out of range");
    }
}
