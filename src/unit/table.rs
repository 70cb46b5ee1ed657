//! Grafana's units (packages/grafana-data, valueFormats/categories.ts) as rules, by category.

use std::borrow::Cow;

/// Text that is ours in the table and the writer's in `suffix:` and the like.
pub(super) type Text = Cow<'static, str>;

/// How a value becomes text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Number,
    Suffix(Text),
    Prefix(Text),
    Short,
    Psi,
    /// Unit, and how many steps of 1000 above the base it starts.
    Si(Text, i8),
    /// Unit, and how many steps of 1024 above the base it starts.
    Iec(Text, i8),
    Count(Text),
    Currency(Text, Side),
    Financial(Text, Side),
    Percent,
    PercentUnit,
    Time(TimeUnit),
    Timeticks,
    Duration {
        millis: bool,
    },
    Hms,
    Dhms,
    Clock {
        millis: bool,
    },
    Date(Text),
    /// The pattern, and the one for the reader's own day.
    DateUnlessToday(Text, Text),
    FromNow,
    Bool(Text, Text),
    Hex {
        prefixed: bool,
    },
    Sci,
    Locale,
    Text,
}

/// Where a currency's symbol stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// What a value of time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeUnit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
}

impl TimeUnit {
    pub(super) fn seconds(self) -> f64 {
        match self {
            Self::Nanosecond => 1e-9,
            Self::Microsecond => 1e-6,
            Self::Millisecond => 1e-3,
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3_600.0,
            Self::Day => 86_400.0,
        }
    }

    /// Whether seven days are a week.
    pub(super) fn has_weeks(self) -> bool {
        matches!(self, Self::Second | Self::Minute | Self::Hour | Self::Day)
    }

    /// What Grafana takes for a year, in seconds; `None` where it goes on in days.
    pub(super) fn year_s(self) -> Option<f64> {
        match self {
            Self::Nanosecond | Self::Microsecond => None,
            Self::Second => Some(31_556_900.0),
            Self::Minute => Some(525_948.0 * 60.0),
            Self::Millisecond | Self::Hour | Self::Day => Some(365.0 * 86_400.0),
        }
    }
}

pub(super) const SHORT: [&str; 9] = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];
/// Where the names of [`SHORT`] end: a thousand of the last.
pub(super) const SHORT_END: f64 = 1e27;
pub(super) const COUNT: [&str; 5] = ["", "K", "M", "B", "T"];
pub(super) const PSI: [&str; 3] = ["psi", "ksi", "Mpsi"];
pub(super) const IEC_PREFIXES: [&str; 9] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
pub(super) const SI_PREFIXES: [&str; 14] =
    ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
/// Where in [`SI_PREFIXES`] the empty one is.
pub(super) const SI_BASE: i8 = 5;

/// Steps of 1000 that an SI prefix stands for; 0 for what is none.
pub(super) fn si_prefix(text: &str) -> i8 {
    // The Greek mu is taken for the micro sign, which looks the same.
    let text = if text == "\u{3bc}" { "µ" } else { text };
    SI_PREFIXES.iter().position(|prefix| *prefix == text).map_or(0, |position| position as i8 - SI_BASE)
}

/// The rule of a unit that Grafana knows.
pub(super) fn rule(id: &str) -> Option<Rule> {
    // A misspelling that old dashboards carry, and the Greek mu, which looks like the micro sign.
    let id = match id {
        "farenheit" => "fahrenheit",
        "\u{3bc}s" => "µs",
        id => id,
    };
    UNITS.iter().find(|(known, _)| *known == id).map(|(_, rule)| rule.clone())
}

const fn suffix(unit: &'static str) -> Rule {
    Rule::Suffix(Cow::Borrowed(unit))
}

const fn si(unit: &'static str, offset: i8) -> Rule {
    Rule::Si(Cow::Borrowed(unit), offset)
}

const fn iec(unit: &'static str, offset: i8) -> Rule {
    Rule::Iec(Cow::Borrowed(unit), offset)
}

const fn count(unit: &'static str) -> Rule {
    Rule::Count(Cow::Borrowed(unit))
}

const fn currency(symbol: &'static str) -> Rule {
    Rule::Currency(Cow::Borrowed(symbol), Side::Before)
}

const fn currency_after(symbol: &'static str) -> Rule {
    Rule::Currency(Cow::Borrowed(symbol), Side::After)
}

const fn boolean(yes: &'static str, no: &'static str) -> Rule {
    Rule::Bool(Cow::Borrowed(yes), Cow::Borrowed(no))
}

const fn date(pattern: &'static str) -> Rule {
    Rule::Date(Cow::Borrowed(pattern))
}

const fn date_unless_today(pattern: &'static str, today: &'static str) -> Rule {
    Rule::DateUnlessToday(Cow::Borrowed(pattern), Cow::Borrowed(today))
}

#[rustfmt::skip]
pub(super) static UNITS: [(&str, Rule); 273] = [
    // misc
    ("none", Rule::Number),
    ("string", Rule::Text),
    ("short", Rule::Short),
    ("sishort", si("", 0)),
    ("percent", Rule::Percent),
    ("percentunit", Rule::PercentUnit),
    ("humidity", suffix("%H")),
    ("dB", suffix("dB")),
    ("candela", si("cd", 0)),
    ("hex0x", Rule::Hex { prefixed: true }),
    ("hex", Rule::Hex { prefixed: false }),
    ("sci", Rule::Sci),
    ("locale", Rule::Locale),
    ("pixel", suffix("px")),
    // acceleration
    ("accMS2", suffix("m/sec²")),
    ("accFS2", suffix("f/sec²")),
    ("accG", suffix("g")),
    // angle
    ("degree", suffix("°")),
    ("radian", suffix("rad")),
    ("grad", suffix("grad")),
    ("arcmin", suffix("arcmin")),
    ("arcsec", suffix("arcsec")),
    // area
    ("areaM2", suffix("m²")),
    ("areaF2", suffix("ft²")),
    ("areaMI2", suffix("mi²")),
    ("acres", suffix("ac")),
    ("hectares", suffix("ha")),
    // computation
    ("flops", si("FLOPS", 0)),
    ("mflops", si("FLOPS", 2)),
    ("gflops", si("FLOPS", 3)),
    ("tflops", si("FLOPS", 4)),
    ("pflops", si("FLOPS", 5)),
    ("eflops", si("FLOPS", 6)),
    ("zflops", si("FLOPS", 7)),
    ("yflops", si("FLOPS", 8)),
    // concentration
    ("ppm", suffix("ppm")),
    ("conppb", suffix("ppb")),
    ("conngm3", suffix("ng/m³")),
    ("conngNm3", suffix("ng/Nm³")),
    ("conμgm3", suffix("μg/m³")),
    ("conμgNm3", suffix("μg/Nm³")),
    ("conmgm3", suffix("mg/m³")),
    ("conmgNm3", suffix("mg/Nm³")),
    ("congm3", suffix("g/m³")),
    ("congNm3", suffix("g/Nm³")),
    ("conmgdL", suffix("mg/dL")),
    ("conmmolL", suffix("mmol/L")),
    // currency
    ("currencyUSD", currency("$")),
    ("currencyGBP", currency("£")),
    ("currencyEUR", currency("€")),
    ("currencyJPY", currency("¥")),
    ("currencyRUB", currency("₽")),
    ("currencyUAH", currency("₴")),
    ("currencyBRL", currency("R$")),
    ("currencyDKK", currency_after("kr")),
    ("currencyISK", currency_after("kr")),
    ("currencyNOK", currency_after("kr")),
    ("currencySEK", currency_after("kr")),
    ("currencyCZK", currency("czk")),
    ("currencyCHF", currency("CHF")),
    ("currencyPLN", currency("PLN")),
    ("currencyBTC", currency("฿")),
    ("currencymBTC", currency("mBTC")),
    ("currencyμBTC", currency("μBTC")),
    ("currencyZAR", currency("R")),
    ("currencyINR", currency("₹")),
    ("currencyKRW", currency("₩")),
    ("currencyIDR", currency("Rp")),
    ("currencyPHP", currency("PHP")),
    ("currencyVND", currency_after("đ")),
    ("currencyTRY", currency_after("₺")),
    ("currencyMYR", currency("RM")),
    ("currencyXPF", currency("XPF")),
    ("currencyBGN", currency("BGN")),
    ("currencyPYG", currency("₲")),
    ("currencyUYU", currency("UYU")),
    ("currencyILS", currency("₪")),
    // data
    ("bytes", iec("B", 0)),
    ("decbytes", si("B", 0)),
    ("bits", iec("b", 0)),
    ("decbits", si("b", 0)),
    ("kbytes", iec("B", 1)),
    ("deckbytes", si("B", 1)),
    ("mbytes", iec("B", 2)),
    ("decmbytes", si("B", 2)),
    ("gbytes", iec("B", 3)),
    ("decgbytes", si("B", 3)),
    ("tbytes", iec("B", 4)),
    ("dectbytes", si("B", 4)),
    ("pbytes", iec("B", 5)),
    ("decpbytes", si("B", 5)),
    // data rate
    ("pps", si("p/s", 0)),
    ("binBps", iec("B/s", 0)),
    ("Bps", si("B/s", 0)),
    ("binbps", iec("b/s", 0)),
    ("bps", si("b/s", 0)),
    ("KiBs", iec("B/s", 1)),
    ("Kibits", iec("b/s", 1)),
    ("KBs", si("B/s", 1)),
    ("Kbits", si("b/s", 1)),
    ("MiBs", iec("B/s", 2)),
    ("Mibits", iec("b/s", 2)),
    ("MBs", si("B/s", 2)),
    ("Mbits", si("b/s", 2)),
    ("GiBs", iec("B/s", 3)),
    ("Gibits", iec("b/s", 3)),
    ("GBs", si("B/s", 3)),
    ("Gbits", si("b/s", 3)),
    ("TiBs", iec("B/s", 4)),
    ("Tibits", iec("b/s", 4)),
    ("TBs", si("B/s", 4)),
    ("Tbits", si("b/s", 4)),
    ("PiBs", iec("B/s", 5)),
    ("Pibits", iec("b/s", 5)),
    ("PBs", si("B/s", 5)),
    ("Pbits", si("b/s", 5)),
    // date time
    ("dateTimeAsIso", date("YYYY-MM-DD HH:mm:ss")),
    ("dateTimeAsIsoNoDateIfToday", date_unless_today("YYYY-MM-DD HH:mm:ss", "HH:mm:ss")),
    ("dateTimeAsUS", date("MM/DD/YYYY h:mm:ss a")),
    ("dateTimeAsUSNoDateIfToday", date_unless_today("MM/DD/YYYY h:mm:ss a", "h:mm:ss a")),
    ("dateTimeAsLocal", date("MM/DD/YYYY, hh:mm:ss A")),
    ("dateTimeAsLocalNoDateIfToday", date_unless_today("MM/DD/YYYY, hh:mm:ss A", "hh:mm:ss A")),
    ("dateTimeAsSystem", date("YYYY-MM-DD HH:mm:ss")),
    ("dateTimeFromNow", Rule::FromNow),
    // energy
    ("watt", si("W", 0)),
    ("kwatt", si("W", 1)),
    ("megwatt", si("W", 2)),
    ("gwatt", si("W", 3)),
    ("mwatt", si("W", -1)),
    ("Wm2", si("W/m²", 0)),
    ("voltamp", si("VA", 0)),
    ("kvoltamp", si("VA", 1)),
    ("voltampreact", si("VAr", 0)),
    ("kvoltampreact", si("VAr", 1)),
    ("watth", si("Wh", 0)),
    ("watthperkg", si("Wh/kg", 0)),
    ("kwatth", si("Wh", 1)),
    ("kwattm", si("W-Min", 1)),
    ("mwatth", si("Wh", 2)),
    ("amph", si("Ah", 0)),
    ("kamph", si("Ah", 1)),
    ("mamph", si("Ah", -1)),
    ("joule", si("J", 0)),
    ("ev", si("eV", 0)),
    ("amp", si("A", 0)),
    ("kamp", si("A", 1)),
    ("mamp", si("A", -1)),
    ("volt", si("V", 0)),
    ("kvolt", si("V", 1)),
    ("mvolt", si("V", -1)),
    ("dBm", suffix("dbm")),
    ("mohm", si("Ω", -1)),
    ("ohm", si("Ω", 0)),
    ("kohm", si("Ω", 1)),
    ("Mohm", si("Ω", 2)),
    ("farad", si("F", 0)),
    ("µfarad", si("F", -2)),
    ("nfarad", si("F", -3)),
    ("pfarad", si("F", -4)),
    ("ffarad", si("F", -5)),
    ("henry", si("H", 0)),
    ("mhenry", si("H", -1)),
    ("µhenry", si("H", -2)),
    ("lumens", si("Lm", 0)),
    // flow
    ("flowgpm", suffix("gpm")),
    ("flowcms", suffix("cms")),
    ("flowcfs", suffix("cfs")),
    ("flowcfm", suffix("cfm")),
    ("litreh", suffix("L/h")),
    ("flowlpm", suffix("L/min")),
    ("flowmlpm", suffix("mL/min")),
    ("lux", suffix("lux")),
    // force
    ("forceNm", si("Nm", 0)),
    ("forcekNm", si("Nm", 1)),
    ("forceN", si("N", 0)),
    ("forcekN", si("N", 1)),
    // hash rate
    ("Hs", si("H/s", 0)),
    ("KHs", si("H/s", 1)),
    ("MHs", si("H/s", 2)),
    ("GHs", si("H/s", 3)),
    ("THs", si("H/s", 4)),
    ("PHs", si("H/s", 5)),
    ("EHs", si("H/s", 6)),
    // mass
    ("massmg", si("g", -1)),
    ("massg", si("g", 0)),
    ("masslb", suffix("lb")),
    ("masskg", si("g", 1)),
    ("masst", suffix("t")),
    // length
    ("lengthmm", si("m", -1)),
    ("lengthcm", suffix("cm")),
    ("lengthin", suffix("in")),
    ("lengthft", suffix("ft")),
    ("lengthm", si("m", 0)),
    ("lengthkm", si("m", 1)),
    ("lengthmi", suffix("mi")),
    // pressure
    ("pressurembar", si("bar", -1)),
    ("pressurebar", si("bar", 0)),
    ("pressurekbar", si("bar", 1)),
    ("pressurepa", si("Pa", 0)),
    ("pressurehpa", suffix("hPa")),
    ("pressurekpa", suffix("kPa")),
    ("pressurehg", suffix("\"Hg")),
    ("pressurepsi", Rule::Psi),
    // radiation
    ("radbq", si("Bq", 0)),
    ("radci", si("Ci", 0)),
    ("radgy", si("Gy", 0)),
    ("radrad", si("rad", 0)),
    ("radsv", si("Sv", 0)),
    ("radmsv", si("Sv", -1)),
    ("radusv", si("Sv", -2)),
    ("radrem", si("rem", 0)),
    ("radexpckg", si("C/kg", 0)),
    ("radr", si("R", 0)),
    ("radsvh", si("Sv/h", 0)),
    ("radmsvh", si("Sv/h", -1)),
    ("radusvh", si("Sv/h", -2)),
    // rotational speed
    ("rotrpm", suffix("rpm")),
    ("rothz", si("Hz", 0)),
    ("rotkhz", si("Hz", 1)),
    ("rotmhz", si("Hz", 2)),
    ("rotghz", si("Hz", 3)),
    ("rotrads", suffix("rad/s")),
    ("rotdegs", suffix("°/s")),
    // temperature
    ("celsius", suffix("°C")),
    ("fahrenheit", suffix("°F")),
    ("kelvin", suffix("K")),
    // time
    ("hertz", si("Hz", 0)),
    ("ns", Rule::Time(TimeUnit::Nanosecond)),
    ("µs", Rule::Time(TimeUnit::Microsecond)),
    ("ms", Rule::Time(TimeUnit::Millisecond)),
    ("s", Rule::Time(TimeUnit::Second)),
    ("m", Rule::Time(TimeUnit::Minute)),
    ("h", Rule::Time(TimeUnit::Hour)),
    ("d", Rule::Time(TimeUnit::Day)),
    ("dtdurationms", Rule::Duration { millis: true }),
    ("dtdurations", Rule::Duration { millis: false }),
    ("dthms", Rule::Hms),
    ("dtdhms", Rule::Dhms),
    ("timeticks", Rule::Timeticks),
    ("clockms", Rule::Clock { millis: true }),
    ("clocks", Rule::Clock { millis: false }),
    // throughput
    ("cps", count("c/s")),
    ("ops", count("ops/s")),
    ("reqps", count("req/s")),
    ("rps", count("rd/s")),
    ("wps", count("wr/s")),
    ("iops", count("io/s")),
    ("eps", count("evt/s")),
    ("mps", count("msg/s")),
    ("recps", count("rec/s")),
    ("rowsps", count("rows/s")),
    ("cpm", count("c/m")),
    ("opm", count("ops/m")),
    ("reqpm", count("req/m")),
    ("rpm", count("rd/m")),
    ("wpm", count("wr/m")),
    ("epm", count("evts/m")),
    ("mpm", count("msgs/m")),
    ("recpm", count("rec/m")),
    ("rowspm", count("rows/m")),
    // velocity
    ("velocityms", suffix("m/s")),
    ("velocitykmh", suffix("km/h")),
    ("velocitymph", suffix("mph")),
    ("velocityknot", suffix("kn")),
    // volume
    ("mlitre", si("L", -1)),
    ("litre", si("L", 0)),
    ("m3", suffix("m³")),
    ("Nm3", suffix("Nm³")),
    ("dm3", suffix("dm³")),
    ("gallons", suffix("gal")),
    // boolean
    ("bool", boolean("True", "False")),
    ("bool_yes_no", boolean("Yes", "No")),
    ("bool_on_off", boolean("On", "Off")),
];
