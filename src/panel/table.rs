//! `table`: the series now, one line each: labels on the left, values on the right.
//!
//! Several queries are merged by equal labels. The metric's name is a column only where it differs. What does not fit is
//! announced: rows by their numbers, columns by their count.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::item;
use super::{Asks, PanelKind, PanelView, ShownValue};
use crate::field::FieldOptions;
use crate::series::Labels;
use crate::template::display_name;
use crate::text;
use crate::theme::{Marker, Theme};

/// The panel type.
pub static KIND: PanelKind = PanelKind {
    name: "table",
    about: "labels and values of all series now",
    options: &["hide_columns", "sort"],
    min_size: (12, 3),
    natural_height: 10,
    asks: |_| Asks { instant: true, range: false },
    draw,
    values,
    at: None,
};

/// Columns between columns.
const GAP: u16 = 2;
/// A label's column is not made narrower than this before other labels are left out.
const LABEL_WIDTH_MIN: u16 = 8;
/// Nor the only label's before values are left out.
const LAST_LABEL_WIDTH_MIN: u16 = 4;
/// Columns that a table has at most; the rest is announced.
const COLUMNS_LIMIT: usize = 60;

/// Lines of the whole table with its header, for those who bound the scrolling.
pub fn line_count(view: &PanelView<'_>) -> usize {
    Table::new(view).rows.len() + 1
}

/// A row: its labels, and one value a query that has the series.
struct Row<'a> {
    labels: &'a Labels,
    values: Vec<Option<f64>>,
}

/// The answers merged, sorted and named; not laid out yet.
struct Table<'a> {
    view: &'a PanelView<'a>,
    labels: Vec<&'a str>,
    value_names: Vec<Cow<'a, str>>,
    /// The options of each value column.
    fields: Vec<Cow<'a, FieldOptions>>,
    rows: Vec<Row<'a>>,
    range: (f64, f64),
    /// The column that rows are sorted by, and whether downwards.
    sort: Option<(usize, bool)>,
}

impl<'a> Table<'a> {
    fn new(view: &'a PanelView<'a>) -> Self {
        let answers: Vec<_> =
            view.targets.iter().filter_map(|target| Some((target.query, target.instant?))).collect();
        let several = answers.len() > 1;
        let named = answers.iter().map(|(query, _)| {
            let name = match query.legend.as_deref() {
                // A legend without labels is a name for the column.
                Some(legend) if !legend.is_empty() && !legend.contains("{{") => Cow::Borrowed(legend),
                _ if several => Cow::Owned(format!("Value #{}", query.ref_id)),
                _ => Cow::Borrowed("Value"),
            };
            let field = view.panel.field_of(&name, &query.ref_id);
            let wanted = field.display_name.as_deref();
            let name =
                wanted.map_or(name, |wanted| Cow::Owned(display_name(wanted, "Value", &Labels::default())));
            (name, field)
        });
        let (value_names, fields) = named.unzip();
        let mut rows: Vec<Row<'a>> = Vec::new();
        let mut by_labels: HashMap<Vec<(&str, &str)>, usize> = HashMap::new();
        for (index, (_, vector)) in answers.iter().enumerate() {
            // The names of two queries' metrics differ, and would keep apart what has all other labels in common.
            let first = vector.samples.first().and_then(|sample| sample.labels.metric_name());
            let one_name = vector.samples.iter().all(|sample| sample.labels.metric_name() == first);
            for sample in &vector.samples {
                let key: Vec<_> =
                    sample.labels.iter().filter(|(name, _)| !one_name || *name != "__name__").collect();
                let known = by_labels.get(&key).copied().filter(|row| rows[*row].values[index].is_none());
                let row = known.unwrap_or_else(|| {
                    rows.push(Row { labels: &sample.labels, values: vec![None; answers.len()] });
                    by_labels.insert(key, rows.len() - 1);
                    rows.len() - 1
                });
                rows[row].values[index] = Some(sample.value);
            }
        }
        let labels = label_names(view, &rows, several);
        let numbers = || rows.iter().flat_map(|row| &row.values).flatten().copied().filter(|v| v.is_finite());
        let (low, high) =
            (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
        let range = if low <= high { (low, high) } else { (0.0, 100.0) };
        let mut table = Self { view, labels, value_names, fields, rows, range, sort: None };
        table.sort();
        table
    }

    fn sort(&mut self) {
        let Some(sort) = &self.view.panel.options.sort else { return };
        let (name, down) = sort.strip_prefix('-').map_or((sort.as_str(), false), |name| (name, true));
        let Some(column) = (0..self.column_count()).find(|column| self.name(*column) == name) else { return };
        self.sort = Some((column, down));
        let turn = |order: Ordering| if down { order.reverse() } else { order };
        if let Some(value) = column.checked_sub(self.labels.len()) {
            // What is no number comes last either way.
            let number = |row: &Row<'_>| row.values[value].filter(|value| !value.is_nan());
            self.rows.sort_by(|a, b| match (number(a), number(b)) {
                (Some(a), Some(b)) => turn(a.total_cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        } else {
            let label = self.labels[column];
            self.rows.sort_by(|a, b| {
                let (a, b) =
                    (a.labels.get(label).unwrap_or_default(), b.labels.get(label).unwrap_or_default());
                turn(match (a.parse::<f64>(), b.parse::<f64>()) {
                    (Ok(a), Ok(b)) => a.total_cmp(&b),
                    _ => a.cmp(b),
                })
            });
        }
    }

    fn column_count(&self) -> usize {
        self.labels.len() + self.value_names.len()
    }

    fn is_value(&self, column: usize) -> bool {
        column >= self.labels.len()
    }

    fn name(&self, column: usize) -> &str {
        match column.checked_sub(self.labels.len()) {
            Some(value) => &self.value_names[value],
            None if self.labels[column] == "__name__" => "Metric",
            None => self.labels[column],
        }
    }

    fn header(&self, column: usize) -> Cow<'_, str> {
        let ascii = self.view.theme.marker == Marker::Ascii;
        match self.sort {
            Some((sorted, down)) if sorted == column => {
                let arrow = match (down, ascii) {
                    (true, false) => '▾',
                    (false, false) => '▴',
                    (true, true) => 'v',
                    (false, true) => '^',
                };
                Cow::Owned(format!("{}{arrow}", self.name(column)))
            }
            _ => Cow::Borrowed(self.name(column)),
        }
    }

    /// The text of a cell in at most `max` cells; a value that is not there is empty, or what `no_value` says.
    fn cell(&self, row: &Row<'a>, column: usize, max: usize) -> Cow<'a, str> {
        let Some(value) = column.checked_sub(self.labels.len()) else {
            let label = row.labels.get(self.labels[column]).unwrap_or_default();
            let field = &self.view.panel.field;
            if field.mappings.is_empty() {
                return text::fit(label, max);
            }
            return Cow::Owned(text::fit(&field.show_text(label).text, max).into_owned());
        };
        let field = &self.fields[value];
        match row.values[value] {
            None => Cow::Owned(text::fit(field.no_value.as_deref().unwrap_or_default(), max).into_owned()),
            value => Cow::Owned(field.fit(value, item::calendar(self.view), max)),
        }
    }

    fn cell_style(&self, row: &Row<'a>, column: usize) -> Style {
        let (theme, field) = (self.view.theme, &self.view.panel.field);
        let color = match column.checked_sub(self.labels.len()) {
            None if field.mappings.is_empty() => None,
            None => field.show_text(row.labels.get(self.labels[column]).unwrap_or_default()).color,
            Some(value) => {
                row.values[value].and_then(|number| self.fields[value].color(Some(number), self.range))
            }
        };
        color.map_or_else(|| theme.text(), |color| item::foreground(theme, color))
    }

    /// Which columns fit into `width`, and how wide they are.
    fn layout(&self, width: u16) -> Vec<(usize, u16)> {
        const UNBOUNDED: usize = 10_000;
        let labels = self.labels.len();
        let mut columns: Vec<(usize, u16)> = (0..self.column_count())
            .map(|column| {
                let cells = self.rows.iter().map(|row| self.cell(row, column, UNBOUNDED).width());
                let widest = cells.max().unwrap_or_default().max(text::width(&self.header(column)));
                (column, widest.min(usize::from(u16::MAX / 2)) as u16)
            })
            .collect();
        let natural: Vec<u16> = columns.iter().map(|(_, width)| *width).collect();
        loop {
            let widths: u32 = columns.iter().map(|(_, width)| u32::from(*width)).sum();
            let excess = (widths + u32::from(GAP) * columns.len().saturating_sub(1) as u32)
                .saturating_sub(u32::from(width));
            if excess == 0 {
                break;
            }
            let is_label = |(column, _): &(usize, u16)| *column < labels;
            let labels_left = columns.iter().filter(|column| is_label(column)).count();
            let least = if labels_left > 1 { LABEL_WIDTH_MIN } else { LAST_LABEL_WIDTH_MIN };
            // The widest label gives first, down to the next widest; values are not cut for labels.
            let mut label_widths: Vec<u16> =
                columns.iter().filter(|c| is_label(c)).map(|(_, width)| *width).collect();
            label_widths.sort_unstable();
            let (widest, next) = (label_widths.pop().unwrap_or(0), label_widths.pop().unwrap_or(0));
            if widest > least {
                let step = u32::from(widest - next.max(least)).max(1).min(excess) as u16;
                if let Some(column) = columns.iter_mut().find(|column| is_label(column) && column.1 == widest)
                {
                    column.1 -= step;
                }
                continue;
            }
            // Then labels go, the last first, but for one; then values, but for one; then that label.
            let values_left = columns.len() - labels_left;
            let leaves = if labels_left > 1 || (values_left == 1 && labels_left == 1) {
                columns.iter().rposition(is_label)
            } else {
                (columns.len() > 1).then(|| columns.len() - 1)
            };
            let Some(leaves) = leaves else {
                // One column stays, however narrow.
                for column in &mut columns {
                    column.1 = width;
                }
                return columns;
            };
            columns.remove(leaves);
        }
        // What columns that left have freed goes back to those that gave, the first first.
        let used: u16 = columns.iter().map(|(_, width)| width + GAP).sum();
        let mut free = (width + GAP).saturating_sub(used);
        for (column, width) in &mut columns {
            let more = natural[*column].saturating_sub(*width).min(free);
            *width += more;
            free -= more;
        }
        columns
    }
}

/// The labels that are columns, in the order in which the series bring them.
fn label_names<'a>(view: &PanelView<'_>, rows: &[Row<'a>], several: bool) -> Vec<&'a str> {
    let hidden = &view.panel.options.hide_columns;
    let first = rows.first().and_then(|row| row.labels.metric_name());
    let one_name = several || rows.iter().all(|row| row.labels.metric_name() == first);
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for (name, _) in rows.iter().flat_map(|row| row.labels.iter()) {
        let is_hidden = (name == "__name__" && one_name) || hidden.iter().any(|hidden| hidden == name);
        if !is_hidden && names.len() < COLUMNS_LIMIT && seen.insert(name) {
            names.push(name);
        }
    }
    names
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let table = Table::new(view);
    let columns = table.layout(area.width);
    let count = table.rows.len();
    let left_out = table.column_count() - columns.len();
    let is_cut = |header: u16| count > usize::from(area.height - header);
    let needs_footer = left_out > 0 || is_cut(u16::from(area.height > 1)) || table.unknown_sort().is_some();
    // With few lines a row and the sign that there are more are worth more than the header.
    let footer = u16::from(needs_footer && (area.height > 1 || count > 1));
    let header = u16::from(area.height > 1 + footer);
    let visible = usize::from(area.height.saturating_sub(header + footer));
    let first = usize::from(view.scroll).min(count.saturating_sub(visible));
    if header == 1 {
        let style = view.theme.dim().add_modifier(Modifier::BOLD);
        draw_row(&table, &columns, area, buffer, |column, _| (table.header(column), style));
    }
    for (line, row) in table.rows.iter().skip(first).take(visible).enumerate() {
        let area = Rect { y: area.y + header + line as u16, ..area };
        draw_row(&table, &columns, area, buffer, |column, width| {
            (table.cell(row, column, width), table.cell_style(row, column))
        });
    }
    if footer == 1 {
        let signs = [false, true].map(|short| table.footer(first, visible, left_out, short, view.theme));
        let sign = signs.iter().find(|sign| sign.width() <= usize::from(area.width)).unwrap_or(&signs[1]);
        let y = area.bottom() - 1;
        let x = area.right() - (sign.width() as u16).min(area.width);
        text::put(buffer, x, y, sign, area.width, view.theme.dim());
    }
}

impl Table<'_> {
    /// The column that rows should be sorted by and that is not there.
    fn unknown_sort(&self) -> Option<&str> {
        self.view.panel.options.sort.as_deref().filter(|_| self.sort.is_none() && !self.rows.is_empty())
    }

    /// `12–20 of 57 · +2 columns`, or short: `12–20/57 +2`.
    fn footer(
        &self,
        first: usize,
        visible: usize,
        columns_left_out: usize,
        short: bool,
        theme: Theme,
    ) -> String {
        let (dash, dot) = if theme.marker == Marker::Ascii { ("-", " - ") } else { ("–", " · ") };
        let count = self.rows.len();
        let mut signs = Vec::new();
        if visible == 0 {
            signs.push(format!("{count} rows"));
        } else if visible < count {
            let last = (first + visible).min(count);
            let of = if short { "/" } else { " of " };
            let range = if visible == 1 { last.to_string() } else { format!("{}{dash}{last}", first + 1) };
            signs.push(format!("{range}{of}{count}"));
        }
        if columns_left_out > 0 {
            let columns = match (short, columns_left_out) {
                (true, _) => "",
                (false, 1) => " column",
                (false, _) => " columns",
            };
            signs.push(format!("+{columns_left_out}{columns}"));
        }
        if let Some(sort) = self.unknown_sort() {
            signs.push(format!("no column {} to sort by", sort.trim_start_matches('-')));
        }
        signs.join(if short { " " } else { dot })
    }
}

fn draw_row<'t>(
    table: &Table<'_>,
    columns: &[(usize, u16)],
    area: Rect,
    buffer: &mut Buffer,
    cell: impl Fn(usize, usize) -> (Cow<'t, str>, Style),
) {
    let mut x = area.x;
    for (column, width) in columns.iter().copied() {
        let (cell, style) = cell(column, usize::from(width));
        let cell = text::fit(&cell, usize::from(width));
        let indent = if table.is_value(column) { width.saturating_sub(cell.width() as u16) } else { 0 };
        text::put(buffer, x + indent, area.y, &cell, width - indent, style);
        x = x.saturating_add(width + GAP);
    }
}

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let table = Table::new(view);
    let several = table.value_names.len() > 1;
    let mut shown = Vec::new();
    for row in &table.rows {
        let labels: Vec<_> = table
            .labels
            .iter()
            .filter_map(|name| Some(format!("{name}={:?}", row.labels.get(name)?)))
            .collect();
        for (index, value) in row.values.iter().enumerate().filter(|(_, value)| value.is_some()) {
            let mut name = format!("{{{}}}", labels.join(", "));
            if several {
                name = format!("{} {name}", table.value_names[index]);
            }
            let text = table.fields[index].show_at(*value, table.range, item::calendar(view)).text;
            shown.push(ShownValue { name, value: *value, text });
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, RED, YELLOW};
    use super::*;
    use crate::field::{Mapping, MappingMatch, TextPattern};

    /// Fourteen instances of three jobs.
    fn instances() -> Fixture {
        let names: Vec<_> = (0..14).map(|i| (format!("10.0.0.{i}:9090"), format!("job-{}", i % 3))).collect();
        let labels: Vec<_> = names
            .iter()
            .map(|(instance, job)| {
                [("__name__", "up"), ("instance", instance.as_str()), ("job", job.as_str())]
            })
            .collect();
        let samples: Vec<(&[(&str, &str)], f64)> =
            labels.iter().enumerate().map(|(i, labels)| (labels.as_slice(), i as f64 * 1234.5)).collect();
        Fixture::new(&KIND).unit("bytes").instant(&samples)
    }

    #[test]
    fn labels_stand_left_and_values_right() {
        assert_eq!(
            instances().lines(38, 6),
            [
                "instance        job       Value",
                "10.0.0.0:9090   job-0       0 B",
                "10.0.0.1:9090   job-1  1.21 KiB",
                "10.0.0.2:9090   job-2  2.41 KiB",
                "10.0.0.3:9090   job-0  3.62 KiB",
                "                             1–4 of 14",
            ]
        );
        assert_eq!(instances().lines(38, 16)[15], "");
    }

    #[test]
    fn labels_are_mapped_as_texts() {
        let mut table = instances();
        let mapping = |when, text: &str, color| Mapping { when, text: Some(text.to_owned()), color };
        let job = TextPattern::new("job-(.)").expect("a pattern");
        table.panel.field.mappings = vec![
            mapping(MappingMatch::Regex(job), "number $1", Some(RED)),
            mapping(MappingMatch::Text("10.0.0.1:9090".to_owned()), "the second", None),
            mapping(MappingMatch::Range(Some(0.0), Some(99.0)), "idle", None),
        ];
        assert_eq!(
            table.lines(38, 4),
            [
                "instance        job          Value",
                "10.0.0.0:9090   number 0      idle",
                "the second      number 1  1.21 KiB",
                "                             1–2 of 14",
            ]
        );
        let view = table.view();
        let table = Table::new(&view);
        let colors: Vec<_> = (0..3).map(|column| table.cell_style(&table.rows[0], column).fg).collect();
        assert_eq!(
            colors,
            [view.theme.text().fg, item::foreground(view.theme, RED).fg, view.theme.text().fg]
        );
    }

    #[test]
    fn what_does_not_fit_is_announced() {
        let table = instances();
        assert_eq!(
            table.lines(18, 4),
            ["instance     Value", "10.0.0.…       0 B", "10.0.0.…  1.21 KiB", "         1–2/14 +1"]
        );
        assert_eq!(table.lines(18, 2), ["10.0.0.…       0 B", "           1/14 +1"]);
        assert_eq!(table.lines(18, 1), ["        14 rows +1"]);
        assert_eq!(table.lines(24, 3)[2], "     1 of 14 · +1 column");
    }

    #[test]
    fn scrolling_stops_at_the_last_row() {
        let mut table = instances();
        table.scroll = 5;
        assert_eq!(
            table.lines(38, 4)[1..],
            [
                "10.0.0.5:9090   job-2  6.03 KiB",
                "10.0.0.6:9090   job-0  7.23 KiB",
                "                             6–7 of 14"
            ]
        );
        table.scroll = 999;
        assert_eq!(table.lines(38, 4)[3], "                           13–14 of 14");
        assert_eq!(line_count(&table.view()), 15);
    }

    #[test]
    fn rows_are_sorted_by_number_or_by_label() {
        let column = |sort: &str, samples: &[(&[(&str, &str)], f64)]| -> Vec<String> {
            let mut table = Fixture::new(&KIND).instant(samples);
            table.panel.options.sort = Some(sort.to_owned());
            table.lines(40, 7)
        };
        let samples: [(&[(&str, &str)], f64); 4] = [
            (&[("le", "10")], 2.0),
            (&[("le", "9")], f64::NAN),
            (&[("le", "+Inf")], 10.0),
            (&[("le", "0.5")], -1.0),
        ];
        assert_eq!(
            column("-Value", &samples)[..5],
            ["le    Value▾", "+Inf      10", "10         2", "0.5       -1", "9        NaN"]
        );
        assert_eq!(
            column("Value", &samples)[..5],
            ["le    Value▴", "0.5       -1", "10         2", "+Inf      10", "9        NaN"]
        );
        assert_eq!(
            column("le", &samples)[..5],
            ["le▴   Value", "0.5      -1", "9       NaN", "10        2", "+Inf     10"]
        );
        assert_eq!(column("job", &samples)[6], "                no column job to sort by");
    }

    #[test]
    fn queries_are_merged_by_their_labels() {
        let table = Fixture::new(&KIND)
            .instant(&[(&[("__name__", "a"), ("job", "x")], 1.0), (&[("__name__", "a"), ("job", "y")], 2.0)])
            .query("b", Some("p99"))
            .instant(&[(&[("__name__", "b"), ("job", "y")], 3.0), (&[("__name__", "b"), ("job", "z")], 4.0)]);
        assert_eq!(
            table.lines(30, 4),
            ["job  Value #A  p99", "x           1", "y           2    3", "z                4"]
        );
    }

    #[test]
    fn a_metric_name_is_a_column_only_where_it_differs() {
        let mut table = Fixture::new(&KIND)
            .instant(&[(&[("__name__", "a"), ("job", "x")], 1.0), (&[("__name__", "b"), ("job", "x")], 2.0)]);
        assert_eq!(table.lines(30, 3), ["Metric  job  Value", "a       x        1", "b       x        2"]);
        table.panel.options.hide_columns = vec!["job".to_owned()];
        assert_eq!(table.lines(30, 3), ["Metric  Value", "a           1", "b           2"]);
    }

    #[test]
    fn the_last_label_stays_as_long_as_the_value_can_be_read() {
        let table = Fixture::new(&KIND)
            .unit("s")
            .instant(&[(&[("instance", "10.0.0.1:9090")], 1234.5)])
            .query("b", None)
            .instant(&[(&[("instance", "10.0.0.1:9090")], 0.25)]);
        assert_eq!(table.lines(18, 3), ["instan…   Value #A", "10.0.0…  20.6 mins", "         +1 column"]);
        assert_eq!(table.lines(9, 3), [" Value #A", "20.6 mins", "       +2"]);
        assert_eq!(table.lines(4, 3), ["Val…", "21 …", "  +2"]);
    }

    #[test]
    fn a_cell_has_the_colour_of_its_threshold() {
        let mut table = Fixture::new(&KIND).thresholds().instant(&[
            (&[("job", "x")], 60.0),
            (&[("job", "y")], 90.0),
            (&[("job", "z")], f64::NAN),
        ]);
        table.theme = Theme::TRUE_COLOR;
        let buffer = table.buffer(12, 4);
        assert_eq!(buffer[(9, 1)].fg, table.theme.color(YELLOW));
        assert_eq!(buffer[(9, 2)].fg, table.theme.color(RED));
        assert_eq!(buffer[(9, 3)].fg, ratatui::style::Color::Reset);
        assert_eq!(buffer[(0, 1)].fg, ratatui::style::Color::Reset);
    }

    #[test]
    fn values_name_their_labels() {
        let table = Fixture::new(&KIND).unit("s").instant(&[(&[("__name__", "up"), ("job", "x")], 0.5)]);
        assert_eq!(
            values(&table.view()),
            [ShownValue { name: r#"{job="x"}"#.to_owned(), value: Some(0.5), text: "500 ms".to_owned() }]
        );
    }
}
