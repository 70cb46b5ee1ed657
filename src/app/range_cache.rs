//! What of a window must be asked, given what is there already, and how the answer joins it.
//!
//! A window moves on by whole steps, so most of its points were answered before. The last [`OVERLAP_MS`] are asked
//! again, because samples may have arrived late.

use std::collections::HashMap;

use crate::series::{ABSENT, Frame, Grid, Labels, Series, is_absent};

/// How far back of the newest answered point is asked again.
pub const OVERLAP_MS: i64 = 60_000;

/// The part of `want` that must be asked; `None` when `have` holds it all already.
pub(super) fn plan(want: Grid, have: Option<&Frame>) -> Option<Grid> {
    let Some(have) = have.map(|frame| frame.grid).filter(|have| continues(*have, want)) else {
        return Some(want);
    };
    if have.end_ms() == want.end_ms() {
        return None;
    }
    let last_settled_ms = have.end_ms() - OVERLAP_MS;
    let settled = ((last_settled_ms - want.start_ms).div_euclid(want.step_ms) + 1).max(0) as usize;
    // The newest point is asked again even where a step is longer than the overlap.
    let newest = ((have.end_ms() - want.start_ms) / want.step_ms).max(0) as usize;
    let first = settled.min(newest).min(want.len - 1);
    Some(Grid { start_ms: want.time_ms(first), step_ms: want.step_ms, len: want.len - first })
}

/// Whether `want` lies on the points of `have` and needs nothing from before them.
fn continues(have: Grid, want: Grid) -> bool {
    have.step_ms == want.step_ms
        && (want.start_ms - have.start_ms).rem_euclid(want.step_ms) == 0
        && have.start_ms <= want.start_ms
        && (want.start_ms..=want.end_ms()).contains(&have.end_ms())
}

/// The frame of `want` out of what was there and what came. Points that came replace those that were there, also
/// where a series has vanished; a series without any sample left in the window is dropped.
pub(super) fn merge(want: Grid, have: Option<&Frame>, came: Frame) -> Frame {
    let Some(have) = have.filter(|have| continues(have.grid, want) && came.grid.start_ms > want.start_ms)
    else {
        return came;
    };
    let shift = ((want.start_ms - have.grid.start_ms) / want.step_ms) as usize;
    let fresh = ((came.grid.start_ms - want.start_ms) / want.step_ms) as usize;
    let mut places: HashMap<&Labels, usize> = HashMap::with_capacity(have.series.len());
    let mut series: Vec<Series> = Vec::with_capacity(have.series.len());
    for old in &have.series {
        let mut values = Vec::with_capacity(want.len);
        values.extend(old.values.iter().skip(shift).take(fresh));
        values.resize(want.len, ABSENT);
        places.insert(&old.labels, series.len());
        series.push(Series { labels: old.labels.clone(), values });
    }
    for new in came.series {
        let index = places.get(&new.labels).copied().unwrap_or_else(|| {
            series.push(Series { labels: new.labels.clone(), values: vec![ABSENT; want.len] });
            series.len() - 1
        });
        for (slot, value) in series[index].values[fresh..].iter_mut().zip(new.values) {
            *slot = value;
        }
    }
    series.retain(|series| series.values.iter().any(|value| !is_absent(*value)));
    Frame { grid: want, series }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(start_s: i64, end_s: i64, step_s: i64) -> Grid {
        Grid::between(start_s * 1000, end_s * 1000, step_s * 1000)
    }

    fn frame(grid: Grid, series: &[(&str, f64)]) -> Frame {
        let series = series
            .iter()
            .map(|(name, value)| Series {
                labels: Labels::from([("n", *name)]),
                values: (0..grid.len).map(|i| value + grid.time_ms(i) as f64 / 1000.0).collect(),
            })
            .collect();
        Frame { grid, series }
    }

    #[test]
    fn nothing_there_asks_all_and_nothing_new_asks_nothing() {
        let want = grid(0, 900, 10);
        assert_eq!(plan(want, None), Some(want));
        assert_eq!(plan(want, Some(&frame(want, &[]))), None);
    }

    #[test]
    fn a_window_that_moved_on_asks_the_last_minute_and_what_is_new() {
        let have = frame(grid(0, 900, 10), &[]);
        assert_eq!(plan(grid(20, 920, 10), Some(&have)), Some(grid(850, 920, 10)));
        // A step longer than the overlap still asks the newest point again.
        let have = frame(grid(0, 900, 300), &[]);
        assert_eq!(plan(grid(300, 1200, 300), Some(&have)), Some(grid(900, 1200, 300)));
    }

    #[test]
    fn a_window_that_does_not_continue_is_asked_whole() {
        let have = frame(grid(100, 900, 10), &[]);
        for want in [grid(0, 800, 10), grid(5, 905, 10), grid(100, 900, 20), grid(2000, 2900, 10)] {
            assert_eq!(plan(want, Some(&have)), Some(want), "{want:?}");
        }
        // An earlier end within the window is no continuation either.
        assert_eq!(plan(grid(100, 800, 10), Some(&have)), Some(grid(100, 800, 10)));
    }

    #[test]
    fn merging_equals_asking_the_whole_window() {
        let have = frame(grid(0, 900, 10), &[("a", 1.0), ("gone", 2.0)]);
        let want = grid(20, 920, 10);
        let asked = plan(want, Some(&have)).expect("something new");
        let merged = merge(want, Some(&have), frame(asked, &[("a", 1.0), ("new", 3.0)]));
        assert_eq!(merged.grid, want);
        let names: Vec<_> = merged.series.iter().map(|series| series.labels.get("n")).collect();
        assert_eq!(names, [Some("a"), Some("gone"), Some("new")]);
        assert_eq!(merged.series[0].values, frame(want, &[("a", 1.0)]).series[0].values);
        let fresh = merged.series[1].values.iter().position(|value| is_absent(*value));
        assert_eq!(fresh.map(|index| want.time_ms(index)), Some(850_000));
        assert!(is_absent(merged.series[2].values[0]) && !is_absent(merged.series[2].values[90]));
    }

    #[test]
    fn a_series_that_has_left_the_window_is_dropped() {
        let mut have = frame(grid(0, 900, 10), &[("a", 1.0)]);
        have.series[0].values[10..].fill(ABSENT);
        let want = grid(500, 1400, 10);
        let asked = plan(want, Some(&have)).expect("something new");
        assert!(merge(want, Some(&have), frame(asked, &[])).series.is_empty());
    }
}
