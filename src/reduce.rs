//! One value out of a column of values: last, mean, p95 ... by Grafana's rules (`fieldReducer.ts`).

use crate::series::is_absent;

/// How a series becomes one value. Grafana's names, and its aliases, are understood by [`Reduce::parse`].
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Reduce {
    /// The last value that is a number (Grafana's `lastNotNull`, alias `current`).
    #[default]
    Last,
    /// The mean of the values that are numbers.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

impl Reduce {
    /// Reads `last`, `mean`, `p95` ...
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "last" | "lastNotNull" | "current" => Self::Last,
            "mean" | "avg" => Self::Mean,
            "min" => Self::Min,
            "max" => Self::Max,
            _ => return None,
        })
    }

    /// Its own name, as legends show it.
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The value; `None` when `values` has no sample that counts.
    pub fn apply(self, values: &[f64]) -> Option<f64> {
        let mut numbers = values.iter().copied().filter(|value| !is_absent(*value) && !value.is_nan());
        match self {
            Self::Last => numbers.next_back(),
            Self::Mean => {
                let (sum, count) = numbers.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
                (count > 0).then(|| sum / f64::from(count))
            }
            Self::Min => numbers.reduce(f64::min),
            Self::Max => numbers.reduce(f64::max),
        }
    }
}
