//! Sizes as Prometheus writes them: `10MB`, in powers of 1024.

use std::fmt::Write as _;

/// The units, greatest first; each may be written with and without `i`.
const UNITS: [(&str, &str, u64); 7] = [
    ("EiB", "EB", 1 << 60),
    ("PiB", "PB", 1 << 50),
    ("TiB", "TB", 1 << 40),
    ("GiB", "GB", 1 << 30),
    ("MiB", "MB", 1 << 20),
    ("KiB", "KB", 1 << 10),
    ("B", "B", 1),
];

/// A number of bytes, such as `512KB`, `1.5GiB` or `0`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    if text == "0" {
        return Ok(0);
    }
    let malformed = || format!("not a valid size: {text:?}; write it with its unit, like 10MB");
    let mut rest = text;
    let mut total = 0.0;
    if rest.is_empty() {
        return Err(malformed());
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, tail) = tail.split_at(letters);
        let (_, _, factor) =
            UNITS.iter().find(|(long, short, _)| unit == *long || unit == *short).ok_or_else(malformed)?;
        total += number.parse::<f64>().map_err(|_| malformed())? * *factor as f64;
        rest = tail;
    }
    if total > i64::MAX as f64 {
        return Err(format!("the size {text:?} is out of range"));
    }
    Ok(total as u64)
}

/// Bytes as Prometheus prints them, such as `1GiB512MiB`.
pub(super) fn format_bytes(bytes: u64) -> String {
    if bytes == 0 {
        return "0B".into();
    }
    let mut rest = bytes;
    let mut out = String::new();
    for (unit, _, factor) in UNITS {
        if rest >= factor {
            let _ = write!(out, "{}{unit}", rest / factor);
            rest %= factor;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_both_ways() {
        for (text, bytes, printed) in [
            ("0", 0, "0B"),
            ("1B", 1, "1B"),
            ("10MB", 10 << 20, "10MiB"),
            ("1.5GB", 3 << 29, "1GiB512MiB"),
            ("1GiB512MiB", 3 << 29, "1GiB512MiB"),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
            assert_eq!(format_bytes(bytes), printed, "{text}");
        }
        for text in ["", "100", "MB", "1XB", "-1MB", "1 MB", "1.2.3MB"] {
            let expected = format!("not a valid size: {text:?}; write it with its unit, like 10MB");
            assert_eq!(parse_bytes(text).unwrap_err(), expected);
        }
        assert!(parse_bytes("9EB").unwrap_err().contains("out of range"));
    }
}
