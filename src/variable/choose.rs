//! Which values are chosen: at first, after the options changed, and by a person (Grafana's `MultiValueVariable`).

use super::{ALL, ALL_TEXT, Choice, Current, Kind, Variable};

/// The choice that `wished` (values or texts) means for `variable`, whose options are `options`. A wish that is not
/// among them is taken as it is where `keeps_unknown`, otherwise left out.
pub fn wish(
    variable: &Variable,
    wished: &[String],
    options: &[Choice],
    keeps_unknown: bool,
) -> Option<Current> {
    let is_all = |wish: &String| variable.include_all && (wish == ALL || wish == ALL_TEXT);
    if wished.iter().any(is_all) || (variable.include_all && variable.all_value.as_ref() == wished.first()) {
        return (!wished.is_empty()).then_some(Current::All);
    }
    let mut chosen: Vec<Choice> = Vec::new();
    for wish in wished {
        let found = options.iter().find(|option| option.value == *wish);
        let found = found.or_else(|| options.iter().find(|option| option.text == *wish)).cloned();
        let found = found.or_else(|| keeps_unknown.then(|| Choice::plain(wish)));
        if let Some(choice) = found.filter(|choice| !chosen.contains(choice)) {
            chosen.push(choice);
        }
        if !variable.multi && !chosen.is_empty() {
            break;
        }
    }
    (!chosen.is_empty()).then_some(Current::Values(chosen))
}

/// What is chosen once the options are `options`, where it was `current` (rule 14): all stay all, several keep those
/// that are still there, one is looked for by its value and then by its text; otherwise the first option. Without any
/// options all are chosen where that can be, otherwise nothing.
pub fn after(variable: &Variable, current: &Current, options: &[Choice]) -> Current {
    let Some(first) = options.first() else {
        let nothing = if variable.multi { Vec::new() } else { vec![Choice::default()] };
        return if variable.include_all { Current::All } else { Current::Values(nothing) };
    };
    let first = || Current::Values(vec![first.clone()]);
    match current {
        Current::All if variable.include_all => Current::All,
        Current::All => first(),
        Current::Values(chosen) if variable.multi => {
            let by_value = |choice: &Choice| options.iter().find(|option| option.value == choice.value);
            let valid: Vec<Choice> = chosen.iter().filter_map(by_value).cloned().collect();
            if valid.is_empty() { first() } else { Current::Values(valid) }
        }
        Current::Values(chosen) => {
            let Some(chosen) = chosen.first() else { return first() };
            let by_value = options.iter().find(|option| option.value == chosen.value);
            let found = by_value.or_else(|| options.iter().find(|option| option.text == chosen.text));
            found.map_or_else(first, |found| Current::Values(vec![found.clone()]))
        }
    }
}

/// What is chosen before anything is known: the dashboard's default, taken as it is.
pub fn at_first(variable: &Variable) -> Current {
    if let Kind::Textbox(text) | Kind::Constant(text) = &variable.kind {
        return Current::Values(vec![Choice::plain(variable.default.first().unwrap_or(text))]);
    }
    wish(variable, &variable.default, &[], true).unwrap_or_else(|| Current::Values(Vec::new()))
}
