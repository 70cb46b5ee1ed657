//! The words and positions of errors, as Prometheus gives them, and what the text means.

use super::parse;
use crate::promql::{Engine, Options};
use crate::storage::Regexes;

fn error(text: &str) -> String {
    Engine::new(Options::default()).parse(text).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn errors_in_prometheus_words() {
    for (text, expected) in [
        ("", "unknown position: parse error: no expression found in input"),
        (" # comment", "1:1: parse error: no expression found in input"),
        ("sum(x", "1:6: parse error: unclosed left parenthesis"),
        ("x)", "1:3: parse error: unexpected right parenthesis ')'"),
        ("x{", "1:3: parse error: unexpected end of input inside braces"),
        ("x[5m", "1:5: parse error: unclosed left bracket"),
        ("x[", "1:3: parse error: unexpected end of input in duration expression"),
        ("\"abc", "1:1: parse error: unterminated quoted string"),
        ("'a\\q'", "1:1: parse error: unknown escape sequence U+0071 'q'"),
        ("x =~ y", "1:3: parse error: unexpected character after '=': '~'"),
        ("x ! y", "1:3: parse error: unexpected character after '!': ' '"),
        ("foo(x)", "1:1: parse error: unknown function with name \"foo\""),
        ("foo(x) +", "1:1: parse error: unknown function with name \"foo\""),
        ("1 +\n foo(x)", "2:2: parse error: unknown function with name \"foo\""),
        ("sum x", "1:5: parse error: unexpected identifier \"x\""),
        ("sum(x y)", "1:7: parse error: unexpected identifier \"y\" in aggregation"),
        ("rate(sum(x) y)", "1:13: parse error: unexpected identifier \"y\""),
        ("sum by", "1:7: parse error: unexpected end of input in grouping opts, expected \"(\""),
        (
            "sum by (a b) (c)",
            "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"",
        ),
        ("x @ start", "1:10: parse error: unexpected end of input in @, expected timestamp"),
        ("x @ NaN", "1:1: parse error: timestamp out of bounds for @ modifier: NaN"),
        ("x offset", "1:9: parse error: unexpected end of input in offset, expected number or duration"),
        ("x offset 5m offset 3m", "1:1: parse error: offset may not be set multiple times"),
        ("x[5m:1m:1m]", "1:8: parse error: unexpected colon ':'"),
        ("x{a=}", "1:5: parse error: unexpected \"}\" in label matching, expected string"),
        (
            "{a=\"b\" \"c\"}",
            "1:8: parse error: unexpected string \"\\\"c\\\"\" in label matching, expected \",\" or \"}\"",
        ),
        ("()", "1:2: parse error: unexpected \")\""),
        ("start()", "1:6: parse error: unexpected \"(\""),
        ("x bool y", "1:3: parse error: unexpected <bool>"),
        ("1 * / 2", "1:5: parse error: unexpected <op:/>"),
        ("1.2.3", "1:1: parse error: bad number or duration syntax: \"1.2.\""),
        ("abs(x,)", "1:6: parse error: trailing commas not allowed in function call args"),
        (
            "sum(rate(x))",
            "1:10: parse error: expected type range vector in call to function \"rate\", got instant vector",
        ),
        (
            "sum(x[5m])",
            "1:5: parse error: expected type instant vector in aggregation expression, got range vector",
        ),
        ("abs(x, 1)", "1:1: parse error: expected 1 argument(s) in call to \"abs\", got 2"),
        ("1 >= 2", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        ("1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"),
        ("x and 1", "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"),
        ("{a=~\".*\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        ("sort_by_label(x, \"a\")", "1:1: parse error: function \"sort_by_label\" is not enabled"),
        (
            "limitk(1, x)",
            "1:1: parse error: limitk() is experimental and must be enabled with \
             --enable-feature=promql-experimental-functions",
        ),
        ("info(x)", "1:1: parse error: function \"info\" is not enabled"),
        ("x[5m * 2]", "1:3: parse error: experimental duration expression is not enabled"),
        ("x[0]", "1:3: parse error: duration must be greater than 0"),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn operators_bind_as_in_prometheus() {
    let engine = Engine::default();
    let store = crate::storage::MemoryStore::default();
    for (text, value) in [
        ("-1^2", -1.0),
        ("2^3^2", 512.0),
        ("2^-1*4", 2.0),
        ("-2^2*3", -12.0),
        ("1-2-3", -4.0),
        ("1--1", 2.0),
        ("--5", 5.0),
        ("7 % 4 * 2", 6.0),
        ("1 + 2 * 3 == bool 7", 1.0),
        ("5m + 1_000", 1300.0),
        ("0x1F + 010", 39.0),
        ("1 # one\n + 1", 2.0),
    ] {
        let answer = engine.instant(&store, text, 0, &crate::promql::Forever).unwrap();
        let crate::promql::QueryValue::Scalar(sample) = answer.value else { panic!("{text} is a scalar") };
        assert_eq!(sample.value, value, "{text}");
    }
}

/// A second reader of the language agrees on what is PromQL.
#[test]
fn another_parser_agrees() {
    for text in [
        "sum by (a, b,) (rate(x{l=\"(,\"}[5m])) / on (c) topk without(z)(3, y)",
        "sum(x) by (job) + time()",
        "max_over_time(x[5m] @ end()) # abs(x)",
        "{\"a.b\", c!=\"d\"} offset -5m @ 1e9",
        "rate(x[5m]) [10m:1m] offset 5m @ start()",
        "x unless ignoring() y or on (sum, by, bool) z",
        "a * on (x) group_left b",
        "start + end + offset + by + group",
        "x[300:0.5]",
        "Sum By (a) (:a:b)",
    ] {
        assert!(parse(text, false, 100, &mut Regexes::default()).is_ok(), "{text}");
        assert!(promql_parser::parser::parse(text).is_ok(), "{text}");
    }
    // Here the other one errs, by Prometheus's lights.
    for text in ["x{a=~`\\d+`}", "1_000", "x{a=~\"\\\\Qa\\\\E\"}", "x offset --5m"] {
        assert!(parse(text, false, 100, &mut Regexes::default()).is_ok(), "{text}");
        assert!(promql_parser::parser::parse(text).is_err(), "{text}");
    }
}
