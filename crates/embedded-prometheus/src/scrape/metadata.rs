//! What a target says its metrics mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MetricMetadata;
use crate::exposition::Entry;

/// The most metrics of a target whose meaning is kept.
const MAX_METRICS: usize = 20_000;

/// The most bytes of help text and unit that are kept of one metric.
const MAX_TEXT_BYTES: usize = 4096;

/// For how many scrapes the meaning of a metric that is no longer exposed is kept.
const KEPT_SCRAPES: u64 = 10;

/// The meanings of a target's metrics.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    scrape: u64,
    metrics: BTreeMap<String, (MetricMetadata, u64)>,
    changed: bool,
    /// Whether there were more than fit, which is said once.
    overflowed: bool,
    published: Arc<BTreeMap<String, MetricMetadata>>,
}

impl Metadata {
    /// Takes in a `HELP`, `TYPE` or `UNIT` line.
    pub(super) fn learn(&mut self, entry: &Entry<'_>) {
        let (Entry::Help { metric, .. } | Entry::Type { metric, .. } | Entry::Unit { metric, .. }) = entry
        else {
            return;
        };
        let name = String::from_utf8_lossy(metric);
        if !self.metrics.contains_key(&*name) {
            if self.metrics.len() >= MAX_METRICS {
                if !self.overflowed {
                    tracing::warn!(
                        "a target describes more than {MAX_METRICS} metrics; the others have no metadata"
                    );
                }
                self.overflowed = true;
                return;
            }
            let unknown = MetricMetadata { kind: "unknown".into(), ..MetricMetadata::default() };
            self.metrics.insert(name.clone().into_owned(), (unknown, 0));
            self.changed = true;
        }
        let Some((known, scrape)) = self.metrics.get_mut(&*name) else { return };
        *scrape = self.scrape;
        let (field, text) = match entry {
            Entry::Help { text, .. } => (&mut known.help, text.clone()),
            Entry::Type { kind, .. } => (&mut known.kind, kind.as_str().into()),
            Entry::Unit { unit, .. } => (&mut known.unit, String::from_utf8_lossy(unit)),
            _ => return,
        };
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        if field != text {
            text.clone_into(field);
            self.changed = true;
        }
    }

    /// Ends a scrape that went well.
    pub(super) fn end_scrape(&mut self) {
        let before = self.metrics.len();
        let scrape = self.scrape;
        self.metrics.retain(|_, (_, seen)| scrape - *seen <= KEPT_SCRAPES);
        self.changed |= self.metrics.len() != before;
        self.scrape += 1;
    }

    /// All of it, made anew only if something has changed.
    pub(super) fn published(&mut self) -> Arc<BTreeMap<String, MetricMetadata>> {
        if std::mem::take(&mut self.changed) {
            let all = self.metrics.iter().map(|(name, (metadata, _))| (name.clone(), metadata.clone()));
            self.published = Arc::new(all.collect());
        }
        self.published.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::MetricKind;

    #[test]
    fn kept_for_a_while_after_the_metric_is_gone() {
        let mut metadata = Metadata::default();
        metadata.learn(&Entry::Help { metric: b"a", text: "an a".into() });
        let first = metadata.published();
        assert_eq!((&*first["a"].kind, &*first["a"].help), ("unknown", "an a"));
        metadata.learn(&Entry::Type { metric: b"a", kind: MetricKind::Counter });
        metadata.end_scrape();
        let second = metadata.published();
        assert_eq!(second["a"].kind, "counter");
        assert!(Arc::ptr_eq(&second, &metadata.published()));
        for _ in 0..KEPT_SCRAPES {
            metadata.end_scrape();
        }
        assert_eq!(metadata.published().len(), 1);
        metadata.end_scrape();
        assert!(metadata.published().is_empty());
    }

    #[test]
    fn bounded() {
        let mut metadata = Metadata::default();
        for at in 0..=MAX_METRICS {
            metadata.learn(&Entry::Type { metric: format!("m{at}").as_bytes(), kind: MetricKind::Gauge });
        }
        metadata.learn(&Entry::Help { metric: b"m0", text: "é".repeat(MAX_TEXT_BYTES).into() });
        let published = metadata.published();
        assert_eq!(published.len(), MAX_METRICS);
        assert_eq!(published["m0"].help.len(), MAX_TEXT_BYTES);
    }
}
