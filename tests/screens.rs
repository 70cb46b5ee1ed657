//! Whole screens: a dashboard over replayed data, driven by keys, compared with pictures that a person can read.

#[path = "screens/inspection.rs"]
mod inspection;

use std::sync::Arc;

use chrono_tz::Tz;
use promscope::app::{
    Effect, Event, Export, ExportFormat, Key, KeyCode, NOTICE_SHOWN_MS, Origin, Settings, State, update,
};
use promscope::export;
use promscope::format::yaml;
use promscope::query::QueryError;
use promscope::series::Labels;
use promscope::source::replay::Replay;
use promscope::theme::{ColorDepth, Theme, palettes};
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
        .series("buckets", Labels::from([("le", "0.1")]), wave)
        .series("buckets", Labels::from([("le", "0.5")]), move |time_ms| 3.0 * wave(time_ms))
        .series("buckets", Labels::from([("le", "+Inf")]), move |time_ms| 3.0 * wave(time_ms) + 1.0)
        .series("load{host=~\"web-1\"}", Labels::default(), |_| 1.0)
        .series("load{host=~\"db-1\"}", Labels::default(), |_| 4.0)
        .listing("label_values(load, host)", &["web-1", "web-2", "db-1"])
        .series(
            "/api/v1/alerts",
            Labels::from([("alertname", "Slow"), ("__state__", "firing"), ("severity", "page")]),
            |_| (NOW_MS / 1_000 - 90) as f64,
        )
        .series(
            "/api/v1/targets",
            Labels::from([
                ("job", "api"),
                ("instance", "h:1"),
                ("__health__", "down"),
                ("__error__", "refused"),
            ]),
            |_| (NOW_MS / 1_000 - 4) as f64,
        )
        .error("broken", error)
}

struct Run {
    state: State,
    replay: Replay,
}

impl Run {
    fn new(depth: ColorDepth) -> Self {
        Self::of(DASHBOARD, depth, (72, 20))
    }

    fn of(dashboard: &str, depth: ColorDepth, size: (u16, u16)) -> Self {
        let settings = Settings {
            address: "http://replay".into(),
            zone: Tz::UTC,
            is_zone_chosen: false,
            theme: Theme { depth, ..Theme::PLAIN },
            range: None,
            refresh_ms: None,
            scrape_interval_ms: None,
            headless: false,
            variables: promscope::app::variables::Given::default(),
            datasources: Vec::new(),
        };
        let mut run = Self { state: State::new(settings, size, NOW_MS), replay: replay() };
        let dashboard = yaml::parse(dashboard, Tz::UTC).expect("a dashboard");
        run.event(Event::Loaded(Origin::File("shop.yaml".into()), Ok(Arc::new(dashboard))));
        run
    }

    fn event(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in update(&mut self.state, event, NOW_MS) {
                match effect {
                    Effect::Ask(id, query) => {
                        events.push(Event::Answered(id, self.replay.answer(&query).map(Arc::new)));
                    }
                    Effect::Lookup(id, _, lookup, _) => {
                        events.push(Event::Listed(id, self.replay.listed(&lookup)));
                    }
                    _ => {}
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
        let (width, height) = self.state.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        ui::render(&self.state, NOW_MS, &mut buffer);
        buffer
    }

    fn picture(&self) -> String {
        let buffer = self.buffer();
        let Rect { width, height, .. } = buffer.area;
        let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| line(y).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
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

/// A bar with a failure in it, the picker over it, and panels for each value.
#[test]
fn variables_in_the_bar_and_in_the_picker() {
    let dashboard = r#"
title: Hosts
variables:
  - { name: host, query: 'label_values(load, host)', multi: true, all: true, default: [web-1, db-1], label: Host }
  - { name: zone, query: label_values(zone) }
  - { name: window, interval: [auto, 1m] }
rows:
  - panels: [{ type: stat, title: Load of $host, repeat: host, query: 'load{host=~"$host"}' }]
"#;
    let mut run = Run::of(dashboard, ColorDepth::None, (72, 14));
    insta::assert_snapshot!("variables_bar", run.picture());
    run.keys(&[KeyCode::Char(';'), KeyCode::Enter, KeyCode::Down]);
    insta::assert_snapshot!("variables_picker", run.picture());
}

/// A dashboard's own zone, which the header names where it is not the reader's, and the command line's before it.
#[test]
fn times_are_shown_in_the_dashboards_zone() {
    let dashboard = "
title: Z
timezone: Asia/Tokyo
tags: [linux, node]
time: { from: now/d }
rows:
  - panels: [{ type: timeseries, title: Requests, query: requests }]
";
    let run = Run::of(dashboard, ColorDepth::None, (120, 14));
    assert!(run.picture().contains("00:00:00 – 05:30:00 JST"), "{}", run.picture());
    let mut run = Run::of(dashboard, ColorDepth::None, (120, 14));
    run.keys(&[KeyCode::Char('d')]);
    assert!(run.picture().contains("Z  shop.yaml  (linux, node)"), "{}", run.picture());
    let mut run = Run::of(dashboard, ColorDepth::None, (120, 14));
    run.state.settings.is_zone_chosen = true;
    run.keys(&[KeyCode::Char('0')]);
    assert!(run.picture().contains("00:00:00 – 20:30:00 "), "{}", run.picture());
    assert!(!run.picture().contains("JST"), "{}", run.picture());
}

/// Names of axes stand whole and beside the whole title, or not at all.
#[test]
fn axes_are_named_where_there_is_room() {
    let dashboard = "
title: A
rows:
  - panels:
      - { type: timeseries, title: Time of requests, query: requests, axis_label: seconds,
          overrides: [{ name: a, axis: right, axis_label: errors }] }
";
    let mut seen = [0; 3];
    for width in 20..100 {
        let run = Run::of(dashboard, ColorDepth::None, (width, 14));
        let picture = run.picture();
        let line = picture.lines().find(|line| line.contains("━ T")).expect("a title").to_owned();
        let form = match (line.contains(" seconds, errors (right) ━"), line.contains("━ seconds ━")) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => {
                assert!(!line.contains("sec"), "{line}");
                0
            }
        };
        assert!(form == 0 || line.contains("━ Time of requests ━━"), "{line}");
        seen[form] += 1;
        assert_eq!(line.chars().count(), usize::from(width), "{line}");
    }
    assert!(seen.iter().all(|count| *count > 5), "{seen:?}");
    let mut run = Run::of(dashboard, ColorDepth::None, (90, 14));
    run.keys(&[KeyCode::Char('o')]);
    assert!(!run.picture().contains("errors (right)"), "{}", run.picture());
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

#[test]
fn the_screen_and_a_panel_are_exported_by_key() {
    let mut run = Run::new(ColorDepth::True);
    let exported = |run: &mut Run, keys: &[KeyCode]| {
        run.keys(keys);
        update(&mut run.state, Event::Key(Key::plain(KeyCode::Enter)), NOW_MS)
    };
    let effects = exported(&mut run, &[KeyCode::Char('e')]);
    let stem = "promscope-shop-20260528-203000".to_owned();
    assert_eq!(effects, [Effect::Export(Export { format: ExportFormat::Svg, panel: None, stem })]);
    let down = [KeyCode::Char('l'), KeyCode::Char('e')].into_iter().chain([KeyCode::Down; 11]);
    let effects = exported(&mut run, &down.collect::<Vec<_>>());
    let stem = "promscope-shop-up-20260528-203000".to_owned();
    assert_eq!(effects, [Effect::Export(Export { format: ExportFormat::Csv, panel: Some(1), stem })]);

    let before = run.picture();
    update(&mut run.state, Event::Exported(Ok("a.svg".to_owned())), NOW_MS);
    // It takes the place of the keys for a moment; no panel moves for it.
    let after = run.picture();
    assert!(after.trim_end().ends_with("wrote a.svg"), "{after}");
    assert_eq!(after.lines().take(14).collect::<Vec<_>>(), before.lines().take(14).collect::<Vec<_>>());
    assert_eq!(run.state.wake_at(NOW_MS).map(|at_ms| at_ms <= NOW_MS + NOTICE_SHOWN_MS), Some(true));
    update(&mut run.state, Event::Wake, NOW_MS + NOTICE_SHOWN_MS);
    assert!(!run.picture().contains("wrote"));
    update(&mut run.state, Event::Exported(Err("disk full".to_owned())), NOW_MS);
    assert!(run.picture().contains("nothing was exported: disk full"));
}

fn exported(run: &Run, format: ExportFormat, panel: Option<usize>) -> String {
    let export = Export::new(&run.state, format, panel, NOW_MS);
    String::from_utf8(export::draft(&run.state, &export, NOW_MS).finish().expect("bytes")).expect("text")
}

#[test]
fn an_export_is_what_is_shown() {
    let mut run = Run::new(ColorDepth::True);
    let plain = Run::new(ColorDepth::None);
    run.keys(&[KeyCode::Char('e')]);
    assert_eq!(exported(&run, ExportFormat::Text, None).trim_end(), plain.picture().trim_end());
    let full = exported(&run, ExportFormat::Text, Some(2));
    assert!(full.contains("━ Targets ") && !full.contains("Requests"), "{full}");
    let csv = exported(&run, ExportFormat::Csv, None);
    let mut lines = csv.split("\r\n");
    assert_eq!(lines.next(), Some("time,panel,series,labels,value"));
    assert_eq!(lines.next(), Some("2026-05-28T20:25:00.000Z,Requests,/,\"{path=\"\"/\"\"}\",10"));
    assert!(csv.contains("\r\n2026-05-28T20:30:00.000Z,Targets,"), "{csv}");
    let json: serde_json::Value =
        serde_json::from_str(&exported(&run, ExportFormat::Json, None)).expect("JSON");
    assert_eq!(json["panels"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["panels"][3]["state"], "failed");
}

#[test]
fn a_picture_has_the_themes_colours_whatever_the_terminal_has() {
    for palette in palettes::PALETTES {
        let mut run = Run::new(ColorDepth::Ansi16);
        run.state.settings.theme.palette = palette;
        let svg = exported(&run, ExportFormat::Svg, None);
        let hex = |color: promscope::theme::Rgb| format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2);
        for color in [palette.background, palette.series[1], palette.error.rgb] {
            assert!(svg.contains(&hex(color)), "{}: {color:?}", palette.name);
        }
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("<title>Shop</title>"));
    }
}

#[cfg(feature = "png")]
#[test]
fn a_png_has_the_size_of_its_cells() {
    let run = Run::new(ColorDepth::True);
    let export = Export::new(&run.state, ExportFormat::Png, None, NOW_MS);
    let png = export::draft(&run.state, &export, NOW_MS).finish().expect("a picture");
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((number(16), number(20)), (72 * 18, 20 * 36));
}
