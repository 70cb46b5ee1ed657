//! The keys of a dashboard as a whole, of its rows, places, links and actions.

use super::{ACTIONS_LIMIT, ANNOTATION, ANNOTATIONS_LIMIT, PANEL, ROWS_LIMIT, Shape, Table, VARIABLE, key};
use crate::dashboard::{ACTION_AT_ONCE_LIMIT, ACTION_TIMES_LIMIT, GRID_COLUMNS, PANELS_LIMIT};
use crate::variable::VARIABLES_LIMIT;

/// Tags of one dashboard.
const TAGS_LIMIT: usize = 100;

/// The file itself.
pub(in crate::format) static DASHBOARD: Table = Table {
    what: "a dashboard",
    name: "dashboard",
    keys: &[
        key("title", Shape::FilledText, "Shown in the header and in the list of dashboards."),
        key("description", Shape::Text, "Shown in the list of dashboards."),
        key(
            "refresh",
            Shape::Refresh,
            "How often data is asked again, such as 5s; `off` never asks again. 5s where it is missing.",
        ),
        key("time", Shape::Map(&TIME), "The time range at first; the last 15 minutes where it is missing."),
        key(
            "timezone",
            Shape::Zone,
            "The zone in which times are shown, and in which those of this file without a zone are meant: browser (the \
             reader's own), utc or a name such as Europe/Berlin; --timezone goes before it. browser where it is missing.",
        ),
        key(
            "scrape_interval",
            Shape::Duration,
            "How often Prometheus scrapes what is shown here: the least step of graphs, and what \
             $__rate_interval builds on (it is at least four times as long). 15s where it is missing.",
        ),
        key(
            "variables",
            Shape::List(&Shape::Map(&VARIABLE), VARIABLES_LIMIT),
            "Values that a reader chooses from and that queries and titles name as $name.",
        ),
        key(
            "annotations",
            Shape::List(&Shape::Map(&ANNOTATION), ANNOTATIONS_LIMIT),
            "Moments that are marked on all panels of time.",
        ),
        key(
            "actions",
            Shape::List(&Shape::Map(&ACTION), ACTIONS_LIMIT),
            "Keys that send HTTP requests, shown in the footer and the help.",
        ),
        key(
            "rows",
            Shape::List(&Shape::Map(&ROW), ROWS_LIMIT),
            "Rows of panels from top to bottom. A row shares its width, the rows share the height.",
        ),
        key(
            "datasource",
            Shape::FilledText,
            "The data source that is asked, by its name in the configuration, or a variable such as $ds; the one in use where it \
             is missing.",
        ),
        key("links", LINKS.0, LINKS.1),
        key(
            "tags",
            Shape::List(&Shape::FilledText, TAGS_LIMIT),
            "Words beside it in the list of dashboards.",
        ),
        key(
            "uid",
            Shape::FilledText,
            "What Grafana knows the dashboard by; kept so that an export replaces it there instead of making another one.",
        ),
    ],
    required: &["title", "rows"],
    aliases: &[
        ("name", "title"),
        ("panels", "rows"),
        ("interval", "scrape_interval"),
        ("range", "time"),
        ("templating", "variables"),
        ("vars", "variables"),
        ("time_zone", "timezone"),
    ],
};

pub(in crate::format::yaml) static TIME: Table = Table {
    what: "a time range",
    name: "time",
    keys: &[
        key(
            "from",
            Shape::Time,
            "Left end: now-6h, now/d, 2026-01-31 14:00:00, 2026-01-31T14:00:00Z or Unix seconds.",
        ),
        key("to", Shape::Time, "Right end, written like `from`; now where it is missing."),
    ],
    required: &["from"],
    aliases: &[("start", "from"), ("end", "to")],
};

pub(in crate::format::yaml) static ACTION: Table = Table {
    what: "an action",
    name: "action",
    keys: &[
        key(
            "key",
            Shape::ActionKey,
            "The key that triggers it: one character that promscope itself does not use.",
        ),
        key("title", Shape::FilledText, "What it does, for the footer and the help."),
        key("get", Shape::Url, "The http or https address that is requested with GET."),
        key("post", Shape::Url, "The http or https address that is requested with POST, without a body."),
        key(
            "times",
            Shape::Integer(1, ACTION_TIMES_LIMIT as i64),
            "How many requests; 1 where it is missing.",
        ),
        key(
            "at_once",
            Shape::Integer(1, ACTION_AT_ONCE_LIMIT as i64),
            "How many of the requests are under way at once; 1 where it is missing.",
        ),
    ],
    required: &["key", "title"],
    aliases: &[("url", "get"), ("name", "title"), ("count", "times"), ("concurrency", "at_once")],
};

pub(in crate::format::yaml) static ROW: Table = Table {
    what: "a row",
    name: "row",
    keys: &[
        key("title", Shape::Text, "On a line of its own above the panels; no line where it is missing."),
        key("panels", Shape::List(&Shape::Map(&PANEL), PANELS_LIMIT), "Panels from left to right."),
        key(
            "collapsed",
            Shape::Flag,
            "Whether only the title is shown at first; the panels then ask nothing.",
        ),
        key(
            "repeat",
            Shape::Variable,
            "A variable; the row is shown once for each of its values that are chosen.",
        ),
    ],
    required: &["panels"],
    aliases: &[("name", "title")],
};

/// Links of one dashboard or panel.
const LINKS_LIMIT: usize = 20;

/// Units of height of a grid, far beyond any dashboard.
const GRID_HEIGHT_LIMIT: i64 = 10_000;

pub(super) const LINKS: (Shape, &str) = (
    Shape::List(&Shape::Map(&LINK), LINKS_LIMIT),
    "Other pages: shown in the help, in full screen and in the inspector.",
);

pub(in crate::format::yaml) static LINK: Table = Table {
    what: "a link",
    name: "link",
    keys: &[
        key("title", Shape::Text, "What it is called."),
        key("url", Shape::FilledText, "Where it leads; shown as it is written."),
    ],
    required: &["url"],
    aliases: &[("name", "title"), ("href", "url")],
};

pub(in crate::format::yaml) static GRID: Table = Table {
    what: "a grid position",
    name: "grid",
    keys: &[
        key("x", Shape::Integer(0, GRID_COLUMNS as i64 - 1), "First column, from 0."),
        key(
            "y",
            Shape::Integer(0, GRID_HEIGHT_LIMIT),
            "First unit of height, 0 where it is missing; only distances within a row count.",
        ),
        key("w", Shape::Integer(1, GRID_COLUMNS as i64), "Columns, of 24."),
        key("h", Shape::Integer(1, GRID_HEIGHT_LIMIT), "Units of height; 8 are a usual graph."),
    ],
    required: &["x", "w", "h"],
    aliases: &[("width", "w"), ("height", "h")],
};
