//! Intervals that go by the window (Grafana's `rangeutil.calculateInterval`).

use super::Auto;
use crate::time_range::round_interval_ms;

/// The interval for a window of `span_ms`: a round one that divides it into about `auto.count` steps.
pub fn auto(span_ms: i64, auto: Auto) -> String {
    let round_ms = round_interval_ms(span_ms / i64::from(auto.count.max(1)));
    text(round_ms.max(auto.min_ms))
}

/// In the largest unit alone, as Grafana's `secondsToHms`: 90 s are `1m`.
fn text(ms: i64) -> String {
    const UNITS: [(i64, &str); 5] =
        [(365 * 86_400_000, "y"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let unit = UNITS.iter().find(|(unit_ms, _)| ms >= *unit_ms);
    unit.map_or_else(|| format!("{}ms", ms.max(1)), |(unit_ms, unit)| format!("{}{unit}", ms / unit_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_divides_the_window_and_is_no_shorter_than_the_least() {
        let hour_ms = 3_600_000;
        for (span_ms, expected) in
            [(hour_ms, "2m"), (60_000, "10s"), (6 * hour_ms, "10m"), (30 * 24 * hour_ms, "1d"), (1, "10s")]
        {
            assert_eq!(auto(span_ms, Auto::default()), expected, "{span_ms}");
        }
        assert_eq!(auto(1, Auto { count: 30, min_ms: 90_000 }), "1m");
        assert_eq!(auto(1_000, Auto { count: 30, min_ms: 1 }), "20ms");
    }
}
