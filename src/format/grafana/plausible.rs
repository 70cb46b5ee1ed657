//! Plausible values of a dashboard's variables, to see whether its PromQL would parse.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::json::Json;
use super::node::Node;
use super::variable::{VariableSource, listed, offered, switch};
use crate::time_range::{Intervals, Span};
use crate::variable::{Scope, Style, Value, Values, interpolate, names};

/// A variable with what may stand for it in PromQL.
#[derive(Clone, Debug, PartialEq)]
pub struct Plausible {
    /// Its name.
    pub name: String,
    /// What stands for it.
    pub value: Value,
    /// The server would know; what stands here is a guess.
    pub is_guess: bool,
}

/// Stands in for the intervals that only a drawn panel knows.
static INTERVALS: LazyLock<Intervals> = LazyLock::new(|| Intervals::new(3_600_000, 100, None, 15_000));
/// And for the window.
const SPAN: Span = Span { start_ms: 0, end_ms: 3_600_000 };

/// `values` by name.
pub fn values(values: &[Plausible]) -> Values {
    values.iter().map(|known| (known.name.clone(), known.value.clone())).collect()
}

/// `values` again and again, with what those that the server would know and that `expr` names may look like: all of
/// them alike first, then, where they are few, each in its own way.
pub fn guesses(values: &[Plausible], expr: &str) -> impl Iterator<Item = Values> {
    let named: HashSet<&str> = names(expr).collect();
    let open: Vec<usize> = (0..values.len())
        .filter(|index| values[*index].is_guess && named.contains(values[*index].name.as_str()))
        .collect();
    let alike = GUESSES.len() * usize::from(!open.is_empty());
    // Between quotes anything will do.
    let bare = super::source::bare(expr);
    let bare: HashSet<&str> = names(&bare).collect();
    let apart: Vec<usize> =
        open.iter().copied().filter(|index| bare.contains(values[*index].name.as_str())).collect();
    let each = if (2..=GUESSED_LIMIT).contains(&apart.len()) {
        (GUESSES.len() + 1).pow(apart.len() as u32)
    } else {
        0
    };
    let alike: Vec<Vec<(usize, usize)>> =
        (0..alike).map(|guess| open.iter().map(|index| (*index, guess)).collect()).collect();
    // One digit a variable; the last one leaves it as it is.
    let each = (0..each).map(move |number| {
        let digit = |place: usize| number / (GUESSES.len() + 1).pow(place as u32) % (GUESSES.len() + 1);
        apart.iter().enumerate().map(|(place, index)| (*index, digit(place))).collect::<Vec<_>>()
    });
    alike.into_iter().chain(each).map(move |choice| {
        let mut filled = self::values(values);
        for (index, guess) in choice {
            let known = &values[index];
            if let Some(guess) = GUESSES.get(guess) {
                let value = Value { is_pattern: known.value.is_pattern, ..Value::single(guess) };
                filled.insert(known.name.clone(), value);
            }
        }
        filled
    })
}

/// `expr` with `values` for its variables.
pub fn fill(expr: &str, values: &Values) -> String {
    let scope = Scope::new(values).with_query(Some(&INTERVALS), SPAN, chrono_tz::Tz::UTC);
    interpolate(expr, &scope, Style::Promql)
}

/// What may stand for a variable.
pub(super) fn plausible(source: &VariableSource<'_>) -> Option<Plausible> {
    let spec = &source.spec;
    let name = spec.get("name").value_text()?.to_owned();
    let word = |node: &Node<'_>| match node.value {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(super::node::written(*number)),
        _ => None,
    };
    let current = spec.dig(&["current", "value"]);
    let first = current.items_or_none().first().and_then(word).or_else(|| word(&current));
    let first = first.filter(|text| !text.is_empty() && !text.starts_with("$__"));
    let all_value = spec.get("allValue").value_text().filter(|value| !value.is_empty());
    let query = spec.get("query").value_text().unwrap_or_default();
    let listed = || listed(query).into_iter().map(|(_, value)| value).find(|value| value != "auto");
    let option = || spec.get("options").items_or_none().iter().find_map(|option| word(&option.get("value")));
    let is_pattern = spec.get("multi").value_flag() || spec.get("includeAll").value_flag();
    let single = |value: &str| Value { is_pattern, ..Value::single(value) };
    let (value, is_guess) = match source.kind {
        "interval" => (
            single(&first.filter(|text| text != "auto").or_else(listed).unwrap_or_else(|| "5m".to_owned())),
            false,
        ),
        "custom" => {
            let offered = || offered(spec).into_iter().map(|(_, value)| value).next();
            (single(&first.or_else(offered).or_else(option).unwrap_or_default()), false)
        }
        "switch" => {
            let [on, _] = switch(spec);
            (single(&spec.get("current").value_text().map(str::to_owned).or(first).unwrap_or(on)), false)
        }
        "constant" | "textbox" => {
            let value = word(&spec.get("query")).filter(|text| !text.is_empty()).or(first);
            // An empty box is filled in as nothing, by Grafana too.
            (single(value.as_deref().unwrap_or_default()), value.is_none())
        }
        "query" if spec.get("includeAll").value_flag() && first.is_none() => {
            let all = Value {
                values: vec!["value".to_owned(), "other.value".to_owned()],
                text: "All".to_owned(),
                is_list: true,
                is_pattern,
                custom_all: all_value.map(str::to_owned),
                is_all: true,
            };
            (all, true)
        }
        _ => (single(first.as_deref().unwrap_or("value")), true),
    };
    Some(Plausible { name, value, is_guess })
}

/// What a value of a server may look like, where the first guess makes no PromQL: a name, a duration, a number.
const GUESSES: [&str; 4] = ["up", "5m", "1", ""];
/// Variables of one expression that are guessed each in its own way.
const GUESSED_LIMIT: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_all_forms_are_filled_and_others_stay() {
        let values = [
            Plausible { name: "job".to_owned(), value: Value::single("api"), is_guess: true },
            Plausible { name: "all".to_owned(), value: Value::single("a.b"), is_guess: false },
        ];
        let expr = r#"label_replace(up{a=~"$job",b="${job:regex}",c="[[job]]"}[$__rate_interval], "x", "$1", "y", "$other")"#;
        assert_eq!(
            fill(expr, &super::values(&values)),
            r#"label_replace(up{a=~"api",b="api",c="api"}[1m], "x", "$1", "y", "$other")"#
        );
        let guessed: Vec<String> =
            guesses(&values, "$job$all").map(|values| fill("$job$all", &values)).collect();
        assert_eq!(guessed, ["upa.b", "5ma.b", "1a.b", "a.b"]);
        assert_eq!(guesses(&values, "$all").count(), 0);
    }

    #[test]
    fn variables_of_one_query_are_guessed_apart() {
        let open =
            |name: &str| Plausible { name: name.to_owned(), value: Value::single("value"), is_guess: true };
        let values = [open("n"), open("metric"), open("range")];
        let expr = "topk($n, rate($metric[$range]))";
        let mut filled = guesses(&values, expr).map(|values| fill(expr, &values));
        assert!(filled.any(|filled| filled == "topk(1, rate(up[5m]))"));
        let values: Vec<Plausible> = ["n", "metric", "range", "a", "b", "c"].map(open).into();
        let expr = r#"topk($n, rate($metric{a="$a",b='$b',c="\"$c"}[$range]))"#;
        let mut filled = guesses(&values, expr).map(|values| fill(expr, &values));
        assert!(filled.any(|filled| filled.starts_with("topk(1, rate(up{") && filled.ends_with("}[5m]))")));
    }
}
