//! Bars of a value: horizontal and vertical, to the eighth of a cell, on a track that shows where they end.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::theme::{ColorDepth, Marker, Theme};

pub(super) const LEFT_EIGHTHS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
pub(super) const LOWER_EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar from one place to another on its track, both from 0 (left, bottom) to 1 (right, top).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Where it begins: the place of zero.
    pub from: f64,
    /// Where it ends: the place of the value, beyond 0 or 1 where the value is beyond the scale. NaN is no bar.
    pub to: f64,
    /// Its colour; a plain bar without.
    pub style: Style,
}

impl Bar {
    /// The bar's two ends in eighths of a cell on a track of `cells`; a value that is not nothing is not drawn as
    /// nothing.
    fn eighths(&self, cells: u16) -> (i64, i64) {
        let whole = i64::from(cells) * 8;
        if self.to.is_nan() {
            return (0, 0);
        }
        let at = |ratio: f64| (ratio.clamp(0.0, 1.0) * whole as f64).round() as i64;
        let (from, to) = (at(self.from), at(self.to));
        match (from == to, self.to > self.from) {
            (true, true) if from < whole => (from, from + 1),
            (true, true) => (from - 1, from),
            (true, false) if self.to < self.from && from > 0 => (from - 1, from),
            _ => (from.min(to), from.max(to)),
        }
    }
}

/// Draws `bar` from left to right over all lines of `area`. A value beyond the scale is marked at that end.
pub fn horizontal(buffer: &mut Buffer, area: Rect, bar: Bar, theme: Theme) {
    let area = area.intersection(buffer.area);
    let (from, to) = bar.eighths(area.width);
    for column in 0..area.width {
        let (symbol, style) = cell(i64::from(column) * 8, (from, to), bar.style, theme, &LEFT_EIGHTHS);
        for y in area.top()..area.bottom() {
            buffer[(area.x + column, y)].set_char(symbol).set_style(style);
        }
    }
    if area.is_empty() {
        return;
    }
    let ascii = theme.marker == Marker::Ascii;
    let middle = area.y + (area.height - 1) / 2;
    if bar.to > 1.0 {
        let marker = if ascii { '>' } else { '▶' };
        buffer[(area.right() - 1, middle)].set_char(marker).set_style(beyond(bar.style));
    } else if bar.to < 0.0 {
        let marker = if ascii { '<' } else { '◀' };
        buffer[(area.x, middle)].set_char(marker).set_style(beyond(bar.style));
    }
}

/// Draws `bar` from the bottom up over all columns of `area`. A value beyond the scale is marked at that end.
pub fn vertical(buffer: &mut Buffer, area: Rect, bar: Bar, theme: Theme) {
    let area = area.intersection(buffer.area);
    let (from, to) = bar.eighths(area.height);
    for line in 0..area.height {
        let (symbol, style) = cell(i64::from(line) * 8, (from, to), bar.style, theme, &LOWER_EIGHTHS);
        for x in area.left()..area.right() {
            buffer[(x, area.bottom() - 1 - line)].set_char(symbol).set_style(style);
        }
    }
    if area.is_empty() {
        return;
    }
    let ascii = theme.marker == Marker::Ascii;
    let middle = area.x + (area.width - 1) / 2;
    if bar.to > 1.0 {
        let marker = if ascii { '^' } else { '▲' };
        buffer[(middle, area.y)].set_char(marker).set_style(beyond(bar.style));
    } else if bar.to < 0.0 {
        let marker = if ascii { 'v' } else { '▼' };
        buffer[(middle, area.bottom() - 1)].set_char(marker).set_style(beyond(bar.style));
    }
}

/// The mark of a value beyond the scale stands out of the bar that it ends.
fn beyond(style: Style) -> Style {
    style.add_modifier(Modifier::REVERSED | Modifier::BOLD)
}

/// What the cell shows whose first eighth is `start`, given the covered eighths.
fn cell(
    start: i64,
    (from, to): (i64, i64),
    style: Style,
    theme: Theme,
    eighths: &[char; 9],
) -> (char, Style) {
    let (low, high) = (from.clamp(start, start + 8) - start, to.clamp(start, start + 8) - start);
    let (low, high) =
        if theme.marker == Marker::HalfBlock { (halves(low), halves(high)) } else { (low, high) };
    let covered = high - low;
    if theme.marker == Marker::Ascii {
        return if covered >= 4 || (covered > 0 && to - from < 8) {
            ('#', style)
        } else {
            ('.', theme.rule())
        };
    }
    let shaded = theme.depth >= ColorDepth::Ansi256;
    let style = if shaded { style.bg(theme.track()) } else { style };
    match (covered, low) {
        (0, _) if shaded => (' ', style),
        (0, _) => ('░', theme.rule()),
        (8, _) => ('█', style),
        (_, 0) => (eighths[covered as usize], style),
        // There are no right or upper eighths: the rest is drawn, with the colours exchanged.
        (_, low) => (eighths[low as usize], style.add_modifier(Modifier::REVERSED)),
    }
}

/// Eighths to the nearest half: fonts with few blocks have halves at most.
fn halves(eighths: i64) -> i64 {
    (eighths + 2) / 4 * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_blocks_know_no_eighths() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let area = buffer.area;
        let theme = Theme { marker: Marker::HalfBlock, ..Theme::PLAIN };
        let shown = |to: f64, buffer: &mut Buffer| -> String {
            horizontal(buffer, area, Bar { from: 0.0, to, style: Style::new() }, theme);
            buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
        };
        assert_eq!(shown(0.35, &mut buffer), "█▌░░");
        assert_eq!(shown(0.45, &mut buffer), "██░░");
    }

    fn row(from: f64, to: f64, width: u16) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buffer.area;
        horizontal(&mut buffer, area, Bar { from, to, style: Style::new() }, Theme::PLAIN);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn a_bar_ends_to_the_eighth() {
        assert_eq!(row(0.0, 0.0, 4), "░░░░");
        assert_eq!(row(0.0, 0.25, 4), "█░░░");
        assert_eq!(row(0.0, 0.375, 4), "█▌░░");
        assert_eq!(row(0.0, 1.0, 4), "████");
    }

    #[test]
    fn a_little_is_not_nothing() {
        assert_eq!(row(0.0, 1e-9, 4), "▏░░░");
        assert_eq!(row(0.5, 0.5 + 1e-9, 4), "░░▏░");
        assert_eq!(row(0.5, 0.5 - 1e-9, 4), "░▉░░");
    }

    #[test]
    fn a_value_beyond_the_scale_is_marked_and_nan_is_no_bar() {
        assert_eq!(row(0.0, 1.1, 4), "███▶");
        assert_eq!(row(0.0, f64::INFINITY, 4), "███▶");
        assert_eq!(row(0.0, -0.1, 4), "◀░░░");
        assert_eq!(row(0.0, f64::NAN, 4), "░░░░");
        assert_eq!(row(0.0, 0.5, 0), "");
    }

    #[test]
    fn what_lies_left_of_zero_is_drawn_from_zero() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let area = buffer.area;
        horizontal(&mut buffer, area, Bar { from: 0.5, to: 0.125, style: Style::new() }, Theme::PLAIN);
        assert_eq!(buffer[(0, 0)].symbol(), "▌");
        assert!(buffer[(0, 0)].modifier.contains(Modifier::REVERSED));
        assert_eq!(buffer[(1, 0)].symbol(), "█");
        assert_eq!(buffer[(2, 0)].symbol(), "░");
    }

    #[test]
    fn a_standing_bar_grows_from_the_bottom() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 3));
        let area = buffer.area;
        vertical(&mut buffer, area, Bar { from: 0.0, to: 0.5, style: Style::new() }, Theme::PLAIN);
        assert_eq!(buffer, Buffer::with_lines(["░", "▄", "█"]).styled_like(&buffer));
    }

    trait StyledLike {
        fn styled_like(self, other: &Buffer) -> Self;
    }

    impl StyledLike for Buffer {
        fn styled_like(mut self, other: &Buffer) -> Self {
            for (cell, like) in self.content.iter_mut().zip(&other.content) {
                cell.set_style(like.style());
            }
            self
        }
    }
}
