//! Changes to the data of a panel before it is drawn: Grafana's transformations over its general data frames.
//!
//! Frames come from answers and go back to panels in `exchange`; in between each [`Transform`] makes frames of frames,
//! one file each. The rules are those of Grafana's `@grafana/data` (Apache-2.0), whose own results the tests compare
//! with (`scripts/transforms`); departures are listed there with their reasons.

mod bounds;
mod calc;
mod calculate;
mod exchange;
mod filter;
pub mod frame;
mod group_by;
mod join;
mod labels_to_fields;
mod limit;
mod merge;
mod moving;
mod names;
mod organize;
mod reduce;
mod rename;
mod sort;
#[cfg(test)]
mod tests;

pub use bounds::{CELLS_LIMIT, COLUMNS_LIMIT, FRAMES_LIMIT, ROWS_LIMIT};
pub use calc::Calc;
pub use calculate::{Calculate, Calculation, Op, UnaryOp};
pub use exchange::{Answered, ShownField, shown_fields};
pub use filter::Filter;
pub use frame::{Cell, Column, DataFrame, Field, Naming};
pub use group_by::GroupBy;
pub use join::{Join, JoinMode};
pub use labels_to_fields::LabelsToFields;
pub use moving::{Window, WindowCalc, WindowSize};
pub use names::FieldMatch;
pub use organize::Organize;
pub use reduce::Reduce;
pub use rename::Rename;
pub use sort::Sort;

use bounds::Bounds;

/// Transforms that one panel may have.
pub const TRANSFORMS_LIMIT: usize = 50;

/// One change to frames.
#[derive(Clone, Debug, PartialEq)]
pub enum Transform {
    /// Which columns stay, their order and names.
    Organize(Organize),
    /// All frames as one table.
    Merge,
    /// Columns by name.
    Filter(Filter),
    /// Rows with equal values as one.
    GroupBy(GroupBy),
    /// Labels as columns.
    LabelsToFields(LabelsToFields),
    /// Frames side by side.
    Join(Join),
    /// A column out of others.
    Calculate(Calculate),
    /// Rows in another order.
    Sort(Sort),
    /// Names by a pattern.
    Rename(Rename),
    /// Columns as figures.
    Reduce(Reduce),
    /// The first rows.
    Limit(usize),
}

impl Transform {
    fn apply(&self, frames: Vec<DataFrame>, bounds: &mut Bounds) -> Vec<DataFrame> {
        match self {
            Self::Organize(one) => one.apply(frames),
            Self::Merge => merge::apply(frames, bounds),
            Self::Filter(one) => one.apply(frames),
            Self::GroupBy(one) => one.apply(frames),
            Self::LabelsToFields(one) => one.apply(frames, bounds),
            Self::Join(one) => one.apply(frames, bounds),
            Self::Calculate(one) => one.apply(frames, bounds),
            Self::Sort(one) => one.apply(frames),
            Self::Rename(one) => one.apply(frames),
            Self::Reduce(one) => one.apply(frames),
            Self::Limit(rows) => limit::apply(*rows, frames),
        }
    }
}

/// What has become of frames.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Transformed {
    /// In their order.
    pub frames: Vec<DataFrame>,
    /// What was left out for the limits, in words.
    pub notes: Vec<String>,
}

/// Makes frames of `answers` and applies all of `transforms`, one after the other. What exceeds a limit is left out and
/// said.
pub fn run(transforms: &[Transform], answers: &[Answered<'_>]) -> Transformed {
    let mut bounds = Bounds::default();
    let frames = exchange::frames(answers, &mut bounds);
    apply(transforms, frames, bounds)
}

fn apply(transforms: &[Transform], frames: Vec<DataFrame>, mut bounds: Bounds) -> Transformed {
    let mut frames = bounds.of_input(frames);
    for transform in transforms {
        frames = transform.apply(frames, &mut bounds);
    }
    Transformed { frames, notes: bounds.into_notes() }
}
