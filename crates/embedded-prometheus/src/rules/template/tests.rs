use super::*;

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

type Answer = Result<Vec<(BTreeMap<String, String>, f64)>, String>;

fn answer(query: &str) -> Answer {
    match query {
        "metric" => Ok(vec![
            (labels(&[("__name__", "metric"), ("instance", "b")]), 21.0),
            (labels(&[("__name__", "metric"), ("instance", "a"), ("__value__", "x")]), 11.0),
        ]),
        "missing" => Ok(Vec::new()),
        _ => Err("1:1: parse error".into()),
    }
}

fn expand_with(text: &str, value: f64) -> String {
    let template = Template::parse("A", text).unwrap_or_else(|e| panic!("{text}: {e}"));
    template.expand(&Data {
        labels: Arc::new(labels(&[("instance", "example.com:9090"), ("foo", "bar"), ("job", "api server")])),
        external_labels: Arc::new(labels(&[("region", "eu")])),
        value,
        query: &answer,
    })
}

fn expand(text: &str) -> String {
    expand_with(text, 1.5)
}

#[test]
fn values_and_labels() {
    for (text, expected) in [
        ("plain text", "plain text"),
        ("{{ $labels.instance }}", "example.com:9090"),
        ("{{.Labels.instance}}", "example.com:9090"),
        ("{{ $labels.missing }}|", "|"),
        ("{{ $value }} {{ .Value }} {{ $.Value }}", "1.5 1.5 1.5"),
        ("{{ $externalLabels.region }}{{ .ExternalLabels.region }}", "eueu"),
        ("{{ 1 }} {{ -1.5 }} {{ 1e3 }} {{ 0x10 }} {{ true }}", "1 -1.5 1000 16 true"),
        ("{{ \"a\\tb\" }}{{ `c\\n` }}", "a\tbc\\n"),
        ("{{/* a comment */}}x{{- /* and another */ -}} y", "xy"),
        ("a  {{- \"b\" -}}  c", "abc"),
        ("a {{ \"b\" -}}\n c", "a bc"),
        ("{{ $x := 5 }}{{ $x }}", "5"),
        ("{{ $x := 5 }}{{ if true }}{{ $x = 6 }}{{ end }}{{ $x }}", "6"),
        ("{{ $x := 5 }}{{ if true }}{{ $x := 6 }}{{ end }}{{ $x }}", "5"),
        ("{{ (index $labels \"foo\") }} {{ len $labels }}", "bar 3"),
        ("{{ $labels }}", "map[foo:bar instance:example.com:9090 job:api server]"),
    ] {
        assert_eq!(expand(text), expected, "{text}");
    }
}

#[test]
fn control() {
    for (text, expected) in [
        ("{{ if $value }}yes{{ else }}no{{ end }}", "yes"),
        ("{{ if gt $value 2.0 }}a{{ else if gt $value 1.0 }}b{{ else }}c{{ end }}", "b"),
        ("{{ if and (eq $labels.foo \"bar\") (not $labels.none) }}x{{ end }}", "x"),
        ("{{ or $labels.none \"default\" }}", "default"),
        ("{{ and 0 (query \"bad\") }}", "0"),
        ("{{ with $labels.foo }}[{{ . }}]{{ end }}", "[bar]"),
        ("{{ with $labels.none }}x{{ else }}none{{ end }}", "none"),
        ("{{ with $labels.none }}x{{ else with $labels.foo }}{{ . }}{{ end }}", "bar"),
        ("{{ range query \"metric\" }}{{ .Labels.instance }}={{ .Value }} {{ end }}", "b=21 a=11 "),
        ("{{ range $i, $s := query \"metric\" }}{{ $i }}:{{ $s.Labels.instance }};{{ end }}", "0:b;1:a;"),
        ("{{ range $name, $value := $externalLabels }}{{ $name }}={{ $value }}{{ end }}", "region=eu"),
        ("{{ range query \"missing\" }}x{{ else }}nothing{{ end }}", "nothing"),
        ("{{ range 3 }}{{ . }}{{ if eq . 1 }}{{ break }}{{ end }}{{ end }}", "01"),
        ("{{ range 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "02"),
        ("{{ eq 1 2 3 1 }} {{ ne \"a\" \"b\" }} {{ le 1 1 }} {{ ge 1 2 }}", "true true true false"),
    ] {
        assert_eq!(expand(text), expected, "{text}");
    }
}

#[test]
fn queries() {
    for (text, expected) in [
        ("{{ query \"metric\" | first | value }}", "21"),
        ("{{ query \"metric\" | first | label \"instance\" }}", "b"),
        ("{{ (query \"metric\" | sortByLabel \"instance\" | first).Labels.instance }}", "a"),
        ("{{ query \"metric\" | sortByLabel \"instance\" | first | strvalue }}", "x"),
        ("{{ with query \"missing\" }}x{{ end }}", ""),
        (
            "{{ query \"missing\" | first | value }}",
            "<error expanding template: error executing template __alert_A: template: __alert_A:1:133: executing \
             \"__alert_A\" at <first>: error calling first: first() called on vector with no elements>",
        ),
    ] {
        assert_eq!(expand(text), expected, "{text}");
    }
    assert!(expand("{{ query \"bad\" }}").contains("error calling query: 1:1: parse error"));
}

#[test]
fn texts() {
    for (text, expected) in [
        ("{{ \"aa bb CC\" | title }}", "Aa Bb CC"),
        ("{{ \"aa bb CC\" | toUpper }}", "AA BB CC"),
        ("{{ \"aa bb CC\" | toLower }}", "aa bb cc"),
        ("{{ match \"a+\" \"aa\" }} {{ match \"a+\" \"b\" }}", "true false"),
        ("{{ reReplaceAll \"(a)b\" \"x$1\" \"ab\" }}", "xa"),
        ("{{ reReplaceAll \"localhost:(.*)\" \"host:$1\" \"localhost:80\" }}", "host:80"),
        (
            "{{ $labels.instance | stripPort }} {{ \"[::1]:80\" | stripPort }} {{ \"x\" | stripPort }}",
            "example.com ::1 x",
        ),
        (
            "{{ \"web.example.com:80\" | stripDomain }} {{ \"10.0.0.1:80\" | stripDomain }}",
            "web:80 10.0.0.1:80",
        ),
        ("{{ \"[2001:db8::1]:80\" | stripDomain }} {{ \"web.a.b\" | stripDomain }}", "[2001:db8::1]:80 web"),
        ("{{ parseDuration \"1h2m10ms\" }}", "3720.01"),
        ("{{ print \"a\" 1 2 \"b\" }}", "a1 2b"),
        ("{{ println \"a\" 1 }}", "a 1\n"),
    ] {
        assert_eq!(expand(text), expected, "{text}");
    }
}

#[test]
fn formats() {
    for (text, expected) in [
        ("{{ printf \"%.2f\" $value }}", "1.50"),
        ("{{ $value | printf \"%5.1f|%-6s|%06.2f\" 2.25 \"ab\" }}", "  2.2|ab    |001.50"),
        ("{{ printf \"%d %x %+d\" 255 255 3 }}", "255 ff +3"),
        ("{{ printf \"%d\" $value }}", "%!d(float64=1.5)"),
        ("{{ printf \"%s\" $value }}", "%!s(float64=1.5)"),
        ("{{ printf \"%q %v %t\" \"a\" \"b\" true }}", "\"a\" b true"),
        ("{{ printf \"%s\" }}", "%!s(MISSING)"),
        ("{{ printf \"x\" 1 }}", "x%!(EXTRA int=1)"),
        ("{{ printf \"100%%\" }}", "100%"),
        ("{{ printf \"%e %g %.3g\" 123456.789 1e21 123456.789 }}", "1.234568e+05 1e+21 1.23e+05"),
        ("{{ printf \"%3d|%-3d|%03d\" 7 7 7 }}", "  7|7  |007"),
        ("{{ printf \"%.2s\" \"abc\" }}", "ab"),
    ] {
        assert_eq!(expand(text), expected, "{text}");
    }
}

/// The tables of Prometheus's `template_test.go`.
#[test]
fn humanized_numbers() {
    for (function, value, expected) in [
        ("humanize", 0.0, "0"),
        ("humanize", 1.0, "1"),
        ("humanize", 1_234_567.0, "1.235M"),
        ("humanize", 0.12, "120m"),
        ("humanize", -1_234_567.0, "-1.235M"),
        ("humanize", 1e30, "1e+06Y"),
        ("humanize", f64::NAN, "NaN"),
        ("humanize", f64::INFINITY, "+Inf"),
        ("humanize1024", 0.0, "0"),
        ("humanize1024", 1.0, "1"),
        ("humanize1024", 1_048_576.0, "1Mi"),
        ("humanize1024", 1_234_567.0, "1.177Mi"),
        ("humanize1024", 0.12, "0.12"),
        ("humanizeDuration", 0.0, "0s"),
        ("humanizeDuration", 1.0, "1s"),
        ("humanizeDuration", 60.0, "1m 0s"),
        ("humanizeDuration", 3600.0, "1h 0m 0s"),
        ("humanizeDuration", 86_400.0, "1d 0h 0m 0s"),
        ("humanizeDuration", 86_400.0 + 3600.0, "1d 1h 0m 0s"),
        ("humanizeDuration", -(86_400.0 * 2.0 + 3600.0 * 3.0 + 60.0 * 4.0 + 5.0), "-2d 3h 4m 5s"),
        ("humanizeDuration", 899.99, "14m 59s"),
        ("humanizeDuration", 0.1, "100ms"),
        ("humanizeDuration", 0.0001, "100us"),
        ("humanizeDuration", 0.123_45, "123.5ms"),
        ("humanizeDuration", 60.1, "1m 0s"),
        ("humanizeDuration", 1.2345, "1.234s"),
        ("humanizeDuration", f64::INFINITY, "+Inf"),
        ("humanizePercentage", -0.222_22, "-22.22%"),
        ("humanizePercentage", 0.0, "0%"),
        ("humanizePercentage", 0.123_456_7, "12.35%"),
        ("humanizePercentage", 1.234_56, "123.5%"),
        ("humanizeTimestamp", 0.0, "1970-01-01 00:00:00 +0000 UTC"),
        ("humanizeTimestamp", 1_435_065_584.128, "2015-06-23 13:19:44.128 +0000 UTC"),
        ("humanizeTimestamp", f64::INFINITY, "+Inf"),
    ] {
        assert_eq!(
            expand_with(&format!("{{{{ $value | {function} }}}}"), value),
            expected,
            "{function} {value}"
        );
    }
    assert_eq!(
        expand("{{ \"0.0\" | humanize }} {{ \"1234567\" | humanize }} {{ 60 | humanizeDuration }}"),
        "0 1.235M 1m 0s"
    );
    assert!(expand_with("{{ $value | humanizeTimestamp }}", f64::MAX).contains("overflows int64"));
    assert!(expand("{{ humanize \"one\" }}").contains("strconv.ParseFloat: parsing \"one\": invalid syntax"));
    assert!(expand("{{ humanize true }}").contains("can't convert bool to float"));
}

#[test]
fn what_fails_while_expanding_stands_in_the_text() {
    for (text, expected) in [
        ("{{ .Nothing }}", "at <.Nothing>: can't evaluate field Nothing in type struct"),
        ("{{ $labels.foo.bar }}", "at <$labels.foo.bar>: can't evaluate field bar in type string"),
        (
            "{{ if gt $value 1 }}{{ end }}",
            "at <gt $value 1>: error calling gt: incompatible types for comparison",
        ),
        ("{{ toUpper $value }}", "wrong type for value; expected string; got float64"),
        ("{{ humanize 1 2 }}", "wrong number of args for humanize: want 1 got 2"),
        ("{{ range $value }}{{ end }}", "range can't iterate over 1.5"),
        ("{{ match \"(\" \"x\" }}", "error calling match: invalid regular expression"),
        ("{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}", "more than 100000 steps"),
        ("{{ range 100000 }}xxxxxxxxxxxxxxxx{{ end }}", "65536 bytes"),
    ] {
        let expanded = expand(text);
        assert!(
            expanded.starts_with("<error expanding template: error executing template __alert_A: "),
            "{expanded}"
        );
        assert!(expanded.contains(expected), "{expanded}");
    }
}

#[test]
fn what_is_wrong_is_said_when_loading() {
    for (text, expected) in [
        ("{{ foo }}", "function \"foo\" not defined"),
        ("{{ $value | now }}", "function \"now\" is not supported by this engine"),
        ("{{ externalURL }}", "function \"externalURL\" is not supported by this engine"),
        ("{{ $externalURL }}", "$externalURL is not supported by this engine"),
        ("{{ .ExternalURL }}", ".ExternalURL is not supported by this engine"),
        ("{{ template \"x\" }}", "{{template}} is not supported by this engine"),
        ("{{ define \"x\" }}{{ end }}", "{{define}} is not supported by this engine"),
        ("{{ $foo }}", "undefined variable \"$foo\""),
        ("{{ if true }}{{ $x := 1 }}{{ end }}", ""),
        ("{{ if true }}", "unexpected EOF"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ else }}", "unexpected {{else}}"),
        ("{{ $value", "unclosed action"),
        ("{{ \"abc }}", "unterminated quoted string"),
        ("{{ /* x }}", "unexpected '/' in command"),
        ("{{/* x }}", "unclosed comment"),
        ("{{ }}", "empty command"),
        ("{{ (1 }}", "unclosed left paren"),
        ("{{ 1) }}", "unexpected right paren"),
        ("{{ if }}{{ end }}", "missing value for if"),
        ("{{ 1 | 2 }}", "non executable command in pipeline stage 2"),
        ("{{ 1 2 }}", "can't give argument to non-function 1"),
        ("{{ 1x }}", "bad number syntax: \"1x\""),
        ("{{ break }}", "{{break}} outside {{range}}"),
        ("{{ $a, $b := 1 }}", "too many declarations in command"),
        ("{{ 'a' }}", "character constants are not supported by this engine"),
        ("{{ \"a\"\"b\" }}", "unexpected \"\\\"b\\\"\" in operand"),
    ] {
        match Template::parse("A", text) {
            Ok(_) => assert_eq!(expected, "", "{text}"),
            Err(error) => assert_eq!(error, format!("template: __alert_A:1: {expected}"), "{text}"),
        }
    }
    let nested = "{{ if true }}".repeat(1_000);
    assert!(Template::parse("A", &nested).unwrap_err().contains("nested more than 50 deep"));
    let nested = format!("{{{{ {} }}}}", "(".repeat(1_000));
    assert!(Template::parse("A", &nested).is_err());
    assert!(Template::parse("A", "x\ny{{ foo }}").unwrap_err().starts_with("template: __alert_A:2:"));
}

/// Each template is the annotation of an alert that `promtool test rules` expands; what we make of it is what it must
/// come to.
#[test]
fn templates_come_to_what_prometheus_makes_of_them() {
    let version = std::process::Command::new("promtool").arg("--version").output();
    let Ok(version) = version else {
        let require = "PROMSCOPE_TEST_REQUIRE_PROMETHEUS";
        assert!(std::env::var_os(require).is_none(), "{require} is set, and there is no promtool in PATH");
        eprintln!("SKIPPED: no promtool in PATH; install prometheus to compare with it");
        return;
    };
    let sample = labels(&[("__name__", "x"), ("job", "a b")]);
    let query = |text: &str| if text == "x" { Ok(vec![(sample.clone(), 1234.5)]) } else { Ok(Vec::new()) };
    let data = Data {
        labels: Arc::new(sample.clone()),
        external_labels: Arc::default(),
        value: 1234.5,
        query: &query,
    };
    let (mut written, mut expected) = (serde_json::Map::new(), serde_json::Map::new());
    for (number, text) in COMPARED.iter().enumerate() {
        let ours = Template::parse("A", text).unwrap_or_else(|error| panic!("{text}: {error}")).expand(&data);
        // Since 3.0 the value may be a histogram too.
        let is_2 = String::from_utf8_lossy(&version.stdout).contains("version 2.");
        let ours = if is_2 { ours.replace("Value interface {} }", "Value float64 }") } else { ours };
        written.insert(format!("a{number}"), (*text).into());
        expected.insert(format!("a{number}"), ours.into());
    }
    let rules = serde_json::json!({"groups": [{"name": "g", "rules": [
        {"alert": "A", "expr": "x", "annotations": written}
    ]}]});
    let tests = serde_json::json!({
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": [{"series": "x{job=\"a b\"}", "values": "1234.5 1234.5"}],
            "alert_rule_test": [{"eval_time": "1m", "alertname": "A", "exp_alerts": [
                {"exp_labels": {"job": "a b"}, "exp_annotations": expected}
            ]}],
        }],
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.yml"), rules.to_string()).unwrap();
    std::fs::write(folder.path().join("tests.yml"), tests.to_string()).unwrap();
    let output = std::process::Command::new("promtool")
        .args(["test", "rules"])
        .arg(folder.path().join("tests.yml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", said.replace("\", a", "\",\na"));
}

/// Left out: an index that is out of range, constants of a wrong type, a label set under `%d`, fields of what stands
/// in parentheses; there our messages say the same in other words or of another place.
const COMPARED: &[&str] = &[
    "plain {{ $value }} {{ .Value }} {{ $.Value }}",
    "{{ humanize $value }} {{ humanize1024 $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }}",
    "{{ humanizeTimestamp $value }} {{ humanizeTimestamp 1e9 }} {{ 0.1 | humanizeDuration }} {{ 0.0012 | humanize }}",
    "{{ humanize 1e30 }} {{ humanize -12345678.0 }} {{ humanize1024 1048575.0 }} {{ humanize 999.96 }}",
    "{{ humanizeDuration 86399.99 }} {{ humanizeDuration -0.5 }} {{ humanizeDuration 59.99999 }} {{ humanize 0 }}",
    "{{ printf \"%5.1f|%-6s|%06.2f|%d|%q|%+.3g|%x\" 2.25 \"ab\" 1.5 7 \"q\" 1234.5 \"hi\" }}",
    "{{ printf \"%d\" $value }} {{ printf \"%s\" $value }} {{ printf \"%v %v\" 1 }} {{ printf \"a\" 1 \"b\" 2.5 }}",
    "{{ printf \"%g|%e|%f|%.0f|%.3e|%G|%8.3f|%-8.2f|\" $value $value $value $value $value 1e-9 $value $value }}",
    "{{ printf \"%5d|%-5d|%05d|%+d|% d|%x|%X|%o|%b|%c\" 42 42 42 42 42 42 42 42 42 65 }}",
    "{{ printf \"%5s|%-5s|%.1s|%t|%v|%%|%z|%!\" \"abc\" \"ab\" \"xyz\" true false 1 }}",
    "{{ .Foo }}",
    "{{ if gt $value 1 }}x{{ end }}",
    "{{ if gt $value 1.0 }}x{{ else }}y{{ end }}",
    "{{ if lt $value 1.0 }}x{{ else if eq $labels.job \"a b\" }}y{{ else }}z{{ end }}",
    "{{ query \"none\" | first | value }}",
    "{{ query \"x\" | first | value | printf \"%.2f\" }} {{ query \"x\" | first | label \"job\" }}",
    "{{ $labels.job.x }}",
    "{{ toUpper $value }}",
    "{{ humanize 1 2 }}",
    "{{ range $value }}{{ end }}",
    "{{ print \"a\" 1 2 \"b\" }}|{{ print 1 2 }}|{{ println 1 \"x\" }}|{{ $labels }}|{{ query \"x\" | first }}",
    "{{ \"a_b-c d.e f'g\" | title }} {{ stripPort \"a:b:1\" }} {{ stripDomain \"a.b.c:1\" }} {{ stripDomain \"a.b.c\" }}",
    "{{ stripDomain \"10.1.2.3:1\" }} {{ stripDomain \"[::1]:1\" }} {{ stripPort \"[::1]:1\" }} {{ stripPort \"x\" }}",
    "{{ nil }}",
    "{{ humanize \"x\" }} ",
    "{{ humanize \"12345\" }} {{ humanizeDuration \"61\" }} {{ humanize 5 }}",
    "{{ index $labels \"job\" }} {{ index (query \"x\") 0 | value }} {{ len $labels }} {{ $labels.nope }}|{{ . }}",
    "{{ and 1 \"\" }} {{ or \"\" 0 }} {{ not 0.0 }} {{ eq $labels.job \"a\" \"b\" }} {{ ne 1 2 }} {{ le 1 1 }}",
    "{{ 1e3 }} {{ 1234567.0 }} {{ -0.00001 }} {{ 100000.0 }} {{ 1e20 }} {{ 1e21 }} {{ 0x1f }} {{ true }}",
    "x\ny {{ .Bad }}",
    "{{ reReplaceAll \"(.*)@(.*)\" \"$2-${1}x\" \"u@h\" }} {{ match \"a.c\" \"xabcx\" }} {{ match \"^b\" \"ab\" }}",
    "{{ humanize true }}",
    "{{ range query \"x\" }}{{ . }}{{ end }}{{ with $labels }}{{ .job }}{{ end }}",
    "{{ range $i, $s := query \"x\" }}{{ $i }}={{ $s.Labels.job }}{{ end }}{{ range query \"none\" }}a{{ else }}b{{ end }}",
    "{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}",
    "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}",
    "a  {{- \"b\" -}}  c {{/* comment */}} d {{- /* e */ -}} f",
    "{{ \"tab\\t\" }}{{ `raw\\t` }}|{{ \"\\u00e9\" }}",
    "{{ ($labels).job }} {{ (query \"x\" | first).Value }} {{ (query \"x\" | first).Labels.job }}",
    "{{ $labels.job | toUpper | toLower | title }}",
    "{{ with query \"none\" }}a{{ else }}b{{ end }} {{ with $x := 5 }}{{ . }}{{ $x }}{{ end }}",
    "{{ parseDuration \"1h30m\" }}",
    "{{ parseDuration \"x\" }}|",
    "{{ query \"x\" | sortByLabel \"job\" | first | strvalue }}|",
    "{{ eq $labels 1 }}",
    "{{ eq 1 \"a\" }}",
    "{{ lt true false }}",
    "{{ len 5 }}",
    "{{ label \"job\" }}",
    "{{ $ }}",
    "{{ .Labels.job }}{{ .ExternalLabels.x }}|",
    "{{ if and (gt $value 1.0) (lt $value 2000.0) }}in{{ end }}",
    "{{ range query \"x\" }}{{ break }}{{ end }}",
];
