//! The directory of a store: the names of its files, and its lock.
//!
//! | file | what |
//! |---|---|
//! | `lock` | held by the process that has the store open |
//! | `log-00000007` | commits, in the order they were made; the numbers rise |
//! | `snapshot-00000007` | everything that was committed before `log-00000007` |
//! | `*.part` | a snapshot that was not finished; removed at the next start |
//! | `*.corrupt` | damaged bytes moved aside at a start; never read again |

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::storage::StorageError;

/// A directory that this process alone uses.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Unlocked when it is closed, by the operating system if need be.
    _lock: File,
}

/// The numbers of the files found, ascending.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) logs: Vec<u64>,
    pub(super) snapshots: Vec<u64>,
}

const LOG: &str = "log-";
const SNAPSHOT: &str = "snapshot-";
const PART: &str = ".part";

/// Of damage at the same place of the same file, this often is kept what was moved aside.
const MAX_ASIDE: u32 = 100;

impl Directory {
    /// Makes the directory if it is not there, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, StorageError> {
        fs::create_dir_all(path).map_err(|cause| StorageError {
            message: format!(
                "cannot make the data directory {}: {cause}; give one that can be written",
                path.display()
            ),
        })?;
        let lock_path = path.join("lock");
        let lock =
            File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(|cause| {
                StorageError {
                    message: format!(
                        "cannot open {}: {cause}; give a data directory that can be written",
                        lock_path.display()
                    ),
                }
            })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StorageError {
                message: format!(
                    "the data directory {} is in use by another process; stop that one, or give another directory",
                    path.display()
                ),
            }),
            Err(TryLockError::Error(cause)) => Err(StorageError {
                message: format!(
                    "cannot lock {}: {cause}; give a data directory on a file system with locks",
                    lock_path.display()
                ),
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn log(&self, number: u64) -> PathBuf {
        self.path.join(format!("{LOG}{number:08}"))
    }

    pub(super) fn snapshot(&self, number: u64) -> PathBuf {
        self.path.join(format!("{SNAPSHOT}{number:08}"))
    }

    pub(super) fn unfinished_snapshot(&self, number: u64) -> PathBuf {
        self.path.join(format!("{SNAPSHOT}{number:08}{PART}"))
    }

    /// Where what was at `offset` of `path` and after is moved.
    pub(super) fn aside(path: &Path, offset: u64) -> PathBuf {
        let named = |times: u32| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{offset}.{times}.corrupt"));
            PathBuf::from(name)
        };
        // What an earlier start moved aside stays.
        (0..MAX_ASIDE).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(MAX_ASIDE))
    }

    /// What is there. Removes unfinished snapshots: what they would hold is in the log.
    pub(super) fn list(&self) -> Result<Listing, StorageError> {
        let listed = || {
            let mut listing = Listing::default();
            for entry in fs::read_dir(&self.path)? {
                let name = entry?.file_name();
                let Some(name) = name.to_str() else { continue };
                if name.starts_with(SNAPSHOT) && name.ends_with(PART) {
                    fs::remove_file(self.path.join(name))?;
                }
                let number =
                    |prefix| name.strip_prefix(prefix).and_then(|digits: &str| digits.parse::<u64>().ok());
                listing.logs.extend(number(LOG));
                listing.snapshots.extend(number(SNAPSHOT));
            }
            listing.logs.sort_unstable();
            listing.snapshots.sort_unstable();
            io::Result::Ok(listing)
        };
        listed().map_err(|cause| self.error("read", &cause))
    }

    /// Bytes of all files of the store.
    pub(super) fn bytes(&self) -> u64 {
        let Ok(entries) = fs::read_dir(&self.path) else { return 0 };
        entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum()
    }

    /// Makes renamed, new and removed files last.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// What went wrong with the directory as a whole.
    pub(super) fn error(&self, what: &str, cause: &io::Error) -> StorageError {
        StorageError {
            message: format!(
                "cannot {what} the data directory {}: {cause}; free space there and check its permissions",
                self.path.display()
            ),
        }
    }
}
