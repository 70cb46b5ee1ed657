//! End to end, with nothing but this program: the demo, scraping without a server, the engine alone, and a dashboard
//! made of metrics.

mod screen;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use screen::Screen;

/// A test that waits this long for anything has failed.
const PATIENCE: Duration = Duration::from_mins(1);

const SIZE: (u16, u16) = (120, 45);

/// The screen, once the demo's dashboard is on it.
fn dashboard(screen: &str) -> Option<String> {
    screen.contains("Facts told").then(|| screen.to_owned())
}

/// The address behind `what` in the demo's message.
fn address(screen: &str, what: &str) -> Option<SocketAddr> {
    let behind = screen.split(what).nth(1)?.split("http://").nth(1)?;
    let end = behind.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ':'))?;
    behind[..end].trim_end_matches('.').parse().ok()
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The value of an instant query that has one series.
fn value(engine: SocketAddr, expr: &str) -> Option<f64> {
    let query: String = url::form_urlencoded::byte_serialize(expr.as_bytes()).collect();
    let answer = get(engine, &format!("/api/v1/query?query={query}"));
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let body = &body[body.find('{')?..=body.rfind('}')?];
    let json: serde_json::Value = serde_json::from_str(body).ok()?;
    json["data"]["result"][0]["value"][1].as_str()?.parse().ok()
}

fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

#[test]
fn one_command_shows_cats_that_move() {
    let mut screen = Screen::start(&["demo", "--quiet"], SIZE);
    let text = screen.wait_for("the demo", dashboard);
    let cat_facts = address(&text, " cat-facts").expect("the address of cat-facts");
    let engine = address(&text, ", Prometheus").expect("the address of the engine");
    // The footer is at the end of a frame that may arrive in pieces.
    screen.wait_for("the engine", |text| text.contains("(embedded, in memory)").then_some(()));

    // Both are scraped, and the first samples are on the screen: no fact was told yet.
    let up = wait_for("both targets", || value(engine, "sum(up)").filter(|up| *up >= 2.0));
    assert!((up - 2.0).abs() < f64::EPSILON);
    screen.wait_for("the first data", |text| text.contains("MiB").then_some(()));

    // A key reaches the cat-facts of this process, wherever that listens, and its counter the screen.
    screen.press("\x1b");
    // Escape and a letter that arrive together are Alt and that letter.
    screen.wait_for("the end of the message", |text| (!text.contains("; esc hides")).then_some(()));
    screen.press("f");
    screen.wait_for("a fact", |text| text.contains("Ask for a cat fact").then_some(()));
    let told = || {
        let metrics = get(cat_facts, "/metrics");
        let line = metrics
            .lines()
            .find(|line| line.starts_with("http_requests_total") && line.contains("/cat_facts"));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
    };
    assert!((wait_for("the request", told) - 1.0).abs() < f64::EPSILON);
    let counted = "sum(http_requests_total{job=\"cat-facts\", path=\"/cat_facts\"})";
    wait_for("the scrape", || value(engine, counted).filter(|count| (*count - 1.0).abs() < f64::EPSILON));

    screen.press("n");
    screen.wait_for("the dashboard that was made", |text| {
        text.contains("All metrics of the demo").then_some(())
    });
    screen.press("q");
    assert_eq!(screen.status(), 0);
    TcpListener::bind(engine).expect("the engine's port is free again");
    TcpListener::bind(cat_facts).expect("cat-facts' port is free again");
}

#[test]
fn the_demo_moves_by_itself() {
    let mut screen = Screen::start(&["demo"], SIZE);
    let text = screen.wait_for("the demo", dashboard);
    let engine = address(&text, ", Prometheus").expect("the address of the engine");
    let told = "sum(random_facts_api_execution_counter)";
    let first = wait_for("facts", || value(engine, told).filter(|told| *told > 0.0));
    wait_for("more facts", || value(engine, told).filter(|told| *told > first));
    screen.wait_for("a rate", |text| text.contains("/cat_facts").then_some(()));
    screen.press("\x03");
    assert_eq!(screen.status(), 0);
}

#[test]
fn a_target_is_waited_for_and_its_metrics_become_a_dashboard() {
    // A port where nobody listens yet.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let target = listener.local_addr().expect("an address");
    drop(listener);
    let mut screen = Screen::start(&["--scrape", &target.to_string(), "--scrape-interval", "1s"], SIZE);
    screen.wait_for("the wait", |text| {
        (text.contains(&format!("waiting for http://{target}/metrics")) && text.contains("refused"))
            .then_some(())
    });
    let listener = TcpListener::bind(target).expect("the port is still free");
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request);
            // A metric that is registered late, after the first few scrapes.
            let late = if number > 3 {
                "# HELP late_things Late things.\n# TYPE late_things gauge\nlate_things 7\n"
            } else {
                ""
            };
            let body = format!(
                "# HELP cats_seen_total Cats seen.\n# TYPE cats_seen_total counter\ncats_seen_total {number}\n{late}"
            );
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    screen.wait_for("the counter", |text| {
        (text.contains("cats_seen_total") && !text.contains("waiting for")).then_some(())
    });
    screen.wait_for("the late metric", |text| text.contains("late_things").then_some(()));
    screen.press("q");
    assert_eq!(screen.status(), 0);
}

/// `promscope serve` in the background.
struct Serve {
    child: Child,
    address: SocketAddr,
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serve {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_promscope"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("promscope starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let address =
            line.trim().strip_prefix("listening on http://").and_then(|address| address.parse().ok());
        Self { child, address: address.unwrap_or_else(|| panic!("no address in {line:?}")) }
    }

    /// Sends a signal and waits for the end.
    fn end(&mut self, signal: Signal) -> Option<i32> {
        let pid = Pid::from_raw(self.child.id() as i32).expect("a process");
        kill_process(pid, signal).expect("the process takes signals");
        self.child.wait().expect("promscope ends").code()
    }
}

/// Runs a command that has to end by itself.
fn promscope(args: &[&str]) -> Output {
    let child = Command::new(env!("CARGO_BIN_EXE_promscope"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promscope starts");
    let pid = Pid::from_raw(child.id() as i32).expect("a process");
    let (ended, has_ended) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        let is_late = has_ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if is_late {
            kill_process(pid, Signal::KILL).expect("the process can be killed");
        }
        is_late
    });
    let output = child.wait_with_output().expect("promscope ends");
    drop(ended);
    assert!(!watchdog.join().expect("the watchdog ends"), "{args:?} did not come to an end");
    output
}

#[test]
fn serve_stops_in_order_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("prometheus.yml");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let target = listener.local_addr().expect("an address");
    let text = |interval: &str| {
        format!(
            "global: {{ scrape_interval: {interval} }}\nscrape_configs:\n  - job_name: a\n    static_configs: [{{ targets: [\"{target}\"] }}]\n"
        )
    };
    std::fs::write(&config, text("1s")).expect("a file");
    let (data, config_path) = (folder.path().join("data"), config.display().to_string());
    let args = ["--config", &config_path, "--data-dir", data.to_str().expect("UTF-8")];
    let mut serve = Serve::start(&args);
    wait_for("a scrape", || value(serve.address, "count_over_time(up[1h])").filter(|count| *count >= 1.0));
    // A configuration that is wrong changes nothing, one that is right is taken on.
    let status = |serve: &Serve| get(serve.address, "/api/v1/status/config");
    let pid = Pid::from_raw(serve.child.id() as i32).expect("a process");
    std::fs::write(&config, "global: {").expect("a file");
    kill_process(pid, Signal::HUP).expect("the process takes signals");
    std::fs::write(&config, text("2s")).expect("a file");
    wait_for("the reload", || {
        kill_process(pid, Signal::HUP).expect("the process takes signals");
        status(&serve).contains("scrape_interval: 2s").then_some(())
    });
    let before = value(serve.address, "count_over_time(up[1h])").expect("samples");
    assert_eq!(serve.end(Signal::TERM), Some(0));

    let mut serve = Serve::start(&args);
    let after = wait_for("the samples", || value(serve.address, "count_over_time(up[1h])"));
    assert!(after >= before, "{after} of {before}");
    assert_eq!(serve.end(Signal::INT), Some(0));
}

#[test]
fn serve_tells_why_it_does_not_start() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = taken.local_addr().expect("an address").to_string();
    let output = promscope(&["serve", "--listen", &listen, "--scrape", "127.0.0.1:1"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let expected =
        format!("cannot listen on {listen}: address already in use; give another one with --listen");
    assert!(said.contains(&expected), "{said}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, "global:\n  scrape_intervall: 5s\n").expect("a file");
    let output = promscope(&["serve", "--listen", "127.0.0.1:0", "--config", file.to_str().expect("UTF-8")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("prometheus.yml:2:3") && said.contains("scrape_intervall"), "{said}");
}

#[test]
fn a_dashboard_is_made_of_a_running_engine_and_loads() {
    let mut serve = Serve::start(&["--scrape", "127.0.0.1:1", "--scrape-interval", "1s"]);
    wait_for("a scrape", || value(serve.address, "up"));
    // The engine measures itself, so it can be asked and scraped alike.
    let address = serve.address.to_string();
    let output =
        promscope(&["generate", "--scrape", &format!("engine={address}"), "--scrape-interval", "1s"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("made.yaml");
    std::fs::write(&file, &output.stdout).expect("a file");
    let checked = promscope(&["check", file.to_str().expect("UTF-8")]);
    assert!(
        checked.status.success() && checked.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
    assert_eq!(serve.end(Signal::TERM), Some(0));
}
