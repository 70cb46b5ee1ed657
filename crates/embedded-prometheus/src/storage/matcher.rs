//! Which series a selector means: one label compared with a text or a regular expression.

use std::fmt;

use regex::Regex;

use super::go_regex::{RegexError, anchored};
use crate::model::{Labels, quote};

/// How a label's value is compared.
#[derive(Debug, Clone)]
pub enum MatchKind {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends
    Regex(Regex),
    /// `!~`, anchored at both ends
    NotRegex(Regex),
}

/// One condition on one label. A label that a series lacks has the empty value.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// The label's name; `__name__` for the metric's name.
    pub name: String,
    /// How it is compared.
    pub kind: MatchKind,
    /// With what.
    pub value: String,
}

impl Matcher {
    /// `name="value"`
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), kind: MatchKind::Equal, value: value.into() }
    }

    /// `name!="value"`
    pub fn not_equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), kind: MatchKind::NotEqual, value: value.into() }
    }

    /// `name=~"value"`
    pub fn regex(name: impl Into<String>, value: impl Into<String>) -> Result<Self, RegexError> {
        let value = value.into();
        Ok(Self { name: name.into(), kind: MatchKind::Regex(anchored(&value)?), value })
    }

    /// `name!~"value"`
    pub fn not_regex(name: impl Into<String>, value: impl Into<String>) -> Result<Self, RegexError> {
        let value = value.into();
        Ok(Self { name: name.into(), kind: MatchKind::NotRegex(anchored(&value)?), value })
    }

    /// Whether a label of this value fulfils the condition.
    #[must_use]
    pub fn matches_value(&self, value: &str) -> bool {
        match &self.kind {
            MatchKind::Equal => self.value == value,
            MatchKind::NotEqual => self.value != value,
            MatchKind::Regex(regex) => regex.is_match(value),
            MatchKind::NotRegex(regex) => !regex.is_match(value),
        }
    }

    /// Whether a series of these labels fulfils the condition.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.matches_value(labels.get(&self.name))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.kind {
            MatchKind::Equal => "=",
            MatchKind::NotEqual => "!=",
            MatchKind::Regex(_) => "=~",
            MatchKind::NotRegex(_) => "!~",
        };
        write!(f, "{}{operator}{}", self.name, quote(&self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regexes_are_anchored_and_a_dot_takes_newlines() {
        let labels = Labels::from_pairs([("job", "api\nserver")]);
        assert!(Matcher::regex("job", "api.server").unwrap().matches(&labels));
        assert!(!Matcher::regex("job", "api").unwrap().matches(&labels));
        assert!(Matcher::not_regex("job", "api|server").unwrap().matches(&labels));
    }

    #[test]
    fn a_missing_label_is_an_empty_value() {
        let labels = Labels::empty();
        assert!(Matcher::equal("job", "").matches(&labels));
        assert!(!Matcher::not_equal("job", "").matches(&labels));
        assert!(Matcher::regex("job", ".*").unwrap().matches(&labels));
    }
}
