//! The embedded engine behind a command: its flags, its start, and its end with the dashboard.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use crate::config::{DataSource, Secret, SourceArgs};
use crate::engine::{Engine, Plan, Sources, Target};
use crate::generate;
use crate::runtime::Ending;
use crate::source::prometheus::Prometheus;
use crate::time_range::{format_duration, parse_duration_ms};

/// How often `--scrape` scrapes, if nothing else is said.
const SCRAPE_INTERVAL_MS: i64 = 5_000;

/// How often at most.
const SCRAPE_INTERVAL_MIN_MS: i64 = 100;

/// Targets that the command line may name; more belong into a configuration file.
const TARGETS_LIMIT: usize = 100;

/// The window of a generated dashboard over targets that are scraped by this process.
const RANGE_MS: i64 = 5 * 60_000;

/// The least refresh of a generated dashboard.
const REFRESH_MIN_MS: i64 = 1_000;

/// What to scrape without a server.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "No server")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text, which shows no Markdown")]
pub(super) struct TargetArgs {
    /// Scrape these addresses, and show what they have; localhost:8000 stands for http://localhost:8000/metrics, and
    /// NAME=URL names the job
    #[arg(
        long,
        value_name = "URL,...",
        value_delimiter = ',',
        conflicts_with_all = [
            "url", "datasource", "username", "password_file", "bearer_token_file", "header", "ca_file",
            "insecure_skip_verify",
        ]
    )]
    scrape: Vec<Secret>,
}

/// Scraping without a server, for as long as a dashboard is shown.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "No server")]
pub(super) struct ScrapeArgs {
    #[command(flatten)]
    pub(super) targets: TargetArgs,
    /// Keep the samples there [default: in memory only]
    #[arg(long, value_name = "DIR", requires = "scrape")]
    data_dir: Option<PathBuf>,
    /// Let other programs ask the embedded Prometheus there [default: 127.0.0.1 and any free port]
    #[arg(long, value_name = "IP:PORT", requires = "scrape")]
    listen: Option<SocketAddr>,
}

impl TargetArgs {
    /// Whether any target was named.
    pub(super) fn are_wanted(&self) -> bool {
        !self.scrape.is_empty()
    }

    /// The targets.
    pub(super) fn targets(&self) -> anyhow::Result<Vec<Target>> {
        targets(&self.scrape)
    }
}

impl ScrapeArgs {
    /// What the engine is to do.
    pub(super) fn plan(&self, interval_ms: i64) -> anyhow::Result<Plan> {
        let plan = Plan::new(Sources::Targets { targets: self.targets.targets()?, interval_ms });
        Ok(Plan { listen: self.listen.unwrap_or(plan.listen), data_dir: self.data_dir.clone(), ..plan })
    }
}

/// Reads the addresses of `--scrape`.
pub(super) fn targets(texts: &[Secret]) -> anyhow::Result<Vec<Target>> {
    if texts.len() > TARGETS_LIMIT {
        bail!(
            "--scrape: more than {TARGETS_LIMIT} addresses; put them into a prometheus.yml for `promscope serve`"
        );
    }
    Ok(texts.iter().map(|text| text.expose().parse()).collect::<Result<_, _>>()?)
}

/// Reads `--scrape-interval`.
pub(super) fn interval_ms(text: Option<&str>) -> anyhow::Result<i64> {
    let Some(text) = text else { return Ok(SCRAPE_INTERVAL_MS) };
    let interval_ms = parse_duration_ms(text).context("--scrape-interval")?;
    if interval_ms < SCRAPE_INTERVAL_MIN_MS {
        let least = format_duration(SCRAPE_INTERVAL_MIN_MS);
        bail!("--scrape-interval: {text:?} is too short; the least is {least}");
    }
    Ok(interval_ms)
}

/// What a dashboard made of these targets' metrics is like.
pub(super) fn generate_options(targets: &[Target], interval_ms: i64) -> generate::Options {
    let addresses: Vec<&str> = targets.iter().map(Target::address).collect();
    let title = match addresses.as_slice() {
        [address] => format!("Metrics of {address}"),
        addresses => format!("Metrics of {} targets", addresses.len()),
    };
    generate::Options {
        title,
        origin: addresses.join(", "),
        refresh_ms: interval_ms.max(REFRESH_MIN_MS),
        range_ms: RANGE_MS,
        scrape_interval_ms: Some(interval_ms),
        job: None,
    }
}

/// An engine and the client that asks it.
pub(super) struct Embedded {
    engine: Engine,
    client: Arc<Prometheus>,
    in_memory: bool,
}

impl Embedded {
    /// Starts it. What had to be repaired goes to the terminal before that is taken over.
    pub(super) fn start(plan: Plan, source: &SourceArgs) -> anyhow::Result<Self> {
        let in_memory = plan.data_dir.is_none();
        let engine = Engine::start(plan)?;
        for repair in engine.repairs() {
            eprintln!("promscope: warning: {repair}");
        }
        let mut data_source = DataSource::at(&format!("http://{}", reachable(engine.address())))?;
        if let Some(text) = &source.query_timeout {
            data_source.timeout_ms = parse_duration_ms(text).context("--query-timeout")?.unsigned_abs();
        }
        let client = Arc::new(Prometheus::new(&data_source)?);
        Ok(Self { engine, client, in_memory })
    }

    /// The engine.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The client that asks it.
    pub(super) fn client(&self) -> Arc<Prometheus> {
        Arc::clone(&self.client)
    }

    /// Its address for the status line, with what sets it apart from any other server.
    pub(super) fn title(&self) -> String {
        let memory = if self.in_memory { ", in memory" } else { "" };
        format!("http://{} (embedded{memory})", reachable(self.engine.address()))
    }

    /// Stops it after the dashboard has ended as `ending`.
    pub(super) fn stop(self, ending: anyhow::Result<Ending>) -> anyhow::Result<ExitCode> {
        let stopped = self.engine.stop();
        let status = ending?.status();
        match stopped {
            Ok(()) => Ok(ExitCode::from(status)),
            Err(error) => {
                eprintln!("promscope: {error}");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

/// Refuses to begin what ends on a screen where there is none, before anything is started.
pub(super) fn need_screen() -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() {
        bail!("standard output is not a terminal; use `promscope serve` to scrape without a dashboard");
    }
    Ok(())
}

/// An engine that listens on all addresses of the machine is asked on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback = match address {
        SocketAddr::V4(_) => SocketAddr::from(([127, 0, 0, 1], address.port())),
        SocketAddr::V6(_) => SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], address.port())),
    };
    if address.ip().is_unspecified() { loopback } else { address }
}
