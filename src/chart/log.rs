//! Logarithmic axes: ranges that end on round numbers, and ticks on powers and, where there is room, between them.
//!
//! The round numbers are powers of two on an axis of base 2, and 1, 2 and 5 times powers of ten on the others. Symlog
//! has them on both sides of zero, down to 1, between which and zero it is even.

use super::axis::{Limits, Tick};
use super::label;
use super::scale::ValueScale;
use crate::field::AxisScale;
use crate::unit::Unit;

/// Values nearer to zero than this are not told apart.
const LEAST: f64 = 1e-300;
/// Ends and ticks beyond this are not looked for.
const LARGEST: f64 = 1e308;
/// Where symlog begins to be logarithmic.
const LINEAR_BELOW: f64 = 1.0;
/// Lines from one tick to the next, at least, where there is a choice.
const LINES_PER_TICK: i32 = 2;
/// Most ticks of an axis.
const TICKS_LIMIT: usize = 12;
/// Quotients that come out of logarithms are compared with this much indulgence.
const ALMOST: f64 = 1e-9;

/// The range of an axis for data of this extent, of which a logarithm of base 2 or 10 knows only what lies above zero;
/// `None` when there is neither data nor both limits.
pub fn range(extent: Option<(f64, f64)>, limits: Limits) -> Option<(f64, f64)> {
    let kind = limits.scale;
    let is_possible = |limit: &f64| kind == AxisScale::Symlog || *limit > 0.0;
    let possible = Limits {
        min: limits.min.filter(is_possible),
        max: limits.max.filter(is_possible),
        soft_min: limits.soft_min.filter(is_possible),
        soft_max: limits.soft_max.filter(is_possible),
        ..limits
    };
    let (min, max) = possible.fixed(extent.unwrap_or((f64::NAN, f64::NAN)));
    if let (Some(min), Some(max)) = (min, max) {
        return Some((min, max));
    }
    let (low, high) = extent?;
    if kind != AxisScale::Symlog && high <= 0.0 {
        return None;
    }
    let mut low = min.unwrap_or_else(|| round(kind, low, false));
    let mut high = max.unwrap_or_else(|| round(kind, high, true));
    // All values are one and round, or a fixed end leaves no room on its side of them.
    if low >= high {
        let (one, is_zero) = (low, kind == AxisScale::Symlog && low.abs() < LEAST);
        if min.is_none() && !(is_zero && max.is_none()) {
            low = further(kind, high, false);
        }
        if max.is_none() {
            high = further(kind, one, true);
        }
    }
    (low < high).then_some((low, high))
}

/// The nearest round number at or beyond `value`.
fn round(kind: AxisScale, value: f64, up: bool) -> f64 {
    match kind {
        AxisScale::Symlog if value < 0.0 => -magnitude(kind, -value, !up),
        _ => magnitude(kind, value, up),
    }
}

fn magnitude(kind: AxisScale, value: f64, up: bool) -> f64 {
    if kind == AxisScale::Symlog && value <= LINEAR_BELOW {
        return if up && value > 0.0 { LINEAR_BELOW } else { 0.0 };
    }
    let value = value.clamp(LEAST, LARGEST);
    let steps = &mut steps(kind, value);
    let found = if up {
        steps.find(|step| *step >= value * (1.0 - ALMOST))
    } else {
        steps.take_while(|step| *step <= value * (1.0 + ALMOST)).last()
    };
    found.unwrap_or(value)
}

/// The next round number beyond the round number `value`.
fn further(kind: AxisScale, value: f64, up: bool) -> f64 {
    let away = 1.0 + 1e-6;
    match kind {
        AxisScale::Symlog if value == 0.0 => {
            if up {
                LINEAR_BELOW
            } else {
                -LINEAR_BELOW
            }
        }
        AxisScale::Symlog if value.abs() <= LINEAR_BELOW && (value > 0.0) != up => 0.0,
        _ if (value > 0.0) == up => round(kind, value * away, up),
        _ => round(kind, value / away, up),
    }
}

/// Round numbers from below `value`, which is positive, to above it.
fn steps(kind: AxisScale, value: f64) -> impl Iterator<Item = f64> {
    let mantissas: &[f64] = if kind == AxisScale::Log2 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let exponent = if kind == AxisScale::Log2 { value.log2() } else { value.log10() }.floor() as i32;
    (exponent - 1..=exponent + 2).flat_map(move |exponent| {
        mantissas.iter().map(move |mantissa| power(kind, *mantissa, exponent).clamp(LEAST, LARGEST))
    })
}

/// As exact as a number can be, which multiplying powers is not.
fn power(kind: AxisScale, mantissa: f64, exponent: i32) -> f64 {
    match kind {
        AxisScale::Log2 => mantissa * 2_f64.powi(exponent),
        _ => format!("{mantissa}e{exponent}").parse().unwrap_or(f64::MAX),
    }
}

/// Ticks from `low` to `high` on an axis of `lines` lines, lowest first: every power, or every so many where they are too
/// close, or also 2 and 5 times them where there are few; where possible at least two.
pub fn ticks(
    kind: AxisScale,
    low: f64,
    high: f64,
    lines: u16,
    unit: &Unit,
    decimals: Option<u8>,
) -> Vec<Tick> {
    if lines == 0 || low >= high || !low.is_finite() || !high.is_finite() {
        return Vec::new();
    }
    let scale = ValueScale::of_kind(kind, low, high, lines);
    let apart = |values: &[f64]| {
        let rows = values.iter().map(|value| scale.row(*value));
        rows.clone().zip(rows.skip(1)).map(|(below, above)| below - above).min().unwrap_or(i32::from(lines))
    };
    let mut found: Option<Vec<f64>> = None;
    for every in [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100, 200, 300] {
        let mut values = candidates(kind, low, high, every);
        // Of zero and what lies just beside it, zero is the one to tell.
        let near = [-LINEAR_BELOW, LINEAR_BELOW].map(|value| (scale.row(0.0) - scale.row(value)).abs());
        let is_crowded = every > 0 && near.into_iter().any(|lines| lines < LINES_PER_TICK);
        if kind == AxisScale::Symlog && low <= 0.0 && high >= 0.0 && is_crowded {
            values.retain(|value| *value == 0.0 || value.abs() > LINEAR_BELOW);
        }
        let has_room = values.len() <= TICKS_LIMIT.max(2) && apart(&values) >= LINES_PER_TICK;
        if values.len() < 2 {
            break;
        }
        // The first with room is the closest; until then the widest will do, if no two share a line.
        if has_room || apart(&values) >= 1 {
            found = Some(values);
        }
        if has_room {
            break;
        }
    }
    let values = found.unwrap_or_else(|| vec![low, high]);
    let mut ticks: Vec<Tick> = Vec::with_capacity(values.len());
    for value in values {
        let mut label = label::labels(&[value], value.abs(), unit, decimals).concat();
        // What no number of decimals tells from zero.
        if value != 0.0 && !label.contains(|c: char| c.is_ascii_digit() && c != '0') {
            label = format!("{value:e}");
        }
        if ticks.last().is_none_or(|last| last.label != label) {
            ticks.push(Tick { value, label });
        }
    }
    ticks
}

/// Every `every`-th power between the bounds, or all round numbers for 0, and zero where it is on the axis.
fn candidates(kind: AxisScale, low: f64, high: f64, every: i32) -> Vec<f64> {
    let above = |low: f64, high: f64| -> Vec<f64> {
        let (low, high) = (low.clamp(LEAST, LARGEST), high.clamp(LEAST, LARGEST));
        let exponent =
            |value: f64| if kind == AxisScale::Log2 { value.log2() } else { value.log10() }.floor() as i32;
        let mantissas: &[f64] = if every == 0 && kind != AxisScale::Log2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        (exponent(low)..=exponent(high) + 1)
            .filter(|exponent| exponent % every.max(1) == 0)
            .flat_map(|exponent| mantissas.iter().map(move |mantissa| power(kind, *mantissa, exponent)))
            .filter(|value| low * (1.0 - ALMOST) <= *value && *value <= high * (1.0 + ALMOST))
            .collect()
    };
    if kind != AxisScale::Symlog {
        return above(low, high);
    }
    let mut values: Vec<f64> = Vec::new();
    if low < 0.0 {
        values.extend(above(LINEAR_BELOW.max(-high), -low).into_iter().rev().map(|value| -value));
    }
    values.extend((low <= 0.0 && high >= 0.0).then_some(0.0));
    if high > 0.0 {
        values.extend(above(LINEAR_BELOW.max(low), high));
    }
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range_of(kind: AxisScale, low: f64, high: f64) -> (f64, f64) {
        range(Some((low, high)), Limits { scale: kind, ..Limits::default() }).expect("a range")
    }

    fn labels(kind: AxisScale, low: f64, high: f64, lines: u16, unit: &str) -> String {
        let ticks = ticks(kind, low, high, lines, &Unit::new(unit), None);
        ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ranges_end_on_round_numbers() {
        use AxisScale::{Log2, Log10, Symlog};
        for (kind, low, high, expected) in [
            (Log10, 3.0, 800.0, (2.0, 1_000.0)),
            (Log10, 1.0, 1_000.0, (1.0, 1_000.0)),
            (Log10, 0.003, 0.04, (0.002, 0.05)),
            (Log10, 5.0, 5.0, (2.0, 10.0)),
            (Log10, 6.0, 6.0, (5.0, 10.0)),
            (Log2, 3.0, 800.0, (2.0, 1_024.0)),
            (Log2, 8.0, 8.0, (4.0, 16.0)),
            (Symlog, 0.0, 0.0, (0.0, 1.0)),
            (Symlog, 0.3, 70.0, (0.0, 100.0)),
            (Symlog, -0.3, 70.0, (-1.0, 100.0)),
            (Symlog, -300.0, -4.0, (-500.0, -2.0)),
            (Symlog, -300.0, 12_000.0, (-500.0, 20_000.0)),
        ] {
            assert_eq!(range_of(kind, low, high), expected, "{kind:?} from {low} to {high}");
        }
        // What has no logarithm is not on the axis, and a limit that has none is none.
        assert_eq!(range(Some((-5.0, 0.0)), Limits { scale: Log10, ..Limits::default() }), None);
        let limits = Limits { scale: Log10, min: Some(0.0), max: Some(50.0), ..Limits::default() };
        assert_eq!(range(Some((3.0, 800.0)), limits), Some((2.0, 50.0)));
        let limits = Limits { scale: Log10, soft_min: Some(0.1), ..Limits::default() };
        assert_eq!(range(Some((3.0, 800.0)), limits), Some((0.1, 1_000.0)));
    }

    #[test]
    fn ticks_are_powers_and_what_lies_between_where_there_is_room() {
        use AxisScale::{Log2, Log10, Symlog};
        assert_eq!(labels(Log10, 0.001, 1_000.0, 14, ""), "0.001 0.01 0.1 1 10 100 1000");
        assert_eq!(labels(Log10, 0.001, 1_000.0, 8, ""), "0.01 1 100");
        assert_eq!(labels(Log10, 2.0, 100.0, 14, ""), "2 5 10 20 50 100");
        assert_eq!(labels(Log10, 2.0, 50.0, 4, ""), "2 50");
        assert_eq!(labels(Log10, 0.001, 10.0, 12, "s"), "1 ms 10 ms 100 ms 1 s 10 s");
        assert_eq!(
            labels(Log2, 1_024.0, 1_048_576.0, 12, "bytes"),
            "1 KiB 4 KiB 16 KiB 64 KiB 256 KiB 1 MiB"
        );
        assert_eq!(labels(Symlog, -1_000.0, 1_000.0, 20, ""), "-1000 -100 -10 0 10 100 1000");
        assert_eq!(labels(Symlog, -5.0, 1_000.0, 12, ""), "0 10 100 1000");
        assert_eq!(labels(Log10, 1e-300, 1e300, 10, ""), "1e-200 1 1e200");
        assert_eq!(labels(Log10, 3.0, 4.0, 5, ""), "3 4");
    }

    proptest! {
        #[test]
        fn every_range_holds_its_data_and_its_labels_differ(
            a in any::<f64>().prop_filter("finite", |value| value.is_finite()),
            b in any::<f64>().prop_filter("finite", |value| value.is_finite()),
            kind in proptest::sample::select(vec![AxisScale::Log2, AxisScale::Log10, AxisScale::Symlog]),
            lines in 0_u16..60,
            unit in proptest::sample::select(vec!["", "s", "bytes", "percentunit"]),
            (min, max, soft_min, soft_max) in any::<(Option<f64>, Option<f64>, Option<f64>, Option<f64>)>(),
        ) {
            let data = (a.min(b), a.max(b));
            let limits = Limits { scale: kind, ..Limits::default() };
            if let Some((low, high)) = range(Some(data), limits) {
                prop_assert!(low < high && low.is_finite() && high.is_finite());
                prop_assert!(kind == AxisScale::Symlog || low > 0.0);
                let is_near = data.1.abs() > LARGEST || data.0.abs() > LARGEST;
                prop_assert!(is_near || data.1 <= high * (1.0 + 1e-6) || data.1 < LEAST, "{:?} {} {}", data, low, high);
                let ticks = ticks(kind, low, high, lines, &Unit::new(unit), None);
                prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value && pair[0].label != pair[1].label));
                prop_assert!(ticks.len() <= usize::from(lines).max(2) + 1);
            } else {
                prop_assert!(kind != AxisScale::Symlog && data.1 <= 0.0);
            }
            let limits = Limits { min, max, soft_min, soft_max, ..limits };
            if let Some((low, high)) = range(Some(data), limits) {
                prop_assert!(low < high && (kind == AxisScale::Symlog || low > 0.0));
            }
        }
    }
}
