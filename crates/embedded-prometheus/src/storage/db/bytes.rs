//! Whole numbers and texts as bytes, for the files on disk.

use crate::model::{Labels, LabelsBuilder};

use super::chunk::{unzigzag, zigzag};

/// The most labels a stored series may have; more are taken for corruption.
const MAX_LABELS: u64 = 1 << 16;

/// Seven bits a byte, low ones first; the high bit says that more follow.
pub(super) fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A number of either sign that is mostly near zero.
pub(super) fn put_signed(number: i64, out: &mut Vec<u8>) {
    put_varint(zigzag(number), out);
}

/// Bytes with their length before them.
pub(super) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

pub(super) fn put_labels(labels: &Labels, out: &mut Vec<u8>) {
    put_varint(labels.len() as u64, out);
    for label in labels.iter() {
        put_bytes(label.name.as_bytes(), out);
        put_bytes(label.value.as_bytes(), out);
    }
}

/// Takes apart what the functions above put together; `None` where the bytes are something else.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = u64::from(self.byte()?);
            let part = byte & 0x7f;
            if shift == 63 && part > 1 {
                return None;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        self.varint().map(unzigzag)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn labels(&mut self) -> Option<Labels> {
        let count = self.varint()?;
        if count > MAX_LABELS {
            return None;
        }
        let mut labels = LabelsBuilder::default();
        for _ in 0..count {
            let (name, value) = (self.text()?, self.text()?);
            labels.set(name, value);
        }
        Some(labels.build())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_taken(
            number in any::<u64>(),
            signed in any::<i64>(),
            pairs in prop::collection::vec((".{1,9}", ".{1,9}"), 0..5),
        ) {
            let labels = Labels::from_pairs(pairs);
            let mut out = Vec::new();
            put_varint(number, &mut out);
            put_signed(signed, &mut out);
            put_labels(&labels, &mut out);
            let mut cursor = Cursor::new(&out);
            prop_assert_eq!(cursor.varint(), Some(number));
            prop_assert_eq!(cursor.signed(), Some(signed));
            prop_assert_eq!(cursor.labels(), Some(labels));
            prop_assert!(cursor.is_empty());
        }

        #[test]
        fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Cursor::new(&bytes).labels();
            let _ = Cursor::new(&bytes).varint();
        }
    }
}
