//! What a table shows: columns of texts, numbers and times, out of answers or of frames, in the order of its rows.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use super::super::{PanelView, item};
use super::COLUMNS_LIMIT;
use crate::field::{Align, CellMode, FieldOptions};
use crate::series::{Labels, is_absent};
use crate::template::display_name;
use crate::text;
use crate::theme::{Marker, Rgb};
use crate::transform::{DataFrame, Naming};
use crate::unit::{Formatted, Unit};

/// A table, not laid out yet.
pub(super) struct Table<'a> {
    pub(super) view: &'a PanelView<'a>,
    pub(super) columns: Vec<Column<'a>>,
    /// The least and the largest of all numbers that the table has: what percentages and bars refer to. As in Grafana, whose
    /// tables know no others, that is not the window over which a number may have been measured.
    pub(super) range: (f64, f64),
    /// The column that rows are sorted by, and whether downwards.
    pub(super) sort: Option<(usize, bool)>,
    /// Rows of the columns, as they are shown.
    order: Vec<usize>,
    /// Columns over [`COLUMNS_LIMIT`].
    pub(super) left_out: usize,
}

pub(super) struct Column<'a> {
    pub(super) name: Cow<'a, str>,
    /// The options that hold for it.
    pub(super) field: Cow<'a, FieldOptions>,
    pub(super) cells: Cells<'a>,
    /// Bytes that all of its texts begin with ([`text::shared_start`]).
    shared: usize,
}

/// One value a row.
pub(super) enum Cells<'a> {
    Text(Vec<Option<&'a str>>),
    Number(Vec<Option<f64>>),
    /// Unix milliseconds.
    Time(Vec<Option<f64>>),
}

impl Cells<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) | Self::Time(cells) => cells.len(),
        }
    }
}

impl<'a> Column<'a> {
    fn new(name: Cow<'a, str>, field: Cow<'a, FieldOptions>, cells: Cells<'a>) -> Self {
        let shared = match &cells {
            Cells::Text(texts) => text::shared_start(texts.iter().flatten().copied()),
            Cells::Number(_) | Cells::Time(_) => 0,
        };
        Self { name, field, cells, shared }
    }

    /// Whether it holds texts, which give way to numbers where there is little room.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.cells, Cells::Text(_))
    }

    pub(super) fn align(&self) -> Align {
        let natural = if matches!(self.cells, Cells::Number(_)) { Align::Right } else { Align::Left };
        self.field.column.align.unwrap_or(natural)
    }

    /// The number in row `row` of the column.
    fn number(&self, row: usize) -> Option<f64> {
        match &self.cells {
            Cells::Number(cells) => cells[row],
            Cells::Text(_) | Cells::Time(_) => None,
        }
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(view: &'a PanelView<'a>) -> Self {
        let columns = match view.frames {
            Some(frames) => frames.first().map(|frame| of_frame(view, frame)).unwrap_or_default(),
            None => of_answers(view),
        };
        let mut columns: Vec<Column<'a>> =
            columns.into_iter().filter(|column| !column.field.style.hidden).collect();
        let left_out = columns.len().saturating_sub(COLUMNS_LIMIT);
        columns.truncate(COLUMNS_LIMIT);
        let rows = columns.first().map_or(0, |column| column.cells.len());
        let numbers = columns.iter().flat_map(|column| match &column.cells {
            Cells::Number(cells) => cells.as_slice(),
            Cells::Text(_) | Cells::Time(_) => &[],
        });
        let (low, high) = numbers
            .flatten()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(*value), high.max(*value))
            });
        let range = if low <= high { (low, high) } else { (0.0, 100.0) };
        let mut table = Self { view, columns, range, sort: None, order: (0..rows).collect(), left_out };
        table.sort();
        table
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.order.len()
    }

    fn sort(&mut self) {
        let Some(sort) = &self.view.panel.options.sort else { return };
        let (name, down) = sort.strip_prefix('-').map_or((sort.as_str(), false), |name| (name, true));
        let Some(place) = self.columns.iter().position(|column| column.name == name) else { return };
        self.sort = Some((place, down));
        let turn = |order: Ordering| if down { order.reverse() } else { order };
        match &self.columns[place].cells {
            Cells::Number(cells) | Cells::Time(cells) => {
                // What is no number comes last either way.
                let number = |row: usize| cells[row].filter(|value| !value.is_nan());
                self.order.sort_by(|a, b| match (number(*a), number(*b)) {
                    (Some(a), Some(b)) => turn(a.total_cmp(&b)),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                });
            }
            Cells::Text(cells) => {
                let number = |text: &str| text.parse::<f64>().ok().filter(|number| !number.is_nan());
                let key = |row: usize| cells[row].unwrap_or_default();
                let keys: Vec<(Option<f64>, &str)> =
                    (0..cells.len()).map(|row| (number(key(row)), key(row))).collect();
                // Numbers come before words, so that any three texts have one order.
                self.order.sort_by(|a, b| {
                    turn(match (&keys[*a], &keys[*b]) {
                        ((Some(a), _), (Some(b), _)) => a.total_cmp(b),
                        ((None, a), (None, b)) => a.cmp(b),
                        ((a, _), (b, _)) => b.is_some().cmp(&a.is_some()),
                    })
                });
            }
        }
    }

    /// The column that rows should be sorted by and that is not there.
    pub(super) fn unknown_sort(&self) -> Option<&str> {
        self.view.panel.options.sort.as_deref().filter(|_| self.sort.is_none() && !self.order.is_empty())
    }

    pub(super) fn header(&self, column: usize) -> Cow<'_, str> {
        let name = &self.columns[column].name;
        let ascii = self.view.theme.marker == Marker::Ascii;
        match self.sort {
            Some((sorted, down)) if sorted == column => {
                let arrow = match (down, ascii) {
                    (true, false) => '▾',
                    (false, false) => '▴',
                    (true, true) => 'v',
                    (false, true) => '^',
                };
                Cow::Owned(format!("{name}{arrow}"))
            }
            _ => Cow::Borrowed(name),
        }
    }

    /// The text of a cell in at most `max` cells; a value that is not there is empty, or what `no_value` says.
    pub(super) fn cell(&self, row: usize, column: usize, max: usize) -> Cow<'_, str> {
        let (row, column) = (self.order[row], &self.columns[column]);
        let field = &column.field;
        // A mapping of what is missing comes first.
        let nothing = || {
            let mapped = field.parts(None, item::calendar(self.view));
            let words = mapped.map(Formatted::into_string).or_else(|| field.no_value.clone());
            Cow::Owned(text::fit(&words.unwrap_or_default(), max).into_owned())
        };
        match &column.cells {
            Cells::Text(cells) => match cells[row] {
                Some(text) if field.mappings.is_empty() => text::fit_apart(text, column.shared, max),
                Some(text) => Cow::Owned(text::fit(&field.show_text(text).text, max).into_owned()),
                None => nothing(),
            },
            Cells::Number(cells) | Cells::Time(cells) => match cells[row] {
                None => nothing(),
                value => Cow::Owned(field.fit(value, item::calendar(self.view), max)),
            },
        }
    }

    /// The colour of a cell by mappings and thresholds.
    pub(super) fn color(&self, row: usize, column: usize) -> Option<Rgb> {
        let (row, column) = (self.order[row], &self.columns[column]);
        match &column.cells {
            Cells::Text(_) if column.field.mappings.is_empty() => None,
            Cells::Text(cells) => column.field.show_text(cells[row].unwrap_or_default()).color,
            Cells::Number(cells) => cells[row].and_then(|value| column.field.color(Some(value), self.range)),
            Cells::Time(_) => None,
        }
    }

    /// How long the bar in a cell is, and where zero is, both from 0 to 1; `None` where there is no bar.
    pub(super) fn bar(&self, row: usize, column: usize) -> Option<(f64, f64)> {
        let column = &self.columns[column];
        let value = column.number(self.order[row]).filter(|_| column.field.column.cell == CellMode::Bar)?;
        // Bars begin at zero unless all values lie on one side of it and the dashboard says where.
        let range = (self.range.0.min(0.0), self.range.1.max(0.0));
        let from = column.field.ratio(0.0, range).clamp(0.0, 1.0);
        (!value.is_nan()).then(|| (from, column.field.ratio(value, range)))
    }

    /// The number, and the text of a row's labels, for lists of values.
    pub(super) fn shown(&self, row: usize, column: usize) -> Option<(Option<f64>, String)> {
        let value = self.columns[column].number(self.order[row])?;
        let field = &self.columns[column].field;
        Some((Some(value), field.show_at(Some(value), self.range, item::calendar(self.view)).text))
    }

    /// What is in a column of texts.
    pub(super) fn text(&self, row: usize, column: usize) -> Option<&'a str> {
        match &self.columns[column].cells {
            Cells::Text(cells) => cells[self.order[row]],
            Cells::Number(_) | Cells::Time(_) => None,
        }
    }
}

/// A row of merged answers: its labels, and one value a query that has the series.
struct Row<'a> {
    labels: &'a Labels,
    values: Vec<Option<f64>>,
}

/// Columns of the answers as they came, several queries merged by equal labels.
fn of_answers<'a>(view: &'a PanelView<'a>) -> Vec<Column<'a>> {
    let answers: Vec<_> =
        view.targets.iter().filter_map(|target| Some((target.query, target.instant?))).collect();
    let several = answers.len() > 1;
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut by_labels: HashMap<Vec<(&str, &str)>, usize> = HashMap::new();
    for (index, (_, vector)) in answers.iter().enumerate() {
        // The names of two queries' metrics differ, and would keep apart what has all other labels in common.
        let first = vector.samples.first().and_then(|sample| sample.labels.metric_name());
        let one_name = vector.samples.iter().all(|sample| sample.labels.metric_name() == first);
        for sample in &vector.samples {
            let key: Vec<_> =
                sample.labels.iter().filter(|(name, _)| !one_name || *name != "__name__").collect();
            let known = by_labels.get(&key).copied().filter(|row| rows[*row].values[index].is_none());
            let row = known.unwrap_or_else(|| {
                rows.push(Row { labels: &sample.labels, values: vec![None; answers.len()] });
                by_labels.insert(key, rows.len() - 1);
                rows.len() - 1
            });
            rows[row].values[index] = Some(sample.value);
        }
    }
    let labels = label_names(view, &rows, several).into_iter().map(|name| {
        let cells = rows.iter().map(|row| row.labels.get(name)).collect();
        let shown = if name == "__name__" { "Metric" } else { name };
        let field = view.panel.field_of(shown, "");
        let name = match (&field, field.display_name.as_deref()) {
            // The panel's own name is for its values.
            (Cow::Owned(_), Some(wanted)) if view.panel.field.display_name.as_deref() != Some(wanted) => {
                Cow::Owned(display_name(wanted, shown, &Labels::default()))
            }
            _ => Cow::Borrowed(shown),
        };
        Column::new(name, field, Cells::Text(cells))
    });
    let mut columns: Vec<Column<'a>> = labels.collect();
    columns.extend(answers.iter().enumerate().map(|(index, (query, _))| {
        let name = match query.legend.as_deref() {
            // A legend without labels is a name for the column.
            Some(legend) if !legend.is_empty() && !legend.contains("{{") => Cow::Borrowed(legend),
            _ if several => Cow::Owned(format!("Value #{}", query.ref_id)),
            _ => Cow::Borrowed("Value"),
        };
        let field = view.panel.field_of(&name, &query.ref_id);
        // The panel's own name is for its values, whatever they are called.
        let name = match field.display_name.as_deref() {
            Some(wanted) => Cow::Owned(display_name(wanted, "Value", &Labels::default())),
            None => name,
        };
        let cells = rows.iter().map(|row| row.values[index]).collect();
        Column::new(name, field, Cells::Number(cells))
    }));
    columns
}

/// The labels that are columns, in the order in which the series bring them.
fn label_names<'a>(view: &PanelView<'_>, rows: &[Row<'a>], several: bool) -> Vec<&'a str> {
    let hidden = &view.panel.options.hide_columns;
    let first = rows.first().and_then(|row| row.labels.metric_name());
    let one_name = several || rows.iter().all(|row| row.labels.metric_name() == first);
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for (name, _) in rows.iter().flat_map(|row| row.labels.iter()) {
        let is_hidden = (name == "__name__" && one_name) || hidden.iter().any(|hidden| hidden == name);
        if !is_hidden && names.len() < COLUMNS_LIMIT && seen.insert(name) {
            names.push(name);
        }
    }
    names
}

/// Columns of a frame that transforms have left. Times that are all the same say nothing, and are left out.
fn of_frame<'a>(view: &'a PanelView<'a>, frame: &'a DataFrame) -> Vec<Column<'a>> {
    use crate::transform::Column as Values;
    let names = Naming::of(std::slice::from_ref(frame)).names(frame);
    let hidden = &view.panel.options.hide_columns;
    let fields = frame
        .fields()
        .iter()
        .zip(names)
        .filter(|(field, name)| !hidden.iter().any(|hidden| hidden == name || *hidden == field.name));
    let there = |values: &[f64]| -> Vec<Option<f64>> {
        values.iter().map(|value| (!is_absent(*value)).then_some(*value)).collect()
    };
    let columns = fields.filter_map(|(field, name)| {
        let mut options = view.panel.field_of(&name, &frame.ref_id);
        let cells = match &field.values {
            Values::Text(texts) => Cells::Text(texts.iter().map(|text| text.as_deref()).collect()),
            Values::Number(values) => Cells::Number(there(values)),
            Values::Time(values) => {
                let is_one = values.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
                if is_one && field.display_name.is_none() {
                    return None;
                }
                if options.unit == view.panel.field.unit {
                    options.to_mut().unit = Unit::new("dateTimeAsIso");
                    options.to_mut().decimals = None;
                }
                Cells::Time(there(values))
            }
        };
        let name = match options.display_name.as_deref() {
            // The panel's own name is for values; each column has its own already.
            Some(wanted) if view.panel.field.display_name.as_deref() != Some(wanted) => {
                display_name(wanted, &name, &field.labels)
            }
            _ => name,
        };
        let name = if name == "__name__" { "Metric".to_owned() } else { name };
        Some(Column::new(Cow::Owned(name), options, cells))
    });
    columns.collect()
}
