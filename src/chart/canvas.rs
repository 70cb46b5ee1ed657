//! A canvas of dots over a Rect, drawn with any marker: two by four dots a cell at best, one by four at least.
//!
//! A cell has one colour: that of the series drawn last, whose dots join those already there. Dots of a line
//! ([`Canvas::line`]) win over dots of an area ([`Canvas::fill`]), whatever the order, so that no area hides a line.
//! Without colours, lines have letters at their ends ([`Canvas::letter`]).

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::cover::Cover;
pub use super::dots::ROWS_PER_CELL;
use super::dots::{self, BITS};
use crate::theme::palette::SERIES_COUNT;
use crate::theme::{self, ColorDepth, Ink, Marker, Theme};

/// How strong the colour of an area is, its line's being 1.
const AREA_STRENGTH: f64 = 5.0 / 9.0;

/// Cells between two letters of a line.
const LETTER_SPACING_CELLS: i32 = 36;

/// Letters of a line.
const LETTERS_LIMIT: usize = 8;

/// The bits from one row of a cell to another, both included, by column, first and last row.
const SPANS: [[[u8; 4]; 4]; 2] = spans();

const fn spans() -> [[[u8; 4]; 4]; 2] {
    let mut spans = [[[0; 4]; 4]; 2];
    let mut index = 0;
    while index < 2 * 4 * 4 * 4 {
        let (side, from, to, row) = (index / 64, index / 16 % 4, index / 4 % 4, index % 4);
        if from <= row && row <= to {
            spans[side][from][to] |= BITS[side][row];
        }
        index += 1;
    }
    spans
}

/// Every other dot, so that an area stays apart from the line above it without colour too.
const AREA_PATTERN: u8 = 0x01 | 0x04 | 0x10 | 0x80;

/// What tells series apart where there is neither braille nor colour.
const GLYPHS: [char; 12] = ['*', 'o', 'x', '#', '@', '%', '&', '=', '~', '$', '?', 's'];

/// Marks of samples that lie infinitely high or low.
const MARK_ABOVE: u8 = 1;
const MARK_BELOW: u8 = 2;

#[derive(Clone, Copy, Default)]
struct Dots {
    line: u8,
    area: u8,
    marks: u8,
    line_owner: u16,
    area_owner: u16,
}

/// A canvas of dots. Rows and columns count from the top left; what lies outside is not drawn.
pub struct Canvas {
    cells: Vec<Dots>,
    width: u16,
    height: u16,
    marker: Marker,
    /// Whether a cell has two columns of dots.
    is_halved: bool,
    last_column: i32,
    last_row: i32,
    /// Of the owners up to the last one with an ink of its own.
    inks: Vec<Ink>,
    /// Cells with letters, and whose; none where series have no letters.
    letters: Option<Vec<(u16, u16, u16)>>,
    /// What the layers of stacks take of the cells; none where there are no colours, or no stacks.
    cover: Option<Cover>,
    /// Only one series is on it.
    alone: bool,
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canvas({}x{} {:?})", self.width, self.height, self.marker)
    }
}

impl Canvas {
    /// An empty canvas of `width` by `height` cells.
    pub fn new(width: u16, height: u16, marker: Marker) -> Self {
        let cells = vec![Dots::default(); usize::from(width) * usize::from(height)];
        let columns_per_cell = Self::columns_per_cell(marker);
        Self {
            cells,
            width,
            height,
            marker,
            is_halved: columns_per_cell == 2,
            last_column: i32::from(width.saturating_mul(columns_per_cell)) - 1,
            last_row: i32::from(height.saturating_mul(ROWS_PER_CELL)) - 1,
            inks: Vec::new(),
            letters: None,
            cover: None,
            alone: false,
        }
    }

    /// Draws series `owner` with `ink` from now on; without it, that is the palette's colour of its number.
    pub fn set_ink(&mut self, owner: u16, ink: Ink) {
        let known = self.inks.len()..=usize::from(owner);
        self.inks.extend(known.map(Ink::Series));
        self.inks[usize::from(owner)] = ink;
    }

    fn ink(&self, owner: u16) -> Ink {
        self.inks.get(usize::from(owner)).copied().unwrap_or(Ink::Series(usize::from(owner)))
    }

    /// The canvas with letters on its lines, or without.
    #[must_use]
    pub fn lettered(self, has_letters: bool) -> Self {
        Self { letters: has_letters.then(Vec::new), ..self }
    }

    /// The canvas of one series alone, which no character has to tell from others: it has its shape instead.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    /// The canvas with cells that have the colour of the thickest layer in them ([`Canvas::cover`]), or without.
    #[must_use]
    pub fn covered(self, is_covered: bool) -> Self {
        Self { cover: is_covered.then(|| Cover::new(self.width, self.height)), ..self }
    }

    /// Whether [`Canvas::cover`] notes anything.
    pub fn is_covered(&self) -> bool {
        self.cover.is_some()
    }

    /// Notes that the layer `owner` takes `column` from row `a` to row `b`, both included, in either order. All of one
    /// layer comes before the next.
    pub fn cover(&mut self, column: i32, a: i32, b: i32, owner: u16) {
        let (columns, rows) = (i32::from(self.columns()), i32::from(self.rows()));
        let Some(cover) = self.cover.as_mut() else { return };
        let (top, bottom) = (a.min(b).max(0), a.max(b).min(rows - 1));
        if !(0..columns).contains(&column) || top > bottom {
            return;
        }
        let x = column as usize / usize::from(Self::columns_per_cell(self.marker));
        let each = i32::from(ROWS_PER_CELL);
        for y in top / each..=bottom / each {
            let dots = bottom.min(y * each + each - 1) - top.max(y * each) + 1;
            cover.add(x, y as usize, dots as u16, owner);
        }
    }

    /// Whether [`Canvas::letter`] draws.
    pub fn is_lettered(&self) -> bool {
        self.letters.is_some()
    }

    /// Columns of dots that a cell has with `marker`.
    pub const fn columns_per_cell(marker: Marker) -> u16 {
        dots::columns_per_cell(marker)
    }

    /// Columns of dots.
    pub fn columns(&self) -> u16 {
        (self.last_column + 1) as u16
    }

    /// Rows of dots.
    pub fn rows(&self) -> u16 {
        (self.last_row + 1) as u16
    }

    /// Dots of series `owner` in `column` from row `a` to row `b`, both included, in either order.
    pub fn line(&mut self, column: i32, a: i32, b: i32, owner: u16) {
        self.span(column, a, b, |cell, bits| {
            cell.line |= bits;
            cell.line_owner = owner;
        });
    }

    /// As [`Canvas::line`], for the area of series `owner`: drawn under all lines, in a weaker colour.
    pub fn fill(&mut self, column: i32, a: i32, b: i32, owner: u16) {
        self.span(column, a, b, |cell, bits| {
            cell.area |= bits;
            cell.area_owner = owner;
        });
    }

    /// A sign at the edge for a sample of series `owner` in `column` that lies infinitely high or low.
    pub fn mark(&mut self, column: i32, above: bool, owner: u16) {
        let edge = if above { 0 } else { i32::from(self.rows()) - 1 };
        let mark = if above { MARK_ABOVE } else { MARK_BELOW };
        self.span(column, edge, edge, |cell, _| {
            cell.marks |= mark;
            cell.line_owner = owner;
        });
    }

    /// Puts the letter of series `owner` on its line: at the first of `places` (column and row of dots, from the end of
    /// the line) that no other letter has, and then every so many cells.
    pub fn letter(&mut self, owner: u16, places: impl Iterator<Item = (i32, i32)>) {
        let per_cell = i32::from(Self::columns_per_cell(self.marker));
        let (columns, rows) = (i32::from(self.columns()), i32::from(self.rows()));
        let Some(letters) = self.letters.as_mut().filter(|_| theme::letter(owner.into()).is_some()) else {
            return;
        };
        let (mut next, mut left) = (i32::MAX, LETTERS_LIMIT);
        for (column, row) in places {
            if left == 0 {
                return;
            }
            if !(0..columns).contains(&column) || !(0..rows).contains(&row) || column / per_cell > next {
                continue;
            }
            let (x, y) = ((column / per_cell) as u16, (row / i32::from(ROWS_PER_CELL)) as u16);
            // Two letters side by side would read as a word.
            if letters.iter().any(|(other_x, other_y, _)| *other_y == y && other_x.abs_diff(x) < 2) {
                continue;
            }
            letters.push((x, y, owner));
            next = i32::from(x) - LETTER_SPACING_CELLS;
            left -= 1;
        }
    }

    #[inline]
    fn span(&mut self, column: i32, a: i32, b: i32, mut draw: impl FnMut(&mut Dots, u8)) {
        let (top, bottom) = (a.min(b).max(0), a.max(b).min(self.last_row));
        if column < 0 || column > self.last_column || top > bottom {
            return;
        }
        let is_halved = u32::from(self.is_halved);
        let (x, side) = (column as usize >> is_halved, column as usize & is_halved as usize);
        let (top, bottom) = (top as usize, bottom as usize);
        let (first, last, width) = (top >> 2, bottom >> 2, usize::from(self.width));
        let spans = &SPANS[side];
        if first == last {
            draw(&mut self.cells[first * width + x], spans[top & 3][bottom & 3]);
            return;
        }
        draw(&mut self.cells[first * width + x], spans[top & 3][3]);
        for y in first + 1..last {
            draw(&mut self.cells[y * width + x], spans[0][3]);
        }
        draw(&mut self.cells[last * width + x], spans[0][bottom & 3]);
    }

    /// Writes all cells that have dots into `buffer`, the canvas's top left corner at that of `area`; cells without
    /// dots stay as they are.
    pub fn paint(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        // Far fewer owners than cells.
        let owners = self.inks.len().max(SERIES_COUNT) as u16;
        let lines: Vec<Color> = (0..owners).map(|owner| theme.ink(self.ink(owner))).collect();
        let areas: Vec<Style> = (0..owners).map(|owner| area_style(theme, self.ink(owner))).collect();
        let (width, height) = (self.width.min(area.width), self.height.min(area.height));
        for y in 0..height {
            let row = &self.cells[usize::from(y) * usize::from(self.width)..][..usize::from(width)];
            for ((x, dots), index) in (area.x..).zip(row).zip(usize::from(y) * usize::from(self.width)..) {
                if dots.line | dots.area | dots.marks == 0 {
                    continue;
                }
                let Some(cell) = buffer.cell_mut((x, area.y + y)) else { continue };
                cell.set_char(self.symbol(dots, theme));
                let covering = self.cover.as_ref().and_then(|cover| cover.owner(index));
                let [line_owner, area_owner] =
                    [dots.line_owner, dots.area_owner].map(|owner| usize::from(covering.unwrap_or(owner)));
                if dots.line | dots.marks != 0 {
                    cell.set_fg(lines[line_owner % lines.len()]);
                    cell.modifier = Modifier::empty();
                } else {
                    cell.set_style(areas[area_owner % areas.len()]);
                }
            }
        }
        for (x, y, owner) in self.letters.iter().flatten().filter(|(x, y, _)| *x < width && *y < height) {
            if let Some(cell) = buffer.cell_mut((area.x + x, area.y + y)) {
                cell.reset();
                cell.set_char(theme::letter((*owner).into()).unwrap_or(' ')).set_style(theme.letter());
            }
        }
    }

    fn symbol(&self, dots: &Dots, theme: &Theme) -> char {
        let has_line = dots.line != 0;
        match self.marker {
            Marker::Ascii if dots.marks & MARK_ABOVE != 0 => '^',
            Marker::Ascii if dots.marks != 0 => 'v',
            _ if dots.marks & MARK_ABOVE != 0 => '▲',
            _ if dots.marks != 0 => '▼',
            Marker::Braille => {
                let bits = dots.line | dots.area & AREA_PATTERN;
                // An area of one dot that the pattern leaves out would vanish.
                dots::symbol(if bits == 0 { dots.area } else { bits }, Marker::Braille)
            }
            Marker::Ascii if !has_line => ':',
            Marker::Ascii if theme.depth == ColorDepth::None && !self.alone => {
                glyph(usize::from(dots.line_owner))
            }
            Marker::Dot if !has_line => '·',
            // An area has a weaker colour than its line; where there is none, it is a shade.
            marker if !has_line && theme.depth <= ColorDepth::Ansi16 && marker.is_block() => '░',
            marker => dots::symbol(if has_line { dots.line } else { dots.area }, marker),
        }
    }
}

/// The character that stands for series `index` where there is neither braille nor colour.
pub fn glyph(index: usize) -> char {
    GLYPHS[index % GLYPHS.len()]
}

/// What an area looks like: the weaker colour of its line.
pub fn area_style(theme: &Theme, ink: Ink) -> Style {
    match theme.depth {
        ColorDepth::None => Style::new().add_modifier(Modifier::DIM),
        ColorDepth::Ansi16 => Style::new().fg(theme.ink(ink)).add_modifier(Modifier::DIM),
        ColorDepth::Ansi256 | ColorDepth::True => {
            let color = match ink {
                Ink::Series(index) => theme.series_rgb(index),
                Ink::Fixed(color) => theme.rgb(color),
            };
            Style::new().fg(theme.weaker(color, AREA_STRENGTH))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(canvas: &Canvas, theme: &Theme) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, canvas.width, canvas.height));
        canvas.paint(theme, buffer.area, &mut buffer);
        crate::chart::picture(&buffer)
    }

    #[test]
    fn dots_land_where_they_are_set() {
        let mut canvas = Canvas::new(3, 2, Marker::Braille);
        canvas.line(0, 0, 7, 0);
        canvas.line(3, 5, 3, 0);
        canvas.line(5, 7, 99, 0);
        canvas.line(4, -5, -1, 0);
        canvas.line(-1, 0, 7, 0);
        canvas.line(6, 0, 7, 0);
        assert_eq!(painted(&canvas, &Theme::PLAIN), ["⡇⢀", "⡇⠘⢀"]);
    }

    #[test]
    fn a_line_keeps_its_colour_over_any_area() {
        let mut canvas = Canvas::new(1, 2, Marker::Braille);
        canvas.line(0, 2, 2, 1);
        canvas.fill(0, 3, 7, 2);
        canvas.fill(1, 3, 7, 2);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 2));
        canvas.paint(&Theme::TRUE_COLOR, buffer.area, &mut buffer);
        assert_eq!((buffer[(0, 0)].symbol(), buffer[(0, 1)].symbol()), ("⢄", "⢕"));
        assert_eq!(buffer[(0, 0)].fg, Theme::TRUE_COLOR.series(1));
        assert_eq!(Some(buffer[(0, 1)].fg), area_style(&Theme::TRUE_COLOR, Ink::Series(2)).fg);
    }

    #[test]
    fn ascii_tells_heights_and_series_apart() {
        let mut canvas = Canvas::new(6, 1, Marker::Ascii);
        for (column, (a, b)) in [(0, 0), (1, 1), (2, 2), (3, 3), (0, 3)].into_iter().enumerate() {
            canvas.line(column as i32, a, b, 1);
        }
        canvas.mark(5, true, 1);
        let colored = Theme { marker: Marker::Ascii, ..Theme::TRUE_COLOR };
        assert_eq!(painted(&canvas, &colored), ["'-._|^"]);
        let plain = Theme { marker: Marker::Ascii, ..Theme::PLAIN };
        assert_eq!(painted(&canvas, &plain), ["ooooo^"]);
        assert_eq!(painted(&canvas.alone(), &plain), ["'-._|^"]);
    }

    #[test]
    fn letters_end_lines_and_keep_apart() {
        let mut canvas = Canvas::new(60, 2, Marker::Braille).lettered(true);
        let flat = |row: i32| (0..120).rev().map(move |column| (column, row));
        for (owner, row) in [(0, 0), (1, 1), (2, 7)] {
            (0..120).for_each(|column| canvas.line(column, row, row, owner));
            canvas.letter(owner, flat(row));
        }
        let rows = painted(&canvas, &Theme::PLAIN);
        let places = |row: usize| -> Vec<(usize, char)> {
            rows[row].chars().enumerate().filter(|(_, c)| c.is_ascii_alphabetic()).collect()
        };
        assert_eq!(places(0), [(21, 'b'), (23, 'a'), (57, 'b'), (59, 'a')]);
        assert_eq!(places(1), [(23, 'c'), (59, 'c')]);
    }

    #[test]
    fn blocks_draw_areas_that_leave_their_lines_alone() {
        for (marker, colored, plain) in [
            (Marker::Octant, ["▘▀", "██"], ["▘▀", "░░"]),
            (Marker::Quadrant, ["▘▀", "██"], ["▘▀", "░░"]),
            (Marker::Dot, ["••", "··"], ["••", "··"]),
        ] {
            let mut canvas = Canvas::new(2, 2, marker);
            let columns = i32::from(canvas.columns());
            canvas.line(0, 0, 1, 0);
            (columns / 2..columns).for_each(|column| canvas.line(column, 0, 1, 0));
            (0..columns).for_each(|column| canvas.fill(column, 4, 7, 1));
            assert_eq!(painted(&canvas, &Theme { marker, ..Theme::TRUE_COLOR }), colored, "{marker:?}");
            assert_eq!(painted(&canvas, &Theme { marker, ..Theme::PLAIN }), plain, "{marker:?}");
        }
    }
}
