//! From what a server or a dashboard lists to the choices of a variable: filter, duplicates, order (rule of Grafana's
//! `variants/query/utils.ts`).

use std::cmp::Ordering;
use std::collections::HashSet;

use super::pattern::Pattern;
use super::{Choice, OPTIONS_LIMIT, Sort};

/// What a variable offers, and how many values were left out because there are too many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// In the order in which they are offered.
    pub choices: Vec<Choice>,
    /// Beyond [`OPTIONS_LIMIT`].
    pub left_out: usize,
}

/// The options out of `found`; `regex` has its variables filled in. A value of which the pattern's first group took no
/// part is dropped, as one that does not match.
pub fn options(found: Vec<Choice>, regex: Option<&str>, sort: Sort) -> Result<Options, String> {
    let pattern = match regex.filter(|regex| !regex.is_empty()) {
        Some(regex) => Some(Pattern::parse(regex).map_err(|why| format!("`{regex}` is no pattern: {why}"))?),
        None => None,
    };
    let mut choices = Vec::new();
    for choice in found {
        match &pattern {
            Some(pattern) => filter(pattern, choice, &mut choices)?,
            None => choices.push(choice),
        }
    }
    let mut seen = HashSet::new();
    choices.retain(|choice| seen.insert(choice.value.clone()));
    let left_out = choices.len().saturating_sub(OPTIONS_LIMIT);
    choices.truncate(OPTIONS_LIMIT);
    self::sort(&mut choices, sort);
    Ok(Options { choices, left_out })
}

fn filter(pattern: &Pattern, choice: Choice, choices: &mut Vec<Choice>) -> Result<(), String> {
    let matches = pattern.matches(&choice.value)?;
    let value = matches.iter().find_map(|found| found.value.as_ref());
    let text = matches.iter().find_map(|found| found.text.as_ref());
    let has_groups = matches.first().is_some_and(|found| found.first.is_some());
    match (value.or(text), text.or(value)) {
        (Some(value), Some(text)) => choices.push(Choice { value: value.clone(), text: text.clone() }),
        _ if has_groups => {
            // Without `g` there is one match only.
            let firsts = matches.iter().filter_map(|found| found.first.clone().flatten());
            choices.extend(firsts.map(|first| Choice::plain(&first)));
        }
        _ if !matches.is_empty() => choices.push(choice),
        _ => {}
    }
    Ok(())
}

/// Puts `choices` in order; a descending one is the ascending one from its end, as in Grafana.
pub fn sort(choices: &mut [Choice], sort: Sort) {
    match sort {
        Sort::None => {}
        Sort::Alphabetical | Sort::AlphabeticalDescending => {
            choices.sort_by(|a, b| by_units(&a.text, &b.text));
        }
        Sort::Numerical | Sort::NumericalDescending => {
            choices.sort_by(|a, b| number(&a.text).total_cmp(&number(&b.text)));
        }
        Sort::IgnoringCase | Sort::IgnoringCaseDescending => {
            choices.sort_by(|a, b| by_units(&a.text.to_lowercase(), &b.text.to_lowercase()));
        }
        Sort::Natural | Sort::NaturalDescending => choices.sort_by(|a, b| natural(&a.text, &b.text)),
    }
    if matches!(
        sort,
        Sort::AlphabeticalDescending
            | Sort::NumericalDescending
            | Sort::IgnoringCaseDescending
            | Sort::NaturalDescending
    ) {
        choices.reverse();
    }
}

/// As JavaScript compares texts.
fn by_units(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// The first digits of a text, -1 where there are none.
fn number(text: &str) -> f64 {
    let Some(start) = text.find(|c: char| c.is_ascii_digit()) else { return -1.0 };
    let rest = &text[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().unwrap_or(-1.0)
}

/// ICU's order of ASCII, as far as it is not letters: spaces, punctuation, symbols, digits.
const COLLATION: &str = "\t\n\x0B\x0C\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";

/// In any case, with numbers by their size, and other characters as ICU orders ASCII. Accents are letters of their own
/// here, which `Intl.Collator` compares after the letters below them.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (a_len, b_len) = (digits(a), digits(b));
        if a_len > 0 && b_len > 0 {
            let (a_number, b_number) =
                (a[..a_len].trim_start_matches('0'), b[..b_len].trim_start_matches('0'));
            let order = a_number.len().cmp(&b_number.len()).then(a_number.cmp(b_number));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[a_len..], &b[b_len..]);
            continue;
        }
        let (mut a_rest, mut b_rest) = (a.chars(), b.chars());
        let key = |character: char| {
            let place = COLLATION.find(character);
            (place.unwrap_or(COLLATION.len()), character.to_lowercase().next().unwrap_or(character))
        };
        match (a_rest.next(), b_rest.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => {
                let order = key(left).cmp(&key(right));
                if order != Ordering::Equal {
                    return order;
                }
            }
        }
        (a, b) = (a_rest.as_str(), b_rest.as_str());
    }
}

/// The values of a list that is written in one text, by Grafana's rule for custom variables: commas part, `\,` is a
/// comma, and `text : value` has a text of its own.
pub fn custom(text: &str) -> Vec<Choice> {
    let mut parts = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' if rest.peek() == Some(&',') => {
                rest.next();
                if let Some(part) = parts.last_mut() {
                    part.push(',');
                }
            }
            ',' => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(character)),
        }
    }
    parts.iter().filter(|part| !part.is_empty()).map(|part| one(part)).collect()
}

/// One entry of a custom variable: `text : value`, or a value that is shown as it is.
pub fn one(part: &str) -> Choice {
    // The last such colon, as the pattern `^\s*(.+)\s:\s(.+)$` takes it.
    let colon = part.char_indices().rev().find(|(at, character)| {
        *character == ':'
            && part[..*at].ends_with(char::is_whitespace)
            && part[at + 1..].starts_with(char::is_whitespace)
            && !part[..*at].trim().is_empty()
            && !part[at + 1..].trim().is_empty()
    });
    match colon {
        Some((at, _)) => {
            Choice { text: part[..at].trim().to_owned(), value: part[at + 1..].trim().to_owned() }
        }
        None => Choice::plain(part.trim()),
    }
}
