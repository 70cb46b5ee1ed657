//! What is allowed but looks like a mistake: PromQL that the parser here does not understand, though a server might;
//! units that are nearly one of the known.

use std::sync::LazyLock;

use chrono_tz::Tz;

use super::nearest::nearest;
use crate::text;
use crate::time_range::{Intervals, Span};
use crate::unit::Unit;
use crate::variable::raw_string::quote_raw_strings;
use crate::variable::{ALL, ALL_TEXT, Kind, Scope, Style, Value, Values, Variable, interpolate};

/// Longest expression that is looked at, in bytes. The parser recurses, and a stack overflow cannot be caught: this
/// bounds chains of operators, [`DEPTH_LIMIT`] bounds brackets.
const LENGTH_LIMIT_BYTES: usize = 2_000;
/// Most brackets inside each other that are looked at.
const DEPTH_LIMIT: usize = 60;

/// Stands in for the intervals that only a drawn panel knows.
static INTERVALS: LazyLock<Intervals> = LazyLock::new(|| Intervals::new(3_600_000, 100, None, 15_000));

/// And for the window.
const SPAN: Span = Span { start_ms: 0, end_ms: 3_600_000 };

/// What looks wrong with `expr`, if anything, filled with `values` of [`sample`]; an expression that is too long or too deep passes.
pub fn lint(expr: &str, variables: &[Variable], values: &Values) -> Option<String> {
    let scope = Scope::new(values).with_query(Some(&INTERVALS), SPAN, Tz::UTC);
    let filled = interpolate(expr, &scope, Style::Promql);
    if let Some(name) = variable(&filled) {
        return Some(format!(
            "nothing fills in the variable `{}`: {}",
            text::fit(name, 40),
            known(variables)
        ));
    }
    if filled.len() > LENGTH_LIMIT_BYTES || depth(&filled) > DEPTH_LIMIT {
        return None;
    }
    let error = promql_parser::parser::parse(&quote_raw_strings(&filled)).err()?;
    let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("this may not be valid PromQL: {}", text::fit(&error, 200)))
}

/// Which variables there are, in words.
fn known(variables: &[Variable]) -> String {
    const NAMED: usize = 10;
    let own: Vec<String> =
        variables.iter().take(NAMED).map(|variable| format!("${}", variable.name)).collect();
    let own = if own.is_empty() {
        "the dashboard has no `variables`".to_owned()
    } else {
        format!("there are {}", own.join(", "))
    };
    format!("{own}; $__rate_interval, $__interval, $__range, $__from and $__to are there always")
}

/// A value for each variable, with which an expression can be parsed: what is `given` for it, durations where only
/// they can be, a number where it has one, otherwise a word.
pub fn sample(variables: &[Variable], given: &[(String, String)]) -> Values {
    let value = |variable: &Variable| match (&variable.kind, variable.default.first()) {
        (Kind::Interval { values, .. }, _) => Value::single(values.first().map_or("1m", String::as_str)),
        (Kind::Constant(text), _) => Value::single(text),
        (Kind::Textbox(text), default) => Value::single(default.unwrap_or(text)),
        (Kind::AdHoc(_), _) => Value::single("x=\"x\""),
        (Kind::Custom(choices), default) => {
            let first = choices
                .iter()
                .find(|choice| default.is_none_or(|text| *text == choice.value || *text == choice.text));
            Value::single(first.map_or("x", |choice| choice.value.as_str()))
        }
        (_, Some(default)) if default != ALL && default != ALL_TEXT => Value::single(default),
        _ => Value::single("x"),
    };
    let own = variables.iter().map(|variable| (variable.name.clone(), value(variable)));
    own.chain(given.iter().map(|(name, value)| (name.clone(), Value::single(value)))).collect()
}

/// What looks wrong with a unit: every text may be one, but some are typing errors.
pub fn lint_unit(id: &str) -> Option<String> {
    const SHORTEST: usize = 3;
    if Unit::new(id).is_known() || id.len() < SHORTEST {
        return None;
    }
    let meant = nearest(id, Unit::known_ids())?;
    let shown = text::fit(id, 40);
    Some(format!("`{shown}` is no unit and shown as it is behind the number; did you mean `{meant}`?"))
}

/// A variable that was not filled in. `$1` belongs to `label_replace`, and a `$` at the end of a pattern to the
/// pattern.
fn variable(text: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('$').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let (name, open) = rest.strip_prefix('{').map_or((rest, 1), |name| (name, 2));
        let len = name.find(|c| !is_word(c)).unwrap_or(name.len());
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name.then(|| &text[at..at + open + len + usize::from(open == 2 && name[len..].starts_with('}'))])
    })
}

/// How many brackets lie inside each other at most, those in strings counted too: a bound, not a parse.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_promql_passes_and_bad_does_not() {
        for good in [
            "up",
            "sum by (le) (rate(x_bucket{job=~\"a|b\"}[$__rate_interval]))",
            "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)$\")",
            "x offset ${__interval} > bool 1",
        ] {
            assert_eq!(lint(good, &[], &Values::new()), None, "{good}");
        }
        for (bad, expected) in [
            ("sum(rate(x[5m])", "this may not be valid PromQL: "),
            ("rate(x)", "this may not be valid PromQL: "),
            ("x{a=~\"$instance\"}", "nothing fills in the variable `$instance`: "),
            ("x{a=~\"${instance:regex}\"}", "nothing fills in the variable `${instance`: "),
        ] {
            let message = lint(bad, &[], &Values::new()).expect(bad);
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn mistyped_units_are_told_from_suffixes() {
        for (unit, meant) in
            [("byts", Some("`bytes`?")), ("Percentunit", Some("`percentunit`?")), ("cats", None), ("", None)]
        {
            assert_eq!(
                lint_unit(unit).map(|message| message.ends_with(meant.unwrap_or("-"))),
                meant.map(|_| true),
                "{unit}"
            );
        }
        assert_eq!(lint_unit("reqps"), None);
        assert_eq!(lint_unit("suffix:byts"), None);
    }

    #[test]
    fn hostile_expressions_do_not_overflow_the_stack() {
        let fill =
            |unit: &str, rest: &str| unit.repeat((LENGTH_LIMIT_BYTES - rest.len()) / unit.len()) + rest;
        let worst = [
            fill("-", "x"),
            fill("- ", "x"),
            fill("x+", "x"),
            fill("x^", "x"),
            fill("x or ", "x"),
            "(".repeat(DEPTH_LIMIT) + "x" + &")".repeat(DEPTH_LIMIT),
            "abs(".repeat(DEPTH_LIMIT) + "x" + &")".repeat(DEPTH_LIMIT),
            "x".to_owned() + &"[5m:1m]".repeat(280),
            fill("x offset 5m + ", "x"),
            fill("(", ""),
            fill("{", ""),
            "(".repeat(1_000_000),
        ];
        // A quarter of the stack that threads have.
        let run = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
            for expr in &worst {
                lint(expr, &[], &Values::new());
            }
        });
        run.expect("a thread").join().expect("no panic");
    }
}
