//! `promscope check`: says whether dashboard files are sound, and where and why they are not.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono_tz::Tz;

use super::settings::variable;
use crate::app::variables::Given;
use crate::config;
use crate::dashboard::Note;
use crate::format::{LoadProblem, grafana, yaml};
use crate::panel::{KINDS, PanelKind};
use crate::runtime::load;
use crate::runtime::scan::Target;
use crate::text;

/// Characters of a line that are shown before and after the place in question.
const CONTEXT_CHARS: usize = 60;

/// What `promscope check` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// Dashboard files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub files: Vec<PathBuf>,
    /// Value of a variable with which queries are looked at; repeat it for several variables
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// Configuration file whose data sources dashboards may name [default: ~/.config/promscope/config.yaml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Checks every file. Good news goes to `out`, problems and warnings to `err`; fails if any file has a problem.
pub fn run(args: &CheckArgs, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let datasources = match config::names(args.config.as_deref()) {
        Ok(datasources) => datasources,
        Err(error) => {
            // Dashboards cannot be held against a configuration that nobody can read.
            let _ = writeln!(err, "error: {}", text::clean(&error.to_string()));
            return ExitCode::FAILURE;
        }
    };
    match check_files(args, datasources.as_deref(), KINDS, out, err) {
        Ok(true) => ExitCode::SUCCESS,
        // A reader that went away (`| head`) has no use for a message either.
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// Whether all files are sound.
fn check_files(
    args: &CheckArgs,
    datasources: Option<&[String]>,
    kinds: &[&'static PanelKind],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let mut all_sound = true;
    let (mut dashboards, mut unread) = (Vec::new(), 0);
    let given = yaml::Given { variables: &args.variables, datasources };
    for (path, read) in args.files.iter().flat_map(|path| read(path)) {
        let name = text::clean(&path);
        let source = match read {
            Ok(source) => source,
            Err(problem) => {
                all_sound = false;
                unread += 1;
                finding(&name, "", problem.line, problem.column, "error", &problem.message, err)?;
                continue;
            }
        };
        let (checked, source) = match checked(&path, source, kinds, given) {
            Ok(checked) => checked,
            Err((problem, source)) => {
                all_sound = false;
                unread += 1;
                finding(&name, &source, problem.line, problem.column, "error", &problem.message, err)?;
                continue;
            }
        };
        for problem in &checked.problems {
            finding(&name, &source, problem.line, problem.column, "error", &problem.message, err)?;
        }
        for note in checked.dashboard.notes.iter().chain(&checked.lints) {
            finding(&name, &source, note.line, note.column, "warning", &note.message, err)?;
        }
        if checked.problems.is_empty() {
            let panels = checked.dashboard.panels.len();
            let queries: usize = checked.dashboard.panels.iter().map(|panel| panel.queries.len()).sum();
            writeln!(out, "{name}: ok ({}, {})", count(panels, "panel"), count(queries, "query"))?;
        } else {
            all_sound = false;
        }
        // What of a file with mistakes can be read may have the variable.
        dashboards.push(checked.dashboard);
    }
    let known: Vec<_> = dashboards.iter().collect();
    if !known.is_empty()
        && let Some(problem) = Given(args.variables.clone()).problem(&known, unread)
    {
        writeln!(err, "error: {}", text::clean(&problem))?;
        return Ok(false);
    }
    Ok(all_sound)
}

/// The file at `path`, or those in the folder there.
fn read(path: &Path) -> Vec<(String, Result<String, LoadProblem>)> {
    let problem = |message: String| vec![(path.display().to_string(), Err(LoadProblem::whole_file(message)))];
    let Some(name) = path.to_str() else {
        return problem("the file's name is not UTF-8; rename it".to_owned());
    };
    match Target::new(name).files() {
        Ok(files) if files.is_empty() => problem("no *.yaml or *.json file in this folder".to_owned()),
        Ok(files) => files.into_iter().map(|file| (file.clone(), load::read(&file))).collect(),
        Err(error) => problem(format!("cannot read the folder: {error}")),
    }
}

/// What is to be said of a file, with the text that its lines and columns are of; Grafana's JSON is imported first.
fn checked(
    path: &str,
    source: String,
    kinds: &[&'static PanelKind],
    given: yaml::Given<'_>,
) -> Result<(yaml::Checked, String), (LoadProblem, String)> {
    if !grafana::is_json(path, &source) {
        return Ok((yaml::check_with(&source, Tz::UTC, kinds, given), source));
    }
    let name = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("Dashboard");
    let imported = match grafana::import(&source, name) {
        Ok(imported) => imported,
        Err(problem) => return Err((problem, source)),
    };
    let mut checked = yaml::check_with(&imported.yaml, Tz::UTC, kinds, given);
    // Lines of a text that nobody has.
    for note in checked.dashboard.notes.iter_mut().chain(&mut checked.lints) {
        (note.line, note.column) = (None, None);
    }
    for problem in &mut checked.problems {
        (problem.line, problem.column) = (None, None);
    }
    let told = imported.notes.iter().map(|note| Note { line: None, column: None, message: note.to_string() });
    checked.dashboard.notes.splice(0..0, told);
    Ok((checked, source))
}

fn count(number: usize, what: &str) -> String {
    match (number, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {what}s"),
    }
}

/// `FILE:LINE:COLUMN: error: MESSAGE`, then the line with a caret below the column.
fn finding(
    name: &str,
    source: &str,
    line: Option<u32>,
    column: Option<u32>,
    severity: &str,
    message: &str,
    err: &mut dyn Write,
) -> io::Result<()> {
    let message = text::clean(message);
    let (line, column) = match (line, column) {
        (Some(line), Some(column)) => (line, column),
        (Some(line), None) => return writeln!(err, "{name}:{line}: {severity}: {message}"),
        (None, _) => return writeln!(err, "{name}: {severity}: {message}"),
    };
    writeln!(err, "{name}:{line}:{column}: {severity}: {message}")?;
    let Some(source_line) = source.lines().nth((line as usize).saturating_sub(1)) else { return Ok(()) };
    let column = (column as usize).saturating_sub(1);
    let skipped = column.saturating_sub(CONTEXT_CHARS);
    let before: String = source_line.chars().skip(skipped).take(column - skipped).collect();
    let after: String = source_line.chars().skip(column).take(CONTEXT_CHARS).collect();
    let margin = " ".repeat(line.to_string().len());
    writeln!(err, " {line} | {}{}", text::clean(&before), text::clean(&after).trim_end())?;
    writeln!(err, " {margin} | {}^", " ".repeat(text::width(&before)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{FILE_LIMIT_BYTES, testing};

    fn check(files: &[(&str, &[u8])]) -> (bool, String, String) {
        let directory = tempfile::tempdir().expect("a directory");
        let paths: Vec<PathBuf> = files
            .iter()
            .map(|(name, bytes)| {
                let path = directory.path().join(name);
                std::fs::write(&path, bytes).expect("written");
                path
            })
            .collect();
        checked(&paths, directory.path())
    }

    fn checked(paths: &[PathBuf], directory: &Path) -> (bool, String, String) {
        checked_with(paths, directory, &[])
    }

    fn checked_with(
        paths: &[PathBuf],
        directory: &Path,
        variables: &[(&str, &str)],
    ) -> (bool, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let args = CheckArgs { files: paths.to_owned(), variables: variables.collect(), config: None };
        let sound = check_files(&args, Some(&["main".to_owned()]), testing::kinds(), &mut out, &mut err)
            .expect("written");
        let text = |bytes| {
            String::from_utf8(bytes).expect("UTF-8").replace(&format!("{}/", directory.display()), "")
        };
        (sound, text(out), text(err))
    }

    #[test]
    fn a_sound_file_is_said_to_be() {
        let file = "title: x\nrows:\n  - panels: [{type: stat, query: up}, {type: text, content: hi}]\n";
        assert_eq!(
            check(&[("a.yaml", file.as_bytes())]),
            (true, "a.yaml: ok (2 panels, 1 query)\n".to_owned(), String::new())
        );
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let file = "title: 猫\nrows:\n  - panels:\n      - type: stat\n        unti: s\n        query: up{\n      \
                    - { type: 'gauge', title: '猫', min: x, query: up }\n";
        let (sound, out, err) = check(&[("a.yaml", file.as_bytes()), ("b.yaml", b"title: b\n")]);
        assert!(!sound);
        assert_eq!(out, "");
        let (head, lint) =
            err.split_once("a.yaml:6:16: warning: this may not be valid PromQL").expect("a lint");
        assert_eq!(
            head,
            "a.yaml:5:9: error: unknown key `unti` in a panel; did you mean `unit`?\n \
             5 |         unti: s\n   \
               |         ^\n\
             a.yaml:7:43: error: `min` must be a finite number, found `x`\n \
             7 |       - { type: 'gauge', title: '猫', min: x, query: up }\n   \
               |                                            ^\n"
        );
        assert!(lint.ends_with(
            " 6 |         query: up{\n   \
               |                ^\n\
             b.yaml:1:1: error: a dashboard needs `rows`\n \
             1 | title: b\n   \
               | ^\n"
        ));
    }

    #[test]
    fn files_that_cannot_be_read_fail() {
        let directory = tempfile::tempdir().expect("a directory");
        let missing = directory.path().join("missing.yaml");
        let (sound, _, err) = checked(&[missing, directory.path().to_owned()], directory.path());
        assert!(!sound);
        assert!(err.starts_with("missing.yaml: error: cannot read the file: No such file"), "{err}");
        assert!(err.ends_with(": error: no *.yaml or *.json file in this folder\n"), "{err}");

        let (sound, _, err) = check(&[("a.yaml", b"title: x\nrows: \xff\n")]);
        assert!(!sound);
        assert_eq!(err, "a.yaml:2:7: error: not UTF-8 text; save the file as UTF-8\n");

        let (sound, _, err) = check(&[("a.yaml", &vec![b' '; FILE_LIMIT_BYTES + 1])]);
        assert!(!sound);
        assert_eq!(err, "a.yaml: error: the file has 1048577 bytes; at most 1048576 are read\n");
    }

    #[test]
    fn a_folder_is_all_its_files_and_variables_may_have_values() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = "title: x\nvariables: [{name: by, constant: sum}]\nrows: [{panels: [{type: stat, query: '$by(up)'}]}]\n";
        let query = file.replace("constant: sum", "values: ['max, x', sum]");
        std::fs::write(directory.path().join("a.yaml"), file).expect("written");
        std::fs::write(directory.path().join("b.yml"), query).expect("written");
        std::fs::write(directory.path().join("c.txt"), "rows: [").expect("written");
        let folder = [directory.path().to_owned()];
        let (sound, out, err) = checked(&folder, directory.path());
        assert!(sound, "a query that looks odd is a warning");
        assert_eq!(out, "a.yaml: ok (1 panel, 1 query)\nb.yml: ok (1 panel, 1 query)\n");
        assert!(err.starts_with("b.yml:3:38: warning: this may not be valid PromQL"), "{err}");
        let (sound, _, err) = checked_with(&folder, directory.path(), &[("by", "sum")]);
        assert_eq!((sound, err.as_str()), (true, ""));
        let (sound, _, err) = checked_with(&folder, directory.path(), &[("bye", "sum"), ("by", "sum")]);
        assert_eq!(
            (sound, err.as_str()),
            (false, "error: --var: no dashboard has a variable \"bye\"; they have: by\n")
        );
    }

    #[test]
    fn dashboards_of_grafana_are_imported_first() {
        let json = r#"{"panels": [{"type": "stat", "targets": [{"expr": "up{"}]}, {"type": "odd"}]}"#;
        let (sound, out, err) = check(&[("a.json", json.as_bytes()), ("b.json", b"{\n\"panels\": [}")]);
        assert!(!sound);
        assert_eq!(out, "a.json: ok (2 panels, 1 query)\n");
        assert!(err.contains("a.json: warning: $.panels[1]"), "{err}");
        assert!(err.contains("a.json: warning: this may not be valid PromQL"), "{err}");
        assert!(err.contains("b.json:2:12: error: this is no JSON that can be read"), "{err}");
    }

    #[test]
    fn hostile_files_reach_the_terminal_cleaned_and_cut() {
        let file = format!("title: x\n\"a\u{1b}[31m{}\": {{}}\nrows: []\n", "x".repeat(10_000));
        let (_, _, err) = check(&[("a.yaml", file.as_bytes())]);
        assert!(!err.contains('\u{1b}'));
        assert!(err.lines().all(|line| line.len() < 200), "{err}");
    }
}
