//! What to export, and what the file is called.

use chrono::DateTime;

use crate::app::state::State;

/// Characters of a dashboard's or panel's title in a file's name.
const SLUG_LIMIT_CHARS: usize = 40;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Plain text.
    Text,
    /// Text with the sequences that a terminal takes for colours.
    Ansi,
    /// A picture that scales.
    Svg,
    /// A picture of pixels.
    Png,
    /// Each panel with its state and the values it shows.
    Json,
    /// Every sample that the panels were drawn from.
    Csv,
}

impl ExportFormat {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Svg, Self::Png, Self::Text, Self::Ansi, Self::Json, Self::Csv];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Ansi => "ansi",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            other => other.name(),
        }
    }

    /// A few words for the list.
    pub fn about(self) -> &'static str {
        match self {
            Self::Svg => "picture that scales",
            Self::Png => "picture of pixels",
            Self::Text => "plain text",
            Self::Ansi => "text with colours",
            Self::Json => "values shown",
            Self::Csv => "all samples",
        }
    }
}

/// A wish for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// As what.
    pub format: ExportFormat,
    /// One panel on the whole screen; `None` is the screen as it is.
    pub panel: Option<usize>,
    /// The file's name without its extension; letters, digits and hyphens only.
    pub stem: String,
}

impl Export {
    /// The wish for what `state` shows at `now_ms`.
    pub fn new(state: &State, format: ExportFormat, panel: Option<usize>, now_ms: i64) -> Self {
        let dashboard = state.dashboard();
        let title = dashboard.map(|dashboard| dashboard.title.as_str()).unwrap_or_default();
        let panel_title = panel.and_then(|index| Some(&*dashboard?.panels.get(index)?.title));
        let at = DateTime::from_timestamp_millis(now_ms)
            .map(|at| at.with_timezone(&state.zone()).format("%Y%m%d-%H%M%S").to_string());
        let parts = [Some("promscope".to_owned()), Some(slug(title)), panel_title.map(slug), at];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        Self { format, panel, stem: parts.join("-") }
    }
}

/// Letters and digits in lower case, hyphens for all else: a name that any file system takes.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars().take(SLUG_LIMIT_CHARS) {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_leads_nowhere_else() {
        assert_eq!(slug("Cat facts"), "cat-facts");
        assert_eq!(slug("../../etc/passwd\u{1b}[2J"), "etc-passwd-2j");
        assert_eq!(slug("日本"), "");
        assert_eq!(slug(&"x".repeat(500)).len(), SLUG_LIMIT_CHARS);
    }

    #[test]
    fn formats_are_found_by_their_names() {
        for format in ExportFormat::ALL {
            assert_eq!(ExportFormat::named(format.name()), Some(format));
        }
        assert_eq!(ExportFormat::named("gif"), None);
    }
}
