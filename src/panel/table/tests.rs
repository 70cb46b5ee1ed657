//! Tables of answers and of frames, drawn.

use super::super::fixture::{Fixture, RED, YELLOW};
use super::*;
use crate::dashboard::QueryFormat;
use crate::field::overrides::{FieldPatch, Override, SeriesMatch};
use crate::field::{Mapping, MappingMatch, TextPattern};
use crate::transform::{Calc, LabelsToFields, Organize, Reduce, Sort, Transform};

/// Fourteen instances of three jobs.
fn instances() -> Fixture {
    let names: Vec<_> = (0..14).map(|i| (format!("10.0.0.{i}:9090"), format!("job-{}", i % 3))).collect();
    let labels: Vec<_> = names
        .iter()
        .map(|(instance, job)| [("__name__", "up"), ("instance", instance.as_str()), ("job", job.as_str())])
        .collect();
    let samples: Vec<(&[(&str, &str)], f64)> =
        labels.iter().enumerate().map(|(i, labels)| (labels.as_slice(), i as f64 * 1234.5)).collect();
    Fixture::new(&KIND).unit("bytes").instant(&samples)
}

#[test]
fn labels_stand_left_and_values_right() {
    assert_eq!(
        instances().lines(38, 6),
        [
            "instance        job       Value",
            "10.0.0.0:9090   job-0       0 B",
            "10.0.0.1:9090   job-1  1.21 KiB",
            "10.0.0.2:9090   job-2  2.41 KiB",
            "10.0.0.3:9090   job-0  3.62 KiB",
            "                             1–4 of 14",
        ]
    );
    assert_eq!(instances().lines(38, 16)[15], "");
}

#[test]
fn labels_are_mapped_as_texts() {
    let mut table = instances();
    let mapping = |when, text: &str, color| Mapping { when, text: Some(text.to_owned()), color };
    let job = TextPattern::new("job-(.)").expect("a pattern");
    table.panel.field.mappings = vec![
        mapping(MappingMatch::Regex(job), "number $1", Some(RED)),
        mapping(MappingMatch::Text("10.0.0.1:9090".to_owned()), "the second", None),
        mapping(MappingMatch::Range(Some(0.0), Some(99.0)), "idle", None),
    ];
    assert_eq!(
        table.lines(38, 4),
        [
            "instance        job          Value",
            "10.0.0.0:9090   number 0      idle",
            "the second      number 1  1.21 KiB",
            "                             1–2 of 14",
        ]
    );
    let view = table.view();
    let table = Table::new(&view);
    let colors: Vec<_> = (0..3).map(|column| table.color(0, column)).collect();
    assert_eq!(colors, [None, Some(RED), None]);
}

#[test]
fn what_does_not_fit_is_announced() {
    let table = instances();
    assert_eq!(
        table.lines(18, 4),
        ["instance     Value", "…0:9090        0 B", "…1:9090   1.21 KiB", "         1–2/14 +1"]
    );
    assert_eq!(table.lines(18, 2), ["…0:9090        0 B", "           1/14 +1"]);
    let two = table.lines(38, 2);
    assert_eq!(two, ["instance        job       Value   1/14", "10.0.0.0:9090   job-0       0 B"]);
    assert_eq!(table.lines(26, 2), ["instan…     Value  1/14 +1", "…0:9090       0 B"]);
    assert_eq!(table.lines(18, 1), ["        14 rows +1"]);
    assert_eq!(table.lines(24, 3)[2], "     1 of 14 · +1 column");
}

#[test]
fn scrolling_stops_at_the_last_row() {
    let mut table = instances();
    table.scroll = 5;
    assert_eq!(
        table.lines(38, 4)[1..],
        [
            "10.0.0.5:9090   job-2  6.03 KiB",
            "10.0.0.6:9090   job-0  7.23 KiB",
            "                             6–7 of 14"
        ]
    );
    table.scroll = 999;
    assert_eq!(table.lines(38, 4)[3], "                           13–14 of 14");
    assert_eq!(line_count(&table.view()), 15);
}

#[test]
fn rows_are_sorted_by_number_or_by_label() {
    let column = |sort: &str, samples: &[(&[(&str, &str)], f64)]| -> Vec<String> {
        let mut table = Fixture::new(&KIND).instant(samples);
        table.panel.options.sort = Some(sort.to_owned());
        table.lines(40, 7)
    };
    let samples: [(&[(&str, &str)], f64); 4] = [
        (&[("le", "10")], 2.0),
        (&[("le", "9")], f64::NAN),
        (&[("le", "+Inf")], 10.0),
        (&[("le", "0.5")], -1.0),
    ];
    assert_eq!(
        column("-Value", &samples)[..5],
        ["le    Value▾", "+Inf      10", "10         2", "0.5       -1", "9        NaN"]
    );
    assert_eq!(
        column("Value", &samples)[..5],
        ["le    Value▴", "0.5       -1", "10         2", "+Inf      10", "9        NaN"]
    );
    assert_eq!(
        column("le", &samples)[..5],
        ["le▴   Value", "0.5      -1", "9       NaN", "10        2", "+Inf     10"]
    );
    assert_eq!(column("job", &samples)[6], "                no column job to sort by");
}

#[test]
fn queries_are_merged_by_their_labels() {
    let table = Fixture::new(&KIND)
        .instant(&[(&[("__name__", "a"), ("job", "x")], 1.0), (&[("__name__", "a"), ("job", "y")], 2.0)])
        .query("b", Some("p99"))
        .instant(&[(&[("__name__", "b"), ("job", "y")], 3.0), (&[("__name__", "b"), ("job", "z")], 4.0)]);
    assert_eq!(
        table.lines(30, 4),
        ["job  Value #A  p99", "x           1", "y           2    3", "z                4"]
    );
}

#[test]
fn a_metric_name_is_a_column_only_where_it_differs() {
    let mut table = Fixture::new(&KIND)
        .instant(&[(&[("__name__", "a"), ("job", "x")], 1.0), (&[("__name__", "b"), ("job", "x")], 2.0)]);
    assert_eq!(table.lines(30, 3), ["Metric  job  Value", "a       x        1", "b       x        2"]);
    table.panel.options.hide_columns = vec!["job".to_owned()];
    assert_eq!(table.lines(30, 3), ["Metric  Value", "a           1", "b           2"]);
}

#[test]
fn the_last_label_stays_as_long_as_the_value_can_be_read() {
    let table = Fixture::new(&KIND)
        .unit("s")
        .instant(&[(&[("instance", "10.0.0.1:9090")], 1234.5)])
        .query("b", None)
        .instant(&[(&[("instance", "10.0.0.1:9090")], 0.25)]);
    assert_eq!(table.lines(18, 3), ["instan…   Value #A", "10.0.0…  20.6 mins", "         +1 column"]);
    assert_eq!(table.lines(9, 3), [" Value #A", "20.6 mins", "       +2"]);
    assert_eq!(table.lines(4, 3), ["Val…", "21 …", "  +2"]);
}

#[test]
fn a_cell_has_the_colour_of_its_threshold() {
    let mut table = Fixture::new(&KIND).thresholds().instant(&[
        (&[("job", "x")], 60.0),
        (&[("job", "y")], 90.0),
        (&[("job", "z")], f64::NAN),
    ]);
    table.theme = Theme::TRUE_COLOR;
    let buffer = table.buffer(12, 4);
    assert_eq!(buffer[(9, 1)].fg, table.theme.color(YELLOW));
    assert_eq!(buffer[(9, 2)].fg, table.theme.color(RED));
    assert_eq!(buffer[(9, 3)].fg, ratatui::style::Color::Reset);
    assert_eq!(buffer[(0, 1)].fg, ratatui::style::Color::Reset);
}

#[test]
fn values_name_their_labels() {
    let table = Fixture::new(&KIND).unit("s").instant(&[(&[("__name__", "up"), ("job", "x")], 0.5)]);
    assert_eq!(
        values(&table.view()),
        [ShownValue { name: r#"{job="x"}"#.to_owned(), value: Some(0.5), text: "500 ms".to_owned() }]
    );
}

fn with_override(mut table: Fixture, name: &str, set: FieldPatch) -> Fixture {
    table.panel.overrides.push(Override { when: SeriesMatch::Name(name.to_owned()), set });
    table
}

#[test]
fn columns_have_the_width_and_the_place_of_their_overrides() {
    let table = || {
        Fixture::new(&KIND)
            .instant(&[(&[("job", "api"), ("zone", "a")], 1.0), (&[("job", "db"), ("zone", "b")], 22.0)])
    };
    let wide = FieldPatch { column_width: Some(8), align: Some(Align::Center), ..FieldPatch::default() };
    let left = FieldPatch { align: Some(Align::Left), ..FieldPatch::default() };
    let both = with_override(with_override(table(), "job", wide), "Value", left);
    assert_eq!(both.lines(30, 3), ["  job     zone  Value", "  api     a     1", "   db     b     22"]);
    let narrow = FieldPatch { column_width: Some(2), ..FieldPatch::default() };
    assert_eq!(
        with_override(table(), "job", narrow).lines(30, 3)[..2],
        ["j…  zone  Value", "a…  a         1"]
    );
    let hidden = FieldPatch { hidden: Some(true), ..FieldPatch::default() };
    assert_eq!(
        with_override(table(), "zone", hidden).lines(30, 3),
        ["job  Value", "api      1", "db      22"]
    );
}

#[test]
fn cells_are_plain_coloured_on_colour_or_have_a_bar() {
    let look = |cell| {
        let samples: [(&[(&str, &str)], f64); 2] = [(&[("job", "x")], 60.0), (&[("job", "y")], 90.0)];
        let mut table = Fixture::new(&KIND).thresholds().instant(&samples);
        table.theme = Theme::TRUE_COLOR;
        table.panel.field.column.cell = cell;
        table
    };
    let theme = Theme::TRUE_COLOR;
    assert_eq!(look(CellMode::Text).buffer(12, 3)[(9, 1)].fg, theme.text().fg.unwrap_or_default());
    assert_eq!(look(CellMode::Color).buffer(12, 3)[(9, 1)].fg, theme.color(YELLOW));
    let background = look(CellMode::Background).buffer(12, 3);
    assert_eq!((background[(5, 1)].bg, background[(9, 2)].bg), (theme.color(YELLOW), theme.color(RED)));
    assert_eq!(background[(0, 1)].bg, ratatui::style::Color::Reset);
    let mut bars = look(CellMode::Bar);
    bars.panel.field.min = Some(0.0);
    bars.panel.field.max = Some(120.0);
    bars.theme = Theme::PLAIN;
    assert_eq!(bars.lines(20, 3), ["job          Value", "x    █████░░░░░ 60", "y    ███████▌░░ 90"]);
}

/// Three labels and two values, wider than a narrow screen.
fn wide() -> Fixture {
    let labels: &[(&str, &str)] = &[("instance", "10.0.0.1:9090"), ("job", "api"), ("zone", "eu-west")];
    Fixture::new(&KIND).instant(&[(labels, 1.0)]).query("b", None).instant(&[(labels, 2.0)])
}

#[test]
fn columns_out_of_sight_are_scrolled_to_and_both_ends_are_said() {
    let mut table = wide();
    assert_eq!(column_scroll_max(&table.view(), 80), 0);
    assert_eq!(column_scroll_max(&table.view(), 36), 2);
    table.column_scroll = Some(0);
    assert_eq!(
        table.lines(36, 3),
        ["instance       job  zone", "10.0.0.1:9090  api  eu-west", "                   ◂ 0 columns · 2 ▸"]
    );
    table.column_scroll = Some(2);
    let last = [
        "instance       Value #A  Value #B",
        "10.0.0.1:9090         1         2",
        "                   ◂ 2 columns · 0 ▸",
    ];
    assert_eq!(table.lines(36, 3), last);
    table.column_scroll = Some(99);
    assert_eq!(table.lines(36, 3), last, "the last column is the end");
    assert_eq!(table.lines(80, 2)[0].matches("Value").count(), 2, "all fit: nothing to scroll");
}

#[test]
fn transforms_make_the_columns() {
    let table = || {
        Fixture::new(&KIND)
            .instant(&[(&[("__name__", "a"), ("job", "x")], 1.0), (&[("__name__", "a"), ("job", "y")], 2.0)])
            .query("b", Some("{{job}}"))
            .instant(&[(&[("__name__", "b"), ("job", "y")], 3.0)])
    };
    let mut merged = table();
    merged.panel.transforms = vec![
        Transform::Merge,
        Transform::Sort(Sort { field: "Value #A".to_owned(), descending: true }),
        Transform::Organize(Organize {
            exclude: vec!["__name__".to_owned()],
            rename: vec![("Value #A".to_owned(), "CPU".to_owned())],
            ..Organize::default()
        }),
    ];
    // The names of the metrics differ, and are among the columns in common.
    assert_eq!(merged.lines(30, 4), ["job  CPU  Value #B", "y      2", "x      1", "y                3"]);

    let mut series = table();
    for query in &mut series.panel.queries {
        query.format = Some(QueryFormat::Series);
    }
    let calcs = ["lastNotNull", "mean"].iter().filter_map(|name| Calc::parse(name)).collect();
    series.panel.transforms = vec![Transform::Reduce(Reduce { calcs, fields: false, labels: false })];
    assert_eq!(
        series.lines(30, 4),
        [
            "Field       Last *  Mean",
            "a{job=\"x\"}       1     1",
            "a{job=\"y\"}       2     2",
            "y                3     3"
        ]
    );
}

#[test]
fn frames_with_nothing_in_common_show_the_first_and_say_so() {
    let mut table = Fixture::new(&KIND)
        .instant(&[(&[("job", "x")], 1.0)])
        .query("b", None)
        .instant(&[(&[("zone", "a")], 2.0)]);
    table.panel.transforms = vec![
        Transform::LabelsToFields(LabelsToFields::default()),
        Transform::Organize(Organize { exclude: vec!["Time".to_owned()], ..Organize::default() }),
    ];
    assert_eq!(table.lines(30, 3), ["job  Value #A", "x           1", ""]);
}

#[test]
fn a_query_over_the_window_has_a_row_a_sample() {
    let mut table =
        Fixture::new(&KIND).unit("s").range(&[(&[("job", "x")], &[1.0, 2.0]), (&[("job", "y")], &[3.0])]);
    table.panel.queries[0].range = true;
    assert_eq!(
        table.lines(50, 5),
        [
            "Time                 job  Value",
            "1970-01-01 00:00:30  x      1 s",
            "1970-01-01 00:00:30  y      3 s",
            "1970-01-01 00:01:00  x      2 s",
            ""
        ]
    );
}

/// Five queues of one job, with what all have in common before and behind it.
fn queues() -> Fixture {
    let names: Vec<String> = (0..5).map(|i| format!("queue-of-something-{i}")).collect();
    let labels: Vec<_> = names
        .iter()
        .map(|name| [("instance", "10.0.0.1:9090"), ("name", name.as_str()), ("zone", "eu")])
        .collect();
    let samples: Vec<(&[(&str, &str)], f64)> = labels.iter().map(|labels| (labels.as_slice(), 1.0)).collect();
    Fixture::new(&KIND).instant(&samples)
}

#[test]
fn columns_that_tell_no_rows_apart_are_the_first_to_go() {
    assert_eq!(queues().lines(32, 3)[..2], ["name                  Value", "queue-of-something-0      1"]);
    let lines = queues().lines(20, 4);
    assert!(lines[1].contains('0') && lines[2].contains('1'), "names that are cut differ: {lines:?}");
}

#[test]
fn a_text_that_is_too_long_is_cut_where_columns_scroll() {
    let long = "x".repeat(300);
    let labels: &[(&str, &str)] = &[("instance", "10.0.0.1:9090"), ("name", &long)];
    let mut table = Fixture::new(&KIND).instant(&[(labels, 7.0)]);
    table.column_scroll = Some(0);
    let lines = table.lines(40, 3);
    assert!(lines[1].starts_with("10.0.0.1:9090  xxxxxxxx") && lines[1].ends_with('…'), "{lines:?}");
    table.column_scroll = Some(1);
    assert_eq!(table.lines(40, 3)[1], "10.0.0.1:9090      7");
}
