//! The functions of templates: those of Prometheus, and those of Go that alerts use.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use super::value::{SampleValue, Value};
use super::{Data, format, humanize};
use crate::config::parse_duration_ms;
use crate::storage::unanchored_regex;

/// A function and how many arguments it takes.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    least: usize,
    /// `None` for any number.
    most: Option<usize>,
    body: Body,
}

type Body = fn(&[Value], &Data<'_>) -> Result<Value, String>;

/// Those that look at no more arguments than they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lazy {
    And,
    Or,
}

impl Function {
    pub(super) fn takes(&self, arguments: usize) -> bool {
        arguments >= self.least && self.most.is_none_or(|most| arguments <= most)
    }

    /// How many arguments, in Go's words.
    pub(super) fn wanted(&self) -> String {
        if self.most == Some(self.least) {
            self.least.to_string()
        } else {
            format!("at least {}", self.least)
        }
    }

    pub(super) fn lazy(&self) -> Option<Lazy> {
        match self.name {
            "and" => Some(Lazy::And),
            "or" => Some(Lazy::Or),
            _ => None,
        }
    }
}

const fn function(name: &'static str, least: usize, most: Option<usize>, body: Body) -> Function {
    Function { name, least, most, body }
}

static FUNCTIONS: [Function; 33] = [
    function("and", 1, None, |_, _| Ok(Value::Nil)),
    function("or", 1, None, |_, _| Ok(Value::Nil)),
    function("not", 1, Some(1), |v, _| Ok(Value::Bool(!v[0].is_true()))),
    function("eq", 2, None, |v, _| {
        for other in &v[1..] {
            if compare("eq", &v[0], other)? == Some(Ordering::Equal) {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }),
    function("ne", 2, Some(2), |v, _| Ok(Value::Bool(compare("ne", &v[0], &v[1])? != Some(Ordering::Equal)))),
    function("lt", 2, Some(2), |v, _| ordered("lt", v, |order| order == Ordering::Less)),
    function("le", 2, Some(2), |v, _| ordered("le", v, |order| order != Ordering::Greater)),
    function("gt", 2, Some(2), |v, _| ordered("gt", v, |order| order == Ordering::Greater)),
    function("ge", 2, Some(2), |v, _| ordered("ge", v, |order| order != Ordering::Less)),
    function("print", 0, None, |v, _| Ok(Value::text(format::sprint(v)))),
    function("println", 0, None, |v, _| {
        let words: Vec<_> = v.iter().map(Value::print).collect();
        Ok(Value::text(words.join(" ") + "\n"))
    }),
    function("printf", 1, None, |v, _| Ok(Value::text(format::sprintf(text(&v[0])?, &v[1..])?))),
    function("len", 1, Some(1), |v, _| length(&v[0])),
    function("index", 1, None, |v, _| index(v)),
    function("query", 1, Some(1), query),
    function("first", 1, Some(1), |v, _| {
        let first = vector(&v[0])?.first();
        let first = first.ok_or("error calling first: first() called on vector with no elements")?;
        Ok(Value::Sample(Arc::clone(first)))
    }),
    function("label", 2, Some(2), |v, _| Ok(label(text(&v[0])?, sample(&v[1])?))),
    function("value", 1, Some(1), |v, _| Ok(Value::Float(sample(&v[0])?.value))),
    function("strvalue", 1, Some(1), |v, _| Ok(label("__value__", sample(&v[0])?))),
    function("sortByLabel", 2, Some(2), |v, _| {
        let name = text(&v[0])?;
        let mut samples = vector(&v[1])?.to_vec();
        samples.sort_by(|a, b| a.labels.get(name).cmp(&b.labels.get(name)));
        Ok(Value::Vector(Arc::new(samples)))
    }),
    function("humanize", 1, Some(1), |v, _| humanized("humanize", &v[0], humanize::plain)),
    function("humanize1024", 1, Some(1), |v, _| humanized("humanize1024", &v[0], humanize::binary)),
    function("humanizeDuration", 1, Some(1), |v, _| humanized("humanizeDuration", &v[0], humanize::duration)),
    function("humanizePercentage", 1, Some(1), |v, _| {
        humanized("humanizePercentage", &v[0], humanize::percentage)
    }),
    function("humanizeTimestamp", 1, Some(1), |v, _| {
        let seconds = number("humanizeTimestamp", &v[0])?;
        let printed = humanize::timestamp(seconds);
        printed.map(Value::text).map_err(|e| format!("error calling humanizeTimestamp: {e}"))
    }),
    function("parseDuration", 1, Some(1), |v, _| {
        let ms = parse_duration_ms(text(&v[0])?).map_err(|e| {
            // The remedy is none of Prometheus's words.
            let e = e.strip_suffix("; write it like 1m30s").unwrap_or(&e);
            format!("error calling parseDuration: {e}")
        })?;
        Ok(Value::Float(ms as f64 / 1000.0))
    }),
    function("title", 1, Some(1), |v, _| Ok(Value::text(title(text(&v[0])?)))),
    function("toUpper", 1, Some(1), |v, _| Ok(Value::text(text(&v[0])?.to_uppercase()))),
    function("toLower", 1, Some(1), |v, _| Ok(Value::text(text(&v[0])?.to_lowercase()))),
    function("match", 2, Some(2), |v, _| {
        let regex = unanchored_regex(text(&v[0])?).map_err(|e| format!("error calling match: {e}"))?;
        Ok(Value::Bool(regex.is_match(text(&v[1])?)))
    }),
    function("reReplaceAll", 3, Some(3), |v, _| {
        let regex = unanchored_regex(text(&v[0])?).map_err(|e| format!("error calling reReplaceAll: {e}"))?;
        Ok(Value::text(regex.replace_all(text(&v[2])?, text(&v[1])?)))
    }),
    function("stripPort", 1, Some(1), |v, _| {
        let whole = text(&v[0])?;
        Ok(Value::text(split_host_port(whole).map_or(whole, |(host, _)| host)))
    }),
    function("stripDomain", 1, Some(1), |v, _| Ok(Value::text(strip_domain(text(&v[0])?)))),
];

/// Functions of Prometheus or Go that are not here.
const UNSUPPORTED: [&str; 16] = [
    "args",
    "call",
    "externalURL",
    "graphLink",
    "html",
    "js",
    "now",
    "pathPrefix",
    "safeHtml",
    "slice",
    "tableLink",
    "tmpl",
    "toDuration",
    "toTime",
    "urlQueryEscape",
    "urlquery",
];

/// The function of that name, or what to say if there is none.
pub(super) fn find(name: &str) -> Result<&'static Function, String> {
    if UNSUPPORTED.contains(&name) {
        return Err(format!("function {name:?} is not supported by this engine"));
    }
    FUNCTIONS
        .iter()
        .find(|function| function.name == name)
        .ok_or_else(|| format!("function {name:?} not defined"))
}

/// The value of a function whose number of arguments was checked.
pub(super) fn call(function: &Function, values: &[Value], data: &Data<'_>) -> Result<Value, String> {
    (function.body)(values, data)
}

/// How messages about an argument of a wrong type begin; they are about the argument, not the call.
pub(super) const WRONG_TYPE: &str = "wrong type for value; ";

fn wrong_type(expected: &str, found: &Value) -> String {
    format!("{WRONG_TYPE}expected {expected}; got {}", found.type_name())
}

fn text(value: &Value) -> Result<&str, String> {
    if let Value::Text(text) = value { Ok(text) } else { Err(wrong_type("string", value)) }
}

fn sample(value: &Value) -> Result<&SampleValue, String> {
    if let Value::Sample(sample) = value { Ok(sample) } else { Err(wrong_type("*template.sample", value)) }
}

fn vector(value: &Value) -> Result<&[Arc<SampleValue>], String> {
    if let Value::Vector(samples) = value {
        Ok(samples)
    } else {
        Err(wrong_type("template.queryResult", value))
    }
}

fn label(name: &str, sample: &SampleValue) -> Value {
    Value::text(sample.labels.get(name).map_or("", String::as_str))
}

fn query(values: &[Value], data: &Data<'_>) -> Result<Value, String> {
    let found = (data.query)(text(&values[0])?).map_err(|e| format!("error calling query: {e}"))?;
    let samples =
        found.into_iter().map(|(labels, value)| Arc::new(SampleValue { labels: Arc::new(labels), value }));
    Ok(Value::Vector(Arc::new(samples.collect())))
}

/// A number, or a text that is one.
fn number(function: &str, value: &Value) -> Result<f64, String> {
    match value {
        Value::Float(value) => Ok(*value),
        Value::Int(value) => Ok(*value as f64),
        Value::Text(text) => text.parse().map_err(|_| {
            format!("error calling {function}: strconv.ParseFloat: parsing {text:?}: invalid syntax")
        }),
        other => Err(format!("error calling {function}: can't convert {} to float", other.type_name())),
    }
}

fn humanized(function: &str, value: &Value, print: fn(f64) -> String) -> Result<Value, String> {
    Ok(Value::text(print(number(function, value)?)))
}

/// Compares two values of one basic kind; `None` if one is NaN.
fn compare(name: &str, a: &Value, b: &Value) -> Result<Option<Ordering>, String> {
    let equality = matches!(name, "eq" | "ne");
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(b))),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::Text(a), Value::Text(b)) => Ok(Some(a.cmp(b))),
        (Value::Bool(a), Value::Bool(b)) if equality => Ok(Some(a.cmp(b))),
        (Value::Nil, Value::Nil) if equality => Ok(Some(Ordering::Equal)),
        (Value::Nil, _) | (_, Value::Nil) if equality => Ok(None),
        (
            Value::Int(_) | Value::Float(_) | Value::Text(_),
            Value::Int(_) | Value::Float(_) | Value::Text(_),
        ) => Err(format!("error calling {name}: incompatible types for comparison")),
        _ if equality => Err(format!("error calling {name}: incompatible types for comparison")),
        _ => Err(format!("error calling {name}: invalid type for comparison")),
    }
}

fn ordered(name: &str, values: &[Value], holds: fn(Ordering) -> bool) -> Result<Value, String> {
    Ok(Value::Bool(compare(name, &values[0], &values[1])?.is_some_and(holds)))
}

fn length(value: &Value) -> Result<Value, String> {
    let length = match value {
        Value::Text(text) => text.len(),
        Value::Labels(labels) => labels.len(),
        Value::Vector(samples) => samples.len(),
        other => return Err(format!("error calling len: len of type {}", other.type_name())),
    };
    Ok(Value::Int(length as i64))
}

fn index(values: &[Value]) -> Result<Value, String> {
    let mut value = values[0].clone();
    for key in &values[1..] {
        value = match (&value, key) {
            (Value::Labels(labels), Value::Text(name)) => {
                Value::text(labels.get(&**name).map_or("", String::as_str))
            }
            (Value::Vector(samples), Value::Int(at)) => {
                let found = usize::try_from(*at).ok().and_then(|at| samples.get(at));
                let found = found.ok_or_else(|| format!("error calling index: index out of range: {at}"))?;
                Value::Sample(Arc::clone(found))
            }
            (other, _) => {
                return Err(format!("error calling index: can't index item of type {}", other.type_name()));
            }
        };
    }
    Ok(value)
}

/// Go's `strings.Title`: the first letter of each word in its title case.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in text.chars() {
        let in_word = previous == '_'
            || previous.is_alphanumeric()
            || (previous as u32 >= 0x80 && !previous.is_whitespace());
        if in_word {
            out.push(c);
        } else {
            out.extend(c.to_uppercase());
        }
        previous = c;
    }
    out
}

/// Go's `net.SplitHostPort`, or `None` where that fails.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|inner| !inner.contains(['[', ']']))?,
        None if host.contains([':', '[', ']']) => return None,
        None => host,
    };
    (!port.contains(['[', ']'])).then_some((host, port))
}

fn strip_domain(text: &str) -> String {
    let (host, port) = split_host_port(text).unwrap_or((text, ""));
    if host.parse::<IpAddr>().is_ok() {
        return text.to_owned();
    }
    let host = host.split('.').next().unwrap_or_default();
    if port.is_empty() { host.to_owned() } else { format!("{host}:{port}") }
}
