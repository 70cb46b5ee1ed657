//! Whether the parts of an expression fit together: types, numbers of arguments, matchers.

use super::super::ast::{AggregateOp, Cardinality, ValueType};
use super::Fault;
use super::signature::{More, Signature};
use super::tree::{Expr, Kind, Operator, SelectorParts};
use crate::model::{METRIC_NAME, quote};

/// Fails at the first part that does not fit, in Prometheus's order: mostly from the leaves up.
pub(super) fn types(source: &str, expr: &Expr) -> Result<(), Fault> {
    let fault = |message: String| Err(Fault::new(expr.start, message));
    match &expr.kind {
        Kind::Number(_) | Kind::String(_) => Ok(()),
        Kind::Vector(selector) | Kind::Matrix { selector, .. } => matchers(expr.start, selector),
        Kind::Paren(inner) => types(source, inner),
        Kind::Unary { inner, .. } => {
            types(source, inner)?;
            match inner.value_type() {
                ValueType::Scalar | ValueType::Vector => Ok(()),
                other => fault(format!(
                    "unary expression only allowed on expressions of type scalar or instant vector, got \"{}\"",
                    other.documented()
                )),
            }
        }
        Kind::Subquery { inner, .. } => {
            types(source, inner)?;
            match inner.value_type() {
                ValueType::Vector => Ok(()),
                other => fault(format!(
                    "subquery is only allowed on instant vector, got {} instead",
                    other.short()
                )),
            }
        }
        Kind::Aggregate { op, parameter, inner, .. } => {
            expect(source, inner, ValueType::Vector, "aggregation expression")?;
            let Some(parameter) = parameter else { return Ok(()) };
            let wanted = if *op == AggregateOp::CountValues { ValueType::String } else { ValueType::Scalar };
            expect(source, parameter, wanted, "aggregation parameter")
        }
        Kind::Call { signature, arguments } => call(source, expr.start, signature, arguments),
        Kind::Binary(operator) => binary(source, expr.start, operator),
    }
}

fn expect(source: &str, expr: &Expr, wanted: ValueType, context: &str) -> Result<(), Fault> {
    types(source, expr)?;
    let got = expr.value_type();
    if got == wanted {
        return Ok(());
    }
    let (wanted, got) = (wanted.documented(), got.documented());
    Err(Fault::new(expr.start, format!("expected type {wanted} in {context}, got {got}")))
}

fn matchers(start: usize, selector: &SelectorParts) -> Result<(), Fault> {
    if let Some(name) = &selector.name {
        let Some(twice) = selector.matchers.iter().find(|matcher| matcher.name == METRIC_NAME) else {
            return Ok(());
        };
        let (name, value) = (quote(name), quote(&twice.value));
        return Err(Fault::new(start, format!("metric name must not be set twice: {name} or {value}")));
    }
    if selector.matchers.iter().all(|matcher| matcher.matches_value("")) {
        return Err(Fault::new(start, "vector selector must contain at least one non-empty matcher"));
    }
    Ok(())
}

fn call(source: &str, start: usize, signature: &Signature, arguments: &[Expr]) -> Result<(), Fault> {
    let Signature { name, arguments: wanted, more, .. } = *signature;
    let (least, most) = match more {
        More::Exactly => (wanted.len(), Some(wanted.len())),
        More::Optional => (wanted.len() - 1, Some(wanted.len())),
        More::Any => (wanted.len() - 1, None),
    };
    let got = arguments.len();
    let complain = |quantity: &str, count: usize| {
        let message = format!("expected {quantity}{count} argument(s) in call to \"{name}\", got {got}");
        Err(Fault::new(start, message))
    };
    if more == More::Exactly && got != least {
        return complain("", least);
    }
    if got < least {
        return complain("at least ", least);
    }
    if let Some(most) = most
        && got > most
    {
        return complain("at most ", most);
    }
    let context = format!("call to function \"{name}\"");
    for (at, argument) in arguments.iter().enumerate() {
        expect(source, argument, wanted[at.min(wanted.len() - 1)], &context)?;
    }
    Ok(())
}

fn binary(source: &str, start: usize, operator: &Operator) -> Result<(), Fault> {
    let Operator { op, name, returns_bool, matching, left, right } = operator;
    types(source, left)?;
    types(source, right)?;
    let (left_type, right_type) = (left.value_type(), right.value_type());
    let any_scalar = left_type == ValueType::Scalar || right_type == ValueType::Scalar;
    let both_scalar = left_type == ValueType::Scalar && right_type == ValueType::Scalar;
    let at_operator = |message: String| {
        let spaces = source[left.end..].bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
        Err(Fault::new(left.end + spaces.count(), message))
    };
    if *returns_bool && !op.is_comparison() {
        return at_operator("bool modifier can only be used on comparison operators".into());
    }
    if op.is_comparison() && !returns_bool && both_scalar {
        return at_operator("comparisons between scalars must use BOOL modifier".into());
    }
    if matching.on
        && let Some(twice) = matching.labels.iter().find(|label| matching.include.contains(label))
    {
        let twice = quote(twice);
        return at_operator(format!("label {twice} must not occur in ON and GROUP clause at once"));
    }
    for side in [left, right] {
        if !matches!(side.value_type(), ValueType::Scalar | ValueType::Vector) {
            let message = "binary expression must contain only scalar and instant vector types";
            return Err(Fault::new(side.start, message));
        }
    }
    if any_scalar && !matching.labels.is_empty() {
        return Err(Fault::new(start, "vector matching only allowed between instant vectors"));
    }
    if !any_scalar && op.is_set() && matching.cardinality != Cardinality::OneToOne {
        return Err(Fault::new(start, format!("no grouping allowed for \"{name}\" operation")));
    }
    if any_scalar && op.is_set() {
        return Err(Fault::new(
            start,
            format!("set operator \"{name}\" not allowed in binary scalar expression"),
        ));
    }
    Ok(())
}
