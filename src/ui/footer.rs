//! The last line: where the data comes from and how old it is on the left, the first keys to know on the right.
//!
//! The keys that nobody can guess come first: help, quit and the dashboard's own actions. Where the line is short the
//! status gives way to them, the address before the age, and the actions' titles are cut with a sign.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{Command, State};
use crate::keymap;
use crate::text;
use crate::theme::Theme;
use crate::time_range::{format_age, format_clock};

/// Blank cells between two parts of the status, and before each key.
const GAP_CELLS: u16 = 2;
/// Least cells of an address that is cut.
const ADDRESS_MIN_CELLS: u16 = 16;
/// Cells that an action's title is cut to, from the first to the last as the line gets shorter.
const TITLE_CELLS: std::ops::RangeInclusive<usize> = 6..=30;

/// A key and a word for it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hint {
    key: String,
    says: String,
}

impl Hint {
    /// Its cells, with the blanks before it.
    fn cells(&self) -> u16 {
        (text::width(&self.key) + 1 + text::width(&self.says)) as u16 + GAP_CELLS
    }
}

/// Draws the footer on the one line `area`.
pub(super) fn draw(state: &State, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let troubles = troubles(state, theme);
    let trouble_cells = cells(&troubles);
    if let Some((notice, _)) = &state.notice {
        // For a moment it has the place of the keys, and of the rest where it needs that too: nothing else moves.
        let wanted = (text::width(notice) as u16).saturating_add(GAP_CELLS);
        let mut x = area.x;
        if trouble_cells + wanted <= area.width {
            for (says, style) in &status(state, now_ms, troubles, area.width - wanted) {
                x = text::put(buffer, x, area.y, says, area.right() - x, *style) + GAP_CELLS;
            }
        }
        text::put(buffer, x, area.y, notice, area.right().saturating_sub(x), theme.notice());
        return;
    }
    let hints = if state.settings.headless {
        Vec::new()
    } else {
        hints(state, area.width.saturating_sub(trouble_cells))
    };
    let needed: u16 = hints.iter().filter(|(_, is_needed)| *is_needed).map(|(hint, _)| hint.cells()).sum();
    let room = area.width.saturating_sub(needed);
    let status = status(state, now_ms, troubles, room);
    let mut x = area.x;
    for (says, style) in &status {
        let gap = if x == area.x { 0 } else { GAP_CELLS };
        x = text::put(buffer, x + gap, area.y, says, area.right().saturating_sub(x + gap), *style);
    }
    draw_keys(state, hints, Rect { x, width: area.right().saturating_sub(x), ..area }, buffer);
}

/// Cells of parts of the status.
fn cells(parts: &[(String, Style)]) -> u16 {
    let each = parts.iter().map(|(says, _)| text::width(says) as u16 + GAP_CELLS);
    each.sum::<u16>().saturating_sub(GAP_CELLS)
}

/// The parts of the status that `room` has cells for: what is wrong, the address, the age. Of the last two the age stays
/// longer.
fn status(state: &State, now_ms: i64, troubles: Vec<(String, Style)>, room: u16) -> Vec<(String, Style)> {
    let theme = &state.settings.theme;
    let mut parts = troubles;
    let used = |parts: &[(String, Style)]| if parts.is_empty() { 0 } else { cells(parts) + GAP_CELLS };
    let age = age(state, now_ms).filter(|(says, _)| used(&parts) + text::width(says) as u16 <= room);
    let age_cells = age.as_ref().map_or(0, |(says, _)| text::width(says) as u16 + GAP_CELLS);
    let address_room = room.saturating_sub(used(&parts) + age_cells);
    let whole = text::width(&state.settings.address) as u16;
    if address_room >= whole.min(ADDRESS_MIN_CELLS) {
        let style = if state.is_default_away() { theme.error() } else { theme.dim() };
        parts.push((text::fit(&state.settings.address, address_room.into()).into_owned(), style));
    }
    parts.extend(age);
    parts
}

/// How old the data is.
fn age(state: &State, now_ms: i64) -> Option<(String, Style)> {
    let theme = &state.settings.theme;
    match state.store.answered_at_ms {
        Some(at_ms) => {
            let clock = format_clock(at_ms, state.zone(), now_ms);
            // A clock says how old the data is while refreshes come; when they stay away, the age has to grow.
            if state.stale_since_ms(now_ms).is_some_and(|since_ms| since_ms <= now_ms) {
                let says = format!("updated {clock}, {} ago", format_age(now_ms - at_ms));
                Some((says, theme.warning()))
            } else {
                Some((format!("updated {clock}"), theme.dim()))
            }
        }
        None => (state.store.in_flight() > 0).then(|| ("asking…".to_owned(), theme.dim())),
    }
}

/// What is wrong or out of sight; it comes first, so that no screen is too narrow for it.
fn troubles(state: &State, theme: &Theme) -> Vec<(String, Style)> {
    let mut parts = Vec::new();
    // A server that is away fails all that ask it, and the banner says so.
    let failed = if state.settings.headless {
        state.failed_panels()
    } else {
        state.failed_panels_of_answering_sources()
    };
    match failed {
        0 => {}
        1 => parts.push(("1 panel failed".to_owned(), theme.error())),
        failed => parts.push((format!("{failed} panels failed"), theme.error())),
    }
    if let Some(dashboard) = state.dashboard().filter(|dashboard| !dashboard.notes.is_empty()) {
        let count = dashboard.notes.len();
        let notes = if count == 1 { "note" } else { "notes" };
        parts.push((format!("{count} {notes}, see ?"), theme.warning()));
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
    state.layout.panels.iter().filter(|rect| rect.height > 0 && rect.y >= bottom).count()
}

/// The keys in the order in which they are worth their cells, and whether the status gives way to them.
fn hints(state: &State, room: u16) -> Vec<(Hint, bool)> {
    let has_crosshair = state.crosshair.is_some();
    let table = if has_crosshair { keymap::CROSSHAIR_BINDINGS } else { keymap::BINDINGS };
    let footers = table.iter().filter_map(|binding| {
        let key = keymap::name(*binding.keys.first()?);
        let is_way_back = state.view.full_screen && matches!(binding.command, Command::FullScreen);
        Some(Hint { key, says: if is_way_back { "back" } else { binding.footer? }.to_owned() })
    });
    if has_crosshair {
        return footers.map(|hint| (hint, true)).collect();
    }
    let (corner, rest): (Vec<Hint>, Vec<Hint>) =
        footers.partition(|hint| matches!(hint.key.as_str(), "?" | "q"));
    let actions = state.dashboard().map(|dashboard| dashboard.actions.as_slice()).unwrap_or_default();
    let actions =
        actions.iter().map(|action| Hint { key: action.key.to_string(), says: action.title.clone() });
    let corner_cells: u16 = corner.iter().map(Hint::cells).sum();
    let actions = fitted(&actions.collect::<Vec<_>>(), room.saturating_sub(corner_cells));
    let rest = rest.into_iter().filter(|hint| hint.key != "d" || state.dashboards.len() > 1);
    corner.into_iter().chain(actions).map(|hint| (hint, true)).chain(rest.map(|hint| (hint, false))).collect()
}

/// The actions with titles as long as `room` allows; where even the shortest do not fit, those that do, and how many more
/// the help has.
fn fitted(actions: &[Hint], room: u16) -> Vec<Hint> {
    let cut = |cells: usize| -> Vec<Hint> {
        let says = |hint: &Hint| text::fit(&hint.says, cells).into_owned();
        actions.iter().map(|hint| Hint { key: hint.key.clone(), says: says(hint) }).collect()
    };
    let total = |hints: &[Hint]| hints.iter().map(Hint::cells).sum::<u16>();
    let fits = |hints: &Vec<Hint>| total(hints) <= room;
    if let Some(whole) = TITLE_CELLS.rev().map(cut).find(fits) {
        return whole;
    }
    let mut shortest = cut(*TITLE_CELLS.start());
    while let Some(_dropped) = shortest.pop() {
        let more = Hint { key: format!("+{}", actions.len() - shortest.len()), says: "in ?".to_owned() };
        if total(&shortest) + more.cells() <= room {
            shortest.push(more);
            break;
        }
    }
    shortest
}

/// As many keys as there is room for, at the right.
fn draw_keys(state: &State, hints: Vec<(Hint, bool)>, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let mut room = area.width;
    let mut shown: Vec<Hint> = Vec::with_capacity(hints.len());
    for (hint, _) in hints {
        if hint.cells() <= room {
            room -= hint.cells();
            shown.push(hint);
        }
    }
    // Help and quit stay in the corner, where they are looked for.
    let corner = shown.iter().take_while(|hint| hint.key == "?" || hint.key == "q").count();
    shown.rotate_left(corner);
    let mut x = area.x + room;
    for hint in &shown {
        let behind = text::put(buffer, x + GAP_CELLS, area.y, &hint.key, area.right(), theme.title());
        text::put(buffer, behind + 1, area.y, &hint.says, area.right(), theme.dim());
        x += hint.cells();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(hints: &[Hint]) -> String {
        hints.iter().map(|hint| format!("{} {}", hint.key, hint.says)).collect::<Vec<_>>().join("  ")
    }

    #[test]
    fn actions_are_cut_with_a_sign_and_then_counted() {
        let action = |(key, says): (&str, &str)| Hint { key: key.to_owned(), says: says.to_owned() };
        let actions: Vec<Hint> =
            [("f", "Ask for a cat fact"), ("F", "Ask for 50 facts"), ("w", "Wake")].map(action).into();
        let at = |room| says(&fitted(&actions, room));
        assert_eq!(at(52), "f Ask for a cat fact  F Ask for 50 facts  w Wake");
        assert_eq!(at(40), "f Ask for a c…  F Ask for 50 …  w Wake");
        assert_eq!(at(28), "f Ask f…  F Ask f…  w Wake");
        assert_eq!(at(27), "f Ask f…  +2 in ?");
        assert_eq!(at(9), "+3 in ?");
        assert_eq!(at(3), "");
    }
}
