//! Effects: requests of the core to the outside, done by the runtime.

use crate::app::export::Export;
use crate::app::variables::Choices;
use crate::dashboard::Action;
use crate::query::{Query, RequestId, SourceId};
use crate::time_range::Span;
use crate::variable::lookup::Lookup;

/// A request to the outside. The runtime answers `Ask` and `Act` with exactly one event each, unless cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the data source that the query names.
    Ask(RequestId, Query),
    /// Ask a data source what it has over a window; brings one [`crate::app::Event::Listed`].
    Lookup(RequestId, SourceId, Lookup, Span),
    /// Keep what is chosen on a dashboard for the next run. Brings an event only when that fails.
    Remember(Choices),
    /// Make the HTTP requests of a dashboard's action.
    Act(RequestId, Action),
    /// Forget a request that is under way: an `Ask`, a `Lookup` or an `Act`.
    Cancel(RequestId),
    /// Write what is shown to a new file in the current directory; brings one [`crate::app::Event::Exported`].
    Export(Export),
    /// Put this text into the clipboard of the person's terminal, as far as that takes it.
    Copy(String),
    /// Paint the whole screen anew, for when something else wrote on it.
    Repaint,
    /// Give the terminal back and stop the process, as `SIGTSTP` would.
    Suspend,
    /// Restore the terminal and end.
    Quit,
}
