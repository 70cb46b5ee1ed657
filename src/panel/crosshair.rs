//! The crosshair as a panel shows it: a line through its plot, and the range that is being marked.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::{NamedSeries, PanelView};
use crate::chart::scale::TimeScale;
use crate::series::is_absent;
use crate::theme::{ColorDepth, Ink, Rgb, Theme};

impl NamedSeries<'_> {
    /// The sample at `at_ms`, or the one less than a step before; `None` in a gap.
    pub fn value_at(&self, at_ms: i64) -> Option<f64> {
        let value = self.values.get(self.grid.at_or_before(at_ms)?)?;
        (!is_absent(*value)).then_some(*value)
    }
}

impl PanelView<'_> {
    /// Draws the crosshair and the marked range over the finished `plot`, whose columns of dots `scale` has; and
    /// keeps where the plot is. To be called by every type whose x axis is time.
    pub fn draw_crosshair(&self, plot: Rect, scale: &TimeScale, buffer: &mut Buffer) {
        self.plot.set(Some(plot));
        let x_of = |time_ms: i64| -> i32 {
            let last = i32::from(plot.width) - 1;
            let column = scale.column(time_ms).clamp(-1, i32::from(scale.columns()));
            if column < 0 { -1 } else { (column * (last + 1) / i32::from(scale.columns()).max(1)).min(last) }
        };
        for mark in self.marks {
            let style =
                mark.color.map_or(self.theme.warning(), |color| Style::new().fg(self.theme.color(color)));
            annotate(plot, x_of(mark.start_ms), style, buffer);
            let (start, end) = (x_of(mark.start_ms), x_of(mark.end_ms));
            if end > start {
                annotate(plot, end, style, buffer);
            }
        }
        let Some(cursor_ms) = self.cursor_ms else { return };
        let cursor = x_of(cursor_ms);
        if let Some(mark) = self.mark_ms.map(x_of) {
            for x in mark.min(cursor).max(0)..=mark.max(cursor) {
                shade_column(plot, x as u16, &self.theme, buffer);
            }
            line(plot, mark, '┊', &self.theme, buffer);
        }
        line(plot, cursor, '│', &self.theme, buffer);
    }
}

/// A dashed line down one column of `plot` where nothing else is drawn, so that no value is hidden.
fn annotate(plot: Rect, column: i32, style: Style, buffer: &mut Buffer) {
    let Some(column) = u16::try_from(column).ok().filter(|column| *column < plot.width) else { return };
    for y in plot.top()..plot.bottom() {
        let Some(cell) = buffer.cell_mut((plot.x + column, y)) else { continue };
        if matches!(cell.symbol(), " " | "\u{2800}") {
            cell.set_char('┆').set_style(style);
        }
    }
}

/// A line down one column of `plot`: where there is nothing a stroke, where there is something that on another ground.
fn line(plot: Rect, column: i32, stroke: char, theme: &Theme, buffer: &mut Buffer) {
    let Ok(column) = u16::try_from(column) else { return };
    let has_color = theme.depth != ColorDepth::None;
    let style = if has_color { theme.focus() } else { Style::new().add_modifier(Modifier::BOLD) };
    for y in plot.top()..plot.bottom() {
        let Some(cell) = buffer.cell_mut((plot.x + column, y)) else { continue };
        match cell.symbol() {
            " " | "\u{2800}" => {
                cell.set_char(stroke).set_style(style);
            }
            // A cell of heat: its colour stays, as the ground of the stroke.
            "█" | "▀" | "▄" | "░" | "▒" | "▓" | "·" => {
                let ground = cell.fg;
                cell.set_char(stroke);
                if has_color {
                    // Only of 24 bits it is known what can be read on them.
                    let on = match ground {
                        Color::Rgb(r, g, b) => theme.on(Ink::Fixed(Rgb(r, g, b))).fg,
                        _ => theme.text().fg,
                    };
                    cell.set_bg(ground).set_fg(on.unwrap_or_default());
                }
            }
            // A text on a ground of its own, which says something.
            _ if has_color && is_filled(cell, theme) => {
                cell.modifier.toggle(Modifier::REVERSED);
            }
            _ if has_color => {
                cell.set_bg(theme.track());
            }
            _ => {
                cell.set_style(Style::new().add_modifier(Modifier::REVERSED));
            }
        }
    }
}

/// Whether the ground of `cell` says something, as that of a block of states or of the lower half of a heat cell.
fn is_filled(cell: &Cell, theme: &Theme) -> bool {
    cell.bg != Color::Reset && cell.bg != theme.track()
}

/// The ground of one column of the marked range, where the cells have none.
fn shade_column(plot: Rect, column: u16, theme: &Theme, buffer: &mut Buffer) {
    if theme.depth == ColorDepth::None {
        return;
    }
    for y in plot.top()..plot.bottom() {
        let cell = buffer.cell_mut((plot.x + column, y)).filter(|_| column < plot.width);
        if let Some(cell) = cell.filter(|cell| !is_filled(cell, theme)) {
            cell.set_bg(theme.track());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::range_fixture::{Fixture, START_MS};
    use super::super::{heatmap, state_timeline, status_history, timeseries};
    use super::*;
    use crate::chart::picture;
    use crate::series::{ABSENT, Labels};

    #[test]
    fn a_chart_shows_the_time_and_the_values_then() {
        let fixture = Fixture::new(
            &timeseries::KIND,
            60,
            &[("a", &[1.0, 2.0, 3.0, 4.0, 5.0]), ("b", &[2.0, 2.0, ABSENT, 2.0, 2.0])],
        );
        let mut view = fixture.view();
        view.cursor_ms = Some(START_MS + 150_000);
        view.mark_ms = Some(START_MS + 60_000);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 8));
        (timeseries::KIND.draw)(&view, buffer.area, &mut buffer);
        insta::assert_snapshot!(picture(&buffer).join("\n"));
        let at = timeseries::KIND.at.expect("time is its x axis");
        let texts: Vec<_> = at(&view, START_MS + 150_000).into_iter().map(|shown| shown.text).collect();
        assert_eq!(texts, ["3.00", "-"], "the sample before, and a gap");
        assert_eq!(view.plot.get(), Some(Rect::new(5, 0, 35, 6)));
    }

    #[test]
    fn buckets_say_their_counts() {
        let mut fixture = Fixture::new(
            &heatmap::KIND,
            60,
            &[("1", &[1.0, 1.0]), ("2", &[1.0, 4.0]), ("+Inf", &[2.0, 9.0])],
        );
        fixture.panel.field.decimals = None;
        let frame = std::sync::Arc::make_mut(&mut fixture.frame);
        for (series, le) in frame.series.iter_mut().zip(["1", "2", "+Inf"]) {
            series.labels = Labels::from([("le", le)]);
        }
        let at = heatmap::KIND.at.expect("time is its x axis");
        let shown = |at_ms| {
            let shown = at(&fixture.view(), at_ms).into_iter();
            shown.map(|shown| format!("{} {}", shown.name, shown.text)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(START_MS + 60_000), ">2 5 1–2 3 ≤1 1");
        assert_eq!(shown(START_MS + 59_000), ">2 1 ≤1 1");
    }

    #[test]
    fn blocks_of_states_keep_their_colours_below_the_crosshair_and_in_a_marked_range() {
        for kind in [&state_timeline::KIND, &status_history::KIND] {
            let mut fixture =
                Fixture::new(kind, 60, &[("a", &[1.0, 1.0, 2.0, 2.0]), ("b", &[1.0, 1.0, 1.0, 2.0])]);
            for theme in [Theme::PLAIN, Theme::TRUE_COLOR] {
                fixture.theme = theme;
                let draw = |cursor_ms, mark_ms| {
                    let mut view = fixture.view();
                    (view.cursor_ms, view.mark_ms) = (cursor_ms, mark_ms);
                    let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 5));
                    (kind.draw)(&view, buffer.area, &mut buffer);
                    let plot = view.plot.get().expect("a plot");
                    (buffer, plot)
                };
                let (before, plot) = draw(None, None);
                for column in 0..plot.width {
                    let part = (f64::from(column) + 0.5) / f64::from(plot.width);
                    let at_ms = START_MS + (180_000.0 * part) as i64;
                    let (drawn, _) = draw(Some(at_ms), None);
                    let mut changed =
                        before.diff(&drawn).into_iter().map(|(x, y, _)| (x, y)).collect::<Vec<_>>();
                    changed.sort_unstable();
                    let x = changed[0].0;
                    let all: Vec<_> = (plot.top()..plot.bottom()).map(|y| (x, y)).collect();
                    assert_eq!(changed, all, "{} {column}", kind.name);
                }
                let (marked, _) = draw(Some(START_MS), Some(START_MS + 170_000));
                let grounds = |buffer: &Buffer| -> Vec<Color> {
                    (plot.x + 3..plot.right() - 5).map(|x| buffer[(x, plot.y)].bg).collect()
                };
                let kept = grounds(&before).into_iter().zip(grounds(&marked));
                assert!(kept.into_iter().all(|(before, marked)| before == Color::Reset || before == marked));
            }
            let at = kind.at.expect("time is its x axis")(&fixture.view(), START_MS + 125_000);
            let shown: Vec<_> = at.into_iter().map(|one| format!("{} {}", one.name, one.text)).collect();
            assert_eq!(shown, ["a 2.00", "b 1.00"]);
        }
    }

    #[test]
    fn every_size_and_time_stays_inside() {
        for kind in crate::panel::KINDS.iter().copied().filter(|kind| kind.at.is_some()) {
            let fixture = Fixture::new(kind, 60, &[("a", &[1.0, 2.0]), ("b", &[3.0, ABSENT])]);
            for (width, height) in [(0, 0), (1, 1), (3, 2), (9, 4), (30, 9)] {
                for (cursor_ms, mark_ms) in
                    [(0, 0), (START_MS, i64::MAX), (i64::MAX, i64::MIN), (i64::MIN, START_MS)]
                {
                    let mut view = fixture.view();
                    (view.cursor_ms, view.mark_ms) = (Some(cursor_ms), Some(mark_ms));
                    let mut buffer = Buffer::empty(Rect::new(0, 0, width + 2, height + 2));
                    (kind.draw)(&view, Rect::new(1, 1, width, height), &mut buffer);
                    for x in 0..width + 2 {
                        for y in 0..height + 2 {
                            let is_edge = x == 0 || y == 0 || x == width + 1 || y == height + 1;
                            assert!(!is_edge || buffer[(x, y)].symbol() == " ");
                        }
                    }
                }
            }
        }
    }
}
