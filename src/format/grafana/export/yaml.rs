//! The tree of a YAML file as the map that an import would write, comments above rows, panels and variables included.

use serde_json::{Map, Number, Value};

use super::super::out::{Out, OutMap};
use super::super::own::ORDER;
use crate::format::yaml::tree::{Node, ScalarKind, Value as YamlValue};

/// A map with short ways to its values.
#[derive(Clone, Copy)]
pub(super) struct Yaml<'a>(pub(super) &'a OutMap);

impl<'a> Yaml<'a> {
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some()
    }

    /// A scalar as it is written.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(scalar)
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.text(key)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.text(key).as_deref() == Some("true")
    }

    pub(super) fn list(&self, key: &str) -> &'a [Out] {
        match self.0.get(key) {
            Some(Out::List(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(scalar).collect()
    }

    pub(super) fn map(&self, key: &str) -> Option<&'a OutMap> {
        self.0.get(key).and_then(Out::as_map)
    }

    pub(super) fn maps(&self, key: &str) -> Vec<&'a OutMap> {
        self.list(key).iter().filter_map(Out::as_map).collect()
    }
}

/// A scalar as it is written.
pub(super) fn scalar(out: &Out) -> Option<String> {
    match out {
        Out::Text(text) | Out::Plain(text) => Some(text.clone()),
        _ => None,
    }
}

/// The map that the root of a file is; `source` is its text.
pub(super) fn map_of(root: &Node, source: &str) -> OutMap {
    let lines: Vec<&str> = source.lines().collect();
    let mut map = match out(root, &lines) {
        Out::Map(map) => map,
        _ => OutMap::default(),
    };
    let head =
        lines.iter().map(|line| line.trim()).take_while(|line| line.is_empty() || line.starts_with('#'));
    map.comments = head
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned())
        .filter(|line| !line.starts_with("yaml-language-server"))
        .collect();
    map
}

fn out(node: &Node, lines: &[&str]) -> Out {
    match &node.value {
        YamlValue::Scalar(scalar) => match scalar.kind {
            ScalarKind::Text => Out::Text(scalar.text.clone()),
            ScalarKind::Null => Out::Plain("null".to_owned()),
            _ => Out::Plain(scalar.text.clone()),
        },
        YamlValue::List(items) => Out::List(
            items
                .iter()
                .map(|item| {
                    let mut item_out = out(item, lines);
                    if let Out::Map(map) = &mut item_out {
                        map.comments = above(lines, item.at.line as usize);
                    }
                    item_out
                })
                .collect(),
        ),
        YamlValue::Map(entries) => Out::Map(OutMap {
            entries: entries.iter().map(|entry| (entry.key.clone(), out(&entry.node, lines))).collect(),
            ..OutMap::default()
        }),
    }
}

/// The lines of comment right above line `line`, which begins an entry of a list.
fn above(lines: &[&str], line: usize) -> Vec<String> {
    let begins =
        |line: usize| lines.get(line.wrapping_sub(1)).is_some_and(|line| line.trim_start().starts_with("- "));
    if !begins(line) {
        return Vec::new();
    }
    let mut comments: Vec<String> = lines[..line - 1]
        .iter()
        .rev()
        .map_while(|line| line.trim().strip_prefix('#'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned())
        .collect();
    comments.reverse();
    comments
}

/// Whether two values mean the same: maps in any order, scalars by what is written.
pub(super) fn is_same(one: &Out, other: &Out) -> bool {
    match (one, other) {
        (Out::List(one), Out::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Out::Map(one), Out::Map(other)) => {
            one.entries.len() == other.entries.len()
                && one
                    .entries
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        // A map without options and the flag that it stands for.
        (Out::Map(map), Out::Plain(word)) => map.entries.is_empty() && word == "true",
        (Out::Text(one) | Out::Plain(one), Out::Text(other) | Out::Plain(other)) => {
            one == other
                || matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if one.total_cmp(&other).is_eq())
        }
        _ => false,
    }
}

/// A value as JSON.
pub(super) fn json(out: &Out) -> Value {
    match out {
        Out::Text(text) => Value::from(text.as_str()),
        Out::Plain(text) => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            "null" => Value::Null,
            text => {
                let whole = text.parse::<i64>().ok().map(Value::from);
                let number = || text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number);
                whole.or_else(number).unwrap_or_else(|| Value::from(text))
            }
        },
        Out::List(items) => items.iter().map(json).collect(),
        Out::Map(map) => {
            let mut entries: Map<_, _> =
                map.entries.iter().map(|(key, value)| (key.clone(), json(value))).collect();
            if !map.entries.iter().is_sorted_by_key(|(key, _)| key) {
                // JSON is written by name.
                let order = map.entries.iter().map(|(key, _)| Value::from(key.as_str()));
                entries.insert(ORDER.to_owned(), order.collect());
            }
            Value::Object(entries)
        }
    }
}
