//! The bar of variables, below the header: what is chosen, and what went wrong with it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::State;
use crate::app::variables::VariableState;
use crate::text;

/// Widest value of one variable, in cells, while there are others.
const VALUE_CELLS: usize = 30;

/// Least cells in which a part of a variable is worth showing.
const CUT_MIN_CELLS: usize = 12;

/// Draws the bar on the one line `area`.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.settings.theme;
    let offered: Vec<&VariableState> =
        state.variables.iter().filter(|variable| variable.is_offered()).collect();
    let limit = if offered.len() == 1 { usize::from(area.width) } else { VALUE_CELLS };
    let mut x = area.x;
    let first_failed = offered.iter().position(|variable| variable.failure.is_some());
    for (index, variable) in offered.iter().enumerate() {
        let parts = parts(state, variable, limit, first_failed == Some(index));
        let width: usize = parts.iter().map(|(words, _)| text::width(words)).sum();
        let is_last = index + 1 == offered.len();
        let room = usize::from(area.right() - x);
        // What does not fit whole is cut with a sign, which stands for all that follows it too.
        let is_cut = width + if is_last { 0 } else { 4 } > room && index > 0;
        if is_cut && room < CUT_MIN_CELLS {
            text::put(buffer, x, area.y, text::ELLIPSIS, area.right() - x, theme.dim());
            return;
        }
        let mut left = if is_cut { room } else { width };
        for (words, style) in parts {
            // The sign replaces the end of the part that is cut, and no part follows it.
            let is_whole = text::width(&words) <= left && !(is_cut && text::width(&words) == left);
            x = text::put(buffer, x, area.y, &words, left as u16, style);
            left = left.saturating_sub(text::width(&words));
            if !is_whole {
                return;
            }
        }
        x = (x + 2).min(area.right());
    }
}

/// Name, value and what went wrong: why, only where `says_why`, as all of it is in the picker.
fn parts(state: &State, variable: &VariableState, limit: usize, says_why: bool) -> Vec<(String, Style)> {
    let theme = &state.settings.theme;
    let value =
        if variable.is_known || !variable.text().is_empty() { variable.text() } else { "…".to_owned() };
    let value = if value.is_empty() { "none".to_owned() } else { value };
    let mut parts = vec![
        (format!("{}: ", variable.definition.title()), theme.dim()),
        (text::fit(&value, limit).into_owned(), theme.text()),
    ];
    if let Some(error) = &variable.failure {
        let why = format!(": {}", text::fit(&error.to_string(), 2 * limit));
        parts.push((format!(" failed (press ;){}", if says_why { &why } else { "" }), theme.error()));
    } else if variable.is_under_way() && variable.is_known {
        parts.push((" …".to_owned(), theme.dim()));
    }
    parts
}
