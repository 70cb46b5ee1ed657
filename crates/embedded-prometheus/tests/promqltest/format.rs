//! Reads Prometheus's test format: `load`, `clear` and `eval` with what they expect.

use embedded_prometheus::model::{Labels, METRIC_NAME, STALE_NAN};
use regex::Regex;

/// One command, with the line it starts at.
pub(crate) struct Command {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Clear,
    Load { step_ms: i64, with_nhcb: bool, series: Vec<SeriesLine> },
    Eval(Eval),
}

/// Labels and one value a step; `None` is a gap.
pub(crate) struct SeriesLine {
    pub(crate) labels: Labels,
    pub(crate) values: Vec<Option<f64>>,
    /// Whether any value is a native histogram.
    pub(crate) native: bool,
}

pub(crate) enum Times {
    Instant(i64),
    Range(i64, i64, i64),
}

pub(crate) enum Pattern {
    Any,
    Exact(String),
    Regex(String),
}

pub(crate) struct Eval {
    pub(crate) times: Times,
    pub(crate) expression: String,
    pub(crate) fail: Option<Pattern>,
    pub(crate) warn: Vec<Pattern>,
    pub(crate) info: Vec<Pattern>,
    pub(crate) no_warn: bool,
    pub(crate) no_info: bool,
    pub(crate) ordered: bool,
    pub(crate) series: Vec<SeriesLine>,
    pub(crate) scalar: Option<f64>,
    pub(crate) string: Option<String>,
}

pub(crate) fn parse(text: &str) -> Result<Vec<Command>, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut commands = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let (number, line) = (at + 1, lines[at]);
        at += 1;
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut body = Vec::new();
        while at < lines.len() && !lines[at].is_empty() {
            if is_command(lines[at]) {
                break;
            }
            if !lines[at].starts_with('#') {
                body.push(lines[at]);
            }
            at += 1;
        }
        let kind = command(line, &body).map_err(|e| format!("line {number}: {e}"))?;
        commands.push(Command { line: number, kind });
    }
    Ok(commands)
}

fn is_command(line: &str) -> bool {
    line == "clear" || line.starts_with("load") || line.starts_with("eval")
}

fn command(line: &str, body: &[&str]) -> Result<Kind, String> {
    if line == "clear" {
        return Ok(Kind::Clear);
    }
    if let Some(rest) = line.strip_prefix("load") {
        let (with_nhcb, step) = match rest.strip_prefix("_with_nhcb") {
            Some(step) => (true, step),
            None => (false, rest),
        };
        let series = body.iter().map(|line| series_line(line)).collect::<Result<_, _>>()?;
        return Ok(Kind::Load { step_ms: duration_ms(step.trim())?, with_nhcb, series });
    }
    let mut eval = eval_line(line)?;
    for line in body {
        expectation(line, &mut eval)?;
    }
    Ok(Kind::Eval(eval))
}

fn eval_line(line: &str) -> Result<Eval, String> {
    let instant = regex(r"^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$");
    let range =
        regex(r"^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$");
    let (mode, times, expression) = if let Some(found) = instant.captures(line) {
        let at = found.get(2).map_or(Ok(0), |at| duration_ms(at.as_str()))?;
        (found.get(1), Times::Instant(at), found[3].to_owned())
    } else if let Some(found) = range.captures(line) {
        let [from, to, step] = [2, 3, 4].map(|i| duration_ms(&found[i]));
        (found.get(1), Times::Range(from?, to?, step?), found[5].to_owned())
    } else {
        return Err(format!("not a command: {line}"));
    };
    let mut eval = Eval {
        times,
        expression,
        fail: None,
        warn: Vec::new(),
        info: Vec::new(),
        no_warn: false,
        no_info: false,
        ordered: false,
        series: Vec::new(),
        scalar: None,
        string: None,
    };
    match mode.map(|mode| mode.as_str()) {
        Some("fail") => eval.fail = Some(Pattern::Any),
        Some("warn") => eval.warn.push(Pattern::Any),
        Some("info") => eval.info.push(Pattern::Any),
        Some("ordered") => eval.ordered = true,
        _ => {}
    }
    Ok(eval)
}

fn expectation(line: &str, eval: &mut Eval) -> Result<(), String> {
    if let Some(message) = line.strip_prefix("expected_fail_message") {
        eval.fail = Some(Pattern::Exact(message.trim().to_owned()));
    } else if let Some(pattern) = line.strip_prefix("expected_fail_regexp") {
        eval.fail = Some(Pattern::Regex(pattern.trim().to_owned()));
    } else if let Some(text) = line.strip_prefix("expect string") {
        eval.string = Some(text.trim().trim_matches('"').to_owned());
    } else if let Some(found) =
        regex(r"^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$").captures(line)
    {
        let text = found.get(3).map(|text| text.as_str().trim().to_owned());
        let pattern = match (found.get(2).map(|kind| kind.as_str()), text) {
            (Some("msg"), Some(text)) => Pattern::Exact(text),
            (Some("regex"), Some(text)) => Pattern::Regex(text),
            _ => Pattern::Any,
        };
        match &found[1] {
            "ordered" => eval.ordered = true,
            "fail" => eval.fail = Some(pattern),
            "warn" => eval.warn.push(pattern),
            "info" => eval.info.push(pattern),
            "no_warn" => eval.no_warn = true,
            _ => eval.no_info = true,
        }
    } else if let Ok(number) = number(line) {
        eval.scalar = Some(number);
    } else {
        eval.series.push(series_line(line)?);
    }
    Ok(())
}

fn series_line(line: &str) -> Result<SeriesLine, String> {
    let (labels, rest) = metric(line)?;
    let mut values = Vec::new();
    let native = rest.contains("{{");
    if !native {
        for item in rest.split_whitespace() {
            sequence(item, &mut values)?;
        }
    }
    Ok(SeriesLine { labels, values, native })
}

/// `name{label="value", "quoted.name"="value"}` and what follows it.
fn metric(line: &str) -> Result<(Labels, &str), String> {
    let mut builder = Labels::empty().builder();
    let name_end = line.find(|c: char| c == '{' || c.is_whitespace()).unwrap_or(line.len());
    builder.set(METRIC_NAME, &line[..name_end]);
    let mut rest = line[name_end..].trim_start();
    if !rest.starts_with('{') || rest.starts_with("{{") {
        return Ok((builder.build(), rest));
    }
    rest = rest[1..].trim_start();
    while !rest.starts_with('}') {
        let name;
        if rest.starts_with(['"', '\'']) {
            (name, rest) = string(rest)?;
        } else {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').ok_or("labels do not end")?;
            name = rest[..end].to_owned();
            rest = &rest[end..];
        }
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('=') {
            let value;
            (value, rest) = string(after.trim_start())?;
            builder.set(&name, &value);
        } else {
            builder.set(METRIC_NAME, &name);
        }
        rest = rest.trim_start().trim_start_matches(',').trim_start();
    }
    Ok((builder.build(), rest[1..].trim_start()))
}

fn string(text: &str) -> Result<(String, &str), String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')).ok_or("string expected")?;
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((out, &text[at + 1..])),
            '\\' if quote != '`' => match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c) => out.push(c),
                None => break,
            },
            c => out.push(c),
        }
    }
    Err(format!("string does not end: {text}"))
}

/// `_`, `_x3`, `stale`, `5`, `5x3`, `1+2x3`.
fn sequence(item: &str, values: &mut Vec<Option<f64>>) -> Result<(), String> {
    let found = regex(r"(?i)^(_|stale|[-+]?(?:inf|nan|[0-9.]+(?:e[-+]?[0-9]+)?))(?:([-+])([0-9.]+(?:e[-+]?[0-9]+)?|inf|nan))?(?:x([0-9]+))?$")
        .captures(item)
        .ok_or_else(|| format!("not a value: {item}"))?;
    let times = found.get(4).map_or(Ok(0), |n| n.as_str().parse::<usize>()).map_err(|e| e.to_string())?;
    if &found[1] == "_" {
        values.extend(vec![None; times.max(1)]);
        return Ok(());
    }
    if &found[1] == "stale" {
        values.extend(vec![Some(STALE_NAN); times + 1]);
        return Ok(());
    }
    let mut value = number(&found[1])?;
    let step = match (found.get(2), found.get(3)) {
        (Some(sign), Some(step)) if sign.as_str() == "-" => -number(step.as_str())?,
        (Some(_), Some(step)) => number(step.as_str())?,
        _ => 0.0,
    };
    values.push(Some(value));
    for _ in 0..times {
        value += step;
        values.push(Some(value));
    }
    Ok(())
}

fn number(text: &str) -> Result<f64, String> {
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).map(|n| n as f64).map_err(|e| e.to_string());
    }
    text.parse().map_err(|_| format!("not a number: {text}"))
}

/// `1h30m`, `-5s`, or plain seconds.
pub(crate) fn duration_ms(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Ok((seconds * 1000.0).round() as i64);
    }
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut total = 0;
    for part in regex(r"([0-9]+)(ms|[smhdwy])").captures_iter(text) {
        let unit = match &part[2] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => 365 * 86_400_000,
        };
        total += part[1].parse::<i64>().map_err(|e| e.to_string())? * unit;
    }
    if total == 0 && !text.starts_with('0') {
        return Err(format!("not a duration: {text}"));
    }
    Ok(sign * total)
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file")
}
