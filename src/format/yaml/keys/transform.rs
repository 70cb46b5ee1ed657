//! The keys of `transforms`.

use super::{COLUMNS_LIMIT, Key, NAMES_LIMIT, Shape, Table, key};
use crate::transform::{Op, ROWS_LIMIT, UnaryOp, WindowCalc};

/// Figures of one column.
const CALCS_LIMIT: usize = 30;
/// Columns that one transform names.
const FIELDS_LIMIT: usize = COLUMNS_LIMIT;

/// Transforms that have nothing to say besides their name, or need not have.
pub(in crate::format::yaml) const WORDS: &[&str] = &["merge", "labels_to_fields", "join"];

/// One change to the data.
pub(in crate::format::yaml) static TRANSFORM: Table = Table {
    what: "a transform",
    name: "transform",
    keys: &[
        key(
            "organize",
            Shape::Map(&ORGANIZE),
            "Which columns stay, in which order, and what they are called.",
        ),
        key(
            "merge",
            Shape::Flag,
            "All tables as one; rows with equal values in the columns in common become one.",
        ),
        key("filter", Shape::Map(&FILTER), "Columns by name."),
        key(
            "group_by",
            Shape::Map(&GROUP_BY),
            "One row for all rows with equal values, with figures over them.",
        ),
        key("labels_to_fields", Shape::Map(&LABELS_TO_FIELDS), "Labels of series as columns."),
        key("join", Shape::Map(&JOIN), "Tables side by side, rows brought together by one column."),
        key("calculate", Shape::Map(&CALCULATE), "A column out of others, row by row."),
        key("sort", Shape::FilledText, "Rows by this column; with a `-` before it, the largest first."),
        key("rename", Shape::Map(&RENAME), "Names of columns by a pattern."),
        key("reduce", Shape::Map(&REDUCE), "Every column as one row of figures, or as one value."),
        key("limit", Shape::Integer(1, ROWS_LIMIT as i64), "The first rows of each table."),
    ],
    required: &[],
    aliases: &[
        ("filterFieldsByName", "filter"),
        ("filterByName", "filter"),
        ("groupBy", "group_by"),
        ("labelsToFields", "labels_to_fields"),
        ("joinByField", "join"),
        ("seriesToColumns", "join"),
        ("calculateField", "calculate"),
        ("sortBy", "sort"),
        ("renameByRegex", "rename"),
    ],
};

const fn names(name: &'static str, about: &'static str) -> Key {
    key(name, Shape::List(&Shape::FilledText, NAMES_LIMIT), about)
}

pub(in crate::format::yaml) static ORGANIZE: Table = Table {
    what: "organize",
    name: "organize",
    keys: &[
        names("include", "Only these columns stay."),
        names("exclude", "These columns go."),
        names("order", "These columns come first."),
        key(
            "rename",
            Shape::MapOf(&Shape::Text, FIELDS_LIMIT),
            "Names of columns, and what they are called instead.",
        ),
    ],
    required: &[],
    aliases: &[
        ("includeByName", "include"),
        ("excludeByName", "exclude"),
        ("indexByName", "order"),
        ("renameByName", "rename"),
    ],
};

const PATTERN_OR_NAMES: Shape = Shape::PatternOrNames(NAMES_LIMIT);

pub(in crate::format::yaml) static FILTER: Table = Table {
    what: "filter",
    name: "filter",
    keys: &[
        key(
            "include",
            PATTERN_OR_NAMES,
            "Only these columns stay: a list of names, or a pattern; `cpu.*` for whole names, `/cpu/` for a part.",
        ),
        key("exclude", PATTERN_OR_NAMES, "These columns go; written as `include`."),
    ],
    required: &[],
    aliases: &[("names", "include"), ("regex", "include"), ("pattern", "include")],
};

pub(in crate::format::yaml) static GROUP_BY: Table = Table {
    what: "group_by",
    name: "group_by",
    keys: &[
        names("by", "Rows with equal values in these columns become one."),
        key(
            "calcs",
            Shape::MapOf(&Shape::List(&Shape::Reduce, CALCS_LIMIT), FIELDS_LIMIT),
            "Columns, and the figures of each: sum, mean, lastNotNull ... They are called `Value (sum)`.",
        ),
    ],
    required: &["by"],
    aliases: &[("fields", "by"), ("aggregations", "calcs")],
};

pub(in crate::format::yaml) static LABELS_TO_FIELDS: Table = Table {
    what: "labels_to_fields",
    name: "labels_to_fields",
    keys: &[
        names("keep", "Only these labels; all where it is missing."),
        key(
            "mode",
            Shape::Choice(&["columns", "rows"], &[]),
            "A column a label (where it is missing), or a table of label and value a series.",
        ),
        key("value_label", Shape::FilledText, "The label whose value is the name of the column of values."),
    ],
    required: &[],
    aliases: &[("keepLabels", "keep"), ("labels", "keep"), ("valueLabel", "value_label")],
};

pub(in crate::format::yaml) static JOIN: Table = Table {
    what: "join",
    name: "join",
    keys: &[
        key("by", Shape::FilledText, "The column; the time where it is missing."),
        key(
            "mode",
            Shape::Choice(&["outer", "inner", "outer-tabular"], &[]),
            "A row a value of the column (outer, where it is missing), only rows that all tables have (inner), or all rows \
             of all tables, also where a value occurs twice (outer-tabular).",
        ),
    ],
    required: &[],
    aliases: &[("byField", "by"), ("field", "by")],
};

pub(in crate::format::yaml) static CALCULATE: Table = Table {
    what: "calculate",
    name: "calculate",
    keys: &[
        key("name", Shape::FilledText, "The name of the new column."),
        key("left", Shape::FilledText, "A column or a number, for `op`."),
        key("op", Shape::Choice(Op::SIGNS, &[]), "What is done with `left` and `right`."),
        key("right", Shape::FilledText, "A column or a number, for `op`."),
        key("reduce", Shape::Reduce, "A figure over several columns, instead of `left`, `op` and `right`."),
        key("unary", Shape::Choice(UnaryOp::NAMES, &[]), "What is done with each value of `field`."),
        key(
            "window",
            Shape::Choice(WindowCalc::NAMES, &[]),
            "What is calculated over the rows around each, of which there are `size`.",
        ),
        key(
            "cumulative",
            Shape::Choice(&["sum", "mean"], &[]),
            "What is calculated over all rows up to each.",
        ),
        key(
            "field",
            Shape::FilledText,
            "The column for `unary`, `window` and `cumulative`; the first one of numbers where it is missing, except for \
             `unary`.",
        ),
        key(
            "size",
            Shape::FilledText,
            "Rows of a window, such as 5, or a part of all, such as 10%; 10% where it is missing.",
        ),
        key(
            "align",
            Shape::Choice(&["trailing", "centered"], &[]),
            "A window ends at its row (trailing, where it is missing), or has it in its middle (centered).",
        ),
        names("of", "The columns for `reduce`; all numbers where it is missing."),
        key("replace", Shape::Flag, "Whether nothing but the time stays beside the new column."),
    ],
    required: &[],
    aliases: &[
        ("alias", "name"),
        ("operator", "op"),
        ("include", "of"),
        ("fields", "of"),
        ("calc", "reduce"),
        ("replaceFields", "replace"),
    ],
};

pub(in crate::format::yaml) static RENAME: Table = Table {
    what: "rename",
    name: "rename",
    keys: &[
        key("regex", Shape::FilledText, "`cpu-(.*)` for whole names, `/cpu/` for a part of them."),
        key("to", Shape::Text, "What replaces it; `$1` stands for what the first group has matched."),
    ],
    required: &["regex", "to"],
    aliases: &[("renamePattern", "to"), ("pattern", "regex"), ("from", "regex")],
};

pub(in crate::format::yaml) static REDUCE: Table = Table {
    what: "reduce",
    name: "reduce",
    keys: &[
        key("calcs", Shape::List(&Shape::Reduce, CALCS_LIMIT), "The figures: last, mean, max ..."),
        key(
            "mode",
            Shape::Choice(&["rows", "fields"], &[]),
            "A row a column with a figure each beside its name (rows, where it is missing), or columns of one value.",
        ),
        key("labels", Shape::Flag, "Whether labels become columns, in rows."),
    ],
    required: &["calcs"],
    aliases: &[("reducers", "calcs"), ("labelsToFields", "labels")],
};
