//! What stat, gauge and bargauge show: one value a series, its name, and how it came about.

mod rows;

use std::borrow::Cow;
use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::marks::Mark;
use super::{Asks, PanelView, ShownValue, names};
use crate::dashboard::{ColorMode, Panel, TextMode};
use crate::field::{FieldOptions, SeriesColor, Shown};
use crate::reduce::Reduce;
use crate::series::{Grid, Labels};
use crate::text;
use crate::theme::{ColorDepth, Ink, Rgb, Theme};
use crate::unit::Calendar;

/// One value with its name.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// By the query's legend, cleaned by no one yet.
    pub name: String,
    /// Bytes that the names of all items of the panel begin with ([`text::shared_start`]).
    pub shared: usize,
    /// The number of its colour, which it keeps while others come and go.
    pub number: usize,
    /// The options that hold for it, without the unit where the reduced value is another quantity.
    pub field: Cow<'a, FieldOptions>,
    /// The series reduced; `None` where it has no number.
    pub value: Option<f64>,
    /// What it says where its column has texts rather than numbers.
    pub text: Option<String>,
    /// The series over the window, where it was asked for.
    pub history: Option<(Grid, &'a [f64])>,
}

impl Item<'_> {
    /// What it says where it has a text, by mappings; `None` for numbers.
    pub fn words(&self) -> Option<Shown> {
        self.text.as_ref().map(|text| self.field.show_text(text))
    }

    /// Its name in `max` cells.
    pub fn fit_name(&self, max: u16) -> Cow<'_, str> {
        text::fit_apart(&self.name, self.shared, usize::from(max))
    }
}

fn tell_apart(items: &mut [Item<'_>]) {
    let shared = text::shared_start(items.iter().map(|item| &*item.name));
    for item in items {
        item.shared = shared;
    }
}

/// What a panel of single values asks: the value now if that is what it shows, else the window to reduce. The window
/// too where a colour depends on the least and the largest value in it.
pub fn asks(panel: &Panel) -> Asks {
    let instant = panel.field.reduce == Reduce::Now;
    let needs_range =
        |field: &FieldOptions| field.has_relative_color() && (field.min.is_none() || field.max.is_none());
    // An override may bring the percentages or the bounds that they refer to; which series it is for is not known yet.
    let is_relative = needs_range(&panel.field)
        || panel.overrides.iter().any(|one| {
            let mut field = panel.field.clone();
            one.set.apply(&mut field);
            needs_range(&field)
        });
    Asks { instant, range: !instant || is_relative }
}

/// The values of all queries, in the server's order. When no series has a value now there is one item without a value.
pub fn items<'a>(view: &'a PanelView<'a>) -> Vec<Item<'a>> {
    let mut items = uncolored(view);
    for item in items.iter_mut().filter(|item| item.field.color == SeriesColor::Palette) {
        item.field.to_mut().color = SeriesColor::Fixed(view.theme.series_rgb(item.number));
    }
    items
}

/// The items, each with the options of its series as they are: those coloured by the palette only have their number.
fn uncolored<'a>(view: &'a PanelView<'a>) -> Vec<Item<'a>> {
    let reduce = view.panel.field.reduce;
    let mut items = if view.panel.options.rows { rows::items(view) } else { Vec::new() };
    if !items.is_empty() {
        for (index, item) in items.iter_mut().enumerate() {
            item.number = index;
        }
        tell_apart(&mut items);
        return items;
    }
    let auto = names::auto(&view.targets);
    let mut count = 0;
    for (index, target) in view.targets.iter().enumerate() {
        let first = items.len();
        let (ranges, instants) = view.series.marks.get(index).copied().unwrap_or_default();
        let mut add = |labels: &Labels, mark: Option<&Mark>, value: Option<f64>, history| {
            let (name, field) = view.name_by(target, labels, auto[index].as_ref());
            let number = mark.map_or(count, |mark| mark.number);
            count += 1;
            if !field.style.hidden {
                // Grafana's figure of a lone NaN is no number: it is shown as what the panel has for that.
                let is_nothing = |value: f64| value.is_nan() && field.has_words_for_nothing();
                items.push(Item {
                    name,
                    shared: 0,
                    number,
                    value: value.filter(|value| !is_nothing(*value)),
                    field: reduced(field),
                    text: None,
                    history,
                });
            }
        };
        let series = target.range.map_or(&[][..], |frame| &frame.series);
        let grid = target.range.map(|frame| frame.grid);
        let use_instant = target.range.is_none() || reduce == Reduce::Now || target.name.is_some();
        if let Some(vector) = target.instant.filter(|_| use_instant) {
            let by_labels: HashMap<_, _> =
                series.iter().map(|series| (&series.labels, series.values.as_slice())).collect();
            for (place, sample) in vector.samples.iter().enumerate() {
                // The value now is shown even when it is NaN; other reducers skip that.
                let is_reduced = reduce == Reduce::Now || target.name.is_some();
                let value = if is_reduced { Some(sample.value) } else { reduce.apply(&[sample.value]) };
                add(
                    &sample.labels,
                    instants.get(place),
                    value,
                    grid.zip(by_labels.get(&sample.labels).copied()),
                );
            }
        } else if let Some(grid) = grid {
            for (place, series) in series.iter().enumerate() {
                add(
                    &series.labels,
                    ranges.get(place),
                    reduce.apply(&series.values),
                    Some((grid, series.values.as_slice())),
                );
            }
        }
        let named = items[first..].iter_mut().map(|item| &mut item.name);
        names::number_namesakes(&mut named.collect::<Vec<_>>());
    }
    if items.is_empty() {
        items = rows::texts(view, usize::from(!view.panel.options.rows));
    }
    if items.is_empty() {
        let past =
            view.targets.iter().filter_map(|target| target.range).find(|frame| !frame.series.is_empty());
        let history = past.map(|frame| (frame.grid, frame.series[0].values.as_slice()));
        let field = view.panel.field.reduced();
        items.push(Item {
            name: String::new(),
            shared: 0,
            number: 0,
            field,
            value: None,
            text: None,
            history,
        });
    }
    tell_apart(&mut items);
    items
}

/// The options that hold for a reduced value ([`FieldOptions::reduced`]).
fn reduced(field: Cow<'_, FieldOptions>) -> Cow<'_, FieldOptions> {
    match field {
        Cow::Borrowed(field) => field.reduced(),
        Cow::Owned(field) => Cow::Owned(field.reduced().into_owned()),
    }
}

/// The least and the largest number of all items and their histories: what percentages refer to. 0 to 100 without any.
pub fn data_range(items: &[Item<'_>]) -> (f64, f64) {
    let numbers = items.iter().flat_map(|item| {
        let history = item.history.map_or(&[][..], |(_, values)| values);
        item.value.iter().chain(history).copied().filter(|value| value.is_finite())
    });
    let (low, high) = numbers
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low <= high { (low, high) } else { (0.0, 100.0) }
}

/// Where and when the reader of dates is. Ages refer to the end of the window: that is now, and in a window that the
/// reader has moved into the past they are the ages of then, as the values are those of then.
pub fn calendar(view: &PanelView<'_>) -> Calendar {
    Calendar { zone: view.zone, now_ms: view.now_ms }
}

/// The style of a value: bold, in its colour; dim where there is none.
pub fn value_style(theme: Theme, field: &FieldOptions, value: Option<f64>, range: (f64, f64)) -> Style {
    match field.color(value, range) {
        Some(color) => foreground(theme, color).add_modifier(Modifier::BOLD),
        None if value.is_none() => theme.dim(),
        None => theme.text().add_modifier(Modifier::BOLD),
    }
}

/// Whether names and values are written; `is_named` where it is left to the panel.
pub fn written(mode: TextMode, is_named: bool) -> (bool, bool) {
    match mode {
        TextMode::Auto => (is_named, true),
        TextMode::Value => (false, true),
        TextMode::Name => (true, false),
        TextMode::ValueAndName => (true, true),
        TextMode::None => (false, false),
    }
}

/// The style of a value by what the panel gives its colour to; `range` is what percentages refer to.
pub fn styled(
    theme: Theme,
    (field, value, range): (&FieldOptions, Option<f64>, (f64, f64)),
    mode: ColorMode,
) -> Style {
    let color = field.color(value, range);
    match mode {
        ColorMode::Background if theme.depth != ColorDepth::None => {
            color.map_or_else(|| value_style(theme, field, value, range), |color| theme.on(Ink::Fixed(color)))
        }
        ColorMode::None if value.is_some() => theme.text().add_modifier(Modifier::BOLD),
        _ => value_style(theme, field, value, range),
    }
}

/// Fills `area` with the ground of `style`, where values stand on their colour.
pub fn fill(style: Style, mode: ColorMode, area: Rect, buffer: &mut Buffer) {
    let Some(ground) = style.bg.filter(|_| mode == ColorMode::Background) else { return };
    for position in area.intersection(buffer.area).positions() {
        buffer[position].set_char(' ').set_style(Style::new().bg(ground));
    }
}

/// Text or a bar in `color`; as it is on a terminal without colours.
pub fn foreground(theme: Theme, color: Rgb) -> Style {
    Style::new().fg(theme.color(color))
}

/// The values for `promscope render --format json`.
pub fn shown_values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let items = items(view);
    let range = data_range(&items);
    items
        .into_iter()
        .map(|item| ShownValue {
            text: item.words().unwrap_or_else(|| item.field.show_at(item.value, range, calendar(view))).text,
            name: item.name,
            value: item.value,
        })
        .collect()
}

/// Cells in a grid: how many columns and rows, and how many items they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellGrid {
    /// All of it; a line for "+N more" is not part of it.
    pub area: Rect,
    /// Cells side by side, at least 1.
    pub columns: u16,
    /// Cells one under the other, at least 1.
    pub rows: u16,
    /// Empty columns between cells.
    pub gap: u16,
}

/// Cells that a grid may have at most: no screen shows more that could be read.
const CELLS_LIMIT: usize = 500;

/// Columns for "+N more" where there is no line for it.
const MORE_WIDTH: u16 = 4;

impl CellGrid {
    /// The grid for `count` items that `score` finds best (the larger the better; it is given the size of a cell). When
    /// cells of at least `min` do not suffice, the last line of `area` is left free to say so.
    pub fn best<S: Ord>(
        count: usize,
        area: Rect,
        min: (u16, u16),
        gap: u16,
        score: impl Fn(u16, u16) -> S,
    ) -> Self {
        let count = count.clamp(1, CELLS_LIMIT);
        let most_columns = ((area.width + gap) / (min.0 + gap)).max(1);
        let most_rows = (area.height / min.1).max(1);
        let single = Self { area, columns: 1, rows: 1, gap };
        if usize::from(most_columns) * usize::from(most_rows) < count {
            let area = if area.height > 1 {
                Rect { height: area.height - 1, ..area }
            } else {
                Rect { width: area.width.saturating_sub(MORE_WIDTH).max(1), ..area }
            };
            let columns = ((area.width + gap) / (min.0.min(area.width).max(1) + gap)).max(1);
            return Self { area, columns, rows: (area.height / min.1).max(1), gap };
        }
        (1..=most_columns)
            .filter_map(|columns| {
                let rows = count.div_ceil(usize::from(columns)) as u16;
                let grid = Self { area, columns, rows, gap };
                // Columns that would stay empty are no better than fewer, wider ones.
                let needed = count.div_ceil(usize::from(rows)) as u16;
                (rows <= most_rows && needed == columns).then_some(grid)
            })
            .max_by_key(|grid| score(grid.cell_width(), area.height / grid.rows))
            .unwrap_or(single)
    }

    /// Items that there is room for.
    pub fn capacity(&self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    fn cell_width(&self) -> u16 {
        (self.area.width + self.gap) / self.columns
            - self.gap.min((self.area.width + self.gap) / self.columns)
    }

    /// Says how many of `count` items have no cell, in the room that [`CellGrid::best`] has left in `area`.
    pub fn draw_more(&self, count: usize, area: Rect, style: Style, buffer: &mut Buffer) {
        let hidden = count - count.min(self.capacity());
        if hidden == 0 {
            return;
        }
        if area.height > self.area.height {
            text::put(buffer, area.x, area.bottom() - 1, &format!("+{hidden} more"), area.width, style);
        } else if area.width > self.area.width {
            let free = area.width - self.area.width;
            let sign = format!("+{hidden}");
            let width = (sign.len() as u16).min(free);
            text::put(buffer, area.right() - width, area.y, &sign, width, style);
        }
    }

    /// Where item `index` is drawn. All cells are of one size, so that what is in them can be compared.
    pub fn cell(&self, index: usize) -> Rect {
        let (column, row) = (index as u16 % self.columns, index as u16 / self.columns);
        let (width, height) = (self.cell_width(), self.area.height / self.rows);
        let x = self.area.x + column * (width + self.gap);
        Rect::new(x, self.area.y + row * height, width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::overrides::{FieldPatch, Override, SeriesMatch};
    use crate::panel::fixture::Fixture;
    use crate::panel::gauge;

    #[test]
    fn a_range_is_asked_where_percentages_have_no_bounds() {
        let asked = |percent: bool, bounds: Option<f64>, set: Option<(Option<bool>, Option<f64>)>| {
            let mut panel = Fixture::new(&gauge::KIND).thresholds().panel;
            panel.field.thresholds.percent = percent;
            (panel.field.min, panel.field.max) = (bounds, bounds);
            if let Some((percent, bounds)) = set {
                let thresholds = percent
                    .map(|percent| crate::field::Thresholds { percent, ..panel.field.thresholds.clone() });
                let set = FieldPatch { thresholds, min: bounds, max: bounds, ..FieldPatch::default() };
                panel.overrides = vec![Override { when: SeriesMatch::Name("a".to_owned()), set }];
            }
            asks(&panel).range
        };
        assert!(!asked(false, None, None) && asked(true, None, None) && !asked(true, Some(1.0), None));
        // The bounds of an override are those of its percentages.
        assert!(!asked(false, None, Some((Some(true), Some(1.0)))));
        assert!(asked(false, None, Some((Some(true), None))));
        assert!(!asked(false, Some(1.0), Some((Some(true), None))));
        // Others may have none.
        assert!(asked(true, None, Some((None, Some(1.0)))));
    }
}
