//! The JSON of Prometheus's query API, read in one pass without a tree: every series is handed on as it comes.
//!
//! The shape of `result` is told from its elements, because `resultType` may stand behind it or be missing.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use crate::query::SERVER_TEXT_LIMIT_CHARS;
use crate::series::Labels;

/// Warnings, and infos, kept of one answer; the rest is counted.
const WARNINGS_LIMIT: usize = 20;

/// Times are kept within this many milliseconds of 1970, so that arithmetic with them cannot overflow. 9999 is inside.
const TIME_LIMIT_MS: f64 = 1e15;

/// A time in Unix milliseconds and a value.
pub(super) type Point = (i64, f64);

/// Takes the series of an answer one by one.
pub(super) trait Collect {
    /// One series; `points` may be empty. Returns whether another one is wanted.
    fn series(&mut self, labels: Labels, points: &[Point]) -> bool;
}

/// `resultType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Text,
    Vector,
    Matrix,
}

/// What an answer says besides its series.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) status: Option<String>,
    pub(super) error_type: Option<String>,
    pub(super) error: Option<String>,
    /// Whether there was `data` with a `result` in it.
    pub(super) has_result: bool,
    pub(super) kind: Option<Kind>,
    /// The one pair of a scalar or a string.
    pub(super) single: Option<(i64, String)>,
    pub(super) series_left_out: usize,
    /// Series with native histograms: how many, and the first.
    pub(super) histograms: Option<(usize, Labels)>,
    pub(super) warnings: Vec<String>,
    pub(super) warnings_left_out: usize,
    pub(super) infos: Vec<String>,
    /// Whether the server says that a part of it did not answer.
    pub(super) is_partial: bool,
}

impl Envelope {
    fn warn(&mut self, text: &str) {
        if self.warnings.len() < WARNINGS_LIMIT {
            self.warnings.push(text.chars().take(SERVER_TEXT_LIMIT_CHARS).collect());
        } else {
            self.warnings_left_out += 1;
        }
    }

    /// Infos are remarks about how a query is written. Those over the limit count with the warnings left out.
    fn inform(&mut self, text: &str) {
        if self.infos.len() < WARNINGS_LIMIT {
            self.infos.push(text.chars().take(SERVER_TEXT_LIMIT_CHARS).collect());
        } else {
            self.warnings_left_out += 1;
        }
    }
}

/// Reads `json`; the series go to `sink`.
pub(super) fn read(json: &str, sink: &mut dyn Collect) -> Result<Envelope, serde_json::Error> {
    let mut envelope = Envelope::default();
    let mut reader = Reader { envelope: &mut envelope, sink, points: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Top(&mut reader).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(envelope)
}

struct Reader<'r> {
    envelope: &'r mut Envelope,
    sink: &'r mut dyn Collect,
    /// The points of the series that is being read, kept to be used again.
    points: Vec<Point>,
}

/// Implements `DeserializeSeed` by a visitor that is the seed itself.
macro_rules! seed {
    ($name:ident, $value:ty, $method:ident) => {
        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<$value, D::Error> {
                deserializer.$method(self)
            }
        }
    };
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum TopKey {
    Status,
    Data,
    ErrorType,
    Error,
    Warnings,
    Infos,
    IsPartial,
    PartialResponse,
    #[serde(other)]
    Other,
}

struct Top<'a, 'r>(&'a mut Reader<'r>);
seed!(Top, (), deserialize_map);

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of the Prometheus API")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<TopKey>()? {
            match key {
                TopKey::Status => self.0.envelope.status = map.next_value::<AnyText>()?.into_text(),
                TopKey::ErrorType => self.0.envelope.error_type = map.next_value::<AnyText>()?.into_text(),
                TopKey::Error => self.0.envelope.error = map.next_value::<AnyText>()?.into_text(),
                TopKey::Data => map.next_value_seed(Data(self.0))?,
                TopKey::Warnings => map.next_value_seed(Texts(self.0, Envelope::warn))?,
                TopKey::Infos => map.next_value_seed(Texts(self.0, Envelope::inform))?,
                TopKey::IsPartial | TopKey::PartialResponse => {
                    self.0.envelope.is_partial |= matches!(map.next_value()?, Flag::Bool(true));
                }
                TopKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum DataKey {
    ResultType,
    Result,
    #[serde(other)]
    Other,
}

/// `data`: an object, or null beside an error.
struct Data<'a, 'r>(&'a mut Reader<'r>);
seed!(Data, (), deserialize_any);

impl<'de> Visitor<'de> for Data<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("data with resultType and result")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<DataKey>()? {
            match key {
                DataKey::ResultType => {
                    self.0.envelope.kind = match map.next_value::<AnyText>()?.into_text().as_deref() {
                        Some("matrix") => Some(Kind::Matrix),
                        Some("vector") => Some(Kind::Vector),
                        Some("scalar") => Some(Kind::Scalar),
                        Some("string") => Some(Kind::Text),
                        _ => self.0.envelope.kind,
                    }
                }
                DataKey::Result => {
                    map.next_value_seed(Items(self.0))?;
                    self.0.envelope.has_result = true;
                }
                DataKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// `result`: series, or the pair of a scalar or string, or null for nothing.
struct Items<'a, 'r>(&'a mut Reader<'r>);
seed!(Items, (), deserialize_any);

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series, or a time and a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            match seq.next_element_seed(Item(self.0))? {
                None => return Ok(()),
                Some(Next::Series) => {}
                Some(Next::Enough) => {
                    while seq.next_element::<IgnoredAny>()?.is_some() {
                        self.0.envelope.series_left_out += 1;
                    }
                    return Ok(());
                }
                Some(Next::Time(time_ms)) => {
                    let text = seq.next_element::<AnyText>()?.and_then(AnyText::into_text);
                    let text = text.ok_or_else(|| A::Error::custom("a value in quotes is missing"))?;
                    self.0.envelope.single = Some((time_ms, text));
                    return Ok(());
                }
            }
        }
    }
}

enum Next {
    Series,
    Enough,
    Time(i64),
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum SeriesKey {
    Metric,
    Value,
    Values,
    Histogram,
    Histograms,
    #[serde(other)]
    Other,
}

/// One element of `result`.
struct Item<'a, 'r>(&'a mut Reader<'r>);
seed!(Item, Next, deserialize_any);

impl<'de> Visitor<'de> for Item<'_, '_> {
    type Value = Next;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series or a time")
    }

    fn visit_f64<E: Error>(self, time_s: f64) -> Result<Next, E> {
        Ok(Next::Time(milliseconds(time_s)))
    }

    fn visit_i64<E: Error>(self, time_s: i64) -> Result<Next, E> {
        Ok(Next::Time(milliseconds(time_s as f64)))
    }

    fn visit_u64<E: Error>(self, time_s: u64) -> Result<Next, E> {
        Ok(Next::Time(milliseconds(time_s as f64)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Next, A::Error> {
        let Reader { envelope, sink, points } = self.0;
        points.clear();
        let mut labels = Labels::default();
        let mut has_histogram = false;
        while let Some(key) = map.next_key::<SeriesKey>()? {
            match key {
                SeriesKey::Metric => labels = map.next_value::<Metric>()?.0,
                SeriesKey::Value => {
                    let PointPair(point) = map.next_value()?;
                    points.push(point);
                    envelope.kind.get_or_insert(Kind::Vector);
                }
                SeriesKey::Values => {
                    map.next_value_seed(Points(points))?;
                    envelope.kind.get_or_insert(Kind::Matrix);
                }
                SeriesKey::Histogram | SeriesKey::Histograms => {
                    map.next_value::<IgnoredAny>()?;
                    has_histogram = true;
                }
                SeriesKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if has_histogram {
            envelope.histograms.get_or_insert_with(|| (0, labels.clone())).0 += 1;
        }
        Ok(if sink.series(labels, points) { Next::Series } else { Next::Enough })
    }
}

/// `metric`.
struct Metric(Labels);

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Metric;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metric, A::Error> {
                let mut pairs: Vec<(Box<str>, Box<str>)> = Vec::with_capacity(8);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Metric(Labels::new(pairs)))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

/// `values`: pairs appended to a list.
struct Points<'p>(&'p mut Vec<Point>);

impl<'de> DeserializeSeed<'de> for Points<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Points<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of times and values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(PointPair(point)) = seq.next_element()? {
            self.0.push(point);
        }
        Ok(())
    }
}

/// `[1435781430.781, "1"]`.
struct PointPair(Point);

impl<'de> Deserialize<'de> for PointPair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair;

        impl<'de> Visitor<'de> for Pair {
            type Value = PointPair;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time and a value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PointPair, A::Error> {
                let time_s: f64 = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let Number(value) = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                Ok(PointPair((milliseconds(time_s), value)))
            }
        }

        deserializer.deserialize_seq(Pair)
    }
}

/// Seconds to milliseconds, kept where arithmetic is safe.
fn milliseconds(time_s: f64) -> i64 {
    (time_s * 1000.0).round().clamp(-TIME_LIMIT_MS, TIME_LIMIT_MS) as i64
}

/// A sample's value: a number in quotes, `NaN`, `+Inf` and `-Inf` among them; without quotes it is taken as well.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Quoted;

        impl Visitor<'_> for Quoted {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number in quotes")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                number(text).map(Number).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
        }

        deserializer.deserialize_any(Quoted)
    }
}

/// A number as Prometheus writes it.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// `warnings` or `infos`: a list of texts, or null.
struct Texts<'a, 'r>(&'a mut Reader<'r>, fn(&mut Envelope, &str));
seed!(Texts, (), deserialize_any);

impl<'de> Visitor<'de> for Texts<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(text) = seq.next_element::<AnyText>()? {
            if let Some(text) = text.into_text() {
                (self.1)(self.0.envelope, &text);
            }
        }
        Ok(())
    }
}

/// A text, or anything else, which is passed over.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum AnyText {
    Text(String),
    Other(IgnoredAny),
}

impl AnyText {
    fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(IgnoredAny) => None,
        }
    }
}

/// A boolean, or anything else, which counts as false.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Other(IgnoredAny),
}
