//! When a group is evaluated: at multiples of its interval, moved by an offset of its own, so that groups do not all
//! work at once, and so that a restart does not move them.

use super::file::Group;
use crate::model::Labels;
use crate::promql::labels_hash;

const NS_PER_MS: i128 = 1_000_000;

/// The last slot of a group that is not after `now_ms`.
pub(super) fn slot_at_ms(group: &Group, now_ms: i64) -> i64 {
    let interval_ns = i128::from(group.interval_ms.max(1)) * NS_PER_MS;
    let hash = labels_hash(&Labels::from_pairs([("name", &group.name), ("file", &group.file)]));
    let offset_ns = i128::from(hash) % interval_ns;
    let since_ns = i128::from(now_ms) * NS_PER_MS - offset_ns;
    // In Prometheus the slots are nanoseconds, of which samples keep the whole milliseconds.
    let slot_ns = since_ns.div_euclid(interval_ns) * interval_ns + offset_ns;
    slot_ns.div_euclid(NS_PER_MS) as i64
}

/// The slot to evaluate after `last_ms`, once its time has come: slots that were missed are left out.
pub(super) fn next_slot_ms(group: &Group, last_ms: i64, now_ms: i64) -> i64 {
    let current_ms = slot_at_ms(group, now_ms);
    if current_ms == last_ms { last_ms + group.interval_ms } else { current_ms }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::promql::Engine;

    fn group(name: &str) -> Group {
        let text = format!("groups: [{{name: {name}, interval: 10s}}]");
        super::super::file::parse(&text, Path::new("rules.yml"), 60_000, &Engine::default())
            .unwrap()
            .remove(0)
    }

    #[test]
    fn slots_are_aligned_and_never_in_the_future() {
        let group = group("a");
        let first = slot_at_ms(&group, 1_780_000_000_000);
        for ms in [0, 1, 500, 9_999, 10_000, 123_456_789] {
            let now_ms = 1_780_000_000_000 + ms;
            let slot_ms = slot_at_ms(&group, now_ms);
            assert!(slot_ms <= now_ms && now_ms - slot_ms <= 10_000, "{ms}");
            assert_eq!((slot_ms - first) % 10_000, 0);
        }
        let others: std::collections::BTreeSet<i64> = ["a", "b", "c", "d"]
            .iter()
            .map(|name| slot_at_ms(&self::group(name), 1_780_000_000_000))
            .collect();
        assert!(others.len() > 1, "groups are spread");
    }

    #[test]
    fn missed_slots_are_left_out() {
        let group = group("a");
        let slot_ms = slot_at_ms(&group, 1_780_000_000_000);
        assert_eq!(next_slot_ms(&group, slot_ms, slot_ms + 9_000), slot_ms + 10_000, "woken too early");
        assert_eq!(next_slot_ms(&group, slot_ms, slot_ms + 10_001), slot_ms + 10_000);
        assert_eq!(next_slot_ms(&group, slot_ms, slot_ms + 35_000), slot_ms + 30_000);
        assert_eq!(next_slot_ms(&group, slot_ms, slot_ms - 95_000), slot_ms - 100_000, "the clock went back");
    }
}
