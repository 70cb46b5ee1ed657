//! The loop with a core that keeps a diary, a display that draws nothing, and a time that only passes when all wait.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::display::Display;
use super::*;
use crate::app::{Key, KeyCode};
use crate::dashboard::Dashboard;
use crate::query::Query;
use crate::source::{AnswerFuture, Source};

/// What happened, each line with its milliseconds since the start.
#[derive(Clone)]
struct Diary {
    lines: Arc<Mutex<Vec<String>>>,
    start: Instant,
}

impl Diary {
    fn write(&self, line: &str) {
        let line = format!("{} {line}", self.start.elapsed().as_millis());
        self.lines.lock().unwrap().push(line);
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

struct DiaryCore {
    diary: Diary,
    /// Dates still to come; the first is the one waited for.
    wakes_ms: Vec<i64>,
    /// Whatever happens, it wants to be woken at once.
    restless: bool,
}

impl Core for DiaryCore {
    fn update(&mut self, event: Event, now_ms: i64) -> Vec<Effect> {
        let (line, effects) = match event {
            Event::Key(Key { code: KeyCode::Char(character), .. }) => {
                let effect = match character {
                    'q' => Some(Effect::Quit),
                    'z' => Some(Effect::Suspend),
                    'l' => Some(Effect::Repaint),
                    _ => None,
                };
                (format!("key {character}"), effect)
            }
            Event::Wake => {
                self.wakes_ms.retain(|wake_ms| *wake_ms > now_ms);
                ("wake".to_owned(), None)
            }
            Event::Resize(columns, rows) => (format!("size {columns}x{rows}"), None),
            Event::Loaded(..) => ("loaded".to_owned(), None),
            Event::Resumed => ("resumed".to_owned(), None),
            other => panic!("{other:?}"),
        };
        self.diary.write(&line);
        effects.into_iter().collect()
    }

    fn wake_at(&self, now_ms: i64) -> Option<i64> {
        if self.restless { Some(now_ms - 5) } else { self.wakes_ms.first().copied() }
    }

    fn render(&self, _now_ms: i64, _buffer: &mut Buffer) {
        self.diary.write("frame");
    }

    fn export(&self, _export: &Export, _now_ms: i64) -> Draft {
        Draft::Done(Vec::new())
    }
}

struct DiaryDisplay {
    diary: Diary,
    /// Frames do not get through until [`Notify`] says so.
    stalls: Arc<AtomicBool>,
    through: Arc<Notify>,
    is_ready: bool,
}

impl Display for DiaryDisplay {
    fn size(&self) -> (u16, u16) {
        (80, 24)
    }

    fn resize(&mut self, _columns: u16, _rows: u16) {}

    fn repaint(&mut self) {
        self.diary.write("repaint");
    }

    fn is_ready(&self) -> bool {
        self.is_ready
    }

    async fn written(&mut self) -> io::Result<()> {
        if self.is_ready {
            return std::future::pending().await;
        }
        self.through.notified().await;
        self.is_ready = true;
        Ok(())
    }

    fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        render(&mut Buffer::default());
        self.is_ready = !self.stalls.load(Ordering::Relaxed);
        Ok(())
    }

    fn copy(&mut self, text: &str) {
        self.diary.write(&format!("copy {text}"));
    }

    fn suspend(&mut self, with_group: bool) -> io::Result<bool> {
        self.diary.write(if with_group { "stop all" } else { "stop" });
        Ok(true)
    }

    fn resume(&mut self) -> io::Result<()> {
        self.diary.write("resume");
        Ok(())
    }
}

struct NoSource;

impl Source for NoSource {
    fn address(&self) -> &'static str {
        ""
    }

    fn ask<'a>(&'a self, _query: &'a Query) -> AnswerFuture<'a> {
        Box::pin(std::future::pending())
    }
}

/// Everything outside of the loop.
struct World {
    diary: Diary,
    keys: mpsc::Sender<Event>,
    signals: mpsc::Sender<Signal>,
    watched: mpsc::Sender<Event>,
    stalls: Arc<AtomicBool>,
    through: Arc<Notify>,
    /// Added to the time of day.
    skew_ms: Arc<AtomicI64>,
}

impl World {
    fn new(wakes_ms: &[i64]) -> (Self, Driver<DiaryCore, DiaryDisplay>) {
        let start = Instant::now();
        let diary = Diary { lines: Arc::default(), start };
        let (keys, keys_receiver) = mpsc::channel(9);
        let (signals, signals_receiver) = mpsc::channel(9);
        let (watched, watched_receiver) = mpsc::channel(99);
        let stalls = Arc::new(AtomicBool::new(false));
        let through = Arc::new(Notify::new());
        let skew_ms = Arc::new(AtomicI64::new(0));
        let clock = Clock::new({
            let skew_ms = Arc::clone(&skew_ms);
            move || start.elapsed().as_millis() as i64 + skew_ms.load(Ordering::Relaxed)
        });
        let (effects, answers) = Effects::new(Sources::one(Arc::new(NoSource)));
        let display = DiaryDisplay {
            diary: diary.clone(),
            stalls: Arc::clone(&stalls),
            through: Arc::clone(&through),
            is_ready: true,
        };
        let driver = Driver {
            core: DiaryCore { diary: diary.clone(), wakes_ms: wakes_ms.to_vec(), restless: false },
            display,
            effects,
            clock,
            signals: signals_receiver,
            keys: keys_receiver,
            answers,
            watched: Some(watched_receiver),
            first: Vec::new(),
            is_dirty: false,
            is_urgent: true,
            stops_expected: 0,
            frame_at: None,
            wake_at_ms: None,
            wake_from: start,
        };
        (Self { diary, keys, signals, watched, stalls, through, skew_ms }, driver)
    }

    async fn press(&self, keys: &str) {
        for key in keys.chars() {
            self.keys.send(Event::Key(Key::char(key))).await.unwrap();
        }
    }

    async fn change_a_file(&self) {
        let origin = app::Origin::File(String::new());
        self.watched.send(Event::Loaded(origin, Ok(Arc::new(Dashboard::default())))).await.unwrap();
    }

    /// Lets the loop do all there is to do, and `ms` pass.
    async fn pass(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// Runs the loop next to `script`, which gets the world back in the end so that no channel closes before.
async fn play<F: Future<Output = World>>(
    driver: Driver<DiaryCore, DiaryDisplay>,
    script: F,
) -> (Ending, World) {
    tokio::join!(driver.run(), script)
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_is_drawn_at_once_and_an_idle_loop_sleeps() {
    let (world, driver) = World::new(&[]);
    let (ending, world) = play(driver, async {
        world.pass(3_600_000).await;
        assert_eq!(world.diary.read(), ["0 size 80x24", "0 frame"]);
        world.press("q").await;
        world
    })
    .await;
    assert_eq!(world.diary.read(), ["3600000 key q"]);
    assert_eq!((ending, ending.status()), (Ending::Quit, 0));
}

#[tokio::test(start_paused = true)]
async fn keys_are_drawn_at_once_and_together() {
    let (world, driver) = World::new(&[]);
    play(driver, async {
        world.pass(1).await;
        world.diary.read();
        world.press("abc").await;
        world.pass(1).await;
        world.press("d").await;
        world.pass(1).await;
        assert_eq!(world.diary.read(), ["1 key a", "1 key b", "1 key c", "1 frame", "2 key d", "2 frame"]);
        world.press("q").await;
        world
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn other_events_share_the_frames() {
    let (world, driver) = World::new(&[]);
    play(driver, async {
        world.pass(1).await;
        world.diary.read();
        for _ in 0..40 {
            world.change_a_file().await;
            world.pass(1).await;
        }
        world.pass(100).await;
        let lines = world.diary.read();
        let frames: Vec<&String> = lines.iter().filter(|line| line.ends_with("frame")).collect();
        assert_eq!(frames, ["16 frame", "32 frame", "48 frame"]);
        world.press("q").await;
        world
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_core_is_woken_when_it_asked_for_it() {
    let (world, driver) = World::new(&[250, 5_000, 200_000]);
    play(driver, async {
        world.pass(300_000).await;
        assert_eq!(
            world.diary.read()[2..],
            ["250 wake", "250 frame", "5000 wake", "5000 frame", "200000 wake", "200000 frame"]
        );
        world.press("q").await;
        world
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_restless_core_does_not_spin() {
    let (world, mut driver) = World::new(&[]);
    driver.core.restless = true;
    play(driver, async {
        world.pass(1_005).await;
        let wakes = world.diary.read().iter().filter(|line| line.ends_with("wake")).count();
        assert!((90..=101).contains(&wakes), "{wakes}");
        world.press("q").await;
        world
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_is_noticed_within_a_minute() {
    let (world, driver) = World::new(&[30_000, 10_000_000]);
    play(driver, async {
        world.pass(1_000).await;
        world.diary.read();
        world.skew_ms.store(-3_600_000, Ordering::Relaxed);
        world.pass(60_000).await;
        assert_eq!(world.diary.read(), ["30000 wake", "30000 frame"], "back: the core may look at its dates");
        world.skew_ms.store(10_000_000, Ordering::Relaxed);
        world.pass(60_000).await;
        assert_eq!(world.diary.read().len(), 2, "ahead: what is due is due");
        world.press("q").await;
        world
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stalled_terminal_holds_up_frames_and_nothing_else() {
    let (world, driver) = World::new(&[]);
    world.stalls.store(true, Ordering::Relaxed);
    let (ending, world) = play(driver, async {
        world.pass(10).await;
        world.press("ab").await;
        world.pass(10).await;
        assert_eq!(world.diary.read(), ["0 size 80x24", "0 frame", "10 key a", "10 key b"]);
        world.through.notify_one();
        world.pass(10).await;
        assert_eq!(world.diary.read(), ["20 frame"]);
        world.signals.send(Signal::End(15)).await.unwrap();
        world
    })
    .await;
    assert_eq!((ending, ending.status()), (Ending::Signal(15), 143));
    drop(world);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_input_is_the_end() {
    let (world, driver) = World::new(&[]);
    let World { keys, signals, watched, .. } = world;
    let (ending, ()) = tokio::join!(driver.run(), async { drop(keys) });
    assert_eq!((ending, ending.status()), (Ending::HungUp, 129));
    drop((signals, watched));
}

#[tokio::test(start_paused = true)]
async fn stopping_and_going_on_paints_anew() {
    let (world, driver) = World::new(&[]);
    play(driver, async {
        world.pass(1).await;
        world.diary.read();
        world.press("z").await;
        world.pass(1).await;
        // The process's own signal to its group comes back to it.
        world.signals.send(Signal::Stop).await.unwrap();
        world.pass(1).await;
        assert_eq!(
            world.diary.read(),
            ["1 key z", "1 stop all", "1 repaint", "1 resumed", "1 size 80x24", "1 frame"]
        );
        world.signals.send(Signal::Stop).await.unwrap();
        world.pass(1).await;
        assert_eq!(
            world.diary.read(),
            ["3 stop", "3 repaint", "3 size 80x24", "3 resumed", "3 frame"],
            "from outside"
        );
        world.signals.send(Signal::Continue).await.unwrap();
        world.pass(1).await;
        assert_eq!(
            world.diary.read(),
            ["4 resume", "4 repaint", "4 size 80x24", "4 resumed", "4 frame"],
            "stopped by SIGSTOP, which nobody is told of"
        );
        world.press("lq").await;
        world
    })
    .await;
}
