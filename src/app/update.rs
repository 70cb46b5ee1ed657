//! The one function that changes the state: an event comes in, effects go out.

use std::sync::Arc;

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::event::{ActionOutcome, Event, Key, KeyCode, LoadProblem, Mouse, MouseKind, Origin};
use crate::app::state::{ActionState, DASHBOARDS_LIMIT, Entry, Overlay, State, View};
use crate::app::{
    annotations, copy, crosshair, legend, list, navigate, overlay, picker, refresh, transform, variables,
};
use crate::dashboard::Dashboard;
use crate::keymap;
use crate::layout::Layout;
use crate::panel::overview;
use crate::query::RequestId;

/// How long the answer of an action stays.
pub const ACTION_SHOWN_MS: i64 = 20_000;

/// How long a notice stays.
pub const NOTICE_SHOWN_MS: i64 = 6_000;

/// Takes `event` in and returns what is to be done outside. `now_ms` is Unix milliseconds and may jump.
pub fn update(state: &mut State, event: Event, now_ms: i64) -> Vec<Effect> {
    let mut effects = Vec::new();
    let is_answer = matches!(event, Event::Answered(..));
    let (tick, lines) = (state.tick, state.banners().len());
    match event {
        Event::Key(key) => effects.extend(press(state, key, now_ms)),
        Event::Mouse(mouse) => click(state, mouse, now_ms),
        Event::Resize(width, height) => state.size = (width, height),
        Event::Wake => {}
        Event::Answered(id, result) => {
            let error = result.as_ref().err().cloned();
            let asked = state.store.asked(id).cloned();
            if let Some(asked_at_ms) = state.store.answer(id, result, &state.tick, now_ms) {
                let source = asked.as_ref().map(|key| key.source).unwrap_or_default();
                refresh::note_outcome(state, source, error.as_ref(), asked_at_ms, now_ms);
                legend::mark(state, asked.as_ref());
            }
        }
        Event::Listed(id, result) => variables::answered(state, id, result, now_ms),
        Event::NotRemembered(reason) => {
            state.message = Some(format!("what you chose is not kept for the next time: {reason}"));
        }
        Event::ActionDone(id, outcome) => action_done(state, id, outcome, now_ms),
        Event::Exported(Ok(name)) => state.notice = Some((format!("wrote {name}"), now_ms)),
        Event::Exported(Err(reason)) => state.message = Some(format!("nothing was exported: {reason}")),
        Event::Loaded(origin, result) => loaded(state, origin, result, now_ms),
        Event::Removed(origin) => removed(state, &origin),
        Event::Arrived => effects.extend(reload(state, now_ms)),
        Event::TargetsDown(targets) => state.targets_down = targets,
        Event::WatchFailed(message) => state.message = Some(message),
        Event::Resumed => effects.push(Effect::Repaint),
    }
    refresh::tick_if_due(state, now_ms);
    if state.action_expires_at_ms().is_some_and(|at_ms| refresh::is_due(at_ms, ACTION_SHOWN_MS, now_ms)) {
        state.action = None;
    }
    if state.notice_expires_at_ms().is_some_and(|at_ms| refresh::is_due(at_ms, NOTICE_SHOWN_MS, now_ms)) {
        state.notice = None;
    }
    // Most events are answers, and most answers change neither what is asked nor where it is drawn.
    if !is_answer || state.view.overview || tick != state.tick || lines != state.banners().len() {
        effects.extend(settle(state));
    }
    annotations::settle(state);
    transform::refresh(state);
    effects.extend(refresh::schedule(state, now_ms));
    effects
}

/// Brings everything that derives from the rest up to date.
fn settle(state: &mut State) -> Vec<Effect> {
    crosshair::settle(state);
    variables::show(state);
    let body = state.body();
    state.layout = layout(state);
    state.view.focus = state.view.focus.min(state.layout.panels.len().saturating_sub(1));
    state.view.scroll = state.view.scroll.min(state.layout.scroll_max(body.height));
    let effects = refresh::resolve(state);
    legend::mark(state, None);
    effects
}

/// Where the panels are.
pub(super) fn layout(state: &State) -> Layout {
    let (body, toggled) = (state.body(), &state.view.toggled_rows);
    match state.dashboard() {
        None => Layout::default(),
        Some(dashboard) if state.view.overview => Layout::list(dashboard, toggled, body.width, |index| {
            overview::lines(&state.panel_view(&dashboard.panels[index], index))
        }),
        Some(dashboard) => Layout::new(dashboard, toggled, body.width, body.height),
    }
}

fn press(state: &mut State, key: Key, now_ms: i64) -> Vec<Effect> {
    if key == Key::ctrl('c') {
        return vec![Effect::Quit];
    }
    if state.overlay.is_some() {
        return overlay::press(state, key, now_ms);
    }
    if let Some(command) = keymap::crosshair_command(key).filter(|_| state.crosshair.is_some()) {
        return perform(state, command, now_ms);
    }
    if let Some(command) = keymap::command(key) {
        return perform(state, command, now_ms);
    }
    match key {
        Key { code: KeyCode::Char(character), ctrl: false, alt: false } => {
            perform(state, Command::Act(character), now_ms)
        }
        _ => Vec::new(),
    }
}

/// Does what a command wishes.
pub(crate) fn perform(state: &mut State, command: Command, now_ms: i64) -> Vec<Effect> {
    match command {
        Command::Quit => return vec![Effect::Quit],
        Command::Suspend => return vec![Effect::Suspend],
        Command::Repaint => return vec![Effect::Repaint],
        Command::Help => state.overlay = Some(Overlay::Help { scroll: 0 }),
        Command::Back => return back(state),
        Command::FocusLeft
        | Command::FocusRight
        | Command::FocusUp
        | Command::FocusDown
        | Command::FocusNext
        | Command::FocusPrevious
        | Command::FocusFirst
        | Command::FocusLast
        | Command::PageUp
        | Command::PageDown => navigate::go(state, command),
        Command::FullScreen => toggle_full_screen(state),
        Command::Crosshair
        | Command::CursorLeft
        | Command::CursorRight
        | Command::CursorFarLeft
        | Command::CursorFarRight
        | Command::CursorFirst
        | Command::CursorLast
        | Command::Mark
        | Command::ZoomToMark
        | Command::RangeBack => crosshair::perform(state, command, now_ms),
        Command::ToggleRow => navigate::toggle_focused_row(state, now_ms),
        Command::Overview => {
            state.view.overview = !state.view.overview;
            state.view.full_screen = false;
            state.layout = layout(state);
            navigate::set_focus(state, state.view.focus);
        }
        Command::Search => {
            state.search.clear();
            state.overlay = Some(Overlay::Search { selected: 0 });
        }
        Command::Inspect => state.overlay = Some(Overlay::Inspect { scroll: 0 }),
        Command::Copy => return copy::copy(state, now_ms),
        Command::Reload => return reload(state, now_ms),
        Command::Pause => pause(state, now_ms),
        Command::PickVariable => picker::open(state, now_ms),
        Command::PickSeries => legend::open(state, now_ms),
        Command::ToggleAnnotations => {
            state.hides_annotations = !state.hides_annotations;
            let has_any = state.definition().is_some_and(|dashboard| !dashboard.annotations.is_empty());
            let says = match (has_any, state.hides_annotations) {
                (false, _) => "this dashboard has no annotations",
                (true, true) => "annotations are hidden",
                (true, false) => "annotations are shown",
            };
            state.notice = Some((says.to_owned(), now_ms));
        }
        Command::PickDashboard | Command::PickRange | Command::PickRefresh | Command::PickExport => {
            list::open(state, command);
        }
        Command::NextDashboard | Command::PreviousDashboard => {
            let count = state.dashboards.len().max(1);
            if count == 1 {
                state.notice = Some(("there is no other dashboard".to_owned(), now_ms));
            }
            let by = if command == Command::NextDashboard { 1 } else { count - 1 };
            show(state, (state.current + by) % count, now_ms);
        }
        Command::ZoomIn | Command::ZoomOut | Command::Earlier | Command::Later | Command::ResetRange => {
            let zone = state.zone();
            let at_ms = state.paused_at_ms.unwrap_or(now_ms);
            let range = match command {
                Command::ZoomIn => state.range.zoom(0.5, at_ms, zone),
                Command::ZoomOut => state.range.zoom(2.0, at_ms, zone),
                Command::Earlier => state.range.shift(-0.5, at_ms, zone),
                Command::Later => state.range.shift(0.5, at_ms, zone),
                _ => own_range(state),
            };
            crosshair::go_to_range(state, range, now_ms);
        }
        Command::Act(character) => return act(state, character, now_ms),
    }
    Vec::new()
}

/// One panel on the whole screen, or back.
pub(super) fn toggle_full_screen(state: &mut State) {
    state.view.full_screen = !state.view.full_screen && !state.panels.is_empty();
    state.view.panel_scroll = 0;
    state.view.column_scroll = 0;
}

fn own_range(state: &State) -> crate::time_range::TimeRange {
    let dashboards = state.definition().map(|dashboard| dashboard.time.clone());
    state.settings.range.clone().or(dashboards).unwrap_or_else(|| state.range.clone())
}

/// Shows another window, from now on.
pub(crate) fn set_range(state: &mut State, range: crate::time_range::TimeRange, now_ms: i64) {
    state.range = range;
    state.tick.epoch += 1;
    refresh::tick(state, now_ms);
    variables::window_changed(state);
    refresh::restart_beat(state, now_ms);
}

/// Shows dashboard number `index`, if there is one.
pub(crate) fn show(state: &mut State, index: usize, now_ms: i64) {
    if index >= state.dashboards.len() || index == state.current {
        return;
    }
    state.current = index;
    adopt(state, now_ms);
}

/// Takes range and refresh over from the dashboard that is now shown.
fn adopt(state: &mut State, now_ms: i64) {
    state.view = View::default();
    state.crosshair = None;
    state.past_ranges.clear();
    variables::adopt(state);
    let own_refresh_ms = state.definition().and_then(|dashboard| dashboard.refresh_ms);
    state.refresh_ms = state.settings.refresh_ms.unwrap_or(own_refresh_ms);
    let range = own_range(state);
    set_range(state, range, now_ms);
}

/// Dismisses the message, or the action (which ends it), or leaves the full screen: one thing a key press.
fn back(state: &mut State) -> Vec<Effect> {
    if crosshair::back(state) {
        return Vec::new();
    }
    if state.message.take().is_some() || state.notice.take().is_some() {
        return Vec::new();
    }
    if let Some(action) = state.action.take() {
        return if action.outcome.is_none() { vec![Effect::Cancel(action.id)] } else { Vec::new() };
    }
    state.view.full_screen = false;
    state.view.panel_scroll = 0;
    state.view.column_scroll = 0;
    Vec::new()
}

fn reload(state: &mut State, now_ms: i64) -> Vec<Effect> {
    for outage in state.outages.values_mut() {
        outage.retry_at_ms = now_ms;
    }
    let mut effects = refresh::cancel(state.store.reload());
    effects.extend(variables::reload(state));
    refresh::tick(state, now_ms);
    refresh::restart_beat(state, now_ms);
    effects
}

fn pause(state: &mut State, now_ms: i64) {
    if state.paused_at_ms.take().is_some() {
        refresh::tick(state, now_ms);
    } else {
        state.paused_at_ms = Some(now_ms);
    }
    refresh::restart_beat(state, now_ms);
}

fn act(state: &mut State, character: char, now_ms: i64) -> Vec<Effect> {
    let Some(dashboard) = state.dashboard() else { return Vec::new() };
    let Some(action) = dashboard.actions.iter().find(|action| action.key == character).cloned() else {
        return Vec::new();
    };
    if state.action.as_ref().is_some_and(|running| running.outcome.is_none()) {
        return Vec::new();
    }
    let id = state.store.next_id();
    state.action = Some(ActionState { action: action.clone(), id, started_at_ms: now_ms, outcome: None });
    vec![Effect::Act(id, action)]
}

fn action_done(state: &mut State, id: RequestId, outcome: ActionOutcome, now_ms: i64) {
    if let Some(action) = state.action.as_mut().filter(|action| action.id == id) {
        action.outcome = Some((outcome, now_ms));
    }
}

fn loaded(state: &mut State, origin: Origin, result: Result<Arc<Dashboard>, LoadProblem>, now_ms: i64) {
    let index = state.dashboards.iter().position(|entry| entry.origin == origin);
    let Some(index) = index.or_else(|| add(state, origin)) else { return };
    let entry = &mut state.dashboards[index];
    let was_there = entry.dashboard.is_some();
    let before = entry.dashboard.clone();
    let is_read = result.is_ok();
    match result {
        Err(problem) => entry.problem = Some(problem),
        Ok(dashboard) => {
            entry.problem = None;
            entry.dashboard = Some(dashboard);
        }
    }
    if index != state.current {
        return;
    }
    if !was_there {
        adopt(state, now_ms);
        return;
    }
    // An edit keeps what the reader has set, unless the edit is about just that.
    let (Some(before), Some(after)) = (before, state.definition().cloned()) else { return };
    if before.rows.len() != after.rows.len() {
        state.view.toggled_rows.clear();
    }
    let shown_before = state.dashboard().cloned();
    if is_read {
        variables::follow(state);
        variables::show(state);
    }
    if let (Some(before), Some(after)) = (shown_before, state.dashboard().cloned()) {
        navigate::follow(state, &before, &after);
    }
    if before.refresh_ms != after.refresh_ms && state.settings.refresh_ms.is_none() {
        state.refresh_ms = after.refresh_ms;
        refresh::restart_beat(state, now_ms);
    }
    if before.time != after.time && state.settings.range.is_none() {
        set_range(state, after.time.clone(), now_ms);
    } else if before.zone != after.zone && !state.settings.is_zone_chosen {
        // Days begin elsewhere.
        set_range(state, state.range.clone(), now_ms);
    }
}

fn add(state: &mut State, origin: Origin) -> Option<usize> {
    if state.dashboards.len() >= DASHBOARDS_LIMIT {
        state.message = Some(format!("more than {DASHBOARDS_LIMIT} dashboards; the rest is not shown"));
        return None;
    }
    state.dashboards.push(Entry { origin, dashboard: None, problem: None });
    Some(state.dashboards.len() - 1)
}

fn removed(state: &mut State, origin: &Origin) {
    let Some(index) = state.dashboards.iter().position(|entry| entry.origin == *origin) else { return };
    if index == state.current {
        // The picture stays; the reader did not ask for another one.
        let has_reading = state.dashboards[index].dashboard.is_some();
        let shown = if has_reading { "; the last good reading is shown" } else { "" };
        let message = format!("the file is gone{shown}");
        state.dashboards[index].problem = Some(LoadProblem { line: None, column: None, message });
        return;
    }
    state.dashboards.remove(index);
    if index < state.current {
        state.current -= 1;
    }
    // The list has moved under whoever was about to choose from it.
    if matches!(state.overlay, Some(Overlay::List { .. })) {
        state.overlay = None;
    }
}

fn click(state: &mut State, mouse: Mouse, now_ms: i64) {
    if state.overlay.is_some() {
        overlay::click(state, mouse, now_ms);
        return;
    }
    match mouse.kind {
        MouseKind::ScrollUp => navigate::scroll(state, -3),
        MouseKind::ScrollDown => navigate::scroll(state, 3),
        MouseKind::Press | MouseKind::CtrlPress if legend::click(state, mouse, now_ms) => {}
        MouseKind::Press | MouseKind::CtrlPress => {
            navigate::press(state, mouse, now_ms);
            crosshair::mouse(state, mouse, now_ms);
        }
        MouseKind::Drag | MouseKind::Release => crosshair::mouse(state, mouse, now_ms),
    }
}
