//! Numbers as Go reads them (`strconv.ParseFloat`, without hexadecimal and underscores, which Prometheus excludes).

use super::error::quote_bytes;

/// What Prometheus writes for every NaN, so that none is taken for the stale marker.
pub(super) const NORMAL_NAN: f64 = f64::from_bits(0x7ff8_0000_0000_0001);

/// Whole numbers below this are doubles exactly, and so are their quotients by these powers of ten, rounded once.
const EXACT_DIGITS: usize = 15;
const POWERS_OF_TEN: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number that all of `text` is, or Go's words for why it is none.
pub(super) fn parse_float(text: &[u8]) -> Result<f64, String> {
    if let Some(value) = plain(text) {
        return Ok(value);
    }
    if text.iter().any(|b| matches!(b, b'p' | b'P' | b'_')) {
        return Err("unsupported character in float".into());
    }
    let fail = |why: &str| Err(format!("strconv.ParseFloat: parsing {}: {why}", quote_bytes(text)));
    let Some(value) = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()) else {
        return fail("invalid syntax");
    };
    let signed = matches!(text.first(), Some(b'+' | b'-'));
    if value.is_nan() {
        // Go knows no signed NaN.
        return if signed { fail("invalid syntax") } else { Ok(NORMAL_NAN) };
    }
    let is_digit = |b: &u8| b.is_ascii_digit();
    if value.is_infinite() && text.iter().any(is_digit) { fail("value out of range") } else { Ok(value) }
}

/// The common case: a sign, up to 15 digits and a point.
fn plain(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    if digits.len() > EXACT_DIGITS + 1 {
        return None;
    }
    let mut mantissa = 0u64;
    let mut seen = 0;
    let mut point = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                seen += 1;
            }
            b'.' if point.is_none() => point = Some(seen),
            _ => return None,
        }
    }
    if seen == 0 || seen > EXACT_DIGITS {
        return None;
    }
    let value = mantissa as f64 / POWERS_OF_TEN[point.map_or(0, |at| seen - at)];
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_go_reads_them() {
        for (text, value) in [
            ("1", 1.0),
            ("-0", -0.0),
            ("+5", 5.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1e3),
            ("4.9e-324", 5e-324),
            ("0.1", 0.1),
            ("123456789012345", 123_456_789_012_345.0),
            ("12345678901234567890", 12_345_678_901_234_567_890.0),
            ("Inf", f64::INFINITY),
            ("+Inf", f64::INFINITY),
            ("-infinity", f64::NEG_INFINITY),
            ("iNF", f64::INFINITY),
        ] {
            assert_eq!(parse_float(text.as_bytes()).map(f64::to_bits), Ok(value.to_bits()), "{text}");
        }
        for text in ["NaN", "nan", "NAN"] {
            assert_eq!(parse_float(text.as_bytes()).map(f64::to_bits), Ok(NORMAL_NAN.to_bits()));
        }
    }

    #[test]
    fn what_go_or_prometheus_refuses() {
        for (text, why) in [
            ("1_000", "unsupported character in float"),
            ("0x1p-2", "unsupported character in float"),
            ("0x10", "strconv.ParseFloat: parsing \"0x10\": invalid syntax"),
            ("", "strconv.ParseFloat: parsing \"\": invalid syntax"),
            (".", "strconv.ParseFloat: parsing \".\": invalid syntax"),
            ("-", "strconv.ParseFloat: parsing \"-\": invalid syntax"),
            ("1e", "strconv.ParseFloat: parsing \"1e\": invalid syntax"),
            ("-nan", "strconv.ParseFloat: parsing \"-nan\": invalid syntax"),
            ("1e999", "strconv.ParseFloat: parsing \"1e999\": value out of range"),
            ("true", "strconv.ParseFloat: parsing \"true\": invalid syntax"),
        ] {
            assert_eq!(parse_float(text.as_bytes()), Err(why.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_gives_the_same(text in "-?[0-9]{0,9}\\.?[0-9]{0,9}") {
            if let Some(value) = plain(text.as_bytes()) {
                prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits());
            }
        }
    }
}
