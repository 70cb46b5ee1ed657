//! `histogram`: how often the samples over the range have which values.
//!
//! The size of buckets is Grafana's choice (`buildHistogram`, Apache-2.0): of the round sizes the least that is larger
//! than the range over the wished number of buckets, and no smaller than the least distance of two values. A bucket
//! holds its lower bound. Series stand on each other, each in its colour, unless they are combined.
//!
//! When room is short the legend goes first, then the axis of values, then the counts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Asks, PanelKind, PanelView, ShownValue, item};
use crate::chart::axis::{ValueAxis, ticks};
use crate::chart::label::labels_at;
use crate::chart::lanes::{self, Paint};
use crate::chart::plot::Parts;
use crate::chart::scale::ValueScale;
use crate::chart::stackbar::{self, Part};
use crate::field::{AxisSide, SeriesColor};
use crate::series::is_absent;
use crate::text;
use crate::theme::Ink;
use crate::unit::Unit;

/// Buckets that are aimed at where nobody says how many.
const BUCKETS_WISHED: u32 = 30;
/// Buckets that are counted at most; where a size would give more, it is doubled, and the panel says so.
const BUCKETS_LIMIT: f64 = 2_000.0;
/// Round sizes are these times a power of ten; Grafana has no 2.5, though it has 0.25 and 25.
const ROUND: [(f64, bool); 5] = [(1.0, true), (2.0, true), (2.5, false), (4.0, true), (5.0, true)];
/// Part of a bucket by which a value may lie below a bound and still be on it: 0.3 is the third tenth.
const ON_BOUND: f64 = 1e-9;
/// Height from which on there is a line for the legend and for notes.
const LEGEND_FROM_LINES: u16 = 6;
/// Columns between labels.
const LABEL_GAP: u16 = 2;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "histogram",
    about: "how often the samples over the range have which values",
    options: &["bucket_size", "bucket_count", "combine", "axis_label"],
    min_size: (16, 4),
    natural_height: 10,
    asks: |_| Asks { instant: false, range: true },
    draw,
    values,
    at: None,
};

/// Equal buckets without gaps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Buckets {
    /// Number of the first bucket: its lower bound is that many times the size.
    first: f64,
    size: f64,
    count: usize,
}

/// One series' counts.
struct Counts {
    name: String,
    ink: Ink,
    /// One a bucket.
    by_bucket: Vec<u64>,
}

/// What is counted.
struct Histogram {
    buckets: Buckets,
    series: Vec<Counts>,
    notes: Vec<String>,
    /// What stands for the notes where they have no line.
    sign: String,
}

impl Buckets {
    /// For finite `values`; `wished` is the size that the dashboard asks for.
    fn of(values: impl Iterator<Item = f64> + Clone, wished: Option<f64>, count: u32) -> Option<Self> {
        let (low, high) = values.clone().fold(None, |sum: Option<(f64, f64)>, value| {
            Some(sum.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
        })?;
        let largest = low.abs().max(high.abs());
        // Beyond this a bucket would be smaller than the distance of two numbers.
        let finest = largest * f64::EPSILON * 4.0;
        let wished = wished.filter(|size| size.is_finite() && *size > 0.0);
        let mut size = wished.unwrap_or_else(|| auto_size(values, (low, high), count)).max(finest);
        while (high / size).floor() - (low / size).floor() >= BUCKETS_LIMIT && size < f64::MAX / 2.0 {
            size *= 2.0;
        }
        let first = (low / size + ON_BOUND).floor();
        let last = (high / size + ON_BOUND).floor();
        let count = (last - first).clamp(0.0, BUCKETS_LIMIT) as usize + 1;
        Some(Self { first, size, count })
    }

    fn index(&self, value: f64) -> usize {
        let index = (value / self.size + ON_BOUND).floor() - self.first;
        (index.max(0.0) as usize).min(self.count - 1)
    }

    /// The bound below bucket `index`.
    fn bound(&self, index: usize) -> f64 {
        ((self.first + index as f64) * self.size).clamp(f64::MIN, f64::MAX)
    }
}

/// Grafana's choice.
fn auto_size(values: impl Iterator<Item = f64>, (low, high): (f64, f64), count: u32) -> f64 {
    let count = f64::from(count.max(1));
    let target = high / count - low / count;
    // The least distance matters only where there are few values; with more it is below the target.
    let mut distinct: Vec<f64> = Vec::new();
    for value in values {
        if let Err(place) = distinct.binary_search_by(|other| other.total_cmp(&value)) {
            distinct.insert(place, value);
            if distinct.len() > count as usize + 1 {
                break;
            }
        }
    }
    let least = match distinct.len() {
        0 | 1 => 1.0,
        len if len > count as usize + 1 => 0.0,
        _ => {
            let distances = distinct.windows(2).map(|pair| pair[1] - pair[0]);
            distances.filter(|distance| *distance > 0.0).fold(f64::INFINITY, f64::min)
        }
    };
    let wanted = target.max(least).clamp(f64::MIN_POSITIVE, f64::MAX);
    let exponent = wanted.log10().floor() as i32;
    (exponent - 1..=exponent + 1)
        .flat_map(|exponent| ROUND.map(|(round, among_ones)| (exponent, round, among_ones)))
        .filter(|(exponent, _, among_ones)| *exponent != 0 || *among_ones)
        // Through text, since powers of ten that are multiplied are not the nearest numbers.
        .filter_map(|(exponent, round, _)| format!("{round}e{exponent}").parse::<f64>().ok())
        .find(|size| *size > target && *size >= least)
        .unwrap_or(wanted)
}

impl Histogram {
    fn of(view: &PanelView<'_>) -> Option<Self> {
        let series = view.named_series();
        let options = &view.panel.options;
        let finite =
            series.iter().flat_map(|one| one.values.iter().copied()).filter(|value| value.is_finite());
        let count = options.bucket_count.unwrap_or(BUCKETS_WISHED);
        let buckets = Buckets::of(finite, options.bucket_size, count)?;
        let mut left_out = 0;
        let mut counted: Vec<Counts> = Vec::new();
        for one in &series {
            if counted.is_empty() || !options.combine {
                let ink = match one.field.color {
                    SeriesColor::Fixed(color) => Ink::Fixed(color),
                    _ => Ink::Series(if options.combine { 0 } else { one.number }),
                };
                let name = one.name.clone();
                counted.push(Counts { name, ink, by_bucket: vec![0; buckets.count] });
            }
            let Some(sum) = counted.last_mut() else { continue };
            for value in one.values.iter().copied().filter(|value| !is_absent(*value)) {
                if value.is_finite() {
                    sum.by_bucket[buckets.index(value)] += 1;
                } else {
                    left_out += 1;
                }
            }
        }
        let mut notes = Vec::new();
        if options.combine && series.len() > 1 {
            notes.push(format!("{} series combined", series.len()));
        }
        if options.bucket_size.is_some_and(|size| size < buckets.size) {
            notes.push(format!("buckets of {}, as smaller ones are too many", number(buckets.size)));
        }
        if left_out > 0 {
            notes.push(format!("{left_out} samples without a number not counted"));
        }
        let sign = if notes.is_empty() { String::new() } else { text::ELLIPSIS.to_owned() };
        Some(Self { buckets, series: counted, notes, sign })
    }

    /// Neighbouring buckets put together until there are no more than `room`.
    fn merged(mut self, room: u16) -> Self {
        let together = self.buckets.count.div_ceil(usize::from(room).max(1));
        if together > 1 {
            for one in &mut self.series {
                one.by_bucket = one.by_bucket.chunks(together).map(|chunk| chunk.iter().sum()).collect();
            }
            // Bounds stay where they were.
            let first = self.buckets.first / together as f64;
            let size = self.buckets.size * together as f64;
            self.buckets = Buckets { first, size, count: self.buckets.count.div_ceil(together) };
            self.notes.insert(0, format!("{together} buckets a column"));
            self.sign = format!("×{together}");
        }
        self
    }

    /// The most samples in one bucket, of all series together.
    fn highest(&self) -> u64 {
        let sum = |index: usize| self.series.iter().map(|one| one.by_bucket[index]).sum::<u64>();
        (0..self.buckets.count).map(sum).max().unwrap_or_default()
    }
}

fn number(value: f64) -> String {
    Unit::new("short").format(value, None)
}

/// The bounds of all buckets, the last one's upper bound included.
fn bounds(buckets: &Buckets, view: &PanelView<'_>) -> Vec<String> {
    let bounds: Vec<f64> = (0..=buckets.count).map(|index| buckets.bound(index)).collect();
    let field = &view.panel.field;
    labels_at(&bounds, buckets.size, &field.unit, field.decimals, Some(item::calendar(view)))
}

fn values(view: &PanelView<'_>) -> Vec<ShownValue> {
    let Some(histogram) = Histogram::of(view) else { return Vec::new() };
    let bounds = bounds(&histogram.buckets, view);
    let is_named = histogram.series.len() > 1;
    let mut shown = Vec::new();
    for one in &histogram.series {
        for (index, count) in one.by_bucket.iter().enumerate() {
            let bucket = format!("{} to {}", bounds[index], bounds[index + 1]);
            let name = if is_named { format!("{} {bucket}", one.name) } else { bucket };
            shown.push(ShownValue { name, value: Some(*count as f64), text: count.to_string() });
        }
    }
    shown
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    let Some(histogram) = Histogram::of(view).filter(|_| !area.is_empty()) else { return };
    let theme = &view.theme;
    let count_axis = |highest: u64, height: u16| {
        let mut ticks = ticks(0.0, highest.max(1) as f64, height, &Unit::new("short"), None);
        // Counts are whole.
        ticks.retain(|tick| tick.value.fract() == 0.0);
        ValueAxis::new(ticks, AxisSide::Left)
    };
    let width = count_axis(histogram.highest(), area.height).width;
    let histogram = histogram.merged(Parts::of(area, width).plot.width);
    let has_legend = histogram.series.len() > 1;
    let has_notes = !histogram.notes.is_empty();
    let has_lines = area.height >= LEGEND_FROM_LINES;
    let lines = if has_lines { u16::from(has_legend) + u16::from(has_notes) } else { 0 };
    let chart = Rect { height: area.height - lines, ..area };
    let highest = histogram.highest();
    let axis = count_axis(highest, chart.height);
    let mut parts = Parts::of(chart, axis.width);
    // A rule under columns says nothing that their feet do not.
    if parts.time.height > 1 {
        parts.plot.height += 1;
        parts.gutter.height += 1;
        parts.time = Rect { y: parts.time.y + 1, height: 1, ..parts.time };
    }
    axis.draw(
        &ValueScale::new(0.0, highest.max(1) as f64, parts.plot.height),
        1,
        theme,
        parts.gutter,
        buffer,
    );
    let inks: Vec<Ink> = histogram.series.iter().map(|one| one.ink).collect();
    let paints = lanes::paints(&inks, theme);
    draw_columns(&histogram, &paints, view, parts, buffer);
    let mut y = chart.bottom();
    if has_legend && lines > 0 {
        let entries: Vec<(&str, Paint)> =
            histogram.series.iter().map(|one| one.name.as_str()).zip(paints).collect();
        lanes::draw_legend(&entries, theme, Rect { y, height: 1, ..area }, buffer);
        y += 1;
    }
    if has_notes && lines > 0 {
        text::put(buffer, area.x, y, &histogram.notes.join(" · "), area.width, theme.dim());
    } else if has_notes {
        let sign = if theme.is_ascii() { histogram.sign.replace('×', "x") } else { histogram.sign };
        let width = (text::width(&sign) as u16).min(area.width);
        text::put(buffer, area.right() - width, area.y, &sign, width, theme.dim());
    }
}

fn draw_columns(
    histogram: &Histogram,
    paints: &[Paint],
    view: &PanelView<'_>,
    parts: Parts,
    buffer: &mut Buffer,
) {
    let count = histogram.buckets.count as u16;
    let plot = parts.plot;
    let each = (plot.width / count.max(1)).max(1);
    let highest = histogram.highest().max(1) as f64;
    for index in 0..count {
        let mut from = 0.0;
        let mut stack = Vec::with_capacity(paints.len());
        for (one, paint) in histogram.series.iter().zip(paints) {
            let to = from + one.by_bucket[usize::from(index)] as f64 / highest;
            stack.push(Part { from, to, paint: *paint });
            from = to;
        }
        // A blank between wide columns.
        let width = if each >= 3 { each - 1 } else { each };
        let column = Rect { x: plot.x + index * each, width, ..plot };
        stackbar::standing(&stack, &view.theme, column.intersection(plot), buffer);
    }
    if parts.time.is_empty() {
        return;
    }
    let bounds = bounds(&histogram.buckets, view);
    let mut free_from = parts.time.x;
    let (first, stride) = round_bounds(&histogram.buckets, &bounds, each);
    for (index, label) in bounds.iter().enumerate().skip(first).step_by(stride) {
        // Under the edge between two columns, the last one behind them if there is room.
        let x = plot.x + index as u16 * each;
        let width = text::width(label).min(999) as u16;
        if x < free_from || x + width > parts.time.right() {
            continue;
        }
        text::put(buffer, x, parts.time.y, label, width, view.theme.dim());
        free_from = x + width + LABEL_GAP;
    }
}

/// The first of the bounds that are labelled, and how many columns lie between two of them: the closest at round numbers
/// that have room where a column takes `each` cells; all of them where none are round.
fn round_bounds(buckets: &Buckets, labels: &[String], each: u16) -> (usize, usize) {
    let widest = labels.iter().map(|label| text::width(label)).max().unwrap_or(0) + usize::from(LABEL_GAP);
    let found = (1..=buckets.count / 2).find_map(|stride| {
        let step = buckets.size * stride as f64;
        let is_multiple = |index: &usize| {
            let times = buckets.bound(*index) / step;
            (times - times.round()).abs() < 1e-6
        };
        let has_room = stride * usize::from(each) >= widest;
        (has_room && is_round(step))
            .then(|| (0..stride).find(is_multiple))
            .flatten()
            .map(|first| (first, stride))
    });
    found.unwrap_or((0, 1))
}

/// Whether `step` is 1, 2, 2.5 or 5 times a power of ten.
fn is_round(step: f64) -> bool {
    let digit = step / 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].iter().any(|round| (digit - round).abs() < 1e-6)
}

#[cfg(test)]
mod grafana;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::range_fixture::{Fixture, arbitrary_values};
    use super::*;
    use crate::series::ABSENT;
    use crate::theme::{Marker, Theme};

    #[test]
    fn labels_stand_at_round_bounds_where_there_is_room() {
        let buckets = Buckets { first: 42.0, size: 0.4, count: 22 };
        let labels: Vec<String> = (0..=22).map(|index| format!("{:.1}", buckets.bound(index))).collect();
        let (first, stride) = round_bounds(&buckets, &labels, 4);
        assert_eq!((labels[first].as_str(), stride), ("18.0", 5), "every 2 from 18 on");
    }

    fn size(values: &[f64], count: u32) -> String {
        let buckets = Buckets::of(values.iter().copied(), None, count).expect("values");
        buckets.size.to_string()
    }

    #[test]
    fn sizes_are_grafanas() {
        let ramp: Vec<f64> = (0..1_000).map(f64::from).collect();
        // 999 / 30 = 33.3, and the next round size is 40.
        assert_eq!(size(&ramp, 30), "40");
        assert_eq!(size(&ramp, 10), "100");
        assert_eq!(size(&[7.0], 30), "1");
        // Few values that lie far apart: no smaller than their distance.
        assert_eq!(size(&[0.0, 10.0, 20.0], 30), "10");
        assert_eq!(size(&[0.001, 0.0012, 0.0018], 30), "0.0002");
        assert_eq!(size(&[0.0, 70.0, 1_000.0], 500), "100");
        let fine: Vec<f64> = ramp.iter().map(|value| value * 0.07).collect();
        // 69.93 / 30 = 2.331: there is no 2.5 among the ones.
        assert_eq!(size(&fine, 30), "4");
    }

    #[test]
    fn a_bucket_holds_its_lower_bound() {
        let tenths: Vec<f64> = (0..10).map(|index| f64::from(index) / 10.0).collect();
        let buckets = Buckets::of(tenths.iter().copied(), Some(0.1), 30).expect("values");
        let places: Vec<usize> = tenths.iter().map(|value| buckets.index(*value)).collect();
        assert_eq!(places, (0..10).collect::<Vec<_>>());
    }

    fn latencies() -> Fixture {
        let api: Vec<f64> = (0..60).map(|index| f64::from(index * index % 47)).collect();
        let web: Vec<f64> = (0..40).map(|index| f64::from(index % 9)).collect();
        let mut fixture = Fixture::new(&KIND, 15, &[("api", &api), ("web", &web)]);
        fixture.panel.field.decimals = None;
        fixture.options(|options| options.bucket_size = Some(5.0))
    }

    #[test]
    fn series_stand_on_each_other() {
        insta::assert_snapshot!(latencies().at(&[(64, 14), (48, 10), (24, 5), (6, 3)]));
    }

    #[test]
    fn all_series_together_on_demand() {
        let fixture = latencies().options(|options| options.combine = true);
        insta::assert_snapshot!(fixture.at(&[(48, 8)]));
    }

    #[test]
    fn what_has_no_line_has_a_sign() {
        let ramp: Vec<f64> = (0..300).map(f64::from).collect();
        let fixture =
            Fixture::new(&KIND, 15, &[("ramp", &ramp)]).options(|options| options.bucket_size = Some(1.0));
        assert!(fixture.drawn(40, 4)[0].ends_with('9'), "{:?}", fixture.drawn(40, 4));
        assert!(fixture.drawn(40, 4)[0].contains('×'), "{:?}", fixture.drawn(40, 4));
        let fixture = Fixture::new(&KIND, 15, &[("x", &[1.0, f64::NAN, 2.0])]);
        assert!(fixture.drawn(40, 4)[0].ends_with('…'), "{:?}", fixture.drawn(40, 4));
    }

    #[test]
    fn ascii_is_enough() {
        let mut fixture = latencies();
        fixture.theme.marker = Marker::Ascii;
        insta::assert_snapshot!(fixture.at(&[(40, 8)]));
    }

    #[test]
    fn columns_have_the_colours_of_their_series() {
        let mut fixture = latencies();
        fixture.theme = Theme::TRUE_COLOR;
        let buffer = fixture.buffer(48, 10);
        let foot = &buffer[(5, 7)];
        assert_eq!((foot.symbol(), foot.fg), ("█", fixture.theme.series(0)));
    }

    #[test]
    fn what_is_no_number_is_counted_apart() {
        let fixture = Fixture::new(&KIND, 15, &[("x", &[1.0, f64::NAN, f64::INFINITY, ABSENT, 2.0])]);
        let drawn = fixture.drawn(44, 8).join("\n");
        assert!(drawn.contains("2 samples without a number not counted"), "{drawn}");
    }

    proptest! {
        #[test]
        fn counts_add_up_to_the_samples(
            values in arbitrary_values(),
            size in proptest::option::of(prop_oneof![any::<f64>(), 1e-9..1e9_f64]),
            (count, combine) in (1_u32..200, any::<bool>()),
            (width, height) in (0_u16..80, 0_u16..20),
        ) {
            let fixture = Fixture::new(&KIND, 15, &[("a", &values), ("b", &values)]).options(|options| {
                options.bucket_size = size;
                options.bucket_count = Some(count);
                options.combine = combine;
            });
            fixture.check_stays_inside(width, height)?;
            let view = fixture.view();
            let finite = 2 * values.iter().filter(|value| value.is_finite()).count() as u64;
            let sum = |histogram: &Histogram| -> u64 { histogram.series.iter().flat_map(|one| &one.by_bucket).sum() };
            match Histogram::of(&view) {
                None => prop_assert_eq!(finite, 0),
                Some(histogram) => {
                    prop_assert_eq!(sum(&histogram), finite);
                    prop_assert_eq!(sum(&histogram.merged(width)), finite);
                }
            }
        }
    }

    #[test]
    fn bounds_of_dates_are_those_of_the_dashboards_zone() {
        // 2026-11-22T17:00:00Z
        let evening = 1_795_366_800_000.0;
        let mut fixture = Fixture::new(&KIND, 60, &[("a", &[evening, evening + 2e6])]);
        fixture.panel.field.unit = Unit::new("dateTimeAsIso");
        let mut view = fixture.view();
        view.zone = chrono_tz::Tz::Asia__Kathmandu;
        let names: Vec<String> = values(&view).into_iter().map(|one| one.name).collect();
        assert!(names[0].starts_with("2026-11-22 22:31:40 to 2026-11-22 23:05:00"), "{names:?}");
    }
}
