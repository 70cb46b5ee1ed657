use std::collections::BTreeSet;

use super::*;
use crate::field::FieldOptions;

/// What Grafana's own package shows, written by `scripts/units`: unit, value, decimals, text.
const GRAFANA: &str = include_str!("../../tests/data/units.tsv");

/// What [`GRAFANA`] was told the time is.
const NOW_MS: i64 = 1_780_000_000_000;

const BERLIN: Calendar = Calendar { zone: Tz::Europe__Berlin, now_ms: NOW_MS };

/// One line of [`GRAFANA`].
#[derive(Debug)]
struct Case {
    id: &'static str,
    /// `None` is no value at all.
    value: Option<f64>,
    decimals: Option<u8>,
    text: &'static str,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        GRAFANA.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let [id, value, decimals, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line:?} has not four columns")
            };
            let value = (value != "null").then(|| value.parse().expect(line));
            let decimals = (!decimals.is_empty()).then(|| decimals.parse().expect(line));
            Self { id, value, decimals, text }
        })
    }

    /// As a panel shows it.
    fn shown(&self) -> String {
        let calendar = Calendar { zone: Tz::UTC, now_ms: NOW_MS };
        let field =
            FieldOptions { unit: Unit::new(self.id), decimals: self.decimals, ..FieldOptions::default() };
        field.show_at(self.value, (0.0, 1.0), calendar).text
    }

    fn is(&self, test: impl Fn(f64) -> bool) -> bool {
        self.value.is_some_and(test)
    }
}

/// Where a text is not Grafana's.
struct Exception {
    reason: &'static str,
    applies: fn(&Case) -> bool,
    ours: fn(&Case) -> String,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        reason: "a panel that is empty looks broken: no value is said in words",
        applies: |case| case.value.is_none(),
        ours: |_| "no data".to_owned(),
    },
    Exception {
        reason: "infinity has no magnitude that a unit could scale: as Prometheus writes it",
        applies: |case| case.is(f64::is_infinite),
        ours: |case| if case.is(|value| value > 0.0) { "+Inf" } else { "-Inf" }.to_owned(),
    },
    Exception {
        reason: "a space in front of an empty unit is of no use",
        applies: |case| case.text.ends_with(' '),
        ours: |case| case.text.trim_end().to_owned(),
    },
    Exception {
        reason: "the narrow space that browsers put before AM and PM is a wide one, or none, in many terminals",
        applies: |case| case.text.contains('\u{202f}'),
        ours: |case| case.text.replace('\u{202f}', " "),
    },
    Exception {
        reason: "zero has no sign that a reader could mean",
        applies: |case| case.id == "string" && case.text == "-0",
        ours: |_| "0".to_owned(),
    },
    Exception {
        reason: "V8's pow(1000, -7) is off by a bit, and the quotient falls on the other side of 30",
        applies: |case| case.id == "decmbytes" && case.value == Some(3e-20) && case.decimals.is_none(),
        ours: |_| "30.0 fB".to_owned(),
    },
    Exception {
        reason: "beyond Sept there is no name, and Grafana writes all the digits in front of it",
        applies: |case| case.id == "short" && case.is(|value| value.abs() >= 1e27 && value.is_finite()),
        ours: |case| case.value.map_or_else(String::new, |value| number_of_exponent(value, case.decimals)),
    },
    Exception {
        reason: "Grafana shows nothing for less than a millisecond",
        applies: |case| {
            case.id.starts_with("dtduration") && matches!(case.text, "" | " ago") && case.is(|_| true)
        },
        ours: |case| format!("0 milliseconds{}", case.text),
    },
    Exception {
        reason: "beyond JavaScript's dates Grafana writes hours and \"Invalid date\" in one",
        applies: |case| {
            let ms = if case.id == "clocks" { 1000.0 } else { 1.0 };
            case.id.starts_with("clock") && case.is(|value| value.is_finite() && value * ms > 8.64e15)
        },
        ours: |_| "Invalid date".to_owned(),
    },
    Exception {
        reason: "a number of many digits would take the room of its name where nobody wishes decimals",
        applies: |case| case.decimals.is_none() && brief(case).is_some(),
        ours: |case| brief(case).unwrap_or_default(),
    },
];

/// The text with two decimals and a power of ten instead of its number, where that has too many digits.
fn brief(case: &Case) -> Option<String> {
    // Numbers that are all of a value, and the parts of durations and clocks.
    if matches!(case.id, "string" | "sci" | "hex" | "hex0x") || case.id.starts_with("dt") {
        return None;
    }
    let text = case.text;
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let len = text[start..].find(|c: char| !c.is_ascii_digit() && !".e+-".contains(c));
    let end = len.map_or(text.len(), |len| start + len);
    let digits = &text[start..end];
    let number: f64 = digits.parse().ok()?;
    let limit = if number < 1.0 { 9 } else { 17 };
    let mantissa = digits.split_once('e').map(|(mantissa, _)| mantissa);
    if mantissa.map_or(digits.len() <= limit, |mantissa| mantissa.len() <= 4) {
        return None;
    }
    let short =
        if format!("{number:e}").contains('.') { format!("{number:.2e}") } else { format!("{number:e}") };
    let short = if number < 1.0 { short } else { short.replace('e', "e+") };
    Some(format!("{}{short}{}", &text[..start], &text[end..]))
}

fn number_of_exponent(value: f64, decimals: Option<u8>) -> String {
    let text = match decimals {
        Some(decimals) => format!("{value:.*e}", usize::from(decimals)),
        None if format!("{value:e}").contains('.') => format!("{value:.2e}"),
        None => format!("{value:e}"),
    };
    text.replace('e', "e+")
}

#[test]
fn texts_are_those_of_grafana() {
    let mut used = vec![0; EXCEPTIONS.len()];
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for case in Case::all() {
        cases += 1;
        let shown = case.shown();
        let exception = EXCEPTIONS.iter().position(|exception| (exception.applies)(&case));
        let expected = match exception {
            Some(index) => {
                used[index] += 1;
                let ours = (EXCEPTIONS[index].ours)(&case);
                assert_ne!(ours, case.text, "no exception any more: {}: {case:?}", EXCEPTIONS[index].reason);
                ours
            }
            None => case.text.to_owned(),
        };
        if shown != expected {
            wrong.push(format!("{case:?}: {shown:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 2_000, "only {cases} cases");
    for (exception, used) in EXCEPTIONS.iter().zip(used) {
        assert!(used > 0, "no case has it: {}", exception.reason);
    }
}

#[test]
fn every_id_of_grafana_has_its_cases() {
    let ids: BTreeSet<&str> = Case::all().map(|case| case.id).collect();
    for (id, _) in &table::UNITS {
        assert!(ids.contains(id), "{id}");
    }
    let unknown: Vec<&str> = ids.into_iter().filter(|id| !Unit::new(id).is_known()).collect();
    assert_eq!(unknown, [":x", "cats", "errps", "foo:bar"]);
}

#[test]
fn what_is_no_number_has_no_unit() {
    for id in ["none", "bytes", "s", "currencyUSD", "bool", "dateTimeAsIso", "cats", "clocks", "hex"] {
        let unit = Unit::new(id);
        assert_eq!(unit.format(f64::NAN, Some(2)), "NaN", "{id}");
        assert_eq!(unit.format(f64::INFINITY, None), "+Inf", "{id}");
        assert_eq!(unit.format(f64::NEG_INFINITY, None), "-Inf", "{id}");
    }
}

#[test]
fn dates_are_in_the_readers_zone_or_say_that_they_are_not() {
    let iso = Unit::new("dateTimeAsIso");
    assert_eq!(iso.format_at(1_780_000_000_000.0, None, BERLIN), "2026-05-28 22:26:40");
    assert_eq!(iso.format(1_780_000_000_000.0, None), "2026-05-28 20:26:40 UTC");
    let today = Unit::new("dateTimeAsIsoNoDateIfToday");
    assert_eq!(today.format_at(1_780_000_000_000.0, None, BERLIN), "22:26:40");
    assert_eq!(today.format_at(1_779_900_000_000.0, None, BERLIN), "2026-05-27 18:40:00");
    assert_eq!(Unit::new("time:[at] H:mm Z").format_at(1_780_000_000_000.0, None, BERLIN), "at 22:26 +02:00");
    assert_eq!(iso.format(1e300, None), "Invalid date");
}

#[test]
fn ages_are_told_as_moment_js_tells_them() {
    let unit = Unit::new("dateTimeFromNow");
    let age = |seconds: f64| unit.format_at(BERLIN.now_ms as f64 - seconds * 1000.0, None, BERLIN);
    for (seconds, text) in [
        (0.0, "a few seconds ago"),
        (44.0, "a few seconds ago"),
        (45.0, "a minute ago"),
        (150.0, "3 minutes ago"),
        (3_000.0, "an hour ago"),
        (9_000.0, "3 hours ago"),
        (90_000.0, "a day ago"),
        (864_000.0, "10 days ago"),
        (2_592_000.0, "a month ago"),
        (15_552_000.0, "6 months ago"),
        (31_536_000.0, "a year ago"),
        (94_608_000.0, "3 years ago"),
        (-9_000.0, "in 3 hours"),
    ] {
        assert_eq!(age(seconds), text, "{seconds}");
    }
    assert_eq!(unit.format(0.0, None), "1970-01-01 00:00:00 UTC");
}

#[test]
fn a_number_can_be_told_from_its_unit() {
    let parts = |id: &str, value| {
        let formatted = Unit::new(id).parts(value, None, None);
        (formatted.prefix().to_owned(), formatted.number().to_owned(), formatted.suffix().to_owned())
    };
    let owned = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(parts("bytes", 1536.0), owned("", "1.50", " KiB"));
    assert_eq!(parts("currencyUSD", -1500.0), owned("-$", "1.50", "K"));
    assert_eq!(parts("reqps", 1500.0), owned("", "1.50", "K req/s"));
    assert_eq!(parts("s", 90.0), owned("", "1.50", " mins"));
    assert_eq!(parts("bool", 1.0), owned("", "True", ""));
    assert_eq!(parts("bytes", f64::NAN), owned("", "NaN", ""));
}

#[test]
fn tiny_and_huge_numbers_stay_readable() {
    assert_eq!(Unit::default().format(5e-324, None), "4.94e-324");
    assert_eq!(Unit::default().format(3e-20, None), "3e-20");
    assert_eq!(Unit::default().format(1e308, Some(2)), "1e+308");
    assert_eq!(Unit::new("clocks").format(1e300, None), "Invalid date");
    assert_eq!(Unit::default().format(0.5, Some(255)), "0.50000000000000000000");
}

#[test]
fn numbers_of_many_digits_are_brief_where_nobody_wishes_decimals() {
    let brief = |id: &str, value: f64| Unit::new(id).brief(value, None, None).into_string();
    for (id, value, expected) in [
        ("none", 0.000_001_47, "1.47e-6"),
        ("percentunit", 0.000_000_014_7, "1.47e-6%"),
        ("currencyUSD", -0.000_001_47, "-$1.47e-6"),
        ("none", 0.000_014_7, "0.0000147"),
        ("none", 1.090_325_272_952_103_4e300, "1.09e+300"),
        ("cats", 1.090_325_272_952_103_4e22, "1.09e+22 cats"),
        ("none", 123_456_789_012_345_678.0, "1.23e+17"),
        ("none", 1e-9, "1e-9"),
        // What is short or whole keeps its digits.
        ("none", 0.000_147, "0.000147"),
        ("none", 1_234_567_890_123_456.0, "1234567890123456"),
        ("short", 1_234_567.0, "1.23 Mil"),
        ("string", 0.000_001_47, "0.00000147"),
        ("none", f64::NAN, "NaN"),
        ("none", 0.0, "0"),
    ] {
        assert_eq!(brief(id, value), expected);
    }
    assert_eq!(Unit::default().brief(0.000_001_47, Some(8), None).as_str(), "0.00000147");
}

#[test]
fn ids_are_known_or_suffixes() {
    for id in ["", "none", "s", "µs", "μs", "reqps", "bool_yes_no", "si:mV", "time:YYYY", "farenheit"] {
        assert!(Unit::new(id).is_known(), "{id}");
    }
    for id in ["cats", "errps", "foo:bar", "byte"] {
        assert!(!Unit::new(id).is_known(), "{id}");
    }
    assert_eq!(Unit::new(&"x".repeat(10_000)).id().len(), ID_LIMIT_CHARS);
}

#[test]
fn axes_learn_on_what_their_ticks_lie() {
    assert_eq!(Unit::new("bytes").base(), TickBase::Binary { size: 1.0 });
    assert_eq!(Unit::new("mbytes").base(), TickBase::Binary { size: 1_048_576.0 });
    assert_eq!(Unit::new("Bps").base(), TickBase::Decimal);
    let clock = |unit_s, has_weeks, year_s| TickBase::Time(Clock { unit_s, has_weeks, year_s });
    assert_eq!(Unit::new("ms").base(), clock(0.001, false, Some(31_536_000.0)));
    assert_eq!(Unit::new("s").base(), clock(1.0, true, Some(31_556_900.0)));
    assert_eq!(Unit::new("ns").base(), clock(1e-9, false, None));
    for (id, least) in [
        ("bytes", Some(1.0)),
        ("kbytes", Some(1.0 / 1024.0)),
        ("decbits", Some(1.0)),
        ("Bps", None),
        ("s", None),
    ] {
        assert_eq!(Unit::new(id).indivisible(), least, "{id}");
    }
}

proptest::proptest! {
    #[test]
    fn no_value_and_no_id_makes_it_stumble(bits: u64, decimals: Option<u8>, id in ".{0,12}", known: u8, ms: i64) {
        let value = f64::from_bits(bits);
        let calendar = Calendar { zone: Tz::Asia__Kathmandu, now_ms: ms };
        let (known, _) = table::UNITS[usize::from(known) % table::UNITS.len()];
        for unit in [Unit::new(&id), Unit::new(known), Unit::new(&format!("time:{id}"))] {
            let formatted = unit.parts(value, decimals, Some(calendar));
            assert!(formatted.as_str().len() < 500, "{formatted:?}");
            assert_eq!(formatted.prefix().len() + formatted.number().len() + formatted.suffix().len(), formatted.as_str().len());
        }
    }
}
