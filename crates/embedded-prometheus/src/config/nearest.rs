//! The known key that a mistyped one most likely meant.

/// Keys longer than this, in characters, are not compared; no key of the format comes near.
const MAX_KEY_CHARS: usize = 60;

/// The candidate with the fewest typing errors between it and `name`, if they are few for its length.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = name.chars().take(MAX_KEY_CHARS + 1).flat_map(char::to_lowercase).collect();
    if typed.len() > MAX_KEY_CHARS {
        return None;
    }
    let allowed = (typed.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&typed, &candidate.chars().collect::<Vec<_>>()), candidate))
        .filter(|(errors, _)| *errors <= allowed)
        .min_by_key(|(errors, _)| *errors)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_forgiven_and_other_words_are_not() {
        let keys = ["scrape_interval", "scrape_timeout", "job_name", "params"];
        for (typed, meant) in [
            ("scrape_intervall", Some("scrape_interval")),
            ("scrapeInterval", Some("scrape_interval")),
            ("jobname", Some("job_name")),
            ("param", Some("params")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, keys), meant, "{typed}");
        }
        assert_eq!(nearest(&"j".repeat(1_000_000), keys), None);
    }
}
