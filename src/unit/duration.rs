//! Lengths of time to text, by Grafana's `dateTimeFormatters.ts`.

use std::fmt::Write as _;
use std::ops::Range;

use super::number;
use super::table::TimeUnit;

/// One rung of a ladder: values below `below` are divided by `divisor` and called `name`.
type Rung = (f64, f64, &'static str);

const NANOSECONDS: [Rung; 7] = [
    (1e3, 1.0, " ns"),
    (1e6, 1e3, " µs"),
    (1e9, 1e6, " ms"),
    (6e10, 1e9, " s"),
    (3.6e12, 6e10, " min"),
    (8.64e13, 3.6e12, " hour"),
    (f64::INFINITY, 8.64e13, " day"),
];
const MICROSECONDS: [Rung; 3] = [(1e3, 1.0, " µs"), (1e6, 1e3, " ms"), (f64::INFINITY, 1e6, " s")];
const MILLISECONDS: [Rung; 6] = [
    (1e3, 1.0, " ms"),
    (6e4, 1e3, " s"),
    (3.6e6, 6e4, " min"),
    (8.64e7, 3.6e6, " hour"),
    (3.1536e10, 8.64e7, " day"),
    (f64::INFINITY, 3.1536e10, " year"),
];
/// From a second on; what is below is multiplied, not divided.
const SECONDS: [Rung; 6] = [
    (60.0, 1.0, " s"),
    (3_600.0, 60.0, " min"),
    (86_400.0, 3_600.0, " hour"),
    (604_800.0, 86_400.0, " day"),
    (31_536_000.0, 604_800.0, " week"),
    (f64::INFINITY, 31_556_900.0, " year"),
];
const MINUTES: [Rung; 5] = [
    (60.0, 1.0, " min"),
    (1_440.0, 60.0, " hour"),
    (10_080.0, 1_440.0, " day"),
    (604_800.0, 10_080.0, " week"),
    (f64::INFINITY, 525_948.0, " year"),
];
const HOURS: [Rung; 4] = [
    (24.0, 1.0, " hour"),
    (168.0, 24.0, " day"),
    (8_760.0, 168.0, " week"),
    (f64::INFINITY, 8_760.0, " year"),
];
const DAYS: [Rung; 3] = [(7.0, 1.0, " day"), (365.0, 7.0, " week"), (f64::INFINITY, 365.0, " year")];

/// Appends `value` of `unit` in the unit that suits it; returns where its number stands.
pub(super) fn push_time(out: &mut String, value: f64, decimals: Option<u8>, unit: TimeUnit) -> Range<usize> {
    let size = value.abs();
    let ladder: &[Rung] = match unit {
        TimeUnit::Nanosecond => &NANOSECONDS,
        TimeUnit::Microsecond => &MICROSECONDS,
        TimeUnit::Millisecond => &MILLISECONDS,
        TimeUnit::Second => &SECONDS,
        TimeUnit::Minute => &MINUTES,
        TimeUnit::Hour => &HOURS,
        TimeUnit::Day => &DAYS,
    };
    let own_name = ladder[0].2;
    let (shown, decimals, name) = match unit {
        TimeUnit::Second if size == 0.0 => (0.0, Some(0), " s"),
        TimeUnit::Second if size < 1e-6 => (value * 1e9, decimals, " ns"),
        TimeUnit::Second if size < 1e-3 => (value * 1e6, decimals, " µs"),
        TimeUnit::Second if size < 1.0 => (value * 1e3, decimals, " ms"),
        _ => {
            let rung = ladder.iter().find(|(below, ..)| size < *below);
            rung.map_or((value, decimals, own_name), |(_, divisor, name)| (value / divisor, decimals, *name))
        }
    };
    let start = out.len();
    number::push_fixed(out, shown, decimals);
    let end = out.len();
    out.push_str(name);
    // Grafana leaves a ladder's own minutes and hours in the singular, but not its days.
    let may_be_many = name != own_name || unit == TimeUnit::Day;
    if may_be_many && shown.abs() > 1.0 && matches!(name, " min" | " hour" | " day" | " week" | " year") {
        out.push('s');
    }
    start..end
}

/// Grafana's `toDuration`: `1 day, 2 hours`, of `decimals` + 1 parts.
pub(super) fn push_duration(out: &mut String, value: f64, decimals: Option<u8>, millis: bool) {
    const UNITS: [(f64, &str); 8] = [
        (31_536e6, "year"),
        (2_592e6, "month"),
        (604_800e3, "week"),
        (86_400e3, "day"),
        (3_600e3, "hour"),
        (60e3, "minute"),
        (1e3, "second"),
        (1.0, "millisecond"),
    ];
    if value == 0.0 {
        out.push_str(if millis { "0 milliseconds" } else { "0 seconds" });
        return;
    }
    let mut rest_ms = value.abs() * if millis { 1.0 } else { 1e3 };
    let mut parts_left = u32::from(decimals.unwrap_or(0)) + 1;
    let start = out.len();
    for (unit_ms, name) in UNITS {
        let count = (rest_ms / unit_ms).floor();
        if parts_left == 0 {
            break;
        }
        if count < 1.0 && out.len() == start {
            continue;
        }
        if out.len() > start {
            out.push_str(", ");
        }
        number::push_js(out, count);
        let _ = write!(out, " {name}{}", if (count - 1.0).abs() < f64::EPSILON { "" } else { "s" });
        rest_ms %= unit_ms;
        parts_left -= 1;
    }
    if out.len() == start {
        out.push_str("0 milliseconds");
    }
    if value < 0.0 {
        out.push_str(" ago");
    }
}

/// `hh:mm:ss`.
pub(super) fn push_hms(out: &mut String, value: f64) {
    let seconds = value.abs();
    for (index, part) in
        [seconds / 3600.0, seconds % 3600.0 / 60.0, seconds % 3600.0 % 60.0].into_iter().enumerate()
    {
        if index > 0 {
            out.push(':');
        }
        if part.floor() <= 9.0 {
            out.push('0');
        }
        number::push_js(out, part.floor());
    }
    if value < 0.0 {
        out.push_str(" ago");
    }
}

/// `2 d hh:mm:ss`.
pub(super) fn push_dhms(out: &mut String, value: f64) {
    let days = (value.abs() / 86_400.0).floor();
    if days > 0.0 {
        number::push_js(out, days);
        out.push_str(" d ");
    }
    push_hms(out, value.abs() - days * 86_400.0);
    if value < 0.0 {
        out.push_str(" ago");
    }
}

/// Grafana's `toClock`: `01h:02m:03s:004ms`, of `decimals` + 1 parts.
pub(super) fn push_clock(out: &mut String, value_ms: f64, decimals: Option<u8>) {
    // Beyond a hundred million days JavaScript has no dates and Grafana says so.
    if value_ms.abs() > 8.64e15 {
        out.push_str("Invalid date");
        return;
    }
    let whole_ms = value_ms.trunc() as i64;
    let (ms, s, m) =
        (whole_ms.rem_euclid(1000), whole_ms.div_euclid(1000).rem_euclid(60), whole_ms.div_euclid(60_000));
    let m = m.rem_euclid(60);
    let parts = usize::from(decimals.unwrap_or(u8::MAX)).saturating_add(1);
    let _ = match (value_ms, parts) {
        (..1e3, _) => write!(out, "{ms:03}ms"),
        (..6e4, 1) => write!(out, "{s:02}s"),
        (..6e4, _) => write!(out, "{s:02}s:{ms:03}ms"),
        (..3.6e6, 1) => write!(out, "{m:02}m"),
        (..3.6e6, 2) => write!(out, "{m:02}m:{s:02}s"),
        (..3.6e6, _) => write!(out, "{m:02}m:{s:02}s:{ms:03}ms"),
        (_, parts) => {
            let _ = write!(out, "{}h", (value_ms / 3.6e6).floor());
            match parts {
                1 => Ok(()),
                2 => write!(out, ":{m:02}m"),
                3 => write!(out, ":{m:02}m:{s:02}s"),
                _ => write!(out, ":{m:02}m:{s:02}s:{ms:03}ms"),
            }
        }
    };
}
