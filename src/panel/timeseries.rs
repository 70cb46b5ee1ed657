//! The panel type `timeseries`: lines, bars or points over time, with axes and a legend.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::item;
use super::{Asks, NamedSeries, PanelKind, PanelView, ShownValue};
use crate::chart::axis::{self, Limits, ValueAxis};
use crate::chart::canvas::{Canvas, ROWS_PER_CELL};
use crate::chart::extent::{extent, last_samples, union};
use crate::chart::legend::{Entry, LegendView};
use crate::chart::plot::{Parts, time_axis_lines};
use crate::chart::scale::{ColumnRun, TimeScale, ValueScale};
use crate::chart::stack;
use crate::chart::time_axis::TimeAxis;
use crate::chart::trace::{Spans, Trace};
use crate::dashboard::LegendShow;
use crate::field::{Draw, Gaps, SeriesColor, Stack};
use crate::reduce::Reduce;
use crate::series::Grid;
use crate::text;
use crate::theme::Ink;

/// Series that one panel draws; the others are counted.
pub const SERIES_DRAWN_LIMIT: usize = 200;

/// Narrowest plot whose lines have letters: in narrower ones the letters would hide them.
const LETTERS_MIN_CELLS: u16 = 12;

/// Lines of the chart, its time axis included, that a legend leaves.
const CHART_MIN_LINES: u16 = 5;
/// Narrowest panel that has its legend at the right; in narrower ones it goes below.
const LEGEND_RIGHT_MIN_CELLS: u16 = 40;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "timeseries",
    about: "lines, bars or points over time, with axes and a legend",
    options: &["draw", "fill", "stack", "gaps", "legend"],
    min_size: (16, 4),
    natural_height: 12,
    asks: |_| Asks { instant: false, range: true },
    draw,
    values,
    at: Some(values_at),
};

/// One value a series: at the crosshair where there is one, else by the panel's reduce; for the default, its last sample, NaN included, or none when the
/// series has ended.
pub(super) fn current_values(view: &PanelView<'_>, series: &[NamedSeries<'_>]) -> Vec<Option<f64>> {
    if let Some(at_ms) = view.cursor_ms {
        return series.iter().map(|one| one.value_at(at_ms)).collect();
    }
    match view.panel.field.reduce {
        Reduce::Last => last_samples(series.iter().map(|one| (one.grid, one.values))),
        reduce => series.iter().map(|one| reduce.apply(one.values)).collect(),
    }
}

/// `value`, to which `reduce` has brought a series, as the panel shows it beside the series' name.
pub(super) fn figure(
    view: &PanelView<'_>,
    one: &NamedSeries<'_>,
    reduce: Reduce,
    value: Option<f64>,
    range: (f64, f64),
) -> String {
    // A count of bytes is no bytes.
    let field = one.field.reduced_by(reduce);
    let show = |value| field.show_at(Some(value), range, item::calendar(view)).text;
    value.map_or_else(|| "-".to_owned(), show)
}

/// What a series with this last value is drawn with.
pub(super) fn ink(one: &NamedSeries<'_>, last: Option<f64>) -> Ink {
    let color = match one.field.color {
        SeriesColor::Palette => None,
        SeriesColor::Fixed(color) => Some(color),
        SeriesColor::Thresholds => {
            let range = extent(one.values).unwrap_or_default();
            last.and_then(|last| one.field.threshold_color(last, range))
        }
    };
    color.map_or(Ink::Series(one.number), Ink::Fixed)
}

/// The extent of all series, for thresholds in percent.
pub(super) fn extent_of(series: &[NamedSeries<'_>]) -> Option<(f64, f64)> {
    series.iter().fold(None, |sum, one| union(sum, extent(one.values)))
}

pub(super) fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let series = view.named_series();
    let range = extent_of(&series).unwrap_or_default();
    let current = current_values(view, &series);
    let shown = |(one, value): (NamedSeries<'_>, Option<f64>)| ShownValue {
        text: figure(view, &one, one.field.reduce, value, range),
        name: one.name,
        value,
    };
    series.into_iter().zip(current).map(shown).collect()
}

/// The value of each series at `at_ms`: of its sample then, or of the one less than a step before.
pub(super) fn values_at(view: &PanelView<'_>, at_ms: i64) -> Vec<ShownValue> {
    let series = view.named_series();
    let range = extent_of(&series).unwrap_or_default();
    let shown = |one: NamedSeries<'_>| {
        let value = one.value_at(at_ms);
        ShownValue { text: figure(view, &one, Reduce::Last, value, range), name: one.name, value }
    };
    series.into_iter().map(shown).collect()
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let mut area = area.intersection(buffer.area);
    let series = view.named_series();
    if area.is_empty() || series.is_empty() {
        return;
    }
    let drawn = &series[..series.len().min(SERIES_DRAWN_LIMIT)];
    let left_out = series.len() - drawn.len();
    if left_out > 0 && area.height > 1 {
        area.height -= 1;
        let note = format!("… and {left_out} more series not drawn");
        text::put(buffer, area.x, area.bottom(), &note, area.width, view.theme.warning());
    }
    let data = extent_of(drawn);
    let area = draw_legend(view, (drawn, data.unwrap_or_default()), left_out, area, buffer);
    draw_chart(view, drawn, data, area, buffer);
}

/// Draws the legend of series with this range, if there is one and room for it; returns what is left for the chart.
fn draw_legend(
    view: &PanelView<'_>,
    (series, range): (&[NamedSeries<'_>], (f64, f64)),
    left_out: usize,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let options = &view.panel.options.legend;
    if options.show == LegendShow::Hidden || area.height <= CHART_MIN_LINES && !options.right {
        return area;
    }
    let is_right = options.right && area.width >= LEGEND_RIGHT_MIN_CELLS;
    let room = if is_right { area.height } else { area.height.saturating_sub(CHART_MIN_LINES) };
    // A table of a heading and "+9 more" would say less than a running line.
    let table_lines = room.min(area.height / 2);
    let has_room = table_lines > u16::from(!options.calcs.is_empty()) + u16::from(series.len() > 1);
    let is_table = is_right || options.show == LegendShow::Table && has_room;
    let entries = legend_entries(view, series, range, is_table);
    let headings: Vec<String> = match options.show {
        LegendShow::Table if is_table && view.cursor_ms.is_some() => vec!["at cursor".to_owned()],
        LegendShow::Table if is_table => options.calcs.iter().map(|calc| calc.name()).collect(),
        _ => Vec::new(),
    };
    let legend = LegendView { entries: &entries, left_out, headings: &headings, is_table };
    let (chart, place) = if is_right {
        let width = legend.width().min(area.width * 2 / 5);
        // The letter at the end of a line must not read as part of the legend.
        let gap = if view.theme.has_letters() { 2 } else { 1 };
        let chart = Rect { width: area.width - width - gap, ..area };
        (chart, Rect { x: chart.right() + gap, width, ..area })
    } else {
        let share = if is_table { table_lines } else { (area.height / 5).max(1) };
        let lines = legend.lines(area.width, room.min(share));
        let chart = Rect { height: area.height - lines, ..area };
        (chart, Rect { y: chart.bottom(), height: lines, ..area })
    };
    legend.draw(&view.theme, place, buffer);
    chart
}

fn legend_entries(
    view: &PanelView<'_>,
    series: &[NamedSeries<'_>],
    range: (f64, f64),
    is_table: bool,
) -> Vec<Entry> {
    let calcs = &view.panel.options.legend.calcs;
    let last = last_samples(series.iter().map(|one| (one.grid, one.values)));
    let figures = |one: &NamedSeries<'_>, last: Option<f64>| -> Vec<String> {
        if let Some(at_ms) = view.cursor_ms {
            return vec![figure(view, one, Reduce::Last, one.value_at(at_ms), range)];
        }
        if calcs.is_empty() {
            return vec![figure(view, one, Reduce::Last, last, range)];
        }
        let calcs = if is_table { &calcs[..] } else { &calcs[..1] };
        calcs.iter().map(|calc| figure(view, one, *calc, calc.apply(one.values), range)).collect()
    };
    let entry = |(owner, (one, last)): (usize, (&NamedSeries<'_>, Option<f64>))| Entry {
        name: one.name.clone(),
        owner,
        ink: ink(one, last),
        figures: figures(one, last),
    };
    series.iter().zip(last).enumerate().map(entry).collect()
}

fn draw_chart(
    view: &PanelView<'_>,
    series: &[NamedSeries<'_>],
    data: Option<(f64, f64)>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let field = &view.panel.field;
    let columns: Vec<(Grid, &[f64])> = series.iter().map(|one| (one.grid, one.values)).collect();
    let stacked = if is_stacked(series) { stack::tops(&columns) } else { None };
    let columns: Vec<(Grid, &[f64])> = match &stacked {
        Some((grid, tops)) => tops.iter().map(|top| (*grid, &top[..])).collect(),
        None => columns,
    };
    let limits = Limits {
        min: field.min,
        max: field.max,
        zero: stacked.is_some()
            || series.iter().any(|one| one.field.style.fill || one.field.style.draw == Draw::Bars),
    };
    let data = match &stacked {
        Some((_, tops)) => tops.iter().fold(None, |sum, top| union(sum, extent(top))),
        None => data,
    };
    let range = if data.is_some() { axis::range(data, limits, &field.unit) } else { None };
    let lines = area.height - time_axis_lines(area);
    let axis =
        range.map(|(low, high)| ValueAxis::new(axis::ticks(low, high, lines, &field.unit, field.decimals)));
    let parts = Parts::of(area, axis.as_ref().map_or(0, |axis| axis.width));
    let has_room = parts.plot.width >= LETTERS_MIN_CELLS && parts.plot.height > 1;
    let has_letters = view.theme.has_letters() && series.len() > 1 && has_room;
    let mut canvas =
        Canvas::new(parts.plot.width, parts.plot.height, view.theme.marker).lettered(has_letters);
    // Without a finite value there is no axis, but infinite samples still show at the edges.
    let (low, high) = range.unwrap_or((0.0, 1.0));
    let scale = ValueScale::new(low, high, canvas.rows());
    let time = TimeScale::new(view.span, canvas.columns());
    if let Some(axis) = axis.filter(|_| !parts.gutter.is_empty()) {
        axis.draw(&scale, ROWS_PER_CELL, &view.theme, parts.gutter, buffer);
    }
    let time_axis = TimeAxis {
        span: view.span,
        zone: view.zone,
        scale: time,
        columns_per_cell: Canvas::columns_per_cell(view.theme.marker),
        left: parts.gutter.width,
    };
    time_axis.draw(&view.theme, parts.time, buffer);
    let last = last_samples(series.iter().map(|one| (one.grid, one.values)));
    for (owner, (one, last)) in series.iter().zip(last).enumerate() {
        canvas.set_ink(owner as u16, ink(one, last));
    }
    draw_series(series, &columns, &time, (scale, scale.row(0.0_f64.clamp(low, high))), &mut canvas);
    canvas.paint(&view.theme, parts.plot, buffer);
    view.draw_crosshair(parts.plot, &time, buffer);
    if data.is_none() && !columns.iter().any(|(_, values)| values.iter().any(|value| value.is_infinite())) {
        let y = parts.plot.y + parts.plot.height / 2;
        let note = "every sample is NaN";
        let x = parts.plot.x + parts.plot.width.saturating_sub(note.len() as u16) / 2;
        text::put(buffer, x, y, note, parts.plot.right() - x, view.theme.dim());
    }
}

/// Whether series stand on each other: all of them do as soon as one does.
fn is_stacked(series: &[NamedSeries<'_>]) -> bool {
    series.iter().any(|one| one.field.style.stack != Stack::None)
}

/// Draws all series; `scale` comes with the row that areas and bars begin at.
fn draw_series(
    named: &[NamedSeries<'_>],
    series: &[(Grid, &[f64])],
    time: &TimeScale,
    (scale, base): (ValueScale, i32),
    canvas: &mut Canvas,
) {
    let is_stacked = is_stacked(named);
    let mut spans = Spans::new();
    // The series of one query share their grid.
    let mut columns: Option<(Grid, Vec<ColumnRun>)> = None;
    let mut each = |index: usize, draw: &mut dyn FnMut(&Trace<'_>)| {
        let (grid, values) = series[index];
        if columns.as_ref().is_none_or(|(other, _)| *other != grid) {
            columns = Some((grid, time.runs_of(&grid)));
        }
        let columns = columns.as_ref().map_or(&[][..], |(_, columns)| columns);
        let connect = named[index].field.style.gaps == Gaps::Connect;
        draw(&Trace { columns, values, scale, connect, owner: index as u16 });
    };
    // A higher area of a stack reaches down to the base: the lower ones are drawn over it.
    for index in (0..series.len()).rev() {
        let spacing = time.columns_per(&series[index].0);
        let style = named[index].field.style;
        match style.draw {
            Draw::Bars => each(index, &mut |trace| trace.bars(base, spacing, &mut spans, canvas)),
            _ if style.fill || is_stacked => {
                each(index, &mut |trace| trace.area(base, &mut spans, canvas));
            }
            _ => {}
        }
    }
    for (index, one) in named.iter().enumerate() {
        match one.field.style.draw {
            Draw::Bars => {}
            Draw::Lines => each(index, &mut |trace| trace.line(canvas)),
            Draw::Points => each(index, &mut |trace| trace.dots(canvas)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::range_fixture::{Fixture, arbitrary_values};
    use super::*;
    use ratatui::style::Color;

    use crate::dashboard::Legend;
    use crate::field::overrides::{FieldPatch, Override, SeriesMatch};
    use crate::series::ABSENT;
    use crate::theme::{ColorDepth, Marker, Rgb, Theme};
    use crate::unit::Unit;

    fn wave(count: usize, low: f64, high: f64, period: f64) -> Vec<f64> {
        (0..count).map(|i| low + (high - low) * (0.5 + 0.5 * (i as f64 / period).sin())).collect()
    }

    /// Three quantiles over a quarter of an hour; the second has a gap and a spike.
    fn quantiles() -> Fixture {
        let p50 = wave(180, 0.02, 0.3, 20.0);
        let mut p90 = wave(180, 0.4, 0.9, 33.0);
        p90[60..70].fill(f64::NAN);
        p90[120] = 2.4;
        let p99 = wave(180, 1.0, 2.2, 50.0);
        Fixture::new(&KIND, 5, &[("p50", &p50), ("p90", &p90), ("p99", &p99)])
    }

    #[test]
    fn a_chart_has_axes_and_a_legend() {
        assert_eq!(
            quantiles().drawn(58, 13),
            [
                "    │                    ⣀⣀⣀⣀⣀⣀⡀        ⡇",
                "2.00┤         ⣀⣀⠤⠤⠒⠒⠚c⠉⠉⠉      ⠈⠉⠉⠉⠉⠒⠒⠢⠤⣇⣀⡀",
                "    │  ⢀⣀⠤⠴⠒⠉⠉                          ⡇ ⠈⠉⠑⠒⠤⢄⣀",
                "    │⠒⠉⠁                                ⡇        ⠉⠑⠒⠤⢄⣀⡀",
                "    │                                   ⣿              ⠉⠙c",
                "1.00┤                                   ⣿",
                "    │  ⢀⣀⣀⠤⠤⠤⠒⠒⠒⠒⠒⠉b⠉⠉⠉  ⠐⠒⠒⠤⠤⠤⣀⣀⡀      ⣿",
                "    │⠉⠉⠁                         ⠉⠉⠉⠒⠒⠦⠤⠿⣀⣀⣀",
                "    │  ⢀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⡀                     ⠈⢉⣉⣉⣉⠭⠭⠭⠭⠭⠭⢭b⣉a",
                "0.00┤⠉⠉⠉             a⠉⠉⠒⠒⠢⠤⠤⠤⢄⣀⣀⣀⣀⡤⠤⠤⠤⠒⠒⠚⠉⠉⠁",
                "    └┬────────────────┬─────────────────┬─────────────────",
                "   17:00            17:05             17:10",
                "a p50 0.22  b p90 0.46  c p99 1.35"
            ]
        );
    }

    #[test]
    fn an_override_changes_its_series_alone() {
        let mut fixture = quantiles();
        let set = |set| Override { when: SeriesMatch::Name("p90".to_owned()), set };
        fixture.panel.overrides = vec![
            set(FieldPatch { hidden: Some(true), ..FieldPatch::default() }),
            set(FieldPatch { hidden: Some(false), ..FieldPatch::default() }),
            set(FieldPatch {
                display_name: Some("{{name}} of all".to_owned()),
                unit: Some(Unit::new("percentunit")),
                color: Some(SeriesColor::Fixed(Rgb(250, 200, 30))),
                ..FieldPatch::default()
            }),
        ];
        fixture.theme = Theme::TRUE_COLOR;
        let buffer = fixture.buffer(58, 13);
        let lines = crate::chart::picture(&buffer);
        assert_eq!(lines[12], "━ p50 0.22  ━ p90 of all 46.07%  ━ p99 1.35");
        let colors = |x: u16| buffer[(x, 12)].fg;
        assert_eq!(colors(12), Color::Rgb(250, 200, 30));
        assert_eq!(colors(33), Theme::TRUE_COLOR.series(2));
        let names: Vec<_> = (KIND.values)(&fixture.view()).into_iter().map(|shown| shown.name).collect();
        assert_eq!(names, ["p50", "p90 of all", "p99"]);
        // A hidden series leaves the colours of the others as they are.
        fixture.panel.overrides.truncate(1);
        let buffer = fixture.buffer(58, 13);
        assert_eq!(crate::chart::picture(&buffer)[12], "━ p50 0.22  ━ p99 1.35");
        assert_eq!(buffer[(12, 12)].fg, Theme::TRUE_COLOR.series(2));
    }

    #[test]
    fn what_is_small_loses_legend_then_times_then_values() {
        assert_eq!(
            quantiles().drawn(24, 6),
            [
                "2.00┤  ⣀⣀⠤⠤⠔⠒⠒⠒⠦⠤⢼⣀⡀",
                "    │⠚⠉⠁         ⢸ ⠉⠙⠒⠦c",
                "    │⣀⡤⠤⠤⠖⠒⠂⠤⠤⠤⣀⣀⣸",
                "0.00┤⠤⠔⠒⠒⠒⠢⠤⠤⣀⣀⣀⣀⠭⠭⠝⠛b⠛a",
                "   17:00       17:10",
                "a p50 0.22  +2 more"
            ]
        );
        assert_eq!(
            quantiles().drawn(24, 5),
            [
                "2.00┤  ⣀⣀⠤⠤⠔⠒⠒⠒⠦⠤⢼⣀⡀",
                "    │⠚⠉⠁         ⢸ ⠉⠙⠒⠦c",
                "    │⣀⡤⠤⠤⠖⠒⠂⠤⠤⠤⣀⣀⣸",
                "0.00┤⠤⠔⠒⠒⠒⠢⠤⠤⣀⣀⣀⣀⠭⠭⠝⠛b⠛a",
                "   17:00       17:10"
            ]
        );
        assert_eq!(
            quantiles().drawn(24, 3),
            ["2.00┤⢀⣀⡠⠤⠤⠒⠒⠒⠒⠒⠒⠲⢼⠤⣄⣀⡀", "    │⠉⢀⣀⣀⣀⣀⡀⣀⣀⡀  ⢸   ⠉⠉c", "0.00┤⠭⠭⠤⠤⠤⠤⠤⢄⣀⣉⣉⣉⡻⠶⠶⠶b⠶a"]
        );
        assert_eq!(quantiles().drawn(9, 3), ["⣀⡤⠖⠒⠒⢺⢤⣀", "⠁⣀⣀⣀⡀⢸ ⠈⠓", "⠭⠤⠤⢤⣉⣹⠶⠶⠶"]);
        assert_eq!(quantiles().drawn(24, 1), ["⣶⣶⣶⣶⣶⣭⣭⣭⣉⣭⣭⣭⣭⣭⣭⣽⣷⣶⣶⣶⣶⣶⣶⣶"]);
    }

    #[test]
    fn a_stack_adds_up_and_a_table_aligns() {
        let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0; 9]), ("b", &[2.0; 9]), ("c", &[1.0; 9])]);
        let fixture = fixture.style(|style| style.stack = Stack::Normal).options(|options| {
            options.legend.show = LegendShow::Table;
            options.legend.calcs = vec![Reduce::Last, Reduce::Max];
        });
        assert_eq!(
            fixture.drawn(28, 13),
            [
                "4.00┤⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍⢍c",
                "    │⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕",
                "    │⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝⢝b",
                "2.00┤⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕",
                "    │⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕",
                "    │⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕⣕a",
                "    │⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕",
                "0.00┤⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕⢕",
                "   17:00         17:05",
                "     last   max",
                "a a  1.00  1.00",
                "b b  2.00  2.00",
                "c c  1.00  1.00"
            ]
        );
    }

    #[test]
    fn a_count_in_a_legend_is_not_in_the_unit_of_what_it_counts() {
        let fixture = Fixture::new(&KIND, 60, &[("a", &[1024.0, 2048.0, 3072.0])]);
        let mut fixture = fixture.options(|options| {
            options.legend.show = LegendShow::Table;
            options.legend.calcs = vec![Reduce::Last, Reduce::Count, Reduce::DiffPercent, Reduce::AllIsZero];
        });
        fixture.panel.field.unit = Unit::new("bytes");
        assert_eq!(
            fixture.drawn(60, 9)[7..],
            ["         last  count  diffperc  allIsZero", "━ a  3.00 KiB      3   200.00%          0"]
        );
    }

    #[test]
    fn bars_stand_on_zero() {
        let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 4.0, ABSENT, 2.0, 3.0])]);
        let fixture = fixture.style(|style| style.draw = Draw::Bars);
        assert_eq!(
            fixture.drawn(24, 7),
            [
                "4.00┤  ⢸⣿⣿⣿⡇",
                "    │  ⢸⣿⣿⣿⡇         ⢰⣶⣶",
                "2.00┤  ⢸⣿⣿⣿⡇     ⣶⣶⣶⣶⢸⣿⣿",
                "    │⣤⣤⢸⣿⣿⣿⡇     ⣿⣿⣿⣿⢸⣿⣿",
                "0.00┤⣿⣿⢸⣿⣿⣿⡇     ⣿⣿⣿⣿⢸⣿⣿",
                "   17:00    17:02  17:04",
                "━ a 3.00"
            ]
        );
    }

    #[test]
    fn a_legend_at_the_right_leaves_the_chart_its_place() {
        let fixture = quantiles().options(|options| {
            options.legend = Legend { right: true, ..Legend::default() };
        });
        assert_eq!(
            fixture.drawn(44, 6),
            [
                "2.00┤    ⢀⣀⣠⠤⠤⠤⠤⠤⠤⠤⠤⠤⣀⣇⡀         a p50  0.22",
                "    │⠤⠔⠒⠉⠉            ⡇⠉⠙⠒⠦⢤⣀⡀   b p90  0.46",
                "    │                 ⡇      ⠉c  c p99  1.35",
                "    │⠤⠒⠒⠚⠉⠉⠉⠉⠉ ⠉⠑⠒⠒⠦⠤⢄⣇⣀⣀     b",
                "0.00┤⠴⠒⠒⠒⠒⠒⠒⠒⠲⠤⠤⢄⣀⣀⣀⣀⠤⠤⠴⠚⠛⠛⠛⠛⠛a",
                "   17:00   17:05    17:10"
            ]
        );
    }

    #[test]
    fn infinite_samples_show_at_the_edge_and_nan_says_so() {
        let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, f64::INFINITY, 2.0, f64::NEG_INFINITY, 1.0])]);
        assert_eq!(
            fixture.drawn(24, 5),
            ["2.00┤    ▲    ⠈", "1.50┤", "    │", "1.00┤⡀             ▼   ⢀", "   17:00    17:02  17:04"]
        );
        let fixture = Fixture::new(&KIND, 60, &[("a", &[f64::NAN; 5])]);
        assert_eq!(
            fixture.drawn(24, 6),
            ["", "", "  every sample is NaN", "", "17:00     17:02    17:04", "━ a NaN"]
        );
    }

    #[test]
    fn series_that_are_not_drawn_are_counted() {
        let names: Vec<String> = (0..SERIES_DRAWN_LIMIT + 30).map(|index| format!("s{index}")).collect();
        let series: Vec<(&str, &[f64])> = names.iter().map(|name| (&**name, &[1.0, 2.0][..])).collect();
        let drawn = Fixture::new(&KIND, 60, &series).drawn(40, 9);
        assert_eq!(drawn[7..], ["a s0 2.00  b s1 2.00  +228 more", "… and 30 more series not drawn"]);
    }

    #[test]
    fn plain_ascii_tells_series_apart() {
        let mut fixture = Fixture::new(&KIND, 60, &[("a", &wave(60, 0.0, 9.0, 9.0)), ("b", &[4.5; 60])]);
        fixture.theme = Theme { marker: Marker::Ascii, ..Theme::PLAIN };
        assert_eq!(
            fixture.drawn(40, 12),
            [
                "    |     *******",
                "    |   ***      **",
                "    |  **         **",
                "    | **           ***                **",
                "5.00+ooooooooooooooooooooooooooooooooooo",
                "    |                 **            **",
                "    |                  **         ***",
                "    |                    **      **",
                "0.00+                     ********",
                "    ++--------+-------+--------+--------",
                "   17:00    17:15   17:30    17:45",
                "* a 5.71  o b 4.50"
            ]
        );
        fixture.theme.depth = ColorDepth::True;
        assert_eq!(
            fixture.drawn(40, 8),
            [
                "    |    _.-'''-..",
                "    |  .'         '.",
                "5.00+_||___________||.________________||",
                "    |                 |_            .'",
                "    |                  '-.        .-'",
                "0.00+                     '.____.'",
                "   17:00    17:15   17:30    17:45",
                "- a 5.71  - b 4.50"
            ]
        );
    }

    #[test]
    fn values_are_the_last_samples() {
        let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 2.5]), ("b", &[1.0, f64::NAN])]);
        let values = values(&fixture.view());
        assert_eq!((&*values[0].name, values[0].value, &*values[0].text), ("a", Some(2.5), "2.50"));
        assert_eq!((values[1].value.map(f64::is_nan), &*values[1].text), (Some(true), "NaN"));
    }

    proptest! {
        #[test]
        fn no_size_and_no_value_is_too_odd(
            values in proptest::collection::vec(arbitrary_values(), 1..5),
            width in 0_u16..60,
            height in 0_u16..20,
            draw in proptest::sample::select(vec![Draw::Lines, Draw::Bars, Draw::Points]),
            stack: bool,
            fill: bool,
            table: bool,
            right: bool,
        ) {
            let series: Vec<(&str, &[f64])> = values.iter().map(|values| ("s\u{202e}\u{1b}[2J", &values[..])).collect();
            let fixture = Fixture::new(&KIND, 7, &series).style(|style| {
                style.draw = draw;
                style.fill = fill;
                style.stack = if stack { Stack::Normal } else { Stack::None };
            });
            let fixture = fixture.options(|options| {
                options.legend.show = if table { LegendShow::Table } else { LegendShow::List };
                options.legend.right = right;
            });
            fixture.check_stays_inside(width, height)?;
        }
    }
}
