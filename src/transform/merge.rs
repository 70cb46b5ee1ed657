//! `merge`: all frames as one, rows with equal values in the columns that all have side by side (`merge.ts`).

use std::collections::HashMap;

use super::bounds::Bounds;
use super::frame::{Cell, CellKey, DataFrame, Field};

/// Comparisons of rows with each other after which the remaining rows are only appended.
const COMPARISONS_LIMIT: usize = 5_000_000;

/// A row of the result; `None` where no frame has had a say yet.
type Row<'a> = Vec<Option<Cell<'a>>>;

pub(super) fn apply(frames: Vec<DataFrame>, bounds: &mut Bounds) -> Vec<DataFrame> {
    if frames.len() <= 1 {
        return frames;
    }
    let data: Vec<&DataFrame> = frames.iter().filter(|frame| !frame.fields().is_empty()).collect();
    if data.is_empty() {
        return frames.into_iter().take(1).collect();
    }
    let (mut fields, places) = columns(&data);
    fields.truncate(bounds.columns(fields.len()));
    // The columns that every frame has; of two with one name in a frame the last counts, as everywhere here.
    let keys: Vec<usize> = (0..fields.len())
        .filter(|column| places.iter().all(|places| places.contains(&Some(*column))))
        .collect();
    if keys.is_empty() {
        return frames;
    }
    let ref_ids: Vec<&str> = data.iter().map(|frame| frame.ref_id.as_str()).collect();
    let ref_id = format!("merge-{}", ref_ids.join("-"));
    let total = data.iter().map(|frame| frame.rows()).sum();
    let allowed = bounds.rows(fields.len(), total);
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut by_key: HashMap<Vec<CellKey<'_>>, Vec<usize>> = HashMap::new();
    let mut comparisons = 0;
    for (frame, places) in data.iter().zip(&places) {
        for index in 0..frame.rows() {
            let mut row: Row<'_> = vec![None; fields.len()];
            for (place, field) in places.iter().zip(frame.fields()) {
                if let Some(place) = place.and_then(|place| row.get_mut(place)) {
                    *place = Some(field.values.cell(index));
                }
            }
            let key = keys.iter().map(|key| row[*key].unwrap_or(Cell::Empty).key()).collect();
            let known = by_key.entry(key).or_default();
            let mut is_merged = false;
            if comparisons < COMPARISONS_LIMIT {
                comparisons += known.len();
                for existing in known.iter().copied() {
                    if is_mergeable(&rows[existing], &row) {
                        is_merged = true;
                        merge_into(&mut rows[existing], &row);
                    }
                }
            } else {
                bounds.note("merging stopped: too many rows have the same values in the columns in common");
            }
            if !is_merged && rows.len() < allowed {
                known.push(rows.len());
                rows.push(row);
            }
        }
    }
    for (column, field) in fields.iter_mut().enumerate() {
        for row in &rows {
            field.values.push(row[column].unwrap_or(Cell::Empty));
        }
    }
    let interval_ms = data.iter().filter_map(|frame| frame.interval_ms).min();
    vec![DataFrame::new(ref_id, fields).every(interval_ms)]
}

/// The columns of the result, and for each frame the column that each of its fields is, if it is one.
fn columns<'a>(data: &[&'a DataFrame]) -> (Vec<Field>, Vec<Vec<Option<usize>>>) {
    let mut fields: Vec<Field> = Vec::new();
    let mut by_name: HashMap<&'a str, usize> = HashMap::new();
    let mut places = Vec::with_capacity(data.len());
    for frame in data {
        let mut own: Vec<Option<usize>> = Vec::with_capacity(frame.fields().len());
        for field in frame.fields() {
            let column = *by_name.entry(&field.name).or_insert_with(|| {
                let bare = Field { display_name: None, ..field.without_values() };
                fields.push(Field { labels: crate::series::Labels::default(), ..bare });
                fields.len() - 1
            });
            for place in own.iter_mut().filter(|place| **place == Some(column)) {
                *place = None;
            }
            own.push(Some(column));
        }
        places.push(own);
    }
    (fields, places)
}

fn is_mergeable(existing: &[Option<Cell<'_>>], row: &[Option<Cell<'_>>]) -> bool {
    existing.iter().zip(row).all(|(existing, value)| match (existing, value) {
        (None | Some(Cell::Empty), _) | (_, None) => true,
        (Some(existing), Some(value)) => is_same(*existing, *value),
    })
}

/// NaN is not even the same as itself.
fn is_same(a: Cell<'_>, b: Cell<'_>) -> bool {
    match (a, b) {
        (Cell::Empty, Cell::Empty) => true,
        (Cell::Text(a), Cell::Text(b)) => a == b,
        (a, b) => a.number().is_some_and(|a| {
            b.number().is_some_and(|b| a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_eq))
        }),
    }
}

fn merge_into<'a>(existing: &mut [Option<Cell<'a>>], row: &[Option<Cell<'a>>]) {
    for (place, value) in existing.iter_mut().zip(row) {
        if value.is_some() {
            *place = *value;
        }
    }
}
