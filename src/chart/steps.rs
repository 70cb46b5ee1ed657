//! Round numbers: the distances that ticks of an axis may have in a unit.

use crate::unit::{TickBase, Unit};

/// Which numbers are round in a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Steps {
    /// 1, 2, 5 times powers of ten.
    Decimal,
    /// Powers of two.
    Binary,
    /// 1, 2, 5 times powers of ten, of so many: where all values have one prefix of 1024, 9.5 GiB is rounder than
    /// 9728 MiB.
    DecimalOf(f64),
    /// Seconds, minutes, hours, days and weeks; the factor is the number of seconds that 1 stands for.
    Time(f64),
}

/// A distance of ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    mantissa: f64,
    exponent: i32,
}

impl Step {
    /// The distance itself.
    pub fn size(self) -> f64 {
        self.times(1.0)
    }

    /// `count` steps, with no error of a decimal fraction added up: 3 times 0.1 is 0.3.
    pub fn times(self, count: f64) -> f64 {
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
    /// The round numbers for values from `low` to `high`.
    pub fn of(unit: &Unit, low: f64, high: f64) -> Self {
        let magnitude = low.abs().max(high.abs());
        let seconds = match unit.base() {
            TickBase::Binary => {
                let prefix = 1024_f64.powi((magnitude.log2() / 10.0).floor().clamp(0.0, 9.0) as i32);
                let is_one = low.signum() * high.signum() > 0.0 && low.abs().min(high.abs()) >= prefix;
                return if is_one { Self::DecimalOf(prefix) } else { Self::Binary };
            }
            TickBase::Time { unit_s } => unit_s,
            TickBase::Decimal => return Self::Decimal,
        };
        if magnitude * seconds >= 60.0 { Self::Time(seconds) } else { Self::Decimal }
    }

    /// The smallest step that is not below `size`.
    pub fn at_least(self, size: f64) -> Step {
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
                let count = step_s / seconds;
                // Units below a second divide a second evenly; the quotient of two floats need not.
                Step { mantissa: if seconds < 1.0 { count.round() } else { count }, exponent: 0 }
            }
            Self::DecimalOf(prefix) => {
                let step = Self::Decimal.at_least(size / prefix);
                Step { mantissa: step.mantissa * prefix, ..step }
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
