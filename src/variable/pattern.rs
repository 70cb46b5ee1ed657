//! The filters of variables: which part of a text is the value, and which the words for it.

use std::sync::Arc;

use fancy_regex::Regex;

use crate::pattern::{compile, given_up};

/// Matches of one text that count.
const MATCHES_LIMIT: usize = 10_000;

/// A compiled filter.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Arc<Regex>,
    /// `g`: every match counts, not the first only.
    is_global: bool,
}

/// One match.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Match {
    /// The group called `value`, if it matched something.
    pub value: Option<String>,
    /// The group called `text`, if it matched something.
    pub text: Option<String>,
    /// The first group: the outer `None` where the pattern has no groups, the inner where it took no part.
    pub first: Option<Option<String>>,
}

impl Pattern {
    /// Reads Grafana's notation: `/pattern/flags`, or a bare pattern that must match the whole text
    /// (`stringToJsRegex`).
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(inner) = text.strip_prefix('/') else {
            return Self::compile(&format!("^{text}$"), "");
        };
        let is_flags = |flags: &str| flags.chars().all(|flag| "gimsuyd".contains(flag));
        match inner.rsplit_once('/') {
            Some((pattern, flags)) if is_flags(flags) => Self::compile(pattern, flags),
            Some((_, flags)) => {
                Err(format!("`{flags}` behind the last slash are no flags; there are g, i, m and s"))
            }
            None => Err("it begins with a slash and lacks the one at its end".to_owned()),
        }
    }

    /// One that is looked for anywhere, as `new RegExp(text)`.
    pub fn anywhere(text: &str) -> Result<Self, String> {
        Self::compile(text, "")
    }

    fn compile(pattern: &str, flags: &str) -> Result<Self, String> {
        Ok(Self { regex: compile(pattern, flags)?, is_global: flags.contains('g') })
    }

    /// Whether it is found in `text`.
    pub fn is_match(&self, text: &str) -> Result<bool, String> {
        self.regex.is_match(text).map_err(|error| given_up(&error))
    }

    /// The matches in `text` that count. Like Grafana's `getAllMatches`, it stops behind one that is empty.
    pub fn matches(&self, text: &str) -> Result<Vec<Match>, String> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(captures) =
            self.regex.captures_from_pos(text, from).map_err(|error| given_up(&error))?
        {
            let named = |name| captures.name(name).map(|group| group.as_str().to_owned());
            found.push(Match {
                value: named("value").filter(|value| !value.is_empty()),
                text: named("text").filter(|text| !text.is_empty()),
                first: (captures.len() > 1).then(|| captures.get(1).map(|group| group.as_str().to_owned())),
            });
            let whole = captures.get(0).map_or(0..0, |whole| whole.range());
            if !self.is_global || whole.is_empty() || found.len() >= MATCHES_LIMIT {
                break;
            }
            from = whole.end;
        }
        Ok(found)
    }
}
