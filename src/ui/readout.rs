//! The values at the crosshair in text: on a panel's title line, and all of them below it in full screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::PanelStatus;
use crate::panel::{PanelView, ShownValue};
use crate::text;
use crate::theme::Theme;

/// Blank cells between two values.
const GAP_CELLS: u16 = 2;
/// Widest column of the block in full screen.
const COLUMN_MAX_CELLS: usize = 40;

/// The values at the crosshair; `None` without one, and for panels whose x axis is not time or that show no picture.
pub(super) fn values(view: &PanelView<'_>, status: &PanelStatus) -> Option<Vec<ShownValue>> {
    let has_picture = matches!(status, PanelStatus::Fresh | PanelStatus::Failed { has_picture: true, .. });
    let at = view.panel.kind.at.filter(|_| has_picture)?;
    Some(at(view, view.cursor_ms?))
}

/// Name and value with a blank between them; the value alone where it is the only one.
fn says(value: &ShownValue, is_alone: bool) -> String {
    if is_alone || value.name.is_empty() {
        value.text.clone()
    } else {
        format!("{} {}", value.name, value.text)
    }
}

/// As many values as `room` has cells for, and how many more there are; `None` when there is nothing to say.
pub(super) fn one_line(values: &[ShownValue], room: u16) -> Option<String> {
    let room = usize::from(room);
    let mut line = String::new();
    for (index, value) in values.iter().enumerate() {
        let says = says(value, values.len() == 1);
        let gap = if line.is_empty() { "" } else { "  " };
        let rest = values.len() - index - 1;
        let more = if rest > 0 { format!("  +{rest}") } else { String::new() };
        let joined = text::width(&line) + gap.len() + text::width(&says);
        if joined + more.len() > room {
            let left = format!("{gap}+{}", rest + 1);
            // A value that is cut says less than none.
            return (!line.is_empty() || left.len() <= room).then(|| line + &left);
        }
        line.push_str(gap);
        line.push_str(&says);
    }
    (!line.is_empty()).then_some(line)
}

/// Lines that the block of all values takes of `height` at this width.
pub(super) fn block_lines(values: &[ShownValue], width: u16, height: u16) -> u16 {
    let columns = columns(values, width).0;
    values.len().div_ceil(columns).min(usize::from(height / 3)) as u16
}

/// Columns of the block, and the cells of each.
fn columns(values: &[ShownValue], width: u16) -> (usize, u16) {
    let widest = values.iter().map(|value| text::width(&says(value, false))).max().unwrap_or(1);
    let cells = widest.clamp(1, COLUMN_MAX_CELLS) as u16 + GAP_CELLS;
    (usize::from((width.saturating_add(GAP_CELLS) / cells).max(1)), cells)
}

/// Draws all values into `area`, column by column; those without a place are counted in the last one.
pub(super) fn draw_block(values: &[ShownValue], theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (columns, cells) = columns(values, area.width);
    let places = columns * usize::from(area.height);
    let shown = if values.len() <= places { values.len() } else { places.saturating_sub(1) };
    for place in 0..places.min(values.len()) {
        let (column, line) = (place / usize::from(area.height), place % usize::from(area.height));
        let (x, y) = (area.x + column as u16 * cells, area.y + line as u16);
        let room = (cells - GAP_CELLS).min(area.right().saturating_sub(x));
        let Some(value) = values.get(place).filter(|_| place < shown) else {
            text::put(buffer, x, y, &format!("+{} more", values.len() - shown), room, theme.dim());
            return;
        };
        let figure = room.min(text::width(&value.text) as u16);
        let behind = text::put(buffer, x, y, &value.name, room.saturating_sub(figure + 1), theme.dim());
        let x = if value.name.is_empty() { x } else { behind + 1 };
        text::put(buffer, x, y, &value.text, figure, theme.text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Vec<ShownValue> {
        let value = |(name, text): &(&str, &str)| ShownValue {
            name: (*name).to_owned(),
            value: None,
            text: (*text).to_owned(),
        };
        pairs.iter().map(value).collect()
    }

    #[test]
    fn a_line_says_what_it_leaves_out() {
        let three = values(&[("a", "1 s"), ("b", "2 s"), ("c", "-")]);
        let line = |room| one_line(&three, room);
        assert_eq!(line(17).as_deref(), Some("a 1 s  b 2 s  c -"));
        assert_eq!(line(16).as_deref(), Some("a 1 s  b 2 s  +1"));
        assert_eq!(line(15).as_deref(), Some("a 1 s  +2"));
        assert_eq!(line(8).as_deref(), Some("+3"));
        assert_eq!(line(1), None);
        assert_eq!(one_line(&three[..1], 3).as_deref(), Some("1 s"));
        assert_eq!(one_line(&[], 30), None);
    }

    #[test]
    fn a_block_has_columns_and_counts_the_rest() {
        let many: Vec<_> = (0..9).map(|index| format!("s{index}")).collect();
        let many = values(&many.iter().map(|name| (name.as_str(), "1.5")).collect::<Vec<_>>());
        assert_eq!(block_lines(&many, 22, 30), 3);
        assert_eq!(block_lines(&many, 22, 6), 2);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 22, 2));
        draw_block(&many, &Theme::PLAIN, buffer.area, &mut buffer);
        assert_eq!(crate::chart::picture(&buffer), ["s0 1.5  s2 1.5  s4 1.5", "s1 1.5  s3 1.5  +4 mo…"]);
    }
}
