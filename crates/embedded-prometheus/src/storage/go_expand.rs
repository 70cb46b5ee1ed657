//! Templates with references to the groups of an expression, by the rules of Go's `Regexp.Expand`.

use regex::{Captures, Regex};

/// Beyond this a number is a name, as in Go.
const MAX_GROUP: usize = 100_000_000;

/// `template` with `$1`, `$name`, `${1}` and `${name}` replaced by what the group matched (nothing, if there is no
/// such group), and `$$` by `$`. A `$` that starts none of these stays.
pub(crate) fn expand(template: &str, regex: &Regex, captures: &Captures<'_>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, after)) = reference(rest) else {
            out.push('$');
            continue;
        };
        out.push_str(group(name, regex, captures));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The name that `text` starts with, in braces or not, and what follows. As long as can be: `$1x` is the group `1x`.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (braced, text) = match text.strip_prefix('{') {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    match (name.is_empty(), braced) {
        (true, _) => None,
        (false, true) => after.strip_prefix('}').map(|after| (name, after)),
        (false, false) => Some((name, after)),
    }
}

fn group<'a>(name: &str, regex: &Regex, captures: &Captures<'a>) -> &'a str {
    let is_number = name.bytes().all(|b| b.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    let number = name.parse().ok().filter(|&number: &usize| is_number && number < MAX_GROUP);
    let found = match number {
        Some(number) => captures.get(number),
        None if regex.capture_names().flatten().any(|known| known == name) => captures.name(name),
        None => None,
    };
    found.map_or("", |found| found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_expands() {
        let regex = Regex::new("^(?P<first>[a-z]+)-(.*?)(x)?$").unwrap();
        let captures = regex.captures("ab-12").unwrap();
        for (template, expected) in [
            ("$1", "ab"),
            ("${1}c", "abc"),
            ("$1c", ""),
            ("$first/$2", "ab/12"),
            ("${first}_", "ab_"),
            ("$0", "ab-12"),
            ("$00", ""),
            ("$3", ""),
            ("$9", ""),
            ("$$1", "$1"),
            ("$", "$"),
            ("a$-b", "a$-b"),
            ("${1", "${1"),
            ("${}", "${}"),
            ("${1-}", "${1-}"),
            ("$é", ""),
        ] {
            assert_eq!(expand(template, &regex, &captures), expected, "{template}");
        }
    }
}
