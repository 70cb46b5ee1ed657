//! Dashboards as they are found: of plugins, of generators, half finished, and with what few of them say.

use super::*;

/// An import of `panels`, JSON.
fn panels(panels: &str) -> Imported {
    import(&format!(r#"{{"title": "t", "schemaVersion": 39, "panels": [{panels}]}}"#), "x").expect("imports")
}

/// An import of variables, JSON.
fn variables(list: &str) -> Imported {
    let text = format!(
        r#"{{"title": "t", "schemaVersion": 39, "templating": {{"list": [{list}]}}, "panels": [
        {{"type": "stat", "targets": [{{"expr": "up"}}]}}]}}"#
    );
    import(&text, "x").expect("imports")
}

fn codes(imported: &Imported) -> Vec<&str> {
    imported.notes.iter().map(|note| note.code).collect()
}

#[test]
fn panels_of_plugins_become_what_comes_near() {
    let imported = panels(
        r#"{"type": "geomap", "targets": [{"expr": "up"}]}, {"type": "news", "options": {"feedUrl": "https://a.b/c"}},
        {"type": "xychart", "targets": [{"expr": "up"}]}, {"type": "dashlist", "options": {"tags": ["a", "b"]}},
        {"type": "grafana-clock-panel"}, {"targets": [{"expr": "up"}]},
        {"libraryPanel": {"uid": "u", "name": "n"}}, {"type": "mxswat-separator-panel", "title": "s"}"#,
    );
    assert_eq!((imported.panels, imported.placeholders), (8, 4), "{}", imported.yaml);
    let words = ["type: table", "news of https://a.b/c", "dashboards tagged a, b.", "type: timeseries"];
    for words in words {
        assert!(imported.yaml.contains(words), "{words} in {}", imported.yaml);
    }
}

#[test]
fn answers_of_another_panel_are_found_over_several() {
    let other = |id: &str| {
        format!(
            r#""datasource": {{"type": "datasource", "uid": "-- Dashboard --"}}, "targets": [{{"panelId": {id},
            "datasource": {{"type": "datasource", "uid": "-- Dashboard --"}}}}]"#
        )
    };
    let list = format!(
        r#"{{"id": 1, "type": "stat", {}}}, {{"id": 2, "type": "stat", {}}},
        {{"id": 3, "type": "stat", "datasource": {{"type": "prometheus", "uid": "p"}}, "targets": [{{"expr": "up"}}]}},
        {{"id": 4, "type": "stat", {}}}, {{"id": 5, "type": "stat", {}}}, {{"id": 6, "type": "stat", {}}}"#,
        other("2"),
        other("\"3\""),
        other("5"),
        other("4"),
        other("9")
    );
    let imported = panels(&list);
    assert_eq!(imported.yaml.matches("query: up").count(), 3, "{}", imported.yaml);
    assert_eq!((imported.panels, imported.placeholders), (6, 3));
    let v2 = r#"{"title": "t", "elements": {
        "a": {"kind": "Panel", "spec": {"id": 1, "vizConfig": {"kind": "stat", "spec": {}}, "data": {"spec": {"queries": [
            {"spec": {"query": {"kind": "prometheus", "spec": {"expr": "up"}}}}]}}}},
        "b": {"kind": "Panel", "spec": {"id": 2, "vizConfig": {"kind": "stat", "spec": {}}, "data": {"spec": {"queries": [
            {"spec": {"query": {"kind": "DataQuery", "group": "datasource", "datasource": {"name": "-- Dashboard --"},
            "spec": {"panelId": 1}}}}]}}}}},
        "layout": {"kind": "AutoGridLayout", "spec": {"items": [
            {"spec": {"element": {"name": "a"}}}, {"spec": {"element": {"name": "b"}}}]}}}"#;
    let imported = import(v2, "x").expect("imports");
    assert_eq!(imported.yaml.matches("query: up").count(), 2, "{}", imported.yaml);
}

#[test]
fn times_in_numbers_and_of_fiscal_years() {
    let text = |time: &str| {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "time": {time}, "timezone": "utc", "panels": []}}"#
        );
        import(&text, "x").expect("imports")
    };
    let numbers = text(r#"{"from": 1600000000000, "to": "1600003600000"}"#);
    let time = "time: { from: '2020-09-13T12:26:40Z', to: '2020-09-13T13:26:40Z' }";
    assert!(numbers.yaml.contains(time), "{}", numbers.yaml);
    assert!(numbers.yaml.contains("\ntimezone: utc\n"), "{}", numbers.yaml);
    assert!(codes(&numbers).is_empty());
    let fiscal = text(r#"{"from": "now-1M/fy", "to": "now"}"#);
    assert!(fiscal.yaml.contains("from: now-30d/y"), "{}", fiscal.yaml);
    assert_eq!(codes(&fiscal), ["time"]);
}

#[test]
fn what_is_left_out_is_said() {
    let imported = panels(
        r#"{"type": "timeseries", "alert": {"name": "a"}, "targets": [{"expr": "up", "exemplar": true}],
        "fieldConfig": {"defaults": {"custom": {"axisLabel": "seconds"}}},
        "transformations": [{"id": "merge", "filter": {"id": "byRefId", "options": "A"}, "options": {}}]},
        {"type": "graph", "targets": [{"expr": " # later"}], "yaxes": [{"label": "bytes"}]},
        {"type": "piechart", "targets": [{"expr": "up"}], "options": {"sort": "asc"}}"#,
    );
    let notes: Vec<&str> = imported.notes.iter().map(|note| note.path.as_str()).collect();
    for path in [
        "$.panels[0].alert",
        "$.panels[0].targets[0].exemplar",
        "$.panels[0].transformations[0].filter",
        "$.panels[1].targets[0]",
        "$.panels[2].options.sort",
    ] {
        assert!(notes.contains(&path), "{path} in {notes:?}");
    }
    assert_eq!(imported.exprs.len(), 2);
    let imported = variables(
        r#"{"type": "interval", "name": "i", "query": "1m,1M,x"},
        {"type": "adhoc", "name": "a", "filters": [{"key": "k", "operator": "<", "value": "v"},
            {"key": "k", "operator": "=|", "value": "a", "values": ["a", "b.c"]}]}"#,
    );
    assert_eq!(codes(&imported), ["variable-values"; 3]);
    assert!(imported.yaml.contains(r#"adhoc: ['k=~"a|b\\.c"']"#), "{}", imported.yaml);
}

#[test]
fn variables_of_json_and_switches_have_their_values() {
    let imported = variables(
        r#"{"type": "custom", "name": "j", "valuesFormat": "json", "query": "[{\"text\": \"One\", \"value\": 1}, \"b,c\"]"},
        {"type": "switch", "name": "s", "current": {"value": "off"}, "options": [{"value": "on"}, {"value": "off"}]},
        {"type": "custom", "name": "bad", "valuesFormat": "json", "query": "{"}"#,
    );
    assert!(imported.yaml.contains("values: [{ text: One, value: 1 }, 'b,c']"), "{}", imported.yaml);
    assert!(imported.yaml.contains("values: ['on', 'off']"), "{}", imported.yaml);
    assert!(imported.yaml.contains("default: 'off'"), "{}", imported.yaml);
    assert_eq!(imported.supported_variables, 3);
    assert_eq!(codes(&imported), ["variable-values"]);
    let v2 = r#"{"title": "t", "elements": {}, "layout": {}, "variables": [{"kind": "SwitchVariable", "spec":
        {"name": "s", "current": "no", "enabledValue": "yes", "disabledValue": "no"}}]}"#;
    let imported = import(v2, "x").expect("imports");
    assert!(imported.yaml.contains("values: ['yes', 'no'], default: 'no'"), "{}", imported.yaml);
}

#[test]
fn variables_without_an_equivalent_keep_what_they_were_saved_with() {
    let imported = variables(
        r#"{"type": "query", "name": "a", "datasource": {"type": "loki"}, "query": "x", "multi": true,
            "current": {"value": ["p"]}, "options": [{"value": "$__all"}, {"value": "p"}, {"value": "q"}]},
        {"type": "groupby", "name": "b", "current": {"value": []}}"#,
    );
    assert!(imported.yaml.contains("- { name: a, values: [p, q], multi: true }"), "{}", imported.yaml);
    assert_eq!((imported.variables, imported.supported_variables), (2, 0));
    assert_eq!(codes(&imported), ["unsupported-variable"; 2]);
}

#[test]
fn words_around_a_single_number_are_its_unit() {
    let imported = panels(
        r#"{"type": "singlestat", "format": "none", "prefix": "$ ", "targets": [{"expr": "a"}]},
        {"type": "singlestat", "format": "short", "prefix": "up: ", "targets": [{"expr": "a"}]},
        {"type": "singlestat", "postfix": " req", "targets": [{"expr": "b"}]},
        {"type": "singlestat", "format": "s", "postfix": "ago", "targets": [{"expr": "c"}]}"#,
    );
    assert!(imported.yaml.contains("unit: 'prefix:up: '"), "{}", imported.yaml);
    assert!(
        imported.yaml.contains("unit: suffix:req") || imported.yaml.contains("unit: 'suffix:req'"),
        "{}",
        imported.yaml
    );
    let notes: Vec<&str> = imported.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(notes, ["$.panels[0].prefix", "$.panels[3].postfix"]);
}

#[test]
fn what_says_nothing_is_not_said() {
    let text = r#"{"title": "t", "schemaVersion": 39, "__elements": [], "links": {}, "panels": [{"type": "stat",
        "options": [], "fieldConfig": {"defaults": [], "overrides": {}}, "targets": [{"expr": "up"}]}],
        "templating": {"list": [{"type": "query", "name": "a", "query": "label_values(a)", "regex": "/(.*)/"}]}}"#;
    let imported = import(text, "x").expect("imports");
    assert_eq!(imported.notes, []);
    assert!(!imported.yaml.contains("regex"), "{}", imported.yaml);
}

#[test]
fn the_usual_mapping_of_nothing_is_the_words_for_nothing() {
    let imported = panels(
        r#"{"type": "gauge", "targets": [{"expr": "up"}], "fieldConfig": {"defaults": {"mappings": [
            {"type": "special", "options": {"match": "null", "result": {"text": "N/A"}}}]}}}"#,
    );
    assert!(imported.yaml.contains("no_value: N/A"), "{}", imported.yaml);
    assert!(!imported.yaml.contains("mappings"), "{}", imported.yaml);
}

#[test]
fn looks_that_somebody_has_chosen_are_said_and_defaults_are_not() {
    let of = |kind: &str, options: &str| {
        let imported = panels(&format!(
            r#"{{"type": "{kind}", "targets": [{{"expr": "up", "format": "heatmap", "legendFormat": "{{{{job}}}}"}}], "options": {{{options}}}}}"#
        ));
        let path = |note: &ImportNote| note.path.trim_start_matches("$.panels[0].options.").to_owned();
        imported.notes.iter().map(path).collect::<Vec<_>>().join(" ")
    };
    for (kind, defaults) in [
        ("stat", r#""orientation": "auto", "justifyMode": "auto", "wideLayout": true, "text": {}"#),
        ("gauge", r#""orientation": "auto", "showThresholdLabels": false, "showThresholdMarkers": true"#),
        (
            "bargauge",
            r#""orientation": "auto", "showUnfilled": true, "namePlacement": "auto", "valueMode": "color""#,
        ),
        ("heatmap", r#""showValue": "never""#),
        ("barchart", r#""showValue": "auto""#),
    ] {
        assert_eq!(of(kind, defaults), "", "{kind}");
    }
    let stat =
        r#""orientation": "horizontal", "justifyMode": "center", "text": {"titleSize": 12, "valueSize": 30}"#;
    assert_eq!(of("stat", stat), "orientation justifyMode text.titleSize text.valueSize");
    assert_eq!(
        of("gauge", r#""orientation": "vertical", "showThresholdLabels": true"#),
        "orientation showThresholdLabels"
    );
    assert_eq!(of("bargauge", r#""orientation": "vertical", "showUnfilled": false"#), "showUnfilled");
}

#[test]
fn several_figures_of_a_series_are_values_of_their_own() {
    let of = |more: &str| {
        panels(&format!(
            r#"{{"type": "stat", "targets": [{{"expr": "up"}}], "options": {{"reduceOptions": {{"calcs": ["lastNotNull",
            "max"]}}}} {more}}}"#
        ))
    };
    let imported = of("");
    for part in
        ["{ expr: up, range: true, format: series }", "{ reduce: { calcs: [last, max] } }", "rows: true"]
    {
        assert!(imported.yaml.contains(part), "{part} in {}", imported.yaml);
    }
    assert_eq!(imported.notes, []);
    assert_eq!(import(&export(&imported.yaml).expect("exports"), "x").expect("imports").yaml, imported.yaml);
    let matcher =
        r#"{"matcher": {"id": "byName", "options": "a"}, "properties": [{"id": "unit", "value": "s"}]}"#;
    let named = of(&format!(r#", "fieldConfig": {{"overrides": [{matcher}]}}"#));
    assert!(!named.yaml.contains("rows: true"), "{}", named.yaml);
    assert_eq!(codes(&named), ["ignored-option"]);
}

#[test]
fn thresholds_of_every_new_panel_are_said_where_they_show() {
    let usual = r#""thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 80}]}"#;
    let of = |kind: &str, options: &str| {
        let target = r#""targets": [{"expr": "up"}]"#;
        let fields = format!(r#""fieldConfig": {{"defaults": {{{usual}}}}}"#);
        panels(&format!(r#"{{"type": "{kind}", {target}, {fields}, "options": {{{options}}}}}"#))
    };
    for (kind, options, is_said) in [
        ("stat", r#""colorMode": "none", "graphMode": "none""#, false),
        ("stat", r#""colorMode": "none", "graphMode": "area""#, true),
        ("stat", r#""colorMode": "value", "graphMode": "none""#, true),
        ("table", "", false),
        ("gauge", "", true),
    ] {
        let yaml = of(kind, options).yaml;
        assert_eq!(yaml.contains("thresholds"), is_said, "{yaml}");
    }
}

#[test]
fn plugins_that_nobody_knows_may_take_promql() {
    let imported = panels(
        r#"{"type": "stat", "datasource": {"type": "some-metrics-datasource", "uid": "u"}, "targets": [{"expr": "up"}]},
        {"type": "stat", "datasource": {"type": "some-logs-datasource"}, "targets": [{"expr": "{a=\"b\"} |= \"c\""}]},
        {"type": "stat", "datasource": {"type": "loki"}, "targets": [{"expr": "up"}]},
        {"type": "stat", "datasource": {"type": "datasource", "uid": "grafana"}, "targets": [{"refId": "A"}]},
        {"type": "stat", "datasource": {"type": "datasource", "uid": "grafana"},
            "targets": [{"refId": "A", "queryType": "randomWalk"}]},
        {"type": "stat", "datasource": {"type": "influxdb"}, "targets": []}"#,
    );
    assert_eq!(
        (imported.panels, imported.placeholders, imported.exprs.len()),
        (6, 3, 1),
        "{}",
        imported.yaml
    );
    assert_eq!(imported.yaml.matches("queries: []").count(), 2, "{}", imported.yaml);
}

#[test]
fn texts_and_comments_read_as_a_person_writes_them() {
    let imported = panels(
        r#"{"type": "singlestat", "title": "the node's load", "description": "it's \"fine\"", "valueName": true,
        "targets": [{"expr": "up"}]}"#,
    );
    for part in [
        r#"title: "the node's load""#,
        r#"description: 'it''s "fine"'"#,
        "# `valueName`: a text is expected here, not true or false; it is left out",
    ] {
        assert!(imported.yaml.contains(part), "{part} in {}", imported.yaml);
    }
    let read = read_back(&imported, Tz::UTC).expect("reads");
    assert_eq!(read.panels[0].title, "the node's load");
}

#[test]
fn a_power_is_calculated() {
    let imported = panels(
        r#"{"type": "table", "targets": [{"expr": "up", "format": "table"}], "transformations": [{"id": "calculateField",
        "options": {"mode": "binary", "binary": {"left": "Value", "operator": "^", "right": "2"}}}]}"#,
    );
    assert!(imported.yaml.contains("op: ^") || imported.yaml.contains("op: '^'"), "{}", imported.yaml);
    assert_eq!(imported.notes, []);
}

#[test]
fn what_an_export_says_in_our_words_keeps_its_order() {
    let imported = panels(
        r#"{"type": "barchart", "targets": [{"expr": "up"}], "fieldConfig": {"overrides": [
        {"matcher": {"id": "byNames", "options": {"mode": "exclude", "names": ["a"]}}, "properties": [
        {"id": "unit", "value": "s"}, {"id": "noValue", "value": "-"}, {"id": "displayName", "value": "n"},
        {"id": "mappings", "value": [{"type": "value", "options": {"0": {"text": "a"}}}]}, {"id": "thresholds", "value": {"mode": "absolute", "steps": [{"color": "green", "value": null}]}},
        {"id": "custom.stacking", "value": {"mode": "normal"}}, {"id": "decimals", "value": 1}]}]}}"#,
    );
    let exported = export(&imported.yaml).expect("exports");
    assert!(exported.contains("$order"), "this test needs a part that Grafana has no words for: {exported}");
    assert_eq!(import(&exported, "x").expect("imports").yaml, imported.yaml);
}
