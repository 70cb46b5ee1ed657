//! YAML text to a tree in which every key and value knows its place; the limits on hostile input are here.
//!
//! The tree comes before the meaning, so that a file with several mistakes shows all of them, each with the
//! position of its own key or value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Localizer, Location, Options, Spanned, UserMessageFormatter};

use crate::format::{FILE_LIMIT_BYTES, LoadProblem};

/// Maps and lists inside each other; the format itself needs eight.
const DEPTH_LIMIT: usize = 24;
/// Keys and values of one file.
pub(in crate::format) const NODES_LIMIT: usize = 250_000;
/// `&anchor`s of one file.
const ANCHORS_LIMIT: usize = 1_000;
/// `*alias`es and `<<` merges of one file.
const ALIASES_LIMIT: usize = 1_000;
/// Keys and values that all aliases together may stand for.
const ALIASED_NODES_LIMIT: usize = 20_000;
/// Aliases inside what other aliases stand for.
const ALIAS_DEPTH_LIMIT: usize = 8;

/// A place in the file, both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::format) struct Position {
    pub(in crate::format) line: u32,
    pub(in crate::format) column: u32,
}

impl From<Location> for Position {
    fn from(location: Location) -> Self {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        Self { line: number(location.line()), column: number(location.column()) }
    }
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::format) struct Node {
    pub(in crate::format) at: Position,
    pub(in crate::format) value: Value,
}

/// What YAML knows of a value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::format) enum Value {
    /// One word, number or text.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map; no key occurs twice.
    Map(Vec<Entry>),
}

/// A scalar, both as it is written and as YAML reads it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::format) struct Scalar {
    /// As written, without quotes.
    pub(in crate::format) text: String,
    /// As YAML reads it.
    pub(in crate::format) kind: ScalarKind,
}

/// How YAML reads a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::format) enum ScalarKind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// Any number, which may be infinite or NaN.
    Number(f64),
    /// Everything else.
    Text,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::format) struct Entry {
    pub(in crate::format) key: String,
    pub(in crate::format) key_at: Position,
    pub(in crate::format) node: Node,
}

/// Reads one YAML document.
pub(in crate::format) fn read(text: &str) -> Result<Node, LoadProblem> {
    if text.len() > FILE_LIMIT_BYTES {
        return Err(LoadProblem::whole_file(format!(
            "the file has {} bytes; at most {FILE_LIMIT_BYTES} are read",
            text.len()
        )));
    }
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| problem(&error))?;
    Ok(node(raw, text))
}

/// How a scalar without quotes is read.
pub(in crate::format) fn plain(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" => ScalarKind::Null,
        "true" => ScalarKind::Flag(true),
        "false" => ScalarKind::Flag(false),
        ".inf" | "+.inf" => ScalarKind::Number(f64::INFINITY),
        "-.inf" => ScalarKind::Number(f64::NEG_INFINITY),
        ".nan" => ScalarKind::Number(f64::NAN),
        // Rust's words for them are texts in YAML.
        _ if text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) => ScalarKind::Text,
        _ => text.parse().map_or(ScalarKind::Text, ScalarKind::Number),
    }
}

/// Whether the file has nothing but comments.
pub(in crate::format) fn is_empty(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(Scalar { kind: ScalarKind::Null, .. }))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_LIMIT,
            flow_nesting_limit: DEPTH_LIMIT,
            // The second document gets words of its own.
            max_documents: 2,
            max_events: NODES_LIMIT * 2,
            max_nodes: NODES_LIMIT,
            max_anchors: ANCHORS_LIMIT,
            max_aliases: ALIASES_LIMIT,
            max_merge_keys: ALIASES_LIMIT,
            max_recorded_anchor_events: ALIASED_NODES_LIMIT,
            max_recorded_anchor_bytes: FILE_LIMIT_BYTES * 4,
            max_total_scalar_bytes: FILE_LIMIT_BYTES,
            max_inclusion_depth: 0,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: ALIASED_NODES_LIMIT,
            max_replay_stack_depth: ALIAS_DEPTH_LIMIT,
            max_alias_expansions_per_anchor: ALIASES_LIMIT,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        // `off` is a refresh and `y` may be a key: only true and false are flags, as in YAML 1.2.
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// The parser's error with our position, so its own is left out of the words.
fn problem(error: &Error) -> LoadProblem {
    struct WithoutPosition;
    impl Localizer for WithoutPosition {
        fn attach_location<'a>(&self, base: Cow<'a, str>, _: Location) -> Cow<'a, str> {
            base
        }
    }
    let message = match innermost(error) {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` is given twice; keep one of them")
        }
        Error::MultipleDocuments { .. } => {
            "a second YAML document begins here; a file is one dashboard".into()
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_large(),
        error => {
            let formatter = UserMessageFormatter.with_localizer(&WithoutPosition);
            with_remedy(error.render_with_formatter(&formatter))
        }
    };
    let position = error.location().map(Position::from);
    LoadProblem {
        line: position.map(|position| position.line),
        column: position.map(|position| position.column),
        message,
    }
}

/// The error itself, without the story of the aliases that led to it.
fn innermost(mut error: &Error) -> &Error {
    loop {
        error = match error {
            Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => error,
            error => return error,
        };
    }
}

fn too_large() -> String {
    format!(
        "too deeply nested or too large: at most {DEPTH_LIMIT} levels, {NODES_LIMIT} values and {ALIASES_LIMIT} \
         aliases are read"
    )
}

/// Adds what helps against the mistakes that PromQL in YAML invites.
fn with_remedy(message: String) -> String {
    if message.starts_with("recursion limit exceeded") {
        return too_large();
    }
    let remedy = if message.starts_with("mapping values are not allowed") {
        "; quote a value that has `: ` in it, or mend the indentation"
    } else if message.starts_with("unexpected character") {
        "; quote the value"
    } else if message.starts_with("expected string scalar") {
        " as a key; quote a value that begins with `{` or `[`"
    } else if message.contains("did not find expected key") {
        "; mend the indentation"
    } else {
        ""
    };
    message + remedy
}

/// A value as serde hands it over.
enum Raw {
    Scalar(ScalarKind, Option<String>),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Null, None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Flag(value), None))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Number(value as f64), None))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Number(value as f64), None))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Number(value), None))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Text, Some(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Scalar(ScalarKind::Text, Some(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

fn node(raw: Spanned<Raw>, source: &str) -> Node {
    let value = match raw.value {
        Raw::Scalar(kind, text) => {
            // A title may well be 404 and a time 2026: where text is wanted, it is what stands in the file.
            let text = text.unwrap_or_else(|| written(raw.defined, source));
            Value::Scalar(Scalar { text, kind })
        }
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, source)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key_at: key.referenced.into(),
                    key: key.value,
                    node: node(value, source),
                })
                .collect(),
        ),
    };
    Node { at: raw.referenced.into(), value }
}

/// What stands at `location` in the file.
fn written(location: Location, source: &str) -> String {
    let span = location.span();
    let range = span.byte_offset().zip(span.byte_len()).and_then(|(start, len)| {
        let start = usize::try_from(start).ok()?;
        source.get(start..start.checked_add(usize::try_from(len).ok()?)?)
    });
    range.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(node: &Node) -> String {
        let at = format!("{}:{}", node.at.line, node.at.column);
        match &node.value {
            Value::Scalar(scalar) => format!("{at} {:?} {:?}", scalar.text, scalar.kind),
            Value::List(items) => {
                format!("{at} [{}]", items.iter().map(outline).collect::<Vec<_>>().join(", "))
            }
            Value::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|entry| {
                        format!(
                            "{}@{}:{} {}",
                            entry.key,
                            entry.key_at.line,
                            entry.key_at.column,
                            outline(&entry.node)
                        )
                    })
                    .collect();
                format!("{at} {{{}}}", entries.join(", "))
            }
        }
    }

    fn error(text: &str) -> String {
        read(text).expect_err(text).to_string()
    }

    #[test]
    fn every_key_and_value_knows_its_place_and_its_spelling() {
        let read = |text| outline(&read(text).expect("valid"));
        assert_eq!(
            read("title: 0404\nrows:\n  - a: on # x\n    b: 'q'\n"),
            r#"1:1 {title@1:1 1:8 "0404" Number(404.0), rows@2:1 3:3 [3:5 {a@3:5 3:8 "on" Text, b@4:5 4:8 "q" Text}]}"#
        );
        assert_eq!(
            read("\u{feff}ü: 1_000\r\nk: true\r\n"),
            r#"1:1 {ü@1:1 1:4 "1_000" Number(1000.0), k@2:1 2:4 "true" Flag(true)}"#
        );
        // What an alias stands for is reported where the alias is.
        assert_eq!(
            read("a: &x {n: 5}\nb: *x\n"),
            r#"1:1 {a@1:1 1:7 {n@1:8 1:11 "5" Number(5.0)}, b@2:1 2:4 {n@2:4 2:4 "5" Number(5.0)}}"#
        );
    }

    #[test]
    fn syntax_errors_say_where_and_what_helps() {
        for (text, expected) in [
            ("a: 1\na: 2\n", "line 2, column 1: the key `a` is given twice; keep one of them"),
            (
                "title: Rate: per second\n",
                "line 1, column 12: mapping values are not allowed in this context; quote a value that has `: ` \
                 in it, or mend the indentation",
            ),
            (
                "legend: {{path}}\n",
                "line 1, column 10: expected string scalar as a key; quote a value that begins with `{` or `[`",
            ),
            (
                "a: 1\n---\nb: 2\n",
                "line 3, column 1: a second YAML document begins here; a file is one dashboard",
            ),
            ("a: [1,\n", "line 1, column 4: unclosed bracket '['"),
            ("a: @x\n", "line 1, column 4: unexpected character: `@'; quote the value"),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn bombs_are_refused_early() {
        let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in ["b", "c", "d", "e", "f", "g"].iter().zip(["a", "b", "c", "d", "e", "f"]) {
            let aliases = vec![format!("*{of}"); 10].join(", ");
            laughs = format!("{laughs}{name}: &{name} [{aliases}]\n");
        }
        let too_large = "too deeply nested or too large";
        for bomb in [
            laughs,
            "[".repeat(100_000),
            "a: ".to_owned() + &"[".repeat(30) + &"]".repeat(30),
            (0..40).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n"),
            "- a\n".repeat(NODES_LIMIT + 1),
        ] {
            let message = error(&bomb);
            assert!(message.contains(too_large), "{message}");
        }
        assert!(error(&"x".repeat(10 << 20)).contains("at most 1048576 are read"));
        assert!(error("a: &x [*x]\n").starts_with("line 1"), "{}", error("a: &x [*x]\n"));
    }
}
