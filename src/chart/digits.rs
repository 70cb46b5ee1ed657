//! Figures made of blocks, for the one number that a panel is about.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use crate::theme::Marker;

/// How large the figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// 3 by 3 cells a digit, out of half blocks.
    Small,
    /// 6 by 5 cells a digit, out of full blocks.
    Large,
}

impl Size {
    /// Lines that figures of this size take.
    pub fn height(self) -> u16 {
        match self {
            Self::Small => 3,
            Self::Large => 5,
        }
    }

    /// The sizes that can be drawn with `marker`, the largest first: half blocks are not ASCII.
    pub fn available(marker: Marker) -> &'static [Self] {
        match marker {
            Marker::Ascii => &[Self::Large],
            _ => &[Self::Large, Self::Small],
        }
    }
}

/// Dots of a figure, five rows from top to bottom; `#` is set.
const FONT: [(char, [&str; 5]); 47] = [
    ('0', ["###", "# #", "# #", "# #", "###"]),
    ('1', [" # ", "## ", " # ", " # ", "###"]),
    ('2', ["###", "  #", "###", "#  ", "###"]),
    ('3', ["###", "  #", "###", "  #", "###"]),
    ('4', ["# #", "# #", "###", "  #", "  #"]),
    ('5', ["###", "#  ", "###", "  #", "###"]),
    ('6', ["###", "#  ", "###", "# #", "###"]),
    ('7', ["###", "  #", "  #", "  #", "  #"]),
    ('8', ["###", "# #", "###", "# #", "###"]),
    ('9', ["###", "# #", "###", "  #", "###"]),
    ('.', [" ", " ", " ", " ", "#"]),
    (',', ["  ", "  ", "  ", " #", "# "]),
    (':', [" ", "#", " ", "#", " "]),
    ('-', ["   ", "   ", "###", "   ", "   "]),
    ('+', ["   ", " # ", "###", " # ", "   "]),
    ('/', ["  #", "  #", " # ", "#  ", "#  "]),
    ('%', ["# #", "  #", " # ", "#  ", "# #"]),
    ('$', [" ##", "## ", "###", " ##", "## "]),
    ('€', [" ##", "## ", "#  ", "## ", " ##"]),
    ('e', [" # ", "# #", "###", "#  ", " ##"]),
    (' ', ["  ", "  ", "  ", "  ", "  "]),
    ('A', [" # ", "# #", "###", "# #", "# #"]),
    ('B', ["## ", "# #", "## ", "# #", "## "]),
    ('C', ["###", "#  ", "#  ", "#  ", "###"]),
    ('D', ["## ", "# #", "# #", "# #", "## "]),
    ('E', ["###", "#  ", "## ", "#  ", "###"]),
    ('F', ["###", "#  ", "## ", "#  ", "#  "]),
    ('G', ["###", "#  ", "# #", "# #", "###"]),
    ('H', ["# #", "# #", "###", "# #", "# #"]),
    ('I', ["###", " # ", " # ", " # ", "###"]),
    ('J', ["  #", "  #", "  #", "# #", "###"]),
    ('K', ["# #", "# #", "## ", "# #", "# #"]),
    ('L', ["#  ", "#  ", "#  ", "#  ", "###"]),
    ('M', ["#   #", "## ##", "# # #", "#   #", "#   #"]),
    ('N', ["#  #", "## #", "# ##", "#  #", "#  #"]),
    ('O', ["###", "# #", "# #", "# #", "###"]),
    ('P', ["###", "# #", "###", "#  ", "#  "]),
    ('Q', ["### ", "# # ", "# # ", "# # ", "####"]),
    ('R', ["## ", "# #", "## ", "# #", "# #"]),
    ('S', [" ##", "#  ", " # ", "  #", "## "]),
    ('T', ["###", " # ", " # ", " # ", " # "]),
    ('U', ["# #", "# #", "# #", "# #", "###"]),
    ('V', ["# #", "# #", "# #", "# #", " # "]),
    ('W', ["#   #", "#   #", "# # #", "## ##", "#   #"]),
    ('X', ["# #", "# #", " # ", "# #", "# #"]),
    ('Y', ["# #", "# #", " # ", " # ", " # "]),
    ('Z', ["###", "  #", " # ", "#  ", "###"]),
];

fn glyph(character: char) -> Option<&'static [&'static str; 5]> {
    FONT.iter().find(|(known, _)| *known == character).map(|(_, rows)| rows)
}

/// Cells that `text` takes; `None` where the font lacks one of its characters.
pub fn width(text: &str, size: Size) -> Option<usize> {
    let mut dots = 0;
    for character in text.chars() {
        dots += glyph(character)?[0].len() + 1;
    }
    let dots = dots.saturating_sub(1);
    Some(if size == Size::Large { dots * 2 } else { dots })
}

/// Draws `text` with its top left corner at (`x`, `y`); what lies outside the buffer, and a character that the font
/// lacks, is left out: ask [`width`] first.
pub fn draw(buffer: &mut Buffer, (x, y): (u16, u16), text: &str, size: Size, style: Style, marker: Marker) {
    let mut x = x;
    for rows in text.chars().filter_map(glyph) {
        for column in 0..rows[0].len() {
            let dot = |row: usize| rows.get(row).is_some_and(|row| row.as_bytes()[column] == b'#');
            match size {
                Size::Small => {
                    for line in 0..3 {
                        // Ten half lines for five dots would leave the sixth half line over: it is the top one, so that
                        // the figures stand on the same ground as the unit beside them.
                        let (upper, lower) = (line > 0 && dot(2 * line - 1), dot(2 * line));
                        let symbol = match (upper, lower) {
                            (true, true) => '█',
                            (true, false) => '▀',
                            (false, true) => '▄',
                            (false, false) => continue,
                        };
                        set(buffer, x, y + line as u16, symbol, style);
                    }
                    x = x.saturating_add(1);
                }
                Size::Large => {
                    for line in (0..5).filter(|line| dot(*line)) {
                        let symbol = if marker == Marker::Ascii { '#' } else { '█' };
                        set(buffer, x, y + line as u16, symbol, style);
                        set(buffer, x.saturating_add(1), y + line as u16, symbol, style);
                    }
                    x = x.saturating_add(2);
                }
            }
        }
        x = x.saturating_add(if size == Size::Large { 2 } else { 1 });
    }
}

fn set(buffer: &mut Buffer, x: u16, y: u16, symbol: char, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_char(symbol).set_style(style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn figures_are_readable_in_both_sizes() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 26, 9));
        draw(&mut buffer, (0, 0), "-12.5%", Size::Small, Style::new(), Marker::Braille);
        draw(&mut buffer, (0, 4), "UP", Size::Large, Style::new(), Marker::Ascii);
        assert_eq!(
            buffer,
            Buffer::with_lines([
                "     ▄  ▄▄▄   ▄▄▄ ▄ ▄     ",
                "▄▄▄ ▀█  ▄▄█   █▄▄  ▄▀     ",
                "    ▄█▄ █▄▄ ▄ ▄▄█ █ ▄     ",
                "                          ",
                "##  ##  ######            ",
                "##  ##  ##  ##            ",
                "##  ##  ######            ",
                "##  ##  ##                ",
                "######  ##                ",
            ])
        );
    }

    #[test]
    fn powers_of_ten_have_figures() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 15, 3));
        assert_eq!(width("1e+9", Size::Small), Some(15));
        draw(&mut buffer, (0, 0), "1e+9", Size::Small, Style::new(), Marker::Braille);
        assert_eq!(crate::chart::picture(&buffer), [" ▄   ▄      ▄▄▄", "▀█  █▄█ ▄█▄ █▄█", "▄█▄ ▀▄▄  ▀  ▄▄█"]);
    }

    #[test]
    fn every_glyph_has_rows_of_one_width() {
        for (character, rows) in FONT {
            assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{character}");
        }
    }

    #[test]
    fn a_width_is_known_before_drawing() {
        assert_eq!(width("12.5", Size::Small), Some(13));
        assert_eq!(width("12.5", Size::Large), Some(26));
        assert_eq!(width("no data", Size::Small), None);
        assert_eq!(width("", Size::Small), Some(0));
    }
}
