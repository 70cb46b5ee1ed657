//! What is shown, for files and programs: text, ANSI, SVG, PNG, JSON and CSV, of the whole screen or of one panel.
//!
//! Pure: a state and a time to bytes. Who prints or writes them is the shell's concern.

pub mod ansi;
pub mod block;
pub mod csv;
pub mod json;
#[cfg(feature = "png")]
pub mod png;
pub mod svg;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use thiserror::Error;

use crate::app::{Export, ExportFormat, State};
use crate::theme::ColorDepth;
use crate::ui;

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExportError {
    /// The program was built without the feature.
    #[error("this promscope was built without PNG; take svg, or build it with the feature png")]
    NoPng,
    /// The picture would be larger than anything that shows it.
    #[error("a PNG of {width} by {height} cells is too large; take svg, or fewer cells")]
    TooLarge {
        /// Cells.
        width: u16,
        /// Cells.
        height: u16,
    },
    /// A defect, or not enough memory.
    #[error("cannot draw the picture: {0}")]
    Raster(String),
}

/// An export that is drawn from the state already; what is left to do may take a while and needs the state no more.
#[derive(Clone, Debug)]
pub enum Draft {
    /// All of it.
    Done(Vec<u8>),
    /// An SVG of so many cells that is to become a PNG.
    Picture {
        /// The SVG.
        svg: String,
        /// Columns and rows.
        cells: (u16, u16),
    },
}

impl Draft {
    /// The bytes of the file.
    pub fn finish(self) -> Result<Vec<u8>, ExportError> {
        match self {
            Self::Done(bytes) => Ok(bytes),
            #[cfg(feature = "png")]
            Self::Picture { svg, cells } => png::render(&svg, cells),
            #[cfg(not(feature = "png"))]
            Self::Picture { .. } => Err(ExportError::NoPng),
        }
    }
}

/// Draws what `export` wishes.
pub fn draft(state: &State, export: &Export, now_ms: i64) -> Draft {
    let text = match export.format {
        ExportFormat::Json => json::write(state, export.panel),
        ExportFormat::Csv => csv::write(state, export.panel),
        ExportFormat::Text => ansi::text(&frame(state, export, now_ms)),
        ExportFormat::Ansi => ansi::colored(&frame(state, export, now_ms)),
        ExportFormat::Svg | ExportFormat::Png => {
            let buffer = frame(state, export, now_ms);
            let svg = svg::write(&buffer, &title(state, export), state.settings.theme.palette);
            if export.format == ExportFormat::Png {
                return Draft::Picture { svg, cells: (buffer.area.width, buffer.area.height) };
            }
            svg
        }
    };
    Draft::Done(text.into_bytes())
}

/// The screen without what lies over it; with a panel, that one in full screen.
fn frame(state: &State, export: &Export, now_ms: i64) -> Buffer {
    let mut state = state.clone();
    state.overlay = None;
    state.notice = None;
    if let Some(panel) = export.panel {
        state.view.full_screen = true;
        state.view.panel_scroll = if state.view.focus == panel { state.view.panel_scroll } else { 0 };
        state.view.focus = panel;
    }
    let depth = &mut state.settings.theme.depth;
    match export.format {
        // Panels must not say by colour what plain text cannot carry.
        ExportFormat::Text => *depth = ColorDepth::None,
        // A picture shows all colours, unless none are wanted.
        ExportFormat::Svg | ExportFormat::Png if *depth != ColorDepth::None => *depth = ColorDepth::True,
        _ => {}
    }
    let mut buffer = Buffer::empty(Rect::new(0, 0, state.size.0, state.size.1));
    ui::render(&state, now_ms, &mut buffer);
    buffer
}

/// What the picture is called.
fn title(state: &State, export: &Export) -> String {
    let Some(dashboard) = state.dashboard() else { return "promscope".to_owned() };
    match export.panel.and_then(|index| dashboard.panels.get(index)) {
        Some(panel) => format!("{}: {}", dashboard.title, panel.title),
        None => dashboard.title.clone(),
    }
}
