//! The demo's background load: how often facts are asked for, and the asking.

use std::f64::consts::TAU;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often requests that have become due are sent.
const TICK: Duration = Duration::from_millis(100);

/// Requests under way at once; what is due beyond is not sent.
const AT_ONCE: usize = 16;

/// The longest that an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Requests a second in the middle of the wave.
const BASE_RATE: f64 = 3.0;

/// How far the wave goes up and down.
const WAVE_RATE: f64 = 2.0;

/// How long one wave is.
const WAVE_S: f64 = 40.0;

/// One burst falls into each period of this length.
const BURST_PERIOD_S: f64 = 30.0;

/// How long it lasts.
const BURST_S: f64 = 4.0;

/// Requests a second that it adds.
const BURST_RATE: f64 = 15.0;

/// Requests a second, `at_s` seconds after the start: a slow wave, and a burst in each period at a moment that the
/// seed decides.
fn rate(seed: u64, at_s: f64) -> f64 {
    let wave = BASE_RATE + WAVE_RATE * (TAU * at_s / WAVE_S).sin();
    let period = (at_s / BURST_PERIOD_S).floor();
    let begins_s = period * BURST_PERIOD_S + fraction(seed, period as u64) * (BURST_PERIOD_S - BURST_S);
    let is_burst = (begins_s..begins_s + BURST_S).contains(&at_s);
    if is_burst { wave + BURST_RATE } else { wave }
}

/// What request number `number` asks for: mostly facts, now and then the index or something that is not there.
fn path(seed: u64, number: u64) -> &'static str {
    match (fraction(!seed, number) * 100.0) as u32 {
        0..90 => "/cat_facts",
        90..98 => "/",
        _ => "/dog_facts",
    }
}

/// A number from 0 to 1 that looks like chance: the finaliser of `SplitMix64`.
fn fraction(seed: u64, number: u64) -> f64 {
    let mut bits = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Asks cat-facts at `address` for ever. Dropping it ends what is under way.
pub(super) async fn run(client: Client, address: SocketAddr, seed: u64) {
    let started = Instant::now();
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut requests = JoinSet::new();
    let mut ticks = interval(TICK);
    // After a machine has slept, nothing is made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut due, mut number) = (0.0, 0);
    loop {
        ticks.tick().await;
        due += rate(seed, started.elapsed().as_secs_f64()) * TICK.as_secs_f64();
        while due >= 1.0 {
            due -= 1.0;
            number += 1;
            let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { continue };
            let request = client.get(format!("http://{address}{}", path(seed, number))).timeout(TIMEOUT);
            requests.spawn(async move {
                // What comes of it is for the metrics to tell.
                if let Ok(response) = request.send().await {
                    let _ = response.bytes().await;
                }
                drop(permit);
            });
        }
        while requests.try_join_next().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_moves_and_is_the_same_each_time() {
        let rates = |seed| (0..1_200).map(|tenth| rate(seed, f64::from(tenth) / 10.0)).collect::<Vec<_>>();
        assert_eq!(rates(1), rates(1));
        assert_ne!(rates(1), rates(2));
        let rates = rates(1);
        let bursts = rates.iter().filter(|rate| **rate > BASE_RATE + WAVE_RATE).count();
        assert!((150..=164).contains(&bursts), "four bursts of four seconds: {bursts}");
        let quiet = rates.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((1.0..1.1).contains(&quiet), "{quiet}");
    }

    #[test]
    fn most_requests_are_for_facts() {
        let paths: Vec<_> = (0..1_000).map(|number| path(1, number)).collect();
        let facts = paths.iter().filter(|path| **path == "/cat_facts").count();
        assert!((850..950).contains(&facts), "{facts}");
        assert!(paths.contains(&"/") && paths.contains(&"/dog_facts"));
    }
}
