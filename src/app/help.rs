//! The help: the dashboard's own actions, notes and links, and the table of keys.

use crate::app::state::State;
use crate::keymap;
use crate::text;

/// Lines that one entry takes at most.
const ENTRY_LINES: usize = 8;
/// Cells around and between keys and words, the frame's included.
const AROUND_CELLS: usize = 8;
/// Cells of a line of words however narrow the screen is.
const WORDS_MIN_CELLS: usize = 10;

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// As they are written; empty in headings, and where an entry goes on.
    pub keys: String,
    /// What they do, or the heading.
    pub about: String,
    /// Whether it is a heading.
    pub is_heading: bool,
}

/// The whole help, as wide as the screen allows: what is longer goes on in the next line.
pub fn help_lines(state: &State) -> Vec<HelpLine> {
    let entries = entries(state);
    let keys = entries.iter().map(|line| text::width(&line.keys)).max().unwrap_or_default();
    let room = usize::from(state.size.0).saturating_sub(AROUND_CELLS + keys).max(WORDS_MIN_CELLS);
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        let (mut keys, is_heading) = (entry.keys, entry.is_heading);
        for about in text::wrap(&entry.about, room, ENTRY_LINES) {
            lines.push(HelpLine { keys: std::mem::take(&mut keys), about, is_heading });
        }
    }
    lines
}

fn entries(state: &State) -> Vec<HelpLine> {
    let heading = |title: &str| HelpLine { keys: String::new(), about: title.to_owned(), is_heading: true };
    let entry = |keys: String, about: &str| HelpLine { keys, about: about.to_owned(), is_heading: false };
    let mut lines = Vec::new();
    if let Some(dashboard) = state.dashboard() {
        if !dashboard.actions.is_empty() {
            lines.push(heading("Actions of this dashboard"));
            lines.extend(dashboard.actions.iter().map(|action| entry(action.key.to_string(), &action.title)));
        }
        if !dashboard.notes.is_empty() {
            lines.push(heading("Notes on this dashboard"));
            lines.extend(dashboard.notes.iter().map(|note| {
                entry(note.line.map_or_else(|| "-".to_owned(), |line| format!("line {line}")), &note.message)
            }));
        }
        if !dashboard.links.is_empty() {
            lines.push(heading("Links of this dashboard"));
            let link = |link: &crate::dashboard::Link| {
                let name = if link.title.is_empty() { String::new() } else { format!("{}: ", link.title) };
                entry("-".to_owned(), &format!("{name}{}", link.url))
            };
            lines.extend(dashboard.links.iter().map(link));
        }
    }
    for (group, bindings) in keymap::groups() {
        lines.push(heading(group));
        lines.extend(bindings.iter().map(|binding| {
            let keys = binding.keys.iter().map(|key| keymap::name(*key)).collect::<Vec<_>>().join(" ");
            entry(keys, binding.about)
        }));
    }
    lines.push(heading("Mouse"));
    let mouse = [
        ("click", "focus a panel, place the crosshair, open or collapse a row by its title"),
        ("double click", "full screen, and back"),
        ("drag", "zoom to the range under it"),
        ("click a legend", "show that series alone, and all"),
        ("ctrl-click", "hide that series, and show it"),
        ("wheel", "scroll"),
    ];
    lines.extend(mouse.map(|(keys, about)| entry(keys.to_owned(), about)));
    lines
}
