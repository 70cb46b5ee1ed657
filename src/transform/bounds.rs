//! How large data may become while it is transformed, and what is said when it would become larger.

use super::frame::DataFrame;

/// Frames that transforms work on.
pub const FRAMES_LIMIT: usize = 20_000;
/// Columns of one frame.
pub const COLUMNS_LIMIT: usize = 5_000;
/// Rows of one frame.
pub const ROWS_LIMIT: usize = 100_000;
/// Values of one frame, and of all frames that come in.
pub const CELLS_LIMIT: usize = 2_000_000;

/// Keeps to the limits, and to what was left out for them.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    notes: Vec<String>,
    /// Values of the frames that the current transform has made.
    used: usize,
}

impl Bounds {
    /// As much of `frames` as is worked on.
    pub(super) fn of_input(&mut self, mut frames: Vec<DataFrame>) -> Vec<DataFrame> {
        let count = frames.len();
        if count > FRAMES_LIMIT {
            self.note(&format!("{} of {count} series are left out", count - FRAMES_LIMIT));
        }
        frames.truncate(FRAMES_LIMIT);
        let mut cells = 0;
        for frame in &mut frames {
            let columns = self.columns(frame.fields().len());
            let rows = self.rows(columns, frame.rows());
            if columns < frame.fields().len() || rows < frame.rows() {
                let mut cut = std::mem::take(frame);
                let mut fields = cut.take_fields();
                fields.truncate(columns);
                *frame = cut.with_fields(fields).first_rows(rows);
            }
        }
        let whole = frames.iter().take_while(|frame| {
            cells += frame.rows() * frame.fields().len();
            cells <= CELLS_LIMIT
        });
        let whole = whole.count();
        if whole < frames.len() {
            self.note(&format!("{} of {count} series are left out", count - whole));
            frames.truncate(whole);
        }
        frames
    }

    /// How many of `columns` a frame may have.
    pub(super) fn columns(&mut self, columns: usize) -> usize {
        if columns > COLUMNS_LIMIT {
            self.note(&format!("{} of {columns} columns are left out", columns - COLUMNS_LIMIT));
        }
        columns.min(COLUMNS_LIMIT)
    }

    /// How many of `rows` a frame of so many columns may have.
    pub(super) fn rows(&mut self, columns: usize, rows: usize) -> usize {
        let allowed = ROWS_LIMIT.min(CELLS_LIMIT / columns.max(1));
        if rows > allowed {
            self.note(&format!("{} of {rows} rows are left out", rows - allowed));
        }
        rows.min(allowed)
    }

    /// Begins a transform that makes more than one frame larger.
    pub(super) fn begin(&mut self) {
        self.used = 0;
    }

    /// As [`Bounds::rows`], of one of several frames that together have to keep to the limit.
    pub(super) fn rows_of_one(&mut self, columns: usize, rows: usize) -> usize {
        let allowed = CELLS_LIMIT.saturating_sub(self.used) / columns.max(1);
        let rows = self.rows(columns, rows);
        if rows > allowed {
            self.note("some rows are left out: labels as columns take too much room");
        }
        self.used += rows.min(allowed) * columns;
        rows.min(allowed)
    }

    /// Says something once.
    pub(super) fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// All that was said.
    pub(super) fn into_notes(self) -> Vec<String> {
        self.notes
    }
}
