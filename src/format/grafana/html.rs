//! HTML of text panels to words: tags go, lines and entities stay.

/// The words of `html`.
pub(super) fn plain(html: &str) -> String {
    let mut words = String::new();
    let lower = html.to_ascii_lowercase();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        if !is_tag {
            words.push('<');
            rest = after;
            continue;
        }
        let Some((tag, behind)) = after.split_once('>') else {
            rest = "";
            break;
        };
        let is_closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        rest = behind;
        match name.as_str() {
            "style" | "script" if !is_closing => {
                let at = html.len() - rest.len();
                let end = lower[at..].find(&format!("</{name}")).unwrap_or(rest.len());
                rest = &rest[end..];
            }
            "br" | "p" | "div" | "tr" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                words.push('\n');
            }
            "li" if !is_closing => words.push_str("\n- "),
            "td" | "th" if is_closing => words.push_str("  "),
            _ => {}
        }
    }
    words.push_str(rest);
    for (entity, text) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&middot;", "·"),
        ("&amp;", "&"),
    ] {
        words = words.replace(entity, text);
    }
    // Indentation of the source and empty lines say nothing.
    let mut lines: Vec<&str> = Vec::new();
    for line in words.lines().map(str::trim) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_words_stay() {
        assert_eq!(
            plain("<style>a{b}</style><h1 class=x>Cats &amp; dogs</h1>\n  <ul><li>a < b</li><li>c</li></ul>"),
            "Cats & dogs\n\n- a < b\n- c\n".trim_end()
        );
        assert_eq!(plain("<script>x"), "");
        assert_eq!(plain("a <"), "a <");
    }
}
