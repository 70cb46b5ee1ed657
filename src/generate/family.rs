//! Series names to families: which of them belong together, and what they are.
//!
//! The type that the exposition gives counts first; without one the suffixes and labels of the text format do.

use std::collections::BTreeMap;

use super::inventory::{Inventory, Kind, Metric};
use crate::text;

/// Longest name that gets a panel, in bytes.
const NAME_LIMIT_BYTES: usize = 200;

/// Metrics that every scrape has, whatever the target: what they mean is said here, since no exposition does.
const SYNTHETIC: &[(&str, &str)] = &[
    ("up", "Whether the target answered."),
    ("scrape_duration_seconds", "How long the target took."),
    ("scrape_samples_scraped", "Samples that the target gave."),
    ("scrape_samples_post_metric_relabeling", "Samples that relabelling left."),
    ("scrape_series_added", "Series that were new."),
];

/// Whether Prometheus itself writes this metric for each scrape.
pub(super) fn is_synthetic(name: &str) -> bool {
    SYNTHETIC.iter().any(|(known, _)| *known == name)
}

/// A family that gets panels.
#[derive(Debug)]
pub(super) struct Family<'a> {
    /// Its name, without the suffixes of its series.
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) help: &'a str,
    /// The series that its labels are taken from.
    pub(super) metric: &'a Metric,
}

/// What a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Counter,
    Gauge,
    /// Seconds since 1970.
    Date,
    /// Classic buckets; of a gauge histogram they may also fall.
    Histogram {
        is_gauge: bool,
    },
    Summary {
        has_quantiles: bool,
        has_count: bool,
    },
    Info,
}

/// All families, and the names of what gets no panel by the reason.
#[derive(Debug, Default)]
pub(super) struct Families<'a> {
    pub(super) families: Vec<Family<'a>>,
    pub(super) left_out: BTreeMap<&'static str, Vec<String>>,
}

/// What one series name is.
enum Role<'a> {
    /// Of this family.
    Of(&'a str, Shape),
    /// Belongs to another name's family.
    Part,
    /// Gets no panel.
    LeftOut(&'static str),
}

impl<'a> Families<'a> {
    /// The families of `inventory`, by name. Nothing as long as there is only what scraping itself writes: that is
    /// of interest beside the target's own metrics, not instead of them.
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut found = Self::default();
        if inventory.metrics.keys().all(|name| is_synthetic(name)) {
            return found;
        }
        let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
        for (name, metric) in &inventory.metrics {
            match role(name, metric, inventory) {
                Role::Part => {}
                Role::LeftOut(reason) => {
                    found.left_out.entry(reason).or_default().push(shown(name));
                }
                Role::Of(family, shape) => {
                    let help = help(name, family, inventory);
                    families.entry(family).or_insert(Family { name: family.to_owned(), shape, help, metric });
                }
            }
        }
        found.families = families.into_values().collect();
        found
    }
}

/// A name that may be anything, for a note.
fn shown(name: &str) -> String {
    text::fit(&text::clean(name), NAME_LIMIT_BYTES).into_owned()
}

/// Whether a text can stand in a dashboard's query as it is: on one line, and without a dollar sign or two brackets,
/// which would be taken for a variable.
pub fn can_be_written(text: &str) -> bool {
    text::clean(text) == text && !text.contains('$') && !text.contains("[[")
}

fn role<'a>(name: &'a str, metric: &Metric, inventory: &Inventory) -> Role<'a> {
    if name.len() > NAME_LIMIT_BYTES {
        return Role::LeftOut("as the name is too long");
    }
    if !can_be_written(name) {
        return Role::LeftOut("as the name cannot be written in a dashboard");
    }
    let base = |suffix| name.strip_suffix(suffix).filter(|base| !base.is_empty());
    if let Some(base) = base("_bucket").filter(|_| metric.has_label("le")) {
        return Role::Of(
            base,
            Shape::Histogram { is_gauge: inventory.kind(base) == Some(Kind::GaugeHistogram) },
        );
    }
    for suffix in ["_sum", "_count", "_gsum", "_gcount"] {
        if let Some(role) = base(suffix).and_then(|base| part(name, base, inventory)) {
            return role;
        }
    }
    if base("_created").is_some_and(|base| is_created(base, inventory)) {
        return Role::LeftOut("as they only tell when counting began");
    }
    let shape = match inventory.kind(name) {
        Some(Kind::Counter) => Shape::Counter,
        Some(Kind::Summary) => quantiles(name, inventory),
        Some(Kind::Info) => Shape::Info,
        Some(Kind::Histogram | Kind::GaugeHistogram) => {
            return Role::LeftOut("as native histograms cannot be drawn yet");
        }
        Some(Kind::Gauge) => gauge(name, inventory),
        Some(Kind::Other) | None => untyped(name, metric, inventory),
    };
    Role::Of(name, shape)
}

fn quantiles(name: &str, inventory: &Inventory) -> Shape {
    Shape::Summary { has_quantiles: true, has_count: inventory.has(&format!("{name}_count")) }
}

/// `NAME_sum` and `NAME_count` of a histogram or summary.
fn part<'a>(name: &'a str, base: &'a str, inventory: &Inventory) -> Option<Role<'a>> {
    let has_type =
        matches!(inventory.kind(base), Some(Kind::Summary | Kind::Histogram | Kind::GaugeHistogram));
    let has_quantiles = inventory.metrics.get(base).is_some_and(|metric| metric.has_label("quantile"));
    if inventory.has(&format!("{base}_bucket"))
        || has_quantiles && (has_type || inventory.kind(name).is_none())
    {
        return Some(Role::Part);
    }
    let sibling = if name.ends_with("_sum") { "_count" } else { "_sum" };
    let is_pair = inventory.kind(name).is_none() && inventory.has(&format!("{base}{sibling}"));
    if !has_type && !is_pair {
        return None;
    }
    // One of the two stands for both: the count, which has a rate of its own.
    Some(if name.ends_with("_count") {
        Role::Of(base, Shape::Summary { has_quantiles: false, has_count: true })
    } else {
        Role::Part
    })
}

fn is_created(base: &str, inventory: &Inventory) -> bool {
    ["_total", "_bucket", "_count", "_sum"].iter().any(|suffix| inventory.has(&format!("{base}{suffix}")))
        || matches!(inventory.kind(base), Some(Kind::Counter | Kind::Histogram | Kind::Summary))
}

fn untyped(name: &str, metric: &Metric, inventory: &Inventory) -> Shape {
    if is_synthetic(name) {
        Shape::Gauge
    } else if name.ends_with("_total") {
        Shape::Counter
    } else if metric.has_label("quantile") && inventory.has(&format!("{name}_count")) {
        quantiles(name, inventory)
    } else {
        gauge(name, inventory)
    }
}

fn gauge(name: &str, inventory: &Inventory) -> Shape {
    if name.ends_with("_info") {
        return Shape::Info;
    }
    let help = help(name, name, inventory).to_lowercase();
    let is_date = ["_timestamp_seconds", "_start_time_seconds", "_boot_time_seconds", "_created"]
        .iter()
        .any(|end| name.ends_with(end))
        || name.ends_with("_seconds")
            && ["1970", "epoch", "unix time"].iter().any(|word| help.contains(word));
    if is_date { Shape::Date } else { Shape::Gauge }
}

/// The help of a family; OpenMetrics gives it to the name without `_total` and `_info`.
fn help<'a>(name: &str, family: &str, inventory: &'a Inventory) -> &'a str {
    let bare = name.strip_suffix("_total").or_else(|| name.strip_suffix("_info")).unwrap_or(name);
    let given = [name, family, bare].iter().find_map(|name| inventory.metadata.get(*name));
    let synthetic = SYNTHETIC.iter().find(|(known, _)| *known == name).map(|(_, help)| *help);
    given.map(|metadata| metadata.help.as_str()).or(synthetic).unwrap_or_default()
}
