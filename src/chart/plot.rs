//! How a chart shares its area: gutter, plot and time axis, and what goes first when there is little of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::axis::{self, Limits};
use super::canvas::Canvas;
use super::extent::extent;
use super::scale::{TimeScale, ValueScale};
use super::trace::{Spans, Trace};
use crate::field::Interpolation;
use crate::series::Grid;
use crate::theme::{Ink, Theme};
use crate::time_range::Span;
use crate::unit::Unit;

/// Lines of a plot that an axis of time or a legend leaves, at least.
pub const PLOT_MIN_LINES: u16 = 3;
/// Cells of a plot that an axis of values leaves, at least.
pub const PLOT_MIN_CELLS: u16 = 8;
/// Height from which on the axis of time has a rule of its own.
const RULE_FROM_LINES: u16 = 10;

/// Lines of the axis of time under a chart of this size.
pub fn time_axis_lines(area: Rect) -> u16 {
    match area.height {
        _ if area.width < PLOT_MIN_CELLS => 0,
        ..=PLOT_MIN_LINES => 0,
        height if height < RULE_FROM_LINES => 1,
        _ => 2,
    }
}

/// The parts of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Labels of values; empty where there is no room for them.
    pub gutter: Rect,
    /// Labels of a second axis of values, at the right; it goes before the first.
    pub right: Rect,
    /// The picture itself.
    pub plot: Rect,
    /// Labels of times; empty where there is no room for them.
    pub time: Rect,
}

impl Parts {
    /// Shares `area`, given that the axis of values wants `gutter_width` cells.
    pub fn of(area: Rect, gutter_width: u16) -> Self {
        Self::with_right(area, gutter_width, 0)
    }

    /// The same, given that a second axis wants `right_width` cells at the right.
    pub fn with_right(area: Rect, gutter_width: u16, right_width: u16) -> Self {
        let time_lines = time_axis_lines(area);
        let has_room = |cells: u16| area.height >= 2 && area.width >= cells.saturating_add(PLOT_MIN_CELLS);
        let has_right = has_room(gutter_width.saturating_add(right_width));
        let right_width = if has_right { right_width } else { 0 };
        let gutter_width = if has_room(gutter_width) { gutter_width } else { 0 };
        let height = area.height - time_lines;
        let (x, width) = (area.x + gutter_width, area.width - gutter_width - right_width);
        Self {
            gutter: Rect { width: gutter_width, height, ..area },
            right: Rect { x: x + width, width: right_width, height, ..area },
            plot: Rect { x, width, height, ..area },
            time: Rect { x, width, y: area.y + height, height: time_lines },
        }
    }
}

/// A small chart of one series without axes, as high as its area.
#[derive(Clone, Copy, Debug)]
pub struct Spark<'a> {
    /// Times of the values.
    pub grid: Grid,
    /// The samples.
    pub values: &'a [f64],
    /// What the width stands for.
    pub span: Span,
    /// What bounds the height besides the data.
    pub limits: Limits,
    /// The area under the line is filled.
    pub fill: bool,
    /// Number of the series, for its mark where there is no colour.
    pub owner: u16,
    /// What the series is drawn with.
    pub ink: Ink,
}

impl Spark<'_> {
    /// Draws into `area`; nothing when there is no finite value.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        let Some((low, high)) = axis::range(extent(self.values), self.limits, &Unit::default()) else {
            return;
        };
        let mut canvas = Canvas::new(area.width, area.height, theme.marker).alone();
        canvas.set_ink(self.owner, self.ink);
        let scale = ValueScale::new(low, high, canvas.rows());
        let columns = TimeScale::new(self.span, canvas.columns()).runs_of(&self.grid);
        let trace = Trace {
            columns: &columns,
            values: self.values,
            scale,
            connect: false,
            interpolation: Interpolation::Linear,
            owner: self.owner,
        };
        if self.fill {
            trace.area(scale.row(0.0_f64.clamp(low, high)), &mut Spans::new(), &mut canvas);
        }
        trace.line(&mut canvas);
        canvas.paint(theme, area, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_axis_goes_first_then_the_gutter() {
        let sizes = |width, height| {
            let parts = Parts::of(Rect::new(0, 0, width, height), 6);
            (parts.gutter.width, parts.plot.width, parts.plot.height, parts.time.height)
        };
        assert_eq!(sizes(40, 12), (6, 34, 10, 2));
        assert_eq!(sizes(40, 9), (6, 34, 8, 1));
        assert_eq!(sizes(40, 3), (6, 34, 3, 0));
        assert_eq!(sizes(13, 9), (0, 13, 8, 1));
        assert_eq!(sizes(40, 1), (0, 40, 1, 0));
        assert_eq!(sizes(0, 0), (0, 0, 0, 0));
        let two = |width| {
            let parts = Parts::with_right(Rect::new(0, 0, width, 9), 6, 5);
            (parts.gutter.width, parts.plot.width, parts.right.x, parts.right.width)
        };
        assert_eq!((two(40), two(18), two(13)), ((6, 29, 35, 5), (6, 12, 18, 0), (0, 13, 13, 0)));
    }
}
