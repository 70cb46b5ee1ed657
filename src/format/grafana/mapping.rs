//! Thresholds and value mappings, of today and of older releases.

use super::colors::color;
use super::json::Json;
use super::node::Node;
use super::out::{Out, OutMap};
use crate::format::yaml::keys::MAPPINGS_LIMIT;

/// `thresholds: {mode, steps}`, or the bare list of version 6.
pub(super) fn thresholds(node: &Node<'_>, out: &mut OutMap) {
    let list = if node.is_list() { node.clone() } else { node.get("steps") };
    let mut steps: Vec<(f64, Out)> = Vec::new();
    for (index, step) in list.items().into_iter().enumerate() {
        let value = step.get("value");
        let at = if index == 0 && (value.is_null() || matches!(value.value, Json::Text(_))) {
            f64::NEG_INFINITY
        } else {
            match value.number() {
                Some(at) => at,
                None if index == 0 => f64::NEG_INFINITY,
                None => {
                    value.note("threshold", "a threshold without a value is left out");
                    continue;
                }
            }
        };
        let name = match step.get("color").text().map(color) {
            Some(Ok(Some(name))) => name,
            Some(Err(error)) => {
                step.get("color").note("color", error);
                continue;
            }
            // No colour: the values below the next step have none.
            Some(Ok(None)) if index == 0 => continue,
            _ => {
                step.note("color", "a threshold without a colour is left out");
                continue;
            }
        };
        let mut entry = OutMap::default();
        if at.is_finite() {
            entry.set_number("at", at);
        }
        entry.set_text("color", name);
        steps.push((at, Out::Map(entry)));
    }
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Of steps at one value Grafana shows the last.
    let mut unique: Vec<(f64, Out)> = Vec::new();
    for step in steps {
        match unique.last_mut() {
            Some(before) if before.0 >= step.0 => *before = step,
            _ => unique.push(step),
        }
    }
    if unique.is_empty() {
        return;
    }
    out.set("thresholds", Out::List(unique.into_iter().map(|(_, step)| step).collect()));
    if node.is_map() && node.get("mode").text() == Some("percentage") {
        out.set_text("thresholds_mode", "percent");
    }
}

/// `mappings: [..]`, written as today or as before version 8.
pub(super) fn mappings(node: &Node<'_>) -> Vec<Out> {
    let mut outs = Vec::new();
    for one in node.items() {
        let kind = one.get("type");
        match kind.value {
            Json::Text(_) => today(&one, &mut outs),
            Json::Number(number) => {
                before_8(
                    &one,
                    if number.total_cmp(&2.0).is_eq() { Old::Range } else { Old::Value },
                    &mut outs,
                );
            }
            _ => before_8(&one, if one.get("from").is_null() { Old::Value } else { Old::Range }, &mut outs),
        }
    }
    outs
}

fn today(one: &Node<'_>, outs: &mut Vec<Out>) {
    let options = one.get("options");
    match one.get("type").text() {
        Some("value") => {
            let mut values = options.entries();
            values.sort_by(|a, b| {
                let index = |node: &Node<'_>| node.get("index").number().unwrap_or(0.0);
                index(&a.1).total_cmp(&index(&b.1))
            });
            for (value, result) in values {
                let mut out = OutMap::default();
                set_value(&mut out, value);
                push(out, &result, outs);
            }
        }
        Some("range") => {
            let mut out = OutMap::default();
            let (from, to) = (options.get("from").number(), options.get("to").number());
            set_range(&options, out_range(&mut out, from, to), out, &options.get("result"), outs);
        }
        Some("special") => {
            let special = match options.get("match").word().as_deref() {
                Some("null") | None => "null",
                Some("nan") => "nan",
                Some("null+nan") => "null+nan",
                Some("true") => "true",
                Some("false") => "false",
                Some("empty") => "empty",
                Some(other) => {
                    options.get("match").note("mapping", format!("the special value `{other}` is not known"));
                    return;
                }
            };
            let mut out = OutMap::default();
            out.set_plain("special", special);
            push(out, &options.get("result"), outs);
        }
        Some("regex") => {
            if let Some(pattern) = options.get("pattern").filled() {
                // Those beyond the limit are left out in any case.
                if outs.len() <= MAPPINGS_LIMIT && !super::conform::is_text_pattern(pattern) {
                    options
                        .get("pattern")
                        .note("mapping", "the pattern cannot be read; the mapping is left out");
                    return;
                }
                let mut out = OutMap::default();
                out.set_text("regex", pattern);
                push(out, &options.get("result"), outs);
            }
        }
        Some(other) => one.note("mapping", format!("mappings of type `{other}` have no equivalent")),
        None => {}
    }
}

fn out_range(out: &mut OutMap, from: Option<f64>, to: Option<f64>) -> bool {
    if let Some(from) = from {
        out.set_number("from", from);
    }
    if let Some(to) = to {
        out.set_number("to", to);
    }
    !matches!((from, to), (Some(from), Some(to)) if from > to)
}

fn set_range(node: &Node<'_>, is_sound: bool, mut out: OutMap, result: &Node<'_>, outs: &mut Vec<Out>) {
    if !is_sound {
        node.note("mapping", "a range that ends below its start matches nothing and is left out");
        return;
    }
    if out.entries.is_empty() {
        // Open at both ends: every number.
        out.set_number("from", f64::MIN);
    }
    push(out, result, outs);
}

/// A mapping with what it shows, unless that is nothing.
fn push(mut out: OutMap, result: &Node<'_>, outs: &mut Vec<Out>) {
    if let Some(text) = result.get("text").word() {
        out.set_text("text", text);
    }
    match result.get("color").text().map(color) {
        Some(Ok(Some(name))) => out.set_text("color", name),
        Some(Err(error)) => result.get("color").note("color", error),
        _ => {}
    }
    if result.get("icon").says_something() {
        result.get("icon").note("ignored-option", "icons of mappings are left out");
    }
    if out.get("text").is_some() || out.get("color").is_some() {
        outs.push(Out::Map(out));
    }
}

#[derive(Clone, Copy)]
enum Old {
    Value,
    Range,
}

/// `{op, value, text, type: 1}` and `{from, to, text, type: 2}`.
fn before_8(one: &Node<'_>, kind: Old, outs: &mut Vec<Out>) {
    let mut out = OutMap::default();
    match kind {
        Old::Value => {
            let Some(value) = one.get("value").word() else { return };
            if value == "null" {
                out.set_plain("special", "null");
            } else {
                set_value(&mut out, &value);
            }
            push(out, one, outs);
        }
        Old::Range => {
            let is_null = |node: Node<'_>| matches!(node.value, Json::Text(text) if text == "null");
            if is_null(one.get("from")) && is_null(one.get("to")) {
                out.set_plain("special", "null");
                push(out, one, outs);
                return;
            }
            let (from, to) = (one.get("from").number(), one.get("to").number());
            let is_sound = out_range(&mut out, from, to);
            set_range(one, is_sound, out, one, outs);
        }
    }
}

/// `valueMaps` and `rangeMaps` of a singlestat, of which `mappingType` names the one in use.
pub(super) fn singlestat(panel: &Node<'_>) -> Vec<Out> {
    let mut outs = Vec::new();
    if panel.get("mappingType").number() == Some(2.0) {
        for one in panel.get("rangeMaps").items() {
            before_8(&one, Old::Range, &mut outs);
        }
    } else {
        for one in panel.get("valueMaps").items() {
            before_8(&one, Old::Value, &mut outs);
        }
    }
    outs
}

/// A value as the format tells numbers from texts: by how it is written.
fn set_value(out: &mut OutMap, value: &str) {
    let is_number = value.parse::<f64>().is_ok_and(f64::is_finite)
        && value.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && value.ends_with(|c: char| c.is_ascii_digit());
    if is_number { out.set_plain("value", value) } else { out.set_text("value", value) }
}
