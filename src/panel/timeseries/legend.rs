//! The legend of a chart: what it says, and the room that it may take.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{figure, ink, owner};
use crate::chart::extent::last_samples;
use crate::chart::legend::{Entry, LegendView};
use crate::dashboard::LegendShow;
use crate::field::AxisSide;
use crate::panel::{NamedSeries, PanelView};
use crate::reduce::Reduce;

/// Lines of the chart, its time axis included, that a legend leaves.
pub(super) const CHART_MIN_LINES: u16 = 5;
/// Narrowest panel that has its legend at the right; in narrower ones it goes below.
const LEGEND_RIGHT_MIN_CELLS: u16 = 40;

/// Draws the legend of series with this range, if there is one and room for it; returns what is left for the chart.
pub(super) fn draw(
    view: &PanelView<'_>,
    (series, range, has_two_axes): (&[NamedSeries<'_>], (f64, f64), bool),
    left_out: usize,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let options = &view.panel.options.legend;
    if options.show == LegendShow::Hidden || area.height <= CHART_MIN_LINES && !options.right {
        return area;
    }
    let is_right = options.right && area.width >= LEGEND_RIGHT_MIN_CELLS;
    let room = if is_right { area.height } else { area.height.saturating_sub(CHART_MIN_LINES) };
    // A table of a heading and "+9 more" would say less than a running line.
    let table_lines = room.min(area.height / 2);
    let has_room = table_lines > u16::from(!options.calcs.is_empty()) + u16::from(series.len() > 1);
    let is_table = is_right || options.show == LegendShow::Table && has_room;
    let entries = entries(view, (series, range, has_two_axes), is_table);
    let headings: Vec<String> = match options.show {
        LegendShow::Table if is_table && view.cursor_ms.is_some() => vec!["at cursor".to_owned()],
        LegendShow::Table if is_table => options.calcs.iter().map(|calc| calc.name()).collect(),
        _ => Vec::new(),
    };
    let legend = LegendView { entries: &entries, left_out, headings: &headings, is_table };
    let (chart, place) = if is_right {
        let width = legend.width().min(area.width * 2 / 5);
        // The letter at the end of a line must not read as part of the legend.
        let gap = if view.theme.has_letters() { 2 } else { 1 };
        let chart = Rect { width: area.width - width - gap, ..area };
        (chart, Rect { x: chart.right() + gap, width, ..area })
    } else {
        let share = if is_table { table_lines } else { (area.height / 5).max(1) };
        let lines = legend.lines(area.width, room.min(share));
        let chart = Rect { height: area.height - lines, ..area };
        (chart, Rect { y: chart.bottom(), height: lines, ..area })
    };
    legend.draw(&view.theme, place, buffer);
    chart
}

fn entries(
    view: &PanelView<'_>,
    (series, range, has_two_axes): (&[NamedSeries<'_>], (f64, f64), bool),
    is_table: bool,
) -> Vec<Entry> {
    let calcs = &view.panel.options.legend.calcs;
    let last = last_samples(series.iter().map(|one| (one.grid, one.values)));
    let figures = |one: &NamedSeries<'_>, last: Option<f64>| -> Vec<String> {
        if let Some(at_ms) = view.cursor_ms {
            return vec![figure(view, one, Reduce::Last, one.value_at(at_ms), range)];
        }
        if calcs.is_empty() {
            return vec![figure(view, one, Reduce::Last, last, range)];
        }
        let calcs = if is_table { &calcs[..] } else { &calcs[..1] };
        calcs.iter().map(|calc| figure(view, one, *calc, calc.apply(one.values), range)).collect()
    };
    let name = |one: &NamedSeries<'_>| match one.field.style.axis {
        AxisSide::Right if has_two_axes => format!("{} (right)", one.name),
        _ => one.name.clone(),
    };
    let entry = |(one, last): (&NamedSeries<'_>, Option<f64>)| Entry {
        name: name(one),
        owner: owner(one).into(),
        ink: ink(one, last),
        figures: figures(one, last),
    };
    series.iter().zip(last).map(entry).collect()
}
