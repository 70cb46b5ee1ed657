//! `promscope serve`: the embedded Prometheus alone, for scripts, CI and other clients.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use super::embedded;
use crate::config::Secret;
use crate::engine::{self, Plan, Sources, parse_size_bytes};
use crate::time_range::parse_duration_ms;

/// The configuration that is read when nothing is named.
const DEFAULT_CONFIG: &str = "prometheus.yml";

/// Queries at a time, as in Prometheus; here more than one dashboard may ask.
const QUERY_CONCURRENCY: usize = 20;

/// The flags.
#[derive(Args, Clone, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text, which shows no Markdown")]
pub(super) struct ServeArgs {
    /// What to scrape and which rules to evaluate [default: prometheus.yml]
    #[arg(long, value_name = "FILE", conflicts_with = "scrape")]
    config: Option<PathBuf>,
    /// Scrape these addresses instead; localhost:8000 stands for http://localhost:8000/metrics, and NAME=URL names
    /// the job
    #[arg(long, value_name = "URL,...", value_delimiter = ',')]
    scrape: Vec<Secret>,
    /// How often the addresses of --scrape are scraped [default: 5s]
    #[arg(long, value_name = "DURATION", requires = "scrape")]
    scrape_interval: Option<String>,
    /// Where to listen; port 0 for any free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Keep the samples there [default: in memory only]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Drop samples older than this
    #[arg(long, value_name = "DURATION", default_value = "15d")]
    retention: String,
    /// Drop the oldest samples when they take more than this, such as 512MB [default: no limit; in memory 512MB]
    #[arg(long, value_name = "SIZE")]
    retention_size: Option<String>,
    /// How much is logged to standard error: off, error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
}

/// Serves until it is told to end. The exit code is 1 where the machine is in the way, such as a port that is taken,
/// 2 where flags or configuration are wrong.
pub(super) fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let plan = args.plan()?;
    start_log(args.log_level);
    let listening = |address| {
        // For whoever chose port 0. That nobody reads it is no reason not to serve.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
    };
    match engine::serve(&plan, listening) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            eprintln!("promscope: {error}");
            Ok(if error.is_usage() { ExitCode::from(2) } else { ExitCode::FAILURE })
        }
    }
}

impl ServeArgs {
    fn plan(&self) -> anyhow::Result<Plan> {
        let sources = if self.scrape.is_empty() {
            Sources::File(self.config.clone().unwrap_or_else(|| DEFAULT_CONFIG.into()))
        } else {
            Sources::Targets {
                targets: embedded::targets(&self.scrape)?,
                interval_ms: embedded::interval_ms(self.scrape_interval.as_deref())?,
            }
        };
        let retention_bytes = self.retention_size.as_deref().map(parse_size_bytes).transpose();
        Ok(Plan {
            listen: self.listen,
            data_dir: self.data_dir.clone(),
            retention_ms: Some(parse_duration_ms(&self.retention).context("--retention")?),
            retention_bytes: retention_bytes.map_err(anyhow::Error::msg).context("--retention-size")?,
            query_concurrency: QUERY_CONCURRENCY,
            ..Plan::new(sources)
        })
    }
}

/// Plain lines to standard error; libraries are heard from warnings on, whatever the level.
fn start_log(level: LevelFilter) {
    let filter = Targets::new()
        .with_target("promscope", level)
        .with_target("embedded_prometheus", level)
        .with_default(level.min(LevelFilter::WARN));
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
}
