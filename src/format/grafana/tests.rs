//! The importer as a whole.

use super::*;

#[test]
fn the_twenty_of_shared_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/grafana");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: {} is not there", folder.display());
        return;
    };
    let mut seen = 0;
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let imported = import(&text, "x").unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        let dashboard =
            read_back(&imported, Tz::UTC).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        assert!(!dashboard.panels.is_empty(), "{}", path.display());
        let alike = read_tree(&imported, Tz::UTC).expect("as its text");
        assert_eq!(hostile::without_places(alike), hostile::without_places(dashboard), "{}", path.display());
        seen += 1;
    }
    assert_eq!(seen, 20);
}

#[test]
fn a_series_with_a_stack_of_its_own_is_not_stacked() {
    let panel = |value: &str| {
        let stacking = r#""custom": {"stacking": {"group": "A", "mode": "normal"}}"#;
        let matcher = r#""matcher": {"id": "byName", "options": "Total"}"#;
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "panels": [{{"type": "timeseries", "title": "p",
            "targets": [{{"expr": "x"}}], "fieldConfig": {{"defaults": {{{stacking}}}, "overrides": [{{{matcher},
            "properties": [{{"id": "custom.stacking", "value": {value}}}]}}]}}}}]}}"#
        );
        import(&text, "x").expect("imports")
    };
    let alone = panel(r#"{"group": false, "mode": "normal"}"#);
    assert!(alone.yaml.contains("stack: none") && alone.notes.is_empty(), "{}", alone.yaml);
    let other = panel(r#"{"group": "B", "mode": "normal"}"#);
    assert!(!other.yaml.contains("stack: none"), "{}", other.yaml);
    let notes: Vec<&str> = other.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(notes, ["$.panels[0].fieldConfig.overrides[0].properties[0].value.group"]);
}

#[test]
fn a_panel_keeps_its_own_time() {
    let panel = |options: &str| {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "panels": [{{"type": "stat", "title": "p", {options},
            "targets": [{{"expr": "x"}}]}}]}}"#
        );
        import(&text, "x").expect("imports")
    };
    let own = panel(r#""timeFrom": "24h", "timeShift": "1w""#);
    assert!(own.yaml.contains("time_from: 24h") && own.yaml.contains("time_shift: 1w"), "{}", own.yaml);
    assert_eq!(own.notes.len(), 0, "{:?}", own.notes);
    let odd = panel(r#""timeFrom": "now/d", "timeShift": """#);
    let notes: Vec<&str> = odd.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(notes, ["$.panels[0].timeFrom"]);
    let back: serde_json::Value = serde_json::from_str(&export(&own.yaml).expect("exports")).expect("JSON");
    let panel = &back["panels"][0];
    assert_eq!((&panel["timeFrom"], &panel["timeShift"]), (&"24h".into(), &"1w".into()));
}

#[test]
fn buckets_are_made_single_where_grafana_does_so() {
    let of = |target: &str, options: &str| {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "panels": [{{"type": "heatmap",
            "targets": [{{"expr": "sum by (le) (rate(a_bucket[5m]))" {target}}}], "options": {{{options}}}}}]}}"#
        );
        import(&text, "x").expect("imports")
    };
    let single = of(r#", "format": "heatmap""#, r#""cellValues": {"unit": "s", "decimals": 2}"#);
    assert!(!single.yaml.contains("format:"), "{}", single.yaml);
    assert!(
        single.yaml.contains("cell_unit: s") && single.yaml.contains("cell_decimals: 2"),
        "{}",
        single.yaml
    );
    assert_eq!(single.notes, []);
    for target in ["", r#", "format": "time_series""#] {
        let as_they_are = of(target, "");
        assert!(as_they_are.yaml.contains("format: series"), "{}", as_they_are.yaml);
        let notes: Vec<_> = as_they_are.notes.iter().map(|note| (note.path.as_str(), note.code)).collect();
        assert_eq!(notes, [("$.panels[0].targets[0]", "cumulative-buckets")]);
    }
    let counted = of("", r#""calculate": true"#);
    assert!(!counted.yaml.contains("format:"), "{}", counted.yaml);
    for imported in [single, of("", ""), counted] {
        let again = import(&export(&imported.yaml).expect("exports"), "x").expect("imports");
        assert_eq!(body(&again.yaml), body(&imported.yaml));
    }
}

#[test]
fn what_transforms_say_in_maps_and_lists_stays() {
    let text = r#"{"title": "t", "schemaVersion": 39, "panels": [
        {"type": "table", "targets": [{"expr": "up"}], "transformations": [
            {"id": "organize", "options": {"renameByName": {"a": "b"}, "excludeByName": {"Time": true}}},
            {"id": "groupBy", "options": {"fields": {
                "a": {"aggregations": ["sum"], "operation": "aggregate"},
                "b": {"operation": "groupby", "aggregations": []}}}},
            {"id": "filterFieldsByName", "options": {"include": {"names": ["c", "d"]}}}]},
        {"type": "heatmap", "targets": [{"expr": "x"}], "options": {"calculate": true,
            "calculation": {"yBuckets": {"mode": "count", "value": "7"}}}},
        {"type": "heatmap", "targets": [{"expr": "x"}], "options": {"calculate": true, "calculation": {
            "yBuckets": {"mode": "size", "value": "0.5"}, "xBuckets": {"mode": "size", "value": "5m"}}}}]}"#;
    let imported = import(text, "x").expect("imports");
    let heat = ["calculate: { buckets: 7 }", "calculate: { size: 0.5, interval: 5m }"];
    let parts = ["rename: { a: b }", "calcs: { a: [sum] }", "include: [c, d]"];
    for part in parts.into_iter().chain(heat) {
        assert!(imported.yaml.contains(part), "{part} in {}", imported.yaml);
    }
    assert_eq!(imported.notes, []);
    read_back(&imported, Tz::UTC).expect("reads");
    let again = import(&export(&imported.yaml).expect("exports"), "x").expect("imports");
    assert_eq!(body(&again.yaml), body(&imported.yaml));
}

#[test]
fn what_cannot_be_repeated_has_no_word_on_how() {
    let text = r#"{"title": "t", "schemaVersion": 39, "panels": [{"type": "stat", "targets": [{"expr": "up"}],
        "repeat": "0", "repeatDirection": "v", "maxPerRow": 2}]}"#;
    let imported = import(text, "x").expect("imports");
    let notes: Vec<&str> = imported.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(notes, ["`repeat`: `0` is no name; it is left out"]);
    read_back(&imported, Tz::UTC).expect("reads");
}

/// `yaml` without the line that names its schema.
fn body(yaml: &str) -> &str {
    yaml.split_once('\n').map_or("", |(_, rest)| rest)
}

#[test]
fn an_import_of_an_export_is_the_shipped_dashboard() {
    for (name, text) in crate::builtin::DASHBOARDS.iter().copied() {
        let exported = export(text).expect("exports");
        let imported = import(&exported, "x").expect("imports");
        let plain = |text: &str| {
            let mut dashboard = yaml::parse(text, Tz::UTC).expect(text);
            dashboard.notes.clear();
            format!("{dashboard:#?}")
        };
        assert_eq!(plain(&imported.yaml), plain(text), "{name}");
    }
}

#[test]
fn what_a_dashboard_is_known_by_goes_there_and_back() {
    let whole = |rest: &str| {
        format!(
            r#"{{"title": "t", "schemaVersion": 39, {rest}, "panels": [{{"type": "stat", "targets": [{{"expr": "up"}}]}}]}}"#
        )
    };
    let said = import(
        &whole(r#""uid": "000000012", "tags": ["linux", " ", "a: b", 7], "timezone": "Asia/Tokyo""#),
        "x",
    )
    .expect("imports");
    for line in ["uid: '000000012'", "tags: [linux, 'a: b']", "timezone: Asia/Tokyo"] {
        assert!(said.yaml.lines().any(|one| one == line), "{line} in {}", said.yaml);
    }
    assert_eq!(read_back(&said, Tz::UTC).expect("reads").zone, Some(Tz::Asia__Tokyo));
    let back: serde_json::Value = serde_json::from_str(&export(&said.yaml).expect("exports")).expect("JSON");
    assert_eq!((&back["uid"], &back["timezone"]), (&"000000012".into(), &"Asia/Tokyo".into()));
    assert_eq!(back["tags"], serde_json::json!(["linux", "a: b"]));
    let again = import(&back.to_string(), "x").expect("imports");
    assert_eq!(body(&again.yaml), body(&said.yaml));
    for silent in [
        r#""uid": "", "tags": [], "timezone": "browser""#,
        r#""uid": null, "tags": null, "timezone": """#,
        r#""timezone": "Mars/Olympus""#,
    ] {
        let imported = import(&whole(silent), "x").expect("imports");
        let is_said = ["uid:", "tags:", "timezone:"].iter().any(|key| imported.yaml.contains(key));
        assert!(!is_said, "{}", imported.yaml);
    }
    let resource = format!(
        r#"{{"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard", "metadata": {{"name": "abc"}}, "spec": {}}}"#,
        whole(r#""editable": true"#)
    );
    assert!(import(&resource, "x").expect("imports").yaml.contains("\nuid: abc\n"));
}

#[test]
fn names_of_axes_and_links_go_there_and_back() {
    let custom = |kind: &str| {
        let label = r#""custom": {"axisLabel": " out (-) / in (+) "}"#;
        let overrides = r#"[{"matcher": {"id": "byName", "options": "a"}, "properties": [
            {"id": "custom.axisPlacement", "value": "right"}, {"id": "custom.axisLabel", "value": "errors"}]}]"#;
        let links = r#"[{"title": "Runbook", "url": "https://localhost/", "targetBlank": true}]"#;
        format!(
            r#"{{"type": "{kind}", "targets": [{{"expr": "x"}}], "links": {links},
            "fieldConfig": {{"defaults": {{{label}}}, "overrides": {overrides}}}}}"#
        )
    };
    let heat =
        r#"{"type": "heatmap", "targets": [{"expr": "x"}], "options": {"yAxis": {"axisLabel": "seconds"}}}"#;
    let graph = r#"{"type": "graph", "targets": [{"expr": "x"}], "seriesOverrides": [{"alias": "a", "yaxis": 2}],
        "yaxes": [{"label": "seconds", "format": "s"}, {"label": "errors", "format": "s"}]}"#;
    for (panel, parts) in [
        (custom("timeseries"), &["axis_label: out (-) / in (+)", "axis_label: errors", "title: Runbook"][..]),
        (custom("histogram"), &["axis_label: out (-) / in (+)"]),
        (custom("barchart"), &["axis_label: out (-) / in (+)"]),
        (heat.to_owned(), &["axis_label: seconds"]),
        (graph.to_owned(), &["axis_label: seconds", "axis_label: errors"]),
    ] {
        let (_, yaml, _) = panels_of(&panel);
        for part in parts {
            assert!(yaml.contains(part), "{part} in {yaml}");
        }
        let exported = export(&yaml).expect("exports");
        let json: serde_json::Value = serde_json::from_str(&exported).expect("JSON");
        // In Grafana's words, not in ours.
        assert!(json["panels"][0]["promscope"]["set"]["axis_label"].is_null(), "{exported}");
        assert!(json["panels"][0]["promscope"]["set"]["links"].is_null(), "{exported}");
        assert_eq!(body(&import(&exported, "x").expect("imports").yaml), body(&yaml));
    }
    let old = r#"{"type": "stat", "targets": [{"expr": "x"}], "links": [
        {"type": "dashboard", "dashboard": "Thanos / Query", "title": "Q", "keepTime": true, "includeVars": true}]}"#;
    let (_, yaml, _) = panels_of(old);
    let url = "dashboard/db/thanos-query?$__url_time_range&$__all_variables";
    assert!(yaml.contains(&format!("{{ title: Q, url: '{url}' }}")), "{yaml}");
    let back = export(&yaml).expect("exports");
    assert!(back.contains(url), "{back}");
    let empty = r#"{"type": "timeseries", "targets": [{"expr": "x"}], "fieldConfig": {"defaults": {"custom": {"axisLabel": ""}}}}"#;
    let (_, yaml, _) = panels_of(empty);
    assert!(!yaml.contains("axis_label"), "{yaml}");
    // What a terminal does not draw comes back as Grafana begins with it.
    let json: serde_json::Value = serde_json::from_str(&export(&yaml).expect("exports")).expect("JSON");
    let custom = &json["panels"][0]["fieldConfig"]["defaults"]["custom"];
    for (key, value) in
        [("lineWidth", 1.into()), ("fillOpacity", 0.into()), ("showPoints", serde_json::json!("auto"))]
    {
        assert_eq!(custom[key], value, "{key}");
    }
}

/// The lines of `yaml` that name data sources, without their indentation.
fn datasource_lines(yaml: &str) -> Vec<&str> {
    yaml.lines().map(str::trim).filter(|line| line.contains("datasource")).collect()
}

#[test]
fn uids_of_data_sources_are_kept_where_they_differ() {
    let text = |second: &str, of_variable: &str| {
        format!(
            r#"{{"title": "t", "schemaVersion": 39,
            "templating": {{"list": [{{"type": "datasource", "name": "ds", "query": "prometheus"}},
                {{"type": "query", "name": "job", "query": "label_values(job)", "datasource": {{"uid": "{of_variable}"}}}}]}},
            "annotations": {{"list": [{{"name": "a", "expr": "x", "datasource": {{"uid": "{second}"}}}}]}},
            "panels": [{{"type": "stat", "datasource": {{"type": "prometheus", "uid": "one"}}, "targets": [{{"expr": "a"}}]}},
            {{"type": "stat", "datasource": {{"uid": "-- Mixed --"}}, "targets": [
                {{"expr": "b", "datasource": {{"type": "prometheus", "uid": "one"}}}},
                {{"expr": "c", "datasource": {{"type": "prometheus", "uid": "{second}"}}}}]}}]}}"#
        )
    };
    let variable = "- { name: ds, datasource: prometheus }";
    for (second, of_variable, expected) in [
        ("one", "one", &[variable][..]),
        ("", "one", &[variable]),
        (
            "two",
            "one",
            &[
                "datasource: one",
                variable,
                "- { name: a, query: x, datasource: two }",
                "- { expr: c, datasource: two }",
            ],
        ),
        (
            "${ds}",
            "one",
            &[
                "datasource: one",
                variable,
                "- { name: a, query: x, datasource: '$ds' }",
                "- { expr: c, datasource: '$ds' }",
            ],
        ),
        (
            "one",
            "two",
            &["datasource: one", variable, "- { name: job, query: label_values(job), datasource: two }"],
        ),
    ] {
        let imported = import(&text(second, of_variable), "x").expect("imports");
        assert_eq!(datasource_lines(&imported.yaml), expected, "{}", imported.yaml);
        read_back(&imported, Tz::UTC).expect("reads");
        let again = import(&export(&imported.yaml).expect("exports"), "x").expect("imports");
        assert_eq!(body(&again.yaml), body(&imported.yaml));
    }
}

#[test]
fn a_variable_of_data_sources_keeps_its_choice_by_name() {
    for (rest, expected) in [
        (r#""current": {"text": "default", "value": "default"}"#, ""),
        (r#""current": {"text": "${DS}", "value": "x"}, "multi": false"#, ""),
        (r#""current": {"text": "prod", "value": "P1809"}, "regex": "/p/""#, ", regex: '/p/', default: prod"),
        (
            r#""current": {"text": ["a", "b"], "value": ["1", "2"]}, "multi": true, "includeAll": true"#,
            ", multi: true, all: true, default: [a, b]",
        ),
    ] {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "templating": {{"list": [
            {{"type": "datasource", "name": "ds", "query": "prometheus", {rest}}}]}},
            "panels": [{{"type": "stat", "datasource": "$ds", "repeat": "ds", "targets": [{{"expr": "up"}}]}}]}}"#
        );
        let imported = import(&text, "x").expect("imports");
        let line = format!("- {{ name: ds, datasource: prometheus{expected} }}");
        assert!(imported.yaml.contains(&line), "{line} in {}", imported.yaml);
        read_back(&imported, Tz::UTC).expect("reads");
        let again = import(&export(&imported.yaml).expect("exports"), "x").expect("imports");
        assert_eq!(body(&again.yaml), body(&imported.yaml));
    }
}

#[test]
fn names_of_data_sources_come_back_as_they_were_written() {
    let with = |whole: &str, panel: &str, query: &str, other: &str| {
        format!(
            "title: t\n{whole}\nvariables:\n  - {{ name: ds, datasource: prometheus }}\n  - {{ name: job, query: \
             label_values(job){other} }}\nannotations:\n  - {{ name: a, query: x{other} }}\nrows:\n  - panels:\n      - {{ type: stat, \
             query: up{panel} }}\n      - {{ type: stat, queries: [{{ expr: a{query} }}, {{ expr: b }}]{panel} }}\n      - {{ type: \
             alerts{panel} }}\n      - {{ type: stat, query: c }}\n"
        )
    };
    for (whole, panel, query, other) in [
        ("", "", "", ""),
        ("datasource: $ds", "", "", ""),
        ("datasource: one", "", "", ""),
        ("", ", datasource: one", "", ""),
        ("", "", ", datasource: one", ""),
        ("", "", "", ", datasource: one"),
        ("datasource: one", ", datasource: two", ", datasource: three", ", datasource: two"),
        ("datasource: two", ", datasource: two", ", datasource: two", ", datasource: two"),
        ("datasource: $ds", ", datasource: '${ds}'", ", datasource: default", ", datasource: one $ds"),
    ] {
        let text = with(whole, panel, query, other);
        let plain = |text: &str| {
            let mut dashboard =
                yaml::parse(text, Tz::UTC).unwrap_or_else(|problem| panic!("{problem}: {text}"));
            dashboard.notes.clear();
            format!("{dashboard:#?}")
        };
        let imported = import(&export(&text).expect("exports"), "x").expect("imports");
        assert_eq!(plain(&imported.yaml), plain(&text), "{}", imported.yaml);
    }
}

#[test]
fn import_export_import_of_the_twenty_is_stable() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/grafana");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: {} is not there", folder.display());
        return;
    };
    let mut unstable = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let first = import(&text, "x").expect("imports");
        let exported = export(&first.yaml).expect("exports");
        let second = import(&exported, "x").expect("imports again");
        if body(&first.yaml) != body(&second.yaml) {
            let line = first.yaml.lines().zip(second.yaml.lines()).find(|(one, other)| one != other);
            unstable.push(format!("{}: {line:#?}", path.display()));
        }
    }
    assert!(unstable.is_empty(), "{unstable:#?}");
}

/// What an import makes of panels, as lines of YAML; what else there is to say, as codes.
fn panels_of(panels: &str) -> (usize, String, Vec<&'static str>) {
    let text = format!(r#"{{"title": "t", "schemaVersion": 39, "panels": [{panels}]}}"#);
    let imported = import(&text, "x").expect("imports");
    read_back(&imported, Tz::UTC).unwrap_or_else(|problem| panic!("{problem}\n{}", imported.yaml));
    let codes = imported.notes.iter().map(|note| note.code).collect();
    (imported.placeholders, imported.yaml, codes)
}

#[test]
fn a_panel_that_asks_nothing_keeps_its_type() {
    for targets in ["", r#", "targets": []"#, r#", "targets": [{"refId": "A", "queryType": "randomWalk"}]"#] {
        let panel = format!(r#"{{"type": "stat", "title": "Later"{targets}}}"#);
        let (placeholders, yaml, _) = panels_of(&panel);
        assert!(placeholders == 0 && yaml.contains("type: stat") && yaml.contains("queries: []"), "{yaml}");
        let again = import(&export(&yaml).expect("exports"), "x").expect("imports");
        assert_eq!(body(&again.yaml), body(&yaml));
    }
    let logs = r#"{"type": "stat", "datasource": {"type": "loki"}, "targets": [{"expr": "{a=\"b\"}"}]}"#;
    let (placeholders, yaml, _) = panels_of(logs);
    assert!(
        placeholders == 1 && yaml.contains("This stat panel asks loki, which is no Prometheus."),
        "{yaml}"
    );
}

#[test]
fn queries_of_logs_are_told_from_promql_where_nobody_knows_the_source() {
    let panel = |source: &str, expr: &str| {
        let expr = serde_json::to_string(expr).expect("a text");
        format!(r#"{{"type": "timeseries", "datasource": {source}, "targets": [{{"expr": {expr}}}]}}"#)
    };
    for (source, expr, is_kept) in [
        (r#"{"uid": "P8E80F9AEF21F6940"}"#, r#"sum(rate({job="a"} |= "x" [5m]))"#, false),
        (r#"{"uid": "P8E80F9AEF21F6940"}"#, r#"{job="a"} | json | b > 1"#, false),
        (r#"{"uid": "P8E80F9AEF21F6940"}"#, r#"up{job=~"a|b"} # this | that"#, true),
        (r#""My-json-metrics""#, "up", true),
        (r#""postgres-metrics""#, "up", true),
        (r#""Loki eu""#, "up", false),
    ] {
        assert_eq!(panels_of(&panel(source, expr)).0 == 0, is_kept, "{source} {expr}");
    }
}

#[test]
fn rows_in_rows_and_saved_copies_of_rows() {
    let stat =
        |title: &str| format!(r#"{{"type": "stat", "title": "{title}", "targets": [{{"expr": "up"}}]}}"#);
    let nested = format!(
        r#"{{"type": "row", "title": "Outer", "panels": [{}, {{"type": "row", "title": "Inner", "panels": [{}]}}]}}"#,
        stat("first"),
        stat("second")
    );
    let (placeholders, yaml, codes) = panels_of(&nested);
    assert!(placeholders == 0 && yaml.contains("first") && yaml.contains("second"), "{yaml}");
    assert_eq!(codes, ["nested-row"]);
    let old = format!(
        r#"{{"title": "t", "schemaVersion": 14, "rows": [{{"panels": [{}]}},
            {{"repeatIteration": 1500000000000, "panels": [{}]}}]}}"#,
        stat("own"),
        stat("copy")
    );
    let imported = import(&old, "x").expect("imports");
    assert!(imported.yaml.contains("own") && !imported.yaml.contains("copy"), "{}", imported.yaml);
}

#[test]
fn one_part_that_cannot_be_read_costs_nothing_else() {
    let panel = |transformation: &str| {
        format!(
            r#"{{"type": "stat", "title": "kept", "targets": [{{"expr": "up"}}]}},
            {{"type": "table", "title": "mended", "targets": [{{"expr": "up"}}], "transformations": [{transformation}]}}"#
        )
    };
    for transformation in [
        r#"{"id": "filterFieldsByName", "options": {"include": {"pattern": "["}}}"#,
        r#"{"id": "renameByRegex", "options": {"regex": "(", "renamePattern": "x"}}"#,
        r#"{"id": "calculateField", "options": {"mode": "binary", "binary": {"left": "a", "operator": "%", "right": "b"}}}"#,
        r#"{"id": "reduce", "options": {"mode": "reduceFields", "reducers": ["unheard-of"]}}"#,
    ] {
        let (placeholders, yaml, codes) = panels_of(&panel(transformation));
        assert!(
            placeholders == 0 && yaml.contains("title: kept") && yaml.contains("title: mended"),
            "{yaml}"
        );
        assert!(
            codes.contains(&"unreadable") || !yaml.contains("transforms"),
            "{transformation} {codes:?}\n{yaml}"
        );
    }
}

#[test]
fn tables_that_are_transformed_begin_with_what_grafana_begins_with() {
    let panel = |target: &str, transformations: &str| {
        format!(
            r#"{{"type": "table", "targets": [{{"expr": "up"{target}}}], "transformations": [{transformations}]}}"#
        )
    };
    let reduce = r#"{"id": "reduce", "options": {"reducers": ["max"]}}"#;
    for (target, transformations, expected) in [
        ("", "", "query: up"),
        (r#", "format": "table", "instant": true"#, reduce, "query: up"),
        (r#", "format": "table""#, reduce, "- { expr: up, range: true }"),
        (r#", "format": "time_series""#, reduce, "- { expr: up, range: true, format: series }"),
        (r#", "instant": true"#, reduce, "- { expr: up, format: series }"),
    ] {
        let (_, yaml, _) = panels_of(&panel(target, transformations));
        assert!(yaml.lines().any(|line| line.trim() == expected), "{target}\n{yaml}");
        let again = import(&export(&yaml).expect("exports"), "x").expect("imports");
        assert_eq!(body(&again.yaml), body(&yaml));
    }
}

#[test]
fn a_variable_that_needs_itself_asks_for_all() {
    let text = r#"{"title": "t", "schemaVersion": 39, "panels": [], "templating": {"list": [
        {"type": "query", "name": "a", "query": "label_values(up{a=~\"$a\", b=~\"$b\"}, a)"},
        {"type": "query", "name": "b", "query": "label_values(up{a=~\"${a}\"}, b)"}]}}"#;
    let imported = import(text, "x").expect("imports");
    assert_eq!((imported.variables, imported.supported_variables), (2, 2));
    assert!(imported.yaml.contains(r#"label_values(up{a=~".*", b=~".*"}, a)"#), "{}", imported.yaml);
    assert!(imported.yaml.contains(r#"label_values(up{a=~"${a}"}, b)"#), "{}", imported.yaml);
    assert_eq!(imported.notes.iter().map(|note| note.code).collect::<Vec<_>>(), ["variable-circle"]);
    read_back(&imported, Tz::UTC).expect("reads");
}

#[test]
fn what_stands_in_a_file_once_cannot_fill_the_memory() {
    let words = "x".repeat(1 << 20);
    let copies: Vec<String> =
        (0..600).map(|id| format!(r#"{{"id": {id}, "libraryPanel": {{"uid": "big"}}}}"#)).collect();
    let text = format!(
        r#"{{"title": "t", "schemaVersion": 39, "panels": [{}], "__elements": {{"big": {{"model":
            {{"type": "text", "options": {{"content": "{words}"}}}}}}}}}}"#,
        copies.join(", ")
    );
    let imported = import(&text, "x").expect("imports");
    assert!(imported.yaml.len() < 40 << 20, "{} bytes", imported.yaml.len());
    assert_eq!((imported.panels, imported.placeholders > 500), (600, true), "{}", imported.placeholders);
}

#[test]
fn a_dashboard_is_known_by_its_text_too() {
    let classic = "\u{feff}\n {\"title\": \"a\", \"schemaVersion\": 39, \"panels\": []}";
    assert!(is_json("a.jso", classic) && is_json("a", classic) && is_json("a.yaml", classic));
    assert!(is_json("a.json", "rows: []"), "so that the error is about JSON");
    // YAML may be written as JSON, also with our keys.
    assert!(!is_json("a.yaml", r#"{"title": "a", "rows": [{"panels": []}]}"#));
    assert!(!is_json("a.yaml", "title: a # \"schemaVersion\""));
}

#[test]
fn single_values_are_those_that_grafana_shows() {
    let panel = |kind: &str, target: &str, calc: &str| {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "panels": [{{"type": "{kind}", "title": "p",
            "options": {{"reduceOptions": {{"calcs": ["{calc}"]}}}}, "targets": [{{"expr": "x" {target}}}]}}]}}"#
        );
        let imported = import(&text, "x").expect("imports");
        let back = import(&export(&imported.yaml).expect("exports"), "x").expect("imports");
        assert_eq!(
            back.yaml.split_once("rows:").map(|(_, rows)| rows.to_owned()),
            imported.yaml.split_once("rows:").map(|(_, rows)| rows.to_owned())
        );
        let has = |words: &str| imported.yaml.contains(words);
        (has("reduce: last"), has("reduce: min"), has("instant: true"))
    };
    for kind in ["stat", "gauge", "bargauge", "piechart"] {
        // A query over the window: its last number, however old. One that asks for now: that.
        assert_eq!(panel(kind, "", "lastNotNull"), (true, false, false), "{kind}");
        assert_eq!(
            panel(kind, ", \"instant\": true", "lastNotNull"),
            (false, false, kind == "stat"),
            "{kind}"
        );
        // Another figure of one value is that value, not the figure of the window.
        assert_eq!(panel(kind, ", \"instant\": true", "min"), (false, true, true), "{kind}");
        assert_eq!(panel(kind, "", "min"), (false, true, false), "{kind}");
    }
}

#[test]
fn schemes_of_colours_come_through() {
    let text = r#"{"title": "t", "schemaVersion": 39, "panels": [{"type": "stat", "title": "p", "fieldConfig":
        {"defaults": {"color": {"mode": "continuous-GrYlRd"}}}, "targets": [{"expr": "x", "instant": true}]}]}"#;
    let imported = import(text, "x").expect("imports");
    assert!(
        imported.yaml.contains("color: continuous-GrYlRd") && imported.notes.is_empty(),
        "{}",
        imported.yaml
    );
    let back: serde_json::Value =
        serde_json::from_str(&export(&imported.yaml).expect("exports")).expect("JSON");
    assert_eq!(back["panels"][0]["fieldConfig"]["defaults"]["color"]["mode"], "continuous-GrYlRd");
}

#[test]
fn figures_of_an_old_table_are_those_of_series() {
    let table = |transform: &str| {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 16, "panels": [{{"type": "table", "title": "p", "styles": [],
            "columns": [{{"text": "Avg", "value": "avg"}}, {{"text": "Max", "value": "max"}}],
            "transform": "{transform}", "targets": [{{"expr": "x"}}]}}]}}"#
        );
        let imported = import(&text, "x").expect("imports");
        let notes: Vec<String> = imported.notes.iter().map(|note| note.path.clone()).collect();
        (imported.yaml, notes)
    };
    let (yaml, notes) = table("timeseries_aggregations");
    assert!(yaml.contains("range: true, format: series"), "{yaml}");
    assert!(yaml.contains("reduce: { calcs: [mean, max] }") && notes.is_empty(), "{yaml}");
    let (yaml, notes) = table("timeseries_to_rows");
    assert!(!yaml.contains("range: true") && notes == ["$.panels[0].transform"], "{yaml}{notes:?}");
}

#[test]
fn single_values_of_tables_are_those_of_columns() {
    let panel = |kind: &str, target: &str, rest: &str| {
        let text = format!(
            r#"{{"title": "t", "schemaVersion": 39, "panels": [{{"type": "{kind}", "title": "p", {rest},
            "targets": [{{"expr": "x", {target}}}]}}]}}"#
        );
        import(&text, "x").expect("imports").yaml
    };
    let table = r#""instant": true, "format": "table""#;
    let version = panel("stat", table, r#""options": {"reduceOptions": {"fields": "/^version$/"}}"#);
    assert!(version.contains("{ expr: x, instant: true, format: table }"), "{version}");
    assert!(version.contains("- { filter: { include: '/^version$/' } }"), "{version}");
    let sum = panel("gauge", table, r#""options": {"reduceOptions": {"calcs": ["sum"]}}"#);
    assert!(sum.contains("- merge\n        reduce: sum"), "{sum}");
    let old = panel("singlestat", table, r#""tableColumn": "version""#);
    assert!(old.contains("- { filter: { include: [version] } }"), "{old}");
    // Fields are picked of what the transformations have made, and those begin with the whole window.
    let reduce = r#""transformations": [{"id": "reduce", "options": {"reducers": ["min"]}}],
        "options": {"reduceOptions": {"fields": "/Min/"}}"#;
    let bars = panel("bargauge", r#""format": "time_series""#, reduce);
    let (first, last) = (bars.find("reduce: {"), bars.find("filter: {"));
    assert!(bars.contains("{ expr: x, range: true }") && first.is_some() && first < last, "{bars}");
}

#[test]
fn what_an_override_or_a_mark_takes_back_is_kept_or_said() {
    let text = r#"{"title": "t", "schemaVersion": 39, "panels": [{"type": "timeseries", "title": "p", "fieldConfig":
        {"defaults": {"custom": {"scaleDistribution": {"type": "log", "log": 10}}}, "overrides": [{"matcher":
        {"id": "byName", "options": "b"}, "properties": [{"id": "custom.scaleDistribution", "value": {"type": "linear"}}]}]},
        "targets": [{"expr": "x"}]}], "annotations": {"list": [{"name": "boot", "expr": "x", "useValueForTime": true,
        "filter": {"ids": [1]}, "datasource": {"type": "prometheus", "uid": "p"}}]}}"#;
    let imported = import(text, "x").expect("imports");
    assert!(imported.yaml.contains("log: off"), "{}", imported.yaml);
    let notes: Vec<&str> = imported.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(notes, ["$.annotations.list[0].useValueForTime", "$.annotations.list[0].filter"]);
    let back = import(&export(&imported.yaml).expect("exports"), "x").expect("imports");
    assert!(back.yaml.contains("log: off"), "{}", back.yaml);
    let heat = "title: h\nrows:\n  - panels:\n      - type: heatmap\n        title: a\n        query: up\n        calculate: {}\n";
    let back = import(&export(heat).expect("exports"), "x").expect("imports");
    assert!(back.yaml.contains("calculate: true"), "{}", back.yaml);
}
