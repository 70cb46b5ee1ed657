//! The state of the program: everything that a frame is drawn from, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::app::crosshair::{Crosshair, Drag};
use crate::app::datasource::{Datasource, Outage};
use crate::app::event::{ActionOutcome, LoadProblem, Origin};
use crate::app::picker::Picker;
use crate::app::store::{QueryKey, Store, Tick};
use crate::app::variables::{Given, Remembered, ShownOf, VariableState};
use crate::dashboard::{Action, Dashboard};
use crate::layout::Layout;
use crate::panel::Moment;
use crate::panel::marks::{Mark, SeriesBook, SeriesKey};
use crate::panel::transformed::TransformedData;
use crate::query::{QueryError, RequestId, SourceId};
use crate::series::{Frame, Vector};
use crate::theme::Theme;
use crate::time_range::{Intervals, Span, TimeRange, utc_offset_ms};
use crate::variable::Values;

/// Dashboards that can be open at once.
pub(super) const DASHBOARDS_LIMIT: usize = 200;

/// What is fixed for the whole run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's address for the status line, without secrets.
    pub address: String,
    /// Zone of all times shown; see [`State::zone`].
    pub zone: Tz,
    /// The zone was asked for on the command line; it overrides every dashboard's.
    pub is_zone_chosen: bool,
    /// Colours and markers.
    pub theme: Theme,
    /// From the command line; overrides every dashboard's.
    pub range: Option<TimeRange>,
    /// From the command line; overrides every dashboard's. The inner `None` is never.
    pub refresh_ms: Option<Option<i64>>,
    /// From the command line or the data source; overrides the default of dashboards that do not say.
    pub scrape_interval_ms: Option<i64>,
    /// One frame and no person: panels out of sight are asked too, every question is tried once whatever the others
    /// brought, and no keys are offered.
    pub headless: bool,
    /// Values of variables from the command line.
    pub variables: Given,
    /// The data sources that may be asked, the one in use first; a [`SourceId`] is a place in it.
    pub datasources: Vec<Datasource>,
}

/// The state.
#[derive(Clone, Debug)]
pub struct State {
    /// Fixed for the run.
    pub settings: Settings,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// All dashboards, in the order in which they were named.
    pub dashboards: Vec<Entry>,
    /// Index of the one shown.
    pub current: usize,
    /// What of it is shown.
    pub view: View,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// What panels are searched for by.
    pub search: String,
    /// What was typed into the open list, where it is searched for or the choice itself; `None` while letters are keys.
    pub typed: Option<String>,
    /// The window.
    pub range: TimeRange,
    /// How often it is asked again; `None` is never.
    pub refresh_ms: Option<i64>,
    /// Since when the refresh is paused.
    pub paused_at_ms: Option<i64>,
    /// The current refresh.
    pub tick: Tick,
    /// When the next one is due.
    pub next_tick_ms: Option<i64>,
    /// The variables of the dashboard shown.
    pub variables: Vec<VariableState>,
    /// What texts are filled with.
    pub values: Values,
    /// The dashboard as it is shown: repeated, and its titles filled in.
    pub(super) shown: Option<Arc<Dashboard>>,
    /// What [`State::shown`] was made of.
    pub(super) shown_of: Option<ShownOf>,
    /// What was chosen on which dashboard, in this run or one before.
    pub remembered: Remembered,
    /// What the open picker is at.
    pub picker: Picker,
    /// Answers.
    pub store: Store,
    /// The panels' questions and last pictures, one for each panel of the dashboard.
    pub panels: Vec<PanelState>,
    /// The questions of annotations.
    pub annotations: Vec<Target>,
    /// The reader wants to see none.
    pub hides_annotations: bool,
    /// What annotations have marked, by time.
    pub marks: Vec<Moment>,
    /// Where the panels are.
    pub layout: Layout,
    /// The data sources that do not answer at all.
    pub outages: BTreeMap<SourceId, Outage>,
    /// The action under way or done last.
    pub action: Option<ActionState>,
    /// Targets that no longer answer, each with its error.
    pub targets_down: Vec<String>,
    /// A message of the program itself, until dismissed.
    pub message: Option<String>,
    /// Something good to know, and since when; it goes by itself.
    pub notice: Option<(String, i64)>,
    /// The last press of the mouse: panel, and when; for telling a double click.
    pub last_press: Option<(usize, i64)>,
    /// The time that all panels tell their values at.
    pub crosshair: Option<Crosshair>,
    /// The left button held down on a plot.
    pub drag: Option<Drag>,
    /// Ranges that were shown before, the newest last.
    pub past_ranges: Vec<TimeRange>,
    /// The series that is selected in the open list of series; `None` when it has gone meanwhile.
    pub picked: Option<SeriesKey>,
}

/// A dashboard that was named or found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where from.
    pub origin: Origin,
    /// Its last good reading.
    pub dashboard: Option<Arc<Dashboard>>,
    /// Set while the newest reading failed.
    pub problem: Option<LoadProblem>,
}

/// What of a dashboard is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Index of the focused panel.
    pub focus: usize,
    /// First line of the canvas on the screen.
    pub scroll: u16,
    /// The focused panel has the whole screen.
    pub full_screen: bool,
    /// Lines by which the focused panel's own content is scrolled.
    pub panel_scroll: u16,
    /// Rows that are collapsed though the dashboard has them open, or the other way round.
    pub toggled_rows: Vec<usize>,
    /// A line a series instead of the panels' own pictures.
    pub overview: bool,
    /// Columns by which the focused panel's own content is scrolled in full screen.
    pub column_scroll: u16,
}

/// What lies over the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// All keys; scrolled by lines.
    Help {
        /// First line shown.
        scroll: u16,
    },
    /// The picker of variables; see [`State::picker`].
    Picker,
    /// What the focused panel asked and what came of it; scrolled by lines.
    Inspect {
        /// First line shown.
        scroll: usize,
    },
    /// Panels by their titles; what is searched for is in [`State::search`].
    Search {
        /// The one of those found that enter takes.
        selected: usize,
    },
    /// A choice out of a list.
    List {
        /// Of what.
        of: ListOf,
        /// The entry that enter takes.
        selected: usize,
    },
}

/// What a list offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// Dashboards.
    Dashboards,
    /// Time ranges.
    Ranges,
    /// Refresh intervals.
    Refreshes,
    /// Series of the focused panel.
    Series,
    /// Formats of files, for the screen and for the focused panel.
    Exports,
}

/// One panel between the dashboard and the store.
#[derive(Clone, Debug, Default)]
pub struct PanelState {
    /// One for each of its queries that is not hidden.
    pub targets: Vec<Target>,
    /// A variable that it uses is not worked out yet; it asks nothing meanwhile.
    pub is_waiting: bool,
    /// Why it cannot ask.
    pub problem: Option<QueryError>,
    /// The numbers of its series, and which of them the reader has hidden.
    pub book: SeriesBook,
    /// Its data behind its transforms, where it has some.
    pub transformed: Option<Arc<Transformed>>,
    /// The mark of each column of numbers behind its transforms.
    pub column_marks: Vec<Mark>,
}

/// Data behind transforms, and what it was made of.
#[derive(Clone, Debug)]
pub struct Transformed {
    /// The data.
    pub data: TransformedData,
    /// The dashboard whose transforms they are.
    pub dashboard: Arc<Dashboard>,
    /// One for each target.
    pub answers: Vec<PanelInput>,
}

/// What one target has brought when it was transformed.
#[derive(Clone, Debug)]
pub struct PanelInput {
    /// The expression with everything filled in.
    pub expr: Arc<str>,
    /// Values over the window.
    pub range: Option<Arc<Frame>>,
    /// Values now.
    pub instant: Option<Arc<Vector>>,
}

impl PanelInput {
    /// Whether it is the very same answer.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        fn same<T>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                (a, b) => a.is_none() && b.is_none(),
            }
        }
        self.expr == other.expr
            && same(self.range.as_ref(), other.range.as_ref())
            && same(self.instant.as_ref(), other.instant.as_ref())
    }
}

/// One query of a panel, ready to be asked.
#[derive(Clone, Debug)]
pub struct Target {
    /// Index into the panel's queries.
    pub query: usize,
    /// The data source that is asked.
    pub asks: SourceId,
    /// The expression with its variables filled in, but nothing that depends on window and width.
    pub source: Arc<str>,
    /// The expression with everything filled in.
    pub expr: Arc<str>,
    /// Its intervals.
    pub intervals: Intervals,
    /// The question for values over time.
    pub range: Option<QueryKey>,
    /// The question for the value now.
    pub instant: Option<QueryKey>,
    /// The last picture, kept while a new question (another width or window) has no answer yet.
    pub held_frame: Option<Arc<Frame>>,
    /// The same for the value now.
    pub held_vector: Option<Arc<Vector>>,
    /// The marks of the series of what is shown, in their order.
    pub range_marks: Vec<Mark>,
    /// The same for the value now.
    pub instant_marks: Vec<Mark>,
}

/// The action of a dashboard's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionState {
    /// What was asked for.
    pub action: Action,
    /// Its request.
    pub id: RequestId,
    /// When the key was pressed.
    pub started_at_ms: i64,
    /// What came of it.
    pub outcome: Option<(ActionOutcome, i64)>,
}

impl State {
    /// The state before anything was loaded; `size` is columns and rows.
    pub fn new(settings: Settings, size: (u16, u16), now_ms: i64) -> Self {
        let range = settings.range.clone().unwrap_or_else(|| Dashboard::default().time);
        let span = range.resolve(now_ms, settings.zone);
        Self {
            tick: Tick { number: 0, epoch: 0, span, offset_ms: 0 },
            refresh_ms: None,
            range,
            settings,
            size,
            dashboards: Vec::new(),
            current: 0,
            view: View::default(),
            overlay: None,
            search: String::new(),
            typed: None,
            paused_at_ms: None,
            next_tick_ms: None,
            variables: Vec::new(),
            values: Values::new(),
            shown: None,
            shown_of: None,
            remembered: Remembered::default(),
            picker: Picker::default(),
            store: Store::default(),
            panels: Vec::new(),
            annotations: Vec::new(),
            hides_annotations: false,
            marks: Vec::new(),
            layout: Layout::default(),
            outages: BTreeMap::new(),
            action: None,
            targets_down: Vec::new(),
            message: None,
            notice: None,
            last_press: None,
            crosshair: None,
            drag: None,
            past_ranges: Vec::new(),
            picked: None,
        }
    }

    /// The dashboard as it is shown, if it was ever read: with its panels and rows repeated and variables in titles.
    pub fn dashboard(&self) -> Option<&Arc<Dashboard>> {
        self.shown.as_ref()
    }

    /// The dashboard shown, as its file has it.
    pub fn definition(&self) -> Option<&Arc<Dashboard>> {
        self.dashboards.get(self.current)?.dashboard.as_ref()
    }

    /// Zone of the times shown: the command line's, else the dashboard's, else the reader's own.
    pub fn zone(&self) -> Tz {
        let of_dashboard = self.definition().and_then(|dashboard| dashboard.zone);
        of_dashboard.filter(|_| !self.settings.is_zone_chosen).unwrap_or(self.settings.zone)
    }

    /// The window and its alignment at `now_ms`.
    pub(crate) fn tick_at(&self, number: u64, now_ms: i64) -> Tick {
        let span: Span = self.range.resolve(now_ms, self.zone());
        let offset_ms = if self.range.follows_now() { utc_offset_ms(self.zone(), span.end_ms) } else { 0 };
        Tick { number, epoch: self.tick.epoch, span, offset_ms }
    }
}
