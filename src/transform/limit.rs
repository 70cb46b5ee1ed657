//! `limit`: the first rows of each frame (`limit.ts`).

use super::frame::DataFrame;

pub(super) fn apply(rows: usize, frames: Vec<DataFrame>) -> Vec<DataFrame> {
    frames.into_iter().map(|frame| frame.first_rows(rows)).collect()
}
