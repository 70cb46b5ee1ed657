//! One family to its panels: what is asked, by which label, in which unit.

use super::LINES_LIMIT;
use super::family::{Family, Shape};
use super::inventory::Metric;
use crate::text;

/// Characters of the help that a description has.
const HELP_LIMIT_CHARS: usize = 400;

/// Labels that a legend names.
const LEGEND_LABELS_LIMIT: usize = 3;

/// Labels by which a sum is of interest, the most telling first. Any other will do where none of them is there.
const TELLING: &[&str] = &[
    "path",
    "route",
    "handler",
    "endpoint",
    "uri",
    "method",
    "code",
    "status",
    "status_code",
    "outcome",
    "result",
    "mode",
    "device",
    "state",
    "type",
    "kind",
    "name",
];

/// Quantiles that are drawn of a histogram.
const QUANTILES: &[(&str, &str)] = &[("0.5", "p50"), ("0.9", "p90"), ("0.99", "p99")];

/// A panel as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Panel {
    pub(super) kind: &'static str,
    /// The metric's name, which is what its makers look for; its help text is the description.
    pub(super) title: String,
    pub(super) description: String,
    pub(super) unit: Option<&'static str>,
    pub(super) has_zero: bool,
    pub(super) queries: Vec<Query>,
    /// Labels that get no column.
    pub(super) hide_columns: Vec<&'static str>,
    /// Lines of a text.
    pub(super) content: Vec<String>,
}

/// A query as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) expr: String,
    pub(super) legend: Option<String>,
}

impl Panel {
    /// A text.
    pub(super) fn note(title: &str, content: Vec<String>) -> Self {
        Self { kind: "text", title: title.to_owned(), content, ..Self::default() }
    }
}

/// The panels of a family, at least one.
pub(super) fn panels(family: &Family<'_>, job: Option<&str>) -> Vec<Panel> {
    let asked = Asked { family, job };
    match family.shape {
        Shape::Counter => vec![asked.counter()],
        Shape::Gauge => vec![asked.gauge()],
        Shape::Date => vec![asked.date()],
        Shape::Info => vec![asked.info()],
        Shape::Histogram { is_gauge } => asked.histogram(is_gauge),
        Shape::Summary { has_quantiles: true, has_count: true } => vec![asked.quantiles(), asked.events()],
        Shape::Summary { has_quantiles: true, has_count: false } => vec![asked.quantiles()],
        Shape::Summary { has_quantiles: false, .. } => vec![asked.mean(), asked.events()],
    }
}

struct Asked<'a> {
    family: &'a Family<'a>,
    job: Option<&'a str>,
}

impl Asked<'_> {
    /// The selector of the family's series with this suffix.
    fn series(&self, suffix: &str) -> String {
        let name = format!("{}{suffix}", self.family.name);
        let job = self.job.map(|job| format!("job={}", quoted(job)));
        match (is_metric_name(&name), job) {
            (true, None) => name,
            (true, Some(job)) => format!("{name}{{{job}}}"),
            // A name with other characters is a label's value in every version of PromQL.
            (false, None) => format!("{{__name__={}}}", quoted(&name)),
            (false, Some(job)) => format!("{{__name__={},{job}}}", quoted(&name)),
        }
    }

    fn rate(&self, suffix: &str) -> String {
        format!("rate({}[$__rate_interval])", self.series(suffix))
    }

    /// A panel of this family without queries; `what` tells it from the family's others.
    fn panel(&self, kind: &'static str, what: &str) -> Panel {
        let Family { name, help, .. } = self.family;
        let help: String = text::clean(help.trim()).chars().take(HELP_LIMIT_CHARS).collect();
        Panel {
            kind,
            title: if what.is_empty() { name.clone() } else { format!("{name}, {what}") },
            description: if help.is_empty() { name.clone() } else { format!("{name}: {help}") },
            ..Panel::default()
        }
    }

    fn counter(&self) -> Panel {
        let label = telling_label(self.family.metric, &[]);
        let what = label.map_or_else(String::new, |label| format!("by {label}"));
        Panel {
            unit: Some(rate_unit(&self.family.name)),
            has_zero: true,
            queries: vec![sum_by(label, &self.rate(""))],
            ..self.panel("timeseries", &what)
        }
    }

    fn gauge(&self) -> Panel {
        let (limit, what) = top(self.family.metric);
        let expr = self.series("");
        let expr = if limit { format!("topk({LINES_LIMIT}, {expr})") } else { expr };
        let query = Query { expr, legend: Some(self.legend(&[])) };
        Panel { unit: unit(&self.family.name), queries: vec![query], ..self.panel("timeseries", what) }
    }

    fn date(&self) -> Panel {
        // Grafana's dates are in milliseconds.
        let query = Query { expr: format!("1000 * {}", self.series("")), legend: Some(self.legend(&[])) };
        Panel { unit: Some("dateTimeFromNow"), queries: vec![query], ..self.panel("stat", "") }
    }

    fn info(&self) -> Panel {
        let query = Query { expr: self.series(""), legend: None };
        let hide_columns = ["job", "instance"];
        let is_same =
            |label: &&str| self.family.metric.labels.get(*label).is_none_or(|values| values.len() < 2);
        let has_others =
            self.family.metric.labels.keys().any(|label| !hide_columns.contains(&label.as_str()));
        let hide_columns =
            if has_others { hide_columns.into_iter().filter(is_same).collect() } else { Vec::new() };
        Panel { queries: vec![query], hide_columns, ..self.panel("table", "") }
    }

    fn histogram(&self, is_gauge: bool) -> Vec<Panel> {
        let buckets = if is_gauge { self.series("_bucket") } else { self.rate("_bucket") };
        let by_le = format!("sum by (le) ({buckets})");
        let query = Query { expr: by_le.clone(), legend: Some("{{le}}".to_owned()) };
        let unit = unit(&self.family.name);
        let heatmap = Panel { unit, queries: vec![query], ..self.panel("heatmap", "") };
        let quantile = |(quantile, name): &(&str, &str)| Query {
            expr: format!("histogram_quantile({quantile}, {by_le})"),
            legend: Some((*name).to_owned()),
        };
        let queries = QUANTILES.iter().map(quantile).collect();
        vec![heatmap, Panel { unit, queries, ..self.panel("timeseries", "quantiles") }]
    }

    fn quantiles(&self) -> Panel {
        let metric = self.family.metric;
        let expr = self.series("");
        // Quantiles cannot be added up; where there are too many, the worst of each is shown.
        let query = if metric.series > LINES_LIMIT {
            Query { expr: format!("max by (quantile) ({expr})"), legend: Some("{{quantile}}".to_owned()) }
        } else {
            Query { expr, legend: Some(self.legend(&["quantile"])) }
        };
        let what = if metric.series > LINES_LIMIT { "highest quantiles" } else { "quantiles" };
        Panel { unit: unit(&self.family.name), queries: vec![query], ..self.panel("timeseries", what) }
    }

    fn mean(&self) -> Panel {
        let expr = format!("sum({}) / sum({})", self.rate("_sum"), self.rate("_count"));
        let query = Query { expr, legend: Some("mean".to_owned()) };
        Panel { unit: unit(&self.family.name), queries: vec![query], ..self.panel("timeseries", "mean") }
    }

    fn events(&self) -> Panel {
        let label = telling_label(self.family.metric, &["quantile"]);
        let what = label.map_or_else(|| "events".to_owned(), |label| format!("events by {label}"));
        Panel {
            unit: Some("ops"),
            has_zero: true,
            queries: vec![sum_by(label, &self.rate("_count"))],
            ..self.panel("timeseries", &what)
        }
    }

    /// What tells the lines apart, or the name where nothing does.
    fn legend(&self, first: &[&str]) -> String {
        let mut labels = first.to_vec();
        labels.extend(self.family.metric.varying(first).map(|(label, _)| label));
        labels.truncate(LEGEND_LABELS_LIMIT);
        if labels.is_empty() {
            return self.family.name.clone();
        }
        labels.iter().map(|label| format!("{{{{{label}}}}}")).collect::<Vec<_>>().join(" ")
    }
}

fn sum_by(label: Option<&str>, expr: &str) -> Query {
    match label {
        Some(label) => {
            Query { expr: format!("sum by ({label}) ({expr})"), legend: Some(format!("{{{{{label}}}}}")) }
        }
        None => Query { expr: format!("sum({expr})"), legend: Some("sum".to_owned()) },
    }
}

/// Whether only the largest are drawn, and the words for that.
fn top(metric: &Metric) -> (bool, &'static str) {
    if metric.series > LINES_LIMIT { (true, "largest") } else { (false, "") }
}

/// The label to sum by: one with few values, a telling one before others, its own before job and instance.
fn telling_label<'a>(metric: &'a Metric, apart: &'a [&'a str]) -> Option<&'a str> {
    let varying: Vec<(&str, usize)> =
        metric.varying(apart).filter(|(_, count)| *count <= LINES_LIMIT).collect();
    let telling = TELLING.iter().find(|label| varying.iter().any(|(known, _)| known == *label));
    if let Some(label) = telling {
        return Some(label);
    }
    let own = varying.iter().filter(|(label, _)| !matches!(*label, "job" | "instance"));
    // The first of those with most values: the order of labels is by name.
    let most = own.rev().max_by_key(|(_, count)| *count).map(|(label, _)| *label);
    most.or_else(|| {
        ["instance", "job"].into_iter().find(|label| varying.iter().any(|(known, _)| known == label))
    })
}

/// The unit of a value, by the end of its name as Prometheus's naming rules have it.
fn unit(name: &str) -> Option<&'static str> {
    const UNITS: &[(&str, &str)] = &[
        ("_seconds", "s"),
        ("_milliseconds", "ms"),
        ("_microseconds", "µs"),
        ("_nanoseconds", "ns"),
        ("_ms", "ms"),
        ("_bytes", "bytes"),
        ("_bits", "bits"),
        ("_ratio", "percentunit"),
        ("_percent", "percent"),
        ("_celsius", "celsius"),
        ("_fahrenheit", "fahrenheit"),
        ("_volts", "volt"),
        ("_amperes", "amp"),
        ("_watts", "watt"),
        ("_joules", "joule"),
        ("_hertz", "hertz"),
        ("_meters", "lengthm"),
        ("_bytes_per_second", "binBps"),
    ];
    UNITS.iter().rev().find(|(end, _)| name.ends_with(end)).map(|(_, unit)| *unit)
}

/// The unit of a counter's rate.
fn rate_unit(name: &str) -> &'static str {
    const WORDS: &[(&str, &str)] =
        &[("request", "reqps"), ("packet", "pps"), ("read", "ops"), ("write", "ops")];
    let bare = name.strip_suffix("_total").unwrap_or(name);
    match unit(bare) {
        // Seconds a second are a share of the time.
        Some("s") => "percentunit",
        Some("bytes") => "binBps",
        Some("bits") => "binbps",
        Some("joule") => "watt",
        _ => WORDS.iter().find(|(word, _)| bare.contains(word)).map_or("ops", |(_, unit)| *unit),
    }
}

fn is_metric_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':'))
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

/// A PromQL string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
