//! Several data sources over time: who is asked what, and what one that is away does to the others.

use std::sync::Arc;

use chrono_tz::Tz;

use super::Datasource;
use crate::app::variables::Given;
use crate::app::{
    BACKOFF_MIN_MS, Banner, Effect, Event, Key, KeyCode, Origin, PanelStatus, Settings, State, update,
};
use crate::format::yaml;
use crate::query::{Answer, Data, QueryError, QueryTime, RequestId, SourceId};
use crate::series::{Labels, Sample, Vector};
use crate::theme::Theme;

const START_MS: i64 = 1_780_000_000_000;

/// The program, with the data sources `main` (in use), `spare` and `third`.
struct Run {
    state: State,
    now_ms: i64,
    /// Who is asked what: expressions of panels, and lookups of variables.
    asked: Vec<(RequestId, SourceId, String)>,
}

impl Run {
    fn new(text: &str) -> Self {
        let settings = Settings {
            address: "http://main".into(),
            zone: Tz::UTC,
            is_zone_chosen: false,
            theme: Theme::PLAIN,
            range: None,
            refresh_ms: None,
            scrape_interval_ms: None,
            headless: false,
            variables: Given::default(),
            datasources: ["main", "spare", "third"].map(Datasource::named).into(),
        };
        let mut run =
            Self { state: State::new(settings, (100, 60), START_MS), now_ms: START_MS, asked: Vec::new() };
        let dashboard = yaml::parse(text, Tz::UTC).expect("a dashboard");
        run.event(Event::Loaded(Origin::File("/a.yaml".into()), Ok(Arc::new(dashboard))));
        run
    }

    fn event(&mut self, event: Event) {
        for effect in update(&mut self.state, event, self.now_ms) {
            match effect {
                Effect::Ask(id, query) => {
                    assert!(matches!(query.time, QueryTime::Instant(_)), "{query:?}");
                    self.asked.push((id, query.source, query.expr.to_string()));
                }
                Effect::Lookup(id, source, lookup, _) => self.asked.push((id, source, lookup.to_string())),
                Effect::Cancel(id) => self.asked.retain(|(asked, _, _)| *asked != id),
                other => panic!("{other:?}"),
            }
        }
    }

    fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
            self.event(Event::Key(Key::plain(code)));
        }
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

    /// What is asked, as `name: expression`, sorted.
    fn asks(&self) -> Vec<String> {
        let name = |source: SourceId| &self.state.settings.datasources[usize::from(source.0)].name;
        let mut asks: Vec<String> =
            self.asked.iter().map(|(_, source, expr)| format!("{}: {expr}", name(*source))).collect();
        asks.sort();
        asks
    }

    /// Ends all questions to `source`: lookups with `a`, those of panels with the number of the source, or all with
    /// `error`; and gives what was asked.
    fn end(&mut self, source: u16, error: Option<&QueryError>) -> Vec<String> {
        let mut ended = Vec::new();
        while let Some(at) = self.asked.iter().position(|(_, asked, _)| *asked == SourceId(source)) {
            let (id, _, expr) = self.asked.remove(at);
            let is_lookup = expr.starts_with("label_values");
            let event = match (is_lookup, error) {
                (true, Some(error)) => Event::Listed(id, Err(error.clone())),
                (true, None) => Event::Listed(id, Ok(vec!["a".to_owned()])),
                (false, Some(error)) => Event::Answered(id, Err(error.clone())),
                (false, None) => {
                    let samples = vec![Sample { labels: Labels::default(), value: f64::from(source) }];
                    let data = Data::Instant(Vector { time_ms: self.now_ms, samples });
                    let answer = Answer {
                        data,
                        warnings: Vec::new(),
                        infos: Vec::new(),
                        series_left_out: 0,
                        body_bytes: 1,
                    };
                    Event::Answered(id, Ok(Arc::new(answer)))
                }
            };
            self.event(event);
            ended.push(expr);
            assert!(ended.len() <= 100, "asked in a loop: {ended:?}");
        }
        ended
    }

    fn status(&self, index: usize) -> PanelStatus {
        let dashboard = self.state.dashboard().expect("loaded").clone();
        self.state.panel_status(&self.state.panel_view(&dashboard.panels[index], index), index)
    }

    fn value(&self, index: usize) -> f64 {
        let target = &self.state.panels[index].targets[0];
        self.state.target_vector(target).expect("an answer").samples[0].value
    }

    fn notes(&self) -> Vec<&str> {
        let dashboard = self.state.dashboard().expect("loaded");
        dashboard.notes.iter().map(|note| note.message.as_str()).collect()
    }

    fn away(&self) -> Vec<&str> {
        let banners = self.state.banners();
        let title = |banner: &Banner<'_>| match banner {
            Banner::Outage { source, .. } => Some(self.state.source_title(*source)),
            _ => None,
        };
        banners.iter().filter_map(title).collect()
    }
}

const TWO: &str = r"
title: Two
refresh: 5s
rows:
  - panels:
      - { type: table, query: up }
      - { type: table, query: up, datasource: spare }
      - { type: table, queries: [{ expr: up, datasource: spare }, { expr: up, datasource: main }] }
";

fn unreachable() -> QueryError {
    QueryError::Unreachable("connection refused".into())
}

#[test]
fn equal_expressions_to_two_data_sources_are_two_questions() {
    let mut run = Run::new(TWO);
    assert_eq!(run.asks(), ["main: up", "spare: up"], "each once, whoever shows it");
    run.end(1, None);
    assert_eq!((run.status(0), run.status(1)), (PanelStatus::Loading, PanelStatus::Fresh));
    run.end(0, None);
    assert_eq!((run.value(0), run.value(1), run.value(2)), (0.0, 1.0, 1.0));
    assert_eq!(run.notes(), [""; 0]);
}

#[test]
fn one_that_is_away_leaves_the_others_alone() {
    let mut run = Run::new(TWO);
    run.end(1, Some(&unreachable()));
    run.end(0, None);
    assert_eq!(run.away(), ["spare"]);
    assert!(matches!(run.status(1), PanelStatus::Failed { .. }));
    assert_eq!(run.status(0), PanelStatus::Fresh);
    assert_eq!(
        (run.state.panel_outage_since_ms(0), run.state.panel_outage_since_ms(1)),
        (None, Some(START_MS))
    );
    // The one is tried with back-off, while the other is asked on its beat and no oftener.
    let (mut tries, mut refreshes) = (0, 0);
    for _ in 0..30 {
        run.pass(1_000);
        tries += run.end(1, Some(&unreachable())).len();
        refreshes += run.end(0, None).len();
    }
    assert_eq!((tries, refreshes), (4, 6), "after 1, 2, 4, 8 s; every 5 s");
    assert_eq!(run.state.outages[&SourceId(1)].attempts, 5);
    assert!(run.state.wake_at(run.now_ms).is_some_and(|at_ms| at_ms <= run.now_ms + 1_000));
    // It is back: everything is there again.
    run.keys("r");
    run.end(1, None);
    run.end(0, None);
    assert_eq!((run.away(), run.status(1)), (vec![], PanelStatus::Fresh));
}

#[test]
fn one_that_hangs_takes_no_place_of_another() {
    let panel = |index| format!("      - {{ type: table, query: x{index}, datasource: spare }}\n");
    let panels = (0..12).map(panel).collect::<Vec<_>>().concat();
    let mut run = Run::new(&format!(
        "title: Slow\nrows:\n  - panels:\n{panels}  - panels: [{{ type: table, query: up }}]\n"
    ));
    let asked_of = |run: &Run, name: &str| run.asks().iter().filter(|ask| ask.starts_with(name)).count();
    assert_eq!((asked_of(&run, "spare"), asked_of(&run, "main")), (crate::app::IN_FLIGHT_LIMIT, 1));
    run.end(0, None);
    assert_eq!(run.status(12), PanelStatus::Fresh);
}

#[test]
fn a_data_source_that_nothing_on_the_screen_asks_is_tried_all_the_same() {
    let mut run = Run::new(
        &TWO.replace("      - { type: table, query: up }\n", "      - { type: table, query: own }\n"),
    );
    run.end(1, Some(&unreachable()));
    run.end(0, None);
    // The first panel alone on the screen, which asks another one.
    run.event(Event::Key(Key::plain(KeyCode::Enter)));
    assert_eq!(run.state.visible_panels(), [0]);
    run.pass(BACKOFF_MIN_MS);
    assert_eq!(run.asks(), ["spare: up"]);
    run.end(1, None);
    assert_eq!(run.away(), [""; 0]);
}

#[test]
fn an_outage_that_nobody_waits_for_is_forgotten() {
    let mut run = Run::new(TWO);
    run.end(1, Some(&unreachable()));
    let text = "title: Two\nrows: [{ panels: [{ type: table, query: up }] }]";
    let dashboard = yaml::parse(text, Tz::UTC).expect("a dashboard");
    run.event(Event::Loaded(Origin::File("/a.yaml".into()), Ok(Arc::new(dashboard))));
    assert_eq!(run.away(), [""; 0]);
}

#[test]
fn a_lookup_that_fails_holds_up_its_own_data_source_only() {
    let text = r"
title: Lookups
refresh: off
variables:
  - { name: here, query: label_values(here) }
  - { name: there, query: label_values(there), datasource: spare }
rows:
  - panels:
      - { type: table, query: 'a{l=`$here`}' }
      - { type: table, query: 'b{l=`$there`}' }
";
    let mut run = Run::new(text);
    run.end(1, Some(&unreachable()));
    run.end(0, None);
    assert_eq!((run.away(), run.status(0)), (vec!["spare"], PanelStatus::Fresh));
    let PanelStatus::Failed { error, .. } = run.status(1) else { panic!("{:?}", run.status(1)) };
    assert_eq!(error.to_string(), "variable there: cannot reach the server: connection refused");
    run.pass(BACKOFF_MIN_MS);
    assert_eq!(run.asks(), ["spare: label_values(there)"]);
    run.end(1, None);
    run.end(0, None);
    assert_eq!((run.away(), run.status(1)), (vec![], PanelStatus::Fresh));
}

#[test]
fn each_has_its_own_scrape_interval() {
    let mut run = Run::new(TWO);
    run.state.settings.datasources[1].scrape_interval_ms = Some(60_000);
    run.state.settings.scrape_interval_ms = Some(5_000);
    run.event(Event::Resize(100, 61));
    let rate_ms = |index: usize| run.state.panels[index].targets[0].intervals.rate_ms;
    assert_eq!((rate_ms(0), rate_ms(1)), (20_000, 240_000));
}

const CHOSEN: &str = r"
title: Chosen
refresh: off
datasource: $ds
variables:
  - { name: ds, datasource: prometheus, default: spare }
  - { name: job, query: label_values(job) }
  - { name: zone, query: label_values(zone), datasource: third }
annotations: [{ name: Alerts, alerts: true, hide: true }]
rows:
  - panels:
      - { type: table, title: $ds, query: 'a{job=`$job`}' }
      - { type: table, query: 'b{zone=`$zone`}', datasource: third }
      - { type: alerts }
";

#[test]
fn another_choice_of_the_data_source_asks_only_what_depends_on_it() {
    let mut run = Run::new(CHOSEN);
    assert_eq!(
        run.asks(),
        ["spare: /api/v1/alerts", "spare: label_values(job)", "third: label_values(zone)"]
    );
    run.end(1, None);
    run.end(2, None);
    assert_eq!((run.asks(), run.value(0), run.value(1)), (vec![], 1.0, 2.0));
    run.keys(";ds\nmain\n");
    assert_eq!(run.state.dashboard().expect("loaded").panels[0].title, "main");
    assert_eq!(
        run.asks(),
        ["main: /api/v1/alerts", "main: a{job=`a`}", "main: label_values(job)"],
        "nothing that goes to the third"
    );
    assert_eq!(
        run.status(0),
        PanelStatus::Loading,
        "the picture of another server is no old picture of this one"
    );
    run.end(0, None);
    assert_eq!((run.asks(), run.value(0)), (vec![], 0.0));
}

#[test]
fn a_data_source_variable_offers_what_its_pattern_fits() {
    let offered = |regex: &str| {
        let text = format!(
            "title: x\nvariables: [{{ name: ds, datasource: prometheus, regex: '{regex}' }}]\nrows: [{{ panels: [{{ type: table, \
             query: up, datasource: '${{ds}}' }}] }}]\n"
        );
        let run = Run::new(&text);
        let texts: Vec<String> =
            run.state.variables[0].options.iter().map(|choice| choice.text.clone()).collect();
        (texts.join(" "), run.asks().join(" "))
    };
    let is = |offered: (String, String), options: &str, asks: &str| {
        assert_eq!((offered.0.as_str(), offered.1.as_str()), (options, asks));
    };
    is(offered("/./"), "main spare third", "main: up");
    is(offered("/^(spare|third)$/"), "spare third", "spare: up");
    is(offered("/(thi)rd|spare/"), "spare third", "spare: up");
    is(offered("/prod/"), "main", "main: up");
}

#[test]
fn a_repeated_panel_asks_the_data_source_of_its_clone() {
    let text = r"
title: Each
variables: [{ name: ds, datasource: prometheus, multi: true, all: true, default: All }]
rows: [{ panels: [{ type: table, query: up, datasource: $ds, repeat: ds }] }]
";
    let run = Run::new(text);
    assert_eq!(run.asks(), ["main: up", "spare: up", "third: up"]);
}

#[test]
fn a_name_that_is_not_configured_asks_the_one_in_use_and_is_told_once() {
    let text = r"
title: Strange
variables: [{ name: where, textbox: nowhere }]
rows:
  - panels:
      - { type: table, query: a, datasource: P1809F7CD0C75ACF3 }
      - { type: table, query: b, datasource: P1809F7CD0C75ACF3 }
      - { type: table, query: c, datasource: $where }
      - { type: table, query: d, datasource: default }
      - { type: table, query: e, datasource: $missing }
";
    let mut run = Run::new(text);
    assert_eq!(run.asks(), ["main: a", "main: b", "main: c", "main: d", "main: e"]);
    let note = |name: &str| format!("data source {name:?} is not configured; main is asked instead");
    assert_eq!(run.notes(), ["$missing", "P1809F7CD0C75ACF3", "nowhere"].map(note));
    run.keys(";");
    run.event(Event::Key(Key::ctrl('u')));
    run.keys("third\n");
    assert!(run.asks().contains(&"third: c".to_owned()), "{:?}", run.asks());
    assert_eq!(run.notes(), ["$missing", "P1809F7CD0C75ACF3"].map(note));
}
