//! Regular expressions as Prometheus reads them (Go's RE2 syntax, anchored, `.` matches newlines), on the `regex`
//! crate, whose syntax differs in places: there `\d`, `\w`, `\s` and `\b` are Unicode, a `{` must be a repetition,
//! and `[`, `&&`, `--`, `~~` mean something inside a class.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// The most bytes a compiled expression may take.
const MAX_COMPILED_BYTES: usize = 10 << 20;

/// What the expressions of one request may take together, compiled.
pub(crate) const MAX_REQUEST_BYTES: usize = 64 << 20;

/// Sizes that are tried one after the other, as the size of what was compiled is not told.
const SIZES: [usize; 4] = [64 << 10, 512 << 10, 3 << 20, MAX_COMPILED_BYTES];

/// An expression that does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid regular expression {pattern:?}: {reason}")]
pub struct RegexError {
    /// The expression as given.
    pub pattern: String,
    /// What is wrong with it, mostly in Go's words.
    pub reason: String,
}

/// The most patterns whose compiled form [`Regexes`] keeps.
const MAX_KNOWN: usize = 256;

/// The regular expressions of one request, or of several texts that are read one after the other: what they may take
/// together, and those that occurred already, which are compiled once.
#[derive(Debug, Clone)]
pub struct Regexes {
    left: usize,
    known: HashMap<String, Regex>,
}

impl Default for Regexes {
    fn default() -> Self {
        Self { left: MAX_REQUEST_BYTES, known: HashMap::new() }
    }
}

impl Regexes {
    /// Begins a new request, which may take at least half of [`MAX_REQUEST_BYTES`]: what was compiled stays known,
    /// unless there is too much of it.
    pub(crate) fn renew(&mut self) {
        if self.known.len() >= MAX_KNOWN || self.left < MAX_REQUEST_BYTES / 2 {
            self.known.clear();
            self.left = MAX_REQUEST_BYTES;
        }
    }

    /// [`anchored`], within what is left.
    pub(crate) fn anchored(&mut self, pattern: &str) -> Result<Regex, RegexError> {
        if let Some(regex) = self.known.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = anchored_within(pattern, &mut self.left)?;
        if self.known.len() < MAX_KNOWN {
            self.known.insert(pattern.to_owned(), regex.clone());
        }
        Ok(regex)
    }
}

/// Compiles `pattern` so that it must match the whole text.
pub fn anchored(pattern: &str) -> Result<Regex, RegexError> {
    check_alone(pattern)?;
    compile(pattern, &format!("^(?s:{})$", translate(pattern)))
        .map_err(|error| unanchored(pattern).err().unwrap_or(error))
}

/// Refuses what is valid only by the group that is put around it: `a)(b`. Without a closing bracket there is no such
/// pattern, and compiling it once is enough.
fn check_alone(pattern: &str) -> Result<(), RegexError> {
    if pattern.contains(')') {
        return unanchored(pattern).map(drop);
    }
    match super::go_regex_fault::fault(pattern) {
        Some(reason) => Err(RegexError { pattern: pattern.into(), reason }),
        None => Ok(()),
    }
}

/// Compiles `pattern` so that it may match anywhere, and `.` matches no newline.
pub fn unanchored(pattern: &str) -> Result<Regex, RegexError> {
    if let Some(reason) = super::go_regex_fault::fault(pattern) {
        return Err(RegexError { pattern: pattern.into(), reason });
    }
    compile(pattern, &translate(pattern))
}

/// As [`anchored`], with what `left` allows the expression to take; takes that from it.
fn anchored_within(pattern: &str, left: &mut usize) -> Result<Regex, RegexError> {
    check_alone(pattern)?;
    let translated = format!("^(?s:{})$", translate(pattern));
    for size in SIZES.into_iter().filter(|size| size <= left) {
        match RegexBuilder::new(&translated).size_limit(size).build() {
            Ok(regex) => {
                *left -= size;
                return Ok(regex);
            }
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => {
                return Err(unanchored(pattern).err().unwrap_or_else(|| fault(pattern, &error)));
            }
        }
    }
    let reason = if *left < MAX_COMPILED_BYTES {
        format!("the regular expressions of one request take more than {MAX_REQUEST_BYTES} bytes")
    } else {
        fault(pattern, &regex::Error::CompiledTooBig(MAX_COMPILED_BYTES)).reason
    };
    Err(RegexError { pattern: pattern.into(), reason })
}

fn fault(pattern: &str, error: &regex::Error) -> RegexError {
    let reason = error.to_string().lines().last().unwrap_or_default().to_owned();
    RegexError { pattern: pattern.into(), reason }
}

fn compile(pattern: &str, translated: &str) -> Result<Regex, RegexError> {
    RegexBuilder::new(translated).size_limit(MAX_COMPILED_BYTES).build().map_err(|e| fault(pattern, &e))
}

fn translate(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => at = escape(&chars, at, false, &mut out),
            '[' => at = class(&chars, at, &mut out),
            '{' if !is_repetition(&chars[at..]) => {
                out.push_str("\\{");
                at += 1;
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

/// Writes the escape at `at` and returns where to go on.
fn escape(chars: &[char], at: usize, in_class: bool, out: &mut String) -> usize {
    let Some(&c) = chars.get(at + 1) else {
        out.push('\\');
        return at + 1;
    };
    let plain = match (c, in_class) {
        ('d', false) => "[0-9]",
        ('D', false) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', false) => "[^0-9A-Za-z_]",
        ('s', false) => r"[\t\n\f\r ]",
        ('S', false) => r"[^\t\n\f\r ]",
        ('b', false) => r"(?-u:\b)",
        ('d', true) => "0-9",
        ('w', true) => "0-9A-Za-z_",
        ('s', true) => r"\t\n\f\r ",
        ('Q', false) => return literal(chars, at + 2, out),
        _ => {
            out.push('\\');
            out.push(c);
            return at + 2;
        }
    };
    out.push_str(plain);
    at + 2
}

/// `\Q...\E`: everything up to `\E` (or the end) as it stands.
fn literal(chars: &[char], start: usize, out: &mut String) -> usize {
    let mut at = start;
    while at < chars.len() && !(chars[at] == '\\' && chars.get(at + 1) == Some(&'E')) {
        out.push_str(&regex::escape(&chars[at].to_string()));
        at += 1;
    }
    (at + 2).min(chars.len().max(at))
}

fn class(chars: &[char], start: usize, out: &mut String) -> usize {
    let mut at = start + 1;
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while at < chars.len() {
        match chars[at] {
            ']' if at > first => {
                out.push(']');
                return at + 1;
            }
            ']' => {
                out.push_str("\\]");
                at += 1;
            }
            '\\' => at = escape(chars, at, true, out),
            '[' if chars.get(at + 1) == Some(&':') => {
                let end = (at..chars.len()).find(|&i| chars[i] == ']').unwrap_or(chars.len() - 1);
                out.extend(&chars[at..=end]);
                at = end + 1;
            }
            '[' => {
                out.push_str("\\[");
                at += 1;
            }
            c @ ('&' | '~') => {
                out.push('\\');
                out.push(c);
                at += 1;
            }
            '-' if chars.get(at + 1) == Some(&'-') => {
                out.push_str("\\-");
                at += 1;
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    at
}

/// Whether the text starts with `{n}`, `{n,}` or `{n,m}`.
fn is_repetition(chars: &[char]) -> bool {
    let Some(end) = chars.iter().position(|&c| c == '}') else { return false };
    let body: String = chars[1..end].iter().collect();
    let mut parts = body.splitn(2, ',');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(parts.next().unwrap_or_default()) && parts.next().is_none_or(|max| max.is_empty() || digits(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_one_request_are_bounded_together() {
        let mut left = MAX_REQUEST_BYTES;
        let many =
            (0..1_000).map(|_| anchored_within(r"\pL{80}", &mut left)).position(|regex| regex.is_err());
        assert!(many.is_some_and(|many| many < 20), "{many:?}");
        let reason = anchored_within(r"\pL{80}", &mut left).unwrap_err().reason;
        assert!(reason.contains("of one request take more than"), "{reason}");
        let mut left = MAX_REQUEST_BYTES;
        let reason = anchored_within(r"(\pL{100}){100}", &mut left).unwrap_err().reason;
        assert_eq!(reason, anchored(r"(\pL{100}){100}").unwrap_err().reason);
        let mut left = MAX_REQUEST_BYTES;
        assert!((0..500).all(|_| anchored_within("api-.*|web-[0-9]+", &mut left).is_ok()));
        assert!(anchored_within("a)(b", &mut left).is_err());
    }

    #[test]
    fn a_pattern_is_compiled_once_and_what_is_known_is_bounded() {
        let mut regexes = Regexes::default();
        let first = regexes.anchored("a|b").unwrap();
        let left = regexes.left;
        assert_eq!(first.as_str(), regexes.anchored("a|b").unwrap().as_str());
        assert_eq!(regexes.left, left, "nothing was compiled");
        for index in 0..MAX_KNOWN {
            assert!(regexes.anchored(&format!("x{index}")).is_ok());
        }
        assert_eq!(regexes.known.len(), MAX_KNOWN);
        regexes.renew();
        assert_eq!((regexes.known.len(), regexes.left), (0, MAX_REQUEST_BYTES));
        for bad in ["a)(b", "(a", "[a", "a\\", "*"] {
            let reason = unanchored(bad).unwrap_err().reason;
            assert_eq!(regexes.anchored(bad).unwrap_err().reason, reason, "{bad}");
            assert_eq!(anchored(bad).unwrap_err().reason, reason, "{bad}");
        }
    }

    #[test]
    fn go_syntax() {
        for (pattern, yes, no) in [
            (r"\d+", "42", "٤٢"),
            ("a{b}", "a{b}", "ab"),
            ("a{2,3}", "aaa", "a"),
            ("[[]x", "[x", "x"),
            ("[a&&b]", "&", "c"),
            (r"[\w.]+", "a_1.b", "é"),
            (r"\Qa.b\E+", "a.bb", "axb"),
            ("[]a]", "]", "b"),
            (".*", "a\nb", ""),
        ] {
            let regex = anchored(pattern).unwrap();
            assert!(regex.is_match(yes), "{pattern} {yes}");
            assert!(no.is_empty() || !regex.is_match(no), "{pattern} {no}");
        }
    }

    #[test]
    fn bad_expressions_are_errors() {
        for pattern in ["(", "a)(b", "[", "*", r"\"] {
            assert!(anchored(pattern).is_err(), "{pattern}");
        }
    }
}
