//! Panels and their queries.

use std::collections::BTreeMap;

use super::field;
use super::keys::{self, PANEL, PLANNED_TYPES, Support, TYPE_ALIASES};
use super::transform;
use super::tree::{Node, Position};
use super::validate::{Report, cannot_be, meant, one_of};
use super::value::{self, Fields};
use super::variable;
use crate::dashboard::{
    BarMode, Calculate, ColorMode, ColorScale, GRID_COLUMNS, GridPosition, Legend, LegendShow, Panel,
    PanelOptions, PanelQuery, PanelTime, PieShape, QUERIES_LIMIT, QueryFormat, Repeat, TextMode,
};
use crate::field::AxisSide;
use crate::panel::{PanelKind, listing, unsupported};
use crate::unit::Unit;
use crate::variable::Variable;

/// Reads panels one after the other.
pub(super) struct PanelReader<'a> {
    kinds: &'a [&'static PanelKind],
    pub(super) report: &'a mut Report,
    /// The dashboard's variables.
    pub(super) variables: Vec<Variable>,
    /// The data source of the dashboard.
    pub(super) datasource: Option<String>,
    /// What has been read.
    pub(super) panels: Vec<Panel>,
    /// All PromQL with its place.
    pub(super) exprs: Vec<(Position, String)>,
    /// All units with their places.
    pub(super) units: Vec<(Position, String)>,
}

impl<'a> PanelReader<'a> {
    pub(super) fn new(
        kinds: &'a [&'static PanelKind],
        variables: Vec<Variable>,
        datasource: Option<String>,
        report: &'a mut Report,
    ) -> Self {
        Self {
            kinds,
            report,
            variables,
            datasource,
            panels: Vec::new(),
            exprs: Vec::new(),
            units: Vec::new(),
        }
    }

    /// Reads one panel. What is wrong with it is reported; it takes its place all the same.
    pub(super) fn read(&mut self, node: &Node) {
        let fields = Fields::new(node, &PANEL);
        let type_node = fields.get("type");
        let (kind, is_known) = match type_node.and_then(|node| self.kind(node)) {
            Some(kind) => (kind, !std::ptr::eq(kind, &raw const unsupported::KIND)),
            None => (&unsupported::KIND, false),
        };
        let mut options = options(&fields);
        if is_known {
            self.check_options(&fields, kind);
            self.check_sizes(&fields);
        } else if let Some(name) = type_node.and_then(value::text) {
            options.content = unsupported::content(name);
        }
        for key in ["unit", "cell_unit"] {
            if let Some((at, unit)) = fields.get(key).and_then(|node| Some((node.at, value::text(node)?))) {
                self.units.push((at, unit.to_owned()));
            }
        }
        for node in fields.items("overrides") {
            let unit = Fields::new(node, &keys::OVERRIDE).get("unit");
            if let Some((at, unit)) = unit.and_then(|node| Some((node.at, value::text(node)?))) {
                self.units.push((at, unit.to_owned()));
            }
        }
        let mut panel = Panel {
            kind,
            title: fields.text("title").unwrap_or_default(),
            description: fields.text("description"),
            width: fields.integer("width").unwrap_or(1) as u16,
            height: fields.integer("height").map(|lines| lines as u16),
            grid: fields.get("grid").and_then(|node| self.grid(node)),
            links: super::links(fields.items("links")),
            queries: self.queries(&fields),
            transforms: transform::transforms(fields.items("transforms"), self.report),
            field: field::options(&fields, self.report),
            overrides: if is_known {
                field::overrides(fields.items("overrides"), kind, self.report)
            } else {
                Vec::new()
            },
            options,
            time: PanelTime {
                from_ms: fields.duration_ms("time_from"),
                shift_ms: fields.duration_ms("time_shift").unwrap_or(0),
            },
            min_interval: fields.get("min_interval").and_then(value::min_step),
            repeat: self.repeat(&fields),
            fixed: BTreeMap::new(),
        };
        if fields.entry("axis").is_none() {
            axes_by_unit(&mut panel);
        }
        if is_known {
            self.check_queries(&fields, &panel);
        }
        if let Some((path, none)) = listing::asks(kind) {
            panel.queries = vec![PanelQuery {
                ref_id: "A".to_owned(),
                expr: path.to_owned(),
                legend: None,
                min_step: None,
                instant: true,
                axis: None,
                hide: false,
                range: false,
                format: None,
                datasource: self.datasource(&fields),
            }];
            panel.field.no_value.get_or_insert_with(|| none.to_owned());
        }
        self.panels.push(panel);
    }

    fn repeat(&mut self, fields: &Fields<'_>) -> Option<Repeat> {
        let Some(node) = fields.get("repeat") else {
            for name in ["repeat_direction", "max_per_row"] {
                if let Some(entry) = fields.entry(name) {
                    self.report.problem(entry.key_at, format!("`{name}` needs a `repeat`"));
                }
            }
            return None;
        };
        let name = value::variable(node)?;
        variable::check_repeat(node.at, name, &self.variables, self.report);
        Some(Repeat {
            variable: name.to_owned(),
            vertical: fields.get("repeat_direction").and_then(value::text) == Some("vertical"),
            max_per_row: fields.integer("max_per_row").map(|count| count as usize),
        })
    }

    /// A place in the grid, which has to lie in its columns.
    fn grid(&mut self, node: &Node) -> Option<GridPosition> {
        let fields = Fields::new(node, &keys::GRID);
        let number = |name| fields.integer(name).map(|number| number as u16);
        let grid =
            GridPosition { x: number("x")?, y: number("y").unwrap_or(0), w: number("w")?, h: number("h")? };
        if grid.x + grid.w > GRID_COLUMNS {
            let message =
                format!("`grid`: x {} and w {} reach beyond the {GRID_COLUMNS} columns", grid.x, grid.w);
            self.report.problem(node.at, message);
            return None;
        }
        Some(grid)
    }

    /// The type that a `type:` names; [`unsupported::KIND`] for one that this version lacks.
    fn kind(&mut self, node: &Node) -> Option<&'static PanelKind> {
        let name = value::text(node)?;
        if let Some(kind) = self.kinds.iter().copied().find(|kind| kind.name == name) {
            return Some(kind);
        }
        if PLANNED_TYPES.contains(&name) {
            self.report.note(
                node.at,
                format!("panel type `{name}` is not supported by this version yet; a placeholder is shown"),
            );
            return Some(&unsupported::KIND);
        }
        let names: Vec<&str> = self.kinds.iter().map(|kind| kind.name).collect();
        let message = if let Some((_, ours)) = TYPE_ALIASES.iter().find(|(alias, _)| *alias == name) {
            format!("there is no panel type `{name}`; it is called `{ours}` here")
        } else {
            let planned = PLANNED_TYPES.iter().copied();
            cannot_be("`type`", name, names.iter().copied().chain(planned), &one_of(&names))
        };
        self.report.problem(node.at, message);
        None
    }

    /// Refuses options that the type does not read.
    fn check_options(&mut self, fields: &Fields<'_>, kind: &PanelKind) {
        for entry in fields.entries {
            let Some(key) = PANEL.key(&entry.key).filter(|key| key.support == Support::ByType) else {
                continue;
            };
            if kind.options.contains(&key.name) {
                continue;
            }
            let readers: Vec<&str> = self
                .kinds
                .iter()
                .filter(|other| other.options.contains(&key.name))
                .map(|other| other.name)
                .collect();
            let home = match readers.as_slice() {
                [] => "no panel type of this version reads it".to_owned(),
                readers => format!("it belongs to {}", one_of(readers)),
            };
            self.report.problem(
                entry.key_at,
                format!("`{}` does not apply to a {} panel; {home}", key.name, kind.name),
            );
        }
    }

    /// Refuses sizes of buckets that are none.
    fn check_sizes(&mut self, fields: &Fields<'_>) {
        let calculate = fields.get("calculate").map(|node| Fields::new(node, &keys::HEAT_CALCULATE));
        let size = calculate.as_ref().and_then(|calculate| calculate.get("size"));
        for (name, node) in [("bucket_size", fields.get("bucket_size")), ("size", size)] {
            if let Some(node) = node.filter(|node| value::number(node).is_some_and(|size| size <= 0.0)) {
                let message = format!("`{name}` must be above 0; leave it out to have one chosen");
                self.report.problem(node.at, message);
            }
        }
    }

    /// A type that asks needs a query, one that does not must not have any; a type with words needs them.
    fn check_queries(&mut self, fields: &Fields<'_>, panel: &Panel) {
        let kind = panel.kind;
        let query = fields.entry("query").or_else(|| fields.entry("queries"));
        let mut probe = panel.clone();
        probe.queries = vec![PanelQuery {
            ref_id: "A".to_owned(),
            expr: "vector(0)".to_owned(),
            legend: None,
            min_step: None,
            axis: None,
            instant: false,
            range: false,
            format: None,
            hide: false,
            datasource: None,
        }];
        let asks = (kind.asks)(&probe);
        let is_mistyped =
            fields.entries.iter().any(|entry| matches!(meant(&entry.key, &PANEL), Some("query" | "queries")));
        match query {
            Some(entry) if listing::asks(kind).is_some() => self.report.problem(
                entry.key_at,
                format!(
                    "`{}` does not apply to panels of type {}, which ask for the server's own list",
                    entry.key, kind.name
                ),
            ),
            None if listing::asks(kind).is_some() => {}
            None if (asks.instant || asks.range) && !is_mistyped => {
                self.report.problem(fields.at, format!("a {} panel needs `query` or `queries`", kind.name));
            }
            Some(entry) if !asks.instant && !asks.range => self.report.problem(
                entry.key_at,
                format!("`{}` does not apply to a {} panel, which asks nothing", entry.key, kind.name),
            ),
            _ => {}
        }
        if kind.options.contains(&"content") && fields.entry("content").is_none() {
            self.report.problem(fields.at, format!("a {} panel needs `content`", kind.name));
        }
    }

    fn queries(&mut self, fields: &Fields<'_>) -> Vec<PanelQuery> {
        if let (Some(short), Some(long)) = (fields.entry("query"), fields.entry("queries")) {
            let later = short.key_at.max(long.key_at);
            self.report.problem(later, "a panel has either `query` or `queries`; keep one of them");
        }
        let of_panel = self.datasource(fields);
        if let Some((at, expr)) = fields.get("query").and_then(|node| Some((node.at, value::text(node)?))) {
            self.exprs.push((at, expr.to_owned()));
            return vec![PanelQuery {
                ref_id: "A".to_owned(),
                expr: expr.trim().to_owned(),
                legend: None,
                min_step: None,
                axis: None,
                instant: false,
                range: false,
                format: None,
                hide: false,
                datasource: of_panel,
            }];
        }
        let nodes = fields.items("queries");
        let nodes = &nodes[..nodes.len().min(QUERIES_LIMIT)];
        let taken = self.refs(nodes);
        let numbered = (1..).map(|number| format!("Q{number}"));
        let mut free = ('A'..='Z').map(String::from).chain(numbered).filter(|name| !taken.contains(name));
        let mut queries = Vec::new();
        for node in nodes {
            let fields = Fields::new(node, &keys::QUERY);
            let Some((at, expr)) = fields.get("expr").and_then(|node| Some((node.at, value::text(node)?)))
            else {
                continue;
            };
            self.exprs.push((at, expr.to_owned()));
            queries.push(PanelQuery {
                ref_id: fields.text("ref").or_else(|| free.next()).unwrap_or_default(),
                expr: expr.trim().to_owned(),
                legend: fields.text("legend"),
                min_step: fields.get("min_step").and_then(value::min_step),
                axis: fields.get("axis").and_then(field::axis),
                instant: fields.flag("instant").unwrap_or(false),
                range: fields.flag("range").unwrap_or(false),
                format: fields.get("format").and_then(value::text).map(|format| match format {
                    "table" => QueryFormat::Table,
                    _ => QueryFormat::Series,
                }),
                hide: fields.flag("hide").unwrap_or(false),
                datasource: fields.text("datasource").or_else(|| of_panel.clone()),
            });
        }
        queries
    }

    /// Whom a panel asks: its own data source, or that of the dashboard.
    fn datasource(&self, fields: &Fields<'_>) -> Option<String> {
        fields.text("datasource").or_else(|| self.datasource.clone())
    }

    /// The names that queries give themselves; each may occur once.
    fn refs(&mut self, nodes: &[Node]) -> Vec<String> {
        let mut taken: Vec<String> = Vec::new();
        for node in nodes {
            let Some(node) = Fields::new(node, &keys::QUERY).get("ref") else { continue };
            let Some(name) = value::text(node) else { continue };
            if taken.iter().any(|other| other == name) {
                let shown = crate::text::fit(name, 40);
                self.report.problem(
                    node.at,
                    format!("two queries have the ref `{shown}`; name one of them otherwise"),
                );
            }
            taken.push(name.to_owned());
        }
        taken
    }
}

/// Series of another unit than the panel's are read on the right axis where nobody says on which, as Grafana's automatic
/// placement has it: on one of another unit they would say nothing.
fn axes_by_unit(panel: &mut Panel) {
    if panel.queries.iter().any(|query| query.axis.is_some()) {
        return;
    }
    let unit = &panel.field.unit;
    for one in &mut panel.overrides {
        if one.set.axis.is_none() && one.set.unit.as_ref().is_some_and(|other| other != unit) {
            one.set.axis = Some(AxisSide::Right);
        }
    }
}

fn options(fields: &Fields<'_>) -> PanelOptions {
    let word = |name| fields.get(name).and_then(value::text);
    PanelOptions {
        legend: fields.get("legend").map(legend).unwrap_or_default(),
        hide_sparkline: fields.flag("sparkline") == Some(false),
        text_mode: match word("text_mode") {
            Some("value") => TextMode::Value,
            Some("name") => TextMode::Name,
            Some("value_and_name") => TextMode::ValueAndName,
            Some("none") => TextMode::None,
            _ => TextMode::Auto,
        },
        color_mode: match word("color_mode") {
            Some("background") => ColorMode::Background,
            Some("none") => ColorMode::None,
            _ => ColorMode::Value,
        },
        rows: fields.flag("rows") == Some(true),
        rows_limit: fields.integer("limit").map(|limit| limit as usize),
        bar_mode: match word("mode") {
            Some("gradient") => BarMode::Gradient,
            Some("lcd") => BarMode::Lcd,
            _ => BarMode::Basic,
        },
        calculate: fields.get("calculate").and_then(calculate),
        color_scale: match word("color_scale") {
            Some("linear") => ColorScale::Linear,
            _ => ColorScale::Exponential,
        },
        cell_unit: word("cell_unit").map(Unit::new),
        cell_decimals: fields.integer("cell_decimals").map(|digits| digits as u8),
        pie: match word("shape") {
            Some("disc") => PieShape::Disc,
            Some("donut") => PieShape::Donut,
            _ => PieShape::Bars,
        },
        bucket_size: fields.number("bucket_size"),
        bucket_count: fields.integer("bucket_count").map(|count| count as u32),
        combine: fields.flag("combine") == Some(true),
        keep_equal_values_apart: fields.flag("merge_values") == Some(false),
        vertical: word("orientation") == Some("vertical"),
        content: fields.text("content").unwrap_or_default(),
        hide_columns: fields
            .items("hide_columns")
            .iter()
            .filter_map(value::text)
            .map(str::to_owned)
            .collect(),
        sort: fields.text("sort"),
    }
}

fn calculate(node: &Node) -> Option<Calculate> {
    if let Some(flag) = value::flag(node) {
        return flag.then(Calculate::default);
    }
    let fields = Fields::new(node, &keys::HEAT_CALCULATE);
    Some(Calculate {
        buckets: fields.integer("buckets").map(|count| count as u32),
        size: fields.number("size").filter(|size| *size > 0.0),
        interval_ms: fields.duration_ms("interval"),
    })
}

fn legend(node: &Node) -> Legend {
    let fields = Fields::new(node, &keys::LEGEND);
    let show = value::text(node).or_else(|| fields.get("show").and_then(value::text));
    Legend {
        show: match show {
            Some("table") => LegendShow::Table,
            Some("hidden") => LegendShow::Hidden,
            _ => LegendShow::List,
        },
        right: fields.get("placement").and_then(value::text) == Some("right"),
        calcs: fields.items("calcs").iter().filter_map(value::reduce).collect(),
        sort: fields.get("sort").and_then(value::text).and_then(|text| value::legend_sort(text).ok()),
    }
}
