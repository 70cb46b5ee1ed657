//! Legends: names and figures of series, as running text or one line a series.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::glyph;
use super::put_symbol;
use crate::text;
use crate::theme::{self, ColorDepth, Ink, Marker, Theme};

/// Cells of the colour mark and the blank behind it.
const MARK_CELLS: u16 = 2;
/// Blank cells between entries and between columns.
const GAP_CELLS: u16 = 2;
/// Cells of a name that a figure leaves, at least.
const NAME_MIN_CELLS: u16 = 4;
/// Cells of a name where several share a line, at least.
const SHARE_MIN_CELLS: u16 = 10;
/// Width from which on the sign of entries without room has a word; on less it would take the place of a figure.
const WORDS_MIN_CELLS: u16 = 32;
/// Cells of a name that a column of figures leaves, at least.
const TABLE_NAME_MIN_CELLS: u16 = 8;
/// Cells of the sign of columns that have no room, the blank before it included.
const DROPPED_CELLS: u16 = 2;

/// One series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as the server may have sent it.
    pub name: String,
    /// Number of the series, for its mark where there is no colour.
    pub owner: usize,
    /// What the series is drawn with.
    pub ink: Ink,
    /// Its figures as they are shown.
    pub figures: Vec<String>,
}

/// A legend.
#[derive(Clone, Copy, Debug)]
pub struct LegendView<'a> {
    /// The series that are named.
    pub entries: &'a [Entry],
    /// Series beyond those.
    pub left_out: usize,
    /// Series that the reader has hidden; they have no entry.
    pub hidden: usize,
    /// Headings of the figures; empty for none.
    pub headings: &'a [String],
    /// One line a series.
    pub is_table: bool,
}

/// The cells of an entry on the screen, by its index; `None` for what tells of hidden series.
pub type Places = Vec<(Rect, Option<usize>)>;

/// Where one entry of the running form stands.
struct Place {
    entry: usize,
    line: u16,
    x: u16,
    name_cells: u16,
    /// What is said of its figures; empty where they have no room.
    figures: String,
}

impl Entry {
    /// Its figures one behind the other, the first `count` of them, with a sign where that is not all.
    fn running(&self, count: usize) -> String {
        let dropped = (count < self.figures.len()).then_some(text::ELLIPSIS);
        self.figures[..count].iter().map(String::as_str).chain(dropped).collect::<Vec<_>>().join(" ")
    }
}

impl LegendView<'_> {
    /// Lines that it needs to show everything at this width, up to `limit`.
    pub fn lines(&self, width: u16, limit: u16) -> u16 {
        if self.is_table {
            let others = usize::from(!self.headings.is_empty()) + usize::from(self.hidden > 0);
            return (self.count() + others).min(usize::from(limit)) as u16;
        }
        (1..limit).find(|lines| self.flow(width, *lines, false).is_some()).unwrap_or(limit)
    }

    /// Whether `area` has no room for some of the entries.
    pub fn is_cut(&self, area: Rect) -> bool {
        if !self.is_table {
            return self.flow(area.width, area.height, false).is_none();
        }
        let has_heading = !self.headings.is_empty() && area.height > 1;
        self.count() + usize::from(has_heading) + usize::from(self.hidden > 0) > usize::from(area.height)
    }

    /// Cells that the table needs to show everything.
    pub fn width(&self) -> u16 {
        let names = self.entries.iter().map(|entry| cells(&entry.name)).max().unwrap_or(0);
        let figures = self.columns().into_iter().map(|width| GAP_CELLS.saturating_add(width));
        figures.fold(MARK_CELLS.saturating_add(names), u16::saturating_add)
    }

    /// Draws into `area`; what does not fit is counted. Returns where everything stands.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Places {
        let area = area.intersection(buffer.area);
        if area.is_empty() || self.entries.is_empty() && self.hidden == 0 {
            return Places::new();
        }
        if self.is_table { self.draw_table(theme, area, buffer) } else { self.draw_list(theme, area, buffer) }
    }

    /// What tells of `rest` entries without room and of the hidden ones, on a line of `width` cells that it shares with
    /// entries; empty where there are neither.
    fn sign(&self, rest: usize, width: u16) -> String {
        let hidden = format!("{} hidden", self.hidden);
        let more = if width < WORDS_MIN_CELLS { format!("+{rest}") } else { format!("+{rest} more") };
        match (rest, self.hidden) {
            (0, 0) => String::new(),
            (0, _) => hidden,
            (_, 0) => more,
            (..) => format!("{more}, {hidden}"),
        }
    }

    fn count(&self) -> usize {
        self.entries.len() + self.left_out
    }

    /// Bytes that the names of all entries begin with.
    fn shared(&self) -> usize {
        text::shared_start(self.entries.iter().map(|entry| &*entry.name))
    }

    fn draw_list(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Places {
        let mut found = Places::new();
        let shared = self.shared();
        let places = self.flow(area.width, area.height, false);
        let places = places.or_else(|| self.flow(area.width, area.height, true)).unwrap_or_default();
        let mut end = area.x;
        for place in &places {
            let entry = &self.entries[place.entry];
            let y = area.y + place.line;
            self.draw_mark(entry, theme, area.x + place.x, y, buffer);
            let x = area.x + place.x + MARK_CELLS;
            let name = text::fit_apart(&entry.name, shared, usize::from(place.name_cells));
            end = text::put(buffer, x, y, &name, place.name_cells, theme.text());
            if !place.figures.is_empty() {
                let room = area.right() - end;
                end = text::put(buffer, end + 1, y, &place.figures, room, figure_style(entry, theme));
            }
            let start = area.x + place.x;
            found
                .push((Rect { x: start, y, width: end.saturating_sub(start), height: 1 }, Some(place.entry)));
        }
        let sign = self.sign(self.count() - places.len(), area.width);
        if !sign.is_empty() {
            let is_alone = places.last().is_none_or(|place| place.line + 1 < area.height);
            let x = if is_alone { area.x } else { end + GAP_CELLS };
            let y = area.bottom() - 1;
            let end = text::put(buffer, x, y, &sign, area.right().saturating_sub(x), theme.dim());
            if self.hidden > 0 {
                found.push((Rect { x, y, width: end.saturating_sub(x), height: 1 }, None));
            }
        }
        found
    }

    /// Entries one behind the other. `None` when they do not all fit, unless `cut`: then those that do, with room for
    /// the number of the others at the end of the last line.
    fn flow(&self, width: u16, lines: u16, cut: bool) -> Option<Vec<Place>> {
        let mut places = Vec::new();
        let (mut line, mut x) = (0, 0);
        if self.left_out > 0 && !cut {
            return None;
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let of = |figures: &str| if figures.is_empty() { 0 } else { 1 + cells(figures) };
            let figure = of(&entry.running(entry.figures.len()));
            // Where not all fit, none takes much more than half a line.
            let share = (width / 2).saturating_sub(MARK_CELLS + figure + GAP_CELLS).max(SHARE_MIN_CELLS);
            let name = cells(&entry.name).min(if cut && self.count() > 1 { share } else { u16::MAX });
            let full = MARK_CELLS.saturating_add(name).saturating_add(figure);
            let rest = self.count() - places.len() - 1;
            let room = |line: u16| {
                let sign = if line + 1 == lines && (cut || rest == 0) {
                    self.sign(rest, width)
                } else {
                    String::new()
                };
                width.saturating_sub(if sign.is_empty() { 0 } else { GAP_CELLS + cells(&sign) })
            };
            if x > 0 && x + full > room(line) {
                (line, x) = (line + 1, 0);
            }
            if line >= lines {
                return cut.then_some(places);
            }
            let (room, start) = (room(line), x);
            // As many figures as leave something of the name.
            let figures = (0..=entry.figures.len()).rev().map(|count| entry.running(count));
            let left = |figures: &str| room.saturating_sub(x + MARK_CELLS + of(figures));
            let figures = figures.into_iter().find(|figures| left(figures) >= NAME_MIN_CELLS.min(name));
            let figures = figures.unwrap_or_default();
            let name_room = left(&figures);
            if name_room == 0 {
                return cut.then_some(places);
            }
            let name_cells = name.min(name_room);
            x += MARK_CELLS + name_cells + of(&figures) + GAP_CELLS;
            places.push(Place { entry: index, line, x: start, name_cells, figures });
        }
        Some(places)
    }

    /// The colour of the series as a piece of its line; its letter or its character where there is none.
    fn draw_mark(&self, entry: &Entry, theme: &Theme, x: u16, y: u16, buffer: &mut Buffer) {
        let color = Style::new().fg(theme.ink(entry.ink));
        let (mark, style) = match (theme.marker, theme.depth) {
            (Marker::Ascii, ColorDepth::None) => (glyph(entry.owner), color),
            (Marker::Ascii, _) => ('-', color),
            (marker, _) => match theme::letter(entry.owner) {
                Some(letter) if theme.has_letters() && self.count() > 1 => (letter, theme.letter()),
                _ if marker == Marker::Dot => ('•', color),
                _ => ('━', color),
            },
        };
        put_symbol(buffer, x, y, mark, style);
    }

    /// Widths of the columns of figures.
    fn columns(&self) -> Vec<u16> {
        let count = self.entries.iter().map(|entry| entry.figures.len()).max().unwrap_or(0);
        let figure = |entry: &Entry, column: usize| entry.figures.get(column).map_or(0, |text| cells(text));
        let heading = |column: usize| self.headings.get(column).map_or(0, |text| cells(text));
        let widest = |column| self.entries.iter().map(|entry| figure(entry, column)).max().unwrap_or(0);
        (0..count).map(|column| widest(column).max(heading(column))).collect()
    }

    fn draw_table(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Places {
        let mut found = Places::new();
        let names = self.entries.iter().map(|entry| cells(&entry.name)).max().unwrap_or(0);
        let mut columns = self.columns();
        let all = columns.len();
        // What a name keeps, the columns, and the sign of those that had to go.
        let needed = |columns: &[u16]| {
            let name = if columns.len() > 1 { TABLE_NAME_MIN_CELLS } else { NAME_MIN_CELLS };
            let sign = if columns.len() < all { DROPPED_CELLS } else { 0 };
            MARK_CELLS + names.min(name) + columns.iter().map(|width| width + GAP_CELLS).sum::<u16>() + sign
        };
        while !columns.is_empty() && needed(&columns) > area.width {
            columns.pop();
        }
        let dropped = if columns.len() < all { DROPPED_CELLS } else { 0 };
        let figures_width: u16 = columns.iter().map(|width| width + GAP_CELLS).sum();
        let name_cells = names.min(area.width.saturating_sub(MARK_CELLS + figures_width + dropped));
        let figures_x = area.x + MARK_CELLS + name_cells;
        let mut y = area.y;
        let has_heading = !self.headings.is_empty() && area.height > 1;
        let put_dropped = |end: u16, y: u16, buffer: &mut Buffer| {
            let x = end + DROPPED_CELLS - 1;
            if dropped > 0 && x < area.right() {
                text::put(buffer, x, y, text::ELLIPSIS, 1, theme.dim());
            }
        };
        if has_heading {
            let end = put_columns(self.headings, &columns, theme.dim(), figures_x, y, buffer);
            put_dropped(end, y, buffer);
            y += 1;
        }
        let shared = self.shared();
        let lines = usize::from(area.bottom() - y);
        let needed = self.count() + usize::from(self.hidden > 0);
        let shown = if needed <= lines {
            self.entries.len()
        } else {
            lines.saturating_sub(1).min(self.entries.len())
        };
        for (index, entry) in self.entries[..shown].iter().enumerate() {
            self.draw_mark(entry, theme, area.x, y, buffer);
            let name = text::fit_apart(&entry.name, shared, usize::from(name_cells));
            text::put(buffer, area.x + MARK_CELLS, y, &name, name_cells, theme.text());
            let end = put_columns(&entry.figures, &columns, figure_style(entry, theme), figures_x, y, buffer);
            if !has_heading {
                put_dropped(end, y, buffer);
            }
            found.push((Rect { y, height: 1, ..area }, Some(index)));
            y += 1;
        }
        let sign = self.sign(self.count() - shown, u16::MAX);
        if !sign.is_empty() && y < area.bottom() {
            let room = area.width.saturating_sub(MARK_CELLS);
            text::put(buffer, area.x + MARK_CELLS, y, &sign, room, theme.dim());
            if self.hidden > 0 {
                found.push((Rect { y, height: 1, ..area }, None));
            }
        }
        found
    }
}

/// Writes `texts` right-aligned into `columns`; returns the cell behind the last.
fn put_columns(texts: &[String], columns: &[u16], style: Style, x: u16, y: u16, buffer: &mut Buffer) -> u16 {
    let mut end = x;
    for (text, width) in texts.iter().zip(columns) {
        end += GAP_CELLS + width;
        text::put(buffer, end - cells(text).min(*width), y, text, *width, style);
    }
    end
}

/// Figures have the colour of their line, so that the eye finds the one for the other.
fn figure_style(entry: &Entry, theme: &Theme) -> Style {
    Style::new().fg(theme.ink(entry.ink))
}

fn cells(text: &str) -> u16 {
    text::width(text).min(usize::from(u16::MAX / 4)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[(&str, &[&str])]) -> Vec<Entry> {
        let entry = |(owner, (name, figures)): (usize, &(&str, &[&str]))| Entry {
            name: (*name).to_owned(),
            owner,
            ink: Ink::Series(owner),
            figures: figures.iter().map(|figure| (*figure).to_owned()).collect(),
        };
        names.iter().enumerate().map(entry).collect()
    }

    fn drawn(view: LegendView<'_>, width: u16, height: u16) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let _ = view.draw(&Theme::PLAIN, buffer.area, &mut buffer);
        crate::chart::picture(&buffer)
    }

    fn quantiles() -> Vec<Entry> {
        entries(&[("p50", &["12 ms"]), ("p90", &["0.2 s"]), ("p99", &["1.25 s"])])
    }

    fn list(entries: &[Entry]) -> LegendView<'_> {
        LegendView { entries, left_out: 0, hidden: 0, headings: &[], is_table: false }
    }

    #[test]
    fn a_list_runs_on_and_counts_what_does_not_fit() {
        let entries = quantiles();
        let list = list(&entries);
        assert_eq!(drawn(list, 40, 1), ["a p50 12 ms  b p90 0.2 s  c p99 1.25 s"]);
        assert_eq!(drawn(list, 30, 1), ["a p50 12 ms  b p90 0.2 s  +1"]);
        assert_eq!(drawn(list, 36, 1), ["a p50 12 ms  b p90 0.2 s  +1 more"]);
        assert_eq!(drawn(list, 25, 2), ["a p50 12 ms  b p90 0.2 s", "c p99 1.25 s"]);
        assert_eq!(list.lines(25, 4), 2);
        assert_eq!(list.lines(10, 2), 2);
        assert_eq!(
            drawn(LegendView { left_out: 7, ..list }, 60, 1),
            ["a p50 12 ms  b p90 0.2 s  c p99 1.25 s  +7 more"]
        );
    }

    #[test]
    fn hidden_series_are_said_to_be() {
        let entries = quantiles();
        let list = LegendView { hidden: 2, ..list(&entries) };
        assert_eq!(drawn(list, 60, 1), ["a p50 12 ms  b p90 0.2 s  c p99 1.25 s  2 hidden"]);
        assert_eq!(drawn(list, 40, 1), ["a p50 12 ms  +2 more, 2 hidden"]);
        assert_eq!((list.lines(40, 4), list.lines(60, 4)), (2, 1));
        assert_eq!(drawn(list, 40, 2), ["a p50 12 ms  b p90 0.2 s  c p99 1.25 s", "2 hidden"]);
        assert_eq!(drawn(LegendView { entries: &[], ..list }, 40, 1), ["2 hidden"]);
        let table = LegendView { is_table: true, ..list };
        assert_eq!(drawn(table, 20, 4)[3], "  2 hidden");
        assert_eq!(drawn(table, 20, 3), ["a p50   12 ms", "b p90   0.2 s", "  +1 more, 2 hidden"]);
        let mut buffer = Buffer::empty(Rect::new(5, 3, 60, 1));
        let places = list.draw(&Theme::PLAIN, buffer.area, &mut buffer);
        let places: Vec<_> = places.into_iter().map(|(area, entry)| (area.x, area.width, entry)).collect();
        assert_eq!(places, [(5, 11, Some(0)), (18, 11, Some(1)), (31, 12, Some(2)), (45, 8, None)]);
    }

    #[test]
    fn a_long_name_is_cut_before_its_figure() {
        let entries = entries(&[("{instance=\"localhost:9090\"}", &["3.5"]), ("b", &["1"])]);
        assert_eq!(drawn(list(&entries[..1]), 20, 1), ["━ {instance=\"lo… 3.5"]);
        assert_eq!(drawn(list(&entries), 24, 1), ["a {instance… 3.5  b b 1"]);
        assert_eq!(drawn(list(&entries[..1]), 5, 1), ["━ {i…"]);
        assert_eq!(drawn(list(&entries[..1]), 2, 1), ["+1"]);
    }

    #[test]
    fn figures_go_one_by_one_from_the_last() {
        let entries = entries(&[("api", &["min 1 s", "max 3 s", "mean 2 s"])]);
        assert_eq!(drawn(list(&entries), 40, 1), ["━ api min 1 s max 3 s mean 2 s"]);
        assert_eq!(drawn(list(&entries), 29, 1), ["━ api min 1 s max 3 s …"]);
        assert_eq!(drawn(list(&entries), 22, 1), ["━ api min 1 s …"]);
        assert_eq!(drawn(list(&entries), 14, 1), ["━ api …"]);
        assert_eq!(drawn(list(&entries), 6, 1), ["━ api"]);
    }

    #[test]
    fn a_table_aligns_its_columns_and_drops_those_without_room() {
        let entries = entries(&[("/cat_facts", &["12.5", "9"]), ("/", &["3", "100"])]);
        let headings = ["last".to_owned(), "max".to_owned()];
        let table =
            LegendView { entries: &entries, left_out: 0, hidden: 0, headings: &headings, is_table: true };
        assert_eq!(
            drawn(table, 30, 3),
            ["              last  max", "a /cat_facts  12.5    9", "b /              3  100"]
        );
        assert_eq!(drawn(table, 30, 2), ["              last  max", "  +2 more"]);
        assert_eq!(drawn(table, 20, 3), ["              last …", "a /cat_facts  12.5", "b /              3"]);
        // Names are cut before the first column goes, and no sign stands beyond the place of the legend.
        assert_eq!(drawn(table, 16, 3), ["          last …", "a /cat_…  12.5", "b /          3"]);
        assert_eq!(drawn(table, 14, 3), ["        last …", "a /ca…  12.5", "b /        3"]);
        assert_eq!(drawn(table, 11, 3), ["          …", "a /cat_f…", "b /"]);
        let bare = LegendView { headings: &[], ..table };
        assert_eq!(drawn(bare, 16, 2), ["a /cat_…  12.5 …", "b /          3 …"]);
        assert_eq!((table.lines(30, 9), table.width()), (3, 23));
    }
}
