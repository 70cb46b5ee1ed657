//! What the environment says about colours, characters and the time zone; pure functions of variables.

use chrono_tz::Tz;

use crate::theme::{ColorDepth, Marker};

/// Looks up a variable; empty ones count as not set.
pub trait Variables {
    /// The value of `name`.
    fn get(&self, name: &str) -> Option<String>;
}

/// The process's own.
#[derive(Clone, Copy, Debug)]
pub struct Process;

impl Variables for Process {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
    }
}

impl Variables for [(&str, &str)] {
    fn get(&self, name: &str) -> Option<String> {
        let found = self.iter().find(|(key, _)| *key == name)?.1;
        Some(found.to_owned()).filter(|value| !value.is_empty())
    }
}

/// How many colours the terminal shows: `NO_COLOR`, then `COLORTERM`, then what `TERM` is known for.
pub fn color_depth(variables: &(impl Variables + ?Sized)) -> ColorDepth {
    let term = variables.get("TERM").unwrap_or_default();
    if variables.get("NO_COLOR").is_some()
        || matches!(term.as_str(), "dumb" | "" | "vt100" | "vt102" | "vt220")
    {
        return ColorDepth::None;
    }
    if term == "linux" {
        // The kernel's console takes 24-bit sequences and shows 16 colours.
        return ColorDepth::Ansi16;
    }
    let says = |suffixes: &[&str]| suffixes.iter().any(|suffix| term.ends_with(suffix));
    let colorterm = variables.get("COLORTERM").unwrap_or_default();
    // screen swallows 24-bit sequences, whatever the terminal around it had told.
    let swallows = term.starts_with("screen") && variables.get("TMUX").is_none();
    if !swallows && matches!(colorterm.as_str(), "truecolor" | "24bit") {
        return ColorDepth::True;
    }
    if says(&["-direct", "-truecolor"])
        || ["xterm-kitty", "xterm-ghostty", "alacritty", "foot"].contains(&&*term)
    {
        return ColorDepth::True;
    }
    if says(&["-256color", "-256"]) || !colorterm.is_empty() {
        return ColorDepth::Ansi256;
    }
    ColorDepth::Ansi16
}

/// Braille where the locale says UTF-8 or nothing at all (containers seldom set one), ASCII otherwise; `C` is ASCII.
pub fn marker(variables: &(impl Variables + ?Sized)) -> Marker {
    if variables.get("TERM").is_some_and(|term| term == "linux") {
        // The kernel console's fonts have no braille.
        return Marker::Ascii;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variables.get(name));
    let is_utf8 = |locale: String| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    if locale.is_none_or(is_utf8) { Marker::Braille } else { Marker::Ascii }
}

/// Whether the terminal's background is light, by what rxvt, Konsole and others put into `COLORFGBG`: the numbers of
/// its foreground and background among the 16, the background last.
pub fn is_light(variables: &(impl Variables + ?Sized)) -> bool {
    let colors = variables.get("COLORFGBG").unwrap_or_default();
    let background = colors.rsplit(';').next().and_then(|number| number.parse::<u8>().ok());
    background.is_some_and(|number| number == 7 || (9..=15).contains(&number))
}

/// The zone of the times shown: `TZ` if it names one, else `system` (what the machine is set to), else UTC.
pub fn zone(variables: &(impl Variables + ?Sized), system: Option<&str>) -> Tz {
    let named = variables.get("TZ");
    let named = named.as_deref().map(|name| {
        let name = name.trim_start_matches(':');
        // The form of a path: ":/usr/share/zoneinfo/Europe/Rome".
        name.split_once("zoneinfo/").map_or(name, |(_, name)| name)
    });
    named.into_iter().chain(system).find_map(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// The zone that the machine is set to, by its IANA name.
pub fn system_zone() -> Option<String> {
    iana_time_zone::get_timezone().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_the_terminal_has() {
        use ColorDepth::{Ansi16, Ansi256, None, True};
        for (variables, expected) in [
            (&[("TERM", "xterm-256color")][..], Ansi256),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], True),
            (&[("TERM", "xterm"), ("COLORTERM", "24bit")], True),
            (&[("TERM", "xterm"), ("COLORTERM", "yes")], Ansi256),
            (&[("TERM", "xterm-kitty")], True),
            (&[("TERM", "xterm-direct")], True),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("COLORTERM", "truecolor")], None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Ansi256),
            (&[("TERM", "linux"), ("COLORTERM", "truecolor")], Ansi16),
            (&[("TERM", "screen.xterm-256color"), ("COLORTERM", "truecolor")], Ansi256),
            (&[("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("TMUX", "/tmp/x")], True),
            (&[("TERM", "rxvt")], Ansi16),
            (&[("TERM", "vt100")], None),
            (&[("TERM", "dumb")], None),
            (&[], None),
        ] {
            assert_eq!(color_depth(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn braille_needs_a_terminal_that_shows_it() {
        use Marker::{Ascii, Braille};
        for (variables, expected) in [
            (&[("LANG", "de_DE.UTF-8")][..], Braille),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "de_DE.ISO-8859-1")], Ascii),
            (&[("LC_CTYPE", "en_US.utf8"), ("LANG", "en_US")], Braille),
            (&[("LANG", "en_US")], Ascii),
            (&[("LANG", "C.UTF-8"), ("TERM", "linux")], Ascii),
            (&[("LANG", "C")], Ascii),
            (&[], Braille),
        ] {
            assert_eq!(marker(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_light_background_is_told_by_its_number() {
        for (colors, expected) in [
            ("0;15", true),
            ("0;default;15", true),
            ("0;7", true),
            ("15;0", false),
            ("12;8", false),
            ("15;default", false),
            ("", false),
        ] {
            assert_eq!(is_light(&[("COLORFGBG", colors)][..]), expected, "{colors:?}");
        }
    }

    #[test]
    fn the_zone_is_the_one_named_or_the_machines() {
        for (named, system, expected) in [
            ("Europe/Berlin", Some("Asia/Tokyo"), "Europe/Berlin"),
            (":Europe/Berlin", None, "Europe/Berlin"),
            (":/usr/share/zoneinfo/America/New_York", None, "America/New_York"),
            ("", Some("Asia/Tokyo"), "Asia/Tokyo"),
            ("CET-1CEST", Some("Asia/Tokyo"), "Asia/Tokyo"),
            ("nonsense", None, "UTC"),
            ("", None, "UTC"),
        ] {
            assert_eq!(zone(&[("TZ", named)][..], system).name(), expected, "{named:?}");
        }
    }
}
