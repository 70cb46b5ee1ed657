//! Why an exposition is refused, in Prometheus's words and with the place.

use std::fmt::Write as _;

use crate::model::quote;

/// The most bytes of the exposition that a message quotes; a line may be as long as the body.
pub(super) const MAX_QUOTED_BYTES: usize = 200;

/// Why an exposition is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct ParseError {
    /// What was found and what was expected; the words are Prometheus's.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The byte in that line, from 1.
    pub column: usize,
    /// The byte in the body, from 0.
    pub offset: usize,
}

impl ParseError {
    pub(super) fn at(body: &[u8], offset: usize, message: String) -> Self {
        let offset = offset.min(body.len());
        let before = &body[..offset];
        let line = before.split(|&byte| byte == b'\n').count();
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        Self { message, line, column: offset - line_start + 1, offset }
    }
}

/// `bytes` in double quotes with Go's escapes, what is no UTF-8 as `\xff`; of a long text the end, where the error
/// is, behind an ellipsis.
pub(super) fn quote_bytes(bytes: &[u8]) -> String {
    let cut = bytes.len().saturating_sub(MAX_QUOTED_BYTES);
    let mut out = String::from(if cut > 0 { "\"..." } else { "\"" });
    for chunk in bytes[cut..].utf8_chunks() {
        let quoted = quote(chunk.valid());
        out.push_str(&quoted[1..quoted.len() - 1]);
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(quote_bytes(b"a\"\xff\n"), r#""a\"\xff\n""#);
        assert_eq!(quote_bytes(&[b'a'; 300]).len(), MAX_QUOTED_BYTES + 5);
    }

    #[test]
    fn the_place_is_counted_from_one() {
        let error = ParseError::at(b"a 1\nb x\n", 6, "no".into());
        assert_eq!((error.line, error.column, error.offset), (2, 3, 6));
        assert_eq!(error.to_string(), "no (line 2, column 3)");
    }
}
