//! The write-ahead log: commits, appended to files of bounded size.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use super::directory::Directory;
use super::frame::{self, Kind};
use crate::storage::StorageError;

/// A file that is longer than this is followed by a new one.
const SEGMENT_BYTES: u64 = 8 << 20;

/// The end of the log, where it is written.
#[derive(Debug)]
pub(super) struct Log {
    directory: Arc<Directory>,
    /// Of the file that is written, or will be.
    number: u64,
    /// `None` until there is something to write to it.
    file: Option<Arc<File>>,
    /// What of the file is whole.
    file_bytes: u64,
    /// Whether there may be a part of a record after that.
    torn: bool,
    /// What was written and not yet made to last.
    unsynced: Vec<Arc<File>>,
    /// Whether a file was made whose name is not made to last.
    unsynced_name: bool,
    /// Bytes since the last checkpoint.
    bytes: u64,
}

impl Log {
    /// A log that goes on with a new file. `bytes` is what the files before it have.
    pub(super) fn new(directory: Arc<Directory>, number: u64, bytes: u64) -> Self {
        Self {
            directory,
            number,
            file: None,
            file_bytes: 0,
            torn: false,
            unsynced: Vec::new(),
            unsynced_name: false,
            bytes,
        }
    }

    /// Bytes since the last checkpoint.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends a record, as [`frame::begin`] and what follows have made it. After an error the log is as before.
    pub(super) fn append(&mut self, record: &mut [u8]) -> Result<(), StorageError> {
        if frame::finish(record).is_none() {
            return Err(StorageError {
                message: format!(
                    "a commit of {} bytes is more than the log takes at once ({} bytes); commit smaller batches",
                    record.len(),
                    frame::MAX_RECORD_BYTES
                ),
            });
        }
        self.write(record).map_err(|cause| StorageError {
            message: format!(
                "cannot write to the log in {}: {cause}; free space there or give another data directory. \
                 What was committed before is kept, and new samples are as soon as it can be written again",
                self.directory.path().display()
            ),
        })
    }

    fn write(&mut self, record: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(self.create()?);
        }
        let Some(file) = self.file.clone() else { return Ok(()) };
        if self.torn {
            file.set_len(self.file_bytes)?;
            self.torn = false;
        }
        if let Err(error) = (&*file).write_all(record) {
            self.torn = file.set_len(self.file_bytes).is_err();
            return Err(error);
        }
        self.file_bytes += record.len() as u64;
        self.bytes += record.len() as u64;
        if self.unsynced.last().is_none_or(|last| !Arc::ptr_eq(last, &file)) {
            self.unsynced.push(file);
        }
        if self.file_bytes >= SEGMENT_BYTES {
            self.rotate();
        }
        Ok(())
    }

    fn create(&mut self) -> io::Result<Arc<File>> {
        let path = self.directory.log(self.number);
        // Numbers are given out once, so that there can only be the remains of a failed attempt.
        drop(File::create(&path)?);
        let file = File::options().append(true).open(&path)?;
        let header = frame::file_header(Kind::Log, self.number);
        (&file).write_all(&header)?;
        self.unsynced_name = true;
        (self.file_bytes, self.torn) = (header.len() as u64, false);
        Ok(Arc::new(file))
    }

    /// What is written from now on goes to a new file.
    fn rotate(&mut self) {
        if self.file.take().is_some() {
            self.number += 1;
        }
    }

    /// What is written from now on goes to a new file, whose number is returned, and is counted from zero.
    pub(super) fn begin_anew(&mut self) -> u64 {
        self.rotate();
        self.bytes = 0;
        self.number
    }

    /// Counts what a checkpoint that failed did not make superfluous.
    pub(super) fn count_again(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// The files that are to be synced, and whether the directory is.
    pub(super) fn take_unsynced(&mut self) -> (Vec<Arc<File>>, bool) {
        (std::mem::take(&mut self.unsynced), std::mem::take(&mut self.unsynced_name))
    }
}
