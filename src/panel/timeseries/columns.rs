//! Series as they are drawn: upside down where that is wished, and on top of each other.

use std::borrow::Cow;

use crate::chart::extent::extent;
use crate::chart::stack;
use crate::field::{AxisSide, Draw, Interpolation, SeriesStyle, Stack};
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

/// What series have in common that stand on each other: the axis and the way to stack, and, as in Grafana
/// (`getStackingGroups`), how they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    axis: AxisSide,
    stack: Stack,
    draw: Draw,
    interpolation: Interpolation,
}

impl Group {
    /// `None` for a series that stands for itself.
    pub(super) fn of(one: &NamedSeries<'_>) -> Option<Self> {
        let SeriesStyle { axis, stack, draw, interpolation, .. } = one.field.style;
        // Only a line has a way from one sample to the next.
        let interpolation = if draw == Draw::Lines { interpolation } else { Interpolation::default() };
        (stack != Stack::None).then_some(Self { axis, stack, draw, interpolation })
    }
}

/// All of `series`, which come with their extents. Those of one group stand on each other.
pub(super) fn columns<'a>(series: &[NamedSeries<'a>], extents: &[Option<(f64, f64)>]) -> Vec<Column<'a>> {
    let mut columns: Vec<Column<'a>> =
        series.iter().zip(extents).map(|(one, extent)| plain(one, *extent)).collect();
    let groups: Vec<Option<Group>> = series.iter().map(Group::of).collect();
    for (first, group) in groups.iter().enumerate().filter_map(|(index, group)| Some((index, (*group)?))) {
        if groups[..first].contains(&Some(group)) {
            continue;
        }
        let members: Vec<usize> =
            (first..series.len()).filter(|index| groups[*index] == Some(group)).collect();
        let inputs: Vec<(Grid, &[f64])> =
            members.iter().map(|index| (columns[*index].grid, &*columns[*index].values)).collect();
        let Some((grid, tops)) = stack::tops(&inputs, group.stack == Stack::Percent) else { continue };
        for (index, values) in members.into_iter().zip(tops) {
            columns[index] = Column { grid, extent: extent(&values), values: Cow::Owned(values) };
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
