//! One value at one time, and the bit pattern that says "this series has ended".

/// Prometheus's stale marker: a NaN with these very bits. Any other NaN is an ordinary value.
pub const STALE_NAN: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether `value` is the stale marker (and not just some NaN).
#[must_use]
#[inline]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_NAN.to_bits()
}

/// One value at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Milliseconds since the Unix epoch; may be negative.
    pub time_ms: i64,
    /// The value; [`STALE_NAN`] marks the end of the series.
    pub value: f64,
}

impl Sample {
    /// A sample of `value` at `time_ms`.
    #[must_use]
    pub fn new(time_ms: i64, value: f64) -> Self {
        Self { time_ms, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marker_is_stale() {
        assert!(is_stale(STALE_NAN));
        assert!(STALE_NAN.is_nan());
        assert!(!is_stale(f64::NAN));
        assert!(!is_stale(-f64::NAN));
        assert!(!is_stale(0.0));
    }
}
