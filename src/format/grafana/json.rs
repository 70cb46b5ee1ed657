//! JSON text to a small tree, bounded in bytes, depth and values; errors have their line and column.
//!
//! A key that occurs twice in a map has the last of its values, as `JSON.parse` and so Grafana has it; the places of
//! such keys are told.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::format::LoadProblem;
use crate::text;

/// Largest JSON file that is read, in bytes; the largest dashboards known have about two million.
pub const JSON_LIMIT_BYTES: usize = 16 << 20;
/// Maps and lists inside each other; Grafana's own dashboards need about twenty.
const DEPTH_LIMIT: usize = 64;
/// Keys and values of one file; the largest dashboards known have about a hundred thousand.
const VALUES_LIMIT: usize = 1_000_000;
/// Keys given twice that are told.
const DUPLICATES_LIMIT: usize = 20;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// `null`, and what is not there.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// Any number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// A map in the order of the file; no key occurs twice.
    Map(Vec<(String, Json)>),
}

/// What a file holds, and the places of keys that it gives twice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    pub(super) root: Json,
    pub(super) duplicates: Vec<String>,
}

/// Reads one JSON document.
pub(super) fn read(text: &str) -> Result<Read, LoadProblem> {
    if text.len() > JSON_LIMIT_BYTES {
        let message = format!("the file has {} bytes; at most {JSON_LIMIT_BYTES} are read", text.len());
        return Err(LoadProblem::whole_file(message));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let state = RefCell::new(State::default());
    let mut reader = serde_json::Deserializer::from_str(text);
    let root = Seed { state: &state }.deserialize(&mut reader).and_then(|root| reader.end().map(|()| root));
    match root {
        Ok(root) => Ok(Read { root, duplicates: state.into_inner().duplicates }),
        Err(error) => Err(problem(&error, text)),
    }
}

fn problem(error: &serde_json::Error, text: &str) -> LoadProblem {
    // The position has fields of its own.
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    let message = if error.is_eof() {
        format!("the JSON ends too early ({words}); is the file complete?")
    } else if words.starts_with("recursion limit") {
        too_deep()
    } else {
        format!("this is no JSON that can be read: {words}")
    };
    let line = error.line().max(1);
    // Bytes are what serde_json counts, characters are what editors count.
    let of_line = text.split('\n').nth(line - 1).unwrap_or_default().as_bytes();
    let before = &of_line[..error.column().saturating_sub(1).min(of_line.len())];
    let column = String::from_utf8_lossy(before).chars().count() + 1;
    LoadProblem { line: u32::try_from(line).ok(), column: u32::try_from(column).ok(), message }
}

fn too_deep() -> String {
    format!("too deeply nested: at most {DEPTH_LIMIT} levels are read")
}

/// What the whole reading knows.
#[derive(Default)]
struct State {
    values: usize,
    path: Vec<Step>,
    duplicates: Vec<String>,
}

enum Step {
    Key(String),
    Index(usize),
}

#[derive(Clone, Copy)]
struct Seed<'s> {
    state: &'s RefCell<State>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Seed<'_> {
    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        let mut state = self.state.borrow_mut();
        state.values += 1;
        if state.values > VALUES_LIMIT {
            return Err(E::custom(format!("too many values: at most {VALUES_LIMIT} are read")));
        }
        if state.path.len() > DEPTH_LIMIT {
            return Err(E::custom(too_deep()));
        }
        Ok(())
    }

    fn push(&self, step: Step) {
        self.state.borrow_mut().path.push(step);
    }

    fn pop(&self) {
        self.state.borrow_mut().path.pop();
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Json, E> {
        self.count()?;
        Ok(Json::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Json, E> {
        self.count()?;
        Ok(Json::Flag(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Json, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Json, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        self.count()?;
        Ok(Json::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Json, E> {
        self.count()?;
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Json, E> {
        self.count()?;
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        self.count::<A::Error>()?;
        let mut items = Vec::new();
        loop {
            self.push(Step::Index(items.len()));
            let item = access.next_element_seed(self)?;
            self.pop();
            match item {
                Some(item) => items.push(item),
                None => return Ok(Json::List(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        self.count::<A::Error>()?;
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            self.push(Step::Key(key.clone()));
            let value = access.next_value_seed(self)?;
            self.pop();
            entries.push((key, value));
        }
        if entries.len() > VALUES_LIMIT {
            return Err(A::Error::custom("too many keys"));
        }
        Ok(Json::Map(self.last_of_each(entries)))
    }
}

impl Seed<'_> {
    /// Keeps the last value of each key, at the place of the last.
    fn last_of_each(&self, mut entries: Vec<(String, Json)>) -> Vec<(String, Json)> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| entries[*a].0.cmp(&entries[*b].0).then(a.cmp(b)));
        let mut is_kept = vec![true; entries.len()];
        let mut has_duplicates = false;
        for pair in order.windows(2) {
            if entries[pair[0]].0 == entries[pair[1]].0 {
                is_kept[pair[0]] = false;
                has_duplicates = true;
                self.duplicate(&entries[pair[0]].0);
            }
        }
        if has_duplicates {
            let mut kept = is_kept.into_iter();
            entries.retain(|_| kept.next().unwrap_or(true));
        }
        entries
    }

    fn duplicate(&self, key: &str) {
        let mut state = self.state.borrow_mut();
        if state.duplicates.len() == DUPLICATES_LIMIT {
            return;
        }
        let mut path = "$".to_owned();
        for step in &state.path {
            match step {
                Step::Key(key) => append_key(&mut path, key),
                Step::Index(index) => append_index(&mut path, *index),
            }
        }
        append_key(&mut path, key);
        state.duplicates.push(path);
    }
}

/// Longest key in a path, in cells.
const KEY_LIMIT_CELLS: usize = 60;

/// Appends `.key` to a JSON path, or `["a key"]` where that would not be plain.
pub(super) fn append_key(path: &mut String, key: &str) {
    let is_plain =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_plain && key.len() <= KEY_LIMIT_CELLS {
        path.push('.');
        path.push_str(key);
    } else {
        let clean = text::clean(key);
        // A String takes everything.
        let _ = write!(path, "[{:?}]", text::fit(&clean, KEY_LIMIT_CELLS));
    }
}

/// Appends `[index]` to a JSON path.
pub(super) fn append_index(path: &mut String, index: usize) {
    // A String takes everything.
    let _ = write!(path, "[{index}]");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(text).expect_err("refused").to_string()
    }

    #[test]
    fn values_of_all_kinds_are_read() {
        let read = read("\u{feff}{\"a\": [1, -2.5, null, true, \"\\u732b\"], \"b\": {}}").expect("reads");
        let list = vec![
            Json::Number(1.0),
            Json::Number(-2.5),
            Json::Null,
            Json::Flag(true),
            Json::Text("猫".to_owned()),
        ];
        let expected =
            Json::Map(vec![("a".to_owned(), Json::List(list)), ("b".to_owned(), Json::Map(Vec::new()))]);
        assert_eq!(read, Read { root: expected, duplicates: Vec::new() });
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_the_others_are_told() {
        let read = read(r#"{"a": [{"x y": 1, "b": 2, "x y": 3}], "a": 4, "a": 5}"#).expect("reads");
        assert_eq!(read.root, Json::Map(vec![("a".to_owned(), Json::Number(5.0))]));
        assert_eq!(read.duplicates, ["$.a[0][\"x y\"]", "$.a", "$.a"]);
    }

    #[test]
    fn mistakes_have_their_place() {
        assert_eq!(
            error("{\"猫\": 1,\n \"猫\": tru}"),
            "line 2, column 10: this is no JSON that can be read: expected ident"
        );
        assert_eq!(
            error("{\"a\": ["),
            "line 1, column 7: the JSON ends too early (EOF while parsing a list); is the file complete?"
        );
        assert_eq!(
            error(""),
            "line 1, column 1: the JSON ends too early (EOF while parsing a value); is the file complete?"
        );
        assert_eq!(error("{} x"), "line 1, column 4: this is no JSON that can be read: trailing characters");
    }

    #[test]
    fn hostile_text_is_refused() {
        let deep = "[".repeat(100_000);
        assert!(error(&deep).ends_with("too deeply nested: at most 64 levels are read"), "{}", error(&deep));
        let many = format!("[{}0]", "0,".repeat(VALUES_LIMIT));
        assert!(error(&many).ends_with("too many values: at most 1000000 are read"), "{}", error(&many));
        let large = " ".repeat(JSON_LIMIT_BYTES + 1);
        assert_eq!(error(&large), "the file has 16777217 bytes; at most 16777216 are read");
    }
}
