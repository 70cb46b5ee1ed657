//! Looking closer at a running dashboard: crosshair and zoom.

use promscope::app::{Event, Key, KeyCode, Mouse, MouseKind};
use promscope::theme::ColorDepth;
use promscope::time_range::TimeRange;

use super::{NOW_MS, Run};

const SHOP: &str = "
title: Shop
refresh: 5s
time: { from: now-5m }
scrape_interval: 5s
rows:
  - panels:
      - { type: timeseries, title: Requests, unit: reqps, queries: [{ expr: requests, legend: '{{path}}' }] }
      - { type: sparkline, title: Shape, queries: [{ expr: requests, legend: '{{path}}' }] }
  - panels:
      - { type: heatmap, title: Latency, queries: [{ expr: buckets, legend: '{{le}}' }] }
      - { type: stat, title: Up, query: up }
";

fn shop(size: (u16, u16)) -> Run {
    Run::of(SHOP, ColorDepth::None, size)
}

fn mouse(run: &mut Run, kind: MouseKind, x: u16, y: u16) {
    run.event(Event::Mouse(Mouse { kind, x, y }));
}

#[test]
fn the_crosshair_says_every_value_at_one_time() {
    let mut run = shop((80, 24));
    run.keys(&[KeyCode::Char('x')]);
    insta::assert_snapshot!("crosshair_80x24", run.picture());
    run.keys(&[KeyCode::Char('H'), KeyCode::Left]);
    assert!(run.picture().contains("at 20:29:05, 55s ago"), "{}", run.picture());
    run.keys(&[KeyCode::Home, KeyCode::Char('l')]);
    assert!(run.picture().contains("at 20:25:05"), "{}", run.picture());
    run.keys(&[KeyCode::Esc]);
    assert_eq!(run.picture(), shop((80, 24)).picture());
}

#[test]
fn full_screen_has_a_line_for_every_value() {
    let mut run = shop((120, 40));
    run.keys(&[KeyCode::Char('x'), KeyCode::Char('j'), KeyCode::Enter]);
    insta::assert_snapshot!("crosshair_full_screen_120x40", run.picture());
}

#[test]
fn a_marked_range_becomes_the_window_and_can_be_left() {
    let mut run = shop((80, 24));
    run.keys(&[KeyCode::Char('x'), KeyCode::Char('V')]);
    run.keys(&[KeyCode::Char('H'); 2]);
    assert!(run.picture().contains("marked 20:28:20 – 20:30:00, 1m40s"), "{}", run.picture());
    insta::assert_snapshot!("marked_80x24", run.picture());
    run.keys(&[KeyCode::Enter]);
    let span = run.state.tick.span;
    assert_eq!((span.start_ms, span.end_ms), (NOW_MS - 100_000, NOW_MS));
    run.keys(&[KeyCode::Esc]);
    assert!(run.state.crosshair.is_none());
    run.keys(&[KeyCode::Char('-'), KeyCode::Backspace, KeyCode::Backspace]);
    assert_eq!(run.state.range, TimeRange::last(300_000));
    run.keys(&[KeyCode::Backspace]);
    assert!(run.picture().contains("no range before this one"), "{}", run.picture());
}

#[test]
fn the_mouse_places_the_crosshair_and_zooms_by_dragging() {
    let mut run = shop((80, 24));
    // From the plot's first cell to beyond its last.
    let (_, y) = run.find("┤");
    let x = run.find("┤").0 + 1;
    mouse(&mut run, MouseKind::Press, x, y);
    assert!(run.state.crosshair.is_none(), "a press alone only focuses");
    mouse(&mut run, MouseKind::Drag, x + 10, y);
    assert!(run.picture().contains("marked 20:25:"), "{}", run.picture());
    mouse(&mut run, MouseKind::Drag, 79, y);
    mouse(&mut run, MouseKind::Release, 79, y);
    assert!(run.state.crosshair.is_none());
    let span = run.state.tick.span;
    assert_eq!((span.start_ms, span.end_ms), (NOW_MS - 295_000, NOW_MS));
    run.keys(&[KeyCode::Backspace, KeyCode::Char('x')]);
    // All presses are at one time here, and the second would be a double click.
    run.state.last_press = None;
    mouse(&mut run, MouseKind::Press, x, y);
    mouse(&mut run, MouseKind::Release, x, y);
    assert_eq!(run.state.crosshair.map(|crosshair| crosshair.at_ms), Some(NOW_MS - 295_000));
    run.event(Event::Key(Key::plain(KeyCode::Esc)));
    assert!(run.state.crosshair.is_none());
}
