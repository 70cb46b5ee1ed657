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

/// The dashboards and parts of dashboards that the README shows, each as a whole one.
fn dashboards() -> Vec<String> {
    let blocks = README.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("yaml\n"));
    let whole = |block: &str| -> Option<String> {
        if block.trim_start().starts_with("- type:") {
            return Some(format!("title: t\nrows:\n  - panels:\n{block}"));
        }
        // Others are the configuration's.
        let is_dashboard = block.lines().any(|line| line == "rows:");
        let title = if block.starts_with("title:") { "" } else { "title: t\n" };
        is_dashboard.then(|| format!("{title}{block}"))
    };
    blocks.filter_map(whole).collect()
}

#[test]
fn every_dashboard_is_read() {
    let dashboards = dashboards();
    assert!(dashboards.len() >= 4, "only {} found", dashboards.len());
    for text in dashboards {
        if let Err(error) = promscope::format::yaml::parse(&text, chrono_tz::Tz::UTC) {
            panic!("{error}\n{text}");
        }
    }
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
