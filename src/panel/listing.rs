//! The panel types `alerts` and `targets`: what the server lists beside values, one line each, the worst first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Asks, PanelKind, PanelView, ShownValue};
use crate::query::listing::{ALERTS_PATH, DURATION, ERROR, HEALTH, STATE, SUMMARY, TARGETS_PATH};
use crate::series::Sample;
use crate::text;
use crate::theme::Theme;
use crate::time_range::format_age;

/// Blank cells between columns.
const GAP_CELLS: u16 = 2;
/// Widest column but the last.
const COLUMN_MAX_CELLS: u16 = 30;
/// Cells of a column that needs more, at least.
const COLUMN_MIN_CELLS: u16 = 5;

/// The type `alerts`.
pub static ALERTS: PanelKind = PanelKind {
    name: "alerts",
    about: "the server's alerts, firing and pending, since when and with their labels",
    options: &[],
    min_size: (16, 3),
    natural_height: 8,
    asks: |_| Asks { instant: true, range: false },
    draw: |view, area, buffer| draw(view, &alerts(view), area, buffer),
    values: |view| values(&alerts(view)),
    at: None,
};

/// The type `targets`.
pub static TARGETS: PanelKind = PanelKind {
    name: "targets",
    about: "what the server scrapes: job, instance, health, last scrape and its error",
    draw: |view, area, buffer| draw(view, &targets(view), area, buffer),
    values: |view| values(&targets(view)),
    ..ALERTS
};

/// What the panels of `kind` ask in place of queries of their own, and what is said when there is none.
pub fn asks(kind: &PanelKind) -> Option<(&'static str, &'static str)> {
    match kind.name {
        "alerts" => Some((ALERTS_PATH, "no alerts")),
        "targets" => Some((TARGETS_PATH, "no targets")),
        _ => None,
    }
}

/// How bad a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Bad,
    Odd,
    Good,
}

impl Rank {
    fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Bad => theme.error(),
            Self::Odd => theme.warning(),
            Self::Good => theme.good(),
        }
    }
}

/// One alert or target.
struct Line {
    rank: Rank,
    /// The first is in the colour of the rank, the last takes the room that is left.
    columns: Vec<String>,
    /// For exports: Unix seconds.
    value: f64,
}

/// What is listed, and how many of each state, in words.
struct Listing {
    headings: &'static [&'static str],
    lines: Vec<Line>,
    summary: String,
}

fn samples<'a>(view: &'a PanelView<'_>) -> impl Iterator<Item = &'a Sample> {
    view.targets.iter().filter_map(|target| target.instant).flat_map(|vector| &vector.samples)
}

/// Since then, in words; `never` where there is no time.
fn age(view: &PanelView<'_>, at_s: f64) -> String {
    let asked_ms = view.targets.iter().filter_map(|target| Some(target.instant?.time_ms)).max();
    let now_ms = asked_ms.unwrap_or(view.now_ms);
    if at_s.is_finite() {
        format_age(now_ms.saturating_sub((at_s * 1_000.0) as i64))
    } else {
        "never".to_owned()
    }
}

/// `2 firing, 1 pending`, those that are none left out.
fn counted(lines: &[Line]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for line in lines {
        match counts.iter_mut().find(|(state, _)| *state == line.columns[0]) {
            Some((_, count)) => *count += 1,
            None => counts.push((&line.columns[0], 1)),
        }
    }
    counts.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
}

fn alerts(view: &PanelView<'_>) -> Listing {
    let line = |sample: &Sample| {
        let get = |name| sample.labels.get(name).unwrap_or_default();
        let labels = sample.labels.iter().filter(|(name, _)| !name.starts_with("__") && *name != "alertname");
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value}")).collect();
        let about = [get(SUMMARY).to_owned(), labels.join(" ")];
        let about: Vec<String> = about.into_iter().filter(|text| !text.is_empty()).collect();
        Line {
            rank: if get(STATE) == "firing" { Rank::Bad } else { Rank::Odd },
            columns: vec![
                get(STATE).to_owned(),
                age(view, sample.value),
                get("alertname").to_owned(),
                about.join("  "),
            ],
            value: sample.value,
        }
    };
    let mut lines: Vec<Line> = samples(view).map(line).collect();
    // The newest of each state first: it is what one came for. Those without a time come last.
    let known = |line: &Line| if line.value.is_nan() { f64::NEG_INFINITY } else { line.value };
    lines.sort_by(|a, b| a.rank.cmp(&b.rank).then(known(b).total_cmp(&known(a))));
    Listing { headings: &["state", "for", "alert", "about"], summary: counted(&lines), lines }
}

fn targets(view: &PanelView<'_>) -> Listing {
    let line = |sample: &Sample| {
        let get = |name| sample.labels.get(name).unwrap_or_default();
        let took = get(DURATION).parse::<f64>().map_or(String::new(), |s| format!("{:.0} ms", s * 1_000.0));
        Line {
            rank: match get(HEALTH) {
                "up" => Rank::Good,
                "down" => Rank::Bad,
                _ => Rank::Odd,
            },
            columns: vec![
                get(HEALTH).to_owned(),
                get("job").to_owned(),
                get("instance").to_owned(),
                age(view, sample.value),
                if get(ERROR).is_empty() { took } else { get(ERROR).to_owned() },
            ],
            value: sample.value,
        }
    };
    let mut lines: Vec<Line> = samples(view).map(line).collect();
    lines.sort_by(|a, b| (a.rank, &a.columns[1..3]).cmp(&(b.rank, &b.columns[1..3])));
    Listing {
        headings: &["health", "job", "instance", "scraped", "took or failed"],
        summary: counted(&lines),
        lines,
    }
}

fn values(listing: &Listing) -> Vec<ShownValue> {
    let shown = |line: &Line| ShownValue {
        name: line.columns[1..].join(" ").trim_end().to_owned(),
        value: line.value.is_finite().then_some(line.value),
        text: line.columns[0].clone(),
    };
    listing.lines.iter().map(shown).collect()
}

fn draw(view: &PanelView<'_>, listing: &Listing, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() || listing.lines.is_empty() {
        return;
    }
    let theme = &view.theme;
    let mut y = area.y;
    // The headings go first, then the counts; the lines stay.
    let widths = widths(listing, area.width);
    if area.height > 3 {
        put(listing.headings.iter().copied(), &widths, (theme.dim(), theme.dim()), (area, y), buffer);
        y += 1;
    }
    let has_summary = area.height > 1;
    let lines = usize::from(area.bottom() - y) - usize::from(has_summary);
    let first = usize::from(view.scroll).min(listing.lines.len().saturating_sub(lines));
    for line in listing.lines.iter().skip(first).take(lines) {
        let columns = line.columns.iter().map(String::as_str);
        put(columns, &widths, (line.rank.style(theme), theme.text()), (area, y), buffer);
        y += 1;
    }
    if has_summary {
        let hidden = listing.lines.len().saturating_sub(first + lines);
        let more = if hidden > 0 { format!("  ▼ {hidden} more") } else { String::new() };
        let says = format!("{}{more}", listing.summary);
        let y = area.bottom() - 1;
        let without_room = widths.iter().filter(|width| **width == 0).count();
        let sign = if without_room == 0 { String::new() } else { format!("+{without_room}") };
        let words = format!("{sign} column{}", if without_room == 1 { "" } else { "s" });
        let has_words = text::width(&says) + text::width(&words) + 2 <= usize::from(area.width);
        let sign = if without_room > 0 && has_words { words } else { sign };
        let cells = (text::width(&sign) as u16).min(area.width);
        let gap = if cells > 0 { GAP_CELLS } else { 0 };
        text::put(buffer, area.x, y, &says, area.width.saturating_sub(cells + gap), theme.dim());
        text::put(buffer, area.right() - cells, y, &sign, cells, theme.dim());
    }
}

/// Cells of each column; the last has what the others leave.
fn widths(listing: &Listing, width: u16) -> Vec<u16> {
    let widest = |column: usize| {
        let cells = listing.lines.iter().map(|line| text::width(&line.columns[column]));
        let heading = text::width(listing.headings[column]);
        cells.chain([heading]).max().unwrap_or(0).min(COLUMN_MAX_CELLS.into()) as u16
    };
    let mut left = width;
    let mut widths = Vec::with_capacity(listing.headings.len());
    for column in 0..listing.headings.len() {
        let is_last = column + 1 == listing.headings.len();
        let cells = if is_last { left } else { widest(column).min(left) };
        // A letter or two say nothing.
        let cells = if cells < widest(column).min(COLUMN_MIN_CELLS) { 0 } else { cells };
        left = left.saturating_sub(cells + GAP_CELLS);
        widths.push(cells);
    }
    widths
}

/// Writes columns; the first style is that of the first one.
fn put<'a>(
    columns: impl Iterator<Item = &'a str>,
    widths: &[u16],
    (first, rest): (Style, Style),
    (area, y): (Rect, u16),
    buffer: &mut Buffer,
) {
    let mut x = area.x;
    for (index, (says, width)) in columns.zip(widths).enumerate() {
        if x >= area.right() {
            return;
        }
        text::put(buffer, x, y, says, (*width).min(area.right() - x), if index == 0 { first } else { rest });
        x = x.saturating_add(width + GAP_CELLS);
    }
}

#[cfg(test)]
mod tests {
    use super::super::range_fixture::{Fixture, START_MS};
    use super::*;
    use crate::chart::picture;
    use crate::series::{Labels, Vector};

    fn drawn(
        kind: &'static PanelKind,
        vector: &Vector,
        (width, height): (u16, u16),
        scroll: u16,
    ) -> Vec<String> {
        let fixture = Fixture::new(kind, 60, &[]);
        let mut view = fixture.view();
        view.targets[0].range = None;
        view.targets[0].instant = Some(vector);
        view.scroll = scroll;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        (kind.draw)(&view, buffer.area, &mut buffer);
        picture(&buffer)
    }

    fn vector(samples: &[(&[(&str, &str)], f64)]) -> Vector {
        let pairs = |pairs: &[(&str, &str)]| {
            Labels::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())))
        };
        let samples = samples.iter().map(|(labels, ago_s)| Sample {
            labels: pairs(labels),
            value: START_MS as f64 / 1_000.0 - ago_s,
        });
        Vector { time_ms: START_MS, samples: samples.collect() }
    }

    fn some_alerts() -> Vector {
        vector(&[
            (&[("alertname", "Slow"), ("__state__", "pending"), ("job", "api")], 30.0),
            (
                &[("alertname", "Old"), ("__state__", "firing"), ("__summary__", "No answer\u{1b}[2J")],
                7_200.0,
            ),
            (&[("alertname", "New"), ("__state__", "firing"), ("severity", "page"), ("job", "db")], 60.0),
            (&[("alertname", "Odd"), ("__state__", "pending")], f64::NAN),
        ])
    }

    #[test]
    fn firing_alerts_come_first_and_the_newest_of_them() {
        insta::assert_snapshot!(drawn(&ALERTS, &some_alerts(), (50, 7), 0).join("\n"));
        assert_eq!(
            drawn(&ALERTS, &some_alerts(), (30, 3), 9),
            ["pending  30s    Slow   job=api", "pending  never  Odd", "2 firing, 2 pending"],
            "it does not scroll beyond its end"
        );
        assert_eq!(drawn(&ALERTS, &some_alerts(), (30, 3), 0)[2], "2 firing, 2 pending  ▼ 2 more");
    }

    #[test]
    fn targets_that_are_down_come_first() {
        let found = vector(&[
            (&[("job", "b"), ("instance", "h:1"), ("__health__", "up"), ("__duration__", "0.0123")], 4.0),
            (&[("job", "a"), ("instance", "h:2"), ("__health__", "up")], 5.0),
            (
                &[
                    ("job", "c"),
                    ("instance", "h:3"),
                    ("__health__", "down"),
                    ("__error__", "connection refused"),
                ],
                9.0,
            ),
        ]);
        insta::assert_snapshot!(drawn(&TARGETS, &found, (60, 6), 0).join("\n"));
    }

    #[test]
    fn columns_without_room_are_counted() {
        let up: &[(&str, &str)] = &[("job", "a"), ("instance", "10.0.0.1:9090"), ("__health__", "up")];
        let lines = drawn(&TARGETS, &vector(&[(up, 4.0)]), (28, 4), 0);
        assert_eq!(lines[3], "1 up              +2 columns");
        assert_eq!(drawn(&TARGETS, &vector(&[(up, 4.0)]), (12, 4), 0)[3], "1 up      +3");
    }

    #[test]
    fn every_size_will_do() {
        for width in 0..20 {
            for height in 0..6 {
                let _ = drawn(&ALERTS, &some_alerts(), (width, height), 1);
            }
        }
    }
}
