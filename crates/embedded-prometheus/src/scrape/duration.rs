//! Durations as Prometheus writes them in labels: `15s`, `1m30s`, `1d`.

use std::fmt::Write as _;

const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Years and weeks only if nothing is left over: `90d` is easier to read than `12w6d`.
pub(super) fn format(mut ms: i64) -> String {
    if ms <= 0 {
        return "0s".into();
    }
    let mut out = String::new();
    for (unit, size) in UNITS {
        let whole_only = matches!(unit, "y" | "w");
        if ms >= size && (!whole_only || ms % size == 0) {
            let _ = write!(out, "{}{unit}", ms / size);
            ms %= size;
        }
    }
    out
}

/// In milliseconds. Each unit at most once, from large to small; `0` needs none.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("not a valid duration string: {text:?}");
    match text {
        "0" => return Ok(0),
        "" => return Err("empty duration string".into()),
        _ => {}
    }
    let (mut rest, mut total, mut units) = (text, 0i64, UNITS.iter());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(invalid)?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, size) = units.find(|(name, _)| *name == unit).ok_or_else(invalid)?;
        let number: i64 = number.parse().map_err(|_| invalid())?;
        let part = number.checked_mul(*size).ok_or("duration out of range")?;
        total = total.checked_add(part).ok_or("duration out of range")?;
        rest = after;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (ms, text) in [
            (0, "0s"),
            (15_000, "15s"),
            (90_000, "1m30s"),
            (1_500, "1s500ms"),
            (86_400_000, "1d"),
            (7 * 86_400_000, "1w"),
            (90 * 86_400_000, "90d"),
            (365 * 86_400_000, "1y"),
        ] {
            assert_eq!(format(ms), text);
            assert_eq!(parse(text), Ok(ms));
        }
        assert_eq!(parse("0"), Ok(0));
    }

    #[test]
    fn what_is_none() {
        for text in ["", "1", "s", "1x", "1s1m", "1s1s", "-1s", "1.5s", "99999999999999999y", "10000000000y"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
