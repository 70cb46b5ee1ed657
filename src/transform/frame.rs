//! A general table of data: named and typed columns of one length, and the names that Grafana shows them by.

use std::collections::HashMap;
use std::sync::Arc;

use crate::series::{ABSENT, Labels, is_absent};

/// The name of a column of values that has no other; Grafana leaves it out of shown names.
pub const VALUE: &str = "Value";
/// The name of the column of times.
pub const TIME: &str = "Time";

/// Columns of one length. What Grafana calls a data frame.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DataFrame {
    /// The query that it answers.
    pub ref_id: String,
    /// Its own name; most have none.
    pub name: Option<String>,
    /// An outer join has filled it up: what is missing was never a null, and no sum takes it for 0.
    pub is_joined: bool,
    /// Distance of its times as they were asked, Unix milliseconds; samples may be missing.
    pub interval_ms: Option<i64>,
    fields: Vec<Field>,
    rows: usize,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Field {
    /// By its source: `Value`, `Time`, a label's name.
    pub name: String,
    /// Shown in place of all other names; set by renaming.
    pub display_name: Option<String>,
    /// Shown in place of name and labels; set by the query's legend.
    pub source_name: Option<String>,
    /// Those of the series, without its name where it has none.
    pub labels: Labels,
    /// One a row.
    pub values: Column,
}

/// The values of a column, one a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Unix milliseconds, [`ABSENT`] where there is none.
    Time(Vec<f64>),
    /// Numbers, [`ABSENT`] where there is none.
    Number(Vec<f64>),
    /// Texts.
    Text(Vec<Option<Arc<str>>>),
}

impl Default for Column {
    fn default() -> Self {
        Self::Number(Vec::new())
    }
}

/// One value of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// Unix milliseconds.
    Time(f64),
    /// A number; may be NaN or infinite.
    Number(f64),
    /// A text.
    Text(&'a Arc<str>),
}

/// A value that rows are found by: equal cells have equal keys, and NaN equals itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CellKey<'a> {
    Empty,
    Number(u64),
    Text(&'a str),
}

impl<'a> Cell<'a> {
    pub(super) fn key(self) -> CellKey<'a> {
        match self {
            Self::Empty => CellKey::Empty,
            Self::Time(number) | Self::Number(number) if number.is_nan() => {
                CellKey::Number(f64::NAN.to_bits())
            }
            // 0 and -0 are one value.
            Self::Time(number) | Self::Number(number) => CellKey::Number((number + 0.0).to_bits()),
            Self::Text(text) => CellKey::Text(text),
        }
    }

    /// The number or time in it.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Time(number) | Self::Number(number) => Some(number),
            Self::Empty | Self::Text(_) => None,
        }
    }
}

impl Column {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Time(values) | Self::Number(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in row `row`; [`Cell::Empty`] past the end.
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Time(values) => values.get(row).filter(|v| !is_absent(**v)).map(|v| Cell::Time(*v)),
            Self::Number(values) => values.get(row).filter(|v| !is_absent(**v)).map(|v| Cell::Number(*v)),
            Self::Text(values) => values.get(row).and_then(Option::as_ref).map(Cell::Text),
        }
        .unwrap_or(Cell::Empty)
    }

    /// Its numbers, if it has such.
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Number(values) => Some(values),
            Self::Time(_) | Self::Text(_) => None,
        }
    }

    /// Whether it holds times.
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Time(_))
    }

    /// Whether `other` holds values of the same type.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// A column of the same type without values.
    pub(super) fn empty_like(&self) -> Self {
        match self {
            Self::Time(_) => Self::Time(Vec::new()),
            Self::Number(_) => Self::Number(Vec::new()),
            Self::Text(_) => Self::Text(Vec::new()),
        }
    }

    /// Adds a value; one of another type is no value here.
    pub(super) fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Time(values) | Self::Number(values), cell) => {
                values.push(cell.number().unwrap_or(ABSENT));
            }
            (Self::Text(values), Cell::Text(text)) => values.push(Some(Arc::clone(text))),
            (Self::Text(values), Cell::Time(number) | Cell::Number(number)) => {
                values.push(Some(number.to_string().into()));
            }
            (Self::Text(values), Cell::Empty) => values.push(None),
        }
    }

    /// The values of these rows; `None` is no value.
    pub(super) fn pick(&self, rows: &[Option<usize>]) -> Self {
        let mut picked = self.empty_like();
        for row in rows {
            picked.push(row.map_or(Cell::Empty, |row| self.cell(row)));
        }
        picked
    }

    /// Makes it that long.
    pub(super) fn resize(&mut self, rows: usize) {
        match self {
            Self::Time(values) | Self::Number(values) => values.resize(rows, ABSENT),
            Self::Text(values) => values.resize(rows, None),
        }
    }
}

impl Field {
    /// A column that has no more than a name.
    pub fn new(name: impl Into<String>, values: Column) -> Self {
        Self { name: name.into(), values, ..Self::default() }
    }

    /// Whether it is a column of a table that is called `name`, and shown otherwise by the legend of its query only.
    pub(super) fn is_column(&self, name: &str) -> bool {
        self.name == name
            && self.labels.is_empty()
            && self.display_name.is_none()
            && self.source_name.is_some()
    }

    /// The same without its values.
    pub(super) fn without_values(&self) -> Self {
        Self {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            source_name: self.source_name.clone(),
            labels: self.labels.clone(),
            values: self.values.empty_like(),
        }
    }

    /// The same with other values.
    pub(super) fn with_values(&self, values: Column) -> Self {
        Self { values, ..self.without_values() }
    }
}

impl DataFrame {
    /// A frame of these columns, as long as the longest of them.
    pub fn new(ref_id: impl Into<String>, fields: Vec<Field>) -> Self {
        Self { ref_id: ref_id.into(), ..Self::default() }.with_fields(fields)
    }

    /// The same frame, called so.
    pub(super) fn called(self, name: Option<String>) -> Self {
        Self { name, ..self }
    }

    /// The same frame, with times as far apart as they were asked.
    pub(super) fn every(self, interval_ms: Option<i64>) -> Self {
        Self { interval_ms, ..self }
    }

    /// The same frame with other columns.
    pub(super) fn with_fields(mut self, mut fields: Vec<Field>) -> Self {
        self.rows = fields.iter().map(|field| field.values.len()).max().unwrap_or(0);
        for field in &mut fields {
            field.values.resize(self.rows);
        }
        self.fields = fields;
        self
    }

    /// Its columns, each with [`DataFrame::rows`] values.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The columns, to name and label them otherwise.
    pub(super) fn rename(mut self, names: impl Fn(usize, &mut Field)) -> Self {
        for (index, field) in self.fields.iter_mut().enumerate() {
            names(index, field);
        }
        self
    }

    /// Takes the columns out.
    pub(super) fn take_fields(&mut self) -> Vec<Field> {
        std::mem::take(&mut self.fields)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The first column of times.
    pub fn time_field(&self) -> Option<usize> {
        self.fields.iter().position(|field| field.values.is_time())
    }

    /// The first `rows` rows.
    pub(super) fn first_rows(mut self, rows: usize) -> Self {
        if rows < self.rows {
            for field in &mut self.fields {
                field.values.resize(rows);
            }
            self.rows = rows;
        }
        self
    }

    /// All rows in another order.
    pub(super) fn in_order(mut self, order: &[usize]) -> Self {
        let rows: Vec<Option<usize>> = order.iter().copied().map(Some).collect();
        for field in &mut self.fields {
            field.values = field.values.pick(&rows);
        }
        self
    }
}

/// How columns are named where they are shown (`getFieldDisplayName`): by what all frames together have in common.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    /// The one label that any column has, where it is only one.
    single_label: Option<String>,
    frame_names_differ: bool,
}

impl Naming {
    /// By what is in `frames`.
    pub fn of(frames: &[DataFrame]) -> Self {
        let fields = frames.iter().flat_map(|frame| &frame.fields);
        let mut labels = fields.flat_map(|field| field.labels.iter().map(|(name, _)| name));
        let first = labels.next();
        let single_label = first.filter(|first| labels.all(|label| label == *first)).map(str::to_owned);
        let frame_names_differ = frames.windows(2).any(|pair| pair[0].name != pair[1].name);
        Self { single_label, frame_names_differ }
    }

    /// The shown names of all columns of `frame`.
    pub fn names(&self, frame: &DataFrame) -> Vec<String> {
        // Of columns that have one name each gets a number.
        let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
        for field in &frame.fields {
            counts.entry(&field.name).or_default().0 += 1;
        }
        let mut names = Vec::with_capacity(frame.fields.len());
        for field in &frame.fields {
            let (count, seen) = counts.entry(&field.name).or_default();
            *seen += 1;
            let number = (*count > 1).then_some(*seen);
            names.push(self.name(field, frame, number));
        }
        names
    }

    fn name(&self, field: &Field, frame: &DataFrame, number: Option<usize>) -> String {
        if let Some(name) = given_name(field) {
            return name.to_owned();
        }
        if field.values.is_time() && field.labels.is_empty() && number.is_none() {
            return field.name.clone();
        }
        let frame_name = frame.name.as_deref().filter(|name| !name.is_empty());
        let mut parts: Vec<String> = Vec::new();
        if self.frame_names_differ {
            parts.extend(frame_name.map(str::to_owned));
        }
        let frame_added = !parts.is_empty();
        if !field.name.is_empty() && field.name != VALUE {
            parts.push(field.name.clone());
        }
        let label = match &self.single_label {
            Some(label) => field.labels.get(label).filter(|value| !value.is_empty()).map(str::to_owned),
            None if field.labels.is_empty() => None,
            None => {
                let pairs: Vec<_> =
                    field.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
                Some(format!("{{{}}}", pairs.join(", ")))
            }
        };
        if label.is_none() && !frame_added && field.name == VALUE {
            parts.extend(frame_name.map(str::to_owned));
        }
        parts.extend(label);
        let name = if !parts.is_empty() {
            parts.join(" ")
        } else if field.name.is_empty() {
            VALUE.to_owned()
        } else {
            field.name.clone()
        };
        match number {
            Some(number) if name == field.name => format!("{name} {number}"),
            _ => name,
        }
    }
}

/// The name that somebody has given a column.
fn given_name(field: &Field) -> Option<&str> {
    let given = |name: &'_ Option<String>| name.as_ref().is_some_and(|name| !name.is_empty());
    if given(&field.display_name) {
        field.display_name.as_deref()
    } else if given(&field.source_name) {
        field.source_name.as_deref()
    } else {
        None
    }
}

/// The shown names of all columns of `frame`, which is looked at alone.
pub(super) fn own_names(frame: &DataFrame) -> Vec<String> {
    Naming::of(std::slice::from_ref(frame)).names(frame)
}

/// The name of a column that is looked at without its frame: a legend does not count then.
pub(super) fn bare_name(field: &Field) -> &str {
    field.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&field.name)
}
