//! What is known of a rule group: its rules, how their last evaluation went, and which alerts they raise.

use std::collections::BTreeMap;

use crate::model::Labels;

/// A group of rules, evaluated one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupStatus {
    /// Its name, unique within its file.
    pub name: String,
    /// The file it is from.
    pub file: String,
    /// How often it is evaluated.
    pub interval_ms: i64,
    /// The most series or alerts that a rule of it may make; 0 for no limit.
    pub limit: u64,
    /// Its rules, in their order.
    pub rules: Vec<RuleStatus>,
    /// When it was last evaluated, in Unix milliseconds.
    pub last_evaluation_ms: Option<i64>,
    /// How long that took.
    pub evaluation_time_s: f64,
}

/// How a rule's last evaluation went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuleHealth {
    /// Not evaluated yet.
    #[default]
    Unknown,
    /// It went well.
    Ok,
    /// It failed.
    Err,
}

/// A rule and how it is.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleStatus {
    /// The name of the series it records, or of its alert.
    pub name: String,
    /// Its expression, as Prometheus would print it.
    pub query: String,
    /// Added to its series or alerts.
    pub labels: BTreeMap<String, String>,
    /// How its last evaluation went.
    pub health: RuleHealth,
    /// Why that failed, or empty.
    pub last_error: String,
    /// When it was last evaluated, in Unix milliseconds.
    pub last_evaluation_ms: Option<i64>,
    /// How long that took.
    pub evaluation_time_s: f64,
    /// What it does.
    pub kind: RuleKind,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// Writes its expression's value as a series.
    Recording,
    /// Raises alerts.
    Alerting {
        /// How long the expression must hold before an alert fires.
        hold_s: f64,
        /// How long an alert goes on firing after its expression no longer holds.
        keep_firing_for_s: f64,
        /// Texts of the alert, as written.
        annotations: BTreeMap<String, String>,
        /// The worst state of its alerts.
        state: AlertState,
        /// Its alerts that are pending or firing.
        alerts: Vec<Alert>,
    },
}

/// How far an alert is; ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum AlertState {
    /// Its expression does not hold.
    #[default]
    Inactive,
    /// Its expression holds, but not for long enough.
    Pending,
    /// It fires.
    Firing,
}

impl AlertState {
    /// As in the `alertstate` label and in Prometheus's API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its labels, `alertname` among them.
    pub labels: Labels,
    /// Its texts, expanded.
    pub annotations: BTreeMap<String, String>,
    /// How far it is.
    pub state: AlertState,
    /// Since when its expression holds, in Unix milliseconds.
    pub active_at_ms: i64,
    /// Since when it goes on firing although its expression no longer holds, in Unix milliseconds.
    pub keep_firing_since_ms: Option<i64>,
    /// The expression's value.
    pub value: f64,
}
