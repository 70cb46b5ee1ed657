//! Relabel rules of the configuration, with Prometheus's defaults, checks and words.

use super::fields::{Fields, text};
use super::keys;
use super::yaml::{Fault, Node, Value};
use crate::relabel::{Action, Rule};
use crate::storage::anchored_regex;

/// Stands between the values of source labels, if nothing else is said.
const DEFAULT_SEPARATOR: &str = ";";
/// Matches everything.
const DEFAULT_REGEX: &str = "(.*)";
/// The whole of what [`DEFAULT_REGEX`] matched.
const DEFAULT_REPLACEMENT: &str = "$1";

/// All rules of a list; `which` is `target` or `metric`.
pub(super) fn rules(nodes: &[Node], which: &str) -> Result<Vec<Rule>, Fault> {
    nodes.iter().map(|node| rule(node, which)).collect()
}

fn rule(node: &Node, which: &str) -> Result<Rule, Fault> {
    if matches!(node.value, Value::Null) {
        return Err(Fault::new(node.at, format!("empty or null {which} relabeling rule in scrape config")));
    }
    let fields = Fields::open(node, &keys::RELABEL)?;
    let or_empty = |key: &str, default: &str| match fields.entry(key) {
        None => Ok(default.to_owned()),
        Some(Node { value: Value::Null, .. }) => Ok(String::new()),
        Some(node) => text(node, key).map(str::to_owned),
    };
    let mut source_labels = Vec::new();
    for (at, name) in fields.texts("source_labels")? {
        if name.is_empty() {
            return Err(Fault::new(at, format!("{name:?} is not a valid label name")));
        }
        source_labels.push(name.to_owned());
    }
    let regex_text = or_empty("regex", DEFAULT_REGEX)?;
    let regex = anchored_regex(&regex_text).map_err(|error| {
        let at = fields.get("regex").map_or(fields.at, |node| node.at);
        Fault::new(at, format!("error parsing regexp: {}", error.reason))
    })?;
    let rule = Rule {
        source_labels,
        separator: or_empty("separator", DEFAULT_SEPARATOR)?,
        regex,
        regex_text,
        modulus: fields.whole("modulus")?.unwrap_or(0),
        target_label: fields.text("target_label")?.unwrap_or_default().to_owned(),
        replacement: or_empty("replacement", DEFAULT_REPLACEMENT)?,
        action: action(&fields)?,
    };
    validate(&rule, &fields).map_err(|(key, message)| {
        let at = fields.entry(key).map_or(fields.at, |node| node.at);
        Fault::new(at, message)
    })?;
    Ok(rule)
}

fn action(fields: &Fields<'_>) -> Result<Action, Fault> {
    let Some((at, word)) = fields.text_at("action")? else { return Ok(Action::Replace) };
    ACTIONS
        .iter()
        .find(|(name, _)| *name == word.to_lowercase())
        .map(|(_, action)| *action)
        .ok_or_else(|| Fault::new(at, format!("unknown relabel action {word:?}")))
}

const ACTIONS: [(&str, Action); 11] = [
    ("replace", Action::Replace),
    ("keep", Action::Keep),
    ("drop", Action::Drop),
    ("keepequal", Action::KeepEqual),
    ("dropequal", Action::DropEqual),
    ("hashmod", Action::HashMod),
    ("labelmap", Action::LabelMap),
    ("labeldrop", Action::LabelDrop),
    ("labelkeep", Action::LabelKeep),
    ("lowercase", Action::Lowercase),
    ("uppercase", Action::Uppercase),
];

/// The action's name in the configuration.
pub(super) fn action_name(action: Action) -> &'static str {
    ACTIONS.iter().find(|(_, known)| *known == action).map_or("replace", |(name, _)| name)
}

/// Whether a rule's setting is Prometheus's default.
pub(super) fn is_default_separator(rule: &Rule) -> bool {
    rule.separator == DEFAULT_SEPARATOR
}

/// What is wrong across the keys of a rule, with the key that is to blame.
fn validate(rule: &Rule, fields: &Fields<'_>) -> Result<(), (&'static str, String)> {
    let name = action_name(rule.action);
    let writes = matches!(rule.action, Action::Lowercase | Action::Uppercase);
    let compares = matches!(rule.action, Action::KeepEqual | Action::DropEqual);
    if rule.action == Action::HashMod && rule.modulus == 0 {
        return Err(("modulus", "relabel configuration for hashmod requires non-zero modulus".into()));
    }
    let needs_target = writes || compares || matches!(rule.action, Action::Replace | Action::HashMod);
    if needs_target && rule.target_label.is_empty() {
        let message = format!("relabel configuration for {name} action requires 'target_label' value");
        return Err(("target_label", message));
    }
    if (writes || compares) && rule.replacement != DEFAULT_REPLACEMENT {
        return Err(("replacement", format!("'replacement' can not be set for {name} action")));
    }
    if rule.action == Action::LabelMap && rule.replacement.is_empty() {
        let message = format!("{:?} is invalid 'replacement' for {name} action", rule.replacement);
        return Err(("replacement", message));
    }
    let more_than_names =
        rule.modulus != 0 || rule.separator != DEFAULT_SEPARATOR || rule.replacement != DEFAULT_REPLACEMENT;
    if compares && (more_than_names || fields.get("regex").is_some()) {
        let message =
            format!("{name} action requires only 'source_labels' and `target_label`, and no other fields");
        return Err(("action", message));
    }
    if matches!(rule.action, Action::LabelDrop | Action::LabelKeep)
        && (more_than_names || fields.get("source_labels").is_some() || !rule.target_label.is_empty())
    {
        return Err(("action", format!("{name} action requires only 'regex', and no other fields")));
    }
    Ok(())
}
