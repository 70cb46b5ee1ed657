//! Single values out of the tree. Everything is `None` where [`super::validate`] has reported a problem already.

use chrono_tz::Tz;
use url::Url;

use super::keys::{Shape, Table};
use super::tree::{Entry, Node, Position, Scalar, ScalarKind, Value};
use crate::dashboard::{LegendSort, MinStep, REFRESH_MIN_MS};
use crate::field::{MappingMatch, PatternError, Ramp, SeriesColor, TextPattern};
use crate::format::RESERVED_KEYS;
use crate::reduce::{Reduce, UnknownReduce};
use crate::theme::{self, Rgb};
use crate::time_range::{TimeError, TimePoint, parse_duration_ms};
use crate::variable::references;

/// A map whose keys are those of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'n> {
    pub(super) at: Position,
    table: &'static Table,
    pub(super) entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// `node` as such a map; without entries where it is none.
    pub(super) fn new(node: &'n Node, table: &'static Table) -> Self {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        Self { at: node.at, table, entries }
    }

    /// Whether the table has a key `name`.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.table.key(name).is_some()
    }

    /// The entry of key `name`, with whatever value.
    pub(super) fn entry(&self, name: &str) -> Option<&'n Entry> {
        debug_assert!(self.table.key(name).is_some(), "{} has no key {name}", self.table.what);
        self.entries.iter().find(|entry| entry.key == name)
    }

    /// The value of key `name`.
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|entry| &entry.node)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(text).map(str::to_owned)
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|node| match self.table.key(name)?.shape {
            Shape::Integer(low, high) => integer(node, low, high),
            _ => None,
        })
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(number).filter(|number| number.is_finite())
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(flag)
    }

    pub(super) fn color(&self, name: &str) -> Option<Rgb> {
        self.get(name).and_then(text).and_then(theme::parse_color)
    }

    pub(super) fn reduce(&self, name: &str) -> Option<Reduce> {
        self.get(name).and_then(reduce)
    }

    pub(super) fn duration_ms(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(duration_ms)
    }

    pub(super) fn items(&self, name: &str) -> &'n [Node] {
        self.get(name).map_or(&[], items)
    }
}

/// Where a series' colour comes from.
pub(super) fn series_color(node: &Node) -> Option<SeriesColor> {
    match text(node)? {
        "palette" => Some(SeriesColor::Palette),
        "thresholds" => Some(SeriesColor::Thresholds),
        color => {
            let ramp = Ramp::parse(color).map(SeriesColor::Continuous);
            ramp.or_else(|| theme::parse_color(color).map(SeriesColor::Fixed))
        }
    }
}

/// A regular expression as Grafana writes it.
pub(super) fn regex(node: &Node) -> Option<Result<TextPattern, PatternError>> {
    text(node).map(TextPattern::new)
}

/// The entries of a list.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}

/// The entries of a map.
pub(super) fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn scalar(node: &Node) -> Option<&Scalar> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar),
        _ => None,
    }
}

/// The words as they are written.
pub(super) fn text(node: &Node) -> Option<&str> {
    scalar(node).filter(|scalar| scalar.kind != ScalarKind::Null).map(|scalar| scalar.text.as_str())
}

pub(super) fn number(node: &Node) -> Option<f64> {
    match scalar(node)?.kind {
        ScalarKind::Number(number) => Some(number),
        _ => None,
    }
}

fn integer(node: &Node, low: i64, high: i64) -> Option<i64> {
    let number = number(node)?;
    (number.fract() == 0.0 && (low as f64..=high as f64).contains(&number)).then_some(number as i64)
}

pub(super) fn flag(node: &Node) -> Option<bool> {
    match scalar(node)?.kind {
        ScalarKind::Flag(flag) => Some(flag),
        _ => None,
    }
}

pub(super) fn reduce(node: &Node) -> Option<Reduce> {
    text(node).and_then(Reduce::parse)
}

pub(super) fn reduce_error(node: &Node) -> Option<UnknownReduce> {
    Reduce::read(text(node)?).err()
}

/// `name` or a reducer, perhaps with a `-` before it.
pub(super) fn legend_sort(text: &str) -> Result<LegendSort, UnknownReduce> {
    let (word, is_descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
    let by = if word == "name" { None } else { Some(Reduce::read(word)?) };
    Ok(LegendSort { by, is_descending })
}

pub(super) fn duration_ms(node: &Node) -> Option<i64> {
    parse_duration_ms(text(node)?).ok()
}

/// A duration, or a text with variables.
pub(super) fn min_step(node: &Node) -> Option<MinStep> {
    let text = text(node)?;
    if references(text).next().is_some() {
        return Some(MinStep::Text(text.to_owned()));
    }
    duration_ms(node).map(MinStep::Fixed)
}

pub(super) fn duration_error(node: &Node) -> Option<TimeError> {
    parse_duration_ms(text(node)?).err()
}

pub(super) fn time(node: &Node, zone: Tz) -> Option<TimePoint> {
    TimePoint::parse(text(node)?, zone).ok()
}

pub(super) fn time_error(node: &Node, zone: Tz) -> Option<TimeError> {
    TimePoint::parse(text(node)?, zone).err()
}

/// A refresh; the inner `None` is `off`.
#[expect(clippy::option_option, reason = "outside: readable or not, inside: a duration or off")]
pub(super) fn refresh_ms(node: &Node) -> Option<Option<i64>> {
    if text(node)? == "off" {
        return Some(None);
    }
    duration_ms(node).filter(|refresh_ms| *refresh_ms >= REFRESH_MIN_MS).map(Some)
}

pub(super) fn action_key(node: &Node) -> Option<char> {
    let mut characters = text(node)?.chars();
    let key = characters.next().filter(|key| !key.is_whitespace() && !key.is_control())?;
    (characters.next().is_none() && !RESERVED_KEYS.contains(key)).then_some(key)
}

pub(super) fn url(node: &Node) -> Option<&str> {
    let text = text(node)?;
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(text)
}

/// What a mapping's `special` matches.
pub(super) fn special(node: &Node) -> Option<Vec<MappingMatch>> {
    let word = scalar(node)?.text.as_str();
    Some(match word {
        "nan" | "NaN" | ".nan" => vec![MappingMatch::Nan],
        "null" | "~" => vec![MappingMatch::Null],
        "null+nan" => vec![MappingMatch::Null, MappingMatch::Nan],
        "true" | "false" => vec![MappingMatch::Text(word.to_owned())],
        "empty" => vec![MappingMatch::Text(String::new())],
        _ => return None,
    })
}

/// The name of a variable: letters, digits and underscores, and no number, which would be a group of a pattern.
pub(super) fn name(node: &Node) -> Option<&str> {
    let text = text(node)?;
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && text.chars().any(|c| !c.is_ascii_digit())).then_some(text)
}

/// The name of a variable that is referred to: `host`, `$host`.
pub(super) fn variable(node: &Node) -> Option<&str> {
    let text = text(node)?.trim();
    let bare = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    let name = bare.or_else(|| text.strip_prefix('$')).unwrap_or(text);
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then_some(name)
}

/// Whether a scalar is what a shape without a message of its own wants.
pub(super) fn fits(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Name => name(node).is_some(),
        Shape::Variable => variable(node).is_some(),
        Shape::FlagOrText | Shape::TextOrList(_) | Shape::VariableValue => text(node).is_some(),
        Shape::Filters(_) => flag(node) == Some(true),
        Shape::FilledText | Shape::PatternOrNames(_) => {
            text(node).is_some_and(|text| !text.trim().is_empty())
        }
        Shape::Integer(low, high) => integer(node, *low, *high).is_some(),
        Shape::Number => number(node).is_some_and(f64::is_finite),
        Shape::Flag | Shape::FlagOrMap(_) => flag(node).is_some(),
        Shape::Refresh => refresh_ms(node).is_some(),
        Shape::ActionKey => action_key(node).is_some(),
        Shape::Url => url(node).is_some(),
        Shape::Special => special(node).is_some(),
        _ => true,
    }
}
