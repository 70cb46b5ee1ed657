//! A frame as SVG: cells as rectangles, drawn characters as shapes, text in runs whose length is given.
//!
//! Nothing depends on the font: columns stay where they are with any, and blocks, lines and braille join. Every text
//! is cleaned on its way into the Buffer and escaped here.

use std::collections::BTreeMap;
use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::block::{self, PARTS, Shape};
use crate::text;
use crate::theme::Rgb;
use crate::theme::palette::Palette;

/// Width of a cell in user units.
pub const CELL_WIDTH: u32 = 9;
/// Height of a cell in user units.
pub const CELL_HEIGHT: u32 = 18;
/// The size at which a character of the usual monospace fonts is as wide as a cell.
const FONT_SIZE: u32 = 15;
/// From the top of a cell to the line that letters stand on.
const BASELINE: u32 = 14;
/// Diameter of a braille dot.
const DOT: f64 = 2.6;
/// Fonts in the order of preference; the first is the one that comes with PNG.
const FONTS: &str = "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,'Liberation Mono',monospace";
/// How much of a dim text's colour is left over its background.
const DIM_STRENGTH: f64 = 0.6;

/// Shapes of one colour, each a part of a path.
#[derive(Default)]
struct Layer {
    fills: String,
    dots: String,
    light: String,
    heavy: String,
}

/// Writes `buffer`; `title` is read aloud in its place.
pub fn write(buffer: &Buffer, title: &str, palette: &Palette) -> String {
    let (width, height) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (width, height) = (width * CELL_WIDTH, height * CELL_HEIGHT);
    let title = escaped(&text::clean(title));
    let mut picture = Picture { buffer, palette, layers: BTreeMap::new(), texts: String::new() };
    let mut grounds = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        picture.grounds(y, &mut grounds);
        picture.line(y);
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
         {height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<rect width=\"{width}\" \
         height=\"{height}\" fill=\"{}\"/>\n{grounds}",
        hex(palette.background)
    );
    for (color, layer) in &picture.layers {
        let color = hex(*color);
        let mut path = |attributes: &str, data: &str| {
            if !data.is_empty() {
                let _ = writeln!(svg, "<path {attributes} d=\"{data}\"/>");
            }
        };
        path(&format!("fill=\"{color}\""), &layer.fills);
        for (data, stroke) in [(&layer.light, 1), (&layer.heavy, 2)] {
            path(&format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"{stroke}\""), data);
        }
        path(
            &format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"{DOT}\" stroke-linecap=\"round\""),
            &layer.dots,
        );
    }
    let _ = write!(
        svg,
        "<g font-family=\"{FONTS}\" font-size=\"{FONT_SIZE}\" xml:space=\"preserve\">\n{}</g>\n</svg>\n",
        picture.texts
    );
    svg
}

struct Picture<'a> {
    buffer: &'a Buffer,
    palette: &'a Palette,
    layers: BTreeMap<Rgb, Layer>,
    texts: String,
}

/// Characters in a row that look alike.
struct Run {
    x: u32,
    cells: u32,
    text: String,
    look: Look,
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    color: Rgb,
    bold: bool,
    italic: bool,
    underlined: bool,
}

impl Picture<'_> {
    /// Foreground and background of a cell.
    fn colors(&self, cell: &Cell) -> (Rgb, Rgb) {
        let foreground = resolved(cell.fg, self.palette.foreground);
        let background = resolved(cell.bg, self.palette.background);
        let (foreground, background) = if cell.modifier.contains(Modifier::REVERSED) {
            (background, foreground)
        } else {
            (foreground, background)
        };
        if cell.modifier.contains(Modifier::DIM) {
            return (mixed(foreground, background, DIM_STRENGTH), background);
        }
        (foreground, background)
    }

    /// Backgrounds of a line that are not the picture's.
    fn grounds(&self, y: u16, svg: &mut String) {
        let area = self.buffer.area;
        let mut x = area.left();
        while x < area.right() {
            let ground = self.colors(&self.buffer[(x, y)]).1;
            let start = x;
            while x < area.right() && self.colors(&self.buffer[(x, y)]).1 == ground {
                x += 1;
            }
            if ground != self.palette.background {
                let (left, top) = self.corner(start, y);
                let width = u32::from(x - start) * CELL_WIDTH;
                let _ = writeln!(
                    svg,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{CELL_HEIGHT}\" fill=\"{}\"/>",
                    hex(ground)
                );
            }
        }
    }

    /// The top left corner of a cell.
    fn corner(&self, x: u16, y: u16) -> (u32, u32) {
        let area = self.buffer.area;
        (u32::from(x - area.left()) * CELL_WIDTH, u32::from(y - area.top()) * CELL_HEIGHT)
    }

    /// What stands in a line.
    fn line(&mut self, y: u16) {
        let (buffer, area) = (self.buffer, self.buffer.area);
        let mut run: Option<Run> = None;
        let mut x = area.left();
        while x < area.right() {
            let cell = &buffer[(x, y)];
            let symbol = cell.symbol();
            let cells = text::width(symbol).max(1) as u16;
            let (color, ground) = self.colors(cell);
            let (left, top) = self.corner(x, y);
            x += cells;
            let mut characters = symbol.chars();
            let shape = characters.next().filter(|_| characters.next().is_none()).and_then(block::shape);
            let look = Look {
                color,
                bold: cell.modifier.contains(Modifier::BOLD),
                italic: cell.modifier.contains(Modifier::ITALIC),
                underlined: cell.modifier.contains(Modifier::UNDERLINED),
            };
            let is_blank = symbol.trim().is_empty() && !look.underlined;
            // Wide characters are placed one by one: what the next font takes for their width is anyone's guess.
            let goes_on = shape.is_none()
                && cells == 1
                && run.as_ref().is_some_and(|run| {
                    let is_gap = is_blank && run.text.ends_with(' ');
                    (is_blank || run.look == look) && !is_gap
                });
            if !goes_on && let Some(run) = run.take() {
                self.text(&run, top);
            }
            if let Some(shape) = shape {
                self.shape(&shape, color, ground, left, top);
            } else if let Some(run) = run.as_mut().filter(|_| goes_on) {
                run.text.push_str(symbol);
                run.cells += 1;
            } else if !is_blank {
                let cells = u32::from(cells);
                run = Some(Run { x: left, cells, text: symbol.to_owned(), look });
                if cells > 1
                    && let Some(run) = run.take()
                {
                    self.text(&run, top);
                }
            }
        }
        if let Some(run) = run {
            self.text(&run, self.corner(area.left(), y).1);
        }
    }

    fn text(&mut self, run: &Run, top: u32) {
        let text = if run.look.underlined { &*run.text } else { run.text.trim_end() };
        let cells = run.cells - (run.text.chars().count() - text.chars().count()) as u32;
        let look = run.look;
        let mut style = String::new();
        for (is_set, attribute) in [
            (look.bold, " font-weight=\"bold\""),
            (look.italic, " font-style=\"italic\""),
            (look.underlined, " text-decoration=\"underline\""),
        ] {
            style.push_str(if is_set { attribute } else { "" });
        }
        let _ = writeln!(
            self.texts,
            "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{style}>{}</text>",
            run.x,
            top + BASELINE,
            cells * CELL_WIDTH,
            hex(look.color),
            escaped(text)
        );
    }

    fn shape(&mut self, shape: &Shape, color: Rgb, ground: Rgb, left: u32, top: u32) {
        let (width, height) = (f64::from(CELL_WIDTH), f64::from(CELL_HEIGHT));
        let (left, top) = (f64::from(left), f64::from(top));
        match shape {
            Shape::Shade(part) => {
                let layer = self.layers.entry(mixed(color, ground, *part)).or_default();
                rect(&mut layer.fills, left, top, width, height);
            }
            Shape::Rects(rects) => {
                let layer = self.layers.entry(color).or_default();
                let part = |place: u8, whole: f64| f64::from(place) * whole / f64::from(PARTS);
                for [x0, y0, x1, y1] in rects {
                    let (x, y) = (left + part(*x0, width), top + part(*y0, height));
                    rect(&mut layer.fills, x, y, part(x1 - x0, width), part(y1 - y0, height));
                }
            }
            Shape::Dots(bits) => {
                let layer = self.layers.entry(color).or_default();
                for (side, column) in crate::chart::dots::BITS.iter().enumerate() {
                    for row in (0..4_u8).filter(|row| bits & column[usize::from(*row)] != 0) {
                        let x = left + width * (0.25 + 0.5 * side as f64);
                        let y = top + height * (0.125 + 0.25 * f64::from(row));
                        // A line of no length with round ends is a dot.
                        let _ = write!(layer.dots, "M{x} {y}h0");
                    }
                }
            }
            Shape::Lines(ends) => {
                let layer = self.layers.entry(color).or_default();
                let (x, y) = (left + width / 2.0, top + height / 2.0);
                let ways =
                    [(0.0, -height / 2.0), (0.0, height / 2.0), (-width / 2.0, 0.0), (width / 2.0, 0.0)];
                for (weight, (right, down)) in ends.iter().zip(ways) {
                    let data = if *weight == 2 { &mut layer.heavy } else { &mut layer.light };
                    if *weight > 0 {
                        let _ = write!(data, "M{x} {y}l{right} {down}");
                    }
                }
            }
        }
    }
}

fn rect(path: &mut String, x: f64, y: f64, width: f64, height: f64) {
    let _ = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
}

/// `color` over `ground`, this much of it.
fn mixed(color: Rgb, ground: Rgb, part: f64) -> Rgb {
    let mix = |a: u8, b: u8| (f64::from(b) + (f64::from(a) - f64::from(b)) * part).round() as u8;
    Rgb(mix(color.0, ground.0), mix(color.1, ground.1), mix(color.2, ground.2))
}

fn hex(color: Rgb) -> String {
    format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2)
}

/// Text for an element or an attribute of XML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write these, and no text that came through `text::put` has any.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A terminal's colour in 24 bits: those of its own palette as xterm has them.
fn resolved(color: Color, own: Rgb) -> Rgb {
    let ansi = |index: usize| {
        const ANSI: [Rgb; 16] = [
            Rgb(0, 0, 0),
            Rgb(205, 0, 0),
            Rgb(0, 205, 0),
            Rgb(205, 205, 0),
            Rgb(0, 0, 238),
            Rgb(205, 0, 205),
            Rgb(0, 205, 205),
            Rgb(229, 229, 229),
            Rgb(127, 127, 127),
            Rgb(255, 0, 0),
            Rgb(0, 255, 0),
            Rgb(255, 255, 0),
            Rgb(92, 92, 255),
            Rgb(255, 0, 255),
            Rgb(0, 255, 255),
            Rgb(255, 255, 255),
        ];
        ANSI[index]
    };
    match color {
        Color::Reset => own,
        Color::Rgb(r, g, b) => Rgb(r, g, b),
        Color::Indexed(index) if index < 16 => ansi(index.into()),
        Color::Indexed(index) => crate::theme::indexed(index),
        Color::Black => ansi(0),
        Color::Red => ansi(1),
        Color::Green => ansi(2),
        Color::Yellow => ansi(3),
        Color::Blue => ansi(4),
        Color::Magenta => ansi(5),
        Color::Cyan => ansi(6),
        Color::Gray => ansi(7),
        Color::DarkGray => ansi(8),
        Color::LightRed => ansi(9),
        Color::LightGreen => ansi(10),
        Color::LightYellow => ansi(11),
        Color::LightBlue => ansi(12),
        Color::LightMagenta => ansi(13),
        Color::LightCyan => ansi(14),
        Color::White => ansi(15),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;
    use crate::theme::{Theme, palettes};

    #[test]
    fn a_frame_is_written_as_shapes_and_runs() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 14, 2));
        let theme = Theme::TRUE_COLOR;
        text::put(&mut buffer, 0, 0, "a<b & \"c\"  d", 14, Style::new());
        text::put(&mut buffer, 13, 0, "x", 1, theme.error().add_modifier(Modifier::BOLD));
        text::put(&mut buffer, 0, 1, "⡇█▞░─┤猫é", 9, Style::new().fg(theme.series(0)));
        buffer[(10, 1)].set_char('!').set_style(theme.banner());
        buffer[(11, 1)].set_char('r').set_style(Style::new().add_modifier(Modifier::REVERSED));
        insta::assert_snapshot!(write(&buffer, "T <1>\u{1b}[2J", &palettes::DARK));
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 1));
        text::put(&mut buffer, 0, 0, "</text><script>alert(1)</script>\u{202e}]]>", 60, Style::new());
        let svg = write(&buffer, "\"/><script>", &palettes::LIGHT);
        assert!(!svg.contains("<script"), "{svg}");
    }
}
