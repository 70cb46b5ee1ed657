//! The same samples and the same queries to a real Prometheus and to this crate: labels, values, order and errors
//! must agree.
//!
//! The samples are made up in `data`, and go to both sides: to Prometheus through `promtool tsdb
//! create-blocks-from openmetrics`, to ours through the store. The queries are the files in `queries`, one a line,
//! by family. Each is asked at several times and over several ranges. Debian's Prometheus is a 2.x; what 3.x answers
//! differently is listed with its reason in `differences.txt`, and an entry that no longer differs fails the test.
//!
//! Prometheus 2 counts the left end of a range in, 3 does not. So that this shows only where it is meant to, no
//! sample lies on a whole second (but those of `edge`), every query time is 7 s past a multiple of 15 s, and all
//! subquery steps are multiples of 15 s: no window's end ever falls on a sample or on a subquery's step.
//!
//! Without a `prometheus` and a `promtool` in PATH the test is skipped, visibly; it fails if
//! `PROMSCOPE_TEST_REQUIRE_PROMETHEUS` is set.

mod answer;
mod data;
mod differences;
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use embedded_prometheus::promql::{Engine, Forever};
use embedded_prometheus::storage::Queryable;

use answer::Outcome;
use server::Server;

/// Times of instant queries, in seconds after the first sample.
const INSTANTS: [i64; 4] = [622, 1807, 3187, 4402];
/// Range queries: first and last time in seconds after the first sample, and step in seconds.
const RANGES: [(i64, i64, i64); 3] = [(-53, 5407, 60), (1207, 1807, 15), (607, 4807, 75)];

/// When one query is asked.
#[derive(Debug, Clone, Copy)]
enum When {
    Instant(i64),
    Range(i64, i64, i64),
}

fn times() -> impl Iterator<Item = When> {
    let base = data::START_S;
    let instants = INSTANTS.into_iter().map(move |t| When::Instant(base + t));
    instants.chain(RANGES.into_iter().map(move |(from, to, step)| When::Range(base + from, base + to, step)))
}

fn ours(store: &dyn Queryable, query: &str, when: When) -> Outcome {
    let engine = Engine::default();
    let answer = match when {
        When::Instant(t) => engine.instant(store, query, t * 1000, &Forever),
        When::Range(from, to, step) => {
            engine.range(store, query, (from * 1000, to * 1000, step * 1000), &Forever)
        }
    };
    Outcome::ours(answer)
}

#[derive(Default)]
struct Tally {
    queries: usize,
    comparisons: usize,
    failures: Vec<String>,
}

/// Asks both sides all there is to ask; each difference is described.
fn compare(server: &Server, store: &dyn Queryable, query: &str, tally: &mut Tally) -> Vec<String> {
    tally.queries += 1;
    let mut found = Vec::new();
    for when in times() {
        tally.comparisons += 1;
        let theirs = server.ask(query, when);
        if let Some(difference) =
            ours(store, query, when).difference(&theirs, answer::is_ordered(query, when))
        {
            found.push(format!("{query}\n    {when:?}: {difference}"));
        }
    }
    found
}

/// The queries of a file: one a line, `//` before a comment, `⏎` for a line break.
fn queries(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .map(|line| line.replace('⏎', "\n"))
}

fn main() -> ExitCode {
    // The test runner asks for a list and for single tests; there is one.
    if std::env::args().any(|argument| argument == "--list") {
        if !std::env::args().any(|argument| argument == "--ignored") {
            println!("side_by_side: test");
        }
        return ExitCode::SUCCESS;
    }
    let samples = data::samples();
    let Some(server) = Server::start(&samples) else { return ExitCode::SUCCESS };
    let store = data::memory_store(&samples);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/side_by_side");
    let mut files: Vec<_> = std::fs::read_dir(folder.join("queries"))
        .expect("the queries")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();

    let mut total = Tally::default();
    println!("{:24} {:>8} {:>12} {:>8}", "family", "queries", "comparisons", "differ");
    for file in files {
        let mut tally = Tally::default();
        for query in queries(&std::fs::read_to_string(&file).expect("queries")) {
            let found = compare(&server, &store, &query, &mut tally);
            tally.failures.extend(found.into_iter().next());
        }
        let family = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        println!("{family:24} {:>8} {:>12} {:>8}", tally.queries, tally.comparisons, tally.failures.len());
        total.queries += tally.queries;
        total.comparisons += tally.comparisons;
        total.failures.extend(tally.failures);
    }
    let agreed = total.queries - total.failures.len();

    let listed = differences::parse(include_str!("differences.txt"));
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &listed {
        *by_reason.entry(entry.reason).or_default() += 1;
        if compare(&server, &store, &entry.query, &mut Tally::default()).is_empty() {
            total.failures.push(format!("{}\n    is listed as different, and is not any more", entry.query));
        }
        let got = ours(&store, &entry.query, times().next().expect("a time")).to_string();
        if entry.ours.is_some_and(|expected| expected != got) {
            total.failures.push(format!("{}\n    gives {got}\n    instead of {:?}", entry.query, entry.ours));
        }
    }
    println!("\nknown differences between Prometheus {} and 3.5", server.version());
    for (reason, count) in &by_reason {
        println!("{count:>5}  {reason}");
    }
    for failure in &total.failures {
        eprintln!("\n{failure}");
    }
    println!(
        "\nside_by_side: {agreed} of {} queries agree in {} comparisons, {} documented differences, {} failures",
        total.queries,
        total.comparisons,
        listed.len(),
        total.failures.len()
    );
    if total.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
