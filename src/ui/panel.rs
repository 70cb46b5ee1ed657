//! One panel: its title line with what must be known about its data, then its picture or why there is none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::readout;
use crate::app::{PanelStatus, State};
use crate::dashboard::Panel;
use crate::panel::{PanelView, ShownValue, overview, timeseries};
use crate::text;
use crate::time_range::format_age;

/// Lines of an error or of warnings below the picture in full screen.
const FULL_TEXT_LINES: usize = 4;
/// Links shown in full screen; the inspector has them all.
const LINK_LINES: usize = 3;
/// Least lines that an error leaves to the picture above it.
const PICTURE_MIN_LINES: u16 = 3;

/// Least cells of the rule between a title and what the axes are called.
const LABEL_APART: usize = 6;

/// What draws the picture.
type Draw = fn(&PanelView<'_>, Rect, &mut Buffer);

/// Draws panel `index` into `area`, its title on the first line.
pub(super) fn draw(state: &State, panel: &Panel, index: usize, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    draw_view(state, &state.panel_view(panel, index), index, now_ms, area, buffer);
}

/// Panel `index` with the places that it notes when it is drawn into `area`, on the whole screen or not.
pub(super) fn drawn_aside<'a>(
    state: &'a State,
    panel: &'a Panel,
    index: usize,
    now_ms: i64,
    area: Rect,
) -> PanelView<'a> {
    let view = state.panel_view(panel, index);
    let mut scratch = Buffer::empty(area);
    if state.view.full_screen {
        draw_full_view(state, &view, index, now_ms, area, &mut scratch);
    } else {
        draw_view(state, &view, index, now_ms, area, &mut scratch);
    }
    view
}

fn draw_view(
    state: &State,
    view: &PanelView<'_>,
    index: usize,
    now_ms: i64,
    area: Rect,
    buffer: &mut Buffer,
) {
    let panel = view.panel;
    let status = state.panel_status(view, index);
    let draw = if state.view.overview { overview::draw } else { panel.kind.draw };
    let values = if state.view.overview { None } else { readout::values(view, &status) }.unwrap_or_default();
    draw_title(state, (panel, index), (&status, &values), now_ms, area, buffer);
    let content = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area };
    if state.view.overview && status == PanelStatus::Fresh {
        let heading = overview::heading(view, area.width);
        let width = text::width(&heading) as u16;
        let x = area.right().saturating_sub(width).max(area.x + text::width(&panel.title) as u16 + 4);
        text::put(buffer, x, area.y, &heading, area.right().saturating_sub(x), state.settings.theme.dim());
    }
    draw_content(state, index, (view, draw), &status, 1, content, buffer);
}

/// Draws panel `index` on the whole of `area`, with its description, and its error or warnings in full.
pub(super) fn draw_full(
    state: &State,
    panel: &Panel,
    index: usize,
    now_ms: i64,
    area: Rect,
    buffer: &mut Buffer,
) {
    draw_full_view(state, &state.panel_view(panel, index), index, now_ms, area, buffer);
}

fn draw_full_view(
    state: &State,
    view: &PanelView<'_>,
    index: usize,
    now_ms: i64,
    area: Rect,
    buffer: &mut Buffer,
) {
    let panel = view.panel;
    let status = state.panel_status(view, index);
    draw_title(state, (panel, index), (&status, &[]), now_ms, area, buffer);
    let theme = &state.settings.theme;
    let mut content = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area };
    let width = usize::from(area.width);
    if let Some(description) = panel.description.as_deref().filter(|_| content.height > 12) {
        for line in text::wrap(description, width, 2) {
            text::put(buffer, content.x, content.y, &line, content.width, theme.dim());
            (content.y, content.height) = (content.y + 1, content.height - 1);
        }
    }
    let link_lines = if content.height > 12 { LINK_LINES } else { 0 };
    for link in panel.links.iter().take(link_lines) {
        let says =
            if link.title.is_empty() { link.url.clone() } else { format!("{}: {}", link.title, link.url) };
        text::put(buffer, content.x, content.y, &says, content.width, theme.dim());
        (content.y, content.height) = (content.y + 1, content.height - 1);
    }
    let warnings = state.panel_warnings(index);
    let lines = text::wrap(&warnings.join("\n"), width, FULL_TEXT_LINES);
    if content.height > lines.len() as u16 + PICTURE_MIN_LINES {
        content.height -= lines.len() as u16;
        for (offset, line) in lines.iter().enumerate() {
            let y = content.bottom() + offset as u16;
            text::put(buffer, content.x, y, line, content.width, theme.warning());
        }
    }
    // A legend that tells the values has their colours besides.
    let is_told = timeseries::tells_values(view, content.height);
    if let Some(values) = readout::values(view, &status).filter(|_| !is_told) {
        let lines = readout::block_lines(&values, content.width, content.height);
        content.height -= lines;
        let block = Rect { y: content.bottom(), height: lines, ..content };
        readout::draw_block(&values, theme, block, buffer);
    }
    draw_content(state, index, (view, panel.kind.draw), &status, FULL_TEXT_LINES, content, buffer);
}

/// `─ Title ────────────── failed 12s ─`; with values at the crosshair these stand before what must be known.
fn draw_title(
    state: &State,
    (panel, index): (&Panel, usize),
    (status, values): (&PanelStatus, &[ShownValue]),
    now_ms: i64,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = &state.settings.theme;
    let is_focused = index == state.view.focus;
    let (rule, rule_style) = if is_focused { ('━', theme.focus()) } else { ('─', theme.rule()) };
    for x in area.left()..area.right() {
        if let Some(cell) = buffer.cell_mut((x, area.y)) {
            cell.set_char(rule).set_style(rule_style);
        }
    }
    let title_width = text::width(&panel.title) as u16;
    let badge = badge(state, (panel, index), status, now_ms, area.width.saturating_sub(title_width + 4));
    let badge_width = badge.as_ref().map_or(0, |(says, _)| text::width(says) as u16 + 3);
    let room = area.width.saturating_sub(badge_width + 4);
    // The values may take what the title leaves, and more of a long one.
    let kept = title_width.min(area.width / 3);
    let line = readout::one_line(values, room.saturating_sub(kept + 4));
    let line_width = line.as_ref().map_or(0, |line| text::width(line) as u16 + 3);
    let room = room.saturating_sub(line_width);
    let style = if is_focused { theme.focus() } else { theme.title() };
    let title = text::fit(&panel.title, usize::from(room));
    if !title.is_empty() && area.width >= 4 {
        text::put(buffer, area.x + 1, area.y, &format!(" {title} "), room + 2, style);
    }
    let beside = area.width.saturating_sub(badge_width + line_width + title_width + 4);
    if let Some(label) = axis_label(panel, beside).filter(|_| !state.view.overview) {
        let width = text::width(&label) as u16 + 3;
        let at = area.right().saturating_sub(badge_width + line_width + width);
        text::put(buffer, at, area.y, &format!(" {label} "), width, theme.dim());
    }
    if let Some(line) = line {
        let at = area.right().saturating_sub(badge_width + line_width);
        text::put(buffer, at, area.y, &format!(" {line} "), line_width, theme.title());
    }
    if let Some((says, style)) = badge {
        let at = area.right().saturating_sub(badge_width);
        text::put(buffer, at, area.y, &format!(" {says} "), badge_width, style);
    }
}

/// What the axes are called, in the longest form for which `room` is left beside the whole title and all else that
/// stands there.
fn axis_label(panel: &Panel, room: u16) -> Option<String> {
    // A rule behind it, and enough of one before it to tell it from the title.
    let fits = |label: &String| text::width(label) + 3 + LABEL_APART <= usize::from(room);
    panel.axis_names().into_iter().find(fits)
}

fn asks_anything(state: &State, index: usize) -> bool {
    state.panels.get(index).is_some_and(|panel| !panel.targets.is_empty())
}

/// What must be known about the data, in the longest form for which `room` is left beside the title; the shortest
/// one is worth cutting the title for.
fn badge(
    state: &State,
    (panel, index): (&Panel, usize),
    status: &PanelStatus,
    now_ms: i64,
    room: u16,
) -> Option<(String, Style)> {
    let theme = &state.settings.theme;
    let (forms, style) = match status {
        PanelStatus::Failed { since_ms, has_picture: true, .. } => {
            let age = format_age(now_ms - since_ms);
            ([format!("old: failing for {age}"), format!("old {age}"), age], theme.error())
        }
        PanelStatus::Failed { .. } => {
            (["failed".to_owned(), "failed".to_owned(), "!".to_owned()], theme.error())
        }
        // A server that is away was asked for a few panels only, but all of them are old.
        PanelStatus::Fresh if asks_anything(state, index) && state.panel_outage_since_ms(index).is_some() => {
            let age = format_age(now_ms - state.panel_outage_since_ms(index).unwrap_or(now_ms));
            ([format!("old: no answer for {age}"), format!("old {age}"), age], theme.error())
        }
        _ if !state.panel_warnings(index).is_empty() => {
            (["warning".to_owned(), "warning".to_owned(), "!".to_owned()], theme.warning())
        }
        _ => (panel.time.says(state.range.follows_now())?, theme.dim()),
    };
    let fits = |form: &&String| text::width(form) + 3 <= usize::from(room);
    let says = forms.iter().find(fits).or(forms.last())?.clone();
    Some((says, style))
}

/// The picture, with the error below it where there is one; or the reason why there is no picture.
fn draw_content(
    state: &State,
    index: usize,
    (view, draw): (&PanelView<'_>, Draw),
    status: &PanelStatus,
    error_lines: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = &state.settings.theme;
    match status {
        PanelStatus::Fresh => draw(view, area, buffer),
        PanelStatus::Failed { error, has_picture: true, .. } => {
            // A server that is away is one banner, not a line in each panel.
            let is_told = error.is_outage() && state.panel_outage_since_ms(index).is_some();
            let lines = if is_told { 0 } else { error_lines };
            let lines = text::wrap(&error.to_string(), usize::from(area.width), lines);
            let text_height = lines.len() as u16;
            let mut picture = area;
            if area.height >= PICTURE_MIN_LINES + text_height {
                picture.height -= text_height;
                for (offset, line) in lines.iter().enumerate() {
                    let y = picture.bottom() + offset as u16;
                    text::put(buffer, area.x, y, line, area.width, theme.error());
                }
            }
            draw(view, picture, buffer);
        }
        PanelStatus::Failed { error, .. } => {
            let lines = text::wrap(&error.to_string(), usize::from(area.width), usize::from(area.height));
            for (offset, line) in lines.iter().enumerate() {
                text::put(buffer, area.x, area.y + offset as u16, line, area.width, theme.error());
            }
        }
        PanelStatus::Empty => {
            let says = view.panel.field.no_value.as_deref().unwrap_or("no data");
            draw_centered(says, theme.dim(), area, buffer);
        }
        PanelStatus::Loading => {
            // What a panel waits for may be a variable, whoever that asks.
            let waits = state.panels.get(index).is_some_and(|panel| panel.is_waiting);
            let is_down =
                state.panel_outage_since_ms(index).is_some() || (waits && !state.outages.is_empty());
            draw_centered(
                if is_down { "waiting for the server" } else { "loading…" },
                theme.dim(),
                area,
                buffer,
            );
        }
    }
}

fn draw_centered(says: &str, style: Style, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let width = text::width(says).min(usize::from(area.width)) as u16;
    let x = area.x + (area.width - width) / 2;
    text::put(buffer, x, area.y + area.height / 2, says, area.right() - x, style);
}
