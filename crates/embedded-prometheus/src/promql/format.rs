//! Expressions as Prometheus prints them: on one line, as rules and alerts show their queries, and broken into
//! lines of at most 100 bytes, as `/api/v1/format_query` does.
//!
//! The layout follows Prometheus's `promql/parser/printer.go` and `prettier.go`, Copyright The Prometheus Authors,
//! Apache-2.0.

use std::fmt::Write as _;

use super::ast::{At, Cardinality};
use super::limits::{MAX_EXPRESSION_BYTES, MAX_EXPRESSION_DEPTH};
use super::syntax::{self, Expr, Kind, Operator, SelectorParts, Timing};
use crate::model::{METRIC_NAME, is_plain_name, quote};
use crate::storage::{MatchKind, Regexes};

/// The longest line that is not broken, in bytes.
const MAX_LINE_BYTES: usize = 100;

/// One level of indentation.
const INDENT: &str = "  ";

/// An expression that parses, on one line; `None` if it does not parse.
pub(crate) fn one_line(text: &str) -> Option<String> {
    Tree::of(text).map(|tree| tree.to_line())
}

/// An expression that parses, in lines; `None` if it does not parse.
pub(crate) fn pretty(text: &str) -> Option<String> {
    Tree::of(text).map(|tree| tree.pretty(0))
}

/// `1h30m`, as Prometheus writes durations.
pub(crate) fn duration(mut ms: u128) -> String {
    if ms == 0 {
        return "0s".into();
    }
    let mut out = String::new();
    // Years and weeks only where nothing remains: 90d is easier to read than 12w6d.
    let units = [
        ("y", 365 * 86_400_000, true),
        ("w", 7 * 86_400_000, true),
        ("d", 86_400_000, false),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ];
    for (unit, unit_ms, exact) in units {
        if exact && !ms.is_multiple_of(unit_ms) {
            continue;
        }
        if ms >= unit_ms {
            let _ = write!(out, "{}{unit}", ms / unit_ms);
            ms %= unit_ms;
        }
    }
    out
}

/// The expression with every piece of text in its place; only the layout is open.
enum Tree {
    /// Never broken.
    Leaf(String),
    Unary(char, Box<Tree>),
    Paren(Box<Tree>),
    /// What stands before the bracket, and the arguments; a call or an aggregation.
    Call(String, Vec<Tree>),
    /// The operator with its modifiers.
    Binary(Box<Tree>, String, Box<Tree>),
    /// With the range and what follows it.
    Subquery(Box<Tree>, String),
}

impl Tree {
    fn of(text: &str) -> Option<Self> {
        if text.len() > MAX_EXPRESSION_BYTES {
            return None;
        }
        // What is experimental is printed too; whether it may run is not asked here.
        let expr = syntax::parse(text, true, MAX_EXPRESSION_DEPTH, &mut Regexes::default());
        expr.ok().map(|expr| Self::from_expr(text, &expr))
    }

    fn from_expr(text: &str, expr: &Expr) -> Self {
        let tree = |expr: &Expr| Box::new(Self::from_expr(text, expr));
        match &expr.kind {
            Kind::Number(value) => Self::Leaf(number(*value, &text[expr.start..expr.end])),
            Kind::String(value) => Self::Leaf(quote(value)),
            Kind::Vector(selector) => Self::Leaf(vector(selector) + &modifiers(selector.timing)),
            Kind::Matrix { selector, range_ms } => {
                let range = duration(range_ms.unsigned_abs().into());
                Self::Leaf(format!("{}[{range}]{}", vector(selector), modifiers(selector.timing)))
            }
            Kind::Subquery { inner, range_ms, step_ms, timing } => {
                let range = duration(range_ms.unsigned_abs().into());
                let step = step_ms.map_or(String::new(), |step_ms| duration(step_ms.unsigned_abs().into()));
                Self::Subquery(tree(inner), format!("[{range}:{step}]{}", modifiers(*timing)))
            }
            Kind::Call { signature, arguments } => Self::Call(
                signature.name.to_owned(),
                arguments.iter().map(|argument| Self::from_expr(text, argument)).collect(),
            ),
            Kind::Aggregate { without, labels, parameter, inner, .. } => {
                let written = &text[expr.start..expr.end];
                let name_end = written.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let mut head = written[..name_end.unwrap_or(written.len())].to_ascii_lowercase();
                if *without {
                    let _ = write!(head, " without ({}) ", label_list(labels));
                } else if !labels.is_empty() {
                    let _ = write!(head, " by ({}) ", label_list(labels));
                }
                let arguments = parameter.iter().chain([inner]);
                Self::Call(head, arguments.map(|argument| Self::from_expr(text, argument)).collect())
            }
            Kind::Paren(inner) => Self::Paren(tree(inner)),
            Kind::Unary { negates, inner } => Self::Unary(if *negates { '-' } else { '+' }, tree(inner)),
            Kind::Binary(operator) => {
                let written = format!("{}{}", operator.name, matching(operator));
                Self::Binary(tree(&operator.left), written, tree(&operator.right))
            }
        }
    }

    fn to_line(&self) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Unary(sign, inner) => format!("{sign}{}", inner.to_line()),
            Self::Paren(inner) => format!("({})", inner.to_line()),
            Self::Call(head, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(Self::to_line).collect();
                format!("{head}({})", arguments.join(", "))
            }
            Self::Binary(left, operator, right) => {
                format!("{} {operator} {}", left.to_line(), right.to_line())
            }
            Self::Subquery(inner, suffix) => format!("{}{suffix}", inner.to_line()),
        }
    }

    fn pretty(&self, level: usize) -> String {
        let line = self.to_line();
        let indent = INDENT.repeat(level);
        match self {
            Self::Unary(sign, inner) => format!("{indent}{sign}{}", inner.pretty(level).trim()),
            // Prometheus does not indent a subquery that fits on its line.
            Self::Subquery(..) if line.len() <= MAX_LINE_BYTES => line,
            Self::Subquery(inner, suffix) => format!("{}{suffix}", inner.pretty(level)),
            Self::Leaf(_) => indent + &line,
            _ if line.len() <= MAX_LINE_BYTES => indent + &line,
            Self::Paren(inner) => format!("{indent}(\n{}\n{indent})", inner.pretty(level + 1)),
            Self::Call(head, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|argument| argument.pretty(level + 1)).collect();
                format!("{indent}{head}(\n{}\n{indent})", arguments.join(",\n"))
            }
            Self::Binary(left, operator, right) => {
                format!("{}\n{indent}{operator}\n{}", left.pretty(level + 1), right.pretty(level + 1))
            }
        }
    }
}

/// A number as Prometheus prints it: one that was written as a duration stays one.
fn number(value: f64, written: &str) -> String {
    let unsigned = written.trim_start_matches(|c: char| matches!(c, '+' | '-') || c.is_whitespace());
    if is_duration(unsigned) {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", duration((value.abs() * 1000.0).round() as u128));
    }
    plain_number(value)
}

fn is_duration(written: &str) -> bool {
    let hexadecimal = written.len() > 1 && written[..2].eq_ignore_ascii_case("0x");
    !hexadecimal
        && written.starts_with(|c: char| c.is_ascii_digit())
        && written.ends_with(['s', 'm', 'h', 'd', 'w', 'y'])
}

/// Go's shortest `f` format.
fn plain_number(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.into()
    } else {
        value.to_string()
    }
}

fn label_list(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| label_name(name)).collect();
    names.join(", ")
}

fn label_name(name: &str) -> String {
    if is_plain_name(name) { name.to_owned() } else { quote(name) }
}

/// ` bool on (a) group_left (b)`
fn matching(operator: &Operator) -> String {
    let matching = &operator.matching;
    let mut out = String::new();
    if operator.returns_bool {
        out.push_str(" bool");
    }
    let side = match matching.cardinality {
        Cardinality::ManyToOne => Some("left"),
        Cardinality::OneToMany => Some("right"),
        Cardinality::OneToOne => None,
    };
    if matching.on || !matching.labels.is_empty() || side.is_some() {
        let tag = if matching.on { "on" } else { "ignoring" };
        let _ = write!(out, " {tag} ({})", label_list(&matching.labels));
    }
    if let Some(side) = side {
        let _ = write!(out, " group_{side} ({})", label_list(&matching.include));
    }
    out
}

/// The metric's name and the other matchers, sorted by their text.
fn vector(selector: &SelectorParts) -> String {
    let name = selector.name.as_deref().unwrap_or_default();
    let mut out = name.to_owned();
    let mut matchers = Vec::new();
    for matcher in &selector.matchers {
        let operator = match matcher.kind {
            MatchKind::Equal => "=",
            MatchKind::NotEqual => "!=",
            MatchKind::Regex(_) => "=~",
            MatchKind::NotRegex(_) => "!~",
        };
        let is_name = matcher.name == METRIC_NAME && operator == "=" && matcher.value == name;
        if !is_name || name.is_empty() {
            matchers.push(format!("{}{operator}{}", label_name(&matcher.name), quote(&matcher.value)));
        }
    }
    if !matchers.is_empty() {
        matchers.sort();
        let _ = write!(out, "{{{}}}", matchers.join(","));
    }
    out
}

fn modifiers(Timing { offset_ms, at }: Timing) -> String {
    let mut out = String::new();
    match at {
        Some(At::Start) => out.push_str(" @ start()"),
        Some(At::End) => out.push_str(" @ end()"),
        Some(At::Time(time_ms)) => {
            let sign = if time_ms < 0 { "-" } else { "" };
            let time_ms = time_ms.unsigned_abs();
            let _ = write!(out, " @ {sign}{}.{:03}", time_ms / 1000, time_ms % 1000);
        }
        None => {}
    }
    if offset_ms != 0 {
        let sign = if offset_ms < 0 { "-" } else { "" };
        let _ = write!(out, " offset {sign}{}", duration(offset_ms.unsigned_abs().into()));
    }
    out
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
