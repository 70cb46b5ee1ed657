//! Where panels go: from a dashboard and a size to rectangles, as a pure function that `update` and `ui` both call.
//!
//! Rows share the height by the natural heights of their panels. A row whose panels would become narrower than their
//! type's least width is broken into several lines; panels placed by `grid` keep their places where each has its least
//! width, and are broken into lines in reading order where not. When everything at its least height is still too tall,
//! the content becomes taller than the screen and scrolls. No two panels ever overlap.

mod grid;

use ratatui::layout::Rect;

use self::grid::Band;
use crate::dashboard::{Dashboard, Panel, Row};

/// Columns between two panels.
pub const GAP: u16 = 1;

/// Tallest content in lines, a bound far above 500 panels at their natural height.
const HEIGHT_LIMIT: u16 = 30_000;

/// The places of all panels on a canvas that may be taller than the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// One rectangle a panel, in the order of [`Dashboard::panels`]; y counts from the top of the canvas. Of a
    /// collapsed row the first panel has the line of the title, the others have no cell.
    pub panels: Vec<Rect>,
    /// Line on the canvas, and index, of each row that has a title or is collapsed.
    pub titles: Vec<(u16, usize)>,
    /// Height of the canvas.
    pub height: u16,
    /// For each panel whether its row is collapsed, so that it is neither asked nor drawn.
    folded: Vec<bool>,
}

/// What takes lines: panels beside each other, or a band of a grid.
struct Block<'a> {
    row: usize,
    first_of_row: bool,
    content: Content<'a>,
    /// The heights between which it may be.
    least: u16,
    natural: u16,
}

enum Content<'a> {
    /// Indices of panels beside each other.
    Line(Vec<usize>),
    Band(Band<'a>),
    /// Nothing but the title.
    Folded,
}

impl Layout {
    /// Lays `dashboard` out for a body of `width` by `height` cells; the rows in `toggled` are collapsed where the
    /// dashboard has them open, and the other way round.
    pub fn new(dashboard: &Dashboard, toggled: &[usize], width: u16, height: u16) -> Self {
        let is_folded = |row: usize| is_folded(dashboard, toggled, row);
        let blocks = blocks(dashboard, &is_folded, width);
        let titles = blocks.iter().filter(|block| has_title(dashboard, block)).count() as u16;
        let heights = share_height(&blocks, height.saturating_sub(titles));
        let mut layout = Self::empty(dashboard);
        for (block, block_height) in blocks.iter().zip(heights) {
            if has_title(dashboard, block) {
                layout.add_title(block.row);
            }
            let block_height = block_height.min(HEIGHT_LIMIT.saturating_sub(layout.height));
            let y = layout.height;
            match &block.content {
                Content::Line(members) => {
                    let weights: Vec<u16> =
                        members.iter().map(|index| weight(&dashboard.panels[*index])).collect();
                    for (index, (x, panel_width)) in members.iter().zip(share_width(&weights, width)) {
                        layout.panels[*index] = Rect { x, y, width: panel_width, height: block_height };
                    }
                }
                Content::Band(band) => {
                    for (index, rect) in band.rects(width, block_height) {
                        layout.panels[index] = Rect { y: y + rect.y, ..rect };
                    }
                }
                Content::Folded => layout.fold(&dashboard.rows[block.row], width),
            }
            layout.height = y + block_height;
        }
        layout
    }

    /// A line for the title of each panel and, below it, as many as `lines` says: one under the other, none stretched.
    pub fn list(dashboard: &Dashboard, toggled: &[usize], width: u16, lines: impl Fn(usize) -> u16) -> Self {
        let mut layout = Self::empty(dashboard);
        for (index, row) in dashboard.rows.iter().enumerate() {
            let is_folded = is_folded(dashboard, toggled, index);
            if row.title.is_some() || is_folded {
                layout.add_title(index);
            }
            if is_folded {
                layout.fold(row, width);
                continue;
            }
            for panel in row.panels.clone() {
                let room = HEIGHT_LIMIT.saturating_sub(layout.height);
                let rect =
                    Rect { x: 0, y: layout.height, width, height: lines(panel).saturating_add(1).min(room) };
                layout.height += rect.height;
                layout.panels[panel] = rect;
            }
        }
        layout
    }

    fn empty(dashboard: &Dashboard) -> Self {
        let count = dashboard.panels.len();
        Self { panels: vec![Rect::ZERO; count], folded: vec![false; count], ..Self::default() }
    }

    fn add_title(&mut self, row: usize) {
        self.titles.push((self.height, row));
        self.height = self.height.saturating_add(1);
    }

    /// Gives the title's line, the one above, to the first panel of `row`.
    fn fold(&mut self, row: &Row, width: u16) {
        let y = self.height.saturating_sub(1);
        for index in row.panels.clone() {
            self.folded[index] = true;
            let is_first = index == row.panels.start;
            self.panels[index] =
                Rect { x: 0, y, width: if is_first { width } else { 0 }, height: u16::from(is_first) };
        }
    }

    /// Whether the row of panel `index` is collapsed.
    pub fn is_folded(&self, index: usize) -> bool {
        self.folded.get(index).copied().unwrap_or(false)
    }

    /// How far the canvas can be scrolled on a body of `height` lines.
    pub fn scroll_max(&self, height: u16) -> u16 {
        self.height.saturating_sub(height)
    }
}

/// Whether row `index` shows nothing but its title.
pub fn is_folded(dashboard: &Dashboard, toggled: &[usize], row: usize) -> bool {
    dashboard.rows.get(row).is_some_and(|row| row.collapsed) != toggled.contains(&row)
}

fn has_title(dashboard: &Dashboard, block: &Block<'_>) -> bool {
    let is_folded = matches!(block.content, Content::Folded);
    block.first_of_row && (is_folded || dashboard.rows[block.row].title.is_some())
}

/// Breaks the rows into blocks whose panels all have at least their type's width.
fn blocks<'a>(dashboard: &'a Dashboard, is_folded: &dyn Fn(usize) -> bool, width: u16) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    for (row, range) in dashboard.rows.iter().map(|row| row.panels.clone()).enumerate() {
        let first = blocks.len();
        let mut add = |content, (least, natural): (u16, u16)| {
            let first_of_row = blocks.len() == first;
            blocks.push(Block { row, first_of_row, content, least, natural: natural.max(least) });
        };
        let members = &dashboard.panels[range.clone()];
        if is_folded(row) {
            add(Content::Folded, (0, 0));
            continue;
        }
        if members.is_empty() || members.iter().any(|panel| panel.grid.is_none()) {
            for line in lines(dashboard, &range.collect::<Vec<_>>(), width) {
                let heights = heights(dashboard, &line);
                add(Content::Line(line), heights);
            }
            continue;
        }
        for band in grid::bands(&dashboard.panels, range) {
            if band.fits(width) {
                let heights = band.heights();
                add(Content::Band(band), heights);
                continue;
            }
            for line in lines(dashboard, &band.reading_order(), width) {
                let heights = heights(dashboard, &line);
                add(Content::Line(line), heights);
            }
        }
    }
    blocks
}

/// Least and natural height of panels beside each other.
fn heights(dashboard: &Dashboard, line: &[usize]) -> (u16, u16) {
    let panels = line.iter().map(|index| &dashboard.panels[*index]);
    let least = panels.clone().map(least_height).max().unwrap_or(2);
    (least, panels.map(natural_height).max().unwrap_or(least))
}

fn least_height(panel: &Panel) -> u16 {
    panel.kind.min_size.1.max(2)
}

fn natural_height(panel: &Panel) -> u16 {
    panel.height.unwrap_or_else(|| panel.grid.map_or(panel.kind.natural_height, grid::natural_lines))
}

/// Its share of the width.
fn weight(panel: &Panel) -> u16 {
    panel.grid.map_or(panel.width, |grid| grid.w)
}

/// Breaks `members` into lines: as few as fit, evenly filled where that fits too.
fn lines(dashboard: &Dashboard, members: &[usize], width: u16) -> Vec<Vec<usize>> {
    let fits = |members: &[usize]| {
        let panels = members.iter().map(|index| &dashboard.panels[*index]);
        let weights: Vec<u16> = panels.clone().map(weight).collect();
        members.len() == 1
            || share_width(&weights, width)
                .into_iter()
                .zip(panels)
                .all(|((_, share), panel)| share >= panel.kind.min_size.0)
    };
    let mut greedy = Vec::new();
    let mut rest = members;
    while !rest.is_empty() {
        let count = (1..=rest.len()).rev().find(|count| fits(&rest[..*count])).unwrap_or(1);
        greedy.push(rest[..count].to_vec());
        rest = &rest[count..];
    }
    let even = members.len().div_ceil(greedy.len().max(1)).max(1);
    if members.chunks(even).all(fits) {
        members.chunks(even).map(<[usize]>::to_vec).collect()
    } else {
        greedy
    }
}

/// The x and width of panels that share `width` by their weights, [`GAP`] columns apart.
fn share_width(weights: &[u16], width: u16) -> Vec<(u16, u16)> {
    let gaps = GAP * (weights.len().saturating_sub(1) as u16);
    let usable = u32::from(width.saturating_sub(gaps));
    let total: u32 = weights.iter().map(|weight| u32::from((*weight).max(1))).sum();
    let mut before = 0;
    let mut shares = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let left = usable * before / total.max(1);
        before += u32::from((*weight).max(1));
        let right = usable * before / total.max(1);
        let x = (left as u16 + GAP * index as u16).min(width);
        shares.push((x, ((right - left) as u16).min(width - x)));
    }
    shares
}

/// The height of each block: natural heights stretched or squeezed to `height`; a scrolling canvas where even the
/// least heights do not fit, its blocks then three quarters of natural, so that little is shown well.
fn share_height(blocks: &[Block<'_>], height: u16) -> Vec<u16> {
    let least: u32 = blocks.iter().map(|block| u32::from(block.least)).sum();
    let natural: u32 = blocks.iter().map(|block| u32::from(block.natural)).sum();
    if least > u32::from(height) {
        return blocks.iter().map(|block| block.least.max(block.natural - block.natural / 4)).collect();
    }
    let is_tight = natural > u32::from(height);
    let base = |block: &Block<'_>| u32::from(if is_tight { block.least } else { block.natural });
    let weight =
        |block: &Block<'_>| u32::from(if is_tight { block.natural - block.least } else { block.natural });
    let spare = u32::from(height) - blocks.iter().map(base).sum::<u32>();
    let total: u32 = blocks.iter().map(weight).sum::<u32>().max(1);
    let mut before = 0;
    blocks
        .iter()
        .map(|block| {
            let low = spare * before / total;
            before += weight(block);
            (base(block) + spare * before / total - low) as u16
        })
        .collect()
}

#[cfg(test)]
mod tests;
