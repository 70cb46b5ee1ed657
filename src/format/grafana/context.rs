//! What the import of one file knows throughout.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::json::JSON_LIMIT_BYTES;
use super::node::Node;
use super::source::DataSources;
use crate::dashboard::PANELS_LIMIT;

/// Text that the panels of one file may come to.
const SPENT_LIMIT_BYTES: usize = JSON_LIMIT_BYTES;

/// What the import of one file knows throughout.
#[derive(Debug, Default)]
pub(super) struct Context<'j> {
    pub(super) sources: DataSources,
    /// `$.__elements`: library panels that came with the file, by uid.
    pub(super) library: HashMap<&'j str, Node<'j>>,
    /// Panels by id, for those that show the answers of another.
    pub(super) by_id: HashMap<i64, Node<'j>>,
    /// Panels met, rows not counted.
    pub(super) panels: Cell<usize>,
    /// Those of them that became a placeholder.
    pub(super) placeholders: Cell<usize>,
    /// PromQL met, as it stands in the file, with its JSON path.
    pub(super) exprs: RefCell<Vec<(String, String)>>,
    /// What the panels so far have taken, in bytes of text.
    pub(super) spent_bytes: Cell<usize>,
    /// What queries of panels call their data sources, and how many of them do.
    pub(super) query_sources: RefCell<Vec<(String, usize)>>,
    /// What variables and annotations call theirs.
    pub(super) other_sources: RefCell<HashSet<String>>,
}

impl Context<'_> {
    pub(super) fn count_expr(&self, path: String, expr: &str) {
        self.exprs.borrow_mut().push((path, expr.to_owned()));
    }

    pub(super) fn count_query_source(&self, name: &str) {
        let mut names = self.query_sources.borrow_mut();
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name.to_owned(), 1)),
        }
    }

    pub(super) fn count_other_source(&self, name: &str) {
        self.other_sources.borrow_mut().insert(name.to_owned());
    }

    /// Whether there is no room for the picture of another panel: library panels and queries of other panels may stand
    /// in a small file any number of times.
    pub(super) fn is_full(&self) -> bool {
        self.panels.get() >= PANELS_LIMIT || self.spent_bytes.get() > SPENT_LIMIT_BYTES
    }

    pub(super) fn spend(&self, bytes: usize) {
        self.spent_bytes.set(self.spent_bytes.get().saturating_add(bytes));
    }

    pub(super) fn count_panel(&self) {
        self.panels.set(self.panels.get() + 1);
    }

    pub(super) fn count_placeholder(&self) {
        self.placeholders.set(self.placeholders.get() + 1);
    }
}
