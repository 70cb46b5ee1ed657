//! What was chosen on dashboards, kept between runs in a file of the user's state folder.
//!
//! A thread of its own writes, one choice after the other; the file is replaced whole, so that no reader ever sees half
//! of it, and read again before, so that several programs keep their dashboards side by side.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::app::Event;
use crate::app::variables::{Choices, Chosen};

/// Largest file that is read.
const FILE_LIMIT_BYTES: u64 = 4 << 20;
/// Dashboards that are kept; beyond them the first by name goes.
const DASHBOARDS_LIMIT: usize = 1_000;
/// The form of the file; another one is left alone.
const VERSION: u32 = 1;

#[derive(Deserialize, Serialize)]
struct Contents {
    version: u32,
    dashboards: BTreeMap<String, Chosen>,
}

/// Where the file is: `promscope/variables.json` below `$XDG_STATE_HOME`, or `~/.local/state`.
pub fn default_path() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.state_dir()?;
    Some(folder.join("promscope").join("variables.json"))
}

/// What is kept in `path`; nothing where there is no such file.
pub fn load(path: &Path) -> Result<BTreeMap<String, Chosen>, String> {
    let bytes = match fs::metadata(path).and_then(|metadata| {
        if metadata.len() > FILE_LIMIT_BYTES {
            return Err(std::io::Error::other(format!("it has more than {FILE_LIMIT_BYTES} bytes")));
        }
        fs::read(path)
    }) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let contents: Contents = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{} is broken: {error}; remove it", path.display()))?;
    if contents.version != VERSION {
        return Err(format!("{} is of another version of promscope; remove it", path.display()));
    }
    Ok(contents.dashboards)
}

/// Adds `choices` to what is kept in `path`. A file that broke meanwhile is left alone.
fn save(path: &Path, choices: &Choices) -> Result<(), String> {
    let mut dashboards = load(path)?;
    dashboards.insert(choices.dashboard.clone(), choices.chosen.clone());
    while dashboards.len() > DASHBOARDS_LIMIT {
        let first = dashboards.keys().find(|name| **name != choices.dashboard).cloned();
        first.and_then(|name| dashboards.remove(&name));
    }
    let text = serde_json::to_string_pretty(&Contents { version: VERSION, dashboards })
        .map_err(|error| error.to_string())?;
    replace(path, text.as_bytes()).map_err(|error| format!("cannot write {}: {error}", path.display()))
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
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("readable").count(), 1, "no drafts");
        assert!(told.try_recv().is_err());
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
