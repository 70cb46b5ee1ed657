//! Entries out of tokens, for both formats: one entry a call, nothing copied.

use std::borrow::Cow;

use super::error::quote_bytes;
use super::labels::{self, LabelsError, Spans};
use super::lex::{Lexer, Token};
use super::number::{NORMAL_NAN, parse_float};
use super::{Entry, Format, MetricKind, ParseError, Sample};
use crate::model::{Labels, quote};

/// Reads an exposition entry by entry.
#[derive(Debug)]
pub struct Parser<'a> {
    lexer: Lexer<'a>,
    format: Format,
    /// Whether the whole body is UTF-8, so that its parts need no look of their own.
    is_utf8: bool,
    /// Where the current entry starts.
    start: usize,
    spans: Spans,
    /// Of the last `TYPE` line.
    kind: MetricKind,
}

impl<'a> Parser<'a> {
    /// A parser at the start of `body`.
    #[must_use]
    pub fn new(body: &'a [u8], format: Format) -> Self {
        Self {
            lexer: Lexer::new(body, format),
            format,
            is_utf8: std::str::from_utf8(body).is_ok(),
            start: 0,
            spans: Spans::default(),
            kind: MetricKind::Unknown,
        }
    }

    /// The next entry, or `None` at the end. After an error there is nothing more to be had.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        match self.format {
            Format::Text => self.next_text(),
            Format::OpenMetrics => self.next_open_metrics(),
        }
    }

    /// The labels of the sample that [`Parser::next_entry`] gave last, `__name__` included.
    pub fn labels(&self) -> Result<Labels, LabelsError> {
        labels::read(self.lexer.body, &self.spans, self.kind)
    }

    fn begin_entry(&mut self) -> Token {
        self.start = self.lexer.at;
        self.spans.name = None;
        self.spans.labels.clear();
        self.lexer.next()
    }

    fn next_text(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        loop {
            match self.begin_entry() {
                Token::Eof => return Ok(None),
                Token::Linebreak => {}
                token @ (Token::Help | Token::Type) => {
                    let entry = self.metadata(token)?;
                    return match self.lexer.next() {
                        Token::Linebreak => Ok(Some(entry)),
                        got => Err(self.unexpected("linebreak expected after metadata", got)),
                    };
                }
                Token::Comment => {
                    let text = self.lexer.token();
                    return match self.lexer.next() {
                        Token::Linebreak => Ok(Some(Entry::Comment(text))),
                        got => Err(self.unexpected("linebreak expected after comment", got)),
                    };
                }
                token @ (Token::BraceOpen | Token::MetricName) => return self.sample(token).map(Some),
                got => return Err(self.unexpected("expected a valid start token", got)),
            }
        }
    }

    fn next_open_metrics(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        match self.begin_entry() {
            Token::EofWord => match self.lexer.next() {
                Token::Eof => Ok(None),
                _ => Err(self.error("unexpected data after # EOF".into())),
            },
            Token::Eof => Err(self.no_eof()),
            token @ (Token::Help | Token::Type | Token::Unit) => self.metadata(token).map(Some),
            token @ (Token::BraceOpen | Token::MetricName) => self.sample(token).map(Some),
            got => Err(self.unexpected("expected a valid start token", got)),
        }
    }

    fn metadata(&mut self, token: Token) -> Result<Entry<'a>, ParseError> {
        let got = self.lexer.next();
        if got != Token::MetricName {
            return Err(self.unexpected(&format!("expected metric name after {}", token.name()), got));
        }
        let metric = self.lexer.token();
        let metric = match metric {
            [b'"', inner @ .., b'"'] => inner,
            plain => plain,
        };
        let got = self.lexer.next();
        if got != Token::Text {
            let got =
                if self.format == Format::Text { format!(", got {}", got.name()) } else { String::new() };
            return Err(self.error(format!("expected text in {}{got}", token.name())));
        }
        let text = self.lexer.token();
        let text = match (self.format, text) {
            (Format::Text, [_, text @ ..]) | (Format::OpenMetrics, [_, text @ .., _]) => text,
            _ => &[],
        };
        match token {
            Token::Type => {
                let Some(kind) = kind(text, self.format) else {
                    return Err(self.error(format!("invalid metric type {}", quote_bytes(text))));
                };
                self.kind = kind;
                Ok(Entry::Type { metric, kind })
            }
            Token::Unit => {
                let is_suffix = metric.strip_suffix(text).is_some_and(|rest| rest.last() == Some(&b'_'));
                if !text.is_empty() && !is_suffix {
                    let (unit, metric) = (quote_bytes(text), quote_bytes(metric));
                    return Err(self.error(format!("unit {unit} not a suffix of metric {metric}")));
                }
                Ok(Entry::Unit { metric, unit: text })
            }
            _ => {
                let Ok(text) = std::str::from_utf8(text) else {
                    let text = quote_bytes(text);
                    return Err(self.error(format!("help text {text} is not a valid utf8 string")));
                };
                let text = match self.format {
                    Format::Text => labels::unescape_help(text),
                    Format::OpenMetrics => labels::unescape(text),
                };
                Ok(Entry::Help { metric, text })
            }
        }
    }

    /// A line with a value, after its first token.
    fn sample(&mut self, first: Token) -> Result<Entry<'a>, ParseError> {
        let mut series_end = self.lexer.at;
        let mut next = Token::BraceOpen;
        if first == Token::MetricName {
            self.spans.name = Some((self.start, self.lexer.at));
            next = self.lexer.next();
        }
        if next == Token::BraceOpen {
            self.labels_in_braces(false)?;
            series_end = self.lexer.at;
            next = self.lexer.next();
        }
        let series = self.lexer.slice(self.start, series_end);
        if self.spans.name.is_none() {
            return Err(self.error_with_line("metric name not set"));
        }
        let value = self.value(next, "metric")?;
        let timestamp_ms = match self.format {
            Format::Text => self.text_timestamp()?,
            Format::OpenMetrics => self.open_metrics_timestamp()?,
        };
        Ok(Entry::Sample(Sample { series, timestamp_ms, value }))
    }

    /// What is in braces, after the opening one. Of an exemplar nothing is kept.
    fn labels_in_braces(&mut self, exemplar: bool) -> Result<(), ParseError> {
        let mut token = self.lexer.next();
        loop {
            let (mut start, mut end) = (self.lexer.start, self.lexer.at);
            let quoted = match token {
                Token::BraceClose => return Ok(()),
                Token::LabelName => false,
                Token::QuotedString => true,
                got => return Err(self.unexpected("expected label name", got)),
            };
            token = self.lexer.next();
            let ends = matches!(token, Token::Comma | Token::BraceClose);
            if exemplar && ends {
                return Err(self.unexpected("expected label name", token));
            }
            if quoted {
                (start, end) = (start + 1, end - 1);
                if ends {
                    if self.spans.name.is_some() {
                        return Err(self.error_with_line("metric name already set"));
                    }
                    self.spans.name = Some((start, end));
                    if token == Token::BraceClose {
                        return Ok(());
                    }
                    token = self.lexer.next();
                    continue;
                }
            }
            if token != Token::Equal {
                return Err(self.unexpected("expected equal", token));
            }
            token = self.lexer.next();
            if token != Token::LabelValue {
                return Err(self.unexpected("expected label value", token));
            }
            let value = self.lexer.token();
            if !self.is_utf8 && std::str::from_utf8(value).is_err() {
                return Err(self.error(format!("invalid UTF-8 label value: {}", quote_bytes(value))));
            }
            if !exemplar {
                self.spans.labels.push([(start, end), (self.lexer.start + 1, self.lexer.at - 1)]);
            }
            token = self.lexer.next();
            if token == Token::Comma {
                token = self.lexer.next();
            } else if token != Token::BraceClose && self.format == Format::OpenMetrics {
                return Err(self.unexpected("expected comma or brace close", token));
            }
        }
    }

    fn value(&self, token: Token, after: &str) -> Result<f64, ParseError> {
        if token != Token::Value {
            return Err(self.unexpected(&format!("expected value after {after}"), token));
        }
        self.number()
    }

    /// The last token as a number; in OpenMetrics it has the blank before it.
    fn number(&self) -> Result<f64, ParseError> {
        let blank = usize::from(self.format == Format::OpenMetrics);
        let text = self.lexer.slice(self.lexer.start + blank, self.lexer.at);
        let value = parse_float(text).map_err(|why| self.error_with_line(&why))?;
        Ok(if value.is_nan() { NORMAL_NAN } else { value })
    }

    fn text_timestamp(&mut self) -> Result<Option<i64>, ParseError> {
        match self.lexer.next() {
            Token::Linebreak => Ok(None),
            Token::Timestamp => {
                let digits = self.lexer.token();
                let time = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<i64>().ok());
                let Some(time) = time else {
                    let digits = quote_bytes(digits);
                    let why = format!("strconv.ParseInt: parsing {digits}: value out of range");
                    return Err(self.error_with_line(&why));
                };
                match self.lexer.next() {
                    Token::Linebreak => Ok(Some(time)),
                    got => Err(self.unexpected("expected next entry after timestamp", got)),
                }
            }
            got => Err(self.unexpected("expected timestamp or new record", got)),
        }
    }

    fn open_metrics_timestamp(&mut self) -> Result<Option<i64>, ParseError> {
        match self.lexer.next() {
            Token::Eof => Err(self.no_eof()),
            Token::Comment => {
                self.exemplar()?;
                Ok(None)
            }
            Token::Timestamp => {
                let seconds = self.seconds("timestamp")?;
                match self.lexer.next() {
                    Token::Linebreak => {}
                    Token::Comment => self.exemplar()?,
                    got => return Err(self.unexpected("expected next entry after timestamp", got)),
                }
                Ok(Some((seconds * 1000.0) as i64))
            }
            // Anything but a line's end is refused as the start of the next entry, as in Prometheus.
            _ => Ok(None),
        }
    }

    fn seconds(&self, what: &str) -> Result<f64, ParseError> {
        let seconds = self.number()?;
        if !seconds.is_finite() {
            let shown = crate::model::format_g(seconds);
            return Err(self.error(format!("invalid {what} {shown}")));
        }
        Ok(seconds)
    }

    /// An exemplar after its opening brace: checked, and not kept.
    fn exemplar(&mut self) -> Result<(), ParseError> {
        self.labels_in_braces(true)?;
        let token = self.lexer.next();
        self.value(token, "exemplar labels")?;
        match self.lexer.next() {
            Token::Eof => Err(self.no_eof()),
            Token::Linebreak => Ok(()),
            Token::Timestamp => {
                self.seconds("exemplar timestamp")?;
                match self.lexer.next() {
                    Token::Linebreak => Ok(()),
                    got => Err(self.unexpected("expected next entry after exemplar timestamp", got)),
                }
            }
            got => Err(self.unexpected("expected timestamp or comment", got)),
        }
    }

    fn no_eof(&self) -> ParseError {
        ParseError::at(self.lexer.body, self.lexer.at, "data does not end with # EOF".into())
    }

    fn error(&self, message: String) -> ParseError {
        ParseError::at(self.lexer.body, self.lexer.start, message)
    }

    /// With the line up to the last token's end.
    fn error_with_line(&self, why: &str) -> ParseError {
        let line = quote_bytes(self.lexer.slice(self.start, self.lexer.at));
        self.error(format!("{why} while parsing: {line}"))
    }

    /// With the token found, one byte more, and the line up to there.
    fn unexpected(&self, expected: &str, got: Token) -> ParseError {
        // The line's end that 0.0.4 adds to the last line is quoted as if it were there.
        let end = self.lexer.at + 1;
        let virtual_end = self.format == Format::Text && end > self.lexer.body.len();
        let shown = |start: usize| {
            let mut bytes = Cow::Borrowed(self.lexer.slice(start, end));
            if virtual_end {
                bytes.to_mut().push(b'\n');
            }
            quote_bytes(&bytes)
        };
        let (found, line) = (shown(self.lexer.start), shown(self.start));
        let got = quote(got.name());
        self.error(format!("{expected}, got {found} ({got}) while parsing: {line}"))
    }
}

fn kind(text: &[u8], format: Format) -> Option<MetricKind> {
    let open_metrics = format == Format::OpenMetrics;
    Some(match text {
        b"counter" => MetricKind::Counter,
        b"gauge" => MetricKind::Gauge,
        b"histogram" => MetricKind::Histogram,
        b"summary" => MetricKind::Summary,
        b"untyped" if !open_metrics => MetricKind::Unknown,
        b"unknown" if open_metrics => MetricKind::Unknown,
        b"gaugehistogram" if open_metrics => MetricKind::GaugeHistogram,
        b"info" if open_metrics => MetricKind::Info,
        b"stateset" if open_metrics => MetricKind::Stateset,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
