//! Bars whose pieces have colours of their own: tinted along the way, or of cells like those of a display.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::bar::Bar;
use super::put_symbol;
use crate::theme::{ColorDepth, Rgb, Theme};

/// How strong the colour of a cell is that is not lit.
const UNLIT_STRENGTH: f64 = 0.3;

/// The cells along a bar in `area`: their places, from 0 to 1, and whether the bar covers them.
fn pieces(bar: &Bar, is_standing: bool, area: Rect) -> Vec<(u16, f64, bool)> {
    let count = if is_standing { area.height } else { area.width };
    let (low, high) = (bar.from.min(bar.to).clamp(0.0, 1.0), bar.from.max(bar.to).clamp(0.0, 1.0));
    let cells = f64::from(count);
    let piece = |index: u16| {
        let ratio = (f64::from(index) + 0.5) / cells;
        let covers = !bar.to.is_nan() && low <= ratio && ratio <= high;
        // A little is not nothing.
        let is_first = bar.to > bar.from && high - low < 1.0 / cells && (low * cells) as u16 == index;
        (index, ratio, covers || is_first)
    };
    (0..count).map(piece).collect()
}

/// The cells of `area` that piece `index` has.
fn cells(index: u16, is_standing: bool, area: Rect) -> Rect {
    if is_standing {
        Rect { y: area.bottom() - 1 - index, height: 1, ..area }
    } else {
        Rect { x: area.x + index, width: 1, ..area }
    }
}

/// Gives what a finished bar covers the colour of each place.
pub fn tint(
    bar: &Bar,
    color: &dyn Fn(f64) -> Rgb,
    is_standing: bool,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let area = area.intersection(buffer.area);
    if theme.depth == ColorDepth::None {
        return;
    }
    for (index, ratio, is_covered) in pieces(bar, is_standing, area) {
        for position in cells(index, is_standing, area).positions() {
            if is_covered {
                buffer[position].set_fg(theme.color(color(ratio)));
            }
        }
    }
}

/// Draws a bar of separate cells: lit up to the value, weak beyond it.
pub fn draw(
    bar: &Bar,
    color: &dyn Fn(f64) -> Rgb,
    is_standing: bool,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let area = area.intersection(buffer.area);
    for (index, ratio, is_lit) in pieces(bar, is_standing, area) {
        let (lit, unlit) = match (theme.is_ascii(), is_standing) {
            (true, true) => ('=', '.'),
            (true, false) => ('|', '.'),
            (false, true) => ('▆', '▁'),
            (false, false) => ('▊', '▏'),
        };
        let strong = Style::new().fg(theme.color(color(ratio)));
        let (symbol, style) = match (is_lit, theme.depth) {
            (true, _) => (lit, strong),
            (false, ColorDepth::None) => (unlit, Style::new().add_modifier(Modifier::DIM)),
            (false, ColorDepth::Ansi16) => (unlit, strong),
            // Where colours have shades, cells that are not lit are whole and dark.
            (false, _) if theme.is_ascii() => (unlit, strong),
            (false, _) => (lit, Style::new().fg(theme.weaker(theme.rgb(color(ratio)), UNLIT_STRENGTH))),
        };
        for position in cells(index, is_standing, area).positions() {
            put_symbol(buffer, position.x, position.y, symbol, style);
        }
    }
}
