//! Series as they are drawn: upside down where that is wished, and on top of each other.

use std::borrow::Cow;

use crate::chart::extent::extent;
use crate::chart::stack;
use crate::field::{AxisSide, Stack};
use crate::panel::NamedSeries;
use crate::series::{Grid, is_absent};

/// One series as it is drawn.
#[derive(Debug)]
pub(super) struct Column<'a> {
    /// The times of the values.
    pub(super) grid: Grid,
    /// The values, or their tops in a stack.
    pub(super) values: Cow<'a, [f64]>,
    /// The least and the largest of them.
    pub(super) extent: Option<(f64, f64)>,
}

/// All of `series`, which come with their extents. Those of one axis that stack in one way stand on each other.
pub(super) fn columns<'a>(series: &[NamedSeries<'a>], extents: &[Option<(f64, f64)>]) -> Vec<Column<'a>> {
    let mut columns: Vec<Column<'a>> =
        series.iter().zip(extents).map(|(one, extent)| plain(one, *extent)).collect();
    for side in [AxisSide::Left, AxisSide::Right] {
        for stack in [Stack::Normal, Stack::Percent] {
            let is_member =
                |one: &NamedSeries<'_>| one.field.style.axis == side && one.field.style.stack == stack;
            let members: Vec<usize> = (0..series.len()).filter(|index| is_member(&series[*index])).collect();
            let inputs: Vec<(Grid, &[f64])> =
                members.iter().map(|index| (columns[*index].grid, &*columns[*index].values)).collect();
            let Some((grid, tops)) = stack::tops(&inputs, stack == Stack::Percent) else { continue };
            for (index, values) in members.into_iter().zip(tops) {
                columns[index] = Column { grid, extent: extent(&values), values: Cow::Owned(values) };
            }
        }
    }
    columns
}

fn plain<'a>(one: &NamedSeries<'a>, extent: Option<(f64, f64)>) -> Column<'a> {
    if !one.field.style.negative_y {
        return Column { grid: one.grid, values: Cow::Borrowed(one.values), extent };
    }
    // The sign of NaN is part of what says that there is no sample.
    let mirrored = |value: &f64| if is_absent(*value) { *value } else { -value };
    let values = one.values.iter().map(mirrored).collect();
    Column { grid: one.grid, values: Cow::Owned(values), extent: extent.map(|(low, high)| (-high, -low)) }
}
