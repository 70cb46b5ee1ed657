//! The data of a panel after its transforms, in the shapes in which panel types read data: each column of numbers stands
//! for a query's answer with one series.

use super::TargetView;
use crate::dashboard::{Panel, PanelQuery, QueryFormat};
use crate::series::{Frame, Sample, Vector, is_absent};
use crate::transform::{Answered, DataFrame, LabelsToFields, ShownField, Transform, run, shown_fields};

/// What has become of a panel's answers.
#[derive(Clone, Debug, Default)]
pub struct TransformedData {
    /// As the transforms have left them. For a table there is one at most, unless they have nothing in common.
    pub frames: Vec<DataFrame>,
    /// What was left out for the limits, in words.
    pub notes: Vec<String>,
    columns: Vec<ColumnAnswer>,
}

/// One column of numbers.
#[derive(Clone, Debug)]
struct ColumnAnswer {
    query: PanelQuery,
    name: String,
    range: Option<Frame>,
    /// The column reduced to one value.
    instant: Vector,
}

/// Whether a panel's data goes through frames; all others read answers as they come.
pub fn is_transformed(panel: &Panel) -> bool {
    let is_table = is_table(panel);
    !panel.transforms.is_empty() || panel.queries.iter().any(|query| is_table && query.range)
}

fn is_table(panel: &Panel) -> bool {
    std::ptr::eq(panel.kind, &raw const super::table::KIND)
}

impl TransformedData {
    /// Transforms what `targets` have brought.
    pub fn new(panel: &Panel, targets: &[TargetView<'_>]) -> Self {
        let is_table = is_table(panel);
        let answers: Vec<Answered<'_>> = targets
            .iter()
            .map(|target| Answered {
                ref_id: &target.query.ref_id,
                legend: target.query.legend.as_deref(),
                expr: target.expr,
                is_table: target.query.format.map_or(is_table, |format| format == QueryFormat::Table),
                range: target.range,
                instant: target.instant,
            })
            .collect();
        let mut done = run(&panel.transforms, &answers);
        if is_table && done.frames.len() > 1 {
            // A table has one grid: what else is there joins it as it would without transforms.
            let mut transforms = panel.transforms.clone();
            transforms.push(Transform::LabelsToFields(LabelsToFields::default()));
            transforms.push(Transform::Merge);
            done = run(&transforms, &answers);
            if done.frames.len() > 1 {
                done.notes.push(format!(
                    "{} more tables have no column in common with the first; merge or join them",
                    done.frames.len() - 1
                ));
            }
        }
        let columns = shown_fields(&done.frames).into_iter().map(|field| column(panel, field)).collect();
        Self { frames: done.frames, notes: done.notes, columns }
    }

    /// The columns as answers.
    pub fn targets(&self) -> Vec<TargetView<'_>> {
        let targets = self.columns.iter().map(|column| TargetView {
            query: &column.query,
            expr: &column.name,
            name: Some(&column.name),
            range: column.range.as_ref(),
            instant: Some(&column.instant),
        });
        targets.collect()
    }
}

fn column(panel: &Panel, field: ShownField) -> ColumnAnswer {
    // A column whose only samples are NaN is NaN, not missing.
    let is_there = field.values.iter().any(|value| !is_absent(*value));
    let value = panel.field.reduce.apply(&field.values).or(is_there.then_some(f64::NAN));
    let samples = value.map(|value| Sample { labels: field.labels, value });
    ColumnAnswer {
        query: PanelQuery { ref_id: field.ref_id, ..PanelQuery::default() },
        name: field.name,
        range: field.frame,
        instant: Vector { time_ms: field.time_ms, samples: samples.into_iter().collect() },
    }
}
