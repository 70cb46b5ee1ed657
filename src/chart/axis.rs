//! The axis of values: its range, its ticks, and how they are drawn; at the left or at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dates;
use super::label::{self, needs};
use super::log;
use super::put_symbol;
use super::scale::ValueScale;
use super::steps::{Step, Steps};
use crate::field::{AxisScale, AxisSide};
use crate::text;
use crate::theme::Theme;
use crate::unit::{Calendar, Unit};

/// Most decimals of a label of time; a longer step is taken instead, if it still gives two ticks.
const TIME_DECIMALS_LIMIT: u8 = 2;
/// An axis of as many lines or fewer has only the labels of its ends where those between would not lie evenly: half of
/// the axis a third of the way up would be misread.
const EVEN_UP_TO_LINES: u16 = 5;
/// Lines from one tick to the next, about.
const LINES_PER_TICK: u16 = 3;
/// Most ticks of an axis.
const TICKS_LIMIT: u16 = 12;
/// Series whose values differ by less than this part of them are constant: the rest is noise of arithmetic.
const CONSTANT_BELOW: f64 = 1e-12;
/// Shortest range of an axis; what differs by less is drawn as constant.
const SPAN_MIN: f64 = 1e-290;
/// Part of the data's range by which it may lie above zero for the axis to begin at zero.
const NEAR_ZERO: f64 = 0.1;
/// What an axis of dates shows on either side of a constant: an hour, in milliseconds.
const AROUND_DATE: f64 = 3_600_000.0;
/// Bounds beyond this are handled as a fraction of themselves, so that no arithmetic on them overflows.
const LARGE: f64 = 1e300;

/// What bounds an axis besides the data.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Fixed low end.
    pub min: Option<f64>,
    /// Fixed high end.
    pub max: Option<f64>,
    /// Low end unless the data lies lower.
    pub soft_min: Option<f64>,
    /// High end unless the data lies higher.
    pub soft_max: Option<f64>,
    /// Zero is on the axis, unless that is logarithmic: for bars, areas and stacks, whose size means something.
    pub zero: bool,
    /// How values are spread.
    pub scale: AxisScale,
}

impl Limits {
    /// The hard limits, each with the soft one in its place where there is none and the data from `low` to `high` allows.
    pub(super) fn fixed(&self, (low, high): (f64, f64)) -> (Option<f64>, Option<f64>) {
        let hard_min = self.min.filter(|min| min.is_finite());
        let hard_max = self.max.filter(|max| max.is_finite() && hard_min.is_none_or(|min| min < *max));
        let soft_min = self.soft_min.filter(|min| min.is_finite() && *min <= low);
        let min = hard_min.or(soft_min.filter(|min| hard_max.is_none_or(|max| *min < max)));
        let soft_max = self.soft_max.filter(|max| max.is_finite() && *max >= high);
        (min, hard_max.or(soft_max.filter(|max| min.is_none_or(|min| min < *max))))
    }
}

/// The range of an axis for data of this extent; `None` when there is neither data nor both limits.
///
/// The data decides, and zero joins in where it is near. A constant lies in the middle of a range that begins at
/// zero; zero itself lies at the bottom of 0 to 1. The ends move in round steps, so that an axis does not creep
/// with every refresh. Dates have no zero that would mean anything: the year 1970 is on no axis that has no data there.
pub fn range(extent: Option<(f64, f64)>, limits: Limits, unit: &Unit) -> Option<(f64, f64)> {
    if limits.scale != AxisScale::Linear {
        return log::range(extent, limits);
    }
    // Without data only hard limits make an axis.
    let (fixed_min, fixed_max) = limits.fixed(extent.unwrap_or((f64::NAN, f64::NAN)));
    if let (Some(min), Some(max)) = (fixed_min, fixed_max) {
        return Some((min, max));
    }
    let (mut low, mut high) = extent?;
    let is_date = unit.is_date();
    if limits.zero && !is_date {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    (low, high) = (fixed_min.unwrap_or(low), fixed_max.unwrap_or(high));
    let magnitude = low.abs().max(high.abs());
    if high / 2.0 - low / 2.0 <= (magnitude * CONSTANT_BELOW).max(SPAN_MIN) / 2.0 {
        // All values are one, or a fixed end leaves no room on its side of them.
        let around = match magnitude {
            // What is constant but for noise has all of it on the axis.
            _ if is_date => AROUND_DATE.max(high - low).max(magnitude * f64::EPSILON * 4.0),
            ..SPAN_MIN => 1.0,
            _ => magnitude,
        };
        return Some(match (fixed_min, fixed_max) {
            (Some(min), _) => (min, (min + around).min(f64::MAX)),
            (_, Some(max)) => ((max - around).max(-f64::MAX), max),
            _ if is_date => ((low - around).max(-f64::MAX), (high + around).min(f64::MAX)),
            _ if magnitude < SPAN_MIN => (0.0, 1.0),
            _ if low >= 0.0 => (0.0, (2.0 * magnitude).min(f64::MAX)),
            _ => ((-2.0 * magnitude).max(-f64::MAX), 0.0),
        });
    }
    if low > 0.0 && !is_date && fixed_min.is_none() && low <= NEAR_ZERO * (high - low) {
        low = 0.0;
    }
    if magnitude >= LARGE {
        return Some((low, high));
    }
    let step = Steps::of(unit, low, high).at_least((high - low) / 20.0);
    let down = step.times((low / step.size() + 1e-9).floor());
    let up = step.times((high / step.size() - 1e-9).ceil());
    Some((fixed_min.unwrap_or(down.min(low)), fixed_max.unwrap_or(up.max(high))))
}

/// A value on the axis and what is written beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub value: f64,
    /// What.
    pub label: String,
}

/// Round ticks from `low` to `high` on an axis of `lines` lines, lowest first; where possible at least two, since one
/// makes no scale.
pub fn ticks(low: f64, high: f64, lines: u16, unit: &Unit, decimals: Option<u8>) -> Vec<Tick> {
    if lines == 0 || low >= high || !low.is_finite() || !high.is_finite() {
        return Vec::new();
    }
    if unit.is_bool() {
        // Between the two words there is nothing, and beyond them nothing new.
        let both = [0.0, 1.0].into_iter().filter(|value| (low..=high).contains(value));
        return both.map(|value| Tick { value, label: unit.format(value, decimals) }).collect();
    }
    let magnitude = low.abs().max(high.abs());
    let shrink = if magnitude > LARGE { 1e-10 } else { 1.0 };
    let (small_low, small_high) = (low * shrink, high * shrink);
    let steps = Steps::of(unit, low, high);
    let wanted = (lines / LINES_PER_TICK + 1).clamp(2, TICKS_LIMIT);
    let mut step = steps.at_least(((small_high - small_low) / f64::from(wanted)).max(f64::MIN_POSITIVE));
    let at = |step: Step| -> Vec<f64> {
        multiples(small_low, small_high, step).map(|value| (value / shrink).clamp(low, high)).collect()
    };
    // A finer step until there are two ticks, as long as they keep to lines of their own.
    let mut values = at(step);
    for _ in 0..3 {
        let finer_step = steps.at_least(step.size() / 2.6);
        let finer = at(finer_step);
        let lines_apart = finer_step.size() / (small_high - small_low) * f64::from(lines);
        if values.len() >= 2 {
            break;
        }
        // With one at each end there is one more than there are distances.
        let has_room = |ticks: &[f64]| ticks.len() <= usize::from(lines);
        if lines_apart < 0.99 || !has_room(&finer) {
            // Every other of them may keep apart: less round, but a scale.
            let doubled = at(finer_step.doubled());
            if doubled.len() >= 2 && has_room(&doubled) && 2.0 * lines_apart >= 0.99 {
                (step, values) = (finer_step.doubled(), doubled);
            }
            break;
        }
        (step, values) = (finer_step, finer);
    }
    while steps.are_of_time()
        && needs(&values, step.size(), unit).iter().any(|need| need.decimals > TIME_DECIMALS_LIMIT)
    {
        let coarser_step = steps.at_least(step.size() * 1.1);
        let coarser = at(coarser_step);
        if coarser.len() < 2 {
            break;
        }
        (step, values) = (coarser_step, coarser);
    }
    let labels = label::labels(&values, step.size() / shrink, unit, decimals);
    values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
}

/// The same for values that may be dates, which the reader at `calendar` sees; on an area of `width` cells.
pub fn ticks_at(
    (low, high): (f64, f64),
    lines: u16,
    (unit, decimals): (&Unit, Option<u8>),
    calendar: Calendar,
    width: u16,
) -> Vec<Tick> {
    if !unit.is_date() {
        return ticks(low, high, lines, unit, decimals);
    }
    dates::ticks((low, high), lines, unit, calendar, width).unwrap_or_else(|| {
        // Less than a second, or more than a calendar has: round numbers, of those that read alike the first.
        let mut ticks = ticks(low, high, lines, unit, None);
        for tick in &mut ticks {
            tick.label = unit.format_at(tick.value, None, calendar);
        }
        ticks.dedup_by(|next, tick| next.label == tick.label);
        ticks
    })
}

fn multiples(low: f64, high: f64, step: Step) -> impl Iterator<Item = f64> {
    let first = (low / step.size() - 1e-6).ceil();
    let last = (high / step.size() + 1e-6).floor();
    let count = (last - first).clamp(-1.0, f64::from(4 * TICKS_LIMIT)) as i32;
    (0..=count).map(move |index| step.times(first + f64::from(index)).clamp(low, high))
}

/// The axis of values as it is drawn: a gutter with labels beside the plot, and a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueAxis {
    ticks: Vec<Tick>,
    side: AxisSide,
    /// Cells that it takes, the rule included.
    pub width: u16,
}

impl ValueAxis {
    /// The gutter for these ticks on one side of the plot.
    pub fn new(ticks: Vec<Tick>, side: AxisSide) -> Self {
        let width = ticks.iter().map(|tick| text::width(&tick.label)).max().unwrap_or(0) as u16 + 1;
        Self { ticks, side, width }
    }

    /// Draws into `area`, whose height is that of the plot; `scale` is that of the plot's dots.
    pub fn draw(
        &self,
        scale: &ValueScale,
        dots_per_line: u16,
        theme: &Theme,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let (rule, tick_rule) = match self.side {
            _ if theme.is_ascii() => ('|', '+'),
            AxisSide::Left => ('│', '┤'),
            AxisSide::Right => ('│', '├'),
        };
        let Some(room) = area.width.min(self.width).checked_sub(1) else { return };
        let x = if self.side == AxisSide::Left { area.x + room } else { area.x };
        for y in area.top()..area.bottom() {
            put_symbol(buffer, x, y, rule, theme.rule());
        }
        let mut last_line = None;
        let line_of = |tick: &Tick| scale.row(tick.value).div_euclid(i32::from(dots_per_line.max(1)));
        for (index, tick) in self.ticks.iter().enumerate() {
            let line = line_of(tick);
            let is_end = index == 0 || index + 1 == self.ticks.len();
            if line < 0 || line >= i32::from(area.height) || last_line == Some(line) {
                continue;
            }
            if !is_end && area.height <= EVEN_UP_TO_LINES && !is_even(self.ticks.iter().map(line_of)) {
                continue;
            }
            last_line = Some(line);
            let y = area.y + line as u16;
            let width = text::width(&tick.label).min(usize::from(room)) as u16;
            let start = if self.side == AxisSide::Left { x - width } else { x + 1 };
            text::put(buffer, start, y, &tick.label, width, theme.dim());
            put_symbol(buffer, x, y, tick_rule, theme.rule());
        }
    }
}

/// Whether all ticks are equally many lines apart.
fn is_even(lines: impl Iterator<Item = i32> + Clone) -> bool {
    let mut distances = lines.clone().zip(lines.skip(1)).map(|(below, above)| below - above);
    let first = distances.next();
    distances.all(|distance| Some(distance) == first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range_of(low: f64, high: f64, unit: &str) -> (f64, f64) {
        range(Some((low, high)), Limits::default(), &Unit::new(unit)).expect("data")
    }

    fn values(low: f64, high: f64, lines: u16, unit: &str) -> Vec<f64> {
        ticks(low, high, lines, &Unit::new(unit), None).into_iter().map(|tick| tick.value).collect()
    }

    fn labels_of(low: f64, high: f64, lines: u16) -> String {
        let (low, high) = range_of(low, high, "");
        let ticks = ticks(low, high, lines, &Unit::default(), None);
        ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_data_decides_the_range() {
        assert_eq!(range_of(0.3, 5.1, ""), (0.0, 5.5));
        assert_eq!(range_of(97.2, 103.0, ""), (97.0, 103.0));
        assert_eq!(range_of(-4.0, 12.0, ""), (-4.0, 12.0));
        assert_eq!(range_of(0.93, 0.991, ""), (0.93, 0.995));
        assert_eq!(range_of(3.0, 2.9e9, "bytes"), (0.0, 2_952_790_016.0));
    }

    #[test]
    fn constants_lie_in_the_middle_and_nothing_is_invented() {
        assert_eq!(range_of(5.0, 5.0, ""), (0.0, 10.0));
        assert_eq!(range_of(-3.0, -3.0, ""), (-6.0, 0.0));
        assert_eq!(range_of(0.0, 0.0, ""), (0.0, 1.0));
        assert_eq!(range_of(89.7, 89.7 + 1e-14, ""), (0.0, 2.0 * (89.7 + 1e-14)));
        assert_eq!(range(None, Limits::default(), &Unit::default()), None);
        let only_min = Limits { min: Some(0.0), ..Limits::default() };
        assert_eq!(range(None, only_min, &Unit::default()), None);
    }

    #[test]
    fn limits_are_kept_to_the_letter() {
        let limits = |min, max, zero| {
            let limits = Limits { min, max, zero, ..Limits::default() };
            range(Some((12.0, 33.0)), limits, &Unit::default()).expect("data")
        };
        assert_eq!(limits(Some(3.3), Some(7.7), false), (3.3, 7.7));
        assert_eq!(limits(Some(10.5), None, false), (10.5, 34.0));
        assert_eq!(limits(None, Some(33.3), false), (12.0, 33.3));
        assert_eq!(limits(None, None, true), (0.0, 34.0));
        assert_eq!(limits(Some(50.0), None, false), (50.0, 100.0));
        assert_eq!(limits(Some(f64::NAN), Some(f64::INFINITY), false), (12.0, 34.0));
    }

    #[test]
    fn soft_limits_give_way_to_data_and_to_hard_ones() {
        let soft = |soft_min: f64, soft_max: f64, min, max| {
            let limits =
                Limits { soft_min: Some(soft_min), soft_max: Some(soft_max), min, max, ..Limits::default() };
            range(Some((12.0, 33.0)), limits, &Unit::default()).expect("data")
        };
        assert_eq!(soft(0.0, 50.5, None, None), (0.0, 50.5));
        assert_eq!(soft(20.0, 30.0, None, None), (12.0, 34.0));
        assert_eq!(soft(0.0, 50.0, Some(5.0), Some(7.0)), (5.0, 7.0));
        assert_eq!(soft(10.0, 50.0, None, Some(9.0)), (-3.0, 9.0));
        assert_eq!(soft(f64::NAN, f64::INFINITY, None, None), (12.0, 34.0));
        let only_soft = Limits { soft_min: Some(0.0), soft_max: Some(1.0), ..Limits::default() };
        assert_eq!(range(None, only_soft, &Unit::default()), None);
    }

    #[test]
    fn two_words_have_a_tick_each_and_nothing_between() {
        let labels = |low, high| -> Vec<(f64, String)> {
            let ticks = ticks(low, high, 8, &Unit::new("bool_yes_no"), None);
            ticks.into_iter().map(|tick| (tick.value, tick.label)).collect()
        };
        assert_eq!(labels(0.0, 1.0), [(0.0, "No".to_owned()), (1.0, "Yes".to_owned())]);
        assert_eq!(labels(0.0, 9.0), [(0.0, "No".to_owned()), (1.0, "Yes".to_owned())]);
        assert_eq!(labels(0.5, 9.0), [(1.0, "Yes".to_owned())]);
    }

    #[test]
    fn ticks_are_round_in_their_unit() {
        assert_eq!(values(0.0, 6.0, 10, ""), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(values(0.0, 0.35, 12, ""), [0.0, 0.1, 0.2, 0.3]);
        // Steps of 500,000 would give one tick, and of 200,000 too many for four lines.
        assert_eq!(values(550_000.0, 1_450_000.0, 4, ""), [800_000.0, 1_200_000.0]);
        assert_eq!(values(0.0, 2048.0, 12, "bytes"), [0.0, 512.0, 1024.0, 1536.0, 2048.0]);
        assert_eq!(values(0.0, 120.0, 12, "s"), [0.0, 30.0, 60.0, 90.0, 120.0]);
        assert_eq!(values(0.0, 120_000.0, 12, "ms"), [0.0, 30_000.0, 60_000.0, 90_000.0, 120_000.0]);
        assert_eq!(values(0.0, 7_200.0, 12, "s"), [0.0, 1_800.0, 3_600.0, 5_400.0, 7_200.0]);
        assert_eq!(values(0.0, 0.4, 9, "s"), [0.0, 0.1, 0.2, 0.3, 0.4]);
        let gib = 1024_f64.powi(3);
        assert_eq!(values(9.3 * gib, 9.5 * gib, 6, "bytes"), [9.3 * gib, 9.4 * gib, 9.5 * gib]);
    }

    #[test]
    fn labels_have_the_decimals_that_their_distance_needs() {
        assert_eq!(labels_of(0.0, 0.0, 9), "0.0 0.5 1.0");
        assert_eq!(labels_of(97.0, 103.0, 9), "98 100 102");
        assert_eq!(labels_of(1.0, 1.001, 9), "1.0000 1.0005 1.0010");
        assert_eq!(labels_of(1e-12, 4e-12, 9), "1e-12 2e-12 3e-12 4e-12");
        assert_eq!(labels_of(0.0, 1e300, 9), "0 5e299 1e300");
        assert_eq!(labels_of(-f64::MAX, f64::MAX, 9), "-1e308 0 1e308");
    }

    #[test]
    fn labels_of_a_low_axis_lie_where_they_claim_or_not_at_all() {
        let drawn = |lines: u16| {
            let axis = ValueAxis::new(ticks(0.0, 100.0, 3, &Unit::new("percent"), None), AxisSide::Left);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 5, lines));
            let scale = ValueScale::new(0.0, 100.0, lines * 4);
            axis.draw(&scale, 4, &Theme::PLAIN, buffer.area, &mut buffer);
            crate::chart::picture(&buffer)
        };
        assert_eq!(drawn(3), ["100%┤", " 50%┤", "  0%┤"]);
        assert_eq!(drawn(4), ["100%┤", "    │", "    │", "  0%┤"]);
        assert_eq!(drawn(5), ["100%┤", "    │", " 50%┤", "    │", "  0%┤"]);
    }

    #[test]
    fn dates_have_no_zero() {
        // 2026-11-22T17:00:00Z
        const EVENING_MS: f64 = 1_795_366_800_000.0;
        let date = Unit::new("dateTimeAsIso");
        let around = |low, high, zero| {
            let limits = Limits { zero, ..Limits::default() };
            let (low, high) = range(Some((low, high)), limits, &date).expect("data");
            (low - EVENING_MS, high - EVENING_MS)
        };
        assert_eq!(around(EVENING_MS, EVENING_MS, true), (-3_600_000.0, 3_600_000.0));
        assert_eq!(around(EVENING_MS, EVENING_MS + 60_000.0, true), (0.0, 60_000.0));
    }

    proptest! {
        #[test]
        fn every_range_holds_its_data_and_its_labels_differ(
            a in any::<f64>().prop_filter("finite", |value| value.is_finite()),
            b in any::<f64>().prop_filter("finite", |value| value.is_finite()),
            lines in 0_u16..60,
            unit in proptest::sample::select(vec!["", "s", "ms", "ns", "timeticks", "bytes", "gbytes", "percentunit"]),
            zero: bool,
        ) {
            let unit = Unit::new(unit);
            let data = (a.min(b), a.max(b));
            let (low, high) = range(Some(data), Limits { zero, ..Limits::default() }, &unit).expect("data");
            prop_assert!(low.is_finite() && high.is_finite() && low < high);
            prop_assert!(low - SPAN_MIN <= data.0 && data.1 <= high + SPAN_MIN);
            let ticks = ticks(low, high, lines, &unit, None);
            prop_assert!(ticks.len() <= 4 * usize::from(TICKS_LIMIT) + 1);
            prop_assert!(ticks.iter().all(|tick| (low..=high).contains(&tick.value)));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].label != pair[1].label), "{:?}", ticks);
        }

        #[test]
        fn every_range_of_dates_holds_its_data_and_its_labels_differ(
            a in any::<f64>().prop_filter("finite", |value| value.is_finite()),
            b in proptest::prop_oneof![any::<f64>().prop_filter("finite", |value| value.is_finite()), -1e13..1e13_f64],
            lines in 0_u16..60,
            width in 0_u16..120,
            unit in proptest::sample::select(vec!["dateTimeAsIso", "dateTimeFromNow", "time:HH:mm", "time:[x]"]),
            zero: bool,
        ) {
            let unit = Unit::new(unit);
            for data in [(a.min(b), a.max(b)), (b, b), (b, (b + 1e4).max(b)), (b, (b + 1e9).max(b))] {
                let (low, high) = range(Some(data), Limits { zero, ..Limits::default() }, &unit).expect("data");
                prop_assert!(low.is_finite() && high.is_finite() && low < high, "{:?} {low} {high}", data);
                prop_assert!(low - SPAN_MIN <= data.0 && data.1 <= high + SPAN_MIN);
                let calendar = Calendar { zone: chrono_tz::Tz::UTC, now_ms: 1_795_366_800_000 };
                let ticks = ticks_at((low, high), lines, (&unit, None), calendar, width);
                prop_assert!(ticks.len() <= 4 * usize::from(TICKS_LIMIT) + 1);
                prop_assert!(ticks.iter().all(|tick| (low..=high).contains(&tick.value)), "{:?}", ticks);
                prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value), "{:?}", ticks);
                prop_assert!(ticks.windows(2).all(|pair| pair[0].label != pair[1].label), "{:?}", ticks);
            }
        }

        #[test]
        fn ordinary_ranges_have_two_ticks_and_readable_labels(
            low in -1e6..1e6_f64,
            span in 1e-3..1e6_f64,
            lines in 4_u16..60,
        ) {
            let (low, high) = range_of(low, low + span, "");
            let ticks = ticks(low, high, lines, &Unit::default(), None);
            prop_assert!(ticks.len() >= 2, "{} {} {:?}", low, high, ticks);
            prop_assert!(ticks.len() <= usize::from(lines), "{:?}", ticks);
            for tick in &ticks {
                let shown: f64 = tick.label.parse().expect("a number");
                prop_assert!((shown - tick.value).abs() <= (ticks[1].value - ticks[0].value) * 0.006, "{:?}", tick);
            }
        }
    }
}
