//! The axis of time: ticks at round local times, each at its true column, labels that never overprint each other.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::put_symbol;
use super::scale::TimeScale;
use crate::text;
use crate::theme::Theme;
use crate::time_range::{Span, utc_offset_ms};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Blank cells between two labels, about.
const LABEL_GAP_CELLS: u16 = 2;
/// The same where rounding has moved them together: none is left out for that.
const LABEL_GAP_MIN_CELLS: u16 = 1;

/// Most ticks that are ever computed; a label takes four cells and a gap, and no terminal is wider than this.
const TICKS_LIMIT: usize = 1_000;

/// A distance of ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum TimeStep {
    /// A divisor of a day, or a day: multiples count from local midnight.
    Clock(i64),
    /// Days of the month 1, 1 + n, ... whose distance is at least this.
    Days(u32),
    Months(u32),
    Years(i32),
}

const STEPS: [TimeStep; 28] = [
    TimeStep::Clock(SECOND_MS),
    TimeStep::Clock(2 * SECOND_MS),
    TimeStep::Clock(5 * SECOND_MS),
    TimeStep::Clock(10 * SECOND_MS),
    TimeStep::Clock(15 * SECOND_MS),
    TimeStep::Clock(30 * SECOND_MS),
    TimeStep::Clock(MINUTE_MS),
    TimeStep::Clock(2 * MINUTE_MS),
    TimeStep::Clock(5 * MINUTE_MS),
    TimeStep::Clock(10 * MINUTE_MS),
    TimeStep::Clock(15 * MINUTE_MS),
    TimeStep::Clock(30 * MINUTE_MS),
    TimeStep::Clock(HOUR_MS),
    TimeStep::Clock(2 * HOUR_MS),
    TimeStep::Clock(3 * HOUR_MS),
    TimeStep::Clock(6 * HOUR_MS),
    TimeStep::Clock(12 * HOUR_MS),
    TimeStep::Days(1),
    TimeStep::Days(2),
    TimeStep::Days(7),
    TimeStep::Days(14),
    TimeStep::Months(1),
    TimeStep::Months(3),
    TimeStep::Months(6),
    TimeStep::Years(1),
    TimeStep::Years(2),
    TimeStep::Years(5),
    TimeStep::Years(10),
];

impl TimeStep {
    /// Its shortest length.
    fn len_ms(self) -> i64 {
        match self {
            Self::Clock(step_ms) => step_ms,
            Self::Days(days) => i64::from(days) * DAY_MS,
            Self::Months(months) => i64::from(months) * 28 * DAY_MS,
            Self::Years(years) => i64::from(years) * 365 * DAY_MS,
        }
    }

    /// Cells of its widest label.
    fn label_width(self) -> u16 {
        match self {
            Self::Clock(..MINUTE_MS) => 8,
            Self::Clock(_) | Self::Days(_) => 6,
            Self::Months(_) => 7,
            Self::Years(_) => 4,
        }
    }
}

/// A tick: its time and what is written under it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTick {
    /// Unix milliseconds.
    pub time_ms: i64,
    /// `14:30`, `14:30:15`, `Nov 22`, `2026-11` or `2026`.
    pub label: String,
}

/// Ticks at round times of `zone` over `span`, as close as their labels allow on `width` cells.
pub fn ticks(span: Span, zone: Tz, width: u16) -> Vec<TimeTick> {
    let ms_per_cell = span.len_ms() as f64 / f64::from(width.max(1));
    let has_room = |step: &&TimeStep| {
        step.len_ms() as f64 >= f64::from(step.label_width() + LABEL_GAP_CELLS) * ms_per_cell
    };
    let step = STEPS.iter().find(has_room).copied().unwrap_or(TimeStep::Years(10));
    ticks_by(span, zone, step)
}

/// Ticks at round times of `zone` over `span`, about `wanted` of them and at least two, where `limit` allows; `None`
/// where no round times do.
pub(super) fn few_ticks(span: Span, zone: Tz, wanted: u16, limit: u16) -> Option<Vec<TimeTick>> {
    let is_enough = |step: &TimeStep| span.len_ms() / step.len_ms() <= i64::from(wanted);
    let first = STEPS.iter().position(is_enough)?;
    // A finer step where the round one leaves one tick or none.
    let finer = (first.saturating_sub(2)..=first).rev().map(|place| ticks_by(span, zone, STEPS[place]));
    finer.into_iter().find(|ticks| ticks.len() >= 2).filter(|ticks| ticks.len() <= usize::from(limit))
}

fn ticks_by(span: Span, zone: Tz, step: TimeStep) -> Vec<TimeTick> {
    let mut ticks: Vec<TimeTick> = Vec::new();
    for local in round_local_times(span, zone, step) {
        let times = match zone.from_local_datetime(&local) {
            chrono::LocalResult::Single(time) => [Some(time), None],
            // The hour that occurs twice: both are that time.
            chrono::LocalResult::Ambiguous(first, second) => [Some(first), Some(second)],
            // The hour that is skipped: it is no time at all. A day still begins, an hour later.
            chrono::LocalResult::None if !matches!(step, TimeStep::Clock(_)) || begins_day(local) => {
                [zone.from_local_datetime(&(local + Duration::hours(1))).earliest(), None]
            }
            chrono::LocalResult::None => [None, None],
        };
        for time in times.into_iter().flatten() {
            let time_ms = time.timestamp_millis();
            if (span.start_ms..=span.end_ms).contains(&time_ms) && ticks.len() < TICKS_LIMIT {
                ticks.push(TimeTick { time_ms, label: label(local, step) });
            }
        }
    }
    ticks.sort_by_key(|tick| tick.time_ms);
    // Where a day begins at one o'clock, that is both; the date was found first.
    ticks.dedup_by_key(|tick| tick.time_ms);
    ticks
}

fn begins_day(local: NaiveDateTime) -> bool {
    local.time() == NaiveTime::MIN
}

/// All local times in `span`, and perhaps some around it, that are multiples of `step`.
fn round_local_times(span: Span, zone: Tz, step: TimeStep) -> Vec<NaiveDateTime> {
    let local_ms = |time_ms: i64| time_ms.saturating_add(utc_offset_ms(zone, time_ms));
    // As much more on either side as clocks are set back or forth within the span. No more: of the steps of an hour
    // there may be too many to get to the span.
    let set_ms = (utc_offset_ms(zone, span.end_ms) - utc_offset_ms(zone, span.start_ms)).abs();
    let start_ms = local_ms(span.start_ms).min(local_ms(span.end_ms)).saturating_sub(set_ms);
    let end_ms = local_ms(span.end_ms).max(local_ms(span.start_ms)).saturating_add(set_ms);
    let naive = |ms: i64| DateTime::from_timestamp_millis(ms).map(|time| time.naive_utc());
    let (Some(start), Some(end)) = (naive(start_ms), naive(end_ms)) else { return Vec::new() };
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
    let first_of_months = |months: u32| {
        let first = i64::from(start.year()) * 12 + i64::from(start.month0() / months * months);
        (0..TICKS_LIMIT as i64)
            .map(move |index| first + index * i64::from(months))
            .map_while(|month| {
                NaiveDate::from_ymd_opt(month.div_euclid(12) as i32, month.rem_euclid(12) as u32 + 1, 1)
            })
            .take_while(|date| midnight(*date) <= end)
    };
    match step {
        TimeStep::Clock(step_ms) => {
            let first_ms = start_ms.div_euclid(step_ms) * step_ms;
            let count = ((end_ms - first_ms) / step_ms).clamp(0, TICKS_LIMIT as i64);
            (0..=count).filter_map(|index| naive(first_ms + index * step_ms)).collect()
        }
        TimeStep::Days(days) => {
            // Counted from the first of each month, so that ticks stay while the window moves on.
            let is_tick = |date: &NaiveDate| {
                let left = days_in_month(*date) - date.day();
                date.day0().is_multiple_of(days) && (date.day() == 1 || left + 1 >= days.div_ceil(2))
            };
            start
                .date()
                .iter_days()
                .take_while(|date| midnight(*date) <= end)
                .take(31 * TICKS_LIMIT)
                .filter(is_tick)
                .map(midnight)
                .collect()
        }
        TimeStep::Months(months) => first_of_months(months).map(midnight).collect(),
        TimeStep::Years(years) => {
            first_of_months(12).filter(|date| date.year().rem_euclid(years) == 0).map(midnight).collect()
        }
    }
}

fn days_in_month(date: NaiveDate) -> u32 {
    let next = date.with_day(1).map(|first| first + Duration::days(31)).and_then(|next| next.with_day(1));
    next.and_then(|next| next.pred_opt()).map_or(31, |last| last.day())
}

fn label(local: NaiveDateTime, step: TimeStep) -> String {
    let format = match step {
        // Where a day begins, the date says more than 00:00.
        TimeStep::Clock(_) if begins_day(local) => "%b %-d",
        TimeStep::Clock(..MINUTE_MS) => "%H:%M:%S",
        TimeStep::Clock(_) => "%H:%M",
        TimeStep::Days(_) => "%b %-d",
        TimeStep::Months(_) => "%Y-%m",
        TimeStep::Years(_) => "%Y",
    };
    local.format(format).to_string()
}

/// The axis of time as it is drawn under a plot.
#[derive(Clone, Copy, Debug)]
pub struct TimeAxis {
    /// What it spans.
    pub span: Span,
    /// Whose clock it shows.
    pub zone: Tz,
    /// The columns of the plot's dots.
    pub scale: TimeScale,
    /// How many of them a cell has.
    pub columns_per_cell: u16,
    /// Cells to the left of the plot that labels may reach into, under the axis of values.
    pub left: u16,
}

impl TimeAxis {
    /// Draws into `area`, which lies under the plot, over the same columns. With two lines, the upper is a rule with
    /// a mark at every tick.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let has_rule = area.height >= 2;
        if has_rule {
            self.draw_rule(theme, area, buffer);
        }
        let y = area.y + u16::from(has_rule);
        let left = area.x.saturating_sub(self.left);
        let mut free_from = left;
        for tick in ticks(self.span, self.zone, area.width) {
            let Some(x) = self.cell(&tick, area) else { continue };
            let width = text::width(&tick.label) as u16;
            let start = x.saturating_sub(width / 2).min(area.right().saturating_sub(width)).max(left);
            // A label that the edge pushes aside still stands over its column.
            if start < free_from || start + width > area.right() || !(start..start + width).contains(&x) {
                continue;
            }
            text::put(buffer, start, y, &tick.label, width, theme.dim());
            free_from = start + width + LABEL_GAP_MIN_CELLS;
        }
    }

    fn draw_rule(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let (rule, mark, corner) = if theme.is_ascii() { ('-', '+', '+') } else { ('─', '┬', '└') };
        for x in area.left()..area.right() {
            put_symbol(buffer, x, area.y, rule, theme.rule());
        }
        if self.left > 0 && area.x > buffer.area.x {
            put_symbol(buffer, area.x - 1, area.y, corner, theme.rule());
        }
        for x in ticks(self.span, self.zone, area.width).iter().filter_map(|tick| self.cell(tick, area)) {
            put_symbol(buffer, x, area.y, mark, theme.rule());
        }
    }

    /// The cell column of a tick.
    fn cell(&self, tick: &TimeTick, area: Rect) -> Option<u16> {
        let column = u16::try_from(self.scale.column(tick.time_ms)).ok()?;
        let cell = column / self.columns_per_cell.max(1);
        (cell < area.width).then(|| area.x + cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T17:00:00Z, a Sunday.
    const EVENING_MS: i64 = 1_795_366_800_000;

    fn span(start_ms: i64, len_ms: i64) -> Span {
        Span { start_ms, end_ms: start_ms + len_ms }
    }

    fn labels(span: Span, zone: Tz, width: u16) -> String {
        ticks(span, zone, width).iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn drawn(span: Span, zone: Tz, width: u16, lines: u16) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width + 4, lines));
        let scale = TimeScale::new(span, 2 * width);
        let axis = TimeAxis { span, zone, scale, columns_per_cell: 2, left: 4 };
        axis.draw(&Theme::PLAIN, Rect::new(4, 0, width, lines), &mut buffer);
        crate::chart::picture(&buffer)
    }

    #[test]
    fn ticks_are_round_at_every_length() {
        let at = |minutes: i64| labels(span(EVENING_MS + 7_000, minutes * MINUTE_MS), Tz::UTC, 60);
        let day = 24 * 60;
        let lengths = [1, 15, 6 * 60, day, 3 * day, 30 * day, 365 * day, 20 * 365 * day];
        let expected = [
            "17:00:10 17:00:20 17:00:30 17:00:40 17:00:50 17:01:00",
            "17:02 17:04 17:06 17:08 17:10 17:12 17:14",
            "18:00 19:00 20:00 21:00 22:00 23:00",
            "18:00 Nov 23 06:00 12:00",
            "Nov 23 12:00 Nov 24 12:00 Nov 25 12:00",
            "Dec 1 Dec 8 Dec 15 Dec 22",
            "2027-01 2027-04 2027-07 2027-10",
            "2028 2030 2032 2034 2036 2038 2040 2042 2044 2046",
        ];
        assert_eq!(lengths.map(at), expected);
    }

    #[test]
    fn labels_stand_under_their_columns() {
        assert_eq!(
            drawn(span(EVENING_MS, 30 * MINUTE_MS), Tz::UTC, 40, 2),
            ["   └┬────────────┬────────────┬────────────┬", "  17:00        17:10        17:20      17:30"]
        );
        assert_eq!(drawn(span(EVENING_MS, 30 * MINUTE_MS), Tz::UTC, 12, 1), ["  17:00    17:30"]);
    }

    #[test]
    fn a_window_of_seconds_has_ticks() {
        let labels = |len_ms| labels(span(EVENING_MS, len_ms), Tz::Europe__Berlin, 40);
        assert_eq!(labels(10_000), "18:00:00 18:00:05 18:00:10");
        assert_eq!(labels(60_000), "18:00:00 18:00:15 18:00:30 18:00:45 18:01:00");
    }

    #[test]
    fn times_are_local() {
        let window = span(EVENING_MS, 12 * HOUR_MS);
        assert_eq!(labels(window, Tz::Asia__Kathmandu, 60), "Nov 23 02:00 04:00 06:00 08:00 10:00");
        assert_eq!(labels(window, Tz::America__New_York, 60), "12:00 14:00 16:00 18:00 20:00 22:00 Nov 23");
    }

    #[test]
    fn clocks_that_change_neither_shift_nor_repeat_ticks_wrongly() {
        // 2026-03-29 01:00Z: 02:00 becomes 03:00 in Berlin. 2026-10-25 01:00Z: 03:00 becomes 02:00.
        let spring = span(1_774_738_800_000, 6 * HOUR_MS);
        assert_eq!(labels(spring, Tz::Europe__Berlin, 60), "Mar 29 01:00 03:00 04:00 05:00 06:00 07:00");
        let autumn = span(1_792_879_200_000, 6 * HOUR_MS);
        assert_eq!(labels(autumn, Tz::Europe__Berlin, 60), "Oct 25 01:00 02:00 02:00 03:00 04:00 05:00");
    }

    #[test]
    fn a_day_without_midnight_begins_with_its_date_too() {
        // 2026-09-06 04:00Z: midnight becomes 01:00 in Santiago.
        let night = span(1_788_652_800_000, 6 * HOUR_MS);
        assert_eq!(labels(night, Tz::America__Santiago, 60), "20:00 21:00 22:00 23:00 Sep 6 02:00 03:00");
    }

    #[test]
    fn hostile_spans_do_not_panic() {
        const FAR_MS: i64 = 100_000_000_000_000;
        for (start_ms, end_ms) in
            [(0, 1), (-FAR_MS, FAR_MS), (FAR_MS - 1, FAR_MS), (-1, 0), (i64::MAX - 1, i64::MAX)]
        {
            for width in [0, 1, 5, 200, u16::MAX] {
                assert!(ticks(Span { start_ms, end_ms }, Tz::UTC, width).len() <= TICKS_LIMIT);
            }
        }
    }
}
