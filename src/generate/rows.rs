//! Which panels stand together: by the first words of their names, the application's own before what every program
//! of its language has, that before what scraping itself brings.

use std::collections::BTreeMap;

use super::panel::Panel;
use super::{GENERATED_PANELS_LIMIT, family};

/// A group with more metrics is split by the second word of their names.
const GROUP_METRICS: usize = 12;

/// Characters of a title that fit a third of 80 columns.
const TITLE_CHARS: usize = 22;

/// Panels side by side.
const PANELS_A_LINE: usize = 3;

/// Title of the row for metrics that share no first word.
const OTHERS: &str = "Other";

/// First words of what libraries, language runtimes and Prometheus bring, in the order in which they are shown.
const LAST: &[&str] = &["process", "go", "python", "jvm", "nodejs", "ruby", "promhttp", "scrape", "up"];

/// Panels under one title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) title: Option<String>,
    pub(super) panels: Vec<Panel>,
}

/// The rows for `panels` by metric. Metrics for whose panels there is no room go to `left_out`.
pub(super) fn rows(
    panels: Vec<(String, Vec<Panel>)>,
    left_out: &mut BTreeMap<&'static str, Vec<String>>,
) -> Vec<Row> {
    let groups = groups(panels.iter().map(|(name, _)| name.as_str()));
    let mut placed: Vec<(Place, String, Vec<Panel>)> =
        panels.into_iter().zip(groups).map(|((name, panels), place)| (place, name, panels)).collect();
    placed.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let most = panels_a_group(&placed);
    let mut rows: Vec<Row> = Vec::new();
    let mut last_title = None;
    let mut count = 0;
    for (place, name, mut panels) in placed {
        if last_title.as_ref() != Some(&place.title) {
            count = 0;
        }
        count += panels.len();
        // Whether the targets answer is worth more than any of their metrics.
        if count > most && name != "up" {
            count -= panels.len();
            left_out.entry("as there is no room for more panels").or_default().push(name);
            continue;
        }
        for panel in &mut panels {
            shorten(panel, &place.title);
        }
        // Two panels of one metric stand beside each other.
        let fits = rows.last().is_some_and(|row| row.panels.len() + panels.len() <= PANELS_A_LINE);
        let is_same = last_title.as_ref() == Some(&place.title);
        match rows.last_mut().filter(|_| fits && is_same) {
            Some(row) => row.panels.extend(panels),
            None => rows.push(Row { title: (!is_same).then(|| place.title.clone()), panels }),
        }
        last_title = Some(place.title);
    }
    rows
}

/// Panels that each group may have, so that all together have at most [`GENERATED_PANELS_LIMIT`]: large groups give
/// first, so that no topic is missing because another has fifty metrics.
fn panels_a_group(placed: &[(Place, String, Vec<Panel>)]) -> usize {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, _, panels) in placed {
        *groups.entry(&place.title).or_default() += panels.len();
    }
    let all = |most: usize| groups.values().map(|count| (*count).min(most)).sum::<usize>();
    let largest = groups.values().copied().max().unwrap_or_default();
    let (mut fits, mut exceeds) = (0, largest + 1);
    while exceeds - fits > 1 {
        let middle = usize::midpoint(fits, exceeds);
        if all(middle) <= GENERATED_PANELS_LIMIT {
            fits = middle;
        } else {
            exceeds = middle;
        }
    }
    fits
}

/// Leaves out of a long name what the title of the row says already, so that the rest is not cut.
fn shorten(panel: &mut Panel, row_title: &str) {
    if panel.title.chars().count() <= TITLE_CHARS {
        return;
    }
    let rest = panel.title.strip_prefix(row_title).and_then(|rest| rest.strip_prefix(['_', ':']));
    if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
        panel.title = rest.to_owned();
    }
}

/// Where a metric stands: in which part of the dashboard, and under which title.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    part: usize,
    title: String,
}

/// The place of each name, in their order.
fn groups<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<Place> {
    let mut by_one: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_two: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names.clone() {
        *by_one.entry(words(name, 1)).or_default() += 1;
        *by_two.entry(words(name, 2)).or_default() += 1;
    }
    let others = by_one.iter().filter(|(word, count)| last(word).is_none() && **count == 1).count();
    let own = by_one.keys().filter(|word| last(word).is_none()).count();
    let has_others = others > 1 || others == 1 && own > 1;
    names
        .map(|name| {
            let (one, two) = (words(name, 1), words(name, 2));
            if family::is_synthetic(name) {
                return Place { part: LAST.len() + 2, title: "Scraping".to_owned() };
            }
            if let Some(part) = last(one) {
                return Place { part: part + 2, title: one.to_owned() };
            }
            match (by_one[one], by_two[two]) {
                (1, _) if has_others => Place { part: 1, title: OTHERS.to_owned() },
                (all, some) if all > GROUP_METRICS && some > 1 && some < all => {
                    Place { part: 0, title: two.to_owned() }
                }
                _ => Place { part: 0, title: one.to_owned() },
            }
        })
        .collect()
}

/// The place of a first word among those that are shown last.
fn last(word: &str) -> Option<usize> {
    LAST.iter().position(|known| *known == word)
}

/// The first `count` words of a name, or all it has.
fn words(name: &str, count: usize) -> &str {
    let ends = name.char_indices().filter(|(at, c)| *at > 0 && matches!(c, '_' | ':' | '.' | '/' | '-'));
    ends.map(|(at, _)| at).nth(count - 1).map_or(name, |end| &name[..end])
}
