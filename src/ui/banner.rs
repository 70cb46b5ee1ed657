//! Lines over the whole width: the server is away, a file is broken; and the answer of an action.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Banner, GENERATED, OUTAGE_LINES, Origin, State};
use crate::text;
use crate::time_range::{format_age, format_clock};

/// Draws one banner on the one line `area`.
pub(super) fn draw(state: &State, banner: &Banner<'_>, now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let says = match banner {
        Banner::Outage { source, outage } => {
            let since = format_clock(outage.since_ms, state.zone(), now_ms);
            let next = if state.settings.headless {
                "given up".to_owned()
            } else if outage.retry_at_ms > now_ms {
                format!("next try in {}", format_age(outage.retry_at_ms - now_ms + 999))
            } else {
                "trying now".to_owned()
            };
            let error = &outage.error;
            let name = state.source_title(*source);
            let is_last = state.outages.keys().nth(OUTAGE_LINES - 1) == Some(source);
            let more = match state.outages.len().saturating_sub(OUTAGE_LINES) {
                more if is_last && more > 0 => format!(" (and {more} more data sources)"),
                _ => String::new(),
            };
            format!(" {name}{more} does not answer since {since}, {next}: {error}")
        }
        Banner::Problem { entry, problem } => {
            let name = match &entry.origin {
                Origin::File(path) => path.as_str(),
                Origin::BuiltIn(name) => name,
                Origin::Generated => GENERATED,
            };
            let place = match (problem.line, problem.column) {
                (Some(line), Some(column)) => format!("{name}:{line}:{column}"),
                (Some(line), None) => format!("{name}:{line}"),
                _ => name.to_owned(),
            };
            format!(" {place}: {}", problem.message)
        }
        Banner::Annotation { name, error } => format!(" annotation {name}: {error}"),
        Banner::TargetsDown([target]) => format!(" target down: {target}"),
        Banner::TargetsDown(targets) => format!(" {} targets down: {}", targets.len(), targets.join("; ")),
        Banner::Message(says) => format!(" {says}"),
    };
    let theme = state.settings.theme;
    let style = theme.banner();
    buffer.set_style(area, style);
    text::put(buffer, area.x, area.y, &says, area.width, style);
}

/// Draws what the last action was and brought, from the top of `area`.
pub(super) fn draw_action(state: &State, _now_ms: i64, area: Rect, buffer: &mut Buffer) {
    let Some(action) = &state.action else { return };
    let theme = &state.settings.theme;
    let (head, style, says) = match &action.outcome {
        None => (action.action.title.clone(), theme.dim(), "under way, esc ends it".to_owned()),
        Some((outcome, _)) => {
            let style = if outcome.failed == 0 { theme.good() } else { theme.error() };
            let head = match (outcome.succeeded, outcome.failed) {
                (1, 0) => format!("{} ({} ms)", action.action.title, outcome.duration_ms),
                (0, 1) => format!("{}: failed", action.action.title),
                (succeeded, failed) => format!(
                    "{}: {succeeded} answered, {failed} failed in {} ms",
                    action.action.title, outcome.duration_ms
                ),
            };
            (head, style, outcome.text.clone())
        }
    };
    let width = usize::from(area.width.saturating_sub(2));
    let one = format!("{head}: {says}");
    for (index, line) in text::wrap(&one, width, crate::app::ACTION_LINES.into()).iter().enumerate() {
        let y = area.y + index as u16;
        if y + 1 >= area.bottom() {
            break;
        }
        text::put(buffer, area.x, y, "▌", 1, style);
        text::put(buffer, area.x + 2, y, line, area.width.saturating_sub(2), theme.text());
    }
}
