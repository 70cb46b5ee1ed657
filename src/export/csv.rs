//! The samples that panels were drawn from, as CSV (RFC 4180): one line a sample.
//!
//! Columns: `time` (RFC 3339 in UTC, with milliseconds), `panel`, `series` (its name in the legend), `labels` (as
//! Prometheus prints them) and `value` (`NaN`, `+Inf` and `-Inf` as Prometheus has them). Text is raw, as the server sent
//! it: a spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula unless it is told not to.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};

use crate::app::State;
use crate::panel::PanelView;
use crate::series::{Labels, is_absent};

/// The samples of all panels, or of panel number `only`, with a heading.
pub fn write(state: &State, only: Option<usize>) -> String {
    let mut csv = String::from("time,panel,series,labels,value\r\n");
    let panels = state.dashboard().map(|dashboard| dashboard.panels.as_slice()).unwrap_or_default();
    for (index, panel) in panels.iter().enumerate() {
        if only.is_none_or(|only| only == index) {
            write_panel(&state.panel_view(panel, index), &mut csv);
        }
    }
    csv
}

fn write_panel(view: &PanelView<'_>, csv: &mut String) {
    // By the names of the legend, without what an override hides.
    for one in view.named_series() {
        let head = head(&view.panel.title, &one.name, one.labels);
        for (index, value) in one.values.iter().enumerate() {
            let time_ms = one.grid.time_ms(index);
            if !is_absent(*value) && (view.span.start_ms..=view.span.end_ms).contains(&time_ms) {
                line(time_ms, &head, *value, csv);
            }
        }
    }
    let time_ms = view.targets.iter().find_map(|target| target.instant).map(|vector| vector.time_ms);
    for one in view.named_samples() {
        line(
            time_ms.unwrap_or(view.span.end_ms),
            &head(&view.panel.title, &one.name, one.labels),
            one.value,
            csv,
        );
    }
}

/// Panel, series and labels, which all samples of a series share.
fn head(panel: &str, series: &str, labels: &Labels) -> String {
    format!("{},{},{}", quoted(panel), quoted(series), quoted(&labels.to_string()))
}

fn line(time_ms: i64, head: &str, value: f64, csv: &mut String) {
    let time = DateTime::from_timestamp_millis(time_ms)
        .map_or_else(|| time_ms.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Millis, true));
    let value = match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        // Rust writes NaN as Prometheus does, and numbers so that they are read back as the same.
        value => value.to_string(),
    };
    // Writing to a String cannot fail.
    let _ = write!(csv, "{time},{head},{value}\r\n");
}

/// A field in quotes where it needs them.
fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_by_the_rfc() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
        assert_eq!(head("p", "s", &Labels::from([("a", "1")])), "p,s,\"{a=\"\"1\"\"}\"");
    }

    #[test]
    fn values_are_prometheus_words_and_exact_numbers() {
        let mut csv = String::new();
        for value in [0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -3.0] {
            line(1_780_000_200_123, "p,s,{}", value, &mut csv);
        }
        let values: Vec<&str> = csv.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
        assert_eq!(values[..4], ["0.1", "NaN", "+Inf", "-Inf"]);
        assert_eq!(values[4].parse(), Ok(1e300));
        assert!(csv.starts_with("2026-05-28T20:30:00.123Z,p,s,{},0.1\r\n"), "{csv}");
    }
}
