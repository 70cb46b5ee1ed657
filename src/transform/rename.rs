//! `rename`: names of columns by a pattern (`renameByRegex.ts`).

use super::frame::{DataFrame, own_names};
use crate::field::TextPattern;

/// What shown names are matched with, and what becomes of those that match.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// `up|down` matches whole names, `/up/` anywhere in them.
    pub regex: TextPattern,
    /// A template with `$1`, which replaces what matches.
    pub to: String,
}

impl Rename {
    pub(super) fn apply(&self, frames: Vec<DataFrame>) -> Vec<DataFrame> {
        let renamed = frames.into_iter().map(|frame| {
            let names = own_names(&frame);
            frame.rename(|index, field| {
                if self.regex.is_match(&names[index]) {
                    field.display_name = Some(self.regex.replace(&names[index], &self.to));
                }
            })
        });
        renamed.collect()
    }
}
