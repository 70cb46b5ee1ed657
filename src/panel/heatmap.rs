//! The panel type `heatmap`: how values spread over time, from the buckets of a histogram.
//!
//! Series with a label `le` are cumulative buckets. They are grouped by their other labels and sorted by bound;
//! each has the bucket below it subtracted, and the groups are added up. Series without it are rows as they are, unless
//! their samples are to be counted (`calculate`).

mod calculate;
mod lines;
mod picture;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::lines::Lines;
use self::picture::{Picture, Row};
use super::{Asks, PanelKind, PanelView, ShownValue};
use crate::chart::extent::{extent, union};
use crate::chart::heat::{self, HeatScale};
use crate::chart::plot::Parts;
use crate::chart::scale::TimeScale;
use crate::chart::time_axis::TimeAxis;
use crate::dashboard::ColorScale;
use crate::series::{ABSENT, is_absent};
use crate::text;
use crate::unit::Unit;

/// Lines from which on the scale of colours has one.
const SCALE_FROM_LINES: u16 = 6;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "heatmap",
    about: "how values spread over time, from the buckets of a histogram",
    options: &["calculate", "color_scale"],
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
        let text = value.map_or_else(|| "-".to_owned(), count_text);
        ShownValue { name: row.label, value, text }
    };
    rows.rows.into_iter().map(shown).collect()
}

/// What the rows hold at `at_ms`, the highest bucket first; those that are empty then are left out.
fn values_at(view: &PanelView<'_>, at_ms: i64) -> Vec<ShownValue> {
    let Some(picture) = Picture::of(view) else { return Vec::new() };
    let index = picture.grid.at_or_before(at_ms);
    let shown = |row: Row| {
        let value = index.and_then(|index| row.values.get(index).copied()).filter(|value| !is_absent(*value));
        let text = value.map_or_else(|| "-".to_owned(), count_text);
        ShownValue { name: row.label, value, text }
    };
    let all = picture.rows.into_iter().rev().map(shown);
    all.filter(|shown| !picture.are_buckets || shown.value.is_some_and(|value| value != 0.0)).collect()
}

/// A cell's value: a count, or whatever the query made of it; the panel's unit is that of the bounds.
fn count_text(count: f64) -> String {
    Unit::new("short").format(count, None)
}

/// How the area is shared, and what is in it.
struct Layout {
    parts: Parts,
    time: TimeScale,
    lines: Lines,
    are_buckets: bool,
    /// The scale of colours and the notes; none where there are few lines.
    scale_line: Option<Rect>,
    notes: Vec<String>,
}

impl Layout {
    fn of(view: &PanelView<'_>, area: Rect) -> Option<Self> {
        let picture = Picture::of(view).filter(|_| !area.is_empty())?;
        let scale_lines = u16::from(area.height >= SCALE_FROM_LINES);
        let chart = Rect { height: area.height - scale_lines, ..area };
        let label_cells = picture.rows.iter().map(|row| text::width(&row.label)).max().unwrap_or(0);
        let label_cells = label_cells.min(usize::from(area.width / 3)) as u16;
        let parts = Parts::of(chart, label_cells + 1);
        let time = TimeScale::new(view.span, parts.plot.width);
        let lines = Lines::of(&picture, parts.plot.height, &time, heat::has_halves(&view.theme));
        let mut notes = picture.notes;
        if lines.together > 1 {
            notes.insert(0, format!("{} buckets added up", lines.together));
        }
        if lines.left_out > 0 {
            notes.insert(0, format!("+{} more", lines.left_out));
        }
        let scale_line = (scale_lines > 0).then_some(Rect { y: chart.bottom(), height: 1, ..area });
        Some(Self { parts, time, lines, are_buckets: picture.are_buckets, scale_line, notes })
    }

    /// Lines of cells that show something.
    fn count(&self) -> usize {
        let rows = self.lines.values.len();
        if self.lines.halves { rows.div_ceil(2) } else { rows }
    }
}

/// What lies in the cell at column `x` and line `y` of the screen when the panel is drawn into `area`: the time in its
/// middle, Unix milliseconds, and its buckets, the upper one first, each with what is drawn for it. `None` beside the
/// plot.
pub fn cell_at(view: &PanelView<'_>, area: Rect, x: u16, y: u16) -> Option<(i64, Vec<ShownValue>)> {
    let layout = Layout::of(view, area)?;
    let plot = layout.parts.plot;
    if !plot.contains((x, y).into()) {
        return None;
    }
    let line = usize::from(plot.bottom() - 1 - y) * layout.count() / usize::from(plot.height);
    let column = usize::from(x - plot.x);
    let rows = if layout.lines.halves { 2 * line..2 * line + 2 } else { line..line + 1 };
    let shown = |row: usize| {
        let (label, values) = layout.lines.values.get(row)?;
        let below = row.checked_sub(1).and_then(|below| layout.lines.values.get(below));
        let name = match below.filter(|_| layout.are_buckets) {
            Some((below, _)) => format!("{below} to {label}"),
            None if layout.are_buckets => format!("up to {label}"),
            None => label.clone(),
        };
        let value = values.get(column).copied().filter(|value| !value.is_nan());
        let text = value.map_or_else(|| "-".to_owned(), count_text);
        Some(ShownValue { name, value, text })
    };
    Some((layout.time.time_ms(x - plot.x), rows.rev().filter_map(shown).collect()))
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
    TimeAxis { span: view.span, zone: view.zone, scale: time, columns_per_cell: 1, left: parts.gutter.width }
        .draw(&view.theme, parts.time, buffer);
    if let Some(line) = layout.scale_line {
        let x = if data.is_some() { scale.draw(&count_text, &view.theme, line, buffer) + 2 } else { line.x };
        let room = line.right().saturating_sub(x);
        text::put(buffer, x, line.y, &layout.notes.join(" · "), room, view.theme.dim());
    }
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
