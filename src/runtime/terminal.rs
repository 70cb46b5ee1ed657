//! The terminal's modes: entered once, left whatever happens (end, panic, ctrl-z), never left twice.
//!
//! What has to be undone lies in one static, because a panic hook can reach nothing else.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write as _};
use std::os::fd::AsFd;
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::Signal;
use rustix::termios::{OptionalActions, Termios};

use super::input::Tty;

/// Size assumed where the terminal does not tell its own (a serial line).
const SIZE_UNKNOWN: (u16, u16) = (80, 24);

/// Columns that are drawn on; the widest screens have half of that.
const COLUMNS_LIMIT: u16 = 1_000;

/// Rows that are drawn on.
const ROWS_LIMIT: u16 = 500;

/// How long a stalled terminal is waited for when its modes are set back.
const RESTORE_WAIT: Duration = Duration::from_millis(500);

/// Messages of panics on other threads that are kept until the terminal is left.
const DEFERRED_LIMIT: usize = 8;

/// Alternate screen, cursor hidden, pasted text marked.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[2J";

/// Presses, the wheel and motion with a button held, in the form that has no limit on columns. A terminal that does
/// not know the second mode stays in the first.
const ENTER_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// All of it back, and what a frame may have left open: a synchronized update, a style.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// What it takes to leave.
struct Entered {
    tty: Tty,
    cooked: Termios,
    mouse: bool,
    /// False while the process is about to be stopped.
    active: bool,
}

static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);
static DEFERRED: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    static IS_UI: Cell<bool> = const { Cell::new(false) };
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal in the modes of a full-screen program; dropping it restores what was before.
#[derive(Debug)]
pub struct Terminal(());

impl Terminal {
    /// Enters, and from then on restores the terminal when this thread panics. Refuses where standard output is no
    /// terminal.
    pub fn enter(mouse: bool) -> anyhow::Result<Self> {
        if !io::stdout().is_terminal() {
            bail!(
                "standard output is not a terminal; use `promscope render` to write a picture to a file or a pipe"
            );
        }
        let tty = Tty::open().context("there is no terminal to read keys from")?;
        let cooked = rustix::termios::tcgetattr(&tty).context("cannot read the terminal's modes")?;
        install_panic_hook();
        IS_UI.set(true);
        let mut entered = Entered { tty, cooked, mouse, active: false };
        let done = entered.enter();
        *lock(&ENTERED) = Some(entered);
        let terminal = Self(());
        done.context("cannot set the terminal's modes")?;
        Ok(terminal)
    }

    /// Columns and rows, bounded, and never 0.
    pub fn size(&self) -> (u16, u16) {
        let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout())
            .map_or((0, 0), |size| (size.ws_col, size.ws_row));
        bounded_size(size)
    }

    /// Leaves, stops the process as the shell's ctrl-z does, and enters again once it runs on. Does nothing and
    /// returns false where no shell could let it run on: the process was started by a terminal itself, or by a shell
    /// that does not control jobs.
    ///
    /// `with_group` stops the whole foreground job (`cargo run` waits for its child otherwise); the caller gets a
    /// stop signal of its own thereby.
    pub fn suspend(&self, with_group: bool) -> io::Result<bool> {
        let this = rustix::process::getpid();
        if !has_job_control()? {
            return Ok(false);
        }
        if let Some(entered) = &mut *lock(&ENTERED) {
            entered.leave();
        }
        let group =
            if with_group { rustix::process::kill_current_process_group(Signal::TSTP) } else { Ok(()) };
        let stopped = group.and_then(|()| rustix::process::kill_process(this, Signal::STOP));
        self.resume()?;
        stopped?;
        Ok(true)
    }

    /// Sets the modes anew, for after somebody else may have changed them.
    pub fn resume(&self) -> io::Result<()> {
        match &mut *lock(&ENTERED) {
            Some(entered) => entered.enter(),
            None => Ok(()),
        }
    }
}

/// Whether a shell stands ready to continue this process: one in the same session that put it into a group of its own.
/// The parent may itself be a member of the group (`cargo run`), so the group's leader is what counts.
fn has_job_control() -> io::Result<bool> {
    let session = rustix::process::getsid(None)?;
    let group = rustix::process::getpgrp();
    // The session's leader shares its group with whatever it starts without job control.
    Ok(session != group && rustix::process::getpgid(Some(session)).is_ok_and(|leaders| leaders != group))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
        IS_UI.set(false);
        for message in lock(&DEFERRED).drain(..) {
            // Not `eprintln!`, which panics when the terminal is gone.
            let _ = writeln!(io::stderr(), "promscope: {message}");
        }
    }
}

impl Entered {
    fn enter(&mut self) -> io::Result<()> {
        // Active from the first step: leaving after half of it is right.
        self.active = true;
        let mut raw = self.cooked.clone();
        raw.make_raw();
        rustix::termios::tcsetattr(&self.tty, OptionalActions::Now, &raw)?;
        write_soon(ENTER)?;
        if self.mouse { write_soon(ENTER_MOUSE) } else { Ok(()) }
    }

    /// As far as it goes: a terminal that is gone takes nothing any more.
    fn leave(&mut self) {
        if std::mem::take(&mut self.active) {
            let written = write_soon(LEAVE);
            let set = rustix::termios::tcsetattr(&self.tty, OptionalActions::Now, &self.cooked);
            if let Some(error) = written.err().or(set.err().map(Into::into)) {
                tracing::info!(%error, "the terminal's modes cannot be set back");
            }
        }
    }
}

/// Leaves if entered; any number of times, from any thread, also while panicking.
pub fn restore() {
    let entered = match ENTERED.try_lock() {
        Ok(mut entered) => entered.take(),
        Err(TryLockError::Poisoned(entered)) => entered.into_inner().take(),
        // Whoever holds it is entering or leaving right now; waiting inside a panic could be for oneself.
        Err(TryLockError::WouldBlock) => None,
    };
    if let Some(mut entered) = entered {
        entered.leave();
    }
}

/// Writes a few bytes to standard output, unless it takes none for [`RESTORE_WAIT`].
fn write_soon(bytes: &[u8]) -> io::Result<()> {
    let stdout = rustix::stdio::stdout();
    if !is_writable(stdout, RESTORE_WAIT)? {
        return Err(io::ErrorKind::TimedOut.into());
    }
    write_all(stdout, bytes)
}

/// Waits until `output` takes bytes.
fn is_writable(output: impl AsFd, patience: Duration) -> io::Result<bool> {
    let timeout = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: i64::from(patience.subsec_nanos()) };
    loop {
        match rustix::event::poll(&mut [PollFd::new(&output, PollFlags::OUT)], Some(&timeout)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Writes all of it, also to an output that somebody else made non-blocking.
pub fn write_all(output: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(&output, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                is_writable(&output, RESTORE_WAIT)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn bounded_size((columns, rows): (u16, u16)) -> (u16, u16) {
    let or = |size: u16, unknown: u16| if size == 0 { unknown } else { size };
    (or(columns, SIZE_UNKNOWN.0).min(COLUMNS_LIMIT), or(rows, SIZE_UNKNOWN.1).min(ROWS_LIMIT))
}

/// Runs `work`, whose panics are caught by the caller and so are no reason to leave the terminal.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = IS_CAUGHT.replace(true);
    let result = panic::catch_unwind(panic::AssertUnwindSafe(work));
    IS_CAUGHT.set(outer);
    result.map_err(|payload| panic_text(payload.as_ref()).to_owned())
}

/// What a panic said.
fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}

/// Puts a hook before the one that is there. A panic of the thread that entered leaves the terminal first, so that
/// the message is read on the ordinary screen. A panic elsewhere must not: the program runs on; its message is kept.
fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_entered = !matches!(ENTERED.try_lock().as_deref(), Ok(None));
            if !is_entered {
                before(info);
            } else if IS_CAUGHT.get() {
                tracing::error!(panic = %info, "a task panicked");
            } else if IS_UI.get() {
                restore();
                before(info);
            } else {
                tracing::error!(panic = %info, "a background thread panicked");
                let mut deferred = lock(&DEFERRED);
                if deferred.len() < DEFERRED_LIMIT {
                    deferred.push(info.to_string());
                }
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_never_nothing_and_never_huge() {
        for (told, expected) in [
            ((0, 0), (80, 24)),
            ((0, 50), (80, 50)),
            ((1, 1), (1, 1)),
            ((200, 50), (200, 50)),
            ((u16::MAX, u16::MAX), (1_000, 500)),
        ] {
            assert_eq!(bounded_size(told), expected, "{told:?}");
        }
    }

    #[test]
    fn what_a_panic_says_is_kept() {
        assert_eq!(caught(|| 1), Ok(1));
        assert_eq!(caught(|| panic!("at {}", 7)), Err::<(), _>("at 7".to_owned()));
        assert_eq!(caught(|| panic::panic_any(7)), Err::<(), _>("no message".to_owned()));
    }

    #[test]
    fn a_whole_frame_goes_through_a_narrow_pipe() {
        let (mut reader, writer) = io::pipe().unwrap();
        let thread = std::thread::spawn(move || write_all(writer, &vec![b'x'; 300_000]));
        let mut read = Vec::new();
        io::Read::read_to_end(&mut reader, &mut read).unwrap();
        thread.join().unwrap().unwrap();
        assert_eq!(read.len(), 300_000);
    }

    #[test]
    fn a_closed_output_is_an_error() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        assert_eq!(write_all(writer, b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
