//! Where a time and a value lie: times to columns, values to rows.

use crate::field::AxisScale;
use crate::series::Grid;
use crate::time_range::Span;

/// Rows and columns farther outside than this are drawn as if they lay here; keeps integer arithmetic exact.
const FAR_OUTSIDE: f64 = 1_048_576.0;

/// Times to columns, evenly: the span's start lies in column 0, its end in the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    start_ms: i64,
    columns_per_ms: f64,
    columns: u16,
}

impl TimeScale {
    /// `columns` columns from one end of `span` to the other.
    pub fn new(span: Span, columns: u16) -> Self {
        let columns_per_ms = f64::from(columns.saturating_sub(1)) / span.len_ms() as f64;
        Self { start_ms: span.start_ms, columns_per_ms, columns }
    }

    /// Number of columns.
    pub fn columns(&self) -> u16 {
        self.columns
    }

    /// The column of `time_ms`; below 0 or past the last one when it lies outside the span.
    pub fn column(&self, time_ms: i64) -> i32 {
        rounded(time_ms.saturating_sub(self.start_ms) as f64 * self.columns_per_ms)
    }

    /// The time in the middle of `column`.
    pub fn time_ms(&self, column: u16) -> i64 {
        if self.columns_per_ms > 0.0 {
            self.start_ms.saturating_add((f64::from(column) / self.columns_per_ms).round() as i64)
        } else {
            self.start_ms
        }
    }

    /// The columns of all points of `grid`, for drawing several series on it.
    pub fn columns_of(&self, grid: &Grid) -> Vec<i32> {
        let first = grid.start_ms.saturating_sub(self.start_ms) as f64 * self.columns_per_ms;
        let each = self.columns_per(grid);
        (0..grid.len).map(|index| rounded(first + index as f64 * each)).collect()
    }

    /// The same, grouped by column.
    pub fn runs_of(&self, grid: &Grid) -> Vec<ColumnRun> {
        ColumnRun::of(self.columns_of(grid))
    }

    /// Columns between two points of `grid`.
    pub fn columns_per(&self, grid: &Grid) -> f64 {
        grid.step_ms as f64 * self.columns_per_ms
    }
}

/// Points of a grid that lie in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnRun {
    /// The column.
    pub column: i32,
    /// Index of the first point.
    pub start: usize,
    /// Index behind the last point.
    pub end: usize,
}

impl ColumnRun {
    /// Groups points by their columns, which ascend.
    pub fn of(columns: impl IntoIterator<Item = i32>) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        for (index, column) in columns.into_iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.column == column => run.end = index + 1,
                _ => runs.push(Self { column, start: index, end: index + 1 }),
            }
        }
        runs
    }
}

/// Values to rows counted from the top, between two bounds: evenly, or by their logarithms.
///
/// The bounds may be as far apart as `f64` allows: values are scaled by a power of two first, which loses nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueScale {
    kind: AxisScale,
    factor: f64,
    low: f64,
    rows_per_unit: f64,
    last_row: i32,
}

/// Where values lie that have no logarithm: below everything.
const NO_LOGARITHM: f64 = -1e12;
/// From here on `asinh` is a logarithm, without the overflow.
const ASINH_LARGE: f64 = 1e8;

/// The place of `value` on a logarithmic axis, of which only differences matter.
fn logarithm(kind: AxisScale, value: f64) -> f64 {
    match kind {
        AxisScale::Linear => value,
        AxisScale::Log2 | AxisScale::Log10 if value > 0.0 => value.ln(),
        AxisScale::Log2 | AxisScale::Log10 => NO_LOGARITHM,
        AxisScale::Symlog if value.abs() < ASINH_LARGE => value.asinh(),
        AxisScale::Symlog => (value.abs().ln() + std::f64::consts::LN_2).copysign(value),
    }
}

impl ValueScale {
    /// `rows` rows, `high` in row 0 and `low` in the last; `low < high`, both finite.
    pub fn new(low: f64, high: f64, rows: u16) -> Self {
        let span = high - low;
        let factor = if !span.is_finite() {
            0.25
        } else if span < 1e-290 {
            2_f64.powi(600)
        } else {
            1.0
        };
        let last_row = i32::from(rows) - 1;
        let scaled_span = high * factor - low * factor;
        let rows_per_unit = if scaled_span > 0.0 { f64::from(last_row.max(0)) / scaled_span } else { 0.0 };
        Self { kind: AxisScale::Linear, factor, low: low * factor, rows_per_unit, last_row }
    }

    /// The same for an axis of this kind; on one without values up to zero, `low` lies above it.
    pub fn of_kind(kind: AxisScale, low: f64, high: f64, rows: u16) -> Self {
        if kind == AxisScale::Linear {
            return Self::new(low, high, rows);
        }
        Self { kind, factor: 1.0, ..Self::new(logarithm(kind, low), logarithm(kind, high), rows) }
    }

    /// The row of `value`, which must not be NaN; outside 0..rows when the value lies outside the bounds.
    #[inline]
    pub fn row(&self, value: f64) -> i32 {
        match self.even_rows() {
            Some(rows) => rows.row(value),
            None => self.last_row - rounded((logarithm(self.kind, value) - self.low) * self.rows_per_unit),
        }
    }

    /// The same for many values, where the axis is even.
    pub fn even_rows(&self) -> Option<EvenRows> {
        let Self { kind, factor, low, rows_per_unit, last_row } = *self;
        (kind == AxisScale::Linear).then_some(EvenRows { factor, low, rows_per_unit, last_row })
    }

    /// Whether one of the rows `top` and `bottom`, the first not below the second, lies beyond the bounds.
    #[inline]
    pub fn is_beyond(&self, top: i32, bottom: i32) -> bool {
        top < 0 || bottom > self.last_row
    }

    /// Whether `row` lies beyond the bounds: above them (true), below (false), or not.
    #[inline]
    pub fn beyond(&self, row: i32) -> Option<bool> {
        if row < 0 { Some(true) } else { (row > self.last_row).then_some(false) }
    }
}

/// [`ValueScale::row`] of an even axis, without asking each time whether it is one.
#[derive(Clone, Copy, Debug)]
pub struct EvenRows {
    factor: f64,
    low: f64,
    rows_per_unit: f64,
    last_row: i32,
}

impl EvenRows {
    /// As [`ValueScale::row`].
    #[inline]
    pub fn row(&self, value: f64) -> i32 {
        self.last_row - rounded((value * self.factor - self.low) * self.rows_per_unit)
    }
}

/// To the nearest integer, halves up.
///
/// This runs once a sample, and both `f64::round` (a library call on plain `x86_64`) and a saturating cast cost more
/// than the rest of a sample together. Adding 1.5 * 2^52 leaves the integer in the lowest bits of the sum.
fn rounded(position: f64) -> i32 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    /// That sum rounds halves to the even integer; this little lifts them above the middle.
    const LIFT: f64 = 1e-9;
    let position = if position > FAR_OUTSIDE { FAR_OUTSIDE } else { position };
    let position = if position < -FAR_OUTSIDE { -FAR_OUTSIDE } else { position };
    (position + LIFT + SHIFT).to_bits() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_span_are_columns() {
        let scale = TimeScale::new(Span { start_ms: 1_000, end_ms: 11_000 }, 11);
        assert_eq!([1_000, 1_499, 1_500, 11_000].map(|time_ms| scale.column(time_ms)), [0, 0, 1, 10]);
        assert_eq!([-9_000, 21_000].map(|time_ms| scale.column(time_ms)), [-10, 20]);
        assert_eq!(scale.time_ms(3), 4_000);
        let grid = Grid { start_ms: 0, step_ms: 2_500, len: 4 };
        assert_eq!(scale.columns_of(&grid), [-1, 2, 4, 7]);
        assert_eq!(TimeScale::new(Span { start_ms: 0, end_ms: 1 }, 0).column(i64::MIN), 0);
    }

    #[test]
    fn rows_hold_from_end_to_end_of_f64() {
        let rows = |low: f64, high: f64, values: [f64; 3]| {
            values.map(|value| ValueScale::new(low, high, 5).row(value))
        };
        assert_eq!(rows(0.0, 4.0, [4.0, 1.0, 0.0]), [0, 3, 4]);
        assert_eq!(rows(-f64::MAX, f64::MAX, [f64::MAX, 0.0, -f64::MAX]), [0, 2, 4]);
        assert_eq!(rows(0.0, 4e-324, [4e-324, 0.0, 1e300]), [0, 4, 4 - 1_048_576]);
        assert_eq!(rows(1.0, 1.0, [1.0, 0.0, 2.0]), [4, 4, 4]);
    }

    #[test]
    fn logarithms_are_even_and_what_has_none_lies_below() {
        let log = ValueScale::of_kind(AxisScale::Log10, 0.1, 1_000.0, 5);
        assert_eq!([1_000.0, 100.0, 10.0, 1.0, 0.1].map(|value| log.row(value)), [0, 1, 2, 3, 4]);
        for value in [0.0, -1.0, -f64::MAX, f64::NEG_INFINITY] {
            assert_eq!(log.beyond(log.row(value)), Some(false), "{value}");
        }
        assert_eq!(log.beyond(log.row(f64::INFINITY)), Some(true));
        let symlog = ValueScale::of_kind(AxisScale::Symlog, -1e6, 1e6, 9);
        assert_eq!([1e6, 0.0, -1e6].map(|value| symlog.row(value)), [0, 4, 8]);
        let widest = ValueScale::of_kind(AxisScale::Symlog, -f64::MAX, f64::MAX, 9);
        assert_eq!([f64::MAX, 0.0, -f64::MAX].map(|value| widest.row(value)), [0, 4, 8]);
    }
}
