//! When a target is scraped: its place within the interval, and timestamps that are even although timers are not.
//! The rules are those of Prometheus's scrape loop (Copyright The Prometheus Authors, Apache-2.0).

/// A scrape this much late still gets the time at which it was due: even timestamps compress better.
const TIMESTAMP_TOLERANCE_MS: i64 = 2;

/// How long to wait from `now_ms` until the target's place within the interval, which its hash decides.
pub(super) fn offset_ms(now_ms: i64, interval_ms: i64, hash: u64) -> u64 {
    let interval_ms = interval_ms.max(1);
    let base = interval_ms - now_ms.rem_euclid(interval_ms);
    let offset = (hash % interval_ms as u64) as i64;
    let next = base + offset;
    (if next > interval_ms { next - interval_ms } else { next }) as u64
}

/// The times at which a target's scrapes are due.
#[derive(Debug)]
pub(super) struct Aligned {
    due_ms: i64,
    interval_ms: i64,
}

impl Aligned {
    /// The first scrape is due now.
    pub(super) fn new(now_ms: i64, interval_ms: i64) -> Self {
        Self { due_ms: now_ms, interval_ms: interval_ms.max(1) }
    }

    /// The timestamp of a scrape that begins now.
    pub(super) fn timestamp(&mut self, now_ms: i64) -> i64 {
        let missed = (now_ms - self.due_ms).div_euclid(self.interval_ms).max(0);
        self.due_ms += missed * self.interval_ms;
        let tolerance = TIMESTAMP_TOLERANCE_MS.min(self.interval_ms / 100);
        if now_ms - self.due_ms <= tolerance { self.due_ms } else { now_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_within_the_interval_and_at_the_same_place_whenever_asked() {
        for hash in [0, 1, 999, 123_456_789, u64::MAX] {
            for now in [0, 1, 14_999, 15_000, 1_700_000_000_123] {
                let wait = offset_ms(now, 15_000, hash);
                assert!(wait <= 15_000);
                assert_eq!((now as u64 + wait) % 15_000, hash % 15_000);
            }
        }
    }

    #[test]
    fn small_delays_are_evened_out() {
        let mut aligned = Aligned::new(1_000, 1_000);
        assert_eq!(aligned.timestamp(1_000), 1_000);
        assert_eq!(aligned.timestamp(2_002), 2_000);
        assert_eq!(aligned.timestamp(3_003), 3_003);
        // A timer may be early.
        assert_eq!(aligned.timestamp(3_999), 3_999);
        assert_eq!(aligned.timestamp(7_001), 7_000);
        let mut quick = Aligned::new(0, 100);
        assert_eq!((quick.timestamp(101), quick.timestamp(202)), (100, 202));
    }
}
