//! Runs one evaluation and says how its answer differs from what is expected.

use embedded_prometheus::model::Labels;
use embedded_prometheus::promql::{Answer, Engine, Forever, Options, QueryError, QueryValue};
use embedded_prometheus::storage::MemoryStore;
use regex::Regex;

use crate::format::{Eval, Pattern, SeriesLine, Times};

/// The relative difference that Prometheus's own runner allows.
const TOLERANCE: f64 = 1e-6;
const MINUTE_MS: i64 = 60_000;

/// The suite evaluates experimental functions too.
pub(crate) fn engine() -> Engine {
    Engine::new(Options { experimental_functions: true, ..Options::default() })
}

pub(crate) fn check(store: &MemoryStore, eval: &Eval) -> Result<(), String> {
    let engine = engine();
    let expression = &eval.expression;
    match eval.times {
        Times::Instant(at) => {
            compare(eval, engine.instant(store, expression, at, &Forever), None)?;
            if eval.ordered || eval.string.is_some() {
                return Ok(());
            }
            // A range query must say the same at that time.
            let times = (at - MINUTE_MS, at + MINUTE_MS, MINUTE_MS);
            match engine.range(store, expression, times, &Forever) {
                // It may fail at the other two steps, or not at all at this one's.
                _ if eval.fail.is_some() => Ok(()),
                Err(QueryError::BadQuery(_)) => Ok(()),
                Err(error) => Err(format!("as a range query: {error}")),
                Ok(answer) => middle(eval, &answer, at).map_err(|e| format!("as a range query: {e}")),
            }
        }
        Times::Range(from, to, step) => {
            compare(eval, engine.range(store, expression, (from, to, step), &Forever), Some((from, step)))
        }
    }
}

fn compare(eval: &Eval, result: Result<Answer, QueryError>, grid: Option<(i64, i64)>) -> Result<(), String> {
    let answer = match (result, &eval.fail) {
        (Err(error), Some(pattern)) if fits(pattern, &error.to_string()) => return Ok(()),
        (Err(error), Some(_)) => return Err(format!("another error than expected: {error}")),
        (Err(error), None) => return Err(error.to_string()),
        (Ok(_), Some(_)) => return Err("an error was expected".into()),
        (Ok(answer), None) => answer,
    };
    remarks(eval, &answer)?;
    let Some((start, step)) = grid else { return instant(eval, &answer.value) };
    let QueryValue::Matrix(series) = &answer.value else {
        return Err(format!("not a matrix: {:?}", answer.value));
    };
    let expected: Vec<&SeriesLine> =
        eval.series.iter().filter(|s| s.values.iter().any(Option::is_some)).collect();
    same_count(expected.len(), series.iter().map(|s| &s.labels))?;
    for line in expected {
        let got =
            series.iter().find(|s| s.labels == line.labels).ok_or_else(|| format!("no {}", line.labels))?;
        let mut samples = got.samples.iter().peekable();
        for (i, value) in line.values.iter().enumerate() {
            let time = start + i as i64 * step;
            let sample = samples.next_if(|sample| sample.time_ms == time).map(|sample| sample.value);
            match (value, sample) {
                (None, None) => {}
                (Some(value), Some(got)) if close(*value, got) => {}
                _ => return Err(format!("{} at {time}: {sample:?} instead of {value:?}", line.labels)),
            }
        }
        if let Some(extra) = samples.next() {
            return Err(format!("{}: {extra:?} too many", line.labels));
        }
    }
    Ok(())
}

fn instant(eval: &Eval, value: &QueryValue) -> Result<(), String> {
    match value {
        QueryValue::Scalar(sample) => match eval.scalar {
            Some(expected) if close(expected, sample.value) => Ok(()),
            expected => Err(format!("scalar {} instead of {expected:?}", sample.value)),
        },
        QueryValue::String { value, .. } if eval.string.as_ref() == Some(value) => Ok(()),
        QueryValue::Vector(samples) => {
            let got: Vec<(&Labels, f64)> = samples.iter().map(|s| (&s.labels, s.value)).collect();
            vector(eval, &got)
        }
        other => Err(format!("unexpected {other:?}")),
    }
}

fn vector(eval: &Eval, got: &[(&Labels, f64)]) -> Result<(), String> {
    same_count(eval.series.len(), got.iter().map(|(labels, _)| *labels))?;
    for (place, line) in eval.series.iter().enumerate() {
        let at = got.iter().position(|(labels, _)| **labels == line.labels).ok_or_else(|| {
            format!("no {} but {:?}", line.labels, got.iter().map(|(l, _)| l.to_string()).collect::<Vec<_>>())
        })?;
        if eval.ordered && at != place {
            return Err(format!("{} at place {at} instead of {place}", line.labels));
        }
        let expected = line.values.first().copied().flatten().ok_or("no value expected?")?;
        if !close(expected, got[at].1) {
            return Err(format!("{}: {} instead of {expected}", line.labels, got[at].1));
        }
    }
    Ok(())
}

/// The values of a range query at the time of the instant query.
fn middle(eval: &Eval, answer: &Answer, at: i64) -> Result<(), String> {
    let QueryValue::Matrix(series) = &answer.value else { return Err("not a matrix".into()) };
    let value = |s: &embedded_prometheus::promql::RangeSeries| {
        s.samples.iter().find(|sample| sample.time_ms == at).map(|sample| sample.value)
    };
    let got: Vec<(&Labels, f64)> = series.iter().filter_map(|s| Some((&s.labels, value(s)?))).collect();
    match eval.scalar {
        Some(expected) if got.len() == 1 && close(expected, got[0].1) => Ok(()),
        Some(expected) => Err(format!("{got:?} instead of {expected}")),
        None => vector(eval, &got),
    }
}

fn same_count<'a>(expected: usize, got: impl ExactSizeIterator<Item = &'a Labels>) -> Result<(), String> {
    if expected == got.len() {
        return Ok(());
    }
    let got: Vec<String> = got.map(ToString::to_string).collect();
    Err(format!("{} series instead of {expected}: {}", got.len(), got.join(" ")))
}

/// Warnings and infos: those expected must be there, and no others; `ordered` looks at the order only.
fn remarks(eval: &Eval, answer: &Answer) -> Result<(), String> {
    for (what, expected, got) in
        [("warning", &eval.warn, &answer.warnings), ("info", &eval.info, &answer.infos)]
    {
        // The runner of Prometheus compares without the position behind the text.
        let got: Vec<&str> =
            got.iter().map(|text| text.rsplit_once(" (").map_or(text.as_str(), |t| t.0)).collect();
        if let Some(missing) = expected.iter().find(|p| !got.iter().any(|text| fits(p, text))) {
            return Err(format!("{what} missing: {}", describe(missing)));
        }
        let extra = got.iter().find(|text| !expected.iter().any(|p| fits(p, text)));
        if let Some(extra) = extra.filter(|_| !eval.ordered) {
            return Err(format!("unexpected {what}: {extra}"));
        }
    }
    if (eval.no_warn && !answer.warnings.is_empty()) || (eval.no_info && !answer.infos.is_empty()) {
        return Err(format!("remarks where none may be: {:?} {:?}", answer.warnings, answer.infos));
    }
    Ok(())
}

fn describe(pattern: &Pattern) -> &str {
    match pattern {
        Pattern::Any => "any",
        Pattern::Exact(text) | Pattern::Regex(text) => text,
    }
}

fn fits(pattern: &Pattern, text: &str) -> bool {
    match pattern {
        Pattern::Any => true,
        Pattern::Exact(message) => message == text,
        Pattern::Regex(pattern) => Regex::new(pattern).is_ok_and(|regex| regex.is_match(text)),
    }
}

fn close(expected: f64, got: f64) -> bool {
    if expected.total_cmp(&got).is_eq() || (expected.is_nan() && got.is_nan()) {
        return true;
    }
    if expected.is_infinite() || got.is_infinite() {
        return false;
    }
    let (difference, sum) = ((expected - got).abs(), expected.abs() + got.abs());
    if expected.abs() == 0.0 || got.abs() == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < TOLERANCE * f64::MIN_POSITIVE;
    }
    difference / sum < TOLERANCE
}
