//! What a server has, by the parts of Prometheus's API that are not about values: metadata, series, targets.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::prometheus::{Prometheus, seconds};
use super::{decode, failure};
use crate::generate::{Inventory, Target, TargetState};
use crate::query::QueryError;

/// Series that are asked for at most, by servers that know the parameter; the others are bounded by the body.
pub const SERIES_LIMIT: usize = 50_000;

/// The answer of any of them.
#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct MetadataJson<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    help: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetsJson {
    active_targets: Vec<TargetJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetJson {
    scrape_url: String,
    #[serde(default)]
    last_error: String,
    health: String,
}

impl Prometheus {
    /// The metrics of `job`, or of all jobs, that have samples between the two times (Unix milliseconds).
    pub async fn inventory(
        &self,
        job: Option<&str>,
        start_ms: i64,
        end_ms: i64,
    ) -> Result<Inventory, QueryError> {
        let mut inventory = Inventory::default();
        let selector = match job {
            Some(job) => format!("{{job=\"{}\"}}", job.replace('\\', "\\\\").replace('"', "\\\"")),
            None => "{__name__!=\"\"}".to_owned(),
        };
        let parameters = [
            ("match[]", selector),
            ("start", seconds(start_ms)),
            ("end", seconds(end_ms)),
            ("limit", SERIES_LIMIT.to_string()),
        ];
        add_series(&self.get("api/v1/series", &parameters).await?, &mut inventory)?;
        match self.get("api/v1/metadata", &[]).await {
            Ok(body) => add_metadata(&body, &mut inventory)?,
            // Some that speak this API have no metadata. Names tell much of it.
            Err(error @ QueryError::Status { .. }) => {
                inventory.problem = Some(format!("types and help texts are not known: {error}"));
            }
            Err(error) => return Err(error),
        }
        Ok(inventory)
    }

    /// The targets that the server scrapes.
    pub async fn targets(&self) -> Result<Vec<Target>, QueryError> {
        let parameters = [("state", "active".to_owned())];
        targets(&self.get("api/v1/targets", &parameters).await?)
    }
}

/// Reads the body of `/api/v1/series`.
pub fn add_series(body: &[u8], inventory: &mut Inventory) -> Result<(), QueryError> {
    let series: Vec<BTreeMap<Cow<'_, str>, Cow<'_, str>>> = read(body)?;
    if series.len() >= SERIES_LIMIT {
        inventory.problem =
            Some(format!("only {SERIES_LIMIT} series were looked at; choose some with --job"));
    }
    for labels in &series {
        inventory.add_series(labels.iter().map(|(name, value)| (&**name, &**value)));
    }
    Ok(())
}

/// Reads the body of `/api/v1/metadata`.
pub fn add_metadata(body: &[u8], inventory: &mut Inventory) -> Result<(), QueryError> {
    let families: BTreeMap<Cow<'_, str>, Vec<MetadataJson<'_>>> = read(body)?;
    for (family, metadata) in &families {
        if let Some(first) = metadata.first() {
            inventory.add_metadata(family, &first.kind, &first.help);
        }
    }
    Ok(())
}

/// Reads the body of `/api/v1/targets`.
pub fn targets(body: &[u8]) -> Result<Vec<Target>, QueryError> {
    let targets: TargetsJson = read(body)?;
    let target = |target: TargetJson| Target {
        state: match target.health.as_str() {
            "up" => TargetState::Up,
            "down" => TargetState::Down(reason(&target)),
            _ => TargetState::Unknown,
        },
        url: target.scrape_url,
    };
    Ok(targets.active_targets.into_iter().map(target).collect())
}

/// The error without the address, which stands before it anyway: `Get "http://h/metrics": dial tcp ...`.
fn reason(target: &TargetJson) -> String {
    let whole = target.last_error.as_str();
    let asked = format!("Get \"{}\": ", target.scrape_url);
    whole.strip_prefix(&asked).unwrap_or(whole).to_owned()
}

/// The data of a successful answer, or why there is none.
pub(super) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, QueryError> {
    let text =
        std::str::from_utf8(body).map_err(|_| QueryError::Malformed("it is no UTF-8 text".to_owned()))?;
    serde_json::from_str::<Envelope<T>>(text).map(|envelope| envelope.data).map_err(|error| {
        decode::server_error(body).unwrap_or_else(|| {
            if text.trim_start().starts_with('{') {
                failure::unreadable(&error, text)
            } else {
                failure::not_the_api(text)
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_say_whether_and_why_not() {
        let body = br#"{"status":"success","data":{"activeTargets":[
            {"scrapeUrl":"http://a:1/metrics","lastError":"","health":"up","labels":{"job":"a"}},
            {"scrapeUrl":"http://b:1/metrics","lastError":"Get \"http://b:1/metrics\": dial tcp b:1: connect: connection refused","health":"down"},
            {"scrapeUrl":"http://c:1/metrics","lastError":"server returned HTTP status 500","health":"down"},
            {"scrapeUrl":"http://d:1/metrics","lastError":"","health":"unknown"}],"droppedTargets":[]}}"#;
        let states: Vec<_> = targets(body).unwrap().into_iter().map(|target| target.state).collect();
        let down = |error: &str| TargetState::Down(error.to_owned());
        assert_eq!(
            states,
            [
                TargetState::Up,
                down("dial tcp b:1: connect: connection refused"),
                down("server returned HTTP status 500"),
                TargetState::Unknown
            ]
        );
    }

    #[test]
    fn what_is_no_answer_is_told_from_what_is() {
        let mut inventory = Inventory::default();
        for (body, expected) in [
            ("<html><title>Login</title>", "not a Prometheus API answer but a web page titled \"Login\""),
            ("{\"status\":\"success\",\"data\":[{\"a\":\"b\"", "it breaks off at byte"),
            ("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"no\"}", "bad_data: no"),
        ] {
            let error = add_series(body.as_bytes(), &mut inventory).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(inventory, Inventory::default());
    }
}
