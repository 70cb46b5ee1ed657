//! `barchart`: values side by side by category, which is the name of a series; several queries give each category
//! several bars, beside or on each other. Of a table with texts each row is a category.
//!
//! Bars lie, one category under the other with its values in text, or stand on an axis. When room is short the legend
//! goes first, then the axis or the values, then the names.

mod frames;

use std::collections::{HashMap, HashSet};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::item::{self, Item};
use super::{PanelKind, PanelView, ShownValue};
use crate::chart::axis::{self, Limits, ValueAxis};
use crate::chart::extent::union;
use crate::chart::lanes::{self, Paint};
use crate::chart::plot::Parts;
use crate::chart::scale::ValueScale;
use crate::chart::stackbar::{self, Part};
use crate::field::{AxisSide, SeriesColor, Stack};
use crate::series::Labels;
use crate::template;
use crate::text;
use crate::theme::{Ink, Theme};
use crate::unit::{Calendar, Unit};

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "barchart",
    about: "values side by side, by the names of the series",
    options: &["orientation", "stack", "axis_label"],
    min_size: (14, 3),
    natural_height: 10,
    asks: item::asks,
    draw,
    values,
    at: None,
};

/// Height from which on several series have a legend.
const LEGEND_FROM_LINES: u16 = 5;
/// Least cells of a lying bar, and of a name.
const BAR_MIN_CELLS: u16 = 6;
const NAME_MIN_CELLS: u16 = 4;
/// Most columns of a standing bar.
const COLUMN_LIMIT: u16 = 12;
/// Least columns of a name under a standing bar.
const FOOT_MIN_CELLS: u16 = 3;

/// One category: a value a series, where it has one.
struct Category<'a> {
    name: String,
    bars: Vec<Option<Item<'a>>>,
}

/// What is drawn.
struct Chart<'a> {
    categories: Vec<Category<'a>>,
    /// Names of the series: those of the queries.
    series: Vec<String>,
    stack: Stack,
    range: (f64, f64),
    calendar: Calendar,
}

/// A bar: its parts as values, and what is written beside it.
#[derive(Default)]
struct BarValues {
    parts: Vec<(f64, f64, Paint)>,
    text: String,
}

/// The view of each query alone.
fn of_queries<'a>(view: &'a PanelView<'a>) -> Vec<PanelView<'a>> {
    view.targets.iter().map(|target| PanelView { targets: vec![*target], ..view.clone() }).collect()
}

/// What the bars of each query are called: by the display name of an override, by a legend that is the same for all of
/// its series, by the metric that they have in common, else by the query's letter. The letters where the others do not
/// tell them apart.
fn series_names(views: &[PanelView<'_>]) -> Vec<String> {
    let targets =
        || views.iter().flat_map(|view| view.targets.iter().map(move |target| (view, target.query)));
    let named = targets().map(|(view, query)| {
        let legend = query.legend.as_deref().filter(|legend| !legend.trim().is_empty());
        let legend = legend.filter(|legend| !legend.contains("{{") && !legend.starts_with("__"));
        let name = legend.or_else(|| metric(view)).unwrap_or(&query.ref_id);
        let field = view.panel.field_of(name, &query.ref_id);
        let wanted = field.display_name.as_deref();
        wanted.map_or(name.to_owned(), |wanted| template::display_name(wanted, name, &Labels::default()))
    });
    let named: Vec<String> = named.collect();
    let are_apart = named.iter().collect::<HashSet<_>>().len() == named.len();
    if are_apart { named } else { targets().map(|(_, query)| query.ref_id.clone()).collect() }
}

/// The metric of all series of a view.
fn metric<'a>(view: &'a PanelView<'_>) -> Option<&'a str> {
    let ranges = view.targets.iter().filter_map(|target| target.range).flat_map(|frame| &frame.series);
    let instants = view.targets.iter().filter_map(|target| target.instant).flat_map(|vector| &vector.samples);
    let mut labels = instants.map(|one| &one.labels).chain(ranges.map(|one| &one.labels));
    let first = labels.next()?.get("__name__")?;
    labels.all(|labels| labels.get("__name__") == Some(first)).then_some(first)
}

impl<'a> Chart<'a> {
    fn of(view: &PanelView<'_>, views: &'a [PanelView<'a>]) -> Self {
        let mut categories: Vec<Category<'a>> = Vec::new();
        let mut places: HashMap<(String, usize), usize> = HashMap::new();
        for (query, one) in views.iter().enumerate().filter(|(_, one)| one.has_data()) {
            // Two series of one query may have one name: each is a category of its own.
            let mut seen: HashMap<String, usize> = HashMap::new();
            for item in item::items(one) {
                let nth = seen.entry(item.name.clone()).or_default();
                let place = *places.entry((item.name.clone(), *nth)).or_insert_with(|| {
                    let bars = (0..views.len()).map(|_| None).collect();
                    categories.push(Category { name: item.name.clone(), bars });
                    categories.len() - 1
                });
                *nth += 1;
                categories[place].bars[query] = Some(item);
            }
        }
        let all: Vec<Item<'_>> =
            categories.iter().flat_map(|category| category.bars.iter().flatten().cloned()).collect();
        Self {
            range: item::data_range(&all),
            series: series_names(views),
            stack: view.panel.field.style.stack,
            calendar: item::calendar(view),
            categories,
        }
    }

    /// The colours of the series, as the legend has them.
    fn inks(&self, view: &PanelView<'_>) -> Vec<Ink> {
        let ink = |index: usize| match view.panel.field.color {
            SeriesColor::Fixed(color) if self.series.len() == 1 => Ink::Fixed(color),
            _ => Ink::Series(index),
        };
        (0..self.series.len()).map(ink).collect()
    }

    /// The bars of one category; a series without a value has an empty one where they stand beside each other.
    fn bars(&self, category: &Category<'_>, paints: &[Paint], theme: &Theme) -> Vec<BarValues> {
        let text = |item: &Item<'_>| item.field.show_at(item.value, self.range, self.calendar).text;
        let each = category.bars.iter().zip(paints);
        if self.stack == Stack::None {
            let bar = |(item, paint): (&Option<Item<'_>>, &Paint)| {
                let Some(item) = item else { return BarValues::default() };
                // The colour of a threshold is the bar's; among several series colours are theirs.
                let color = item.field.color(item.value, self.range).filter(|_| self.series.len() == 1);
                let paint = color.map_or(*paint, |color| lanes::paints(&[Ink::Fixed(color)], theme)[0]);
                let part = item.value.map(|value| (value.min(0.0), value.max(0.0), paint));
                BarValues { parts: part.into_iter().collect(), text: text(item) }
            };
            return each.map(bar).collect();
        }
        let values =
            || category.bars.iter().flatten().filter_map(|item| item.value).filter(|value| value.is_finite());
        // Shares are those of their side of zero.
        let side = |is_up: bool| values().filter(|value| (*value > 0.0) == is_up).map(f64::abs).sum::<f64>();
        let (positive, negative) = (side(true), side(false));
        let mut bar = BarValues::default();
        let (mut up, mut down) = (0.0, 0.0);
        for (item, paint) in each {
            let Some(value) = item.as_ref().and_then(|item| item.value).filter(|value| value.is_finite())
            else {
                continue;
            };
            let whole = if value > 0.0 { positive } else { negative };
            let value = match self.stack {
                Stack::Percent if whole > 0.0 => 100.0 * value / whole,
                Stack::Percent => 0.0,
                _ => value,
            };
            if value >= 0.0 {
                bar.parts.push((up, up + value, *paint));
                up += value;
            } else {
                bar.parts.push((down + value, down, *paint));
                down += value;
            }
        }
        if let Some(item) = category.bars.iter().flatten().next() {
            bar.text = item.field.show_at(Some(values().sum()), self.range, self.calendar).text;
        }
        vec![bar]
    }
}

/// From where to where the axis goes.
fn scale(bars: &[Vec<BarValues>], view: &PanelView<'_>) -> (f64, f64) {
    let field = &view.panel.field;
    let ends = bars.iter().flatten().flat_map(|bar| &bar.parts).flat_map(|(from, to, _)| [*from, *to]);
    let extent = ends.filter(|end| end.is_finite()).fold(None, |sum, end| union(sum, Some((end, end))));
    let zero = field.min.is_none();
    let limits = Limits { min: field.min, max: field.max, zero, ..Limits::default() };
    axis::range(extent, limits, &field.unit).unwrap_or((0.0, 1.0))
}

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let Some(chart) = frames::chart(view) else { return item::shown_values(view) };
    let shown = |item: Item<'_>, series: &String| ShownValue {
        text: item.field.show_at(item.value, chart.range, chart.calendar).text,
        name: if chart.series.len() > 1 { format!("{} {series}", item.name) } else { item.name },
        value: item.value,
    };
    let bars = chart.categories.into_iter().flat_map(|category| category.bars.into_iter().zip(&chart.series));
    bars.filter_map(|(item, series)| Some(shown(item?, series))).collect()
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let theme = &view.theme;
    let views = of_queries(view);
    let chart = frames::chart(view).unwrap_or_else(|| Chart::of(view, &views));
    let paints = lanes::paints(&chart.inks(view), theme);
    let bars: Vec<Vec<BarValues>> =
        chart.categories.iter().map(|category| chart.bars(category, &paints, theme)).collect();
    let (low, high) = scale(&bars, view);
    let has_legend = chart.series.len() > 1 && area.height >= LEGEND_FROM_LINES;
    let plot = Rect { height: area.height - u16::from(has_legend), ..area };
    let names: Vec<&str> = chart.categories.iter().map(|category| category.name.as_str()).collect();
    let drawing = Drawing { view, names: &names, bars: &bars, low, high };
    if view.panel.options.vertical {
        drawing.standing(plot, buffer);
    } else {
        drawing.lying(plot, buffer);
    }
    if has_legend {
        let entries: Vec<(&str, Paint)> = chart.series.iter().map(String::as_str).zip(paints).collect();
        lanes::draw_legend(&entries, theme, Rect { y: plot.bottom(), height: 1, ..area }, buffer);
    }
}

/// Bars with their names, and the scale.
struct Drawing<'a> {
    view: &'a PanelView<'a>,
    names: &'a [&'a str],
    bars: &'a [Vec<BarValues>],
    low: f64,
    high: f64,
}

impl Drawing<'_> {
    fn parts(&self, bar: &BarValues) -> Vec<Part> {
        let place = |value: f64| (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        let part = |(from, to, paint): &(f64, f64, Paint)| Part {
            from: place(*from).clamp(0.0, 1.0),
            to: place(*to).clamp(0.0, 1.0),
            paint: *paint,
        };
        bar.parts.iter().filter(|(from, to, _)| from < to).map(part).collect()
    }

    /// Says in the last line how many categories have no room, and returns what is left of `area`.
    fn more(&self, shown: usize, area: Rect, buffer: &mut Buffer) -> Rect {
        let hidden = self.names.len() - shown.min(self.names.len());
        if hidden == 0 || area.height < 2 {
            return area;
        }
        let says = format!("+{hidden} more");
        text::put(buffer, area.x, area.bottom() - 1, &says, area.width, self.view.theme.dim());
        Rect { height: area.height - 1, ..area }
    }

    /// The categories that are shown, given room for so many: from where the reader has scrolled to.
    fn shown(&self, room: usize) -> std::ops::Range<usize> {
        let count = room.min(self.names.len());
        let first = usize::from(self.view.scroll).min(self.names.len() - count);
        first..first + count
    }

    fn lying(&self, area: Rect, buffer: &mut Buffer) {
        let theme = &self.view.theme;
        let each = self.bars.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let room = usize::from(area.height) / each;
        let is_cut = room < self.names.len();
        let room = if is_cut { (usize::from(area.height).saturating_sub(1) / each).max(1) } else { room };
        let shown = self.shown(room);
        let whole = area;
        let mut area = self.more(shown.len(), area, buffer);
        if shown.is_empty() {
            return;
        }
        if whole.height == 1 && self.names.len() > 1 {
            let sign = format!("+{}", self.names.len() - 1);
            let width = (sign.len() as u16).min(area.width);
            text::put(buffer, area.right() - width, area.y, &sign, width, theme.dim());
            area.width = area.width.saturating_sub(width + 1);
        }
        // Lines that a category has, one of them blank where there are enough.
        let pitch = (usize::from(area.height) / shown.len()).max(each);
        let thickness = ((pitch - usize::from(pitch > each)) / each).max(1);
        let values = self.bars.iter().flatten().map(|bar| text::width(&bar.text)).max().unwrap_or(0);
        let names = self.names.iter().map(|name| text::width(name)).max().unwrap_or(0);
        let mut values = values.min(usize::from(area.width)) as u16;
        let names = names.min(usize::from(area.width / 3).max(usize::from(NAME_MIN_CELLS))) as u16;
        if area.width < names + 1 + BAR_MIN_CELLS + 1 + values {
            values = 0;
        }
        let bar_x = area.x + names + 1;
        let bar_width = (area.right() - if values > 0 { values + 1 } else { 0 }).saturating_sub(bar_x);
        for (index, category) in shown.enumerate() {
            let top = area.y + (index * pitch) as u16;
            let middle = top + ((each * thickness - 1) / 2) as u16;
            if middle < area.bottom() {
                text::put(buffer, area.x, middle, self.names[category], names.min(area.width), theme.text());
            }
            for (place, bar) in self.bars[category].iter().enumerate() {
                let y = top + (place * thickness) as u16;
                let line =
                    Rect { x: bar_x, y, width: bar_width, height: thickness as u16 }.intersection(area);
                stackbar::lying(&self.parts(bar), theme, line, buffer);
                if values > 0 && y < area.bottom() {
                    let width = (text::width(&bar.text) as u16).min(values);
                    let y = (y + (thickness as u16 - 1) / 2).min(area.bottom() - 1);
                    text::put(buffer, area.right() - width, y, &bar.text, width, theme.text());
                }
            }
        }
    }

    fn standing(&self, area: Rect, buffer: &mut Buffer) {
        let (theme, field) = (&self.view.theme, &self.view.panel.field);
        let each = self.bars.iter().map(Vec::len).max().unwrap_or(1).max(1) as u16;
        let unit = match field.style.stack {
            Stack::Percent => Unit::new("percent"),
            _ => field.unit.clone(),
        };
        let axis = |lines: u16| {
            let (range, calendar) = ((self.low, self.high), item::calendar(self.view));
            let ticks = axis::ticks_at(range, lines, (&unit, field.decimals), calendar, area.width);
            ValueAxis::new(ticks, AxisSide::Left)
        };
        let width = axis(area.height).width;
        let plot_width = Parts::of(area, width).plot.width;
        // A blank between categories.
        let room = usize::from((plot_width + 1) / (each + 1)).max(1);
        let shown = self.shown(room);
        let mut area = self.more(shown.len(), area, buffer);
        if area.height == 1 && shown.len() < self.names.len() {
            let sign = format!("+{}", self.names.len() - shown.len());
            let width = (sign.len() as u16).min(area.width);
            text::put(buffer, area.right() - width, area.y, &sign, width, theme.dim());
            area.width = area.width.saturating_sub(width + 1);
        }
        let mut parts = Parts::of(area, width);
        // Under the bars stand names in one line; there is no rule.
        if parts.time.height > 1 {
            parts.plot.height += 1;
            parts.gutter.height += 1;
            parts.time = Rect { y: parts.time.y + 1, height: 1, ..parts.time };
        }
        let scale = ValueScale::new(self.low, self.high, parts.plot.height);
        axis(parts.plot.height).draw(&scale, 1, theme, parts.gutter, buffer);
        if shown.is_empty() {
            return;
        }
        let pitch = (parts.plot.width + 1) / shown.len() as u16;
        let column = (pitch.saturating_sub(1) / each).clamp(1, COLUMN_LIMIT);
        let pitch = pitch.min(column * each + COLUMN_LIMIT);
        for (index, category) in shown.enumerate() {
            let x = parts.plot.x + index as u16 * pitch;
            for (place, bar) in self.bars[category].iter().enumerate() {
                let rect = Rect { x: x + place as u16 * column, width: column, ..parts.plot };
                stackbar::standing(&self.parts(bar), theme, rect.intersection(parts.plot), buffer);
            }
            let foot = pitch.saturating_sub(1);
            if foot >= FOOT_MIN_CELLS.min(text::width(self.names[category]) as u16) && !parts.time.is_empty()
            {
                let room = foot.min(parts.time.right().saturating_sub(x));
                text::put(buffer, x, parts.time.y, self.names[category], room, theme.dim());
            }
        }
    }
}

#[cfg(test)]
mod tests;
