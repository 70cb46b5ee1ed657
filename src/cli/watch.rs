//! `promscope` without a command: the dashboards on the terminal, for as long as a person looks.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::embedded::{self, Embedded, ScrapeArgs};
use super::settings::{Screen, ViewArgs};
use super::{connect, dashboards};
use crate::app::{Event, Origin, Settings, State};
use crate::config::{self, SourceArgs};
use crate::runtime::clock::Clock;
use crate::runtime::discover::Discovery;
use crate::runtime::scan::Scanner;
use crate::runtime::{self, Options};
use crate::source::Source;

/// Shows `named` until the person quits or the terminal goes.
pub(super) fn run(
    named: &[PathBuf],
    view: &ViewArgs,
    source: &SourceArgs,
    scrape: &ScrapeArgs,
    now_ms: i64,
) -> anyhow::Result<ExitCode> {
    if !scrape.targets.are_wanted() {
        let named = dashboards::find(named)?;
        let (resolved, source) = connect(source)?;
        let scrape_interval_ms = resolved.default_source().scrape_interval_ms;
        let settings =
            view.settings(&*source, scrape_interval_ms, &resolved.view, Screen::Terminal, now_ms)?;
        let (events, scanner) = read(named, &settings);
        let ending =
            Show { settings, source, events, scanner, discovery: None, message: None }.run(now_ms)?;
        return Ok(ExitCode::from(ending.status()));
    }
    // Only what is named: without a name the dashboard is made of the metrics.
    let named = if named.is_empty() { dashboards::Named::default() } else { dashboards::find(named)? };
    embedded::need_screen()?;
    let interval_ms = embedded::interval_ms(source.scrape_interval.as_deref())?;
    let picture = config::view(source)?;
    let embedded = Embedded::start(scrape.plan(interval_ms)?, source)?;
    let client = embedded.client();
    let mut settings = view.settings(&*client, Some(interval_ms), &picture, Screen::Terminal, now_ms)?;
    settings.address = embedded.title();
    let (events, scanner) = read(named, &settings);
    let discovery = Discovery {
        client: embedded.client(),
        options: embedded::generate_options(&scrape.targets.targets()?, interval_ms),
        zone: settings.zone,
    };
    let show = Show { settings, source: client, events, scanner, discovery: Some(discovery), message: None };
    let ending = show.run(now_ms);
    embedded.stop(ending)
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

/// What is shown, over which source.
pub(super) struct Show {
    pub(super) settings: Settings,
    pub(super) source: Arc<dyn Source>,
    /// The dashboards, in the order of the picker.
    pub(super) events: Vec<Event>,
    pub(super) scanner: Option<Scanner>,
    pub(super) discovery: Option<Discovery>,
    /// Said above the dashboard until it is dismissed.
    pub(super) message: Option<String>,
}

impl Show {
    /// Shows it until the person quits or the terminal goes.
    pub(super) fn run(self, now_ms: i64) -> anyhow::Result<runtime::Ending> {
        let mut state = State::new(self.settings, (0, 0), now_ms);
        state.message = self.message;
        let options = Options {
            clock: Clock::wall(),
            mouse: true,
            events: self.events,
            watch: self.scanner,
            discover: self.discovery,
        };
        runtime::start(state, self.source, options)
    }
}
