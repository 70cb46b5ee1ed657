//! Time: ranges such as `now-6h`, zoom and pan, durations, and the step and alignment of a range query.
//!
//! Grafana's rules, as its sources state them: `roundInterval` (packages/grafana-data, datetime/rangeutil.ts),
//! `calculatePrometheusInterval`, `calculateRateInterval` and `AlignTimeRange` (pkg/promlib/models/query.go).

use std::fmt;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use thiserror::Error;

/// Scrape interval assumed where neither the dashboard nor the data source gives one (Grafana's default).
pub const DEFAULT_SCRAPE_INTERVAL_MS: i64 = 15_000;

/// Points a range query may ask for; Prometheus refuses more than 11,000 a series.
pub const POINTS_LIMIT: i64 = 11_000;

/// Longest duration that is read: 100 years. Keeps all arithmetic far from overflow.
pub const DURATION_LIMIT_MS: i64 = 100 * 365 * DAY_MS;

/// Shortest window that zooming in reaches.
pub const SPAN_MIN_MS: i64 = 10_000;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What is wrong with a written duration or time, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Not a Prometheus duration.
    #[error("{0:?} is not a duration; write numbers with units such as 30s, 5m, 1h30m, 7d")]
    Duration(String),
    /// Neither relative to now nor absolute.
    #[error(
        "{0:?} is not a time; write now, now-6h, now/d, 2026-01-31 14:00:00, 2026-01-31T14:00:00Z or Unix seconds"
    )]
    Time(String),
    /// The range would be empty or run backwards.
    #[error("the range from {from:?} to {to:?} is empty; from must lie before to")]
    Empty {
        /// The start as written.
        from: String,
        /// The end as written.
        to: String,
    },
    /// The range is shorter than [`SPAN_MIN_MS`].
    #[error("a range of {} is too short; 10s is the least that is shown", format_duration(*.0))]
    Short(i64),
}

/// Reads a Prometheus duration (`90s`, `1h30m`, `2w`; a bare number is seconds) into milliseconds, always above 0.
pub fn parse_duration_ms(text: &str) -> Result<i64, TimeError> {
    let error = || TimeError::Duration(text.to_owned());
    let mut rest = text.trim();
    let mut total_ms = 0_f64;
    if rest.is_empty() {
        return Err(error());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| error())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit_ms = match &rest[..letters] {
            "ms" => 1,
            "s" => SECOND_MS,
            "m" => MINUTE_MS,
            "h" => HOUR_MS,
            "d" => DAY_MS,
            "w" => 7 * DAY_MS,
            "y" => 365 * DAY_MS,
            "" if digits == text.trim().len() => SECOND_MS,
            _ => return Err(error()),
        };
        rest = &rest[letters..];
        total_ms += number * unit_ms as f64;
    }
    if (1.0..=DURATION_LIMIT_MS as f64).contains(&total_ms) {
        Ok(total_ms.round() as i64)
    } else {
        Err(error())
    }
}

/// Writes a duration as Prometheus does: `1h30m`, `15s`, `250ms`; 0 is `0s`.
pub fn format_duration(duration_ms: i64) -> String {
    let mut rest = duration_ms.max(0);
    let mut text = String::new();
    for (unit_ms, unit) in [(DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s"), (1, "ms")] {
        if rest >= unit_ms {
            text.push_str(&(rest / unit_ms).to_string());
            text.push_str(unit);
            rest %= unit_ms;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// An age for people, of one unit: `4s`, `12m`, `3h`, `9d`.
pub fn format_age(age_ms: i64) -> String {
    let age_ms = age_ms.max(0);
    let (unit_ms, unit) = match age_ms {
        ..MINUTE_MS => (SECOND_MS, "s"),
        MINUTE_MS..HOUR_MS => (MINUTE_MS, "m"),
        HOUR_MS..DAY_MS => (HOUR_MS, "h"),
        _ => (DAY_MS, "d"),
    };
    format!("{}{unit}", age_ms / unit_ms)
}

/// The time of day in `zone`, `14:03:05`; with the date before it when that is not the day of `today_ms`.
pub fn format_clock(time_ms: i64, zone: Tz, today_ms: i64) -> String {
    let local = |ms: i64| DateTime::<Utc>::from_timestamp_millis(ms).map(|utc| utc.with_timezone(&zone));
    let Some(time) = local(time_ms) else { return format!("{time_ms} ms") };
    let same_day = local(today_ms).is_some_and(|today| today.date_naive() == time.date_naive());
    time.format(if same_day { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}

/// What a clock in `zone` shows at `time_ms`: `UTC`, `CEST`, `+0545`.
pub fn zone_name(zone: Tz, time_ms: i64) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(time_ms).map(|utc| utc.with_timezone(&zone));
    time.map_or_else(|| zone.name().to_owned(), |time| time.format("%Z").to_string())
}

/// One end of a range as a person wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimePoint {
    /// `now`, `now-6h`, `now-1d/d`: an offset, then perhaps rounding down (for an end: up) to a unit.
    Relative {
        /// Added to now; at or below 0 for the past.
        offset_ms: i64,
        /// Rounding to a calendar unit.
        round: Option<CalendarUnit>,
    },
    /// A fixed time, Unix milliseconds.
    Absolute(i64),
}

/// What `/d` and the like round to, in the display time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarUnit {
    /// `/m`
    Minute,
    /// `/h`
    Hour,
    /// `/d`
    Day,
    /// `/w`, starting on Monday
    Week,
    /// `/M`
    Month,
    /// `/y`
    Year,
}

impl TimePoint {
    /// Reads `now-6h/d`, RFC 3339, `YYYY-MM-DD[ HH:MM[:SS]]` in `zone`, or Unix seconds.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, TimeError> {
        let error = || TimeError::Time(text.to_owned());
        let trimmed = text.trim();
        if let Some(rest) = trimmed.strip_prefix("now") {
            return parse_relative(rest).ok_or_else(error);
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(trimmed) {
            return Ok(Self::Absolute(time.timestamp_millis()));
        }
        if let Ok(seconds) = trimmed.parse::<f64>()
            && seconds.abs() < 1e11
        {
            return Ok(Self::Absolute((seconds * 1000.0).round() as i64));
        }
        let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(trimmed, format).ok())
            .or_else(|| NaiveDate::parse_from_str(trimmed, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))
            .ok_or_else(error)?;
        Ok(Self::Absolute(local_ms(local, zone)))
    }

    /// The moment it means at `now_ms`, Unix milliseconds; an end is rounded up where a start is rounded down.
    pub fn resolve(&self, now_ms: i64, zone: Tz, is_end: bool) -> i64 {
        match *self {
            Self::Absolute(time_ms) => time_ms,
            Self::Relative { offset_ms, round } => {
                let time_ms = now_ms.saturating_add(offset_ms);
                round.map_or(time_ms, |unit| round_to(time_ms, unit, zone, is_end))
            }
        }
    }
}

impl fmt::Display for TimePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absolute(time_ms) => match DateTime::from_timestamp_millis(*time_ms) {
                Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%SZ")),
                None => write!(f, "{time_ms}"),
            },
            Self::Relative { offset_ms, round } => {
                f.write_str("now")?;
                if *offset_ms != 0 {
                    let sign = if *offset_ms < 0 { '-' } else { '+' };
                    write!(f, "{sign}{}", format_duration(offset_ms.abs()))?;
                }
                match round {
                    None => Ok(()),
                    Some(CalendarUnit::Minute) => f.write_str("/m"),
                    Some(CalendarUnit::Hour) => f.write_str("/h"),
                    Some(CalendarUnit::Day) => f.write_str("/d"),
                    Some(CalendarUnit::Week) => f.write_str("/w"),
                    Some(CalendarUnit::Month) => f.write_str("/M"),
                    Some(CalendarUnit::Year) => f.write_str("/y"),
                }
            }
        }
    }
}

/// Reads what stands behind `now`: `-6h`, `/d`, `-1d/d`.
fn parse_relative(rest: &str) -> Option<TimePoint> {
    let (offset, unit) = match rest.split_once('/') {
        Some((offset, unit)) => (offset.trim(), Some(unit.trim())),
        None => (rest.trim(), None),
    };
    let round = match unit {
        None => None,
        Some("m") => Some(CalendarUnit::Minute),
        Some("h") => Some(CalendarUnit::Hour),
        Some("d") => Some(CalendarUnit::Day),
        Some("w") => Some(CalendarUnit::Week),
        Some("M") => Some(CalendarUnit::Month),
        Some("y") => Some(CalendarUnit::Year),
        Some(_) => return None,
    };
    let offset_ms = if offset.is_empty() {
        0
    } else {
        let sign = match offset.as_bytes()[0] {
            b'-' => -1,
            b'+' => 1,
            _ => return None,
        };
        sign * parse_duration_ms(offset[1..].trim()).ok().filter(|_| !offset[1..].trim().is_empty())?
    };
    Some(TimePoint::Relative { offset_ms, round })
}

/// Local wall time to Unix milliseconds; in the hour that occurs twice the first, in one that is skipped the next.
fn local_ms(local: NaiveDateTime, zone: Tz) -> i64 {
    zone.from_local_datetime(&local)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(local + Duration::hours(1))).earliest())
        .map_or_else(|| local.and_utc().timestamp_millis(), |time| time.timestamp_millis())
}

fn round_to(time_ms: i64, unit: CalendarUnit, zone: Tz, up: bool) -> i64 {
    let Some(utc) = DateTime::<Utc>::from_timestamp_millis(time_ms) else { return time_ms };
    let local = utc.with_timezone(&zone).naive_local();
    let date = local.date();
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0).unwrap_or(local);
    let (start, next) = match unit {
        CalendarUnit::Minute | CalendarUnit::Hour => {
            let step_ms = if unit == CalendarUnit::Minute { MINUTE_MS } else { HOUR_MS };
            let offset_ms = utc_offset_ms(zone, time_ms);
            let start_ms = (time_ms + offset_ms).div_euclid(step_ms) * step_ms - offset_ms;
            return if up { start_ms + step_ms - 1 } else { start_ms };
        }
        CalendarUnit::Day => (midnight(date), midnight(date) + Duration::days(1)),
        CalendarUnit::Week => {
            let monday = midnight(date) - Duration::days(i64::from(date.weekday().num_days_from_monday()));
            (monday, monday + Duration::days(7))
        }
        CalendarUnit::Month => {
            let first = midnight(date.with_day(1).unwrap_or(date));
            (first, midnight((first + Duration::days(32)).date().with_day(1).unwrap_or(date)))
        }
        CalendarUnit::Year => {
            let first = midnight(NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap_or(date));
            (first, midnight(NaiveDate::from_ymd_opt(date.year() + 1, 1, 1).unwrap_or(date)))
        }
    };
    if up { local_ms(next, zone) - 1 } else { local_ms(start, zone) }
}

/// The offset of `zone` from UTC at `time_ms`, milliseconds, east positive.
pub fn utc_offset_ms(zone: Tz, time_ms: i64) -> i64 {
    use chrono::Offset;
    DateTime::<Utc>::from_timestamp_millis(time_ms).map_or(0, |utc| {
        i64::from(zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()) * SECOND_MS
    })
}

/// A resolved window of time, Unix milliseconds; `start_ms < end_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Left end.
    pub start_ms: i64,
    /// Right end.
    pub end_ms: i64,
}

impl Span {
    /// Its length, at least 1.
    pub fn len_ms(&self) -> i64 {
        (self.end_ms - self.start_ms).max(1)
    }
}

impl From<Span> for Window {
    fn from(span: Span) -> Self {
        Self { span_ms: span.len_ms(), shift_ms: 0 }
    }
}

/// A part of time by its place before a moment that moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Length.
    pub span_ms: i64,
    /// From its right end to the moment.
    pub shift_ms: i64,
}

impl Window {
    /// Where it lies when the moment is `end_ms`.
    pub fn ending_at(self, end_ms: i64) -> Span {
        let end_ms = end_ms.saturating_sub(self.shift_ms);
        Span { start_ms: end_ms.saturating_sub(self.span_ms), end_ms }
    }
}

/// A range as a person set it, such as `now-15m` to `now`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// Left end.
    pub from: TimePoint,
    /// Right end.
    pub to: TimePoint,
}

impl TimeRange {
    /// The last `span_ms` up to now.
    pub const fn last(span_ms: i64) -> Self {
        Self {
            from: TimePoint::Relative { offset_ms: -span_ms, round: None },
            to: TimePoint::Relative { offset_ms: 0, round: None },
        }
    }

    /// Reads both ends; fails when the range would be empty seen from `now_ms`.
    pub fn parse(from: &str, to: &str, now_ms: i64, zone: Tz) -> Result<Self, TimeError> {
        let range = Self { from: TimePoint::parse(from, zone)?, to: TimePoint::parse(to, zone)? };
        if range.from.resolve(now_ms, zone, false) >= range.to.resolve(now_ms, zone, true) {
            return Err(TimeError::Empty { from: from.to_owned(), to: to.to_owned() });
        }
        Ok(range)
    }

    /// The window it means at `now_ms`.
    pub fn resolve(&self, now_ms: i64, zone: Tz) -> Span {
        let start_ms = self.from.resolve(now_ms, zone, false);
        let end_ms = self.to.resolve(now_ms, zone, true).max(start_ms + 1);
        Span { start_ms, end_ms }
    }

    /// Whether its right end moves with the clock, so that refreshing can bring something new.
    pub fn follows_now(&self) -> bool {
        matches!(self.to, TimePoint::Relative { .. })
    }

    /// Half or double the window: about its middle, or up to now while the right end is now.
    #[must_use]
    pub fn zoom(&self, factor: f64, now_ms: i64, zone: Tz) -> Self {
        let span = self.resolve(now_ms, zone);
        let len_ms = ((span.len_ms() as f64 * factor) as i64).clamp(SPAN_MIN_MS, DURATION_LIMIT_MS / 10);
        if self.to == (TimePoint::Relative { offset_ms: 0, round: None }) {
            return Self::last(len_ms);
        }
        let middle_ms = i64::midpoint(span.start_ms, span.end_ms);
        Self {
            from: TimePoint::Absolute(middle_ms - len_ms / 2),
            to: TimePoint::Absolute(middle_ms - len_ms / 2 + len_ms),
        }
    }

    /// Moves the window by `fraction` of its length, to the left when negative. It becomes absolute; moved right
    /// over the present it follows now again.
    #[must_use]
    pub fn shift(&self, fraction: f64, now_ms: i64, zone: Tz) -> Self {
        let span = self.resolve(now_ms, zone);
        let by_ms = (span.len_ms() as f64 * fraction) as i64;
        if span.end_ms + by_ms >= now_ms {
            return Self::last(span.len_ms());
        }
        Self {
            from: TimePoint::Absolute(span.start_ms + by_ms),
            to: TimePoint::Absolute(span.end_ms + by_ms),
        }
    }
}

/// `Last 15m`, or `from to to` as written.
impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.to) {
            (
                TimePoint::Relative { offset_ms, round: None },
                TimePoint::Relative { offset_ms: 0, round: None },
            ) => write!(f, "last {}", format_duration(-offset_ms)),
            (from, to) => write!(f, "{from} to {to}"),
        }
    }
}

/// Grafana's ladder of round intervals (`roundInterval`).
pub fn round_interval_ms(interval_ms: i64) -> i64 {
    const LADDER: [(i64, i64); 30] = [
        (10, 1),
        (15, 10),
        (35, 20),
        (75, 50),
        (150, 100),
        (350, 200),
        (750, 500),
        (1_500, 1_000),
        (3_500, 2_000),
        (7_500, 5_000),
        (12_500, 10_000),
        (17_500, 15_000),
        (25_000, 20_000),
        (45_000, 30_000),
        (90_000, MINUTE_MS),
        (210_000, 2 * MINUTE_MS),
        (450_000, 5 * MINUTE_MS),
        (750_000, 10 * MINUTE_MS),
        (1_050_000, 15 * MINUTE_MS),
        (1_500_000, 20 * MINUTE_MS),
        (2_700_000, 30 * MINUTE_MS),
        (5_400_000, HOUR_MS),
        (9_000_000, 2 * HOUR_MS),
        (16_200_000, 3 * HOUR_MS),
        (32_400_000, 6 * HOUR_MS),
        (DAY_MS, 12 * HOUR_MS),
        (7 * DAY_MS, DAY_MS),
        (21 * DAY_MS, 7 * DAY_MS),
        (42 * DAY_MS, 30 * DAY_MS),
        (i64::MAX, 365 * DAY_MS),
    ];
    LADDER.iter().find(|(below, _)| interval_ms < *below).map_or(365 * DAY_MS, |(_, round)| *round)
}

/// The intervals of one query, all in milliseconds, from which `$__interval` and the like are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Intervals {
    /// Step of the range query, and `$__interval`.
    pub step_ms: i64,
    /// `$__rate_interval`.
    pub rate_ms: i64,
    /// `$__range`.
    pub range_ms: i64,
}

impl Intervals {
    /// The step for a window of `range_ms` drawn `max_points` wide. `min_step_ms` is the query's own least step,
    /// which also stands for the scrape interval in `$__rate_interval`, as in Grafana.
    pub fn new(range_ms: i64, max_points: u16, min_step_ms: Option<i64>, scrape_interval_ms: i64) -> Self {
        Self::of_panel(range_ms, max_points, (min_step_ms, None), scrape_interval_ms)
    }

    /// The same where the panel may have a least interval of its own, `min_interval_ms`: that stands in for the scrape
    /// interval as the least step, but never as the scrape interval of `$__rate_interval`.
    pub fn of_panel(
        range_ms: i64,
        max_points: u16,
        (min_step_ms, min_interval_ms): (Option<i64>, Option<i64>),
        scrape_interval_ms: i64,
    ) -> Self {
        let range_ms = range_ms.max(1);
        let scrape_ms = scrape_interval_ms.max(1);
        let calculated_ms = range_ms / i64::from(max_points.max(1));
        let front_end_ms = round_interval_ms(calculated_ms).max(min_interval_ms.unwrap_or(scrape_ms).max(1));
        let min_ms = min_step_ms.unwrap_or(front_end_ms).max(1);
        let step_ms = if calculated_ms < min_ms { min_ms } else { round_interval_ms(calculated_ms) };
        let rate_base_ms = min_step_ms.unwrap_or(scrape_ms).max(1);
        Self {
            step_ms: step_ms.max(round_interval_ms(range_ms / POINTS_LIMIT)),
            rate_ms: (front_end_ms + rate_base_ms).max(4 * rate_base_ms),
            range_ms,
        }
    }
}

/// Rounds `time_ms` down to a multiple of the step in local time (`offset_ms` east of UTC), so that a window that
/// moves on keeps asking for the same points.
pub fn align_down_ms(time_ms: i64, step_ms: i64, offset_ms: i64) -> i64 {
    (time_ms + offset_ms).div_euclid(step_ms) * step_ms - offset_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_780_000_000_000; // 2026-05-28T20:26:40Z

    #[test]
    fn durations_read_and_write() {
        assert_eq!(parse_duration_ms("1h30m"), Ok(5_400_000));
        assert_eq!(parse_duration_ms("90"), Ok(90_000));
        assert_eq!(parse_duration_ms("1.5s"), Ok(1_500));
        for bad in ["", "0s", "m", "5x", "-5m", "1h 30m", "1e3s", "9999y", "5m3"] {
            assert_eq!(parse_duration_ms(bad), Err(TimeError::Duration(bad.to_owned())), "{bad}");
        }
        assert_eq!(format_duration(5_400_000), "1h30m");
        assert_eq!(format_duration(250), "250ms");
        assert_eq!(format_duration(0), "0s");
    }

    #[test]
    fn ranges_resolve() {
        let span =
            |from, to, zone| TimeRange::parse(from, to, NOW_MS, zone).expect(from).resolve(NOW_MS, zone);
        assert_eq!(span("now-15m", "now", Tz::UTC), Span { start_ms: NOW_MS - 900_000, end_ms: NOW_MS });
        // 20:26:40Z is 22:26:40 in Berlin, whose day began at 22:00Z the day before.
        let today = span("now/d", "now/d", Tz::Europe__Berlin);
        assert_eq!(today.start_ms, 1_779_919_200_000);
        assert_eq!(today.end_ms, today.start_ms + DAY_MS - 1);
        assert_eq!(
            span("2026-05-28 20:00", "2026-05-28T20:26:40Z", Tz::UTC),
            Span { start_ms: NOW_MS - 1_600_000, end_ms: NOW_MS }
        );
        assert!(matches!(TimeRange::parse("now", "now-1h", NOW_MS, Tz::UTC), Err(TimeError::Empty { .. })));
        for bad in ["noww", "now-", "yesterday", "now-5m/q", "2026-13-01"] {
            assert!(TimePoint::parse(bad, Tz::UTC).is_err(), "{bad}");
        }
    }

    #[test]
    fn zoom_and_shift_keep_following_now_where_they_can() {
        let range = TimeRange::last(900_000);
        assert_eq!(range.zoom(2.0, NOW_MS, Tz::UTC), TimeRange::last(1_800_000));
        let earlier = range.shift(-0.5, NOW_MS, Tz::UTC);
        assert_eq!(
            earlier.resolve(NOW_MS, Tz::UTC),
            Span { start_ms: NOW_MS - 1_350_000, end_ms: NOW_MS - 450_000 }
        );
        assert!(!earlier.follows_now());
        assert_eq!(earlier.shift(0.5, NOW_MS, Tz::UTC), range);
        assert_eq!(TimeRange::last(SPAN_MIN_MS).zoom(0.5, NOW_MS, Tz::UTC), TimeRange::last(SPAN_MIN_MS));
    }

    #[test]
    fn steps_follow_grafana() {
        // 15m over 90 points is 10 s, which lies below a scrape interval of 15 s: that one, unrounded.
        assert_eq!(Intervals::new(900_000, 90, None, 15_000).step_ms, 15_000);
        assert_eq!(Intervals::new(900_000, 90, None, 5_000).step_ms, 10_000);
        assert_eq!(Intervals::new(900_000, 90, None, 5_000).rate_ms, 20_000);
        assert_eq!(Intervals::new(900_000, 90, Some(60_000), 5_000).rate_ms, 240_000);
        assert_eq!(Intervals::new(6 * HOUR_MS, 90, None, 5_000).step_ms, 5 * MINUTE_MS);
        // A panel's own least interval raises the step, and leaves the scrape interval as it is.
        let of_panel = |ms| Intervals::of_panel(900_000, 900, (None, Some(ms)), 15_000);
        assert_eq!((of_panel(5_000).step_ms, of_panel(5_000).rate_ms), (5_000, 60_000));
        assert_eq!((of_panel(60_000).step_ms, of_panel(60_000).rate_ms), (60_000, 75_000));
        // A window of a year with a wide panel still stays under Prometheus's limit of points.
        let year = Intervals::new(365 * DAY_MS, u16::MAX, None, 1_000);
        assert!(365 * DAY_MS / year.step_ms <= POINTS_LIMIT);
    }

    #[test]
    fn the_ladder_of_intervals() {
        for (interval_ms, round_ms) in
            [(9, 1), (10, 10), (1_499, 1_000), (1_500, 2_000), (89_999, 60_000), (90_000, 120_000)]
        {
            assert_eq!(round_interval_ms(interval_ms), round_ms, "{interval_ms}");
        }
    }

    #[test]
    fn alignment_is_in_local_time() {
        assert_eq!(align_down_ms(17_000, 5_000, 0), 15_000);
        assert_eq!(align_down_ms(-1, 5_000, 0), -5_000);
        assert_eq!(align_down_ms(DAY_MS, DAY_MS, 2 * HOUR_MS), DAY_MS - 2 * HOUR_MS);
    }
}
