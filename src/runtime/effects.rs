//! Requests to the outside: the core's questions and the dashboard's actions, each a task that ends in one event.

use std::collections::HashMap;
use std::fs::{self, File};
use std::future::{Future, poll_fn};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::Client;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use url::Url;

use super::memory::Memory;
use super::terminal::caught;
use crate::app::variables::Choices;
use crate::app::{ActionOutcome, Event, Export};
use crate::dashboard::{ACTION_AT_ONCE_LIMIT, ACTION_TIMES_LIMIT, Action, ActionMethod};
use crate::export::Draft;
use crate::query::{Query, QueryError, RequestId, SourceId};
use crate::source::Sources;
use crate::source::client::is_loopback;
use crate::text;
use crate::time_range::Span;
use crate::variable::lookup::Lookup;

/// Answers on their way to the loop; tasks wait when it is full.
const QUEUE_LIMIT: usize = 256;

/// Longest wait for one request of an action, its body included.
const ACTION_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for all requests of an action.
const ACTION_TIMEOUT: Duration = Duration::from_mins(10);

/// Bytes read of the body that an action brings; the rest is not read.
const ACTION_BODY_LIMIT_BYTES: usize = 64 * 1_024;

/// Files of one name and time, told apart by a number, after which the next one is refused.
const SAME_NAME_LIMIT: u32 = 100;

/// Characters kept of a body or an error.
const ACTION_TEXT_LIMIT_CHARS: usize = 500;

/// Requests under way, and how to forget them.
pub struct Effects {
    sources: Sources,
    client: Option<Client>,
    loopback_client: Option<Client>,
    tls_client: Option<Client>,
    tasks: HashMap<RequestId, AbortHandle>,
    memory: Memory,
    events: mpsc::Sender<Event>,
}

impl Effects {
    /// Asks `sources`; what comes of it arrives at the channel.
    pub fn new(sources: Sources) -> (Self, mpsc::Receiver<Event>) {
        let (events, answers) = mpsc::channel(QUEUE_LIMIT);
        (
            Self {
                sources,
                client: None,
                loopback_client: None,
                tls_client: None,
                tasks: HashMap::new(),
                memory: Memory::default(),
                events,
            },
            answers,
        )
    }

    /// Asks a question; brings one [`Event::Answered`], whatever happens.
    pub fn ask(&mut self, id: RequestId, query: Query) {
        let source = self.sources.get(query.source);
        self.spawn(id, async move {
            let answer = guarded(async { source?.ask(&query).await }).await;
            let defect = |panic| Err(QueryError::Malformed(format!("a defect of promscope: {panic}")));
            Event::Answered(id, answer.unwrap_or_else(defect).map(Arc::new))
        });
    }

    /// Asks what the server has; brings one [`Event::Listed`], whatever happens.
    pub fn lookup(&mut self, id: RequestId, source: SourceId, lookup: Lookup, span: Span) {
        let source = self.sources.get(source);
        self.spawn(id, async move {
            let found = guarded(async { source?.list(&lookup, span).await }).await;
            let defect = |panic| Err(QueryError::Malformed(format!("a defect of promscope: {panic}")));
            Event::Listed(id, found.unwrap_or_else(defect))
        });
    }

    /// Makes the requests of an action; brings one [`Event::ActionDone`], whatever happens.
    pub fn act(&mut self, id: RequestId, action: Action) {
        let client = self.client(&action);
        self.spawn(id, async move {
            let started = Instant::now();
            let tally = match client {
                Ok(client) => run_action(&client, &action).await,
                Err(error) => Tally { failed: action.times, error: Some(error), ..Tally::default() },
            };
            let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            Event::ActionDone(id, tally.outcome(duration_ms))
        });
    }

    /// Keeps what was chosen for the next run; brings an event only when that fails.
    pub fn remember(&mut self, choices: Choices) {
        self.memory.keep(choices, &self.events);
    }

    /// Finishes `draft` and writes it to a new file in the current directory; brings one [`Event::Exported`].
    pub fn export(&mut self, export: Export, draft: Draft) {
        let events = self.events.clone();
        // Pixels and a slow disk take their time, and the screen goes on meanwhile.
        tokio::task::spawn_blocking(move || {
            let written = caught(|| write_export(Path::new("."), &export, draft))
                .unwrap_or_else(|panic| Err(format!("a defect of promscope: {panic}")));
            // Nobody listens only while the program ends.
            let _ = events.blocking_send(Event::Exported(written));
        });
    }

    /// Forgets a request; no event comes of it any more, unless it is in the queue already.
    pub fn cancel(&mut self, id: RequestId) {
        if let Some(task) = self.tasks.remove(&id) {
            task.abort();
        }
    }

    /// To be told of every event of the channel.
    pub fn note(&mut self, event: &Event) {
        if let Event::Answered(id, _) | Event::Listed(id, _) | Event::ActionDone(id, _) = event {
            self.tasks.remove(id);
        }
    }

    fn spawn(&mut self, id: RequestId, work: impl Future<Output = Event> + Send + 'static) {
        let events = self.events.clone();
        let task = tokio::spawn(async move {
            let event = work.await;
            // Nobody listens only while the program ends.
            let _ = events.send(event).await;
        });
        if let Some(before) = self.tasks.insert(id, task.abort_handle()) {
            before.abort();
        }
    }

    /// Built when first needed, and apart from the data source's: an action goes anywhere, and must carry neither
    /// its credentials nor its headers.
    fn client(&mut self, action: &Action) -> Result<Client, String> {
        let is_tls = action.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        let is_loopback = !is_tls && Url::parse(&action.url).is_ok_and(|url| is_loopback(&url));
        let built = match (is_tls, is_loopback) {
            (true, _) => &mut self.tls_client,
            (false, true) => &mut self.loopback_client,
            (false, false) => &mut self.client,
        };
        if let Some(client) = built {
            return Ok(client.clone());
        }
        let client = build_client(is_tls, is_loopback)
            .map_err(|error| format!("no HTTP client: {}", chain(&error)))?;
        *built = Some(client.clone());
        Ok(client)
    }
}

/// Returns the name of the file in `folder`. One that is there is never written over.
fn write_export(folder: &Path, export: &Export, draft: Draft) -> Result<String, String> {
    let bytes = draft.finish().map_err(|error| error.to_string())?;
    for number in 1..=SAME_NAME_LIMIT {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let name = format!("{}{suffix}.{}", export.stem, export.format.extension());
        let path = folder.join(&name);
        let mut file = match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(format!("cannot write {name}: {error}")),
        };
        return match file.write_all(&bytes) {
            Ok(()) => Ok(name),
            Err(error) => {
                // Half a file is worse than none; that it cannot be removed changes nothing about the failure.
                let _ = fs::remove_file(&path);
                Err(format!("cannot write {name}: {error}"))
            }
        };
    }
    Err(format!("there are {SAME_NAME_LIMIT} files named {} already", export.stem))
}

fn build_client(is_tls: bool, is_loopback: bool) -> Result<Client, reqwest::Error> {
    // An error says that somebody installed a provider before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("promscope/", env!("CARGO_PKG_VERSION")))
        .pool_max_idle_per_host(ACTION_AT_ONCE_LIMIT as usize)
        .timeout(ACTION_REQUEST_TIMEOUT);
    let builder = if is_loopback { builder.no_proxy() } else { builder };
    // Plain HTTP needs no authorities: not on the host, where there may be none, and not in memory.
    if is_tls { builder.build() } else { builder.tls_certs_only([]).build() }
}

/// What the requests of an action brought so far.
#[derive(Debug, Default)]
struct Tally {
    succeeded: u32,
    failed: u32,
    body: Option<String>,
    error: Option<String>,
}

impl Tally {
    fn add(&mut self, result: Result<String, String>) {
        match result {
            Ok(body) => {
                self.succeeded += 1;
                self.body = Some(body);
            }
            Err(error) => {
                self.failed += 1;
                self.error = Some(error);
            }
        }
    }

    /// An error is told before a body: it is what the person at the keyboard has to know.
    fn outcome(self, duration_ms: u64) -> ActionOutcome {
        let text = self.error.or(self.body).unwrap_or_default();
        ActionOutcome { succeeded: self.succeeded, failed: self.failed, duration_ms, text }
    }
}

async fn run_action(client: &Client, action: &Action) -> Tally {
    let times = action.times.clamp(1, ACTION_TIMES_LIMIT);
    let at_once = action.at_once.clamp(1, ACTION_AT_ONCE_LIMIT);
    let deadline = Instant::now() + ACTION_TIMEOUT;
    let mut tally = Tally::default();
    let mut results = futures::stream::iter(0..times)
        .map(|_| guarded(request(client, action)))
        .buffer_unordered(at_once as usize);
    loop {
        match tokio::time::timeout_at(deadline, results.next()).await {
            Ok(Some(result)) => {
                tally.add(result.unwrap_or_else(|panic| Err(format!("a defect of promscope: {panic}"))));
            }
            Ok(None) => return tally,
            Err(_) => {
                tally.failed = times - tally.succeeded;
                tally.error = Some(format!("not done within {} minutes", ACTION_TIMEOUT.as_secs() / 60));
                return tally;
            }
        }
    }
}

/// One request: the beginning of the body, or of what went wrong.
async fn request(client: &Client, action: &Action) -> Result<String, String> {
    let request = match action.method {
        ActionMethod::Get => client.get(&action.url),
        ActionMethod::Post => client.post(&action.url),
    };
    // The address may hold a password, and the dashboard shows it already.
    let mut response = request.send().await.map_err(|error| chain(&error.without_url()))?;
    let mut body = Vec::new();
    while body.len() < ACTION_BODY_LIMIT_BYTES {
        match response.chunk().await.map_err(|error| chain(&error.without_url()))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    body.truncate(ACTION_BODY_LIMIT_BYTES);
    let text = beginning(&String::from_utf8_lossy(&body));
    let status = response.status();
    match (status.is_success(), text.is_empty()) {
        (true, _) => Ok(text),
        (false, true) => Err(format!("status {status}")),
        (false, false) => Err(format!("status {status}: {text}")),
    }
}

/// Cleaned, and cut to [`ACTION_TEXT_LIMIT_CHARS`].
fn beginning(body: &str) -> String {
    let cleaned = text::clean(body.trim());
    match cleaned.char_indices().nth(ACTION_TEXT_LIMIT_CHARS) {
        Some((end, _)) => format!("{}{}", &cleaned[..end], text::ELLIPSIS),
        None => cleaned.into_owned(),
    }
}

/// An error with its causes, which is where reqwest says what really happened.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some errors repeat their cause in their own words.
        if !message.ends_with(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    beginning(&message)
}

/// Runs `work` so that a panic in it is an error with the panic's message, and leaves the terminal alone.
async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = pin!(work);
    poll_fn(|context| match caught(|| work.as_mut().poll(context)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::app::ExportFormat;
    use crate::query::{Answer, Data, QueryTime};
    use crate::series::Vector;
    use crate::source::{AnswerFuture, Source};

    /// Answers `slow` after an hour, panics at `panic`, and answers all else at once.
    struct Fake;

    impl Source for Fake {
        fn address(&self) -> &'static str {
            "fake"
        }

        fn ask<'a>(&'a self, query: &'a Query) -> AnswerFuture<'a> {
            Box::pin(async move {
                match &*query.expr {
                    "slow" => tokio::time::sleep(Duration::from_hours(1)).await,
                    "panic" => panic!("no such luck"),
                    _ => {}
                }
                let data = Data::Instant(Vector { time_ms: 0, samples: Vec::new() });
                Ok(Answer {
                    data,
                    warnings: vec![query.expr.to_string()],
                    infos: Vec::new(),
                    series_left_out: 0,
                    body_bytes: 0,
                })
            })
        }
    }

    fn query(expr: &str) -> Query {
        Query { expr: expr.into(), time: QueryTime::Instant(0), source: SourceId::DEFAULT }
    }

    fn describe(event: Option<Event>) -> String {
        match event {
            Some(Event::Answered(id, Ok(answer))) => format!("{} {}", id.0, answer.warnings[0]),
            Some(Event::Answered(id, Err(error))) => format!("{} {error}", id.0),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_question_ends_in_one_event_and_the_slow_one_holds_up_none() {
        let (mut effects, mut answers) = Effects::new(Sources::one(Arc::new(Fake)));
        effects.ask(RequestId(1), query("slow"));
        effects.ask(RequestId(2), query("up"));
        effects.ask(RequestId(3), query("panic"));
        assert_eq!(describe(answers.recv().await), "2 up");
        let defect = "3 cannot read the answer: a defect of promscope: no such luck";
        assert_eq!(describe(answers.recv().await), defect);
        let slow = answers.recv().await;
        effects.note(slow.as_ref().unwrap());
        assert_eq!(describe(slow), "1 slow");
        assert_eq!(effects.tasks.len(), 2);
        assert!(answers.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_question_brings_nothing() {
        let (mut effects, mut answers) = Effects::new(Sources::one(Arc::new(Fake)));
        effects.ask(RequestId(1), query("slow"));
        effects.cancel(RequestId(1));
        effects.cancel(RequestId(9));
        drop(effects);
        assert!(answers.recv().await.is_none());
    }

    async fn act(server: &MockServer, change: impl FnOnce(&mut Action)) -> ActionOutcome {
        let mut action = Action {
            key: 'f',
            title: String::new(),
            method: ActionMethod::Get,
            url: format!("{}/fact", server.uri()),
            times: 1,
            at_once: 1,
        };
        change(&mut action);
        let (mut effects, mut answers) = Effects::new(Sources::one(Arc::new(Fake)));
        effects.act(RequestId(7), action);
        match answers.recv().await {
            Some(Event::ActionDone(RequestId(7), outcome)) => ActionOutcome { duration_ms: 0, ..outcome },
            other => panic!("{other:?}"),
        }
    }

    fn outcome(succeeded: u32, failed: u32, text: &str) -> ActionOutcome {
        ActionOutcome { succeeded, failed, duration_ms: 0, text: text.to_owned() }
    }

    #[tokio::test]
    async fn an_action_tells_what_came_of_it() {
        let server = MockServer::start().await;
        let told = ResponseTemplate::new(200).set_body_string("cats\u{1b}[31m sleep\n");
        Mock::given(method("GET")).and(path("/fact")).respond_with(told).mount(&server).await;
        let refused = ResponseTemplate::new(503).set_body_string("overloaded");
        Mock::given(method("POST")).and(path("/fact")).respond_with(refused).mount(&server).await;

        assert_eq!(act(&server, |_| {}).await, outcome(1, 0, "cats[31m sleep"));
        let many = act(&server, |action| (action.times, action.at_once) = (20, 8)).await;
        assert_eq!(many, outcome(20, 0, "cats[31m sleep"));
        let failed = act(&server, |action| action.method = ActionMethod::Post).await;
        assert_eq!(failed, outcome(0, 1, "status 503 Service Unavailable: overloaded"));
    }

    #[tokio::test]
    async fn a_huge_body_is_cut() {
        let server = MockServer::start().await;
        let huge = ResponseTemplate::new(200).set_body_string("x".repeat(1_000_000));
        Mock::given(path("/fact")).respond_with(huge).mount(&server).await;
        let outcome = act(&server, |_| {}).await;
        assert_eq!(outcome.text.chars().count(), ACTION_TEXT_LIMIT_CHARS + 1);
    }

    #[tokio::test]
    async fn an_unreachable_server_is_told_without_the_address() {
        let server = MockServer::start().await;
        let refused =
            act(&server, |action| "http://user:secret@127.0.0.1:1/x".clone_into(&mut action.url)).await;
        assert_eq!(refused.failed, 1);
        assert!(refused.text.contains("refused"), "{}", refused.text);
        assert!(!refused.text.contains("secret"), "{}", refused.text);
    }

    #[test]
    fn an_export_never_writes_over_a_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let export = Export { format: ExportFormat::Text, panel: None, stem: "promscope-a".to_owned() };
        let write = |text: &str| write_export(folder.path(), &export, Draft::Done(text.into()));
        assert_eq!(write("one"), Ok("promscope-a.txt".to_owned()));
        assert_eq!(write("two"), Ok("promscope-a-2.txt".to_owned()));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!((read("promscope-a.txt"), read("promscope-a-2.txt")), ("one".into(), "two".into()));
        let nowhere = write_export(Path::new("/nowhere"), &export, Draft::Done(Vec::new()));
        assert!(nowhere.unwrap_err().starts_with("cannot write promscope-a.txt: "));
    }
}
