//! `join`: frames side by side, rows brought together by one column (`joinDataFrames.ts`).

use std::collections::{HashMap, HashSet};

use super::bounds::{Bounds, CELLS_LIMIT};
use super::frame::{CellKey, Column, DataFrame, Field, Naming, VALUE};
use super::names::is_one_of;
use super::sort;
use crate::series::Labels;

/// What frames are joined by.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Join {
    /// The column; the first column of times where it is not said.
    pub by: Option<String>,
    /// Which rows there are.
    pub mode: JoinMode,
}

/// Which rows a join has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum JoinMode {
    /// One for each key that any frame has.
    #[default]
    Outer,
    /// One for each combination of rows that all frames have.
    Inner,
    /// All rows of all frames: those that have a key in common together, each combination of them.
    OuterTabular,
}

/// Frames that a join takes where each may multiply the rows.
const INNER_FRAMES_LIMIT: usize = 200;

/// A frame to be joined.
struct Side {
    /// The column that rows are brought together by.
    key: Field,
    others: Vec<Field>,
}

impl Join {
    pub(super) fn apply(&self, frames: Vec<DataFrame>, bounds: &mut Bounds) -> Vec<DataFrame> {
        if frames.len() <= 1 || (self.by.is_none() && frames[0].time_field().is_none()) {
            return frames;
        }
        let ref_ids: Vec<&str> = frames.iter().map(|frame| frame.ref_id.as_str()).collect();
        let ref_id = format!("joinByField-{}", ref_ids.join("-"));
        let naming = Naming::of(&frames);
        let count = frames.len();
        let mut was_joined = false;
        let interval_ms = frames.iter().filter_map(|frame| frame.interval_ms).min();
        let mut sides: Vec<Side> = Vec::with_capacity(count);
        for frame in frames {
            was_joined |= frame.is_joined;
            sides.extend(self.side(frame, &naming));
        }
        if sides.is_empty() {
            return vec![DataFrame::new(ref_id, Vec::new())];
        }
        let is_complete = sides.len() == count;
        let (fields, is_joined) = match self.mode {
            JoinMode::Outer => outer(sides, bounds),
            JoinMode::OuterTabular => (tabular(sides, bounds), true),
            JoinMode::Inner => {
                let fields = inner(sides, bounds);
                (if is_complete { fields } else { fields.iter().map(Field::without_values).collect() }, false)
            }
        };
        let mut joined = DataFrame::new(ref_id, fields).every(interval_ms);
        joined.is_joined = is_joined || was_joined;
        vec![joined]
    }

    fn side(&self, mut frame: DataFrame, naming: &Naming) -> Option<Side> {
        let place = match &self.by {
            Some(by) => {
                let names = naming.names(&frame);
                let by = std::slice::from_ref(by);
                let mut fields = frame.fields().iter().zip(&names);
                fields.position(|(field, shown)| is_one_of(by, field, shown))?
            }
            None => frame.time_field()?,
        };
        let frame_name = frame.name.clone().filter(|name| !name.is_empty());
        let mut others = frame.take_fields();
        let key = others.remove(place);
        if let Some(frame_name) = frame_name {
            for field in &mut others {
                if field.name == VALUE {
                    field.name.clone_from(&frame_name);
                } else if field.labels.get("name").is_none() {
                    let labels = field.labels.iter().chain([("name", frame_name.as_str())]);
                    field.labels = Labels::new(labels.map(|(name, value)| (name.into(), value.into())));
                }
            }
        }
        Some(Side { key, others })
    }
}

/// All rows of all sides, and whether any side lacks one.
fn outer(mut sides: Vec<Side>, bounds: &mut Bounds) -> (Vec<Field>, bool) {
    let columns = bounds.columns(1 + sides.iter().map(|side| side.others.len()).sum::<usize>());
    let is_text = matches!(sides[0].key.values, Column::Text(_));
    let first = sides[0].key.clone();
    let is_same = |side: &Side| {
        side.key.values.len() == first.values.len()
            && (0..first.values.len()).all(|row| side.key.values.cell(row) == first.values.cell(row))
    };
    let is_aligned = sides.iter().all(is_same);
    let mut fields = Vec::with_capacity(columns);
    if is_aligned {
        let order = (!is_text && !is_ascending(&first.values)).then(|| sort::order(&first.values, false));
        fields.push(first);
        fields.extend(sides.into_iter().flat_map(|side| side.others).take(columns - 1));
        let rows = bounds.rows(columns, fields[0].values.len());
        let order = order.unwrap_or_else(|| (0..fields[0].values.len()).collect());
        let picked: Vec<Option<usize>> = order.into_iter().take(rows).map(Some).collect();
        let sorted = fields.into_iter().map(|field| field.with_values(field.values.pick(&picked)));
        return (sorted.collect(), false);
    }
    let mut keys = first.values.empty_like();
    let mut seen: HashSet<CellKey<'_>> = HashSet::new();
    for side in &sides {
        for row in 0..side.key.values.len() {
            let cell = side.key.values.cell(row);
            if seen.insert(cell.key()) {
                keys.push(cell);
            }
        }
    }
    if !is_text {
        let order: Vec<Option<usize>> = sort::order(&keys, false).into_iter().map(Some).collect();
        keys = keys.pick(&order);
    }
    let rows = bounds.rows(columns, keys.len());
    keys.resize(rows);
    let places: HashMap<CellKey<'_>, usize> = (0..rows).map(|row| (keys.cell(row).key(), row)).collect();
    fields.push(first.with_values(Column::default()));
    let mut left = columns - 1;
    for side in &mut sides {
        // Of rows with one key the last counts.
        let mut picked: Vec<Option<usize>> = vec![None; rows];
        for row in 0..side.key.values.len() {
            if let Some(place) = places.get(&side.key.values.cell(row).key()) {
                picked[*place] = Some(row);
            }
        }
        let count = side.others.len().min(left);
        left -= count;
        let others = side.others.drain(..count);
        fields.extend(others.map(|field| field.with_values(field.values.pick(&picked))));
    }
    drop(places);
    fields[0].values = keys;
    (fields, true)
}

/// As many of `sides` as may multiply each other's rows.
fn few(mut sides: Vec<Side>, bounds: &mut Bounds) -> Vec<Side> {
    if sides.len() > INNER_FRAMES_LIMIT {
        bounds.note(&format!(
            "{} of {} frames are not joined",
            sides.len() - INNER_FRAMES_LIMIT,
            sides.len()
        ));
        sides.truncate(INNER_FRAMES_LIMIT);
    }
    sides
}

/// A row of a join: the side and the row that have its key, and the row of each side, where it has one.
#[derive(Clone)]
struct Joined {
    key: (usize, usize),
    rows: Vec<Option<usize>>,
}

/// The rows that match, each combination of them, then those of the sides so far that have no match, then those of the
/// side that joins them.
fn tabular(sides: Vec<Side>, bounds: &mut Bounds) -> Vec<Field> {
    let sides = few(sides, bounds);
    let columns = bounds.columns(1 + sides.iter().map(|side| side.others.len()).sum::<usize>());
    // One more than there may be, so that it is said that there are too many.
    let most = CELLS_LIMIT / columns + 1;
    let alone = |side: usize, row: usize| {
        let mut rows = vec![None; sides.len()];
        rows[side] = Some(row);
        Joined { key: (side, row), rows }
    };
    let mut joined: Vec<Joined> =
        (0..sides[0].key.values.len()).take(most).map(|row| alone(0, row)).collect();
    for (place, side) in sides.iter().enumerate().skip(1) {
        let mut by_key: HashMap<CellKey<'_>, Vec<usize>> = HashMap::new();
        for row in 0..side.key.values.len() {
            by_key.entry(side.key.values.cell(row).key()).or_default().push(row);
        }
        let mut matched = HashSet::new();
        let (mut both, mut left) = (Vec::new(), Vec::new());
        for one in joined {
            let key = sides[one.key.0].key.values.cell(one.key.1).key();
            // Nothing matches nothing.
            match by_key.get(&key).filter(|_| key != CellKey::Empty) {
                None => left.push(one),
                Some(rows) => {
                    for row in rows.iter().take(most.saturating_sub(both.len())) {
                        let mut with = one.clone();
                        with.rows[place] = Some(*row);
                        both.push(with);
                    }
                    matched.insert(key);
                }
            }
        }
        let right =
            (0..side.key.values.len()).filter(|row| !matched.contains(&side.key.values.cell(*row).key()));
        both.extend(left);
        both.extend(right.map(|row| alone(place, row)));
        both.truncate(most);
        joined = both;
    }
    joined.truncate(bounds.rows(columns, joined.len()));
    let mut keys = sides[0].key.values.empty_like();
    for one in &joined {
        keys.push(sides[one.key.0].key.values.cell(one.key.1));
    }
    let mut fields = vec![sides[0].key.with_values(keys)];
    for (place, side) in sides.iter().enumerate() {
        let picked: Vec<Option<usize>> = joined.iter().map(|one| one.rows[place]).collect();
        fields.extend(side.others.iter().map(|field| field.with_values(field.values.pick(&picked))));
    }
    fields.truncate(columns);
    fields
}

/// The rows that all sides have, each combination of them.
fn inner(sides: Vec<Side>, bounds: &mut Bounds) -> Vec<Field> {
    let sides = few(sides, bounds);
    let columns = bounds.columns(1 + sides.iter().map(|side| side.others.len()).sum::<usize>());
    let mut sides = sides.into_iter();
    let Some(first) = sides.next() else { return Vec::new() };
    let mut fields = vec![first.key];
    fields.extend(first.others);
    for side in sides {
        let mut by_key: HashMap<CellKey<'_>, Vec<usize>> = HashMap::new();
        for row in 0..side.key.values.len() {
            by_key.entry(side.key.values.cell(row).key()).or_default().push(row);
        }
        let key = &fields[0].values;
        let matches = |row: usize| match key.cell(row).key() {
            CellKey::Empty => &[][..],
            key => by_key.get(&key).map_or(&[][..], Vec::as_slice),
        };
        let total = (0..key.len()).map(|row| matches(row).len()).fold(0, usize::saturating_add);
        let rows = bounds.rows(columns, total);
        let pairs = (0..key.len()).flat_map(|left| matches(left).iter().map(move |right| (left, *right)));
        let (left, right): (Vec<_>, Vec<_>) =
            pairs.take(rows).map(|(left, right)| (Some(left), Some(right))).unzip();
        let joined = fields.iter().map(|field| field.with_values(field.values.pick(&left)));
        let joined: Vec<Field> = joined
            .chain(side.others.iter().map(|field| field.with_values(field.values.pick(&right))))
            .take(columns)
            .collect();
        fields = joined;
    }
    fields
}

/// Whether each number lies above the one before.
fn is_ascending(column: &Column) -> bool {
    match column {
        Column::Time(values) | Column::Number(values) => values.windows(2).all(|pair| pair[0] < pair[1]),
        Column::Text(_) => true,
    }
}
