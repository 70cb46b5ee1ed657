//! `time`, `refresh` and `timezone` of a dashboard.

use chrono::{DateTime, SecondsFormat};

use super::conform;
use super::node::Node;
use super::out::{Out, OutMap};
use super::v2;
use crate::dashboard::REFRESH_MIN_MS;
use crate::format::zone;
use crate::time_range::parse_duration_ms;

/// Numbers from here on are Unix milliseconds; below, the reader of our format takes them for seconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// `time` and `refresh`.
pub(super) fn time(node: &Node<'_>, is_v2: bool, out: &mut OutMap) {
    let (from, to, refresh) = if is_v2 {
        v2::time(node)
    } else {
        let text = |node: Node<'_>| node.word().map(std::borrow::Cow::into_owned);
        let refresh = node.get("refresh").value_text().map(str::to_owned);
        (text(node.dig(&["time", "from"])), text(node.dig(&["time", "to"])), refresh)
    };
    match refresh.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None | Some("off" | "auto") => out.set_plain("refresh", "off"),
        Some(text) => match parse_duration_ms(text) {
            Ok(refresh_ms) if refresh_ms >= REFRESH_MIN_MS => out.set_plain("refresh", text),
            _ => {
                node.get("refresh").note(
                    "refresh",
                    format!("`{text}` is no interval; the dashboard does not refresh itself"),
                );
                out.set_plain("refresh", "off");
            }
        },
    }
    let filled = |text: Option<String>, missing: &str| {
        text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| missing.to_owned())
    };
    let (written_from, written_to) = (filled(from, "now-6h"), filled(to, "now"));
    let (from, to) = (point(&written_from), point(&written_to));
    let mut time = OutMap::default();
    if conform::is_range(&from.text, &to.text) {
        for (written, point) in [(&written_from, &from), (&written_to, &to)] {
            if point.is_near {
                let says = format!("`{written}` has no equivalent; `{}` is shown", point.text);
                node.get("time").note("time", says);
            }
        }
        time.set("from", time_text(&from.text));
        if to.text != "now" {
            time.set("to", time_text(&to.text));
        }
    } else {
        node.get("time").note(
            "time",
            format!(
                "the time range from `{written_from}` to `{written_to}` cannot be read; the last 6 hours are shown"
            ),
        );
        time.set_plain("from", "now-6h");
    }
    out.set("time", Out::Map(time));
    zone(node, is_v2, out);
}

/// The zone of times, unless it is the reader's own.
fn zone(node: &Node<'_>, is_v2: bool, out: &mut OutMap) {
    let written = if is_v2 { node.dig(&["timeSettings", "timezone"]) } else { node.get("timezone") };
    match written.value_text().map(str::trim) {
        None | Some("" | zone::BROWSER) => {}
        Some(name) if zone::read(name).is_some() => out.set_text("timezone", name),
        Some(name) => {
            written.note("timezone", format!("`{name}` is no zone; times are shown in the reader's own"));
        }
    }
}

/// A point of time in our words.
struct Point {
    text: String,
    /// It is not quite the one that Grafana means.
    is_near: bool,
}

fn point(written: &str) -> Point {
    let written = written.trim();
    let exact = |text: String| Point { text, is_near: false };
    if let Ok(number) = written.parse::<f64>()
        && number.abs() >= MILLISECONDS_FROM
        && let Some(time) = DateTime::from_timestamp_millis(number as i64)
    {
        return exact(time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    let Some(rest) = written.strip_prefix("now") else { return exact(written.to_owned()) };
    let (offset, unit) = match rest.split_once('/') {
        Some((offset, unit)) => (offset.trim(), Some(unit.trim())),
        None => (rest.trim(), None),
    };
    let near_offset = offset.strip_suffix(['M', 'Q']).and_then(|number| {
        // Months are of 30 days, quarters of three of them; fiscal ones (`fQ`) as others.
        let days = if offset.ends_with('M') { 30 } else { 90 };
        let number = number.strip_suffix('f').unwrap_or(number);
        let count: i64 = number.trim_start_matches(['-', '+']).parse().ok()?;
        Some(format!("{}{}d", &number[..1], count.checked_mul(days)?))
    });
    let near_unit = match unit {
        Some("fy") => Some("y"),
        Some("Q" | "fQ") => Some("M"),
        _ => None,
    };
    if near_offset.is_none() && near_unit.is_none() {
        return exact(written.to_owned());
    }
    let unit = near_unit.or(unit).map(|unit| format!("/{unit}")).unwrap_or_default();
    Point { text: format!("now{}{unit}", near_offset.as_deref().unwrap_or(offset)), is_near: true }
}

fn time_text(text: &str) -> Out {
    let is_plain = text.starts_with("now")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '/'));
    if is_plain { Out::plain(text) } else { Out::text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_time_are_said_in_our_words() {
        for (written, text, is_near) in [
            ("now-6h", "now-6h", false),
            ("now-1d/d", "now-1d/d", false),
            ("now/fy", "now/y", true),
            ("now-1y/fy", "now-1y/y", true),
            ("now/fQ", "now/M", true),
            ("now-1Q/fQ", "now-90d/M", true),
            ("now-1fQ", "now-90d", true),
            ("now-1M", "now-30d", true),
            ("now-3M/M", "now-90d/M", true),
            ("1600000000000", "2020-09-13T12:26:40Z", false),
            ("1600000000123", "2020-09-13T12:26:40.123Z", false),
            ("2020-09-13 12:00:00", "2020-09-13 12:00:00", false),
        ] {
            let point = point(written);
            assert_eq!((point.text.as_str(), point.is_near), (text, is_near), "{written}");
            assert!(conform::is_range(&point.text, "2030-01-01"), "{written}");
        }
        assert_eq!(point("now-M").text, "now-M");
    }
}
