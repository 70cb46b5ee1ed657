//! Holds a tree against the tables: unknown keys, missing ones, values of the wrong shape. What only makes sense
//! across several keys is left to the readers.

use chrono_tz::Tz;

use super::keys::{Key, QUERY, Shape, TABLES, Table, VALUE};
use super::tree::{Entry, Node, Position, Scalar, ScalarKind, Value};
use super::value;
use crate::dashboard::Note;
use crate::format::nearest::nearest;
use crate::format::{FINDINGS_LIMIT, LoadProblem, zone as zones};
use crate::text;
use crate::theme;
use crate::variable::adhoc::Filter;

/// Cells of a value that a message quotes.
const QUOTED_LIMIT_CELLS: usize = 60;
/// Keys that a message enumerates; more would not be read.
const KEYS_NAMED_LIMIT: usize = 12;

/// What is found wrong or odd in a file.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Vec<(Position, String)>,
    notes: Vec<(Position, String)>,
}

impl Report {
    /// The file cannot be used as it is.
    pub(super) fn problem(&mut self, at: Position, message: impl Into<String>) {
        if self.problems.len() < FINDINGS_LIMIT {
            self.problems.push((at, message.into()));
        }
    }

    /// The file can be used, but does not do all it says.
    pub(super) fn note(&mut self, at: Position, message: impl Into<String>) {
        if self.notes.len() < FINDINGS_LIMIT {
            self.notes.push((at, message.into()));
        }
    }

    /// Problems and notes in the order of the file, each once: an alias may have led to a place twice.
    pub(super) fn finish(mut self) -> (Vec<LoadProblem>, Vec<Note>) {
        self.problems.sort();
        self.problems.dedup();
        self.notes.sort();
        self.notes.dedup();
        let problems = self.problems.into_iter().map(|(at, message)| LoadProblem {
            line: Some(at.line),
            column: Some(at.column),
            message,
        });
        let notes = self.notes.into_iter().map(|(at, message)| note(at, message));
        (problems.collect(), notes.collect())
    }
}

/// A note with a place.
pub(super) fn note(at: Position, message: String) -> Note {
    Note { line: Some(at.line), column: Some(at.column), message }
}

/// Checks `node` and all that is in it.
pub(super) fn table(node: &Node, table: &'static Table, zone: Tz, report: &mut Report) {
    let Value::Map(entries) = &node.value else {
        report.problem(node.at, format!("{} must be {}, found {}", table.what, map_of(table), found(node)));
        return;
    };
    for entry in entries {
        let Some(key) = table.key(&entry.key) else {
            report.problem(entry.key_at, unknown_key(&entry.key, table));
            continue;
        };
        entry_value(entry, key, zone, report);
    }
    for required in table.required {
        if entries.iter().all(|entry| entry.key != *required && meant(&entry.key, table) != Some(required)) {
            report.problem(node.at, format!("{} needs `{required}`", table.what));
        }
    }
}

fn entry_value(entry: &Entry, key: &Key, zone: Tz, report: &mut Report) {
    let is_null = matches!(&entry.node.value, Value::Scalar(Scalar { kind: ScalarKind::Null, .. }));
    let takes_null = matches!(key.shape, Shape::Special) && value::special(&entry.node).is_some();
    if is_null && !takes_null {
        let remedy = match key.shape {
            Shape::Color | Shape::SeriesColor => "write a name, or quote a colour that begins with `#`",
            _ => "give it one or remove the key",
        };
        report.problem(entry.key_at, format!("`{}` has no value; {remedy}", key.name));
        return;
    }
    shape(&entry.node, &key.shape, &format!("`{}`", key.name), zone, report);
}

/// Checks the value of the key called `label`.
fn shape(node: &Node, expected: &Shape, label: &str, zone: Tz, report: &mut Report) {
    match (expected, &node.value) {
        (Shape::Map(keys) | Shape::ChoiceOrMap(_, keys) | Shape::FlagOrMap(keys), Value::Map(_)) => {
            table(node, keys, zone, report);
        }
        (Shape::VariableValue, Value::Map(_)) => table(node, &VALUE, zone, report),
        (Shape::TextOrList(limit) | Shape::Filters(limit), Value::List(items)) => {
            if items.len() > *limit {
                report.problem(
                    node.at,
                    format!("{label} has {} entries; at most {limit} are read", items.len()),
                );
            }
            for item in items.iter().take(*limit) {
                let error = match (expected, value::text(item)) {
                    (_, None) => Some(format!("each of {label} must be a text, found {}", found(item))),
                    (Shape::Filters(_), Some(text)) => Filter::parse(text).err(),
                    (_, Some(_)) => None,
                };
                if let Some(error) = error {
                    report.problem(item.at, error);
                }
            }
        }
        (Shape::List(item_shape, limit), Value::List(items)) => {
            // A panel may ask nothing, as long as it says so.
            let may_be_empty =
                matches!(item_shape, Shape::Map(table) if std::ptr::eq(*table, &raw const QUERY));
            if items.is_empty() && !may_be_empty {
                report.problem(node.at, format!("{label} is empty; give it an entry or remove the key"));
            }
            if items.len() > *limit {
                report.problem(
                    node.at,
                    format!("{label} has {} entries; at most {limit} are read", items.len()),
                );
            }
            for item in items.iter().take(*limit) {
                match item_shape {
                    Shape::Map(keys) => table(item, keys, zone, report),
                    _ => shape(item, item_shape, &format!("each of {label}"), zone, report),
                }
            }
        }
        (Shape::MapOf(value, limit), Value::Map(entries)) => {
            if entries.len() > *limit {
                report.problem(
                    node.at,
                    format!("{label} has {} entries; at most {limit} are read", entries.len()),
                );
            }
            for entry in entries.iter().take(*limit) {
                let quoted = text::fit(&entry.key, QUOTED_LIMIT_CELLS);
                shape(&entry.node, value, &format!("`{quoted}` in {label}"), zone, report);
            }
        }
        (Shape::PatternOrNames(limit), Value::List(_)) => {
            shape(node, &Shape::List(&Shape::FilledText, *limit), label, zone, report);
        }
        (Shape::List(..) | Shape::Map(_) | Shape::MapOf(..), _) | (_, Value::List(_) | Value::Map(_)) => {
            report.problem(node.at, format!("{label} must be {}, found {}", name(expected), found(node)));
        }
        (_, Value::Scalar(scalar)) => self::scalar(node, scalar, expected, label, zone, report),
    }
}

fn scalar(node: &Node, scalar: &Scalar, expected: &Shape, label: &str, zone: Tz, report: &mut Report) {
    let text = scalar.text.as_str();
    if let Shape::Choice(_, later) = expected
        && later.contains(&text)
    {
        report.note(node.at, format!("{label} `{text}` is not supported by this version yet; it is ignored"));
        return;
    }
    let message = match expected {
        Shape::Duration => value::duration_error(node).map(|error| format!("{label}: {error}")),
        Shape::MinStep if value::min_step(node).is_some() => None,
        Shape::MinStep => value::duration_error(node).map(|error| format!("{label}: {error}")),
        Shape::Time => value::time_error(node, zone).map(|error| format!("{label}: {error}")),
        // The names of series are said where the query is.
        Shape::ChoiceOrMap(..) if label == "`legend`" && text.contains("{{") => Some(format!(
            "{label} cannot be `{}`; names of series belong to their query: `queries: [{{ expr: .., legend: .. }}]`",
            text::fit(text, QUOTED_LIMIT_CELLS)
        )),
        Shape::Zone => zones::read(text).is_none().then(|| match zones::meant(text) {
            Some(name) => did_you_mean(label, text, name),
            None => cannot_be(label, text, std::iter::empty(), zones::EXAMPLES),
        }),
        Shape::Choice(now, _) | Shape::ChoiceOrMap(now, _) => {
            (!now.contains(&text)).then(|| cannot_be(label, text, now.iter().copied(), &one_of(now)))
        }
        Shape::Regex => value::regex(node).and_then(Result::err).map(|error| format!("{label}: {error}")),
        Shape::SeriesColor if value::series_color(node).is_some() => None,
        Shape::Color | Shape::SeriesColor => theme::parse_color(text)
            .is_none()
            .then(|| cannot_be(label, text, theme::color_names(), &name(expected))),
        Shape::LegendSort => {
            value::legend_sort(text).err().map(|error| format!("{label}: {error}; or `name`"))
        }
        Shape::Reduce => value::reduce_error(node).map(|error| format!("{label}: {error}")),
        // Which types there are, the reader of panels knows.
        Shape::PanelType | Shape::Text | Shape::Unit => None,
        _ => (!value::fits(node, expected))
            .then(|| format!("{label} must be {}, found {}", name(expected), found(node))),
    };
    if let Some(message) = message {
        report.problem(node.at, message);
    }
}

/// `draw cannot be line; did you mean lines?`
pub(super) fn cannot_be<'a>(
    label: &str,
    text: &str,
    names: impl Iterator<Item = &'a str>,
    expected: &str,
) -> String {
    let must_be =
        || format!("{label} cannot be `{}`; it must be {expected}", text::fit(text, QUOTED_LIMIT_CELLS));
    nearest(text, names).map_or_else(must_be, |name| did_you_mean(label, text, name))
}

fn did_you_mean(label: &str, text: &str, name: &str) -> String {
    format!("{label} cannot be `{}`; did you mean `{name}`?", text::fit(text, QUOTED_LIMIT_CELLS))
}

/// `a, b or c`
pub(super) fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} or {last}", names.join(", ")),
    }
}

/// The key that an unknown one most likely stands for.
pub(super) fn meant(found: &str, table: &Table) -> Option<&'static str> {
    if table.key(found).is_some() {
        return None;
    }
    let alias = table.aliases.iter().find(|(alias, _)| *alias == found).map(|(_, ours)| *ours);
    alias.or_else(|| nearest(found, table.keys.iter().map(|key| key.name)))
}

fn unknown_key(found: &str, table: &Table) -> String {
    let shown = text::fit(found, QUOTED_LIMIT_CELLS);
    let unknown = format!("unknown key `{shown}` in {}", table.what);
    if let Some(ours) = meant(found, table) {
        let is_alias = table.aliases.iter().any(|(alias, _)| *alias == found);
        return if is_alias {
            format!("{unknown}; it is called `{ours}` here")
        } else {
            format!("{unknown}; did you mean `{ours}`?")
        };
    }
    // What is left of `{ query: f(a, b) }` behind its comma.
    if found.ends_with([')', ']', '}', '"', '\'']) {
        return format!("{unknown}; quote a value that has a comma in it");
    }
    let homes: Vec<&str> =
        TABLES.iter().filter(|other| other.key(found).is_some()).map(|other| other.what).collect();
    if !homes.is_empty() {
        return format!("{unknown}; it belongs to {}", one_of(&homes));
    }
    if table.keys.len() <= KEYS_NAMED_LIMIT {
        return format!("{unknown}; there are {}", key_names(table));
    }
    format!("{unknown}; `promscope schema` names all keys")
}

fn key_names(table: &Table) -> String {
    let names: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
    names.join(", ")
}

fn map_of(table: &Table) -> String {
    if table.keys.len() <= KEYS_NAMED_LIMIT {
        format!("a map with the keys {}", key_names(table))
    } else {
        let names: Vec<&str> = table.keys.iter().take(4).map(|key| key.name).collect();
        format!("a map with keys such as {}", names.join(", "))
    }
}

fn found(node: &Node) -> String {
    match &node.value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::Scalar(Scalar { kind: ScalarKind::Null, .. }) => "nothing".to_owned(),
        Value::Scalar(Scalar { text, .. }) => format!("`{}`", text::fit(text, QUOTED_LIMIT_CELLS)),
    }
}

/// What a shape wants, in words that follow "must be".
fn name(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Unit | Shape::PanelType => "a text".to_owned(),
        Shape::FilledText => "a text that is not blank".to_owned(),
        Shape::Integer(low, high) => format!("a whole number from {low} to {high}"),
        Shape::Number => "a finite number".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Choice(now, _) => one_of(now),
        Shape::Name => "a name of letters, digits and underscores, and no number".to_owned(),
        Shape::Variable => "the name of a variable".to_owned(),
        Shape::FlagOrText => "true, false or a text".to_owned(),
        Shape::TextOrList(_) => "a text or a list of texts".to_owned(),
        Shape::Filters(_) => "true, or a list of filters such as job=\"api\"".to_owned(),
        Shape::VariableValue => "a text, or a map with the keys value, text".to_owned(),
        Shape::Duration => "a duration such as 30s or 5m".to_owned(),
        Shape::MinStep => "a duration such as 30s or 5m, or a variable such as $interval".to_owned(),
        Shape::Refresh => format!(
            "a duration such as 5s, at least {}, or off",
            crate::time_range::format_duration(crate::dashboard::REFRESH_MIN_MS)
        ),
        Shape::Time => "a time such as now-6h".to_owned(),
        Shape::Zone => zones::EXAMPLES.to_owned(),
        Shape::Color => "a name such as green, yellow, red or dark-blue, or a quoted \"#rrggbb\"".to_owned(),
        Shape::SeriesColor => {
            "a colour such as green or a quoted \"#rrggbb\", thresholds, palette or a scheme such as continuous-GrYlRd"
                .to_owned()
        }
        Shape::Regex => "a regular expression".to_owned(),
        Shape::Reduce => "a name such as last, mean or p95".to_owned(),
        Shape::LegendSort => "name, or a figure such as max, perhaps with a `-` before it".to_owned(),
        Shape::ActionKey => {
            "one character of the keyboard that promscope itself does not use, such as f or 1".to_owned()
        }
        Shape::Url => "an http:// or https:// address".to_owned(),
        Shape::Special => "nan, null, null+nan, true, false or empty".to_owned(),
        Shape::List(..) => "a list".to_owned(),
        Shape::Map(table) => map_of(table),
        Shape::MapOf(..) => "a map with names of columns as its keys".to_owned(),
        Shape::PatternOrNames(_) => "a pattern or a list of names".to_owned(),
        Shape::FlagOrMap(table) => format!("true, false, or {}", map_of(table)),
        Shape::ChoiceOrMap(now, table) => format!("{}, or {}", one_of(now), map_of(table)),
    }
}
