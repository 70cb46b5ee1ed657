//! Bars of several parts, standing or lying, to the eighth of a cell where colours allow it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::bar::{LEFT_EIGHTHS, LOWER_EIGHTHS};
use super::lanes::Paint;
use super::put_symbol;
use crate::theme::{ColorDepth, Marker, Theme};

/// A part of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Where it begins, from 0 (bottom, left) to 1 (top, right).
    pub from: f64,
    /// Where it ends; as large as `from` or larger.
    pub to: f64,
    /// What it is drawn with.
    pub paint: Paint,
}

/// Draws parts from the bottom up over all columns of `area`.
pub fn standing(parts: &[Part], theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for (line, (symbol, style)) in cells(parts, area.height, &LOWER_EIGHTHS, theme).into_iter().enumerate() {
        for x in area.left()..area.right() {
            put_symbol(buffer, x, area.bottom() - 1 - line as u16, symbol, style);
        }
    }
}

/// Draws parts from left to right over all lines of `area`.
pub fn lying(parts: &[Part], theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for (column, (symbol, style)) in cells(parts, area.width, &LEFT_EIGHTHS, theme).into_iter().enumerate() {
        for y in area.top()..area.bottom() {
            put_symbol(buffer, area.x + column as u16, y, symbol, style);
        }
    }
}

/// The eighths that a part covers.
#[derive(Clone, Copy)]
struct Covered {
    from: i64,
    to: i64,
    paint: Paint,
}

fn cells(parts: &[Part], count: u16, eighths: &[char; 9], theme: &Theme) -> Vec<(char, Style)> {
    let whole = i64::from(count) * 8;
    let at = |ratio: f64| (ratio.clamp(0.0, 1.0) * whole as f64).round() as i64;
    let covered: Vec<Covered> = parts
        .iter()
        .filter(|part| part.from.is_finite() && part.to.is_finite() && part.to > part.from)
        .map(|part| {
            let (from, to) = (at(part.from), at(part.to));
            // A little is not nothing.
            let (from, to) =
                if from < to { (from, to) } else { (from.min(whole - 1), from.min(whole - 1) + 1) };
            Covered { from, to, paint: part.paint }
        })
        .collect();
    (0..i64::from(count)).map(|cell| one(&covered, cell * 8, eighths, theme)).collect()
}

fn one(parts: &[Covered], start: i64, eighths: &[char; 9], theme: &Theme) -> (char, Style) {
    let end = start + 8;
    let inside: Vec<Covered> = parts
        .iter()
        .filter(|part| part.from < end && part.to > start)
        .map(|part| Covered { from: part.from.max(start) - start, to: part.to.min(end) - start, ..*part })
        .collect();
    let Some(most) = inside.iter().copied().max_by_key(|part| part.to - part.from) else {
        return (' ', Style::new());
    };
    let (low, high) = inside.iter().fold((8, 0), |(low, high), part| (part.from.min(low), part.to.max(high)));
    let is_short = parts.iter().map(|part| part.to - part.from).sum::<i64>() < 8;
    if theme.is_ascii() {
        let is_drawn = high - low >= 4 || is_short;
        return if is_drawn { (most.paint.symbol(), most.paint.style()) } else { (' ', Style::new()) };
    }
    if low == 0 && high == 8 {
        let lowest = inside.iter().find(|part| part.from == 0).copied().unwrap_or(most);
        let is_boundary = lowest.to < 8 && inside.iter().any(|part| part.from >= lowest.to);
        let upper =
            inside.iter().copied().filter(|part| part.from >= lowest.to).max_by_key(|p| p.to - p.from);
        return match upper.filter(|_| is_boundary && theme.depth != ColorDepth::None) {
            Some(upper) if lowest.paint.is_solid() && upper.paint.is_solid() => {
                let style = Style::new().fg(theme.ink(lowest.paint.ink())).bg(theme.ink(upper.paint.ink()));
                (eighths[rounded(lowest.to, theme) as usize], style)
            }
            _ => (most.paint.symbol(), most.paint.style()),
        };
    }
    if !most.paint.is_solid() && (high - low >= 4 || !is_short) {
        return if high - low >= 4 { (most.paint.symbol(), most.paint.style()) } else { (' ', Style::new()) };
    }
    let ink = match theme.depth {
        ColorDepth::None => Style::new(),
        _ => Style::new().fg(theme.ink(most.paint.ink())),
    };
    if low == 0 {
        return (eighths[rounded(high, theme).max(1) as usize], ink);
    }
    // There are no upper or right eighths: the rest is drawn, with the colours exchanged.
    match rounded(low, theme) {
        0 => ('█', ink),
        8 => (' ', Style::new()),
        low => (eighths[low as usize], ink.add_modifier(Modifier::REVERSED)),
    }
}

/// Eighths, or halves where the font has no more.
fn rounded(eighths: i64, theme: &Theme) -> i64 {
    if theme.marker == Marker::HalfBlock { (eighths + 2) / 4 * 4 } else { eighths }
}

#[cfg(test)]
mod tests {
    use super::super::lanes::paints;
    use super::*;
    use crate::theme::Ink;

    fn column(theme: Theme, parts: &[(f64, f64)]) -> (String, Buffer) {
        let inks: Vec<Ink> = (0..parts.len()).map(Ink::Series).collect();
        let parts: Vec<Part> = parts
            .iter()
            .zip(paints(&inks, &theme))
            .map(|((from, to), paint)| Part { from: *from, to: *to, paint })
            .collect();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        let area = buffer.area;
        lying(&parts, &theme, area, &mut buffer);
        (buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect(), buffer)
    }

    #[test]
    fn parts_stand_behind_each_other() {
        assert_eq!(column(Theme::PLAIN, &[(0.0, 0.5), (0.5, 1.0)]).0, "████░░░░");
        assert_eq!(column(Theme::PLAIN, &[(0.0, 0.3)]).0, "██▍     ");
        assert_eq!(column(Theme::PLAIN, &[(0.0, 1e-9)]).0, "▏       ");
        assert_eq!(column(Theme::PLAIN, &[(0.0, f64::NAN), (0.9, 0.1)]).0, "        ");
        let ascii = Theme { marker: Marker::Ascii, ..Theme::PLAIN };
        assert_eq!(column(ascii, &[(0.0, 0.5), (0.5, 0.8)]).0, "####..  ");
    }

    #[test]
    fn a_cell_of_two_parts_has_both_colours() {
        let (text, buffer) = column(Theme::TRUE_COLOR, &[(0.0, 0.3125), (0.3125, 1.0)]);
        assert_eq!(text, "██▌█████");
        let theme = Theme::TRUE_COLOR;
        assert_eq!((buffer[(2, 0)].fg, buffer[(2, 0)].bg), (theme.series(0), theme.series(1)));
    }
}
