//! Aggregations that keep some of a group's series as they are: `topk`, `bottomk`, `limitk`, `limit_ratio`.

use super::Evaluator;
use super::aggregate::{Groups, extremes};
use crate::model::format_g;
use crate::promql::ast::{Aggregate, AggregateOp};
use crate::promql::error::QueryError;
use crate::promql::math::nan_first;
use crate::promql::value::{ABSENT, Column, Grid, is_absent};
use crate::promql::xxhash::labels_hash;

/// 2^63, from which on a number is no `int64` any more.
const INT64_END: f64 = 9_223_372_036_854_775_808.0;

impl Evaluator<'_> {
    pub(super) fn ranked(&mut self, aggregate: &Aggregate, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let parameter = self.parameter(aggregate, grid)?;
        let columns = self.vector(&aggregate.node, grid)?;
        let (min, max, any_nan) = extremes(&parameter);
        if aggregate.op == AggregateOp::LimitRatio {
            if max == 0.0 && min == 0.0 {
                return Ok(Vec::new());
            }
            if any_nan {
                return Err(QueryError::execution("Ratio value is NaN"));
            }
            if max > 1.0 {
                self.notes.invalid_ratio(max, 1.0, aggregate.parameter_position);
            }
            if min < -1.0 {
                self.notes.invalid_ratio(min, -1.0, aggregate.parameter_position);
            }
            return Ok(sampled(columns, &parameter));
        }
        if max < 1.0 {
            return Ok(Vec::new());
        }
        if any_nan {
            return Err(QueryError::execution("Parameter value is NaN"));
        }
        if min <= -INT64_END {
            return Err(QueryError::execution(format!("Scalar value {} underflows int64", format_g(min))));
        }
        if max >= INT64_END {
            return Err(QueryError::execution(format!("Scalar value {} overflows int64", format_g(max))));
        }
        self.chosen(aggregate, &columns, &parameter, grid)
    }

    fn chosen(
        &mut self,
        aggregate: &Aggregate,
        columns: &[Column],
        parameter: &[f64],
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        let groups = Groups::new(columns, aggregate);
        let mut kept: Vec<Option<Vec<f64>>> = vec![None; columns.len()];
        let mut order = Vec::new();
        let mut heap = Heap { entries: Vec::new(), largest: aggregate.op == AggregateOp::Topk };
        for members in groups.members() {
            for (step, &k) in parameter.iter().enumerate() {
                self.worked(members.len())?;
                let k = (k as i64).clamp(0, columns.len() as i64) as usize;
                heap.entries.clear();
                for &series in &members {
                    let value = columns[series].values[step];
                    if !is_absent(value) {
                        heap.offer(value, series, k, aggregate.op == AggregateOp::Limitk);
                    }
                }
                heap.sort(aggregate.op == AggregateOp::Limitk);
                for &(value, series) in &heap.entries {
                    let values = match &mut kept[series] {
                        Some(values) => values,
                        slot @ None => {
                            order.push(series);
                            slot.insert(self.blank(grid.steps)?)
                        }
                    };
                    values[step] = value;
                }
            }
        }
        Ok(order
            .into_iter()
            .filter_map(|series| {
                Some(Column { labels: columns[series].labels.clone(), values: kept[series].take()? })
            })
            .collect())
    }
}

/// The best few so far with the worst on top. It is Go's `container/heap` step by step, since which of several equal
/// values stays depends on it.
struct Heap {
    entries: Vec<(f64, usize)>,
    /// Keep the largest instead of the smallest.
    largest: bool,
}

impl Heap {
    /// Whether `a` is worse than `b`; NaN is worse than everything.
    fn worse(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.entries[a].0, self.entries[b].0);
        a.is_nan() || if self.largest { a < b } else { a > b }
    }

    fn offer(&mut self, value: f64, series: usize, k: usize, first_come: bool) {
        if self.entries.len() < k {
            self.entries.push((value, series));
            let mut at = self.entries.len() - 1;
            while at > 0 && !first_come {
                let parent = (at - 1) / 2;
                if !self.worse(at, parent) {
                    break;
                }
                self.entries.swap(at, parent);
                at = parent;
            }
            return;
        }
        let Some(&(worst, _)) = self.entries.first() else { return };
        let better = if self.largest { worst < value } else { worst > value };
        if !first_come && (better || (worst.is_nan() && !value.is_nan())) {
            self.entries[0] = (value, series);
            self.sink();
        }
    }

    fn sink(&mut self) {
        let mut at = 0;
        loop {
            let left = 2 * at + 1;
            if left >= self.entries.len() {
                return;
            }
            let right = left + 1;
            let child = if right < self.entries.len() && self.worse(right, left) { right } else { left };
            if !self.worse(child, at) {
                return;
            }
            self.entries.swap(at, child);
            at = child;
        }
    }

    /// Best first, NaN last.
    fn sort(&mut self, first_come: bool) {
        if first_come {
            return;
        }
        let largest = self.largest;
        self.entries.sort_by(|a, b| match (a.0.is_nan(), b.0.is_nan()) {
            (false, false) if largest => nan_first(b.0, a.0),
            (false, false) => nan_first(a.0, b.0),
            (a, b) => a.cmp(&b),
        });
    }
}

/// `limit_ratio`: the share of series whose hash falls below the ratio, or above it for a negative one.
fn sampled(mut columns: Vec<Column>, ratio: &[f64]) -> Vec<Column> {
    for column in &mut columns {
        let place = labels_hash(&column.labels) as f64 / u64::MAX as f64;
        for (value, ratio) in column.values.iter_mut().zip(ratio) {
            let ratio = ratio.clamp(-1.0, 1.0);
            let keeps = (ratio > 0.0 && place < ratio) || (ratio < 0.0 && place >= 1.0 + ratio);
            if !keeps {
                *value = ABSENT;
            }
        }
    }
    columns
}
