//! JSON with its path: every look at a value knows where it is, and a value of the wrong type is a note.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use super::json::{Json, append_index, append_key};
use crate::format::FINDINGS_LIMIT;
use crate::text;

/// Something that an import could not take over as it is, with its place in the JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportNote {
    /// Where it stands: `$.panels[3].options`.
    pub path: String,
    /// What kind of thing it is, for programs.
    pub code: &'static str,
    /// What it is, in one line.
    pub message: String,
}

/// `$.panels[3]: message`
impl fmt::Display for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Notes as they are found, at most [`FINDINGS_LIMIT`].
#[derive(Debug, Default)]
pub(super) struct Notes {
    list: RefCell<Vec<ImportNote>>,
    more: Cell<usize>,
}

/// Longest message of a note, in cells.
const MESSAGE_LIMIT_CELLS: usize = 300;

impl Notes {
    pub(super) fn add(&self, path: String, code: &'static str, message: &str) {
        let mut list = self.list.borrow_mut();
        if list.len() >= FINDINGS_LIMIT {
            self.more.set(self.more.get() + 1);
            return;
        }
        let clean = text::clean(message);
        // What this version lacks is said once a dashboard.
        if code == "not-yet" && list.iter().any(|note| note.code == code && note.message == clean) {
            return;
        }
        list.push(ImportNote { path, code, message: text::fit(&clean, MESSAGE_LIMIT_CELLS).into_owned() });
    }

    /// Those so far.
    pub(super) fn so_far(&self) -> Vec<ImportNote> {
        self.list.borrow().clone()
    }

    /// All of them; the last says how many more there were.
    pub(super) fn finish(self) -> Vec<ImportNote> {
        let mut list = self.list.into_inner();
        let more = self.more.get();
        if more > 0 {
            let message = format!("{more} more notes are left out");
            list.push(ImportNote { path: "$".to_owned(), code: "more", message });
        }
        list
    }
}

/// A place in the JSON.
#[derive(Clone, Debug)]
pub(super) struct Path<'j>(Option<Rc<Step<'j>>>);

#[derive(Debug)]
struct Step<'j> {
    before: Path<'j>,
    key: Key<'j>,
}

#[derive(Debug)]
enum Key<'j> {
    Name(Cow<'j, str>),
    Index(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut path = self;
        while let Some(step) = &path.0 {
            steps.push(step);
            path = &step.before;
        }
        let mut text = "$".to_owned();
        for step in steps.into_iter().rev() {
            match &step.key {
                Key::Name(name) => append_key(&mut text, name),
                Key::Index(index) => append_index(&mut text, *index),
            }
        }
        f.write_str(&text)
    }
}

/// A value, its place, and where notes on it go. What is not there is null.
#[derive(Clone, Debug)]
pub(super) struct Node<'j> {
    pub(super) value: &'j Json,
    path: Path<'j>,
    notes: &'j Notes,
}

static NULL: Json = Json::Null;

impl<'j> Node<'j> {
    pub(super) fn root(value: &'j Json, notes: &'j Notes) -> Self {
        Self { value, path: Path(None), notes }
    }

    fn below(&self, value: &'j Json, key: Key<'j>) -> Self {
        let step = Step { before: self.path.clone(), key };
        Self { value, path: Path(Some(Rc::new(step))), notes: self.notes }
    }

    pub(super) fn path(&self) -> String {
        self.path.to_string()
    }

    pub(super) fn note(&self, code: &'static str, message: impl AsRef<str>) {
        self.notes.add(self.path(), code, message.as_ref());
    }

    /// A note at another place.
    pub(super) fn note_at(&self, path: String, code: &'static str, message: &str) {
        self.notes.add(path, code, message);
    }

    /// All notes so far, wherever they belong.
    pub(super) fn notes(&self) -> Vec<ImportNote> {
        self.notes.so_far()
    }

    /// The value of a key; null where there is none.
    pub(super) fn get(&self, key: &'static str) -> Self {
        let value = match self.value {
            Json::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        };
        self.below(value.unwrap_or(&NULL), Key::Name(Cow::Borrowed(key)))
    }

    /// [`Node::get`] with a key that is found in the file.
    pub(super) fn get_named(&self, key: &str) -> Self {
        let value = match self.value {
            Json::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        };
        self.below(value.unwrap_or(&NULL), Key::Name(Cow::Owned(key.to_owned())))
    }

    /// The value of keys inside each other.
    pub(super) fn dig(&self, keys: &[&'static str]) -> Self {
        keys.iter().fold(self.clone(), |node, key| node.get(key))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Json::Null)
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.value, Json::Map(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.value, Json::List(_))
    }

    /// Neither null nor empty nor `false`.
    pub(super) fn says_something(&self) -> bool {
        match self.value {
            Json::Null | Json::Flag(false) => false,
            Json::Flag(true) | Json::Number(_) => true,
            Json::Text(text) => !text.is_empty(),
            Json::List(items) => !items.is_empty(),
            Json::Map(entries) => !entries.is_empty(),
        }
    }

    fn wrong(&self, expected: &str) {
        let found = match self.value {
            Json::Null => return,
            Json::Flag(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Map(_) => "a map",
        };
        self.note("wrong-type", format!("{expected} is expected here, not {found}; it is left out"));
    }

    /// A text; null where it is none.
    pub(super) fn text(&self) -> Option<&'j str> {
        if let Json::Text(text) = self.value {
            return Some(text);
        }
        self.wrong("a text");
        None
    }

    /// [`Node::text`] without a note where it is something else.
    pub(super) fn value_text(&self) -> Option<&'j str> {
        match self.value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`, without a note where it is something else.
    pub(super) fn value_flag(&self) -> bool {
        matches!(self.value, Json::Flag(true))
    }

    /// Whether it is exactly this flag.
    pub(super) fn value_flag_is(&self, flag: bool) -> bool {
        matches!(self.value, Json::Flag(value) if *value == flag)
    }

    /// A number, without a note where it is something else.
    pub(super) fn number_or_none(&self) -> Option<f64> {
        match self.value {
            Json::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A text that is not blank.
    pub(super) fn filled(&self) -> Option<&'j str> {
        self.text().filter(|text| !text.trim().is_empty())
    }

    /// A text, or a number or flag as it is written.
    pub(super) fn word(&self) -> Option<Cow<'j, str>> {
        match self.value {
            Json::Text(text) => Some(Cow::Borrowed(text)),
            Json::Number(number) => Some(Cow::Owned(written(*number))),
            Json::Flag(flag) => Some(Cow::Owned(flag.to_string())),
            _ => {
                self.wrong("a text");
                None
            }
        }
    }

    /// A finite number; a text that writes one is fine, as Grafana's editors once saved them.
    pub(super) fn number(&self) -> Option<f64> {
        let number = match self.value {
            Json::Number(number) => Some(*number),
            Json::Text(text) => {
                let text = text.trim();
                if text.is_empty() || text == "null" || text == "auto" {
                    return None;
                }
                text.parse().ok()
            }
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong("a number");
        }
        number
    }

    /// Whether it is `true`.
    pub(super) fn flag(&self) -> bool {
        self.maybe_flag().unwrap_or(false)
    }

    /// `true` or `false`, if it is there.
    pub(super) fn maybe_flag(&self) -> Option<bool> {
        match self.value {
            Json::Flag(flag) => Some(*flag),
            Json::Text(text) if text == "true" || text == "false" => Some(text == "true"),
            _ => {
                self.wrong("true or false");
                None
            }
        }
    }

    /// The entries of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = match self.value {
            Json::List(items) => items,
            // The same for a list.
            Json::Map(entries) if entries.is_empty() => return Vec::new(),
            _ => {
                self.wrong("a list");
                return Vec::new();
            }
        };
        items.iter().enumerate().map(|(index, item)| self.below(item, Key::Index(index))).collect()
    }

    /// [`Node::items`] without entries where it is null.
    pub(super) fn items_if_any(&self) -> Vec<Self> {
        if self.is_null() { Vec::new() } else { self.items() }
    }

    /// [`Node::items`] without a note where it is no list.
    pub(super) fn items_or_none(&self) -> Vec<Self> {
        if self.is_list() { self.items() } else { Vec::new() }
    }

    /// [`Node::entries`] without entries where it is null.
    pub(super) fn entries_or_none(&self) -> Vec<(&'j str, Self)> {
        if self.is_null() { Vec::new() } else { self.entries() }
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> Vec<(&'j str, Self)> {
        let entries = match self.value {
            Json::Map(entries) => entries,
            // Some generators have no other way to write an empty map.
            Json::List(items) if items.is_empty() => return Vec::new(),
            _ => {
                self.wrong("a map");
                return Vec::new();
            }
        };
        entries
            .iter()
            .map(|(key, value)| (key.as_str(), self.below(value, Key::Name(Cow::Borrowed(key)))))
            .collect()
    }
}

/// A number as a person writes it.
pub(super) fn written(number: f64) -> String {
    const PLAIN_LIMIT: f64 = 1e15;
    let magnitude = number.abs();
    if number == 0.0 {
        "0".to_owned()
    } else if (1e-6..PLAIN_LIMIT).contains(&magnitude) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn a_value_of_the_wrong_type_is_a_note_with_its_path() {
        let read = json::read(r#"{"a": [{"b c": 7}], "n": "12", "t": [], "e": ""}"#).expect("reads");
        let notes = Notes::default();
        let root = Node::root(&read.root, &notes);
        assert_eq!(root.get("a").items()[0].get_named("b c").text(), None);
        assert_eq!(root.get("n").number(), Some(12.0));
        assert_eq!(root.get("e").number(), None, "empty is not there");
        assert!(!root.get("t").flag());
        assert_eq!(root.get("missing").text(), None, "and no note");
        let notes: Vec<String> = notes.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            notes,
            [
                "$.a[0][\"b c\"]: a text is expected here, not a number; it is left out",
                "$.t: true or false is expected here, not a list; it is left out"
            ]
        );
    }

    #[test]
    fn numbers_are_written_short() {
        for (number, text) in [(0.0, "0"), (80.0, "80"), (-0.5, "-0.5"), (1e300, "1e300"), (1e-9, "1e-9")] {
            assert_eq!(written(number), text);
        }
    }
}
