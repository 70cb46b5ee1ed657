//! Every panel type as a list: one line a series with name, shape, last, least and largest value.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::timeseries::{current_values, extent_of, figure};
use super::{PanelView, item};
use crate::chart::axis::Limits;
use crate::chart::extent::extent;
use crate::chart::plot::Spark;
use crate::reduce::Reduce;
use crate::text;

/// Series of one panel that have a line; the others are counted.
pub const SERIES_LINES: usize = 8;

/// Blank cells between columns.
const GAP_CELLS: u16 = 2;
/// Cells of a name where the line has room for more.
const NAME_MAX_CELLS: u16 = 28;
/// Least cells of a shape; where there are fewer there is none.
const SPARK_MIN_CELLS: u16 = 6;
/// Headings of the figures.
const HEADINGS: [&str; 3] = ["last", "min", "max"];

/// One line: name, figures, and the number of its series where it has a shape.
struct Line {
    name: String,
    figures: Vec<String>,
    style: Style,
    series: Option<usize>,
}

/// Lines that the panel takes, its title excluded.
pub fn lines(view: &PanelView<'_>) -> u16 {
    let count = count(view);
    (count.min(SERIES_LINES) + usize::from(count > SERIES_LINES)).max(1) as u16
}

fn count(view: &PanelView<'_>) -> usize {
    match view.named_series().len() {
        0 => view.named_samples().len(),
        series => series,
    }
}

/// Draws the lines into `area`.
pub fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let theme = &view.theme;
    let series = view.named_series();
    let lines = if series.is_empty() { sample_lines(view) } else { series_lines(view) };
    if lines.is_empty() {
        let says = format!("a {} panel: the full screen (enter) has it", view.panel.kind.name);
        text::put(buffer, area.x, area.y, &says, area.width, theme.dim());
        return;
    }
    let (name, columns) = columns(&lines, area.width);
    let room = area.width.saturating_sub(name + figures_width(&columns));
    let spark = if room >= GAP_CELLS + SPARK_MIN_CELLS { room - GAP_CELLS } else { 0 };
    let shown = if lines.len() <= area.height.into() { lines.len() } else { usize::from(area.height) - 1 };
    let shown = shown.min(SERIES_LINES);
    let range = extent_of(&series).unwrap_or_default();
    let shared = text::shared_start(lines.iter().map(|line| &*line.name));
    for (line, y) in lines[..shown].iter().zip(area.y..) {
        let fit = text::fit_apart(&line.name, shared, name.into());
        text::put(buffer, area.x, y, &fit, name, theme.text());
        if let Some(one) = line.series.and_then(|index| series.get(index)).filter(|_| spark > 0) {
            let last = one.values.last().copied();
            Spark {
                grid: one.grid,
                values: one.values,
                span: view.span,
                limits: Limits { min: one.field.min, max: one.field.max, ..Limits::default() },
                fill: false,
                owner: one.number as u16,
                ink: one.ink(last, range),
            }
            .draw(theme, Rect::new(area.x + name + GAP_CELLS, y, spark, 1), buffer);
        }
        let mut x = area.right() - figures_width(&columns).min(area.width);
        for (figure, width) in line.figures.iter().zip(&columns) {
            x += GAP_CELLS + width;
            let cells = (text::width(figure) as u16).min(*width);
            text::put(buffer, x.saturating_sub(cells), y, figure, cells, line.style);
        }
    }
    if shown < lines.len() {
        let more = format!("+{} more", lines.len() - shown);
        text::put(buffer, area.x, area.y + shown as u16, &more, area.width, theme.dim());
    }
}

/// Cells of the names, and of the figures that there is room for.
fn columns(lines: &[Line], width: u16) -> (u16, Vec<u16>) {
    let widest = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| text::width(text)).max().unwrap_or(0) as u16
    };
    let count = lines.iter().map(|line| line.figures.len()).max().unwrap_or(0);
    let mut columns: Vec<u16> = (0..count)
        .map(|column| widest(&mut lines.iter().filter_map(|line| line.figures.get(column))))
        .map(|width| width.max(HEADINGS[0].len() as u16))
        .collect();
    let names = widest(&mut lines.iter().map(|line| &line.name));
    // Where no shape is drawn, its place is the names'.
    let has_shape = lines.iter().any(|line| line.series.is_some());
    let room =
        if has_shape { NAME_MAX_CELLS.min(width / 3) } else { width.saturating_sub(figures_width(&columns)) };
    let name = names.min(room).max(1);
    // The largest and the least go before the shape does, the last value stays.
    while columns.len() > 1 && name + GAP_CELLS + SPARK_MIN_CELLS + figures_width(&columns) > width {
        columns.pop();
    }
    (name, columns)
}

fn figures_width(columns: &[u16]) -> u16 {
    columns.iter().map(|width| width + GAP_CELLS).sum()
}

/// What stands over the figures, as wide as they are; empty where they need no words.
pub fn heading(view: &PanelView<'_>, width: u16) -> String {
    let lines = series_lines(view);
    let first = if view.cursor_ms.is_some() { "then" } else { HEADINGS[0] };
    let words = [first].into_iter().chain(HEADINGS[1..].iter().copied());
    let heading =
        |(word, width): (&str, u16)| format!("{word:>width$}", width = usize::from(width + GAP_CELLS));
    words.zip(columns(&lines, width).1).map(heading).collect()
}

fn series_lines(view: &PanelView<'_>) -> Vec<Line> {
    let series = view.named_series();
    let range = extent_of(&series).unwrap_or_default();
    let current = current_values(view, &series);
    let line = |(index, (one, value)): (usize, (&super::NamedSeries<'_>, Option<f64>))| {
        let bounds = extent(one.values);
        let bound = |value: Option<f64>| figure(view, one, Reduce::Last, value, range);
        Line {
            name: one.name.clone(),
            figures: vec![
                figure(view, one, one.field.reduce, value, range),
                bound(bounds.map(|(low, _)| low)),
                bound(bounds.map(|(_, high)| high)),
            ],
            style: Style::new().fg(view.theme.ink(one.ink(value, range))),
            series: Some(index),
        }
    };
    series.iter().zip(current).enumerate().map(line).collect()
}

/// Values without a past have the first figure alone.
fn sample_lines(view: &PanelView<'_>) -> Vec<Line> {
    let line = |sample: super::NamedSample<'_>| {
        let range = (sample.value, sample.value);
        let shown = sample.field.show_at(Some(sample.value), range, item::calendar(view)).text;
        let style = item::value_style(view.theme, &sample.field, Some(sample.value), range);
        Line { name: sample.name, figures: vec![shown], style, series: None }
    };
    view.named_samples().into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::range_fixture::Fixture;
    use super::super::timeseries;
    use super::*;
    use crate::chart::picture;

    fn drawn(fixture: &Fixture, width: u16, height: u16) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        draw(&fixture.view(), buffer.area, &mut buffer);
        picture(&buffer)
    }

    #[test]
    fn a_series_is_a_line_and_gives_up_its_figures_last() {
        let fixture =
            Fixture::new(&timeseries::KIND, 60, &[("p50", &[1.0, 5.0, 2.0]), ("p99", &[9.0, 7.0, 8.5])]);
        assert_eq!(lines(&fixture.view()), 2);
        insta::assert_snapshot!(
            [40, 24, 16, 9, 3].map(|width| drawn(&fixture, width, 2).join("\n")).join("\n---\n")
        );
        for (width, height) in [(0, 0), (1, 1), (5, 1), (60, 9)] {
            let _ = drawn(&fixture, width, height);
        }
    }

    #[test]
    fn many_series_are_counted() {
        let names: Vec<String> = (0..20).map(|index| format!("s{index}")).collect();
        let series: Vec<(&str, &[f64])> = names.iter().map(|name| (&**name, &[1.0, 2.0][..])).collect();
        let fixture = Fixture::new(&timeseries::KIND, 60, &series);
        let count = lines(&fixture.view());
        assert_eq!(usize::from(count), SERIES_LINES + 1);
        assert_eq!(drawn(&fixture, 40, count).last().map(String::as_str), Some("+12 more"));
    }
}
