//! Writes rows of panels in the YAML format, as a person would.

use std::fmt::Write as _;

use super::Options;
use super::panel::{Panel, Query};
use super::rows::Row;
use crate::text;
use crate::time_range::format_duration;

/// Where the format is described for editors.
const SCHEMA: &str = "https://raw.githubusercontent.com/promscope/promscope/main/docs/dashboard.schema.json";

/// The whole file.
pub(super) fn write(rows: &[Row], notes: &[String], options: &Options) -> String {
    let mut yaml = String::new();
    let mut line = |indent: usize, text: &str| {
        // A String takes everything.
        let _ = writeln!(yaml, "{:indent$}{text}", "");
    };
    line(0, &format!("# yaml-language-server: $schema={SCHEMA}"));
    line(0, "");
    line(
        0,
        &format!(
            "# Made by promscope from the metrics of {}; yours to change.",
            text::clean(&options.origin)
        ),
    );
    for note in notes {
        line(0, &format!("# {}", text::clean(note)));
    }
    line(0, "");
    line(0, &format!("title: {}", scalar(&options.title)));
    line(0, &format!("refresh: {}", format_duration(options.refresh_ms)));
    line(0, &format!("time: {{ from: now-{} }}", format_duration(options.range_ms)));
    if let Some(scrape_interval_ms) = options.scrape_interval_ms {
        line(0, &format!("scrape_interval: {}", format_duration(scrape_interval_ms)));
    }
    line(0, "");
    line(0, "rows:");
    for row in rows {
        match &row.title {
            Some(title) => {
                line(2, &format!("- title: {}", scalar(title)));
                line(4, "panels:");
            }
            None => line(2, "- panels:"),
        }
        for panel in &row.panels {
            write_panel(panel, &mut line);
        }
    }
    yaml
}

fn write_panel(panel: &Panel, line: &mut impl FnMut(usize, &str)) {
    line(6, &format!("- type: {}", panel.kind));
    line(8, &format!("title: {}", scalar(&panel.title)));
    if !panel.description.is_empty() {
        line(8, &format!("description: {}", scalar(&panel.description)));
    }
    if let Some(unit) = panel.unit {
        line(8, &format!("unit: {unit}"));
    }
    if panel.has_zero {
        line(8, "min: 0");
    }
    if !panel.hide_columns.is_empty() {
        line(8, &format!("hide_columns: [{}]", panel.hide_columns.join(", ")));
    }
    if !panel.content.is_empty() {
        line(8, "content: |-");
        for content in &panel.content {
            line(10, content);
        }
    }
    match panel.queries.as_slice() {
        [] => {}
        [Query { expr, legend: None }] => line(8, &format!("query: {}", scalar(expr))),
        queries => {
            line(8, "queries:");
            for query in queries {
                line(10, &format!("- expr: {}", scalar(&query.expr)));
                if let Some(legend) = &query.legend {
                    line(12, &format!("legend: {}", scalar(legend)));
                }
            }
        }
    }
}

/// One line of text as YAML reads it: plain where nothing in it can be taken for anything else, else in single
/// quotes. What has no place on a line is cleaned away.
fn scalar(text: &str) -> String {
    let text = text::clean(text);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')' | '.' | '/');
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(is_word)
        && text.chars().all(|c| is_word(c) || matches!(c, ' ' | '-'));
    // Some words are numbers, flags or nothing in one version of YAML or another.
    let is_special = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|special| text.eq_ignore_ascii_case(special));
    if is_plain && !is_special { text.into_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}
