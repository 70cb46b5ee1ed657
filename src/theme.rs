//! Colours and markers: what a role looks like in true colour, 256 colours, 16 colours, none, and in plain ASCII.

use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// No colour at all (`NO_COLOR`, `TERM=dumb`): bold and dim only.
    None,
    /// The 16 colours of the terminal's own palette.
    Ansi16,
    /// The xterm palette.
    Ansi256,
    /// 24 bit.
    True,
}

/// What dots of a line are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// Two by four dots a cell.
    Braille,
    /// Characters of ASCII only, for poor fonts and consoles.
    Ascii,
}

/// A colour as the dashboard or the theme names it, before the terminal's depth is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// What a series is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The palette's colour of this number.
    Series(usize),
    /// A colour that the dashboard names.
    Fixed(Rgb),
}

/// The theme that a frame is drawn with; cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The terminal's depth.
    pub depth: ColorDepth,
    /// What lines are drawn with.
    pub marker: Marker,
}

/// Grafana's `palette-classic` hues, brightened where they would be hard to read on black.
pub const SERIES_COLORS: [Rgb; 12] = [
    Rgb(115, 191, 105),
    Rgb(242, 204, 12),
    Rgb(87, 148, 242),
    Rgb(255, 152, 48),
    Rgb(242, 73, 92),
    Rgb(184, 119, 217),
    Rgb(64, 201, 196),
    Rgb(250, 222, 158),
    Rgb(138, 184, 255),
    Rgb(255, 115, 131),
    Rgb(202, 149, 229),
    Rgb(150, 217, 141),
];

/// Colours of the terminal's own palette that stand for [`SERIES_COLORS`] at 16 colours.
const SERIES_ANSI: [Color; 12] = [
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::LightRed,
    Color::Red,
    Color::Magenta,
    Color::Cyan,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::LightGreen,
];

/// Colour names that dashboards use, Grafana's.
const NAMED: [(&str, Rgb); 25] = [
    ("green", Rgb(115, 191, 105)),
    ("yellow", Rgb(250, 222, 42)),
    ("blue", Rgb(87, 148, 242)),
    ("orange", Rgb(255, 152, 48)),
    ("red", Rgb(242, 73, 92)),
    ("purple", Rgb(184, 119, 217)),
    ("dark-green", Rgb(55, 135, 45)),
    ("semi-dark-green", Rgb(86, 166, 75)),
    ("light-green", Rgb(150, 217, 141)),
    ("super-light-green", Rgb(200, 242, 194)),
    ("dark-yellow", Rgb(224, 180, 0)),
    ("semi-dark-yellow", Rgb(242, 204, 12)),
    ("light-yellow", Rgb(255, 238, 82)),
    ("dark-blue", Rgb(31, 96, 196)),
    ("semi-dark-blue", Rgb(50, 116, 217)),
    ("light-blue", Rgb(138, 184, 255)),
    ("dark-orange", Rgb(250, 100, 0)),
    ("semi-dark-orange", Rgb(255, 120, 10)),
    ("light-orange", Rgb(255, 179, 87)),
    ("dark-red", Rgb(196, 22, 42)),
    ("semi-dark-red", Rgb(224, 47, 68)),
    ("light-red", Rgb(255, 115, 131)),
    ("dark-purple", Rgb(143, 59, 184)),
    ("cyan", Rgb(64, 201, 196)),
    ("gray", Rgb(142, 142, 142)),
];

/// Reads `green`, `semi-dark-red`, `#rrggbb` or `#rgb`.
pub fn parse_color(text: &str) -> Option<Rgb> {
    if let Some(hex) = text.strip_prefix('#') {
        let digit = |index: usize| u8::from_str_radix(hex.get(index..=index)?, 16).ok();
        return match hex.len() {
            3 => Some(Rgb(digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
            6 => {
                Some(Rgb(digit(0)? * 16 + digit(1)?, digit(2)? * 16 + digit(3)?, digit(4)? * 16 + digit(5)?))
            }
            _ => None,
        };
    }
    let text = if text == "grey" { "gray" } else { text };
    NAMED.iter().find(|(name, _)| *name == text).map(|(_, color)| *color)
}

/// The names that [`parse_color`] knows, for error messages and the schema.
pub fn color_names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

impl Theme {
    /// No colour and no Unicode beyond what the text itself has; for logs and tests.
    pub const PLAIN: Self = Self { depth: ColorDepth::None, marker: Marker::Braille };

    /// What a capable terminal gets.
    pub const TRUE_COLOR: Self = Self { depth: ColorDepth::True, marker: Marker::Braille };

    /// `color` at this terminal's depth; [`Color::Reset`] where there is none.
    pub fn color(&self, color: Rgb) -> Color {
        match self.depth {
            ColorDepth::None => Color::Reset,
            ColorDepth::Ansi16 => nearest_ansi(color),
            ColorDepth::Ansi256 => Color::Indexed(nearest_indexed(color)),
            ColorDepth::True => Color::Rgb(color.0, color.1, color.2),
        }
    }

    /// The colour of series number `index`; they repeat after twelve.
    pub fn series(&self, index: usize) -> Color {
        match self.depth {
            ColorDepth::Ansi16 => SERIES_ANSI[index % SERIES_ANSI.len()],
            _ => self.color(SERIES_COLORS[index % SERIES_COLORS.len()]),
        }
    }

    /// The colour of `ink`.
    pub fn ink(&self, ink: Ink) -> Color {
        match ink {
            Ink::Series(index) => self.series(index),
            Ink::Fixed(color) => self.color(color),
        }
    }

    /// The colour of heat `ratio` in 0..=1, from barely there to hot.
    pub fn heat(&self, ratio: f64) -> Color {
        // Anchors of matplotlib's "inferno" without its darkest end, which vanishes on black.
        const RAMP: [Rgb; 7] = [
            Rgb(40, 22, 80),
            Rgb(85, 15, 109),
            Rgb(136, 34, 106),
            Rgb(186, 54, 85),
            Rgb(227, 89, 51),
            Rgb(249, 140, 10),
            Rgb(252, 222, 120),
        ];
        const RAMP_ANSI: [Color; 5] =
            [Color::Blue, Color::Magenta, Color::Red, Color::LightRed, Color::LightYellow];
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        if self.depth == ColorDepth::Ansi16 {
            return RAMP_ANSI[((ratio * RAMP_ANSI.len() as f64) as usize).min(RAMP_ANSI.len() - 1)];
        }
        let position = ratio * (RAMP.len() - 1) as f64;
        let low = (position as usize).min(RAMP.len() - 2);
        let part = position - low as f64;
        let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
        let (a, b) = (RAMP[low], RAMP[low + 1]);
        self.color(Rgb(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2)))
    }

    /// Ordinary text: the terminal's own colours.
    pub fn text(&self) -> Style {
        Style::new()
    }

    /// Text and rules of less weight: axes, ages, hints.
    pub fn dim(&self) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::DIM),
            ColorDepth::Ansi16 => Style::new().fg(Color::DarkGray),
            _ => Style::new().fg(self.color(Rgb(128, 132, 140))),
        }
    }

    /// Rules between panels.
    pub fn rule(&self) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::DIM),
            ColorDepth::Ansi16 => Style::new().fg(Color::DarkGray),
            _ => Style::new().fg(self.color(Rgb(72, 76, 86))),
        }
    }

    /// A panel's title.
    pub fn title(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The focused panel's title and rule, the chosen entry of a list.
    pub fn focus(&self) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            _ => Style::new().fg(self.color(Rgb(87, 174, 255))).add_modifier(Modifier::BOLD),
        }
    }

    /// Something went wrong.
    pub fn error(&self) -> Style {
        self.signal(Rgb(255, 92, 92), Color::LightRed)
    }

    /// Something is old, odd or about to be wrong.
    pub fn warning(&self) -> Style {
        self.signal(Rgb(250, 200, 42), Color::Yellow)
    }

    /// Something is well.
    pub fn good(&self) -> Style {
        self.signal(Rgb(115, 191, 105), Color::Green)
    }

    /// A banner over the whole width for what must not be overlooked.
    pub fn banner(&self) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            ColorDepth::Ansi16 => Style::new().fg(Color::White).bg(Color::Red),
            _ => Style::new()
                .fg(self.color(Rgb(255, 255, 255)))
                .bg(self.color(Rgb(164, 32, 44)))
                .add_modifier(Modifier::BOLD),
        }
    }

    fn signal(&self, color: Rgb, ansi: Color) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::BOLD),
            ColorDepth::Ansi16 => Style::new().fg(ansi),
            _ => Style::new().fg(self.color(color)),
        }
    }
}

/// The nearest colour of the xterm cube (16..=231) or grey ramp (232..=255).
fn nearest_indexed(color: Rgb) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level =
        |part: u8| (0..LEVELS.len()).min_by_key(|index| LEVELS[*index].abs_diff(part)).unwrap_or_default();
    let (r, g, b) = (level(color.0), level(color.1), level(color.2));
    let average = (u16::from(color.0) + u16::from(color.1) + u16::from(color.2)) / 3;
    let gray = (average.saturating_sub(3) / 10).min(23) as u8;
    let gray_value = 8 + 10 * gray;
    if distance(color, Rgb(gray_value, gray_value, gray_value))
        < distance(color, Rgb(LEVELS[r], LEVELS[g], LEVELS[b]))
    {
        232 + gray
    } else {
        (16 + 36 * r + 6 * g + b) as u8
    }
}

/// The nearest of the 16, by the values that xterm gives them; never black.
fn nearest_ansi(color: Rgb) -> Color {
    const ANSI: [(Color, Rgb); 14] = [
        (Color::Red, Rgb(205, 0, 0)),
        (Color::Green, Rgb(0, 205, 0)),
        (Color::Yellow, Rgb(205, 205, 0)),
        (Color::Blue, Rgb(0, 0, 238)),
        (Color::Magenta, Rgb(205, 0, 205)),
        (Color::Cyan, Rgb(0, 205, 205)),
        (Color::Gray, Rgb(229, 229, 229)),
        (Color::DarkGray, Rgb(127, 127, 127)),
        (Color::LightRed, Rgb(255, 120, 60)),
        (Color::LightGreen, Rgb(150, 255, 150)),
        (Color::LightYellow, Rgb(255, 255, 150)),
        (Color::LightBlue, Rgb(92, 150, 255)),
        (Color::LightMagenta, Rgb(255, 150, 255)),
        (Color::LightCyan, Rgb(150, 255, 255)),
    ];
    ANSI.iter().min_by_key(|(_, rgb)| distance(color, *rgb)).map_or(Color::Gray, |(ansi, _)| *ansi)
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    part(a.0, b.0) + part(a.1, b.1) + part(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_by_name_and_by_hex() {
        assert_eq!(parse_color("red"), Some(Rgb(242, 73, 92)));
        assert_eq!(parse_color("#fff"), Some(Rgb(255, 255, 255)));
        assert_eq!(parse_color("#1a2B3c"), Some(Rgb(26, 43, 60)));
        for bad in ["", "#", "#12", "#gggggg", "#日本", "reddish"] {
            assert_eq!(parse_color(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_depth_keeps_the_first_series_apart() {
        for depth in [ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::True] {
            let theme = Theme { depth, marker: Marker::Braille };
            let colors: std::collections::HashSet<_> = (0..12).map(|index| theme.series(index)).collect();
            assert_eq!(colors.len(), 12, "{depth:?}");
        }
    }

    #[test]
    fn no_colour_means_none() {
        let theme = Theme::PLAIN;
        assert_eq!(theme.series(3), Color::Reset);
        assert_eq!(theme.error().fg, None);
        assert_eq!(theme.heat(f64::NAN), Color::Reset);
    }
}
