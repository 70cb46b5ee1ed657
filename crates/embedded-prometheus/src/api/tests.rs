//! Requests against the router, without sockets; and the shapes of what other rooms report.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use super::params::Params;
use super::{Api, Facts, Live, ReloadRequest, Slots, Telemetry, router, rules, targets};
use crate::config::{Config, ConfigError, Global};
use crate::model::{Labels, METRIC_NAME, STALE_NAN};
use crate::promql::Engine;
use crate::rules::{Alert, AlertState, GroupStatus, RuleHealth, RuleKind, RuleStatus, Ruler};
use crate::scrape::{Health, MetricMetadata, Scraper, TargetStatus};
use crate::storage::{Db, DbOptions};

/// What the clock of these servers says.
const NOW_MS: i64 = 600_000;

fn config() -> Config {
    Config {
        global: Global { external_labels: BTreeMap::from([("dc".into(), "x".into())]), ..Global::default() },
        scrape_configs: Vec::new(),
        rule_files: Vec::new(),
        base_dir: "/etc".into(),
        text: "global: {}\n".into(),
    }
}

fn api_with(queries: usize, timeout: Duration) -> (Arc<Api>, mpsc::Receiver<ReloadRequest>) {
    let db = Arc::new(Db::in_memory(DbOptions::default()));
    let mut appender = db.appender();
    for (name, job, first) in
        [("up", "api", 1.0), ("up", "db", 0.0), ("requests_total", "api", 10.0), ("http.size", "api", 0.5)]
    {
        let labels = Labels::from_pairs([(METRIC_NAME, name), ("job", job)]);
        for minute in 0..=10 {
            appender.append(&labels, minute * 60_000, first * minute as f64).unwrap();
        }
    }
    let gone = Labels::from_pairs([(METRIC_NAME, "gone"), ("job", "api")]);
    appender.append(&gone, 540_000, 1.0).unwrap();
    appender.append(&gone, 600_000, STALE_NAN).unwrap();
    appender.commit().unwrap();
    let telemetry = Telemetry::new().unwrap();
    let (reloads, requests) = mpsc::channel(1);
    let api = Api {
        scraper: Arc::new(Scraper::new(Arc::clone(&db))),
        ruler: Arc::new(Ruler::new(Arc::clone(&db))),
        live: RwLock::new(Arc::new(Live { config: config(), engine: Engine::default(), loaded_ms: 1000 })),
        facts: Facts {
            started_ms: 0,
            flags: BTreeMap::from([("query.timeout", "2m".to_owned())]),
            retention: "15d".into(),
            query_timeout: timeout,
        },
        queries: Slots::new(queries, Arc::clone(&telemetry.query_times)),
        lookups: Slots::new(2, Arc::default()),
        telemetry,
        db,
        ready: AtomicBool::new(true),
        reload_went_well: AtomicBool::new(true),
        reloads,
        clock: || NOW_MS,
    };
    (Arc::new(api), requests)
}

fn api() -> Arc<Api> {
    api_with(20, Duration::from_mins(1)).0
}

async fn ask(api: &Arc<Api>, request: Request<Body>) -> (StatusCode, String) {
    let response = router(Arc::clone(api)).oneshot(request).await.unwrap();
    read(response).await
}

async fn read(response: Response<Body>) -> (StatusCode, String) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

async fn get(path: &str) -> (u16, String) {
    let (status, body) = ask(&api(), request("GET", path)).await;
    (status.as_u16(), body)
}

async fn data(path: &str) -> Value {
    let (status, body) = get(path).await;
    assert_eq!(status, 200, "{path}: {body}");
    let mut body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["status"], "success");
    body["data"].take()
}

#[tokio::test]
async fn values_have_the_shapes_of_prometheus() {
    for (path, expected) in [
        ("query?query=1&time=5", r#"{"resultType":"scalar","result":[5,"1"]}"#),
        (
            "query?query=1e21&time=1.005",
            r#"{"resultType":"scalar","result":[1.005,"1000000000000000000000"]}"#,
        ),
        ("query?query=1e-7&time=-1.5", r#"{"resultType":"scalar","result":[-1.5,"0.0000001"]}"#),
        ("query?query=%22a%22&time=1.5", r#"{"resultType":"string","result":[1.5,"a"]}"#),
        (
            "query?query=vector(NaN)",
            r#"{"resultType":"vector","result":[{"metric":{},"value":[600,"NaN"]}]}"#,
        ),
        ("query?query=up[5m]&time=-9", r#"{"resultType":"matrix","result":[]}"#),
        (
            "query?query=up{job=%22api%22}[90s]",
            r#"{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"api"},"values":[[540,"9"],[600,"10"]]}]}"#,
        ),
        (
            "query_range?query=time()&start=0.5&end=2&step=500ms",
            r#"{"resultType":"matrix","result":[{"metric":{},"values":[[0.500,"0.5"],[1,"1"],[1.500,"1.5"],[2,"2"]]}]}"#,
        ),
        ("format_query?query=sum(x)by(job)", r#""sum by (job) (x)""#),
        ("status/walreplay", r#"{"min":0,"max":0,"current":0}"#),
        ("status/config", r#"{"yaml":"global: {}\n"}"#),
        ("status/flags", r#"{"query.timeout":"2m"}"#),
        ("alertmanagers", r#"{"activeAlertmanagers":[],"droppedAlertmanagers":[]}"#),
        ("alerts", r#"{"alerts":[]}"#),
        ("rules", r#"{"groups":[]}"#),
        ("targets", r#"{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{}}"#),
        ("scrape_pools", r#"{"scrapePools":[]}"#),
        ("targets/metadata", "[]"),
        ("metadata", "{}"),
        ("query_exemplars?query=up", "[]"),
    ] {
        let expected = format!(r#"{{"status":"success","data":{expected}}}"#);
        assert_eq!(get(&format!("/api/v1/{path}")).await, (200, expected), "{path}");
    }
}

const START: &str = r#"invalid parameter "start": cannot parse "" to a valid timestamp"#;
const STEP: &str = "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. \
                    Try a positive integer";
const STEPS: &str = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query \
                     resolution (?step=XX)";
const DUPLICATE: &str = "found duplicate series for the match group";

/// A request, the type of its error, and what the error says (or begins with, if its type is `execution`).
const ERRORS: &[(&str, &str, &str)] = &[
    (
        "query",
        "bad_data",
        r#"invalid parameter "query": unknown position: parse error: no expression found in input"#,
    ),
    (
        "query?query=1%2B",
        "bad_data",
        r#"invalid parameter "query": 1:3: parse error: unexpected end of input"#,
    ),
    (
        "query?query=foo(x)",
        "bad_data",
        r#"invalid parameter "query": 1:1: parse error: unknown function with name "foo""#,
    ),
    (
        "query?query=1&time=foo",
        "bad_data",
        r#"invalid parameter "time": Invalid time value for 'time': cannot parse "foo" to a valid timestamp"#,
    ),
    (
        "query?query=1&timeout=bla",
        "bad_data",
        r#"invalid parameter "timeout": cannot parse "bla" to a valid duration"#,
    ),
    (
        "query?query=1&limit=x",
        "bad_data",
        r#"invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax"#,
    ),
    ("query?query=1&limit=-1", "bad_data", r#"invalid parameter "limit": limit must be non-negative"#),
    (
        "query?query=1&lookback_delta=x",
        "bad_data",
        r#"error parsing lookback delta duration: cannot parse "x" to a valid duration"#,
    ),
    ("query_range", "bad_data", START),
    (
        "query_range?query=1&start=1&end=2",
        "bad_data",
        r#"invalid parameter "step": cannot parse "" to a valid duration"#,
    ),
    ("query_range?query=1&start=1&end=2&step=0", "bad_data", STEP),
    ("query_range?query=1&start=1&end=2&step=-1", "bad_data", STEP),
    ("query_range?query=1&start=1&end=2&step=0.0001", "bad_data", STEP),
    (
        "query_range?query=1&start=2&end=1&step=1",
        "bad_data",
        r#"invalid parameter "end": end timestamp must not be before start time"#,
    ),
    ("query_range?query=1&start=0&end=11001&step=1", "bad_data", STEPS),
    ("query_range?query=1&start=0&end=148966367200.372&step=1", "bad_data", STEPS),
    (
        "query_range?query=1&start=0&end=2&step=1e30",
        "bad_data",
        r#"invalid parameter "step": cannot parse "1e30" to a valid duration. It overflows int64"#,
    ),
    (
        "query_range?query=up[5m]&start=0&end=2&step=1",
        "bad_data",
        r#"invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector"#,
    ),
    (
        "query_exemplars?query=up&start=5&end=1",
        "bad_data",
        "end timestamp must not be before start timestamp",
    ),
    ("query_exemplars?query=up{", "bad_data", "1:4: parse error: unexpected end of input inside braces"),
    (
        "labels?start=x",
        "bad_data",
        r#"invalid parameter "start": Invalid time value for 'start': cannot parse "x" to a valid timestamp"#,
    ),
    ("labels?match[]={a=%22%22}", "bad_data", "match[] must contain at least one non-empty matcher"),
    ("labels?match[]=up[5m]", "bad_data", r#"1:3: parse error: unexpected "[""#),
    ("label/job/values?match[]={", "bad_data", "1:2: parse error: unexpected end of input inside braces"),
    ("series", "bad_data", "no match[] parameter provided"),
    (
        "series?match[]={a=~%22.*%22}",
        "bad_data",
        r#"invalid parameter "match[]": match[] must contain at least one non-empty matcher"#,
    ),
    (
        "series?match[]=rate(x[5m])",
        "bad_data",
        r#"invalid parameter "match[]": 1:5: parse error: unexpected "(""#,
    ),
    (
        "series?match[]=up&end=foo",
        "bad_data",
        r#"invalid parameter "end": Invalid time value for 'end': cannot parse "foo" to a valid timestamp"#,
    ),
    ("metadata?limit=x", "bad_data", "limit must be a number"),
    ("metadata?limit_per_metric=x", "bad_data", "limit_per_metric must be a number"),
    (
        "targets/metadata?match_target={",
        "bad_data",
        r#"invalid parameter "match_target": 1:2: parse error: unexpected end of input inside braces"#,
    ),
    ("rules?type=foo", "bad_data", r#"invalid parameter "type": not supported value "foo""#),
    (
        "rules?exclude_alerts=foo",
        "bad_data",
        r#"invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "foo": invalid syntax"#,
    ),
    ("status/tsdb?limit=x", "bad_data", "limit must be a positive number"),
    (
        "format_query?query=invalid_expression/",
        "bad_data",
        r#"invalid parameter "query": 1:20: parse error: unexpected end of input"#,
    ),
    ("query?query=up{job=%22api%22}*on(job){job=%22api%22,__name__=~%22r.*|h.*%22}", "execution", DUPLICATE),
    ("query?query=1&timeout=0", "timeout", "query timed out in query execution"),
];

#[tokio::test]
async fn errors_have_the_words_and_codes_of_prometheus() {
    for &(path, kind, message) in ERRORS {
        let (status, body) = get(&format!("/api/v1/{path}")).await;
        let code = match kind {
            "bad_data" => 400,
            "execution" => 422,
            _ => 503,
        };
        let body: Value = serde_json::from_str(&body).unwrap();
        let expected = json!({"status": "error", "errorType": kind, "error": message});
        if kind == "execution" {
            // Which of two duplicates is named first is not defined.
            assert_eq!((status, &body["errorType"]), (code, &expected["errorType"]), "{body}");
            assert!(body["error"].as_str().unwrap().starts_with(message), "{body}");
            continue;
        }
        assert_eq!((status, body), (code, expected), "{path}");
    }
}

#[tokio::test]
async fn what_there_is() {
    let names = json!(["__name__", "job"]);
    assert_eq!(data("/api/v1/labels").await, names);
    assert_eq!(data("/api/v1/labels?match[]=up&match[]=gone&start=0&end=600").await, names);
    assert_eq!(data("/api/v1/labels?match[]=up&start=9000").await, json!([]));
    assert_eq!(data("/api/v1/label/job/values").await, json!(["api", "db"]));
    assert_eq!(data("/api/v1/label/U____name____/values?match[]=up").await, json!([]));
    assert_eq!(data("/api/v1/label/__name__/values?match[]=up").await, json!(["up"]));
    assert_eq!(data("/api/v1/label/no.such/values").await, json!([]));
    let series = data("/api/v1/series?match[]=up&match[]={job=%22db%22}").await;
    assert_eq!(series, json!([{"__name__": "up", "job": "api"}, {"__name__": "up", "job": "db"}]));
    let (_, body) = get("/api/v1/label/job/values?limit=1").await;
    assert_eq!(body, r#"{"status":"success","data":["api"],"warnings":["results truncated due to limit"]}"#);
    let (_, body) = get("/api/v1/series?match[]=up&limit=1").await;
    assert!(body.ends_with(r#"],"warnings":["results truncated due to limit"]}"#), "{body}");
    let (_, body) = get("/api/v1/query?query=up&limit=1").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["data"]["result"].as_array().unwrap().len(), 1);
    assert_eq!(body["warnings"], json!(["results truncated due to limit"]));
    let tsdb = data("/api/v1/status/tsdb?limit=1").await;
    assert_eq!(tsdb["headStats"]["numSeries"], 5);
    assert_eq!(tsdb["headStats"]["numLabelPairs"], 6);
    assert_eq!(tsdb["seriesCountByMetricName"], json!([{"name": "up", "value": 2}]));
}

#[tokio::test]
async fn forms_are_read_too() {
    let form = |body: &'static str| {
        Request::post("/api/v1/query?time=9&query=2")
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Body::from(body))
            .unwrap()
    };
    let (_, body) = ask(&api(), form("query=1%2B1&time=5")).await;
    assert!(body.contains(r#""result":[5,"2"]"#), "{body}");
    let (_, body) = ask(&api(), form("other=1")).await;
    assert!(body.contains(r#""result":[9,"2"]"#), "{body}");
    let big = Request::post("/api/v1/query")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(Body::from(vec![b'a'; super::MAX_BODY_BYTES + 1]))
        .unwrap();
    let (status, body) = ask(&api(), big).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("error parsing form values"), "{body}");
}

#[tokio::test]
async fn infos_and_warnings_come_along() {
    let (_, body) = get("/api/v1/query?query=rate(up[5m])%2Bquantile(2,up)").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["infos"][0].as_str().unwrap().starts_with("PromQL info: metric might not be a counter"));
    assert!(body["warnings"][0].as_str().unwrap().starts_with("PromQL warning: quantile value"));
}

#[tokio::test]
async fn federation() {
    let (status, body) = get("/federate?match[]={job=%22api%22}&match[]=up").await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        "# TYPE \"http.size\" untyped\n\
         {\"http.size\",job=\"api\",dc=\"x\",instance=\"\"} 5 600000\n\
         # TYPE requests_total untyped\n\
         requests_total{job=\"api\",dc=\"x\",instance=\"\"} 100 600000\n\
         # TYPE up untyped\n\
         up{job=\"api\",dc=\"x\",instance=\"\"} 10 600000\n\
         up{job=\"db\",dc=\"x\",instance=\"\"} 0 600000\n"
    );
    assert_eq!(get("/federate").await, (200, String::new()));
    assert_eq!(
        get("/federate?match[]=up{").await,
        (400, "1:4: parse error: unexpected end of input inside braces\n".into())
    );
}

#[tokio::test]
async fn ways_around_the_api() {
    for (method, path, status, body) in [
        ("GET", "/-/healthy", 200, "Prometheus Server is Healthy.\n"),
        ("GET", "/-/ready", 200, "Prometheus Server is Ready.\n"),
        ("GET", "/-/reload", 405, "Only POST or PUT requests allowed"),
        ("GET", "/-/quit", 405, "Only POST or PUT requests allowed"),
        ("POST", "/-/quit", 403, "Lifecycle API is not enabled."),
        ("GET", "/api/v1/nope", 404, "404 page not found\n"),
        ("GET", "/nope", 404, "404 page not found\n"),
        ("PUT", "/api/v1/query", 405, "Method Not Allowed\n"),
        ("POST", "/api/v1/label/job/values", 405, "Method Not Allowed\n"),
        ("OPTIONS", "/api/v1/query", 204, ""),
        ("GET", "/api/v1/query_exemplars?query=1", 204, ""),
    ] {
        let (got, text) = ask(&api(), request(method, path)).await;
        assert_eq!((got.as_u16(), text.as_str()), (status, body), "{method} {path}");
    }
    let (status, body) = ask(&api(), request("POST", "/api/v1/read")).await;
    assert!(status == StatusCode::NOT_FOUND && body.contains("remote read"), "{body}");
    let (status, body) = ask(&api(), request("POST", "/api/v1/admin/tsdb/snapshot")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body, r#"{"status":"error","errorType":"unavailable","error":"admin APIs disabled"}"#);
    let info = data("/api/v1/status/buildinfo").await;
    assert_eq!((&info["version"], &info["branch"]), (&json!("3.5.0"), &json!("embedded-prometheus")));
    let runtime = data("/api/v1/status/runtimeinfo").await;
    assert_eq!(runtime["serverTime"], "1970-01-01T00:10:00Z");
    assert_eq!(runtime["storageRetention"], "15d");
}

#[tokio::test]
async fn any_origin_may_ask_and_bodies_are_compressed() {
    let request = Request::get("/api/v1/query?query=up")
        .header("Origin", "http://elsewhere")
        .header("Accept-Encoding", "gzip")
        .body(Body::empty())
        .unwrap();
    let response = router(api()).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["Access-Control-Allow-Origin"], "*");
    assert_eq!(response.headers()["Access-Control-Allow-Methods"], "GET, POST, OPTIONS");
    assert_eq!(response.headers()["Content-Encoding"], "gzip");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut text).unwrap();
    assert!(text.starts_with(r#"{"status":"success""#));
}

#[tokio::test]
async fn nothing_is_answered_before_it_is_ready() {
    let api = api();
    api.ready.store(false, Ordering::Relaxed);
    for (path, status) in
        [("/-/ready", 503), ("/api/v1/query?query=1", 503), ("/-/healthy", 200), ("/metrics", 200)]
    {
        assert_eq!(ask(&api, request("GET", path)).await.0.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn reloading_says_what_came_of_it() {
    let (api, mut requests) = api_with(1, Duration::from_mins(1));
    let mut answer = async |result: Result<(), ConfigError>| {
        let asked = ask(&api, request("POST", "/-/reload"));
        let told = async { requests.recv().await.unwrap().send(result).unwrap() };
        tokio::join!(asked, told).0
    };
    assert_eq!(answer(Ok(())).await.0, StatusCode::OK);
    let error = ConfigError { path: "p.yml".into(), at: Some((1, 2)), message: "no".into() };
    let (status, body) = answer(Err(error)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body, "failed to reload config: p.yml:1:2: no\n");
}

/// A query that goes on until it is interrupted, on a thread of its own.
fn endless(api: &Arc<Api>, timeout: Duration) -> tokio::task::JoinHandle<Result<(), super::error::ApiError>> {
    let api = Arc::clone(api);
    tokio::spawn(async move {
        let work = |patience: &super::slots::Patience| loop {
            crate::promql::Interrupt::check(patience).map_err(crate::promql::QueryError::from)?;
            std::thread::yield_now();
        };
        api.queries.run(timeout, work).await
    })
}

#[tokio::test]
async fn a_client_that_goes_frees_its_place() {
    let (api, _requests) = api_with(1, Duration::from_mins(1));
    let first = endless(&api, Duration::from_mins(1));
    while api.queries.busy() == 0 {
        tokio::task::yield_now().await;
    }
    // The only place is taken, so the time of this one passes in the queue.
    let (status, body) = ask(&api, request("GET", "/api/v1/query?query=1&timeout=1ms")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body, r#"{"status":"error","errorType":"timeout","error":"query timed out in query queue"}"#);
    // As axum drops a handler whose connection is closed.
    first.abort();
    let (status, body) = ask(&api, request("GET", "/api/v1/query?query=1&time=0")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn a_query_over_its_time_says_so() {
    let (api, _requests) = api_with(1, Duration::from_mins(1));
    let error = endless(&api, Duration::from_millis(1)).await.unwrap().unwrap_err();
    // On a busy machine the millisecond may be over before the work begins.
    assert!(
        ["query timed out in expression evaluation", "query timed out in query execution"]
            .contains(&error.message.as_str()),
        "{error:?}"
    );
    assert_eq!(error.into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
    // The same through HTTP, with a query that takes far longer than its time.
    let path = "/api/v1/query_range?query=quantile_over_time(0.5,vector(time())[1d:1s])\
                &start=0&end=11000&step=1&timeout=100ms";
    let (status, body) = ask(&api, request("GET", path)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert!(body.contains("query timed out in expression evaluation"), "{body}");
}

#[tokio::test]
async fn a_server_that_stops_cancels_queries() {
    let (api, _requests) = api_with(1, Duration::from_mins(1));
    let query = endless(&api, Duration::from_mins(1));
    while api.queries.busy() == 0 {
        tokio::task::yield_now().await;
    }
    api.queries.cancel();
    assert_eq!(query.await.unwrap().unwrap_err().kind, "canceled");
}

async fn params(query: &str) -> Params {
    use axum::extract::FromRequest as _;
    Params::from_request(request("GET", &format!("/?{query}")), &()).await.unwrap()
}

async fn shown(answer: Result<super::json::Success, super::error::ApiError>) -> Value {
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

#[tokio::test]
async fn the_servers_own_metrics() {
    let api = api();
    ask(&api, request("GET", "/api/v1/query?query=1")).await;
    ask(&api, request("GET", "/api/v1/label/job/values")).await;
    let (_, text) = ask(&api, request("GET", "/metrics")).await;
    for line in [
        "prometheus_build_info{branch=\"embedded-prometheus\"",
        "prometheus_tsdb_head_series 5\n",
        "prometheus_http_requests_total{code=\"200\",handler=\"/api/v1/query\"} 1\n",
        "prometheus_http_requests_total{code=\"200\",handler=\"/api/v1/label/:name/values\"} 1\n",
        "prometheus_engine_query_duration_seconds_count{slice=\"inner_eval\"} 1\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}
