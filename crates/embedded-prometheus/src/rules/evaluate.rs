//! One evaluation of one rule: its expression's value at a time to samples, and the new state of its alerts. Nothing
//! is written here, and the time is an argument.
//!
//! The rules follow Prometheus's `rules` package, Copyright The Prometheus Authors, licensed under Apache-2.0.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::AlertState;
use super::file::{Alerting, Rule};
use super::template::Data;
use crate::model::{Labels, METRIC_NAME};
use crate::promql::{Engine, Interrupt, QueryValue};
use crate::storage::Queryable;

/// The series that says which alerts there are.
pub(super) const ALERTS: &str = "ALERTS";
/// The series that says since when, in Unix seconds.
pub(super) const ALERTS_FOR_STATE: &str = "ALERTS_FOR_STATE";
/// The label with an alert's name.
pub(super) const ALERT_NAME: &str = "alertname";
const ALERT_STATE: &str = "alertstate";

/// How long a resolved alert is kept in mind, as in Prometheus.
const RESOLVED_RETENTION_MS: i64 = 15 * 60_000;

/// What an evaluation reads from.
pub(super) struct Context<'a> {
    pub(super) engine: &'a Engine,
    pub(super) store: &'a dyn Queryable,
    pub(super) external_labels: &'a Arc<BTreeMap<String, String>>,
    pub(super) interrupt: &'a dyn Interrupt,
}

/// When a rule is evaluated, and how much it may make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) time_ms: i64,
    pub(super) query_offset_ms: i64,
    /// The most series or alerts; 0 for no limit.
    pub(super) limit: u64,
}

impl Moment {
    /// The time of the samples that are read and written.
    pub(super) fn sample_time_ms(&self) -> i64 {
        self.time_ms - self.query_offset_ms
    }
}

/// An alert, also for a while after it was resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ActiveAlert {
    pub(super) state: AlertState,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) value: f64,
    pub(super) active_at_ms: i64,
    pub(super) resolved_at_ms: Option<i64>,
    pub(super) keep_firing_since_ms: Option<i64>,
}

/// The alerts of a rule, by their labels.
pub(super) type Alerts = BTreeMap<Labels, ActiveAlert>;

/// The value of an expression as a vector.
fn vector(context: &Context<'_>, rule: &Rule, time_ms: i64) -> Result<Vec<(Labels, f64)>, String> {
    let answer = context
        .engine
        .evaluate_instant(context.store, &rule.query, time_ms, context.interrupt)
        .map_err(|error| error.to_string())?;
    as_vector(answer.value)
}

fn as_vector(value: QueryValue) -> Result<Vec<(Labels, f64)>, String> {
    match value {
        QueryValue::Vector(samples) => {
            Ok(samples.into_iter().map(|sample| (sample.labels, sample.value)).collect())
        }
        QueryValue::Scalar(sample) => Ok(vec![(Labels::empty(), sample.value)]),
        QueryValue::String { .. } | QueryValue::Matrix(_) => {
            Err("rule result is not a vector or scalar".into())
        }
    }
}

/// The samples of a recording rule.
pub(super) fn record(
    context: &Context<'_>,
    rule: &Rule,
    moment: Moment,
) -> Result<Vec<(Labels, f64)>, String> {
    let mut samples = vector(context, rule, moment.sample_time_ms())?;
    let mut seen = BTreeSet::new();
    for (labels, _) in &mut samples {
        let mut builder = labels.builder();
        builder.set(METRIC_NAME, &rule.name);
        for (name, value) in &rule.labels {
            builder.set(name, value);
        }
        *labels = builder.build();
        if !seen.insert(labels.clone()) {
            return Err("vector contains metrics with the same labelset after applying rule labels".into());
        }
    }
    if moment.limit > 0 && samples.len() as u64 > moment.limit {
        return Err(format!("exceeded limit of {} with {} series", moment.limit, samples.len()));
    }
    Ok(samples)
}

/// The samples of an alerting rule, and its alerts' next state. Until the state from before the start was looked for
/// (`restored`), no sample is written, so that what is in the store is not overwritten.
pub(super) fn alert(
    context: &Context<'_>,
    rule: &Rule,
    alerting: &Alerting,
    alerts: &mut Alerts,
    restored: bool,
    moment: Moment,
) -> Result<Vec<(Labels, f64)>, String> {
    let raised = raised(context, rule, alerting, moment)?;
    let holds: BTreeSet<Labels> = raised.keys().cloned().collect();
    for (labels, new) in raised {
        match alerts.get_mut(&labels) {
            Some(known) if known.state != AlertState::Inactive => {
                known.value = new.value;
                known.annotations = new.annotations;
            }
            _ => {
                alerts.insert(labels, new);
            }
        }
    }
    let mut samples = Vec::new();
    let mut active = 0_u64;
    alerts.retain(|labels, alert| {
        let next = advance(alert, holds.contains(labels), alerting, moment.time_ms);
        if next == Next::Active {
            active += 1;
            if restored {
                samples.push((series(rule, labels, alert.state), 1.0));
                let since_s = alert.active_at_ms.div_euclid(1000);
                samples.push((for_state_series(rule, labels), since_s as f64));
            }
        }
        next != Next::Forget
    });
    if moment.limit > 0 && active > moment.limit {
        alerts.clear();
        return Err(format!("exceeded limit of {} with {active} alerts", moment.limit));
    }
    Ok(samples)
}

/// What becomes of an alert.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Active,
    Resolved,
    Forget,
}

/// Moves one alert on.
fn advance(alert: &mut ActiveAlert, holds: bool, alerting: &Alerting, time_ms: i64) -> Next {
    if holds {
        alert.keep_firing_since_ms = None;
    } else {
        let keeps_firing = alert.state == AlertState::Firing && alerting.keep_firing_ms > 0 && {
            let since_ms = *alert.keep_firing_since_ms.get_or_insert(time_ms);
            time_ms - since_ms < alerting.keep_firing_ms
        };
        if !keeps_firing {
            let long_resolved =
                alert.resolved_at_ms.is_some_and(|at_ms| time_ms - at_ms > RESOLVED_RETENTION_MS);
            if alert.state == AlertState::Pending || long_resolved {
                return Next::Forget;
            }
            if alert.state != AlertState::Inactive {
                alert.state = AlertState::Inactive;
                alert.resolved_at_ms = Some(time_ms);
            }
            return Next::Resolved;
        }
    }
    if alert.state == AlertState::Pending && time_ms - alert.active_at_ms >= alerting.hold_ms {
        alert.state = AlertState::Firing;
    }
    Next::Active
}

/// The alerts that the expression raises now, as if they were new.
fn raised(context: &Context<'_>, rule: &Rule, alerting: &Alerting, moment: Moment) -> Result<Alerts, String> {
    let query = |text: &str| {
        let answer = context
            .engine
            .instant(context.store, text, moment.time_ms, context.interrupt)
            .map_err(|error| error.to_string())?;
        let samples = as_vector(answer.value)?;
        Ok(samples.into_iter().map(|(labels, value)| (map(&labels), value)).collect())
    };
    let mut raised = Alerts::new();
    for (found, value) in vector(context, rule, moment.sample_time_ms())? {
        let data = Data {
            labels: Arc::new(map(&found)),
            external_labels: Arc::clone(context.external_labels),
            value,
            query: &query,
        };
        let mut builder = found.builder();
        builder.remove(METRIC_NAME);
        for (name, template) in &alerting.label_templates {
            builder.set(name, &template.expand(&data));
        }
        builder.set(ALERT_NAME, &rule.name);
        let annotations = alerting
            .annotation_templates
            .iter()
            .map(|(name, template)| (name.clone(), template.expand(&data)))
            .collect();
        let alert = ActiveAlert {
            state: AlertState::Pending,
            annotations,
            value,
            active_at_ms: moment.time_ms,
            resolved_at_ms: None,
            keep_firing_since_ms: None,
        };
        if raised.insert(builder.build(), alert).is_some() {
            return Err("vector contains metrics with the same labelset after applying alert labels".into());
        }
    }
    Ok(raised)
}

fn map(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|label| (label.name.to_string(), label.value.to_string())).collect()
}

fn series(rule: &Rule, labels: &Labels, state: AlertState) -> Labels {
    let mut builder = with_rule_labels(rule, labels).builder();
    builder.set(METRIC_NAME, ALERTS).set(ALERT_NAME, &rule.name).set(ALERT_STATE, state.name());
    builder.build()
}

/// The series that an alert's beginning is kept in.
pub(super) fn for_state_series(rule: &Rule, labels: &Labels) -> Labels {
    let mut builder = with_rule_labels(rule, labels).builder();
    builder.set(METRIC_NAME, ALERTS_FOR_STATE).set(ALERT_NAME, &rule.name);
    builder.build()
}

/// The rule's labels under the alert's: a label that a template made empty shows the template, as in Prometheus.
fn with_rule_labels(rule: &Rule, labels: &Labels) -> Labels {
    let mut builder = Labels::from_pairs(&rule.labels).builder();
    for label in labels.iter() {
        builder.set(&label.name, &label.value);
    }
    builder.build()
}
