//! The clock: the one place where the time of day is read.

use std::time::{SystemTime, UNIX_EPOCH};

/// A step back of the time of day that counts as the clock being set, rather than being trimmed.
const SET_BACK_MS: i64 = 1_000;

/// Tells Unix milliseconds.
pub struct Clock {
    read: Box<dyn Fn() -> i64 + Send>,
    latest_ms: i64,
}

impl Clock {
    /// The system's time of day.
    pub fn wall() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// A clock of one's own, for tests and replays.
    pub fn new(read: impl Fn() -> i64 + Send + 'static) -> Self {
        Self { read: Box::new(read), latest_ms: i64::MIN }
    }

    /// Now.
    pub fn now_ms(&mut self) -> i64 {
        let now_ms = (self.read)();
        self.latest_ms = self.latest_ms.max(now_ms);
        now_ms
    }

    /// Whether the time of day was set back since this was asked last, so that what is due "in an hour" may have
    /// been due already.
    pub fn was_set_back(&mut self) -> bool {
        let now_ms = (self.read)();
        let back = now_ms < self.latest_ms.saturating_sub(SET_BACK_MS);
        self.latest_ms = now_ms;
        back
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_noticed_once() {
        let time = Arc::new(AtomicI64::new(5_000));
        let mut clock = Clock::new({
            let time = Arc::clone(&time);
            move || time.load(Ordering::Relaxed)
        });
        assert!(!clock.was_set_back());
        time.store(4_500, Ordering::Relaxed);
        assert!(!clock.was_set_back(), "trimmed");
        time.store(9_000, Ordering::Relaxed);
        assert_eq!(clock.now_ms(), 9_000);
        time.store(2_000, Ordering::Relaxed);
        assert_eq!(clock.now_ms(), 2_000);
        assert!(clock.was_set_back());
        assert!(!clock.was_set_back());
    }
}
