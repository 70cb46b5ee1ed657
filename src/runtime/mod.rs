//! The shell around the core: one loop that takes what happens outside to [`Core::update`], does what that asks for,
//! and draws when something happened.
//!
//! Nothing in it waits for anything else: keys are read by a thread, frames are written by a thread, questions are
//! tasks. Nothing ticks: without an event, an answer or a due time the process sleeps.

mod clipboard;
pub mod clock;
pub mod decode;
pub mod discover;
mod display;
mod driver;
pub mod effects;
pub mod environment;
pub mod input;
pub mod load;
pub mod memory;
pub mod scan;
pub mod screen;
pub mod signals;
pub mod terminal;
pub mod watch;

use std::io;
use std::panic;
use std::time::Duration;

use anyhow::Context;
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::clock::Clock;
use self::discover::Discovery;
use self::display::TerminalDisplay;
use self::driver::Driver;
use self::effects::Effects;
pub use self::load::{parser, read_dashboard};
use self::scan::Scanner;
use self::screen::Screen;
use self::signals::{Signal, Signals};
use self::terminal::Terminal;
use crate::app::{self, Effect, Event, Export, State};
use crate::export::{self, Draft};
use crate::source::Sources;
use crate::theme::{self, Theme};
use crate::ui;

/// Threads for what blocks: names to addresses, files.
const BLOCKING_THREADS: usize = 4;

/// How long such a thread is kept for the next one.
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_secs(2);

/// What the loop drives. There is one, [`State`]; the loop's tests have their own.
pub trait Core {
    /// Takes in what happened.
    fn update(&mut self, event: Event, now_ms: i64) -> Vec<Effect>;
    /// When to send [`Event::Wake`].
    fn wake_at(&self, now_ms: i64) -> Option<i64>;
    /// Draws.
    fn render(&self, now_ms: i64, buffer: &mut Buffer);
    /// Draws for a file.
    fn export(&self, export: &Export, now_ms: i64) -> Draft;
}

impl Core for State {
    fn update(&mut self, event: Event, now_ms: i64) -> Vec<Effect> {
        app::update(self, event, now_ms)
    }

    fn wake_at(&self, now_ms: i64) -> Option<i64> {
        self.wake_at(now_ms)
    }

    fn render(&self, now_ms: i64, buffer: &mut Buffer) {
        ui::render(self, now_ms, buffer);
    }

    fn export(&self, export: &Export, now_ms: i64) -> Draft {
        export::draft(self, export, now_ms)
    }
}

/// What the loop needs to know.
pub struct Options {
    /// Tells the time.
    pub clock: Clock,
    /// Takes presses and the wheel; without it the terminal's own selection of text works.
    pub mouse: bool,
    /// What happened before there was a loop: the dashboards that were read.
    pub events: Vec<Event>,
    /// Which files to watch, if any.
    pub watch: Option<Scanner>,
    /// Whose metrics to make a dashboard of, if any.
    pub discover: Option<Discovery>,
}

/// Unix milliseconds by the system's clock, for what is no part of the loop.
pub fn now_ms() -> i64 {
    Clock::wall().now_ms()
}

/// Colours and characters of the terminal that the process runs in.
pub fn detect_theme() -> Theme {
    let variables = &environment::Process;
    Theme {
        depth: environment::color_depth(variables),
        marker: environment::marker(variables),
        palette: theme::default_palette(environment::is_light(variables)),
    }
}

/// The zone of the machine, or of the person.
pub fn local_zone() -> Tz {
    environment::zone(&environment::Process, environment::system_zone().as_deref())
}

/// How the program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The core asked for it.
    Quit,
    /// A signal of this number did.
    Signal(i32),
    /// The terminal is gone.
    HungUp,
}

impl Ending {
    /// The exit status by the shells' convention.
    pub fn status(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(number) => u8::try_from(128 + number).unwrap_or(u8::MAX),
            Self::HungUp => 129,
        }
    }
}

/// Runs on a tokio runtime of its own, on this thread, until the end.
pub fn start(core: impl Core, sources: Sources, options: Options) -> anyhow::Result<Ending> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(BLOCKING_KEEP_ALIVE)
        .build()
        .context("cannot start the event loop")?;
    let ending =
        panic::catch_unwind(panic::AssertUnwindSafe(|| runtime.block_on(run(core, sources, options))));
    // Not dropped: that waits for blocking work, and looking up a name may take half a minute.
    runtime.shutdown_background();
    ending.unwrap_or_else(|payload| panic::resume_unwind(payload))
}

/// Runs until the end; the terminal is restored then. Needs a tokio runtime of one thread.
pub async fn run(core: impl Core, sources: Sources, options: Options) -> anyhow::Result<Ending> {
    // Signals first: one that comes while the terminal is being set up must restore it.
    let signals = forward_signals(Signals::new().context("cannot listen to signals")?);
    let terminal = Terminal::enter(options.mouse)?;
    let keys = input::start(input::Tty::open().context("cannot read the terminal")?)?;
    let screen = Screen::start(io::stdout()).context("cannot write to the terminal")?;
    let (effects, answers) = Effects::new(sources);
    let driver = Driver {
        core,
        display: TerminalDisplay { terminal, screen },
        effects,
        clock: options.clock,
        signals,
        keys,
        answers,
        watched: merged(options.watch.map(watch::start), options.discover.map(discover::start)),
        first: options.events,
        is_dirty: false,
        is_urgent: true,
        stops_expected: 0,
        frame_at: None,
        wake_at_ms: None,
        wake_from: Instant::now(),
    };
    Ok(driver.run().await)
}

/// What comes through either channel; closed when both are.
fn merged(
    first: Option<mpsc::Receiver<Event>>,
    second: Option<mpsc::Receiver<Event>>,
) -> Option<mpsc::Receiver<Event>> {
    let (mut first, mut second) = match (first, second) {
        (Some(first), Some(second)) => (first, second),
        (first, second) => return first.or(second),
    };
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let event = async {
                tokio::select! {
                    Some(event) = first.recv() => Some(event),
                    Some(event) = second.recv() => Some(event),
                    else => None,
                }
            };
            let event = tokio::select! {
                event = event => event,
                () = sender.closed() => None,
            };
            let Some(event) = event else { return };
            if sender.send(event).await.is_err() {
                return;
            }
        }
    });
    Some(receiver)
}

fn forward_signals(mut signals: Signals) -> mpsc::Receiver<Signal> {
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        loop {
            let signal = signals.next().await;
            if sender.send(signal).await.is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests;
