//! Fills Grafana's built-in variables into PromQL and legends.
//!
//! The pattern is Grafana's own: `$name`, `${name}`, `${name:format}`, `[[name]]`. A name that is not known stays
//! untouched, so that `label_replace(..., "$1", ...)` survives.

use crate::series::Labels;
use crate::time_range::{Intervals, Span, format_duration};

/// Fills `$__interval`, `$__interval_ms`, `$__rate_interval`, `$__range`, `$__range_s`, `$__range_ms`, `$__from` and
/// `$__to` (Unix milliseconds) into `text`.
pub fn interpolate(text: &str, intervals: &Intervals, span: Span) -> String {
    let mut filled = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find(['$', '[']) {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((value, len)) =
            reference(rest).and_then(|(name, len)| Some((built_in(name, intervals, span)?, len)))
        {
            filled.push_str(&value);
            rest = &rest[len..];
        } else {
            filled.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    filled
}

/// The variable reference at the very start of `text`: its name, and the length of the whole reference in bytes.
fn reference(text: &str) -> Option<(&str, usize)> {
    let word = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (open, close) = if text.starts_with("${") {
        ("${", "}")
    } else if text.starts_with("[[") {
        ("[[", "]]")
    } else {
        let len = word(text.strip_prefix('$')?);
        return (len > 0).then(|| (&text[1..=len], len + 1));
    };
    let inner = &text[open.len()..];
    let len = word(inner);
    let mut end = len;
    if inner[len..].starts_with(':') {
        end += 1 + word(&inner[len + 1..]);
    }
    (len > 0 && inner[end..].starts_with(close)).then(|| (&inner[..len], open.len() + end + close.len()))
}

fn built_in(name: &str, intervals: &Intervals, span: Span) -> Option<String> {
    let range_s = (intervals.range_ms + 500) / 1000;
    Some(match name {
        "__interval" => format_duration(intervals.step_ms),
        "__interval_ms" => intervals.step_ms.to_string(),
        "__rate_interval" => format_duration(intervals.rate_ms),
        "__rate_interval_ms" => intervals.rate_ms.to_string(),
        "__range" => format!("{range_s}s"),
        "__range_s" => range_s.to_string(),
        "__range_ms" => intervals.range_ms.to_string(),
        "__from" => span.start_ms.to_string(),
        "__to" => span.end_ms.to_string(),
        _ => return None,
    })
}

/// The name of a series. With a template, `{{ label }}` is replaced by the label's value (an unknown one by nothing);
/// with none, `name{a="b", c="d"}`, or the expression where there is neither name nor label (Grafana's `getName`).
pub fn legend(template: Option<&str>, labels: &Labels, expr: &str) -> String {
    let Some(template) = template.filter(|template| !template.is_empty()) else {
        return if labels.is_empty() { expr.to_owned() } else { labels.to_string() };
    };
    fill_labels(template, labels)
}

/// A series' name by a `display_name`: as in a legend, and with Grafana's `${__series.name}` and `${__field.name}` (the
/// name that it would have otherwise), `${__field.labels.label}` and `${__field.labels["label"]}`. What is unknown stays
/// untouched.
pub fn display_name(template: &str, name: &str, labels: &Labels) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((reference, behind)) = after.split_once('}') else { break };
        filled.push_str(before);
        let label = reference.strip_prefix("__field.labels").and_then(|label| {
            let quoted =
                |mark| label.strip_prefix('[')?.strip_suffix(']')?.strip_prefix(mark)?.strip_suffix(mark);
            label.strip_prefix('.').or_else(|| quoted('"')).or_else(|| quoted('\''))
        });
        match (reference, label) {
            (_, Some(label)) => filled.push_str(labels.get(label).unwrap_or_default()),
            ("__series.name" | "__field.name" | "__field.displayName", _) => filled.push_str(name),
            _ => filled.extend(["${", reference, "}"]),
        }
        rest = behind;
    }
    filled.push_str(rest);
    fill_labels(&filled, labels)
}

/// `template` with `{{ label }}` replaced by the label's value.
fn fill_labels(template: &str, labels: &Labels) -> String {
    let mut name = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((label, behind)) = after.split_once("}}") else { break };
        name.push_str(before);
        name.push_str(labels.get(label.trim()).unwrap_or_default());
        rest = behind;
    }
    name.push_str(rest);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { start_ms: 1_000, end_ms: 3_601_000 };

    fn fill(text: &str) -> String {
        interpolate(text, &Intervals { step_ms: 15_000, rate_ms: 60_000, range_ms: 3_600_400 }, SPAN)
    }

    #[test]
    fn built_ins_are_filled_in_every_spelling() {
        assert_eq!(fill("rate(x[$__rate_interval])"), "rate(x[1m])");
        assert_eq!(fill("a[${__interval}] b[[[__interval]]]"), "a[15s] b[15s]");
        assert_eq!(fill("$__interval_ms ${__range:raw} $__range_s"), "15000 3600s 3600");
        assert_eq!(fill("$__from-$__to"), "1000-3601000");
    }

    #[test]
    fn what_is_unknown_stays_untouched() {
        for text in
            ["label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")", "$x ${y:regex} [[z]]", "$", "a[5m]", "${"]
        {
            assert_eq!(fill(text), text);
        }
    }

    #[test]
    fn legends_take_labels_with_and_without_spaces() {
        let labels = Labels::from([("__name__", "up"), ("job", "api")]);
        assert_eq!(legend(Some("{{job}} {{ job }}-{{none}}!"), &labels, ""), "api api-!");
        assert_eq!(legend(None, &labels, ""), "up{job=\"api\"}");
        assert_eq!(legend(None, &Labels::default(), "1+1"), "1+1");
        assert_eq!(legend(Some("{{open"), &labels, ""), "{{open");
    }

    #[test]
    fn display_names_take_the_name_and_labels_in_grafana_s_spelling() {
        let labels = Labels::from([("__name__", "up"), ("job", "api"), ("a b", "c")]);
        let name = |template| display_name(template, "up now", &labels);
        assert_eq!(name("Total"), "Total");
        assert_eq!(name("${__field.labels.job} of ${__series.name}"), "api of up now");
        assert_eq!(name("${__field.labels[\"a b\"]}, {{job}}"), "c, api");
        assert_eq!(name("${other} ${"), "${other} ${");
    }
}
