//! The one table from keys to commands; footer, help and the README's key table derive from it.

use crate::app::{Command, Key, KeyCode};

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Any of these triggers it.
    pub keys: &'static [Key],
    /// The wish.
    pub command: Command,
    /// The section of the help.
    pub group: &'static str,
    /// What it does.
    pub about: &'static str,
    /// A word for the footer, for the few that a newcomer needs first.
    pub footer: Option<&'static str>,
}

const fn char(character: char) -> Key {
    Key::char(character)
}

const fn key(code: KeyCode) -> Key {
    Key::plain(code)
}

const fn ctrl(code: KeyCode) -> Key {
    Key { code, ctrl: true, alt: false }
}

const fn bind(
    keys: &'static [Key],
    command: Command,
    group: &'static str,
    about: &'static str,
    footer: Option<&'static str>,
) -> Binding {
    Binding { keys, command, group, about, footer }
}

const PANELS: &str = "Panels";
const TIME: &str = "Time";
const CROSSHAIR: &str = "With the crosshair";
const DATA: &str = "Data";
const PROGRAM: &str = "Program";

/// All keys.
pub static BINDINGS: &[Binding] = &[
    bind(&[char('?'), key(KeyCode::F(1))], Command::Help, PROGRAM, "show or hide this help", Some("help")),
    bind(&[char('q'), Key::ctrl('c')], Command::Quit, PROGRAM, "quit", Some("quit")),
    bind(
        &[char('h'), key(KeyCode::Left)],
        Command::FocusLeft,
        PANELS,
        "focus the panel to the left; scroll columns",
        None,
    ),
    bind(
        &[char('l'), key(KeyCode::Right)],
        Command::FocusRight,
        PANELS,
        "focus the panel to the right; scroll columns",
        None,
    ),
    bind(&[char('k'), key(KeyCode::Up)], Command::FocusUp, PANELS, "focus the panel above", None),
    bind(&[char('j'), key(KeyCode::Down)], Command::FocusDown, PANELS, "focus the panel below", None),
    bind(&[key(KeyCode::Tab)], Command::FocusNext, PANELS, "focus the next panel", None),
    bind(&[key(KeyCode::BackTab)], Command::FocusPrevious, PANELS, "focus the previous panel", None),
    bind(&[char('g'), key(KeyCode::Home)], Command::FocusFirst, PANELS, "focus the first panel", None),
    bind(&[char('G'), key(KeyCode::End)], Command::FocusLast, PANELS, "focus the last panel", None),
    bind(&[key(KeyCode::PageUp), Key::ctrl('u'), Key::ctrl('b')], Command::PageUp, PANELS, "scroll up", None),
    bind(
        &[key(KeyCode::PageDown), Key::ctrl('d'), Key::ctrl('f')],
        Command::PageDown,
        PANELS,
        "scroll down",
        None,
    ),
    bind(
        &[key(KeyCode::Enter), char('v')],
        Command::FullScreen,
        PANELS,
        "the focused panel on the whole screen, and back",
        Some("full screen"),
    ),
    bind(
        &[char('z')],
        Command::ToggleRow,
        PANELS,
        "collapse the focused panel's row to its title, or open it",
        None,
    ),
    bind(
        &[char('o')],
        Command::Overview,
        PANELS,
        "overview: a line a series instead of pictures, and back",
        Some("overview"),
    ),
    bind(&[char('/')], Command::Search, PANELS, "find a panel by its title or queries", Some("find")),
    bind(
        &[char('i')],
        Command::Inspect,
        PANELS,
        "inspect the focused panel's queries: as asked, timing, raw rows",
        Some("inspect"),
    ),
    bind(
        &[char('y')],
        Command::Copy,
        PANELS,
        "copy the focused panel's values; its queries while they are inspected",
        None,
    ),
    bind(&[key(KeyCode::Esc)], Command::Back, PANELS, "back: close what is open, dismiss a message", None),
    bind(&[char('t')], Command::PickRange, TIME, "choose the time range, or type one", Some("time")),
    bind(&[char('+'), char('=')], Command::ZoomIn, TIME, "zoom in: half the range", None),
    bind(&[char('-')], Command::ZoomOut, TIME, "zoom out: twice the range", None),
    bind(&[char('<'), char('[')], Command::Earlier, TIME, "half a range earlier", None),
    bind(&[char('>'), char(']')], Command::Later, TIME, "half a range later", None),
    bind(&[char('0')], Command::ResetRange, TIME, "back to the dashboard's own range", None),
    bind(&[key(KeyCode::Backspace)], Command::RangeBack, TIME, "back to the range before", None),
    bind(
        &[char('x')],
        Command::Crosshair,
        TIME,
        "a crosshair: every panel's values at one time",
        Some("crosshair"),
    ),
    bind(
        &[char('r'), key(KeyCode::F(5))],
        Command::Reload,
        DATA,
        "ask everything again, the whole range",
        Some("reload"),
    ),
    bind(&[char('p'), char(' ')], Command::Pause, DATA, "pause or resume the refresh", Some("pause")),
    bind(&[char('a')], Command::ToggleAnnotations, DATA, "show or hide annotations", None),
    bind(&[char(';'), char('$')], Command::PickVariable, DATA, "choose the values of variables", None),
    bind(&[char('R')], Command::PickRefresh, DATA, "choose how often to refresh", None),
    bind(&[char('d')], Command::PickDashboard, PROGRAM, "choose a dashboard", Some("dashboards")),
    bind(&[char('n')], Command::NextDashboard, PROGRAM, "the next dashboard", None),
    bind(&[char('N')], Command::PreviousDashboard, PROGRAM, "the previous dashboard", None),
    bind(&[char('s')], Command::PickSeries, PANELS, "choose the series of the focused panel", None),
    bind(&[char('e')], Command::PickExport, PROGRAM, "write the screen or the focused panel to a file", None),
    bind(&[Key::ctrl('l')], Command::Repaint, PROGRAM, "paint the screen anew", None),
    bind(&[Key::ctrl('z')], Command::Suspend, PROGRAM, "stop, to be continued with fg", None),
];

/// The keys that mean something else, or anything at all, while the crosshair is shown.
pub static CROSSHAIR_BINDINGS: &[Binding] = &[
    bind(&[char('h'), key(KeyCode::Left)], Command::CursorLeft, CROSSHAIR, "a step earlier", Some("earlier")),
    bind(&[char('l'), key(KeyCode::Right)], Command::CursorRight, CROSSHAIR, "a step later", Some("later")),
    bind(
        &[char('H'), key(KeyCode::ShiftLeft), ctrl(KeyCode::Left)],
        Command::CursorFarLeft,
        CROSSHAIR,
        "ten steps earlier",
        None,
    ),
    bind(
        &[char('L'), key(KeyCode::ShiftRight), ctrl(KeyCode::Right)],
        Command::CursorFarRight,
        CROSSHAIR,
        "ten steps later",
        None,
    ),
    bind(&[key(KeyCode::Home)], Command::CursorFirst, CROSSHAIR, "to the beginning of the range", None),
    bind(&[key(KeyCode::End)], Command::CursorLast, CROSSHAIR, "to the newest sample", None),
    bind(&[char('V'), char(' ')], Command::Mark, CROSSHAIR, "mark one end of a range here", Some("mark")),
    bind(
        &[key(KeyCode::Enter)],
        Command::ZoomToMark,
        CROSSHAIR,
        "zoom into the marked range; the full screen without one",
        Some("zoom"),
    ),
    bind(
        &[key(KeyCode::Esc)],
        Command::Back,
        CROSSHAIR,
        "give up the mark, then the crosshair",
        Some("back"),
    ),
];

/// Letters that no dashboard action may take, because features that are announced will want them.
const KEPT: &[char] = &['i', 'x', 'y', 'z', '/', ':', 'V', 'T', 'o'];

/// What `key` wishes.
pub fn command(key: Key) -> Option<Command> {
    BINDINGS.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.command)
}

/// What `key` wishes while the crosshair is shown, where that is something of its own.
pub fn crosshair_command(key: Key) -> Option<Command> {
    CROSSHAIR_BINDINGS.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.command)
}

/// Whether `character` is the program's own, so that no dashboard action may have it.
pub fn is_reserved(character: char) -> bool {
    let key = Key::char(character);
    command(key).or(crosshair_command(key)).is_some() || KEPT.contains(&character)
}

/// How a key is written in help and README.
pub fn name(key: Key) -> String {
    let code = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => "shift-tab".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Up => "↑".to_owned(),
        KeyCode::Down => "↓".to_owned(),
        KeyCode::Left => "←".to_owned(),
        KeyCode::Right => "→".to_owned(),
        KeyCode::ShiftLeft => "shift-←".to_owned(),
        KeyCode::ShiftRight => "shift-→".to_owned(),
        KeyCode::PageUp => "pgup".to_owned(),
        KeyCode::PageDown => "pgdn".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::F(number) => format!("f{number}"),
    };
    format!("{}{}{code}", if key.ctrl { "ctrl-" } else { "" }, if key.alt { "alt-" } else { "" })
}

/// The groups in the order of the help, each with its bindings.
pub fn groups() -> impl Iterator<Item = (&'static str, Vec<&'static Binding>)> {
    let all = || BINDINGS.iter().chain(CROSSHAIR_BINDINGS);
    [PANELS, TIME, CROSSHAIR, DATA, PROGRAM]
        .into_iter()
        .map(move |group| (group, all().filter(|binding| binding.group == group).collect()))
}

/// The key table of the README.
pub fn markdown() -> String {
    let mut table = String::from("| keys | what they do |\n| --- | --- |\n");
    for (group, bindings) in groups() {
        // The same keys stand for something else elsewhere in the table.
        let when = if group == CROSSHAIR { "with the crosshair: " } else { "" };
        for binding in bindings {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", name(*key))).collect();
            table.extend(["| ", &keys.join(" "), " | ", when, binding.about, " |\n"]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice() {
        for table in [BINDINGS, CROSSHAIR_BINDINGS] {
            let mut seen = std::collections::HashSet::new();
            for key in table.iter().flat_map(|binding| binding.keys) {
                assert!(seen.insert(*key), "{} is bound twice", name(*key));
            }
        }
    }

    #[test]
    fn actions_may_take_f() {
        assert!(!is_reserved('f') && !is_reserved('F'));
        assert!(is_reserved('q') && is_reserved(' ') && is_reserved('/'));
    }
}
