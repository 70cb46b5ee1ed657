//! Operators between scalars, and between a scalar and a vector.

use super::{Evaluator, merge_same_labels, scalar_op};
use crate::promql::ast::{Binary, BinaryOp, ValueType};
use crate::promql::error::QueryError;
use crate::promql::value::{ABSENT, Column, Grid, Value, is_absent};

impl Evaluator<'_> {
    pub(super) fn binary(&mut self, binary: &Binary, grid: &Grid) -> Result<Value, QueryError> {
        match (binary.left.value_type(), binary.right.value_type()) {
            (ValueType::Scalar, ValueType::Scalar) => {
                let mut left = self.scalar(&binary.left, grid)?;
                let right = self.scalar(&binary.right, grid)?;
                for (left, right) in left.iter_mut().zip(right) {
                    *left = scalar_op(binary.op, *left, right);
                }
                Ok(Value::Scalar(left))
            }
            (ValueType::Vector, ValueType::Scalar) => {
                let vector = self.vector(&binary.left, grid)?;
                let scalar = self.scalar(&binary.right, grid)?;
                self.with_scalar(binary, vector, &scalar, false)
            }
            (ValueType::Scalar, ValueType::Vector) => {
                let scalar = self.scalar(&binary.left, grid)?;
                let vector = self.vector(&binary.right, grid)?;
                self.with_scalar(binary, vector, &scalar, true)
            }
            _ => {
                let left = self.vector(&binary.left, grid)?;
                let right = self.vector(&binary.right, grid)?;
                Ok(Value::Vector(if binary.op.is_set() {
                    self.set_operator(binary, left, right, grid)?
                } else {
                    self.vector_operator(binary, left, right, grid)?
                }))
            }
        }
    }

    fn with_scalar(
        &mut self,
        binary: &Binary,
        mut vector: Vec<Column>,
        scalar: &[f64],
        scalar_is_left: bool,
    ) -> Result<Value, QueryError> {
        let filters = binary.op.is_comparison() && !binary.returns_bool;
        for column in &mut vector {
            self.worked(column.values.len())?;
            if !filters {
                column.labels = column.labels.without_metric();
            }
            for (value, &scalar) in
                column.values.iter_mut().zip(scalar).filter(|(value, _)| !is_absent(**value))
            {
                let result = if scalar_is_left {
                    scalar_op(binary.op, scalar, *value)
                } else {
                    scalar_op(binary.op, *value, scalar)
                };
                *value = kept(filters, result, *value);
            }
        }
        Ok(Value::Vector(merge_same_labels(vector)?))
    }
}

/// The result of an operator, or for a filter `value` where it holds.
pub(super) fn kept(filters: bool, result: f64, value: f64) -> f64 {
    match (filters, result != 0.0) {
        (false, _) => result,
        (true, true) => value,
        (true, false) => ABSENT,
    }
}

/// Whether the result is no longer the metric that went in.
pub(super) fn changes_metric(op: BinaryOp) -> bool {
    !op.is_comparison() && !op.is_set()
}
