//! The input thread: waits for the terminal, reads it, and tells when there is nothing more to read, ever.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::decode::{Decoded, Decoder};
use crate::app::Event;

/// Events on their way to the loop; a full queue makes the thread wait, and then the terminal.
const QUEUE_LIMIT: usize = 256;

/// Bytes read at once.
const READ_BYTES: usize = 1_024;

/// The thread needs next to nothing.
const STACK_BYTES: usize = 128 * 1_024;

/// The terminal that keys come from: standard input, or the controlling terminal when that is something else.
#[derive(Debug)]
pub enum Tty {
    /// Standard input.
    Stdin(io::Stdin),
    /// `/dev/tty`.
    Opened(File),
}

impl Tty {
    /// Finds it; an error says that there is none.
    pub fn open() -> io::Result<Self> {
        let stdin = io::stdin();
        if rustix::termios::isatty(&stdin) {
            return Ok(Self::Stdin(stdin));
        }
        File::options().read(true).write(true).open("/dev/tty").map(Self::Opened)
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdin(stdin) => stdin.as_fd(),
            Self::Opened(file) => file.as_fd(),
        }
    }
}

/// Starts the thread. The channel closes when the terminal is gone; the thread ends then, or when nobody listens.
pub fn start(terminal: impl AsFd + Send + 'static) -> io::Result<mpsc::Receiver<Event>> {
    let (sender, receiver) = mpsc::channel(QUEUE_LIMIT);
    thread::Builder::new().name("input".to_owned()).stack_size(STACK_BYTES).spawn(move || {
        if let Err(error) = read_all(&terminal, &sender) {
            tracing::info!(%error, "the terminal cannot be read any more");
        }
    })?;
    Ok(receiver)
}

/// Reads until the end of input (`Ok`), or until reading fails.
fn read_all(terminal: &impl AsFd, events: &mpsc::Sender<Event>) -> io::Result<()> {
    let mut decoder = Decoder::default();
    let mut bytes = [0_u8; READ_BYTES];
    let mut found = Vec::new();
    loop {
        match wait(terminal, decoder.wait())? {
            Waited::TimedOut => decoder.flush(&mut |decoded| found.push(decoded)),
            Waited::HungUp => return Ok(()),
            Waited::Readable => {
                let count = match rustix::io::read(terminal, &mut bytes) {
                    Ok(0) => return Ok(()),
                    Ok(count) => count,
                    Err(Errno::INTR | Errno::AGAIN) => continue,
                    Err(error) => return Err(error.into()),
                };
                decoder.push(&bytes[..count], &mut |decoded| found.push(decoded));
            }
        }
        for decoded in found.drain(..) {
            let event = match decoded {
                Decoded::Key(key) => Event::Key(key),
                Decoded::Mouse(mouse) => Event::Mouse(mouse),
            };
            if events.blocking_send(event).is_err() {
                return Ok(());
            }
        }
    }
}

enum Waited {
    Readable,
    HungUp,
    TimedOut,
}

/// Waits without reading: a terminal that hung up is readable too, and reading it would bring "end" for ever.
fn wait(terminal: &impl AsFd, patience: Option<Duration>) -> io::Result<Waited> {
    let timeout = patience.map(|patience| Timespec {
        tv_sec: patience.as_secs() as i64,
        tv_nsec: patience.subsec_nanos().into(),
    });
    loop {
        let mut waiting = [PollFd::new(terminal, PollFlags::IN)];
        match rustix::event::poll(&mut waiting, timeout.as_ref()) {
            Ok(0) => return Ok(Waited::TimedOut),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let found = waiting[0].revents();
        return Ok(if found.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            Waited::HungUp
        } else {
            Waited::Readable
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::app::{Key, KeyCode};

    fn key(event: Option<Event>) -> Option<Key> {
        match event? {
            Event::Key(key) => Some(key),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keys_come_and_the_end_closes_the_channel() {
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut events = start(ours).unwrap();
        theirs.write_all(b"q\x1b[A").unwrap();
        assert_eq!(key(events.blocking_recv()), Some(Key::char('q')));
        assert_eq!(key(events.blocking_recv()), Some(Key::plain(KeyCode::Up)));
        drop(theirs);
        assert_eq!(key(events.blocking_recv()), None);
    }

    #[test]
    fn a_lone_escape_arrives_by_itself() {
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut events = start(ours).unwrap();
        theirs.write_all(b"\x1b").unwrap();
        assert_eq!(key(events.blocking_recv()), Some(Key::plain(KeyCode::Esc)));
    }
}
