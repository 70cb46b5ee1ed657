//! What was chosen on dashboards, kept between runs in a file of the user's state folder.
//!
//! A thread of its own writes, one choice after the other; the file is replaced whole, so that no reader ever sees half
//! of it, and read again before, under a lock, so that several programs keep their choices side by side.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::app::Event;
use crate::app::variables::{Choices, Chosen};

/// Largest file that is written; beyond it, the dashboards go on which nothing was chosen for the longest time.
const FILE_LIMIT_BYTES: usize = 4 << 20;
/// Largest file that is read: another version may have written more.
const READ_LIMIT_BYTES: u64 = 16 << 20;
/// Dashboards that are kept.
const DASHBOARDS_LIMIT: usize = 1_000;
/// Variables that are kept of one dashboard.
const VARIABLES_LIMIT: usize = 200;
/// Bytes of the values of one variable that are kept; a choice of more is not.
const VALUES_LIMIT_BYTES: usize = 64 << 10;
/// How long another program may write; then its lock is taken for one that was left behind.
const LOCK_LIMIT: Duration = Duration::from_secs(2);
/// Between two looks whether it has finished.
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// The form of the file; another one is left alone.
const VERSION: u32 = 1;

#[derive(Default, Deserialize, Serialize)]
struct Contents {
    version: u32,
    dashboards: BTreeMap<String, Chosen>,
    /// Names of dashboards, the one on which something was chosen last at the end.
    #[serde(default)]
    recent: Vec<String>,
}

/// Where the file is: `promscope/variables.json` below `$XDG_STATE_HOME`, or `~/.local/state`.
pub fn default_path() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.state_dir()?;
    Some(folder.join("promscope").join("variables.json"))
}

/// What is kept in `path`; nothing where there is no such file.
pub fn load(path: &Path) -> Result<BTreeMap<String, Chosen>, String> {
    contents(path).map(|contents| contents.dashboards)
}

fn contents(path: &Path) -> Result<Contents, String> {
    let bytes = match fs::metadata(path).and_then(|metadata| {
        if metadata.len() > READ_LIMIT_BYTES {
            return Err(std::io::Error::other(format!(
                "it has more than {READ_LIMIT_BYTES} bytes; remove it"
            )));
        }
        fs::read(path)
    }) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Contents::default()),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let contents: Contents = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{} is broken: {error}; remove it", path.display()))?;
    if contents.version != VERSION {
        return Err(format!("{} is of another version of promscope; remove it", path.display()));
    }
    Ok(contents)
}

/// Adds `choices` to what is kept in `path`. A file that broke meanwhile is left alone.
fn save(path: &Path, choices: &Choices) -> Result<(), String> {
    // Held until the new file has its name, so that two programs do not lose what the other one keeps.
    let _lock = locked(path);
    let mut contents = contents(path)?;
    contents.version = VERSION;
    let problem = contents.add(choices);
    let mut text = json(&contents)?;
    while contents.dashboards.len() > DASHBOARDS_LIMIT || text.len() > FILE_LIMIT_BYTES {
        if !contents.forget_some(&choices.dashboard) {
            break;
        }
        text = json(&contents)?;
    }
    replace(path, text.as_bytes()).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    problem.map_or(Ok(()), Err)
}

fn json(contents: &Contents) -> Result<String, String> {
    serde_json::to_string_pretty(contents).map_err(|error| error.to_string())
}

impl Contents {
    /// Adds `choices`; what of them is too much to be kept.
    fn add(&mut self, choices: &Choices) -> Option<String> {
        let dashboard = self.dashboards.entry(choices.dashboard.clone()).or_default();
        let mut problem = None;
        for (name, values) in &choices.chosen {
            if values.iter().map(String::len).sum::<usize>() > VALUES_LIMIT_BYTES {
                problem = Some(format!("the values chosen for {name} are too many to be kept"));
                dashboard.remove(name);
            } else {
                dashboard.insert(name.clone(), values.clone());
            }
        }
        while dashboard.len() > VARIABLES_LIMIT {
            let other = dashboard.keys().find(|name| !choices.chosen.contains_key(*name)).cloned();
            let Some(other) = other.or_else(|| dashboard.keys().next().cloned()) else { break };
            dashboard.remove(&other);
        }
        self.recent.retain(|name| *name != choices.dashboard && self.dashboards.contains_key(name));
        self.recent.push(choices.dashboard.clone());
        problem
    }

    /// Forgets an eighth of the dashboards, and one at least: those of which nobody knows when they were used, then those
    /// that were used the longest time ago, but not `kept`; whether there was any.
    fn forget_some(&mut self, kept: &str) -> bool {
        let is_recent: HashSet<&String> = self.recent.iter().collect();
        let others = self.dashboards.keys().filter(|name| !is_recent.contains(name));
        let oldest: Vec<String> = others
            .chain(&self.recent)
            .filter(|name| *name != kept)
            .take((self.dashboards.len() / 8).max(1))
            .cloned()
            .collect();
        for name in &oldest {
            self.dashboards.remove(name);
        }
        self.recent.retain(|name| self.dashboards.contains_key(name));
        !oldest.is_empty()
    }
}

/// The lock beside `path`, until it is dropped; none where there can be none, or another program keeps it.
fn locked(path: &Path) -> Option<fs::File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).ok()?;
    let file = fs::File::create(folder.join(".variables.lock")).ok()?;
    let mut waited = Duration::ZERO;
    while file.try_lock().is_err() {
        if waited >= LOCK_LIMIT {
            return None;
        }
        std::thread::sleep(LOCK_PAUSE);
        waited += LOCK_PAUSE;
    }
    Some(file)
}

/// Writes a file beside `path` and gives it its name.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".variables.{}.draft", std::process::id()));
    let written = fs::File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&draft, path));
    if placed.is_err() {
        // What is left of it helps nobody.
        let _ = fs::remove_file(&draft);
    }
    placed
}

/// The thread that writes; all it was given is written when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Memory {
    writer: Option<(Sender<Choices>, JoinHandle<()>)>,
}

impl Memory {
    /// Keeps `choices`; a failure brings an [`Event::NotRemembered`].
    pub(super) fn keep(&mut self, choices: Choices, events: &mpsc::Sender<Event>) {
        let (sender, _) = self.writer.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            let events = events.clone();
            (sender, std::thread::spawn(move || write_all(&receiver, &events)))
        });
        // The thread ends only with the channel.
        let _ = sender.send(choices);
    }
}

fn write_all(choices: &Receiver<Choices>, events: &mpsc::Sender<Event>) {
    for choices in choices {
        if let Err(reason) = save(Path::new(&choices.file), &choices) {
            // Nobody listens only while the program ends.
            let _ = events.try_send(Event::NotRemembered(reason));
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.writer.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(path: &Path, dashboard: &str, value: &str) -> Choices {
        Choices {
            file: path.display().to_string(),
            dashboard: dashboard.to_owned(),
            chosen: [("host".to_owned(), vec![value.to_owned()])].into(),
        }
    }

    #[test]
    fn choices_are_kept_side_by_side_and_the_newest_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new").join("variables.json");
        assert_eq!(load(&path), Ok(BTreeMap::new()), "there is none yet");
        let (events, mut told) = mpsc::channel(8);
        let mut memory = Memory::default();
        for (dashboard, value) in [("a", "1"), ("b", "2"), ("a", "3")] {
            memory.keep(choices(&path, dashboard, value), &events);
        }
        drop(memory);
        let kept = load(&path).expect("readable");
        let of = |dashboard: &str| kept[dashboard]["host"].clone();
        assert_eq!((of("a"), of("b")), (vec!["3".to_owned()], vec!["2".to_owned()]));
        let files = fs::read_dir(path.parent().expect("a folder")).expect("readable");
        let mut names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
        names.sort();
        assert_eq!(names, [".variables.lock", "variables.json"], "no drafts");
        assert!(told.try_recv().is_err());
    }

    #[test]
    fn programs_that_save_at_once_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("variables.json");
        std::thread::scope(|scope| {
            for program in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..8 {
                        let one = choices(path, &format!("{program} {number}"), "x");
                        save(path, &one).expect("saved");
                    }
                });
            }
        });
        assert_eq!(load(&path).expect("readable").len(), 32);
        // On one dashboard each keeps the variables that were chosen there.
        let mut other = choices(&path, "0 0", "y");
        other.chosen = [("word".to_owned(), vec!["z".to_owned()])].into();
        save(&path, &other).expect("saved");
        assert_eq!(load(&path).expect("readable")["0 0"].len(), 2);
    }

    #[test]
    fn what_was_chosen_last_is_kept_when_there_is_no_room() {
        let mut contents = Contents::default();
        let path = Path::new("x");
        for number in 0..40 {
            contents.dashboards.insert(format!("old {number:02}"), Chosen::new());
        }
        for name in ["b", "a", "old 39", "c"] {
            assert_eq!(contents.add(&choices(path, name, "x")), None);
        }
        assert_eq!(contents.recent, ["b", "a", "old 39", "c"]);
        while contents.dashboards.len() > 3 {
            assert!(contents.forget_some("b"));
        }
        let kept: Vec<&str> = contents.dashboards.keys().map(String::as_str).collect();
        assert_eq!(kept, ["b", "c", "old 39"]);
        assert_eq!(contents.recent, ["b", "old 39", "c"]);
        let mut large = choices(path, "c", &"x".repeat(VALUES_LIMIT_BYTES + 1));
        assert!(contents.add(&large).is_some_and(|problem| problem.contains("host")));
        assert!(contents.dashboards["c"].is_empty(), "an older value would be another one than was chosen");
        large.chosen = (0..300).map(|number| (number.to_string(), Vec::new())).collect();
        assert_eq!(contents.add(&large), None);
        assert_eq!(contents.dashboards["c"].len(), VARIABLES_LIMIT);
    }

    #[test]
    fn a_file_of_any_size_that_was_written_is_read_and_written_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("variables.json");
        let dashboards = (0..200).map(|number| {
            let value = "x".repeat(30_000);
            (format!("{number}"), Chosen::from([("host".to_owned(), vec![value])]))
        });
        let old = Contents { version: VERSION, dashboards: dashboards.collect(), recent: Vec::new() };
        fs::write(&path, json(&old).expect("JSON")).expect("written");
        assert!(fs::metadata(&path).expect("there").len() > FILE_LIMIT_BYTES as u64);
        save(&path, &choices(&path, "new", "y")).expect("saved");
        assert!(fs::metadata(&path).expect("there").len() <= FILE_LIMIT_BYTES as u64);
        let kept = load(&path).expect("readable");
        assert!(kept.len() > 50 && kept["new"]["host"] == ["y"], "{}", kept.len());
    }

    #[test]
    fn a_broken_file_is_said_and_a_place_that_cannot_be_written_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("variables.json");
        for text in ["{", "[]", "{\"version\": 2, \"dashboards\": {}}"] {
            fs::write(&path, text).expect("written");
            let error = load(&path).expect_err(text);
            assert!(error.contains("remove it"), "{error}");
        }
        let (events, mut told) = mpsc::channel(8);
        let mut memory = Memory::default();
        memory.keep(choices(&path.join("below a file"), "a", "1"), &events);
        drop(memory);
        assert!(matches!(told.try_recv(), Ok(Event::NotRemembered(reason)) if reason.contains("cannot ")));
    }
}
