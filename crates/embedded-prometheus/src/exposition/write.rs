//! Samples as text in format 0.0.4, as `/federate` gives them.

use crate::model::{Labels, METRIC_NAME, format_g};

use super::MetricKind;

/// Appends a `TYPE` line; an unknown kind is `untyped`, as are those that 0.0.4 does not know.
pub fn type_line(out: &mut String, metric: &str, kind: MetricKind) {
    out.push_str("# TYPE ");
    if is_metric_name(metric) {
        out.push_str(metric);
    } else {
        quoted(out, metric);
    }
    out.push(' ');
    out.push_str(match kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
        MetricKind::Summary => "summary",
        MetricKind::GaugeHistogram | MetricKind::Info | MetricKind::Stateset | MetricKind::Unknown => {
            "untyped"
        }
    });
    out.push('\n');
}

/// Appends a `HELP` line.
pub fn help_line(out: &mut String, metric: &str, help: &str) {
    out.push_str("# HELP ");
    if is_metric_name(metric) {
        out.push_str(metric);
    } else {
        quoted(out, metric);
    }
    out.push(' ');
    for c in help.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('\n');
}

/// Appends a line with a value, and its time in Unix milliseconds if one is given (0.0.4 has no negative ones).
/// A name that needs them gets quotes, the metric's inside the braces.
pub fn sample_line(out: &mut String, labels: &Labels, value: f64, time_ms: Option<i64>) {
    series(out, labels);
    out.push(' ');
    out.push_str(&format_g(value));
    if let Some(time) = time_ms {
        out.push(' ');
        out.push_str(&time.to_string());
    }
    out.push('\n');
}

/// Appends metric name and labels.
pub fn series(out: &mut String, labels: &Labels) {
    let name = labels.metric_name();
    let plain = is_metric_name(name);
    if plain {
        out.push_str(name);
    }
    let mut separator = '{';
    if !plain && !name.is_empty() {
        out.push(separator);
        quoted(out, name);
        separator = ',';
    }
    for label in labels.iter().filter(|label| &*label.name != METRIC_NAME) {
        out.push(separator);
        separator = ',';
        if is_label_name(&label.name) {
            out.push_str(&label.name);
        } else {
            quoted(out, &label.name);
        }
        out.push('=');
        quoted(out, &label.value);
    }
    if separator == ',' {
        out.push('}');
    }
}

/// Appends `text` in quotes, with `\`, `"` and line ends escaped.
pub fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn is_metric_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':');
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(allowed)
}

fn is_label_name(name: &str) -> bool {
    is_metric_name(name) && !name.contains(':')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exposition::{Entry, Format, Parser};

    #[test]
    fn lines() {
        let mut out = String::new();
        help_line(&mut out, "up", "a\\b\nc");
        type_line(&mut out, "up", MetricKind::Gauge);
        sample_line(&mut out, &Labels::from_pairs([("__name__", "up"), ("job", "a\"b\n")]), 1.0, Some(5));
        sample_line(&mut out, &Labels::from_pairs([("__name__", "up")]), f64::NEG_INFINITY, None);
        type_line(&mut out, "a.b", MetricKind::Info);
        sample_line(&mut out, &Labels::from_pairs([("__name__", "a.b"), ("x:y", "1")]), 1e7, None);
        assert_eq!(
            out,
            "# HELP up a\\\\b\\nc\n# TYPE up gauge\nup{job=\"a\\\"b\\n\"} 1 5\nup -Inf\n\
             # TYPE \"a.b\" untyped\n{\"a.b\",\"x:y\"=\"1\"} 1e+07\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            name in "[a-z_:.é\"\\\\\n]{1,8}",
            pairs in prop::collection::btree_map("[a-z:.é \"\\\\\n]{1,5}", "\\PC{0,8}|[\"\\\\\n{}#,= ]{0,6}", 0..5),
            value in any::<f64>(),
            time in prop::option::of(0..i64::MAX),
        ) {
            let mut labels = Labels::from_pairs(&pairs).builder();
            labels.set(METRIC_NAME, &name);
            let labels = labels.build();
            let mut out = String::new();
            type_line(&mut out, &name, MetricKind::Gauge);
            sample_line(&mut out, &labels, value, time);
            let mut parser = Parser::new(out.as_bytes(), Format::Text);
            let is_type = matches!(parser.next_entry(), Ok(Some(Entry::Type { .. })));
            prop_assert!(is_type, "{}", out);
            let Ok(Some(Entry::Sample(sample))) = parser.next_entry() else { panic!("{out}") };
            prop_assert_eq!(parser.labels(), Ok(labels));
            prop_assert_eq!(sample.timestamp_ms, time);
            prop_assert!(sample.value == value || (sample.value.is_nan() && value.is_nan()));
            prop_assert_eq!(parser.next_entry(), Ok(None));
        }
    }
}
