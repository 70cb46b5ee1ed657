//! What lies over the dashboard: a box with the help or with a list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::legend;
use crate::app::overlay::{HelpLine, entries, help_lines};
use crate::app::{ListOf, Overlay, State};
use crate::text;
use crate::theme::Theme;

/// Draws the open overlay, if there is one, in the middle of `area`.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    match state.overlay {
        None => {}
        Some(Overlay::Picker) => super::picker::draw(state, area, buffer),
        Some(Overlay::Help { scroll }) => draw_help(&help_lines(state), scroll, theme, area, buffer),
        Some(Overlay::List { of, selected }) => {
            let (title, lines) = entries(state, of);
            let width = lines.iter().map(|line| text::width(line)).max().unwrap_or_default() + 4;
            let position = position(selected, 1, lines.len(), area);
            let series = if of == ListOf::Series { legend::lines(state) } else { Vec::new() };
            let keys = match of {
                ListOf::Series => "space: on, off  enter: alone  a: all  esc: back",
                _ => "enter: choose  esc: back",
            };
            let hint = format!("{position}{keys}");
            let inner = draw_box(title, &hint, width, lines.len(), theme, area, buffer);
            let first = (selected + 1).saturating_sub(usize::from(inner.height));
            for (row, (index, line)) in
                lines.iter().enumerate().skip(first).take(inner.height.into()).enumerate()
            {
                let is_selected = index == selected;
                let style = if is_selected { theme.focus() } else { theme.text() };
                let line = format!("{}{line}", if is_selected { "▸ " } else { "  " });
                let y = inner.y + row as u16;
                text::put(buffer, inner.x, y, &line, inner.width, style);
                // The box of a series has its colour.
                if let Some(one) = series.get(index).filter(|one| !is_selected && !one.is_hidden) {
                    let color = Style::new().fg(theme.ink(one.ink));
                    text::put(buffer, inner.x + 2, y, "[x]", inner.width.saturating_sub(2), color);
                }
            }
        }
    }
}

/// `3–20 of 34  ` where a box cannot show all its lines.
pub(super) fn position(first: usize, shown: usize, lines: usize, area: Rect) -> String {
    if lines + 2 <= usize::from(area.height) {
        return String::new();
    }
    let last = (first + shown).min(lines);
    if shown == 1 { format!("{last} of {lines}  ") } else { format!("{}–{last} of {lines}  ", first + 1) }
}

fn draw_help(lines: &[HelpLine], scroll: u16, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let keys_width = lines.iter().map(|line| text::width(&line.keys)).max().unwrap_or_default() as u16;
    let about_width = lines.iter().map(|line| text::width(&line.about)).max().unwrap_or_default();
    let width = usize::from(keys_width) + 4 + about_width;
    let shown = usize::from(area.height.saturating_sub(2));
    let position = position(usize::from(scroll), shown, lines.len(), area);
    let scrolls = if position.is_empty() { "" } else { "j k: scroll  " };
    let hint = format!("{position}{scrolls}esc: back");
    let inner = draw_box("Keys", &hint, width, lines.len(), theme, area, buffer);
    let shown = lines.iter().skip(scroll.into()).take(inner.height.into());
    for (row, line) in shown.enumerate() {
        let y = inner.y + row as u16;
        if line.keys.is_empty() {
            text::put(buffer, inner.x, y, &line.about, inner.width, theme.title());
            continue;
        }
        text::put(buffer, inner.x + 2, y, &line.keys, keys_width, theme.focus());
        let x = inner.x + keys_width + 4;
        text::put(buffer, x, y, &line.about, inner.right().saturating_sub(x), theme.text());
    }
}

/// Clears and frames a box for `lines` of `width` cells, as large as fits; returns its inside.
pub(super) fn draw_box(
    title: &str,
    hint: &str,
    width: usize,
    lines: usize,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let least = text::width(title).max(text::width(hint)) + 6;
    let width = (width.max(least) + 4).min(area.width.into()) as u16;
    let height = (lines + 2).min(area.height.into()) as u16;
    let frame =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    for y in frame.top()..frame.bottom() {
        for x in frame.left()..frame.right() {
            let (left, right) = (x == frame.left(), x + 1 == frame.right());
            let (top, bottom) = (y == frame.top(), y + 1 == frame.bottom());
            let symbol = match (left, right, top, bottom) {
                (true, _, true, _) => '╭',
                (_, true, true, _) => '╮',
                (true, _, _, true) => '╰',
                (_, true, _, true) => '╯',
                (true, ..) | (_, true, ..) => '│',
                (_, _, true, _) | (_, _, _, true) => '─',
                _ => ' ',
            };
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
                cell.set_char(symbol).set_style(theme.rule());
            }
        }
    }
    let room = frame.width.saturating_sub(4);
    text::put(buffer, frame.x + 2, frame.y, &format!(" {title} "), room, theme.title());
    if frame.height > 2 {
        text::put(buffer, frame.x + 2, frame.bottom() - 1, &format!(" {hint} "), room, theme.dim());
    }
    Rect {
        x: (frame.x + 2).min(frame.right()),
        y: (frame.y + 1).min(frame.bottom()),
        width: frame.width.saturating_sub(4),
        height: frame.height.saturating_sub(2),
    }
}
