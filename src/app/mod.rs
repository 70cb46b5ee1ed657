//! The core: the state, the three enums by which it meets the world, and `update`, the one function that changes it.

pub mod annotations;
mod command;
mod copy;
mod crosshair;
mod datasource;
mod effect;
mod event;
mod expand;
mod export;
pub mod help;
pub mod inspect;
pub mod legend;
pub mod list;
mod navigate;
pub mod overlay;
pub mod picker;
mod range_cache;
mod refresh;
#[cfg(test)]
mod scenarios;
pub mod search;
mod state;
mod store;
mod transform;
mod update;
pub mod variables;
mod view;

pub use command::Command;
pub use copy::COPY_LIMIT_BYTES;
pub use crosshair::{Crosshair, Drag};
pub use datasource::{Datasource, Outage};
pub use effect::Effect;
pub use event::{ActionOutcome, Event, GENERATED, Key, KeyCode, LoadProblem, Mouse, MouseKind, Origin};
pub use export::{Export, ExportFormat};
pub use range_cache::OVERLAP_MS;
pub use refresh::{BACKOFF_MAX_MS, BACKOFF_MIN_MS};
pub use state::{ActionState, Entry, ListOf, Overlay, PanelState, Settings, State, Target, View};
pub use store::{Exchange, Failure, IN_FLIGHT_LIMIT, QueryKey, QueryShape, Slot, Store, Tick};
pub use update::{ACTION_SHOWN_MS, NOTICE_SHOWN_MS, update};
pub use view::{ACTION_LINES, Banner, OUTAGE_LINES, PanelStatus};
