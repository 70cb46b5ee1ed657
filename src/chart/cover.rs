//! Which layer of a stack has most of a cell, since a cell has one colour.
//!
//! Lines alone would give a cell to whoever was drawn last, and a layer thinner than a dot the whole of a row.

/// What one cell is filled with.
#[derive(Clone, Copy, Default)]
struct Shares {
    /// The layer with most dots so far, and how many.
    most: (u16, u16),
    /// The layer that is being added.
    adding: (u16, u16),
}

/// A canvas's cells with what layers take of them. Layers come one after the other.
#[derive(Clone)]
pub struct Cover {
    cells: Vec<Shares>,
    width: usize,
}

impl Cover {
    /// For a canvas of `width` by `height` cells.
    pub fn new(width: u16, height: u16) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        Self { cells: vec![Shares::default(); width * height], width }
    }

    /// Adds `dots` of the layer `owner` to the cell at (`x`, `y`), which must lie on the canvas.
    pub fn add(&mut self, x: usize, y: usize, dots: u16, owner: u16) {
        let cell = &mut self.cells[y * self.width + x];
        if cell.adding.0 != owner || cell.adding.1 == 0 {
            cell.adding = (owner, 0);
        }
        cell.adding.1 += dots;
        if cell.adding.1 > cell.most.1 {
            cell.most = cell.adding;
        }
    }

    /// Whose the cell is at `index`, counted line by line; `None` where no layer is.
    pub fn owner(&self, index: usize) -> Option<u16> {
        self.cells.get(index).filter(|cell| cell.most.1 > 0).map(|cell| cell.most.0)
    }
}

/// The rows that the layers beneath the next one reach to, by column of dots.
#[derive(Clone, Debug)]
pub struct Beneath {
    /// Those above the base, and those below it.
    rows: [Vec<i32>; 2],
    base: i32,
}

impl Beneath {
    /// Nothing yet: all columns begin at the row `base`.
    pub fn new(columns: u16, base: i32) -> Self {
        let rows = vec![base; usize::from(columns)];
        Self { rows: [rows.clone(), rows], base }
    }

    /// The layer whose top is `row` in `column`: the rows that it takes, both ends included, if it is as high as one dot.
    pub fn rise(&mut self, column: usize, row: i32) -> Option<(i32, i32)> {
        let reached = self.rows[usize::from(row > self.base)].get_mut(column)?;
        let from = std::mem::replace(reached, row);
        let start = if from == self.base { from } else { from + (row - from).signum() };
        (from != row).then_some((start, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_the_thickest_layers() {
        let mut cover = Cover::new(2, 1);
        cover.add(0, 0, 1, 7);
        cover.add(0, 0, 1, 7);
        cover.add(0, 0, 1, 8);
        cover.add(0, 0, 3, 8);
        cover.add(0, 0, 3, 9);
        assert_eq!((cover.owner(0), cover.owner(1)), (Some(8), None));
    }

    #[test]
    fn layers_begin_where_those_beneath_them_end() {
        let mut beneath = Beneath::new(2, 7);
        assert_eq!(beneath.rise(0, 7), None, "nothing");
        assert_eq!(beneath.rise(0, 5), Some((7, 5)));
        assert_eq!(beneath.rise(0, 5), None, "thinner than a dot");
        assert_eq!(beneath.rise(0, 2), Some((4, 2)));
        assert_eq!(beneath.rise(0, 9), Some((7, 9)), "below the base");
        assert_eq!(beneath.rise(0, 10), Some((10, 10)));
        assert_eq!(beneath.rise(1, 6), Some((7, 6)));
        assert_eq!(beneath.rise(2, 6), None, "no such column");
    }
}
