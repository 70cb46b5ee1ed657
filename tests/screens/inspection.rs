//! Looking closer at a running dashboard: crosshair and zoom, the inspector, search and copy, rows and the overview.

use promscope::app::{COPY_LIMIT_BYTES, Effect, Event, Key, KeyCode, Mouse, MouseKind, update};
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
fn full_screen_says_each_value_once() {
    let mut run = shop((80, 24));
    run.keys(&[KeyCode::Char('x'), KeyCode::Enter]);
    let picture = run.picture();
    assert_eq!(picture.matches("/cart").count(), 1, "{picture}");
    assert_eq!(picture.matches("20 req/s").count(), 2, "in the legend and on the axis: {picture}");
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

#[test]
fn the_inspector_shows_what_was_asked_and_what_came() {
    let dashboard = SHOP.replace("expr: requests, legend: '{{path}}' }] }\n      - { type: sparkline", "expr: 'requests' }, { expr: 'rate(x[$__rate_interval])' }, { expr: up, hide: true }] }\n      - { type: sparkline");
    let mut run = Run::of(&dashboard, ColorDepth::None, (80, 24));
    run.keys(&[KeyCode::Char('i')]);
    insta::assert_snapshot!("inspector_80x24", run.picture());
    run.keys(&[KeyCode::Char('j'), KeyCode::End]);
    let end = run.picture();
    assert!(end.contains("nothing is recorded for \"rate(x[20s])\""), "{end}");
    run.keys(&[KeyCode::Char('k')]);
    assert_ne!(run.picture(), end, "it stops at its end and comes back at once");
    let effects = update(&mut run.state, Event::Key(Key::char('y')), NOW_MS);
    assert_eq!(effects, [Effect::Copy("requests\nrate(x[20s])".to_owned())]);
    assert!(run.picture().contains("copied 2 expressions"), "{}", run.picture());
    run.keys(&[KeyCode::Char('i')]);
    assert!(run.state.overlay.is_none());
}

#[test]
fn a_panel_is_found_by_letters_of_its_title() {
    let mut run = shop((80, 24));
    run.keys(&[KeyCode::Char('/'), KeyCode::Char('q'), KeyCode::Char('x')]);
    assert!(run.picture().contains("no title has these letters"), "{}", run.picture());
    run.keys(&[KeyCode::Backspace, KeyCode::Backspace, KeyCode::Char('A'), KeyCode::Char('t')]);
    insta::assert_snapshot!("search_80x24", run.picture());
    run.keys(&[KeyCode::Enter]);
    assert_eq!((run.state.view.focus, run.state.overlay), (2, None));
    let before = run.state.view.focus;
    run.keys(&[KeyCode::Char('/'), KeyCode::Down, KeyCode::Esc]);
    assert_eq!(run.state.view.focus, before);
}

#[test]
fn values_are_copied_and_bounded() {
    let mut run = shop((80, 24));
    let copy = |run: &mut Run| match &update(&mut run.state, Event::Key(Key::char('y')), NOW_MS)[..] {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copy(&mut run), "/\t10 req/s\n/cart\t20 req/s");
    run.keys(&[KeyCode::Char('x'), KeyCode::Char('H'), KeyCode::Char('H')]);
    assert_eq!(copy(&mut run), "/\t20 req/s\n/cart\t40 req/s", "with the crosshair, those then");
    assert!(run.picture().contains("copied 2 values"), "{}", run.picture());
    let long = "x".repeat(COPY_LIMIT_BYTES / 2);
    let content = format!(
        "\nrows: [{{ panels: [{{ type: timeseries, title: T, queries: [{{ expr: requests, legend: '{{{{path}}}}{long}' }}] }}] }}]"
    );
    let mut run = Run::of(&format!("title: T{content}"), ColorDepth::None, (80, 24));
    let copied = copy(&mut run);
    assert!(copied.len() <= COPY_LIMIT_BYTES && copied.lines().count() == 1);
    assert!(run.picture().contains("copied the first 1 of 2 values"), "{}", run.picture());
}

const ROWS: &str = "
title: Shop
refresh: 5s
time: { from: now-5m }
scrape_interval: 5s
links: [{ title: Runbook, url: https://example.org/shop }]
actions:
  - { key: f, title: Ask for a cat fact, get: http://localhost/fact }
  - { key: F, title: Ask for fifty cat facts, get: http://localhost/fact, times: 50 }
rows:
  - title: Traffic
    panels:
      - type: timeseries
        title: Requests
        unit: reqps
        queries: [{ expr: requests, legend: '{{path}}' }]
        links: [{ title: Shop, url: https://example.org/panel }]
      - { type: stat, title: Up, query: up }
  - title: Details
    collapsed: true
    panels:
      - { type: table, title: Targets, query: targets }
      - { type: timeseries, title: Broken, query: broken }
      - { type: heatmap, title: Latency, queries: [{ expr: buckets, legend: '{{le}}' }] }
";

fn asked(run: &Run) -> usize {
    run.state
        .panels
        .iter()
        .flat_map(|panel| &panel.targets)
        .filter(|target| {
            let mut keys = target.range.iter().chain(&target.instant);
            keys.any(|key| run.state.store.slot(key).is_some())
        })
        .count()
}

#[test]
fn a_collapsed_row_asks_nothing_until_it_is_opened() {
    let mut run = Run::of(ROWS, ColorDepth::None, (80, 24));
    assert_eq!(asked(&run), 2);
    insta::assert_snapshot!("collapsed_80x24", run.picture());
    run.keys(&[KeyCode::Char('G')]);
    assert_eq!(run.state.view.focus, 2, "the first panel stands for its row");
    run.keys(&[KeyCode::Char('z')]);
    assert_eq!(asked(&run), 5);
    assert!(run.picture().contains("Targets"), "{}", run.picture());
    run.keys(&[KeyCode::Char('z'), KeyCode::Tab, KeyCode::Char('z')]);
    insta::assert_snapshot!("collapsed_all_80x24", run.picture());
    // A press on a title opens the row; the search opens what it finds.
    mouse(&mut run, MouseKind::Press, 3, 1);
    assert!(run.picture().contains("Requests"), "{}", run.picture());
    run.keys(&[KeyCode::Char('/')]);
    run.keys(&"latency".chars().map(KeyCode::Char).collect::<Vec<_>>());
    run.keys(&[KeyCode::Enter]);
    assert_eq!(run.state.view.focus, 4);
    assert!(run.picture().contains("━ Latency"), "{}", run.picture());
}

#[test]
fn the_overview_has_a_line_for_every_series() {
    let mut run = Run::of(ROWS, ColorDepth::None, (80, 24));
    run.keys(&[KeyCode::Char('o'), KeyCode::Char('G'), KeyCode::Char('z')]);
    insta::assert_snapshot!("overview_80x24", run.picture());
    run.keys(&[KeyCode::Enter]);
    assert!(run.state.view.full_screen);
    run.keys(&[KeyCode::Esc, KeyCode::Char('o')]);
    assert!(!run.state.view.overview);
}

#[test]
fn scrolling_a_panel_stops_at_its_end() {
    let mut run = Run::of(ROWS, ColorDepth::None, (80, 24));
    run.keys(&[KeyCode::Char('G'), KeyCode::Char('z'), KeyCode::Enter]);
    let before = run.picture();
    run.keys(&[KeyCode::PageDown, KeyCode::PageDown]);
    assert_eq!((run.state.view.panel_scroll, run.picture()), (0, before), "all of it is shown");
}

#[test]
fn notes_and_links_are_wrapped_in_the_help() {
    let long = "w".repeat(30);
    let dashboard = ROWS.replace("Runbook", &format!("{long} {long} {long}"));
    let mut run = Run::of(&dashboard, ColorDepth::None, (80, 24));
    run.keys(&[KeyCode::Char('?')]);
    let help = run.picture();
    assert_eq!(help.matches(&long).count(), 3, "{help}");
    assert!(help.contains("https://example.org/shop"), "{help}");
}

const LISTS: &str = "
title: Server
refresh: 5s
rows:
  - panels: [{ type: alerts, title: Alerts }]
  - panels: [{ type: targets, title: Targets }, { type: alerts, title: The same }]
";

#[test]
fn alerts_and_targets_are_asked_once_and_shown() {
    let mut run = Run::of(LISTS, ColorDepth::None, (80, 24));
    insta::assert_snapshot!("lists_80x24", run.picture());
    run.keys(&[KeyCode::Char('i')]);
    assert!(run.picture().contains("/api/v1/alerts"), "{}", run.picture());
}

#[test]
fn a_range_is_typed_into_the_list_and_read_while_it_is() {
    let mut run = shop((80, 24));
    let type_in = |run: &mut Run, text: &str| {
        run.keys(&text.chars().map(KeyCode::Char).collect::<Vec<_>>());
    };
    type_in(&mut run, "t45");
    assert!(run.picture().contains("last 45s"), "{}", run.picture());
    type_in(&mut run, "m");
    run.keys(&[KeyCode::Enter]);
    assert_eq!((&run.state.range, run.state.overlay), (&TimeRange::last(2_700_000), None));
    type_in(&mut run, "t/now-2h to now-1h");
    run.keys(&[KeyCode::Enter]);
    let span = run.state.tick.span;
    assert_eq!((span.start_ms, span.end_ms), (NOW_MS - 7_200_000, NOW_MS - 3_600_000));
    type_in(&mut run, "t/now-1h to yesterday");
    assert!(run.picture().contains("\"yesterday\" is not a time"), "{}", run.picture());
    run.keys(&[KeyCode::Enter]);
    assert!(run.state.overlay.is_some(), "what cannot be read is not taken, and not lost");
    type_in(&mut run, "t/2s");
    run.keys(&[KeyCode::Esc, KeyCode::Char('/')]);
    type_in(&mut run, "2s");
    assert!(run.picture().contains("a range of 2s is too short"), "{}", run.picture());
    run.keys(&[KeyCode::Backspace, KeyCode::Backspace, KeyCode::Backspace]);
    assert!(run.picture().contains("last 365d") || run.picture().contains("last 1y"), "{}", run.picture());
    run.keys(&[KeyCode::Esc, KeyCode::Backspace, KeyCode::Backspace]);
    assert_eq!(run.state.range, TimeRange::last(300_000), "typed ranges can be gone back from too");
}

#[test]
fn a_panel_is_found_by_its_query_too_and_a_dashboard_by_letters() {
    let mut run = shop((80, 24));
    run.keys(&"/requests".chars().map(KeyCode::Char).collect::<Vec<_>>());
    let found = promscope::app::search::found(&run.state);
    let dashboard = run.state.dashboard().expect("a dashboard");
    assert!(
        !found.is_empty()
            && found.iter().all(|index| {
                let panel = &dashboard.panels[*index];
                panel.title.to_lowercase().contains("request")
                    || panel.queries.iter().any(|query| query.expr.contains("requests"))
            }),
        "{found:?}"
    );
    run.keys(&[KeyCode::Esc, KeyCode::Char('d'), KeyCode::Char('/'), KeyCode::Char('~')]);
    assert!(run.picture().contains("no dashboard has these letters"), "{}", run.picture());
    run.keys(&[KeyCode::Enter]);
    assert!(run.state.overlay.is_some());
    run.keys(&[KeyCode::Backspace, KeyCode::Char('s'), KeyCode::Enter]);
    assert!(run.state.overlay.is_none());
    run.keys(&[KeyCode::Char('n')]);
    assert!(run.picture().contains("there is no other dashboard"), "{}", run.picture());
}
