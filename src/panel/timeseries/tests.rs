//! Charts as they look.

use proptest::prelude::*;

use super::*;
use crate::panel::range_fixture::{Fixture, START_MS, arbitrary_values};

use ratatui::style::Color;

use crate::chart::canvas::area_style;
use crate::chart::dots::BITS;
use crate::dashboard::{Legend, LegendShow, LegendSort};
use crate::field::SeriesColor;
use crate::field::overrides::{FieldPatch, Override, SeriesMatch};
use crate::field::{AxisScale, Interpolation, ThresholdStep, Thresholds};
use crate::panel::marks::Mark;
use crate::series::ABSENT;
use crate::series::Labels;
use crate::theme::{Ink, Marker, Rgb, Theme};
use crate::time_range::Span;
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
            "c p99 1.35  +2"
        ]
    );
    assert_eq!(
        quantiles().drawn(24, 5),
        [
            "2.00┤  ⣀⣀⠤⠤⠔⠒⠒⠒⠦⠤⢼⣀⡀",
            "    │⠚⠉⠁         ⢸ ⠉⠙⠒⠦c",
            "    │⣀⡤⠤⠤⠖⠒⠂⠤⠤⠤⣀⣀⣸",
            "0.00┤⠤⠔⠒⠒⠒⠢⠤⠤⣀⣀⣀⣀⠭⠭⠝⠛b⠛a",
            "   17:00       17:10  +3"
        ]
    );
    insta::assert_snapshot!(quantiles().drawn(24, 3).join("\n"));
    assert_eq!(quantiles().drawn(9, 3), ["⣀⡤⠖⠒⠒⢺⢤⣀", "⠁⣀⣀⣀⡀⢸ ⠈⠓", "⠭⠤⠤⢤⣉⣹⠶⠶⠶"]);
    insta::assert_snapshot!(quantiles().drawn(24, 1).join("\n"));
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
        ["2.00┤    ▲    ⠈", "    │", "    │", "1.00┤⡀             ▼   ⢀", "   17:00    17:02      a"]
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

/// The last row of the second series is read on the right axis, in bytes.
fn two_axes() -> Fixture {
    let mut fixture = Fixture::new(&KIND, 60, &[("load", &[1.0, 2.0, 4.0]), ("memory", &[2e9, 1e9, 3e9])]);
    fixture.panel.overrides = vec![Override {
        when: SeriesMatch::Name("memory".to_owned()),
        set: FieldPatch {
            axis: Some(AxisSide::Right),
            unit: Some(Unit::new("bytes")),
            ..FieldPatch::default()
        },
    }];
    fixture
}

#[test]
fn a_second_axis_has_its_own_unit_range_and_ticks() {
    insta::assert_snapshot!(two_axes().drawn(44, 12).join("\n"));
    // It goes before the first, and the series stay.
    insta::assert_snapshot!(two_axes().drawn(20, 6).join("\n"));
    // Alone it is the only one.
    let mut fixture = two_axes();
    fixture.panel.queries[0].axis = Some(AxisSide::Right);
    insta::assert_snapshot!(fixture.drawn(30, 6).join("\n"));
}

#[test]
fn shares_come_to_a_hundred_percent_and_the_legend_keeps_the_values() {
    let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 6.0, 3.0]), ("b", &[3.0, 2.0, 3.0])]);
    let fixture = fixture.style(|style| style.stack = Stack::Percent);
    insta::assert_snapshot!(fixture.drawn(30, 9).join("\n"));
}

#[test]
fn only_those_that_stack_stand_on_each_other() {
    let mut fixture = Fixture::new(&KIND, 60, &[("a", &[1.0; 3]), ("b", &[2.0; 3]), ("limit", &[5.0; 3])]);
    fixture.panel.field.style.stack = Stack::Normal;
    fixture.panel.overrides = vec![Override {
        when: SeriesMatch::Name("limit".to_owned()),
        set: FieldPatch { stack: Some(Stack::None), ..FieldPatch::default() },
    }];
    insta::assert_snapshot!(fixture.drawn(30, 8).join("\n"));
}

#[test]
fn cells_of_a_stack_have_the_colour_of_the_thickest_layer_in_them() {
    // On 48 rows of dots: 4, less than one, and the rest up to 44.
    let thin: (&[f64], &[f64], &[f64]) = (&[8.0; 9], &[0.4; 9], &[80.0; 9]);
    for draw in [Draw::Lines, Draw::Bars] {
        let series = [("programs", thin.0), ("buffers", thin.1), ("cache", thin.2)];
        let mut fixture = Fixture::new(&KIND, 60, &series);
        fixture = fixture.style(|style| (style.stack, style.draw) = (Stack::Normal, draw));
        (fixture.panel.field.min, fixture.panel.field.max) = (Some(0.0), Some(96.0));
        fixture.theme = Theme::TRUE_COLOR;
        let buffer = fixture.buffer(40, 14);
        let of = |number: usize, y: u16| {
            let ink = Ink::Series(number);
            let inks = [Some(fixture.theme.ink(ink)), area_style(&fixture.theme, ink).fg];
            (8..38)
                .filter(|x| inks.contains(&Some(buffer[(*x, y)].fg)) && buffer[(*x, y)].symbol() != " ")
                .count()
        };
        let rows = |number: usize| (0..13).filter(|y| of(number, *y) > 20).count();
        assert_eq!((rows(0), rows(1)), (1, 0), "{draw:?}\n{}", fixture.drawn(40, 14).join("\n"));
        assert!((9..=11).contains(&rows(2)), "{draw:?}: {}", rows(2));
    }
}

#[test]
fn bars_do_not_stand_on_lines() {
    let set = |set: FieldPatch| {
        let mut fixture = Fixture::new(&KIND, 60, &[("a", &[1.0; 3]), ("b", &[2.0; 3]), ("c", &[5.0; 3])]);
        fixture.panel.field.style.stack = Stack::Normal;
        fixture.panel.overrides = vec![Override { when: SeriesMatch::Name("b".to_owned()), set }];
        let view = fixture.view();
        let series = view.named_series();
        let columns = columns(&series, &[None, None, None]);
        columns.iter().map(|column| column.values[0]).collect::<Vec<_>>()
    };
    assert_eq!(set(FieldPatch::default()), [1.0, 3.0, 8.0]);
    assert_eq!(set(FieldPatch { draw: Some(Draw::Bars), ..FieldPatch::default() }), [1.0, 2.0, 6.0]);
    let steps = FieldPatch { interpolation: Some(Interpolation::StepAfter), ..FieldPatch::default() };
    assert_eq!(set(steps), [1.0, 2.0, 6.0]);
    assert_eq!(set(FieldPatch { axis: Some(AxisSide::Right), ..FieldPatch::default() }), [1.0, 2.0, 6.0]);
}

#[test]
fn a_mirrored_series_lies_below_zero_and_keeps_its_value() {
    let mut fixture = Fixture::new(&KIND, 60, &[("in", &[4.0, 2.0, 3.0]), ("out", &[1.0, ABSENT, 3.0])]);
    fixture.panel.field.style.fill = true;
    fixture.panel.overrides = vec![Override {
        when: SeriesMatch::Name("out".to_owned()),
        set: FieldPatch { negative_y: Some(true), ..FieldPatch::default() },
    }];
    insta::assert_snapshot!(fixture.drawn(30, 9).join("\n"));
}

#[test]
fn a_log_axis_says_what_has_no_place_on_it() {
    let fixture = Fixture::new(&KIND, 60, &[("a", &[0.01, 1.0, 0.0, 900.0, -3.0, 20.0])]);
    let fixture = fixture.style(|style| style.scale = AxisScale::Log10);
    insta::assert_snapshot!(fixture.drawn(40, 10).join("\n"));
    let fixture = fixture.style(|style| style.scale = AxisScale::Symlog);
    insta::assert_snapshot!(fixture.drawn(40, 10).join("\n"));
    let nothing = Fixture::new(&KIND, 60, &[("a", &[0.0, -1.0])]);
    let nothing = nothing.style(|style| style.scale = AxisScale::Log2);
    insta::assert_snapshot!(nothing.drawn(60, 7).join("\n"));
}

#[test]
fn what_lies_beyond_hard_limits_leaves_signs_and_soft_ones_give_way() {
    let mut fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 2.0, 30.0, 2.0, -5.0, 1.0])]);
    (fixture.panel.field.min, fixture.panel.field.max) = (Some(0.0), Some(4.0));
    insta::assert_snapshot!(fixture.drawn(40, 6).join("\n"));
    (fixture.panel.field.min, fixture.panel.field.max) = (None, None);
    (fixture.panel.field.soft_min, fixture.panel.field.soft_max) = (Some(0.0), Some(100.0));
    insta::assert_snapshot!(fixture.drawn(40, 6).join("\n"));
}

#[test]
fn thresholds_lie_behind_the_series() {
    let mut fixture = quantiles();
    let step = |at, color| ThresholdStep { at, color };
    fixture.panel.field.thresholds.steps =
        vec![step(f64::NEG_INFINITY, Rgb(115, 191, 105)), step(1.5, Rgb(242, 73, 92))];
    fixture.panel.field.style.thresholds = ThresholdsStyle::Line;
    insta::assert_snapshot!(fixture.drawn(40, 9).join("\n"));
    fixture.panel.field.style.thresholds = ThresholdsStyle::Area;
    fixture.theme = Theme::TRUE_COLOR;
    let buffer = fixture.buffer(40, 9);
    let grounds: Vec<Color> = (0..7).map(|y| buffer[(39, y)].bg).collect();
    assert!(grounds[0] == grounds[1] && grounds[5] == grounds[6] && grounds[0] != grounds[6], "{grounds:?}");
    assert_eq!(buffer[(2, 0)].bg, Color::Reset, "not behind labels");
}

#[test]
fn steps_hold() {
    let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 4.0, 2.0, 3.0])]);
    let fixture = fixture.style(|style| style.interpolation = Interpolation::StepAfter);
    insta::assert_snapshot!(fixture.drawn(24, 6).join("\n"));
}

#[test]
fn one_sample_and_constants_are_seen() {
    insta::assert_snapshot!(Fixture::new(&KIND, 60, &[("a", &[7.0]), ("b", &[7.0])]).drawn(24, 6).join("\n"));
    let constant = Fixture::new(&KIND, 60, &[("a", &[ABSENT, 7.0, ABSENT]), ("b", &[0.0; 3])]);
    insta::assert_snapshot!(constant.drawn(24, 6).join("\n"));
}

#[test]
fn a_legend_is_sorted_by_name_or_figure() {
    let series: [(&str, &[f64]); 4] =
        [("b", &[1.0, 9.0]), ("d", &[f64::NAN]), ("a", &[5.0, 2.0]), ("c", &[3.0, 3.0])];
    let sorted = |by, is_descending| {
        let fixture = Fixture::new(&KIND, 60, &series).options(|options| {
            options.legend.calcs = vec![Reduce::Max];
            options.legend.sort = Some(LegendSort { by, is_descending });
        });
        fixture.drawn(60, 9)[8].clone()
    };
    assert_eq!(sorted(None, false), "c a 5.00  a b 9.00  d c 3.00  b d -");
    assert_eq!(sorted(Some(Reduce::Max), true), "a b 9.00  c a 5.00  d c 3.00  b d -");
    assert_eq!(sorted(Some(Reduce::Min), false), "a b 9.00  c a 5.00  d c 3.00  b d -");
}

#[test]
fn a_legend_without_room_for_all_names_the_largest() {
    let names: Vec<String> = (0..9).map(|index| format!("series-{index}")).collect();
    let values: Vec<[f64; 2]> = (0..9).map(|index| [9.0 - f64::from(index), f64::from(index % 5)]).collect();
    let series: Vec<(&str, &[f64])> =
        names.iter().zip(&values).map(|(name, two)| (&**name, &two[..])).collect();
    let fixture = Fixture::new(&KIND, 60, &series);
    assert_eq!(fixture.drawn(50, 9)[8], "e series-4 4.00  d series-3 3.00  +7 more");
    let calcs = fixture.options(|options| options.legend.calcs = vec![Reduce::Max]);
    assert_eq!(calcs.drawn(50, 9)[8], "a series-0 9.00  b series-1 8.00  +7 more");
    let table = calcs.options(|options| {
        options.legend.show = LegendShow::Table;
        options.legend.calcs = vec![Reduce::Min];
    });
    let drawn = table.drawn(50, 12);
    assert!(drawn[7].starts_with("f series-5") || drawn[7].starts_with("e series-4"), "{drawn:?}");
    let alike: [(&str, &[f64]); 3] = [("one", &[1.0, 0.0]), ("two", &[2.0, 0.0]), ("three", &[3.0, 0.0])];
    assert_eq!(Fixture::new(&KIND, 60, &alike).drawn(24, 9)[8], "c three 0.00  +2");
    let sorted = table.options(|options| {
        options.legend =
            Legend { sort: Some(LegendSort { by: None, is_descending: false }), ..Legend::default() };
    });
    assert_eq!(sorted.drawn(50, 9)[8], "a series-0 0.00  b series-1 1.00  +7 more");
    let all = sorted.options(|options| options.legend = Legend::default());
    assert!(all.drawn(400, 9)[8].starts_with("a series-0 0.00  b series-1"), "with room in their order");
}

#[test]
fn a_running_line_tells_of_all_its_figures() {
    let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 2.0]), ("b", &[3.0, 4.0])]);
    let fixture = fixture.options(|options| options.legend.calcs = vec![Reduce::Min, Reduce::Mean]);
    assert_eq!(fixture.drawn(60, 9)[8], "a a min 1.00 mean 1.50  b b min 3.00 mean 3.50");
}

#[test]
fn hidden_series_leave_axis_and_names_but_not_their_colours() {
    let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 2.0]), ("b", &[900.0, 800.0]), ("c", &[2.0, 1.0])]);
    let marks = [(0, false), (1, true), (2, false)].map(|(number, is_hidden)| Mark { number, is_hidden });
    let drawn = |marks: &[Mark], width: u16, height: u16| {
        let mut view = fixture.view();
        view.series.marks = vec![(marks, &[])];
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        (KIND.draw)(&view, buffer.area, &mut buffer);
        (crate::chart::picture(&buffer).join("\n"), view.series.places.into_inner())
    };
    let (text, places) = drawn(&marks, 30, 8);
    insta::assert_snapshot!(text);
    let names: Vec<_> = places
        .iter()
        .map(|place| place.series.as_ref().and_then(|(_, labels)| labels.get("name")).unwrap_or("hidden"))
        .collect();
    assert_eq!(names, ["a", "c", "hidden"]);
    // Where there is no room for a legend too.
    insta::assert_snapshot!(drawn(&marks, 30, 5).0);
    insta::assert_snapshot!(drawn(&marks, 30, 3).0);
    let all = marks.map(|mark| Mark { is_hidden: true, ..mark });
    insta::assert_snapshot!(drawn(&all, 30, 8).0);
}

#[test]
fn names_by_labels_alone_leave_out_what_is_common() {
    let mut fixture = Fixture::new(&KIND, 60, &[("a", &[1.0]), ("b", &[2.0]), ("b", &[3.0])]);
    fixture.panel.queries[0].legend = Some("__auto".to_owned());
    let names = |fixture: &Fixture, sets: [Labels; 3]| -> String {
        let mut frame = (*fixture.frame).clone();
        for (series, labels) in frame.series.iter_mut().zip(sets) {
            series.labels = labels;
        }
        let mut view = fixture.view();
        view.targets[0].range = Some(&frame);
        view.named_series().into_iter().map(|one| one.name).collect::<Vec<_>>().join(" | ")
    };
    let of = |path: &str, code: &str| Labels::from([("job", "api"), ("path", path), ("code", code)]);
    assert_eq!(names(&fixture, [of("/", "200"), of("/a", "200"), of("/b", "200")]), "/ | /a | /b");
    assert_eq!(
        names(&fixture, [of("/", "200"), of("/", "500"), of("/b", "200")]),
        r#"{code="200", path="/"} | {code="500", path="/"} | {code="200", path="/b"}"#
    );
    // Namesakes are numbered.
    fixture.panel.queries[0].legend = Some("{{path}}".to_owned());
    assert_eq!(names(&fixture, [of("/", "200"), of("/b", "200"), of("/", "500")]), "/ 1 | /b | / 2");
    // One series says all of its labels, one without any the query.
    fixture.panel.queries[0].legend = Some("__auto".to_owned());
    let one = |labels: Labels| {
        let mut frame = (*fixture.frame).clone();
        frame.series.truncate(1);
        frame.series[0].labels = labels;
        let mut view = fixture.view();
        view.targets[0].range = Some(&frame);
        view.named_series()[0].name.clone()
    };
    assert_eq!(one(Labels::from([("__name__", "up"), ("job", "a")])), r#"{__name__="up", job="a"}"#);
    assert_eq!(one(Labels::from([("job", "a")])), "a");
    assert_eq!(one(Labels::default()), "up");
}

/// The dots of a column of braille, from the top; a sign at the edge stands for all of its cell.
fn dots(buffer: &Buffer, plot: Rect, column: u16) -> Vec<bool> {
    let of = |y: u16| {
        let symbol = buffer[(plot.x + column / 2, y)].symbol().chars().next().unwrap_or(' ');
        let bits = u32::from(symbol).wrapping_sub(0x2800);
        let is_sign = matches!(symbol, '▲' | '▼');
        let column = BITS[usize::from(column % 2)];
        column.map(|bit| is_sign || bits < 0x100 && bits & u32::from(bit) != 0)
    };
    (plot.top()..plot.bottom()).flat_map(of).collect()
}

proptest! {
    /// On every axis: each column of the line holds the least and the largest of its samples, or a sign where these
    /// lie beyond it; every label of an axis is whole.
    #[test]
    fn lines_lose_nothing_and_labels_are_whole(
        values in proptest::collection::vec(prop_oneof![
            6 => -100.0..1e4_f64, 3 => 1e-4..10.0_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(0.0),
        ], 1..300),
        (width, height) in (1_u16..90, 1_u16..30),
        scale in proptest::sample::select(vec![AxisScale::Linear, AxisScale::Log2, AxisScale::Log10, AxisScale::Symlog]),
        side in proptest::sample::select(vec![AxisSide::Left, AxisSide::Right]),
        interpolation in proptest::sample::select(vec![Interpolation::Linear, Interpolation::StepAfter, Interpolation::StepBefore]),
        (negative_y, has_max, step_s) in (any::<bool>(), any::<bool>(), 1_i64..5_000),
        unit in proptest::sample::select(vec!["", "s", "bytes", "percentunit"]),
    ) {
        let mut fixture = Fixture::new(&KIND, step_s, &[("a", &values)]).style(|style| {
            (style.scale, style.axis, style.interpolation) = (scale, side, interpolation);
            style.negative_y = negative_y;
        });
        fixture.panel.field.max = has_max.then_some(50.0);
        fixture.panel.field.unit = Unit::new(unit);
        let view = fixture.view();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        (KIND.draw)(&view, buffer.area, &mut buffer);
        let plot = view.plot.get().expect("a plot");
        let series = view.named_series();
        let extents = [extent(series[0].values)];
        let columns = columns(&series, &extents);
        let axis = Axis::of(side, view.panel, &series, &columns, &extents).expect("an axis");
        let (scale, _) = axis.scale(plot.height * ROWS_PER_CELL);
        let runs = TimeScale::new(view.span, plot.width * 2).runs_of(&columns[0].grid);
        for run in runs {
            let held = columns[0].values[run.start..run.end].iter().filter(|value| !value.is_nan());
            let rows: Vec<i32> = held.map(|value| scale.row(*value)).collect();
            let dots = dots(&buffer, plot, run.column as u16);
            for row in [rows.iter().min(), rows.iter().max()].into_iter().flatten() {
                let row = (*row).clamp(0, dots.len() as i32 - 1) as usize;
                prop_assert!(dots[row], "column {} row {} in {:#?}", run.column, row, crate::chart::picture(&buffer));
            }
        }
        // What stands in the gutter is labels of ticks, whole; likewise below.
        let lines = plot.height;
        let labels: Vec<String> = axis
            .range
            .map(|(low, high)| match axis.field.style.scale {
                AxisScale::Linear => crate::chart::axis::ticks(low, high, lines, &view.panel.field.unit, Some(2)),
                kind => crate::chart::log::ticks(kind, low, high, lines, &view.panel.field.unit, Some(2)),
            })
            .into_iter().flatten().map(|tick| tick.label).collect();
        let cells = |from: u16, to: u16, y: u16| -> String { (from..to).map(|x| buffer[(x, y)].symbol()).collect() };
        for y in plot.top()..plot.bottom() {
            let beside = match side {
                AxisSide::Left => cells(0, plot.x.saturating_sub(1), y),
                AxisSide::Right => cells((plot.right() + 1).min(width), width, y),
            };
            // On few lines the name of the only series stands beside the plot.
            let beside = beside.trim().trim_end_matches('a').trim_end();
            let is_label = labels.iter().any(|label| label == beside);
            prop_assert!(beside.is_empty() || is_label, "{:?} {:?}", beside, labels);
        }
        let below = plot.bottom() + u16::from(time_axis_lines(Rect { height: buffer.area.height, ..buffer.area }) == 2);
        if time_axis_lines(Rect { height: plot.height + 1, ..buffer.area }) > 0 && below < height && plot.bottom() < height {
            let mut said = cells(0, width, below);
            // A name in the corner leaves the times two columns less.
            let mut times: Vec<String> = [plot.width, plot.width.saturating_sub(2)].into_iter()
                .flat_map(|width| crate::chart::time_axis::ticks(view.span, view.zone, width))
                .map(|tick| tick.label).collect();
            times.sort_by_key(|label| std::cmp::Reverse(label.len()));
            for label in times {
                said = said.replacen(&label, "", 1);
            }
            let is_legend = said.contains('━') || said.contains('▼');
            // The only series may be named in the corner.
            prop_assert!(is_legend || matches!(said.trim(), "" | "a"), "{:?}", said);
        }
    }
}

proptest! {
    #[test]
    fn no_size_and_no_value_is_too_odd(
        values in proptest::collection::vec(arbitrary_values(), 1..5),
        (width, height) in (0_u16..60, 0_u16..20),
        draw in proptest::sample::select(vec![Draw::Lines, Draw::Bars, Draw::Points]),
        stack in proptest::sample::select(vec![Stack::None, Stack::Normal, Stack::Percent]),
        interpolation in proptest::sample::select(vec![Interpolation::Linear, Interpolation::StepAfter, Interpolation::StepBefore]),
        scale in proptest::sample::select(vec![AxisScale::Linear, AxisScale::Log2, AxisScale::Log10, AxisScale::Symlog]),
        thresholds in proptest::sample::select(vec![ThresholdsStyle::Off, ThresholdsStyle::LineAndArea]),
        (fill, negative_y, table, right, second) in any::<(bool, bool, bool, bool, bool)>(),
        (min, soft_max, at) in any::<(Option<f64>, Option<f64>, f64)>(),
    ) {
        let series: Vec<(&str, &[f64])> = values.iter().map(|values| ("s\u{202e}\u{1b}[2J", &values[..])).collect();
        let fixture = Fixture::new(&KIND, 7, &series).style(|style| {
            style.draw = draw;
            style.fill = fill;
            style.stack = stack;
            (style.interpolation, style.scale, style.thresholds) = (interpolation, scale, thresholds);
            style.negative_y = negative_y;
        });
        let mut fixture = fixture;
        (fixture.panel.field.min, fixture.panel.field.soft_max) = (min, soft_max);
        fixture.panel.field.thresholds.steps = vec![ThresholdStep { at, color: Rgb(1, 2, 3) }];
        fixture.theme = if negative_y { Theme::TRUE_COLOR } else { Theme::PLAIN };
        if second {
            fixture.panel.overrides = vec![Override {
                when: SeriesMatch::Query("A".to_owned()),
                set: FieldPatch { axis: Some(AxisSide::Right), ..FieldPatch::default() },
            }];
        }
        let fixture = fixture.options(|options| {
            options.legend.show = if table { LegendShow::Table } else { LegendShow::List };
            options.legend.right = right;
        });
        fixture.check_stays_inside(width, height)?;
    }
}

#[test]
fn limits_are_those_of_values_and_not_of_shares() {
    let fixture = Fixture::new(&KIND, 60, &[("a", &[1.0, 6.0, 3.0]), ("b", &[3.0, 2.0, 3.0])]);
    let fixture = fixture.style(|style| style.stack = Stack::Percent);
    let free = fixture.drawn(30, 9);
    let mut limited = fixture;
    (limited.panel.field.min, limited.panel.field.max) = (Some(0.0), Some(100.0));
    assert_eq!(limited.drawn(30, 9), free);
}

#[test]
fn thresholds_in_percent_are_those_of_the_whole_panel() {
    let mut fixture = Fixture::new(&KIND, 60, &[("low", &[0.0, 5.0, 10.0]), ("high", &[0.0, 50.0, 100.0])]);
    let (green, red) = (Rgb(0, 255, 0), Rgb(255, 0, 0));
    let step = |at, color| ThresholdStep { at, color };
    fixture.panel.field.color = SeriesColor::Thresholds;
    fixture.panel.field.thresholds =
        Thresholds { steps: vec![step(f64::NEG_INFINITY, green), step(80.0, red)], percent: true };
    let view = fixture.view();
    let series = view.named_series();
    let range = extent_of(&series).expect("numbers");
    let inks: Vec<Ink> = series.iter().map(|one| one.ink(one.values.last().copied(), range)).collect();
    assert_eq!(inks, [Ink::Fixed(green), Ink::Fixed(red)]);
}

#[test]
fn a_window_between_two_samples_says_so() {
    let fixture = Fixture::new(&KIND, 15, &[("a", &[1.0, 2.0])]);
    let drawn = |start_ms: i64| {
        let mut view = fixture.view();
        view.span = Span { start_ms: START_MS + start_ms, end_ms: START_MS + start_ms + 10_000 };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 50, 8));
        draw(&view, buffer.area, &mut buffer);
        crate::chart::picture(&buffer).join("\n")
    };
    assert!(drawn(3_000).contains("no sample in so short a window"), "{}", drawn(3_000));
    assert!(!drawn(8_000).contains("no sample"), "{}", drawn(8_000));
}

#[test]
fn an_axis_of_dates_has_dates_of_the_dashboards_zone() {
    for (unit, expected) in [
        ("dateTimeAsIso", "2026-11-22 18:00:00┤"),
        ("dateTimeFromNow", "ago┤"),
        ("time:HH:mm [Uhr]", "18:00 Uhr┤"),
    ] {
        let start = START_MS as f64;
        let mut fixture = Fixture::new(&KIND, 900, &[("a", &[start, start + 4e6, start + 8e6, start + 9e6])]);
        fixture.panel.field.unit = Unit::new(unit);
        fixture.panel.field.decimals = None;
        let mut view = fixture.view();
        view.zone = chrono_tz::Tz::Europe__Berlin;
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 12));
        draw(&view, buffer.area, &mut buffer);
        let drawn = crate::chart::picture(&buffer).join("\n");
        assert!(drawn.contains(expected) && !drawn.contains("17953"), "{unit}\n{drawn}");
    }
}
