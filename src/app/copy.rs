//! What goes to the clipboard: the focused panel's values, or its expressions while they are inspected.

use crate::app::effect::Effect;
use crate::app::inspect;
use crate::app::state::{Overlay, State};

/// Longest text that is copied: terminals refuse sequences of more than about 100 kB, and base64 adds a third.
pub const COPY_LIMIT_BYTES: usize = 48 * 1_024;

/// Copies, and says so.
pub(super) fn copy(state: &mut State, now_ms: i64) -> Vec<Effect> {
    let (what, lines) = match state.overlay {
        Some(Overlay::Inspect { .. }) => ("expression", inspect::expressions(state)),
        _ => ("value", values(state)),
    };
    if lines.is_empty() {
        state.notice = Some((format!("no {what} to copy"), now_ms));
        return Vec::new();
    }
    let mut text = String::new();
    let mut copied = 0;
    for line in &lines {
        if text.len() + line.len() + 1 > COPY_LIMIT_BYTES {
            break;
        }
        text.extend([line.as_str(), "\n"]);
        copied += 1;
    }
    let ending = if lines.len() == 1 { "" } else { "s" };
    let of = if copied < lines.len() {
        format!("the first {copied} of {}", lines.len())
    } else {
        copied.to_string()
    };
    state.notice =
        Some((format!("copied {of} {what}{ending}, where the terminal allows it (OSC 52)"), now_ms));
    vec![Effect::Copy(text.trim_end().to_owned())]
}

/// A line for each value that the focused panel shows: name, a tab, and the text of the value.
fn values(state: &State) -> Vec<String> {
    let focus = state.view.focus;
    let Some(panel) = state.dashboard().and_then(|dashboard| dashboard.panels.get(focus)) else {
        return Vec::new();
    };
    let view = state.panel_view(panel, focus);
    if !view.has_data() {
        return Vec::new();
    }
    let shown = match (panel.kind.at, view.cursor_ms) {
        (Some(at), Some(cursor_ms)) => at(&view, cursor_ms),
        _ => (panel.kind.values)(&view),
    };
    // A tab or a line feed in a name would break the form.
    let clean = |text: &str| text.replace(char::is_control, " ");
    shown.iter().map(|value| format!("{}\t{}", clean(&value.name), clean(&value.text))).collect()
}
