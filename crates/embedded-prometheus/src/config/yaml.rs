//! YAML text to a tree in which every key and value knows its place; the limits on hostile input are here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Localizer, Location, Options, Spanned, UserMessageFormatter};

/// The largest file read, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 4 << 20;
/// Maps and lists inside each other.
const MAX_DEPTH: usize = 32;
/// Keys and values of one file.
const MAX_NODES: usize = 500_000;
/// `&anchor`s, and `*alias`es with `<<` merges, of one file.
const MAX_ALIASES: usize = 10_000;
/// Keys and values that all aliases together may stand for.
const MAX_ALIASED_NODES: usize = 20_000;
/// Aliases inside what other aliases stand for.
const MAX_ALIAS_DEPTH: usize = 8;

/// A place in the file: line and column, both from 1.
pub(crate) type Place = (u64, u64);

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Option<Place>,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(at: Place, message: impl Into<String>) -> Self {
        Self { at: Some(at), message: message.into() }
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) at: Place,
    pub(crate) value: Value,
}

/// What YAML knows of a value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// One word, number or text, as written, without its quotes.
    Scalar {
        text: String,
        /// Whether it stands in quotes or in a block, and so can only be text.
        quoted: bool,
    },
    List(Vec<Node>),
    /// No key occurs twice.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: Place,
    pub(crate) node: Node,
}

/// Reads one YAML document; an empty text is [`Value::Null`].
pub(crate) fn read(text: &str) -> Result<Node, Fault> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_FILE_BYTES} are read", text.len());
        return Err(Fault { at: None, message });
    }
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return Ok(Node { at: (1, 1), value: Value::Null });
    }
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| fault(&error))?;
    Ok(node(raw, text))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 2,
            max_events: MAX_NODES * 2,
            max_nodes: MAX_NODES,
            max_anchors: MAX_ALIASES,
            max_aliases: MAX_ALIASES,
            max_merge_keys: MAX_ALIASES,
            max_recorded_anchor_events: MAX_ALIASED_NODES,
            max_recorded_anchor_bytes: MAX_FILE_BYTES * 4,
            max_total_scalar_bytes: MAX_FILE_BYTES,
            max_inclusion_depth: 0,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_ALIASED_NODES,
            max_replay_stack_depth: MAX_ALIAS_DEPTH,
            max_alias_expansions_per_anchor: MAX_ALIASES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        reject_unsupported_tags: true,
        // Without snippets: the lines around an error may hold a password.
        with_snippet: false,
    }
}

/// The parser's error with our position, so its own is left out of the words. Values are never quoted: they may be
/// secrets.
fn fault(error: &Error) -> Fault {
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
        Error::MultipleDocuments { .. } => "a second YAML document begins here; remove it".into(),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_large(),
        Error::InvalidScalar { ty, .. } => format!("expected a value of type {ty}"),
        error => {
            let formatter = UserMessageFormatter.with_localizer(&WithoutPosition);
            let message = error.render_with_formatter(&formatter);
            if message.starts_with("recursion limit exceeded") { too_large() } else { message }
        }
    };
    Fault { at: error.location().map(place), message }
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
        "too deeply nested or too large: at most {MAX_DEPTH} levels, {MAX_NODES} values and {MAX_ALIASES} \
         aliases are read"
    )
}

fn place(location: Location) -> Place {
    (location.line().max(1), location.column().max(1))
}

/// A value as serde hands it over.
enum Raw {
    Null,
    /// A number or flag, whose spelling is still to be looked up.
    Plain,
    Text(String),
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
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
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
        Raw::Null => Value::Null,
        // A password may well be 0404: where text is wanted, it is what stands in the file.
        Raw::Plain => Value::Scalar { text: written(raw.defined, source).to_owned(), quoted: false },
        Raw::Text(text) => {
            let quoted = written(raw.defined, source) != text;
            Value::Scalar { text, quoted }
        }
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, source)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key_at: place(key.referenced),
                    key: key.value,
                    node: node(value, source),
                })
                .collect(),
        ),
    };
    Node { at: place(raw.referenced), value }
}

/// What stands at `location` in the file.
fn written(location: Location, source: &str) -> &str {
    let span = location.span();
    let range = span.byte_offset().zip(span.byte_len()).and_then(|(start, len)| {
        let start = usize::try_from(start).ok()?;
        source.get(start..start.checked_add(usize::try_from(len).ok()?)?)
    });
    range.unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(node: &Node) -> String {
        let at = format!("{}:{}", node.at.0, node.at.1);
        let body = match &node.value {
            Value::Null => "null".to_owned(),
            Value::Scalar { text, quoted } => format!("{text:?}{}", if *quoted { "q" } else { "" }),
            Value::List(items) => format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(", ")),
            Value::Map(entries) => {
                let entries = entries.iter().map(|entry| {
                    format!("{}@{}:{} {}", entry.key, entry.key_at.0, entry.key_at.1, outline(&entry.node))
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        };
        format!("{at} {body}")
    }

    #[test]
    fn every_key_and_value_knows_its_place_and_its_spelling() {
        let read = |text| outline(&read(text).expect("valid"));
        assert_eq!(
            read("a: 0404\nb:\n  - c: on # x\n    d: 'q'\n"),
            r#"1:1 {a@1:1 1:4 "0404", b@2:1 3:3 [3:5 {c@3:5 3:8 "on", d@4:5 4:8 "q"q}]}"#
        );
        assert_eq!(
            read("a: &x {n: 5}\nb: *x\n"),
            r#"1:1 {a@1:1 1:7 {n@1:8 1:11 "5"}, b@2:1 2:4 {n@2:4 2:4 "5"}}"#
        );
        assert_eq!(read("# nothing\n\n"), "1:1 null");
        assert_eq!(
            read("a: &x {n: 5, m: 1}\nb:\n  <<: *x\n  m: 2\n")
                .split_once(", b@")
                .unwrap()
                .1
                .matches("m@")
                .count(),
            1
        );
    }

    #[test]
    fn syntax_errors_say_where() {
        let error = |text| read(text).map(|_| ()).expect_err(text);
        assert_eq!(error("a: 1\na: 2\n"), Fault::new((2, 1), "the key `a` is given twice; keep one of them"));
        assert_eq!(error("a: [1,\n").at, Some((1, 4)));
        assert_eq!(
            error("a: 1\n---\nb: 2\n"),
            Fault::new((3, 1), "a second YAML document begins here; remove it")
        );
    }

    #[test]
    fn bombs_are_refused_early() {
        let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in ["b", "c", "d", "e", "f", "g"].iter().zip(["a", "b", "c", "d", "e", "f"]) {
            let aliases = vec![format!("*{of}"); 10].join(", ");
            laughs = format!("{laughs}{name}: &{name} [{aliases}]\n");
        }
        for bomb in [laughs, "[".repeat(100_000), "a: ".to_owned() + &"[".repeat(40) + &"]".repeat(40)] {
            let message = read(&bomb).map(|_| ()).expect_err("too large").message;
            assert!(message.starts_with("too deeply nested or too large"), "{message}");
        }
        assert!(
            read(&"x".repeat(5 << 20)).expect_err("too long").message.contains("at most 4194304 are read")
        );
    }
}
