//! All chance of the application: one seeded generator, one throw a request.

use std::sync::{Mutex, PoisonError};

use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

/// What chance decides about one request; every number is uniform in `0..1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Throw {
    pub(crate) fact: f64,
    pub(crate) latency: [f64; 2],
    pub(crate) failure: f64,
}

/// The generator behind a lock.
///
/// A named algorithm rather than the crate's standard one, so that a seed means the same run in
/// later versions too.
#[derive(Debug)]
pub(crate) struct Dice(Mutex<Xoshiro256PlusPlus>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Xoshiro256PlusPlus::seed_from_u64(seed)))
    }

    /// Draws everything that one request may need at once, needed or not: the n-th request then gets
    /// the n-th throw, however requests overlap and whatever the other settings are.
    pub(crate) fn throw(&self) -> Throw {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Throw { fact: rng.random(), latency: [rng.random(), rng.random()], failure: rng.random() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_all_throws() {
        let throws = |seed| {
            let dice = Dice::new(seed);
            [dice.throw(), dice.throw(), dice.throw()]
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
        assert_ne!(throws(7)[0], throws(7)[1]);
    }
}
