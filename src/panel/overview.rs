//! Every panel type as a list: one line a series with name, shape, last, least and largest value.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::timeseries::{current_values, extent_of, figure};
use super::{NamedSeries, PanelView, ShownValue, heatmap, item};
use crate::chart::axis::Limits;
use crate::chart::extent::extent;
use crate::chart::plot::Spark;
use crate::reduce::Reduce;
use crate::series::{Grid, is_absent};
use crate::text;
use crate::theme::Ink;

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

/// One line: name, figures, and a shape where it has one.
struct Line<'a> {
    name: String,
    figures: Vec<String>,
    style: Style,
    shape: Option<Shape<'a>>,
}

/// Values over the window.
struct Shape<'a> {
    grid: Grid,
    values: Cow<'a, [f64]>,
    limits: Limits,
    owner: u16,
    ink: Ink,
}

/// Lines that the panel takes, its title excluded.
pub fn lines(view: &PanelView<'_>) -> u16 {
    let count = count(view);
    (count.min(SERIES_LINES) + usize::from(count > SERIES_LINES)).max(1) as u16
}

fn count(view: &PanelView<'_>) -> usize {
    if is_heatmap(view) {
        return heatmap::rows(view).len();
    }
    match view.named_series().len() {
        0 => (view.panel.kind.values)(view).len(),
        series => series,
    }
}

fn is_heatmap(view: &PanelView<'_>) -> bool {
    std::ptr::eq(view.panel.kind, &raw const heatmap::KIND)
}

fn all_lines<'a>(view: &'a PanelView<'a>, series: &[NamedSeries<'a>]) -> Vec<Line<'a>> {
    if is_heatmap(view) {
        heatmap_lines(view)
    } else if series.is_empty() {
        value_lines(view)
    } else {
        series_lines(view, series)
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
    let lines = all_lines(view, &series);
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
    let shared = text::shared_start(lines.iter().map(|line| &*line.name));
    for (line, y) in lines[..shown].iter().zip(area.y..) {
        let fit = text::fit_apart(&line.name, shared, name.into());
        text::put(buffer, area.x, y, &fit, name, theme.text());
        if let Some(shape) = line.shape.as_ref().filter(|_| spark > 0) {
            let Shape { grid, ref values, limits, owner, ink } = *shape;
            Spark { grid, values, span: view.span, limits, fill: false, owner, ink }.draw(
                theme,
                Rect::new(area.x + name + GAP_CELLS, y, spark, 1),
                buffer,
            );
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
fn columns(lines: &[Line<'_>], width: u16) -> (u16, Vec<u16>) {
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
    let has_shape = lines.iter().any(|line| line.shape.is_some());
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
    let series = view.named_series();
    let lines = all_lines(view, &series);
    let first = if view.cursor_ms.is_some() { "then" } else { HEADINGS[0] };
    let words = [first].into_iter().chain(HEADINGS[1..].iter().copied());
    let heading =
        |(word, width): (&str, u16)| format!("{word:>width$}", width = usize::from(width + GAP_CELLS));
    words.zip(columns(&lines, width).1).map(heading).collect()
}

fn series_lines<'a>(view: &PanelView<'_>, series: &[NamedSeries<'a>]) -> Vec<Line<'a>> {
    let range = extent_of(series).unwrap_or_default();
    let current = current_values(view, series);
    let line = |(one, value): (&NamedSeries<'a>, Option<f64>)| {
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
            shape: Some(Shape {
                grid: one.grid,
                values: Cow::Borrowed(one.values),
                limits: Limits { min: one.field.min, max: one.field.max, ..Limits::default() },
                owner: one.number as u16,
                ink: one.ink(one.values.last().copied(), range),
            }),
        }
    };
    series.iter().zip(current).map(line).collect()
}

/// What the rows of the picture hold, not what the server has sent: counts of single buckets, in its order.
fn heatmap_lines<'a>(view: &PanelView<'_>) -> Vec<Line<'a>> {
    let line = |heatmap::NamedRow { name, grid, values }: heatmap::NamedRow| {
        let at = view.cursor_ms.unwrap_or(view.span.end_ms);
        let now = grid.at_or_before(at).and_then(|index| values.get(index).copied());
        let bounds = extent(&values);
        let figure = |value: Option<f64>| match value.filter(|value| !is_absent(*value)) {
            Some(value) => heatmap::cell_text(view, value),
            None => "-".to_owned(),
        };
        let ink = Ink::Series(0);
        Line {
            name,
            figures: vec![
                figure(now),
                figure(bounds.map(|(low, _)| low)),
                figure(bounds.map(|(_, high)| high)),
            ],
            style: Style::new().fg(view.theme.ink(ink)),
            // Counts begin at zero, and so one row can be held against another.
            shape: Some(Shape {
                grid,
                values: Cow::Owned(values),
                limits: Limits { zero: true, ..Limits::default() },
                owner: 0,
                ink,
            }),
        }
    };
    heatmap::rows(view).into_iter().map(line).collect()
}

/// Values without a past have the first figure alone, in the words and the order of their panel.
fn value_lines<'a>(view: &PanelView<'_>) -> Vec<Line<'a>> {
    let samples = view.named_samples();
    let line = |ShownValue { name, value, text }: ShownValue| {
        let sample = samples.iter().find(|sample| sample.name == name);
        let style = match (sample, value) {
            (Some(sample), Some(value)) => {
                item::value_style(view.theme, &sample.field, Some(value), (value, value))
            }
            _ => view.theme.text(),
        };
        Line { name, figures: vec![text], style, shape: None }
    };
    (view.panel.kind.values)(view).into_iter().map(line).collect()
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
    fn a_heatmap_is_its_rows() {
        let mut fixture = Fixture::new(&heatmap::KIND, 60, &[("1", &[2.0, 4.0]), ("+Inf", &[3.0, 5.0])]);
        fixture.panel.field.unit = crate::unit::Unit::new("s");
        fixture.panel.field.decimals = None;
        let series = &mut std::sync::Arc::make_mut(&mut fixture.frame).series;
        for (one, bound) in series.iter_mut().zip(["1", "+Inf"]) {
            one.labels = crate::series::Labels::from([("le", bound)]);
        }
        assert_eq!(lines(&fixture.view()), 2);
        let lines = drawn(&fixture, 40, 2);
        // Counts of each bucket, which are no seconds, the highest bucket first.
        assert!(lines[0].starts_with(">1 s ") && lines[0].ends_with("   1     1     1"), "{lines:?}");
        assert!(lines[1].starts_with("≤1 s ") && lines[1].ends_with("   4     2     4"), "{lines:?}");
    }

    #[test]
    fn what_has_no_past_is_said_in_the_words_of_its_panel() {
        use super::super::fixture::Fixture;
        let down: &[(&str, &str)] = &[("__health__", "down"), ("job", "b"), ("instance", "h:2")];
        let up: &[(&str, &str)] = &[("__health__", "up"), ("job", "a"), ("instance", "h:1")];
        let fixture = Fixture::new(&crate::panel::listing::TARGETS).instant(&[(up, 1.78e9), (down, 1.78e9)]);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 2));
        draw(&fixture.view(), buffer.area, &mut buffer);
        let lines = picture(&buffer);
        assert!(lines[0].starts_with("b h:2 ") && lines[0].ends_with("down"), "{lines:?}");
        assert!(lines[1].starts_with("a h:1 ") && lines[1].ends_with("up"), "{lines:?}");
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
