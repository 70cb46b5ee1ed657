//! Aggregations that make one series of each group.

use std::collections::HashMap;

use super::Evaluator;
use crate::model::Labels;
use crate::promql::ast::{Aggregate, AggregateOp, Node};
use crate::promql::error::QueryError;
use crate::promql::functions::labels::is_label_name;
use crate::promql::math::{Compensated, Mean, quantile};
use crate::promql::value::{ABSENT, Column, Grid, is_absent};

/// Which group each series belongs to.
pub(super) struct Groups {
    pub(super) labels: Vec<Labels>,
    pub(super) of_series: Vec<usize>,
}

impl Groups {
    pub(super) fn new(columns: &[Column], aggregate: &Aggregate) -> Self {
        let mut places = HashMap::new();
        let mut labels = Vec::new();
        let of_series = columns
            .iter()
            .map(|column| {
                *places.entry(group_labels(&column.labels, aggregate)).or_insert_with_key(|key: &Labels| {
                    labels.push(key.clone());
                    labels.len() - 1
                })
            })
            .collect();
        Self { labels, of_series }
    }

    /// The series of each group, in their order.
    pub(super) fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.labels.len()];
        for (series, group) in self.of_series.iter().enumerate() {
            members[*group].push(series);
        }
        members
    }
}

fn group_labels(labels: &Labels, aggregate: &Aggregate) -> Labels {
    if aggregate.without { labels.without(&aggregate.labels) } else { labels.keeping(&aggregate.labels) }
}

/// One group's state at one step.
#[derive(Debug, Clone, Copy)]
enum State {
    Nothing,
    Sum(Compensated),
    Mean(Mean),
    Value(f64),
    Variance { count: f64, mean: f64, squares: f64 },
}

impl State {
    fn first(op: AggregateOp, value: f64) -> Self {
        match op {
            AggregateOp::Sum => Self::Sum(Compensated { sum: value, lost: 0.0 }),
            AggregateOp::Avg => Self::Mean(Mean::of(value)),
            AggregateOp::Stddev | AggregateOp::Stdvar => {
                let squares = if value.is_finite() { 0.0 } else { f64::NAN };
                Self::Variance { count: 1.0, mean: value, squares }
            }
            AggregateOp::Count | AggregateOp::Group => Self::Value(1.0),
            _ => Self::Value(value),
        }
    }

    #[inline]
    fn add(&mut self, op: AggregateOp, value: f64) {
        match self {
            Self::Nothing => *self = Self::first(op, value),
            Self::Sum(sum) => sum.add(value),
            Self::Mean(mean) => mean.add(value),
            Self::Variance { count, mean, squares } => {
                *count += 1.0;
                let distance = value - *mean;
                *mean += distance / *count;
                *squares += distance * (value - *mean);
            }
            Self::Value(state) => match op {
                AggregateOp::Count => *state += 1.0,
                AggregateOp::Max if *state < value || state.is_nan() => *state = value,
                AggregateOp::Min if *state > value || state.is_nan() => *state = value,
                _ => {}
            },
        }
    }

    fn value(self, op: AggregateOp) -> f64 {
        let value = match self {
            Self::Nothing => return ABSENT,
            Self::Sum(sum) => sum.total(),
            Self::Mean(mean) => mean.value(),
            Self::Value(value) => value,
            Self::Variance { count, squares, .. } if op == AggregateOp::Stddev => (squares / count).sqrt(),
            Self::Variance { count, squares, .. } => squares / count,
        };
        if is_absent(value) { f64::NAN } else { value }
    }
}

impl Evaluator<'_> {
    pub(super) fn aggregate(
        &mut self,
        aggregate: &Aggregate,
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        match aggregate.op {
            AggregateOp::CountValues => self.count_values(aggregate, grid),
            AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk | AggregateOp::LimitRatio => {
                self.ranked(aggregate, grid)
            }
            AggregateOp::Quantile => self.quantiles(aggregate, grid),
            op => {
                let columns = self.vector(&aggregate.node, grid)?;
                let groups = Groups::new(&columns, aggregate);
                let mut out = Vec::with_capacity(groups.labels.len());
                let mut states = Vec::new();
                for (labels, members) in groups.labels.iter().zip(groups.members()) {
                    states.clear();
                    states.resize(grid.steps, State::Nothing);
                    for series in members {
                        self.worked(grid.steps)?;
                        for (state, &value) in states.iter_mut().zip(&columns[series].values) {
                            if !is_absent(value) {
                                state.add(op, value);
                            }
                        }
                    }
                    self.budget.take(grid.steps)?;
                    let values = states.iter().map(|state| state.value(op)).collect();
                    out.push(Column { labels: labels.clone(), values });
                }
                Ok(out)
            }
        }
    }

    /// The parameter at each step.
    pub(super) fn parameter(&mut self, aggregate: &Aggregate, grid: &Grid) -> Result<Vec<f64>, QueryError> {
        match &aggregate.parameter {
            Some(node) => self.scalar(node, grid),
            None => Err(QueryError::execution("aggregation without its parameter")),
        }
    }

    fn quantiles(&mut self, aggregate: &Aggregate, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let parameter = self.parameter(aggregate, grid)?;
        let columns = self.vector(&aggregate.node, grid)?;
        let position = aggregate.parameter_position;
        let (min, max, any_nan) = extremes(&parameter);
        if any_nan {
            self.notes.invalid_quantile(f64::NAN, position);
        }
        if max > 1.0 {
            self.notes.invalid_quantile(max, position);
        }
        if min < 0.0 {
            self.notes.invalid_quantile(min, position);
        }
        let groups = Groups::new(&columns, aggregate);
        let mut out = Vec::with_capacity(groups.labels.len());
        let mut present = Vec::new();
        for (labels, members) in groups.labels.iter().zip(groups.members()) {
            let mut values = self.blank(grid.steps)?;
            for (step, slot) in values.iter_mut().enumerate() {
                self.worked(members.len())?;
                present.clear();
                present.extend(members.iter().map(|m| columns[*m].values[step]).filter(|v| !is_absent(*v)));
                if !present.is_empty() {
                    *slot = quantile(parameter[step], &mut present);
                }
            }
            out.push(Column { labels: labels.clone(), values });
        }
        Ok(out)
    }

    /// One series for each value that occurs, with how often it does.
    fn count_values(&mut self, aggregate: &Aggregate, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let Some(Node::String(name)) = &aggregate.parameter else {
            return Err(QueryError::execution("count_values without its label"));
        };
        if !is_label_name(name) {
            let quoted = crate::model::quote(name);
            return Err(QueryError::execution(format!("invalid label name {quoted}")));
        }
        let columns = self.vector(&aggregate.node, grid)?;
        let mut places: HashMap<(Labels, u64), usize> = HashMap::new();
        let mut by_labels: HashMap<Labels, usize> = HashMap::new();
        let mut out: Vec<Column> = Vec::new();
        for column in &columns {
            self.worked(grid.steps)?;
            let group = group_labels(&column.labels, aggregate);
            for (step, &value) in column.values.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
                let key = (group.clone(), value.to_bits());
                let place = if let Some(place) = places.get(&key) {
                    *place
                } else {
                    let labels = labels_with_value(&group, aggregate, name, value);
                    let place = *by_labels.entry(labels).or_insert_with_key(|labels| {
                        out.push(Column { labels: labels.clone(), values: vec![ABSENT; grid.steps] });
                        out.len() - 1
                    });
                    self.budget.take(grid.steps)?;
                    places.insert(key, place);
                    place
                };
                let slot = &mut out[place].values[step];
                *slot = if is_absent(*slot) { 1.0 } else { *slot + 1.0 };
            }
        }
        Ok(out)
    }
}

fn labels_with_value(group: &Labels, aggregate: &Aggregate, name: &str, value: f64) -> Labels {
    if aggregate.without && aggregate.labels.iter().any(|label| label == name) {
        return group.clone();
    }
    let text = if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        // Go writes zero with its sign, too.
        value.to_string()
    };
    let mut builder = group.builder();
    builder.set(name, &text);
    builder.build()
}

/// The least and the greatest number, and whether there is a NaN.
pub(super) fn extremes(values: &[f64]) -> (f64, f64, bool) {
    let numbers = || values.iter().copied().filter(|v| !v.is_nan());
    let min = numbers().fold(f64::INFINITY, f64::min);
    let max = numbers().fold(f64::NEG_INFINITY, f64::max);
    (min, max, values.iter().any(|v| v.is_nan()))
}
