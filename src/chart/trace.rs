//! One series onto a canvas, with no sample lost: as a line, an area, bars or points.
//!
//! Several samples in one column of dots show as the span from the smallest to the largest. Samples farther apart
//! are joined by a straight line or by a step, unless there is a gap between them: a missing sample or NaN. An infinite
//! sample is a gap too, and a sign at the edge tells of it. What lies beyond the scale is clipped, and the same sign at
//! the edge tells of every sample that does.

use super::canvas::Canvas;
use super::cover::Beneath;
use super::extent::are_finite;
use super::scale::{ColumnRun, ValueScale};
use crate::field::Interpolation;

/// A series and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// The columns of dots of the samples.
    pub columns: &'a [ColumnRun],
    /// The samples.
    pub values: &'a [f64],
    /// Their rows.
    pub scale: ValueScale,
    /// The line runs on over gaps.
    pub connect: bool,
    /// How it gets from one sample to the next.
    pub interpolation: Interpolation,
    /// Number of the series, for its colour.
    pub owner: u16,
}

/// The rows that a series takes in each column; a column without any has the top below the bottom.
pub type Spans = Vec<(i32, i32)>;

const NOTHING: (i32, i32) = (i32::MAX, i32::MIN);

impl Trace<'_> {
    /// Draws the line.
    pub fn line(&self, canvas: &mut Canvas) {
        let last_column = i32::from(canvas.columns()) - 1;
        self.follow(last_column, |dots| match dots {
            Dots::Span(column, a, b) => canvas.line(column, a, b, self.owner),
            Dots::Beyond(column, is_above) => canvas.mark(column, is_above, self.owner),
        });
        self.letter(canvas);
    }

    /// Fills the area from the row `base` almost to the near end of what the line takes, so that the line and the dips
    /// in it stay apart from the area; `spans` is room to work in.
    pub fn area(&self, base: i32, spans: &mut Spans, canvas: &mut Canvas) {
        clear(spans, canvas);
        self.follow(spans.len() as i32 - 1, |dots| {
            if let Dots::Span(column, a, b) = dots {
                join(spans, column, a, b);
            }
        });
        for (column, span) in spans.iter().enumerate() {
            if let Some(near) = near_end(*span, base) {
                fill_below(column as i32, base, near, self.owner, canvas);
            }
        }
    }

    /// Notes which rows the layer of a stack takes whose top this series is; as bars that are `spacing` columns apart, or
    /// as an area. Layers come from the base on, `beneath` is what those before have left.
    pub fn cover(
        &self,
        base: i32,
        spacing: Option<f64>,
        (spans, beneath): (&mut Spans, &mut Beneath),
        canvas: &mut Canvas,
    ) {
        clear(spans, canvas);
        match spacing {
            Some(spacing) => {
                for (column, row) in self.points() {
                    for column in bar_columns(column, spacing, canvas) {
                        join(spans, column, row, row);
                    }
                }
            }
            None => self.follow(spans.len() as i32 - 1, |dots| {
                if let Dots::Span(column, a, b) = dots {
                    join(spans, column, a, b);
                }
            }),
        }
        for (column, span) in spans.iter().enumerate() {
            let rows = near_end(*span, base).and_then(|near| beneath.rise(column, near));
            if let Some((from, to)) = rows {
                canvas.cover(column as i32, from, to, self.owner);
            }
        }
    }

    /// Draws a bar from the row `base` to every sample; `spacing` is the distance of two samples in columns. Where
    /// several samples share a column, the part that not all of them reach is a line, the rest an area.
    pub fn bars(&self, base: i32, spacing: f64, spans: &mut Spans, canvas: &mut Canvas) {
        self.mark_beyond(canvas);
        self.letter(canvas);
        if spacing >= 1.0 {
            for (column, row) in self.points() {
                for column in bar_columns(column, spacing, canvas) {
                    canvas.line(column, base, row, self.owner);
                }
            }
            return;
        }
        clear(spans, canvas);
        for (column, row) in self.points() {
            join(spans, column, row, row);
        }
        for (column, span) in spans.iter().enumerate().filter(|(_, span)| **span != NOTHING) {
            match near_end(*span, base) {
                Some(near) => {
                    fill_below(column as i32, base, near, self.owner, canvas);
                    canvas.line(column as i32, span.0, span.1, self.owner);
                }
                None => canvas.line(column as i32, span.0.min(base), span.1.max(base), self.owner),
            }
        }
    }

    /// Draws the samples alone.
    pub fn dots(&self, canvas: &mut Canvas) {
        self.mark_beyond(canvas);
        self.letter(canvas);
        for (column, row) in self.points() {
            canvas.line(column, row, row, self.owner);
        }
    }

    /// Puts the letter of the series on its samples, from the newest.
    fn letter(&self, canvas: &mut Canvas) {
        if !canvas.is_lettered() {
            return;
        }
        let newest = |run: &ColumnRun| {
            let value = self.run_values(run).iter().rev().find(|value| value.is_finite())?;
            Some((run.column, self.scale.row(*value)))
        };
        canvas.letter(self.owner, self.columns.iter().rev().filter_map(newest));
    }

    /// All samples with their columns.
    fn samples(&self) -> impl Iterator<Item = (i32, f64)> {
        let of = |run: &ColumnRun| {
            let column = run.column;
            self.run_values(run).iter().map(move |value| (column, *value))
        };
        self.columns.iter().flat_map(of)
    }

    fn run_values(&self, run: &ColumnRun) -> &[f64] {
        self.values.get(run.start..run.end.min(self.values.len())).unwrap_or_default()
    }

    fn points(&self) -> impl Iterator<Item = (i32, i32)> {
        let finite = self.samples().filter(|(_, value)| value.is_finite());
        finite.map(|(column, value)| (column, self.scale.row(value)))
    }

    fn mark_beyond(&self, canvas: &mut Canvas) {
        for (column, value) in self.samples().filter(|(_, value)| !value.is_nan()) {
            if let Some(is_above) = self.scale.beyond(self.scale.row(value)) {
                canvas.mark(column, is_above, self.owner);
            }
        }
    }

    /// Calls `draw` for everything that belongs to the line, in the order of time.
    fn follow(&self, last_column: i32, mut draw: impl FnMut(Dots)) {
        let mut run: Option<Run> = None;
        if are_finite(self.values) {
            self.follow_finite(last_column, draw);
            return;
        }
        for column_run in self.columns {
            let values = self.run_values(column_run);
            let column = column_run.column;
            for value in values {
                if value.is_finite() {
                    let row = self.scale.row(*value);
                    if let Some(is_above) = self.scale.beyond(row) {
                        draw(Dots::Beyond(column, is_above));
                    }
                    let next = Run { column, row, top: row, bottom: row };
                    self.join_runs(&mut run, row, next, last_column, &mut draw);
                    continue;
                }
                if value.is_infinite() {
                    draw(Dots::Beyond(column, *value > 0.0));
                }
                if !self.connect
                    && let Some(run) = run.take()
                {
                    draw(Dots::Span(run.column, run.top, run.bottom));
                }
            }
        }
        if let Some(run) = run {
            draw(Dots::Span(run.column, run.top, run.bottom));
        }
    }

    /// [`Trace::follow`] where every sample is finite.
    fn follow_finite(&self, last_column: i32, draw: impl FnMut(Dots)) {
        match self.scale.even_rows() {
            Some(rows) => self.follow_rows(|value| rows.row(value), last_column, draw),
            None => self.follow_rows(|value| self.scale.row(value), last_column, draw),
        }
    }

    /// The same with the rows of values. Only the four samples of a column that matter become rows, those of many columns
    /// in one go, which do not wait for each other: most of the time of a frame goes here.
    #[inline]
    fn follow_rows(&self, row_of: impl Fn(f64) -> i32, last_column: i32, mut draw: impl FnMut(Dots)) {
        const BATCH: usize = 32;
        let filled = self.columns.partition_point(|run| run.start < self.values.len());
        let mut run: Option<Run> = None;
        for runs in self.columns[..filled].chunks(BATCH) {
            let mut rows = [[0; 4]; BATCH];
            for (rows, run) in rows.iter_mut().zip(runs) {
                *rows = corners(self.run_values(run)).map(&row_of);
            }
            for (ColumnRun { column, .. }, [first, last, high, low]) in runs.iter().zip(&rows) {
                if self.scale.is_beyond(*high, *low) {
                    for is_above in [*high, *low].into_iter().filter_map(|row| self.scale.beyond(row)) {
                        draw(Dots::Beyond(*column, is_above));
                    }
                }
                let next = Run { column: *column, row: *last, top: *high, bottom: *low };
                self.join_runs(&mut run, *first, next, last_column, &mut draw);
            }
        }
        if let Some(run) = run {
            draw(Dots::Span(run.column, run.top, run.bottom));
        }
    }

    /// Continues the line of `run` to the samples of `next`, whose first lies in `first_row`.
    #[inline]
    fn join_runs(
        &self,
        run: &mut Option<Run>,
        first_row: i32,
        mut next: Run,
        last_column: i32,
        draw: &mut impl FnMut(Dots),
    ) {
        match run {
            Some(run) if run.column == next.column => {
                run.take(next.top);
                run.take(next.bottom);
                run.row = next.row;
            }
            Some(run) => {
                match self.interpolation {
                    Interpolation::Linear => segment(run, first_row, &mut next, last_column, draw),
                    Interpolation::StepAfter => {
                        flat(run.column, next.column, run.row, last_column, draw);
                        next.take(run.row);
                    }
                    Interpolation::StepBefore => {
                        flat(run.column, next.column, first_row, last_column, draw);
                        run.take(first_row);
                    }
                }
                draw(Dots::Span(run.column, run.top, run.bottom));
                *run = next;
            }
            None => *run = Some(next),
        }
    }
}

/// The first, the last, the largest and the smallest of `values`, which are finite; zeros when there are none.
#[inline]
fn corners(values: &[f64]) -> [f64; 4] {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return [0.0; 4] };
    let (mut low, mut high) = (*first, *first);
    for value in &values[1..] {
        low = if *value < low { *value } else { low };
        high = if *value > high { *value } else { high };
    }
    [*first, *last, high, low]
}

/// A part of a line.
enum Dots {
    /// In this column from row to row.
    Span(i32, i32, i32),
    /// In this column a sample that lies above the scale, or below when false.
    Beyond(i32, bool),
}

/// A line along `row` between two columns, both excluded.
fn flat(from: i32, to: i32, row: i32, last_column: i32, draw: &mut impl FnMut(Dots)) {
    for column in (from + 1).max(0)..to.min(last_column + 1) {
        draw(Dots::Span(column, row, row));
    }
}

/// Samples of one column without a gap between them.
#[derive(Clone, Copy)]
struct Run {
    column: i32,
    /// Of the last sample.
    row: i32,
    /// All rows that the line takes in the column.
    top: i32,
    bottom: i32,
}

impl Run {
    fn take(&mut self, row: i32) {
        self.top = self.top.min(row);
        self.bottom = self.bottom.max(row);
    }
}

/// The straight line from the last sample of one column to the first of another, in `first_row`: its ends become part
/// of them, what lies between is drawn, one span of rows a column, each beginning where the one before ended.
#[inline]
fn segment(from: &mut Run, first_row: i32, to: &mut Run, last_column: i32, draw: &mut impl FnMut(Dots)) {
    let rows = first_row - from.row;
    if to.column - from.column > 1 {
        long_segment(from, first_row, to, last_column, draw);
    } else if rows.abs() > 1 {
        // Nothing lies between: this is `long_segment` of one column, and most of a full chart.
        let middle = from.row + (2 * rows.abs() + 1) / 4 * rows.signum();
        from.take(middle);
        to.take(middle + (first_row - middle).signum());
    }
}

/// [`segment`] between columns with others between them.
fn long_segment(from: &mut Run, first_row: i32, to: &mut Run, last_column: i32, draw: &mut impl FnMut(Dots)) {
    let columns = to.column - from.column;
    let rows = first_row - from.row;
    // The row at the right edge of the column `index` columns behind the first; a half goes to the nearer end of the
    // line, so that a line of 45 degrees has one dot a column.
    let (far, width, start) = (i64::from(rows.abs()), i64::from(columns.max(1)), from.row);
    let row_behind = |index: i64| {
        let part = (far * (4 * index + 2) + 2 * width - 1) / (4 * width);
        start + part as i32 * rows.signum()
    };
    let mut row = row_behind(0);
    from.take(row);
    let first = i64::from((-from.column).max(1));
    if first > 1 {
        row = row_behind(first - 1);
    }
    for index in first..width.min(i64::from(last_column) - i64::from(from.column) + 1) {
        let end = row_behind(index);
        draw(Dots::Span(from.column + index as i32, row + (end - row).signum(), end));
        row = end;
    }
    let last = row_behind(width - 1);
    to.take(last + (first_row - last).signum());
}

fn clear(spans: &mut Spans, canvas: &Canvas) {
    spans.clear();
    spans.resize(usize::from(canvas.columns()), NOTHING);
}

fn join(spans: &mut Spans, column: i32, a: i32, b: i32) {
    if let Some(span) = usize::try_from(column).ok().and_then(|column| spans.get_mut(column)) {
        *span = (span.0.min(a.min(b)), span.1.max(a.max(b)));
    }
}

/// The columns of the bar around `column` where bars are `spacing` columns apart.
fn bar_columns(column: i32, spacing: f64, canvas: &Canvas) -> std::ops::Range<i32> {
    // A blank column between bars, where it leaves more of them than it takes.
    let width = if spacing >= 3.0 { spacing - 1.0 } else { spacing };
    let width = width.min(f64::from(canvas.columns()));
    let left = f64::from(column) - width / 2.0;
    let (left, right) = ((left + 0.5).floor() as i32, (left + width + 0.5).floor() as i32);
    left..right.max(left + 1)
}

/// Fills from `base` to two rows before `near`.
fn fill_below(column: i32, base: i32, near: i32, owner: u16, canvas: &mut Canvas) {
    let end = near + 2 * (base - near).signum();
    if (base - near).abs() >= 2 {
        canvas.fill(column, base, end, owner);
    }
}

/// The end of `span` that is nearer to `base`; `None` when there is no span or it holds `base`.
fn near_end(span: (i32, i32), base: i32) -> Option<i32> {
    if span == NOTHING {
        None
    } else if span.1 <= base {
        Some(span.1)
    } else if span.0 >= base {
        Some(span.0)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::chart::picture;
    use crate::theme::{Marker, Theme};

    const NAN: f64 = f64::NAN;
    const INF: f64 = f64::INFINITY;

    fn drawn(
        size: (u16, u16),
        columns: &[i32],
        values: &[f64],
        draw: impl Fn(&Trace<'_>, &mut Canvas),
    ) -> Vec<String> {
        let mut canvas = Canvas::new(size.0, size.1, Marker::Braille);
        let scale = ValueScale::new(0.0, f64::from(canvas.rows() - 1), canvas.rows());
        draw(
            &Trace {
                columns: &ColumnRun::of(columns.to_vec()),
                values,
                scale,
                connect: false,
                interpolation: Interpolation::Linear,
                owner: 0,
            },
            &mut canvas,
        );
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        canvas.paint(&Theme::PLAIN, buffer.area, &mut buffer);
        picture(&buffer)
    }

    const LINE: fn(&Trace<'_>, &mut Canvas) = |trace, canvas| trace.line(canvas);

    fn line(size: (u16, u16), columns: &[i32], values: &[f64]) -> Vec<String> {
        drawn(size, columns, values, LINE)
    }

    #[test]
    fn distant_samples_are_joined_by_a_straight_line() {
        assert_eq!(line((4, 2), &[0, 7], &[0.0, 7.0]), ["  ⡠⠊", "⡠⠊"]);
        assert_eq!(line((4, 2), &[0, 7], &[7.0, 5.0]), ["⠉⠒⠢⠤", ""]);
        // From outside to outside, at the slope that it has.
        assert_eq!(line((4, 2), &[-4, 12], &[-4.0, 12.0]), ["  ⡠⠊", "⡠⠊"]);
    }

    #[test]
    fn a_column_shows_the_smallest_and_the_largest_of_its_samples() {
        assert_eq!(line((2, 2), &[0, 1, 1, 1, 2, 3], &[0.0, 0.0, 7.0, 0.0, 0.0, 0.0]), ["⢸", "⣸⣀"]);
        assert_eq!(line((2, 2), &[0, 1, 1, 1, 2, 3], &[7.0, 7.0, 0.0, 7.0, 7.0, 7.0]), ["⢹⠉", "⢸"]);
    }

    #[test]
    fn gaps_stay_gaps_and_a_lone_sample_is_a_dot() {
        let columns = [0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(line((4, 1), &columns, &[0.0, 0.0, NAN, 3.0, NAN, 0.0, 0.0, 0.0]), ["⣀⠈⢀⣀"]);
        assert_eq!(line((4, 1), &columns, &[0.0, 0.0, INF, 1.0, 1.0, -INF, 0.0, 0.0]), ["⣀▲▼⣀"]);
        let connected =
            |trace: &Trace<'_>, canvas: &mut Canvas| Trace { connect: true, ..*trace }.line(canvas);
        assert_eq!(drawn((2, 1), &[0, 1, 2, 3], &[0.0, NAN, NAN, 3.0], connected), ["⡠⠊"]);
    }

    #[test]
    fn steps_hold_a_sample_until_the_next_or_since_the_one_before() {
        let step = |interpolation| {
            move |trace: &Trace<'_>, canvas: &mut Canvas| Trace { interpolation, ..*trace }.line(canvas)
        };
        let after = step(Interpolation::StepAfter);
        assert_eq!(drawn((4, 1), &[0, 3, 6], &[0.0, 3.0, 1.0], after), ["⣀⣸⠉⠇"]);
        let before = step(Interpolation::StepBefore);
        assert_eq!(drawn((4, 1), &[0, 3, 6], &[0.0, 3.0, 1.0], before), ["⡏⠹⠤⠄"]);
        // From far outside to far outside no more than the canvas is drawn.
        assert_eq!(drawn((2, 1), &[-900_000, 900_000], &[2.0, 0.0], after), ["⠒⠒"]);
    }

    #[test]
    fn a_sample_beyond_the_scale_leaves_a_sign() {
        assert_eq!(line((4, 1), &[0, 1, 2, 3, 4, 5], &[0.0, 0.0, 9.0, 0.0, -9.0, 0.0]), ["⣸▲▼"]);
        let dots: fn(&Trace<'_>, &mut Canvas) = |trace, canvas| trace.dots(canvas);
        assert_eq!(drawn((2, 1), &[0, 2], &[0.0, 9.0], dots), ["⡀▲"]);
        let bars = |trace: &Trace<'_>, canvas: &mut Canvas| trace.bars(7, 2.0, &mut Vec::new(), canvas);
        assert_eq!(drawn((2, 2), &[1, 3], &[4.0, 90.0], bars), ["⣀▲", "⣿⣿"]);
    }

    #[test]
    fn areas_and_bars_show_dips_too() {
        let columns = [0, 1, 2, 2, 2, 3, 4, 5];
        let values = [7.0, 7.0, 7.0, 2.0, 7.0, 7.0, 7.0, NAN];
        let area = |trace: &Trace<'_>, canvas: &mut Canvas| {
            trace.area(7, &mut Vec::new(), canvas);
            trace.line(canvas);
        };
        assert_eq!(drawn((3, 2), &columns, &values, area), ["⢍⣏⠅", "⢕⢓⠅"]);
        let bars = |spacing: f64| {
            move |trace: &Trace<'_>, canvas: &mut Canvas| trace.bars(7, spacing, &mut Vec::new(), canvas)
        };
        assert_eq!(drawn((3, 2), &[0, 3, 5], &[3.0, 7.0, INF], bars(3.0)), [" ⣿▲", "⡇⣿"]);
        assert_eq!(drawn((3, 2), &columns, &values, bars(0.5)), ["⢍⣏⠅", "⢕⢓⠅"]);
    }

    fn trace_of<'a>(columns: &'a [ColumnRun], values: &'a [f64], scale: ValueScale) -> Trace<'a> {
        Trace { columns, values, scale, connect: false, interpolation: Interpolation::Linear, owner: 0 }
    }

    /// The dots of `column`, from the top; a sign at the edge stands for all of its cell.
    fn dots(buffer: &Buffer, column: usize) -> Vec<bool> {
        const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let mut dots = Vec::new();
        for y in 0..buffer.area.height {
            let symbol = buffer[((column / 2) as u16, y)].symbol().chars().next().unwrap_or(' ');
            let bits = u32::from(symbol).wrapping_sub(0x2800);
            let is_sign = matches!(symbol, '▲' | '▼');
            dots.extend(BITS[column % 2].iter().map(|bit| is_sign || bits < 0x100 && bits & bit != 0));
        }
        dots
    }

    proptest! {
        #[test]
        fn no_peak_and_no_dip_is_lost(
            samples in proptest::collection::vec(prop_oneof![4 => -50.0..150.0, 1 => Just(NAN)], 1..200),
            width in 1_u16..20,
            height in 1_u16..8,
        ) {
            let mut canvas = Canvas::new(width, height, Marker::Braille);
            let count = i32::from(canvas.columns());
            let columns: Vec<i32> = (0..samples.len() as i32).map(|i| i * count / samples.len() as i32).collect();
            let scale = ValueScale::new(0.0, 100.0, canvas.rows());
            let runs = ColumnRun::of(columns.clone());
            let trace = trace_of(&runs, &samples, scale);
            trace.line(&mut canvas);
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            canvas.paint(&Theme::PLAIN, buffer.area, &mut buffer);
            for column in 0..count {
                let rows = columns.iter().zip(&samples).filter(|(c, v)| **c == column && v.is_finite());
                let rows: Vec<i32> = rows.map(|(_, value)| scale.row(*value)).collect();
                let dots = dots(&buffer, column as usize);
                for row in [rows.iter().min(), rows.iter().max()].into_iter().flatten() {
                    if let Some(dot) = usize::try_from(*row).ok().and_then(|row| dots.get(row)) {
                        prop_assert!(dot, "column {} row {} in {:?}", column, row, picture(&buffer));
                    }
                }
            }
        }

        #[test]
        fn a_series_with_a_gap_elsewhere_is_drawn_alike(
            samples in proptest::collection::vec(-50.0..150.0, 1..200),
            width in 1_u16..20,
            height in 1_u16..8,
        ) {
            // Finite series take a shorter way; one NaN, left of the canvas, takes that away.
            let drawn = |columns: Vec<i32>, samples: &[f64]| {
                let mut canvas = Canvas::new(width, height, Marker::Braille);
                let scale = ValueScale::new(0.0, 100.0, canvas.rows());
                trace_of(&ColumnRun::of(columns), samples, scale).line(&mut canvas);
                let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
                canvas.paint(&Theme::PLAIN, buffer.area, &mut buffer);
                picture(&buffer)
            };
            let count = samples.len() as i32;
            let columns: Vec<i32> = (0..count).map(|index| index * 2 * i32::from(width) / count).collect();
            let with_gap: Vec<f64> = std::iter::once(NAN).chain(samples.iter().copied()).collect();
            let shifted: Vec<i32> = std::iter::once(-9).chain(columns.iter().copied()).collect();
            prop_assert_eq!(drawn(columns, &samples), drawn(shifted, &with_gap));
        }

        #[test]
        fn a_line_without_gaps_has_no_hole(
            samples in proptest::collection::vec(0.0..100.0, 2..60),
            width in 1_u16..20,
        ) {
            let mut canvas = Canvas::new(width, 4, Marker::Braille);
            let count = i32::from(canvas.columns());
            let last = samples.len() as i32 - 1;
            let columns: Vec<i32> = (0..=last).map(|i| i * (count - 1) / last).collect();
            let scale = ValueScale::new(0.0, 100.0, canvas.rows());
            let runs = ColumnRun::of(columns.clone());
            trace_of(&runs, &samples, scale).line(&mut canvas);
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, 4));
            canvas.paint(&Theme::PLAIN, buffer.area, &mut buffer);
            let mut before: Option<(usize, usize)> = None;
            for column in 0..count as usize {
                let dots = dots(&buffer, column);
                let top = dots.iter().position(|dot| *dot);
                let bottom = dots.iter().rposition(|dot| *dot);
                let (Some(top), Some(bottom)) = (top, bottom) else { panic!("column {column} is empty") };
                prop_assert!(dots[top..=bottom].iter().all(|dot| *dot));
                if let Some((top_before, bottom_before)) = before {
                    prop_assert!(top <= bottom_before + 1 && bottom + 1 >= top_before);
                }
                before = Some((top, bottom));
            }
        }
    }
}
