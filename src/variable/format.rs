//! A variable's value as text, by the formats of Grafana's registry (`interpolation/formatRegistry.ts`) and, for
//! queries, by its Prometheus data source (`escaping.ts`); both projects are Apache-2.0 and AGPL, and only their texts
//! are followed here.

use chrono_tz::Tz;

use super::Value;
use crate::time_range::TimePoint;
use crate::unit::{Calendar, Unit};

/// Writes `value`, of the variable `name`, as `format` (`csv`, `date:YYYY`) says. A format that nobody knows is `glob`,
/// as in Grafana.
pub fn write(value: &Value, name: &str, format: &str, zone: Tz) -> String {
    let mut parts = format.split(':');
    let id = parts.next().unwrap_or_default();
    let args: Vec<&str> = parts.collect();
    let list = value.is_list;
    let joined = |separator: &str| value.values.join(separator);
    match id {
        "regex" => alternatives(value, escape_regex),
        "pipe" => joined("|"),
        "distributed" => joined(&format!(",{name}=")),
        "html" => escape_html(&joined(if list { ", " } else { "," })),
        "json" if list => json(&value.values),
        "lucene" => lucene(value),
        "percentencode" if list => encode_component(&format!("{{{}}}", joined(","))),
        "percentencode" => encode_component(&joined(",")),
        "uriencode" if list => encode_uri(&format!("{{{}}}", joined(","))),
        "uriencode" => encode_uri(&joined(",")),
        "singlequote" => quoted(value, |value| format!("'{}'", value.replace('\'', "\\'"))),
        "doublequote" => quoted(value, |value| format!("\"{}\"", value.replace('"', "\\\""))),
        "sqlstring" => quoted(value, |value| format!("'{}'", value.replace('\'', "''").replace('"', "\\\""))),
        "join" if list => joined(args.first().copied().unwrap_or(",")),
        "raw" | "csv" | "json" | "join" => joined(","),
        "date" => date(&joined(","), &args, zone),
        "text" => value.text.clone(),
        "queryparam" if value.is_all => format!("var-{name}=$__all"),
        "queryparam" => {
            let key = format!("var-{name}=");
            let all = value.values.iter().map(|value| format!("{key}{}", encode(value, b"-_.~:$,@")));
            all.collect::<Vec<_>>().join("&")
        }
        "customqueryparam" => {
            let own = encode_component(args.first().filter(|arg| !arg.is_empty()).unwrap_or(&name));
            parameters(value, &own, &encode_component(args.get(1).copied().unwrap_or_default()))
        }
        _ if value.values.len() > 1 => format!("{{{}}}", joined(",")),
        _ => joined(","),
    }
}

/// Writes `value` into PromQL: as a pattern where the variable may have several, otherwise as the inside of a string.
pub fn promql(value: &Value) -> String {
    if value.is_pattern {
        return alternatives(value, escape_promql_pattern);
    }
    let values: Vec<String> =
        value.values.iter().map(|value| value.replace('\\', "\\\\").replace('\'', "\\\\'")).collect();
    values.join(",")
}

/// `a`, `(a|b)`; nothing at all is `()`, which matches nothing but the empty value.
fn alternatives(value: &Value, escape: impl Fn(&str) -> String) -> String {
    let escaped: Vec<String> = value.values.iter().map(|value| escape(value)).collect();
    match escaped.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", escaped.join("|")),
    }
}

/// Grafana's `escapeRegex`.
fn escape_regex(text: &str) -> String {
    escaped(text, "\\^$*+?.()|[]{}/", "\\")
}

/// Grafana's `prometheusSpecialRegexEscape`: for a pattern inside a string in double quotes, hence twice.
fn escape_promql_pattern(text: &str) -> String {
    escaped(&text.replace('\\', "\\\\\\\\"), "$^*{}[]+?.()|", "\\\\")
}

fn escaped(text: &str, special: &str, by: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            out.push_str(by);
        }
        out.push(character);
    }
    out
}

fn quoted(value: &Value, quote: impl Fn(&str) -> String) -> String {
    value.values.iter().map(|value| quote(value)).collect::<Vec<_>>().join(",")
}

fn json(values: &[String]) -> String {
    serde_json::to_string(values).unwrap_or_default()
}

/// Grafana's `textUtil.escapeHtml`.
fn escape_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

fn lucene(value: &Value) -> String {
    let escape = |text: &str| {
        let is_number = !text.trim().is_empty() && text.trim().parse::<f64>().is_ok();
        if is_number { text.to_owned() } else { escaped(text, "!*+-=<>&|()[]{}^~?:\\/\" \t\n", "\\") }
    };
    match (value.is_list, value.values.as_slice()) {
        (true, []) => "__empty__".to_owned(),
        (true, values) => {
            let all: Vec<String> = values.iter().map(|value| format!("\"{}\"", escape(value))).collect();
            format!("({})", all.join(" OR "))
        }
        (false, values) => values.iter().map(|value| escape(value)).collect::<Vec<_>>().join(","),
    }
}

fn parameters(value: &Value, key: &str, prefix: &str) -> String {
    let all = value.values.iter().map(|value| format!("{key}={prefix}{}", encode_component(value)));
    all.collect::<Vec<_>>().join("&")
}

/// `encodeURIComponent`, with `!'()*` too, as RFC 3986 has it.
fn encode_component(text: &str) -> String {
    encode(text, b"-_.~")
}

/// `encodeURI`, with `!'()*` too.
fn encode_uri(text: &str) -> String {
    encode(text, b"-_.~;/?:@&=+$,#")
}

fn encode(text: &str, kept: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Unix milliseconds by `ms`, `seconds`, `iso` (where nothing is said) or a pattern of moment.js in `zone`.
fn date(value: &str, args: &[&str], zone: Tz) -> String {
    let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').len();
    let Ok(time_ms) = value[..digits].parse::<i64>() else { return "NaN".to_owned() };
    match args {
        ["ms"] => value.to_owned(),
        // Half up, as JavaScript's `Math.round`.
        ["seconds"] => (time_ms + 500).div_euclid(1_000).to_string(),
        [] | ["iso"] => {
            let text = TimePoint::Absolute(time_ms).to_string();
            match text.strip_suffix('Z') {
                Some(whole) => format!("{whole}.{:03}Z", time_ms.rem_euclid(1_000)),
                None => text,
            }
        }
        _ => {
            // No moment is on the day of this one, so that it is written in full.
            let calendar = Calendar { zone, now_ms: i64::MIN };
            Unit::new(&format!("time:{}", args.join(":"))).format_at(time_ms as f64, None, calendar)
        }
    }
}
