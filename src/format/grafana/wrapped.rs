//! What files wrap around a dashboard: the API's `dashboard`, a resource's `spec`, text within text, lists.

use super::json::{self, Json};
use super::node::{Node, Notes};
use crate::format::LoadProblem;

/// Where a dashboard may stand as text: resources of operators and of provisioning have it so.
const TEXTS: &[&[&str]] = &[&["json"], &["spec", "json"], &["dashboard"], &["config_json"], &["model"]];
/// Keys that only dashboards have.
const KEYS: &[&str] =
    &["panels", "rows", "elements", "layout", "templating", "schemaVersion", "annotations", "graphTooltip"];
/// Where a dashboard may stand as a map.
const PLACES: &[&[&str]] = &[
    &[],
    &["dashboard"],
    &["spec"],
    &["dashboard", "spec"],
    &["dashboard", "dashboard"],
    &["spec", "dashboard"],
    &["spec", "json"],
    &["model"],
    &["json"],
    &["config_json"],
    &["Dashboard"],
];

/// Reads the texts in which a dashboard stands as JSON.
pub(super) fn unfold(root: &mut Json, notes: &Notes) {
    if let Json::List(items) = root {
        let mut dashboards = std::mem::take(items).into_iter();
        let first = dashboards.next().unwrap_or(Json::Null);
        if dashboards.next().is_some() {
            notes.add("$".to_owned(), "several", "the file lists several dashboards; the first is taken");
        }
        *root = first;
    }
    for path in TEXTS {
        if let Some(value) = at(root, path) {
            unfold_text(value);
        }
    }
    // A ConfigMap has its files by name.
    if let Some(Json::Map(files)) = at(root, &["data"]) {
        let mut files = files.iter_mut().filter(|(name, _)| super::is_json_name(name));
        let Some((_, file)) = files.next() else { return };
        if files.next().is_some() {
            notes.add("$.data".to_owned(), "several", "there are several files; the first is taken");
        }
        unfold_text(file);
        let dashboard = std::mem::replace(file, Json::Null);
        *root = dashboard;
    }
}

fn unfold_text(value: &mut Json) {
    if let Json::Text(text) = value
        && text.trim_start().starts_with('{')
        && let Ok(read) = json::read(text)
    {
        *value = read.root;
    }
}

/// `key` of the map around a dashboard, or of the dashboard itself.
pub(super) fn around<'j>(root: &'j Json, key: &str) -> Option<&'j Json> {
    let get = |map: &'j Json, key: &str| match map {
        Json::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
        _ => None,
    };
    PLACES.iter().find_map(|path| get(path.iter().try_fold(root, |map, key| get(map, key))?, key))
}

fn at<'j>(root: &'j mut Json, path: &[&str]) -> Option<&'j mut Json> {
    path.iter().try_fold(root, |value, key| match value {
        Json::Map(entries) => entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value),
        _ => None,
    })
}

/// The dashboard itself.
pub(super) fn dashboard<'j>(root: &Node<'j>) -> Result<Node<'j>, LoadProblem> {
    let looks_right = |node: &Node<'_>| node.is_map() && KEYS.iter().any(|key| !node.get(key).is_null());
    let mut places = PLACES.iter().map(|path| root.dig(path));
    // What a generator writes: several dashboards, each under the name of its file.
    let by_file = || {
        let files = root.entries_or_none().into_iter().filter(|(name, _)| super::is_json_name(name));
        let mut files = files.map(|(_, node)| node).filter(looks_right);
        let first = files.next();
        if files.next().is_some() {
            root.note("several", "there are several dashboards; the first is taken");
        }
        first
    };
    places.find(looks_right).or_else(by_file).ok_or_else(no_dashboard)
}

/// What the dashboard is known by, where it stands beside it: the name of a resource of Grafana's API.
pub(super) fn uid<'j>(root: &Node<'j>) -> Option<&'j str> {
    let is_resource = root.get("kind").value_text() == Some("Dashboard")
        && root.get("apiVersion").value_text().is_some_and(|api| api.starts_with("dashboard.grafana.app/"));
    root.dig(&["metadata", "name"]).value_text().filter(|_| is_resource)
}

fn no_dashboard() -> LoadProblem {
    LoadProblem::whole_file(
        "this JSON is no Grafana dashboard: it has neither `panels`, `rows` nor `elements`",
    )
}

#[cfg(test)]
mod tests {
    use super::super::import;

    #[test]
    fn dashboards_are_found_in_what_is_around_them() {
        let plain = r#"{"title": "T", "panels": [{"type": "text", "options": {"content": "c"}}]}"#;
        let text = serde_json::to_string(plain).expect("JSON");
        for file in [
            plain.to_owned(),
            format!("[{plain}]"),
            format!(r#"[{plain}, {{"title": "U", "panels": []}}]"#),
            format!(r#"{{"dashboard": {plain}, "meta": {{}}}}"#),
            format!(r#"{{"Dashboard": {plain}}}"#),
            format!(r#"{{"dashboard": {text}}}"#),
            format!(r#"{{"json": {text}}}"#),
            format!(r#"{{"json": {plain}}}"#),
            format!(r#"{{"apiVersion": "v1", "kind": "GrafanaDashboard", "spec": {{"json": {text}}}}}"#),
            format!(r#"{{"apiVersion": "v1", "kind": "Dashboard", "spec": {plain}}}"#),
            format!(
                r#"{{"apiVersion": "v1", "kind": "ConfigMap", "data": {{"readme": "x", "a.json": {text}}}}}"#
            ),
            format!(r#"{{"a.json": {plain}, "b.json": {plain}}}"#),
        ] {
            let imported = import(&file, "x").unwrap_or_else(|problem| panic!("{file}: {problem}"));
            assert_eq!((imported.title.as_str(), imported.panels), ("T", 1), "{file}");
            let codes: Vec<&str> = imported.notes.iter().map(|note| note.code).collect();
            let are_several = file.contains("\"U\"") || file.contains("b.json");
            assert_eq!(codes, if are_several { vec!["several"] } else { Vec::new() }, "{file}");
        }
        for file in ["[]", "{}", r#"{"json": "{"}"#, r#"{"data": {"a.json": 1}}"#, r#"{"dashboard": "x"}"#] {
            assert!(import(file, "x").is_err(), "{file}");
        }
    }
}
