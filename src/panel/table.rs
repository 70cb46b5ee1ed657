//! `table`: the series now, one line each: labels on the left, values on the right; or what transforms have made of them.
//!
//! Several queries are merged by equal labels. The metric's name is a column only where it differs. What does not fit is
//! announced: rows by their numbers, columns by their count.

mod layout;
mod model;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use self::layout::{Layout, Placed};
use self::model::Table;
use super::item;
use super::{Asks, PanelKind, PanelView, ShownValue};
use crate::chart::bar::{self, Bar};
use crate::field::{Align, CellMode};
use crate::text;
use crate::theme::{Marker, Theme};

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "table",
    about: "labels and values of all series now",
    options: &["hide_columns", "sort", "column_width", "align", "cell"],
    min_size: (12, 3),
    natural_height: 10,
    asks: |_| Asks { instant: true, range: false },
    draw,
    values,
    at: None,
};

/// Columns between columns.
const GAP: u16 = 2;
/// Least cells that a sign at its side leaves to a table of two lines.
const BESIDE_MIN_CELLS: u16 = 12;
/// A label's column is not made narrower than this before other labels are left out.
const LABEL_WIDTH_MIN: u16 = 8;
/// Nor the only label's before values are left out.
const LAST_LABEL_WIDTH_MIN: u16 = 4;
/// Cells of a bar beside its value.
const BAR_WIDTH: u16 = 10;
/// Columns that a table has at most; the rest is announced.
const COLUMNS_LIMIT: usize = 60;

/// Lines of the whole table with its header, for those who bound the scrolling.
pub fn line_count(view: &PanelView<'_>) -> usize {
    Table::new(view).rows() + 1
}

/// Columns by which the table can be scrolled in `width` cells: 0 where all fit.
pub fn column_scroll_max(view: &PanelView<'_>, width: u16) -> usize {
    Layout::scroll_max(&Table::new(view), width)
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let table = Table::new(view);
    let layout_of = |width: u16| match view.column_scroll {
        Some(first) if Layout::scroll_max(&table, width) > 0 => Layout::scrolled(&table, width, first),
        _ => Layout::fitted(&table, width),
    };
    let layout = layout_of(area.width);
    let count = table.rows();
    let is_cut = |header: u16| count > usize::from(area.height - header);
    let misses_columns = layout.before + layout.after > 0;
    let needs_footer = misses_columns || is_cut(u16::from(area.height > 1)) || table.unknown_sort().is_some();
    if area.height == 2 && needs_footer && draw_beside(&table, &layout_of, area, buffer) {
        return;
    }
    // With few lines a row and the sign that there are more are worth more than the header.
    let footer = u16::from(needs_footer && (area.height > 1 || count > 1));
    let header = u16::from(area.height > 1 + footer);
    let visible = usize::from(area.height.saturating_sub(header + footer));
    let first = usize::from(view.scroll).min(count.saturating_sub(visible));
    if header == 1 {
        draw_header(&table, &layout.columns, area, buffer);
    }
    for line in 0..visible.min(count - first) {
        let area = Rect { y: area.y + header + line as u16, height: 1, ..area };
        draw_row(&table, &layout.columns, first + line, area, buffer);
    }
    if footer == 1 {
        let signs = [false, true].map(|short| table.footer(first, visible, &layout, short, view.theme));
        let sign = signs.iter().find(|sign| sign.width() <= usize::from(area.width)).unwrap_or(&signs[1]);
        let y = area.bottom() - 1;
        let x = area.right() - (sign.width() as u16).min(area.width);
        text::put(buffer, x, y, sign, area.width, view.theme.dim());
    }
}

/// A header and one row, with the sign of what is not shown beside the header; `false`, and nothing is drawn, where that
/// leaves too little for the table.
fn draw_beside(
    table: &Table<'_>,
    layout_of: &dyn Fn(u16) -> Layout,
    area: Rect,
    buffer: &mut Buffer,
) -> bool {
    let first = usize::from(table.view.scroll).min(table.rows().saturating_sub(1));
    let sign_of = |layout: &Layout| table.footer(first, 1, layout, true, table.view.theme);
    let mut width = area.width;
    // A narrower table may leave out more columns, which makes the sign longer.
    for _ in 0..3 {
        let layout = layout_of(width);
        let sign = sign_of(&layout);
        let cells = sign.width().min(usize::from(area.width)) as u16;
        if width + GAP + cells <= area.width {
            let place = Rect { width, height: 1, ..area };
            draw_header(table, &layout.columns, place, buffer);
            if first < table.rows() {
                draw_row(table, &layout.columns, first, Rect { y: area.y + 1, ..place }, buffer);
            }
            text::put(buffer, area.right() - cells, area.y, &sign, cells, table.view.theme.dim());
            return true;
        }
        width = area.width.saturating_sub(cells + GAP);
        if width < BESIDE_MIN_CELLS {
            return false;
        }
    }
    false
}

impl Table<'_> {
    /// `12–20 of 57 · +2 columns`, or short: `12–20/57 +2`; with columns scrolled away `2 columns ◂ ▸ 3 columns`.
    fn footer(&self, first: usize, visible: usize, layout: &Layout, short: bool, theme: Theme) -> String {
        let ascii = theme.marker == Marker::Ascii;
        let (dash, dot) = if ascii { ("-", " - ") } else { ("–", " · ") };
        let (left, right) = if ascii { ("<", ">") } else { ("◂", "▸") };
        let count = self.rows();
        let columns = |count: usize| if count == 1 { "column" } else { "columns" };
        let mut signs = Vec::new();
        if visible == 0 {
            signs.push(format!("{count} rows"));
        } else if visible < count {
            let last = (first + visible).min(count);
            let of = if short { "/" } else { " of " };
            let range = if visible == 1 { last.to_string() } else { format!("{}{dash}{last}", first + 1) };
            signs.push(format!("{range}{of}{count}"));
        }
        if self.view.column_scroll.is_some() && layout.before + layout.after > 0 {
            let (before, after) = (layout.before, layout.after);
            signs.push(if short {
                format!("{left}{before} {after}{right}")
            } else {
                format!("{left} {before} {}{dot}{after} {right}", columns(before + after))
            });
        } else if layout.after > 0 {
            let words = if short { String::new() } else { format!(" {}", columns(layout.after)) };
            signs.push(format!("+{}{words}", layout.after));
        }
        if let Some(sort) = self.unknown_sort() {
            signs.push(format!("no column {} to sort by", sort.trim_start_matches('-')));
        }
        signs.join(if short { " " } else { dot })
    }
}

fn draw_header(table: &Table<'_>, columns: &[Placed], area: Rect, buffer: &mut Buffer) {
    let style = table.view.theme.dim().add_modifier(Modifier::BOLD);
    let mut x = area.x;
    for placed in columns {
        let name = table.header(placed.column);
        put(
            &name,
            table.columns[placed.column].align(),
            Rect { x, width: placed.width, ..area },
            style,
            buffer,
        );
        x = x.saturating_add(placed.width + GAP);
    }
}

fn draw_row(table: &Table<'_>, columns: &[Placed], row: usize, area: Rect, buffer: &mut Buffer) {
    let mut x = area.x;
    for placed in columns {
        let area = Rect { x, width: placed.width, ..area };
        draw_cell(table, placed.column, row, area, buffer);
        x = x.saturating_add(placed.width + GAP);
    }
}

fn draw_cell(table: &Table<'_>, number: usize, row: usize, area: Rect, buffer: &mut Buffer) {
    let (theme, column) = (table.view.theme, &table.columns[number]);
    let color = table.color(row, number);
    let style = match (column.field.column.cell, color) {
        (CellMode::Background, Some(color)) => theme.text_on(color),
        (CellMode::Text, _) | (_, None) => theme.text(),
        (_, Some(color)) => item::foreground(theme, color),
    };
    let mut text_area = area;
    if let Some((from, to)) = table.bar(row, number) {
        // All values of the column end at one place, so that the bars can be compared.
        let texts = (0..table.rows()).map(|row| table.cell(row, number, usize::from(area.width)).width());
        let text_width = (texts.max().unwrap_or_default() as u16).min(area.width);
        if let Some(width) = area.width.checked_sub(text_width + 1).filter(|width| *width >= 2) {
            let style = if color.is_some() { style } else { Style::new().fg(theme.series(0)) };
            bar::horizontal(buffer, Rect { width, height: 1, ..area }, Bar { from, to, style }, theme);
            text_area = Rect { x: area.right() - text_width, width: text_width, ..area };
        }
    }
    if column.field.column.cell == CellMode::Background && color.is_some() {
        let ground = Rect { height: 1, ..area }.intersection(buffer.area);
        buffer.set_style(ground, style);
    }
    let text = table.cell(row, number, usize::from(text_area.width));
    put(&text, column.align(), text_area, style, buffer);
}

fn put(text: &str, align: Align, area: Rect, style: Style, buffer: &mut Buffer) {
    let fitted: Cow<'_, str> = text::fit(text, usize::from(area.width));
    let free = area.width.saturating_sub(fitted.width() as u16);
    let indent = match align {
        Align::Left => 0,
        Align::Center => free / 2,
        Align::Right => free,
    };
    text::put(buffer, area.x.saturating_add(indent), area.y, &fitted, area.width - indent, style);
}

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let table = Table::new(view);
    let numbers: Vec<usize> =
        (0..table.columns.len()).filter(|column| !table.columns[*column].is_text()).collect();
    let several = numbers.len() > 1;
    let mut shown = Vec::new();
    for row in 0..table.rows() {
        let labels: Vec<String> = (0..table.columns.len())
            .filter_map(|column| Some((column, table.text(row, column)?)))
            .map(|(column, text)| format!("{}={text:?}", table.columns[column].name))
            .collect();
        for column in &numbers {
            let Some((value, text)) = table.shown(row, *column) else { continue };
            let mut name = format!("{{{}}}", labels.join(", "));
            if several {
                name = format!("{} {name}", table.columns[*column].name);
            }
            shown.push(ShownValue { name, value, text });
        }
    }
    shown
}
