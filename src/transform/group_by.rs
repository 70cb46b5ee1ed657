//! `group_by`: one row for all rows with equal values, and calculations over each such group (`groupBy.ts`).

use std::collections::HashMap;

use super::calc::Calc;
use super::frame::{CellKey, DataFrame, Field, Naming, bare_name};
use super::names::is_one_of;
use crate::series::Labels;

/// What rows are grouped by, and what is calculated over the groups.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GroupBy {
    /// Names of columns. A frame without any of them goes.
    pub by: Vec<String>,
    /// Columns, and what is calculated of each.
    pub calcs: Vec<(String, Vec<Calc>)>,
}

impl GroupBy {
    pub(super) fn apply(&self, frames: Vec<DataFrame>) -> Vec<DataFrame> {
        if self.by.is_empty() {
            return frames;
        }
        let naming = Naming::of(&frames);
        frames.iter().filter_map(|frame| self.grouped(frame, &naming)).collect()
    }

    fn grouped(&self, frame: &DataFrame, naming: &Naming) -> Option<DataFrame> {
        let names = naming.names(frame);
        let by: Vec<&Field> = frame
            .fields()
            .iter()
            .zip(&names)
            .filter(|(field, shown)| is_one_of(&self.by, field, shown))
            .map(|(field, _)| field)
            .collect();
        if by.is_empty() {
            return None;
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut by_key: HashMap<Vec<CellKey<'_>>, usize> = HashMap::new();
        for row in 0..frame.rows() {
            let key = by.iter().map(|field| field.values.cell(row).key()).collect();
            let group = *by_key.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[group].push(row);
        }
        let first_rows: Vec<Option<usize>> = groups.iter().map(|rows| rows.first().copied()).collect();
        let mut fields: Vec<Field> = by
            .iter()
            .map(|field| Field {
                labels: Labels::default(),
                ..field.with_values(field.values.pick(&first_rows))
            })
            .collect();
        for field in frame.fields() {
            for calc in self.calcs_of(field) {
                let mut values = calc.result_column(&field.values);
                for rows in &groups {
                    calc.push(&field.values, rows, &mut values);
                }
                fields.push(Field::new(format!("{} ({})", bare_name(field), calc.id()), values));
            }
        }
        Some(DataFrame::new(frame.ref_id.clone(), fields))
    }

    fn calcs_of(&self, field: &Field) -> &[Calc] {
        let called = |name: &str| self.calcs.iter().find(|(wanted, _)| wanted == name);
        called(bare_name(field)).or_else(|| called(&field.name)).map_or(&[], |(_, calcs)| calcs)
    }
}
