//! From the text over its tree to what is evaluated: limits before parsing, names resolved, parentheses gone, and the
//! parts marked that are the same at every step.

use super::annotations::line_and_column;
use super::ast::{Aggregate, Binary, Call, Node, Selector, Subquery};
use super::error::QueryError;
use super::functions::{self, Function};
use super::limits::{MAX_EXPRESSION_BYTES, MAX_EXPRESSION_DEPTH, Options};
use super::syntax::{self, Expr, Fault, Kind, Operator, SelectorParts, Timing};
use crate::model::METRIC_NAME;
use crate::storage::{Matcher, Regexes};

/// Parses an expression into the evaluator's tree; what its regular expressions take is taken from `regexes`.
pub(crate) fn parse(text: &str, options: &Options, regexes: &mut Regexes) -> Result<Node, QueryError> {
    check_length(text)?;
    let expr = syntax::parse(text, options.experimental_functions, MAX_EXPRESSION_DEPTH, regexes)
        .map_err(|fault| placed(text, fault))?;
    let mut node = lower(*expr).map_err(|fault| placed(text, fault))?;
    if mark_invariant(&mut node) == (true, true) {
        node = Node::Invariant(Box::new(node));
    }
    Ok(node)
}

/// Parses a series selector, which must not select everything. What its regular expressions take is
/// taken from `regexes`.
pub(crate) fn matchers(text: &str, regexes: &mut Regexes) -> Result<Vec<Matcher>, QueryError> {
    check_length(text)?;
    let parts = syntax::selector(text, MAX_EXPRESSION_DEPTH, regexes).map_err(|fault| placed(text, fault))?;
    let matchers = selector(parts).matchers;
    if matchers.iter().all(|matcher| matcher.matches_value("")) {
        return Err(QueryError::BadQuery("match[] must contain at least one non-empty matcher".into()));
    }
    Ok(matchers)
}

fn check_length(text: &str) -> Result<(), QueryError> {
    if text.len() <= MAX_EXPRESSION_BYTES {
        return Ok(());
    }
    let message = format!("expression of {} bytes is longer than {MAX_EXPRESSION_BYTES} bytes", text.len());
    Err(placed(text, Fault { at: 0, message }))
}

fn placed(text: &str, fault: Fault) -> QueryError {
    // In Prometheus an empty text has no first line.
    let position = if text.is_empty() { "unknown position".into() } else { line_and_column(text, fault.at) };
    QueryError::Parse { position, message: fault.message }
}

fn lower(Expr { kind, start, .. }: Expr) -> Result<Node, Fault> {
    Ok(match kind {
        Kind::Number(number) => Node::Number(number),
        Kind::String(text) => Node::String(text),
        Kind::Vector(parts) => Node::Selector(selector(parts)),
        Kind::Matrix { selector: parts, range_ms } => Node::Range { selector: selector(parts), range_ms },
        Kind::Subquery { inner, range_ms, step_ms, timing: Timing { offset_ms, at } } => {
            Node::Subquery(Box::new(Subquery { node: lower(*inner)?, range_ms, step_ms, offset_ms, at }))
        }
        // The sign `+` does nothing, not even drop the name.
        Kind::Paren(inner) | Kind::Unary { negates: false, inner } => lower(*inner)?,
        Kind::Unary { negates: true, inner } => Node::Negate(Box::new(lower(*inner)?)),
        Kind::Call { signature, arguments } => call(signature.name, start, arguments)?,
        Kind::Aggregate { op, without, labels, parameter, inner } => {
            let parameter_position = parameter.as_ref().map_or(0, |parameter| parameter.start);
            let parameter = parameter.map(|parameter| lower(*parameter)).transpose()?;
            let node = lower(*inner)?;
            Node::Aggregate(Box::new(Aggregate { op, node, parameter, labels, without, parameter_position }))
        }
        Kind::Binary(operator) => {
            let Operator { op, returns_bool, matching, left, right, .. } = *operator;
            let (left, right) = (lower(*left)?, lower(*right)?);
            Node::Binary(Box::new(Binary { op, left, right, returns_bool, matching }))
        }
    })
}

fn call(name: &str, start: usize, arguments: Vec<Expr>) -> Result<Node, Fault> {
    let Some(function) = functions::lookup(name) else {
        // `info` needs a second selection and is not there, even where experiments are allowed.
        return Err(Fault { at: start, message: format!("function \"{name}\" is not enabled") });
    };
    let positions = arguments.iter().map(|argument| argument.start).collect();
    let arguments = arguments.into_iter().map(lower).collect::<Result<_, _>>()?;
    Ok(Node::Call(Box::new(Call { function, arguments, positions })))
}

fn selector(parts: SelectorParts) -> Selector {
    let SelectorParts { name, mut matchers, timing: Timing { offset_ms, at } } = parts;
    matchers.extend(name.map(|name| Matcher::equal(METRIC_NAME, name)));
    Selector { matchers, offset_ms, at }
}

/// Marks what is the same at every step, by Prometheus's rules: returns whether the node is, and whether its parent
/// may wrap it. The parameter of an aggregation counts for neither, as in Prometheus.
fn mark_invariant(node: &mut Node) -> (bool, bool) {
    let wrap = |node: &mut Node| {
        let inner = std::mem::replace(node, Node::Number(0.0));
        *node = Node::Invariant(Box::new(inner));
    };
    match node {
        Node::Selector(selector) => (selector.at.is_some(), selector.at.is_some()),
        Node::Range { selector, .. } => (selector.at.is_some(), false),
        Node::Number(_) | Node::String(_) => (true, false),
        Node::Negate(inner) | Node::Invariant(inner) => mark_invariant(inner),
        Node::Aggregate(aggregate) => mark_invariant(&mut aggregate.node),
        Node::Subquery(subquery) => {
            if mark_invariant(&mut subquery.node).0 && !matches!(subquery.node, Node::Number(_)) {
                wrap(&mut subquery.node);
            }
            // Its window is pinned by the evaluator; only the call around it can be wrapped.
            (subquery.at.is_some(), false)
        }
        Node::Binary(binary) => {
            let (left, wrap_left) = mark_invariant(&mut binary.left);
            let (right, wrap_right) = mark_invariant(&mut binary.right);
            if left && right {
                return (true, true);
            }
            if wrap_left {
                wrap(&mut binary.left);
            }
            if wrap_right {
                wrap(&mut binary.right);
            }
            (false, false)
        }
        Node::Call(call) => {
            let marks: Vec<_> = call.arguments.iter_mut().map(mark_invariant).collect();
            if !call.function.depends_on_time() && marks.iter().all(|mark| mark.0) {
                return (true, true);
            }
            // `timestamp` wants to see its selector.
            let wrappable = call.function != Function::Timestamp;
            for (argument, _) in call.arguments.iter_mut().zip(marks).filter(|(_, mark)| mark.1 && wrappable)
            {
                wrap(argument);
            }
            (false, false)
        }
    }
}
