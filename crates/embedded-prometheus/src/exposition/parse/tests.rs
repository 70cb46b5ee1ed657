//! What is taken and what is refused, and with which words; the cases follow those of Prometheus's own parsers.

use proptest::prelude::*;

use super::*;

/// Each entry in a line, then how it ended.
fn read(body: &[u8], format: Format) -> Vec<String> {
    let mut parser = Parser::new(body, format);
    let mut out = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    loop {
        out.push(match parser.next_entry() {
            Ok(None) => return out,
            Err(error) => {
                out.push(format!("error: {}", error.message));
                return out;
            }
            Ok(Some(Entry::Help { metric, text: help })) => format!("help {}|{help}", text(metric)),
            Ok(Some(Entry::Type { metric, kind })) => format!("type {}|{}", text(metric), kind.as_str()),
            Ok(Some(Entry::Unit { metric, unit })) => format!("unit {}|{}", text(metric), text(unit)),
            Ok(Some(Entry::Comment(comment))) => format!("comment {}", text(comment)),
            Ok(Some(Entry::Sample(sample))) => {
                let labels = parser.labels().map_or_else(|e| e.to_string(), |labels| labels.to_string());
                let time = sample.timestamp_ms.map(|time| format!(" @{time}")).unwrap_or_default();
                format!("{} => {labels} {}{time}", text(sample.series), sample.value)
            }
        });
    }
}

fn error(body: impl AsRef<[u8]>, format: Format) -> String {
    let body = body.as_ref();
    let last = read(body, format).pop().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or_else(|| panic!("{body:?} is taken: {last}")).to_owned()
}

#[test]
fn text_entries() {
    let body = r##"# HELP a the \\ "first"\n thing
# TYPE a counter

#just a comment
# HELPER no keyword
a 1
a{b="c"} 2 1520879607789
 lead{b="}",c="#",d="a\"b\\c\nd",} +Inf
no_space{x="y"}3
tabs	{ x = "y" , z="" }	-0.5	7
{"a.b"} 1
{"h\"q", "l.m"="1",plain="2"} NaN
colon:name 0x"##;
    let expected = [
        "help a|the \\ \"first\"\n thing",
        "type a|counter",
        "comment #just a comment",
        "comment # HELPER no keyword",
        r#"a => {__name__="a"} 1"#,
        r#"a{b="c"} => {__name__="a", b="c"} 2 @1520879607789"#,
        r##" lead{b="}",c="#",d="a\"b\\c\nd",} => {__name__=" lead", b="}", c="#", d="a\"b\\c\nd"} inf"##,
        r#"no_space{x="y"} => {__name__="no_space", x="y"} 3"#,
        "tabs\t{ x = \"y\" , z=\"\" } => {__name__=\"tabs\", x=\"y\"} -0.5 @7",
        r#"{"a.b"} => {__name__="a.b"} 1"#,
        r#"{"h\"q", "l.m"="1",plain="2"} => {__name__="h\"q", "l.m"="1", plain="2"} NaN"#,
        r#"error: strconv.ParseFloat: parsing "0x": invalid syntax while parsing: "colon:name 0x""#,
    ];
    assert_eq!(read(body.as_bytes(), Format::Text), expected);
}

#[test]
fn open_metrics_entries() {
    let body = r#"# HELP a_seconds the \"first\"
# TYPE a_seconds histogram
# UNIT a_seconds seconds
a_seconds_bucket{le="1"} 1 # {trace_id="x"} 0.5
a_seconds_bucket{le="+Inf"} 3 12.5 # {trace_id="x",} 0.5 12.25
a_seconds_count 3
a_seconds_created 1520430000.123
# TYPE s summary
s{quantile="0.50"} 1
# TYPE "x.y" info
{"x.y_info",a="b"} 1 -1.5
# HELP empty 
# EOF"#;
    let expected = [
        "help a_seconds|the \"first\"",
        "type a_seconds|histogram",
        "unit a_seconds|seconds",
        r#"a_seconds_bucket{le="1"} => {__name__="a_seconds_bucket", le="1.0"} 1"#,
        r#"a_seconds_bucket{le="+Inf"} => {__name__="a_seconds_bucket", le="+Inf"} 3 @12500"#,
        r#"a_seconds_count => {__name__="a_seconds_count"} 3"#,
        r#"a_seconds_created => {__name__="a_seconds_created"} 1520430000.123"#,
        "type s|summary",
        r#"s{quantile="0.50"} => {__name__="s", quantile="0.5"} 1"#,
        "type x.y|info",
        r#"{"x.y_info",a="b"} => {__name__="x.y_info", a="b"} 1 @-1500"#,
        "help empty|",
    ];
    assert_eq!(read(body.as_bytes(), Format::OpenMetrics), expected);
    assert_eq!(read(b"# EOF\n", Format::OpenMetrics), Vec::<String>::new());
}

#[test]
fn text_errors() {
    let cases: [(&[u8], &str); 27] = [
        (b"a", r#"expected value after metric, got "\n" ("INVALID") while parsing: "a\n""#),
        (b"a{b='c'} 1\n", r#"expected label value, got "'" ("INVALID") while parsing: "a{b='""#),
        (b"a{b=\n", r#"expected label value, got "\n" ("INVALID") while parsing: "a{b=\n""#),
        (b"a{\xff=\"x\"} 1\n", r#"expected label name, got "\xff" ("INVALID") while parsing: "a{\xff""#),
        (b"a{b=\"\xff\"} 1\n", r#"invalid UTF-8 label value: "\"\xff\"""#),
        (b"# HELP a \xff\n", r#"help text "\xff" is not a valid utf8 string"#),
        (
            b"{\"a\", \"b = \"c\"}",
            r#"expected equal, got "c\"" ("LNAME") while parsing: "{\"a\", \"b = \"c\"""#,
        ),
        (b"{\"a\",\"b\"} 1", r#"metric name already set while parsing: "{\"a\",\"b\"}""#),
        (b"a{\"b\"} 1", r#"metric name already set while parsing: "a{\"b\"}""#),
        (b"{a=\"ok\"} 1", r#"metric name not set while parsing: "{a=\"ok\"} 1""#),
        (b"{a} 1", r#"expected equal, got "} " ("BCLOSE") while parsing: "{a} ""#),
        (b"a{b=\"", r#"expected label value, got "\"\n" ("INVALID") while parsing: "a{b=\"\n""#),
        (b"a{=\"\"} 0", r#"expected label name, got "=\"" ("EQUAL") while parsing: "a{=\"""#),
        (b"a true\n", r#"strconv.ParseFloat: parsing "true": invalid syntax while parsing: "a true""#),
        (b"a 1\r\n", r#"strconv.ParseFloat: parsing "1\r": invalid syntax while parsing: "a 1\r""#),
        (b"foo 1_2\n", r#"unsupported character in float while parsing: "foo 1_2""#),
        (b"foo 0x1p-3\n", r#"unsupported character in float while parsing: "foo 0x1p-3""#),
        (
            b"foo 0 1_2\n",
            r#"expected next entry after timestamp, got "_" ("INVALID") while parsing: "foo 0 1_""#,
        ),
        (b"foo 0 -1\n", r#"expected timestamp or new record, got "-" ("INVALID") while parsing: "foo 0 -""#),
        (
            b"foo 0 9999999999999999999\n",
            r#"strconv.ParseInt: parsing "9999999999999999999": value out of range while parsing: "foo 0 9999999999999999999""#,
        ),
        (
            b"foo 1 # {a=\"b\"} 1\n",
            r##"expected timestamp or new record, got "#" ("INVALID") while parsing: "foo 1 #""##,
        ),
        (
            b"# TYPE #\n",
            r##"expected metric name after TYPE, got "#" ("INVALID") while parsing: "# TYPE #""##,
        ),
        (b"# TYPE a unknown\n", r#"invalid metric type "unknown""#),
        (b"# TYPE a  gauge\n", r#"invalid metric type " gauge""#),
        (b"9a 1\n", r#"expected a valid start token, got "9" ("INVALID") while parsing: "9""#),
        (b"a{b=\x00\"x\"} 1\n", r#"expected label value, got "\x00" ("INVALID") while parsing: "a{b=\x00""#),
        (
            b"a\x00{b=\"x\"} 1",
            r#"expected value after metric, got "\x00" ("INVALID") while parsing: "a\x00""#,
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(error(body, Format::Text), expected);
    }
}

#[test]
fn open_metrics_errors() {
    let eof = "data does not end with # EOF";
    for (body, expected) in [
        ("", eof),
        ("a 1", eof),
        ("a 1\n", eof),
        ("a 1 # {b=\"c\"} 4", eof),
        ("\n", r#"expected a valid start token, got "\n" ("INVALID") while parsing: "\n""#),
        ("metric", r#"expected value after metric, got "metric" ("EOF") while parsing: "metric""#),
        (" a 1\n", r#"expected a valid start token, got " " ("INVALID") while parsing: " ""#),
        ("# TYPE u untyped\n", r#"invalid metric type "untyped""#),
        ("# TYPE c counter \n", r#"invalid metric type "counter ""#),
        (
            "#  TYPE c counter\n",
            r##"expected a valid start token, got "#  " ("INVALID") while parsing: "#  ""##,
        ),
        ("#\tTYPE c\n", r##"expected a valid start token, got "#\t" ("INVALID") while parsing: "#\t""##),
        ("# H", r##"expected a valid start token, got "# H" ("INVALID") while parsing: "# H""##),
        ("# TYPE m\n", "expected text in TYPE"),
        ("# UNIT metric suffix\n", r#"unit "suffix" not a suffix of metric "metric""#),
        ("# UNIT metricsuffix suffix\n", r#"unit "suffix" not a suffix of metric "metricsuffix""#),
        ("# UNIT suffix suffix\n", r#"unit "suffix" not a suffix of metric "suffix""#),
        ("a\t1\n", r#"expected value after metric, got "\t" ("INVALID") while parsing: "a\t""#),
        ("a 1\t2\n", r#"strconv.ParseFloat: parsing "1\t2": invalid syntax while parsing: "a 1\t2""#),
        (
            "a 1 2 \n",
            r#"expected next entry after timestamp, got " \n" ("INVALID") while parsing: "a 1 2 \n""#,
        ),
        (
            "a 1 2 #\n",
            r#"expected next entry after timestamp, got " #\n" ("TIMESTAMP") while parsing: "a 1 2 #\n""#,
        ),
        ("a 1 \n# EOF\n", r#"expected a valid start token, got "\n#" ("LINEBREAK") while parsing: "\n#""#),
        ("a 1 # x\n# EOF\n", r#"expected a valid start token, got "x" ("INVALID") while parsing: "x""#),
        ("# EOF\na 1", "unexpected data after # EOF"),
        ("# EOF\n\n", "unexpected data after # EOF"),
        ("# EOFa 1", "unexpected data after # EOF"),
        ("a{,b=\"c\"} 1\n", r#"expected label name, got ",b" ("COMMA") while parsing: "a{,b""#),
        (
            "a{b=\"c\"d=\"e\"} 1\n",
            r#"expected comma or brace close, got "d=" ("LNAME") while parsing: "a{b=\"c\"d=""#,
        ),
        ("a 1 # {aa=bb}\n", r#"expected label value, got "b" ("INVALID") while parsing: "a 1 # {aa=b""#),
        (
            "a 1 # {aa=\"bb\"}",
            r#"expected value after exemplar labels, got "}" ("EOF") while parsing: "a 1 # {aa=\"bb\"}""#,
        ),
        ("a 1 # {bb}", r#"expected label name, got "}" ("BCLOSE") while parsing: "a 1 # {bb}""#),
        ("a 1 # {aa=\"bb\"} 1_2", r#"unsupported character in float while parsing: "a 1 # {aa=\"bb\"} 1_2""#),
        ("{b=\"c\",} 1", r#"metric name not set while parsing: "{b=\"c\",} 1""#),
        ("a 1 NaN", "invalid timestamp NaN"),
        ("a 1 Inf", "invalid timestamp +Inf"),
        ("a 1 # {b=\"c\"} 4 -Inf", "invalid exemplar timestamp -Inf"),
    ] {
        assert_eq!(error(body, Format::OpenMetrics), expected, "{body:?}");
    }
}

#[test]
fn a_byte_0_is_text_in_values_and_ends_a_text_exposition_between_lines() {
    assert_eq!(read(b"a{b=\"x\0y\"} 1\n", Format::Text).len(), 1);
    assert_eq!(read(b"a{b=\"\0\"} 1\n# EOF", Format::OpenMetrics).len(), 1);
    assert_eq!(read(b"a 1\n\0b 2\n", Format::Text).len(), 1);
}

#[test]
fn labels_that_make_no_series() {
    assert_eq!(
        read(b"a{b=\"1\",b=\"2\"} 1\n", Format::Text),
        [r#"a{b="1",b="2"} => label name "b" is not unique: invalid sample 1"#]
    );
    let mut parser = Parser::new(b"{\"\xff\"} 1\n", Format::Text);
    assert!(parser.next_entry().is_ok());
    assert!(matches!(parser.labels(), Err(LabelsError::InvalidName(_))));
}

#[test]
fn numbers_in_bucket_labels_are_written_alike() {
    let body = b"# TYPE h histogram\nh_bucket{le=\"1e1\"} 1\nh_bucket{le=\"x\",quantile=\"1\"} 1\n# TYPE g gauge\ng{le=\"1\"} 1\n";
    assert_eq!(
        read(body, Format::Text)[1..],
        [
            r#"h_bucket{le="1e1"} => {__name__="h_bucket", le="10.0"} 1"#,
            r#"h_bucket{le="x",quantile="1"} => {__name__="h_bucket", le="x", quantile="1"} 1"#,
            "type g|gauge",
            r#"g{le="1"} => {__name__="g", le="1"} 1"#,
        ]
    );
}

#[test]
fn an_error_names_its_place() {
    let error = Parser::new(b"# c\n\nmetric{a=\"b\" 1\n", Format::Text);
    let mut parser = error;
    assert!(matches!(parser.next_entry(), Ok(Some(Entry::Comment(_)))));
    let error = parser.next_entry().unwrap_err();
    assert_eq!((error.line, error.column), (3, 14));
}

proptest! {
    #[test]
    fn nothing_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&body, Format::Text);
        read(&body, Format::OpenMetrics);
    }

    #[test]
    fn nothing_made_of_pieces_panics(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "a", "{", "}", "\"", "\\", "\n", " ", "\t", "=", ",", "#", "# ", "# HELP ", "# TYPE ", "# UNIT ",
                "# EOF", "counter", "1", ".5", "NaN", "le", "\0", "é", " # {", "{\"x\"", "=\"y\"", "b{c=\"d\"} 2 3\n",
            ]),
            0..40,
        ),
    ) {
        let body = pieces.concat();
        read(body.as_bytes(), Format::Text);
        read(body.as_bytes(), Format::OpenMetrics);
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0usize..150, byte in any::<u8>(), cut in 0usize..200) {
        let mut body = b"# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\",x=\"\\\"}\"} 1 # {t=\"u\"} 1 2\n{\"c.d\",e=\"f\"} 2 5\n# EOF\n".to_vec();
        let length = body.len();
        body[at % length] = byte;
        body.truncate(cut);
        read(&body, Format::Text);
        read(&body, Format::OpenMetrics);
    }
}
