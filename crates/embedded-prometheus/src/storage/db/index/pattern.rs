//! What a regular expression says at first sight: the few texts it can match, or how they begin.

/// Characters that mean something in a regular expression.
const SPECIAL: &str = r"\.+*?()|[]{}^$";

/// Escapes of these stand for themselves.
fn is_plain_escape(c: char) -> bool {
    c.is_ascii_punctuation()
}

/// The texts that an anchored expression matches, if it is a plain text or an alternation of plain texts.
pub(super) fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .map(|inner| inner.strip_prefix("?:").unwrap_or(inner));
    // "(a)|(b)" loses its outer parentheses, too, but then there is one left inside and no text is plain.
    split(inner.unwrap_or(pattern))
}

fn split(pattern: &str) -> Option<Vec<String>> {
    let (mut texts, mut text) = (Vec::new(), String::new());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '|' => texts.push(std::mem::take(&mut text)),
            '\\' => text.push(chars.next().filter(|&c| is_plain_escape(c))?),
            c if SPECIAL.contains(c) => return None,
            c => text.push(c),
        }
    }
    texts.push(text);
    Some(texts)
}

/// How every text that an anchored expression matches begins; empty if nothing can be said.
pub(super) fn prefix(pattern: &str) -> String {
    let mut prefix = String::new();
    // An alternation may be anywhere, even out of sight behind a group or a class.
    if pattern.contains('|') {
        return prefix;
    }
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let literal = match c {
            '\\' => match chars.next() {
                Some(c) if is_plain_escape(c) => c,
                _ => break,
            },
            c if SPECIAL.contains(c) => break,
            c => c,
        };
        // A repetition may take the character away again.
        if chars.peek().is_some_and(|&next| "*?{".contains(next)) {
            break;
        }
        prefix.push(literal);
    }
    prefix
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::storage::anchored_regex;

    #[test]
    fn plain_texts_are_seen() {
        for (pattern, texts) in [
            ("a|b", Some(vec!["a", "b"])),
            ("(a|b)", Some(vec!["a", "b"])),
            ("(?:a|)", Some(vec!["a", ""])),
            (r"a\.b", Some(vec!["a.b"])),
            ("", Some(vec![""])),
            ("(a)|(b)", None),
            ("a.b", None),
            (r"\d", None),
            ("(?i:a)", None),
        ] {
            let texts = texts.map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(alternatives(pattern), texts, "{pattern}");
        }
        assert_eq!(prefix("node_.*"), "node_");
        assert_eq!(prefix(r"a\.b+"), "a.b");
        assert_eq!(prefix("ab?"), "a");
        assert_eq!(prefix("ab{0}"), "a");
        assert_eq!(prefix("ab|c"), "");
        assert_eq!(prefix("(?i)ab"), "");
    }

    proptest! {
        #[test]
        fn the_expression_agrees(pattern in r"[ab(|)?:\\.*+{}\[\]1^$,-]{0,8}", text in r"[ab.1|(]{0,5}") {
            if let Ok(regex) = anchored_regex(&pattern) {
                if let Some(texts) = alternatives(&pattern) {
                    prop_assert_eq!(texts.contains(&text), regex.is_match(&text), "{} {}", pattern, text);
                }
                if regex.is_match(&text) {
                    prop_assert!(text.starts_with(&prefix(&pattern)), "{} {}", pattern, text);
                }
            }
        }
    }
}
