//! A dashboard out of nothing but the metrics that are there: names, types, help texts and labels to a file in the
//! YAML format, which a person may save and change.
//!
//! Counters become rates, histograms a heatmap and quantiles, summaries their quantiles and a rate, information a
//! table, dates a date, everything else lines. Whatever gets no panel is named in a note.

mod family;
mod inventory;
mod panel;
mod rows;
mod yaml;

use std::collections::BTreeMap;

pub use family::can_be_written;
pub use inventory::{Inventory, METRICS_LIMIT, Target, TargetState};

use self::family::Families;
use self::panel::Panel;
use self::rows::Row;
use crate::text;

/// Panels that a generated dashboard has at most; metrics beyond are named in a note.
pub const GENERATED_PANELS_LIMIT: usize = 200;

/// Lines that one panel draws at most; with more series it draws the largest.
pub const LINES_LIMIT: usize = 12;

/// Notes on a generated dashboard; the last one counts those that have no room.
pub const NOTES_LIMIT: usize = 100;

/// Metrics that one note names; more of them make another note.
const NAMES_A_NOTE: usize = 8;

/// What the metrics do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The dashboard's title.
    pub title: String,
    /// Where the metrics come from, for the comment at the top.
    pub origin: String,
    /// How often the dashboard asks.
    pub refresh_ms: i64,
    /// The window shown at first.
    pub range_ms: i64,
    /// How often the metrics are scraped, where that is known.
    pub scrape_interval_ms: Option<i64>,
    /// The job that all queries are about; `None` for all jobs.
    pub job: Option<String>,
}

/// A dashboard that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The file.
    pub yaml: String,
    /// What is not in it, and why; the file has the same as comments.
    pub notes: Vec<String>,
    /// The same in a line a reason, for a terminal: metrics are counted where they are many.
    pub summary: Vec<String>,
}

/// Makes a dashboard of `inventory`. Equal inventories make equal files.
pub fn generate(inventory: &Inventory, options: &Options) -> Generated {
    let families = Families::of(inventory);
    let mut left_out = families.left_out;
    let mut panels: Vec<(String, Vec<Panel>)> = Vec::new();
    for family in &families.families {
        panels.push((family.name.clone(), panel::panels(family, options.job.as_deref())));
    }
    let mut rows = rows::rows(panels, &mut left_out);
    rows.splice(0..0, waiting(&inventory.targets));
    if rows.is_empty() {
        rows.push(Row {
            title: None,
            panels: vec![Panel::note("Nothing yet", vec!["no metrics yet".to_owned()])],
        });
    }
    let mut summary = summary(&left_out, options);
    let mut notes = notes(left_out);
    notes.extend(inventory.problem.clone());
    let after = notes.len() - usize::from(inventory.problem.is_some());
    if inventory.more_metrics > 0 {
        notes.push(format!(
            "left out: {} metrics beyond the first {METRICS_LIMIT}; choose some with --job",
            inventory.more_metrics
        ));
    }
    summary.extend_from_slice(&notes[after..]);
    Generated { yaml: yaml::write(&rows, &notes, options), notes, summary }
}

/// What is waited for: the targets that have not answered, each with its error.
fn waiting(targets: &[Target]) -> Option<Row> {
    let lines: Vec<String> = targets
        .iter()
        .filter_map(|target| match &target.state {
            TargetState::Up => None,
            TargetState::Unknown => Some(format!("- waiting for {}", target.url)),
            TargetState::Down(error) => Some(format!("- waiting for {}: {error}", target.url)),
        })
        .map(|line| text::clean(&line).into_owned())
        .collect();
    if lines.is_empty() {
        return None;
    }
    Some(Row { title: None, panels: vec![Panel::note("Targets that have not answered", lines)] })
}

/// Reason to names, or to how many where they are more than a line holds.
fn summary(left_out: &BTreeMap<&'static str, Vec<String>>, options: &Options) -> Vec<String> {
    let lines: usize = left_out.values().map(|names| names.len().div_ceil(NAMES_A_NOTE)).sum();
    let named = if lines <= NOTES_LIMIT { ", named in the file's comments" } else { "" };
    let line = |(reason, names): (&&str, &Vec<String>)| match names.len() {
        count if count <= NAMES_A_NOTE => format!("left out, {reason}: {}", names.join(", ")),
        count => {
            let remedy = if options.job.is_none() { "; choose some with --job" } else { "" };
            format!("left out, {reason}: {count} metrics{named}{remedy}")
        }
    };
    left_out.iter().map(line).collect()
}

/// Reason to names, as notes of a readable length.
fn notes(left_out: BTreeMap<&'static str, Vec<String>>) -> Vec<String> {
    let mut notes = Vec::new();
    for (reason, names) in left_out {
        for names in names.chunks(NAMES_A_NOTE) {
            notes.push(format!("left out, {reason}: {}", names.join(", ")));
        }
    }
    if notes.len() > NOTES_LIMIT {
        let more = notes.len() - (NOTES_LIMIT - 1);
        notes.truncate(NOTES_LIMIT - 1);
        notes.push(format!("{more} more notes of this kind"));
    }
    notes
}
