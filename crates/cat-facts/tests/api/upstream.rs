//! Facts of an upstream, and falling back to the built-in list when it has none.

use std::{net::TcpListener, time::Duration};

use axum::{Router, http::StatusCode};
use cat_facts::{Config, Upstream};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::common::{FACTS_TOLD, get, metric, router};

/// Long enough for any machine; no test waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

const OUTCOMES: [&str; 4] = ["success", "timeout", "error", "invalid"];

fn asking(url: &str) -> Router {
    router(&Config { upstream: Some(Upstream::new(url, PATIENCE).unwrap()), ..Config::default() })
}

/// Asks for one fact and checks that `outcome`, and no other, is counted.
async fn fact_with_outcome(router: &Router, outcome: &str) -> String {
    let (status, fact) = get(router, "/cat_facts").await;
    assert_eq!(status, StatusCode::OK);
    for each in OUTCOMES {
        let series = format!("cat_facts_upstream_requests_total{{outcome=\"{each}\"}}");
        assert_eq!(metric(router, &series).await, Some(f64::from(u8::from(each == outcome))), "{series}");
    }
    // A fact is told either way.
    assert_eq!(metric(router, FACTS_TOLD).await, Some(1.0));
    fact
}

fn assert_built_in(fact: &str) {
    assert!(include_str!("../../src/facts.txt").lines().any(|line| line == fact.trim_end()), "{fact:?}");
}

async fn upstream_that_answers(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/fact")).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn the_fact_of_the_upstream_is_told() {
    let answer =
        ResponseTemplate::new(200).set_body_raw(r#"{"fact":"Cats\nnap.","length":9}"#, "application/json");
    let server = upstream_that_answers(answer).await;
    let router = asking(&format!("{}/fact", server.uri()));
    assert_eq!(fact_with_outcome(&router, "success").await, "Cats nap.\n");
}

#[tokio::test]
async fn an_answer_without_a_usable_fact_is_invalid() {
    let oversized = format!(r#"{{"fact":"short","padding":"{}"}}"#, "x".repeat(17 * 1024));
    for body in ["", "meow", "{}", r#"{"fact":7}"#, r#"{"fact":"  "}"#, &oversized] {
        let server = upstream_that_answers(ResponseTemplate::new(200).set_body_string(body)).await;
        assert_built_in(&fact_with_outcome(&asking(&format!("{}/fact", server.uri())), "invalid").await);
    }
}

#[tokio::test]
async fn a_status_that_is_no_success_is_an_error() {
    let answer = ResponseTemplate::new(503).set_body_string(r#"{"fact":"Cats nap."}"#);
    let server = upstream_that_answers(answer).await;
    assert_built_in(&fact_with_outcome(&asking(&format!("{}/fact", server.uri())), "error").await);
}

#[tokio::test]
async fn a_refused_connection_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/fact", listener.local_addr().unwrap());
    drop(listener);
    assert_built_in(&fact_with_outcome(&asking(&url), "error").await);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout() {
    // The system completes the connection, and nobody ever answers; the paused clock then jumps.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/fact", listener.local_addr().unwrap());
    assert_built_in(&fact_with_outcome(&asking(&url), "timeout").await);
}

#[tokio::test]
async fn without_an_upstream_nothing_is_asked() {
    let router = router(&Config::default());
    assert_built_in(&fact_with_outcome(&router, "none of them").await);
}
