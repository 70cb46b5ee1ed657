//! Instant selectors: at each step the newest sample within the lookback, unless it is a stale marker.

use super::Evaluator;
use crate::model::{Sample, is_stale};
use crate::promql::ast::Selector;
use crate::promql::error::QueryError;
use crate::promql::value::{Column, Grid};
use crate::storage::TimeRange;

impl Evaluator<'_> {
    pub(super) fn instant_vector(
        &mut self,
        selector: &Selector,
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        self.look_back(selector, grid, |sample| sample.value)
    }

    /// The times of the samples an instant selector finds, in seconds.
    pub(super) fn sample_times(
        &mut self,
        selector: &Selector,
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        self.look_back(selector, grid, |sample| sample.time_ms as f64 / 1000.0)
    }

    fn look_back(
        &mut self,
        selector: &Selector,
        grid: &Grid,
        value: fn(&Sample) -> f64,
    ) -> Result<Vec<Column>, QueryError> {
        if grid.steps == 0 {
            return Ok(Vec::new());
        }
        let lookback = self.options.lookback_ms.max(1);
        let pinned = self.at_ms(selector.at);
        let reference =
            |step: usize| pinned.unwrap_or_else(|| grid.time(step)).saturating_sub(selector.offset_ms);
        let range = TimeRange {
            start_ms: reference(0).saturating_sub(lookback - 1),
            end_ms: reference(grid.steps - 1),
        };
        let mut set = self.store.select_until(&selector.matchers, range, self.interrupt)?;
        let (mut samples, mut columns) = (Vec::new(), Vec::new());
        while let Some(labels) = set.next_into(&mut samples)? {
            self.worked(samples.len())?;
            if samples.is_empty() {
                continue;
            }
            let mut values = self.blank(grid.steps)?;
            let (mut found, mut newest) = (false, 0);
            for (step, slot) in values.iter_mut().enumerate() {
                let reference_ms = reference(step);
                while newest < samples.len() && samples[newest].time_ms <= reference_ms {
                    newest += 1;
                }
                let Some(sample) = samples[..newest].last() else { continue };
                if sample.time_ms > reference_ms.saturating_sub(lookback) && !is_stale(sample.value) {
                    *slot = value(sample);
                    found = true;
                }
            }
            if found {
                columns.push(Column { labels, values });
            } else {
                let held = self.budget.held() - grid.steps;
                self.budget.reset(held);
            }
        }
        Ok(columns)
    }
}
