//! Parts of a date in UTC, from Unix seconds.

const DAY_SECONDS: i64 = 86_400;

/// The Unix seconds that a value means. What is no 64-bit number of seconds (NaN and infinities, too) ends up at the
/// same far date as in Prometheus, where the conversion wraps.
pub(crate) fn seconds(value: f64) -> i64 {
    /// The first second of Go's calendar.
    const FIRST: f64 = -9_223_371_966_579_724_800.0;
    if value >= FIRST && value < -(i64::MIN as f64) { value as i64 } else { i64::MAX }
}

/// Year, month and day of the proleptic Gregorian calendar (Howard Hinnant's `civil_from_days`).
fn civil(seconds: i64) -> (i64, i64, i64) {
    let days = seconds.div_euclid(DAY_SECONDS) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn year(seconds: i64) -> f64 {
    civil(seconds).0 as f64
}

pub(crate) fn month(seconds: i64) -> f64 {
    civil(seconds).1 as f64
}

pub(crate) fn day_of_month(seconds: i64) -> f64 {
    civil(seconds).2 as f64
}

/// 0 is Sunday.
pub(crate) fn day_of_week(seconds: i64) -> f64 {
    (seconds.div_euclid(DAY_SECONDS) + 4).rem_euclid(7) as f64
}

/// 1 is the first of January.
pub(crate) fn day_of_year(seconds: i64) -> f64 {
    let (year, month, day) = civil(seconds);
    ((1..month).map(|m| month_days(year, m)).sum::<i64>() + day) as f64
}

pub(crate) fn days_in_month(seconds: i64) -> f64 {
    let (year, month, _) = civil(seconds);
    month_days(year, month) as f64
}

pub(crate) fn hour(seconds: i64) -> f64 {
    (seconds.rem_euclid(DAY_SECONDS) / 3600) as f64
}

pub(crate) fn minute(seconds: i64) -> f64 {
    (seconds.rem_euclid(3600) / 60) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let leap_day = 1_709_208_000; // Thursday 2024-02-29 12:00:00
        let parts = [year, month, day_of_month, day_of_week, day_of_year, days_in_month, hour, minute];
        assert_eq!(parts.map(|part| part(leap_day)), [2024.0, 2.0, 29.0, 4.0, 60.0, 29.0, 12.0, 0.0]);
        let before_epoch = -1; // Wednesday 1969-12-31 23:59:59
        assert_eq!(parts.map(|part| part(before_epoch)), [1969.0, 12.0, 31.0, 3.0, 365.0, 31.0, 23.0, 59.0]);
        // As Prometheus answers for NaN.
        let nowhere = [292_277_026_596.0, 12.0, 4.0, 0.0, 339.0, 31.0, 15.0, 30.0];
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(parts.map(|part| part(seconds(value))), nowhere);
        }
        assert_eq!(seconds(-1.5), -1);
        // Any number of seconds has a date.
        for extreme in [i64::MIN, i64::MAX] {
            assert!(parts.iter().all(|part| part(extreme).is_finite()));
        }
    }
}
