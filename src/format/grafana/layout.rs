//! Where panels stand: rows, each with its panels in a grid of 24 columns.

use super::node::Node;
use super::out::{Out, OutMap};

/// Grafana's columns.
pub(super) const COLUMNS: i64 = 24;
/// Lowest place of a panel, in Grafana's rows.
const DEPTH_LIMIT: i64 = 10_000;

/// The keys of a panel as a person would write them: what it is, what it asks, how values read, how they are drawn.
const PANEL_ORDER: &[&str] = &[
    "type",
    "title",
    "description",
    "grid",
    "width",
    "height",
    "repeat",
    "repeat_direction",
    "max_per_row",
    "datasource",
    "content",
    "query",
    "queries",
    "transforms",
    "time_from",
    "time_shift",
    "min_interval",
    "unit",
    "decimals",
    "min",
    "max",
    "soft_min",
    "soft_max",
    "no_value",
    "display_name",
    "reduce",
    "rows",
    "limit",
    "text_mode",
    "color_mode",
    "mode",
    "shape",
    "orientation",
    "sparkline",
    "calculate",
    "bucket_size",
    "bucket_count",
    "combine",
    "color_scale",
    "cell_unit",
    "cell_decimals",
    "merge_values",
    "draw",
    "fill",
    "stack",
    "interpolation",
    "gaps",
    "axis",
    "axis_label",
    "log",
    "negative_y",
    "color",
    "cell",
    "column_width",
    "align",
    "sort",
    "legend",
    "thresholds",
    "thresholds_mode",
    "thresholds_style",
    "mappings",
    "overrides",
    "links",
];

/// A place in the grid; `y` counts from the top of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) w: i64,
    pub(super) h: i64,
}

impl Place {
    /// A place inside the grid, however wild the numbers.
    pub(super) fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        let whole = |number: f64, low: i64, high: i64| (number.round() as i64).clamp(low, high);
        let w = whole(w, 1, COLUMNS);
        Self { x: whole(x, 0, COLUMNS - w), y: whole(y, 0, DEPTH_LIMIT), w, h: whole(h, 1, 200) }
    }

    /// A classic `gridPos`; `None` where there is none.
    pub(super) fn of_panel(panel: &Node<'_>) -> Option<Self> {
        let place = panel.get("gridPos");
        if !place.is_map() {
            return None;
        }
        let number = |key, missing: f64| place.get(key).number().unwrap_or(missing);
        Some(Self::new(number("x", 0.0), number("y", 0.0), number("w", 6.0), number("h", 3.0)))
    }

    pub(super) fn out(self) -> Out {
        let mut out = OutMap::default();
        for (key, value) in [("x", self.x), ("y", self.y), ("w", self.w), ("h", self.h)] {
            out.set_plain(key, value);
        }
        Out::Map(out)
    }

    pub(super) fn bottom(self) -> i64 {
        self.y + self.h
    }
}

/// A row.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) title: Option<String>,
    pub(super) collapsed: bool,
    pub(super) repeat: Option<String>,
    pub(super) comments: Vec<String>,
    pub(super) origin: String,
    /// Its number in the dashboard that was exported, for rows without a line of their own.
    pub(super) number: Option<i64>,
    pub(super) panels: Vec<(Place, OutMap)>,
    /// The first line below all panels.
    pub(super) bottom: i64,
}

impl Section {
    /// Adds a panel.
    pub(super) fn push(&mut self, place: Place, panel: OutMap) {
        self.bottom = self.bottom.max(place.bottom());
        self.panels.push((place, panel));
    }

    /// The row in the format's keys; `None` for one without panels, which says nothing.
    pub(super) fn out(mut self) -> Option<OutMap> {
        if self.panels.is_empty() {
            return None;
        }
        let top = self.panels.iter().map(|(place, _)| place.y).min().unwrap_or(0);
        self.panels.sort_by_key(|(place, _)| (place.y, place.x));
        let mut out = OutMap { comments: self.comments, origin: self.origin, ..OutMap::default() };
        if let Some(title) = self.title {
            out.set_text("title", title);
        }
        if self.collapsed {
            out.set_plain("collapsed", true);
        }
        if let Some(name) = self.repeat {
            out.set_text("repeat", name);
        }
        let panels = self.panels.into_iter().map(|(place, mut panel)| {
            let place = Place { y: place.y - top, ..place };
            if panel.remove("flow").is_none() {
                panel.set("grid", place.out());
            }
            panel.order_by(PANEL_ORDER);
            Out::Map(panel)
        });
        out.set("panels", Out::List(panels.collect()));
        Some(out)
    }
}

/// Puts panels without a place below each other, left to right, as rows of old do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    x: i64,
    y: i64,
    line: i64,
}

impl Flow {
    pub(super) fn new(y: i64) -> Self {
        Self { x: 0, y, line: 0 }
    }

    /// The place of the next panel, `w` columns wide.
    pub(super) fn place(&mut self, w: i64, h: i64) -> Place {
        if self.x + w > COLUMNS {
            self.x = 0;
            self.y += self.line;
            self.line = 0;
        }
        let place = Place { x: self.x, y: self.y.min(DEPTH_LIMIT), w, h };
        self.x += w;
        self.line = self.line.max(h);
        place
    }
}
