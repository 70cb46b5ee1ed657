//! Walks the expression: each node over a whole grid of steps, from the leaves up.

mod aggregate;
mod binary;
mod call;
mod matching;
mod ranked;
mod selector;
mod windows;

use std::collections::HashMap;

use super::annotations::Annotations;
use super::ast::{At, BinaryOp, Node};
use super::error::QueryError;
use super::limits::{Budget, Interrupt, Options};
use super::value::{ABSENT, Column, Grid, RangeSeries, Value, is_absent};
use crate::storage::{Queryable, TimeRange};

/// How many values are computed between two looks at the caller's patience.
const VALUES_BETWEEN_CHECKS: usize = 16_384;

/// One evaluation of one query.
pub(crate) struct Evaluator<'a> {
    store: &'a dyn Queryable,
    options: &'a Options,
    interrupt: &'a dyn Interrupt,
    notes: Annotations,
    budget: Budget,
    unchecked: usize,
    /// What `start()` and `end()` mean, in subqueries too; no step need fall on the end.
    query: TimeRange,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(
        store: &'a dyn Queryable,
        options: &'a Options,
        interrupt: &'a dyn Interrupt,
        query: TimeRange,
    ) -> Self {
        let budget = Budget::new(options.max_samples);
        Self { store, options, interrupt, notes: Annotations::default(), budget, unchecked: 0, query }
    }

    /// Warnings and infos.
    pub(crate) fn finish(self, text: &str) -> (Vec<String>, Vec<String>) {
        self.notes.finish(text)
    }

    /// Counts work done and asks the caller now and then.
    fn worked(&mut self, values: usize) -> Result<(), QueryError> {
        self.unchecked += values.max(1);
        if self.unchecked >= VALUES_BETWEEN_CHECKS {
            self.unchecked = 0;
            self.interrupt.check()?;
        }
        Ok(())
    }

    /// A column of nothing, paid for.
    fn blank(&mut self, steps: usize) -> Result<Vec<f64>, QueryError> {
        self.filled(ABSENT, steps)
    }

    fn filled(&mut self, value: f64, steps: usize) -> Result<Vec<f64>, QueryError> {
        self.budget.take(steps)?;
        self.worked(steps)?;
        Ok(vec![value; steps])
    }

    fn at_ms(&self, at: Option<At>) -> Option<i64> {
        at.map(|at| match at {
            At::Time(time) => time,
            At::Start => self.query.start_ms,
            At::End => self.query.end_ms,
        })
    }

    pub(crate) fn eval(&mut self, node: &Node, grid: &Grid) -> Result<Value, QueryError> {
        self.interrupt.check()?;
        let before = self.budget.held();
        let value = self.eval_inner(node, grid)?;
        self.budget.reset(before);
        match &value {
            Value::Scalar(values) => self.budget.take(values.len())?,
            Value::Vector(columns) => self.budget.take(columns.len().saturating_mul(grid.steps))?,
            Value::String(_) => {}
        }
        Ok(value)
    }

    fn eval_inner(&mut self, node: &Node, grid: &Grid) -> Result<Value, QueryError> {
        match node {
            Node::Number(number) => Ok(Value::Scalar(self.filled(*number, grid.steps)?)),
            Node::String(text) => Ok(Value::String(text.clone())),
            Node::Selector(selector) => Ok(Value::Vector(self.instant_vector(selector, grid)?)),
            Node::Range { .. } | Node::Subquery(_) => {
                Err(QueryError::execution("a range vector is only allowed as a function's argument"))
            }
            Node::Call(call) => self.call(call, grid),
            Node::Aggregate(aggregate) => Ok(Value::Vector(self.aggregate(aggregate, grid)?)),
            Node::Negate(inner) => self.negate(inner, grid),
            Node::Binary(binary) => self.binary(binary, grid),
            Node::Invariant(inner) => self.invariant(inner, grid),
        }
    }

    fn vector(&mut self, node: &Node, grid: &Grid) -> Result<Vec<Column>, QueryError> {
        match self.eval(node, grid)? {
            Value::Vector(columns) => Ok(columns),
            _ => Err(QueryError::execution("expected an instant vector")),
        }
    }

    fn scalar(&mut self, node: &Node, grid: &Grid) -> Result<Vec<f64>, QueryError> {
        match self.eval(node, grid)? {
            Value::Scalar(values) => Ok(values),
            _ => Err(QueryError::execution("expected a scalar")),
        }
    }

    fn negate(&mut self, node: &Node, grid: &Grid) -> Result<Value, QueryError> {
        Ok(match self.eval(node, grid)? {
            Value::Vector(mut columns) => {
                drop_empty(&mut columns);
                for column in &mut columns {
                    column.labels = column.labels.without_metric();
                    for value in column.values.iter_mut().filter(|value| !is_absent(**value)) {
                        *value = -*value;
                    }
                }
                refuse_same_labels(&columns)?;
                Value::Vector(columns)
            }
            Value::Scalar(mut values) => {
                for value in &mut values {
                    *value = -*value;
                }
                Value::Scalar(values)
            }
            other @ Value::String(_) => other,
        })
    }

    /// Evaluates at the first step only and repeats the result.
    fn invariant(&mut self, node: &Node, grid: &Grid) -> Result<Value, QueryError> {
        if grid.steps <= 1 {
            return self.eval(node, grid);
        }
        let once = Grid { steps: 1, ..*grid };
        Ok(match self.eval(node, &once)? {
            Value::Scalar(values) => Value::Scalar(self.filled(values[0], grid.steps)?),
            Value::Vector(columns) => {
                let mut out = Vec::with_capacity(columns.len());
                for column in columns {
                    out.push(Column {
                        values: self.filled(column.values[0], grid.steps)?,
                        labels: column.labels,
                    });
                }
                Value::Vector(out)
            }
            other @ Value::String(_) => other,
        })
    }

    /// A range selector or subquery as the answer of an instant query.
    pub(crate) fn matrix(&mut self, node: &Node, grid: &Grid) -> Result<Vec<RangeSeries>, QueryError> {
        let mut out = Vec::new();
        self.each_range(node, grid, &mut |evaluator, labels, samples, bounds| {
            let (start_ms, end_ms) = bounds.at(0);
            let within = samples.iter().filter(|s| s.time_ms > start_ms && s.time_ms <= end_ms);
            let samples: Vec<_> = within.copied().collect();
            evaluator.budget.take(samples.len())?;
            if !samples.is_empty() {
                out.push(RangeSeries { labels, samples });
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// Removes series without any value.
fn drop_empty(columns: &mut Vec<Column>) {
    columns.retain(|column| column.values.iter().any(|v| !is_absent(*v)));
}

/// For results that must be distinct series over all steps.
fn refuse_same_labels(columns: &[Column]) -> Result<(), QueryError> {
    let mut seen = std::collections::HashSet::with_capacity(columns.len());
    if columns.iter().all(|column| seen.insert(&column.labels)) {
        Ok(())
    } else {
        Err(QueryError::same_labelset())
    }
}

/// For results made step by step: columns of the same labels become one, unless both have a value at a step.
fn merge_same_labels(columns: Vec<Column>) -> Result<Vec<Column>, QueryError> {
    if refuse_same_labels(&columns).is_ok() {
        return Ok(columns);
    }
    let mut places = HashMap::with_capacity(columns.len());
    let mut out: Vec<Column> = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(&place) = places.get(&column.labels) else {
            places.insert(column.labels.clone(), out.len());
            out.push(column);
            continue;
        };
        let target: &mut Column = &mut out[place];
        for (into, value) in target.values.iter_mut().zip(column.values) {
            if is_absent(value) {
                continue;
            }
            if !is_absent(*into) {
                return Err(QueryError::same_labelset());
            }
            *into = value;
        }
    }
    Ok(out)
}

/// The value of an operator on two numbers; for a comparison, 1 or 0.
fn scalar_op(op: BinaryOp, left: f64, right: f64) -> f64 {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Mod => left % right,
        BinaryOp::Pow => left.powf(right),
        BinaryOp::Atan2 => left.atan2(right),
        BinaryOp::Equal => truth(left == right),
        BinaryOp::NotEqual => truth(left != right),
        BinaryOp::Greater => truth(left > right),
        BinaryOp::Less => truth(left < right),
        BinaryOp::GreaterEqual => truth(left >= right),
        BinaryOp::LessEqual => truth(left <= right),
        BinaryOp::And | BinaryOp::Or | BinaryOp::Unless => f64::NAN,
    }
}
