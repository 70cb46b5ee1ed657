//! Hot reload: notices that dashboard files may have changed and lets [`super::scan`] look.
//!
//! Directories are watched, not files: editors replace a file by renaming another over it. Where the system cannot
//! notify (a limit is reached) or does not (network file systems), the files' stamps are looked at every second.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::scan::{Scan, Scanner, Target, is_dashboard_name};
use crate::app::Event;

/// Changes come in swarms; this much after the first of them the files are looked at.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// Period of looking where nothing notifies.
const POLL_PERIOD: Duration = Duration::from_secs(1);

/// Changes on their way to the loop.
const QUEUE_LIMIT: usize = 64;

/// Directories that are watched at once.
const WATCHES_LIMIT: usize = 256;

/// Starts watching what `scanner` looks at; changes since its last look are told first. The channel closes when
/// nothing can be watched. Needs a tokio runtime.
pub fn start(scanner: Scanner) -> mpsc::Receiver<Event> {
    let (events, receiver) = mpsc::channel(QUEUE_LIMIT);
    tokio::spawn(watch(scanner, events));
    receiver
}

async fn watch(mut scanner: Scanner, events: mpsc::Sender<Event>) {
    let changed = Arc::new(Notify::new());
    let mut notifier = Notifier::new(scanner.targets(), &changed);
    let started = Instant::now();
    loop {
        // Watched before it is looked at, so that no change falls between the two.
        let period = if notifier.follow() { None } else { Some(POLL_PERIOD) };
        let now_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let scan;
        match tokio::task::spawn_blocking(move || (scanner.scan(now_ms), scanner)).await {
            Ok(done) => (scan, scanner) = done,
            Err(error) => {
                let message = format!("dashboards are no longer reloaded: {error}");
                let _ = events.send(Event::WatchFailed(message)).await;
                return;
            }
        }
        let Scan { events: found, again_in_ms } = scan;
        for event in found {
            if events.send(event).await.is_err() {
                return;
            }
        }
        let again = again_in_ms.map(|ms| Duration::from_millis(ms.unsigned_abs()));
        let patience = again.into_iter().chain(period).min();
        tokio::select! {
            () = changed.notified() => {
                tokio::time::sleep(DEBOUNCE).await;
            }
            () = sleep_or_not(patience) => {}
            () = events.closed() => return,
        }
    }
}

async fn sleep_or_not(patience: Option<Duration>) {
    match patience {
        Some(patience) => tokio::time::sleep(patience).await,
        None => std::future::pending().await,
    }
}

/// The system's notification, as far as there is one.
struct Notifier {
    targets: Vec<PathBuf>,
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Notifier {
    fn new(targets: &[Target], changed: &Arc<Notify>) -> Self {
        let paths: Vec<PathBuf> = targets.iter().map(|target| absolute(Path::new(target.path()))).collect();
        let relevant = paths.clone();
        let changed = Arc::clone(changed);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| is_relevant(&event, &relevant)) {
                changed.notify_one();
            }
        });
        let watcher = watcher.inspect_err(|error| tracing::info!(%error, "files are polled")).ok();
        Self { targets: paths, watcher, watched: BTreeSet::new() }
    }

    /// Watches the directories that matter now; symbolic links may have been turned since the last time. Returns
    /// false where looking from time to time is needed all the same.
    fn follow(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let mut wanted = BTreeSet::new();
        for target in &self.targets {
            directories(target, &mut wanted);
        }
        let is_complete = wanted.len() <= WATCHES_LIMIT;
        wanted = wanted.into_iter().take(WATCHES_LIMIT).collect();
        for gone in self.watched.difference(&wanted) {
            // It may not exist any more, which is as good.
            let _ = watcher.unwatch(gone);
        }
        let mut is_noticed = is_complete;
        for directory in &wanted {
            // Again each time: it may be another directory of the same name by now.
            if let Err(error) = watcher.watch(directory, RecursiveMode::NonRecursive) {
                tracing::info!(%error, directory = %directory.display(), "files are polled");
                is_noticed = false;
            }
            is_noticed &= !is_remote(directory);
        }
        self.watched = wanted;
        is_noticed
    }
}

/// Whether something may have changed that a dashboard is read from.
fn is_relevant(event: &notify::Event, targets: &[PathBuf]) -> bool {
    match event.kind {
        // What reading a file brings about; it would look again and again.
        EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write) => return false,
        _ if event.need_rescan() || event.paths.is_empty() => return true,
        _ => {}
    }
    event.paths.iter().any(|path| {
        let hidden_link = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
        hidden_link || is_dashboard_name(path) || targets.iter().any(|target| target.starts_with(path))
            // A file behind a link, whose own name may be any.
            || !targets.iter().any(|target| path.starts_with(target) || path.parent() == target.parent())
    })
}

/// The directories in which a change can concern `path`: its own, those of the links on the way to it, and those of
/// what it really is.
fn directories(path: &Path, found: &mut BTreeSet<PathBuf>) {
    let mut add = |path: &Path| {
        if path.is_dir() {
            found.insert(path.to_owned());
        }
    };
    let mut so_far = PathBuf::new();
    for component in path.components() {
        if so_far.join(component).is_symlink() {
            add(&so_far);
        }
        so_far.push(component);
    }
    let real = path.canonicalize();
    for path in [Some(path), real.as_deref().ok()].into_iter().flatten() {
        add(path);
        if let Some(parent) = path.parent() {
            add(parent);
        }
    }
}

/// Without `.` and with a root; `..` stays, since it may stand behind a link.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.components().filter(|component| *component != Component::CurDir).collect()
}

/// Whether changes made on another machine (or outside of a container) are not notified here.
#[cfg(target_os = "linux")]
fn is_remote(directory: &Path) -> bool {
    // NFS, SMB 1 to 3, FUSE (sshfs, virtiofs), 9P, AFS, Ceph, VirtualBox shared folders: linux/magic.h.
    const REMOTE: [u32; 9] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x0102_1997,
        0x5346_414f,
        0x00c3_6400,
        0x786f_4256,
    ];
    rustix::fs::statfs(directory).is_ok_and(|found| REMOTE.contains(&(found.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_remote(_directory: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::super::scan::tests::{describe, parser};
    use super::*;

    /// Far more than it takes; the tests end with the event and not with the time.
    const PATIENCE: Duration = Duration::from_secs(20);

    async fn next(events: &mut mpsc::Receiver<Event>) -> String {
        let event = tokio::time::timeout(PATIENCE, events.recv()).await.expect("a change is noticed");
        describe(&event.expect("watching goes on"))
    }

    fn begin(target: &Path) -> mpsc::Receiver<Event> {
        start(Scanner::new(vec![Target::new(target.to_str().unwrap())], parser()))
    }

    #[tokio::test]
    async fn a_directory_is_watched() {
        let directory = TempDir::new().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("a.yaml"), "A").unwrap();
        let mut events = begin(directory.path());
        assert_eq!(next(&mut events).await, "a.yaml: A");
        fs::write(at("a.yaml"), "A2").unwrap();
        assert_eq!(next(&mut events).await, "a.yaml: A2");
        fs::write(at("a.new"), "A3").unwrap();
        fs::rename(at("a.new"), at("a.yaml")).unwrap();
        assert_eq!(next(&mut events).await, "a.yaml: A3");
        fs::write(at("b.yml"), "B").unwrap();
        assert_eq!(next(&mut events).await, "b.yml: B");
        fs::remove_file(at("a.yaml")).unwrap();
        assert_eq!(next(&mut events).await, "a.yaml removed");
    }

    #[tokio::test]
    async fn a_directory_that_is_replaced_is_still_watched() {
        let root = TempDir::new().unwrap();
        let directory = root.path().join("dashboards");
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join("a.yaml"), "A").unwrap();
        let mut events = begin(&directory);
        assert_eq!(next(&mut events).await, "a.yaml: A");
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(next(&mut events).await, "a.yaml removed");
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join("b.yaml"), "B").unwrap();
        assert_eq!(next(&mut events).await, "b.yaml: B");
        fs::write(directory.join("b.yaml"), "B2").unwrap();
        assert_eq!(next(&mut events).await, "b.yaml: B2");
    }

    #[tokio::test]
    async fn links_are_followed_from_both_ends() {
        let root = TempDir::new().unwrap();
        for (generation, text) in [("1", "A"), ("2", "A2")] {
            fs::create_dir(root.path().join(generation)).unwrap();
            fs::write(root.path().join(generation).join("a.yaml"), text).unwrap();
        }
        symlink("1", root.path().join("current")).unwrap();
        let mut events = begin(&root.path().join("current/a.yaml"));
        assert_eq!(next(&mut events).await, "a.yaml: A");
        symlink("2", root.path().join("next")).unwrap();
        fs::rename(root.path().join("next"), root.path().join("current")).unwrap();
        assert_eq!(next(&mut events).await, "a.yaml: A2");
        fs::write(root.path().join("2/a.yaml"), "A3").unwrap();
        assert_eq!(next(&mut events).await, "a.yaml: A3");
    }

    #[tokio::test]
    async fn a_file_is_found_once_it_is_there() {
        let root = TempDir::new().unwrap();
        let mut events = begin(&root.path().join("later.yaml"));
        fs::write(root.path().join("later.yaml"), "L").unwrap();
        let first = next(&mut events).await;
        // Whether the first look came before the file was written is a matter of luck.
        let found = if first.contains("cannot read") { next(&mut events).await } else { first };
        assert_eq!(found, "later.yaml: L");
    }

    #[test]
    fn reading_and_strangers_are_not_relevant() {
        let targets = [PathBuf::from("/home/me/dashboards")];
        let event = |kind, path: &str| notify::Event::new(kind).add_path(PathBuf::from(path));
        let modify = EventKind::Modify(notify::event::ModifyKind::Any);
        let open = EventKind::Access(AccessKind::Open(AccessMode::Any));
        for (kind, path, expected) in [
            (modify, "/home/me/dashboards/a.yaml", true),
            (modify, "/home/me/dashboards/..data", true),
            (modify, "/home/me/dashboards", true),
            (modify, "/home/me/.bash_history", false),
            (modify, "/home/me/dashboards/.a.yaml.swp", false),
            (open, "/home/me/dashboards/a.yaml", false),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), "/home/me/dashboards/a.yaml", true),
        ] {
            assert_eq!(is_relevant(&event(kind, path), &targets), expected, "{path}");
        }
    }
}
