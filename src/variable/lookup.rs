//! The queries of variables, by the forms of Grafana's Prometheus data source (`metric_find_query.ts`).

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::Choice;
use super::pattern::Pattern;

/// What a variable's query asks, with everything filled in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// `label_names()`, `label_names(http)`: names of labels, perhaps of metrics whose name has that in it.
    LabelNames {
        /// Of which series; of all where it is missing.
        selector: Option<String>,
    },
    /// `label_values(up{job="a"}, instance)`: the values of a label.
    LabelValues {
        /// The label.
        label: String,
        /// Of which series; of all where it is missing.
        selector: Option<String>,
    },
    /// `metrics(^go_)`: names of metrics in which the pattern is found.
    Metrics {
        /// JavaScript's.
        pattern: String,
    },
    /// `query_result(topk(5, up))`: what an expression gives now.
    Result {
        /// PromQL.
        expr: String,
    },
    /// `up{job="a"}`: series.
    Series {
        /// Which.
        selector: String,
    },
}

/// As a dashboard would write it.
impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LabelNames { selector } => {
                write!(f, "label_names({})", selector.as_deref().unwrap_or_default())
            }
            Self::LabelValues { label, selector: None } => write!(f, "label_values({label})"),
            Self::LabelValues { label, selector: Some(selector) } => {
                write!(f, "label_values({selector}, {label})")
            }
            Self::Metrics { pattern } => write!(f, "metrics({pattern})"),
            Self::Result { expr } => write!(f, "query_result({expr})"),
            Self::Series { selector } => f.write_str(selector),
        }
    }
}

static LABEL_VALUES: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^label_values\((?:(.+),\s*)?([a-zA-Z_][a-zA-Z0-9_.]*)\)$"));
static LABEL_NAMES: LazyLock<Regex> = LazyLock::new(|| regex(r"^label_names\((.*)\)$"));
static METRICS: LazyLock<Regex> = LazyLock::new(|| regex(r"^metrics\((.+)\)$"));
static RESULT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)^query_result\((.+)\)$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file, which a test compiles")
}

/// Reads a query; `None` for one that asks nothing, such as an empty one or `label_values()`.
pub fn parse(query: &str) -> Option<Lookup> {
    let query = query.trim();
    // Queries are often written over several lines, which Grafana's patterns do not take; here they are.
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let group = |regex: &Regex, index| {
        regex.captures(&line).map(|found| found.get(index).map(|group| group.as_str().to_owned()))
    };
    if let Some(found) = group(&LABEL_NAMES, 1) {
        let selector = found.filter(|part| !part.is_empty());
        return Some(Lookup::LabelNames {
            selector: selector.map(|part| format!("{{__name__=~\".*{part}.*\"}}")),
        });
    }
    if let Some(label) = group(&LABEL_VALUES, 2).flatten() {
        // A blank selector, or one of nothing, is none.
        let selector = group(&LABEL_VALUES, 1).flatten();
        let selector = selector.filter(|text| !matches!(text.replace(' ', "").as_str(), "" | "{}"));
        return Some(Lookup::LabelValues { label, selector });
    }
    if let Some(pattern) = group(&METRICS, 1).flatten() {
        return Some(Lookup::Metrics { pattern });
    }
    if let Some(expr) = RESULT.captures(query).and_then(|found| found.get(1)) {
        return Some(Lookup::Result { expr: expr.as_str().to_owned() });
    }
    let is_nothing = query.is_empty() || matches!(query, "label_values()" | "metrics()" | "query_result()");
    (!is_nothing).then(|| Lookup::Series { selector: query.to_owned() })
}

/// The choices in what a server has listed for `lookup`.
pub fn choices(lookup: &Lookup, found: Vec<String>) -> Result<Vec<Choice>, String> {
    let Lookup::Metrics { pattern } = lookup else {
        return Ok(found.iter().map(|text| Choice::plain(text)).collect());
    };
    let compiled = Pattern::anywhere(pattern).map_err(|why| format!("`{pattern}` is no pattern: {why}"))?;
    let mut choices = Vec::new();
    for name in found {
        if compiled.is_match(&name)? {
            choices.push(Choice::plain(&name));
        }
    }
    Ok(choices)
}
