//! `fieldConfig`, `options` and `transformations`.

use serde_json::{Map, Value, json};

use super::super::out::{Out, OutMap};
use super::panel::words;
use super::yaml::{Yaml, json as as_json, scalar};
use crate::field::Ramp;

/// Types whose series take the palette's colours.
const BY_PALETTE: &[&str] = &["timeseries", "piechart", "barchart", "histogram", "heatmap"];

/// Pixels of Grafana that a column of a terminal stands for.
const PIXELS_A_CELL: f64 = 8.0;

/// `fieldConfig`
pub(super) fn config(map: &OutMap, kind: &str) -> Value {
    let y = Yaml(map);
    let mut defaults = Map::new();
    let mut custom = Map::new();
    for (id, value) in properties(map, kind) {
        match id.strip_prefix("custom.") {
            Some(id) => custom.insert(id.to_owned(), value),
            None => defaults.insert(id, value),
        };
    }
    for (key, value) in unsaid(kind) {
        custom.entry(key).or_insert(value);
    }
    if !defaults.contains_key("color") {
        let color = if BY_PALETTE.contains(&kind) {
            json!({ "mode": "palette-classic" })
        } else if y.has("thresholds") {
            json!({ "mode": "thresholds" })
        } else {
            // Grafana would make it green, and red from 80 on.
            json!({ "mode": "fixed", "fixedColor": "text" })
        };
        defaults.insert("color".to_owned(), color);
    }
    defaults.insert("custom".to_owned(), custom.into());
    let overrides: Vec<Value> =
        y.maps("overrides").into_iter().filter_map(|one| override_of(one, kind)).collect();
    json!({ "defaults": defaults, "overrides": overrides })
}

/// What Grafana's editor starts with where a terminal has no picture for it: said, so that no version's other default
/// stands in for it.
fn unsaid(kind: &str) -> Vec<(&'static str, Value)> {
    let drawn = |line_width: u32, opacity: u32| {
        vec![
            ("lineWidth", line_width.into()),
            ("fillOpacity", opacity.into()),
            ("gradientMode", "none".into()),
        ]
    };
    match kind {
        "timeseries" => {
            let mut options = drawn(1, 0);
            options.extend([
                ("lineInterpolation", "linear".into()),
                ("showPoints", "auto".into()),
                ("pointSize", 5.into()),
            ]);
            options
        }
        "barchart" | "histogram" => drawn(1, 80),
        "state-timeline" => vec![("lineWidth", 0.into()), ("fillOpacity", 70.into())],
        "status-history" => vec![("lineWidth", 1.into()), ("fillOpacity", 70.into())],
        _ => Vec::new(),
    }
}

fn override_of(map: &OutMap, kind: &str) -> Option<Value> {
    let y = Yaml(map);
    let matcher = if let Some(name) = y.text("name") {
        json!({ "id": "byName", "options": name })
    } else if let Some(pattern) = y.text("regex") {
        json!({ "id": "byRegexp", "options": pattern })
    } else if let Some(name) = y.text("query") {
        json!({ "id": "byFrameRefID", "options": name })
    } else {
        let (mode, key) = if y.has("except") { ("exclude", "except") } else { ("include", "names") };
        json!({ "id": "byNames", "options": { "mode": mode, "names": y.texts(key) } })
    };
    let properties: Vec<Value> =
        properties(map, kind).into_iter().map(|(id, value)| json!({ "id": id, "value": value })).collect();
    (!properties.is_empty()).then(|| json!({ "matcher": matcher, "properties": properties }))
}

/// Field options as Grafana's properties.
fn properties(map: &OutMap, kind: &str) -> Vec<(String, Value)> {
    let y = Yaml(map);
    let mut list: Vec<(String, Value)> = Vec::new();
    for (key, value) in &map.entries {
        let word = scalar(value).unwrap_or_default();
        let (id, value) = match key.as_str() {
            "unit" | "decimals" | "min" | "max" => (key.as_str(), as_json(value)),
            "no_value" => ("noValue", word.into()),
            "display_name" => ("displayName", word.into()),
            "thresholds" => ("thresholds", thresholds(&y)),
            "mappings" => ("mappings", mappings(&y)),
            "color" => (
                "color",
                match word.as_str() {
                    "palette" => json!({ "mode": "palette-classic" }),
                    "thresholds" => json!({ "mode": "thresholds" }),
                    ramp if Ramp::parse(ramp).is_some() => json!({ "mode": ramp }),
                    color => json!({ "mode": "fixed", "fixedColor": color }),
                },
            ),
            "draw" => ("custom.drawStyle", if word == "lines" { "line" } else { &word }.into()),
            "fill" => ("custom.fillOpacity", if word == "true" { 20 } else { 0 }.into()),
            "stack" if kind == "timeseries" => ("custom.stacking", json!({ "mode": word, "group": "A" })),
            "gaps" => ("custom.spanNulls", (word == "connect").into()),
            "interpolation" => (
                "custom.lineInterpolation",
                match word.as_str() {
                    "step-after" => "stepAfter",
                    "step-before" => "stepBefore",
                    _ => "linear",
                }
                .into(),
            ),
            "axis" => ("custom.axisPlacement", word.into()),
            "axis_label" => ("custom.axisLabel", word.into()),
            "log" => (
                "custom.scaleDistribution",
                match word.as_str() {
                    "symlog" => json!({ "type": "symlog", "log": 10 }),
                    "off" => json!({ "type": "linear" }),
                    base => json!({ "type": "log", "log": base.parse::<u32>().unwrap_or(10) }),
                },
            ),
            "soft_min" => ("custom.axisSoftMin", as_json(value)),
            "soft_max" => ("custom.axisSoftMax", as_json(value)),
            "negative_y" => ("custom.transform", "negative-Y".into()),
            "thresholds_style" => ("custom.thresholdsStyle", json!({ "mode": word })),
            "hidden" if kind == "table" => ("custom.hidden", (word == "true").into()),
            "hidden" => (
                "custom.hideFrom",
                json!({ "viz": word == "true", "legend": word == "true", "tooltip": word == "true" }),
            ),
            "cell" => (
                "custom.cellOptions",
                match word.as_str() {
                    "color" => json!({ "type": "color-text" }),
                    "background" => json!({ "type": "color-background" }),
                    "bar" => json!({ "type": "gauge" }),
                    _ => json!({ "type": "auto" }),
                },
            ),
            "align" => ("custom.align", word.into()),
            "column_width" => {
                ("custom.width", y.number("column_width").map_or(0.0, |cells| cells * PIXELS_A_CELL).into())
            }
            _ => continue,
        };
        list.push((id.to_owned(), value));
    }
    list
}

fn thresholds(y: &Yaml<'_>) -> Value {
    let mut steps: Vec<Value> = y
        .maps("thresholds")
        .into_iter()
        .map(|step| {
            let step = Yaml(step);
            json!({ "color": step.text("color").unwrap_or_default(), "value": step.number("at") })
        })
        .collect();
    // Grafana's first step begins below all values.
    if steps.first().is_some_and(|step| !step["value"].is_null()) {
        steps.insert(0, json!({ "color": "transparent", "value": null }));
    }
    let is_percent = y.text("thresholds_mode").as_deref() == Some("percent");
    json!({ "mode": if is_percent { "percentage" } else { "absolute" }, "steps": steps })
}

fn mappings(y: &Yaml<'_>) -> Value {
    let mut list = Vec::new();
    for (index, map) in y.maps("mappings").into_iter().enumerate() {
        let one = Yaml(map);
        let mut result = json!({ "index": index });
        for key in ["text", "color"] {
            if let Some(text) = one.text(key) {
                result[key] = text.into();
            }
        }
        list.push(if let Some(value) = one.text("value") {
            json!({ "type": "value", "options": { value: result } })
        } else if let Some(pattern) = one.text("regex") {
            json!({ "type": "regex", "options": { "pattern": pattern, "result": result } })
        } else if let Some(special) = one.text("special") {
            json!({ "type": "special", "options": { "match": special, "result": result } })
        } else {
            json!({ "type": "range", "options": { "from": one.number("from"), "to": one.number("to"), "result": result } })
        });
    }
    list.into()
}

/// `options`
pub(super) fn options(map: &OutMap, kind: &str) -> Value {
    let y = Yaml(map);
    let mut options = Map::new();
    let mut set = |key: &str, value: Value| {
        options.insert(key.to_owned(), value);
    };
    if matches!(kind, "stat" | "gauge" | "bargauge" | "piechart") {
        let reduce = y.text("reduce").unwrap_or_else(|| "now".to_owned());
        let calc = if matches!(reduce.as_str(), "now" | "last") { "lastNotNull".to_owned() } else { reduce };
        let mut reduction = json!({ "calcs": [calc], "fields": "", "values": y.flag("rows") });
        if let Some(limit) = y.number("limit") {
            reduction["limit"] = limit.into();
        }
        set("reduceOptions", reduction);
    }
    if matches!(
        kind,
        "timeseries" | "piechart" | "barchart" | "histogram" | "state-timeline" | "status-history"
    ) {
        set("legend", legend(&y));
        set("tooltip", json!({ "mode": "multi", "sort": "desc" }));
    }
    match kind {
        "stat" => {
            let is_plain = y.text("sparkline").as_deref() == Some("false");
            set("graphMode", if is_plain { "none" } else { "area" }.into());
            set("textMode", y.text("text_mode").unwrap_or_else(|| "auto".to_owned()).into());
            set("colorMode", y.text("color_mode").unwrap_or_else(|| "value".to_owned()).into());
        }
        "bargauge" => {
            set("displayMode", y.text("mode").unwrap_or_else(|| "gradient".to_owned()).into());
            set("orientation", y.text("orientation").unwrap_or_else(|| "horizontal".to_owned()).into());
        }
        "table" => {
            if let Some(sort) = y.text("sort") {
                let name = sort.strip_prefix('-').unwrap_or(&sort);
                set("sortBy", json!([{ "displayName": name, "desc": sort.starts_with('-') }]));
            }
        }
        "heatmap" => {
            let calculate = y.map("calculate");
            set("calculate", (calculate.is_some() || y.flag("calculate")).into());
            if let Some(map) = calculate {
                let map = Yaml(map);
                let mut calculation = json!({});
                for (key, axis, mode) in [
                    ("buckets", "yBuckets", "count"),
                    ("size", "yBuckets", "size"),
                    ("interval", "xBuckets", "size"),
                ] {
                    if let Some(value) = map.text(key) {
                        calculation[axis] = json!({ "mode": mode, "value": value });
                    }
                }
                set("calculation", calculation);
            }
            let scale = y.text("color_scale").unwrap_or_else(|| "exponential".to_owned());
            set("color", json!({ "mode": "scheme", "scheme": "Oranges", "scale": scale, "exponent": 0.5 }));
            let mut cells = json!({});
            for (ours, key) in [("cell_unit", "unit"), ("cell_decimals", "decimals")] {
                if let Some(value) = map.get(ours) {
                    cells[key] = as_json(value);
                }
            }
            if map.get("cell_unit").is_some() || map.get("cell_decimals").is_some() {
                set("cellValues", cells);
            }
            let mut axis = json!({ "axisPlacement": "left" });
            for key in ["unit", "decimals", "min", "max"] {
                if let Some(value) = map.get(key) {
                    axis[key] = as_json(value);
                }
            }
            if let Some(label) = y.text("axis_label") {
                axis["axisLabel"] = label.into();
            }
            set("yAxis", axis);
        }
        "histogram" => {
            for (ours, key) in
                [("bucket_size", "bucketSize"), ("bucket_count", "bucketCount"), ("combine", "combine")]
            {
                if let Some(value) = map.get(ours) {
                    set(key, as_json(value));
                }
            }
        }
        "piechart" => {
            let is_donut = y.text("shape").as_deref() == Some("donut");
            set("pieType", if is_donut { "donut" } else { "pie" }.into());
        }
        "barchart" => {
            set("orientation", y.text("orientation").unwrap_or_else(|| "auto".to_owned()).into());
            set("stacking", y.text("stack").unwrap_or_else(|| "none".to_owned()).into());
        }
        "state-timeline" => set("mergeValues", (y.text("merge_values").as_deref() != Some("false")).into()),
        _ => {}
    }
    options.into()
}

fn legend(y: &Yaml<'_>) -> Value {
    let map = y.map("legend");
    let text = |key| map.and_then(|map| Yaml(map).text(key));
    let show = y.text("legend").or_else(|| text("show")).unwrap_or_else(|| "list".to_owned());
    let mut legend = json!({
        "displayMode": show,
        "showLegend": show != "hidden",
        "placement": text("placement").unwrap_or_else(|| "bottom".to_owned()),
        "calcs": map.map(|map| Yaml(map).texts("calcs")).unwrap_or_default().iter().map(|calc| if calc == "last" { "lastNotNull" } else { calc }).collect::<Vec<_>>(),
    });
    if let Some(sort) = text("sort") {
        let name = sort.strip_prefix('-').unwrap_or(&sort);
        let shown = match name {
            "name" => "Name".to_owned(),
            "last" => "Last *".to_owned(),
            "sum" => "Total".to_owned(),
            other => {
                let mut letters = other.chars();
                letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
            }
        };
        legend["sortBy"] = shown.into();
        legend["sortDesc"] = sort.starts_with('-').into();
    }
    legend
}

/// `transformations`
pub(super) fn transformations(y: &Yaml<'_>) -> Vec<Value> {
    y.list("transforms").iter().filter_map(transformation).collect()
}

/// The options of a calculation.
fn calculation(y: &Yaml<'_>) -> Value {
    let mut options = json!({ "alias": y.text("name"), "replaceFields": y.flag("replace") });
    if let Some(reduce) = y.text("reduce") {
        options["mode"] = "reduceRow".into();
        options["reduce"] = json!({ "reducer": reduce, "include": y.texts("of") });
    } else if let Some(operator) = y.text("unary") {
        options["mode"] = "unary".into();
        options["unary"] = json!({ "operator": operator, "fieldName": y.text("field") });
    } else if let Some(calc) = y.text("cumulative") {
        options["mode"] = "cumulativeFunctions".into();
        options["cumulative"] = json!({ "reducer": calc, "field": y.text("field") });
    } else if let Some(calc) = y.text("window") {
        let reducer = if calc == "stddev" { "stdDev" } else { &calc };
        let size = y.text("size").unwrap_or_else(|| "10%".to_owned());
        let (size, mode) = match size.strip_suffix('%') {
            Some(part) => (part.trim().parse::<f64>().map(|part| part / 100.0), "percentage"),
            None => (size.parse::<f64>(), "fixed"),
        };
        options["mode"] = "windowFunctions".into();
        options["window"] = json!({
            "reducer": reducer,
            "field": y.text("field"),
            "windowSize": size.ok(),
            "windowSizeMode": mode,
            "windowAlignment": y.text("align").unwrap_or_else(|| "trailing".to_owned()),
        });
    } else {
        options["mode"] = "binary".into();
        options["binary"] =
            json!({ "left": y.text("left"), "operator": y.text("op"), "right": y.text("right") });
    }
    options
}

fn transformation(out: &Out) -> Option<Value> {
    let empty = OutMap::default();
    let (name, value) = match out {
        Out::Map(map) => {
            let (name, value) = map.entries.first()?;
            (name.as_str(), Some(value))
        }
        Out::Text(name) | Out::Plain(name) => (name.as_str(), None),
        Out::List(_) => return None,
    };
    let map = value.and_then(Out::as_map).unwrap_or(&empty);
    let y = Yaml(map);
    let word = value.and_then(scalar);
    let names = |key: &str| -> Value {
        y.texts(key).into_iter().map(|name| (name, Value::from(true))).collect::<Map<_, _>>().into()
    };
    let (id, options) = match name {
        "merge" => ("merge", json!({})),
        "organize" => {
            let order: Map<_, _> =
                y.texts("order").into_iter().enumerate().map(|(index, name)| (name, index.into())).collect();
            let renames: Map<_, _> = y
                .map("rename")
                .map(|map| map.entries.iter().map(|(name, to)| (name.clone(), as_json(to))).collect())
                .unwrap_or_default();
            let options = json!({
                "includeByName": names("include"), "excludeByName": names("exclude"), "indexByName": order, "renameByName": renames,
            });
            ("organize", options)
        }
        "filter" => {
            let side = |key: &str| match map.get(key) {
                Some(Out::List(_)) => json!({ "names": y.texts(key) }),
                Some(pattern) => json!({ "pattern": scalar(pattern) }),
                None => Value::Null,
            };
            ("filterFieldsByName", json!({ "include": side("include"), "exclude": side("exclude") }))
        }
        "group_by" => {
            let mut fields: Map<_, _> = y
                .texts("by")
                .into_iter()
                .map(|name| (name, json!({ "operation": "groupby", "aggregations": [] })))
                .collect();
            for (name, calcs) in y.map("calcs").map(|map| map.entries.as_slice()).unwrap_or_default() {
                fields.insert(
                    name.clone(),
                    json!({ "operation": "aggregate", "aggregations": words(Some(calcs)) }),
                );
            }
            ("groupBy", json!({ "fields": fields }))
        }
        "labels_to_fields" => (
            "labelsToFields",
            json!({ "mode": y.text("mode").unwrap_or_else(|| "columns".to_owned()), "keepLabels": y.texts("keep"), "valueLabel": y.text("value_label") }),
        ),
        "join" => {
            let mode = match y.text("mode").as_deref() {
                Some("inner") => "inner",
                Some("outer-tabular") => "outerTabular",
                _ => "outer",
            };
            ("joinByField", json!({ "byField": y.text("by"), "mode": mode }))
        }
        "calculate" => ("calculateField", calculation(&y)),
        "sort" => {
            let field = word.unwrap_or_default();
            let name = field.strip_prefix('-').unwrap_or(&field);
            ("sortBy", json!({ "sort": [{ "field": name, "desc": field.starts_with('-') }] }))
        }
        "rename" => ("renameByRegex", json!({ "regex": y.text("regex"), "renamePattern": y.text("to") })),
        "reduce" => {
            let mode =
                if y.text("mode").as_deref() == Some("fields") { "reduceFields" } else { "seriesToRows" };
            (
                "reduce",
                json!({ "reducers": y.texts("calcs"), "mode": mode, "labelsToFields": y.flag("labels") }),
            )
        }
        "limit" => ("limit", json!({ "limitField": word.and_then(|word| word.parse::<f64>().ok()) })),
        _ => return None,
    };
    Some(json!({ "id": id, "options": options }))
}
