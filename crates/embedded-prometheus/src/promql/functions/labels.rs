//! Functions on labels alone: `label_replace`, `label_join`, and the labels that `absent` answers with.

use std::collections::BTreeSet;

use crate::model::{Labels, METRIC_NAME};
use crate::promql::ast::Node;
use crate::promql::error::QueryError;
use crate::storage::{MatchKind, anchored_regex, expand};

fn text(arguments: &[Node], at: usize) -> &str {
    match arguments.get(at) {
        Some(Node::String(text)) => text,
        _ => "",
    }
}

/// Since Prometheus 3 any UTF-8 text is a label's name, but not the empty one.
pub(crate) fn is_label_name(name: &str) -> bool {
    // The parser turns bytes that are no UTF-8 into this character.
    !name.is_empty() && !name.contains('\u{fffd}')
}

/// `label_replace(v, target, replacement, source, regex)` prepared for any number of label sets.
pub(crate) struct Replace<'a> {
    target: &'a str,
    replacement: &'a str,
    source: &'a str,
    regex: regex::Regex,
}

impl<'a> Replace<'a> {
    pub(crate) fn new(arguments: &'a [Node]) -> Result<Self, QueryError> {
        let [target, replacement, source, pattern] = [1, 2, 3, 4].map(|at| text(arguments, at));
        let regex = anchored_regex(pattern).map_err(|_| {
            QueryError::execution(format!("invalid regular expression in label_replace(): {pattern}"))
        })?;
        if !is_label_name(target) {
            let message = format!("invalid destination label name in label_replace(): {target}");
            return Err(QueryError::execution(message));
        }
        Ok(Self { target, replacement, source, regex })
    }

    pub(crate) fn apply(&self, labels: &Labels) -> Labels {
        let Some(captures) = self.regex.captures(labels.get(self.source)) else { return labels.clone() };
        let value = expand(self.replacement, &self.regex, &captures);
        let mut builder = labels.builder();
        builder.set(self.target, &value);
        builder.build()
    }
}

/// `label_join(v, target, separator, source...)` prepared for any number of label sets.
pub(crate) struct Join<'a> {
    target: &'a str,
    separator: &'a str,
    sources: Vec<&'a str>,
}

impl<'a> Join<'a> {
    pub(crate) fn new(arguments: &'a [Node]) -> Result<Self, QueryError> {
        let [target, separator] = [1, 2].map(|at| text(arguments, at));
        let sources: Vec<&str> = (3..arguments.len()).map(|at| text(arguments, at)).collect();
        if let Some(source) = sources.iter().find(|name| !is_label_name(name)) {
            return Err(QueryError::execution(format!(
                "invalid source label name in label_join(): {source}"
            )));
        }
        if !is_label_name(target) {
            let message = format!("invalid destination label name in label_join(): {target}");
            return Err(QueryError::execution(message));
        }
        Ok(Self { target, separator, sources })
    }

    pub(crate) fn apply(&self, labels: &Labels) -> Labels {
        let values: Vec<&str> = self.sources.iter().map(|name| labels.get(name)).collect();
        let mut builder = labels.builder();
        builder.set(self.target, &values.join(self.separator));
        builder.build()
    }
}

/// What `absent` and `absent_over_time` can tell of the labels that are not there: those that the selector demands,
/// but none that it mentions more than once.
pub(crate) fn of_absent(argument: &Node) -> Labels {
    let selector = match argument {
        Node::Selector(selector) | Node::Range { selector, .. } => selector,
        Node::Invariant(inner) => return of_absent(inner),
        _ => return Labels::empty(),
    };
    let mut builder = Labels::empty().builder();
    let mut seen = BTreeSet::new();
    for matcher in selector.matchers.iter().filter(|matcher| matcher.name != METRIC_NAME) {
        if matches!(matcher.kind, MatchKind::Equal) && seen.insert(&matcher.name) {
            builder.set(&matcher.name, &matcher.value);
        } else {
            builder.remove(&matcher.name);
        }
    }
    builder.build()
}
