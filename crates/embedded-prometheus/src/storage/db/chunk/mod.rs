//! A run of samples, compressed: each column with whichever of several encodings takes the fewest bits.
//!
//! | values | encoding |
//! |---|---|
//! | all the same | that value, once |
//! | short decimal numbers | whole numbers, their differences, or the differences of those ([`decimal`]) |
//! | a smooth course with full mantissas | the distance from a prediction ([`predict`]) |
//! | anything else | exclusive or with the value before ([`xor`]) |
//!
//! Any bits of a value (NaN payloads, stale markers, minus zero) and any time come back as they were.

mod bits;
mod decimal;
#[cfg(test)]
mod exporter;
mod predict;
mod times;
mod xor;

use std::sync::Arc;

use crate::model::Sample;
use bits::{BitReader, BitWriter};
pub(super) use bits::{unzigzag, zigzag};
use decimal::Decimals;
use predict::Predicted;

const CONSTANT: u64 = 0;
const DECIMAL: u64 = 1;
const PREDICTED: u64 = 2;
const XOR: u64 = 3;

/// The most samples of a chunk: what is decoded for one that is wanted.
pub(super) const MAX_SAMPLES: usize = 512;

/// Of that many values at most one may be an exception.
const VALUES_PER_EXCEPTION: usize = 8;

/// Samples, compressed, oldest first. Cloning copies a pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    first_ms: i64,
    last_ms: i64,
    count: u16,
    data: Arc<[u8]>,
}

/// Bytes that are no chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corrupt;

/// How much work is put into finding a short encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// For chunks that will soon be merged with others.
    Quick,
    /// For those that stay.
    Thorough,
}

impl Chunk {
    /// Compresses at most [`MAX_SAMPLES`] samples, of which there is at least one; `None` otherwise.
    pub(super) fn new(samples: &[Sample], effort: Effort) -> Option<Self> {
        let (first, last) = (samples.first()?, samples.last()?);
        if samples.len() > MAX_SAMPLES {
            return None;
        }
        let times: Vec<i64> = samples.iter().map(|sample| sample.time_ms).collect();
        let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        let mut writer = BitWriter::default();
        times::write(&times, &mut writer);
        write_values(&values, effort, &mut writer);
        Some(Self {
            first_ms: first.time_ms,
            last_ms: last.time_ms,
            count: samples.len() as u16,
            data: writer.finish().into(),
        })
    }

    /// A chunk that was stored. Whether the bytes are one shows when they are decoded.
    pub(super) fn from_parts(first_ms: i64, last_ms: i64, count: u16, data: &[u8]) -> Self {
        Self { first_ms, last_ms, count, data: data.into() }
    }

    /// Time of the oldest sample.
    pub(super) fn first_ms(&self) -> i64 {
        self.first_ms
    }

    /// Time of the newest sample.
    pub(super) fn last_ms(&self) -> i64 {
        self.last_ms
    }

    /// How many samples there are.
    pub(super) fn count(&self) -> usize {
        usize::from(self.count)
    }

    /// The compressed samples.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    /// Adds all samples to `samples`. After an error it holds what it held before.
    pub(super) fn decode_into(&self, samples: &mut Vec<Sample>) -> Result<(), Corrupt> {
        let start = samples.len();
        let decoded = self.try_decode(samples);
        if decoded.is_none() {
            samples.truncate(start);
        }
        decoded.ok_or(Corrupt)
    }

    fn try_decode(&self, samples: &mut Vec<Sample>) -> Option<()> {
        let (start, count) = (samples.len(), self.count());
        samples.reserve(count);
        let mut reader = BitReader::new(&self.data);
        times::read(self.first_ms, count, &mut reader, |time_ms| {
            samples.push(Sample { time_ms, value: 0.0 });
        })?;
        let mut places = samples.get_mut(start..)?.iter_mut();
        read_values(count, &mut reader, |value| {
            if let Some(place) = places.next() {
                place.value = value;
            }
        })?;
        (!reader.is_overrun()).then_some(())
    }
}

/// The same bits `length` times from `start` on, kept apart because an encoding cannot hold them.
#[derive(Debug, Clone, Copy)]
struct Exception {
    start: usize,
    length: usize,
    bits: u64,
}

/// Splits off what `fits` does not hold for. `None` if that is too much.
fn split(values: &[f64], fits: impl Fn(f64) -> bool) -> Option<(Vec<f64>, Vec<Exception>)> {
    let mut kept = Vec::with_capacity(values.len());
    let mut exceptions: Vec<Exception> = Vec::new();
    for (at, &value) in values.iter().enumerate() {
        if fits(value) {
            kept.push(value);
            continue;
        }
        let bits = value.to_bits();
        match exceptions.last_mut() {
            Some(last) if last.bits == bits && last.start + last.length == at => last.length += 1,
            _ => exceptions.push(Exception { start: at, length: 1, bits }),
        }
    }
    (exceptions.len() * VALUES_PER_EXCEPTION <= values.len().max(VALUES_PER_EXCEPTION) && !kept.is_empty())
        .then_some((kept, exceptions))
}

fn write_values(values: &[f64], effort: Effort, writer: &mut BitWriter) {
    let Some(&first) = values.first() else { return };
    if values.iter().all(|value| value.to_bits() == first.to_bits()) {
        writer.write(CONSTANT, 2);
        writer.write(first.to_bits(), 64);
        return;
    }
    if let Some((kept, exceptions)) = split(values, predict::fits) {
        if let Some(scale) = decimal::scale_of(&kept) {
            let decimals = Decimals::new(&kept, scale);
            // Beyond that the digits are noise, and a prediction may do better.
            if decimals.bits() < 24 * kept.len() as u64 + 64 {
                writer.write(DECIMAL, 2);
                write_exceptions(&exceptions, writer);
                decimals.write(writer);
                return;
            }
        }
        let predicted = Predicted::new(&kept, effort == Effort::Thorough);
        let mut plain = BitWriter::default();
        xor::write(values, &mut plain);
        if predicted.bits() + 90 * exceptions.len() as u64 + 8 <= plain.len_bits() {
            writer.write(PREDICTED, 2);
            write_exceptions(&exceptions, writer);
            predicted.write(writer);
            return;
        }
    }
    writer.write(XOR, 2);
    xor::write(values, writer);
}

fn write_exceptions(exceptions: &[Exception], writer: &mut BitWriter) {
    writer.write_sized(exceptions.len() as u64);
    for exception in exceptions {
        writer.write_sized(exception.start as u64);
        writer.write_sized(exception.length as u64);
        writer.write(exception.bits, 64);
    }
}

fn read_exceptions(count: usize, reader: &mut BitReader<'_>) -> Option<Vec<Exception>> {
    let length = reader.read_sized();
    if length > count as u64 {
        return None;
    }
    let (mut exceptions, mut end) = (Vec::with_capacity(length as usize), 0);
    for _ in 0..length {
        let start = usize::try_from(reader.read_sized()).ok()?;
        let length = usize::try_from(reader.read_sized()).ok()?;
        if start < end || length == 0 || start.checked_add(length)? > count {
            return None;
        }
        end = start + length;
        exceptions.push(Exception { start, length, bits: reader.read(64) });
    }
    Some(exceptions)
}

fn read_values(count: usize, reader: &mut BitReader<'_>, mut take: impl FnMut(f64)) -> Option<()> {
    let encoding = reader.read(2);
    match encoding {
        CONSTANT => {
            let value = f64::from_bits(reader.read(64));
            (0..count).for_each(|_| take(value));
            return Some(());
        }
        XOR => return xor::read(count, reader, take),
        _ => {}
    }
    let exceptions = read_exceptions(count, reader)?;
    let kept = count - exceptions.iter().map(|exception| exception.length).sum::<usize>();
    if exceptions.is_empty() {
        return read_kept(encoding, kept, reader, take);
    }
    let (mut left, mut at) = (exceptions.iter().peekable(), 0);
    let mut insert_due = |at: &mut usize, take: &mut dyn FnMut(f64)| {
        while let Some(exception) = left.next_if(|exception| exception.start == *at) {
            (0..exception.length).for_each(|_| take(f64::from_bits(exception.bits)));
            *at += exception.length;
        }
    };
    insert_due(&mut at, &mut take);
    read_kept(encoding, kept, reader, |value| {
        take(value);
        at += 1;
        insert_due(&mut at, &mut take);
    })
}

fn read_kept(encoding: u64, count: usize, reader: &mut BitReader<'_>, take: impl FnMut(f64)) -> Option<()> {
    if encoding == DECIMAL { decimal::read(count, reader, take) } else { predict::read(count, reader, take) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::STALE_NAN;

    fn round_trip(samples: &[Sample]) -> usize {
        let mut bytes = 0;
        for effort in [Effort::Quick, Effort::Thorough] {
            let chunk = Chunk::new(samples, effort).unwrap();
            assert_eq!(chunk.count(), samples.len());
            let mut decoded = vec![Sample::new(7, 7.0)];
            chunk.decode_into(&mut decoded).unwrap();
            let bits = |samples: &[Sample]| -> Vec<(i64, u64)> {
                samples.iter().map(|sample| (sample.time_ms, sample.value.to_bits())).collect()
            };
            assert_eq!(bits(&decoded[1..]), bits(samples));
            bytes = chunk.data().len();
        }
        bytes
    }

    fn every_15_s(count: i64, value: impl Fn(i64) -> f64) -> Vec<Sample> {
        (0..count).map(|at| Sample::new(1_700_000_000_000 + at * 15_000, value(at))).collect()
    }

    #[test]
    fn what_each_kind_of_series_takes() {
        for (kind, most, samples) in [
            ("constant", 16, every_15_s(512, |_| 42.0)),
            ("steady counter", 40, every_15_s(512, |at| (at * 30) as f64)),
            ("two decimals", 600, every_15_s(512, |at| (at * at % 97) as f64 / 100.0)),
            ("straight line", 300, every_15_s(512, |at| 0.1 * at as f64)),
            ("wave", 1_000, every_15_s(512, |at| (at as f64 / 10.0).sin())),
            ("stale at the end", 60, every_15_s(512, |at| if at < 500 { 1.0 } else { STALE_NAN })),
        ] {
            let bytes = round_trip(&samples);
            assert!(bytes <= most, "{kind}: {bytes} bytes");
        }
    }

    #[test]
    fn odd_values_come_back() {
        let odd = [
            0.0,
            -0.0,
            f64::NAN,
            -f64::NAN,
            f64::from_bits(0x7ff8_dead_beef_0001),
            STALE_NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            -f64::from_bits(1),
            9_007_199_254_740_993.0,
            1e300,
            0.1,
        ];
        for (at, &first) in odd.iter().enumerate() {
            round_trip(&[Sample::new(i64::MIN, first)]);
            for &second in &odd[at..] {
                round_trip(&[Sample::new(i64::MIN, first), Sample::new(i64::MAX, second)]);
                round_trip(&every_15_s(100, |at| if at % 9 == 0 { first } else { second }));
                round_trip(&every_15_s(100, |at| if at == 50 { first } else { at as f64 }));
                round_trip(&every_15_s(100, |at| if at == 99 { first } else { (at as f64).sqrt() }));
            }
        }
    }

    #[test]
    fn no_samples_or_too_many_are_no_chunk() {
        assert_eq!(Chunk::new(&[], Effort::Quick), None);
        assert_eq!(Chunk::new(&every_15_s(MAX_SAMPLES as i64 + 1, |_| 0.0), Effort::Quick), None);
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            any::<i32>().prop_map(f64::from),
            (0..1_000_i32).prop_map(|hundredths| f64::from(hundredths) / 100.0),
            Just(STALE_NAN),
            -1.0..1.0_f64,
        ]
    }

    proptest! {
        #[test]
        fn any_samples_come_back(
            samples in prop::collection::vec((any::<i64>(), any::<u64>()), 1..200),
        ) {
            let samples: Vec<Sample> =
                samples.iter().map(|&(time_ms, bits)| Sample::new(time_ms, f64::from_bits(bits))).collect();
            round_trip(&samples);
        }

        #[test]
        fn likely_samples_come_back(
            start in any::<i32>(),
            few in prop::collection::vec((value(), 1..80_usize, -5..5_i64), 1..8),
            slope in value(),
        ) {
            let mut samples = Vec::new();
            for (value, times, jitter) in few {
                for at in 0..times {
                    let time_ms = i64::from(start) + samples.len() as i64 * 1_000 + jitter * (at as i64 & 1);
                    samples.push(Sample::new(time_ms, value + slope * at as f64));
                }
            }
            samples.truncate(MAX_SAMPLES);
            round_trip(&samples);
        }

        #[test]
        fn any_bytes_decode_to_something_or_nothing(
            first_ms in any::<i64>(),
            count in 0..MAX_SAMPLES as u16,
            data in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut samples = Vec::new();
            let chunk = Chunk::from_parts(first_ms, first_ms, count, &data);
            match chunk.decode_into(&mut samples) {
                Ok(()) => prop_assert_eq!(samples.len(), usize::from(count)),
                Err(Corrupt) => prop_assert!(samples.is_empty()),
            }
        }
    }
}
