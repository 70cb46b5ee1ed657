//! One series in memory: compressed chunks, and the newest samples as they are.

use std::sync::Arc;

use super::chunk::{Chunk, Corrupt, Effort, MAX_SAMPLES};
use crate::model::{Labels, Sample};
use crate::storage::TimeRange;

/// Samples that are kept as they are before they are compressed.
const OPEN_SAMPLES: usize = 32;

/// Small chunks are merged when together they have that many samples.
const MEDIUM_SAMPLES: usize = 128;

/// Series begin to compress at different sizes, so that series which get their samples together do not all
/// compress in the same commit.
const STAGGER: u64 = 31;

/// What a sample takes before it is compressed.
const RAW_SAMPLE_BYTES: usize = size_of::<Sample>();

/// A series that has at least one sample.
#[derive(Debug)]
pub(super) struct Series {
    /// Its name in the log.
    pub(super) id: u64,
    pub(super) labels: Labels,
    /// The checkpoint since which the log knows the labels.
    pub(super) logged_epoch: u64,
    newest: Sample,
    samples: Samples,
}

/// The samples of a series at one moment. Cloning copies two pointers; a writer copies what a clone still holds
/// before it changes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    /// Compressed, oldest first.
    pub(super) chunks: Arc<Vec<Chunk>>,
    /// Newer than those, oldest first.
    pub(super) open: Arc<Vec<Sample>>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) chunks: usize,
    pub(super) samples: usize,
    pub(super) bytes: usize,
}

/// Chunks to be put in the place of some chunks at the end, and of the open samples.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Compacted {
    /// How many chunks stay.
    kept: usize,
    tail: Vec<Chunk>,
}

impl Series {
    /// A series with its first sample.
    pub(super) fn new(id: u64, labels: Labels, first: Sample) -> Self {
        Self {
            id,
            labels,
            logged_epoch: 0,
            newest: first,
            samples: Samples::default().with_open(vec![first]),
        }
    }

    /// A series as it was stored; `None` without samples.
    pub(super) fn restored(id: u64, labels: Labels, samples: Samples) -> Option<Self> {
        let newest = samples.newest()?;
        Some(Self { id, labels, logged_epoch: 0, newest, samples })
    }

    pub(super) fn newest(&self) -> Sample {
        self.newest
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.samples
    }

    /// Adds a sample that is newer than all others.
    pub(super) fn push(&mut self, sample: Sample) {
        self.newest = sample;
        Arc::make_mut(&mut self.samples.open).push(sample);
    }

    /// Whether there are enough open samples to compress them.
    pub(super) fn is_due(&self) -> bool {
        let limit = if self.samples.chunks.is_empty() {
            OPEN_SAMPLES - (self.id % STAGGER) as usize
        } else {
            OPEN_SAMPLES
        };
        self.samples.open.len() >= limit
    }

    /// Takes over what [`Samples::compacted`] made of these very samples.
    pub(super) fn replace(&mut self, compacted: Compacted) {
        let chunks = Arc::make_mut(&mut self.samples.chunks);
        chunks.truncate(compacted.kept);
        chunks.extend(compacted.tail);
        match Arc::get_mut(&mut self.samples.open) {
            Some(open) => open.clear(),
            None => self.samples.open = Arc::default(),
        }
    }

    /// Drops chunks that end before `cutoff_ms`, and open samples before it. Whether any sample is left.
    pub(super) fn drop_before(&mut self, cutoff_ms: i64) -> bool {
        let old = self.samples.chunks.partition_point(|chunk| chunk.last_ms() < cutoff_ms);
        if old > 0 {
            Arc::make_mut(&mut self.samples.chunks).drain(..old);
        }
        if self.samples.open.first().is_some_and(|sample| sample.time_ms < cutoff_ms) {
            Arc::make_mut(&mut self.samples.open).retain(|sample| sample.time_ms >= cutoff_ms);
        }
        !self.samples.chunks.is_empty() || !self.samples.open.is_empty()
    }
}

impl Samples {
    /// With other open samples.
    pub(super) fn with_open(mut self, open: Vec<Sample>) -> Self {
        self.open = Arc::new(open);
        self
    }

    fn newest(&self) -> Option<Sample> {
        if let Some(&newest) = self.open.last() {
            return Some(newest);
        }
        let mut samples = Vec::new();
        self.chunks.last()?.decode_into(&mut samples).ok()?;
        samples.last().copied()
    }

    /// Time of the oldest sample.
    pub(super) fn first_ms(&self) -> Option<i64> {
        let open = self.open.first().map(|sample| sample.time_ms);
        self.chunks.first().map(Chunk::first_ms).or(open)
    }

    pub(super) fn size(&self) -> Size {
        let sum = |of: fn(&Chunk) -> usize| self.chunks.iter().map(of).sum::<usize>();
        Size {
            chunks: self.chunks.len() + usize::from(!self.open.is_empty()),
            samples: sum(Chunk::count) + self.open.len(),
            bytes: sum(|chunk| chunk.data().len()) + self.open.len() * RAW_SAMPLE_BYTES,
        }
    }

    /// Fills `samples` with those in the range, oldest first.
    pub(super) fn read_into(&self, range: TimeRange, samples: &mut Vec<Sample>) -> Result<(), Corrupt> {
        samples.clear();
        let from = self.chunks.partition_point(|chunk| chunk.last_ms() < range.start_ms);
        for chunk in self.chunks.iter().skip(from).take_while(|chunk| chunk.first_ms() <= range.end_ms) {
            let is_first = samples.is_empty();
            chunk.decode_into(samples)?;
            if is_first && chunk.first_ms() < range.start_ms {
                let early = samples.partition_point(|sample| sample.time_ms < range.start_ms);
                samples.drain(..early);
            }
            if chunk.last_ms() > range.end_ms {
                samples.truncate(samples.partition_point(|sample| sample.time_ms <= range.end_ms));
            }
        }
        let from = self.open.partition_point(|sample| sample.time_ms < range.start_ms);
        let to = self.open.partition_point(|sample| sample.time_ms <= range.end_ms);
        samples.extend_from_slice(self.open.get(from..to).unwrap_or_default());
        Ok(())
    }

    /// Whether there are samples in the range, if that shows without decoding.
    pub(super) fn has_samples(&self, range: TimeRange) -> Option<bool> {
        let inside = |time_ms: i64| range.start_ms <= time_ms && time_ms <= range.end_ms;
        let from = self.open.partition_point(|sample| sample.time_ms < range.start_ms);
        if self.open.get(from).is_some_and(|sample| inside(sample.time_ms)) {
            return Some(true);
        }
        let from = self.chunks.partition_point(|chunk| chunk.last_ms() < range.start_ms);
        let Some(chunk) = self.chunks.get(from) else { return Some(false) };
        if chunk.first_ms() > range.end_ms {
            return Some(false);
        }
        (inside(chunk.first_ms()) || inside(chunk.last_ms())).then_some(true)
    }

    /// The open samples compressed, and small chunks before them merged with them: first few, then more samples a
    /// chunk, so that each is compressed three times and no more.
    pub(super) fn compacted(&self) -> Compacted {
        let mut compacted = Compacted { kept: self.chunks.len(), tail: Vec::new() };
        compacted.tail = self.compressed(Effort::Quick);
        self.merge(&mut compacted, |count| count < MEDIUM_SAMPLES, MEDIUM_SAMPLES);
        self.merge(
            &mut compacted,
            |count| count < MAX_SAMPLES - MEDIUM_SAMPLES,
            MAX_SAMPLES - MEDIUM_SAMPLES + 1,
        );
        compacted
    }

    /// All open samples as chunks. One commit may bring more than a chunk holds.
    fn compressed(&self, effort: Effort) -> Vec<Chunk> {
        self.open.chunks(MAX_SAMPLES).filter_map(|samples| Chunk::new(samples, effort)).collect()
    }

    /// All samples of unfinished chunks in one: for a store that is closed.
    pub(super) fn packed(&self) -> Self {
        let mut compacted = Compacted { kept: self.chunks.len(), tail: Vec::new() };
        compacted.tail = self.compressed(Effort::Thorough);
        self.merge(&mut compacted, |count| count < MAX_SAMPLES - MEDIUM_SAMPLES, 0);
        let mut chunks = self.chunks.get(..compacted.kept).unwrap_or_default().to_vec();
        chunks.extend(compacted.tail);
        Self { chunks: Arc::new(chunks), open: Arc::default() }
    }

    /// Merges the chunks at the end that are `small`, if together they have `wanted` samples.
    fn merge(&self, compacted: &mut Compacted, small: impl Fn(usize) -> bool, wanted: usize) {
        if !compacted.tail.iter().all(|chunk| small(chunk.count())) {
            return;
        }
        let mut total: usize = compacted.tail.iter().map(Chunk::count).sum();
        let mut from = compacted.kept;
        while let Some(chunk) = from.checked_sub(1).and_then(|at| self.chunks.get(at)) {
            if !small(chunk.count()) || total + chunk.count() > MAX_SAMPLES {
                break;
            }
            total += chunk.count();
            from -= 1;
        }
        let kept = self.chunks.get(from..compacted.kept).unwrap_or_default();
        if total < wanted || kept.len() + compacted.tail.len() < 2 {
            return;
        }
        let mut samples = Vec::with_capacity(total);
        let decoded =
            kept.iter().chain(&compacted.tail).try_for_each(|chunk| chunk.decode_into(&mut samples));
        // What cannot be read stays where it is; the reader says so.
        if decoded.is_ok()
            && let Some(chunk) = Chunk::new(&samples, Effort::Thorough)
        {
            *compacted = Compacted { kept: from, tail: vec![chunk] };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: i64) -> Sample {
        Sample::new(at * 1_000, (at * at) as f64)
    }

    fn grown(id: u64, count: i64) -> Series {
        let mut series = Series::new(id, Labels::empty(), sample(0));
        for at in 1..count {
            series.push(sample(at));
            if series.is_due() {
                let compacted = series.samples().compacted();
                series.replace(compacted);
            }
        }
        series
    }

    #[test]
    fn chunks_grow_and_none_is_lost() {
        for id in 0..20 {
            let series = grown(id, 3_000);
            let everything = TimeRange { start_ms: i64::MIN, end_ms: i64::MAX };
            let mut samples = Vec::new();
            series.samples().read_into(everything, &mut samples).unwrap();
            assert_eq!(samples, (0..3_000).map(sample).collect::<Vec<_>>());
            assert_eq!(series.samples().size().samples, 3_000);
            let counts: Vec<usize> = series.samples().chunks.iter().map(Chunk::count).collect();
            let finished = counts.iter().filter(|&&count| count > MAX_SAMPLES - MEDIUM_SAMPLES).count();
            assert!(counts.len() <= finished + 3 + 3 && finished >= 5, "{counts:?}");
            let packed = series.samples().packed();
            assert!(packed.chunks.len() <= finished + 2);
            packed.read_into(everything, &mut samples).unwrap();
            assert_eq!(samples.len(), 3_000);
        }
    }

    #[test]
    fn a_commit_of_more_than_a_chunk_loses_nothing() {
        let everything = TimeRange { start_ms: i64::MIN, end_ms: i64::MAX };
        for (before, count) in [(0, 481), (31, 482), (100, 513), (700, 5_000), (0, 512), (1, 1_024)] {
            let mut series = grown(0, before + 1);
            for at in before + 1..count + before {
                series.push(sample(at));
            }
            let packed = series.samples().packed();
            let compacted = series.samples().compacted();
            series.replace(compacted);
            let wanted: Vec<_> = (0..count + before).map(sample).collect();
            for samples in [series.samples(), &packed] {
                let mut found = Vec::new();
                samples.read_into(everything, &mut found).unwrap();
                assert_eq!(found, wanted, "{count} after {before}");
            }
        }
    }

    #[test]
    fn a_range_is_what_lies_in_it() {
        let series = grown(3, 700);
        let samples = series.samples();
        let mut found = Vec::new();
        for start in (-5..710).step_by(7) {
            for end in (start - 1..720).step_by(11) {
                let range = TimeRange { start_ms: start * 1_000 - 1, end_ms: end * 1_000 + 1 };
                samples.read_into(range, &mut found).unwrap();
                let expected: Vec<Sample> = (start.max(0)..=end.min(699)).map(sample).collect();
                assert_eq!(found, expected, "{start} {end}");
                if let Some(has) = samples.has_samples(range) {
                    assert_eq!(has, !expected.is_empty(), "{start} {end}");
                }
            }
        }
    }

    #[test]
    fn a_clone_does_not_change() {
        let mut series = grown(1, 100);
        let before = series.samples().clone();
        let size = before.size();
        for at in 100..1_000 {
            series.push(sample(at));
            if series.is_due() {
                let compacted = series.samples().compacted();
                series.replace(compacted);
            }
        }
        assert!(series.drop_before(500_000));
        assert_eq!(before.size(), size);
        assert_eq!(before.first_ms(), Some(0));
        assert!(series.samples().first_ms().unwrap() > 0);
        assert!(!series.drop_before(i64::MAX));
    }
}
