//! `print` and `printf` as Go's `fmt` has them, for the values that templates know.

use std::fmt::Write as _;

use super::value::Value;
use crate::model::{format_g, quote};

/// The widest field and the most digits that a format may ask for.
const MAX_WIDTH: usize = 1_000;

/// Go's `fmt.Sprint`: a blank between two values of which none is a text.
pub(super) fn sprint(values: &[Value]) -> String {
    let mut out = String::new();
    let mut previous_is_text = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !out.is_empty() && !is_text && !previous_is_text {
            out.push(' ');
        }
        out.push_str(&value.print());
        previous_is_text = is_text;
    }
    out
}

/// What stands between the `%` and the verb.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the flags of a format, each of which may be there"
)]
struct Spec {
    minus: bool,
    plus: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Go's `fmt.Sprintf`. What Go writes as `%!verb(..)` is written the same; what this engine lacks is an error.
pub(super) fn sprintf(format: &str, values: &[Value]) -> Result<String, String> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(flag) = chars.next_if(|c| "-+ 0#".contains(*c)) {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '0' => spec.zero = true,
                _ => return Err("error calling printf: the flag # is not supported by this engine".into()),
            }
        }
        let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut number = None;
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                let digit = digit.to_digit(10).unwrap_or_default() as usize;
                number = Some((number.unwrap_or(0_usize) * 10 + digit).min(MAX_WIDTH));
            }
            number
        };
        spec.width = number(&mut chars);
        if chars.next_if_eq(&'.').is_some() {
            spec.precision = Some(number(&mut chars).unwrap_or(0));
        }
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb @ ('*' | '[')) => {
                return Err(format!(
                    "error calling printf: {verb:?} in a format is not supported by this engine"
                ));
            }
            Some(verb) => {
                let written = values.next().map(|value| one(verb, &spec, value));
                out.push_str(&written.unwrap_or_else(|| format!("%!{verb}(MISSING)")));
            }
        }
    }
    let extra: Vec<String> = values.map(|value| format!("{}={}", value.type_name(), value.print())).collect();
    if !extra.is_empty() {
        let _ = write!(out, "%!(EXTRA {})", extra.join(", "));
    }
    Ok(out)
}

fn one(verb: char, spec: &Spec, value: &Value) -> String {
    let written = match (value, verb) {
        (Value::Float(value), _) => float(verb, spec, *value),
        (Value::Int(value), _) => integer(verb, spec, *value),
        (Value::Text(text), 'v' | 's') => Some(cut(text, spec)),
        (Value::Text(text), 'q') => Some(quote(&cut(text, spec))),
        (Value::Text(text), 'x') => Some(hex(text)),
        (Value::Text(text), 'X') => Some(hex(text).to_uppercase()),
        (Value::Bool(value), 'v' | 't') => Some(value.to_string()),
        (Value::Nil, 'v') => Some("<nil>".into()),
        (Value::Labels(_) | Value::Sample(_) | Value::Vector(_), 'v') => Some(value.print()),
        _ => None,
    };
    match written {
        Some(text) => {
            let is_number = matches!(value, Value::Float(_) | Value::Int(_));
            pad(text, spec, is_number)
        }
        None if matches!(value, Value::Nil) => format!("%!{verb}(<nil>)"),
        None => format!("%!{verb}({}={})", value.type_name(), value.print()),
    }
}

/// The bytes of a text.
fn hex(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// A precision cuts a text.
fn cut(text: &str, spec: &Spec) -> String {
    spec.precision.map_or_else(|| text.to_owned(), |most| text.chars().take(most).collect())
}

fn signed(text: String, spec: &Spec) -> String {
    if text.starts_with(['-', '+']) {
        return text;
    }
    match (spec.plus, spec.space) {
        (true, _) => format!("+{text}"),
        (false, true) => format!(" {text}"),
        (false, false) => text,
    }
}

fn float(verb: char, spec: &Spec, value: f64) -> Option<String> {
    let text = match verb {
        _ if !"vgGeEfF".contains(verb) => return None,
        _ if !value.is_finite() => format_g(value),
        'v' | 'g' | 'G' => match spec.precision {
            Some(precision) => general(value, precision),
            None => format_g(value),
        },
        'e' | 'E' => scientific(value, spec.precision.unwrap_or(6)),
        _ => format!("{value:.*}", spec.precision.unwrap_or(6)),
    };
    Some(signed(if matches!(verb, 'E' | 'G') { text.to_uppercase() } else { text }, spec))
}

fn integer(verb: char, spec: &Spec, value: i64) -> Option<String> {
    let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    let text = match verb {
        'v' | 'd' => format!("{sign}{size}"),
        'x' => format!("{sign}{size:x}"),
        'X' => format!("{sign}{size:X}"),
        'o' => format!("{sign}{size:o}"),
        'b' => format!("{sign}{size:b}"),
        'c' => {
            return Some(
                u32::try_from(value).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').to_string(),
            );
        }
        _ => return None,
    };
    Some(signed(text, spec))
}

fn pad(text: String, spec: &Spec, is_number: bool) -> String {
    let missing = spec.width.unwrap_or(0).saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    if spec.minus {
        return text + &" ".repeat(missing);
    }
    let finite = text.ends_with(|c: char| c.is_ascii_hexdigit());
    if spec.zero && (!is_number || finite) {
        let digits = text.find(|c: char| !matches!(c, '+' | '-' | ' ')).unwrap_or(0);
        let (sign, rest) = if is_number { text.split_at(digits) } else { ("", text.as_str()) };
        return format!("{sign}{}{rest}", "0".repeat(missing));
    }
    " ".repeat(missing) + &text
}

/// Go's `%e`: an exponent of at least two digits.
fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Go's `%.{digits}g`: significant digits without zeros at the end, an exponent where it is shorter.
pub(super) fn general(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return format_g(value);
    }
    let digits = digits.max(1);
    let text = scientific(value, digits - 1);
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let without_zeros = |text: &str| {
        let trimmed =
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
        trimmed.to_owned()
    };
    if exponent < -4 || exponent >= digits as i32 {
        let exponent = &text[mantissa.len()..];
        return without_zeros(mantissa) + exponent;
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    without_zeros(&format!("{value:.decimals$}"))
}
