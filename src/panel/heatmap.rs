//! The panel type `heatmap`: how values spread over time, from the buckets of a histogram.
//!
//! Series with a label `le` are cumulative buckets. They are grouped by their other labels and sorted by bound;
//! each has the bucket below it subtracted, and the groups are added up. Series without it are rows as they are.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Asks, NamedSeries, PanelKind, PanelView, ShownValue};
use crate::chart::extent::{extent, union};
use crate::chart::heat::{self, HeatScale};
use crate::chart::label::labels;
use crate::chart::plot::Parts;
use crate::chart::scale::TimeScale;
use crate::chart::time_axis::TimeAxis;
use crate::series::{ABSENT, Grid, is_absent};
use crate::text;
use crate::unit::Unit;

/// Differences of buckets below this are noise of arithmetic (Grafana's `transformToHistogramOverTime`).
const COUNT_MIN: f64 = 1e-9;
/// Lines from which on the scale of colours has one.
const SCALE_FROM_LINES: u16 = 6;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "heatmap",
    about: "how values spread over time, from the buckets of a histogram",
    options: &[],
    min_size: (16, 4),
    natural_height: 12,
    asks: |_| Asks { instant: false, range: true },
    draw,
    values,
    at: Some(values_at),
};

/// One row of the picture.
struct Row {
    /// The bucket's upper bound, or the series' name.
    label: String,
    /// One value a grid point.
    values: Vec<f64>,
}

/// The labels that cumulative buckets of one histogram share, and those buckets: bound and values.
type Histograms<'a> = BTreeMap<Vec<(&'a str, &'a str)>, Vec<(f64, &'a [f64])>>;

/// The rows of the picture, lowest first, and what the reader should know about them.
struct Picture {
    grid: Grid,
    rows: Vec<Row>,
    /// Rows are buckets, so that neighbours may be added up.
    are_buckets: bool,
    notes: Vec<String>,
}

/// The values of `series` at the points of `grid`; `None` where its points are others.
fn on_grid(grid: Grid, series: &NamedSeries<'_>) -> Option<Vec<f64>> {
    let is_apart = (series.grid.start_ms - grid.start_ms).rem_euclid(grid.step_ms) != 0;
    if series.grid.step_ms != grid.step_ms || is_apart {
        return None;
    }
    let value = |index| {
        let own = series.grid.nearest(grid.time_ms(index))?;
        series.values.get(own).copied()
    };
    Some((0..grid.len).map(|index| value(index).unwrap_or(ABSENT)).collect())
}

impl Picture {
    fn of(view: &PanelView<'_>) -> Option<Self> {
        let series = view.named_series();
        let grid = series.first()?.grid;
        // The answers of one refresh come one by one: for a moment their windows are some steps apart.
        let moved: Vec<Option<Vec<f64>>> = series.iter().map(|one| on_grid(grid, one)).collect();
        let mut same = Vec::with_capacity(series.len());
        let mut other = 0;
        for (one, moved) in series.iter().zip(&moved) {
            match moved {
                None => other += 1,
                Some(values) => {
                    same.push(NamedSeries { grid, values, ..one.clone() });
                }
            }
        }
        let mut rows = if same.iter().any(|one| one.labels.get("le").is_some()) {
            Self::of_buckets(grid, &same, &view.panel.field.unit)
        } else {
            Self::of_series(grid, same)
        };
        if other > 0 {
            rows.notes.push(format!("{other} series of another step not drawn"));
        }
        Some(rows)
    }

    fn of_series(grid: Grid, mut series: Vec<NamedSeries<'_>>) -> Self {
        // Rows named by numbers lie in their order; others as given, the first on top.
        let number =
            |one: &NamedSeries<'_>| one.name.trim().parse::<f64>().ok().filter(|bound| !bound.is_nan());
        if series.iter().all(|one| number(one).is_some()) {
            series.sort_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(std::cmp::Ordering::Equal));
        } else {
            series.reverse();
        }
        let row = |one: NamedSeries<'_>| Row { values: one.values.to_vec(), label: one.name };
        Self { grid, rows: series.into_iter().map(row).collect(), are_buckets: false, notes: Vec::new() }
    }

    fn of_buckets(grid: Grid, series: &[NamedSeries<'_>], unit: &Unit) -> Self {
        let mut groups = Histograms::new();
        let mut unreadable = 0;
        for one in series {
            let bound = one.labels.get("le").and_then(|le| le.trim().parse::<f64>().ok());
            let Some(bound) = bound.filter(|bound| !bound.is_nan()) else {
                unreadable += 1;
                continue;
            };
            let key = one.labels.iter().filter(|(name, _)| *name != "le").collect();
            groups.entry(key).or_default().push((bound, one.values));
        }
        let mut counts: Vec<(f64, Vec<f64>)> = Vec::new();
        for group in groups.values_mut() {
            group.sort_by(|a, b| a.0.total_cmp(&b.0));
            add_group(group, grid.len, &mut counts);
        }
        counts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut notes = Vec::new();
        if groups.len() > 1 {
            notes.push(format!("{} histograms added up", groups.len()));
            let bounds =
                |group: &Vec<(f64, &[f64])>| group.iter().map(|(bound, _)| bound.to_bits()).collect();
            let mut all: Vec<Vec<u64>> = groups.values().map(bounds).collect();
            all.dedup();
            if all.len() > 1 {
                notes.push("their bounds differ".to_owned());
            }
        }
        if unreadable > 0 {
            notes.push(format!("{unreadable} series without a readable le not drawn"));
        }
        let bounds: Vec<f64> = counts.iter().map(|(bound, _)| *bound).collect();
        let rows = bound_labels(&bounds, unit).into_iter().zip(counts);
        let rows = rows.map(|(label, (_, values))| Row { label, values }).collect();
        Self { grid, rows, are_buckets: true, notes }
    }
}

/// Adds the counts of one histogram, whose cumulative buckets are sorted by bound, to `counts`. A point where a
/// bucket, or the one below it, has no sample is a gap, unless another histogram fills it.
fn add_group(group: &[(f64, &[f64])], len: usize, counts: &mut Vec<(f64, Vec<f64>)>) {
    let mut below: Option<&[f64]> = None;
    for (bound, values) in group {
        let index =
            counts.iter().position(|(other, _)| other.total_cmp(bound).is_eq()).unwrap_or_else(|| {
                counts.push((*bound, vec![ABSENT; len]));
                counts.len() - 1
            });
        for (point, sum) in counts[index].1.iter_mut().enumerate() {
            let at = |values: &[f64]| values.get(point).copied().unwrap_or(ABSENT);
            let difference = at(values) - below.map_or(0.0, at);
            if difference.is_finite() {
                let count = if difference < COUNT_MIN { 0.0 } else { difference };
                *sum = if is_absent(*sum) { count } else { *sum + count };
            }
        }
        below = Some(values);
    }
}

/// Bounds in the panel's unit, each exact.
fn bound_labels(bounds: &[f64], unit: &Unit) -> Vec<String> {
    let label = |bound: &f64| match *bound {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        bound => labels(&[bound], bound.abs() / 10.0, unit, None).concat(),
    };
    bounds.iter().map(label).collect()
}

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let Some(rows) = Picture::of(view) else { return Vec::new() };
    let shown = |row: Row| {
        let value = row.values.last().copied().filter(|value| !is_absent(*value));
        let text = value.map_or_else(|| "-".to_owned(), count_text);
        ShownValue { name: row.label, value, text }
    };
    rows.rows.into_iter().map(shown).collect()
}

/// What the rows hold at `at_ms`, the highest bucket first; those that are empty then are left out.
fn values_at(view: &PanelView<'_>, at_ms: i64) -> Vec<ShownValue> {
    let Some(picture) = Picture::of(view) else { return Vec::new() };
    let index = picture.grid.at_or_before(at_ms);
    let shown = |row: Row| {
        let value = index.and_then(|index| row.values.get(index).copied()).filter(|value| !is_absent(*value));
        let text = value.map_or_else(|| "-".to_owned(), count_text);
        ShownValue { name: row.label, value, text }
    };
    let all = picture.rows.into_iter().rev().map(shown);
    all.filter(|shown| !picture.are_buckets || shown.value.is_some_and(|value| value != 0.0)).collect()
}

/// A cell's value: a count, or whatever the query made of it; the panel's unit is that of the bounds.
fn count_text(count: f64) -> String {
    Unit::new("short").format(count, None)
}

/// Lines of the picture: each of one row, or of neighbours added up.
struct Lines {
    /// Lowest first; two a line of cells when `halves`.
    values: Vec<(String, Vec<f64>)>,
    halves: bool,
    left_out: usize,
}

impl Lines {
    /// Rows on `height` lines of cells and the columns of `scale`.
    fn of(rows: &Picture, height: u16, scale: &TimeScale, can_halve: bool) -> Self {
        let height = usize::from(height).max(1);
        let count = rows.rows.len();
        let columns = |row: &Row| heat::columns(&rows.grid, &row.values, scale);
        if count <= height || !rows.are_buckets {
            // Rows that are no buckets have nothing to be added up to; the first ones are kept, which lie on top.
            let left_out = count.saturating_sub(height);
            let values = rows.rows[left_out..].iter().map(|row| (row.label.clone(), columns(row)));
            return Self { values: values.collect(), halves: false, left_out };
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
        Self { values: merged.collect(), halves: can_halve, left_out: 0 }
    }
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    let Some(rows) = Picture::of(view).filter(|_| !area.is_empty()) else { return };
    let scale_lines = u16::from(area.height >= SCALE_FROM_LINES);
    let chart = Rect { height: area.height - scale_lines, ..area };
    let label_cells = rows.rows.iter().map(|row| text::width(&row.label)).max().unwrap_or(0);
    let label_cells = label_cells.min(usize::from(area.width / 3)) as u16;
    let parts = Parts::of(chart, label_cells + 1);
    let time = TimeScale::new(view.span, parts.plot.width);
    let lines = Lines::of(&rows, parts.plot.height, &time, heat::has_halves(&view.theme));
    let data = lines.values.iter().fold(None, |sum, (_, values)| union(sum, extent(values)));
    let scale = HeatScale::new(data.unwrap_or_default());
    draw_lines(view, &lines, &scale, parts, buffer);
    view.draw_crosshair(parts.plot, &time, buffer);
    TimeAxis { span: view.span, zone: view.zone, scale: time, columns_per_cell: 1, left: parts.gutter.width }
        .draw(&view.theme, parts.time, buffer);
    if scale_lines > 0 {
        let line = Rect { y: chart.bottom(), height: 1, ..area };
        let mut notes = rows.notes;
        if lines.left_out > 0 {
            notes.insert(0, format!("+{} more", lines.left_out));
        }
        let x = if data.is_some() { scale.draw(&count_text, &view.theme, line, buffer) + 2 } else { line.x };
        text::put(buffer, x, line.y, &notes.join(" · "), line.right().saturating_sub(x), view.theme.dim());
    }
}

fn draw_lines(view: &PanelView<'_>, lines: &Lines, scale: &HeatScale, parts: Parts, buffer: &mut Buffer) {
    let (plot, theme) = (parts.plot, &view.theme);
    let count = if lines.halves { lines.values.len().div_ceil(2) } else { lines.values.len() };
    let mut labels = Vec::new();
    for y in 0..usize::from(plot.height) {
        // Rows share the lines as evenly as whole lines allow.
        let line = y * count / usize::from(plot.height).max(1);
        let row_y = plot.bottom() - 1 - y as u16;
        let each = if lines.halves { 2 } else { 1 };
        let Some(lower) = lines.values.get(line * each) else { continue };
        let upper = lines.values.get(line * each + 1).filter(|_| lines.halves);
        for (index, x) in (plot.left()..plot.right()).enumerate() {
            let value = |row: &(String, Vec<f64>)| row.1.get(index).copied().unwrap_or(ABSENT);
            if lines.halves {
                let halves = (upper.map_or(ABSENT, value), value(lower));
                heat::draw_halves(halves, scale, theme, x, row_y, buffer);
            } else {
                heat::draw_cell(value(lower), scale, theme, x, row_y, buffer);
            }
        }
        // The label stands on the uppermost line of its row, where its bound is.
        if (y + 1) * count / usize::from(plot.height) != line {
            labels.push((row_y, upper.unwrap_or(lower).0.as_str()));
        }
    }
    if !parts.gutter.is_empty() {
        for (y, label) in labels {
            let width = text::width(label).min(usize::from(parts.gutter.width - 1)) as u16;
            text::put(buffer, parts.gutter.right() - 1 - width, y, label, width, theme.dim());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::range_fixture::{Fixture, arbitrary_values};
    use super::*;
    use crate::series::Labels;
    use crate::theme::Theme;

    fn histogram(bounds: &[&str], at: impl Fn(usize, usize) -> f64, len: usize) -> Fixture {
        let rows: Vec<Vec<f64>> = (0..bounds.len()).map(|b| (0..len).map(|i| at(b, i)).collect()).collect();
        let series: Vec<(&str, &[f64])> =
            bounds.iter().copied().zip(rows.iter().map(|row| &row[..])).collect();
        let mut fixture = Fixture::new(&KIND, 15, &series);
        let frame = std::sync::Arc::make_mut(&mut fixture.frame);
        for (series, bound) in frame.series.iter_mut().zip(bounds) {
            series.labels = Labels::from([("le", *bound)]);
        }
        fixture
    }

    const BOUNDS: [&str; 6] = ["+Inf", "0.1", "0.25", "0.5", "1", "2.5"];

    /// Cumulative counts of 1 in the first bucket, 2 in the second ..., none in the last.
    fn steps(bucket: usize, _: usize) -> f64 {
        [15.0, 1.0, 3.0, 6.0, 10.0, 15.0][bucket]
    }

    #[test]
    fn buckets_are_made_single_and_sorted_by_bound() {
        let fixture = histogram(&BOUNDS, steps, 3);
        let values = values(&fixture.view());
        let shown: Vec<(&str, Option<f64>)> = values.iter().map(|row| (&*row.name, row.value)).collect();
        let expected = [
            ("0.10", Some(1.0)),
            ("0.25", Some(2.0)),
            ("0.5", Some(3.0)),
            ("1", Some(4.0)),
            ("2.5", Some(5.0)),
            ("+Inf", Some(0.0)),
        ];
        assert_eq!(shown.iter().map(|row| row.1).collect::<Vec<_>>(), expected.map(|row| row.1));
        assert_eq!(shown.last().map(|row| row.0), Some("+Inf"));
    }

    #[test]
    fn gaps_are_blank_zero_is_not_and_labels_are_bounds() {
        let at = |bucket: usize, time: usize| if time == 6 { ABSENT } else { steps(bucket, time) };
        let drawn = histogram(&BOUNDS, at, 20).drawn(32, 9);
        assert_eq!(
            drawn[..8],
            [
                "+Inf ········ ··················",
                " 2.5 ████████ ██████████████████",
                "   1 ████████ ██████████████████",
                " 0.5 ████████ ██████████████████",
                "0.25 ▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓",
                " 0.1 ▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
                "     ▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
                "   17:00      17:02      17:04",
            ]
        );
        assert_eq!(drawn[8], format!("{} ░▒▒▓▓▓▓█████ {}", count_text(0.0), count_text(5.0)));
        assert_eq!(
            histogram(&BOUNDS, at, 20).drawn(32, 4),
            [
                "+Inf ████████ ██████████████████",
                "   1 ████████ ██████████████████",
                "0.25 ▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓",
                "   17:00      17:02      17:04"
            ]
        );
        assert_eq!(histogram(&BOUNDS, at, 20).drawn(12, 3), ["████████████", "████████████", "▓▓▓▓▓▓▓▓▓▓▓▓"]);
    }

    #[test]
    fn a_missing_bucket_leaves_a_gap_in_itself_and_above() {
        // 0.25 has no sample at point 1: neither its count nor that of 0.5 is known there.
        let at =
            |bucket: usize, time: usize| if bucket == 2 && time == 1 { ABSENT } else { steps(bucket, time) };
        let fixture = histogram(&BOUNDS, at, 3);
        let picture = Picture::of(&fixture.view()).expect("series");
        let is_gap: Vec<bool> = picture.rows.iter().map(|row| is_absent(row.values[1])).collect();
        assert_eq!(is_gap, [false, true, true, false, false, false]);
    }

    #[test]
    fn histograms_of_other_labels_are_made_single_before_they_are_added_up() {
        let mut fixture = histogram(&["1", "2", "1", "+Inf"], |bucket, _| [3.0, 4.0, 10.0, 30.0][bucket], 2);
        let frame = std::sync::Arc::make_mut(&mut fixture.frame);
        for (series, pod) in frame.series.iter_mut().zip(["a", "a", "b", "b"]) {
            let le = series.labels.get("le").unwrap_or_default().to_owned();
            series.labels = Labels::from([("le", &*le), ("pod", pod)]);
        }
        let picture = Picture::of(&fixture.view()).expect("series");
        let counts: Vec<f64> = picture.rows.iter().map(|row| row.values[0]).collect();
        assert_eq!(counts, [13.0, 1.0, 20.0]);
        assert_eq!(picture.notes, ["2 histograms added up", "their bounds differ"]);
    }

    #[test]
    fn series_without_le_are_rows_as_given() {
        let series: [(&str, &[f64]); 3] =
            [("one", &[1.0, 2.0]), ("two", &[3.0, 0.0]), ("three", &[5.0, 5.0])];
        assert_eq!(
            Fixture::new(&KIND, 60, &series).drawn(20, 5),
            [
                "  one ▒▒▒▒▒▒▒▓▓▓▓▓▓▓",
                "  two ███████·······",
                "three ██████████████",
                "      ██████████████",
                "    17:00      17:01"
            ]
        );
        let numbers: [(&str, &[f64]); 2] = [("10", &[1.0, 2.0]), ("9", &[3.0, 0.0])];
        assert_eq!(
            Fixture::new(&KIND, 60, &numbers).drawn(20, 3),
            ["10 ▓▓▓▓▓▓▓▓█████████", " 9 ████████·········", "   ████████·········"]
        );
    }

    #[test]
    fn half_cells_hold_two_buckets_each_with_its_colour() {
        let mut fixture = histogram(&BOUNDS, steps, 9);
        fixture.theme = Theme::TRUE_COLOR;
        let buffer = fixture.buffer(20, 3);
        let scale = HeatScale::new((0.0, 5.0));
        let color = |count: f64| fixture.theme.heat(scale.ratio(count));
        let colors: Vec<_> = (0..3).map(|y| (buffer[(10, y)].fg, buffer[(10, y)].bg)).collect();
        assert_eq!(colors[1..], [(color(4.0), color(3.0)), (color(2.0), color(1.0))]);
        assert_eq!(colors[0].1, color(5.0));
    }

    proptest! {
        #[test]
        fn cells_are_the_counts(
            counts in proptest::collection::vec(proptest::collection::vec(0_u32..1_000, 1..6), 1..20),
        ) {
            let rows = counts.iter().map(Vec::len).max().unwrap_or(0);
            let count = |time: usize, bucket: usize| f64::from(counts[time].get(bucket).copied().unwrap_or(0));
            let bounds: Vec<String> = (1..=rows).map(|bound| bound.to_string()).collect();
            let bounds: Vec<&str> = bounds.iter().map(|bound| &**bound).collect();
            let cumulative = |bucket: usize, time: usize| (0..=bucket).map(|below| count(time, below)).sum();
            let fixture = histogram(&bounds, cumulative, counts.len());
            let picture = Picture::of(&fixture.view()).expect("series");
            let scale = TimeScale::new(fixture.view().span, counts.len() as u16);
            let lines = Lines::of(&picture, rows as u16, &scale, false);
            prop_assert_eq!(lines.values.len(), rows);
            for (bucket, (_, values)) in lines.values.iter().enumerate() {
                for (time, value) in values.iter().enumerate() {
                    prop_assert!((value - count(time, bucket)).abs() < 1e-9);
                }
            }
        }

        #[test]
        fn no_size_and_no_value_is_too_odd(
            values in proptest::collection::vec(arbitrary_values(), 1..9),
            width in 0_u16..60,
            height in 0_u16..20,
            has_le: bool,
            has_color: bool,
        ) {
            let bounds = ["1", "+Inf", "0.5", "x", "-1e300", "NaN", "0.5", "1e-300"];
            let series: Vec<(&str, &[f64])> = bounds.iter().zip(&values).map(|(le, values)| (*le, &values[..])).collect();
            let mut fixture = Fixture::new(&KIND, 7, &series);
            if has_le {
                let frame = std::sync::Arc::make_mut(&mut fixture.frame);
                for series in &mut frame.series {
                    let le = series.labels.get("name").unwrap_or_default().to_owned();
                    series.labels = Labels::from([("le", &*le)]);
                }
            }
            if has_color {
                fixture.theme = Theme::TRUE_COLOR;
            }
            fixture.check_stays_inside(width, height)?;
        }
    }
}
