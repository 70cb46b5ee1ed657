//! The panel type `sparkline`: the shape of few values at a glance, without axes.
//!
//! One series fills the panel: figures in a line, below them the line over its area. Several have a row each, name,
//! line and value; every row has a scale of its own, from its smallest to its largest value.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::timeseries::{current_values, extent_of, figure, values, values_at};
use super::{Asks, NamedSeries, PanelKind, PanelView};
use crate::chart::axis::Limits;
use crate::chart::extent::extent;
use crate::chart::plot::Spark;
use crate::chart::scale::TimeScale;
use crate::reduce::Reduce;
use crate::text;
use crate::theme::Ink;

/// Cells of a line that names and values leave, at least.
const SPARK_MIN_CELLS: u16 = 6;
/// Blank cells between name, line and value.
const GAP_CELLS: u16 = 1;
/// Most lines that one of several series takes.
const ROW_LINES_LIMIT: u16 = 4;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "sparkline",
    about: "the shape of few values at a glance, without axes",
    options: &[],
    min_size: (12, 2),
    natural_height: 5,
    asks: |_| Asks { instant: false, range: true },
    draw,
    values,
    at: Some(values_at),
};

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    let series = view.named_series();
    let current = current_values(view, &series);
    if area.is_empty() {
        return;
    }
    match (&series[..], &current[..]) {
        ([], _) | (_, []) => {}
        ([one], [value]) if area.height > 1 => draw_one(view, one, *value, area, buffer),
        _ => draw_rows(view, &series, &current, area, buffer),
    }
}

/// The figures in the first line, the picture below.
fn draw_one(
    view: &PanelView<'_>,
    one: &NamedSeries<'_>,
    value: Option<f64>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = &view.theme;
    let range = extent(one.values);
    let style =
        Style::new().fg(theme.ink(one.ink(value, range.unwrap_or_default()))).add_modifier(Modifier::BOLD);
    let picture_ink = one.ink(value, range.unwrap_or_default());
    let value = figure(view, one, one.field.reduce, value, range.unwrap_or_default());
    let mut x = area.x;
    // Without labels and legend, the name is the expression, of which the title says more.
    if view.targets.iter().all(|target| target.expr != one.name) {
        let room = area.width.saturating_sub(text::width(&value) as u16 + GAP_CELLS);
        x = text::put(buffer, x, area.y, &one.name, room, theme.text()) + GAP_CELLS;
    }
    x = text::put(buffer, x, area.y, &value, area.right().saturating_sub(x), style);
    if let Some((low, high)) = range {
        let format = |value| figure(view, one, Reduce::Last, Some(value), (low, high));
        let bounds = format!("min {}  max {}", format(low), format(high));
        let width = text::width(&bounds) as u16;
        if x + 2 * GAP_CELLS + width <= area.right() {
            text::put(buffer, area.right() - width, area.y, &bounds, width, theme.dim());
        }
    }
    let picture = Rect { y: area.y + 1, height: area.height - 1, ..area };
    spark(view, one, picture_ink, true).draw(theme, picture, buffer);
    view.draw_crosshair(picture, &TimeScale::new(view.span, picture.width), buffer);
}

fn draw_rows(
    view: &PanelView<'_>,
    series: &[NamedSeries<'_>],
    current: &[Option<f64>],
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = &view.theme;
    let lines = usize::from(area.height);
    let mut area = area;
    if lines == 1 && series.len() > 1 {
        // There is no line to say it.
        let sign = format!("+{}", series.len() - 1);
        let width = (sign.len() as u16).min(area.width);
        text::put(buffer, area.right() - width, area.y, &sign, width, theme.dim());
        area.width = area.width.saturating_sub(width + 1);
    }
    let shown = if series.len() <= lines { series.len() } else { lines.saturating_sub(1).max(1) };
    let has_more = shown < series.len() && lines > 1;
    let row_lines = ((area.height - u16::from(has_more)) / shown as u16).clamp(1, ROW_LINES_LIMIT);
    let range = extent_of(series).unwrap_or_default();
    let figures: Vec<String> = series
        .iter()
        .zip(&current[..shown])
        .map(|(one, value)| figure(view, one, one.field.reduce, *value, range))
        .collect();
    let widest =
        |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0).min(usize::from(area.width)) as u16;
    let value_cells = widest(&mut figures.iter().map(|text| text::width(text)));
    let name_cells = widest(&mut series[..shown].iter().map(|one| text::width(&one.name)));
    // Names share what the values leave with the lines.
    let room = area.width.saturating_sub(value_cells + 2 * GAP_CELLS);
    let name_cells = name_cells.min(room.saturating_sub(SPARK_MIN_CELLS).min(room / 2).max(room.min(4)));
    let spark_cells = room.saturating_sub(name_cells);
    for (index, ((one, value), current)) in series.iter().zip(&figures).zip(current).enumerate() {
        let y = area.y + index as u16 * row_lines;
        let ink = one.ink(*current, range);
        let style = Style::new().fg(theme.ink(ink));
        text::put(buffer, area.x, y, &one.fit_name(name_cells), name_cells, theme.text());
        let width = text::width(value).min(usize::from(area.width)) as u16;
        text::put(buffer, area.right() - width, y, value, width, style);
        let x = area.x + name_cells + GAP_CELLS;
        let picture = Rect { x, y, width: spark_cells, height: row_lines };
        spark(view, one, ink, false).draw(theme, picture, buffer);
    }
    let height = shown as u16 * row_lines;
    let pictures = Rect { x: area.x + name_cells + GAP_CELLS, width: spark_cells, height, ..area };
    view.draw_crosshair(pictures, &TimeScale::new(view.span, spark_cells), buffer);
    if has_more {
        let more = format!("+{} more", series.len() - shown);
        text::put(buffer, area.x, area.bottom() - 1, &more, area.width, theme.dim());
    }
}

fn spark<'a>(view: &PanelView<'_>, one: &NamedSeries<'a>, ink: Ink, fill: bool) -> Spark<'a> {
    let (min, max) = (one.field.min, one.field.max);
    Spark {
        grid: one.grid,
        values: one.values,
        span: view.span,
        limits: Limits { min, max, zero: fill, ..Limits::default() },
        fill,
        owner: one.number as u16,
        ink,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::range_fixture::{Fixture, arbitrary_values};
    use super::*;

    fn wave(scale: f64) -> Vec<f64> {
        (0..120).map(|i| scale * (5.0 + 4.0 * (f64::from(i) / 9.0).sin())).collect()
    }

    #[test]
    fn one_series_fills_the_panel_and_shows_dips_and_gaps() {
        let mut values = wave(100.0);
        values[40..60].fill(f64::NAN);
        values[80] = 0.0;
        let fixture = Fixture::new(&KIND, 5, &[("told", &values)]);
        assert_eq!(
            fixture.drawn(40, 5),
            [
                "told 743.93         min 0.00  max 899.95",
                " ⢀⡰⢚⢍⢍⢒⢤            ⢀⢔⢊⢍⢍⠢⡄            ⣀",
                "⡰⢍⢔⢕⢕⢕⢕⢕⢝⢤          ⢕⢕⢕⢕⢕⢕⡇⣗⡄        ⣀⢖⢕",
                "⢔⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢄        ⢕⢕⢕⢕⢕⢕⢣⢓⢌⠣⣄    ⣀⢔⢕⢕⢕",
                "⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢝⠂      ⢕⢕⢕⢕⢕⢕⢽⢕⢕⢕⢔⢕⢒⢒⢊⢕⢕⢕⢕⢕"
            ]
        );
        assert_eq!(fixture.drawn(16, 2), ["told 743.93", "⢒⢋⢍⢓⠦⡄  ⢋⢍⢵⠦⢄⣠⠴⢒"]);
        assert_eq!(fixture.drawn(30, 1), ["told ⠒⠋⠉⠑⠲⢤   ⠊⠉⠹⡶⠤⣄⡠⠴⠒ 743.93"]);
    }

    #[test]
    fn several_series_have_a_row_each() {
        let (a, b) = (wave(1.0), wave(-20.0));
        let series: [(&str, &[f64]); 3] = [("/cat_facts", &a), ("/metrics", &b), ("/", &[3.0; 120])];
        let fixture = Fixture::new(&KIND, 5, &series);
        assert_eq!(
            fixture.drawn(40, 3),
            [
                "/cat_facts ⠒⠋⠉⠉⠒⠦⣄⣀⣠⠤⠒⠋⠉⠙⠲⠤⣀⣀⣠⠴⠒    7.44",
                "/metrics   ⠦⣄⣀⣀⠤⠖⠋⠉⠙⠒⠤⣄⣀⣠⠴⠒⠉⠉⠙⠲⠤ -148.79",
                "/          ⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒    3.00"
            ]
        );
        assert_eq!(
            fixture.drawn(40, 6),
            [
                "/cat_facts ⣠⠞⠉⠙⢦⡀    ⡠⠊⠉⠓⢄    ⢀⡴    7.44",
                "                ⠑⢤⣀⡠⠎    ⠈⠳⢄⣀⠴⠋",
                "/metrics   ⡀    ⡠⠚⠉⠑⢆    ⢀⡴⠊⠉⠲⣄  -148.79",
                "           ⠙⢦⣀⣠⠞⠁    ⠑⢄⣀⡤⠊    ⠈⠳",
                "/          ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀    3.00",
                ""
            ]
        );
        assert_eq!(fixture.drawn(20, 2), ["/cat_f… ⠚⠳⣤⠞⠹⣄⡖ 7.44", "+2 more"]);
    }

    #[test]
    fn a_series_without_a_name_shows_its_value_first() {
        let mut fixture = Fixture::new(&KIND, 5, &[("", &[1.0, 2.0, 3.0])]);
        fixture.panel.queries[0].legend = Some("up".to_owned());
        assert_eq!(fixture.drawn(30, 2)[0], "3.00        min 1.00  max 3.00");
    }

    proptest! {
        #[test]
        fn no_size_and_no_value_is_too_odd(
            values in proptest::collection::vec(arbitrary_values(), 1..5),
            width in 0_u16..60,
            height in 0_u16..20,
        ) {
            let series: Vec<(&str, &[f64])> = values.iter().map(|values| ("s\u{202e}\u{1b}[2J", &values[..])).collect();
            Fixture::new(&KIND, 7, &series).check_stays_inside(width, height)?;
        }
    }
}
