//! One frame of 20 panels of 20 series of 400 points on 200 by 60 cells, and the same data through ratatui's `Chart`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono_tz::Tz;
use criterion::{Criterion, criterion_group, criterion_main};
use promscope::dashboard::{Panel, PanelOptions, PanelQuery};
use promscope::field::FieldOptions;
use promscope::panel::{PanelView, TargetView, kind};
use promscope::series::{Frame, Grid, Labels, Series};
use promscope::theme::Theme;
use promscope::time_range::Span;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

const PANELS: usize = 20;
const SERIES: usize = 20;
const POINTS: usize = 400;
const COLUMNS: u16 = 5;
const ROWS: u16 = 4;
const SCREEN: Rect = Rect { x: 0, y: 0, width: 200, height: 60 };
const START_MS: i64 = 1_795_366_800_000;
const STEP_MS: i64 = 15_000;

fn frames() -> Vec<Frame> {
    let value = |panel: usize, series: usize, point: usize| {
        let phase = (panel * 7 + series * 13) as f64;
        let noise = ((point * 7_919 + series * 104_729 + panel * 1_299_709) % 1_000) as f64 / 1_000.0;
        100.0 + 10.0 * series as f64 + 40.0 * ((point as f64 / 23.0) + phase).sin() + 8.0 * noise
    };
    let frame = |panel: usize| Frame {
        grid: Grid { start_ms: START_MS, step_ms: STEP_MS, len: POINTS },
        series: (0..SERIES)
            .map(|series| Series {
                labels: Labels::from([("instance", &*format!("10.0.0.{series}:9090")), ("job", "api")]),
                values: (0..POINTS).map(|point| value(panel, series, point)).collect(),
            })
            .collect(),
    };
    (0..PANELS).map(frame).collect()
}

fn areas() -> Vec<Rect> {
    let (width, height) = (SCREEN.width / COLUMNS, SCREEN.height / ROWS);
    let area = |index: u16| Rect {
        x: index % COLUMNS * width,
        // The title line is drawn by whoever places the panels.
        y: index / COLUMNS * height + 1,
        width,
        height: height - 1,
    };
    (0..PANELS as u16).map(area).collect()
}

fn panel() -> Panel {
    Panel {
        kind: kind("timeseries").expect("registered"),
        title: String::new(),
        description: None,
        width: 1,
        height: None,
        grid: None,
        links: Vec::new(),
        queries: vec![PanelQuery {
            ref_id: "A".to_owned(),
            expr: "x".to_owned(),
            legend: Some("{{instance}}".to_owned()),
            min_step: None,
            axis: None,
            instant: false,
            range: false,
            format: None,
            hide: false,
            datasource: None,
        }],
        field: FieldOptions::default(),
        overrides: Vec::new(),
        transforms: Vec::new(),
        options: PanelOptions::default(),
        repeat: None,
        time: promscope::dashboard::PanelTime::default(),
        min_interval: None,
        fixed: std::collections::BTreeMap::new(),
    }
}

fn span() -> Span {
    Span { start_ms: START_MS, end_ms: START_MS + (POINTS as i64 - 1) * STEP_MS }
}

fn draw_promscope(panel: &Panel, frames: &[Frame], areas: &[Rect], buffer: &mut Buffer) {
    buffer.reset();
    for (frame, area) in frames.iter().zip(areas) {
        let query = &panel.queries[0];
        let view = PanelView {
            panel,
            targets: vec![TargetView {
                query,
                expr: &query.expr,
                name: None,
                range: Some(frame),
                instant: None,
            }],
            frames: None,
            span: span(),
            now_ms: span().end_ms,
            zone: Tz::UTC,
            theme: Theme::TRUE_COLOR,
            scroll: 0,
            column_scroll: None,
            cursor_ms: None,
            mark_ms: None,
            marks: &[],
            series: promscope::panel::marks::SeriesView::default(),
            plot: std::cell::Cell::default(),
        };
        (panel.kind.draw)(&view, *area, buffer);
    }
}

/// The points are converted ahead: a dashboard on `Chart` would keep them as pairs.
fn draw_chart(points: &[Vec<Vec<(f64, f64)>>], areas: &[Rect], buffer: &mut Buffer) {
    buffer.reset();
    let (start, end) = (span().start_ms as f64, span().end_ms as f64);
    for (panel, area) in points.iter().zip(areas) {
        let values = || panel.iter().flatten().map(|(_, value)| *value);
        let bounds = [values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max)];
        let datasets = panel.iter().enumerate().map(|(index, points)| {
            Dataset::default()
                .marker(Marker::Braille)
                .graph_type(GraphType::Line)
                .style(Style::new().fg(Color::Indexed(index as u8)))
                .data(points)
        });
        let labels = [format!("{:.1}", bounds[0]), format!("{:.1}", bounds[1])];
        Chart::new(datasets.collect())
            .x_axis(Axis::default().bounds([start, end]).labels(["17:00", "18:40"]))
            .y_axis(Axis::default().bounds(bounds).labels(labels))
            .render(*area, buffer);
    }
}

/// Mean CPU time of `draw`, which does not depend on what else the machine does; the clock's where Linux's
/// `/proc` is not there.
fn mean(mut draw: impl FnMut()) -> Duration {
    const TURNS: u32 = 200;
    let cpu = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    };
    for _ in 0..TURNS / 10 {
        draw();
    }
    let (start, start_cpu) = (Instant::now(), cpu());
    for _ in 0..TURNS {
        draw();
    }
    let elapsed = start.elapsed();
    start_cpu.zip(cpu()).map_or(elapsed, |(start, end)| end.saturating_sub(start)) / TURNS
}

fn frame(criterion: &mut Criterion) {
    let (frames, areas, panel) = (frames(), areas(), panel());
    let pairs = |frame: &Frame, series: &Series| -> Vec<(f64, f64)> {
        let time = |index| frame.grid.time_ms(index) as f64;
        series.values.iter().enumerate().map(|(index, value)| (time(index), *value)).collect()
    };
    let points: Vec<Vec<Vec<(f64, f64)>>> =
        frames.iter().map(|frame| frame.series.iter().map(|series| pairs(frame, series)).collect()).collect();
    let mut buffer = Buffer::empty(SCREEN);
    let mut ours = || draw_promscope(&panel, &frames, &areas, black_box(&mut buffer));
    criterion.bench_function("20 panels, promscope", |bencher| bencher.iter(&mut ours));
    let ours = mean(ours);
    let mut buffer = Buffer::empty(SCREEN);
    let mut chart = || draw_chart(&points, &areas, black_box(&mut buffer));
    criterion.bench_function("20 panels, ratatui Chart", |bencher| bencher.iter(&mut chart));
    let chart = mean(chart);
    println!(
        "CPU time a frame: promscope {ours:?}, Chart {chart:?}, ratio {:.1}",
        chart.as_secs_f64() / ours.as_secs_f64()
    );
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = frame
}
criterion_main!(benches);
