//! The record of one commit in the log: the series that the log does not know yet, and the samples.

use super::bytes::{Cursor, put_labels, put_signed, put_varint};
use super::frame;
use crate::model::{Labels, Sample};

/// One commit.
const COMMIT: u8 = 1;

const SERIES: u8 = 1;
const SAMPLES: u8 = 2;

/// Puts a record together, in a buffer that is used again.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    frame: &'a mut Vec<u8>,
    id: u64,
    time_ms: i64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(frame: &'a mut Vec<u8>) -> Self {
        frame::begin(frame);
        frame.push(COMMIT);
        Self { frame, id: 0, time_ms: 0 }
    }

    /// A series that samples of this record or of later ones belong to. All of them come before the samples.
    pub(super) fn series(&mut self, id: u64, labels: &Labels) {
        self.frame.push(SERIES);
        put_varint(id, self.frame);
        put_labels(labels, self.frame);
    }

    /// From here on there are samples, that many.
    pub(super) fn begin_samples(&mut self, count: usize) {
        self.frame.push(SAMPLES);
        put_varint(count as u64, self.frame);
    }

    pub(super) fn sample(&mut self, id: u64, sample: Sample) {
        put_signed(id.wrapping_sub(self.id) as i64, self.frame);
        put_signed(sample.time_ms.wrapping_sub(self.time_ms), self.frame);
        self.frame.extend_from_slice(&sample.value.to_bits().to_le_bytes());
        (self.id, self.time_ms) = (id, sample.time_ms);
    }
}

/// What a record says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Commit {
    pub(super) series: Vec<(u64, Labels)>,
    pub(super) samples: Vec<(u64, Sample)>,
}

/// Takes a record apart. `None` if it is not what [`Writer`] writes.
pub(super) fn read(payload: &[u8]) -> Option<Commit> {
    let mut cursor = Cursor::new(payload);
    let mut commit = Commit::default();
    if cursor.byte()? != COMMIT {
        return None;
    }
    loop {
        match cursor.byte()? {
            SERIES => commit.series.push((cursor.varint()?, cursor.labels()?)),
            SAMPLES => break,
            _ => return None,
        }
    }
    let count = cursor.varint()?;
    let (mut id, mut time_ms) = (0_u64, 0_i64);
    for _ in 0..count {
        id = id.wrapping_add(cursor.signed()? as u64);
        time_ms = time_ms.wrapping_add(cursor.signed()?);
        commit.samples.push((id, Sample::new(time_ms, f64::from_bits(cursor.u64()?))));
    }
    cursor.is_empty().then_some(commit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(
            ids in prop::collection::vec(any::<u64>(), 0..4),
            samples in prop::collection::vec((any::<u64>(), any::<i64>(), -1e9..1e9), 0..20),
            noise in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut expected = Commit::default();
            let mut frame = Vec::new();
            let mut writer = Writer::new(&mut frame);
            for id in ids {
                let labels = Labels::from_pairs([("id", id.to_string())]);
                writer.series(id, &labels);
                expected.series.push((id, labels));
            }
            writer.begin_samples(samples.len());
            for (id, time_ms, value) in samples {
                writer.sample(id, Sample::new(time_ms, value));
                expected.samples.push((id, Sample::new(time_ms, value)));
            }
            let payload = &frame[frame::HEADER_BYTES..];
            prop_assert_eq!(read(payload), Some(expected));
            prop_assert_eq!(read(&payload[..payload.len() - 1]), None);
            let _ = read(&noise);
        }
    }
}
