//! How files are put together: a header that says what the file is, then records, each with its length and a
//! checksum.

use std::io::{self, Read};

use super::bytes::Cursor;

/// The format that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// Length and checksum before each record.
pub(super) const HEADER_BYTES: usize = 8;

/// A longer record is taken for corruption; a commit that would be longer is refused.
pub(super) const MAX_RECORD_BYTES: usize = 256 << 20;

/// Kind, version, number, checksum.
pub(super) const FILE_HEADER_BYTES: usize = 24;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Log,
    Snapshot,
}

impl Kind {
    fn magic(self) -> [u8; 8] {
        match self {
            Self::Log => *b"EMBPROMW",
            Self::Snapshot => *b"EMBPROMS",
        }
    }
}

/// The first bytes of a file.
pub(super) fn file_header(kind: Kind, number: u64) -> Vec<u8> {
    let mut header = kind.magic().to_vec();
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&number.to_le_bytes());
    header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    header
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileHeader {
    Good,
    /// Another format, surely: the checksum is right.
    Version(u32),
    Damaged,
}

/// Reads a file's header.
pub(super) fn read_file_header(kind: Kind, number: u64, bytes: &[u8]) -> FileHeader {
    let parse = || {
        let mut cursor = Cursor::new(bytes);
        let magic = cursor.take(8)?;
        let (version, found) = (cursor.u32()?, cursor.u64()?);
        let right = crc32fast::hash(bytes.get(..20)?) == cursor.u32()? && magic == kind.magic();
        right.then_some((version, found))
    };
    match parse() {
        Some((version, _)) if version != VERSION => FileHeader::Version(version),
        Some((_, found)) if found == number => FileHeader::Good,
        _ => FileHeader::Damaged,
    }
}

/// Clears `frame` and leaves room for length and checksum.
pub(super) fn begin(frame: &mut Vec<u8>) {
    frame.clear();
    frame.resize(HEADER_BYTES, 0);
}

/// Writes length and checksum of what was put in since [`begin`]. `None` if that is too much for one record.
pub(super) fn finish(frame: &mut [u8]) -> Option<()> {
    let (header, payload) = frame.split_at_mut_checked(HEADER_BYTES)?;
    if payload.len() > MAX_RECORD_BYTES {
        return None;
    }
    let length = (payload.len() as u32).to_le_bytes();
    header[..4].copy_from_slice(&length);
    header[4..].copy_from_slice(&checksum(length, payload).to_le_bytes());
    Some(())
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    Record(&'a [u8]),
    End,
    /// The file ends within a record.
    Torn,
    /// Something else than a record.
    Corrupt,
}

/// Reads records one after the other.
#[derive(Debug)]
pub(super) struct Records<R> {
    reader: R,
    /// Where the next record begins, from the start of the file.
    offset: u64,
    file_bytes: u64,
    payload: Vec<u8>,
}

impl<R: Read> Records<R> {
    /// The records of a file of `file_bytes` whose header has been read.
    pub(super) fn new(reader: R, file_bytes: u64) -> Self {
        Self { reader, offset: FILE_HEADER_BYTES as u64, file_bytes, payload: Vec::new() }
    }

    /// Where the record begins that comes next, or that was bad.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next record.
    pub(super) fn next(&mut self) -> io::Result<Next<'_>> {
        let left = self.file_bytes.saturating_sub(self.offset);
        if left == 0 {
            return Ok(Next::End);
        }
        if left < HEADER_BYTES as u64 {
            return Ok(Next::Torn);
        }
        let (mut length, mut expected) = ([0; 4], [0; 4]);
        self.reader.read_exact(&mut length)?;
        self.reader.read_exact(&mut expected)?;
        let expected = u32::from_le_bytes(expected);
        let bytes = u32::from_le_bytes(length) as usize;
        let frame_bytes = (HEADER_BYTES + bytes) as u64;
        if bytes > MAX_RECORD_BYTES {
            return Ok(Next::Corrupt);
        }
        if frame_bytes > left {
            return Ok(Next::Torn);
        }
        self.payload.resize(bytes, 0);
        self.reader.read_exact(&mut self.payload)?;
        if checksum(length, &self.payload) != expected {
            // After a power cut the last record may have its length and not its content.
            return Ok(if frame_bytes == left { Next::Torn } else { Next::Corrupt });
        }
        self.offset += frame_bytes;
        Ok(Next::Record(&self.payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        begin(&mut frame);
        frame.extend_from_slice(payload);
        finish(&mut frame).unwrap();
        frame
    }

    #[test]
    fn records_come_back_up_to_the_torn_one() {
        let bytes = [framed(b"one"), framed(b""), framed(b"three")].concat();
        for cut in 0..=bytes.len() {
            let mut records = Records::new(&bytes[..cut], (FILE_HEADER_BYTES + cut) as u64);
            let mut found = Vec::new();
            let last = loop {
                match records.next().unwrap() {
                    Next::Record(payload) => found.push(payload.to_vec()),
                    Next::End => break Next::End,
                    Next::Torn => break Next::Torn,
                    Next::Corrupt => panic!("cut at {cut}"),
                }
            };
            let whole = [11, 19, 32].iter().filter(|&&end| end <= cut).count();
            assert_eq!(found.len(), whole, "cut at {cut}");
            assert_eq!(last == Next::End, [0, 11, 19, 32].contains(&cut), "cut at {cut}");
        }
    }

    #[test]
    fn a_changed_bit_is_noticed() {
        let good = [framed(b"one"), framed(b"two")].concat();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut records = Records::new(&bytes[..], (FILE_HEADER_BYTES + bytes.len()) as u64);
            let mut whole = 0;
            while let Next::Record(payload) = records.next().unwrap() {
                assert_eq!(payload, if whole == 0 { b"one" } else { b"two" });
                whole += 1;
            }
            assert_eq!(whole, bit / 8 / 11, "bit {bit}");
        }
    }

    #[test]
    fn headers_say_what_the_file_is() {
        let header = file_header(Kind::Log, 7);
        assert_eq!(header.len(), FILE_HEADER_BYTES);
        assert_eq!(read_file_header(Kind::Log, 7, &header), FileHeader::Good);
        assert_eq!(read_file_header(Kind::Log, 8, &header), FileHeader::Damaged);
        assert_eq!(read_file_header(Kind::Snapshot, 7, &header), FileHeader::Damaged);
        assert_eq!(read_file_header(Kind::Log, 7, &header[..23]), FileHeader::Damaged);
        let mut newer = header[..20].to_vec();
        newer[8] = 2;
        newer.extend_from_slice(&crc32fast::hash(&newer).to_le_bytes());
        assert_eq!(read_file_header(Kind::Log, 7, &newer), FileHeader::Version(2));
    }
}
