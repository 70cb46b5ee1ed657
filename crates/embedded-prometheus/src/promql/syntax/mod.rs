//! Reads PromQL as Prometheus 3.5 does and says what is wrong with it in Prometheus's words, at Prometheus's
//! position: `lex` makes tokens, `read` a tree of them, `check` looks at the types.
//!
//! Prometheus's parser is generated from a grammar with error productions; of several faults it shows the one that
//! it comes upon first. `read` keeps to the order in which the generated parser meets them.
//!
//! Grammar and wording follow Prometheus's `promql/parser`, Copyright The Prometheus Authors, Apache-2.0.

mod check;
mod lex;
mod number;
mod read;
mod signature;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use tree::{Expr, Kind, Operator, SelectorParts, Timing};

use crate::storage::Regexes;

/// What is wrong with an expression, and the byte where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl Fault {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// Reads and checks an expression.
pub(crate) fn parse(
    source: &str,
    experimental: bool,
    max_depth: usize,
    regexes: &mut Regexes,
) -> Result<Box<Expr>, Fault> {
    let expr = read::expression(source, experimental, max_depth, regexes)?;
    check::types(source, &expr)?;
    Ok(expr)
}

/// Reads a series selector, as `match[]` takes it. Whether it selects too much is not looked at.
pub(crate) fn selector(
    source: &str,
    max_depth: usize,
    regexes: &mut Regexes,
) -> Result<SelectorParts, Fault> {
    match read::selector(source, max_depth, regexes)?.kind {
        Kind::Vector(parts) => Ok(parts),
        _ => Err(Fault::new(0, "unexpected expression, expected a series selector")),
    }
}
