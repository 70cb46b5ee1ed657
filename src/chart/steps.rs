//! Round numbers: the distances that ticks of an axis may have in a unit.

use crate::unit::{Clock, TickBase, Unit};

/// The round numbers for an axis of a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    ladder: Ladder,
    /// No step is smaller.
    least: f64,
}

/// Which numbers are round.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ladder {
    /// 1, 2, 5 times powers of ten.
    Decimal,
    /// Powers of two.
    Binary,
    /// 1, 2, 5 times powers of ten, of so many: where all values have one prefix of 1024, 9.5 GiB is rounder than
    /// 9728 MiB, and where all are years, 1.5 years are rounder than 78 weeks.
    DecimalOf(f64),
    /// Seconds, minutes, hours, days, weeks and years.
    Time {
        clock: Clock,
        /// The largest value comes to years.
        has_years: bool,
    },
}

/// Years are counted from so many on; what is less would be told in weeks or days anyway.
const YEARS_FROM: f64 = 2.0;
/// Values of time that come to less than this are told in seconds or in parts of one, which are decimal.
const CLOCK_FROM_S: f64 = 60.0;
const DAY_S: f64 = 86_400.0;
/// Steps of a clock up to a day, in seconds.
const CLOCK_S: [f64; 18] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0,
    21_600.0, 43_200.0, DAY_S,
];
/// Steps of more than a day in a unit that has weeks, in days; the last are a quarter and a half of a year.
const WEEKS_DAYS: [f64; 7] = [2.0, 7.0, 14.0, 28.0, 56.0, 91.0, 182.0];
/// In years, steps beyond this many days are years.
const YEAR_STEPS_FROM_DAYS: f64 = 56.0;
/// Sizes are compared with this much indulgence: they come out of divisions.
const ALMOST: f64 = 0.999_999;

/// A distance of ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    mantissa: f64,
    exponent: i32,
}

impl Step {
    /// The distance itself.
    pub fn size(self) -> f64 {
        self.times(1.0)
    }

    /// Twice the distance.
    #[must_use]
    pub fn doubled(self) -> Self {
        Self { mantissa: 2.0 * self.mantissa, ..self }
    }

    /// `count` steps, with no error of a decimal fraction added up: 3 times 0.1 is 0.3.
    pub fn times(self, count: f64) -> f64 {
        let product = count * self.mantissa;
        let multiple = if self.exponent < 0 {
            product / 10_f64.powi(-self.exponent)
        } else {
            product * 10_f64.powi(self.exponent)
        };
        // No -0.
        multiple + 0.0
    }
}

impl Steps {
    /// The round numbers for values from `low` to `high`.
    pub fn of(unit: &Unit, low: f64, high: f64) -> Self {
        let magnitude = low.abs().max(high.abs());
        // Values of both signs have zero between them.
        let smallest = if low.signum() * high.signum() > 0.0 { low.abs().min(high.abs()) } else { 0.0 };
        let ladder = match unit.base() {
            TickBase::Decimal => Ladder::Decimal,
            TickBase::Binary { size } => {
                let power = ((magnitude * size).log2() / 10.0).floor().clamp(0.0, 9.0);
                let prefix = 1024_f64.powi(power as i32) / size;
                if smallest >= prefix { Ladder::DecimalOf(prefix) } else { Ladder::Binary }
            }
            TickBase::Time(clock) => match clock.year_s.map(|year_s| year_s / clock.unit_s) {
                Some(year) if smallest >= year => Ladder::DecimalOf(year),
                year if magnitude * clock.unit_s >= CLOCK_FROM_S => {
                    let has_years = year.is_some_and(|year| magnitude >= YEARS_FROM * year);
                    Ladder::Time { clock, has_years }
                }
                _ => Ladder::Decimal,
            },
        };
        // Two ticks on whole bytes are enough; where there are not as many, an average may well be half a byte.
        let has_two = |least: &f64| (high / least).floor() - (low / least).ceil() >= 1.0;
        Self { ladder, least: unit.indivisible().filter(has_two).unwrap_or(0.0) }
    }

    /// Whether they are those of a clock.
    pub fn are_of_time(self) -> bool {
        matches!(self.ladder, Ladder::Time { .. })
    }

    /// The smallest step that is not below `size`.
    pub fn at_least(self, size: f64) -> Step {
        let size = size.max(self.least);
        match self.ladder {
            Ladder::Binary if size > 2_f64.powi(-50) && size < 2_f64.powi(100) => {
                let exact = 2_f64.powi(size.log2().ceil() as i32);
                Step { mantissa: if exact / 2.0 >= size { exact / 2.0 } else { exact }, exponent: 0 }
            }
            Ladder::Time { clock, has_years } => of_time(clock, has_years, size),
            Ladder::DecimalOf(one) => decimal_of(one, size),
            Ladder::Decimal | Ladder::Binary => decimal(size),
        }
    }
}

/// 1, 2 or 5 times a power of ten, times `one`.
fn decimal_of(one: f64, size: f64) -> Step {
    let step = decimal(size / one);
    Step { mantissa: step.mantissa * one, ..step }
}

fn decimal(size: f64) -> Step {
    let exponent = size.log10().floor() as i32;
    let power = Step { mantissa: 1.0, exponent }.size();
    let (mantissa, exponent) = match size / power {
        part if part <= 1.000_001 => (1.0, exponent),
        part if part <= 2.000_001 => (2.0, exponent),
        part if part <= 5.000_001 => (5.0, exponent),
        _ => (1.0, exponent + 1),
    };
    Step { mantissa, exponent }
}

fn of_time(clock: Clock, has_years: bool, size: f64) -> Step {
    let size_s = size * clock.unit_s * ALMOST;
    // What is smaller than the unit itself is told in parts of it: half an hour is 0.5 hour, and 10 minutes are odd.
    if size_s < clock.unit_s.max(1.0) * 0.5 {
        return decimal(size);
    }
    let own = CLOCK_S.into_iter().filter(|step_s| *step_s >= clock.unit_s);
    let weeks = WEEKS_DAYS.into_iter().filter(|_| clock.has_weeks).map(|days| days * DAY_S);
    let step_s = own.chain(weeks).find(|step_s| *step_s >= size_s);
    let are_years = has_years && size_s > YEAR_STEPS_FROM_DAYS * DAY_S;
    match (step_s, clock.year_s) {
        (Some(step_s), _) if !are_years => {
            let count = step_s / clock.unit_s;
            // Units below a second divide a second evenly; the quotient of two floats need not.
            Step { mantissa: if clock.unit_s < 1.0 { count.round() } else { count }, exponent: 0 }
        }
        (_, Some(year_s)) if are_years || clock.has_weeks => {
            decimal_of(year_s / clock.unit_s, size.max(year_s / clock.unit_s))
        }
        _ => decimal_of(DAY_S / clock.unit_s, size),
    }
}

#[cfg(test)]
mod tests {
    use crate::chart::axis;
    use crate::unit::Unit;

    use super::DAY_S;

    /// Grafana's, in `s`.
    const YEAR_S: f64 = 31_556_900.0;

    fn labels(unit: &str, low: f64, high: f64, lines: u16) -> String {
        let ticks = axis::ticks(low, high, lines, &Unit::new(unit), None);
        ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    #[rustfmt::skip]
    fn ticks_of_all_kinds_of_units() {
        for (unit, low, high, lines, expected) in [
            // Whole bytes where two fit, parts where they do not.
            ("bytes", 0.0, 1.0, 12, "0 B | 1 B"),
            ("bytes", 0.0, 3.0, 24, "0 B | 1 B | 2 B | 3 B"),
            ("bytes", 0.0, 0.6, 12, "0.000 B | 0.125 B | 0.250 B | 0.375 B | 0.500 B"),
            ("bytes", 0.3, 1.4, 12, "0.50 B | 0.75 B | 1.00 B | 1.25 B"),
            ("bits", 0.0, 4.0, 30, "0 b | 1 b | 2 b | 3 b | 4 b"),
            ("decbytes", 0.0, 2.0, 20, "0 B | 1 B | 2 B"),
            ("kbytes", 0.0, 0.005, 12, "0 KiB | 2 B | 4 B"),
            ("binBps", 0.0, 2.0, 12, "0.0 B/s | 0.5 B/s | 1.0 B/s | 1.5 B/s | 2.0 B/s"),
            // Powers of two, and decimal ones of a prefix that all have.
            ("bytes", 0.0, 900.0, 12, "0 B | 256 B | 512 B | 768 B"),
            ("bytes", 0.0, 5000.0, 12, "0 B | 1 KiB | 2 KiB | 3 KiB | 4 KiB"),
            ("bytes", 0.0, 3e9, 12, "0 B | 1 GiB | 2 GiB"),
            ("bytes", 9.3e9, 9.9e9, 12, "8.8 GiB | 9.0 GiB | 9.2 GiB"),
            ("kbytes", 0.2, 0.9, 12, "400 B | 600 B | 800 B"),
            ("kbytes", 0.0, 3000.0, 12, "0 KiB | 1 MiB | 2 MiB"),
            ("gbytes", 0.0, 1.0, 12, "0 GiB | 256 MiB | 512 MiB | 768 MiB | 1 GiB"),
            ("bytes", -2e6, 2e6, 12, "-1 MiB | 0 B | 1 MiB"),
            ("decbytes", 0.0, 3e9, 12, "0 B | 1 GB | 2 GB | 3 GB"),
            ("Bps", 0.0, 1.7e6, 12, "0 B/s | 500 kB/s | 1.0 MB/s | 1.5 MB/s"),
            ("bps", 0.0, 2e9, 12, "0 b/s | 500 Mb/s | 1.0 Gb/s | 1.5 Gb/s | 2.0 Gb/s"),
            // Clocks.
            ("s", 0.0, 0.4, 9, "0 s | 100 ms | 200 ms | 300 ms | 400 ms"),
            ("s", 0.0, 50.0, 12, "0 s | 10 s | 20 s | 30 s | 40 s | 50 s"),
            ("s", 0.0, 120.0, 12, "0 s | 30 s | 1 min | 1.5 mins | 2.0 mins"),
            ("s", 0.0, 600.0, 12, "0 s | 2 mins | 4 mins | 6 mins | 8 mins | 10 mins"),
            ("s", 0.0, 7200.0, 12, "0 s | 30 mins | 1 hour | 1.5 hours | 2.0 hours"),
            ("s", 0.0, 86400.0, 12, "0 s | 6 hours | 12 hours | 18 hours | 1 day"),
            ("s", 0.0, 3.0 * DAY_S, 12, "0 s | 1 day | 2 days | 3 days"),
            ("s", 0.0, 20.0 * DAY_S, 12, "0 s | 1 week | 2 weeks"),
            ("s", 0.0, 100.0 * DAY_S, 12, "0 s | 4 weeks | 8 weeks | 12 weeks"),
            ("s", 0.0, 300.0 * DAY_S, 12, "0 s | 13 weeks | 26 weeks | 39 weeks"),
            ("s", 0.0, 2.5 * YEAR_S, 12, "0 s | 1 year | 2 years"),
            ("s", 0.0, 9.0 * YEAR_S, 12, "0 s | 2 years | 4 years | 6 years | 8 years"),
            ("s", 10.0 * YEAR_S, 10.4 * YEAR_S, 12, "10.0 years | 10.1 years | 10.2 years | 10.3 years | 10.4 years"),
            ("s", 0.0, 300.0 * YEAR_S, 30, "0 s | 50 years | 100 years | 150 years | 200 years | 250 years | 300 years"),
            ("s", 18_000.0, 19_800.0, 12, "5.00 hours | 5.25 hours | 5.50 hours"),
            ("s", -90.0, 90.0, 12, "-1 min | 0 s | 1 min"),
            ("ms", 0.0, 400.0, 12, "0 ms | 100 ms | 200 ms | 300 ms | 400 ms"),
            ("ms", 0.0, 5000.0, 12, "0 ms | 1 s | 2 s | 3 s | 4 s | 5 s"),
            ("ms", 0.0, 120e3, 12, "0 ms | 30 s | 1 min | 1.5 mins | 2.0 mins"),
            ("ms", 0.0, 7.2e6, 12, "0 ms | 30 mins | 1 hour | 1.5 hours | 2.0 hours"),
            ("ms", 0.0, 3e8, 12, "0 ms | 1 day | 2 days | 3 days"),
            ("ms", 0.0, 20e3 * DAY_S, 12, "0 ms | 5 days | 10 days | 15 days | 20 days"),
            ("ms", 0.0, 300e3 * DAY_S, 12, "0 ms | 100 days | 200 days | 300 days"),
            ("ms", 0.0, 3000e3 * DAY_S, 12, "0 ms | 2 years | 4 years | 6 years | 8 years"),
            ("µs", 0.0, 900.0, 12, "0 µs | 200 µs | 400 µs | 600 µs | 800 µs"),
            ("µs", 0.0, 5e6, 12, "0 µs | 1 s | 2 s | 3 s | 4 s | 5 s"),
            ("µs", 0.0, 3e8, 12, "0 µs | 100 s | 200 s | 300 s"),
            ("ns", 0.0, 1500.0, 12, "0 ns | 500 ns | 1.0 µs | 1.5 µs"),
            ("ns", 0.0, 2e9, 12, "0 ns | 500 ms | 1.0 s | 1.5 s | 2.0 s"),
            ("ns", 0.0, 120e9, 12, "0 ns | 30 s | 1 min | 1.5 mins | 2.0 mins"),
            ("ns", 0.0, 7.2e12, 12, "0 ns | 30 mins | 1 hour | 1.5 hours | 2.0 hours"),
            ("ns", 0.0, 3e9 * DAY_S, 12, "0 ns | 1 day | 2 days | 3 days"),
            ("ns", 0.0, 1000e9 * DAY_S, 12, "0 ns | 200 days | 400 days | 600 days | 800 days | 1000 days"),
            ("m", 0.0, 2.0, 12, "0.0 min | 0.5 min | 1.0 min | 1.5 min | 2.0 min"),
            ("m", 0.0, 45.0, 12, "0 min | 10 min | 20 min | 30 min | 40 min"),
            ("m", 0.0, 300.0, 12, "0 min | 1 hour | 2 hours | 3 hours | 4 hours | 5 hours"),
            ("m", 0.0, 5000.0, 12, "0 min | 1 day | 2 days | 3 days"),
            ("h", 0.0, 2.0, 12, "0.0 hour | 0.5 hour | 1.0 hour | 1.5 hour | 2.0 hour"),
            ("h", 0.0, 36.0, 12, "0 hour | 12 hour | 1 day | 1.5 days"),
            ("h", 0.0, 1000.0, 12, "0 hour | 2 weeks | 4 weeks"),
            ("d", 0.0, 3.0, 12, "0 day | 1 day | 2 days | 3 days"),
            ("d", 0.0, 1.0, 12, "0.0 day | 0.2 day | 0.4 day | 0.6 day | 0.8 day | 1.0 day"),
            ("d", 0.0, 50.0, 12, "0 day | 2 weeks | 4 weeks | 6 weeks"),
            ("d", 0.0, 3000.0, 12, "0 day | 2 years | 4 years | 6 years | 8 years"),
            ("timeticks", 0.0, 720_000.0, 12, "0 s | 30 mins | 1 hour | 1.5 hours | 2.0 hours"),
            ("clocks", 0.0, 7200.0, 12, "000ms | 30m | 1h | 1h:30m | 2h"),
            ("dthms", 0.0, 7200.0, 12, "00:00:00 | 00:30:00 | 01:00:00 | 01:30:00 | 02:00:00"),
            ("dthms", 0.0, 5.0 * DAY_S, 12, "00:00:00 | 24:00:00 | 48:00:00 | 72:00:00 | 96:00:00 | 120:00:00"),
            ("dtdurations", 0.0, 7200.0, 12, "0 seconds | 30 minutes | 1 hour | 1 hour, 30 minutes | 2 hours"),
            ("dtdurations", 0.0, 50.0 * DAY_S, 12, "0 seconds | 2 weeks | 4 weeks | 1 month, 1 week, 5 days"),
            ("dateTimeAsIso", 1_780_000_000_000.0, 1_780_050_000_000.0, 12, "2026-05-28 21:00:00 UTC | 2026-05-29 00:00:00 UTC | 2026-05-29 03:00:00 UTC | 2026-05-29 06:00:00 UTC | 2026-05-29 09:00:00 UTC"),
            // The others.
            ("", 0.0, 0.35, 12, "0.0 | 0.1 | 0.2 | 0.3"),
            ("percent", 0.0, 100.0, 12, "0% | 20% | 40% | 60% | 80% | 100%"),
            ("percentunit", 0.0, 1.0, 12, "0% | 20% | 40% | 60% | 80% | 100%"),
            ("percentunit", 0.0, 0.07, 12, "0% | 2% | 4% | 6%"),
            ("short", 0.0, 25_000.0, 12, "0 | 5 K | 10 K | 15 K | 20 K | 25 K"),
            ("short", 0.0, 3e30, 12, "0 | 1e30 | 2e30 | 3e30"),
            ("reqps", 0.0, 0.35, 12, "0.0 req/s | 0.1 req/s | 0.2 req/s | 0.3 req/s"),
            ("currencyUSD", 0.0, 2500.0, 12, "$0 | $500 | $1.0K | $1.5K | $2.0K | $2.5K"),
            ("celsius", -12.0, 31.0, 12, "-10 °C | 0 °C | 10 °C | 20 °C | 30 °C"),
        ] {
            assert_eq!(labels(unit, low, high, lines), expected, "{unit} from {low} to {high}");
        }
    }
}
