//! The expression as the evaluator wants it: functions resolved, parentheses gone, parts that are the same at every
//! step marked. The tree of the text as it was written is in `syntax`, and ends in `lower`.

use super::annotations::Position;
use super::functions::Function;
use crate::storage::Matcher;

#[derive(Debug)]
pub(crate) enum Node {
    Number(f64),
    String(String),
    Selector(Selector),
    Range {
        selector: Selector,
        range_ms: i64,
    },
    Subquery(Box<Subquery>),
    Call(Box<Call>),
    Aggregate(Box<Aggregate>),
    Negate(Box<Node>),
    Binary(Box<Binary>),
    /// Evaluated once, at the first step.
    Invariant(Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    Scalar,
    Vector,
    Matrix,
    String,
}

impl ValueType {
    /// The name that Prometheus's documentation and messages use.
    pub(crate) fn documented(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::String => "string",
        }
    }

    /// The name that Prometheus's code uses.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            other => other.documented(),
        }
    }
}

/// The time that `@` pins a selector to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Time(i64),
    Start,
    End,
}

#[derive(Debug)]
pub(crate) struct Selector {
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) offset_ms: i64,
    pub(crate) at: Option<At>,
}

#[derive(Debug)]
pub(crate) struct Subquery {
    pub(crate) node: Node,
    pub(crate) range_ms: i64,
    pub(crate) step_ms: Option<i64>,
    pub(crate) offset_ms: i64,
    pub(crate) at: Option<At>,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Node>,
    /// Where each argument starts.
    pub(crate) positions: Vec<Position>,
}

impl Call {
    pub(crate) fn position(&self, argument: usize) -> Position {
        self.positions.get(argument).copied().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateOp {
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    Quantile,
    Topk,
    Bottomk,
    Limitk,
    LimitRatio,
    CountValues,
}

impl AggregateOp {
    /// Whether it has an argument before the vector.
    pub(crate) fn has_parameter(self) -> bool {
        matches!(
            self,
            Self::Quantile | Self::Topk | Self::Bottomk | Self::Limitk | Self::LimitRatio | Self::CountValues
        )
    }
}

#[derive(Debug)]
pub(crate) struct Aggregate {
    pub(crate) op: AggregateOp,
    pub(crate) node: Node,
    pub(crate) parameter: Option<Node>,
    pub(crate) labels: Vec<String>,
    /// `without` instead of `by`.
    pub(crate) without: bool,
    pub(crate) parameter_position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    And,
    Or,
    Unless,
}

impl BinaryOp {
    pub(crate) fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::NotEqual | Self::Greater | Self::Less | Self::GreaterEqual | Self::LessEqual
        )
    }

    pub(crate) fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cardinality {
    OneToOne,
    ManyToOne,
    OneToMany,
}

#[derive(Debug)]
pub(crate) struct Matching {
    pub(crate) cardinality: Cardinality,
    /// `on` instead of `ignoring`.
    pub(crate) on: bool,
    pub(crate) labels: Vec<String>,
    /// Labels that `group_left` or `group_right` takes from the one side.
    pub(crate) include: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Binary {
    pub(crate) op: BinaryOp,
    pub(crate) left: Node,
    pub(crate) right: Node,
    pub(crate) returns_bool: bool,
    pub(crate) matching: Matching,
}

impl Node {
    pub(crate) fn has_selector(&self) -> bool {
        match self {
            Self::Number(_) | Self::String(_) => false,
            Self::Selector(_) | Self::Range { .. } => true,
            Self::Subquery(subquery) => subquery.node.has_selector(),
            Self::Call(call) => call.arguments.iter().any(Self::has_selector),
            Self::Aggregate(aggregate) => {
                aggregate.node.has_selector() || aggregate.parameter.as_ref().is_some_and(Self::has_selector)
            }
            Self::Negate(node) | Self::Invariant(node) => node.has_selector(),
            Self::Binary(binary) => binary.left.has_selector() || binary.right.has_selector(),
        }
    }

    pub(crate) fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_) => ValueType::Scalar,
            Self::String(_) => ValueType::String,
            Self::Selector(_) | Self::Aggregate(_) => ValueType::Vector,
            Self::Range { .. } | Self::Subquery(_) => ValueType::Matrix,
            Self::Call(call) => call.function.returns(),
            Self::Negate(node) | Self::Invariant(node) => node.value_type(),
            Self::Binary(binary) => {
                let sides = (binary.left.value_type(), binary.right.value_type());
                if sides == (ValueType::Scalar, ValueType::Scalar) {
                    ValueType::Scalar
                } else {
                    ValueType::Vector
                }
            }
        }
    }
}
