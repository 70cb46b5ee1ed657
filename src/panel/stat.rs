//! `stat`: the value, as large as there is room for, and the series behind it as a sparkline.
//!
//! When room is short the sparkline goes first, then the large figures, then the name; the value stays.

use std::cmp::Reverse;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::item::{self, CellGrid, Item};
use super::{Asks, PanelKind, PanelView};
use crate::chart::digits::{self, Size};
use crate::chart::spark::{self, Spark};
use crate::dashboard::{ColorMode, Panel, TextMode};
use crate::field::FieldOptions;
use crate::text;
use crate::theme::{ColorDepth, Ink, Rgb, Theme};
use crate::unit::{Calendar, Formatted};

/// How strong the colour of the sparkline is, its value's being 1.
const SPARK_STRENGTH: f64 = 0.65;

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "stat",
    about: "the value now, large, with a sparkline",
    options: &["sparkline", "text_mode", "color_mode", "rows", "limit"],
    min_size: (8, 2),
    natural_height: 7,
    asks,
    draw,
    values: item::shown_values,
    at: None,
};

/// Least width of one value among several.
const CELL_WIDTH_MIN: u16 = 9;
/// Columns between values side by side.
const GAP: u16 = 2;
/// Least width at which a sparkline tells its least and largest value.
const LABELED_SPARK_WIDTH: u16 = 28;
/// Lines of a sparkline beyond which it would be a chart without axes.
const SPARK_HEIGHT_LIMIT: u16 = 6;

fn asks(panel: &Panel) -> Asks {
    let asks = item::asks(panel);
    Asks { range: asks.range || !panel.options.hide_sparkline, ..asks }
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let items = item::items(view);
    let stat = Stat {
        view,
        range: item::data_range(&items),
        calendar: item::calendar(view),
        named: match view.panel.options.text_mode {
            TextMode::Auto => items.len() > 1,
            TextMode::ValueAndName => true,
            TextMode::Value | TextMode::Name | TextMode::None => false,
        },
    };
    let formatted: Vec<_> = items
        .iter()
        .take(usize::from(area.width) * usize::from(area.height))
        .map(|item| stat.formatted(item))
        .collect();
    let grid = stat.grid(&formatted, items.len(), area);
    let least = grid.cell(grid.capacity() - 1);
    // All values have figures of one size: a larger figure would look like a larger value.
    let figures = stat.figures(&formatted, least.width, least.height);
    for (index, item) in items.iter().take(grid.capacity()).enumerate() {
        stat.draw_cell(item, figures, grid.cell(index), buffer);
    }
    grid.draw_more(items.len(), area, view.theme.dim(), buffer);
}

/// What all values of the panel share.
struct Stat<'a> {
    view: &'a PanelView<'a>,
    range: (f64, f64),
    calendar: Calendar,
    named: bool,
}

/// How a cell is divided, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Division {
    name: u16,
    figures: Option<Size>,
    spark: u16,
}

impl Stat<'_> {
    /// What is written as the value; `None` where there is none.
    fn formatted(&self, item: &Item<'_>) -> Option<Formatted> {
        match self.view.panel.options.text_mode {
            TextMode::Name | TextMode::None => None,
            // Texts of labels are written as texts: few of them have letters that can be large.
            _ if item.text.is_some() => None,
            _ => item.field.parts(item.value, self.calendar),
        }
    }

    /// The value, or what stands in its place, in at most `width` cells.
    fn text(&self, item: &Item<'_>, width: u16) -> String {
        match self.view.panel.options.text_mode {
            TextMode::Name => text::fit(&item.name, usize::from(width)).into_owned(),
            TextMode::None => String::new(),
            _ => self.value(item, width),
        }
    }

    fn value(&self, item: &Item<'_>, width: u16) -> String {
        match item.words() {
            Some(words) => text::fit(&words.text, usize::from(width)).into_owned(),
            None => item.field.fit(item.value, self.calendar, usize::from(width)),
        }
    }

    /// By mapping, or by the dashboard's scheme of colours.
    fn scheme(&self, item: &Item<'_>) -> Option<Rgb> {
        item.words().map_or_else(|| item.field.color(item.value, self.range), |words| words.color)
    }

    /// The colour that the ground of a cell has, if it has one.
    fn ground(&self, item: &Item<'_>) -> Option<Rgb> {
        let is_ground = self.view.panel.options.color_mode == ColorMode::Background
            && self.view.theme.depth != ColorDepth::None;
        self.scheme(item).filter(|_| is_ground)
    }

    /// The colour of the value and of its sparkline.
    fn color(&self, item: &Item<'_>) -> Option<Rgb> {
        let has_color = self.view.panel.options.color_mode != ColorMode::None;
        self.scheme(item).filter(|_| has_color)
    }

    /// The grid with the largest figures, then with cells that are a little wider than high.
    fn grid(&self, formatted: &[Option<Formatted>], count: usize, area: Rect) -> CellGrid {
        let min = if count == 1 { (1, 1) } else { (CELL_WIDTH_MIN.min(area.width), 1) };
        CellGrid::best(count, area, min, GAP, |width, height| {
            let figures = self.figures(formatted, width, height);
            // A name and a value in one line are read with difficulty when they are far apart.
            (figures, height.min(2), Reverse(width.abs_diff(height.saturating_mul(5))))
        })
    }

    /// The largest figures in which every value that can be written in figures fits into such a cell.
    fn figures(&self, formatted: &[Option<Formatted>], width: u16, height: u16) -> Option<Size> {
        let height = height.saturating_sub(u16::from(self.named));
        let sparkline = !self.view.panel.options.hide_sparkline;
        let widest = |size| {
            let widths = formatted.iter().flatten().filter_map(|formatted| figures_width(formatted, size));
            widths.max()
        };
        // The largest figures only if a sparkline has room beside them.
        let room = |size: Size| size.height() + if size == Size::Large && sparkline { 2 } else { 0 };
        Size::available(self.view.theme.marker).iter().copied().find(|size| {
            room(*size) <= height && widest(*size).is_some_and(|widest| widest <= usize::from(width))
        })
    }

    fn divide(&self, figures: Option<Size>, height: u16, has_history: bool) -> Division {
        let name = u16::from(self.named && height >= 2);
        let rest = height.saturating_sub(name + figures.map_or(1, Size::height));
        let spark = has_history && !self.view.panel.options.hide_sparkline;
        let limit = SPARK_HEIGHT_LIMIT.max(height / 2);
        Division { name, figures, spark: if spark { rest.min(limit) } else { 0 } }
    }

    fn draw_cell(&self, item: &Item<'_>, figures: Option<Size>, area: Rect, buffer: &mut Buffer) {
        let theme = self.view.theme;
        let ground = self.ground(item);
        let style = match (ground, self.view.panel.options.color_mode) {
            (Some(color), _) => theme.on(Ink::Fixed(color)),
            (None, mode) if item.text.is_some() => {
                let color = self.scheme(item).filter(|_| mode != ColorMode::None);
                let style = color.map_or_else(|| theme.text(), |color| item::foreground(theme, color));
                style.add_modifier(Modifier::BOLD)
            }
            (None, ColorMode::None) if item.value.is_some() => theme.text().add_modifier(Modifier::BOLD),
            _ => item::value_style(theme, &item.field, item.value, self.range),
        };
        // On a coloured ground names are as readable as values.
        let name_style = if ground.is_some() { style.remove_modifier(Modifier::BOLD) } else { theme.text() };
        if ground.is_some() {
            let filled = Style::new().bg(style.bg.unwrap_or_default());
            for position in area.intersection(buffer.area).positions() {
                buffer[position].set_char(' ').set_style(filled);
            }
        }
        if self.named && area.height == 1 {
            self.draw_line(item, area, (style, name_style), buffer);
            return;
        }
        let formatted = self.formatted(item);
        let history = item.history.filter(|(_, values)| values.iter().any(|value| !value.is_nan()));
        let figures = figures
            .filter(|size| formatted.as_ref().is_some_and(|value| figures_width(value, *size).is_some()));
        let division = self.divide(figures, area.height, history.is_some());
        let figures = division.figures.map_or(1, Size::height);
        let used = division.name + figures + division.spark;
        // Room above and below, unless the sparkline has taken it.
        let mut y = area.y + (area.height - used.min(area.height)) / 2;
        if division.name == 1 {
            let name = item.fit_name(area.width);
            let x = centered(area, name.width());
            text::put(buffer, x, y, &name, area.width, name_style);
            y += 1;
        }
        if let Some(size) = division.figures {
            let area = Rect { y, ..area };
            draw_large(&item.field, item.value, self.calendar, size, style, theme, area, buffer);
        } else {
            let value = self.text(item, area.width);
            text::put(buffer, centered(area, value.width()), y, &value, area.width, style);
        }
        if let Some((grid, values)) = history.filter(|_| division.spark > 0) {
            let area = Rect { y: y + figures, height: division.spark, ..area };
            let spark = Spark { grid, values, span: self.view.span };
            let styles = match ground {
                Some(_) => (name_style, name_style),
                None => (self.spark_style(self.color(item)), theme.dim()),
            };
            self.draw_spark(&item.field, spark, styles, area, buffer);
        }
    }

    /// Name and value in one line, the value being whole before the name is.
    fn draw_line(&self, item: &Item<'_>, area: Rect, (style, name): (Style, Style), buffer: &mut Buffer) {
        let value = self.value(item, area.width);
        let width = value.width() as u16;
        text::put(buffer, area.right() - width.min(area.width), area.y, &value, width, style);
        let rest = area.width.saturating_sub(width + 1);
        text::put(buffer, area.x, area.y, &item.fit_name(rest), rest, name);
    }

    fn draw_spark(
        &self,
        field: &FieldOptions,
        spark: Spark<'_>,
        (style, dim): (Style, Style),
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = self.view.theme;
        let mut area = area;
        if area.width >= LABELED_SPARK_WIDTH
            && area.height >= 2
            && let Some((low, high)) = spark.scale()
        {
            let label = |value| field.fit_bound(value, self.calendar, usize::from(area.width / 4));
            let (top, bottom) = (label(high), label(low));
            let width = top.width().max(bottom.width()) as u16;
            area.width -= width + 1;
            let x = area.right() + 1;
            text::put(buffer, x, area.y, &top, width, dim);
            if low < high {
                text::put(buffer, x, area.bottom() - 1, &bottom, width, dim);
            }
        }
        spark::draw(buffer, area, spark, style, theme.marker);
    }

    /// The value's colour, weaker, so that the value stays in front.
    fn spark_style(&self, color: Option<Rgb>) -> Style {
        let theme = self.view.theme;
        let color = color.map_or(theme.series_rgb(2), |color| theme.rgb(color));
        match theme.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::DIM),
            _ => Style::new().fg(theme.weaker(color, SPARK_STRENGTH)),
        }
    }
}

/// The column at which something of this width stands in the middle.
fn centered(area: Rect, width: usize) -> u16 {
    area.x + (usize::from(area.width).saturating_sub(width) / 2) as u16
}

/// Cells of the number in figures and its unit in letters beside it.
pub(super) fn figures_width(formatted: &Formatted, size: Size) -> Option<usize> {
    let figures = digits::width(formatted.number(), size).filter(|width| *width > 0)?;
    let prefix = match formatted.prefix() {
        "" => 0,
        prefix => digits::width(prefix, size)? + 1 + usize::from(size == Size::Large),
    };
    Some(prefix + figures + suffix(formatted).width())
}

/// The unit, always with a space before it: a figure is no letter.
fn suffix(formatted: &Formatted) -> String {
    let suffix = text::clean(formatted.suffix());
    if suffix.is_empty() || suffix.starts_with(' ') { suffix.into_owned() } else { format!(" {suffix}") }
}

/// Draws `value` in figures of `size` in the middle of the top of `area`.
#[expect(clippy::too_many_arguments, reason = "what to draw, how, and where")]
pub(super) fn draw_large(
    field: &FieldOptions,
    value: Option<f64>,
    calendar: Calendar,
    size: Size,
    style: Style,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(formatted) = field.parts(value, calendar) else { return };
    let x = centered(area, figures_width(&formatted, size).unwrap_or_default());
    let figures = format!("{}{}", formatted.prefix(), formatted.number());
    digits::draw(buffer, (x, area.y), &figures, size, style, theme.marker);
    let x = x + digits::width(&figures, size).unwrap_or_default() as u16;
    let rest = area.right().saturating_sub(x);
    text::put(buffer, x, area.y + size.height() - 1, &suffix(&formatted), rest, style);
}

#[cfg(test)]
mod tests;
