//! A frame as text: plain, or with the sequences that a terminal takes for colours.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

/// The lines of a frame, without white space at their ends.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut x = buffer.area.left();
        while let Some(cell) = buffer.cell((x, y)) {
            line.push_str(cell.symbol());
            x += (crate::text::width(cell.symbol()).max(1)) as u16;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The lines of a frame with SGR sequences where the style changes, each line closed by a reset.
pub fn colored(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut current = String::new();
        let mut x = buffer.area.left();
        while let Some(cell) = buffer.cell((x, y)) {
            let style = sgr(cell.fg, cell.bg, cell.modifier);
            if style != current {
                text.push_str("\x1b[0");
                text.push_str(&style);
                text.push('m');
                current = style;
            }
            text.push_str(cell.symbol());
            x += (crate::text::width(cell.symbol()).max(1)) as u16;
        }
        text.push_str("\x1b[0m\n");
    }
    text
}

/// The parameters of an SGR sequence, each behind a semicolon.
fn sgr(fg: Color, bg: Color, modifier: Modifier) -> String {
    let mut parameters = String::new();
    for (flag, code) in [
        (Modifier::BOLD, ";1"),
        (Modifier::DIM, ";2"),
        (Modifier::ITALIC, ";3"),
        (Modifier::UNDERLINED, ";4"),
        (Modifier::REVERSED, ";7"),
    ] {
        if modifier.contains(flag) {
            parameters.push_str(code);
        }
    }
    for (color, base) in [(fg, 30_u16), (bg, 40)] {
        let code = match color {
            Color::Reset => continue,
            Color::Rgb(r, g, b) => format!(";{};2;{r};{g};{b}", base + 8),
            Color::Indexed(index) => format!(";{};5;{index}", base + 8),
            Color::Black => format!(";{base}"),
            Color::Red => format!(";{}", base + 1),
            Color::Green => format!(";{}", base + 2),
            Color::Yellow => format!(";{}", base + 3),
            Color::Blue => format!(";{}", base + 4),
            Color::Magenta => format!(";{}", base + 5),
            Color::Cyan => format!(";{}", base + 6),
            Color::Gray => format!(";{}", base + 7),
            Color::DarkGray => format!(";{}", base + 60),
            Color::LightRed => format!(";{}", base + 61),
            Color::LightGreen => format!(";{}", base + 62),
            Color::LightYellow => format!(";{}", base + 63),
            Color::LightBlue => format!(";{}", base + 64),
            Color::LightMagenta => format!(";{}", base + 65),
            Color::LightCyan => format!(";{}", base + 66),
            Color::White => format!(";{}", base + 67),
        };
        parameters.push_str(&code);
    }
    parameters
}
