//! Makes the dashboard of what a server scrapes, and makes it anew when there are other metrics than before.
//!
//! What was made arrives as a dashboard that was read, like an edited file. Until the targets have answered, it says
//! whom it waits for and why.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::load::{self, parser};
use super::now_ms;
use crate::app::{Event, LoadProblem, Origin};
use crate::dashboard::{Dashboard, Note};
use crate::generate::{self, Generated, Inventory, Options, Target, TargetState};
use crate::source::prometheus::Prometheus;

/// How often is looked while a target was not asked yet: the first data should be on the screen at once.
const FIRST_PERIOD: Duration = Duration::from_millis(100);

/// How often is looked whether a target that does not answer does so now.
const WAITING_PERIOD: Duration = Duration::from_secs(1);

/// How often is looked for new metrics.
pub const PERIOD: Duration = Duration::from_secs(10);

/// Metrics whose last sample is older than this when the program starts are not looked at.
const LOOKBACK_MS: i64 = 5 * 60_000;

/// Changes on their way to the loop.
const QUEUE_LIMIT: usize = 16;

/// Whom to ask, and what to make of it.
pub struct Discovery {
    /// The server.
    pub client: Arc<Prometheus>,
    /// What the metrics do not say.
    pub options: Options,
    /// The zone of times.
    pub zone: Tz,
}

/// Starts looking. The channel never closes by itself. Needs a tokio runtime.
pub fn start(discovery: Discovery) -> mpsc::Receiver<Event> {
    let (events, receiver) = mpsc::channel(QUEUE_LIMIT);
    tokio::spawn(async move {
        let mut finder = Finder { discovery, since_ms: now_ms() - LOOKBACK_MS, known: Known::default() };
        loop {
            for event in finder.look().await {
                if events.send(event).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(finder.known.period()) => {}
                () = events.closed() => return,
            }
        }
    });
    receiver
}

struct Finder {
    discovery: Discovery,
    since_ms: i64,
    known: Known,
}

impl Finder {
    /// Asks the server; what has changed since the last time.
    async fn look(&mut self) -> Vec<Event> {
        let client = &self.discovery.client;
        let targets = match client.targets().await {
            Ok(targets) => targets,
            Err(error) => return self.known.failed(error.to_string()).into_iter().collect(),
        };
        let mut found = None;
        if self.known.wants_metrics(&targets) {
            let job = self.discovery.options.job.as_deref();
            match client.inventory(job, self.since_ms, now_ms()).await {
                Ok(inventory) => found = Some(inventory),
                Err(error) => return self.known.failed(error.to_string()).into_iter().collect(),
            }
        }
        self.known.take(targets, found, &self.discovery)
    }
}

/// What was found so far.
#[derive(Default)]
struct Known {
    inventory: Inventory,
    /// When metrics were asked last.
    asked_at: Option<Instant>,
    /// Targets that answered then.
    up: usize,
    /// The newest file, to tell whether another one is news.
    yaml: Option<String>,
    /// The failure that was told last.
    failure: Option<String>,
    /// Targets that are down after having answered, as they were told last.
    down: Vec<String>,
    /// Addresses that have answered.
    answered: BTreeSet<String>,
}

impl Known {
    fn period(&self) -> Duration {
        let is = |state: fn(&TargetState) -> bool| {
            self.inventory.targets.iter().any(|target| state(&target.state))
        };
        if self.failure.is_some() {
            WAITING_PERIOD
        } else if self.yaml.is_none() || is(|state| *state == TargetState::Unknown) {
            FIRST_PERIOD
        } else if is(|state| matches!(state, TargetState::Down(_))) {
            WAITING_PERIOD
        } else {
            PERIOD
        }
    }

    /// Whether it is time to ask for the metrics: there are some that were not seen yet, or may be.
    fn wants_metrics(&self, targets: &[Target]) -> bool {
        let up = count_up(targets);
        up > 0 && (up != self.up || self.asked_at.is_none_or(|at| at.elapsed() >= PERIOD))
    }

    fn take(&mut self, targets: Vec<Target>, found: Option<Inventory>, discovery: &Discovery) -> Vec<Event> {
        self.failure = None;
        let mut events = Vec::new();
        let has_more = count_up(&targets) > self.up;
        self.up = count_up(&targets);
        if let Some(inventory) = found {
            self.inventory = inventory;
            self.asked_at = Some(Instant::now());
        }
        let down = self.lost(&targets);
        if down != self.down {
            events.push(Event::TargetsDown(down.clone()));
            self.down = down;
        }
        self.inventory.targets = targets;
        let Generated { yaml, notes, .. } = generate::generate(&self.inventory, &discovery.options);
        if self.yaml.as_ref() != Some(&yaml) {
            events.push(Event::Loaded(Origin::Generated, read(&yaml, notes, discovery.zone)));
            self.yaml = Some(yaml);
        }
        if has_more {
            events.push(Event::Arrived);
        }
        events
    }

    /// Targets that are down now and were up before; the dashboard says what is waited for, but not what has gone.
    fn lost(&mut self, targets: &[Target]) -> Vec<String> {
        let up = targets.iter().filter(|target| target.state == TargetState::Up);
        self.answered.extend(up.map(|target| target.url.clone()));
        let down = targets.iter().filter(|target| self.answered.contains(&target.url));
        down.filter_map(|target| match &target.state {
            TargetState::Down(error) => Some(format!("{}: {error}", target.url)),
            _ => None,
        })
        .collect()
    }

    /// A failure is told where no dashboard would tell it, and once.
    fn failed(&mut self, error: String) -> Option<Event> {
        let is_told = self.yaml.is_some() || self.failure.as_ref() == Some(&error);
        self.failure = Some(error.clone());
        (!is_told).then(|| Event::Loaded(Origin::Generated, Err(LoadProblem::whole_file(error))))
    }
}

fn count_up(targets: &[Target]) -> usize {
    targets.iter().filter(|target| target.state == TargetState::Up).count()
}

fn read(yaml: &str, notes: Vec<String>, zone: Tz) -> Result<Arc<Dashboard>, LoadProblem> {
    let mut dashboard = Arc::unwrap_or_clone(load::load("", yaml, &parser(zone))?);
    let note = |message| Note { line: None, column: None, message };
    dashboard.notes.extend(notes.into_iter().map(note));
    Ok(Arc::new(dashboard))
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::config::DataSource;

    /// A server with one target in this state and these metrics.
    async fn serve(server: &MockServer, health: &str, error: &str, names: &[&str]) {
        server.reset().await;
        let series: Vec<String> = names.iter().map(|name| format!("{{\"__name__\":\"{name}\"}}")).collect();
        for (at, data) in [
            (
                "targets",
                format!(
                    "{{\"activeTargets\":[{{\"scrapeUrl\":\"http://a:1/metrics\",\"lastError\":\"{error}\",\"health\":\"{health}\"}}]}}"
                ),
            ),
            ("series", format!("[{}]", series.join(","))),
            ("metadata", "{}".to_owned()),
        ] {
            let body = format!("{{\"status\":\"success\",\"data\":{data}}}");
            let answer = ResponseTemplate::new(200).set_body_string(body);
            Mock::given(path(format!("/api/v1/{at}"))).respond_with(answer).mount(server).await;
        }
    }

    fn describe(events: &[Event]) -> Vec<String> {
        let describe = |event: &Event| match event {
            Event::Loaded(Origin::Generated, Ok(dashboard)) => {
                let panels = dashboard.panels.iter();
                let panels: Vec<_> =
                    panels.map(|panel| format!("{}{}", panel.title, panel.options.content)).collect();
                panels.join(", ")
            }
            Event::Loaded(_, Err(problem)) => format!("! {}", problem.message),
            Event::Arrived => "arrived".to_owned(),
            Event::TargetsDown(targets) => format!("down: {}", targets.join("; ")),
            other => panic!("{other:?}"),
        };
        events.iter().map(describe).collect()
    }

    fn finder(server: &MockServer) -> Finder {
        let client = Prometheus::new(&DataSource::at(&server.uri()).unwrap()).unwrap();
        let options = Options {
            title: "Metrics".to_owned(),
            origin: "a".to_owned(),
            refresh_ms: 1_000,
            range_ms: 60_000,
            scrape_interval_ms: Some(1_000),
            job: None,
        };
        let discovery = Discovery { client: Arc::new(client), options, zone: Tz::UTC };
        Finder { discovery, since_ms: 0, known: Known::default() }
    }

    #[tokio::test]
    async fn it_waits_says_for_what_and_finds_what_comes() {
        let server = MockServer::start().await;
        let mut finder = finder(&server);
        serve(&server, "unknown", "", &[]).await;
        let waiting = "Targets that have not answered- waiting for http://a:1/metrics";
        assert_eq!(describe(&finder.look().await), [waiting]);
        assert_eq!(describe(&finder.look().await), [""; 0], "nothing new");
        assert_eq!(finder.known.period(), FIRST_PERIOD);

        serve(&server, "down", "connection refused", &["up"]).await;
        assert_eq!(describe(&finder.look().await), [format!("{waiting}: connection refused")]);
        assert_eq!(finder.known.period(), WAITING_PERIOD);

        serve(&server, "up", "", &["cats", "up"]).await;
        assert_eq!(describe(&finder.look().await), ["cats, up", "arrived"]);
        assert_eq!(finder.known.period(), PERIOD);

        // A metric that the application registers later.
        serve(&server, "up", "", &["cats", "dogs", "up"]).await;
        assert_eq!(describe(&finder.look().await), [""; 0], "not yet asked again");
        finder.known.asked_at = None;
        assert_eq!(describe(&finder.look().await), ["cats, dogs, up"]);

        serve(&server, "down", "connection refused", &["cats", "dogs", "up"]).await;
        let told = describe(&finder.look().await);
        assert_eq!(told[0], "down: http://a:1/metrics: connection refused");
        serve(&server, "up", "", &["cats", "dogs", "up"]).await;
        assert_eq!(describe(&finder.look().await)[0], "down: ");
    }

    #[tokio::test]
    async fn a_server_that_fails_is_told_once() {
        let server = MockServer::start().await;
        let mut finder = finder(&server);
        let [told] = describe(&finder.look().await).try_into().expect("one event");
        assert!(told.starts_with("! the server answered 404"), "{told}");
        assert_eq!(describe(&finder.look().await), [""; 0]);
        serve(&server, "up", "", &["cats"]).await;
        assert_eq!(describe(&finder.look().await), ["cats", "arrived"]);
        server.reset().await;
        assert_eq!(describe(&finder.look().await), [""; 0], "the outage is told by the panels");
    }
}
