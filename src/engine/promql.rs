//! Whether a text is PromQL, whatever the version and the flags of the server that will be asked.

use embedded_prometheus::promql::{Engine, Options};
use embedded_prometheus::storage::Regexes;

/// Says of texts whether they are PromQL.
///
/// One checker is for many expressions: what several of them have in common is looked at once.
#[derive(Debug)]
pub struct PromqlChecker {
    engine: Engine,
    regexes: Regexes,
}

impl Default for PromqlChecker {
    fn default() -> Self {
        // Which functions there are, the server decides that is asked.
        let options = Options { experimental_functions: true, ..Options::default() };
        Self { engine: Engine::new(options), regexes: Regexes::default() }
    }
}

/// Functions of other versions, each with one of the same arguments.
const OF_OTHER_VERSIONS: &[(&str, &str)] = &[
    ("holt_winters", "double_exponential_smoothing"),
    ("ts_of_first_over_time", "ts_of_last_over_time"),
    ("first_over_time", "last_over_time"),
];
/// Calculated durations of one expression.
const DURATIONS_LIMIT: usize = 32;
/// Characters of one.
const DURATION_LIMIT_CHARS: usize = 200;

impl PromqlChecker {
    /// Whether `expr` is PromQL, as Prometheus has it; if not, its words for it.
    pub fn check(&mut self, expr: &str) -> Result<(), String> {
        let Err(error) = self.engine.check(expr, &mut self.regexes) else { return Ok(()) };
        let error = error.to_string();
        match of_another_server(expr) {
            Some(expr) if self.is_promql(&expr) => Ok(()),
            None if needs_a_flag(&error) => Ok(()),
            _ => Err(error),
        }
    }

    fn is_promql(&mut self, expr: &str) -> bool {
        match self.engine.check(expr, &mut self.regexes) {
            Ok(()) => true,
            Err(error) => needs_a_flag(&error.to_string()),
        }
    }
}

/// `expr` in the words of this engine, where it has some of other versions or ones that need a flag.
fn of_another_server(expr: &str) -> Option<String> {
    let mut own = std::borrow::Cow::Borrowed(expr);
    for (theirs, ours) in OF_OTHER_VERSIONS {
        if own.contains(theirs) {
            own = own.replace(theirs, ours).into();
        }
    }
    if let Some(plain) = without_calculated_durations(&own) {
        own = plain.into();
    }
    (own != expr).then(|| own.into_owned())
}

/// Whether an expression was read, and holds what a server has only behind a flag.
fn needs_a_flag(error: &str) -> bool {
    error.contains("function \"") && error.ends_with("\" is not enabled")
}

/// `expr` with a plain duration for each that is calculated: `[5m * 2]`, `[step() + 1m:]`, `offset (1h + 5m)`.
fn without_calculated_durations(expr: &str) -> Option<String> {
    let mut out = String::with_capacity(expr.len());
    let mut quote: Option<char> = None;
    let mut from = 0;
    let mut count = 0;
    let mut characters = expr.char_indices();
    while let Some((at, character)) = characters.next() {
        match quote {
            Some(open) if character == '\\' && open != '`' => drop(characters.next()),
            Some(open) if character == open => quote = None,
            None if matches!(character, '"' | '\'' | '`') => quote = Some(character),
            None if at >= from && (character == '[' || (character == '(' && follows_offset(&expr[..at]))) => {
                let inner = &expr[at + 1..];
                let Some(end) = end_of_duration(inner) else { continue };
                if is_calculated(&inner[..end]) && count < DURATIONS_LIMIT {
                    count += 1;
                    out.push_str(&expr[from..=at]);
                    out.push_str("5m");
                    from = at + 1 + end;
                    if character == '(' {
                        // A plain duration has no parentheses around it.
                        out.truncate(out.len() - "(5m".len());
                        out.push_str("5m");
                        from += 1;
                    }
                }
            }
            _ => {}
        }
    }
    out.push_str(&expr[from..]);
    (count > 0).then_some(out)
}

fn follows_offset(before: &str) -> bool {
    let before = before.trim_end().trim_end_matches('-').trim_end();
    before
        .len()
        .checked_sub(6)
        .and_then(|at| before.get(at..))
        .is_some_and(|word| word.eq_ignore_ascii_case("offset"))
}

/// Where a duration ends that begins `text`.
fn end_of_duration(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices().take(DURATION_LIMIT_CHARS) {
        match character {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ')' | ']' | ':' => return (depth == 0).then_some(at),
            other if !is_word(other) && !is_sign(other) => return None,
            _ => {}
        }
    }
    None
}

/// What names, numbers and units of durations are made of.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '.'
}

/// What stands between them.
fn is_sign(c: char) -> bool {
    matches!(c, '+' | '-' | '*' | '/' | '%' | '^' | '(' | ')' | ',') || c.is_whitespace()
}

/// Whether a duration is made of several, by the operators and functions that Prometheus has for it.
fn is_calculated(duration: &str) -> bool {
    const WORDS: [&str; 4] = ["step", "range", "min", "max"];
    let mut words = duration.split(is_sign).filter(|word| !word.is_empty());
    duration.trim_end().ends_with(|c: char| c == ')' || is_word(c))
        && duration.contains(['+', '-', '*', '/', '%', '^', '('])
        && words.clone().next().is_some()
        && words.all(|word| WORDS.contains(&word) || crate::time_range::parse_duration_ms(word).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_some_servers_know_is_promql() {
        let mut checker = PromqlChecker::default();
        for expr in [
            "rate(x[1m * 4])",
            "rate(x[max(5m, step()) + 1m])",
            "max_over_time(rate(x[5m*2])[1h + 5m:1m])",
            "x offset (5m + 1m)",
            r#"x{a="[5m*2]"} / rate(y[range()])"#,
            "holt_winters(x[5m], 0.5, 0.5)",
            "first_over_time(x[5m]) + ts_of_first_over_time(x[5m * 2])",
            "info(x)",
            "info(rate(x[5m * 2]), {data=~\".+\"})",
            "limitk(2, x)",
            "mad_over_time(x[5m])",
            r#"{"http.requests", "service.name"="a"}"#,
        ] {
            assert_eq!(checker.check(expr), Ok(()), "{expr}");
        }
        for expr in [
            "rate(x[5m * ])",
            "rate(x[a + 5m])",
            "rate(x[5m*2]",
            "nobodys(x[5m*2])",
            "x offset (y)",
            "info(",
            "[()]",
        ] {
            assert!(checker.check(expr).is_err(), "{expr}");
        }
    }

    #[test]
    fn masses_of_brackets_are_looked_at_once() {
        let mut checker = PromqlChecker::default();
        for text in ["[", "offset (", "[5m*2", "x["] {
            assert!(checker.check(&text.repeat(400_000 / text.len())).is_err(), "{text}");
        }
    }
}
