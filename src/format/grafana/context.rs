//! What the import of one file knows throughout.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::node::Node;
use super::source::DataSources;

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

    pub(super) fn count_panel(&self) {
        self.panels.set(self.panels.get() + 1);
    }

    pub(super) fn count_placeholder(&self) {
        self.placeholders.set(self.placeholders.get() + 1);
    }
}
