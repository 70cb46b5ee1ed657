//! What is wrong with a regular expression, in the words of Go's `regexp/syntax`.

/// The most repetitions that Go allows.
const MAX_REPEAT: u32 = 1000;

/// What Go says of the pattern; `None` if it finds nothing wrong, as far as is known here.
pub(super) fn fault(pattern: &str) -> Option<String> {
    Checker { pattern, at: 0, open: 0, operand: Operand::None }.run().err()
}

/// What a repetition would repeat.
#[derive(Debug, Clone, Copy)]
enum Operand {
    None,
    Something,
    /// A repetition, and where it starts.
    Repeated(usize),
}

struct Checker<'a> {
    pattern: &'a str,
    at: usize,
    open: usize,
    operand: Operand,
}

fn error<T>(what: &str, shown: &str) -> Result<T, String> {
    Err(format!("{what}: `{shown}`"))
}

impl Checker<'_> {
    fn rest(&self) -> &str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '(' => self.group()?,
                ')' => {
                    if self.open == 0 {
                        return error("unexpected )", self.pattern);
                    }
                    self.open -= 1;
                    self.at += 1;
                    self.operand = Operand::Something;
                }
                '|' => {
                    self.at += 1;
                    self.operand = Operand::None;
                }
                '[' => {
                    self.class()?;
                    self.operand = Operand::Something;
                }
                '*' | '+' | '?' => {
                    self.at += 1;
                    self.repetition(start)?;
                }
                '{' => {
                    if let Some((length, counts)) = repetition_counts(self.rest()) {
                        self.at += length;
                        if let Counts::Invalid = counts {
                            return error("invalid repeat count", &self.pattern[start..self.at]);
                        }
                        self.repetition(start)?;
                    } else {
                        self.at += 1;
                        self.operand = Operand::Something;
                    }
                }
                '\\' => {
                    self.escape()?;
                    self.operand = Operand::Something;
                }
                _ => {
                    self.bump();
                    self.operand = Operand::Something;
                }
            }
        }
        if self.open > 0 { error("missing closing )", self.pattern) } else { Ok(()) }
    }

    /// The operator that started at `start` has been read; a `?` behind it belongs to it.
    fn repetition(&mut self, start: usize) -> Result<(), String> {
        if self.peek() == Some('?') {
            self.at += 1;
        }
        match self.operand {
            Operand::None => error("missing argument to repetition operator", &self.pattern[start..self.at]),
            Operand::Repeated(first) => {
                error("invalid nested repetition operator", &self.pattern[first..self.at])
            }
            Operand::Something => {
                self.operand = Operand::Repeated(start);
                Ok(())
            }
        }
    }

    fn group(&mut self) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        self.operand = Operand::None;
        if !self.rest().starts_with('?') {
            self.open += 1;
            return Ok(());
        }
        let named = ["?P<", "?<"].into_iter().find(|prefix| {
            self.rest().starts_with(prefix) && !self.rest()[prefix.len()..].starts_with(['=', '!'])
        });
        if let Some(prefix) = named {
            let name = &self.rest()[prefix.len()..];
            let Some(end) = name.find('>') else {
                return error("invalid named capture", &self.pattern[start..]);
            };
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if end == 0 || !name[..end].chars().all(is_word) {
                return error("invalid named capture", &self.pattern[start..=self.at + prefix.len() + end]);
            }
            self.at += prefix.len() + end + 1;
            self.open += 1;
            return Ok(());
        }
        self.at += 1;
        loop {
            match self.bump() {
                Some('i' | 'm' | 's' | 'U' | '-') => {}
                Some(':') => {
                    self.open += 1;
                    return Ok(());
                }
                Some(')') => return Ok(()),
                Some(_) => {
                    return error("invalid or unsupported Perl syntax", &self.pattern[start..self.at]);
                }
                None => return error("missing closing )", self.pattern),
            }
        }
    }

    fn class(&mut self) -> Result<(), String> {
        let start = self.at;
        let unclosed = |checker: &Self| error("missing closing ]", &checker.pattern[start..]);
        self.at += 1;
        if self.peek() == Some('^') {
            self.at += 1;
        }
        let first = self.at;
        loop {
            match self.peek() {
                None => return unclosed(self),
                Some(']') if self.at > first => {
                    self.at += 1;
                    return Ok(());
                }
                Some('[') if self.rest().starts_with("[:") && self.rest().contains(":]") => {
                    let end = self.at + self.rest().find(":]").unwrap_or_default() + 2;
                    let name = self.pattern[self.at + 2..end - 2].trim_start_matches('^');
                    if !POSIX_CLASSES.contains(&name) {
                        return error("invalid character class range", &self.pattern[self.at..end]);
                    }
                    self.at = end;
                    continue;
                }
                Some('\\') if self.rest().chars().nth(1).is_some_and(|c| "dDsSwWpP".contains(c)) => {
                    self.escape()?;
                    continue;
                }
                Some(_) => {}
            }
            let from = self.at;
            let Some(low) = self.class_char()? else { return unclosed(self) };
            let mut behind = self.rest().chars();
            if behind.next() == Some('-') && behind.next().is_some_and(|c| c != ']') {
                self.at += 1;
                let Some(high) = self.class_char()? else { return unclosed(self) };
                if high < low {
                    return error("invalid character class range", &self.pattern[from..self.at]);
                }
            }
        }
    }

    fn class_char(&mut self) -> Result<Option<char>, String> {
        if self.peek() == Some('\\') { self.escape() } else { Ok(self.bump()) }
    }

    /// Reads an escape; the character it stands for, if it is one that is easily told.
    fn escape(&mut self) -> Result<Option<char>, String> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.bump() else {
            return error("trailing backslash at end of expression", "");
        };
        let invalid = |checker: &Self| error("invalid escape sequence", &checker.pattern[start..checker.at]);
        match c {
            'Q' => {
                let length = self.rest().find("\\E").map_or(self.rest().len(), |at| at + 2);
                self.at += length;
                Ok(Some(c))
            }
            'p' | 'P' => {
                let braced = self.peek() == Some('{');
                let end = if braced { self.rest().find('}').map(|at| at + 1) } else { None };
                self.at += end.unwrap_or_else(|| self.peek().map_or(0, char::len_utf8));
                let class = &self.pattern[start..self.at];
                if regex::Regex::new(class).is_err() {
                    return error("invalid character class range", class);
                }
                Ok(Some(c))
            }
            'x' if self.peek() == Some('{') => {
                let digits = self.rest().find('}').map(|end| self.rest()[1..end].to_owned());
                let value = digits.as_ref().and_then(|digits| u32::from_str_radix(digits, 16).ok());
                self.at += digits.map_or(self.rest().len(), |digits| digits.len() + 2);
                value.and_then(char::from_u32).map_or_else(|| invalid(self), |c| Ok(Some(c)))
            }
            'x' => {
                let value = self.rest().get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                self.at += self.rest().chars().take(2).map(char::len_utf8).sum::<usize>();
                value.map_or_else(|| invalid(self), |value| Ok(Some(char::from(value))))
            }
            '1'..='7' if !self.peek().is_some_and(|c| ('0'..='7').contains(&c)) => invalid(self),
            '0'..='7' => {
                while self.at - start < 4 && self.peek().is_some_and(|c| ('0'..='7').contains(&c)) {
                    self.at += 1;
                }
                Ok(u32::from_str_radix(&self.pattern[start + 1..self.at], 8).ok().and_then(char::from_u32))
            }
            'A' | 'b' | 'B' | 'C' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'z' => Ok(Some(c)),
            'a' => Ok(Some('\u{7}')),
            'f' => Ok(Some('\u{c}')),
            'n' => Ok(Some('\n')),
            'r' => Ok(Some('\r')),
            't' => Ok(Some('\t')),
            'v' => Ok(Some('\u{b}')),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(Some(c)),
            _ => invalid(self),
        }
    }
}

const POSIX_CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

enum Counts {
    Valid,
    Invalid,
}

/// `{n}`, `{n,}` or `{n,m}` at the start of the text: its length, and whether Go takes the counts.
fn repetition_counts(text: &str) -> Option<(usize, Counts)> {
    let end = text.find('}')?;
    let body = &text[1..end];
    let (least, most) = body
        .split_once(',')
        .map_or((body, Some(body)), |(least, most)| (least, if most.is_empty() { None } else { Some(most) }));
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let least = number(least)?;
    let most = most.map_or(Some(None), |most| number(most).map(Some))?;
    let valid = least <= MAX_REPEAT && most.is_none_or(|most| most <= MAX_REPEAT && least <= most);
    Some((end + 1, if valid { Counts::Valid } else { Counts::Invalid }))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn faults_in_go_words() {
        for (pattern, expected) in [
            ("(", "missing closing ): `(`"),
            ("a)b", "unexpected ): `a)b`"),
            ("x|*", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a+?*", "invalid nested repetition operator: `+?*`"),
            ("b[a", "missing closing ]: `[a`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            (r"a\pX", r"invalid character class range: `\pX`"),
            ("[[:no:]]", "invalid character class range: `[:no:]`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            (r"\8", r"invalid escape sequence: `\8`"),
            (r"a\", "trailing backslash at end of expression: ``"),
            ("(?z)", "invalid or unsupported Perl syntax: `(?z`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?P<n", "invalid named capture: `(?P<n`"),
            ("(?P<a-b>c)", "invalid named capture: `(?P<a-b>`"),
        ] {
            assert_eq!(fault(pattern).as_deref(), Some(expected), "{pattern}");
        }
        for pattern in [
            "",
            "a|b",
            "(?i:a)",
            "(?P<n>a)*",
            "[]a]",
            "[^]]",
            "a{,5}",
            "{",
            r"\d+\.\pL\p{Greek}",
            "[a-]",
            "(a|)+?",
        ] {
            assert_eq!(fault(pattern), None, "{pattern}");
        }
    }
}
