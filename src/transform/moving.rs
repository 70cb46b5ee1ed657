//! Calculations over neighbouring rows: windows that move along, and all rows so far (`calculateField.ts`).
//!
//! Values that are missing are left out of a window, and a window without any has none; where nothing is missing, results
//! are Grafana's.

use crate::series::{ABSENT, is_absent};

/// A window that moves along the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// What is calculated over it.
    pub calc: WindowCalc,
    /// Its rows.
    pub size: WindowSize,
    /// As many rows behind as before, instead of those up to the row.
    pub is_centered: bool,
}

/// What is calculated over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowCalc {
    /// The mean.
    Mean,
    /// The mean of the squared distances from the mean.
    Variance,
    /// Its square root.
    StdDev,
}

/// How many rows a window has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WindowSize {
    /// So many.
    Rows(f64),
    /// A part of all, up to 1.
    Part(f64),
}

impl WindowCalc {
    /// All of them, as they are written.
    pub const NAMES: &[&str] = &["mean", "variance", "stddev"];

    /// Reads one of [`WindowCalc::NAMES`].
    pub fn parse(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Some([Self::Mean, Self::Variance, Self::StdDev][place])
    }

    /// Grafana's name.
    pub(super) fn name(self) -> &'static str {
        ["mean", "variance", "stdDev"][self as usize]
    }
}

impl WindowSize {
    /// Reads `5` or `10%`, above 0.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, is_part) = match text.trim().strip_suffix('%') {
            Some(number) => (number, true),
            None => (text.trim(), false),
        };
        let number =
            number.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0)?;
        Some(if is_part { Self::Part(number / 100.0) } else { Self::Rows(number) })
    }

    fn rows(self, all: usize) -> usize {
        let rows = match self {
            Self::Rows(rows) => rows,
            Self::Part(part) => part * all as f64,
        };
        // The cast keeps to what there is.
        (rows.ceil() as usize).clamp(1, 2 * all.max(1))
    }
}

impl Window {
    /// `trailing` or `centered`.
    pub(super) fn align(&self) -> &'static str {
        if self.is_centered { "centered" } else { "trailing" }
    }

    /// The calculation at each row.
    pub(super) fn apply(&self, values: &[f64]) -> Vec<f64> {
        let rows = self.size.rows(values.len());
        let (before, behind) =
            if self.is_centered { (rows / 2, rows.div_ceil(2) - 1) } else { (rows - 1, 0) };
        let mut sums = Sums::default();
        let (mut from, mut to) = (0, 0);
        let at = |row: usize| {
            let (first, end) = (row.saturating_sub(before), (row + behind + 1).min(values.len()));
            while to < end {
                sums.add(values[to], 1.0);
                to += 1;
            }
            while from < first {
                sums.add(values[from], -1.0);
                from += 1;
            }
            match sums {
                Sums { count: 0, .. } => ABSENT,
                Sums { odd: 1.., .. } => f64::NAN,
                _ if self.calc == WindowCalc::Mean => sums.sum / sums.count as f64,
                // Differences of large sums would lose the small ones.
                _ => {
                    let variance = variance(&values[first..end], sums.count);
                    if self.calc == WindowCalc::StdDev { variance.sqrt() } else { variance }
                }
            }
        };
        (0..values.len()).map(at).collect()
    }
}

/// The numbers of a window.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    sum: f64,
    count: i64,
    /// Those that are not finite, and not in the sum.
    odd: i64,
}

impl Sums {
    /// Takes `value` in, or out with a sign of -1.
    fn add(&mut self, value: f64, sign: f64) {
        if is_absent(value) {
            return;
        }
        self.count += sign as i64;
        if value.is_finite() {
            self.sum += sign * value;
        } else {
            self.odd += sign as i64;
        }
    }
}

fn variance(values: &[f64], count: i64) -> f64 {
    let there = || values.iter().copied().filter(|value| !is_absent(*value));
    let mean = there().sum::<f64>() / count as f64;
    there().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64
}

/// The sum of all values up to each row, or their mean over all rows so far; what is missing is 0.
pub(super) fn cumulative(values: &[f64], is_mean: bool) -> Vec<f64> {
    let mut sum = 0.0;
    let at = |(row, value): (usize, &f64)| {
        sum += if is_absent(*value) { 0.0 } else { *value };
        if is_mean { sum / (row + 1) as f64 } else { sum }
    };
    values.iter().enumerate().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_left_out_of_a_window_and_what_is_odd_leaves_with_it() {
        let values = [1.0, ABSENT, 3.0, f64::NAN, ABSENT, ABSENT, 8.0];
        let window = |calc| Window { calc, size: WindowSize::Rows(2.0), is_centered: false }.apply(&values);
        let told = |values: Vec<f64>| -> Vec<String> {
            let one = |value: f64| if is_absent(value) { "-".to_owned() } else { value.to_string() };
            values.into_iter().map(one).collect()
        };
        assert_eq!(told(window(WindowCalc::Mean)), ["1", "1", "3", "NaN", "NaN", "-", "8"]);
        assert_eq!(told(window(WindowCalc::StdDev)), ["0", "0", "0", "NaN", "NaN", "-", "0"]);
        assert_eq!(told(cumulative(&values[..3], true)), ["1", "0.5", "1.3333333333333333"]);
    }

    #[test]
    fn sizes_are_rows_or_parts() {
        assert_eq!(WindowSize::parse("5"), Some(WindowSize::Rows(5.0)));
        assert_eq!(WindowSize::parse("10 %").map(|size| size.rows(41)), Some(5));
        for wrong in ["0", "-1", "x", "NaN", "inf", "%"] {
            assert_eq!(WindowSize::parse(wrong), None, "{wrong}");
        }
        assert_eq!(WindowSize::Rows(1e300).rows(3), 6);
    }
}
