//! Reading a directory back: the newest snapshot, then the log after it; what is damaged is cut off or moved aside,
//! and said.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::Repair;
use super::directory::{Directory, Listing};
use super::frame::{self, FILE_HEADER_BYTES, FileHeader, Kind, Next, Records, VERSION};
use super::head::Head;
use super::index::Index;
use super::record::{self, Commit};
use super::series::Series;
use super::snapshot;
use crate::model::{Labels, Sample};
use crate::storage::StorageError;

/// What was found on disk.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) head: Head,
    pub(super) index: Index,
    pub(super) next_id: u64,
    /// Of the file that the log goes on with.
    pub(super) next_log: u64,
    pub(super) log_bytes: u64,
    pub(super) snapshot_bytes: u64,
    pub(super) repairs: Vec<Repair>,
    /// A snapshot that is not whole; what could be read of it is in memory only.
    pub(super) damaged_snapshot: Option<PathBuf>,
}

/// Reads what is in the directory.
pub(super) fn recover(directory: &Directory) -> Result<Recovered, StorageError> {
    let listing = directory.list()?;
    let mut loader = Loader { next_id: 1, ..Loader::default() };
    let mut recovered = Recovered::default();
    let first_log = load_snapshot(directory, &listing, &mut loader, &mut recovered)?;
    let io_error = |cause: io::Error| directory.error("read", &cause);
    for &superseded in listing.logs.iter().filter(|&&number| number < first_log) {
        fs::remove_file(directory.log(superseded)).map_err(io_error)?;
    }
    let logs: Vec<u64> = listing.logs.into_iter().filter(|&number| number >= first_log).collect();
    recovered.next_log = first_log;
    let mut broken = false;
    for (at, &number) in logs.iter().enumerate() {
        let path = directory.log(number);
        if broken {
            let message = "came after a damaged file of the log; moved aside";
            move_aside(&path, message, &mut recovered.repairs).map_err(io_error)?;
            continue;
        }
        // The snapshot that stands in for a damaged one takes a number, and the log begins with the same.
        let is_next = number == recovered.next_log
            || at == 0 && recovered.damaged_snapshot.is_some() && number == first_log + 1;
        if !is_next {
            let missing = format!("the log has no files {} to {}", recovered.next_log, number - 1);
            let message = format!("{missing}; what was in them is lost, the files after them were read");
            recovered.repairs.push(Repair { path: directory.path().to_owned(), message });
        }
        let is_last = at + 1 == logs.len();
        broken = load_log(&path, number, is_last, &mut loader, &mut recovered)?;
        // What was removed or moved aside leaves its number to what is written next.
        recovered.next_log = number + u64::from(path.exists());
    }
    if recovered.damaged_snapshot.is_some() {
        // The new snapshot must not get the name of the damaged one.
        recovered.next_log = recovered.next_log.max(first_log + 1);
    }
    Ok(loader.finish(directory, recovered))
}

/// Loads the newest snapshot; the number of the first file of the log that comes after it.
fn load_snapshot(
    directory: &Directory,
    listing: &Listing,
    loader: &mut Loader,
    recovered: &mut Recovered,
) -> Result<u64, StorageError> {
    let Some((&number, older)) = listing.snapshots.split_last() else { return Ok(1) };
    let path = directory.snapshot(number);
    let read = snapshot::read(&path, number).map_err(|cause| directory.error("read", &cause))?;
    let snapshot = read.map_err(|version| other_version(&path, version))?;
    let count = snapshot.series.len();
    loader.head.min_valid_ms = snapshot.min_valid_ms;
    for stored in snapshot.series {
        loader.next_id = loader.next_id.max(stored.id.saturating_add(1));
        if let Some(series) = Series::restored(stored.id, stored.labels, stored.samples) {
            loader.insert(series);
        }
    }
    recovered.snapshot_bytes = snapshot.bytes;
    if let Some(damage) = snapshot.damage {
        let message = format!("the snapshot is damaged ({damage}); {count} series before that were kept");
        recovered.repairs.push(Repair { path: path.clone(), message });
        recovered.damaged_snapshot = Some(path);
    } else {
        for &superseded in older {
            fs::remove_file(directory.snapshot(superseded))
                .map_err(|cause| directory.error("read", &cause))?;
        }
    }
    Ok(number)
}

fn other_version(path: &Path, version: u32) -> StorageError {
    StorageError {
        message: format!(
            "{} has format version {version}, and this program reads version {VERSION} only; \
             use the program that wrote it, or another data directory",
            path.display()
        ),
    }
}

/// Loads one file of the log, and cuts off what is damaged. Whether what comes after it must not be read.
fn load_log(
    path: &Path,
    number: u64,
    is_last: bool,
    loader: &mut Loader,
    recovered: &mut Recovered,
) -> Result<bool, StorageError> {
    let failed = |cause: io::Error| StorageError {
        message: format!(
            "cannot read or repair {}: {cause}; check its permissions and the disk",
            path.display()
        ),
    };
    let file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    let mut reader = BufReader::new(file);
    let mut header = Vec::new();
    reader.by_ref().take(FILE_HEADER_BYTES as u64).read_to_end(&mut header).map_err(failed)?;
    match frame::read_file_header(Kind::Log, number, &header) {
        FileHeader::Good => {}
        FileHeader::Version(version) => return Err(other_version(path, version)),
        FileHeader::Damaged if is_last && bytes < FILE_HEADER_BYTES as u64 => {
            fs::remove_file(path).map_err(failed)?;
            let message = format!("torn at offset {bytes}, before its first record; removed");
            recovered.repairs.push(Repair { path: path.to_owned(), message });
            return Ok(false);
        }
        FileHeader::Damaged => {
            move_aside(path, "its header is damaged; moved aside", &mut recovered.repairs).map_err(failed)?;
            return Ok(true);
        }
    }
    let mut records = Records::new(reader, bytes);
    let mut kept = 0_u64;
    let (offset, torn) = loop {
        let offset = records.offset();
        match records.next().map_err(failed)? {
            Next::Record(payload) => match record::read(payload) {
                Some(commit) => loader.apply(commit),
                None => break (offset, false),
            },
            Next::End => {
                recovered.log_bytes += bytes;
                return Ok(false);
            }
            Next::Torn => break (offset, true),
            Next::Corrupt => break (offset, false),
        }
        kept += 1;
    };
    recovered.log_bytes += offset;
    let message = if torn && is_last {
        format!(
            "torn at offset {offset}: the {kept} commits before were kept, {} bytes cut off",
            bytes - offset
        )
    } else {
        let aside = save_aside(path, offset).map_err(failed)?;
        format!(
            "corrupt at offset {offset}: the {kept} commits before were kept, {} bytes moved to {}",
            bytes - offset,
            aside.display()
        )
    };
    let file = File::options().write(true).open(path).map_err(failed)?;
    file.set_len(offset).and_then(|()| file.sync_all()).map_err(failed)?;
    recovered.repairs.push(Repair { path: path.to_owned(), message });
    Ok(!is_last)
}

/// Copies what is at `offset` and after to a file of its own.
fn save_aside(path: &Path, offset: u64) -> io::Result<PathBuf> {
    let aside = Directory::aside(path, offset);
    let mut from = File::open(path)?;
    io::Seek::seek(&mut from, io::SeekFrom::Start(offset))?;
    let mut to = File::create(&aside)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()?;
    Ok(aside)
}

fn move_aside(path: &Path, message: &str, repairs: &mut Vec<Repair>) -> io::Result<()> {
    let aside = Directory::aside(path, 0);
    fs::rename(path, &aside)?;
    repairs.push(Repair { path: path.to_owned(), message: format!("{message} to {}", aside.display()) });
    Ok(())
}

/// Where the samples of a series in the log go.
#[derive(Debug)]
enum Target {
    Slot(u32),
    /// Nowhere yet, as there is no sample yet.
    New(Labels),
}

/// Puts series together again.
#[derive(Debug, Default)]
struct Loader {
    head: Head,
    slots: HashMap<Labels, u32>,
    targets: HashMap<u64, Target>,
    next_id: u64,
    /// Samples of series whose labels were lost.
    unknown: u64,
}

impl Loader {
    fn insert(&mut self, series: Series) -> u32 {
        let slot = super::head::slot_of(self.head.reserve());
        self.slots.insert(series.labels.clone(), slot);
        self.targets.insert(series.id, Target::Slot(slot));
        self.head.insert(slot, series);
        slot
    }

    fn apply(&mut self, commit: Commit) {
        for (id, labels) in commit.series {
            self.next_id = self.next_id.max(id.saturating_add(1));
            let target = self.slots.get(&labels).map_or(Target::New(labels), |&slot| Target::Slot(slot));
            self.targets.insert(id, target);
        }
        for (id, sample) in commit.samples {
            self.sample(id, sample);
        }
    }

    fn sample(&mut self, id: u64, sample: Sample) {
        let slot = match self.targets.get(&id) {
            None => {
                self.unknown += 1;
                return;
            }
            Some(Target::New(labels)) => {
                // Two names in the log for one series: it went away in between, and both bring samples.
                if let Some(&slot) = self.slots.get(labels) {
                    self.targets.insert(id, Target::Slot(slot));
                    slot
                } else {
                    let series = Series::new(id, labels.clone(), sample);
                    self.insert(series);
                    return;
                }
            }
            Some(&Target::Slot(slot)) => slot,
        };
        let newest_ms = self.head.get(slot).map(|series| series.newest().time_ms);
        if newest_ms.is_some_and(|newest_ms| sample.time_ms > newest_ms)
            && self.head.push(slot, sample, 0)
            && let Some(compacted) = self.head.get(slot).map(|series| series.samples().compacted())
        {
            self.head.replace(slot, compacted);
        }
    }

    fn finish(self, directory: &Directory, mut recovered: Recovered) -> Recovered {
        if self.unknown > 0 {
            let message = format!(
                "{} samples of the log belong to series whose labels were lost; left out",
                self.unknown
            );
            recovered.repairs.push(Repair { path: directory.path().to_owned(), message });
        }
        recovered.index.insert(self.slots.into_iter().collect());
        recovered.head = self.head;
        recovered.next_id = self.next_id;
        recovered
    }
}
