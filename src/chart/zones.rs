//! Thresholds behind series: a dotted line at each bound, and a ground in the colour of each step.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::ROWS_PER_CELL;
use super::dots::{self, BITS};
use super::put_symbol;
use super::scale::ValueScale;
use crate::field::{ThresholdStep, ThresholdsStyle};
use crate::theme::{ColorDepth, Marker, Theme};

/// How strong the ground of a step is, its colour being 1.
const GROUND_STRENGTH: f64 = 0.22;

/// Draws `steps`, ascending, into the plot `area` before its series: their dots then stand on the ground and over the
/// lines. On terminals of few colours a ground would drown the series: there lines stand for it.
pub fn draw(
    steps: &[ThresholdStep],
    style: ThresholdsStyle,
    scale: &ValueScale,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let area = area.intersection(buffer.area);
    let has_ground = theme.depth >= ColorDepth::Ansi256;
    if matches!(style, ThresholdsStyle::Area | ThresholdsStyle::LineAndArea) && has_ground {
        for line in 0..area.height {
            // The step in which the middle of the line lies.
            let middle = i32::from(line) * i32::from(ROWS_PER_CELL) + i32::from(ROWS_PER_CELL) / 2;
            let is_reached = |step: &&ThresholdStep| !step.at.is_nan() && scale.row(step.at) >= middle;
            let Some(step) = steps.iter().rev().find(is_reached) else { continue };
            let ground = Style::new().bg(theme.weaker(step.color, GROUND_STRENGTH));
            buffer.set_style(Rect { y: area.y + line, height: 1, ..area }, ground);
        }
    }
    let has_lines = match style {
        ThresholdsStyle::Off => false,
        ThresholdsStyle::Line | ThresholdsStyle::LineAndArea => true,
        ThresholdsStyle::Area => !has_ground,
    };
    for step in steps.iter().filter(|step| has_lines && step.at.is_finite()) {
        let row = scale.row(step.at);
        if !(0..i32::from(area.height) * i32::from(ROWS_PER_CELL)).contains(&row) {
            continue;
        }
        let (y, part) = (area.y + row as u16 / ROWS_PER_CELL, row as usize % usize::from(ROWS_PER_CELL));
        let symbol = match theme.marker {
            Marker::Ascii => '.',
            marker @ (Marker::Braille | Marker::Octant) => dots::symbol(BITS[0][part], marker),
            _ => '┄',
        };
        for x in area.left()..area.right() {
            put_symbol(buffer, x, y, symbol, Style::new().fg(theme.color(step.color)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Rgb;

    const GREEN: Rgb = Rgb(115, 191, 105);
    const RED: Rgb = Rgb(242, 73, 92);

    fn drawn(style: ThresholdsStyle, theme: Theme) -> Buffer {
        let steps = [(f64::NEG_INFINITY, GREEN), (5.0, RED), (99.0, GREEN)];
        let steps = steps.map(|(at, color)| ThresholdStep { at, color });
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 4));
        let scale = ValueScale::new(0.0, 15.0, 16);
        draw(&steps, style, &scale, &theme, buffer.area, &mut buffer);
        buffer
    }

    #[test]
    fn a_line_lies_on_its_value_and_one_beyond_the_axis_is_none() {
        let buffer = drawn(ThresholdsStyle::Line, Theme::TRUE_COLOR);
        assert_eq!(crate::chart::picture(&buffer), ["", "", "⠄⠄⠄", ""]);
        assert_eq!(buffer[(0, 2)].fg, Theme::TRUE_COLOR.color(RED));
        assert_eq!(drawn(ThresholdsStyle::Off, Theme::TRUE_COLOR), Buffer::empty(buffer.area));
    }

    #[test]
    fn a_ground_is_that_of_the_step_and_lines_stand_for_it_without_colours() {
        let buffer = drawn(ThresholdsStyle::Area, Theme::TRUE_COLOR);
        let weak = |color| Theme::TRUE_COLOR.weaker(color, GROUND_STRENGTH);
        let grounds: Vec<_> = (0..4).map(|y| buffer[(0, y)].bg).collect();
        assert_eq!(grounds, [weak(RED), weak(RED), weak(RED), weak(GREEN)]);
        assert_eq!(crate::chart::picture(&buffer), ["", "", "", ""]);
        assert_eq!(crate::chart::picture(&drawn(ThresholdsStyle::Area, Theme::PLAIN)), ["", "", "⠄⠄⠄", ""]);
    }
}
