//! Values to text: units by Grafana's ids, automatic decimals, and the steps on which axis ticks may lie.
//!
//! The texts are those of Grafana's `getValueFormat` (packages/grafana-data, valueFormats), which the tests compare
//! with a table that Grafana's own package has written (`scripts/units`). The exceptions are listed there; above all,
//! NaN is `NaN` and infinities are `+Inf` and `-Inf` as Prometheus writes them, always without a unit, and a date that
//! is formatted without a time zone says that it is UTC.

mod calendar;
mod duration;
mod number;
mod table;

use std::borrow::Cow;
use std::ops::Range;

use chrono_tz::Tz;

use table::{Rule, Side, TimeUnit};

/// Most digits after the point; more would be noise of the binary representation.
pub const DECIMALS_LIMIT: u8 = 20;

/// Longest unit id that is kept, in characters; the rest of a longer one is cut.
pub const ID_LIMIT_CHARS: usize = 100;

/// Longest number below 1 that is written in full where nobody wishes decimals: 0.00000147 has more.
const FRACTION_LIMIT_CHARS: usize = 9;
/// The same for a number above 1: the digits that an `f64` has, and its sign.
const INTEGER_LIMIT_CHARS: usize = 17;
/// The same for what stands before a power of ten.
const MANTISSA_LIMIT_CHARS: usize = 4;

/// A unit by Grafana's id (`s`, `bytes`, `percentunit`, `reqps` ...); an id that is not known becomes a suffix.
///
/// ```
/// use promscope::unit::Unit;
/// assert_eq!(Unit::new("bytes").format(1536.0, None), "1.50 KiB");
/// assert_eq!(Unit::new("cats").format(3.0, None), "3 cats");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    id: Box<str>,
    rule: Rule,
}

impl Default for Unit {
    fn default() -> Self {
        Self { id: "".into(), rule: Rule::Number }
    }
}

/// On which numbers the ticks of an axis look round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TickBase {
    /// 1, 2 and 5 times powers of ten.
    Decimal,
    /// Powers of two: `KiB`, `MiB` ...
    Binary {
        /// How many of what bears no prefix one of the unit is: 1 for `bytes`, 1024 for `kbytes`.
        size: f64,
    },
    /// Clock steps such as 15 s, 1 min, 6 h, 1 day; decimal below the names that the unit has.
    Time(Clock),
}

/// The names that a unit of time has for its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Length of one unit in seconds; 0.001 for `ms`.
    pub unit_s: f64,
    /// Days are counted in weeks from the seventh on.
    pub has_weeks: bool,
    /// Length of a year, where there are years.
    pub year_s: Option<f64>,
}

/// Where and when the reader of a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone that dates are shown in.
    pub zone: Tz,
    /// What "3 hours ago" and "today" refer to, Unix milliseconds.
    pub now_ms: i64,
}

/// A formatted value whose number can be told from its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    text: String,
    number: Range<usize>,
}

impl Formatted {
    /// A text that stands for a value and has no unit.
    pub fn words(text: &str) -> Self {
        Self { text: text.to_owned(), number: 0..text.len() }
    }

    /// All of it: `$1.5K`, `12.3 ms`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the number: a currency, or nothing.
    pub fn prefix(&self) -> &str {
        &self.text[..self.number.start]
    }

    /// The number alone, or the whole text of a unit that has no number (dates, durations, booleans).
    pub fn number(&self) -> &str {
        &self.text[self.number.clone()]
    }

    /// What stands behind the number, its leading space included.
    pub fn suffix(&self) -> &str {
        &self.text[self.number.end..]
    }

    /// The same with one digit before the point and `decimals` behind it, where the number has a power of ten.
    pub fn rounded(&self, decimals: u8) -> Option<String> {
        let number = self.number().contains('e').then(|| self.number().parse().ok())??;
        Some(self.to_power_of_ten(number, Some(decimals)).text)
    }

    fn to_power_of_ten(&self, number: f64, decimals: Option<u8>) -> Self {
        let mut text = self.prefix().to_owned();
        number::push_exponential(&mut text, number, decimals);
        let number = self.number.start..text.len();
        text.push_str(self.suffix());
        Self { text, number }
    }

    /// The text without its parts.
    pub fn into_string(self) -> String {
        self.text
    }
}

impl Unit {
    /// The unit with this id; every id is accepted.
    pub fn new(id: &str) -> Self {
        let end = id.char_indices().nth(ID_LIMIT_CHARS).map_or(id.len(), |(at, _)| at);
        let id = &id[..end];
        let rule = table::rule(id).or_else(|| prefixed(id)).unwrap_or_else(|| suffix(id));
        Self { id: id.into(), rule }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the id means something of its own; false where it merely became a suffix.
    pub fn is_known(&self) -> bool {
        self.id.is_empty() || table::rule(&self.id).is_some() || prefixed(&self.id).is_some()
    }

    /// The ids of Grafana's units, for completion, the schema and "did you mean".
    pub fn known_ids() -> impl Iterator<Item = &'static str> {
        table::UNITS.iter().map(|(id, _)| *id)
    }

    /// `value` in this unit, with `decimals` after the point or as many as Grafana would choose. A date is in UTC and
    /// says so; [`Unit::format_at`] has it in the reader's zone.
    pub fn format(&self, value: f64, decimals: Option<u8>) -> String {
        self.parts(value, decimals, None).text
    }

    /// As [`Unit::format`], dates and ages as the reader at `calendar` sees them.
    pub fn format_at(&self, value: f64, decimals: Option<u8>, calendar: Calendar) -> String {
        self.parts(value, decimals, Some(calendar)).text
    }

    /// `value` in this unit with its number and unit told apart.
    pub fn parts(&self, value: f64, decimals: Option<u8>, calendar: Option<Calendar>) -> Formatted {
        let mut text = String::with_capacity(24);
        let number = if value.is_finite() {
            let decimals = decimals.map(|decimals| decimals.min(DECIMALS_LIMIT));
            self.write(&mut text, value, decimals, calendar)
        } else {
            text.push_str(if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            });
            0..text.len()
        };
        Formatted { text, number }
    }

    /// As [`Unit::parts`]; where no decimals are wished, a number of many digits is written with three of them and a power
    /// of ten: a value of 0.00000147 or of 1.0903252729521034e+300 would take the room of its name.
    pub fn brief(&self, value: f64, decimals: Option<u8>, calendar: Option<Calendar>) -> Formatted {
        let full = self.parts(value, decimals, calendar);
        // Of a number that was written for its digits all are kept.
        let has_own_digits = matches!(self.rule, Rule::Hex { .. } | Rule::Text | Rule::Sci);
        let digits = full.number();
        let Some(number) = digits.parse::<f64>().ok().filter(|_| decimals.is_none() && !has_own_digits)
        else {
            return full;
        };
        let is_long = match digits.split_once('e') {
            Some((mantissa, _)) => mantissa.trim_start_matches('-').len() > MANTISSA_LIMIT_CHARS,
            None if number.abs() < 1.0 => digits.len() > FRACTION_LIMIT_CHARS,
            None => digits.len() > INTEGER_LIMIT_CHARS,
        };
        if is_long { full.to_power_of_ten(number, number::exponential_decimals(number)) } else { full }
    }

    /// On which numbers ticks of an axis in this unit look round.
    pub fn base(&self) -> TickBase {
        const YEAR_S: f64 = 365.0 * 86_400.0;
        let clock = |unit_s, has_weeks, year_s| TickBase::Time(Clock { unit_s, has_weeks, year_s });
        match &self.rule {
            Rule::Iec(_, offset) => TickBase::Binary { size: 1024_f64.powi(i32::from(*offset)) },
            // Grafana has no minutes for these.
            Rule::Time(TimeUnit::Microsecond) => TickBase::Decimal,
            Rule::Time(unit) => clock(unit.seconds(), unit.has_weeks(), unit.year_s()),
            Rule::Timeticks => clock(0.01, true, TimeUnit::Second.year_s()),
            Rule::Duration { millis } => clock(if *millis { 0.001 } else { 1.0 }, true, Some(YEAR_S)),
            Rule::Clock { millis } => clock(if *millis { 0.001 } else { 1.0 }, false, None),
            Rule::Hms | Rule::Dhms => clock(1.0, false, None),
            Rule::Date(_) | Rule::DateUnlessToday(..) | Rule::FromNow => clock(0.001, false, None),
            _ => TickBase::Decimal,
        }
    }

    /// Whether its texts are two words, one for zero and one for all else.
    pub fn is_bool(&self) -> bool {
        matches!(self.rule, Rule::Bool(..))
    }

    /// Whether its values are points in time, whose zero means nothing.
    pub fn is_date(&self) -> bool {
        matches!(self.rule, Rule::Date(_) | Rule::DateUnlessToday(..) | Rule::FromNow)
    }

    /// Whether it says how long ago a point in time is.
    pub fn is_age(&self) -> bool {
        self.rule == Rule::FromNow
    }

    /// The least that there can be of what the unit counts, where it counts what has no parts: a bit or a byte.
    pub fn indivisible(&self) -> Option<f64> {
        let (name, factor, offset) = match &self.rule {
            Rule::Iec(name, offset) => (name, 1024.0_f64, offset),
            Rule::Si(name, offset) => (name, 1000.0, offset),
            _ => return None,
        };
        matches!(&**name, "B" | "b").then(|| factor.powi(-i32::from(*offset)))
    }

    /// Where a gauge in this unit begins and ends unless told otherwise: 0 to 1 for `percentunit`, else 0 to 100.
    pub fn gauge_range(&self) -> (f64, f64) {
        if self.rule == Rule::PercentUnit { (0.0, 1.0) } else { (0.0, 100.0) }
    }

    /// Appends the finite `value`; returns where in `out` its number stands.
    fn write(
        &self,
        out: &mut String,
        value: f64,
        decimals: Option<u8>,
        calendar: Option<Calendar>,
    ) -> Range<usize> {
        let fixed = |out: &mut String, prefix: &str, value: f64, suffix: &[&str]| {
            out.push_str(prefix);
            let start = out.len();
            number::push_fixed(out, value, decimals);
            let end = out.len();
            for part in suffix {
                out.push_str(part);
            }
            start..end
        };
        match &self.rule {
            Rule::Number => fixed(out, "", value, &[]),
            Rule::Suffix(unit) => fixed(out, "", value, &[" ", unit]),
            Rule::Prefix(unit) => fixed(out, unit, value, &[]),
            Rule::Percent => fixed(out, "", value, &["%"]),
            Rule::PercentUnit => fixed(out, "", 100.0 * value, &["%"]),
            // No name is left, and a dozen digits in front of the last one could not be read.
            Rule::Short if value.abs() >= table::SHORT_END => {
                let start = out.len();
                number::push_exponential(
                    out,
                    value,
                    decimals.or_else(|| number::exponential_decimals(value)),
                );
                start..out.len()
            }
            Rule::Short => {
                let (value, name) = scale(value, 1000.0, &table::SHORT, 0);
                fixed(out, "", value, &[name])
            }
            Rule::Psi => {
                let (value, name) = scale(value, 1000.0, &table::PSI, 0);
                fixed(out, "", value, &[name])
            }
            Rule::Si(unit, offset) => {
                let (value, name) = scale(value, 1000.0, &table::SI_PREFIXES, table::SI_BASE + offset);
                // Grafana ends the bare number of `sishort` in a space; nobody would miss it.
                let space = if name.is_empty() && unit.is_empty() { "" } else { " " };
                fixed(out, "", value, &[space, name, unit])
            }
            Rule::Iec(unit, offset) => {
                let (value, name) = scale(value, 1024.0, &table::IEC_PREFIXES, *offset);
                fixed(out, "", value, &[" ", name, unit])
            }
            Rule::Count(unit) => {
                let (value, name) = scale(value, 1000.0, &table::COUNT, 0);
                let space = if unit.is_empty() { "" } else { " " };
                fixed(out, "", value, &[name, space, unit])
            }
            Rule::Currency(symbol, side) => {
                if value < 0.0 {
                    out.push('-');
                }
                let (value, name) = scale(value.abs(), 1000.0, &table::COUNT, 0);
                match side {
                    Side::Before => fixed(out, symbol, value, &[name]),
                    Side::After => fixed(out, "", value, &[name, symbol]),
                }
            }
            Rule::Time(unit) => duration::push_time(out, value, decimals, *unit),
            Rule::Timeticks => duration::push_time(out, value / 100.0, decimals, TimeUnit::Second),
            rule => {
                let start = out.len();
                write_whole(rule, out, value, decimals, calendar);
                start..out.len()
            }
        }
    }
}

/// Rules whose text is not a number and a unit.
fn write_whole(rule: &Rule, out: &mut String, value: f64, decimals: Option<u8>, calendar: Option<Calendar>) {
    match rule {
        Rule::Financial(symbol, side) => {
            let (before, after) = if *side == Side::Before { (&**symbol, "") } else { ("", &**symbol) };
            out.push_str(before);
            number::push_grouped(out, value, decimals.unwrap_or(0), decimals.unwrap_or(1));
            out.push_str(after);
        }
        Rule::Locale => number::push_grouped(out, value, 0, decimals.unwrap_or(3)),
        Rule::Text => number::push_js(out, value),
        Rule::Sci => number::push_exponential(out, value, decimals),
        Rule::Hex { prefixed } => number::push_hex(out, value, decimals, *prefixed),
        Rule::Bool(yes, no) => out.push_str(if value == 0.0 { no } else { yes }),
        Rule::Duration { millis } => duration::push_duration(out, value, decimals, *millis),
        Rule::Hms => duration::push_hms(out, value),
        Rule::Dhms => duration::push_dhms(out, value),
        Rule::Clock { millis } => {
            duration::push_clock(out, if *millis { value } else { value * 1000.0 }, decimals);
        }
        Rule::Date(pattern) => calendar::push_date(out, value, pattern, pattern, calendar),
        Rule::DateUnlessToday(pattern, today) => calendar::push_date(out, value, pattern, today, calendar),
        Rule::FromNow => calendar::push_from_now(out, value, calendar),
        _ => number::push_fixed(out, value, decimals),
    }
}

/// `value` in the largest of `names` that leaves at least 1 of it; `names[offset]` is the unit's own.
fn scale<'a>(value: f64, factor: f64, names: &[&'a str], offset: i8) -> (f64, &'a str) {
    let (low, high) = (-i32::from(offset), names.len() as i32 - i32::from(offset) - 1);
    // Grafana's own expression, so that the edges fall where its do.
    let power = if value == 0.0 { 0.0 } else { (value.abs().log10() / factor.log10()).floor() };
    let power = (power as i32).clamp(low, high);
    // `powi` of a negative power is off by a bit, which shows in the automatic decimals.
    let divisor = if power < 0 { factor.powf(f64::from(power)) } else { factor.powi(power) };
    (value / divisor, names[(i32::from(offset) + power) as usize])
}

/// Ids of the form `kind:argument`.
fn prefixed(id: &str) -> Option<Rule> {
    let (kind, argument) = id.split_once(':')?;
    let owned = |text: &str| Cow::Owned(text.to_owned());
    Some(match kind {
        "prefix" => Rule::Prefix(owned(argument)),
        "suffix" => suffix(argument),
        "time" => Rule::Date(owned(argument)),
        "si" => {
            let first = argument.chars().next().map_or(0, char::len_utf8);
            let position = table::si_prefix(&argument[..first]);
            let unit = if position == 0 { argument } else { &argument[first..] };
            Rule::Si(owned(unit), position)
        }
        "count" => Rule::Count(owned(argument)),
        "currency" => match argument.strip_prefix("financial:") {
            Some("") => Rule::Number,
            Some(symbol) => match symbol.split_once(':') {
                Some((symbol, "suffix")) => Rule::Financial(owned(symbol), Side::After),
                Some((symbol, _)) => Rule::Financial(owned(symbol), Side::Before),
                None => Rule::Financial(owned(symbol), Side::Before),
            },
            None => Rule::Currency(owned(argument), Side::Before),
        },
        "bool" => {
            let (yes, no) = argument.split_once('/').unwrap_or((argument, "-"));
            Rule::Bool(owned(yes), owned(no))
        }
        _ => return None,
    })
}

fn suffix(unit: &str) -> Rule {
    if unit.is_empty() { Rule::Number } else { Rule::Suffix(Cow::Owned(unit.to_owned())) }
}

#[cfg(test)]
mod tests;
