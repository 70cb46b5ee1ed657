//! The keys that say how values read and are drawn: on panels, and in overrides for some of their series.

use super::{
    BUCKET_COUNT_LIMIT, CALCS_LIMIT, MAPPINGS_LIMIT, NAMES_LIMIT, Shape, THRESHOLDS_LIMIT, Table, key,
};
use crate::unit::DECIMALS_LIMIT;

pub(in crate::format::yaml) static THRESHOLD: Table = Table {
    what: "a threshold",
    name: "threshold",
    keys: &[
        key(
            "at",
            Shape::Number,
            "Where the colour begins; only the first step may lack it, which then begins below all values.",
        ),
        key(
            "color",
            Shape::Color,
            "A name such as green, dark-red or semi-dark-orange, or #rrggbb (quoted).",
        ),
    ],
    required: &["color"],
    aliases: &[("value", "at"), ("colour", "color"), ("from", "at")],
};

pub(in crate::format::yaml) static MAPPING: Table = Table {
    what: "a mapping",
    name: "mapping",
    keys: &[
        key("value", Shape::Text, "Matches exactly this value: a number, or the text of a label."),
        key("from", Shape::Number, "Matches from this value on; with `to`, up to that one, both included."),
        key("to", Shape::Number, "Matches up to this value, itself included."),
        key(
            "regex",
            Shape::FilledText,
            "Matches texts, such as labels' values in a table, and no numbers: `web-.*` the whole text, `/web/` a part \
             of it, `/web/i` in any case.",
        ),
        key(
            "special",
            Shape::Special,
            "Matches `nan`, `null` (no value at all), or both with `null+nan`; of texts, `true`, `false` and `empty`.",
        ),
        key(
            "text",
            Shape::Text,
            "Shown instead of the value; with `regex`, `$1` stands for what its first group has matched.",
        ),
        key("color", Shape::Color, "Instead of the thresholds' colour."),
    ],
    required: &[],
    aliases: &[
        ("colour", "color"),
        ("min", "from"),
        ("max", "to"),
        ("pattern", "regex"),
        ("match", "special"),
    ],
};

pub(super) const DISPLAY_NAME: (Shape, &str) = (
    Shape::Text,
    "Shown instead of the series' name; {{label}} is filled in, and Grafana's ${__field.labels.label}.",
);

pub(super) const SERIES_COLOR: (Shape, &str) = (
    Shape::SeriesColor,
    "The colour of the series: a name or \"#rrggbb\", `thresholds` for that of the last value, `palette`, or one of \
     Grafana's schemes that run from min to max, such as `continuous-GrYlRd`. Where it is missing, series over time go by \
     the palette and single values by thresholds.",
);

/// The ways in which an override picks its series; it has one of them.
pub(in crate::format) const OVERRIDE_MATCHERS: [&str; 5] = ["name", "names", "except", "regex", "query"];

/// Into which buckets samples are counted.
pub(in crate::format::yaml) static HEAT_CALCULATE: Table = Table {
    what: "a calculation of buckets",
    name: "buckets",
    keys: &[
        key(
            "buckets",
            Shape::Integer(1, BUCKET_COUNT_LIMIT),
            "How many ranges of values are aimed at; 10 where it is missing.",
        ),
        key("size", Shape::Number, "Size of a range of values, above 0; a round one where it is missing."),
        key("interval", Shape::Duration, "Length of a range of time; a round one where it is missing."),
    ],
    required: &[],
    aliases: &[("bucket_size", "size"), ("bucket_count", "buckets"), ("step", "interval")],
};

/// Options for some series of a panel.
pub(in crate::format::yaml) static OVERRIDE: Table = Table {
    what: "an override",
    name: "override",
    keys: &[
        key("name", Shape::FilledText, "For the series with this name, as the legend has it."),
        key("names", Shape::List(&Shape::FilledText, NAMES_LIMIT), "For the series with one of these names."),
        key(
            "except",
            Shape::List(&Shape::FilledText, NAMES_LIMIT),
            "For all series but those with these names.",
        ),
        key(
            "regex",
            Shape::Regex,
            "For the series whose names this pattern matches: `web-.*` the whole name, `/web/` a part of it, `/web/i` in \
             any case.",
        ),
        key("query", Shape::FilledText, "For the series of the query with this `ref`."),
        key("unit", Shape::Unit, "See the panel's `unit`."),
        key("decimals", Shape::Integer(0, DECIMALS_LIMIT as i64), "Digits after the point."),
        key("min", Shape::Number, "Low end of axes and gauges."),
        key("max", Shape::Number, "High end of axes and gauges."),
        key("no_value", Shape::Text, "Shown where there is no value."),
        key(
            "thresholds",
            Shape::List(&Shape::Map(&THRESHOLD), THRESHOLDS_LIMIT),
            "Colours by value, ascending.",
        ),
        key(
            "thresholds_mode",
            Shape::Choice(&["absolute", "percent"], &[]),
            "What `at` of thresholds means.",
        ),
        key("mappings", Shape::List(&Shape::Map(&MAPPING), MAPPINGS_LIMIT), "Texts and colours for values."),
        key("display_name", DISPLAY_NAME.0, DISPLAY_NAME.1),
        key("color", SERIES_COLOR.0, SERIES_COLOR.1),
        key("draw", DRAW, "How these series are drawn."),
        key("fill", Shape::Flag, "Whether the area under these lines is filled."),
        key("stack", STACK, "Whether these series stand on each other."),
        key("gaps", GAPS, "Whether these lines run on over missing samples."),
        key("axis", AXIS, "The axis that these series are read on."),
        key("axis_label", Shape::FilledText, "What the axis of these series is called."),
        key("log", LOG.0, LOG.1),
        key("negative_y", Shape::Flag, "Whether these series are drawn upside down, below zero."),
        key("soft_min", SOFT_MIN.0, SOFT_MIN.1),
        key("soft_max", SOFT_MAX.0, SOFT_MAX.1),
        key("interpolation", INTERPOLATION, "How these lines get from one sample to the next."),
        key("thresholds_style", THRESHOLDS_STYLE, "Whether thresholds are drawn behind these series."),
        key("hidden", Shape::Flag, "Whether these series, or columns of a table, are left out."),
        key("column_width", COLUMN_WIDTH, "Cells that these columns are wide."),
        key("align", ALIGN, "Where texts stand in these columns."),
        key("cell", CELL, "How values are drawn in these columns."),
    ],
    required: &[],
    aliases: &[
        ("matcher", "name"),
        ("match", "name"),
        ("pattern", "regex"),
        ("hide", "hidden"),
        ("colour", "color"),
        ("displayName", "display_name"),
        ("axisLabel", "axis_label"),
    ],
};

/// Widest column of a table, in cells.
const COLUMN_WIDTH_LIMIT: i64 = 200;

pub(super) const COLUMN_WIDTH: Shape = Shape::Integer(1, COLUMN_WIDTH_LIMIT);

pub(super) const ALIGN: Shape = Shape::Choice(&["left", "center", "right"], &[]);

pub(super) const CELL: Shape = Shape::Choice(&["text", "color", "background", "bar"], &[]);

pub(super) const DRAW: Shape = Shape::Choice(&["lines", "bars", "points"], &[]);

pub(super) const STACK: Shape = Shape::Choice(&["none", "normal", "percent"], &[]);

pub(super) const AXIS: Shape = Shape::Choice(&["left", "right"], &[]);

pub(super) const LOG: (Shape, &str) = (
    Shape::Choice(&["2", "10", "symlog", "off"], &[]),
    "A logarithmic axis of this base; symlog has zero and negative values too, and is even from -1 to 1; off, in an override, \
     is an axis that is not.",
);

pub(super) const SOFT_MIN: (Shape, &str) =
    (Shape::Number, "Low end of the axis, unless the data lies lower.");

pub(super) const SOFT_MAX: (Shape, &str) =
    (Shape::Number, "High end of the axis, unless the data lies higher.");

pub(super) const INTERPOLATION: Shape = Shape::Choice(&["linear", "step-after", "step-before"], &[]);

pub(super) const THRESHOLDS_STYLE: Shape = Shape::Choice(&["off", "line", "area", "line+area"], &[]);

pub(super) const GAPS: Shape = Shape::Choice(&["show", "connect"], &[]);

pub(super) const LEGEND_SHOW: &[&str] = &["list", "table", "hidden"];

pub(in crate::format::yaml) static LEGEND: Table = Table {
    what: "a legend",
    name: "legend",
    keys: &[
        key(
            "show",
            Shape::Choice(LEGEND_SHOW, &[]),
            "Names in a running line (list, where it is missing), one line a series (table), or none (hidden).",
        ),
        key(
            "placement",
            Shape::Choice(&["bottom", "right"], &[]),
            "Below the graph (where it is missing) or at its right.",
        ),
        key(
            "calcs",
            Shape::List(&Shape::Reduce, CALCS_LIMIT),
            "Figures behind each name: last, mean, max ...",
        ),
        key(
            "sort",
            Shape::LegendSort,
            "The order: `name` or a figure such as max; with a `-` before it, the largest first. Where it is missing, that \
             of the queries; a legend that has no room for all names those whose first figure, or last value, is the \
             largest, if all have one unit.",
        ),
    ],
    required: &[],
    aliases: &[
        ("mode", "show"),
        ("displayMode", "show"),
        ("values", "calcs"),
        ("position", "placement"),
        ("sortBy", "sort"),
    ],
};
