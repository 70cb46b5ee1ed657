//! Holds what an import writes against the key tables of the YAML reader: what this version does not read, or would
//! refuse, is left out with a note, so that every import loads.

mod variables;

use super::node::Node;
use super::out::{Out, OutMap};
use crate::field::{PATTERN_LIMIT_BYTES, Ramp, TextPattern};
use crate::format::yaml::keys::{DASHBOARD, Key, OVERRIDE_MATCHERS, PLANNED_TYPES, Shape, Support, Table};
use crate::format::zone;
use crate::panel::{KINDS, PanelKind};
use crate::theme;
use crate::time_range::{TimeRange, parse_duration_ms};

/// Any moment will do to see whether a range is empty.
const SOME_NOW_MS: i64 = 1_780_000_000_000;

/// Whether a range can be read.
pub(super) fn is_range(from: &str, to: &str) -> bool {
    TimeRange::parse(from, to, SOME_NOW_MS, chrono_tz::Tz::UTC).is_ok()
}

/// Takes out of `out` what the reader would not take; `node` is where notes go.
pub(super) fn conform(out: &mut OutMap, node: &Node<'_>) {
    Checker { node, origins: vec!["$".to_owned()] }.map(out, &DASHBOARD, None);
    variables::conform(out, node);
}

struct Checker<'a, 'j> {
    node: &'a Node<'j>,
    /// The JSON paths of the maps around, innermost last.
    origins: Vec<String>,
}

impl Checker<'_, '_> {
    fn note(&self, code: &'static str, message: &str) {
        let origin = self.origins.last().cloned().unwrap_or_default();
        self.node.note_at(origin, code, message);
    }

    fn map(&mut self, out: &mut OutMap, table: &'static Table, kind: Option<&'static PanelKind>) {
        let has_origin = !out.origin.is_empty();
        if has_origin {
            self.origins.push(out.origin.clone());
        }
        let kind = if table.name == "panel" { panel_kind(out) } else { kind };
        let mut index = 0;
        while index < out.entries.len() {
            let (name, value) = &mut out.entries[index];
            if self.entry(name, value, table, kind) {
                index += 1;
            } else {
                out.entries.remove(index);
            }
        }
        self.ends(out);
        if has_origin {
            self.origins.pop();
        }
    }

    /// Takes out ends between which there is nothing.
    fn ends(&self, out: &mut OutMap) {
        for (low, high) in [("min", "max"), ("soft_min", "soft_max")] {
            let number = |key: &str| match out.get(key) {
                Some(Out::Text(text) | Out::Plain(text)) => text.parse::<f64>().ok(),
                _ => None,
            };
            if let (Some(from), Some(to)) = (number(low), number(high))
                && from >= to
            {
                self.note(
                    "value",
                    &format!("`{high}` {to} does not lie above `{low}` {from}; both are left out"),
                );
                out.remove(low);
                out.remove(high);
            }
        }
    }

    /// Whether the entry stays.
    fn entry(
        &mut self,
        name: &str,
        value: &mut Out,
        table: &'static Table,
        kind: Option<&'static PanelKind>,
    ) -> bool {
        let Some(key) = table.keys.iter().find(|key| key.name == name) else {
            self.note(
                "not-yet",
                &format!("`{name}` of {} is not supported by this version yet and left out", table.what),
            );
            return false;
        };
        // In an override, the table says who reads a key as little as the panel's own.
        let by_type = key.support == Support::ByType || is_by_type(name);
        if by_type
            && matches!(table.name, "panel" | "override")
            && let Some(kind) = kind
            && !kind.options.contains(&name)
        {
            self.note("not-yet", &format!("a {} panel does not read `{name}`; it is left out", kind.name));
            return false;
        }
        self.shape(key, &key.shape, value, kind)
    }

    fn shape(
        &mut self,
        key: &Key,
        shape: &'static Shape,
        value: &mut Out,
        kind: Option<&'static PanelKind>,
    ) -> bool {
        match (shape, &mut *value) {
            (Shape::VariableValue, Out::Map(_)) => true,
            (Shape::TextOrList(limit) | Shape::Filters(limit), Out::List(items)) => {
                items.truncate(*limit);
                items.retain(|item| matches!(item, Out::Text(_) | Out::Plain(_)));
                !items.is_empty()
            }
            (Shape::Map(table) | Shape::ChoiceOrMap(_, table) | Shape::FlagOrMap(table), Out::Map(map)) => {
                self.map(map, table, kind);
                !map.entries.is_empty()
            }
            (Shape::MapOf(value, limit), Out::Map(map)) => {
                self.bound(key, &mut map.entries, *limit);
                map.entries.retain_mut(|(_, one)| self.shape(key, value, one, kind));
                !map.entries.is_empty()
            }
            (Shape::PatternOrNames(limit), Out::List(items)) => {
                self.bound(key, items, *limit);
                items.retain_mut(|one| self.shape(key, &Shape::FilledText, one, kind));
                !items.is_empty()
            }
            (Shape::List(item, limit), Out::List(items)) => {
                self.bound(key, items, *limit);
                items.retain_mut(|one| {
                    self.shape(key, item, one, kind) && (key.name != "overrides" || Self::keeps_override(one))
                });
                // No queries at all are a panel that asks nothing.
                !items.is_empty() || key.name == "queries"
            }
            (Shape::List(..) | Shape::Map(_) | Shape::MapOf(..), _) | (_, Out::List(_) | Out::Map(_)) => {
                self.note(
                    "not-yet",
                    &format!("`{}` cannot be read as it is written and is left out", key.name),
                );
                false
            }
            (_, Out::Text(text) | Out::Plain(text)) => match scalar_problem(shape, text) {
                None => true,
                Some(problem) => {
                    self.note("value", &format!("`{}`: {problem}; it is left out", key.name));
                    false
                }
            },
        }
    }

    /// Leaves out what lies beyond `limit`, with a note.
    fn bound<T>(&self, key: &Key, items: &mut Vec<T>, limit: usize) {
        if items.len() > limit {
            let more = items.len() - limit;
            self.note(
                "too-many",
                &format!("`{}` has at most {limit} entries; {more} are left out", key.name),
            );
            items.truncate(limit);
        }
    }

    /// Whether an override picks series and says something of them.
    fn keeps_override(one: &Out) -> bool {
        let Some(map) = one.as_map() else { return false };
        let ways = map.entries.iter().filter(|(key, _)| OVERRIDE_MATCHERS.contains(&key.as_str())).count();
        ways == 1 && map.entries.len() > 1
    }
}

/// Whether a key of panels is read by some types only.
fn is_by_type(name: &str) -> bool {
    crate::format::yaml::keys::PANEL.keys.iter().any(|key| key.name == name && key.support == Support::ByType)
}

/// The type of a panel, if this version has it.
fn panel_kind(panel: &OutMap) -> Option<&'static PanelKind> {
    let Some(Out::Text(name)) = panel.get("type") else { return None };
    debug_assert!(
        KINDS.iter().any(|kind| kind.name == name) || PLANNED_TYPES.contains(&name.as_str()),
        "{name} is no type of the format"
    );
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// What is wrong with a scalar for its key.
fn scalar_problem(shape: &Shape, text: &str) -> Option<String> {
    let quoted = || format!("`{}`", crate::text::fit(text, 40));
    match shape {
        Shape::FilledText | Shape::PatternOrNames(_) if text.trim().is_empty() => {
            Some("it is blank".to_owned())
        }
        Shape::Integer(low, high) => {
            let fits = text.parse::<i64>().is_ok_and(|number| (*low..=*high).contains(&number));
            (!fits).then(|| format!("{} is no whole number from {low} to {high}", quoted()))
        }
        Shape::Number => {
            (!text.parse::<f64>().is_ok_and(f64::is_finite)).then(|| format!("{} is no number", quoted()))
        }
        Shape::Name | Shape::Variable => {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let is_name = text.chars().all(is_word) && text.chars().any(|c| !c.is_ascii_digit());
            (!is_name).then(|| format!("{} is no name", quoted()))
        }
        Shape::Filters(_) => (text != "true").then(|| format!("{} is no filter", quoted())),
        Shape::Flag | Shape::FlagOrMap(_) => {
            (!matches!(text, "true" | "false")).then(|| format!("{} is neither true nor false", quoted()))
        }
        Shape::Choice(now, later) => (!now.contains(&text) && !later.contains(&text))
            .then(|| format!("{} is not supported by this version yet", quoted())),
        Shape::ChoiceOrMap(now, _) => {
            (!now.contains(&text)).then(|| format!("{} is not supported by this version yet", quoted()))
        }
        Shape::Zone => zone::read(text).is_none().then(|| format!("{} is no zone", quoted())),
        Shape::Duration => parse_duration_ms(text).err().map(|error| error.to_string()),
        Shape::Color => theme::parse_color(text).is_none().then(|| format!("{} is no colour", quoted())),
        Shape::SeriesColor => (theme::parse_color(text).is_none()
            && Ramp::parse(text).is_none()
            && !matches!(text, "palette" | "thresholds"))
        .then(|| format!("{} is no colour", quoted())),
        Shape::Reduce => {
            crate::reduce::Reduce::parse(text).is_none().then(|| format!("{} is no figure", quoted()))
        }
        Shape::Regex => regex_problem(text),
        _ => None,
    }
}

fn regex_problem(text: &str) -> Option<String> {
    TextPattern::new(text).err().map(|error| format!("the pattern cannot be read: {error}"))
}

/// Whether a mapping's pattern can be read.
pub(super) fn is_text_pattern(pattern: &str) -> bool {
    pattern.len() <= PATTERN_LIMIT_BYTES && TextPattern::new(pattern).is_ok()
}
