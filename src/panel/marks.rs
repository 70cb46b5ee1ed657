//! What is kept of a panel's series while they live: their numbers, which are those of their colours, and which of them
//! the reader has hidden.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};

use ratatui::layout::Rect;

use super::NamedSeries;
use crate::field::SeriesColor;
use crate::series::Labels;
use crate::theme::Ink;
use crate::theme::palette::SERIES_COUNT;

/// Series that have gone and whose numbers are kept for when they come back; the oldest is forgotten.
const GONE_LIMIT: usize = 64;
/// Series that a reader can pick one by one, in one panel.
const PICKED_LIMIT: usize = 2_000;

/// What identifies a series of a panel: the index of its query, and its labels.
pub type SeriesKey = (usize, Labels);

impl NamedSeries<'_> {
    /// What it is drawn with while this is its last value: an override's colour, or that of its number. Thresholds in
    /// percent are those of `range`, the least and the largest value of the panel.
    pub fn ink(&self, last: Option<f64>, range: (f64, f64)) -> Ink {
        let color = match self.field.color {
            SeriesColor::Usual | SeriesColor::Palette => None,
            SeriesColor::Fixed(color) => Some(color),
            SeriesColor::Thresholds | SeriesColor::Continuous(_) => {
                last.and_then(|last| self.field.scheme_color(last, range))
            }
        };
        color.map_or(Ink::Series(self.number), Ink::Fixed)
    }
}

/// What is known of a series besides its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Mark {
    /// The number of its colour.
    pub number: usize,
    /// The reader has hidden it.
    pub is_hidden: bool,
}

/// The marks of what a view shows, and where the view has put names.
#[derive(Clone, Debug, Default)]
pub struct SeriesView<'a> {
    /// For each target the marks of the series of its range answer and of the samples of its instant answer; where
    /// there are none, they are numbered in order.
    pub marks: Vec<(&'a [Mark], &'a [Mark])>,
    /// Where the legend stands, set by those that draw one: what turns a place on the screen into a series.
    pub places: RefCell<Vec<LegendPlace>>,
    /// The rows on each line of the plot, the top first, set by those whose y axis is rows: what turns a place on the
    /// screen into rows.
    pub lines: RefCell<Vec<Rows>>,
    /// The rows that the reader has pointed at.
    pub pointed: Option<Rows>,
}

/// Neighbouring rows of a picture, the lowest first, which share a line of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The lowest.
    pub first: usize,
    /// The one above the highest.
    pub end: usize,
    /// Rows that are added up in each colour of the line.
    pub together: usize,
}

/// A part of a legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegendPlace {
    /// Its cells.
    pub area: Rect,
    /// The series named there, by target and labels; `None` for what tells of hidden ones.
    pub series: Option<(usize, Labels)>,
}

/// Which series are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Shown {
    /// All.
    #[default]
    All,
    /// All but these.
    Without(HashSet<SeriesKey>),
    /// These alone; what comes later is hidden too.
    Only(HashSet<SeriesKey>),
}

/// The numbers of a panel's series, and which of them are shown.
#[derive(Clone, Debug, Default)]
pub struct SeriesBook {
    numbers: HashMap<SeriesKey, usize>,
    gone: VecDeque<(SeriesKey, usize)>,
    /// All queries have been answered once: from then on numbers stay.
    is_settled: bool,
    shown: Shown,
    /// The series of last time with their numbers: most answers bring the same ones.
    last: Vec<(SeriesKey, usize)>,
}

impl SeriesBook {
    /// Takes note of the series that live now, and marks each of them.
    ///
    /// A series keeps its number while it lives, and finds it again when it comes back soon. A new one takes the lowest
    /// that no other has, rather not that of one that has just gone. Until all queries have been answered once
    /// (`is_settled`), numbers follow the order of the series, so that no answer's haste decides on colours.
    pub fn mark(&mut self, live: &[SeriesKey], is_settled: bool) -> Vec<Mark> {
        let is_as_before = self.is_settled
            && live.len() == self.last.len()
            && live.iter().eq(self.last.iter().map(|(key, _)| key));
        if is_as_before {
            return self.last.iter().map(|(key, number)| self.marked(key, *number)).collect();
        }
        if self.is_settled {
            self.renumber(live);
        } else {
            self.numbers.clear();
            for key in live {
                let next = self.numbers.len();
                self.numbers.entry(key.clone()).or_insert(next);
            }
        }
        self.is_settled |= is_settled;
        let number = |key: &SeriesKey| self.numbers.get(key).copied().unwrap_or_default();
        self.last = live.iter().map(|key| (key.clone(), number(key))).collect();
        self.last.iter().map(|(key, number)| self.marked(key, *number)).collect()
    }

    fn marked(&self, key: &SeriesKey, number: usize) -> Mark {
        Mark { number, is_hidden: !self.shows(key) }
    }

    fn renumber(&mut self, live: &[SeriesKey]) {
        let mut before = std::mem::take(&mut self.numbers);
        self.numbers.reserve(live.len());
        let mut taken = HashSet::new();
        let mut new = Vec::new();
        for key in live {
            // What is asked for over time and for now occurs twice.
            if self.numbers.contains_key(key) {
                continue;
            }
            let back = self.gone.iter().position(|(gone, _)| gone == key);
            let number = before.remove(key).or_else(|| self.gone.remove(back?).map(|(_, number)| number));
            match number.filter(|number| taken.insert(*number)) {
                Some(number) => drop(self.numbers.insert(key.clone(), number)),
                None => new.push(key),
            }
        }
        let mut left: Vec<_> = before.into_iter().collect();
        left.sort_by_key(|(_, number)| *number);
        self.gone.extend(left);
        let mut next = 0;
        for key in new {
            let is_kept = |number: usize| self.gone.iter().any(|(_, gone)| *gone == number);
            let fresh = (0..SERIES_COUNT).find(|number| !taken.contains(number) && !is_kept(*number));
            let number = fresh.unwrap_or_else(|| {
                while taken.contains(&next) {
                    next += 1;
                }
                next
            });
            taken.insert(number);
            self.numbers.insert(key.clone(), number);
        }
        self.gone.retain(|(_, number)| !taken.contains(number));
        let over = self.gone.len().saturating_sub(GONE_LIMIT);
        self.gone.drain(..over);
    }

    fn shows(&self, key: &SeriesKey) -> bool {
        match &self.shown {
            Shown::All => true,
            Shown::Without(hidden) => !hidden.contains(key),
            Shown::Only(shown) => shown.contains(key),
        }
    }

    /// Hides a series, or shows it again.
    pub fn toggle(&mut self, key: SeriesKey) {
        if self.shown == Shown::All {
            self.shown = Shown::Without(HashSet::new());
        }
        let (Shown::Without(picked) | Shown::Only(picked)) = &mut self.shown else { return };
        if !picked.remove(&key) && picked.len() < PICKED_LIMIT {
            picked.insert(key);
        }
        if picked.is_empty() {
            self.shown = Shown::All;
        }
    }

    /// Shows a series alone; all of them where it is alone already.
    pub fn isolate(&mut self, key: SeriesKey) {
        let only = Shown::Only(HashSet::from([key]));
        self.shown = if self.shown == only { Shown::All } else { only };
    }

    /// Shows all series.
    pub fn show_all(&mut self) {
        self.shown = Shown::All;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str) -> SeriesKey {
        (0, Labels::from([("name", name)]))
    }

    fn keys(names: &str) -> Vec<SeriesKey> {
        names.split_whitespace().map(key).collect()
    }

    fn numbers(book: &mut SeriesBook, names: &str) -> Vec<usize> {
        book.mark(&keys(names), true).into_iter().map(|mark| mark.number).collect()
    }

    #[test]
    fn a_series_keeps_its_number_while_others_come_and_go() {
        let mut book = SeriesBook::default();
        assert_eq!(numbers(&mut book, "a b c"), [0, 1, 2]);
        assert_eq!(numbers(&mut book, "c a"), [2, 0]);
        assert_eq!(numbers(&mut book, "x c a"), [3, 2, 0], "not that of b, which may come back");
        assert_eq!(numbers(&mut book, "b x c a"), [1, 3, 2, 0]);
        assert_eq!(numbers(&mut book, ""), Vec::<usize>::new());
        assert_eq!(numbers(&mut book, "a b c x"), [0, 1, 2, 3]);
    }

    #[test]
    fn the_order_of_answers_does_not_matter() {
        let mut book = SeriesBook::default();
        let of = |marks: Vec<Mark>| marks.into_iter().map(|mark| mark.number).collect::<Vec<_>>();
        assert_eq!(of(book.mark(&keys("b"), false)), [0]);
        assert_eq!(of(book.mark(&keys("a b"), true)), [0, 1]);
        assert_eq!(of(book.mark(&keys("b a"), true)), [1, 0]);
    }

    #[test]
    fn a_series_is_isolated_and_toggled() {
        let mut book = SeriesBook::default();
        let hidden = |book: &mut SeriesBook, names: &str| -> String {
            let live = keys(names);
            let marks = book.mark(&live, true);
            let of = |hidden: bool| if hidden { '-' } else { '+' };
            marks.into_iter().map(|mark| of(mark.is_hidden)).collect()
        };
        assert_eq!(hidden(&mut book, "a b c"), "+++");
        book.toggle(key("b"));
        assert_eq!(hidden(&mut book, "a b c d"), "+-++");
        book.isolate(key("b"));
        assert_eq!(hidden(&mut book, "a b c d"), "-+--", "what comes later is hidden too");
        book.toggle(key("c"));
        assert_eq!(hidden(&mut book, "a b c d"), "-++-");
        book.isolate(key("b"));
        book.isolate(key("b"));
        assert_eq!(hidden(&mut book, "a b c d"), "++++");
        book.isolate(key("a"));
        book.show_all();
        assert_eq!(hidden(&mut book, "a b"), "++");
    }

    proptest! {
        /// Whatever comes and goes: no two that live have one number, none that stays changes its, and as long as no
        /// more than a palette's worth has lived of late, all have colours of their own.
        #[test]
        fn numbers_are_stable_and_differ(
            turns in proptest::collection::vec(proptest::collection::btree_set(0_usize..40, 0..20), 1..30),
        ) {
            let mut book = SeriesBook::default();
            let mut before: HashMap<usize, usize> = HashMap::new();
            let mut peak = 0;
            for turn in turns {
                let live: Vec<SeriesKey> = turn.iter().map(|name| key(&name.to_string())).collect();
                peak = peak.max(live.len());
                let now: HashMap<usize, usize> =
                    turn.iter().copied().zip(book.mark(&live, true).into_iter().map(|mark| mark.number)).collect();
                prop_assert_eq!(now.values().collect::<HashSet<_>>().len(), now.len());
                prop_assert!(now.values().all(|number| *number < peak.max(SERIES_COUNT)), "{:?}", now);
                for (name, number) in &now {
                    prop_assert!(before.get(name).is_none_or(|then| then == number));
                }
                prop_assert!(book.gone.len() <= GONE_LIMIT);
                before = now;
            }
        }
    }
}
