//! Every line of Grafana's table (`scripts/variables`), and what the table cannot hold.

use std::collections::HashMap;

use chrono_tz::Tz;
use serde::de::DeserializeOwned;

use super::options::{custom, options};
use super::*;
use crate::time_range::{Intervals, Span};

const TABLE: &str = include_str!("../../tests/data/variables.tsv");
const SPAN: Span = Span { start_ms: 1_780_000_000_123, end_ms: 1_780_003_600_000 };

/// Where promscope differs from Grafana on purpose: the row's cells behind the first, and the reason.
const DIFFERENCES: &[(&str, &str)] = &[];

fn rows(kind: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect());
    rows.filter(move |cells: &Vec<_>| cells[0] == format!("\"{kind}\""))
}

fn cell<T: DeserializeOwned>(cell: &str) -> T {
    serde_json::from_str(cell).expect("JSON")
}

fn sort_of(number: u8) -> Sort {
    [
        Sort::None,
        Sort::Alphabetical,
        Sort::AlphabeticalDescending,
        Sort::Numerical,
        Sort::NumericalDescending,
        Sort::IgnoringCase,
        Sort::IgnoringCaseDescending,
        Sort::Natural,
        Sort::NaturalDescending,
    ][usize::from(number)]
}

/// Compares all, and shows the first few that differ.
fn compare(found: &[(String, String, String)], at_least: usize) {
    assert!(found.len() >= at_least, "only {} rows", found.len());
    let is_known = |row: &str| DIFFERENCES.iter().any(|(known, _)| *known == row);
    let wrong: Vec<String> = found
        .iter()
        .filter(|(row, expected, ours)| (expected != ours) != is_known(row))
        .map(|(row, expected, ours)| format!("{row}\n  Grafana: {expected}\n  ours:    {ours}"))
        .collect();
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} rows:\n{shown}", wrong.len(), found.len());
}

fn values_of_table() -> Values {
    let mut values = Values::new();
    for cells in rows("variable") {
        let name: String = cell(cells[1]);
        let choices = custom(&cell::<String>(cells[5]));
        let wished: Vec<String> = cell(cells[6]);
        let mut variable = Variable::new(&name, Kind::Custom(choices.clone()));
        variable.multi = cell(cells[2]);
        variable.include_all = cell(cells[3]);
        variable.all_value = Some(cell(cells[4]));
        let wished = if wished == ["*"] { vec![ALL.to_owned()] } else { wished };
        let current = choose::wish(&variable, &wished, &choices, true).expect("something is chosen");
        values.insert(name, Value::of(&variable, &current, &choices));
    }
    values
}

#[test]
fn texts_are_filled_in_as_grafana_fills_them() {
    let values = values_of_table();
    let scope = Scope::new(&values).with_query(None, SPAN, Tz::UTC);
    let found = rows("text").map(|cells| {
        let style = match cell::<String>(cells[2]).as_str() {
            "promql" => Style::Promql,
            "glob" => Style::Glob,
            _ => Style::Text,
        };
        (cells[1..3].join("\t"), cell(cells[3]), interpolate(&cell::<String>(cells[1]), &scope, style))
    });
    compare(&found.collect::<Vec<_>>(), 1_000);
}

#[test]
fn options_are_filtered_and_sorted_as_grafana_does() {
    let lists: HashMap<String, Vec<String>> =
        rows("list").map(|cells| (cell(cells[1]), cell(cells[2]))).collect();
    let found = rows("options").map(|cells| {
        let list = lists[&cell::<String>(cells[1])].iter().map(|text| Choice::plain(text)).collect();
        let ours = match options(list, Some(&cell::<String>(cells[2])), sort_of(cell(cells[3]))) {
            Ok(options) => pairs(&options.choices),
            Err(error) => error,
        };
        let expected: Vec<(Option<String>, Option<String>)> = cell(cells[4]);
        // A group that took no part makes a value of nothing there; such a value is left out here.
        let expected = expected.into_iter().filter_map(|(value, text)| Some((value?, text?)));
        (cells[1..4].join("\t"), format!("{:?}", expected.collect::<Vec<_>>()), ours)
    });
    compare(&found.collect::<Vec<_>>(), 200);
}

fn pairs(choices: &[Choice]) -> String {
    format!("{:?}", choices.iter().map(|choice| (&choice.value, &choice.text)).collect::<Vec<_>>())
}

#[test]
fn lists_in_a_text_are_parted_as_grafana_does() {
    let found = rows("custom").map(|cells| {
        let expected: Vec<(String, String)> = cell(cells[2]);
        (cells[1].to_owned(), format!("{expected:?}"), pairs(&custom(&cell::<String>(cells[1]))))
    });
    compare(&found.collect::<Vec<_>>(), 10);
}

#[test]
fn built_ins_are_filled_in_every_spelling() {
    let intervals = Intervals { step_ms: 15_000, rate_ms: 60_000, range_ms: 3_600_400 };
    let span = Span { start_ms: 1_000, end_ms: 3_601_000 };
    let fill = |text: &str| interpolate(text, &Scope::built_ins(&intervals, span), Style::Promql);
    assert_eq!(fill("rate(x[$__rate_interval])"), "rate(x[1m])");
    assert_eq!(fill("a[${__interval}] b[[[__interval]]]"), "a[15s] b[15s]");
    assert_eq!(fill("$__interval_ms ${__range:raw} $__range_s $__range_ms"), "15000 3600s 3600 3600400");
    assert_eq!(fill("$__from-$__to ${__rate_interval_ms}"), "1000-3601000 60000");
    for text in ["$x ${y:regex} [[z]]", "$", "a[5m]", "${", "$1"] {
        assert_eq!(fill(text), text);
    }
    assert!(is_built_in("__from") && is_built_in("__rate_interval") && !is_built_in("x"));
}

#[test]
fn a_repeated_panel_has_one_value_which_still_is_a_pattern() {
    let values = values_of_table();
    let fixed = [("both".to_owned(), Value::fixed(&Choice::plain("a.b"), true))].into();
    let scope = Scope::new(&values).with_fixed(&fixed);
    assert_eq!(interpolate("x{i=~\"$both\"} $one", &scope, Style::Promql), "x{i=~\"a\\\\.b\"} web");
    assert_eq!(interpolate("on $both", &scope, Style::Text), "on a.b");
}

#[test]
fn values_that_name_each_other_come_to_an_end() {
    let mut variable = Variable::new("a", Kind::Custom(Vec::new()));
    (variable.include_all, variable.all_value) = (true, Some("$a$a".to_owned()));
    let values = [("a".to_owned(), Value::of(&variable, &Current::All, &[]))].into();
    let filled = interpolate("$a", &Scope::new(&values), Style::Promql);
    assert!(filled.len() < 2_000, "{}", filled.len());
}

#[test]
fn patterns_say_what_is_wrong_with_them_and_never_hang() {
    for (text, expected) in [
        ("/a", "lacks the one at its end"),
        ("/a/x", "no flags"),
        ("/*a/", "nothing before `*`"),
        ("/a**/", "nothing before `*`"),
        ("/[z-a]/", "runs backwards"),
        ("/[a/", "lacks its `]`"),
        ("/(a/", ""),
        ("/\\/", "ends with a backslash"),
        ("/(?#a)/", "no group that JavaScript knows"),
    ] {
        let error = pattern::Pattern::parse(text).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
    let text = "a".repeat(60);
    let slow = pattern::Pattern::parse("/^(?=((a+)+))\\1b(?!c)(a*)*$/").expect("a pattern");
    let _ = slow.matches(&text);
    let slow = pattern::Pattern::parse("/^(a|a)*(?!a)b\\1$/").expect("a pattern");
    let error = slow.matches(&text).expect_err("given up");
    assert!(error.contains("steps back"), "{error}");
}

#[test]
fn after_a_refresh_the_choice_is_kept_as_far_as_it_can_be() {
    let options = [Choice::plain("a"), Choice { value: "2".into(), text: "two".into() }];
    let mut variable = Variable::new("v", Kind::Query(String::new()));
    let values = |names: &[&str]| Current::Values(names.iter().map(|name| Choice::plain(name)).collect());
    assert_eq!(choose::after(&variable, &values(&["a"]), &options), values(&["a"]));
    assert_eq!(choose::after(&variable, &values(&["gone"]), &options), values(&["a"]));
    assert_eq!(
        choose::after(&variable, &values(&["two"]), &options),
        Current::Values(vec![options[1].clone()]),
        "by its text"
    );
    assert_eq!(choose::after(&variable, &Current::All, &options), values(&["a"]), "there is no all");
    assert_eq!(choose::after(&variable, &values(&["a"]), &[]), Current::Values(vec![Choice::default()]));
    variable.multi = true;
    assert_eq!(choose::after(&variable, &values(&["gone", "a"]), &options), values(&["a"]));
    assert_eq!(choose::after(&variable, &values(&["gone"]), &options), values(&["a"]));
    assert_eq!(choose::after(&variable, &values(&["a"]), &[]), Current::Values(Vec::new()));
    variable.include_all = true;
    assert_eq!(choose::after(&variable, &Current::All, &options), Current::All);
    assert_eq!(choose::after(&variable, &values(&["a"]), &[]), Current::All);
    let wish = |texts: &[&str], keeps| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        choose::wish(&variable, &texts, &options, keeps)
    };
    assert_eq!(wish(&["All"], false), Some(Current::All));
    assert_eq!(wish(&["$__all"], false), Some(Current::All));
    assert_eq!(
        wish(&["two", "a"], false),
        Some(Current::Values(vec![options[1].clone(), options[0].clone()]))
    );
    assert_eq!(wish(&["new"], false), None);
    assert_eq!(wish(&["new"], true), Some(values(&["new"])));
}

fn query(name: &str, text: &str) -> Variable {
    Variable::new(name, Kind::Query(text.to_owned()))
}

#[test]
fn variables_come_behind_those_that_they_need() {
    let variables = [
        query("pod", "label_values(x{ns=\"$ns\"}, pod)"),
        query("ns", "label_values(x{job=\"[[job]]\"}, ns)"),
        query("job", "label_values(job)"),
        Variable { regex: Some("/${ns:regex}/".to_owned()), ..query("other", "metrics(x)") },
    ];
    assert_eq!(order::order(&variables), Ok(vec![2, 1, 0, 3]));
    assert_eq!(order::affected(&variables, 2), [1]);
    assert_eq!(order::affected(&variables, 1), [0, 3]);
    assert_eq!(order::affected(&variables, 0), [0; 0]);
    let circle = [query("a", "$b"), query("b", "x $c"), query("c", "$a"), query("d", "$a")];
    assert_eq!(order::order(&circle), Err(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    assert_eq!(order::order(&[query("a", "$a")]), Err(vec!["a".to_owned()]));
}

#[test]
fn queries_are_read_by_the_forms_of_grafana_s_data_source() {
    use lookup::Lookup;
    let values = |label: &str, selector: Option<&str>| Lookup::LabelValues {
        label: label.to_owned(),
        selector: selector.map(str::to_owned),
    };
    let read = |text| lookup::parse(text);
    assert_eq!(read("label_values(job)"), Some(values("job", None)));
    assert_eq!(read(" label_values(up{a=\"b,c\"}, job) "), Some(values("job", Some("up{a=\"b,c\"}"))));
    assert_eq!(read("label_values({}, job)"), Some(values("job", None)));
    assert_eq!(read("label_values( , job)"), Some(values("job", None)));
    assert_eq!(read("label_names()"), Some(Lookup::LabelNames { selector: None }));
    let named = Some("{__name__=~\".*http.*\"}".to_owned());
    assert_eq!(read("label_names(http)"), Some(Lookup::LabelNames { selector: named }));
    assert_eq!(read("metrics(^go_)"), Some(Lookup::Metrics { pattern: "^go_".into() }));
    assert_eq!(read("query_result(topk(5, up))"), Some(Lookup::Result { expr: "topk(5, up)".into() }));
    assert_eq!(read("up{job=\"a\"}"), Some(Lookup::Series { selector: "up{job=\"a\"}".into() }));
    assert_eq!((read(""), read("label_values()")), (None, None));
    let found = vec!["go_x".to_owned(), "a_go_y".to_owned()];
    let metrics = Lookup::Metrics { pattern: "^go_".into() };
    assert_eq!(lookup::choices(&metrics, found), Ok(vec![Choice::plain("go_x")]));
}

#[test]
fn filters_reach_every_selector_and_no_text() {
    use adhoc::{Filter, apply};
    let filters = ["job=\"api\"", "path!~\"/a.*\\\\d\""].map(|text| Filter::parse(text).expect(text));
    let add = |expr| apply(expr, &filters).expect(expr);
    assert_eq!(add("up"), "up{job=\"api\",path!~\"/a.*\\\\d\"}");
    let one = &filters[..1];
    for (expr, expected) in [
        ("sum(rate(x{a=\"b\"}[5m])) by (job)", "sum by (job) (rate(x{a=\"b\",job=\"api\"}[5m]))"),
        ("up{job=\"api\"}", "up{job=\"api\"}"),
        (
            "label_replace(up, \"a\", \"up\", \"b\", \"up\")",
            "label_replace(up{job=\"api\"}, \"a\", \"up\", \"b\", \"up\")",
        ),
        ("a / on (up) b offset 5m", "a{job=\"api\"} / on (up) b{job=\"api\"} offset 5m"),
        ("topk(scalar(n), x) > 1", "topk(scalar(n{job=\"api\"}), x{job=\"api\"}) > 1"),
        ("max_over_time(rate(x[1m])[1h:5m])", "max_over_time(rate(x{job=\"api\"}[1m])[1h:5m])"),
        ("{__name__=~\"a.*\"}", "{__name__=~\"a.*\",job=\"api\"}"),
        ("-(1 + x @ end())", "-(1 + x{job=\"api\"} @ end())"),
    ] {
        assert_eq!(apply(expr, one).as_deref(), Ok(expected), "{expr}");
    }
    assert!(apply("sum(", one).is_err());
    assert!(apply(&"(".repeat(5_000), one).is_err());
    for bad in ["", "job", "1a=b", "a=\"b", "a=~\"(\""] {
        assert!(Filter::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(Filter::parse("a = b c").expect("bare").to_string(), "a=\"b c\"");
}
