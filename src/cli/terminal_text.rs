//! Raw text on its way to standard output: as it is into a file or pipe, cleaned on a terminal.

use std::io::{self, IsTerminal, Stdout, Write};

use crate::text::clean;

/// Standard output for raw text, such as CSV with label values as the server sent them. On a terminal, where they
/// could be commands, line by line what [`clean`] takes away is missing; a file or pipe gets every byte.
pub(super) fn stdout() -> Box<dyn Write> {
    let stdout: Stdout = io::stdout();
    if stdout.is_terminal() {
        Box::new(CleanLines { line: Vec::new(), out: stdout })
    } else {
        Box::new(stdout)
    }
}

/// Writes whole lines, cleaned; the last one, which no line feed ends, with `flush`.
struct CleanLines<W> {
    /// What has come since the last line feed; as long as the longest line of an answer, which has a limit.
    line: Vec<u8>,
    out: W,
}

impl<W: Write> CleanLines<W> {
    fn put_line(&mut self) -> io::Result<()> {
        let mut cleaned = String::with_capacity(self.line.len());
        // One by one: a line that is cleaned as a whole is cut where a screen would be long full.
        for character in String::from_utf8_lossy(&self.line).chars() {
            match character {
                '\n' | '\t' => cleaned.push(character),
                // Of CSV's line ends, and white space to `clean`.
                '\r' => {}
                _ => cleaned.push_str(&clean(character.encode_utf8(&mut [0; 4]))),
            }
        }
        self.line.clear();
        self.out.write_all(cleaned.as_bytes())
    }
}

impl<W: Write> Write for CleanLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.put_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.put_line()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_commands_and_every_line() {
        let mut out = CleanLines { line: Vec::new(), out: Vec::new() };
        // A title of the window, a colour, a bidirectional override, and an umlaut in two writes.
        out.write_all(b"a,\x1b]0;owned\x07b\x1b[31m\r\nsch\xc3").unwrap();
        out.write_all("öner \u{202e}Tag".as_bytes().split_first().unwrap().1).unwrap();
        out.write_all(format!("\n{}", "x".repeat(10_000)).as_bytes()).unwrap();
        out.flush().unwrap();
        let text = String::from_utf8(out.out).unwrap();
        let (head, long) = text.split_at(text.find('x').unwrap());
        assert_eq!((head, long.len()), ("a,]0;ownedb[31m\nschöner Tag\n", 10_000));
    }
}
