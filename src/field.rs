//! Field options: how one value reads and which colour it has: unit, decimals, thresholds, mappings, no value.
//!
//! The rules are Grafana's `getDisplayProcessor`: mappings come before the unit, the first that matches counts, its
//! colour overrides the thresholds'. One departure: NaN has no threshold colour, where Grafana gives it the first.

pub mod overrides;
mod pattern;
mod ramp;

use std::borrow::Cow;
use std::cmp::Ordering;

use unicode_width::UnicodeWidthStr;

use crate::reduce::Reduce;
use crate::text;
use crate::theme::Rgb;
use crate::unit::{Calendar, Formatted, Unit};
pub use pattern::{PATTERN_LIMIT_BYTES, PatternError, TextPattern};
pub use ramp::Ramp;

/// Shown where there is no value and the dashboard does not say what to show then.
pub const NO_VALUE: &str = "no data";

/// The options that every panel type shares, named as in Grafana.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FieldOptions {
    /// The unit of all values.
    pub unit: Unit,
    /// Digits after the point; `None` chooses.
    pub decimals: Option<u8>,
    /// Low end of axes and gauges.
    pub min: Option<f64>,
    /// High end of axes and gauges.
    pub max: Option<f64>,
    /// The axis begins here unless the data lies lower.
    pub soft_min: Option<f64>,
    /// The axis ends here unless the data lies higher.
    pub soft_max: Option<f64>,
    /// Shown instead of `no data`.
    pub no_value: Option<String>,
    /// Colours by value.
    pub thresholds: Thresholds,
    /// Texts by value.
    pub mappings: Vec<Mapping>,
    /// How a series becomes one value.
    pub reduce: Reduce,
    /// Shown instead of the series' name; `{{label}}` and Grafana's `${__field.labels.label}` are filled in.
    pub display_name: Option<String>,
    /// Where the series' colour comes from.
    pub color: SeriesColor,
    /// What its axis is called.
    pub axis_label: Option<String>,
    /// How the series is drawn over time.
    pub style: SeriesStyle,
    /// How it looks as a column of a table.
    pub column: ColumnStyle,
}

/// How a column of a table looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ColumnStyle {
    /// Cells that it is wide; by its texts where there is none.
    pub width: Option<u16>,
    /// Where its texts stand; by what they are where it is not said.
    pub align: Option<Align>,
    /// How its values are drawn.
    pub cell: CellMode,
}

/// Where a text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left edge, as texts do.
    Left,
    /// In the middle.
    Center,
    /// At the right edge, as numbers do.
    Right,
}

/// How a value is drawn in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CellMode {
    /// Without its colour.
    Text,
    /// In its colour.
    #[default]
    Color,
    /// On its colour.
    Background,
    /// With a bar beside it.
    Bar,
}

/// Where a series' colour comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SeriesColor {
    /// Whatever the panel type goes by: the palette for series over time and for shares, thresholds for single values.
    #[default]
    Usual,
    /// The palette, in the order of the series.
    Palette,
    /// This one.
    Fixed(Rgb),
    /// That of the threshold its last value has reached.
    Thresholds,
    /// That of its last value between min and max.
    Continuous(Ramp),
}

/// How a series is drawn over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SeriesStyle {
    /// Lines, bars or points.
    pub draw: Draw,
    /// The area under a line is filled.
    pub fill: bool,
    /// Series on top of each other.
    pub stack: Stack,
    /// Whether a line runs on over missing samples.
    pub gaps: Gaps,
    /// Which axis its values are read on.
    pub axis: AxisSide,
    /// Drawn upside down (Grafana's `negative-Y`).
    pub negative_y: bool,
    /// How values are spread over the axis.
    pub scale: AxisScale,
    /// How a line gets from one sample to the next.
    pub interpolation: Interpolation,
    /// Whether thresholds are drawn behind the series.
    pub thresholds: ThresholdsStyle,
    /// Neither drawn nor named.
    pub hidden: bool,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Draw {
    /// A line through the samples.
    #[default]
    Lines,
    /// A bar from zero a sample.
    Bars,
    /// The samples alone.
    Points,
}

/// How series stand on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stack {
    /// Each from zero.
    #[default]
    None,
    /// Each on the one before.
    Normal,
    /// Each on the one before, as a share of their sum.
    Percent,
}

/// What a missing sample does to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Gaps {
    /// The line is interrupted.
    #[default]
    Show,
    /// The line runs on to the next sample.
    Connect,
}

/// Which axis a series' values are read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AxisSide {
    /// The left one.
    #[default]
    Left,
    /// One of its own at the right.
    Right,
}

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AxisScale {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm; ticks at powers of two.
    Log2,
    /// By their logarithm; ticks at powers of ten.
    Log10,
    /// By their logarithm on both sides of zero, evenly from -1 to 1 (Grafana's symlog with its linear threshold of 1).
    Symlog,
}

/// How a line gets from one sample to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// Straight.
    #[default]
    Linear,
    /// A sample holds until the next.
    StepAfter,
    /// A sample holds since the one before.
    StepBefore,
}

/// Whether and how thresholds are drawn behind series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ThresholdsStyle {
    /// Not at all.
    #[default]
    Off,
    /// A dotted line at each bound.
    Line,
    /// A ground in the colour of each step.
    Area,
    /// Both.
    LineAndArea,
}

/// Colours by value: the last step whose bound the value reaches counts.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Thresholds {
    /// Ascending; the first has the bound -Inf.
    pub steps: Vec<ThresholdStep>,
    /// Bounds are percentages of the way from min to max.
    pub percent: bool,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdStep {
    /// Reached at this value or above.
    pub at: f64,
    /// Colour from here on.
    pub color: Rgb,
}

/// A text, and perhaps a colour, that stands for a value; the first that matches counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// What it matches.
    pub when: MappingMatch,
    /// Shown instead of the value; for a regular expression, a template with `$1` and the like.
    pub text: Option<String>,
    /// Instead of the thresholds' colour.
    pub color: Option<Rgb>,
}

/// What a [`Mapping`] matches.
#[derive(Clone, Debug, PartialEq)]
pub enum MappingMatch {
    /// Exactly this value, or the text that writes it.
    Value(f64),
    /// Exactly this text: a label's value, or the shortest way to write a number.
    Text(String),
    /// A text that matches; no number does. The mapping's own text is a template then.
    Regex(TextPattern),
    /// Both ends included; `None` is open.
    Range(Option<f64>, Option<f64>),
    /// NaN.
    Nan,
    /// No value at all.
    Null,
    /// Either of the two.
    NullOrNan,
}

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Mapped text, or the number in its unit.
    pub text: String,
    /// By mapping or threshold.
    pub color: Option<Rgb>,
}

impl FieldOptions {
    /// `value` as it is shown; `range` is what percentages refer to where min or max is not set (the panel's data).
    /// Dates are in UTC and say so; [`FieldOptions::show_at`] has them in the reader's zone.
    pub fn show(&self, value: Option<f64>, range: (f64, f64)) -> Shown {
        self.show_as(value, range, None)
    }

    /// As [`FieldOptions::show`], with dates as the reader at `calendar` sees them.
    pub fn show_at(&self, value: Option<f64>, range: (f64, f64), calendar: Calendar) -> Shown {
        self.show_as(value, range, Some(calendar))
    }

    fn show_as(&self, value: Option<f64>, range: (f64, f64), calendar: Option<Calendar>) -> Shown {
        let text = match self.words(value) {
            Ok(text) => text.to_owned(),
            Err(value) => self.unit.brief(value, self.decimals, calendar).into_string(),
        };
        Shown { text, color: self.color(value, range) }
    }

    /// A text, such as a label's value in a table, as it is shown: mapped if a mapping matches it, else as it is.
    pub fn show_text(&self, text: &str) -> Shown {
        let Some(mapping) = self.mappings.iter().find(|mapping| mapping.when.matches_text(text)) else {
            return Shown { text: text.to_owned(), color: None };
        };
        let shown = match (&mapping.text, &mapping.when) {
            (Some(template), MappingMatch::Regex(pattern)) => pattern.replace(text, template),
            (Some(mapped), _) => mapped.clone(),
            (None, _) => text.to_owned(),
        };
        Shown { text: shown, color: mapping.color }
    }

    /// The colour of `value`: by mapping, else what [`FieldOptions::color`] says, by threshold where that leaves it to
    /// the panel; none for NaN and for no value unless they are mapped, and none where the palette has it.
    pub fn color(&self, value: Option<f64>, range: (f64, f64)) -> Option<Rgb> {
        let mapped = self.mapping(value).and_then(|mapping| mapping.color);
        mapped.or_else(|| self.scheme_color(value?, range))
    }

    /// The colour of `value` by [`FieldOptions::color`] alone.
    pub fn scheme_color(&self, value: f64, range: (f64, f64)) -> Option<Rgb> {
        match self.color {
            _ if value.is_nan() => None,
            SeriesColor::Palette => None,
            SeriesColor::Fixed(color) => Some(color),
            SeriesColor::Continuous(ramp) => Some(ramp.at(self.ratio(value, range))),
            SeriesColor::Usual | SeriesColor::Thresholds => self.threshold_color(value, range),
        }
    }

    /// Whether colours depend on the least and the largest value in the window.
    pub fn has_relative_color(&self) -> bool {
        self.thresholds.percent || matches!(self.color, SeriesColor::Continuous(_))
    }

    /// The number and unit of `value`, or the text that it is mapped to; `None` where there is neither.
    pub fn parts(&self, value: Option<f64>, calendar: Calendar) -> Option<Formatted> {
        match self.words(value) {
            Ok(text) if self.mapping(value).is_some() => Some(Formatted::words(text)),
            Ok(_) => None,
            Err(value) => Some(self.unit.brief(value, self.decimals, Some(calendar))),
        }
    }

    /// The end of a scale, as [`Self::fit`] has values: mappings are for values and not for scales.
    pub fn fit_bound(&self, value: f64, calendar: Calendar, max: usize) -> String {
        let plain = Self { unit: self.unit.clone(), decimals: self.decimals, ..Self::default() };
        plain.fit(Some(value), calendar, max)
    }

    /// `value` in at most `max` cells: a number loses decimals and then its space before anything is cut off with "…".
    pub fn fit(&self, value: Option<f64>, calendar: Calendar, max: usize) -> String {
        let number = match self.words(value) {
            Ok(text) => return text::fit(text, max).into_owned(),
            Err(number) => number,
        };
        let formatted = self.unit.brief(number, self.decimals, Some(calendar));
        if formatted.as_str().width() <= max {
            return formatted.into_string();
        }
        // Without its power of ten a number would be another.
        if let Some(shortest) =
            (0..=1).rev().filter_map(|decimals| formatted.rounded(decimals)).find(|text| text.width() <= max)
        {
            return shortest;
        }
        let decimals = formatted.number().split_once('.').map_or(0, |(_, digits)| digits.len()) as u8;
        let mut shortest = formatted.into_string();
        for decimals in (0..decimals).rev() {
            shortest = self.unit.format_at(number, Some(decimals), calendar);
            if shortest.width() <= max {
                return shortest;
            }
        }
        let tight = shortest.replace(' ', "");
        if tight.width() <= max { tight } else { text::fit(&shortest, max).into_owned() }
    }

    /// The colour of the threshold step that `value` has reached; none for NaN.
    pub fn threshold_color(&self, value: f64, range: (f64, f64)) -> Option<Rgb> {
        if value.is_nan() {
            return None;
        }
        let position = if self.thresholds.percent { 100.0 * self.ratio(value, range) } else { value };
        let steps = &self.thresholds.steps;
        steps.iter().rev().find(|step| position >= step.at).or(steps.first()).map(|step| step.color)
    }

    /// How far `value` is on the way from min (0) to max (1); 0 where that is not a number. `range` stands in where min
    /// or max is not set.
    pub fn ratio(&self, value: f64, range: (f64, f64)) -> f64 {
        let (low, high) = (self.min.unwrap_or(range.0), self.max.unwrap_or(range.1));
        let ratio = (value - low) / (high - low);
        if ratio.is_nan() { 0.0 } else { ratio }
    }

    /// The threshold steps in values rather than in percentages.
    pub fn threshold_bounds(&self, range: (f64, f64)) -> impl Iterator<Item = ThresholdStep> {
        let (low, high) = (self.min.unwrap_or(range.0), self.max.unwrap_or(range.1));
        let percent = self.thresholds.percent;
        self.thresholds.steps.iter().map(move |step| ThresholdStep {
            at: if percent && step.at.is_finite() { low + (high - low) * step.at / 100.0 } else { step.at },
            color: step.color,
        })
    }

    /// The text that stands for `value`, or the number that is to be formatted.
    fn words(&self, value: Option<f64>) -> Result<&str, f64> {
        match (self.mapping(value).and_then(|mapping| mapping.text.as_deref()), value) {
            (Some(text), _) => Ok(text),
            (None, Some(value)) => Err(value),
            (None, None) => Ok(self.no_value.as_deref().unwrap_or(NO_VALUE)),
        }
    }

    /// Whether it says what stands for no value, and nothing of NaN.
    pub fn has_words_for_nothing(&self) -> bool {
        (self.no_value.is_some() || self.mapping(None).is_some()) && self.mapping(Some(f64::NAN)).is_none()
    }

    fn mapping(&self, value: Option<f64>) -> Option<&Mapping> {
        self.mappings.iter().find(|mapping| mapping.when.matches(value))
    }

    /// The same options without the unit where [`FieldOptions::reduce`] makes another quantity of the values.
    pub fn reduced(&self) -> Cow<'_, Self> {
        self.reduced_by(self.reduce)
    }

    /// The same for another reducer, such as one of a legend.
    pub fn reduced_by(&self, reduce: Reduce) -> Cow<'_, Self> {
        let (unit, decimals) = match reduce {
            Reduce::DiffPercent if self.unit != Unit::default() => (Unit::new("percent"), self.decimals),
            reduce if reduce.keeps_unit() || reduce == Reduce::DiffPercent => return Cow::Borrowed(self),
            // Counts are whole, however many decimals the values have.
            _ => (Unit::default(), None),
        };
        Cow::Owned(Self { unit, decimals, ..self.clone() })
    }
}

impl MappingMatch {
    /// Whether it matches this value; `None` is no value at all.
    pub fn matches(&self, value: Option<f64>) -> bool {
        match (self, value) {
            (Self::Null | Self::NullOrNan, None) => true,
            (Self::Value(expected), Some(value)) => same(value, *expected),
            (Self::Text(expected), Some(value)) => writes(expected, value),
            (Self::Range(low, high), Some(value)) => {
                !value.is_nan() && low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
            }
            (Self::Nan | Self::NullOrNan, Some(value)) => value.is_nan(),
            _ => false,
        }
    }

    fn matches_text(&self, text: &str) -> bool {
        match self {
            Self::Value(expected) => writes(text, *expected),
            Self::Text(expected) => expected == text,
            Self::Regex(pattern) => pattern.is_match(text),
            Self::Range(..) => number(text).is_some_and(|number| self.matches(Some(number))),
            Self::Nan | Self::Null | Self::NullOrNan => false,
        }
    }
}

/// Grafana compares texts, in which 0 and -0, and all NaNs, are the same.
fn same(a: f64, b: f64) -> bool {
    a.partial_cmp(&b).is_some_and(Ordering::is_eq) || (a.is_nan() && b.is_nan())
}

/// Whether `text` is how JavaScript writes `value`.
fn writes(text: &str, value: f64) -> bool {
    let is_near = text.parse().is_ok_and(|parsed| same(parsed, value));
    is_near
        && match text {
            "NaN" | "Infinity" | "-Infinity" => true,
            _ => value.is_finite() && Unit::new("string").format(value, None) == text,
        }
}

/// The number that a text is, if it is one. Grafana takes one that merely begins with it, and so `10.0.0.1:9090` for 10.
fn number(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    text.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}

#[cfg(test)]
mod tests;
