//! `reduce`: every column as one row of figures, or as one value (`reduce.ts`).

use std::sync::Arc;

use super::calc::Calc;
use super::frame::{Cell, Column, DataFrame, Field, Naming};
use crate::series::Labels;

/// What becomes of columns.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reduce {
    /// Figures.
    pub calcs: Vec<Calc>,
    /// The columns stay, with one value each, instead of becoming rows.
    pub fields: bool,
    /// Labels become columns beside the figures, and names lack them.
    pub labels: bool,
}

impl Reduce {
    pub(super) fn apply(&self, frames: Vec<DataFrame>) -> Vec<DataFrame> {
        if self.calcs.is_empty() {
            return frames;
        }
        if self.fields {
            return frames.iter().filter_map(|frame| self.one_value_each(frame)).collect();
        }
        self.rows(&frames).into_iter().collect()
    }

    fn one_value_each(&self, frame: &DataFrame) -> Option<DataFrame> {
        let rows: Vec<usize> = (0..frame.rows()).collect();
        let mut fields = Vec::new();
        for field in frame.fields().iter().filter(|field| !field.values.is_time()) {
            for calc in &self.calcs {
                let mut values = calc.result_column(&field.values);
                calc.push(&field.values, &rows, &mut values);
                let mut labels = field.labels.clone();
                if self.calcs.len() > 1 {
                    let name = calc.shown_name();
                    let others = labels.iter().filter(|(name, _)| *name != "reducer");
                    let all = others.chain([("reducer", name.as_str())]);
                    labels = Labels::new(all.map(|(name, value)| (name.into(), value.into())));
                }
                fields.push(Field { labels, ..field.with_values(values) });
            }
        }
        (!fields.is_empty()).then(|| DataFrame::new(frame.ref_id.clone(), fields).called(frame.name.clone()))
    }

    fn rows(&self, frames: &[DataFrame]) -> Option<DataFrame> {
        let ref_ids: Vec<&str> = frames.iter().map(|frame| frame.ref_id.as_str()).collect();
        let naming = Naming::of(frames);
        let labels = if self.labels { label_names(frames) } else { Vec::new() };
        let mut names: Vec<Option<Arc<str>>> = Vec::new();
        let mut label_values: Vec<Vec<Option<Arc<str>>>> = vec![Vec::new(); labels.len()];
        let mut figures: Vec<Option<Column>> = vec![None; self.calcs.len()];
        for frame in frames {
            let shown = naming.names(frame);
            let rows: Vec<usize> = (0..frame.rows()).collect();
            for (field, shown) in
                frame.fields().iter().zip(shown).filter(|(field, _)| !field.values.is_time())
            {
                names.push(Some(if self.labels { field.name.as_str().into() } else { shown.into() }));
                for (values, label) in label_values.iter_mut().zip(&labels) {
                    values.push(field.labels.get(label).map(Arc::from));
                }
                for (figures, calc) in figures.iter_mut().zip(&self.calcs) {
                    let mut one = calc.result_column(&field.values);
                    calc.push(&field.values, &rows, &mut one);
                    // Grafana's "no such value" is NaN here.
                    let cell = match (one.cell(0), &one) {
                        (Cell::Empty, Column::Number(_) | Column::Time(_)) => Cell::Number(f64::NAN),
                        (cell, _) => cell,
                    };
                    // The first column gives the type.
                    let figures = figures.get_or_insert_with(|| one.empty_like());
                    figures.push(if figures.is_like(&one) { cell } else { Cell::Empty });
                }
            }
        }
        if frames.is_empty() {
            return None;
        }
        let mut fields = vec![Field::new("Field", Column::Text(names))];
        let columns = labels.into_iter().zip(label_values);
        fields.extend(columns.map(|(name, values)| Field::new(name, Column::Text(values))));
        fields.extend(
            self.calcs
                .iter()
                .zip(figures)
                .map(|(calc, figures)| Field::new(calc.shown_name(), figures.unwrap_or_default())),
        );
        Some(DataFrame::new(format!("reduce-{}", ref_ids.join("-")), fields))
    }
}

/// All labels of all columns, in the order in which they are met.
fn label_names(frames: &[DataFrame]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in frames.iter().flat_map(DataFrame::fields) {
        for (name, _) in field.labels.iter() {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}
