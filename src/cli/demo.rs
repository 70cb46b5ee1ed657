//! `promscope demo`: cat-facts, an engine that scrapes it, and the dashboard, in one process.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::embedded::{self, Embedded};
use super::settings::{Screen, ViewArgs};
use super::watch::Show;
use crate::app::{Event, Origin};
use crate::config::{self, SourceArgs};
use crate::engine::{DemoPlan, Plan, SCRAPE_INTERVAL_MS, Sources};
use crate::runtime;
use crate::runtime::discover::Discovery;
use crate::time_range::TimeRange;

/// The dashboard that is shown first.
const DASHBOARD: &str = "cat-facts";

/// Where its actions go when cat-facts runs by itself.
const ACTIONS_ORIGIN: &str = "http://localhost:8000";

/// The window at first: short, so that a picture is soon there and moves.
const RANGE_MS: i64 = 2 * 60_000;

/// The flags.
#[derive(Args, Clone, Debug)]
pub(super) struct DemoArgs {
    /// Leave cat-facts alone: nothing happens but what f and F do
    #[arg(long)]
    quiet: bool,
    /// Port of the embedded Prometheus on 127.0.0.1 [default: any free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Port of cat-facts on 127.0.0.1 [default: any free one]
    #[arg(long, value_name = "PORT")]
    cat_facts_port: Option<u16>,
    /// Draws other facts, latencies, errors and bursts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Shows the demo until the person quits or the terminal goes.
pub(super) fn run(args: &DemoArgs, view: &ViewArgs, now_ms: i64) -> anyhow::Result<ExitCode> {
    embedded::need_screen()?;
    let picture = config::view(&SourceArgs::default())?;
    let embedded = Embedded::start(args.plan(), &SourceArgs::default())?;
    let client = embedded.client();
    let mut settings =
        view.settings(&*client, Some(SCRAPE_INTERVAL_MS), &picture, Screen::Terminal, now_ms)?;
    settings.address = embedded.title();
    settings.range.get_or_insert_with(|| TimeRange::last(RANGE_MS));
    settings.refresh_ms.get_or_insert(Some(SCRAPE_INTERVAL_MS));
    let cat_facts =
        embedded.engine().cat_facts().map(|address| format!("http://{address}")).unwrap_or_default();
    let origin = Origin::BuiltIn(DASHBOARD.to_owned());
    let read = runtime::read_dashboard(&origin, settings.zone).map(|dashboard| {
        let mut dashboard = Arc::unwrap_or_clone(dashboard);
        dashboard.retarget_actions(ACTIONS_ORIGIN, &cat_facts);
        // The file says how often its docker-compose scrapes; here it is more often.
        dashboard.scrape_interval_ms = Some(SCRAPE_INTERVAL_MS);
        Arc::new(dashboard)
    });
    let options = crate::generate::Options {
        title: "All metrics of the demo".to_owned(),
        origin: "the demo".to_owned(),
        ..embedded::generate_options(&[], SCRAPE_INTERVAL_MS)
    };
    let discovery = Discovery { client: embedded.client(), options, zone: settings.zone };
    let message =
        format!("cat-facts {cat_facts}, Prometheus http://{}; esc hides", embedded.engine().address());
    let show = Show {
        settings,
        sources: crate::source::Sources::one(client),
        events: vec![Event::Loaded(origin, read)],
        scanner: None,
        discovery: Some(discovery),
        message: Some(message),
        remembered: crate::app::variables::Remembered::default(),
    };
    let ending = show.run(now_ms);
    embedded.stop(ending)
}

impl DemoArgs {
    fn plan(&self) -> Plan {
        let at = |port: Option<u16>| SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
        let sources = Sources::Targets { targets: Vec::new(), interval_ms: SCRAPE_INTERVAL_MS };
        let demo = DemoPlan { quiet: self.quiet, seed: self.seed, listen: at(self.cat_facts_port) };
        Plan { listen: at(self.port), demo: Some(demo), ..Plan::new(sources) }
    }
}
