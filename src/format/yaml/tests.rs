//! Tests of the format as a whole.

use proptest::prelude::*;

use super::*;
use crate::dashboard::{
    BarMode, Calculate, ColorMode, ColorScale, LegendShow, LegendSort, MinStep, PanelQuery, PieShape,
    QUERIES_LIMIT, QueryFormat, TextMode,
};
use crate::field::{
    Align, AxisScale, AxisSide, CellMode, Draw, Gaps, Interpolation, Mapping, MappingMatch, SeriesColor,
    Stack, TextPattern, ThresholdStep, ThresholdsStyle,
};
use crate::format::testing::{self, EVERY_KEY, EVERY_LATER_KEY, MISTAKES};
use crate::reduce::Reduce;
use crate::theme::Rgb;
use crate::transform::{Join, JoinMode, Sort, Transform};
use crate::unit::Unit;

fn read(text: &str) -> Dashboard {
    parse_with(text, Tz::UTC, testing::kinds()).expect(text)
}

fn problems(text: &str) -> Vec<String> {
    match parse_with(text, Tz::UTC, testing::kinds()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn notes(dashboard: &Dashboard) -> Vec<String> {
    dashboard
        .notes
        .iter()
        .map(|note| {
            format!("{}:{} {}", note.line.unwrap_or_default(), note.column.unwrap_or_default(), note.message)
        })
        .collect()
}

#[test]
fn every_key_arrives_on_the_dashboard() {
    let dashboard = read(EVERY_KEY);
    assert_eq!(notes(&dashboard), Vec::<String>::new());
    assert_eq!((dashboard.title.as_str(), dashboard.description.as_deref()), ("404", Some("All there is")));
    assert_eq!((dashboard.refresh_ms, dashboard.scrape_interval_ms), (None, Some(5_000)));
    // Two in the afternoon of Tokyo.
    assert_eq!(dashboard.zone, Some(Tz::Asia__Tokyo));
    assert_eq!(dashboard.tags, ["linux", "1"]);
    assert_eq!(dashboard.time.to_string(), "2026-01-31T05:00:00Z to 2026-01-31T15:00:00Z");
    let [fetch, push] = dashboard.actions.as_slice() else { panic!("{:?}", dashboard.actions) };
    assert_eq!((fetch.key, fetch.method, fetch.times, fetch.at_once), ('f', ActionMethod::Get, 1, 1));
    assert_eq!((push.key, push.method, push.times, push.at_once), ('1', ActionMethod::Post, 100, 8));
    assert_eq!(push.url, "https://localhost/");
    let rows: Vec<_> = dashboard.rows.iter().map(|row| (row.title.as_deref(), row.panels.clone())).collect();
    let titles = [(Some("First"), 0..2), (None, 2..7), (Some("Placed"), 7..8), (Some("Shapes"), 8..14)];
    assert_eq!(rows, titles);

    let graph = &dashboard.panels[0];
    assert_eq!(
        (graph.kind.name, graph.title.as_str(), graph.width, graph.height),
        ("timeseries", "Requests", 2, Some(12))
    );
    assert_eq!(
        (graph.field.style.draw, graph.field.style.fill, graph.field.style.stack, graph.field.style.gaps),
        (Draw::Bars, true, Stack::Normal, Gaps::Connect)
    );
    let style = graph.field.style;
    assert_eq!(
        (style.axis, style.scale, style.negative_y, style.interpolation, style.thresholds),
        (AxisSide::Right, AxisScale::Log2, true, Interpolation::StepAfter, ThresholdsStyle::LineAndArea)
    );
    assert_eq!((graph.field.soft_min, graph.field.soft_max), (Some(-1.0), Some(10.0)));
    let other = graph.field_of("z", "A");
    assert_eq!(
        (other.style.axis, other.style.scale, other.style.negative_y, other.style.stack),
        (AxisSide::Left, AxisScale::Symlog, false, Stack::Percent)
    );
    assert_eq!((other.soft_min, other.soft_max), (Some(0.0), Some(2.0)));
    let b = graph.field_of("b", "X").style;
    assert_eq!((b.interpolation, b.thresholds), (Interpolation::StepBefore, ThresholdsStyle::Area));
    assert_eq!(graph.field_of("z", "B").style.axis, AxisSide::Left, "a query says its own");
    assert_eq!((graph.options.legend.show, graph.options.legend.right), (LegendShow::Table, true));
    assert_eq!(graph.options.legend.calcs, [Reduce::Last, Reduce::Mean, Reduce::Max]);
    let by_max = LegendSort { by: Some(Reduce::Max), is_descending: true };
    assert_eq!(graph.options.legend.sort, Some(by_max));
    let query = |ref_id: &str, expr: &str| PanelQuery {
        ref_id: ref_id.to_owned(),
        expr: expr.to_owned(),
        legend: None,
        min_step: None,
        axis: None,
        instant: false,
        range: false,
        format: None,
        hide: false,
        datasource: Some("$source".to_owned()),
    };
    assert_eq!(
        graph.queries,
        [
            PanelQuery {
                legend: Some("{{path}}".to_owned()),
                min_step: Some(MinStep::Fixed(60_000)),
                axis: Some(AxisSide::Left),
                ..query("B", "rate(x[$__rate_interval])")
            },
            PanelQuery {
                instant: true,
                hide: true,
                datasource: Some("other".to_owned()),
                ..query("A", "up")
            },
        ]
    );
}

#[test]
fn every_key_of_values_arrives_on_the_dashboard() {
    let dashboard = read(EVERY_KEY);
    let stat = &dashboard.panels[1];
    assert_eq!((stat.field.unit.clone(), stat.field.decimals), (Unit::new("percentunit"), Some(1)));
    assert_eq!((stat.field.min, stat.field.max, stat.field.reduce), (Some(-0.5), Some(1e3), Reduce::Mean));
    assert_eq!(stat.field.no_value.as_deref(), Some("none yet"));
    assert!(stat.field.thresholds.percent && stat.options.hide_sparkline);
    let step = |at, color| ThresholdStep { at, color };
    assert_eq!(
        stat.field.thresholds.steps,
        [
            step(f64::NEG_INFINITY, Rgb(115, 191, 105)),
            step(50.0, Rgb(255, 136, 0)),
            step(90.0, Rgb(196, 22, 42))
        ]
    );
    let mapping = |when, text: &str| Mapping { when, text: Some(text.to_owned()), color: None };
    assert_eq!(
        stat.field.mappings,
        [
            Mapping { color: Some(Rgb(115, 191, 105)), ..mapping(MappingMatch::Value(1.0), "up") },
            mapping(MappingMatch::Value(f64::INFINITY), "endless"),
            mapping(MappingMatch::Range(Some(2.0), Some(3.5)), "some"),
            Mapping { when: MappingMatch::Range(None, Some(0.0)), text: None, color: Some(Rgb(242, 73, 92)) },
            mapping(MappingMatch::Null, "nothing"),
            mapping(MappingMatch::Nan, "nothing"),
            mapping(MappingMatch::Null, "nothing"),
            mapping(MappingMatch::Text("true".to_owned()), "up"),
            Mapping { when: MappingMatch::Text(String::new()), text: None, color: Some(Rgb(242, 73, 92)) },
            mapping(MappingMatch::Text("web".to_owned()), "front"),
            mapping(MappingMatch::Regex(TextPattern::new("db-(\\d+)").expect("a pattern")), "database $1"),
        ]
    );

    assert!(dashboard.panels[2].options.vertical);
    assert_eq!(dashboard.panels[3].options.legend.show, LegendShow::Hidden);
    let table = &dashboard.panels[4].options;
    assert_eq!(
        (table.hide_columns.join(" "), table.sort.as_deref()),
        ("job instance".to_owned(), Some("-Value"))
    );
    assert_eq!(dashboard.panels[5].options.content, "two\nlines");
}

#[test]
fn places_links_and_lists_arrive() {
    let dashboard = read(EVERY_KEY);
    assert_eq!(
        dashboard.rows.iter().map(|row| row.collapsed).collect::<Vec<_>>(),
        [false, false, true, false]
    );
    let placed = &dashboard.panels[7];
    assert_eq!(placed.grid, Some(crate::dashboard::GridPosition { x: 0, y: 0, w: 24, h: 8 }));
    assert_eq!((placed.kind.name, placed.queries[0].expr.as_str()), ("alerts", "/api/v1/alerts"));
    assert_eq!((dashboard.links[0].title.as_str(), placed.links[0].url.as_str()), ("Runbook", "here"));
}

#[test]
fn the_samples_have_every_key_of_the_tables() {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let sample = words(EVERY_KEY);
    for table in keys::TABLES {
        for key in table.keys {
            assert!(
                sample.iter().any(|word| word == key.name),
                "no sample has `{}` of {}",
                key.name,
                table.what
            );
        }
    }
}

#[test]
fn transforms_are_read_as_they_are_written() {
    let dashboard = read(EVERY_KEY);
    let table = &dashboard.panels[6];
    let written: Vec<String> = table.transforms.iter().map(|transform| format!("{transform:?}")).collect();
    assert_eq!(written.len(), 19);
    assert_eq!(written[0], "Merge");
    assert_eq!(
        table.transforms[5],
        Transform::Join(Join { by: Some("Time".to_owned()), mode: JoinMode::Inner })
    );
    assert_eq!(table.transforms[11], Transform::Sort(Sort { field: "Value".to_owned(), descending: true }));
    assert_eq!(table.transforms[14], Transform::Limit(10));
    let queries = &table.queries;
    assert_eq!((queries[0].range, queries[0].format), (true, Some(QueryFormat::Series)));
    assert_eq!((queries[1].range, queries[1].format), (false, Some(QueryFormat::Table)));
    let column = table.field_of("Value", "A").column;
    assert_eq!((column.width, column.align, column.cell), (Some(12), Some(Align::Center), CellMode::Bar));
}

#[test]
fn defaults_are_those_of_the_dashboard() {
    let dashboard = read("title: x\nrows: [{panels: [{type: stat, query: ' up '}]}]");
    let default = Dashboard::default();
    assert_eq!(dashboard.refresh_ms, default.refresh_ms);
    assert_eq!(dashboard.time, default.time);
    assert_eq!(dashboard.scrape_interval_ms, default.scrape_interval_ms);
    assert_eq!(
        (dashboard.panels[0].queries[0].ref_id.as_str(), dashboard.panels[0].queries[0].expr.as_str()),
        ("A", "up")
    );
}

#[test]
fn options_of_shapes_arrive() {
    let dashboard = read(EVERY_KEY);
    let row = dashboard.rows.iter().find(|row| row.title.as_deref() == Some("Shapes")).expect("the row");
    let [histogram, pie, states, heat, stat, bars] = &dashboard.panels[row.panels.clone()] else {
        panic!("six panels")
    };
    let calculate = Calculate { buckets: Some(12), size: Some(0.5), interval_ms: Some(60_000) };
    assert_eq!((heat.options.calculate, heat.options.color_scale), (Some(calculate), ColorScale::Linear));
    assert_eq!(
        (stat.options.text_mode, stat.options.color_mode),
        (TextMode::ValueAndName, ColorMode::Background)
    );
    assert_eq!(bars.options.bar_mode, BarMode::Lcd);
    assert_eq!((histogram.options.bucket_size, histogram.options.bucket_count), (Some(0.5), Some(20)));
    assert!(histogram.options.combine && states.options.keep_equal_values_apart);
    assert_eq!(pie.options.pie, PieShape::Donut);
    let text = "title: x\nrows: [{ panels: [{ type: histogram, query: up, bucket_size: 0 }] }]";
    let expected = "line 2, column 62: `bucket_size` must be above 0; leave it out to have one chosen";
    assert_eq!(problems(text), [expected]);
}

#[test]
fn what_comes_later_is_named_and_leaves_a_placeholder() {
    let dashboard = read(EVERY_LATER_KEY);
    assert_eq!(
        notes(&dashboard),
        ["5:15 panel type `geomap` is not supported by this version yet; a placeholder is shown"]
    );
    let shares = &dashboard.panels[0];
    assert_eq!((shares.kind.name, shares.title.as_str()), ("unsupported", "Shares"));
    assert_eq!(shares.options.content, "panel type geomap is not supported by this version");
}

#[test]
fn every_mistake_is_named_with_its_place_and_remedy() {
    let mut failures = Vec::new();
    for (text, expected, _) in MISTAKES {
        let problems = problems(text);
        // Where the end depends on what else there is to name, the table of mistakes leaves it open.
        let fits = |problem: &String| {
            problem == expected || expected.ends_with(' ') && problem.starts_with(expected)
        };
        if problems.len() != 1 || !fits(&problems[0]) {
            failures.push(format!("{text}  expected {expected}\n  found {problems:#?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn several_mistakes_are_told_in_the_order_of_the_file() {
    let text = "refresh: 1ms\ntitle: x\nrows:\n  - panels:\n      - { typ: stat, query: up }\n      \
                - { type: stat, query: up, min: 2, max: 1, unti: s }\n";
    let places: Vec<String> = problems(text)
        .iter()
        .map(|problem| problem.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(places, ["line 1, column 10", "line 5, column 11", "line 6, column 47", "line 6, column 50"]);
    let problem = parse(text, Tz::UTC).expect_err("mistakes");
    assert!(problem.message.ends_with(" more; `promscope check` shows all)"), "{problem}");
}

#[test]
fn a_file_with_nothing_in_it_says_so() {
    for text in ["", "# only a comment\n", "---\n", "~"] {
        assert_eq!(problems(text), ["the file is empty; a dashboard needs `title` and `rows`"], "{text:?}");
    }
}

#[test]
fn the_limits_on_numbers_hold() {
    let panels = |count: usize| {
        format!(
            "title: x\nrows:\n- panels: [{}]\n- panels: [{{type: text, content: x}}]",
            vec!["{type: text, content: x}"; count].join(", ")
        )
    };
    assert_eq!(problems(&panels(PANELS_LIMIT - 1)), Vec::<String>::new());
    assert_eq!(problems(&panels(PANELS_LIMIT)), ["line 4, column 12: a dashboard has at most 500 panels"]);
    let queries = |count: usize| {
        format!(
            "title: x\nrows: [{{panels: [{{type: stat, queries: [{}]}}]}}]",
            vec!["{expr: up}"; count].join(", ")
        )
    };
    let dashboard = read(&queries(QUERIES_LIMIT));
    let refs: String = dashboard.panels[0].queries.iter().map(|query| query.ref_id.as_str()).collect();
    assert!(refs.starts_with("ABCDEFGHIJKLMNOPQRSTUVWXYZQ1Q2Q3"), "{refs}");
    assert_eq!(
        problems(&queries(QUERIES_LIMIT + 1)),
        ["line 2, column 40: `queries` has 101 entries; at most 100 are read"]
    );
    let many = format!(
        "title: x\nrows: [{{panels: [{{type: stat, query: up{}}}]}}]",
        (0..1000).fold(String::new(), |keys, n| format!("{keys}, x{n}: 1"))
    );
    assert_eq!(problems(&many).len(), crate::format::FINDINGS_LIMIT);
}

#[test]
fn anchors_and_merges_share_options() {
    let dashboard = read(
        "title: x\nrows:\n  - panels:\n      - &base { type: stat, query: up, unit: s, decimals: 1 }\n      \
         - { <<: *base, title: Other, unit: ms }\n",
    );
    let other = &dashboard.panels[1];
    assert_eq!((other.title.as_str(), other.field.unit.id(), other.field.decimals), ("Other", "ms", Some(1)));
}

#[test]
fn promql_is_looked_at_but_does_not_stop_the_dashboard() {
    let text = "title: x\nrows:\n  - panels:\n      - { type: stat, query: 'sum(up' }\n      \
                - { type: stat, query: 'rate(x[$window])' }\n      - { type: stat, query: 'rate(x[$__rate_interval])' }\n";
    let checked = check(text, Tz::UTC, testing::kinds());
    assert_eq!(checked.problems, []);
    let places: Vec<_> = checked.lints.iter().map(|lint| (lint.line, lint.column)).collect();
    assert_eq!(places, [(Some(4), Some(30)), (Some(5), Some(30))]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever an editor leaves behind half-written: an answer, and no panic.
    #[test]
    fn no_mutation_panics(
        which in 0..6_usize,
        cut in 0.0..=1.0_f64,
        edits in prop::collection::vec((0.0..1.0_f64, any::<char>()), 0..4),
        swap in prop::option::of((0.0..1.0_f64, 0.0..1.0_f64)),
    ) {
        let samples = [EVERY_KEY, EVERY_LATER_KEY, crate::builtin::DASHBOARDS[0].1, crate::builtin::DASHBOARDS[1].1,
            crate::builtin::DASHBOARDS[2].1, MISTAKES[which].0];
        let mut text: Vec<char> = samples[which].chars().collect();
        let place = |part: f64, len: usize| ((part * len as f64) as usize).min(len.saturating_sub(1));
        for (part, character) in edits {
            let at = place(part, text.len());
            text[at] = if character.is_alphanumeric() { "{}[]:,-#&*!|>'\"% \n\t0a~".chars().nth(at % 23).unwrap_or(' ') } else { character };
        }
        if let Some((a, b)) = swap {
            let (a, b) = (place(a, text.len()), place(b, text.len()));
            text.swap(a, b);
        }
        text.truncate((cut * text.len() as f64) as usize + 1);
        let text: String = text.into_iter().collect();
        let checked = check(&text, Tz::UTC, testing::kinds());
        for problem in &checked.problems {
            prop_assert!(!problem.message.is_empty() && !problem.message.contains('\n'), "{:?}", problem);
            prop_assert!(problem.line.is_none_or(|line| line as usize <= text.split('\n').count() + 1), "{:?}", problem);
        }
    }

    /// Not even YAML.
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = check(&text, Tz::UTC, testing::kinds());
        let _ = lint::lint(&text, &[], &lint::sample(&[], &[]));
    }
}

#[test]
fn overrides_pick_series_and_say_what_holds_for_them() {
    let text = "\
title: T
rows:
  - panels:
      - type: timeseries
        query: up
        unit: s
        overrides:
          - { name: p99, color: red, draw: points }
          - { regex: /^p/, unit: ms, color: thresholds }
          - { except: [a, b], hidden: true }
          - { query: B, display_name: 'all of {{job}}' }
";
    let dashboard = read(text);
    let overrides = &dashboard.panels[0].overrides;
    assert_eq!(overrides.len(), 4);
    let field = dashboard.panels[0].field_of("p99", "A");
    assert_eq!((field.unit.id(), field.style.draw, field.style.hidden), ("ms", Draw::Points, true));
    assert_eq!(field.color, SeriesColor::Thresholds);
    let field = dashboard.panels[0].field_of("a", "B");
    assert_eq!((field.unit.id(), field.style.hidden), ("s", false));
    assert_eq!(field.display_name.as_deref(), Some("all of {{job}}"));
}

#[test]
fn overrides_that_cannot_be_meant_are_named_with_their_place() {
    let text = "\
title: T
rows:
  - panels:
      - type: stat
        query: up
        overrides:
          - { name: a, regex: b, unit: s }
          - { unit: s }
          - { name: a }
          - { regex: '(', unit: s }
          - { name: a, fill: true }
          - { name: a, colr: red }
          - { name: a, color: rde }
";
    let problems = problems(text);
    insta::assert_debug_snapshot!(problems);
}

#[test]
fn another_unit_is_read_on_the_right_where_nobody_says_where() {
    let axes = |panel: &str, query: &str| -> Vec<Option<AxisSide>> {
        let text = format!(
            "title: x\nrows: [{{panels: [{{type: timeseries, unit: bytes{panel}, queries: [{{expr: up{query}}}], \
             overrides: [{{name: a, unit: percent}}, {{name: b, unit: bytes}}, {{name: c, unit: percent, axis: left}}]}}]}}]"
        );
        read(&text).panels[0].overrides.iter().map(|one| one.set.axis).collect()
    };
    assert_eq!(axes("", ""), [Some(AxisSide::Right), None, Some(AxisSide::Left)]);
    assert_eq!(axes(", axis: left", ""), [None, None, Some(AxisSide::Left)]);
    assert_eq!(axes("", ", axis: left"), [None, None, Some(AxisSide::Left)]);
}
