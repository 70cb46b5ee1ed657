//! The options on a panel's values: unit, range, thresholds, mappings.

use super::keys::{self, Support};
use super::tree::{Node, Value};
use super::validate::Report;
use super::value::{self, Fields};
use crate::field::overrides::{FieldPatch, Override, SeriesMatch};
use crate::field::{
    Align, AxisScale, AxisSide, CellMode, Draw, FieldOptions, Gaps, Interpolation, Mapping, MappingMatch,
    Stack, TextPattern, ThresholdStep, Thresholds, ThresholdsStyle,
};
use crate::panel::PanelKind;
use crate::unit::Unit;

/// The options of all series of a panel.
pub(super) fn options(fields: &Fields<'_>, report: &mut Report) -> FieldOptions {
    let mut options = FieldOptions::default();
    patch(fields, report).apply(&mut options);
    options.reduce = fields.reduce("reduce").unwrap_or_default();
    options
}

/// The options that a map says.
fn patch(fields: &Fields<'_>, report: &mut Report) -> FieldPatch {
    let (min, max) = (fields.number("min"), fields.number("max"));
    if let (Some(low), Some(high), Some(node)) = (min, max, fields.get("max"))
        && low >= high
    {
        report.problem(node.at, format!("`max` {high} must lie above `min` {low}"));
    }
    let (soft_min, soft_max) = (fields.number("soft_min"), fields.number("soft_max"));
    if let (Some(low), Some(high), Some(node)) = (soft_min, soft_max, fields.get("soft_max"))
        && low >= high
    {
        report.problem(node.at, format!("`soft_max` {high} must lie above `soft_min` {low}"));
    }
    let word = |name| fields.get(name).and_then(value::text);
    FieldPatch {
        unit: fields.text("unit").map(|id| Unit::new(&id)),
        decimals: fields.integer("decimals").map(|digits| digits as u8),
        min,
        max,
        no_value: fields.text("no_value"),
        thresholds: fields.entry("thresholds").map(|_| Thresholds {
            steps: thresholds(fields.items("thresholds"), report),
            percent: word("thresholds_mode") == Some("percent"),
        }),
        mappings: fields
            .entry("mappings")
            .map(|_| fields.items("mappings").iter().flat_map(|node| mappings(node, report)).collect()),
        display_name: fields.text("display_name"),
        color: fields.get("color").and_then(value::series_color),
        draw: word("draw").map(|draw| match draw {
            "bars" => Draw::Bars,
            "points" => Draw::Points,
            _ => Draw::Lines,
        }),
        fill: fields.flag("fill"),
        stack: word("stack").map(|stack| match stack {
            "normal" => Stack::Normal,
            "percent" => Stack::Percent,
            _ => Stack::None,
        }),
        gaps: word("gaps").map(|gaps| if gaps == "connect" { Gaps::Connect } else { Gaps::Show }),
        soft_min,
        soft_max,
        axis: fields.get("axis").and_then(axis),
        axis_label: fields.text("axis_label").map(|label| label.trim().to_owned()),
        negative_y: fields.flag("negative_y"),
        scale: word("log").map(|log| match log {
            "2" => AxisScale::Log2,
            "10" => AxisScale::Log10,
            "off" => AxisScale::Linear,
            _ => AxisScale::Symlog,
        }),
        interpolation: word("interpolation").map(|interpolation| match interpolation {
            "step-after" => Interpolation::StepAfter,
            "step-before" => Interpolation::StepBefore,
            _ => Interpolation::Linear,
        }),
        thresholds_style: word("thresholds_style").map(|style| match style {
            "line" => ThresholdsStyle::Line,
            "area" => ThresholdsStyle::Area,
            "line+area" => ThresholdsStyle::LineAndArea,
            _ => ThresholdsStyle::Off,
        }),
        column_width: fields.integer("column_width").map(|cells| cells as u16),
        align: word("align").map(|align| match align {
            "center" => Align::Center,
            "right" => Align::Right,
            _ => Align::Left,
        }),
        cell: word("cell").map(|cell| match cell {
            "text" => CellMode::Text,
            "background" => CellMode::Background,
            "bar" => CellMode::Bar,
            _ => CellMode::Color,
        }),
        hidden: if fields.knows("hidden") { fields.flag("hidden") } else { None },
    }
}

/// The axis that a panel, a query or an override names.
pub(super) fn axis(node: &Node) -> Option<AxisSide> {
    value::text(node).map(|side| if side == "right" { AxisSide::Right } else { AxisSide::Left })
}

/// The overrides of a panel that reads `options`.
pub(super) fn overrides(nodes: &[Node], kind: &PanelKind, report: &mut Report) -> Vec<Override> {
    nodes.iter().filter_map(|node| one_override(node, kind, report)).collect()
}

fn one_override(node: &Node, kind: &PanelKind, report: &mut Report) -> Option<Override> {
    let fields = Fields::new(node, &keys::OVERRIDE);
    let ways = keys::OVERRIDE_MATCHERS.iter().filter(|way| fields.entry(way).is_some()).count();
    if ways != 1 {
        report.problem(
            node.at,
            "an override picks its series in one way: `name`, `names`, `except`, `regex` or `query`",
        );
        return None;
    }
    if fields.entries.len() == ways {
        report.problem(node.at, "an override needs an option besides the series that it is for");
    }
    for entry in fields.entries {
        let by_type = keys::PANEL.key(&entry.key).is_some_and(|key| key.support == Support::ByType);
        if by_type && !kind.options.contains(&entry.key.as_str()) {
            report.problem(entry.key_at, format!("`{}` does not apply to a {} panel", entry.key, kind.name));
        }
    }
    let names = |name| fields.items(name).iter().filter_map(value::text).map(str::to_owned).collect();
    let when = if let Some(name) = fields.text("name") {
        SeriesMatch::Name(name)
    } else if let Some(query) = fields.text("query") {
        SeriesMatch::Query(query)
    } else if fields.entry("names").is_some() {
        SeriesMatch::Names(names("names"), false)
    } else if fields.entry("except").is_some() {
        SeriesMatch::Names(names("except"), true)
    } else {
        SeriesMatch::Pattern(fields.get("regex").and_then(value::regex)?.ok()?)
    };
    Some(Override { when, set: patch(&fields, report) })
}

fn thresholds(nodes: &[Node], report: &mut Report) -> Vec<ThresholdStep> {
    let mut steps: Vec<ThresholdStep> = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let fields = Fields::new(node, &keys::THRESHOLD);
        let at = match (fields.entry("at"), fields.number("at")) {
            (None, _) if index == 0 => f64::NEG_INFINITY,
            // What is no map is reported already.
            (None, _) if !matches!(node.value, Value::Map(_)) => continue,
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
