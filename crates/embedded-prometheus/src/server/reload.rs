//! Reading the configuration, at the start and again, and taking it on as a whole or not at all.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;

use super::{ConfigSource, ServerOptions, now_ms};
use crate::api::{Api, Live, ReloadRequest};
use crate::config::{Config, ConfigError};
use crate::promql::{self, Engine};

/// The configuration as it is now.
pub(super) async fn read(source: &ConfigSource) -> Result<Config, ConfigError> {
    match source {
        ConfigSource::Given(config) => Ok((**config).clone()),
        ConfigSource::File(path) => {
            let file = path.clone();
            let read = tokio::task::spawn_blocking(move || Config::load(&file)).await;
            read.unwrap_or_else(|e| {
                Err(ConfigError {
                    path: path.clone(),
                    at: None,
                    message: format!("reading it ended unexpectedly: {e}"),
                })
            })
        }
    }
}

/// A configuration with the engine that goes with it: a subquery without step takes the evaluation interval.
pub(super) fn live(config: Config, options: &promql::Options) -> Live {
    let subquery_step_ms = config.global.evaluation_interval_ms;
    let engine = Engine::new(promql::Options { subquery_step_ms, ..options.clone() });
    Live { config, engine, loaded_ms: now_ms() }
}

/// Takes a configuration on. Rules can be refused, so they come first.
pub(super) fn apply(api: &Api, config: Config, engine: Engine) -> Result<(), ConfigError> {
    api.ruler.apply(&config, &engine)?;
    api.scraper.apply(&config);
    api.replace(Live { config, engine, loaded_ms: now_ms() });
    Ok(())
}

/// Reloads one at a time, as they are asked for.
pub(super) async fn run(api: Arc<Api>, options: ServerOptions, mut requests: mpsc::Receiver<ReloadRequest>) {
    while let Some(request) = requests.recv().await {
        let result = reload(&api, &options).await;
        api.reload_went_well.store(result.is_ok(), Ordering::Relaxed);
        match &result {
            Ok(()) => tracing::info!("the configuration was read again"),
            Err(e) => tracing::error!(error = %e, "the configuration was not taken on; the one before stays"),
        }
        // Whoever asked may be gone.
        let _ = request.send(result);
    }
}

async fn reload(api: &Arc<Api>, options: &ServerOptions) -> Result<(), ConfigError> {
    let Live { config, engine, .. } = live(read(&options.config).await?, &options.promql);
    let path = config.base_dir.clone();
    let api = Arc::clone(api);
    // Rule files are read here.
    let applied = tokio::task::spawn_blocking(move || apply(&api, config, engine)).await;
    applied.unwrap_or_else(|e| {
        Err(ConfigError { path, at: None, message: format!("taking it on ended unexpectedly: {e}") })
    })
}
