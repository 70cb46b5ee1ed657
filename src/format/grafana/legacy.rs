//! Panel types that Grafana itself migrates: graph, singlestat, the table of old, the pie chart and the heatmap of
//! before version 9.

use super::colors::color;
use super::json::Json;
use super::mapping;
use super::node::Node;
use super::options::{sort_name, write_legend};
use super::out::{Out, OutMap};
use super::transform::calc;

/// A graph to a time series.
pub(super) fn graph(panel: &Node<'_>) -> OutMap {
    let mut out = OutMap::default();
    let axes = axes(panel);
    if let Some(axis) = axes.first() {
        self::axis(axis, &mut out);
    }
    if let Some(decimals) = panel.get("decimals").number() {
        out.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
    }
    let is_bars = panel.get("bars").flag();
    let has_lines = panel.get("lines").maybe_flag().unwrap_or(true);
    if is_bars {
        out.set_text("draw", "bars");
    } else if panel.get("points").flag() && !has_lines {
        out.set_text("draw", "points");
    }
    // Grafana's own default is 1 where the key is missing.
    let fill = panel.get("fill").number().unwrap_or(1.0) > 0.0;
    if fill && !is_bars && has_lines {
        out.set_plain("fill", true);
    }
    if panel.get("stack").flag() {
        let is_percent = panel.get("percentage").flag();
        out.set_text("stack", if is_percent { "percent" } else { "normal" });
    }
    if panel.get("steppedLine").flag() {
        out.set_text("interpolation", "step-after");
    }
    match panel.get("nullPointMode").text() {
        Some("connected") => out.set_text("gaps", "connect"),
        Some("null as zero") => {
            panel
                .get("nullPointMode")
                .note("ignored-option", "missing samples are shown as gaps, not as zero");
        }
        _ => {}
    }
    thresholds(&panel.get("thresholds"), &mut out);
    legend(&panel.get("legend"), &mut out);
    if panel.get("xaxis").get("mode").value_text().is_some_and(|mode| mode != "time") {
        panel.get("xaxis").note("ignored-option", "an axis of something else than time is drawn as time");
    }
    for key in ["timeRegions", "alert"] {
        if panel.get(key).says_something() {
            panel.get(key).note("ignored-option", format!("`{key}` has no equivalent"));
        }
    }
    out.set_list("overrides", overrides(panel, axes.get(1)));
    out
}

/// `yaxes` of today's graphs, or `y_formats` and `grid` of before version 2.6.
fn axes<'j>(panel: &Node<'j>) -> Vec<Node<'j>> {
    panel.get("yaxes").items_or_none()
}

/// Unit, ends and scale of an axis.
fn axis(axis: &Node<'_>, out: &mut OutMap) {
    if let Some(unit) = axis.get("format").filled().filter(|unit| !matches!(*unit, "none" | "short")) {
        out.set_text("unit", unit);
    }
    if axis.get("format").value_text() == Some("short") {
        out.set_text("unit", "short");
    }
    if let Some(decimals) = axis.get("decimals").number() {
        out.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
    }
    let (min, max) = (axis.get("min").number(), axis.get("max").number());
    if let Some(min) = min {
        out.set_number("min", min);
    }
    match (min, max) {
        (Some(min), Some(max)) if min >= max => {
            axis.get("max").note("max-below-min", "`max` does not lie above `min` and is left out");
        }
        (_, Some(max)) => out.set_number("max", max),
        _ => {}
    }
    match axis.get("logBase").number() {
        None | Some(1.0) => {}
        Some(2.0) => out.set_plain("log", 2),
        Some(base) => {
            if base.total_cmp(&10.0).is_ne() {
                axis.get("logBase").note(
                    "ignored-option",
                    format!("a logarithmic axis of base {base} is drawn with base 10"),
                );
            }
            out.set_plain("log", 10);
        }
    }
}

/// The colour of a threshold that names a mood.
fn mood(node: &Node<'_>) -> String {
    match node.get("colorMode").value_text() {
        Some("ok") => "green".to_owned(),
        Some("warning") => "orange".to_owned(),
        Some("custom") => {
            let custom = node.get("fillColor").value_text().or(node.get("lineColor").value_text()).map(color);
            custom.and_then(Result::ok).flatten().unwrap_or_else(|| "red".to_owned())
        }
        _ => "red".to_owned(),
    }
}

/// `gt` and `lt` to steps, as Grafana's migration has them.
fn thresholds(node: &Node<'_>, out: &mut OutMap) {
    let mut list: Vec<(f64, Node<'_>)> = Vec::new();
    for one in node.items_or_none() {
        if let Some(value) = one.get("value").number() {
            list.push((value, one));
        }
    }
    list.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut steps: Vec<(f64, String)> = Vec::new();
    let (mut has_lines, mut has_areas) = (false, false);
    for (index, (value, one)) in list.iter().enumerate() {
        has_lines |= one.get("line").value_flag();
        has_areas |= one.get("fill").value_flag();
        if one.get("op").value_text() == Some("lt") {
            if index == 0 {
                steps.push((f64::NEG_INFINITY, mood(one)));
            }
            let next = list.get(index + 1).filter(|(_, next)| next.get("op").value_text() == Some("lt"));
            steps.push((*value, next.map_or_else(|| "green".to_owned(), |(_, next)| mood(next))));
        } else {
            if steps.is_empty() {
                steps.push((f64::NEG_INFINITY, "green".to_owned()));
            }
            steps.push((*value, mood(one)));
        }
    }
    let mut outs: Vec<(f64, Out)> = Vec::new();
    for (at, name) in steps {
        let mut step = OutMap::default();
        if at.is_finite() {
            step.set_number("at", at);
        }
        step.set_text("color", name);
        match outs.last_mut() {
            Some(before) if before.0 >= at => *before = (at, Out::Map(step)),
            _ => outs.push((at, Out::Map(step))),
        }
    }
    if outs.is_empty() || !(has_lines || has_areas) {
        return;
    }
    out.set("thresholds", Out::List(outs.into_iter().map(|(_, step)| step).collect()));
    match (has_lines, has_areas) {
        (true, true) => out.set_text("thresholds_style", "line+area"),
        (true, false) => out.set_text("thresholds_style", "line"),
        (false, true) => out.set_text("thresholds_style", "area"),
        (false, false) => {}
    }
}

/// What the old legend calls its figures.
const FIGURES: [(&str, &str); 5] =
    [("current", "last"), ("avg", "mean"), ("min", "min"), ("max", "max"), ("total", "sum")];

fn legend(node: &Node<'_>, out: &mut OutMap) {
    if node.get("show").maybe_flag() == Some(false) {
        out.set_text("legend", "hidden");
        return;
    }
    let mut legend = OutMap::default();
    if node.get("alignAsTable").value_flag() {
        legend.set_text("show", "table");
    }
    if node.get("rightSide").value_flag() {
        legend.set_text("placement", "right");
    }
    let shows_figures = node.get("values").value_flag();
    let names: Vec<&str> = FIGURES
        .iter()
        .filter(|(key, _)| shows_figures && node.get_named(key).value_flag())
        .map(|(_, name)| *name)
        .collect();
    if !names.is_empty() {
        legend.set("calcs", Out::texts(names));
    }
    if let Some(by) = node.get("sort").value_text().and_then(sort_name) {
        let sign = if node.get("sortDesc").value_flag() { "-" } else { "" };
        legend.set_text("sort", format!("{sign}{by}"));
    }
    for key in ["hideEmpty", "hideZero"] {
        if node.get(key).value_flag() {
            node.get(key)
                .note("ignored-option", "series without values are named in the legend all the same");
        }
    }
    write_legend(legend, out);
}

/// `aliasColors` and `seriesOverrides`.
fn overrides(panel: &Node<'_>, right: Option<&Node<'_>>) -> Vec<Out> {
    let mut outs = Vec::new();
    for (name, value) in panel.get("aliasColors").entries_or_none() {
        match value.text().map(color) {
            Some(Ok(Some(hex))) if !name.trim().is_empty() => {
                let mut out = OutMap { origin: value.path(), ..OutMap::default() };
                out.set_text("name", name);
                out.set_text("color", hex);
                outs.push(Out::Map(out));
            }
            Some(Err(error)) => value.note("color", error),
            _ => {}
        }
    }
    for one in panel.get("seriesOverrides").items_or_none() {
        let Some(alias) = one.get("alias").filled() else { continue };
        let mut out = OutMap { origin: one.path(), ..OutMap::default() };
        let is_pattern = alias.len() > 2 && alias.starts_with('/') && alias.ends_with('/');
        out.set_text(if is_pattern { "regex" } else { "name" }, alias);
        series(&one, right, &mut out);
        if out.entries.len() > 1 {
            outs.push(Out::Map(out));
        }
    }
    outs
}

fn series(one: &Node<'_>, right: Option<&Node<'_>>, out: &mut OutMap) {
    let is_hidden = one.get("lines").value_flag_is(false)
        && !one.get("points").value_flag()
        && !one.get("bars").value_flag();
    for (key, value) in one.entries_or_none() {
        match key {
            "color" => match value.text().map(color) {
                Some(Ok(Some(hex))) => out.set_text("color", hex),
                Some(Err(error)) => value.note("color", error),
                _ => {}
            },
            "bars" if value.flag() => out.set_text("draw", "bars"),
            "points" if value.flag() && !one.get("bars").value_flag() => out.set_text("draw", "points"),
            "lines" if value.flag() => out.set_text("draw", "lines"),
            "fill" => {
                if let Some(fill) = value.number() {
                    out.set_plain("fill", fill > 0.0);
                }
            }
            "stack" => match value.value {
                Json::Flag(true) | Json::Text(_) => out.set_text("stack", "normal"),
                Json::Flag(false) => out.set_text("stack", "none"),
                _ => {}
            },
            "steppedLine" if value.flag() => out.set_text("interpolation", "step-after"),
            "nullPointMode" if value.text() == Some("connected") => out.set_text("gaps", "connect"),
            "yaxis" if value.number() == Some(2.0) => {
                out.set_text("axis", "right");
                if let Some(right) = right {
                    axis(right, out);
                }
            }
            "transform" => match value.text() {
                Some("negative-Y") => out.set_plain("negative_y", true),
                _ => value.note("ignored-option", "this transform of a series has no equivalent"),
            },
            "hiddenSeries" if value.flag() => out.set_plain("hidden", true),
            "alias" | "bars" | "points" | "lines" | "steppedLine" | "nullPointMode" | "yaxis"
            | "linewidth" | "pointradius" | "dashes" | "dashLength" | "spaceLength" | "zindex"
            | "$$hashKey" | "hiddenSeries" | "legend" | "fillGradient" | "hideTooltip" | "fillBelowTo" => {}
            _ if value.says_something() => {
                value.note("ignored-option", format!("`{key}` of a series has no equivalent"));
            }
            _ => {}
        }
    }
    if is_hidden {
        // Drawn by nothing, as Grafana's migration has it: a line of no width.
        out.set_plain("hidden", true);
    }
}

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
    for key in ["prefix", "postfix"] {
        if let Some(text) = panel.get(key).filled() {
            panel.get(key).note("ignored-option", format!("the {key} `{}` is left out", text.trim()));
        }
    }
    out
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
        None | Some("" | "table" | "timeseries_to_columns" | "timeseries_to_rows") => {}
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
