//! The dots of one cell, and the character that shows them with each marker.

use ratatui::symbols::pixel::{OCTANTS, QUADRANTS};

use crate::theme::Marker;

/// Rows of dots of a cell, whatever the marker: those that cannot show four show the nearest they have.
pub const ROWS_PER_CELL: u16 = 4;

/// Bits of the dots of a cell, left and right column, from the top; those of braille characters.
pub const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Columns of dots that a cell has with `marker`.
pub const fn columns_per_cell(marker: Marker) -> u16 {
    match marker {
        Marker::Braille | Marker::Octant | Marker::Quadrant => 2,
        Marker::HalfBlock | Marker::Dot | Marker::Ascii => 1,
    }
}

/// The character for these dots; a blank for none. Where a cell has one column, its dots are the left ones.
pub fn symbol(bits: u8, marker: Marker) -> char {
    if bits == 0 {
        return ' ';
    }
    let has = |mask: u8| usize::from(bits & mask != 0);
    match marker {
        Marker::Braille => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
        Marker::Octant => {
            // The table counts row by row.
            let index = (0..8).map(|place| has(BITS[place % 2][place / 2]) << place).sum::<usize>();
            OCTANTS[index]
        }
        Marker::Quadrant => QUADRANTS[has(0x03) | has(0x18) << 1 | has(0x44) << 2 | has(0xa0) << 3],
        Marker::HalfBlock => [' ', '▀', '▄', '█'][has(0x03) | has(0x44) << 1],
        Marker::Dot => '•',
        Marker::Ascii => match bits {
            0x01 | 0x03 => '\'',
            0x02 | 0x06 => '-',
            0x04 | 0x44 => '.',
            0x40 => '_',
            _ => '|',
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_marker_shows_what_it_can() {
        let shown =
            |bits: u8| Marker::NAMED.map(|(_, marker)| symbol(bits, marker)).iter().collect::<String>();
        assert_eq!(shown(0), "      ");
        assert_eq!(shown(0x01), "⠁𜺨▘▀•'");
        assert_eq!(shown(0x47), "⡇▌▌█•|");
        assert_eq!(shown(0xe4), "⣤▄▄▄•|");
        assert_eq!(shown(0xff), "⣿███•|");
        assert_eq!(symbol(0xb8, Marker::Octant), '▐');
        assert_eq!(symbol(0x12, Marker::Octant), '\u{1cd06}', "the second row alone");
    }

    #[test]
    fn all_octants_are_one_cell_wide_and_different() {
        let all: std::collections::HashSet<char> =
            (0..=255).map(|bits| symbol(bits, Marker::Octant)).collect();
        assert_eq!(all.len(), 256);
        assert!(all.iter().all(|octant| crate::text::width(&octant.to_string()) == 1));
    }
}
