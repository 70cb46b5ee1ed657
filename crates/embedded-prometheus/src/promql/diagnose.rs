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
    if let Some(got) = message.strip_prefix("subquery is only allowed on vector, got ") {
        let got = documented(got.trim_end_matches(" instead"));
        return (None, format!("subquery is only allowed on instant vector, got {got} instead"));
    }
    if message == "comparisons between scalars must use BOOL modifier" {
        return (only_comparison(text, scan), message.into());
    }
    if message.starts_with("wrong number of arguments for aggregate") {
        let only = (scan.calls.len() == 1).then(|| scan.calls[0].start);
        return (only, message.into());
    }
    if message.starts_with("unexpected end of input in") {
        return (Some(text.len()), message.into());
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

/// Where the comparison is, if there is just one.
fn only_comparison(text: &str, scan: &Scan) -> Option<usize> {
    let is_comparison = |at: &usize| ["==", "!=", "<", ">"].iter().any(|op| text[*at..].starts_with(op));
    // Operators come as single characters; the second one of `>=` is not at the start of one.
    let mut found = scan.tokens.iter().map(|token| token.0).filter(is_comparison);
    let at = found.next()?;
    found.next().is_none().then_some(at)
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

#[cfg(test)]
mod tests {
    use super::super::{Engine, Options};

    #[test]
    fn errors_in_prometheus_words() {
        for (text, expected) in [
            ("", "unknown position: parse error: no expression found in input"),
            ("sum(x", "1:6: parse error: unclosed left parenthesis"),
            ("x)", "1:2: parse error: unexpected right parenthesis ')'"),
            ("x{", "1:3: parse error: unexpected end of input inside braces"),
            ("foo(x)", "1:1: parse error: unknown function with name \"foo\""),
            ("1 +\n foo(x)", "2:2: parse error: unknown function with name \"foo\""),
            (
                "sum(rate(x))",
                "1:10: parse error: expected type range vector in call to function \"rate\", got instant vector",
            ),
            (
                "histogram_quantile(x, 0.9)",
                "1:20: parse error: expected type scalar in call to function \"histogram_quantile\", got instant vector",
            ),
            (
                "sum(x[5m])",
                "1:5: parse error: expected type instant vector in aggregation expression, got range vector",
            ),
            ("abs(x, 1)", "1:1: parse error: expected 1 argument(s) in call to \"abs\", got 2"),
            ("1 >= 2", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
            ("x offset", "1:9: parse error: unexpected end of input in offset, expected duration"),
            ("1 +", "1:4: parse error: unexpected end of input"),
            ("{a=~\".*\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
            ("sort_by_label(x, \"a\")", "1:1: parse error: function \"sort_by_label\" is not enabled"),
            (
                "limitk(1, x)",
                "1:1: parse error: limitk() is experimental and must be enabled with \
                 --enable-feature=promql-experimental-functions",
            ),
            ("info(x)", "1:1: parse error: function \"info\" is not enabled"),
        ] {
            let error = Engine::new(Options::default()).parse(text).map(|_| ()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }
}
