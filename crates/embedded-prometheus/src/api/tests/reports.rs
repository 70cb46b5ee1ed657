//! The shapes of what scraping and rules report.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use super::super::params::Params;
use super::super::{rules, targets};
use super::{read, request};
use crate::model::Labels;
use crate::promql::Engine;
use crate::rules::{Alert, AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus};
use crate::scrape::{Health, MetricMetadata, TargetStatus};

async fn params(query: &str) -> Params {
    use axum::extract::FromRequest as _;
    Params::from_request(request("GET", &format!("/?{query}")), &()).await.unwrap()
}

async fn shown(answer: Result<super::super::json::Success, super::super::error::ApiError>) -> Value {
    let (_, body) = read(answer.into_response()).await;
    serde_json::from_str::<Value>(&body).unwrap()["data"].take()
}

#[tokio::test]
async fn targets_and_their_metadata() {
    let meaning =
        |help: &str| MetricMetadata { kind: "gauge".into(), help: help.into(), unit: String::new() };
    let target = |pool: &str, help: &str| TargetStatus {
        scrape_pool: pool.into(),
        labels: Labels::from_pairs([("job", pool)]),
        discovered_labels: Labels::from_pairs([("__address__", "a:1")]),
        scrape_url: "http://a:1/metrics".into(),
        health: Health::Down,
        last_error: "refused".into(),
        last_scrape_ms: Some(1500),
        last_scrape_duration_s: 0.25,
        scrape_interval_ms: 15_000,
        scrape_timeout_ms: 10_000,
        metadata: Arc::new(BTreeMap::from([("up".into(), meaning(help)), ("x".into(), meaning("X"))])),
    };
    let all = [target("a", "first"), target("b", "second")];
    let dropped = BTreeMap::from([("a".to_owned(), vec![Labels::from_pairs([("k", "v")])])]);
    let found = shown(targets::discovery(&all, &dropped, &params("scrapePool=a").await)).await;
    assert_eq!(
        found,
        json!({
            "activeTargets": [{
                "discoveredLabels": {"__address__": "a:1"}, "labels": {"job": "a"}, "scrapePool": "a",
                "scrapeUrl": "http://a:1/metrics", "globalUrl": "http://a:1/metrics", "lastError": "refused",
                "lastScrape": "1970-01-01T00:00:01.5Z", "lastScrapeDuration": 0.25, "health": "down",
                "scrapeInterval": "15s", "scrapeTimeout": "10s",
            }],
            "droppedTargets": [{"discoveredLabels": {"k": "v"}, "scrapePool": "a"}],
            "droppedTargetCounts": {"a": 1},
        })
    );
    let found = shown(targets::discovery(&all, &dropped, &params("state=dropped").await)).await;
    assert_eq!(found["activeTargets"], json!([]));
    let found = shown(targets::meanings(&all, &params("metric=up").await)).await;
    let up = |help| json!({"type": "gauge", "help": help, "unit": ""});
    assert_eq!(found, json!({"up": [up("first"), up("second")]}));
    let found = shown(targets::meanings(&all, &params("limit=1&limit_per_metric=1").await)).await;
    assert_eq!(found, json!({"up": [up("first")]}));
    let matchers = Engine::default().matchers(r#"{job="b"}"#).unwrap();
    let found = shown(targets::target_meanings(&all, &matchers, "up", 9)).await;
    let expected = json!([{"target": {"job": "b"}, "type": "gauge", "help": "second", "unit": ""}]);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn rules_and_alerts() {
    let alert = Alert {
        labels: Labels::from_pairs([("alertname", "Down")]),
        annotations: BTreeMap::from([("summary".into(), "it is down".into())]),
        state: AlertState::Firing,
        active_at_ms: 1000,
        keep_firing_since_ms: None,
        value: 1.0,
    };
    let rule = |name: &str, kind| RuleStatus {
        name: name.into(),
        query: "up == 0".into(),
        labels: BTreeMap::from([("severity".into(), name.into())]),
        health: RuleHealth::Ok,
        last_error: String::new(),
        last_evaluation_ms: Some(2000),
        evaluation_time_s: 0.5,
        kind,
    };
    let alerting = RuleKind::Alerting {
        hold_s: 60.0,
        keep_firing_for_s: 0.0,
        annotations: BTreeMap::new(),
        state: AlertState::Firing,
        alerts: vec![alert],
    };
    let group = |name: &str| GroupStatus {
        name: name.into(),
        file: "r.yml".into(),
        interval_ms: 15_000,
        limit: 0,
        rules: vec![rule("down", alerting.clone()), rule("up:sum", RuleKind::Recording)],
        last_evaluation_ms: None,
        evaluation_time_s: 0.25,
    };
    let all = [group("one"), group("two"), group("three")];
    let engine = Engine::default();
    let found = shown(rules::discovery(&all, &params("type=alert&rule_group[]=two").await, &engine)).await;
    let shown_alert = json!({
        "labels": {"alertname": "Down"}, "annotations": {"summary": "it is down"}, "state": "firing",
        "activeAt": "1970-01-01T00:00:01Z", "value": "1e+00",
    });
    assert_eq!(
        found,
        json!({"groups": [{
            "name": "two", "file": "r.yml", "interval": 15.0, "limit": 0, "evaluationTime": 0.25,
            "lastEvaluation": "0001-01-01T00:00:00Z",
            "rules": [{
                "state": "firing", "name": "down", "query": "up == 0", "duration": 60.0, "keepFiringFor": 0.0,
                "labels": {"severity": "down"}, "annotations": {}, "alerts": [shown_alert], "health": "ok",
                "evaluationTime": 0.5, "lastEvaluation": "1970-01-01T00:00:02Z", "type": "alerting",
            }],
        }]})
    );
    let query = "rule_name[]=up:sum&match[]={severity=%22up:sum%22}&group_limit=2";
    let found = shown(rules::discovery(&all, &params(query).await, &engine)).await;
    assert_eq!(found["groups"].as_array().unwrap().len(), 2);
    assert_eq!(found["groups"][0]["rules"].as_array().unwrap().len(), 1);
    assert_eq!(found["groups"][0]["rules"][0]["type"], "recording");
    let next = format!("group_limit=2&group_next_token={}", found["groupNextToken"].as_str().unwrap());
    let found = shown(rules::discovery(&all, &params(&next).await, &engine)).await;
    assert_eq!(found["groups"][0]["name"], "three");
    assert_eq!(found["groupNextToken"], Value::Null);
    let quiet = shown(rules::discovery(&all, &params("exclude_alerts=true").await, &engine)).await;
    assert_eq!(quiet["groups"][0]["rules"][0]["alerts"], json!([]));
    assert_eq!(shown(rules::active_alerts(&all)).await["alerts"].as_array().unwrap().len(), 3);
}
