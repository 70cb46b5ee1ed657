//! The transforms of a panel.

use super::keys::transform as keys;
use super::tree::{Node, Value};
use super::validate::Report;
use super::value::{self, Fields};
use crate::field::TextPattern;
use crate::transform::{
    Calc, Calculate, Calculation, FieldMatch, Filter, GroupBy, Join, JoinMode, LabelsToFields, Op, Organize,
    Reduce, Rename, Sort, Transform, UnaryOp, Window, WindowCalc, WindowSize,
};

/// Of a window whose size is not said, as in Grafana.
const WINDOW_SIZE: WindowSize = WindowSize::Part(0.1);

/// All of a panel's transforms, in their order.
pub(super) fn transforms(nodes: &[Node], report: &mut Report) -> Vec<Transform> {
    nodes.iter().filter_map(|node| transform(node, report)).collect()
}

fn transform(node: &Node, report: &mut Report) -> Option<Transform> {
    if let Some(word) = value::text(node) {
        return match word {
            "merge" => Some(Transform::Merge),
            "labels_to_fields" => Some(Transform::LabelsToFields(LabelsToFields::default())),
            "join" => Some(Transform::Join(Join::default())),
            _ => None,
        };
    }
    let fields = Fields::new(node, &keys::TRANSFORM);
    let [entry] = fields.entries else {
        let count = fields.entries.len();
        report.problem(
            node.at,
            format!("a transform has one key, and this one has {count}; make each an entry of its own"),
        );
        return None;
    };
    let node = &entry.node;
    Some(match entry.key.as_str() {
        "organize" => Transform::Organize(organize(&Fields::new(node, &keys::ORGANIZE))),
        "merge" => {
            if fields.flag("merge") == Some(false) {
                report.problem(node.at, "`merge` cannot be switched off; remove it");
            }
            Transform::Merge
        }
        "filter" => Transform::Filter(filter(node, report)?),
        "group_by" => Transform::GroupBy(group_by(&Fields::new(node, &keys::GROUP_BY))),
        "labels_to_fields" => {
            let fields = Fields::new(node, &keys::LABELS_TO_FIELDS);
            Transform::LabelsToFields(LabelsToFields {
                keep: names(&fields, "keep"),
                rows: fields.get("mode").and_then(value::text) == Some("rows"),
                value_label: fields.text("value_label"),
            })
        }
        "join" => {
            let fields = Fields::new(node, &keys::JOIN);
            let mode = match fields.get("mode").and_then(value::text) {
                Some("inner") => JoinMode::Inner,
                Some("outer-tabular") => JoinMode::OuterTabular,
                _ => JoinMode::Outer,
            };
            Transform::Join(Join { by: fields.text("by"), mode })
        }
        "calculate" => Transform::Calculate(calculate(node, report)?),
        "sort" => {
            let field = fields.text("sort")?;
            let (field, descending) = match field.strip_prefix('-') {
                Some(field) => (field.trim_start().to_owned(), true),
                None => (field, false),
            };
            Transform::Sort(Sort { field, descending })
        }
        "rename" => {
            let fields = Fields::new(node, &keys::RENAME);
            Transform::Rename(Rename {
                regex: pattern(fields.get("regex")?, "regex", report)?,
                to: fields.text("to")?,
            })
        }
        "reduce" => {
            let fields = Fields::new(node, &keys::REDUCE);
            Transform::Reduce(Reduce {
                calcs: calcs(fields.items("calcs")),
                fields: fields.get("mode").and_then(value::text) == Some("fields"),
                labels: fields.flag("labels").unwrap_or(false),
            })
        }
        "limit" => Transform::Limit(fields.integer("limit")? as usize),
        _ => return None,
    })
}

fn names(fields: &Fields<'_>, name: &str) -> Vec<String> {
    fields.items(name).iter().filter_map(value::text).map(str::to_owned).collect()
}

fn calcs(nodes: &[Node]) -> Vec<Calc> {
    nodes.iter().filter_map(value::text).filter_map(Calc::parse).collect()
}

fn pattern(node: &Node, key: &str, report: &mut Report) -> Option<TextPattern> {
    let pattern = TextPattern::new(value::text(node)?);
    if let Err(error) = &pattern {
        report.problem(node.at, format!("`{key}`: {error}"));
    }
    pattern.ok()
}

fn organize(fields: &Fields<'_>) -> Organize {
    let rename = fields.get("rename").map(value::entries).unwrap_or_default();
    let renamed =
        rename.iter().filter_map(|entry| Some((entry.key.clone(), value::text(&entry.node)?.to_owned())));
    Organize {
        include: names(fields, "include"),
        exclude: names(fields, "exclude"),
        order: names(fields, "order"),
        rename: renamed.collect(),
    }
}

fn filter(node: &Node, report: &mut Report) -> Option<Filter> {
    let fields = Fields::new(node, &keys::FILTER);
    if fields.entries.is_empty() {
        report.problem(node.at, "a filter needs `include`, `exclude` or both");
        return None;
    }
    let mut matcher = |name| match fields.get(name)? {
        Node { value: Value::List(_), .. } => Some(FieldMatch::Names(names(&fields, name))),
        node => pattern(node, name, report).map(FieldMatch::Pattern),
    };
    Some(Filter { include: matcher("include"), exclude: matcher("exclude") })
}

fn group_by(fields: &Fields<'_>) -> GroupBy {
    let by_field = fields.get("calcs").map(value::entries).unwrap_or_default();
    GroupBy {
        by: names(fields, "by"),
        calcs: by_field.iter().map(|entry| (entry.key.clone(), calcs(value::items(&entry.node)))).collect(),
    }
}

fn calculate(node: &Node, report: &mut Report) -> Option<Calculate> {
    let fields = Fields::new(node, &keys::CALCULATE);
    let has = |name: &str| fields.entry(name).is_some();
    let is_binary = has("left") || has("op") || has("right");
    let ways = [is_binary, has("reduce"), has("unary"), has("window"), has("cumulative")];
    if ways.iter().filter(|is_there| **is_there).count() != 1 {
        let ways = "either `left`, `op` and `right`, or one of `reduce`, `unary`, `window` and `cumulative`";
        report.problem(node.at, format!("a calculation takes {ways}"));
        return None;
    }
    if has("field") && !(has("unary") || has("window") || has("cumulative")) {
        report.problem(node.at, "`field` belongs to a calculation with `unary`, `window` or `cumulative`");
    }
    if (has("size") || has("align")) && !has("window") {
        report.problem(node.at, "`size` and `align` belong to a calculation with `window`");
    }
    let word = |name: &str| fields.get(name).and_then(value::text);
    let how = if let Some(op) = word("unary").and_then(UnaryOp::parse) {
        let Some(field) = fields.text("field") else {
            report.problem(node.at, "a calculation with `unary` needs `field`");
            return None;
        };
        Calculation::Unary { op, field }
    } else if let Some(calc) = word("window").and_then(WindowCalc::parse) {
        let size = fields.text("size").map_or(Some(WINDOW_SIZE), |size| WindowSize::parse(&size));
        let Some(size) = size else {
            report.problem(node.at, "`size` is a number of rows, such as 5, or a part of them, such as 10%");
            return None;
        };
        let window = Window { calc, size, is_centered: word("align") == Some("centered") };
        Calculation::Window { window, field: fields.text("field") }
    } else if let Some(calc) = word("cumulative") {
        Calculation::Cumulative { is_mean: calc == "mean", field: fields.text("field") }
    } else if is_binary {
        if let Some(missing) = ["left", "op", "right"].into_iter().find(|name| !has(name)) {
            report.problem(node.at, format!("a calculation with two operands needs `{missing}`"));
            return None;
        }
        if has("of") {
            report.problem(node.at, "`of` belongs to a calculation with `reduce`");
        }
        let op = fields.get("op").and_then(value::text).and_then(Op::parse)?;
        Calculation::Binary { left: fields.text("left")?, op, right: fields.text("right")? }
    } else {
        let calc = fields.get("reduce").and_then(value::text).and_then(Calc::parse)?;
        Calculation::Reduce { calc, of: names(&fields, "of") }
    };
    Some(Calculate { name: fields.text("name"), how, replace: fields.flag("replace").unwrap_or(false) })
}
