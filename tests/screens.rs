//! Whole screens: a dashboard over replayed data, driven by keys, compared with pictures that a person can read.

use std::sync::Arc;

use chrono_tz::Tz;
use promscope::app::{Effect, Event, Key, KeyCode, Origin, Settings, State, update};
use promscope::format::yaml;
use promscope::query::QueryError;
use promscope::series::Labels;
use promscope::source::replay::Replay;
use promscope::theme::{ColorDepth, Marker, Theme};
use promscope::ui;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

/// 2026-05-28T20:30:00Z
const NOW_MS: i64 = 1_780_000_200_000;

const DASHBOARD: &str = "
title: Shop
refresh: 5s
time: { from: now-5m }
scrape_interval: 5s
rows:
  - title: Traffic
    panels:
      - { type: timeseries, title: Requests, unit: reqps, queries: [{ expr: requests, legend: '{{path}}' }] }
      - { type: stat, title: Up, query: up, thresholds: [{ color: red }, { at: 2, color: green }] }
  - panels:
      - { type: table, title: Targets, query: targets }
      - { type: timeseries, title: Broken, query: broken }
";

/// A square wave of ten minutes between 10 and 20, for one path twice as high.
fn replay() -> Replay {
    let wave = |time_ms: i64| if time_ms.rem_euclid(600_000) < 480_000 { 10.0 } else { 20.0 };
    let error = QueryError::Prometheus { kind: "execution".into(), message: "query timed out".into() };
    Replay::new()
        .series("requests", Labels::from([("path", "/")]), wave)
        .series("requests", Labels::from([("path", "/cart")]), move |time_ms| 2.0 * wave(time_ms))
        .series("up", Labels::default(), |_| 2.0)
        .series("targets", Labels::from([("job", "api"), ("zone", "a\u{202e}b")]), |_| 1.0)
        .series("targets", Labels::from([("job", "db"), ("zone", "c")]), |_| f64::NAN)
        .error("broken", error)
}

struct Run {
    state: State,
    replay: Replay,
}

impl Run {
    fn new(depth: ColorDepth) -> Self {
        let settings = Settings {
            address: "http://replay".into(),
            zone: Tz::UTC,
            theme: Theme { depth, marker: Marker::Braille },
            range: None,
            refresh_ms: None,
            scrape_interval_ms: None,
            headless: false,
        };
        let mut run = Self { state: State::new(settings, (72, 20), NOW_MS), replay: replay() };
        let dashboard = yaml::parse(DASHBOARD, Tz::UTC).expect("a dashboard");
        run.event(Event::Loaded(Origin::File("shop.yaml".into()), Ok(Arc::new(dashboard))));
        run
    }

    fn event(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in update(&mut self.state, event, NOW_MS) {
                if let Effect::Ask(id, query) = effect {
                    events.push(Event::Answered(id, self.replay.answer(&query).map(Arc::new)));
                }
            }
        }
    }

    fn keys(&mut self, keys: &[KeyCode]) {
        for code in keys {
            self.event(Event::Key(Key::plain(*code)));
        }
    }

    fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 72, 20));
        ui::render(&self.state, NOW_MS, &mut buffer);
        buffer
    }

    fn picture(&self) -> String {
        let buffer = self.buffer();
        let line = |y| (0..72).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..20).map(|y| line(y).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// The cell at which `text` begins.
    fn find(&self, text: &str) -> (u16, u16) {
        let picture = self.picture();
        let (y, line) = picture.lines().enumerate().find(|(_, line)| line.contains(text)).expect(text);
        let x = line[..line.find(text).expect(text)].chars().count();
        (x as u16, y as u16)
    }
}

#[test]
fn a_dashboard_at_first_sight() {
    insta::assert_snapshot!(Run::new(ColorDepth::None).picture());
}

#[test]
fn a_panel_in_full_screen_and_the_help_over_it() {
    let mut run = Run::new(ColorDepth::None);
    run.keys(&[KeyCode::Enter]);
    insta::assert_snapshot!("full_screen", run.picture());
    run.keys(&[KeyCode::Char('?')]);
    insta::assert_snapshot!("help", run.picture());
    run.keys(&[KeyCode::Esc, KeyCode::Esc]);
    assert_eq!(run.picture(), Run::new(ColorDepth::None).picture());
}

#[test]
fn colours_carry_what_they_should() {
    let mut run = Run::new(ColorDepth::True);
    let buffer = run.buffer();
    assert_eq!(buffer[run.find("execution")].fg, Color::Rgb(255, 92, 92), "an error is red");
    let focus = Color::Rgb(87, 174, 255);
    assert_eq!(buffer[run.find("Requests")].fg, focus);
    run.keys(&[KeyCode::Char('l')]);
    let buffer = run.buffer();
    assert_ne!(buffer[run.find("Requests")].fg, focus);
    assert_eq!(buffer[run.find("Up")].fg, focus);
}
