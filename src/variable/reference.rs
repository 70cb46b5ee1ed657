//! References to variables in a text, by Grafana's own pattern:
//! `\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\${(\w+)(?:\.([^:^\}]+))?(?::([^\}]+))?}`.

/// Bytes in which a reference in braces must end; beyond, what begins like one is none.
const REFERENCE_LIMIT_BYTES: usize = 250;

/// One reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'t> {
    /// The whole of it, as it is written.
    pub whole: &'t str,
    /// The variable's name.
    pub name: &'t str,
    /// What stands behind a dot: `${name.path}`.
    pub path: Option<&'t str>,
    /// What stands behind a colon: `${name:csv}`, with arguments such as `date:YYYY`.
    pub format: Option<&'t str>,
}

/// All references of `text` from left to right, each with its place in bytes.
pub fn references(text: &str) -> impl Iterator<Item = (usize, Reference<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = text[at..].find(['$', '[']) {
            at += found;
            if let Some(reference) = read(&text[at..]) {
                let place = at;
                at += reference.whole.len();
                return Some((place, reference));
            }
            at += 1;
        }
        None
    })
}

/// The names of all variables that `text` refers to, in order, repeated as they are.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    references(text).map(|(_, reference)| reference.name)
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The reference at the very start of `text`.
fn read(text: &str) -> Option<Reference<'_>> {
    if let Some(inner) = text.strip_prefix("${") {
        return braced(text, inner);
    }
    if let Some(inner) = text.strip_prefix("[[") {
        let len = word(inner);
        let (name, rest) = inner.split_at(len);
        let (format, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                let (format, rest) = rest.split_at(word(rest));
                (Some(format), rest)
            }
            None => (None, rest),
        };
        let is_whole = !name.is_empty() && format != Some("") && rest.starts_with("]]");
        let whole = &text[..text.len() - rest.len() + 2 * usize::from(is_whole)];
        return is_whole.then_some(Reference { whole, name, path: None, format });
    }
    let name = text.strip_prefix('$')?;
    let len = word(name);
    (len > 0).then(|| Reference { whole: &text[..=len], name: &name[..len], path: None, format: None })
}

/// Where one of `ends` comes, if it comes soon: texts full of beginnings would take forever otherwise.
fn end(text: &str, ends: &[u8]) -> Option<usize> {
    text.bytes().take(REFERENCE_LIMIT_BYTES).position(|byte| ends.contains(&byte))
}

fn braced<'t>(text: &'t str, inner: &'t str) -> Option<Reference<'t>> {
    let (name, mut rest) = inner.split_at(word(inner));
    let mut path = None;
    if let Some(behind) = rest.strip_prefix('.') {
        let (found, behind) = behind.split_at(end(behind, b":^}")?);
        (path, rest) = (Some(found), behind);
    }
    let mut format = None;
    if let Some(behind) = rest.strip_prefix(':') {
        let (found, behind) = behind.split_at(end(behind, b"}")?);
        (format, rest) = (Some(found), behind);
    }
    let is_whole = !name.is_empty() && path != Some("") && format != Some("") && rest.starts_with('}');
    is_whole.then(|| Reference { whole: &text[..=text.len() - rest.len()], name, path, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_nothing_else() {
        let text = "$a ${b} [[c]] ${d:csv} [[e:pipe]] ${f.text} ${g.text:raw} ${h:date:YYYY-MM-DD HH:mm}";
        let found: Vec<_> =
            references(text).map(|(_, found)| (found.name, found.path, found.format)).collect();
        let expected = [
            ("a", None, None),
            ("b", None, None),
            ("c", None, None),
            ("d", None, Some("csv")),
            ("e", None, Some("pipe")),
            ("f", Some("text"), None),
            ("g", Some("text"), Some("raw")),
            ("h", None, Some("date:YYYY-MM-DD HH:mm")),
        ];
        assert_eq!(found, expected);
        for text in
            ["$", "${", "${}", "[[]]", "[[a", "[a]", "${a", "${a:}", "${a.}", "[[a:]]", "$ä", "${a b}"]
        {
            assert_eq!(references(text).count(), 0, "{text}");
        }
        let far = format!("${{a:{}}} $b", "x".repeat(REFERENCE_LIMIT_BYTES));
        assert_eq!(names(&far).collect::<Vec<_>>(), ["b"]);
        assert_eq!(names("x[[[a]]]$b$c").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(names("label_replace(x, \"a\", \"$1\", \"b\", \"(.*)$\")").collect::<Vec<_>>(), ["1"]);
    }
}
