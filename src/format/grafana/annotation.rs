//! Annotations, of the classic schema and of v2, to `annotations`.

use super::colors::color;
use super::context::Context;
use super::node::Node;
use super::out::OutMap;
use super::source::DataSource;

/// An annotation in the format's keys; nothing for Grafana's own, and where there is no equivalent, which is noted.
pub(super) fn annotation(node: &Node<'_>, is_v2: bool, context: &Context<'_>) -> Option<OutMap> {
    // v2 has a data source's keys in maps of their own.
    let spec = if is_v2 { node.get("spec") } else { node.clone() };
    let built_in = spec.get("builtIn");
    if built_in.value_flag()
        || built_in.number_or_none() == Some(1.0)
        || spec.get("type").value_text() == Some("dashboard")
    {
        return None;
    }
    let name = spec.get("name").value_text().unwrap_or_default();
    let source = if is_v2 {
        let query = spec.get("query");
        let group = query.get("group").value_text();
        context.sources.read(&query.get("datasource"), group)
    } else {
        context.sources.read(&spec.get("datasource"), None)
    };
    let places = [spec.clone(), spec.get("legacyOptions"), spec.get("target"), spec.dig(&["query", "spec"])];
    let text = |key: &'static str| {
        places.iter().find_map(|place| place.get(key).value_text().filter(|text| !text.trim().is_empty()))
    };
    let expr = text("expr");
    let expr_path = places.iter().find(|place| place.get("expr").value_text().is_some());
    let expr_path = expr_path.unwrap_or(&spec).get("expr").path();
    if let DataSource::Foreign(kind) | DataSource::ForeignName(kind) = &source {
        spec.note(
            "unsupported-annotation",
            format!("the annotation `{name}` asks `{kind}`, which is no Prometheus"),
        );
        return None;
    }
    let Some(expr) = expr else {
        spec.note("unsupported-annotation", format!("the annotation `{name}` has no expression"));
        return None;
    };
    let mut out = OutMap { origin: spec.path(), ..OutMap::default() };
    out.set_text("name", if name.trim().is_empty() { "Annotation" } else { name });
    context.count_expr(expr_path, expr.trim());
    out.set_text("query", expr.trim());
    if let Some(name) = source.name() {
        context.count_other_source(name);
        out.source = Some(name.to_owned());
    }
    match spec.get("iconColor").value_text().map(color) {
        Some(Ok(Some(name))) => out.set_text("color", name),
        Some(Err(error)) => spec.get("iconColor").note("color", error),
        _ => {}
    }
    for (key, ours) in [("titleFormat", "title"), ("textFormat", "text"), ("step", "step")] {
        if let Some(words) = text(key) {
            out.set_text(ours, words);
        }
    }
    let use_value = places.iter().find(|place| place.get("useValueForTime").value_flag());
    if let Some(place) = use_value {
        let says =
            format!("the annotation `{name}` stands where it was sampled, not at the time that is its value");
        place.get("useValueForTime").note("ignored-option", says);
    }
    let filter = spec.get("filter");
    if !filter.get("ids").items_or_none().is_empty() {
        let says = format!("the annotation `{name}` is shown in all panels, not in some of them");
        filter.note("ignored-option", says);
    }
    for key in ["tagKeys"] {
        if let Some(words) = text(key).filter(|words| !matches!(*words, "false" | "off")) {
            spec.note(
                "ignored-option",
                format!("`{key}: {words}` of the annotation `{name}` has no equivalent"),
            );
        }
    }
    if spec.get("enable").maybe_flag() == Some(false) {
        out.set_plain("hide", true);
    }
    Some(out)
}
