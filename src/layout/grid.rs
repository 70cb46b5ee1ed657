//! Panels placed by `grid`, Grafana's 24 columns: bands of panels that stand beside each other, and their cells.

use std::ops::Range;

use ratatui::layout::Rect;

use super::{GAP, least_height};
use crate::dashboard::{GRID_COLUMNS, GridPosition, Panel};

/// Steps of halving by which the lines of a unit are found for a height.
const SEARCH_STEPS: u32 = 24;
/// Lines of one unit of height beyond which nothing is stretched.
const LINES_PER_UNIT_MAX: f64 = 1_000.0;
/// Lines of one unit of height: the 8 units of Grafana's usual graph become 12 lines.
const LINES_PER_UNIT: f64 = 1.5;

/// The lines that a place of this height looks right at.
pub(super) fn natural_lines(grid: GridPosition) -> u16 {
    scaled(grid.h, LINES_PER_UNIT)
}

fn scaled(units: u16, lines_per_unit: f64) -> u16 {
    (f64::from(units) * lines_per_unit).round() as u16
}

/// A panel on the grid, pushed down where another one was before it.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    index: usize,
    panel: &'a Panel,
    x: u16,
    y: u32,
    w: u16,
    h: u16,
}

impl Place<'_> {
    fn bottom(&self) -> u32 {
        self.y + u32::from(self.h)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (x, y) = (self.x < other.x + other.w && other.x < self.x + self.w, self.y < other.bottom());
        x && y && other.y < self.bottom()
    }

    /// Its columns of cells.
    fn columns(&self, width: u16) -> (u16, u16) {
        let at = |column: u16| (u32::from(width) * u32::from(column) / u32::from(GRID_COLUMNS)) as u16;
        let end = self.x + self.w;
        let gap = if end < GRID_COLUMNS { GAP } else { 0 };
        (at(self.x), (at(end) - at(self.x)).saturating_sub(gap))
    }
}

/// Panels whose lines hang together: no line of cells can be drawn between them.
pub(super) struct Band<'a> {
    /// From top to bottom, then from left to right.
    places: Vec<Place<'a>>,
    /// Where panels begin and end, in units of the grid.
    edges: Vec<u32>,
}

/// The bands of the panels `range` of `panels`, all of which have a place.
pub(super) fn bands(panels: &[Panel], range: Range<usize>) -> Vec<Band<'_>> {
    let mut places: Vec<Place<'_>> = Vec::with_capacity(range.len());
    for index in range {
        let panel = &panels[index];
        let Some(grid) = panel.grid else { continue };
        let (w, h) = (grid.w.clamp(1, GRID_COLUMNS), grid.h.max(1));
        let x = grid.x.min(GRID_COLUMNS - w);
        let mut place = Place { index, panel, x, y: u32::from(grid.y), w, h };
        while let Some(bottom) = places.iter().filter(|other| other.overlaps(&place)).map(Place::bottom).max()
        {
            place.y = bottom;
        }
        places.push(place);
    }
    places.sort_by_key(|place| (place.y, place.x));
    let mut bands: Vec<Vec<Place<'_>>> = Vec::new();
    let mut bottom = 0;
    for place in places {
        match bands.last_mut() {
            Some(band) if place.y < bottom => band.push(place),
            _ => bands.push(vec![place]),
        }
        bottom = bottom.max(place.bottom());
    }
    bands.into_iter().map(Band::new).collect()
}

impl<'a> Band<'a> {
    fn new(places: Vec<Place<'a>>) -> Self {
        let mut edges: Vec<u32> = places.iter().flat_map(|place| [place.y, place.bottom()]).collect();
        edges.sort_unstable();
        edges.dedup();
        Self { places, edges }
    }

    /// Whether each panel has its least width.
    pub(super) fn fits(&self, width: u16) -> bool {
        self.places.iter().all(|place| place.columns(width).1 >= place.panel.kind.min_size.0)
    }

    /// Its panels as they are read.
    pub(super) fn reading_order(&self) -> Vec<usize> {
        self.places.iter().map(|place| place.index).collect()
    }

    /// Least and natural height.
    pub(super) fn heights(&self) -> (u16, u16) {
        let height = |lines_per_unit| self.lines(lines_per_unit).last().copied().unwrap_or(0);
        (height(0.0), height(LINES_PER_UNIT))
    }

    /// The line of each edge, so that every panel has its least height and units have these lines.
    fn lines(&self, lines_per_unit: f64) -> Vec<u16> {
        let mut lines: Vec<u16> = vec![0; self.edges.len()];
        let place_of = |edge: u32| self.edges.binary_search(&edge).unwrap_or(0);
        for index in 1..self.edges.len() {
            let between = (self.edges[index] - self.edges[index - 1]).min(u16::MAX.into()) as u16;
            let mut line = lines[index - 1].saturating_add(scaled(between, lines_per_unit));
            for place in self.places.iter().filter(|place| place.bottom() == self.edges[index]) {
                line = line.max(lines[place_of(place.y)].saturating_add(least_height(place.panel)));
            }
            lines[index] = line;
        }
        lines
    }

    /// The panels' rectangles in `width` by `height` cells, of which the height is at least the least one; y counts
    /// from the top of the band.
    pub(super) fn rects(&self, width: u16, height: u16) -> Vec<(usize, Rect)> {
        let (mut low, mut high) = (0.0, LINES_PER_UNIT_MAX);
        for _ in 0..SEARCH_STEPS {
            let middle = f64::midpoint(low, high);
            if self.lines(middle).last().is_some_and(|last| *last <= height) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let mut lines = self.lines(low);
        // What rounding leaves goes to those at the bottom.
        if let Some(last) = lines.last_mut() {
            *last = height;
        }
        let line = |edge: u32| lines[self.edges.binary_search(&edge).unwrap_or(0)].min(height);
        let rect = |place: &Place<'_>| {
            let (x, width) = place.columns(width);
            let y = line(place.y);
            (place.index, Rect { x, y, width, height: line(place.bottom()).saturating_sub(y) })
        };
        self.places.iter().map(rect).collect()
    }
}
