//! Where panels go: from a dashboard and a size to rectangles, as a pure function that `update` and `ui` both call.
//!
//! Rows share the height by the natural heights of their panels. A row whose panels would become narrower than their
//! type's least width is broken into several lines. When everything at its least height is still too tall, the
//! content becomes taller than the screen and scrolls.

use ratatui::layout::Rect;

use crate::dashboard::{Dashboard, Panel};

/// Columns between two panels.
pub const GAP: u16 = 1;

/// Tallest content in lines, a bound far above 500 panels at their natural height.
const HEIGHT_LIMIT: u16 = 30_000;

/// The places of all panels on a canvas that may be taller than the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// One rectangle a panel, in the order of [`Dashboard::panels`]; y counts from the top of the canvas.
    pub panels: Vec<Rect>,
    /// Line on the canvas, and index, of each row that has a title.
    pub titles: Vec<(u16, usize)>,
    /// Height of the canvas.
    pub height: u16,
}

/// Panels beside each other, with the heights between which their line may be.
struct Line {
    row: usize,
    first_of_row: bool,
    panels: std::ops::Range<usize>,
    least: u16,
    natural: u16,
}

impl Layout {
    /// Lays `dashboard` out for a body of `width` by `height` cells.
    pub fn new(dashboard: &Dashboard, width: u16, height: u16) -> Self {
        let lines = lines(dashboard, width);
        let titles = lines.iter().filter(|line| has_title(dashboard, line)).count() as u16;
        let heights = share_height(&lines, height.saturating_sub(titles));
        let mut layout = Self::default();
        let mut y = 0_u16;
        for (line, line_height) in lines.iter().zip(heights) {
            if has_title(dashboard, line) {
                layout.titles.push((y, line.row));
                y += 1;
            }
            let line_height = line_height.min(HEIGHT_LIMIT.saturating_sub(y));
            let panels = &dashboard.panels[line.panels.clone()];
            for (x, panel_width) in share_width(panels, width) {
                layout.panels.push(Rect { x, y, width: panel_width, height: line_height });
            }
            y += line_height;
        }
        layout.height = y;
        layout
    }

    /// How far the canvas can be scrolled on a body of `height` lines.
    pub fn scroll_max(&self, height: u16) -> u16 {
        self.height.saturating_sub(height)
    }
}

fn has_title(dashboard: &Dashboard, line: &Line) -> bool {
    line.first_of_row && dashboard.rows[line.row].title.is_some()
}

/// Breaks the rows into lines whose panels all have at least their type's width.
fn lines(dashboard: &Dashboard, width: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    for (row_index, row) in dashboard.rows.iter().enumerate() {
        let panels = &dashboard.panels[row.panels.clone()];
        let mut start = 0;
        for count in line_counts(panels, width) {
            let range = row.panels.start + start..row.panels.start + start + count;
            let members = &dashboard.panels[range.clone()];
            let least = members.iter().map(|panel| panel.kind.min_size.1).max().unwrap_or(1).max(2);
            let natural = members.iter().map(|panel| panel.height.unwrap_or(panel.kind.natural_height)).max();
            lines.push(Line {
                row: row_index,
                first_of_row: start == 0,
                panels: range,
                least,
                natural: natural.unwrap_or(least).max(least),
            });
            start += count;
        }
    }
    lines
}

/// How many panels stand on each line of a row: as few lines as fit, evenly filled where that fits too.
fn line_counts(panels: &[Panel], width: u16) -> Vec<usize> {
    let fits = |members: &[Panel]| {
        members.len() == 1
            || share_width(members, width)
                .into_iter()
                .zip(members)
                .all(|((_, share), panel)| share >= panel.kind.min_size.0)
    };
    let mut greedy = Vec::new();
    let mut rest = panels;
    while !rest.is_empty() {
        let count = (1..=rest.len()).rev().find(|count| fits(&rest[..*count])).unwrap_or(1);
        greedy.push(count);
        rest = &rest[count..];
    }
    let even = panels.len().div_ceil(greedy.len().max(1)).max(1);
    if panels.chunks(even).all(fits) { panels.chunks(even).map(<[Panel]>::len).collect() } else { greedy }
}

/// The x and width of panels that share `width` by their weights, [`GAP`] columns apart.
fn share_width(panels: &[Panel], width: u16) -> Vec<(u16, u16)> {
    let gaps = GAP * (panels.len().saturating_sub(1) as u16);
    let usable = u32::from(width.saturating_sub(gaps));
    let total: u32 = panels.iter().map(|panel| u32::from(panel.width.max(1))).sum();
    let mut before = 0;
    let mut shares = Vec::with_capacity(panels.len());
    for (index, panel) in panels.iter().enumerate() {
        let left = usable * before / total.max(1);
        before += u32::from(panel.width.max(1));
        let right = usable * before / total.max(1);
        let x = (left as u16 + GAP * index as u16).min(width);
        shares.push((x, ((right - left) as u16).min(width - x)));
    }
    shares
}

/// The height of each line: natural heights stretched or squeezed to `height`; a scrolling canvas where even the
/// least heights do not fit, its lines then three quarters of natural, so that little is shown well.
fn share_height(lines: &[Line], height: u16) -> Vec<u16> {
    let least: u32 = lines.iter().map(|line| u32::from(line.least)).sum();
    let natural: u32 = lines.iter().map(|line| u32::from(line.natural)).sum();
    if least > u32::from(height) {
        return lines.iter().map(|line| line.least.max(line.natural - line.natural / 4)).collect();
    }
    let is_tight = natural > u32::from(height);
    let base = |line: &Line| u32::from(if is_tight { line.least } else { line.natural });
    let weight = |line: &Line| u32::from(if is_tight { line.natural - line.least } else { line.natural });
    let spare = u32::from(height) - lines.iter().map(base).sum::<u32>();
    let total: u32 = lines.iter().map(weight).sum::<u32>().max(1);
    let mut before = 0;
    lines
        .iter()
        .map(|line| {
            let low = spare * before / total;
            before += weight(line);
            (base(line) + spare * before / total - low) as u16
        })
        .collect()
}
