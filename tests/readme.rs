//! Keeps README.md true: its key table, and that every command in it is one that the program takes.

use clap::Parser;
use promscope::cli::Cli;
use promscope::keymap;

const README: &str = include_str!("../README.md");

/// The lines of all shell blocks, comments cut off.
fn shell_lines() -> Vec<&'static str> {
    let blocks = README.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    let code = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap_or_default().trim());
    code.filter(|line| !line.is_empty()).collect()
}

/// The words of a command line, those in single quotes kept together.
fn words(line: &str) -> impl Iterator<Item = String> {
    let parts = line.split('\'').enumerate();
    parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    })
}

#[test]
fn ci_runs_the_test_command() {
    let ci = include_str!("../.ci/run");
    assert!(ci.contains("cargo test --workspace[^#]*"), "ci takes the command from the README");
    assert!(shell_lines().contains(&"cargo test --workspace"), "the README names the command");
}

#[test]
fn the_key_table_is_the_programs_own() {
    let table = keymap::markdown();
    assert!(README.contains(&table), "put this into README.md:\n{table}");
}

#[test]
fn every_command_is_understood() {
    let mut checked = 0;
    for line in shell_lines() {
        let line = line.split(" > ").next().unwrap_or_default();
        let Some(arguments) =
            line.strip_prefix("promscope").or_else(|| line.strip_prefix("cargo run --release -- "))
        else {
            continue;
        };
        let command = std::iter::once("promscope".to_owned()).chain(words(arguments));
        if let Err(error) = Cli::try_parse_from(command) {
            panic!("{line}: {error}");
        }
        checked += 1;
    }
    assert!(checked >= 6, "only {checked} commands found");
}
