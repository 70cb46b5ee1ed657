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
use crate::dashboard::Panel;
use crate::field::FieldOptions;
use crate::text;
use crate::theme::{ColorDepth, Rgb, Theme};
use crate::unit::{Calendar, Formatted};

/// How strong the colour of the sparkline is, its value's being 1.
const SPARK_STRENGTH: f64 = 0.65;

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "stat",
    about: "the value now, large, with a sparkline",
    options: &["sparkline"],
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
        named: items.len() > 1,
    };
    let formatted: Vec<_> = items
        .iter()
        .take(usize::from(area.width) * usize::from(area.height))
        .map(|item| item.field.parts(item.value, stat.calendar))
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
        let style = item::value_style(theme, &item.field, item.value, self.range);
        if self.named && area.height == 1 {
            self.draw_line(item, area, style, buffer);
            return;
        }
        let formatted = item.field.parts(item.value, self.calendar);
        let history = item.history.filter(|(_, values)| values.iter().any(|value| !value.is_nan()));
        let figures = figures
            .filter(|size| formatted.as_ref().is_some_and(|value| figures_width(value, *size).is_some()));
        let division = self.divide(figures, area.height, history.is_some());
        let figures = division.figures.map_or(1, Size::height);
        let used = division.name + figures + division.spark;
        // Room above and below, unless the sparkline has taken it.
        let mut y = area.y + (area.height - used.min(area.height)) / 2;
        if division.name == 1 {
            let name = text::fit(&item.name, usize::from(area.width));
            let x = centered(area, name.width());
            text::put(buffer, x, y, &name, area.width, theme.text());
            y += 1;
        }
        if let Some(size) = division.figures {
            let area = Rect { y, ..area };
            draw_large(&item.field, item.value, self.calendar, size, style, theme, area, buffer);
        } else {
            let value = item.field.fit(item.value, self.calendar, usize::from(area.width));
            text::put(buffer, centered(area, value.width()), y, &value, area.width, style);
        }
        if let Some((grid, values)) = history.filter(|_| division.spark > 0) {
            let area = Rect { y: y + figures, height: division.spark, ..area };
            let spark = Spark { grid, values, span: self.view.span };
            self.draw_spark(&item.field, spark, item.field.color(item.value, self.range), area, buffer);
        }
    }

    /// Name and value in one line, the value being whole before the name is.
    fn draw_line(&self, item: &Item<'_>, area: Rect, style: Style, buffer: &mut Buffer) {
        let value = item.field.fit(item.value, self.calendar, usize::from(area.width));
        let width = value.width() as u16;
        text::put(buffer, area.right() - width.min(area.width), area.y, &value, width, style);
        let rest = area.width.saturating_sub(width + 1);
        text::put(buffer, area.x, area.y, &item.name, rest, self.view.theme.text());
    }

    fn draw_spark(
        &self,
        field: &FieldOptions,
        spark: Spark<'_>,
        color: Option<Rgb>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = self.view.theme;
        let mut area = area;
        if area.width >= LABELED_SPARK_WIDTH
            && area.height >= 2
            && let Some((low, high)) = spark.scale()
        {
            let label = |value| field.fit(Some(value), self.calendar, usize::from(area.width / 4));
            let (top, bottom) = (label(high), label(low));
            let width = top.width().max(bottom.width()) as u16;
            area.width -= width + 1;
            let x = area.right() + 1;
            text::put(buffer, x, area.y, &top, width, theme.dim());
            if low < high {
                text::put(buffer, x, area.bottom() - 1, &bottom, width, theme.dim());
            }
        }
        spark::draw(buffer, area, spark, self.spark_style(color), theme.marker);
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
mod tests {
    use super::super::fixture::{Fixture, GREEN, RED};
    use super::*;
    use crate::field::{Mapping, MappingMatch};
    use crate::reduce::Reduce;
    use crate::series::ABSENT;
    use crate::theme::Marker;

    const RAMP: [f64; 12] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0];

    fn one() -> Fixture {
        Fixture::new(&KIND).unit("reqps").instant(&[(&[], 1234.5)]).range(&[(&[], &RAMP)])
    }

    fn jobs() -> Fixture {
        Fixture::new(&KIND).unit("bytes").legend("{{job}}").instant(&[
            (&[("job", "api")], 1.5e9),
            (&[("job", "prometheus")], 3.2e8),
            (&[("job", "cat-facts")], 9.1e6),
            (&[("job", "node-exporter-with-long-name")], 12e6),
        ])
    }

    #[test]
    fn one_value_is_as_large_as_its_panel_allows() {
        assert_eq!(one().lines(18, 1), ["   1.23K req/s"]);
        assert_eq!(one().lines(8, 1), ["1K req/s"]);
        assert_eq!(one().lines(18, 3), ["   1.23K req/s", "        ⢀⣀⣀⣤⣤⣤⣶⣶⣶⣾", "⢠⣤⣤⣴⣶⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿"]);
        assert_eq!(
            one().lines(38, 5),
            [
                "         ▄    ▄▄▄ ▄▄▄",
                "        ▀█    ▄▄█ ▄▄█",
                "        ▄█▄ ▄ █▄▄ ▄▄█ K req/s",
                "             ⢀⣀⣀⣀⣀⣤⣤⣤⣤⣤⣶⣶⣶⣶⣶⣿ 12 req/s",
                " ⣤⣤⣤⣤⣤⣶⣶⣶⣶⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿ 0 req/s",
            ]
        );
        assert_eq!(
            one().lines(78, 8)[..5],
            [
                "                        ██        ██████  ██████",
                "                      ████            ██      ██",
                "                        ██        ██████  ██████",
                "                        ██        ██          ██",
                "                      ██████  ██  ██████  ██████ K req/s",
            ]
        );
    }

    #[test]
    fn several_values_are_named() {
        assert_eq!(
            jobs().lines(18, 4),
            ["api       1.40 GiB", "prometheus 305 MiB", "cat-facts 8.68 MiB", "node-exp… 11.4 MiB"]
        );
        assert_eq!(
            jobs().lines(38, 4),
            [
                "       api              prometheus",
                "     1.40 GiB            305 MiB",
                "    cat-facts       node-exporter-wit…",
                "     8.68 MiB            11.4 MiB",
            ]
        );
        assert_eq!(
            jobs().lines(78, 4),
            [
                "       api              prometheus          cat-facts       node-exporter-wit…",
                " ▄    ▄ ▄ ▄▄▄        ▄▄▄ ▄▄▄ ▄▄▄        ▄▄▄   ▄▄▄ ▄▄▄        ▄   ▄    ▄ ▄",
                "▀█    █▄█ █ █        ▄▄█ █ █ █▄▄        █▄█   █▄▄ █▄█       ▀█  ▀█    █▄█",
                "▄█▄ ▄   █ █▄█ GiB    ▄▄█ █▄█ ▄▄█ MiB    █▄█ ▄ █▄█ █▄█ MiB   ▄█▄ ▄█▄ ▄   █ MiB",
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_announced() {
        assert_eq!(jobs().lines(18, 3), ["api       1.40 GiB", "prometheus 305 MiB", "+2 more"]);
        assert_eq!(jobs().lines(18, 1), ["api   1.40 GiB  +3"]);
    }

    #[test]
    fn a_value_that_is_missing_or_no_number_says_so() {
        let nothing = Fixture::new(&KIND).instant(&[]).range(&[(&[], &[5.0, 5.0, ABSENT, ABSENT])]);
        assert_eq!(nothing.lines(8, 2), ["no data", " ⣶⣶⣶⣶"]);
        let nan = Fixture::new(&KIND).unit("bytes").instant(&[(&[], f64::NAN)]);
        assert_eq!(nan.lines(8, 1), ["  NaN"]);
        let reduced = {
            let mut fixture = Fixture::new(&KIND).range(&[(&[], &[1.0, f64::NAN, 3.0])]);
            fixture.panel.field.reduce = Reduce::Mean;
            fixture
        };
        assert_eq!(reduced.lines(5, 1), ["  2"]);
    }

    #[test]
    fn a_mapped_text_is_written_large_if_the_font_has_it() {
        let mut up = Fixture::new(&KIND).instant(&[(&[], 1.0)]);
        let mapping = |text: &str| Mapping {
            when: MappingMatch::Value(1.0),
            text: Some(text.to_owned()),
            color: Some(RED),
        };
        up.panel.field.mappings = vec![mapping("UP")];
        assert_eq!(up.lines(18, 3), ["     ▄ ▄ ▄▄▄", "     █ █ █▄█", "     █▄█ █"]);
        up.panel.field.mappings = vec![mapping("healthy")];
        assert_eq!(up.lines(18, 3)[1], "     healthy");
        up.theme = Theme::TRUE_COLOR;
        assert_eq!(up.buffer(18, 3)[(6, 1)].fg, up.theme.color(RED));
    }

    #[test]
    fn value_and_sparkline_have_the_colour_of_the_threshold() {
        let mut stat = Fixture::new(&KIND).thresholds().instant(&[(&[], 10.0)]).range(&[(&[], &RAMP)]);
        stat.theme = Theme::TRUE_COLOR;
        let buffer = stat.buffer(8, 2);
        assert_eq!(buffer[(3, 0)].fg, stat.theme.color(GREEN));
        assert_eq!(buffer[(7, 1)].fg, stat.theme.weaker(GREEN, SPARK_STRENGTH));
    }

    #[test]
    fn it_asks_for_what_it_shows() {
        let mut panel = one().panel;
        assert_eq!(asks(&panel), Asks { instant: true, range: true });
        panel.options.hide_sparkline = true;
        assert_eq!(asks(&panel), Asks { instant: true, range: false });
        panel.field.reduce = Reduce::Max;
        assert_eq!(asks(&panel), Asks { instant: false, range: true });
    }

    #[test]
    fn ascii_is_enough() {
        let mut stat = Fixture::new(&KIND).instant(&[(&[], 7.0)]).range(&[(&[], &RAMP)]);
        stat.theme.marker = Marker::Ascii;
        assert_eq!(
            stat.lines(12, 7),
            ["   ######", "       ##", "       ##", "       ##", "       ##", "      ######", " ###########"]
        );
    }

    #[test]
    fn values_are_told_as_they_are_written() {
        let shown = item::shown_values(&jobs().view());
        assert_eq!(
            (shown[0].name.as_str(), shown[0].value, shown[0].text.as_str()),
            ("api", Some(1.5e9), "1.40 GiB")
        );
        assert_eq!(shown.len(), 4);
    }
}
