//! `bargauge`: one bar a series on a common scale, lying (default) or standing.
//!
//! The scale is the panel's `min` and `max`. Without them it runs from 0, or from the least value if that is negative,
//! to the largest value, which for percentages is 100% at least. Bars begin at zero where the scale has it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::item::{self, Item};
use super::{PanelKind, PanelView};
use crate::chart::bar::{self, Bar};
use crate::chart::segments;
use crate::dashboard::{BarMode, ColorMode};
use crate::field::FieldOptions;
use crate::text;
use crate::theme::{Rgb, Theme};
use crate::unit::Calendar;

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "bargauge",
    about: "one bar a series, to compare values",
    options: &["orientation", "mode", "text_mode", "color_mode", "rows", "limit"],
    min_size: (12, 2),
    natural_height: 8,
    asks: item::asks,
    draw,
    values: item::shown_values,
    at: None,
};

/// Below this width name and value stand above the bar, if there are lines for it.
const BESIDE_WIDTH_MIN: u16 = 36;
/// Least width of a name with the gap behind it.
const NAME_WIDTH_MIN: u16 = 4;
/// Least width of a lying bar.
const BAR_WIDTH_MIN: u16 = 4;
/// Columns between bars side by side.
const GAP: u16 = 3;
/// Lines that a lying bar and its gap take at most.
const ITEM_HEIGHT_LIMIT: u16 = 3;
/// Least and largest width of a standing bar; least it also holds the values without their decimals.
const COLUMN_WIDTH: (u16, u16) = (5, 14);
/// Columns for "+N" where there is no line for it.
const MORE_WIDTH: u16 = 4;

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let items = item::items(view);
    let is_named = items.len() > 1 || view.targets.iter().any(|target| target.query.legend.is_some());
    let (named, valued) = item::written(view.panel.options.text_mode, is_named);
    let bars = Bars {
        theme: view.theme,
        calendar: item::calendar(view),
        data: item::data_range(&items),
        seen: seen(&items),
        mode: view.panel.options.bar_mode,
        named,
        valued,
        color: view.panel.options.color_mode,
    };
    if view.panel.options.vertical {
        bars.draw_standing(&items, area, buffer);
    } else {
        bars.draw_lying(&items, area, buffer);
    }
}

/// The least and the largest value, zero included.
fn seen(items: &[Item<'_>]) -> (f64, f64) {
    let values = items.iter().filter_map(|item| item.value).filter(|value| value.is_finite());
    values.fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)))
}

/// From where to where the track of a bar with these options goes, among values of that range.
fn scale(field: &FieldOptions, seen: (f64, f64)) -> (f64, f64) {
    let low = field.min.unwrap_or(seen.0);
    // A lone bar of 63% must not look full.
    let whole = match field.unit.id() {
        "percent" => 100.0,
        "percentunit" => 1.0,
        _ => 0.0,
    };
    let high = field.max.unwrap_or_else(|| low.max(whole).max(seen.1));
    if low < high { (low, high) } else { (low, low + 1.0) }
}

/// What all bars of the panel share.
struct Bars {
    theme: Theme,
    calendar: Calendar,
    /// What percentages of thresholds refer to.
    data: (f64, f64),
    /// The least and the largest value.
    seen: (f64, f64),
    mode: BarMode,
    named: bool,
    /// Values are written.
    valued: bool,
    color: ColorMode,
}

impl Bars {
    /// The colour of the part of a bar that stands for `value`.
    fn bar_color(&self, item: &Item<'_>, value: Option<f64>) -> Rgb {
        let color = item.field.color(value, self.data).filter(|_| self.color != ColorMode::None);
        color.unwrap_or(self.theme.series_rgb(2))
    }

    /// The value in at most `width` cells, where values are written.
    fn value(&self, item: &Item<'_>, width: u16) -> String {
        if self.valued {
            item.field.fit(item.value, self.calendar, usize::from(width))
        } else {
            String::new()
        }
    }

    fn bar(&self, item: &Item<'_>) -> Bar {
        let (low, high) = scale(&item.field, self.seen);
        let place = |value: f64| (value - low) / (high - low);
        Bar {
            from: place(0.0).clamp(0.0, 1.0),
            to: item.value.map_or(f64::NAN, place),
            style: item::foreground(self.theme, self.bar_color(item, item.value)),
        }
    }

    /// Draws the bar of `item` from left to right, or from the bottom up.
    fn draw_bar(&self, item: &Item<'_>, area: Rect, is_standing: bool, buffer: &mut Buffer) {
        let bar = self.bar(item);
        match (self.mode, is_standing) {
            (BarMode::Basic, true) => return bar::vertical(buffer, area, bar, self.theme),
            (BarMode::Basic, false) => return bar::horizontal(buffer, area, bar, self.theme),
            _ => {}
        }
        let (low, high) = scale(&item.field, self.seen);
        // Each piece has the colour of the value that it stands for.
        let color = |ratio: f64| {
            let value = low * (1.0 - ratio) + high * ratio;
            self.bar_color(item, Some(value))
        };
        if self.mode == BarMode::Lcd {
            segments::draw(&bar, &color, is_standing, &self.theme, area, buffer);
            return;
        }
        if is_standing {
            bar::vertical(buffer, area, bar, self.theme);
        } else {
            bar::horizontal(buffer, area, bar, self.theme);
        }
        segments::tint(&bar, &color, is_standing, &self.theme, area, buffer);
    }

    fn style(&self, item: &Item<'_>) -> Style {
        item::styled(self.theme, (&item.field, item.value, self.data), self.color)
    }

    /// One under the other; side by side only when the lines do not suffice and the width does.
    fn draw_lying(&self, items: &[Item<'_>], area: Rect, buffer: &mut Buffer) {
        let count = items.len();
        let above = area.width < BESIDE_WIDTH_MIN
            && usize::from(area.height) >= count.saturating_mul(2)
            && (self.named || self.valued);
        let blocks = ((area.width + GAP) / (BESIDE_WIDTH_MIN + GAP)).max(1);
        let blocks = usize::from(blocks).min(count.div_ceil(usize::from(area.height))).max(1);
        let shown = if count <= blocks * usize::from(area.height) {
            count
        } else {
            blocks * usize::from(area.height.saturating_sub(1).max(1))
        };
        let area = self.draw_more(count - shown.min(count), area, buffer);
        let items = &items[..shown.min(count)];
        let lines = items.len().div_ceil(blocks).max(1);
        let width = ((area.width + GAP) / blocks as u16).saturating_sub(GAP);
        let columns = self.columns(items, width);
        let least = 1 + u16::from(above);
        let each = (area.height / lines as u16).clamp(least, ITEM_HEIGHT_LIMIT + u16::from(above));
        // A line between bars from three lines on; two lines are a bar and a gap.
        let thickness = each.saturating_sub(least).max(1);
        let gap = each.saturating_sub(least - 1 + thickness);
        let top = area.y + (area.height + gap).saturating_sub(each * lines as u16) / 2;
        for (index, item) in items.iter().enumerate() {
            let (block, line) = ((index / lines) as u16, (index % lines) as u16);
            let line = Rect::new(area.x + block * (width + GAP), top + line * each, width, thickness);
            if above {
                self.draw_above(item, line, buffer);
            } else {
                self.draw_beside(item, line, columns, buffer);
            }
        }
    }

    /// Widths of the names and of the values, their gaps to the bar included.
    fn columns(&self, items: &[Item<'_>], width: u16) -> (u16, u16) {
        let value_width = |item: &Item<'_>| self.value(item, width).width();
        let values = items.iter().map(value_width).max().unwrap_or_default() as u16;
        let names = items.iter().map(|item| text::width(&item.name)).max().unwrap_or_default() as u16;
        let rest = width.saturating_sub(values + u16::from(self.valued));
        if !self.named || rest < NAME_WIDTH_MIN {
            return (0, values);
        }
        let beside = (names + 1).min((rest / 2).max(rest.saturating_sub(BAR_WIDTH_MIN * 3)));
        // A bar of which nobody knows whose it is says less than a name without one.
        (if beside < NAME_WIDTH_MIN { (names + 1).min(rest) } else { beside }, values)
    }

    fn draw_beside(&self, item: &Item<'_>, area: Rect, (names, values): (u16, u16), buffer: &mut Buffer) {
        let middle = area.y + (area.height - 1) / 2;
        let value = self.value(item, values);
        let width = (value.width() as u16).min(values);
        text::put(buffer, area.right() - width, middle, &value, width, self.style(item));
        let room = names.saturating_sub(1);
        text::put(buffer, area.x, middle, &item.fit_name(room), room, self.theme.text());
        let bar = Rect {
            x: area.x + names,
            width: area.width.saturating_sub(names + values + u16::from(self.valued)),
            ..area
        };
        if bar.width >= BAR_WIDTH_MIN {
            self.draw_bar(item, bar, false, buffer);
        }
    }

    fn draw_above(&self, item: &Item<'_>, area: Rect, buffer: &mut Buffer) {
        let value = self.value(item, area.width);
        let width = (value.width() as u16).min(area.width);
        text::put(buffer, area.right() - width, area.y, &value, width, self.style(item));
        if self.named {
            let rest = area.width.saturating_sub(width + 1);
            text::put(buffer, area.x, area.y, &item.fit_name(rest), rest, self.theme.text());
        }
        self.draw_bar(item, Rect { y: area.y + 1, ..area }, false, buffer);
    }

    fn draw_standing(&self, items: &[Item<'_>], area: Rect, buffer: &mut Buffer) {
        let needed = items
            .iter()
            .take(usize::from(area.width))
            .map(|item| item.field.fit(item.value, self.calendar, usize::from(COLUMN_WIDTH.0)))
            .zip(items)
            .map(|(fit, item)| {
                let cut = fit.ends_with(text::ELLIPSIS);
                let shorter = (COLUMN_WIDTH.0..COLUMN_WIDTH.1).find(|width| {
                    cut && !item
                        .field
                        .fit(item.value, self.calendar, usize::from(*width))
                        .ends_with(text::ELLIPSIS)
                });
                shorter.unwrap_or(COLUMN_WIDTH.0)
            })
            .max()
            .unwrap_or(COLUMN_WIDTH.0);
        let most = |width: u16| ((width + 1) / (needed + 1)).max(1);
        let hidden_if = |width: u16| items.len().saturating_sub(usize::from(most(width)));
        let hidden = match hidden_if(area.width) {
            0 => 0,
            _ if area.height == 1 => hidden_if(area.width.saturating_sub(MORE_WIDTH)),
            hidden => hidden,
        };
        let area = self.draw_more(hidden, area, buffer);
        let most = most(area.width);
        let shown = (items.len() as u16).min(most).max(1);
        let each = ((area.width + 1) / shown - 1).clamp(1, COLUMN_WIDTH.1).min(area.width);
        let names = u16::from(self.named && area.height >= 3);
        let has_bar = area.height >= 2 || !self.valued;
        let values = u16::from(area.height >= 2 && self.valued);
        let used = shown * (each + 1) - 1;
        let left = area.x + area.width.saturating_sub(used) / 2;
        for (index, item) in items.iter().take(usize::from(shown)).enumerate() {
            let column = Rect { x: left + index as u16 * (each + 1), width: each, ..area };
            let center = |text: &str| column.x + (each - (text.width() as u16).min(each)) / 2;
            let value = self.value(item, each);
            text::put(buffer, center(&value), area.y, &value, each, self.style(item));
            let bar = Rect { y: area.y + values, height: area.height - values - names, ..column };
            if has_bar {
                self.draw_bar(item, bar, true, buffer);
            }
            if names == 1 {
                let name = item.fit_name(each);
                text::put(buffer, center(&name), bar.bottom(), &name, each, self.theme.text());
            }
        }
    }

    /// Says how many have no room, on the last line or at the end of the only one; returns what is left of the area.
    fn draw_more(&self, hidden: usize, area: Rect, buffer: &mut Buffer) -> Rect {
        if hidden == 0 {
            return area;
        }
        if area.height > 1 {
            let sign = format!("+{hidden} more");
            text::put(buffer, area.x, area.bottom() - 1, &sign, area.width, self.theme.dim());
            return Rect { height: area.height - 1, ..area };
        }
        let width = MORE_WIDTH.min(area.width.saturating_sub(1));
        let sign = format!("{:>width$}", format!("+{hidden}"), width = usize::from(width));
        text::put(buffer, area.right() - width, area.y, &sign, width, self.theme.dim());
        Rect { width: area.width - width, ..area }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::super::fixture::{Fixture, GREEN, RED};
    use super::*;
    use crate::dashboard::TextMode;

    fn jobs() -> Fixture {
        Fixture::new(&KIND).unit("bytes").legend("{{job}}").instant(&[
            (&[("job", "api")], 5e6),
            (&[("job", "prometheus")], 1.2e6),
            (&[("job", "cat-facts")], 2.2e5),
            (&[("job", "node-exporter")], 1e3),
            (&[("job", "grafana")], 0.0),
        ])
    }

    #[test]
    fn lying_bars_are_aligned_and_start_at_zero() {
        assert_eq!(
            jobs().lines(38, 5),
            [
                "api           ███████████████ 4.77 MiB",
                "prometheus    ███▋░░░░░░░░░░░ 1.14 MiB",
                "cat-facts     ▋░░░░░░░░░░░░░░  215 KiB",
                "node-exporter ▏░░░░░░░░░░░░░░   1000 B",
                "grafana       ░░░░░░░░░░░░░░░      0 B",
            ]
        );
    }

    #[test]
    fn pieces_have_the_colours_of_the_values_that_they_stand_for() {
        for mode in [BarMode::Gradient, BarMode::Lcd] {
            let mut fixture = Fixture::new(&KIND).unit("percent").thresholds().instant(&[(&[], 90.0)]);
            fixture.panel.options.bar_mode = mode;
            fixture.theme = Theme::TRUE_COLOR;
            // Ten columns, the value and its gap behind them.
            let buffer = fixture.buffer(14, 1);
            let color = |x: u16| buffer[(x, 0)].fg;
            let theme = fixture.theme;
            let yellow = super::super::fixture::YELLOW;
            assert_eq!([color(0), color(6), color(8)], [GREEN, yellow, RED].map(|color| theme.color(color)));
            assert!(buffer[(9, 0)].symbol() == " " || color(9) != theme.color(RED), "{mode:?}");
        }
    }

    #[test]
    fn what_is_written_and_coloured_can_be_chosen() {
        let bars = |text_mode, color_mode| {
            let mut bars =
                Fixture::new(&KIND).unit("percent").thresholds().instant(&[(&[], 90.0)]).legend("load");
            bars.theme = Theme::TRUE_COLOR;
            (bars.panel.options.text_mode, bars.panel.options.color_mode) = (text_mode, color_mode);
            bars
        };
        let plain = |text_mode| {
            let mut plain = bars(text_mode, ColorMode::Value);
            plain.theme = Theme::PLAIN;
            plain
        };
        let line = |text_mode| plain(text_mode).lines(19, 1).remove(0);
        assert_eq!(line(TextMode::ValueAndName), "load █████████░ 90%");
        assert_eq!(line(TextMode::Value), "█████████████▌░ 90%");
        assert_eq!(line(TextMode::Name), "load ████████████▋░");
        assert_eq!(line(TextMode::None), "█████████████████▏░");
        let mut standing = plain(TextMode::None);
        standing.panel.options.vertical = true;
        assert_eq!(standing.lines(5, 2), ["▆▆▆▆▆", "█████"]);
        let styles = |color_mode| {
            let bars = bars(TextMode::Auto, color_mode);
            let (buffer, red) = (bars.buffer(19, 1), bars.theme.color(RED));
            (buffer[(17, 0)].fg == red, buffer[(17, 0)].bg == red, buffer[(6, 0)].fg == red)
        };
        assert_eq!(styles(ColorMode::Value), (true, false, true));
        assert_eq!(styles(ColorMode::Background), (false, true, true));
        assert_eq!(styles(ColorMode::None), (false, false, false));
    }

    #[test]
    fn the_cells_of_an_lcd_are_told_apart_without_colour() {
        let mut fixture = Fixture::new(&KIND).unit("percent").instant(&[(&[], 42.0)]);
        fixture.panel.options.bar_mode = BarMode::Lcd;
        assert_eq!(fixture.lines(14, 1), ["▊▊▊▊▏▏▏▏▏▏ 42%"]);
        fixture.theme.marker = crate::theme::Marker::Ascii;
        assert_eq!(fixture.lines(14, 1), ["||||...... 42%"]);
        fixture.panel.options.vertical = true;
        assert_eq!(fixture.lines(5, 5)[1..], [".....", ".....", "=====", "====="].map(str::to_owned));
    }

    #[test]
    fn in_a_narrow_panel_names_stand_above_their_bars() {
        assert_eq!(
            jobs().lines(18, 10)[..4],
            ["api       4.77 MiB", "██████████████████", "promethe… 1.14 MiB", "████▍░░░░░░░░░░░░░"]
        );
        assert_eq!(jobs().lines(18, 3), ["api █████ 4.77 MiB", "pr… █▎░░░ 1.14 MiB", "+3 more"]);
        assert_eq!(jobs().lines(18, 1), ["api   4.77 MiB  +4"]);
    }

    #[test]
    fn where_lines_are_short_bars_lie_side_by_side() {
        assert_eq!(
            jobs().lines(78, 3),
            [
                "api           ██████████████ 4.77 MiB   node-exporter ▏░░░░░░░░░░░░░   1000 B",
                "prometheus    ███▍░░░░░░░░░░ 1.14 MiB   grafana       ░░░░░░░░░░░░░░      0 B",
                "cat-facts     ▋░░░░░░░░░░░░░  215 KiB",
            ]
        );
    }

    #[test]
    fn standing_bars_stand_on_their_names() {
        let mut bars = jobs();
        bars.panel.options.vertical = true;
        assert_eq!(
            bars.lines(38, 5),
            [
                "  5 MiB  1 MiB  215KiB 1000 B  0 B",
                "  ██████ ░░░░░░ ░░░░░░ ░░░░░░ ░░░░░░",
                "  ██████ ░░░░░░ ░░░░░░ ░░░░░░ ░░░░░░",
                "  ██████ ▆▆▆▆▆▆ ▁▁▁▁▁▁ ▁▁▁▁▁▁ ░░░░░░",
                "   api   prome… cat-f… node-… grafa…",
            ]
        );
        assert_eq!(
            bars.lines(18, 4),
            ["4.77 MiB 1.14 MiB", "████████ ▂▂▂▂▂▂▂▂", "  api    prometh…", "+3 more"]
        );
    }

    #[test]
    fn a_percentage_is_seen_against_its_whole() {
        let bar = Fixture::new(&KIND).unit("percent").instant(&[(&[], 50.0)]);
        assert_eq!(bar.lines(14, 1), ["█████░░░░░ 50%"]);
        let mut low = Fixture::new(&KIND).unit("percent").instant(&[(&[], 50.0)]);
        low.panel.field.max = Some(50.0);
        assert_eq!(low.lines(14, 1), ["██████████ 50%"]);
    }

    #[test]
    fn negative_values_run_from_zero_to_the_left() {
        let bars = Fixture::new(&KIND).legend("{{job}}").instant(&[
            (&[("job", "in")], 5.0),
            (&[("job", "out")], -5.0),
            (&[("job", "gone")], f64::NAN),
        ]);
        // Zero lies in the middle of a cell: one half of it is drawn, the other by exchanged colours.
        assert_eq!(bars.lines(18, 3), ["in   ░░░░▌████   5", "out  ████▌░░░░  -5", "gone ░░░░░░░░░ NaN"]);
        let buffer = bars.buffer(18, 3);
        assert!(buffer[(9, 0)].modifier.contains(Modifier::REVERSED));
        assert!(!buffer[(9, 1)].modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn bars_have_the_colours_of_their_thresholds() {
        let mut bars = Fixture::new(&KIND)
            .thresholds()
            .legend("{{job}}")
            .instant(&[(&[("job", "a")], 10.0), (&[("job", "b")], 90.0)]);
        bars.theme = Theme::TRUE_COLOR;
        let buffer = bars.buffer(38, 2);
        assert_eq!((buffer[(2, 0)].fg, buffer[(2, 1)].fg), (bars.theme.color(GREEN), bars.theme.color(RED)));
    }
}
