//! The program `cat-facts`: reads the command line, starts the log, and serves the application.

mod cli;

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use cat_facts::App;
use clap::Parser as _;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use cli::{Cli, LogFormat};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = if cli.healthcheck { cat_facts::check(cli.listen).map_err(Into::into) } else { run(&cli) };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One thread is plenty for a demo, and keeps the process small in its own metrics.
#[tokio::main(flavor = "current_thread")]
async fn run(cli: &Cli) -> anyhow::Result<()> {
    start_log(cli.log_format, cli.log_level);
    let app = App::new(&cli.config()?)?;
    let terminated = cat_facts::terminated().context("cannot listen to signals")?;
    let listener = TcpListener::bind(cli.listen).await.map_err(|error| {
        anyhow!("cannot listen on {}: {error}; choose a free port of this machine with --listen", cli.listen)
    })?;
    let address = listener.local_addr().context("cannot tell the address of the listener")?;
    tracing::info!("listening on http://{address}");
    let shutdown = async {
        terminated.await;
        tracing::info!("ending; requests in flight may go on for up to {:?}", cat_facts::SHUTDOWN_GRACE);
    };
    cat_facts::serve(listener, app.router(), shutdown).await;
    tracing::info!("ended");
    Ok(())
}

/// The log goes to standard error. Libraries are heard from warnings on, whatever the level.
fn start_log(format: LogFormat, level: LevelFilter) {
    let filter = Targets::new().with_target("cat_facts", level).with_default(level.min(LevelFilter::WARN));
    let layer = match format {
        LogFormat::Text => fmt::layer().with_writer(std::io::stderr).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
}
