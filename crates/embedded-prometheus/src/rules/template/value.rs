//! The values that templates compute with, and how Go would print them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::format_g;

/// A label set as templates see it.
pub(super) type LabelMap = Arc<BTreeMap<String, String>>;

#[derive(Debug, Clone)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    Labels(LabelMap),
    Sample(Arc<SampleValue>),
    Vector(Arc<Vec<Arc<SampleValue>>>),
    /// `.` of the whole template.
    Root,
}

/// One series' value, as `query` answers.
#[derive(Debug, Clone)]
pub(super) struct SampleValue {
    pub(super) labels: LabelMap,
    pub(super) value: f64,
}

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// What `if` makes of it: everything but nothing, zero and the empty is true.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Labels(labels) => !labels.is_empty(),
            Self::Vector(samples) => !samples.is_empty(),
            Self::Sample(_) | Self::Root => true,
        }
    }

    /// Its type, as Go names it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Labels(_) => "map[string]string",
            Self::Sample(_) => "*template.sample",
            Self::Vector(_) => "template.queryResult",
            Self::Root => {
                "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; \
                           Value interface {} }"
            }
        }
    }

    /// As Go's `%v`.
    pub(super) fn print(&self) -> String {
        match self {
            Self::Nil => "<no value>".into(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => format_g(*value),
            Self::Text(text) => text.to_string(),
            Self::Labels(labels) => print_labels(labels),
            Self::Sample(sample) => print_sample(sample),
            Self::Vector(samples) => {
                let samples: Vec<_> = samples.iter().map(|sample| print_sample(sample)).collect();
                format!("[{}]", samples.join(" "))
            }
            Self::Root => "{}".into(),
        }
    }
}

fn print_sample(sample: &SampleValue) -> String {
    format!("{{{} {}}}", print_labels(&sample.labels), format_g(sample.value))
}

fn print_labels(labels: &BTreeMap<String, String>) -> String {
    let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("map[{}]", labels.join(" "))
}
