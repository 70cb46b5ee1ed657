//! The first line: which dashboard, which time, how often.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Crosshair, GENERATED, Origin, State};
use crate::text;
use crate::time_range::{format_age, format_clock, format_duration, utc_offset_ms, zone_name};

/// Draws the header on the one line `area`.
pub(super) fn draw(state: &State, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let right = time_text(state, now_ms, area.width);
    let right = marked(state, right, area.width);
    let right_width = text::width(&right) as u16;
    let room = area.width.saturating_sub(right_width + 1);
    let title = title(state);
    // On a screen too narrow for both the title gives way: which time is shown matters more.
    let x = text::put(buffer, area.x, area.y, &title, room, theme.title());
    if state.dashboards.len() > 1 {
        let position = format!("  {}/{}", state.current + 1, state.dashboards.len());
        if text::width(&position) <= usize::from((area.x + room).saturating_sub(x)) {
            text::put(buffer, x, area.y, &position, room, theme.dim());
        }
    }
    let style = if state.crosshair.is_some() {
        theme.focus()
    } else if state.paused_at_ms.is_some() {
        theme.warning()
    } else {
        theme.text()
    };
    let x = area.right().saturating_sub(right_width);
    text::put(buffer, x.max(area.x), area.y, &right, area.width, style);
}

/// `right` with what annotations say of the crosshair's time before it, as far as half of the line goes.
fn marked(state: &State, right: String, width: u16) -> String {
    let Some(crosshair) = state.crosshair else { return right };
    let step_ms = state.panels.iter().flat_map(|panel| &panel.targets).map(|target| target.intervals.step_ms);
    let texts: Vec<&str> =
        state.marked_at(crosshair.at_ms, step_ms.max().unwrap_or(1)).map(|mark| mark.text.as_str()).collect();
    if texts.is_empty() {
        return right;
    }
    format!("▲ {}  {right}", text::fit(&texts.join(", "), usize::from(width) / 2))
}

fn title(state: &State) -> String {
    match state.dashboards.get(state.current) {
        None => "promscope".to_owned(),
        Some(entry) => match (&entry.dashboard, &entry.origin) {
            (Some(dashboard), _) => dashboard.title.clone(),
            (None, Origin::File(path)) => path.clone(),
            (None, Origin::BuiltIn(name)) => name.clone(),
            (None, Origin::Generated) => GENERATED.to_owned(),
        },
    }
}

/// The window and the refresh, the longest form that leaves the title half of the line.
fn time_text(state: &State, now_ms: i64, width: u16) -> String {
    if let Some(crosshair) = state.crosshair {
        return crosshair_text(state, crosshair, now_ms, width);
    }
    let zone = state.zone();
    let span = state.tick.span;
    let refresh = match (state.paused_at_ms, state.refresh_ms) {
        (Some(at_ms), _) => format!("paused at {}", format_clock(at_ms, zone, now_ms)),
        (None, Some(ms)) => format!("every {}", format_duration(ms)),
        (None, None) => "refresh off".to_owned(),
    };
    let range = state.range.to_string();
    let clock = format!(
        "{} – {}",
        format_clock(span.start_ms, zone, now_ms),
        format_clock(span.end_ms, zone, now_ms)
    );
    // Clocks that are not the reader's say so.
    let is_readers = utc_offset_ms(zone, span.end_ms) == utc_offset_ms(state.settings.zone, span.end_ms);
    let clock = if is_readers { clock } else { format!("{clock} {}", zone_name(zone, span.end_ms)) };
    let absolute = !range.starts_with("last");
    let forms = if absolute {
        [format!("{clock}  {refresh}"), clock, refresh]
    } else {
        [format!("{range}  {clock}  {refresh}"), format!("{range}  {refresh}"), range]
    };
    let fits = |form: &&String| text::width(form) <= usize::from(width) / 3 * 2;
    forms.iter().find(fits).or(forms.last()).cloned().unwrap_or_default()
}

/// The time of the crosshair, or the range that is being marked, with the window where there is room.
fn crosshair_text(state: &State, crosshair: Crosshair, now_ms: i64, width: u16) -> String {
    let clock = |time_ms| format_clock(time_ms, state.zone(), now_ms);
    let (short, long) = match crosshair.mark_ms {
        None => {
            let at = format!("at {}", clock(crosshair.at_ms));
            (at.clone(), format!("{at}, {} ago", format_age(now_ms - crosshair.at_ms)))
        }
        Some(mark_ms) => {
            let (from_ms, to_ms) = (mark_ms.min(crosshair.at_ms), mark_ms.max(crosshair.at_ms));
            let marked = format!("marked {} – {}", clock(from_ms), clock(to_ms));
            (marked.clone(), format!("{marked}, {}", format_duration(to_ms - from_ms)))
        }
    };
    let forms = [format!("{}  {long}", state.range), long, short];
    let fits = |form: &&String| text::width(form) <= usize::from(width) / 3 * 2;
    forms.iter().find(fits).or(forms.last()).cloned().unwrap_or_default()
}
