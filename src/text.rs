//! Text on its way to the screen: cleaned of what could deceive a terminal, cut to a width with a visible sign.
//!
//! Every string that reaches the Buffer goes through [`put`]; no other module calls `set_string` (a test in
//! `tests/architecture.rs` looks). Label values, titles, server messages and file names are all untrusted here.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The sign that something was cut off.
pub const ELLIPSIS: &str = "…";
/// Fewer bytes that names have in common are not worth a sign.
const SHARED_MIN_BYTES: usize = 4;
/// Nor is a beginning that is shorter than this worth its cells.
const HEAD_MIN_CELLS: usize = 3;

/// Longest text in characters that is looked at; the rest could not be on any screen and is cut.
pub const TEXT_LIMIT_CHARS: usize = 4_096;

/// Combining marks kept on one base character, so that a label cannot paint over its neighbours.
const COMBINING_LIMIT: usize = 2;

/// Whether every byte of `text` is a character of its own, one cell wide and clean.
fn is_plain(text: &str) -> bool {
    text.len() <= TEXT_LIMIT_CHARS && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Removes control characters (C0, C1), bidirectional overrides, zero-width, tag and filler characters; white
/// space of any kind becomes one plain space a character. Text that is clean already is borrowed.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let mut cleaned = String::with_capacity(text.len().min(TEXT_LIMIT_CHARS));
    for character in text.chars().take(TEXT_LIMIT_CHARS) {
        if character.is_whitespace() {
            marks = 0;
            cleaned.push(' ');
            continue;
        }
        match character.width() {
            None => {}
            Some(0) => {
                marks += 1;
                if marks <= COMBINING_LIMIT && !is_invisible(character) && !cleaned.is_empty() {
                    cleaned.push(character);
                }
            }
            Some(_) if is_invisible(character) => {}
            Some(_) => {
                marks = 0;
                cleaned.push(character);
            }
        }
    }
    Cow::Owned(cleaned)
}

/// Characters that show nothing or change how their neighbours are laid out.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Cells that `text` takes once cleaned.
pub fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { clean(text).width() }
}

/// Cleans `text` and cuts it to `max` cells; a cut text ends in [`ELLIPSIS`].
pub fn fit(text: &str, max: usize) -> Cow<'_, str> {
    if is_plain(text) && text.len() <= max {
        return Cow::Borrowed(text);
    }
    let text = clean(text);
    if text.width() <= max {
        return text;
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    let mut cut = String::new();
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > max - 1 {
            break;
        }
        cut.push_str(grapheme);
    }
    cut.push_str(ELLIPSIS);
    Cow::Owned(cut)
}

/// Bytes that all of `names` begin with, up to where a label, a word or a part of a path begins; 0 for fewer than two
/// names, and where that would save nothing.
pub fn shared_start<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    let mut names = names.into_iter();
    let Some(first) = names.next() else { return 0 };
    let mut shared = None;
    for name in names {
        let both = first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        shared = Some(shared.map_or(both, |shared: usize| shared.min(both)));
    }
    let shared = shared.unwrap_or(0);
    let is_end = |end: &usize| {
        let before = first[..*end].chars().next_back();
        before.is_some_and(|before| matches!(before, '{' | ',' | ' ' | '/' | ':' | '.' | '-' | '_' | '|'))
    };
    let ends = (SHARED_MIN_BYTES..=shared).rev().filter(|end| first.is_char_boundary(*end));
    ends.into_iter().find(is_end).unwrap_or(0)
}

/// [`fit`] for a name that has `shared` bytes in common with all the others beside it: they are what is cut first, as
/// names that are cut at their ends would all look alike. Of what they share, the beginning stays where it has room.
pub fn fit_apart(name: &str, shared: usize, max: usize) -> Cow<'_, str> {
    match name.get(shared..) {
        Some(own) if shared > 0 && !own.trim().is_empty() && width(name) > max => {
            let own = own.trim_start();
            let room = max.saturating_sub(width(own) + 1);
            let head = if room < HEAD_MIN_CELLS { Cow::Borrowed("") } else { fit(&name[..shared], room + 1) };
            let head = head.trim_end_matches(ELLIPSIS).trim_end();
            Cow::Owned(fit(&format!("{head}{ELLIPSIS}{own}"), max).into_owned())
        }
        _ => fit(name, max),
    }
}

/// Writes `text`, cleaned and cut to `max` cells, at (`x`, `y`); returns the column behind it. What lies outside
/// the buffer is not written.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, text: &str, max: u16, style: Style) -> u16 {
    let area = buffer.area;
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return x;
    }
    let max = max.min(area.right() - x);
    if is_plain(text) && text.len() <= usize::from(max) {
        // Nearly every text; no need to look for characters that belong together.
        for (x, byte) in (x..).zip(text.bytes()) {
            buffer[(x, y)].set_char(char::from(byte)).set_style(style);
        }
        return x + text.len() as u16;
    }
    let text = fit(text, usize::from(max));
    buffer.set_stringn(x, y, &text, usize::from(max), style).0
}

/// Breaks `text` into lines of at most `max` cells at spaces, words longer than a line being broken; at most
/// `lines` lines, of which the last ends in [`ELLIPSIS`] when something is left over. Line feeds break too.
pub fn wrap(text: &str, max: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    if max == 0 || lines == 0 {
        return wrapped;
    }
    for paragraph in text.lines() {
        let paragraph = clean(paragraph);
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let joined = line.width() + usize::from(!line.is_empty()) + word.width();
            if !line.is_empty() && joined > max {
                wrapped.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            for grapheme in word.graphemes(true) {
                if line.width() + grapheme.width() > max {
                    wrapped.push(std::mem::take(&mut line));
                }
                line.push_str(grapheme);
            }
        }
        wrapped.push(line);
        if wrapped.len() > lines {
            break;
        }
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            // A line that was full is one cell too long then, and loses its end to the sign.
            last.push_str(ELLIPSIS);
            *last = fit(last, max).into_owned();
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_loses_its_teeth() {
        assert_eq!(clean("a\u{1b}[31mb\u{9b}0m\u{7f}"), "a[31mb0m");
        assert_eq!(clean("x\u{202e}y\u{2066}z\u{200b}\u{200d}\u{feff}\u{ad}\u{e0041}"), "xyz");
        assert_eq!(clean("a\tb\r\nc\u{2028}d\u{a0}e"), "a b  c d e");
        assert_eq!(clean("e\u{301}\u{301}\u{301}\u{301}"), "e\u{301}\u{301}");
        assert!(matches!(clean("plain"), Cow::Borrowed(_)));
        assert_eq!(clean(&"x".repeat(100_000)).len(), TEXT_LIMIT_CHARS);
    }

    #[test]
    fn a_cut_is_shown() {
        assert_eq!(fit("latency", 7), "latency");
        assert_eq!(fit("latency", 4), "lat…");
        assert_eq!(fit("猫猫猫", 4), "猫…");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn put_stays_inside_the_buffer() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(2, 1, 4, 1));
        assert_eq!(put(&mut buffer, 4, 1, "wide", 99, Style::new()), 6);
        assert_eq!(put(&mut buffer, 0, 0, "x", 9, Style::new()), 0);
        assert_eq!(buffer, Buffer::with_lines(["  w…"]).tap_area(2, 1));
    }

    #[test]
    fn wrapping_keeps_words_and_says_what_is_left() {
        assert_eq!(wrap("one two three", 7, 9), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3, 9), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("one two three four", 7, 1), ["one tw…"]);
        assert_eq!(wrap("one three four", 7, 1), ["one…"]);
        assert_eq!(wrap("a\nb", 7, 9), ["a", "b"]);
    }

    trait TapArea {
        fn tap_area(self, x: u16, y: u16) -> Self;
    }

    impl TapArea for Buffer {
        fn tap_area(mut self, x: u16, y: u16) -> Self {
            (self.area.x, self.area.y) = (x, y);
            self
        }
    }

    #[test]
    fn names_that_are_cut_keep_what_tells_them_apart() {
        let names = [r#"depth{job="bench",queue="mail"}"#, r#"depth{job="bench",queue="dlq"}"#];
        let shared = shared_start(names);
        assert_eq!(fit_apart(names[0], shared, 31), names[0]);
        assert_eq!(fit_apart(names[0], shared, 30), r#"depth{job="bench…queue="mail"}"#);
        assert_eq!(fit_apart(names[0], shared, 16), r#"…queue="mail"}"#);
        assert_eq!(fit_apart(names[1], shared, 10), r#"…queue="d…"#);
        assert_eq!(
            [&names[..1], &["a", "b"], &["api 1", "api 2"], &[]]
                .map(|names| shared_start(names.iter().copied())),
            [0, 0, 4, 0]
        );
        // Nothing would be left of the first.
        let names = ["a/path/", "a/path/b"];
        assert_eq!(fit_apart(names[0], shared_start(names), 4), "a/p…");
        assert_eq!(shared_start(["größe 1", "größe 2"]), "größe ".len());
    }
}
