//! The one loop: what happens outside goes to the core, what the core asks for is done, and a frame is drawn when
//! something happened.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::clock::Clock;
use super::display::Display;
use super::effects::Effects;
use super::signals::Signal;
use super::{Core, Ending};
use crate::app::{Effect, Event};

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

pub(super) struct Driver<C, D> {
    pub(super) core: C,
    pub(super) display: D,
    pub(super) effects: Effects,
    pub(super) clock: Clock,
    pub(super) signals: mpsc::Receiver<Signal>,
    pub(super) keys: mpsc::Receiver<Event>,
    pub(super) answers: mpsc::Receiver<Event>,
    pub(super) watched: Option<mpsc::Receiver<Event>>,
    /// What happened before.
    pub(super) first: Vec<Event>,
    /// Something happened since the last frame.
    pub(super) is_dirty: bool,
    /// It is worth a frame at once.
    pub(super) is_urgent: bool,
    /// Stop signals to come that the process sent itself, together with its group.
    pub(super) stops_expected: u32,
    pub(super) frame_at: Option<Instant>,
    pub(super) wake_at_ms: Option<i64>,
    pub(super) wake_from: Instant,
}

impl<C: Core, D: Display> Driver<C, D> {
    pub(super) async fn run(mut self) -> Ending {
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
