use super::{duration, one_line, pretty};

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(one_line(text).as_deref(), Some(*expected), "{text}");
        // What is printed prints as itself.
        assert_eq!(one_line(expected).as_deref(), Some(*expected), "{expected} again");
    }
}

#[test]
fn aggregations_and_matching() {
    check(&[
        (r#"sum by() (task:errors:rate10s{job="s"})"#, r#"sum(task:errors:rate10s{job="s"})"#),
        (r#"sum by(code) (task:errors:rate10s{job="s"})"#, r#"sum by (code) (task:errors:rate10s{job="s"})"#),
        ("sum(x) by (a,b)", "sum by (a, b) (x)"),
        ("SUM without() (x)", "sum without () (x)"),
        ("sum without(instance) (x)", "sum without (instance) (x)"),
        (r#"sum by("foo.bar") (x)"#, r#"sum by ("foo.bar") (x)"#),
        (r#"topk(5, x{job="s"})"#, r#"topk(5, x{job="s"})"#),
        (r#"count_values("value", x)"#, r#"count_values("value", x)"#),
        ("a - on() c", "a - on () c"),
        ("a - on(b) c", "a - on (b) c"),
        ("a - on(b) group_left(x) c", "a - on (b) group_left (x) c"),
        ("a - on(b) group_left(x, y) c", "a - on (b) group_left (x, y) c"),
        ("a - on(b) group_left c", "a - on (b) group_left () c"),
        ("a - on(b) group_right() (c)", "a - on (b) group_right () (c)"),
        ("a - ignoring(b) c", "a - ignoring (b) c"),
        ("a - ignoring() c", "a - c"),
        ("a - ignoring() group_left(x) c", "a - ignoring () group_left (x) c"),
        ("up >bool 0", "up > bool 0"),
        ("a==bool on(b)c", "a == bool on (b) c"),
        ("a AND on(b) c or d unless e atan2 f", "a and on (b) c or d unless e atan2 f"),
    ]);
}

#[test]
fn selectors() {
    check(&[
        ("a offset 60s", "a offset 1m"),
        ("a offset -7m", "a offset -7m"),
        (r#"a{c="d"}[5m] offset 1m"#, r#"a{c="d"}[5m] offset 1m"#),
        ("a[12m] offset -3m", "a[12m] offset -3m"),
        ("a[300]", "a[5m]"),
        ("a[1h:5m] offset 1m", "a[1h:5m] offset 1m"),
        ("rate(a[1m])[90m:] @ 1.5 offset 1d", "rate(a[1m])[1h30m:] @ 1.500 offset 1d"),
        (r#"{__name__="a"}"#, r#"{__name__="a"}"#),
        (r#"{__name__=~"a"}"#, r#"{__name__=~"a"}"#),
        (r#"a{b!="c"}[1m]"#, r#"a{b!="c"}[1m]"#),
        (r#"a{z=~'c', b!~"d\"",}"#, r#"a{b!~"d\"",z=~"c"}"#),
        (r#"a{"k.b"="1"}"#, r#"a{"k.b"="1"}"#),
        ("a{}", "a"),
        ("a @ 10", "a @ 10.000"),
        ("a[1m] offset 5m @ 10", "a[1m] @ 10.000 offset 5m"),
        ("a @ -1.25", "a @ -1.250"),
        ("a @ start()", "a @ start()"),
        ("a[1m] @ end()", "a[1m] @ end()"),
    ]);
}

#[test]
fn numbers_strings_and_signs() {
    check(&[
        ("1e3", "1000"),
        ("0x1F", "31"),
        (".5", "0.5"),
        ("1e-7", "0.0000001"),
        ("-1", "-1"),
        ("+1", "1"),
        ("- -1", "1"),
        ("-+1", "-1"),
        ("1 - -1", "1 - -1"),
        ("-1^2", "-1 ^ 2"),
        ("+1^2", "+1 ^ 2"),
        ("-(1)", "-(1)"),
        ("+x", "+x"),
        ("-x + +y", "-x + +y"),
        ("-+x", "-+x"),
        ("5m + -1h", "5m + -1h"),
        ("1h30m * 2", "1h30m * 2"),
        ("inf + -Inf", "+Inf + -Inf"),
        ("x offset -5m + -3", "x offset -5m + -3"),
        ("x @ -3 * +2", "x @ -3.000 * 2"),
        (r#"label_replace(x, 'a', "b\n", `c"d`, "")"#, r#"label_replace(x, "a", "b\n", "c\"d", "")"#),
        ("abs( x )", "abs(x)"),
        ("time()", "time()"),
        ("((a)) # nothing", "((a))"),
    ]);
}

#[test]
fn durations() {
    for (ms, expected) in [
        (0, "0s"),
        (324, "324ms"),
        (3_000, "3s"),
        (5 * 60_000, "5m"),
        (4 * 86_400_000, "4d"),
        (4 * 7 * 86_400_000, "4w"),
        (3 * 365 * 86_400_000, "3y"),
        (10 * 365 * 86_400_000 + 3 * 86_400_000 + 12 * 3_600_000 + 324, "3653d12h324ms"),
    ] {
        assert_eq!(duration(ms), expected);
    }
}

#[test]
fn lines_are_broken_at_a_hundred_bytes() {
    // From Prometheus's own tests of its prettifier.
    for (text, expected) in [
        (
            "avg(task:errors:rate10s{job=\"s\"}) without(job,foo)",
            "avg without (job, foo) (task:errors:rate10s{job=\"s\"})",
        ),
        (
            "topk(10, sum by (method) (some_very_very_long_metric_name{foo=\"bar\", instance=\"localhost:9090\", \
             job=\"prometheus\"}))",
            "topk(\n  10,\n  sum by (method) (\n    some_very_very_long_metric_name{foo=\"bar\",\
             instance=\"localhost:9090\",job=\"prometheus\"}\n  )\n)",
        ),
        (
            "foo{bar=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"} + on(bar, baz) \
             bar{baz=\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}",
            "  foo{bar=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n+ on (bar, baz)\n  \
             bar{baz=\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}",
        ),
        (
            "-(rate(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa[5m]) / \
             rate(bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb[5m]))",
            "-(\n    rate(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa[5m])\n  /\n    \
             rate(bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb[5m])\n)",
        ),
    ] {
        assert_eq!(pretty(text).as_deref(), Some(expected), "{text}");
    }
}
