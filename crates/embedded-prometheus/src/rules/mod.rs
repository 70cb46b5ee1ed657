//! Recording and alerting rules: evaluated at their interval, their results written to the store.

mod evaluate;
mod file;
mod group;
mod restore;
mod runner;
mod schedule;
mod status;
mod template;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

pub use file::MAX_RULES;
pub use restore::{FOR_GRACE_PERIOD_MS, OUTAGE_TOLERANCE_MS};
pub use status::{Alert, AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus};

use self::runner::{Beginning, Order, Running, Settings, Shared};
use crate::config::{Config, ConfigError};
use crate::promql::Engine;
use crate::storage::Db;

/// How long a stop waits for each evaluation under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Keeps one loop a rule group. Dropping it ends them all.
#[derive(Debug)]
pub struct Ruler {
    shared: Arc<Shared>,
    loops: Mutex<Loops>,
}

#[derive(Debug, Default)]
struct Loops {
    running: Vec<Running>,
    /// Groups that are gone and whose series have not ended yet.
    ending: Vec<Running>,
    /// Whether a configuration was taken on before.
    loaded: bool,
}

impl Ruler {
    /// One without rules. Needs a tokio runtime from [`Ruler::apply`] on.
    #[must_use]
    pub fn new(db: Arc<Db>) -> Self {
        let settings = Settings { engine: Engine::default(), external_labels: Arc::default() };
        Self { shared: Arc::new(Shared { db, settings: RwLock::new(settings) }), loops: Mutex::default() }
    }

    /// Reads the rule files of a configuration and takes them on; groups that did not change keep their state.
    /// With an error in any of them, nothing changes.
    pub fn apply(&self, config: &Config, engine: &Engine) -> Result<(), ConfigError> {
        let groups = file::load(config, engine)?;
        let external_labels = Arc::new(config.global.external_labels.clone());
        *self.shared.settings.write().unwrap_or_else(PoisonError::into_inner) =
            Settings { engine: engine.clone(), external_labels };
        let mut loops = self.loops();
        let restores = !std::mem::replace(&mut loops.loaded, true);
        let mut old = std::mem::take(&mut loops.running);
        for group in groups {
            let known = old
                .iter()
                .position(|running| running.group.file == group.file && running.group.name == group.name);
            let running = match known.map(|at| old.remove(at)) {
                Some(running) if running.group.definition == group.definition => running,
                Some(running) => Running::start(group, &self.shared, Beginning::Inherit(running)),
                None if restores => Running::start(group, &self.shared, Beginning::Restore),
                None => Running::start(group, &self.shared, Beginning::Fresh),
            };
            loops.running.push(running);
        }
        loops.ending.retain(|running| !running.task.is_finished());
        for running in old {
            let _ = running.order.send(Order::Remove);
            loops.ending.push(running);
        }
        Ok(())
    }

    /// Ends all loops.
    pub async fn stop(&self) {
        let running: Vec<Running> = {
            let mut loops = self.loops();
            let loops = &mut *loops;
            loops.running.drain(..).chain(loops.ending.drain(..)).collect()
        };
        for running in &running {
            let _ = running.order.send(Order::Stop);
        }
        for running in running {
            let name = running.group.name.clone();
            if tokio::time::timeout(STOP_TIMEOUT, running.task).await.is_err() {
                tracing::warn!(group = name, "a rule group did not stop in time");
            }
        }
    }

    /// The groups, in the order of their files.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupStatus> {
        self.loops().running.iter().map(|running| running.status.borrow().clone()).collect()
    }

    fn loops(&self) -> MutexGuard<'_, Loops> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
