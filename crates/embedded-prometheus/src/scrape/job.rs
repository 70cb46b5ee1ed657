//! One `scrape_configs` entry at work: its targets as they are now, and a loop for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle};

use super::client::TargetClient;
use super::discovery::FileGroups;
use super::error::ScrapeError;
use super::record::Memory;
use super::target::{Populated, Target, populate};
use super::target_loop::{Clock, ForcedError, Order, Progress, TargetLoop, lock};
use crate::config::{Auth, ScrapeConfig, Secret};
use crate::model::Labels;
use crate::storage::Db;

/// The most targets of a job; more are refused and said in the log.
const MAX_TARGETS: usize = 50_000;

/// The most dropped targets of a job that are kept to be shown.
const MAX_DROPPED_TARGETS: usize = 1000;

/// A loop at work. Dropping it stops it without stale markers.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) target: Arc<Target>,
    pub(super) progress: Arc<Mutex<Progress>>,
    pub(super) ending: Ending,
}

/// A loop that can be told to end.
#[derive(Debug)]
pub(super) struct Ending {
    orders: watch::Sender<Order>,
    task: Option<JoinHandle<Option<Memory>>>,
}

impl Ending {
    pub(super) fn order(&self, order: Order) {
        self.orders.send_replace(order);
    }

    pub(super) fn is_over(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// The task, which then is no longer stopped by dropping this.
    pub(super) fn into_task(mut self) -> Option<JoinHandle<Option<Memory>>> {
        self.task.take()
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// What loops need of the scraper.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) db: Arc<Db>,
    pub(super) clock: Clock,
}

/// Ends a task when dropped.
#[derive(Debug)]
pub(super) struct AbortOnDrop(pub(super) AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A job and its loops.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) config: Arc<ScrapeConfig>,
    base_dir: PathBuf,
    settings: Settings,
    /// Of each `file_sd_configs` entry.
    files: Vec<FileGroups>,
    forced_error: ForcedError,
    pub(super) running: BTreeMap<u64, Running>,
    pub(super) dropped: Vec<Labels>,
    /// Tasks that read the files again.
    pub(super) refreshers: Vec<AbortOnDrop>,
}

impl Job {
    pub(super) fn new(config: &ScrapeConfig, base_dir: PathBuf) -> Self {
        Self {
            settings: Settings::of(config),
            files: config.file_sd_configs.iter().map(|_| FileGroups::default()).collect(),
            config: Arc::new(config.clone()),
            base_dir,
            forced_error: ForcedError::default(),
            running: BTreeMap::new(),
            dropped: Vec::new(),
            refreshers: Vec::new(),
        }
    }

    /// Takes on a changed configuration. Loops whose targets go on are replaced only if what they do has changed.
    pub(super) fn update(&mut self, config: &ScrapeConfig, base_dir: PathBuf, context: &Context) {
        if self.config.file_sd_configs != config.file_sd_configs || self.base_dir != base_dir {
            self.files = config.file_sd_configs.iter().map(|_| FileGroups::default()).collect();
        }
        self.base_dir = base_dir;
        self.config = Arc::new(config.clone());
        let settings = Settings::of(config);
        if settings == self.settings {
            return;
        }
        self.settings = settings;
        for running in std::mem::take(&mut self.running).into_values() {
            running.ending.order(Order::HandOver);
            let Running { target, progress, ending } = running;
            let hash = target.hash;
            let replaced = self.start(target, progress, ending.into_task(), context);
            self.running.insert(hash, replaced);
        }
    }

    /// Reads the files of one `file_sd_configs` entry again.
    pub(super) fn refresh(&mut self, entry: usize) {
        let (Some(files), Some(config)) = (self.files.get_mut(entry), self.config.file_sd_configs.get(entry))
        else {
            return;
        };
        for error in files.refresh(config, &self.base_dir) {
            tracing::error!(job = self.config.job_name, "file_sd: {error}");
        }
    }

    /// Starts loops for targets that are new, and returns those whose targets are gone.
    pub(super) fn sync(&mut self, context: &Context) -> Vec<Ending> {
        let found = self.find();
        let gone: Vec<u64> = self.running.keys().filter(|hash| !found.contains_key(hash)).copied().collect();
        let gone: Vec<Ending> =
            gone.iter().filter_map(|hash| self.running.remove(hash)).map(|running| running.ending).collect();
        for ending in &gone {
            ending.order(Order::End);
        }
        let limit = self.config.target_limit;
        let exceeded = limit > 0 && found.len() as u64 > limit;
        *lock(&self.forced_error) =
            exceeded.then_some(ScrapeError::TargetLimit { targets: found.len(), limit });
        for (hash, target) in found {
            let target = Arc::new(target);
            if let Some(running) = self.running.get_mut(&hash) {
                // What was discovered may differ although what is scraped does not.
                running.target = target;
            } else {
                let running = self.start(target, Arc::default(), None, context);
                self.running.insert(hash, running);
            }
        }
        gone
    }

    /// The targets as they should be, each once.
    fn find(&mut self) -> BTreeMap<u64, Target> {
        let job = &self.config.job_name;
        let groups = self.config.static_configs.iter().chain(self.files.iter().flat_map(FileGroups::groups));
        let mut found = BTreeMap::new();
        let mut dropped = BTreeSet::new();
        let mut refused = 0;
        for group in groups {
            for address in &group.targets {
                match populate(&self.config, group, address) {
                    Ok(Populated::Kept(target)) if found.len() < MAX_TARGETS => {
                        found.insert(target.hash, *target);
                    }
                    Ok(Populated::Kept(_)) => refused += 1,
                    Ok(Populated::Dropped(labels)) => {
                        if dropped.len() < MAX_DROPPED_TARGETS {
                            dropped.insert(labels);
                        }
                    }
                    Err(error) => {
                        tracing::error!(
                            job,
                            group = group.source,
                            address,
                            "creating target failed: {error}"
                        );
                    }
                }
            }
        }
        if refused > 0 {
            tracing::error!(job, refused, "more than {MAX_TARGETS} targets; the others are not scraped");
        }
        self.dropped = dropped.into_iter().collect();
        found
    }

    /// A loop for `target`, which goes on with what the one before it knew.
    fn start(
        &self,
        target: Arc<Target>,
        progress: Arc<Mutex<Progress>>,
        before: Option<JoinHandle<Option<Memory>>>,
        context: &Context,
    ) -> Running {
        let (orders, receiver) = watch::channel(Order::Run);
        let config = self.config.clone();
        let forced_error = self.forced_error.clone();
        let Context { db, clock } = context.clone();
        let (of_loop, progress_of_loop) = (target.clone(), progress.clone());
        let task = tokio::spawn(async move {
            let before = match before {
                Some(before) => before.await.ok().flatten(),
                None => None,
            };
            let memory = before.map_or_else(
                || Memory::new(&config, of_loop.labels.clone()),
                |mut memory| {
                    memory.adopt(&config);
                    memory
                },
            );
            let client = TargetClient::new(&config, &of_loop);
            drop(config);
            let target_loop = TargetLoop {
                db,
                target: of_loop,
                client,
                memory,
                progress: progress_of_loop,
                forced_error,
                clock,
            };
            target_loop.run(receiver).await
        });
        Running { target, progress, ending: Ending { orders, task: Some(task) } }
    }
}

/// What of a configuration a loop works by; what only decides which targets there are is left out.
#[derive(PartialEq, Eq)]
struct Settings {
    shown: String,
    /// Which is shown without its password.
    proxy_url: Option<String>,
    secret: Option<(String, bool)>,
}

impl Settings {
    fn of(config: &ScrapeConfig) -> Self {
        let mut loop_only = config.clone();
        loop_only.static_configs.clear();
        loop_only.file_sd_configs.clear();
        loop_only.relabel_configs.clear();
        loop_only.target_limit = 0;
        let secret = match &config.http.auth {
            Auth::None => None,
            Auth::Basic { password: secret, .. } | Auth::Credentials { credentials: secret, .. } => {
                Some(match secret {
                    Secret::Inline(text) => (text.clone(), true),
                    Secret::File(path) => (path.display().to_string(), false),
                })
            }
        };
        let proxy_url = config.http.proxy_url.as_ref().map(ToString::to_string);
        Self { shown: format!("{loop_only:?}"), proxy_url, secret }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}
