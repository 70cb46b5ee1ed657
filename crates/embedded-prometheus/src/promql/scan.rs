//! A look at the text of an expression before it is parsed: how deep it nests, and where each call and each of its
//! arguments starts. The parser gives neither, aborts the process on text that nests too deeply, and reports no
//! positions.

/// A function call or aggregation, in the order in which they start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallSite {
    pub(crate) name: String,
    /// The byte its name starts at.
    pub(crate) start: usize,
    /// The byte each argument starts at, and the one it ends before.
    pub(crate) arguments: Vec<(usize, usize)>,
}

/// What the text shows without being parsed.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) calls: Vec<CallSite>,
    /// Nested brackets plus operators in a row, at the deepest place.
    pub(crate) depth: usize,
    /// A bracket or quote that does not fit: where, and what is wrong.
    pub(crate) fault: Option<(usize, String)>,
    /// The string literals outside of braces and groupings, with their quotes: from where to where.
    pub(crate) strings: Vec<(usize, usize)>,
    /// Every byte at which a token starts, with the token's end.
    pub(crate) tokens: Vec<(usize, usize)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Before {
    /// A name that may turn out to be a call: its place in the text.
    Name(usize, usize),
    /// `by`, `without`, `on` and so on, with the aggregation it stands between the name and the arguments of.
    Grouping(Option<(usize, usize)>),
    /// The end of a grouping's labels, with the same.
    GroupingEnd(Option<(usize, usize)>),
    At,
    Other,
}

/// Whether a bracket holds the labels of a grouping.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Grouping {
    No,
    /// With the aggregation that waits for its arguments behind them.
    Labels(Option<(usize, usize)>),
}

struct Level {
    /// What its bracket was.
    open: u8,
    operators: usize,
    /// The call whose arguments these are.
    call: Option<usize>,
    grouping: Grouping,
    expects_argument: bool,
}

const GROUPING: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const WORD_OPERATORS: [&str; 4] = ["and", "or", "unless", "atan2"];

pub(crate) fn scan(text: &str) -> Scan {
    Scanner {
        text: text.as_bytes(),
        at: 0,
        out: Scan::default(),
        levels: Vec::new(),
        before: Before::Other,
        depth: 0,
    }
    .run()
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    out: Scan,
    levels: Vec<Level>,
    before: Before,
    /// Open brackets and the operators before this place.
    depth: usize,
}

impl Scanner<'_> {
    fn run(mut self) -> Scan {
        while let Some(&byte) = self.text.get(self.at) {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    while self.text.get(self.at).is_some_and(|&b| b != b'\n') {
                        self.at += 1;
                    }
                    continue;
                }
                _ => {}
            }
            self.argument_may_start(start, byte);
            match byte {
                b'"' | b'\'' | b'`' => self.string(byte),
                b'(' | b'[' | b'{' => self.open(byte),
                b')' | b']' | b'}' => self.close(byte),
                b',' => self.comma(),
                b if b.is_ascii_alphabetic() || b == b'_' || b == b':' => self.word(),
                b if b.is_ascii_digit() || b == b'.' => self.number(),
                b'@' => {
                    self.at += 1;
                    self.before = Before::At;
                }
                b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'=' | b'!' | b'<' | b'>' => {
                    self.at += 1;
                    self.operator();
                }
                _ => {
                    self.at += 1;
                    self.before = Before::Other;
                }
            }
            self.out.tokens.push((start, self.at));
            if self.out.fault.is_some() {
                break;
            }
        }
        if self.out.fault.is_none()
            && let Some(level) = self.levels.last()
        {
            let what = match level.open {
                b'(' => "unclosed left parenthesis",
                b'[' => "unexpected end of input in subquery or range selector",
                _ => "unexpected end of input inside braces",
            };
            self.out.fault = Some((self.text.len(), what.into()));
        }
        self.out
    }

    fn deeper(&mut self) {
        self.depth += 1;
        self.out.depth = self.out.depth.max(self.depth);
    }

    fn operator(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.operators += 1;
        }
        self.before = Before::Other;
        self.deeper();
    }

    fn argument_may_start(&mut self, start: usize, byte: u8) {
        let Some(level) = self.levels.last_mut() else { return };
        if level.expects_argument && byte != b')' && byte != b',' {
            level.expects_argument = false;
            if let Some(call) = level.call {
                self.out.calls[call].arguments.push((start, self.text.len()));
            }
        }
    }

    fn argument_ends(&mut self, end: usize) {
        if let Some(call) = self.levels.last().and_then(|level| level.call)
            && let Some(argument) = self.out.calls[call].arguments.last_mut()
        {
            argument.1 = argument.1.min(end);
        }
    }

    fn string(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        while let Some(&b) = self.text.get(self.at) {
            self.at += 1;
            if b == quote {
                self.before = Before::Other;
                if self.levels.last().is_none_or(|level| level.open != b'{' && level.grouping == Grouping::No)
                {
                    self.out.strings.push((start, self.at));
                }
                return;
            }
            if b == b'\\' && quote != b'`' {
                self.at += 1;
            } else if b == b'\n' && quote != b'`' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
        self.out.fault = Some((start, "unterminated quoted string".into()));
    }

    fn word(&mut self) {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'_' || b == b':') {
            self.at += 1;
        }
        let word = String::from_utf8_lossy(&self.text[start..self.at]).to_ascii_lowercase();
        if self.levels.last().is_some_and(|level| level.open != b'(') {
            self.before = Before::Other;
        } else if GROUPING.contains(&word.as_str()) {
            let name = match self.before {
                Before::Name(from, to) => Some((from, to)),
                _ => None,
            };
            self.before = Before::Grouping(name);
        } else if WORD_OPERATORS.contains(&word.as_str()) {
            self.operator();
        } else if self.before == Before::At {
            self.before = Before::Other;
        } else {
            self.before = Before::Name(start, self.at);
        }
    }

    fn number(&mut self) {
        while self.text.get(self.at).is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_') {
            let exponent = matches!(self.text[self.at], b'e' | b'E');
            self.at += 1;
            if exponent && matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
        }
        self.before = Before::Other;
    }

    fn open(&mut self, open: u8) {
        let mut level =
            Level { open, operators: 0, call: None, grouping: Grouping::No, expects_argument: false };
        let call = match (&self.before, open) {
            (Before::Name(from, to) | Before::GroupingEnd(Some((from, to))), b'(') => Some((*from, *to)),
            (Before::Grouping(name), b'(') => {
                level.grouping = Grouping::Labels(*name);
                None
            }
            _ => None,
        };
        if let Some((from, to)) = call {
            level.call = Some(self.out.calls.len());
            level.expects_argument = true;
            let name = String::from_utf8_lossy(&self.text[from..to]).into_owned();
            self.out.calls.push(CallSite { name, start: from, arguments: Vec::new() });
        }
        if open == b'[' {
            // A subquery nests what stands before it.
            self.operator();
        }
        self.levels.push(level);
        self.at += 1;
        self.before = Before::Other;
        self.deeper();
    }

    fn close(&mut self, close: u8) {
        let open = match close {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        if self.levels.last().is_none_or(|level| level.open != open) {
            let what = match close {
                b')' => "unexpected right parenthesis ')'",
                b']' => "unexpected right bracket ']'",
                _ => "unexpected right brace '}'",
            };
            self.out.fault = Some((self.at, what.into()));
            self.at += 1;
            return;
        }
        self.argument_ends(self.at);
        let level = self.levels.pop();
        self.depth -= level.as_ref().map_or(0, |level| level.operators + 1);
        self.at += 1;
        self.before = match level.map(|level| level.grouping) {
            Some(Grouping::Labels(name)) => Before::GroupingEnd(name),
            _ => Before::Other,
        };
    }

    fn comma(&mut self) {
        self.argument_ends(self.at);
        if let Some(level) = self.levels.last_mut() {
            self.depth -= std::mem::take(&mut level.operators);
            level.expects_argument = level.call.is_some();
        }
        self.at += 1;
        self.before = Before::Other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Vec<String> {
        let scan = scan(text);
        let slice = |&(from, to): &(usize, usize)| text[from..to].trim_end().to_owned();
        scan.calls
            .iter()
            .map(|c| {
                format!(
                    "{}@{}({})",
                    c.name,
                    c.start,
                    c.arguments.iter().map(slice).collect::<Vec<_>>().join("|")
                )
            })
            .collect()
    }

    #[test]
    fn calls_and_their_arguments() {
        assert_eq!(calls("rate(x[5m])"), ["rate@0(x[5m])"]);
        assert_eq!(
            calls("sum by (a, b) (rate(x{l=\"(,\"}[5m])) / on (c) topk without(z)(3, y)"),
            ["sum@0(rate(x{l=\"(,\"}[5m]))", "rate@15(x{l=\"(,\"}[5m])", "topk@45(3|y)"]
        );
        assert_eq!(calls("sum(x) by (job) + time()"), ["sum@0(x)", "time@18()"]);
        assert_eq!(calls("max_over_time(x[5m] @ end()) # abs(x)"), ["max_over_time@0(x[5m] @ end())"]);
    }

    #[test]
    fn depth_counts_brackets_and_operators_in_a_row() {
        assert_eq!(scan("x").depth, 0);
        assert_eq!(scan("((x))").depth, 2);
        assert_eq!(scan("a + b + c").depth, 2);
        assert_eq!(scan("f(a + b, c + d)").depth, 2);
        assert_eq!(scan("----x").depth, 4);
        assert_eq!(scan("x[1m:][1m:]").depth, 3);
    }

    #[test]
    fn faults_have_a_place() {
        assert_eq!(scan("sum(x").fault, Some((5, "unclosed left parenthesis".into())));
        assert_eq!(scan("x)").fault, Some((1, "unexpected right parenthesis ')'".into())));
        assert_eq!(scan("x{a=\"b}").fault, Some((4, "unterminated quoted string".into())));
        assert_eq!(scan("x{a=\"b\\\"\"}").fault, None);
    }
}
