//! `organize`: which columns stay, in which order, and what they are called (`organize.ts`).

use super::filter::Filter;
use super::frame::{DataFrame, Naming, own_names};
use super::names::FieldMatch;

/// Which columns stay, in which order, and what they are called.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Organize {
    /// Only these stay; all where it is empty.
    pub include: Vec<String>,
    /// These go.
    pub exclude: Vec<String>,
    /// These come first.
    pub order: Vec<String>,
    /// Shown names, and those to show in place of them.
    pub rename: Vec<(String, String)>,
}

impl Organize {
    pub(super) fn apply(&self, frames: Vec<DataFrame>) -> Vec<DataFrame> {
        let names = |names: &Vec<String>| (!names.is_empty()).then(|| FieldMatch::Names(names.clone()));
        let filter = Filter { include: names(&self.include), exclude: names(&self.exclude) };
        let frames = filter.apply(frames);
        let naming = Naming::of(&frames);
        frames.into_iter().map(|frame| self.renamed(self.ordered(frame, &naming))).collect()
    }

    fn ordered(&self, mut frame: DataFrame, naming: &Naming) -> DataFrame {
        if self.order.is_empty() {
            return frame;
        }
        let names = naming.names(&frame);
        let places = names.iter().zip(frame.fields()).map(|(shown, field)| {
            let place = self.order.iter().position(|wanted| wanted == shown || field.is_column(wanted));
            place.unwrap_or(usize::MAX)
        });
        let places: Vec<usize> = places.collect();
        let mut fields: Vec<_> = places.into_iter().zip(frame.take_fields()).collect();
        fields.sort_by_key(|(place, _)| *place);
        frame.with_fields(fields.into_iter().map(|(_, field)| field).collect())
    }

    fn renamed(&self, frame: DataFrame) -> DataFrame {
        if self.rename.is_empty() {
            return frame;
        }
        let names = own_names(&frame);
        frame.rename(|index, field| {
            let called = |name: &String| *name == names[index] || field.is_column(name);
            let to = self.rename.iter().find(|(from, to)| called(from) && !to.is_empty());
            if let Some((_, to)) = to {
                field.display_name = Some(to.clone());
            }
        })
    }
}
