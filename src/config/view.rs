//! The parts of the configuration file that are about the picture: the theme, themes of one's own, the marker.
//!
//! A theme of one's own begins as one that ships and replaces what it names. It is built once, at the start, and lives
//! as long as the process: what draws holds a reference to it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::ConfigError;
use super::file::Place;
use crate::theme::palette::{Palette, Role, SERIES_COUNT};
use crate::theme::{self, Marker, Rgb};

/// What `auto` stands for.
const AUTO: &str = "auto";

/// Themes of one's own in a file.
const THEMES_LIMIT: usize = 100;

/// A theme that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeChoice {
    /// Dark or light, as the terminal is.
    Auto,
    /// Without colours.
    Monochrome,
    /// This one.
    Palette(&'static Palette),
}

/// What the configuration file says about the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The theme to use where no flag names one.
    pub theme: Option<ThemeChoice>,
    /// The marker to use where no flag names one.
    pub marker: Option<Marker>,
    /// Themes of one's own by name.
    pub themes: BTreeMap<String, &'static Palette>,
}

impl View {
    /// The theme called `name`, one's own before those that ship; an error lists those there are.
    pub fn theme(&self, name: &str) -> Result<ThemeChoice, String> {
        if let Some(palette) = self.themes.get(name).copied().or_else(|| theme::palette(name)) {
            return Ok(ThemeChoice::Palette(palette));
        }
        match name {
            AUTO => Ok(ThemeChoice::Auto),
            theme::MONOCHROME => Ok(ThemeChoice::Monochrome),
            _ => {
                let mut names: Vec<&str> = self.themes.keys().map(String::as_str).collect();
                for shipped in theme::theme_names().chain([AUTO]) {
                    names.push(shipped);
                }
                Err(format!("no theme is named {name:?}; there are: {}", names.join(", ")))
            }
        }
    }
}

/// The marker called `name`; an error lists those there are.
pub fn marker(name: &str) -> Result<Marker, String> {
    Marker::named(name).ok_or_else(|| {
        let names = Marker::NAMED.map(|(name, _)| name).join(", ");
        format!("no marker is named {name:?}; there are: {names}")
    })
}

/// A theme as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThemeEntry {
    base: Option<Spanned<String>>,
    background: Option<Spanned<String>>,
    text: Option<Spanned<String>>,
    dim: Option<Spanned<String>>,
    rule: Option<Spanned<String>>,
    focus: Option<Spanned<String>>,
    error: Option<Spanned<String>>,
    warning: Option<Spanned<String>>,
    good: Option<Spanned<String>>,
    code: Option<Spanned<String>>,
    banner: Option<Spanned<String>>,
    banner_background: Option<Spanned<String>>,
    track: Option<Spanned<String>>,
    series: Option<Spanned<Vec<Spanned<String>>>>,
    heat: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    colors: BTreeMap<String, Spanned<String>>,
}

/// Reads what the file says.
pub(super) fn view(
    chosen: Option<&Spanned<String>>,
    marker_name: Option<&Spanned<String>>,
    entries: BTreeMap<String, Spanned<ThemeEntry>>,
    here: &Place<'_>,
) -> Result<View, ConfigError> {
    let mut view = View::default();
    for (name, entry) in entries {
        if view.themes.len() >= THEMES_LIMIT {
            return Err(
                here.error(entry.referenced, format!("more than {THEMES_LIMIT} themes; leave some out"))
            );
        }
        if name == AUTO || theme::theme_names().any(|known| known == name) {
            let message = format!("{name:?} is a theme that ships; choose another name");
            return Err(here.error(entry.referenced, message));
        }
        let palette = entry.value.palette(&name, here)?;
        view.themes.insert(name, Box::leak(Box::new(palette)));
    }
    view.theme = chosen.map(|name| here.check(name, |name| view.theme(name))).transpose()?;
    view.marker = marker_name.map(|name| here.check(name, |name| marker(name))).transpose()?;
    Ok(view)
}

fn color(text: &str) -> Result<Rgb, String> {
    theme::parse_color(text).ok_or_else(|| {
        format!("{text:?} is no color; write '#rrggbb', or a name such as green or semi-dark-red")
    })
}

impl ThemeEntry {
    fn palette(&self, name: &str, here: &Place<'_>) -> Result<Palette, ConfigError> {
        let base = match &self.base {
            None => theme::default_palette(false),
            Some(base) => here.check(base, |base| {
                theme::palette(base).ok_or_else(|| {
                    let names: Vec<&str> =
                        theme::theme_names().filter(|name| theme::palette(name).is_some()).collect();
                    format!("no theme is named {base:?}; a base is one of: {}", names.join(", "))
                })
            })?,
        };
        let mut palette = Palette { name: String::leak(name.to_owned()), adapt: true, ..*base };
        let given = |color_text: &Option<Spanned<String>>| {
            color_text.as_ref().map(|text| here.check(text, |text| color(text))).transpose()
        };
        if let Some(background) = given(&self.background)? {
            palette.background = background;
            palette.paint = true;
        }
        if let Some(text) = given(&self.text)? {
            palette.foreground = text;
            palette.paint = true;
        }
        let is_light = palette.is_light();
        let role = |rgb: Rgb| Role { rgb, ansi: theme::nearest_ansi(rgb, is_light) };
        for (text, place) in [
            (&self.dim, &mut palette.dim),
            (&self.rule, &mut palette.rule),
            (&self.focus, &mut palette.focus),
            (&self.error, &mut palette.error),
            (&self.warning, &mut palette.warning),
            (&self.good, &mut palette.good),
            (&self.code, &mut palette.code),
            (&self.banner, &mut palette.banner),
            (&self.banner_background, &mut palette.banner_background),
        ] {
            if let Some(rgb) = given(text)? {
                *place = role(rgb);
            }
        }
        if let Some(track) = given(&self.track)? {
            palette.track = track;
        }
        for (index, rgb) in list(self.series.as_ref(), 1..=SERIES_COUNT, here)?.into_iter().enumerate() {
            palette.series[index] = rgb;
            palette.series_ansi[index] = theme::nearest_ansi(rgb, is_light);
        }
        if self.heat.is_some() {
            let heat = list(self.heat.as_ref(), palette.heat.len()..=palette.heat.len(), here)?;
            palette.heat.copy_from_slice(&heat);
            // Of the seven, the five that lie evenly between the ends.
            let places = [0, 2, 3, 5, 6];
            palette.heat_ansi = places.map(|place| theme::nearest_ansi(heat[place], is_light));
        }
        for (name, text) in &self.colors {
            let Some(index) = theme::color_index(name) else {
                let names: Vec<&str> = theme::color_names().collect();
                let message = format!("{name:?} is no name of a color; there are: {}", names.join(", "));
                return Err(here.error(text.referenced, message));
            };
            palette.named[index] = here.check(text, |text| color(text))?;
        }
        Ok(palette)
    }
}

/// The colours of a list that has as many as `counts` says; none where there is no list.
fn list(
    colors: Option<&Spanned<Vec<Spanned<String>>>>,
    counts: std::ops::RangeInclusive<usize>,
    here: &Place<'_>,
) -> Result<Vec<Rgb>, ConfigError> {
    let Some(colors) = colors else { return Ok(Vec::new()) };
    let count = colors.value.len();
    if !counts.contains(&count) {
        let (least, most) = (counts.start(), counts.end());
        let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
        return Err(here.error(colors.referenced, format!("{count} colors; give {wanted}")));
    }
    colors.value.iter().map(|text| here.check(text, |text| color(text))).collect()
}
