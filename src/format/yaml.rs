//! The YAML format: text to a dashboard, every mistake with its line and column.
//!
//! Three steps: [`tree`] reads YAML, [`validate`] holds it against the tables in [`keys`], and the readers here and
//! in [`panel`] build the dashboard and check what only makes sense across several keys.

mod datasource;
mod field;
pub(in crate::format) mod keys;
mod panel;
mod transform;
pub(in crate::format) mod tree;
mod validate;
pub(super) mod value;
mod variable;

use chrono_tz::Tz;

use self::panel::PanelReader;
use self::tree::Node;
use self::validate::Report;
use self::value::Fields;
use super::{LoadProblem, lint, zone};
use crate::dashboard::{
    Action, ActionMethod, Annotation, Dashboard, FIRING_ALERTS, Link, Note, PANELS_LIMIT, Row,
};
use crate::panel::{KINDS, PanelKind};
use crate::time_range::{TimePoint, TimeRange};
use crate::variable::Variable;

/// Any moment will do to see whether a range is empty whose ends both move with the clock, or both do not.
const SOME_NOW_MS: i64 = 1_780_000_000_000;

/// Reads a dashboard; `zone` is that of times without one. The problem returned is the first one in the file, and
/// what this version cannot do is in [`Dashboard::notes`].
pub fn parse(text: &str, zone: Tz) -> Result<Dashboard, LoadProblem> {
    parse_with(text, zone, KINDS).map_err(first)
}

/// [`parse`] with other panel types than those registered; and all problems, not the first only.
pub fn parse_with(text: &str, zone: Tz, kinds: &[&'static PanelKind]) -> Result<Dashboard, Vec<LoadProblem>> {
    // Lints cost more than all the rest, and only `promscope check` shows them.
    let checked = read(text, zone, kinds, None);
    if checked.problems.is_empty() { Ok(checked.dashboard) } else { Err(checked.problems) }
}

/// All that can be said about a file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The dashboard; only of use where there are no problems.
    pub dashboard: Dashboard,
    /// Why it cannot be used, in the order of the file.
    pub problems: Vec<LoadProblem>,
    /// Queries that do not look like PromQL or name variables that nothing fills in, and mistyped units.
    pub lints: Vec<Note>,
}

/// Reads a dashboard and says all there is to say about it, its PromQL included.
pub fn check(text: &str, zone: Tz, kinds: &[&'static PanelKind]) -> Checked {
    check_with(text, zone, kinds, Given::default())
}

/// What is known about the surroundings of a dashboard that is checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// Values for some of its variables, as pairs of name and value.
    pub variables: &'a [(String, String)],
    /// The names of all data sources that are configured; `None` where that is not known.
    pub datasources: Option<&'a [String]>,
}

/// [`check`] with what is known about the dashboard's surroundings.
pub fn check_with(text: &str, zone: Tz, kinds: &[&'static PanelKind], given: Given<'_>) -> Checked {
    read(text, zone, kinds, Some(given))
}

/// Reads a dashboard; with its surroundings, its PromQL and the names of data sources too.
fn read(text: &str, zone: Tz, kinds: &[&'static PanelKind], given: Option<Given<'_>>) -> Checked {
    let node = match tree::read(text) {
        Ok(node) => node,
        Err(problem) => {
            return Checked { dashboard: Dashboard::default(), problems: vec![problem], lints: Vec::new() };
        }
    };
    if tree::is_empty(&node) {
        let problem = LoadProblem::whole_file("the file is empty; a dashboard needs `title` and `rows`");
        return Checked { dashboard: Dashboard::default(), problems: vec![problem], lints: Vec::new() };
    }
    of_tree(&node, zone, kinds, given)
}

/// Reads a dashboard whose tree is there already; `None` when something is wrong with it.
pub(super) fn parse_tree(node: &Node, zone: Tz) -> Option<Dashboard> {
    let checked = of_tree(node, zone, KINDS, None);
    checked.problems.is_empty().then_some(checked.dashboard)
}

fn of_tree(node: &Node, zone: Tz, kinds: &[&'static PanelKind], given: Option<Given<'_>>) -> Checked {
    // Times are meant in the dashboard's zone, whichever they are shown in.
    let own_zone = zone_of(node);
    let zone = own_zone.unwrap_or(zone);
    let mut report = Report::default();
    validate::table(node, &keys::DASHBOARD, zone, &mut report);
    let fields = Fields::new(node, &keys::DASHBOARD);
    let datasource = fields.text("datasource");
    let variables = variable::variables(fields.items("variables"), datasource.as_deref(), &mut report);
    let mut panels = PanelReader::new(kinds, variables, datasource, &mut report);
    let mut dashboard = dashboard(&fields, zone, &mut panels);
    dashboard.zone = own_zone;
    let lints = given.map(|given| lints(&panels, &fields, &dashboard.variables, given)).unwrap_or_default();
    let (problems, notes) = report.finish();
    dashboard.notes = notes;
    Checked { dashboard, problems, lints }
}

fn first(problems: Vec<LoadProblem>) -> LoadProblem {
    let more = problems.len().saturating_sub(1);
    let mut problems = problems.into_iter();
    let Some(mut problem) = problems.next() else { return LoadProblem::whole_file("cannot be read") };
    if more > 0 {
        problem.message = format!("{} (and {more} more; `promscope check` shows all)", problem.message);
    }
    problem
}

fn lints(
    panels: &PanelReader<'_>,
    fields: &Fields<'_>,
    variables: &[Variable],
    given: Given<'_>,
) -> Vec<Note> {
    let values = lint::sample(variables, given.variables);
    let exprs =
        panels.exprs.iter().filter_map(|(at, expr)| Some((*at, lint::lint(expr, variables, &values)?)));
    let units = panels.units.iter().filter_map(|(at, unit)| Some((*at, lint::lint_unit(unit)?)));
    let datasources = datasource::lints(fields, variables, given.datasources);
    let mut lints: Vec<_> = exprs.chain(units).chain(datasources).take(super::FINDINGS_LIMIT).collect();
    lints.sort();
    lints.dedup();
    lints.into_iter().map(|(at, message)| validate::note(at, message)).collect()
}

fn dashboard(fields: &Fields<'_>, zone: Tz, panels: &mut PanelReader<'_>) -> Dashboard {
    let default = Dashboard::default();
    Dashboard {
        title: fields.text("title").unwrap_or_default(),
        description: fields.text("description"),
        refresh_ms: fields.get("refresh").and_then(value::refresh_ms).unwrap_or(default.refresh_ms),
        time: fields
            .get("time")
            .and_then(|node| time_range(node, zone, panels.report))
            .unwrap_or(default.time),
        zone: None,
        tags: fields.items("tags").iter().filter_map(value::text).map(str::to_owned).collect(),
        scrape_interval_ms: fields.duration_ms("scrape_interval"),
        annotations: annotations(fields.items("annotations"), panels),
        actions: actions(fields.items("actions"), panels.report),
        links: links(fields.items("links")),
        rows: rows(fields.items("rows"), panels),
        panels: std::mem::take(&mut panels.panels),
        variables: std::mem::take(&mut panels.variables),
        notes: Vec::new(),
    }
}

/// The zone that a dashboard says of itself.
fn zone_of(node: &Node) -> Option<Tz> {
    Fields::new(node, &keys::DASHBOARD).get("timezone").and_then(value::text).and_then(zone::read).flatten()
}

fn time_range(node: &Node, zone: Tz, report: &mut Report) -> Option<TimeRange> {
    let fields = Fields::new(node, &keys::TIME);
    let from_node = fields.get("from")?;
    let from = value::time(from_node, zone)?;
    let to = match fields.get("to") {
        Some(node) => value::time(node, zone)?,
        None => TimePoint::Relative { offset_ms: 0, round: None },
    };
    if matches!(from, TimePoint::Absolute(_)) == matches!(to, TimePoint::Absolute(_)) {
        let (from_text, to_text) =
            (fields.text("from")?, fields.text("to").unwrap_or_else(|| "now".to_owned()));
        if let Err(error) = TimeRange::parse(&from_text, &to_text, SOME_NOW_MS, zone) {
            report.problem(from_node.at, format!("`from`: {error}"));
        }
    }
    Some(TimeRange { from, to })
}

fn annotations(nodes: &[Node], panels: &mut PanelReader<'_>) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for node in nodes {
        let fields = Fields::new(node, &keys::ANNOTATION);
        let is_alerts = fields.flag("alerts").unwrap_or(false);
        let query = fields.get("query").and_then(|node| Some((node.at, value::text(node)?)));
        let expr = match (query, is_alerts) {
            (Some((at, expr)), false) => {
                panels.exprs.push((at, expr.to_owned()));
                expr.trim().to_owned()
            }
            (None, true) => FIRING_ALERTS.to_owned(),
            (Some(_), true) => {
                panels
                    .report
                    .problem(node.at, "an annotation has either `query` or `alerts`; keep one of them");
                continue;
            }
            (None, false) => {
                panels.report.problem(node.at, "an annotation needs `query`, or `alerts: true`");
                continue;
            }
        };
        let title = fields.text("title").or_else(|| is_alerts.then(|| "{{alertname}}".to_owned()));
        annotations.push(Annotation {
            name: fields.text("name").unwrap_or_default(),
            expr,
            color: fields.color("color"),
            title,
            text: fields.text("text"),
            step: fields.get("step").and_then(value::min_step),
            datasource: fields.text("datasource").or_else(|| panels.datasource.clone()),
            hide: fields.flag("hide").unwrap_or(false),
        });
    }
    annotations
}

fn actions(nodes: &[Node], report: &mut Report) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for node in nodes {
        let fields = Fields::new(node, &keys::ACTION);
        let (method, address) = match (fields.entry("get"), fields.entry("post")) {
            (Some(get), None) => (ActionMethod::Get, &get.node),
            (None, Some(post)) => (ActionMethod::Post, &post.node),
            (None, None) => {
                report.problem(node.at, "an action needs an address: `get` or `post`");
                continue;
            }
            (Some(get), Some(post)) => {
                let later = get.key_at.max(post.key_at);
                report.problem(later, "an action has one address: keep `get` or `post`");
                continue;
            }
        };
        let (Some(key_node), Some(url)) = (fields.get("key"), value::url(address)) else { continue };
        let Some(key) = value::action_key(key_node) else { continue };
        if let Some(other) = actions.iter().find(|other| other.key == key) {
            report.problem(
                key_node.at,
                format!(
                    "`{key}` is the key of `{}` already; choose another",
                    crate::text::fit(&other.title, 40)
                ),
            );
        }
        actions.push(Action {
            key,
            title: fields.text("title").unwrap_or_default(),
            method,
            url: url.to_owned(),
            times: fields.integer("times").unwrap_or(1) as u32,
            at_once: fields.integer("at_once").unwrap_or(1) as u32,
        });
    }
    actions
}

fn rows(nodes: &[Node], panels: &mut PanelReader<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for node in nodes {
        let fields = Fields::new(node, &keys::ROW);
        let start = panels.panels.len();
        for node in fields.items("panels") {
            if panels.panels.len() == PANELS_LIMIT {
                panels.report.problem(node.at, format!("a dashboard has at most {PANELS_LIMIT} panels"));
                return rows;
            }
            panels.read(node);
        }
        place(&mut panels.panels[start..], node, panels.report);
        let repeat = fields.get("repeat").and_then(|node| Some((node.at, value::variable(node)?)));
        if let Some((at, name)) = repeat {
            variable::check_repeat(at, name, &panels.variables, panels.report);
        }
        rows.push(Row {
            title: fields.text("title"),
            panels: start..panels.panels.len(),
            repeat: repeat.map(|(_, name)| name.to_owned()),
            collapsed: fields.flag("collapsed").unwrap_or(false),
        });
    }
    rows
}

/// Brings the panels of a row that have places in a grid into the order in which they are read.
fn place(panels: &mut [crate::dashboard::Panel], row: &Node, report: &mut Report) {
    let placed = panels.iter().filter(|panel| panel.grid.is_some()).count();
    if placed > 0 && placed < panels.len() {
        let bare = panels.len() - placed;
        report.problem(
            row.at,
            format!("in a row all panels have a `grid` or none; {placed} have one here and {bare} have none"),
        );
    } else {
        panels.sort_by_key(|panel| panel.grid.map(|grid| (grid.y, grid.x)));
    }
}

fn links(nodes: &[Node]) -> Vec<Link> {
    let link = |node: &Node| {
        let fields = Fields::new(node, &keys::LINK);
        Some(Link { title: fields.text("title").unwrap_or_default(), url: fields.text("url")? })
    };
    nodes.iter().filter_map(link).collect()
}

#[cfg(test)]
mod tests;
