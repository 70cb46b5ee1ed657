//! Drawing primitives on a Buffer, shared by the panel types: axes, lines of dots, bars, heat cells, legends.
//!
//! Nothing here knows panels: series come as a [`crate::series::Grid`] and a slice of values, and a Rect says where
//! the picture goes. Every function copes with every size, and with NaN, infinities and the ends of `f64`.

pub mod axis;
pub mod bar;
pub mod canvas;
pub mod cover;
pub mod dates;
pub mod digits;
pub mod dots;
pub mod extent;
pub mod heat;
pub mod label;
pub mod lanes;
pub mod legend;
pub mod log;
pub mod plot;
pub mod scale;
pub mod segments;
pub mod spark;
pub mod stack;
pub mod stackbar;
pub mod steps;
pub mod time_axis;
pub mod trace;
pub mod zones;

use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// Writes one character of our own, such as a rule; text of others goes through [`crate::text::put`].
fn put_symbol(buffer: &mut Buffer, x: u16, y: u16, symbol: char, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_char(symbol).set_style(style);
    }
}

/// The text of a buffer, line by line without trailing blanks, for tests that a person can read.
#[cfg(test)]
pub(crate) fn picture(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let line = |y: u16| (area.left()..area.right()).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (area.top()..area.bottom()).map(|y| line(y).trim_end().to_owned()).collect()
}
