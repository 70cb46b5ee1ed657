//! Typed reading of a YAML map: unknown keys and wrong kinds of values are faults with their place.

use std::collections::BTreeMap;

use super::duration::parse_duration_ms;
use super::nearest::nearest;
use super::yaml::{Entry, Fault, Node, Place, Value};

/// The keys that a map may have.
#[derive(Debug)]
pub(crate) struct Keys {
    /// What the map is, as `in {what}`.
    pub(crate) what: &'static str,
    /// Those that are read.
    pub(crate) known: &'static [&'static str],
    /// Those that Prometheus knows and this engine does not.
    pub(crate) unsupported: &'static [&'static str],
}

/// A map whose keys are all known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) at: Place,
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// Opens a map; nothing at all is an empty one.
    pub(crate) fn open(node: &'a Node, keys: &Keys) -> Result<Self, Fault> {
        let entries: &[Entry] = match &node.value {
            Value::Null => &[],
            Value::Map(entries) => entries,
            other => {
                let (what, found) = (keys.what, kind(other));
                return Err(Fault::new(
                    node.at,
                    format!("{what} is a map of keys and values; found {found}"),
                ));
            }
        };
        for entry in entries {
            if !keys.known.contains(&entry.key.as_str()) {
                return Err(Fault::new(entry.key_at, unknown(&entry.key, keys)));
            }
        }
        Ok(Self { at: node.at, entries })
    }

    /// The value of a key, unless it is missing or nothing.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).filter(|node| !matches!(node.value, Value::Null))
    }

    /// The value of a key, even if it is nothing.
    pub(crate) fn entry(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'a str>, Fault> {
        self.get(key).map(|node| text(node, key)).transpose()
    }

    /// A text with its place.
    pub(crate) fn text_at(&self, key: &str) -> Result<Option<(Place, &'a str)>, Fault> {
        self.get(key).map(|node| Ok((node.at, text(node, key)?))).transpose()
    }

    /// `true` or `false`, in any of YAML 1.1's spellings, which Prometheus takes.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Fault> {
        let Some(node) = self.entry(key) else { return Ok(None) };
        if let Value::Scalar { text, quoted: false } = &node.value {
            match text.as_str() {
                "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                    return Ok(Some(true));
                }
                "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                    return Ok(Some(false));
                }
                _ => {}
            }
        }
        let found = kind(&node.value);
        Err(Fault::new(node.at, format!("`{key}` is true or false; found {found}")))
    }

    /// A whole number from 0.
    pub(crate) fn whole(&self, key: &str) -> Result<Option<u64>, Fault> {
        let Some(node) = self.get(key) else { return Ok(None) };
        if let Value::Scalar { text, quoted: false } = &node.value
            && let Ok(number) = text.parse::<u64>()
        {
            return Ok(Some(number));
        }
        Err(Fault::new(node.at, format!("`{key}` is a whole number from 0")))
    }

    /// A duration; one of zero is as good as none, as in Prometheus.
    pub(crate) fn duration_ms(&self, key: &str) -> Result<Option<i64>, Fault> {
        let Some((at, text)) = self.text_at(key)? else { return Ok(None) };
        parse_duration_ms(text).map(Some).map_err(|message| Fault::new(at, format!("`{key}`: {message}")))
    }

    /// The items of a list, or none.
    pub(crate) fn items(&self, key: &str) -> Result<&'a [Node], Fault> {
        self.get(key).map_or(Ok(&[]), |node| items(node, key))
    }

    /// A list of texts with their places, or none.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<(Place, &'a str)>, Fault> {
        self.items(key)?.iter().map(|node| Ok((node.at, text(node, key)?))).collect()
    }

    /// A map from names to texts; `check` sees each name, and each value.
    pub(crate) fn text_map(
        &self,
        key: &str,
        check: impl Fn(&str, &str) -> Result<(), String>,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let Some(node) = self.get(key) else { return Ok(BTreeMap::new()) };
        let Value::Map(entries) = &node.value else {
            let found = kind(&node.value);
            return Err(Fault::new(node.at, format!("`{key}` is a map from names to texts; found {found}")));
        };
        let mut map = BTreeMap::new();
        for entry in entries {
            // As with Prometheus's YAML library, nothing is the empty text.
            let value = match &entry.node.value {
                Value::Null => "",
                _ => text(&entry.node, &entry.key)?,
            };
            check(&entry.key, value).map_err(|message| Fault::new(entry.key_at, message))?;
            map.insert(entry.key.clone(), value.to_owned());
        }
        Ok(map)
    }
}

/// The text of a scalar; any number and flag is one too.
pub(crate) fn text<'a>(node: &'a Node, key: &str) -> Result<&'a str, Fault> {
    match &node.value {
        Value::Scalar { text, .. } => Ok(text),
        other => Err(Fault::new(node.at, format!("`{key}` is a text; found {}", kind(other)))),
    }
}

/// The items of a list.
pub(crate) fn items<'a>(node: &'a Node, key: &str) -> Result<&'a [Node], Fault> {
    match &node.value {
        Value::List(items) => Ok(items),
        other => Err(Fault::new(node.at, format!("`{key}` is a list; found {}", kind(other)))),
    }
}

/// What a value is, without quoting it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Scalar { .. } => "another single value",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

fn unknown(key: &str, keys: &Keys) -> String {
    let what = keys.what;
    if keys.unsupported.contains(&key) {
        return format!(
            "`{key}` in {what} is a setting of Prometheus that this engine does not support; remove it"
        );
    }
    match nearest(key, keys.known.iter().copied()) {
        Some(meant) => format!("there is no key `{key}` in {what}; did you mean `{meant}`?"),
        None => format!("there is no key `{key}` in {what}; known here: {}", keys.known.join(", ")),
    }
}
