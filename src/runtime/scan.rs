//! Which dashboard files are there, and which of them changed since the last look.
//!
//! The only thing that decides what changed; that something may have changed is [`super::watch`]'s to know.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::load::{Parse, load, read};
use crate::app::{Event, LoadProblem, Origin};

/// Dashboard files that are looked at in one directory.
pub const FILES_LIMIT: usize = 200;

/// Entries of a directory that are looked at when searching for dashboards in it.
const ENTRIES_LIMIT: usize = 10_000;

/// How long a file has to stay broken, empty or away before it is said: an editor may be in the middle of saving it.
pub const SETTLE_MS: i64 = 300;

/// Age from which on a file's stamp is trusted: file systems count time in steps of up to two seconds, and two
/// savings within a step have one stamp.
const STAMP_AGE: Duration = Duration::from_secs(2);

/// What was named as holding dashboards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, whatever its name.
    File(String),
    /// All files ending in `.yaml` or `.yml` that lie in a directory itself.
    Directory(String),
}

impl Target {
    /// Tells a directory from a file; what is not there is taken for a file.
    pub fn new(path: &str) -> Self {
        let path = path.to_owned();
        if Path::new(&path).is_dir() { Self::Directory(path) } else { Self::File(path) }
    }

    /// The path as it was given.
    pub fn path(&self) -> &str {
        match self {
            Self::File(path) | Self::Directory(path) => path,
        }
    }

    /// The files it stands for now, sorted by name; their paths name the dashboards ([`Origin::File`]).
    pub fn files(&self) -> std::io::Result<Vec<String>> {
        let directory = match self {
            Self::File(path) => return Ok(vec![path.clone()]),
            Self::Directory(directory) => Path::new(directory),
        };
        let mut files: Vec<String> = fs::read_dir(directory)?
            .take(ENTRIES_LIMIT)
            .filter_map(|entry| directory.join(entry.ok()?.file_name()).into_os_string().into_string().ok())
            .filter(|path| is_dashboard_name(Path::new(path)) && Path::new(path).is_file())
            .collect();
        files.sort_unstable();
        files.truncate(FILES_LIMIT);
        Ok(files)
    }
}

/// Whether a file of this name in a directory of dashboards is one; backups and hidden files are not.
pub fn is_dashboard_name(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    !hidden && matches!(extension, "yaml" | "yml" | "json")
}

/// Stands for the contents of a file.
fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What costs little to look at; when it stays the same, the file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl Stamp {
    fn of(path: &str) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        Some(Self { modified: metadata.modified().ok(), bytes: metadata.len(), inode })
    }

    fn is_trusted(&self) -> bool {
        self.modified.and_then(|modified| modified.elapsed().ok()).is_some_and(|age| age > STAMP_AGE)
    }
}

#[derive(Debug, Default)]
struct Known {
    stamp: Option<Stamp>,
    /// Of the text that was reported last.
    fingerprint: Option<u64>,
    /// Since when it is broken or away without having been reported so.
    unsettled_since_ms: Option<i64>,
    /// The problem that was reported last.
    problem: Option<LoadProblem>,
    /// It was reported as removed.
    is_gone: bool,
}

/// What a look brought.
#[derive(Debug, Default)]
pub struct Scan {
    /// What changed.
    pub events: Vec<Event>,
    /// Something is in the making: look again this much later.
    pub again_in_ms: Option<i64>,
}

/// Remembers what the last look saw.
pub struct Scanner {
    targets: Vec<Target>,
    parse: Parse,
    files: BTreeMap<String, Known>,
}

impl Scanner {
    /// One that has not looked yet.
    pub fn new(targets: Vec<Target>, parse: Parse) -> Self {
        Self { targets, parse, files: BTreeMap::new() }
    }

    /// Where dashboards are looked for.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Reads all files, in the order in which they were named; the first thing to do.
    pub fn read_all(&mut self) -> Vec<Event> {
        self.look(0, 0).events
    }

    /// Looks at all targets for what changed. `now_ms` only has to grow.
    pub fn scan(&mut self, now_ms: i64) -> Scan {
        self.look(now_ms, SETTLE_MS)
    }

    fn look(&mut self, now_ms: i64, settle_ms: i64) -> Scan {
        let mut look = Look { parse: &self.parse, now_ms, settle_ms, scan: Scan::default() };
        let mut before = std::mem::take(&mut self.files);
        for target in &self.targets {
            // A directory that is gone has no files.
            for path in target.files().unwrap_or_default() {
                let mut known = before.remove(&path).unwrap_or_default();
                // Named twice, it is looked at once.
                if let Entry::Vacant(entry) = self.files.entry(path) {
                    known.look(entry.key(), Stamp::of(entry.key()), &mut look);
                    entry.insert(known);
                }
            }
        }
        for (path, mut known) in before {
            known.look(&path, None, &mut look);
            if !known.is_gone {
                self.files.insert(path, known);
            }
        }
        look.scan
    }
}

/// One look at all files.
struct Look<'a> {
    parse: &'a Parse,
    now_ms: i64,
    settle_ms: i64,
    scan: Scan,
}

impl Known {
    fn look(&mut self, path: &str, stamp: Option<Stamp>, look: &mut Look<'_>) {
        let origin = || Origin::File(path.to_owned());
        let was_reported = self.fingerprint.is_some() || self.problem.is_some();
        let Some(stamp) = stamp else {
            if !self.is_gone && self.is_settled(look) {
                look.scan.events.push(if was_reported {
                    Event::Removed(origin())
                } else {
                    Event::Loaded(
                        origin(),
                        Err(read(path)
                            .err()
                            .unwrap_or_else(|| LoadProblem::whole_file("the file comes and goes"))),
                    )
                });
                *self = Self { is_gone: true, ..Self::default() };
            }
            return;
        };
        self.is_gone = false;
        let is_same = self.stamp == Some(stamp) && stamp.is_trusted();
        if is_same && self.unsettled_since_ms.is_none() {
            return;
        }
        self.stamp = Some(stamp);
        let text = read(path);
        let fingerprint = text.as_deref().ok().map(fingerprint);
        if fingerprint.is_some() && fingerprint == self.fingerprint {
            self.unsettled_since_ms = None;
            return;
        }
        let parsed = text.and_then(|text| match text.trim() {
            "" => Err(LoadProblem::whole_file("the file is empty")),
            _ => load(path, &text, look.parse),
        });
        match parsed {
            Ok(dashboard) => {
                (self.fingerprint, self.problem, self.unsettled_since_ms) = (fingerprint, None, None);
                look.scan.events.push(Event::Loaded(origin(), Ok(dashboard)));
            }
            Err(problem) => {
                if !self.is_settled(look) {
                    return;
                }
                self.fingerprint = fingerprint;
                if self.problem.as_ref() != Some(&problem) {
                    self.problem = Some(problem.clone());
                    look.scan.events.push(Event::Loaded(origin(), Err(problem)));
                }
            }
        }
    }

    /// Whether the state that is about to be reported lasts long enough; asks for another look if not.
    fn is_settled(&mut self, look: &mut Look<'_>) -> bool {
        let since_ms = *self.unsettled_since_ms.get_or_insert(look.now_ms);
        let left_ms = since_ms + look.settle_ms - look.now_ms;
        if left_ms > 0 {
            let again_in_ms = &mut look.scan.again_in_ms;
            *again_in_ms = Some(again_in_ms.map_or(left_ms, |other_ms| other_ms.min(left_ms)));
            return false;
        }
        self.unsettled_since_ms = None;
        true
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;
    use std::sync::Arc;

    use tempfile::TempDir;

    use super::*;
    use crate::dashboard::Dashboard;
    use crate::format::FILE_LIMIT_BYTES;

    /// The text is the title; one with `bad` in it is broken.
    pub(in crate::runtime) fn parser() -> Parse {
        Arc::new(|_path, text| match text.trim() {
            text if text.contains("bad") => {
                Err(LoadProblem { line: Some(1), column: None, message: text.to_owned() })
            }
            "panic" => panic!("no such luck"),
            text => Ok(Arc::new(Dashboard { title: text.to_owned(), ..Dashboard::default() })),
        })
    }

    pub(in crate::runtime) fn describe(event: &Event) -> String {
        let name = |origin: &Origin| match origin {
            Origin::File(path) => Path::new(path).file_name().unwrap().to_str().unwrap().to_owned(),
            Origin::BuiltIn(name) => name.clone(),
            Origin::Generated => panic!("no file"),
        };
        match event {
            Event::Loaded(origin, Ok(dashboard)) => format!("{}: {}", name(origin), dashboard.title),
            Event::Loaded(origin, Err(problem)) => format!("{}! {}", name(origin), problem.message),
            Event::Removed(origin) => format!("{} removed", name(origin)),
            other => panic!("{other:?}"),
        }
    }

    struct Desk {
        directory: TempDir,
        scanner: Scanner,
        now_ms: i64,
    }

    impl Desk {
        fn new(files: &[(&str, &str)]) -> Self {
            let directory = TempDir::new().unwrap();
            let target = Target::new(directory.path().to_str().unwrap());
            let mut desk =
                Self { scanner: Scanner::new(vec![target], parser()), directory, now_ms: 1_000_000 };
            for (name, text) in files {
                desk.write(name, text);
            }
            desk
        }

        fn write(&mut self, name: &str, text: &str) {
            fs::write(self.directory.path().join(name), text).unwrap();
        }

        fn look(&mut self) -> String {
            let scan = self.scanner.scan(self.now_ms);
            let mut words: Vec<String> = scan.events.iter().map(describe).collect();
            words.extend(scan.again_in_ms.map(|ms| format!("again in {ms}")));
            words.join(", ")
        }

        fn look_after(&mut self, ms: i64) -> String {
            self.now_ms += ms;
            self.look()
        }
    }

    #[test]
    fn files_come_change_and_go() {
        let mut desk = Desk::new(&[
            ("b.yaml", "B"),
            ("a.yml", "A"),
            ("c.json", "J"),
            ("notes.txt", "x"),
            (".a.yaml.swp", "x"),
        ]);
        desk.write(".hidden.yaml", "x");
        assert_eq!(desk.look(), "a.yml: A, b.yaml: B, c.json: J");
        assert_eq!(desk.look(), "");
        desk.write("b.yaml", "B2");
        desk.write("c.yaml", "C");
        assert_eq!(desk.look(), "b.yaml: B2, c.yaml: C");
        fs::remove_file(desk.directory.path().join("a.yml")).unwrap();
        assert_eq!(desk.look(), "again in 300");
        assert_eq!(desk.look_after(300), "a.yml removed");
        assert_eq!(desk.look(), "");
        desk.write("a.yml", "A");
        assert_eq!(desk.look(), "a.yml: A", "it is back");
    }

    #[test]
    fn a_rename_over_the_file_is_a_change() {
        let mut desk = Desk::new(&[("a.yaml", "A")]);
        desk.look();
        desk.write("a.yaml~", "A2");
        let at = |name: &str| desk.directory.path().join(name);
        fs::rename(at("a.yaml~"), at("a.yaml")).unwrap();
        assert_eq!(desk.look(), "a.yaml: A2");
    }

    #[test]
    fn a_save_in_two_steps_shows_no_error_and_a_lasting_one_is_told_once() {
        let mut desk = Desk::new(&[("a.yaml", "A")]);
        desk.look();
        desk.write("a.yaml", "");
        assert_eq!(desk.look(), "again in 300");
        desk.write("a.yaml", "A2");
        assert_eq!(desk.look_after(100), "a.yaml: A2");

        desk.write("a.yaml", "bad 1");
        assert_eq!(desk.look_after(100), "again in 300");
        assert_eq!(desk.look_after(200), "again in 100");
        assert_eq!(desk.look_after(100), "a.yaml! bad 1");
        assert_eq!(desk.look_after(100), "");
        desk.write("a.yaml", "");
        assert_eq!(desk.look_after(100), "again in 300");
        assert_eq!(desk.look_after(300), "a.yaml! the file is empty");
        desk.write("a.yaml", "A2");
        assert_eq!(desk.look_after(100), "a.yaml: A2", "mended by going back");
    }

    #[test]
    fn touching_a_file_is_no_change() {
        let mut desk = Desk::new(&[("a.yaml", "A")]);
        desk.look();
        let file = File::options().append(true).open(desk.directory.path().join("a.yaml")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(desk.look(), "");
    }

    #[test]
    fn the_first_reading_tells_everything_in_the_order_named() {
        let desk = Desk::new(&[("a.yaml", "A"), ("b.yaml", "bad B"), ("c.yaml", "")]);
        let at = |name: &str| desk.directory.path().join(name).to_str().unwrap().to_owned();
        let named = ["none.yaml", "b.yaml", "", "a.yaml"].map(|name| Target::new(&at(name)));
        let mut scanner = Scanner::new(named.to_vec(), parser());
        let told: Vec<String> = scanner.read_all().iter().map(describe).collect();
        assert_eq!(
            told,
            [
                "none.yaml! cannot read the file: No such file or directory (os error 2)",
                "b.yaml! bad B",
                "a.yaml: A",
                "c.yaml! the file is empty",
            ]
        );
        let Scan { events, again_in_ms } = scanner.scan(1_000);
        assert_eq!((events.len(), again_in_ms), (0, None), "and nothing again");
    }

    #[test]
    fn a_configuration_map_is_followed() {
        // What Kubernetes does: a.yaml -> ..data/a.yaml, ..data -> ..1, which is swapped for ..2.
        let mut desk = Desk::new(&[]);
        let root = desk.directory.path().to_owned();
        for (generation, text) in [("..1", "A"), ("..2", "A2")] {
            fs::create_dir(root.join(generation)).unwrap();
            fs::write(root.join(generation).join("a.yaml"), text).unwrap();
        }
        symlink("..1", root.join("..data")).unwrap();
        symlink("..data/a.yaml", root.join("a.yaml")).unwrap();
        assert_eq!(desk.look(), "a.yaml: A");
        symlink("..2", root.join("..next")).unwrap();
        fs::rename(root.join("..next"), root.join("..data")).unwrap();
        assert_eq!(desk.look(), "a.yaml: A2");
    }

    #[test]
    fn odd_files_are_problems_and_nothing_worse() {
        let mut desk = Desk::new(&[("a.yaml", "panic")]);
        fs::write(desk.directory.path().join("b.yaml"), b"one\ntwo\n\xff").unwrap();
        let huge = File::create(desk.directory.path().join("c.yaml")).unwrap();
        huge.set_len(FILE_LIMIT_BYTES as u64 + 1).unwrap();
        fs::create_dir(desk.directory.path().join("d.yaml")).unwrap();
        desk.look();
        assert_eq!(
            desk.look_after(300),
            "a.yaml! a defect of promscope: no such luck, \
             b.yaml! not UTF-8 text; save the file as UTF-8, \
             c.yaml! the file has 1048577 bytes; at most 1048576 are read"
        );
        let path = desk.directory.path().join("b.yaml");
        assert_eq!(read(path.to_str().unwrap()).unwrap_err().line, Some(3));
        assert_eq!(read("/dev/zero").unwrap_err().message, "not a file");
    }
}
