//! Values as Gorilla writes them (Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database",
//! VLDB 2015): each the exclusive or with the one before, without its zeros at both ends. Best for values that have
//! nothing in common but sign, exponent and a few digits.

use super::bits::{BitReader, BitWriter};

/// Writes `values`.
pub(super) fn write(values: &[f64], writer: &mut BitWriter) {
    let (mut before, mut leading, mut trailing) = (0, u32::MAX, 0);
    for value in values {
        let bits = value.to_bits();
        let xor = before ^ bits;
        before = bits;
        if xor == 0 {
            writer.write(0, 1);
            continue;
        }
        // Five bits hold no more.
        let (left, right) = (xor.leading_zeros().min(31), xor.trailing_zeros());
        if leading <= left && trailing <= right {
            writer.write(0b10, 2);
        } else {
            (leading, trailing) = (left, right);
            writer.write(0b11, 2);
            writer.write(u64::from(leading), 5);
            writer.write(u64::from(63 - leading - trailing), 6);
        }
        writer.write(xor >> trailing, 64 - leading - trailing);
    }
}

/// Hands `count` values to `take`. `None` if it is not what [`write`] wrote.
pub(super) fn read(count: usize, reader: &mut BitReader<'_>, mut take: impl FnMut(f64)) -> Option<()> {
    let (mut bits, mut leading, mut trailing) = (0, 0, 0);
    for _ in 0..count {
        if reader.read(1) == 1 {
            if reader.read(1) == 1 {
                leading = reader.read(5) as u32;
                trailing = 63_u32.checked_sub(leading)?.checked_sub(reader.read(6) as u32)?;
            }
            bits ^= reader.read(64 - leading - trailing) << trailing;
        }
        take(f64::from_bits(bits));
    }
    Some(())
}
