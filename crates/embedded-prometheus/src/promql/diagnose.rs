//! What is wrong with an expression, in Prometheus's words and with its position where that can be told: the parser
//! has words of its own and no positions.

use promql_parser::parser;

use super::annotations::line_and_column;
use super::error::QueryError;
use super::scan::{CallSite, Scan};

/// Rewrites the parser's message.
pub(crate) fn explain(text: &str, scan: &Scan, message: &str) -> QueryError {
    let (at, message) = rewrite(text, scan, message);
    let position = at.map_or_else(|| "unknown position".to_owned(), |at| line_and_column(text, at));
    QueryError::Parse { position, message }
}

fn rewrite(text: &str, scan: &Scan, message: &str) -> (Option<usize>, String) {
    let quoted = || message.split('\'').nth(1);
    let start = text.len() - text.trim_start().len();
    let call = |name: &str| only_call(scan, name);
    if let Some(name) = message.strip_prefix("unknown function with name '").and(quoted()) {
        return (call(name).map(|c| c.start), format!("unknown function with name \"{name}\""));
    }
    if message.contains("argument(s) in call to '") {
        let name = quoted().unwrap_or_default();
        return (call(name).map(|c| c.start), message.replace('\'', "\""));
    }
    if let Some((wanted, context, got)) = expected_type(message) {
        let (wanted, got) = (documented(wanted), documented(got));
        let at = match context.strip_prefix("call to function ").map(|name| name.trim_matches('\'')) {
            Some(name) => call(name).and_then(|c| mistyped_argument(text, c, wanted)),
            None => mistyped_aggregation(text, scan),
        };
        let context = context.replace('\'', "\"");
        return (at, format!("expected type {wanted} in {context}, got {got}"));
    }
    if message == "invalid promql query" || message == "ParseError" {
        return unexpected(text, scan);
    }
    // Without calls and brackets the fault is the whole expression's.
    let whole = scan.calls.is_empty() && !text.contains(['(', '[']);
    (whole.then_some(start), message.replace('\'', "\""))
}

/// The call of that name, if there is just one.
fn only_call<'a>(scan: &'a Scan, name: &str) -> Option<&'a CallSite> {
    let mut calls = scan.calls.iter().filter(|call| call.name == name);
    let call = calls.next()?;
    calls.next().is_none().then_some(call)
}

/// `expected type X in Y, got Z` taken apart.
fn expected_type(message: &str) -> Option<(&str, &str, &str)> {
    let (wanted, rest) = message.strip_prefix("expected type ")?.split_once(" in ")?;
    let (context, got) = rest.rsplit_once(", got ")?;
    Some((wanted, context, got))
}

fn documented(value_type: &str) -> &str {
    match value_type {
        "vector" => "instant vector",
        "matrix" => "range vector",
        other => other,
    }
}

/// Where the first argument starts that is not of the type wanted, each argument parsed alone.
fn mistyped_argument(text: &str, call: &CallSite, wanted: &str) -> Option<usize> {
    if call.arguments.len() == 1 {
        return Some(call.arguments[0].0);
    }
    let mistyped: Vec<usize> = call
        .arguments
        .iter()
        .filter(|(from, to)| {
            parser::parse(&text[*from..*to])
                .is_ok_and(|expr| documented(&expr.value_type().to_string()) != wanted)
        })
        .map(|argument| argument.0)
        .collect();
    (mistyped.len() == 1).then(|| mistyped[0])
}

fn mistyped_aggregation(text: &str, scan: &Scan) -> Option<usize> {
    let mut mistyped = scan.calls.iter().filter_map(|call| {
        let (from, to) = *call.arguments.last()?;
        let is_aggregation = parser::parse(&format!("{}(1)", call.name))
            .is_err_and(|e| e.contains("aggregation expression") || e.contains("aggregate expression"));
        let wrong = is_aggregation
            && parser::parse(&text[from..to])
                .is_ok_and(|expr| expr.value_type() != parser::value::ValueType::Vector);
        wrong.then_some(from)
    });
    let at = mistyped.next()?;
    mistyped.next().is_none().then_some(at)
}

/// A syntax error without a word from the parser: the first token after which no prefix can be right is not known,
/// but an expression that ends in an operator or a comma plainly lacks its end.
fn unexpected(text: &str, scan: &Scan) -> (Option<usize>, String) {
    let last = scan.tokens.last().map_or("", |&(from, to)| text.get(from..to).unwrap_or_default());
    let incomplete = matches!(
        last.to_ascii_lowercase().as_str(),
        "+" | "-"
            | "*"
            | "/"
            | "%"
            | "^"
            | "="
            | "<"
            | ">"
            | "and"
            | "or"
            | "unless"
            | "atan2"
            | "bool"
            | "@"
    );
    if incomplete {
        return (Some(text.len()), "unexpected end of input".into());
    }
    (None, "unexpected token, expected a PromQL expression".into())
}
