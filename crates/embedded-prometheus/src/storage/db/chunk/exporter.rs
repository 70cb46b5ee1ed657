//! How many bytes a sample takes on the metrics of the exporter that is used for comparisons between dashboards.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::bits::BitWriter;
use super::{Chunk, Effort, MAX_SAMPLES, times, xor};
use crate::model::Sample;

/// Prints `family series` once a series, then its values as bits, for the times asked for.
const PROGRAM: &str = r"
import sys, struct, random
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from benchmetrics import families
step, count, jitter = float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
random.seed(1)
series = {}
for i in range(count):
    t = 1795000000 + i * step
    at = t + abs(random.gauss(0, jitter)) if jitter else t
    for name, _, _, rows in families(at):
        for suffix, labels, value in rows:
            series.setdefault((name, suffix + labels), []).append((int(t * 1000), struct.unpack('<Q', struct.pack('<d', value))[0]))
for (name, key), points in series.items():
    print(name, ' '.join(f'{t}:{b:x}' for t, b in points))
";

fn series(directory: &Path, step_s: u32, count: u32, jitter_s: &str) -> Option<Vec<(String, Vec<Sample>)>> {
    let output = Command::new("python3")
        .args(["-c", PROGRAM, directory.to_str()?, &step_s.to_string(), &count.to_string(), jitter_s])
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).ok()?;
    let parse = |line: &str| {
        let mut words = line.split(' ');
        let family = words.next()?.to_owned();
        let sample = |word: &str| {
            let (time, bits) = word.split_once(':')?;
            Some(Sample::new(time.parse().ok()?, f64::from_bits(u64::from_str_radix(bits, 16).ok()?)))
        };
        Some((family, words.map(sample).collect::<Option<Vec<_>>>()?))
    };
    text.lines().map(parse).collect()
}

fn xor_bytes(samples: &[Sample]) -> usize {
    let mut writer = BitWriter::default();
    times::write(&samples.iter().map(|sample| sample.time_ms).collect::<Vec<_>>(), &mut writer);
    xor::write(&samples.iter().map(|sample| sample.value).collect::<Vec<_>>(), &mut writer);
    writer.finish().len()
}

/// Samples, bytes, bytes with exclusive or alone; by family.
type Table = BTreeMap<String, [usize; 3]>;

fn measure(all: &[(String, Vec<Sample>)]) -> Table {
    let mut table = Table::new();
    for (family, samples) in all {
        let entry = table.entry(family.clone()).or_default();
        for part in samples.chunks(MAX_SAMPLES) {
            let chunk = Chunk::new(part, Effort::Thorough).unwrap();
            let mut decoded = Vec::new();
            chunk.decode_into(&mut decoded).unwrap();
            assert!(decoded.iter().zip(part).all(|(a, b)| a.value.to_bits() == b.value.to_bits()));
            entry[0] += part.len();
            entry[1] += chunk.data().len();
            entry[2] += xor_bytes(part);
        }
    }
    table
}

fn overall(table: &Table) -> (f64, f64) {
    let sum = |at: usize| table.values().map(|row| row[at]).sum::<usize>() as f64;
    (sum(1) / sum(0), sum(2) / sum(0))
}

#[test]
fn at_most_two_bytes_a_sample_on_the_exporters_series() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench");
    if !directory.join("benchmetrics.py").exists() {
        eprintln!("skipped: no exporter at ../shared/bench beside the repository");
        return;
    }
    for (title, step_s, jitter_s, goal) in
        [("every 15 s", 15, "0", Some(2.0)), ("every 5 s, asked 0.3 ms late or so", 5, "0.0003", None)]
    {
        let Some(all) = series(&directory, step_s, MAX_SAMPLES as u32, jitter_s) else {
            eprintln!("skipped: no python3");
            return;
        };
        let table = measure(&all);
        let (bytes, xor) = overall(&table);
        eprintln!("{title}: {bytes:.2} bytes a sample, with exclusive or alone {xor:.2}");
        for (family, [samples, bytes, xor]) in &table {
            let each = |bytes: usize| bytes as f64 / *samples as f64;
            eprintln!("  {family:32} {samples:7} {:5.2} {:5.2}", each(*bytes), each(*xor));
        }
        assert!(goal.is_none_or(|goal| bytes <= goal), "{title}: {bytes} bytes a sample");
    }
}
