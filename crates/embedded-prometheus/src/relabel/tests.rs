//! Each action, with cases that follow those of Prometheus's own tests.

use super::*;
use crate::storage::anchored_regex;

/// The default rule with `change` made to it.
fn rule(action: Action, sources: &[&str], pattern: &str, change: impl FnOnce(&mut Rule)) -> Rule {
    let mut rule = Rule {
        source_labels: sources.iter().map(|&name| name.to_owned()).collect(),
        separator: ";".into(),
        regex: anchored_regex(pattern).unwrap(),
        regex_text: pattern.into(),
        modulus: 0,
        target_label: String::new(),
        replacement: "$1".into(),
        action,
    };
    change(&mut rule);
    rule
}

fn replace(sources: &[&str], pattern: &str, target: &str, replacement: &str) -> Rule {
    rule(Action::Replace, sources, pattern, |rule| {
        rule.target_label = target.into();
        rule.replacement = replacement.into();
    })
}

fn relabelled(pairs: &[(&str, &str)], rules: &[Rule]) -> String {
    let labels = Labels::from_pairs(pairs.iter().copied());
    apply(&labels, rules).map_or("dropped".into(), |labels| labels.to_string())
}

const ABC: [(&str, &str); 3] = [("a", "foo"), ("b", "bar"), ("c", "baz")];

#[test]
fn replace_writes_what_the_template_gives() {
    for (rules, expected) in [
        (
            vec![replace(&["a"], "f(.*)", "d", "ch${1}-ch${1}")],
            r#"{a="foo", b="bar", c="baz", d="choo-choo"}"#,
        ),
        // Rules see what those before them wrote.
        (
            vec![
                replace(&["a", "b"], "f(.*);(.*)r", "a", "b${1}${2}m"),
                replace(&["c", "a"], "(b).*b(.*)ba(.*)", "d", "$1$2$2$3"),
            ],
            r#"{a="boobam", b="bar", c="baz", d="boooom"}"#,
        ),
        (vec![replace(&["a"], "no", "d", "x")], r#"{a="foo", b="bar", c="baz"}"#),
        // An empty replacement removes.
        (vec![replace(&["a"], "(f).*", "b", "$2")], r#"{a="foo", c="baz"}"#),
        (vec![replace(&["none"], ".*", "d", "static")], r#"{a="foo", b="bar", c="baz", d="static"}"#),
        (
            vec![replace(&["a", "b"], "(.*);(.*)", "${1}_$2", "x")],
            r#"{a="foo", b="bar", c="baz", foo_bar="x"}"#,
        ),
        // A target that comes out empty is left alone.
        (vec![replace(&["a"], "(.*)", "$2", "x")], r#"{a="foo", b="bar", c="baz"}"#),
        (vec![replace(&["a"], "(.*)", "a.b", "x")], r#"{a="foo", "a.b"="x", b="bar", c="baz"}"#),
    ] {
        assert_eq!(relabelled(&ABC, &rules), expected);
    }
}

#[test]
fn keep_and_drop() {
    let simple = |action, pattern: &str| relabelled(&ABC, &[rule(action, &["a"], pattern, |_| {})]);
    assert_eq!(simple(Action::Drop, ".*o.*"), "dropped");
    assert_eq!(simple(Action::Drop, "f"), r#"{a="foo", b="bar", c="baz"}"#);
    assert_eq!(simple(Action::Keep, "f|foo"), r#"{a="foo", b="bar", c="baz"}"#);
    assert_eq!(simple(Action::Keep, "no-match"), "dropped");
}

#[test]
fn equal_to_the_target_label() {
    let ports = [("port", "8080"), ("want", "8080"), ("other", "1")];
    let equal = |action, target: &str| {
        relabelled(&ports, &[rule(action, &["port"], "(.*)", |rule| rule.target_label = target.into())])
    };
    assert_eq!(equal(Action::DropEqual, "want"), "dropped");
    assert_ne!(equal(Action::DropEqual, "other"), "dropped");
    assert_ne!(equal(Action::KeepEqual, "want"), "dropped");
    assert_eq!(equal(Action::KeepEqual, "none"), "dropped");
}

/// The figures are those of Python's hashlib.
#[test]
fn hashmod() {
    let modulo = |sources: &[&str], separator: &str| {
        let rule = rule(Action::HashMod, sources, "(.*)", |rule| {
            rule.target_label = "d".into();
            rule.separator = separator.into();
            rule.modulus = 1000;
        });
        apply(&Labels::from_pairs(ABC), &[rule]).unwrap().get("d").to_owned()
    };
    assert_eq!(modulo(&["c"], ";"), "976");
    assert_eq!(modulo(&["a", "b"], "\n"), "734");
}

#[test]
fn labelmap_labeldrop_labelkeep() {
    let map = |pattern: &str, replacement: &str| {
        rule(Action::LabelMap, &[], pattern, |rule| rule.replacement = replacement.into())
    };
    let meta = [("__meta_my_bar", "aaa"), ("__meta_my_baz", "bbb"), ("a", "foo")];
    assert_eq!(
        relabelled(&meta, &[map("__meta_(my.*)", "$1")]),
        r#"{__meta_my_bar="aaa", __meta_my_baz="bbb", a="foo", my_bar="aaa", my_baz="bbb"}"#
    );
    // All to one name: the last by name counts, and a label that an earlier rule set comes after the others.
    assert_eq!(relabelled(&ABC, &[map("[abc]", "x")]), r#"{a="foo", b="bar", c="baz", x="baz"}"#);
    let set_first = [replace(&["none"], ".*", "a", "set"), map("[abc]", "x")];
    assert_eq!(relabelled(&ABC, &set_first), r#"{a="set", b="bar", c="baz", x="set"}"#);
    assert_eq!(relabelled(&ABC, &[rule(Action::LabelDrop, &[], "[ab]", |_| {})]), r#"{c="baz"}"#);
    assert_eq!(relabelled(&ABC, &[rule(Action::LabelKeep, &[], "[ab]", |_| {})]), r#"{a="foo", b="bar"}"#);
    assert_eq!(relabelled(&ABC, &[rule(Action::LabelDrop, &[], ".*", |_| {})]), "{}");
}

#[test]
fn upper_and_lower_case() {
    let case = |action| {
        relabelled(&[("a", "FoO")], &[rule(action, &["a"], "(.*)", |rule| rule.target_label = "b".into())])
    };
    assert_eq!(case(Action::Lowercase), r#"{a="FoO", b="foo"}"#);
    assert_eq!(case(Action::Uppercase), r#"{a="FoO", b="FOO"}"#);
}
