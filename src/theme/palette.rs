//! What a theme is made of: one colour for each role, series, heat and name that dashboards use.

use ratatui::style::Color;

use super::Rgb;

/// Series that have a colour of their own.
pub const SERIES_COUNT: usize = 12;

/// Colour names that dashboards use, Grafana's, in the order of [`Palette::named`].
pub const COLOR_NAMES: [&str; 25] = [
    "green",
    "yellow",
    "blue",
    "orange",
    "red",
    "purple",
    "dark-green",
    "semi-dark-green",
    "light-green",
    "super-light-green",
    "dark-yellow",
    "semi-dark-yellow",
    "light-yellow",
    "dark-blue",
    "semi-dark-blue",
    "light-blue",
    "dark-orange",
    "semi-dark-orange",
    "light-orange",
    "dark-red",
    "semi-dark-red",
    "light-red",
    "dark-purple",
    "cyan",
    "gray",
];

/// A colour in 24 bits, and which of the terminal's own 16 stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// In 24 bits.
    pub rgb: Rgb,
    /// Of the 16.
    pub ansi: Color,
}

/// The colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// What it is called.
    pub name: &'static str,
    /// What the terminal is assumed to have behind the text; pictures for files are painted on it.
    pub background: Rgb,
    /// What the terminal is assumed to write ordinary text in; the colour of text in pictures for files.
    pub foreground: Rgb,
    /// The two above are painted on the terminal, in place of its own.
    pub paint: bool,
    /// Colours that a dashboard gives by number are made readable on the background.
    pub adapt: bool,
    /// Errors, warnings and the like are bold.
    pub bold: bool,
    /// Text of less weight: axes, ages, hints.
    pub dim: Role,
    /// Rules between panels and beside axes.
    pub rule: Role,
    /// The focused panel and the chosen entry.
    pub focus: Role,
    /// Something went wrong.
    pub error: Role,
    /// Something is old or odd.
    pub warning: Role,
    /// Something is well.
    pub good: Role,
    /// Code in texts.
    pub code: Role,
    /// Text of the banner for what must not be overlooked.
    pub banner: Role,
    /// Its background.
    pub banner_background: Role,
    /// The empty part of a bar, and a zero among heat: decoration, next to no contrast.
    pub track: Rgb,
    /// The series, in order.
    pub series: [Rgb; SERIES_COUNT],
    /// The same of the terminal's 16.
    pub series_ansi: [Color; SERIES_COUNT],
    /// What [`COLOR_NAMES`] mean.
    pub named: [Rgb; COLOR_NAMES.len()],
    /// From barely there to hot.
    pub heat: [Rgb; 7],
    /// The same of the terminal's 16.
    pub heat_ansi: [Color; 5],
}

impl Palette {
    /// Whether text is darker than what is behind it.
    pub fn is_light(&self) -> bool {
        super::contrast::luminance(self.background) > 0.18
    }
}
