//! The panel type `heatmap`: how values spread over time, from the buckets of a histogram.
//!
//! Series with a label `le` are cumulative buckets. They are grouped by their other labels and sorted by bound;
//! each has the bucket below it subtracted, and the groups are added up. Series without it are rows as they are, unless
//! their samples are to be counted (`calculate`); so are buckets of a query that says `format: series`, as they are in
//! Grafana of one whose format is not `heatmap`.

mod calculate;
mod lines;
mod picture;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::lines::Lines;
use self::picture::{Picture, Row};
use super::item::calendar;
use super::marks::Rows;
use super::{Asks, PanelKind, PanelView, ShownValue};
use crate::chart::extent::{extent, union};
use crate::chart::heat::{self, HeatScale};
use crate::chart::plot::Parts;
use crate::chart::scale::TimeScale;
use crate::chart::time_axis::TimeAxis;
use crate::dashboard::{ColorScale, PanelOptions};
use crate::series::{ABSENT, Grid, is_absent};
use crate::text;
use crate::unit::Unit;

/// Lines from which on the scale of colours has one.
const SCALE_FROM_LINES: u16 = 6;

/// Stands at what the reader has pointed at.
const POINTER: &str = "▸";

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "heatmap",
    about: "how values spread over time, from the buckets of a histogram",
    options: &["calculate", "color_scale", "cell_unit", "cell_decimals", "axis_label"],
    min_size: (16, 4),
    natural_height: 12,
    asks: |_| Asks { instant: false, range: true },
    draw,
    values,
    at: Some(values_at),
};

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let Some(rows) = Picture::of(view) else { return Vec::new() };
    let shown = |row: Row| {
        let value = row.values.last().copied().filter(|value| !is_absent(*value));
        let text = value.map_or_else(|| "-".to_owned(), |value| cell_text(view, value));
        ShownValue { name: row.label, value, text }
    };
    rows.rows.into_iter().map(shown).collect()
}

/// What the rows hold at `at_ms`: those that the reader has pointed at, then the others, the highest bucket first;
/// buckets that are empty then are left out, unless they are pointed at.
fn values_at(view: &PanelView<'_>, at_ms: i64) -> Vec<ShownValue> {
    let Some(picture) = Picture::of(view) else { return Vec::new() };
    // Samples that were counted lie around their point, others hold from theirs on.
    let index = match view.panel.options.calculate {
        Some(_) => picture.grid.nearest(at_ms),
        None => picture.grid.at_or_before(at_ms),
    };
    let count = picture.rows.len();
    let shown = |first: usize, end: usize| {
        let value = |row: &Row| index.and_then(|index| row.values.get(index).copied()).unwrap_or(ABSENT);
        let sum: f64 = picture.rows[first..end].iter().map(value).sum();
        let value = (!sum.is_nan()).then_some(sum);
        let text = value.map_or_else(|| "-".to_owned(), |value| cell_text(view, value));
        ShownValue { name: picture.name(first, end), value, text }
    };
    let Some(pointed) = view.series.pointed.filter(|rows| rows.end <= count && rows.first < rows.end) else {
        let all = (0..count).rev().map(|row| shown(row, row + 1));
        return all
            .filter(|one| !picture.are_buckets || one.value.is_some_and(|value| value != 0.0))
            .collect();
    };
    let together = pointed.together.max(1);
    let parts = (pointed.first..pointed.end).step_by(together).rev();
    let parts = parts.map(|first| {
        let one = shown(first, (first + together).min(pointed.end));
        ShownValue { name: format!("{POINTER} {}", one.name), ..one }
    });
    let others = (0..count).rev().filter(|row| !(pointed.first..pointed.end).contains(row));
    let others = others.map(|row| shown(row, row + 1));
    let others = others.filter(|one| !picture.are_buckets || one.value.is_some_and(|value| value != 0.0));
    parts.chain(others).collect()
}

/// A row of the picture with its name.
pub(super) struct NamedRow {
    /// The range of a bucket, or the series' name.
    pub(super) name: String,
    /// The times of the values.
    pub(super) grid: Grid,
    /// One value a grid point.
    pub(super) values: Vec<f64>,
}

/// The rows of the picture, the highest bucket first.
pub(super) fn rows(view: &PanelView<'_>) -> Vec<NamedRow> {
    let Some(mut picture) = Picture::of(view) else { return Vec::new() };
    let names: Vec<String> = (0..picture.rows.len()).map(|row| picture.name(row, row + 1)).collect();
    let both = names.into_iter().zip(picture.rows.drain(..));
    both.rev().map(|(name, row)| NamedRow { name, grid: picture.grid, values: row.values }).collect()
}

/// A cell's value: a count, or whatever the query made of it; the panel's unit is that of the bounds.
pub(super) fn cell_text(view: &PanelView<'_>, value: f64) -> String {
    let PanelOptions { cell_unit, cell_decimals, .. } = &view.panel.options;
    let unit = cell_unit.as_ref().map_or_else(|| Cow::Owned(Unit::new("short")), Cow::Borrowed);
    unit.brief(value, *cell_decimals, Some(calendar(view))).into_string()
}

/// Notes that are cut to less than this say nothing.
const NOTE_MIN_CELLS: u16 = 16;

/// How the area is shared, and what is in it.
struct Layout {
    parts: Parts,
    time: TimeScale,
    lines: Lines,
    /// Rows of the picture.
    rows: usize,
    /// The scale of colours and the notes; none where there are few lines.
    scale_line: Option<Rect>,
    notes: Vec<String>,
    /// The shortest of the notes, for where there is no line.
    sign: String,
}

impl Layout {
    fn of(view: &PanelView<'_>, area: Rect) -> Option<Self> {
        let layout = Self::within(view, area)?;
        let sign_cells = layout.sign_cells();
        if sign_cells == 0 || layout.scale_line.is_some() || !layout.parts.time.is_empty() {
            return Some(layout);
        }
        // Where there is no line below it, the sign stands beside the picture.
        let Some(width) = area.width.checked_sub(sign_cells + 1).filter(|width| *width > sign_cells) else {
            return Some(layout);
        };
        Self::within(view, Rect { width, ..area })
    }

    fn sign_cells(&self) -> u16 {
        text::width(&self.sign) as u16
    }

    fn within(view: &PanelView<'_>, area: Rect) -> Option<Self> {
        let picture = Picture::of(view).filter(|_| !area.is_empty())?;
        let scale_lines = u16::from(area.height >= SCALE_FROM_LINES);
        let chart = Rect { height: area.height - scale_lines, ..area };
        let label_cells = picture.rows.iter().map(|row| text::width(&row.label)).max().unwrap_or(0);
        let label_cells = label_cells.min(usize::from(area.width / 3)) as u16;
        let parts = Parts::of(chart, label_cells + 1);
        let time = TimeScale::new(view.span, parts.plot.width);
        let lines = Lines::of(&picture, parts.plot.height, &time, heat::has_halves(&view.theme));
        let rows = picture.rows.len();
        let mut notes = picture.notes;
        if lines.together > 1 {
            notes.insert(0, format!("{} buckets added up", lines.together));
        }
        if lines.left_out > 0 {
            notes.insert(0, format!("+{} more", lines.left_out));
        }
        let sign = match (lines.left_out, lines.together) {
            (0, 0 | 1) if notes.is_empty() => String::new(),
            (0, 0 | 1) => text::ELLIPSIS.to_owned(),
            (0, together) => format!("×{together}"),
            (left_out, _) => format!("+{left_out}"),
        };
        let scale_line = (scale_lines > 0).then_some(Rect { y: chart.bottom(), height: 1, ..area });
        Some(Self { parts, time, lines, rows, scale_line, notes, sign })
    }

    /// The rows on the line `y` lines above the lowest one of the plot.
    fn rows(&self, y: usize) -> Rows {
        let each = if self.lines.halves { 2 } else { 1 };
        let line = y * self.count() / usize::from(self.parts.plot.height).max(1);
        let first = self.lines.left_out + line * each * self.lines.together;
        let end = (first + each * self.lines.together).min(self.rows);
        Rows { first, end, together: self.lines.together }
    }

    /// Lines of cells that show something.
    fn count(&self) -> usize {
        let rows = self.lines.values.len();
        if self.lines.halves { rows.div_ceil(2) } else { rows }
    }
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    let Some(layout) = Layout::of(view, area) else { return };
    let (parts, time) = (layout.parts, layout.time);
    let data = layout.lines.values.iter().fold(None, |sum, (_, values)| union(sum, extent(values)));
    let is_linear = view.panel.options.color_scale == ColorScale::Linear;
    let scale = HeatScale::new(data.unwrap_or_default()).linear(is_linear);
    draw_lines(view, &layout, &scale, buffer);
    view.draw_crosshair(parts.plot, &time, buffer);
    point(view, &layout, buffer);
    let is_said = draw_scale(view, &layout, data.is_some().then_some(&scale), buffer);
    let sign_cells = if is_said { 0 } else { layout.sign_cells().min(area.width) };
    let mut time_line = parts.time;
    if sign_cells > 0 {
        let y = if time_line.is_empty() { area.bottom() - 1 } else { time_line.y };
        time_line.width = time_line.width.saturating_sub(sign_cells + 1);
        let sign = if view.theme.is_ascii() { layout.sign.replace('×', "x") } else { layout.sign };
        text::put(buffer, area.right() - sign_cells, y, &sign, sign_cells, view.theme.dim());
    }
    TimeAxis { span: view.span, zone: view.zone, scale: time, columns_per_cell: 1, left: parts.gutter.width }
        .draw(&view.theme, time_line, buffer);
}

/// The scale of colours and the notes, where there is a line for them; in place of notes that have no room, their sign.
/// Whether all of it is said.
fn draw_scale(view: &PanelView<'_>, layout: &Layout, scale: Option<&HeatScale>, buffer: &mut Buffer) -> bool {
    let Some(line) = layout.scale_line else { return layout.sign.is_empty() };
    let end = scale.map(|scale| scale.draw(&|value| cell_text(view, value), &view.theme, line, buffer));
    let x = end.map_or(line.x, |end| end + 2);
    let room = line.right().saturating_sub(x);
    let notes = layout.notes.join(" · ");
    let has_room = text::width(&notes) <= usize::from(room);
    if has_room || room > NOTE_MIN_CELLS {
        text::put(buffer, x, line.y, &notes, room, view.theme.dim());
    }
    has_room || room > NOTE_MIN_CELLS
}

/// Notes which rows lie on which line, and points at the line of those that the reader has pointed at.
fn point(view: &PanelView<'_>, layout: &Layout, buffer: &mut Buffer) {
    let Parts { plot, gutter, .. } = layout.parts;
    let lines = (0..usize::from(plot.height)).rev().map(|y| layout.rows(y));
    let lines: Vec<Rows> = if layout.lines.values.is_empty() { Vec::new() } else { lines.collect() };
    let pointed = view.series.pointed.filter(|_| view.cursor_ms.is_some() && gutter.width > 0);
    let is_pointed = |rows: &Rows| pointed.is_some_and(|one| one.first < rows.end && rows.first < one.end);
    for (y, _) in (plot.top()..).zip(&lines).filter(|(_, rows)| is_pointed(rows)) {
        text::put(buffer, gutter.right() - 1, y, POINTER, 1, view.theme.focus());
    }
    view.series.lines.replace(lines);
}

fn draw_lines(view: &PanelView<'_>, layout: &Layout, scale: &HeatScale, buffer: &mut Buffer) {
    let (parts, lines) = (layout.parts, &layout.lines);
    let (plot, theme) = (parts.plot, &view.theme);
    let count = layout.count();
    let mut labels = Vec::new();
    for y in 0..usize::from(plot.height) {
        // Rows share the lines as evenly as whole lines allow.
        let line = y * count / usize::from(plot.height).max(1);
        let row_y = plot.bottom() - 1 - y as u16;
        let each = if lines.halves { 2 } else { 1 };
        let Some(lower) = lines.values.get(line * each) else { continue };
        let upper = lines.values.get(line * each + 1).filter(|_| lines.halves);
        for (index, x) in (plot.left()..plot.right()).enumerate() {
            let value = |row: &(String, Vec<f64>)| row.1.get(index).copied().unwrap_or(ABSENT);
            if lines.halves {
                let halves = (upper.map_or(ABSENT, value), value(lower));
                heat::draw_halves(halves, scale, theme, x, row_y, buffer);
            } else {
                heat::draw_cell(value(lower), scale, theme, x, row_y, buffer);
            }
        }
        // The label stands on the uppermost line of its row, where its bound is.
        if (y + 1) * count / usize::from(plot.height) != line {
            labels.push((row_y, upper.unwrap_or(lower).0.as_str()));
        }
    }
    if !parts.gutter.is_empty() {
        for (y, label) in labels {
            let width = text::width(label).min(usize::from(parts.gutter.width - 1)) as u16;
            text::put(buffer, parts.gutter.right() - 1 - width, y, label, width, theme.dim());
        }
    }
}

#[cfg(test)]
mod tests;
