//! The state of alerts over a restart: since when an alert holds is read back from its `ALERTS_FOR_STATE` series.
//!
//! The rules follow Prometheus's `rules` package, Copyright The Prometheus Authors, licensed under Apache-2.0.

use std::collections::HashMap;

use super::evaluate::{ALERT_NAME, ALERTS_FOR_STATE, Alerts, for_state_series};
use super::file::{Alerting, Rule};
use crate::model::{Labels, METRIC_NAME, Sample, is_stale};
use crate::storage::{Matcher, Queryable, StorageError, TimeRange};

/// How long an outage may have been for the state to be of use; Prometheus's `--rules.alert.for-outage-tolerance`.
pub const OUTAGE_TOLERANCE_MS: i64 = 3_600_000;

/// The least time between a restart and an alert's firing; Prometheus's `--rules.alert.for-grace-period`. A rule
/// that waits less than that is not restored.
pub const FOR_GRACE_PERIOD_MS: i64 = 10 * 60_000;

/// Moves the beginning of the alerts that were there before the start.
pub(super) fn restore(
    store: &dyn Queryable,
    rule: &Rule,
    alerting: &Alerting,
    alerts: &mut Alerts,
    now_ms: i64,
) -> Result<(), StorageError> {
    if alerting.hold_ms < FOR_GRACE_PERIOD_MS || alerts.is_empty() {
        return Ok(());
    }
    let last = last_samples(store, rule, now_ms)?;
    for (labels, alert) in alerts {
        let Some(sample) = last.get(&for_state_series(rule, labels)).filter(|sample| !is_stale(sample.value))
        else {
            continue;
        };
        let down_at_ms = sample.time_ms.div_euclid(1000) * 1000;
        let active_at_ms = (sample.value as i64).saturating_mul(1000);
        let remaining_ms = alerting.hold_ms - down_at_ms.saturating_sub(active_at_ms);
        alert.active_at_ms = if remaining_ms <= 0 {
            // It was firing, and fires again at once.
            active_at_ms
        } else if remaining_ms < FOR_GRACE_PERIOD_MS {
            now_ms + FOR_GRACE_PERIOD_MS - alerting.hold_ms
        } else {
            // The outage does not count.
            active_at_ms.saturating_add(now_ms - down_at_ms)
        };
    }
    Ok(())
}

/// The newest sample of each of the rule's series.
fn last_samples(
    store: &dyn Queryable,
    rule: &Rule,
    now_ms: i64,
) -> Result<HashMap<Labels, Sample>, StorageError> {
    let matchers = [Matcher::equal(METRIC_NAME, ALERTS_FOR_STATE), Matcher::equal(ALERT_NAME, &rule.name)];
    let range = TimeRange { start_ms: now_ms - OUTAGE_TOLERANCE_MS, end_ms: now_ms };
    let mut set = store.select(&matchers, range)?;
    let mut last = HashMap::new();
    let mut samples = Vec::new();
    while let Some(labels) = set.next_into(&mut samples)? {
        if let Some(sample) = samples.last() {
            last.insert(labels, *sample);
        }
    }
    Ok(last)
}
