//! The keys of variables and annotations.

use super::{AUTO_COUNT_LIMIT, FILTERS_LIMIT, Shape, Table, VALUES_LIMIT, key};

/// The ways in which a variable gets its values; it has one of them.
pub(in crate::format) const VARIABLE_KINDS: [&str; 7] =
    ["query", "values", "interval", "constant", "textbox", "datasource", "adhoc"];

/// A variable, of any kind.
pub(in crate::format::yaml) static VARIABLE: Table = Table {
    what: "a variable",
    name: "variable",
    keys: &[
        key(
            "name",
            Shape::Name,
            "What queries and titles call it, as $name: letters, digits and underscores.",
        ),
        key("label", Shape::Text, "What the bar calls it; its name where it is missing."),
        key("description", Shape::Text, "Shown where its value is chosen."),
        key("hide", Shape::Flag, "Whether it is left out of the bar."),
        key(
            "query",
            Shape::FilledText,
            "Values that the server has: label_values(label), label_values(selector, label), label_names(), \
             metrics(pattern), query_result(PromQL), or a selector for its series. It may name other variables.",
        ),
        key(
            "values",
            Shape::List(&Shape::VariableValue, VALUES_LIMIT),
            "Values as they are, or maps with `value` and the `text` that is shown for it.",
        ),
        key(
            "interval",
            Shape::List(&Shape::FilledText, VALUES_LIMIT),
            "Durations such as 1m; `auto` among them goes by the window.",
        ),
        key("constant", Shape::Text, "One value that nobody changes."),
        key("textbox", Shape::Text, "A text that is typed; this one at first."),
        key(
            "datasource",
            Shape::FilledText,
            "Names of the data sources of a type, such as prometheus; beside `query` the data source that is asked, which is \
             that of the dashboard where it is missing.",
        ),
        key(
            "adhoc",
            Shape::Filters(FILTERS_LIMIT),
            "Matchers such as job=\"api\" that every selector of every query gets; `true` to begin with none.",
        ),
        key("multi", Shape::Flag, "Whether several values may be chosen at once."),
        key(
            "all",
            Shape::FlagOrText,
            "Whether all values may be chosen at once; a text stands for them in queries instead of their list.",
        ),
        key(
            "regex",
            Shape::FilledText,
            "Which values count, in JavaScript's notation: /pattern/, or a pattern of the whole value. The first group, \
             or groups called value and text, is what is taken of it.",
        ),
        key(
            "sort",
            Shape::Choice(SORTS, &[]),
            "The order of values; as they come where it is missing. A `-` before it turns it around.",
        ),
        key(
            "refresh",
            Shape::Choice(&["load", "time", "never"], &[]),
            "When values are asked: when the dashboard is opened (load, where it is missing; never is the same here), \
             or also when the time range is changed (time).",
        ),
        key(
            "default",
            Shape::TextOrList(VALUES_LIMIT),
            "What is chosen at first, by value or text; `All` for all. The first value where it is missing.",
        ),
        key(
            "auto_count",
            Shape::Integer(1, AUTO_COUNT_LIMIT),
            "Steps that `auto` divides the window into; 30 where it is missing.",
        ),
        key("auto_min", Shape::Duration, "The least interval that `auto` gives; 10s where it is missing."),
    ],
    required: &["name"],
    aliases: &[
        ("options", "values"),
        ("custom", "values"),
        ("includeAll", "all"),
        ("include_all", "all"),
        ("allValue", "all"),
        ("current", "default"),
        ("type", "query"),
        ("definition", "query"),
        ("filters", "adhoc"),
    ],
};

/// The orders of a variable's values, Grafana's 0 to 8.
pub(in crate::format::yaml) const SORTS: &[&str] = &[
    "none",
    "alphabetical",
    "-alphabetical",
    "numerical",
    "-numerical",
    "alphabetical-ignore-case",
    "-alphabetical-ignore-case",
    "natural",
    "-natural",
];

/// A value with a text of its own.
pub(in crate::format) static VALUE: Table = Table {
    what: "a value of a variable",
    name: "value",
    keys: &[
        key("value", Shape::Text, "What queries are filled with."),
        key("text", Shape::Text, "What is shown."),
    ],
    required: &["value"],
    aliases: &[("label", "text"), ("name", "text")],
};

/// Moments to be marked.
pub(in crate::format::yaml) static ANNOTATION: Table = Table {
    what: "an annotation",
    name: "annotation",
    keys: &[
        key("name", Shape::FilledText, "What is marked."),
        key("query", Shape::FilledText, "PromQL; its samples above zero are marked."),
        key("alerts", Shape::Flag, "Whether the alerts that fire are marked, instead of a query."),
        key("color", Shape::Color, "Of the marks: a name, or \"#rrggbb\"."),
        key(
            "title",
            Shape::Text,
            "What is said of a mark; {{label}} stands for the label's value. Quote it.",
        ),
        key("text", Shape::Text, "More of it, written like `title`."),
        key("step", Shape::MinStep, "Least step of the query: a duration, or a variable."),
        key(
            "datasource",
            Shape::FilledText,
            "The data source that is asked; that of the dashboard where it is missing.",
        ),
        key("hide", Shape::Flag, "Whether it is left out."),
    ],
    required: &["name"],
    aliases: &[
        ("expr", "query"),
        ("iconColor", "color"),
        ("colour", "color"),
        ("titleFormat", "title"),
        ("textFormat", "text"),
        ("min_step", "step"),
    ],
};
