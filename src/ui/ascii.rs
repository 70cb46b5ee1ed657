//! The last step of a frame for poor fonts: every cell that is not ASCII becomes one that is.

use ratatui::buffer::Buffer;

/// Replaces what the console cannot show by what comes nearest; letters of other scripts become `?`.
pub(super) fn replace(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let symbol = nearest(cell.symbol());
            cell.set_symbol(symbol);
        }
    }
}

fn nearest(symbol: &str) -> &'static str {
    match symbol {
        "━" => "=",
        "─" | "–" | "┄" | "╌" => "-",
        "│" | "┃" | "┆" | "┊" | "┤" | "├" | "▌" | "▐" | "╵" | "╷" => "|",
        "╭" | "╮" | "╰" | "╯" | "┼" | "└" | "┘" | "┌" | "┐" | "┬" | "┴" => "+",
        "…" => "~",
        "▸" | "▶" | "→" => ">",
        "≤" | "◀" | "←" => "<",
        "▲" | "▴" | "↑" => "^",
        "▼" | "▾" | "↓" => "v",
        "·" | "•" => ".",
        "█" | "▉" | "▊" | "▋" | "▇" | "▆" | "▅" | "▓" => "#",
        "▍" | "▎" | "▏" | "▃" | "▂" | "▁" | "░" => ":",
        "▒" | "▄" | "▀" => "%",
        "°" => "'",
        "µ" => "u",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn nothing_but_ascii_is_left() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 9, 1));
        crate::text::put(&mut buffer, 0, 0, "━ é …▸10µ", 9, Style::new());
        replace(&mut buffer);
        let line: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(line, "= ? ~>10u");
    }
}
