use super::*;

/// Values, decimals and texts as `@grafana/data` 13.2.3 formats them (trailing spaces cut).
#[rustfmt::skip]
const GRAFANA: &[(&str, f64, Option<u8>, &str)] = &[
    ("none", 0.0, None, "0"),
    ("none", 1.0, None, "1"),
    ("none", -3.0, None, "-3"),
    ("none", 12.345, None, "12.3"),
    ("none", 0.1, None, "0.100"),
    ("none", 0.00123, None, "0.00123"),
    ("none", 1_234_567.891, None, "1234568"),
    ("none", 1e21, None, "1e+21"),
    ("none", 5.5e-7, None, "5.5e-7"),
    ("none", 1.005, Some(2), "1.00"),
    ("none", -0.4, Some(0), "0"),
    ("none", 0.0, Some(2), "0.00"),
    ("none", 99.995, None, "100.0"),
    ("short", 0.0, None, "0"),
    ("short", 999.0, None, "999"),
    ("short", 1000.0, None, "1 K"),
    ("short", 1234.0, None, "1.23 K"),
    ("short", -1234.0, None, "-1.23 K"),
    ("short", 12_345.678, None, "12.3 K"),
    ("short", 1_000_000.0, None, "1 Mil"),
    ("short", 1_500_000_000.0, None, "1.50 Bil"),
    ("short", 2_500_000_000_000.0, None, "2.50 Tri"),
    ("short", 1e15, None, "1 Quadr"),
    ("short", 1e30, None, "1000000 Sept"),
    ("short", 0.05, None, "0.0500"),
    ("short", 999.9999, None, "1000"),
    ("short", 1234.0, Some(0), "1 K"),
    ("short", 1234.0, Some(3), "1.234 K"),
    ("sishort", 1234.0, None, "1.23 k"),
    ("sishort", 0.0012, None, "1.20 m"),
    ("percent", 0.0, None, "0%"),
    ("percent", 12.345, None, "12.3%"),
    ("percent", 100.0, None, "100%"),
    ("percent", 99.99, Some(1), "100.0%"),
    ("percent", -5.5, None, "-5.50%"),
    ("percentunit", 0.0, None, "0%"),
    ("percentunit", 0.12345, None, "12.3%"),
    ("percentunit", 1.0, None, "100%"),
    ("percentunit", 0.999, Some(0), "100%"),
    ("percentunit", 1.5, None, "150%"),
    ("percentunit", 0.005, None, "0.500%"),
    ("bytes", 0.0, None, "0 B"),
    ("bytes", 1.0, None, "1 B"),
    ("bytes", 1023.0, None, "1023 B"),
    ("bytes", 1024.0, None, "1 KiB"),
    ("bytes", 1536.0, None, "1.50 KiB"),
    ("bytes", 1_048_576.0, None, "1 MiB"),
    ("bytes", 1_200_000_000.0, None, "1.12 GiB"),
    ("bytes", 5_000_000_000_000.0, None, "4.55 TiB"),
    ("bytes", -2048.5, None, "-2.00 KiB"),
    ("bytes", 0.5, None, "0.500 B"),
    ("bytes", 1536.0, Some(0), "2 KiB"),
    ("bytes", 1e30, None, "827181 YiB"),
    ("decbytes", 1000.0, None, "1 kB"),
    ("decbytes", 1536.0, None, "1.54 kB"),
    ("decbytes", 1_200_000_000.0, None, "1.20 GB"),
    ("bits", 2048.0, None, "2 Kib"),
    ("decbits", 2000.0, None, "2 kb"),
    ("kbytes", 0.5, None, "512 B"),
    ("kbytes", 1.0, None, "1 KiB"),
    ("kbytes", 1024.0, None, "1 MiB"),
    ("kbytes", 10_000_000.0, None, "9.54 GiB"),
    ("mbytes", 0.001, None, "1.02 KiB"),
    ("mbytes", 1500.0, None, "1.46 GiB"),
    ("Bps", 1000.0, None, "1 kB/s"),
    ("Bps", 1536.0, None, "1.54 kB/s"),
    ("Bps", 125_000_000.0, None, "125 MB/s"),
    ("binBps", 1024.0, None, "1 KiB/s"),
    ("binBps", 1536.0, None, "1.50 KiB/s"),
    ("bps", 1_000_000_000.0, None, "1 Gb/s"),
    ("binbps", 1_048_576.0, None, "1 Mib/s"),
    ("MBs", 1500.0, None, "1.50 GB/s"),
    ("MBs", 0.01, None, "10 kB/s"),
    ("MiBs", 1500.0, None, "1.46 GiB/s"),
    ("pps", 12_345.0, None, "12.3 kp/s"),
    ("s", 0.0, None, "0 s"),
    ("s", 1e-9, None, "1 ns"),
    ("s", 5e-7, None, "500 ns"),
    ("s", 1.5e-5, None, "15 µs"),
    ("s", 0.0123, None, "12.3 ms"),
    ("s", 0.25, None, "250 ms"),
    ("s", 1.0, None, "1 s"),
    ("s", 59.9, None, "59.9 s"),
    ("s", 60.0, None, "1 min"),
    ("s", 61.0, None, "1.02 mins"),
    ("s", 90.0, None, "1.50 mins"),
    ("s", 3600.0, None, "1 hour"),
    ("s", 5400.0, None, "1.50 hours"),
    ("s", 86_400.0, None, "1 day"),
    ("s", 172_800.0, None, "2 days"),
    ("s", 604_800.0, None, "1 week"),
    ("s", 1_500_000.0, None, "2.48 weeks"),
    ("s", 31_536_000.0, None, "0.999 year"),
    ("s", 1_000_000_000.0, None, "31.7 years"),
    ("s", -90.0, None, "-1.50 mins"),
    ("s", 0.0, Some(2), "0 s"),
    ("s", 90.0, Some(0), "2 mins"),
    ("ms", 0.0, None, "0 ms"),
    ("ms", 0.5, None, "0.500 ms"),
    ("ms", 999.0, None, "999 ms"),
    ("ms", 1000.0, None, "1 s"),
    ("ms", 1500.0, None, "1.50 s"),
    ("ms", 60_000.0, None, "1 min"),
    ("ms", 90_000.0, None, "1.50 mins"),
    ("ms", 3_600_000.0, None, "1 hour"),
    ("ms", 100_000_000.0, None, "1.16 days"),
    ("ms", 100_000_000_000.0, None, "3.17 years"),
    ("µs", 12.0, None, "12 µs"),
    ("µs", 1500.0, None, "1.50 ms"),
    ("µs", 2_500_000.0, None, "2.50 s"),
    ("µs", 1_000_000_000.0, None, "1000 s"),
    ("ns", 1.0, None, "1 ns"),
    ("ns", 1500.0, None, "1.50 µs"),
    ("ns", 2_500_000.0, None, "2.50 ms"),
    ("ns", 3_000_000_000.0, None, "3 s"),
    ("ns", 90_000_000_000.0, None, "1.50 mins"),
    ("ns", 9_000_000_000_000.0, None, "2.50 hours"),
    ("ns", 100_000_000_000_000.0, None, "1.16 days"),
    ("m", 1.0, None, "1 min"),
    ("m", 2.0, None, "2 min"),
    ("m", 90.0, None, "1.50 hours"),
    ("m", 2000.0, None, "1.39 days"),
    ("m", 20_000.0, None, "1.98 weeks"),
    ("m", 1_000_000.0, None, "1.90 years"),
    ("h", 1.0, None, "1 hour"),
    ("h", 5.0, None, "5 hour"),
    ("h", 30.0, None, "1.25 days"),
    ("h", 200.0, None, "1.19 weeks"),
    ("h", 10_000.0, None, "1.14 years"),
    ("d", 1.0, None, "1 day"),
    ("d", 3.0, None, "3 days"),
    ("d", 10.0, None, "1.43 weeks"),
    ("d", 400.0, None, "1.10 years"),
    ("dtdurations", 0.0, None, "0 seconds"),
    ("dtdurations", 90.0, None, "1 minute"),
    ("dtdurations", 3661.0, None, "1 hour"),
    ("dtdurations", 90_061.0, Some(1), "1 day, 1 hour"),
    ("dtdurations", 90_061.0, Some(5), "1 day, 1 hour, 1 minute, 1 second, 0 milliseconds"),
    ("dtdurations", -60.0, None, "1 minute ago"),
    ("dtdurations", 100_000_000.0, Some(2), "3 years, 2 months, 0 weeks"),
    ("dtdurationms", 1500.0, None, "1 second"),
    ("dtdurationms", 90_061.5, Some(3), "1 minute, 30 seconds, 61 milliseconds"),
    ("dthms", 3661.0, None, "01:01:01"),
    ("dthms", 90_061.0, None, "25:01:01"),
    ("dthms", -61.0, None, "00:01:01 ago"),
    ("dtdhms", 90_061.0, None, "1 d 01:01:01"),
    ("dtdhms", 59.0, None, "00:00:59"),
    ("timeticks", 123_456.0, None, "20.6 mins"),
    ("clocks", 0.25, None, "250ms"),
    ("clocks", 5.0, None, "05s:000ms"),
    ("clocks", 65.0, None, "01m:05s:000ms"),
    ("clocks", 3661.0, None, "1h:01m:01s:000ms"),
    ("clocks", 3661.0, Some(0), "1h"),
    ("clocks", 3661.0, Some(1), "1h:01m"),
    ("clocks", 3661.0, Some(2), "1h:01m:01s"),
    ("clockms", 65_250.0, None, "01m:05s:250ms"),
    ("clockms", 65_250.0, Some(0), "01m"),
    ("ops", 0.0, None, "0 ops/s"),
    ("ops", 12.3, None, "12.3 ops/s"),
    ("ops", 1234.0, None, "1.23K ops/s"),
    ("ops", 5_000_000_000.0, None, "5B ops/s"),
    ("reqps", 0.25, None, "0.250 req/s"),
    ("reqps", 1500.0, None, "1.50K req/s"),
    ("rps", 3.0, None, "3 rd/s"),
    ("wps", 3.0, None, "3 wr/s"),
    ("iops", 2500.0, None, "2.50K io/s"),
    ("eps", 7.0, None, "7 evt/s"),
    ("cps", 7.0, None, "7 c/s"),
    ("mps", 7.0, None, "7 msg/s"),
    ("opm", 7.0, None, "7 ops/m"),
    ("currencyUSD", 0.0, None, "$0"),
    ("currencyUSD", 12.5, None, "$12.5"),
    ("currencyUSD", -12.5, None, "-$12.5"),
    ("currencyUSD", 1_234_567.0, None, "$1.23M"),
    ("currencyEUR", 1500.0, None, "€1.50K"),
    ("currencySEK", 1500.0, None, "1.50Kkr"),
    ("currency:financial:$", 1_234_567.891, None, "$1,234,567.9"),
    ("currency:financial:$", 1_234_567.891, Some(2), "$1,234,567.89"),
    ("celsius", 21.5, None, "21.5 °C"),
    ("celsius", -4.0, None, "-4 °C"),
    ("fahrenheit", 70.0, None, "70 °F"),
    ("farenheit", 70.0, None, "70 °F"),
    ("hertz", 50.0, None, "50 Hz"),
    ("hertz", 2_400_000_000.0, None, "2.40 GHz"),
    ("watt", 350.0, None, "350 W"),
    ("watt", 0.002, None, "2 mW"),
    ("watt", 1_200_000.0, None, "1.20 MW"),
    ("volt", 230.0, None, "230 V"),
    ("kwatt", 2.0, None, "2 kW"),
    ("rotrpm", 1200.0, None, "1200 rpm"),
    ("humidity", 45.6, None, "45.6 %H"),
    ("bool", 0.0, None, "False"),
    ("bool", 1.0, None, "True"),
    ("bool", -2.0, None, "True"),
    ("bool_yes_no", 0.0, None, "No"),
    ("bool_yes_no", 1.0, None, "Yes"),
    ("bool_on_off", 1.0, None, "On"),
    ("hex", 255.0, None, "FF"),
    ("hex0x", -255.0, None, "-0xFF"),
    ("sci", 1234.5, None, "1.2345e+3"),
    ("locale", 12_345.678, Some(2), "12,345.68"),
    ("string", 1.5, None, "1.5"),
    ("errps", 5.0, None, "5 errps"),
    ("cats", 3.0, None, "3 cats"),
    ("cats", 0.5, Some(0), "1 cats"),
    ("suffix:cats", 3.0, None, "3 cats"),
    ("prefix:~", 3.0, None, "~3"),
    ("si:mV", 1500.0, None, "1.50 V"),
    ("si:foo", 1500.0, None, "1.50 poo"),
    ("count:dogs", 1500.0, None, "1.50K dogs"),
    ("currency:Kr", 1500.0, None, "Kr1.50K"),
    ("bool:up/down", 0.0, None, "down"),
    ("bool:up/down", 1.0, None, "up"),
    ("bool:yes", 0.0, None, "-"),
    ("foo:bar", 1.0, None, "1 foo:bar"),
    ("time:YYYY/MM/DD HH:mm", 1_780_000_000_000.0, None, "2026/05/28 20:26"),
    ("dateTimeAsIso", 1_780_000_000_123.0, None, "2026-05-28 20:26:40"),
    ("dateTimeAsUS", 1_780_000_000_000.0, None, "05/28/2026 8:26:40 pm"),
    ("dateTimeAsSystem", 1_780_000_000_000.0, None, "2026-05-28 20:26:40"),
];

const BERLIN: Calendar = Calendar { zone: Tz::Europe__Berlin, now_ms: 1_780_000_000_000 };

#[test]
fn texts_are_those_of_grafana() {
    let utc = Calendar { zone: Tz::UTC, now_ms: 0 };
    for (id, value, decimals, text) in GRAFANA {
        let formatted = Unit::new(id).format_at(*value, *decimals, utc);
        assert_eq!(formatted, *text, "{id} {value} {decimals:?}");
    }
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
    assert_eq!(Unit::new("bytes").base(), TickBase::Binary);
    assert_eq!(Unit::new("Bps").base(), TickBase::Decimal);
    assert_eq!(Unit::new("ms").base(), TickBase::Time { unit_s: 0.001 });
    assert_eq!(Unit::new("dtdurations").base(), TickBase::Time { unit_s: 1.0 });
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
