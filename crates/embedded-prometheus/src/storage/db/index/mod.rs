//! Which series have which labels: for each label's name and value the slots of the series that have it.

mod pattern;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::model::Labels;
use crate::storage::{Interrupt, Interrupted, MatchKind, Matcher};

/// Slots in ascending order.
type Postings = Vec<u32>;

/// The slots by label, and their order by labels.
#[derive(Debug, Default, Clone)]
pub(super) struct Index {
    by_labels: HashMap<Labels, u32>,
    postings: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Postings>>,
    /// The labels of each slot, `None` for slots without series.
    labels: Vec<Option<Labels>>,
    /// All slots with series, in the order of their labels.
    sorted: Vec<u32>,
    /// Where in `sorted` each slot stands.
    ranks: Vec<u32>,
}

impl Index {
    pub(super) fn slot(&self, labels: &Labels) -> Option<u32> {
        self.by_labels.get(labels).copied()
    }

    /// Adds series in slots that have none.
    pub(super) fn insert(&mut self, mut new: Vec<(Labels, u32)>) {
        if new.is_empty() {
            return;
        }
        for (labels, slot) in &new {
            for label in labels.iter() {
                let values = self.postings.entry(Arc::clone(&label.name)).or_default();
                let postings = values.entry(Arc::clone(&label.value)).or_default();
                if postings.last().is_none_or(|last| last < slot) {
                    postings.push(*slot);
                } else if let Err(at) = postings.binary_search(slot) {
                    postings.insert(at, *slot);
                }
            }
            let slots = self.labels.len().max(*slot as usize + 1);
            self.labels.resize(slots, None);
            self.labels[*slot as usize] = Some(labels.clone());
            self.by_labels.insert(labels.clone(), *slot);
        }
        new.sort_unstable();
        self.merge_sorted(&new);
    }

    fn merge_sorted(&mut self, new: &[(Labels, u32)]) {
        let mut merged = Vec::with_capacity(self.sorted.len() + new.len());
        let mut rest = self.sorted.as_slice();
        for (labels, slot) in new {
            // Found by halves, as most often few are new among many.
            let before = rest.partition_point(|&known| self.labels_of(known) < Some(labels));
            let (smaller, larger) = rest.split_at(before);
            merged.extend_from_slice(smaller);
            merged.push(*slot);
            rest = larger;
        }
        merged.extend_from_slice(rest);
        self.sorted = merged;
        self.rank();
    }

    /// Removes the series of these slots.
    pub(super) fn remove(&mut self, slots: &[u32]) {
        let gone: BTreeSet<u32> = slots.iter().copied().collect();
        for &slot in &gone {
            let Some(labels) = self.labels.get_mut(slot as usize).and_then(Option::take) else { continue };
            self.by_labels.remove(&labels);
            for label in labels.iter() {
                let Some(values) = self.postings.get_mut(&label.name) else { continue };
                if let Some(postings) = values.get_mut(&label.value) {
                    // All that are gone at once: the others that have this label find it done.
                    if postings.binary_search(&slot).is_ok() {
                        postings.retain(|known| !gone.contains(known));
                    }
                    if postings.is_empty() {
                        values.remove(&label.value);
                    }
                }
                if values.is_empty() {
                    self.postings.remove(&label.name);
                }
            }
        }
        self.sorted.retain(|slot| !gone.contains(slot));
        self.rank();
    }

    fn rank(&mut self) {
        self.ranks.resize(self.labels.len(), 0);
        for (rank, &slot) in self.sorted.iter().enumerate() {
            self.ranks[slot as usize] = rank as u32;
        }
    }

    fn labels_of(&self, slot: u32) -> Option<&Labels> {
        self.labels.get(slot as usize)?.as_ref()
    }

    /// Whether this slot has the series with these labels.
    pub(super) fn has(&self, slot: u32, labels: &Labels) -> bool {
        self.labels_of(slot) == Some(labels)
    }

    /// The slots of the series that all matchers match, in the order of their labels.
    pub(super) fn select(
        &self,
        matchers: &[Matcher],
        interrupt: &dyn Interrupt,
    ) -> Result<Vec<u32>, Interrupted> {
        let mut found: Option<Postings> = None;
        // Those that are cheap and leave little come first.
        for pass in [Pass::Equal, Pass::Present, Pass::Absent] {
            for matcher in matchers.iter().filter(|matcher| pass_of(matcher) == pass) {
                interrupt.check()?;
                found = Some(self.narrowed(found, matcher, interrupt)?);
                if found.as_ref().is_some_and(Vec::is_empty) {
                    return Ok(Vec::new());
                }
            }
        }
        let Some(mut found) = found else { return Ok(self.sorted.clone()) };
        self.sort(&mut found);
        Ok(found)
    }

    fn sort(&self, slots: &mut [u32]) {
        slots.sort_unstable_by_key(|&slot| self.ranks.get(slot as usize).copied().unwrap_or(0));
    }

    /// What `before`, an earlier state of this index, found by `matchers`, without what has gone since and with what
    /// has come.
    pub(super) fn caught_up(&self, before: &Self, found: Postings, matchers: &[Matcher]) -> Vec<u32> {
        let is_same = |slot: u32| match (self.labels_of(slot), before.labels_of(slot)) {
            (Some(now), Some(then)) => now == then,
            (now, then) => now.is_none() && then.is_none(),
        };
        let mut slots: Vec<u32> = found.into_iter().filter(|&slot| is_same(slot)).collect();
        let come = (0..self.labels.len() as u32).filter(|&slot| !is_same(slot)).filter(|&slot| {
            self.labels_of(slot).is_some_and(|labels| matchers.iter().all(|matcher| matcher.matches(labels)))
        });
        slots.extend(come);
        self.sort(&mut slots);
        slots
    }

    /// What of `found` (everything if `None`) the matcher leaves.
    fn narrowed(
        &self,
        found: Option<Postings>,
        matcher: &Matcher,
        interrupt: &dyn Interrupt,
    ) -> Result<Postings, Interrupted> {
        let values = self.postings.get(matcher.name.as_str());
        let matches_absent = matcher.matches_value("");
        let Some(values) = values else {
            return Ok(if matches_absent { found.unwrap_or_else(|| self.all()) } else { Vec::new() });
        };
        if let MatchKind::Equal = matcher.kind
            && !matches_absent
        {
            let postings = values.get(matcher.value.as_str()).map_or(&[][..], Vec::as_slice);
            return Ok(match found {
                Some(found) => intersection(&found, postings),
                None => postings.to_vec(),
            });
        }
        // Fewer series than values: ask the series.
        if let Some(found) = &found
            && found.len() <= values.len()
        {
            let mut kept = Vec::new();
            for (count, &slot) in found.iter().enumerate() {
                patience(count, interrupt)?;
                if self.labels_of(slot).is_some_and(|labels| matcher.matches(labels)) {
                    kept.push(slot);
                }
            }
            return Ok(kept);
        }
        Ok(if matches_absent {
            let excluded = union(lists(values, matcher, false, interrupt)?);
            difference(&found.unwrap_or_else(|| self.all()), &excluded)
        } else {
            let included = union(lists(values, matcher, true, interrupt)?);
            match found {
                Some(found) => intersection(&found, &included),
                None => included,
            }
        })
    }

    fn all(&self) -> Postings {
        let mut all = self.sorted.clone();
        all.sort_unstable();
        all
    }

    /// The names of labels.
    pub(super) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.postings.keys()
    }

    /// The values of a label, each with the slots of its series.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = (&Arc<str>, &[u32])> {
        self.postings.get(name).into_iter().flatten().map(|(value, postings)| (value, postings.as_slice()))
    }
}

/// When a matcher is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// One value.
    Equal,
    /// Some values.
    Present,
    /// Everything but some values.
    Absent,
}

fn pass_of(matcher: &Matcher) -> Pass {
    if matcher.matches_value("") {
        Pass::Absent
    } else if let MatchKind::Equal = matcher.kind {
        Pass::Equal
    } else {
        Pass::Present
    }
}

/// Values between two looks at the clock: each may take a regular expression a fraction of a millisecond.
const VALUES_A_LOOK: usize = 64;

fn patience(count: usize, interrupt: &dyn Interrupt) -> Result<(), Interrupted> {
    if count.is_multiple_of(VALUES_A_LOOK) { interrupt.check() } else { Ok(()) }
}

/// The postings of the values that the matcher matches, or of those that it does not.
fn lists<'a>(
    values: &'a BTreeMap<Arc<str>, Postings>,
    matcher: &Matcher,
    matching: bool,
    interrupt: &dyn Interrupt,
) -> Result<Vec<&'a Postings>, Interrupted> {
    // Whether the values to be found are those that the text or expression itself describes.
    let described = matches!(matcher.kind, MatchKind::Equal | MatchKind::Regex(_)) == matching;
    let is_regex = matches!(matcher.kind, MatchKind::Regex(_) | MatchKind::NotRegex(_));
    if !described {
        return matched(values.iter(), matcher, matching, interrupt);
    }
    let texts =
        if is_regex { pattern::alternatives(&matcher.value) } else { Some(vec![matcher.value.clone()]) };
    if let Some(mut texts) = texts {
        texts.sort_unstable();
        texts.dedup();
        return Ok(texts.iter().filter_map(|text| values.get(text.as_str())).collect());
    }
    let prefix = pattern::prefix(&matcher.value);
    let begin_alike = values
        .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
        .take_while(|(value, _)| value.starts_with(&prefix));
    matched(begin_alike, matcher, matching, interrupt)
}

fn matched<'a>(
    values: impl Iterator<Item = (&'a Arc<str>, &'a Postings)>,
    matcher: &Matcher,
    matching: bool,
    interrupt: &dyn Interrupt,
) -> Result<Vec<&'a Postings>, Interrupted> {
    let mut found = Vec::new();
    for (count, (value, postings)) in values.enumerate() {
        patience(count, interrupt)?;
        if matcher.matches_value(value) == matching {
            found.push(postings);
        }
    }
    Ok(found)
}

/// The lists have no slot in common, as a series has one value of a label.
fn union(lists: Vec<&Postings>) -> Postings {
    let mut all = Vec::with_capacity(lists.iter().map(|list| list.len()).sum());
    for list in lists {
        all.extend_from_slice(list);
    }
    all.sort_unstable();
    all
}

/// If one list is this much longer, it is searched and not walked.
const SEARCH_RATIO: usize = 16;

fn intersection(left: &[u32], right: &[u32]) -> Postings {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if short.len() * SEARCH_RATIO < long.len() {
        return short.iter().filter(|slot| long.binary_search(slot).is_ok()).copied().collect();
    }
    let mut long = long.iter().peekable();
    let mut common = Vec::with_capacity(short.len());
    for &slot in short {
        while long.next_if(|&&other| other < slot).is_some() {}
        if long.next_if_eq(&&slot).is_some() {
            common.push(slot);
        }
    }
    common
}

fn difference(from: &[u32], what: &[u32]) -> Postings {
    let mut what = what.iter().peekable();
    let mut rest = Vec::with_capacity(from.len());
    for &slot in from {
        while what.next_if(|&&other| other < slot).is_some() {}
        if what.next_if_eq(&&slot).is_none() {
            rest.push(slot);
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::storage::Forever;

    fn matchers() -> impl Strategy<Value = Vec<Matcher>> {
        let value = prop::sample::select(vec![
            "", "a", "b", "ab", "a|b", "(a|ab)", "a.*", ".+", ".*", "a|", "[ab]", "b?", "(?i)A", "nope",
            "ab|a",
        ]);
        let name = prop::sample::select(vec!["x", "y", "z", "none"]);
        let one = (name, value, 0..4).prop_map(|(name, value, kind)| match kind {
            0 => Matcher::equal(name, value),
            1 => Matcher::not_equal(name, value),
            2 => Matcher::regex(name, value).unwrap(),
            _ => Matcher::not_regex(name, value).unwrap(),
        });
        prop::collection::vec(one, 0..4)
    }

    fn label_sets() -> impl Strategy<Value = Vec<Labels>> {
        let value = || prop::sample::select(vec!["", "a", "b", "ab", "abc", "c"]);
        let set = (value(), value(), value())
            .prop_map(|(x, y, z)| Labels::from_pairs([("x", x), ("y", y), ("z", z)]));
        prop::collection::btree_set(set, 0..40).prop_map(|sets| sets.into_iter().collect()).prop_shuffle()
    }

    proptest! {
        #[test]
        fn selects_what_the_matchers_match(
            sets in label_sets(),
            cut in 0..40_usize,
            gone in 0..40_usize,
            matchers in matchers(),
        ) {
            let mut index = Index::default();
            let all: Vec<(Labels, u32)> =
                sets.into_iter().enumerate().map(|(slot, labels)| (labels, (slot * 7 % 41) as u32)).collect();
            let (first, second) = all.split_at(cut.min(all.len()));
            index.insert(first.to_vec());
            index.insert(second.to_vec());
            let (removed, left) = all.split_at(gone.min(all.len()));
            index.remove(&removed.iter().map(|(_, slot)| *slot).collect::<Vec<_>>());
            let mut left: Vec<(Labels, u32)> = left.to_vec();
            left.sort();
            let expected: Vec<u32> = left
                .iter()
                .filter(|(labels, _)| matchers.iter().all(|matcher| matcher.matches(labels)))
                .map(|(_, slot)| *slot)
                .collect();
            prop_assert_eq!(index.select(&matchers, &Forever), Ok(expected));
            index.remove(&left.iter().map(|(_, slot)| *slot).collect::<Vec<_>>());
            prop_assert_eq!(index.names().count(), 0);
        }
    }
}
