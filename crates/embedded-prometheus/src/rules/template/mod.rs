//! Templates in the labels and annotations of alerting rules: the part of Go's `text/template` that alerts use, with
//! Prometheus's functions. What is not supported is an error when a rule is loaded.
//!
//! Functions and wording follow Prometheus and Go's `text/template`; Prometheus is Copyright The Prometheus
//! Authors, licensed under Apache-2.0.

mod exec;
mod format;
mod functions;
mod humanize;
mod lex;
mod parse;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::parse::Item;
use self::value::Value;

/// The longest text that a template may become.
const MAX_EXPANDED_BYTES: usize = 64 << 10;
/// The most actions that an expansion may take.
const MAX_STEPS: usize = 100_000;
/// The longest template.
const MAX_TEMPLATE_BYTES: usize = 64 << 10;
/// Brackets and blocks inside each other.
const MAX_DEPTH: usize = 50;

/// What Prometheus puts in front of each template; it only counts in the columns of messages.
const DEFINITIONS: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}\
                           {{$externalURL := .ExternalURL}}{{$value := .Value}}";

/// A template that was understood.
#[derive(Debug)]
pub(super) struct Template {
    name: String,
    text: String,
    items: Vec<Item>,
}

/// Answers the `query` function: label sets and values, or what went wrong.
pub(super) type QueryFn<'a> = dyn Fn(&str) -> Result<Vec<(BTreeMap<String, String>, f64)>, String> + 'a;

/// What a template may speak of.
pub(super) struct Data<'a> {
    /// The labels of the alert's series, as the expression gave them.
    pub(super) labels: Arc<BTreeMap<String, String>>,
    /// Those of the whole server.
    pub(super) external_labels: Arc<BTreeMap<String, String>>,
    /// The expression's value.
    pub(super) value: f64,
    /// Answers queries.
    pub(super) query: &'a QueryFn<'a>,
}

impl Template {
    /// Reads the template of the alert `alert`. The error says what is wrong and where in the text.
    pub(super) fn parse(alert: &str, text: &str) -> Result<Self, String> {
        let name = format!("__alert_{alert}");
        if text.len() > MAX_TEMPLATE_BYTES {
            return Err(format!(
                "the template has {} bytes; at most {MAX_TEMPLATE_BYTES} are taken",
                text.len()
            ));
        }
        let items = parse::parse(text).map_err(|fault| {
            let line = 1 + text[..fault.at.min(text.len())].matches('\n').count();
            format!("template: {name}:{line}: {}", fault.message)
        })?;
        Ok(Self { name, text: text.to_owned(), items })
    }

    /// The text for these data. What goes wrong stands in the text, as Prometheus has it.
    pub(super) fn expand(&self, data: &Data<'_>) -> String {
        exec::run(&self.items, data).unwrap_or_else(|fault| {
            let at = fault.at.min(self.text.len());
            let line = 1 + self.text[..at].matches('\n').count();
            let column = match self.text[..at].rfind('\n') {
                Some(newline) => at - newline - 1,
                None => at + DEFINITIONS.len(),
            };
            let name = &self.name;
            let place = format!("template: {name}:{line}:{column}: executing \"{name}\" at <{}>", fault.node);
            format!("<error expanding template: error executing template {name}: {place}: {}>", fault.message)
        })
    }
}

/// What went wrong while reading, and at which byte.
#[derive(Debug)]
struct ParseFault {
    at: usize,
    message: String,
}

/// What went wrong while expanding, and at which part of the template.
#[derive(Debug)]
struct ExecFault {
    at: usize,
    node: String,
    message: String,
}

#[cfg(test)]
mod tests;
