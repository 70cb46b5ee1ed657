//! Which format a `Content-Type` means. Prometheus 3 no longer guesses: a missing or unknown one is an error.

use super::Format;
use crate::model::quote;

/// A `Content-Type` that names no format; the words are Prometheus's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentTypeError {
    /// There is none.
    #[error(
        "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"
    )]
    Blank,
    /// It is none by the rules of MIME.
    #[error("cannot parse Content-Type {} and no fallback_scrape_protocol for target", quote(.0))]
    Malformed(String),
    /// It names something else.
    #[error(
        "received unsupported Content-Type {} and no fallback_scrape_protocol specified for target",
        quote(.0)
    )]
    Unsupported(String),
}

impl Format {
    /// The format that a `Content-Type` header names, as Prometheus 3.5 decides it.
    pub fn from_content_type(header: &str) -> Result<Self, ContentTypeError> {
        if header.is_empty() {
            return Err(ContentTypeError::Blank);
        }
        let media_type = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let well_formed = media_type.split('/').all(is_token) && media_type.split('/').count() <= 2;
        match media_type.as_str() {
            _ if !well_formed || !parameters_are_well_formed(header) => {
                Err(ContentTypeError::Malformed(header.to_owned()))
            }
            "text/plain" => Ok(Self::Text),
            "application/openmetrics-text" => Ok(Self::OpenMetrics),
            _ => Err(ContentTypeError::Unsupported(header.to_owned())),
        }
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b))
}

/// Whether what follows the media type is `; name=value` each, the value a token or quoted, no name twice; a
/// semicolon at the end is fine.
fn parameters_are_well_formed(header: &str) -> bool {
    let Some((_, mut rest)) = header.split_once(';') else { return true };
    let mut names: Vec<String> = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return true;
        }
        let Some((name, after)) = rest.split_once('=') else { return false };
        let name = name.trim().to_ascii_lowercase();
        if !is_token(&name) || names.contains(&name) {
            return false;
        }
        names.push(name);
        let Some(end) = value_end(after.trim_start()) else { return false };
        rest = after.trim_start()[end..].trim_start();
        match rest.strip_prefix(';') {
            Some(next) => rest = next,
            None => return rest.is_empty(),
        }
    }
}

/// Where the value that `text` starts with ends.
fn value_end(text: &str) -> Option<usize> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c == ';' || c.is_ascii_whitespace()).unwrap_or(text.len());
        return is_token(&text[..end]).then_some(end);
    };
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types() {
        for header in [
            "text/plain",
            "text/plain; version=0.0.4; charset=utf-8; escaping=values",
            "Text/Plain;version=\"1.0.0\";",
        ] {
            assert_eq!(Format::from_content_type(header), Ok(Format::Text), "{header}");
        }
        let header = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(Format::from_content_type(header), Ok(Format::OpenMetrics));
    }

    #[test]
    fn anything_else_is_an_error() {
        assert_eq!(Format::from_content_type(""), Err(ContentTypeError::Blank));
        let unsupported = Format::from_content_type("text/html; charset=utf-8").unwrap_err();
        assert_eq!(
            unsupported.to_string(),
            "received unsupported Content-Type \"text/html; charset=utf-8\" and no fallback_scrape_protocol \
             specified for target"
        );
        for header in ["text/plain;version", "text/", "text/plain; a=\"b", "; a=b", "text/plain; a=1; a=2"] {
            let error = Format::from_content_type(header).unwrap_err();
            assert!(matches!(error, ContentTypeError::Malformed(_)), "{header}: {error}");
        }
    }
}
