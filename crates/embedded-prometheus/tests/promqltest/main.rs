//! Runs Prometheus's own PromQL suite, if it is there, and always this crate's cases, which are in the same format.
//!
//! An evaluation that touches a series with native histograms, or expects one, is excluded and counted; so are the
//! files that Prometheus runs with flags of their own. One failed evaluation fails the run.

mod check;
mod format;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use embedded_prometheus::model::{Labels, METRIC_NAME};
use embedded_prometheus::storage::MemoryStore;
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, VectorSelector};

use format::{Eval, Kind, SeriesLine};

/// Files that need flags or native histograms, and why.
const EXCLUDED_FILES: [(&str, &str); 3] = [
    ("duration_expression.test", "needs --enable-feature=promql-duration-expr"),
    ("type_and_unit.test", "needs --enable-feature=type-and-unit-labels"),
    ("native_histograms.test", "native histograms"),
];
/// Evaluations of `name_label_dropping.test` whose answer is that of `--enable-feature=promql-delayed-name-removal`.
const DELAYED_FILE: &str = "name_label_dropping.test";
const DELAYED: &str = "needs --enable-feature=promql-delayed-name-removal";
const NATIVE: &str = "native histograms";

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
    excluded: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn exclude(&mut self, reason: &'static str) {
        *self.excluded.entry(reason).or_default() += 1;
    }

    fn excluded(&self) -> usize {
        self.excluded.values().sum()
    }
}

fn main() -> ExitCode {
    // `cargo test` passes filters and flags of its own harness; `--list` must list nothing.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = test_files(&root.join("tests/promql"));
    let suite = test_files(&root.join("../../../shared/promqltest"));
    if suite.is_empty() {
        println!("SKIPPED: Prometheus's suite is not beside the repository (../shared/promqltest/*.test)");
    }
    let mut total = Tally::default();
    println!("{:<32} {:>7} {:>7} {:>9}", "file", "passed", "failed", "excluded");
    for file in own.iter().chain(&suite) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let tally = run(file, &name);
        println!("{name:<32} {:>7} {:>7} {:>9}", tally.passed, tally.failed.len(), tally.excluded());
        total.passed += tally.passed;
        total.failed.extend(tally.failed);
        for (reason, count) in tally.excluded {
            *total.excluded.entry(reason).or_default() += count;
        }
    }
    for (reason, count) in &total.excluded {
        println!("excluded {count}: {reason}");
    }
    for failure in &total.failed {
        println!("FAILED {failure}");
    }
    println!(
        "promqltest: {} passed, {} failed, {} excluded",
        total.passed,
        total.failed.len(),
        total.excluded()
    );
    // No case at all would prove nothing.
    if total.failed.is_empty() && total.passed > 0 && !own.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn test_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "test"))
        .collect();
    files.sort();
    files
}

fn run(file: &Path, name: &str) -> Tally {
    let mut tally = Tally::default();
    let commands =
        std::fs::read_to_string(file).map_err(|e| e.to_string()).and_then(|text| format::parse(&text));
    let commands = match commands {
        Ok(commands) => commands,
        Err(error) => {
            tally.failed.push(format!("{name}: {error}"));
            return tally;
        }
    };
    let whole_file = EXCLUDED_FILES.iter().find(|(file, _)| *file == name).map(|(_, reason)| *reason);
    let mut store = MemoryStore::default();
    let mut native: Vec<Labels> = Vec::new();
    for command in commands {
        match command.kind {
            Kind::Clear => {
                store = MemoryStore::default();
                native.clear();
            }
            Kind::Load { step_ms, with_nhcb, series } => {
                for (i, line) in series.iter().enumerate() {
                    // Of a series given twice in one load the last one counts.
                    if series[i + 1..].iter().any(|later| later.labels == line.labels) {
                        continue;
                    }
                    if line.native {
                        native.push(line.labels.clone());
                    } else if let Err(error) = load(&mut store, line, step_ms) {
                        tally.failed.push(format!("{name}:{}: {error}", command.line));
                    }
                    if with_nhcb {
                        native.extend(converted(&line.labels));
                    }
                }
            }
            Kind::Eval(eval) => {
                let reason = whole_file
                    .or_else(|| touches_native(&eval, &native).then_some(NATIVE))
                    .or_else(|| (name == DELAYED_FILE && is_delayed(&eval)).then_some(DELAYED));
                if let Some(reason) = reason {
                    tally.exclude(reason);
                } else if let Err(error) = check::check(&store, &eval) {
                    tally.failed.push(format!("{name}:{}: {}\n    {error}", command.line, eval.expression));
                } else {
                    tally.passed += 1;
                }
            }
        }
    }
    tally
}

/// What depends on names being dropped only at the very end.
fn is_delayed(eval: &Eval) -> bool {
    let calls = ["label_replace(rate(", "label_join(rate(", "sum(rate({"];
    calls.iter().any(|call| eval.expression.contains(call))
}

fn load(store: &mut MemoryStore, line: &SeriesLine, step_ms: i64) -> Result<(), String> {
    for (i, value) in line.values.iter().enumerate() {
        if let Some(value) = value {
            store
                .append(&line.labels, i as i64 * step_ms, *value)
                .map_err(|e| format!("{}: {e}", line.labels))?;
        }
    }
    Ok(())
}

/// The native histogram that `load_with_nhcb` makes of a classic one's series.
fn converted(labels: &Labels) -> Option<Labels> {
    let name = labels.metric_name();
    let base = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix))?;
    let mut builder = labels.builder();
    builder.set(METRIC_NAME, base).remove("le");
    Some(builder.build())
}

fn touches_native(eval: &Eval, native: &[Labels]) -> bool {
    if eval.series.iter().any(|line| line.native) {
        return true;
    }
    let Ok(expression) = promql_parser::parser::parse(&eval.expression) else { return false };
    let mut found = Vec::new();
    selectors(&expression, &mut found);
    found.iter().any(|selector| native.iter().any(|labels| selects(selector, labels)))
}

fn selects(selector: &VectorSelector, labels: &Labels) -> bool {
    let matches = |matcher: &Matcher| {
        let value = labels.get(&matcher.name);
        match &matcher.op {
            MatchOp::Equal => matcher.value == value,
            MatchOp::NotEqual => matcher.value != value,
            MatchOp::Re(regex) => regex.is_match(value),
            MatchOp::NotRe(regex) => !regex.is_match(value),
        }
    };
    selector.name.as_ref().is_none_or(|name| name == labels.metric_name())
        && selector.matchers.matchers.iter().all(matches)
}

fn selectors<'e>(expression: &'e Expr, found: &mut Vec<&'e VectorSelector>) {
    match expression {
        Expr::VectorSelector(selector) => found.push(selector),
        Expr::MatrixSelector(matrix) => found.push(&matrix.vs),
        Expr::Paren(paren) => selectors(&paren.expr, found),
        Expr::Unary(unary) => selectors(&unary.expr, found),
        Expr::Subquery(subquery) => selectors(&subquery.expr, found),
        Expr::Aggregate(aggregate) => selectors(&aggregate.expr, found),
        Expr::Call(call) => call.args.args.iter().for_each(|argument| selectors(argument, found)),
        Expr::Binary(binary) => {
            selectors(&binary.lhs, found);
            selectors(&binary.rhs, found);
        }
        _ => {}
    }
}
