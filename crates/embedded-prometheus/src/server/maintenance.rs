//! What the store wants done every second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::storage::Db;

/// How often the store is maintained: a crash of the machine loses no more than this.
const INTERVAL: Duration = Duration::from_secs(1);

/// Maintains the store until told to stop. An error is logged when it comes, when it changes, and when it is over.
pub(super) async fn run(db: Arc<Db>, mut stopping: watch::Receiver<bool>) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known: Option<String> = None;
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        let store = Arc::clone(&db);
        let error = match tokio::task::spawn_blocking(move || store.maintain()).await {
            Ok(Ok(())) => None,
            Ok(Err(e)) => Some(e.message),
            Err(e) => Some(format!("ended unexpectedly: {e}")),
        };
        if error != known {
            if let Some(error) = &error {
                tracing::error!(%error, "maintaining the store failed; it is tried again every second");
            } else {
                tracing::info!("maintaining the store works again");
            }
            known = error;
        }
    }
}
