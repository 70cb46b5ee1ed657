//! The rows of a heatmap: cumulative buckets made single, series as they are, or samples counted.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::calculate;
use crate::chart::label::labels_at;
use crate::dashboard::QueryFormat;
use crate::field::FieldOptions;
use crate::panel::item::calendar;
use crate::panel::{NamedSeries, PanelView};
use crate::series::{ABSENT, Grid, is_absent};
use crate::unit::Calendar;

/// Differences of buckets below this are noise of arithmetic (Grafana's `transformToHistogramOverTime`).
const COUNT_MIN: f64 = 1e-9;

/// What says how bounds read.
pub(super) type BoundOptions<'a> = (&'a FieldOptions, Calendar);

/// One row of the picture.
pub(super) struct Row {
    /// The bucket's upper bound, or the series' name.
    pub(super) label: String,
    /// One value a grid point.
    pub(super) values: Vec<f64>,
}

/// The labels that cumulative buckets of one histogram share, and those buckets: bound and values.
type Histograms<'a> = BTreeMap<Vec<(&'a str, &'a str)>, Vec<(f64, &'a [f64])>>;

/// The rows of the picture, lowest first, and what the reader should know about them.
pub(super) struct Picture {
    pub(super) grid: Grid,
    pub(super) rows: Vec<Row>,
    /// The bound below the lowest row, where there is one: rows below it are not drawn.
    pub(super) floor: Option<String>,
    /// Rows are buckets, so that neighbours may be added up.
    pub(super) are_buckets: bool,
    /// Said below the picture.
    pub(super) notes: Vec<String>,
}

/// The values of `series` at the points of `grid`; `None` where its points are others.
fn on_grid(grid: Grid, series: &NamedSeries<'_>) -> Option<Vec<f64>> {
    let is_apart = (series.grid.start_ms - grid.start_ms).rem_euclid(grid.step_ms) != 0;
    if series.grid.step_ms != grid.step_ms || is_apart {
        return None;
    }
    let value = |index| {
        let own = series.grid.nearest(grid.time_ms(index))?;
        series.values.get(own).copied()
    };
    Some((0..grid.len).map(|index| value(index).unwrap_or(ABSENT)).collect())
}

/// Whether cumulative buckets of the query that brought `series` are made single.
fn is_single(view: &PanelView<'_>, series: &NamedSeries<'_>) -> bool {
    let query = view.targets.get(series.target).map(|target| target.query);
    query.is_none_or(|query| query.format != Some(QueryFormat::Series))
}

impl Picture {
    pub(super) fn of(view: &PanelView<'_>) -> Option<Self> {
        let series = view.named_series();
        let grid = series.first()?.grid;
        // The answers of one refresh come one by one: for a moment their windows are some steps apart.
        let moved: Vec<Option<Vec<f64>>> = series.iter().map(|one| on_grid(grid, one)).collect();
        let mut same = Vec::with_capacity(series.len());
        let mut other = 0;
        for (one, moved) in series.iter().zip(&moved) {
            match moved {
                None => other += 1,
                Some(values) => {
                    same.push(NamedSeries { grid, values, ..one.clone() });
                }
            }
        }
        let field = (&view.panel.field, calendar(view));
        let mut rows = if let Some(options) = &view.panel.options.calculate {
            calculate::calculate(options, grid, &same, field)
        } else if same.iter().any(|one| is_single(view, one) && one.labels.get("le").is_some()) {
            Self::of_buckets(grid, &same, field)
        } else {
            Self::of_series(grid, same)
        };
        if other > 0 {
            rows.notes.push(format!("{other} series of another step not drawn"));
        }
        Some(rows)
    }

    /// What the rows from `first` to before `end` hold: the range of a bucket, `0.1–0.25`, or their names.
    pub(super) fn name(&self, first: usize, end: usize) -> String {
        let Some(last) = end.checked_sub(1).and_then(|last| self.rows.get(last)) else {
            return String::new();
        };
        let below = first.checked_sub(1).and_then(|below| self.rows.get(below)).map(|row| &row.label);
        let below = below.or(self.floor.as_ref());
        match below {
            _ if !self.are_buckets => last.label.clone(),
            None => format!("≤{}", last.label),
            Some(below) if last.label == "+Inf" => format!(">{below}"),
            // Room on a title line is short; but a minus beside a dash would be misread.
            Some(below) if !last.label.starts_with('-') => format!("{below}–{}", last.label),
            Some(below) => format!("{below} – {}", last.label),
        }
    }

    fn of_series(grid: Grid, mut series: Vec<NamedSeries<'_>>) -> Self {
        // Rows named by numbers lie in their order, and so do buckets; others as given, the first on top.
        let parse = |text: &str| text.trim().parse::<f64>().ok().filter(|bound| !bound.is_nan());
        let name = |one: &NamedSeries<'_>| parse(&one.name);
        let bound = |one: &NamedSeries<'_>| one.labels.get("le").and_then(parse);
        let mut sort = |number: &dyn Fn(&NamedSeries<'_>) -> Option<f64>| {
            let is_sorted = series.iter().all(|one| number(one).is_some());
            if is_sorted {
                series.sort_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal));
            }
            is_sorted
        };
        if !sort(&name) && !sort(&bound) {
            series.reverse();
        }
        // A picture of all that is below each bound looks like one of what is between them.
        let mut notes = Vec::new();
        if series.iter().any(|one| bound(one).is_some()) {
            notes.push("rows are cumulative".to_owned());
        }
        let row = |one: NamedSeries<'_>| Row { values: one.values.to_vec(), label: one.name };
        let rows = series.into_iter().map(row).collect();
        Self { grid, rows, floor: None, are_buckets: false, notes }
    }

    fn of_buckets(grid: Grid, series: &[NamedSeries<'_>], field: BoundOptions<'_>) -> Self {
        let mut groups = Histograms::new();
        let mut unreadable = 0;
        for one in series {
            let bound = one.labels.get("le").and_then(|le| le.trim().parse::<f64>().ok());
            let Some(bound) = bound.filter(|bound| !bound.is_nan()) else {
                unreadable += 1;
                continue;
            };
            let key = one.labels.iter().filter(|(name, _)| *name != "le").collect();
            groups.entry(key).or_default().push((bound, one.values));
        }
        let mut counts: Vec<(f64, Vec<f64>)> = Vec::new();
        for group in groups.values_mut() {
            group.sort_by(|a, b| a.0.total_cmp(&b.0));
            add_group(group, grid.len, &mut counts);
        }
        counts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut notes = Vec::new();
        if groups.len() > 1 {
            notes.push(format!("{} histograms added up", groups.len()));
            let bounds =
                |group: &Vec<(f64, &[f64])>| group.iter().map(|(bound, _)| bound.to_bits()).collect();
            let mut all: Vec<Vec<u64>> = groups.values().map(bounds).collect();
            all.dedup();
            if all.len() > 1 {
                notes.push("their bounds differ".to_owned());
            }
        }
        if unreadable > 0 {
            notes.push(format!("{unreadable} series without a readable le not drawn"));
        }
        Self::of_bounds(grid, counts, notes, field)
    }

    /// Buckets with their upper bounds, which ascend. Those that lie beyond the panel's min and max are left out, which
    /// is said.
    pub(super) fn of_bounds(
        grid: Grid,
        mut buckets: Vec<(f64, Vec<f64>)>,
        mut notes: Vec<String>,
        field: BoundOptions<'_>,
    ) -> Self {
        let all = buckets.len();
        let min = field.0.min.unwrap_or(f64::NEG_INFINITY);
        let below = buckets.partition_point(|(bound, _)| *bound <= min);
        let floor = below.checked_sub(1).map(|last| buckets[last].0);
        buckets.drain(..below);
        // A bucket ends at its bound, so that the first that reaches max is the last to be seen.
        let max = field.0.max.unwrap_or(f64::INFINITY);
        let inside = buckets.partition_point(|(bound, _)| *bound < max);
        let starts_inside = floor.is_none_or(|floor| floor < max);
        buckets.truncate(inside + usize::from(inside > 0 || starts_inside));
        if buckets.len() < all {
            notes.push(format!("{} buckets beyond min and max", all - buckets.len()));
        }
        let label = |bound: f64| bound_label(bound, field);
        let rows = buckets.into_iter().map(|(bound, values)| Row { label: label(bound), values });
        Self { grid, rows: rows.collect(), floor: floor.map(label), are_buckets: true, notes }
    }
}

/// Adds the counts of one histogram, whose cumulative buckets are sorted by bound, to `counts`. A point where a bucket
/// has no sample is a gap, unless another histogram fills it; what it held is counted by the next bucket that has one, so
/// that nothing is lost. Series with one bound in two spellings (`1`, `1.0`) are one bucket.
fn add_group(group: &[(f64, &[f64])], len: usize, counts: &mut Vec<(f64, Vec<f64>)>) {
    let mut below = vec![0.0; len];
    for same in group.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let bound = &same[0].0;
        let index =
            counts.iter().position(|(other, _)| other.total_cmp(bound).is_eq()).unwrap_or_else(|| {
                counts.push((*bound, vec![ABSENT; len]));
                counts.len() - 1
            });
        for (point, sum) in counts[index].1.iter_mut().enumerate() {
            let values = same.iter().filter_map(|(_, values)| values.get(point)).copied();
            let Some(value) = values.filter(|value| value.is_finite()).reduce(f64::max) else { continue };
            let difference = value - below[point];
            let count = if difference < COUNT_MIN { 0.0 } else { difference };
            *sum = if is_absent(*sum) { count } else { *sum + count };
            below[point] = value;
        }
    }
}

/// A bound in the panel's unit, exact, with its decimals at least.
fn bound_label(bound: f64, (field, calendar): BoundOptions<'_>) -> String {
    match bound {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        bound => {
            labels_at(&[bound], bound.abs() / 10.0, &field.unit, field.decimals, Some(calendar)).concat()
        }
    }
}
