//! The shell around the core: one loop that takes what happens outside to [`Core::update`], does what that asks for,
//! and draws when something happened.
//!
//! Nothing in it waits for anything else: keys are read by a thread, frames are written by a thread, questions are
//! tasks. Nothing ticks: without an event, an answer or a due time the process sleeps.

mod clipboard;
pub mod clock;
pub mod decode;
pub mod discover;
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

use std::collections::VecDeque;
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

/// Least time between two frames; the first one and those after a key are drawn at once.
const FRAME_PERIOD: Duration = Duration::from_millis(16);

/// Longest sleep: after it the time of day is looked at again, since it may have been set.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// Least time between two wakings, should the core ask for one again and again.
const WAKE_PERIOD: Duration = Duration::from_millis(10);

/// Events taken in before a frame is drawn, however many more there are.
const DRAIN_LIMIT: usize = 1_024;

/// How long the last frame may take to get through before the terminal is left without it.
const LAST_FRAME_WAIT: Duration = Duration::from_millis(200);

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

/// Where frames go: the terminal, or a test's record.
trait Display {
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

struct TerminalDisplay {
    terminal: Terminal,
    screen: Screen,
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

/// What the loop woke up for.
enum Happening {
    Signal(Signal),
    /// `None`: the terminal is gone.
    Key(Option<Event>),
    Written(io::Result<()>),
    Answer(Event),
    /// `None`: nothing is watched any more.
    Watched(Option<Event>),
    /// A frame or a waking is due, or it is time to look at the clock.
    Due,
}

struct Driver<C, D> {
    core: C,
    display: D,
    effects: Effects,
    clock: Clock,
    signals: mpsc::Receiver<Signal>,
    keys: mpsc::Receiver<Event>,
    answers: mpsc::Receiver<Event>,
    watched: Option<mpsc::Receiver<Event>>,
    /// What happened before.
    first: Vec<Event>,
    /// Something happened since the last frame.
    is_dirty: bool,
    /// It is worth a frame at once.
    is_urgent: bool,
    /// Stop signals to come that the process sent itself, together with its group.
    stops_expected: u32,
    frame_at: Option<Instant>,
    wake_at_ms: Option<i64>,
    wake_from: Instant,
}

impl<C: Core, D: Display> Driver<C, D> {
    async fn run(mut self) -> Ending {
        let ending = self.drive().await;
        self.settle_frame().await;
        ending
    }

    async fn drive(&mut self) -> Ending {
        if let Some(ending) = self.take_size().await {
            return ending;
        }
        for event in std::mem::take(&mut self.first) {
            if let Some(ending) = self.update(event).await {
                return ending;
            }
        }
        loop {
            if self.frame_due().is_some_and(|due| due <= Instant::now())
                && let Err(error) = self.draw()
            {
                tracing::info!(%error, "the terminal takes no frames any more");
                return Ending::HungUp;
            }
            let happening = self.next().await;
            if let Some(ending) = self.handle(happening).await {
                return ending;
            }
            for _ in 0..DRAIN_LIMIT {
                let Some(happening) = self.ready() else { break };
                if let Some(ending) = self.handle(happening).await {
                    return ending;
                }
            }
        }
    }

    /// Waits for the next happening, the more urgent first.
    async fn next(&mut self) -> Happening {
        let due = self.due();
        let watched = async {
            match &mut self.watched {
                Some(watched) => watched.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(signal) = self.signals.recv() => Happening::Signal(signal),
            key = self.keys.recv() => Happening::Key(key),
            written = self.display.written() => Happening::Written(written),
            Some(answer) = self.answers.recv() => Happening::Answer(answer),
            event = watched => Happening::Watched(event),
            () = tokio::time::sleep_until(due) => Happening::Due,
        }
    }

    /// A happening that is there already.
    fn ready(&mut self) -> Option<Happening> {
        if let Ok(signal) = self.signals.try_recv() {
            return Some(Happening::Signal(signal));
        }
        if let Ok(key) = self.keys.try_recv() {
            return Some(Happening::Key(Some(key)));
        }
        if let Ok(answer) = self.answers.try_recv() {
            return Some(Happening::Answer(answer));
        }
        let event = self.watched.as_mut()?.try_recv().ok()?;
        Some(Happening::Watched(Some(event)))
    }

    async fn handle(&mut self, happening: Happening) -> Option<Ending> {
        match happening {
            Happening::Signal(signal) => self.signal(signal).await,
            Happening::Key(Some(event)) => {
                self.is_urgent |= matches!(event, Event::Key(_));
                self.update(event).await
            }
            Happening::Key(None) => Some(Ending::HungUp),
            Happening::Written(Ok(())) => None,
            Happening::Written(Err(error)) => {
                tracing::info!(%error, "the terminal takes no frames any more");
                Some(Ending::HungUp)
            }
            Happening::Answer(event) => {
                self.effects.note(&event);
                self.update(event).await
            }
            Happening::Watched(Some(event)) => self.update(event).await,
            Happening::Watched(None) => {
                self.watched = None;
                None
            }
            Happening::Due => {
                if Instant::now() < self.wake_from {
                    return None;
                }
                let set_back = self.clock.was_set_back();
                let now_ms = self.clock.now_ms();
                let is_due = self.wake_at_ms.is_some_and(|wake_at_ms| wake_at_ms <= now_ms);
                // An early waking does no harm, and lets the core see that its dates lie too far ahead.
                if !is_due && !set_back {
                    return None;
                }
                self.wake_from = Instant::now() + WAKE_PERIOD;
                self.update(Event::Wake).await
            }
        }
    }

    async fn signal(&mut self, signal: Signal) -> Option<Ending> {
        match signal {
            Signal::End(number) => Some(Ending::Signal(number)),
            Signal::Resize => self.take_size().await,
            Signal::Stop if self.stops_expected > 0 => {
                self.stops_expected -= 1;
                None
            }
            Signal::Stop => {
                let event = self.suspend(false).await;
                self.resumed(event).await
            }
            Signal::Continue => {
                if let Err(error) = self.display.resume() {
                    tracing::info!(%error, "the terminal cannot be taken again");
                }
                self.resumed(Some(Event::Resumed)).await
            }
        }
    }

    /// The size may have changed while the process was stopped.
    async fn resumed(&mut self, event: Option<Event>) -> Option<Ending> {
        self.display.repaint();
        if let Some(ending) = self.take_size().await {
            return Some(ending);
        }
        self.update(event?).await
    }

    async fn take_size(&mut self) -> Option<Ending> {
        let (columns, rows) = self.display.size();
        self.display.resize(columns, rows);
        self.is_urgent = true;
        self.update(Event::Resize(columns, rows)).await
    }

    /// Takes `event` to the core, and does what comes of it.
    async fn update(&mut self, event: Event) -> Option<Ending> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            self.is_dirty = true;
            let now_ms = self.clock.now_ms();
            for effect in self.core.update(event, now_ms) {
                match effect {
                    Effect::Ask(id, query) => self.effects.ask(id, query),
                    Effect::Lookup(id, source, lookup, span) => self.effects.lookup(id, source, lookup, span),
                    Effect::Remember(choices) => self.effects.remember(choices),
                    Effect::Act(id, action) => self.effects.act(id, action),
                    Effect::Cancel(id) => self.effects.cancel(id),
                    Effect::Export(export) => {
                        let draft = self.core.export(&export, now_ms);
                        self.effects.export(export, draft);
                    }
                    Effect::Copy(text) => self.display.copy(&text),
                    Effect::Repaint => self.display.repaint(),
                    Effect::Quit => return Some(Ending::Quit),
                    Effect::Suspend => {
                        events.extend(self.suspend(true).await);
                        self.display.repaint();
                        let (columns, rows) = self.display.size();
                        self.display.resize(columns, rows);
                        events.push_back(Event::Resize(columns, rows));
                    }
                }
            }
            self.wake_at_ms = self.core.wake_at(self.clock.now_ms());
        }
        None
    }

    async fn suspend(&mut self, with_group: bool) -> Option<Event> {
        // Half a frame must not follow the restored screen.
        self.settle_frame().await;
        match self.display.suspend(with_group) {
            Ok(true) => {
                self.stops_expected += u32::from(with_group);
                Some(Event::Resumed)
            }
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(%error, "cannot stop the process");
                None
            }
        }
    }

    /// Waits for the frame under way, but not for ever.
    async fn settle_frame(&mut self) {
        if !self.display.is_ready() {
            // Whether it got through or not, the terminal is left next.
            let _ = tokio::time::timeout(LAST_FRAME_WAIT, self.display.written()).await;
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.is_dirty = false;
        self.is_urgent = false;
        self.frame_at = Some(Instant::now());
        let (core, now_ms) = (&self.core, self.clock.now_ms());
        self.display.draw(|buffer| core.render(now_ms, buffer))
    }

    /// When the next frame is to be drawn; `None` while nothing happened or the terminal is not ready.
    fn frame_due(&self) -> Option<Instant> {
        if !self.is_dirty || !self.display.is_ready() {
            return None;
        }
        let earliest = self.frame_at.filter(|_| !self.is_urgent).map(|frame_at| frame_at + FRAME_PERIOD);
        Some(earliest.unwrap_or_else(Instant::now))
    }

    /// When to stop waiting.
    fn due(&mut self) -> Instant {
        let now = Instant::now();
        let longest = now + SLEEP_MAX;
        let now_ms = self.clock.now_ms();
        let wake = self.wake_at_ms.map(|wake_at_ms| {
            let wait_ms = u64::try_from(wake_at_ms.saturating_sub(now_ms)).unwrap_or(0);
            let wait = Duration::from_millis(wait_ms).min(SLEEP_MAX);
            (now + wait).max(self.wake_from)
        });
        [self.frame_due(), wake].into_iter().flatten().fold(longest, Instant::min)
    }
}

#[cfg(test)]
mod tests;
