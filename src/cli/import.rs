//! `promscope import`: Grafana's dashboards to YAML, or what an import would make of them.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::engine::PromqlChecker;
use crate::format::LoadProblem;
use crate::format::grafana::plausible::{self, fill};
use crate::format::grafana::{self, ImportNote, Imported};
use crate::runtime::load;
use crate::runtime::terminal::caught;
use crate::text::clean;
use crate::variable::Values;

/// Most threads that read files.
const THREADS_LIMIT: usize = 16;
/// Files a thread whose results wait until all before them are written.
const FILES_AHEAD: usize = 8;
/// Texts that are parsed with guesses for variables, of one file.
const TRIES_LIMIT: usize = 20_000;

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
    same_output(args)?;
    let mut all_read = true;
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_LIMIT);
    for files in args.files.chunks(threads * FILES_AHEAD) {
        let done = side_by_side(files, threads, |path| {
            caught(|| one(path, args)).unwrap_or_else(|panic| {
                Err(LoadProblem::whole_file(format!("a defect of promscope: {panic}")))
            })
        });
        for (path, done) in files.iter().zip(done) {
            let name = path.display().to_string();
            match done {
                Ok(Done::Report(text)) => out.write_all(text.as_bytes())?,
                Ok(Done::Import(imported)) => write(path, &imported, args.output.as_deref(), out, err)?,
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
    }
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Refuses to write two files into one.
fn same_output(args: &ImportArgs) -> anyhow::Result<()> {
    let Some(output) = args.output.as_deref() else { return Ok(()) };
    let mut written: HashMap<PathBuf, &Path> = HashMap::new();
    for path in &args.files {
        let file = output_file(path, output);
        if let Some(first) = written.insert(file.clone(), path) {
            bail!(
                "{} and {} would both be written to {}; import one of them elsewhere",
                first.display(),
                path.display(),
                file.display()
            );
        }
    }
    Ok(())
}

/// Where the YAML of a file goes.
fn output_file(path: &Path, output: &Path) -> PathBuf {
    if output.is_dir() {
        let mut name = path.file_stem().unwrap_or(path.as_os_str()).to_owned();
        name.push(".yaml");
        output.join(name)
    } else {
        output.to_owned()
    }
}

/// What became of a file that could be read.
enum Done {
    /// What `--check` says of it.
    Report(String),
    /// What is written.
    Import(Box<Imported>),
}

fn one(path: &Path, args: &ImportArgs) -> Result<Done, LoadProblem> {
    let imported = read(path)?;
    if args.check {
        report(&path.display().to_string(), &imported, args.format).map(Done::Report)
    } else {
        Ok(Done::Import(Box::new(imported)))
    }
}

/// What `work` makes of each of `items`, in their order, on so many threads.
fn side_by_side<'i, T: Sync, R: Send>(
    items: &'i [T],
    threads: usize,
    work: impl Fn(&'i T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
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
    let file = output_file(path, output);
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

fn report(name: &str, imported: &Imported, format: Format) -> Result<String, LoadProblem> {
    let report = checked(name, imported);
    if format == Format::Json {
        let line = serde_json::to_string(&report);
        return line.map(|line| line + "\n").map_err(|error| LoadProblem::whole_file(error.to_string()));
    }
    let Report { title, schema, panels, rendered, targets, parsed, .. } = &report;
    let mut lines = vec![format!(
        "{}: {} (schema {}): {rendered} of {panels} panels, {parsed} of {targets} queries, {} of {} variables",
        clean(name),
        clean(title),
        clean(schema),
        report.supported_variables,
        report.variables
    )];
    lines.extend(
        report
            .notes
            .iter()
            .map(|note| format!("  {}: {} [{}]", clean(&note.path), clean(&note.message), note.code)),
    );
    Ok(lines.join("\n") + "\n")
}

fn checked<'a>(name: &'a str, imported: &'a Imported) -> Report<'a> {
    let mut notes: Vec<NoteLine> = imported.notes.iter().cloned().map(NoteLine::from).collect();
    let unsupported = match grafana::unsupported_panels(imported) {
        Ok(count) => count,
        Err(problem) => {
            notes.push(NoteLine { path: "$".to_owned(), code: "unreadable", message: problem.to_string() });
            imported.panels - imported.placeholders
        }
    };
    let placeholders = imported.placeholders + unsupported;
    let mut parsed = 0;
    let mut parser = Parser::new(imported);
    for (path, expr) in &imported.exprs {
        match parser.parses(expr) {
            Ok(()) => parsed += 1,
            Err(error) => notes.push(NoteLine {
                path: path.clone(),
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

/// Parses the expressions of one dashboard.
struct Parser<'i> {
    checker: PromqlChecker,
    imported: &'i Imported,
    /// Plausible values for its variables.
    values: Values,
    /// Texts that may still be parsed with guesses.
    tries_left: usize,
}

impl<'i> Parser<'i> {
    fn new(imported: &'i Imported) -> Self {
        let values = plausible::values(&imported.values);
        Self { checker: PromqlChecker::default(), imported, values, tries_left: TRIES_LIMIT }
    }

    /// Whether an expression is PromQL with plausible values for its variables.
    fn parses(&mut self, expr: &str) -> Result<(), String> {
        let first = self.checker.check(&fill(expr, &self.values));
        if first.is_err() {
            for values in plausible::guesses(&self.imported.values, expr) {
                let Some(left) = self.tries_left.checked_sub(1) else { break };
                self.tries_left = left;
                if self.checker.check(&fill(expr, &values)).is_ok() {
                    return Ok(());
                }
            }
        }
        first
    }
}
