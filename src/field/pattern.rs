//! Regular expressions of mappings, written and replaced as in Grafana's `stringToJsRegex` and JavaScript's `replace`.

use std::borrow::Cow;
use std::sync::Arc;

use fancy_regex::{Captures, Regex};
use thiserror::Error;

use crate::pattern::compile;

/// Longest pattern, in bytes.
pub const PATTERN_LIMIT_BYTES: usize = 2_000;

/// A regular expression that texts are matched with.
///
/// `up|down` is tried on the whole text (to the letter: it becomes `^up|down$`); `/web/`, `/WEB/i` and `/o/g` anywhere
/// in it, with JavaScript's flags. A match that takes too many steps back is none.
#[derive(Clone, Debug)]
pub struct TextPattern {
    source: Box<str>,
    regex: Arc<Regex>,
    /// All matches are replaced rather than the first.
    is_global: bool,
}

impl PartialEq for TextPattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It begins with a slash and does not end as it should.
    #[error(
        "{0:?} begins with `/` and so must end with `/` and flags out of g, i, m, y and s, in that order"
    )]
    Slashes(String),
    /// It is longer than [`PATTERN_LIMIT_BYTES`].
    #[error("a pattern may have at most {PATTERN_LIMIT_BYTES} bytes, and this one has {0}")]
    TooLong(usize),
    /// The regular expression itself is wrong, or needs what the engine lacks or refuses.
    #[error("{pattern:?} is not a regular expression: {reason}")]
    Syntax {
        /// As written.
        pattern: String,
        /// In the engine's words.
        reason: String,
    },
}

impl TextPattern {
    /// Reads `up|down`, `/web/` or `/web/gi`.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        if source.len() > PATTERN_LIMIT_BYTES {
            return Err(PatternError::TooLong(source.len()));
        }
        let (pattern, flags) = if source.starts_with('/') {
            slashed(source).ok_or_else(|| PatternError::Slashes(source.to_owned()))?
        } else {
            (Cow::Owned(format!("^{source}$")), "")
        };
        let regex = compile(&pattern, flags)
            .map_err(|reason| PatternError::Syntax { pattern: source.to_owned(), reason })?;
        Ok(Self { source: source.into(), regex, is_global: flags.contains('g') })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether it matches `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text).unwrap_or(false)
    }

    /// `text` with the match (all of them for the flag `g`) replaced by `template`, in which `$1`, `$<name>`, `$&`,
    /// `` $` `` and `$'` stand for parts of the text and `$$` for a dollar sign.
    pub fn replace(&self, text: &str, template: &str) -> String {
        let limit = usize::from(!self.is_global);
        let expand = |captures: &Captures<'_, str>| expand(template, captures, text);
        self.regex.try_replacen(text, limit, expand).map_or_else(|_| text.to_owned(), Cow::into_owned)
    }
}

/// The pattern between two slashes and the flags behind the second: the first that leaves nothing but flags.
fn slashed(source: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = source.strip_prefix('/')?;
    inner.match_indices('/').find_map(|(at, _)| {
        let flags = &inner[at + 1..];
        let mut rest = flags;
        for flag in ['g', 'i', 'm', 'y', 's'] {
            rest = rest.strip_prefix(flag).unwrap_or(rest);
        }
        rest.is_empty().then_some((Cow::Borrowed(&inner[..at]), flags))
    })
}

fn expand(template: &str, captures: &Captures<'_, str>, text: &str) -> String {
    let whole = captures.get(0);
    let group = |index: usize| captures.get(index).map_or("", |group| group.as_str());
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        let (part, taken) = match rest.as_bytes().first() {
            Some(b'$') => ("$", 1),
            Some(b'&') => (whole.map_or("", |whole| whole.as_str()), 1),
            Some(b'`') => (whole.map_or("", |whole| &text[..whole.start()]), 1),
            Some(b'\'') => (whole.map_or("", |whole| &text[whole.end()..]), 1),
            Some(b'<') => named(rest, captures).unwrap_or(("$", 0)),
            // Two digits where there are so many groups, else one.
            Some(digit) if digit.is_ascii_digit() => [2, 1]
                .into_iter()
                .filter_map(|digits| Some((rest.get(..digits)?.parse::<usize>().ok()?, digits)))
                .find(|(index, _)| (1..captures.len()).contains(index))
                .map_or(("$", 0), |(index, digits)| (group(index), digits)),
            _ => ("$", 0),
        };
        out.push_str(part);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

/// The group of `<name>...`, and how long its name is; `None` is no reference.
fn named<'t>(reference: &str, captures: &Captures<'t, str>) -> Option<(&'t str, usize)> {
    let end = reference.find('>')?;
    Some((captures.name(&reference[1..end])?.as_str(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_whole_or_between_slashes() {
        let matches = |source: &str, text| TextPattern::new(source).expect(source).is_match(text);
        assert!(matches("web.*", "web-1") && !matches("web", "web-1") && !matches("eb-1", "web-1"));
        assert!(matches("/eb/", "web-1") && !matches("/EB/", "web-1") && matches("/EB/gi", "web-1"));
        assert!(matches("/^(?!db)/", "web") && !matches("/^(?!db)/", "db-1") && matches(r"/(.)\1/", "zoo"));
        assert!(matches("/a/b/", "xa/by") && matches(r"/a\/b/", "xa/by") && matches("/^$/", ""));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        let error = |source: &str| TextPattern::new(source).expect_err(source).to_string();
        assert_eq!(
            error("a("),
            "\"a(\" is not a regular expression: opening parenthesis without closing parenthesis"
        );
        assert_eq!(
            error("/a/x"),
            "\"/a/x\" begins with `/` and so must end with `/` and flags out of g, i, m, y and s, in that order"
        );
        assert!(error(r"\w{1000}{1000}").contains("nothing before"), "{}", error(r"\w{1000}{1000}"));
        assert!(error(r"(?:\w{1000}){1000}").contains("size limit"), "{}", error(r"(?:\w{1000}){1000}"));
        assert_eq!(error(&"a".repeat(2_001)), "a pattern may have at most 2000 bytes, and this one has 2001");
    }

    #[test]
    fn templates_name_parts_of_the_text() {
        let replace =
            |source: &str, text, template| TextPattern::new(source).expect(source).replace(text, template);
        assert_eq!(replace(r"(\w+)-(\d+)", "web-12", "$2 of $1"), "12 of web");
        assert_eq!(replace("(?<app>[a-z]+)-.*", "web-12", "$<app>, $<none>, $<open"), "web, $<none>, $<open");
        assert_eq!(replace("/b/", "abc", "[$`|$&|$']$$$"), "a[a|b|c]$$c");
        assert_eq!(replace("/(a)/", "a", "$1$0$12$2$é"), "a$0a2$2$é");
        assert_eq!(replace("/o/g", "foo", "0"), "f00");
    }
}
