//! `labels_to_fields`: labels of series as columns, or as rows of their own (`labelsToFields.ts`).

use std::sync::Arc;

use super::bounds::Bounds;
use super::frame::{Column, DataFrame, Field, Naming};
use crate::series::Labels;

/// Which labels become what.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LabelsToFields {
    /// These; all where it is empty.
    pub keep: Vec<String>,
    /// A frame of names and values a series, instead of columns beside its values.
    pub rows: bool,
    /// The label whose value becomes the name of the column of values.
    pub value_label: Option<String>,
}

impl LabelsToFields {
    pub(super) fn apply(&self, frames: Vec<DataFrame>, bounds: &mut Bounds) -> Vec<DataFrame> {
        if self.rows {
            return self.as_rows(&frames);
        }
        bounds.begin();
        frames.into_iter().map(|frame| self.as_columns(frame, bounds)).collect()
    }

    fn as_columns(&self, mut frame: DataFrame, bounds: &mut Bounds) -> DataFrame {
        let rows = frame.rows();
        // In the order in which they are met, a column for each value.
        let mut labels: Vec<(String, Vec<String>)> = Vec::new();
        let mut fields = Vec::new();
        for field in frame.take_fields() {
            if field.labels.is_empty() {
                fields.push(field);
                continue;
            }
            let mut bare =
                Field { display_name: None, source_name: None, labels: Labels::default(), ..field.clone() };
            for (name, value) in field.labels.iter() {
                if !self.keep.is_empty() && !self.keep.iter().any(|keep| keep == name) {
                    continue;
                }
                if self.value_label.as_deref() == Some(name) {
                    value.clone_into(&mut bare.name);
                    continue;
                }
                let place = labels.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                    labels.push((name.to_owned(), Vec::new()));
                    labels.len() - 1
                });
                let values = &mut labels[place].1;
                if !values.iter().any(|known| known == value) {
                    values.push(value.to_owned());
                }
            }
            fields.push(bare);
        }
        let added = labels.iter().map(|(_, values)| values.len()).sum::<usize>();
        let columns = bounds.columns(fields.len() + added);
        let rows = bounds.rows_of_one(columns, rows);
        for (name, values) in labels {
            for value in values {
                if fields.len() < columns {
                    let value: Arc<str> = value.into();
                    fields.push(Field::new(name.clone(), Column::Text(vec![Some(value); rows])));
                }
            }
        }
        frame.with_fields(fields).first_rows(rows)
    }

    fn as_rows(&self, frames: &[DataFrame]) -> Vec<DataFrame> {
        let naming = Naming::of(frames);
        let mut listed = Vec::new();
        for frame in frames {
            let names = naming.names(frame);
            for (field, name) in frame.fields().iter().zip(names) {
                if field.labels.is_empty() {
                    continue;
                }
                let text = |text: &str| Some(Arc::<str>::from(text));
                let (keys, values): (Vec<_>, Vec<_>) = if self.keep.is_empty() {
                    field.labels.iter().map(|(name, value)| (text(name), text(value))).unzip()
                } else {
                    self.keep.iter().map(|name| (text(name), field.labels.get(name).and_then(text))).unzip()
                };
                let fields =
                    vec![Field::new("label", Column::Text(keys)), Field::new("value", Column::Text(values))];
                listed.push(DataFrame::new(frame.ref_id.clone(), fields).called(Some(name)));
            }
        }
        listed
    }
}
