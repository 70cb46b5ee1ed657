//! A dashboard as data: rows of panels, their queries, and the actions that its keys trigger.
//!
//! The formats in [`crate::format`] build it; nothing in it can be wrong any more.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use chrono_tz::Tz;

use crate::field::overrides::Override;
use crate::field::{AxisSide, FieldOptions};
use crate::panel::PanelKind;
use crate::reduce::Reduce;
use crate::theme::Rgb;
use crate::time_range::{Span, TimeRange, Window, format_duration, parse_duration_ms};
use crate::transform::Transform;
use crate::unit::Unit;
use crate::variable::{Scope, Style, Value, Variable, interpolate};

/// Shortest refresh that is accepted.
pub const REFRESH_MIN_MS: i64 = 250;
/// Panels that one dashboard may have.
pub const PANELS_LIMIT: usize = 500;
/// Queries that one panel may have.
pub const QUERIES_LIMIT: usize = 100;
/// Requests that one action may make.
pub const ACTION_TIMES_LIMIT: u32 = 10_000;
/// Requests of one action under way at once.
pub const ACTION_AT_ONCE_LIMIT: u32 = 64;

/// A dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Shown in the header.
    pub title: String,
    /// Shown in the picker.
    pub description: Option<String>,
    /// How often data is asked again; `None` is never.
    pub refresh_ms: Option<i64>,
    /// The window shown at first.
    pub time: TimeRange,
    /// Zone in which times are shown; `None` is the reader's own.
    pub zone: Option<Tz>,
    /// Words it is found by, shown in the list of dashboards.
    pub tags: Vec<String>,
    /// How often its metrics are scraped: the least step, and what `$__rate_interval` builds on. `None` leaves it to
    /// the data source.
    pub scrape_interval_ms: Option<i64>,
    /// Values that a reader chooses from, in the order of the bar.
    pub variables: Vec<Variable>,
    /// Moments that are marked on its panels of time.
    pub annotations: Vec<Annotation>,
    /// What its keys do.
    pub actions: Vec<Action>,
    /// Other pages, shown in the help.
    pub links: Vec<Link>,
    /// From top to bottom; together they hold every panel exactly once, in order.
    pub rows: Vec<Row>,
    /// All panels in reading order.
    pub panels: Vec<Panel>,
    /// What its file asks for and this version cannot do, each with its place.
    pub notes: Vec<Note>,
}

impl Dashboard {
    /// Whether it has a variable called `name`.
    pub fn has_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable.name == name)
    }

    /// All of it but its rows and panels.
    #[must_use]
    pub fn without_panels(&self) -> Self {
        let mut rest = self.clone();
        rest.rows.clear();
        rest.panels.clear();
        rest
    }

    /// Sends the actions that go to the origin `from` (`http://localhost:8000`) to the origin `to` instead; their
    /// paths stay.
    pub fn retarget_actions(&mut self, from: &str, to: &str) {
        for action in &mut self.actions {
            let path =
                action.url.strip_prefix(from).filter(|path| path.is_empty() || path.starts_with(['/', '?']));
            if let Some(path) = path {
                action.url = format!("{to}{path}");
            }
        }
    }
}

/// A link to another page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is called; empty where it has no name.
    pub title: String,
    /// Where it leads, as it is written in the file.
    pub url: String,
}

/// Columns of a grid.
pub const GRID_COLUMNS: u16 = 24;

/// A place in Grafana's grid: columns of 24 from the left, units of height from the top of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridPosition {
    /// First column, from 0.
    pub x: u16,
    /// First unit of height; only the distances within one row count.
    pub y: u16,
    /// Columns.
    pub w: u16,
    /// Units of height.
    pub h: u16,
}

/// Something in a file that is understood but cannot be done, or that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Line, from 1, where it is known.
    pub line: Option<u32>,
    /// Column, from 1, where it is known.
    pub column: Option<u32>,
    /// What it is; one line.
    pub message: String,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: None,
            refresh_ms: Some(5_000),
            time: TimeRange::last(900_000),
            zone: None,
            tags: Vec::new(),
            scrape_interval_ms: None,
            variables: Vec::new(),
            annotations: Vec::new(),
            actions: Vec::new(),
            links: Vec::new(),
            rows: Vec::new(),
            panels: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Moments that a query names.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// What they are.
    pub name: String,
    /// PromQL with variables; samples above zero mark.
    pub expr: String,
    /// Of the marks; the theme's warning where it is missing.
    pub color: Option<Rgb>,
    /// Template of what is said of a mark; `{{label}}` is filled in.
    pub title: Option<String>,
    /// More of it.
    pub text: Option<String>,
    /// Least step of the query.
    pub step: Option<MinStep>,
    /// Whom it asks; see [`PanelQuery::datasource`].
    pub datasource: Option<String>,
    /// Neither asked nor shown.
    pub hide: bool,
}

/// The query of alerts that fire, which Prometheus keeps as a metric.
pub const FIRING_ALERTS: &str = "ALERTS{alertstate=\"firing\"}";

/// Panels side by side.
#[derive(Clone, Debug)]
pub struct Row {
    /// On a line of its own above the panels.
    pub title: Option<String>,
    /// Its panels, as indices into [`Dashboard::panels`].
    pub panels: Range<usize>,
    /// The variable for each of whose values it is shown once.
    pub repeat: Option<String>,
    /// Nothing but its title is shown at first, and its panels ask nothing until it is opened.
    pub collapsed: bool,
}

/// One panel.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Its type.
    pub kind: &'static PanelKind,
    /// Shown on its top rule.
    pub title: String,
    /// Shown in full screen.
    pub description: Option<String>,
    /// Share of the row's width, at least 1.
    pub width: u16,
    /// Share of the dashboard's height, in lines at the type's natural size; `None` is that size.
    pub height: Option<u16>,
    /// Its place in a grid, which all panels of a row have or none.
    pub grid: Option<GridPosition>,
    /// Other pages, shown in full screen and in the inspector.
    pub links: Vec<Link>,
    /// What it asks.
    pub queries: Vec<PanelQuery>,
    /// Its window, where that is not the dashboard's.
    pub time: PanelTime,
    /// Least step of its queries that have none of their own (Grafana's "Min interval").
    pub min_interval: Option<MinStep>,
    /// Changes to its data before it is drawn, one after the other.
    pub transforms: Vec<Transform>,
    /// Options on its values.
    pub field: FieldOptions,
    /// Options on the values of some of its series; later ones win.
    pub overrides: Vec<Override>,
    /// Options of its type.
    pub options: PanelOptions,
    /// Shown once for each value of a variable.
    pub repeat: Option<Repeat>,
    /// The values that variables have in this panel alone, because it or its row is one of several.
    pub fixed: BTreeMap<String, Value>,
}

/// How a panel's window differs from the dashboard's (Grafana's `applyPanelTimeOverrides`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PanelTime {
    /// The last so many milliseconds instead of the dashboard's window, where that one ends now.
    pub from_ms: Option<i64>,
    /// So many milliseconds earlier.
    pub shift_ms: i64,
}

impl PanelTime {
    /// The panel's part of time on a dashboard that shows `span`; `follows_now` where that is "the last ...".
    pub fn window(self, span: Span, follows_now: bool) -> Window {
        let span_ms = self.from_ms.filter(|_| follows_now).unwrap_or(span.len_ms());
        Window { span_ms, shift_ms: self.shift_ms }
    }

    /// What tells of it beside the title, from the longest to the shortest; nothing where it is the dashboard's.
    pub fn says(self, follows_now: bool) -> Option<[String; 3]> {
        let last =
            self.from_ms.filter(|_| follows_now).map(|from_ms| format!("last {}", format_duration(from_ms)));
        let earlier = (self.shift_ms > 0).then(|| format_duration(self.shift_ms));
        match (last, earlier) {
            (None, None) => None,
            (Some(last), None) => Some([last.clone(), last.clone(), last]),
            (None, Some(shift)) => {
                Some([format!("{shift} earlier"), format!("-{shift}"), format!("-{shift}")])
            }
            (Some(last), Some(shift)) => Some([
                format!("{last}, {shift} earlier"),
                format!("{last} -{shift}"),
                format!("{last} -{shift}"),
            ]),
        }
    }
}

/// How a panel is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The variable's name.
    pub variable: String,
    /// One under the other instead of side by side.
    pub vertical: bool,
    /// Panels side by side at most.
    pub max_per_row: Option<usize>,
}

impl Panel {
    /// The texts whose variables have to be known before it can be asked.
    pub fn asked_texts(&self) -> impl Iterator<Item = &str> {
        let interval = self.min_interval.as_ref().and_then(MinStep::text);
        self.queries.iter().flat_map(PanelQuery::asked_texts).chain(interval)
    }

    /// What its axes are called, from the longest form to the shortest: by the panel itself, else by the first override
    /// that says it for that axis.
    pub fn axis_names(&self) -> Vec<String> {
        let own = self.field.style.axis;
        let overrides = self.overrides.iter().map(|one| &one.set);
        let said = overrides.map(|set| (set.axis.unwrap_or(own), set.axis_label.as_ref()));
        let (mut left, mut right) = (None, None);
        for (side, label) in std::iter::once((own, self.field.axis_label.as_ref())).chain(said) {
            let place = if side == AxisSide::Right { &mut right } else { &mut left };
            *place = place.or(label);
        }
        match (left, right.filter(|right| Some(*right) != left)) {
            (None, None) => Vec::new(),
            (Some(only), None) => vec![only.clone()],
            (None, Some(only)) if own == AxisSide::Right => vec![only.clone()],
            (None, Some(right)) => vec![format!("{right} (right)")],
            (Some(left), Some(right)) => vec![format!("{left}, {right} (right)"), left.clone()],
        }
    }

    /// The options that hold for the series called `name` of the query `ref_id`: the panel's own, unless an override
    /// matches.
    pub fn field_of(&self, name: &str, ref_id: &str) -> Cow<'_, FieldOptions> {
        let mut field = Cow::Borrowed(&self.field);
        let of_query = self.queries.iter().find(|query| query.axis.is_some() && query.ref_id == ref_id);
        if let Some(axis) = of_query.and_then(|query| query.axis).filter(|axis| *axis != field.style.axis) {
            field.to_mut().style.axis = axis;
        }
        for one in self.overrides.iter().filter(|one| one.when.matches(name, ref_id)) {
            one.set.apply(field.to_mut());
        }
        field
    }
}

/// A least step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MinStep {
    /// In ms.
    Fixed(i64),
    /// A text with variables, which becomes a duration with their values.
    Text(String),
}

impl MinStep {
    /// Its length in ms with the values of `variables`; none, where what they make is as good as nothing (`0s`,
    /// `$__interval`, which Grafana takes for "not set" too).
    ///
    /// # Errors
    /// In words, where the values make no duration.
    pub fn resolve_ms(&self, variables: &Scope<'_>) -> Result<Option<i64>, String> {
        let text = match self {
            Self::Fixed(step_ms) => return Ok(Some(*step_ms)),
            Self::Text(text) => text,
        };
        let filled = interpolate(text, variables, Style::Glob);
        let bare = filled.trim().trim_start_matches(['<', '>', '=']).trim();
        let is_unset =
            matches!(bare, "" | "0" | "0s" | "auto" | "$__interval" | "${__interval}" | "$__rate_interval");
        if is_unset {
            return Ok(None);
        }
        parse_duration_ms(bare).map(Some).map_err(|error| format!("the least step {text}: {error}"))
    }

    /// The text in which variables stand.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Fixed(_) => None,
            Self::Text(text) => Some(text),
        }
    }
}

/// One query of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PanelQuery {
    /// `A`, `B` ... or as written.
    pub ref_id: String,
    /// PromQL with variables.
    pub expr: String,
    /// Template of the series' names.
    pub legend: Option<String>,
    /// Least step, and the scrape interval for `$__rate_interval`.
    pub min_step: Option<MinStep>,
    /// The axis that its series are read on; `None` is the panel's.
    pub axis: Option<AxisSide>,
    /// Asked by an instant query even in panels that draw time.
    pub instant: bool,
    /// Asked over the window even in panels that show values now.
    pub range: bool,
    /// What transforms and tables make of it; `None` leaves it to the panel's type.
    pub format: Option<QueryFormat>,
    /// Neither asked nor drawn.
    pub hide: bool,
    /// The data source that is asked, by its name in the configuration or as a text with variables; `None` is the one in
    /// use.
    pub datasource: Option<String>,
}

impl PanelQuery {
    /// The texts whose variables must be known before it is asked.
    pub fn asked_texts(&self) -> impl Iterator<Item = &str> {
        let step = self.min_step.as_ref().and_then(MinStep::text);
        std::iter::once(self.expr.as_str()).chain(step).chain(self.datasource.as_deref())
    }
}

/// What transforms and tables make of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFormat {
    /// A frame a series, which keeps its labels. In a heatmap, cumulative buckets stay what they are.
    Series,
    /// One frame, with a column a label.
    Table,
}

/// What the types add to the common options. A type reads those that its [`PanelKind::options`] names; the format
/// refuses the others.
#[derive(Clone, Debug, PartialEq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the format that is true or false")]
pub struct PanelOptions {
    /// Timeseries: names and figures of the series.
    pub legend: Legend,
    /// Stat: no sparkline behind the value.
    pub hide_sparkline: bool,
    /// Stat, gauge and bargauge: what is written.
    pub text_mode: TextMode,
    /// Stat, gauge and bargauge: what has the value's colour.
    pub color_mode: ColorMode,
    /// Stat, gauge, bargauge and piechart: each row is a value of its own, instead of each series reduced to one.
    pub rows: bool,
    /// How many values there are at most where each row is one.
    pub rows_limit: Option<usize>,
    /// Bargauge: what bars are made of.
    pub bar_mode: BarMode,
    /// Heatmap: samples are counted, rather than buckets taken from the series.
    pub calculate: Option<Calculate>,
    /// Heatmap: how values become colours.
    pub color_scale: ColorScale,
    /// Heatmap: the unit of its cells' values; `short` where there is none. The panel's own is that of the bounds.
    pub cell_unit: Option<Unit>,
    /// Heatmap: digits after the point of its cells' values.
    pub cell_decimals: Option<u8>,
    /// Piechart: its form.
    pub pie: PieShape,
    /// Histogram: size of a bucket; chosen where it is missing.
    pub bucket_size: Option<f64>,
    /// Histogram: how many buckets are aimed at.
    pub bucket_count: Option<u32>,
    /// Histogram: all series are one.
    pub combine: bool,
    /// State-timeline: each sample is a block of its own.
    pub keep_equal_values_apart: bool,
    /// Bargauge: bars side by side instead of one under the other.
    pub vertical: bool,
    /// Text: what it says.
    pub content: String,
    /// Table: label columns that are left out.
    pub hide_columns: Vec<String>,
    /// Table: the column that rows are sorted by; descending when prefixed by `-`.
    pub sort: Option<String>,
}

/// What is written of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TextMode {
    /// The value, and the name where there are several.
    #[default]
    Auto,
    /// The value.
    Value,
    /// The name, in the value's colour.
    Name,
    /// Both.
    ValueAndName,
    /// Nothing: colour and sparkline say it all.
    None,
}

/// What has a value's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ColorMode {
    /// The value.
    #[default]
    Value,
    /// The ground.
    Background,
    /// Nothing.
    None,
}

/// What the bars of a bargauge are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BarMode {
    /// The colour of the value.
    #[default]
    Basic,
    /// The colour of each place along the way.
    Gradient,
    /// Separate cells, each in the colour of its place.
    Lcd,
}

/// Into which buckets a heatmap counts samples; what is missing is chosen by the data.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Calculate {
    /// Ranges of values that are aimed at.
    pub buckets: Option<u32>,
    /// Size of a range of values; above 0.
    pub size: Option<f64>,
    /// Length of a range of time.
    pub interval_ms: Option<i64>,
}

/// How the values of a heatmap become colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ColorScale {
    /// Small values are lifted, by a square root.
    #[default]
    Exponential,
    /// As they are.
    Linear,
}

/// The form of a piechart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PieShape {
    /// A bar of the whole for each share.
    #[default]
    Bars,
    /// Slices.
    Disc,
    /// Slices around a hole.
    Donut,
}

/// A legend.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Legend {
    /// Its form.
    pub show: LegendShow,
    /// At the right edge instead of below.
    pub right: bool,
    /// Figures behind each name.
    pub calcs: Vec<Reduce>,
    /// Its order; that of the series where there is none, or the largest first where not all have room.
    pub sort: Option<LegendSort>,
}

/// The order of a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegendSort {
    /// By this figure; by name without one.
    pub by: Option<Reduce>,
    /// The largest first; series without a figure come last in any case.
    pub is_descending: bool,
}

/// The form of a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LegendShow {
    /// Names in a running line.
    #[default]
    List,
    /// One line a series.
    Table,
    /// None.
    Hidden,
}

/// What a key of the dashboard does outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The key; never one that promscope itself uses.
    pub key: char,
    /// What it does, for the footer and the help.
    pub title: String,
    /// HTTP method.
    pub method: ActionMethod,
    /// What is requested.
    pub url: String,
    /// How many requests, at least 1.
    pub times: u32,
    /// How many of them at once, at least 1.
    pub at_once: u32,
}

/// The HTTP method of an [`Action`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionMethod {
    /// GET
    Get,
    /// POST without a body
    Post,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_retargeted_by_their_whole_origin() {
        let action = |url: &str| Action {
            key: 'f',
            title: String::new(),
            method: ActionMethod::Get,
            url: url.to_owned(),
            times: 1,
            at_once: 1,
        };
        let urls = [
            "http://localhost:8000/cat_facts",
            "http://localhost:80001/x",
            "http://localhost:8000",
            "http://h/",
        ];
        let mut dashboard = Dashboard { actions: urls.map(action).to_vec(), ..Dashboard::default() };
        dashboard.retarget_actions("http://localhost:8000", "http://127.0.0.1:7");
        let urls: Vec<_> = dashboard.actions.iter().map(|action| action.url.as_str()).collect();
        let expected =
            ["http://127.0.0.1:7/cat_facts", "http://localhost:80001/x", "http://127.0.0.1:7", "http://h/"];
        assert_eq!(urls, expected);
    }
}
