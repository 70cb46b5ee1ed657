//! The command line: flags to settings, one file a command.

pub mod check;
mod dashboards;
mod demo;
mod embedded;
pub mod export;
mod generate;
pub mod import;
pub mod query;
mod render;
mod serve;
mod settings;
mod terminal_text;
mod watch;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use crate::app::Datasource;
use crate::config::{self, SourceArgs};
use crate::format::schema::schema;
use crate::runtime::now_ms;
use crate::source::prometheus::Prometheus;
use crate::source::{Source, Sources};

/// Grafana-lite in the terminal: dashboards of PromQL panels over a Prometheus server.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    show: ShowArgs,
}

const AFTER_HELP: &str = "Press ? in the dashboard for its keys. A dashboard is a YAML file, a folder of them, or the \
name of one that is shipped: cat-facts, prometheus, node, gallery. Without a server: promscope demo, or promscope --scrape URL.";

/// Showing dashboards, the command without a name.
#[derive(Args, Debug)]
struct ShowArgs {
    /// Dashboard files, folders or names [default: dashboards/, or the shipped ones where there is no such folder;
    /// with --scrape one that is made of the metrics found]
    #[arg(value_name = "DASHBOARD|DIR")]
    dashboards: Vec<PathBuf>,
    #[command(flatten)]
    view: settings::ViewArgs,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scrape: embedded::ScrapeArgs,
    /// Neither read nor keep what is chosen of variables
    #[arg(long)]
    no_state: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a demo that needs nothing else: an application, a Prometheus that scrapes it, and its dashboard
    Demo {
        #[command(flatten)]
        demo: demo::DemoArgs,
        #[command(flatten)]
        view: settings::ViewArgs,
    },
    /// Scrape, keep samples and answer PromQL over Prometheus's HTTP API, without a dashboard
    Serve(serve::ServeArgs),
    /// Print a dashboard made of the metrics of a server or of a target
    Generate(generate::GenerateArgs),
    /// Print one complete frame of a dashboard, after all its panels have answered or failed
    Render {
        #[command(flatten)]
        render: render::RenderArgs,
        #[command(flatten)]
        view: settings::ViewArgs,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// Check dashboard files; exits with 1 if one has an error
    Check(check::CheckArgs),
    /// Turn Grafana's dashboards into YAML; exits with 1 if one cannot be read
    Import(import::ImportArgs),
    /// Write a dashboard in another program's format, such as Grafana's JSON
    Export(export::ExportArgs),
    /// Ask one PromQL expression
    Query {
        #[command(flatten)]
        query: query::QueryArgs,
        /// Zone of times, such as Europe/Berlin, UTC or local
        #[arg(long, value_name = "ZONE", default_value = "local")]
        timezone: String,
    },
    /// Print the JSON Schema of dashboard files, for completion in editors
    Schema,
}

/// Does what the command line says. The exit code is 0 for success, 1 where the answer is a failure, 2 for a command
/// line that cannot be meant.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let now_ms = now_ms();
    match cli.command {
        None => watch::run(&cli.show, now_ms),
        Some(Command::Demo { demo, view }) => demo::run(&demo, &view, now_ms),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Generate(args)) => {
            generate::run(&args, now_ms, &mut std::io::stdout().lock(), &mut std::io::stderr().lock())
        }
        Some(Command::Check(args)) => {
            Ok(check::run(&args, &mut std::io::stdout().lock(), &mut std::io::stderr().lock()))
        }
        Some(Command::Import(args)) => {
            import::run(&args, &mut std::io::stdout().lock(), &mut std::io::stderr().lock())
        }
        Some(Command::Export(args)) => export::run(&args, &mut std::io::stdout().lock()),
        Some(Command::Schema) => {
            write!(std::io::stdout().lock(), "{}", schema())?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Render { render, view, source }) => {
            let (resolved, source) = connect(&source)?;
            let scrape_interval_ms = resolved.default_source().scrape_interval_ms;
            let screen = settings::Screen::None;
            let mut settings = view.settings(&*source, scrape_interval_ms, &resolved.view, screen, now_ms)?;
            settings.datasources = datasources(&resolved);
            let sources = Sources::new(source, &resolved.sources[1..]);
            block_on(render::run(&render, settings, &sources, now_ms, &mut *render.stdout()))
        }
        Some(Command::Query { query, timezone }) => {
            let (resolved, source) = connect(&query.source)?;
            let zone = settings::zone(&timezone)?;
            let (mut out, mut errors) = (terminal_text::stdout(), std::io::stderr().lock());
            let scrape_interval_ms = resolved.default_source().scrape_interval_ms;
            block_on(query::run(&query, &*source, scrape_interval_ms, now_ms, zone, &mut *out, &mut errors))
        }
    }
}

/// The configured data sources, the one in use first; one that only flags describe is `default`.
fn datasources(resolved: &config::Resolved) -> Vec<Datasource> {
    let datasource = |source: &config::DataSource| Datasource {
        name: source.name.clone().unwrap_or_else(|| "default".to_owned()),
        scrape_interval_ms: source.scrape_interval_ms,
    };
    resolved.sources.iter().map(datasource).collect()
}

/// Waits for what asks the server once.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}

/// What the flags mean, and the client for its data source. Warnings go to the terminal before it is taken over.
fn connect(args: &SourceArgs) -> anyhow::Result<(config::Resolved, Arc<dyn Source>)> {
    let resolved = config::resolve(args)?;
    for warning in &resolved.warnings {
        eprintln!("promscope: warning: {warning}");
    }
    let source = Prometheus::new(resolved.default_source())?;
    Ok((resolved, Arc::new(source)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let line = ["promscope"].iter().chain(arguments);
        let error = Cli::try_parse_from(line).expect_err("refused").to_string();
        error.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_cannot_be_meant_together_is_refused() {
        for (arguments, expected) in [
            (&["--scrape", "a", "--url", "b"][..], "cannot be used with '--url <URL>'"),
            (&["--scrape", "a", "--username", "b"], "cannot be used with '--username <NAME>'"),
            (&["--data-dir", "d"], "required arguments were not provided"),
            (&["--listen", "127.0.0.1:1"], "required arguments were not provided"),
            (&["serve", "--scrape", "a", "--config", "b"], "cannot be used with"),
            (&["serve", "--scrape-interval", "1s"], "required arguments were not provided"),
            (&["serve", "--listen", "9090"], "invalid value '9090' for '--listen <IP:PORT>'"),
            (&["serve", "--log-level", "loud"], "invalid value 'loud' for '--log-level <LEVEL>'"),
            (&["demo", "--port", "70000"], "invalid value '70000' for '--port <PORT>'"),
            (&["demo", "cat-facts"], "unexpected argument 'cat-facts' found"),
            (&["generate", "--scrape", "a", "--data-dir", "d"], "unexpected argument '--data-dir' found"),
        ] {
            let error = refused(arguments);
            assert!(error.contains(expected), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn a_bad_target_ends_the_command_before_anything_starts() {
        for (arguments, expected) in [
            (
                &["serve", "--scrape", "ftp://me:s3cret@h"][..],
                "--scrape: \"ftp://***@h\" has the scheme ftp; only",
            ),
            (
                &["serve", "--scrape", "h", "--scrape-interval", "1ms"],
                "--scrape-interval: \"1ms\" is too short; the",
            ),
            (&["serve", "--retention", "soon"], "--retention: \"soon\" is not a duration"),
            (
                &["serve", "--retention-size", "big"],
                "--retention-size: \"big\" is no size; write a number with B,",
            ),
            (
                &["generate", "--scrape", "h:x"],
                "--scrape: \"h:x\" is no address (invalid port number); write one",
            ),
        ] {
            let cli = Cli::try_parse_from(["promscope"].iter().chain(arguments)).expect("parses");
            assert!(!format!("{cli:?}").contains("s3cret"));
            let error = format!("{:#}", run(cli).expect_err("refused"));
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
