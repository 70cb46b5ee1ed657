//! The panel type `timeseries`: lines, bars or points over time, with one or two axes of values and a legend.

mod axes;
mod columns;
mod legend;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::axes::Axis;
use self::columns::{Column, Group, columns};
use super::item;
use super::{Asks, NamedSeries, PanelKind, PanelView, ShownValue};
use crate::chart::axis::ValueAxis;
use crate::chart::canvas::{Canvas, ROWS_PER_CELL};
use crate::chart::cover::Beneath;
use crate::chart::extent::{extent, last_samples, union};
use crate::chart::plot::{Parts, time_axis_lines};
use crate::chart::scale::{ColumnRun, TimeScale, ValueScale};
use crate::chart::time_axis::TimeAxis;
use crate::chart::trace::{Spans, Trace};
use crate::chart::zones;
use crate::field::{AxisSide, Draw, Gaps, Stack, ThresholdsStyle};
use crate::reduce::Reduce;
use crate::series::Grid;
use crate::text;
use crate::theme::ColorDepth;

/// Series that one panel draws; the others are counted.
pub const SERIES_DRAWN_LIMIT: usize = 200;

/// Narrowest chart that says what its legend would have said.
const SIGN_MIN_CELLS: u16 = 16;

/// Narrowest plot whose lines have letters: in narrower ones the letters would hide them.
const LETTERS_MIN_CELLS: u16 = 12;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "timeseries",
    about: "lines, bars or points over time, with axes and a legend",
    options: &[
        "draw",
        "fill",
        "stack",
        "gaps",
        "axis",
        "axis_label",
        "log",
        "negative_y",
        "soft_min",
        "soft_max",
        "interpolation",
        "thresholds_style",
        "legend",
    ],
    min_size: (16, 4),
    natural_height: 12,
    asks: |_| Asks { instant: false, range: true },
    draw,
    values,
    at: Some(values_at),
};

/// One value a series: at the crosshair where there is one, else by the panel's reduce; for the default, its last
/// sample, NaN included, or none when the series has ended.
pub(super) fn current_values(view: &PanelView<'_>, series: &[NamedSeries<'_>]) -> Vec<Option<f64>> {
    if let Some(at_ms) = view.cursor_ms {
        return series.iter().map(|one| one.value_at(at_ms)).collect();
    }
    match view.panel.field.reduce {
        Reduce::Now => last_samples(series.iter().map(|one| (one.grid, one.values))),
        reduce => series.iter().map(|one| reduce.apply(one.values)).collect(),
    }
}

/// `value`, to which `reduce` has brought a series, as the panel shows it beside the series' name.
pub(super) fn figure(
    view: &PanelView<'_>,
    one: &NamedSeries<'_>,
    reduce: Reduce,
    value: Option<f64>,
    range: (f64, f64),
) -> String {
    // A count of bytes is no bytes.
    let field = one.field.reduced_by(reduce);
    let show = |value| field.show_at(Some(value), range, item::calendar(view)).text;
    value.map_or_else(|| "-".to_owned(), show)
}

/// The extent of all series, for thresholds in percent.
pub(super) fn extent_of(series: &[NamedSeries<'_>]) -> Option<(f64, f64)> {
    series.iter().fold(None, |sum, one| union(sum, extent(one.values)))
}

pub(super) fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let series = view.named_series();
    let range = extent_of(&series).unwrap_or_default();
    let current = current_values(view, &series);
    let shown = |(one, value): (NamedSeries<'_>, Option<f64>)| ShownValue {
        text: figure(view, &one, one.field.reduce, value, range),
        name: one.name,
        value,
    };
    series.into_iter().zip(current).filter(|(one, _)| !one.is_hidden).map(shown).collect()
}

/// The value of each series at `at_ms`: of its sample then, or of the one less than a step before.
pub(super) fn values_at(view: &PanelView<'_>, at_ms: i64) -> Vec<ShownValue> {
    let series = view.named_series();
    let range = extent_of(&series).unwrap_or_default();
    let shown = |one: NamedSeries<'_>| {
        let value = one.value_at(at_ms);
        ShownValue { text: figure(view, &one, Reduce::Last, value, range), name: one.name, value }
    };
    series.into_iter().filter(|one| !one.is_hidden).map(shown).collect()
}

/// Whether the panel's own legend tells all values at the crosshair on an area of `lines` lines.
pub fn tells_values(view: &PanelView<'_>, lines: u16) -> bool {
    std::ptr::eq(view.panel.kind, &raw const KIND) && legend::tells_values(view, lines)
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let mut area = area.intersection(buffer.area);
    let mut series = view.named_series();
    if area.is_empty() || series.is_empty() {
        return;
    }
    let count = series.len();
    series.retain(|one| !one.is_hidden);
    let hidden = count - series.len();
    let drawn = &series[..series.len().min(SERIES_DRAWN_LIMIT)];
    let left_out = series.len() - drawn.len();
    let extents: Vec<Option<(f64, f64)>> = drawn.iter().map(|one| extent(one.values)).collect();
    let columns = columns(drawn, &extents);
    let axes =
        [AxisSide::Left, AxisSide::Right].map(|side| Axis::of(side, view.panel, drawn, &columns, &extents));
    let notes = notes(left_out, &axes, area.height);
    if !notes.is_empty() && area.height > 1 {
        area.height -= 1;
        text::put(buffer, area.x, area.bottom(), &notes, area.width, view.theme.warning());
    }
    let range = extents.iter().fold(None, |sum, extent| union(sum, *extent)).unwrap_or_default();
    let has_two_axes = axes.iter().all(Option::is_some);
    let said = legend::Said { series: drawn, extents: &extents, range, has_two_axes, left_out, hidden };
    let (mut area, sign) = legend::draw(view, said, area, buffer);
    let sign_cells = text::width(&sign) as u16;
    let has_room = sign_cells > 0 && area.width >= SIGN_MIN_CELLS.max(2 * sign_cells);
    let sign = if has_room { &*sign } else { "" };
    if has_room && time_axis_lines(area) == 0 {
        // Beside the plot, where there is nothing below it.
        area.width -= sign_cells + 1;
        let (x, y) = (area.right() + 1, area.bottom() - 1);
        text::put(buffer, x, y, sign, sign_cells, view.theme.dim());
    }
    draw_chart(view, drawn, (&columns, &axes, range), sign, area, buffer);
}

/// What is not drawn, in a line.
fn notes(left_out: usize, axes: &[Option<Axis<'_>>; 2], lines: u16) -> String {
    let mut notes = Vec::new();
    if left_out > 0 {
        notes.push(format!("… and {left_out} more series not drawn"));
    }
    // On less, the sign at the edge has to say it.
    let without_place: usize = axes.iter().flatten().map(|axis| axis.without_place).sum();
    if without_place > 0 && lines > legend::CHART_MIN_LINES {
        let samples = if without_place == 1 { "sample" } else { "samples" };
        notes.push(format!("▼ {without_place} {samples} at or below 0, where a log axis has no place"));
    }
    notes.join("; ")
}

fn draw_chart(
    view: &PanelView<'_>,
    series: &[NamedSeries<'_>],
    (columns, axes, range): (&[Column<'_>], &[Option<Axis<'_>>; 2], (f64, f64)),
    sign: &str,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = &view.theme;
    let lines = area.height - time_axis_lines(area);
    let gutter = |axis: &Axis<'_>| axis.gutter(lines, area.width, item::calendar(view));
    let gutters = axes.each_ref().map(|axis| axis.as_ref().and_then(gutter));
    let [left, right] = gutters.each_ref().map(|gutter| gutter.as_ref().map_or(0, |gutter| gutter.width));
    let parts = Parts::with_right(area, left, right);
    let has_room = parts.plot.width >= LETTERS_MIN_CELLS && parts.plot.height > 1;
    let has_letters = theme.has_letters() && series.len() > 1 && has_room;
    let canvas = Canvas::new(parts.plot.width, parts.plot.height, theme.marker).lettered(has_letters);
    let has_stacks = series.iter().any(|one| one.field.style.stack != Stack::None);
    let mut canvas = canvas.covered(has_stacks && theme.depth != ColorDepth::None);
    let scales = axes.each_ref().map(|axis| axis.as_ref().map(|axis| axis.scale(canvas.rows())));
    let time = TimeScale::new(view.span, canvas.columns());
    draw_thresholds(view, axes, &scales, parts, buffer);
    draw_axes(view, (&gutters, &scales), time, (parts, sign), buffer);
    let last = last_samples(series.iter().map(|one| (one.grid, one.values)));
    for (one, last) in series.iter().zip(last) {
        canvas.set_ink(owner(one), one.ink(last, range));
    }
    draw_series(series, columns, &time, scales, &mut canvas);
    canvas.paint(theme, parts.plot, buffer);
    view.draw_crosshair(parts.plot, &time, buffer);
    let is_odd = |column: &Column<'_>| {
        column.extent.is_none() && !column.values.iter().any(|value| value.is_infinite())
    };
    let is_beside = is_beside(view, columns);
    if is_beside || columns.iter().all(is_odd) {
        let y = parts.plot.y + parts.plot.height / 2;
        let note = match series {
            [] => "all series are hidden",
            _ if is_beside => "no sample in so short a window",
            _ => "every sample is NaN",
        };
        let x = parts.plot.x + parts.plot.width.saturating_sub(note.len() as u16) / 2;
        text::put(buffer, x, y, note, parts.plot.right() - x, theme.dim());
    }
}

/// Whether the samples of all series lie beside the window, as they may where it is shorter than a step.
fn is_beside(view: &PanelView<'_>, columns: &[Column<'_>]) -> bool {
    let beside = |Column { grid, .. }: &Column<'_>| {
        let is_inside = |index| (view.span.start_ms..=view.span.end_ms).contains(&grid.time_ms(index));
        grid.step_ms > view.span.len_ms() && !(0..grid.len).any(is_inside)
    };
    !columns.is_empty() && columns.iter().all(beside)
}

/// A scale and the row that areas and bars begin at, for each axis that there is.
type Scales = [Option<(ValueScale, i32)>; 2];

fn draw_thresholds(
    view: &PanelView<'_>,
    axes: &[Option<Axis<'_>>; 2],
    scales: &Scales,
    parts: Parts,
    buffer: &mut Buffer,
) {
    for (Axis { field, data, .. }, (scale, _)) in axes.iter().flatten().zip(scales.iter().flatten()) {
        let style = field.style.thresholds;
        if style != ThresholdsStyle::Off {
            let steps: Vec<_> = field.threshold_bounds(data.unwrap_or((0.0, 100.0))).collect();
            zones::draw(&steps, style, scale, &view.theme, parts.plot, buffer);
        }
    }
}

fn draw_axes(
    view: &PanelView<'_>,
    (gutters, scales): (&[Option<ValueAxis>; 2], &Scales),
    time: TimeScale,
    (parts, sign): (Parts, &str),
    buffer: &mut Buffer,
) {
    for ((gutter, scale), place) in gutters.iter().zip(scales).zip([parts.gutter, parts.right]) {
        if let (Some(gutter), Some((scale, _)), false) = (gutter, scale, place.is_empty()) {
            gutter.draw(scale, ROWS_PER_CELL, &view.theme, place, buffer);
        }
    }
    let time_axis = TimeAxis {
        span: view.span,
        zone: view.zone,
        scale: time,
        columns_per_cell: Canvas::columns_per_cell(view.theme.marker),
        left: parts.gutter.width,
    };
    let mut place = parts.time;
    if !sign.is_empty() && place.height > 0 {
        let cells = text::width(sign) as u16;
        place.width = place.width.saturating_sub(cells + 1);
        text::put(buffer, parts.time.right() - cells, place.y, sign, cells, view.theme.dim());
    }
    time_axis.draw(&view.theme, place, buffer);
    if parts.time.height >= 2 && parts.right.width > 0 {
        let corner = if view.theme.is_ascii() { "+" } else { "┘" };
        text::put(buffer, parts.right.x, parts.time.y, corner, 1, view.theme.rule());
    }
}

/// What a series is called on a canvas and in a legend: its number, so that letters are as stable as colours.
fn owner(one: &NamedSeries<'_>) -> u16 {
    one.number.min(usize::from(u16::MAX)) as u16
}

/// Draws all series, each on the scale of its axis.
fn draw_series(
    named: &[NamedSeries<'_>],
    columns: &[Column<'_>],
    time: &TimeScale,
    scales: Scales,
    canvas: &mut Canvas,
) {
    let mut spans = Spans::new();
    // The series of one query share their grid.
    let mut runs: Option<(Grid, Vec<ColumnRun>)> = None;
    let mut each = |index: usize, draw: &mut dyn FnMut(&Trace<'_>, i32)| {
        let Column { grid, values, .. } = &columns[index];
        let style = named[index].field.style;
        let Some((scale, base)) = scales[usize::from(style.axis == AxisSide::Right)] else { return };
        if runs.as_ref().is_none_or(|(other, _)| other != grid) {
            runs = Some((*grid, time.runs_of(grid)));
        }
        let trace = Trace {
            columns: runs.as_ref().map_or(&[][..], |(_, runs)| runs),
            values,
            scale,
            connect: style.gaps == Gaps::Connect,
            interpolation: style.interpolation,
            owner: owner(&named[index]),
        };
        draw(&trace, base);
    };
    // A higher area of a stack reaches down to the base: the lower ones are drawn over it.
    for index in (0..columns.len()).rev() {
        let spacing = time.columns_per(&columns[index].grid);
        let style = named[index].field.style;
        match style.draw {
            Draw::Bars => each(index, &mut |trace, base| trace.bars(base, spacing, &mut spans, canvas)),
            _ if style.fill || style.stack != Stack::None => {
                each(index, &mut |trace, base| trace.area(base, &mut spans, canvas));
            }
            _ => {}
        }
    }
    let mut stacks: Vec<(Group, Beneath)> = Vec::new();
    let covered = if canvas.is_covered() { named } else { &[] };
    for (index, one) in covered.iter().enumerate() {
        let Some(group) = Group::of(one) else { continue };
        let spacing = (one.field.style.draw == Draw::Bars).then(|| time.columns_per(&columns[index].grid));
        each(index, &mut |trace, base| {
            let place = stacks.iter().position(|(other, _)| *other == group).unwrap_or_else(|| {
                stacks.push((group, Beneath::new(canvas.columns(), base)));
                stacks.len() - 1
            });
            trace.cover(base, spacing, (&mut spans, &mut stacks[place].1), canvas);
        });
    }
    for (index, one) in named.iter().enumerate() {
        match one.field.style.draw {
            Draw::Bars => {}
            Draw::Lines => each(index, &mut |trace, _| trace.line(canvas)),
            Draw::Points => each(index, &mut |trace, _| trace.dots(canvas)),
        }
    }
}
