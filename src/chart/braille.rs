//! A canvas of dots over a Rect: two by four braille dots a cell, or one by four positions a cell in plain ASCII.
//!
//! A cell has one colour: that of the series drawn last, whose dots join those already there. Dots of a line
//! ([`Canvas::line`]) win over dots of an area ([`Canvas::fill`]), whatever the order, so that no area hides a line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::theme::{ColorDepth, Ink, Marker, SERIES_COLORS, Theme};

/// Dot rows of a cell, in braille and in ASCII.
pub const ROWS_PER_CELL: u16 = 4;

/// Bits of the dots of a braille cell, left and right column, from the top.
const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

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
    /// Of the owners up to the last one with an ink of its own.
    inks: Vec<Ink>,
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
        Self { cells, width, height, marker, inks: Vec::new() }
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

    /// Columns of dots that a cell has with `marker`.
    pub const fn columns_per_cell(marker: Marker) -> u16 {
        match marker {
            Marker::Braille => 2,
            Marker::Ascii => 1,
        }
    }

    /// Columns of dots.
    pub fn columns(&self) -> u16 {
        self.width.saturating_mul(Self::columns_per_cell(self.marker))
    }

    /// Rows of dots.
    pub fn rows(&self) -> u16 {
        self.height.saturating_mul(ROWS_PER_CELL)
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

    #[inline]
    fn span(&mut self, column: i32, a: i32, b: i32, mut draw: impl FnMut(&mut Dots, u8)) {
        let (top, bottom) = (a.min(b).max(0), a.max(b).min(i32::from(self.rows()) - 1));
        if column < 0 || column >= i32::from(self.columns()) || top > bottom {
            return;
        }
        let (x, side) = match self.marker {
            Marker::Braille => (column as usize >> 1, (column & 1) as usize),
            Marker::Ascii => (column as usize, 0),
        };
        let (top, bottom) = (top as usize, bottom as usize);
        for y in top >> 2..=bottom >> 2 {
            let from = if y == top >> 2 { top & 3 } else { 0 };
            let to = if y == bottom >> 2 { bottom & 3 } else { 3 };
            draw(&mut self.cells[y * usize::from(self.width) + x], SPANS[side][from][to]);
        }
    }

    /// Writes all cells that have dots into `buffer`, the canvas's top left corner at that of `area`; cells without
    /// dots stay as they are.
    pub fn paint(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        // Far fewer owners than cells.
        let owners = self.inks.len().max(SERIES_COLORS.len()) as u16;
        let lines: Vec<Color> = (0..owners).map(|owner| theme.ink(self.ink(owner))).collect();
        let areas: Vec<Style> = (0..owners).map(|owner| area_style(theme, self.ink(owner))).collect();
        let (width, height) = (self.width.min(area.width), self.height.min(area.height));
        for y in 0..height {
            let row = &self.cells[usize::from(y) * usize::from(self.width)..][..usize::from(width)];
            for (x, dots) in (area.x..).zip(row) {
                if dots.line | dots.area | dots.marks == 0 {
                    continue;
                }
                let Some(cell) = buffer.cell_mut((x, area.y + y)) else { continue };
                cell.set_char(self.symbol(dots, theme));
                if dots.line | dots.marks != 0 {
                    cell.set_fg(lines[usize::from(dots.line_owner) % lines.len()]);
                    cell.modifier = Modifier::empty();
                } else {
                    cell.set_style(areas[usize::from(dots.area_owner) % areas.len()]);
                }
            }
        }
    }

    fn symbol(&self, dots: &Dots, theme: &Theme) -> char {
        match self.marker {
            Marker::Braille if dots.marks & MARK_ABOVE != 0 => '▲',
            Marker::Braille if dots.marks != 0 => '▼',
            Marker::Ascii if dots.marks & MARK_ABOVE != 0 => '^',
            Marker::Ascii if dots.marks != 0 => 'v',
            Marker::Braille => {
                let bits = dots.line | dots.area & AREA_PATTERN;
                // An area of one dot that the pattern leaves out would vanish.
                let bits = if bits == 0 { dots.area } else { bits };
                char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')
            }
            Marker::Ascii if dots.line == 0 => ':',
            Marker::Ascii if theme.depth == ColorDepth::None => glyph(usize::from(dots.line_owner)),
            Marker::Ascii => match dots.line {
                0x01 | 0x03 => '\'',
                0x02 | 0x06 => '-',
                0x04 | 0x44 => '.',
                0x40 => '_',
                _ => '|',
            },
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
            let weaker = |part: u8| (u16::from(part) * 5 / 9) as u8;
            let color = match ink {
                Ink::Series(index) => SERIES_COLORS[index % SERIES_COLORS.len()],
                Ink::Fixed(color) => color,
            };
            let color = crate::theme::Rgb(weaker(color.0), weaker(color.1), weaker(color.2));
            Style::new().fg(theme.color(color))
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
        assert_eq!(painted(&canvas, &Theme { marker: Marker::Ascii, ..Theme::PLAIN }), ["ooooo^"]);
    }
}
