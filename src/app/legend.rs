//! The series of a panel: the marks that keep their colours, and which of them the reader has hidden, by key and by
//! mouse.

use ratatui::layout::Position;

use crate::app::event::{Mouse, MouseKind};
use crate::app::navigate;
use crate::app::state::{ListOf, Overlay, PanelState, State, Target};
use crate::app::store::{QueryKey, Slot, Store};
use crate::panel::TargetView;
use crate::panel::marks::{Mark, SeriesKey};
use crate::series::Labels;
use crate::theme::Ink;
use crate::ui;

/// A series in the list of the focused panel's.
#[derive(Clone, Debug)]
pub struct SeriesLine {
    /// Its name.
    pub name: String,
    /// What it is drawn with.
    pub ink: Ink,
    /// The reader has hidden it.
    pub is_hidden: bool,
    key: SeriesKey,
}

/// Marks the series of every panel anew; with `answered`, of those that show what that question has brought.
pub(super) fn mark(state: &mut State, answered: Option<&QueryKey>) {
    let State { panels, store, .. } = state;
    for panel in panels {
        let asks = |target: &Target| {
            answered
                .is_none_or(|key| target.range.as_ref() == Some(key) || target.instant.as_ref() == Some(key))
        };
        if panel.targets.iter().any(asks) {
            mark_panel(panel, store);
        }
    }
    settle(state);
}

/// Keeps the list of series on the one that is selected, wherever it stands now.
pub(super) fn settle(state: &mut State) {
    let Some(Overlay::List { of: ListOf::Series, selected }) = state.overlay else { return };
    let lines = lines(state);
    let place = lines.iter().position(|line| Some(&line.key) == state.picked.as_ref());
    if place.is_none() {
        state.picked = None;
    }
    let selected = place.unwrap_or_else(|| selected.min(lines.len().saturating_sub(1)));
    state.overlay = Some(Overlay::List { of: ListOf::Series, selected });
}

/// Takes note of which series line `selected` is.
pub(super) fn select(state: &mut State, selected: usize) {
    state.picked = lines(state).into_iter().nth(selected).map(|line| line.key);
}

/// What identifies a column of numbers behind transforms: its labels, and its name where no label can be.
fn column_key(target: &TargetView<'_>) -> SeriesKey {
    let samples = target.instant.iter().flat_map(|vector| &vector.samples).map(|sample| &sample.labels);
    let series = target.range.iter().flat_map(|frame| &frame.series).map(|series| &series.labels);
    let labels = series.chain(samples).next();
    let labels = labels.into_iter().flat_map(Labels::iter);
    let named = labels.chain([("", target.name.unwrap_or_default())]);
    (usize::MAX, Labels::new(named.map(|(name, value)| (name.into(), value.into()))))
}

/// What identifies the series with these labels of the target at `place`.
fn key_of(panel: &PanelState, place: usize, labels: &Labels) -> Option<SeriesKey> {
    match &panel.transformed {
        Some(transformed) => transformed.data.targets().get(place).map(column_key),
        None => Some((panel.targets.get(place)?.query, labels.clone())),
    }
}

pub(super) fn mark_panel(panel: &mut PanelState, store: &Store) {
    let slot = |key: &Option<QueryKey>| key.as_ref().and_then(|key| store.slot(key));
    let mut keys: Vec<SeriesKey> = Vec::new();
    let mut counts: Vec<(usize, usize)> = Vec::with_capacity(panel.targets.len());
    let mut is_settled = true;
    for target in &panel.targets {
        let before = keys.len();
        let frame = slot(&target.range).and_then(|slot| slot.frame.as_ref()).or(target.held_frame.as_ref());
        keys.extend(
            frame.iter().flat_map(|frame| &frame.series).map(|series| (target.query, series.labels.clone())),
        );
        let ranges = keys.len() - before;
        let vector =
            slot(&target.instant).and_then(|slot| slot.vector.as_ref()).or(target.held_vector.as_ref());
        keys.extend(
            vector
                .iter()
                .flat_map(|vector| &vector.samples)
                .map(|sample| (target.query, sample.labels.clone())),
        );
        counts.push((ranges, keys.len() - before - ranges));
        is_settled &= [&target.range, &target.instant]
            .into_iter()
            .all(|key| key.is_none() || slot(key).is_some_and(Slot::is_settled_once));
    }
    if let Some(transformed) = &panel.transformed {
        let keys: Vec<SeriesKey> = transformed.data.targets().iter().map(column_key).collect();
        panel.column_marks = panel.book.mark(&keys, is_settled);
        return;
    }
    let mut marks = panel.book.mark(&keys, is_settled).into_iter();
    for (target, (ranges, instants)) in panel.targets.iter_mut().zip(counts) {
        target.range_marks = marks.by_ref().take(ranges).collect::<Vec<Mark>>();
        target.instant_marks = marks.by_ref().take(instants).collect();
    }
}

/// The series of the focused panel, where it has a legend.
pub fn lines(state: &State) -> Vec<SeriesLine> {
    let Some(panel) = state.dashboard().and_then(|dashboard| dashboard.panels.get(state.view.focus)) else {
        return Vec::new();
    };
    if !panel.kind.options.contains(&"legend") {
        return Vec::new();
    }
    let view = state.panel_view(panel, state.view.focus);
    let Some(panel) = state.panels.get(state.view.focus) else { return Vec::new() };
    let line = |one: crate::panel::NamedSeries<'_>| {
        Some(SeriesLine {
            key: key_of(panel, one.target, one.labels)?,
            ink: one.ink(None, (0.0, 0.0)),
            is_hidden: one.is_hidden,
            name: one.name,
        })
    };
    view.named_series().into_iter().filter_map(line).collect()
}

/// Opens the list of the focused panel's series.
pub(super) fn open(state: &mut State, now_ms: i64) {
    if lines(state).is_empty() {
        state.notice = Some(("this panel has no series to pick from".to_owned(), now_ms));
        return;
    }
    select(state, 0);
    state.overlay = Some(Overlay::List { of: ListOf::Series, selected: 0 });
}

/// What can be done with a series of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    /// Hide it, or show it again.
    Toggle,
    /// Show it alone, or all again.
    Isolate,
    /// Show all.
    All,
}

/// Does that with the series that is selected in the list, unless it has gone meanwhile.
pub(super) fn pick(state: &mut State, pick: Pick, now_ms: i64) {
    let key = state.picked.clone();
    if key.is_none() && pick != Pick::All {
        state.notice = Some(("the selected series has gone; select another".to_owned(), now_ms));
    }
    do_with(state, state.view.focus, key, pick);
}

fn do_with(state: &mut State, panel: usize, key: Option<SeriesKey>, pick: Pick) {
    let Some(panel) = state.panels.get_mut(panel) else { return };
    match (pick, key) {
        (Pick::Toggle, Some(key)) => panel.book.toggle(key),
        (Pick::Isolate, Some(key)) => panel.book.isolate(key),
        (Pick::All, _) => panel.book.show_all(),
        (_, None) => {}
    }
    mark_panel(panel, &state.store);
}

/// A press on a legend: shows the series alone; with control held, hides it or shows it again. Whether it was one.
pub(super) fn click(state: &mut State, mouse: Mouse, now_ms: i64) -> bool {
    let place = Position { x: mouse.x, y: mouse.y };
    let Some(index) = navigate::panel_at(state, place) else { return false };
    let places = ui::legend_places(state, index, now_ms);
    let Some(found) = places.into_iter().find(|found| found.area.contains(place)) else { return false };
    state.view.focus = index;
    let of_place = |(place, labels): (usize, Labels)| key_of(state.panels.get(index)?, place, &labels);
    let key = found.series.and_then(of_place);
    let pick = match (&key, mouse.kind) {
        (None, _) => Pick::All,
        (_, MouseKind::CtrlPress) => Pick::Toggle,
        _ => Pick::Isolate,
    };
    do_with(state, index, key, pick);
    true
}
