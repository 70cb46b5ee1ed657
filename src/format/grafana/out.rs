//! A YAML tree and its text, as a person would write it: short maps and lists on one line, long ones in lines of
//! their own, several lines of text as a block, quotes only where they are needed.

use std::fmt::Write as _;

use crate::format::yaml::tree::{self, Entry, NODES_LIMIT, Node, Position, Scalar, ScalarKind, Value};

/// The place of what has no text yet.
const SOMEWHERE: Position = Position { line: 1, column: 1 };

/// Where a line ends, if it can.
const LINE_LIMIT_CHARS: usize = 110;
/// Lists whose entries each begin a line.
const LISTS_OF_LINES: &[&str] =
    &["rows", "panels", "queries", "overrides", "transforms", "variables", "annotations", "actions"];
/// Maps inside each other that one line may have.
const FLOW_DEPTH_LIMIT: usize = 3;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Out {
    /// A text, quoted where need be.
    Text(String),
    /// A number, a flag, a duration: written as it is.
    Plain(String),
    /// A list.
    List(Vec<Out>),
    /// A map.
    Map(OutMap),
}

/// A map in the order in which it is written.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct OutMap {
    /// Lines above it.
    pub(super) comments: Vec<String>,
    /// What it is made of, as a JSON path.
    pub(super) origin: String,
    /// What it calls the data source that it asks, until it is known whether that has to be said.
    pub(super) source: Option<String>,
    pub(super) entries: Vec<(String, Out)>,
}

/// What the reader would make of the text that [`write`] gives for `map`, places apart; `None` for what has so many keys
/// and values that the reader may refuse it.
pub(super) fn read(map: &OutMap) -> Option<Node> {
    // Keys count as well, and all of them have values.
    let mut left = NODES_LIMIT / 2;
    node(&Out::Map(map.clone()), &mut left)
}

fn node(out: &Out, left: &mut usize) -> Option<Node> {
    *left = left.checked_sub(1)?;
    let scalar = |text: &str, kind| Value::Scalar(Scalar { text: text.to_owned(), kind });
    let value = match out {
        Out::Text(text) => scalar(text, ScalarKind::Text),
        Out::Plain(text) => scalar(text, tree::plain(text)),
        Out::List(items) => Value::List(items.iter().map(|item| node(item, left)).collect::<Option<_>>()?),
        Out::Map(map) => Value::Map(
            map.entries
                .iter()
                .map(|(key, out)| Some(Entry { key: key.clone(), key_at: SOMEWHERE, node: node(out, left)? }))
                .collect::<Option<_>>()?,
        ),
    };
    Some(Node { at: SOMEWHERE, value })
}

impl Out {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    #[expect(clippy::needless_pass_by_value, reason = "numbers and words are handed over as they are")]
    pub(super) fn plain(text: impl ToString) -> Self {
        Self::Plain(text.to_string())
    }

    /// A word as it is where it is a plain number or duration, else a text.
    pub(super) fn plain_or_text(word: &str) -> Self {
        let is_plain = word.len() < 16
            && word.starts_with(|c: char| {
                c.is_ascii_digit() && (c != '0' || word.len() == 1 || word.starts_with("0."))
            })
            && word.ends_with(|c: char| c.is_ascii_alphanumeric())
            && word.parse::<f64>().is_ok_and(|number| number.to_string() == word)
            || crate::time_range::parse_duration_ms(word).is_ok_and(|_| {
                word.starts_with(|c: char| c.is_ascii_digit())
                    && word.ends_with(|c: char| c.is_ascii_lowercase())
            });
        if is_plain { Self::Plain(word.to_owned()) } else { Self::Text(word.to_owned()) }
    }

    pub(super) fn number(number: f64) -> Self {
        Self::Plain(super::node::written(number))
    }

    /// A list of texts.
    pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    pub(super) fn as_map(&self) -> Option<&OutMap> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl OutMap {
    pub(super) fn get(&self, key: &str) -> Option<&Out> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Bytes of all its keys and values.
    pub(super) fn text_bytes(&self) -> usize {
        fn of(out: &Out) -> usize {
            match out {
                Out::Text(text) | Out::Plain(text) => text.len(),
                Out::List(items) => items.iter().map(of).sum(),
                Out::Map(map) => map.text_bytes(),
            }
        }
        self.entries.iter().map(|(key, value)| key.len() + of(value)).sum()
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Out> {
        self.entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn set(&mut self, key: &str, value: Out) {
        match self.entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.entries.push((key.to_owned(), value)),
        }
    }

    pub(super) fn set_text(&mut self, key: &str, text: impl Into<String>) {
        self.set(key, Out::Text(text.into()));
    }

    pub(super) fn set_plain(&mut self, key: &str, text: impl ToString) {
        self.set(key, Out::plain(text));
    }

    pub(super) fn set_number(&mut self, key: &str, number: f64) {
        self.set(key, Out::number(number));
    }

    /// Sets a list, unless it is empty.
    pub(super) fn set_list(&mut self, key: &str, items: Vec<Out>) {
        if !items.is_empty() {
            self.set(key, Out::List(items));
        }
    }

    /// Puts the entries into the order of `keys`; others stay behind them.
    pub(super) fn order_by(&mut self, keys: &[&str]) {
        let place = |name: &str| keys.iter().position(|key| *key == name).unwrap_or(keys.len());
        self.entries.sort_by_key(|(name, _)| place(name));
    }

    /// Takes over what `other` says.
    pub(super) fn extend(&mut self, other: Self) {
        for (key, value) in other.entries {
            self.set(&key, value);
        }
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Out> {
        let at = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(at).1)
    }
}

/// The text of a whole file, `head` lines above it as comments.
pub(super) fn write(map: &OutMap, schema: &str) -> String {
    let mut text = format!("# yaml-language-server: $schema={schema}\n\n");
    comments(&mut text, 0, &map.comments);
    if !map.comments.is_empty() {
        text.push('\n');
    }
    for (key, value) in &map.entries {
        if ["variables", "annotations", "links", "actions", "rows"].contains(&key.as_str()) {
            text.push('\n');
        }
        entry(&mut text, 0, key, value);
    }
    text
}

fn comments(text: &mut String, indent: usize, comments: &[String]) {
    for comment in comments {
        for line in comment.lines() {
            // A String takes everything.
            let _ = writeln!(text, "{:indent$}# {}", "", crate::text::clean(line).trim_end());
        }
    }
}

/// `key: value` from column `indent` on.
fn entry(text: &mut String, indent: usize, key: &str, value: &Out) {
    let _ = write!(text, "{:indent$}", "");
    after_key(text, indent, key, value);
}

/// The same where the indentation is written already.
fn after_key(text: &mut String, indent: usize, key: &str, value: &Out) {
    text.push_str(&key_text(key));
    text.push(':');
    let room = LINE_LIMIT_CHARS.saturating_sub(indent + key.len() + 2);
    match value {
        Out::Text(words) if is_block(words) => block(text, indent + 2, words),
        Out::List(items) if items.is_empty() => text.push_str(" []\n"),
        Out::List(items) if LISTS_OF_LINES.contains(&key) || flow(value, 0, room).is_none() => {
            text.push('\n');
            for item in items {
                list_item(text, indent + 2, item);
            }
        }
        Out::Map(map) if flow(value, 0, room).is_none() => {
            text.push('\n');
            for (key, value) in &map.entries {
                entry(text, indent + 2, key, value);
            }
        }
        _ => {
            text.push(' ');
            text.push_str(&flow(value, 0, usize::MAX).unwrap_or_default());
            text.push('\n');
        }
    }
}

/// `- value`
fn list_item(text: &mut String, indent: usize, item: &Out) {
    let Out::Map(map) = item else {
        if let Out::Text(words) = item
            && is_block(words)
        {
            let _ = write!(text, "{:indent$}-", "");
            block(text, indent + 2, words);
        } else {
            let _ = writeln!(text, "{:indent$}- {}", "", flow(item, 0, usize::MAX).unwrap_or_default());
        }
        return;
    };
    comments(text, indent, &map.comments);
    let is_big = map.get("type").is_some() || map.get("panels").is_some();
    let line = if is_big { None } else { flow(item, 0, LINE_LIMIT_CHARS.saturating_sub(indent + 2)) };
    if let Some(line) = line {
        let _ = writeln!(text, "{:indent$}- {line}", "");
        return;
    }
    let _ = write!(text, "{:indent$}- ", "");
    for (index, (key, value)) in map.entries.iter().enumerate() {
        if index == 0 {
            after_key(text, indent + 2, key, value);
        } else {
            entry(text, indent + 2, key, value);
        }
    }
    if map.entries.is_empty() {
        text.push_str("{}\n");
    }
}

/// A value on one line of at most `room` characters.
fn flow(value: &Out, depth: usize, room: usize) -> Option<String> {
    let line = match value {
        Out::Plain(text) => text.clone(),
        Out::Text(text) if is_block(text) && room != usize::MAX => return None,
        Out::Text(text) => scalar(text),
        Out::List(_) | Out::Map(_) if depth == FLOW_DEPTH_LIMIT && room != usize::MAX => return None,
        Out::List(items) => {
            let items = items.iter().map(|item| flow(item, depth + 1, room)).collect::<Option<Vec<_>>>()?;
            format!("[{}]", items.join(", "))
        }
        Out::Map(map) => {
            let entries = map
                .entries
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", key_text(key), flow(value, depth + 1, room)?)))
                .collect::<Option<Vec<_>>>()?;
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
    };
    (room == usize::MAX || line.chars().count() <= room).then_some(line)
}

/// Whether a text is written as lines of their own: several of them, none with anything that a block would lose.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with('\n')
        && text.split('\n').all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'))
        && text.chars().all(|c| c == '\n' || is_printable(c))
}

/// What YAML takes unescaped, less what would be invisible or confusing.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

fn block(text: &mut String, indent: usize, words: &str) {
    text.push_str(" |-\n");
    for line in words.split('\n') {
        if line.is_empty() {
            text.push('\n');
        } else {
            let _ = writeln!(text, "{:indent$}{line}", "");
        }
    }
}

/// A key; `y` is the place in the grid, which nobody quotes.
fn key_text(key: &str) -> String {
    if key == "y" { key.to_owned() } else { scalar(key) }
}

/// Words that are numbers, flags or nothing in one version of YAML or another.
const SPECIAL_WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A text on one line: as it is where nothing in it can be taken for anything else, else quoted.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '(' | ')' | '.' | '/' | '%');
    let is_plain = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.ends_with(is_word)
        && text.chars().all(|c| is_word(c) || matches!(c, ' ' | '-' | '=' | '+' | '*'));
    if is_plain && !SPECIAL_WORDS.iter().any(|special| text.eq_ignore_ascii_case(special)) {
        return text.to_owned();
    }
    if text.chars().all(is_printable) {
        // Whichever needs nothing before a quote.
        return if text.contains('\'') && !text.contains(['"', '\\']) {
            format!("\"{text}\"")
        } else {
            format!("'{}'", text.replace('\'', "''"))
        };
    }
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if is_printable(c) => quoted.push(c),
            // A String takes everything.
            c => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Out)]) -> OutMap {
        OutMap {
            entries: entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
            ..OutMap::default()
        }
    }

    #[test]
    fn short_things_share_a_line_and_long_ones_do_not() {
        let step =
            |color: &str, at: f64| Out::Map(map(&[("at", Out::number(at)), ("color", Out::text(color))]));
        let query = map(&[("expr", Out::text("sum(\n  up\n)")), ("legend", Out::text("{{job}}"))]);
        let mut panel = map(&[
            ("type", Out::text("stat")),
            ("title", Out::text("it's: 80 %")),
            ("grid", Out::Map(map(&[("x", Out::plain(0)), ("y", Out::plain(4))]))),
            ("queries", Out::List(vec![Out::Map(query), Out::Map(map(&[("expr", Out::text("up"))]))])),
            ("thresholds", Out::List(vec![step("green", 0.0), step("red", 80.0)])),
            ("names", Out::texts((0..12).map(|index| format!("a rather long name {index}")))),
        ]);
        panel.comments.push("a note\nof two lines".to_owned());
        let row = map(&[("panels", Out::List(vec![Out::Map(panel)]))]);
        let file = map(&[("title", Out::text("404")), ("rows", Out::List(vec![Out::Map(row)]))]);
        insta::assert_snapshot!(write(&file, "s"));
    }

    #[test]
    fn texts_come_back_as_they_were() {
        for text in [
            "",
            " ",
            "a",
            "a b",
            "404",
            "1e3",
            "true",
            "No",
            "- a",
            "a: b",
            "a #b",
            "'",
            "\"",
            "it's",
            "{{a}}",
            "[a]",
            "a\tb",
            "a\nb",
            " a\nb",
            "a\n b",
            "a\n",
            "a\n\nb",
            "a \nb",
            "\u{7}",
            "\u{85}x",
            "猫",
            "é\u{2028}",
            "~",
            "null",
            "=",
            "a=",
            "%a",
            "@a",
            "`a`",
            "|",
            ">",
            "&a",
            "*a",
            "!a",
            "?",
            "a,b",
            "-",
            "---",
            "...",
            "0x1f",
            "12:30",
            "a\\nb",
            "\u{feff}a",
            "a\r\nb",
            "😀",
            "#aabbcc",
            ".5",
            "+1",
            "_",
            "a\u{a0}b",
            ".inf",
            "a\u{1f}",
        ] {
            for written in [
                write(&map(&[("title", Out::text(text))]), "s"),
                write(&map(&[("list", Out::List(vec![Out::text(text), Out::text("x")]))]), "s"),
                write(
                    &map(&[(
                        "rows",
                        Out::List(vec![Out::Map(map(&[("k", Out::text(text))])), Out::text("x")]),
                    )]),
                    "s",
                ),
            ] {
                let back: serde_json::Value = serde_saphyr::from_str(&written).expect(&written);
                assert!(
                    back.to_string().contains(&serde_json::Value::from(text).to_string()),
                    "{text:?}: {written}"
                );
            }
        }
    }
}
