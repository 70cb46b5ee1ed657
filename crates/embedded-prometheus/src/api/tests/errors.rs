//! What is refused, and in which words.

use serde_json::{Value, json};

use super::get;

const START: &str = r#"invalid parameter "start": cannot parse "" to a valid timestamp"#;
const STEP: &str = "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. \
                    Try a positive integer";
const STEPS: &str = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query \
                     resolution (?step=XX)";
const DUPLICATE: &str = "found duplicate series for the match group";

/// A request, the type of its error, and what the error says (or begins with, if its type is `execution`).
const ERRORS: &[(&str, &str, &str)] = &[
    (
        "query",
        "bad_data",
        r#"invalid parameter "query": unknown position: parse error: no expression found in input"#,
    ),
    (
        "query?query=1%2B",
        "bad_data",
        r#"invalid parameter "query": 1:3: parse error: unexpected end of input"#,
    ),
    (
        "query?query=foo(x)",
        "bad_data",
        r#"invalid parameter "query": 1:1: parse error: unknown function with name "foo""#,
    ),
    (
        "query?query=1&time=foo",
        "bad_data",
        r#"invalid parameter "time": Invalid time value for 'time': cannot parse "foo" to a valid timestamp"#,
    ),
    (
        "query?query=1&timeout=bla",
        "bad_data",
        r#"invalid parameter "timeout": cannot parse "bla" to a valid duration"#,
    ),
    (
        "query?query=1&limit=x",
        "bad_data",
        r#"invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax"#,
    ),
    ("query?query=1&limit=-1", "bad_data", r#"invalid parameter "limit": limit must be non-negative"#),
    (
        "query?query=1&lookback_delta=x",
        "bad_data",
        r#"error parsing lookback delta duration: cannot parse "x" to a valid duration"#,
    ),
    ("query_range", "bad_data", START),
    (
        "query_range?query=1&start=1&end=2",
        "bad_data",
        r#"invalid parameter "step": cannot parse "" to a valid duration"#,
    ),
    ("query_range?query=1&start=1&end=2&step=0", "bad_data", STEP),
    ("query_range?query=1&start=1&end=2&step=-1", "bad_data", STEP),
    ("query_range?query=1&start=1&end=2&step=0.0001", "bad_data", STEP),
    (
        "query_range?query=1&start=2&end=1&step=1",
        "bad_data",
        r#"invalid parameter "end": end timestamp must not be before start time"#,
    ),
    ("query_range?query=1&start=0&end=11001&step=1", "bad_data", STEPS),
    ("query_range?query=1&start=0&end=148966367200.372&step=1", "bad_data", STEPS),
    (
        "query_range?query=1&start=0&end=2&step=1e30",
        "bad_data",
        r#"invalid parameter "step": cannot parse "1e30" to a valid duration. It overflows int64"#,
    ),
    (
        "query_range?query=up[5m]&start=0&end=2&step=1",
        "bad_data",
        r#"invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector"#,
    ),
    (
        "query_exemplars?query=up&start=5&end=1",
        "bad_data",
        "end timestamp must not be before start timestamp",
    ),
    ("query_exemplars?query=up{", "bad_data", "1:4: parse error: unexpected end of input inside braces"),
    (
        "labels?start=x",
        "bad_data",
        r#"invalid parameter "start": Invalid time value for 'start': cannot parse "x" to a valid timestamp"#,
    ),
    ("labels?match[]={a=%22%22}", "bad_data", "match[] must contain at least one non-empty matcher"),
    ("labels?match[]=up[5m]", "bad_data", r#"1:3: parse error: unexpected "[""#),
    ("label/job/values?match[]={", "bad_data", "1:2: parse error: unexpected end of input inside braces"),
    ("series", "bad_data", "no match[] parameter provided"),
    (
        "series?match[]={a=~%22.*%22}",
        "bad_data",
        r#"invalid parameter "match[]": match[] must contain at least one non-empty matcher"#,
    ),
    (
        "series?match[]=rate(x[5m])",
        "bad_data",
        r#"invalid parameter "match[]": 1:5: parse error: unexpected "(""#,
    ),
    (
        "series?match[]=up&end=foo",
        "bad_data",
        r#"invalid parameter "end": Invalid time value for 'end': cannot parse "foo" to a valid timestamp"#,
    ),
    ("metadata?limit=x", "bad_data", "limit must be a number"),
    ("metadata?limit_per_metric=x", "bad_data", "limit_per_metric must be a number"),
    (
        "targets/metadata?match_target={",
        "bad_data",
        r#"invalid parameter "match_target": 1:2: parse error: unexpected end of input inside braces"#,
    ),
    ("rules?type=foo", "bad_data", r#"invalid parameter "type": not supported value "foo""#),
    (
        "rules?exclude_alerts=foo",
        "bad_data",
        r#"invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "foo": invalid syntax"#,
    ),
    ("status/tsdb?limit=x", "bad_data", "limit must be a positive number"),
    (
        "format_query?query=invalid_expression/",
        "bad_data",
        r#"invalid parameter "query": 1:20: parse error: unexpected end of input"#,
    ),
    ("query?query=up{job=%22api%22}*on(job){job=%22api%22,__name__=~%22r.*|h.*%22}", "execution", DUPLICATE),
    ("query?query=1&timeout=0", "timeout", "query timed out in query execution"),
];

#[tokio::test]
async fn errors_have_the_words_and_codes_of_prometheus() {
    for &(path, kind, message) in ERRORS {
        let (status, body) = get(&format!("/api/v1/{path}")).await;
        let code = match kind {
            "bad_data" => 400,
            "execution" => 422,
            _ => 503,
        };
        let body: Value = serde_json::from_str(&body).unwrap();
        let expected = json!({"status": "error", "errorType": kind, "error": message});
        if kind == "execution" {
            // Which of two duplicates is named first is not defined.
            assert_eq!((status, &body["errorType"]), (code, &expected["errorType"]), "{body}");
            assert!(body["error"].as_str().unwrap().starts_with(message), "{body}");
            continue;
        }
        assert_eq!((status, body), (code, expected), "{path}");
    }
}
