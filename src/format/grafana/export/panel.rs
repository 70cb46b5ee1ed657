//! Panels and their places.

use serde_json::{Value, json};

use super::super::layout::COLUMNS;
use super::super::out::{Out, OutMap};
use super::yaml::{Yaml, scalar};
use super::{data_source, field, links};
use crate::panel::kind;

/// Lines of a terminal that one of Grafana's rows stands for.
const LINES_A_ROW: f64 = 2.0;

/// All panels, rows among them.
pub(super) fn panels(dashboard: &OutMap, source: Option<&str>) -> Vec<Value> {
    let rows = Yaml(dashboard).maps("rows");
    let mut exporter = Exporter { id: 0, y: 0, source };
    let mut out: Vec<Value> = Vec::new();
    // Without a line of its own a row cannot be told from the one above it.
    let says_rows = rows.iter().skip(1).any(|row| !has_line(row));
    for (index, row) in rows.iter().enumerate() {
        let y = Yaml(row);
        let mut line = has_line(row).then(|| exporter.line(row));
        let mut panels = exporter.row(row);
        if says_rows {
            for panel in &mut panels {
                panel["promscope"]["row"] = index.into();
            }
        }
        if line.is_none()
            && !row.comments.is_empty()
            && let Some(first) = panels.first_mut()
        {
            first["promscope"]["row_comments"] = json!(row.comments);
        }
        match &mut line {
            Some(line) if y.flag("collapsed") => line["panels"] = panels.into(),
            _ => {
                out.extend(line.take());
                out.extend(panels);
            }
        }
        out.extend(line);
    }
    out
}

/// All panels of an exported dashboard in the order of ours.
pub(super) fn each(dashboard: &mut Value) -> Vec<&mut Value> {
    let mut all = Vec::new();
    for panel in dashboard["panels"].as_array_mut().into_iter().flatten() {
        if panel["type"] == "row" {
            all.extend(panel["panels"].as_array_mut().into_iter().flatten());
        } else {
            all.push(panel);
        }
    }
    all
}

fn has_line(row: &OutMap) -> bool {
    ["title", "collapsed", "repeat"].iter().any(|key| row.get(key).is_some())
}

struct Exporter<'a> {
    id: u32,
    y: i64,
    source: Option<&'a str>,
}

impl Exporter<'_> {
    fn next_id(&mut self) -> u32 {
        self.id += 1;
        self.id
    }

    /// The line above a row.
    fn line(&mut self, row: &OutMap) -> Value {
        let y = Yaml(row);
        let mut line = json!({
            "id": self.next_id(),
            "type": "row",
            "title": y.text("title").unwrap_or_default(),
            "collapsed": y.flag("collapsed"),
            "gridPos": { "x": 0, "y": self.y, "w": COLUMNS, "h": 1 },
            "panels": [],
        });
        if let Some(name) = y.text("repeat") {
            line["repeat"] = name.into();
        }
        if !row.comments.is_empty() {
            line["promscope"]["comments"] = json!(row.comments);
        }
        self.y += 1;
        line
    }

    fn row(&mut self, row: &OutMap) -> Vec<Value> {
        let panels = Yaml(row).maps("panels");
        let weight = |panel: &OutMap| Yaml(panel).number("width").unwrap_or(1.0);
        let total: f64 =
            panels.iter().filter(|panel| panel.get("grid").is_none()).map(|panel| weight(panel)).sum();
        let (mut before, mut bottom) = (0.0, self.y);
        let mut out = Vec::new();
        for map in panels {
            let y = Yaml(map);
            let mut panel = self.panel(map);
            let place = if let Some(grid) = y.map("grid") {
                let number =
                    |key, missing: i64| Yaml(grid).number(key).map_or(missing, |number| number as i64);
                (number("x", 0), self.y + number("y", 0), number("w", 6), number("h", 8))
            } else {
                let column = |weights: f64| (weights / total * COLUMNS as f64).round() as i64;
                let x = column(before);
                before += weight(map);
                let natural =
                    y.text("type").and_then(|name| kind(&name)).map_or(8, |kind| kind.natural_height);
                let lines = y.number("height").unwrap_or_else(|| f64::from(natural));
                panel["promscope"]["flow"] = true.into();
                (
                    x.min(COLUMNS - 1),
                    self.y,
                    (column(before) - x).max(1),
                    ((lines / LINES_A_ROW).ceil() as i64).max(2),
                )
            };
            bottom = bottom.max(place.1 + place.3);
            panel["gridPos"] = json!({ "x": place.0, "y": place.1, "w": place.2, "h": place.3 });
            out.push(panel);
        }
        self.y = bottom;
        out
    }

    fn panel(&mut self, map: &OutMap) -> Value {
        let y = Yaml(map);
        let own = y.text("type").unwrap_or_default();
        let grafana = match own.as_str() {
            "sparkline" => "stat",
            "alerts" => "alertlist",
            "targets" => "text",
            other => other,
        };
        let mut panel =
            json!({ "id": self.next_id(), "type": grafana, "title": y.text("title").unwrap_or_default() });
        for (ours, key) in [("description", "description"), ("repeat", "repeat")] {
            if let Some(text) = y.text(ours) {
                panel[key] = text.into();
            }
        }
        if y.has("repeat") {
            let is_vertical = y.text("repeat_direction").as_deref() == Some("vertical");
            panel["repeatDirection"] = if is_vertical { "v" } else { "h" }.into();
            if let Some(count) = y.number("max_per_row") {
                panel["maxPerRow"] = (count as i64).into();
            }
        }
        for (ours, key) in
            [("time_from", "timeFrom"), ("time_shift", "timeShift"), ("min_interval", "interval")]
        {
            if let Some(text) = y.text(ours) {
                panel[key] = text.into();
            }
        }
        if y.has("links") {
            panel["links"] = links(&y).into();
        }
        if grafana == "text" {
            let content = y.text("content").unwrap_or_else(|| format!("promscope shows its {own} here."));
            panel["options"] = json!({ "mode": "markdown", "content": content });
            return panel;
        }
        let source = y.text("datasource").or_else(|| self.source.map(str::to_owned));
        panel["datasource"] = data_source(source.as_deref());
        panel["targets"] = targets(&y, &own, source.as_deref()).into();
        panel["fieldConfig"] = field::config(map, grafana);
        panel["options"] = field::options(map, grafana);
        let transformations = field::transformations(&y);
        if !transformations.is_empty() {
            panel["transformations"] = transformations.into();
        }
        panel
    }
}

/// Queries; those of panels that show the value now are instant.
fn targets(y: &Yaml<'_>, own: &str, source: Option<&str>) -> Vec<Value> {
    let is_reduced = y.text("reduce").is_some_and(|reduce| reduce != "now");
    let is_now = own == "table" || matches!(own, "gauge" | "bargauge" | "piechart") && !is_reduced;
    let target = |name: String, expr: String| {
        json!({
            "refId": name,
            "expr": expr,
            "editorMode": "code",
            "legendFormat": "",
            "instant": is_now,
            "range": !is_now,
            "datasource": data_source(source),
        })
    };
    // Nobody says that buckets are to be made single but the query; what counts samples must have them as they are.
    let is_counted = y.map("calculate").is_some() || y.flag("calculate");
    let format = |format: Option<&str>| match (own, format) {
        ("table" | "heatmap", Some("series")) => Some("time_series"),
        ("table", _) => Some("table"),
        ("heatmap", _) if is_counted => Some("time_series"),
        ("heatmap", _) => Some("heatmap"),
        _ => None,
    };
    if let Some(expr) = y.text("query") {
        let mut one = target("A".to_owned(), expr);
        if let Some(format) = format(None) {
            one["format"] = format.into();
        }
        return vec![one];
    }
    let queries = y.maps("queries");
    let taken: Vec<String> = queries.iter().filter_map(|query| Yaml(query).text("ref")).collect();
    let numbered = (1..).map(|number| format!("Q{number}"));
    let mut free = ('A'..='Z').map(String::from).chain(numbered).filter(|name| !taken.contains(name));
    let mut targets = Vec::new();
    for query in queries {
        let query = Yaml(query);
        let name = query.text("ref").or_else(|| free.next()).unwrap_or_default();
        let mut one = target(name, query.text("expr").unwrap_or_default());
        if let Some(legend) = query.text("legend") {
            one["legendFormat"] =
                if legend == crate::template::AUTO { "__auto".into() } else { legend.into() };
        }
        if query.flag("instant") {
            (one["instant"], one["range"]) = (true.into(), false.into());
        } else if query.flag("range") {
            (one["instant"], one["range"]) = (false.into(), true.into());
        }
        if let Some(step) = query.text("min_step") {
            one["interval"] = step.into();
        }
        if query.flag("hide") {
            one["hide"] = true.into();
        }
        if let Some(format) = format(query.text("format").as_deref()) {
            one["format"] = format.into();
        }
        if let Some(name) = query.text("datasource") {
            one["datasource"] = data_source(Some(&name));
        }
        targets.push(one);
    }
    targets
}

/// The words in a list, or the one word that stands for it.
pub(super) fn words(out: Option<&Out>) -> Vec<String> {
    match out {
        Some(Out::List(items)) => items.iter().filter_map(scalar).collect(),
        Some(other) => scalar(other).into_iter().collect(),
        None => Vec::new(),
    }
}
