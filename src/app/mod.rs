//! The core: the state, and the three enums by which it meets the world.

mod command;
mod effect;
mod event;

pub use command::Command;
pub use effect::Effect;
pub use event::{ActionOutcome, Event, Key, KeyCode, LoadProblem, Mouse, MouseKind, Origin};
