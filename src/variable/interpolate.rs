//! Fills variables into texts. The one path by which anything that a dashboard says becomes PromQL, a title or a legend.
//!
//! A name that is not known stays untouched, so that `label_replace(..., "$1", ...)` survives.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::{Value, Values, format, references};
use crate::time_range::{Intervals, Span, format_duration};

/// Longest text that filling in may make, in bytes: variables in variables could make more than anyone can use.
pub const TEXT_LIMIT_BYTES: usize = 1 << 20;
/// How deep values may name other variables.
const DEPTH_LIMIT: usize = 8;

/// How a reference without a format of its own is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Into PromQL; see [`format::promql`].
    Promql,
    /// Into a pattern.
    Regex,
    /// `{a,b}`: legends, and values of other variables.
    Glob,
    /// As the bar shows it: titles.
    Text,
}

/// What is known where a text stands.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The dashboard's variables.
    pub values: &'a Values,
    /// Those that have one value only here, because the panel or row is repeated; they count first.
    pub fixed: &'a BTreeMap<String, Value>,
    /// The query's intervals; without them `$__interval` and the like stay as they are.
    pub intervals: Option<&'a Intervals>,
    /// The window; without one `$__from` and the like stay as they are.
    pub span: Option<Span>,
    /// Zone of dates.
    pub zone: Tz,
}

static NONE: BTreeMap<String, Value> = BTreeMap::new();

impl<'a> Scope<'a> {
    /// Only `values`.
    pub const fn new(values: &'a Values) -> Self {
        Self { values, fixed: &NONE, intervals: None, span: None, zone: Tz::UTC }
    }

    /// No variables at all: what Grafana brings itself, for one query.
    pub const fn built_ins(intervals: &'a Intervals, span: Span) -> Self {
        Self { values: &NONE, fixed: &NONE, intervals: Some(intervals), span: Some(span), zone: Tz::UTC }
    }

    /// The same with the values of a repeated panel.
    #[must_use]
    pub const fn with_fixed(mut self, fixed: &'a BTreeMap<String, Value>) -> Self {
        self.fixed = fixed;
        self
    }

    /// The same in a query.
    #[must_use]
    pub const fn with_query(mut self, intervals: Option<&'a Intervals>, span: Span, zone: Tz) -> Self {
        (self.intervals, self.span, self.zone) = (intervals, Some(span), zone);
        self
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.fixed.get(name).or_else(|| self.values.get(name))
    }

    /// What Grafana itself brings: a duration or a time.
    fn built_in(&self, name: &str) -> Option<String> {
        if let Some(intervals) = self.intervals {
            let found = match name {
                "__interval" => Some(format_duration(intervals.step_ms)),
                "__interval_ms" => Some(intervals.step_ms.to_string()),
                "__rate_interval" => Some(format_duration(intervals.rate_ms)),
                "__rate_interval_ms" => Some(intervals.rate_ms.to_string()),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        let span = self.span?;
        let range_ms = self.intervals.map_or(span.end_ms - span.start_ms, |intervals| intervals.range_ms);
        let seconds = (range_ms + 500) / 1000;
        Some(match name {
            "__range" => format!("{seconds}s"),
            "__range_s" => seconds.to_string(),
            "__range_ms" => range_ms.to_string(),
            "__from" => span.start_ms.to_string(),
            "__to" => span.end_ms.to_string(),
            "__timezone" => self.zone.name().to_owned(),
            _ => return None,
        })
    }
}

/// Whether Grafana brings `name` itself, rather than the dashboard.
pub fn is_built_in(name: &str) -> bool {
    let intervals = Intervals::new(1, 1, None, 1);
    Scope::built_ins(&intervals, Span { start_ms: 0, end_ms: 1 }).built_in(name).is_some()
}

/// `text` with everything filled in that is known.
pub fn interpolate(text: &str, scope: &Scope<'_>, style: Style) -> String {
    fill(text, scope, style, 0)
}

fn fill(text: &str, scope: &Scope<'_>, style: Style, depth: usize) -> String {
    let mut filled = String::with_capacity(text.len() + 8);
    let mut from = 0;
    for (at, reference) in references(text) {
        if filled.len() > TEXT_LIMIT_BYTES {
            break;
        }
        filled.push_str(&text[from..at]);
        from = at + reference.whole.len();
        let format = reference.format;
        if let Some(value) = scope.value(reference.name) {
            filled.push_str(&written(value, reference.name, reference.path, format, scope, style, depth));
        } else if let Some(value) = scope.built_in(reference.name) {
            let is_moment = matches!(reference.name, "__from" | "__to");
            let format = match (format, style) {
                (Some("text"), _) | (None, Style::Text) if is_moment => Some("date:YYYY-MM-DD HH:mm:ss"),
                // Durations and names are words, which no format changes.
                (Some(format), _) if is_moment => Some(format),
                _ => None,
            };
            match format {
                Some(format) => {
                    let value = Value::single(&value);
                    filled.push_str(&format::write(&value, reference.name, format, scope.zone));
                }
                None => filled.push_str(&value),
            }
        } else {
            filled.push_str(reference.whole);
        }
    }
    filled.push_str(&text[from..]);
    filled
}

fn written(
    value: &Value,
    name: &str,
    path: Option<&str>,
    format: Option<&str>,
    scope: &Scope<'_>,
    style: Style,
    depth: usize,
) -> String {
    if path == Some("text") && format.is_none() {
        return value.text.clone();
    }
    // Grafana's CustomAllValue: as it is, but for three formats, and then filled in once more.
    if let Some(custom) = &value.custom_all {
        let is_text = format == Some("text") || (format.is_none() && style == Style::Text);
        let text = match format {
            _ if is_text => value.text.clone(),
            Some("percentencode") => format::write(&Value::single(custom), name, "percentencode", scope.zone),
            Some("queryparam") => return format::write(value, name, "queryparam", scope.zone),
            _ => custom.clone(),
        };
        return if depth < DEPTH_LIMIT { fill(&text, scope, style, depth + 1) } else { text };
    }
    match (format, style) {
        (Some(format), _) => format::write(value, name, format, scope.zone),
        (None, Style::Promql) => format::promql(value),
        (None, Style::Regex) => format::write(value, name, "regex", scope.zone),
        (None, Style::Glob) => format::write(value, name, "glob", scope.zone),
        (None, Style::Text) => value.text.clone(),
    }
}
