//! Bits written and read back, most significant first, and the codes for whole numbers made of them.

/// A run of zeros this long in a Rice code says that the number follows as it is.
const ESCAPE: u32 = 20;

/// Numbers that share one Rice parameter.
const BLOCK: usize = 32;

/// The parameter that says that all numbers of the block are zero.
const ALL_ZERO: u32 = 63;

/// The largest parameter: what is left of the number is at most two bits.
const MAX_PARAMETER: u32 = 62;

/// The fewest bits that [`BitReader::peek`] has for sure.
const PEEKED: u32 = 57;

/// Collects bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// The bits that do not fill a byte yet, at the low end.
    pending: u64,
    pending_bits: u32,
}

impl BitWriter {
    /// Writes the low `bits` bits of `value`; at most 64.
    pub(super) fn write(&mut self, value: u64, bits: u32) {
        if bits > 32 {
            self.write_few(value >> 32, bits - 32);
            self.write_few(value & 0xffff_ffff, 32);
        } else {
            self.write_few(value, bits);
        }
    }

    fn write_few(&mut self, value: u64, bits: u32) {
        self.pending = (self.pending << bits) | (value & ((1 << bits) - 1));
        self.pending_bits += bits;
        while self.pending_bits >= 8 {
            self.pending_bits -= 8;
            self.bytes.push((self.pending >> self.pending_bits) as u8);
        }
    }

    /// A number with its length before it.
    pub(super) fn write_sized(&mut self, value: u64) {
        let bits = 64 - value.leading_zeros();
        self.write(u64::from(bits), 7);
        self.write(value, bits);
    }

    /// Numbers that are mostly near zero.
    pub(super) fn write_small(&mut self, numbers: &[i64]) {
        for block in numbers.chunks(BLOCK) {
            let (parameter, _) = parameter_of(block);
            self.write(u64::from(parameter), 6);
            if parameter == ALL_ZERO {
                continue;
            }
            for &number in block {
                let number = zigzag(number);
                let high = number >> parameter;
                if high < u64::from(ESCAPE) {
                    self.write(1, high as u32 + 1);
                    self.write(number, parameter);
                } else {
                    self.write(1, ESCAPE + 1);
                    self.write(number, 64);
                }
            }
        }
    }

    /// How many bits there are.
    pub(super) fn len_bits(&self) -> u64 {
        self.bytes.len() as u64 * 8 + u64::from(self.pending_bits)
    }

    /// All of it, padded with zeros to a whole byte.
    pub(super) fn finish(mut self) -> Box<[u8]> {
        if self.pending_bits > 0 {
            self.write(0, 8 - self.pending_bits);
        }
        self.bytes.into_boxed_slice()
    }
}

/// How many bits [`BitWriter::write_small`] takes.
pub(super) fn small_bits(numbers: &[i64]) -> u64 {
    numbers.chunks(BLOCK).map(|block| parameter_of(block).1).sum()
}

/// The parameter that suits a block best, and how many bits the block takes with it.
fn parameter_of(block: &[i64]) -> (u32, u64) {
    let sum: u128 = block.iter().map(|&number| u128::from(zigzag(number))).sum();
    if sum == 0 {
        return (ALL_ZERO, 6);
    }
    let mean = (sum / block.len() as u128) as u64;
    let mut best = (0, u64::MAX);
    // The mean is never far below the best parameter; an outlier lifts it far above.
    for parameter in (0..=(65 - mean.leading_zeros()).min(MAX_PARAMETER)).rev() {
        let bits = bits_with(block, parameter);
        if bits < best.1 {
            best = (parameter, bits);
        } else if best.0 > parameter + 2 {
            break;
        }
    }
    best
}

fn bits_with(block: &[i64], parameter: u32) -> u64 {
    let one = |&number: &i64| {
        let high = zigzag(number) >> parameter;
        if high < u64::from(ESCAPE) { high + 1 + u64::from(parameter) } else { u64::from(ESCAPE) + 65 }
    };
    6 + block.iter().map(one).sum::<u64>()
}

/// Small numbers of either sign to small numbers without sign.
pub(in super::super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The other way round.
pub(in super::super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Reads bits. Past the end there are zeros, and [`BitReader::is_overrun`] says that it happened: one check at the
/// end instead of one a number.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next bits at the high end; at least [`PEEKED`] of them.
    #[inline]
    fn peek(&self) -> u64 {
        let from = self.at >> 3;
        let word = match self.bytes.get(from..from + 8) {
            Some(eight) => u64::from_be_bytes(eight.try_into().unwrap_or_default()),
            None => self.peek_end(from),
        };
        word << (self.at & 7)
    }

    #[cold]
    fn peek_end(&self, from: usize) -> u64 {
        let mut word = [0; 8];
        for (to, byte) in word.iter_mut().zip(self.bytes.get(from..).unwrap_or_default()) {
            *to = *byte;
        }
        u64::from_be_bytes(word)
    }

    /// The next `bits` bits; at most 64.
    #[inline]
    pub(super) fn read(&mut self, bits: u32) -> u64 {
        if bits == 0 {
            return 0;
        }
        if bits <= PEEKED {
            let value = self.peek() >> (64 - bits);
            self.at += bits as usize;
            return value;
        }
        let high = self.read(32);
        (high << (bits - 32)) | self.read(bits - 32)
    }

    /// What [`BitWriter::write_sized`] wrote.
    pub(super) fn read_sized(&mut self) -> u64 {
        let bits = self.read(7) as u32;
        self.read(bits.min(64))
    }

    /// `count` numbers that [`BitWriter::write_small`] wrote, one after the other to `take`.
    #[inline]
    pub(super) fn read_small(&mut self, count: usize, mut take: impl FnMut(i64)) {
        let mut left = count;
        while left > 0 {
            let block = left.min(BLOCK);
            left -= block;
            let parameter = self.read(6) as u32;
            if parameter == ALL_ZERO {
                (0..block).for_each(|_| take(0));
                continue;
            }
            for _ in 0..block {
                take(unzigzag(self.read_rice(parameter)));
            }
        }
    }

    #[inline]
    fn read_rice(&mut self, parameter: u32) -> u64 {
        let word = self.peek();
        let high = word.leading_zeros();
        if high < ESCAPE && high + 1 + parameter <= PEEKED {
            self.at += (high + 1 + parameter) as usize;
            // Twice, as a shift by 64 is none.
            let low = (word << high << 1) >> 1 >> (63 - parameter);
            return (u64::from(high) << parameter) | low;
        }
        self.read_rice_slowly(high, parameter)
    }

    #[cold]
    fn read_rice_slowly(&mut self, high: u32, parameter: u32) -> u64 {
        self.at += high.min(ESCAPE) as usize + 1;
        if high >= ESCAPE {
            return self.read(64);
        }
        (u64::from(high) << parameter) | self.read(parameter)
    }

    /// Whether more was read than there is.
    pub(super) fn is_overrun(&self) -> bool {
        self.at > self.bytes.len() * 8
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_come_back(numbers in prop::collection::vec((any::<u64>(), 0_u32..=64), 0..100)) {
            let mut writer = BitWriter::default();
            for &(number, bits) in &numbers {
                writer.write(number, bits);
                writer.write_sized(number);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for (number, bits) in numbers {
                let kept = if bits == 64 { number } else { number & ((1 << bits) - 1) };
                prop_assert_eq!(reader.read(bits), kept);
                prop_assert_eq!(reader.read_sized(), number);
            }
            prop_assert!(!reader.is_overrun());
        }

        #[test]
        fn small_numbers_come_back_in_as_many_bits_as_said(
            numbers in prop::collection::vec(any::<i64>(), 0..200),
            shift in 0_u32..64,
        ) {
            let mut numbers: Vec<i64> = numbers.iter().map(|number| number >> shift).collect();
            if let Some(first) = numbers.first_mut() {
                *first = i64::MIN;
            }
            let mut writer = BitWriter::default();
            writer.write_small(&numbers);
            let bytes = writer.finish();
            prop_assert_eq!(bytes.len() as u64, small_bits(&numbers).div_ceil(8));
            let mut read = Vec::new();
            let mut reader = BitReader::new(&bytes);
            reader.read_small(numbers.len(), |number| read.push(number));
            prop_assert_eq!(read, numbers);
            prop_assert!(!reader.is_overrun());
        }
    }

    #[test]
    fn the_end_is_noticed() {
        let mut reader = BitReader::new(&[0xff]);
        assert_eq!(reader.read(8), 0xff);
        assert!(!reader.is_overrun());
        assert_eq!(reader.read(64), 0);
        assert!(reader.is_overrun());
        BitReader::new(&[]).read_small(1_000, |_| ());
    }
}
