//! Markdown to lines of styled words: headings, lists and check lists, quotes, rules, code, tables, emphasis and links.
//!
//! A line of the source is a line of the text: a writer of a note sees it so in the file. What is no Markdown stays as it
//! is written.

use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::table;
use crate::text;
use crate::theme::{ColorDepth, Marker, Theme};

/// Lines that a text is wrapped to at most.
pub(super) const LINES_LIMIT: usize = 2_000;
/// Emphasis in emphasis that is looked into.
const DEPTH_LIMIT: usize = 8;

/// Some words of one style.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) style: Style,
}

pub(super) type Line = Vec<Run>;

/// The text wrapped to `width`.
pub(super) fn lines(content: &str, width: u16, theme: Theme) -> Vec<Line> {
    let mut wrapped = Vec::new();
    let sources: Vec<&str> = content.trim_end().lines().collect();
    let mut fence: Option<&str> = None;
    let mut next = 0;
    while let Some(source) = sources.get(next).filter(|_| wrapped.len() < LINES_LIMIT) {
        next += 1;
        let mark = ["```", "~~~"].into_iter().find(|mark| source.trim_start().starts_with(mark));
        if mark.is_some() && (fence.is_none() || fence == mark) {
            fence = if fence.is_none() { mark } else { None };
            continue;
        }
        if fence.is_some() {
            // Code keeps its spaces; what is too long is cut, which shows.
            wrapped.push(vec![Run { text: (*source).to_owned(), style: code(theme) }]);
            continue;
        }
        if let Some(rows) = table::rows(&sources[next - 1..]) {
            wrapped.extend(table::lines(&sources[next - 1..next - 1 + rows], usize::from(width), theme));
            next += rows - 1;
            continue;
        }
        if is_rule(source) {
            let dash = if theme.marker == Marker::Ascii { "-" } else { "─" };
            wrapped.push(vec![Run { text: dash.repeat(width.into()), style: theme.rule() }]);
            continue;
        }
        let (indent, mark, style, rest) = block(source, theme);
        let hanging = indent + mark.width();
        let runs = inline(rest, style, theme);
        let room = usize::from(width).saturating_sub(hanging).max(1);
        let is_quote = source.trim_start().starts_with('>');
        for (index, mut line) in wrap(runs, room).into_iter().enumerate() {
            let lead =
                if index == 0 || is_quote { format!("{:indent$}{mark}", "") } else { " ".repeat(hanging) };
            if !lead.is_empty() {
                line.insert(0, Run { text: lead, style: theme.dim() });
            }
            wrapped.push(line);
        }
    }
    wrapped.truncate(LINES_LIMIT);
    wrapped
}

fn code(theme: Theme) -> Style {
    match theme.depth {
        ColorDepth::None => Style::new().add_modifier(Modifier::DIM),
        _ => theme.code(),
    }
}

/// Whether a line is nothing but three or more of `-`, `*` or `_`.
fn is_rule(line: &str) -> bool {
    let marks: String = line.chars().filter(|character| !character.is_whitespace()).collect();
    let first = marks.chars().next().filter(|first| matches!(first, '-' | '*' | '_'));
    marks.len() >= 3 && first.is_some_and(|first| marks.chars().all(|mark| mark == first))
}

/// What a line is by its beginning: indentation, a mark, a style, and the words.
fn block(line: &str, theme: Theme) -> (usize, String, Style, &str) {
    let words = line.trim_start();
    let hashes = words.len() - words.trim_start_matches('#').len();
    if (1..=6).contains(&hashes)
        && let Some(heading) = words[hashes..].strip_prefix(' ')
    {
        let style = theme.title();
        let style = if hashes == 1 { style.add_modifier(Modifier::UNDERLINED) } else { style };
        // Hashes may close a heading too.
        let heading = heading.trim();
        let open = heading.trim_end_matches('#');
        let heading = if open.is_empty() || open.ends_with(' ') { open.trim_end() } else { heading };
        return (0, String::new(), style, heading);
    }
    let is_ascii = theme.marker == Marker::Ascii;
    if let Some(quoted) = words.strip_prefix('>') {
        let bar = if is_ascii { "| " } else { "│ " };
        return (0, bar.to_owned(), theme.dim(), quoted.trim());
    }
    let indent = (line.len() - words.len()).min(8);
    if let Some(item) = ["- ", "* ", "+ "].iter().find_map(|bullet| words.strip_prefix(bullet)) {
        let item = item.trim();
        let checked = [("[ ] ", "[ ] "), ("[x] ", "[x] "), ("[X] ", "[x] ")];
        if let Some((mark, rest)) =
            checked.iter().find_map(|(mark, shown)| Some((*shown, item.strip_prefix(mark)?)))
        {
            let style = if mark == "[x] " { theme.dim() } else { theme.text() };
            return (indent, mark.to_owned(), style, rest.trim());
        }
        let bullet = if is_ascii { "- " } else { "• " };
        return (indent, bullet.to_owned(), theme.text(), item);
    }
    let digits = words.len() - words.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=3).contains(&digits)
        && let Some(item) = [". ", ") "].iter().find_map(|mark| words[digits..].strip_prefix(mark))
    {
        return (indent, format!("{}. ", &words[..digits]), theme.text(), item.trim());
    }
    (0, String::new(), theme.text(), words.trim_end())
}

/// Splits a line at its emphasis, code and links; marks without their partner are text.
pub(super) fn inline(line: &str, style: Style, theme: Theme) -> Vec<Run> {
    let mut runs = Vec::new();
    inline_into(line, style, theme, DEPTH_LIMIT, &mut runs);
    if runs.is_empty() {
        runs.push(Run { text: String::new(), style });
    }
    runs
}

fn push(runs: &mut Vec<Run>, text: &str, style: Style) {
    match runs.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.style == style => last.text.push_str(text),
        _ => runs.push(Run { text: text.to_owned(), style }),
    }
}

fn inline_into(line: &str, style: Style, theme: Theme, depth: usize, runs: &mut Vec<Run>) {
    let mut rest = line;
    while let Some(at) = rest.find(['*', '`', '_', '[', '!', '<', '~', '\\']) {
        push(runs, &rest[..at], style);
        let before = line[..line.len() - rest.len() + at].chars().next_back();
        rest = &rest[at..];
        // A mark that is escaped is text.
        if let Some(escaped) = rest.strip_prefix('\\').and_then(|behind| behind.chars().next())
            && escaped.is_ascii_punctuation()
        {
            push(runs, &rest[1..2], style);
            rest = &rest[2..];
            continue;
        }
        if let Some((inner, behind)) = code_span(rest) {
            push(runs, inner, code(theme));
            rest = behind;
            continue;
        }
        if let Some((label, url, behind)) = link(rest).filter(|_| depth > 0) {
            let shown = style.add_modifier(Modifier::UNDERLINED);
            inline_into(label, shown, theme, depth - 1, runs);
            if !url.is_empty() && url != label {
                push(runs, if label.is_empty() { "" } else { " " }, style);
                push(runs, &format!("({url})"), style.patch(theme.dim()));
            }
            rest = behind;
            continue;
        }
        if let Some((mark, inner, behind)) = emphasis(rest, before).filter(|_| depth > 0) {
            let modifier = match mark {
                "**" | "__" => Modifier::BOLD,
                "~~" => Modifier::DIM | Modifier::CROSSED_OUT,
                _ => Modifier::ITALIC,
            };
            inline_into(inner, style.add_modifier(modifier), theme, depth - 1, runs);
            rest = behind;
            continue;
        }
        let first = rest.chars().next().map_or(0, char::len_utf8);
        push(runs, &rest[..first], style);
        rest = &rest[first..];
    }
    push(runs, rest, style);
}

/// The code that `text` begins with, in backquotes, and what is behind it.
fn code_span(text: &str) -> Option<(&str, &str)> {
    let marks = text.len() - text.trim_start_matches('`').len();
    let (mark, inner) = text.split_at(marks);
    let (inner, behind) = inner.split_once(mark).filter(|_| marks > 0)?;
    // A blank on either side keeps backquotes in the code from its marks.
    let bare = inner.strip_prefix(' ').and_then(|inner| inner.strip_suffix(' '));
    let inner = bare.filter(|_| marks > 1).unwrap_or(inner);
    (!inner.is_empty()).then_some((inner, behind))
}

/// The link or picture that `text` begins with: its words, its address, and what is behind it.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    if let Some((url, behind)) = text.strip_prefix('<').and_then(|text| text.split_once('>')) {
        let is_url = ["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
        return (is_url && !url.contains(' ')).then_some((url, url, behind));
    }
    let text = text.strip_prefix('!').unwrap_or(text).strip_prefix('[')?;
    let (label, behind) = text.split_at(closing(text, '[', ']')?);
    let target = behind[1..].strip_prefix('(')?;
    let (target, behind) = target.split_at(closing(target, '(', ')')?);
    // A title may stand behind the address.
    let url = target.trim().split(' ').next().unwrap_or_default();
    Some((label, url.trim_start_matches('<').trim_end_matches('>'), &behind[1..]))
}

/// Where the bracket closes that was open before `text`.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        if character == open {
            depth += 1;
        } else if character == close {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        }
    }
    None
}

/// The emphasis that `text` begins with, `before` standing before it: its mark, what is emphasized, and what is behind.
/// Single marks in words, as in `snake_case` and `2*3*4`, are text.
fn emphasis(text: &str, before: Option<char>) -> Option<(&'static str, &str, &str)> {
    ["***", "**", "__", "~~", "*", "_"].into_iter().find_map(|mark| {
        let inner = text.strip_prefix(mark)?;
        let is_single = mark.len() == 1;
        let in_word = |beside: Option<char>| beside.is_some_and(char::is_alphanumeric);
        if inner.starts_with(char::is_whitespace) || ((is_single || mark == "__") && in_word(before)) {
            return None;
        }
        let mut from = 0;
        loop {
            let at = from + inner[from..].find(mark)?;
            let behind = &inner[at + mark.len()..];
            // Of a longer row of marks the last close.
            let is_longer = behind.starts_with(&mark[..1]);
            let closes = at > 0 && !is_longer && !inner[..at].ends_with(char::is_whitespace);
            let is_half = is_single && inner[..at].ends_with(mark);
            let is_inside = (is_single || mark == "__") && in_word(behind.chars().next());
            if closes && !is_half && !is_inside {
                // Three are two and one in one.
                let (mark, inner) =
                    if mark == "***" { ("**", &text[2..at + 4]) } else { (mark, &inner[..at]) };
                return Some((mark, inner, behind));
            }
            from = at + 1;
        }
    })
}

/// Breaks runs into lines of at most `width` cells at spaces; a word that is longer than a line is broken.
fn wrap(runs: Vec<Run>, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line::new();
    let mut used = 0;
    for run in runs {
        for word in run.text.split_inclusive(' ') {
            let word = text::clean(word);
            let bare = word.trim_end_matches(' ').width();
            if used > 0 && used + bare > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            let pieces =
                if bare > width { text::wrap(&word, width, LINES_LIMIT) } else { vec![word.into_owned()] };
            for (index, piece) in pieces.into_iter().enumerate() {
                if index > 0 {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                used += piece.width();
                match line.last_mut() {
                    Some(last) if last.style == run.style => last.text.push_str(&piece),
                    _ => line.push(Run { text: piece, style: run.style }),
                }
            }
        }
    }
    lines.push(line);
    // A space at the end of a line could look like a cut.
    for run in lines.iter_mut().filter_map(|line| line.last_mut()) {
        run.text.truncate(run.text.trim_end().len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs of a line, each with the letters of its modifiers.
    fn told(line: &str) -> String {
        let letter = |style: Style| {
            let all = [
                (Modifier::BOLD, 'b'),
                (Modifier::ITALIC, 'i'),
                (Modifier::UNDERLINED, 'u'),
                (Modifier::CROSSED_OUT, 's'),
                (Modifier::DIM, 'd'),
            ];
            all.iter()
                .filter(|(flag, _)| style.add_modifier.contains(*flag))
                .map(|(_, letter)| *letter)
                .collect::<String>()
        };
        let theme = Theme::PLAIN;
        let runs = inline(line, Style::new(), theme).into_iter();
        runs.map(|run| format!("{}<{}>", letter(run.style), run.text)).collect::<Vec<_>>().concat()
    }

    #[test]
    fn emphasis_is_found_and_what_is_none_is_text() {
        assert_eq!(told("a **b** c"), "<a >b<b>< c>");
        assert_eq!(told("*a* _b_ ~~c~~"), "i<a>< >i<b>< >sd<c>");
        assert_eq!(told("**a *b* c**"), "b<a >bi<b>b< c>");
        assert_eq!(told("***a***"), "bi<a>");
        assert_eq!(told("2*3*4 snake_case_name 2 * 3 * 4"), "<2*3*4 snake_case_name 2 * 3 * 4>");
        assert_eq!(
            told("rate(a*b*c) __init__.py"),
            "<rate(a*b*c) >b<__init__.py>".replace("b<__init__.py>", "b<init><.py>")
        );
        assert_eq!(told("**open *and `shut"), "<**open *and `shut>");
        assert_eq!(told(r"\*no\* \`no\` C:\dir"), r"<*no* `no` C:\dir>");
        assert_eq!(told("`a **b**` ``a ` b``"), "d<a **b**>< >d<a ` b>");
    }

    #[test]
    fn links_show_where_they_lead() {
        assert_eq!(
            told("see [the **docs**](https://x.y/z) now"),
            "<see >u<the >bu<docs>< >d<(https://x.y/z)>< now>"
        );
        assert_eq!(told("<https://x.y> [https://x.y](https://x.y)"), "u<https://x.y>< >u<https://x.y>");
        assert_eq!(told("![cat](cat.png \"A cat\")"), "u<cat>< >d<(cat.png)>");
        assert_eq!(told("up[5m] [a] (b) <b> a < b"), "<up[5m] [a] (b) <b> a < b>");
        assert_eq!(told("[w](http://x/a_(b))"), "u<w>< >d<(http://x/a_(b))>");
    }
}
