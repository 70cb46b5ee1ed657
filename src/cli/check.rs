//! `promscope check`: says whether dashboard files are sound, and where and why they are not.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono_tz::Tz;

use crate::format::{LoadProblem, yaml};
use crate::panel::{KINDS, PanelKind};
use crate::runtime::load;
use crate::text;

/// Characters of a line that are shown before and after the place in question.
const CONTEXT_CHARS: usize = 60;

/// What `promscope check` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// Dashboard files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Checks every file. Good news goes to `out`, problems and warnings to `err`; fails if any file has a problem.
pub fn run(args: &CheckArgs, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    match check_files(&args.files, KINDS, out, err) {
        Ok(true) => ExitCode::SUCCESS,
        // A reader that went away (`| head`) has no use for a message either.
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// Whether all files are sound.
fn check_files(
    files: &[PathBuf],
    kinds: &[&'static PanelKind],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let mut all_sound = true;
    for path in files {
        let name = path.display().to_string();
        let name = text::clean(&name);
        let read = match path.to_str() {
            Some(path) => load::read(path),
            None => Err(LoadProblem::whole_file("the file's name is not UTF-8; rename it")),
        };
        let source = match read {
            Ok(source) => source,
            Err(problem) => {
                all_sound = false;
                finding(&name, "", problem.line, problem.column, "error", &problem.message, err)?;
                continue;
            }
        };
        let checked = yaml::check(&source, Tz::UTC, kinds);
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
    }
    Ok(all_sound)
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
    use std::path::Path;

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
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let sound = check_files(paths, testing::kinds(), &mut out, &mut err).expect("written");
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
        assert_eq!(err.lines().count(), 2, "{err}");

        let (sound, _, err) = check(&[("a.yaml", b"title: x\nrows: \xff\n")]);
        assert!(!sound);
        assert_eq!(err, "a.yaml:2: error: not UTF-8 text; save the file as UTF-8\n");

        let (sound, _, err) = check(&[("a.yaml", &vec![b' '; FILE_LIMIT_BYTES + 1])]);
        assert!(!sound);
        assert_eq!(err, "a.yaml: error: the file has 1048577 bytes; at most 1048576 are read\n");
    }

    #[test]
    fn hostile_files_reach_the_terminal_cleaned_and_cut() {
        let file = format!("title: x\n\"a\u{1b}[31m{}\": {{}}\nrows: []\n", "x".repeat(10_000));
        let (_, _, err) = check(&[("a.yaml", file.as_bytes())]);
        assert!(!err.contains('\u{1b}'));
        assert!(err.lines().all(|line| line.len() < 200), "{err}");
    }
}
