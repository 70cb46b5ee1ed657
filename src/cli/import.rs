//! `promscope import`: Grafana's dashboards to YAML, or what an import would make of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::engine::check_promql;
use crate::format::LoadProblem;
use crate::format::grafana::plausible::{GUESSES, fill};
use crate::format::grafana::{self, ImportNote, Imported};
use crate::panel::unsupported;
use crate::runtime::load;
use crate::text::clean;

/// The flags.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// Grafana's dashboards as JSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the YAML goes; a folder for several files [default: the terminal]
    #[arg(short, long, value_name = "FILE|DIR", conflicts_with = "check")]
    output: Option<PathBuf>,
    /// Only say what an import would make of the files
    #[arg(long)]
    check: bool,
    /// How it is said: for people, or one JSON object a file on a line
    #[arg(long, value_name = "FORMAT", default_value = "text", requires = "check")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Does it. YAML and reports go to `out`, notes and problems to `err`; fails if a file cannot be read.
pub fn run(args: &ImportArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if !args.check && args.files.len() > 1 && !args.output.as_ref().is_some_and(|path| path.is_dir()) {
        bail!("several files need a folder: --output DIR, which must exist");
    }
    let mut all_read = true;
    for path in &args.files {
        let name = path.display().to_string();
        match read(path) {
            Ok(imported) if args.check => report(&name, &imported, args.format, out)?,
            Ok(imported) => write(path, &imported, args.output.as_deref(), out, err)?,
            Err(problem) => {
                all_read = false;
                if args.check && args.format == Format::Json {
                    let line = Failure { file: &name, error: problem.to_string() };
                    writeln!(out, "{}", serde_json::to_string(&line)?)?;
                }
                writeln!(err, "{}: error: {}", clean(&name), clean(&problem.to_string()))?;
            }
        }
    }
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(path: &Path) -> Result<Imported, LoadProblem> {
    let path =
        path.to_str().ok_or_else(|| LoadProblem::whole_file("the file's name is not UTF-8; rename it"))?;
    let text = load::read_json(path)?;
    let name = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("Dashboard");
    grafana::import(&text, name)
}

fn write(
    path: &Path,
    imported: &Imported,
    output: Option<&Path>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    let name = path.display().to_string();
    for note in &imported.notes {
        writeln!(err, "{}: note: {}", clean(&name), clean(&note.to_string()))?;
    }
    let Some(output) = output else { return Ok(out.write_all(imported.yaml.as_bytes())?) };
    let file = if output.is_dir() {
        output.join(path.file_stem().unwrap_or(path.as_os_str())).with_extension("yaml")
    } else {
        output.to_owned()
    };
    std::fs::write(&file, &imported.yaml).with_context(|| format!("cannot write {}", file.display()))?;
    writeln!(out, "{}: written to {}", clean(&name), clean(&file.display().to_string()))?;
    Ok(())
}

/// A line of `--check --format json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    file: &'a str,
    title: &'a str,
    schema: &'a str,
    panels: usize,
    rendered: usize,
    placeholders: usize,
    targets: usize,
    parsed: usize,
    variables: usize,
    supported_variables: usize,
    notes: Vec<NoteLine>,
}

#[derive(Debug, Serialize)]
struct NoteLine {
    path: String,
    code: &'static str,
    message: String,
}

/// The same for a file that cannot be read.
#[derive(Debug, Serialize)]
struct Failure<'a> {
    file: &'a str,
    error: String,
}

impl From<ImportNote> for NoteLine {
    fn from(note: ImportNote) -> Self {
        Self { path: note.path, code: note.code, message: note.message }
    }
}

fn report(name: &str, imported: &Imported, format: Format, out: &mut dyn Write) -> anyhow::Result<()> {
    let report = checked(name, imported);
    if format == Format::Json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
        return Ok(());
    }
    let Report { title, schema, panels, rendered, targets, parsed, .. } = &report;
    writeln!(
        out,
        "{}: {} (schema {}): {rendered} of {panels} panels, {parsed} of {targets} queries, {} of {} variables",
        clean(name),
        clean(title),
        clean(schema),
        report.supported_variables,
        report.variables
    )?;
    for note in &report.notes {
        writeln!(out, "  {}: {} [{}]", clean(&note.path), clean(&note.message), note.code)?;
    }
    Ok(())
}

fn checked<'a>(name: &'a str, imported: &'a Imported) -> Report<'a> {
    let mut notes: Vec<NoteLine> = imported.notes.iter().cloned().map(NoteLine::from).collect();
    let unsupported = match grafana::read_back(imported, Tz::UTC) {
        Ok(dashboard) => dashboard
            .panels
            .iter()
            .filter(|panel| std::ptr::eq(panel.kind, &raw const unsupported::KIND))
            .count(),
        Err(problem) => {
            notes.push(NoteLine { path: "$".to_owned(), code: "unreadable", message: problem.to_string() });
            imported.panels - imported.placeholders
        }
    };
    let placeholders = imported.placeholders + unsupported;
    let mut parsed = 0;
    for expr in &imported.exprs {
        match parses(expr, imported) {
            Ok(()) => parsed += 1,
            Err(error) => notes.push(NoteLine {
                path: "$".to_owned(),
                code: "promql",
                message: format!("`{}` is no PromQL: {error}", crate::text::fit(&clean(expr), 200)),
            }),
        }
    }
    Report {
        file: name,
        title: &imported.title,
        schema: &imported.schema,
        panels: imported.panels,
        rendered: imported.panels.saturating_sub(placeholders),
        placeholders,
        targets: imported.exprs.len(),
        parsed,
        variables: imported.variables,
        supported_variables: imported.supported_variables,
        notes,
    }
}

/// Whether an expression is PromQL with plausible values for its variables.
fn parses(expr: &str, imported: &Imported) -> Result<(), String> {
    let first = check_promql(&fill(expr, &imported.values, None));
    if first.is_ok()
        || GUESSES.iter().any(|guess| check_promql(&fill(expr, &imported.values, Some(guess))).is_ok())
    {
        return Ok(());
    }
    first
}
