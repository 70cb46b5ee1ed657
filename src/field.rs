//! Field options: how one value reads and which colour it has: unit, decimals, thresholds, mappings, no value.

use crate::reduce::Reduce;
use crate::theme::Rgb;
use crate::unit::Unit;

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
    /// Shown instead of `no data`.
    pub no_value: Option<String>,
    /// Colours by value.
    pub thresholds: Thresholds,
    /// Texts by value.
    pub mappings: Vec<Mapping>,
    /// How a series becomes one value.
    pub reduce: Reduce,
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
    /// Shown instead of the value.
    pub text: Option<String>,
    /// Instead of the thresholds' colour.
    pub color: Option<Rgb>,
}

/// What a [`Mapping`] matches.
#[derive(Clone, Debug, PartialEq)]
pub enum MappingMatch {
    /// Exactly this value.
    Value(f64),
    /// Both ends included; `None` is open.
    Range(Option<f64>, Option<f64>),
    /// NaN.
    Nan,
    /// No value at all.
    Null,
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
    pub fn show(&self, value: Option<f64>, range: (f64, f64)) -> Shown {
        let mapping = self.mappings.iter().find(|mapping| mapping.when.matches(value));
        let text = match (mapping.and_then(|mapping| mapping.text.clone()), value) {
            (Some(text), _) => text,
            (None, Some(value)) => self.unit.format(value, self.decimals),
            (None, None) => self.no_value.clone().unwrap_or_else(|| "no data".to_owned()),
        };
        let color = mapping.and_then(|mapping| mapping.color).or_else(|| self.threshold_color(value?, range));
        Shown { text, color }
    }

    /// The colour of the threshold step that `value` has reached.
    pub fn threshold_color(&self, value: f64, range: (f64, f64)) -> Option<Rgb> {
        let (low, high) = (self.min.unwrap_or(range.0), self.max.unwrap_or(range.1));
        let position = if self.thresholds.percent { 100.0 * (value - low) / (high - low) } else { value };
        self.thresholds.steps.iter().rev().find(|step| position >= step.at).map(|step| step.color)
    }
}

impl MappingMatch {
    fn matches(&self, value: Option<f64>) -> bool {
        match (self, value) {
            (Self::Null, None) => true,
            (Self::Value(expected), Some(value)) => value.total_cmp(expected).is_eq(),
            (Self::Range(low, high), Some(value)) => {
                low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
            }
            (Self::Nan, Some(value)) => value.is_nan(),
            _ => false,
        }
    }
}
