//! The last line: where the data comes from and how old it is on the left, the first keys to know on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{Connection, State};
use crate::keymap;
use crate::text;
use crate::theme::Theme;
use crate::time_range::{format_age, format_clock};

/// Draws the footer on the one line `area`.
pub(super) fn draw(state: &State, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let mut x = area.x;
    for (says, style) in status(state, now_ms, theme) {
        let gap = if x == area.x { 0 } else { 2 };
        let room = area.right().saturating_sub(x + gap);
        if room < 6 {
            break;
        }
        x = text::put(buffer, x + gap, area.y, &says, room, style);
    }
    if state.settings.headless {
        return;
    }
    draw_keys(state, Rect { x, width: area.right().saturating_sub(x), ..area }, buffer);
}

/// Parts of the status, the most important first.
fn status(state: &State, now_ms: i64, theme: &Theme) -> Vec<(String, Style)> {
    let is_up = state.connection == Connection::Up;
    let mut parts = troubles(state, is_up, theme);
    parts.push((state.settings.address.clone(), if is_up { theme.dim() } else { theme.error() }));
    match state.store.answered_at_ms {
        Some(at_ms) => {
            let clock = format_clock(at_ms, state.settings.zone, now_ms);
            // A clock says how old the data is while refreshes come; when they stay away, the age has to grow.
            if state.stale_since_ms(now_ms).is_some_and(|since_ms| since_ms <= now_ms) {
                parts.push((format!("updated {clock}, {} ago", format_age(now_ms - at_ms)), theme.warning()));
            } else {
                parts.push((format!("updated {clock}"), theme.dim()));
            }
        }
        None if state.store.in_flight() > 0 => parts.push(("asking…".to_owned(), theme.dim())),
        None => {}
    }
    parts
}

/// What is wrong or out of sight; it comes first, so that no screen is too narrow for it.
fn troubles(state: &State, is_up: bool, theme: &Theme) -> Vec<(String, Style)> {
    let mut parts = Vec::new();
    match state.failed_panels() {
        // A server that is away fails them all, and the banner says so.
        _ if !is_up && !state.settings.headless => {}
        0 => {}
        1 => parts.push(("1 panel failed".to_owned(), theme.error())),
        failed => parts.push((format!("{failed} panels failed"), theme.error())),
    }
    if let Some(dashboard) = state.dashboard().filter(|dashboard| !dashboard.notes.is_empty()) {
        parts.push((format!("{} notes, see ?", dashboard.notes.len()), theme.warning()));
    }
    let below = panels_below(state);
    if below > 0 {
        parts.push((format!("▼ {below} more"), theme.warning()));
    }
    parts
}

/// Panels that begin below the screen.
fn panels_below(state: &State) -> usize {
    if state.view.full_screen {
        return 0;
    }
    let bottom = state.view.scroll.saturating_add(state.body().height);
    state.layout.panels.iter().filter(|rect| rect.y >= bottom).count()
}

/// As many keys as there is room for: help and quit first, then the dashboard's actions, then the rest.
fn draw_keys(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let mut hints: Vec<(String, String)> = Vec::new();
    let table = if state.crosshair.is_some() { keymap::CROSSHAIR_BINDINGS } else { keymap::BINDINGS };
    let mut footers = table
        .iter()
        .filter_map(|binding| Some((keymap::name(*binding.keys.first()?), binding.footer?.to_owned())));
    hints.extend(footers.by_ref().take(2));
    if let Some(dashboard) = state.dashboard().filter(|_| state.crosshair.is_none()) {
        hints.extend(dashboard.actions.iter().map(|action| (action.key.to_string(), action.title.clone())));
    }
    hints.extend(footers.filter(|(key, _)| key != "d" || state.dashboards.len() > 1));
    // Two columns stay free before each hint, so that they are told apart from the status.
    let hint_width = |(key, says): &(String, String)| (text::width(key) + 1 + text::width(says)) as u16 + 2;
    let mut room = area.width;
    hints.retain(|hint| {
        let fits = hint_width(hint) <= room;
        room -= if fits { hint_width(hint) } else { 0 };
        fits
    });
    // Help and quit stay in the corner, where they are looked for.
    let corner = hints.iter().take_while(|(key, _)| key == "?" || key == "q").count();
    hints.rotate_left(corner);
    let mut x = area.x + room;
    for hint in &hints {
        let behind = text::put(buffer, x + 2, area.y, &hint.0, area.right(), theme.title());
        text::put(buffer, behind + 1, area.y, &hint.1, area.right(), theme.dim());
        x += hint_width(hint);
    }
}
