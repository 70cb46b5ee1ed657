//! Events: facts that happened outside the core.

use std::sync::Arc;

use crate::dashboard::Dashboard;
pub use crate::format::LoadProblem;
use crate::query::{Answer, QueryError, RequestId};

/// A fact that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The time that [`crate::app::State::wake_at`] named has come.
    Wake,
    /// A request came to its end.
    Answered(RequestId, Result<Arc<Answer>, QueryError>),
    /// A question of a variable came to its end: what the server has.
    Listed(RequestId, Result<Vec<String>, QueryError>),
    /// What was chosen cannot be kept; the text says why.
    NotRemembered(String),
    /// An action came to its end.
    ActionDone(RequestId, ActionOutcome),
    /// An export came to its end: the file's name, or why there is none.
    Exported(Result<String, String>),
    /// A dashboard was read, at start or because its file changed.
    Loaded(Origin, Result<Arc<Dashboard>, LoadProblem>),
    /// A dashboard's file is gone.
    Removed(Origin),
    /// The server has taken in the first samples of something: whoever found nothing should look again.
    Arrived,
    /// Targets that had answered no longer do, each with its error; empty when all do again.
    TargetsDown(Vec<String>),
    /// Files cannot be watched; the text says why and what follows.
    WatchFailed(String),
    /// The program was stopped (`SIGTSTP`) and runs again; the terminal shows nothing of ours.
    Resumed,
}

/// Where a dashboard came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A file, by the path as it was given or found.
    File(String),
    /// Shipped inside the binary, by its name.
    BuiltIn(String),
    /// Made of the metrics that were found.
    Generated,
}

/// What stands for [`Origin::Generated`] on the screen.
pub const GENERATED: &str = "the metrics found";

/// What an action brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionOutcome {
    /// Requests answered with a 2xx status.
    pub succeeded: u32,
    /// Requests that failed or were answered otherwise.
    pub failed: u32,
    /// How long all of it took.
    pub duration_ms: u64,
    /// Beginning of the last body, or of the last error.
    pub text: String,
}

/// A key press, independent of the terminal library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key; a letter is upper case when shift was held.
    pub code: KeyCode,
    /// With control held.
    pub ctrl: bool,
    /// With alt held.
    pub alt: bool,
}

impl Key {
    /// A key without control and alt.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character key.
    pub const fn char(character: char) -> Self {
        Self::plain(KeyCode::Char(character))
    }

    /// Control and a character.
    pub const fn ctrl(character: char) -> Self {
        Self { code: KeyCode::Char(character), ctrl: true, alt: false }
    }
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyCode {
    /// A character, space included.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Shift and arrow.
    ShiftLeft,
    /// Shift and arrow.
    ShiftRight,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Function key.
    F(u8),
}

/// A mouse event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What happened.
    pub kind: MouseKind,
    /// Column, from 0.
    pub x: u16,
    /// Row, from 0.
    pub y: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// Left button pressed.
    Press,
    /// The same with control held.
    CtrlPress,
    /// Moved with the left button held.
    Drag,
    /// Button let go.
    Release,
    /// Wheel away from the reader.
    ScrollUp,
    /// Wheel towards the reader.
    ScrollDown,
}
