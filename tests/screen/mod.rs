//! The program on a terminal, for end-to-end tests: keys in, what is on the screen out.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// Longest wait for anything on the screen.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program on a terminal of its own.
pub(crate) struct Screen {
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    terminal: vt100::Parser,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Screen {
    /// Starts it on a terminal of so many columns and rows.
    pub(crate) fn start(args: &[&str], (columns, rows): (u16, u16)) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pseudo terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_promscope"));
        command.args(args);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("promscope starts");
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let keys = pty.master.take_writer().expect("a writer");
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let cells = |count| NonZero::new(count).expect("a screen has cells");
        let terminal = vt100::Parser::new(cells(rows), cells(columns), 0);
        Self { output, keys, terminal, child, _master: pty.master }
    }

    /// Waits for the end; the exit status.
    pub(crate) fn status(&mut self) -> u32 {
        self.child.wait().expect("promscope ends").exit_code()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("a terminal that reads");
    }

    /// Takes in what is drawn until `found` finds something on the screen.
    pub(crate) fn wait_for<T>(&mut self, what: &str, found: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.terminal.screen().contents();
            if let Some(found) = found(&text) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.terminal.process(&bytes),
                Err(error) => panic!("waited in vain for {what} ({error}):\n{text}"),
            }
        }
    }
}
