//! What Prometheus says beside the answer: warnings and infos, each text once.

use std::collections::BTreeSet;

use crate::model::format_g;

/// Where in the query a remark belongs: the byte its expression starts at.
pub(crate) type Position = usize;

#[derive(Debug, Default)]
pub(crate) struct Annotations {
    warnings: BTreeSet<(String, Position)>,
    infos: BTreeSet<(String, Position)>,
}

impl Annotations {
    fn warn(&mut self, text: impl AsRef<str>, at: Position) {
        self.warnings.insert((format!("PromQL warning: {}", text.as_ref()), at));
    }

    fn info(&mut self, text: impl AsRef<str>, at: Position) {
        self.infos.insert((format!("PromQL info: {}", text.as_ref()), at));
    }

    pub(crate) fn invalid_quantile(&mut self, q: f64, at: Position) {
        self.warn(format!("quantile value should be between 0 and 1, got {}", format_g(q)), at);
    }

    pub(crate) fn invalid_ratio(&mut self, ratio: f64, capped: f64, at: Position) {
        let (ratio, capped) = (format_g(ratio), format_g(capped));
        self.warn(format!("ratio value should be between -1 and 1, got {ratio}, capping to {capped}"), at);
    }

    pub(crate) fn bad_bucket_label(&mut self, value: &str, at: Position) {
        let value = crate::model::quote(value);
        self.warn(format!("bucket label \"le\" is missing or has a malformed value of {value}"), at);
    }

    pub(crate) fn possible_non_counter(&mut self, metric: &str, at: Position) {
        let metric = crate::model::quote(metric);
        self.info(
            format!(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {metric}"
            ),
            at,
        );
    }

    pub(crate) fn forced_monotonicity(&mut self, at: Position) {
        self.info(
            "input to histogram_quantile needed to be fixed for monotonicity (see \
             https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)",
            at,
        );
    }

    /// Warnings and infos, each with the position in `query` behind it.
    pub(crate) fn finish(self, query: &str) -> (Vec<String>, Vec<String>) {
        let with_position = |set: BTreeSet<(String, Position)>| {
            set.into_iter().map(|(text, at)| format!("{text} ({})", line_and_column(query, at))).collect()
        };
        (with_position(self.warnings), with_position(self.infos))
    }
}

/// `line:column`, both from 1, columns in bytes.
pub(crate) fn line_and_column(query: &str, at: Position) -> String {
    let before = query.get(..at).unwrap_or(query);
    let line = 1 + before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_bytes_from_one() {
        assert_eq!(line_and_column("rate(x)", 0), "1:1");
        assert_eq!(line_and_column("rate(x)", 5), "1:6");
        assert_eq!(line_and_column("a +\n rate(x)", 5), "2:2");
        assert_eq!(line_and_column("", 9), "1:1");
    }

    #[test]
    fn the_same_remark_comes_once() {
        let mut notes = Annotations::default();
        notes.invalid_quantile(2.0, 0);
        notes.invalid_quantile(2.0, 0);
        let (warnings, infos) = notes.finish("quantile(2, x)");
        assert_eq!(warnings, ["PromQL warning: quantile value should be between 0 and 1, got 2 (1:1)"]);
        assert!(infos.is_empty());
    }
}
