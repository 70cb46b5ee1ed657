//! A small area of a series without axes: every column keeps its highest and its lowest value.
//!
//! The area is filled up to the lowest value of a column and dotted from there to the highest, so that neither a spike
//! nor a dip is lost where many samples share a column. Where there are fewer samples than columns, each sample holds
//! for the time around it. A missing sample, or NaN, is an empty column.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::dots::{self, BITS, ROWS_PER_CELL};
use crate::series::Grid;
use crate::theme::Marker;
use crate::time_range::Span;

/// A series and the window that it is drawn in.
#[derive(Clone, Copy, Debug)]
pub struct Spark<'a> {
    /// The times of `values`.
    pub grid: Grid,
    /// One value a grid point.
    pub values: &'a [f64],
    /// What the width of the drawing stands for.
    pub span: Span,
}

impl Spark<'_> {
    /// The values at the bottom and at the top of the drawing; `None` without a number to draw. Zero is the bottom if it
    /// is not farther away than the series is high, so that what looks like nothing is nothing.
    pub fn scale(&self) -> Option<(f64, f64)> {
        let finite = self.values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return None;
        }
        Some(if low > 0.0 && low <= high - low { (0.0, high) } else { (low, high) })
    }

    /// The lowest and the highest value of each of `count` columns.
    fn columns(&self, count: usize) -> Vec<Option<(f64, f64)>> {
        let mut columns: Vec<Option<(f64, f64)>> = vec![None; count];
        let columns_per_ms = count as f64 / self.span.len_ms() as f64;
        // Both neighbours compute the edge between them alike, so that no rounding leaves a column between them empty.
        let edge = |index: usize| {
            let edge_ms =
                (self.grid.time_ms(index) - self.span.start_ms) as f64 - self.grid.step_ms as f64 / 2.0;
            (edge_ms * columns_per_ms).round()
        };
        for (index, value) in self.values.iter().copied().enumerate().filter(|(_, value)| !value.is_nan()) {
            let first = edge(index);
            let last = (edge(index + 1) - 1.0).max(first);
            if last < 0.0 || first > count as f64 {
                continue;
            }
            let last_column = count.saturating_sub(1) as f64;
            let (first, last) =
                (first.clamp(0.0, last_column) as usize, last.clamp(0.0, last_column) as usize);
            for column in columns.iter_mut().take(last + 1).skip(first) {
                let (low, high) = column.unwrap_or((value, value));
                *column = Some((low.min(value), high.max(value)));
            }
        }
        columns
    }
}

/// Draws `spark` over the whole of `area`.
pub fn draw(buffer: &mut Buffer, area: Rect, spark: Spark<'_>, style: Style, marker: Marker) {
    let area = area.intersection(buffer.area);
    let Some((low, high)) = spark.scale().filter(|_| !area.is_empty()) else { return };
    // Characters of ASCII have no heights of their own here.
    let dots_down = if marker == Marker::Ascii { 1 } else { i64::from(ROWS_PER_CELL) };
    let dots_across = usize::from(dots::columns_per_cell(marker));
    let height = i64::from(area.height) * dots_down;
    // A series that never moves is a line at the bottom if it is zero, else in the middle.
    let flat = high - low <= high.abs().max(low.abs()) * 1e-9;
    let level = |value: f64| -> i64 {
        let ratio = match flat {
            true if value == 0.0 => 0.0,
            true if value.is_finite() => 0.5,
            _ => ((value - low) / (high - low)).clamp(0.0, 1.0),
        };
        1 + (ratio * (height - 1) as f64).round() as i64
    };
    let columns = spark.columns(usize::from(area.width) * dots_across);
    for (index, cell_columns) in columns.chunks(dots_across).enumerate() {
        for line in 0..area.height {
            let bottom = i64::from(area.height - 1 - line) * dots_down;
            let symbol = if marker == Marker::Ascii {
                ascii(cell_columns[0].map(|(low, high)| (level(low), level(high))), bottom + 1)
            } else {
                let side = |(side, column): (usize, &Option<(f64, f64)>)| {
                    column.map_or(0, |(low, high)| dots(side, level(low), level(high), bottom))
                };
                let bits = cell_columns.iter().enumerate().map(side).fold(0, |all, dots| all | dots);
                (bits != 0).then(|| dots::symbol(bits, marker))
            };
            if let Some(symbol) = symbol {
                buffer[(area.x + index as u16, area.y + line)].set_char(symbol).set_style(style);
            }
        }
    }
}

/// The dots of one side of a cell whose lowest dot is level `bottom` + 1.
fn dots(side: usize, low: i64, high: i64, bottom: i64) -> u8 {
    (0..4)
        .filter(|dot| {
            let level = bottom + 1 + dot;
            level <= low || (level <= high && (high - level) % 3 == 0)
        })
        .fold(0, |all, dot| all | BITS[side][3 - dot as usize])
}

fn ascii(column: Option<(i64, i64)>, level: i64) -> Option<char> {
    let (low, high) = column?;
    match level {
        level if level <= low => Some('#'),
        level if level <= high => Some(':'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::ABSENT;

    fn picture(values: &[f64], width: u16, height: u16, marker: Marker) -> Vec<String> {
        let grid = Grid { start_ms: 0, step_ms: 1_000, len: values.len() };
        let span = Span { start_ms: -500, end_ms: values.len() as i64 * 1_000 - 500 };
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buffer.area;
        draw(&mut buffer, area, Spark { grid, values, span }, Style::new(), marker);
        let rows = buffer.content.chunks(usize::from(width));
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
    }

    #[test]
    fn a_ramp_rises() {
        let values: Vec<f64> = (0..16).map(f64::from).collect();
        assert_eq!(picture(&values, 8, 2, Marker::Braille), ["    ⣀⣤⣶⣿", "⣀⣤⣶⣿⣿⣿⣿⣿"]);
        assert_eq!(picture(&values, 8, 2, Marker::Quadrant), ["    ▄▄██", "▄▄██████"]);
        assert_eq!(picture(&values, 8, 2, Marker::HalfBlock), ["    ▄▄██", "▄▄██████"]);
        assert_eq!(picture(&[0.0, 1.0, 2.0, 3.0], 4, 4, Marker::Ascii), ["   #", "  ##", " ###", "####"]);
    }

    #[test]
    fn neither_a_spike_nor_a_dip_is_lost_among_many_samples() {
        let mut values = vec![5.0; 400];
        values[101] = 10.0;
        values[301] = 0.0;
        // The spike stands on the area in column 2; in column 6 the area ends at the bottom, its old height dotted.
        assert_eq!(picture(&values, 8, 2, Marker::Braille), ["⣀⣀⣁⣀⣀⣀⣀⣀", "⣿⣿⣿⣿⣿⣿⣼⣿"]);
    }

    #[test]
    fn few_samples_hold_and_gaps_are_gaps() {
        assert_eq!(picture(&[1.0, ABSENT, f64::NAN, 2.0], 8, 1, Marker::Braille), ["⣶⣶    ⣿⣿"]);
    }

    #[test]
    fn what_never_moves_is_a_line() {
        assert_eq!(picture(&[0.0, 0.0], 2, 1, Marker::Braille), ["⣀⣀"]);
        assert_eq!(picture(&[7.0, 7.0], 2, 1, Marker::Braille), ["⣶⣶"]);
        assert_eq!(picture(&[ABSENT], 2, 1, Marker::Braille), ["  "]);
        assert_eq!(picture(&[f64::INFINITY, 1.0], 2, 1, Marker::Braille), ["⣿⣶"]);
    }
}
