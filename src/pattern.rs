//! JavaScript's regular expressions, as Grafana's dashboards have them everywhere, for an engine of Rust.
//!
//! What JavaScript means otherwise than Rust is rewritten: braces that are no repetition, brackets in classes, `\d` and
//! `\w` of ASCII only, `\/`, `\uXXXX`, `$`, `.`. Look-around and references back need backtracking, which is bounded.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use fancy_regex::{Regex, RegexBuilder};

/// Longest pattern that is read, in characters.
pub const LENGTH_LIMIT_CHARS: usize = 2_000;
/// Steps back that one match may take before it is given up.
const BACKTRACK_LIMIT: usize = 100_000;
/// Most memory that a compiled pattern may take.
const SIZE_LIMIT_BYTES: usize = 1 << 20;
/// Compiled patterns that a thread keeps for the next time; most dashboards name few, many times.
const KNOWN_LIMIT: usize = 128;

type Compiled = Result<Arc<Regex>, String>;

thread_local! {
    static KNOWN: RefCell<HashMap<(String, String), Compiled>> = RefCell::default();
}

/// The engine for `pattern` with JavaScript's `flags`; `g` and `y` are left to who uses it.
///
/// # Errors
/// In words, without the place in the pattern, which stands there rewritten.
pub fn compile(pattern: &str, flags: &str) -> Compiled {
    let key = (pattern.to_owned(), flags.to_owned());
    if let Some(known) = KNOWN.with_borrow(|known| known.get(&key).cloned()) {
        return known;
    }
    let compiled = compile_anew(pattern, flags);
    KNOWN.with_borrow_mut(|known| {
        if known.len() == KNOWN_LIMIT {
            known.clear();
        }
        known.insert(key, compiled.clone());
    });
    compiled
}

fn compile_anew(pattern: &str, flags: &str) -> Compiled {
    if pattern.chars().count() > LENGTH_LIMIT_CHARS {
        return Err(format!("it is longer than {LENGTH_LIMIT_CHARS} characters"));
    }
    let translated = Translation::new(pattern, flags).run()?;
    RegexBuilder::new(&translated)
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(SIZE_LIMIT_BYTES)
        .case_insensitive(flags.contains('i'))
        .build()
        .map(Arc::new)
        .map_err(|error| refused(&error))
}

/// What is wrong, without the place in the pattern as it was rewritten.
fn refused(error: &fancy_regex::Error) -> String {
    if let fancy_regex::Error::CompileError(inner) = error
        && let fancy_regex::CompileError::InnerError(inner) = &**inner
        && inner.size_limit().is_some()
    {
        return format!("compiled it takes more than the size limit of {SIZE_LIMIT_BYTES} bytes");
    }
    let text = error.to_string();
    let says = text.lines().last().unwrap_or_default();
    let mut says = says.rsplit(": ").next().unwrap_or(says).trim().to_owned();
    if let Some(first) = says.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    says
}

/// Why a match was given up, in words.
pub fn given_up(error: &fancy_regex::Error) -> String {
    match error {
        fancy_regex::Error::RuntimeError(fancy_regex::RuntimeError::BacktrackLimitExceeded) => {
            format!("a match takes more than {BACKTRACK_LIMIT} steps back; make the pattern simpler")
        }
        error => error.to_string(),
    }
}

const WORD: &str = "A-Za-z0-9_";
const NO_SPACE: &str =
    r"^\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const SPACE: &str =
    r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// What stands before the place that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Atom,
    Repetition,
    LazyRepetition,
}

struct Translation<'p> {
    rest: &'p str,
    out: String,
    dot_all: bool,
    multi_line: bool,
    unicode: bool,
    before: Before,
}

impl<'p> Translation<'p> {
    fn new(pattern: &'p str, flags: &str) -> Self {
        Self {
            rest: pattern,
            out: String::with_capacity(pattern.len() + 16),
            dot_all: flags.contains('s'),
            multi_line: flags.contains('m'),
            unicode: flags.contains('u'),
            before: Before::Nothing,
        }
    }

    fn next(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        self.rest = &self.rest[first.len_utf8()..];
        Some(first)
    }

    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn atom(&mut self, text: &str) {
        self.out.push_str(text);
        self.before = Before::Atom;
    }

    fn literal(&mut self, character: char) {
        push_literal(&mut self.out, character);
        self.before = Before::Atom;
    }

    fn run(mut self) -> Result<String, String> {
        while let Some(character) = self.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '.' if self.dot_all => self.atom("(?s:.)"),
                '.' => self.atom(r"[^\n\r\x{2028}\x{2029}]"),
                '^' => {
                    self.out.push_str(if self.multi_line { "(?m:^)" } else { r"\A" });
                    self.before = Before::Nothing;
                }
                '$' => {
                    self.out.push_str(if self.multi_line { "(?m:$)" } else { r"\z" });
                    self.before = Before::Nothing;
                }
                '(' => {
                    self.out.push('(');
                    let kinds = ["?:", "?=", "?!", "?<=", "?<!", "?<"];
                    if let Some(kind) = kinds.into_iter().find(|kind| self.take(kind)) {
                        self.out.push_str(kind);
                        if kind == "?<" {
                            self.group_name()?;
                        }
                    } else if self.rest.starts_with('?') {
                        return Err("`(?` begins no group that JavaScript knows".to_owned());
                    }
                    self.before = Before::Nothing;
                }
                ')' => self.atom(")"),
                '|' => {
                    self.out.push('|');
                    self.before = Before::Nothing;
                }
                '*' | '+' | '?' => self.repetition(&character.to_string())?,
                '{' => match repetition(self.rest) {
                    Some(len) => {
                        let (inside, rest) = self.rest.split_at(len);
                        self.rest = rest;
                        self.repetition(&format!("{{{inside}"))?;
                    }
                    None => self.literal('{'),
                },
                other => self.literal(other),
            }
        }
        Ok(self.out)
    }

    /// A quantifier; behind another one only `?` may stand, which makes it lazy.
    fn repetition(&mut self, text: &str) -> Result<(), String> {
        self.before = match (self.before, text) {
            (Before::Atom, _) => Before::Repetition,
            (Before::Repetition, "?") => Before::LazyRepetition,
            _ => return Err(format!("there is nothing before `{text}` that it could repeat")),
        };
        self.out.push_str(text);
        Ok(())
    }

    fn group_name(&mut self) -> Result<(), String> {
        let end = self.rest.find('>').ok_or("the name of a group lacks its `>`")?;
        let (name, rest) = self.rest.split_at(end);
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
        if !is_name {
            return Err(format!("`{name}` is no name of a group"));
        }
        self.out.push_str(&name.replace('$', "_"));
        self.out.push('>');
        self.rest = &rest[1..];
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let escaped = self.next().ok_or("it ends with a backslash")?;
        match escaped {
            'b' | 'B' => {
                let word = format!("[{WORD}]");
                // At a boundary one side is of a word and the other is not; elsewhere both are, or none is.
                let (first, second) = if escaped == 'b' { ("(?=", "(?!") } else { ("(?!", "(?=") };
                self.out
                    .extend(["(?:(?<!", &word, ")", first, &word, ")|(?<=", &word, ")", second, &word, "))"]);
                self.before = Before::Nothing;
            }
            'k' if self.take("<") => {
                self.out.push_str("\\k<");
                self.group_name()?;
                self.before = Before::Atom;
            }
            '1'..='9' => {
                self.out.push_str("(?:\\");
                self.out.push(escaped);
                while self.rest.starts_with(|c: char| c.is_ascii_digit()) {
                    let digit = self.next();
                    self.out.extend(digit);
                }
                self.atom(")");
            }
            'p' | 'P' if self.unicode && self.rest.starts_with('{') => {
                let end = self.rest.find('}').ok_or("a property lacks its `}`")?;
                let (name, rest) = self.rest.split_at(end + 1);
                self.rest = rest;
                self.atom(&format!("\\{escaped}{name}"));
            }
            _ => {
                if let Some(set) = set(escaped) {
                    self.atom(&format!("[{set}]"));
                } else {
                    let character = self.character(escaped);
                    self.literal(character);
                }
            }
        }
        Ok(())
    }

    /// The one character that a backslash before `escaped` means.
    fn character(&mut self, escaped: char) -> char {
        match escaped {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0B',
            'f' => '\x0C',
            '0' => '\0',
            'x' => self.hexadecimal(2).unwrap_or('x'),
            'u' => self.hexadecimal(4).unwrap_or('u'),
            'c' if self.rest.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                self.next().map_or('c', |letter| char::from(letter as u8 & 0x1F))
            }
            other => other,
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let text =
            self.rest.get(..digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let character = u32::from_str_radix(text, 16).ok().and_then(char::from_u32)?;
        self.rest = &self.rest[digits..];
        Some(character)
    }

    fn class(&mut self) -> Result<(), String> {
        let is_negated = self.take("^");
        if self.take("]") {
            self.atom(if is_negated { "(?s:.)" } else { "(?!)" });
            return Ok(());
        }
        let mut class = String::from(if is_negated { "[^" } else { "[" });
        loop {
            let character = self.next().ok_or("a class lacks its `]`")?;
            if character == ']' {
                break;
            }
            let first = match self.member(character)? {
                Member::One(first) => first,
                Member::Set(set) => {
                    class.extend(["[", set, "]"]);
                    continue;
                }
            };
            push_literal(&mut class, first);
            // A range, unless the hyphen is the last of the class or the end is a set.
            let mut ahead = self.rest.chars();
            if ahead.next() != Some('-') || matches!(ahead.next(), Some(']') | None) {
                continue;
            }
            self.rest = &self.rest[1..];
            let end = self.next().unwrap_or_default();
            match self.member(end)? {
                Member::One(last) if last < first => {
                    return Err(format!("the range `{first}-{last}` of a class runs backwards"));
                }
                Member::One(last) => {
                    class.push('-');
                    push_literal(&mut class, last);
                }
                Member::Set(set) => class.extend(["\\-[", set, "]"]),
            }
        }
        class.push(']');
        self.atom(&class);
        Ok(())
    }

    /// What `character`, and what a backslash takes with it, means in a class.
    fn member(&mut self, character: char) -> Result<Member, String> {
        if character != '\\' {
            return Ok(Member::One(character));
        }
        let escaped = self.next().ok_or("a class lacks its `]`")?;
        Ok(match set(escaped) {
            Some(set) => Member::Set(set),
            None if escaped == 'b' => Member::One('\x08'),
            None => Member::One(self.character(escaped)),
        })
    }
}

/// What stands in a class.
enum Member {
    One(char),
    Set(&'static str),
}

/// The inside of the class that `\d` and the like stand for.
fn set(escaped: char) -> Option<&'static str> {
    Some(match escaped {
        'd' => "0-9",
        'D' => "^0-9",
        'w' => WORD,
        'W' => "^A-Za-z0-9_",
        's' => SPACE,
        'S' => NO_SPACE,
        _ => return None,
    })
}

/// `character` as itself, in or out of a class.
fn push_literal(out: &mut String, character: char) {
    if "\\.+*?()|[]{}^$#&-~".contains(character) {
        out.push('\\');
    }
    out.push(character);
}

/// The length of what stands behind a brace that begins a repetition: `3}`, `3,}`, `3,5}`. Any other is itself.
fn repetition(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let (low, high) = text[..end].split_once(',').unwrap_or((&text[..end], ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!low.is_empty() && is_number(low) && is_number(high)).then_some(end + 1)
}
