//! XXH64 of a label set, laid out as Prometheus does: `limit_ratio` decides by it which series to keep.

use crate::model::Labels;

const P1: u64 = 0x9E37_79B1_85EB_CA87;
const P2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const P3: u64 = 0x1656_67B1_9E37_79F9;
const P4: u64 = 0x85EB_CA77_C2B2_AE63;
const P5: u64 = 0x27D4_EB2F_1656_67C5;

/// The hash of each name and value behind its length.
pub(crate) fn labels_hash(labels: &Labels) -> u64 {
    let mut data = Vec::new();
    for label in labels.iter() {
        for text in [&label.name, &label.value] {
            push_size(&mut data, text.len());
            data.extend_from_slice(text.as_bytes());
        }
    }
    xxh64(&data)
}

/// One byte below 255; else 255 and three bytes, little end first.
fn push_size(data: &mut Vec<u8>, size: usize) {
    if size < 255 {
        data.push(size as u8);
    } else {
        data.extend_from_slice(&[255, size as u8, (size >> 8) as u8, (size >> 16) as u8]);
    }
}

fn round(acc: u64, input: u64) -> u64 {
    acc.wrapping_add(input.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

fn u64_at(data: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&data[at..at + 8]);
    u64::from_le_bytes(bytes)
}

fn xxh64(data: &[u8]) -> u64 {
    let mut at = 0;
    let mut hash = if data.len() >= 32 {
        let mut lanes = [P1.wrapping_add(P2), P2, 0, 0u64.wrapping_sub(P1)];
        while data.len() - at >= 32 {
            for lane in &mut lanes {
                *lane = round(*lane, u64_at(data, at));
                at += 8;
            }
        }
        let rotated = [1, 7, 12, 18].iter().zip(lanes).map(|(by, lane)| lane.rotate_left(*by));
        let mut hash = rotated.fold(0u64, u64::wrapping_add);
        for lane in lanes {
            hash = (hash ^ round(0, lane)).wrapping_mul(P1).wrapping_add(P4);
        }
        hash
    } else {
        P5
    };
    hash = hash.wrapping_add(data.len() as u64);
    while data.len() - at >= 8 {
        hash = (hash ^ round(0, u64_at(data, at))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
        at += 8;
    }
    if data.len() - at >= 4 {
        let word = u32::from_le_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
        hash = (hash ^ u64::from(word).wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3);
        at += 4;
    }
    for &byte in &data[at..] {
        hash = (hash ^ u64::from(byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(P2);
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(P3);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the reference implementation.
    #[test]
    fn known_hashes() {
        assert_eq!(xxh64(b""), 0xef46_db37_51d8_e999);
        assert_eq!(xxh64(b"a"), 0xd24e_c4f1_a98c_6e5b);
        assert_eq!(xxh64(b"abc"), 0x44bc_2cf5_ad77_0999);
        assert_eq!(
            xxh64(b"Call me Ishmael. Some years ago--never mind how long precisely-"),
            0x02a2_e854_70d6_fd96
        );
    }
}
