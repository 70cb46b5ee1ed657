//! `options` of a panel: legend, reduction, and what each type adds.

use super::node::{Node, written};
use super::out::{Out, OutMap};
use super::panel::PanelSource;
use super::transform::{calc, calcs};
use crate::time_range::parse_duration_ms;

/// Options that a terminal has no picture for.
const COSMETIC: &[&str] = &[
    "tooltip",
    "justifyMode",
    "wideLayout",
    "text",
    "percentChangeColorMode",
    "showThresholdLabels",
    "showThresholdMarkers",
    "minVizWidth",
    "minVizHeight",
    "maxVizHeight",
    "sizing",
    "namePlacement",
    "showUnfilled",
    "valueMode",
    "cellHeight",
    "showHeader",
    "footer",
    "frameIndex",
    "cellGap",
    "cellRadius",
    "cellValues",
    "exemplars",
    "filterValues",
    "rowsFrame",
    "showValue",
    "alignValue",
    "rowHeight",
    "colWidth",
    "displayLabels",
    "barWidth",
    "groupWidth",
    "barRadius",
    "xTickLabelRotation",
    "xTickLabelSpacing",
    "xTickLabelMaxLength",
    "fullHighlight",
    "barShape",
    "barWidthFactor",
    "endpointMarker",
    "effects",
    "glow",
    "dataLinks",
    "timezone",
    "code",
    "mode",
    "graph",
    "fieldOptions",
    "legendOptions",
    "calculation",
    "perPage",
    "pageSize",
    "sparkline",
    "segmentCount",
    "segmentSpacing",
    "shape",
    "neutral",
    "timeCompare",
    "graphTooltip",
    "annotations",
    "colorByField",
    "alertThreshold",
    "enablePagination",
    "frozenColumns",
    "maxHeight",
    "selectionMode",
    "layout",
    "tableSort",
    "sort",
    "pieType",
    "xField",
    "orientation",
    "graphMode",
    "colorMode",
    "textMode",
    "showPercentChange",
    "reduceOptions",
    "legend",
    "displayMode",
    "calculate",
    "color",
    "yAxis",
    "bucketSize",
    "bucketCount",
    "bucketOffset",
    "combine",
    "stacking",
    "mergeValues",
    "sortBy",
    "content",
    "baseColor",
    "valueOptions",
    "thresholds",
    "maxValue",
    "minValue",
    "showLegend",
    "disableTextWrap",
    "xAxis",
    "groupBy",
    "tooltipOptions",
];

/// What the type adds; `reduction` is the map with `calcs`.
pub(super) fn of_type(source: &PanelSource<'_>, kind: &str, reduction: &Node<'_>, out: &mut OutMap) {
    let options = &source.options;
    let word = |key| options.get(key).value_text().unwrap_or_default();
    if matches!(kind, "stat" | "gauge" | "bargauge" | "piechart") {
        if figures(source, kind).is_empty() {
            reduce(reduction, out);
        } else {
            out.set_plain("rows", true);
        }
    }
    if matches!(
        kind,
        "timeseries" | "piechart" | "barchart" | "histogram" | "state-timeline" | "status-history"
    ) {
        legend(&options.get("legend"), kind, out);
    }
    match kind {
        "stat" => {
            if word("graphMode") == "none" {
                out.set_plain("sparkline", false);
            }
            text_mode(options, out);
            match word("colorMode") {
                mode @ ("background" | "none") => out.set_text("color_mode", mode),
                "background_solid" => out.set_text("color_mode", "background"),
                _ => {}
            }
            if options.get("showPercentChange").value_flag() {
                options.get("showPercentChange").note("ignored-option", "the change in percent is not shown");
            }
        }
        "bargauge" => {
            if let mode @ ("basic" | "lcd") = word("displayMode") {
                out.set_text("mode", mode);
            }
            if word("orientation") == "vertical" {
                out.set_text("orientation", "vertical");
            }
        }
        "table" => table(options, out),
        "heatmap" => heatmap(options, out),
        "histogram" => {
            for (key, ours) in [("bucketSize", "bucket_size"), ("bucketCount", "bucket_count")] {
                if let Some(number) = options.get(key).number().filter(|number| *number > 0.0) {
                    out.set_number(ours, number);
                }
            }
            if options.get("combine").flag() {
                out.set_plain("combine", true);
            }
            if options.get("bucketOffset").number().is_some_and(|offset| offset != 0.0) {
                options
                    .get("bucketOffset")
                    .note("ignored-option", "buckets begin at multiples of their size");
            }
        }
        "piechart" => {
            out.set_text("shape", if word("pieType") == "donut" { "donut" } else { "disc" });
            if matches!(word("sort"), "asc" | "none") {
                options.get("sort").note("ignored-option", "slices come by their size, the largest first");
            }
        }
        "barchart" => {
            if word("orientation") == "horizontal" {
                out.set_text("orientation", "horizontal");
            }
            if let mode @ ("normal" | "percent") = word("stacking") {
                out.set_text("stack", mode);
            }
            if options.get("xField").says_something() {
                options.get("xField").note("ignored-option", "the field of the axis cannot be chosen");
            }
        }
        "state-timeline" if options.get("mergeValues").maybe_flag() == Some(false) => {
            out.set_plain("merge_values", false);
        }
        _ => {}
    }
    looks(source, kind);
    for (key, value) in options.entries_or_none() {
        if !COSMETIC.contains(&key) && value.says_something() {
            value.note("ignored-option", format!("the option `{key}` has no equivalent"));
        }
    }
}

/// Notes on looks that a person has chosen and that a terminal gives in its own way; Grafana's defaults are none.
fn looks(source: &PanelSource<'_>, kind: &str) {
    const LAYOUT: &str = "values stand beside or below each other by the room there is";
    const WORDS: &[(&str, &str, &str, &str)] = &[
        ("stat", "orientation", "auto", LAYOUT),
        ("gauge", "orientation", "auto", LAYOUT),
        ("stat", "justifyMode", "auto", "where a value stands goes by the room there is"),
        ("bargauge", "namePlacement", "auto", "names stand before lying bars and below standing ones"),
        ("bargauge", "valueMode", "color", "the value stands beside each bar, in its colour"),
        ("barchart", "showValue", "auto", "values stand beside lying bars, and not at standing ones"),
        ("heatmap", "showValue", "never", "values of cells are told at the crosshair"),
    ];
    const FLAGS: &[(&str, &str, bool, &str)] = &[
        ("bargauge", "showUnfilled", true, "the way to the end of each bar is always drawn"),
        ("gauge", "showThresholdLabels", false, "thresholds have colours and no labels"),
        ("gauge", "showThresholdMarkers", true, "the colours of thresholds are always drawn"),
        ("stat", "wideLayout", true, "where a name stands goes by the room there is"),
    ];
    let options = &source.options;
    // A lone value has nobody to stand beside.
    let is_single = match source.targets.as_slice() {
        [one] => !one.spec.get("legendFormat").value_text().is_some_and(|legend| legend.contains("{{")),
        _ => false,
    };
    for (_, key, usual, why) in WORDS.iter().filter(|(of, ..)| *of == kind) {
        if *key == "orientation" && is_single {
            continue;
        }
        let node = options.get(key);
        if node.value_text().is_some_and(|word| !word.is_empty() && word != *usual) {
            node.note("ignored-option", why);
        }
    }
    for (_, key, usual, why) in FLAGS.iter().filter(|(of, ..)| *of == kind) {
        let node = options.get(key);
        if node.maybe_flag() == Some(!usual) {
            node.note("ignored-option", why);
        }
    }
    if matches!(kind, "stat" | "gauge" | "bargauge") {
        for key in ["titleSize", "valueSize", "percentSize"] {
            let node = options.get("text").get(key);
            if node.number().is_some() {
                node.note("ignored-option", "letters have one size, and values the largest that has room");
            }
        }
    }
}

fn text_mode(options: &Node<'_>, out: &mut OutMap) {
    if let mode @ ("value" | "name" | "value_and_name" | "none") =
        options.get("textMode").value_text().unwrap_or_default()
    {
        out.set_text("text_mode", mode);
    }
}

/// `reduceOptions`: which figure of each series, or every row.
fn reduce(node: &Node<'_>, out: &mut OutMap) {
    if node.get("values").value_flag() {
        out.set_plain("rows", true);
        if let Some(limit) = node.get("limit").number().filter(|limit| (1.0..=1000.0).contains(limit)) {
            out.set_plain("limit", limit.round());
        }
        return;
    }
    let names = calcs(&node.get("calcs"));
    if let [first, rest @ ..] = names.as_slice() {
        if first != "last" {
            out.set_text("reduce", first);
        }
        if !rest.is_empty() {
            node.get("calcs").note("ignored-option", "one figure of a series is shown, the first");
        }
    }
}

/// The figures of each series that a panel of single values shows, where they are several: then a table of them is made,
/// and every one is a value of its own. Not where something else goes by the names of the series.
pub(super) fn figures(source: &PanelSource<'_>, kind: &str) -> Vec<String> {
    let reduction = source.options.get("reduceOptions");
    let is_plain = source.transformations.is_empty()
        && source.field_config.get("overrides").items_or_none().is_empty()
        && !reduction.get("values").value_flag()
        && fields_filter(source, kind).is_empty();
    if !is_plain || !matches!(kind, "stat" | "gauge" | "bargauge") {
        return Vec::new();
    }
    let known = |item: &Node<'_>| item.value_text().and_then(calc);
    let mut names: Vec<String> = Vec::new();
    for name in reduction.get("calcs").items_or_none().iter().filter_map(known) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > 1 { names } else { Vec::new() }
}

/// The fields that a panel of single values shows, as a filter behind all other transforms.
pub(super) fn fields_filter(source: &PanelSource<'_>, kind: &str) -> Vec<Out> {
    let fields = source.options.get("reduceOptions").get("fields");
    let Some(pattern) = fields.value_text().filter(|pattern| !pattern.is_empty() && *pattern != "/.*/")
    else {
        return Vec::new();
    };
    if !matches!(kind, "stat" | "gauge" | "bargauge" | "piechart") {
        return Vec::new();
    }
    let is_pattern = pattern.len() > 1 && pattern.starts_with('/') && pattern.ends_with('/');
    vec![only(if is_pattern { Out::text(pattern) } else { Out::texts([pattern]) })]
}

/// A transform that leaves the columns that `names` are, or that match it.
pub(super) fn only(names: Out) -> Out {
    let mut filter = OutMap::default();
    filter.set("include", names);
    let mut out = OutMap::default();
    out.set("filter", Out::Map(filter));
    Out::Map(out)
}

/// `legend` of timeseries and the types that share it.
pub(super) fn legend(node: &Node<'_>, kind: &str, out: &mut OutMap) {
    if node.is_null() {
        return;
    }
    let mode = node.get("displayMode").value_text().unwrap_or("list");
    if node.get("showLegend").maybe_flag() == Some(false) || mode == "hidden" {
        out.set_text("legend", "hidden");
        return;
    }
    let mut legend = OutMap::default();
    if mode == "table" || node.get("asTable").value_flag() {
        legend.set_text("show", "table");
    }
    if node.get("placement").value_text() == Some("right") {
        legend.set_text("placement", "right");
    }
    let figures = if kind == "piechart" { Vec::new() } else { calcs(&node.get("calcs")) };
    if !figures.is_empty() {
        legend.set("calcs", Out::texts(figures));
    }
    if let Some(name) = node.get("sortBy").filled() {
        let by = sort_name(name);
        let sign = if node.get("sortDesc").value_flag() { "-" } else { "" };
        match by {
            Some(by) => legend.set_text("sort", format!("{sign}{by}")),
            None => {
                node.get("sortBy").note("ignored-option", format!("a legend cannot be sorted by `{name}`"));
            }
        }
    }
    write_legend(legend, out);
}

/// A legend as short as it can be said.
pub(super) fn write_legend(legend: OutMap, out: &mut OutMap) {
    match legend.entries.as_slice() {
        [] => {}
        [(key, show)] if key == "show" => out.set("legend", show.clone()),
        _ => out.set("legend", Out::Map(legend)),
    }
}

/// What the heads of a legend's columns are called.
pub(super) fn sort_name(name: &str) -> Option<String> {
    let lower = name.trim().to_ascii_lowercase();
    let id = match lower.as_str() {
        "name" => return Some("name".to_owned()),
        "last *" | "last" | "current" => "last",
        "first *" => "first",
        "total" => "sum",
        "avg" | "average" => "mean",
        "difference" => "diff",
        other => other,
    };
    calc(id)
}

fn table(options: &Node<'_>, out: &mut OutMap) {
    let sorts = options.get("sortBy").items_or_none();
    if let Some(name) = sorts.first().and_then(|sort| sort.get("displayName").filled()) {
        let sign = if sorts[0].get("desc").value_flag() { "-" } else { "" };
        out.set_text("sort", format!("{sign}{name}"));
    }
    if let Some(second) = sorts.get(1) {
        second.note("ignored-option", "a table is sorted by one column");
    }
    if options.get("footer").get("show").value_flag() {
        options.get("footer").note("ignored-option", "a table has no footer");
    }
    if options.get("showHeader").maybe_flag() == Some(false) {
        options.get("showHeader").note("ignored-option", "a table always has a header");
    }
}

/// Into which ranges of values and of time samples are counted.
fn heat_buckets(calculation: &Node<'_>) -> OutMap {
    let mut map = OutMap::default();
    let values = calculation.get("yBuckets");
    let value = values.get("value");
    match values.get("mode").value_text() {
        Some("count") => {
            if let Some(count) = value.number().filter(|count| (1.0..=1000.0).contains(count)) {
                map.set_plain("buckets", count.round());
            }
        }
        Some("size") => {
            if let Some(size) = value.number().filter(|size| *size > 0.0) {
                map.set_plain("size", written(size));
            }
        }
        _ => {}
    }
    let times = calculation.get("xBuckets");
    let value = times.get("value");
    match (times.get("mode").value_text(), value.value_text()) {
        (Some("size"), Some(interval))
            if parse_duration_ms(interval).is_ok_and(|interval_ms| interval_ms > 0) =>
        {
            map.set_plain("interval", interval.trim());
        }
        (Some("size" | "count"), _) if value.says_something() => {
            times.note(
                "ignored-option",
                "ranges of time have a length, such as 1m; these are left to the window",
            );
        }
        _ => {}
    }
    map
}

/// Whether a heatmap is of before version 9.
pub(super) fn is_old_heatmap(source: &PanelSource<'_>) -> bool {
    source.kind == "heatmap"
        && source.options.get("calculate").is_null()
        && !source.node.get("yAxis").is_null()
}

/// Whether a heatmap counts the samples of its series.
pub(super) fn is_counted(source: &PanelSource<'_>) -> bool {
    if is_old_heatmap(source) {
        source.node.get("dataFormat").value_text() != Some("tsbuckets")
    } else {
        source.options.get("calculate").value_flag()
    }
}

fn heatmap(options: &Node<'_>, out: &mut OutMap) {
    if options.get("calculate").value_flag() {
        let map = heat_buckets(&options.get("calculation"));
        if map.entries.is_empty() {
            out.set_plain("calculate", true);
        } else {
            out.set("calculate", Out::Map(map));
        }
    }
    if options.get("color").get("scale").value_text() == Some("linear") {
        out.set_text("color_scale", "linear");
    }
    let cells = options.get("cellValues");
    if let Some(unit) = cells.get("unit").filled().filter(|unit| *unit != "short") {
        out.set_text("cell_unit", unit);
    }
    if let Some(decimals) = cells.get("decimals").number() {
        out.set_plain("cell_decimals", decimals.round().clamp(0.0, 20.0));
    }
    let axis = options.get("yAxis");
    if let Some(unit) = axis.get("unit").filled().filter(|unit| *unit != "none") {
        out.set_text("unit", unit);
    }
    if let Some(label) = axis.get("axisLabel").filled() {
        out.set_text("axis_label", label.trim());
    }
    if let Some(decimals) = axis.get("decimals").number() {
        out.set_plain("decimals", decimals.round().clamp(0.0, 20.0));
    }
    for key in ["min", "max"] {
        if let Some(number) = axis.get(key).number() {
            out.set_number(key, number);
        }
    }
    if axis.get("reverse").value_flag() {
        axis.get("reverse").note("ignored-option", "an axis cannot run downwards");
    }
}

/// The words of a text panel.
pub(super) fn text(source: &PanelSource<'_>, out: &mut OutMap) {
    let (content, mode) = if source.options.get("content").is_null() {
        (source.node.get("content"), source.node.get("mode"))
    } else {
        (source.options.get("content"), source.options.get("mode"))
    };
    let own = of_other_make(source);
    let words = own
        .as_deref()
        .or_else(|| content.text())
        .unwrap_or_default()
        .replace("\r\n", "\n")
        .replace('\t', "    ");
    let words = if mode.value_text() == Some("html") { super::html::plain(&words) } else { words };
    let words: Vec<&str> = words.lines().map(str::trim_end).collect();
    let words = words.join("\n");
    let words = words.trim_matches('\n').trim_end();
    out.set_text("content", if words.trim().is_empty() { "(empty)" } else { words });
}

/// What panels show that have words of their own, if not under `content`.
pub(super) fn of_other_make(source: &PanelSource<'_>) -> Option<String> {
    let option = |key| {
        let node = source.options.get(key);
        if node.says_something() { node } else { source.node.get(key) }
    };
    let filled = |key| option(key).value_text().map(str::trim).filter(|text| !text.is_empty());
    match source.kind {
        "dashlist" => {
            let tags = option("tags");
            let tags: Vec<&str> = tags.items_or_none().iter().filter_map(Node::value_text).collect();
            let tags = (!tags.is_empty()).then(|| format!("tagged {}", tags.join(", ")));
            let query = filled("query").map(|query| format!("called {query}"));
            let which: Vec<String> = tags.into_iter().chain(query).collect();
            Some(if which.is_empty() {
                "Here Grafana lists dashboards.".to_owned()
            } else {
                format!("Here Grafana lists dashboards {}.", which.join(" and "))
            })
        }
        "news" => Some(filled("feedUrl").map_or_else(
            || "Here Grafana shows news.".to_owned(),
            |url| format!("Here Grafana shows the news of {url}"),
        )),
        "mxswat-separator-panel" => Some("---".to_owned()),
        "timomyl-breadcrumb-panel" | "digiapulssi-breadcrumb-panel" => {
            Some("Here Grafana shows the way to this dashboard.".to_owned())
        }
        "aidanmountford-html-panel" => filled("html").map(super::html::plain),
        _ => None,
    }
}
