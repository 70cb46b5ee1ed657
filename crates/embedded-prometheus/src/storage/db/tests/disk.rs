//! The store on disk: what comes back after a crash at any point, and after damage.

use std::fs;

use super::*;

fn open(directory: &Path) -> (Db, Vec<Repair>) {
    Db::open(directory, DbOptions::default()).unwrap()
}

/// How many commits of [`commit`] are there, which must be the first ones, whole.
fn commits(db: &Db, series: usize) -> usize {
    let all = everything(db);
    let count = all.first().map_or(0, |(_, samples)| samples.len());
    assert!(all.is_empty() || all.len() == series);
    for (_, samples) in &all {
        assert!(samples.iter().enumerate().all(|(at, sample)| sample.0 == at as i64 + 1));
        assert_eq!(samples.len(), count);
    }
    count
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn files(directory: &Path) -> Vec<String> {
    let names =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "lock").collect();
    names.sort();
    names
}

/// A directory with a log of five commits and no snapshot, and where in the log each commit ends.
fn small_log() -> (tempfile::TempDir, Vec<usize>) {
    let directory = tempfile::tempdir().unwrap();
    let (db, repairs) = open(directory.path());
    assert!(repairs.is_empty());
    let log = directory.path().join("log-00000001");
    let mut ends = Vec::new();
    for time_ms in 1..=5 {
        commit(&db, 3, time_ms).unwrap();
        ends.push(fs::metadata(&log).unwrap().len() as usize);
    }
    (directory, ends)
}

#[test]
fn a_log_torn_at_any_byte_gives_what_is_whole() {
    let (directory, ends) = small_log();
    let whole = fs::read(directory.path().join("log-00000001")).unwrap();
    let torn = tempfile::tempdir().unwrap();
    for cut in 0..=whole.len() {
        let here = torn.path().join(cut.to_string());
        fs::create_dir(&here).unwrap();
        fs::write(here.join("log-00000001"), &whole[..cut]).unwrap();
        let (db, repairs) = open(&here);
        let expected = ends.iter().filter(|&&end| end <= cut).count();
        assert_eq!(commits(&db, 3), expected, "cut at {cut}");
        let clean = cut == 24 || ends.contains(&cut);
        assert_eq!(repairs.len(), usize::from(!clean), "cut at {cut}: {repairs:?}");
        for repair in &repairs {
            assert!(repair.path.ends_with("log-00000001"));
            assert!(repair.message.contains("torn at offset"), "{}", repair.message);
        }
        // It goes on from there, and the next start has nothing to say.
        commit(&db, 3, expected as i64 + 1).unwrap();
        drop(db);
        let (db, repairs) = open(&here);
        assert_eq!((commits(&db, 3), repairs), (expected + 1, vec![]), "cut at {cut}");
    }
}

#[test]
fn damage_in_the_middle_keeps_what_is_before_and_moves_the_rest_aside() {
    let (directory, ends) = small_log();
    let log = directory.path().join("log-00000001");
    let mut bytes = fs::read(&log).unwrap();
    let after = bytes.len() - ends[1];
    bytes[ends[1] + 12] ^= 1;
    fs::write(&log, &bytes).unwrap();
    let (db, repairs) = open(directory.path());
    assert_eq!(commits(&db, 3), 2);
    assert_eq!(repairs.len(), 1);
    let expected =
        format!("corrupt at offset {}: the 2 commits before were kept, {after} bytes moved to ", ends[1]);
    assert!(repairs[0].message.starts_with(&expected), "{}", repairs[0].message);
    assert_eq!(repairs[0].path, log);
    let aside = directory.path().join(format!("log-00000001.{}.0.corrupt", ends[1]));
    assert_eq!(fs::read(aside).unwrap(), bytes[ends[1]..]);
}

#[test]
fn files_after_a_damaged_one_are_moved_aside() {
    let (directory, _) = small_log();
    let (db, _) = open(directory.path());
    commit(&db, 3, 6).unwrap();
    drop(db);
    let log = directory.path().join("log-00000001");
    let mut bytes = fs::read(&log).unwrap();
    bytes[3] ^= 1;
    fs::write(&log, &bytes).unwrap();
    let (db, repairs) = open(directory.path());
    assert_eq!(commits(&db, 3), 0);
    assert_eq!(repairs.len(), 2, "{repairs:?}");
    commit(&db, 3, 1).unwrap();
    drop(db);
    let (db, repairs) = open(directory.path());
    assert_eq!((commits(&db, 3), repairs), (1, vec![]));
}

#[test]
fn a_lost_file_of_the_log_is_said() {
    let (directory, _) = small_log();
    let (db, _) = open(directory.path());
    commit(&db, 3, 6).unwrap();
    drop(db);
    fs::remove_file(directory.path().join("log-00000001")).unwrap();
    let (db, repairs) = open(directory.path());
    assert_eq!(repairs.len(), 1);
    assert!(repairs[0].message.contains("no files 1 to 1"), "{}", repairs[0].message);
    // The labels are said again after each start.
    assert_eq!(everything(&db).len(), 3);
}

#[test]
fn another_version_is_refused() {
    let (directory, _) = small_log();
    let log = directory.path().join("log-00000001");
    let mut bytes = fs::read(&log).unwrap();
    bytes[8] = 9;
    let checksum = crc32fast::hash(&bytes[..20]);
    bytes[20..24].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&log, &bytes).unwrap();
    let error = Db::open(directory.path(), DbOptions::default()).unwrap_err();
    assert!(error.message.contains("format version 9"), "{error}");
    assert_eq!(fs::read(&log).unwrap(), bytes);
}

#[test]
fn one_process_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let (db, _) = open(directory.path());
    let error = Db::open(directory.path(), DbOptions::default()).unwrap_err();
    assert!(error.message.contains("in use by another process"), "{error}");
    drop(db);
    open(directory.path());
}

#[test]
fn a_clean_close_leaves_a_snapshot_and_a_crash_within_a_checkpoint_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (db, _) = open(directory.path());
    for time_ms in 1..=100 {
        commit(&db, 6, time_ms).unwrap();
    }
    let before_close = tempfile::tempdir().unwrap();
    copy(directory.path(), before_close.path());
    db.close().unwrap();
    assert_eq!(files(directory.path()), ["snapshot-00000002"]);
    // It goes on after a close, too.
    for time_ms in 101..=150 {
        commit(&db, 6, time_ms).unwrap();
    }
    drop(db);
    assert_eq!(files(directory.path()), ["log-00000002", "snapshot-00000002"]);
    // Killed after the snapshot was renamed, before the log was removed.
    fs::copy(before_close.path().join("log-00000001"), directory.path().join("log-00000001")).unwrap();
    // Killed while the next one was written.
    fs::write(directory.path().join("snapshot-00000003.part"), b"EMBPROMS half").unwrap();
    let (db, repairs) = open(directory.path());
    assert_eq!((commits(&db, 6), repairs), (150, vec![]));
    assert_eq!(files(directory.path()), ["log-00000002", "snapshot-00000002"]);
    db.close().unwrap();
    drop(db);
    let (db, repairs) = open(directory.path());
    assert_eq!((commits(&db, 6), repairs), (150, vec![]));
    assert_eq!(files(directory.path()), ["snapshot-00000003"]);
}

#[test]
fn a_damaged_snapshot_gives_what_is_whole_and_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let (db, _) = open(directory.path());
    for time_ms in 1..=100 {
        commit(&db, 6, time_ms).unwrap();
    }
    db.close().unwrap();
    commit(&db, 6, 101).unwrap();
    drop(db);
    let path = directory.path().join("snapshot-00000002");
    let whole = fs::read(&path).unwrap();
    for cut in (0..whole.len()).step_by(7) {
        let here = tempfile::tempdir().unwrap();
        copy(directory.path(), here.path());
        fs::write(here.path().join("snapshot-00000002"), &whole[..cut]).unwrap();
        let (db, repairs) = open(here.path());
        assert_eq!(repairs.len(), 2, "cut at {cut}: {repairs:?}");
        assert!(repairs[0].message.contains("series before that were kept"), "{}", repairs[0].message);
        // The log stands alone: it brings all series.
        let all = everything(&db);
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|(_, samples)| [1, 101].contains(&samples.len())));
        drop(db);
        let (db, repairs) = open(here.path());
        assert_eq!((everything(&db), repairs), (all, vec![]));
    }
}

#[test]
fn a_damaged_snapshot_without_a_log_after_it_is_replaced_too() {
    let directory = tempfile::tempdir().unwrap();
    let (db, _) = open(directory.path());
    for time_ms in 1..=100 {
        commit(&db, 6, time_ms).unwrap();
    }
    db.close().unwrap();
    drop(db);
    let path = directory.path().join("snapshot-00000002");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (db, repairs) = open(directory.path());
    assert_eq!(repairs.len(), 2, "{repairs:?}");
    let all = everything(&db);
    assert!(!all.is_empty());
    let files = files(directory.path());
    assert_eq!((files.len(), files[1].as_str()), (2, "snapshot-00000003"));
    assert_eq!(fs::read(directory.path().join(&files[0])).unwrap(), bytes, "{files:?}");
    // Killed before anything else was written.
    drop(db);
    let (db, repairs) = open(directory.path());
    assert_eq!((everything(&db), repairs), (all.clone(), vec![]));
    commit(&db, 6, 200).unwrap();
    drop(db);
    let (db, repairs) = open(directory.path());
    assert_eq!(repairs, vec![]);
    assert_eq!(everything(&db).len(), 6);
}

#[test]
fn the_log_stays_bounded_and_series_in_it_keep_their_labels() {
    let directory = tempfile::tempdir().unwrap();
    let (db, _) = open(directory.path());
    let all: Vec<Labels> = (0..3_000).map(labels).collect();
    let mut most = 0;
    for time_ms in 1..=600 {
        let mut appender = db.appender();
        for labels in &all {
            appender.append(labels, time_ms, 1.0).unwrap();
        }
        appender.commit().unwrap();
        if time_ms % 50 == 0 {
            db.maintain().unwrap();
            most = most.max(db.stats().disk_bytes);
        }
    }
    // A log up to the limit and what comes before the next maintenance, the snapshot, and one that is new.
    assert!(most < 40 << 20, "{most}");
    assert!(files(directory.path()).iter().any(|name| name.starts_with("snapshot-")));
    let before = db.stats();
    drop(db);
    let (db, repairs) = open(directory.path());
    assert!(repairs.is_empty());
    let after = db.stats();
    assert_eq!((after.series, after.samples), (before.series, before.samples));
    assert_eq!((after.min_time_ms, after.max_time_ms), (Some(1), Some(600)));
}

#[test]
fn retention_holds_after_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let options = DbOptions { retention_ms: 20, ..DbOptions::default() };
    let (db, _) = Db::open(directory.path(), options).unwrap();
    let mut appender = db.appender();
    appender.append(&labels(5), 1, 1.0).unwrap();
    appender.commit().unwrap();
    for time_ms in 1..=100 {
        commit(&db, 3, time_ms).unwrap();
    }
    drop(db);
    let (db, _) = Db::open(directory.path(), options).unwrap();
    let all = everything(&db);
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|(_, samples)| samples.len() == 21 && samples[0].0 == 80));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_damage_is_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        in_snapshot in any::<bool>(),
        has_log in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let (db, _) = open(directory.path());
        for time_ms in 1..=40 {
            commit(&db, 4, time_ms).unwrap();
        }
        db.close().unwrap();
        for time_ms in 41..=60 {
            if has_log {
                commit(&db, 4, time_ms).unwrap();
            }
        }
        drop(db);
        let name = if in_snapshot || !has_log { "snapshot-00000002" } else { "log-00000002" };
        let path = directory.path().join(name);
        let mut bytes = fs::read(&path).unwrap();
        let before = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        fs::write(&path, &bytes).unwrap();
        let (db, repairs) = open(directory.path());
        prop_assert_eq!(repairs.is_empty(), bytes == before, "{:?}", repairs);
        let all = everything(&db);
        for (of, samples) in &all {
            let at = (0..4).find(|&at| labels(at) == *of);
            prop_assert!(at.is_some(), "{}", of);
            for &(time_ms, bits) in samples {
                prop_assert_eq!(f64::from_bits(bits), (time_ms / 7 + at.unwrap() as i64) as f64);
            }
        }
        drop(db);
        let (db, repairs) = open(directory.path());
        prop_assert_eq!((everything(&db), repairs), (all, vec![]));
    }
}
