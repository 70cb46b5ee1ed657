//! `filter`: columns by name (`filterByName.ts`). A frame of which no column is left goes too.

use super::frame::{DataFrame, Naming};
use super::names::FieldMatch;

/// Which columns stay.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Filter {
    /// Only these; all where there is none.
    pub include: Option<FieldMatch>,
    /// Not these, even where they are included.
    pub exclude: Option<FieldMatch>,
}

impl Filter {
    pub(super) fn apply(&self, frames: Vec<DataFrame>) -> Vec<DataFrame> {
        if self.include.is_none() && self.exclude.is_none() {
            return frames;
        }
        let naming = Naming::of(&frames);
        let filtered = frames.into_iter().map(|mut frame| {
            let names = naming.names(&frame);
            let stays = names.into_iter().zip(frame.take_fields()).filter(|(name, field)| {
                let is = |matcher: &FieldMatch| matcher.matches(field, name);
                self.include.as_ref().is_none_or(is) && !self.exclude.as_ref().is_some_and(is)
            });
            let stays: Vec<_> = stays.map(|(_, field)| field).collect();
            frame.with_fields(stays)
        });
        filtered.filter(|frame| !frame.fields().is_empty()).collect()
    }
}
