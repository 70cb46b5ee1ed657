//! What lies over the dashboard: a box with the help or with a list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::help::{HelpLine, help_lines};
use crate::app::inspect::{Inspection, LineKind};
use crate::app::legend;
use crate::app::list;
use crate::app::overlay::inspect_width;
use crate::app::search;
use crate::app::{ListOf, Overlay, State};
use crate::text;
use crate::theme::Theme;

/// Draws the open overlay, if there is one, in the middle of `area`.
pub(super) fn draw(state: &State, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    match state.overlay {
        None => {}
        Some(Overlay::Picker) => super::picker::draw(state, area, buffer),
        Some(Overlay::Help { scroll }) => draw_help(&help_lines(state), scroll, theme, area, buffer),
        Some(Overlay::Inspect { scroll }) => draw_inspection(state, scroll, now_ms, area, buffer),
        Some(Overlay::Search { selected }) => draw_search(state, selected, area, buffer),
        Some(Overlay::List { of, selected }) => draw_list(state, of, selected, now_ms, area, buffer),
    }
}

/// The lines of a list, and what is to be said of them below.
fn draw_list(state: &State, of: ListOf, selected: usize, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let list = list::view(state, of, now_ms);
    let texts = list.lines.iter().chain(list.remarks.iter().map(|remark| &remark.text));
    let width = texts.map(|line| text::width(line)).max().unwrap_or_default() + 4;
    let position = position(selected, 1, list.lines.len(), area);
    let series = if of == ListOf::Series { legend::lines(state) } else { Vec::new() };
    let hint = format!("{position}{}", list.keys);
    let lines = list.lines.len() + list.remarks.len();
    let inner = draw_box(&list.title, &hint, width, lines, theme, area, buffer);
    let first = (selected + 1).saturating_sub(usize::from(inner.height));
    let mut y = inner.y;
    for (index, line) in list.lines.iter().enumerate().skip(first).take(inner.height.into()) {
        let is_selected = index == selected;
        let style = if is_selected { theme.focus() } else { theme.text() };
        let line = format!("{}{line}", if is_selected { "▸ " } else { "  " });
        text::put(buffer, inner.x, y, &line, inner.width, style);
        // The box of a series has its colour.
        if let Some(one) = series.get(index).filter(|one| !is_selected && !one.is_hidden) {
            let color = Style::new().fg(theme.ink(one.ink));
            text::put(buffer, inner.x + 2, y, "[x]", inner.width.saturating_sub(2), color);
        }
        y += 1;
    }
    for remark in list.remarks.iter().take(inner.bottom().saturating_sub(y).into()) {
        let style = if remark.is_problem { theme.warning() } else { theme.dim() };
        text::put(buffer, inner.x, y, &remark.text, inner.width, style);
        y += 1;
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

/// The inspector over the whole of `area`.
fn draw_inspection(state: &State, scroll: usize, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let inspection = Inspection::new(state, inspect_width(area.width), now_ms);
    let panel = state.dashboard().and_then(|dashboard| dashboard.panels.get(state.view.focus));
    let title = panel.map_or("Queries", |panel| panel.title.as_str());
    let shown = usize::from(area.height.saturating_sub(2));
    let position = position(scroll, shown, inspection.len(), area);
    let hint = match &state.notice {
        // The box lies over the line that says it else.
        Some((notice, _)) => notice.clone(),
        None => format!("{position}j k: scroll  y: copy the queries  esc: back"),
    };
    let inner = draw_box(title, &hint, area.width.into(), area.height.into(), theme, area, buffer);
    for row in 0..inner.height {
        let Some(line) = inspection.line(scroll + usize::from(row)) else { break };
        let style = match line.kind {
            LineKind::Heading => theme.title(),
            LineKind::Plain => theme.text(),
            LineKind::Dim => theme.dim(),
            LineKind::Warning => theme.warning(),
            LineKind::Error => theme.error(),
        };
        text::put(buffer, inner.x, inner.y + row, &line.text, inner.width, style);
    }
}

/// The panels found, and what is searched for.
fn draw_search(state: &State, selected: usize, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let Some(dashboard) = state.dashboard() else { return };
    let found = search::found(state);
    let widest = dashboard.panels.iter().map(|panel| text::width(&panel.title)).max().unwrap_or(0);
    let lines = dashboard.panels.len().max(1);
    let position = position(selected, 1, found.len(), area);
    let hint = format!("{position}enter: focus  esc: back");
    let title = format!("Find a panel: {}_", state.search);
    let inner = draw_box(&title, &hint, widest + 4, lines, theme, area, buffer);
    if found.is_empty() {
        text::put(
            buffer,
            inner.x,
            inner.y,
            "no title has these letters, no query these words",
            inner.width,
            theme.warning(),
        );
    }
    let first = (selected + 1).saturating_sub(usize::from(inner.height));
    let rows = found.iter().enumerate().skip(first).take(inner.height.into()).enumerate();
    for (row, (index, panel)) in rows {
        let is_selected = index == selected;
        let style = if is_selected { theme.focus() } else { theme.text() };
        let line = format!("{}{}", if is_selected { "▸ " } else { "  " }, dashboard.panels[*panel].title);
        text::put(buffer, inner.x, inner.y + row as u16, &line, inner.width, style);
    }
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
        if line.is_heading {
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
