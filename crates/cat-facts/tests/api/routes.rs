//! The routes as a client sees them, and what they leave in the metrics.

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use axum::http::{StatusCode, header};
use cat_facts::{Config, ErrorRatio, Latency, MAX_CONCURRENT_FACTS};
use tower::ServiceExt as _;

use crate::common::{FACTS_TOLD, IN_FLIGHT, content_type, get, metric, request, router, send, text};

fn requests(method: &str, path: &str, status: &str) -> String {
    format!("http_requests_total{{method=\"{method}\",path=\"{path}\",status=\"{status}\"}}")
}

#[tokio::test]
async fn a_fact_is_told_as_one_line_of_plain_text() {
    let router = router(&Config::default());
    let response = send(&router, "GET", "/cat_facts").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(content_type(&response), "text/plain; charset=utf-8");
    let fact = text(response).await;
    assert!(include_str!("../../src/facts.txt").lines().any(|line| fact == format!("{line}\n")), "{fact:?}");
}

#[tokio::test]
async fn each_fact_is_counted_once() {
    let router = router(&Config::default());
    assert_eq!(metric(&router, FACTS_TOLD).await, Some(0.0));
    for told in 1..=3 {
        get(&router, "/cat_facts").await;
        assert_eq!(metric(&router, FACTS_TOLD).await, Some(f64::from(told)));
    }
    // No fact is told by these.
    send(&router, "HEAD", "/cat_facts").await;
    send(&router, "POST", "/cat_facts").await;
    get(&router, "/cat_facts/more").await;
    assert_eq!(metric(&router, FACTS_TOLD).await, Some(3.0));
}

#[tokio::test]
async fn metrics_are_prometheus_text() {
    let router = router(&Config::default());
    let response = send(&router, "GET", "/metrics").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(content_type(&response), "text/plain; version=0.0.4; charset=utf-8");
    let text = text(response).await;
    assert!(text.contains("# TYPE random_facts_api_execution_counter counter\n"), "{text}");
}

#[tokio::test]
async fn requests_are_counted_and_timed_by_method_route_and_status() {
    let router = router(&Config::default());
    for (method, uri, path, status) in [
        ("GET", "/", "/", "200"),
        ("GET", "/cat_facts?loud=1", "/cat_facts", "200"),
        ("HEAD", "/cat_facts", "/cat_facts", "200"),
        ("POST", "/cat_facts", "/cat_facts", "405"),
        ("PURR", "/cat_facts", "/cat_facts", "405"),
        ("GET", "/healthz", "/healthz", "200"),
        ("GET", "/openapi.json", "/openapi.json", "200"),
        ("GET", "/docs", "/docs", "303"),
        ("GET", "/docs/", "/docs/", "200"),
        ("GET", "/docs/index.css", "/docs/{*rest}", "200"),
        ("GET", "/no/such/route", "unmatched", "404"),
        ("GET", "/another", "unmatched", "404"),
        ("MEOW", "/another", "unmatched", "404"),
    ] {
        let method_label = if matches!(method, "PURR" | "MEOW") { "other" } else { method };
        let series = requests(method_label, path, status);
        let before = metric(&router, &series).await.unwrap_or(0.0);
        assert_eq!(send(&router, method, uri).await.status().as_str(), status, "{method} {uri}");
        assert_eq!(metric(&router, &series).await, Some(before + 1.0), "{series}");
        let times =
            format!("http_request_duration_seconds_count{{method=\"{method_label}\",path=\"{path}\"}}");
        assert!(metric(&router, &times).await >= Some(before + 1.0), "{times}");
    }
    let (_, text) = get(&router, "/metrics").await;
    for raw in ["loud", "/no/such/route", "/another", "index.css", "PURR", "MEOW"] {
        assert!(!text.contains(raw), "{raw} is in the metrics");
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_is_no_longer_in_flight() {
    let router = router(&Config { latency: Latency::Fixed(Duration::from_secs(1)), ..Config::default() });
    // The request that asks for the metrics is itself in flight.
    assert_eq!(metric(&router, IN_FLIGHT).await, Some(1.0));
    {
        let mut request = pin!(router.clone().oneshot(request("GET", "/cat_facts")));
        assert!(request.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(metric(&router, IN_FLIGHT).await, Some(2.0));
    }
    assert_eq!(metric(&router, IN_FLIGHT).await, Some(1.0));
    assert_eq!(metric(&router, &requests("GET", "/cat_facts", "aborted")).await, Some(1.0));
    assert_eq!(metric(&router, FACTS_TOLD).await, Some(0.0));
}

#[tokio::test]
async fn facts_at_once_are_bounded_and_the_rest_still_answers() {
    let router = router(&Config { latency: Latency::Fixed(Duration::from_secs(1)), ..Config::default() });
    let mut waiting = Vec::new();
    for _ in 0..MAX_CONCURRENT_FACTS {
        let mut request = Box::pin(router.clone().oneshot(request("GET", "/cat_facts")));
        assert!(request.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        waiting.push(request);
    }
    let refused = send(&router, "GET", "/cat_facts").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(get(&router, "/healthz").await.0, StatusCode::OK);
    drop(waiting.pop());
    let mut request = pin!(router.clone().oneshot(request("GET", "/cat_facts")));
    assert!(request.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[tokio::test(start_paused = true)]
async fn latency_is_added_to_facts_alone() {
    let latency = Duration::from_secs(3);
    let router = router(&Config { latency: Latency::Fixed(latency), ..Config::default() });
    // The paused clock moves by what is slept and by nothing else.
    let start = tokio::time::Instant::now();
    for uri in ["/", "/metrics", "/healthz", "/openapi.json", "/docs/", "/unknown"] {
        get(&router, uri).await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    get(&router, "/cat_facts").await;
    assert!(start.elapsed() >= latency);
}

#[tokio::test]
async fn an_error_ratio_of_one_fails_facts_alone() {
    let router = router(&Config { error_ratio: ErrorRatio::new(1.0).unwrap(), ..Config::default() });
    for _ in 0..3 {
        let (status, text) = get(&router, "/cat_facts").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(text.contains("simulated"), "{text}");
    }
    assert_eq!(get(&router, "/healthz").await, (StatusCode::OK, "ok".to_owned()));
    assert_eq!(metric(&router, FACTS_TOLD).await, Some(0.0));
    assert_eq!(metric(&router, &requests("GET", "/cat_facts", "500")).await, Some(3.0));
}

/// Statuses and facts of the first requests to a new application.
async fn run(config: &Config) -> Vec<(StatusCode, String)> {
    let router = router(config);
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(get(&router, "/cat_facts").await);
    }
    answers
}

#[tokio::test(start_paused = true)]
async fn a_seed_fixes_facts_and_errors_whatever_the_latency() {
    let config = Config { seed: Some(7), error_ratio: ErrorRatio::new(0.5).unwrap(), ..Config::default() };
    let first = run(&config).await;
    assert_eq!(run(&config).await, first);
    assert_eq!(run(&Config { latency: "exp:30ms".parse().unwrap(), ..config.clone() }).await, first);
    assert_ne!(run(&Config { seed: Some(8), ..config }).await, first);
    let failed = first.iter().filter(|(status, _)| *status == StatusCode::INTERNAL_SERVER_ERROR).count();
    assert!((1..20).contains(&failed), "{failed} of 20 failed");
}

#[tokio::test]
async fn openapi_lists_each_public_route_and_each_answers() {
    let router = router(&Config::default());
    let response = send(&router, "GET", "/openapi.json").await;
    assert_eq!(content_type(&response), "application/json");
    let api: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    let paths: Vec<_> = api["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths, ["/", "/cat_facts", "/healthz", "/metrics", "/openapi.json"]);
    let (_, index) = get(&router, "/").await;
    for path in paths {
        assert_eq!(get(&router, path).await.0, StatusCode::OK, "{path}");
        assert!(path == "/" || index.contains(path), "{path} is not in the index");
    }
}

#[tokio::test]
async fn docs_are_a_page_that_reads_the_description_and_nothing_of_the_internet() {
    let router = router(&Config::default());
    assert_eq!(send(&router, "GET", "/docs").await.headers()[header::LOCATION], "/docs/");
    let page = send(&router, "GET", "/docs/").await;
    assert_eq!((page.status(), content_type(&page)), (StatusCode::OK, "text/html"));
    let page = text(page).await;
    assert!(page.contains("swagger-ui-bundle.js") && !page.contains("https://"), "{page}");
    let (_, script) = get(&router, "/docs/swagger-initializer.js").await;
    assert!(
        script.contains("\"/openapi.json\"") && script.contains("\"validatorUrl\": \"none\""),
        "{script}"
    );
}
