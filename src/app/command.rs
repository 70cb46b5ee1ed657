//! Commands: wishes of the person at the keyboard, before anything is decided.

/// A wish. Keys resolve to it through one table, [`crate::keymap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// End the program.
    Quit,
    /// Stop the process, as ctrl-z does in a shell.
    Suspend,
    /// Show or hide the help.
    Help,
    /// Close what is open, leave the full screen, or dismiss a message.
    Back,
    /// Move the focus one panel.
    FocusLeft,
    /// Move the focus one panel.
    FocusRight,
    /// Move the focus one panel.
    FocusUp,
    /// Move the focus one panel.
    FocusDown,
    /// To the next panel in reading order.
    FocusNext,
    /// To the previous panel in reading order.
    FocusPrevious,
    /// To the first panel.
    FocusFirst,
    /// To the last panel.
    FocusLast,
    /// Scroll a page.
    PageUp,
    /// Scroll a page.
    PageDown,
    /// One panel on the whole screen, or back.
    FullScreen,
    /// Ask everything again, the whole window.
    Reload,
    /// Stop or resume the refresh.
    Pause,
    /// Choose another dashboard.
    PickDashboard,
    /// To the next dashboard.
    NextDashboard,
    /// To the previous dashboard.
    PreviousDashboard,
    /// Choose the time range.
    PickRange,
    /// Half the window.
    ZoomIn,
    /// Double the window.
    ZoomOut,
    /// Half a window to the left.
    Earlier,
    /// Half a window to the right.
    Later,
    /// Back to the dashboard's own range.
    ResetRange,
    /// Back to the range before the one that was chosen last.
    RangeBack,
    /// Show the crosshair at the newest sample, or take it away.
    Crosshair,
    /// Move the crosshair one step.
    CursorLeft,
    /// Move the crosshair one step.
    CursorRight,
    /// Move the crosshair ten steps.
    CursorFarLeft,
    /// Move the crosshair ten steps.
    CursorFarRight,
    /// Move the crosshair to the beginning of the window.
    CursorFirst,
    /// Move the crosshair to the newest sample.
    CursorLast,
    /// Begin to mark a range at the crosshair, or give that up.
    Mark,
    /// Show the marked range as the window.
    ZoomToMark,
    /// Show or hide annotations.
    ToggleAnnotations,
    /// Choose the values of variables.
    PickVariable,
    /// Choose how often data is asked.
    PickRefresh,
    /// Choose which series of the focused panel are shown.
    PickSeries,
    /// Choose what to write to a file.
    PickExport,
    /// Collapse the row of the focused panel to its title, or open it.
    ToggleRow,
    /// A line a series instead of pictures, or back.
    Overview,
    /// Find a panel by its title.
    Search,
    /// Show what the focused panel asked and what came of it.
    Inspect,
    /// The focused panel's values to the clipboard.
    Copy,
    /// Paint the screen anew.
    Repaint,
    /// The action of the current dashboard that has this key.
    Act(char),
}
