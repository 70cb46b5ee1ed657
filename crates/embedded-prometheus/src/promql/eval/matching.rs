//! Operators between two vectors: which series belong together, and what happens where that is not clear.
//!
//! Series are grouped by the labels they are matched on; conflicts are looked for step by step, and the first step
//! that has one names it, as Prometheus's evaluation does.

use std::collections::{HashMap, HashSet};

use super::binary::{changes_metric, kept};
use super::{Evaluator, merge_same_labels, scalar_op};
use crate::model::Labels;
use crate::promql::ast::{Binary, BinaryOp, Cardinality, Matching};
use crate::promql::error::QueryError;
use crate::promql::value::{ABSENT, Column, Grid, is_absent};

/// Gives each distinct set of matched labels a number.
#[derive(Default)]
struct Signatures {
    numbers: HashMap<Labels, usize>,
}

impl Signatures {
    fn of(&mut self, columns: &[Column], matching: &Matching) -> Vec<usize> {
        columns
            .iter()
            .map(|column| {
                let next = self.numbers.len();
                *self.numbers.entry(matched_labels(&column.labels, matching)).or_insert(next)
            })
            .collect()
    }
}

fn matched_labels(labels: &Labels, matching: &Matching) -> Labels {
    if matching.on { labels.keeping(&matching.labels) } else { labels.without(&matching.labels) }
}

/// The first conflict by step.
#[derive(Default)]
struct Conflict(Option<(usize, QueryError)>);

impl Conflict {
    fn at(&mut self, step: usize, error: impl FnOnce() -> QueryError) {
        if self.0.as_ref().is_none_or(|(first, _)| step < *first) {
            self.0 = Some((step, error()));
        }
    }

    fn or<T>(self, value: T) -> Result<T, QueryError> {
        self.0.map_or(Ok(value), |(_, error)| Err(error))
    }
}

/// The series of the side that must be unique, of one signature: at each step at most one has a value.
struct One {
    values: Vec<f64>,
    /// Which series has it; empty if there is only one.
    which: Vec<usize>,
    first: usize,
}

impl One {
    fn series(&self, step: usize) -> usize {
        self.which.get(step).copied().unwrap_or(self.first)
    }
}

impl Evaluator<'_> {
    /// `and`, `or`, `unless`.
    pub(super) fn set_operator(
        &mut self,
        binary: &Binary,
        mut left: Vec<Column>,
        mut right: Vec<Column>,
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        let mut signatures = Signatures::default();
        let left_signatures = signatures.of(&left, &binary.matching);
        let right_signatures = signatures.of(&right, &binary.matching);
        let is_or = binary.op == BinaryOp::Or;
        let (seen, seen_signatures) =
            if is_or { (&left, &left_signatures) } else { (&right, &right_signatures) };
        let mut present: HashMap<usize, Vec<bool>> = HashMap::new();
        for (column, signature) in seen.iter().zip(seen_signatures) {
            self.worked(grid.steps)?;
            let present = present.entry(*signature).or_insert_with(|| vec![false; grid.steps]);
            for (present, value) in present.iter_mut().zip(&column.values) {
                *present |= !is_absent(*value);
            }
        }
        let keeps_matched = binary.op == BinaryOp::And;
        let (filtered, filtered_signatures) =
            if is_or { (&mut right, &right_signatures) } else { (&mut left, &left_signatures) };
        for (column, signature) in filtered.iter_mut().zip(filtered_signatures) {
            self.worked(grid.steps)?;
            let matched = present.get(signature);
            for (step, value) in column.values.iter_mut().enumerate() {
                if matched.is_some_and(|matched| matched[step]) != keeps_matched {
                    *value = ABSENT;
                }
            }
        }
        if is_or {
            left.append(&mut right);
        }
        merge_same_labels(left)
    }

    /// Arithmetic and comparison.
    pub(super) fn vector_operator(
        &mut self,
        binary: &Binary,
        left: Vec<Column>,
        right: Vec<Column>,
        grid: &Grid,
    ) -> Result<Vec<Column>, QueryError> {
        let matching = &binary.matching;
        let swapped = matching.cardinality == Cardinality::OneToMany;
        let (many, one) = if swapped { (right, left) } else { (left, right) };
        let mut signatures = Signatures::default();
        let many_signatures = signatures.of(&many, matching);
        let one_signatures = signatures.of(&one, matching);
        let mut conflict = Conflict::default();
        let ones = self.unique_side(&one, &one_signatures, &many, matching, &mut conflict, grid)?;

        let mut output = Output::new(binary, grid.steps, &many_signatures);
        for (column, signature) in many.iter().zip(&many_signatures) {
            let Some(one_side) = ones.get(signature) else { continue };
            self.worked(grid.steps)?;
            let before = output.columns.len();
            for step in 0..grid.steps {
                let (value, other) = (column.values[step], one_side.values[step]);
                if is_absent(value) || is_absent(other) {
                    continue;
                }
                let (l, r) = if swapped { (other, value) } else { (value, other) };
                let result = kept(output.filters, scalar_op(binary.op, l, r), l);
                if is_absent(result) {
                    continue;
                }
                let one_labels = &one[one_side.series(step)].labels;
                output.put(step, *signature, &column.labels, one_labels, result, &mut conflict);
            }
            let added = output.columns.len() - before;
            self.budget.take(added.saturating_mul(grid.steps))?;
        }
        conflict.or(output.columns)
    }

    /// The one side's values by signature; two at the same step are a conflict.
    fn unique_side(
        &mut self,
        one: &[Column],
        signatures: &[usize],
        many: &[Column],
        matching: &Matching,
        conflict: &mut Conflict,
        grid: &Grid,
    ) -> Result<HashMap<usize, One>, QueryError> {
        let mut ones: HashMap<usize, One> = HashMap::with_capacity(one.len());
        for (series, (column, signature)) in one.iter().zip(signatures).enumerate() {
            self.worked(grid.steps)?;
            let Some(known) = ones.get_mut(signature) else {
                ones.insert(
                    *signature,
                    One { values: column.values.clone(), which: Vec::new(), first: series },
                );
                continue;
            };
            if known.which.is_empty() {
                known.which = vec![known.first; grid.steps];
            }
            for (step, value) in column.values.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
                if is_absent(known.values[step]) {
                    known.values[step] = *value;
                    known.which[step] = series;
                } else if many.iter().any(|column| !is_absent(column.values[step])) {
                    let other = known.which[step];
                    conflict.at(step, || duplicate(matching, &column.labels, &one[other].labels));
                    break;
                }
            }
        }
        Ok(ones)
    }
}

fn duplicate(matching: &Matching, labels: &Labels, other: &Labels) -> QueryError {
    let group = matched_labels(labels, matching);
    let side = if matching.cardinality == Cardinality::OneToMany { "left" } else { "right" };
    QueryError::execution(format!(
        "found duplicate series for the match group {group} on the {side} hand-side of the operation: \
         [{labels}, {other}];many-to-many matching not allowed: matching labels must be unique on one side"
    ))
}

/// The result's series, and who wrote what into them.
struct Output<'b> {
    binary: &'b Binary,
    filters: bool,
    steps: usize,
    columns: Vec<Column>,
    /// The signature that wrote each column's value last; a column mostly has one writer.
    writers: Vec<Vec<u32>>,
    places: HashMap<Labels, usize>,
    /// The column of the pair of label sets before, which is mostly the same again.
    last: Option<(Labels, Labels, usize)>,
    /// The steps at which a signature has had a match, for those with several series.
    matched: HashMap<usize, Vec<bool>>,
}

impl<'b> Output<'b> {
    fn new(binary: &'b Binary, steps: usize, signatures: &[usize]) -> Self {
        let mut seen = HashSet::with_capacity(signatures.len());
        let repeated = signatures.iter().filter(|signature| !seen.insert(**signature));
        let matched = repeated.map(|signature| (*signature, vec![false; steps])).collect();
        Self {
            binary,
            filters: binary.op.is_comparison() && !binary.returns_bool,
            steps,
            columns: Vec::new(),
            writers: Vec::new(),
            places: HashMap::new(),
            last: None,
            matched,
        }
    }

    fn place(&mut self, many: &Labels, one: &Labels) -> usize {
        if let Some((last_many, last_one, place)) = &self.last
            && last_many == many
            && last_one == one
        {
            return *place;
        }
        let labels = result_labels(many, one, self.binary);
        let place = *self.places.entry(labels).or_insert_with_key(|labels| {
            self.columns.push(Column { labels: labels.clone(), values: vec![ABSENT; self.steps] });
            self.writers.push(Vec::new());
            self.columns.len() - 1
        });
        self.last = Some((many.clone(), one.clone(), place));
        place
    }

    fn put(
        &mut self,
        step: usize,
        signature: usize,
        many: &Labels,
        one: &Labels,
        value: f64,
        conflict: &mut Conflict,
    ) {
        let one_to_one = self.binary.matching.cardinality == Cardinality::OneToOne;
        if one_to_one && let Some(matched) = self.matched.get_mut(&signature) {
            if matched[step] {
                conflict.at(step, || {
                    QueryError::execution(
                        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
                    )
                });
                return;
            }
            matched[step] = true;
        }
        let place = self.place(many, one);
        let writer = signature as u32;
        let slot = &mut self.columns[place].values[step];
        if !is_absent(*slot) {
            let same_signature = self.writers[place].get(step).is_none_or(|before| *before == writer);
            conflict.at(step, || {
                if same_signature && !one_to_one {
                    QueryError::execution(
                        "multiple matches for labels: grouping labels must ensure unique matches",
                    )
                } else {
                    QueryError::same_labelset()
                }
            });
            return;
        }
        *slot = if is_absent(value) { f64::NAN } else { value };
        let writers = &mut self.writers[place];
        if writers.is_empty() {
            writers.resize(self.steps, writer);
        } else {
            writers[step] = writer;
        }
    }
}

/// The labels of a result: those of the many side, or what was matched on.
fn result_labels(many: &Labels, one: &Labels, binary: &Binary) -> Labels {
    let matching = &binary.matching;
    let mut labels =
        if changes_metric(binary.op) || binary.returns_bool { many.without_metric() } else { many.clone() };
    if matching.cardinality == Cardinality::OneToOne {
        labels = if matching.on {
            labels.keeping(&matching.labels)
        } else {
            labels.filtered(|name| !matching.labels.iter().any(|l| l == name))
        };
    }
    if matching.include.is_empty() {
        return labels;
    }
    let mut builder = labels.builder();
    for name in &matching.include {
        builder.set(name, one.get(name));
    }
    let labels = builder.build();
    // `bool` drops the name even where it was asked for.
    if binary.returns_bool { labels.without_metric() } else { labels }
}
