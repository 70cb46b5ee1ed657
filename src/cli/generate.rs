//! `promscope generate`: the dashboard that would be made of a server's or a target's metrics, as a file to keep.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use tokio::time::{Instant, sleep};

use super::embedded::{self, Embedded, TargetArgs};
use crate::config::{self, SourceArgs};
use crate::engine::{Plan, Sources};
use crate::generate::{self, Inventory, Options, TargetState};
use crate::source::Source;
use crate::source::prometheus::Prometheus;
use crate::text::clean;

/// Metrics of a server are those that had samples within this time.
const LOOKBACK_MS: i64 = 5 * 60_000;

/// The window of a dashboard over a server.
const RANGE_MS: i64 = 3_600_000;

/// How often such a dashboard asks.
const REFRESH_MS: i64 = 15_000;

/// How long targets that are scraped for this are waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often targets are scraped for this, whatever interval the dashboard is for: once will do, soon.
const FIRST_SCRAPE_MS: i64 = 1_000;

/// How often is looked whether they have answered.
const PERIOD: Duration = Duration::from_millis(100);

/// The flags.
#[derive(Args, Clone, Debug)]
pub(super) struct GenerateArgs {
    /// Only the metrics of this job
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    targets: TargetArgs,
    #[command(flatten)]
    source: SourceArgs,
}

/// Prints the file to `out`, and what is not in it to `err`.
pub(super) fn run(
    args: &GenerateArgs,
    now_ms: i64,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    if let Some(job) = args.job.as_ref().filter(|job| !generate::can_be_written(job)) {
        bail!(
            "--job: {:?} cannot be written in a dashboard; a $ or [[ would be taken for a variable",
            clean(job)
        );
    }
    let (inventory, options) = if args.targets.are_wanted() {
        let interval_ms = embedded::interval_ms(args.source.scrape_interval.as_deref())?;
        let targets = args.targets.targets()?;
        let sources = Sources::Targets { targets: targets.clone(), interval_ms: FIRST_SCRAPE_MS };
        let embedded = Embedded::start(Plan::new(sources), &args.source)?;
        let inventory = super::block_on(scraped(&embedded.client(), args.job.as_deref()))?;
        (inventory, embedded::generate_options(&targets, interval_ms))
    } else {
        let resolved = config::resolve(&args.source)?;
        for warning in &resolved.warnings {
            writeln!(err, "promscope: warning: {warning}")?;
        }
        let source = resolved.default_source();
        let client = Prometheus::new(source)?;
        let asked = super::block_on(async {
            Ok(client.inventory(args.job.as_deref(), now_ms - LOOKBACK_MS, now_ms).await)
        })?;
        let inventory = match asked {
            Ok(inventory) => inventory,
            Err(error) => {
                bail!("{} cannot tell its metrics: {}", client.address(), clean(&error.to_string()))
            }
        };
        (inventory, server_options(client.address(), source.scrape_interval_ms))
    };
    if inventory.series() == 0 {
        bail!(
            "there are no metrics{}",
            args.job.as_ref().map(|job| format!(" of job {job:?}")).unwrap_or_default()
        );
    }
    let made = generate::generate(&inventory, &Options { job: args.job.clone(), ..options });
    out.write_all(made.yaml.as_bytes())?;
    out.flush()?;
    for note in &made.summary {
        writeln!(err, "promscope: note: {}", clean(note))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn server_options(address: &str, scrape_interval_ms: Option<i64>) -> Options {
    Options {
        title: format!("Metrics of {address}"),
        origin: address.to_owned(),
        refresh_ms: REFRESH_MS,
        range_ms: RANGE_MS,
        scrape_interval_ms,
        job: None,
    }
}

/// The metrics of targets that are scraped for the first time.
async fn scraped(client: &Prometheus, job: Option<&str>) -> anyhow::Result<Inventory> {
    let started = Instant::now();
    loop {
        let targets = client.targets().await?;
        let is_over = started.elapsed() > PATIENCE;
        let waits = targets.iter().any(|target| target.state == TargetState::Unknown) || targets.is_empty();
        if waits && !is_over {
            sleep(PERIOD).await;
            continue;
        }
        for target in &targets {
            match &target.state {
                TargetState::Up => {}
                TargetState::Down(error) => bail!("{}: {}", target.url, clean(error)),
                TargetState::Unknown => {
                    bail!("{} did not answer within {} s", target.url, PATIENCE.as_secs())
                }
            }
        }
        let now_ms = crate::runtime::now_ms();
        return Ok(client.inventory(job, now_ms - LOOKBACK_MS, now_ms).await?);
    }
}
