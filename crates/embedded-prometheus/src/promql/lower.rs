//! From text over the parser's tree to ours: limits before parsing, Prometheus's words for what is wrong, and the
//! marking of parts that are the same at every step.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use promql_parser::label::{MatchOp, Matcher as ParsedMatcher, Matchers};
use promql_parser::parser::token::{self, TokenType};
use promql_parser::parser::{
    self, AggregateExpr, AtModifier, BinaryExpr, Expr, LabelModifier, Offset, VectorMatchCardinality,
    VectorSelector,
};

use super::annotations::line_and_column;
use super::ast::{
    Aggregate, AggregateOp, At, Binary, BinaryOp, Call, Cardinality, Matching, Node, Selector, Subquery,
    ValueType,
};
use super::error::QueryError;
use super::functions::{self, Function};
use super::limits::{MAX_EXPRESSION_BYTES, MAX_EXPRESSION_DEPTH, Options};
use super::scan::{CallSite, Scan, scan};
use super::unquote::unquote;
use crate::model::{METRIC_NAME, quote};
use crate::storage::Matcher;

/// Parses an expression into the evaluator's tree.
pub(crate) fn parse(text: &str, options: &Options) -> Result<Node, QueryError> {
    if text.len() > MAX_EXPRESSION_BYTES {
        let message =
            format!("expression of {} bytes is longer than {MAX_EXPRESSION_BYTES} bytes", text.len());
        return Err(QueryError::Parse { position: "1:1".into(), message });
    }
    let scan = scan(text);
    if scan.depth > MAX_EXPRESSION_DEPTH {
        let message = format!("expression nests {} deep, more than {MAX_EXPRESSION_DEPTH}", scan.depth);
        return Err(QueryError::Parse { position: "1:1".into(), message });
    }
    if scan.tokens.is_empty() {
        let position = if text.is_empty() { "unknown position" } else { "1:1" };
        return Err(QueryError::Parse {
            position: position.into(),
            message: "no expression found in input".into(),
        });
    }
    if let Some((at, message)) = scan.fault {
        return Err(QueryError::Parse { position: line_and_column(text, at), message });
    }
    let expr = parser::parse(text).map_err(|message| super::diagnose::explain(text, &scan, &message))?;
    let mut lowering = Lowering { text, scan: &scan, next_call: 0, next_string: 0, options };
    let mut node = lowering.node(expr)?;
    if mark_invariant(&mut node) == (true, true) {
        node = Node::Invariant(Box::new(node));
    }
    Ok(node)
}

/// Parses a series selector.
pub(crate) fn matchers(text: &str, options: &Options) -> Result<Vec<Matcher>, QueryError> {
    if text.trim().is_empty() {
        let position =
            if text.is_empty() { "unknown position".into() } else { line_and_column(text, text.len()) };
        return Err(QueryError::Parse { position, message: "unexpected end of input".into() });
    }
    match parse(text, options) {
        Ok(Node::Selector(selector)) if selector.offset_ms == 0 && selector.at.is_none() => {
            Ok(selector.matchers)
        }
        Ok(_) => Err(beyond_selector(text)),
        Err(QueryError::Parse { message, .. }) if message.ends_with("at least one non-empty matcher") => {
            Err(QueryError::BadQuery("match[] must contain at least one non-empty matcher".into()))
        }
        Err(e) => Err(e),
    }
}

/// The first token that cannot be part of a series selector, in Prometheus's words.
fn beyond_selector(text: &str) -> QueryError {
    let scan = scan(text);
    let token = |i: usize| scan.tokens.get(i).map_or("", |&(from, to)| &text[from..to]);
    let is_name = |token: &str| token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':');
    let mut at =
        usize::from(is_name(token(0)) && !scan.calls.iter().any(|call| call.start == scan.tokens[0].0));
    if scan.calls.iter().any(|call| call.start == scan.tokens[0].0) && !is_aggregation(token(0)) {
        at = 1;
    }
    if token(at) == "{" {
        at += scan.tokens.iter().skip(at).position(|&(from, to)| &text[from..to] == "}").map_or(0, |n| n + 1);
    }
    let found = token(at);
    let what = match found {
        "" => "end of input".to_owned(),
        _ if is_aggregation(found) => format!("<aggr:{}>", found.to_ascii_lowercase()),
        _ if is_name(found) && found.eq_ignore_ascii_case("offset") => "<offset>".to_owned(),
        _ if is_name(found) => format!("identifier {}", quote(found)),
        "+" | "-" | "*" | "/" | "%" | "^" => format!("<op:{found}>"),
        _ if found.starts_with(|c: char| c.is_ascii_digit()) => format!("number {}", quote(found)),
        _ if found.starts_with(['"', '\'', '`']) => format!("string {found}"),
        _ => quote(found),
    };
    let position = line_and_column(text, scan.tokens.get(at).map_or(text.len(), |token| token.0));
    QueryError::Parse { position, message: format!("unexpected {what}") }
}

fn is_aggregation(name: &str) -> bool {
    AGGREGATIONS.iter().any(|(known, ..)| known.eq_ignore_ascii_case(name))
}

struct Lowering<'a> {
    text: &'a str,
    scan: &'a Scan,
    /// Calls come in the same order in the text and in the tree.
    next_call: usize,
    /// So do string literals.
    next_string: usize,
    options: &'a Options,
}

impl Lowering<'_> {
    fn error(&self, at: usize, message: impl Into<String>) -> QueryError {
        QueryError::Parse { position: line_and_column(self.text, at), message: message.into() }
    }

    fn call_site(&mut self, name: &str) -> Option<CallSite> {
        let site = self.scan.calls.get(self.next_call).filter(|site| site.name.eq_ignore_ascii_case(name));
        self.next_call += 1;
        site.cloned()
    }

    /// The parser's reading only counts if ours fails.
    fn string(&mut self, parsed: String) -> String {
        let span = self.scan.strings.get(self.next_string);
        self.next_string += 1;
        span.and_then(|&(from, to)| unquote(self.text.get(from..to)?)).unwrap_or(parsed)
    }

    fn node(&mut self, expr: Expr) -> Result<Node, QueryError> {
        Ok(match expr {
            Expr::NumberLiteral(number) => Node::Number(number.val),
            Expr::StringLiteral(string) => Node::String(self.string(string.val)),
            Expr::Paren(paren) => self.node(*paren.expr)?,
            Expr::Unary(unary) => Node::Negate(Box::new(self.node(*unary.expr)?)),
            Expr::VectorSelector(selector) => Node::Selector(self.selector(selector)?),
            Expr::MatrixSelector(matrix) => {
                Node::Range { selector: self.selector(matrix.vs)?, range_ms: millis(matrix.range) }
            }
            Expr::Subquery(subquery) => Node::Subquery(Box::new(Subquery {
                node: self.node(*subquery.expr)?,
                range_ms: millis(subquery.range),
                step_ms: subquery.step.map(millis).filter(|&step| step > 0),
                offset_ms: offset_ms(subquery.offset.as_ref()),
                at: subquery.at.as_ref().map(at),
            })),
            Expr::Call(call) => self.call(&call)?,
            Expr::Aggregate(aggregate) => self.aggregate(aggregate)?,
            Expr::Binary(binary) => self.binary(binary)?,
            Expr::Extension(_) => return Err(self.error(0, "extensions are not PromQL")),
        })
    }

    fn selector(&self, selector: VectorSelector) -> Result<Selector, QueryError> {
        let Matchers { matchers, or_matchers } = selector.matchers;
        if !or_matchers.is_empty() {
            return Err(self.error(0, r#"unexpected "or" in label matching, expected "," or "}""#));
        }
        let mut out = Vec::with_capacity(matchers.len() + 1);
        for matcher in matchers {
            out.push(self.matcher(matcher)?);
        }
        if let Some(name) = selector.name {
            out.push(Matcher::equal(METRIC_NAME, name));
        }
        if out.iter().all(|matcher| matcher.matches_value("")) {
            return Err(self.error(0, "vector selector must contain at least one non-empty matcher"));
        }
        Ok(Selector {
            matchers: out,
            offset_ms: offset_ms(selector.offset.as_ref()),
            at: selector.at.as_ref().map(at),
        })
    }

    fn matcher(&self, matcher: ParsedMatcher) -> Result<Matcher, QueryError> {
        let ParsedMatcher { op, name, value } = matcher;
        let compiled = match op {
            MatchOp::Equal => return Ok(Matcher::equal(name, value)),
            MatchOp::NotEqual => return Ok(Matcher::not_equal(name, value)),
            MatchOp::Re(_) => Matcher::regex(name, value),
            MatchOp::NotRe(_) => Matcher::not_regex(name, value),
        };
        compiled.map_err(|e| self.error(0, format!("error parsing regexp: {}: `{}`", e.reason, e.pattern)))
    }

    fn call(&mut self, call: &parser::Call) -> Result<Node, QueryError> {
        let name = call.func.name;
        let site = self.call_site(name);
        let start = site.as_ref().map_or(0, |site| site.start);
        if name == "info" && !self.options.experimental_functions {
            // It needs a second selection and is not implemented; off by default, which is all that shows.
            return Err(self.error(start, "function \"info\" is not enabled"));
        }
        let Some((function, experimental)) = functions::lookup(name) else {
            return Err(self.error(start, format!("unknown function with name \"{name}\"")));
        };
        if experimental && !self.options.experimental_functions {
            return Err(self.error(start, format!("function \"{name}\" is not enabled")));
        }
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in &call.args.args {
            arguments.push(self.node((**argument).clone())?);
        }
        if function == Function::LabelJoin && arguments.len() < 3 {
            return Err(self.error(start, "expected at least 3 argument(s) in call to \"label_join\""));
        }
        let positions = site.map(|site| site.arguments.iter().map(|a| a.0).collect()).unwrap_or_default();
        Ok(Node::Call(Box::new(Call { function, arguments, positions })))
    }

    fn aggregate(&mut self, aggregate: AggregateExpr) -> Result<Node, QueryError> {
        let (name, op) = AGGREGATIONS
            .into_iter()
            .find(|(_, id, _)| *id == aggregate.op.id())
            .map(|(name, _, op)| (name, op))
            .ok_or_else(|| self.error(0, format!("unknown aggregation {}", aggregate.op)))?;
        let site = self.call_site(name);
        let start = site.as_ref().map_or(0, |site| site.start);
        if matches!(op, AggregateOp::Limitk | AggregateOp::LimitRatio) && !self.options.experimental_functions
        {
            return Err(self.error(
                start,
                format!(
                    "{name}() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
                ),
            ));
        }
        let (without, labels) = match aggregate.modifier {
            Some(LabelModifier::Exclude(labels)) => (true, labels.labels),
            Some(LabelModifier::Include(labels)) => (false, labels.labels),
            None => (false, Vec::new()),
        };
        let parameter = aggregate.param.map(|parameter| self.node(*parameter)).transpose()?;
        let parameter_position =
            site.and_then(|site| site.arguments.first().map(|a| a.0)).unwrap_or_default();
        if let Some(parameter) = &parameter {
            let wanted = if op == AggregateOp::CountValues { ValueType::String } else { ValueType::Scalar };
            if parameter.value_type() != wanted {
                let (wanted, got) = (wanted.documented(), parameter.value_type().documented());
                return Err(self.error(
                    parameter_position,
                    format!("expected type {wanted} in aggregation parameter, got {got}"),
                ));
            }
        }
        let node = self.node(*aggregate.expr)?;
        Ok(Node::Aggregate(Box::new(Aggregate { op, node, parameter, labels, without, parameter_position })))
    }

    fn binary(&mut self, binary: BinaryExpr) -> Result<Node, QueryError> {
        let op = binary_op(binary.op).ok_or_else(|| {
            self.error(0, format!("binary expression does not support operator {}", binary.op))
        })?;
        let modifier = binary.modifier.unwrap_or_default();
        if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
            return Err(self.error(0, "unexpected identifier \"fill\""));
        }
        let (on, labels) = match modifier.matching {
            Some(LabelModifier::Include(labels)) => (true, labels.labels),
            Some(LabelModifier::Exclude(labels)) => (false, labels.labels),
            None => (false, Vec::new()),
        };
        let (cardinality, include) = match modifier.card {
            VectorMatchCardinality::ManyToOne(labels) => (Cardinality::ManyToOne, labels.labels),
            VectorMatchCardinality::OneToMany(labels) => (Cardinality::OneToMany, labels.labels),
            _ => (Cardinality::OneToOne, Vec::new()),
        };
        let left = self.node(*binary.lhs)?;
        let right = self.node(*binary.rhs)?;
        let matching = Matching { cardinality, on, labels, include };
        Ok(Node::Binary(Box::new(Binary { op, left, right, returns_bool: modifier.return_bool, matching })))
    }
}

const AGGREGATIONS: [(&str, token::TokenId, AggregateOp); 14] = [
    ("sum", token::T_SUM, AggregateOp::Sum),
    ("avg", token::T_AVG, AggregateOp::Avg),
    ("count", token::T_COUNT, AggregateOp::Count),
    ("min", token::T_MIN, AggregateOp::Min),
    ("max", token::T_MAX, AggregateOp::Max),
    ("group", token::T_GROUP, AggregateOp::Group),
    ("stddev", token::T_STDDEV, AggregateOp::Stddev),
    ("stdvar", token::T_STDVAR, AggregateOp::Stdvar),
    ("quantile", token::T_QUANTILE, AggregateOp::Quantile),
    ("topk", token::T_TOPK, AggregateOp::Topk),
    ("bottomk", token::T_BOTTOMK, AggregateOp::Bottomk),
    ("limitk", token::T_LIMITK, AggregateOp::Limitk),
    ("limit_ratio", token::T_LIMIT_RATIO, AggregateOp::LimitRatio),
    ("count_values", token::T_COUNT_VALUES, AggregateOp::CountValues),
];

fn binary_op(op: TokenType) -> Option<BinaryOp> {
    Some(match op.id() {
        token::T_ADD => BinaryOp::Add,
        token::T_SUB => BinaryOp::Sub,
        token::T_MUL => BinaryOp::Mul,
        token::T_DIV => BinaryOp::Div,
        token::T_MOD => BinaryOp::Mod,
        token::T_POW => BinaryOp::Pow,
        token::T_ATAN2 => BinaryOp::Atan2,
        token::T_EQLC => BinaryOp::Equal,
        token::T_NEQ => BinaryOp::NotEqual,
        token::T_GTR => BinaryOp::Greater,
        token::T_LSS => BinaryOp::Less,
        token::T_GTE => BinaryOp::GreaterEqual,
        token::T_LTE => BinaryOp::LessEqual,
        token::T_LAND => BinaryOp::And,
        token::T_LOR => BinaryOp::Or,
        token::T_LUNLESS => BinaryOp::Unless,
        _ => return None,
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn offset_ms(offset: Option<&Offset>) -> i64 {
    match offset {
        Some(Offset::Pos(duration)) => millis(*duration),
        Some(Offset::Neg(duration)) => -millis(*duration),
        None => 0,
    }
}

fn at(modifier: &AtModifier) -> At {
    match modifier {
        AtModifier::Start => At::Start,
        AtModifier::End => At::End,
        AtModifier::At(time) => At::Time(unix_ms(*time)),
    }
}

fn unix_ms(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => millis(after),
        Err(before) => -millis(before.duration()),
    }
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
