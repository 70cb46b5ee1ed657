//! What an export says in our own words, under the key `promscope`: read back as it was written.

use std::collections::HashMap;

use super::json::Json;
use super::node::Node;
use super::out::{Out, OutMap};

/// The key under which a map has its other keys in their order, where that is not the one of their names.
pub(super) const ORDER: &str = "$order";

/// Applies what `node` has under `promscope` to `out`.
pub(super) fn apply(node: &Node<'_>, out: &mut OutMap) {
    let own = node.get("promscope");
    if !own.is_map() {
        return;
    }
    for key in own.get("drop").items_or_none() {
        if let Some(key) = key.value_text() {
            out.remove(key);
        }
    }
    if own.get("set").is_map() {
        for (key, value) in own.get("set").entries() {
            out.set(key, read(value.value));
        }
    }
    if own.get("flow").value_flag() {
        out.set_plain("flow", true);
    }
    let comments = comments(&own.get("comments"));
    if !comments.is_empty() {
        out.comments = comments;
    }
}

/// Whether the dashboard was written without `key`, which an import would find.
pub(super) fn drops(node: &Node<'_>, key: &str) -> bool {
    node.get("promscope").get("drop").items_or_none().iter().any(|dropped| dropped.value_text() == Some(key))
}

/// Lines of comment.
pub(super) fn comments(node: &Node<'_>) -> Vec<String> {
    node.items_or_none().iter().filter_map(Node::value_text).map(str::to_owned).collect()
}

fn read(json: &Json) -> Out {
    match json {
        Json::Null => Out::plain("null"),
        Json::Flag(flag) => Out::plain(flag),
        Json::Number(number) => Out::number(*number),
        Json::Text(text) => Out::plain_or_text(text),
        Json::List(items) => Out::List(items.iter().map(read).collect()),
        Json::Map(entries) => {
            let order: HashMap<&str, usize> = match entries.iter().find(|(key, _)| key == ORDER) {
                Some((_, Json::List(keys))) => {
                    keys.iter().filter_map(word).enumerate().map(|(place, key)| (key, place)).collect()
                }
                _ => HashMap::new(),
            };
            let mut map = OutMap {
                entries: entries
                    .iter()
                    .filter(|(key, _)| key != ORDER)
                    .map(|(key, value)| (key.clone(), read(value)))
                    .collect(),
                ..OutMap::default()
            };
            map.entries.sort_by_key(|(key, _)| order.get(key.as_str()).copied().unwrap_or(order.len()));
            Out::Map(map)
        }
    }
}

fn word(json: &Json) -> Option<&str> {
    match json {
        Json::Text(text) => Some(text),
        _ => None,
    }
}
