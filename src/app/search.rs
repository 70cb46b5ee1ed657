//! Finding a panel by its title or its queries, and lines of a list: letters in their order, the best match first.

use std::cmp::Reverse;

use crate::app::state::State;
use crate::dashboard::PanelQuery;

/// Characters that can be searched for.
pub(super) const SEARCH_LIMIT_CHARS: usize = 64;

/// Points for a letter that follows the one found before, and for one that begins a word.
const RUN_POINTS: i32 = 6;
const WORD_POINTS: i32 = 4;

/// Points that a panel is behind whose title has not what its queries have.
const QUERY_POINTS: i32 = 1_000;

/// The panels whose title or else whose queries have what is searched for, the best first; all in reading order while
/// nothing is. In queries, which are long, it has to stand in one piece.
pub fn found(state: &State) -> Vec<usize> {
    let Some(dashboard) = state.dashboard() else { return Vec::new() };
    let mut found: Vec<(Reverse<i32>, usize)> = dashboard
        .panels
        .iter()
        .enumerate()
        .filter_map(|(index, panel)| {
            let points = score(&panel.title, &state.search).or_else(|| {
                let wanted = state.search.trim().to_lowercase();
                let has = |query: &PanelQuery| query.expr.to_lowercase().contains(&wanted);
                panel.queries.iter().any(has).then_some(-QUERY_POINTS)
            });
            Some((Reverse(points?), index))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, index)| index).collect()
}

/// The numbers of the lines that have what was typed, the best first; all in their order while nothing was.
pub(super) fn ranked(lines: impl Iterator<Item = (usize, String)>, typed: &str) -> Vec<usize> {
    let mut found: Vec<(Reverse<i32>, usize)> =
        lines.filter_map(|(index, line)| Some((Reverse(score(&line, typed)?), index))).collect();
    found.sort();
    found.into_iter().map(|(_, index)| index).collect()
}

/// How well `title` matches: every letter of `wanted` in order, case and spaces aside; `None` when one is missing.
/// Letters in a run and at the beginning of words count more, letters passed over count against it.
fn score(title: &str, wanted: &str) -> Option<i32> {
    let title: Vec<char> = title.chars().flat_map(char::to_lowercase).collect();
    let wanted: Vec<char> =
        wanted.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() {
        return Some(0);
    }
    // The best of all places to begin at: a run in the middle beats scattered letters before it.
    (0..title.len())
        .filter(|start| title[*start] == wanted[0])
        .filter_map(|start| from(&title, start, &wanted))
        .max()
}

fn from(title: &[char], start: usize, wanted: &[char]) -> Option<i32> {
    let mut points = -(start as i32).min(10);
    let mut before: Option<usize> = None;
    let mut place = start;
    for letter in wanted {
        place += title.get(place..)?.iter().position(|other| other == letter)?;
        let is_word = place == 0 || !title[place - 1].is_alphanumeric();
        let is_run = before.is_some_and(|before| before + 1 == place);
        points += 1 + if is_run { RUN_POINTS } else { 0 } + if is_word { WORD_POINTS } else { 0 };
        points -= before.map_or(0, |before| (place - before - 1).min(5) as i32);
        before = Some(place);
        place += 1;
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_match_and_words_and_runs_come_first() {
        assert_eq!(score("Request rate", "xyz"), None);
        assert_eq!(score("Request rate", "etar q"), None, "the order counts");
        assert!(score("", "a").is_none() && score("", "").is_some());
        let best = |titles: &[&'static str], wanted: &str| {
            titles.iter().copied().max_by_key(|title| score(title, wanted)).expect("titles")
        };
        let titles = ["Reads per request", "Error rate", "CPU rate of errors", "Great errors"];
        assert_eq!(best(&titles, "rate"), "CPU rate of errors");
        assert_eq!(best(&titles, "er"), "Error rate");
        assert_eq!(best(&titles, "RPR"), "Reads per request");
        assert_eq!(best(&titles, "cpu err"), "CPU rate of errors");
        assert_eq!(best(&["Ünder", "under"], "ÜN"), "Ünder");
    }
}
