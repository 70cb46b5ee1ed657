//! Frames: what differs from the frame before, as one write, made by a thread of its own.
//!
//! A terminal may stall (a lost ssh connection, a paused tmux). The loop must not stall with it, or neither keys nor
//! `SIGTERM` would be heard; so it hands a frame to the writer and draws the next one only when that is through.

use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc::{self as std_mpsc, SyncSender};
use std::thread;

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;

use super::terminal::write_all;

/// The terminal shows a frame only when it is complete, where it knows this (DEC mode 2026).
const SYNCHRONIZED_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNCHRONIZED_END: &[u8] = b"\x1b[?2026l";

/// Default colours, and the whole screen empty.
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";

/// The thread needs next to nothing.
const STACK_BYTES: usize = 128 * 1_024;

/// Two buffers and the way to the terminal.
#[derive(Debug)]
pub struct Screen {
    shown: Buffer,
    next: Buffer,
    /// What the terminal shows is not what `shown` says.
    stale: bool,
    frames: SyncSender<Vec<u8>>,
    written: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// The bytes of a frame, empty while the writer has them.
    bytes: Option<Vec<u8>>,
    /// What goes out behind the next frame.
    along: Vec<u8>,
}

impl Screen {
    /// Frames go to `output`.
    pub fn start(output: impl AsFd + Send + 'static) -> io::Result<Self> {
        // The colour depth is decided by the theme; NO_COLOR must not be looked at a second time.
        crossterm::style::force_color_output(true);
        let (frames, to_write) = std_mpsc::sync_channel::<Vec<u8>>(1);
        let (done, written) = mpsc::channel(1);
        thread::Builder::new().name("output".to_owned()).stack_size(STACK_BYTES).spawn(move || {
            for mut frame in to_write {
                let result = write_all(&output, &frame);
                frame.clear();
                if done.blocking_send(result.map(|()| frame)).is_err() {
                    return;
                }
            }
        })?;
        let empty = Buffer::empty(Rect::ZERO);
        Ok(Self {
            shown: empty.clone(),
            next: empty,
            stale: true,
            frames,
            written,
            bytes: Some(Vec::new()),
            along: Vec::new(),
        })
    }

    /// The size of frames from now on; the next is painted whole.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.next = Buffer::empty(Rect::new(0, 0, columns, rows));
        self.shown = self.next.clone();
        self.stale = true;
    }

    /// The next frame is painted whole.
    pub fn repaint(&mut self) {
        self.stale = true;
    }

    /// Sends `bytes`, a whole sequence that moves nothing on the screen, behind the next frame; what waited before is
    /// replaced.
    pub fn send_along(&mut self, bytes: &[u8]) {
        self.along = bytes.to_vec();
    }

    /// Whether a frame can be drawn: the one before is through.
    pub fn is_ready(&self) -> bool {
        self.bytes.is_some()
    }

    /// Resolves when the frame under way is through, or could not be written; never when none is under way.
    /// Nothing is lost when the future is dropped.
    pub async fn written(&mut self) -> io::Result<()> {
        if self.is_ready() {
            return std::future::pending().await;
        }
        let bytes = self.written.recv().await.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()));
        match bytes {
            Ok(bytes) => {
                self.bytes = Some(bytes);
                Ok(())
            }
            Err(error) => {
                self.bytes = Some(Vec::new());
                Err(error)
            }
        }
    }

    /// Lets `render` fill an empty buffer and sends what differs. Call when [`Self::is_ready`].
    pub fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        let Some(mut bytes) = self.bytes.take() else { return Ok(()) };
        self.next.reset();
        render(&mut self.next);
        if std::mem::take(&mut self.stale) {
            self.shown.reset();
            bytes.extend_from_slice(SYNCHRONIZED_BEGIN);
            bytes.extend_from_slice(CLEAR);
        }
        encode(&self.shown, &self.next, &mut bytes)?;
        std::mem::swap(&mut self.shown, &mut self.next);
        bytes.append(&mut self.along);
        if bytes.is_empty() {
            self.bytes = Some(bytes);
            return Ok(());
        }
        self.frames.send(bytes).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Appends what turns `shown` into `next`; nothing when they are the same.
fn encode(shown: &Buffer, next: &Buffer, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut changes = shown.diff_iter(next).peekable();
    if changes.peek().is_some() {
        if bytes.is_empty() {
            bytes.extend_from_slice(SYNCHRONIZED_BEGIN);
        }
        CrosstermBackend::new(&mut *bytes).draw(changes)?;
    }
    if !bytes.is_empty() {
        bytes.extend_from_slice(SYNCHRONIZED_END);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZero;
    use std::os::unix::net::UnixStream;

    use ratatui::style::{Color, Style};

    use super::*;

    /// A screen and the terminal at its other end.
    struct Pair {
        screen: Screen,
        peer: UnixStream,
        terminal: vt100::Parser,
    }

    fn cells(count: u16) -> NonZero<u16> {
        NonZero::new(count).unwrap_or(NonZero::<u16>::MIN)
    }

    impl Pair {
        fn new(columns: u16, rows: u16) -> Self {
            let (ours, peer) = UnixStream::pair().unwrap();
            let mut screen = Screen::start(ours).unwrap();
            screen.resize(columns, rows);
            Self { screen, peer, terminal: vt100::Parser::new(cells(rows), cells(columns), 0) }
        }

        /// Draws, and returns how many bytes that took.
        async fn draw(&mut self, x: u16, text: &str) -> usize {
            self.screen
                .draw(|buffer| {
                    crate::text::put(buffer, x, 0, text, 99, Style::new().fg(Color::Red));
                })
                .unwrap();
            if self.screen.is_ready() {
                return 0;
            }
            self.screen.written().await.unwrap();
            let mut bytes = vec![0; 9_999];
            let count = self.peer.read(&mut bytes).unwrap();
            self.terminal.process(&bytes[..count]);
            count
        }

        fn shows(&self) -> String {
            self.terminal.screen().contents().trim_end().to_owned()
        }
    }

    #[tokio::test]
    async fn only_differences_are_sent() {
        let mut pair = Pair::new(20, 2);
        let whole = pair.draw(0, "requests 10").await;
        assert_eq!(pair.shows(), "requests 10");
        let part = pair.draw(0, "requests 12").await;
        assert_eq!(pair.shows(), "requests 12");
        assert!(part < whole, "{part} {whole}");
        assert_eq!(pair.draw(0, "requests 12").await, 0);
        pair.terminal.process(b"\x1b[Hgarbage");
        pair.screen.repaint();
        pair.draw(0, "requests 12").await;
        assert_eq!(pair.shows(), "requests 12");
    }

    #[tokio::test]
    async fn what_goes_along_goes_once_and_behind_a_frame() {
        let mut pair = Pair::new(20, 2);
        pair.draw(0, "a").await;
        pair.screen.send_along(b"\x1b]52;c;Zm9v\x07");
        assert_eq!(pair.draw(0, "a").await, 12, "also where nothing has changed");
        assert_eq!(pair.draw(0, "a").await, 0);
        assert_eq!(pair.shows(), "a");
    }

    #[tokio::test]
    async fn wide_characters_leave_nothing_behind() {
        let mut pair = Pair::new(8, 1);
        pair.draw(0, "猫猫猫").await;
        assert_eq!(pair.shows(), "猫猫猫");
        pair.draw(1, "猫猫").await;
        assert_eq!(pair.shows(), " 猫猫");
        pair.draw(0, "ab").await;
        assert_eq!(pair.shows(), "ab");
    }

    #[tokio::test]
    async fn every_size_is_drawn() {
        let mut pair = Pair::new(20, 2);
        pair.draw(0, "wide").await;
        for (columns, rows) in [(1, 1), (0, 0), (0, 9), (9, 0), (20, 2)] {
            pair.screen.resize(columns, rows);
            pair.terminal.screen_mut().set_size(cells(rows), cells(columns));
            pair.draw(0, "wide").await;
        }
        assert_eq!(pair.shows(), "wide");
    }

    #[tokio::test]
    async fn a_stalled_terminal_does_not_stall_the_loop() {
        let (ours, peer) = UnixStream::pair().unwrap();
        let mut screen = Screen::start(ours).unwrap();
        screen.resize(1_000, 500);
        let mut digit = 0;
        while screen.is_ready() {
            digit += 1;
            screen
                .draw(|buffer| {
                    for cell in &mut buffer.content {
                        cell.set_char(if digit % 2 == 0 { 'a' } else { 'b' });
                    }
                })
                .unwrap();
        }
        assert!(!screen.is_ready());
        drop(peer);
        screen.written().await.unwrap_err();
    }
}
