//! Dates and ages to text; a value is Unix milliseconds. Patterns are those of moment.js, which Grafana uses.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Months, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::Calendar;

/// Longest tokens first, so that `YYYY` is not read as `YY` twice.
const TOKENS: [&str; 29] = [
    "YYYY", "MMMM", "dddd", "DDDD", "SSS", "MMM", "ddd", "YY", "MM", "DD", "Do", "HH", "hh", "mm", "ss",
    "SS", "ZZ", "M", "D", "H", "h", "m", "s", "S", "A", "a", "Z", "X", "x",
];

/// Mean length of a month in the Gregorian calendar, whose 400 years have 146,097 days.
const MONTH_DAYS: f64 = 146_097.0 / 4_800.0;

/// Appends the date `value_ms` by `pattern`, or by `today` if it lies on the reader's day.
pub(super) fn push_date(
    out: &mut String,
    value_ms: f64,
    pattern: &str,
    today: &str,
    calendar: Option<Calendar>,
) {
    let Some(time) = time(value_ms, calendar.map_or(Tz::UTC, |calendar| calendar.zone)) else {
        out.push_str("Invalid date");
        return;
    };
    let now = calendar.and_then(|calendar| self::time(calendar.now_ms as f64, calendar.zone));
    let is_today = now.is_some_and(|now| now.date_naive() == time.date_naive());
    push_pattern(out, time, if is_today { today } else { pattern });
    if calendar.is_none() {
        out.push_str(" UTC");
    }
}

fn time(value_ms: f64, zone: Tz) -> Option<DateTime<Tz>> {
    // The span that JavaScript's dates have; chrono's is a little wider.
    let utc = (value_ms.abs() <= 8.64e15)
        .then(|| DateTime::<Utc>::from_timestamp_millis(value_ms.trunc() as i64))??;
    Some(zone.from_utc_datetime(&utc.naive_utc()))
}

fn push_pattern(out: &mut String, time: DateTime<Tz>, pattern: &str) {
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some((literal, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            out.push_str(literal);
            rest = behind;
        } else if first == '\\' {
            rest = &rest[1..];
            let escaped = rest.chars().next();
            out.extend(escaped);
            rest = &rest[escaped.map_or(0, char::len_utf8)..];
        } else if let Some(token) = TOKENS.iter().find(|token| rest.starts_with(**token)) {
            push_token(out, time, token);
            rest = &rest[token.len()..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
}

fn push_token(out: &mut String, time: DateTime<Tz>, token: &str) {
    let (pm, hour12) = time.hour12();
    let ms = time.timestamp_subsec_millis();
    let _ = match token {
        "YYYY" => write!(out, "{:04}", time.year()),
        "YY" => write!(out, "{:02}", time.year().rem_euclid(100)),
        "MMMM" => write!(out, "{}", time.format("%B")),
        "MMM" => write!(out, "{}", time.format("%b")),
        "MM" => write!(out, "{:02}", time.month()),
        "M" => write!(out, "{}", time.month()),
        "DDDD" => write!(out, "{:03}", time.ordinal()),
        "DD" => write!(out, "{:02}", time.day()),
        "D" => write!(out, "{}", time.day()),
        "Do" => write!(out, "{}{}", time.day(), ordinal(time.day())),
        "dddd" => write!(out, "{}", time.format("%A")),
        "ddd" => write!(out, "{}", time.format("%a")),
        "HH" => write!(out, "{:02}", time.hour()),
        "H" => write!(out, "{}", time.hour()),
        "hh" => write!(out, "{hour12:02}"),
        "h" => write!(out, "{hour12}"),
        "mm" => write!(out, "{:02}", time.minute()),
        "m" => write!(out, "{}", time.minute()),
        "ss" => write!(out, "{:02}", time.second()),
        "s" => write!(out, "{}", time.second()),
        "SSS" => write!(out, "{ms:03}"),
        "SS" => write!(out, "{:02}", ms / 10),
        "S" => write!(out, "{}", ms / 100),
        "A" => write!(out, "{}", if pm { "PM" } else { "AM" }),
        "a" => write!(out, "{}", if pm { "pm" } else { "am" }),
        "X" => write!(out, "{}", time.timestamp()),
        "x" => write!(out, "{}", time.timestamp_millis()),
        _ => {
            let minutes = time.offset().fix().local_minus_utc() / 60;
            let (sign, colon) = (if minutes < 0 { '-' } else { '+' }, if token == "Z" { ":" } else { "" });
            write!(out, "{sign}{:02}{colon}{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
    };
}

fn ordinal(day: u32) -> &'static str {
    match day {
        11..=13 => "th",
        _ => match day % 10 {
            1 => "st",
            2 => "nd",
            3 => "rd",
            _ => "th",
        },
    }
}

/// moment.js's `fromNow`: `3 hours ago`, `in a day`. With no calendar there is no now, and the date stands instead.
pub(super) fn push_from_now(out: &mut String, value_ms: f64, calendar: Option<Calendar>) {
    let Some(calendar) = calendar else {
        push_date(out, value_ms, "YYYY-MM-DD HH:mm:ss", "HH:mm:ss", None);
        return;
    };
    let (Some(now), Some(then)) =
        (time(calendar.now_ms as f64, calendar.zone), time(value_ms, calendar.zone))
    else {
        out.push_str("Invalid date");
        return;
    };
    let difference_ms = then.timestamp_millis() - now.timestamp_millis();
    let (whole_months, rest_ms) = months_between(now.min(then), now.max(then));
    let rest_days = rest_ms as f64 / 86_400_000.0;
    // moment.js counts whole months by the calendar, and takes the mean length of a month where it has days to compare.
    let days = (f64::from(whole_months) * MONTH_DAYS).round() + rest_days;
    let months = f64::from(whole_months) + rest_days / MONTH_DAYS;
    let seconds = days * 86_400.0;
    if difference_ms > 0 {
        out.push_str("in ");
    }
    let _ = match [seconds, seconds / 60.0, seconds / 3600.0, days, months, months / 12.0].map(f64::round) {
        [..=44.0, ..] => write!(out, "a few seconds"),
        [_, ..=1.0, ..] => write!(out, "a minute"),
        [_, minutes @ ..45.0, ..] => write!(out, "{minutes} minutes"),
        [_, _, ..=1.0, ..] => write!(out, "an hour"),
        [_, _, hours @ ..22.0, ..] => write!(out, "{hours} hours"),
        [_, _, _, ..=1.0, ..] => write!(out, "a day"),
        [_, _, _, days @ ..26.0, ..] => write!(out, "{days} days"),
        [_, _, _, _, ..=1.0, _] => write!(out, "a month"),
        [_, _, _, _, months @ ..11.0, _] => write!(out, "{months} months"),
        [.., ..=1.0] => write!(out, "a year"),
        [.., years] => write!(out, "{years} years"),
    };
    if difference_ms <= 0 {
        out.push_str(" ago");
    }
}

/// Whole months of the calendar from `early` to `late`, and the milliseconds that are left.
fn months_between(early: DateTime<Tz>, late: DateTime<Tz>) -> (u32, i64) {
    let (from, to) = (early.naive_local(), late.naive_local());
    let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
    let months = u32::try_from(months).unwrap_or(0);
    let after = |months| from.checked_add_months(Months::new(months)).filter(|after| *after <= to);
    let (months, after) = match (after(months), months.checked_sub(1)) {
        (Some(after_all), _) => (months, after_all),
        (None, Some(less)) => (less, after(less).unwrap_or(from)),
        (None, None) => (0, from),
    };
    (months, (to - after).num_milliseconds().max(0))
}
