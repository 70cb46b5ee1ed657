//! Which columns are meant: by their names, or by a pattern in them.

use super::frame::{Field, TIME, VALUE};
use crate::field::TextPattern;

/// Picks columns, as Grafana's `byNames` and `byRegexp`.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldMatch {
    /// Those with one of these names, their own or the shown one.
    Names(Vec<String>),
    /// Those in whose shown name the pattern is found.
    Pattern(TextPattern),
}

impl FieldMatch {
    /// Whether it picks `field`, which is shown as `shown`.
    pub(super) fn matches(&self, field: &Field, shown: &str) -> bool {
        match self {
            Self::Names(names) => is_one_of(names, field, shown),
            Self::Pattern(pattern) => pattern.is_match(shown),
        }
    }
}

/// Whether one of `names` means `field`. `Value` also means a column that is named as its series, and `Time` any column
/// of times.
pub(super) fn is_one_of(names: &[String], field: &Field, shown: &str) -> bool {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has(&field.name) || has(shown) {
        return true;
    }
    if has(VALUE) {
        return field.labels.metric_name().is_some_and(|name| name == field.name);
    }
    (has(TIME) || has("time")) && field.values.is_time()
}
