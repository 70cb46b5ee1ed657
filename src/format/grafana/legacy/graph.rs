//! The graph of before version 7.4 to a time series.

use super::super::colors::color;
use super::super::json::Json;
use super::super::node::Node;
use super::super::options::{sort_name, write_legend};
use super::super::out::{Out, OutMap};

/// A graph to a time series.
pub(in crate::format::grafana) fn graph(panel: &Node<'_>) -> OutMap {
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
    if panel.get("timeRegions").says_something() {
        panel.get("timeRegions").note("ignored-option", "`timeRegions` has no equivalent");
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
    if let Some(label) = axis.get("label").filled() {
        out.set_text("axis_label", label.trim());
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

pub(super) fn legend(node: &Node<'_>, out: &mut OutMap) {
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
pub(super) fn overrides(panel: &Node<'_>, right: Option<&Node<'_>>) -> Vec<Out> {
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
