//! Characters that are drawn rather than written: blocks, shades, lines and braille, as shapes in a cell.
//!
//! A picture made of such characters only joins where every font draws them alike, which none does.

use std::collections::HashMap;
use std::sync::LazyLock;

use ratatui::symbols::pixel::{OCTANTS, QUADRANTS};

/// Parts into which a cell is divided, across and down.
pub const PARTS: u8 = 8;

/// What a character looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Rectangles: left, top, right, bottom in eighths of the cell.
    Rects(Vec<[u8; 4]>),
    /// The whole cell in a colour between its two, this much of the foreground.
    Shade(f64),
    /// Dots: the bits of a braille character.
    Dots(u8),
    /// Lines from the middle upwards, downwards, to the left and to the right: 0 none, 1 light, 2 heavy.
    Lines([u8; 4]),
}

/// The shape of `character`; `None` for what is written.
pub fn shape(character: char) -> Option<Shape> {
    let rect = |rect: [u8; 4]| Some(Shape::Rects(vec![rect]));
    let code = u32::from(character);
    match character {
        '\u{2800}'..='\u{28ff}' => Some(Shape::Dots((code - 0x2800) as u8)),
        '▀' => rect([0, 0, 8, 4]),
        '▁'..='█' => rect([0, 8 - (code - 0x2580) as u8, 8, 8]),
        '▉'..='▏' => rect([0, 0, 8 - (code - 0x2588) as u8, 8]),
        '▐' => rect([4, 0, 8, 8]),
        '░' => Some(Shape::Shade(0.25)),
        '▒' => Some(Shape::Shade(0.5)),
        '▓' => Some(Shape::Shade(0.75)),
        '▔' => rect([0, 0, 8, 1]),
        '▕' => rect([7, 0, 8, 8]),
        _ => mosaic(character).or_else(|| lines(character)),
    }
}

/// Quadrants and octants by their character, as rectangles.
static MOSAICS: LazyLock<HashMap<char, Vec<[u8; 4]>>> = LazyLock::new(|| {
    let octants = OCTANTS.iter().enumerate().map(|(bits, character)| (*character, cells(bits, 4)));
    let quadrants = QUADRANTS.iter().enumerate().map(|(bits, character)| (*character, cells(bits, 2)));
    octants.chain(quadrants).filter(|(_, rects)| !rects.is_empty()).collect()
});

fn mosaic(character: char) -> Option<Shape> {
    MOSAICS.get(&character).cloned().map(Shape::Rects)
}

/// The cells of a pattern of two columns and `rows` rows, row by row from the lowest bit.
fn cells(bits: usize, rows: u8) -> Vec<[u8; 4]> {
    let high = PARTS / rows;
    let row_rects = |row: u8| {
        let (top, bottom) = (row * high, (row + 1) * high);
        match bits >> (2 * row) & 3 {
            0 => None,
            1 => Some([0, top, 4, bottom]),
            2 => Some([4, top, 8, bottom]),
            _ => Some([0, top, 8, bottom]),
        }
    };
    (0..rows).filter_map(row_rects).collect()
}

fn lines(character: char) -> Option<Shape> {
    let [up, down, left, right] = match character {
        '─' => [0, 0, 1, 1],
        '━' => [0, 0, 2, 2],
        '│' => [1, 1, 0, 0],
        '┃' => [2, 2, 0, 0],
        '┌' | '╭' => [0, 1, 0, 1],
        '┐' | '╮' => [0, 1, 1, 0],
        '└' | '╰' => [1, 0, 0, 1],
        '┘' | '╯' => [1, 0, 1, 0],
        '├' => [1, 1, 0, 1],
        '┤' => [1, 1, 1, 0],
        '┬' => [0, 1, 1, 1],
        '┴' => [1, 0, 1, 1],
        '┼' => [1, 1, 1, 1],
        '╵' => [1, 0, 0, 0],
        '╷' => [0, 1, 0, 0],
        '╴' => [0, 0, 1, 0],
        '╶' => [0, 0, 0, 1],
        _ => return None,
    };
    Some(Shape::Lines([up, down, left, right]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_their_shapes() {
        for (character, expected) in [
            ('▁', Shape::Rects(vec![[0, 7, 8, 8]])),
            ('█', Shape::Rects(vec![[0, 0, 8, 8]])),
            ('▏', Shape::Rects(vec![[0, 0, 1, 8]])),
            ('▌', Shape::Rects(vec![[0, 0, 4, 8]])),
            ('▞', Shape::Rects(vec![[4, 0, 8, 4], [0, 4, 4, 8]])),
            ('𜴀', Shape::Rects(vec![[0, 2, 4, 4]])),
            ('⡇', Shape::Dots(0x47)),
            ('┤', Shape::Lines([1, 1, 1, 0])),
        ] {
            assert_eq!(shape(character), Some(expected), "{character}");
        }
        for character in ['a', ' ', '▲', '猫', '·'] {
            assert_eq!(shape(character), None, "{character}");
        }
    }

    #[test]
    fn every_octant_is_drawn() {
        for character in OCTANTS.iter().filter(|character| **character != ' ') {
            assert!(matches!(shape(*character), Some(Shape::Rects(_))), "{character}");
        }
    }
}
