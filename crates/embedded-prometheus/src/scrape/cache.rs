//! What a target's last scrapes taught: which series the bytes of an exposition mean, and which series there were,
//! so that those that vanish get their stale markers.
//!
//! The counting of passes and the clearing of what is no longer exposed follow Prometheus's `scrapeCache` (Copyright
//! The Prometheus Authors, Apache-2.0). Here a series is known by its place in the store, not by the hash of what was
//! exposed, so that relabelling two series into one marks neither; and a scrape that fails half-way counts as if
//! nothing had been exposed, so that all series get their markers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::Labels;
use crate::storage::SeriesRef;

/// Entries that failing scrapes may leave behind before they are cleared.
const FAILED_ENTRIES: usize = 1000;

/// A series as it is exposed.
#[derive(Debug)]
pub(super) struct Series {
    /// Its place in the store.
    pub(super) reference: SeriesRef,
    /// Its labels in the store.
    pub(super) labels: Labels,
}

#[derive(Debug)]
struct Entry {
    exposed: Arc<[u8]>,
    /// `None` if relabelling drops it.
    series: Option<Series>,
    /// The pass that saw it last.
    seen: u64,
    /// The pass that last counted it among those that get a marker when they vanish.
    tracked: u64,
    /// What followed it in the exposition: most targets keep their order.
    next: usize,
}

/// What is known of an exposed series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing.
    No,
    /// Relabelling drops it.
    Dropped,
    /// It is in the store.
    Yes {
        /// For [`SeriesCache::series`].
        id: usize,
        /// Whether this pass met it already.
        seen_in_this_pass: bool,
    },
}

/// The cache of one target.
#[derive(Debug)]
pub(super) struct SeriesCache {
    /// The current pass.
    pass: u64,
    by_exposed: HashMap<Arc<[u8]>, usize>,
    entries: Vec<Option<Entry>>,
    free: Vec<usize>,
    last: usize,
    /// Entries made in this pass.
    made: Vec<usize>,
    /// Entries tracked in this pass and in the one before.
    current: Vec<usize>,
    previous: Vec<usize>,
    /// Series of the pass before whose entries are gone.
    orphans: Vec<Series>,
    /// Entries after the last pass that went well.
    good_len: usize,
}

impl Default for SeriesCache {
    fn default() -> Self {
        Self {
            pass: 1,
            by_exposed: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            last: usize::MAX,
            made: Vec::new(),
            current: Vec::new(),
            previous: Vec::new(),
            orphans: Vec::new(),
            good_len: 0,
        }
    }
}

impl SeriesCache {
    /// What `exposed` means, and notes that this pass saw it.
    pub(super) fn see(&mut self, exposed: &[u8]) -> Known {
        let Some(id) = self.find(exposed) else { return Known::No };
        self.link(id);
        let pass = self.pass;
        let Some(entry) = self.entries[id].as_mut() else { return Known::No };
        let seen_in_this_pass = entry.seen == pass;
        entry.seen = pass;
        if entry.series.is_some() { Known::Yes { id, seen_in_this_pass } } else { Known::Dropped }
    }

    fn find(&self, exposed: &[u8]) -> Option<usize> {
        let guess = self.entry(self.last).map(|entry| entry.next);
        if let Some(guess) = guess
            && self.entry(guess).is_some_and(|entry| *entry.exposed == *exposed)
        {
            return Some(guess);
        }
        self.by_exposed.get(exposed).copied()
    }

    fn entry(&self, id: usize) -> Option<&Entry> {
        self.entries.get(id).and_then(Option::as_ref)
    }

    /// Remembers that `id` followed the last one.
    fn link(&mut self, id: usize) {
        if let Some(Some(last)) = self.entries.get_mut(self.last) {
            last.next = id;
        }
        self.last = id;
    }

    /// The series that [`Known::Yes`] named.
    pub(super) fn series(&self, id: usize) -> Option<&Series> {
        self.entry(id).and_then(|entry| entry.series.as_ref())
    }

    /// Takes note of a new place in the store.
    pub(super) fn move_to(&mut self, id: usize, reference: SeriesRef) {
        if let Some(Some(Entry { series: Some(series), .. })) = self.entries.get_mut(id) {
            series.reference = reference;
        }
    }

    /// Adds what `exposed` means: a series, or that it is dropped.
    pub(super) fn add(&mut self, exposed: &[u8], series: Option<Series>) -> usize {
        let exposed: Arc<[u8]> = exposed.into();
        let entry = Entry { exposed: exposed.clone(), series, seen: self.pass, tracked: 0, next: usize::MAX };
        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.entries.len() - 1
        });
        self.entries[id] = Some(entry);
        self.by_exposed.insert(exposed, id);
        self.made.push(id);
        self.link(id);
        id
    }

    /// The series gets a stale marker when a later pass does not track it.
    pub(super) fn track(&mut self, id: usize) {
        let pass = self.pass;
        if let Some(Some(entry)) = self.entries.get_mut(id)
            && entry.tracked != pass
        {
            entry.tracked = pass;
            self.current.push(id);
        }
    }

    /// The series that the pass before tracked and this one does not.
    pub(super) fn vanished(&self) -> Vec<&Series> {
        let gone = |id: &&usize| self.entry(**id).is_some_and(|entry| entry.tracked != self.pass);
        let gone = self.previous.iter().filter(gone).filter_map(|&id| self.series(id));
        let mut vanished: Vec<&Series> = gone.chain(&self.orphans).collect();
        if !vanished.is_empty() {
            let still: HashSet<SeriesRef> =
                self.current.iter().filter_map(|&id| self.series(id)).map(|s| s.reference).collect();
            vanished.retain(|series| !still.contains(&series.reference));
        }
        vanished
    }

    /// Ends a pass over a body that was taken, and forgets what it did not expose.
    pub(super) fn end_good(&mut self) {
        self.good_len = self.by_exposed.len();
        self.clear_unseen();
        self.next_pass();
    }

    /// Ends a pass over nothing.
    pub(super) fn end_empty(&mut self) {
        if self.by_exposed.len() > self.good_len * 2 + FAILED_ENTRIES {
            self.clear_unseen();
        }
        self.next_pass();
    }

    /// Takes back all of this pass: the store did not take its samples.
    pub(super) fn undo(&mut self) {
        for id in std::mem::take(&mut self.made) {
            self.remove(id);
        }
        self.current.clear();
        self.pass += 1;
        self.last = usize::MAX;
    }

    /// Forgets what exposed bytes mean, but not which series there were: the rules have changed.
    pub(super) fn forget_meanings(&mut self) {
        let previous = std::mem::take(&mut self.previous);
        for id in previous {
            if let Some(entry) = self.entries.get_mut(id).and_then(Option::take) {
                self.orphans.extend(entry.series);
            }
        }
        self.by_exposed.clear();
        self.entries.clear();
        self.free.clear();
        self.made.clear();
        self.current.clear();
        self.last = usize::MAX;
    }

    fn clear_unseen(&mut self) {
        for id in 0..self.entries.len() {
            if self.entry(id).is_some_and(|entry| entry.seen != self.pass) {
                self.remove(id);
            }
        }
    }

    fn remove(&mut self, id: usize) {
        if let Some(entry) = self.entries.get_mut(id).and_then(Option::take) {
            self.by_exposed.remove(&entry.exposed);
            self.free.push(id);
        }
    }

    fn next_pass(&mut self) {
        std::mem::swap(&mut self.previous, &mut self.current);
        self.current.clear();
        self.orphans.clear();
        self.made.clear();
        self.pass += 1;
        self.last = usize::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(reference: u64) -> Series {
        let labels = Labels::from_pairs([("__name__", format!("s{reference}"))]);
        Series { reference: SeriesRef(reference), labels }
    }

    fn expose(cache: &mut SeriesCache, names: &[(&str, u64)]) {
        for &(name, reference) in names {
            let id = match cache.see(name.as_bytes()) {
                Known::Yes { id, .. } => id,
                _ => cache.add(name.as_bytes(), Some(series(reference))),
            };
            cache.track(id);
        }
    }

    fn vanished(cache: &SeriesCache) -> Vec<u64> {
        cache.vanished().iter().map(|series| series.reference.0).collect()
    }

    #[test]
    fn what_is_no_longer_exposed_vanishes_once() {
        let mut cache = SeriesCache::default();
        expose(&mut cache, &[("a", 1), ("b", 2)]);
        assert!(vanished(&cache).is_empty());
        cache.end_good();
        expose(&mut cache, &[("b", 2)]);
        assert_eq!(vanished(&cache), [1]);
        cache.end_good();
        assert_eq!(cache.see(b"a"), Known::No);
        expose(&mut cache, &[("b", 2)]);
        assert!(vanished(&cache).is_empty());
    }

    #[test]
    fn a_pass_taken_back_leaves_all_series_to_vanish() {
        let mut cache = SeriesCache::default();
        expose(&mut cache, &[("a", 1), ("b", 2)]);
        cache.end_good();
        expose(&mut cache, &[("a", 1), ("c", 3)]);
        cache.undo();
        assert_eq!(vanished(&cache), [1, 2]);
        cache.end_empty();
        assert!(vanished(&cache).is_empty());
        assert_eq!(cache.see(b"c"), Known::No);
        assert!(matches!(cache.see(b"a"), Known::Yes { seen_in_this_pass: false, .. }));
        assert!(matches!(cache.see(b"a"), Known::Yes { seen_in_this_pass: true, .. }));
    }

    #[test]
    fn two_exposed_series_that_are_one_vanish_together() {
        let mut cache = SeriesCache::default();
        expose(&mut cache, &[("a{x=\"1\"}", 1), ("a{x=\"2\"}", 1)]);
        cache.end_good();
        expose(&mut cache, &[("a{x=\"2\"}", 1)]);
        assert!(vanished(&cache).is_empty());
        cache.end_good();
        assert_eq!(vanished(&cache), [1]);
    }

    #[test]
    fn new_rules_keep_the_series_that_were() {
        let mut cache = SeriesCache::default();
        expose(&mut cache, &[("a", 1), ("b", 2)]);
        cache.end_good();
        cache.forget_meanings();
        expose(&mut cache, &[("a", 7), ("b", 2)]);
        assert_eq!(vanished(&cache), [1]);
        cache.end_good();
        expose(&mut cache, &[("a", 7), ("b", 2)]);
        assert!(vanished(&cache).is_empty());
    }

    #[test]
    fn failing_scrapes_do_not_pile_up() {
        let mut cache = SeriesCache::default();
        for pass in 0..3 {
            for at in 0..2 * FAILED_ENTRIES {
                let name = format!("{pass}-{at}");
                cache.add(name.as_bytes(), None);
            }
            cache.end_empty();
        }
        assert_eq!(cache.by_exposed.len(), 2 * FAILED_ENTRIES);
    }
}
