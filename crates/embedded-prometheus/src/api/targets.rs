//! What is scraped, and what its metrics mean: `/api/v1/targets`, `scrape_pools`, `targets/metadata`, `metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::error::ApiError;
use super::json::Success;
use super::params::Params;
use super::state::Api;
use super::status::rfc3339;
use crate::model::Labels;
use crate::promql::format_duration;
use crate::scrape::{Health, MetricMetadata, TargetStatus};
use crate::storage::Matcher;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    discovered_labels: BTreeMap<&'a str, &'a str>,
    labels: BTreeMap<&'a str, &'a str>,
    scrape_pool: &'a str,
    scrape_url: &'a str,
    global_url: &'a str,
    last_error: &'a str,
    last_scrape: String,
    last_scrape_duration: f64,
    health: &'static str,
    scrape_interval: String,
    scrape_timeout: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dropped<'a> {
    discovered_labels: BTreeMap<&'a str, &'a str>,
    scrape_pool: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery<'a> {
    active_targets: Vec<Target<'a>>,
    dropped_targets: Vec<Dropped<'a>>,
    dropped_target_counts: BTreeMap<&'a str, usize>,
}

fn map(labels: &Labels) -> BTreeMap<&str, &str> {
    labels.iter().map(|label| (&*label.name, &*label.value)).collect()
}

fn milliseconds(ms: i64) -> String {
    format_duration(u128::try_from(ms).unwrap_or(0))
}

impl<'a> Target<'a> {
    fn of(status: &'a TargetStatus) -> Self {
        Self {
            discovered_labels: map(&status.discovered_labels),
            labels: map(&status.labels),
            scrape_pool: &status.scrape_pool,
            scrape_url: &status.scrape_url,
            // There is no external address to put in place of this machine's.
            global_url: &status.scrape_url,
            last_error: &status.last_error,
            last_scrape: rfc3339(status.last_scrape_ms),
            last_scrape_duration: status.last_scrape_duration_s,
            health: match status.health {
                Health::Unknown => "unknown",
                Health::Up => "up",
                Health::Down => "down",
            },
            scrape_interval: milliseconds(status.scrape_interval_ms),
            scrape_timeout: milliseconds(status.scrape_timeout_ms),
        }
    }
}

pub(super) async fn targets(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    discovery(&api.scraper.targets(), &api.scraper.dropped_targets(), &params)
}

pub(super) fn discovery(
    active: &[TargetStatus],
    dropped: &BTreeMap<String, Vec<Labels>>,
    params: &Params,
) -> Result<Success, ApiError> {
    let state = params.get("state").to_ascii_lowercase();
    let pool = params.get("scrapePool");
    let shows = |kind: &str| matches!(state.as_str(), "" | "any") || state == kind;
    let in_pool = |name: &str| pool.is_empty() || pool == name;
    let active = if shows("active") { active } else { &[] };
    let dropped_targets = dropped
        .iter()
        .filter(|(name, _)| shows("dropped") && in_pool(name))
        .flat_map(|(scrape_pool, all)| {
            all.iter().map(move |labels| Dropped { discovered_labels: map(labels), scrape_pool })
        })
        .collect();
    Success::of(&Discovery {
        active_targets: active.iter().filter(|it| in_pool(&it.scrape_pool)).map(Target::of).collect(),
        dropped_targets,
        dropped_target_counts: if shows("dropped") {
            dropped.iter().map(|(name, all)| (name.as_str(), all.len())).collect()
        } else {
            BTreeMap::new()
        },
    })
}

#[derive(Serialize)]
struct ScrapePools {
    #[serde(rename = "scrapePools")]
    scrape_pools: BTreeSet<String>,
}

pub(super) async fn scrape_pools(State(api): State<Arc<Api>>) -> Result<Success, ApiError> {
    let live = api.live();
    let scrape_pools = live.config.scrape_configs.iter().map(|config| config.job_name.clone()).collect();
    Success::of(&ScrapePools { scrape_pools })
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Meaning<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    help: &'a str,
    unit: &'a str,
}

impl<'a> From<&'a MetricMetadata> for Meaning<'a> {
    fn from(metadata: &'a MetricMetadata) -> Self {
        Self { kind: &metadata.kind, help: &metadata.help, unit: &metadata.unit }
    }
}

#[derive(Serialize)]
struct TargetMeaning<'a> {
    target: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    metric: &'a str,
    #[serde(flatten)]
    meaning: Meaning<'a>,
}

pub(super) async fn target_metadata(
    State(api): State<Arc<Api>>,
    params: Params,
) -> Result<Success, ApiError> {
    let limit = params.metadata_limit("limit")?.unwrap_or(usize::MAX);
    let matchers = match params.get("match_target") {
        "" => Vec::new(),
        selector => {
            let engine = &api.live().engine;
            engine.matchers(selector).map_err(|e| ApiError::parameter("match_target", e))?
        }
    };
    target_meanings(&api.scraper.targets(), &matchers, params.get("metric"), limit)
}

pub(super) fn target_meanings(
    targets: &[TargetStatus],
    matchers: &[Matcher],
    metric: &str,
    limit: usize,
) -> Result<Success, ApiError> {
    let mut found = Vec::new();
    for target in targets.iter().filter(|it| matchers.iter().all(|matcher| matcher.matches(&it.labels))) {
        if found.len() >= limit {
            break;
        }
        if metric.is_empty() {
            found.extend(target.metadata.iter().map(|(name, meaning)| TargetMeaning {
                target: map(&target.labels),
                metric: name,
                meaning: meaning.into(),
            }));
        } else if let Some(meaning) = target.metadata.get(metric) {
            // The name was asked for, so Prometheus does not repeat it.
            found.push(TargetMeaning { target: map(&target.labels), metric: "", meaning: meaning.into() });
        }
    }
    Success::of(&found)
}

pub(super) async fn metadata(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    meanings(&api.scraper.targets(), &params)
}

pub(super) fn meanings(targets: &[TargetStatus], params: &Params) -> Result<Success, ApiError> {
    let limit = params.metadata_limit("limit")?.unwrap_or(usize::MAX);
    let limit_per_metric = params.metadata_limit("limit_per_metric")?.filter(|limit| *limit > 0);
    let metric = params.get("metric");
    let mut found: BTreeMap<&str, BTreeSet<Meaning>> = BTreeMap::new();
    for (name, meaning) in targets.iter().flat_map(|target| &*target.metadata) {
        if metric.is_empty() || metric == name {
            let meanings = found.entry(name).or_default();
            if limit_per_metric.is_none_or(|limit| meanings.len() < limit) {
                meanings.insert(meaning.into());
            }
        }
    }
    let kept: BTreeMap<_, _> = found.into_iter().take(limit).collect();
    Success::of(&kept)
}
