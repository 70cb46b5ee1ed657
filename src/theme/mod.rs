//! Colours and markers: what a role looks like in true colour, 256 colours, 16 colours, none, and in plain ASCII.

pub mod contrast;
mod filled;
pub mod palette;
pub mod palettes;
#[cfg(test)]
mod tests;

use ratatui::style::{Color, Modifier, Style};

use self::palette::{COLOR_NAMES, Palette, Role, SERIES_COUNT};
use self::palettes::{DARK, LIGHT, PALETTES};

/// The least contrast of text and of colours that a dashboard gives, by WCAG 2 level AA.
pub const TEXT_CONTRAST: f64 = 4.5;

/// The theme that is no palette: bold and dim only, whatever the terminal can show.
pub const MONOCHROME: &str = "monochrome";

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
    /// Two by four blocks a cell, without gaps; new in Unicode 16, which few fonts have.
    Octant,
    /// Two by two blocks a cell.
    Quadrant,
    /// One by two blocks a cell.
    HalfBlock,
    /// One dot a cell.
    Dot,
    /// Characters of ASCII only, for poor fonts and consoles.
    Ascii,
}

impl Marker {
    /// All of them by name, the finest first.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("braille", Self::Braille),
        ("octant", Self::Octant),
        ("quadrant", Self::Quadrant),
        ("half-block", Self::HalfBlock),
        ("dot", Self::Dot),
        ("ascii", Self::Ascii),
    ];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, marker)| *marker)
    }

    /// Whether dots join to blocks, so that an area hides a line that it shares a cell with.
    pub fn is_block(self) -> bool {
        matches!(self, Self::Octant | Self::Quadrant | Self::HalfBlock)
    }
}

/// A colour as the dashboard or the theme names it, before the terminal's depth is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// The colours; those of a person's own theme are made once and live as long as the process.
    pub palette: &'static Palette,
}

/// Reads `green`, `semi-dark-red`, `#rrggbb` or `#rgb`. A name is kept as the dark theme's colour; [`Theme::color`]
/// knows it again, and shows the theme's own.
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
    color_index(text).map(|index| DARK.named[index])
}

/// The place of a colour's name in [`COLOR_NAMES`].
pub fn color_index(name: &str) -> Option<usize> {
    let name = if name == "grey" { "gray" } else { name };
    COLOR_NAMES.iter().position(|known| *known == name)
}

/// The names that [`parse_color`] knows, for error messages and the schema.
pub fn color_names() -> impl Iterator<Item = &'static str> {
    COLOR_NAMES.into_iter()
}

/// The names of the themes that ship.
pub fn theme_names() -> impl Iterator<Item = &'static str> {
    PALETTES.iter().map(|palette| palette.name).chain([MONOCHROME])
}

/// The colours of the theme called `name`; none for [`MONOCHROME`].
pub fn palette(name: &str) -> Option<&'static Palette> {
    PALETTES.iter().copied().find(|palette| palette.name == name)
}

/// The palette where nobody chose one, on a terminal that is light or not.
pub fn default_palette(is_light: bool) -> &'static Palette {
    if is_light { &LIGHT } else { &DARK }
}

impl Theme {
    /// No colour and no Unicode beyond what the text itself has; for logs and tests.
    pub const PLAIN: Self = Self { depth: ColorDepth::None, marker: Marker::Braille, palette: &DARK };

    /// What a capable terminal gets.
    pub const TRUE_COLOR: Self = Self { depth: ColorDepth::True, marker: Marker::Braille, palette: &DARK };

    /// Whether only ASCII may be written.
    pub fn is_ascii(&self) -> bool {
        self.marker == Marker::Ascii
    }

    /// Whether series are told apart by letters, for want of colours; ASCII draws each with a character of its own.
    pub fn has_letters(&self) -> bool {
        self.depth == ColorDepth::None && !self.is_ascii()
    }

    /// A dashboard's `color` in this theme, at this terminal's depth; [`Color::Reset`] where there is none.
    pub fn color(&self, color: Rgb) -> Color {
        if self.depth == ColorDepth::None { Color::Reset } else { self.exact(self.rgb(color)) }
    }

    /// A dashboard's `color` in this theme: a name's as the theme has it, one given by number made readable.
    pub fn rgb(&self, color: Rgb) -> Rgb {
        match DARK.named.iter().position(|named| *named == color) {
            Some(index) => self.palette.named[index],
            None if self.palette.adapt => contrast::readable(color, self.palette.background, TEXT_CONTRAST),
            None => color,
        }
    }

    /// Text that can be read on `color`; plain where there are no colours.
    pub fn text_on(&self, color: Rgb) -> Style {
        if self.depth == ColorDepth::None {
            return Style::new();
        }
        let ground = self.rgb(color);
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        let is_light = contrast::contrast(ground, black) >= contrast::contrast(ground, white);
        let text = match self.depth {
            ColorDepth::Ansi16 if is_light => Color::Black,
            ColorDepth::Ansi16 => Color::White,
            _ => self.exact(if is_light { black } else { white }),
        };
        Style::new().fg(text).bg(self.exact(ground))
    }

    /// `color` as it is, at this terminal's depth.
    fn exact(&self, color: Rgb) -> Color {
        match self.depth {
            ColorDepth::None => Color::Reset,
            ColorDepth::Ansi16 => nearest_ansi(color, self.palette.is_light()),
            ColorDepth::Ansi256 => Color::Indexed(nearest_indexed(color)),
            ColorDepth::True => Color::Rgb(color.0, color.1, color.2),
        }
    }

    /// `color` with this part of its strength, for what lies behind: towards black on dark terminals, towards white on
    /// light ones. As it is where there are 16 colours.
    pub fn weaker(&self, color: Rgb, part: f64) -> Color {
        if self.depth == ColorDepth::Ansi16 {
            return self.exact(color);
        }
        let end = if self.palette.is_light() { 255.0 } else { 0.0 };
        let mix = |value: u8| (end + (f64::from(value) - end) * part) as u8;
        self.exact(Rgb(mix(color.0), mix(color.1), mix(color.2)))
    }

    /// The colour of series number `index` in 24 bits; they repeat after twelve.
    pub fn series_rgb(&self, index: usize) -> Rgb {
        self.palette.series[index % SERIES_COUNT]
    }

    /// The colour of series number `index`; they repeat after twelve.
    pub fn series(&self, index: usize) -> Color {
        match self.depth {
            ColorDepth::Ansi16 => self.palette.series_ansi[index % SERIES_COUNT],
            _ => self.exact(self.series_rgb(index)),
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
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        if self.depth == ColorDepth::Ansi16 {
            let ramp = &self.palette.heat_ansi;
            return ramp[((ratio * ramp.len() as f64) as usize).min(ramp.len() - 1)];
        }
        let ramp = &self.palette.heat;
        let position = ratio * (ramp.len() - 1) as f64;
        let low = (position as usize).min(ramp.len() - 2);
        let part = position - low as f64;
        let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
        let (a, b) = (ramp[low], ramp[low + 1]);
        self.exact(Rgb(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2)))
    }

    /// The empty part of a bar, and a zero among heat.
    pub fn track(&self) -> Color {
        self.exact(self.palette.track)
    }

    /// Ordinary text: the terminal's own colours.
    pub fn text(&self) -> Style {
        Style::new()
    }

    /// Text and rules of less weight: axes, ages, hints.
    pub fn dim(&self) -> Style {
        self.quiet(self.palette.dim)
    }

    /// Rules between panels.
    pub fn rule(&self) -> Style {
        self.quiet(self.palette.rule)
    }

    /// A panel's title; in the colour of text on whatever rule it is written over.
    pub fn title(&self) -> Style {
        Style::new().fg(Color::Reset).add_modifier(Modifier::BOLD).remove_modifier(Modifier::DIM)
    }

    /// The focused panel's title and rule, the chosen entry of a list.
    pub fn focus(&self) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            _ => Style::new().fg(self.role(self.palette.focus)).add_modifier(Modifier::BOLD),
        }
    }

    /// Something went wrong.
    pub fn error(&self) -> Style {
        self.signal(self.palette.error)
    }

    /// Something is old, odd or about to be wrong.
    pub fn warning(&self) -> Style {
        self.signal(self.palette.warning)
    }

    /// Something is well.
    pub fn good(&self) -> Style {
        self.signal(self.palette.good)
    }

    /// A line over the whole width for what is good to know.
    pub fn notice(&self) -> Style {
        self.good().add_modifier(Modifier::BOLD)
    }

    /// Code in texts.
    pub fn code(&self) -> Style {
        self.signal(self.palette.code)
    }

    /// The letter of a series, where it has one.
    pub fn letter(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A banner over the whole width for what must not be overlooked.
    pub fn banner(&self) -> Style {
        let (text, background) = (self.palette.banner, self.palette.banner_background);
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            ColorDepth::Ansi16 => Style::new().fg(text.ansi).bg(background.ansi),
            _ => {
                let style = Style::new().fg(self.exact(text.rgb)).bg(self.exact(background.rgb));
                style.add_modifier(Modifier::BOLD)
            }
        }
    }

    /// What to write on and with where the theme paints its own ground: background and foreground.
    pub fn ground(&self) -> Option<(Color, Color)> {
        let is_painted = self.palette.paint && self.depth != ColorDepth::None;
        is_painted.then(|| (self.ground_color(self.palette.background), self.exact(self.palette.foreground)))
    }

    /// As [`Theme::exact`], with black among the 16.
    fn ground_color(&self, color: Rgb) -> Color {
        match self.depth {
            ColorDepth::Ansi16 if self.palette.is_light() => Color::White,
            ColorDepth::Ansi16 => Color::Black,
            _ => self.exact(color),
        }
    }

    fn role(&self, role: Role) -> Color {
        if self.depth == ColorDepth::Ansi16 { role.ansi } else { self.exact(role.rgb) }
    }

    fn quiet(&self, role: Role) -> Style {
        match self.depth {
            ColorDepth::None => Style::new().add_modifier(Modifier::DIM),
            _ => Style::new().fg(self.role(role)),
        }
    }

    fn signal(&self, role: Role) -> Style {
        let style = match self.depth {
            ColorDepth::None => return Style::new().add_modifier(Modifier::BOLD),
            _ => Style::new().fg(self.role(role)),
        };
        if self.palette.bold { style.add_modifier(Modifier::BOLD) } else { style }
    }
}

/// The letter of series number `index` where colours are missing: a to z, then A to Z. There are no more: a letter that
/// two series share tells nothing, and lines full of letters show nothing.
pub fn letter(index: usize) -> Option<char> {
    let place = u8::try_from(index).ok().filter(|place| *place < 52)?;
    Some(char::from(if place < 26 { b'a' + place } else { b'A' + place - 26 }))
}

/// What the xterm palette has at `index`, from 16 on: the cube and the grey ramp.
pub fn indexed(index: u8) -> Rgb {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    if index >= 232 {
        let gray = 8 + 10 * (index - 232);
        return Rgb(gray, gray, gray);
    }
    let index = usize::from(index.saturating_sub(16));
    Rgb(LEVELS[index / 36], LEVELS[index / 6 % 6], LEVELS[index % 6])
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

/// The nearest of the 16, by the values that xterm gives them; never black, and none of the pale ones on a light
/// background.
pub fn nearest_ansi(color: Rgb, on_light: bool) -> Color {
    const ANSI: [(Color, Rgb); 14] = [
        (Color::Red, Rgb(205, 0, 0)),
        (Color::Green, Rgb(0, 205, 0)),
        (Color::Yellow, Rgb(205, 205, 0)),
        (Color::Blue, Rgb(0, 0, 238)),
        (Color::Magenta, Rgb(205, 0, 205)),
        (Color::Cyan, Rgb(0, 205, 205)),
        (Color::DarkGray, Rgb(127, 127, 127)),
        (Color::LightRed, Rgb(255, 120, 60)),
        (Color::LightBlue, Rgb(92, 150, 255)),
        (Color::Gray, Rgb(229, 229, 229)),
        (Color::LightGreen, Rgb(150, 255, 150)),
        (Color::LightYellow, Rgb(255, 255, 150)),
        (Color::LightMagenta, Rgb(255, 150, 255)),
        (Color::LightCyan, Rgb(150, 255, 255)),
    ];
    const PALE: usize = 5;
    let offered = if on_light { &ANSI[..ANSI.len() - PALE] } else { &ANSI[..] };
    offered.iter().min_by_key(|(_, rgb)| distance(color, *rgb)).map_or(Color::Gray, |(ansi, _)| *ansi)
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    part(a.0, b.0) + part(a.1, b.1) + part(a.2, b.2)
}
