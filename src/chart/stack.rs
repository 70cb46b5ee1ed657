//! Series on top of each other: where the top of each lies.

use crate::series::{ABSENT, Grid};

/// Points of the common grid; more than any screen has columns of dots. Grids far apart, as those of an old and a new
/// window are for a moment, would have no bound without it.
const POINTS_LIMIT: i64 = 4_096;

/// The tops of `series`, stacked in order, on the finest of their grids.
///
/// Values above zero stand on those above zero, values below on those below. A series that has no finite value at
/// some time adds nothing there and is a gap itself. A series on another grid counts at each point with its nearest
/// sample.
///
/// With `shares`, tops are parts of the sum at their time: those above zero come to 1, those below to -1 (Grafana's
/// percent stacking). Where the sum is zero, so are they.
pub fn tops(series: &[(Grid, &[f64])], shares: bool) -> Option<(Grid, Vec<Vec<f64>>)> {
    let step_ms = series.iter().map(|(grid, _)| grid.step_ms).min()?;
    let start_ms = series.iter().map(|(grid, _)| grid.start_ms).min()?;
    let end_ms = series.iter().map(|(grid, _)| grid.end_ms()).max()?;
    let step_ms = step_ms.max((end_ms - start_ms) / POINTS_LIMIT);
    let grid = Grid::between(start_ms, end_ms, step_ms);
    let mut above = vec![0.0; grid.len];
    let mut below = vec![0.0; grid.len];
    let mut stacked = Vec::with_capacity(series.len());
    for (own_grid, values) in series {
        let mut tops = Vec::with_capacity(grid.len);
        for index in 0..grid.len {
            let own = if *own_grid == grid { Some(index) } else { own_grid.nearest(grid.time_ms(index)) };
            let value = own.and_then(|own| values.get(own)).copied().unwrap_or(ABSENT);
            tops.push(if value.is_finite() {
                let sum: &mut f64 = if value >= 0.0 { &mut above[index] } else { &mut below[index] };
                *sum = (*sum + value).clamp(-f64::MAX, f64::MAX);
                *sum
            } else {
                value
            });
        }
        stacked.push(tops);
    }
    if shares {
        for tops in &mut stacked {
            for (index, top) in tops.iter_mut().enumerate().filter(|(_, top)| top.is_finite()) {
                let sum = if *top >= 0.0 { above[index] } else { -below[index] };
                *top = if sum > 0.0 { *top / sum } else { 0.0 };
            }
        }
    }
    Some((grid, stacked))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::series::is_absent;

    #[test]
    fn gaps_add_nothing_and_negative_values_stand_apart() {
        let grid = Grid { start_ms: 0, step_ms: 10, len: 3 };
        let series: [(Grid, &[f64]); 3] =
            [(grid, &[1.0, 2.0, 3.0]), (grid, &[1.0, ABSENT, -1.0]), (grid, &[1.0, 1.0, -2.0])];
        let (_, stacked) = tops(&series, false).expect("three series");
        assert_eq!(stacked[0], [1.0, 2.0, 3.0]);
        assert_eq!((stacked[1][0], is_absent(stacked[1][1]), stacked[1][2]), (2.0, true, -1.0));
        assert_eq!(stacked[2], [3.0, 3.0, -3.0]);
        let (_, shares) = tops(&series, true).expect("three series");
        assert_eq!((shares[0][1], shares[2][1]), (2.0 / 3.0, 1.0));
        assert_eq!((shares[0][2], shares[1][2], shares[2][2]), (1.0, -1.0 / 3.0, -1.0));
    }

    #[test]
    fn shares_of_nothing_are_nothing() {
        let grid = Grid { start_ms: 0, step_ms: 10, len: 1 };
        let (_, shares) = tops(&[(grid, &[0.0]), (grid, &[-0.0])], true).expect("two series");
        assert_eq!(shares, [[0.0], [0.0]]);
    }

    proptest! {
        /// Each top lies as far from the one below it as its series is high, and the last of each side at the sum.
        #[test]
        fn heights_add_up(
            rows in proptest::collection::vec(proptest::collection::vec(
                prop_oneof![8 => -1e6..1e6_f64, 1 => Just(f64::NAN), 1 => Just(ABSENT)], 7), 1..9),
        ) {
            let grid = Grid { start_ms: 0, step_ms: 10, len: 7 };
            let series: Vec<(Grid, &[f64])> = rows.iter().map(|row| (grid, &row[..])).collect();
            let (_, stacked) = tops(&series, false).expect("series");
            let (_, shares) = tops(&series, true).expect("series");
            for index in 0..grid.len {
                for is_above in [true, false] {
                    let is_of_side = |value: f64| value.is_finite() && (value >= 0.0) == is_above;
                    let (mut sum, mut last_share) = (0.0_f64, None);
                    for (row, tops) in rows.iter().zip(&stacked).filter(|(row, _)| is_of_side(row[index])) {
                        sum += row[index];
                        prop_assert!((tops[index] - sum).abs() <= 1e-9 * (1.0 + sum.abs()));
                    }
                    for (row, share) in rows.iter().zip(&shares).filter(|(row, _)| is_of_side(row[index])) {
                        let share = share[index];
                        prop_assert!(row[index] == 0.0 || (share >= 0.0) == is_above, "{}", share);
                        last_share = Some(share.abs());
                    }
                    prop_assert!(sum == 0.0 || last_share.is_some_and(|share| (share - 1.0).abs() < 1e-9));
                }
                for (row, tops) in rows.iter().zip(&stacked) {
                    prop_assert_eq!(row[index].is_finite(), tops[index].is_finite());
                }
            }
        }
    }

    #[test]
    fn grids_far_apart_have_a_bound() {
        let new = Grid { start_ms: 0, step_ms: 43_200_000, len: 730 };
        let old = Grid { start_ms: 365 * 86_400_000, step_ms: 1_000, len: 2 };
        let (grid, tops) = tops(&[(new, &[1.0; 730]), (old, &[1.0, 1.0])], false).expect("two series");
        assert!(grid.len as i64 <= POINTS_LIMIT + 1 && tops[0].len() == grid.len, "{grid:?}");
    }

    #[test]
    fn grids_of_other_steps_join_by_time() {
        let coarse = Grid { start_ms: 0, step_ms: 20, len: 2 };
        let fine = Grid { start_ms: 0, step_ms: 10, len: 3 };
        let (grid, tops) =
            tops(&[(coarse, &[10.0, 20.0]), (fine, &[1.0, 1.0, 1.0])], false).expect("two series");
        assert_eq!(grid, fine);
        assert_eq!(tops[1], [11.0, 21.0, 21.0]);
    }
}
