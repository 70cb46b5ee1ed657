//! String literals as Go reads them. The parser takes `\xff` for the character U+00FF; it is the byte, and bytes may
//! come to a text that is no UTF-8.

/// The text of a literal with its quotes; bytes that are no UTF-8 become U+FFFD. `None` if it is not well-formed.
pub(crate) fn unquote(literal: &str) -> Option<String> {
    let quote = literal.chars().next()?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    if quote == '`' {
        return Some(inner.to_owned());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escape = rest.chars().next()?;
        let (digits, radix, skip) = match escape {
            'x' => (2, 16, 1),
            'u' => (4, 16, 1),
            'U' => (8, 16, 1),
            '0'..='7' => (3, 8, 0),
            _ => {
                out.push(match escape {
                    'a' => 7,
                    'b' => 8,
                    'f' => 12,
                    'n' => b'\n',
                    'r' => b'\r',
                    't' => b'\t',
                    'v' => 11,
                    '\\' | '"' | '\'' => escape as u8,
                    _ => return None,
                });
                rest = &rest[1..];
                continue;
            }
        };
        let number = u32::from_str_radix(rest.get(skip..skip + digits)?, radix).ok()?;
        rest = &rest[skip + digits..];
        if matches!(escape, 'u' | 'U') {
            out.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.push(u8::try_from(number).ok()?);
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn bytes_and_characters() {
        assert_eq!(unquote(r#""a\n\"b\"""#).unwrap(), "a\n\"b\"");
        assert_eq!(unquote(r"'\xc3\xa9\u00e9\303\251'").unwrap(), "ééé");
        assert_eq!(unquote(r#""\xff""#).unwrap(), "\u{fffd}");
        assert_eq!(unquote(r"`\n`").unwrap(), r"\n");
        assert_eq!(unquote(r#""\q""#), None);
        assert_eq!(unquote(r#""\x""#), None);
    }
}
