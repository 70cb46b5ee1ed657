//! `piechart`: the share that each value has of their sum, as bars of the whole, or as a disc or donut.
//!
//! The largest share comes first. Negative values and those that are no number have no share, and are counted. A disc
//! has at least five lines and its legend beside it; where there is no room for both there are bars. When room is short
//! for bars, the values go first, then the bars, then the names are cut; the percentages stay.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::item;
use super::{PanelKind, PanelView, ShownValue};
use crate::chart::bar::{self, Bar};
use crate::chart::lanes::{self, Paint};
use crate::dashboard::PieShape;
use crate::field::SeriesColor;
use crate::text;
use crate::theme::palette::SERIES_COUNT;
use crate::theme::{ColorDepth, Ink, Rgb, Theme};

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "piechart",
    about: "the share that each value has of their sum",
    options: &["shape", "rows", "limit"],
    min_size: (14, 3),
    natural_height: 9,
    asks: item::asks,
    draw,
    values,
    at: None,
};

/// Cells of "12.3%" and "100%", with a blank before.
const PERCENT_CELLS: u16 = 6;
/// Least cells of a name, of a bar, and of the legend beside a disc.
const NAME_MIN_CELLS: u16 = 6;
const BAR_MIN_CELLS: u16 = 8;
const LEGEND_MIN_CELLS: u16 = 18;
/// Least lines of a disc.
const DISC_MIN_LINES: u16 = 5;
/// Part of a donut's radius that is empty.
const HOLE: f64 = 0.55;
/// Shares that a disc tells apart, as many as there are colours; the smaller ones are one.
const SLICES_LIMIT: usize = SERIES_COUNT;
/// Colour of the shares that have none of their own.
const OTHER_COLOR: Rgb = Rgb(128, 128, 128);

/// One share.
struct Share {
    name: String,
    value: String,
    /// Of 1.
    part: f64,
    ink: Ink,
}

/// All shares, the largest first.
struct Pie {
    shares: Vec<Share>,
    total: String,
    /// Values that have none.
    without: usize,
}

impl Pie {
    fn of(view: &PanelView<'_>) -> Self {
        let items = item::items(view);
        let calendar = item::calendar(view);
        let range = item::data_range(&items);
        let has_share = |value: f64| value.is_finite() && value >= 0.0;
        let largest = items.iter().filter_map(|item| item.value).filter(|value| has_share(*value));
        // Shares are those of the values less a common factor, so that no sum is infinite.
        let factor = largest.fold(0.0, f64::max);
        let scaled = |value: f64| if factor > 0.0 { value / factor } else { 0.0 };
        let values = || items.iter().filter_map(|item| item.value).filter(|value| has_share(*value));
        let sum: f64 = values().map(scaled).sum();
        let mut shares: Vec<(f64, Share)> = Vec::new();
        for item in &items {
            let Some(value) = item.value.filter(|value| has_share(*value)) else { continue };
            let ink = match item.field.color {
                SeriesColor::Fixed(color) => Ink::Fixed(color),
                SeriesColor::Thresholds | SeriesColor::Continuous(_) => {
                    item.field.color(Some(value), range).map_or(Ink::Series(item.number), Ink::Fixed)
                }
                SeriesColor::Usual | SeriesColor::Palette => Ink::Series(item.number),
            };
            let share = Share {
                name: item.name.clone(),
                value: item.field.show_at(Some(value), range, calendar).text,
                part: if sum > 0.0 { scaled(value) / sum } else { 0.0 },
                ink,
            };
            shares.push((value, share));
        }
        shares.sort_by(|a, b| b.0.total_cmp(&a.0));
        let total = view.panel.field.reduced().show_at(Some(sum * factor), range, calendar).text;
        let without = items.len() - shares.len();
        Self { shares: shares.into_iter().map(|(_, share)| share).collect(), total, without }
    }
}

/// A share in percent; one that is not nothing does not read as nothing.
fn percent(part: f64) -> String {
    match part * 100.0 {
        0.0 => "0%".to_owned(),
        percent if percent < 0.05 => "<0.1%".to_owned(),
        percent if percent >= 99.95 && part < 1.0 => ">99.9%".to_owned(),
        percent if percent >= 99.95 => "100%".to_owned(),
        percent => format!("{percent:.1}%"),
    }
}

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let shown = |share: Share| ShownValue {
        text: format!("{} ({})", share.value, percent(share.part)),
        name: share.name,
        value: Some(share.part),
    };
    Pie::of(view).shares.into_iter().map(shown).collect()
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let pie = Pie::of(view);
    if pie.shares.is_empty() {
        let says = match pie.without {
            0 => view.panel.field.no_value.as_deref().unwrap_or(crate::field::NO_VALUE),
            _ => "no value above zero",
        };
        text::put(buffer, area.x, area.y, says, area.width, view.theme.dim());
        return;
    }
    let lines = (area.width.saturating_sub(LEGEND_MIN_CELLS) / 2).min(area.height);
    if view.panel.options.pie == PieShape::Bars || lines < DISC_MIN_LINES {
        draw_list(&pie, &[], view, area, buffer);
        return;
    }
    let slices = Slices::of(&pie, &view.theme, area.height);
    let disc = Rect { width: 2 * lines, height: lines, y: area.y + (area.height - lines) / 2, ..area };
    slices.draw(&pie, view, disc, buffer);
    let legend = Rect { x: disc.right() + 2, width: area.width - disc.width - 2, ..area };
    draw_list(&pie, &slices.paints, view, legend, buffer);
}

/// One share a line, with a bar or, where there are `marks`, with the mark of its slice.
fn draw_list(pie: &Pie, marks: &[Paint], view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = view.theme;
    let has_note = pie.without > 0 && area.height > 1;
    let room = usize::from(area.height - u16::from(has_note)).max(1);
    let is_cut = pie.shares.len() > room && room > 1;
    let mut area = area;
    if room == 1 && pie.shares.len() > 1 {
        let sign = format!("+{}", pie.shares.len() - 1);
        let width = (sign.len() as u16).min(area.width);
        put_right(buffer, area.right(), area.y, &sign, width, theme.dim());
        area.width = area.width.saturating_sub(width + 1);
    }
    let shown = if is_cut { room - 1 } else { pie.shares.len().min(room) };
    let skipped = usize::from(view.scroll).min(pie.shares.len() - shown);
    let shares = &pie.shares[skipped..skipped + shown];
    let columns = Columns::of(pie, !marks.is_empty(), area.width);
    let used = shown + usize::from(is_cut) + usize::from(has_note);
    let mut y = area.y + (area.height.saturating_sub(used as u16)) / 2;
    for (index, share) in shares.iter().enumerate() {
        let mut x = area.x;
        if let Some(paint) = marks.get((skipped + index).min(marks.len().saturating_sub(1))) {
            buffer[(x, y)].set_char(paint.symbol()).set_style(paint.style());
            x += 2;
        }
        text::put(buffer, x, y, &share.name, columns.name, theme.text());
        x += columns.name + u16::from(columns.name > 0);
        if columns.bar > 0 {
            let style = Style::new().fg(theme.ink(share.ink));
            let bar = Bar { from: 0.0, to: share.part, style };
            bar::horizontal(buffer, Rect { x, y, width: columns.bar, height: 1 }, bar, theme);
        }
        let mut right = area.right();
        if columns.value > 0 {
            put_right(buffer, right, y, &share.value, columns.value, theme.text());
            right -= columns.value + 1;
        }
        put_right(buffer, right, y, &percent(share.part), columns.percent, theme.letter());
        y += 1;
    }
    if is_cut {
        let hidden = pie.shares.len() - shown;
        let rest: f64 =
            pie.shares[..skipped].iter().chain(&pie.shares[skipped + shown..]).map(|s| s.part).sum();
        let says = format!("+{hidden} more, {}", percent(rest.min(1.0)));
        text::put(buffer, area.x, y, &says, area.width, theme.dim());
        y += 1;
    }
    if has_note {
        let says = format!("{} without a share", pie.without);
        text::put(buffer, area.x, y, &says, area.width, theme.dim());
    }
}

fn put_right(buffer: &mut Buffer, right: u16, y: u16, says: &str, room: u16, style: Style) {
    let width = text::width(says).min(usize::from(room)) as u16;
    text::put(buffer, right - width, y, says, width, style);
}

/// Cells of the parts of a line.
struct Columns {
    name: u16,
    bar: u16,
    percent: u16,
    value: u16,
}

impl Columns {
    fn of(pie: &Pie, has_marks: bool, width: u16) -> Self {
        let cells = |says: &str| text::width(says).min(usize::from(width)) as u16;
        let names = pie.shares.iter().map(|share| cells(&share.name)).max().unwrap_or(0);
        let mut value = pie.shares.iter().map(|share| cells(&share.value)).max().unwrap_or(0);
        let percent = PERCENT_CELLS.min(width);
        let rest = width - percent - if has_marks { 2.min(width - percent) } else { 0 };
        let wanted = names.min(NAME_MIN_CELLS.max(rest / 3)) + 1;
        if rest < wanted + value + 1 + if has_marks { 0 } else { BAR_MIN_CELLS } {
            value = 0;
        }
        let rest = rest - if value > 0 { value + 1 } else { 0 };
        if has_marks {
            return Self { name: names.min(rest.saturating_sub(1)), bar: 0, percent, value };
        }
        let name = names.min((rest / 2).max(NAME_MIN_CELLS)).min(rest.saturating_sub(1));
        let bar = rest.saturating_sub(name + u16::from(name > 0));
        if bar < BAR_MIN_CELLS {
            return Self { name: names.min(rest.saturating_sub(1)), bar: 0, percent, value };
        }
        Self { name, bar, percent, value }
    }
}

/// The slices of a disc: a share each, the last one perhaps of several.
struct Slices {
    /// Where each ends, from 0 to 1 clockwise from the top.
    ends: Vec<f64>,
    paints: Vec<Paint>,
}

impl Slices {
    fn of(pie: &Pie, theme: &Theme, lines: u16) -> Self {
        let most = SLICES_LIMIT.min(usize::from(lines)).max(2);
        let single = if pie.shares.len() > most { most - 1 } else { pie.shares.len() };
        let mut inks: Vec<Ink> = pie.shares[..single].iter().map(|share| share.ink).collect();
        let mut ends: Vec<f64> = Vec::with_capacity(single + 1);
        let mut end = 0.0;
        for share in &pie.shares[..single] {
            end += share.part;
            ends.push(end);
        }
        if single < pie.shares.len() {
            inks.push(Ink::Fixed(OTHER_COLOR));
            ends.push(1.0);
        }
        Self { ends, paints: lanes::paints(&inks, theme) }
    }

    /// The slice at a place, where the disc reaches from -1 to 1 in both directions.
    fn at(&self, x: f64, y: f64, hole: f64) -> Option<usize> {
        let distance = x.hypot(y);
        if distance > 1.0 || distance < hole {
            return None;
        }
        let turn = x.atan2(-y) / std::f64::consts::TAU;
        let turn = if turn < 0.0 { turn + 1.0 } else { turn };
        Some(self.ends.iter().position(|end| turn < *end).unwrap_or(self.ends.len().saturating_sub(1)))
    }

    fn draw(&self, pie: &Pie, view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
        let theme = &view.theme;
        let is_donut = view.panel.options.pie == PieShape::Donut;
        let hole = if is_donut { HOLE } else { 0.0 };
        let radius = f64::from(area.height);
        let has_halves = theme.depth != ColorDepth::None && !theme.is_ascii();
        for position in area.positions() {
            let x = (f64::from(position.x - area.x) + 0.5 - radius) / radius;
            let at =
                |half: f64| self.at(x, (f64::from(position.y - area.y) * 2.0 + half - radius) / radius, hole);
            let cell = &mut buffer[(position.x, position.y)];
            if !has_halves {
                if let Some(slice) = at(1.0) {
                    cell.set_char(self.paints[slice].symbol()).set_style(self.paints[slice].style());
                }
                continue;
            }
            let color = |slice: usize| theme.ink(self.paints[slice].ink());
            match (at(0.5), at(1.5)) {
                (Some(upper), Some(lower)) if upper == lower => {
                    cell.set_char(self.paints[upper].symbol()).set_style(self.paints[upper].style());
                }
                (Some(upper), Some(lower)) => {
                    cell.set_char('▀').set_fg(color(upper)).set_bg(color(lower));
                }
                (Some(upper), None) => {
                    cell.set_char('▀').set_fg(color(upper));
                }
                (None, Some(lower)) => {
                    cell.set_char('▄').set_fg(color(lower));
                }
                (None, None) => {}
            }
        }
        let inside = (f64::from(area.width) * HOLE * 0.8) as u16;
        let width = text::width(&pie.total).min(999) as u16;
        if is_donut && width <= inside {
            let x = area.x + (area.width - width) / 2;
            text::put(buffer, x, area.y + (area.height - 1) / 2, &pie.total, width, theme.letter());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;
    use crate::theme::Marker;

    fn disk() -> Fixture {
        Fixture::new(&KIND).unit("bytes").legend("{{mount}}").instant(&[
            (&[("mount", "/var")], 3.0e9),
            (&[("mount", "/home/with/a/long/path")], 6.0e9),
            (&[("mount", "/boot")], 1.0e9),
            (&[("mount", "/tmp")], 2.0e6),
            (&[("mount", "/gone")], f64::NAN),
        ])
    }

    fn shaped(shape: PieShape) -> Fixture {
        let mut fixture = disk();
        fixture.panel.options.pie = shape;
        fixture
    }

    #[test]
    fn shares_are_bars_of_the_whole_and_the_largest_comes_first() {
        insta::assert_snapshot!(disk().at(&[(60, 6), (32, 5), (18, 3), (8, 1)]));
    }

    #[test]
    fn discs_and_donuts_have_patterns_without_colour() {
        insta::assert_snapshot!(shaped(PieShape::Disc).at(&[(50, 9), (30, 4)]));
        insta::assert_snapshot!(shaped(PieShape::Donut).at(&[(56, 12)]));
        let mut ascii = shaped(PieShape::Disc);
        ascii.theme.marker = Marker::Ascii;
        insta::assert_snapshot!(ascii.at(&[(50, 9)]));
    }

    #[test]
    fn slices_have_the_colours_of_their_series() {
        let mut fixture = shaped(PieShape::Disc);
        fixture.theme = Theme::TRUE_COLOR;
        let buffer = fixture.buffer(50, 9);
        // 60 % clockwise from the top: the right half and some more.
        assert_eq!(buffer[(13, 4)].fg, fixture.theme.series(1));
        assert_eq!(buffer[(2, 5)].fg, fixture.theme.series(0));
    }

    #[test]
    fn percentages_do_not_lie_at_the_ends() {
        let shown = [0.0, 1e-9, 0.0123, 0.5, 0.99999, 1.0].map(percent);
        assert_eq!(shown, ["0%", "<0.1%", "1.2%", "50.0%", ">99.9%", "100%"]);
    }

    #[test]
    fn parts_add_up() {
        let huge =
            Fixture::new(&KIND).instant(&[(&[("a", "1")], 1e308), (&[("a", "2")], 1e308), (&[], -1.0)]);
        let pie = Pie::of(&huge.view());
        assert_eq!((pie.shares.iter().map(|share| share.part).sum::<f64>(), pie.without), (1.0, 1));
        let zero = Fixture::new(&KIND).instant(&[(&[], 0.0)]);
        assert_eq!(values(&zero.view())[0].text, "0 (0%)");
    }
}
