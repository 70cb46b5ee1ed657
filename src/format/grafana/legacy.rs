//! Panel types that Grafana itself migrates: graph, singlestat, the table of old, the pie chart and the heatmap of
//! before version 9.

mod graph;

pub(super) use self::graph::graph;
use self::graph::{legend, overrides};
use super::colors::color;
use super::json::Json;
use super::mapping;
use super::node::Node;
use super::options::write_legend;
use super::out::{Out, OutMap};
use super::transform::calc;

/// `a,b` and three colours to steps.
fn two_thresholds(thresholds: &Node<'_>, colors: &Node<'_>, out: &mut OutMap) {
    let bounds: Vec<f64> = match thresholds.value {
        Json::Text(text) => text
            .split(',')
            .filter_map(|part| part.trim().parse().ok())
            .filter(|at: &f64| at.is_finite())
            .collect(),
        Json::List(_) => thresholds.items().iter().filter_map(Node::number).collect(),
        Json::Number(number) => vec![*number],
        _ => Vec::new(),
    };
    let colors = colors.items_or_none();
    if bounds.is_empty() || colors.is_empty() {
        return;
    }
    let mut steps: Vec<Out> = Vec::new();
    let mut before = f64::NEG_INFINITY;
    for (index, one) in colors.iter().enumerate() {
        let at = if index == 0 { None } else { bounds.get(index - 1).copied() };
        if index > 0 && at.is_none_or(|at| at <= before) {
            continue;
        }
        match one.text().map(color) {
            Some(Ok(Some(name))) => {
                let mut step = OutMap::default();
                if let Some(at) = at {
                    step.set_number("at", at);
                    before = at;
                }
                step.set_text("color", name);
                steps.push(Out::Map(step));
            }
            Some(Err(error)) => one.note("color", error),
            _ => {}
        }
    }
    out.set_list("thresholds", steps);
}

/// A singlestat to a stat.
pub(super) fn singlestat(panel: &Node<'_>) -> OutMap {
    let mut out = OutMap::default();
    let figure = panel.get("valueName").filled().unwrap_or("avg");
    match figure {
        "current" => {}
        "name" => out.set_text("text_mode", "name"),
        "last_time" => panel
            .get("valueName")
            .note("ignored-option", "the time of the last value cannot be shown; the value is"),
        other => match calc(other) {
            Some(name) if name == "last" => {}
            Some(name) => out.set_text("reduce", name),
            None => panel
                .get("valueName")
                .note("calc", format!("the figure `{other}` is not known; the last value is shown")),
        },
    }
    if let Some(unit) = panel.get("format").filled().filter(|unit| *unit != "none") {
        out.set_text("unit", unit);
    }
    if let Some(decimals) = panel.get("decimals").number() {
        out.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
    }
    if let Some(text) = panel.get("nullText").filled() {
        out.set_text("no_value", text);
    }
    two_thresholds(&panel.get("thresholds"), &panel.get("colors"), &mut out);
    out.set_list("mappings", mapping::singlestat(panel));
    let is_gauge = panel.dig(&["gauge", "show"]).value_flag();
    if is_gauge {
        let gauge = panel.get("gauge");
        let (min, max) =
            (gauge.get("minValue").number().unwrap_or(0.0), gauge.get("maxValue").number().unwrap_or(100.0));
        out.set_text("type", "gauge");
        if min < max {
            out.set_number("min", min);
            out.set_number("max", max);
        }
    } else {
        if !panel.dig(&["sparkline", "show"]).value_flag() {
            out.set_plain("sparkline", false);
        }
        if panel.get("colorBackground").value_flag() {
            out.set_text("color_mode", "background");
        } else if !panel.get("colorValue").value_flag() {
            out.set_text("color_mode", "none");
        }
    }
    affixes(panel, &mut out);
    out
}

/// Words before and behind the number: a unit, where there is none and one of the two.
fn affixes(panel: &Node<'_>, out: &mut OutMap) {
    let of = |key| panel.get(key).value_text().map(str::trim).filter(|text| !text.is_empty());
    let is_plain = |text: &str| !text.contains(['<', '$', '[', '\n']);
    let has_unit = out.get("unit").is_some_and(|unit| *unit != Out::text("short"));
    match (of("prefix"), of("postfix")) {
        (Some(prefix), None) if !has_unit && is_plain(prefix) => {
            // The blank between the words and the number is theirs.
            let prefix = panel.get("prefix").value_text().unwrap_or(prefix).trim_start();
            out.set_text("unit", format!("prefix:{prefix}"));
        }
        (None, Some(postfix)) if !has_unit && is_plain(postfix) => {
            out.set_text("unit", format!("suffix:{postfix}"));
        }
        (prefix, postfix) => {
            for (key, text) in [("prefix", prefix), ("postfix", postfix)] {
                if let Some(text) = text {
                    panel.get(key).note("ignored-option", format!("the {key} `{text}` is left out"));
                }
            }
        }
    }
}

/// The pie chart of a plugin that Grafana's own has replaced.
pub(super) fn piechart(panel: &Node<'_>) -> OutMap {
    let mut out = OutMap::default();
    out.set_text("shape", if panel.get("pieType").value_text() == Some("donut") { "donut" } else { "disc" });
    if let Some(name) = panel.get("valueName").filled().and_then(calc).filter(|name| name != "last") {
        out.set_text("reduce", name);
    }
    if let Some(unit) = panel.get("format").filled().filter(|unit| *unit != "none") {
        out.set_text("unit", unit);
    }
    let mut legend_out = OutMap::default();
    legend(&panel.get("legend"), &mut legend_out);
    match legend_out.remove("legend") {
        Some(Out::Map(mut legend)) => {
            legend.remove("calcs");
            write_legend(legend, &mut out);
        }
        Some(word) => out.set("legend", word),
        None => {}
    }
    out.set_list("overrides", overrides(panel, None));
    out
}

/// A heatmap of before version 9.
pub(super) fn heatmap(panel: &Node<'_>) -> OutMap {
    let mut out = OutMap::default();
    let y = panel.get("yAxis");
    if let Some(unit) = y.get("format").filled().filter(|unit| *unit != "none") {
        out.set_text("unit", unit);
    }
    if let Some(decimals) = y.get("decimals").number() {
        out.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
    }
    if let Some(decimals) = panel.get("tooltipDecimals").number() {
        out.set_plain("cell_decimals", decimals.round().clamp(0.0, 20.0));
    }
    let (min, max) = (y.get("min").number(), y.get("max").number());
    if let Some(min) = min {
        out.set_number("min", min);
    }
    if let Some(max) = max.filter(|max| min.is_none_or(|min| min < *max)) {
        out.set_number("max", max);
    }
    if panel.get("dataFormat").value_text() != Some("tsbuckets") {
        out.set_plain("calculate", true);
    }
    if panel.dig(&["color", "colorScale"]).value_text() == Some("linear") {
        out.set_text("color_scale", "linear");
    }
    out
}

/// The table of before version 7.
pub(super) fn table(panel: &Node<'_>) -> OutMap {
    let mut out = OutMap::default();
    let mut overrides = Vec::new();
    let mut transforms = Vec::new();
    for style in panel.get("styles").items_or_none() {
        let Some(pattern) = style.get("pattern").filled() else { continue };
        let kind = style.get("type").value_text().unwrap_or_default();
        let mut set = OutMap { origin: style.path(), ..OutMap::default() };
        let is_pattern = pattern.len() > 1 && pattern.starts_with('/') && pattern.ends_with('/');
        set.set_text(if is_pattern { "regex" } else { "name" }, pattern);
        if let Some(alias) = style.get("alias").filled() {
            set.set_text("display_name", alias);
        }
        if kind == "hidden" {
            set.set_plain("hidden", true);
        } else if kind == "number" {
            if let Some(unit) = style.get("unit").filled().filter(|unit| *unit != "none") {
                set.set_text("unit", unit);
            }
            if let Some(decimals) = style.get("decimals").number() {
                set.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
            }
            if let Some(mode @ ("cell" | "row" | "value")) = style.get("colorMode").value_text() {
                two_thresholds(&style.get("thresholds"), &style.get("colors"), &mut set);
                set.set_text("cell", if mode == "value" { "color" } else { "background" });
            }
        }
        if let Some(align @ ("left" | "center" | "right")) = style.get("align").value_text() {
            set.set_text("align", align);
        }
        if style.get("link").value_flag() {
            style.get("link").note("data-link", "links on single values are left out");
        }
        // `/.*/` is what all columns have that nothing else is said of.
        if pattern == "/.*/" {
            for (key, value) in set.entries {
                if matches!(key.as_str(), "unit" | "decimals" | "thresholds" | "cell") {
                    out.set(&key, value);
                }
            }
        } else if set.entries.len() > 1 {
            overrides.push(Out::Map(set));
        }
    }
    // The first style that fits counts in the old table, the last override here.
    overrides.reverse();
    match panel.get("transform").value_text() {
        None | Some("" | "table") => {}
        Some("timeseries_to_columns" | "timeseries_to_rows") => {
            let is_table = |target: &Node<'_>| target.get("format").value_text() == Some("table");
            if !panel.get("targets").items_or_none().iter().any(is_table) {
                let says =
                    "the samples of all times are not listed; each series has a row with its value now";
                panel.get("transform").note("ignored-option", says);
            }
        }
        Some("timeseries_aggregations") => {
            let names: Vec<String> = panel
                .get("columns")
                .items_or_none()
                .iter()
                .filter_map(|column| calc(column.get("value").value_text()?))
                .collect();
            let mut options = OutMap::default();
            if !names.is_empty() {
                options.set("calcs", Out::texts(names));
            }
            let mut reduce = OutMap::default();
            reduce.set("reduce", Out::Map(options));
            transforms.push(
                if reduce.get("reduce").and_then(Out::as_map).is_some_and(|map| map.entries.is_empty()) {
                    Out::text("reduce")
                } else {
                    Out::Map(reduce)
                },
            );
        }
        Some(other) => panel
            .get("transform")
            .note("unsupported-transform", format!("the transform `{other}` has no equivalent")),
    }
    let tables = panel
        .get("targets")
        .items_or_none()
        .iter()
        .filter(|target| {
            target.get("format").value_text() == Some("table") && !target.get("hide").value_flag()
        })
        .count();
    if tables > 1 {
        transforms.insert(0, Out::text("merge"));
    }
    out.set_list("transforms", transforms);
    out.set_list("overrides", overrides);
    if panel.dig(&["sort", "col"]).number().is_some() {
        panel
            .get("sort")
            .note("ignored-option", "which column sorts the table is known by number only; it is left out");
    }
    out
}
