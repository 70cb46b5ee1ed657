//! PromQL's raw strings, which stand between backticks, as quoted ones: the parser that rewrites expressions reads
//! escapes in them, where Prometheus has none.

use std::borrow::Cow;

/// `expr` with all strings between backticks written between double quotes, and of the same value.
pub fn quote_raw_strings(expr: &str) -> Cow<'_, str> {
    if !expr.contains('`') {
        return Cow::Borrowed(expr);
    }
    let mut out = String::with_capacity(expr.len() + 8);
    let mut rest = expr;
    while let Some(at) = rest.find(['"', '\'', '`', '#']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mark = after.as_bytes()[0];
        let behind = &after[1..];
        if mark == b'`' {
            let Some((raw, behind)) = behind.split_once('`') else {
                // Without its end it is no string, which the parser will say.
                out.push_str(after);
                return Cow::Owned(out);
            };
            out.push('"');
            out.push_str(&super::adhoc::escape(raw));
            out.push('"');
            rest = behind;
            continue;
        }
        let len = 1 + if mark == b'#' { comment(behind) } else { quoted(behind, mark) };
        out.push_str(&after[..len]);
        rest = &after[len..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Bytes up to the end of the line.
fn comment(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// Bytes up to and with the closing `mark`, which a backslash before it keeps from closing.
fn quoted(text: &str, mark: u8) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        if byte == mark && !is_escaped {
            return index + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_strings_keep_their_value_and_others_stay() {
        for (expr, quoted) in [
            ("up", "up"),
            (r"up{job=~`a\.b`}", r#"up{job=~"a\\.b"}"#),
            (r#"up{a=`"x"`, b='`', c="\"`"}"#, r#"up{a="\"x\"", b='`', c="\"`"}"#),
            ("up # `a\n{a=`b`}", "up # `a\n{a=\"b\"}"),
            ("up{a=`b\nc`}", "up{a=\"b\\nc\"}"),
            ("up{a=`b", "up{a=`b"),
            ("up{a='é`", "up{a='é`"),
        ] {
            assert_eq!(quote_raw_strings(expr), quoted, "{expr}");
        }
    }
}
