//! Bytes of a terminal to keys and mouse events.
//!
//! Its own decoder instead of crossterm's reader, which spins for ever at the end of input, blocks in the middle of
//! a sequence and takes the first half of a split one for the Esc key. It knows the sequences that xterm, the Linux
//! console, rxvt, tmux and screen send in the modes that [`super::terminal`] sets, and skips all others whole, so
//! that an answer of the terminal to somebody else's question never acts as keys.

use std::str;
use std::time::Duration;

use crate::app::{Key, KeyCode, Mouse, MouseKind};

/// How long a lone Esc may be the start of a sequence; a person does not notice it, a network packet arrives in it.
const ESCAPE_WAIT: Duration = Duration::from_millis(50);

/// How long the rest of a sequence may be under way, once it is certain to be one.
const SEQUENCE_WAIT: Duration = Duration::from_millis(500);

/// How long a paste may pause before its end is taken to be lost.
const PASTE_WAIT: Duration = Duration::from_secs(2);

/// Longest control sequence that is kept; what is longer is dropped.
const SEQUENCE_LIMIT_BYTES: usize = 64;

/// Longest string (an answer of the terminal) that is skipped as such.
const STRING_LIMIT_BYTES: usize = 4_096;

/// Numbers looked at in one control sequence.
const PARAMETERS_LIMIT: usize = 8;

const ESC: u8 = 0x1b;

/// A key or a mouse event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// A key.
    Key(Key),
    /// The mouse.
    Mouse(Mouse),
}

/// Where in a sequence the decoder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ground,
    /// Behind ESC.
    Escape,
    /// Behind `ESC [`; the bytes are in `pending`.
    Control,
    /// Behind `ESC [[`, the Linux console's first five function keys.
    Console,
    /// Behind `ESC O`.
    Shift3,
    /// In a string that ends by BEL or `ESC \`; this many bytes of it were seen.
    Text(usize, u8),
    /// In pasted text, which ends by `ESC [201~`; this many bytes of that were seen.
    Paste(usize),
    /// In a character of several bytes.
    Character,
}

/// Turns bytes into events, however they are cut into pieces.
#[derive(Debug)]
pub struct Decoder {
    place: Place,
    pending: Vec<u8>,
    /// ESC stood before the character under way.
    alt: bool,
    /// Behind an ESC inside a string.
    string_escape: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            place: Place::Ground,
            pending: Vec::with_capacity(SEQUENCE_LIMIT_BYTES),
            alt: false,
            string_escape: false,
        }
    }
}

impl Decoder {
    /// How long to wait for more bytes before [`Self::flush`] has to be called; `None` when nothing is under way.
    pub fn wait(&self) -> Option<Duration> {
        match self.place {
            Place::Ground => None,
            Place::Paste(_) => Some(PASTE_WAIT),
            Place::Control if !self.pending.is_empty() => Some(SEQUENCE_WAIT),
            Place::Escape | Place::Shift3 | Place::Control | Place::Text(0, _) => Some(ESCAPE_WAIT),
            Place::Console | Place::Text(..) | Place::Character => Some(SEQUENCE_WAIT),
        }
    }

    /// Takes bytes and calls `found` for each event they complete.
    pub fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Decoded)) {
        for byte in bytes {
            self.step(*byte, found);
        }
    }

    /// No more bytes came within [`Self::wait`]: what is under way is what it looks like so far.
    pub fn flush(&mut self, found: &mut impl FnMut(Decoded)) {
        let alt = |character: char| Decoded::Key(Key { alt: true, ..Key::char(character) });
        match self.place {
            Place::Escape => found(Decoded::Key(Key::plain(KeyCode::Esc))),
            Place::Control if self.pending.is_empty() => found(alt('[')),
            Place::Shift3 => found(alt('O')),
            Place::Text(0, introducer) => found(alt(char::from(introducer))),
            _ => {}
        }
        self.ground();
    }

    fn ground(&mut self) {
        self.place = Place::Ground;
        self.pending.clear();
        self.alt = false;
        self.string_escape = false;
    }

    fn step(&mut self, byte: u8, found: &mut impl FnMut(Decoded)) {
        match self.place {
            Place::Ground => self.begin(byte, found),
            Place::Escape => self.escape(byte, found),
            Place::Control => self.control(byte, found),
            Place::Console => {
                self.ground();
                if let b'A'..=b'E' = byte {
                    found(Decoded::Key(Key::plain(KeyCode::F(1 + byte - b'A'))));
                }
            }
            Place::Shift3 => {
                self.ground();
                if let Some(code) = shift3(byte) {
                    found(Decoded::Key(Key::plain(code)));
                }
            }
            Place::Text(seen, introducer) => self.string(byte, seen, introducer),
            Place::Paste(seen) => {
                const END: &[u8] = b"\x1b[201~";
                let seen = if END[seen] == byte { seen + 1 } else { usize::from(byte == ESC) };
                self.place = if seen == END.len() { Place::Ground } else { Place::Paste(seen) };
            }
            Place::Character => self.character(byte, found),
        }
    }

    fn begin(&mut self, byte: u8, found: &mut impl FnMut(Decoded)) {
        match byte {
            ESC => self.place = Place::Escape,
            0x80.. => self.character(byte, found),
            _ => {
                let alt = std::mem::take(&mut self.alt);
                found(Decoded::Key(Key { alt, ..ascii(byte) }));
            }
        }
    }

    fn escape(&mut self, byte: u8, found: &mut impl FnMut(Decoded)) {
        match byte {
            b'[' => self.place = Place::Control,
            b'O' => self.place = Place::Shift3,
            b']' | b'P' | b'_' | b'^' | b'X' => self.place = Place::Text(0, byte),
            // Two in a row: the first was a key of its own, the second may begin something.
            ESC => found(Decoded::Key(Key::plain(KeyCode::Esc))),
            _ => {
                self.ground();
                self.alt = true;
                self.begin(byte, found);
            }
        }
    }

    fn control(&mut self, byte: u8, found: &mut impl FnMut(Decoded)) {
        match byte {
            b'[' if self.pending.is_empty() => self.place = Place::Console,
            0x20..=0x3f => {
                if self.pending.len() < SEQUENCE_LIMIT_BYTES {
                    self.pending.push(byte);
                }
            }
            0x40..=0x7e => {
                let decoded = sequence(&self.pending, byte);
                let paste = byte == b'~' && self.pending == b"200";
                self.ground();
                if paste {
                    self.place = Place::Paste(0);
                } else if let Some(decoded) = decoded {
                    found(decoded);
                }
            }
            ESC => {
                self.ground();
                self.place = Place::Escape;
            }
            _ => self.ground(),
        }
    }

    fn string(&mut self, byte: u8, seen: usize, introducer: u8) {
        let ends = byte == 0x07 || (self.string_escape && byte == b'\\') || seen >= STRING_LIMIT_BYTES;
        self.string_escape = byte == ESC;
        if ends {
            self.ground();
        } else {
            self.place = Place::Text(seen + 1, introducer);
        }
    }

    fn character(&mut self, byte: u8, found: &mut impl FnMut(Decoded)) {
        if !self.pending.is_empty() && byte < 0x80 {
            // A broken character; the byte itself is sound.
            self.ground();
            self.begin(byte, found);
            return;
        }
        self.pending.push(byte);
        self.place = Place::Character;
        match str::from_utf8(&self.pending) {
            Ok(text) => {
                let character = text.chars().next().filter(|character| !character.is_control());
                let alt = self.alt;
                self.ground();
                if let Some(character) = character {
                    found(Decoded::Key(Key { alt, ..Key::char(character) }));
                }
            }
            Err(error) if error.error_len().is_some() => self.ground(),
            Err(_) => {}
        }
    }
}

/// A byte below 0x80, ESC excepted.
fn ascii(byte: u8) -> Key {
    match byte {
        0x00 => Key::ctrl(' '),
        b'\t' => Key::plain(KeyCode::Tab),
        b'\r' => Key::plain(KeyCode::Enter),
        0x08 | 0x7f => Key::plain(KeyCode::Backspace),
        0x01..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        0x1b..=0x1f => Key::ctrl(char::from(byte - 0x1b + b'[')),
        _ => Key::char(char::from(byte)),
    }
}

/// Behind `ESC O`.
fn shift3(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(1 + byte - b'P'),
        _ => return letter(byte),
    })
}

/// The final letters that cursor keys share in both kinds of sequences.
fn letter(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        _ => return None,
    })
}

/// The numbers before `~`.
fn tilde(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23..=24 => KeyCode::F(number as u8 - 12),
        _ => return None,
    })
}

/// A whole control sequence: what stood between `ESC [` and its last byte.
fn sequence(body: &[u8], last: u8) -> Option<Decoded> {
    if let Some(report) = body.strip_prefix(b"<") {
        return mouse(numbers(report)?, last).map(Decoded::Mouse);
    }
    let [first, modifiers, ..] = numbers(body)?;
    let code = match last {
        b'~' => tilde(first),
        b'Z' => Some(KeyCode::BackTab),
        b'P'..=b'S' if first == 1 => Some(KeyCode::F(1 + last - b'P')),
        _ => letter(last),
    }?;
    // xterm writes the modifiers plus one; a missing number is 0 here.
    let modifiers = modifiers.saturating_sub(1);
    let code = match code {
        KeyCode::Left if modifiers & 1 != 0 => KeyCode::ShiftLeft,
        KeyCode::Right if modifiers & 1 != 0 => KeyCode::ShiftRight,
        code => code,
    };
    Some(Decoded::Key(Key { code, ctrl: modifiers & 4 != 0, alt: modifiers & 2 != 0 }))
}

/// A report in the SGR form: button, column, row; `M` is a press or motion, `m` the end of a press.
fn mouse(report: [u16; PARAMETERS_LIMIT], last: u8) -> Option<Mouse> {
    const CONTROL: u16 = 16;
    const MODIFIERS: u16 = 4 | 8 | CONTROL;
    let [button, x, y, ..] = report;
    if !matches!(last, b'M' | b'm') || x == 0 || y == 0 {
        return None;
    }
    let kind = match (button & !MODIFIERS, last) {
        (0, b'M') if button & CONTROL != 0 => MouseKind::CtrlPress,
        (0, b'M') => MouseKind::Press,
        (0, _) => MouseKind::Release,
        (32, b'M') => MouseKind::Drag,
        (64, b'M') => MouseKind::ScrollUp,
        (65, b'M') => MouseKind::ScrollDown,
        _ => return None,
    };
    Some(Mouse { kind, x: x - 1, y: y - 1 })
}

/// Numbers between semicolons, missing ones as 0; `None` when anything else is there.
fn numbers(body: &[u8]) -> Option<[u16; PARAMETERS_LIMIT]> {
    let mut numbers = [0_u16; PARAMETERS_LIMIT];
    if body.is_empty() {
        return Some(numbers);
    }
    for (index, part) in body.split(|byte| *byte == b';').enumerate() {
        let number = match part {
            b"" => 0,
            _ => str::from_utf8(part).ok()?.parse().ok()?,
        };
        *numbers.get_mut(index)? = number;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Events of `bytes`, in words: `a`, `ctrl-a`, `alt-a`, `Up`, `Press 3,4`; a `|` stands before what only the end
    /// of waiting brought.
    fn decode(bytes: &[u8]) -> String {
        let mut words = Vec::new();
        let mut decoder = Decoder::default();
        decoder.push(bytes, &mut |decoded| words.push(name(decoded)));
        let complete = words.len();
        if decoder.wait().is_some() {
            decoder.flush(&mut |decoded| words.push(format!("| {}", name(decoded))));
        }
        assert!(words.len() <= complete + 1);
        words.join(" ")
    }

    fn name(decoded: Decoded) -> String {
        match decoded {
            Decoded::Key(Key { code, ctrl, alt }) => {
                let code = match code {
                    KeyCode::Char(character) => character.to_string(),
                    other => format!("{other:?}"),
                };
                format!("{}{}{code}", if ctrl { "ctrl-" } else { "" }, if alt { "alt-" } else { "" })
            }
            Decoded::Mouse(Mouse { kind, x, y }) => format!("{kind:?} {x},{y}"),
        }
    }

    #[test]
    fn keys_are_known_in_every_dialect() {
        for (bytes, expected) in [
            ("aQ 1?", "a Q   1 ?"),
            ("é猫🐱", "é 猫 🐱"),
            ("\r\t\x7f\x08", "Enter Tab Backspace Backspace"),
            ("\x03\x1a\x0c\0\x1d", "ctrl-c ctrl-z ctrl-l ctrl-  ctrl-]"),
            ("\x1b", "| Esc"),
            ("\x1b\x1b", "Esc | Esc"),
            ("\x1bq\x1bé", "alt-q alt-é"),
            ("\x1b[", "| alt-["),
            ("\x1bO", "| alt-O"),
            ("\x1b]", "| alt-]"),
            ("\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "Up Down Right Left Home End"),
            ("\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF\x1bOM", "Up Down Right Left Home End Enter"),
            ("\x1b[1~\x1b[4~\x1b[5~\x1b[6~\x1b[7~\x1b[8~", "Home End PageUp PageDown Home End"),
            ("\x1b[Z\x1b[1;5A\x1b[1;3B\x1b[5;7~", "BackTab ctrl-Up alt-Down ctrl-alt-PageUp"),
            ("\x1b[1;2C\x1b[1;2D\x1b[1;5D", "ShiftRight ShiftLeft ctrl-Left"),
            ("\x1bOP\x1bOS\x1b[15~\x1b[17~\x1b[21~\x1b[24~", "F(1) F(4) F(5) F(6) F(10) F(12)"),
            ("\x1b[[A\x1b[[E\x1b[1;2P", "F(1) F(5) F(1)"),
        ] {
            assert_eq!(decode(bytes.as_bytes()), expected, "{bytes:?}");
        }
    }

    #[test]
    fn the_mouse_presses_and_scrolls() {
        assert_eq!(decode(b"\x1b[<0;4;5M\x1b[<32;6;5M\x1b[<0;6;5m"), "Press 3,4 Drag 5,4 Release 5,4");
        assert_eq!(decode(b"\x1b[<64;1;1M\x1b[<65;200;300M"), "ScrollUp 0,0 ScrollDown 199,299");
        assert_eq!(decode(b"\x1b[<20;4;5M"), "CtrlPress 3,4", "with shift and control held");
        assert_eq!(decode(b"\x1b[<2;4;5M\x1b[<35;4;5M\x1b[<0;0;0M\x1b[<0;99999;1M"), "");
    }

    #[test]
    fn foreign_sequences_and_pasted_text_are_skipped_whole() {
        for bytes in [
            &b"\x1b[?62;22c"[..],
            b"\x1b]11;rgb:0000/0000/0000\x07",
            b"\x1b]11;rgb:0000/0000/0000\x1b\\",
            b"\x1bP1+r6b6d6f7573=1b5b4d\x1b\\",
            b"\x1b[200~rm -rf\nq\x1b[Aq\x1b[201~",
            b"\x1b[200~x\x1b\x1b[201~",
            b"\x1b[I\x1b[O\x1b[3~\x1b[2~",
            b"\xc3\xff\xfe",
        ] {
            let mut then_a_key = bytes.to_vec();
            then_a_key.push(b'k');
            assert_eq!(decode(&then_a_key), "k", "{bytes:?}");
        }
    }

    #[test]
    fn a_split_sequence_is_one_key() {
        let mut decoder = Decoder::default();
        let mut words = Vec::new();
        for byte in b"\x1b[1;5A\x1bOP\xe7\x8c\xab" {
            decoder.push(&[*byte], &mut |decoded| words.push(name(decoded)));
        }
        assert_eq!(words, ["ctrl-Up", "F(1)", "猫"]);
        assert_eq!(decoder.wait(), None);
    }

    #[test]
    fn an_endless_sequence_stays_bounded() {
        let mut decoder = Decoder::default();
        decoder.push(b"\x1b[", &mut |_| {});
        decoder.push(&vec![b'1'; 100_000], &mut |_| {});
        assert!(decoder.pending.len() <= SEQUENCE_LIMIT_BYTES);
        decoder.push(b"\x1b]", &mut |_| {});
        decoder.push(&vec![b'x'; 100_000], &mut |_| {});
        assert_eq!(decoder.place, Place::Ground);
    }

    proptest! {
        #[test]
        fn cutting_changes_nothing(bytes in proptest::collection::vec(prop_oneof![
            any::<u8>(), Just(ESC), Just(b'['), Just(b'O'), Just(b'~'), Just(b';'), Just(b'1')], 0..200),
            cut in 0_usize..200)
        {
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let (mut whole, mut pieces) = (Vec::new(), Vec::new());
            Decoder::default().push(&bytes, &mut |decoded| whole.push(decoded));
            let mut decoder = Decoder::default();
            decoder.push(head, &mut |decoded| pieces.push(decoded));
            decoder.push(tail, &mut |decoded| pieces.push(decoded));
            prop_assert_eq!(whole, pieces);
        }
    }
}
