//! A group's evaluation: its rules one after the other, each seeing what those before it wrote, and stale markers
//! for the series that a rule no longer makes.
//!
//! The rules follow Prometheus's `rules` package, Copyright The Prometheus Authors, licensed under Apache-2.0.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use super::evaluate::{self, Alerts, Context, Moment};
use super::file::{Group, Rule};
use super::{Alert, AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus, restore};
use crate::model::{Labels, STALE_NAN};
use crate::storage::{AppendError, Db};

/// What is remembered of a group between evaluations.
#[derive(Debug, Default)]
pub(super) struct GroupState {
    rules: Vec<RuleState>,
    /// Series of rules that are gone, to be marked stale.
    orphans: Vec<Labels>,
    /// The time of the samples that were written last.
    newest_sample_ms: Option<i64>,
    last_evaluation_ms: Option<i64>,
    evaluation_time_s: f64,
}

/// What is remembered of a rule between evaluations.
#[derive(Debug, Default, Clone)]
struct RuleState {
    /// The series it wrote last time.
    series: BTreeSet<Labels>,
    alerts: Alerts,
    /// Whether the state from before the start has been looked for.
    restored: bool,
    health: RuleHealth,
    last_error: String,
    last_evaluation_ms: Option<i64>,
    evaluation_time_s: f64,
}

impl GroupState {
    /// That of a group not evaluated yet; `restored` says that nothing from before the start is looked for.
    pub(super) fn new(group: &Group, restored: bool) -> Self {
        let rule = RuleState { restored, ..RuleState::default() };
        Self { rules: vec![rule; group.rules.len()], ..Self::default() }
    }

    /// Takes over what `old` remembers, rule by rule with the same name and labels: the first from the first, and so
    /// on. The series of rules that are gone are orphans.
    pub(super) fn inherit(&mut self, group: &Group, old_group: &Group, old: Self) {
        let key = |rule: &Rule| format!("{:?}", (&rule.name, &rule.labels));
        let mut by_key: HashMap<String, Vec<(RuleState, bool)>> = HashMap::new();
        for (rule, state) in old_group.rules.iter().zip(old.rules).rev() {
            by_key.entry(key(rule)).or_default().push((state, rule.alerting.is_some()));
        }
        for (rule, state) in group.rules.iter().zip(&mut self.rules) {
            let Some((inherited, alerting)) = by_key.get_mut(&key(rule)).and_then(Vec::pop) else { continue };
            state.series = inherited.series;
            if alerting && rule.alerting.is_some() {
                state.alerts = inherited.alerts;
            }
        }
        self.orphans = old.orphans;
        self.orphans.extend(by_key.into_values().flatten().flat_map(|(state, _)| state.series));
        self.newest_sample_ms = old.newest_sample_ms;
        self.last_evaluation_ms = old.last_evaluation_ms;
        self.evaluation_time_s = old.evaluation_time_s;
    }

    /// Evaluates all rules at a slot and writes what they make. `now_ms` is the time on the clock, for the status.
    pub(super) fn evaluate(
        &mut self,
        group: &Group,
        context: &Context<'_>,
        db: &Db,
        time_ms: i64,
        now_ms: i64,
    ) {
        let started = Instant::now();
        let moment = Moment { time_ms, query_offset_ms: group.query_offset_ms, limit: group.limit };
        self.newest_sample_ms = Some(moment.sample_time_ms());
        for (rule, state) in group.rules.iter().zip(&mut self.rules) {
            if context.interrupt.check().is_err() {
                return;
            }
            let rule_started = Instant::now();
            state.evaluate(rule, context, db, moment);
            state.last_evaluation_ms = Some(now_ms);
            state.evaluation_time_s = rule_started.elapsed().as_secs_f64();
        }
        self.mark_orphans(db, moment.sample_time_ms());
        self.last_evaluation_ms = Some(now_ms);
        self.evaluation_time_s = started.elapsed().as_secs_f64();
    }

    /// Looks in the store since when the alerts of before the start hold.
    pub(super) fn restore(&mut self, group: &Group, context: &Context<'_>, now_ms: i64) {
        for (rule, state) in group.rules.iter().zip(&mut self.rules) {
            let Some(alerting) = &rule.alerting else { continue };
            // There is no second try: an alert then just waits for its whole time.
            if let Err(error) = restore::restore(context.store, rule, alerting, &mut state.alerts, now_ms) {
                tracing::warn!(group = group.name, alert = rule.name, %error, "failed to restore 'for' state");
            }
            state.restored = true;
        }
    }

    /// Ends all series of the group, which is gone, at `time_ms`, but behind its last samples: at their own time the
    /// store would refuse a marker.
    pub(super) fn end(&mut self, db: &Db, time_ms: i64) {
        let time_ms = self.newest_sample_ms.map_or(time_ms, |newest_ms| time_ms.max(newest_ms + 1));
        for state in &mut self.rules {
            self.orphans.extend(std::mem::take(&mut state.series));
        }
        self.mark_orphans(db, time_ms);
    }

    fn mark_orphans(&mut self, db: &Db, time_ms: i64) {
        if self.orphans.is_empty() {
            return;
        }
        let mut appender = db.appender();
        for labels in &self.orphans {
            mark_stale(&mut appender, labels, time_ms);
        }
        match appender.commit() {
            Ok(()) => self.orphans.clear(),
            Err(error) => tracing::warn!(%error, "stale markers of rules that are gone were not written"),
        }
    }

    /// How the group is.
    pub(super) fn status(&self, group: &Group) -> GroupStatus {
        GroupStatus {
            name: group.name.clone(),
            file: group.file.clone(),
            interval_ms: group.interval_ms,
            limit: group.limit,
            rules: group.rules.iter().zip(&self.rules).map(|(rule, state)| state.status(rule)).collect(),
            last_evaluation_ms: self.last_evaluation_ms,
            evaluation_time_s: self.evaluation_time_s,
        }
    }
}

impl RuleState {
    fn evaluate(&mut self, rule: &Rule, context: &Context<'_>, db: &Db, moment: Moment) {
        let made = match &rule.alerting {
            None => evaluate::record(context, rule, moment),
            Some(alerting) => {
                evaluate::alert(context, rule, alerting, &mut self.alerts, self.restored, moment)
            }
        };
        let written = made.and_then(|samples| self.write(db, &samples, moment.sample_time_ms()));
        match written {
            Ok(()) => {
                self.health = RuleHealth::Ok;
                self.last_error.clear();
            }
            Err(error) => {
                tracing::warn!(rule = rule.name, error, "evaluating rule failed");
                self.health = RuleHealth::Err;
                self.last_error = error;
            }
        }
    }

    /// Writes samples, and stale markers for the series that are no longer among them. A sample that the store
    /// refuses does not keep the others from being written.
    fn write(&mut self, db: &Db, samples: &[(Labels, f64)], time_ms: i64) -> Result<(), String> {
        let mut appender = db.appender();
        let mut series = BTreeSet::new();
        let mut refused = None;
        for (labels, value) in samples {
            match appender.append(labels, time_ms, *value) {
                Ok(_) => {
                    series.insert(labels.clone());
                }
                Err(error) => refused = Some(error.to_string()),
            }
        }
        for labels in self.series.difference(&series) {
            mark_stale(&mut appender, labels, time_ms);
        }
        appender.commit().map_err(|error| error.to_string())?;
        self.series = series;
        refused.map_or(Ok(()), Err)
    }

    fn status(&self, rule: &Rule) -> RuleStatus {
        let kind = rule.alerting.as_ref().map_or(RuleKind::Recording, |alerting| {
            let alerts: Vec<Alert> = self
                .alerts
                .iter()
                .filter(|(_, alert)| alert.state != AlertState::Inactive)
                .map(|(labels, alert)| Alert {
                    labels: labels.clone(),
                    annotations: alert.annotations.clone(),
                    state: alert.state,
                    active_at_ms: alert.active_at_ms,
                    keep_firing_since_ms: alert.keep_firing_since_ms,
                    value: alert.value,
                })
                .collect();
            RuleKind::Alerting {
                hold_s: alerting.hold_ms as f64 / 1000.0,
                keep_firing_for_s: alerting.keep_firing_ms as f64 / 1000.0,
                annotations: alerting.annotations.clone(),
                state: alerts.iter().map(|alert| alert.state).max().unwrap_or_default(),
                alerts,
            }
        });
        RuleStatus {
            name: rule.name.clone(),
            query: rule.query.text().to_owned(),
            labels: rule.labels.clone(),
            health: self.health,
            last_error: self.last_error.clone(),
            last_evaluation_ms: self.last_evaluation_ms,
            evaluation_time_s: self.evaluation_time_s,
            kind,
        }
    }
}

/// A series may be another rule's by now, or the target's own; then the store refuses the marker, and rightly so.
fn mark_stale(appender: &mut crate::storage::Appender<'_>, labels: &Labels, time_ms: i64) {
    match appender.append(labels, time_ms, STALE_NAN) {
        Ok(_) | Err(AppendError::OutOfOrder | AppendError::DuplicateSample) => {}
        Err(error) => tracing::warn!(%labels, %error, "a stale marker was not written"),
    }
}
