//! `text`: words of the dashboard's writer, in a small part of Markdown: headings, bullets, bold, code.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::{Asks, PanelKind, PanelView};
use crate::text;
use crate::theme::{ColorDepth, Marker, Theme};

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "text",
    about: "a note, in simple Markdown",
    options: &["content"],
    min_size: (8, 2),
    natural_height: 6,
    asks: |_| Asks { instant: false, range: false },
    draw,
    values: |_| Vec::new(),
    at: None,
};

/// Lines that a text is wrapped to at most.
const LINES_LIMIT: usize = 2_000;

/// Lines of the whole text at this width, for those who bound the scrolling.
pub fn line_count(view: &PanelView<'_>, width: u16) -> usize {
    lines(&view.panel.options.content, width, view.theme).len()
}

/// Some words of one style.
struct Run {
    text: String,
    style: Style,
}

type Line = Vec<Run>;

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let lines = lines(&view.panel.options.content, area.width, view.theme);
    let footer = u16::from(lines.len() > usize::from(area.height) && area.height > 1);
    let visible = usize::from(area.height - footer);
    let first = usize::from(view.scroll).min(lines.len().saturating_sub(visible));
    for (row, line) in lines.iter().skip(first).take(visible).enumerate() {
        let y = area.y + row as u16;
        let mut x = area.x;
        for run in line {
            x = text::put(buffer, x, y, &run.text, area.right().saturating_sub(x), run.style);
        }
    }
    if footer == 0 && lines.len() > visible {
        text::put(buffer, area.right() - 1, area.y, text::ELLIPSIS, 1, view.theme.dim());
    }
    if footer == 1 {
        let dash = if view.theme.marker == Marker::Ascii { "-" } else { "–" };
        let sign = if visible == 1 {
            format!("{} of {}", first + 1, lines.len())
        } else {
            format!("{}{dash}{} of {}", first + 1, first + visible, lines.len())
        };
        let x = area.right() - (sign.width() as u16).min(area.width);
        text::put(buffer, x, area.bottom() - 1, &sign, area.width, view.theme.dim());
    }
}

/// The text wrapped to `width`.
fn lines(content: &str, width: u16, theme: Theme) -> Vec<Line> {
    let mut wrapped = Vec::new();
    let mut fenced = false;
    for source in content.trim_end().lines() {
        if wrapped.len() >= LINES_LIMIT {
            break;
        }
        if source.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            // Code keeps its spaces; what is too long is cut, which shows.
            wrapped.push(vec![Run { text: source.to_owned(), style: code(theme) }]);
            continue;
        }
        let (indent, mark, style, rest) = block(source, theme);
        let hanging = indent + mark.width();
        let runs = inline(rest, style, theme);
        let room = usize::from(width).saturating_sub(hanging).max(1);
        for (index, mut line) in wrap(runs, room).into_iter().enumerate() {
            let lead = if index == 0 { format!("{:indent$}{mark}", "") } else { " ".repeat(hanging) };
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

/// What a line is by its beginning: indentation, a mark, a style, and the words.
fn block(line: &str, theme: Theme) -> (usize, String, Style, &str) {
    let words = line.trim_start();
    let hashes = words.len() - words.trim_start_matches('#').len();
    if (1..=6).contains(&hashes)
        && let Some(heading) = words[hashes..].strip_prefix(' ')
    {
        let style = theme.title();
        let style = if hashes == 1 { style.add_modifier(Modifier::UNDERLINED) } else { style };
        return (0, String::new(), style, heading.trim());
    }
    let indent = (line.len() - words.len()).min(8);
    if let Some(item) = ["- ", "* ", "+ "].iter().find_map(|bullet| words.strip_prefix(bullet)) {
        let bullet = if theme.marker == Marker::Ascii { "- " } else { "• " };
        return (indent, bullet.to_owned(), theme.text(), item.trim());
    }
    let digits = words.len() - words.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=3).contains(&digits)
        && let Some(item) = words[digits..].strip_prefix(". ")
    {
        return (indent, format!("{}. ", &words[..digits]), theme.text(), item.trim());
    }
    (0, String::new(), theme.text(), words.trim_end())
}

/// Splits a line at `**bold**` and `` `code` ``; marks without their partner are text.
fn inline(line: &str, style: Style, theme: Theme) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut plain = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['*', '`', '_']) {
        let marked = ["**", "__", "`"].iter().find_map(|mark| {
            let inner = rest[at..].strip_prefix(mark)?;
            let (inner, behind) = inner.split_once(mark)?;
            (!inner.is_empty()).then_some((*mark, inner, behind))
        });
        if let Some((mark, inner, behind)) = marked {
            plain.push_str(&rest[..at]);
            if !plain.is_empty() {
                runs.push(Run { text: std::mem::take(&mut plain), style });
            }
            let style = if mark == "`" { code(theme) } else { style.add_modifier(Modifier::BOLD) };
            runs.push(Run { text: inner.to_owned(), style });
            rest = behind;
        } else {
            plain.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() || runs.is_empty() {
        runs.push(Run { text: plain, style });
    }
    runs
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
    use super::super::fixture::Fixture;
    use super::*;

    const RUNBOOK: &str = "# Runbook\n\nWhen **latency** rises, look at `rate(errors[5m])` first.\n\n- restart the pod\n- ask \
                           those who know, in the channel\n  1. really\n\n```\ncurl  -s localhost\n```\n";

    fn note(content: &str) -> Fixture {
        let mut fixture = Fixture::new(&KIND);
        fixture.panel.options.content = content.to_owned();
        fixture
    }

    #[test]
    fn markdown_is_wrapped_with_hanging_bullets() {
        assert_eq!(
            note(RUNBOOK).lines(24, 11),
            [
                "Runbook",
                "",
                "When latency rises, look",
                "at rate(errors[5m])",
                "first.",
                "",
                "• restart the pod",
                "• ask those who know, in",
                "  the channel",
                "  1. really",
                "               1–10 of 12",
            ]
            .map(|line| line.replace("               1–10 of 12", "              1–10 of 12"))
        );
    }

    #[test]
    fn scrolling_stops_at_the_last_line() {
        let mut note = note(RUNBOOK);
        note.scroll = 999;
        assert_eq!(note.lines(24, 4), ["  1. really", "", "curl  -s localhost", "             10–12 of 12"]);
        assert_eq!(line_count(&note.view(), 24), 12);
        note.scroll = 0;
        assert_eq!(note.lines(24, 1), ["Runbook                …"]);
    }

    #[test]
    fn bold_and_headings_are_bold_and_lone_marks_are_text() {
        let buffer = note("a **b** 2*3*4 snake__case `c").buffer(40, 1);
        assert_eq!(super::super::fixture::lines(&buffer), ["a b 2*3*4 snake__case `c"]);
        assert!(buffer[(2, 0)].modifier.contains(Modifier::BOLD));
        assert!(
            !buffer[(0, 0)].modifier.contains(Modifier::BOLD)
                && !buffer[(4, 0)].modifier.contains(Modifier::BOLD)
        );
        assert!(note("## x").buffer(4, 1)[(0, 0)].modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn a_note_needs_no_data() {
        assert!(note("x").view().has_data());
        assert!(!Fixture::new(&super::super::stat::KIND).view().has_data());
    }
}
