//! The registry of panel types, and what every type is given to draw.
//!
//! A new type is one file with a `KIND` and one line in [`KINDS`].

pub mod barchart;
pub mod bargauge;
mod crosshair;
#[cfg(test)]
mod fixture;
pub mod gauge;
pub mod heatmap;
pub mod histogram;
pub mod item;
pub mod listing;
pub mod marks;
pub mod names;
pub mod overview;
pub mod piechart;
#[cfg(test)]
mod range_fixture;
pub mod sparkline;
pub mod stat;
pub mod state_timeline;
mod states;
pub mod status_history;
pub mod table;
pub mod text;
pub mod timeseries;
pub mod transformed;
pub mod unsupported;

use std::borrow::Cow;
use std::cell::Cell;

use self::marks::{Mark, SeriesView};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use chrono_tz::Tz;

use crate::dashboard::{Panel, PanelQuery};
use crate::field::FieldOptions;
use crate::series::{Frame, Grid, Labels, Vector, is_absent};
use crate::template;
use crate::text::{fit_apart, shared_start};
use crate::theme::{Rgb, Theme};
use crate::time_range::Span;
use crate::transform::DataFrame;

/// A panel type: its name in the format, its needs, and its functions.
pub struct PanelKind {
    /// The `type:` in a dashboard file.
    pub name: &'static str,
    /// One line for help and schema.
    pub about: &'static str,
    /// Keys of [`crate::dashboard::PanelOptions`] that it reads, as the format spells them.
    pub options: &'static [&'static str],
    /// Least width in cells and height in lines at which it says something, its title line included.
    pub min_size: (u16, u16),
    /// Lines at which it looks right, its title line included.
    pub natural_height: u16,
    /// Which queries it needs of the server.
    pub asks: fn(&Panel) -> Asks,
    /// Draws data into `area`, the title line excluded. Only called when there is data ([`PanelView::has_data`]); must
    /// cope with every size from 0x0 up, and writes nothing outside `area`.
    pub draw: fn(&PanelView<'_>, Rect, &mut Buffer),
    /// The values that the panel shows, for `promscope render --format json`.
    pub values: fn(&PanelView<'_>) -> Vec<ShownValue>,
    /// The values at a time, Unix milliseconds, where time is its x axis; such a type calls
    /// [`PanelView::draw_crosshair`] when it draws.
    pub at: Option<fn(&PanelView<'_>, i64) -> Vec<ShownValue>>,
}

impl std::fmt::Debug for PanelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Which queries a panel needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asks {
    /// The value now.
    pub instant: bool,
    /// The values over the window.
    pub range: bool,
}

/// One value that a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownValue {
    /// Name of the series.
    pub name: String,
    /// The number behind it; `None` when there is none.
    pub value: Option<f64>,
    /// As it is written on the screen.
    pub text: String,
}

/// All panel types.
pub static KINDS: &[&PanelKind] = &[
    &timeseries::KIND,
    &sparkline::KIND,
    &stat::KIND,
    &gauge::KIND,
    &bargauge::KIND,
    &table::KIND,
    &heatmap::KIND,
    &histogram::KIND,
    &piechart::KIND,
    &barchart::KIND,
    &state_timeline::KIND,
    &status_history::KIND,
    &text::KIND,
    &listing::ALERTS,
    &listing::TARGETS,
];

/// The type called `name`.
pub fn kind(name: &str) -> Option<&'static PanelKind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// What one query of a panel has brought so far; the last good answer, however old.
#[derive(Clone, Copy, Debug)]
pub struct TargetView<'a> {
    /// The query as the dashboard has it.
    pub query: &'a PanelQuery,
    /// The expression with its variables filled in.
    pub expr: &'a str,
    /// What its series are called, where transforms have given them a name.
    pub name: Option<&'a str>,
    /// Values over the window.
    pub range: Option<&'a Frame>,
    /// Values now.
    pub instant: Option<&'a Vector>,
}

/// What an annotation has marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since when, Unix milliseconds.
    pub start_ms: i64,
    /// Until when; the same where it is one moment.
    pub end_ms: i64,
    /// Its own colour.
    pub color: Option<Rgb>,
    /// What is said of it.
    pub text: String,
}

/// Everything that a panel type may look at when it draws.
#[derive(Clone, Debug)]
pub struct PanelView<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// Its queries that are not hidden, in order; with transforms, the columns of numbers that they have left.
    pub targets: Vec<TargetView<'a>>,
    /// The tables that its transforms have left, where it has some.
    pub frames: Option<&'a [DataFrame]>,
    /// The window on the time axis.
    pub span: Span,
    /// The end of the window that was asked for, Unix milliseconds, which ages refer to: the axis may end before it, at a
    /// whole step.
    pub now_ms: i64,
    /// The zone of times on axes.
    pub zone: Tz,
    /// Colours and markers.
    pub theme: Theme,
    /// Lines that the reader has scrolled this panel down (tables, text).
    pub scroll: u16,
    /// Columns that the reader has scrolled this panel to the right, where keys do that (tables in full screen).
    pub column_scroll: Option<u16>,
    /// The time that the crosshair is at, Unix milliseconds.
    pub cursor_ms: Option<i64>,
    /// What annotations have marked, by time.
    pub marks: &'a [Moment],
    /// The other end of the range that is being marked.
    pub mark_ms: Option<i64>,
    /// The numbers of the series, and which the reader has hidden.
    pub series: SeriesView<'a>,
    /// Where the plot was drawn, set by [`PanelView::draw_crosshair`]: what turns a place on the screen into a time.
    pub plot: Cell<Option<Rect>>,
}

/// A series of a range answer with the name that it is shown by.
#[derive(Clone, Debug)]
pub struct NamedSeries<'a> {
    /// By the query's legend, cleaned by no one yet.
    pub name: String,
    /// Bytes that the names of all series of the panel begin with ([`shared_start`]).
    pub shared: usize,
    /// The number of its colour, which it keeps while it lives.
    pub number: usize,
    /// The reader has hidden it: it is named, not drawn.
    pub is_hidden: bool,
    /// Which of the view's targets has brought it.
    pub target: usize,
    /// The options that hold for it.
    pub field: Cow<'a, FieldOptions>,
    /// Its labels.
    pub labels: &'a Labels,
    /// The times of `values`.
    pub grid: Grid,
    /// One value a grid point.
    pub values: &'a [f64],
}

/// A sample of an instant answer with the name that it is shown by.
#[derive(Clone, Debug)]
pub struct NamedSample<'a> {
    /// By the query's legend, cleaned by no one yet.
    pub name: String,
    /// The number of its colour, which is that of the same series over time.
    pub number: usize,
    /// The options that hold for it.
    pub field: Cow<'a, FieldOptions>,
    /// Its labels.
    pub labels: &'a Labels,
    /// May be NaN or infinite.
    pub value: f64,
}

impl NamedSeries<'_> {
    /// Its name in `max` cells.
    pub fn fit_name(&self, max: u16) -> Cow<'_, str> {
        fit_apart(&self.name, self.shared, usize::from(max))
    }
}

impl PanelView<'_> {
    /// Whether any query has brought a series, or the panel asks for none.
    pub fn has_data(&self) -> bool {
        let asks = (self.panel.kind.asks)(self.panel);
        if !asks.instant && !asks.range {
            return true;
        }
        if let Some(frames) = self.frames {
            return frames.iter().any(|frame| frame.rows() > 0);
        }
        self.targets.iter().any(|target| {
            target.instant.is_some_and(|vector| !vector.samples.is_empty())
                || target.range.is_some_and(|frame| {
                    frame.series.iter().any(|series| series.values.iter().any(|value| !is_absent(*value)))
                })
        })
    }

    /// Whether the panel has the whole screen.
    pub fn is_full_screen(&self) -> bool {
        self.column_scroll.is_some()
    }

    /// All series of the range answers, query by query, but those that the dashboard hides.
    pub fn named_series(&self) -> Vec<NamedSeries<'_>> {
        let mut named: Vec<NamedSeries<'_>> = Vec::new();
        let auto = names::auto(&self.targets);
        let mut count = 0;
        for (index, target) in self.targets.iter().enumerate() {
            let Some(frame) = target.range else { continue };
            let marks = self.series.marks.get(index).map(|(ranges, _)| *ranges).unwrap_or_default();
            let first = named.len();
            for (place, series) in frame.series.iter().enumerate() {
                let (name, field) = self.name_by(target, &series.labels, auto[index].as_ref());
                let mark = marks.get(place).copied().unwrap_or(Mark { number: count, is_hidden: false });
                count += 1;
                if !field.style.hidden {
                    named.push(NamedSeries {
                        name,
                        shared: 0,
                        number: mark.number,
                        is_hidden: mark.is_hidden,
                        target: index,
                        field,
                        labels: &series.labels,
                        grid: frame.grid,
                        values: &series.values,
                    });
                }
            }
            names::number_namesakes(
                &mut named[first..].iter_mut().map(|one| &mut one.name).collect::<Vec<_>>(),
            );
        }
        let shared = shared_start(named.iter().map(|one| &*one.name));
        for one in &mut named {
            one.shared = shared;
        }
        named
    }

    /// All samples of the instant answers that are not hidden, query by query.
    pub fn named_samples(&self) -> Vec<NamedSample<'_>> {
        let mut named: Vec<NamedSample<'_>> = Vec::new();
        let auto = names::auto(&self.targets);
        let mut count = 0;
        for (index, target) in self.targets.iter().enumerate() {
            let Some(vector) = target.instant else { continue };
            let marks = self.series.marks.get(index).map(|(_, instants)| *instants).unwrap_or_default();
            let first = named.len();
            for (place, sample) in vector.samples.iter().enumerate() {
                let (name, field) = self.name_by(target, &sample.labels, auto[index].as_ref());
                let number = marks.get(place).map_or(count, |mark| mark.number);
                count += 1;
                if !field.style.hidden {
                    named.push(NamedSample {
                        name,
                        number,
                        field,
                        labels: &sample.labels,
                        value: sample.value,
                    });
                }
            }
            names::number_namesakes(
                &mut named[first..].iter_mut().map(|one| &mut one.name).collect::<Vec<_>>(),
            );
        }
        named
    }

    /// The name that a series of `target` is shown by, and the options that hold for it; for one of many, see
    /// [`PanelView::named_series`].
    pub fn name_of(&self, target: &TargetView<'_>, labels: &Labels) -> (String, Cow<'_, FieldOptions>) {
        let place = self.targets.iter().position(|other| std::ptr::eq(other.query, target.query));
        let auto = place
            .filter(|_| names::is_auto(target))
            .and_then(|place| names::auto(&self.targets).swap_remove(place));
        self.name_by(target, labels, auto.as_ref())
    }

    pub(crate) fn name_by(
        &self,
        target: &TargetView<'_>,
        labels: &Labels,
        auto: Option<&names::AutoNames<'_>>,
    ) -> (String, Cow<'_, FieldOptions>) {
        let name = match (target.name, auto) {
            (Some(name), _) => name.to_owned(),
            (None, Some(auto)) => auto.name(labels, target.expr),
            (None, None) => template::legend(target.query.legend.as_deref(), labels, target.expr),
        };
        let field = self.panel.field_of(&name, &target.query.ref_id);
        match field.display_name.as_deref() {
            Some(wanted) => (template::display_name(wanted, &name, labels), field),
            None => (name, field),
        }
    }
}
