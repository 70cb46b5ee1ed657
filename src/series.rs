//! Query results as columns: label sets, the shared time grid, and one `f64` column a series.
//!
//! A range answer of Prometheus has its samples on `start + i * step` only, so a [`Frame`] stores one [`Grid`]
//! and no timestamp per sample. A point of the grid at which a series has no sample holds [`ABSENT`], which is
//! not the same as a sample whose value is NaN: both are gaps in a line, but a table shows `NaN` for the latter.

use std::fmt;
use std::sync::Arc;

/// The bit pattern that Prometheus uses for "no sample here" (its staleness marker, `model/value/value.go`).
const ABSENT_BITS: u64 = 0x7ff0_0000_0000_0002;

/// "No sample at this point of the grid". Compare with [`is_absent`], never with `==`.
pub const ABSENT: f64 = f64::from_bits(ABSENT_BITS);

/// Whether `value` is [`ABSENT`]; false for every sample, an ordinary NaN among them.
pub fn is_absent(value: f64) -> bool {
    value.to_bits() == ABSENT_BITS
}

/// A label set, sorted by name, `__name__` included where the answer has it. Cheap to clone.
///
/// The values are as the server sent them: whoever draws them goes through [`crate::text`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Labels(Arc<[(Box<str>, Box<str>)]>);

impl Labels {
    /// Sorts the pairs by name; of two pairs with one name the first stays.
    pub fn new(pairs: impl IntoIterator<Item = (Box<str>, Box<str>)>) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, first| later.0 == first.0);
        Self(pairs.into())
    }

    /// The value of label `name`, if the set has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }

    /// The metric name, that is the label `__name__`.
    pub fn metric_name(&self) -> Option<&str> {
        self.get("__name__")
    }

    /// All pairs in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Number of labels, `__name__` included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set has no label at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Labels {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self::new(pairs.map(|(name, value)| (name.into(), value.into())))
    }
}

/// As Prometheus prints a series: `name{a="b", c="d"}`, `{a="b"}`, or `{}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric_name();
        f.write_str(name.unwrap_or_default())?;
        let mut rest = self.iter().filter(|(key, _)| *key != "__name__").peekable();
        if name.is_some() && rest.peek().is_none() {
            return Ok(());
        }
        f.write_str("{")?;
        let mut separator = "";
        for (key, value) in rest {
            write!(f, "{separator}{key}={value:?}")?;
            separator = ", ";
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The evaluation times of a range query: `start_ms + i * step_ms` for `i` in `0..len`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    /// Time of the first point, Unix milliseconds.
    pub start_ms: i64,
    /// Distance of two points; at least 1.
    pub step_ms: i64,
    /// Number of points; at least 1.
    pub len: usize,
}

impl Grid {
    /// The points from `start_ms` up to and including the last one that is not after `end_ms`.
    pub fn between(start_ms: i64, end_ms: i64, step_ms: i64) -> Self {
        let step_ms = step_ms.max(1);
        let len = ((end_ms - start_ms).max(0) / step_ms) as usize + 1;
        Self { start_ms, step_ms, len }
    }

    /// Time of the last point.
    pub fn end_ms(&self) -> i64 {
        self.time_ms(self.len.saturating_sub(1))
    }

    /// Time of point `index`, which may lie past the end.
    pub fn time_ms(&self, index: usize) -> i64 {
        self.start_ms + index as i64 * self.step_ms
    }

    /// The index of the newest point that is not after `time_ms` and less than a step before it.
    pub fn at_or_before(&self, time_ms: i64) -> Option<usize> {
        let offset_ms = time_ms.checked_sub(self.start_ms)?;
        (offset_ms >= 0).then(|| (offset_ms / self.step_ms.max(1)) as usize).filter(|index| *index < self.len)
    }

    /// The index of the point nearest to `time_ms`; `None` when that lies more than half a step outside the grid.
    pub fn nearest(&self, time_ms: i64) -> Option<usize> {
        let offset = time_ms - self.start_ms + self.step_ms / 2;
        (offset >= 0).then(|| (offset / self.step_ms) as usize).filter(|index| *index < self.len)
    }
}

/// One series of a range answer; `values` has exactly `grid.len` elements of the frame that holds it.
#[derive(Clone, Debug)]
pub struct Series {
    /// What identifies the series.
    pub labels: Labels,
    /// One value a grid point, [`ABSENT`] where there is no sample.
    pub values: Vec<f64>,
}

/// A range answer.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The times of all columns.
    pub grid: Grid,
    /// In the order in which the server gave them.
    pub series: Vec<Series>,
}

/// One sample of an instant answer.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What identifies the series.
    pub labels: Labels,
    /// Its value; may be NaN or infinite.
    pub value: f64,
}

/// An instant answer: vector, or a scalar as one sample without labels.
#[derive(Clone, Debug)]
pub struct Vector {
    /// When it was evaluated, Unix milliseconds.
    pub time_ms: i64,
    /// In the order in which the server gave them (`sort` and `topk` mean something by it).
    pub samples: Vec<Sample>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_is_told_from_nan() {
        assert!(is_absent(ABSENT) && ABSENT.is_nan());
        assert!(!is_absent(f64::NAN) && !is_absent(0.0));
    }

    #[test]
    fn labels_print_as_prometheus_does() {
        let labels = Labels::from([("job", "a\"b"), ("__name__", "up"), ("env", "x")]);
        assert_eq!(labels.to_string(), r#"up{env="x", job="a\"b"}"#);
        assert_eq!(Labels::from([("__name__", "up")]).to_string(), "up");
        assert_eq!(Labels::default().to_string(), "{}");
    }

    #[test]
    fn a_grid_ends_on_its_last_whole_step() {
        let grid = Grid::between(1_000, 10_500, 1_000);
        assert_eq!((grid.len, grid.end_ms()), (10, 10_000));
        assert_eq!(grid.nearest(1_499), Some(0));
        assert_eq!(grid.nearest(1_500), Some(1));
        assert_eq!(grid.nearest(10_500), None);
        assert_eq!(grid.nearest(400), None);
        assert_eq!(Grid::between(5, 4, 10).len, 1);
        let before = |time_ms| grid.at_or_before(time_ms);
        assert_eq!(
            [before(999), before(1_000), before(1_999), before(2_000)],
            [None, Some(0), Some(0), Some(1)]
        );
        assert_eq!([before(10_999), before(11_000)], [Some(9), None]);
    }
}
