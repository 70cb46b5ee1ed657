//! Lanes of states over time: blocks with their text, told apart by colour, and by pattern where colours are missing
//! or shared.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put_symbol;
use super::scale::TimeScale;
use crate::series::Grid;
use crate::text;
use crate::theme::{ColorDepth, Ink, Theme};

/// What blocks are made of where colour does not tell states apart; the first is solid.
const PATTERNS: [char; 10] = ['█', '░', '▒', '▓', '╱', '╳', '═', '┃', '▚', '∙'];
const PATTERNS_ASCII: [char; 10] = ['#', '.', '=', '+', '/', 'x', '-', 'o', '%', '~'];
/// Blank cells between entries of the legend.
const GAP_CELLS: u16 = 2;
/// Cells of a cut text that are worth showing.
const CUT_MIN_CELLS: u16 = 4;

/// How one state is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    ink: Ink,
    symbol: char,
    style: Style,
    text: Style,
    /// A pattern, which text needs a blank beside to be read.
    is_pattern: bool,
}

impl Paint {
    /// What a whole cell of it shows.
    pub fn symbol(&self) -> char {
        self.symbol
    }

    /// How a whole cell of it is drawn.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Its colour.
    pub fn ink(&self) -> Ink {
        self.ink
    }

    /// Whether it is a full block, of which there are parts.
    pub fn is_solid(&self) -> bool {
        self.symbol == PATTERNS[0]
    }
}

/// Paints that differ from each other, for states of these colours: the first of a colour is solid, others of it are
/// patterns. Patterns repeat after ten.
pub fn paints(inks: &[Ink], theme: &Theme) -> Vec<Paint> {
    let patterns = if theme.is_ascii() { &PATTERNS_ASCII } else { &PATTERNS };
    let is_plain = theme.depth == ColorDepth::None;
    let paint = |(index, ink): (usize, &Ink)| {
        let earlier = inks[..index].iter().filter(|other| is_plain || theme.ink(**other) == theme.ink(*ink));
        let level = earlier.count() % patterns.len();
        let symbol = patterns[level];
        if is_plain {
            return Paint { ink: *ink, symbol, style: Style::new(), text: theme.letter(), is_pattern: true };
        }
        let is_pattern = level > 0 || theme.is_ascii();
        let style = if is_pattern { Style::new().fg(theme.ink(*ink)) } else { theme.filled(*ink) };
        let text = if is_pattern { style.patch(theme.letter()) } else { theme.on(*ink) };
        Paint { ink: *ink, symbol, style, text, is_pattern }
    };
    inks.iter().enumerate().map(paint).collect()
}

/// How long a sample holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Until the next one: a state lasts until it is known to have changed.
    UntilNext,
    /// Half a step to either side.
    Around,
}

/// Columns of one state; a gap is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// First column.
    pub from: u16,
    /// Behind the last.
    pub to: u16,
    /// The state.
    pub state: usize,
    /// The point of the grid that the block begins with.
    pub point: usize,
}

/// The blocks of a lane whose points have these states; `None` is a gap. Of several points in a column the one is
/// shown whose state the lane has least of, so that no short outage is lost. Equal neighbours are one block where
/// `merge`.
pub fn blocks(
    grid: &Grid,
    states: &[Option<usize>],
    scale: &TimeScale,
    hold: Hold,
    merge: bool,
) -> Vec<Block> {
    let mut counts = vec![0_usize; states.iter().flatten().max().map_or(0, |most| most + 1)];
    states.iter().flatten().for_each(|state| counts[*state] += 1);
    let mut columns: Vec<Option<(usize, usize)>> = vec![None; usize::from(scale.columns())];
    // Points of the same column, the last of which reaches beyond it.
    let mut first_in: Option<i32> = None;
    for (point, state) in states.iter().enumerate().take(grid.len) {
        let time_ms = grid.time_ms(point);
        let (from, to) = match hold {
            Hold::UntilNext => (scale.column(time_ms), scale.column(time_ms.saturating_add(grid.step_ms))),
            Hold::Around => {
                let from_ms = time_ms.saturating_sub(grid.step_ms / 2);
                (scale.column(from_ms), scale.column(from_ms.saturating_add(grid.step_ms)))
            }
        };
        let is_shared = first_in == Some(from);
        first_in = Some(from);
        for column in from.max(0)..to.max(from + 1).min(i32::from(scale.columns())) {
            let slot = &mut columns[column as usize];
            let Some(state) = *state else {
                // A gap hides no state, but it ends what reaches into its column.
                if !is_shared {
                    *slot = None;
                }
                continue;
            };
            let keeps = |(other, _): (usize, usize)| counts[other] <= counts[state];
            if !(is_shared && column == from && slot.is_some_and(keeps)) {
                *slot = Some((state, point));
            }
        }
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (column, slot) in columns.into_iter().enumerate() {
        let Some((state, point)) = slot else { continue };
        let column = column as u16;
        match blocks.last_mut() {
            Some(last) if last.to == column && last.state == state && (merge || last.point == point) => {
                last.to = column + 1;
            }
            _ => blocks.push(Block { from: column, to: column + 1, state, point }),
        }
    }
    blocks
}

/// Draws one block over all lines of `area`, with `label` in the middle line, at its left, where there is room for it.
pub fn draw_block(paint: &Paint, label: &str, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for position in area.positions() {
        put_symbol(buffer, position.x, position.y, paint.symbol, paint.style);
    }
    let wanted = text::width(label).min(999) as u16;
    let blanks = if paint.is_pattern { 2 } else { 0 };
    let room = area.width.saturating_sub(blanks);
    if area.height == 0 || wanted == 0 || (room < wanted && room < CUT_MIN_CELLS) {
        return;
    }
    let used = wanted.min(room) + blanks;
    let x = area.x + u16::from(used + 2 <= area.width);
    let y = area.y + (area.height - 1) / 2;
    if paint.is_pattern {
        for blank in [x, x + used - 1] {
            put_symbol(buffer, blank, y, ' ', Style::reset());
        }
        let style = Style::reset().patch(paint.text);
        text::put(buffer, x + 1, y, label, room, style);
    } else {
        text::put(buffer, x, y, label, room, paint.text);
    }
}

/// Draws what the paints stand for into the first line of `area`; what does not fit is counted.
pub fn draw_legend(entries: &[(&str, Paint)], theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let mut x = area.x;
    for (index, (name, paint)) in entries.iter().enumerate() {
        let more = format!("+{} more", entries.len() - index);
        let rest = format!("+{} more", entries.len() - index - 1);
        let is_last = index + 1 == entries.len();
        let reserve = if is_last { 0 } else { GAP_CELLS + rest.len() as u16 };
        let room = area.right().saturating_sub(x);
        let name_cells = text::width(name).min(999) as u16;
        let cut = room.saturating_sub(2 + reserve);
        // The first entry is cut rather than left out.
        if cut < name_cells && (index > 0 || cut < CUT_MIN_CELLS) {
            text::put(buffer, x, area.y, &more, room, theme.dim());
            return;
        }
        put_symbol(buffer, x, area.y, paint.symbol, paint.style);
        x = text::put(buffer, x + 2, area.y, name, cut, theme.text()) + GAP_CELLS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Rgb;
    use crate::time_range::Span;

    const GRID: Grid = Grid { start_ms: 0, step_ms: 10, len: 5 };

    fn of(width: u16, states: [Option<usize>; 5], hold: Hold, merge: bool) -> Vec<(u16, u16, usize)> {
        let scale = TimeScale::new(Span { start_ms: 0, end_ms: 40 }, width);
        blocks(&GRID, &states, &scale, hold, merge)
            .into_iter()
            .map(|block| (block.from, block.to, block.state))
            .collect()
    }

    #[test]
    fn a_state_holds_until_the_next_sample_and_a_gap_ends_it() {
        let states = [Some(0), Some(0), Some(1), None, Some(0)];
        assert_eq!(of(9, states, Hold::UntilNext, true), [(0, 4, 0), (4, 6, 1), (8, 9, 0)]);
        assert_eq!(of(9, states, Hold::UntilNext, false), [(0, 2, 0), (2, 4, 0), (4, 6, 1), (8, 9, 0)]);
        assert_eq!(of(9, states, Hold::Around, true), [(0, 3, 0), (3, 5, 1), (7, 9, 0)]);
    }

    #[test]
    fn the_rarest_state_of_a_column_is_shown() {
        let states = [Some(0), Some(1), Some(0), Some(0), Some(0)];
        assert_eq!(of(2, states, Hold::UntilNext, true), [(0, 1, 1), (1, 2, 0)]);
        assert_eq!(of(1, states, Hold::UntilNext, true), [(0, 1, 1)]);
        assert_eq!(of(0, states, Hold::UntilNext, true), []);
        let gap = [Some(0), None, Some(0), None, None];
        assert_eq!(of(2, gap, Hold::UntilNext, true), [(0, 2, 0)]);
    }

    #[test]
    fn states_of_one_colour_and_all_without_colour_differ_by_pattern() {
        let (green, red) = (Ink::Fixed(Rgb(0, 200, 0)), Ink::Fixed(Rgb(200, 0, 0)));
        for theme in [Theme::PLAIN, Theme::TRUE_COLOR, Theme { depth: ColorDepth::Ansi16, ..Theme::PLAIN }] {
            let all = paints(&[green, red, green, red], &theme);
            for (index, paint) in all.iter().enumerate() {
                assert!(!all[..index].contains(paint), "{index} of {theme:?}");
            }
        }
        assert!(!paints(&[green, red], &Theme::TRUE_COLOR)[1].is_pattern);
    }
}
