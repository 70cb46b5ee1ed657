//! `gauge`: how far a value is between min and max, as a thick bar with its bounds and thresholds under it.
//!
//! The bounds are the panel's `min` and `max`, or 0 to 100 (0 to 1 for `percentunit`). A value beyond them fills or
//! empties the bar, which then ends in a mark, and is told in full.

use std::cmp::Reverse;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::PanelKind;
use super::item::{self, CellGrid, Item};
use super::stat;
use crate::chart::bar::{self, Bar};
use crate::chart::digits::Size;
use crate::dashboard::ColorMode;
use crate::text;
use crate::theme::{ColorDepth, Marker, Theme};
use crate::unit::Calendar;

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "gauge",
    about: "the value between its minimum and maximum",
    options: &["text_mode", "color_mode", "rows", "limit"],
    min_size: (10, 2),
    natural_height: 6,
    asks: item::asks,
    draw,
    values: item::shown_values,
    at: None,
};

/// Least width of one gauge among several.
const CELL_WIDTH_MIN: u16 = 16;
/// Columns between gauges side by side.
const GAP: u16 = 3;
/// Least width of a bar that has name and value beside it.
const BAR_WIDTH_MIN: u16 = 4;
/// Bars do not grow thicker than this.
const BAR_HEIGHT_LIMIT: u16 = 3;

fn draw(view: &super::PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let items = item::items(view);
    let calendar = item::calendar(view);
    let seen = || items.iter().take(usize::from(area.width) * usize::from(area.height));
    let names = seen().map(|item| text::width(&item.name)).max().unwrap_or_default();
    let values = seen().map(|item| item.field.fit(item.value, calendar, usize::from(area.width)).width());
    let (has_names, has_values) = item::written(view.panel.options.text_mode, items.len() > 1);
    let gauge = Gauge {
        name_width: if has_names { names as u16 + 1 } else { 0 },
        value_width: if has_values { values.max().unwrap_or_default() as u16 } else { 0 },
        theme: view.theme,
        calendar,
        named: has_names,
        valued: has_values,
        color: view.panel.options.color_mode,
    };
    let min = if items.len() == 1 { (1, 1) } else { (CELL_WIDTH_MIN.min(area.width), 1) };
    // Bars are compared best when they lie one under the other, as long as each has room for its scale.
    let grid =
        CellGrid::best(items.len(), area, min, GAP, |width, height| (height.min(3), Reverse(height), width));
    for (index, item) in items.iter().take(grid.capacity()).enumerate() {
        gauge.draw_cell(item, grid.cell(index), buffer);
    }
    grid.draw_more(items.len(), area, view.theme.dim(), buffer);
}

/// Where min or max is not set.
fn bounds(item: &Item<'_>) -> (f64, f64) {
    item.field.unit.gauge_range()
}

/// From where to where the scale goes.
fn low_high(item: &Item<'_>) -> (f64, f64) {
    (item.field.min.unwrap_or(bounds(item).0), item.field.max.unwrap_or(bounds(item).1))
}

/// What all gauges of the panel share.
struct Gauge {
    theme: Theme,
    calendar: Calendar,
    named: bool,
    /// Values are written.
    valued: bool,
    color: ColorMode,
    /// Columns of the widest name with the gap behind it.
    name_width: u16,
    /// Columns of the widest value.
    value_width: u16,
}

impl Gauge {
    fn draw_cell(&self, item: &Item<'_>, area: Rect, buffer: &mut Buffer) {
        let style = item::styled(self.theme, (&item.field, item.value, bounds(item)), self.color);
        item::fill(style, self.color, Rect { height: 1, ..area }, buffer);
        if area.height == 1 {
            self.draw_line(item, area, style, buffer);
            return;
        }
        let scale = u16::from(area.height >= 3);
        // Large figures have no ground of their own.
        let is_large = !self.named && self.valued && self.color != ColorMode::Background;
        let figures = if is_large { self.figures(item, area) } else { None };
        let head = if self.named || self.valued { figures.map_or(1, Size::height) } else { 0 };
        // Among several gauges one line stays free between them.
        let gap = u16::from(self.named && area.height >= 4);
        let rest = area.height.saturating_sub(head + scale + gap).max(1);
        let bar_height = rest.min(BAR_HEIGHT_LIMIT);
        let mut y = area.y + (rest - bar_height) / 2;
        match figures {
            Some(size) => stat::draw_large(
                &item.field,
                item.value,
                self.calendar,
                size,
                style,
                self.theme,
                Rect { y, ..area },
                buffer,
            ),
            None if self.named => self.draw_head(item, Rect { y, ..area }, style, buffer),
            None => {
                let value = self.value(item, area.width);
                let x = area.x + (area.width - (value.width() as u16).min(area.width)) / 2;
                text::put(buffer, x, y, &value, area.width, style);
            }
        }
        y += head;
        self.draw_bar(item, Rect { y, height: bar_height, ..area }, buffer);
        if scale == 1 {
            self.draw_scale(item, Rect { y: y + bar_height, height: 1, ..area }, buffer);
        }
    }

    /// The largest figures with which bar and scale still have their lines.
    fn figures(&self, item: &Item<'_>, area: Rect) -> Option<Size> {
        let formatted = item.field.parts(item.value, self.calendar)?;
        Size::available(self.theme.marker).iter().copied().find(|size| {
            size.height() + 2 <= area.height
                && stat::figures_width(&formatted, *size)
                    .is_some_and(|width| width <= usize::from(area.width))
        })
    }

    /// The value in at most `width` cells, where values are written.
    fn value(&self, item: &Item<'_>, width: u16) -> String {
        if self.valued {
            item.field.fit(item.value, self.calendar, usize::from(width))
        } else {
            String::new()
        }
    }

    /// Name on the left, value on the right.
    fn draw_head(&self, item: &Item<'_>, area: Rect, style: Style, buffer: &mut Buffer) {
        let value = self.value(item, area.width);
        let width = (value.width() as u16).min(area.width);
        text::put(buffer, area.right() - width, area.y, &value, width, style);
        text::put(
            buffer,
            area.x,
            area.y,
            &item.name,
            area.width.saturating_sub(width + 1),
            self.name_style(style),
        );
    }

    /// Names are as readable as values on a ground in the value's colour.
    fn name_style(&self, value: Style) -> Style {
        let is_ground = self.color == ColorMode::Background && self.theme.depth != ColorDepth::None;
        if is_ground { value.remove_modifier(Modifier::BOLD) } else { self.theme.text() }
    }

    /// Name, bar and value in one line, in the columns that all such lines share; the bar goes first when they do not
    /// fit, then the name.
    fn draw_line(&self, item: &Item<'_>, area: Rect, style: Style, buffer: &mut Buffer) {
        let values = self.value_width.min(area.width);
        let room = area.width.saturating_sub(values + u16::from(values > 0));
        let names = self.name_width.min(room.saturating_sub(BAR_WIDTH_MIN).max(room / 2));
        if room < names + BAR_WIDTH_MIN {
            self.draw_head(item, area, style, buffer);
            return;
        }
        let value = self.value(item, values);
        let width = (value.width() as u16).min(values);
        text::put(buffer, area.right() - width, area.y, &value, width, style);
        let cells = names.saturating_sub(1);
        text::put(buffer, area.x, area.y, &item.fit_name(cells), cells, self.name_style(style));
        self.draw_bar(item, Rect { x: area.x + names, width: room - names, ..area }, buffer);
    }

    fn draw_bar(&self, item: &Item<'_>, area: Rect, buffer: &mut Buffer) {
        let color = item.field.color(item.value, bounds(item)).filter(|_| self.color != ColorMode::None);
        let color = color.unwrap_or(self.theme.series_rgb(2));
        let (low, high) = low_high(item);
        // A scale that runs backwards or nowhere has no place for a value.
        let to = item.value.filter(|_| low < high).map_or(f64::NAN, |value| (value - low) / (high - low));
        bar::horizontal(
            buffer,
            area,
            Bar { from: 0.0, to, style: item::foreground(self.theme, color) },
            self.theme,
        );
    }

    /// Min at the left, max at the right, and between them the thresholds at their places and in their colours, as far
    /// as they do not touch.
    fn draw_scale(&self, item: &Item<'_>, area: Rect, buffer: &mut Buffer) {
        let (low, high) = low_high(item);
        let label = |value: f64| item.field.fit_bound(value, self.calendar, usize::from(area.width / 2));
        let (left, right) = (label(low), label(high));
        let right_x = area.right() - (right.width() as u16).min(area.width);
        let mut free_from = text::put(buffer, area.x, area.y, &left, area.width, self.theme.dim()) + 1;
        if free_from > right_x {
            return;
        }
        text::put(buffer, right_x, area.y, &right, area.width, self.theme.dim());
        if low >= high {
            return;
        }
        let tick = if self.theme.marker == Marker::Ascii { "|" } else { "╵" };
        for step in item.field.threshold_bounds(bounds(item)).filter(|step| low < step.at && step.at < high) {
            let place = ((step.at - low) / (high - low) * f64::from(area.width)) as u16;
            let text = format!("{tick}{}", label(step.at));
            let width = text.width() as u16;
            let x = area.x + place;
            if x >= free_from && x + width < right_x {
                let plain = self.theme.depth == ColorDepth::None;
                let style = if plain { self.theme.dim() } else { item::foreground(self.theme, step.color) };
                free_from = text::put(buffer, x, area.y, &text, width, style) + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, GREEN, RED, YELLOW};
    use super::*;
    use crate::dashboard::TextMode;
    use crate::theme::Theme;

    fn one(value: f64) -> Fixture {
        Fixture::new(&KIND).unit("percent").thresholds().instant(&[(&[], value)])
    }

    fn several() -> Fixture {
        Fixture::new(&KIND).unit("percentunit").legend("{{job}}").instant(&[
            (&[("job", "api")], 0.5),
            (&[("job", "prometheus")], 1.2),
            (&[("job", "cat-facts")], -0.1),
            (&[("job", "node-exporter")], f64::NAN),
        ])
    }

    #[test]
    fn one_value_grows_with_its_panel() {
        assert_eq!(one(63.4).lines(18, 1), ["███████▋░░░░ 63.4%"]);
        assert_eq!(one(63.4).lines(18, 2), ["      63.4%", "███████████▍░░░░░░"]);
        assert_eq!(
            one(63.4).lines(18, 4),
            ["      63.4%", "███████████▍░░░░░░", "███████████▍░░░░░░", "0%       ╵50% 100%"]
        );
        assert_eq!(
            one(63.4).lines(38, 6),
            [
                "           ▄▄▄ ▄▄▄   ▄ ▄",
                "           █▄▄ ▄▄█   █▄█",
                "           █▄█ ▄▄█ ▄   █ %",
                "████████████████████████▏░░░░░░░░░░░░░",
                "████████████████████████▏░░░░░░░░░░░░░",
                "0%                 ╵50%           100%",
            ]
        );
    }

    #[test]
    fn several_are_named_and_told_even_beyond_the_scale() {
        assert_eq!(
            several().lines(28, 4),
            [
                "api           ████▌░░░░  50%",
                "prometheus    ████████▶ 120%",
                "cat-facts     ◀░░░░░░░░ -10%",
                "node-exporter ░░░░░░░░░  NaN",
            ]
        );
        assert_eq!(
            several().lines(38, 6),
            [
                "api           50%   prometheus   120%",
                "████████▌░░░░░░░░   ████████████████▶",
                "0%           100%   0%           100%",
                "cat-facts    -10%   node-exporter NaN",
                "◀░░░░░░░░░░░░░░░░   ░░░░░░░░░░░░░░░░░",
                "0%           100%   0%           100%",
            ]
        );
        assert_eq!(several().lines(18, 2), ["api      ██░░  50%", "+3 more"]);
        assert_eq!(several().lines(18, 1), ["api  ██░░  50%  +3"]);
    }

    #[test]
    fn the_bar_has_the_colour_of_its_threshold() {
        for (value, color) in [(10.0, GREEN), (50.0, YELLOW), (99.0, RED), (500.0, RED)] {
            let mut gauge = one(value);
            gauge.theme = Theme::TRUE_COLOR;
            let buffer = gauge.buffer(18, 4);
            assert_eq!(buffer[(0, 1)].fg, gauge.theme.color(color), "{value}");
            assert_eq!(buffer[(8, 0)].fg, gauge.theme.color(color), "{value}");
            assert_eq!(buffer[(9, 3)].fg, gauge.theme.color(YELLOW), "the mark of the threshold itself");
        }
    }

    #[test]
    fn bounds_come_from_the_panel() {
        let mut gauge = Fixture::new(&KIND).unit("celsius").instant(&[(&[], 10.0)]);
        (gauge.panel.field.min, gauge.panel.field.max) = (Some(-20.0), Some(40.0));
        assert_eq!(
            gauge.lines(24, 3),
            ["         10 °C", "████████████░░░░░░░░░░░░", "-20 °C             40 °C"]
        );
        // A scale that is none leaves the bar empty and the value told.
        (gauge.panel.field.min, gauge.panel.field.max) = (Some(5.0), Some(5.0));
        assert_eq!(gauge.lines(12, 2), ["   10 °C", "░░░░░░░░░░░░"]);
    }

    #[test]
    fn what_is_written_and_coloured_can_be_chosen() {
        let modes = |text_mode, color_mode| {
            let mut gauge = one(90.0).legend("load");
            gauge.theme = Theme::TRUE_COLOR;
            (gauge.panel.options.text_mode, gauge.panel.options.color_mode) = (text_mode, color_mode);
            gauge
        };
        let plain = |text_mode| {
            let mut plain = modes(text_mode, ColorMode::Value);
            plain.theme = Theme::PLAIN;
            plain
        };
        let lines = |text_mode| plain(text_mode).lines(18, 2);
        assert_eq!(lines(TextMode::ValueAndName), ["load           90%", "████████████████▎░"]);
        assert_eq!(lines(TextMode::Name), ["load", "████████████████▎░"]);
        assert_eq!(lines(TextMode::None), ["████████████████▎░", "████████████████▎░"]);
        assert_eq!(plain(TextMode::Name).lines(18, 1), ["load ███████████▊░"]);
        let styles = |color_mode| {
            let gauge = modes(TextMode::ValueAndName, color_mode);
            let buffer = gauge.buffer(18, 2);
            let red = gauge.theme.color(RED);
            (buffer[(15, 0)].fg == red, [0, 10].map(|x| buffer[(x, 0)].bg == red), buffer[(0, 1)].fg == red)
        };
        assert_eq!(styles(ColorMode::Value), (true, [false; 2], true));
        assert_eq!(styles(ColorMode::Background), (false, [true; 2], true));
        assert_eq!(styles(ColorMode::None), (false, [false; 2], false));
    }

    #[test]
    fn ascii_is_enough() {
        let mut gauge = several();
        gauge.theme.marker = Marker::Ascii;
        assert_eq!(
            gauge.lines(28, 4)[1..3],
            ["prometheus    ########> 120%", "cat-facts     <........ -10%"]
        );
    }
}
