//! `calculate`: a column out of others, row by row (`calculateField.ts`).

use super::bounds::Bounds;
use super::calc::Calc;
use super::frame::{Cell, Column, DataFrame, Field, Naming};
use super::join::{Join, JoinMode};
use super::moving::{self, Window};
use super::names::is_one_of;
use crate::series::ABSENT;

/// A new column.
#[derive(Clone, Debug, PartialEq)]
pub struct Calculate {
    /// Its name; made of what it is calculated from where there is none.
    pub name: Option<String>,
    /// What it is.
    pub how: Calculation,
    /// Nothing but the time stays beside it.
    pub replace: bool,
}

/// How a column is calculated.
#[derive(Clone, Debug, PartialEq)]
pub enum Calculation {
    /// From two columns, or a column and a number; both are given as text.
    Binary {
        /// The shown name of a column, or a number.
        left: String,
        /// What is done.
        op: Op,
        /// As `left`.
        right: String,
    },
    /// From several columns.
    Reduce {
        /// What is calculated over them.
        calc: Calc,
        /// Their names; all columns of numbers where it is empty.
        of: Vec<String>,
    },
    /// From one column, value by value.
    Unary {
        /// What is done.
        op: UnaryOp,
        /// The column's shown name.
        field: String,
    },
    /// Over the rows around each.
    Window {
        /// What is calculated over which rows.
        window: Window,
        /// The column; the first one of numbers where it is not said.
        field: Option<String>,
    },
    /// Over all rows up to each.
    Cumulative {
        /// The mean instead of the sum.
        is_mean: bool,
        /// As of a window.
        field: Option<String>,
    },
}

/// What is done with one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// Without its sign.
    Abs,
    /// e to the power of it.
    Exp,
    /// Its natural logarithm.
    Ln,
    /// The whole number below.
    Floor,
    /// The whole number above.
    Ceil,
}

impl UnaryOp {
    /// All of them, as they are written.
    pub const NAMES: &[&str] = &["abs", "exp", "ln", "floor", "ceil"];

    /// Reads one of [`UnaryOp::NAMES`].
    pub fn parse(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Some([Self::Abs, Self::Exp, Self::Ln, Self::Floor, Self::Ceil][place])
    }

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    fn apply(self, number: f64) -> f64 {
        match self {
            Self::Abs => number.abs(),
            Self::Exp => number.exp(),
            Self::Ln => number.ln(),
            Self::Floor => number.floor(),
            Self::Ceil => number.ceil(),
        }
    }
}

/// What is done with two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

impl Op {
    /// All of them, as they are written.
    pub const SIGNS: &[&str] = &["+", "-", "*", "/", "^"];

    /// Reads `+`, `-`, `*`, `/` or `^`.
    pub fn parse(sign: &str) -> Option<Self> {
        Some(match sign {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "^" => Self::Power,
            _ => return None,
        })
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }

    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
        }
    }
}

impl Calculate {
    pub(super) fn apply(&self, frames: Vec<DataFrame>, bounds: &mut Bounds) -> Vec<DataFrame> {
        let frames = if self.needs_one_frame() { one_frame(frames, bounds) } else { frames };
        let naming = Naming::of(&frames);
        let has_field =
            |name: &str| frames.iter().flat_map(DataFrame::fields).any(|field| field.name == name);
        // A number that is also the name of a column is the column.
        let number = |text: &str| text.parse::<f64>().ok().filter(|_| !has_field(text));
        let numbers = match &self.how {
            Calculation::Binary { left, right, .. } => [number(left), number(right)],
            _ => [None, None],
        };
        let calculated = frames.into_iter().filter_map(|frame| {
            let values = match &self.how {
                Calculation::Binary { left, op, right } => {
                    binary(&frame, &naming, [left, right], numbers, *op)
                }
                Calculation::Reduce { calc, of } => Some(reduced(&frame, &naming, calc, of)),
                Calculation::Unary { op, field } => unary(&frame, &naming, *op, field),
                Calculation::Window { window, field } => {
                    numbers_of(&frame, &naming, field.as_ref()).map(|values| window.apply(values))
                }
                Calculation::Cumulative { is_mean, field } => numbers_of(&frame, &naming, field.as_ref())
                    .map(|values| moving::cumulative(values, *is_mean)),
            };
            match values {
                Some(values) => Some(self.with_column(frame, Column::Number(values))),
                None => (!self.replace).then_some(frame),
            }
        });
        calculated.collect()
    }

    /// Series are brought side by side, unless one of them and a number are all it takes.
    fn needs_one_frame(&self) -> bool {
        match &self.how {
            Calculation::Binary { right, .. } => right.parse::<f64>().is_err(),
            _ => true,
        }
    }

    fn with_column(&self, mut frame: DataFrame, values: Column) -> DataFrame {
        let name = match (&self.name, &self.how) {
            (Some(name), _) => name.clone(),
            (None, Calculation::Binary { left, op, right }) => format!("{left} {} {right}", op.sign()),
            (None, Calculation::Reduce { calc, .. }) => calc.shown_name(),
            (None, Calculation::Unary { op, field }) => format!("{}({field})", op.name()),
            (None, Calculation::Window { window, field }) => {
                format!("{} moving {}{}", window.align(), window.calc.name(), in_brackets(field.as_ref()))
            }
            (None, Calculation::Cumulative { is_mean, field }) => {
                let calc = if *is_mean { "mean" } else { "sum" };
                format!("cumulative {calc}{}", in_brackets(field.as_ref()))
            }
        };
        let added = Field { display_name: self.name.clone(), ..Field::new(name, values) };
        let time = frame.time_field();
        let mut fields = frame.take_fields();
        if self.replace {
            fields = time.map(|time| fields.swap_remove(time)).into_iter().collect();
        }
        fields.push(added);
        frame.with_fields(fields)
    }
}

/// Series that have a column of times of one name, as one frame.
fn one_frame(frames: Vec<DataFrame>, bounds: &mut Bounds) -> Vec<DataFrame> {
    let mut names = frames.iter().map(|frame| frame.time_field().map(|time| &frame.fields()[time].name));
    let Some(Some(first)) = names.next() else { return frames };
    if frames.len() < 2 || names.any(|name| name != Some(first)) {
        return frames;
    }
    let join = Join { by: Some(first.clone()), mode: JoinMode::Outer };
    join.apply(frames, bounds)
}

fn binary(
    frame: &DataFrame,
    naming: &Naming,
    operands: [&String; 2],
    numbers: [Option<f64>; 2],
    op: Op,
) -> Option<Vec<f64>> {
    let names = naming.names(frame);
    // What a join has not found is nothing; any other null is 0, as in JavaScript.
    let missing = if frame.is_joined { ABSENT } else { 0.0 };
    let values = |operand: usize| {
        if let Some(number) = numbers[operand] {
            return Some(vec![number; frame.rows()]);
        }
        let place = position(frame, &names, operands[operand])?;
        let column = &frame.fields()[place].values;
        Some((0..frame.rows()).map(|row| as_number(column.cell(row), missing)).collect::<Vec<f64>>())
    };
    let (left, right) = (values(0)?, values(1)?);
    let both = left.iter().zip(&right).map(|(left, right)| {
        let is_missing = |value: &f64| crate::series::is_absent(*value);
        if is_missing(left) || is_missing(right) { ABSENT } else { op.apply(*left, *right) }
    });
    Some(both.collect())
}

/// The column that is shown as `name`, or is called so and shown by the legend of its query.
pub(super) fn position(frame: &DataFrame, names: &[String], name: &str) -> Option<usize> {
    let shown = names.iter().position(|shown| shown == name);
    shown.or_else(|| frame.fields().iter().position(|field| field.is_column(name)))
}

fn as_number(cell: Cell<'_>, missing: f64) -> f64 {
    match cell {
        Cell::Empty => missing,
        Cell::Time(number) | Cell::Number(number) => number,
        Cell::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
    }
}

fn in_brackets(field: Option<&String>) -> String {
    field.map_or_else(String::new, |field| format!("({field})"))
}

/// The numbers of the column of that name, or of the first one that has numbers.
fn numbers_of<'a>(frame: &'a DataFrame, naming: &Naming, field: Option<&String>) -> Option<&'a [f64]> {
    let names = naming.names(frame);
    let mut fields = frame.fields().iter().zip(&names);
    let found = fields.find(|(one, shown)| match field {
        Some(field) => is_one_of(std::slice::from_ref(field), one, shown),
        None => one.values.numbers().is_some(),
    });
    found.and_then(|(field, _)| field.values.numbers())
}

fn unary(frame: &DataFrame, naming: &Naming, op: UnaryOp, field: &str) -> Option<Vec<f64>> {
    let names = naming.names(frame);
    let values = frame.fields()[position(frame, &names, field)?].values.numbers()?;
    // As in [`binary`].
    let missing = if frame.is_joined { ABSENT } else { 0.0 };
    let apply = |value: &f64| {
        let value = if crate::series::is_absent(*value) { missing } else { *value };
        if crate::series::is_absent(value) { ABSENT } else { op.apply(value) }
    };
    Some(values.iter().map(apply).collect())
}

fn reduced(frame: &DataFrame, naming: &Naming, calc: &Calc, of: &[String]) -> Vec<f64> {
    let names = naming.names(frame);
    let meant = frame.fields().iter().zip(&names).filter(|(field, shown)| {
        if of.is_empty() { field.values.numbers().is_some() } else { is_one_of(of, field, shown) }
    });
    let columns: Vec<&Column> = meant.map(|(field, _)| &field.values).collect();
    let mut row_values = Vec::with_capacity(columns.len());
    (0..frame.rows())
        .map(|row| {
            row_values.clear();
            row_values.extend(columns.iter().map(|column| as_number(column.cell(row), ABSENT)));
            // Here, and only here, nulls count.
            if calc.id() == "count" { row_values.len() as f64 } else { calc.of_numbers(&row_values) }
        })
        .collect()
}
