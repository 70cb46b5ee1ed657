//! The tokens of both formats. A state machine per format, after Prometheus's `promlex.l` and `openmetricslex.l`:
//! a token is found or not, and where it is not, `at` stays on the byte that fits nowhere.

use super::Format;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Invalid,
    Eof,
    Linebreak,
    Whitespace,
    Help,
    Type,
    Unit,
    EofWord,
    Text,
    Comment,
    MetricName,
    QuotedString,
    BraceOpen,
    BraceClose,
    LabelName,
    LabelValue,
    Comma,
    Equal,
    Timestamp,
    Value,
}

impl Token {
    /// Its name in Prometheus's messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::Eof => "EOF",
            Self::Linebreak => "LINEBREAK",
            Self::Whitespace => "WHITESPACE",
            Self::Help => "HELP",
            Self::Type => "TYPE",
            Self::Unit => "UNIT",
            Self::EofWord => "EOFWORD",
            Self::Text => "TEXT",
            Self::Comment => "COMMENT",
            Self::MetricName => "MNAME",
            Self::QuotedString => "QSTRING",
            Self::BraceOpen => "BOPEN",
            Self::BraceClose => "BCLOSE",
            Self::LabelName => "LNAME",
            Self::LabelValue => "LVALUE",
            Self::Comma => "COMMA",
            Self::Equal => "EQUAL",
            Self::Timestamp => "TIMESTAMP",
            Self::Value => "VALUE",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Init,
    Comment,
    MetaName,
    MetaText,
    Labels,
    LabelValue,
    Value,
    Timestamp,
    Exemplar,
    ExemplarValue,
    ExemplarTimestamp,
}

/// Classes of bytes, one bit each.
const LABEL_START: u8 = 1;
const DIGIT: u8 = 2;
const METRIC_START: u8 = 4;
/// Ends a number: a blank, a line's end or a byte 0.
const ENDS_NUMBER: u8 = 8;
/// Needs a look inside a quoted string: a quote, a backslash, a line's end or a byte 0.
const SPECIAL_IN_QUOTES: u8 = 16;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let mut class = 0;
        if c.is_ascii_alphabetic() || c == b'_' {
            class |= LABEL_START | METRIC_START;
        }
        if c == b':' {
            class |= METRIC_START;
        }
        if c.is_ascii_digit() {
            class |= DIGIT;
        }
        if matches!(c, b' ' | b'\n' | 0) {
            class |= ENDS_NUMBER;
        }
        if matches!(c, b'"' | b'\\' | b'\n' | 0) {
            class |= SPECIAL_IN_QUOTES;
        }
        table[byte] = class;
        byte += 1;
    }
    table
}

#[inline]
fn is(byte: u8, class: u8) -> bool {
    CLASSES[byte as usize] & class != 0
}

/// Where the scanner is in the body, and in which state.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    pub(super) body: &'a [u8],
    format: Format,
    /// One more than the body has bytes in 0.0.4, where a last line without its end is fine.
    end: usize,
    /// Where the last token starts.
    pub(super) start: usize,
    /// Where the next one starts.
    pub(super) at: usize,
    state: State,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(body: &'a [u8], format: Format) -> Self {
        let end = body.len() + usize::from(format == Format::Text);
        Self { body, format, end, start: 0, at: 0, state: State::Init }
    }

    /// The last token's bytes.
    pub(super) fn token(&self) -> &'a [u8] {
        self.slice(self.start, self.at)
    }

    /// The body from `start` to `end`, as far as it goes.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        let end = end.min(self.body.len());
        &self.body[start.min(end)..end]
    }

    /// The next token. Blanks are tokens in 0.0.4, and skipped here.
    #[inline]
    pub(super) fn next(&mut self) -> Token {
        if self.format == Format::OpenMetrics {
            return self.next_open_metrics();
        }
        loop {
            let token = self.next_text();
            if token != Token::Whitespace {
                return token;
            }
        }
    }

    /// The byte at `at`; 0 behind the end, which no rule takes.
    #[inline]
    fn peek(&self) -> u8 {
        match self.body.get(self.at) {
            Some(&byte) => byte,
            None if self.at < self.end => b'\n',
            None => 0,
        }
    }

    /// Goes on by one byte, and over bytes 0 where they are allowed.
    fn advance(&mut self) -> u8 {
        self.at += 1;
        if matches!(self.state, State::LabelValue | State::MetaText | State::Comment) {
            while self.body.get(self.at) == Some(&0) {
                self.at += 1;
            }
        }
        self.peek()
    }

    #[inline]
    fn single(&mut self, token: Token, state: State) -> Token {
        self.at += 1;
        self.state = state;
        token
    }

    #[inline]
    fn run(&mut self, class: u8) {
        let rest = self.body.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|&byte| !is(byte, class)).unwrap_or(rest.len());
    }

    /// A name that starts with one of `start` at the current byte.
    #[inline]
    fn name(&mut self, start: u8, token: Token, state: State) -> Token {
        self.run(start | DIGIT);
        self.state = state;
        token
    }

    /// A number that starts at the current byte, if there is one.
    fn number(&mut self, token: Token, state: State) -> Token {
        let rest = self.body.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|&byte| is(byte, ENDS_NUMBER)).unwrap_or(rest.len());
        if length == 0 {
            return Token::Invalid;
        }
        self.at += length;
        self.state = state;
        token
    }

    /// A string in quotes; `at` is on the first.
    #[inline]
    fn quoted(&mut self, newlines: bool, token: Token, state: State) -> Token {
        self.at += 1;
        loop {
            let rest = self.body.get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(|&byte| is(byte, SPECIAL_IN_QUOTES)).unwrap_or(rest.len());
            match self.peek() {
                b'"' => return self.single(token, state),
                b'\\' => {
                    if matches!(self.advance(), b'\n' | 0) {
                        return Token::Invalid;
                    }
                    self.at += 1;
                }
                b'\n' if newlines => self.at += 1,
                0 if self.at < self.body.len() && self.state == State::LabelValue => self.at += 1,
                _ => return Token::Invalid,
            }
        }
    }

    fn next_text(&mut self) -> Token {
        if self.at >= self.end {
            return Token::Eof;
        }
        self.start = self.at;
        let c = self.peek();
        if self.state == State::MetaText {
            return self.text_of_metadata(c);
        }
        if matches!(c, b' ' | b'\t') {
            self.skip_blanks();
            return Token::Whitespace;
        }
        match (self.state, c) {
            (State::Init, 0) => self.single(Token::Eof, State::Init),
            (State::Init | State::Timestamp, b'\n') => self.single(Token::Linebreak, State::Init),
            (State::Init, b'#') => self.comment(),
            (State::Init, c) if is(c, METRIC_START) => {
                self.name(METRIC_START, Token::MetricName, State::Value)
            }
            (State::Init | State::Value, b'{') => self.single(Token::BraceOpen, State::Labels),
            (State::MetaName, b'"') => self.quoted(true, Token::MetricName, State::MetaText),
            (State::MetaName, c) if is(c, METRIC_START) => {
                self.name(METRIC_START, Token::MetricName, State::MetaText)
            }
            (State::Labels, b'"') => self.quoted(true, Token::QuotedString, State::Labels),
            (State::Labels, _) => self.label_punctuation(c, State::Value, State::LabelValue),
            (State::LabelValue, b'"') => self.quoted(true, Token::LabelValue, State::Labels),
            (State::Value, c) if !matches!(c, b'\n' | 0) => {
                let ends = |byte: u8| matches!(byte, b'{' | b' ' | b'\t' | b'\n' | 0);
                while !ends(self.peek()) {
                    self.at += 1;
                }
                self.state = State::Timestamp;
                Token::Value
            }
            (State::Timestamp, c) if is(c, DIGIT) => {
                self.run(DIGIT);
                Token::Timestamp
            }
            _ => Token::Invalid,
        }
    }

    fn label_punctuation(&mut self, c: u8, closed: State, equal: State) -> Token {
        match c {
            b'}' => self.single(Token::BraceClose, closed),
            b'=' => self.single(Token::Equal, equal),
            b',' => self.single(Token::Comma, self.state),
            c if is(c, LABEL_START) => self.name(LABEL_START, Token::LabelName, self.state),
            _ => Token::Invalid,
        }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// What follows the metric's name up to the line's end. Only blanks are blanks, not a text of blanks.
    fn text_of_metadata(&mut self, c: u8) -> Token {
        if c != 0 {
            self.skip_line();
        }
        let text = self.token();
        if !text.is_empty() && text.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Token::Whitespace;
        }
        self.state = State::Init;
        Token::Text
    }

    fn skip_line(&mut self) {
        let rest = self.body.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    }

    /// `# HELP`, `# TYPE`, or a comment up to the line's end; `at` is on the `#`.
    fn comment(&mut self) -> Token {
        self.at += 1;
        if matches!(self.peek(), b' ' | b'\t') {
            self.skip_blanks();
            self.state = State::Comment;
            let rest = self.body.get(self.at..).unwrap_or_default();
            let keyword = match rest {
                [b'H', b'E', b'L', b'P', b' ' | b'\t', ..] => Some(Token::Help),
                [b'T', b'Y', b'P', b'E', b' ' | b'\t', ..] => Some(Token::Type),
                _ => None,
            };
            if let Some(token) = keyword {
                self.at += 4;
                self.skip_blanks();
                self.state = State::MetaName;
                return token;
            }
        }
        let mut c = self.peek();
        loop {
            match c {
                0 => return Token::Eof,
                b'\n' => break,
                _ => c = self.advance(),
            }
        }
        self.state = State::Init;
        Token::Comment
    }

    fn next_open_metrics(&mut self) -> Token {
        if self.at >= self.end {
            return Token::Eof;
        }
        self.start = self.at;
        let c = self.peek();
        match (self.state, c) {
            (State::Init, b'#') => self.keyword(),
            (State::Init, c) if is(c, METRIC_START) => {
                self.name(METRIC_START, Token::MetricName, State::Value)
            }
            (State::Init | State::Value, b'{') => self.single(Token::BraceOpen, State::Labels),
            (State::MetaName, b'"') => self.quoted(true, Token::MetricName, State::MetaText),
            (State::MetaName, c) if is(c, METRIC_START) => {
                self.name(METRIC_START, Token::MetricName, State::MetaText)
            }
            (State::MetaText, b' ') => {
                self.skip_line();
                if self.peek() == b'\n' { self.single(Token::Text, State::Init) } else { Token::Invalid }
            }
            (State::Labels, b'"') => self.quoted(true, Token::QuotedString, State::Labels),
            (State::Labels, _) => self.label_punctuation(c, State::Value, State::LabelValue),
            (State::LabelValue, b'"') => self.quoted(false, Token::LabelValue, State::Labels),
            (State::Value, b' ') => self.number_behind_blank(Token::Value, State::Timestamp),
            (State::Timestamp | State::ExemplarTimestamp, b'\n') => {
                self.single(Token::Linebreak, State::Init)
            }
            (State::Timestamp, b' ') => self.timestamp_or_exemplar(),
            (State::Exemplar, b'"') => self.quoted(false, Token::QuotedString, State::Exemplar),
            (State::Exemplar, _) => self.label_punctuation(c, State::ExemplarValue, State::ExemplarValue),
            (State::ExemplarValue, b'"') => self.quoted(false, Token::LabelValue, State::Exemplar),
            (State::ExemplarValue, b' ') => self.number_behind_blank(Token::Value, State::ExemplarTimestamp),
            (State::ExemplarTimestamp, b' ') => {
                self.number_behind_blank(Token::Timestamp, State::ExemplarTimestamp)
            }
            _ => Token::Invalid,
        }
    }

    fn number_behind_blank(&mut self, token: Token, state: State) -> Token {
        self.at += 1;
        self.number(token, state)
    }

    fn timestamp_or_exemplar(&mut self) -> Token {
        self.at += 1;
        if self.body.get(self.at..).unwrap_or_default().starts_with(b"# ") {
            self.at += 2;
            return if self.peek() == b'{' {
                self.single(Token::Comment, State::Exemplar)
            } else {
                Token::Invalid
            };
        }
        self.number(Token::Timestamp, State::Timestamp)
    }

    /// `# HELP `, `# TYPE `, `# UNIT ` or `# EOF`: there are no other comments in OpenMetrics.
    fn keyword(&mut self) -> Token {
        self.at += 1;
        if self.peek() != b' ' {
            return Token::Invalid;
        }
        self.at += 1;
        let (word, token): (&[u8], _) = match self.peek() {
            b'H' => (b"HELP ", Token::Help),
            b'T' => (b"TYPE ", Token::Type),
            b'U' => (b"UNIT ", Token::Unit),
            b'E' => (b"EOF", Token::EofWord),
            _ => return Token::Invalid,
        };
        for &expected in word {
            if self.peek() != expected {
                return Token::Invalid;
            }
            self.at += 1;
        }
        if token == Token::EofWord {
            self.at += usize::from(self.peek() == b'\n');
            self.state = State::Init;
        } else {
            self.state = State::MetaName;
        }
        token
    }
}
