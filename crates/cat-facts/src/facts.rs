//! The built-in list of cat facts.

/// The facts that are told when no upstream is set or the upstream fails, one a line.
const FACTS: &str = include_str!("facts.txt");

/// The built-in facts, in the order of the file.
#[derive(Debug, Clone)]
pub(crate) struct Facts(Vec<&'static str>);

impl Facts {
    pub(crate) fn built_in() -> Self {
        Self(FACTS.lines().collect())
    }

    /// The fact that a share in `0..1` of the list points at.
    pub(crate) fn pick(&self, share: f64) -> &'static str {
        let index = (share * self.0.len() as f64) as usize;
        // The last fact stands in for a share of 1; the list itself is never empty (see the test).
        self.0.get(index).or(self.0.last()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// What the list promises; the list may grow.
    const MIN_FACTS: usize = 100;

    #[test]
    fn the_list_is_long_distinct_and_clean() {
        let Facts(facts) = Facts::built_in();
        assert!(facts.len() >= MIN_FACTS, "only {} facts", facts.len());
        let distinct: HashSet<String> = facts.iter().map(|fact| fact.to_lowercase()).collect();
        assert_eq!(distinct.len(), facts.len(), "some fact is listed twice");
        for fact in facts {
            assert_eq!(fact, fact.trim(), "stray space");
            assert!(fact.len() > 20 && fact.ends_with('.'), "not a sentence: {fact:?}");
            assert!(!fact.chars().any(char::is_control), "control character: {fact:?}");
        }
    }

    #[test]
    fn shares_cover_the_list_from_end_to_end() {
        let facts = Facts::built_in();
        assert_eq!(facts.pick(0.0), facts.0[0]);
        assert_eq!(facts.pick(0.999_999), facts.0[facts.0.len() - 1]);
        assert_eq!(facts.pick(1.0), facts.0[facts.0.len() - 1]);
    }
}
