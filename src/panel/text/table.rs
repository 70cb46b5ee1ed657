//! Tables of Markdown: columns aligned as their rule says, the widest ones cut where there is no room.

use ratatui::style::{Modifier, Style};

use super::markdown::{Line, Run, inline};
use crate::text;
use crate::theme::{Marker, Theme};

/// Columns of a table; those beyond are counted in the last.
const COLUMNS_LIMIT: usize = 64;
/// Least cells of a column that is cut.
const COLUMN_MIN_CELLS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Left,
    Center,
    Right,
}

/// The cells of a line, at bars that are not escaped.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'|') => {
                characters.next();
                cells.last_mut().expect("one is open").push('|');
            }
            '|' => cells.push(String::new()),
            other => cells.last_mut().expect("one is open").push(other),
        }
    }
    // The bar that closes a line opens no cell.
    if cells.len() > 1 && cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// How the columns are aligned, where `line` is the rule of a table.
fn aligns(line: &str) -> Option<Vec<Align>> {
    if !line.contains('|') {
        return None;
    }
    let align = |cell: &String| {
        let dashes = cell.trim_start_matches(':').trim_end_matches(':');
        let is_rule = !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-');
        is_rule.then_some(match (cell.starts_with(':'), cell.ends_with(':')) {
            (true, true) => Align::Center,
            (false, true) => Align::Right,
            _ => Align::Left,
        })
    };
    cells(line).iter().map(align).collect()
}

/// Lines of the table that `sources` begins with, its heading and its rule included; `None` where there is none.
pub(super) fn rows(sources: &[&str]) -> Option<usize> {
    let [heading, rule, ..] = sources else { return None };
    let columns = aligns(rule).filter(|_| heading.contains('|'))?.len();
    if cells(heading).len() != columns {
        return None;
    }
    Some(2 + sources[2..].iter().take_while(|line| line.contains('|')).count())
}

/// The table that these lines are, in at most `width` cells.
pub(super) fn lines(sources: &[&str], width: usize, theme: Theme) -> Vec<Line> {
    let mut aligns = aligns(sources[1]).unwrap_or_default();
    aligns.truncate(COLUMNS_LIMIT);
    let row = |(index, source): (usize, &&str)| -> Vec<Vec<Run>> {
        let bold = if index == 0 { Modifier::BOLD } else { Modifier::empty() };
        let mut cells = cells(source);
        cells.resize(aligns.len(), String::new());
        cells.iter().map(|cell| inline(cell, theme.text().add_modifier(bold), theme)).collect()
    };
    let sources = sources.iter().enumerate().filter(|(index, _)| *index != 1);
    let rows: Vec<Vec<Vec<Run>>> = sources.map(|(index, source)| row((index, source))).collect();
    let cell_width = |runs: &Vec<Run>| runs.iter().map(|run| text::width(&run.text)).sum::<usize>();
    let natural = (0..aligns.len()).map(|column| rows.iter().map(|row| cell_width(&row[column])).max());
    let natural: Vec<usize> = natural.map(|width| width.unwrap_or(0).max(1)).collect();
    let widths = fitted(natural, width);
    let (bar, dash, cross) =
        if theme.marker == Marker::Ascii { (" | ", "-", "-+-") } else { (" │ ", "─", "─┼─") };
    let mut lines = Vec::with_capacity(rows.len() + 1);
    for (index, row) in rows.into_iter().enumerate() {
        let mut line = Line::new();
        for (column, runs) in row.into_iter().enumerate().take(widths.len()) {
            if column > 0 {
                line.push(Run { text: bar.to_owned(), style: theme.rule() });
            }
            put(runs, widths[column], aligns[column], column + 1 == widths.len(), &mut line);
        }
        lines.push(line);
        if index == 0 {
            let dashes: Vec<String> = widths.iter().map(|width| dash.repeat(*width)).collect();
            lines.push(vec![Run { text: dashes.join(cross), style: theme.rule() }]);
        }
    }
    lines
}

/// Widths of the columns for a table of `width` cells: the widest are cut, and the last left out when that is not enough.
fn fitted(mut widths: Vec<usize>, width: usize) -> Vec<usize> {
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + 3 * widths.len().saturating_sub(1);
    while total(&widths) > width {
        let widest = widths.iter().copied().enumerate().max_by_key(|(index, width)| (*width, *index));
        match widest {
            Some((index, cells)) if cells > COLUMN_MIN_CELLS => {
                let over = total(&widths) - width;
                let second = widths.iter().copied().filter(|other| *other < cells).max().unwrap_or(0);
                let to = second.max(COLUMN_MIN_CELLS).max(cells.saturating_sub(over));
                widths[index] = to.min(cells - 1);
            }
            // What is left out shows: the line goes on to the edge, where it is cut.
            _ => break,
        }
    }
    widths
}

/// Appends the runs of a cell of `width` cells; blanks behind the last cell of a line are left out.
fn put(runs: Vec<Run>, width: usize, align: Align, is_last: bool, line: &mut Line) {
    let used: usize = runs.iter().map(|run| text::width(&run.text)).sum();
    let free = width.saturating_sub(used);
    let before = match align {
        Align::Left => 0,
        Align::Center => free / 2,
        Align::Right => free,
    };
    let blank = |cells: usize| Run { text: " ".repeat(cells), style: Style::new() };
    line.push(blank(before));
    let mut room = width;
    for run in runs {
        let cells = text::width(&run.text);
        if used <= width || cells < room {
            room = room.saturating_sub(cells);
            line.push(run);
            continue;
        }
        // The sign of a cut stands at the end of the cell, whichever run is there.
        let cut = text::fit(&format!("{}{}", run.text, text::ELLIPSIS), room).into_owned();
        line.push(Run { text: cut, style: run.style });
        break;
    }
    if !is_last {
        line.push(blank(free - before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(source: &str, width: usize) -> Vec<String> {
        let sources: Vec<&str> = source.lines().collect();
        let rows = rows(&sources).expect("a table");
        let text = |line: Line| line.into_iter().map(|run| run.text).collect::<String>();
        lines(&sources[..rows], width, Theme::PLAIN).into_iter().map(text).collect()
    }

    const TABLE: &str = "| Service | Port | On call |\n|:--|--:|:-:|\n| api | 8080 | **Ada** |\n| `cat-facts` | 80 | Bo \\| Cy |\nbehind";

    #[test]
    fn columns_are_aligned() {
        assert_eq!(
            drawn(TABLE, 40),
            [
                "Service   │ Port │ On call",
                "──────────┼──────┼────────",
                "api       │ 8080 │   Ada",
                "cat-facts │   80 │ Bo | Cy",
            ]
        );
    }

    #[test]
    fn the_widest_column_is_cut_first_and_that_shows() {
        assert_eq!(
            drawn(TABLE, 22),
            [
                "Service │ Port │ On c…",
                "────────┼──────┼──────",
                "api     │ 8080 │  Ada",
                "cat-fa… │   80 │ Bo |…"
            ]
        );
        assert_eq!(drawn("a|b\n-|-\n1|2", 1)[0], "a │ b", "the panel cuts what is wider than itself");
    }

    #[test]
    fn what_has_no_rule_is_no_table() {
        assert_eq!(rows(&["a | b", "c | d"]), None);
        assert_eq!(rows(&["a | b", "--- | --- | ---"]), None, "one more column than the heading has");
        assert_eq!(rows(&["a", "---"]), None, "a heading");
        assert_eq!(rows(&["a | b", "--- | ---", "1 | 2", "", "3 | 4"]), Some(3));
    }
}
