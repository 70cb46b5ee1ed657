//! Cells coloured by value over time: rows of any kind, columns of true time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::scale::TimeScale;
use crate::series::{ABSENT, Grid};
use crate::text;
use crate::theme::{ColorDepth, Marker, Theme};

/// What zero looks like: a value, unlike the blank of a gap.
const ZERO: char = '·';
const ZERO_ASCII: char = '.';
/// From barely there to hot, without colour.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];
const SHADES_ASCII: [char; 7] = [':', '-', '=', '+', '*', '#', '@'];

/// The values of one row, one a column of cells: the mean of the samples in the column's time. Where samples are
/// farther apart than columns, a column has the value of the sample within half a step of it. [`ABSENT`] is a gap.
pub fn columns(grid: &Grid, values: &[f64], scale: &TimeScale) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); usize::from(scale.columns())];
    for (column, value) in scale.columns_of(grid).into_iter().zip(values) {
        let slot = usize::try_from(column).ok().and_then(|column| sums.get_mut(column));
        if let Some((sum, count)) = slot.filter(|_| !value.is_nan()) {
            *sum += value;
            *count += 1;
        }
    }
    let is_sparse = scale.columns_per(grid) > 1.0;
    let mean = |(column, (sum, count)): (usize, (f64, u32))| {
        if count > 0 {
            return sum / f64::from(count);
        }
        let nearest = grid.nearest(scale.time_ms(column as u16)).filter(|_| is_sparse);
        nearest.and_then(|index| values.get(index)).copied().unwrap_or(ABSENT)
    };
    sums.into_iter().enumerate().map(mean).collect()
}

/// Values to colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatScale {
    low: f64,
    high: f64,
    is_linear: bool,
}

impl HeatScale {
    /// For finite values of this extent. When none is negative the scale begins at zero, and small values are lifted
    /// by a square root: they are what one looks for beside the bulk.
    pub fn new((low, high): (f64, f64)) -> Self {
        Self { low: low.min(0.0), high: high.max(0.0), is_linear: false }
    }

    /// The same without lifting small values, or with it.
    #[must_use]
    pub fn linear(self, is_linear: bool) -> Self {
        Self { is_linear, ..self }
    }

    /// How hot `value` is, from 0 to 1.
    pub fn ratio(&self, value: f64) -> f64 {
        let part = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        if part.is_nan() {
            return 0.0;
        }
        let part = part.clamp(0.0, 1.0);
        if self.low < 0.0 || self.is_linear { part } else { part.sqrt() }
    }

    /// The value in the middle of the scale's column `index` of `count`.
    fn value(&self, index: u16, count: u16) -> f64 {
        let part = (f64::from(index) + 0.5) / f64::from(count.max(1));
        self.low * (1.0 - part) + self.high * part
    }

    /// Draws `low ░▒▓█ high` into the line `y`, colours at the places of their values; returns the cell behind it.
    pub fn draw(
        &self,
        format: &dyn Fn(f64) -> String,
        theme: &Theme,
        area: Rect,
        buffer: &mut Buffer,
    ) -> u16 {
        const CELLS: u16 = 12;
        let (low, high) = (format(self.low), format(self.high));
        let room = area.width.saturating_sub((text::width(&low) + text::width(&high) + 2).min(999) as u16);
        let cells = room.min(CELLS);
        let x = text::put(buffer, area.x, area.y, &low, area.width, theme.dim()) + 1;
        for index in 0..cells {
            if let Some(cell) = buffer.cell_mut((x + index, area.y)) {
                let symbol = symbol(self.value(index, cells), self, theme);
                cell.set_char(symbol.0).set_style(symbol.1);
            }
        }
        let x = x + cells + u16::from(cells > 0);
        text::put(buffer, x, area.y, &high, area.right().saturating_sub(x), theme.dim())
    }
}

/// Whether two rows may share a line of cells, in its upper and lower half.
pub fn has_halves(theme: &Theme) -> bool {
    theme.depth >= ColorDepth::Ansi256 && !theme.is_ascii()
}

/// Draws a cell of one value.
pub fn draw_cell(value: f64, scale: &HeatScale, theme: &Theme, x: u16, y: u16, buffer: &mut Buffer) {
    if value.is_nan() {
        return;
    }
    if let Some(cell) = buffer.cell_mut((x, y)) {
        let (symbol, style) = symbol(value, scale, theme);
        cell.set_char(symbol).set_style(style);
    }
}

/// Draws a cell of two values, one above the other; only where [`has_halves`].
pub fn draw_halves(
    (upper, lower): (f64, f64),
    scale: &HeatScale,
    theme: &Theme,
    x: u16,
    y: u16,
    buffer: &mut Buffer,
) {
    let color = |value: f64| match value {
        _ if value.is_nan() => None,
        // Half a cell has no room for the sign.
        0.0 => Some(theme.track()),
        _ => Some(theme.heat(scale.ratio(value))),
    };
    let Some(cell) = buffer.cell_mut((x, y)) else { return };
    match (color(upper), color(lower)) {
        (Some(upper), Some(lower)) => cell.set_char('▀').set_fg(upper).set_bg(lower),
        (Some(upper), None) => cell.set_char('▀').set_fg(upper),
        (None, Some(lower)) => cell.set_char('▄').set_fg(lower),
        (None, None) => cell,
    };
}

fn symbol(value: f64, scale: &HeatScale, theme: &Theme) -> (char, Style) {
    if value == 0.0 {
        return (if theme.marker == Marker::Ascii { ZERO_ASCII } else { ZERO }, theme.rule());
    }
    let ratio = scale.ratio(value);
    let color = theme.heat(ratio);
    let shade = |shades: &[char]| shades[((ratio * shades.len() as f64) as usize).min(shades.len() - 1)];
    match (theme.depth, theme.marker) {
        (_, Marker::Ascii) => (shade(&SHADES_ASCII), Style::new().fg(color)),
        (ColorDepth::None, _) => (shade(&SHADES), Style::new()),
        // A full block, so that the picture survives being copied as text; the background closes its seams.
        _ => ('█', Style::new().fg(color).bg(color)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::is_absent;
    use crate::time_range::Span;

    #[test]
    fn columns_are_true_time() {
        let grid = Grid { start_ms: 0, step_ms: 10, len: 5 };
        let span = Span { start_ms: 0, end_ms: 40 };
        let of = |width, values: &[f64]| columns(&grid, values, &TimeScale::new(span, width));
        assert_eq!(of(5, &[1.0, 2.0, 0.0, 4.0, 5.0]), [1.0, 2.0, 0.0, 4.0, 5.0]);
        // Two samples a column and more: their mean.
        assert_eq!(of(2, &[1.0, 3.0, 6.0, 6.0, 9.0]), [2.0, 7.0]);
        // Fewer samples than columns: each reaches half a step to either side, a gap stays one.
        let wide = of(9, &[1.0, 2.0, ABSENT, 4.0, 5.0]);
        assert_eq!(wide[..3], [1.0, 2.0, 2.0]);
        assert!(is_absent(wide[3]) && is_absent(wide[4]));
        assert_eq!(wide[5..], [4.0, 4.0, 5.0, 5.0]);
        // Time without a grid around it is blank.
        let later = columns(&grid, &[1.0; 5], &TimeScale::new(Span { start_ms: 0, end_ms: 80 }, 9));
        assert!(later[6..].iter().all(|value| is_absent(*value)));
    }

    #[test]
    fn zero_differs_from_a_gap_and_from_a_little() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let scale = HeatScale::new((0.0, 100.0));
        for (x, value) in [(0, ABSENT), (1, 0.0), (2, 0.1), (3, 100.0)] {
            draw_cell(value, &scale, &Theme::PLAIN, x, 0, &mut buffer);
        }
        assert_eq!(crate::chart::picture(&buffer), [" ·░█"]);
    }
}
