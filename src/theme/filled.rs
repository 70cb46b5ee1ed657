//! Areas filled with a colour, and what can be read on them.

use ratatui::style::{Color, Modifier, Style};

use super::contrast::contrast;
use super::{ColorDepth, Ink, Rgb, Theme};

const BLACK: Rgb = Rgb(0, 0, 0);
const WHITE: Rgb = Rgb(255, 255, 255);

impl Theme {
    /// The 24 bits of `ink` in this theme.
    pub fn ink_rgb(&self, ink: Ink) -> Rgb {
        match ink {
            Ink::Series(index) => self.series_rgb(index),
            Ink::Fixed(color) => self.rgb(color),
        }
    }

    /// Text on an area that is filled with `ink`: black or white, whichever differs more from it. Reversed where there
    /// are no colours.
    pub fn on(&self, ink: Ink) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        match self.depth {
            ColorDepth::None => style.add_modifier(Modifier::REVERSED),
            ColorDepth::Ansi16 => {
                let background = self.ink(ink);
                let is_dark =
                    matches!(background, Color::Blue | Color::Red | Color::Magenta | Color::DarkGray);
                style.bg(background).fg(if is_dark { Color::White } else { Color::Black })
            }
            _ => {
                let color = self.ink_rgb(ink);
                let text = if contrast(color, WHITE) > contrast(color, BLACK) { WHITE } else { BLACK };
                style.bg(self.ink(ink)).fg(self.exact(text))
            }
        }
    }

    /// An area that is nothing but `ink`, to be drawn with full blocks, which survive being copied as text; the
    /// background closes their seams.
    pub fn filled(&self, ink: Ink) -> Style {
        match self.depth {
            ColorDepth::None => Style::new(),
            _ => Style::new().fg(self.ink(ink)).bg(self.ink(ink)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::palette::SERIES_COUNT;
    use crate::theme::{TEXT_CONTRAST, palette, theme_names};

    #[test]
    fn text_can_be_read_on_every_series_colour_of_every_theme() {
        for name in theme_names() {
            let Some(palette) = palette(name) else { continue };
            let theme = Theme { palette, ..Theme::TRUE_COLOR };
            for index in 0..SERIES_COUNT {
                let style = theme.on(Ink::Series(index));
                let (Some(Color::Rgb(r, g, b)), Some(Color::Rgb(red, green, blue))) = (style.fg, style.bg)
                else {
                    panic!("no colours: {style:?}");
                };
                let contrast = contrast(Rgb(r, g, b), Rgb(red, green, blue));
                assert!(contrast >= TEXT_CONTRAST, "{name} {index}: {contrast}");
            }
        }
    }
}
