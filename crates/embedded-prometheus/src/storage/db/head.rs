//! All series in memory, by slot.

use super::SeriesRef;
use super::series::{Compacted, Series, Size};

/// A place for a series; the generation tells its tenants apart.
#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    series: Option<Series>,
}

/// The series, and what is known of all of them together.
#[derive(Debug)]
pub(super) struct Head {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Samples before this are gone, though chunks may still hold some.
    pub(super) min_valid_ms: i64,
    /// Time of the newest sample.
    pub(super) newest_ms: Option<i64>,
    size: Size,
    series: usize,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            min_valid_ms: i64::MIN,
            newest_ms: None,
            size: Size::default(),
            series: 0,
        }
    }
}

/// The slot that a reference means; whether it is still the same tenant is another question.
pub(super) fn slot_of(reference: SeriesRef) -> u32 {
    reference.0 as u32
}

impl Head {
    /// Slots taken, by series or for those to come.
    pub(super) fn taken(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// A slot for a series to come.
    pub(super) fn reserve(&mut self) -> SeriesRef {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        let generation = self.slots.get(slot as usize).map_or(0, |slot| slot.generation);
        SeriesRef(u64::from(generation) << 32 | u64::from(slot))
    }

    /// Puts a series into its slot.
    pub(super) fn insert(&mut self, slot: u32, series: Series) {
        self.grow(series.samples().size());
        self.newest_ms = self.newest_ms.max(Some(series.newest().time_ms));
        self.series += 1;
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.series = Some(series);
        }
    }

    /// Empties a slot; references to its tenant are unknown from now on.
    pub(super) fn remove(&mut self, slot: u32) -> Option<Series> {
        let place = self.slots.get_mut(slot as usize)?;
        place.generation = place.generation.wrapping_add(1);
        let series = place.series.take();
        self.free.push(slot);
        if let Some(series) = &series {
            self.series -= 1;
            self.shrink(series.samples().size());
        }
        series
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Series> {
        self.slots.get(slot as usize)?.series.as_ref()
    }

    /// Changes a series without changing how much it holds.
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Series> {
        self.slots.get_mut(slot as usize)?.series.as_mut()
    }

    /// The series in the slot that `reference` means (`None` if it is only reserved), if it is still meant.
    #[expect(clippy::option_option, reason = "unknown, and known but empty, are different answers")]
    pub(super) fn resolve(&self, reference: SeriesRef) -> Option<Option<&Series>> {
        let slot = self.slots.get(slot_of(reference) as usize)?;
        (u64::from(slot.generation) == reference.0 >> 32).then_some(slot.series.as_ref())
    }

    /// The reference to the series in this slot.
    pub(super) fn reference(&self, slot: u32) -> SeriesRef {
        let generation = self.slots.get(slot as usize).map_or(0, |slot| slot.generation);
        SeriesRef(u64::from(generation) << 32 | u64::from(slot))
    }

    /// All series with their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Series)> {
        self.slots.iter().enumerate().filter_map(|(slot, place)| Some((slot as u32, place.series.as_ref()?)))
    }

    /// Adds a sample that is newer than all others of its series. Whether the series should be compacted.
    pub(super) fn push(&mut self, slot: u32, sample: crate::model::Sample, epoch: u64) -> bool {
        let Some(series) = self.slots.get_mut(slot as usize).and_then(|slot| slot.series.as_mut()) else {
            return false;
        };
        self.size.chunks += usize::from(series.samples().open.is_empty());
        self.size.samples += 1;
        self.size.bytes += size_of::<crate::model::Sample>();
        series.push(sample);
        series.logged_epoch = epoch;
        self.newest_ms = self.newest_ms.max(Some(sample.time_ms));
        series.is_due()
    }

    /// Puts what was compacted into its series.
    pub(super) fn replace(&mut self, slot: u32, compacted: Compacted) {
        self.change(slot, |series| series.replace(compacted));
    }

    /// Drops old samples of a series; whether any is left.
    pub(super) fn drop_before(&mut self, slot: u32, cutoff_ms: i64) -> bool {
        let mut left = false;
        self.change(slot, |series| left = series.drop_before(cutoff_ms));
        left
    }

    fn change(&mut self, slot: u32, change: impl FnOnce(&mut Series)) {
        let Some(series) = self.get_mut(slot) else { return };
        let before = series.samples().size();
        change(series);
        let after = series.samples().size();
        self.shrink(before);
        self.grow(after);
    }

    fn grow(&mut self, by: Size) {
        self.size.chunks += by.chunks;
        self.size.samples += by.samples;
        self.size.bytes += by.bytes;
    }

    fn shrink(&mut self, by: Size) {
        self.size.chunks -= by.chunks;
        self.size.samples -= by.samples;
        self.size.bytes -= by.bytes;
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn series_count(&self) -> usize {
        self.series
    }
}
