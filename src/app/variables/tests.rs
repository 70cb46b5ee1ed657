//! Variables over time: what is asked when, what waits, what is chosen; with a fake clock and a server made of function
//! calls.

use std::sync::Arc;

use chrono_tz::Tz;

use super::{Choices, Given, Remembered};
use crate::app::{Datasource, Effect, Event, Key, KeyCode, Origin, PanelStatus, Settings, State, update};
use crate::format::yaml;
use crate::query::{Answer, Data, Query, QueryError, QueryTime, RequestId};
use crate::series::{Frame, Labels, Sample, Series, Vector};
use crate::theme::Theme;
use crate::variable::lookup::Lookup;

const START_MS: i64 = 1_780_000_000_000;

const CHAINED: &str = r"
title: Chained
refresh: off
variables:
  - { name: pod, query: 'label_values(up{ns=~`$ns`}, pod)', multi: true, all: true }
  - { name: ns, query: 'label_values(up{job=`$job`}, ns)', multi: true, all: true, default: All }
  - { name: job, query: label_values(job) }
  - { name: other, query: label_values(other), refresh: time }
rows:
  - panels:
      - { type: stat, title: of $pod, query: 'a{pod=~`$pod`}' }
      - { type: stat, title: of $other, query: 'b{other=`$other`}' }
      - { type: stat, title: no variable, query: c }
";

struct Run {
    state: State,
    now_ms: i64,
    asked: Vec<(RequestId, Query)>,
    looked_up: Vec<(RequestId, Lookup)>,
    remembered: Vec<Choices>,
}

impl Run {
    fn new(text: &str) -> Self {
        Self::with(text, &[], Remembered::default())
    }

    fn with(text: &str, given: &[(&str, &str)], remembered: Remembered) -> Self {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = Settings {
            address: "http://server".into(),
            zone: Tz::UTC,
            is_zone_chosen: false,
            theme: Theme::PLAIN,
            range: None,
            refresh_ms: None,
            scrape_interval_ms: None,
            headless: false,
            variables: Given(given.collect()),
            datasources: vec![Datasource::named("main"), Datasource::named("spare")],
        };
        let mut state = State::new(settings, (100, 40), START_MS);
        state.remembered = remembered;
        let mut run = Self {
            state,
            now_ms: START_MS,
            asked: Vec::new(),
            looked_up: Vec::new(),
            remembered: Vec::new(),
        };
        run.load(text);
        run
    }

    fn load(&mut self, text: &str) {
        let dashboard = yaml::parse(text, Tz::UTC).expect("a dashboard");
        self.event(Event::Loaded(Origin::File("/a.yaml".into()), Ok(Arc::new(dashboard))));
    }

    fn event(&mut self, event: Event) {
        for effect in update(&mut self.state, event, self.now_ms) {
            match effect {
                Effect::Ask(id, query) => self.asked.push((id, query)),
                Effect::Lookup(id, _, lookup, _) => self.looked_up.push((id, lookup)),
                Effect::Remember(choices) => self.remembered.push(choices),
                Effect::Cancel(id) => {
                    self.asked.retain(|(asked, _)| *asked != id);
                    self.looked_up.retain(|(asked, _)| *asked != id);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '↓' => KeyCode::Down,
                '←' => KeyCode::Backspace,
                character => KeyCode::Char(character),
            };
            self.event(Event::Key(Key::plain(code)));
        }
    }

    /// What variables ask, sorted.
    fn lookups(&self) -> Vec<String> {
        let mut lookups: Vec<String> = self.looked_up.iter().map(|(_, lookup)| lookup.to_string()).collect();
        lookups.sort();
        lookups
    }

    /// Answers the lookups whose text begins with `start`.
    fn list(&mut self, start: &str, values: &[&str]) {
        let (due, kept) = std::mem::take(&mut self.looked_up)
            .into_iter()
            .partition(|(_, lookup)| lookup.to_string().starts_with(start));
        self.looked_up = kept;
        let due: Vec<_> = due;
        assert!(!due.is_empty(), "nothing asks {start}: {:?}", self.lookups());
        for (id, _) in due {
            self.event(Event::Listed(id, Ok(values.iter().map(|value| (*value).to_owned()).collect())));
        }
    }

    fn fail(&mut self, start: &str, error: &QueryError) {
        let at = self.looked_up.iter().position(|(_, lookup)| lookup.to_string().starts_with(start));
        let (id, _) = self.looked_up.remove(at.expect("asked"));
        self.event(Event::Listed(id, Err(error.clone())));
    }

    /// Answers all panels, and gives what they asked, sorted.
    fn answer(&mut self) -> Vec<String> {
        let mut exprs = Vec::new();
        while !self.asked.is_empty() {
            let (id, query) = self.asked.remove(0);
            let data = match query.time {
                QueryTime::Range(grid) => Data::Range(Frame {
                    grid,
                    series: vec![Series { labels: Labels::default(), values: vec![1.0; grid.len] }],
                }),
                QueryTime::Instant(time_ms) => {
                    let samples = vec![Sample { labels: Labels::default(), value: 1.0 }];
                    Data::Instant(Vector { time_ms, samples })
                }
            };
            let answer =
                Answer { data, warnings: Vec::new(), infos: Vec::new(), series_left_out: 0, body_bytes: 1 };
            self.event(Event::Answered(id, Ok(Arc::new(answer))));
            exprs.push(query.expr.to_string());
        }
        exprs.sort();
        exprs.dedup();
        exprs
    }

    fn start_chained(&mut self) {
        self.list("label_values(job)", &["api", "db"]);
        self.list("label_values(up{job", &["n1", "n2"]);
        self.list("label_values(up{ns", &["p1", "p2"]);
        self.list("label_values(other)", &["o"]);
        self.answer();
    }

    fn status(&self, index: usize) -> PanelStatus {
        let dashboard = self.state.dashboard().expect("loaded").clone();
        self.state.panel_status(&self.state.panel_view(&dashboard.panels[index], index), index)
    }

    fn titles(&self) -> Vec<Vec<String>> {
        let dashboard = self.state.dashboard().expect("loaded");
        let title = |panel: &crate::dashboard::Panel| panel.title.clone();
        dashboard
            .rows
            .iter()
            .map(|row| dashboard.panels[row.panels.clone()].iter().map(title).collect())
            .collect()
    }
}

#[test]
fn variables_are_asked_behind_those_they_need_and_panels_wait_for_their_own() {
    let mut run = Run::new(CHAINED);
    assert_eq!(run.lookups(), ["label_values(job)", "label_values(other)"]);
    assert_eq!(run.answer(), ["c"], "the panel without a variable waits for none");
    assert_eq!((run.status(0), run.status(2)), (PanelStatus::Loading, PanelStatus::Fresh));
    assert!(!run.state.is_settled());
    run.list("label_values(other)", &["o1", "o2"]);
    assert_eq!(run.answer(), ["b{other=`o1`}"]);
    run.list("label_values(job)", &["api", "db"]);
    assert_eq!(run.lookups(), ["label_values(up{job=`api`}, ns)"]);
    run.list("label_values(up{job", &["n1", "n2"]);
    assert_eq!(run.lookups(), ["label_values(up{ns=~`(n1|n2)`}, pod)"]);
    assert_eq!(run.answer(), [""; 0]);
    run.list("label_values(up{ns", &["p.1", "p2"]);
    assert_eq!(run.answer(), ["a{pod=~`p\\\\.1`}"]);
    assert_eq!(run.titles(), [["of p.1", "of o1", "no variable"]]);
    assert!(run.state.is_settled());
}

#[test]
fn a_choice_asks_only_what_depends_on_it() {
    let mut run = Run::new(CHAINED);
    run.start_chained();
    // The list of variables, down to the third, its second value.
    run.keys(";↓↓\n↓\n");
    assert_eq!(run.state.overlay, None);
    assert_eq!(run.lookups(), ["label_values(up{job=`db`}, ns)"], "not the job, nor the other");
    assert_eq!(run.answer(), [""; 0], "no panel names the job");
    run.list("label_values(up{job", &["n1", "n2"]);
    assert_eq!(run.lookups(), [""; 0], "all namespaces are still the same");
    // Another namespace reaches the pods, and through them one panel.
    run.keys("$ns\nn1 \n");
    assert_eq!(run.lookups(), ["label_values(up{ns=~`n2`}, pod)"], "n1 was unticked out of all");
    run.list("label_values(up{ns", &["p3"]);
    assert_eq!(run.answer(), ["a{pod=~`p3`}"]);
}

#[test]
fn only_those_that_go_by_the_window_are_asked_when_it_changes() {
    let mut run = Run::new(CHAINED);
    run.start_chained();
    run.keys("-");
    assert_eq!(run.lookups(), ["label_values(other)"]);
    assert_eq!(run.answer().len(), 3, "panels go on with the old values meanwhile");
    run.list("label_values(other)", &["o"]);
    assert_eq!(run.answer(), [""; 0]);
    run.keys("r");
    assert_eq!(run.lookups(), ["label_values(job)", "label_values(other)"]);
}

#[test]
fn a_failure_keeps_the_options_and_a_variable_without_any_says_so_on_its_panels() {
    let refused = QueryError::Prometheus { kind: "bad_data".into(), message: "no".into() };
    let mut run = Run::new(CHAINED);
    run.fail("label_values(other)", &refused);
    run.list("label_values(job)", &["api"]);
    let PanelStatus::Failed { error, .. } = run.status(1) else { panic!("{:?}", run.status(1)) };
    assert_eq!(error.to_string(), "variable other: bad_data: no");
    assert_eq!(run.state.failed_panels(), 1);
    run.list("label_values(up{job", &["n1"]);
    run.list("label_values(up{ns", &["p1"]);
    assert_eq!(run.answer(), ["a{pod=~`p1`}", "c"]);
    run.keys("r");
    run.list("label_values(other)", &["o1"]);
    run.fail("label_values(job)", &refused);
    let job = &run.state.variables[2];
    assert_eq!((job.options.len(), job.text(), job.failure.is_some()), (1, "api".to_owned(), true));
    assert_eq!(run.state.failed_panels(), 0);
}

#[test]
fn variables_take_turns_while_the_server_is_away_and_come_back_with_it() {
    let gone = QueryError::Unreachable("connection refused".into());
    let mut run = Run::new(CHAINED);
    run.fail("label_values(other)", &gone);
    assert_eq!(run.state.outages.len(), 1);
    run.fail("label_values(job)", &gone);
    let (id, _) = run.asked.remove(0);
    run.event(Event::Answered(id, Err(gone.clone())));
    for _ in 0..6 {
        run.now_ms = run.state.wake_at(run.now_ms).expect("a try is due");
        run.event(Event::Wake);
        assert!(run.asked.len() + run.looked_up.len() <= 1, "one try at a time");
        if let Some((id, _)) = run.asked.pop() {
            run.event(Event::Answered(id, Err(gone.clone())));
        }
        if let Some((id, _)) = run.looked_up.pop() {
            run.event(Event::Listed(id, Err(gone.clone())));
        }
    }
    while run.looked_up.is_empty() {
        run.now_ms = run.state.wake_at(run.now_ms).expect("a try is due");
        run.event(Event::Wake);
        for (id, _) in std::mem::take(&mut run.asked) {
            run.event(Event::Answered(id, Err(gone.clone())));
        }
    }
    let (id, lookup) = run.looked_up.pop().expect("asked");
    run.event(Event::Listed(id, Ok(vec!["x".into()])));
    assert!(run.state.outages.is_empty(), "{lookup}");
    assert!(!run.asked.is_empty(), "everything is asked at once");
}

const SIMPLE: &str = r"
title: Simple
variables:
  - { name: host, values: [web-1, web-2, db-1], multi: true, all: '.*', default: [web-1, db-1] }
  - { name: window, interval: [auto, 1m, 5m] }
  - { name: word, textbox: hello }
  - { name: filters, adhoc: ['env=`x`'] }
  - { name: fixed, constant: 7 }
  - { name: secret, values: [a, b], hide: true }
  - { name: source, datasource: prometheus }
rows:
  - panels: [{ type: stat, title: $word on $host, query: 'rate(x{h=~`$host`,s=`$secret`}[$window]) * $fixed' }]
";

#[test]
fn variables_without_a_server_are_there_at_once() {
    let mut run = Run::new(&SIMPLE.replace("env=`x`", "env=\"x\""));
    assert_eq!(run.lookups(), [""; 0]);
    assert_eq!(run.answer(), ["rate(x{env=\"x\",h=~\"(web-1|db-1)\",s=\"a\"}[30s]) * 7"]);
    assert_eq!(run.titles(), [["hello on web-1 + db-1"]]);
    let texts: Vec<String> = run.state.variables.iter().map(super::VariableState::text).collect();
    assert_eq!(texts, ["web-1 + db-1", "auto", "hello", "env=\"x\"", "7", "a", "main"]);
    // All hosts by their own word, typed text, no filters.
    run.keys(";\n");
    run.event(Event::Key(Key::ctrl('a')));
    run.keys("\n;word\n");
    run.keys("←←←←←bye\n");
    run.keys(";filt\n");
    run.event(Event::Key(Key::ctrl('u')));
    run.keys("nonsense\n");
    assert!(run.state.picker.problem.as_deref().is_some_and(|problem| problem.contains("is no filter")));
    run.event(Event::Key(Key::ctrl('u')));
    run.keys("\n;win\n5m\n");
    assert_eq!(run.titles(), [["bye on All"]]);
    assert_eq!(run.answer().last().map(String::as_str), Some("rate(x{h=~`.*`,s=`a`}[5m]) * 7"));
}

#[test]
fn the_picker_searches_ticks_and_takes_what_is_typed() {
    let mut run = Run::new(SIMPLE.replace("env=`x`", "env=\"x\"").as_str());
    let lines = |run: &Run| {
        let lines = crate::app::picker::lines(&run.state);
        lines.into_iter().map(|line| (line.text, line.ticked)).collect::<Vec<_>>()
    };
    run.keys(";host\n");
    let line = |text: &str, ticked| (text.to_owned(), Some(ticked));
    assert_eq!(
        lines(&run),
        [line("All", false), line("web-1", true), line("web-2", false), line("db-1", true)]
    );
    run.keys("w2");
    assert_eq!(lines(&run)[0], line("web-2", false));
    run.keys(" \u{1b}↓ \n");
    assert_eq!(run.state.variables[0].text(), "web-2 + db-1");
    run.keys(";host\nnew\n");
    assert_eq!(run.state.variables[0].text(), "new");
    assert!(run.state.variables[0].is_pinned, "it stays though it is not among the options");
    run.keys("r");
    assert_eq!(run.state.variables[0].text(), "new");
    run.keys(";\u{1b}");
    assert_eq!(run.state.overlay, None);
    for (text, typed, is_found) in [("web-1", "w1", true), ("web-1", "1w", false), ("Web", "web", true)] {
        assert_eq!(crate::app::picker::rank(text, typed).is_some(), is_found, "{text} {typed}");
    }
}

#[test]
fn choices_are_remembered_and_the_command_line_goes_before_them() {
    let text = SIMPLE.replace("env=`x`", "env=\"x\"");
    let file = Some("/state".to_owned());
    let mut run = Run::with(&text, &[], Remembered { file: file.clone(), ..Remembered::default() });
    run.keys(";\n\n");
    let [choices] = run.remembered.as_slice() else { panic!("{:?}", run.remembered) };
    assert_eq!((choices.dashboard.as_str(), choices.file.as_str()), ("/a.yaml", "/state"));
    // Of the others the dashboard itself says what they are, also when it changes its mind.
    assert_eq!(choices.chosen, [("host".to_owned(), vec!["web-1".to_owned()])].into());
    let mut remembered = Remembered { file, ..Remembered::default() };
    let chosen = [("host", "db-1"), ("word", "kept"), ("window", "gone")];
    let chosen = chosen.map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
    remembered.dashboards.insert("/a.yaml".to_owned(), chosen.into());
    let run = Run::with(&text, &[("word", "given"), ("host", "x"), ("host", "web-2")], remembered);
    let texts: Vec<String> = run.state.variables.iter().take(3).map(super::VariableState::text).collect();
    assert_eq!(texts, ["x + web-2", "auto", "given"]);
}

#[test]
fn an_edit_keeps_what_is_chosen() {
    let text = SIMPLE.replace("env=`x`", "env=\"x\"");
    let mut run = Run::new(&text);
    run.keys(";\n\n");
    assert_eq!(run.state.variables[0].text(), "web-1");
    run.load(&text.replace("title: Simple", "title: Other"));
    assert_eq!(run.state.variables[0].text(), "web-1");
    run.load(
        &text.replace("[web-1, web-2, db-1]", "[web-2, web-3]").replace("[web-1, db-1]", "[web-2, web-3]"),
    );
    assert_eq!(run.state.variables[0].text(), "web-2 + web-3", "the default is another one");
}

#[test]
fn panels_and_rows_are_repeated_by_values() {
    let text = r"
title: Repeats
variables:
  - { name: h, values: [a, b, c], multi: true, all: true, default: All }
  - { name: d, values: [x, y], multi: true, default: [x, y] }
  - { name: slow, query: label_values(slow), multi: true }
rows:
  - title: each $d
    repeat: d
    panels:
      - { type: stat, title: $h of $d, repeat: h, max_per_row: 2, query: 'up{h=~`$h`,d=~`$d`}' }
      - { type: stat, title: rest, query: n }
  - panels: [{ type: stat, title: v $d, repeat: $d, repeat_direction: vertical, query: m }]
  - panels:
      - { type: stat, title: s $slow, repeat: slow, query: 's{s=`$slow`}' }
      - { type: stat, title: beside, query: o }
";
    let mut run = Run::new(text);
    run.event(Event::Resize(100, 200));
    let lines = |run: &Run| run.titles().iter().map(|line| line.join(", ")).collect::<Vec<_>>();
    let each = |d: &str| [format!("a of {d}, b of {d}"), format!("c of {d}"), "rest".to_owned()];
    let mut expected = [each("x"), each("y")].concat();
    expected.extend(["v x".into(), "v y".into(), "s $slow, beside".into()]);
    assert_eq!(lines(&run), expected);
    let titles: Vec<_> =
        run.state.dashboard().expect("loaded").rows.iter().filter_map(|row| row.title.clone()).collect();
    assert_eq!(titles, ["each x", "each y"]);
    let asked = run.answer();
    assert!(asked.contains(&"up{h=~`b`,d=~`y`}".to_owned()), "{asked:?}");
    assert!(!asked.iter().any(|expr| expr.starts_with("s{")), "{asked:?}");
    run.list("label_values(slow)", &["p", "q"]);
    assert_eq!(lines(&run).last().map(String::as_str), Some("s p, beside"), "the first is chosen");
    run.keys(";slow\n");
    run.event(Event::Key(Key::ctrl('a')));
    run.keys("\n");
    assert_eq!(lines(&run).last().map(String::as_str), Some("s p, s q, beside"));
    assert_eq!(run.answer(), ["s{s=`p`}", "s{s=`q`}"]);
}

#[test]
fn panels_repeated_in_a_grid_move_what_is_below() {
    let text = r"
title: Grid
variables:
  - { name: h, values: [a, b, c], multi: true, all: true, default: All }
rows:
  - panels:
      - { type: stat, title: top, query: m, grid: { x: 0, y: 0, w: 24, h: 2 } }
      - { type: stat, title: $h, repeat: h, max_per_row: 2, query: up, grid: { x: 0, y: 2, w: 6, h: 4 } }
      - { type: stat, title: below, query: n, grid: { x: 0, y: 6, w: 12, h: 3 } }
      - { type: stat, title: v $h, repeat: h, repeat_direction: vertical, query: o, grid: { x: 12, y: 6, w: 12, h: 3 } }
      - { type: stat, title: last, query: p, grid: { x: 0, y: 9, w: 24, h: 3 } }
";
    let mut run = Run::new(text);
    run.event(Event::Resize(100, 200));
    let places = |run: &Run| -> Vec<String> {
        let dashboard = run.state.dashboard().expect("loaded");
        let place = |panel: &crate::dashboard::Panel| {
            let grid = panel.grid.expect("placed");
            format!("{} {},{} {}x{}", panel.title, grid.x, grid.y, grid.w, grid.h)
        };
        dashboard.panels.iter().map(place).collect()
    };
    assert_eq!(
        places(&run),
        [
            "top 0,0 24x2",
            "a 0,2 12x4",
            "b 12,2 12x4",
            "c 0,6 12x4",
            "below 0,10 12x3",
            "v a 12,10 12x3",
            "v b 12,13 12x3",
            "v c 12,16 12x3",
            "last 0,19 24x3"
        ]
    );
    assert_eq!(run.state.dashboard().expect("loaded").rows.len(), 1);
    run.load(&text.replace("default: All", "default: b"));
    let shown = places(&run);
    assert!(shown.contains(&"b 0,2 24x4".to_owned()), "one alone has all columns: {shown:?}");
    assert!(shown.contains(&"last 0,9 24x3".to_owned()), "{shown:?}");
}

#[test]
fn variables_fill_overrides_and_links() {
    let text = r"
title: Filled
variables: [{ name: h, values: ['a.b', c], multi: true, default: [a.b] }]
links: [{ title: Of $h, url: 'https://localhost/?h=${h:queryparam}' }]
rows:
  - panels:
      - type: timeseries
        query: up
        display_name: '{{job}} on $h'
        links: [{ title: $h, url: 'https://localhost/$h' }]
        overrides:
          - { name: up of $h, unit: s }
          - { regex: '^$h$', display_name: is $h }
          - { names: [$h, x], unit: s }
";
    let run = Run::new(text);
    let dashboard = run.state.dashboard().expect("loaded");
    let link = |link: &crate::dashboard::Link| format!("{} {}", link.title, link.url);
    assert_eq!(link(&dashboard.links[0]), "Of a.b https://localhost/?h=var-h=a.b");
    let panel = &dashboard.panels[0];
    assert_eq!(link(&panel.links[0]), "a.b https://localhost/a.b");
    assert_eq!(panel.field.display_name.as_deref(), Some("{{job}} on a.b"));
    let name = |series: &str| {
        let field = panel.field_of(series, "A");
        (field.unit.clone() == crate::unit::Unit::new("s"), field.display_name.clone())
    };
    assert!(name("up of a.b").0);
    assert!(name("a.b").0 && !name("axb").0);
    assert_eq!(name("a.b").1.as_deref(), Some("is a.b"));
    assert_ne!(name("axb").1.as_deref(), Some("is a.b"), "a value is no pattern");
}

#[test]
fn annotations_mark_runs_of_samples_above_zero() {
    let text = r"
title: Marked
variables: [{ name: job, query: label_values(job) }]
annotations:
  - { name: Deploys, query: 'deploys{job=`$job`} > 0', title: '{{version}} of $job', color: blue }
  - { name: Alerts, alerts: true, text: '{{severity}}' }
  - { name: Hidden, query: hidden, hide: true }
rows: [{ panels: [{ type: timeseries, query: up }] }]
";
    let mut run = Run::new(text);
    let asked = |run: &Run| run.asked.iter().map(|(_, query)| query.expr.to_string()).collect::<Vec<_>>();
    assert_eq!(
        asked(&run),
        ["up", "ALERTS{alertstate=\"firing\"}"],
        "behind the panel, and what waits does not ask"
    );
    run.list("label_values(job)", &["api"]);
    assert_eq!(asked(&run).last().map(String::as_str), Some("deploys{job=`api`} > 0"));
    for (id, query) in std::mem::take(&mut run.asked) {
        let QueryTime::Range(grid) = query.time else { panic!("{query:?}") };
        let labels = Labels::from([("alertname", "Down"), ("severity", "page"), ("version", "v2")]);
        let value = |index| if (10..13).contains(&index) || index == 20 { 1.0 } else { 0.0 };
        let values = (0..grid.len).map(value).collect();
        let data = Data::Range(Frame { grid, series: vec![Series { labels, values }] });
        let answer =
            Answer { data, warnings: Vec::new(), infos: Vec::new(), series_left_out: 0, body_bytes: 1 };
        run.event(Event::Answered(id, Ok(Arc::new(answer))));
    }
    let step_ms = run.state.panels[0].targets[0].intervals.step_ms;
    let marks: Vec<_> = run
        .state
        .marks
        .iter()
        .map(|mark| ((mark.end_ms - mark.start_ms) / step_ms, mark.text.as_str()))
        .collect();
    assert_eq!(marks, [(2, "Down: page"), (2, "v2 of api"), (0, "Down: page"), (0, "v2 of api")]);
    let at_ms = run.state.marks[3].start_ms;
    assert_eq!(run.state.marked_at(at_ms, step_ms).count(), 2);
    run.keys("a");
    assert!(run.state.marks.is_empty() && run.state.notice.is_some());
    run.keys("a");
    assert_eq!(run.state.marks.len(), 4);
}

#[test]
fn a_least_step_may_be_a_variable() {
    let text = r"
title: Steps
refresh: off
time: { from: now-5m }
variables:
  - { name: step, interval: [1m, 2m] }
rows:
  - panels:
      - { type: timeseries, queries: [{ expr: 'rate(a[$__rate_interval])', min_step: $step }] }
      - { type: timeseries, queries: [{ expr: b, min_step: '>${step}' }] }
";
    let asked = |given: &[(&str, &str)]| {
        let mut run = Run::with(text, given, Remembered::default());
        let mut asked: Vec<String> = Vec::new();
        for (_, query) in &run.asked {
            let QueryTime::Range(grid) = query.time else { panic!("a range") };
            asked.push(format!("{} every {} s", query.expr, grid.step_ms / 1000));
        }
        asked.sort();
        run.answer();
        (asked, run)
    };
    assert_eq!(asked(&[]).0, ["b every 60 s", "rate(a[4m]) every 60 s"]);
    assert_eq!(asked(&[("step", "2m")]).0, ["b every 120 s", "rate(a[8m]) every 120 s"]);
    // As Grafana, which takes this for no minimum.
    assert_eq!(asked(&[("step", "auto")]).0.len(), 2);
    let (nothing, run) = asked(&[("step", "soon")]);
    assert!(nothing.is_empty(), "{nothing:?}");
    let PanelStatus::Failed { error, .. } = run.status(0) else { panic!("{:?}", run.status(0)) };
    assert!(error.to_string().contains("the least step $step"), "{error}");
}
