//! Tokens to a tree; what Go's templates have and this engine has not is refused here.

use super::functions::{self, Function};
use super::lex::{Lexed, Token, lex};
use super::{MAX_DEPTH, ParseFault};

/// One thing that a template does.
#[derive(Debug)]
pub(super) enum Item {
    Text(String),
    /// Prints a pipeline's value, unless it declares a variable.
    Print(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    Break,
    Continue,
}

/// A block that depends on a pipeline.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) body: Vec<Item>,
    pub(super) otherwise: Vec<Item>,
}

/// Commands, each of which gets the value of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipeline {
    /// The variables it sets.
    pub(super) variables: Vec<String>,
    /// Whether those are new ones.
    pub(super) declares: bool,
    pub(super) commands: Vec<Command>,
}

/// A function or value with arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) operands: Vec<Operand>,
}

/// A value, and where it stands.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) kind: OperandKind,
    /// Behind it: `.a.b`
    pub(super) fields: Vec<String>,
    pub(super) at: usize,
    /// As written.
    pub(super) source: String,
}

#[derive(Debug)]
pub(super) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Variable(String),
    Function(&'static Function),
    Parenthesis(Pipeline),
}

/// The variables that Prometheus declares for each template.
const GIVEN_VARIABLES: [&str; 4] = ["$", "$labels", "$externalLabels", "$value"];

pub(super) fn parse(text: &str) -> Result<Vec<Item>, ParseFault> {
    let tokens = lex(text)?;
    let variables = GIVEN_VARIABLES.map(str::to_owned).into();
    let mut parser = Parser { text, tokens, at: 0, variables, depth: 0, loops: 0 };
    let (items, end) = parser.items()?;
    match end {
        End::Text => Ok(items),
        End::Block | End::Else => {
            let word = if matches!(end, End::Block) { "{{end}}" } else { "{{else}}" };
            Err(parser.fault(format!("unexpected {word}")))
        }
    }
}

/// What a list of items ended with.
enum End {
    Text,
    Block,
    Else,
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Lexed>,
    at: usize,
    variables: Vec<String>,
    depth: usize,
    loops: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|lexed| &lexed.token)
    }

    fn next(&mut self) -> Option<Lexed> {
        let lexed = self.tokens.get(self.at).cloned();
        self.at += 1;
        lexed
    }

    fn skip_space(&mut self) {
        while self.peek() == Some(&Token::Space) {
            self.at += 1;
        }
    }

    fn position(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |lexed| lexed.from)
    }

    fn fault(&self, message: impl Into<String>) -> ParseFault {
        ParseFault { at: self.position(), message: message.into() }
    }

    fn unexpected(&self, context: &str) -> ParseFault {
        let found = self.tokens.get(self.at).map_or("EOF".to_owned(), |lexed| {
            let written = &self.text[lexed.from..lexed.to];
            format!("{written:?}")
        });
        self.fault(format!("unexpected {found} in {context}"))
    }

    fn deeper<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T, ParseFault>) -> Result<T, ParseFault> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    fn items(&mut self) -> Result<(Vec<Item>, End), ParseFault> {
        let mut items = Vec::new();
        while let Some(lexed) = self.next() {
            if let Token::Text(text) = lexed.token {
                items.push(Item::Text(text));
                continue;
            }
            self.skip_space();
            let word = match self.peek() {
                Some(Token::Word(word)) => word.clone(),
                _ => String::new(),
            };
            match word.as_str() {
                "end" => {
                    self.at += 1;
                    self.close("end")?;
                    return Ok((items, End::Block));
                }
                // What follows the word is read by the block it belongs to.
                "else" => {
                    self.at += 1;
                    return Ok((items, End::Else));
                }
                "if" | "with" | "range" => {
                    self.at += 1;
                    let item = self.deeper(|parser| parser.block(&word))?;
                    items.push(item);
                }
                "break" | "continue" => {
                    if self.loops == 0 {
                        return Err(self.fault(format!("{{{{{word}}}}} outside {{{{range}}}}")));
                    }
                    self.at += 1;
                    self.close(&word)?;
                    items.push(if word == "break" { Item::Break } else { Item::Continue });
                }
                "define" | "template" | "block" => {
                    return Err(self.fault(format!("{{{{{word}}}}} is not supported by this engine")));
                }
                _ => {
                    let pipeline = self.pipeline("command", false)?;
                    self.close("command")?;
                    items.push(Item::Print(pipeline));
                }
            }
        }
        Ok((items, End::Text))
    }

    fn close(&mut self, context: &str) -> Result<(), ParseFault> {
        self.skip_space();
        match self.peek() {
            Some(Token::Close) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.unexpected(context)),
        }
    }

    /// `if`, `with` or `range`, up to and with its `end`.
    fn block(&mut self, word: &str) -> Result<Item, ParseFault> {
        let known = self.variables.len();
        let pipeline = self.pipeline(word, word == "range")?;
        self.close(word)?;
        self.loops += usize::from(word == "range");
        let (body, end) = self.items()?;
        self.loops -= usize::from(word == "range");
        let otherwise = match end {
            End::Block => Vec::new(),
            End::Text => return Err(self.fault("unexpected EOF")),
            End::Else => self.otherwise(word)?,
        };
        self.variables.truncate(known);
        let branch = Branch { pipeline, body, otherwise };
        Ok(match word {
            "if" => Item::If(branch),
            "with" => Item::With(branch),
            _ => Item::Range(branch),
        })
    }

    /// What follows `else`.
    fn otherwise(&mut self, word: &str) -> Result<Vec<Item>, ParseFault> {
        self.skip_space();
        if matches!(self.peek(), Some(Token::Word(next)) if next == word && word != "range") {
            self.at += 1;
            return Ok(vec![self.deeper(|parser| parser.block(word))?]);
        }
        self.close("else")?;
        let (items, end) = self.items()?;
        match end {
            End::Block => Ok(items),
            End::Else => Err(self.fault("expected end; found {{else}}")),
            End::Text => Err(self.fault("unexpected EOF")),
        }
    }

    fn pipeline(&mut self, context: &str, two_variables: bool) -> Result<Pipeline, ParseFault> {
        self.skip_space();
        let (variables, declares) = self.declaration(two_variables)?;
        let mut commands = Vec::new();
        loop {
            let command = self.command(context)?;
            if !commands.is_empty() {
                let first = &command.operands[0];
                let constant = matches!(
                    first.kind,
                    OperandKind::Dot
                        | OperandKind::Nil
                        | OperandKind::Bool(_)
                        | OperandKind::Int(_)
                        | OperandKind::Float(_)
                        | OperandKind::Text(_)
                );
                if constant && first.fields.is_empty() {
                    let stage = commands.len() + 1;
                    return Err(ParseFault {
                        at: first.at,
                        message: format!("non executable command in pipeline stage {stage}"),
                    });
                }
            }
            commands.push(command);
            self.skip_space();
            if self.peek() != Some(&Token::Mark("|")) {
                break;
            }
            self.at += 1;
        }
        if declares {
            self.variables.extend(variables.iter().cloned());
        }
        Ok(Pipeline { variables, declares, commands })
    }

    /// `$x :=`, `$x =`, and in a range also `$i, $x :=`.
    fn declaration(&mut self, two_variables: bool) -> Result<(Vec<String>, bool), ParseFault> {
        let start = self.at;
        let mut names = Vec::new();
        while let Some(Token::Variable(name)) = self.peek().cloned() {
            names.push((name, self.position()));
            self.at += 1;
            self.skip_space();
            match self.peek() {
                Some(Token::Mark(",")) if two_variables && names.len() == 1 => {
                    self.at += 1;
                    self.skip_space();
                }
                Some(Token::Mark(",")) => return Err(self.fault("too many declarations in command")),
                Some(Token::Mark(mark @ (":=" | "="))) => {
                    let declares = *mark == ":=";
                    self.at += 1;
                    self.skip_space();
                    if let Some((name, at)) =
                        names.iter().find(|(name, _)| !declares && !self.variables.contains(name))
                    {
                        return Err(ParseFault { at: *at, message: format!("undefined variable {name:?}") });
                    }
                    return Ok((names.into_iter().map(|(name, _)| name).collect(), declares));
                }
                _ => break,
            }
        }
        self.at = start;
        Ok((Vec::new(), false))
    }

    fn command(&mut self, context: &str) -> Result<Command, ParseFault> {
        let mut operands: Vec<Operand> = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None | Some(Token::Close | Token::Mark("|" | ")")) => break,
                _ => {}
            }
            let operand = self.operand(context)?;
            if operands.first().is_some_and(|first| !matches!(first.kind, OperandKind::Function(_))) {
                let first = &operands[0];
                return Err(ParseFault {
                    at: operand.at,
                    message: format!("can't give argument to non-function {}", first.source),
                });
            }
            operands.push(operand);
        }
        if operands.is_empty() {
            let missing = format!("missing value for {context}");
            return Err(self.fault(if context == "command" { "empty command".into() } else { missing }));
        }
        Ok(Command { operands })
    }

    fn operand(&mut self, context: &str) -> Result<Operand, ParseFault> {
        let at = self.position();
        let Some(lexed) = self.next() else { return Err(self.fault("unexpected EOF")) };
        let mut fields = Vec::new();
        let kind = match lexed.token {
            Token::Dot => OperandKind::Dot,
            Token::Field(name) => {
                fields.push(name);
                OperandKind::Dot
            }
            Token::Variable(name) => self.variable(name, at)?,
            Token::Number(written) => number(&written, at)?,
            Token::Str(text) => OperandKind::Text(text),
            Token::Word(word) => match word.as_str() {
                "nil" => OperandKind::Nil,
                "true" => OperandKind::Bool(true),
                "false" => OperandKind::Bool(false),
                name => {
                    let found = functions::find(name).map_err(|message| ParseFault { at, message })?;
                    OperandKind::Function(found)
                }
            },
            Token::Mark("(") => {
                let pipeline = self.deeper(|parser| parser.pipeline("parenthesized pipeline", false))?;
                self.skip_space();
                if self.peek() != Some(&Token::Mark(")")) {
                    return Err(self.unexpected("parenthesized pipeline"));
                }
                self.at += 1;
                OperandKind::Parenthesis(pipeline)
            }
            _ => {
                self.at -= 1;
                return Err(self.unexpected(context));
            }
        };
        // Go's messages point at the first field behind a value.
        let mut chain_at = None;
        while let Some(Token::Field(name)) = self.peek().cloned() {
            let takes_fields = !matches!(
                kind,
                OperandKind::Bool(_)
                    | OperandKind::Int(_)
                    | OperandKind::Float(_)
                    | OperandKind::Text(_)
                    | OperandKind::Nil
            );
            if !takes_fields {
                return Err(self.unexpected("operand"));
            }
            chain_at.get_or_insert(self.position());
            fields.push(name);
            self.at += 1;
        }
        let to = self.tokens.get(self.at.saturating_sub(1)).map_or(at, |lexed| lexed.to);
        Self::check_fields(&kind, &fields, at)?;
        // Without a blank two operands would run into each other.
        if !matches!(
            self.peek(),
            None | Some(Token::Space | Token::Close | Token::Mark("|" | ")" | "," | "=" | ":="))
        ) {
            return Err(self.unexpected("operand"));
        }
        Ok(Operand { kind, fields, at: chain_at.unwrap_or(at), source: self.text[at..to].to_owned() })
    }

    fn variable(&self, name: String, at: usize) -> Result<OperandKind, ParseFault> {
        if self.variables.contains(&name) {
            return Ok(OperandKind::Variable(name));
        }
        let message = if name == "$externalURL" {
            format!("{name} is not supported by this engine")
        } else {
            format!("undefined variable {name:?}")
        };
        Err(ParseFault { at, message })
    }

    /// The server's address is not known here.
    fn check_fields(kind: &OperandKind, fields: &[String], at: usize) -> Result<(), ParseFault> {
        let of_root =
            matches!(kind, OperandKind::Dot) || matches!(kind, OperandKind::Variable(name) if name == "$");
        if of_root && fields.first().is_some_and(|name| name == "ExternalURL") {
            return Err(ParseFault { at, message: ".ExternalURL is not supported by this engine".into() });
        }
        if matches!(kind, OperandKind::Function(_)) && !fields.is_empty() {
            return Err(ParseFault { at, message: "a function has no fields; put it in parentheses".into() });
        }
        Ok(())
    }
}

fn number(written: &str, at: usize) -> Result<OperandKind, ParseFault> {
    let bad = || ParseFault { at, message: format!("bad number syntax: {written:?}") };
    if !written.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Err(bad());
    }
    if let Some(hex) = written.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).map(OperandKind::Int).map_err(|_| bad());
    }
    if written.contains(['.', 'e', 'E']) {
        return written.parse().map(OperandKind::Float).map_err(|_| bad());
    }
    written.parse().map(OperandKind::Int).map_err(|_| bad())
}
