//! Values as states, for state-timeline and status-history: a mapped text, a band between thresholds, or the value
//! itself; and the picture of one lane a series that both types share.

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::item::calendar;
use super::{NamedSeries, PanelView, ShownValue};
use crate::chart::extent::{extent, union};
use crate::chart::lanes::{self, Block, Hold, Paint};
use crate::chart::plot::{Parts, time_axis_lines};
use crate::chart::scale::TimeScale;
use crate::chart::time_axis::TimeAxis;
use crate::field::{FieldOptions, SeriesColor};
use crate::series::is_absent;
use crate::text;
use crate::theme::palette::SERIES_COUNT;
use crate::theme::{Ink, Rgb};
use crate::time_range::Span;
use crate::unit::Unit;

/// States that one picture tells apart; values beyond are one state, [`OTHER`].
const STATES_LIMIT: usize = 64;
/// What the states beyond are called.
const OTHER: &str = "other";
/// A sample that is no number and that no mapping names.
const NAN_COLOR: Rgb = Rgb(128, 128, 128);

/// What the two types do differently.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// How long a sample holds.
    pub(super) hold: Hold,
    /// Equal neighbours are one block.
    pub(super) merge: bool,
}

/// A state.
#[derive(Clone, Debug, PartialEq)]
struct State {
    text: String,
    ink: Ink,
    /// The least value that it stands for, which is its place among the others.
    value: f64,
}

/// The states of a picture in the order of their values.
#[derive(Debug, Default)]
struct States {
    states: Vec<State>,
    known: HashMap<(String, Option<Rgb>), usize>,
}

/// The state that `value` is in; `range` is what percentages of thresholds refer to.
fn state(field: &FieldOptions, value: f64, range: (f64, f64), view: &PanelView<'_>) -> State {
    let fixed = match field.color {
        SeriesColor::Fixed(color) => Some(color),
        _ => None,
    };
    let is_mapped = field.mappings.iter().any(|mapping| mapping.when.matches(Some(value)));
    let shown = field.show_at(Some(value), range, calendar(view));
    if is_mapped || value.is_nan() {
        let unmapped = if value.is_nan() { Some(NAN_COLOR) } else { fixed };
        let ink = shown.color.or(unmapped).map_or_else(|| ink_of(value, &shown.text), Ink::Fixed);
        return State { text: shown.text, ink, value };
    }
    if field.thresholds.steps.len() < 2 {
        let ink = fixed.map_or_else(|| ink_of(value, &shown.text), Ink::Fixed);
        return State { text: shown.text, ink, value };
    }
    let position = if field.thresholds.percent { 100.0 * field.ratio(value, range) } else { value };
    let steps = &field.thresholds.steps;
    let band = steps.iter().rposition(|step| position >= step.at).unwrap_or(0);
    State { text: band_text(field, band), ink: Ink::Fixed(steps[band].color), value: steps[band].at }
}

/// As Grafana's legend has it: `< 50` for the first band, `50+` for the others (`getThresholdItems`).
fn band_text(field: &FieldOptions, band: usize) -> String {
    let unit = if field.thresholds.percent { Unit::new("percent") } else { field.unit.clone() };
    let bound = |index: usize| unit.format(field.thresholds.steps[index].at, field.decimals);
    if band == 0 { format!("< {}", bound(1)) } else { format!("{}+", bound(band)) }
}

/// A colour of the palette that a value has in every window: by its number where it is a small one, else by its text.
fn ink_of(value: f64, text: &str) -> Ink {
    if (0.0..SERIES_COUNT as f64).contains(&value) && value.fract() == 0.0 {
        return Ink::Series(value as usize);
    }
    // FNV-1a
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Ink::Series((hash % SERIES_COUNT as u64) as usize)
}

impl States {
    /// The number of `state` in the order of first sight.
    fn index(&mut self, state: State) -> usize {
        let fixed = match state.ink {
            Ink::Fixed(color) => Some(color),
            Ink::Series(_) => None,
        };
        let key = (state.text.clone(), fixed);
        if let Some(index) = self.known.get(&key) {
            return *index;
        }
        if self.states.len() + 1 >= STATES_LIMIT {
            if self.states.len() < STATES_LIMIT {
                let other = OTHER.to_owned();
                self.states.push(State { text: other, ink: Ink::Fixed(NAN_COLOR), value: f64::INFINITY });
            }
            return STATES_LIMIT - 1;
        }
        self.states.push(state);
        self.known.insert(key, self.states.len() - 1);
        self.states.len() - 1
    }

    /// The place of each state when they are in the order of their values.
    fn ranks(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.states.len()).collect();
        order.sort_by(|a, b| self.states[*a].value.total_cmp(&self.states[*b].value));
        let mut ranks = vec![0; order.len()];
        for (rank, index) in order.into_iter().enumerate() {
            ranks[index] = rank;
        }
        ranks
    }
}

/// What percentages of thresholds refer to: the least and the largest value of all series, 0 to 100 without any.
fn data_range(series: &[NamedSeries<'_>]) -> (f64, f64) {
    series.iter().fold(None, |sum, one| union(sum, extent(one.values))).unwrap_or((0.0, 100.0))
}

/// The number of the state at each point; `None` is a gap.
fn points(
    one: &NamedSeries<'_>,
    range: (f64, f64),
    view: &PanelView<'_>,
    states: &mut States,
) -> Vec<Option<usize>> {
    // Neighbours are equal more often than not, and a text is made for each other value only.
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut number = |value: f64| {
        let known = seen.get(&value.to_bits()).copied();
        known.unwrap_or_else(|| {
            let index = states.index(state(&one.field, value, range, view));
            seen.insert(value.to_bits(), index);
            index
        })
    };
    one.values.iter().map(|value| (!is_absent(*value)).then(|| number(*value))).collect()
}

/// The last state of each series.
pub(super) fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let series = view.named_series();
    let range = data_range(&series);
    let shown = |one: NamedSeries<'_>| {
        let value = one.values.iter().rev().copied().find(|value| !is_absent(*value));
        let text = value.map_or_else(
            || one.field.show_at(None, range, calendar(view)).text,
            |value| state(&one.field, value, range, view).text,
        );
        ShownValue { name: one.name, value, text }
    };
    series.into_iter().map(shown).collect()
}

/// The state that each series is in at `at_ms`.
pub(super) fn values_at(view: &PanelView<'_>, at_ms: i64) -> Vec<ShownValue> {
    let series = view.named_series();
    let range = data_range(&series);
    let shown = |one: NamedSeries<'_>| {
        let value = one.value_at(at_ms);
        let text = value.map_or_else(|| "-".to_owned(), |value| state(&one.field, value, range, view).text);
        ShownValue { name: one.name, value, text }
    };
    series.into_iter().map(shown).collect()
}

/// How the area is shared. When room is short the legend goes first, then the axis of time, then the names.
struct Division {
    parts: Parts,
    legend: Option<Rect>,
    /// Says how many series there are beyond.
    more: Option<Rect>,
}

impl Division {
    fn of(area: Rect, lanes: usize, name_cells: u16) -> Self {
        let lanes = lanes.min(usize::from(u16::MAX)) as u16;
        let without = Rect { height: area.height.saturating_sub(1), ..area };
        let has_legend = time_axis_lines(without) > 0 && without.height > lanes;
        let chart = Rect { height: area.height - u16::from(has_legend), ..area };
        let mut parts = Parts::of(chart, name_cells.min(area.width / 3) + 1);
        if parts.plot.height < lanes && parts.time.height > 0 {
            // Lines of the axis that lanes need.
            let given = (lanes - parts.plot.height).min(parts.time.height);
            let is_worth_it = parts.plot.height + given >= lanes;
            // The rule of the axis goes for any lane, the times only if all lanes fit then.
            let given = if is_worth_it { given } else { parts.time.height - 1 };
            parts.plot.height += given;
            parts.gutter.height += given;
            parts.time = Rect { y: parts.time.y + given, height: parts.time.height - given, ..parts.time };
        }
        let mut more = None;
        if parts.plot.height < lanes && parts.plot.height > 1 {
            parts.plot.height -= 1;
            parts.gutter.height -= 1;
            more = Some(Rect { y: parts.plot.bottom(), height: 1, ..chart });
        }
        let legend = has_legend.then_some(Rect { y: chart.bottom(), height: 1, ..area });
        Self { parts, legend, more }
    }
}

/// Draws one lane a series; what has no lane is counted, and reached by scrolling.
pub(super) fn draw(view: &PanelView<'_>, style: Style, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    let series = view.named_series();
    let Some(first) = series.first().filter(|_| !area.is_empty()) else { return };
    let mut area = area;
    if area.height == 1 && series.len() > 1 {
        let sign = format!("+{}", series.len() - 1);
        let width = (sign.len() as u16).min(area.width);
        text::put(buffer, area.right() - width, area.y, &sign, width, view.theme.dim());
        area.width = area.width.saturating_sub(width + 1);
    }
    let names = series.iter().map(|one| text::width(&one.name)).max().unwrap_or(0).min(999) as u16;
    let division = Division::of(area, series.len(), names);
    let parts = division.parts;
    let room = usize::from(parts.plot.height);
    let skipped = usize::from(view.scroll).min(series.len().saturating_sub(room));
    let shown = &series[skipped..(skipped + room).min(series.len())];
    // Cells that stand around their samples need room at both ends.
    let margin_ms = if style.hold == Hold::Around { first.grid.step_ms / 2 } else { 0 };
    let span = Span {
        start_ms: view.span.start_ms.saturating_sub(margin_ms),
        end_ms: view.span.end_ms.saturating_add(margin_ms),
    };
    let scale = TimeScale::new(span, parts.plot.width);
    let range = data_range(&series);
    let mut states = States::default();
    let lanes: Vec<(&NamedSeries<'_>, Vec<Block>)> = shown
        .iter()
        .map(|one| {
            let points = points(one, range, view, &mut states);
            (one, lanes::blocks(&one.grid, &points, &scale, style.hold, style.merge))
        })
        .collect();
    let ranks = states.ranks();
    let mut ranked: Vec<&State> = states.states.iter().collect();
    for (state, rank) in states.states.iter().zip(&ranks) {
        ranked[*rank] = state;
    }
    let inks: Vec<Ink> = ranked.iter().map(|state| state.ink).collect();
    let picture = Picture { view, style, range, paints: lanes::paints(&inks, &view.theme), ranks, states };
    picture.draw_lanes(&lanes, parts, buffer);
    view.draw_crosshair(parts.plot, &scale, buffer);
    TimeAxis { span, zone: view.zone, scale, columns_per_cell: 1, left: parts.gutter.width }.draw(
        &view.theme,
        parts.time,
        buffer,
    );
    if let Some(line) = division.more {
        let hidden = series.len() - shown.len();
        text::put(buffer, line.x, line.y, &format!("+{hidden} more"), line.width, view.theme.dim());
    }
    if let Some(line) = division.legend {
        let mut legend: Vec<(usize, &str, Paint)> = picture
            .states
            .states
            .iter()
            .zip(&picture.ranks)
            .map(|(state, rank)| (*rank, state.text.as_str(), picture.paints[*rank]))
            .collect();
        legend.sort_by_key(|(rank, ..)| *rank);
        let entries: Vec<(&str, Paint)> = legend.into_iter().map(|(_, text, paint)| (text, paint)).collect();
        lanes::draw_legend(&entries, &view.theme, line, buffer);
    }
}

/// What all lanes share.
struct Picture<'a> {
    view: &'a PanelView<'a>,
    style: Style,
    range: (f64, f64),
    states: States,
    ranks: Vec<usize>,
    /// By rank.
    paints: Vec<Paint>,
}

impl Picture<'_> {
    fn draw_lanes(&self, lanes: &[(&NamedSeries<'_>, Vec<Block>)], parts: Parts, buffer: &mut Buffer) {
        if lanes.is_empty() {
            return;
        }
        let count = lanes.len() as u16;
        // A line keeps lanes apart, where there is one.
        let gap = u16::from(count > 1 && parts.plot.height + 1 >= 2 * count);
        let pitch = (parts.plot.height + gap) / count;
        let height = pitch - gap;
        for (index, (one, blocks)) in lanes.iter().enumerate() {
            let y = parts.plot.y + index as u16 * pitch;
            if parts.gutter.width > 1 {
                let room = parts.gutter.width - 1;
                let name = one.fit_name(room);
                let x = parts.gutter.x + room - text::width(&name) as u16;
                let middle = y + height.saturating_sub(1) / 2;
                text::put(buffer, x, middle, &name, room, self.view.theme.text());
            }
            for (place, block) in blocks.iter().enumerate() {
                let next = blocks.get(place + 1).filter(|next| next.from == block.to);
                let mut width = block.to - block.from;
                // Blocks that touch and look the same are kept apart by a blank column where there is one.
                let is_cell =
                    self.style.hold == Hold::Around || next.is_some_and(|next| next.state == block.state);
                if is_cell && width >= 2 && next.is_some() {
                    width -= 1;
                }
                let area = Rect { x: parts.plot.x + block.from, y, width, height };
                lanes::draw_block(
                    &self.paints[self.ranks[block.state]],
                    &self.label(one, block),
                    area,
                    buffer,
                );
            }
        }
    }

    /// The state's text, or where samples are blocks of their own, the value's.
    fn label(&self, one: &NamedSeries<'_>, block: &Block) -> String {
        let value = one.values.get(block.point).filter(|_| !self.style.merge);
        let shown = value.map(|value| one.field.show_at(Some(*value), self.range, calendar(self.view)).text);
        shown.unwrap_or_else(|| self.states.states[block.state].text.clone())
    }
}
