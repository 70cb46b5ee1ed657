//! The query inspector: what the focused panel asked, what came of it, and the raw rows.

use std::fmt::Write as _;

use chrono_tz::Tz;

use crate::app::state::{State, Target};
use crate::app::store::{QueryKey, Slot};
use crate::query::{QueryTime, listing};
use crate::series::{Frame, Labels, Vector, is_absent};
use crate::text;
use crate::time_range::{format_age, format_clock, format_duration};

/// Lines that one expression, error or warning takes at most.
const TEXT_LINES: usize = 12;

/// What a line of the inspector is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A heading.
    Heading,
    /// What is as it should be.
    Plain,
    /// Of less weight.
    Dim,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// One line of the inspector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectLine {
    /// What it is about.
    pub kind: LineKind,
    /// What it says.
    pub text: String,
}

/// All lines of the inspector; the raw rows are only written when they are looked at, since there may be millions.
pub struct Inspection<'a> {
    parts: Vec<Part<'a>>,
    state: &'a State,
    now_ms: i64,
}

enum Part<'a> {
    Lines(Vec<InspectLine>),
    Frame(&'a Frame),
    Vector(&'a Vector),
}

impl Part<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Frame(frame) => frame.series.len() * (1 + frame.grid.len),
            Self::Vector(vector) => vector.samples.len(),
        }
    }
}

fn line(kind: LineKind, text: impl Into<String>) -> InspectLine {
    InspectLine { kind, text: text.into() }
}

impl<'a> Inspection<'a> {
    /// The lines about the focused panel, for a box of `width` cells.
    pub fn new(state: &'a State, width: usize, now_ms: i64) -> Self {
        let mut inspection = Self { parts: Vec::new(), state, now_ms };
        let focus = state.view.focus;
        let panel = state.dashboard().and_then(|dashboard| dashboard.panels.get(focus));
        let targets = state.panels.get(focus).map(|panel| panel.targets.as_slice()).unwrap_or_default();
        if let Some(panel) = panel {
            let mut lines = vec![line(LineKind::Dim, format!("a {} panel", panel.kind.name))];
            let hidden = panel.queries.iter().filter(|query| query.hide);
            lines.extend(hidden.map(|query| {
                line(LineKind::Dim, format!("{} is hidden and not asked: {}", query.ref_id, query.expr))
            }));
            lines.extend(
                panel
                    .links
                    .iter()
                    .map(|link| line(LineKind::Plain, format!("link {}  {}", link.title, link.url))),
            );
            if targets.is_empty() {
                lines.push(line(LineKind::Dim, "it asks nothing"));
            }
            inspection.parts.push(Part::Lines(lines));
            for target in targets {
                let ref_id = panel.queries.get(target.query).map_or("", |query| &query.ref_id);
                inspection.add_target(ref_id, target, width);
            }
        }
        inspection
    }

    fn add_target(&mut self, ref_id: &str, target: &'a Target, width: usize) {
        let mut lines = vec![line(LineKind::Plain, ""), line(LineKind::Heading, format!("query {ref_id}"))];
        wrap_into(&mut lines, LineKind::Plain, "as written   ", &target.source, width);
        if target.source != target.expr {
            wrap_into(&mut lines, LineKind::Plain, "as asked     ", &target.expr, width);
        }
        if self.state.settings.datasources.len() > 1 {
            let name = &self.state.settings.datasources.get(usize::from(target.asks.0));
            let name = name.map_or("", |datasource| &datasource.name);
            lines.push(line(LineKind::Dim, format!("asks         {name}")));
        }
        let intervals = &target.intervals;
        lines.push(line(
            LineKind::Dim,
            format!(
                "intervals    step {}  rate {}  range {}",
                format_duration(intervals.step_ms),
                format_duration(intervals.rate_ms),
                format_duration(intervals.range_ms)
            ),
        ));
        self.parts.push(Part::Lines(lines));
        for key in target.range.iter().chain(&target.instant) {
            self.add_question(key, width);
        }
    }

    fn add_question(&mut self, key: &QueryKey, width: usize) {
        let state = self.state;
        let Some(slot) = state.store.slot(key) else {
            self.parts.push(Part::Lines(vec![line(LineKind::Dim, "not asked yet")]));
            return;
        };
        let mut lines = Vec::new();
        lines.push(line(LineKind::Plain, self.exchange(slot)));
        for warning in &slot.warnings {
            wrap_into(&mut lines, LineKind::Warning, "warning      ", warning, width);
        }
        for info in &slot.infos {
            wrap_into(&mut lines, LineKind::Plain, "info         ", info, width);
        }
        if slot.series_left_out > 0 {
            let says = format!("left out     {} more series", slot.series_left_out);
            lines.push(line(LineKind::Warning, says));
        }
        if let Some(failure) = &slot.failure {
            let head = format!("failed for {}  ", format_age(self.now_ms - failure.since_ms));
            wrap_into(&mut lines, LineKind::Error, &head, &failure.error.to_string(), width);
        }
        match (&slot.frame, &slot.vector) {
            (Some(frame), _) => {
                let samples: usize = frame.series.iter().map(|one| present(&one.values)).sum();
                lines.push(line(
                    LineKind::Plain,
                    format!(
                        "over time    {} series  {samples} samples  {} points every {}",
                        frame.series.len(),
                        frame.grid.len,
                        format_duration(frame.grid.step_ms)
                    ),
                ));
                self.parts.push(Part::Lines(lines));
                self.parts.push(Part::Frame(frame));
            }
            (None, Some(vector)) => {
                let at = format_clock(vector.time_ms, state.zone(), self.now_ms);
                let count = vector.samples.len();
                lines.push(line(LineKind::Plain, format!("at {at}  {count} samples")));
                self.parts.push(Part::Lines(lines));
                self.parts.push(Part::Vector(vector));
            }
            (None, None) => self.parts.push(Part::Lines(lines)),
        }
    }

    /// What the newest good answer was like on its way.
    fn exchange(&self, slot: &Slot) -> String {
        let Some(exchange) = &slot.exchange else { return "no answer yet".to_owned() };
        let mut says = format!(
            "answered     {} ago in {} ms  {} bytes",
            format_age(self.now_ms - exchange.at_ms),
            exchange.duration_ms,
            exchange.body_bytes
        );
        if let (QueryTime::Range(asked), Some(frame)) = (exchange.time, &slot.frame)
            && asked.len < frame.grid.len
        {
            // Writing to a text cannot fail.
            let _ = write!(says, "  the newest {} points", asked.len);
        }
        says
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// Whether there is nothing to inspect.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Line number `index`.
    pub fn line(&self, mut index: usize) -> Option<InspectLine> {
        for part in &self.parts {
            if index < part.len() {
                return self.line_of(part, index);
            }
            index -= part.len();
        }
        None
    }

    fn line_of(&self, part: &Part<'_>, index: usize) -> Option<InspectLine> {
        match part {
            Part::Lines(lines) => lines.get(index).cloned(),
            Part::Frame(frame) => {
                let each = 1 + frame.grid.len;
                let series = frame.series.get(index / each)?;
                let Some(back) = (index % each).checked_sub(1) else {
                    return Some(line(LineKind::Heading, series.labels.to_string()));
                };
                // The newest first: it is what one looks for.
                let point = frame.grid.len - 1 - back;
                let value = *series.values.get(point)?;
                let clock = format_clock(frame.grid.time_ms(point), self.state.zone(), self.now_ms);
                let (kind, value) = if is_absent(value) {
                    (LineKind::Dim, "-".to_owned())
                } else {
                    (LineKind::Plain, number(value))
                };
                Some(line(kind, format!("  {clock}  {value}")))
            }
            Part::Vector(vector) => {
                let sample = vector.samples.get(index)?;
                Some(line(
                    LineKind::Plain,
                    sample_text(&sample.labels, sample.value, self.state.zone(), self.now_ms),
                ))
            }
        }
    }
}

/// One raw row at one time. What a list of the server says of an alert or target stands behind its labels, by words.
fn sample_text(labels: &Labels, value: f64, zone: Tz, now_ms: i64) -> String {
    let listed = [
        (listing::STATE, ""),
        (listing::HEALTH, ""),
        (listing::VALUE, "value "),
        (listing::DURATION, "took seconds "),
        (listing::SUMMARY, "summary "),
        (listing::ERROR, "error "),
    ];
    let words = listed.iter().filter_map(|(label, word)| {
        labels.get(label).filter(|text| !text.is_empty()).map(|text| format!("  {word}{text}"))
    });
    let words: String = words.collect();
    if words.is_empty() {
        return format!("{labels}  {}", number(value));
    }
    let own = labels.iter().filter(|(name, _)| listed.iter().all(|(label, _)| label != name));
    let own = Labels::new(own.map(|(name, text)| (name.into(), text.into())));
    let since = if labels.get(listing::HEALTH).is_some() { "scraped" } else { "since" };
    let clock = format_clock((value * 1000.0) as i64, zone, now_ms);
    let when = if value.is_finite() && value > 0.0 { format!("  {since} {clock}") } else { String::new() };
    format!("{own}{words}{when}")
}

/// A number as Prometheus writes it, all its digits.
fn number(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

fn present(values: &[f64]) -> usize {
    values.iter().filter(|value| !is_absent(**value)).count()
}

/// A head and a text behind it, whose further lines stand below its first.
fn wrap_into(lines: &mut Vec<InspectLine>, kind: LineKind, head: &str, says: &str, width: usize) {
    let indent = text::width(head);
    for (index, part) in
        text::wrap(says, width.saturating_sub(indent).max(1), TEXT_LINES).into_iter().enumerate()
    {
        let head = if index == 0 { head.to_owned() } else { " ".repeat(indent) };
        lines.push(line(kind, head + &part));
    }
}

/// The expressions of the focused panel as they are asked, for the clipboard.
pub(super) fn expressions(state: &State) -> Vec<String> {
    let targets = state.panels.get(state.view.focus).map(|panel| panel.targets.as_slice());
    targets.unwrap_or_default().iter().map(|target| target.expr.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels::new(pairs.iter().map(|(name, text)| ((*name).into(), (*text).into())))
    }

    #[test]
    fn alerts_and_targets_are_told_by_words_and_other_rows_as_they_came() {
        let now_ms = 1_780_000_000_000;
        let at_s = now_ms as f64 / 1_000.0 - 60.0;
        let clock = format_clock(now_ms - 60_000, Tz::UTC, now_ms);
        let alert = labels(&[
            ("alertname", "Old"),
            ("__state__", "firing"),
            ("__value__", "0e+00"),
            ("__summary__", ""),
        ]);
        assert_eq!(
            sample_text(&alert, at_s, Tz::UTC, now_ms),
            format!("{{alertname=\"Old\"}}  firing  value 0e+00  since {clock}")
        );
        let target = labels(&[
            ("job", "a"),
            ("__health__", "down"),
            ("__error__", "refused"),
            ("__duration__", "0.2"),
        ]);
        assert_eq!(
            sample_text(&target, f64::NAN, Tz::UTC, now_ms),
            "{job=\"a\"}  down  took seconds 0.2  error refused"
        );
        assert_eq!(
            sample_text(&labels(&[("__name__", "up"), ("job", "a")]), 1.0, Tz::UTC, now_ms),
            "up{job=\"a\"}  1"
        );
    }
}
