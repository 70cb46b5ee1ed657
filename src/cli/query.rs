//! `promscope query`: one expression from the shell, printed as promtool prints it, as JSON or as CSV.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use crate::config::SourceArgs;
use crate::query::{Query, QueryTime, SourceId};
use crate::series::{Grid, Labels};
use crate::source::prometheus::seconds;
use crate::source::{RawSeries, Source, Value};
use crate::text::clean;
use crate::time_range::{
    DEFAULT_SCRAPE_INTERVAL_MS, Intervals, POINTS_LIMIT, Span, TimeRange, parse_duration_ms,
};
use crate::variable::{Scope, Style, interpolate};

/// Points of a range query when no step is given, as in promtool and in Prometheus's own page.
const POINTS: u16 = 250;

/// Evaluate one PromQL expression and print what it gives.
#[derive(Args, Clone, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text, which shows no Markdown")]
pub struct QueryArgs {
    /// PromQL; $__rate_interval, $__interval and $__range are filled in
    pub expr: String,

    /// Evaluate over this long a window instead of once
    #[arg(long, value_name = "DURATION")]
    pub range: Option<String>,

    /// Distance of two points of the window [default: about 250 points]
    #[arg(long, value_name = "DURATION", requires = "range")]
    pub step: Option<String>,

    /// When to evaluate, or the end of the window: now-1h, 2026-01-31 14:00, RFC 3339 or Unix seconds
    #[arg(long, value_name = "TIME", default_value = "now", allow_hyphen_values = true)]
    pub time: String,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Where the server is.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// How `promscope query` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// As promtool does: `name{label="value"} => value @[time]`
    Text,
    /// The value as the Prometheus API gives it: resultType and result
    Json,
    /// One line a sample: time, one column a label, value
    Csv,
}

/// Asks `source` and prints to `out`; warnings go to `errors`. A reader of `out` that goes away (`| head`) is fine.
pub async fn run(
    args: &QueryArgs,
    source: &dyn Source,
    scrape_interval_ms: Option<i64>,
    now_ms: i64,
    zone: Tz,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let query = query_of(args, scrape_interval_ms, now_ms, zone)?;
    let evaluation = match source.evaluate(&query).await {
        Ok(evaluation) => evaluation,
        // The server's words end on a terminal, so they are cleaned like everything else.
        Err(error) => bail!("query to {} failed: {}", source.address(), clean(&error.to_string())),
    };
    for warning in &evaluation.warnings {
        writeln!(errors, "warning: {}", clean(warning))?;
    }
    for info in &evaluation.infos {
        writeln!(errors, "info: {}", clean(info))?;
    }
    if matches!(&evaluation.value, Value::Vector(series) | Value::Matrix(series) if series.is_empty()) {
        writeln!(errors, "no data")?;
    }
    let printed = match args.format {
        Format::Text => print_text(&evaluation.value, out),
        Format::Json => print_json(&evaluation.value, out),
        Format::Csv => print_csv(&evaluation.value, out),
    };
    match printed.and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("cannot write the result"),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

/// The query that the arguments mean.
fn query_of(
    args: &QueryArgs,
    scrape_interval_ms: Option<i64>,
    now_ms: i64,
    zone: Tz,
) -> anyhow::Result<Query> {
    if args.expr.trim().is_empty() {
        bail!("the expression is empty; give PromQL such as 'up'");
    }
    let range_ms = args.range.as_deref().map(parse_duration_ms).transpose().context("--range")?;
    let step_ms = args.step.as_deref().map(parse_duration_ms).transpose().context("--step")?;
    // A window that ends at the time asked for; how far it reaches back matters for the range only.
    let end = TimeRange::parse("1970-01-01T00:00:00Z", &args.time, now_ms, zone).context("--time")?;
    let end_ms = end.resolve(now_ms, zone).end_ms;
    let scrape_ms = scrape_interval_ms.unwrap_or(DEFAULT_SCRAPE_INTERVAL_MS);
    let span = Span { start_ms: end_ms - range_ms.unwrap_or(0), end_ms };
    let mut intervals = Intervals::new(range_ms.unwrap_or(1), POINTS, Some(1000), scrape_ms);
    if let Some(step_ms) = step_ms {
        intervals.step_ms = step_ms;
    }
    intervals.rate_ms = (intervals.step_ms + scrape_ms).max(4 * scrape_ms);
    let time = match range_ms {
        None => QueryTime::Instant(end_ms),
        Some(range_ms) => {
            if range_ms / intervals.step_ms > POINTS_LIMIT {
                bail!(
                    "--range and --step make more than {POINTS_LIMIT} points, which Prometheus refuses; \
                     give a longer --step"
                );
            }
            QueryTime::Range(Grid::between(span.start_ms, end_ms, intervals.step_ms))
        }
    };
    let expr = interpolate(&args.expr, &Scope::built_ins(&intervals, span), Style::Promql);
    Ok(Query { expr: expr.into(), time, source: SourceId::DEFAULT })
}

/// A value as Prometheus writes it: `NaN`, `+Inf`, `1e+300`, else as many digits as it takes.
fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if exponent.starts_with('-') => {
                format!("{digits}e-{:0>2}", &exponent[1..])
            }
            Some((digits, exponent)) => format!("{digits}e+{exponent:0>2}"),
            None => text,
        };
    }
    value.to_string()
}

fn print_text(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Scalar { time_ms, value } => {
            writeln!(out, "scalar: {} @[{}]", number(*value), seconds(*time_ms))
        }
        Value::Text { time_ms, text } => writeln!(out, "{} @[{}]", clean(text), seconds(*time_ms)),
        Value::Vector(series) => {
            for series in series {
                for (time_ms, value) in &series.points {
                    writeln!(out, "{} => {} @[{}]", name(&series.labels), number(*value), seconds(*time_ms))?;
                }
            }
            Ok(())
        }
        Value::Matrix(series) => {
            for (index, series) in series.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                writeln!(out, "{} =>", name(&series.labels))?;
                for (time_ms, value) in &series.points {
                    writeln!(out, "{} @[{}]", number(*value), seconds(*time_ms))?;
                }
            }
            Ok(())
        }
    }
}

/// The name of a series with nothing in it that a terminal could take as a command.
fn name(labels: &Labels) -> String {
    let mut text = clean(labels.metric_name().unwrap_or_default()).into_owned();
    let mut separator = "{";
    for (key, value) in labels.iter().filter(|(key, _)| *key != "__name__") {
        text.push_str(separator);
        text.push_str(&clean(key));
        let _ = write!(text, "={:?}", clean(value));
        separator = ", ";
    }
    if separator == ", " {
        text.push('}');
    } else if text.is_empty() {
        text.push_str("{}");
    }
    text
}

/// The `data` of the API's answer.
fn print_json(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    let pair = |out: &mut dyn Write, time_ms: i64, text: &str| {
        write!(out, "[{},{}]", seconds(time_ms), quoted(text))
    };
    match value {
        Value::Scalar { time_ms, value } => {
            out.write_all(b"{\"resultType\":\"scalar\",\"result\":")?;
            pair(out, *time_ms, &number(*value))?;
        }
        Value::Text { time_ms, text } => {
            out.write_all(b"{\"resultType\":\"string\",\"result\":")?;
            pair(out, *time_ms, text)?;
        }
        Value::Vector(series) | Value::Matrix(series) => {
            let is_matrix = matches!(value, Value::Matrix(_));
            let (kind, key) = if is_matrix { ("matrix", "values") } else { ("vector", "value") };
            write!(out, "{{\"resultType\":\"{kind}\",\"result\":[")?;
            for (index, RawSeries { labels, points }) in series.iter().enumerate() {
                out.write_all(if index == 0 { b"{\"metric\":{" } else { b",{\"metric\":{" })?;
                for (index, (name, value)) in labels.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(out, "{comma}{}:{}", quoted(name), quoted(value))?;
                }
                write!(out, "}},\"{key}\":")?;
                if is_matrix {
                    out.write_all(b"[")?;
                }
                for (index, (time_ms, value)) in points.iter().enumerate() {
                    if index > 0 {
                        out.write_all(b",")?;
                    }
                    pair(out, *time_ms, &number(*value))?;
                }
                out.write_all(if is_matrix { b"]}" } else { b"}" })?;
            }
            out.write_all(b"]")?;
        }
    }
    out.write_all(b"}\n")
}

/// A JSON string; what a terminal could take as a command is escaped, which changes nothing for a JSON reader.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' ' => quoted.push(' '),
            // What cleaning would remove or change.
            _ if clean(character.encode_utf8(&mut [0; 4])) != character.to_string() => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// One line a sample, RFC 4180; times are UTC.
fn print_csv(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    let single;
    let series = match value {
        Value::Text { time_ms, text } => {
            return write!(out, "time,value\r\n{},{}\r\n", utc(*time_ms), field(text));
        }
        Value::Scalar { time_ms, value } => {
            single = [RawSeries { labels: Labels::default(), points: vec![(*time_ms, *value)] }];
            &single[..]
        }
        Value::Vector(series) | Value::Matrix(series) => series,
    };
    let mut columns: Vec<&str> =
        series.iter().flat_map(|series| series.labels.iter().map(|(name, _)| name)).collect();
    columns.sort_unstable();
    columns.dedup();
    let head = columns.iter().map(|name| field(name) + ",").collect::<String>();
    write!(out, "time,{head}value\r\n")?;
    for RawSeries { labels, points } in series {
        let row: String =
            columns.iter().map(|name| field(labels.get(name).unwrap_or_default()) + ",").collect();
        for (time_ms, value) in points {
            write!(out, "{},{row}{}\r\n", utc(*time_ms), number(*value))?;
        }
    }
    Ok(())
}

fn utc(time_ms: i64) -> String {
    DateTime::from_timestamp_millis(time_ms)
        .map_or_else(|| seconds(time_ms), |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
