//! The picker of variables: what was typed, and the lines that it leaves.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::overlay::{draw_box, position};
use crate::app::State;
use crate::app::picker::{Line, LineOf, is_text, lines, variable};
use crate::text;

/// Lines of what is to be said of a variable, or why it failed.
const ABOUT_LINES: usize = 4;

/// Draws it in the middle of `area`.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let picker = &state.picker;
    let chosen = variable(state);
    let is_text = chosen.is_some_and(is_text);
    let lines = lines(state);
    let title = chosen.map_or("Variables", |variable| variable.definition.title());
    let about = match chosen {
        Some(variable) => {
            variable.failure.as_ref().map(|error| (error.to_string(), theme.error())).or_else(|| {
                let left_out = variable.left_out;
                let says = (left_out > 0).then(|| format!("{left_out} more values are left out"));
                let says = says.or_else(|| variable.definition.description.clone());
                says.map(|says| (says, theme.dim()))
            })
        }
        None => None,
    };
    let about = picker.problem.clone().map(|problem| (problem, theme.error())).or(about);
    let words: Vec<String> = lines.iter().map(words).collect();
    let widest = words.iter().map(|line| text::width(line)).max().unwrap_or_default();
    let about_room = usize::from(area.width.saturating_sub(4)).max(1);
    let about: Vec<(String, Style)> = about.map_or_else(Vec::new, |(says, style)| {
        text::wrap(&says, about_room, ABOUT_LINES).into_iter().map(|line| (line, style)).collect()
    });
    let about_width = about.iter().map(|(says, _)| text::width(says)).max().unwrap_or_default();
    let width = widest.max(about_width).max(text::width(&picker.text)) + 4;
    let is_multi = chosen.is_some_and(|variable| variable.definition.multi) && !is_text;
    let head = 1 + about.len();
    let place = position(picker.selected, 1, lines.len() + head, area);
    let keys = if is_multi {
        "space: tick  ctrl-a: all, none  enter: take  esc: back"
    } else {
        "enter: take  esc: back"
    };
    let inner = draw_box(title, &format!("{place}{keys}"), width, lines.len() + head, theme, area, buffer);
    if inner.height == 0 {
        return;
    }
    let prompt = if is_text { "" } else { "search: " };
    let x = text::put(buffer, inner.x, inner.y, prompt, inner.width, theme.dim());
    // The end of what is typed is what the reader looks at.
    let room = usize::from(inner.right() - x).saturating_sub(1);
    let mut typed = picker.text.as_str();
    while text::width(typed) > room {
        typed = typed.get(typed.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    let x = text::put(buffer, x, inner.y, typed, inner.right() - x, theme.text());
    text::put(buffer, x, inner.y, "▏", inner.right() - x, theme.focus());
    let mut y = inner.y + 1;
    for (says, style) in about.iter().take(inner.height.saturating_sub(1).into()) {
        text::put(buffer, inner.x, y, says, inner.width, *style);
        y += 1;
    }
    let room = usize::from(inner.bottom().saturating_sub(y));
    let first = (picker.selected + 1).saturating_sub(room);
    for (row, (index, line)) in words.iter().enumerate().skip(first).take(room).enumerate() {
        let is_selected = index == picker.selected;
        let style = if is_selected { theme.focus() } else { theme.text() };
        let line = format!("{}{line}", if is_selected { "▸ " } else { "  " });
        text::put(buffer, inner.x, y + row as u16, &line, inner.width, style);
    }
}

fn words(line: &Line) -> String {
    match (line.ticked, &line.of) {
        (Some(true), _) => format!("[x] {}", line.text),
        (Some(false), _) => format!("[ ] {}", line.text),
        (None, LineOf::Typed) => format!("+ {}", line.text),
        (None, _) => line.text.clone(),
    }
}
