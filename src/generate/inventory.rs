//! What a server has: metrics with the labels of their series, types and help texts, and the targets they come from.

use std::collections::{BTreeMap, BTreeSet};

/// Metrics that are looked at; more are counted.
pub const METRICS_LIMIT: usize = 5_000;

/// Different values that are counted of one label; more are as good as many.
const VALUES_LIMIT: usize = 64;

/// Labels of one metric that are looked at.
const LABELS_LIMIT: usize = 64;

/// What a server has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Whom it scrapes, where that is of interest.
    pub targets: Vec<Target>,
    /// What could not be learned, as a note.
    pub problem: Option<String>,
    /// Series names beyond [`METRICS_LIMIT`].
    pub(super) more_metrics: usize,
    pub(super) metadata: BTreeMap<String, Metadata>,
    pub(super) metrics: BTreeMap<String, Metric>,
}

/// A target and whether it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its whole address.
    pub url: String,
    /// Whether it answers.
    pub state: TargetState,
}

/// Whether a target answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// Not asked yet.
    Unknown,
    /// It does.
    Up,
    /// It does not, for this reason.
    Down(String),
}

/// What an exposition says about a family of metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) kind: Kind,
    pub(super) help: String,
}

/// The type of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    Info,
    /// Untyped, unknown, state sets, and whatever else there will be.
    Other,
}

/// All series of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metric {
    /// How many.
    pub(super) series: usize,
    /// Label to its values.
    pub(super) labels: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// Adds a family; `kind` is Prometheus's word for its type. What is said first counts.
    pub fn add_metadata(&mut self, family: &str, kind: &str, help: &str) {
        let kind = match kind {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "histogram" => Kind::Histogram,
            "gaugehistogram" => Kind::GaugeHistogram,
            "summary" => Kind::Summary,
            "info" => Kind::Info,
            _ => Kind::Other,
        };
        if self.metadata.len() < METRICS_LIMIT {
            let metadata = Metadata { kind, help: help.to_owned() };
            self.metadata.entry(family.to_owned()).or_insert(metadata);
        }
    }

    /// Adds a series; one without a name is left out.
    pub fn add_series<'a>(&mut self, labels: impl IntoIterator<Item = (&'a str, &'a str)> + Clone) {
        let Some((_, name)) = labels.clone().into_iter().find(|(label, _)| *label == "__name__") else {
            return;
        };
        // To Prometheus an empty label is one that is not there.
        if name.is_empty() {
            return;
        }
        if self.metrics.len() >= METRICS_LIMIT && !self.metrics.contains_key(name) {
            self.more_metrics += 1;
            return;
        }
        let metric = self.metrics.entry(name.to_owned()).or_default();
        metric.series += 1;
        for (label, value) in labels.into_iter().filter(|(label, _)| *label != "__name__") {
            if metric.labels.len() >= LABELS_LIMIT && !metric.labels.contains_key(label) {
                continue;
            }
            let values = metric.labels.entry(label.to_owned()).or_default();
            if values.len() < VALUES_LIMIT && !values.contains(value) {
                values.insert(value.to_owned());
            }
        }
    }

    /// Series that were added.
    pub fn series(&self) -> usize {
        self.metrics.values().map(|metric| metric.series).sum()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.metrics.contains_key(name)
    }

    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        self.metadata.get(name).map(|metadata| metadata.kind)
    }
}

impl Metric {
    pub(super) fn has_label(&self, label: &str) -> bool {
        self.labels.contains_key(label)
    }

    /// The labels by which its series differ, apart from `apart`, each with how many values it has. Only those that
    /// can be written in every version of PromQL.
    pub(super) fn varying<'a>(&'a self, apart: &'a [&'a str]) -> impl Iterator<Item = (&'a str, usize)> {
        self.labels
            .iter()
            .filter(|(label, values)| {
                values.len() > 1 && is_label_name(label) && !apart.contains(&label.as_str())
            })
            .map(|(label, values)| (label.as_str(), values.len()))
    }
}

fn is_label_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
