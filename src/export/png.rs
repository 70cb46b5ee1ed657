//! The SVG of a frame to pixels, with a font of our own, so that a PNG looks the same on every machine.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use super::ExportError;
use super::svg::{CELL_HEIGHT, CELL_WIDTH};

/// Pixels a user unit: a cell is 18 by 36 pixels, which is sharp on dense screens.
const SCALE: u32 = 2;

/// Most pixels of a picture at full size; above, it has half the width and height.
const PIXELS_LIMIT: u64 = 32_000_000;

/// The family of the embedded font.
const FAMILY: &str = "DejaVu Sans Mono";

/// `DejaVu Sans Mono`, regular and bold, cut down to the scripts and symbols that a screen is likely to show. The licence
/// is beside them.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("../../assets/dejavu-sans-mono.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../../assets/dejavu-sans-mono-bold.ttf").to_vec());
    fonts.set_monospace_family(FAMILY);
    Arc::new(fonts)
});

/// A PNG of `svg`, which has so many columns and rows of cells.
pub fn render(svg: &str, cells: (u16, u16)) -> Result<Vec<u8>, ExportError> {
    let (width, height) = (u32::from(cells.0) * CELL_WIDTH, u32::from(cells.1) * CELL_HEIGHT);
    let pixels = |scale: u32| u64::from(width * scale) * u64::from(height * scale);
    let scale = if pixels(SCALE) <= PIXELS_LIMIT { SCALE } else { 1 };
    if pixels(scale) > PIXELS_LIMIT {
        return Err(ExportError::TooLarge { width: cells.0, height: cells.1 });
    }
    let options =
        Options { font_family: FAMILY.to_owned(), fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|error| ExportError::Raster(error.to_string()))?;
    let mut pixmap = Pixmap::new(width * scale, height * scale)
        .ok_or_else(|| ExportError::Raster(format!("no picture of {width} by {height}")))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| ExportError::Raster(error.to_string()))
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    use super::*;
    use crate::text;
    use crate::theme::palettes::DARK;

    /// How much of each cell of the one line is not background, in percent.
    fn coverage(words: &str, cells: u16) -> Vec<u32> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, cells, 1));
        text::put(&mut buffer, 0, 0, words, cells, Style::new().fg(Color::White));
        let svg = crate::export::svg::write(&buffer, "t", &DARK);
        let png = render(&svg, (cells, 1)).expect("a picture");
        let pixmap = Pixmap::decode_png(&png).expect("a PNG");
        let (width, height) = (CELL_WIDTH * SCALE, CELL_HEIGHT * SCALE);
        assert_eq!((pixmap.width(), pixmap.height()), (width * u32::from(cells), height));
        let ground = pixmap.pixel(0, 0).expect("a corner").demultiply();
        let is_set = |x: u32, y: u32| pixmap.pixel(x, y).is_some_and(|pixel| pixel.demultiply() != ground);
        let cell = |index: u32| {
            let all = (0..width).flat_map(|x| (0..height).map(move |y| (x, y)));
            let set = all.filter(|(x, y)| is_set(index * width + x, *y)).count() as u32;
            set * 100 / (width * height)
        };
        (0..u32::from(cells)).map(cell).collect()
    }

    #[test]
    fn cells_are_filled_as_far_as_their_characters_say() {
        let found = coverage(" █▌⣿⠁aжλ▲ ", 10);
        assert_eq!((found[0], found[1], found[9]), (0, 100, 0), "{found:?}");
        assert!((45..=55).contains(&found[2]), "half a block: {found:?}");
        assert!(found[3] > 5 * found[4] && found[4] > 0, "eight dots and one: {found:?}");
        assert!(found[5..9].iter().all(|part| (5..80).contains(part)), "letters and a sign: {found:?}");
    }

    #[test]
    fn too_large_is_refused() {
        assert_eq!(
            render("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", (1_000, 1_000)),
            Err(ExportError::TooLarge { width: 1_000, height: 1_000 })
        );
    }
}
