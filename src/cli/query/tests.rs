//! What the command prints, byte by byte.

use clap::Parser;
use futures::FutureExt;

use super::*;
use crate::query::{QueryError, SourceId};
use crate::series::ABSENT;
use crate::source::replay::Replay;
use crate::source::{Evaluation, EvaluationFuture};

const NOW_MS: i64 = 1_780_000_000_123;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    query: QueryArgs,
}

fn args(line: &[&str]) -> QueryArgs {
    Cli::try_parse_from(["query"].iter().chain(line)).expect("parses").query
}

fn print(source: &dyn Source, line: &[&str]) -> (anyhow::Result<ExitCode>, String, String) {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let args = args(line);
    let done = run(&args, source, None, NOW_MS, Tz::UTC, &mut out, &mut errors).now_or_never();
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (done.expect("at once"), text(out), text(errors))
}

fn printed(source: &dyn Source, line: &[&str]) -> String {
    let (code, out, _) = print(source, line);
    code.expect("succeeds");
    out
}

fn up() -> Replay {
    Replay::new()
        .series(
            "up",
            Labels::from([("__name__", "up"), ("job", "a,b"), ("x", "\"q\"\u{1b}[2J\u{202e}")]),
            |_| 1.0,
        )
        .series("up", Labels::from([("__name__", "up"), ("job", "b")]), |time_ms| {
            if time_ms % 60_000 == 0 { ABSENT } else { f64::NEG_INFINITY }
        })
}

#[test]
fn text_is_as_promtool_prints_it() {
    assert_eq!(
        printed(&up(), &["up"]),
        "up{job=\"a,b\", x=\"\\\"q\\\"[2J\"} => 1 @[1780000000.123]\nup{job=\"b\"} => -Inf @[1780000000.123]\n"
    );
    assert_eq!(
        printed(&up(), &["up", "--range", "1m", "--step", "30s", "--time", "1779999990"]),
        "up{job=\"a,b\", x=\"\\\"q\\\"[2J\"} =>\n1 @[1779999930]\n1 @[1779999960]\n1 @[1779999990]\n\n\
         up{job=\"b\"} =>\n-Inf @[1779999930]\n-Inf @[1779999990]\n"
    );
}

#[test]
fn json_is_what_the_api_gives() {
    let instant = printed(&up(), &["up", "--format", "json"]);
    assert_eq!(
        instant,
        "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\",\"job\":\"a,b\",\"x\":\
         \"\\\"q\\\"\\u001b[2J\\u202e\"},\"value\":[1780000000.123,\"1\"]},{\"metric\":{\"__name__\":\"up\",\
         \"job\":\"b\"},\"value\":[1780000000.123,\"-Inf\"]}]}\n"
    );
    let range = printed(&up(), &["up", "--range", "1m", "--step", "30s", "--format", "json"]);
    let query = Query { expr: "up".into(), time: QueryTime::Instant(0), source: SourceId::DEFAULT };
    for data in [instant, range] {
        let body = format!("{{\"status\":\"success\",\"data\":{data}}}");
        let back = crate::source::decode::evaluation(body.as_bytes(), &query).expect("decodes");
        let mut again = Vec::new();
        print_json(&back.value, &mut again).expect("prints");
        assert_eq!(String::from_utf8(again).expect("UTF-8"), data);
    }
}

#[test]
fn csv_has_a_column_a_label() {
    assert_eq!(
        printed(&up(), &["up", "--format", "csv"]),
        "time,__name__,job,x,value\r\n\
         2026-05-28T20:26:40.123Z,up,\"a,b\",\"\"\"q\"\"\u{1b}[2J\u{202e}\",1\r\n\
         2026-05-28T20:26:40.123Z,up,b,,-Inf\r\n"
    );
    assert_eq!(printed(&Replay::new().empty("x"), &["x", "--format", "csv"]), "time,value\r\n");
}

/// Gives one value whatever is asked.
struct Fixed(Value);

impl Source for Fixed {
    fn address(&self) -> &'static str {
        "fixed"
    }

    fn ask<'a>(&'a self, _: &'a Query) -> crate::source::AnswerFuture<'a> {
        Box::pin(async { Err(QueryError::Malformed(String::new())) })
    }

    fn evaluate<'a>(&'a self, _: &'a Query) -> EvaluationFuture<'a> {
        Box::pin(async {
            Ok(Evaluation {
                value: self.0.clone(),
                warnings: vec!["w\u{1b}".to_owned()],
                infos: vec!["i".to_owned()],
            })
        })
    }
}

#[test]
fn every_kind_of_value_prints() {
    let labels = Labels::from([("a", "b")]);
    let matrix = Fixed(Value::Matrix(vec![RawSeries { labels, points: vec![(1_001, 1.0), (2_500, 1e21)] }]));
    assert_eq!(printed(&matrix, &["x[5m]"]), "{a=\"b\"} =>\n1 @[1.001]\n1e+21 @[2.5]\n");
    let scalar = Fixed(Value::Scalar { time_ms: 3_000, value: 0.5 });
    assert_eq!(printed(&scalar, &["0.5"]), "scalar: 0.5 @[3]\n");
    assert_eq!(
        printed(&scalar, &["0.5", "--format", "json"]),
        "{\"resultType\":\"scalar\",\"result\":[3,\"0.5\"]}\n"
    );
    assert_eq!(
        printed(&scalar, &["0.5", "--format", "csv"]),
        "time,value\r\n1970-01-01T00:00:03.000Z,0.5\r\n"
    );
    let text = Fixed(Value::Text { time_ms: 3_000, text: "a\"\u{1b}b".to_owned() });
    assert_eq!(printed(&text, &["x"]), "a\"b @[3]\n");
    assert_eq!(print(&text, &["x"]).2, "warning: w\ninfo: i\n");
}

#[test]
fn errors_are_the_callers() {
    let refused = QueryError::Prometheus { kind: "bad_data".to_owned(), message: "n\u{1b}o".to_owned() };
    let replay = Replay::new().error("x", refused);
    let error = |line: &[&str]| format!("{:#}", print(&replay, line).0.expect_err("refused"));
    assert_eq!(error(&["x"]), "query to replay failed: bad_data: no");
    assert_eq!(error(&[" "]), "the expression is empty; give PromQL such as 'up'");
    assert!(error(&["x", "--range", "soon"]).starts_with("--range: \"soon\" is not a duration"));
    assert!(error(&["x", "--time", "soon"]).starts_with("--time: \"soon\" is not a time"));
    assert!(error(&["x", "--range", "1d", "--step", "1s"]).contains("give a longer --step"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (args, source) = (args(&["up"]), up());
    let done = run(&args, &source, None, NOW_MS, Tz::UTC, &mut Gone, &mut Vec::new()).now_or_never();
    assert!(done.expect("at once").is_ok());
}

#[test]
fn variables_and_steps_are_filled_in() {
    let query =
        |line: &[&str], scrape_ms| query_of(&args(line), scrape_ms, NOW_MS, Tz::UTC).expect("a query");
    let expr = "rate(x[$__rate_interval]) $__range $__interval";
    assert_eq!(
        query(&[expr, "--range", "1h", "--step", "1m"], Some(5_000)).expr.as_ref(),
        "rate(x[1m5s]) 3600s 1m"
    );
    let QueryTime::Range(grid) = query(&["x", "--range", "1h"], None).time else { panic!("no range") };
    assert_eq!((grid.step_ms, grid.end_ms()), (15_000, NOW_MS));
    assert_eq!(query(&["x", "--time", "now-1m"], None).time, QueryTime::Instant(NOW_MS - 60_000));
}

#[test]
fn numbers_are_as_prometheus_writes_them() {
    for (value, text) in [
        (0.1, "0.1"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e300, "1e+300"),
        (1.5e-7, "1.5e-07"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "+Inf"),
    ] {
        assert_eq!(number(value), text);
    }
}
