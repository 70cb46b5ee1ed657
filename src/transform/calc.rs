//! Calculations over a column, by the names that Grafana knows and shows them by.

use std::collections::HashSet;
use std::sync::Arc;

use super::frame::{Cell, Column};
use crate::reduce::Reduce;
use crate::series::{ABSENT, is_absent};

/// A calculation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calc {
    id: String,
    reduce: Reduce,
}

impl Calc {
    /// By one of the names that [`Reduce::parse`] reads.
    pub fn parse(name: &str) -> Option<Self> {
        let reduce = Reduce::parse(name)?;
        let id = match name {
            "current" => "lastNotNull",
            "avg" => "mean",
            "total" => "sum",
            "stddev" => "stdDev",
            other => other,
        };
        Some(Self { id: id.to_owned(), reduce })
    }

    /// Grafana's id, as in `Value (lastNotNull)`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Grafana's name, as above a column.
    pub fn shown_name(&self) -> String {
        let name = match self.id.as_str() {
            "lastNotNull" => "Last *",
            "last" => "Last",
            "firstNotNull" => "First *",
            "first" => "First",
            "min" | "p0" => "Min",
            "max" | "p100" => "Max",
            "mean" => "Mean",
            "median" => "Median",
            "variance" => "Variance",
            "stdDev" => "StdDev",
            "sum" => "Total",
            "count" => "Count",
            "countAll" => "Count all",
            "range" => "Range",
            "delta" => "Delta",
            "step" => "Step",
            "diff" => "Difference",
            "logmin" => "Min (above zero)",
            "allIsZero" => "All Zeros",
            "allIsNull" => "All Nulls",
            "changeCount" => "Change Count",
            "distinctCount" => "Distinct Count",
            "diffperc" => "Difference percent",
            _ => "",
        };
        match self.reduce {
            Reduce::Percentile(percent) => format!("{percent}{} %", ordinal(percent)),
            _ => name.to_owned(),
        }
    }

    /// Whether it counts, and so gives a number whatever the column holds.
    fn counts(&self) -> bool {
        matches!(
            self.reduce,
            Reduce::Count
                | Reduce::CountAll
                | Reduce::ChangeCount
                | Reduce::DistinctCount
                | Reduce::AllIsZero
                | Reduce::AllIsNull
        )
    }

    /// Whether it gives one of the column's own values.
    pub(super) fn picks(&self) -> bool {
        matches!(self.reduce, Reduce::Now | Reduce::Last | Reduce::First)
    }

    /// An empty column for the results over columns like `column`: a mean of times is a time, a count is none.
    pub(super) fn result_column(&self, column: &Column) -> Column {
        if self.counts() || (matches!(column, Column::Text(_)) && !self.picks()) {
            Column::Number(Vec::new())
        } else {
            column.empty_like()
        }
    }

    /// The number over numbers; [`ABSENT`] where there is none.
    pub(super) fn of_numbers(&self, numbers: &[f64]) -> f64 {
        self.reduce.apply(numbers).unwrap_or(ABSENT)
    }

    /// Appends the result over the rows `rows` of `column` to `results`, a [`Calc::result_column`].
    pub(super) fn push(&self, column: &Column, rows: &[usize], results: &mut Column) {
        match column {
            Column::Time(values) | Column::Number(values) => {
                let numbers: Vec<f64> =
                    rows.iter().map(|row| values.get(*row).copied().unwrap_or(ABSENT)).collect();
                let number = self.of_numbers(&numbers);
                results.push(if is_absent(number) { Cell::Empty } else { Cell::Number(number) });
            }
            Column::Text(values) => {
                let texts: Vec<Option<&Arc<str>>> =
                    rows.iter().map(|row| values.get(*row).and_then(Option::as_ref)).collect();
                results.push(self.of_texts(&texts));
            }
        }
    }

    fn of_texts<'a>(&self, texts: &[Option<&'a Arc<str>>]) -> Cell<'a> {
        let mut there = texts.iter().copied().flatten();
        let count = |count: usize| Cell::Number(count as f64);
        match self.reduce {
            Reduce::Now | Reduce::Last => there.next_back().map_or(Cell::Empty, Cell::Text),
            Reduce::First => there.next().map_or(Cell::Empty, Cell::Text),
            Reduce::Count => count(there.count()),
            Reduce::CountAll => count(texts.len()),
            Reduce::DistinctCount => count(there.collect::<HashSet<_>>().len()),
            Reduce::ChangeCount => {
                let there: Vec<_> = there.collect();
                count(there.windows(2).filter(|pair| pair[0] != pair[1]).count())
            }
            Reduce::AllIsNull => count(usize::from(there.next().is_none())),
            Reduce::AllIsZero => count(0),
            _ => Cell::Empty,
        }
    }
}

fn ordinal(number: u8) -> &'static str {
    match number {
        4..=20 => "th",
        _ if number % 10 == 1 => "st",
        _ if number % 10 == 2 => "nd",
        _ if number % 10 == 3 => "rd",
        _ => "th",
    }
}
