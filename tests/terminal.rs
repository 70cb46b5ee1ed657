//! The program on a terminal: a real process behind a pseudo terminal, keys in, escape sequences out.
//!
//! Nothing here sleeps or measures: each step reads what the process writes until it shows what is waited for, with
//! one bound far beyond what any machine needs.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use promscope::runtime::terminal::{Terminal, caught};
use rustix::process::{Pid, Signal, kill_process};

/// A test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Nobody listens there.
const URL: &str = "http://127.0.0.1:1";

/// On the screen whenever the dashboard is.
const TITLE: &str = "Behind a terminal";

/// A dashboard that no other test and no edit of the shipped ones changes.
static DASHBOARD: LazyLock<String> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/terminal.yaml");
    let panel = "{ type: timeseries, title: Requests, query: up }";
    std::fs::write(path, format!("title: {TITLE}\nrows:\n  - panels:\n      - {panel}\n")).expect("a file");
    path.to_owned()
});

/// The program's arguments.
fn arguments() -> [&'static str; 3] {
    ["--url", URL, &DASHBOARD]
}

/// What the shell says when it waits for a command.
const PROMPT: &str = "ready> ";

/// Alternate screen left, cursor shown, mouse and marked pasting off.
const RESTORED: [&str; 4] = ["\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l", "\x1b[?2004l"];

/// A process on a terminal.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    /// `None` once the terminal was closed, like the others.
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    output: Option<Receiver<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    terminal: vt100::Parser,
    /// All that was written, since it was cleared last.
    raw: String,
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a screen has cells")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn program() -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_promscope"));
    command.args(arguments());
    command
}

impl Session {
    fn start(mut command: CommandBuilder) -> Self {
        let pty = native_pty_system().openpty(size(100, 30)).expect("a pseudo terminal");
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PS1", PROMPT)] {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("the process starts");
        let mut from_process = pty.master.try_clone_reader().expect("a reader");
        let keys = pty.master.take_writer().expect("a writer");
        let (sender, output) = mpsc::channel();
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(count @ 1..) = from_process.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            master: Some(pty.master),
            keys: Some(keys),
            output: Some(output),
            reader: Some(reader),
            terminal: vt100::Parser::new(cells(30), cells(100), 0),
            raw: String::new(),
        }
    }

    /// Starts the program and waits for its first frame.
    fn running() -> Self {
        let mut session = Self::start(program());
        session.wait_for("the first frame", Self::shows_dashboard);
        session
    }

    fn shows_dashboard(&self) -> bool {
        let screen = self.terminal.screen();
        screen.alternate_screen() && screen.contents().contains(TITLE)
    }

    /// Takes in what the process writes until `condition` holds.
    fn wait_for(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            match self.next_output(deadline) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!(
                    "waited in vain for {what} ({error}); on the screen:\n{}\nwritten: {:?}",
                    self.terminal.screen().contents(),
                    self.raw
                ),
            }
        }
    }

    fn next_output(&self, deadline: Instant) -> Result<Vec<u8>, RecvTimeoutError> {
        let output = self.output.as_ref().expect("the terminal is open");
        output.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    }

    fn take(&mut self, bytes: &[u8]) {
        self.terminal.process(bytes);
        self.raw.push_str(&String::from_utf8_lossy(bytes));
    }

    fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().expect("the terminal is open");
        writer.write_all(keys.as_bytes()).and_then(|()| writer.flush()).expect("the terminal takes keys");
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.screen_mut().set_size(cells(rows), cells(columns));
        self.raw.clear();
        self.master.as_ref().expect("the terminal is open").resize(size(columns, rows)).expect("a new size");
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().and_then(|pid| Pid::from_raw(pid as i32)).expect("a process");
        kill_process(pid, signal).expect("the process takes signals");
    }

    /// Closes the terminal under the process, `keys` being the last that came from it.
    fn hang_up(&mut self, keys: &str) {
        self.output = None;
        // The reader holds the terminal open until something more is written: the help does that.
        self.press(&format!("?{keys}"));
        self.reader.take().expect("the terminal is open").join().expect("the reader ends");
        (self.keys, self.master) = (None, None);
    }

    /// Waits for the end, takes in what was written until then, and returns the exit status.
    fn status(&mut self) -> u32 {
        let mut killer = self.child.clone_killer();
        let (ended, has_ended) = mpsc::channel::<()>();
        let watchdog = thread::spawn(move || {
            let is_late = has_ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
            if is_late {
                killer.kill().expect("the process can be killed");
            }
            is_late
        });
        let status = self.child.wait().expect("the process ends");
        drop(ended);
        assert!(!watchdog.join().expect("the watchdog runs"), "the process had to be killed");
        let deadline = Instant::now() + PATIENCE;
        while self.output.is_some() {
            match self.next_output(deadline) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("somebody else holds the terminal open"),
            }
        }
        status.exit_code()
    }

    fn assert_restored(&self) {
        let screen = self.terminal.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        for sequence in RESTORED {
            assert_eq!(self.raw.matches(sequence).count(), 1, "{sequence:?} in {:?}", self.raw);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Only after a failure is it still there.
        let _ = self.child.kill();
    }
}

#[test]
fn q_quits_and_leaves_the_terminal_as_it_was() {
    let mut session = Session::running();
    for sequence in ["\x1b[?1049h", "\x1b[?25l", "\x1b[?1000h", "\x1b[?2004h", "\x1b[?2026h", "\x1b[?2026l"] {
        assert!(session.raw.contains(sequence), "{sequence:?} in {:?}", session.raw);
    }
    session.press("q");
    assert_eq!(session.status(), 0);
    session.assert_restored();
}

#[test]
fn signals_end_it_with_the_terminal_restored() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129), (Signal::QUIT, 131)]
    {
        let mut session = Session::running();
        session.signal(signal);
        assert_eq!(session.status(), status, "{signal:?}");
        session.assert_restored();
    }
}

#[test]
fn a_closed_terminal_ends_it() {
    let mut session = Session::running();
    session.hang_up("");
    assert_eq!(session.status(), 129);
}

#[test]
fn a_shell_stops_it_and_lets_it_run_on() {
    let mut shell = CommandBuilder::new("sh");
    shell.arg("-i");
    let mut session = Session::start(shell);
    session.wait_for("the prompt", |session| session.raw.ends_with(PROMPT));
    // Standard input is something else here, so the keys have to come from the controlling terminal.
    let program = env!("CARGO_BIN_EXE_promscope");
    session.press(&format!("'{program}' {} </dev/null\n", arguments().join(" ")));
    session.wait_for("the first frame", Session::shows_dashboard);

    session.raw.clear();
    session.press("\x1a");
    session.wait_for("the shell's word for it", |session| {
        session.raw.contains("Stopped") && session.raw.ends_with(PROMPT)
    });
    session.assert_restored();

    session.raw.clear();
    session.press("fg\n");
    session.wait_for("a frame", Session::shows_dashboard);
    assert!(session.raw.contains("\x1b[?1000h"));

    session.raw.clear();
    session.press("q");
    // The prompt, since until the program is gone it reads what is typed.
    session.wait_for("the prompt", |session| session.raw.ends_with(PROMPT));
    session.press("exit 7\n");
    assert_eq!(session.status(), 7);
    session.assert_restored();
}

#[test]
fn it_paints_anew_after_it_was_stopped_from_outside() {
    let mut session = Session::running();
    session.raw.clear();
    session.signal(Signal::STOP);
    session.signal(Signal::CONT);
    session.wait_for("the modes", |session| session.raw.contains("\x1b[?1049h"));
    session.wait_for("a frame", |session| session.raw.contains("\x1b[?2026l") && session.shows_dashboard());
    session.press("q");
    assert_eq!(session.status(), 0);
}

#[test]
fn every_size_is_drawn() {
    let mut session = Session::running();
    for (columns, rows) in [(1, 1), (1, 30), (100, 1), (2, 2), (300, 100)] {
        session.resize(columns, rows);
        session.wait_for("a frame", |session| session.raw.contains("\x1b[2J"));
    }
    session.resize(100, 30);
    session.wait_for("a frame", Session::shows_dashboard);
    session.press("q");
    assert_eq!(session.status(), 0);
}

#[test]
fn a_broken_sequence_before_the_end_of_the_terminal_does_not_keep_it() {
    let mut session = Session::running();
    session.hang_up("\x1b[1;");
    assert_eq!(session.status(), 129);
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_promscope"))
        .args(arguments())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the process starts");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(message.contains("standard output is not a terminal; use `promscope render`"), "{message}");
}

/// Not a test, but the process of the one below.
#[test]
#[ignore = "started by a_panic_is_read_on_the_ordinary_screen"]
fn panicking_process() {
    let _terminal = Terminal::enter(true).expect("a terminal");
    let say = |text: &str| {
        let mut stdout = std::io::stdout();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).expect("the terminal takes text");
    };
    assert_eq!(caught(|| panic!("a task is broken")), Err::<(), _>("a task is broken".to_owned()));
    thread::spawn(|| panic!("a thread is broken")).join().expect_err("it panicked");
    say("still here");
    panic!("the screen is broken");
}

#[test]
fn a_panic_is_read_on_the_ordinary_screen() {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this test's own path"));
    command.args(["panicking_process", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    let mut session = Session::start(command);
    assert_eq!(session.status(), 101);
    session.assert_restored();
    let at = |text: &str| session.raw.find(text).unwrap_or_else(|| panic!("{text:?} in {:?}", session.raw));
    let left = at(RESTORED[0]);
    assert!(at("still here") < left, "panics elsewhere leave the screen alone");
    assert!(left < at("the screen is broken"), "the message comes on the ordinary screen");
    assert!(left < at("a thread is broken"), "what happened before is told in the end");
    assert!(!session.raw.contains("a task is broken"), "who catches a panic tells of it");
}
