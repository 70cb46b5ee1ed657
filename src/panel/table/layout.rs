//! How wide the columns of a table are, and which of them have room.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::HashSet;

use unicode_width::UnicodeWidthStr;

use super::model::Table;
use super::{BAR_WIDTH, GAP, LABEL_WIDTH_MIN, LAST_LABEL_WIDTH_MIN};
use crate::field::CellMode;
use crate::text;

/// Columns that can be scrolled to need not be narrower than this for the others' sake.
const SCROLLED_WIDTH_LIMIT: u16 = 60;

/// Cells of a text that is not cut.
const UNBOUNDED: usize = 10_000;

/// A column of the table with its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) column: usize,
    pub(super) width: u16,
}

/// What is on the screen of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) columns: Vec<Placed>,
    /// Columns before the first that can scroll.
    pub(super) before: usize,
    /// Columns behind, or left out for want of room.
    pub(super) after: usize,
}

/// The width that a column would like to have, and whether it insists.
fn natural(table: &Table<'_>, column: usize) -> (u16, bool) {
    if let Some(width) = table.columns[column].field.column.width {
        return (width.max(1), true);
    }
    let cells = (0..table.rows()).map(|row| table.cell(row, column, UNBOUNDED).width());
    let mut widest = cells.max().unwrap_or_default();
    if table.columns[column].field.column.cell == CellMode::Bar && !table.columns[column].is_text() {
        widest += usize::from(BAR_WIDTH) + 1;
    }
    let widest = widest.max(text::width(&table.header(column)));
    (widest.min(usize::from(u16::MAX / 2)) as u16, false)
}

/// How many texts the column has that differ where it is as narrow as it may be.
fn told_apart(table: &Table<'_>, column: usize) -> usize {
    let cell = |row: usize| table.cell(row, column, LABEL_WIDTH_MIN.into());
    (0..table.rows()).map(cell).collect::<HashSet<_>>().len()
}

/// Whether all rows say the same in this column.
fn is_constant(table: &Table<'_>, column: usize) -> bool {
    let cell = |row: usize| table.cell(row, column, UNBOUNDED);
    table.rows() > 1 && (1..table.rows()).all(|row| cell(row) == cell(0))
}

fn total(columns: &[Placed]) -> u32 {
    let widths: u32 = columns.iter().map(|placed| u32::from(placed.width)).sum();
    widths + u32::from(GAP) * columns.len().saturating_sub(1) as u32
}

impl Layout {
    /// All columns where they fit; else texts go that are the same in all rows, if others are not, then the widest texts
    /// give way, then columns of texts go, those first that tell the fewest rows apart, then numbers.
    pub(super) fn fitted(table: &Table<'_>, width: u16) -> Self {
        let wishes: Vec<(u16, bool)> =
            (0..table.columns.len()).map(|column| natural(table, column)).collect();
        let gives = |placed: &Placed| table.columns[placed.column].is_text();
        let mut columns: Vec<Placed> =
            wishes.iter().enumerate().map(|(column, (width, _))| Placed { column, width: *width }).collect();
        let worths = vec![OnceCell::new(); table.columns.len()];
        let worth = |column: usize| *worths[column].get_or_init(|| told_apart(table, column));
        loop {
            let excess = total(&columns).saturating_sub(u32::from(width));
            if excess == 0 {
                break;
            }
            let constant = columns.iter().rposition(|placed| {
                gives(placed) && !wishes[placed.column].1 && is_constant(table, placed.column)
            });
            let is_telling = |placed: &Placed| gives(placed) && !is_constant(table, placed.column);
            if let Some(constant) = constant.filter(|_| columns.iter().any(is_telling)) {
                columns.remove(constant);
                continue;
            }
            let texts_left = columns.iter().filter(|placed| gives(placed)).count();
            let least = if texts_left > 1 { LABEL_WIDTH_MIN } else { LAST_LABEL_WIDTH_MIN };
            // The widest text gives first, down to the next widest; numbers are not cut for texts.
            let can_shrink = |placed: &&mut Placed| gives(placed) && !wishes[placed.column].1;
            let mut widths: Vec<u16> =
                columns.iter_mut().filter(can_shrink).map(|placed| placed.width).collect();
            widths.sort_unstable();
            let (widest, next) = (widths.pop().unwrap_or(0), widths.pop().unwrap_or(0));
            if widest > least {
                let step = u32::from(widest - next.max(least)).max(1).min(excess) as u16;
                let mut texts = columns.iter_mut().filter(can_shrink);
                if let Some(placed) = texts.find(|placed| placed.width == widest) {
                    placed.width -= step;
                }
                continue;
            }
            // Then texts go, of those that tell as many rows apart the last first, but for one; then numbers, but for one; then that text.
            let numbers_left = columns.len() - texts_left;
            let leaves = if texts_left > 1 || (numbers_left == 1 && texts_left == 1) {
                let texts = columns.iter().enumerate().filter(|(_, placed)| gives(placed));
                let by_worth = |(index, placed): &(usize, &Placed)| (worth(placed.column), Reverse(*index));
                texts.min_by_key(by_worth).map(|(index, _)| index)
            } else {
                (columns.len() > 1).then(|| columns.len() - 1)
            };
            let Some(leaves) = leaves else {
                // One column stays, however narrow.
                for placed in &mut columns {
                    placed.width = width;
                }
                break;
            };
            columns.remove(leaves);
        }
        // What columns that left have freed goes back to those that gave, first to those that tell most rows apart.
        let mut free = u32::from(width).saturating_sub(total(&columns));
        let mut shortened: Vec<&mut Placed> =
            columns.iter_mut().filter(|placed| placed.width < wishes[placed.column].0).collect();
        if free > 0 && shortened.len() > 1 {
            shortened.sort_by_key(|placed| Reverse(worth(placed.column)));
        }
        for placed in shortened {
            let more = u32::from(wishes[placed.column].0.saturating_sub(placed.width)).min(free);
            placed.width += more as u16;
            free -= more;
        }
        let after = table.columns.len() - columns.len() + table.left_out;
        Self { columns, before: 0, after }
    }

    /// Columns from number `first` on at their own width, as many as have room, and what is left for a text behind them;
    /// the first of the table stays.
    pub(super) fn scrolled(table: &Table<'_>, width: u16, first: u16) -> Self {
        let count = table.columns.len();
        let placed = |column: usize| {
            let (wish, is_fixed) = natural(table, column);
            Placed { column, width: if is_fixed { wish } else { wish.min(SCROLLED_WIDTH_LIMIT) }.min(width) }
        };
        let mut columns: Vec<Placed> = Vec::new();
        let before = usize::from(first).min(Self::scroll_max(table, width));
        for column in (0..count.min(1)).chain(1 + before..count) {
            columns.push(placed(column));
            let excess = total(&columns).saturating_sub(u32::from(width));
            if excess > 0 {
                let gives =
                    table.columns[column].is_text() && table.columns[column].field.column.width.is_none();
                let cut = columns.pop().map(|last| u32::from(last.width).saturating_sub(excess) as u16);
                if let Some(width) = cut.filter(|width| gives && *width >= LABEL_WIDTH_MIN) {
                    columns.push(Placed { column, width });
                }
                break;
            }
        }
        let after = count - columns.len() - before + table.left_out;
        Self { columns, before, after }
    }

    /// Columns that can be scrolled away before the last is on the screen; 0 where all fit.
    pub(super) fn scroll_max(table: &Table<'_>, width: u16) -> usize {
        let count = table.columns.len();
        let wide = |column: usize| {
            let (wish, is_fixed) = natural(table, column);
            if is_fixed { wish } else { wish.min(SCROLLED_WIDTH_LIMIT) }.min(width)
        };
        if count < 2 {
            return 0;
        }
        let mut used = u32::from(wide(0));
        let mut fits = 0;
        for column in (1..count).rev() {
            used += u32::from(GAP) + u32::from(wide(column));
            if used > u32::from(width) {
                break;
            }
            fits += 1;
        }
        // The last column is reached even where it has to be alone with the first.
        (count - 1).saturating_sub(fits.max(1))
    }
}
