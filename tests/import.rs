//! `promscope import` as a program: what it says, in which order, and how much memory hostile files cost it.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt as _;

#[path = "../fuzz/src/import.rs"]
mod check;

/// Address space that the program may have, in KiB: its own mapped file, and a few times the largest file that is read.
const MEMORY_LIMIT_KIB: u32 = 700 << 10;
/// A file that is not read at all.
const LARGE_BYTES: u64 = 100 << 20;

/// `promscope import ARGUMENTS` in `folder`; with a bound on its memory.
fn import(folder: &Path, arguments: &[&str]) -> Output {
    let program = Command::cargo_bin("promscope").expect("built");
    let script = format!("ulimit -v {MEMORY_LIMIT_KIB} && exec \"$0\" import \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program.get_program()).args(arguments).current_dir(folder);
    command.output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn files_are_reported_in_the_order_in_which_they_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut names: Vec<String> = (0..60).map(|index| format!("{index}.json")).collect();
    for (index, name) in names.iter().enumerate() {
        let panels = vec![r#"{"type":"stat","targets":[{"expr":"up"}]}"#; 100 - index].join(",");
        let json = if index % 7 == 3 { "{".to_owned() } else { format!("{{\"panels\":[{panels}]}}") };
        fs::write(folder.path().join(name), json).expect("written");
    }
    names.swap(0, 59);
    let mut arguments = vec!["--check", "--format", "json"];
    arguments.extend(names.iter().map(String::as_str));
    let output = import(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "some cannot be read");
    let said: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let order: Vec<&str> = said.iter().map(|line| line["file"].as_str().expect("a name")).collect();
    assert_eq!(order, names);
    assert_eq!(
        said.iter().filter(|line| line["error"].is_string()).count(),
        text(&output.stderr).lines().count()
    );
}

#[test]
fn large_files_cost_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, head: &[u8], piece: &[u8], bytes: usize| {
        let mut file = File::create(folder.path().join(name)).expect("created");
        file.write_all(head).expect("written");
        let many = piece.repeat((1 << 20) / piece.len());
        for _ in 0..bytes / many.len() {
            file.write_all(&many).expect("written");
        }
        file
    };
    // One text, one list, and panels: the first of 100 MiB each, which no disk has to hold, then just what is read.
    let heads: [(&[u8], &[u8]); 3] =
        [(b"{\"title\":\"", b"x"), (b"{\"panels\":[0", b",0"), (b"{\"panels\":[{}", b",{\"type\":\"stat\"}")];
    for (index, (head, piece)) in heads.into_iter().enumerate() {
        let file = make(&format!("large-{index}.json"), head, piece, 1 << 20);
        file.write_all_at(b"]}", LARGE_BYTES - 2).expect("a hole");
        make(&format!("cut-{index}.json"), head, piece, 15 << 20);
    }
    let one_text = format!("{{\"panels\":[],\"title\":\"{}\"}}", "x".repeat(15 << 20));
    fs::write(folder.path().join("title.json"), one_text).expect("written");
    fs::write(folder.path().join("deep.json"), "[".repeat(15 << 20)).expect("written");

    for index in 0..3 {
        let output = import(folder.path(), &["--check", &format!("large-{index}.json")]);
        assert_eq!(
            text(&output.stderr),
            format!(
                "large-{index}.json: error: the file has {LARGE_BYTES} bytes; at most 16777216 are read\n"
            )
        );
        assert_eq!(output.status.code(), Some(1));
    }
    for (name, says) in [
        ("cut-0.json", "line 1, column 15728650: the JSON ends too early"),
        ("cut-1.json", "too many values: at most 1000000 are read"),
        ("deep.json", "too deeply nested: at most 64 levels are read"),
    ] {
        let output = import(folder.path(), &["--check", name]);
        let error = text(&output.stderr);
        assert!(error.contains(says), "{name}: {error}");
        assert!(error.starts_with(&format!("{name}: error: line 1, column ")), "{error}");
        assert!(error.len() < 300, "{error}");
    }
    let output = import(folder.path(), &["--check", "cut-2.json"]);
    assert!(text(&output.stderr).contains("too many values"), "{}", text(&output.stderr));
    let output = import(folder.path(), &["--check", "title.json"]);
    assert!(output.status.code().is_some_and(|code| code < 2), "ends by itself: {output:?}");
}

#[test]
fn what_is_no_file_of_text_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("folder.json")).expect("created");
    fs::write(folder.path().join("empty.json"), "").expect("written");
    fs::write(folder.path().join("latin.json"), b"{\"title\":\n \"caf\xe9\"}").expect("written");
    let output = import(folder.path(), &["--check", "folder.json", "empty.json", "latin.json", "none.json"]);
    let error = text(&output.stderr);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "folder.json: error: not a file");
    assert!(lines[1].starts_with("empty.json: error: line 1, column 1: the JSON ends too early"), "{error}");
    assert_eq!(lines[2], "latin.json: error: line 2, column 6: not UTF-8 text; save the file as UTF-8");
    assert!(lines[3].starts_with("none.json: error: cannot read the file: "), "{error}");
}

/// The seeds of the fuzz target, through the same checks that the fuzzer runs.
#[test]
fn the_seeds_of_the_fuzzer_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/import");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is there").flatten() {
        let data = fs::read(entry.path()).expect("a seed can be read");
        check::import(&data);
        for end in (0..data.len()).step_by(data.len() / 50 + 1) {
            check::import(&data[..end]);
        }
        count += 1;
    }
    assert!(count >= 3, "{} holds only {count} seeds", folder.display());
}
