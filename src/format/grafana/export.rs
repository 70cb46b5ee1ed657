//! Our dashboards to Grafana's JSON, classic schema.
//!
//! What Grafana has words for is said in them. What it has none for (actions, the weights of a row, the type sparkline)
//! and what an import would read otherwise than it was written goes beside it under the key `promscope`, which Grafana
//! does not look at: an import of the export is the dashboard again.

mod field;
mod panel;
mod yaml;

use serde_json::{Map, Value, json};

use self::yaml::Yaml;
use super::out::{Out, OutMap};
use crate::format::LoadProblem;
use crate::format::yaml::tree;

/// The newest classic schema.
const SCHEMA_VERSION: u32 = 41;

/// Writes the dashboard of a sound YAML file as Grafana's JSON.
pub fn export(text: &str) -> Result<String, LoadProblem> {
    let root = tree::read(text)?;
    let original = yaml::map_of(&root, text);
    let mut json = dashboard(&original);
    // What an import makes of it tells what has to be said in our own words.
    let again = super::tree_of(&json.to_string(), "")?;
    corrections(&original, &again, &mut json);
    let mut text = serde_json::to_string_pretty(&json)
        .map_err(|error| LoadProblem::whole_file(format!("cannot be written as JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}

fn dashboard(map: &OutMap) -> Value {
    let y = Yaml(map);
    let time = y.map("time");
    let source = y.text("datasource");
    let mut dashboard = json!({
        "schemaVersion": SCHEMA_VERSION,
        "title": y.text("title").unwrap_or_default(),
        "editable": true,
        "graphTooltip": 1,
        "timezone": y.text("timezone").unwrap_or_else(|| "browser".to_owned()),
        "tags": y.texts("tags"),
        "refresh": match y.text("refresh").as_deref() { None => "5s", Some("off") => "", Some(refresh) => refresh },
        "time": {
            "from": time.and_then(|time| Yaml(time).text("from")).unwrap_or_else(|| "now-15m".to_owned()),
            "to": time.and_then(|time| Yaml(time).text("to")).unwrap_or_else(|| "now".to_owned()),
        },
        "annotations": { "list": y.maps("annotations").into_iter().map(|one| annotation(&Yaml(one), source.as_deref())).collect::<Vec<_>>() },
        "templating": { "list": y.maps("variables").into_iter().map(|one| variable(one, source.as_deref())).collect::<Vec<_>>() },
        "links": dashboard_links(&y),
        "panels": panel::panels(map, source.as_deref()),
    });
    if let Some(description) = y.text("description") {
        dashboard["description"] = description.into();
    }
    if let Some(uid) = y.text("uid") {
        dashboard["uid"] = uid.into();
    }
    dashboard
}

/// A Prometheus, by the variable that chooses it or by its name.
fn data_source(name: Option<&str>) -> Value {
    let Some(name) = name else { return json!({ "type": "prometheus" }) };
    let uid = match name.strip_prefix('$') {
        Some(variable) => format!("${{{}}}", variable.trim_matches(['{', '}'])),
        None => name.to_owned(),
    };
    json!({ "type": "prometheus", "uid": uid })
}

/// Links as panels have them.
fn links(y: &Yaml<'_>) -> Vec<Value> {
    let link = |link: &OutMap| {
        let y = Yaml(link);
        json!({
            "title": y.text("title").unwrap_or_default(),
            "url": y.text("url").unwrap_or_default(),
            "targetBlank": false,
        })
    };
    y.maps("links").into_iter().map(link).collect()
}

/// Links as dashboards have them, with what Grafana's editor starts with.
fn dashboard_links(y: &Yaml<'_>) -> Vec<Value> {
    let mut links = links(y);
    for link in &mut links {
        link["type"] = "link".into();
        link["icon"] = "external link".into();
        link["tags"] = json!([]);
        link["tooltip"] = "".into();
        for key in ["asDropdown", "includeVars", "keepTime"] {
            link[key] = false.into();
        }
    }
    links
}

fn annotation(y: &Yaml<'_>, source: Option<&str>) -> Value {
    let mut one = json!({
        "name": y.text("name").unwrap_or_default(),
        "enable": !y.flag("hide"),
        "datasource": data_source(y.text("datasource").as_deref().or(source)),
        "expr": y.text("query").unwrap_or_else(|| "ALERTS{alertstate=\"firing\"}".to_owned()),
    });
    for (ours, key) in
        [("color", "iconColor"), ("title", "titleFormat"), ("text", "textFormat"), ("step", "step")]
    {
        if let Some(text) = y.text(ours) {
            one[key] = text.into();
        }
    }
    one
}

/// Grafana's numbers for the order of options.
const SORTS: [(&str, u32); 8] = [
    ("alphabetical", 1),
    ("-alphabetical", 2),
    ("numerical", 3),
    ("-numerical", 4),
    ("alphabetical-ignore-case", 5),
    ("-alphabetical-ignore-case", 6),
    ("natural", 7),
    ("-natural", 8),
];

fn variable(map: &OutMap, source: Option<&str>) -> Value {
    let y = Yaml(map);
    let name = y.text("name").unwrap_or_default();
    let mut one = json!({ "name": name, "hide": if y.flag("hide") { 2 } else { 0 } });
    for key in ["label", "description", "regex"] {
        if let Some(text) = y.text(key) {
            one[key] = text.into();
        }
    }
    let joined = |key: &str| {
        let choices = y.list(key).iter().map(|choice| match choice {
            Out::Map(choice) => {
                let choice = Yaml(choice);
                let (text, value) =
                    (choice.text("text").unwrap_or_default(), choice.text("value").unwrap_or_default());
                format!("{} : {}", text.replace(',', "\\,"), value.replace(',', "\\,"))
            }
            other => yaml::scalar(other).unwrap_or_default().replace(',', "\\,"),
        });
        choices.collect::<Vec<_>>()
    };
    if let Some(query) = y.text("query") {
        one["type"] = "query".into();
        one["datasource"] = data_source(y.text("datasource").as_deref().or(source));
        one["definition"] = query.as_str().into();
        one["query"] = json!({ "query": query, "refId": format!("variable-{name}") });
        one["refresh"] = match y.text("refresh").as_deref() {
            Some("time") => 2,
            Some("never") => 0,
            _ => 1,
        }
        .into();
        let sort = y.text("sort").and_then(|sort| SORTS.iter().find(|(name, _)| *name == sort));
        one["sort"] = sort.map_or(0, |(_, number)| *number).into();
    } else if y.has("values") {
        one["type"] = "custom".into();
        one["query"] = joined("values").join(",").into();
    } else if y.has("interval") {
        let mut values = joined("interval");
        let has_auto = values.iter().any(|value| value == "auto");
        values.retain(|value| value != "auto");
        one["type"] = "interval".into();
        one["query"] = values.join(",").into();
        one["auto"] = has_auto.into();
        one["auto_count"] = y.number("auto_count").unwrap_or(30.0).into();
        one["auto_min"] = y.text("auto_min").unwrap_or_else(|| "10s".to_owned()).into();
        one["refresh"] = 2.into();
    } else if let Some(value) = y.text("constant") {
        one["type"] = "constant".into();
        one["query"] = value.into();
    } else if y.has("textbox") {
        one["type"] = "textbox".into();
        one["query"] = y.text("textbox").unwrap_or_default().into();
    } else if y.has("adhoc") {
        one["type"] = "adhoc".into();
        one["datasource"] = data_source(source);
        one["filters"] = json!([]);
    } else {
        one["type"] = "datasource".into();
        one["query"] = "prometheus".into();
    }
    one["multi"] = y.flag("multi").into();
    one["includeAll"] = y.has("all").into();
    if let Some(value) = y.text("all").filter(|value| value != "true") {
        one["allValue"] = value.into();
    }
    let current = |value: &str| match value {
        "All" => "$__all".to_owned(),
        "auto" => format!("$__auto_interval_{name}"),
        value => value.to_owned(),
    };
    match map.get("default") {
        Some(Out::List(values)) => {
            let values: Vec<String> =
                values.iter().filter_map(yaml::scalar).map(|value| current(&value)).collect();
            one["current"] = json!({ "text": values, "value": values });
        }
        Some(value) => {
            let value = yaml::scalar(value).unwrap_or_default();
            one["current"] = json!({ "text": value, "value": current(&value) });
        }
        None => one["current"] = json!({}),
    }
    one
}

/// Says under `promscope` what an import of `json` would read otherwise than `original`.
fn corrections(original: &OutMap, again: &OutMap, json: &mut Value) {
    correct(original, again, &["rows", "variables", "annotations"], json);
    for (key, list) in [("variables", "templating"), ("annotations", "annotations")] {
        let (ours, theirs) = (Yaml(original).maps(key), Yaml(again).maps(key));
        if ours.len() == theirs.len() {
            for (index, (one, other)) in ours.into_iter().zip(theirs).enumerate() {
                correct(one, other, &[], &mut json[list]["list"][index]);
            }
        } else if let Some(value) = original.get(key) {
            own(json)["set"][key] = yaml::json(value);
        }
    }
    let ours = Yaml(original).maps("rows").into_iter().flat_map(|row| Yaml(row).maps("panels"));
    let theirs = Yaml(again).maps("rows").into_iter().flat_map(|row| Yaml(row).maps("panels"));
    let mut panels = panel::each(json);
    for ((one, other), panel) in ours.zip(theirs).zip(&mut panels) {
        correct(one, other, &[], panel);
    }
}

/// The map under `promscope` of a map.
fn own(json: &mut Value) -> &mut Value {
    let own = &mut json["promscope"];
    if own.is_null() {
        *own = Value::Object(Map::new());
    }
    own
}

/// What of `one` is not in `other`, except for the keys in `but`.
fn correct(one: &OutMap, other: &OutMap, but: &[&str], json: &mut Value) {
    for (key, value) in &one.entries {
        if !but.contains(&key.as_str()) && !other.get(key).is_some_and(|other| yaml::is_same(value, other)) {
            own(json)["set"][key] = yaml::json(value);
        }
    }
    let dropped: Vec<&str> = other
        .entries
        .iter()
        .map(|(key, _)| key.as_str())
        .filter(|key| !but.contains(key) && one.get(key).is_none())
        .collect();
    if !dropped.is_empty() {
        own(json)["drop"] = json!(dropped);
    }
    if !one.comments.is_empty() {
        own(json)["comments"] = json!(one.comments);
    }
}
