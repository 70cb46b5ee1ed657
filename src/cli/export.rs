//! `promscope export`: a dashboard in the format of another program.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use crate::builtin;
use crate::format::{LoadProblem, grafana, yaml};
use crate::runtime::load;

/// The flags.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// A dashboard file, or the name of one that is shipped
    #[arg(value_name = "FILE|NAME")]
    dashboard: String,
    /// Whose format
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// Where it goes [default: the terminal]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Grafana's JSON, classic schema
    Grafana,
}

/// Writes the dashboard to `out` or to the file named.
pub fn run(args: &ExportArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let Format::Grafana = args.format;
    let name = &args.dashboard;
    let json = exported(name).map_err(|problem| anyhow!("{name}: {problem}"))?;
    match &args.output {
        Some(path) => {
            std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => out.write_all(json.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn exported(name: &str) -> Result<String, LoadProblem> {
    let text = match builtin::text(name) {
        Some(text) => text.to_owned(),
        None => load::read(name)?,
    };
    let text = if grafana::is_json(name, &text) { grafana::import(&text, name)?.yaml } else { text };
    // What is not sound must not be said in other words.
    yaml::parse(&text, Tz::UTC)?;
    grafana::export(&text)
}
