//! Signals of the operating system as values.

use std::io;

use rustix::process::Signal as Raw;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End, for the signal of this number.
    End(i32),
    /// The terminal's size changed.
    Resize,
    /// Stop, as the shell's ctrl-z asks.
    Stop,
    /// The process was stopped and runs again.
    Continue,
}

/// All signals that are listened to.
#[derive(Debug)]
pub struct Signals {
    ends: [(i32, Stream); 4],
    resize: Stream,
    stop: Stream,
    resume: Stream,
}

impl Signals {
    /// Starts listening; from now on none of them has its default action. Needs a tokio runtime.
    pub fn new() -> io::Result<Self> {
        let listen = |raw: Raw| signal(SignalKind::from_raw(raw.as_raw()));
        let end = |raw: Raw| Ok::<_, io::Error>((raw.as_raw(), listen(raw)?));
        Ok(Self {
            ends: [end(Raw::HUP)?, end(Raw::TERM)?, end(Raw::INT)?, end(Raw::QUIT)?],
            resize: listen(Raw::WINCH)?,
            stop: listen(Raw::TSTP)?,
            resume: listen(Raw::CONT)?,
        })
    }

    /// The next signal, an end before all others. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Signal {
        let [hang_up, terminate, interrupt, quit] = &mut self.ends;
        tokio::select! {
            biased;
            _ = hang_up.1.recv() => Signal::End(hang_up.0),
            _ = terminate.1.recv() => Signal::End(terminate.0),
            _ = interrupt.1.recv() => Signal::End(interrupt.0),
            _ = quit.1.recv() => Signal::End(quit.0),
            _ = self.resume.recv() => Signal::Continue,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.resize.recv() => Signal::Resize,
        }
    }
}
