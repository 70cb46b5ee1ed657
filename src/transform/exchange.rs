//! Answers to frames, and frames back to what panels draw.
//!
//! A series is a frame of its own, `Time` and `Value`; a query that is asked for a table is one frame, with a column for
//! each label (Grafana's `result_transformer.ts`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bounds::{Bounds, CELLS_LIMIT};
use super::frame::{Cell, Column, DataFrame, Field, Naming, TIME, VALUE};
use crate::series::{ABSENT, Frame, Grid, Labels, Series, Vector, is_absent};
use crate::template;

/// Points of a grid that the times of a frame are put on; where they would need more, neighbours share one.
const POINTS_LIMIT: usize = 20_000;

/// What a query has brought, and what is to be made of it.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The query's name.
    pub ref_id: &'a str,
    /// Its template of names.
    pub legend: Option<&'a str>,
    /// The expression, which names series that have neither name nor labels.
    pub expr: &'a str,
    /// Whether it becomes one table, rather than a frame a series.
    pub is_table: bool,
    /// Values over the window.
    pub range: Option<&'a Frame>,
    /// Values now.
    pub instant: Option<&'a Vector>,
}

/// A column of numbers, as panels of series and of values take it.
#[derive(Clone, Debug)]
pub struct ShownField {
    /// The query of its frame.
    pub ref_id: String,
    /// Its shown name.
    pub name: String,
    /// Its series on a grid, where its frame has times.
    pub frame: Option<Frame>,
    /// Its labels.
    pub labels: Labels,
    /// All its values.
    pub values: Vec<f64>,
    /// Time of the last row, Unix milliseconds; 0 where there is none.
    pub time_ms: i64,
}

/// The frames of all answers, within the limits.
pub(super) fn frames(answers: &[Answered<'_>], bounds: &mut Bounds) -> Vec<DataFrame> {
    let has_several_tables = answers.iter().filter(|answer| answer.is_table).count() > 1;
    let mut frames = Vec::new();
    let mut cells = 0;
    for answer in answers {
        if answer.is_table {
            frames.extend(table(answer, has_several_tables, bounds));
            continue;
        }
        if let Some(vector) = answer.instant {
            frames.extend(vector.samples.iter().map(|sample| {
                let times = vec![vector.time_ms as f64];
                one_series(answer, &sample.labels, times, vec![sample.value])
            }));
        }
        let Some(range) = answer.range else { continue };
        for (index, series) in range.series.iter().enumerate() {
            if cells > CELLS_LIMIT {
                bounds.note(&format!(
                    "{} of {} series are left out",
                    range.series.len() - index,
                    range.series.len()
                ));
                break;
            }
            let points = series.values.iter().enumerate().filter(|(_, value)| !is_absent(**value));
            let (times, values): (Vec<f64>, Vec<f64>) =
                points.map(|(point, value)| (range.grid.time_ms(point) as f64, *value)).unzip();
            cells += 2 * times.len();
            let frame = one_series(answer, &series.labels, times, values);
            frames.push(frame.every(Some(range.grid.step_ms)));
        }
    }
    frames
}

fn one_series(answer: &Answered<'_>, labels: &Labels, times: Vec<f64>, values: Vec<f64>) -> DataFrame {
    let value = Field {
        source_name: Some(template::legend(answer.legend, labels, answer.expr)),
        labels: labels.clone(),
        ..Field::new(VALUE, Column::Number(values))
    };
    DataFrame::new(answer.ref_id, vec![Field::new(TIME, Column::Time(times)), value])
}

/// All samples of an answer as rows, in the order of time.
fn table(answer: &Answered<'_>, has_several: bool, bounds: &mut Bounds) -> Option<DataFrame> {
    let label_sets: Vec<&Labels> = match (answer.range, answer.instant) {
        (Some(range), _) => range.series.iter().map(|series| &series.labels).collect(),
        (None, Some(vector)) => vector.samples.iter().map(|sample| &sample.labels).collect(),
        (None, None) => return None,
    };
    let mut names: Vec<&str> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for (name, _) in label_sets.iter().flat_map(|labels| labels.iter()) {
        if known.insert(name) {
            names.push(name);
        }
    }
    let columns = bounds.columns(names.len() + 2);
    names.truncate(columns - 2);
    let (mut times, mut values, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(range) = answer.range {
        let there = |series: &Series| series.values.iter().filter(|value| !is_absent(**value)).count();
        let allowed = bounds.rows(columns, range.series.iter().map(there).sum());
        'points: for point in 0..range.grid.len {
            for (index, series) in range.series.iter().enumerate() {
                let Some(value) = series.values.get(point).copied().filter(|value| !is_absent(*value)) else {
                    continue;
                };
                if rows.len() >= allowed {
                    break 'points;
                }
                times.push(range.grid.time_ms(point) as f64);
                values.push(value);
                rows.push(index);
            }
        }
    } else if let Some(vector) = answer.instant {
        let allowed = bounds.rows(columns, vector.samples.len());
        for (index, sample) in vector.samples.iter().enumerate().take(allowed) {
            times.push(vector.time_ms as f64);
            values.push(sample.value);
            rows.push(index);
        }
    }
    let mut fields = vec![Field::new(TIME, Column::Time(times))];
    for name in names {
        let texts: Vec<Option<Arc<str>>> =
            label_sets.iter().map(|labels| labels.get(name).map(Arc::from)).collect();
        let values = rows.iter().map(|row| texts[*row].clone()).collect();
        fields.push(Field::new(name, Column::Text(values)));
    }
    let name = if has_several { format!("{VALUE} #{}", answer.ref_id) } else { VALUE.to_owned() };
    // A legend without labels is a name for the column.
    let legend = answer.legend.filter(|legend| !legend.is_empty() && !legend.contains("{{"));
    let value = Field { source_name: legend.map(str::to_owned), ..Field::new(name, Column::Number(values)) };
    fields.push(value);
    Some(DataFrame::new(answer.ref_id, fields))
}

/// All columns of numbers, frame by frame.
pub fn shown_fields(frames: &[DataFrame]) -> Vec<ShownField> {
    let naming = Naming::of(frames);
    let mut shown = Vec::new();
    for frame in frames {
        let names = naming.names(frame);
        let times = frame.time_field().map(|time| &frame.fields()[time].values);
        let places = times.and_then(|times| Places::new(times, frame.interval_ms));
        let last = times.map(|times| times.cell(frame.rows().saturating_sub(1)));
        let time_ms = last.and_then(Cell::number).unwrap_or(0.0) as i64;
        for (field, name) in frame.fields().iter().zip(names) {
            let Some(values) = field.values.numbers() else { continue };
            shown.push(ShownField {
                ref_id: frame.ref_id.clone(),
                name,
                frame: places.as_ref().map(|places| places.frame(values, &field.labels)),
                labels: field.labels.clone(),
                values: values.to_vec(),
                time_ms,
            });
        }
    }
    shown
}

/// Where on a grid the rows of a frame lie.
struct Places {
    grid: Grid,
    /// Rows in the order of time, each with its point.
    rows: Vec<(usize, usize)>,
}

impl Places {
    /// `None` without any time.
    fn new(times: &Column, interval_ms: Option<i64>) -> Option<Self> {
        let mut by_time: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for row in 0..times.len() {
            if let Some(time) = times.cell(row).number().filter(|time| time.abs() < 1e15) {
                by_time.entry(time as i64).or_default().push(row);
            }
        }
        let (start_ms, end_ms) = (*by_time.first_key_value()?.0, *by_time.last_key_value()?.0);
        let common = by_time.keys().map(|time_ms| time_ms - start_ms).fold(0, gcd);
        // A series that lacks every second sample keeps its gaps.
        let interval_ms = interval_ms.filter(|interval_ms| *interval_ms > 0 && common % interval_ms == 0);
        let exact_ms = interval_ms.unwrap_or(common).max(1);
        let coarse_ms = (end_ms - start_ms) / POINTS_LIMIT as i64 + 1;
        let step_ms = if exact_ms < coarse_ms { coarse_ms } else { exact_ms };
        let grid = Grid::between(start_ms, end_ms, step_ms);
        let point = |time_ms: i64| ((time_ms - start_ms) / step_ms) as usize;
        let rows = by_time.iter().flat_map(|(time_ms, rows)| {
            let point = point(*time_ms);
            rows.iter().map(move |row| (*row, point))
        });
        Some(Self { grid, rows: rows.collect() })
    }

    fn frame(&self, values: &[f64], labels: &Labels) -> Frame {
        let mut placed = vec![ABSENT; self.grid.len];
        for (row, point) in &self.rows {
            if let (Some(place), Some(value)) = (placed.get_mut(*point), values.get(*row))
                && !is_absent(*value)
            {
                *place = *value;
            }
        }
        Frame { grid: self.grid, series: vec![Series { labels: labels.clone(), values: placed }] }
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Sample;

    fn answered<'a>(range: Option<&'a Frame>, instant: Option<&'a Vector>) -> Answered<'a> {
        Answered { ref_id: "A", legend: None, expr: "up", is_table: false, range, instant }
    }

    #[test]
    fn a_series_comes_back_with_its_gaps() {
        let labels = Labels::from([("__name__", "up"), ("job", "x")]);
        let grid = Grid { start_ms: 1_000, step_ms: 10, len: 5 };
        let values = vec![1.0, ABSENT, 3.0, ABSENT, f64::NAN];
        let range = Frame { grid, series: vec![Series { labels: labels.clone(), values: values.clone() }] };
        let frames = frames(&[answered(Some(&range), None)], &mut Bounds::default());
        assert_eq!(frames[0].rows(), 3, "no row where there is no sample");
        let shown = shown_fields(&frames);
        let back = shown[0].frame.as_ref().expect("times");
        assert_eq!((shown[0].name.as_str(), &shown[0].labels, back.grid), ("up{job=\"x\"}", &labels, grid));
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back.series[0].values), bits(&values));
    }

    #[test]
    fn tables_have_a_column_a_label_and_name_their_values_by_query() {
        let sample = |job: &str, value| Sample { labels: Labels::from([("job", job)]), value };
        let vector = Vector { time_ms: 7, samples: vec![sample("x", 1.0), sample("y", 2.0)] };
        let table = |ref_id| Answered { ref_id, is_table: true, ..answered(None, Some(&vector)) };
        let names = |frames: &[DataFrame]| -> Vec<String> {
            frames.iter().flat_map(|frame| frame.fields().iter().map(|field| field.name.clone())).collect()
        };
        let mut bounds = Bounds::default();
        assert_eq!(names(&frames(&[table("A")], &mut bounds)), ["Time", "job", "Value"]);
        assert_eq!(
            names(&frames(&[table("A"), table("B")], &mut bounds)),
            ["Time", "job", "Value #A", "Time", "job", "Value #B"]
        );
    }

    #[test]
    fn a_table_over_time_has_a_row_a_sample_in_the_order_of_time() {
        let series = |job: &str, values: [f64; 2]| Series {
            labels: Labels::from([("job", job)]),
            values: values.to_vec(),
        };
        let range = Frame {
            grid: Grid { start_ms: 0, step_ms: 5, len: 2 },
            series: vec![series("x", [1.0, 2.0]), series("y", [ABSENT, 4.0])],
        };
        let answer = Answered { is_table: true, ..answered(Some(&range), None) };
        let frames = frames(&[answer], &mut Bounds::default());
        assert_eq!(frames[0].fields()[0].values, Column::Time(vec![0.0, 5.0, 5.0]));
        assert_eq!(frames[0].fields()[2].values, Column::Number(vec![1.0, 2.0, 4.0]));
    }

    #[test]
    fn times_that_lie_on_no_grid_share_points() {
        let times = Column::Time(vec![0.0, 1.0, 1e12, 3e14]);
        let values = Column::Number(vec![1.0, 2.0, 3.0, 4.0]);
        let frame = DataFrame::new("A", vec![Field::new("Time", times), Field::new("Value", values)]);
        let shown = shown_fields(&[frame]);
        let frame = shown[0].frame.as_ref().expect("times");
        assert!(frame.grid.len <= POINTS_LIMIT + 1);
        assert_eq!(frame.series[0].values.iter().filter(|value| !is_absent(**value)).count(), 3);
    }
}
