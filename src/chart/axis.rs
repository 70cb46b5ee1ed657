//! The axis of values: its range, round ticks of the unit, and labels that neither repeat nor mislead.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::scale::ValueScale;
use crate::text;
use crate::theme::{Marker, Theme};
use crate::unit::Unit;

/// Labels wider than this are written as powers of ten instead.
const LABEL_LIMIT_CELLS: usize = 14;
/// Digits after the point that are looked at to find how many a label needs.
const PROBE_DECIMALS: u8 = 10;
/// Part of a tick step by which a label may differ from its tick.
const LABEL_TOLERANCE: f64 = 0.005;
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
/// Bounds beyond this are handled as a fraction of themselves, so that no arithmetic on them overflows.
const LARGE: f64 = 1e300;

/// What bounds an axis besides the data.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Fixed low end.
    pub min: Option<f64>,
    /// Fixed high end.
    pub max: Option<f64>,
    /// Zero is on the axis: for bars, areas and stacks, whose size means something.
    pub zero: bool,
}

/// The range of an axis for data of this extent; `None` when there is neither data nor both limits.
///
/// The data decides, and zero joins in where it is near. A constant lies in the middle of a range that begins at
/// zero; zero itself lies at the bottom of 0 to 1. The ends move in round steps, so that an axis does not creep
/// with every refresh.
pub fn range(extent: Option<(f64, f64)>, limits: Limits, unit: &Unit) -> Option<(f64, f64)> {
    let fixed_min = limits.min.filter(|min| min.is_finite());
    let fixed_max = limits.max.filter(|max| max.is_finite() && fixed_min.is_none_or(|min| min < *max));
    if let (Some(min), Some(max)) = (fixed_min, fixed_max) {
        return Some((min, max));
    }
    let (mut low, mut high) = extent?;
    if limits.zero {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    (low, high) = (fixed_min.unwrap_or(low), fixed_max.unwrap_or(high));
    let magnitude = low.abs().max(high.abs());
    if high / 2.0 - low / 2.0 <= (magnitude * CONSTANT_BELOW).max(SPAN_MIN) / 2.0 {
        // All values are one, or a fixed end leaves no room on its side of them.
        let around = if magnitude < SPAN_MIN { 1.0 } else { magnitude };
        return Some(match (fixed_min, fixed_max) {
            (Some(min), _) => (min, (min + around).min(f64::MAX)),
            (_, Some(max)) => ((max - around).max(-f64::MAX), max),
            _ if magnitude < SPAN_MIN => (0.0, 1.0),
            _ if low >= 0.0 => (0.0, (2.0 * magnitude).min(f64::MAX)),
            _ => ((-2.0 * magnitude).max(-f64::MAX), 0.0),
        });
    }
    if low > 0.0 && fixed_min.is_none() && low <= NEAR_ZERO * (high - low) {
        low = 0.0;
    }
    if magnitude > LARGE {
        return Some((low, high));
    }
    let step = Steps::of(unit, magnitude).at_least((high - low) / 10.0);
    let down = step.times((low / step.size() + 1e-9).floor());
    let up = step.times((high / step.size() - 1e-9).ceil());
    Some((fixed_min.unwrap_or(down.min(low)), fixed_max.unwrap_or(up.max(high))))
}

/// Which numbers are round in a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Steps {
    /// 1, 2, 5 times powers of ten.
    Decimal,
    /// Powers of two.
    Binary,
    /// Seconds, minutes, hours, days and weeks; the factor is the number of seconds that 1 stands for.
    Time(f64),
}

/// A distance of ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    mantissa: f64,
    exponent: i32,
}

impl Step {
    fn size(self) -> f64 {
        self.times(1.0)
    }

    /// `count` steps, with no error of a decimal fraction added up: 3 times 0.1 is 0.3.
    fn times(self, count: f64) -> f64 {
        let product = count * self.mantissa;
        let multiple = if self.exponent < 0 {
            product / 10_f64.powi(-self.exponent)
        } else {
            product * 10_f64.powi(self.exponent)
        };
        // No -0.
        multiple + 0.0
    }
}

impl Steps {
    /// The round numbers for values of up to `magnitude`.
    fn of(unit: &Unit, magnitude: f64) -> Self {
        let seconds = match unit.id() {
            "bits" | "bytes" | "kbytes" | "mbytes" | "gbytes" | "tbytes" | "pbytes" | "binBps" | "binbps"
            | "KiBs" | "MiBs" | "GiBs" | "TiBs" | "PiBs" | "Kibits" | "Mibits" | "Gibits" | "Tibits"
            | "Pibits" => return Self::Binary,
            "s" | "dtdurations" | "dthms" | "clocks" => 1.0,
            "ms" | "dtdurationms" | "clockms" => 1e-3,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return Self::Decimal,
        };
        if magnitude * seconds >= 60.0 { Self::Time(seconds) } else { Self::Decimal }
    }

    /// The smallest step that is not below `size`.
    fn at_least(self, size: f64) -> Step {
        const LADDER_S: [f64; 23] = [
            1.0,
            2.0,
            5.0,
            10.0,
            15.0,
            30.0,
            60.0,
            120.0,
            300.0,
            600.0,
            900.0,
            1_800.0,
            3_600.0,
            7_200.0,
            10_800.0,
            21_600.0,
            43_200.0,
            86_400.0,
            172_800.0,
            604_800.0,
            1_209_600.0,
            2_419_200.0,
            4_838_400.0,
        ];
        match self {
            Self::Binary if size > 2_f64.powi(-50) && size < 2_f64.powi(100) => {
                let exact = 2_f64.powi(size.log2().ceil() as i32);
                Step { mantissa: if exact / 2.0 >= size { exact / 2.0 } else { exact }, exponent: 0 }
            }
            Self::Time(seconds) if (1.0..=LADDER_S[LADDER_S.len() - 1]).contains(&(size * seconds)) => {
                let step_s = LADDER_S.iter().find(|step_s| **step_s >= size * seconds * 0.999_999);
                let step_s = step_s.copied().unwrap_or(LADDER_S[LADDER_S.len() - 1]);
                if seconds < 1.0 {
                    Step { mantissa: step_s * 1e3, exponent: 0 }
                } else {
                    Step { mantissa: step_s / seconds, exponent: 0 }
                }
            }
            _ => {
                let exponent = size.log10().floor() as i32;
                let power = Step { mantissa: 1.0, exponent }.size();
                let (mantissa, exponent) = match size / power {
                    part if part <= 1.000_001 => (1.0, exponent),
                    part if part <= 2.000_001 => (2.0, exponent),
                    part if part <= 5.000_001 => (5.0, exponent),
                    _ => (1.0, exponent + 1),
                };
                Step { mantissa, exponent }
            }
        }
    }
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
    let magnitude = low.abs().max(high.abs());
    let shrink = if magnitude > LARGE { 1e-10 } else { 1.0 };
    let (small_low, small_high) = (low * shrink, high * shrink);
    let steps = Steps::of(unit, magnitude);
    let wanted = (lines / LINES_PER_TICK + 1).clamp(2, TICKS_LIMIT);
    let mut size = ((small_high - small_low) / f64::from(wanted)).max(f64::MIN_POSITIVE);
    let mut values = Vec::new();
    // A finer step until there are two ticks, as long as they keep to lines of their own.
    for _ in 0..4 {
        let step = steps.at_least(size);
        let finer: Vec<f64> = multiples(small_low, small_high, step).map(|value| value / shrink).collect();
        let is_crowded = finer.len() > usize::from(lines.div_ceil(2).max(2));
        if values.is_empty() || !is_crowded {
            values = finer;
        }
        if values.len() >= 2 || is_crowded {
            break;
        }
        size = step.size() / 2.1;
    }
    let tick_step =
        if values.len() >= 2 { values[1] / 2.0 - values[0] / 2.0 } else { (high / 2.0 - low / 2.0) / 5.0 };
    let labels = labels(&values, tick_step, unit, decimals);
    values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
}

fn multiples(low: f64, high: f64, step: Step) -> impl Iterator<Item = f64> {
    let first = (low / step.size() - 1e-6).ceil();
    let last = (high / step.size() + 1e-6).floor();
    let count = (last - first).clamp(-1.0, f64::from(4 * TICKS_LIMIT)) as i32;
    (0..=count).map(move |index| step.times(first + f64::from(index)).clamp(low, high))
}

/// Texts for `values` that lie `step` apart or more: those with one prefix of the unit have the same number of
/// decimals, as many as are needed to be exact to a small part of the step; powers of ten where that gets too long.
pub fn labels(values: &[f64], step: f64, unit: &Unit, decimals: Option<u8>) -> Vec<String> {
    let needs: Vec<(u8, String)> = values.iter().map(|value| decimals_needed(*value, step, unit)).collect();
    let write = |(value, (_, suffix)): (&f64, &(u8, String))| {
        let same = needs.iter().filter(|(_, other)| other == suffix).map(|(needed, _)| *needed);
        let needed = same.max().unwrap_or(0).max(decimals.unwrap_or(0));
        unit.format(*value, Some(needed))
    };
    let texts: Vec<String> = values.iter().zip(&needs).map(write).collect();
    let is_readable = texts.windows(2).all(|pair| pair[0] != pair[1])
        && texts.iter().all(|text| text::width(text) <= LABEL_LIMIT_CELLS);
    if is_readable { texts } else { powers_of_ten(values, step) }
}

/// The decimals that `value` needs, and what follows its number, that is the unit with its prefix.
fn decimals_needed(value: f64, step: f64, unit: &Unit) -> (u8, String) {
    let text = unit.format(value, Some(PROBE_DECIMALS));
    let Some(start) = text.find(|c: char| c.is_ascii_digit()) else { return (0, text) };
    let len = text[start..].find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len() - start);
    let suffix = text[start + len..].to_owned();
    let Ok(number) = text[start..start + len].parse::<f64>() else { return (0, suffix) };
    if number == 0.0 || value == 0.0 {
        return (0, suffix);
    }
    let tolerance = (step * (number / value.abs()) * LABEL_TOLERANCE).abs().max(number * 1e-12);
    let is_exact = |decimals: &u8| {
        let power = 10_f64.powi(i32::from(*decimals));
        ((number * power).round() / power - number).abs() <= tolerance
    };
    ((0..PROBE_DECIMALS).find(is_exact).unwrap_or(PROBE_DECIMALS), suffix)
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

/// The axis of values as it is drawn: a gutter with labels at the left, and a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueAxis {
    ticks: Vec<Tick>,
    /// Cells that it takes, the rule included.
    pub width: u16,
}

impl ValueAxis {
    /// The gutter for these ticks.
    pub fn new(ticks: Vec<Tick>) -> Self {
        let width = ticks.iter().map(|tick| text::width(&tick.label)).max().unwrap_or(0) as u16 + 1;
        Self { ticks, width }
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
        let (rule, tick_rule) = match theme.marker {
            Marker::Braille => ("│", "┤"),
            Marker::Ascii => ("|", "+"),
        };
        let Some(x) = area.width.min(self.width).checked_sub(1).map(|width| area.x + width) else { return };
        for y in area.top()..area.bottom() {
            text::put(buffer, x, y, rule, 1, theme.rule());
        }
        let mut last_line = None;
        for tick in &self.ticks {
            let row = scale.row(tick.value);
            let line = row.div_euclid(i32::from(dots_per_line.max(1)));
            if line < 0 || line >= i32::from(area.height) || last_line == Some(line) {
                continue;
            }
            last_line = Some(line);
            let y = area.y + line as u16;
            let width = text::width(&tick.label).min(usize::from(x - area.x)) as u16;
            text::put(buffer, x - width, y, &tick.label, width, theme.dim());
            text::put(buffer, x, y, tick_rule, 1, theme.rule());
        }
    }
}
