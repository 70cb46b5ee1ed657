//! What there is: `/api/v1/series`, `labels` and `label/NAME/values`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};

use super::error::ApiError;
use super::json::{self, Success, TRUNCATED};
use super::params::Params;
use super::slots::Patience;
use super::state::Api;
use crate::model::quote;
use crate::storage::{Interrupt, Matcher, Queryable, SelectError, TimeRange};

pub(super) async fn series(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    if params.all("match[]").next().is_none() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let limit = params.limit()?;
    let range = params.range()?;
    let (db, engine) = (Arc::clone(&api.db), api.live().engine.clone());
    let work = move |patience: &Patience| {
        let selectors = params.matchers(&engine).map_err(|e| ApiError::parameter("match[]", e))?;
        let mut found = BTreeSet::new();
        for matchers in &selectors {
            found.extend(db.series(matchers, range, patience)?);
        }
        let truncated = limit > 0 && found.len() > limit;
        let kept = if truncated { limit } else { found.len() };
        let warnings: &[String] = if truncated { &[TRUNCATED.to_owned()] } else { &[] };
        Ok(Success::write(warnings, &[], |out| {
            out.push(b'[');
            for (i, labels) in found.iter().take(kept).enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                json::labels(out, labels);
            }
            out.push(b']');
        }))
    };
    api.lookups.run(api.facts.query_timeout, work).await
}

pub(super) async fn label_names(State(api): State<Arc<Api>>, params: Params) -> Result<Success, ApiError> {
    texts(&api, params, |matchers, range, db, patience| db.label_names(matchers, range, patience)).await
}

pub(super) async fn label_values(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    params: Params,
) -> Result<Success, ApiError> {
    let name = if name.starts_with("U__") { unescape(&name) } else { name };
    if name.is_empty() {
        return Err(ApiError::bad_data(format!("invalid label name: {}", quote(&name))));
    }
    let find = move |matchers: &[Matcher], range, db: &dyn Queryable, patience: &dyn Interrupt| {
        db.label_values(&name, matchers, range, patience)
    };
    texts(&api, params, find).await
}

/// Texts from all `match[]`, sorted.
async fn texts<F>(api: &Api, params: Params, find: F) -> Result<Success, ApiError>
where
    F: Fn(&[Matcher], TimeRange, &dyn Queryable, &dyn Interrupt) -> Result<Vec<String>, SelectError>
        + Send
        + 'static,
{
    let limit = params.limit()?;
    let range = params.range()?;
    let (db, engine) = (Arc::clone(&api.db), api.live().engine.clone());
    let work = move |patience: &Patience| {
        let mut selectors = params.matchers(&engine).map_err(|e| ApiError::bad_data(e.to_string()))?;
        if selectors.is_empty() {
            // No condition is all series.
            selectors.push(Vec::new());
        }
        let mut found = BTreeSet::new();
        for matchers in &selectors {
            found.extend(find(matchers, range, &*db, patience)?);
        }
        Success::list(found.into_iter().collect(), limit)
    };
    api.lookups.run(api.facts.query_timeout, work).await
}

/// A label name of Prometheus's `U__` escape, in which `_2e_` is the character U+002E and `__` an underscore. What
/// is not such an escape stays as it is.
fn unescape(name: &str) -> String {
    /// The longest escape: six hexadecimal digits.
    const MAX_DIGITS: usize = 6;
    let Some(mut rest) = name.strip_prefix("U__") else { return name.to_owned() };
    let mut out = String::new();
    while let Some((plain, escape)) = rest.split_once('_') {
        out.push_str(plain);
        if let Some(behind) = escape.strip_prefix('_') {
            out.push('_');
            rest = behind;
            continue;
        }
        let decoded = escape.split_once('_').filter(|(digits, _)| digits.len() <= MAX_DIGITS).and_then(
            |(digits, behind)| Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, behind)),
        );
        let Some((c, behind)) = decoded else { return name.to_owned() };
        out.push(c);
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escaped_names() {
        for (escaped, name) in [
            ("U__http_2e_method", "http.method"),
            ("U__a__b", "a_b"),
            ("U__label_1f600_", "label\u{1f600}"),
            ("U__bad_zz_x", "U__bad_zz_x"),
            ("U__bad_2e", "U__bad_2e"),
            ("U__", ""),
        ] {
            assert_eq!(unescape(escaped), name, "{escaped}");
        }
    }
}
