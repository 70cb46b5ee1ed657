//! Values that are short decimal numbers, as whole numbers times a power of ten: counts, bytes, and gauges that
//! somebody wrote with a few digits. The idea is that of ALP (Afroozeh et al., "ALP: Adaptive Lossless
//! floating-Point Compression", SIGMOD 2023): the division back gives the very bits.

use super::bits::{BitReader, BitWriter, small_bits, unzigzag, zigzag};

/// Powers of ten that a float holds exactly, as far as they help.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Whole numbers up to here are exact in a float.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// The scale at which all `values` are whole numbers, if there is one.
pub(super) fn scale_of(values: &[f64]) -> Option<u32> {
    let mut scale = 0;
    for &value in values {
        while integer(value, scale).is_none() {
            scale += 1;
            if scale == POWERS.len() {
                return None;
            }
        }
    }
    // A later value may have raised the scale beyond what an earlier, larger one can take.
    values.iter().all(|&value| integer(value, scale).is_some()).then_some(scale as u32)
}

/// `value` as a whole number of 10^-scale, if that gives the very bits back.
fn integer(value: f64, scale: usize) -> Option<i64> {
    let power = POWERS.get(scale)?;
    let scaled = (value * power).round_ties_even();
    if scaled.abs() > MAX_INTEGER || scaled.is_nan() {
        return None;
    }
    let integer = scaled as i64;
    ((integer as f64 / power).to_bits() == value.to_bits()).then_some(integer)
}

/// Whole numbers, ready to be written.
#[derive(Debug)]
pub(super) struct Decimals {
    scale: u32,
    /// How often differences were taken.
    order: u32,
    /// The value, then the differences, that the first of `numbers` start from.
    start: [i64; 2],
    numbers: Vec<i64>,
}

impl Decimals {
    /// `values` at a scale that [`scale_of`] found for them.
    pub(super) fn new(values: &[f64], scale: u32) -> Self {
        let integers: Vec<i64> = values.iter().filter_map(|&value| integer(value, scale as usize)).collect();
        let differences =
            |of: &[i64]| -> Vec<i64> { of.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect() };
        let first = differences(&integers);
        let second = differences(&first);
        let mut start = [integers.first().copied().unwrap_or(0), first.first().copied().unwrap_or(0)];
        let (one, two) = (small_bits(&first), small_bits(&second) + 8);
        let mut sorted = integers.clone();
        sorted.sort_unstable();
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let around: Vec<i64> = integers.iter().map(|&number| number.wrapping_sub(middle)).collect();
        let (order, numbers) = if small_bits(&around) < one.min(two) {
            start[0] = middle;
            (0, around)
        } else if one <= two {
            (1, first)
        } else {
            (2, second)
        };
        Self { scale, order, start, numbers }
    }

    /// About how many bits it takes.
    pub(super) fn bits(&self) -> u64 {
        64 + small_bits(&self.numbers)
    }

    pub(super) fn write(&self, writer: &mut BitWriter) {
        writer.write(u64::from(self.scale), 4);
        writer.write(u64::from(self.order), 2);
        writer.write_sized(zigzag(self.start[0]));
        if self.order == 2 {
            writer.write_sized(zigzag(self.start[1]));
        }
        writer.write_small(&self.numbers);
    }
}

/// Hands `count` values to `take`. `None` if it is not what [`Decimals::write`] wrote.
pub(super) fn read(count: usize, reader: &mut BitReader<'_>, mut take: impl FnMut(f64)) -> Option<()> {
    let power = POWERS[reader.read(4) as usize & 15];
    let order = reader.read(2) as usize;
    let mut number = unzigzag(reader.read_sized());
    let mut give = |number: i64| take(number as f64 / power);
    match order {
        0 => reader.read_small(count, |off| give(number.wrapping_add(off))),
        1 => {
            give(number);
            reader.read_small(count.checked_sub(1)?, |difference| {
                number = number.wrapping_add(difference);
                give(number);
            });
        }
        2 => {
            let mut step = unzigzag(reader.read_sized());
            give(number);
            let left = count.checked_sub(1)?;
            if left == 0 {
                return Some(());
            }
            number = number.wrapping_add(step);
            give(number);
            reader.read_small(left - 1, |change| {
                step = step.wrapping_add(change);
                number = number.wrapping_add(step);
                give(number);
            });
        }
        _ => return None,
    }
    Some(())
}
