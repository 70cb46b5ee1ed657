//! Room for work: how many queries run at a time, how long each may take, and that one ends when its client goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::error::ApiError;
use super::telemetry::QueryTimes;
use crate::promql::{Interrupt, Interrupted};

/// A bounded number of places for work that keeps a thread busy.
#[derive(Debug)]
pub(crate) struct Slots {
    places: Arc<Semaphore>,
    count: usize,
    /// Set when the server ends: whatever runs shall stop.
    stopping: Arc<AtomicBool>,
    times: Arc<QueryTimes>,
}

/// What a piece of work asks now and then.
#[derive(Debug)]
pub(super) struct Patience {
    deadline: Instant,
    client_gone: AtomicBool,
    stopping: Arc<AtomicBool>,
}

impl Interrupt for Patience {
    fn check(&self) -> Result<(), Interrupted> {
        if self.client_gone.load(Ordering::Relaxed) || self.stopping.load(Ordering::Relaxed) {
            return Err(Interrupted::Canceled);
        }
        if Instant::now() >= self.deadline {
            return Err(Interrupted::Timeout);
        }
        Ok(())
    }
}

/// Dropped with the request's future, which happens as soon as the client closes its connection.
struct ClientGone(Arc<Patience>);

impl Drop for ClientGone {
    fn drop(&mut self) {
        self.0.client_gone.store(true, Ordering::Relaxed);
    }
}

impl Slots {
    pub(crate) fn new(count: usize, times: Arc<QueryTimes>) -> Self {
        let count = count.clamp(1, Semaphore::MAX_PERMITS);
        let stopping = Arc::new(AtomicBool::new(false));
        Self { places: Arc::new(Semaphore::new(count)), count, stopping, times }
    }

    /// How many may run at a time.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many run.
    pub(crate) fn busy(&self) -> usize {
        self.count.saturating_sub(self.places.available_permits())
    }

    /// Tells all that run, and all that will, to end.
    pub(crate) fn cancel(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Waits for a place and does `work` on a thread that may block. Waiting counts against `timeout`.
    pub(super) async fn run<T, W>(&self, timeout: Duration, work: W) -> Result<T, ApiError>
    where
        T: Send + 'static,
        W: FnOnce(&Patience) -> Result<T, ApiError> + Send + 'static,
    {
        let asked = Instant::now();
        // A time beyond what the clock can count is no bound; a day from now is as good.
        let deadline = asked.checked_add(timeout).unwrap_or_else(|| asked + Duration::from_hours(24));
        let patience = Arc::new(Patience {
            deadline,
            client_gone: AtomicBool::new(false),
            stopping: Arc::clone(&self.stopping),
        });
        let _client = ClientGone(Arc::clone(&patience));
        let place = match self.places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(_) => timeout_at(deadline, self.places.clone().acquire_owned())
                .await
                .map_err(|_| ApiError::new("timeout", "query timed out in query queue"))?
                .map_err(|_| ApiError::new("canceled", "query was canceled in query queue"))?,
        };
        self.times.queued(asked.elapsed());
        let times = Arc::clone(&self.times);
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            patience.check().map_err(|why| match why {
                Interrupted::Timeout => ApiError::new("timeout", "query timed out in query execution"),
                Interrupted::Canceled => ApiError::new("canceled", "query was canceled in query execution"),
            })?;
            let started = Instant::now();
            let result = work(&patience);
            times.evaluated(started.elapsed());
            result
        });
        done.await.unwrap_or_else(|e| {
            tracing::error!(error = %e, "a query ended unexpectedly");
            Err(ApiError::new("internal", "the query ended unexpectedly; the server's log says more"))
        })
    }
}
