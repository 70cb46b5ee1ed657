//! Bodies as servers send them, and as they should not.

use proptest::prelude::*;

use super::*;
use crate::query::SourceId;

const GRID: Grid = Grid { start_ms: 1_000, step_ms: 500, len: 4 };

fn range() -> Query {
    Query { expr: "x".into(), time: QueryTime::Range(GRID), source: SourceId::DEFAULT }
}

fn instant() -> Query {
    Query { expr: "x".into(), time: QueryTime::Instant(7_000), source: SourceId::DEFAULT }
}

fn matrix(items: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{items}]}}}}"#)
}

/// Series by name, values as text, `-` for absent.
fn columns(body: &str) -> (Vec<String>, Vec<String>) {
    let answer = answer(body.as_bytes(), &range()).expect("decodes");
    let Data::Range(frame) = answer.data else { panic!("not a range") };
    let text = |value: &f64| if is_absent(*value) { "-".to_owned() } else { format!("{value:?}") };
    let line = |series: &Series| {
        format!("{} {}", series.labels, series.values.iter().map(text).collect::<Vec<_>>().join(" "))
    };
    (frame.series.iter().map(line).collect(), answer.warnings)
}

fn samples(body: &str) -> (i64, Vec<String>) {
    let answer = answer(body.as_bytes(), &instant()).expect("decodes");
    let Data::Instant(vector) = answer.data else { panic!("not an instant") };
    let line = |sample: &Sample| format!("{} {:?}", sample.labels, sample.value);
    (vector.time_ms, vector.samples.iter().map(line).collect())
}

fn error(body: &str) -> String {
    answer(body.as_bytes(), &range()).expect_err("refused").to_string()
}

#[test]
fn samples_find_their_place_on_the_grid() {
    let (lines, warnings) = columns(&matrix(
        r#"{"metric":{"__name__":"up","job":"a"},"values":[[1,"1"],[1.5,"NaN"],[2.500,"-Inf"]]},
           {"metric":{},"values":[[1.499,"+Inf"],[2,"1e300"]]}"#,
    ));
    assert_eq!(lines, [r#"up{job="a"} 1.0 NaN - -inf"#, "{} - inf 1e300 -"]);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn fields_come_in_any_order_and_unknown_ones_are_passed_over() {
    let body = r#" {"trace":{"a":[1,{}]},"data":{"stats":{"x":1},"result":[
        {"values":[[1,"2"]],"extra":[[]],"metric":{"a":"b"}}],"resultType":"matrix"},
        "isPartial":false,"status":"success"} "#;
    assert_eq!(columns(body), (vec![r#"{a="b"} 2.0 - - -"#.to_owned()], vec![]));
}

#[test]
fn every_result_type_is_read() {
    let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[3.25,"1.5"]}}"#;
    assert_eq!(samples(scalar), (3_250, vec!["{} 1.5".to_owned()]));
    let vector = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"a":"1"},"value":[3,"1"]},{"metric":{"a":"2"},"value":[3,"NaN"]}]}}"#;
    assert_eq!(samples(vector), (3_000, vec![r#"{a="1"} 1.0"#.to_owned(), r#"{a="2"} NaN"#.to_owned()]));
    let empty = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
    assert_eq!(samples(empty), (7_000, vec![]));
    assert_eq!(columns(&matrix("")).0, [""; 0]);
    assert_eq!(columns(r#"{"status":"success","data":{"resultType":"matrix","result":null}}"#).0, [""; 0]);
    assert_eq!(columns(scalar).0, [""; 0]);

    let evaluate = |body: &str| evaluation(body.as_bytes(), &instant()).expect("decodes").value;
    assert_eq!(evaluate(scalar), Value::Scalar { time_ms: 3_250, value: 1.5 });
    let text = r#"{"status":"success","data":{"result":[3,"hi"],"resultType":"string"}}"#;
    assert_eq!(evaluate(text), Value::Text { time_ms: 3_000, text: "hi".to_owned() });
    let labels = Labels::from([("a", "b")]);
    assert_eq!(
        evaluate(&matrix(r#"{"metric":{"a":"b"},"values":[[1,"2"],[1.001,"3"]]}"#)),
        Value::Matrix(vec![RawSeries { labels, points: vec![(1_000, 2.0), (1_001, 3.0)] }])
    );
    assert_eq!(evaluate(empty), Value::Vector(vec![]));
}

#[test]
fn what_no_panel_can_show_is_an_error_that_says_so() {
    let refused = |body: &str| answer(body.as_bytes(), &instant()).expect_err("refused").to_string();
    assert_eq!(
        refused(&matrix(r#"{"metric":{},"values":[[1,"2"]]}"#)),
        "bad_data: the expression gives a range vector, which no panel can show; write it with rate() or \
         last_over_time()"
    );
    let text = r#"{"status":"success","data":{"resultType":"string","result":[3,"hi"]}}"#;
    assert!(refused(text).contains("gives a string"));
}

#[test]
fn warnings_are_kept_and_bounded() {
    let (_, warnings) = columns(
        r#"{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["w"],
            "infos":["i"],"isPartial":true}"#,
    );
    let text = r#"{"status":"success","data":{"result":[]},"warnings":["w"],"infos":["i","j"]}"#;
    assert_eq!(answer(text.as_bytes(), &range()).expect("decodes").infos, ["i", "j"]);
    let partial = "the answer is partial: a part of the server's storage did not answer";
    assert_eq!(warnings, ["w", partial]);

    let many = vec![format!("{:?}", "x".repeat(5_000)); 25].join(",");
    let (_, warnings) = columns(&format!(r#"{{"data":{{"result":[]}},"warnings":[{many}]}}"#));
    assert_eq!(warnings.len(), 21);
    assert_eq!(warnings[0].len(), SERVER_TEXT_LIMIT_CHARS);
    assert_eq!(warnings[20], "5 more warnings were left out");
}

#[test]
fn native_histograms_are_named_not_dropped_silently() {
    let histogram = r#"{"count":"1","sum":"2","buckets":[[0,"1","2","3"]]}"#;
    let (lines, warnings) = columns(&matrix(&format!(
        r#"{{"metric":{{"__name__":"h"}},"histograms":[[1,{histogram}]]}},
           {{"metric":{{"a":"b"}},"values":[[1,"5"]],"histograms":[[1.5,{histogram}]]}}"#
    )));
    assert_eq!(lines, [r#"{a="b"} 5.0 - - -"#]);
    assert_eq!(
        warnings,
        ["native histogram of h and 1 others is not supported; \
          use histogram_quantile(), histogram_avg() or histogram_count() in the query"]
    );
}

#[test]
fn series_over_the_limit_are_counted() {
    let series = vec![r#"{"metric":{},"values":[[1,"1"]]}"#; SERIES_LIMIT + 3].join(",");
    let answer = answer(matrix(&series).as_bytes(), &range()).expect("decodes");
    let Data::Range(frame) = answer.data else { panic!("not a range") };
    assert_eq!((frame.series.len(), answer.series_left_out), (SERIES_LIMIT, 3));

    let full = vec![r#"{"metric":{},"values":[[1,"1"]]}"#; SERIES_LIMIT].join(",");
    assert_eq!(super::answer(matrix(&full).as_bytes(), &range()).expect("decodes").series_left_out, 0);
}

#[test]
fn samples_off_the_grid_are_told() {
    let (lines, warnings) = columns(&matrix(r#"{"metric":{},"values":[[0,"1"],[9e300,"1"],[-9e300,"1"]]}"#));
    assert_eq!(lines, [""; 0]);
    assert_eq!(warnings, ["all 3 samples of the answer lie outside the range asked for"]);
    let (lines, warnings) = columns(&matrix(r#"{"metric":{},"values":[[1,"1"],[1.1,"9"],[1.2,"2"]]}"#));
    assert_eq!(lines, ["{} 2.0 - - -"]);
    assert_eq!(
        warnings,
        ["the server ignored the step: 2 samples lay between the points asked for and are not shown"]
    );
}

#[test]
fn errors_are_prometheus_own_words() {
    let body = r#"{"status":"error","errorType":"bad_data","error":"parse error: unexpected ]"}"#;
    assert_eq!(error(body), "bad_data: parse error: unexpected ]");
    let said = |body: &str| server_error(body.as_bytes()).map(|error| error.to_string());
    assert_eq!(said(body).as_deref(), Some("bad_data: parse error: unexpected ]"));
    assert_eq!(
        said(r#"{"status":"error","error":"no token","data":null}"#).as_deref(),
        Some("error: no token")
    );
    for other in [r#"{"error":{"code":403}}"#, "<html>", "", "null", r#"{"status":"success","error":"x"}"#] {
        assert_eq!(said(other), None, "{other}");
    }
    let long = format!(r#"{{"status":"error","errorType":"e","error":"{}"}}"#, "x".repeat(9_000));
    assert_eq!(said(&long).map(|text| text.len()), Some(SERVER_TEXT_LIMIT_CHARS + 3));
}

#[test]
fn what_is_not_the_api_says_what_it_is() {
    let advice = "; check the address, its path prefix and whether a login is needed";
    for (body, found) in [
        ("<!DOCTYPE html><html><head><title>Sign\u{1b}[2J in</title>", "a web page titled \"Sign[2J in\""),
        ("<html></html>", "a web page"),
        ("OK\nmore", "OK"),
        ("", "an empty body"),
        ("[1,2]", "[1,2]"),
        (r#"{"message":"hi"}"#, r#"{"message":"hi"}"#),
        (r#"{"status":"success","data":{}}"#, r#"{"status":"success","data":{}}"#),
    ] {
        assert_eq!(
            error(body),
            format!("cannot read the answer: not a Prometheus API answer but {found}{advice}"),
            "{body}"
        );
    }
}

#[test]
fn broken_json_is_placed() {
    let whole = matrix(r#"{"metric":{},"values":[[1,"1"]]}"#);
    assert_eq!(
        error(&whole[..60]),
        "cannot read the answer: it breaks off at byte 60; a proxy may limit the size of answers: ask for fewer \
         series"
    );
    for (items, problem) in [
        (
            r#"{"metric":{},"values":[[1,"x"]]}"#,
            r#"invalid value: string "x", expected a number in quotes at byte"#,
        ),
        (r#"{"metric":{},"values":[[1]]}"#, "invalid length 1, expected a time and a value at byte"),
        (r#"{"metric":[],"values":[]}"#, "expected labels at byte"),
        (r#""text""#, "expected a series or a time at byte"),
        ("\n\n}", "expected value at byte 63"),
    ] {
        let error = error(&matrix(items));
        assert!(error.contains(problem), "{items}: {error}");
    }
    // Deep nesting ends in an error and not in an overflow of the stack.
    let deep = "[".repeat(100_000);
    assert!(error(&format!(r#"{{"x":{deep}"#)).contains("breaks off"));
    assert!(error(&format!(r#"{{"status":{deep}"#)).contains("recursion limit exceeded at byte"));
}

#[test]
fn labels_that_are_not_utf8_do_not_cost_the_answer() {
    let mut body = matrix(r#"{"metric":{"a":"?"},"values":[[1,"1"]]}"#).into_bytes();
    let at = body.iter().position(|byte| *byte == b'?').expect("a mark");
    body[at] = 0xff;
    let Data::Range(frame) = answer(&body, &range()).expect("decodes").data else { panic!("not a range") };
    assert_eq!(frame.series[0].labels.get("a"), Some("\u{fffd}"));
}

/// As Prometheus would write it.
fn written(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => format!("{value:?}"),
    }
}

proptest! {
    #[test]
    fn a_matrix_survives_the_way(
        start_ms in 0..2_000_000_000_000_i64,
        step_ms in 1..100_000_i64,
        table in prop::collection::vec(
            (".{0,8}", prop::collection::vec(prop::option::of(any::<f64>()), 7)), 0..5,
        ),
    ) {
        let grid = Grid { start_ms, step_ms, len: 7 };
        let mut items = Vec::new();
        let mut expected = Vec::new();
        for (label, values) in table {
            let points: Vec<String> = values.iter().enumerate().filter_map(|(index, value)| {
                let time_s = crate::source::prometheus::seconds(grid.time_ms(index));
                value.map(|value| format!("[{time_s},\"{}\"]", written(value)))
            }).collect();
            let label_json = serde_json::to_string(&label).expect("a string");
            items.push(format!(r#"{{"metric":{{"l":{label_json}}},"values":[{}]}}"#, points.join(",")));
            if !points.is_empty() {
                let bits: Vec<Option<u64>> = values.iter()
                    .map(|value| value.map(|value| if value.is_nan() { f64::NAN } else { value }.to_bits()))
                    .collect();
                expected.push((label, bits));
            }
        }
        let query = Query { expr: "x".into(), time: QueryTime::Range(grid), source: SourceId::DEFAULT };
        let answer = answer(matrix(&items.join(",")).as_bytes(), &query).expect("decodes");
        let Data::Range(frame) = answer.data else { panic!("not a range") };
        let found: Vec<(String, Vec<Option<u64>>)> = frame.series.iter().map(|series| {
            let bits = series.values.iter().map(|value| (!is_absent(*value)).then(|| value.to_bits()));
            (series.labels.get("l").unwrap_or_default().to_owned(), bits.collect())
        }).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(answer.warnings, Vec::<String>::new());
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), cut in 0..150_usize) {
        let _ = answer(&body, &range());
        let mut whole = matrix(r#"{"metric":{"a":"b"},"values":[[1,"1"],[1.5,"2"]]}"#).into_bytes();
        let at = cut.min(whole.len() - 1);
        whole[at] = body.first().copied().unwrap_or(0);
        let _ = answer(&whole, &range());
        let _ = evaluation(&whole, &instant());
    }
}
