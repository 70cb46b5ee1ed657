//! `promscope` without a command: the dashboards on the terminal, for as long as a person looks.

use std::path::PathBuf;
use std::process::ExitCode;

use super::settings::{Screen, ViewArgs};
use super::{connect, dashboards};
use crate::app::{Event, Origin, State};
use crate::config::SourceArgs;
use crate::runtime::clock::Clock;
use crate::runtime::scan::Scanner;
use crate::runtime::{self, Options};

/// Shows `named` until the person quits or the terminal goes.
pub(super) fn run(
    named: &[PathBuf],
    view: &ViewArgs,
    source: &SourceArgs,
    now_ms: i64,
) -> anyhow::Result<ExitCode> {
    let named = dashboards::find(named)?;
    let (data_source, source) = connect(source)?;
    let settings = view.settings(&*source, data_source.scrape_interval_ms, Screen::Terminal, now_ms)?;
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
    let state = State::new(settings, (0, 0), now_ms);
    let options = Options { clock: Clock::wall(), mouse: true, events, watch: Some(scanner) };
    let ending = runtime::start(state, source, options)?;
    Ok(ExitCode::from(ending.status()))
}
