//! Range selectors and subqueries: each series once, a window sliding over its samples.

use super::{Evaluator, VALUES_BETWEEN_CHECKS, drop_empty, refuse_same_labels};
use crate::model::{Labels, Sample, is_stale};
use crate::promql::ast::{Call, Node, Subquery, ValueType};
use crate::promql::error::QueryError;
use crate::promql::functions::regression::check_smoothing;
use crate::promql::functions::window::{Window, WindowFn};
use crate::promql::value::{ABSENT, Column, Grid, is_absent};
use crate::storage::TimeRange;

/// The ends of a range at each step: open on the left, closed on the right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    grid: Grid,
    pinned: Option<i64>,
    offset_ms: i64,
    range_ms: i64,
}

impl Bounds {
    pub(super) fn at(&self, step: usize) -> (i64, i64) {
        let end = self.pinned.unwrap_or_else(|| self.grid.time(step)).saturating_sub(self.offset_ms);
        (end.saturating_sub(self.range_ms), end)
    }
}

/// Takes one series: its labels, and its samples without stale markers.
type Visit<'v, 'a> = dyn FnMut(&mut Evaluator<'a>, Labels, &[Sample], &Bounds) -> Result<(), QueryError> + 'v;

impl<'a> Evaluator<'a> {
    /// Hands every series of a range selector or subquery to `visit`, with the bounds of the windows.
    pub(super) fn each_range(
        &mut self,
        node: &Node,
        grid: &Grid,
        visit: &mut Visit<'_, 'a>,
    ) -> Result<(), QueryError> {
        if grid.steps == 0 {
            return Ok(());
        }
        match node {
            Node::Range { selector, range_ms } => {
                let pinned = self.at_ms(selector.at);
                let bounds =
                    Bounds { grid: *grid, pinned, offset_ms: selector.offset_ms, range_ms: *range_ms };
                let range = TimeRange {
                    start_ms: bounds.at(0).0.saturating_add(1),
                    end_ms: bounds.at(grid.steps - 1).1,
                };
                let mut set = self.store.select_until(&selector.matchers, range, self.interrupt)?;
                let mut samples = Vec::new();
                while let Some(labels) = set.next_into(&mut samples)? {
                    samples.retain(|sample| !is_stale(sample.value));
                    self.worked(samples.len())?;
                    let held = self.budget.held();
                    self.budget.take(samples.len())?;
                    let after = self.budget.held();
                    visit(self, labels, &samples, &bounds)?;
                    let kept = self.budget.held() - after;
                    self.budget.reset(held + kept);
                }
                Ok(())
            }
            Node::Subquery(subquery) => self.each_subquery_series(subquery, grid, visit),
            Node::Invariant(inner) => self.each_range(inner, grid, visit),
            _ => Err(QueryError::execution("expected a range vector")),
        }
    }

    fn each_subquery_series(
        &mut self,
        subquery: &Subquery,
        grid: &Grid,
        visit: &mut Visit<'_, 'a>,
    ) -> Result<(), QueryError> {
        let pinned = self.at_ms(subquery.at);
        let bounds =
            Bounds { grid: *grid, pinned, offset_ms: subquery.offset_ms, range_ms: subquery.range_ms };
        let inner = self.subquery_grid(subquery, &bounds, grid.steps);
        if inner.steps == 0 {
            return Ok(());
        }
        let columns = match subquery.node.value_type() {
            ValueType::Scalar => {
                vec![Column { labels: Labels::empty(), values: self.scalar(&subquery.node, &inner)? }]
            }
            _ => self.vector(&subquery.node, &inner)?,
        };
        let mut samples = Vec::new();
        for column in columns {
            samples.clear();
            let present = column.values.iter().enumerate().filter(|(_, value)| !is_absent(**value));
            samples.extend(present.map(|(step, value)| Sample::new(inner.time(step), *value)));
            self.worked(samples.len())?;
            visit(self, column.labels, &samples, &bounds)?;
        }
        Ok(())
    }

    /// The absolute multiples of the subquery's step that any of its windows contains.
    fn subquery_grid(&self, subquery: &Subquery, bounds: &Bounds, steps: usize) -> Grid {
        let step_ms = subquery.step_ms.unwrap_or(self.options.subquery_step_ms).max(1);
        let after = bounds.at(0).0;
        let end = bounds.at(steps - 1).1;
        let start_ms = after.div_euclid(step_ms).saturating_add(1).saturating_mul(step_ms);
        let span = i128::from(end) - i128::from(start_ms);
        let steps =
            if span < 0 { 0 } else { (span / i128::from(step_ms) + 1).try_into().unwrap_or(usize::MAX) };
        Grid { start_ms, step_ms, steps }
    }

    /// A range function: one column a series, the name dropped unless it is to be kept.
    pub(super) fn windows(
        &mut self,
        call: &Call,
        compute: WindowFn,
        (keeps_name, wants_resets): (bool, bool),
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        let mut range = None;
        let mut scalars = Vec::new();
        for (at, argument) in call.arguments.iter().enumerate() {
            if argument.value_type() == ValueType::Matrix {
                range = Some((at, argument));
            } else {
                scalars.push(self.scalar(argument, grid)?);
            }
        }
        let Some((_, range)) = range else { return Err(QueryError::execution("expected a range vector")) };

        let smoothing = call.function.is_smoothing();
        let mut columns = Vec::new();
        let mut resets = Vec::new();
        // The same for every series, and so computed once.
        let mut ends: Vec<(i64, i64)> = Vec::new();
        self.each_range(range, grid, &mut |evaluator, labels, samples, bounds| {
            if samples.is_empty() {
                return Ok(());
            }
            resets.clear();
            if wants_resets {
                resets.extend((1..samples.len()).filter(|&i| samples[i].value < samples[i - 1].value));
            }
            if ends.is_empty() {
                ends.extend((0..grid.steps).map(|step| bounds.at(step)));
            }
            let mut values = evaluator.blank(grid.steps)?;
            let mut work = 0;
            let mut slide = Slide { samples, resets: &resets, from: 0, to: 0, resets_from: 0, resets_to: 0 };
            let mut found = false;
            for (step, (slot, &(start_ms, end_ms))) in values.iter_mut().zip(&ends).enumerate() {
                slide.to(start_ms, end_ms);
                if slide.from == slide.to {
                    continue;
                }
                let scalar = |i: usize| scalars.get(i).map_or(f64::NAN, |values: &Vec<f64>| values[step]);
                let window = Window {
                    samples: &samples[slide.from..slide.to],
                    start_ms,
                    end_ms,
                    step_ms: grid.time(step),
                    resets: &resets[slide.resets_from..slide.resets_to],
                    series: samples,
                    scalars: [scalar(0), scalar(1)],
                    position: call.position(0),
                };
                work += window.samples.len();
                if work >= VALUES_BETWEEN_CHECKS {
                    evaluator.worked(work)?;
                    work = 0;
                }
                if smoothing {
                    check_smoothing(window.scalars)?;
                }
                if let Some(value) = compute(&window, &mut evaluator.notes) {
                    *slot = if is_absent(value) { f64::NAN } else { value };
                    found = true;
                }
            }
            if found && wants_resets {
                evaluator.doubt_counter(&labels, call);
            }
            let labels = if keeps_name { labels } else { labels.without_metric() };
            columns.push(Column { labels, values });
            Ok(())
        })?;
        drop_empty(&mut columns);
        refuse_same_labels(&columns)?;
        Ok(columns)
    }

    /// `rate` and `increase` of something that is not called a counter.
    fn doubt_counter(&mut self, labels: &Labels, call: &Call) {
        let name = labels.metric_name();
        let is_counter = ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix));
        if !name.is_empty() && !is_counter {
            self.notes.possible_non_counter(name, call.position(0));
        }
    }

    /// 1 at every step at which no series has a sample in the range.
    pub(super) fn absent_over_time(&mut self, call: &Call, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let mut values = self.filled(1.0, grid.steps)?;
        self.each_range(&call.arguments[0], grid, &mut |_, _, samples, bounds| {
            let mut slide = Slide { samples, resets: &[], from: 0, to: 0, resets_from: 0, resets_to: 0 };
            for (step, slot) in values.iter_mut().enumerate() {
                let (start_ms, end_ms) = bounds.at(step);
                slide.to(start_ms, end_ms);
                if slide.from < slide.to {
                    *slot = ABSENT;
                }
            }
            Ok(())
        })?;
        let labels = crate::promql::functions::labels::of_absent(&call.arguments[0]);
        Ok(vec![Column { labels, values }])
    }
}

/// Which samples are in the window; both ends only ever move on.
struct Slide<'s> {
    samples: &'s [Sample],
    resets: &'s [usize],
    from: usize,
    to: usize,
    resets_from: usize,
    resets_to: usize,
}

impl Slide<'_> {
    fn to(&mut self, start_ms: i64, end_ms: i64) {
        while self.to < self.samples.len() && self.samples[self.to].time_ms <= end_ms {
            self.to += 1;
        }
        while self.from < self.to && self.samples[self.from].time_ms <= start_ms {
            self.from += 1;
        }
        while self.resets_to < self.resets.len() && self.resets[self.resets_to] < self.to {
            self.resets_to += 1;
        }
        // A reset at the window's first sample lies before the window.
        while self.resets_from < self.resets_to && self.resets[self.resets_from] <= self.from {
            self.resets_from += 1;
        }
    }
}
