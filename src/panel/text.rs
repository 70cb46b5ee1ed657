//! `text`: words of the dashboard's writer, in Markdown.

mod markdown;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use self::markdown::lines;
use super::{Asks, PanelKind, PanelView};
use crate::text;
use crate::theme::Marker;

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "text",
    about: "a note, in Markdown",
    options: &["content"],
    min_size: (8, 2),
    natural_height: 6,
    asks: |_| Asks { instant: false, range: false },
    draw,
    values: |_| Vec::new(),
    at: None,
};

/// Lines of the whole text at this width, for those who bound the scrolling.
pub fn line_count(view: &PanelView<'_>, width: u16) -> usize {
    lines(&view.panel.options.content, width, view.theme).len()
}

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

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn all_of_markdown_is_drawn_at_any_width() {
        let content = "# Checks #\n\n- [x] *read* the [log](http://x)\n- [ ] call\n\n> stay calm and think of what \
                       is to be done\n\n---\n\n| Who | Where |\n|--|--:|\n| Ada | `room 1` |\n\n1) one\n\n~~~\n``` x | y\n~~~";
        insta::assert_snapshot!(note(content).at(&[(40, 18), (16, 22)]));
        for width in 0..50 {
            let _ = note(content).buffer(width, 30);
        }
    }

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
