//! The seeds of the fuzz targets, through the same checks that the fuzzer runs.

use std::path::Path;

#[path = "../../../fuzz/src/checks.rs"]
mod checks;

/// Runs `check` over every file of a corpus.
fn run(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus is there").flatten() {
        let data = std::fs::read(entry.path()).expect("a seed can be read");
        check(&data);
        // Cut anywhere, as a connection that breaks would.
        for end in (0..data.len()).step_by(data.len() / 50 + 1) {
            check(&data[..end]);
        }
        count += 1;
    }
    assert!(count >= 5, "{} holds only {count} seeds", folder.display());
}

#[test]
fn exposition() {
    run("exposition", checks::exposition);
}

#[test]
fn promql() {
    run("promql", checks::promql);
}
