//! Added latency as a distribution: its little language, and drawing from it.

use std::{f64::consts::TAU, fmt, str::FromStr, time::Duration};

use thiserror::Error;

/// No drawn latency is longer than this, and no spec may name a longer time: it is the last finite
/// bucket of the duration histogram, so longer times would not be told apart.
pub const MAX_LATENCY: Duration = Duration::from_secs(10);

/// The widest log-normal that is accepted: at 5, one draw in six is over 148 times the median.
pub const MAX_SIGMA: f64 = 5.0;

const FORMS: &str = "write none, 20ms, uniform:5ms..50ms, normal:50ms,10ms, lognormal:20ms,0.8 or exp:30ms";

/// How much time is added to an answer.
///
/// Parsed from and printed as the same short text, such as `lognormal:20ms,0.8`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Latency {
    /// `none`: nothing is added.
    #[default]
    None,
    /// `20ms`: always the same.
    Fixed(Duration),
    /// `uniform:LOW..HIGH`: every time in the range is as likely.
    Uniform {
        /// The shortest.
        low: Duration,
        /// The longest.
        high: Duration,
    },
    /// `normal:MEAN,DEVIATION`: a bell; what would be negative is 0.
    Normal {
        /// The middle of the bell.
        mean: Duration,
        /// Its standard deviation.
        deviation: Duration,
    },
    /// `lognormal:MEDIAN,SIGMA`: a long tail of slow answers, as real services have.
    LogNormal {
        /// Half of the answers are faster.
        median: Duration,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// `exp:MEAN`: mostly short, sometimes long.
    Exponential {
        /// The average.
        mean: Duration,
    },
}

impl Latency {
    /// The latency at two independent uniform draws from `0..1`, at most [`MAX_LATENCY`].
    ///
    /// Each distribution is given the same two draws, so that another spec does not shift what a
    /// seeded run draws later.
    pub fn at(&self, draws: [f64; 2]) -> Duration {
        let seconds = match *self {
            Self::None => 0.0,
            Self::Fixed(time) => time.as_secs_f64(),
            Self::Uniform { low, high } => {
                let (low, high) = (low.as_secs_f64(), high.as_secs_f64());
                low + draws[0] * (high - low)
            }
            Self::Normal { mean, deviation } => {
                mean.as_secs_f64() + deviation.as_secs_f64() * standard_normal(draws)
            }
            Self::LogNormal { median, sigma } => {
                median.as_secs_f64() * (sigma * standard_normal(draws)).exp()
            }
            Self::Exponential { mean } => -mean.as_secs_f64() * (1.0 - draws[0]).ln(),
        };
        // `max` also turns a NaN (no parsed spec makes one) into 0.
        Duration::try_from_secs_f64(seconds.max(0.0)).map_or(MAX_LATENCY, |time| time.min(MAX_LATENCY))
    }
}

/// Box and Muller's way from two uniform draws to a standard normal one.
fn standard_normal([first, second]: [f64; 2]) -> f64 {
    // 1 - first is in (0, 1], which keeps the logarithm finite.
    (-2.0 * (1.0 - first).ln()).sqrt() * (TAU * second).cos()
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "none"),
            Self::Fixed(time) => write!(f, "{time:?}"),
            Self::Uniform { low, high } => write!(f, "uniform:{low:?}..{high:?}"),
            Self::Normal { mean, deviation } => write!(f, "normal:{mean:?},{deviation:?}"),
            Self::LogNormal { median, sigma } => write!(f, "lognormal:{median:?},{sigma}"),
            Self::Exponential { mean } => write!(f, "exp:{mean:?}"),
        }
    }
}

/// Why a text is not a latency.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("latency {spec:?}, column {column}: {problem}; {remedy}")]
pub struct LatencyError {
    spec: String,
    column: usize,
    problem: String,
    remedy: String,
}

/// A part of the spec that knows where it stands, for errors.
#[derive(Clone, Copy)]
struct Piece<'a> {
    spec: &'a str,
    start: usize,
    text: &'a str,
}

impl<'a> Piece<'a> {
    fn whole(spec: &'a str) -> Self {
        Self { spec, start: 0, text: spec }
    }

    /// The pieces before and after `separator`.
    fn split(self, separator: &str) -> Option<(Self, Self)> {
        let (before, after) = self.text.split_once(separator)?;
        let after_start = self.start + before.len() + separator.len();
        Some((Self { text: before, ..self }, Self { start: after_start, text: after, ..self }))
    }

    fn error(self, problem: impl Into<String>, remedy: impl Into<String>) -> LatencyError {
        let column = self.spec.get(..self.start).map_or(0, |before| before.chars().count()) + 1;
        LatencyError { spec: self.spec.to_owned(), column, problem: problem.into(), remedy: remedy.into() }
    }

    /// Both arguments of a distribution of two.
    fn two(self, separator: &str, form: &str) -> Result<(Self, Self), LatencyError> {
        self.split(separator).ok_or_else(|| {
            self.error(format!("{:?} holds no {separator:?}", self.text), format!("write {form}"))
        })
    }

    fn duration(self) -> Result<Duration, LatencyError> {
        let remedy = "write a number and a unit (us, ms or s), such as 20ms";
        let end = self.text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.text.len());
        let (number, unit) = self.text.split_at(end);
        let Ok(number) = number.parse::<f64>() else {
            return Err(self.error(format!("{:?} is no duration", self.text), remedy));
        };
        let seconds = match unit {
            "us" | "µs" => number / 1e6,
            "ms" => number / 1e3,
            "s" => number,
            "" => return Err(self.error(format!("{:?} lacks a unit", self.text), remedy)),
            _ => return Err(self.error(format!("{unit:?} is no known unit"), remedy)),
        };
        match Duration::try_from_secs_f64(seconds) {
            Ok(time) if time <= MAX_LATENCY => Ok(time),
            _ => Err(self.error(
                format!("{:?} is longer than the maximum", self.text),
                format!("write at most {MAX_LATENCY:?}"),
            )),
        }
    }

    fn sigma(self) -> Result<f64, LatencyError> {
        match self.text.parse::<f64>() {
            Ok(sigma) if (0.0..=MAX_SIGMA).contains(&sigma) => Ok(sigma),
            _ => Err(self.error(
                format!("{:?} is no usable sigma", self.text),
                format!("write a plain number from 0 to {MAX_SIGMA}, such as 0.8"),
            )),
        }
    }
}

impl FromStr for Latency {
    type Err = LatencyError;

    fn from_str(spec: &str) -> Result<Self, LatencyError> {
        let whole = Piece::whole(spec);
        let Some((name, arguments)) = whole.split(":") else {
            return match spec {
                "none" => Ok(Self::None),
                _ if spec.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                    whole.duration().map(Self::Fixed)
                }
                _ => Err(whole.error("this names no duration or distribution", FORMS)),
            };
        };
        match name.text {
            "uniform" => {
                let (low, high) = arguments.two("..", "uniform:LOW..HIGH, such as uniform:5ms..50ms")?;
                let (low, high) = (low.duration()?, high.duration()?);
                if low > high {
                    let problem = format!("{low:?} is longer than {high:?}");
                    return Err(arguments.error(problem, "write the shorter time first"));
                }
                Ok(Self::Uniform { low, high })
            }
            "normal" => {
                let (mean, deviation) =
                    arguments.two(",", "normal:MEAN,DEVIATION, such as normal:50ms,10ms")?;
                Ok(Self::Normal { mean: mean.duration()?, deviation: deviation.duration()? })
            }
            "lognormal" => {
                let (median, sigma) =
                    arguments.two(",", "lognormal:MEDIAN,SIGMA, such as lognormal:20ms,0.8")?;
                Ok(Self::LogNormal { median: median.duration()?, sigma: sigma.sigma()? })
            }
            "exp" => Ok(Self::Exponential { mean: arguments.duration()? }),
            other => Err(whole.error(format!("{other:?} is no known distribution"), FORMS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn specs_parse_and_print() {
        for (spec, latency, printed) in [
            ("none", Latency::None, "none"),
            ("0s", Latency::Fixed(ms(0)), "0ns"),
            ("20ms", Latency::Fixed(ms(20)), "20ms"),
            ("1.5s", Latency::Fixed(ms(1500)), "1.5s"),
            ("250us", Latency::Fixed(Duration::from_micros(250)), "250µs"),
            ("10s", Latency::Fixed(MAX_LATENCY), "10s"),
            ("uniform:5ms..50ms", Latency::Uniform { low: ms(5), high: ms(50) }, "uniform:5ms..50ms"),
            ("uniform:5ms..5ms", Latency::Uniform { low: ms(5), high: ms(5) }, "uniform:5ms..5ms"),
            ("normal:50ms,10ms", Latency::Normal { mean: ms(50), deviation: ms(10) }, "normal:50ms,10ms"),
            ("lognormal:20ms,0.8", Latency::LogNormal { median: ms(20), sigma: 0.8 }, "lognormal:20ms,0.8"),
            ("exp:30ms", Latency::Exponential { mean: ms(30) }, "exp:30ms"),
        ] {
            assert_eq!(spec.parse(), Ok(latency), "{spec}");
            assert_eq!(latency.to_string(), printed);
        }
    }

    #[test]
    fn errors_name_value_place_and_remedy() {
        for (spec, column, problem) in [
            ("", 1, "this names no duration or distribution"),
            ("fast", 1, "this names no duration or distribution"),
            ("20", 1, "\"20\" lacks a unit"),
            ("20m", 1, "\"m\" is no known unit"),
            ("1.2.3ms", 1, "\"1.2.3ms\" is no duration"),
            ("11s", 1, "\"11s\" is longer than the maximum"),
            ("gauss:5ms,1ms", 1, "\"gauss\" is no known distribution"),
            ("uniform:5ms", 9, "\"5ms\" holds no \"..\""),
            ("uniform:5ms..x", 14, "\"x\" is no duration"),
            ("uniform:50ms..5ms", 9, "50ms is longer than 5ms"),
            ("normal:50ms", 8, "\"50ms\" holds no \",\""),
            ("normal:-5ms,1ms", 8, "\"-5ms\" is no duration"),
            ("lognormal:20ms,wide", 16, "\"wide\" is no usable sigma"),
            ("lognormal:20ms,NaN", 16, "\"NaN\" is no usable sigma"),
            ("lognormal:20ms,6", 16, "\"6\" is no usable sigma"),
            ("exp:", 5, "\"\" is no duration"),
        ] {
            let error = spec.parse::<Latency>().unwrap_err();
            assert_eq!((error.column, error.problem.as_str()), (column, problem), "{spec}");
            assert!(error.to_string().starts_with(&format!("latency {spec:?}, column {column}: ")));
            assert!(error.remedy.starts_with("write "), "{error}");
        }
    }

    #[test]
    fn draws_follow_the_distribution() {
        let at = |spec: &str, draws| spec.parse::<Latency>().unwrap().at(draws).as_secs_f64();
        // A first draw of 1 - exp(-1/2) makes Box and Muller's radius 1; the second is the angle.
        let one = 1.0 - (-0.5f64).exp();
        for (spec, draws, seconds) in [
            ("none", [0.5, 0.5], 0.0),
            ("20ms", [0.9, 0.1], 0.02),
            ("uniform:10ms..30ms", [0.0, 0.0], 0.01),
            ("uniform:10ms..30ms", [0.5, 0.0], 0.02),
            ("normal:50ms,10ms", [0.0, 0.0], 0.05),
            ("normal:50ms,10ms", [one, 0.0], 0.06),
            ("normal:50ms,10ms", [one, 0.5], 0.04),
            ("normal:1ms,10ms", [one, 0.5], 0.0),
            ("lognormal:20ms,0.8", [0.0, 0.0], 0.02),
            ("lognormal:20ms,1", [one, 0.0], 0.02 * std::f64::consts::E),
            ("exp:30ms", [0.0, 0.0], 0.0),
            ("exp:30ms", [1.0 - (-1f64).exp(), 0.0], 0.03),
            ("exp:30ms", [1.0, 0.0], 10.0),
            ("lognormal:10s,5", [0.9, 0.0], 10.0),
        ] {
            let got = at(spec, draws);
            assert!((got - seconds).abs() < 1e-8, "{spec} at {draws:?}: {got}");
        }
    }
}
