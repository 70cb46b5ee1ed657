//! The queries of a panel: targets to `queries`.

use super::context::Context;
use super::node::Node;
use super::out::OutMap;
use super::source::{DataSource, is_foreign, is_logql};
use crate::dashboard::QUERIES_LIMIT;
use crate::time_range::parse_duration_ms;
use crate::variable::references;

/// A query as any of Grafana's schemas has it.
#[derive(Clone, Debug)]
pub(super) struct Target<'j> {
    /// The map with `expr`.
    pub(super) spec: Node<'j>,
    /// What it says of its data source, and the plugin beside that.
    pub(super) source: DataSource,
    /// `refId`
    pub(super) ref_id: Option<&'j str>,
    /// Neither asked nor drawn.
    pub(super) hide: bool,
}

/// What a panel makes of its queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draws {
    /// Values over time, unless a query says otherwise.
    Time,
    /// Values over time as the rows of a heatmap, which are buckets made single where the query says so.
    Rows,
    /// One value a series, or what transformations make of the answers if there are any.
    Single { is_transformed: bool },
    /// Rows, of what transformations make if there are any.
    Table { is_transformed: bool },
}

/// What becomes of a panel's queries.
#[derive(Debug, Default)]
pub(super) struct Queries {
    pub(super) list: Vec<OutMap>,
    /// Kinds of data sources that are asked and are no Prometheus.
    pub(super) foreign: Vec<String>,
    /// All refs in Grafana's order, for transformations that name one.
    pub(super) refs: Vec<String>,
}

/// Reads `targets`; `panel_source` is the data source of the panel.
pub(super) fn queries(
    targets: &[Target<'_>],
    panel_source: &DataSource,
    draws: Draws,
    context: &Context<'_>,
) -> Queries {
    let mut queries = Queries::default();
    for target in targets {
        let source = match (&target.source, panel_source) {
            (DataSource::Unsaid, DataSource::Mixed) => &DataSource::Unknown(None),
            (DataSource::Unsaid, panel) => panel,
            (own, _) => own,
        };
        let has_expr = target.spec.get("expr").value_text().is_some_and(asks);
        match source {
            DataSource::Prometheus(_) => {}
            // A plugin that nobody knows, asked in what may be PromQL.
            DataSource::Foreign(kind) if has_expr && is_unheard_of(kind) && !is_logql_of(&target.spec) => {}
            DataSource::Foreign(_) if !says_a_query(&target.spec) => {}
            DataSource::Foreign(kind) => {
                target
                    .spec
                    .note("foreign-query", format!("a query of `{kind}` is left out; only PromQL is asked"));
                queries.foreign.push(kind.clone());
                continue;
            }
            DataSource::Expression => {
                target.spec.note(
                    "expression",
                    "an expression on other queries is left out; Grafana's server calculates those",
                );
                queries.foreign.push("expression".to_owned());
                continue;
            }
            DataSource::ForeignName(kind) if !has_expr => {
                target
                    .spec
                    .note("foreign-query", format!("a query of `{kind}` is left out; only PromQL is asked"));
                queries.foreign.push(kind.clone());
                continue;
            }
            _ => {
                if has_expr && is_logql_of(&target.spec) {
                    target.spec.note("foreign-query", "a query of logs is left out; only PromQL is asked");
                    queries.foreign.push("loki".to_owned());
                    continue;
                }
                if !has_expr && let Some(kind) = foreign_by_shape(&target.spec) {
                    target.spec.note(
                        "foreign-query",
                        format!("a query of `{kind}` is left out; only PromQL is asked"),
                    );
                    queries.foreign.push(kind.to_owned());
                    continue;
                }
            }
        }
        if !has_expr {
            if target.spec.says_something() {
                target.spec.note("no-expr", "a query without an expression is never asked and left out");
            }
            continue;
        }
        if queries.list.len() == QUERIES_LIMIT {
            target.spec.note(
                "too-many",
                format!("a panel has at most {QUERIES_LIMIT} queries; this one is left out"),
            );
            continue;
        }
        let mut query = one(target, draws, context);
        if let Some(name) = source.name() {
            context.count_query_source(name);
            query.source = Some(name.to_owned());
        }
        queries.refs.push(unique_ref(target.ref_id, &queries.refs));
        queries.list.push(query);
    }
    let in_order =
        queries.refs.iter().zip('A'..='Z').all(|(name, letter)| name.chars().eq(std::iter::once(letter)));
    if !in_order {
        for (query, name) in queries.list.iter_mut().zip(&queries.refs) {
            query.set_text("ref", name.as_str());
        }
    }
    queries
}

fn is_logql_of(spec: &Node<'_>) -> bool {
    spec.get("expr").value_text().is_some_and(is_logql)
}

/// Whether a plugin is neither Grafana's own nor known for another language.
fn is_unheard_of(kind: &str) -> bool {
    kind != "grafana" && !is_foreign(kind)
}

/// Whether a query says more than every new one does.
fn says_a_query(spec: &Node<'_>) -> bool {
    const OF_ALL: [&str; 9] = [
        "refId",
        "datasource",
        "hide",
        "format",
        "interval",
        "intervalFactor",
        "legendFormat",
        "instant",
        "range",
    ];
    spec.entries_or_none().iter().any(|(key, value)| !OF_ALL.contains(key) && value.says_something())
}

/// Whether an expression is more than comments.
fn asks(expr: &str) -> bool {
    expr.lines().any(|line| !matches!(line.trim_start().chars().next(), None | Some('#')))
}

/// Whether an expression keeps the bounds of classic buckets, as far as its words tell.
fn has_buckets(expr: &str) -> bool {
    expr.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "le")
}

/// What a query without `expr` is for, by its other keys.
fn foreign_by_shape(spec: &Node<'_>) -> Option<&'static str> {
    let has = |key| spec.get(key).says_something();
    if has("rawSql") {
        Some("sql")
    } else if has("measurement") || has("select") {
        Some("influxdb")
    } else if has("bucketAggs") || has("metrics") {
        Some("elasticsearch")
    } else if has("target") || has("targetFull") {
        Some("graphite")
    } else if has("namespace") || has("metricName") {
        Some("cloudwatch")
    } else if has("query") || has("scenarioId") {
        Some("another data source")
    } else {
        None
    }
}

fn unique_ref(wanted: Option<&str>, taken: &[String]) -> String {
    let is_free = |name: &str| taken.iter().all(|other| other != name);
    if let Some(name) = wanted.map(str::trim).filter(|name| !name.is_empty() && is_free(name)) {
        return name.to_owned();
    }
    let letters = ('A'..='Z').map(String::from);
    let numbered = (1..).map(|number| format!("Q{number}"));
    letters.chain(numbered).find(|name| is_free(name)).unwrap_or_default()
}

fn one(target: &Target<'_>, draws: Draws, context: &Context<'_>) -> OutMap {
    let spec = &target.spec;
    let mut query = OutMap { origin: spec.path(), ..OutMap::default() };
    let expr = spec.get("expr").text().unwrap_or_default().replace("\r\n", "\n");
    context.count_expr(spec.get("expr").path(), expr.trim());
    query.set_text("expr", tidy(&expr));
    if let Some(legend) = spec.get("legendFormat").filled() {
        query.set_text("legend", if legend.trim() == "__auto" { "auto" } else { legend });
    }
    let (instant, range) = (spec.get("instant").flag(), spec.get("range").flag());
    if instant && range {
        spec.note("both", "the query is asked once, not both for the range and for now");
    } else if instant && !matches!(draws, Draws::Table { .. }) {
        query.set_plain("instant", true);
    }
    if spec.get("exemplar").value_flag() {
        spec.get("exemplar").note("ignored-option", "exemplars are not drawn");
    }
    if draws == Draws::Rows && spec.get("format").value_text() != Some("heatmap") {
        query.set_text("format", "series");
        if has_buckets(&expr) {
            spec.note(
                "cumulative-buckets",
                "buckets are drawn as they are, each with all below it, as Grafana draws those of a query whose format is \
                 not `heatmap`; without `format: series` each would be made single",
            );
        }
    }
    // What transformations begin with decides what they make; a table without any shows what is now in any case.
    if draws == (Draws::Table { is_transformed: true }) {
        if !instant || range {
            query.set_plain("range", true);
        }
        if spec.get("format").text() != Some("table") {
            query.set_text("format", "series");
        }
    }
    if draws == (Draws::Single { is_transformed: true }) {
        if !instant || range {
            query.set_plain("range", true);
        }
        if spec.get("format").text() == Some("table") {
            query.set_text("format", "table");
        }
    }
    set_min_step(&spec.get("interval"), "min_step", &mut query);
    if spec.get("intervalFactor").number().is_some_and(|factor| factor > 1.0) {
        spec.get("intervalFactor")
            .note("resolution", "the step goes by the width in columns; a factor has no equivalent");
    }
    if target.hide {
        query.set_plain("hide", true);
    }
    query
}

/// Lines without what nobody sees at their ends, and without tabs before them, as far as strings allow.
fn tidy(expr: &str) -> String {
    let expr = expr.trim();
    if expr.contains('`') {
        return expr.to_owned();
    }
    let line = |line: &str| {
        let line = line.trim_end();
        let rest = line.trim_start();
        format!("{}{rest}", line[..line.len() - rest.len()].replace('\t', "  "))
    };
    expr.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes a least step, if `node` says one, as `key`.
pub(super) fn set_min_step(node: &Node<'_>, key: &str, out: &mut OutMap) {
    match min_step(node) {
        Some(step) if references(&step).next().is_some() => out.set_text(key, step),
        Some(step) => out.set_plain(key, step),
        None => {}
    }
}

/// A least step; nothing where Grafana's own intervals stand, which are the default.
fn min_step(node: &Node<'_>) -> Option<String> {
    let word = node.word()?;
    let text = word.trim().trim_start_matches(['<', '>', '=']).trim();
    if text.is_empty()
        || text == "0"
        || text == "0s"
        || matches!(text, "$__interval" | "$__rate_interval" | "${__interval}" | "auto")
    {
        return None;
    }
    if references(text).next().is_some() {
        return Some(text.to_owned());
    }
    // `M` and upper-case letters are not Prometheus's.
    match parse_duration_ms(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            node.note("min-step", format!("{error}; it is left out"));
            None
        }
    }
}
