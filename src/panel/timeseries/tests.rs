//! Charts as they look.

use proptest::prelude::*;

use super::*;
use crate::panel::range_fixture::{Fixture, arbitrary_values};

use ratatui::style::Color;

use crate::dashboard::{Legend, LegendShow};
use crate::field::overrides::{FieldPatch, Override, SeriesMatch};
use crate::field::{AxisScale, Interpolation, ThresholdStep};
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
