//! Transformations to `transforms`.

use std::collections::HashMap;

use super::json::Json;
use super::node::Node;
use super::out::{Out, OutMap};
use crate::reduce::Reduce;
use crate::transform::{UnaryOp, WindowCalc};

/// A transformation as any of Grafana's schemas has it.
pub(super) struct Transformation<'j> {
    pub(super) id: &'j str,
    pub(super) node: Node<'j>,
    pub(super) options: Node<'j>,
    pub(super) disabled: bool,
}

/// The list of `transforms`.
pub(super) fn transforms(list: &[Transformation<'_>]) -> Vec<Out> {
    let mut outs = Vec::new();
    for one in list {
        if one.disabled {
            one.node.note(
                "ignored-option",
                format!("the transformation `{}` is turned off and left out", one.id),
            );
            continue;
        }
        let options = &one.options;
        for part in ["filter", "topic"] {
            let places = [one.node.get(part), one.node.dig(&["spec", part])];
            if let Some(place) = places.iter().find(|place| place.says_something()) {
                let says = format!(
                    "`{part}` of the transformation `{}` has no equivalent: it is for all answers",
                    one.id
                );
                place.note("unsupported-transform", says);
            }
        }
        let value = match one.id {
            "merge" => Some(Out::text("merge")),
            "organize" => organize(options),
            "filterFieldsByName" => filter(options),
            "groupBy" => group_by(options),
            "labelsToFields" => Some(labels_to_fields(options)),
            "joinByField" | "seriesToColumns" => Some(join(options)),
            "calculateField" => calculate(options),
            "sortBy" => sort(options),
            "renameByRegex" => rename(options),
            "reduce" => Some(reduce(options)),
            "limit" => Some(single(
                "limit",
                Out::plain(options.get("limitField").number().unwrap_or(10.0).clamp(0.0, 1e6)),
            )),
            other => {
                one.node.note(
                    "unsupported-transform",
                    format!("the transformation `{other}` has no equivalent and is left out"),
                );
                None
            }
        };
        outs.extend(value);
    }
    outs
}

fn single(name: &str, value: Out) -> Out {
    Out::Map(OutMap { entries: vec![(name.to_owned(), value)], ..OutMap::default() })
}

/// A transform with a map of options; one without any is a word.
fn with_options(name: &str, options: OutMap) -> Out {
    if options.entries.is_empty() { Out::text(name) } else { single(name, Out::Map(options)) }
}

fn organize(options: &Node<'_>) -> Option<Out> {
    let mut out = OutMap::default();
    let chosen = |key| {
        let mut names: Vec<&str> = options
            .get(key)
            .entries_or_none()
            .into_iter()
            .filter(|(_, value)| value.flag())
            .map(|(name, _)| name)
            .collect();
        // A set: in one order, however the file was written.
        names.sort_unstable();
        names
    };
    for (key, ours) in [("includeByName", "include"), ("excludeByName", "exclude")] {
        let names = chosen(key);
        if !names.is_empty() {
            out.set(ours, Out::texts(names));
        }
    }
    if options.dig(&["orderByMode"]).value_text() == Some("auto") {
        options.get("orderByMode").note("ignored-option", "columns are ordered by hand only");
    }
    let mut order: Vec<(f64, &str)> = options
        .get("indexByName")
        .entries_or_none()
        .into_iter()
        .filter_map(|(name, index)| Some((index.number()?, name)))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    if !order.is_empty() {
        out.set("order", Out::texts(order.iter().map(|(_, name)| *name)));
    }
    let mut renames: Vec<(String, Out)> = options
        .get("renameByName")
        .entries_or_none()
        .into_iter()
        .filter_map(|(name, to)| Some((name.to_owned(), Out::text(to.filled()?))))
        .filter(|(name, to)| !matches!(to, Out::Text(to) if to == name))
        .collect();
    // In the order of the columns, so that it does not depend on how the file was written.
    let places: HashMap<&str, usize> =
        order.iter().enumerate().map(|(place, (_, name))| (*name, place)).collect();
    let place = |name: &str| places.get(name).copied().unwrap_or(order.len());
    renames.sort_by(|a, b| place(&a.0).cmp(&place(&b.0)).then_with(|| a.0.cmp(&b.0)));
    if !renames.is_empty() {
        out.set("rename", Out::Map(OutMap { entries: renames, ..OutMap::default() }));
    }
    (!out.entries.is_empty()).then(|| single("organize", Out::Map(out)))
}

fn filter(options: &Node<'_>) -> Option<Out> {
    let mut out = OutMap::default();
    for key in ["include", "exclude"] {
        let side = options.get(key);
        let names: Vec<&str> = side.get("names").items_or_none().iter().filter_map(Node::filled).collect();
        let pattern = side.get("pattern").filled();
        if side.get("variable").says_something() {
            side.get("variable").note("ignored-option", "fields cannot be picked by a variable");
        }
        match (pattern, names.is_empty()) {
            (Some(pattern), true) => out.set_text(key, pattern),
            (None, false) => out.set(key, Out::texts(names)),
            // Grafana takes a field that either of the two picks.
            (Some(pattern), false) => {
                let names = names.into_iter().map(regex::escape).collect::<Vec<_>>().join("|");
                out.set_text(key, format!("^(?:{names})$|{}", bare(pattern)));
            }
            (None, true) => {}
        }
    }
    (!out.entries.is_empty()).then(|| single("filter", Out::Map(out)))
}

/// A pattern without Grafana's slashes.
fn bare(pattern: &str) -> &str {
    pattern.strip_prefix('/').and_then(|pattern| pattern.strip_suffix('/')).unwrap_or(pattern)
}

/// Names of figures that this version knows; others are notes.
pub(super) fn calcs(node: &Node<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for item in node.items_or_none() {
        let Some(id) = item.filled() else { continue };
        match calc(id) {
            Some(name) if !names.contains(&name) => names.push(name),
            Some(_) => {}
            None => item.note("calc", format!("the figure `{id}` is not known and left out")),
        }
    }
    names
}

/// Our name of one of Grafana's figures.
pub(super) fn calc(id: &str) -> Option<String> {
    Reduce::parse(id).map(Reduce::name)
}

fn group_by(options: &Node<'_>) -> Option<Out> {
    let mut by = Vec::new();
    let mut figures = Vec::new();
    for (name, field) in options.get("fields").entries_or_none() {
        match field.get("operation").text() {
            Some("groupby") => by.push(name),
            Some("aggregate") => {
                let names = calcs(&field.get("aggregations"));
                if !names.is_empty() {
                    figures.push((name.to_owned(), Out::texts(names)));
                }
            }
            _ => {}
        }
    }
    if by.is_empty() {
        return None;
    }
    let mut out = OutMap::default();
    out.set("by", Out::texts(by));
    figures.sort_by(|a: &(String, Out), b| a.0.cmp(&b.0));
    if !figures.is_empty() {
        out.set("calcs", Out::Map(OutMap { entries: figures, ..OutMap::default() }));
    }
    Some(single("group_by", Out::Map(out)))
}

fn labels_to_fields(options: &Node<'_>) -> Out {
    let mut out = OutMap::default();
    let keep: Vec<&str> = options.get("keepLabels").items_or_none().iter().filter_map(Node::filled).collect();
    if !keep.is_empty() {
        out.set("keep", Out::texts(keep));
    }
    if options.get("mode").text() == Some("rows") {
        out.set_text("mode", "rows");
    }
    if let Some(label) = options.get("valueLabel").filled() {
        out.set_text("value_label", label);
    }
    with_options("labels_to_fields", out)
}

fn join(options: &Node<'_>) -> Out {
    let mut out = OutMap::default();
    if let Some(field) = options.get("byField").filled() {
        out.set_text("by", field);
    }
    match options.get("mode").text() {
        Some("inner") => out.set_text("mode", "inner"),
        Some("outerTabular") => out.set_text("mode", "outer-tabular"),
        Some(mode) if mode != "outer" => {
            options.get("mode").note("ignored-option", format!("tables are joined `outer`, not `{mode}`"));
        }
        _ => {}
    }
    with_options("join", out)
}

/// A side of a binary calculation: a field's name, or a number.
fn operand(node: &Node<'_>) -> Option<Out> {
    let node = match node.value {
        Json::Map(_) => {
            let matcher = node.get("matcher");
            if matcher.says_something() { matcher.get("options") } else { node.get("fixed") }
        }
        _ => node.clone(),
    };
    let word = node.word().filter(|word| !word.is_empty())?;
    Some(if word.parse::<f64>().is_ok_and(f64::is_finite) { Out::plain(word) } else { Out::text(word) })
}

fn calculate(options: &Node<'_>) -> Option<Out> {
    let mut out = OutMap::default();
    if let Some(alias) = options.get("alias").filled() {
        out.set_text("name", alias);
    }
    match options.get("mode").text().unwrap_or("reduceRow") {
        "binary" => {
            let binary = options.get("binary");
            let (Some(left), Some(right)) = (operand(&binary.get("left")), operand(&binary.get("right")))
            else {
                options.note("unsupported-transform", "a calculation needs two operands; it is left out");
                return None;
            };
            let operator = binary.get("operator").text().unwrap_or("+");
            out.set("left", left);
            out.set("op", Out::text(operator));
            out.set("right", right);
        }
        "reduceRow" => {
            let reducer = options.dig(&["reduce", "reducer"]).text().unwrap_or("sum");
            let Some(name) = calc(reducer) else {
                options.note(
                    "unsupported-transform",
                    format!("the figure `{reducer}` is not known; the calculation is left out"),
                );
                return None;
            };
            out.set_text("reduce", name);
            let fields: Vec<&str> =
                options.dig(&["reduce", "include"]).items_or_none().iter().filter_map(Node::filled).collect();
            if !fields.is_empty() {
                out.set("of", Out::texts(fields));
            }
        }
        "unary" => {
            let unary = options.get("unary");
            let op = unary.get("operator").text().unwrap_or("abs");
            let field = unary.get("fieldName").filled();
            let Some(field) = field.filter(|_| UnaryOp::parse(op).is_some()) else {
                let what = "a calculation needs a field and one of the operators";
                let names = UnaryOp::NAMES.join(", ");
                options.note("unsupported-transform", format!("{what} {names}; it is left out"));
                return None;
            };
            out.set_text("unary", op);
            out.set_text("field", field);
        }
        "windowFunctions" => {
            let window = options.get("window");
            let calc = window.get("reducer").text().unwrap_or("mean").to_lowercase();
            if WindowCalc::parse(&calc).is_none() {
                options.note(
                    "unsupported-transform",
                    format!("windows have no figure `{calc}`; the calculation is left out"),
                );
                return None;
            }
            out.set_text("window", &calc);
            if let Some(field) = window.get("field").filled() {
                out.set_text("field", field);
            }
            if let Some(size) = window.get("windowSize").number_or_none() {
                let is_fixed = window.get("windowSizeMode").text() == Some("fixed");
                let size = if is_fixed { size.to_string() } else { format!("{}%", size * 100.0) };
                out.set_text("size", &size);
            }
            if window.get("windowAlignment").text() == Some("centered") {
                out.set_text("align", "centered");
            }
        }
        "cumulativeFunctions" => {
            let cumulative = options.get("cumulative");
            let calc = cumulative.get("reducer").text().unwrap_or("sum");
            if !matches!(calc, "sum" | "mean") {
                options.note(
                    "unsupported-transform",
                    format!("there is no cumulative `{calc}`; the calculation is left out"),
                );
                return None;
            }
            out.set_text("cumulative", calc);
            if let Some(field) = cumulative.get("field").filled() {
                out.set_text("field", field);
            }
        }
        mode => {
            options.note(
                "unsupported-transform",
                format!("calculations of mode `{mode}` have no equivalent; this one is left out"),
            );
            return None;
        }
    }
    if options.get("replaceFields").flag() {
        out.set_plain("replace", true);
    }
    Some(single("calculate", Out::Map(out)))
}

fn sort(options: &Node<'_>) -> Option<Out> {
    let list = options.get("sort").items_or_none();
    let first = list.first()?;
    if let Some(second) = list.get(1) {
        second.note("ignored-option", "rows are sorted by one field");
    }
    let field = first.get("field").filled()?;
    let sign = if first.get("desc").flag() { "-" } else { "" };
    Some(single("sort", Out::text(format!("{sign}{field}"))))
}

fn rename(options: &Node<'_>) -> Option<Out> {
    let mut out = OutMap::default();
    out.set_text("regex", options.get("regex").filled()?);
    out.set_text("to", options.get("renamePattern").text().unwrap_or_default());
    Some(single("rename", Out::Map(out)))
}

/// A table of figures, one row a series.
pub(super) fn reduce_to(figures: Vec<String>) -> Out {
    let mut out = OutMap::default();
    out.set("calcs", Out::texts(figures));
    single("reduce", Out::Map(out))
}

fn reduce(options: &Node<'_>) -> Out {
    let mut out = OutMap::default();
    let names = calcs(&options.get("reducers"));
    if !names.is_empty() {
        out.set("calcs", Out::texts(names));
    }
    if options.get("mode").text() == Some("reduceFields") {
        out.set_text("mode", "fields");
    }
    if options.get("labelsToFields").flag() {
        out.set_plain("labels", true);
    }
    with_options("reduce", out)
}
