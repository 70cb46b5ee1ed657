//! The tables of the format: every key, what it takes, and what it is for.
//!
//! Reading, the hints at mistyped keys, and the JSON Schema derive from these tables, so that they cannot disagree.

mod dashboard;
mod field;
pub(super) mod transform;
mod variable;

pub(in crate::format) use self::dashboard::DASHBOARD;
use self::dashboard::LINKS;
pub(super) use self::dashboard::{ACTION, GRID, LINK, ROW, TIME};
pub(in crate::format) use self::field::OVERRIDE_MATCHERS;
use self::field::{
    ALIGN, AXIS, CELL, COLUMN_WIDTH, DISPLAY_NAME, DRAW, GAPS, INTERPOLATION, LEGEND_SHOW, LOG, SERIES_COLOR,
    SOFT_MAX, SOFT_MIN, STACK, THRESHOLDS_STYLE,
};
pub(super) use self::field::{HEAT_CALCULATE, LEGEND, MAPPING, OVERRIDE, THRESHOLD};
use self::transform::{
    CALCULATE, FILTER, GROUP_BY, JOIN, LABELS_TO_FIELDS, ORGANIZE, REDUCE, RENAME, TRANSFORM,
};
pub(super) use self::variable::{ANNOTATION, SORTS, VARIABLE};
pub(in crate::format) use self::variable::{VALUE, VARIABLE_KINDS};
use crate::dashboard::{PANELS_LIMIT, QUERIES_LIMIT};
use crate::transform::TRANSFORMS_LIMIT;
use crate::unit::DECIMALS_LIMIT;

/// Actions that one dashboard may have.
const ACTIONS_LIMIT: usize = 26;
/// Rows that one dashboard may have.
const ROWS_LIMIT: usize = PANELS_LIMIT;
/// Largest `limit` of values where each row is one.
const ROW_VALUES_LIMIT: i64 = 10_000;
/// Threshold steps of one panel.
const THRESHOLDS_LIMIT: usize = 50;
/// Overrides of one panel.
const OVERRIDES_LIMIT: usize = 100;
/// Names in one override.
const NAMES_LIMIT: usize = 200;
/// Mappings of one panel.
pub(in crate::format) const MAPPINGS_LIMIT: usize = 200;
/// Column names in one list.
const COLUMNS_LIMIT: usize = 200;
/// Figures in one legend.
const CALCS_LIMIT: usize = 10;
/// Values that one variable may list.
const VALUES_LIMIT: usize = 1_000;
/// Annotations of one dashboard.
const ANNOTATIONS_LIMIT: usize = 50;
/// Filters of one variable.
const FILTERS_LIMIT: usize = 50;
/// Largest `max_per_row`.
const REPEATS_PER_ROW_LIMIT: i64 = 24;
/// Most steps of an interval that goes by the window.
const AUTO_COUNT_LIMIT: i64 = 10_000;
/// Buckets that a histogram may aim at.
const BUCKET_COUNT_LIMIT: i64 = 1_000;
/// Largest `width`, which is a share of the row.
const WIDTH_LIMIT: i64 = 100;
/// Largest `height`, in lines.
const HEIGHT_LIMIT: i64 = 500;

/// The panel types that the format has and this version may lack: they load as a visible placeholder.
pub(in crate::format) const PLANNED_TYPES: &[&str] =
    &["geomap", "logs", "traces", "nodeGraph", "flamegraph", "candlestick", "canvas", "xychart", "trend"];

/// Names of panel types elsewhere, and ours.
pub(super) const TYPE_ALIASES: &[(&str, &str)] = &[
    ("graph", "timeseries"),
    ("line", "timeseries"),
    ("singlestat", "stat"),
    ("bar-gauge", "bargauge"),
    ("markdown", "text"),
];

/// The keys of one kind of map.
#[derive(Debug)]
pub(in crate::format) struct Table {
    /// What the map is, with its article, for messages.
    pub(in crate::format) what: &'static str,
    /// Its name among the schema's definitions.
    pub(in crate::format) name: &'static str,
    /// All keys, in the order in which a person would write them.
    pub(in crate::format) keys: &'static [Key],
    /// Keys that must be there.
    pub(in crate::format) required: &'static [&'static str],
    /// Names of Grafana's and other words for the same, and ours.
    pub(in crate::format) aliases: &'static [(&'static str, &'static str)],
}

/// One key.
#[derive(Debug)]
pub(in crate::format) struct Key {
    pub(in crate::format) name: &'static str,
    /// What it takes.
    pub(in crate::format) shape: Shape,
    /// Who reads it.
    pub(in crate::format) support: Support,
    /// One or two sentences, for the schema.
    pub(in crate::format) about: &'static str,
}

/// Who reads a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Support {
    /// Read wherever the table applies.
    Always,
    /// Read by the panel types that name it among their options.
    ByType,
}

/// What a key takes.
#[derive(Debug)]
pub(in crate::format) enum Shape {
    /// Any text; numbers are read as they are written.
    Text,
    /// A text that is not blank.
    FilledText,
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// A number that is neither infinite nor NaN.
    Number,
    /// `true` or `false`.
    Flag,
    /// One of the first words; the second list is for later versions.
    Choice(&'static [&'static str], &'static [&'static str]),
    /// `30s`, `1h30m`.
    Duration,
    /// A duration, or a text with variables that make one.
    MinStep,
    /// A duration or `off`.
    Refresh,
    /// `now-6h`, `2026-01-31 14:00`.
    Time,
    /// `browser`, `utc`, `Europe/Berlin`.
    Zone,
    /// `green`, `#rrggbb`.
    Color,
    /// A colour, `palette` or `thresholds`.
    SeriesColor,
    /// A regular expression.
    Regex,
    /// `last`, `mean`, `p95`.
    Reduce,
    /// `name`, or a reducer; perhaps with a `-` before it.
    LegendSort,
    /// A character that a keyboard has.
    ActionKey,
    /// An http or https address.
    Url,
    /// `nan`, `null`, `null+nan`, `true`, `false` or `empty`; null, true and false also as YAML's own.
    Special,
    /// The id of a unit, or any text as a suffix.
    Unit,
    /// The name of a variable: letters, digits and underscores.
    Name,
    /// The name of a variable of the dashboard, with or without its `$`.
    Variable,
    /// `true`, `false` or a text.
    FlagOrText,
    /// One text or a list of them.
    TextOrList(usize),
    /// Matchers such as `job="api"`, or none at all.
    Filters(usize),
    /// A value of a variable: a text, or a map with what is shown of it.
    VariableValue,
    /// The name of a panel type.
    PanelType,
    /// At most that many of one shape, and at least one.
    List(&'static Shape, usize),
    /// A map.
    Map(&'static Table),
    /// A map whose keys are names of columns, at most that many, all values of one shape.
    MapOf(&'static Shape, usize),
    /// A pattern for names, or at most that many names.
    PatternOrNames(usize),
    /// `true` or `false`, or a map in full.
    FlagOrMap(&'static Table),
    /// A word in short, or a map in full.
    ChoiceOrMap(&'static [&'static str], &'static Table),
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, support: Support::Always, about }
}

const fn by_type(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, support: Support::ByType, about }
}

impl Table {
    /// The key called `name`.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// All tables, for the question where a key that is out of place belongs.
pub(in crate::format) static TABLES: &[&Table] = &[
    &DASHBOARD,
    &TIME,
    &VARIABLE,
    &VALUE,
    &ANNOTATION,
    &ACTION,
    &ROW,
    &PANEL,
    &QUERY,
    &THRESHOLD,
    &MAPPING,
    &OVERRIDE,
    &LEGEND,
    &LINK,
    &GRID,
    &TRANSFORM,
    &ORGANIZE,
    &FILTER,
    &GROUP_BY,
    &LABELS_TO_FIELDS,
    &JOIN,
    &CALCULATE,
    &HEAT_CALCULATE,
    &RENAME,
    &REDUCE,
];

/// A panel of any type.
pub(in crate::format) static PANEL: Table = Table {
    what: "a panel",
    name: "panel",
    keys: &[
        key("type", Shape::PanelType, "How the panel shows its data."),
        key("title", Shape::Text, "On the panel's top line."),
        key("description", Shape::Text, "Shown in full screen."),
        key("width", Shape::Integer(1, WIDTH_LIMIT), "Share of the row's width; 1 where it is missing."),
        key(
            "height",
            Shape::Integer(1, HEIGHT_LIMIT),
            "Lines at the dashboard's natural size; the type's own where it is missing.",
        ),
        key(
            "grid",
            Shape::Map(&GRID),
            "Its place in Grafana's 24 columns, instead of `width` and `height`; all panels of a row have one or none.",
        ),
        key("query", Shape::FilledText, "PromQL; short for `queries` with one `expr`."),
        key(
            "queries",
            Shape::List(&Shape::Map(&QUERY), QUERIES_LIMIT),
            "Several queries, or one with options; none (`[]`) for a panel that asks nothing yet.",
        ),
        key(
            "unit",
            Shape::Unit,
            "Grafana's id of the values' unit: s, ms, bytes, decbytes, percent, percentunit, reqps, ops, short ... \
             Any other text is a suffix.",
        ),
        key(
            "decimals",
            Shape::Integer(0, DECIMALS_LIMIT as i64),
            "Digits after the point; chosen by size where it is missing.",
        ),
        key("min", Shape::Number, "Low end of axes and gauges; by the data where it is missing."),
        key("max", Shape::Number, "High end of axes and gauges; by the data where it is missing."),
        key("no_value", Shape::Text, "Shown where there is no value."),
        key(
            "thresholds",
            Shape::List(&Shape::Map(&THRESHOLD), THRESHOLDS_LIMIT),
            "Colours by value, ascending. The last step counts whose `at` the value reaches.",
        ),
        key(
            "thresholds_mode",
            Shape::Choice(&["absolute", "percent"], &[]),
            "What `at` of thresholds means: the value itself, or percent of the way from `min` to `max`.",
        ),
        key(
            "mappings",
            Shape::List(&Shape::Map(&MAPPING), MAPPINGS_LIMIT),
            "Texts and colours that stand for values; the first that matches counts.",
        ),
        key("display_name", DISPLAY_NAME.0, DISPLAY_NAME.1),
        key("color", SERIES_COLOR.0, SERIES_COLOR.1),
        key(
            "overrides",
            Shape::List(&Shape::Map(&OVERRIDE), OVERRIDES_LIMIT),
            "Options for some of the series, picked by name, pattern or query; later ones win.",
        ),
        key(
            "transforms",
            Shape::List(&Shape::ChoiceOrMap(transform::WORDS, &TRANSFORM), TRANSFORMS_LIMIT),
            "Changes to the data before it is drawn, one after the other: words such as `merge`, or maps with one key.",
        ),
        key(
            "reduce",
            Shape::Reduce,
            "How a series becomes one value: `now`, where it is missing, is the value at the end of the window; `last` is the last \
             number in it, however old.",
        ),
        by_type(
            "legend",
            Shape::ChoiceOrMap(LEGEND_SHOW, &LEGEND),
            "Names of the series: list, table or hidden, or a map with more. `list` where it is missing.",
        ),
        by_type("draw", DRAW, "How series are drawn; `lines` where it is missing."),
        by_type("fill", Shape::Flag, "Whether the area under a line is filled."),
        by_type("stack", STACK, "Whether series stand on each other; `none` where it is missing."),
        by_type("gaps", GAPS, "Whether a line runs on over missing samples; `show` where it is missing."),
        by_type(
            "sparkline",
            Shape::Flag,
            "Whether a small graph stands behind the value; it does where this is missing.",
        ),
        by_type(
            "orientation",
            Shape::Choice(&["horizontal", "vertical"], &[]),
            "Bars one under the other (horizontal, where it is missing) or side by side (vertical).",
        ),
        by_type(
            "text_mode",
            Shape::Choice(&["auto", "value", "name", "value_and_name", "none"], &[]),
            "What is written; `auto`, where it is missing, is the value, and the name where there are several.",
        ),
        by_type(
            "color_mode",
            Shape::Choice(&["value", "background", "none"], &[]),
            "What has the value's colour; the value itself where this is missing.",
        ),
        by_type(
            "rows",
            Shape::Flag,
            "Whether each row of the data is a value of its own, named by its texts, instead of each series one value.",
        ),
        by_type(
            "limit",
            Shape::Integer(1, ROW_VALUES_LIMIT),
            "How many values there are at most where each row is one; all where it is missing.",
        ),
        by_type(
            "mode",
            Shape::Choice(&["basic", "gradient", "lcd"], &[]),
            "Bars in the value's colour (basic, where it is missing), in that of each place along the way (gradient), or \
             of separate cells (lcd).",
        ),
        by_type(
            "calculate",
            Shape::FlagOrMap(&HEAT_CALCULATE),
            "Whether the samples of the series are counted, rather than buckets taken from labels `le`; a map says how.",
        ),
        by_type(
            "color_scale",
            Shape::Choice(&["linear", "exponential"], &[]),
            "How values become colours; `exponential`, where it is missing, shows small values beside large ones.",
        ),
        by_type(
            "cell_unit",
            Shape::Unit,
            "The unit of the values in the cells; `short` where it is missing. `unit` is that of the bounds.",
        ),
        by_type(
            "cell_decimals",
            Shape::Integer(0, DECIMALS_LIMIT as i64),
            "Digits after the point of the values in the cells; chosen by size where it is missing.",
        ),
        by_type(
            "shape",
            Shape::Choice(&["bars", "disc", "donut"], &[]),
            "Shares as bars of the whole (bars, where it is missing), or as a disc or a donut where there is room.",
        ),
        by_type(
            "bucket_size",
            Shape::Number,
            "Size of a bucket, in the values' unit, above 0; a round one that suits the data where it is missing.",
        ),
        by_type(
            "bucket_count",
            Shape::Integer(1, BUCKET_COUNT_LIMIT),
            "How many buckets are aimed at when their size is chosen; 30 where it is missing.",
        ),
        by_type("combine", Shape::Flag, "Whether the samples of all series are counted together."),
        by_type(
            "merge_values",
            Shape::Flag,
            "Whether equal values that follow each other are one block; they are where this is missing.",
        ),
        by_type("content", Shape::FilledText, "What the panel says."),
        by_type("hide_columns", Shape::List(&Shape::Text, COLUMNS_LIMIT), "Labels that get no column."),
        by_type(
            "sort",
            Shape::FilledText,
            "The column that rows are sorted by, such as Value; with a `-` before it, the largest first.",
        ),
        by_type("axis", AXIS, "The axis that values are read on; `left` where it is missing."),
        by_type(
            "axis_label",
            Shape::FilledText,
            "What the axis is called: at the right of the title, where there is room.",
        ),
        by_type("log", LOG.0, LOG.1),
        by_type("negative_y", Shape::Flag, "Whether series are drawn upside down, below zero."),
        by_type("soft_min", SOFT_MIN.0, SOFT_MIN.1),
        by_type("soft_max", SOFT_MAX.0, SOFT_MAX.1),
        by_type(
            "interpolation",
            INTERPOLATION,
            "How a line gets from one sample to the next: straight (linear, where it is missing), or by holding a sample \
             until the next (step-after) or since the one before (step-before).",
        ),
        by_type(
            "thresholds_style",
            THRESHOLDS_STYLE,
            "Whether thresholds are drawn behind the series: dotted lines, colours behind the areas between them, both, \
             or nothing (off, where it is missing).",
        ),
        key(
            "repeat",
            Shape::Variable,
            "A variable; the panel is shown once for each of its values that are chosen.",
        ),
        key(
            "repeat_direction",
            Shape::Choice(&["horizontal", "vertical"], &[]),
            "Side by side (horizontal, where it is missing) or one under the other (vertical).",
        ),
        key(
            "max_per_row",
            Shape::Integer(1, REPEATS_PER_ROW_LIMIT),
            "Repeated panels side by side at most; 4 where it is missing and the panel is alone in its row.",
        ),
        key("links", LINKS.0, LINKS.1),
        key(
            "time_from",
            Shape::Duration,
            "The panel shows the last 1d, 6h ... instead of the dashboard's window, where that one ends now.",
        ),
        key("time_shift", Shape::Duration, "The panel shows what was 1d, 1w ... earlier."),
        key(
            "min_interval",
            Shape::MinStep,
            "Least step of the panel's queries that have no `min_step`; the scrape interval where it is missing. A duration, \
             or a variable.",
        ),
        by_type(
            "column_width",
            COLUMN_WIDTH,
            "Cells that each column is wide; by its texts where it is missing.",
        ),
        by_type(
            "align",
            ALIGN,
            "Where texts stand in their columns; numbers right, all else left where it is missing.",
        ),
        by_type(
            "cell",
            CELL,
            "How values are drawn: plain (text), in their colour (color, where it is missing), on it (background), or with \
             a bar beside them (bar).",
        ),
        key(
            "datasource",
            Shape::FilledText,
            "The data source that is asked; that of the dashboard where it is missing.",
        ),
    ],
    required: &["type"],
    aliases: &[
        ("expr", "query"),
        ("targets", "queries"),
        ("name", "title"),
        ("format", "unit"),
        ("text", "content"),
        ("nullPointMode", "gaps"),
        ("stacking", "stack"),
        ("axisPlacement", "axis"),
        ("axisLabel", "axis_label"),
        ("axisSoftMin", "soft_min"),
        ("axisSoftMax", "soft_max"),
        ("lineInterpolation", "interpolation"),
        ("thresholdsStyle", "thresholds_style"),
        ("scaleDistribution", "log"),
        ("calc", "reduce"),
        ("calcs", "reduce"),
        ("transformations", "transforms"),
        ("transform", "transforms"),
    ],
};

pub(super) static QUERY: Table = Table {
    what: "a query",
    name: "query",
    keys: &[
        key("expr", Shape::FilledText, "PromQL; $__rate_interval, $__interval and $__range are filled in."),
        key(
            "legend",
            Shape::Text,
            "Names of the series; {{label}} stands for the label's value, and `auto` leaves them to the labels that tell the \
             series apart. Quote it.",
        ),
        key("instant", Shape::Flag, "Whether only the value now is asked, even in panels that draw time."),
        key(
            "range",
            Shape::Flag,
            "Whether the values over the window are asked, even in panels that show values now, such as tables.",
        ),
        key(
            "format",
            Shape::Choice(&["series", "table"], &[]),
            "What transforms begin with: a table a series (`series`), or one with a column a label (`table`, where it is \
             missing in tables). In a heatmap `series` draws cumulative buckets as they are, where without it each has \
             the one below it subtracted.",
        ),
        key(
            "min_step",
            Shape::MinStep,
            "Least step of the graph, and the scrape interval for $__rate_interval: a duration, or a variable.",
        ),
        key("hide", Shape::Flag, "Whether the query is left out."),
        key("ref", Shape::FilledText, "The query's name; A, B, C ... where it is missing."),
        key("axis", AXIS, "The axis that its series are read on; that of the panel where it is missing."),
        key(
            "datasource",
            Shape::FilledText,
            "The data source that is asked; that of the panel where it is missing.",
        ),
    ],
    required: &["expr"],
    aliases: &[
        ("query", "expr"),
        ("legendFormat", "legend"),
        ("legend_format", "legend"),
        ("interval", "min_step"),
        ("step", "min_step"),
        ("refId", "ref"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sound() {
        for table in TABLES {
            for (index, key) in table.keys.iter().enumerate() {
                assert!(table.keys[..index].iter().all(|other| other.name != key.name), "{} twice", key.name);
                assert!(key.about.ends_with(['.']), "{}: {:?}", key.name, key.about);
            }
            for name in table.required.iter().chain(table.aliases.iter().map(|(_, ours)| ours)) {
                assert!(table.key(name).is_some(), "{} has no {name}", table.what);
            }
            for (alias, _) in table.aliases {
                assert!(table.key(alias).is_none(), "{alias} is a key of {} itself", table.what);
            }
        }
    }
}
