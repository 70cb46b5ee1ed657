//! File patterns as Prometheus reads them (Go's `filepath.Glob`): `*`, `?`, `[a-z]`, `[^a]` and `\` in any part of a
//! path. `*` does not match a `/`; a leading dot is nothing special.

use std::path::{Component, Path, PathBuf};

/// The most files that a pattern may mean.
pub(crate) const MAX_FILES: usize = 10_000;

/// The files that `pattern` means, sorted; none is fine. The error says what is wrong with the pattern.
pub(crate) fn glob(pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let Component::Normal(part) = component else {
            for path in &mut found {
                path.push(component);
            }
            continue;
        };
        let Some(part) = part.to_str() else {
            return Err(format!("the pattern {:?} is not valid UTF-8", pattern.display().to_string()));
        };
        if !part.contains(['*', '?', '[', '\\']) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        let tokens = parse(part)
            .ok_or_else(|| format!("syntax error in pattern {:?}", pattern.display().to_string()))?;
        let mut next = Vec::new();
        for folder in found {
            next.extend(matching(&folder, &tokens));
            if next.len() > MAX_FILES {
                return Err(format!(
                    "the pattern {:?} means more than {MAX_FILES} files",
                    pattern.display().to_string()
                ));
            }
        }
        found = next;
    }
    found.retain(|path| path.exists());
    found.sort();
    Ok(found)
}

/// The entries of a folder that match. A folder that cannot be read has none, as in Go.
fn matching(folder: &Path, tokens: &[Token]) -> Vec<PathBuf> {
    let read = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(read) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| matches(tokens, name)))
        .map(|entry| folder.join(entry.file_name()))
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    AnyOne,
    Any,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

fn parse(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::AnyOne,
            '\\' => Token::Char(chars.next()?),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
                        break;
                    }
                    let mut class_char = |dash_is_fine: bool| match chars.next()? {
                        '\\' => chars.next(),
                        ']' => None,
                        '-' if !dash_is_fine => None,
                        c => Some(c),
                    };
                    let low = class_char(false)?;
                    let high = if chars.next_if_eq(&'-').is_some() {
                        match chars.next()? {
                            '\\' => chars.next()?,
                            ']' | '-' => return None,
                            c => c,
                        }
                    } else {
                        low
                    };
                    ranges.push((low, high));
                }
                Token::Class { negated, ranges }
            }
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

/// Whether a name matches; going back to the last `*` only, so it cannot take exponential time.
fn matches(tokens: &[Token], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut token, mut at, mut retry) = (0, 0, None);
    while at < name.len() || token < tokens.len() {
        let one = match tokens.get(token) {
            Some(Token::Any) => {
                retry = Some((token, at + 1));
                token += 1;
                continue;
            }
            Some(expected) => name.get(at).is_some_and(|c| takes(expected, *c)),
            None => false,
        };
        if one {
            token += 1;
            at += 1;
        } else {
            match retry {
                Some((star, from)) if from <= name.len() => {
                    token = star;
                    at = from;
                }
                _ => return false,
            }
        }
    }
    true
}

fn takes(token: &Token, c: char) -> bool {
    match token {
        Token::Char(expected) => *expected == c,
        Token::AnyOne | Token::Any => true,
        Token::Class { negated, ranges } => {
            ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, yes, no) in [
            ("*.yml", "a.yml", "a.yaml"),
            ("*", "", ""),
            ("a*b*c", "aXbYbc", "aXbY"),
            ("rule?.yml", "rule1.yml", "rule.yml"),
            ("[a-c]x", "bx", "dx"),
            ("[^a-c]x", "dx", "ax"),
            (r"\*x", "*x", "ax"),
            ("*a*a*a*a*a*a*a*a*b", "aaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ] {
            let tokens = parse(pattern).expect(pattern);
            assert!(matches(&tokens, yes), "{pattern} {yes}");
            assert!(no.is_empty() || !matches(&tokens, no), "{pattern} {no}");
        }
        for pattern in ["[", "[]", "[a", "[a-]", r"\"] {
            assert_eq!(parse(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn files_are_found_sorted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yml", "a.yml", "c.json"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names = |pattern: &str| -> Vec<String> {
            let files = glob(&folder.path().join(pattern)).unwrap();
            files.iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("*.yml"), ["a.yml", "b.yml"]);
        assert_eq!(names("c.json"), ["c.json"]);
        assert!(names("missing.yml").is_empty() && names("missing/*.yml").is_empty());
        assert!(glob(Path::new("a/[")).unwrap_err().contains("syntax error in pattern"));
    }
}
