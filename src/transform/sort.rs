//! `sort`: rows by one column (`sortBy.ts`). What is no number comes last either way.

use std::cmp::Ordering;

use super::calculate::position;
use super::frame::{Cell, Column, DataFrame, own_names};

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The shown name of the column.
    pub field: String,
    /// The largest first.
    pub descending: bool,
}

impl Sort {
    pub(super) fn apply(&self, frames: Vec<DataFrame>) -> Vec<DataFrame> {
        let sorted = frames.into_iter().map(|frame| {
            let column = position(&frame, &own_names(&frame), &self.field);
            match column {
                Some(column) => {
                    let order = order(&frame.fields()[column].values, self.descending);
                    frame.in_order(&order)
                }
                None => frame,
            }
        });
        sorted.collect()
    }
}

/// The rows of `column` in their order; equal ones stay as they are.
pub(super) fn order(column: &Column, descending: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    match column {
        Column::Text(_) => {
            let keys: Vec<Vec<u32>> = order
                .iter()
                .map(|row| match column.cell(*row) {
                    Cell::Text(text) => collation_key(text),
                    _ => Vec::new(),
                })
                .collect();
            // Empty texts come behind the others, and before them the other way round.
            order.sort_by(|a, b| {
                let (a, b) = (&keys[*a], &keys[*b]);
                turned(a.is_empty().cmp(&b.is_empty()).then_with(|| a.cmp(b)))
            });
        }
        Column::Time(values) | Column::Number(values) => {
            order.sort_by(|a, b| {
                let (a, b) = (values[*a] + 0.0, values[*b] + 0.0);
                a.is_nan()
                    .cmp(&b.is_nan())
                    .then_with(|| if a.is_nan() { Ordering::Equal } else { turned(a.total_cmp(&b)) })
            });
        }
    }
    order
}

/// Signs in the order of the Unicode collation, all of which come before digits and letters.
const SIGNS: &str = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// What texts are compared by: as `Intl.Collator` does it with the sensitivity `base` for what metrics are labelled
/// with. Case and accents do not count; beyond Western European letters the code points count.
fn collation_key(text: &str) -> Vec<u32> {
    let rank = |c: char| match c {
        c if c.is_whitespace() => 1,
        c if c.is_ascii_alphanumeric() => 0x100 + u32::from(c),
        c => SIGNS.find(c).map_or(0x200 + u32::from(c), |place| 2 + place as u32),
    };
    text.chars().flat_map(char::to_lowercase).map(without_accent).map(rank).collect()
}

/// The letter of ASCII that a letter of Western European languages sorts as.
fn without_accent(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ő' => 'o',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ś' | 'š' => 's',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}
