//! Labels of values on an axis: as short as they can be without repeating or misleading.

use crate::text;
use crate::unit::{Calendar, Unit};

/// Labels wider than this, and those whose number alone is, are written as powers of ten instead.
const LABEL_LIMIT_CELLS: usize = 24;
const NUMBER_LIMIT_CELLS: usize = 14;
/// Digits after the point that are looked at to find how many a label needs.
const PROBE_DECIMALS: u8 = 10;
/// Part of a tick step by which a label may differ from its tick.
const LABEL_TOLERANCE: f64 = 0.005;

/// Texts for `values` that lie `step` apart or more: those with one prefix of the unit have the same number of
/// decimals, as many as are needed to be exact to a small part of the step; powers of ten where that gets too long.
pub fn labels(values: &[f64], step: f64, unit: &Unit, decimals: Option<u8>) -> Vec<String> {
    labels_at(values, step, unit, decimals, None)
}

/// The same for values that may be dates, which the reader at `calendar` sees; in UTC, which they say, without one.
pub fn labels_at(
    values: &[f64],
    step: f64,
    unit: &Unit,
    decimals: Option<u8>,
    calendar: Option<Calendar>,
) -> Vec<String> {
    if unit.is_date() {
        // As powers of ten or with more decimals they would be no dates.
        return values.iter().map(|value| unit.parts(*value, None, calendar).into_string()).collect();
    }
    let needs = needs(values, step, unit);
    let least = decimals.unwrap_or(0);
    if needs.iter().any(|need| need.suffix.starts_with('e') && !need.is_plain) {
        return powers_of_ten(values, step);
    }
    if needs.iter().any(|need| !need.is_plain) {
        return of_parts(values, unit, least).unwrap_or_else(|| powers_of_ten(values, step));
    }
    let write = |(value, need): (&f64, &Need)| {
        let same = needs.iter().filter(|other| other.suffix == need.suffix).map(|other| other.decimals);
        unit.format(*value, Some(same.max().unwrap_or(0).max(least)))
    };
    let texts: Vec<String> = values.iter().zip(&needs).map(write).collect();
    let is_short = |(text, need): (&String, &Need)| {
        let width = text::width(text);
        width <= LABEL_LIMIT_CELLS && width <= NUMBER_LIMIT_CELLS + text::width(&need.suffix)
    };
    let is_readable = differ(&texts) && texts.iter().zip(&needs).all(is_short);
    if is_readable { texts } else { powers_of_ten(values, step) }
}

fn differ(texts: &[String]) -> bool {
    texts.windows(2).all(|pair| pair[0] != pair[1])
}

/// Texts of dates and durations, in which more decimals may mean more parts: as few as tell all of every value, else as
/// few as tell the values apart.
fn of_parts(values: &[f64], unit: &Unit, least: u8) -> Option<Vec<String>> {
    let write = |decimals: u8| -> Vec<String> {
        values.iter().map(|value| without_zeros(&unit.format(*value, Some(decimals)))).collect()
    };
    let all = write(PROBE_DECIMALS);
    let is_good = |texts: &Vec<String>| {
        differ(texts) && texts.iter().all(|text| text::width(text) <= LABEL_LIMIT_CELLS)
    };
    let mut candidates = (0..=3).map(|more| write(least.saturating_add(more))).filter(is_good);
    let fewest = candidates.next()?;
    let whole = std::iter::once(fewest.clone()).chain(candidates).find(|texts| *texts == all);
    Some(whole.unwrap_or(fewest))
}

/// `1 hour, 30 minutes, 0 seconds` and `1h:30m:00s:000ms` without what is zero in them, but for the first part.
fn without_zeros(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for part in text.split(", ") {
        if kept.is_empty() || !part.starts_with("0 ") {
            kept.push_str(if kept.is_empty() { "" } else { ", " });
            kept.push_str(part);
        }
    }
    for zero in [":000ms", ":00s", ":00m"] {
        if !kept.ends_with(zero) {
            break;
        }
        kept.truncate(kept.len() - zero.len());
    }
    kept
}

/// What the label of a value needs.
pub(super) struct Need {
    /// Digits after the point.
    pub(super) decimals: u8,
    /// What follows the number: the unit with its prefix.
    suffix: String,
    /// It is one number and a unit, no date or duration of several.
    is_plain: bool,
}

/// What the labels of `values` need that lie `step` apart.
pub(super) fn needs(values: &[f64], step: f64, unit: &Unit) -> Vec<Need> {
    values.iter().map(|value| need(*value, step, unit)).collect()
}

fn need(value: f64, step: f64, unit: &Unit) -> Need {
    let text = unit.format(value, Some(PROBE_DECIMALS));
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let len = text[start..].find(|c| !is_number(c)).unwrap_or(text.len() - start);
    let suffix = text[start + len..].to_owned();
    let number = text[start..start + len].parse::<f64>().ok();
    let is_plain = number.is_some() && !suffix.contains(|c: char| c.is_ascii_digit());
    let number = number.unwrap_or_default();
    let tolerance = (step * (number / value.abs()) * LABEL_TOLERANCE).abs().max(number * 1e-12);
    let is_exact = |decimals: &u8| {
        let power = 10_f64.powi(i32::from(*decimals));
        ((number * power).round() / power - number).abs() <= tolerance
    };
    let decimals = match value {
        0.0 => 0,
        _ => (0..PROBE_DECIMALS).find(is_exact).unwrap_or(PROBE_DECIMALS),
    };
    Need { decimals, suffix, is_plain }
}

fn powers_of_ten(values: &[f64], step: f64) -> Vec<String> {
    let write = |digits: usize| -> Vec<String> {
        let text = |value: &f64| if *value == 0.0 { "0".to_owned() } else { format!("{value:.digits$e}") };
        values.iter().map(text).collect()
    };
    let is_exact = |texts: &[String]| {
        let close = |(text, value): (&String, &f64)| {
            text.parse().is_ok_and(|parsed: f64| (parsed - value).abs() <= step.abs() * LABEL_TOLERANCE)
        };
        texts.iter().zip(values).all(close)
    };
    (0..15).map(write).find(|texts| is_exact(texts)).unwrap_or_else(|| write(15))
}
