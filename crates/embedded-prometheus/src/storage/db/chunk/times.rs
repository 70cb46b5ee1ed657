//! The time column of a chunk: next to nothing if the samples are regular, a few bits each if they jitter.

use super::bits::{BitReader, BitWriter, small_bits, unzigzag, zigzag};

const REGULAR: u64 = 0;
const FROM_STEP: u64 = 1;
const FROM_LINE: u64 = 2;

/// Writes all times but the first, which the reader knows.
pub(super) fn write(times: &[i64], writer: &mut BitWriter) {
    let Some(&first) = times.first() else { return };
    let deltas: Vec<i64> = times.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    let step = typical(&deltas);
    let from_step: Vec<i64> = deltas.iter().map(|delta| delta.wrapping_sub(step)).collect();
    let regular = from_step.iter().all(|&off| off == 0);
    // Jitter around a line costs less than in differences, where each deviation counts twice.
    let from_line: Vec<i64> = times
        .iter()
        .enumerate()
        .skip(1)
        .map(|(at, time)| time.wrapping_sub(first).wrapping_sub(step.wrapping_mul(at as i64)))
        .collect();
    let (mode, numbers) = if regular {
        (REGULAR, &[][..])
    } else if small_bits(&from_step) <= small_bits(&from_line) {
        (FROM_STEP, &from_step[..])
    } else {
        (FROM_LINE, &from_line[..])
    };
    writer.write(mode, 2);
    writer.write_sized(zigzag(step));
    writer.write_small(numbers);
}

/// The median: one gap does not change it.
fn typical(deltas: &[i64]) -> i64 {
    let mut sorted = deltas.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// Hands `count` times to `take`, the first one included. `None` if it is not what [`write`] wrote.
pub(super) fn read(
    first: i64,
    count: usize,
    reader: &mut BitReader<'_>,
    mut take: impl FnMut(i64),
) -> Option<()> {
    if count == 0 {
        return Some(());
    }
    let mode = reader.read(2);
    let step = unzigzag(reader.read_sized());
    take(first);
    let mut time = first;
    match mode {
        REGULAR => {
            for _ in 1..count {
                time = time.wrapping_add(step);
                take(time);
            }
        }
        FROM_STEP => reader.read_small(count - 1, |off| {
            time = time.wrapping_add(step).wrapping_add(off);
            take(time);
        }),
        FROM_LINE => reader.read_small(count - 1, |off| {
            time = time.wrapping_add(step);
            take(time.wrapping_add(off));
        }),
        _ => return None,
    }
    Some(())
}
