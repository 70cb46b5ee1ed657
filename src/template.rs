//! Fills the labels of a series into its name. Variables are filled in before, by [`crate::variable`].

use crate::series::Labels;

/// The name of a series. With a template, `{{ label }}` is replaced by the label's value (an unknown one by nothing);
/// with none, `name{a="b", c="d"}`, or the expression where there is neither name nor label (Grafana's `getName`).
pub fn legend(template: Option<&str>, labels: &Labels, expr: &str) -> String {
    let Some(template) = template.filter(|template| !template.is_empty()) else {
        return if labels.is_empty() { expr.to_owned() } else { labels.to_string() };
    };
    fill_labels(template, labels)
}

/// The legend that goes by the labels in which series differ; `__auto` is Grafana's word for it.
pub const AUTO: &str = "auto";

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
    // Legends are short and filled at every frame: preparing a search costs more than looking at each byte.
    while let Some((before, after)) = split_at_pair(rest, *b"{{") {
        let Some((label, behind)) = split_at_pair(after, *b"}}") else { break };
        name.push_str(before);
        name.push_str(labels.get(label.trim()).unwrap_or_default());
        rest = behind;
    }
    name.push_str(rest);
    name
}

/// What stands before and behind the first of two ASCII characters.
fn split_at_pair(text: &str, pair: [u8; 2]) -> Option<(&str, &str)> {
    let at = text.as_bytes().windows(2).position(|bytes| *bytes == pair)?;
    Some((&text[..at], &text[at + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

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
