//! The known name that a mistyped one most likely meant.

/// Names longer than this, in characters, are not compared; no name of the format comes near.
const NAME_LIMIT_CHARS: usize = 40;

/// The candidate with the fewest typing errors between it and `name`, if they are few for its length.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = name.chars().take(NAME_LIMIT_CHARS + 1).flat_map(char::to_lowercase).collect();
    if typed.len() > NAME_LIMIT_CHARS {
        return None;
    }
    let allowed = (typed.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| {
            let known: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
            (distance(&typed, &known), candidate)
        })
        .filter(|(errors, _)| *errors <= allowed)
        .min_by_key(|(errors, _)| *errors)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_forgiven_and_other_words_are_not() {
        let names = ["unit", "title", "thresholds", "no_value", "min"];
        for (typed, meant) in [
            ("unti", Some("unit")),
            ("Title", Some("title")),
            ("treshold", Some("thresholds")),
            ("noValue", Some("no_value")),
            ("mi", Some("min")),
            ("colour", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
        assert_eq!(nearest(&"t".repeat(1_000_000), names), None);
    }
}
