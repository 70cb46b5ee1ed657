//! The life of an engine: it listens when it says so, tells why it does not, and ends when told or dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;

fn plan(texts: &[&str]) -> Plan {
    let targets = texts.iter().map(|text| text.parse().unwrap()).collect();
    Plan::new(Sources::Targets { targets, interval_ms: 1_000 })
}

fn demo(quiet: bool) -> Plan {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    Plan { demo: Some(DemoPlan { quiet, seed: 1, listen }), ..plan(&[]) }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn it_listens_on_loopback_until_it_is_stopped() {
    let engine = Engine::start(plan(&["127.0.0.1:1"])).unwrap();
    let address = engine.address();
    assert!(address.ip().is_loopback() && address.port() > 0);
    assert_eq!((engine.cat_facts(), engine.repairs().len()), (None, 0));
    engine.stop().unwrap();
    TcpListener::bind(address).expect("the port is free again");
}

#[test]
fn a_taken_port_and_a_bad_target_are_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let error = |plan| Engine::start(plan).err().expect("it does not start");
    let refused = error(Plan { listen, ..plan(&[]) });
    let expected =
        format!("cannot listen on {listen}: address already in use; give another one with --listen");
    assert_eq!(refused.to_string(), expected);
    assert!(!refused.is_usage());
    assert!(error(plan(&["h:1", "h:1"])).is_usage());

    let mut of_demo = demo(true);
    of_demo.demo.as_mut().unwrap().listen = listen;
    assert!(
        error(of_demo)
            .to_string()
            .ends_with("address already in use; give another one with --cat-facts-port")
    );
    assert!(error(Plan { listen, ..demo(true) }).to_string().ends_with("give another one with --port"));
}

#[test]
fn a_missing_configuration_names_the_remedy() {
    let sources = Sources::File("/nowhere/prometheus.yml".into());
    let error = Engine::start(Plan::new(sources)).err().expect("it does not start");
    assert_eq!(
        error.to_string(),
        "/nowhere/prometheus.yml: no such file; give one with --config, or addresses to scrape with --scrape"
    );
}

#[test]
fn the_demo_has_cats_a_load_and_an_end() {
    let engine = Engine::start(demo(false)).unwrap();
    let cat_facts = engine.cat_facts().unwrap();
    assert_ne!(cat_facts, engine.address());
    assert!(get(cat_facts, "/metrics").contains("random_facts_api_execution_counter"));
    // The load asks about three times a second; nobody else does.
    while !get(cat_facts, "/metrics").contains("path=\"/cat_facts\"") {
        thread::yield_now();
    }
    drop(engine);
    TcpListener::bind(cat_facts).expect("the port is free again");
}

#[test]
fn a_quiet_demo_is_asked_by_nobody_but_the_engine() {
    let engine = Engine::start(demo(true)).unwrap();
    let metrics = get(engine.cat_facts().unwrap(), "/metrics");
    assert!(!metrics.contains("path=\"/cat_facts\""), "{metrics}");
}
