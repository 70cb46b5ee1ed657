use proptest::prelude::*;

use super::super::range_fixture::{Fixture, arbitrary_values};
use super::*;
use crate::dashboard::Calculate;
use crate::series::Labels;
use crate::theme::Theme;

fn histogram(bounds: &[&str], at: impl Fn(usize, usize) -> f64, len: usize) -> Fixture {
    let rows: Vec<Vec<f64>> = (0..bounds.len()).map(|b| (0..len).map(|i| at(b, i)).collect()).collect();
    let series: Vec<(&str, &[f64])> = bounds.iter().copied().zip(rows.iter().map(|row| &row[..])).collect();
    let mut fixture = Fixture::new(&KIND, 15, &series);
    fixture.panel.field.decimals = None;
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
    assert_eq!(drawn[8], "0 ░▒▒▓▓▓▓█████ 5");
    assert_eq!(
        histogram(&BOUNDS, at, 20).drawn(32, 4),
        [
            "+Inf ████████ ██████████████████",
            "   1 ████████ ██████████████████",
            "0.25 ▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓",
            "   17:00      17:02     17:04 ×2"
        ]
    );
    assert_eq!(histogram(&BOUNDS, at, 20).drawn(12, 3), ["█████████", "█████████", "▓▓▓▓▓▓▓▓▓ ×2"]);
}

#[test]
fn a_missing_bucket_leaves_a_gap_and_the_next_has_what_it_held() {
    // 0.25 has no sample at point 1.
    let at = |bucket: usize, time: usize| if bucket == 2 && time == 1 { ABSENT } else { steps(bucket, time) };
    let fixture = histogram(&BOUNDS, at, 3);
    let picture = Picture::of(&fixture.view()).expect("series");
    let is_gap: Vec<bool> = picture.rows.iter().map(|row| is_absent(row.values[1])).collect();
    let gap = is_gap.iter().position(|gap| *gap).expect("a gap");
    assert_eq!(is_gap.iter().filter(|gap| **gap).count(), 1, "{is_gap:?}");
    let sum = |point: usize| -> f64 {
        picture.rows.iter().map(|row| row.values[point]).filter(|count| !is_absent(*count)).sum()
    };
    assert_eq!(Some(sum(1)), Some(steps(BOUNDS.len() - 1, 1)), "no observation is lost");
    assert!(picture.rows[gap + 1].values[1] > 0.0);
}

#[test]
fn a_bound_that_is_spelled_anew_stays_one_bucket() {
    // As after an upgrade of the server: each spelling has samples in its own half.
    let at = |bucket: usize, time: usize| match (bucket, time) {
        (0, 0) | (1, 1) => 3.0,
        (2, 0) | (3, 1) => 5.0,
        (4, _) => 9.0,
        _ => ABSENT,
    };
    let fixture = histogram(&["1", "1.0", "2", "2.0", "+Inf"], at, 2);
    let picture = Picture::of(&fixture.view()).expect("series");
    let rows: Vec<&[f64]> = picture.rows.iter().map(|row| &*row.values).collect();
    assert_eq!(rows, [&[3.0, 3.0][..], &[2.0, 2.0], &[4.0, 4.0]]);
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
fn buckets_of_a_query_that_wants_series_stay_cumulative_and_that_is_said() {
    let mut fixture = histogram(&BOUNDS, steps, 3);
    fixture.panel.queries[0].format = Some(crate::dashboard::QueryFormat::Series);
    fixture.panel.queries[0].legend = None;
    let shown: Vec<Option<f64>> = values(&fixture.view()).into_iter().map(|row| row.value).collect();
    assert_eq!(shown, [1.0, 3.0, 6.0, 10.0, 15.0, 15.0].map(Some), "sorted by bound, none subtracted");
    let drawn = fixture.drawn(70, 8);
    assert!(drawn[7].ends_with("rows are cumulative"), "{drawn:?}");
    assert!(fixture.drawn(70, 5)[4].ends_with("+2"), "{:?}", fixture.drawn(70, 5));
}

#[test]
fn cells_have_a_unit_and_decimals_of_their_own() {
    let shown = |fixture: &Fixture| -> Vec<String> {
        let at = KIND.at.expect("time is its x axis")(&fixture.view(), fixture.frame.grid.start_ms);
        values(&fixture.view())
            .into_iter()
            .take(1)
            .chain(at.into_iter().take(1))
            .map(|one| one.text)
            .collect()
    };
    let mut fixture = histogram(&BOUNDS, |bucket, _| 1024.0 * steps(bucket, 0), 3);
    fixture.panel.field.unit = Unit::new("s");
    fixture.panel.options.cell_unit = Some(Unit::new("bytes"));
    assert_eq!(shown(&fixture), ["1 KiB", "5 KiB"]);
    fixture.panel.options.cell_decimals = Some(2);
    assert_eq!(shown(&fixture), ["1.00 KiB", "5.00 KiB"]);
    let drawn = fixture.drawn(60, 9);
    assert_eq!(drawn[8], "0.00 B ░▒▒▓▓▓▓█████ 5.00 KiB");
    assert!(drawn[2].starts_with("   1 s "), "the bounds keep the panel's: {drawn:?}");
}

#[test]
fn series_without_le_are_rows_as_given() {
    let series: [(&str, &[f64]); 3] = [("one", &[1.0, 2.0]), ("two", &[3.0, 0.0]), ("three", &[5.0, 5.0])];
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

#[test]
fn more_buckets_than_lines_are_added_up_and_that_is_said() {
    let bounds: Vec<String> = (1..=20).map(|bound| bound.to_string()).collect();
    let bounds: Vec<&str> = bounds.iter().map(|bound| &**bound).collect();
    let fixture = histogram(&bounds, |bucket, _| (bucket + 1) as f64, 20);
    insta::assert_snapshot!(fixture.at(&[(48, 9), (48, 24)]));
}

#[test]
fn a_linear_scale_gives_the_middle_to_half_of_the_largest() {
    let fixture = histogram(&BOUNDS, steps, 20).options(|options| options.color_scale = ColorScale::Linear);
    let drawn = fixture.drawn(32, 9);
    assert_eq!(drawn[8], "0 ░░░▒▒▒▓▓▓███ 5");
    assert_eq!(drawn[5], " 0.1 ░░░░░░░░░░░░░░░░░░░░░░░░░░░");
}

#[test]
fn samples_are_counted_on_demand() {
    let wave: Vec<f64> = (0..80).map(|index| (f64::from(index) / 8.0).sin() * 10.0).collect();
    let ramp: Vec<f64> = (0..80).map(|index| f64::from(index) / 4.0 - 10.0).collect();
    let mut fixture = Fixture::new(&KIND, 15, &[("wave", &wave), ("ramp", &ramp)]);
    fixture.panel.field.decimals = None;
    let fixture = fixture.options(|options| options.calculate = Some(Calculate::default()));
    insta::assert_snapshot!(fixture.at(&[(64, 14), (30, 6)]));
    let picture = Picture::of(&fixture.view()).expect("series");
    let counted: f64 = picture.rows.iter().flat_map(|row| &row.values).filter(|count| !count.is_nan()).sum();
    assert_eq!(format!("{counted}"), "160");
}

/// What is said of the first sample when a reader has pointed at line `y` of the panel in this many lines.
fn pointed_at(fixture: &Fixture, y: usize, height: u16) -> Vec<String> {
    let area = Rect::new(3, 2, 32, height);
    let mut view = fixture.view();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 40));
    draw(&view, area, &mut buffer);
    let rows = view.series.lines.borrow().get(y).copied();
    view.series.pointed = rows;
    view.cursor_ms = Some(view.span.start_ms);
    draw(&view, area, &mut buffer);
    let plot = view.plot.get().expect("a plot");
    assert_eq!((plot.y, buffer[(plot.x - 1, plot.y + y as u16)].symbol()), (area.y, "▸"));
    let shown = values_at(&view, view.span.start_ms);
    shown.into_iter().map(|one| format!("{} {}", one.name, one.text)).collect()
}

#[test]
fn a_cell_tells_its_buckets_and_then_the_others() {
    let fixture = histogram(&BOUNDS, steps, 20);
    assert_eq!(pointed_at(&fixture, 3, 9), ["▸ 0.25–0.5 3", "1–2.5 5", "0.5–1 4", "0.1–0.25 2", "≤0.1 1"]);
    assert_eq!(pointed_at(&fixture, 0, 9)[0], "▸ >2.5 0", "empty, but asked for");
    // Two buckets a line, in halves of a cell or added up.
    let mut halves = histogram(&BOUNDS, steps, 20);
    halves.theme = Theme::TRUE_COLOR;
    assert_eq!(pointed_at(&halves, 1, 4)[..3], ["▸ 0.5–1 4", "▸ 0.25–0.5 3", "1–2.5 5"]);
    assert_eq!(pointed_at(&fixture, 1, 4)[..2], ["▸ 0.25–1 7", "1–2.5 5"]);
    assert_eq!(pointed_at(&fixture, 2, 4)[0], "▸ ≤0.25 3");
    // Rows that are no buckets have names.
    let series: [(&str, &[f64]); 2] = [("one", &[1.0, 2.0]), ("two", &[3.0, 0.0])];
    assert_eq!(pointed_at(&Fixture::new(&KIND, 60, &series), 0, 6), ["▸ one 1", "two 3"]);
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
        // Added up, a column still holds all that its histogram counts, in whole lines and in halves.
        for (height, can_halve) in (1..=rows as u16).flat_map(|height| [(height, false), (height, true)]) {
            let lines = Lines::of(&picture, height, &scale, can_halve);
            let room = usize::from(height) * if lines.halves { 2 } else { 1 };
            prop_assert!(lines.values.len() <= room && lines.left_out == 0);
            for time in 0..counts.len() {
                let sum: f64 = lines.values.iter().map(|(_, values)| values[time]).sum();
                let all: f64 = (0..rows).map(|bucket| count(time, bucket)).sum();
                prop_assert!((sum - all).abs() < 1e-6, "{} of {}", sum, all);
            }
        }
    }

    #[test]
    fn all_finite_samples_are_counted(
        values in arbitrary_values(),
        buckets in proptest::option::of(1_u32..300),
        size in proptest::option::of(1e-9..1e9_f64),
        interval_ms in proptest::option::of(1_i64..10_000_000),
        (width, height) in (0_u16..60, 0_u16..20),
    ) {
        let fixture = Fixture::new(&KIND, 7, &[("a", &values), ("b", &values)])
            .options(|options| options.calculate = Some(Calculate { buckets, size, interval_ms }));
        fixture.check_stays_inside(width, height)?;
        let picture = Picture::of(&fixture.view()).expect("series");
        let counted: f64 = picture.rows.iter().flat_map(|row| &row.values).filter(|count| !count.is_nan()).sum();
        let finite = 2 * values.iter().filter(|value| value.is_finite()).count();
        prop_assert!((counted - finite as f64).abs() < 0.5, "{counted} of {finite}");
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

#[test]
fn buckets_beyond_min_and_max_are_left_out_which_is_said() {
    let shown = |min: Option<f64>, max: Option<f64>| {
        let mut fixture = histogram(&BOUNDS, steps, 3);
        (fixture.panel.field.min, fixture.panel.field.max) = (min, max);
        let values = values(&fixture.view());
        values.iter().map(|row| row.name.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown(None, None), "0.1 0.25 0.5 1 2.5 +Inf");
    assert_eq!(shown(Some(0.25), None), "0.5 1 2.5 +Inf");
    // The bucket from 0.25 to 0.5 holds some of what lies below 0.3, and that from 1 to 2.5 some below 2.
    assert_eq!(shown(Some(0.3), Some(2.0)), "0.5 1 2.5");
    assert_eq!(shown(None, Some(1.0)), "0.1 0.25 0.5 1");
    assert_eq!(shown(Some(5.0), None), "+Inf");
    assert_eq!(shown(None, Some(0.01)), "0.1");
    assert_eq!(shown(Some(9.0), Some(1.0)), "");
    let mut fixture = histogram(&BOUNDS, steps, 20);
    (fixture.panel.field.min, fixture.panel.field.max) = (Some(0.25), Some(1.0));
    fixture.panel.field.decimals = Some(2);
    let view = fixture.view();
    let names = values_at(&view, fixture.frame.grid.end_ms()).into_iter().map(|row| row.name);
    assert_eq!(names.collect::<Vec<_>>(), ["0.50–1.00", "0.25–0.50"]);
    assert!(fixture.drawn(60, 9).join("\n").contains("4 buckets beyond min and max"));
}
