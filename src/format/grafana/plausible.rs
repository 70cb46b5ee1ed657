//! Plausible values of a dashboard's variables, to see whether its PromQL would parse.

use std::sync::LazyLock;

use super::json::Json;
use super::node::Node;
use super::variable::{VariableSource, listed};
use crate::time_range::{Intervals, Span};
use crate::variable::{Scope, Style, Value, Values, interpolate};

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

/// `values` by name; with `guess`, that for those that the server would know.
pub fn values(values: &[Plausible], guess: Option<&str>) -> Values {
    let value = |known: &Plausible| match guess.filter(|_| known.is_guess) {
        Some(guess) => Value { is_pattern: known.value.is_pattern, ..Value::single(guess) },
        None => known.value.clone(),
    };
    values.iter().map(|known| (known.name.clone(), value(known))).collect()
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
    let listed = || listed(query).into_iter().next().map(|(_, value)| value);
    let is_pattern = spec.get("multi").value_flag() || spec.get("includeAll").value_flag();
    let single = |value: &str| Value { is_pattern, ..Value::single(value) };
    let (value, is_guess) = match source.kind {
        "interval" => (single(&first.or_else(listed).unwrap_or_else(|| "5m".to_owned())), false),
        "custom" => (single(&first.or_else(listed).unwrap_or_default()), false),
        "constant" | "textbox" => {
            let value = word(&spec.get("query")).filter(|text| !text.is_empty()).or(first);
            (single(value.as_deref().unwrap_or("value")), value.is_none())
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
pub const GUESSES: [&str; 3] = ["up", "5m", "1"];

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
            fill(expr, &super::values(&values, None)),
            r#"label_replace(up{a=~"api",b="api",c="api"}[1m], "x", "$1", "y", "$other")"#
        );
        assert_eq!(fill("$job$all", &super::values(&values, Some("5m"))), "5ma.b");
    }
}
