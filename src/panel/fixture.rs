//! Panels with data, for the tests of panel types.

use std::cell::OnceCell;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use chrono_tz::Tz;

use super::transformed::{TransformedData, is_transformed};
use super::{PanelKind, PanelView, TargetView};
use crate::dashboard::{ColorMode, Panel, PanelOptions, PanelQuery, TextMode};
use crate::field::{FieldOptions, ThresholdStep, Thresholds};
use crate::series::{Frame, Grid, Labels, Sample, Series, Vector};
use crate::theme::{Rgb, Theme};
use crate::time_range::Span;
use crate::unit::Unit;

pub(super) const GREEN: Rgb = Rgb(115, 191, 105);
pub(super) const YELLOW: Rgb = Rgb(250, 222, 42);
pub(super) const RED: Rgb = Rgb(242, 73, 92);

/// Labels as a test writes them.
pub(super) type Pairs<'a> = &'a [(&'a str, &'a str)];

/// Green, yellow from 50, red from 80.
pub(super) fn thresholds() -> Thresholds {
    let step = |at, color| ThresholdStep { at, color };
    Thresholds {
        steps: vec![step(f64::NEG_INFINITY, GREEN), step(50.0, YELLOW), step(80.0, RED)],
        percent: false,
    }
}

/// A panel and the answers to its queries.
pub(super) struct Fixture {
    pub(super) panel: Panel,
    pub(super) theme: Theme,
    pub(super) scroll: u16,
    pub(super) column_scroll: Option<u16>,
    pub(super) cursor_ms: Option<i64>,
    /// Made when it is first drawn.
    transformed: OnceCell<TransformedData>,
    vectors: Vec<Option<Vector>>,
    frames: Vec<Option<Frame>>,
}

impl Fixture {
    /// A panel with one query, `A`, that has no answer yet.
    pub(super) fn new(kind: &'static PanelKind) -> Self {
        let panel = Panel {
            kind,
            title: String::new(),
            description: None,
            width: 1,
            height: None,
            grid: None,
            links: Vec::new(),
            queries: Vec::new(),
            field: FieldOptions::default(),
            overrides: Vec::new(),
            transforms: Vec::new(),
            options: PanelOptions::default(),
            repeat: None,
            time: crate::dashboard::PanelTime::default(),
            min_interval: None,
            fixed: std::collections::BTreeMap::new(),
        };
        let fixture = Self {
            panel,
            theme: Theme::PLAIN,
            scroll: 0,
            column_scroll: None,
            cursor_ms: None,
            transformed: OnceCell::new(),
            vectors: Vec::new(),
            frames: Vec::new(),
        };
        fixture.query("up", None)
    }

    pub(super) fn query(mut self, expr: &str, legend: Option<&str>) -> Self {
        let ref_id = char::from(b'A' + self.panel.queries.len() as u8).to_string();
        self.panel.queries.push(PanelQuery {
            ref_id,
            expr: expr.to_owned(),
            legend: legend.map(str::to_owned),
            min_step: None,
            axis: None,
            instant: false,
            range: false,
            format: None,
            hide: false,
            datasource: None,
        });
        self.vectors.push(None);
        self.frames.push(None);
        self
    }

    pub(super) fn legend(mut self, legend: &str) -> Self {
        if let Some(query) = self.panel.queries.last_mut() {
            query.legend = Some(legend.to_owned());
        }
        self
    }

    pub(super) fn unit(mut self, id: &str) -> Self {
        self.panel.field.unit = Unit::new(id);
        self
    }

    pub(super) fn thresholds(mut self) -> Self {
        self.panel.field.thresholds = thresholds();
        self
    }

    /// The instant answer of the last query.
    pub(super) fn instant(mut self, samples: &[(Pairs<'_>, f64)]) -> Self {
        let samples =
            samples.iter().map(|(labels, value)| Sample { labels: owned(labels), value: *value }).collect();
        *self.vectors.last_mut().expect("a query") = Some(Vector { time_ms: 60_000, samples });
        self
    }

    /// The range answer of the last query, over the minute that the window shows.
    pub(super) fn range(mut self, series: &[(Pairs<'_>, &[f64])]) -> Self {
        let len = series.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
        let step_ms = 60_000 / len.max(1) as i64;
        let series = series
            .iter()
            .map(|(labels, values)| Series { labels: owned(labels), values: values.to_vec() })
            .collect();
        let grid = Grid { start_ms: step_ms, step_ms, len };
        *self.frames.last_mut().expect("a query") = Some(Frame { grid, series });
        self
    }

    pub(super) fn view(&self) -> PanelView<'_> {
        let answers = self.vectors.iter().zip(&self.frames);
        let asked: Vec<TargetView<'_>> = self
            .panel
            .queries
            .iter()
            .zip(answers)
            .map(|(query, (vector, frame))| TargetView {
                query,
                expr: &query.expr,
                name: None,
                range: frame.as_ref(),
                instant: vector.as_ref(),
            })
            .collect();
        let transformed = is_transformed(&self.panel)
            .then(|| self.transformed.get_or_init(|| TransformedData::new(&self.panel, &asked)));
        PanelView {
            panel: &self.panel,
            targets: transformed.map_or(asked, TransformedData::targets),
            frames: transformed.map(|transformed| transformed.frames.as_slice()),
            span: Span { start_ms: 0, end_ms: 60_000 },
            now_ms: 60_000,
            zone: Tz::UTC,
            theme: self.theme,
            scroll: self.scroll,
            column_scroll: self.column_scroll,
            cursor_ms: self.cursor_ms,
            mark_ms: None,
            series: crate::panel::marks::SeriesView::default(),
            marks: &[],
            plot: std::cell::Cell::default(),
        }
    }

    /// The panel drawn in the middle of a larger buffer; panics when anything is written outside its area.
    pub(super) fn buffer(&self, width: u16, height: u16) -> Buffer {
        const MARGIN: u16 = 2;
        let mut whole =
            Buffer::filled(Rect::new(0, 0, width + 2 * MARGIN, height + 2 * MARGIN), Cell::new("\u{b7}"));
        let area = Rect::new(MARGIN, MARGIN, width, height);
        for position in area.positions() {
            whole[position].reset();
        }
        (self.panel.kind.draw)(&self.view(), area, &mut whole);
        let mut inside = Buffer::empty(Rect::new(0, 0, width, height));
        for position in whole.area.positions() {
            if area.contains(position) {
                inside[(position.x - MARGIN, position.y - MARGIN)] = whole[position].clone();
            } else {
                assert_eq!(whole[position], Cell::new("\u{b7}"), "written outside at {position}");
            }
        }
        inside
    }

    /// The panel as lines of text, without their trailing spaces.
    pub(super) fn lines(&self, width: u16, height: u16) -> Vec<String> {
        lines(&self.buffer(width, height))
    }

    /// The panel at each of these sizes, for a snapshot that a person can read.
    pub(super) fn at(&self, sizes: &[(u16, u16)]) -> String {
        let one = |(width, height): &(u16, u16)| {
            let lines = self.lines(*width, *height).join("\n");
            format!("{width}x{height}\n{lines}\n")
        };
        sizes.iter().map(one).collect()
    }
}

pub(super) fn lines(buffer: &Buffer) -> Vec<String> {
    let row = |y: u16| -> String {
        let symbols = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol());
        symbols.collect::<String>().trim_end().to_owned()
    };
    (0..buffer.area.height).map(row).collect()
}

fn owned(labels: Pairs<'_>) -> Labels {
    Labels::new(labels.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

#[test]
fn every_type_copes_with_every_small_size() {
    let wide = "x".repeat(50);
    let samples: [(Pairs<'_>, f64); 4] = [
        (&[("job", "a")], 1e300),
        (&[("job", &wide)], -1.0),
        (&[("job", "猫")], f64::NAN),
        (&[], f64::INFINITY),
    ];
    for kind in super::KINDS {
        for count in 0..=samples.len() {
            let mut fixture = Fixture::new(kind).unit("bytes").legend("{{job}}").instant(&samples[..count]);
            fixture.panel.options.vertical = count % 2 == 1;
            fixture.panel.options.content = "# one\n- two **three**".to_owned();
            for (width, height) in (0..20).flat_map(|width| (0..6).map(move |height| (width, height))) {
                let _ = fixture.buffer(width, height);
            }
        }
    }
}

#[test]
fn every_type_says_that_it_shows_not_all() {
    // Alike in length and short enough for every place, so that no sign is that of a name that was cut.
    let names: Vec<String> = (10..40).map(|index| format!("n{index}")).collect();
    let labels: Vec<[(&str, &str); 1]> = names.iter().map(|name| [("job", name.as_str())]).collect();
    let ramp: Vec<f64> = (0..400).map(f64::from).collect();
    let instant: Vec<(Pairs<'_>, f64)> =
        labels.iter().zip(1..).map(|(one, at)| (&one[..], f64::from(at))).collect();
    let range: Vec<(Pairs<'_>, &[f64])> = labels.iter().map(|one| (&one[..], &ramp[..])).collect();
    let is_sign = |text: &str| {
        let counted =
            |sign: char| text.split(sign).skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        counted('+') || counted('×') || text.contains(" of 30") || text.contains("/30") || text.contains('…')
    };
    // Texts are scrolled in full screen, lists come from the server and have their own tests; a histogram shows all.
    let other = ["text", "alerts", "targets", "histogram"];
    for kind in super::KINDS.iter().filter(|kind| !other.contains(&kind.name)) {
        for vertical in [false, true] {
            let mut fixture = Fixture::new(kind).legend("{{job}}").instant(&instant).range(&range);
            fixture.panel.options.vertical = vertical;
            let (width, height) = kind.min_size;
            for (wider, higher) in [(0, 0), (1, 0), (0, 1), (6, 2), (20, 3)] {
                // The title is outside of what a type draws.
                let drawn = fixture.lines(width + wider, height - 1 + higher).join("\n");
                assert!(
                    is_sign(&drawn),
                    "{} at {}x{}\n{drawn}",
                    kind.name,
                    width + wider,
                    height - 1 + higher
                );
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 128, ..Default::default() })]
    /// No size, value or label makes a panel stumble or write outside its area ([`Fixture::buffer`] looks).
    #[test]
    fn every_type_copes_with_every_size_and_value(
        kind in 0..super::KINDS.len(),
        (width, height, scroll) in (0_u16..=60, 0_u16..=20, proptest::prelude::any::<u16>()),
        samples in proptest::collection::vec((".{0,12}", "(.|[\u{202e}\u{200b}\u{1b}\u{7}\n\r\t猫\u{301}|*_`\\[\\]]){0,40}", proptest::prelude::any::<u64>()), 0..12),
        history in proptest::collection::vec(proptest::prelude::any::<u64>(), 0..80),
        (min, max) in proptest::prelude::any::<(Option<f64>, Option<f64>)>(),
        (unit, percent, vertical, ascii) in (0_usize..300, proptest::prelude::any::<bool>(), proptest::prelude::any::<bool>(), proptest::prelude::any::<bool>()),
        reduce in 0_usize..25,
        content in "(.|[|*_`~#>\n\\[\\]()! -]){0,200}",
        (text_mode, color_mode, rows) in (0_usize..5, 0_usize..3, proptest::prelude::any::<bool>()),
        (cursor_ms, is_transformed) in proptest::prelude::any::<(Option<i64>, bool)>(),
    ) {
        let labels: Vec<Vec<(&str, &str)>> =
            samples.iter().map(|(name, value, _)| vec![(name.as_str(), value.as_str())]).collect();
        let instant: Vec<(Pairs<'_>, f64)> =
            labels.iter().zip(&samples).map(|(labels, (.., bits))| (labels.as_slice(), f64::from_bits(*bits))).collect();
        let values: Vec<f64> = history.iter().map(|bits| f64::from_bits(*bits)).collect();
        let range: Vec<(Pairs<'_>, &[f64])> =
            labels.iter().map(|labels| (labels.as_slice(), values.as_slice())).collect();
        let mut fixture = Fixture::new(super::KINDS[kind]).thresholds().instant(&instant).range(&range);
        fixture.panel.field.unit = Unit::new(Unit::known_ids().nth(unit).unwrap_or("cats"));
        fixture.panel.field.thresholds.percent = percent;
        (fixture.panel.field.min, fixture.panel.field.max) = (min, max);
        let reduces: Vec<_> = crate::reduce::Reduce::names().collect();
        fixture.panel.field.reduce = crate::reduce::Reduce::parse(reduces[reduce % reduces.len()]).unwrap_or_default();
        fixture.panel.options.vertical = vertical;
        fixture.panel.options.content = content;
        fixture.panel.options.text_mode =
            [TextMode::Auto, TextMode::Value, TextMode::Name, TextMode::ValueAndName, TextMode::None][text_mode];
        fixture.panel.options.color_mode = [ColorMode::Value, ColorMode::Background, ColorMode::None][color_mode];
        fixture.panel.options.rows = rows;
        fixture.cursor_ms = cursor_ms;
        if is_transformed {
            fixture.panel.transforms = vec![
                crate::transform::Transform::LabelsToFields(crate::transform::LabelsToFields::default()),
                crate::transform::Transform::Merge,
            ];
        }
        fixture.scroll = scroll;
        if ascii {
            fixture.theme.marker = crate::theme::Marker::Ascii;
        }
        let _ = fixture.buffer(width, height);
        let _ = (fixture.panel.kind.values)(&fixture.view());
    }
}
