//! From text to tokens, as Prometheus's lexer reads it: what is a keyword depends on the brackets it stands in, and
//! a fault is a message in Prometheus's words with the byte it belongs to.

use super::Fault;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Eof,
    Identifier,
    /// An identifier with a colon in it.
    MetricIdentifier,
    Number,
    Duration,
    String,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    /// `=`, which is a matcher only.
    Match,
    MatchRegex,
    MatchNotRegex,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Unless,
    At,
    Aggregation,
    Bool,
    By,
    GroupLeft,
    GroupRight,
    Ignoring,
    Offset,
    On,
    Without,
    Start,
    End,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The number that the token `@` has in Prometheus 3.5's generated parser, which shows in its messages.
const AT_TOKEN_NUMBER: u32 = 57_400;

/// How many characters of a string or number a message shows.
const SHOWN_CHARS: usize = 10;

impl Token {
    pub(crate) fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or_default()
    }

    /// The token as Prometheus's messages name it.
    pub(crate) fn describe(self, source: &str) -> String {
        let text = self.text(source);
        let quoted = || crate::model::quote(text);
        let shortened = || {
            let shown: String = text.chars().take(SHOWN_CHARS).collect();
            if text.len() > SHOWN_CHARS { format!("{}...", crate::model::quote(&shown)) } else { quoted() }
        };
        match self.kind {
            Kind::Eof => "end of input".into(),
            Kind::Identifier => format!("identifier {}", quoted()),
            Kind::MetricIdentifier => format!("metric identifier {}", quoted()),
            Kind::Number => format!("number {}", shortened()),
            Kind::Duration => format!("duration {}", shortened()),
            Kind::String => format!("string {}", shortened()),
            Kind::Aggregation => format!("<aggr:{text}>"),
            Kind::At => format!("\"<Item {AT_TOKEN_NUMBER}>\" <op:{text}>"),
            Kind::Bool
            | Kind::By
            | Kind::GroupLeft
            | Kind::GroupRight
            | Kind::Ignoring
            | Kind::Offset
            | Kind::On
            | Kind::Without => format!("<{text}>"),
            Kind::LeftParen
            | Kind::RightParen
            | Kind::LeftBrace
            | Kind::RightBrace
            | Kind::LeftBracket
            | Kind::RightBracket
            | Kind::Comma
            | Kind::Colon
            | Kind::Match
            | Kind::Start
            | Kind::End => quoted(),
            _ => format!("<op:{text}>"),
        }
    }
}

/// Which characters the next token may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Statements,
    /// Behind `[`, up to the first number.
    Duration,
}

/// Reads tokens one by one; after a fault there is no next one.
#[expect(clippy::struct_excessive_bools, reason = "the brackets that are open are independent of each other")]
pub(super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
    mode: Mode,
    parens: usize,
    in_braces: bool,
    in_brackets: bool,
    saw_colon: bool,
    saw_duration: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            mode: Mode::Statements,
            parens: 0,
            in_braces: false,
            in_brackets: false,
            saw_colon: false,
            saw_duration: false,
        }
    }

    fn peek(&self) -> Option<char> {
        self.source.get(self.at..)?.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn accept(&mut self, valid: &str) -> bool {
        let fits = self.peek().is_some_and(|c| valid.contains(c));
        if fits {
            self.at += 1;
        }
        fits
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token, Fault> {
        self.skip_blanks();
        let start = self.at;
        let kind = match (self.in_braces, self.mode) {
            (true, _) => self.inside_braces(start)?,
            (false, Mode::Duration) => self.duration_expression(start)?,
            (false, Mode::Statements) => self.statement(start)?,
        };
        Ok(Token { kind, start, end: self.at })
    }

    /// Spaces and comments; in durations there are no comments.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\n' | '\r') => self.at += 1,
                Some('#') if self.mode == Mode::Statements || self.in_braces => {
                    while self.peek().is_some_and(|c| !matches!(c, '\n' | '\r')) {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    fn statement(&mut self, start: usize) -> Result<Kind, Fault> {
        let Some(c) = self.bump() else {
            return match (self.parens, self.in_brackets) {
                (1.., _) => Err(Fault::new(start, "unclosed left parenthesis")),
                (0, true) => Err(Fault::new(start, "unclosed left bracket")),
                (0, false) => Ok(Kind::Eof),
            };
        };
        Ok(match c {
            ',' => Kind::Comma,
            '*' => Kind::Mul,
            '/' => Kind::Div,
            '%' => Kind::Mod,
            '+' => Kind::Add,
            '-' => Kind::Sub,
            '^' => Kind::Pow,
            '@' => Kind::At,
            '=' if self.accept("=") => Kind::Equal,
            '=' if self.peek() == Some('~') => {
                return Err(Fault::new(start, "unexpected character after '=': '~'"));
            }
            '=' => Kind::Match,
            '!' if self.accept("=") => Kind::NotEqual,
            '!' => {
                let shown = quote_char(self.peek());
                return Err(Fault::new(start, format!("unexpected character after '!': {shown}")));
            }
            '<' if self.accept("=") => Kind::LessEqual,
            '<' => Kind::Less,
            '>' if self.accept("=") => Kind::GreaterEqual,
            '>' => Kind::Greater,
            '"' | '\'' | '`' => self.string(start, c)?,
            '(' => {
                self.parens += 1;
                Kind::LeftParen
            }
            ')' => self.right_paren()?,
            '{' => {
                self.in_braces = true;
                Kind::LeftBrace
            }
            '[' if self.in_brackets => return Err(Fault::new(start, "unexpected left bracket '['")),
            '[' => {
                self.in_brackets = true;
                self.saw_colon = false;
                self.mode = Mode::Duration;
                Kind::LeftBracket
            }
            ']' if !self.in_brackets => return Err(Fault::new(start, "unexpected right bracket ']'")),
            ']' => {
                self.in_brackets = false;
                Kind::RightBracket
            }
            c if c.is_ascii_digit() || (c == '.' && self.peek().is_some_and(|c| c.is_ascii_digit())) => {
                self.at = start;
                self.number_or_duration(start)?
            }
            c if is_alpha(c) || c == ':' => {
                if !self.in_brackets {
                    self.at = start;
                    return Ok(self.word(start));
                }
                // Between brackets any letter stands for the colon, as in Prometheus.
                if self.saw_colon {
                    return Err(Fault::new(start, format!("unexpected colon {}", quote_char(Some(c)))));
                }
                self.saw_colon = true;
                Kind::Colon
            }
            c => {
                return Err(Fault::new(start, format!("unexpected character: {}", quote_char(Some(c)))));
            }
        })
    }

    fn right_paren(&mut self) -> Result<Kind, Fault> {
        // Prometheus has handed out the parenthesis before it counts, and so its fault stands behind it.
        self.parens = self
            .parens
            .checked_sub(1)
            .ok_or_else(|| Fault::new(self.at, "unexpected right parenthesis ')'"))?;
        Ok(Kind::RightParen)
    }

    fn duration_expression(&mut self, start: usize) -> Result<Kind, Fault> {
        const PLACE: &str = "in duration expression";
        let Some(c) = self.bump() else {
            return Err(Fault::new(start, format!("unexpected end of input {PLACE}")));
        };
        Ok(match c {
            ']' => {
                self.in_brackets = false;
                self.saw_colon = false;
                self.mode = Mode::Statements;
                Kind::RightBracket
            }
            ':' => {
                if !self.saw_duration {
                    let message = "unexpected colon before duration in duration expression";
                    return Err(Fault::new(self.at, message));
                }
                if self.saw_colon {
                    return Err(Fault::new(self.at, format!("unexpected repeated colon {PLACE}")));
                }
                self.saw_colon = true;
                Kind::Colon
            }
            '(' => {
                self.parens += 1;
                Kind::LeftParen
            }
            ')' => self.right_paren()?,
            '+' => Kind::Add,
            '-' => Kind::Sub,
            '*' => Kind::Mul,
            '/' => Kind::Div,
            '%' => Kind::Mod,
            '^' => Kind::Pow,
            c if c.is_ascii_digit() || (c == '.' && self.peek().is_some_and(|c| c.is_ascii_digit())) => {
                self.at = start;
                self.saw_duration = true;
                self.mode = Mode::Statements;
                self.number_or_duration(start)?
            }
            c => {
                let shown = quote_char(Some(c));
                return Err(Fault::new(start, format!("unexpected character {PLACE}: {shown}")));
            }
        })
    }

    fn inside_braces(&mut self, start: usize) -> Result<Kind, Fault> {
        let Some(c) = self.bump() else {
            return Err(Fault::new(start, "unexpected end of input inside braces"));
        };
        Ok(match c {
            ',' => Kind::Comma,
            '"' | '\'' | '`' => self.string(start, c)?,
            '=' if self.accept("~") => Kind::MatchRegex,
            '=' => Kind::Match,
            '!' if self.accept("~") => Kind::MatchNotRegex,
            '!' if self.accept("=") => Kind::NotEqual,
            '!' => {
                let shown = quote_char(self.peek());
                let message = format!("unexpected character after '!' inside braces: {shown}");
                return Err(Fault::new(start, message));
            }
            '{' => return Err(Fault::new(start, "unexpected left brace '{'")),
            '}' => {
                self.in_braces = false;
                Kind::RightBrace
            }
            c if is_alpha(c) => {
                while self.peek().is_some_and(|c| is_alpha(c) || c.is_ascii_digit()) {
                    self.at += 1;
                }
                Kind::Identifier
            }
            c => {
                let message = format!("unexpected character inside braces: {}", quote_char(Some(c)));
                return Err(Fault::new(start, message));
            }
        })
    }

    fn string(&mut self, start: usize, quote: char) -> Result<Kind, Fault> {
        loop {
            match self.bump() {
                Some(c) if c == quote => return Ok(Kind::String),
                Some(char::REPLACEMENT_CHARACTER) => return Err(Fault::new(start, "invalid UTF-8 rune")),
                None if quote == '`' => return Err(Fault::new(start, "unterminated raw string")),
                Some('\n') if quote != '`' => return Err(Fault::new(start, "unterminated quoted string")),
                None => return Err(Fault::new(start, "unterminated quoted string")),
                Some('\\') if quote != '`' => self.escape(start, quote)?,
                Some(_) => {}
            }
        }
    }

    /// What stands behind a backslash, by the rules of Go's strings.
    fn escape(&mut self, start: usize, quote: char) -> Result<(), Fault> {
        let unfinished = || Fault::new(start, "escape sequence not terminated");
        let shown = |c: char| format!("U+{:04X} '{c}'", c as u32);
        let kind = self.bump().ok_or_else(unfinished)?;
        let (digits, radix, largest) = match kind {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => return Ok(()),
            c if c == quote => return Ok(()),
            '0'..='7' => {
                self.at -= 1;
                (3, 8, 255)
            }
            'x' => (2, 16, 255),
            'u' => (4, 16, char::MAX as u32),
            'U' => (8, 16, char::MAX as u32),
            c => return Err(Fault::new(start, format!("unknown escape sequence {}", shown(c)))),
        };
        let mut value: u32 = 0;
        for _ in 0..digits {
            let c = self.bump().ok_or_else(unfinished)?;
            let digit = c.to_digit(radix).ok_or_else(|| {
                Fault::new(start, format!("illegal character {} in escape sequence", shown(c)))
            })?;
            value = value.wrapping_mul(radix).wrapping_add(digit);
        }
        if value > largest || (0xd800..0xe000).contains(&value) {
            return Err(Fault::new(start, "escape sequence is an invalid Unicode code point"));
        }
        Ok(())
    }

    fn number_or_duration(&mut self, start: usize) -> Result<Kind, Fault> {
        if self.scan_number(start) {
            return Ok(Kind::Number);
        }
        if self.scan_duration() {
            return Ok(Kind::Duration);
        }
        // Prometheus has looked at one character more if the scan of a duration came that far.
        let seen = crate::model::quote(&self.source[start..self.at]);
        Err(Fault::new(start, format!("bad number or duration syntax: {seen}")))
    }

    /// Whether a number ends here; not every text that does is one. Where it fails it stops, and a duration may go
    /// on from there.
    fn scan_number(&mut self, start: usize) -> bool {
        let hexadecimal = self.accept("0") && self.accept("xX");
        let digits = if hexadecimal { "0123456789abcdefABCDEF" } else { "0123456789" };
        if hexadecimal {
            self.accept("_");
        }
        self.accept(".");
        self.accept(digits);
        // A dot in front is not counted: `.1.5` is refused when it is read as a number.
        let (mut saw_dot, mut saw_exponent) = (false, false);
        while self.peek().is_some_and(|c| digits.contains(c) || "._eE".contains(c)) {
            if self.peek() == Some('.') && saw_dot {
                self.at += 1;
                return false;
            }
            if self.peek().is_some_and(|c| "eE".contains(c)) && saw_exponent {
                self.at += 1;
                return false;
            }
            if self.accept(".") {
                saw_dot = true;
                if self.accept("_.") || hexadecimal {
                    return false;
                }
                continue;
            }
            if self.accept("eE") {
                saw_exponent = true;
                self.accept("+-");
                if self.accept("._eE") || self.peek().is_none() {
                    return false;
                }
                continue;
            }
            if self.accept("_") {
                if self.accept("._eE") || self.peek().is_none() {
                    return false;
                }
                continue;
            }
            self.accept_run(digits);
        }
        self.at > start && !self.peek().is_some_and(|c| is_alpha(c) || c.is_ascii_digit())
    }

    fn scan_duration(&mut self) -> bool {
        if !self.accept("smhdwy") {
            return false;
        }
        // For `ms`; nonsense like `hs` is found when the duration is read.
        self.accept("s");
        while self.accept("0123456789") {
            self.accept_run("0123456789");
            if !self.accept("smhdw") {
                return false;
            }
            self.accept("s");
        }
        match self.peek() {
            Some(c) if is_alpha(c) || c.is_ascii_digit() => {
                self.at += 1;
                false
            }
            _ => true,
        }
    }

    fn word(&mut self, start: usize) -> Kind {
        while self.peek().is_some_and(|c| is_alpha(c) || c.is_ascii_digit() || c == ':') {
            self.at += 1;
        }
        let word = &self.source[start..self.at];
        keyword(&word.to_ascii_lowercase()).unwrap_or(if word.contains(':') {
            Kind::MetricIdentifier
        } else {
            Kind::Identifier
        })
    }
}

fn keyword(word: &str) -> Option<Kind> {
    Some(match word {
        "and" => Kind::And,
        "or" => Kind::Or,
        "unless" => Kind::Unless,
        "atan2" => Kind::Atan2,
        "sum" | "avg" | "count" | "min" | "max" | "group" | "stddev" | "stdvar" | "topk" | "bottomk"
        | "count_values" | "quantile" | "limitk" | "limit_ratio" => Kind::Aggregation,
        "offset" => Kind::Offset,
        "by" => Kind::By,
        "without" => Kind::Without,
        "on" => Kind::On,
        "ignoring" => Kind::Ignoring,
        "group_left" => Kind::GroupLeft,
        "group_right" => Kind::GroupRight,
        "bool" => Kind::Bool,
        "start" => Kind::Start,
        "end" => Kind::End,
        "inf" | "nan" => Kind::Number,
        _ => return None,
    })
}

fn is_alpha(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// A character in Go's single quotes; none at the end of the text.
fn quote_char(c: Option<char>) -> String {
    match c {
        None => format!("'{}'", char::REPLACEMENT_CHARACTER),
        Some('\'') => "'\\''".into(),
        Some('"') => "'\"'".into(),
        Some(c) => {
            let quoted = crate::model::quote(c.encode_utf8(&mut [0; 4]));
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}
