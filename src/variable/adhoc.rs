//! Ad hoc filters: matchers that every selector of an expression gets. The expression is read by a parser of PromQL,
//! changed as a tree and printed; its text is never searched.

use std::fmt;

use promql_parser::label::Matcher;
use promql_parser::parser::{self, Expr};

use super::raw_string::quote_raw_strings;

/// Longest expression that is rewritten, in bytes: the parser recurses.
const LENGTH_LIMIT_BYTES: usize = 20_000;
/// Most brackets inside each other, for the same reason.
const DEPTH_LIMIT: usize = 60;
/// Most binary operators in a row, for the same reason.
const OPERATORS_LIMIT: usize = 600;

/// One matcher: `job="api"`, `path=~"/a.*"`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The label's name.
    pub label: String,
    /// `=`, `!=`, `=~` or `!~`.
    pub op: Op,
    /// What it is compared with.
    pub value: String,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

impl Op {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Matches, "=~"), (Self::NotEqual, "!="), (Self::MatchesNot, "!~"), (Self::Equal, "=")];

    fn text(self) -> &'static str {
        Self::ALL.iter().find(|(op, _)| *op == self).map_or("=", |(_, text)| text)
    }
}

/// As it is written in PromQL.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}\"{}\"", self.label, self.op.text(), escape(&self.value))
    }
}

/// A value as it stands between double quotes.
pub(super) fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

impl Filter {
    /// Reads `job="api"`; the quotes may be missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = || format!("`{text}` is no filter; write one such as job=\"api\" or path=~\"/a.*\"");
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').ok_or_else(wanted)?;
        let (label, rest) = text.split_at(end);
        let is_label = label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = rest.trim_start();
        let (op, sign) = Op::ALL.iter().find(|(_, sign)| rest.starts_with(sign)).ok_or_else(wanted)?;
        let value = rest[sign.len()..].trim();
        let value = match value.strip_prefix('"') {
            Some(quoted) => unescape(quoted.strip_suffix('"').ok_or_else(wanted)?),
            None => value.to_owned(),
        };
        if !is_label {
            return Err(wanted());
        }
        let filter = Self { label: label.to_owned(), op: *op, value };
        filter.matcher().map(|_| filter.clone())
    }

    fn matcher(&self) -> Result<Matcher, String> {
        // By way of a selector, because only the parser knows how Go's patterns differ from Rust's; one that would
        // match everything is refused, hence the second matcher.
        let selector = format!("{{{self},promscope=\"x\"}}");
        match parser::parse(&selector) {
            Ok(Expr::VectorSelector(found)) => found
                .matchers
                .matchers
                .into_iter()
                .find(|matcher| matcher.name == self.label)
                .ok_or_else(|| format!("`{self}` is no filter")),
            _ => Err(format!("`{self}` is no filter that PromQL knows")),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}

/// `expr` with `filters` in each of its selectors; an error where it cannot be read. A selector that has one of them
/// already gets it once.
pub fn apply(expr: &str, filters: &[Filter]) -> Result<String, String> {
    if filters.is_empty() {
        return Ok(expr.to_owned());
    }
    if expr.len() > LENGTH_LIMIT_BYTES || depth(expr) > DEPTH_LIMIT || operators(expr) > OPERATORS_LIMIT {
        return Err("the expression is too long for filters".to_owned());
    }
    let mut tree = parser::parse(&quote_raw_strings(expr))?;
    let matchers = filters.iter().map(Filter::matcher).collect::<Result<Vec<_>, _>>()?;
    add(&mut tree, &matchers);
    Ok(tree.to_string())
}

fn add(expr: &mut Expr, matchers: &[Matcher]) {
    match expr {
        Expr::Aggregate(aggregate) => {
            add(&mut aggregate.expr, matchers);
            if let Some(param) = &mut aggregate.param {
                add(param, matchers);
            }
        }
        Expr::Unary(unary) => add(&mut unary.expr, matchers),
        Expr::Binary(binary) => {
            add(&mut binary.lhs, matchers);
            add(&mut binary.rhs, matchers);
        }
        Expr::Paren(paren) => add(&mut paren.expr, matchers),
        Expr::Subquery(subquery) => add(&mut subquery.expr, matchers),
        Expr::VectorSelector(selector) => extend(&mut selector.matchers, matchers),
        Expr::MatrixSelector(selector) => extend(&mut selector.vs.matchers, matchers),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|arg| add(arg, matchers)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn extend(own: &mut promql_parser::label::Matchers, matchers: &[Matcher]) {
    // A selector has either one list, or several of which one must match.
    let lists = if own.or_matchers.is_empty() {
        std::slice::from_mut(&mut own.matchers)
    } else {
        own.or_matchers.as_mut_slice()
    };
    for list in lists {
        let new = matchers.iter().filter(|new| !list.contains(new)).cloned().collect::<Vec<_>>();
        list.extend(new);
    }
}

fn operators(text: &str) -> usize {
    text.bytes().filter(|byte| b"+-*/%^=<>".contains(byte)).count() + text.matches(" or ").count()
}

/// How many brackets lie inside each other at most, those in strings counted too.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}
