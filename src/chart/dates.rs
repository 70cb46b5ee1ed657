//! Ticks of an axis whose values are dates: at round times of the reader's zone, or at round ages.

use super::axis::Tick;
use super::steps::Steps;
use super::time_axis;
use crate::text;
use crate::time_range::Span;
use crate::unit::{Calendar, Unit};

/// Lines from one tick to the next, about.
const LINES_PER_TICK: u16 = 3;
/// Labels may take this part of the width; where whole dates would take more they say what tells them apart.
const WIDTH_PART: u16 = 3;
/// Coarser steps that are looked at until all ages read differently.
const COARSER_LIMIT: usize = 12;
/// JavaScript, and so Grafana, has no dates beyond this, in milliseconds.
const LAST_DATE_MS: f64 = 8.64e15;

/// Ticks from the dates `low` to `high`, Unix milliseconds, on an axis of `lines` lines of a chart of `width` cells;
/// `None` where there are no round dates between the two.
pub fn ticks(
    (low, high): (f64, f64),
    lines: u16,
    unit: &Unit,
    calendar: Calendar,
    width: u16,
) -> Option<Vec<Tick>> {
    if lines == 0 || low.abs().max(high.abs()) > LAST_DATE_MS {
        return None;
    }
    let wanted = (lines / LINES_PER_TICK).max(1);
    let ages = if unit.is_age() { ages((low, high), (wanted, lines), unit, calendar) } else { None };
    if ages.is_some() {
        return ages;
    }
    // Ages that read alike are told as dates.
    let iso = Unit::new("dateTimeAsIso");
    let unit = if unit.is_age() { &iso } else { unit };
    let span = Span { start_ms: low.ceil() as i64, end_ms: high.floor() as i64 };
    let times = time_axis::few_ticks(span, calendar.zone, wanted, lines)?;
    let whole = |time_ms: i64| unit.format_at(time_ms as f64, None, calendar);
    let is_long = |time_ms: i64| text::width(&whole(time_ms)) > usize::from(width / WIDTH_PART);
    // A pattern may leave out what tells the ticks apart, such as the hour.
    let is_short = times.iter().any(|time| is_long(time.time_ms))
        || times.windows(2).any(|pair| whole(pair[0].time_ms) == whole(pair[1].time_ms));
    let tick = |time: time_axis::TimeTick| Tick {
        value: time.time_ms as f64,
        label: if is_short { time.label } else { whole(time.time_ms) },
    };
    Some(times.into_iter().map(tick).collect())
}

/// Ticks at multiples of a round length of time from now.
fn ages(
    (low, high): (f64, f64),
    (wanted, limit): (u16, u16),
    unit: &Unit,
    calendar: Calendar,
) -> Option<Vec<Tick>> {
    let now = calendar.now_ms as f64;
    let steps = Steps::of(unit, low - now, high - now);
    let mut step = steps.at_least((high - low) / f64::from(wanted + 1));
    for _ in 0..COARSER_LIMIT {
        let size = step.size();
        let (first, last) = (((low - now) / size).ceil(), ((high - now) / size).floor());
        let count = (last - first).clamp(-1.0, f64::from(limit)) as i32;
        let values = (0..=count).map(|index| now + step.times(first + f64::from(index)));
        let tick = |value: f64| Tick { value, label: unit.format_at(value, None, calendar) };
        let ticks: Vec<Tick> = values.map(tick).collect();
        let differ = ticks.windows(2).all(|pair| pair[0].label != pair[1].label);
        if ticks.len() < 2 {
            return None;
        }
        if differ && ticks.len() <= usize::from(limit) {
            return Some(ticks);
        }
        step = steps.at_least(size * 1.1);
    }
    None
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    /// 2026-11-22T17:00:00Z
    const EVENING_MS: i64 = 1_795_366_800_000;
    const MINUTE_MS: i64 = 60_000;
    const HOUR_MS: i64 = 60 * MINUTE_MS;

    fn labels(unit: &str, low_ms: i64, high_ms: i64, lines: u16, width: u16) -> String {
        let calendar = Calendar { zone: Tz::Europe__Berlin, now_ms: EVENING_MS + HOUR_MS };
        let range = (low_ms as f64, high_ms as f64);
        let ticks = ticks(range, lines, &Unit::new(unit), calendar, width).unwrap_or_default();
        ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn dates_are_round_where_the_reader_is() {
        let day = |unit, lines, width| labels(unit, EVENING_MS - 24 * HOUR_MS, EVENING_MS, lines, width);
        assert_eq!(
            day("dateTimeAsIso", 9, 80),
            "2026-11-22 00:00:00 | 2026-11-22 12:00:00",
            "midnight and noon of Berlin"
        );
        assert_eq!(day("dateTimeAsIso", 9, 38), "Nov 22 | 12:00");
        assert_eq!(day("time:YYYY-MM-DD HH:mm", 4, 80), "2026-11-22 00:00 | 2026-11-22 12:00");
        assert_eq!(day("time:MMM D", 9, 80), "Nov 22 | 12:00", "what tells them apart");
        let minutes = labels("dateTimeAsUS", EVENING_MS, EVENING_MS + 10 * MINUTE_MS, 8, 80);
        assert_eq!(minutes, "11/22/2026 6:00:00 pm | 11/22/2026 6:05:00 pm | 11/22/2026 6:10:00 pm");
    }

    #[test]
    fn ages_are_round_and_differ() {
        let ages = |ago_ms: i64, lines| {
            labels("dateTimeFromNow", EVENING_MS + HOUR_MS - ago_ms, EVENING_MS + HOUR_MS, lines, 80)
        };
        assert_eq!(ages(3 * HOUR_MS, 9), "3 hours ago | 2 hours ago | an hour ago | a few seconds ago");
        assert_eq!(ages(72 * HOUR_MS, 9), "3 days ago | 2 days ago | a day ago | a few seconds ago");
        assert_eq!(ages(2_000, 9), "2026-11-22 18:59:58 | 2026-11-22 18:59:59 | 2026-11-22 19:00:00");
    }

    #[test]
    fn hostile_ranges_have_no_round_dates() {
        for (low, high) in [(0.0, 1.0), (-1e300, 1e300), (-8.64e15, 8.64e15), (1e15, 1e15 + 0.5)] {
            for unit in ["dateTimeAsIso", "dateTimeFromNow", "time:[x]"] {
                let calendar = Calendar { zone: Tz::UTC, now_ms: EVENING_MS };
                for lines in [0, 1, 2, 50] {
                    let ticks = ticks((low, high), lines, &Unit::new(unit), calendar, 80);
                    assert!(ticks.is_none_or(|ticks| ticks.len() <= usize::from(lines)));
                }
            }
        }
    }
}
