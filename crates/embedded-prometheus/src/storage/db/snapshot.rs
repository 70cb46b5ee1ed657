//! Everything that was committed up to a point, in one file, so that the log before it can go.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::bytes::{Cursor, put_bytes, put_labels, put_signed, put_varint};
use super::chunk::Chunk;
use super::directory::Directory;
use super::frame::{self, FILE_HEADER_BYTES, FileHeader, Kind, Next, Records};
use super::series::Samples;
use crate::model::{Labels, Sample};

const STORE: u8 = 1;
const SERIES: u8 = 2;
const END: u8 = 3;

/// A series in a snapshot.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: u64,
    pub(super) labels: Labels,
    pub(super) samples: Samples,
}

/// What a snapshot says.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) min_valid_ms: i64,
    pub(super) series: Vec<Stored>,
    /// What was wrong with the file, and where.
    pub(super) damage: Option<String>,
    pub(super) bytes: u64,
}

/// Writes a snapshot so that it is either there and whole, or not there. Its size.
pub(super) fn write(
    directory: &Directory,
    number: u64,
    min_valid_ms: i64,
    series: &[Stored],
    pack: bool,
) -> io::Result<u64> {
    let unfinished = directory.unfinished_snapshot(number);
    let written = write_file(&unfinished, number, min_valid_ms, series, pack)
        .and_then(|bytes| std::fs::rename(&unfinished, directory.snapshot(number)).map(|()| bytes));
    if written.is_err() {
        // It takes room that is needed, and is worth nothing. If it stays, the next start removes it.
        let _ = std::fs::remove_file(&unfinished);
    }
    directory.sync()?;
    written
}

fn write_file(path: &Path, number: u64, min_valid_ms: i64, series: &[Stored], pack: bool) -> io::Result<u64> {
    let mut out = BufWriter::new(File::create(path)?);
    let header = frame::file_header(Kind::Snapshot, number);
    out.write_all(&header)?;
    let (mut bytes, mut record) = (header.len() as u64, Vec::new());
    let mut put = |record: &mut Vec<u8>| {
        frame::finish(record).ok_or(io::ErrorKind::FileTooLarge)?;
        bytes += record.len() as u64;
        out.write_all(record)
    };
    frame::begin(&mut record);
    record.push(STORE);
    put_signed(min_valid_ms, &mut record);
    put(&mut record)?;
    for stored in series {
        frame::begin(&mut record);
        record.push(SERIES);
        put_varint(stored.id, &mut record);
        put_labels(&stored.labels, &mut record);
        if pack {
            put_samples(&stored.samples.packed(), &mut record);
        } else {
            put_samples(&stored.samples, &mut record);
        }
        put(&mut record)?;
    }
    frame::begin(&mut record);
    record.push(END);
    put_varint(series.len() as u64, &mut record);
    put(&mut record)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(bytes)
}

fn put_samples(samples: &Samples, out: &mut Vec<u8>) {
    put_varint(samples.chunks.len() as u64, out);
    for chunk in samples.chunks.iter() {
        put_signed(chunk.first_ms(), out);
        put_signed(chunk.last_ms(), out);
        put_varint(chunk.count() as u64, out);
        put_bytes(chunk.data(), out);
    }
    put_varint(samples.open.len() as u64, out);
    let mut before_ms = 0;
    for sample in samples.open.iter() {
        put_signed(sample.time_ms.wrapping_sub(before_ms), out);
        out.extend_from_slice(&sample.value.to_bits().to_le_bytes());
        before_ms = sample.time_ms;
    }
}

/// Reads a snapshot, as far as it can be read. `Err` with the version if it is of another format.
pub(super) fn read(path: &Path, number: u64) -> io::Result<Result<Snapshot, u32>> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut header = Vec::new();
    reader.by_ref().take(FILE_HEADER_BYTES as u64).read_to_end(&mut header)?;
    let mut snapshot = Snapshot { min_valid_ms: i64::MIN, series: Vec::new(), damage: None, bytes };
    match frame::read_file_header(Kind::Snapshot, number, &header) {
        FileHeader::Good => {}
        FileHeader::Version(version) => return Ok(Err(version)),
        FileHeader::Damaged => {
            snapshot.damage = Some("its header is damaged".into());
            return Ok(Ok(snapshot));
        }
    }
    let mut records = Records::new(reader, bytes);
    let mut ended = false;
    loop {
        let offset = records.offset();
        match records.next()? {
            Next::Record(_) if ended => {
                snapshot.damage = Some(format!("there is more after its end at {offset}"));
            }
            Next::Record(record) => match take(record, &mut snapshot) {
                Some(end) => ended = end,
                None => snapshot.damage = Some(format!("the record at offset {offset} makes no sense")),
            },
            Next::End if ended => {}
            Next::End | Next::Torn => snapshot.damage = Some(format!("it ends early, at offset {offset}")),
            Next::Corrupt => snapshot.damage = Some(format!("the record at offset {offset} is corrupt")),
        }
        if snapshot.damage.is_some() || (ended && records.offset() == bytes) {
            return Ok(Ok(snapshot));
        }
    }
}

/// Takes in one record; whether it is the last.
fn take(record: &[u8], snapshot: &mut Snapshot) -> Option<bool> {
    let mut cursor = Cursor::new(record);
    match cursor.byte()? {
        STORE => snapshot.min_valid_ms = cursor.signed()?,
        SERIES => {
            let (id, labels) = (cursor.varint()?, cursor.labels()?);
            let samples = take_samples(&mut cursor)?;
            snapshot.series.push(Stored { id, labels, samples });
        }
        END => return (cursor.varint()? == snapshot.series.len() as u64).then_some(true),
        _ => return None,
    }
    cursor.is_empty().then_some(false)
}

fn take_samples(cursor: &mut Cursor<'_>) -> Option<Samples> {
    let mut chunks = Vec::new();
    let (mut decoded, mut newest_ms) = (Vec::new(), None);
    let mut in_order = |samples: &[Sample]| {
        samples
            .iter()
            .all(|sample| newest_ms.replace(sample.time_ms).is_none_or(|before| before < sample.time_ms))
    };
    for _ in 0..cursor.varint()? {
        let (first_ms, last_ms) = (cursor.signed()?, cursor.signed()?);
        let count = u16::try_from(cursor.varint()?).ok()?;
        let chunk = Chunk::from_parts(first_ms, last_ms, count, cursor.bytes()?);
        // The rest of the store relies on what is checked here.
        decoded.clear();
        chunk.decode_into(&mut decoded).ok()?;
        let ends_as_said = decoded.last().is_some_and(|sample| sample.time_ms == last_ms);
        if !ends_as_said || !in_order(&decoded) {
            return None;
        }
        chunks.push(chunk);
    }
    let mut open = Vec::new();
    let mut time_ms = 0_i64;
    for _ in 0..cursor.varint()? {
        time_ms = time_ms.wrapping_add(cursor.signed()?);
        open.push(Sample::new(time_ms, f64::from_bits(cursor.u64()?)));
    }
    in_order(&open).then(|| Samples { chunks: Arc::new(chunks), open: Arc::new(open) })
}
