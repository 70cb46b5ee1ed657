//! Annotations: moments that queries or firing alerts name, for marks on all panels of time.
//!
//! As in Grafana's Prometheus data source (`annotations.ts`), samples above zero mark, and those that follow each other
//! within a step are one mark.

use std::sync::Arc;

use crate::app::datasource;
use crate::app::refresh;
use crate::app::state::{State, Target};
use crate::app::store::{QueryKey, QueryShape};
use crate::app::variables;
use crate::dashboard::{Annotation, Dashboard, MinStep};
use crate::panel::Moment;
use crate::series::is_absent;
use crate::template;
use crate::time_range::Intervals;
use crate::variable::{Scope, Style, interpolate};

/// Marks of one dashboard at most; the newest stay.
pub const MARKS_LIMIT: usize = 500;

/// The questions of the dashboard's annotations.
pub(super) fn resolve(state: &State, dashboard: &Dashboard) -> Vec<Target> {
    let span = state.tick.span;
    let max_points = state.size.0.max(1).saturating_mul(refresh::POINTS_PER_CELL);
    let shown = dashboard.annotations.iter().enumerate().filter(|(_, annotation)| !annotation.hide);
    shown
        .filter_map(|(index, annotation)| {
            let nothing = std::collections::BTreeMap::new();
            let step = annotation.step.as_ref();
            let texts = [
                Some(annotation.expr.as_str()),
                step.and_then(MinStep::text),
                annotation.datasource.as_deref(),
            ];
            if variables::waits(state, &nothing, texts.into_iter().flatten()) != Ok(false) {
                return None;
            }
            let asks = datasource::asked(state, &nothing, annotation.datasource.as_deref());
            let scrape_ms = refresh::scrape_interval_ms(state, dashboard, asks);
            // A variable that makes no step leaves it to the data source's: marks have no place to say so.
            let step_ms = step.and_then(|step| step.resolve_ms(&Scope::new(&state.values)).ok().flatten());
            let intervals = Intervals::new(span.len_ms(), max_points, step_ms, scrape_ms);
            let scope = Scope::new(&state.values).with_query(Some(&intervals), span, state.zone());
            let expr: Arc<str> = interpolate(&annotation.expr, &scope, Style::Promql).into();
            let shape = QueryShape::Range { window: span.into(), step_ms: intervals.step_ms };
            let range = Some(QueryKey { expr: Arc::clone(&expr), shape, source: asks });
            let source = Arc::clone(&expr);
            let old = state.annotations.iter().find(|old| old.asks == asks && old.source == source);
            let held_frame =
                old.and_then(|old| refresh::slot_frame(state, old).or_else(|| old.held_frame.clone()));
            Some(Target {
                query: index,
                asks,
                source,
                expr,
                intervals,
                range,
                instant: None,
                held_frame,
                held_vector: None,
                range_marks: Vec::new(),
                instant_marks: Vec::new(),
            })
        })
        .collect()
}

/// Brings [`State::marks`] up to date with the answers.
pub(super) fn settle(state: &mut State) {
    let Some(dashboard) = state.definition().cloned().filter(|dashboard| !dashboard.annotations.is_empty())
    else {
        state.marks.clear();
        return;
    };
    let mut marks = Vec::new();
    if !state.hides_annotations {
        for target in &state.annotations {
            let frame = refresh::slot_frame(state, target).or_else(|| target.held_frame.clone());
            let (Some(frame), Some(annotation)) = (frame, dashboard.annotations.get(target.query)) else {
                continue;
            };
            for series in &frame.series {
                let text = text(state, annotation, &series.labels);
                let mut open: Option<(i64, i64)> = None;
                for (index, value) in series.values.iter().enumerate() {
                    if is_absent(*value) || value.is_nan() || *value <= 0.0 {
                        continue;
                    }
                    let at_ms = frame.grid.time_ms(index);
                    match &mut open {
                        Some((_, end_ms)) if *end_ms + frame.grid.step_ms >= at_ms => *end_ms = at_ms,
                        _ => {
                            let done = open.replace((at_ms, at_ms));
                            marks.extend(done.map(|run| mark(run, annotation, &text)));
                        }
                    }
                }
                marks.extend(open.map(|run| mark(run, annotation, &text)));
            }
        }
    }
    marks.sort_by(|a, b| a.start_ms.cmp(&b.start_ms).then_with(|| a.text.cmp(&b.text)));
    let over = marks.len().saturating_sub(MARKS_LIMIT);
    marks.drain(..over);
    state.marks = marks;
}

fn mark((start_ms, end_ms): (i64, i64), annotation: &Annotation, text: &str) -> Moment {
    Moment { start_ms, end_ms, color: annotation.color, text: text.to_owned() }
}

/// Title and text with the labels of the series filled in; the annotation's name where it has neither.
fn text(state: &State, annotation: &Annotation, labels: &crate::series::Labels) -> String {
    let fill = |text: &str| {
        template::legend(Some(&interpolate(text, &Scope::new(&state.values), Style::Text)), labels, "")
    };
    let parts: Vec<String> = [&annotation.title, &annotation.text]
        .into_iter()
        .flatten()
        .map(|text| fill(text))
        .filter(|text| !text.is_empty())
        .collect();
    if parts.is_empty() { annotation.name.clone() } else { parts.join(": ") }
}
