//! Requests against the router, without sockets.

mod errors;
mod interrupted;
mod reports;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use super::{Api, Facts, Live, ReloadRequest, Slots, Telemetry, router};
use crate::config::{Config, ConfigError, Global};
use crate::model::{Labels, METRIC_NAME, STALE_NAN};
use crate::promql::Engine;
use crate::rules::Ruler;
use crate::scrape::Scraper;
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
