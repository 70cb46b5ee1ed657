//! Colours and visibility of series, from answer to answer.

use super::*;
use crate::app::{Mouse, MouseKind};
use crate::panel::kind;

/// What a range question of the focused panel is answered with.
fn answer_series(run: &mut Run, names: &[&str]) {
    let (id, query) = run.asked.remove(0);
    let QueryTime::Range(grid) = query.time else { panic!("a range") };
    let one = |name: &&str| Series { labels: Labels::from([("name", *name)]), values: vec![1.0; grid.len] };
    let frame = Frame { grid, series: names.iter().map(one).collect() };
    run.event(Event::Answered(id, Ok(Arc::new(answer(Data::Range(frame))))));
}

fn numbers(run: &Run) -> String {
    let dashboard = run.state.dashboard().expect("a dashboard").clone();
    let view = run.state.panel_view(&dashboard.panels[0], 0);
    let name = |one: crate::panel::NamedSeries<'_>| {
        format!(
            "{}{}{}",
            one.labels.get("name").unwrap_or_default(),
            one.number,
            if one.is_hidden { "-" } else { "" }
        )
    };
    view.named_series().into_iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_series_keeps_its_colour_from_refresh_to_refresh() {
    let mut run = Run::new(dashboard(vec![panel(kind("timeseries").expect("registered"), "up")]));
    answer_series(&mut run, &["a", "b", "c"]);
    assert_eq!(numbers(&run), "a0 b1 c2");
    run.key('r');
    answer_series(&mut run, &["x", "b", "c"]);
    assert_eq!(numbers(&run), "x3 b1 c2");
    run.key('r');
    answer_series(&mut run, &["a", "b", "x"]);
    assert_eq!(numbers(&run), "a0 b1 x3");
}

#[test]
fn series_are_hidden_and_isolated_by_keys_and_by_mouse() {
    let mut run = Run::new(dashboard(vec![panel(kind("timeseries").expect("registered"), "up")]));
    run.key('s');
    assert_eq!(run.state.overlay, None, "nothing to pick from yet");
    answer_series(&mut run, &["a", "b", "c"]);
    run.key('s');
    run.key('j');
    run.key(' ');
    assert_eq!(numbers(&run), "a0 b1- c2");
    run.key('a');
    assert_eq!(numbers(&run), "a0 b1 c2");
    run.event(Event::Key(Key::plain(KeyCode::Enter)));
    assert_eq!((numbers(&run).as_str(), &run.state.overlay), ("a0- b1 c2-", &None));
    // They stay so when new samples come, and what is new is hidden too.
    run.key('r');
    answer_series(&mut run, &["a", "b", "d"]);
    assert_eq!(numbers(&run), "a0- b1 d3-");
    let place = |run: &Run, name: Option<&str>| {
        let places = crate::ui::legend_places(&run.state, 0, run.now_ms);
        let wanted = |place: &&crate::panel::marks::LegendPlace| {
            place.series.as_ref().and_then(|(_, labels)| labels.get("name")) == name
        };
        let found = places.iter().find(wanted).expect("a place").area;
        (found.x, found.y)
    };
    let click = |run: &mut Run, kind, (x, y)| run.event(Event::Mouse(Mouse { kind, x, y }));
    // The sign of the hidden ones brings them back.
    let hidden = place(&run, None);
    click(&mut run, MouseKind::Press, hidden);
    assert_eq!(numbers(&run), "a0 b1 d3");
    let d = place(&run, Some("d"));
    click(&mut run, MouseKind::CtrlPress, d);
    assert_eq!(numbers(&run), "a0 b1 d3-");
    let b = place(&run, Some("b"));
    click(&mut run, MouseKind::Press, b);
    assert_eq!(numbers(&run), "a0- b1 d3-");
    let b = place(&run, Some("b"));
    click(&mut run, MouseKind::Press, b);
    assert_eq!((numbers(&run).as_str(), run.state.view.full_screen), ("a0 b1 d3", false));
}

#[test]
fn a_press_on_a_heatmap_tells_of_the_row_there() {
    let mut run = Run::new(dashboard(vec![panel(kind("heatmap").expect("registered"), "up")]));
    answer_series(&mut run, &["a", "b", "c"]);
    run.key('x');
    let mut told = Vec::new();
    for full_screen in [false, true] {
        for y in 0..run.state.size.1 {
            // No press is the second of a double one.
            run.state.last_press = None;
            run.event(Event::Mouse(Mouse { kind: MouseKind::Press, x: 40, y }));
            run.event(Event::Mouse(Mouse { kind: MouseKind::Release, x: 40, y }));
            assert_eq!(run.state.view.full_screen, full_screen);
            let dashboard = run.state.dashboard().expect("a dashboard").clone();
            let view = run.state.panel_view(&dashboard.panels[0], 0);
            let at_ms = run.state.crosshair.expect("a crosshair").at_ms;
            let first = view.panel.kind.at.expect("time is its x axis")(&view, at_ms).swap_remove(0).name;
            let first = first.replace("{name=\"", "").replace("\"}", "");
            if told.last() != Some(&first) {
                told.push(first);
            }
        }
        run.key('v');
    }
    let rows = ["a", "\u{25b8} a", "\u{25b8} b", "\u{25b8} c"];
    // Below the rows there is nothing to point at.
    assert_eq!(told, [&rows[..], &rows[..], &rows[..1]].concat());
}

#[test]
fn the_selected_series_is_selected_wherever_it_stands() {
    let mut run = Run::new(dashboard(vec![panel(kind("timeseries").expect("registered"), "up")]));
    answer_series(&mut run, &["a", "b", "c"]);
    run.key('r');
    run.key('s');
    run.key('j');
    answer_series(&mut run, &["x", "a", "b", "c"]);
    run.key(' ');
    assert_eq!(numbers(&run), "x3 a0 b1- c2");
    run.key('q');
    // What has gone is not taken for its neighbour.
    run.key('r');
    run.key('s');
    run.key('j');
    answer_series(&mut run, &["x", "b", "c"]);
    run.event(Event::Key(Key::plain(KeyCode::Enter)));
    assert_eq!(numbers(&run), "x3 b1- c2");
    let notice = run.state.notice.as_ref().map(|(notice, _)| notice.as_str());
    assert_eq!(notice, Some("the selected series has gone; select another"));
}

#[test]
fn behind_transforms_series_keep_their_colours_and_can_be_hidden() {
    let mut panel = panel(kind("timeseries").expect("registered"), "up");
    panel.transforms = vec![Transform::Limit(100)];
    let mut run = Run::new(dashboard(vec![panel]));
    answer_series(&mut run, &["a", "b", "c"]);
    assert_eq!(numbers(&run), "a0 b1 c2");
    run.key('r');
    answer_series(&mut run, &["x", "b", "c"]);
    assert_eq!(numbers(&run), "x3 b1 c2");
    run.key('s');
    run.key('j');
    run.event(Event::Key(Key::plain(KeyCode::Enter)));
    assert_eq!(numbers(&run), "x3- b1 c2-");
    run.key('r');
    answer_series(&mut run, &["b", "a"]);
    assert_eq!(numbers(&run), "b1 a0-");
}
