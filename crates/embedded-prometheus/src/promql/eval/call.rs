//! Function calls: which columns go in and what comes out. The formulas are in `functions`.

use std::collections::HashMap;

use super::{Evaluator, drop_empty, merge_same_labels, refuse_same_labels};
use crate::model::{Labels, METRIC_NAME};
use crate::promql::ast::{Call, Node};
use crate::promql::error::QueryError;
use crate::promql::functions::histogram::{self, Bucket};
use crate::promql::functions::labels::{Join, Replace, of_absent};
use crate::promql::functions::{Function, date, natural};
use crate::promql::math::nan_first;
use crate::promql::value::{ABSENT, Column, Grid, Value, is_absent};

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &Call, grid: &Grid) -> Result<Value, QueryError> {
        let arguments = &call.arguments;
        Ok(Value::Vector(match call.function {
            Function::Pi => return Ok(Value::Scalar(self.filled(std::f64::consts::PI, grid.steps)?)),
            Function::Time => {
                let mut times = self.filled(0.0, grid.steps)?;
                times.iter_mut().zip(grid.times()).for_each(|(slot, time)| *slot = time as f64 / 1000.0);
                return Ok(Value::Scalar(times));
            }
            Function::Scalar => {
                let columns = self.vector(&arguments[0], grid)?;
                let values = self.filled(f64::NAN, grid.steps)?;
                return Ok(Value::Scalar(only_values(&columns, values)));
            }
            Function::Map(map) => self.mapped(&arguments[0], grid, |_, value| Some(map(value)))?,
            Function::Round => {
                let nearest = self.scalar_or(arguments.get(1), 1.0, grid)?;
                self.mapped(&arguments[0], grid, |step, value| {
                    // The inverse loses less, as in Prometheus.
                    let inverse = 1.0 / nearest[step];
                    Some((value * inverse + 0.5).floor() / inverse)
                })?
            }
            Function::Clamp | Function::ClampMin | Function::ClampMax => self.clamp(call, grid)?,
            Function::Date(part) => self.date(arguments.first(), grid, part)?,
            Function::Timestamp => self.timestamp(&arguments[0], grid)?,
            Function::Vector => {
                let values = self.scalar(&arguments[0], grid)?;
                vec![Column { labels: Labels::empty(), values }]
            }
            Function::Absent => self.absent(&arguments[0], grid)?,
            Function::AbsentOverTime => self.absent_over_time(call, grid)?,
            Function::Window { compute, keeps_name, wants_resets } => {
                self.windows(call, compute, (keeps_name, wants_resets), grid)?
            }
            Function::LabelReplace => {
                let replace = Replace::new(arguments)?;
                self.relabeled(&arguments[0], grid, |labels| replace.apply(labels))?
            }
            Function::LabelJoin => {
                let join = Join::new(arguments)?;
                self.relabeled(&arguments[0], grid, |labels| join.apply(labels))?
            }
            Function::Sort { descending } => {
                let columns = self.vector(&arguments[0], grid)?;
                sorted(columns, grid, descending)
            }
            Function::SortByLabel { descending } => {
                let columns = self.vector(&arguments[0], grid)?;
                sorted_by_labels(columns, &arguments[1..], descending)
            }
            Function::HistogramQuantile => self.histogram_quantile(call, grid)?,
            Function::HistogramFraction => self.histogram_fraction(call, grid)?,
            Function::NativeHistogram => {
                self.vector(&arguments[0], grid)?;
                Vec::new()
            }
        }))
    }

    fn scalar_or(&mut self, node: Option<&Node>, default: f64, grid: &Grid) -> Result<Vec<f64>, QueryError> {
        match node {
            Some(node) => self.scalar(node, grid),
            None => self.filled(default, grid.steps),
        }
    }

    /// Every value through `map(step, value)`, the name dropped.
    fn mapped(
        &mut self,
        node: &Node,
        grid: &Grid,
        map: impl Fn(usize, f64) -> Option<f64>,
    ) -> Result<Vec<Column>, QueryError> {
        let mut columns = self.vector(node, grid)?;
        for column in &mut columns {
            self.worked(column.values.len())?;
            column.labels = column.labels.without_metric();
            for (step, value) in column.values.iter_mut().enumerate().filter(|(_, value)| !is_absent(**value))
            {
                *value = map(step, *value).unwrap_or(ABSENT);
            }
        }
        merge_same_labels(columns)
    }

    fn clamp(&mut self, call: &Call, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let (low, high) = match call.function {
            Function::ClampMin => (call.arguments.get(1), None),
            Function::ClampMax => (None, call.arguments.get(1)),
            _ => (call.arguments.get(1), call.arguments.get(2)),
        };
        let low = self.scalar_or(low, f64::NEG_INFINITY, grid)?;
        let high = self.scalar_or(high, f64::INFINITY, grid)?;
        self.mapped(&call.arguments[0], grid, |step, value| {
            let (low, high) = (low[step], high[step]);
            if high < low {
                return None;
            }
            Some(go_max(low, go_min(high, value)))
        })
    }

    fn date(
        &mut self,
        node: Option<&Node>,
        grid: &Grid,
        part: fn(i64) -> f64,
    ) -> Result<Vec<Column>, QueryError> {
        if let Some(node) = node {
            return self.mapped(node, grid, |_, value| Some(part(date::seconds(value))));
        }
        let mut values = self.blank(grid.steps)?;
        values.iter_mut().zip(grid.times()).for_each(|(slot, time)| *slot = part(time / 1000));
        Ok(vec![Column { labels: Labels::empty(), values }])
    }

    /// The samples' own times for a bare selector, the step's for everything else.
    fn timestamp(&mut self, node: &Node, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let Node::Selector(selector) = node else {
            return self.mapped(node, grid, |step, _| Some(grid.time(step) as f64 / 1000.0));
        };
        let mut columns = self.sample_times(selector, grid)?;
        for column in &mut columns {
            column.labels = column.labels.without_metric();
        }
        merge_same_labels(columns)
    }

    fn absent(&mut self, node: &Node, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let columns = self.vector(node, grid)?;
        let mut values = self.filled(1.0, grid.steps)?;
        for column in columns {
            for (slot, value) in values.iter_mut().zip(column.values) {
                if !is_absent(value) {
                    *slot = ABSENT;
                }
            }
        }
        Ok(vec![Column { labels: of_absent(node), values }])
    }

    fn relabeled(
        &mut self,
        node: &Node,
        grid: &Grid,
        relabel: impl Fn(&Labels) -> Labels,
    ) -> Result<Vec<Column>, QueryError> {
        let mut columns = self.vector(node, grid)?;
        drop_empty(&mut columns);
        for column in &mut columns {
            self.worked(1)?;
            column.labels = relabel(&column.labels);
        }
        refuse_same_labels(&columns)?;
        Ok(columns)
    }

    fn histogram_quantile(&mut self, call: &Call, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let quantiles = self.scalar(&call.arguments[0], grid)?;
        let columns = self.vector(&call.arguments[1], grid)?;
        // Even if there is no histogram, as in Prometheus.
        for &q in quantiles.iter().filter(|q| q.is_nan() || !(0.0..=1.0).contains(*q)) {
            self.notes.invalid_quantile(q, call.position(0));
        }
        let position = call.position(1);
        let mut forced_any = false;
        let out = self.histograms(columns, position, grid, |step, buckets| {
            let (value, forced) = histogram::quantile(quantiles[step], buckets);
            forced_any |= forced;
            value
        })?;
        if forced_any {
            self.notes.forced_monotonicity(position);
        }
        Ok(out)
    }

    fn histogram_fraction(&mut self, call: &Call, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        let lower = self.scalar(&call.arguments[0], grid)?;
        let upper = self.scalar(&call.arguments[1], grid)?;
        let columns = self.vector(&call.arguments[2], grid)?;
        self.histograms(columns, call.position(2), grid, |step, buckets| {
            histogram::fraction(lower[step], upper[step], buckets)
        })
    }

    /// Groups bucket series by all labels but `le`, and computes one value a step of each group.
    fn histograms(
        &mut self,
        columns: Vec<Column>,
        position: usize,
        grid: &Grid,
        mut compute: impl FnMut(usize, &mut Vec<Bucket>) -> f64,
    ) -> Result<Vec<Column>, QueryError> {
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut groups: Vec<(Labels, Vec<BucketSeries>)> = Vec::new();
        for column in columns {
            let le = column.labels.get("le");
            let Ok(bound) = le.parse::<f64>() else {
                if column.values.iter().any(|v| !is_absent(*v)) {
                    self.notes.bad_bucket_label(le, position);
                }
                continue;
            };
            let key = column.labels.filtered(|name| name != "le");
            let place = *places.entry(key).or_insert_with_key(|key| {
                groups.push((key.filtered(|name| name != METRIC_NAME), Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push((bound, column.values));
        }
        let mut out = Vec::with_capacity(groups.len());
        let mut buckets = Vec::new();
        for (labels, bounds) in groups {
            let mut values = self.blank(grid.steps)?;
            for (step, slot) in values.iter_mut().enumerate() {
                buckets.clear();
                let present = bounds.iter().filter(|(_, counts)| !is_absent(counts[step]));
                buckets.extend(present.map(|(upper, counts)| Bucket { upper: *upper, count: counts[step] }));
                self.worked(bounds.len())?;
                if !buckets.is_empty() {
                    *slot = compute(step, &mut buckets);
                }
            }
            out.push(Column { labels: labels.without_metric(), values });
        }
        merge_same_labels(out)
    }
}

/// Go's `math.Min`: the lower infinity wins over NaN, which wins over numbers.
fn go_min(a: f64, b: f64) -> f64 {
    if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY {
        f64::NEG_INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if b < a || (a == b && b.is_sign_negative()) {
        b
    } else {
        a
    }
}

/// Go's `math.Max`, likewise.
fn go_max(a: f64, b: f64) -> f64 {
    -go_min(-a, -b)
}

/// A bucket's upper bound and its count at each step.
type BucketSeries = (f64, Vec<f64>);

/// At each step the value of the only series that has one, else NaN.
fn only_values(columns: &[Column], mut values: Vec<f64>) -> Vec<f64> {
    for (step, slot) in values.iter_mut().enumerate() {
        let mut present = columns.iter().map(|column| column.values[step]).filter(|v| !is_absent(*v));
        if let (Some(value), None) = (present.next(), present.next()) {
            *slot = value;
        }
    }
    values
}

/// By value, NaN last; only an instant query has an order to keep.
fn sorted(mut columns: Vec<Column>, grid: &Grid, descending: bool) -> Vec<Column> {
    if grid.steps == 1 {
        columns.retain(|column| !is_absent(column.values[0]));
        columns.sort_by(|a, b| {
            let (a, b) = (a.values[0], b.values[0]);
            let any_nan = a.is_nan() || b.is_nan();
            if descending || any_nan { nan_first(b, a) } else { nan_first(a, b) }
        });
    }
    columns
}

fn sorted_by_labels(mut columns: Vec<Column>, names: &[Node], descending: bool) -> Vec<Column> {
    let names: Vec<&str> = names
        .iter()
        .filter_map(|node| if let Node::String(name) = node { Some(name.as_str()) } else { None })
        .collect();
    columns.sort_by(|a, b| {
        let differing =
            names.iter().map(|name| (a.labels.get(name), b.labels.get(name))).find(|(a, b)| a != b);
        let order = match differing {
            Some((a, b)) if natural::before(a, b) => std::cmp::Ordering::Less,
            Some(_) => std::cmp::Ordering::Greater,
            None => a.labels.cmp(&b.labels),
        };
        if descending { order.reverse() } else { order }
    });
    columns
}
