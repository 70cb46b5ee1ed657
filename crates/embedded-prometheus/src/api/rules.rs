//! Rules and alerts: `/api/v1/rules`, `alerts` and `alertmanagers`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::error::ApiError;
use super::json::Success;
use super::params::Params;
use super::state::Api;
use super::status::rfc3339;
use crate::model::quote;
use crate::promql::Engine;
use crate::rules::{self, AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus};
use crate::storage::Matcher;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    annotations: &'a BTreeMap<String, String>,
    state: &'static str,
    active_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_firing_since: Option<String>,
    value: String,
}

impl<'a> Alert<'a> {
    fn of(alert: &'a rules::Alert) -> Self {
        Self {
            labels: alert.labels.iter().map(|label| (&*label.name, &*label.value)).collect(),
            annotations: &alert.annotations,
            state: state_name(alert.state),
            active_at: rfc3339(Some(alert.active_at_ms)),
            keep_firing_since: alert.keep_firing_since_ms.map(|ms| rfc3339(Some(ms))),
            value: format_e(alert.value),
        }
    }
}

fn state_name(state: AlertState) -> &'static str {
    match state {
        AlertState::Inactive => "inactive",
        AlertState::Pending => "pending",
        AlertState::Firing => "firing",
    }
}

/// Go's shortest `e` format: `1.5e+00`.
fn format_e(value: f64) -> String {
    if !value.is_finite() {
        return crate::model::format_g(value);
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    name: &'a str,
    file: &'a str,
    rules: Vec<Rule<'a>>,
    interval: f64,
    limit: u64,
    evaluation_time: f64,
    last_evaluation: String,
}

/// The fields of Prometheus's two kinds of rules, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    name: &'a str,
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_firing_for: Option<f64>,
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<Vec<Alert<'a>>>,
    health: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    last_error: &'a str,
    evaluation_time: f64,
    last_evaluation: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> Rule<'a> {
    fn of(status: &'a RuleStatus, with_alerts: bool) -> Self {
        let mut rule = Self {
            state: None,
            name: &status.name,
            query: &status.query,
            duration: None,
            keep_firing_for: None,
            labels: &status.labels,
            annotations: None,
            alerts: None,
            health: match status.health {
                RuleHealth::Unknown => "unknown",
                RuleHealth::Ok => "ok",
                RuleHealth::Err => "err",
            },
            last_error: &status.last_error,
            evaluation_time: status.evaluation_time_s,
            last_evaluation: rfc3339(status.last_evaluation_ms),
            kind: "recording",
        };
        if let RuleKind::Alerting { hold_s, keep_firing_for_s, annotations, state, alerts } = &status.kind {
            rule.kind = "alerting";
            rule.state = Some(state_name(*state));
            rule.duration = Some(*hold_s);
            rule.keep_firing_for = Some(*keep_firing_for_s);
            rule.annotations = Some(annotations);
            let shown: &[rules::Alert] = if with_alerts { alerts } else { &[] };
            rule.alerts = Some(shown.iter().map(Alert::of).collect());
        }
        rule
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery<'a> {
    groups: Vec<Group<'a>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    group_next_token: String,
}

/// Which rules are asked for.
struct Filter<'a> {
    kind: String,
    names: Vec<&'a str>,
    groups: Vec<&'a str>,
    files: Vec<&'a str>,
    matchers: Vec<Vec<Matcher>>,
}

impl Filter<'_> {
    fn takes_group(&self, group: &GroupStatus) -> bool {
        let takes = |wanted: &[&str], it: &str| wanted.is_empty() || wanted.contains(&it);
        takes(&self.groups, &group.name) && takes(&self.files, &group.file)
    }

    fn takes(&self, rule: &RuleStatus) -> bool {
        let kind = match rule.kind {
            RuleKind::Recording => "record",
            RuleKind::Alerting { .. } => "alert",
        };
        let label = |name: &str| rule.labels.get(name).map_or("", String::as_str);
        let matches =
            |set: &Vec<Matcher>| set.iter().all(|matcher| matcher.matches_value(label(&matcher.name)));
        (self.kind.is_empty() || self.kind == kind)
            && (self.names.is_empty() || self.names.contains(&rule.name.as_str()))
            && (self.matchers.is_empty() || self.matchers.iter().any(matches))
    }
}

pub(super) async fn rules(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    discovery(&api.ruler.groups(), &params, &api.live().engine)
}

pub(super) fn discovery(all: &[GroupStatus], params: &Params, engine: &Engine) -> Result<Success, ApiError> {
    let kind = params.get("type").to_ascii_lowercase();
    if !matches!(kind.as_str(), "" | "alert" | "record") {
        return Err(ApiError::parameter("type", format_args!("not supported value {}", quote(&kind))));
    }
    let with_alerts = !exclude_alerts(params)?;
    let (limit, after) = page(params)?;
    let filter = Filter {
        kind,
        names: params.all("rule_name[]").collect(),
        groups: params.all("rule_group[]").collect(),
        files: params.all("file[]").collect(),
        matchers: params.matchers(engine).map_err(|e| ApiError::bad_data(e.to_string()))?,
    };
    let first = match after.as_str() {
        "" => 0,
        token => all
            .iter()
            .position(|group| page_token(group) == token)
            .map(|at| at + 1)
            .ok_or_else(|| ApiError::parameter("group_next_token", "invalid group_next_token"))?,
    };
    let mut groups = Vec::new();
    let mut group_next_token = String::new();
    let mut last = None;
    for group in all.iter().skip(first).filter(|group| filter.takes_group(group)) {
        let rules: Vec<_> = group.rules.iter().filter(|rule| filter.takes(rule)).collect();
        if rules.is_empty() && !group.rules.is_empty() {
            continue;
        }
        if let (Some(limit), Some(last)) = (limit, last)
            && groups.len() >= limit
        {
            group_next_token = page_token(last);
            break;
        }
        last = Some(group);
        groups.push(Group {
            name: &group.name,
            file: &group.file,
            rules: rules.into_iter().map(|rule| Rule::of(rule, with_alerts)).collect(),
            interval: group.interval_ms as f64 / 1000.0,
            limit: group.limit,
            evaluation_time: group.evaluation_time_s,
            last_evaluation: rfc3339(group.last_evaluation_ms),
        });
    }
    Success::of(&Discovery { groups, group_next_token })
}

fn exclude_alerts(params: &Params) -> Result<bool, ApiError> {
    match params.get("exclude_alerts") {
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        other => Err(ApiError::parameter(
            "exclude_alerts",
            format_args!(
                "error converting exclude_alerts: strconv.ParseBool: parsing {}: invalid syntax",
                quote(other)
            ),
        )),
    }
}

/// `group_limit` and `group_next_token`: the most groups, and the one that was last on the page before.
fn page(params: &Params) -> Result<(Option<usize>, String), ApiError> {
    let token = params.get("group_next_token").to_owned();
    let limit = match params.get("group_limit") {
        "" if token.is_empty() => None,
        "" => {
            return Err(ApiError::parameter(
                "group_limit",
                "group_limit needs to be present in order to paginate over the groups",
            ));
        }
        text => match super::params::atoi(text) {
            Ok(limit) if limit > 0 => Some(usize::try_from(limit).unwrap_or(usize::MAX)),
            Ok(_) => {
                return Err(ApiError::parameter("group_limit", "group_limit needs to be greater than 0"));
            }
            Err(what) => {
                return Err(ApiError::parameter(
                    "group_limit",
                    format_args!("group_limit needs to be a valid number: {what}"),
                ));
            }
        },
    };
    Ok((limit, token))
}

/// Opaque to clients; stays the same for a group of the same file and name.
fn page_token(group: &GroupStatus) -> String {
    let mut token = String::new();
    for byte in group.file.bytes().chain(*b";").chain(group.name.bytes()) {
        let _ = write!(token, "{byte:02x}");
    }
    token
}

#[derive(Serialize)]
struct Alerts<'a> {
    alerts: Vec<Alert<'a>>,
}

pub(super) async fn alerts(State(api): State<Arc<Api>>) -> Result<Success, ApiError> {
    active_alerts(&api.ruler.groups())
}

pub(super) fn active_alerts(groups: &[GroupStatus]) -> Result<Success, ApiError> {
    let mut alerts = Vec::new();
    for rule in groups.iter().flat_map(|group| &group.rules) {
        if let RuleKind::Alerting { alerts: raised, .. } = &rule.kind {
            alerts.extend(raised.iter().map(Alert::of));
        }
    }
    Success::of(&Alerts { alerts })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alertmanagers {
    active_alertmanagers: [(); 0],
    dropped_alertmanagers: [(); 0],
}

/// Alerts are shown here and sent nowhere.
pub(super) async fn alertmanagers() -> Result<Success, ApiError> {
    Success::of(&Alertmanagers { active_alertmanagers: [], dropped_alertmanagers: [] })
}

#[cfg(test)]
mod tests {
    use super::format_e;

    #[test]
    fn values_of_alerts_always_have_an_exponent() {
        for (value, expected) in
            [(0.0, "0e+00"), (1.5, "1.5e+00"), (-1e21, "-1e+21"), (1e-7, "1e-07"), (f64::INFINITY, "+Inf")]
        {
            assert_eq!(format_e(value), expected);
        }
    }
}
