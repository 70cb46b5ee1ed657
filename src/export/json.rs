//! A frame for programs: each panel with its state and the values it shows.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::app::{PanelStatus, State};

/// All panels of the dashboard as JSON, or panel number `only`; a line feed at the end.
#[expect(clippy::missing_panics_doc, reason = "it cannot: see inside")]
pub fn write(state: &State, only: Option<usize>) -> String {
    // No map with keys that are no text, and no number that is none: nothing can fail.
    let mut json = serde_json::to_string_pretty(&describe(state, only)).expect("plain values");
    json.push('\n');
    json
}

/// A frame for programs.
#[derive(Debug, Serialize)]
struct FrameJson {
    dashboard: String,
    address: String,
    from_ms: i64,
    to_ms: i64,
    panels: Vec<PanelJson>,
}

#[derive(Debug, Serialize)]
struct PanelJson {
    title: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// `ok`, `no data`, `failed`; `loading` for none, as a frame waits for all answers.
    state: &'static str,
    /// The data sources it asks by their names, where they are others than the one at `address`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    datasources: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    infos: Vec<String>,
    values: Vec<ValueJson>,
}

#[derive(Debug, Serialize)]
struct ValueJson {
    name: String,
    value: NumberJson,
    text: String,
}

/// A number where JSON has one; else the words of Prometheus, `NaN`, `+Inf`, `-Inf`, or null for none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum NumberJson {
    Number(f64),
    Word(&'static str),
    None,
}

fn number(value: Option<f64>) -> NumberJson {
    match value {
        None => NumberJson::None,
        Some(value) if value.is_nan() => NumberJson::Word("NaN"),
        Some(f64::INFINITY) => NumberJson::Word("+Inf"),
        Some(f64::NEG_INFINITY) => NumberJson::Word("-Inf"),
        Some(value) => NumberJson::Number(value),
    }
}

fn describe(state: &State, only: Option<usize>) -> FrameJson {
    let dashboard = state.dashboard();
    let panels = dashboard.map(|dashboard| dashboard.panels.as_slice()).unwrap_or_default();
    FrameJson {
        dashboard: dashboard.map(|dashboard| dashboard.title.clone()).unwrap_or_default(),
        address: state.settings.address.clone(),
        from_ms: state.tick.span.start_ms,
        to_ms: state.tick.span.end_ms,
        panels: panels
            .iter()
            .enumerate()
            .filter(|(index, _)| only.is_none_or(|only| only == *index))
            .map(|(index, panel)| {
                let view = state.panel_view(panel, index);
                let (status, error) = match state.panel_status(&view, index) {
                    PanelStatus::Fresh => ("ok", None),
                    PanelStatus::Empty => ("no data", None),
                    PanelStatus::Loading => ("loading", None),
                    PanelStatus::Failed { error, .. } => ("failed", Some(error.to_string())),
                };
                let values = (panel.kind.values)(&view);
                PanelJson {
                    title: panel.title.clone(),
                    kind: panel.kind.name,
                    state: status,
                    datasources: state.panel_datasources(index),
                    error,
                    warnings: state.panel_warnings(index),
                    infos: state.panel_infos(index),
                    values: values
                        .into_iter()
                        .map(|shown| ValueJson {
                            name: shown.name,
                            value: number(shown.value),
                            text: shown.text,
                        })
                        .collect(),
                }
            })
            .collect(),
    }
}
