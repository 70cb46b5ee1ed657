//! Relabelling: rules that rewrite or drop the labels of a target or a sample before it is used
//! (`relabel_configs` and `metric_relabel_configs`).
//!
//! [`apply`] does what Prometheus's `relabel.Process` does (Copyright The Prometheus Authors, Apache-2.0), down to the
//! order in which `labelmap` meets the labels that earlier rules wrote.

mod md5;

use std::sync::Arc;

use regex::Regex;

use crate::model::{Labels, LabelsBuilder};
use crate::storage::expand;

/// One rule, with Prometheus's defaults filled in.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The labels whose values are joined by `separator` and matched.
    pub source_labels: Vec<String>,
    /// Stands between the values.
    pub separator: String,
    /// Anchored at both ends.
    pub regex: Regex,
    /// The expression as it was written.
    pub regex_text: String,
    /// For `hashmod`.
    pub modulus: u64,
    /// What is written to, or compared with; may refer to groups of the expression.
    pub target_label: String,
    /// What is written; may refer to groups of the expression.
    pub replacement: String,
    /// What is done.
    pub action: Action,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Writes `replacement` to `target_label` if the expression matches.
    Replace,
    /// Drops what does not match.
    Keep,
    /// Drops what matches.
    Drop,
    /// Drops what does not equal `target_label`.
    KeepEqual,
    /// Drops what equals `target_label`.
    DropEqual,
    /// Writes the hash modulo `modulus`.
    HashMod,
    /// Copies labels whose names match to the names that `replacement` gives.
    LabelMap,
    /// Removes labels whose names match.
    LabelDrop,
    /// Removes labels whose names do not match.
    LabelKeep,
    /// Writes the value in lower case.
    Lowercase,
    /// Writes the value in upper case.
    Uppercase,
}

/// `labels` after all `rules`, or `None` if one of them drops what they belong to.
#[must_use]
pub fn apply(labels: &Labels, rules: &[Rule]) -> Option<Labels> {
    if rules.is_empty() {
        return Some(labels.clone());
    }
    let mut draft = Draft::of(labels);
    if rules.iter().all(|rule| rule.apply(&mut draft)) { Some(draft.build()) } else { None }
}

impl Rule {
    /// Whether what the labels belong to is kept.
    fn apply(&self, draft: &mut Draft) -> bool {
        let mut value = String::new();
        for (at, name) in self.source_labels.iter().enumerate() {
            if at > 0 {
                value.push_str(&self.separator);
            }
            value.push_str(draft.get(name));
        }
        match self.action {
            Action::Keep => return self.regex.is_match(&value),
            Action::Drop => return !self.regex.is_match(&value),
            Action::KeepEqual => return draft.get(&self.target_label) == value,
            Action::DropEqual => return draft.get(&self.target_label) != value,
            Action::Replace => self.replace(&value, draft),
            Action::HashMod => {
                // A modulus of 0 is refused where the configuration is read.
                let hash = md5::low_half(value.as_bytes()).checked_rem(self.modulus).unwrap_or(0);
                draft.set(&self.target_label, &hash.to_string());
            }
            Action::Lowercase => draft.set(&self.target_label, &value.to_lowercase()),
            Action::Uppercase => draft.set(&self.target_label, &value.to_uppercase()),
            Action::LabelMap => {
                for (name, value) in draft.matching(&self.regex) {
                    if let Some(captures) = self.regex.captures(&name) {
                        draft.set(&expand(&self.replacement, &self.regex, &captures), &value);
                    }
                }
            }
            Action::LabelDrop => draft.pairs.retain(|pair| !self.regex.is_match(&pair.name)),
            Action::LabelKeep => draft.pairs.retain(|pair| self.regex.is_match(&pair.name)),
        }
        true
    }

    fn replace(&self, value: &str, draft: &mut Draft) {
        let Some(captures) = self.regex.captures(value) else { return };
        let target = expand(&self.target_label, &self.regex, &captures);
        if !target.is_empty() {
            draft.set(&target, &expand(&self.replacement, &self.regex, &captures));
        }
    }
}

/// Labels in change, in the order in which Prometheus's builder gives them: untouched ones by name, then those that
/// were set, in that order.
struct Draft {
    pairs: Vec<Pair>,
}

struct Pair {
    name: Arc<str>,
    value: Arc<str>,
    was_set: bool,
}

impl Draft {
    fn of(labels: &Labels) -> Self {
        let pair = |label: &crate::model::Label| Pair {
            name: label.name.clone(),
            value: label.value.clone(),
            was_set: false,
        };
        Self { pairs: labels.iter().map(pair).collect() }
    }

    fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|pair| &*pair.name == name).map_or("", |pair| &*pair.value)
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.pairs.iter().position(|pair| &*pair.name == name) {
            Some(at) if self.pairs[at].was_set && !value.is_empty() => {
                self.pairs[at].value = value.into();
                return;
            }
            Some(at) => {
                self.pairs.remove(at);
            }
            None => {}
        }
        if !value.is_empty() {
            self.pairs.push(Pair { name: name.into(), value: value.into(), was_set: true });
        }
    }

    /// A copy of the labels whose names match, because rules change the draft while they go through them.
    fn matching(&self, regex: &Regex) -> Vec<(Arc<str>, Arc<str>)> {
        let matches = self.pairs.iter().filter(|pair| regex.is_match(&pair.name));
        matches.map(|pair| (pair.name.clone(), pair.value.clone())).collect()
    }

    fn build(mut self) -> Labels {
        self.pairs.sort_by(|a, b| a.name.cmp(&b.name));
        let mut builder = LabelsBuilder::default();
        for pair in &self.pairs {
            builder.set(&pair.name, &pair.value);
        }
        builder.build()
    }
}

#[cfg(test)]
mod tests;
