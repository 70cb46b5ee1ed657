//! The expression as it was written, every part with its place in the text.

use super::super::ast::{AggregateOp, At, BinaryOp, Matching, ValueType};
use super::signature::Signature;
use crate::storage::Matcher;

/// A part of an expression and where it stands: the byte it starts at, and the one behind its end.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many parts are nested in it, at its deepest place.
    pub(crate) depth: usize,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Number(f64),
    String(String),
    Vector(SelectorParts),
    Matrix {
        selector: SelectorParts,
        range_ms: i64,
    },
    Subquery {
        inner: Box<Expr>,
        range_ms: i64,
        step_ms: Option<i64>,
        timing: Timing,
    },
    Call {
        signature: &'static Signature,
        arguments: Vec<Expr>,
    },
    Aggregate {
        op: AggregateOp,
        without: bool,
        labels: Vec<String>,
        parameter: Option<Box<Expr>>,
        inner: Box<Expr>,
    },
    Paren(Box<Expr>),
    Unary {
        negates: bool,
        inner: Box<Expr>,
    },
    Binary(Box<Operator>),
}

/// A binary operator with its sides.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) op: BinaryOp,
    /// As it was written.
    pub(crate) name: &'static str,
    pub(crate) returns_bool: bool,
    pub(crate) matching: Matching,
    pub(crate) left: Box<Expr>,
    pub(crate) right: Box<Expr>,
}

#[derive(Debug, Default)]
pub(crate) struct SelectorParts {
    /// The metric's name if it stands before the braces.
    pub(crate) name: Option<String>,
    /// What stands in the braces.
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) timing: Timing,
}

/// `offset` and `@`.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) offset_ms: i64,
    pub(crate) at: Option<At>,
}

impl Expr {
    pub(crate) fn value_type(&self) -> ValueType {
        match &self.kind {
            Kind::Number(_) => ValueType::Scalar,
            Kind::String(_) => ValueType::String,
            Kind::Vector(_) | Kind::Aggregate { .. } => ValueType::Vector,
            Kind::Matrix { .. } | Kind::Subquery { .. } => ValueType::Matrix,
            Kind::Call { signature, .. } => signature.returns,
            Kind::Paren(inner) | Kind::Unary { inner, .. } => inner.value_type(),
            Kind::Binary(operator) => match (operator.left.value_type(), operator.right.value_type()) {
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
        }
    }

    /// `offset` and `@` of a selector or subquery.
    pub(super) fn timing_mut(&mut self) -> Option<&mut Timing> {
        match &mut self.kind {
            Kind::Vector(selector) | Kind::Matrix { selector, .. } => Some(&mut selector.timing),
            Kind::Subquery { timing, .. } => Some(timing),
            _ => None,
        }
    }
}
