//! The axes of values, one at the left and one at the right: what each is for, its range, its ticks, its scale.

use std::borrow::Cow;

use super::columns::Column;
use crate::chart::axis::{self, Limits, ValueAxis};
use crate::chart::extent::union;
use crate::chart::log;
use crate::chart::scale::ValueScale;
use crate::dashboard::Panel;
use crate::field::{AxisScale, AxisSide, Draw, FieldOptions, Stack};
use crate::panel::NamedSeries;
use crate::unit::{Calendar, Unit};

/// One axis and the series that are read on it.
#[derive(Debug)]
pub(super) struct Axis<'a> {
    /// Which.
    side: AxisSide,
    /// The options that decide: those of its first series in the panel's own unit, else of its first.
    pub(super) field: &'a FieldOptions,
    unit: Cow<'a, Unit>,
    /// From bottom to top; `None` where there is nothing to go by.
    pub(super) range: Option<(f64, f64)>,
    /// The least and the largest value of its series, which percentages refer to.
    pub(super) data: Option<(f64, f64)>,
    /// Samples that its scale has no place for, as logarithms have none of zero and below.
    pub(super) without_place: usize,
}

impl<'a> Axis<'a> {
    /// The axis at `side`; `None` where no series is read on it.
    pub(super) fn of(
        side: AxisSide,
        panel: &Panel,
        series: &'a [NamedSeries<'_>],
        columns: &[Column<'_>],
        extents: &[Option<(f64, f64)>],
    ) -> Option<Self> {
        let members = || (0..series.len()).filter(|index| series[*index].field.style.axis == side);
        let fields = || members().map(|index| &*series[index].field);
        let field = fields().find(|field| field.unit == panel.field.unit).or_else(|| fields().next())?;
        let is_of_shares = fields().any(|field| field.style.stack == Stack::Percent);
        let stands = |field: &FieldOptions| {
            field.style.fill || field.style.draw == Draw::Bars || field.style.stack != Stack::None
        };
        // Shares go from nothing to all, whatever the limits of the values are.
        let shares = Limits { zero: true, scale: field.style.scale, ..Limits::default() };
        let limits = if is_of_shares {
            shares
        } else {
            Limits {
                min: field.min.or_else(|| fields().find_map(|field| field.min)),
                max: field.max.or_else(|| fields().find_map(|field| field.max)),
                soft_min: field.soft_min.or_else(|| fields().find_map(|field| field.soft_min)),
                soft_max: field.soft_max.or_else(|| fields().find_map(|field| field.soft_max)),
                zero: fields().any(stands),
                scale: field.style.scale,
            }
        };
        let unit =
            if is_of_shares { Cow::Owned(Unit::new("percentunit")) } else { Cow::Borrowed(&field.unit) };
        let mut without_place = 0;
        let extent = if matches!(limits.scale, AxisScale::Log2 | AxisScale::Log10) {
            members().fold(None, |sum, index| {
                let (extent, others) = extent_above_zero(&columns[index]);
                without_place += others;
                union(sum, extent)
            })
        } else {
            members().fold(None, |sum, index| union(sum, columns[index].extent))
        };
        // Limits alone make no axis: it would be one of nothing.
        let range = extent.and_then(|extent| axis::range(Some(extent), limits, &unit));
        let data = members().fold(None, |sum, index| union(sum, extents[index]));
        Some(Self { side, field, unit, range, data, without_place })
    }

    /// The gutter of an axis of `lines` lines in a chart of `width` cells.
    pub(super) fn gutter(&self, lines: u16, width: u16, calendar: Calendar) -> Option<ValueAxis> {
        let (low, high) = self.range?;
        let decimals = if matches!(self.unit, Cow::Owned(_)) { None } else { self.field.decimals };
        let mut ticks = match self.field.style.scale {
            AxisScale::Linear => axis::ticks_at((low, high), lines, (&self.unit, decimals), calendar, width),
            kind => log::ticks(kind, low, high, lines, &self.unit, decimals),
        };
        if self.unit.is_date() && self.field.style.scale != AxisScale::Linear {
            for tick in &mut ticks {
                tick.label = self.unit.format_at(tick.value, None, calendar);
            }
        }
        Some(ValueAxis::new(ticks, self.side))
    }

    /// The rows of values on a plot of `rows` rows, and the row that areas and bars begin at.
    pub(super) fn scale(&self, rows: u16) -> (ValueScale, i32) {
        // Without a finite value there is no range, but infinite samples still show at the edges.
        let (low, high) = self.range.unwrap_or((1.0, 2.0));
        let kind = self.field.style.scale;
        let scale = ValueScale::of_kind(kind, low, high, rows);
        let base = match kind {
            AxisScale::Linear | AxisScale::Symlog => 0.0_f64.clamp(low, high),
            AxisScale::Log2 | AxisScale::Log10 => low,
        };
        (scale, scale.row(base))
    }
}

/// The extent of what lies above zero, and how many finite samples do not.
fn extent_above_zero(column: &Column<'_>) -> (Option<(f64, f64)>, usize) {
    if column.extent.is_some_and(|(low, _)| low > 0.0) {
        return (column.extent, 0);
    }
    let finite = column.values.iter().filter(|value| value.is_finite());
    finite.fold((None, 0), |(extent, others), value| {
        if *value > 0.0 { (union(extent, Some((*value, *value))), others) } else { (extent, others + 1) }
    })
}
