//! `fieldConfig` of a panel: defaults and overrides to the options on values.

#![expect(
    clippy::collapsible_match,
    reason = "a key that its arm guards would come to the arm of unknown keys"
)]

use super::colors::color;
use super::mapping;
use super::node::Node;
use super::out::{Out, OutMap};
use crate::field::Ramp;

/// Keys of `custom` that a terminal has no picture for, or whose defaults every panel carries.
const COSMETIC_CUSTOM: &[&str] = &[
    "axisBorderShow",
    "axisColorMode",
    "axisGridShow",
    "axisWidth",
    "barAlignment",
    "barWidthFactor",
    "barMaxWidth",
    "dashLength",
    "filterable",
    "gradientMode",
    "inspect",
    "lineStyle",
    "lineWidth",
    "minWidth",
    "pointSize",
    "showPoints",
    "spaceLength",
    "pointSymbol",
    "pointStrokeWidth",
    "showValues",
    "width",
    "wrapText",
    "wrapHeaderText",
    "footer",
    "showUnfilled",
    "neutral",
    "tooltip",
    "hideNulls",
    "pointShape",
    "fieldMinMax",
];

/// Types whose series take the palette's colours unless the panel says otherwise; the others go by thresholds.
const BY_PALETTE: &[&str] = &["timeseries", "piechart", "barchart", "histogram", "heatmap"];

/// What `fieldConfig.defaults` says, in the format's keys.
pub(super) fn defaults(config: &Node<'_>, kind: &str) -> OutMap {
    let defaults = config.get("defaults");
    let mut out = OutMap::default();
    for (key, value) in defaults.entries_or_none() {
        if key != "custom" && key != "color" && key != "thresholds" {
            standard(key, &value, &mut out);
        }
    }
    bounds(&defaults, &mut out);
    let custom = defaults.get("custom");
    for (key, value) in custom.entries_or_none() {
        self::custom(key, &value, kind, false, &mut out);
    }
    let has_thresholds = uses_thresholds(config, kind);
    if has_thresholds {
        mapping::thresholds(&defaults.get("thresholds"), &mut out);
    }
    series_color(&defaults.get("color"), kind, false, &mut out);
    out
}

/// Whether the thresholds of the defaults colour anything: every panel has some, few over time show them.
fn uses_thresholds(config: &Node<'_>, kind: &str) -> bool {
    let defaults = config.get("defaults");
    let is = |node: Node<'_>, word: &str| matches!(node.value, super::json::Json::Text(text) if text == word);
    let mode = defaults.dig(&["color", "mode"]);
    if is(mode.clone(), "thresholds") {
        return true;
    }
    let style = defaults.dig(&["custom", "thresholdsStyle", "mode"]);
    if style.says_something() && !is(style, "off") {
        return true;
    }
    let by_override = config
        .get("overrides")
        .items_or_none()
        .iter()
        .flat_map(|one| one.get("properties").items_or_none())
        .any(|property| {
            is(property.get("id"), "custom.thresholdsStyle")
                || (is(property.get("id"), "color") && is(property.dig(&["value", "mode"]), "thresholds"))
                || is(property.get("id"), "custom.cellOptions")
                || is(property.get("id"), "custom.displayMode")
        });
    by_override || (!BY_PALETTE.contains(&kind) && !mode.says_something())
}

/// `min` and `max`, if they leave room between them.
fn bounds(defaults: &Node<'_>, out: &mut OutMap) {
    let (min, max) = (defaults.get("min").number(), defaults.get("max").number());
    if let (Some(min), Some(max)) = (min, max)
        && min >= max
    {
        out.remove("max");
        defaults.get("max").note("max-below-min", "`max` does not lie above `min` and is left out");
    }
}

/// One of the options that every field has.
fn standard(key: &str, value: &Node<'_>, out: &mut OutMap) {
    match key {
        "unit" => {
            if let Some(unit) = value.filled().filter(|unit| *unit != "none") {
                out.set_text("unit", unit);
            }
        }
        "decimals" => {
            if let Some(decimals) = value.number() {
                out.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
            }
        }
        "min" | "max" => {
            if let Some(number) = value.number() {
                out.set_number(key, number);
            }
        }
        "noValue" => {
            if let Some(text) = value.word().filter(|text| !text.trim().is_empty()) {
                out.set_text("no_value", text);
            }
        }
        "displayName" => {
            if let Some(name) = value.filled() {
                out.set_text("display_name", name);
            }
        }
        "mappings" => out.set_list("mappings", mapping::mappings(value)),
        "links" => {
            if value.says_something() {
                value.note("data-link", "links on single values are left out");
            }
        }
        "actions" if value.says_something() => {
            value.note("data-link", "actions on single values are left out");
        }
        "filterable" | "fieldMinMax" | "writeable" | "unitScale" | "nullValueMode" | "displayNameFromDS"
        | "description" | "path" | "interval" | "actions" | "config" | "type" | "entityTypes"
        | "labelTextColor" => {}
        _ if value.says_something() => {
            value.note("ignored-option", format!("the field option `{key}` has no equivalent"));
        }
        _ => {}
    }
}

/// The mode of colours.
fn series_color(node: &Node<'_>, kind: &str, is_override: bool, out: &mut OutMap) {
    let by_palette = BY_PALETTE.contains(&kind);
    match node.get("mode").text() {
        None => {}
        Some("fixed" | "shades") => match node.get("fixedColor").text().map(color) {
            Some(Ok(Some(name))) => out.set_text("color", name),
            Some(Err(error)) => node.get("fixedColor").note("color", error),
            Some(Ok(None)) | None => {}
        },
        Some("thresholds") => {
            if by_palette || is_override {
                out.set_text("color", "thresholds");
            }
        }
        Some("palette-classic" | "palette-classic-by-name") => {
            if !by_palette || is_override {
                out.set_text("color", "palette");
            }
        }
        Some(mode) if mode.starts_with("continuous") => {
            // Heatmaps and timelines have a scale of their own.
            if matches!(kind, "heatmap" | "state-timeline" | "status-history") {
                return;
            }
            match Ramp::parse(mode) {
                Some(ramp) => out.set_text("color", ramp.name()),
                None => node
                    .get("mode")
                    .note("ignored-option", format!("the colour scale `{mode}` has no equivalent")),
            }
        }
        Some(mode) => {
            node.get("mode").note("ignored-option", format!("the colour mode `{mode}` has no equivalent"));
        }
    }
}

/// What is drawn between samples, and between series.
fn between(key: &str, value: &Node<'_>, is_override: bool, out: &mut OutMap) {
    use super::json::Json;
    match (key, value.value) {
        ("spanNulls", Json::Number(_)) => {
            value.note("ignored-option", "gaps are bridged however long they are, not up to a length");
            out.set_text("gaps", "connect");
        }
        ("spanNulls", Json::Flag(true)) => out.set_text("gaps", "connect"),
        ("spanNulls", Json::Flag(false)) if is_override => out.set_text("gaps", "show"),
        ("insertNulls", Json::Number(_)) => {
            value.note("ignored-option", "samples far apart are joined; gaps are where samples are missing");
        }
        ("fillBelowTo", Json::Text(name)) if !name.is_empty() => {
            value.note("ignored-option", "the area between two series is not filled; both are drawn");
        }
        _ => {}
    }
}

/// How series stand on each other.
fn stacking(value: &Node<'_>, is_override: bool, out: &mut OutMap) {
    match value.get("mode").text() {
        // Series stand on those of their group only; `false` is how the editor writes a group for this one alone.
        Some("normal" | "percent")
            if is_override && matches!(value.get("group").value, super::json::Json::Flag(false)) =>
        {
            out.set_text("stack", "none");
        }
        Some(mode @ ("normal" | "percent")) => {
            if is_override && value.get("group").text().is_some_and(|group| group != "A") {
                let note =
                    "stacks of an axis are not told apart by their group: this series joins the others";
                value.get("group").note("ignored-option", note);
            }
            out.set_text("stack", mode);
        }
        Some("none") if is_override => out.set_text("stack", "none"),
        _ => {}
    }
}

/// One of the options that a type of panels adds.
fn custom(key: &str, value: &Node<'_>, kind: &str, is_override: bool, out: &mut OutMap) {
    match key {
        "drawStyle" => match value.text() {
            Some(style @ ("bars" | "points")) => out.set_text("draw", style),
            Some("line") if is_override => out.set_text("draw", "lines"),
            _ => {}
        },
        "fillOpacity" => {
            let fill = value.number().is_some_and(|opacity| opacity > 0.0);
            if kind == "timeseries" && (fill || is_override) {
                out.set_plain("fill", fill);
            }
        }
        "spanNulls" | "insertNulls" | "fillBelowTo" => between(key, value, is_override, out),
        "stacking" => stacking(value, is_override, out),
        "axisPlacement" => match value.text() {
            Some("right") => out.set_text("axis", "right"),
            Some("left") if is_override => out.set_text("axis", "left"),
            Some("hidden") => value.note("ignored-option", "an axis cannot be hidden"),
            _ => {}
        },
        "lineInterpolation" => match value.text() {
            Some("stepAfter") => out.set_text("interpolation", "step-after"),
            Some("stepBefore") => out.set_text("interpolation", "step-before"),
            Some("linear") if is_override => out.set_text("interpolation", "linear"),
            _ => {}
        },
        "scaleDistribution" => scale(value, is_override, out),
        "axisSoftMin" | "axisSoftMax" => {
            if let Some(number) = value.number() {
                out.set_number(if key == "axisSoftMin" { "soft_min" } else { "soft_max" }, number);
            }
        }
        "transform" => match value.text() {
            Some("negative-Y") => out.set_plain("negative_y", true),
            Some("constant") => value.note("ignored-option", "the transform `constant` has no equivalent"),
            _ => {}
        },
        "thresholdsStyle" => match value.get("mode").text() {
            Some("line" | "dashed") => out.set_text("thresholds_style", "line"),
            Some("area") => out.set_text("thresholds_style", "area"),
            Some("line+area" | "dashed+area") => out.set_text("thresholds_style", "line+area"),
            Some("off") if is_override => out.set_text("thresholds_style", "off"),
            Some("series") => value.note("ignored-option", "thresholds from a series have no equivalent"),
            _ => {}
        },
        "hideFrom" => {
            if value.get("viz").flag() {
                out.set_plain("hidden", true);
            } else if value.get("legend").flag() {
                value.note("ignored-option", "a series that is drawn cannot be left out of the legend");
            }
        }
        "hidden" => {
            if value.flag() {
                out.set_plain("hidden", true);
            }
        }
        "align" => {
            if let Some(align @ ("left" | "center" | "right")) = value.text() {
                out.set_text("align", align);
            }
        }
        "width" | "minWidth" if kind == "table" => {
            if key == "width"
                && let Some(cells) = value.number().filter(|width| *width > 0.0)
            {
                out.set_plain("column_width", (cells / PIXELS_A_CELL).round().clamp(1.0, 200.0));
            }
        }
        "cellOptions" => {
            let mode = value.get("type").text();
            cell(mode, value, out);
        }
        "displayMode" if kind == "table" => cell(value.text(), value, out),
        "axisCenteredZero" if value.flag() => {
            value.note("ignored-option", "an axis with zero in its middle has no equivalent");
        }
        "axisLabel" => {
            if let Some(label) = value.filled() {
                out.set_text("axis_label", label.trim());
            }
        }
        "axisCenteredZero" | "hideFromViz" => {}
        _ if COSMETIC_CUSTOM.contains(&key) => {}
        _ if value.says_something() => {
            value.note("ignored-option", format!("the option `{key}` has no equivalent"));
        }
        _ => {}
    }
}

/// How many of Grafana's pixels a column of a terminal stands for.
const PIXELS_A_CELL: f64 = 8.0;

fn scale(value: &Node<'_>, is_override: bool, out: &mut OutMap) {
    match value.get("type").text() {
        Some("log") => match value.get("log").number() {
            Some(10.0) => out.set_plain("log", 10),
            Some(2.0) | None => out.set_plain("log", 2),
            Some(base) => {
                value.note(
                    "ignored-option",
                    format!("a logarithmic axis of base {base} is drawn with base 10"),
                );
                out.set_plain("log", 10);
            }
        },
        Some("symlog") => out.set_text("log", "symlog"),
        Some("linear") if is_override => out.set_plain("log", "off"),
        Some("ordinal" | "time") => value.note("ignored-option", "this scale has no equivalent"),
        _ => {}
    }
}

fn cell(mode: Option<&str>, value: &Node<'_>, out: &mut OutMap) {
    match mode {
        None | Some("auto" | "") => {}
        Some("color-text") => out.set_text("cell", "color"),
        Some("color-background" | "color-background-solid") => out.set_text("cell", "background"),
        Some("gauge" | "basic" | "gradient-gauge" | "lcd-gauge") => out.set_text("cell", "bar"),
        Some(mode) => value.note("ignored-option", format!("table cells of type `{mode}` are shown as text")),
    }
}

/// `fieldConfig.overrides`; `refs` are the names of the panel's queries.
pub(super) fn overrides(config: &Node<'_>, kind: &str) -> Vec<Out> {
    let mut outs = Vec::new();
    for one in config.get("overrides").items() {
        let mut out = OutMap { origin: one.path(), ..OutMap::default() };
        if !matcher(&one.get("matcher"), &mut out) {
            continue;
        }
        let matchers = out.entries.len();
        for property in one.get("properties").items() {
            let Some(id) = property.get("id").text() else { continue };
            let value = property.get("value");
            match id.strip_prefix("custom.") {
                Some(id) => custom(id, &value, kind, true, &mut out),
                None if id == "color" => series_color(&value, kind, true, &mut out),
                None if id == "thresholds" => mapping::thresholds(&value, &mut out),
                None => standard(id, &value, &mut out),
            }
        }
        if out.entries.len() > matchers {
            outs.push(Out::Map(out));
        }
    }
    outs
}

/// Which series an override is for.
fn matcher(node: &Node<'_>, out: &mut OutMap) -> bool {
    let options = node.get("options");
    match node.get("id").text() {
        Some("byName") => match options.word().filter(|name| !name.trim().is_empty()) {
            Some(name) => out.set_text("name", name),
            None => return false,
        },
        Some("byNames") => {
            let names: Vec<&str> = options.get("names").items().iter().filter_map(Node::filled).collect();
            if names.is_empty() {
                return false;
            }
            let key = if options.get("mode").text() == Some("exclude") { "except" } else { "names" };
            out.set(key, Out::texts(names));
        }
        Some("byRegexp") => match options.filled() {
            Some(pattern) => out.set_text("regex", pattern),
            None => return false,
        },
        Some("byFrameRefID") => match options.filled() {
            Some(name) => out.set_text("query", name),
            None => return false,
        },
        Some(other) => {
            node.note(
                "override-matcher",
                format!("overrides cannot pick fields by `{other}`; this one is left out"),
            );
            return false;
        }
        None => return false,
    }
    true
}
