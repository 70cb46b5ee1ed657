//! The store under what a process cannot help: it is killed at any moment, and the disk is full.
//!
//! Both run this test binary once more as another process, which is told by its environment what to do.

#![cfg(unix)]
#![expect(clippy::float_cmp, reason = "the very values that were written must come back")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use embedded_prometheus::model::Labels;
use embedded_prometheus::storage::{Db, DbOptions, Queryable, StorageError, TimeRange};

const DIRECTORY: &str = "STORE_CRASH_DIRECTORY";
const SERIES: usize = 200;
const ROUNDS: u64 = 12;

/// Samples are a millisecond apart: as fast as it goes.
fn commit(db: &Db, time_ms: i64) -> Result<(), StorageError> {
    let mut appender = db.appender();
    for series in 0..SERIES {
        let labels = Labels::from_pairs([("__name__", "x"), ("series", &series.to_string())]);
        let value = time_ms as f64 * (series + 1) as f64;
        appender.append(&labels, time_ms, value).expect("newer than all before");
    }
    appender.commit()
}

/// The newest commit that is there. All before it must be there, too, and whole.
fn newest(db: &Db) -> i64 {
    let mut set = db.select(&[], TimeRange { start_ms: i64::MIN, end_ms: i64::MAX }).expect("readable");
    let (mut samples, mut newest, mut count) = (Vec::new(), 0, 0);
    while let Some(labels) = set.next_into(&mut samples).expect("readable") {
        let series: usize = labels.get("series").parse().expect("a number");
        assert!(samples.iter().enumerate().all(|(at, sample)| sample.time_ms == at as i64 + 1));
        assert!(samples.iter().all(|s| s.value == s.time_ms as f64 * (series + 1) as f64));
        let last = samples.len() as i64;
        assert!(count == 0 || newest == last, "a commit is there in part: {newest} and {last}");
        (newest, count) = (last, count + 1);
    }
    assert!(count == 0 || count == SERIES);
    newest
}

fn child(test: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(DIRECTORY, directory);
    command
}

#[test]
#[ignore = "the other process of the test below"]
fn writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let (db, _) = Db::open(Path::new(&directory), DbOptions::default()).expect("it opens");
    let mut out = std::io::stdout();
    for time_ms in newest(&db) + 1.. {
        commit(&db, time_ms).expect("it is written");
        // Only now: what is said is promised.
        writeln!(out, "committed {time_ms}").and_then(|()| out.flush()).expect("somebody reads");
        if time_ms % 40 == 0 {
            db.maintain().expect("it is written");
        }
        if time_ms % 170 == 0 {
            db.close().expect("it is written");
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_had_committed() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut lost, mut total, mut repairs, mut seed) = (0, 0, 0, 0x9e37_79b9_u64);
    for _ in 0..ROUNDS {
        let mut process = child("writes_until_it_is_killed", directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wanted = 1 + (seed >> 33) % 120;
        let mut said = 0;
        let mut acknowledged = |line: &str| {
            if let Some(time_ms) = line.split("committed ").nth(1).and_then(|n| n.parse::<i64>().ok()) {
                said = time_ms;
                return true;
            }
            false
        };
        let mut count = 0;
        while count < wanted {
            let line = lines.next().expect("it goes on").expect("text");
            count += u64::from(acknowledged(&line));
        }
        // SIGKILL, wherever it is now.
        process.kill().expect("it runs");
        process.wait().expect("it ended");
        for line in lines {
            acknowledged(&line.expect("text"));
        }
        let (db, repaired) = Db::open(directory.path(), DbOptions::default()).expect("it opens");
        let newest = newest(&db);
        lost += (said - newest).max(0);
        total = newest;
        repairs += repaired.len();
    }
    println!(
        "killed {ROUNDS} times: {lost} of {total} acknowledged commits lost, {repairs} torn tails repaired"
    );
    assert_eq!(lost, 0);
}

#[test]
#[ignore = "the other process of the test below"]
fn writes_until_it_is_full_and_goes_on_when_it_is_not() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let directory = Path::new(&directory);
    let (db, _) = Db::open(directory, DbOptions::default()).expect("it opens");
    let mut time_ms = 1;
    let error = loop {
        match commit(&db, time_ms) {
            Ok(()) => time_ms += 1,
            Err(error) => break error,
        }
    };
    assert!(time_ms > 3, "there was room for some: {time_ms}");
    let place = directory.to_str().expect("text");
    assert!(error.message.contains(place) && error.message.contains("free space"), "{error}");
    // What failed is nowhere, what was before is there, and it fails again in the same way.
    assert_eq!(newest(&db), time_ms - 1);
    assert_eq!(commit(&db, time_ms), Err(error));
    db.maintain().expect("what is there can be synced");
    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, ..limit }).expect("more room");
    for _ in 0..5 {
        commit(&db, time_ms).expect("there is room again");
        time_ms += 1;
    }
    println!("committed {}", time_ms - 1);
}

/// The limit on the size of a file stands for the full disk: `write` takes a part and then fails, just so.
#[test]
fn a_full_disk_refuses_commits_and_takes_them_again_when_there_is_room() {
    let directory = tempfile::tempdir().expect("a directory");
    let process = child("writes_until_it_is_full_and_goes_on_when_it_is_not", directory.path());
    let mut shell = Command::new("sh");
    // The signal that comes with the limit is ignored, so that the call fails instead.
    shell.args(["-c", r#"trap "" XFSZ; ulimit -S -f 40; exec "$0" "$@""#]).arg(process.get_program());
    shell.args(process.get_args()).env(DIRECTORY, directory.path()).stdout(Stdio::piped());
    let mut process = shell.spawn().expect("a shell");
    let mut said = String::new();
    process.stdout.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert!(process.wait().expect("it ended").success(), "{said}");
    let last = said.lines().find_map(|line| line.split("committed ").nth(1)).expect("it came to its end");
    // It ended without a close.
    let (db, repairs) = Db::open(directory.path(), DbOptions::default()).expect("it opens");
    assert_eq!((newest(&db).to_string().as_str(), repairs), (last, vec![]));
}
