//! Recording and alerting rules: evaluated at their interval, their results written to the store.

mod status;
mod template;

use std::sync::Arc;

pub use status::{Alert, AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus};

use crate::config::{Config, ConfigError};
use crate::promql::Engine;
use crate::storage::Db;

/// Keeps one loop a rule group.
#[derive(Debug)]
pub struct Ruler {
    #[expect(dead_code, reason = "the loops will write to it")]
    db: Arc<Db>,
}

impl Ruler {
    /// One without rules. Needs a tokio runtime from [`Ruler::apply`] on.
    #[must_use]
    pub fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Reads the rule files of a configuration and takes them on; groups that did not change keep their state.
    /// With an error in any of them, nothing changes.
    pub fn apply(&self, _config: &Config, _engine: &Engine) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Ends all loops.
    pub async fn stop(&self) {}

    /// The groups, in the order of their files.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupStatus> {
        Vec::new()
    }
}
