use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::evaluate::Context;
use super::file::{self, Group};
use super::group::GroupState;
use super::{AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus, Ruler};
use crate::config::Config;
use crate::model::{Labels, is_stale};
use crate::promql::{Engine, Forever};
use crate::storage::{Db, DbOptions, Matcher, Queryable, TimeRange};

/// A store, one group, and a clock that stands where it is put. Times are in seconds.
struct Stage {
    db: Db,
    engine: Engine,
    group: Group,
    state: GroupState,
    external_labels: Arc<BTreeMap<String, String>>,
}

fn group(rules: &str) -> Group {
    let text = format!("groups:\n- name: g\n  interval: 10s\n{rules}");
    let groups = file::parse(&text, Path::new("rules.yml"), 60_000, &Engine::default());
    groups.unwrap_or_else(|fault| panic!("{fault:?}\n{text}")).remove(0)
}

impl Stage {
    fn new(rules: &str) -> Self {
        Self::with_state(rules, true)
    }

    fn with_state(rules: &str, restored: bool) -> Self {
        let group = group(rules);
        let state = GroupState::new(&group, restored);
        let external_labels = Arc::new(BTreeMap::from([("region".to_owned(), "eu".to_owned())]));
        let db = Db::in_memory(DbOptions::default());
        Self { db, engine: Engine::default(), group, state, external_labels }
    }

    fn put(&self, series: &str, time_s: i64, value: f64) {
        let mut appender = self.db.appender();
        appender.append(&labels(series), time_s * 1000, value).unwrap();
        appender.commit().unwrap();
    }

    fn evaluate(&mut self, time_s: i64) -> Vec<RuleStatus> {
        let context = Context {
            engine: &self.engine,
            store: &self.db,
            external_labels: &self.external_labels,
            interrupt: &Forever,
        };
        self.state.evaluate(&self.group, &context, &self.db, time_s * 1000, time_s * 1000);
        self.state.status(&self.group).rules
    }

    fn restore(&mut self, time_s: i64) {
        let context = Context {
            engine: &self.engine,
            store: &self.db,
            external_labels: &self.external_labels,
            interrupt: &Forever,
        };
        self.state.restore(&self.group, &context, time_s * 1000);
    }

    /// All samples of a metric at a time, as `{labels} value`, stale markers as `stale`.
    fn written(&self, metric: &str, time_s: i64) -> Vec<String> {
        let matchers = [Matcher::equal("__name__", metric)];
        let range = TimeRange { start_ms: time_s * 1000, end_ms: time_s * 1000 };
        let mut set = self.db.select(&matchers, range).unwrap();
        let mut samples = Vec::new();
        let mut found = Vec::new();
        while let Some(labels) = set.next_into(&mut samples).unwrap() {
            for sample in &samples {
                let value =
                    if is_stale(sample.value) { "stale".to_owned() } else { sample.value.to_string() };
                found.push(format!("{} {value}", labels.filtered(|name| name != "__name__")));
            }
        }
        found.sort();
        found
    }
}

/// `a{b="c"}` without quotes or blanks in values.
fn labels(series: &str) -> Labels {
    let (name, rest) = series.split_once('{').unwrap_or((series, "}"));
    let pairs = rest.trim_end_matches('}').split(',').filter_map(|pair| pair.split_once('='));
    let named = std::iter::once(("__name__", name));
    Labels::from_pairs(named.chain(pairs.map(|(name, value)| (name, value.trim_matches('"')))))
}

fn alerting(rule: &RuleStatus) -> (AlertState, Vec<(AlertState, i64, f64)>) {
    let RuleKind::Alerting { state, alerts, .. } = &rule.kind else { panic!("{} records", rule.name) };
    (*state, alerts.iter().map(|alert| (alert.state, alert.active_at_ms / 1000, alert.value)).collect())
}

#[test]
fn a_recording_rule_writes_its_value_under_its_name_and_labels() {
    let mut stage = Stage::new(
        "  labels: {team: a, job: none}\n  rules:\n  - {record: 'job:x:sum', expr: 'sum by (job) (x)', labels: {job: api, \
         extra: '{{ no template }}'}}\n  - {record: twice, expr: '2 * sum(job:x:sum)'}\n  - {record: one, expr: '1'}\n",
    );
    stage.put("x{job=\"b\",i=\"1\"}", 100, 3.0);
    stage.put("x{job=\"b\",i=\"2\"}", 100, 4.0);
    let rules = stage.evaluate(100);
    assert!(rules.iter().all(|rule| rule.health == RuleHealth::Ok), "{rules:?}");
    assert_eq!(stage.written("job:x:sum", 100), [r#"{extra="{{ no template }}", job="api", team="a"} 7"#]);
    // A later rule sees what an earlier one wrote.
    assert_eq!(stage.written("twice", 100), [r#"{job="none", team="a"} 14"#]);
    assert_eq!(stage.written("one", 100), [r#"{job="none", team="a"} 1"#]);
    assert_eq!((rules[0].last_evaluation_ms, rules[0].query.as_str()), (Some(100_000), "sum by (job) (x)"));
}

#[test]
fn series_that_vanish_are_marked_stale_once() {
    let mut stage = Stage::new("  rules:\n  - {record: r, expr: 'x > 0'}\n");
    stage.put("x{a=\"1\"}", 100, 1.0);
    stage.put("x{a=\"2\"}", 100, 1.0);
    stage.evaluate(100);
    stage.put("x{a=\"1\"}", 110, 0.0);
    stage.evaluate(110);
    assert_eq!(stage.written("r", 110), [r#"{a="1"} stale"#, r#"{a="2"} 1"#]);
    stage.evaluate(120);
    assert_eq!(stage.written("r", 120), [r#"{a="2"} 1"#]);
}

#[test]
fn a_query_offset_moves_reading_and_writing() {
    let mut stage = Stage::new("  query_offset: 5s\n  rules:\n  - {record: r, expr: x}\n");
    stage.put("x", 95, 1.0);
    stage.put("x", 100, 2.0);
    stage.evaluate(100);
    assert_eq!(stage.written("r", 95), ["{} 1"]);
    assert!(stage.written("r", 100).is_empty());
}

#[test]
fn what_goes_wrong_is_in_the_status_and_keeps_the_series() {
    for (rule, expected) in [
        (
            "{record: r, expr: x, labels: {a: same}}",
            "vector contains metrics with the same labelset after applying rule labels",
        ),
        ("{record: r, expr: 'x[5m]'}", "rule result is not a vector or scalar"),
        ("{record: r, expr: '\"text\"'}", "rule result is not a vector or scalar"),
        (
            "{alert: r, expr: x, labels: {a: same}}",
            "vector contains metrics with the same labelset after applying alert labels",
        ),
        (
            "{alert: r, expr: 'x + on() x'}",
            "found duplicate series for the match group {} on the right hand-side of the operation",
        ),
    ] {
        let mut stage = Stage::new(&format!("  rules:\n  - {rule}\n"));
        stage.put("x{a=\"1\"}", 100, 1.0);
        stage.put("x{a=\"2\"}", 100, 1.0);
        let status = stage.evaluate(100).remove(0);
        assert_eq!(status.health, RuleHealth::Err, "{rule}");
        assert!(status.last_error.starts_with(expected), "{rule}: {}", status.last_error);
    }
    let mut stage = Stage::new("  limit: 1\n  rules:\n  - {record: r, expr: x}\n  - {alert: A, expr: x}\n");
    stage.put("x{a=\"1\"}", 100, 1.0);
    stage.evaluate(100);
    stage.put("x{a=\"2\"}", 110, 1.0);
    let rules = stage.evaluate(110);
    assert_eq!(rules[0].last_error, "exceeded limit of 1 with 2 series");
    assert_eq!(rules[1].last_error, "exceeded limit of 1 with 2 alerts");
    assert_eq!(alerting(&rules[1]).1, []);
    assert!(stage.written("r", 110).is_empty(), "no stale marker after an error");
}

#[test]
fn an_alert_is_pending_then_fires_then_is_resolved() {
    let mut stage = Stage::new(
        "  rules:\n  - {alert: Down, expr: 'up == 0', for: 20s, labels: {severity: '{{ if eq $labels.job \"a\" }}page{{ \
         else }}ticket{{ end }}'}, annotations: {summary: '{{ $labels.job }} in {{ $externalLabels.region }}: {{ $value \
         }}, {{ with query \"count(up)\" }}{{ . | first | value }}{{ end }} known'}}\n",
    );
    stage.put("up{job=\"a\"}", 100, 0.0);
    stage.put("up{job=\"b\"}", 100, 1.0);
    let rules = stage.evaluate(100);
    assert_eq!(alerting(&rules[0]), (AlertState::Pending, vec![(AlertState::Pending, 100, 0.0)]));
    let RuleKind::Alerting { alerts, hold_s, .. } = &rules[0].kind else { unreachable!() };
    assert_eq!(*hold_s, 20.0);
    assert_eq!(alerts[0].labels.to_string(), r#"{alertname="Down", job="a", severity="page"}"#);
    assert_eq!(alerts[0].annotations["summary"], "a in eu: 0, 2 known");
    let pending = r#"{alertname="Down", alertstate="pending", job="a", severity="page"}"#;
    let firing = r#"{alertname="Down", alertstate="firing", job="a", severity="page"}"#;
    assert_eq!(stage.written("ALERTS", 100), [format!("{pending} 1")]);
    let since = r#"{alertname="Down", job="a", severity="page"}"#;
    assert_eq!(stage.written("ALERTS_FOR_STATE", 100), [format!("{since} 100")]);

    assert_eq!(alerting(&stage.evaluate(110)[0]).0, AlertState::Pending);
    assert_eq!(alerting(&stage.evaluate(120)[0]).1, [(AlertState::Firing, 100, 0.0)]);
    assert_eq!(stage.written("ALERTS", 120), [format!("{firing} 1"), format!("{pending} stale")]);
    assert_eq!(stage.written("ALERTS_FOR_STATE", 120), [format!("{since} 100")]);

    stage.put("up{job=\"a\"}", 130, 1.0);
    assert_eq!(alerting(&stage.evaluate(130)[0]), (AlertState::Inactive, vec![]));
    assert_eq!(stage.written("ALERTS", 130), [format!("{firing} stale")]);
    assert_eq!(stage.written("ALERTS_FOR_STATE", 130), [format!("{since} stale")]);

    // It begins anew.
    stage.put("up{job=\"a\"}", 140, 0.0);
    assert_eq!(alerting(&stage.evaluate(140)[0]).1, [(AlertState::Pending, 140, 0.0)]);
    // A pending one just goes.
    stage.put("up{job=\"a\"}", 150, 1.0);
    assert_eq!(alerting(&stage.evaluate(150)[0]), (AlertState::Inactive, vec![]));
    assert_eq!(stage.written("ALERTS", 150), [format!("{pending} stale")]);
}

#[test]
fn without_a_time_to_hold_an_alert_fires_at_once() {
    let mut stage = Stage::new("  rules:\n  - {alert: A, expr: 'x > 1'}\n");
    stage.put("x", 100, 2.0);
    assert_eq!(alerting(&stage.evaluate(100)[0]).1, [(AlertState::Firing, 100, 2.0)]);
    stage.put("x", 110, 3.0);
    assert_eq!(alerting(&stage.evaluate(110)[0]).1, [(AlertState::Firing, 100, 3.0)], "the value moves on");
}

#[test]
fn an_alert_may_keep_firing() {
    let mut stage = Stage::new("  rules:\n  - {alert: A, expr: 'x > 1', keep_firing_for: 20s}\n");
    stage.put("x", 100, 2.0);
    stage.evaluate(100);
    stage.put("x", 110, 0.0);
    let since = |rules: &[RuleStatus]| {
        let RuleKind::Alerting { alerts, .. } = &rules[0].kind else { unreachable!() };
        alerts.first().map(|alert| (alert.state, alert.keep_firing_since_ms))
    };
    assert_eq!(since(&stage.evaluate(110)), Some((AlertState::Firing, Some(110_000))));
    stage.put("x", 120, 5.0);
    assert_eq!(since(&stage.evaluate(120)), Some((AlertState::Firing, None)), "it holds again");
    stage.put("x", 130, 0.0);
    assert_eq!(since(&stage.evaluate(130)), Some((AlertState::Firing, Some(130_000))));
    assert_eq!(since(&stage.evaluate(140)), Some((AlertState::Firing, Some(130_000))));
    assert_eq!(since(&stage.evaluate(150)), None);
    assert_eq!(stage.written("ALERTS", 150), [r#"{alertname="A", alertstate="firing"} stale"#]);
}

/// What was in the store before the start, and when the alert fires after it. The rule holds for 20 minutes; the
/// server went down at 10,000 s and is up at 11,000 s.
#[test]
fn alerts_go_on_after_a_restart() {
    for (began_s, last_s, active_at_s, why) in [
        // 900 s of 1,200 s had passed; those left are less than the grace period.
        (9_100, 10_000, 11_000 + 600 - 1_200, "the grace period"),
        // 300 s had passed, and the outage does not count.
        (9_700, 10_000, 9_700 + 1_000, "the outage is left out"),
        (8_000, 10_000, 8_000, "it was firing"),
        // Down for longer than an hour.
        (1_000, 7_000, 11_000, "too long ago"),
    ] {
        let mut stage = Stage::with_state("  rules:\n  - {alert: A, expr: 'x > 1', for: 20m}\n", false);
        stage.put("ALERTS_FOR_STATE{alertname=\"A\",job=\"a\"}", last_s, f64::from(began_s));
        stage.put("x{job=\"a\"}", 11_000, 2.0);
        stage.evaluate(11_000);
        assert!(
            stage.written("ALERTS", 11_000).is_empty(),
            "nothing is written before the state was looked for"
        );
        stage.restore(11_000);
        let rules = stage.evaluate(11_010);
        assert_eq!(alerting(&rules[0]).1[0].1, active_at_s, "{why}");
        assert_eq!(stage.written("ALERTS", 11_010).len(), 1);
    }
    // What does not wait for long is not restored.
    let mut stage = Stage::with_state("  rules:\n  - {alert: A, expr: 'x > 1', for: 5m}\n", false);
    stage.put("ALERTS_FOR_STATE{alertname=\"A\"}", 10_000, 9_000.0);
    stage.put("x", 11_000, 2.0);
    stage.evaluate(11_000);
    stage.restore(11_000);
    assert_eq!(alerting(&stage.evaluate(11_010)[0]).1[0].1, 11_000);
}

#[test]
fn a_changed_group_inherits_what_stayed() {
    let mut stage = Stage::new(
        "  rules:\n  - {record: gone, expr: x}\n  - {record: stays, expr: x}\n  - {alert: A, expr: 'x > 0', for: 1h}\n",
    );
    stage.put("x", 100, 1.0);
    stage.evaluate(100);
    let new =
        group("  rules:\n  - {alert: A, expr: 'x > 0', for: 10s}\n  - {record: stays, expr: 'x * 2'}\n");
    let old_group = std::mem::replace(&mut stage.group, new);
    let old = std::mem::replace(&mut stage.state, GroupState::new(&stage.group, true));
    stage.state.inherit(&stage.group, &old_group, old);
    let rules = stage.evaluate(110);
    assert_eq!(alerting(&rules[0]).1, [(AlertState::Firing, 100, 1.0)]);
    assert_eq!(stage.written("stays", 110), ["{} 2"]);
    assert_eq!(stage.written("gone", 110), ["{} stale"]);
    stage.evaluate(120);
    assert!(stage.written("gone", 120).is_empty());
    stage.state.end(&stage.db, 130_000);
    assert_eq!(stage.written("stays", 130), ["{} stale"]);
    assert_eq!(stage.written("ALERTS", 130), [r#"{alertname="A", alertstate="firing"} stale"#]);
}

#[test]
fn a_group_that_goes_as_it_was_evaluated_ends_behind_its_samples() {
    let mut stage = Stage::new("  rules:\n  - {record: r, expr: '1'}\n");
    stage.evaluate(100);
    stage.state.end(&stage.db, 100_000);
    let range = TimeRange { start_ms: 0, end_ms: i64::MAX };
    let mut samples = Vec::new();
    let matchers = [Matcher::equal("__name__", "r")];
    let mut set = stage.db.select(&matchers, range).unwrap();
    set.next_into(&mut samples).unwrap().unwrap();
    let times: Vec<(i64, bool)> =
        samples.iter().map(|sample| (sample.time_ms, is_stale(sample.value))).collect();
    assert_eq!(times, [(100_000, false), (100_001, true)]);
}

/// A folder with a rule file, and the configuration that names it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn config(&self, rules: &str) -> Config {
        std::fs::write(self.0.path().join("rules.yml"), rules).unwrap();
        Config::parse("rule_files: [rules.yml]\n", &self.0.path().join("prometheus.yml")).unwrap()
    }
}

/// Waits for the group's next evaluation.
async fn evaluated(ruler: &Ruler, index: usize) -> GroupStatus {
    let mut status = ruler.loops().running[index].status.clone();
    let last_ms = status.borrow_and_update().last_evaluation_ms;
    status.wait_for(|status| status.last_evaluation_ms > last_ms).await.unwrap().clone()
}

#[tokio::test]
async fn the_ruler_evaluates_reloads_and_stops() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let db = Arc::new(Db::in_memory(DbOptions::default()));
    let ruler = Ruler::new(Arc::clone(&db));
    let engine = Engine::default();
    let one = "{name: one, interval: 20ms, rules: [{record: r, expr: '1'}]}";
    ruler.apply(&folder.config(&format!("groups: [{one}, {{name: two, interval: 1h}}]")), &engine).unwrap();
    assert_eq!(ruler.groups().len(), 2);
    let status = evaluated(&ruler, 0).await;
    assert_eq!((status.name.as_str(), status.rules[0].health), ("one", RuleHealth::Ok));
    let newest =
        db.series(&[Matcher::equal("__name__", "r")], TimeRange { start_ms: 0, end_ms: i64::MAX }, &Forever);
    assert_eq!(newest.unwrap().len(), 1);

    // A mistake changes nothing.
    let error =
        ruler.apply(&folder.config("groups: [{name: one, rules: [{record: r}]}]"), &engine).unwrap_err();
    assert!(error.to_string().contains("field 'expr' must be set in rule"), "{error}");
    assert_eq!(ruler.groups().len(), 2);
    evaluated(&ruler, 0).await;

    // What did not change goes on undisturbed, in its new place; what is gone is gone.
    let group = Arc::clone(&ruler.loops().running[0].group);
    ruler.apply(&folder.config(&format!("groups: [{{name: three}}, {one}]")), &engine).unwrap();
    assert_eq!(ruler.groups().iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["three", "one"]);
    assert!(Arc::ptr_eq(&group, &ruler.loops().running[1].group));

    // What changed goes on with its state.
    let changed = one.replace("'1'", "'2'");
    ruler.apply(&folder.config(&format!("groups: [{changed}]")), &engine).unwrap();
    let status = evaluated(&ruler, 0).await;
    assert_eq!(status.rules[0].query, "2");
    ruler.stop().await;
    assert!(ruler.groups().is_empty());
}

#[tokio::test]
async fn the_series_of_a_group_that_is_gone_end() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let db = Arc::new(Db::in_memory(DbOptions::default()));
    let ruler = Ruler::new(Arc::clone(&db));
    let engine = Engine::default();
    let group = "groups: [{name: one, interval: 20ms, rules: [{record: r, expr: '1'}]}]";
    ruler.apply(&folder.config(group), &engine).unwrap();
    evaluated(&ruler, 0).await;
    ruler.apply(&folder.config("groups: []"), &engine).unwrap();
    let ending = ruler.loops().ending.remove(0);
    ending.task.await.unwrap();
    let matchers = [Matcher::equal("__name__", "r")];
    let mut samples = Vec::new();
    let mut set = db.select(&matchers, TimeRange { start_ms: 0, end_ms: i64::MAX }).unwrap();
    set.next_into(&mut samples).unwrap().unwrap();
    assert!(is_stale(samples.last().unwrap().value), "{samples:?}");
}
