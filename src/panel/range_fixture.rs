//! Panels over range answers, for the tests of the types that draw time.

use std::sync::Arc;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{PanelKind, PanelView, TargetView};
use crate::dashboard::{Panel, PanelOptions, PanelQuery};
use crate::field::{FieldOptions, SeriesStyle};
use crate::series::{ABSENT, Frame, Grid, Labels, Series};
use crate::theme::Theme;
use crate::time_range::Span;

/// 2026-11-22T17:00:00Z
pub(crate) const START_MS: i64 = 1_795_366_800_000;

/// Samples of every kind, the ends of `f64` among them.
pub(crate) fn arbitrary_values() -> impl Strategy<Value = Vec<f64>> {
    let odd =
        vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, ABSENT, f64::MAX, f64::MIN, 1e300, 5e-324, 0.0];
    proptest::collection::vec(
        prop_oneof![3 => any::<f64>(), 2 => proptest::sample::select(odd), 3 => -10.0..10.0_f64],
        1..80,
    )
}

/// A panel and the answer to its one query.
pub(crate) struct Fixture {
    pub(crate) panel: Panel,
    pub(crate) frame: Arc<Frame>,
    pub(crate) theme: Theme,
}

impl Fixture {
    /// Series with these names as label `name`, a sample every `step_s` seconds.
    pub(crate) fn new(kind: &'static PanelKind, step_s: i64, series: &[(&str, &[f64])]) -> Self {
        let len = series.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
        let one = |(name, values): &(&str, &[f64])| Series {
            labels: Labels::from([("name", *name)]),
            values: values.to_vec(),
        };
        let grid = Grid { start_ms: START_MS, step_ms: step_s * 1_000, len };
        Self {
            panel: Panel {
                kind,
                title: String::new(),
                description: None,
                width: 1,
                height: None,
                grid: None,
                links: Vec::new(),
                queries: vec![PanelQuery {
                    ref_id: "A".to_owned(),
                    expr: "up".to_owned(),
                    legend: Some("{{name}}".to_owned()),
                    min_step: None,
                    axis: None,
                    instant: false,
                    range: false,
                    format: None,
                    hide: false,
                    datasource: None,
                }],
                field: FieldOptions { decimals: Some(2), ..FieldOptions::default() },
                overrides: Vec::new(),
                transforms: Vec::new(),
                options: PanelOptions::default(),
                repeat: None,
                time: crate::dashboard::PanelTime::default(),
                min_interval: None,
                fixed: std::collections::BTreeMap::new(),
            },
            frame: Arc::new(Frame { grid, series: series.iter().map(one).collect() }),
            theme: Theme::PLAIN,
        }
    }

    pub(crate) fn options(mut self, change: impl FnOnce(&mut PanelOptions)) -> Self {
        change(&mut self.panel.options);
        self
    }

    pub(crate) fn style(mut self, change: impl FnOnce(&mut SeriesStyle)) -> Self {
        change(&mut self.panel.field.style);
        self
    }

    pub(crate) fn view(&self) -> PanelView<'_> {
        let grid = self.frame.grid;
        let query = &self.panel.queries[0];
        let target =
            TargetView { query, expr: &query.expr, name: None, range: Some(&self.frame), instant: None };
        PanelView {
            panel: &self.panel,
            targets: vec![target],
            frames: None,
            span: Span { start_ms: grid.start_ms, end_ms: grid.end_ms().max(grid.start_ms + 1) },
            now_ms: grid.end_ms().max(grid.start_ms + 1),
            zone: chrono_tz::Tz::UTC,
            theme: self.theme,
            scroll: 0,
            column_scroll: None,
            cursor_ms: None,
            mark_ms: None,
            series: crate::panel::marks::SeriesView::default(),
            marks: &[],
            plot: std::cell::Cell::default(),
        }
    }

    pub(crate) fn buffer(&self, width: u16, height: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        (self.panel.kind.draw)(&self.view(), buffer.area, &mut buffer);
        buffer
    }

    /// Draws into the middle of a larger buffer, around which nothing may change.
    pub(crate) fn check_stays_inside(&self, width: u16, height: u16) -> Result<(), TestCaseError> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width + 4, height + 4));
        let area = Rect::new(2, 2, width, height);
        (self.panel.kind.draw)(&self.view(), area, &mut buffer);
        for y in 0..height + 4 {
            for x in 0..width + 4 {
                let is_outside = !area.contains((x, y).into());
                prop_assert!(
                    !is_outside || buffer[(x, y)].symbol() == " ",
                    "wrote at {x},{y} of {area}: {:?}",
                    crate::chart::picture(&buffer)[usize::from(y)]
                );
            }
        }
        // A buffer smaller than the area must do as well.
        let mut buffer = Buffer::empty(Rect::new(0, 0, width / 2, height / 2));
        (self.panel.kind.draw)(&self.view(), area, &mut buffer);
        Ok(())
    }

    pub(crate) fn drawn(&self, width: u16, height: u16) -> Vec<String> {
        crate::chart::picture(&self.buffer(width, height))
    }

    /// The panel at each of these sizes, for a snapshot that a person can read.
    pub(crate) fn at(&self, sizes: &[(u16, u16)]) -> String {
        let one = |(width, height): &(u16, u16)| {
            let lines = self.drawn(*width, *height);
            let mark = |line: &String| format!("{line}\n");
            format!("{width}x{height}\n{}", lines.iter().map(mark).collect::<String>())
        };
        sizes.iter().map(one).collect()
    }
}
