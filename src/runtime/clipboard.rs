//! Text into the clipboard of the person's terminal, also over ssh: the sequence OSC 52.

use std::env;

/// `text` as the bytes that make a terminal copy it. tmux passes the plain form on where its option `set-clipboard` is
/// on, and the wrapped one where `allow-passthrough` is.
pub(super) fn sequence(text: &str, in_tmux: bool) -> Vec<u8> {
    let encoded = base64(text.as_bytes());
    let plain = format!("\x1b]52;c;{encoded}\x07");
    let wrapped = if in_tmux { format!("\x1bPtmux;\x1b{plain}\x1b\\") } else { String::new() };
    (plain + &wrapped).into_bytes()
}

/// Whether the process runs in tmux.
pub(super) fn in_tmux() -> bool {
    env::var_os("TMUX").is_some_and(|value| !value.is_empty())
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("ÿÿÿ", "w7/Dv8O/"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn tmux_gets_it_both_ways() {
        assert_eq!(sequence("foo", false), b"\x1b]52;c;Zm9v\x07");
        assert_eq!(sequence("foo", true), b"\x1b]52;c;Zm9v\x07\x1bPtmux;\x1b\x1b]52;c;Zm9v\x07\x1b\\");
    }
}
