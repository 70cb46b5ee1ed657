//! `promscope` without a command: the dashboards on the terminal, for as long as a person looks.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::embedded::{self, Embedded};
use super::settings::Screen;
use super::{ShowArgs, connect, dashboards, datasources};
use crate::app::variables::Remembered;
use crate::app::{Datasource, Event, Origin, Settings, State};
use crate::config;
use crate::runtime::clock::Clock;
use crate::runtime::discover::Discovery;
use crate::runtime::scan::Scanner;
use crate::runtime::{self, Options, memory};
use crate::source::Sources;

/// Shows `named` until the person quits or the terminal goes.
pub(super) fn run(args: &ShowArgs, now_ms: i64) -> anyhow::Result<ExitCode> {
    let ShowArgs { dashboards: named, view, source, scrape, no_state } = args;
    let remembered = if *no_state { Remembered::default() } else { remembered() };
    if !scrape.targets.are_wanted() {
        let (resolved, source) = connect(source)?;
        let elsewhere = resolved.default_source().url.as_str().trim_end_matches('/') != config::DEFAULT_URL;
        let named = dashboards::find(named, elsewhere)?;
        let scrape_interval_ms = resolved.default_source().scrape_interval_ms;
        let mut settings =
            view.settings(&*source, scrape_interval_ms, &resolved.view, Screen::Terminal, now_ms)?;
        settings.datasources = datasources(&resolved);
        let (events, scanner) = read(named, &settings);
        let message = misgiven(&settings, &events);
        let sources = Sources::new(source, &resolved.sources[1..]);
        let ending =
            Show { settings, sources, events, scanner, discovery: None, message, remembered }.run(now_ms)?;
        return Ok(ExitCode::from(ending.status()));
    }
    // Only what is named: without a name the dashboard is made of the metrics.
    let named = if named.is_empty() { dashboards::Named::default() } else { dashboards::find(named, false)? };
    embedded::need_screen()?;
    let interval_ms = embedded::interval_ms(source.scrape_interval.as_deref())?;
    let picture = config::view(source)?;
    let embedded = Embedded::start(scrape.plan(interval_ms)?, source)?;
    let client = embedded.client();
    let mut settings = view.settings(&*client, Some(interval_ms), &picture, Screen::Terminal, now_ms)?;
    settings.address = embedded.title();
    settings.datasources = vec![Datasource::named("embedded")];
    let (events, scanner) = read(named, &settings);
    let message = misgiven(&settings, &events);
    let discovery = Discovery {
        client: embedded.client(),
        options: embedded::generate_options(&scrape.targets.targets()?, interval_ms),
        zone: settings.zone,
    };
    let show = Show {
        settings,
        sources: Sources::one(client),
        events,
        scanner,
        discovery: Some(discovery),
        message,
        remembered,
    };
    let ending = show.run(now_ms);
    embedded.stop(ending)
}

/// What was chosen in runs before; nothing where the file cannot be read, which is said.
fn remembered() -> Remembered {
    let Some(path) = memory::default_path() else { return Remembered::default() };
    let (dashboards, problem) = match memory::load(&path) {
        Ok(dashboards) => (dashboards, None),
        Err(problem) => (BTreeMap::new(), Some(format!("what was chosen before is not known: {problem}"))),
    };
    // A file that cannot be read is not written over either.
    let file = path.to_str().filter(|_| problem.is_none()).map(str::to_owned);
    let folder = std::env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default();
    Remembered { file, folder, problem, dashboards }
}

/// What the values of variables on the command line are no good for, and which of them are not offered.
fn misgiven(settings: &Settings, events: &[Event]) -> Option<String> {
    let (mut dashboards, mut unread) = (Vec::new(), 0);
    for event in events {
        match event {
            Event::Loaded(_, Ok(dashboard)) => dashboards.push(&**dashboard),
            Event::Loaded(_, Err(_)) => unread += 1,
            _ => {}
        }
    }
    if dashboards.is_empty() && unread == 0 {
        return None;
    }
    let given = &settings.variables;
    let problem = given.problem(&dashboards, unread);
    problem.or_else(|| given.notes(&dashboards, &settings.datasources).into_iter().next())
}

/// The dashboards that were named, read for the first time, and the files among them to be watched.
fn read(named: dashboards::Named, settings: &Settings) -> (Vec<Event>, Option<Scanner>) {
    let zone = settings.zone;
    let mut scanner = Scanner::new(named.targets, runtime::parser(zone));
    let mut events = scanner.read_all();
    for origin in named.origins.iter().filter(|origin| matches!(origin, Origin::BuiltIn(_))) {
        events.push(Event::Loaded(origin.clone(), runtime::read_dashboard(origin, zone)));
    }
    // In the order in which they were named, whatever they are.
    let place = |event: &Event| match event {
        Event::Loaded(origin, _) => named.origins.iter().position(|named| named == origin),
        _ => None,
    };
    events.sort_by_key(|event| place(event).unwrap_or(usize::MAX));
    (events, Some(scanner))
}

/// What is shown, over which sources.
pub(super) struct Show {
    pub(super) settings: Settings,
    pub(super) sources: Sources,
    /// The dashboards, in the order of the picker.
    pub(super) events: Vec<Event>,
    pub(super) scanner: Option<Scanner>,
    pub(super) discovery: Option<Discovery>,
    /// Said above the dashboard until it is dismissed.
    pub(super) message: Option<String>,
    /// What was chosen before.
    pub(super) remembered: Remembered,
}

impl Show {
    /// Shows it until the person quits or the terminal goes.
    pub(super) fn run(self, now_ms: i64) -> anyhow::Result<runtime::Ending> {
        let mut state = State::new(self.settings, (0, 0), now_ms);
        state.message = self.message.or_else(|| self.remembered.problem.clone());
        state.remembered = self.remembered;
        let options = Options {
            clock: Clock::wall(),
            mouse: true,
            events: self.events,
            watch: self.scanner,
            discover: self.discovery,
        };
        runtime::start(state, self.sources, options)
    }
}
