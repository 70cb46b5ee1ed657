//! Tests of `update` over time: what is asked when, with a fake clock and a server made of function calls.

use std::sync::Arc;

use chrono_tz::Tz;

use crate::app::{
    BACKOFF_MIN_MS, Effect, Event, IN_FLIGHT_LIMIT, Key, KeyCode, LoadProblem, Origin, PanelStatus, Settings,
    State, update,
};
use crate::dashboard::{Action, ActionMethod, Dashboard, Panel, PanelOptions, PanelQuery, PanelTime, Row};
use crate::field::FieldOptions;
use crate::panel::{Asks, PanelKind, item};
use crate::query::{Answer, Data, Query, QueryError, QueryTime, RequestId};
use crate::series::{Frame, Grid, Labels, Sample, Series, Vector};
use crate::theme::Theme;
use crate::time_range::TimeRange;
use crate::transform::{Calculate, Calculation, Op, Transform};

mod series;

const START_MS: i64 = 1_780_000_000_000;

static GRAPH: PanelKind = PanelKind {
    name: "graph",
    about: "",
    options: &[],
    min_size: (20, 5),
    natural_height: 10,
    asks: |_| Asks { instant: false, range: true },
    draw: |_, _, _| {},
    values: |_| Vec::new(),
    at: None,
};

static NUMBER: PanelKind = PanelKind {
    name: "number",
    asks: |_| Asks { instant: true, range: false },
    min_size: (10, 3),
    natural_height: 4,
    ..GRAPH
};

fn panel(kind: &'static PanelKind, expr: &str) -> Panel {
    let query = PanelQuery {
        ref_id: "A".into(),
        expr: expr.into(),
        legend: None,
        min_step: None,
        axis: None,
        instant: false,
        range: false,
        format: None,
        hide: false,
        datasource: None,
    };
    Panel {
        kind,
        title: expr.into(),
        description: None,
        width: 1,
        height: None,
        grid: None,
        links: Vec::new(),
        queries: vec![query],
        field: FieldOptions::default(),
        overrides: Vec::new(),
        transforms: Vec::new(),
        options: PanelOptions::default(),
        repeat: None,
        time: PanelTime::default(),
        min_interval: None,
        fixed: std::collections::BTreeMap::new(),
    }
}

fn dashboard(panels: Vec<Panel>) -> Dashboard {
    let rows = (0..panels.len())
        .map(|index| Row { title: None, panels: index..index + 1, collapsed: false, repeat: None })
        .collect();
    Dashboard {
        title: "Test".into(),
        refresh_ms: Some(5_000),
        scrape_interval_ms: Some(5_000),
        rows,
        panels,
        ..Dashboard::default()
    }
}

/// The program between a person and a server, both played by the test.
struct Run {
    state: State,
    now_ms: i64,
    asked: Vec<(RequestId, Query)>,
    cancelled: Vec<RequestId>,
    other: Vec<Effect>,
}

impl Run {
    fn new(dashboard: Dashboard) -> Self {
        let settings = Settings {
            address: "http://server".into(),
            zone: Tz::UTC,
            is_zone_chosen: false,
            theme: Theme::PLAIN,
            range: None,
            refresh_ms: None,
            scrape_interval_ms: None,
            headless: false,
            variables: crate::app::variables::Given::default(),
            datasources: Vec::new(),
        };
        let state = State::new(settings, (100, 30), START_MS);
        let mut run =
            Self { state, now_ms: START_MS, asked: Vec::new(), cancelled: Vec::new(), other: Vec::new() };
        run.load(Ok(dashboard));
        run
    }

    fn event(&mut self, event: Event) {
        for effect in update(&mut self.state, event, self.now_ms) {
            match effect {
                Effect::Ask(id, query) => self.asked.push((id, query)),
                Effect::Cancel(id) => {
                    self.asked.retain(|(asked, _)| *asked != id);
                    self.cancelled.push(id);
                }
                other => self.other.push(other),
            }
        }
    }

    fn load(&mut self, result: Result<Dashboard, LoadProblem>) {
        self.event(Event::Loaded(Origin::File("a.yaml".into()), result.map(Arc::new)));
    }

    fn key(&mut self, character: char) {
        self.event(Event::Key(Key::char(character)));
    }

    /// Lets time pass, with a wake-up whenever one is due.
    fn pass(&mut self, duration_ms: i64) {
        let end_ms = self.now_ms + duration_ms;
        while let Some(due_ms) = self.state.wake_at(self.now_ms).filter(|due_ms| *due_ms <= end_ms) {
            self.now_ms = due_ms.max(self.now_ms);
            self.event(Event::Wake);
        }
        self.now_ms = end_ms;
    }

    /// Answers everything that is asked with one series (or sample) of the value 1.
    fn answer(&mut self) -> Vec<Query> {
        let mut answered = Vec::new();
        while !self.asked.is_empty() {
            let (id, query) = self.asked.remove(0);
            let data = match query.time {
                QueryTime::Range(grid) => Data::Range(ones(grid)),
                QueryTime::Instant(time_ms) => {
                    let samples = vec![Sample { labels: Labels::default(), value: 1.0 }];
                    Data::Instant(Vector { time_ms, samples })
                }
            };
            self.event(Event::Answered(id, Ok(Arc::new(answer(data)))));
            answered.push(query);
        }
        answered
    }

    fn fail(&mut self, error: &QueryError) {
        for (id, _) in std::mem::take(&mut self.asked) {
            self.event(Event::Answered(id, Err(error.clone())));
        }
    }

    fn status(&self, index: usize) -> PanelStatus {
        let dashboard = self.state.dashboard().expect("loaded").clone();
        self.state.panel_status(&self.state.panel_view(&dashboard.panels[index], index), index)
    }
}

fn ones(grid: Grid) -> Frame {
    Frame { grid, series: vec![Series { labels: Labels::default(), values: vec![1.0; grid.len] }] }
}

fn answer(data: Data) -> Answer {
    Answer { data, warnings: Vec::new(), infos: Vec::new(), series_left_out: 0, body_bytes: 10 }
}

fn unreachable() -> QueryError {
    QueryError::Unreachable("connection refused".into())
}

fn window(query: &Query) -> (i64, i64) {
    match query.time {
        QueryTime::Range(grid) => ((grid.start_ms - START_MS) / 1000, (grid.end_ms() - START_MS) / 1000),
        QueryTime::Instant(time_ms) => ((time_ms - START_MS) / 1000, (time_ms - START_MS) / 1000),
    }
}

#[test]
fn equal_questions_are_asked_once() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up"), panel(&GRAPH, "up"), panel(&NUMBER, "up")]));
    assert_eq!(run.answer().len(), 2, "one range query and one instant query");
    assert_eq!((run.status(0), run.status(1), run.status(2)), {
        (PanelStatus::Fresh, PanelStatus::Fresh, PanelStatus::Fresh)
    });
}

#[test]
fn at_most_eight_are_under_way_and_the_next_leaves_with_each_answer() {
    let panels = (0..12).map(|index| panel(&NUMBER, &format!("x{index}"))).collect();
    let mut run = Run::new(dashboard(panels));
    run.event(Event::Resize(100, 200));
    assert_eq!(run.asked.len(), IN_FLIGHT_LIMIT);
    let (id, _) = run.asked.remove(0);
    run.event(Event::Answered(id, Err(QueryError::Malformed("no JSON".into()))));
    assert_eq!(run.asked.len(), IN_FLIGHT_LIMIT);
    assert_eq!(&*run.asked[7].1.expr, "x8");
}

#[test]
fn refreshes_keep_their_beat_and_ask_only_what_is_new() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up")]));
    // 100 columns of a 15 minute window: a step of 5 s.
    assert_eq!(run.answer().iter().map(window).collect::<Vec<_>>(), [(-900, 0)]);
    run.pass(5_003);
    assert_eq!(run.answer().iter().map(window).collect::<Vec<_>>(), [(-55, 5)]);
    // The wake-up came 3 ms late; the next is due on the beat all the same.
    assert_eq!(run.state.next_tick_ms, Some(START_MS + 10_000));
    run.pass(4_996);
    assert!(run.asked.is_empty());
}

#[test]
fn a_refresh_that_can_bring_nothing_new_asks_nothing() {
    let mut run = Run::new(Dashboard { refresh_ms: Some(1_000), ..dashboard(vec![panel(&GRAPH, "up")]) });
    run.answer();
    run.pass(4_000);
    assert!(run.asked.is_empty(), "the step is 5 s");
    run.pass(1_000);
    assert_eq!(run.asked.len(), 1);
}

#[test]
fn a_question_under_way_is_not_asked_again_by_the_next_refresh() {
    let mut run = Run::new(dashboard(vec![panel(&NUMBER, "slow")]));
    run.pass(12_000);
    assert_eq!(run.asked.len(), 1);
    run.answer();
    assert!(run.asked.is_empty(), "it waits for the next refresh");
    run.pass(5_000);
    assert_eq!(run.asked.len(), 1);
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_refresh() {
    let mut run = Run::new(dashboard(vec![panel(&NUMBER, "up")]));
    run.answer();
    run.now_ms -= 3_600_000;
    run.event(Event::Wake);
    assert_eq!(run.asked.len(), 1);
    assert_eq!(run.state.next_tick_ms, Some(run.now_ms + 5_000));
}

#[test]
fn out_of_sight_is_not_asked_until_it_comes_into_sight() {
    let panels = (0..6).map(|index| panel(&GRAPH, &format!("x{index}"))).collect();
    let mut run = Run::new(dashboard(panels));
    run.event(Event::Resize(100, 16));
    let seen = run.answer();
    assert!(seen.iter().all(|query| &*query.expr != "x5"), "{seen:?}");
    run.key('G');
    let seen = run.answer();
    assert!(seen.iter().any(|query| &*query.expr == "x5"), "{seen:?}");
    assert!(seen.iter().all(|query| &*query.expr != "x0"));
}

#[test]
fn another_range_cancels_what_is_superseded_and_keeps_the_picture() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up")]));
    run.answer();
    run.pass(5_000);
    let stale = run.asked[0].clone();
    run.key('-');
    assert_eq!(run.cancelled, [stale.0]);
    assert_eq!(run.status(0), PanelStatus::Fresh, "the old picture is there while the new one is asked");
    let grid = Grid { start_ms: START_MS, step_ms: 1000, len: 1 };
    run.event(Event::Answered(stale.0, Ok(Arc::new(answer(Data::Range(ones(grid)))))));
    assert_eq!(run.answer().iter().map(window).collect::<Vec<_>>(), [(-1800, 0)]);
}

#[test]
fn panning_while_a_question_is_under_way_asks_the_window_that_is_shown() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up"), panel(&NUMBER, "up")]));
    run.answer();
    run.key('<');
    let first: Vec<_> = run.asked.iter().map(|(id, _)| *id).collect();
    run.key('<');
    assert_eq!(run.cancelled, first);
    let asked: Vec<_> = run.answer().iter().map(window).collect();
    assert_eq!(asked, [(-1800, -900), (-900, -900)]);
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_tries() {
    let mut run = Run::new(dashboard(vec![panel(&NUMBER, "up")]));
    run.fail(&unreachable());
    run.now_ms -= 3_600_000;
    run.event(Event::Wake);
    assert_eq!(run.asked.len(), 1);
}

#[test]
fn a_server_that_takes_questions_and_answers_none_is_an_outage() {
    let mut run = Run::new(dashboard(vec![panel(&NUMBER, "up")]));
    run.fail(&QueryError::Timeout { timeout_ms: 30_000 });
    assert_eq!(run.state.banners().len(), 1);
}

#[test]
fn series_that_come_and_go_stay_within_the_limit() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up")]));
    for round in 0..3 {
        let (id, query) = run.asked.remove(0);
        let QueryTime::Range(grid) = query.time else { panic!("a range") };
        let one = |index: usize| Series {
            labels: Labels::from([("pod", &*format!("{round}-{index}"))]),
            values: vec![1.0; grid.len],
        };
        let frame = Frame { grid, series: (0..crate::query::SERIES_LIMIT).map(one).collect() };
        run.event(Event::Answered(id, Ok(Arc::new(answer(Data::Range(frame))))));
        run.pass(5_000);
    }
    let dashboard = run.state.dashboard().expect("loaded").clone();
    let view = run.state.panel_view(&dashboard.panels[0], 0);
    assert_eq!(view.named_series().len(), crate::query::SERIES_LIMIT);
    assert_eq!(run.state.panel_warnings(0), ["2000 more series were left out"]);
}

#[test]
fn a_failure_keeps_the_picture_and_says_since_when() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up"), panel(&GRAPH, "up2")]));
    run.answer();
    let error = QueryError::Prometheus { kind: "execution".into(), message: "too many samples".into() };
    for _ in 0..2 {
        run.pass(5_000);
        run.fail(&error);
    }
    let since_ms = START_MS + 5_000;
    assert_eq!(run.status(0), PanelStatus::Failed { error, since_ms, has_picture: true });
    assert!(run.state.outages.is_empty(), "one refused query is no outage");
    run.pass(5_000);
    run.answer();
    assert_eq!(run.status(0), PanelStatus::Fresh);
}

#[test]
fn an_outage_is_shown_at_once_tried_ever_more_rarely_and_over_without_a_key() {
    let panels = (0..3).map(|index| panel(&NUMBER, &format!("x{index}"))).collect();
    let mut run = Run::new(dashboard(panels));
    run.fail(&unreachable());
    assert_eq!(run.state.banners().len(), 1);
    let mut tries = Vec::new();
    for _ in 0..20 {
        run.pass(1_000);
        assert!(run.asked.len() <= 1, "one try at a time");
        if !run.asked.is_empty() {
            tries.push((run.now_ms - START_MS) / 1000);
            run.fail(&unreachable());
        }
    }
    assert_eq!(tries, [1, 3, 7, 15]);
    run.pass(30_000);
    assert_eq!(run.asked.len(), 1);
    assert_eq!(run.answer().len(), 4, "the try, then everything");
    assert_eq!((run.state.outages.len(), run.status(2)), (0, PanelStatus::Fresh));
}

#[test]
fn one_question_that_breaks_its_connection_is_no_loop_and_starves_nobody() {
    let mut run = Run::new(dashboard(vec![panel(&NUMBER, "bad"), panel(&NUMBER, "good")]));
    let mut asked_bad = 0;
    for _ in 0..6 {
        while let Some((id, query)) = run.asked.first().cloned() {
            if &*query.expr == "bad" {
                asked_bad += 1;
                run.asked.remove(0);
                run.event(Event::Answered(id, Err(unreachable())));
            } else {
                run.answer();
            }
            assert!(asked_bad < 50, "asked in a loop");
        }
        run.pass(BACKOFF_MIN_MS * 5);
    }
    assert_eq!(run.status(1), PanelStatus::Fresh);
    assert!(asked_bad <= 20, "{asked_bad}");
}

#[test]
fn reload_asks_the_whole_window_again() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up")]));
    run.answer();
    run.key('r');
    assert_eq!(run.status(0), PanelStatus::Fresh);
    assert_eq!(run.answer().iter().map(window).collect::<Vec<_>>(), [(-900, 0)]);
}

#[test]
fn pause_asks_nothing_and_its_end_asks_at_once() {
    let mut run = Run::new(dashboard(vec![panel(&NUMBER, "up")]));
    run.answer();
    run.key('p');
    run.pass(60_000);
    assert!(run.asked.is_empty());
    assert_eq!(run.state.wake_at(run.now_ms), None, "nothing is due while paused");
    run.key('p');
    assert_eq!(run.asked.len(), 1);
}

#[test]
fn a_fixed_window_is_asked_once() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up"), panel(&NUMBER, "up")]));
    run.answer();
    run.key('<');
    run.answer();
    run.pass(60_000);
    assert!(run.asked.is_empty());
    run.key('0');
    assert!(!run.asked.is_empty());
    assert_eq!(run.state.range, TimeRange::last(900_000));
}

#[test]
fn a_panel_with_a_time_of_its_own_asks_for_that() {
    let day_ms = 86_400_000;
    let of = |panel: Panel, from_ms, shift_ms| Panel { time: PanelTime { from_ms, shift_ms }, ..panel };
    let mut run = Run::new(dashboard(vec![
        panel(&GRAPH, "up"),
        of(panel(&GRAPH, "up"), Some(day_ms), 0),
        of(panel(&GRAPH, "up"), None, 3_600_000),
        of(panel(&NUMBER, "up"), Some(day_ms), day_ms),
    ]));
    // A day has steps of 500 s here, which lie on whole 500 s.
    let windows: Vec<(i64, i64)> = run.answer().iter().map(window).collect();
    assert_eq!(windows, [(-900, 0), (-86_500, -100), (-4_500, -3_600), (-86_400, -86_400)]);
    let spans = |run: &Run| -> Vec<(i64, i64)> {
        let dashboard = run.state.dashboard().expect("loaded").clone();
        let views =
            dashboard.panels.iter().enumerate().map(|(index, panel)| run.state.panel_view(panel, index).span);
        views.map(|span| ((span.start_ms - START_MS) / 1000, (span.end_ms - START_MS) / 1000)).collect()
    };
    assert_eq!(spans(&run), [(-900, 0), (-86_500, -100), (-4_500, -3_600), (-172_900, -86_500)]);
    // A window that does not follow the clock is every panel's; what is shifted stays so.
    run.key('<');
    let windows: Vec<(i64, i64)> = run.answer().iter().map(window).collect();
    assert!(!run.state.range.follows_now());
    let (start_s, end_s) = windows[0];
    assert_eq!(end_s - start_s, 900);
    assert_eq!(spans(&run)[..3], [(start_s, end_s), (start_s, end_s), (start_s - 3_600, end_s - 3_600)]);
}

#[test]
fn an_axis_of_less_than_two_steps_is_that_of_the_header() {
    let mut graph = panel(&GRAPH, "up");
    graph.queries[0].min_step = Some(crate::dashboard::MinStep::Fixed(15_000));
    let mut run = Run::new(dashboard(vec![graph]));
    run.answer();
    run.pass(12_000);
    let view = |run: &Run| {
        let dashboard = run.state.dashboard().expect("loaded").clone();
        let view = run.state.panel_view(&dashboard.panels[0], 0);
        (view.span, item::calendar(&view).now_ms)
    };
    let span = |run: &Run| view(run).0;
    assert_ne!(span(&run), run.state.tick.span, "by whole steps");
    assert_eq!(view(&run).1, run.state.tick.span.end_ms, "ages are not by whole steps");
    for _ in 0..10 {
        run.key('+');
        run.answer();
    }
    assert!(run.state.tick.span.len_ms() < 15_000, "{:?}", run.state.tick.span);
    assert_eq!(span(&run), run.state.tick.span);
}

#[test]
fn a_broken_file_keeps_the_picture_and_says_where() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up")]));
    run.answer();
    run.load(Err(LoadProblem { line: Some(3), column: Some(9), message: "unknown key".into() }));
    assert_eq!((run.status(0), run.state.banners().len()), (PanelStatus::Fresh, 1));
    run.load(Ok(dashboard(vec![panel(&GRAPH, "up"), panel(&GRAPH, "up3")])));
    assert_eq!(run.state.banners().len(), 0);
    let asked = run.answer();
    assert_eq!(asked.iter().map(|query| &*query.expr).collect::<Vec<_>>(), ["up3"], "up is there already");
}

#[test]
fn an_action_runs_once_at_a_time_and_its_answer_leaves_by_itself() {
    let action = Action {
        key: 'f',
        title: "Ask".into(),
        method: ActionMethod::Get,
        url: "http://cats/cat_facts".into(),
        times: 1,
        at_once: 1,
    };
    let mut run =
        Run::new(Dashboard { actions: vec![action.clone()], ..dashboard(vec![panel(&NUMBER, "up")]) });
    run.answer();
    run.key('f');
    run.key('f');
    let [Effect::Act(id, asked)] = &run.other[..] else { panic!("{:?}", run.other) };
    assert_eq!(*asked, action);
    let outcome =
        crate::app::ActionOutcome { succeeded: 1, failed: 0, duration_ms: 3, text: "Cats purr.".into() };
    run.event(Event::ActionDone(*id, outcome));
    assert!(run.state.action.is_some());
    run.pass(crate::app::ACTION_SHOWN_MS);
    assert!(run.state.action.is_none());
}

#[test]
fn focus_moves_by_geometry() {
    let mut dashboard = dashboard((0..4).map(|index| panel(&GRAPH, &format!("x{index}"))).collect());
    dashboard.rows = vec![
        Row { title: None, panels: 0..2, collapsed: false, repeat: None },
        Row { title: None, panels: 2..4, collapsed: false, repeat: None },
    ];
    let mut run = Run::new(dashboard);
    let mut after = |character: char| {
        run.key(character);
        run.state.view.focus
    };
    assert_eq!(
        [after('l'), after('l'), after('j'), after('h'), after('k'), after('G'), after('g')],
        [1, 1, 3, 2, 0, 3, 0]
    );
    run.event(Event::Key(Key::plain(KeyCode::Enter)));
    assert!(run.state.view.full_screen);
    assert_eq!(run.state.visible_panels(), [0]);
    run.event(Event::Key(Key::plain(KeyCode::Esc)));
    assert!(!run.state.view.full_screen);
}

#[test]
fn no_size_is_too_small() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up"), panel(&NUMBER, "up")]));
    for (width, height) in [(0, 0), (1, 1), (2, 40), (200, 2), (1, 0), (100, 30)] {
        run.event(Event::Resize(width, height));
        let area = ratatui::layout::Rect::new(0, 0, width, height);
        let mut buffer = ratatui::buffer::Buffer::empty(area);
        crate::ui::render(&run.state, run.now_ms, &mut buffer);
        run.key('?');
        crate::ui::render(&run.state, run.now_ms, &mut buffer);
        run.key('?');
    }
}

#[test]
fn what_has_just_arrived_is_asked_for_at_once() {
    let mut run = Run::new(dashboard(vec![panel(&GRAPH, "up"), panel(&NUMBER, "up")]));
    assert_eq!(run.answer().len(), 2);
    run.pass(100);
    assert_eq!(run.asked.len(), 0, "the next refresh is far");
    run.event(Event::Arrived);
    assert_eq!(run.answer().len(), 2);
    run.pass(4_999);
    assert_eq!(run.asked.len(), 0, "and the beat starts anew");
    run.pass(1);
    assert!(!run.asked.is_empty());
}

#[test]
fn the_focus_stays_on_its_panel_wherever_an_edit_puts_it() {
    let panels = |names: &[&str]| names.iter().map(|name| panel(&GRAPH, name)).collect::<Vec<_>>();
    let before: Vec<String> = (0..20).map(|number| format!("x{number}")).collect();
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let mut run = Run::new(dashboard(panels(&before)));
    for _ in 0..10 {
        run.key('j');
    }
    let top = |run: &Run| {
        i32::from(run.state.layout.panels[run.state.view.focus].y) - i32::from(run.state.view.scroll)
    };
    let (focus, shown_at) = (run.state.view.focus, top(&run));
    assert!(focus > 0 && run.state.view.scroll > 0);

    let more = [&["new", "newer"], before.as_slice()].concat();
    run.load(Ok(dashboard(panels(&more))));
    assert_eq!((run.state.view.focus, top(&run)), (focus + 2, shown_at));

    // Where it is gone the place is kept.
    let fewer: Vec<&str> = more.iter().copied().filter(|name| *name != before[focus]).collect();
    run.load(Ok(dashboard(panels(&fewer))));
    assert_eq!(run.state.view.focus, focus + 2);
}

#[test]
fn data_is_transformed_once_an_answer_and_not_once_a_frame() {
    let mut doubled = panel(&GRAPH, "up");
    doubled.queries[0].legend = Some("up".into());
    let how = Calculation::Binary { left: "up".into(), op: Op::Multiply, right: "2".into() };
    let twice = Calculate { name: Some("twice".into()), how, replace: true };
    doubled.transforms = vec![Transform::Calculate(twice)];
    let mut run = Run::new(dashboard(vec![doubled, panel(&GRAPH, "up")]));
    run.answer();
    let shown = |run: &Run, index: usize| {
        let dashboard = run.state.dashboard().expect("loaded").clone();
        let view = run.state.panel_view(&dashboard.panels[index], index);
        let named = view.named_series();
        let mut values = named.iter().flat_map(|series| series.values.iter().copied());
        let last = values.rfind(|value| !value.is_nan());
        (named.first().map(|series| series.name.clone()), last, view.frames.is_some())
    };
    assert_eq!(shown(&run, 0), (Some("twice".into()), Some(2.0), true));
    let names = shown(&run, 1).0.expect("a series");
    assert_eq!(shown(&run, 1), (Some(names), Some(1.0), false), "no frames without transforms");
    let data = |run: &Run| run.state.panels[0].transformed.clone().expect("transformed");
    let first = data(&run);
    run.key('j');
    assert!(Arc::ptr_eq(&first, &data(&run)), "a key changes no data");
    run.pass(10_000);
    run.answer();
    assert!(!Arc::ptr_eq(&first, &data(&run)), "an answer does");
}
