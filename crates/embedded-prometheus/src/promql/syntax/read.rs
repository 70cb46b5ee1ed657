//! From tokens to a tree, by recursive descent with operator precedence. It stops at the first fault.

use super::super::ast::{AggregateOp, At, BinaryOp, Cardinality, Matching};
use super::Fault;
use super::lex::{Kind as Lexeme, Lexer, Token};
use super::number::{MAX_DURATION_SECONDS, duration_ms, number, seconds_to_ms};
use super::signature;
use super::tree::{Expr, Kind, Operator, SelectorParts, Timing};
use crate::model::{METRIC_NAME, quote};
use crate::promql::unquote::unquote;
use crate::storage::{MatchKind, Matcher, Regexes};

/// Boxed, because the frames of a recursion should be small.
type Parsed = Result<Box<Expr>, Fault>;

/// How tightly operators bind: `or`, then `and` and `unless`, comparisons, sums, products, powers.
const PRODUCT: u8 = 5;
const POWER: u8 = 6;

pub(super) fn expression(
    source: &str,
    experimental: bool,
    max_depth: usize,
    regexes: &mut Regexes,
) -> Parsed {
    let mut reader = Reader::new(source, experimental, max_depth, regexes);
    if reader.peek()?.kind == Lexeme::Eof {
        return Err(Fault::new(0, "no expression found in input"));
    }
    let expr = reader.expr(0)?;
    match reader.peek()?.kind {
        Lexeme::Eof => Ok(expr),
        _ => Err(reader.unexpected()),
    }
}

/// A selector alone, without range, `offset` and `@`.
pub(super) fn selector(source: &str, max_depth: usize, regexes: &mut Regexes) -> Parsed {
    let mut reader = Reader::new(source, false, max_depth, regexes);
    let token = reader.peek()?;
    let expr = match token.kind {
        Lexeme::LeftBrace => reader.selector(None)?,
        Lexeme::Identifier | Lexeme::MetricIdentifier => {
            reader.take()?;
            reader.selector(Some(token))?
        }
        _ => return Err(reader.unexpected()),
    };
    match reader.peek()?.kind {
        Lexeme::Eof => Ok(expr),
        _ => Err(reader.unexpected()),
    }
}

struct Reader<'a> {
    source: &'a str,
    lexer: Lexer<'a>,
    /// The token that was looked at but not taken.
    next: Option<Token>,
    /// Behind the last token that can end an expression.
    closed_at: usize,
    /// Where the generated parser goes on after a fault, innermost last: what was being read, and what was expected.
    contexts: Vec<(&'static str, &'static str)>,
    experimental: bool,
    nesting: usize,
    max_depth: usize,
    /// What regular expressions may still take, and those known.
    regexes: &'a mut Regexes,
}

/// `group_left` and the like as they are read.
struct Modifier {
    returns_bool: bool,
    matching: Matching,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, experimental: bool, max_depth: usize, regexes: &'a mut Regexes) -> Self {
        Self {
            source,
            lexer: Lexer::new(source),
            next: None,
            closed_at: 0,
            contexts: Vec::new(),
            experimental,
            nesting: 0,
            max_depth,
            regexes,
        }
    }

    fn peek(&mut self) -> Result<Token, Fault> {
        if let Some(token) = self.next {
            return Ok(token);
        }
        let token = self.lexer.next()?;
        if matches!(
            token.kind,
            Lexeme::RightBrace
                | Lexeme::RightParen
                | Lexeme::RightBracket
                | Lexeme::Duration
                | Lexeme::Number
        ) {
            self.closed_at = token.end;
        }
        self.next = Some(token);
        Ok(token)
    }

    fn take(&mut self) -> Result<Token, Fault> {
        let token = self.peek()?;
        self.next = None;
        Ok(token)
    }

    /// Takes the token if it is of that kind.
    fn took(&mut self, kind: Lexeme) -> Result<bool, Fault> {
        let fits = self.peek()?.kind == kind;
        if fits {
            self.next = None;
        }
        Ok(fits)
    }

    /// Takes the token, which must be of that kind.
    fn expect(&mut self, kind: Lexeme) -> Result<Token, Fault> {
        if self.peek()?.kind == kind { self.take() } else { Err(self.unexpected()) }
    }

    /// What is wrong with the token that was looked at, in the innermost context.
    fn unexpected(&mut self) -> Fault {
        let (context, expected) = self.contexts.last().copied().unwrap_or_default();
        self.unexpected_in(context, expected)
    }

    fn unexpected_in(&mut self, context: &str, expected: &str) -> Fault {
        let token = match self.peek() {
            Ok(token) => token,
            Err(fault) => return fault,
        };
        let mut message = format!("unexpected {}", token.describe(self.source));
        if !context.is_empty() {
            message.push_str(" in ");
            message.push_str(context);
        }
        if !expected.is_empty() {
            message.push_str(", expected ");
            message.push_str(expected);
        }
        Fault::new(token.start, message)
    }

    /// Reads with `context` being where faults belong.
    fn within<T>(
        &mut self,
        context: (&'static str, &'static str),
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.contexts.push(context);
        let out = read(self)?;
        self.contexts.pop();
        Ok(out)
    }

    /// A part of the tree, unless it nests too deeply.
    fn node(&self, kind: Kind, start: usize, end: usize) -> Parsed {
        let inner = match &kind {
            Kind::Number(_) | Kind::String(_) | Kind::Vector(_) | Kind::Matrix { .. } => 0,
            Kind::Subquery { inner, .. } | Kind::Paren(inner) | Kind::Unary { inner, .. } => inner.depth + 1,
            Kind::Call { arguments, .. } => 1 + arguments.iter().map(|a| a.depth).max().unwrap_or(0),
            Kind::Aggregate { parameter, inner, .. } => {
                1 + inner.depth.max(parameter.as_ref().map_or(0, |parameter| parameter.depth))
            }
            Kind::Binary(operator) => 1 + operator.left.depth.max(operator.right.depth),
        };
        self.allow_depth(inner)?;
        Ok(Box::new(Expr { kind, start, end, depth: inner }))
    }

    fn allow_depth(&self, depth: usize) -> Result<(), Fault> {
        if depth <= self.max_depth {
            return Ok(());
        }
        Err(Fault::new(0, format!("expression nests more than {} deep", self.max_depth)))
    }

    /// An expression whose operators all bind at least as tightly as `least`.
    fn expr(&mut self, least: u8) -> Parsed {
        self.nesting += 1;
        self.allow_depth(self.nesting - 1)?;
        let mut left = self.unary()?;
        loop {
            let token = self.peek()?;
            let Some((op, name, level)) = operator(token.kind) else { break };
            if level < least {
                break;
            }
            self.take()?;
            let modifier = self.modifier()?;
            let right = self.expr(if level == POWER { level } else { level + 1 })?;
            let (start, end) = (left.start, right.end);
            let Modifier { returns_bool, matching } = modifier;
            let operator = Operator { op, name, returns_bool, matching, left, right };
            left = self.node(Kind::Binary(Box::new(operator)), start, end)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let token = self.peek()?;
        if !matches!(token.kind, Lexeme::Add | Lexeme::Sub) {
            let primary = self.primary()?;
            return self.suffixes(primary);
        }
        self.take()?;
        let negates = token.kind == Lexeme::Sub;
        // As tightly as a product, so that only powers are read first.
        let mut inner = self.expr(PRODUCT + 1)?;
        if let Kind::Number(value) = &mut inner.kind {
            if negates {
                *value = -*value;
            }
            inner.start = token.start;
            return Ok(inner);
        }
        let end = inner.end;
        self.node(Kind::Unary { negates, inner }, token.start, end)
    }

    fn primary(&mut self) -> Parsed {
        let token = self.peek()?;
        match token.kind {
            Lexeme::Number | Lexeme::Duration => {
                let value = self.number_or_duration()?;
                self.node(Kind::Number(value), token.start, token.end)
            }
            Lexeme::String => {
                self.take()?;
                let value = self.unquoted(token)?;
                self.node(Kind::String(value), token.start, token.end)
            }
            Lexeme::LeftParen => self.paren(),
            Lexeme::LeftBrace => self.selector(None),
            Lexeme::Aggregation => {
                self.take()?;
                match self.peek()?.kind {
                    Lexeme::LeftParen | Lexeme::By | Lexeme::Without => self.aggregation(token),
                    _ => self.selector(Some(token)),
                }
            }
            Lexeme::Identifier => {
                self.take()?;
                if self.peek()?.kind == Lexeme::LeftParen {
                    self.call(token)
                } else {
                    self.selector(Some(token))
                }
            }
            Lexeme::MetricIdentifier
            | Lexeme::By
            | Lexeme::And
            | Lexeme::Or
            | Lexeme::Unless
            | Lexeme::Offset
            | Lexeme::Without
            | Lexeme::Start
            | Lexeme::End => {
                self.take()?;
                self.selector(Some(token))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn paren(&mut self) -> Parsed {
        let open = self.take()?;
        let inner = self.expr(0)?;
        let close = self.expect(Lexeme::RightParen)?;
        self.node(Kind::Paren(inner), open.start, close.end)
    }

    fn unquoted(&self, token: Token) -> Result<String, Fault> {
        let text = token.text(self.source);
        unquote(text).ok_or_else(|| {
            Fault::new(token.start, format!("error unquoting string {}: invalid syntax", quote(text)))
        })
    }

    /// A number in seconds.
    fn number_or_duration(&mut self) -> Result<f64, Fault> {
        let token = self.take()?;
        let text = token.text(self.source);
        let value = match token.kind {
            Lexeme::Duration => duration_ms(text).map(|ms| ms as f64 / 1000.0),
            _ => number(text),
        };
        value.map_err(|message| Fault::new(token.start, message))
    }

    /// `[...]`, `offset` and `@` behind an expression.
    fn suffixes(&mut self, mut expr: Box<Expr>) -> Parsed {
        loop {
            expr = match self.peek()?.kind {
                Lexeme::LeftBracket => self.brackets(expr)?,
                Lexeme::Offset => self.offset(expr)?,
                Lexeme::At => self.at(expr)?,
                _ => return Ok(expr),
            };
        }
    }

    fn offset(&mut self, mut expr: Box<Expr>) -> Parsed {
        const EXPECTED: (&str, &str) = ("offset", "number or duration");
        self.take()?;
        let seconds = self.within(EXPECTED, |reader| {
            let sign = reader.peek()?;
            if !matches!(sign.kind, Lexeme::Add | Lexeme::Sub) {
                return reader.duration_operand();
            }
            reader.take()?;
            let value = reader.duration_operand()?;
            Ok(if sign.kind == Lexeme::Sub { -value } else { value })
        })?;
        let (start, end) = (expr.start, self.closed_at);
        let offset_ms = seconds_to_ms(seconds);
        let Some(timing) = expr.timing_mut() else {
            return Err(Fault::new(
                start,
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
            ));
        };
        if timing.offset_ms != 0 {
            return Err(Fault::new(start, "offset may not be set multiple times"));
        }
        timing.offset_ms = offset_ms;
        expr.end = end;
        Ok(expr)
    }

    /// A number or duration where arithmetic with them is an experiment.
    fn duration_operand(&mut self) -> Result<f64, Fault> {
        let token = self.peek()?;
        match token.kind {
            Lexeme::Number | Lexeme::Duration => {
                let value = self.number_or_duration()?;
                if value.abs() > MAX_DURATION_SECONDS {
                    return Err(Fault::new(token.start, "duration out of range"));
                }
                Ok(value)
            }
            Lexeme::Add | Lexeme::Sub => {
                self.take()?;
                self.nesting += 1;
                self.allow_depth(self.nesting)?;
                let value = self.duration_operand()?;
                self.nesting -= 1;
                Ok(if token.kind == Lexeme::Sub { -value } else { value })
            }
            Lexeme::LeftParen => {
                self.take()?;
                let inner = self.peek()?.start;
                self.nesting += 1;
                self.allow_depth(self.nesting)?;
                self.duration_operand()?;
                self.nesting -= 1;
                self.refuse_duration_arithmetic(inner)?;
                self.expect(Lexeme::RightParen)?;
                Err(not_enabled(inner))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Fails if what follows makes the duration that starts at `start` the left side of an operator.
    fn refuse_duration_arithmetic(&mut self, start: usize) -> Result<(), Fault> {
        let is_operator = matches!(
            self.peek()?.kind,
            Lexeme::Add | Lexeme::Sub | Lexeme::Mul | Lexeme::Div | Lexeme::Mod | Lexeme::Pow
        );
        if !is_operator {
            return Ok(());
        }
        self.take()?;
        self.duration_operand()?;
        Err(not_enabled(start))
    }

    /// A duration between brackets, in milliseconds.
    fn positive_duration(&mut self) -> Result<i64, Fault> {
        let start = self.peek()?.start;
        let seconds = self.duration_operand()?;
        self.refuse_duration_arithmetic(start)?;
        if seconds <= 0.0 {
            return Err(Fault::new(start, "duration must be greater than 0"));
        }
        Ok(seconds_to_ms(seconds))
    }

    fn at(&mut self, mut expr: Box<Expr>) -> Parsed {
        self.take()?;
        let at = self.within(("@", "timestamp"), |reader| {
            let token = reader.peek()?;
            Ok(match token.kind {
                Lexeme::Start | Lexeme::End => {
                    reader.take()?;
                    reader.expect(Lexeme::LeftParen)?;
                    reader.expect(Lexeme::RightParen)?;
                    Err(if token.kind == Lexeme::Start { At::Start } else { At::End })
                }
                Lexeme::Add | Lexeme::Sub => {
                    reader.take()?;
                    let value = reader.at_number()?;
                    Ok(if token.kind == Lexeme::Sub { -value } else { value })
                }
                _ => Ok(reader.at_number()?),
            })
        })?;
        let (start, end) = (expr.start, self.closed_at);
        let at = match at {
            Err(named) => named,
            Ok(seconds) => {
                if !seconds.is_finite() || seconds.abs() >= i64::MAX as f64 {
                    let shown = fixed(seconds);
                    let message = format!("timestamp out of bounds for @ modifier: {shown}");
                    return Err(Fault::new(start, message));
                }
                At::Time((seconds * 1000.0).round() as i64)
            }
        };
        let Some(timing) = expr.timing_mut() else {
            return Err(Fault::new(
                start,
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
            ));
        };
        if timing.at.is_some() {
            return Err(Fault::new(start, "@ <timestamp> may not be set multiple times"));
        }
        timing.at = Some(at);
        expr.end = end;
        Ok(expr)
    }

    fn at_number(&mut self) -> Result<f64, Fault> {
        match self.peek()?.kind {
            Lexeme::Number | Lexeme::Duration => self.number_or_duration(),
            _ => Err(self.unexpected()),
        }
    }

    /// A range or a subquery.
    fn brackets(&mut self, expr: Box<Expr>) -> Parsed {
        let open = self.take()?.start;
        let range_ms =
            self.within(("subquery or range selector", "number or duration"), Self::positive_duration)?;
        let after = self.peek()?;
        match after.kind {
            Lexeme::RightBracket => {
                self.take()?;
                self.matrix(*expr, range_ms, open)
            }
            Lexeme::Colon => {
                self.take()?;
                let step_ms = if self.peek()?.kind == Lexeme::RightBracket {
                    None
                } else {
                    let expected = ("subquery selector", "number or duration or \"]\"");
                    Some(self.within(expected, Self::positive_duration)?)
                };
                if self.peek()?.kind != Lexeme::RightBracket {
                    return Err(self.unexpected_in("subquery selector", "\"]\""));
                }
                let close = self.take()?;
                let start = expr.start;
                let kind = Kind::Subquery { inner: expr, range_ms, step_ms, timing: Timing::default() };
                self.node(kind, start, close.end)
            }
            _ => Err(self.unexpected_in("subquery or range", "\":\" or \"]\"")),
        }
    }

    fn matrix(&mut self, expr: Expr, range_ms: i64, open: usize) -> Parsed {
        let Expr { kind, start, .. } = expr;
        let Kind::Vector(selector) = kind else {
            return Err(Fault::new(open, "ranges only allowed for vector selectors"));
        };
        if selector.timing.offset_ms != 0 {
            return Err(Fault::new(open, "no offset modifiers allowed before range"));
        }
        // Prometheus forgets about `start()` and `end()` here and takes them along.
        if matches!(selector.timing.at, Some(At::Time(_))) {
            return Err(Fault::new(open, "no @ modifiers allowed before range"));
        }
        self.node(Kind::Matrix { selector, range_ms }, start, self.closed_at)
    }

    fn call(&mut self, name: Token) -> Parsed {
        let arguments = self.arguments()?;
        let text = name.text(self.source);
        let Some(signature) = signature::lookup(text) else {
            return Err(Fault::new(name.start, format!("unknown function with name {}", quote(text))));
        };
        if signature.experimental && !self.experimental {
            return Err(Fault::new(name.start, format!("function {} is not enabled", quote(text))));
        }
        self.node(Kind::Call { signature, arguments }, name.start, self.closed_at)
    }

    /// `(a, b)`
    fn arguments(&mut self) -> Result<Vec<Expr>, Fault> {
        self.expect(Lexeme::LeftParen)?;
        let mut arguments = Vec::new();
        if self.took(Lexeme::RightParen)? {
            return Ok(arguments);
        }
        loop {
            arguments.push(*self.expr(0)?);
            match self.peek()?.kind {
                Lexeme::RightParen => {
                    self.take()?;
                    return Ok(arguments);
                }
                Lexeme::Comma => {
                    let comma = self.take()?;
                    if !starts_expression(self.peek()?.kind) {
                        let message = "trailing commas not allowed in function call args";
                        return Err(Fault::new(comma.start, message));
                    }
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn aggregation(&mut self, name: Token) -> Parsed {
        let (mut without, mut labels, mut grouped) = (false, Vec::new(), false);
        let mut arguments = self.within(("aggregation", ""), |reader| {
            if reader.peek()?.kind != Lexeme::LeftParen {
                without = reader.take()?.kind == Lexeme::Without;
                labels = reader.labels()?;
                grouped = true;
            }
            reader.arguments()
        })?;
        if !grouped && matches!(self.peek()?.kind, Lexeme::By | Lexeme::Without) {
            without = self.take()?.kind == Lexeme::Without;
            labels = self.labels()?;
        }
        let (start, end) = (name.start, self.closed_at);
        let text = name.text(self.source).to_ascii_lowercase();
        let op =
            aggregation(&text).ok_or_else(|| Fault::new(start, format!("unknown aggregation {text}")))?;
        if arguments.is_empty() {
            return Err(Fault::new(start, "no arguments for aggregate expression provided"));
        }
        let wanted = if op.has_parameter() { 2 } else { 1 };
        if matches!(op, AggregateOp::Limitk | AggregateOp::LimitRatio) && !self.experimental {
            return Err(Fault::new(
                start,
                format!(
                    "{text}() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
                ),
            ));
        }
        if arguments.len() != wanted {
            return Err(Fault::new(
                start,
                format!(
                    "wrong number of arguments for aggregate expression provided, expected {wanted}, got {}",
                    arguments.len()
                ),
            ));
        }
        let inner = Box::new(arguments.remove(wanted - 1));
        let parameter = arguments.pop().map(Box::new);
        self.node(Kind::Aggregate { op, without, labels, parameter, inner }, start, end)
    }

    /// `bool`, `on (...)`, `group_left (...)`
    fn modifier(&mut self) -> Result<Modifier, Fault> {
        let returns_bool = self.took(Lexeme::Bool)?;
        let mut matching = Matching {
            cardinality: Cardinality::OneToOne,
            on: false,
            labels: Vec::new(),
            include: Vec::new(),
        };
        match self.peek()?.kind {
            Lexeme::On => matching.on = true,
            Lexeme::Ignoring => {}
            _ => return Ok(Modifier { returns_bool, matching }),
        }
        self.take()?;
        matching.labels = self.labels()?;
        matching.cardinality = match self.peek()?.kind {
            Lexeme::GroupLeft => Cardinality::ManyToOne,
            Lexeme::GroupRight => Cardinality::OneToMany,
            _ => return Ok(Modifier { returns_bool, matching }),
        };
        self.take()?;
        if self.peek()?.kind == Lexeme::LeftParen {
            matching.include = self.labels()?;
        }
        Ok(Modifier { returns_bool, matching })
    }

    /// `(a, b)` behind `by`, `on` and the like.
    fn labels(&mut self) -> Result<Vec<String>, Fault> {
        const PLACE: &str = "grouping opts";
        if self.peek()?.kind != Lexeme::LeftParen {
            return Err(self.unexpected_in(PLACE, "\"(\""));
        }
        self.take()?;
        let mut labels = Vec::new();
        loop {
            if self.took(Lexeme::RightParen)? {
                return Ok(labels);
            }
            let token = self.peek()?;
            let label = match token.kind {
                Lexeme::String => {
                    self.take()?;
                    self.unquoted(token)?
                }
                kind if is_label(kind) => {
                    self.take()?;
                    token.text(self.source).to_owned()
                }
                _ => return Err(self.unexpected_in(PLACE, "label")),
            };
            if !crate::promql::functions::labels::is_label_name(&label) {
                let message = format!("invalid label name for grouping: {}", quote(&label));
                return Err(Fault::new(token.start, message));
            }
            labels.push(label);
            match self.peek()?.kind {
                Lexeme::Comma => {
                    self.take()?;
                }
                Lexeme::RightParen => {}
                _ => return Err(self.unexpected_in(PLACE, "\",\" or \")\"")),
            }
        }
    }

    fn selector(&mut self, name: Option<Token>) -> Parsed {
        let mut selector = SelectorParts::default();
        let (mut start, mut end) = (0, 0);
        if let Some(token) = name {
            selector.name = Some(token.text(self.source).to_owned());
            (start, end) = (token.start, token.end);
        }
        if self.peek()?.kind == Lexeme::LeftBrace {
            let open = self.take()?;
            if name.is_none() {
                start = open.start;
            }
            end = self.matchers(&mut selector.matchers)?;
        }
        self.node(Kind::Vector(selector), start, end)
    }

    /// What stands in braces, behind the opening one; returns where it ends.
    fn matchers(&mut self, matchers: &mut Vec<Matcher>) -> Result<usize, Fault> {
        const PLACE: &str = "label matching";
        loop {
            let token = self.peek()?;
            match token.kind {
                Lexeme::RightBrace => return Ok(self.take()?.end),
                Lexeme::Identifier => {
                    self.take()?;
                    let op = self.peek()?.kind;
                    if !is_match_operator(op) {
                        return Err(self.unexpected_in(PLACE, "label matching operator"));
                    }
                    let label = token.text(self.source).to_owned();
                    matchers.push(self.matcher(token, label)?);
                }
                Lexeme::String => {
                    self.take()?;
                    let label = self.unquoted(token)?;
                    matchers.push(if is_match_operator(self.peek()?.kind) {
                        self.matcher(token, label)?
                    } else {
                        Matcher::equal(METRIC_NAME, label)
                    });
                }
                _ => return Err(self.unexpected_in(PLACE, "identifier or \"}\"")),
            }
            match self.peek()?.kind {
                Lexeme::Comma => {
                    self.take()?;
                }
                Lexeme::RightBrace => {}
                _ => return Err(self.unexpected_in(PLACE, "\",\" or \"}\"")),
            }
        }
    }

    fn matcher(&mut self, name: Token, label: String) -> Result<Matcher, Fault> {
        let op = self.take()?.kind;
        let token = self.peek()?;
        if token.kind != Lexeme::String {
            return Err(self.unexpected_in("label matching", "string"));
        }
        self.take()?;
        let value = self.unquoted(token)?;
        let matcher = match op {
            Lexeme::Match => Ok(Matcher::equal(label, value)),
            Lexeme::NotEqual => Ok(Matcher::not_equal(label, value)),
            Lexeme::MatchRegex => {
                let kind = self.regexes.anchored(&value).map(MatchKind::Regex);
                kind.map(|kind| Matcher { name: label, kind, value })
            }
            _ => {
                let kind = self.regexes.anchored(&value).map(MatchKind::NotRegex);
                kind.map(|kind| Matcher { name: label, kind, value })
            }
        };
        matcher.map_err(|e| Fault::new(name.start, format!("error parsing regexp: {}", e.reason)))
    }
}

fn not_enabled(at: usize) -> Fault {
    Fault::new(at, "experimental duration expression is not enabled")
}

/// `%f`, as Go writes it.
fn fixed(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".into() } else { "-Inf".into() }
    } else {
        format!("{value:.6}")
    }
}

fn is_match_operator(kind: Lexeme) -> bool {
    matches!(kind, Lexeme::Match | Lexeme::NotEqual | Lexeme::MatchRegex | Lexeme::MatchNotRegex)
}

/// Whether an expression can start with it.
fn starts_expression(kind: Lexeme) -> bool {
    matches!(
        kind,
        Lexeme::Number
            | Lexeme::Duration
            | Lexeme::String
            | Lexeme::LeftParen
            | Lexeme::LeftBrace
            | Lexeme::Add
            | Lexeme::Sub
            | Lexeme::Aggregation
            | Lexeme::Identifier
            | Lexeme::MetricIdentifier
            | Lexeme::By
            | Lexeme::And
            | Lexeme::Or
            | Lexeme::Unless
            | Lexeme::Offset
            | Lexeme::Without
            | Lexeme::Start
            | Lexeme::End
    )
}

/// Whether it can be a label's name in a grouping.
fn is_label(kind: Lexeme) -> bool {
    matches!(
        kind,
        Lexeme::Identifier
            | Lexeme::MetricIdentifier
            | Lexeme::Aggregation
            | Lexeme::Bool
            | Lexeme::By
            | Lexeme::GroupLeft
            | Lexeme::GroupRight
            | Lexeme::Ignoring
            | Lexeme::And
            | Lexeme::Or
            | Lexeme::Unless
            | Lexeme::Offset
            | Lexeme::On
            | Lexeme::Start
            | Lexeme::End
            | Lexeme::Atan2
    )
}

fn operator(kind: Lexeme) -> Option<(BinaryOp, &'static str, u8)> {
    Some(match kind {
        Lexeme::Or => (BinaryOp::Or, "or", 1),
        Lexeme::And => (BinaryOp::And, "and", 2),
        Lexeme::Unless => (BinaryOp::Unless, "unless", 2),
        Lexeme::Equal => (BinaryOp::Equal, "==", 3),
        Lexeme::NotEqual => (BinaryOp::NotEqual, "!=", 3),
        Lexeme::Greater => (BinaryOp::Greater, ">", 3),
        Lexeme::Less => (BinaryOp::Less, "<", 3),
        Lexeme::GreaterEqual => (BinaryOp::GreaterEqual, ">=", 3),
        Lexeme::LessEqual => (BinaryOp::LessEqual, "<=", 3),
        Lexeme::Add => (BinaryOp::Add, "+", 4),
        Lexeme::Sub => (BinaryOp::Sub, "-", 4),
        Lexeme::Mul => (BinaryOp::Mul, "*", PRODUCT),
        Lexeme::Div => (BinaryOp::Div, "/", PRODUCT),
        Lexeme::Mod => (BinaryOp::Mod, "%", PRODUCT),
        Lexeme::Atan2 => (BinaryOp::Atan2, "atan2", PRODUCT),
        Lexeme::Pow => (BinaryOp::Pow, "^", POWER),
        _ => return None,
    })
}

fn aggregation(name: &str) -> Option<AggregateOp> {
    Some(match name {
        "sum" => AggregateOp::Sum,
        "avg" => AggregateOp::Avg,
        "count" => AggregateOp::Count,
        "min" => AggregateOp::Min,
        "max" => AggregateOp::Max,
        "group" => AggregateOp::Group,
        "stddev" => AggregateOp::Stddev,
        "stdvar" => AggregateOp::Stdvar,
        "quantile" => AggregateOp::Quantile,
        "topk" => AggregateOp::Topk,
        "bottomk" => AggregateOp::Bottomk,
        "limitk" => AggregateOp::Limitk,
        "limit_ratio" => AggregateOp::LimitRatio,
        "count_values" => AggregateOp::CountValues,
        _ => return None,
    })
}
