//! Expressions as Prometheus prints them: on one line, as rules and alerts show their queries, and broken into
//! lines of at most 100 bytes, as `/api/v1/format_query` does.
//!
//! The layout follows Prometheus's `promql/parser/printer.go` and `prettier.go`, Copyright The Prometheus Authors,
//! Apache-2.0. What the parser's tree does not keep (the sign of a unary plus, whether a number was written as a
//! duration, the exact text of strings) is taken from the text, whose parts come in the order of the tree.

use std::fmt::Write as _;
use std::time::UNIX_EPOCH;

use promql_parser::label::MatchOp;
use promql_parser::parser::{
    self, AggregateExpr, AtModifier, BinModifier, Expr, LabelModifier, Offset, VectorMatchCardinality,
    VectorSelector,
};

use super::scan::{Scan, scan};
use super::unquote::unquote;
use crate::model::{METRIC_NAME, is_plain_name, quote};

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
        let scan = scan(text);
        let (signs, signless) = unary_signs(text, &scan);
        let expr = parser::parse(&signless).ok()?;
        let numbers = numbers(text, &scan);
        let mut reading = Reading { text, scan: &scan, signs, numbers, sign: 0, number: 0, string: 0 };
        Some(reading.tree(expr))
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

/// Where each sign that stands before an operand is, and the text with all of them as minus: the parser drops a
/// plus, and where it was.
fn unary_signs(text: &str, scan: &Scan) -> (Vec<(usize, char)>, String) {
    let mut signs = Vec::new();
    let mut signless = text.as_bytes().to_vec();
    let mut operand_before = false;
    let mut brackets = 0_usize;
    for (i, &(from, to)) in scan.tokens.iter().enumerate() {
        let token = &text[from..to];
        let is_sign = matches!(token, "+" | "-");
        match token {
            "[" => brackets += 1,
            "]" => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        if is_sign && !operand_before && brackets == 0 && !follows_modifier(text, scan, i) {
            signs.push((from, if token == "+" { '+' } else { '-' }));
            signless[from] = b'-';
        }
        operand_before = if is_sign { false } else { ends_operand(token) };
    }
    let signless = String::from_utf8(signless).unwrap_or_else(|_| text.to_owned());
    (signs, signless)
}

/// Whether an operand can end with this token, so that a sign behind it is binary.
fn ends_operand(token: &str) -> bool {
    const NOT: [&str; 7] = ["and", "or", "unless", "atan2", "bool", "offset", "by"];
    match token.chars().last() {
        Some(')' | ']' | '}' | '"' | '\'' | '`') => true,
        Some(c) => {
            (c.is_alphanumeric() || matches!(c, '_' | ':' | '.')) && {
                !NOT.contains(&token.to_ascii_lowercase().as_str())
            }
        }
        None => false,
    }
}

/// Whether the sign at `i` belongs to an `offset` or `@`.
fn follows_modifier(text: &str, scan: &Scan, i: usize) -> bool {
    let before = i.checked_sub(1).and_then(|i| scan.tokens.get(i)).map_or("", |&(from, to)| &text[from..to]);
    before == "@" || before.eq_ignore_ascii_case("offset")
}

/// The number literals that are operands: from where to where.
fn numbers(text: &str, scan: &Scan) -> Vec<(usize, usize)> {
    let token = |i: usize| scan.tokens.get(i).map_or("", |&(from, to)| &text[from..to]);
    let mut found = Vec::new();
    let mut brackets = 0_usize;
    for (i, &(from, to)) in scan.tokens.iter().enumerate() {
        match token(i) {
            "[" | "{" => brackets += 1,
            "]" | "}" => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        let is_number = text[from..to].starts_with(|c: char| c.is_ascii_digit() || c == '.')
            || ["inf", "nan"].iter().any(|word| word.eq_ignore_ascii_case(&text[from..to]));
        let signed = i > 0 && matches!(token(i - 1), "+" | "-");
        let modifier = follows_modifier(text, scan, i) || (signed && follows_modifier(text, scan, i - 1));
        if is_number && brackets == 0 && !modifier {
            found.push((from, to));
        }
    }
    found
}

/// Walks the parser's tree and the text side by side.
struct Reading<'a> {
    text: &'a str,
    scan: &'a Scan,
    signs: Vec<(usize, char)>,
    numbers: Vec<(usize, usize)>,
    /// The next of each.
    sign: usize,
    number: usize,
    string: usize,
}

impl Reading<'_> {
    fn tree(&mut self, expr: Expr) -> Tree {
        match expr {
            Expr::NumberLiteral(number) => Tree::Leaf(self.number(number.val)),
            Expr::StringLiteral(string) => Tree::Leaf(self.string(&string.val)),
            Expr::Paren(paren) => Tree::Paren(Box::new(self.tree(*paren.expr))),
            Expr::Unary(unary) => {
                let sign = self.signs.get(self.sign).map_or('-', |sign| sign.1);
                self.sign += 1;
                Tree::Unary(sign, Box::new(self.tree(*unary.expr)))
            }
            Expr::VectorSelector(selector) => Tree::Leaf(vector(&selector) + &modifiers_of(&selector)),
            Expr::MatrixSelector(matrix) => {
                let range = duration(matrix.range.as_millis());
                Tree::Leaf(format!("{}[{range}]{}", vector(&matrix.vs), modifiers_of(&matrix.vs)))
            }
            Expr::Subquery(subquery) => {
                let inner = self.tree(*subquery.expr);
                let step = subquery.step.map_or(0, |step| step.as_millis());
                let step = if step == 0 { String::new() } else { duration(step) };
                let range = duration(subquery.range.as_millis());
                let modifiers = modifiers(subquery.at.as_ref(), subquery.offset.as_ref());
                Tree::Subquery(Box::new(inner), format!("[{range}:{step}]{modifiers}"))
            }
            Expr::Call(call) => {
                let arguments = call.args.args.into_iter().map(|argument| self.tree(*argument)).collect();
                Tree::Call(call.func.name.to_owned(), arguments)
            }
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => {
                let left = self.tree(*binary.lhs);
                let operator =
                    format!("{}{}", binary.op, binary.modifier.as_ref().map_or(String::new(), matching));
                Tree::Binary(Box::new(left), operator, Box::new(self.tree(*binary.rhs)))
            }
            // Only a program that builds trees by hand makes these.
            Expr::Extension(extension) => Tree::Leaf(extension.expr.name().to_owned()),
        }
    }

    fn aggregate(&mut self, aggregate: AggregateExpr) -> Tree {
        let mut head = aggregate.op.to_string();
        match &aggregate.modifier {
            Some(LabelModifier::Exclude(names)) => {
                let _ = write!(head, " without ({}) ", label_list(&names.labels));
            }
            Some(LabelModifier::Include(names)) if !names.is_empty() => {
                let _ = write!(head, " by ({}) ", label_list(&names.labels));
            }
            _ => {}
        }
        let mut arguments = Vec::with_capacity(2);
        if let Some(parameter) = aggregate.param {
            arguments.push(self.tree(*parameter));
        }
        arguments.push(self.tree(*aggregate.expr));
        Tree::Call(head, arguments)
    }

    /// Signs directly before a number are part of it, unless a node of their own has taken them already.
    fn number(&mut self, mut value: f64) -> String {
        let span = self.numbers.get(self.number).copied();
        self.number += 1;
        let Some((from, to)) = span else { return plain_number(value) };
        while let Some(&(at, sign)) = self.signs.get(self.sign)
            && at < from
        {
            self.sign += 1;
            if sign == '+' {
                value = -value;
            }
        }
        let written = &self.text[from..to];
        if is_duration(written) {
            let sign = if value < 0.0 { "-" } else { "" };
            return format!("{sign}{}", duration((value.abs() * 1000.0).round() as u128));
        }
        plain_number(value)
    }

    fn string(&mut self, parsed: &str) -> String {
        let span = self.scan.strings.get(self.string);
        self.string += 1;
        match span.and_then(|&(from, to)| unquote(self.text.get(from..to)?)) {
            Some(text) => quote(&text),
            None => quote(parsed),
        }
    }
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
fn matching(modifier: &BinModifier) -> String {
    let mut out = String::new();
    if modifier.return_bool {
        out.push_str(" bool");
    }
    let (group, include) = match &modifier.card {
        VectorMatchCardinality::ManyToOne(include) => (Some("left"), include.labels.as_slice()),
        VectorMatchCardinality::OneToMany(include) => (Some("right"), include.labels.as_slice()),
        _ => (None, [].as_slice()),
    };
    let (tag, labels) = match &modifier.matching {
        Some(LabelModifier::Include(labels)) => ("on", labels.labels.as_slice()),
        Some(LabelModifier::Exclude(labels)) => ("ignoring", labels.labels.as_slice()),
        None => ("ignoring", [].as_slice()),
    };
    if tag == "on" || !labels.is_empty() || group.is_some() {
        let _ = write!(out, " {tag} ({})", label_list(labels));
    }
    if let Some(side) = group {
        let _ = write!(out, " group_{side} ({})", label_list(include));
    }
    out
}

/// The metric's name and the other matchers, sorted by their text.
fn vector(selector: &VectorSelector) -> String {
    let name = selector.name.as_deref().unwrap_or_default();
    let mut out = name.to_owned();
    let mut matchers = Vec::new();
    for matcher in &selector.matchers.matchers {
        let operator = match matcher.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Re(_) => "=~",
            MatchOp::NotRe(_) => "!~",
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

fn modifiers_of(selector: &VectorSelector) -> String {
    modifiers(selector.at.as_ref(), selector.offset.as_ref())
}

fn modifiers(at: Option<&AtModifier>, offset: Option<&Offset>) -> String {
    let mut out = String::new();
    match at {
        Some(AtModifier::Start) => out.push_str(" @ start()"),
        Some(AtModifier::End) => out.push_str(" @ end()"),
        Some(AtModifier::At(time)) => {
            let (sign, since) = match time.duration_since(UNIX_EPOCH) {
                Ok(after) => ("", after),
                Err(before) => ("-", before.duration()),
            };
            let _ = write!(out, " @ {sign}{}.{:03}", since.as_secs(), since.subsec_millis());
        }
        None => {}
    }
    match offset {
        Some(Offset::Pos(by)) if !by.is_zero() => {
            let _ = write!(out, " offset {}", duration(by.as_millis()));
        }
        Some(Offset::Neg(by)) if !by.is_zero() => {
            let _ = write!(out, " offset -{}", duration(by.as_millis()));
        }
        _ => {}
    }
    out
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
