//! Relabelling: rules that rewrite or drop the labels of a target or a sample before it is used
//! (`relabel_configs` and `metric_relabel_configs`).

use regex::Regex;

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
