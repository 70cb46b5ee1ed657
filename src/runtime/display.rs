//! Where frames go: the terminal, or a test's record.

use std::io;

use ratatui::buffer::Buffer;

use super::clipboard;
use super::screen::Screen;
use super::terminal::Terminal;

/// Where frames go: the terminal, or a test's record.
pub(super) trait Display {
    fn size(&self) -> (u16, u16);
    fn resize(&mut self, columns: u16, rows: u16);
    fn repaint(&mut self);
    /// Whether the last frame is through.
    fn is_ready(&self) -> bool;
    /// Resolves when the frame under way is through; never when there is none.
    async fn written(&mut self) -> io::Result<()>;
    fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<()>;
    /// Puts text into the terminal's clipboard, with the next frame.
    fn copy(&mut self, text: &str);
    /// Stops the process; returns when it runs on, or false when it cannot be stopped.
    fn suspend(&mut self, with_group: bool) -> io::Result<bool>;
    /// Takes the terminal again after somebody else stopped the process.
    fn resume(&mut self) -> io::Result<()>;
}

pub(super) struct TerminalDisplay {
    pub(super) terminal: Terminal,
    pub(super) screen: Screen,
}

impl Display for TerminalDisplay {
    fn size(&self) -> (u16, u16) {
        self.terminal.size()
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.resize(columns, rows);
    }

    fn repaint(&mut self) {
        self.screen.repaint();
    }

    fn is_ready(&self) -> bool {
        self.screen.is_ready()
    }

    async fn written(&mut self) -> io::Result<()> {
        self.screen.written().await
    }

    fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        self.screen.draw(render)
    }

    fn copy(&mut self, text: &str) {
        self.screen.send_along(&clipboard::sequence(text, clipboard::in_tmux()));
    }

    fn suspend(&mut self, with_group: bool) -> io::Result<bool> {
        self.terminal.suspend(with_group)
    }

    fn resume(&mut self) -> io::Result<()> {
        self.terminal.resume()
    }
}
