//! Flags about what is shown: range, refresh, zone, colours.

use std::str::FromStr;

use anyhow::{Context, anyhow, bail};
use chrono_tz::Tz;
use clap::Args;

use crate::app::Settings;
use crate::app::variables::Given;
use crate::config::{self, ThemeChoice, View};
use crate::dashboard::REFRESH_MIN_MS;
use crate::runtime::{self, environment};
use crate::source::Source;
use crate::theme::{self, ColorDepth, Marker, Theme};
use crate::time_range::{TimeRange, format_duration, parse_duration_ms};

/// The flags.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "View")]
pub(super) struct ViewArgs {
    /// Show the last 15m, 6h, 7d ... instead of the dashboard's own range
    #[arg(long, value_name = "DURATION", conflicts_with_all = ["from", "to"])]
    range: Option<String>,
    /// Start of the range: now-6h, now/d, '2026-01-31 14:00' (in --timezone, else local), RFC 3339 or Unix seconds
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// End of the range, in the same forms
    #[arg(long, value_name = "TIME", default_value = "now", requires = "from")]
    to: String,
    /// Ask again every 5s, 1m ... or off, instead of the dashboard's own refresh
    #[arg(long, value_name = "DURATION")]
    refresh: Option<String>,
    /// Zone of times, such as Europe/Berlin, UTC or local [default: the dashboard's, or local]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// When to use colours; auto asks the environment
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: ColorWhen,
    /// Theme: auto, dark, light, high-contrast, color-blind, color-blind-light, monochrome, or one of the
    /// configuration file [default: the configuration file's, or auto]
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// What lines are drawn with: braille, octant, quadrant, half-block, dot or ascii [default: the configuration
    /// file's, or braille where the terminal can]
    #[arg(long, value_name = "NAME", conflicts_with = "ascii")]
    marker: Option<String>,
    /// Value of a variable; repeat it for several variables, or several values of one
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// Draw with ASCII characters only
    #[arg(long)]
    ascii: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ColorWhen {
    /// What the terminal can do.
    Auto,
    /// True colour.
    Always,
    /// None.
    Never,
}

/// What the output goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    /// A terminal with a person before it.
    Terminal,
    /// One frame for a pipe or file.
    None,
}

impl ViewArgs {
    /// The settings that the flags and the terminal give together.
    pub(super) fn settings(
        &self,
        source: &dyn Source,
        scrape_interval_ms: Option<i64>,
        view: &View,
        screen: Screen,
        now_ms: i64,
    ) -> anyhow::Result<Settings> {
        let zone = zone(self.timezone.as_deref().unwrap_or("local"))?;
        Ok(Settings {
            address: source.address().to_owned(),
            zone,
            is_zone_chosen: self.timezone.is_some(),
            theme: self.theme(view, screen)?,
            range: self.time_range(now_ms, zone)?,
            refresh_ms: self.refresh.as_deref().map(refresh_ms).transpose()?,
            scrape_interval_ms,
            headless: screen == Screen::None,
            variables: Given(self.variables.clone()),
            datasources: Vec::new(),
        })
    }

    fn time_range(&self, now_ms: i64, zone: Tz) -> anyhow::Result<Option<TimeRange>> {
        if let Some(range) = &self.range {
            return Ok(Some(TimeRange::last(parse_duration_ms(range).context("--range")?)));
        }
        let Some(from) = &self.from else { return Ok(None) };
        Ok(Some(TimeRange::parse(from, &self.to, now_ms, zone).context("--from and --to")?))
    }

    fn theme(&self, view: &View, screen: Screen) -> anyhow::Result<Theme> {
        let mut theme = runtime::detect_theme();
        match self.color {
            ColorWhen::Always => theme.depth = ColorDepth::True,
            ColorWhen::Never => theme.depth = ColorDepth::None,
            // A frame for a file is not drawn for the terminal that happens to be around.
            ColorWhen::Auto if screen == Screen::None => {
                let is_wanted = environment::Variables::get(&environment::Process, "NO_COLOR").is_none();
                theme.depth = if is_wanted { ColorDepth::True } else { ColorDepth::None };
            }
            ColorWhen::Auto => {}
        }
        if screen == Screen::None {
            theme.marker = Marker::Braille;
            theme.palette = theme::default_palette(false);
        }
        let marker = self.marker.as_deref().map(config::marker).transpose();
        let marker = marker.map_err(|message| anyhow!("--marker: {message}"))?.or(view.marker);
        theme.marker = if self.ascii { Marker::Ascii } else { marker.unwrap_or(theme.marker) };
        let named = self.theme.as_deref().map(|name| view.theme(name)).transpose();
        match named.map_err(|message| anyhow!("--theme: {message}"))?.or(view.theme) {
            None | Some(ThemeChoice::Auto) => {}
            Some(ThemeChoice::Monochrome) => theme.depth = ColorDepth::None,
            Some(ThemeChoice::Palette(palette)) => theme.palette = palette,
        }
        Ok(theme)
    }
}

/// Reads `--var`.
pub(super) fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as host=web-1")?;
    let name = name.trim().trim_start_matches('$');
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!("{name:?} is no name of a variable; write NAME=VALUE, such as host=web-1"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Reads `--timezone`.
pub(super) fn zone(name: &str) -> anyhow::Result<Tz> {
    if name == "local" {
        return Ok(runtime::local_zone());
    }
    let known = if name.eq_ignore_ascii_case("utc") { Some(Tz::UTC) } else { Tz::from_str(name).ok() };
    known.with_context(|| {
        format!("--timezone: {name:?} is no zone; write Europe/Berlin, America/New_York, UTC or local")
    })
}

/// Reads `--refresh`; `None` is never.
fn refresh_ms(text: &str) -> anyhow::Result<Option<i64>> {
    if matches!(text, "off" | "never" | "0") {
        return Ok(None);
    }
    let ms = parse_duration_ms(text).context("--refresh")?;
    if ms < REFRESH_MIN_MS {
        bail!("--refresh: {text:?} is too short; the least is {}", format_duration(REFRESH_MIN_MS));
    }
    Ok(Some(ms))
}
