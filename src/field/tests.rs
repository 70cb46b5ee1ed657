use super::*;

const GREEN: Rgb = Rgb(0, 255, 0);
const YELLOW: Rgb = Rgb(255, 255, 0);
const RED: Rgb = Rgb(255, 0, 0);
const CALENDAR: Calendar = Calendar { zone: chrono_tz::Tz::UTC, now_ms: 0 };

fn steps(percent: bool) -> Thresholds {
    let step = |at, color| ThresholdStep { at, color };
    Thresholds { steps: vec![step(f64::NEG_INFINITY, GREEN), step(50.0, YELLOW), step(80.0, RED)], percent }
}

fn mapping(when: MappingMatch, text: &str) -> Mapping {
    Mapping { when, text: Some(text.to_owned()), color: None }
}

#[test]
fn the_first_mapping_that_matches_counts() {
    let field = FieldOptions {
        mappings: vec![
            mapping(MappingMatch::Value(0.0), "down"),
            mapping(MappingMatch::Range(Some(1.0), Some(5.0)), "few"),
            mapping(MappingMatch::Range(Some(5.0), None), "many"),
            mapping(MappingMatch::Value(7.0), "never seen"),
            mapping(MappingMatch::NullOrNan, "nothing"),
        ],
        ..FieldOptions::default()
    };
    for (value, text) in [
        (Some(0.0), "down"),
        (Some(-0.0), "down"),
        (Some(1.0), "few"),
        (Some(5.0), "few"),
        (Some(5.1), "many"),
        (Some(7.0), "many"),
        (Some(f64::INFINITY), "many"),
        (Some(0.5), "0.500"),
        (Some(f64::NAN), "nothing"),
        (None, "nothing"),
    ] {
        assert_eq!(field.show(value, (0.0, 1.0)).text, text, "{value:?}");
    }
}

#[test]
fn an_open_range_does_not_match_nan() {
    let open = MappingMatch::Range(None, None);
    assert!(open.matches(Some(0.0)) && !open.matches(Some(f64::NAN)) && !open.matches(None));
    assert!(MappingMatch::Nan.matches(Some(f64::NAN)) && !MappingMatch::Nan.matches(None));
    assert!(MappingMatch::Null.matches(None) && !MappingMatch::Null.matches(Some(f64::NAN)));
}

#[test]
fn a_mapping_may_bring_a_colour_alone() {
    let mut field = FieldOptions { thresholds: steps(false), ..FieldOptions::default() };
    field.mappings = vec![Mapping { when: MappingMatch::Value(1.0), text: None, color: Some(RED) }];
    assert_eq!(field.show(Some(1.0), (0.0, 1.0)), Shown { text: "1".to_owned(), color: Some(RED) });
}

#[test]
fn thresholds_count_from_their_bound_on() {
    let field = FieldOptions { thresholds: steps(false), ..FieldOptions::default() };
    for (value, color) in
        [(f64::NEG_INFINITY, GREEN), (49.9, GREEN), (50.0, YELLOW), (80.0, RED), (f64::INFINITY, RED)]
    {
        assert_eq!(field.threshold_color(value, (0.0, 1.0)), Some(color), "{value}");
    }
    assert_eq!(field.threshold_color(f64::NAN, (0.0, 1.0)), None);
    assert_eq!(FieldOptions::default().threshold_color(1.0, (0.0, 1.0)), None);
}

#[test]
fn percentages_refer_to_min_and_max_or_to_the_data() {
    let mut field = FieldOptions { thresholds: steps(true), ..FieldOptions::default() };
    assert_eq!(field.threshold_color(5.0, (0.0, 10.0)), Some(YELLOW));
    assert_eq!(field.threshold_color(4.9, (0.0, 10.0)), Some(GREEN));
    (field.min, field.max) = (Some(0.0), Some(6.0));
    assert_eq!(field.threshold_color(5.0, (0.0, 10.0)), Some(RED));
    assert_eq!(field.threshold_bounds((0.0, 1.0)).nth(1).map(|step| step.at), Some(3.0));
    // Nothing to be on the way of: the first step.
    assert_eq!(field.threshold_color(f64::NAN, (3.0, 3.0)), None);
    (field.min, field.max) = (Some(3.0), Some(3.0));
    assert_eq!(field.threshold_color(3.0, (0.0, 1.0)), Some(GREEN));
}

#[test]
fn a_number_loses_decimals_before_it_is_cut() {
    let field = FieldOptions { unit: Unit::new("bytes"), ..FieldOptions::default() };
    let fit = |max| field.fit(Some(1_288_490_188.0), CALENDAR, max);
    assert_eq!(fit(8), "1.20 GiB");
    assert_eq!(fit(7), "1.2 GiB");
    assert_eq!(fit(6), "1 GiB");
    assert_eq!(fit(4), "1GiB");
    assert_eq!(fit(3), "1 …");
    assert_eq!(fit(0), "");
}

#[test]
fn no_value_says_so() {
    let mut field = FieldOptions::default();
    assert_eq!(field.show(None, (0.0, 1.0)).text, "no data");
    field.no_value = Some("idle".to_owned());
    assert_eq!(field.show(None, (0.0, 1.0)).text, "idle");
}

#[test]
fn counts_are_not_in_the_unit_of_what_is_counted() {
    let mut field = FieldOptions { unit: Unit::new("bytes"), ..FieldOptions::default() };
    assert_eq!(field.reduced().show(Some(3.0), (0.0, 1.0)).text, "3 B");
    field.reduce = Reduce::Count;
    assert_eq!(field.reduced().show(Some(3.0), (0.0, 1.0)).text, "3");
}

#[test]
fn texts_are_mapped_or_stay_as_they_are() {
    let regex = MappingMatch::Regex(TextPattern::new("web-(.*)").expect("a pattern"));
    let field = FieldOptions {
        mappings: vec![
            Mapping { color: Some(RED), ..mapping(MappingMatch::Text("db".to_owned()), "database") },
            mapping(regex, "front $1"),
        ],
        thresholds: steps(false),
        ..FieldOptions::default()
    };
    assert_eq!(field.show_text("db"), Shown { text: "database".to_owned(), color: Some(RED) });
    assert_eq!(field.show_text("web-3"), Shown { text: "front 3".to_owned(), color: None });
    assert_eq!(field.show_text("other").text, "other");
    assert_eq!(field.show_text("").text, "");
}

/// What Grafana's own package answers, written by `scripts/units`: mapping, kind of value, value, text.
const GRAFANA: &str = include_str!("../../tests/data/mappings.tsv");

/// The first field of `options` in a mapping of Grafana's, and what it holds.
fn grafana_mapping(json: &str) -> Option<Mapping> {
    let value: serde_json::Value = serde_json::from_str(json).expect(json);
    let options = &value["options"];
    let text = |result: &serde_json::Value| result["text"].as_str().expect(json).to_owned();
    let when = match value["type"].as_str()? {
        "range" => MappingMatch::Range(options["from"].as_f64(), options["to"].as_f64()),
        "regex" => MappingMatch::Regex(TextPattern::new(options["pattern"].as_str()?).expect(json)),
        "value" => {
            let (key, result) = options.as_object()?.iter().next()?;
            return Some(mapping(MappingMatch::Text(key.clone()), &text(result)));
        }
        _ => match options["match"].as_str()? {
            "null" => MappingMatch::Null,
            "nan" => MappingMatch::Nan,
            "null+nan" => MappingMatch::NullOrNan,
            "empty" => MappingMatch::Text(String::new()),
            word => MappingMatch::Text(word.to_owned()),
        },
    };
    Some(mapping(when, &text(&options["result"])))
}

#[test]
fn mappings_are_those_of_grafana() {
    let mut hits = 0;
    for line in GRAFANA.lines().filter(|line| !line.starts_with('#')) {
        let [json, kind, value, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line:?}")
        };
        let expected = expected.strip_prefix('=');
        let mapping = grafana_mapping(json).expect(json);
        let is_match = if kind == "text" {
            mapping.when.matches_text(value)
        } else {
            mapping.when.matches((value != "null").then(|| value.parse().expect(line)))
        };
        // The one exception: apples are no number, and an address is none either.
        let is_exception = matches!(mapping.when, MappingMatch::Range(..)) && value == "3 apples";
        assert_eq!(is_match, expected.is_some() && !is_exception, "{line}");
        let Some(expected) = expected.filter(|_| is_match) else { continue };
        hits += 1;
        let field = FieldOptions { mappings: vec![mapping], ..FieldOptions::default() };
        let shown = if kind == "text" {
            field.show_text(value)
        } else {
            field.show((value != "null").then(|| value.parse().expect(line)), (0.0, 1.0))
        };
        assert_eq!(shown.text, expected, "{line}");
    }
    assert!(hits > 50, "{hits}");
}
