//! The legend of a chart: what it says, and the room that it may take.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{figure, owner};
use crate::chart::extent::last_samples;
use crate::chart::legend::{Entry, LegendView};
use crate::dashboard::{LegendShow, LegendSort};
use crate::field::AxisSide;
use crate::panel::marks::LegendPlace;
use crate::panel::{NamedSeries, PanelView};
use crate::reduce::Reduce;
use crate::text;

/// Lines of the chart, its time axis included, that a legend leaves.
pub(super) const CHART_MIN_LINES: u16 = 5;
/// Narrowest panel that has its legend at the right; in narrower ones it goes below.
const LEGEND_RIGHT_MIN_CELLS: u16 = 40;

/// The part of the width that the name of a lone series may take in the legend's place.
const NAME_PART: u16 = 4;

/// What a legend is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    /// The series that are drawn.
    pub(super) series: &'a [NamedSeries<'a>],
    /// The least and the largest value of each.
    pub(super) extents: &'a [Option<(f64, f64)>],
    /// The least and the largest of their values.
    pub(super) range: (f64, f64),
    /// Those on the right axis need to be told apart.
    pub(super) has_two_axes: bool,
    /// Series beyond those drawn.
    pub(super) left_out: usize,
    /// Series that the reader has hidden.
    pub(super) hidden: usize,
}

impl Said<'_> {
    /// What stands for a legend that has no room: the name of the only series or how many there are to be named, and
    /// how many are hidden.
    fn sign(&self, has_no_room: bool, width: u16) -> String {
        let count = self.series.len() + self.left_out;
        let mut says = Vec::new();
        if has_no_room && count > 1 {
            says.push(format!("+{count}{}", if width < LEGEND_RIGHT_MIN_CELLS { "" } else { " series" }));
        } else if let (true, [one]) = (has_no_room, self.series) {
            // A name that fits says more than that there is one.
            let name = text::clean(&one.name);
            let is_short = !name.trim().is_empty() && text::width(&name) <= usize::from(width / NAME_PART);
            says.push(if is_short { name.into_owned() } else { "+1".to_owned() });
        }
        if self.hidden > 0 {
            says.push(format!("{} hidden", self.hidden));
        }
        says.join(", ")
    }
}

/// Draws the legend, if there is one and room for it. Returns what is left for the chart, and what the chart has to say
/// in its place.
pub(super) fn draw(view: &PanelView<'_>, said: Said<'_>, area: Rect, buffer: &mut Buffer) -> (Rect, String) {
    let options = &view.panel.options.legend;
    let is_right = options.right && area.width >= LEGEND_RIGHT_MIN_CELLS;
    let room = if is_right { area.height } else { area.height.saturating_sub(CHART_MIN_LINES) };
    if options.show == LegendShow::Hidden || room == 0 {
        let sign = said.sign(options.show != LegendShow::Hidden, area.width);
        if room == 0 || is_right || sign.is_empty() {
            return (area, sign);
        }
        // There is a line to say so.
        let y = area.bottom() - 1;
        let end = text::put(buffer, area.x, y, &sign, area.width, view.theme.dim());
        let place = Rect { x: area.x, y, width: end - area.x, height: 1 };
        view.series.places.borrow_mut().push(LegendPlace { area: place, series: None });
        return (Rect { height: area.height - 1, ..area }, String::new());
    }
    // A table of a heading and "+9 more" would say less than a running line.
    let table_lines = room.min(area.height / 2);
    let has_room = table_lines > u16::from(!options.calcs.is_empty()) + u16::from(said.series.len() > 1);
    let is_table = is_right || options.show == LegendShow::Table && has_room;
    let mut order = order(said.series, options.sort);
    let mut entries = entries(view, said, &order, is_table);
    let headings: Vec<String> = match options.show {
        LegendShow::Table if is_table && view.cursor_ms.is_some() => vec!["at cursor".to_owned()],
        _ if is_table && view.cursor_ms.is_none() => options.calcs.iter().map(|calc| calc.name()).collect(),
        _ => Vec::new(),
    };
    let legend = legend_of(&entries, said, &headings, is_table);
    let (chart, place) = if is_right {
        // Names are cut before figures go; those may take half of the width.
        let share = if options.calcs.len() > 1 { area.width / 2 } else { area.width * 2 / 5 };
        let width = legend.width().min(share);
        // The letter at the end of a line must not read as part of the legend.
        let gap = if view.theme.has_letters() { 2 } else { 1 };
        let chart = Rect { width: area.width - width - gap, ..area };
        (chart, Rect { x: chart.right() + gap, width, ..area })
    } else {
        // In full screen it is the place where all values at the crosshair are told.
        let part = if view.is_full_screen() && view.cursor_ms.is_some() { 3 } else { 5 };
        let share = if is_table { table_lines } else { (area.height / part).max(1) };
        let lines = legend.lines(area.width, room.min(share));
        let chart = Rect { height: area.height - lines, ..area };
        (chart, Rect { y: chart.bottom(), height: lines, ..area })
    };
    if options.sort.is_none() && has_one_unit(said.series) && legend.is_cut(place) {
        order = largest_first(said, options.calcs.first().copied());
        let mut slots: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
        entries = order.iter().filter_map(|index| slots[*index].take()).collect();
    }
    let legend = legend_of(&entries, said, &headings, is_table);
    let series_at = |entry: usize| {
        let one = &said.series[order[entry]];
        (one.target, one.labels.clone())
    };
    let places = legend.draw(&view.theme, place, buffer).into_iter();
    let places = places.map(|(area, entry)| LegendPlace { area, series: entry.map(series_at) });
    view.series.places.borrow_mut().extend(places);
    (chart, String::new())
}

fn legend_of<'a>(
    entries: &'a [Entry],
    said: Said<'_>,
    headings: &'a [String],
    is_table: bool,
) -> LegendView<'a> {
    LegendView { entries, left_out: said.left_out, hidden: said.hidden, headings, is_table }
}

/// Whether the legend tells the values at the crosshair on an area of `lines` lines.
pub(in crate::panel) fn tells_values(view: &PanelView<'_>, lines: u16) -> bool {
    view.panel.options.legend.show != LegendShow::Hidden && lines > CHART_MIN_LINES
}

/// Whether figures of all series can be compared.
fn has_one_unit(series: &[NamedSeries<'_>]) -> bool {
    series.windows(2).all(|pair| pair[0].field.unit == pair[1].field.unit)
}

/// The series by their first figure, or by their last value, the largest first, and of equal ones those that have been
/// the largest: what a legend names that has no room for all and that nobody has sorted.
fn largest_first(said: Said<'_>, reduce: Option<Reduce>) -> Vec<usize> {
    let series = said.series;
    let figures: Vec<Option<f64>> = match reduce {
        Some(reduce) => series.iter().map(|one| reduce.apply(one.values)).collect(),
        None => last_samples(series.iter().map(|one| (one.grid, one.values))),
    };
    let figure = |index: usize| figures[index].filter(|figure| !figure.is_nan());
    let most = |index: usize| said.extents.get(index).copied().flatten().map(|(_, most)| most);
    let descending = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => a.is_none().cmp(&b.is_none()),
    };
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by(|a, b| descending(figure(*a), figure(*b)).then_with(|| descending(most(*a), most(*b))));
    order
}

/// The series as their legend has them.
fn order(series: &[NamedSeries<'_>], sort: Option<LegendSort>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..series.len()).collect();
    let Some(LegendSort { by, is_descending }) = sort else { return order };
    let Some(reduce) = by else {
        order.sort_by(|a, b| series[*a].name.cmp(&series[*b].name));
        if is_descending {
            order.reverse();
        }
        return order;
    };
    let figure = |one: &NamedSeries<'_>| reduce.apply(one.values).filter(|figure| !figure.is_nan());
    let figures: Vec<Option<f64>> = series.iter().map(figure).collect();
    order.sort_by(|a, b| match (figures[*a], figures[*b]) {
        (Some(a), Some(b)) if is_descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    order
}

fn entries(view: &PanelView<'_>, said: Said<'_>, order: &[usize], is_table: bool) -> Vec<Entry> {
    let options = &view.panel.options.legend;
    let calcs = &options.calcs[..];
    let last = last_samples(said.series.iter().map(|one| (one.grid, one.values)));
    let calculated =
        |one: &NamedSeries<'_>, calc: Reduce| figure(view, one, calc, calc.apply(one.values), said.range);
    let figures = |one: &NamedSeries<'_>, last: Option<f64>| -> Vec<String> {
        if let Some(at_ms) = view.cursor_ms {
            return vec![figure(view, one, Reduce::Last, one.value_at(at_ms), said.range)];
        }
        match calcs {
            [] => vec![figure(view, one, Reduce::Last, last, said.range)],
            calcs if is_table => calcs.iter().map(|calc| calculated(one, *calc)).collect(),
            // A running line tells of all of them; one that stands for a table has no room for that.
            [_, _, ..] if options.show == LegendShow::List => {
                calcs.iter().map(|calc| format!("{} {}", calc.name(), calculated(one, *calc))).collect()
            }
            [first, ..] => vec![calculated(one, *first)],
        }
    };
    let entry = |index: &usize| {
        let one = &said.series[*index];
        Entry {
            name: match one.field.style.axis {
                AxisSide::Right if said.has_two_axes => format!("{} (right)", one.name),
                _ => one.name.clone(),
            },
            owner: owner(one).into(),
            ink: one.ink(last[*index], said.range),
            figures: figures(one, last[*index]),
        }
    };
    order.iter().map(entry).collect()
}
