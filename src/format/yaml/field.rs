//! The options on a panel's values: unit, range, thresholds, mappings.

use super::keys;
use super::tree::Node;
use super::validate::Report;
use super::value::{self, Fields};
use crate::field::{FieldOptions, Mapping, MappingMatch, TextPattern, ThresholdStep, Thresholds};
use crate::unit::Unit;

pub(super) fn options(fields: &Fields<'_>, report: &mut Report) -> FieldOptions {
    let (min, max) = (fields.number("min"), fields.number("max"));
    if let (Some(low), Some(high), Some(node)) = (min, max, fields.get("max"))
        && low >= high
    {
        report.problem(node.at, format!("`max` {high} must lie above `min` {low}"));
    }
    FieldOptions {
        unit: fields.text("unit").map(|id| Unit::new(&id)).unwrap_or_default(),
        decimals: fields.integer("decimals").map(|digits| digits as u8),
        min,
        max,
        no_value: fields.text("no_value"),
        thresholds: Thresholds {
            steps: thresholds(fields.items("thresholds"), report),
            percent: fields.get("thresholds_mode").and_then(value::text) == Some("percent"),
        },
        mappings: fields.items("mappings").iter().flat_map(|node| mappings(node, report)).collect(),
        reduce: fields.reduce("reduce").unwrap_or_default(),
    }
}

fn thresholds(nodes: &[Node], report: &mut Report) -> Vec<ThresholdStep> {
    let mut steps: Vec<ThresholdStep> = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let fields = Fields::new(node, &keys::THRESHOLD);
        let at = match (fields.entry("at"), fields.number("at")) {
            (None, _) if index == 0 => f64::NEG_INFINITY,
            (None, _) => {
                report
                    .problem(node.at, "only the first threshold may lack `at`; say where this colour begins");
                continue;
            }
            // Reported already.
            (Some(_), None) => continue,
            (Some(entry), Some(at)) => {
                if let Some(before) = steps.last().filter(|before| before.at >= at) {
                    report.problem(
                        entry.node.at,
                        format!("thresholds must ascend: {at} does not lie above {}", before.at),
                    );
                }
                at
            }
        };
        if let Some(color) = fields.color("color") {
            steps.push(ThresholdStep { at, color });
        }
    }
    steps
}

/// A mapping of the file; `null+nan` is two of ours.
fn mappings(node: &Node, report: &mut Report) -> Vec<Mapping> {
    let fields = Fields::new(node, &keys::MAPPING);
    let has = |name| fields.entry(name).is_some();
    let ways = [has("value"), has("from") || has("to"), has("regex"), has("special")];
    if ways.iter().filter(|has| **has).count() != 1 {
        report.problem(
            node.at,
            "a mapping matches in one way: `value`, `from` and `to`, `regex`, or `special`",
        );
        return Vec::new();
    }
    if !has("text") && !has("color") {
        report.problem(node.at, "a mapping needs `text`, `color` or both");
    }
    let matches = if has("value") {
        let number = fields.get("value").and_then(value::number).map(MappingMatch::Value);
        number.or_else(|| fields.text("value").map(MappingMatch::Text)).into_iter().collect()
    } else if has("special") {
        fields.get("special").and_then(value::special).unwrap_or_default()
    } else if let Some(node) = fields.get("regex") {
        let pattern = TextPattern::new(value::text(node).unwrap_or_default());
        if let Err(error) = &pattern {
            report.problem(node.at, format!("`regex`: {error}"));
        }
        pattern.map(MappingMatch::Regex).into_iter().collect()
    } else {
        let (from, to) = (fields.number("from"), fields.number("to"));
        if let (Some(low), Some(high), Some(node)) = (from, to, fields.get("to"))
            && low > high
        {
            report.problem(node.at, format!("`to` {high} must not lie below `from` {low}"));
        }
        vec![MappingMatch::Range(from, to)]
    };
    let (text, color) = (fields.text("text"), fields.color("color"));
    matches.into_iter().map(|when| Mapping { when, text: text.clone(), color }).collect()
}
