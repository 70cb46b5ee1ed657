//! A template's text to tokens: text between actions, and the words inside them.

use super::ParseFault;
use crate::promql::unquote;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// What stands between actions, trimmed where `{{-` and `-}}` say so.
    Text(String),
    /// `{{`
    Open,
    /// `}}`
    Close,
    /// Blanks inside an action.
    Space,
    /// `if`, `humanize`, `true`
    Word(String),
    /// `$`, `$labels`
    Variable(String),
    /// `.Labels`
    Field(String),
    /// `.`
    Dot,
    /// A number as written.
    Number(String),
    /// A string's value.
    Str(String),
    /// `|`, `(`, `)`, `,`, `=`, `:=`
    Mark(&'static str),
}

/// A token and the bytes it takes.
#[derive(Debug, Clone)]
pub(super) struct Lexed {
    pub(super) token: Token,
    pub(super) from: usize,
    pub(super) to: usize,
}

pub(super) fn lex(text: &str) -> Result<Vec<Lexed>, ParseFault> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut trim_start = false;
    loop {
        let rest = &text[at..];
        let open = rest.find("{{");
        let mut between = &rest[..open.unwrap_or(rest.len())];
        if trim_start {
            between = between.trim_start_matches(is_blank);
        }
        let Some(open) = open else {
            push_text(&mut out, between, at, text.len());
            return Ok(out);
        };
        let start = at + open;
        let mut inside = start + 2;
        let trims = text[inside..].starts_with('-') && text[inside + 1..].starts_with(is_blank);
        if trims {
            between = between.trim_end_matches(is_blank);
            inside += 2;
        }
        push_text(&mut out, between, at, start);
        let body = &text[inside..];
        if body.trim_start_matches(is_blank).starts_with("/*") && body.starts_with("/*") {
            (at, trim_start) = comment(text, inside)?;
            continue;
        }
        out.push(Lexed { token: Token::Open, from: start, to: inside });
        (at, trim_start) = action(text, inside, &mut out)?;
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn push_text(out: &mut Vec<Lexed>, text: &str, from: usize, to: usize) {
    if !text.is_empty() {
        out.push(Lexed { token: Token::Text(text.to_owned()), from, to });
    }
}

fn fault(at: usize, message: impl Into<String>) -> ParseFault {
    ParseFault { at, message: message.into() }
}

/// Where the text goes on after a comment, and whether its start is trimmed.
fn comment(text: &str, at: usize) -> Result<(usize, bool), ParseFault> {
    let end = text[at..].find("*/").ok_or_else(|| fault(at, "unclosed comment"))? + at + 2;
    closing(text, end).ok_or_else(|| fault(at, "comment ends before closing delimiter"))
}

/// Whether an action ends here: where the text goes on, and whether its start is trimmed.
fn closing(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = &text[at..];
    if rest.starts_with("}}") {
        return Some((at + 2, false));
    }
    (rest.starts_with(is_blank) && rest[1..].starts_with("-}}")).then_some((at + 4, true))
}

/// The words up to `}}`.
fn action(text: &str, mut at: usize, out: &mut Vec<Lexed>) -> Result<(usize, bool), ParseFault> {
    let mut depth = 0_usize;
    loop {
        if let Some((next, trims)) = closing(text, at) {
            if depth > 0 {
                return Err(fault(at, "unclosed left paren"));
            }
            out.push(Lexed { token: Token::Close, from: at, to: next });
            return Ok((next, trims));
        }
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else { return Err(fault(at, "unclosed action")) };
        let word = |from: &str| {
            from.len() - from.trim_start_matches(|c: char| c == '_' || c.is_alphanumeric()).len()
        };
        let (token, len) = match c {
            c if is_blank(c) => {
                let len = rest.len() - rest.trim_start_matches(is_blank).len();
                // The blank in front of `-}}` belongs to it.
                let trimmed = rest[len..].starts_with("-}}");
                if trimmed && len > 1 {
                    at += len - 1;
                    continue;
                }
                (Token::Space, len)
            }
            '|' => (Token::Mark("|"), 1),
            ',' => (Token::Mark(","), 1),
            '=' => (Token::Mark("="), 1),
            ':' if rest.starts_with(":=") => (Token::Mark(":="), 2),
            ':' => return Err(fault(at, "expected :=")),
            '(' => {
                depth += 1;
                (Token::Mark("("), 1)
            }
            ')' => {
                depth = depth.checked_sub(1).ok_or_else(|| fault(at, "unexpected right paren"))?;
                (Token::Mark(")"), 1)
            }
            '"' | '`' => string(rest, c).map_err(|message| fault(at, message))?,
            '\'' => return Err(fault(at, "character constants are not supported by this engine")),
            '$' => {
                let len = 1 + word(&rest[1..]);
                (Token::Variable(rest[..len].to_owned()), len)
            }
            '.' if rest[1..].starts_with(|c: char| c == '_' || c.is_alphabetic()) => {
                let len = word(&rest[1..]);
                (Token::Field(rest[1..=len].to_owned()), len + 1)
            }
            '.' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (Token::Dot, 1),
            '+' | '-' | '.' | '0'..='9' => {
                let len = number(rest);
                (Token::Number(rest[..len].to_owned()), len)
            }
            c if c == '_' || c.is_alphabetic() => {
                let len = word(rest);
                (Token::Word(rest[..len].to_owned()), len)
            }
            c => return Err(fault(at, format!("unexpected {c:?} in command"))),
        };
        out.push(Lexed { token, from: at, to: at + len });
        at += len;
    }
}

fn string(rest: &str, quote: char) -> Result<(Token, usize), &'static str> {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            '\n' if quote == '"' => break,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => {
                let value = unquote(&rest[..=index]).ok_or("invalid syntax in a string")?;
                return Ok((Token::Str(value), index + 1));
            }
            _ => {}
        }
    }
    Err(if quote == '"' { "unterminated quoted string" } else { "unterminated raw quoted string" })
}

fn number(rest: &str) -> usize {
    let mut len = 0;
    let mut previous = ' ';
    for c in rest.chars() {
        let sign = matches!(c, '+' | '-') && (len == 0 || matches!(previous, 'e' | 'E'));
        if !(sign || c.is_ascii_alphanumeric() || c == '.' || c == '_') {
            break;
        }
        previous = c;
        len += c.len_utf8();
    }
    len
}
