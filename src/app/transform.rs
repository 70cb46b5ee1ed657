//! Keeps the transformed data of panels up to date: once an answer, not once a frame.

use std::sync::Arc;

use crate::app::legend;
use crate::app::state::{PanelInput, State, Transformed};
use crate::panel::transformed::{TransformedData, is_transformed};

/// Transforms anew what has changed.
pub(crate) fn refresh(state: &mut State) {
    let Some(dashboard) = state.dashboard().cloned() else { return };
    let mut has_changed = false;
    for (index, panel) in dashboard.panels.iter().enumerate() {
        if index >= state.panels.len() {
            break;
        }
        if !is_transformed(panel) {
            state.panels[index].transformed = None;
            continue;
        }
        let answers: Vec<PanelInput> = state.panels[index]
            .targets
            .iter()
            .map(|target| PanelInput {
                expr: Arc::clone(&target.expr),
                range: state.target_frame(target).cloned(),
                instant: state.target_vector(target).cloned(),
            })
            .collect();
        let known = state.panels[index].transformed.as_ref();
        let is_known = known.is_some_and(|known| {
            Arc::ptr_eq(&known.dashboard, &dashboard)
                && known.answers.len() == answers.len()
                && known.answers.iter().zip(&answers).all(|(known, answer)| known.is_same(answer))
        });
        if !is_known {
            let data = TransformedData::new(panel, &state.answered_targets(panel, index));
            let dashboard = Arc::clone(&dashboard);
            state.panels[index].transformed = Some(Arc::new(Transformed { data, dashboard, answers }));
            legend::mark_panel(&mut state.panels[index], &state.store);
            has_changed = true;
        }
    }
    if has_changed {
        legend::settle(state);
    }
}
