//! The lines of a heatmap: a row each, or neighbouring buckets added up where there are more of them.

use super::picture::{Picture, Row};
use crate::chart::heat;
use crate::chart::scale::TimeScale;

/// Lines of the picture: each of one row, or of neighbours added up.
pub(super) struct Lines {
    /// Lowest first; two a line of cells when `halves`.
    pub(super) values: Vec<(String, Vec<f64>)>,
    pub(super) halves: bool,
    /// Rows that have no line.
    pub(super) left_out: usize,
    /// Rows that are added up in each.
    pub(super) together: usize,
}

impl Lines {
    /// Rows on `height` lines of cells and the columns of `scale`.
    pub(super) fn of(rows: &Picture, height: u16, scale: &TimeScale, can_halve: bool) -> Self {
        let height = usize::from(height).max(1);
        let count = rows.rows.len();
        let columns = |row: &Row| heat::columns(&rows.grid, &row.values, scale);
        if count <= height || !rows.are_buckets {
            // Rows that are no buckets have nothing to be added up to; the first ones are kept, which lie on top.
            let left_out = count.saturating_sub(height);
            let values = rows.rows[left_out..].iter().map(|row| (row.label.clone(), columns(row)));
            return Self { values: values.collect(), halves: false, left_out, together: 1 };
        }
        let room = if can_halve { 2 * height } else { height };
        let together = count.div_ceil(room);
        let merged = rows.rows.chunks(together).map(|chunk| {
            let mut sum = vec![0.0; usize::from(scale.columns())];
            for row in chunk {
                // A gap in one is a gap in the sum, which would be too small.
                sum.iter_mut().zip(columns(row)).for_each(|(sum, value)| *sum += value);
            }
            // The bound of the highest is that of all.
            (chunk.last().map(|row| row.label.clone()).unwrap_or_default(), sum)
        });
        Self { values: merged.collect(), halves: can_halve, left_out: 0, together }
    }
}
