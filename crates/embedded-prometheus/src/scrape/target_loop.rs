//! One target's loop: waits until it is due, asks, has the answer recorded. It decides nothing but when.
//!
//! When markers are written after a target is gone follows Prometheus's scrape loop (Copyright The Prometheus
//! Authors, Apache-2.0): only after more than two intervals, because it may come back in another loop.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::append::Times;
use super::client::Fetch;
use super::error::ScrapeError;
use super::record::Memory;
use super::schedule::{Aligned, offset_ms};
use super::target::Target;
use super::{Health, MetricMetadata};
use crate::storage::Db;

/// The time in Unix milliseconds.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a loop is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Run,
    /// End, and hand what is known of the target to the loop that takes its place.
    HandOver,
    /// End; the target is gone.
    End,
    /// End at once, with stale markers of this moment.
    Finish,
}

/// How the last scrape went.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) health: Health,
    pub(super) last_error: String,
    pub(super) last_scrape_ms: Option<i64>,
    pub(super) last_scrape_duration_s: f64,
    pub(super) metadata: Arc<BTreeMap<String, MetricMetadata>>,
}

/// Why no target of a job is scraped, if that is so.
pub(super) type ForcedError = Arc<Mutex<Option<ScrapeError>>>;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The loop of one target.
pub(super) struct TargetLoop<F> {
    pub(super) db: Arc<Db>,
    pub(super) target: Arc<Target>,
    pub(super) client: F,
    pub(super) memory: Memory,
    pub(super) progress: Arc<Mutex<Progress>>,
    pub(super) forced_error: ForcedError,
    pub(super) clock: Clock,
}

/// The next order but `Run`; without anyone left to give one it is as if the loop were to hand over.
async fn ordered(orders: &mut watch::Receiver<Order>) -> Order {
    match orders.wait_for(|order| *order != Order::Run).await {
        Ok(order) => *order,
        Err(_) => Order::HandOver,
    }
}

/// Until told to finish.
async fn finish_ordered(orders: &mut watch::Receiver<Order>) {
    if orders.wait_for(|order| *order == Order::Finish).await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl<F: Fetch> TargetLoop<F> {
    /// Scrapes until told otherwise, and hands back what is known of the target; `None` if recording panicked.
    pub(super) async fn run(mut self, mut orders: watch::Receiver<Order>) -> Option<Memory> {
        let interval_ms = self.target.interval_ms.max(1);
        let interval = Duration::from_millis(interval_ms as u64);
        let wait = Duration::from_millis(offset_ms((self.clock)(), interval_ms, self.target.hash));
        tokio::select! {
            order = ordered(&mut orders) => {
                if order == Order::Finish {
                    self.memory.end(&self.db, (self.clock)());
                }
                return Some(self.memory);
            }
            () = tokio::time::sleep(wait) => {}
        }
        let mut ticker = tokio::time::interval_at(Instant::now() + interval, interval);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut aligned = Aligned::new((self.clock)(), interval_ms);
        let order = loop {
            let scrape_ms = aligned.timestamp((self.clock)());
            let started = Instant::now();
            let forced = lock(&self.forced_error).clone();
            let answer = if let Some(error) = forced {
                Err(error)
            } else {
                tokio::select! {
                    order = ordered(&mut orders) => break order,
                    answer = self.client.fetch() => answer,
                }
            };
            self = self.record(answer, scrape_ms, started).await?;
            tokio::select! {
                order = ordered(&mut orders) => break order,
                _ = ticker.tick() => {}
            }
        };
        self.end(order, ticker, interval, &mut orders).await
    }

    /// Writing may take a while, so it has a thread of its own.
    async fn record(
        self,
        answer: Result<super::record::Answer, ScrapeError>,
        scrape_ms: i64,
        started: Instant,
    ) -> Option<Self> {
        let progress = self.progress.clone();
        let url = self.target.url.clone();
        let recorded = tokio::task::spawn_blocking(move || {
            let mut this = self;
            let times = Times { scrape_ms, now_ms: (this.clock)() };
            let duration = || started.elapsed().as_secs_f64();
            let (duration_s, result) = this.memory.record(&this.db, answer, times, duration);
            let metadata = this.memory.metadata.published();
            if let Err(error) = &result {
                tracing::debug!(target_url = %this.target.url, %error, "scrape failed");
            }
            *lock(&this.progress) = Progress {
                health: if result.is_ok() { Health::Up } else { Health::Down },
                last_error: result.err().map(|error| error.to_string()).unwrap_or_default(),
                last_scrape_ms: Some(scrape_ms),
                last_scrape_duration_s: duration_s,
                metadata,
            };
            this
        });
        match recorded.await {
            Ok(this) => Some(this),
            Err(error) => {
                tracing::error!(target_url = %url, %error, "recording a scrape failed; the target is scraped no more");
                let mut progress = lock(&progress);
                progress.health = Health::Down;
                progress.last_error = "internal error while recording the scrape".into();
                None
            }
        }
    }

    async fn end(
        mut self,
        order: Order,
        mut ticker: Interval,
        interval: Duration,
        orders: &mut watch::Receiver<Order>,
    ) -> Option<Memory> {
        let stale_ms = match order {
            Order::Run | Order::HandOver => return Some(self.memory),
            Order::Finish => (self.clock)(),
            Order::End => {
                let clock = self.clock.clone();
                tokio::select! {
                    () = finish_ordered(orders) => (self.clock)(),
                    stale_ms = async {
                        // When the next scrape would have been.
                        ticker.tick().await;
                        let stale_ms = clock();
                        ticker.tick().await;
                        tokio::time::sleep(interval / 10).await;
                        stale_ms
                    } => stale_ms,
                }
            }
        };
        let ended = tokio::task::spawn_blocking(move || {
            self.memory.end(&self.db, stale_ms);
            self.memory
        });
        ended.await.ok()
    }
}

#[cfg(test)]
mod tests;
