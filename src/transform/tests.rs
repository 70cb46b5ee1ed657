//! Our transforms against Grafana's, case by case, and against whatever may come.

use std::sync::Arc;

use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::Value;

use super::bounds::{Bounds, CELLS_LIMIT, ROWS_LIMIT};
use super::frame::{Cell, Column, DataFrame, Field, Naming};
use super::{Transform, apply};
use crate::series::{ABSENT, Labels};

/// What Grafana made of what (`scripts/transforms`).
const CASES: &str = include_str!("../../tests/data/transforms.jsonl");

/// Cases in which we differ on purpose.
const DEPARTURES: &[(&str, &str)] = &[
    (
        "group_by: sums of texts",
        "what is calculated of texts and no text is a column of numbers, all of them missing",
    ),
    ("calculate: series with gaps", "a sum with what is missing is missing, not NaN"),
    ("chain: a ratio of joined tables", "a ratio with what is missing is missing, not NaN"),
    ("calculate: a percentile of a row", "NaN does not spoil percentiles, as in all of promscope's"),
    ("join: series, tabular", "rows whose times match do not come again as rows that have no match"),
    ("sort: null is 0", "what is no number comes last either way"),
];

/// Reads transforms as a dashboard has them.
fn transforms(json: &Value) -> Vec<Transform> {
    let panel = format!("{{type: table, query: up, transforms: {json}}}");
    let text = format!("title: t\nrows:\n- panels:\n  - {panel}\n");
    let dashboard =
        crate::format::yaml::parse(&text, Tz::UTC).unwrap_or_else(|error| panic!("{error:?}: {text}"));
    dashboard.panels[0].transforms.clone()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Null => ABSENT,
        Value::Object(special) => special["number"].as_str().expect("a name").parse().expect("a number"),
        // Numbers that were texts in a column of numbers.
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        value => value.as_f64().expect("a number"),
    }
}

fn frame(json: &Value) -> DataFrame {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let fields = json["fields"].as_array().expect("fields").iter().map(|field| {
        let values = field["values"].as_array().expect("values").iter();
        let values = match field["type"].as_str() {
            Some("time") => Column::Time(values.map(number).collect()),
            Some("string") => Column::Text(values.map(|value| value.as_str().map(Arc::from)).collect()),
            _ => Column::Number(values.map(number).collect()),
        };
        let labels = field["labels"].as_object().into_iter().flatten();
        let labels =
            labels.map(|(name, value)| (name.as_str().into(), value.as_str().expect("a text").into()));
        Field {
            source_name: text(&field["source"]),
            labels: Labels::new(labels),
            ..Field::new(field["name"].as_str().expect("a name"), values)
        }
    });
    DataFrame::new(json["ref"].as_str().unwrap_or_default(), fields.collect()).called(text(&json["name"]))
}

fn frames(json: &Value) -> Vec<DataFrame> {
    json.as_array().expect("frames").iter().map(frame).collect()
}

/// Names, types, labels and values, with numbers as they are worth comparing.
fn written(frames: &[DataFrame], shown: impl Fn(usize, usize) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        lines.push(format!("frame {} {:?}", frame.ref_id, frame.name));
        for (column, field) in frame.fields().iter().enumerate() {
            let kind = match field.values {
                Column::Time(_) => "time",
                Column::Number(_) => "number",
                Column::Text(_) => "text",
            };
            let cells: Vec<String> = (0..frame.rows())
                .map(|row| match field.values.cell(row) {
                    Cell::Empty => "null".to_owned(),
                    Cell::Time(number) => format!("{number}"),
                    Cell::Number(number) => format!("{:.9}", number + 0.0),
                    Cell::Text(text) => format!("{text:?}"),
                })
                .collect();
            let name = shown(index, column);
            lines.push(format!("  {kind} {}|{name} {} [{}]", field.name, field.labels, cells.join(", ")));
        }
    }
    lines
}

fn ours(transforms: &[Transform], input: Vec<DataFrame>) -> Vec<String> {
    let done = apply(transforms, input, Bounds::default());
    let naming = Naming::of(&done.frames);
    let names: Vec<Vec<String>> = done.frames.iter().map(|frame| naming.names(frame)).collect();
    written(&done.frames, |frame, field| names[frame][field].clone())
}

#[test]
fn results_are_those_of_grafana() {
    let (mut wrong, mut met, mut count) = (Vec::new(), Vec::new(), 0);
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let name = case["name"].as_str().expect("a name");
        let theirs = written(&frames(&case["out"]), |frame, field| {
            case["out"][frame]["fields"][field]["shown"].as_str().expect("a name").to_owned()
        });
        let ours = ours(&transforms(&case["transforms"]), frames(&case["in"]));
        let departs = DEPARTURES.iter().any(|(departing, _)| *departing == name);
        count += 1;
        if departs {
            met.push(name.to_owned());
        }
        if (ours == theirs) == departs {
            wrong.push(format!("{name}\nours:\n{}\nGrafana's:\n{}\n", ours.join("\n"), theirs.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 60, "{count} cases");
    assert_eq!(met.len(), DEPARTURES.len(), "every departure has its case: {met:?}");
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-5_i32..5).prop_map(f64::from),
        1 => Just(ABSENT),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => any::<f64>(),
    ]
}

fn any_column(rows: usize) -> impl Strategy<Value = Column> {
    let text = prop::option::of(prop_oneof![Just("x"), Just("y"), Just("")]);
    prop_oneof![
        prop::collection::vec(any_number(), rows).prop_map(Column::Time),
        prop::collection::vec(any_number(), rows).prop_map(Column::Number),
        prop::collection::vec(text.prop_map(|text| text.map(Arc::from)), rows).prop_map(Column::Text),
    ]
}

fn any_frame() -> impl Strategy<Value = DataFrame> {
    let field = |rows| {
        let name = prop_oneof![Just("Time"), Just("Value"), Just("job"), Just("a"), Just("")];
        let label = prop_oneof![Just("job"), Just("name"), Just("__name__")];
        let labels = prop::collection::vec((label, prop_oneof![Just("x"), Just("Value")]), 0..3);
        (name, labels, any_column(rows)).prop_map(|(name, labels, values)| Field {
            labels: Labels::new(labels.into_iter().map(|(name, value)| (name.into(), value.into()))),
            ..Field::new(name, values)
        })
    };
    let fields = (0_usize..6).prop_flat_map(move |rows| prop::collection::vec(field(rows), 0..5));
    (fields, prop::option::of(Just("named".to_owned())))
        .prop_map(|(fields, name)| DataFrame::new("A", fields).called(name))
}

fn any_transform() -> impl Strategy<Value = Transform> {
    let lines = CASES.lines().filter(|line| !line.starts_with('#'));
    let all: Vec<Transform> = lines
        .flat_map(|line| transforms(&serde_json::from_str::<Value>(line).expect("JSON")["transforms"]))
        .collect();
    prop::sample::select(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_data_is_too_odd(
        frames in prop::collection::vec(any_frame(), 0..5),
        transforms in prop::collection::vec(any_transform(), 0..5),
    ) {
        let done = apply(&transforms, frames, Bounds::default());
        for frame in &done.frames {
            prop_assert!(frame.fields().iter().all(|field| field.values.len() == frame.rows()));
        }
        for shown in super::shown_fields(&done.frames) {
            if let Some(frame) = shown.frame {
                prop_assert_eq!(frame.series[0].values.len(), frame.grid.len);
            }
        }
    }
}

#[test]
fn what_grows_beyond_the_limits_is_cut_and_said() {
    let column = |value: f64| Column::Number(vec![value; 2_000]);
    let one = DataFrame::new("A", vec![Field::new("key", column(1.0)), Field::new("a", column(2.0))]);
    let join = transforms(&serde_json::json!([{ "join": { "by": "key", "mode": "inner" } }]));
    let done = apply(&join, vec![one.clone(), one], Bounds::default());
    assert_eq!(done.frames[0].rows(), ROWS_LIMIT);
    assert_eq!(done.notes, ["3900000 of 4000000 rows are left out"]);

    let labels: Vec<(Box<str>, Box<str>)> = (0..200).map(|i| (format!("l{i}").into(), "x".into())).collect();
    let wide =
        Field { labels: Labels::new(labels), ..Field::new("Value", Column::Number(vec![1.0; 50_000])) };
    let frames = vec![DataFrame::new("A", vec![wide]); 3];
    let done = apply(&transforms(&serde_json::json!(["labels_to_fields"])), frames, Bounds::default());
    let cells: usize = done.frames.iter().map(|frame| frame.rows() * frame.fields().len()).sum();
    assert!(cells <= CELLS_LIMIT, "{cells}");
    assert!(!done.notes.is_empty());
}
